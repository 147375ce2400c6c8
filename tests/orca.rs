//! The receipt computer's words against recordings of a real one, and against our own simulated one.

#[path = "support/child.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with tests that need more of it"
)]
mod child;
#[path = "orca/program.rs"]
mod program;
#[path = "orca/properties.rs"]
mod properties;
#[path = "orca/simulator.rs"]
mod simulator;
#[path = "orca/support.rs"]
mod support;
#[path = "orca/wire.rs"]
mod wire;
