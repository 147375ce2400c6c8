//! The operator at the terminal's own keys: what she does there, and what really happened then.

use super::World;
use crate::cat::simulator::TerminalEvent;
use crate::cat::simulator::at_terminal::{AtTerminal, NotDone};
use crate::cat::simulator::books::{BookEntry, BookKind};
use crate::domain::ledger::CatId;
use crate::domain::money::Yen;
use crate::domain::slip::SlipNumber;
use crate::simulation::Operation;
use crate::simulation::invariants::{Invariant, no_double_charge};
use crate::simulation::ledger::Stand;
use crate::simulation::port::moment;
use crate::simulation::reversal::bounded_at_terminal;
use crate::simulation::truth::Keyed;

impl World<'_> {
    pub(super) fn port_of(&self, cat: Option<CatId>) -> Option<usize> {
        let cat = cat?;
        self.ports.iter().position(|port| port.seat.cat == cat)
    }

    /// She presses the terminal's own keys, for a slip of ours where she has one.
    pub(super) fn press_at(
        &mut self,
        index: usize,
        key: AtTerminal,
        slip: Option<SlipNumber>,
    ) -> Result<Option<BookEntry>, NotDone> {
        let now = self.console.now;
        let port = &mut self.ports[index];
        let cat = port.seat.cat;
        let done = port.terminal.press(moment(now), key.clone());
        self.story.tell(now, || match &done {
            Ok(Some(entry)) => format!(
                "at terminal {cat:?}: {key}: done, its slip {}",
                entry.slip_number
            ),
            Ok(None) => format!("at terminal {cat:?}: {key}"),
            Err(why) => format!("at terminal {cat:?}: {key}: {why}"),
        });
        if done.is_ok() && key == AtTerminal::LeaveLink {
            port.left_link_ms = now.mono_ms;
        }
        while let Some(event) = self.ports[index].terminal.poll_event() {
            match event {
                TerminalEvent::Record(entry) => self.keyed(index, *entry, slip),
                other => self.terminal_event(index, other),
            }
        }
        self.drain(index);
        done
    }

    /// It is in the terminal's books, and no console knows of it.
    fn keyed(&mut self, index: usize, entry: BookEntry, slip: Option<SlipNumber>) {
        self.counts.keyed += 1;
        self.ports[index].memory.push(entry.clone());
        self.truth.record_keyed(Keyed {
            port: index,
            machine: self.ports[index].swap.machine(index),
            entry: entry.clone(),
            slip,
            struck: false,
        });
        let Some(slip) = slip else {
            return;
        };
        let open = self
            .ledger
            .by_slip(slip)
            .is_some_and(|sale| matches!(sale.stand, Stand::ByHand | Stand::Booked));
        let known = if open {
            Ok(())
        } else {
            Err(format!(
                "slip {slip} is made at the terminal, and is not open in the books"
            ))
        };
        self.must(Invariant::HandEvidence, known);
        if entry.kind == BookKind::Sale {
            let check = no_double_charge(&self.ledger, &self.truth, Some(slip));
            self.must(Invariant::NoDoubleCharge, check);
        }
    }

    /// I9b: what went back at the terminal's keys; not where she only takes back a mistake of hers.
    pub(super) fn look_at_keyed(&mut self, index: usize, entry: &BookEntry, slip: SlipNumber) {
        let machine = self.ports[index].swap.machine(index);
        let check = bounded_at_terminal(&self.truth, &self.ledger, (machine, entry), Some(slip));
        self.must(Invariant::BoundedReversal, check);
    }

    /// A sale at the terminal alone, off the link and on again. It is rung up when the console is free.
    pub(super) fn sell_standalone(&mut self) {
        if self.day.practice || self.truth.unbooked().is_some() {
            return;
        }
        let index = self.dice.index(self.ports.len());
        let amount = i64::try_from(1_000 + self.dice.below(9_000)).expect("a small amount");
        let was_on = self.ports[index].terminal.is_on_link();
        if self.press_at(index, AtTerminal::LeaveLink, None).is_err() {
            return;
        }
        self.counts.operation(Operation::Standalone);
        // It is her own terminal: were it busy, it had refused to leave the link.
        let _ = self.press_at(index, AtTerminal::Sale(Yen::new(amount)), None);
        if was_on {
            let _ = self.press_at(index, AtTerminal::BackToLink, None);
        }
    }
}
