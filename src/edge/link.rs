//! The line to a card terminal: transports, the thread that drives the exchange, and the simulated terminal's own thread.
//!
//! ```text
//!   LinkRequest ─▶ ┌────────┐ bytes ┌───────────┐        ┌─────────────────┐ bytes ┌──────────┐
//!                  │ driver │ ◀───▶ │ transport │ ◀────▶ │ terminal driver │ ◀───▶ │ Terminal │
//!   LinkEvent  ◀── │Session │       └───────────┘        │ books on disk   │       └──────────┘
//!                  └────────┘   serial, TCP, memory      └─────────────────┘
//! ```
//!
//! Every thread blocks until something comes or a deadline is due; at rest nothing wakes here.

mod books_file;
mod driver;
mod loopback;
mod ports;
mod practice;
mod pty;
mod setup;
mod terminal;
mod trace;
mod transport;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Instant;

use chrono::{FixedOffset, Utc};

use crate::app::message::Now;

pub use self::books_file::BooksFileError;
pub use self::driver::{Link, LinkHandle, spawn};
pub use self::practice::practice_terminal;
pub use self::setup::{Setup, export_path};
pub use self::terminal::{
    Keys, Listen, ServeError, Served, Stopper, TerminalOptions, TerminalServer,
};
pub use self::trace::text_line;
pub use self::transport::{Dialer, OpenError};

/// Tells the time; shared by everything that must agree on it.
pub type Clock = Arc<dyn Fn() -> Now + Send + Sync>;

/// The system's clocks, as they stand on a wall with this offset from UTC. A terminal and its console agree on the offset: it is the
/// shop's, whatever the machine they run on believes.
#[expect(
    clippy::disallowed_methods,
    reason = "somebody must ask the system; the rooms inside are told"
)]
pub fn system_clock(offset: FixedOffset) -> Clock {
    let start = Instant::now();
    Arc::new(move || Now {
        mono_ms: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        wall: Utc::now().with_timezone(&offset),
    })
}
