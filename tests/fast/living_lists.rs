//! What people and components add to the same list stays side by side.

use djscaffold::living::Intent;
use djscaffold::merge::Layout;

use crate::site::Site;

const SETTINGS: &str = "config/settings/base.py";

fn after(text: &str, first: &str, second: &str) -> bool {
    let at = |wanted: &str| text.find(wanted).unwrap_or_else(|| panic!("no `{wanted}` in:\n{text}"));
    at(first) < at(second)
}

/// Without a conflict, and so that `check` finds nothing more to do.
fn add(site: &Site, component: &str) {
    let ran = site.must(0, &["add", component, "--yes", "--no-sync"]);
    assert!(!ran.err.contains("conflict"), "{}", ran.err);
    site.must(0, &["check"]);
}

#[test]
fn settings_hold_the_apps_and_middleware_of_both() {
    let site = Site::new("minimal");
    // At the very places where the API adds its own, and where health does.
    site.edit(SETTINGS, "    \"csp\",\n", "    \"csp\",\n    \"django_extensions\",\n");
    site.edit(
        SETTINGS,
        "MIDDLEWARE = [\n",
        "MIDDLEWARE = [\n    \"shop.middleware.Timing\",\n",
    );
    site.edit(SETTINGS, "    \"blog\",\n", "    \"blog\",\n    \"shop\",\n");
    add(&site, "api,health");
    let settings = site.read(SETTINGS);
    for name in [
        "django_extensions",
        "shop.middleware.Timing",
        "rest_framework",
        "corsheaders",
        "config.health.HealthMiddleware",
    ] {
        assert_eq!(
            settings.matches(&format!("\"{name}\",")).count(),
            1,
            "{name}:\n{settings}"
        );
    }
    assert!(after(
        &settings,
        "\"config.health.HealthMiddleware\"",
        "\"shop.middleware.Timing\""
    ));
    assert!(after(&settings, "\"shop.middleware.Timing\"", "SecurityMiddleware"));
    assert!(after(&settings, "\"blog\",", "\"shop\","));
    site.must(0, &["remove", "api,health", "--yes", "--no-sync"]);
    let settings = site.read(SETTINGS);
    assert!(
        settings.contains("\"django_extensions\"")
            && settings.contains("\"shop\"")
            && !settings.contains("rest_framework")
    );
}

#[test]
fn urls_and_imports_are_of_both() {
    let site = Site::new("minimal");
    site.edit(
        "config/urls.py",
        "from django.urls import include, path\n",
        "from django.contrib.sitemaps.views import sitemap\nfrom django.urls import include, path, reverse_lazy\n",
    );
    site.edit("config/urls.py", "    path(\"accounts/\", include(\"allauth.account.urls\")),\n", "    path(\"accounts/\", include(\"allauth.account.urls\")),\n    path(\"shop/\", sitemap, {\"next\": reverse_lazy(\"home\")}),\n");
    // At the very statements where the API changes or adds its own.
    site.edit(
        "accounts/signals.py",
        "from django.db.models.signals import post_save\nfrom django.dispatch import receiver\n",
        "from django.db.models.signals import post_delete, post_save\nfrom django.dispatch import Signal, receiver\nfrom django.http import HttpResponse\n",
    );
    let signals = site.read("accounts/signals.py");
    site.write(
        "accounts/signals.py",
        format!("{signals}\n\nMINE = Signal, HttpResponse, post_delete\n"),
    );
    add(&site, "api");
    let urls = site.read("config/urls.py");
    assert!(
        after(&urls, "api/v1/", "shop/") && after(&urls, "allauth.account.urls", "api/v1/"),
        "{urls}"
    );
    for import in [
        "from django.contrib.sitemaps.views import sitemap\n",
        "from django.urls import include, path, reverse_lazy\n",
    ] {
        assert_eq!(urls.matches(import).count(), 1, "{import}{urls}");
    }
    site.must(0, &["set", "api.auth=jwt,token", "--yes", "--no-sync"]);
    site.must(0, &["check"]);
    let signals = site.read("accounts/signals.py");
    for line in [
        "from django.db.models.signals import post_delete, post_save, pre_save\n",
        "from django.dispatch import Signal, receiver\n",
        "from django.http import HttpRequest, HttpResponse\n",
        "from rest_framework.exceptions import Throttled\n",
        "MINE = Signal, HttpResponse, post_delete\n",
    ] {
        assert_eq!(signals.matches(line).count(), 1, "{line}{signals}");
    }
}

