//! The exchange with one terminal, sans-io: a command out, its phases and its answer in, and never a command twice.
//!
//! After every call that may change it (`start`, `handle_input`, `handle_timeout`, `handle_disconnect`, `acknowledge`, `abandon`), the
//! owner drains `poll_transmit` and `poll_event` until both are empty, and then asks `poll_timeout` when to come back.
//!
//! ```text
//!             start          delivered            answer              acknowledge      end of the message
//!   at rest ────────▶ sending ────────▶ waiting ──────────▶ held ──────────────▶ ending ────────▶ at rest
//!                        │                 │  └─ answer that moves no money ──────▲
//!                        └──── broken ─────┴──────────────────────────────────────────────────▶ at rest
//! ```
//!
//! What is held is not acknowledged on the line until the books have it: the results of transactions, and what the terminal says of past
//! ones. Everything else is acknowledged at once.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::NaiveDateTime;

use super::dialect::Reply;
use super::dialect::layout::Layout;
use super::frame::{Line, LineEvent, Role};
use super::model::{Model, Timers};
use super::recovery;
use super::{Answer, Break, Command, Exposure, LinkEvent, ListedTransaction};
use crate::teeth::{self, Tooth};

mod anew;
mod learning;
mod owed;
mod underway;

use self::anew::Anew;
use self::learning::Learning;
use self::owed::Owed;

/// The console's side of the exchange with one terminal.
#[derive(Debug)]
pub struct Session {
    line: Line,
    layout: Arc<Layout>,
    timers: Timers,
    exchange: Exchange,
    /// What is asked once an abandoned command is out of the way. Nothing of it has left.
    next: Option<(NaiveDateTime, Command)>,
    /// What the terminal has listed so far.
    listed: Vec<ListedTransaction>,
    owed: Owed,
    learning: Learning,
    anew: Anew,
    events: VecDeque<LinkEvent>,
}

/// Why a command was not begun. Nothing of it left.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartRefused {
    /// One command at a time.
    #[error("another command is still running")]
    Busy,
    /// Answers here do not say what they answer, and one to something given up may still come.
    #[error("an answer to something else may still come")]
    Owed,
    /// The model's layout has no words for it.
    #[error("the command cannot be said to this terminal: {0}")]
    Unsendable(String),
}

#[derive(Debug)]
enum Exchange {
    AtRest,
    Sending {
        command: Command,
        /// Nobody waits for its answer any more.
        abandoned: bool,
    },
    Waiting {
        command: Command,
        deadline_ms: u64,
        /// The longest the whole of it takes; phases do not move it.
        limit_ms: u64,
    },
    /// The answer is reported and its last block not acknowledged.
    Held {
        text: Vec<u8>,
        about_past: bool,
        /// The terminal did not wait for our acknowledgement.
        over: bool,
    },
    Ending,
}

impl Session {
    /// An exchange at rest, with a terminal that nobody has asked for an amount before.
    pub fn new(layout: impl Into<Arc<Layout>>, timers: Timers) -> Session {
        let layout = layout.into();
        let owed = Owed::nothing(&layout);
        Session::owing(layout, timers, owed)
    }

    /// An exchange at rest with a terminal of this model, which may have served another console a moment ago.
    pub fn of_model(layout: impl Into<Arc<Layout>>, model: &Model) -> Session {
        let layout = layout.into();
        let owed = Owed::of_model(&layout, model);
        Session::owing(layout, model.timers, owed)
    }

    fn owing(layout: Arc<Layout>, timers: Timers, owed: Owed) -> Session {
        Session {
            line: Line::new(Role::Primary, layout.framing(), &timers),
            layout,
            timers,
            exchange: Exchange::AtRest,
            next: None,
            listed: Vec::new(),
            owed,
            learning: Learning::Nothing,
            anew: Anew::default(),
            events: VecDeque::new(),
        }
    }

