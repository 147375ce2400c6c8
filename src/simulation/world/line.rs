//! The console and its terminals: what is asked of a link, what the line carries, and what happens at the other end.

use super::World;
use crate::app::message::{LinkRequest, Message};
use crate::cat::session::StartRefused;
use crate::cat::simulator::TerminalEvent;
use crate::cat::simulator::books::{BookEntry, BookKind};
use crate::cat::{Answer, Break, Command, Exposure, LinkEvent};
use crate::domain::ledger::CatId;
use crate::domain::money::Yen;
use crate::simulation::faults::Fault;
use crate::simulation::invariants::{
    Invariant, asks_its_own_amount, held_for_the_books, is_charge, no_blind_resend,
    no_double_charge, no_lost_charge, practice_isolation, stays_not_charged,
    written_before_acknowledged, written_before_sent,
};
use crate::simulation::port::{Way, moment};
use crate::simulation::reversal::bounded_at_terminal;
use crate::simulation::story::{short, wire};

impl World<'_> {
    pub(super) fn ask_link(&mut self, cat: CatId, request: LinkRequest) {
        self.story.tell(self.console.now, || {
            format!("console asks {cat:?}: {}", short(&request))
        });
        let Some(index) = self.ports.iter().position(|port| port.seat.cat == cat) else {
            return;
        };
        let now = self.console.now;
        match request {
            LinkRequest::Connect => self.connect(index),
            LinkRequest::SentBefore { ago_ms } => {
                self.ports[index].session.sent_before(now.mono_ms, ago_ms)
            }
            LinkRequest::Send(command) => self.send(index, command),
            LinkRequest::Acknowledge => {
                if let Some(number) = self.ports[index].held.take() {
                    let check = written_before_acknowledged(&self.ledger, number);
                    self.must(Invariant::WriteAhead, check);
                }
                self.ports[index].session.acknowledge(now.mono_ms);
            }
            LinkRequest::Abandon => self.ports[index].session.abandon(now.mono_ms),
        }
        self.drain(index);
    }

    fn connect(&mut self, index: usize) {
        if self.console.now.mono_ms < self.trouble.unreachable_until_ms
            && !self.ports[index].line.connected
        {
            self.link_event(
                index,
                LinkEvent::Down {
                    cause: Break::Unreachable,
                    detail: "no such port".to_owned(),
                },
            );
            return;
        }
        let port = &mut self.ports[index];
        if !port.line.connected {
            port.line.connected = true;
            port.terminal.handle_connect(moment(self.console.now));
        }
        self.link_event(index, LinkEvent::Up);
    }

    /// As the link's own driver does it.
    fn send(&mut self, index: usize, command: Command) {
        let now = self.console.now;
        if let Command::Authorize(asked) = &command {
            let number = asked.sequence_number.get();
            let check = written_before_sent(&self.ledger, number);
            self.must(Invariant::WriteAhead, check);
            let busy = self.ports[index].session.carries_money();
            let check = if busy {
                Err(format!(
                    "{number} is sent while another amount is under way"
                ))
            } else {
                Ok(())
            };
            self.must(Invariant::OneDriver, check);
            self.ports[index].in_flight = Some(number);
        }
        if let Command::LastResult { sequence_number } = &command {
            self.ports[index].asking = Some(sequence_number.get());
        }
        let port = &mut self.ports[index];
        if !port.line.connected {
            self.link_event(
                index,
                LinkEvent::Broken {
                    exposure: Exposure::Nothing,
                    cause: Break::Unreachable,
                },
            );
            return;
        }
        let unsent = command.moves_money() && !port.session.carries_money();
        let at = now.wall.naive_local();
        let amount = match &command {
            Command::Authorize(asked) => Some(asked.sequence_number.get()),
            _ => None,
        };
        let started = port.session.start(now.mono_ms, at, command);
        // What never left may be denied by whatever terminal comes to stand there.
        if let (Some(number), Ok(())) = (amount, &started) {
            port.swap.sent(number);
        }
        let cause = match started {
            Err(StartRefused::Owed) => Break::Owed {
                wait_ms: port.session.wait_ms(now.mono_ms),
            },
            _ => Break::Refused,
        };
        if started.is_err() && unsent {
            self.link_event(
                index,
                LinkEvent::Broken {
                    exposure: Exposure::Nothing,
                    cause,
                },
            );
        }
    }

    fn link_event(&mut self, index: usize, event: LinkEvent) {
        let at = self.console.now.wall.naive_local();
        let port = &mut self.ports[index];
        port.hears(&event, at);
        if let LinkEvent::Answer {
            answer: Answer::Result(_),
        } = &event
        {
            let check = held_for_the_books(port.session.carries_money());
            self.must(Invariant::WriteAhead, check);
        }
        let cat = self.ports[index].seat.cat;
        self.story.tell(self.console.now, || {
            format!("link {cat:?} says {}", short(&event))
        });
        self.console.inbox.push_back(Message::Link(cat, event));
    }

    /// The line is gone; both ends notice.
    pub(super) fn hang_up(&mut self, index: usize) {
        if !self.ports[index].line.connected {
            return;
        }
        let now = self.console.now;
        let port = &mut self.ports[index];
        port.line.close();
        port.terminal.handle_disconnect(moment(now));
        port.session.handle_disconnect(now.mono_ms);
        self.drain(index);
        self.link_event(
            index,
            LinkEvent::Down {
                cause: Break::Disconnected,
                detail: "cut".to_owned(),
            },
        );
    }

    /// Some bytes arrive. False where none wait.
    pub(super) fn move_bytes(&mut self) -> bool {
        let now = self.console.now;
        let count = self.ports.len();
        let first = if count > 1 { self.dice.index(count) } else { 0 };
        let waiting = (0..count)
            .map(|step| (first + step) % count)
            .find(|index| self.ports[*index].line.can_move(now.mono_ms));
        let Some(index) = waiting else {
            return false;
        };
        let (way, bytes, fault) = self.ports[index].line.carry(&mut self.dice, now.mono_ms);
        if let Some(fault) = fault {
            self.counts.fault(fault);
            self.tell_story(|| format!("*** {} on the line", fault.name()));
        }
        let cat = self.ports[index].seat.cat;
        self.story.tell(now, || {
            let arrow = match way {
                Way::ToTerminal => "──▶ terminal",
                Way::ToConsole => "──▶ console",
            };
            format!("wire {cat:?} {arrow}  {}", wire(&bytes))
        });
        if bytes.is_empty() {
            return true;
        }
        let port = &mut self.ports[index];
        match way {
            Way::ToTerminal => port.terminal.handle_input(moment(now), &bytes),
            Way::ToConsole => port.session.handle_input(now.mono_ms, &bytes),
        }
        self.drain(index);
        true
    }

    /// Everything both ends have to say, until neither has.
    pub(super) fn drain(&mut self, index: usize) {
        loop {
            let mut quiet = true;
            while let Some(bytes) = self.ports[index].session.poll_transmit() {
                quiet = false;
                self.ports[index].line.put(Way::ToTerminal, &bytes);
            }
            while let Some(event) = self.ports[index].session.poll_event() {
                quiet = false;
                self.link_event(index, event);
            }
            while let Some(bytes) = self.ports[index].terminal.poll_transmit() {
                quiet = false;
                self.ports[index].line.put(Way::ToConsole, &bytes);
            }
            while let Some(event) = self.ports[index].terminal.poll_event() {
                quiet = false;
                self.terminal_event(index, event);
            }
            if quiet {
                return;
            }
        }
    }

    pub(super) fn terminal_event(&mut self, index: usize, event: TerminalEvent) {
        let now = self.console.now;
        match event {
            TerminalEvent::Record(entry) => {
                let machine = self.ports[index].swap.machine(index);
                self.booked_at_terminal(machine, (*entry).clone());
                let port = &mut self.ports[index];
                port.memory.push(*entry);
                port.terminal.recorded(moment(now));
            }
            TerminalEvent::Asked {
                sequence_number,
                kind,
                amount,
                training,
            } => self.asked(index, sequence_number.get(), (kind, amount), training),
            TerminalEvent::Cut | TerminalEvent::Reboot { .. } => {
                self.tell_story(|| "the terminal drops the line".to_owned());
                if let TerminalEvent::Reboot { forgets: true } = event {
                    self.ports[index].memory.clear();
                }
                self.hang_up(index);
            }
            TerminalEvent::DuplicateRequest(number) => {
                let twice = Err(format!("{number} reached the terminal twice"));
                self.must(Invariant::NoBlindResend, twice);
            }
            TerminalEvent::Display(_)
            | TerminalEvent::Inquired(_)
            | TerminalEvent::Undelivered
            | TerminalEvent::Unspeakable(_) => {}
        }
    }

    /// A terminal wrote a transaction down, at its port or away from it.
    pub(super) fn booked_at_terminal(&mut self, machine: usize, entry: BookEntry) {
        self.story.tell(self.console.now, || {
            format!(
                "terminal books {} {} {} yen, its slip {}",
                entry.sequence_number,
                entry.outcome.word(),
                entry.amount.get(),
                entry.slip_number
            )
        });
        let number = entry.sequence_number.get();
        let charge = is_charge(&entry);
        let slip = self.ledger.by_number(number).map(|sale| sale.slip);
        if charge {
            let check = no_lost_charge(&self.ledger, &entry);
            self.must(Invariant::NoLostCharge, check);
            let check = no_double_charge(&self.ledger, &self.truth, slip);
            self.must(Invariant::NoDoubleCharge, check);
            let check = stays_not_charged(self.let_go.contains(&number), number);
            self.must(Invariant::HonestScreen, check);
            self.counts.charges += 1;
        }
        self.truth.record(machine, entry.clone());
        if charge && entry.kind != BookKind::Sale {
            let check = bounded_at_terminal(&self.truth, &self.ledger, (machine, &entry), slip);
            self.must(Invariant::BoundedReversal, check);
        }
    }

    /// A terminal took a request for money off the line.
    fn asked(
        &mut self,
        index: usize,
        number: u32,
        (kind, amount): (BookKind, Yen),
        training: bool,
    ) {
        let word = kind.word();
        self.tell_story(|| {
            format!(
                "terminal is asked for {word} {number}, {} yen",
                amount.get()
            )
        });
        self.ports[index].asked_ms = self.console.now.mono_ms;
        self.is_asked_as_itself(index, number);
        let times = self.truth.ask(number);
        let check = no_blind_resend(&self.ledger, times, number);
        self.must(Invariant::NoBlindResend, check);
        let check = written_before_sent(&self.ledger, number);
        self.must(Invariant::WriteAhead, check);
        let check = asks_its_own_amount(&self.ledger, number, kind, amount);
        self.must(Invariant::RightAnswer, check);
        let check = practice_isolation(self.day.practice, training, number);
        self.must(Invariant::PracticeIsolation, check);
        self.count_script(index);
    }

    /// Which words of the script have been used up.
    fn count_script(&mut self, index: usize) {
        let port = &mut self.ports[index];
        let left = port.terminal.script_left();
        while port.script.len() > left {
            let word = port.script.pop_front().unwrap_or("approve");
            if word != "approve" {
                self.counts.fault(Fault::Script);
                self.counts.script_word(word);
            }
        }
    }
}
