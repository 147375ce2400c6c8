//! Many cases that mostly wait: some at a time, and of a long list a spread where a run is not to take all night.

use std::sync::{Mutex, PoisonError};

/// Some at a time: most of what they take is waiting for the pauses between two questions.
pub(crate) fn each<T: Send>(cases: Vec<T>, check: impl Fn(T) + Sync) {
    const AT_ONCE: usize = 4;
    let cases = Mutex::new(cases.into_iter());
    let next = || cases.lock().unwrap_or_else(PoisonError::into_inner).next();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = next() {
                    check(case);
                }
            });
        }
    });
}

/// The spread of an ordinary run: every so many-th of the cases. `EXHAUSTIVE=all` takes all of them.
pub(crate) fn taken(case: usize, every: usize) -> bool {
    case.is_multiple_of(every) || std::env::var_os("EXHAUSTIVE").is_some_and(|what| what == "all")
}
