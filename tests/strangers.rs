//! Peers that nobody here wrote, against the real program: vendors' own kits drive our simulated terminal, and a terminal made of another
//! project's codec answers our console.
#![cfg(unix)]

mod support;

#[path = "strangers/concert.rs"]
mod concert;
#[path = "strangers/csv.rs"]
mod csv;
#[path = "strangers/ecr17.rs"]
mod ecr17;
#[path = "strangers/escpos.rs"]
mod escpos;
#[path = "strangers/orca.rs"]
mod orca;
#[path = "strangers/transbank.rs"]
mod transbank;
#[path = "strangers/undone.rs"]
mod undone;
