//! Finding out what is at the end of a line without moving money: ask for the state in the model's own settings and listen, then call at
//! the other usual speeds and listen again. Sans-io; over within [`LIMIT_MS`].
//!
//! ```text
//!   own settings ──answer──▶ Answered
//!        │ ──a reply, no answer──▶ NotUnderstood      right speed, other dialect (or parity)
//!        │ ──readable text──▶ WrongDevice
//!        ▼ nothing, or noise
//!   the other usual settings, one call each ──reply, twice──▶ WrongSpeed, and which one
//!        │ ──readable text──▶ WrongDevice
//!        ▼
//!   Noise, or Silent
//! ```
//!
//! The owner opens the line as [`Examination::poll_open`] says, hands in what comes, drains [`Examination::poll_transmit`], and comes back
//! when [`Examination::poll_timeout`] says, until there is a [`Examination::verdict`].

use std::collections::VecDeque;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::dialect::layout::Layout;
use super::frame::framing::Handshake;
use super::model::{Model, Parity, SerialSettings, Timers};
use super::session::Session;
use super::{Answer, Break, Command, LinkEvent, TerminalStatus};

mod sound;

pub use sound::DeviceKind;
use sound::Sound;

/// The longest an examination takes, apart from the time the system needs to open a port (ms).
pub const LIMIT_MS: u64 = 5_000;
/// How long an answer in the model's own settings is waited for (ms).
const OWN_MS: u64 = 1_800;
/// How long a reply at another speed is waited for (ms).
const CALL_MS: u64 = 330;
/// How many other settings are tried.
const OTHERS_MAX: usize = 8;
/// How long the terminal may take to end an answered question (ms).
const END_MS: u64 = 300;
/// A connection that is closed so soon, with nothing said, was not wanted (ms).
const TURNED_AWAY_MS: u64 = 1_000;
/// The most bytes that are judged.
const HEARD_MAX: usize = 512;
const ENQ: u8 = 0x05;
const EOT: u8 = 0x04;

/// What is at the end of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// The terminal, and what it says of itself.
    Answered {
        /// State, mode, memory and identity.
        status: TerminalStatus,
        /// From the question to the answer.
        after_ms: u64,
    },
    /// A terminal that takes calls; its model cannot be asked more.
    Acknowledged {
        /// From the call to the reply.
        after_ms: u64,
    },
    /// Something takes our calls and does not answer our question: another model, another parity, or a terminal in the middle of something.
    NotUnderstood,
    /// A terminal answers in other line settings.
    WrongSpeed {
        /// In these.
        answers_at: SerialSettings,
    },
    /// Another device.
    WrongDevice {
        /// By how it talks.
        kind: DeviceKind,
        /// What it said, masked.
        sample: String,
        /// In these line settings.
        at: Option<SerialSettings>,
    },
    /// Bytes come that mean nothing at any usual speed.
    Noise,
    /// Our own bytes come back: the cable is bridged.
    Looped,
    /// Nothing at all: unplugged, switched off, or taken off the link.
    Silent,
    /// The port does not open.
    NotOpened {
        /// How.
        cause: Break,
        /// The system's words.
        detail: String,
    },
    /// The line went away in the middle.
    Lost {
        /// The system's words.
        detail: String,
    },
    /// An exchange is under way, or may still be answered: the line was left alone.
    InUse,
    /// Something more important needed the line.
    GaveWay,
}

/// The examination of one line.
#[derive(Debug)]
pub struct Examination {
    layout: Layout,
    timers: Timers,
    at: NaiveDateTime,
    question: Question,
    own: Option<SerialSettings>,
    others: VecDeque<SerialSettings>,
    wanted: Option<Option<SerialSettings>>,
    trial: Option<Trial>,
    heard: Vec<Heard>,
    transmit: VecDeque<Vec<u8>>,
    verdict: Option<Verdict>,
}

/// What may be asked of a model without moving money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Status,
    /// Only a call, given up at once.
    Call,
    /// Nothing: it can only be listened to.
    Nothing,
}

/// One pair of ears.
#[derive(Debug)]
struct Trial {
    settings: Option<SerialSettings>,
    session: Option<Session>,
    own: bool,
    confirming: bool,
    began_ms: u64,
    ends_ms: u64,
    sent: Vec<u8>,
    bytes: Vec<u8>,
    first_ms: Option<u64>,
    status: Option<(TerminalStatus, u64)>,
}

/// What was heard in one trial.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Heard {
    settings: Option<SerialSettings>,
    own: bool,
    sound: Sound,
    after_ms: u64,
}

