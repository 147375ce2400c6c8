//! What the books must hold: every commit that returned, folded by rules of its own, so that a fault of the product's rules is seen.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use crate::domain::business_day::BusinessDate;
use crate::domain::by_hand::Step;
use crate::domain::ledger::{CatId, Entry, Evidence, NotCharged, TerminalFacts};
use crate::domain::money::Yen;
use crate::domain::record::{SaleRecord, Stamp};
use crate::domain::sale::{SaleDraft, SaleKind};
use crate::domain::slip::SlipNumber;
use crate::domain::tender::{LinkKind, Tender};

mod open;

/// Where a sale stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    Pending,
    Sent,
    Unknown,
    Parked,
    /// Worked at a terminal by hand.
    ByHand,
    /// The same, and our slip is out.
    Booked,
    Settled,
    Declined,
    Cancelled,
}

impl Stand {
    /// Nothing follows that says more of the money.
    pub(super) const fn is_final(self) -> bool {
        matches!(self, Stand::Settled | Stand::Declined | Stand::Cancelled)
    }

    /// The money moved, or may have.
    pub(super) const fn may_stand(self) -> bool {
        !matches!(self, Stand::Declined | Stand::Cancelled)
    }

    /// Our slip says so.
    pub(super) const fn is_paid(self) -> bool {
        matches!(self, Stand::Settled | Stand::Booked)
    }
}

/// Work at a terminal by hand.
#[derive(Debug, Clone, Default)]
pub(super) struct Hand {
    /// It was taken off the link, and has not answered since.
    pub(super) off_link: bool,
    /// Two people said why it ends.
    explained: bool,
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
    /// Work by hand, where there was any.
    pub(super) hand: Option<Hand>,
    /// Which entry says that it reached a terminal, or opened it.
    reached: u64,
    entries: Vec<(Stamp, Entry)>,
}

