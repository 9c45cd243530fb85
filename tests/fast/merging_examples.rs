//! What a merge makes of the edits that people do make.

use djscaffold::merge::{Layout, Merged, has_markers, is_same_but_for_layout, merge, own_requirements};

fn merged(path: &str, base: &str, ours: &str, theirs: &str) -> Merged {
    merge(
        path,
        base.as_bytes(),
        ours.as_bytes(),
        theirs.as_bytes(),
        &Layout::default(),
    )
}

#[track_caller]
fn clean(path: &str, base: &str, ours: &str, theirs: &str) -> String {
    text(merged(path, base, ours, theirs))
}

#[track_caller]
fn text(merged: Merged) -> String {
    match merged {
        Merged::Clean(result) => String::from_utf8(result).unwrap(),
        Merged::Conflict(conflict) => panic!("{}", String::from_utf8_lossy(&conflict.with_markers("0.2"))),
        Merged::Binary => panic!("binary"),
    }
}

/// The file with markers; the user's side of it is the user's file.
#[track_caller]
fn conflicting(path: &str, base: &str, ours: &str, theirs: &str) -> String {
    match merged(path, base, ours, theirs) {
        Merged::Conflict(conflict) => {
            let marked = conflict.with_markers("0.2");
            assert!(conflict.count() > 0 && has_markers(&marked));
            String::from_utf8(marked).unwrap()
        }
        other => panic!("{other:?}"),
    }
}

/// Inserts lines behind the line that is given.
#[track_caller]
fn after(text: &str, line: &str, added: &str) -> String {
    assert_eq!(text.matches(line).count(), 1, "{line:?} in\n{text}");
    text.replace(line, &format!("{line}{added}"))
}

const SETTINGS: &str = r#"from pathlib import Path

BASE_DIR = Path(__file__).parent

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]

DATABASES = {
    "default": {"NAME": BASE_DIR / "db.sqlite3"},
}
"#;

#[test]
fn both_add_to_a_list_of_settings() {
    for (last, mine, generated) in [
        (
            "    \"django.contrib.auth\",\n",
            "    \"shop\",\n",
            "    \"axes\",\n    \"corsheaders\",\n",
        ),
        (
            "    \"django.middleware.common.CommonMiddleware\",\n",
            "    \"shop.Middleware\",\n",
            "    \"axes.Middleware\",\n",
        ),
        (
            "    \"default\": {\"NAME\": BASE_DIR / \"db.sqlite3\"},\n",
            "    \"shop\": {},\n",
            "    \"cache\": {\n        \"A\": 1,\n    },\n",
        ),
        ("INSTALLED_APPS = [\n", "    \"shop\",\n", "    \"axes\",\n"),
    ] {
        let result = clean(
            "config/settings/base.py",
            SETTINGS,
            &after(SETTINGS, last, mine),
            &after(SETTINGS, last, generated),
        );
        assert_eq!(result, after(SETTINGS, last, &format!("{generated}{mine}")));
    }
}

#[test]
fn entries_of_a_list_that_both_add_are_there_once() {
    let last = "    \"django.contrib.auth\",\n";
    let ours = after(SETTINGS, last, "    \"axes\",\n    \"shop\",\n");
    let theirs = after(SETTINGS, last, "    \"corsheaders\",\n    \"axes\",\n");
    let result = clean("config/settings/base.py", SETTINGS, &ours, &theirs);
    let all = "    \"axes\",\n    \"shop\",\n    \"corsheaders\",\n";
    assert_eq!(result, after(SETTINGS, last, all));
}

#[test]
fn what_both_add_under_one_key_is_no_union() {
    let last = "    \"default\": {\"NAME\": BASE_DIR / \"db.sqlite3\"},\n";
    let ours = after(SETTINGS, last, "    \"other\": {\"A\": 1},\n");
    let theirs = after(SETTINGS, last, "    \"other\": {\"B\": 1},\n");
    conflicting("config/settings/base.py", SETTINGS, &ours, &theirs);
}

