//! Bytes to frames and back: the kinds of line a terminal may sit on.

pub mod basic;
