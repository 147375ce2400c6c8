//! What really happened at the terminals, across everything they forget.

use std::collections::BTreeMap;

use super::invariants::is_charge;
use crate::cat::simulator::books::BookEntry;

/// Every transaction of every terminal, and how often each number was asked for.
#[derive(Debug, Default)]
pub(super) struct Truth {
    entries: Vec<BookEntry>,
    charges: BTreeMap<u32, usize>,
    asked: BTreeMap<u32, u32>,
}

impl Truth {
    /// A terminal wrote a line in its books.
    pub(super) fn record(&mut self, entry: BookEntry) {
        if is_charge(&entry) {
            self.charges
                .entry(entry.sequence_number.get())
                .or_insert(self.entries.len());
        }
        self.entries.push(entry);
    }

    /// A number is asked for: how often by now.
    pub(super) fn ask(&mut self, number: u32) -> u32 {
        let times = self.asked.entry(number).or_default();
        *times += 1;
        *times
    }

    /// How many transactions there were.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The charge of a number.
    pub(super) fn charge(&self, number: u32) -> Option<&BookEntry> {
        self.charges.get(&number).map(|index| &self.entries[*index])
    }

    /// Every charge, oldest first.
    pub(super) fn charges(&self) -> impl Iterator<Item = &BookEntry> {
        self.entries.iter().filter(|entry| is_charge(entry))
    }
}
