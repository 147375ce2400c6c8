//! The receipt computer's words against recordings of a real one, and against our own simulated one.

#[path = "orca/simulator.rs"]
mod simulator;
#[path = "orca/support.rs"]
mod support;
#[path = "orca/wire.rs"]
mod wire;
