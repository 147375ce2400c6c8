//! What the console and the people at it do. Each durable write is a step of its own, so that the console can die on either side of it.
//!
//! What an answer means, what may follow what in the books and how often is asked comes from the product's own functions. What is written
//! again here is only the order of the steps: `app/charge.rs`, `app/unknown.rs`, `app/startup.rs` and the refusals of `edge/store/write.rs`.

use madoguchi::cat::recovery::{self, Verdict};
use madoguchi::cat::{Answer, Break, Exposure, TerminalState};
use madoguchi::domain::ledger::{Entry, NotCharged, SaleState};

use crate::shop::{Planted, Shop};
use crate::words::{entry, noon, pending, sent, write_of};
use crate::world::{Ask, By, Console, Move, Row, Say, Stage, Told, World, Write};

impl Shop {
    /// What the console or a person at it could do now.
    pub(crate) fn inside_moves(&self, world: &World, moves: &mut Vec<Move>) {
        match world.console {
            Console::Off | Console::Opening => moves.push(Move::Restart),
            Console::Register => self.register_moves(world, moves),
            Console::NotCharged { row } => {
                let order = world.rows[row].order;
                if self.may_begin(world, order) {
                    moves.push(Move::Begin { order });
                }
                moves.extend([Move::PayCash { order }, Move::Leave]);
            }
            Console::Calling { asked, .. } => {
                moves.push(Move::BackOut);
                if !asked {
                    self.asking_moves(world, moves);
                } else if !is_being_answered(world) {
                    moves.push(Move::TimeOut);
                }
            }
            Console::Marking { .. } => {
                moves.push(Move::Mark);
                if world.left.disk > 0 {
                    moves.push(Move::MarkFails { durable: false });
                    moves.push(Move::MarkFails { durable: true });
                }
            }
            Console::Marked { .. } => moves.extend([Move::Send, Move::SendFails]),
            Console::Waiting { .. } => moves.push(Move::TimeOut),
            Console::Booking { .. } => moves.push(Move::Book),
            Console::Booked { .. } => moves.push(Move::Finish),
            Console::Unknown { row, stage, .. } => self.unknown_moves(world, row, stage, moves),
        }
        if world.console != Console::Off {
            if !world.inward.is_empty() {
                moves.push(Move::Hear);
            }
            if world.left.crashes > 0 {
                moves.push(Move::Crash);
            }
        }
    }

    fn register_moves(&self, world: &World, moves: &mut Vec<Move>) {
        for order in 0..2 {
            if order == 1 && self.bills_are_alike_in(world) {
                break;
            }
            if self.not_paid_yet(world, order) {
                moves.push(Move::PayCash { order });
                if self.may_begin(world, order) {
                    moves.push(Move::Begin { order });
                }
            }
        }
        if world.left.leads > 0 {
            for (row, attempt) in world.rows.iter().enumerate() {
                if !attempt.state.is_final() {
                    moves.push(Move::Lead { row });
                }
            }
        }
    }

    /// Where two bills of one amount are both untouched, which of them comes first makes no difference: one stands for both.
    fn bills_are_alike_in(&self, world: &World) -> bool {
        self.symmetric
            && self.bills[0] == self.bills[1]
            && world.rows.is_empty()
            && world.cash == [false; 2]
    }

    /// As the people know it: nothing was tried, or everything that was tried was told to be not charged.
    fn not_paid_yet(&self, world: &World, order: u8) -> bool {
        let forgets = |row: &Row| {
            row.state == SaleState::Parked && self.has(Planted::ForgetsWhatIsParked)
                || !row.state.is_final() && self.has(Planted::RetriesWhileUnknown)
        };
        !world.cash[usize::from(order)]
            && world
                .attempts(order)
                .all(|row| row.told == Told::NotCharged || forgets(row))
    }

    /// The books' own refusals: an open sale on the same terminal, and an attempt of the same order that is paid or may be.
    fn may_begin(&self, world: &World, order: u8) -> bool {
        let in_the_way = |row: &Row| {
            let forgotten = self.has(Planted::RetriesWhileUnknown)
                || self.has(Planted::ForgetsWhatIsParked) && row.state == SaleState::Parked;
            !row.state.is_final() && !forgotten
        };
        world.rows.len() < self.attempts
            && !world.rows.iter().any(in_the_way)
            && !world
                .attempts(order)
                .any(|row| row.state == SaleState::Settled)
    }

