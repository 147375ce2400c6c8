//! What must hold of each entry about what goes back, of parts, and of work by hand; and of the list of tasks.

use std::collections::BTreeSet;

use super::World;
use crate::app::message::{Effect, StoreRequest};
use crate::domain::by_hand::{Side, Step, Why};
use crate::domain::ledger::Entry;
use crate::domain::record::SaleRecord;
use crate::domain::sale::SaleKind;
use crate::domain::slip::SlipNumber;
use crate::domain::task::{Task, TaskKind};
use crate::simulation::invariants::{Check, Invariant};
use crate::simulation::reversal::{
    bill_once, bounded, hand_evidence, of_these_books, same_money, says_who, speaker, two_are_two,
    void_in_time,
};

impl World<'_> {
    /// Work by hand is in the books, and with it our slip where the counter comes first.
    pub(super) fn hand_begun(&mut self, request: &StoreRequest, record: &SaleRecord) {
        let StoreRequest::ByHand {
            stamp,
            sale,
            place,
            why,
            first,
            operator,
        } = request
        else {
            return;
        };
        let slip = record.slip;
        let begun = Entry::ByHand {
            slip,
            sale: sale.clone(),
            place: place.clone(),
            why: *why,
            first: *first,
            operator: operator.clone(),
        };
        self.book(*stamp, &begun);
        if *first == Side::Counter {
            let operator = operator.clone();
            self.book(*stamp, &Entry::Booked { slip, operator });
        }
        // The paper beside her is of this slip.
        if *why == Why::MadeStandalone {
            let amount = sale.card().map(|card| card.amount());
            let port = self.port_of(place.cat);
            self.truth.claim(slip, |keyed| {
                Some(keyed.port) == port && Some(keyed.entry.amount) == amount
            });
        }
    }

    /// An entry is durable: what it may say.
    pub(super) fn look_at_entry(&mut self, entry: &Entry) {
        let check = two_are_two(entry);
        self.must(Invariant::Authority, check);
        let Some(sale) = entry.slip().and_then(|slip| self.ledger.by_slip(slip)) else {
            return;
        };
        let slip = sale.slip;
        let opens = matches!(
            entry,
            Entry::Sold { .. } | Entry::Pending { .. } | Entry::ByHand { .. }
        );
        if opens {
            self.look_at_opening(slip);
        }
        self.look_at_hand(slip, entry);
    }

    fn look_at_opening(&mut self, slip: SlipNumber) {
        let Some(sale) = self.ledger.by_slip(slip) else {
            return;
        };
        let taken_back = sale.kind() != SaleKind::Sale;
        let own = sale
            .draft()
            .map_or(Ok(()), |draft| of_these_books(self.day.practice, draft));
        let bill = (sale.is_part() || sale.draft().is_some_and(|d| d.replaces.is_some()))
            .then(|| bill_once(&self.ledger, sale));
        let undo = taken_back.then(|| {
            let of = sale.draft().and_then(|draft| draft.original);
            let cat = of
                .and_then(|of| self.ledger.by_slip(of))
                .and_then(|of| of.cat());
            let port = self.port_of(cat);
            let runs_at = port.and_then(|port| self.ports[port].seat.daily_log_at);
            let bounded = bounded(&self.ledger, sale)
                .and_then(|()| void_in_time(&self.ledger, sale, runs_at));
            (bounded, same_money(&self.ledger, sale))
        });
        self.must(Invariant::PracticeIsolation, own);
        if let Some(bill) = bill {
            self.must(Invariant::BillOnce, bill);
        }
        if let Some((bounded, money)) = undo {
            self.must(Invariant::BoundedReversal, bounded);
            self.must(Invariant::Authority, money);
        }
    }

    fn look_at_hand(&mut self, slip: SlipNumber, entry: &Entry) {
        let now = self.console.now.mono_ms;
        let Some(sale) = self.ledger.by_slip(slip) else {
            return;
        };
        // A question that the terminal itself answered is no work by hand.
        let by_people = speaker(entry).is_some();
        let ends = matches!(entry, Entry::Posted { .. } | Entry::Released { .. });
        if ends && by_people && sale.hand.is_some() && !self.day.practice {
            let check = hand_evidence(&self.truth, sale, entry);
            self.must(Invariant::HandEvidence, check);
        }
        match entry {
            Entry::Step {
                step: Step::OffLink,
                ..
            }
            | Entry::Posted { .. }
            | Entry::Released { .. } => {
                self.desk.off_since_ms.insert(slip, now);
            }
            Entry::Step {
                step: Step::BackOnLink,
                ..
            } => {
                let check = self.was_back(slip);
                self.must(Invariant::HandEvidence, check);
            }
            _ => {}
        }
    }

    /// A terminal is proved to be back by nothing but itself, on the link, after it was off it.
    fn was_back(&self, slip: SlipNumber) -> Check {
        let cat = self.ledger.by_slip(slip).and_then(|sale| sale.cat());
        let Some(port) = self.port_of(cat).map(|index| &self.ports[index]) else {
            return Ok(());
        };
        let since = self
            .desk
            .off_since_ms
            .get(&slip)
            .copied()
            .unwrap_or_default();
        if port.terminal.is_on_link() || port.left_link_ms > since {
            return Ok(());
        }
        Err(format!(
            "the terminal of slip {slip} counts as back on the link, and was not there since"
        ))
    }

    /// I1b: what the books list is all that is open.
    pub(super) fn listed(&mut self, tasks: &[Task]) {
        let said: BTreeSet<(TaskKind, SlipNumber)> = tasks
            .iter()
            .map(|task| (task.kind(), task.slip()))
            .collect();
        let open = self.ledger.tasks();
        let check = if said == open {
            Ok(())
        } else {
            Err(format!("the books list {said:?}, and {open:?} is open"))
        };
        self.must(Invariant::TasksListed, check);
    }

    /// I1b: whatever is on the screen, each open task is counted. A commit that was told as failed may be one that the console does not
    /// know of.
    pub(super) fn look_at_tasks(&mut self) {
        if self.trouble.untold || self.trouble.poisoned || !self.ledger.has_tasks() {
            return;
        }
        let state = &self.console.state;
        let known: BTreeSet<(TaskKind, SlipNumber)> = state
            .tasks
            .list
            .iter()
            .map(|task| (task.kind(), task.slip()))
            .collect();
        let open = self.ledger.tasks();
        let check = match open.iter().find(|task| !known.contains(task)) {
            Some((kind, slip)) => Err(format!(
                "the {} task of slip {slip} is open and not counted",
                kind.word()
            )),
            None => Ok(()),
        };
        let sales: BTreeSet<SlipNumber> = self.ledger.open().map(|sale| sale.slip).collect();
        let hands = open
            .iter()
            .filter(|(kind, slip)| *kind == TaskKind::Hand && sales.contains(slip));
        let count = sales.len() + open.len() - hands.count();
        let shown = state.unsettled();
        let check = check.and_then(|()| {
            if shown >= count {
                Ok(())
            } else {
                Err(format!("the pane counts {shown} open things of {count}"))
            }
        });
        self.must(Invariant::TasksListed, check);
    }

    /// I23: whatever is to be written names the one at the counter.
    pub(super) fn look_at_speaker(&mut self, effects: &[Effect]) {
        for effect in effects {
            let Effect::Store(request) = effect else {
                continue;
            };
            let who = &self.desk.who;
            let check = match request {
                StoreRequest::Sell { sale, .. } | StoreRequest::Pend { sale, .. } => {
                    says_who(Some(&sale.operator), who)
                }
                // The one who rang it up may be another.
                StoreRequest::ByHand { operator, .. } => says_who(Some(operator), who),
                StoreRequest::Write { entry, .. } => says_who(speaker(entry), who),
                _ => continue,
            };
            self.must(Invariant::Authority, check);
        }
    }
}
