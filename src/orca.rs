//! What the receipt computer 日レセ (ORCA) is asked and what it says: the words of its API as plain data. Who moves the bytes is `edge`'s business.

pub mod answer;
pub mod call;
