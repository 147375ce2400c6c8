//! Money rules of the counter: pure data and arithmetic, no I/O, no clock, no floats.

pub mod business_day;
pub mod ledger;
pub mod master;
pub mod money;
pub mod record;
pub mod ring_up;
pub mod sale;
pub mod slip;
pub mod tender;
pub mod text;