#[test]
fn the_same_element_at_two_places_is_a_conflict() {
    let ours = after(SETTINGS, "INSTALLED_APPS = [\n", "    \"axes\",\n");
    let theirs = after(SETTINGS, "    \"django.contrib.auth\",\n", "    \"axes\",\n");
    let Merged::Conflict(conflict) = merged("config/settings/base.py", SETTINGS, &ours, &theirs) else {
        panic!("clean")
    };
    assert_eq!(conflict.mine(), ours.as_bytes());
    assert_eq!(conflict.count(), 1);
}

const URLS: &str = r#"from django.urls import include, path

urlpatterns = [
    path(
        "admin/",
        include("admin.urls"),
    ),
    path(
        "blog/",
        include("blog.urls"),
    ),
]
"#;

#[test]
fn both_add_an_address() {
    let last = "        include(\"blog.urls\"),\n    ),\n";
    let element = |name: &str| format!("    path(\n        \"{name}/\",\n        include(\"{name}.urls\"),\n    ),\n");
    let (mine, generated) = (element("shop"), element("api"));
    let (ours, theirs) = (after(URLS, last, &mine), after(URLS, last, &generated));
    assert_eq!(
        clean("config/urls.py", URLS, &ours, &theirs),
        after(URLS, last, &format!("{generated}{mine}"))
    );
    let between = "        include(\"admin.urls\"),\n    ),\n";
    let (ours, theirs) = (after(URLS, between, &mine), after(URLS, between, &generated));
    assert_eq!(
        clean("config/urls.py", URLS, &ours, &theirs),
        after(URLS, between, &format!("{generated}{mine}"))
    );
}

#[test]
fn an_element_that_uses_an_unbound_name_is_a_conflict() {
    let ours = URLS
        .replace("from django.urls import include, path", "from django.urls import path")
        .replace("include(\"admin.urls\")", "admin")
        .replace("include(\"blog.urls\")", "blog")
        .replace("urlpatterns", "admin = blog = 1\nurlpatterns");
    let theirs = after(
        URLS,
        "        include(\"blog.urls\"),\n    ),\n",
        "    path(\"api/\", include(\"api.urls\")),\n",
    );
    // By name, the import that the new render needs is put back.
    let merged = merged("config/urls.py", URLS, &ours, &theirs);
    if let Merged::Clean(result) = merged {
        let result = String::from_utf8(result).unwrap();
        assert!(result.contains("import include, path"), "{result}");
    }
}

#[test]
fn both_add_an_argument_in_a_place_is_a_conflict() {
    let base = "def f(\n    a,\n):\n    return g(\n        a,\n    )\n\n\ndef g(*a): ...\n";
    for last in ["    a,\n):", "        a,\n"] {
        let (line, rest) = last.split_once('\n').unwrap();
        let add = |name: &str| {
            let indent = &line[..line.len() - 2];
            base.replacen(
                &format!("\n{line}\n{rest}"),
                &format!("\n{line}\n{indent}{name},\n{rest}"),
                1,
            )
        };
        assert_ne!(add("1"), base);
        let (mine, generated) = if last.contains("):") { ("x", "y") } else { ("1", "2") };
        conflicting("a.py", base, &add(mine), &add(generated));
    }
}

#[test]
fn statements_that_hide_each_other_are_a_conflict() {
    let base = "A = 1\n\n\nclass C:\n    x = 1\n";
    conflicting(
        "a.py",
        base,
        "A = 1\nB = 2\n\n\nclass C:\n    x = 1\n",
        "A = 1\nB = 3\n\n\nclass C:\n    x = 1\n",
    );
    let method = |body: &str| format!("{base}\n    def f(self):\n        return {body}\n");
    conflicting("a.py", base, &method("1"), &method("2"));
    let function = "def f(a):\n    print(a)\n";
    conflicting(
        "a.py",
        function,
        &format!("{function}    return a\n"),
        &format!("{function}    return 2\n"),
    );
    let other = |name: &str| format!("{base}\n    def {name}(self):\n        return 1\n");
    let result = clean("a.py", base, &other("mine"), &other("generated"));
    assert!(result.find("generated") < result.find("mine"), "{result}");
}

#[test]
fn what_is_added_to_a_body_stays_in_it() {
    let base = "class C:\n    def f(self):\n        a = 1\n";
    let ours = format!("{base}        b = 2\n");
    let theirs = format!("{base}\n    def g(self):\n        c = 3\n");
    assert_eq!(
        clean("a.py", base, &ours, &theirs),
        format!("{base}        b = 2\n\n    def g(self):\n        c = 3\n")
    );
}

