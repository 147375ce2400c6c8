//! What the books must hold: every commit that returned, folded by rules of its own, so that a fault of the product's rules is seen.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use crate::domain::business_day::BusinessDate;
use crate::domain::ledger::{Entry, NotCharged};
use crate::domain::money::Yen;
use crate::domain::record::{SaleRecord, Stamp};
use crate::domain::sale::SaleDraft;
use crate::domain::slip::SlipNumber;
use crate::domain::tender::Tender;

/// Where a sale stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    Pending,
    Sent,
    Unknown,
    Parked,
    Settled,
    Declined,
    Cancelled,
}

/// One sale.
#[derive(Debug)]
pub(super) struct Sale {
    pub(super) slip: SlipNumber,
    /// Of the terminal, where it goes to one.
    pub(super) number: Option<u32>,
    /// The first slip of its checkout.
    pub(super) order: SlipNumber,
    /// What the card pays.
    pub(super) card: Yen,
    pub(super) stand: Stand,
    /// The books did not take "unknown"; the sent mark stands for it.
    pub(super) unknown_refused: bool,
    entries: Vec<(Stamp, Entry)>,
}

/// What the books must hold.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    sales: BTreeMap<SlipNumber, Sale>,
    numbers: BTreeMap<u32, SlipNumber>,
    /// Entries, those of no sale among them.
    pub(super) entries: u64,
    /// Audit entries.
    pub(super) audits: u64,
}

impl Ledger {
    /// One more entry is durable. Says which rule it breaks.
    pub(super) fn commit(&mut self, stamp: Stamp, entry: &Entry) -> Result<(), String> {
        self.entries += 1;
        let Some(slip) = entry.slip() else {
            self.audits += 1;
            return Ok(());
        };
        match entry {
            Entry::Sold { sale, .. } => self.open_sale(stamp, entry, slip, sale, Stand::Settled),
            Entry::Pending { sale, .. } => self.open_sale(stamp, entry, slip, sale, Stand::Pending),
            _ => {
                let Some(sale) = self.sales.get_mut(&slip) else {
                    return Err(format!("{} follows nothing on slip {slip}", entry.word()));
                };
                let Some(next) = after(sale.stand, entry) else {
                    return Err(format!(
                        "slip {slip} is {:?} and takes {}",
                        sale.stand,
                        entry.word()
                    ));
                };
                sale.stand = next;
                sale.entries.push((stamp, entry.clone()));
                Ok(())
            }
        }
    }

    fn open_sale(
        &mut self,
        stamp: Stamp,
        entry: &Entry,
        slip: SlipNumber,
        draft: &SaleDraft,
        stand: Stand,
    ) -> Result<(), String> {
        let newest = self.sales.keys().next_back().copied();
        if newest.is_some_and(|newest| newest >= slip) {
            return Err(format!("slip {slip} comes after slip {newest:?}"));
        }
        let number = match entry {
            Entry::Pending {
                sequence_number, ..
            } => Some(sequence_number.get()),
            _ => None,
        };
        if let Some(number) = number
            && let Some(other) = self.numbers.insert(number, slip)
        {
            return Err(format!("slips {other} and {slip} have the number {number}"));
        }
        self.sales.insert(
            slip,
            Sale {
                slip,
                number,
                order: draft.order.unwrap_or(slip),
                card: draft.card().map_or(Yen::ZERO, Tender::amount),
                stand,
                unknown_refused: false,
                entries: vec![(stamp, entry.clone())],
            },
        );
        Ok(())
    }

    /// The books did not take an entry.
    pub(super) fn refused(&mut self, entry: &Entry) {
        if let Entry::OutcomeUnknown { slip, .. } = entry
            && let Some(sale) = self.sales.get_mut(slip)
        {
            sale.unknown_refused = true;
        }
    }

    /// True where this outcome is in the books already.
    pub(super) fn holds_outcome(&self, entry: &Entry) -> bool {
        matches!(entry, Entry::Posted { .. } | Entry::Released { .. })
            && entry
                .slip()
                .and_then(|slip| self.by_slip(slip))
                .is_some_and(|sale| sale.entries.iter().any(|(_, held)| held == entry))
    }

