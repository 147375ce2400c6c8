//! Messages to commands and answers, and back.

use super::{Answer, ListedTransaction, Phase};

pub mod layout;

/// What a terminal says: an answer, or where the customer is on the way to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The end of what was asked.
    Answer(Answer),
    /// The transaction goes on.
    Phase(Phase),
    /// The transaction goes on, in the terminal's own words.
    Display(String),
    /// One line of the list that was asked for; more follow.
    Listed(ListedTransaction),
    /// The list is at its end.
    ListEnd,
}
