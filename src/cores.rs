//! Work on all cores.

use std::sync::LazyLock;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// How much memory calls within calls may take, in bytes. Modules are read by functions that call themselves for every term
/// of a sum, and there are settings of thousands of terms; only what is used is really taken.
pub const STACK: usize = 512 << 20;

/// The name of the thread that runs a command; while it waits, it does a part of the work itself.
pub const RUN_THREAD: &str = "djscaffold";

/// Made where there is first something to do: idle threads look for work, which costs those that have some.
static POOL: LazyLock<Option<ThreadPool>> = LazyLock::new(|| {
    let pool = || ThreadPoolBuilder::new().stack_size(STACK);
    let many = if std::thread::current().name() == Some(RUN_THREAD) {
        pool().use_current_thread()
    } else {
        pool()
    };
    // Where threads or so much memory can't be had, the one that asks does all by itself; that of a run already belongs to
    // the pool that could not be built, of which it is all there is.
    let alone = || pool().num_threads(1).use_current_thread();
    many.build().or_else(|_| alone().build()).ok()
});

/// Does what rayon divides on all cores.
pub(crate) fn on_all<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match &*POOL {
        Some(pool) => pool.install(work),
        None => work(),
    }
}
