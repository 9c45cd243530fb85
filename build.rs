//! Makes the build notice a template that was added: `include_dir!` alone sees only changed ones.

fn main() {
    println!("cargo::rerun-if-changed=templates");
}