    /// At rest again, whatever was going on, and nothing is told of it. What the terminal owes it still owes.
    pub fn begin_anew(&mut self) {
        if !matches!(self.exchange, Exchange::AtRest) {
            self.give_up(Exposure::Delivered);
        }
        self.anew.is_due = false;
        self.line = Line::new(Role::Primary, self.layout.framing(), &self.timers);
        self.exchange = Exchange::AtRest;
        self.next = None;
        self.learning = Learning::Nothing;
        self.listed.clear();
        self.events.clear();
    }

    /// Begin to send a command, once. `at` is the counter's local time. A question that comes while an abandoned one is still on its way
    /// out waits for it; an amount never waits.
    pub fn start(
        &mut self,
        now_ms: u64,
        at: NaiveDateTime,
        command: Command,
    ) -> Result<(), StartRefused> {
        if matches!(self.learning, Learning::Next(_)) || self.anew.is_due {
            return Err(StartRefused::Busy);
        }
        match &mut self.exchange {
            Exchange::AtRest | Exchange::Ending => {}
            Exchange::Sending {
                command: on_its_way,
                abandoned: abandoned @ true,
            } if !command.moves_money() => {
                if *on_its_way == command {
                    *abandoned = false;
                } else {
                    self.next = Some((at, command));
                }
                return Ok(());
            }
            Exchange::Sending { .. } | Exchange::Waiting { .. } | Exchange::Held { .. } => {
                return Err(StartRefused::Busy);
            }
        }
        if !self.owed.allows(now_ms, &self.timers, &command) {
            return Err(StartRefused::Owed);
        }
        let text = self
            .layout
            .encode_command(&command, at)
            .map_err(|error| StartRefused::Unsendable(error.to_string()))?;
        self.line
            .send(now_ms, text)
            .map_err(|error| StartRefused::Unsendable(error.to_string()))?;
        self.owed.begun(now_ms, &self.timers);
        self.anew.begun(at, &command);
        self.exchange = Exchange::Sending {
            command,
            abandoned: false,
        };
        self.pump(now_ms);
        Ok(())
    }

    /// Bytes came from the terminal.
    pub fn handle_input(&mut self, now_ms: u64, bytes: &[u8]) {
        self.line.handle_input(now_ms, bytes);
        self.pump(now_ms);
    }

    /// The moment of [`Session::poll_timeout`] has come. Too early is harmless.
    pub fn handle_timeout(&mut self, now_ms: u64) {
        self.line.handle_timeout(now_ms);
        self.pump(now_ms);
        // A terminal in the middle of a message is heard out; the line's own limits end that.
        if let Exchange::Waiting { deadline_ms, .. } = self.exchange
            && deadline_ms <= now_ms
            && self.line.is_idle()
            && !self.waits_for_ever()
        {
            self.break_off(Exposure::Delivered, Break::NoAnswer);
        }
    }

    /// The line is gone.
    pub fn handle_disconnect(&mut self, now_ms: u64) {
        if self.next.take().is_some() {
            self.events.push_back(LinkEvent::Broken {
                exposure: Exposure::Nothing,
                cause: Break::Disconnected,
            });
        }
        self.line.handle_disconnect(now_ms);
        self.not_asked_anew();
        if let Learning::Next(status) = std::mem::replace(&mut self.learning, Learning::Nothing) {
            // It was said, on a line that is gone: nothing more is asked on it.
            self.events.push_back(LinkEvent::Answer { answer: status });
        }
        self.pump(now_ms);
        match &mut self.exchange {
            Exchange::AtRest | Exchange::Sending { .. } => {}
            Exchange::Waiting { .. } => {
                let nothing = teeth::bites(Tooth::CutWaitIsNothing);
                let exposure = if nothing {
                    Exposure::Nothing
                } else {
                    Exposure::Delivered
                };
                self.break_off(exposure, Break::Disconnected);
            }
            Exchange::Held { over, .. } => *over = true,
            Exchange::Ending => self.come_to_rest(),
        }
        self.owed.line_closed();
    }

