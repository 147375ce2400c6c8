//! What the console does about an attempt without an outcome: `app/unknown` and `app/unresolved`, step by step.

use madoguchi::cat::Answer;
use madoguchi::cat::recovery::{self, Backing, Finding, Verdict};
use madoguchi::domain::ledger::{NotCharged, SaleState};

use crate::console::{apply, tell};
use crate::shop::{Planted, Shop};
use crate::words::{entry, noon, number, write_of};
use crate::world::{Ask, By, Console, Move, Say, Stage, World, Write};

impl Shop {
    /// An answer nobody waits for settles an open attempt that it matches in every field; as `unresolved::settled_by_late_answer` does.
    pub(crate) fn unasked(&self, world: &mut World, said: Say, answer: &Answer) {
        let (Say::Result { row, .. }, Answer::Result(result)) = (said, answer) else {
            return;
        };
        let in_hand = match world.console {
            Console::Calling { row, .. }
            | Console::Marking { row, .. }
            | Console::Marked { row }
            | Console::Waiting { row }
            | Console::Booking { row, .. }
            | Console::Booked { row } => Some(row),
            _ => None,
        };
        let any = self.has(Planted::BooksEveryAnswer);
        let open = (any || !world.rows[row].state.is_final()) && in_hand != Some(row);
        if !open || result.sequence_number != Some(number(row)) {
            return;
        }
        let write = match self.verdict(world, row, answer) {
            Verdict::Unknown { .. } => return,
            verdict => write_of(&verdict, By::Answer),
        };
        if let Console::Unknown {
            row: shown, stage, ..
        } = &mut world.console
            && *shown == row
        {
            if !matches!(stage, Stage::Booking(_)) {
                *stage = Stage::Booking(write);
            }
            return;
        }
        apply(world, row, &entry(row, write), write);
        tell(world, row);
    }

    pub(crate) fn finding(&self, world: &World, row: usize, answer: &Answer) -> Finding {
        let asked = self.asked(world, row);
        match answer {
            Answer::LastResult {
                asked_number,
                inquiry,
                journal,
                ..
            } => {
                if asked_number.is_some_and(|number| number != asked.sequence_number) {
                    return Finding::NoProof;
                }
                let mut can = self.can;
                let mut asked = asked;
                if self.has(Planted::TakesAnyNotFound) || self.has(Planted::IgnoresTheJournal) {
                    can.inquiry = madoguchi::cat::model::InquiryPower::ByReference;
                    can.not_found = madoguchi::cat::model::NotFoundPower::SameJournal;
                    asked.journal.clone_from(journal);
                }
                if self.has(Planted::TakesTwins) {
                    can.echoes_sequence_number = true;
                    if let madoguchi::cat::Inquiry::Found(result) = inquiry {
                        let mut twin = result.clone();
                        twin.sequence_number = Some(asked.sequence_number);
                        let inquiry = madoguchi::cat::Inquiry::Found(twin);
                        return recovery::after_inquiry(
                            &asked,
                            &inquiry,
                            (journal.as_ref(), None),
                            &can,
                            &self.timers,
                            noon(),
                        );
                    }
                }
                let finding = recovery::after_inquiry(
                    &asked,
                    inquiry,
                    (journal.as_ref(), None),
                    &can,
                    &self.timers,
                    noon(),
                );
                if finding == Finding::StillRunning && self.has(Planted::TakesRunningForNotFound) {
                    return Finding::NotFoundOnce;
                }
                finding
            }
            // A list arrives whole here or not at all; `tests/exhaustive` takes single lines out.
            Answer::Transactions { records } => recovery::after_list(
                &asked,
                records,
                Backing::ReadBefore(records),
                &self.can,
                &self.timers,
                noon(),
            ),
            _ => Finding::NoProof,
        }
    }

    /// As `unknown::found` does.
    pub(crate) fn found(&self, world: &mut World, row: usize, finding: Finding) {
        let Console::Unknown {
            stage, not_founds, ..
        } = &mut world.console
        else {
            return;
        };
        if finding != Finding::NotFoundOnce {
            *not_founds = 0;
        }
        match finding {
            Finding::Known(verdict) => {
                let write = write_of(&verdict, By::Inquiry);
                *stage = Stage::Booking(write);
                world.rows[row].acknowledged_early |= self.has(Planted::AcknowledgesFirst);
            }
            Finding::NotFoundOnce => {
                *not_founds += 1;
                if *not_founds >= self.timers.not_found_repeats {
                    let verdict = Verdict::NotCharged {
                        reason: NotCharged::NotAtTerminal,
                    };
                    *stage = Stage::Booking(write_of(&verdict, By::Inquiry));
                } else {
                    self.next_attempt(world);
                }
            }
            Finding::StillRunning if world.left.patience > 0 => {
                world.left.patience -= 1;
                *stage = Stage::Pausing;
            }
            Finding::StillRunning | Finding::ListAlone | Finding::NoProof => {
                self.next_attempt(world)
            }
        }
    }

    /// As `unknown::next_attempt` does.
    pub(crate) fn next_attempt(&self, world: &mut World) {
        if let Console::Unknown {
            stage,
            attempt,
            not_founds,
            ..
        } = &mut world.console
        {
            let owed = *not_founds > 0 && *not_founds < self.timers.not_found_repeats;
            if *attempt >= self.timers.inquiry_tries && !owed {
                *stage = Stage::GaveUp;
            } else {
                *attempt += 1;
                *stage = Stage::Pausing;
            }
        }
    }

    pub(crate) fn unknown(&self, world: &mut World, happens: Move, row: usize, stage: Stage) {
        let write = match (happens, stage) {
            (Move::Ask { lost }, _) => {
                self.put(world, Ask::Question(row), lost);
                self.at_stage(world, Stage::Asking);
                return;
            }
            (Move::AskAgain, _) => {
                world.left.asks -= 1;
                self.lead(world, row);
                return;
            }
            (Move::Book, Stage::Booking(write)) => {
                apply(world, row, &entry(row, write), write);
                self.resolved(world, row);
                return;
            }
            (Move::Park, _) => Write::Parked,
            (Move::SaysCharged, _) => Write::Posted(By::Person),
            (Move::SaysNotCharged, _) => Write::Released {
                declined: false,
                by: By::Person,
            },
            (happens, stage) => unreachable!("{happens:?} at {stage:?}"),
        };
        self.at_stage(world, Stage::Booking(write));
    }

    fn at_stage(&self, world: &mut World, next: Stage) {
        if let Console::Unknown { stage, .. } = &mut world.console {
            *stage = next;
        }
    }

    /// As `unknown::written` does.
    fn resolved(&self, world: &mut World, row: usize) {
        if world.rows[row].state == SaleState::Parked {
            let next = (row + 1..world.rows.len())
                .find(|row| matches!(world.rows[*row].state, SaleState::Sent | SaleState::Unknown));
            match next {
                Some(next) => self.lead(world, next),
                None => world.console = Console::Register,
            }
        } else {
            self.finish(world, row);
        }
    }
}
