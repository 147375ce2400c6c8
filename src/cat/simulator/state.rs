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
    /// Deaf until then: booting.
    pub(super) deaf_until_ms: Option<u64>,
}

#[derive(Debug, Default)]
pub(super) struct Outbox {
    pub(super) connected: bool,
    pub(super) sending: bool,
    pub(super) letters: VecDeque<Letter>,
    /// So many blocks of the letter on the line fail their check.
    pub(super) spoil_blocks: u32,
}

#[derive(Debug)]
pub(super) struct Letter {
    pub(super) text: Vec<u8>,
    pub(super) spoil_blocks: u32,
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