    /// The line is closed on purpose, with nothing under way.
    pub fn line_closed(&mut self) {
        self.owed.line_closed();
    }

    /// The answer is in the books: the terminal may have its acknowledgement.
    pub fn acknowledge(&mut self, now_ms: u64) {
        if let Exchange::Held { over, .. } = self.exchange {
            if over {
                self.come_to_rest();
            } else {
                self.exchange = Exchange::Ending;
                self.line.accept(now_ms);
                self.pump(now_ms);
            }
        }
    }

    /// Nobody waits for the answer any more; when it comes it is [`LinkEvent::Unasked`]. A command on its way out that moves money is not
    /// forgotten before it is known how far it got, and a held result stays held until it is acknowledged.
    pub fn abandon(&mut self, now_ms: u64) {
        self.next = None;
        self.learning = Learning::Nothing;
        self.anew.is_due = false;
        match &mut self.exchange {
            Exchange::AtRest | Exchange::Ending => {}
            Exchange::Sending { command, abandoned } => *abandoned = !command.moves_money(),
            Exchange::Waiting { .. } => {
                self.give_up(Exposure::Delivered);
                self.come_to_rest();
            }
            Exchange::Held { about_past, .. } => {
                if *about_past {
                    self.acknowledge(now_ms);
                }
            }
        }
    }

    /// True from the start of a command that moves money until its result is acknowledged, or its exchange broken.
    pub fn carries_money(&self) -> bool {
        match &self.exchange {
            Exchange::Sending { command, .. } | Exchange::Waiting { command, .. } => {
                command.moves_money()
            }
            Exchange::Held { about_past, .. } => !about_past,
            Exchange::AtRest | Exchange::Ending => false,
        }
    }

    /// Before this session an amount was sent there, so long ago (ms).
    pub fn sent_before(&mut self, now_ms: u64, ago_ms: u64) {
        self.owed.sent_before(now_ms, &self.timers, ago_ms);
    }

    /// How long an amount that is refused as [`StartRefused::Owed`] has to wait, at most (ms).
    pub fn wait_ms(&self, now_ms: u64) -> u64 {
        self.owed.wait_ms(now_ms)
    }

    /// True where the line is better closed before anything new begins: an answer may come on it that would be taken for another's. No
    /// amount leaves before.
    pub fn owes_on_this_line(&self) -> bool {
        matches!(self.exchange, Exchange::AtRest) && self.owed.is_on_this_line()
    }