impl Examination {
    /// An examination of a line to this model. `line` is the line of a serial port; without it there is only one way to ask. `at` is the
    /// counter's local time.
    pub fn new(
        model: &Model,
        layout: &Layout,
        line: Option<SerialSettings>,
        at: NaiveDateTime,
    ) -> Examination {
        let asks = model.capabilities.status && layout.encode_command(&Command::Status, at).is_ok();
        let question = if asks {
            Question::Status
        } else if layout.framing().handshake == Handshake::Enquiry {
            Question::Call
        } else {
            Question::Nothing
        };
        let timers = Timers {
            acknowledge_ms: OWN_MS,
            call_tries: 1,
            answer_ms: OWN_MS,
            ..model.timers
        };
        Examination {
            layout: layout.clone(),
            timers,
            at,
            question,
            own: line,
            others: line.map(others).unwrap_or_default(),
            wanted: Some(line),
            trial: None,
            heard: Vec::new(),
            transmit: VecDeque::new(),
            verdict: None,
        }
    }

    /// How the line is to be opened next: with these settings, or as it is. [`Examination::opened`] follows.
    pub fn poll_open(&mut self) -> Option<Option<SerialSettings>> {
        // The last word in the old settings leaves before the line changes.
        if self.transmit.is_empty() {
            self.wanted.take()
        } else {
            None
        }
    }

    /// The line is open.
    pub fn opened(&mut self, now_ms: u64, settings: Option<SerialSettings>) {
        let own = settings == self.own;
        let mut trial = Trial {
            settings,
            session: None,
            own,
            confirming: false,
            began_ms: now_ms,
            ends_ms: now_ms.saturating_add(if own { OWN_MS } else { CALL_MS }),
            sent: Vec::new(),
            bytes: Vec::new(),
            first_ms: None,
            status: None,
        };
        if self.question == Question::Status {
            let mut session = Session::new(self.layout.clone(), self.timers);
            if session.start(now_ms, self.at, Command::Status).is_ok() {
                trial.sent = session.poll_transmit().unwrap_or_default();
            }
            trial.session = own.then_some(session);
        } else if self.question == Question::Call {
            trial.sent = vec![ENQ];
        }
        if !trial.sent.is_empty() {
            self.transmit.push_back(trial.sent.clone());
        }
        self.trial = Some(trial);
    }

    /// The line cannot be opened.
    pub fn not_opened(&mut self, cause: Break, detail: String) {
        // Where it opened once and now does not, what was heard before counts.
        let verdict = match self.heard.is_empty() {
            true => Verdict::NotOpened { cause, detail },
            false => Verdict::Lost { detail },
        };
        self.verdict.get_or_insert(verdict);
    }

    /// Bytes came.
    pub fn handle_input(&mut self, now_ms: u64, bytes: &[u8]) {
        let Some(trial) = &mut self.trial else { return };
        trial.first_ms.get_or_insert(now_ms);
        let room = HEARD_MAX.saturating_sub(trial.bytes.len());
        trial.bytes.extend(bytes.iter().take(room));
        if let Some(session) = &mut trial.session {
            session.handle_input(now_ms, bytes);
            self.pump(now_ms);
        }
        self.keep_time(now_ms);
    }

    /// The moment of [`Examination::poll_timeout`] has come. Too early is harmless.
    pub fn handle_timeout(&mut self, now_ms: u64) {
        if let Some(Trial {
            session: Some(session),
            ..
        }) = &mut self.trial
        {
            session.handle_timeout(now_ms);
            self.pump(now_ms);
        }
        self.keep_time(now_ms);
    }

    /// The line is gone.
    pub fn handle_disconnect(&mut self, now_ms: u64, detail: String) {
        let silent = self.trial.as_ref().is_some_and(|trial| {
            trial.first_ms.is_none() && now_ms.saturating_sub(trial.began_ms) < TURNED_AWAY_MS
        });
        let verdict = match self.own {
            None if silent => Verdict::NotOpened {
                cause: Break::PortTaken,
                detail,
            },
            _ => Verdict::Lost { detail },
        };
        self.verdict.get_or_insert(verdict);
    }