#[test]
fn both_add_to_a_table_of_pyproject() {
    let base = "[project]\nname = \"x\"\ndependencies = [\n    \"django>=5\",\n]\n\n[tool.x]\na = 1\n";
    let add = |text: &str| after(base, "    \"django>=5\",\n", text);
    assert_eq!(
        clean(
            "pyproject.toml",
            base,
            &add("    \"pillow\",\n"),
            &add("    \"redis\",\n")
        ),
        add("    \"redis\",\n    \"pillow\",\n")
    );
    let (ours, theirs) = (format!("{base}b = 2\n"), format!("{base}\n[tool.y]\nc = 3\n"));
    assert_eq!(
        clean("pyproject.toml", base, &ours, &theirs),
        format!("{base}b = 2\n\n[tool.y]\nc = 3\n")
    );
    conflicting(
        "pyproject.toml",
        base,
        &format!("{base}b = 2\n"),
        &format!("{base}b = 3\n"),
    );
}

const COMPOSE: &str = "services:\n  web:\n    image: web\n    environment:\n      DEBUG: \"0\"\n  db:\n    image: postgres\n    restart: always\n";

#[test]
fn both_add_to_a_compose_file() {
    let variable = |name: &str| after(COMPOSE, "      DEBUG: \"0\"\n", &format!("      {name}: \"1\"\n"));
    let result = clean("compose.yml", COMPOSE, &variable("MINE"), &variable("CACHE"));
    assert!(result.contains("      CACHE: \"1\"\n      MINE: \"1\"\n"), "{result}");
    let service = |name: &str| format!("{COMPOSE}  {name}:\n    image: {name}\n    restart: always\n");
    let result = clean("compose.yml", COMPOSE, &service("mine"), &service("redis"));
    assert_eq!(
        result,
        format!(
            "{COMPOSE}{}{}",
            &service("redis")[COMPOSE.len()..],
            &service("mine")[COMPOSE.len()..]
        )
    );
    conflicting(
        "compose.yml",
        COMPOSE,
        &service("redis"),
        &service("redis").replace("image: redis", "image: valkey"),
    );
}

#[test]
fn a_variable_stays_with_its_service() {
    let ours = format!("{COMPOSE}    ports: []\n");
    let theirs = format!("{COMPOSE}  redis:\n    image: redis\n");
    assert_eq!(
        clean("compose.yml", COMPOSE, &ours, &theirs),
        format!("{COMPOSE}    ports: []\n  redis:\n    image: redis\n")
    );
}

#[test]
fn both_add_a_variable() {
    let base = "# Secrets\nSECRET_KEY=x\n";
    let add = |line: &str| format!("{base}{line}\n");
    assert_eq!(
        clean(".env.example", base, &add("MINE=1"), &add("CACHE_URL=")),
        format!("{base}CACHE_URL=\nMINE=1\n")
    );
    conflicting(".env.example", base, &add("CACHE_URL=1"), &add("# CACHE_URL="));
}

#[test]
fn both_add_to_json() {
    let base = "{\n  \"a\": 1,\n  \"z\": 1\n}\n";
    let add = |line: &str| after(base, "  \"a\": 1,\n", line);
    assert_eq!(
        clean("a.json", base, &add("  \"m\": 1,\n"), &add("  \"g\": 1,\n")),
        add("  \"g\": 1,\n  \"m\": 1,\n")
    );
    conflicting("a.json", base, &add("  \"m\": 1,\n"), &add("  \"m\": 2,\n"));
}

#[test]
fn other_texts_take_both_unless_a_line_is_shared() {
    let base = "# Title\n\nText.\n";
    let add = |text: &str| format!("{base}\n{text}");
    assert_eq!(
        clean("README.md", base, &add("Mine.\n"), &add("## Cache\n\nIt caches.\n")),
        format!("{base}\nMine.\n\n## Cache\n\nIt caches.\n")
    );
    let item = |name: &str| format!("<ul>\n  <li>\n    {name}\n  </li>\n</ul>\n");
    conflicting("a.html", "<ul>\n</ul>\n", &item("a"), &item("b"));
}