/// What the books must hold.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    sales: BTreeMap<SlipNumber, Sale>,
    numbers: BTreeMap<u32, SlipNumber>,
    /// Which entry said last that 日計 was run at a terminal.
    closed: BTreeMap<CatId, u64>,
    /// True once anything was written that may leave a task open.
    tasked: bool,
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
            match entry {
                Entry::TerminalDayClosed { cat, .. } => {
                    self.closed.insert(*cat, self.entries);
                }
                _ => self.audits += 1,
            }
            return Ok(());
        };
        match entry {
            Entry::Sold { sale, .. } => self.open_sale(stamp, entry, slip, sale, Stand::Settled),
            Entry::Pending { sale, .. } => self.open_sale(stamp, entry, slip, sale, Stand::Pending),
            Entry::ByHand { sale, .. } => self.open_sale(stamp, entry, slip, sale, Stand::ByHand),
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
                sale.hand_step(entry);
                if reaches_a_terminal(entry) && sale.reached_by().is_none() {
                    sale.reached = self.entries;
                }
                self.tasked |= sale.hand.is_some();
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
        self.tasked |= draft.part || draft.undo.is_some() || stand == Stand::ByHand;
        self.sales.insert(
            slip,
            Sale {
                slip,
                number,
                order: draft.order.unwrap_or(slip),
                card: draft.card().map_or(Yen::ZERO, Tender::amount),
                stand,
                unknown_refused: false,
                hand: match entry {
                    Entry::ByHand { .. } => Some(Hand::default()),
                    _ => None,
                },
                reached: self.entries,
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
        let ends = match entry {
            Entry::Posted { .. } | Entry::Released { .. } => true,
            Entry::Explained { slip, task, .. } => !self.tasks().contains(&(*task, *slip)),
            _ => false,
        };
        ends && entry
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

    /// Those that were sent over a link and have no outcome.
    pub(super) fn open(&self) -> impl Iterator<Item = &Sale> {
        self.sales()
            .filter(|sale| matches!(sale.stand, Stand::Sent | Stand::Unknown | Stand::Parked))
    }

    /// Paid sales of a day, and their sum; by lines and by tenders, which must agree. What is taken back is no sale of its day.
    pub(super) fn day(&self, date: BusinessDate) -> Result<(u32, i64), String> {
        let mut count = 0;
        let mut sum = 0_i64;
        for sale in self.sales().filter(|sale| sale.stand.is_paid()) {
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
            if stamp.business_date == date && sale.kind() == SaleKind::Sale {
                count += 1;
                sum += paid;
            }
        }
        Ok((count, sum))
    }

    /// What moved on cards on a day: how many movements, and their sum; what went back is taken off.
    pub(super) fn on_cards(&self, date: BusinessDate) -> (u32, i64) {
        let moved = self.sales().filter(|sale| {
            sale.stand == Stand::Settled
                && sale.link().is_some()
                && sale.stamp().map(|stamp| stamp.business_date) == Some(date)
        });
        moved.fold((0, 0), |(count, sum), sale| {
            let amount = match sale.kind() {
                SaleKind::Sale => sale.card.get(),
                SaleKind::Void | SaleKind::Refund => -sale.card.get(),
            };
            (count + 1, sum + amount)
        })
    }
}

impl Sale {
    /// The sum of its lines and of its tenders, and whether it pays a part of the bill.
    pub(super) fn sums(&self) -> Option<(i64, i64, bool)> {
        let sale = self.draft()?;
        let lines = sale.lines.iter();
        let bill = lines.map(|line| line.unit.get() * i64::from(line.quantity));
        let paid = sale.tenders.iter().map(|tender| tender.amount().get());
        Some((bill.sum(), paid.sum(), sale.part))
    }

    /// What was written first.
    pub(super) fn draft(&self) -> Option<&SaleDraft> {
        match &self.entries.first()?.1 {
            Entry::Sold { sale, .. } | Entry::Pending { sale, .. } | Entry::ByHand { sale, .. } => {
                Some(sale)
            }
            _ => None,
        }
    }

    /// 売上, 取消 or 返品.
    pub(super) fn kind(&self) -> SaleKind {
        self.draft().map_or(SaleKind::Sale, |sale| sale.kind)
    }

    /// What its tenders pay, or give back.
    pub(super) fn paid(&self) -> i64 {
        self.sums().map_or(0, |(_, paid, _)| paid)
    }

    /// How its card reached a terminal; nothing where no card is in it.
    pub(super) fn link(&self) -> Option<LinkKind> {
        match self.draft()?.card()? {
            Tender::Card { link, .. } => Some(*link),
            Tender::Cash { .. } => None,
        }
    }

    /// The port of the terminal it went to, or was worked at.
    pub(super) fn cat(&self) -> Option<CatId> {
        match &self.entries.first()?.1 {
            Entry::Pending { route, .. } => Some(route.cat),
            Entry::ByHand { place, .. } => place.cat,
            _ => None,
        }
    }

    /// What the terminal said of it, or a person read off its slip.
    pub(super) fn facts(&self) -> Option<&TerminalFacts> {
        self.entries.iter().find_map(|(_, entry)| match entry {
            Entry::Posted { terminal, .. } => Some(terminal),
            _ => None,
        })
    }

    fn hand_step(&mut self, entry: &Entry) {
        match entry {
            Entry::Step { step, .. } => {
                let hand = self.hand.get_or_insert_default();
                match step {
                    Step::OffLink => hand.off_link = true,
                    Step::BackOnLink => hand.off_link = false,
                    Step::Operated | Step::Paused | Step::Resumed => {}
                }
            }
            Entry::Explained { .. } => self.hand.get_or_insert_default().explained = true,
            _ => {}
        }
    }

    /// When it was first written.
    pub(super) fn stamp(&self) -> Option<Stamp> {
        self.entries.first().map(|(stamp, _)| *stamp)
    }

    /// The PC's clock when it reached the terminal, as far as the books know.
    pub(super) fn reached_at(&self) -> Option<NaiveDateTime> {
        let stamp = self.reached_by().or(self.stamp());
        stamp.map(|stamp| stamp.at.naive_local())
    }

    /// What was sent reached it then; what is done at the terminal afterwards only looks.
    fn reached_by(&self) -> Option<Stamp> {
        let mut entries = self.entries.iter();
        let reached = entries.find(|(_, entry)| reaches_a_terminal(entry));
        reached.map(|(stamp, _)| *stamp)
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

fn reaches_a_terminal(entry: &Entry) -> bool {
    matches!(
        entry,
        Entry::Sent { .. }
            | Entry::Step {
                step: Step::Operated,
                ..
            }
    )
}

/// The ledger's graph, written down a second time on purpose.
fn after(from: Stand, entry: &Entry) -> Option<Stand> {
    use Stand::{Booked, ByHand, Cancelled, Declined, Parked, Pending, Sent, Settled, Unknown};
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
        (ByHand, Entry::Booked { .. }) => Some(Booked),
        (ByHand | Booked, Entry::Posted { evidence, .. }) if evidence.is_of_people() => {
            Some(Settled)
        }
        (ByHand, Entry::Released { evidence, .. }) if evidence.is_of_people() => Some(Cancelled),
        // What is booked already is taken back by two.
        (
            Booked,
            Entry::Released {
                evidence: Evidence::TwoPeople { .. },
                ..
            },
        ) => Some(Cancelled),
        (from, Entry::Step { .. } | Entry::Explained { .. }) if from != Pending => Some(from),
        (Settled | Declined | Cancelled, Entry::Shown { .. } | Entry::Reissued { .. }) => {
            Some(from)
        }
        _ => None,
    }
}
