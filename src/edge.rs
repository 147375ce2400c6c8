//! The only rooms with I/O: the loop, and the adapters it hands effects to.

pub mod diagnostic;
pub mod goods;
pub mod keys_file;
pub mod link;
pub mod orca;
pub mod os;
pub mod printer;
pub mod run;
pub mod scanner;
pub mod store;
pub mod tty;