#[test]
fn both_made_the_file() {
    // Two whole files after each other are no file.
    let marked = conflicting("notes.txt", "", "Mine\n", "Generated\n");
    assert!(marked.starts_with("<<<<<<< yours\nMine\n"), "{marked}");
    let marked = conflicting("README.md", "", "# Title\n\nMine\n", "# Title\n\nGenerated\n");
    assert!(
        marked.starts_with(
            "# Title\n\n<<<<<<< yours\nMine\n||||||| generated before\n=======\nGenerated\n>>>>>>> djscaffold 0.2\n"
        ),
        "{marked}"
    );
}

#[test]
fn python_that_would_not_parse_is_a_conflict_in_which_nothing_is_lost() {
    // Each side's change is sound by itself.
    let base = "x = [\n    1,\n]\ny = 1\nz = (\n    2,\n)\n";
    let ours = "x = [\n    1,\n]\ny = 1\nz = 2\n";
    let theirs = "x = [\n    1,\n]\ny = 1\nz = (\n    2,\n    3,\n)\n";
    conflicting("a.py", base, ours, theirs);
    let base = "import os\n\nX = 1\n\nA = 1\n\nB = os.sep\n";
    let theirs = "X = 1\n\nA = 1\n\nB = 2\n";
    let ours = "import os\n\nX = 1\n\nA = os.name\n\nB = os.sep\n";
    let Merged::Conflict(conflict) = merged("a.py", base, ours, theirs) else {
        panic!("clean")
    };
    assert_eq!(String::from_utf8(conflict.mine()).unwrap(), ours);
}

#[test]
fn a_file_the_user_broke_is_a_conflict() {
    let base = "A = 1\n\nB = 1\n";
    let ours = "A = = 1\n\nB = 1\n";
    let theirs = "A = 1\n\nB = 2\n";
    let Merged::Conflict(conflict) = merged("a.py", base, ours, theirs) else {
        panic!("clean")
    };
    assert_eq!((conflict.count(), conflict.mine()), (1, ours.as_bytes().to_vec()));
    assert_eq!(conflict.theirs(), b"A = = 1\n\nB = 2\n");
    assert_eq!(
        clean("a.toml", "a = 1\n\nb = 1\n", "a = = 1\n\nb = 1\n", "a = 1\n\nb = 2\n"),
        "a = = 1\n\nb = 2\n"
    );
}

#[test]
fn data_that_would_not_parse_is_a_conflict() {
    let base = "[a]\nx = 1\n\ny = 1\n";
    let ours = "[a]\nnew = 1\nx = 1\n\ny = 1\n";
    let theirs = "[a]\nx = 1\n\ny = 1\nnew = 2\n";
    let Merged::Conflict(conflict) = merged("a.toml", base, ours, theirs) else {
        panic!("clean")
    };
    assert_eq!(conflict.mine(), ours.as_bytes());
}

const VIEWS: &str = "\"\"\"Views.\"\"\"\n\nimport json\n\nfrom django.db import models\nfrom rest_framework import generics, status\n\nfrom core.x import helper\n\nA = json, models, generics, status, helper\n";

#[test]
fn imports_merge_by_name() {
    let ours = VIEWS
        .replace("import json\n", "import json\n\nimport stripe\n")
        .replace("import generics, status\n", "import generics, status, viewsets\n")
        .replace(
            "from core.x import helper\n",
            "from core.x import helper\nfrom shop import cart\n",
        );
    let theirs = VIEWS
        .replace("from django.db import models\n", "from django.conf import settings\n")
        .replace("import generics, status\n", "import filters, generics\n")
        .replace(
            "json, models, generics, status, helper",
            "json, settings, filters, generics, helper",
        );
    assert_eq!(
        clean("a/views.py", VIEWS, &ours, &theirs),
        "\"\"\"Views.\"\"\"\n\nimport json\n\nimport stripe\nfrom django.conf import settings\nfrom rest_framework import filters, generics, viewsets\n\nfrom core.x import helper\nfrom shop import cart\n\nA = json, settings, filters, generics, helper\n"
    );
}