    fn unknown_moves(&self, world: &World, row: usize, stage: Stage, moves: &mut Vec<Move>) {
        if let Stage::Booking(_) = stage {
            moves.push(Move::Book);
            return;
        }
        match stage {
            Stage::Pausing => self.asking_moves(world, moves),
            Stage::Asking if is_being_answered(world) => {}
            Stage::Asking => moves.push(Move::TimeOut),
            Stage::GaveUp => {
                if self.can_be_asked() && world.left.asks > 0 {
                    moves.push(Move::AskAgain);
                }
                if self.is_not_on_the_terminal(world, row) || self.has(Planted::HastyOperator) {
                    moves.push(Move::SaysNotCharged);
                }
            }
            Stage::Booking(_) => {}
        }
        moves.push(Move::Park);
        if world.terminal.charged[row] > 0 {
            moves.push(Move::SaysCharged);
        }
    }

    /// A question moves no money, so nothing is lost where it is put and taken in one step; but the line carries one message at a time.
    fn asking_moves(&self, world: &World, moves: &mut Vec<Move>) {
        if world.outward.is_empty() {
            moves.push(Move::Ask { lost: false });
            if world.left.lost > 0 {
                moves.push(Move::Ask { lost: true });
            }
        }
    }

    /// What an honest person sees, who is slower than the line and looks until the terminal is done with it.
    fn is_not_on_the_terminal(&self, world: &World, row: usize) -> bool {
        world.terminal.charged[row] == 0
            && world.terminal.running != Some(row)
            && !world.outward.iter().any(|request| request.row == row)
    }

    /// One of them happens.
    pub(crate) fn inside(&self, world: &mut World, happens: Move) {
        match (happens, world.console) {
            (Move::Begin { order }, _) => self.begin(world, order),
            (Move::PayCash { order }, _) => {
                world.cash[usize::from(order)] = true;
                world.console = Console::Register;
            }
            (Move::Leave, _) => world.console = Console::Register,
            (Move::BackOut, Console::Calling { row, .. }) => nothing_sent(world, row),
            (Move::Lead { row }, _) => {
                world.left.leads -= 1;
                self.lead(world, row);
            }
            (Move::Ask { lost }, Console::Calling { row, .. }) => self.call(world, row, lost),
            (Move::Mark, Console::Marking { row, journal }) => {
                self.mark(world, row, journal);
                world.console = Console::Marked { row };
            }
            (Move::MarkFails { durable }, Console::Marking { row, journal }) => {
                world.left.disk -= 1;
                if durable {
                    self.mark(world, row, journal);
                }
                nothing_sent(world, row);
            }
            (Move::Send, Console::Marked { row }) => self.send(world, row),
            (Move::SendFails, Console::Marked { row }) => {
                let verdict = recovery::after_break(Exposure::Nothing, Break::Unreachable);
                world.console = Console::Booking {
                    row,
                    write: write_of(&verdict, By::Answer),
                };
                if self.has(Planted::SendsWhatIsReleased) {
                    world.send(row);
                }
            }
            (Move::TimeOut, _) => self.time_out(world),
            (Move::Hear, _) => self.hear(world),
            (Move::Book, Console::Booking { row, write }) => {
                apply(world, row, &entry(row, write), write);
                world.console = Console::Booked { row };
            }
            (Move::Finish, Console::Booked { row }) => self.finish(world, row),
            (Move::Crash, _) => crash(world),
            (Move::Restart, _) => self.restart(world),
            (_, Console::Unknown { row, stage, .. }) => self.unknown(world, happens, row, stage),
            (happens, console) => unreachable!("{happens:?} at {console:?}"),
        }
        world.drop_unheeded();
    }

    fn begin(&self, world: &mut World, order: u8) {
        let row = world.rows.len();
        let state = SaleState::after(None, &pending(row))
            .ok()
            .flatten()
            .expect("a sale begins with its intent");
        world.rows.push(Row {
            order,
            state,
            journal: None,
            by: None,
            shown: false,
            told: Told::Nothing,
            left: 0,
            left_unmarked: false,
            acknowledged_early: false,
            orphaned: false,
        });
        world.console = Console::Calling { row, asked: false };
    }

