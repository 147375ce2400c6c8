//! What the receipt computer 日レセ (ORCA) is asked and what it says: the words of its API as plain data, their form on the wire, and a receipt computer
//! that is simulated. Who moves the bytes is `edge`'s business. `docs/orca.md` says where each fact comes from.

pub mod answer;
pub mod call;
pub mod node;
pub mod push;
pub mod simulator;
pub mod texts;
pub mod wire;
