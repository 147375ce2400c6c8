//! The only rooms with I/O: the loop, and the adapters it hands effects to.

pub mod diagnostic;
pub mod link;
pub mod os;
pub mod store;
pub mod tty;
