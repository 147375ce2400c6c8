//! Money rules of the counter: pure data and arithmetic, no I/O, no clock, no floats.

pub mod barcode;
pub mod bill;
pub mod business_day;
pub mod by_hand;
pub mod identity;
pub mod item;
pub mod ledger;
pub mod master;
pub mod money;
pub mod paper;
pub mod record;
pub mod reflection;
pub mod ring_up;
pub mod sale;
pub mod slip;
pub mod task;
pub mod tax;
pub mod tender;
pub mod text;
pub mod undo;
