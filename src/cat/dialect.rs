//! Messages to commands and answers, and back.

use super::{Answer, Phase};

pub mod layout;

/// What a terminal says: an answer, or where the customer is on the way to one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "one reply is in hand at a time, and a box would only be in the way of matching it"
)]
pub enum Reply {
    /// The end of what was asked.
    Answer(Answer),
    /// The transaction goes on.
    Phase(Phase),
}
