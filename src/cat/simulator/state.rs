//! What a simulated terminal is in the middle of: its transaction, what the script left behind, and what waits for the line.

use std::collections::VecDeque;

use super::plan::Stage;
use crate::cat::Authorize;
use crate::domain::slip::SequenceNumber;

/// A transaction that is running.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) ask: Authorize,
    /// What a foreign console put in the number's place.
    pub(super) reference: Option<String>,
    /// It is told where the customer is.
    pub(super) wants_progress: bool,
    pub(super) stages: VecDeque<Stage>,
    /// When the last stage was done.
    pub(super) since_ms: u64,
    /// A line of the books is on its way to the disk.
    pub(super) recording: bool,
}

/// What the script left behind.
#[derive(Debug, Default)]
pub(super) struct Moods {
    /// Inquiries are not answered until the next transaction.
    pub(super) ignores_inquiries: bool,
    /// This number is denied.
    pub(super) denies: Option<SequenceNumber>,
    /// Requests of this number were refused by NAK, so often.
    pub(super) refused: Option<(SequenceNumber, u32)>,
    /// Staff took it off the link.
    pub(super) off_link: bool,
    /// Deaf until then: booting, or off the link without a word.
    pub(super) deaf_until_ms: Option<u64>,
}

#[derive(Debug, Default)]
pub(super) struct Outbox {
    pub(super) connected: bool,
    /// The letter on the line.
    pub(super) sending: Option<Letter>,
    pub(super) letters: VecDeque<Letter>,
    /// Nothing is said before this moment: a terminal takes a while to turn from hearing to speaking.
    pub(super) quiet_until_ms: u64,
    /// So many blocks of the letter on the line fail their check.
    pub(super) spoil_blocks: u32,
}

impl Outbox {
    /// When the next letter may be sent.
    pub(super) fn due_ms(&self) -> Option<u64> {
        (self.sending.is_none() && !self.letters.is_empty()).then_some(self.quiet_until_ms)
    }
}

#[derive(Debug)]
pub(super) struct Letter {
    pub(super) text: Vec<u8>,
    pub(super) spoil_blocks: u32,
    /// So many times more where it is not acknowledged.
    pub(super) repeats: u32,
    /// The letter behind it belongs to the same list.
    pub(super) goes_on: bool,
}

impl Outbox {
    /// What is to be said now.
    pub(super) fn next(&mut self, now_ms: u64) -> Option<Letter> {
        if self.sending.is_some() || now_ms < self.quiet_until_ms {
            return None;
        }
        let letter = self.letters.pop_front()?;
        self.spoil_blocks = letter.spoil_blocks;
        Some(letter)
    }

    /// What was said last is said again where it is not acknowledged.
    pub(super) fn repeat_last(&mut self, times: u32) {
        if let Some(letter) = self.letters.back_mut() {
            letter.repeats = times;
        }
    }

    /// What was said last is followed by more of the same list.
    pub(super) fn goes_on(&mut self) {
        if let Some(letter) = self.letters.back_mut() {
            letter.goes_on = true;
        }
    }

    /// The letter on the line was not taken. A list ends there: were it said on, it would look whole and lack a line.
    pub(super) fn fail(&mut self) {
        self.spoil_blocks = 0;
        let Some(mut letter) = self.sending.take() else {
            return;
        };
        if letter.repeats > 0 {
            letter.repeats -= 1;
            self.letters.push_front(letter);
            return;
        }
        let mut goes_on = letter.goes_on;
        while goes_on {
            goes_on = self.letters.pop_front().is_some_and(|next| next.goes_on);
        }
    }
}

impl Work {
    /// When the next stage is due; at once where there is none and the work is done.
    pub(super) fn due_ms(&self) -> Option<u64> {
        if self.recording {
            return None;
        }
        let stage = self.stages.front()?;
        Some(self.since_ms.saturating_add(stage.after_ms))
    }
}
