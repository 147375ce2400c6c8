//! What a printed slip says of a sale beyond the sale's own record: the slip it takes back, and what left the printer already.

use serde::{Deserialize, Serialize};

use super::ledger::Document;
use super::record::{SaleRecord, Stamp};
use super::slip::SlipNumber;
use super::text::Bilingual;

/// All that a slip is printed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlipFacts {
    /// The sale.
    pub record: SaleRecord,
    /// Of a 取消 or 返品: when the original was made.
    pub original: Option<Original>,
    /// What left the printer whole, oldest first.
    pub printed: Vec<Document>,
    /// Of a task slip: what is still to be done at the terminal, in the words of its model.
    pub steps: Vec<Bilingual>,
}

/// The slip that is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    /// Its number.
    pub slip: SlipNumber,
    /// When it was made, and its business day.
    pub stamp: Stamp,
}

/// A slip of the day that was to be printed and, as far as the books know, was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unprinted {
    /// The slip.
    pub slip: SlipNumber,
    /// Which of its papers.
    pub document: Document,
}

impl SlipFacts {
    /// A record alone.
    pub fn of(record: SaleRecord) -> SlipFacts {
        SlipFacts {
            record,
            original: None,
            printed: Vec::new(),
            steps: Vec::new(),
        }
    }
}
