//! Waiting for what stands in a file or in a table that another process writes.

use std::thread;
use std::time::Duration;

/// Between two looks, so that whoever is waited for gets on; and how many there are: two minutes, far more than anything takes.
const TURN: Duration = Duration::from_millis(10);
const LOOKS_MAX: u32 = 12_000;

/// Look until it is so.
#[track_caller]
pub fn look_until(what: &str, done: impl Fn() -> bool) {
    let found = (0..LOOKS_MAX).any(|_| {
        let found = done();
        if !found {
            thread::park_timeout(TURN);
        }
        found
    });
    assert!(found, "{what} never came");
}