    pub(super) fn by_slip(&self, slip: SlipNumber) -> Option<&Sale> {
        self.sales.get(&slip)
    }

    pub(super) fn by_number(&self, number: u32) -> Option<&Sale> {
        self.numbers
            .get(&number)
            .and_then(|slip| self.by_slip(*slip))
    }

    /// Oldest first.
    pub(super) fn sales(&self) -> impl Iterator<Item = &Sale> {
        self.sales.values()
    }

    /// Those that were sent and have no outcome.
    pub(super) fn open(&self) -> impl Iterator<Item = &Sale> {
        self.sales()
            .filter(|sale| matches!(sale.stand, Stand::Sent | Stand::Unknown | Stand::Parked))
    }

    /// Settled sales of a day, and their sum; by lines and by tenders, which must agree.
    pub(super) fn day(&self, date: BusinessDate) -> Result<(u32, i64), String> {
        let mut count = 0;
        let mut sum = 0_i64;
        for sale in self.sales().filter(|sale| sale.stand == Stand::Settled) {
            let (Some(stamp), Some((bill, paid, part))) = (sale.stamp(), sale.sums()) else {
                return Err(format!("slip {} has no beginning", sale.slip));
            };
            // A part pays less than the bill.
            if bill <= 0 || (if part { paid >= bill } else { paid != bill }) {
                return Err(format!(
                    "slip {} has lines of {bill} and tenders of {paid}",
                    sale.slip
                ));
            }
            if stamp.business_date == date {
                count += 1;
                sum += paid;
            }
        }
        Ok((count, sum))
    }
}

impl Sale {
    /// The sum of its lines and of its tenders, and whether it pays a part of the bill.
    pub(super) fn sums(&self) -> Option<(i64, i64, bool)> {
        let (Entry::Sold { sale, .. } | Entry::Pending { sale, .. }) = &self.entries.first()?.1
        else {
            return None;
        };
        let lines = sale.lines.iter();
        let bill = lines.map(|line| line.unit.get() * i64::from(line.quantity));
        let paid = sale.tenders.iter().map(|tender| tender.amount().get());
        Some((bill.sum(), paid.sum(), sale.part))
    }

    /// When it was first written.
    pub(super) fn stamp(&self) -> Option<Stamp> {
        self.entries.first().map(|(stamp, _)| *stamp)
    }

    /// The PC's clock when the amount left.
    pub(super) fn sent_at(&self) -> Option<NaiveDateTime> {
        self.entries
            .iter()
            .find(|(_, entry)| matches!(entry, Entry::Sent { .. }))
            .map(|(stamp, _)| stamp.at.naive_local())
    }

    /// As the books must read it back.
    pub(super) fn record(&self) -> Option<SaleRecord> {
        SaleRecord::fold(self.entries.iter().map(|(stamp, entry)| (*stamp, entry)))
            .ok()
            .flatten()
    }
}

/// The ledger's graph, written down a second time on purpose.
fn after(from: Stand, entry: &Entry) -> Option<Stand> {
    use Stand::{Cancelled, Declined, Parked, Pending, Sent, Settled, Unknown};
    match (from, entry) {
        (Pending, Entry::Sent { .. }) => Some(Sent),
        (Pending, Entry::Released { .. }) => Some(Cancelled),
        (Sent | Unknown, Entry::OutcomeUnknown { .. }) => Some(Unknown),
        (Parked, Entry::OutcomeUnknown { .. }) => Some(Parked),
        (Sent | Unknown | Parked, Entry::Parked { .. }) => Some(Parked),
        (Sent | Unknown | Parked, Entry::Posted { .. }) => Some(Settled),
        (Sent | Unknown | Parked, Entry::Released { reason, .. }) => Some(match reason {
            NotCharged::Declined { .. } | NotCharged::InsufficientBalance { .. } => Declined,
            _ => Cancelled,
        }),
        (Settled | Declined | Cancelled, Entry::Shown { .. } | Entry::Reissued { .. }) => {
            Some(from)
        }
        _ => None,
    }
}