    fn call(&self, world: &mut World, row: usize, lost: bool) {
        if self.can.status {
            self.put(world, Ask::Status, lost);
            world.console = Console::Calling { row, asked: true };
        } else {
            self.idle(world, row, None);
        }
    }

    fn idle(&self, world: &mut World, row: usize, journal: Option<u8>) {
        if self.has(Planted::MarksAfterSending) {
            world.send(row);
        }
        world.console = Console::Marking { row, journal };
    }

    fn mark(&self, world: &mut World, row: usize, journal: Option<u8>) {
        let before = world.rows[row].state;
        match SaleState::after(Some(before), &sent(row, journal)) {
            Ok(Some(after)) => {
                world.rows[row].state = after;
                world.rows[row].journal = journal;
            }
            Ok(None) | Err(_) => world.refused = true,
        }
    }

    fn send(&self, world: &mut World, row: usize) {
        if !self.has(Planted::MarksAfterSending) {
            world.send(row);
        }
        world.console = Console::Waiting { row };
    }

    fn time_out(&self, world: &mut World) {
        match world.console {
            Console::Calling { row, .. } => nothing_sent(world, row),
            Console::Waiting { row } => {
                if self.has(Planted::ResendsOnSilence) && world.rows[row].left == 1 {
                    world.send(row);
                    return;
                }
                let exposure = if world.taken {
                    Exposure::Delivered
                } else {
                    Exposure::Some
                };
                let mut verdict = recovery::after_break(exposure, Break::NoAnswer);
                if self.has(Planted::TakesSilenceForNo) {
                    verdict = no();
                }
                self.conclude(world, row, &verdict);
            }
            Console::Unknown { .. } => self.next_attempt(world),
            console => unreachable!("nothing is waited for at {console:?}"),
        }
    }

    /// What an answer or a break said goes into the books.
    fn conclude(&self, world: &mut World, row: usize, verdict: &Verdict) {
        let write = write_of(verdict, By::Answer);
        if self.has(Planted::ShowsFirst) {
            world.rows[row].told = match write {
                Write::Posted(_) => Told::Charged,
                Write::Released { .. } => Told::NotCharged,
                Write::Unknown | Write::Parked => Told::Nothing,
            };
        }
        world.console = Console::Booking { row, write };
    }

    fn hear(&self, world: &mut World) {
        let reply = world.inward.remove(0);
        let answer = self.answer(world, reply.what);
        let waits_for = match world.console {
            Console::Calling { asked: true, .. } => Some(Ask::Status),
            Console::Waiting { row } => Some(Ask::Sale(row)),
            Console::Unknown {
                row,
                stage: Stage::Asking,
                ..
            } => Some(Ask::Question(row)),
            _ => None,
        };
        let asked = waits_for.is_some_and(|ask| {
            let any = self.has(Planted::ReadsNoFields) && matches!(answer, Answer::Result(_));
            !reply.old && recovery::answers(&self.command(world, ask), &answer)
                || any && matches!(ask, Ask::Sale(_))
        });
        match (world.console, &answer) {
            _ if !asked => self.unasked(world, reply.what, &answer),
            (Console::Calling { row, .. }, Answer::Status(status)) => {
                let Say::Status { journal, .. } = reply.what else {
                    return;
                };
                match status.state {
                    TerminalState::Idle => self.idle(world, row, Some(journal)),
                    TerminalState::Busy | TerminalState::Standalone => nothing_sent(world, row),
                }
            }
            (Console::Waiting { row }, _) => {
                let verdict = self.verdict(world, row, &answer);
                world.rows[row].acknowledged_early |= self.has(Planted::AcknowledgesFirst);
                self.conclude(world, row, &verdict);
            }
            (Console::Unknown { row, .. }, _) => {
                let finding = self.finding(world, row, &answer);
                self.found(world, row, finding);
            }
            (console, _) => unreachable!("{console:?} asked nothing"),
        }
    }

