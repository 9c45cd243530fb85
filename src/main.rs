//! The `djscaffold` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    djscaffold::cli::run().into()
}
