//! The way of the money, whole and real: from the patient in the receipt computer's list to the row in the receipt computer's books. The console in its
//! terminal, the receipt computer and the card terminal are processes of their own; it is live, and there is nothing it could charge but the two.
#![cfg(unix)]

#[path = "../support/mod.rs"]
mod support;

mod day;
mod down;
mod kills;
mod practice;