#[test]
fn an_import_that_the_users_code_uses_stays() {
    let base = format!("{VIEWS}\nC = 1\n");
    let theirs = base
        .replace("import generics, status\n", "import generics\n")
        .replace("generics, status, helper", "generics, helper");
    let merged_code = base.replace("generics, status, helper", "generics, helper");
    let ours = format!("{base}\nB = status\n");
    let result = clean("a/views.py", &base, &ours, &theirs);
    assert_eq!(result, format!("{merged_code}\nB = status\n"));
    let add_import = |text: &str| text.replace("import json\n", "import json\nimport os\n");
    let result = clean("a/views.py", &base, &add_import(&ours), &theirs);
    assert_eq!(result, add_import(&format!("{merged_code}\nB = status\n")));
}

#[test]
fn many_names_are_wrapped_as_the_project_wraps_them() {
    let names = "aaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbb, ccccccccccccccccc";
    let base = format!("from x import {names}\n\nA = {names}\n");
    let ours = base.replace("import aaaaaaaaaaaaaaaaaaaa", "import a, aaaaaaaaaaaaaaaaaaaa");
    let theirs = base.replacen("ccccccccccccccccc\n", "ccccccccccccccccc, ddddddd\n", 1);
    let result = clean("a.py", &base, &ours, &theirs);
    assert!(
        result.starts_with("from x import (\n    a,\n    aaaaaaaaaaaaaaaaaaaa,\n"),
        "{result}"
    );
    let layout = Layout::of_project(None, Some("line-length = 120"));
    let result = text(merge(
        "a.py",
        base.as_bytes(),
        ours.as_bytes(),
        theirs.as_bytes(),
        &layout,
    ));
    assert!(
        result.starts_with("from x import a, aaaaaaaaaaaaaaaaaaaa, "),
        "{result}"
    );
}

#[test]
fn comments_among_imports_are_left_to_the_lines() {
    let base = "import a\nimport b\n\nx = a, b\n";
    let ours = "# Mine.\nimport a\n# Also mine.\nimport c\nimport b\n\nx = a, b\n";
    let theirs = "import a\nimport b\nimport d\n\nx = a, b, d\n";
    let result = clean("a.py", base, ours, theirs);
    assert_eq!(
        result,
        "# Mine.\nimport a\n# Also mine.\nimport c\nimport b\nimport d\n\nx = a, b, d\n"
    );
}

#[test]
fn a_name_that_comes_from_elsewhere_now_is_imported_once() {
    let base = "from a import b\n\nx = b\n";
    let ours = "from a import b\nfrom shop import cart\n\nx = b\n";
    let theirs = "from c import b\n\nx = b\n";
    assert_eq!(
        clean("a.py", base, ours, theirs),
        "from c import b\nfrom shop import cart\n\nx = b\n"
    );
}

#[test]
fn an_import_that_the_user_dropped_comes_back_when_new_code_needs_it() {
    let base = "import a\nimport b\n\nx = a\n\ny = b\n\nz = 1\n";
    let ours = "import b\nimport mine\n\nx = 1\n\ny = b\n\nz = 1\n";
    let theirs = "import a\nimport b\nimport c\n\nx = a\n\ny = b\n\nz = a.c + c\n";
    let merged = "import a\nimport b\nimport c\nimport mine\n\nx = 1\n\ny = b\n\nz = a.c + c\n";
    assert_eq!(clean("a.py", base, ours, theirs), merged);
}

#[test]
fn tuples_that_both_add_to_a_list_do_not_become_one() {
    let base = "A = [\n    (\n        \"a\",\n    ),\n    (\n        \"z\",\n    ),\n]\n";
    let element = |name: &str| format!("    (\n        \"{name}\",\n    ),\n");
    let add = |elements: &str| after(base, &element("a"), elements);
    let result = clean("a.py", base, &add(&element("m")), &add(&element("g")));
    assert_eq!(result, add(&(element("g") + &element("m"))));
    // Inside of an element, what both add is no element of its own.
    let base = "A = (\n    b\n    + c\n)\nb = c = d = e = 1\n";
    let add = |name: &str| after(base, "    + c\n", &format!("    + {name}\n"));
    conflicting("a.py", base, &add("d"), &add("e"));
}

#[test]
fn two_comments_behind_imports_both_stay() {
    let base = "from a import b\n\nx = b\n";
    let ours = "from a import b  # one\nfrom a import c  # two\n\nx = b\n";
    let theirs = "from a import b\nfrom d import e\n\nx = b, e\n";
    let marked = conflicting("a.py", base, ours, theirs);
    assert!(marked.contains("# one\n") && marked.contains("# two\n"), "{marked}");
}

