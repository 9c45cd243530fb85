//! What `cargo package` takes along: every template, under the name it is stored by.

use std::collections::BTreeSet;
use std::process::Command;

use crate::support::files;

#[test]
fn the_package_holds_every_template() {
    let root = env!("CARGO_MANIFEST_DIR");
    let output = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8(output.stdout).unwrap();
    let packaged: BTreeSet<String> = listed.lines().map(|line| line.replace('\\', "/")).collect();
    let templates = files(&std::path::Path::new(root).join("templates"));
    let ours = templates
        .keys()
        .filter(|path| !path.contains("__pycache__") && !path.contains("/."));
    let left_out: Vec<_> = ours
        .filter(|path| !packaged.contains(&format!("templates/{path}")))
        .collect();
    assert!(
        left_out.is_empty(),
        "cargo leaves these out; store them under another name: {left_out:?}"
    );
    for needed in ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md", "build.rs"] {
        assert!(packaged.contains(needed), "{needed} is not in the package");
    }
}
