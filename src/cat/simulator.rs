//! A simulated terminal with its own books, sans-io: the same one for practice mode, tests and a process of its own.
//!
//! After every call that may change it, the owner drains `poll_transmit` and `poll_event` until both are empty, and then asks
//! `poll_timeout` when to come back. A [`TerminalEvent::Record`] must be durable before [`Terminal::recorded`] is called: only then
//! does the terminal answer.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};

use self::books::{BookEntry, BookKind, BookOutcome, Books};
use self::dice::Dice;
use self::faults::{Spoiler, spoil_block};
use self::plan::{Act, Booking, brand};
use self::script::{Script, Step};
use self::state::{Letter, Moods, Outbox, Work};
use super::dialect::Reply;
use super::dialect::layout::{Heard, Layout};
use super::frame::{Line, LineEvent, Role};
use super::model::{Capabilities, InquiryPower, Model};
use super::{Answer, Authorize, Command, Inquiry, Phase, TerminalState, TerminalStatus};
use crate::domain::money::Yen;
use crate::domain::slip::{ApprovalCode, JournalId, SequenceNumber};

pub mod at_terminal;
mod authorize;
pub mod books;
mod dialects;
mod dice;
mod faults;
mod plan;
pub mod script;
mod state;

/// A moment, on the two clocks a terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds of a clock that only goes forward.
    pub mono_ms: u64,
    /// The clock on the terminal's display, with its offset.
    pub wall: DateTime<FixedOffset>,
}

/// How a simulated terminal behaves, apart from its script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalSettings {
    /// Chooses card brands, PINs and approval codes.
    pub seed: u64,
    /// Milliseconds between two phases of a transaction.
    pub pace_ms: u64,
    /// Milliseconds between the acknowledgement of a message and the first word of its answer, at least.
    pub turnaround_ms: u64,
    /// Its own identity.
    pub terminal_id: String,
    /// Says a result that nobody acknowledged so many times more.
    pub repeats: u32,
}

/// The pace of practice: slow enough to be seen, quick enough not to be waited for.
pub const PACE_MS: u64 = 400;

impl Default for TerminalSettings {
    fn default() -> TerminalSettings {
        TerminalSettings {
            seed: 0,
            pace_ms: PACE_MS,
            turnaround_ms: 0,
            terminal_id: "SIM00001".to_owned(),
            repeats: 0,
        }
    }
}

/// What the terminal reports to its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TerminalEvent {
    /// Make this durable, then call [`Terminal::recorded`].
    Record(Box<BookEntry>),
    /// A transaction was asked for.
    Asked {
        /// Its number.
        sequence_number: SequenceNumber,
        /// Its kind.
        kind: BookKind,
        /// Whole yen.
        amount: Yen,
        /// Practice.
        training: bool,
    },
    /// The terminal's display shows this now.
    Display(Phase),
    /// Somebody asked what became of a number.
    Inquired(SequenceNumber),
    /// A number that is known already, or running, was asked for once more. Nothing is charged again.
    DuplicateRequest(SequenceNumber),
    /// A message that the counter did not take.
    Undelivered,
    /// A message that cannot be read, or an answer the layout has no words for.
    Unspeakable(String),
    /// Drop the connection now.
    Cut,
    /// The power goes: drop the connection; the terminal comes back by itself.
    Reboot {
        /// True where it has forgotten everything.
        forgets: bool,
    },
}

/// A simulated terminal.
#[derive(Debug)]
pub struct Terminal {
    line: Line,
    layout: Arc<Layout>,
    capabilities: Capabilities,
    void_last_only: bool,
    settings: TerminalSettings,
    books: Books,
    script: Script,
    dice: Dice,
    work: Option<Work>,
    moods: Moods,
    outbox: Outbox,
    spoiler: Spoiler,
    events: VecDeque<TerminalEvent>,
}

/// The most messages that wait for the line.
const LETTERS_MAX: usize = 2_048;

