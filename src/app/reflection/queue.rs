//! The queue as people read it: every posting that is not done, and what is the matter with it.

use super::{Key, Why};
use crate::app::State;
use crate::domain::reflection::{Progress, Standing, words};
use crate::domain::slip::SlipNumber;

/// What takes longer than this is counted while it is told (ms).
const SHORTLY_MS: u64 = 10_000;

/// One posting of the queue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row<'a> {
    /// Which.
    pub key: Key,
    /// It.
    pub progress: &'a Progress,
}

/// Where a posting stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowState {
    /// No receipt computer is connected.
    NotConnected,
    /// It is being told.
    Telling,
    /// Its turn comes.
    Due,
    /// It is definitely not there, and is tried again.
    Refused,
    /// Less is unpaid than was taken, or the invoice is to be computed anew.
    Changed,
    /// The bill names no invoice, and none or more than one may be meant.
    Unfound,
    /// Another terminal holds the patient.
    Held,
    /// It may be there.
    Unsure,
    /// What came before it on the invoice is not through.
    Behind,
    /// It is through, and the patient is still to be let go.
    Closing,
}

impl Row<'_> {
    /// Where it stands.
    pub fn state(&self, state: &State) -> RowState {
        if self.progress.standing.is_over() {
            return RowState::Closing;
        }
        if !state.settings.reflects() {
            return match self.progress.standing.is_doubtful() {
                true => RowState::Unsure,
                false => RowState::NotConnected,
            };
        }
        if state.reflection.at_work() == Some(self.key) {
            return RowState::Telling;
        }
        if self.progress.standing.is_doubtful() {
            return RowState::Unsure;
        }
        match (state.reflection.why(self.key), &self.progress.standing) {
            (Some(Why::Held { .. }), _) => RowState::Held,
            (Some(Why::Changed | Why::Caution), _) => RowState::Changed,
            (Some(Why::Unfound), _) => RowState::Unfound,
            (_, Standing::Refused { code, .. })
                if code == words::NO_INVOICE || code == words::SEVERAL_INVOICES =>
            {
                RowState::Unfound
            }
            (_, Standing::Refused { code, .. })
                if code == words::CHANGED || code == words::CAUTION =>
            {
                RowState::Changed
            }
            (Some(_), _) | (None, Standing::Refused { .. }) => RowState::Refused,
            _ if state.is_behind(self.key) => RowState::Behind,
            _ => RowState::Due,
        }
    }
}

impl State {
    /// 未反映: every posting that is not done, oldest first.
    pub fn queue(&self) -> Vec<Row<'_>> {
        let mut rows: Vec<Row<'_>> = self
            .unreflected()
            .flat_map(|slip| {
                let open = slip.postings.iter().filter(|one| !one.is_done());
                open.map(|progress| Row {
                    key: (slip.slip, progress.posting.number),
                    progress,
                })
            })
            .collect();
        rows.sort_by_key(|row| row.key);
        rows
    }

    /// How many postings the receipt computer does not have.
    pub fn unreflected_count(&self) -> usize {
        let slips = self.unreflected();
        slips
            .filter(|slip| !self.is_being_told(slip.slip))
            .map(|slip| slip.postings.iter().filter(|one| !one.is_done()).count())
            .sum()
    }

    /// True while a slip is told for the first time, and nothing went wrong with it yet.
    pub(crate) fn is_being_told(&self, slip: SlipNumber) -> bool {
        let machine = &self.reflection;
        let now = self.now.mono_ms;
        let shortly = |since: u64| now.saturating_sub(since) < SHORTLY_MS;
        let work = machine.work.as_ref();
        work.is_some_and(|work| work.key.0 == slip && shortly(work.since_ms))
            && !machine.waits.keys().any(|key| key.0 == slip)
            && machine.line_trouble.is_none()
    }

    fn is_behind(&self, key: Key) -> bool {
        let rows = self.queue();
        let Some(own) = rows.iter().find(|row| row.key == key) else {
            return false;
        };
        rows.iter().any(|row| {
            row.key < key
                && !row.progress.standing.is_over()
                && own.progress.waits_for(row.progress)
        })
    }
}
