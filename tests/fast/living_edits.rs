//! What a project's owner did stays, whatever djscaffold does.

use djscaffold::living::Intent;

use crate::site::Site;

const SETTINGS: &str = "config/settings/base.py";

fn add(component: &str) -> Intent {
    Intent::Add {
        components: vec![component.to_owned()],
        settings: Vec::new(),
    }
}

#[test]
fn an_edit_stays_beside_what_a_component_adds() {
    let site = Site::new("minimal");
    site.edit(SETTINGS, "EMAIL_TIMEOUT = 3", "MY_OWN = 1\nEMAIL_TIMEOUT = 60");
    let ran = site.must(0, &["add", "health", "--yes"]);
    assert!(ran.err.contains("merge config/settings/base.py"), "{}", ran.err);
    let settings = site.read(SETTINGS);
    assert!(settings.contains("MY_OWN = 1\nEMAIL_TIMEOUT = 60  # seconds"));
    assert!(settings.contains("config.health.HealthMiddleware"));
}

#[test]
fn both_sides_of_a_conflict_are_shown_and_it_does_not_come_again() {
    let site = Site::new("minimal");
    site.edit(SETTINGS, "SITE_NAME = \"Mysite\"", "SITE_NAME = \"Mine\"");
    let ran = site.must(3, &["set", "project.title=Theirs", "--yes"]);
    assert!(ran.err.contains("conflict config/settings/base.py"), "{}", ran.err);
    let settings = site.read(SETTINGS);
    for line in [
        "<<<<<<< yours",
        "SITE_NAME = \"Mine\"",
        "SITE_NAME = \"Mysite\"",
        "SITE_NAME = \"Theirs\"",
    ] {
        assert!(settings.contains(line), "no `{line}`");
    }
    // While the markers are there, every writing command refuses and names the file.
    let before = site.everything();
    let refused = site.must(1, &["add", "health", "--yes"]);
    assert!(
        refused.err.contains(SETTINGS) && refused.err.contains("hint: "),
        "{}",
        refused.err
    );
    assert!(site.everything() == before);
    site.must(1, &["sync", "--yes"]);
    assert!(
        site.must(0, &["status"])
            .out
            .contains("conflict config/settings/base.py")
    );
    site.must(4, &["check"]);
    let start = settings.find("<<<<<<<").unwrap();
    let end = settings.find(">>>>>>>").unwrap();
    let end = end + settings[end..].find('\n').unwrap() + 1;
    site.write(
        SETTINGS,
        format!("{}SITE_NAME = \"Mine\"\n{}", &settings[..start], &settings[end..]),
    );
    site.must(0, &["check"]);
    let before = site.everything();
    site.must(0, &["sync", "--yes"]);
    assert!(site.everything() == before, "a conflict that was answered came again");
}

#[test]
fn one_side_can_be_chosen_for_all_conflicts_or_nothing_written() {
    for (choice, code, name) in [("mine", 0, "Mine"), ("theirs", 0, "Theirs"), ("abort", 3, "Mine")] {
        let site = Site::new("minimal");
        site.edit(SETTINGS, "SITE_NAME = \"Mysite\"", "SITE_NAME = \"Mine\"");
        let before = site.everything();
        site.must(code, &["set", "project.title=Theirs", "--yes", "--conflict", choice]);
        let settings = site.read(SETTINGS);
        assert!(settings.contains(&format!("SITE_NAME = \"{name}\"")), "{choice}");
        assert!(!settings.contains("<<<<<<<"), "{choice}");
        assert_eq!(site.everything() == before, choice == "abort");
    }
}

#[test]
fn what_was_deleted_stays_deleted_and_a_change_to_it_is_shown() {
    let site = Site::new("minimal");
    site.remove("accounts/admin.py").remove(".env.example");
    site.must(0, &["sync", "--yes"]);
    assert!(!site.root.join("accounts/admin.py").exists());
    let ran = site.must(3, &["add", "gunicorn", "--yes"]);
    assert!(ran.err.contains("unapplied .env.example"), "{}", ran.err);
    assert!(
        ran.err.contains("+# WEB_CONCURRENCY="),
        "the change itself is not shown: {}",
        ran.err
    );
    assert!(!site.root.join(".env.example").exists());
    let before = site.everything();
    site.must(0, &["sync", "--yes"]);
    site.must(0, &["check"]);
    assert!(site.everything() == before);
}

#[cfg(unix)]
#[test]
fn links_are_never_followed() {
    let site = Site::new("minimal");
    let outside = tempfile::tempdir().unwrap();
    fs_err::write(outside.path().join("readme"), "elsewhere\n").unwrap();
    fs_err::create_dir(outside.path().join("config")).unwrap();
    site.remove("README.md");
    std::os::unix::fs::symlink(outside.path().join("readme"), site.root.join("README.md")).unwrap();
    fs_err::rename(site.root.join("config"), outside.path().join("moved")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("moved"), site.root.join("config")).unwrap();
    let before = crate::support::files(outside.path());
    let ran = site.must(3, &["add", "health", "--yes"]);
    assert!(
        ran.err.contains("unapplied README.md") && ran.err.contains("unapplied config/health.py"),
        "{}",
        ran.err
    );
    assert_eq!(crate::support::files(outside.path()), before);
    assert!(site.root.join("README.md").is_symlink() && site.root.join("config").is_symlink());
}

