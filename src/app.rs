//! The console as a state machine: `State`, and `update`, the only function that changes it.

pub mod key;
pub mod message;

/// The console.
pub struct State;
impl State {
    /// x
    pub fn deadline(&self) {}
}
