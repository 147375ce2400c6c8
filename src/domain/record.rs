//! One sale as its ledger entries tell it: the fold that screens, reports and recovery read.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::business_day::BusinessDate;
use super::by_hand::{Explanation, HandWork, Mark, Place, Side, Stage, Why};
use super::ledger::{
    Entry, Evidence, IllegalTransition, NotCharged, Route, SaleState, TerminalFacts, UnknownReason,
};
use super::money::Yen;
use super::reflection::ReflectionStep;
use super::sale::{Operator, SaleDraft};
use super::slip::{JournalId, SequenceNumber, SlipNumber};
use super::task::TaskKind;
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
    /// What the terminal said; from the sent mark on its identity, where that is known.
    pub terminal: TerminalFacts,
    /// True once the outcome stood on the screen.
    pub shown: bool,
    /// How often the receipt was issued again.
    pub reissues: u32,
    /// Work at the terminal by hand, where there was any.
    pub by_hand: Option<Box<HandWork>>,
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
        let mut by_hand = None;
        let (slip, sale, sequence_number, route) = match entry {
            Entry::Sold { slip, sale } => (*slip, sale, None, None),
            Entry::Pending {
                slip,
                sequence_number,
                sale,
                route,
            } => (*slip, sale, Some(*sequence_number), Some(route.clone())),
            Entry::ByHand {
                slip,
                sale,
                place,
                why,
                first,
                operator,
            } => {
                let begun = mark(stamp, operator);
                let work = HandWork::begin(*why, *first, place.clone(), begun);
                by_hand = Some(Box::new(work));
                (*slip, sale, None, None)
            }
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
            by_hand,
        })
    }

    fn take(&mut self, stamp: Stamp, entry: &Entry) {
        match entry {
            Entry::Sold { .. }
            | Entry::Pending { .. }
            | Entry::ByHand { .. }
            | Entry::Parked { .. }
            | Entry::Printed { .. }
            | Entry::TerminalDayClosed { .. }
            | Entry::TerminalSeen { .. }
            | Entry::Audit { .. } => {}
            Entry::Reflection { step, .. } => self.found(step),
            Entry::Step { step, operator, .. } => {
                if let Some(work) = self.work(stamp, operator) {
                    work.step(*step, mark(stamp, operator));
                }
            }
            Entry::Booked { operator, .. } => {
                if let Some(work) = &mut self.by_hand {
                    work.counter = Some(mark(stamp, operator));
                }
            }
            Entry::Explained {
                task: TaskKind::Hand,
                operator,
                second,
                reason,
                ..
            } => {
                if let Some(work) = &mut self.by_hand {
                    work.explained = Some(Explanation {
                        mark: mark(stamp, operator),
                        second: second.clone(),
                        reason: reason.clone(),
                    });
                }
            }
            Entry::Explained { .. } => {}
            Entry::Sent {
                journal,
                terminal_id,
                ..
            } => {
                self.sent_at = Some(stamp.at);
                self.journal.clone_from(journal);
                self.terminal.terminal_id.clone_from(terminal_id);
            }
            Entry::OutcomeUnknown { reason, .. } => self.unknown = Some(*reason),
            Entry::Posted {
                evidence, terminal, ..
            } => {
                if teeth::bites(Tooth::DayOfSettlement) {
                    self.stamp = stamp;
                }
                self.terminal_side(stamp, evidence);
                self.evidence = Some(evidence.clone());
                // A number typed off a slip says nothing of the terminal; it is the one that the amount was sent to.
                let sent_to = self.terminal.terminal_id.take();
                self.terminal.clone_from(terminal);
                self.terminal.terminal_id = self.terminal.terminal_id.take().or(sent_to);
            }
            Entry::Released {
                reason, evidence, ..
            } => {
                self.terminal_side(stamp, evidence);
                self.not_charged = Some(reason.clone());
                self.evidence = Some(evidence.clone());
            }
            Entry::Shown { .. } => self.shown = true,
            Entry::Reissued { .. } => self.reissues += 1,
        }
    }

    /// The receipt computer's invoice was found: what comes after this slip knows it.
    fn found(&mut self, step: &ReflectionStep) {
        if let (
            Some(billed),
            ReflectionStep::Sent {
                invoice: Some(invoice),
                ..
            },
        ) = (&mut self.sale.bill, step)
        {
            billed.find(invoice);
        }
    }

    /// People told the terminal's side; ours is booked with it, where it was not before.
    fn terminal_side(&mut self, stamp: Stamp, evidence: &Evidence) {
        if let (Some(work), Some(operator)) = (&mut self.by_hand, evidence.operator()) {
            let mark = mark(stamp, operator);
            work.terminal = Some(mark.clone());
            work.counter.get_or_insert(mark);
            work.paused = None;
        }
    }

    /// The work by hand on this slip; where a linked sale is looked for at its terminal, it begins with its first step.
    fn work(&mut self, stamp: Stamp, operator: &Operator) -> Option<&mut HandWork> {
        if self.by_hand.is_none() {
            let route = self.route.as_ref()?;
            let place = Place {
                cat: Some(route.cat),
                model: route.model.clone(),
            };
            let work = HandWork::begin(Why::Outcome, Side::Terminal, place, mark(stamp, operator));
            self.by_hand = Some(Box::new(work));
        }
        self.by_hand.as_deref_mut()
    }

    /// What is to be done next by hand, where there is such work and it is not done.
    pub fn hand_stage(&self) -> Option<Stage> {
        let work = self.by_hand.as_ref()?;
        Some(work.stage(self.state)).filter(|stage| *stage != Stage::Done)
    }
}

fn mark(stamp: Stamp, operator: &Operator) -> Mark {
    Mark {
        at: stamp.at,
        operator: operator.clone(),
    }
}
