//! What really happened at the terminals, across everything they forget.

use std::collections::BTreeMap;

use super::invariants::is_charge;
use crate::cat::simulator::books::{BookEntry, BookKind};
use crate::domain::slip::{SlipNumber, TerminalSlipNumber};

/// Every transaction of every terminal, and how often each number was asked for.
#[derive(Debug, Default)]
pub(super) struct Truth {
    /// With its terminal: two may have stood at one port.
    entries: Vec<(usize, BookEntry)>,
    /// Every transaction, oldest first, and where it is: a terminal that forgot everything gives its slip numbers out once more.
    order: Vec<Place>,
    charges: BTreeMap<u32, usize>,
    asked: BTreeMap<u32, u32>,
    /// What was made at the terminals' own keys.
    keyed: Vec<Keyed>,
}

/// Where a transaction is kept.
#[derive(Debug, Clone, Copy)]
enum Place {
    Asked(usize),
    Keyed(usize),
}

/// One transaction that was made at a terminal's own keys.
#[derive(Debug, Clone)]
pub(super) struct Keyed {
    pub(super) port: usize,
    pub(super) machine: usize,
    pub(super) entry: BookEntry,
    /// For which slip of ours; none where nobody has rung it up yet.
    pub(super) slip: Option<SlipNumber>,
    /// A mistake, and what took it back.
    pub(super) struck: bool,
}

impl Truth {
    /// A terminal wrote a line in its books that the console asked for.
    pub(super) fn record(&mut self, machine: usize, entry: BookEntry) {
        if is_charge(&entry) {
            self.charges
                .entry(entry.sequence_number.get())
                .or_insert(self.entries.len());
        }
        self.order.push(Place::Asked(self.entries.len()));
        self.entries.push((machine, entry));
    }

    /// Somebody made this at the terminal's own keys.
    pub(super) fn record_keyed(&mut self, keyed: Keyed) {
        self.order.push(Place::Keyed(self.keyed.len()));
        self.keyed.push(keyed);
    }

    /// A number is asked for: how often by now.
    pub(super) fn ask(&mut self, number: u32) -> u32 {
        let times = self.asked.entry(number).or_default();
        *times += 1;
        *times
    }

    /// How many transactions there were.
    pub(super) fn len(&self) -> usize {
        self.entries.len() + self.keyed.len()
    }

    /// The charge of a number.
    pub(super) fn charge(&self, number: u32) -> Option<&BookEntry> {
        self.charges
            .get(&number)
            .map(|index| &self.entries[*index].1)
    }

    /// Every charge that the console asked for, oldest first.
    pub(super) fn charges(&self) -> impl Iterator<Item = &BookEntry> {
        let entries = self.entries.iter().map(|(_, entry)| entry);
        entries.filter(|entry| is_charge(entry))
    }

    /// Everything that was made at the terminals' own keys and stands.
    pub(super) fn keyed(&self) -> impl Iterator<Item = &Keyed> {
        self.keyed.iter().filter(|keyed| !keyed.struck)
    }

    /// What was made for a slip of ours.
    pub(super) fn done_for(&self, slip: SlipNumber) -> Option<&Keyed> {
        self.keyed().find(|keyed| keyed.slip == Some(slip))
    }

    /// What was made and nobody has rung up.
    pub(super) fn unbooked(&self) -> Option<&Keyed> {
        self.keyed().find(|keyed| keyed.slip.is_none())
    }

    /// The oldest that is not rung up yet and fits is the one that this slip is for.
    pub(super) fn claim(&mut self, slip: SlipNumber, fits: impl Fn(&Keyed) -> bool) {
        let mut free = self.keyed.iter_mut();
        if let Some(keyed) = free.find(|keyed| keyed.slip.is_none() && !keyed.struck && fits(keyed))
        {
            keyed.slip = Some(slip);
        }
    }

    /// A mistake was taken back at the terminal: both are nothing.
    pub(super) fn strike(&mut self, slip: SlipNumber) {
        for keyed in &mut self.keyed {
            keyed.struck |= keyed.slip == Some(slip);
        }
    }

    /// The sale that the newest transaction of a terminal took back, and what went back of it in all: of those under that slip number the one
    /// in the terminal's memory. Where it has forgotten them all, the newest that is large enough is the one that the centre finds.
    pub(super) fn taken_back(
        &self,
        machine: usize,
        slip: &TerminalSlipNumber,
    ) -> Option<(&BookEntry, i64)> {
        let all = self.order.iter().map(|place| match *place {
            Place::Asked(at) => (self.entries[at].0, &self.entries[at].1),
            Place::Keyed(at) => (self.keyed[at].machine, &self.keyed[at].entry),
        });
        let mut sales: Vec<(&BookEntry, i64)> = Vec::new();
        let mut newest = None;
        for (_, entry) in all.filter(|(at, entry)| *at == machine && is_charge(entry)) {
            if entry.kind == BookKind::Sale && entry.slip_number.is_same_number(slip) {
                sales.push((entry, 0));
            }
            let named = entry.original_slip.as_ref();
            if entry.kind == BookKind::Sale || !named.is_some_and(|n| n.is_same_number(slip)) {
                continue;
            }
            let remembered = |sale: &BookEntry| sale.journal == entry.journal;
            let at = sales
                .iter()
                .rposition(|(sale, _)| remembered(sale))
                .or_else(|| {
                    sales
                        .iter()
                        .rposition(|(sale, _)| sale.amount >= entry.amount)
                })
                .or_else(|| sales.len().checked_sub(1));
            newest = at;
            if let Some((_, back)) = at.and_then(|at| sales.get_mut(at)) {
                *back += entry.amount.get();
            }
        }
        sales.get(newest?).copied()
    }

    /// What the terminals took, less what they gave back.
    pub(super) fn net(&self) -> i64 {
        let keyed = self.keyed().map(|keyed| &keyed.entry);
        let all = self.charges().chain(keyed);
        all.map(|entry| match entry.kind {
            BookKind::Sale => entry.amount.get(),
            BookKind::Void | BookKind::Refund => -entry.amount.get(),
        })
        .sum()
    }
}