    pub(crate) fn verdict(&self, world: &World, row: usize, answer: &Answer) -> Verdict {
        let asked = self.asked(world, row);
        let verdict = recovery::after_answer(&asked, answer, &self.can, &self.timers, noon());
        match (answer, verdict) {
            (Answer::Result(result), _) if self.has(Planted::ReadsNoFields) => {
                let mut blind = asked.clone();
                blind.sequence_number = result.sequence_number.unwrap_or(asked.sequence_number);
                blind.amount = result.amount.unwrap_or(asked.amount);
                recovery::after_answer(&blind, answer, &self.can, &self.timers, noon())
            }
            (_, Verdict::Unknown { .. }) if self.has(Planted::TakesResetForNo) => no(),
            (_, verdict) => verdict,
        }
    }

    /// As `charge::finish` does: acknowledge, then show.
    pub(crate) fn finish(&self, world: &mut World, row: usize) {
        match world.rows[row].state {
            SaleState::Settled => world.console = Console::Register,
            SaleState::Declined | SaleState::Cancelled => {
                world.console = Console::NotCharged { row };
            }
            SaleState::Pending
            | SaleState::Sent
            | SaleState::Unknown
            | SaleState::Parked
            | SaleState::ByHand
            | SaleState::Booked => {
                self.lead(world, row);
                return;
            }
        }
        tell(world, row);
    }

    pub(crate) fn lead(&self, world: &mut World, row: usize) {
        let stage = if self.can_be_asked() {
            Stage::Pausing
        } else {
            Stage::GaveUp
        };
        world.console = Console::Unknown {
            row,
            stage,
            attempt: 1,
            not_founds: 0,
        };
    }

    /// As `startup::opened` does.
    fn restart(&self, world: &mut World) {
        let forgets = self.has(Planted::ForgetsWhatWasSent);
        let never_sent = world.rows.iter().position(|row| {
            row.state == SaleState::Pending && !self.has(Planted::LeavesTheIntent)
                || forgets && row.state == SaleState::Sent
        });
        if let Some(row) = never_sent {
            let write = Write::Released {
                declined: false,
                by: By::NothingSent,
            };
            apply(world, row, &entry(row, write), write);
            world.console = Console::Opening;
        } else if let Some(row) = world.open() {
            self.lead(world, row);
        } else if let Some(row) = world
            .rows
            .iter()
            .rposition(|row| !row.shown && row.state.is_final())
        {
            self.finish(world, row);
        } else {
            world.console = Console::Register;
        }
    }
}

/// True while the answer to a question is on its way. It comes, unless the line does something to it: only a sale is answered late.
fn is_being_answered(world: &World) -> bool {
    world.inward.iter().any(|reply| !reply.old)
}

fn no() -> Verdict {
    Verdict::NotCharged {
        reason: NotCharged::NotSent,
    }
}

/// Nothing of it left: it is closed.
fn nothing_sent(world: &mut World, row: usize) {
    world.console = Console::Booking {
        row,
        write: Write::Released {
            declined: false,
            by: By::NothingSent,
        },
    };
}

/// The books take an entry, or refuse it by their own rule.
pub(crate) fn apply(world: &mut World, row: usize, entry: &Entry, write: Write) {
    match SaleState::after(Some(world.rows[row].state), entry) {
        Ok(Some(after)) => {
            world.rows[row].state = after;
            match write {
                Write::Posted(by) | Write::Released { by, .. } => world.rows[row].by = Some(by),
                Write::Unknown | Write::Parked => {}
            }
        }
        Ok(None) | Err(_) => world.refused = true,
    }
}

/// A final outcome stands on the screen, and the books note that it did.
pub(crate) fn tell(world: &mut World, row: usize) {
    let row = &mut world.rows[row];
    row.told = match row.state {
        SaleState::Settled => Told::Charged,
        SaleState::Declined | SaleState::Cancelled => Told::NotCharged,
        SaleState::Pending
        | SaleState::Sent
        | SaleState::Unknown
        | SaleState::Parked
        | SaleState::ByHand
        | SaleState::Booked => return,
    };
    row.shown = true;
}

fn crash(world: &mut World) {
    world.left.crashes -= 1;
    for row in &mut world.rows {
        row.orphaned |= row.state == SaleState::Sent;
    }
    world.ask_anew();
    world.console = Console::Off;
}
