//! The `djscaffold` program.

use std::process::ExitCode;
use std::thread::{Builder, JoinHandle};

use djscaffold::cores::{RUN_THREAD, STACK};

/// A run allocates much for a short time, on all cores.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let started = Builder::new()
        .name(RUN_THREAD.to_owned())
        .stack_size(STACK)
        .spawn(djscaffold::cli::run);
    match started.map(JoinHandle::join) {
        Ok(Ok(exit)) => exit.into(),
        // In a release build, a panic has ended the process.
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        // So much can't be had here: it goes without, as long as files are not like that.
        Err(_) => djscaffold::cli::run().into(),
    }
}
