//! A session and a simulated terminal, face to face in virtual time.

use chrono::{DateTime, Duration, FixedOffset, NaiveDateTime};

use super::Session;
use crate::cat::dialect::layout::Layout;
use crate::cat::model::{Model, shipped};
use crate::cat::recovery::{self, Asked, Finding, Verdict};
use crate::cat::simulator::books::{BookEntry, BookOutcome, Books};
use crate::cat::simulator::script::Script;
use crate::cat::simulator::{Moment, Terminal, TerminalEvent, TerminalSettings};
use crate::cat::{
    Answer, Authorize, Break, Command, Exposure, LinkEvent, TransactionResult, TransactionType,
};
use crate::domain::money::Yen;
use crate::domain::slip::{JournalId, SequenceNumber};
use crate::domain::tender::CardClass;

/// Bytes as they were written, to bytes as they arrive.
pub(super) type Weather = Box<dyn FnMut(Vec<u8>) -> Vec<u8>>;

/// A counter and a terminal on one line, with a clock that jumps from deadline to deadline.
pub(super) struct Pair {
    pub(super) session: Session,
    pub(super) terminal: Terminal,
    pub(super) model: Model,
    pub(super) now_ms: u64,
    pub(super) connected: bool,
    /// Whether answers are acknowledged as soon as they come, as when the books take them at once.
    pub(super) acknowledges: bool,
    pub(super) events: Vec<LinkEvent>,
    pub(super) shown: Vec<TerminalEvent>,
    pub(super) books: Vec<BookEntry>,
    /// How many blocks the counter put on the line.
    pub(super) request_blocks: usize,
    /// So many of the terminal's next writes are lost on the line.
    pub(super) loses_to_counter: usize,
    /// What the line does to bytes in either direction.
    pub(super) weather: Option<Weather>,
}

pub(super) fn open_cat() -> Model {
    shipped().expect("the shipped models are good")["open-cat"].clone()
}

pub(super) fn number(number: u32) -> SequenceNumber {
    SequenceNumber::new(number).expect("in range")
}

pub(super) fn sale(sequence_number: u32, amount: i64) -> Authorize {
    Authorize {
        transaction: TransactionType::Sales,
        sequence_number: number(sequence_number),
        amount: Yen::new(amount),
        tax_others: Yen::ZERO,
        card_class: CardClass::CREDIT,
        device_id: None,
        training: false,
        original_slip: None,
    }
}

pub(super) fn dawn() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-21T09:00:00+09:00").expect("a time")
}

impl Pair {
    pub(super) fn new(script: &str) -> Pair {
        Pair::with_books(script, Books::new(JournalId::new("J1").expect("a name")), 0)
    }

    pub(super) fn with_books(script: &str, books: Books, pace_ms: u64) -> Pair {
        Pair::of(open_cat(), Layout::open_cat(), script, books, pace_ms)
    }

    /// A pair in another dialect, its model the open one with other capabilities.
    pub(super) fn speaking(layout: Layout, script: &str, can: impl Fn(&mut Model)) -> Pair {
        let mut model = open_cat();
        can(&mut model);
        let books = Books::new(JournalId::new("J1").expect("a name"));
        Pair::of(model, layout, script, books, 0)
    }

    fn of(model: Model, layout: Layout, script: &str, books: Books, pace_ms: u64) -> Pair {
        let settings = TerminalSettings {
            seed: 7,
            pace_ms,
            ..TerminalSettings::default()
        };
        let script = Script::parse(script).expect("a good script");
        let mut pair = Pair {
            session: Session::of_model(layout.clone(), &model),
            terminal: Terminal::new(&model, layout, books, script, settings),
            model,
            now_ms: 1_000,
            connected: false,
            acknowledges: true,
            events: Vec::new(),
            shown: Vec::new(),
            books: Vec::new(),
            request_blocks: 0,
            loses_to_counter: 0,
            weather: None,
        };
        pair.connect();
        pair
    }

    pub(super) fn moment(&self) -> Moment {
        Moment {
            mono_ms: self.now_ms,
            wall: dawn() + Duration::milliseconds(i64::try_from(self.now_ms).expect("small")),
        }
    }

    pub(super) fn local(&self) -> NaiveDateTime {
        self.moment().wall.naive_local()
    }

    pub(super) fn connect(&mut self) {
        self.connected = true;
        self.terminal.handle_connect(self.moment());
        self.exchange();
    }

    pub(super) fn disconnect(&mut self) {
        self.connected = false;
        self.session.handle_disconnect(self.now_ms);
        self.terminal.handle_disconnect(self.moment());
        self.exchange();
    }

    pub(super) fn start(&mut self, command: Command) {
        self.session
            .start(self.now_ms, self.local(), command)
            .expect("the session is free");
        self.exchange();
    }

    /// Send a command and let time run until everybody is at rest.
    pub(super) fn run(&mut self, command: Command) {
        self.start(command);
        self.rest();
    }

