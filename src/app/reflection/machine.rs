//! What the machine remembers beside the books: the step under way, and what keeps postings waiting.

use std::collections::BTreeMap;

use crate::domain::money::Yen;
use crate::domain::slip::SlipNumber;
use crate::orca::answer::{Failure, Lock, Refusal, Standing};
use crate::orca::call::Session;

/// The pause after the first failure (ms); it doubles up to the longest.
const PAUSE_MS: u64 = 5_000;
const PAUSE_MAX_MS: u64 = 300_000;

/// A posting of a slip.
pub type Key = (SlipNumber, u16);

/// The machine that tells the receipt computer, as far as it is not in the books.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reflecting {
    pub(super) work: Option<Work>,
    /// Sessions the receipt computer may hold for us that are in no book: answers that came with a refusal, or could not be written.
    pub(super) strays: Vec<(Key, Session)>,
    /// What keeps single postings waiting.
    pub(super) waits: BTreeMap<Key, Wait>,
    /// 再発行 that somebody asked for.
    pub(super) paper: Option<super::reissue::Paper>,
    /// The way to the receipt computer itself.
    pub(super) line: Pause,
    /// What went wrong on that way last, until it works again.
    pub line_trouble: Option<LineTrouble>,
    /// Until when nothing is done because the books took something they were told of no more, or are asked anew.
    pub(super) books: Option<Pause>,
    /// How often in a row they took nothing.
    pub(super) books_failures: u32,
    /// When this run made its first name for a session (ms of the epoch), and how many it made.
    pub(super) began_ms: Option<i64>,
    pub(super) names: u32,
}

/// A growing pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Pause {
    pub(super) failures: u32,
    pub(super) until_ms: u64,
}

/// Why a posting waits, and until when.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wait {
    pub(super) pause: Pause,
    /// Nothing but a person, or news of the patient, begins it again.
    pub(super) for_person: bool,
    pub(super) why: Why,
}

/// Why a posting waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The receipt computer says no, in its words.
    Refused {
        /// Its code.
        code: String,
        /// Its sentence.
        message: String,
    },
    /// Another terminal holds the patient.
    Held {
        /// Its code.
        code: String,
        /// Who, where it was told.
        lock: Option<Box<Lock>>,
        /// The receipt computer's sentence.
        message: String,
    },
    /// Less is unpaid than was taken.
    Changed,
    /// The invoice is to be computed anew, or was taken away.
    Caution,
    /// The bill names no invoice, and none or more than one may be meant.
    Unfound,
    /// It may be there: its history says neither that it is nor that it is not.
    Unclear {
        /// Rows before and now.
        rows: (u16, u16),
        /// Received before and now.
        received: (Yen, Yen),
    },
}

/// What is being done for one posting.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Work {
    pub(super) key: Key,
    pub(super) stage: Stage,
    /// Since when (ms).
    pub(super) since_ms: u64,
    /// The invoice as the open session told it.
    pub(super) told: Option<Box<Standing>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stage {
    /// `Bill` is out: which invoice is it?
    Searching,
    /// `Open` is out.
    Opening,
    /// `Locks` is out: who holds the patient?
    Looking(Refusal),
    /// `Finish` of a session that is in no book is out.
    Freeing(Session),
    /// A step goes into the books.
    Writing,
    /// The payment is out.
    Paying,
    /// `Reissue` is out.
    Printing,
    /// `Finish` is out.
    Finishing,
    /// `Release` is out, by a person's wish.
    Releasing,
}

/// What is the matter with the way to the receipt computer, in the system's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineTrouble {
    /// It could not be reached.
    Unreachable(String),
    /// Its answer was lost, or cannot be read.
    Lost(String),
    /// It does not let us in.
    Denied(String),
    /// What answers is no receipt computer.
    Foreign(String),
}

impl LineTrouble {
    fn of(failure: &Failure) -> LineTrouble {
        match failure {
            Failure::Unreachable(said) => LineTrouble::Unreachable(said.clone()),
            Failure::Lost(said) | Failure::Unreadable(said) => LineTrouble::Lost(said.clone()),
            Failure::Denied(said) | Failure::Certificate(said) => LineTrouble::Denied(said.clone()),
            Failure::Foreign(said) => LineTrouble::Foreign(said.clone()),
            Failure::Refused(refusal) => LineTrouble::Foreign(refusal.code.clone()),
        }
    }
}

impl Pause {
    pub(super) fn failed(&mut self, now_ms: u64) {
        let pause = PAUSE_MS << self.failures.min(6);
        self.failures = self.failures.saturating_add(1);
        self.until_ms = now_ms + pause.min(PAUSE_MAX_MS);
    }
}

impl Reflecting {
    /// The posting that is worked on.
    pub fn at_work(&self) -> Option<Key> {
        self.work.as_ref().map(|work| work.key)
    }

    /// Why a posting waits, where it does.
    pub fn why(&self, key: Key) -> Option<&Why> {
        self.waits.get(&key).map(|wait| &wait.why)
    }

    /// When a posting is tried next (`mono_ms`); none where it waits for a person.
    pub fn next_try(&self, key: Key) -> Option<u64> {
        let wait = self.waits.get(&key);
        if wait.is_some_and(|wait| wait.for_person) {
            return None;
        }
        Some(
            wait.map_or(0, |wait| wait.pause.until_ms)
                .max(self.line.until_ms),
        )
    }

    pub(super) fn wait(&mut self, key: Key, now_ms: u64, for_person: bool, why: Why) {
        let wait = self.waits.entry(key).or_insert_with(|| Wait {
            pause: Pause::default(),
            for_person,
            why: why.clone(),
        });
        wait.pause.failed(now_ms);
        wait.for_person = for_person;
        wait.why = why;
    }

    /// The first failure of its sort is tried again at once: a session of ours that was in the way is gone.
    pub(super) fn wait_shortly(&mut self, key: Key, now_ms: u64, why: Why) {
        self.wait(key, now_ms, false, why);
        if let Some(wait) = self.waits.get_mut(&key)
            && wait.pause.failures == 1
        {
            wait.pause.until_ms = now_ms;
        }
    }

    pub(super) fn line_failed(&mut self, now_ms: u64, failure: &Failure) {
        self.line.failed(now_ms);
        self.line_trouble = Some(LineTrouble::of(failure));
    }

    pub(super) fn line_works(&mut self) {
        self.line = Pause::default();
        self.line_trouble = None;
    }
}