#[cfg(unix)]
#[test]
fn modes_stay_as_they_were_set() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = Site::new("minimal");
    let chmod = |path: &str, bits| {
        fs_err::set_permissions(site.root.join(path), std::fs::Permissions::from_mode(bits)).unwrap();
    };
    let mode = |path: &str| fs_err::metadata(site.root.join(path)).unwrap().permissions().mode() & 0o7777;
    chmod("README.md", 0o640);
    chmod(SETTINGS, 0o755);
    chmod("manage.py", 0o644);
    site.must(0, &["add", "health", "--yes"]);
    assert!(site.read("README.md").contains("health"));
    assert_eq!(
        (mode("README.md"), mode(SETTINGS), mode("manage.py")),
        (0o640, 0o755, 0o644)
    );
    site.must(0, &["undo", "--yes"]);
    assert_eq!(
        (mode("README.md"), mode(SETTINGS), mode("manage.py")),
        (0o640, 0o755, 0o644)
    );
}

#[test]
fn line_ends_and_marks_of_windows_stay() {
    let site = Site::new("minimal");
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let text = site.read("README.md");
    site.write("README.md", windows(&text));
    site.must(0, &["add", "health", "--yes"]);
    let expected = Site::new("minimal");
    expected.apply(&add("health")).unwrap();
    assert_eq!(site.read("README.md"), windows(&expected.read("README.md")));
}

#[test]
fn a_file_that_became_binary_is_kept() {
    let site = Site::new("minimal");
    site.write("README.md", b"\xff\x00\xfe");
    site.must(3, &["add", "health", "--yes"]);
    assert!(fs_err::read(site.root.join("README.md")).unwrap() == b"\xff\x00\xfe");
    site.must(0, &["sync", "--yes"]);
}

#[test]
fn a_file_of_the_users_own_is_not_overwritten() {
    let site = Site::new("minimal");
    site.write("config/health.py", "MINE = True\n");
    site.write("deploy/notes.txt", "mine too\n");
    let ran = site.must(0, &["add", "health,gunicorn", "--yes", "--conflict", "markers"]);
    assert!(
        ran.err.contains("you have a file of that name: both are kept"),
        "{}",
        ran.err
    );
    let health = site.read("config/health.py");
    assert!(
        health.contains("MINE = True\n") && health.contains("\n\n\ndef "),
        "{health}"
    );
    assert_eq!(site.read("deploy/notes.txt"), "mine too\n");
    site.must(0, &["undo", "--yes"]);
    assert_eq!(site.read("config/health.py"), "MINE = True\n");
    // One name for two things.
    site.write("config/health.py", "def find_trouble() -> None:\n    pass\n");
    site.must(3, &["add", "health", "--yes", "--conflict", "markers"]);
}

#[test]
fn an_edited_file_of_a_component_that_goes_is_asked_about() {
    let site = Site::new("standard");
    site.edit("config/health.py", "def ", "# mine\ndef ");
    let ran = site.must(3, &["remove", "health", "--yes"]);
    assert!(ran.err.contains("conflict config/health.py"), "{}", ran.err);
    assert!(site.root.join("config/health.py").exists() && !site.root.join("tests/test_health.py").exists());
    site.must(0, &["check"]);
    let site = Site::new("standard");
    site.edit("config/health.py", "def ", "# mine\ndef ");
    site.must(0, &["remove", "health", "--yes", "--conflict", "theirs"]);
    assert!(!site.root.join("config/health.py").exists());
    site.must(0, &["undo", "--yes"]);
    assert!(site.read("config/health.py").contains("# mine\n"));
}

#[test]
fn an_environment_file_only_gets_what_it_lacks() {
    let site = Site::new("minimal");
    site.write(
        ".env",
        "SECRET_KEY=\"mine\"\nexport API_RATE_USER=5/min\n# JWT_SIGNING_KEY=old",
    );
    site.must(0, &["add", "api", "--yes"]);
    let env = site.read(".env");
    assert!(
        env.starts_with("SECRET_KEY=\"mine\"\nexport API_RATE_USER=5/min\n# JWT_SIGNING_KEY=old\nJWT_SIGNING_KEY=")
    );
    assert_eq!(env.lines().count(), 4, "{env}");
    site.must(0, &["remove", "api", "--yes"]);
    assert_eq!(site.read(".env"), env);
    assert!(!site.read(".djscaffold/base").contains("mine"));
}