    /// Hand bytes over until there are none, at one instant.
    pub(super) fn exchange(&mut self) {
        loop {
            let mut quiet = true;
            while let Some(bytes) = self.session.poll_transmit() {
                quiet = false;
                self.request_blocks += usize::from(bytes[0] == 0x02);
                let bytes = self.through(bytes);
                if self.connected {
                    self.terminal.handle_input(self.moment(), &bytes);
                }
            }
            while let Some(bytes) = self.terminal.poll_transmit() {
                quiet = false;
                let bytes = self.through(bytes);
                if self.loses_to_counter > 0 {
                    self.loses_to_counter -= 1;
                } else if self.connected {
                    self.session.handle_input(self.now_ms, &bytes);
                }
            }
            while let Some(event) = self.terminal.poll_event() {
                quiet = false;
                self.shown.push(event.clone());
                match event {
                    TerminalEvent::Record(entry) => {
                        self.books.push(*entry);
                        self.terminal.recorded(self.moment());
                    }
                    TerminalEvent::Cut | TerminalEvent::Reboot { .. } => {
                        self.connected = false;
                        self.session.handle_disconnect(self.now_ms);
                        self.terminal.handle_disconnect(self.moment());
                    }
                    TerminalEvent::Asked { .. }
                    | TerminalEvent::Display(_)
                    | TerminalEvent::Inquired(_)
                    | TerminalEvent::DuplicateRequest(_)
                    | TerminalEvent::Undelivered
                    | TerminalEvent::Unspeakable(_) => {}
                }
            }
            while let Some(event) = self.session.poll_event() {
                quiet = false;
                let answered = matches!(event, LinkEvent::Answer { .. });
                self.events.push(event);
                if answered && self.acknowledges {
                    self.session.acknowledge(self.now_ms);
                }
            }
            if quiet {
                return;
            }
        }
    }

    fn through(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        match &mut self.weather {
            Some(weather) => weather(bytes),
            None => bytes,
        }
    }

    /// To the next deadline of either side; false where nobody waits for anything.
    pub(super) fn step(&mut self) -> bool {
        let due = [self.session.poll_timeout(), self.terminal.poll_timeout()];
        let Some(due_ms) = due.into_iter().flatten().min() else {
            return false;
        };
        self.now_ms = self.now_ms.max(due_ms);
        self.session.handle_timeout(self.now_ms);
        self.terminal.handle_timeout(self.moment());
        self.exchange();
        true
    }

    pub(super) fn rest(&mut self) {
        for _ in 0..10_000 {
            if !self.step() {
                return;
            }
        }
        panic!("the pair never comes to rest");
    }

    pub(super) fn until(&mut self, ms: u64) {
        let end = self.now_ms + ms;
        loop {
            let due = [self.session.poll_timeout(), self.terminal.poll_timeout()];
            match due.into_iter().flatten().min() {
                Some(due_ms) if due_ms <= end => {
                    self.step();
                }
                Some(_) | None => break,
            }
        }
        self.now_ms = end;
    }

    /// The events but for signs of life, taken.
    pub(super) fn heard(&mut self) -> Vec<LinkEvent> {
        self.events.retain(|event| *event != LinkEvent::Alive);
        std::mem::take(&mut self.events)
    }

    pub(super) fn result(&mut self) -> TransactionResult {
        let events = self.heard();
        let found = events.iter().find_map(|event| match event {
            LinkEvent::Answer {
                answer: Answer::Result(result),
            } => Some(result.clone()),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("no result in {events:?}"))
    }

    pub(super) fn broken(&mut self) -> (Exposure, Break) {
        let events = self.heard();
        let found = events.iter().find_map(|event| match event {
            LinkEvent::Broken { exposure, cause } => Some((*exposure, *cause)),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("nothing broke in {events:?}"))
    }

    pub(super) fn asked(&self, ask: &Authorize) -> Asked {
        Asked {
            transaction: ask.transaction,
            sequence_number: ask.sequence_number,
            amount: ask.amount,
            training: ask.training,
            sent_at: dawn().naive_local(),
            journal: JournalId::new("J1").ok(),
            original_slip: ask.original_slip.clone(),
            terminal_id: None,
        }
    }

    pub(super) fn verdict(&self, ask: &Authorize, result: TransactionResult) -> Verdict {
        recovery::after_answer(
            &self.asked(ask),
            &Answer::Result(result),
            &self.model.capabilities,
            &self.model.timers,
            self.local(),
        )
    }

    /// Ask what became of a sale, as the console does after a broken exchange.
    pub(super) fn inquire(&mut self, ask: &Authorize) -> Option<Finding> {
        if !self.connected {
            self.connect();
        }
        self.heard();
        self.start(Command::LastResult {
            sequence_number: ask.sequence_number,
        });
        self.until(self.model.timers.answer_ms + 1);
        self.exchange();
        self.heard().into_iter().find_map(|event| match event {
            LinkEvent::Answer {
                answer:
                    Answer::LastResult {
                        inquiry, journal, ..
                    },
            } => Some(recovery::after_inquiry(
                &self.asked(ask),
                &inquiry,
                (journal.as_ref(), None),
                &self.model.capabilities,
                &self.model.timers,
                self.local(),
            )),
            _ => None,
        })
    }

    pub(super) fn approved(&self) -> usize {
        self.books
            .iter()
            .filter(|entry| entry.outcome == BookOutcome::Approved)
            .count()
    }

    pub(super) fn never_asked_twice(&self) {
        let twice = self
            .shown
            .iter()
            .any(|event| matches!(event, TerminalEvent::DuplicateRequest(_)));
        assert!(!twice, "a number was sent twice: {:?}", self.shown);
    }
}