#[test]
fn dependencies_are_of_both() {
    let site = Site::new("minimal");
    site.edit(
        "pyproject.toml",
        "    \"django-environ",
        "    \"django-countries>=8\",\n    \"django-environ",
    );
    site.edit(
        "pyproject.toml",
        "dependencies = [\n",
        "dependencies = [\n    \"requests>=2\",\n",
    );
    site.edit(
        "pyproject.toml",
        "dev = [\n",
        "dev = [\n    \"django-debug-toolbar>=8\",\n",
    );
    add(&site, "api,gunicorn");
    let text = site.read("pyproject.toml");
    let manifest: toml::Table = toml::from_str(&text).unwrap();
    let dependencies = manifest["project"]["dependencies"].to_string();
    for package in ["requests", "django-countries", "djangorestframework>", "django-filter"] {
        assert!(dependencies.contains(package), "{package}: {dependencies}");
    }
    assert!(
        manifest["dependency-groups"]["dev"]
            .to_string()
            .contains("django-debug-toolbar")
    );
    assert!(
        manifest["dependency-groups"]["production"]
            .to_string()
            .contains("gunicorn")
    );
}

#[test]
fn services_and_variables_of_compose_are_of_both() {
    let site = Site::new("full");
    site.must(0, &["remove", "nginx,api", "--yes", "--no-sync"]);
    let compose = "compose.production.yml";
    site.edit(
        compose,
        "  postgres:\n    <<: *service\n",
        "  mailpit:\n    image: axllent/mailpit\n    networks: [back]\n\n  postgres:\n    <<: *service\n",
    );
    site.edit(compose, "    PGPASSWORD: ", "    TRACES_URL: here\n    PGPASSWORD: ");
    site.edit(
        ".env.example",
        "# LOG_LEVEL=INFO\n",
        "# LOG_LEVEL=INFO\n\n# Where errors are told.\n# TRACES_URL=\n",
    );
    add(&site, "api,nginx");
    let text = site.read(compose);
    for line in [
        "  mailpit:\n",
        "  nginx:\n    <<: *service\n",
        "    TRACES_URL: here\n",
        "    JWT_SIGNING_KEY: ",
    ] {
        assert_eq!(text.matches(line).count(), 1, "{line}{text}");
    }
    assert!(after(&text, "  nginx:\n    <<", "  mailpit:\n"), "{text}");
    assert!(
        after(&text, "    JWT_SIGNING_KEY: ", "    TRACES_URL: here\n")
            || after(&text, "    TRACES_URL: here\n", "    JWT_SIGNING_KEY: ")
    );
    let example = site.read(".env.example");
    assert!(
        example.contains("# TRACES_URL=\n") && example.contains("\nJWT_SIGNING_KEY=change-me\n"),
        "{example}"
    );
}

#[test]
fn a_project_in_another_layout_is_merged_as_if_it_were_not() {
    let ruff = "[tool.ruff]\nline-length = 120\n\n[tool.ruff.format]\nquote-style = \"single\"\n\n[tool.ruff.lint]\n";
    let laid_out = |site: &Site| {
        site.edit("pyproject.toml", "[tool.ruff.lint]\n", ruff);
        let layout = Layout::of_project(Some(&site.read("pyproject.toml")), None);
        for (path, content) in site.files().into_iter().filter(|(path, _)| path.ends_with(".py")) {
            site.write(&path, layout.apply(&path, &content));
        }
    };
    let site = Site::new("minimal");
    laid_out(&site);
    assert!(site.read("manage.py").contains("'__main__'"));
    assert!(!site.must(0, &["status"]).out.contains("edited manage.py"));
    site.edit(SETTINGS, "EMAIL_TIMEOUT = 3", "EMAIL_TIMEOUT = 60");
    add(&site, "api");
    let wanted = Site::new("minimal");
    wanted
        .apply(&Intent::Add {
            components: vec!["api".to_owned()],
            settings: Vec::new(),
        })
        .unwrap();
    laid_out(&wanted);
    wanted.edit(SETTINGS, "EMAIL_TIMEOUT = 3", "EMAIL_TIMEOUT = 60");
    let found = site.files();
    for (path, content) in wanted.files() {
        assert!(found.get(&path) == Some(&content), "{path}:\n{}", site.read(&path));
    }
    site.must(0, &["remove", "api", "--yes", "--no-sync"]);
    assert!(site.read(SETTINGS).contains("EMAIL_TIMEOUT = 60") && !site.root.join("blog/api.py").exists());
}