#[test]
fn arguments_of_one_name_are_a_conflict() {
    let base = "f = dict(\n    a=1,\n)\n";
    let add = |value: &str| after(base, "    a=1,\n", &format!("    b={value},\n"));
    conflicting("a.py", base, &add("1"), &add("2"));
}

#[test]
fn a_comment_behind_an_import_stays() {
    let base = "import a\n\nx = a\n";
    let ours = "import a\nimport c  # noqa: F401\n\nx = a\n";
    let theirs = "import a\nimport b\n\nx = a, b\n";
    assert_eq!(
        clean("a.py", base, ours, theirs),
        "import a\nimport b\nimport c  # noqa: F401\n\nx = a, b\n"
    );
}

const LAID_OUT: &str = "x = \"a\"\n\n\ndef f(\n    first_argument, second_argument, third_argument, fourth_argument, fifth_argument\n):\n    return \"b\"\n";

#[test]
fn a_file_that_was_only_laid_out_takes_the_new_render() {
    let pyproject = "[tool.ruff]\nline-length = 120\nformat.quote-style = \"single\"\n";
    let layout = Layout::of_project(Some(pyproject), None);
    let ours = layout.apply("a.py", LAID_OUT.as_bytes()).into_owned();
    assert_ne!(ours, LAID_OUT.as_bytes());
    assert!(is_same_but_for_layout("a.py", LAID_OUT.as_bytes(), &ours, &layout));
    assert!(!is_same_but_for_layout(
        "a.py",
        LAID_OUT.as_bytes(),
        &ours,
        &Layout::default()
    ));
    let theirs = LAID_OUT.replace("\"b\"", "\"c\"");
    let result = text(merge("a.py", LAID_OUT.as_bytes(), &ours, theirs.as_bytes(), &layout));
    assert_eq!(result.as_bytes(), &*layout.apply("a.py", theirs.as_bytes()));
    // The same with line ends and a start of one's own, and with an edit elsewhere.
    let crlf = format!(
        "\u{feff}{}",
        String::from_utf8(ours.clone()).unwrap().replace('\n', "\r\n")
    );
    let result = text(merge(
        "a.py",
        LAID_OUT.as_bytes(),
        crlf.as_bytes(),
        theirs.as_bytes(),
        &layout,
    ));
    assert_eq!(result, crlf.replace("'b'", "'c'"));
    let edited = crlf.replace("x = 'a'", "x = 'mine'");
    let result = text(merge(
        "a.py",
        LAID_OUT.as_bytes(),
        edited.as_bytes(),
        theirs.as_bytes(),
        &layout,
    ));
    assert_eq!(result, edited.replace("'b'", "'c'"));
}

#[test]
fn settings_that_were_never_applied_change_nothing() {
    let layout = Layout::of_project(None, Some("line-length = 120\n[format]\nquote-style = \"single\"\n"));
    let theirs = LAID_OUT.replace("\"b\"", "\"c\"");
    assert_eq!(
        text(merge(
            "a.py",
            LAID_OUT.as_bytes(),
            LAID_OUT.as_bytes(),
            theirs.as_bytes(),
            &layout
        )),
        theirs
    );
    let ours = LAID_OUT.replace("\"a\"", "\"mine\"");
    assert_eq!(
        text(merge(
            "a.py",
            LAID_OUT.as_bytes(),
            ours.as_bytes(),
            theirs.as_bytes(),
            &layout
        )),
        theirs.replace("\"a\"", "\"mine\"")
    );
}

#[test]
fn what_is_no_text_is_told() {
    assert_eq!(merged("a", "a", "b\0", "c"), Merged::Binary);
    let result = merge("a", b"\xff", b"\xff", b"new", &Layout::default());
    assert_eq!(result, Merged::Clean(b"new".to_vec()));
    assert!(is_same_but_for_layout(
        "a",
        b"a\nb\n",
        b"\xef\xbb\xbfa\r\nb",
        &Layout::default()
    ));
}

