//! madoguchi, the counter window: rooms and who may know whom.
//!
//! ```text
//!  main, command, edge (loop)     know all
//!        │
//!  simulation     plays whole sessions        knows app, cat, domain, edge::store
//!        │
//!  edge adapters ── tty, link, store, os      know app::message, config and what is below
//!        │
//!  ui    draws &State                         knows app, slip, domain, locale
//!        │
//!  app   State, update, Message, Effect       knows domain, the words of cat and orca, locale's text ids, slip's templates
//!        │
//!  orca  what the receipt computer says       knows domain
//!        │
//!  slip  what is printed, as lines and bytes  knows domain, locale
//!        │
//!  cat   what a card terminal says            knows domain
//!        │
//!  domain  money rules of the counter         knows nobody
//! ```
//!
//! `teeth`, bugs that tests switch on, is a leaf under all of them.
//!
//! `tests/architecture.rs` reads the source and holds this picture to be true.

pub mod app;
pub mod cat;
pub mod cli;
pub mod command;
pub mod config;
pub mod domain;
#[expect(
    clippy::disallowed_methods,
    reason = "the edge is where clocks are read and threads wait"
)]
pub mod edge;
pub mod locale;
pub mod orca;
pub mod simulation;
pub mod slip;
pub mod teeth;
pub mod ui;
