//! What is not finished and must not be forgotten: counted in the pane, listed, in the way of the day's close.

use serde::{Deserialize, Serialize};

use super::bill::Billed;
use super::money::Yen;
use super::record::SaleRecord;
use super::reflection::Unreflected;
use super::sale::Line;
use super::slip::SlipNumber;

/// One open task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    /// Work at a terminal by hand that is not done, or a terminal that is not proved to be back on the link.
    Hand(Box<SaleRecord>),
    /// A bill that is paid in part.
    PartPaid(PartPaid),
    /// 差額: taken back, and the corrected bill is not rung up yet. Its lines are in the slip's [`Undo`](super::sale::Undo).
    Correction(Box<SaleRecord>),
    /// 未反映: the receipt computer was not told of all the money, or still holds the patient for us.
    Unreflected(Box<Unreflected>),
}

/// A bill that is paid in part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartPaid {
    /// The first slip of the checkout.
    pub order: SlipNumber,
    /// The whole bill.
    pub lines: Vec<Line>,
    /// Its total.
    pub due: Yen,
    /// What is paid and not taken back.
    pub paid: Yen,
    /// The parts that are paid, oldest first.
    pub parts: Vec<SlipNumber>,
    /// Where the bill came from: its invoices whole, whatever was paid of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill: Option<Billed>,
}

/// Which sort of task, as the books keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// [`Task::Hand`].
    Hand,
    /// [`Task::PartPaid`].
    PartPaid,
    /// [`Task::Correction`].
    Correction,
    /// [`Task::Unreflected`].
    Unreflected,
}

impl TaskKind {
    /// The word of the books.
    pub const fn word(self) -> &'static str {
        match self {
            TaskKind::Hand => "hand",
            TaskKind::PartPaid => "part_paid",
            TaskKind::Correction => "correction",
            TaskKind::Unreflected => "unreflected",
        }
    }
}

impl Task {
    /// Which sort.
    pub const fn kind(&self) -> TaskKind {
        match self {
            Task::Hand(_) => TaskKind::Hand,
            Task::PartPaid(_) => TaskKind::PartPaid,
            Task::Correction(_) => TaskKind::Correction,
            Task::Unreflected(_) => TaskKind::Unreflected,
        }
    }

    /// The slip it hangs on.
    pub fn slip(&self) -> SlipNumber {
        match self {
            Task::Hand(record) | Task::Correction(record) => record.slip,
            Task::PartPaid(part) => part.order,
            Task::Unreflected(slip) => slip.slip,
        }
    }
}