#[test]
fn line_ends_and_the_last_of_them_are_the_users() {
    let (base, theirs) = ("a\nb\nc\nd\n", "a\nb\nc\nD\n");
    assert_eq!(
        clean("a.txt", base, "A\r\nb\r\nc\r\nd\r\n", theirs),
        "A\r\nb\r\nc\r\nD\r\n"
    );
    assert_eq!(clean("a.txt", base, "A\nb\nc\nd", theirs), "A\nb\nc\nD");
    assert_eq!(clean("a.txt", base, "a\r\nb\r\nc\r\nd", theirs), "a\r\nb\r\nc\r\nD");
    assert_eq!(clean("a.txt", base, "a\r\nb\nc\r\nd\n", theirs), "a\r\nb\nc\r\nD\n");
    assert_eq!(
        clean("a.txt", base, "\u{feff}A\nb\nc\nd\n", theirs),
        "\u{feff}A\nb\nc\nD\n"
    );
}

#[test]
fn a_package_of_the_users_is_not_asked_for_twice() {
    let base = "[project]\ndependencies = [\n    \"django>=5.2,<5.3\",\n    \"psycopg\",\n]\n";
    let ours = after(
        base,
        "    \"django>=5.2,<5.3\",\n",
        "    \"djangorestframework==3.16.0\",\n",
    );
    let theirs = after(
        base,
        "    \"django>=5.2,<5.3\",\n",
        "    \"djangorestframework>=3.17,<4\",\n    \"drf-spectacular\",\n",
    );
    let merged = clean("pyproject.toml", base, &ours, &theirs);
    assert_eq!(merged.matches("djangorestframework").count(), 1, "{merged}");
    assert!(merged.contains("==3.16.0") && merged.contains("drf-spectacular"));
    assert_eq!(
        own_requirements("pyproject.toml", base.as_bytes(), ours.as_bytes(), theirs.as_bytes()),
        ["djangorestframework==3.16.0"]
    );
    // Another release asks for another version: what the user has stays.
    let next = theirs.replace(">=3.17", ">=3.18");
    assert_eq!(clean("pyproject.toml", &theirs, &merged, &next), merged);
}

#[test]
fn the_same_url_pattern_is_not_written_twice() {
    let base = "from django.urls import include, path\n\nurlpatterns = [\n    path(\"\", include(\"blog.urls\")),\n    path(\"b/\", include(\"b.urls\")),\n]\n";
    let ours = after(
        base,
        "urlpatterns = [\n",
        "    path(\"api/\", include(\"config.api_urls\")),\n",
    );
    let theirs = after(
        base,
        "    path(\"b/\", include(\"b.urls\")),\n",
        "    path(\"api/\", include(\"config.api_urls\")),\n",
    );
    conflicting("config/urls.py", base, &ours, &theirs);
}

#[test]
fn a_stage_that_the_user_renamed_is_not_named_by_what_comes() {
    let base = "FROM python AS base\n\nFROM base AS build\nRUN make\n\nFROM base\nCOPY --from=build /a /a\nRUN one\nRUN two\nRUN three\nCMD x\n";
    let ours = base
        .replace("AS build", "AS wheels")
        .replace("--from=build", "--from=wheels");
    let theirs = after(base, "RUN three\n", "COPY --from=build /b /b\n");
    conflicting("Dockerfile", base, &ours, &theirs);
}

#[test]
fn an_import_that_only_the_merge_leaves_unused_goes() {
    let base = "import os\nimport sys\n\nA = sys.path\n\nB = 1\n\nC = 2\n\nD = sys.argv\n";
    let ours = base.replace("sys.path", "os.sep");
    let theirs = base.replace("D = sys.argv", "D = os.linesep");
    let merged = clean("config/a.py", base, &ours, &theirs);
    assert!(!merged.contains("sys"), "{merged}");
}

#[test]
fn a_conflict_in_a_module_holds_whole_statements() {
    let base = "x = call(\n    1,\n    2,\n    3,\n)\ny = 1\n";
    let ours = base.replace("    2,", "    20,");
    let theirs = base.replace("    2,", "    200,");
    let marked = conflicting("config/a.py", base, &ours, &theirs);
    assert!(marked.starts_with("<<<<<<< yours\nx = call(\n"), "{marked}");
    assert!(marked.ends_with(">>>>>>> djscaffold 0.2\ny = 1\n"), "{marked}");
}
