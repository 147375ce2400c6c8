//! The border to the receipt printer. One paper is under way at a time; the console keeps the others.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use crate::domain::ledger::Document;
use crate::domain::paper::{SlipFacts, Unprinted};

/// What is asked of the printer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrintRequest {
    /// Print one paper; answered by `Printed` or `Failed` of its number.
    Print {
        /// Names the attempt.
        number: u32,
        /// What is printed of the slip.
        document: Document,
        /// The slip.
        facts: Box<SlipFacts>,
    },
    /// Print the test; answered like `Print`.
    Test {
        /// Names the attempt.
        number: u32,
    },
    /// Remember, over a restart too, that a paper is not wanted any more.
    Forget(Unprinted),
}

/// What the printer's side says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrinterEvent {
    /// What earlier runs of this day left; said once, first.
    Recalled {
        /// Since when there was a printer on this day.
        since: DateTime<FixedOffset>,
        /// Papers of which a first byte left.
        begun: Vec<Unprinted>,
        /// Papers that were thrown away.
        forgotten: Vec<Unprinted>,
    },
    /// It left the printer whole, as far as can be known.
    Printed {
        /// The attempt.
        number: u32,
        /// Characters that the printer lacks and a mark stands for.
        replaced: usize,
    },
    /// It did not.
    Failed {
        /// The attempt.
        number: u32,
        /// Why.
        trouble: PrinterTrouble,
        /// True where a part of it may be on paper.
        begun: bool,
    },
}

/// Why nothing comes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrinterTrouble {
    /// The way to it cannot be opened: the system's words.
    Unreachable(String),
    /// 用紙切れ.
    PaperOut,
    /// カバーが開いている.
    CoverOpen,
    /// オフライン: it says so, and no more.
    OffLine,
    /// It does not say how it is, though it should.
    Silent,
    /// The line broke while it was being printed: the system's words.
    Broken(String),
    /// It took everything and did not say within its time that it is done.
    NotFinished,
    /// This PC could not write down what is being printed: the system's words.
    Disk(String),
}
