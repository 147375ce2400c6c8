//! The operator's terminal: keys in, frames out, and the terminal as it was when we leave.

pub mod decode;
mod sequence;
mod typing;
