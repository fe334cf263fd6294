//! Work away from the interpreter: its lock is released, Ctrl-C is heard, a defect of the engine becomes an exception.

use crate::failure::Failure;
use panelyst::study::Stop;
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long Ctrl-C may wait to be heard.
const PATIENCE: Duration = Duration::from_millis(50);

/// The threads that do the work. A process made by forking has none of its parent's threads, so it makes its own.
struct Threads {
    process: u32,
    wanted: usize,
    pool: Option<Arc<ThreadPool>>,
}

static THREADS: Mutex<Threads> = Mutex::new(Threads {
    process: 0,
    wanted: 0,
    pool: None,
});

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pool() -> Result<Arc<ThreadPool>, Failure> {
    let mut threads = locked(&THREADS);
    let process = std::process::id();
    if threads.process != process {
        // The threads behind the old pool do not exist here: nothing can be told to them.
        std::mem::forget(threads.pool.take());
        threads.process = process;
    }
    if let Some(pool) = &threads.pool {
        return Ok(Arc::clone(pool));
    }
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads.wanted)
        .thread_name(|place| format!("panelyst-{place}"))
        .build()
        .map_err(|error| Failure::Data(format!("cannot start threads: {error}")))?;
    let pool = Arc::new(pool);
    threads.pool = Some(Arc::clone(&pool));
    Ok(pool)
}

/// Threads for reading and estimating from now on; 0 means as many as there are processors. Results do not depend on it.
#[pyfunction]
pub(crate) fn set_threads(threads: usize) -> Result<(), Failure> {
    if threads > 1024 {
        return Err(Failure::Usage(format!(
            "{threads} threads were asked for; give a number from 0 (all processors) to 1024"
        )));
    }
    let mut now = locked(&THREADS);
    now.wanted = threads;
    if now.process == std::process::id() {
        now.pool = None;
    }
    Ok(())
}

/// Where the result of some work is waited for.
type Slot<T> = (Mutex<Option<Result<T, Failure>>>, Condvar);

/// Does some work on the threads of the engine and waits for it with the interpreter's lock released.
///
/// Ctrl-C ends the waiting with `KeyboardInterrupt`. Work that looks at `Stop` then ends; an estimation, which does not,
/// comes to its end unheard.
///
/// # Errors
/// What the work fails with, defects of the engine included; and what Python's signal handlers raise.
pub(crate) fn detached<T, F>(py: Python<'_>, work: F) -> PyResult<T>
where
    T: Send + 'static,
    F: FnOnce(&Stop) -> Result<T, Failure> + Send + 'static,
{
    let pool = pool()?;
    let slot: Arc<Slot<T>> = Arc::new((Mutex::new(None), Condvar::new()));
    let stop = Stop::default();
    let (own, told) = (Arc::clone(&slot), stop.clone());
    pool.spawn(move || {
        let done = catch_unwind(AssertUnwindSafe(|| work(&told)));
        *locked(&own.0) = Some(done.unwrap_or_else(|thrown| Err(defect(thrown.as_ref()))));
        own.1.notify_all();
    });
    loop {
        let done = py.detach(|| {
            let waiting = locked(&slot.0);
            let woken = slot
                .1
                .wait_timeout_while(waiting, PATIENCE, |done| done.is_none());
            woken.unwrap_or_else(PoisonError::into_inner).0.take()
        });
        if let Some(done) = done {
            return Ok(done?);
        }
        if let Err(error) = py.check_signals() {
            stop.set();
            return Err(error);
        }
    }
}

/// What a panic says.
fn defect(thrown: &(dyn Any + Send)) -> Failure {
    let text = thrown
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| thrown.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    Failure::Internal(format!(
        "a defect of panelyst, not of your data: {text}; please report it with the call that led here"
    ))
}
