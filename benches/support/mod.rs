//! What the benchmarks share: rounds, medians, tables, and programs in terminals of their own.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each benchmark is compiled with all of it and uses a part"
)]

pub mod figures;
pub mod processes;
pub mod program;
pub mod selling;
pub mod tap;
pub mod ten_years;
pub mod wal;

use std::path::PathBuf;
use std::time::Instant;

/// The clock.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
pub fn now() -> Instant {
    Instant::now()
}

/// True when `cargo bench` runs us; `cargo test --benches` only proves that we compile.
pub fn is_asked_for() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// True where this part was named on the command line, or none was: `cargo bench --bench screen -- starts`.
pub fn wants(part: &str) -> bool {
    let mut named = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'));
    let first = named.next();
    first.is_none_or(|first| first == part || named.any(|other| other == part))
}

/// A folder of the build's own for what is kept from one run to the next.
pub fn scratch() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench")
}
