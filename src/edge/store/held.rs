//! A sale that is asked for again and is there already.

use super::read;
use super::trouble::refused;
use super::words::StampColumns;
use super::write::Books;
use crate::app::message::StoreTrouble;
use crate::domain::ledger::Entry;
use crate::domain::record::{SaleRecord, Stamp};
use crate::domain::slip::{SequenceNumber, SlipNumber};
use crate::teeth::{self, Tooth};

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
            .prepare_cached("SELECT max(slip_number) FROM sale")?
            .query_row([], |row| row.get(0))?;
        let Some(slip) = newest.map(SlipNumber::new) else {
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

/// The entry that opened a sale.
const OPENING_OF_SLIP: &str = "
    SELECT recorded_at_ms, offset_minutes, business_date, body FROM entry WHERE slip_number = ? ORDER BY id LIMIT 1";

#[cfg(test)]
mod tests;