#[test]
fn comments_and_order_in_the_declaration_stay() {
    let site = Site::new("standard");
    site.edit(
        "djscaffold.toml",
        "[components.api]\n",
        "# we talk to the apps by this\n[components.api]\n",
    );
    site.edit(
        "djscaffold.toml",
        "auth = [\"jwt\"]",
        "auth = [ 'jwt' ] # not yet 'session'",
    );
    site.must(0, &["set", "database.connections=persistent", "--yes"]);
    site.must(0, &["add", "gunicorn", "--yes"]);
    let text = site.read("djscaffold.toml");
    assert!(
        text.contains("# we talk to the apps by this\n[components.api]\nauth = [ 'jwt' ] # not yet 'session'\n"),
        "{text}"
    );
    assert!(text.contains("connections = \"persistent\""), "{text}");
    let order = |name: &str| text.find(name).unwrap_or_else(|| panic!("no {name} in {text}"));
    assert!(order("[components.database]") < order("[components.gunicorn]"));
    assert!(order("[components.gunicorn]") < order("[apps.blog"));
    site.must(0, &["remove", "gunicorn", "--yes"]);
    assert!(!site.read("djscaffold.toml").contains("gunicorn"));
    site.must(0, &["check"]);
}

#[test]
fn a_declaration_may_be_written_in_other_ways() {
    let site = Site::new("standard");
    let toml = site
        .read("djscaffold.toml")
        .replace("[components.health]\n\n", "")
        .replace("[components.database]\nconnections = \"pool\"\n\n", "")
        .replace(
            "[components.base]\n",
            "[components]\nhealth = {}\ndatabase = { connections = \"pool\" } # ours\n\n[components.base]\n",
        )
        .replace('\n', "\r\n");
    site.write("djscaffold.toml", &toml);
    site.must(0, &["sync", "--yes"]);
    assert!(site.read("djscaffold.toml") == toml, "nothing was to be changed");
    site.must(0, &["set", "database.connections=persistent", "--yes"]);
    site.must(0, &["add", "gunicorn", "--yes"]);
    let text = site.read("djscaffold.toml");
    assert!(
        text.contains("database = { connections = \"persistent\" } # ours\r\n"),
        "{text}"
    );
    assert!(
        text.contains("[components.gunicorn]\r\n") && !text.replace("\r\n", "").contains('\n'),
        "{text}"
    );
    site.must(0, &["remove", "health", "--yes"]);
    assert!(!site.read("djscaffold.toml").contains("health"));
    site.must(0, &["check"]);
}

#[test]
fn comments_in_the_declaration_outlive_what_they_stood_beside() {
    let site = Site::new("standard");
    site.edit(
        "djscaffold.toml",
        "[components.api]\nauth = [\"jwt\"]",
        "# the mobile team\n[components.api] # until autumn\n# needs it\nauth = [\n    \"jwt\", # mobile \"apps\"\n    # session later\n]",
    );
    site.must(0, &["set", "api.auth=jwt,token", "--yes"]);
    let comments = [
        "# the mobile team",
        "# until autumn",
        "# needs it",
        "# mobile \"apps\"",
        "# session later",
    ];
    for comment in comments {
        assert_eq!(site.read("djscaffold.toml").matches(comment).count(), 1, "{comment}");
    }
    site.must(0, &["remove", "api", "--yes"]);
    let text = site.read("djscaffold.toml");
    for comment in comments {
        assert_eq!(text.matches(comment).count(), 1, "{comment}:\n{text}");
    }
    assert!(
        text.find("# the mobile team") < text.find("[components.database]"),
        "{text}"
    );
    site.must(0, &["check"]);
}

#[test]
fn a_run_is_taken_back_beside_edits_of_the_declaration() {
    let site = Site::new("standard");
    site.must(0, &["add", "gunicorn,nginx", "--yes"]);
    site.edit(
        "djscaffold.toml",
        "[components.nginx]",
        "[components.nginx] # ours\n# and this",
    );
    site.edit("djscaffold.toml", "tls = \"off\"", "tls = \"terminate\"");
    site.must(0, &["undo", "--yes"]);
    let text = site.read("djscaffold.toml");
    assert!(
        !text.contains("<<<<<<<") && !text.contains("[components.nginx]"),
        "{text}"
    );
    assert!(text.contains("# ours") && text.contains("# and this"), "{text}");
    site.must(0, &["check"]);
}

#[test]
fn going_back_needs_no_models_that_can_be_read() {
    let site = Site::new("minimal");
    site.must(0, &["add", "gunicorn", "--yes"]);
    let models = site.read("blog/models.py");
    site.write("blog/models.py", format!("{models}\ndef (\n"));
    site.must(0, &["undo", "--yes"]);
    assert!(!site.root.join("deploy").exists());
    assert!(site.must(0, &["log"]).out.contains("undo add gunicorn"));
}

#[test]
fn what_is_ejected_by_hand_is_not_deleted() {
    let site = Site::new("minimal");
    site.edit(
        "djscaffold.toml",
        "format = 1\n",
        "format = 1\nejected = [\"README.md\", \"config/urls.py\"]\n",
    );
    site.must(0, &["sync", "--yes"]);
    assert!(site.root.join("README.md").exists() && site.root.join("config/urls.py").exists());
    site.must(0, &["check"]);
}
