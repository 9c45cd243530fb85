//! What commands say is so: references across modules, choices at conflicts, what was run, what can't be read.

use djscaffold::apply::{recover, runs};

use crate::site::Site;

#[test]
fn what_a_renamed_view_leaves_loose_is_named() {
    let site = Site::new("minimal");
    site.edit("blog/views.py", "class PostListView", "class ArticleListView");
    let ran = site.must(3, &["check"]);
    let line = site
        .read("blog/urls.py")
        .lines()
        .position(|line| line.contains("PostListView"))
        .unwrap()
        + 1;
    let told = format!("`blog/urls.py` line {line}: there is no `PostListView` in `blog.views`");
    assert!(ran.err.contains(&told), "{}", ran.err);
    site.edit("blog/urls.py", "views.PostListView", "views.ArticleListView");
    site.must(0, &["check"]);
}

#[test]
fn a_side_that_was_chosen_and_does_not_fit_the_others_is_told() {
    let site = Site::new("minimal");
    site.edit("blog/views.py", "class PostListView", "class ArticleListView");
    let ran = site.must(3, &["set", "app.views=fbv", "--yes", "--no-sync", "--conflict", "mine"]);
    assert!(
        ran.err.contains("there is no `post_list` in `blog.views`"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("djscaffold undo"), "{}", ran.err);
    let document = site.run(&["check", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&document.out).unwrap();
    assert_eq!(document["unresolved"][0]["path"], "blog/urls.py");
}

#[test]
fn what_an_own_module_takes_from_a_component_that_goes_is_named() {
    let site = Site::new("standard");
    site.write(
        "blog/feeds.py",
        "from blog.api import PostViewSet\nfrom blog.models import Post\n",
    );
    let ran = site.must(3, &["remove", "api", "--yes", "--no-sync"]);
    assert!(
        ran.err
            .contains("`blog/feeds.py` line 1: there is no module `blog.api`")
            && !ran.err.contains("line 2"),
        "{}",
        ran.err
    );
    // It comes back, and nothing is loose any more.
    site.must(0, &["undo", "--yes", "--no-sync"]);
    site.must(0, &["check"]);
}

#[test]
fn what_the_users_own_modules_lack_is_theirs() {
    let site = Site::new("minimal");
    site.write("scripts/one.py", "x = 1\n")
        .write(
            "scripts/two.py",
            "from scripts.one import y\nfrom scripts import gone\n",
        )
        .write("env/pyvenv.cfg", "")
        .write("env/three.py", "from blog.models import Nothing\n");
    site.must(0, &["check"]);
}

#[test]
fn a_package_that_is_asked_for_already_stays_and_is_told() {
    let site = Site::new("minimal");
    site.edit(
        "pyproject.toml",
        "dependencies = [\n",
        "dependencies = [\n    \"djangorestframework==3.16.0\",\n",
    );
    let ran = site.must(0, &["add", "api", "--yes", "--no-sync"]);
    assert!(ran.err.contains("djangorestframework==3.16.0"), "{}", ran.err);
    let text = site.read("pyproject.toml");
    assert_eq!(text.matches("\"djangorestframework=").count(), 1, "{text}");
    assert!(!text.contains("\"djangorestframework>"), "{text}");
    site.must(0, &["check"]);
}

#[test]
fn models_that_can_not_be_read_stop_nobody_from_looking() {
    for (text, broken) in [
        ("class Post(", "class Post(("),
        ("class Post(", "class Article("),
        ("    title = ", "    heading = "),
        ("", ""),
    ] {
        let site = Site::new("standard");
        site.edit("blog/forms.py", "class PostForm", "# mine\nclass PostForm");
        if text.is_empty() {
            site.remove("blog/models.py");
        } else {
            site.edit("blog/models.py", text, broken);
        }
        let status = site.must(0, &["status"]);
        assert!(status.out.contains("edited blog/forms.py"), "{}", status.out);
        assert!(
            status.err.contains("error") && status.err.contains("Django does not start"),
            "{}",
            status.err
        );
        let document = site.must(0, &["status", "--format", "json"]);
        let document: serde_json::Value = serde_json::from_str(&document.out).unwrap();
        assert!(document["pending"].is_null() && document["error"].as_str().unwrap().contains("Django"));
        assert!(site.must(0, &["diff"]).out.contains("+# mine"));
        assert!(site.must(0, &["why", "blog/forms.py"]).out.contains("component app"));
        site.must(0, &["log"]);
        let check = site.must(4, &["check"]);
        assert!(
            check
                .err
                .contains("models changed: fix this, then run `djscaffold sync`"),
            "{}",
            check.err
        );
    }
}

#[test]
fn the_log_says_all_of_what_was_asked_for() {
    let site = Site::new("minimal");
    site.must(0, &["add", "api", "--set", "api.auth=jwt", "--yes", "--no-sync"]);
    site.edit("blog/forms.py", "class PostForm", "# mine\nclass PostForm");
    site.must(0, &["regen", "blog/forms.py", "--discard-edits", "--yes", "--no-sync"]);
    let log = site.must(0, &["log"]).out;
    assert!(log.contains("add api --set api.auth=jwt"), "{log}");
    assert!(log.contains("regen blog/forms.py --discard-edits"), "{log}");
}

#[test]
fn the_log_holds_what_was_killed_and_then_finished_once() {
    let site = Site::new("minimal");
    site.must(0, &["add", "health", "--yes", "--no-sync"]);
    let state = site.root.join(".djscaffold");
    let noted = fs_err::read_to_string(state.join("log")).unwrap();
    // Killed before it was noted, in the midst of that, and behind it.
    for left in ["", &noted[..20], noted.as_str()] {
        fs_err::write(state.join("log"), left).unwrap();
        fs_err::rename(state.join("undo/1"), state.join("pending")).unwrap();
        recover(&site.root).unwrap();
        assert_eq!(runs(&site.root).unwrap().len(), 1, "{left}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_can_not_be_written_is_an_error() {
    let site = Site::new("minimal");
    for arguments in [
        &["list"][..],
        &["status"],
        &["why", "blog/urls.py"],
        &["check", "--format", "json"],
    ] {
        let full = fs_err::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = std::process::Command::new(crate::support::program())
            .args(arguments)
            .current_dir(&site.root)
            .stdout(full.into_file())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("standard output"));
    }
}

#[test]
fn undo_leaves_secrets_of_today_and_their_line_ends() {
    let site = Site::new("minimal");
    let ends = site.read(".env").replace('\n', "\r\n");
    site.write(".env", &ends);
    site.must(0, &["add", "api", "--set", "api.auth=jwt", "--yes", "--no-sync"]);
    let with_key = site.read(".env");
    assert!(
        with_key.contains("JWT_SIGNING_KEY=") && with_key.matches('\n').count() == with_key.matches("\r\n").count()
    );
    site.must(0, &["undo", "--yes", "--no-sync"]);
    assert_eq!(site.read(".env"), ends);
    // A key that was changed since stays, and no marker comes into the file.
    site.must(0, &["add", "api", "--set", "api.auth=jwt", "--yes", "--no-sync"]);
    let rotated: String = site
        .read(".env")
        .lines()
        .map(|line| {
            if line.starts_with("JWT_") {
                "JWT_SIGNING_KEY=of-today\r\n"
            } else {
                "OTHER=1\r\n"
            }
        })
        .collect();
    site.write(".env", &rotated);
    let ran = site.run(&["undo", "--yes", "--no-sync"]);
    assert_eq!(site.read(".env"), rotated, "{}", ran.err);
}

#[test]
fn undo_of_a_settled_conflict_brings_the_former_file_back() {
    for is_mine in [true, false] {
        let site = Site::new("minimal");
        let settings = "config/settings/base.py";
        site.edit(settings, "SITE_NAME = \"Mysite\"", "SITE_NAME = \"Mine\"");
        let before = site.everything();
        site.must(3, &["set", "project.title=Theirs", "--yes", "--no-sync"]);
        let marked = site.read(settings);
        assert!(marked.contains("<<<<<<< yours"));
        let mut side = "";
        let settled: String = marked
            .split_inclusive('\n')
            .filter(|line| {
                let marker = ["<<<<<<< ", "||||||| ", "=======", ">>>>>>> "]
                    .into_iter()
                    .find(|marker| line.starts_with(marker));
                side = marker.unwrap_or(side);
                marker.is_none()
                    && side != "||||||| "
                    && (side != "<<<<<<< " || is_mine)
                    && (side != "=======" || !is_mine)
            })
            .collect();
        site.write(settings, &settled);
        let ran = site.run(&["undo", "--yes", "--no-sync"]);
        if is_mine {
            assert!(ran.code == 0 && site.everything() == before, "{}", ran.err);
        } else {
            assert!(
                !site.read(settings).contains("||||||| generated before\n<<<<<<<"),
                "{}",
                site.read(settings)
            );
        }
    }
}
