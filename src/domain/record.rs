//! One sale as its ledger entries tell it: the fold that screens, reports and recovery read.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::business_day::BusinessDate;
use super::ledger::{
    Entry, Evidence, IllegalTransition, NotCharged, Route, SaleState, TerminalFacts, UnknownReason,
};
use super::money::Yen;
use super::sale::SaleDraft;
use super::slip::{JournalId, SequenceNumber, SlipNumber};
use crate::teeth::{self, Tooth};

/// When an entry was written, and the business day it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Wall clock, with the shop's offset.
    pub at: DateTime<FixedOffset>,
    /// 営業日.
    pub business_date: BusinessDate,
}

/// A sale, folded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleRecord {
    /// Our slip number.
    pub slip: SlipNumber,
    /// When it was first written.
    pub stamp: Stamp,
    /// Lines and tenders.
    pub sale: SaleDraft,
    /// Where it stands.
    pub state: SaleState,
    /// Our number at the terminal, for a linked sale.
    pub sequence_number: Option<SequenceNumber>,
    /// Which terminal, for a linked sale.
    pub route: Option<Route>,
    /// When the amount went out.
    pub sent_at: Option<DateTime<FixedOffset>>,
    /// The terminal's memory when it went out.
    pub journal: Option<JournalId>,
    /// How the exchange broke, where it did.
    pub unknown: Option<UnknownReason>,
    /// Why it is not charged, where it is not.
    pub not_charged: Option<NotCharged>,
    /// How the outcome is known.
    pub evidence: Option<Evidence>,
    /// What the terminal said.
    pub terminal: TerminalFacts,
    /// True once the outcome stood on the screen.
    pub shown: bool,
    /// How often the receipt was issued again.
    pub reissues: u32,
}

impl SaleRecord {
    /// The sale's amount: the sum of its tenders.
    pub fn total(&self) -> Yen {
        self.sale.tenders.iter().fold(Yen::ZERO, |sum, tender| {
            sum.checked_add(tender.amount()).unwrap_or(Yen::LIMIT)
        })
    }

    /// Fold the entries of one sale, oldest first. `None` where they hold no sale.
    pub fn fold<'a>(
        entries: impl IntoIterator<Item = (Stamp, &'a Entry)>,
    ) -> Result<Option<SaleRecord>, IllegalTransition> {
        let mut record: Option<SaleRecord> = None;
        for (stamp, entry) in entries {
            match record.as_mut() {
                Some(record) => record.apply(stamp, entry)?,
                None => {
                    let state = SaleState::after(None, entry)?;
                    record = SaleRecord::opened_by(stamp, entry);
                    if let (Some(record), Some(state)) = (record.as_mut(), state) {
                        record.state = state;
                    }
                }
            }
        }
        Ok(record)
    }

    /// One more entry of this sale.
    pub fn apply(&mut self, stamp: Stamp, entry: &Entry) -> Result<(), IllegalTransition> {
        if let Some(state) = SaleState::after(Some(self.state), entry)? {
            self.state = state;
        }
        self.take(stamp, entry);
        Ok(())
    }

    fn opened_by(stamp: Stamp, entry: &Entry) -> Option<SaleRecord> {
        let (slip, sale, sequence_number, route) = match entry {
            Entry::Sold { slip, sale } => (*slip, sale, None, None),
            Entry::Pending {
                slip,
                sequence_number,
                sale,
                route,
            } => (*slip, sale, Some(*sequence_number), Some(route.clone())),
            _ => return None,
        };
        Some(SaleRecord {
            slip,
            stamp,
            sale: sale.clone(),
            state: SaleState::Pending,
            sequence_number,
            route,
            sent_at: None,
            journal: None,
            unknown: None,
            not_charged: None,
            evidence: None,
            terminal: TerminalFacts::default(),
            shown: false,
            reissues: 0,
        })
    }

    fn take(&mut self, stamp: Stamp, entry: &Entry) {
        match entry {
            Entry::Sold { .. } | Entry::Pending { .. } | Entry::Parked { .. } => {}
            Entry::Sent { journal, .. } => {
                self.sent_at = Some(stamp.at);
                self.journal.clone_from(journal);
            }
            Entry::OutcomeUnknown { reason, .. } => self.unknown = Some(*reason),
            Entry::Posted {
                evidence, terminal, ..
            } => {
                if teeth::bites(Tooth::DayOfSettlement) {
                    self.stamp = stamp;
                }
                self.evidence = Some(evidence.clone());
                self.terminal.clone_from(terminal);
            }
            Entry::Released {
                reason, evidence, ..
            } => {
                self.not_charged = Some(reason.clone());
                self.evidence = Some(evidence.clone());
            }
            Entry::Shown { .. } => self.shown = true,
            Entry::Reissued { .. } => self.reissues += 1,
            Entry::Audit { .. } => {}
        }
    }
}
