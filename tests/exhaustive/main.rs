//! Everything that can go wrong once, tried one by one: a counter and a card terminal face to face in virtual time, and what the counter
//! takes for certain held against the terminal's own books.
//!
//! `cargo test --test exhaustive -- --nocapture` prints what was tried. Each walk over bits and bytes takes a fixed part of its places;
//! `EXHAUSTIVE=all` takes every one.

mod bits;
mod counter;
mod faults;
mod judge;
mod lists;
mod reads;
