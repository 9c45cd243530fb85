//! The `djscaffold` program.

use std::process::ExitCode;
use std::thread::{Builder, JoinHandle};

/// How much memory calls within calls may take. Modules are read by functions that call themselves for every term of a
/// sum, and there are settings of thousands of terms; only what is used is really taken.
const STACK: usize = 512 << 20;

/// A run allocates much for a short time, on all cores.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The threads of the pool read modules as well; without one, the pool makes itself.
    let _ = rayon::ThreadPoolBuilder::new().stack_size(STACK).build_global();
    let started = Builder::new().stack_size(STACK).spawn(djscaffold::cli::run);
    match started.map(JoinHandle::join) {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        // So much can't be had here: it goes without, as long as files are not like that.
        Err(_) => djscaffold::cli::run().into(),
    }
}
