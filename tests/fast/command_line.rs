//! What the program prints, as pictures: `cli/*.trycmd`. `TRYCMD=overwrite cargo test` takes new ones.

#[test]
fn the_terminal_shows_what_the_pictures_show() {
    trycmd::TestCases::new()
        .case("tests/fast/cli/*.trycmd")
        .insert_var("[VERSION]", env!("CARGO_PKG_VERSION"))
        .unwrap();
}