    /// Bytes to write, in order.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.transmit.pop_front()
    }

    /// When [`Examination::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<u64> {
        let trial = self.trial.as_ref()?;
        let session = trial.session.as_ref().and_then(Session::poll_timeout);
        Some(session.map_or(trial.ends_ms, |due| due.min(trial.ends_ms)))
    }

    /// What is there, once that is known.
    pub fn verdict(&self) -> Option<&Verdict> {
        self.verdict.as_ref()
    }

    fn pump(&mut self, now_ms: u64) {
        let Some(trial) = &mut self.trial else { return };
        let Some(session) = &mut trial.session else {
            return;
        };
        while let Some(bytes) = session.poll_transmit() {
            trial.sent.extend(&bytes);
            self.transmit.push_back(bytes);
        }
        while let Some(event) = session.poll_event() {
            match event {
                LinkEvent::Answer {
                    answer: Answer::Status(status),
                } => {
                    trial.status = Some((status, now_ms.saturating_sub(trial.began_ms)));
                    trial.ends_ms = now_ms.saturating_add(END_MS);
                }
                LinkEvent::Idle if trial.status.is_some() => trial.ends_ms = now_ms,
                _ => {}
            }
        }
    }

    fn keep_time(&mut self, now_ms: u64) {
        if self.verdict.is_some()
            || self
                .trial
                .as_ref()
                .is_none_or(|trial| trial.ends_ms > now_ms)
        {
            return;
        }
        let Some(mut trial) = self.trial.take() else {
            return;
        };
        if let Some((status, after_ms)) = trial.status {
            self.verdict = Some(Verdict::Answered { status, after_ms });
            return;
        }
        let framing = self.layout.framing();
        let sound = sound::listen(framing, &trial.sent, &trial.bytes);
        if framing.handshake == Handshake::Enquiry && sound != Sound::Silence {
            // Whoever took the call may go back to rest.
            self.transmit.push_back(vec![EOT]);
        }
        let replies = matches!(sound, Sound::Line { taken: true } | Sound::Frame);
        if replies && !trial.own && !trial.confirming {
            trial.confirming = true;
            trial.bytes.clear();
            trial.ends_ms = now_ms.saturating_add(CALL_MS);
            self.transmit.push_back(trial.sent.clone());
            self.trial = Some(trial);
            return;
        }
        self.heard.push(Heard {
            settings: trial.settings,
            own: trial.own,
            sound,
            after_ms: trial
                .first_ms
                .map_or(0, |first| first.saturating_sub(trial.began_ms)),
        });
        let next = self.others.pop_front();
        self.verdict = judge(&self.heard, self.question, next.is_some());
        if self.verdict.is_none() {
            self.wanted = next.map(Some);
        }
    }
}

/// The other usual settings of a serial line, the likeliest first.
fn others(own: SerialSettings) -> VecDeque<SerialSettings> {
    let formats = [(8, Parity::None), (7, Parity::Even), (8, Parity::Even)];
    let speeds = [9_600, 19_200, 38_400, 115_200, 4_800, 57_600, 2_400];
    let other_speeds = speeds.map(|baud| SerialSettings { baud, ..own });
    let other_formats = formats.map(|(data_bits, parity)| SerialSettings {
        data_bits,
        parity,
        ..own
    });
    let mut found = VecDeque::new();
    for settings in other_speeds.into_iter().chain(other_formats) {
        if settings != own && !found.contains(&settings) && found.len() < OTHERS_MAX {
            found.push_back(settings);
        }
    }
    found
}

/// The verdict over what was heard; `None` where more may be heard.
fn judge(heard: &[Heard], question: Question, more: bool) -> Option<Verdict> {
    for one in heard {
        match (&one.sound, one.own, one.settings) {
            (Sound::Line { taken: true }, true, _) if question == Question::Call => {
                return Some(Verdict::Acknowledged {
                    after_ms: one.after_ms,
                });
            }
            (Sound::Line { .. } | Sound::Frame, true, _) => return Some(Verdict::NotUnderstood),
            (Sound::Line { taken: true } | Sound::Frame, false, Some(answers_at)) => {
                return Some(Verdict::WrongSpeed { answers_at });
            }
            (Sound::SevenBits { even }, _, Some(settings)) if settings.data_bits == 8 => {
                let parity = if *even { Parity::Even } else { Parity::Odd };
                let answers_at = SerialSettings {
                    data_bits: 7,
                    parity,
                    ..settings
                };
                return Some(Verdict::WrongSpeed { answers_at });
            }
            (Sound::Text(kind, sample), _, at) => {
                return Some(Verdict::WrongDevice {
                    kind: *kind,
                    sample: sample.clone(),
                    at,
                });
            }
            _ => {}
        }
    }
    let echoes = heard.iter().filter(|one| one.sound == Sound::Echo).count();
    // A bridged cable sends back everything at every speed; a terminal that calls at the same moment does so once.
    if echoes > 1 || echoes == 1 && !more {
        return Some(Verdict::Looped);
    }
    if more {
        return None;
    }
    let silent = heard.iter().all(|one| one.sound == Sound::Silence);
    Some(if silent {
        Verdict::Silent
    } else {
        Verdict::Noise
    })
}

#[cfg(test)]
mod tests;