    /// Bytes to write, in order.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.line.poll_transmit()
    }

    /// When [`Session::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<u64> {
        let answer = match self.exchange {
            Exchange::Waiting { deadline_ms, .. }
                if self.line.is_idle() && !self.waits_for_ever() =>
            {
                Some(deadline_ms)
            }
            Exchange::Waiting { .. }
            | Exchange::AtRest
            | Exchange::Sending { .. }
            | Exchange::Held { .. }
            | Exchange::Ending => None,
        };
        [self.line.poll_timeout(), answer]
            .into_iter()
            .flatten()
            .min()
    }

    /// What happened, in order.
    pub fn poll_event(&mut self) -> Option<LinkEvent> {
        self.events.pop_front()
    }

    fn pump(&mut self, now_ms: u64) {
        while let Some(event) = self.line.poll_event() {
            match event {
                LineEvent::Alive => self.events.push_back(LinkEvent::Alive),
                LineEvent::Delivered => self.delivered(now_ms),
                LineEvent::Received(text) => self.received(now_ms, text),
                LineEvent::Progress(text) => self.progressed(now_ms, &text),
                LineEvent::SendFailed { exposure, cause } => self.send_failed(exposure, cause),
                LineEvent::ReceiveFailed(cause) => self.receive_failed(cause),
                LineEvent::MessageEnd => match &mut self.exchange {
                    Exchange::Ending => self.come_to_rest(),
                    Exchange::Held { over, .. } => *over = true,
                    Exchange::AtRest | Exchange::Sending { .. } | Exchange::Waiting { .. } => {}
                },
            }
        }
        self.ask_anew(now_ms);
        self.learn(now_ms);
        self.start_next(now_ms);
    }

    /// The abandoned command is out of the way: ask what waited for that.
    fn start_next(&mut self, now_ms: u64) {
        if matches!(self.exchange, Exchange::AtRest)
            && let Some((at, command)) = self.next.take()
            && self.start(now_ms, at, command).is_err()
        {
            self.break_off(Exposure::Nothing, Break::Refused);
        }
    }

    fn delivered(&mut self, now_ms: u64) {
        match std::mem::replace(&mut self.exchange, Exchange::AtRest) {
            Exchange::Sending {
                command,
                abandoned: false,
            } => {
                let limit_ms = now_ms.saturating_add(self.timers.transaction_max_ms);
                self.exchange = Exchange::Waiting {
                    deadline_ms: now_ms
                        .saturating_add(self.patience_ms(&command))
                        .min(limit_ms),
                    limit_ms,
                    command,
                };
                self.listed.clear();
                self.events.push_back(LinkEvent::Delivered);
                self.answered_by_acknowledgement();
            }
            Exchange::Sending {
                command,
                abandoned: true,
            } => {
                self.owed.given_up(Exposure::Delivered);
                self.anew.given_up(&command, Exposure::Delivered);
                self.come_to_rest();
            }
            other @ (Exchange::AtRest
            | Exchange::Waiting { .. }
            | Exchange::Held { .. }
            | Exchange::Ending) => self.exchange = other,
        }
    }

    /// In some dialects nothing but the acknowledgement answers a command.
    fn answered_by_acknowledgement(&mut self) {
        if let Exchange::Waiting { command, .. } = &self.exchange
            && let Some(answer) = self.layout.answered_by_acknowledgement(command)
        {
            self.tell_state(answer);
            self.come_to_rest();
        }
    }

    fn send_failed(&mut self, exposure: Exposure, cause: Break) {
        match self.exchange {
            Exchange::Sending {
                abandoned: false, ..
            } => self.break_off(exposure, cause),
            Exchange::Sending {
                abandoned: true, ..
            } => {
                self.give_up(exposure);
                self.come_to_rest();
            }
            Exchange::AtRest
            | Exchange::Waiting { .. }
            | Exchange::Held { .. }
            | Exchange::Ending => {}
        }
    }

    /// The terminal began a message and did not bring it across.
    fn receive_failed(&mut self, cause: Break) {
        let waiting = matches!(self.exchange, Exchange::Waiting { .. });
        match cause {
            // A call that nothing followed may be noise on the line; the answer's own time goes on.
            Break::NoAnswer => {}
            Break::Unreachable
            | Break::PortTaken
            | Break::StillHeld
            | Break::Owed { .. }
            | Break::Disconnected
            | Break::NoAcknowledgement
            | Break::Refused
            | Break::Garbled
            | Break::PeerGaveUp
            | Break::NotACat => {
                if waiting {
                    self.break_off(Exposure::Delivered, cause);
                }
            }
        }
    }

    fn received(&mut self, now_ms: u64, text: Vec<u8>) {
        if let Exchange::Held {
            text: held, over, ..
        } = &mut self.exchange
            && *held == text
        {
            // Said once more, because the books took their time. It waits as it did before.
            *over = false;
            return;
        }
        let asked = match &self.exchange {
            Exchange::Waiting { command, .. } => Some(command),
            Exchange::AtRest
            | Exchange::Sending { .. }
            | Exchange::Held { .. }
            | Exchange::Ending => None,
        };
        match self.layout.decode_answer(asked, &text) {
            Ok(Reply::Phase(phase)) => {
                self.line.accept(now_ms);
                self.goes_on(now_ms, LinkEvent::Phase { phase });
            }
            Ok(Reply::Display(text)) => {
                self.line.accept(now_ms);
                self.goes_on(now_ms, LinkEvent::Display { text });
            }
            Ok(Reply::Listed(transaction)) => {
                self.line.accept(now_ms);
                self.listed(now_ms, transaction);
            }
            Ok(Reply::ListEnd) => {
                let records = std::mem::take(&mut self.listed);
                self.answered(now_ms, text, Answer::Transactions { records });
            }
            Ok(Reply::Answer(answer)) => self.answered(now_ms, text, answer),
            Err(_) => {
                // Its check was good, so saying it again would not change it.
                self.line.accept(now_ms);
                if matches!(self.exchange, Exchange::Waiting { .. }) {
                    self.break_off(Exposure::Delivered, Break::Garbled);
                }
            }
        }
    }

    fn answered(&mut self, now_ms: u64, text: Vec<u8>, answer: Answer) {
        let asked = match &self.exchange {
            Exchange::Waiting { command, .. } => {
                recovery::answers(command, &answer)
                    && !self.owed.was_said_before(command, &answer, &text)
            }
            // What comes before our question is delivered cannot answer it.
            Exchange::AtRest
            | Exchange::Sending { .. }
            | Exchange::Held { .. }
            | Exchange::Ending => false,
        };
        if asked
            && matches!(answer, Answer::LastResult { .. })
            && let Learning::Asked(status) =
                std::mem::replace(&mut self.learning, Learning::Nothing)
        {
            self.owed.answered(&answer);
            self.exchange = Exchange::Ending;
            self.events.push_back(LinkEvent::Answer { answer: status });
            self.line.accept(now_ms);
            return;
        }
        let about_past = matches!(answer, Answer::LastResult { .. });
        let waits_for_books = about_past
            || matches!(answer, Answer::Result(_)) && !teeth::bites(Tooth::ResultIsNotHeld);
        if asked && waits_for_books {
            self.owed.answered(&answer);
            self.exchange = Exchange::Held {
                text,
                about_past,
                over: false,
            };
            self.events.push_back(LinkEvent::Answer { answer });
        } else if asked {
            self.exchange = Exchange::Ending;
            self.tell_state(answer);
            self.line.accept(now_ms);
        } else {
            // Acknowledged, so that the terminal stops repeating it; reported, so that nobody misses it.
            self.line.accept(now_ms);
            self.anew.came_late(&answer);
            self.events.push_back(LinkEvent::Unasked { answer });
        }
    }

    /// What is under way ends without its answer.
    fn give_up(&mut self, exposure: Exposure) {
        self.owed.given_up(exposure);
        if let Exchange::Sending { command, .. } | Exchange::Waiting { command, .. } =
            &self.exchange
        {
            self.anew.given_up(command, exposure);
        }
    }

    fn break_off(&mut self, exposure: Exposure, cause: Break) {
        self.give_up(exposure);
        self.exchange = Exchange::AtRest;
        if let Learning::Asked(status) = std::mem::replace(&mut self.learning, Learning::Nothing)
            && cause != Break::Disconnected
        {
            self.learned_nothing(status);
            return;
        }
        self.events.push_back(LinkEvent::Broken { exposure, cause });
    }

    /// Seeded bugs: the end of a wait for money is left to the console's own watchdog.
    fn waits_for_ever(&self) -> bool {
        (teeth::bites(Tooth::WaitsForEver) || teeth::bites(Tooth::WaitsByTheWallClock))
            && self.carries_money()
    }

    fn come_to_rest(&mut self) {
        self.exchange = Exchange::AtRest;
        if !matches!(self.learning, Learning::Next(_)) && !self.anew.is_due {
            self.events.push_back(LinkEvent::Idle);
        }
    }
}

#[cfg(test)]
mod abandoned;
#[cfg(test)]
mod dialects;
#[cfg(test)]
mod late;
#[cfg(test)]
mod pair;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod storm;
#[cfg(test)]
mod terminal_scenarios;