impl Terminal {
    /// A terminal at rest, nobody connected.
    pub fn new(
        model: &Model,
        layout: impl Into<Arc<Layout>>,
        books: Books,
        script: Script,
        settings: TerminalSettings,
    ) -> Terminal {
        let layout = layout.into();
        Terminal {
            line: Line::new(Role::Secondary, layout.framing(), &model.timers),
            layout,
            capabilities: model.capabilities,
            void_last_only: model.void_last_only,
            dice: Dice::new(settings.seed),
            settings,
            books,
            script,
            work: None,
            moods: Moods::default(),
            outbox: Outbox::default(),
            spoiler: Spoiler::default(),
            events: VecDeque::new(),
        }
    }

    /// A name for a memory that begins now. Two memories that begin at different moments have different names, whatever the seed:
    /// "not found" in a memory that was lost must never look like "not found" in one that was kept.
    pub fn fresh_journal(seed: u64, now: Moment) -> JournalId {
        let nanos = now.wall.timestamp_nanos_opt().unwrap_or_default();
        let mut dice = Dice::new(seed ^ nanos.unsigned_abs());
        JournalId::new(&format!("J{}", dice.letters(7)))
            .expect("letters and digits are a name, and too few for a card number")
    }

    /// Somebody connected.
    pub fn handle_connect(&mut self, now: Moment) {
        self.outbox.connected = true;
        self.settle(now);
    }

    /// The line is gone. A transaction goes on: the customer stands at the terminal, not at the counter.
    pub fn handle_disconnect(&mut self, now: Moment) {
        self.line.handle_disconnect(now.mono_ms);
        self.outbox = Outbox::default();
        self.spoiler = Spoiler::default();
        self.settle(now);
    }

    /// Bytes came from the counter.
    pub fn handle_input(&mut self, now: Moment, bytes: &[u8]) {
        if self
            .moods
            .deaf_until_ms
            .is_some_and(|until| now.mono_ms < until)
        {
            return;
        }
        self.moods.deaf_until_ms = None;
        let mut spoiler = std::mem::take(&mut self.spoiler);
        let heard = spoiler.pass(bytes, |text| self.refuses(text));
        self.spoiler = spoiler;
        self.line.handle_input(now.mono_ms, &heard);
        self.settle(now);
    }

    /// The moment of [`Terminal::poll_timeout`] has come. Too early is harmless.
    pub fn handle_timeout(&mut self, now: Moment) {
        self.line.handle_timeout(now.mono_ms);
        self.settle(now);
    }

    /// The line of the last [`TerminalEvent::Record`] is durable.
    pub fn recorded(&mut self, now: Moment) {
        if let Some(work) = &mut self.work {
            work.recording = false;
            work.since_ms = now.mono_ms;
        }
        self.settle(now);
    }

