//! 取消 and 返品: whether and how a sale is taken back. Rules are data; what decides is here and nowhere else.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::record::SaleRecord;

/// A sale to be taken back, and what the books know that bears on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undoable {
    /// The sale.
    pub original: SaleRecord,
    /// What takes it back already, or may: 取消 and 返品 that are not cancelled, oldest first.
    pub undone: Vec<SaleRecord>,
    /// True where a later transaction with a card was made at the same terminal and mode.
    pub later_at_terminal: bool,
    /// When 日計 was last run at its terminal after the sale, as far as the books know.
    pub terminal_day_closed: Option<DateTime<FixedOffset>>,
}
