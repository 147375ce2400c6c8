//! A sale that is asked for again and is there already.

use super::trouble::refused;
use super::words::StampColumns;
use super::write::Books;
use super::{Store, read};
use crate::app::message::{StoreRequest, StoreTrouble};
use crate::domain::ledger::Entry;
use crate::domain::record::{SaleRecord, Stamp};
use crate::domain::slip::{SequenceNumber, SlipNumber};
use crate::teeth::{self, Tooth};

/// What was told of the newest sale.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    /// It was opened, as the console was told. The same once more, in the same millisecond, is the next customer's.
    done: Option<SlipNumber>,
    /// It was told as failed, and it is there: asked for again it is this one. No other is known again.
    failed: Option<SlipNumber>,
}

/// A sale was to be opened, and the console is told whether it was.
pub(super) fn note(store: &mut Store, request: &StoreRequest, done: bool) {
    if let StoreRequest::Sell { .. } | StoreRequest::Pend { .. } | StoreRequest::ByHand { .. } =
        request
    {
        let newest = newest(store);
        store.told = if done {
            Told {
                done: newest,
                failed: None,
            }
        } else {
            Told {
                failed: newest.filter(|_| newest != store.told.done),
                ..store.told
            }
        };
    }
}

fn newest(store: &Store) -> Option<SlipNumber> {
    let newest = store
        .connection
        .prepare_cached(NEWEST_SLIP)
        .and_then(|mut newest| newest.query_row([], |row| row.get::<_, Option<u32>>(0)));
    newest.ok().flatten().map(SlipNumber::new)
}

impl Store {
    /// The newest sale was told as failed. For the simulation, whose disk lies about a commit that reached it.
    pub fn told_as_failed(&mut self) {
        self.told = Told {
            done: None,
            failed: newest(self),
        };
    }
}

impl Books<'_> {
    /// The newest sale, where it was opened by this very request: its commit reached the disk, though the console was told that it failed, and
    /// it is asked for again, with the moment it was asked for first. It has its numbers already, and gets no others.
    pub(super) fn held(
        &self,
        stamp: Stamp,
        opening: impl Fn(SlipNumber, Option<SequenceNumber>) -> Option<Entry>,
    ) -> Result<Option<SaleRecord>, StoreTrouble> {
        if teeth::bites(Tooth::OpenedTwice) {
            return Ok(None);
        }
        let newest: Option<u32> = self
            .connection
            .prepare_cached(NEWEST_SLIP)?
            .query_row([], |row| row.get(0))?;
        // What another process opened at the same moment is its own.
        let newest = newest.map(SlipNumber::new);
        let Some(slip) = newest.filter(|_| newest == self.told.failed) else {
            return Ok(None);
        };
        let (columns, body) = self
            .connection
            .prepare_cached(OPENING_OF_SLIP)?
            .query_row([slip.get()], |row| {
                Ok((StampColumns::read(row, 0)?, row.get::<_, String>(3)?))
            })?;
        if columns != StampColumns::from(stamp) {
            return Ok(None);
        }
        let record = read::existing(self.connection, slip)?;
        let told = opening(slip, record.sequence_number)
            .map(|entry| serde_json::to_string(&entry))
            .transpose()
            .map_err(|error| refused(error.to_string()))?;
        Ok((told.as_ref() == Some(&body)).then_some(record))
    }
}

const NEWEST_SLIP: &str = "SELECT max(slip_number) FROM sale";
/// The entry that opened a sale.
const OPENING_OF_SLIP: &str = "
    SELECT recorded_at_ms, offset_minutes, business_date, body FROM entry WHERE slip_number = ? ORDER BY id LIMIT 1";

#[cfg(test)]
mod tests;