    /// Bytes to write, in order.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        let mut bytes = self.line.poll_transmit()?;
        if self.outbox.spoil_blocks > 0 && spoil_block(&mut bytes) {
            self.outbox.spoil_blocks -= 1;
        }
        Some(bytes)
    }

    /// When [`Terminal::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<u64> {
        let stage = self.work.as_ref().and_then(Work::due_ms);
        [self.line.poll_timeout(), stage, self.outbox.due_ms()]
            .into_iter()
            .flatten()
            .min()
    }

    /// What happened, in order.
    pub fn poll_event(&mut self) -> Option<TerminalEvent> {
        self.events.pop_front()
    }

    /// What the terminal remembers.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// Should this request block be refused? A request that the script refuses is not taken from the script before it came through, or
    /// before another one comes.
    fn refuses(&mut self, text: &[u8]) -> bool {
        let Ok(Command::Authorize(ask)) = self.hear(text).map(|heard| heard.command) else {
            return false;
        };
        if let Some((number, _)) = self.moods.refused
            && number != ask.sequence_number
        {
            self.moods.refused = None;
            self.script.take();
        }
        let Step::Nak { blocks } = self.script.peek() else {
            return false;
        };
        let so_far = self.moods.refused.map_or(0, |(_, count)| count);
        if so_far >= blocks {
            return false;
        }
        self.moods.refused = Some((ask.sequence_number, so_far + 1));
        true
    }

    /// Everything that follows from what happened, until nothing does.
    fn settle(&mut self, now: Moment) {
        loop {
            while let Some(event) = self.line.poll_event() {
                self.line_event(now, event);
            }
            self.work_on(now);
            if !self.send_next(now) {
                return;
            }
        }
    }

    fn line_event(&mut self, now: Moment, event: LineEvent) {
        match event {
            LineEvent::Received(text) => {
                self.outbox.quiet_until_ms = now.mono_ms + self.settings.turnaround_ms;
                self.received(now, &text);
            }
            LineEvent::Delivered => self.outbox.sending = None,
            LineEvent::SendFailed { .. } => {
                self.outbox.fail();
                self.events.push_back(TerminalEvent::Undelivered);
            }
            LineEvent::Alive
            | LineEvent::Progress(_)
            | LineEvent::ReceiveFailed(_)
            | LineEvent::MessageEnd => {}
        }
    }

    fn received(&mut self, now: Moment, text: &[u8]) {
        let Heard {
            command,
            numbered,
            reference,
            wants_progress,
        } = match self.hear(text) {
            Ok(heard) => heard,
            Err(error) => {
                self.line.accept(now.mono_ms);
                self.events
                    .push_back(TerminalEvent::Unspeakable(error.to_string()));
                return;
            }
        };
        if let Command::Authorize(ask) = command {
            self.authorize(now, ask, reference, wants_progress);
            return;
        }
        self.line.accept(now.mono_ms);
        if self.layout.answered_by_acknowledgement(&command).is_some() {
            self.acknowledged(&command);
            return;
        }
        match command {
            Command::Status => self.answer(&Answer::Status(self.status())),
            Command::LastResult { sequence_number } if numbered => self.inquired(sequence_number),
            Command::LastResult { .. } => self.inquired_about_the_last(),
            Command::AccessDailyLog {
                sequence_number,
                log,
            } => self.logged(numbered.then_some(sequence_number), log),
            Command::Transactions => self.list(),
            Command::Standalone | Command::Authorize(_) => {}
        }
    }

    fn status(&self) -> TerminalStatus {
        // What a script holds against the next transaction is told to that transaction: a question must not use up its line.
        let state = if !self.is_on_link() {
            TerminalState::Standalone
        } else if self.work.is_some() {
            TerminalState::Busy
        } else {
            TerminalState::Idle
        };
        TerminalStatus {
            state,
            training: None,
            journal: Some(self.books.journal().clone()),
            terminal_id: Some(self.settings.terminal_id.clone()),
        }
    }

    fn inquired(&mut self, number: SequenceNumber) {
        self.events.push_back(TerminalEvent::Inquired(number));
        if self.moods.ignores_inquiries {
            return;
        }
        let running = self
            .work
            .as_ref()
            .is_some_and(|work| work.ask.sequence_number == number);
        let found = match self.capabilities.inquiry {
            InquiryPower::None => return,
            InquiryPower::LastOnly => self.books.last(),
            InquiryPower::ByReference => self.books.find(number),
        };
        let inquiry = match found {
            _ if running => Inquiry::InProgress,
            _ if self.moods.denies == Some(number) => Inquiry::NotFound,
            Some(entry) => Inquiry::Found(self.told(entry)),
            None => Inquiry::NotFound,
        };
        let reference = found.and_then(|entry| entry.reference.clone());
        let reply = Reply::Answer(Answer::LastResult {
            asked_number: Some(number),
            terminal_id: match inquiry {
                Inquiry::Found(_) => None,
                Inquiry::InProgress | Inquiry::NotFound => Some(self.settings.terminal_id.clone()),
            },
            inquiry,
            journal: Some(self.books.journal().clone()),
        });
        self.say_to(None, &reply, reference.as_deref(), 0);
    }

    fn work_on(&mut self, now: Moment) {
        while let Some(work) = &mut self.work {
            if work.recording {
                return;
            }
            let Some(due_ms) = work.due_ms() else {
                self.work = None;
                return;
            };
            if now.mono_ms < due_ms {
                return;
            }
            work.since_ms = now.mono_ms;
            if let Some(stage) = work.stages.pop_front() {
                self.act(now, stage.act);
            }
        }
    }

    fn act(&mut self, now: Moment, act: Act) {
        let Some(work) = &mut self.work else { return };
        match act {
            Act::Show(phase) => {
                self.events.push_back(TerminalEvent::Display(phase));
                self.show(phase);
            }
            Act::Book(booking) => {
                work.recording = true;
                let (ask, reference) = (work.ask.clone(), work.reference.clone());
                let entry = self.entry(now, &ask, reference, &booking);
                self.books.insert(entry.clone());
                self.events
                    .push_back(TerminalEvent::Record(Box::new(entry)));
            }
            Act::Answer(twist) => {
                let number = work.ask.sequence_number;
                if work.stages.is_empty() {
                    self.work = None;
                }
                if let Some(entry) = self.books.find(number) {
                    let entry = entry.clone();
                    let result = twist.apply(self.told(&entry));
                    let spoil_blocks = twist.spoilt_blocks();
                    let asked = entry.asked();
                    let reply = Reply::Answer(Answer::Result(result));
                    self.say_to(
                        Some(&asked),
                        &reply,
                        entry.reference.as_deref(),
                        spoil_blocks,
                    );
                    self.outbox.repeat_last(self.settings.repeats);
                }
            }
            Act::Cut => {
                self.work = None;
                self.outbox.letters.clear();
                self.events.push_back(TerminalEvent::Cut);
            }
            Act::Drop => self.events.push_back(TerminalEvent::Cut),
            Act::Reboot { forgets } => {
                self.work = None;
                self.outbox.letters.clear();
                if forgets {
                    let seed = self.dice.roll();
                    self.books = self.books.forgetting(Terminal::fresh_journal(seed, now));
                }
                let boots_ms = self.settings.pace_ms.saturating_mul(4);
                self.moods.deaf_until_ms = Some(now.mono_ms.saturating_add(boots_ms));
                self.events.push_back(TerminalEvent::Reboot { forgets });
            }
        }
    }

    fn entry(
        &mut self,
        now: Moment,
        ask: &Authorize,
        reference: Option<String>,
        booking: &Booking,
    ) -> BookEntry {
        let approved = booking.outcome == BookOutcome::Approved;
        let approval_code = approved
            .then(|| ApprovalCode::new(&self.dice.letters(6)).ok())
            .flatten();
        BookEntry {
            sequence_number: ask.sequence_number,
            kind: ask.transaction.into(),
            amount: ask.amount,
            outcome: booking.outcome,
            slip_number: self.books.take_slip(),
            approval_code,
            time: now.wall,
            training: ask.training,
            card_class: brand(ask.card_class, &mut self.dice),
            journal: self.books.journal().clone(),
            center_result_code: booking.center_result_code.clone(),
            balance: booking.balance,
            original_slip: ask.original_slip.clone(),
            reference,
        }
    }

    fn answer(&mut self, answer: &Answer) {
        self.say(&Reply::Answer(answer.clone()), 0);
    }

    fn say(&mut self, reply: &Reply, spoil_blocks: u32) {
        self.say_to(None, reply, None, spoil_blocks);
    }

    fn say_to(
        &mut self,
        asked: Option<&Command>,
        reply: &Reply,
        reference: Option<&str>,
        spoil_blocks: u32,
    ) {
        if !self.outbox.connected || self.outbox.letters.len() >= LETTERS_MAX {
            self.events.push_back(TerminalEvent::Undelivered);
            return;
        }
        match self.layout.encode_answer(asked, reply, reference) {
            Ok(text) => self.outbox.letters.push_back(Letter {
                text,
                spoil_blocks,
                repeats: 0,
                goes_on: false,
            }),
            Err(error) => self
                .events
                .push_back(TerminalEvent::Unspeakable(error.to_string())),
        }
    }

    /// True where something was begun that may have consequences.
    fn send_next(&mut self, now: Moment) -> bool {
        let Some(letter) = self.outbox.next(now.mono_ms) else {
            return false;
        };
        match self.line.send(now.mono_ms, letter.text.clone()) {
            Ok(()) => self.outbox.sending = Some(letter),
            Err(error) => self
                .events
                .push_back(TerminalEvent::Unspeakable(error.to_string())),
        }
        true
    }
}
