//! 未反映: one slip, and how far the receipt computer was told of each of its postings.

use serde::{Deserialize, Serialize};

use super::{IllegalStep, Progress, ReflectionStep, postings};
use crate::domain::bill::InvoiceNumber;
use crate::domain::ledger::SaleState;
use crate::domain::money::Yen;
use crate::domain::record::{SaleRecord, Stamp};
use crate::domain::sale::SaleKind;
use crate::domain::slip::SlipNumber;

/// 未反映: a settled slip of a bill, and how far the receipt computer was told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreflected {
    /// Our slip.
    pub slip: SlipNumber,
    /// When the money moved: 入金日時.
    pub stamp: Stamp,
    /// 売上, 取消, 返品.
    pub kind: SaleKind,
    /// Its postings, in their order.
    pub postings: Vec<Progress>,
    /// What the slip's bill is, where it names no invoice: an invoice of that much is looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unnamed: Option<Yen>,
}

impl Unreflected {
    /// What is to be told of a slip. `None` where it is not settled, or of no bill of a known patient.
    pub fn of(record: &SaleRecord) -> Option<Unreflected> {
        if record.state != SaleState::Settled {
            return None;
        }
        let postings: Vec<Progress> = postings(&record.sale)
            .into_iter()
            .map(Progress::due)
            .collect();
        let billed = record.sale.bill.as_ref()?;
        let mut shares = billed.shares.iter();
        let unnamed = shares.find(|share| share.invoice.is_none());
        let mut told = (!postings.is_empty()).then_some(Unreflected {
            slip: record.slip,
            stamp: record.stamp,
            kind: record.sale.kind,
            postings,
            unnamed: unnamed.map(|share| share.amount),
        })?;
        if let Some(found) = billed.found() {
            told.find(found);
        }
        Some(told)
    }

    /// True where one of its postings is of an invoice that nobody has found yet.
    pub fn seeks(&self) -> bool {
        self.postings.iter().any(|one| one.invoice().is_none())
    }

    /// The invoice of what names none is known: this slip found it, or the one it belongs to.
    pub fn find(&mut self, invoice: &InvoiceNumber) {
        let unfound = self.postings.iter_mut();
        for progress in unfound.filter(|one| one.invoice().is_none()) {
            progress.found = Some(invoice.clone());
        }
    }

    /// How much an invoice is unpaid of that is meant by what names none: the bill, less what of this slip is over.
    pub fn sought(&self) -> Option<Yen> {
        let over = self
            .postings
            .iter()
            .filter(|one| one.posting.invoice.is_none() && one.standing.is_over());
        over.fold(self.unnamed, |left, one| {
            left?.checked_sub(one.posting.amount)
        })
    }

    /// One of its postings.
    pub fn posting(&self, number: u16) -> Option<&Progress> {
        self.postings.get(usize::from(number).checked_sub(1)?)
    }

    /// One more step of one of its postings.
    ///
    /// # Errors
    ///
    /// There is no such posting, or the step may not follow; nothing changed then.
    pub fn take(&mut self, number: u16, step: &ReflectionStep) -> Result<(), IllegalStep> {
        let slip = self.slip;
        let progress = usize::from(number)
            .checked_sub(1)
            .and_then(|index| self.postings.get_mut(index))
            .ok_or(IllegalStep::NoSuchPosting {
                slip,
                posting: number,
            })?;
        if progress.take(step) {
            // Every money of the slip goes to the invoice that was found for the first.
            if let ReflectionStep::Sent {
                invoice: Some(found),
                ..
            } = step
            {
                self.find(found);
            }
            return Ok(());
        }
        Err(IllegalStep::OutOfOrder {
            slip,
            posting: number,
            step: step.word(),
        })
    }

    /// True where nothing is left to be done.
    pub fn is_done(&self) -> bool {
        self.postings.iter().all(Progress::is_done)
    }
}
