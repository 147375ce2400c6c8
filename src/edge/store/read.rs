//! What is read of sales: one sale folded, what is open, and how a day stands. Every query here is answered by an index.

use rusqlite::{Connection, OptionalExtension};

use super::trouble::unreadable;
use super::words::{self, StampColumns};
use crate::app::message::{DayCount, StoreTrouble};
use crate::domain::business_day::BusinessDate;
use crate::domain::ledger::{CatId, Entry, SaleState};
use crate::domain::money::Yen;
use crate::domain::record::{SaleRecord, Stamp};
use crate::domain::slip::SlipNumber;
use crate::teeth::{self, Tooth};

/// Every terminal a counter can have.
const CATS: [CatId; 2] = [CatId::Cat1, CatId::Cat2];

/// One sale, folded from its entries.
pub(super) fn record(
    connection: &Connection,
    slip: SlipNumber,
) -> Result<Option<SaleRecord>, StoreTrouble> {
    let mut entries: Vec<(Stamp, Entry)> = Vec::new();
    let mut statement = connection.prepare_cached(ENTRIES_OF_SLIP)?;
    let mut rows = statement.query([slip.get()])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let stamp = StampColumns::read(row, 1)?.stamp_of("entry", id)?;
        let body = row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?;
        let entry = serde_json::from_str(body)
            .map_err(|error| unreadable("entry", id, &error.to_string()))?;
        entries.push((stamp, entry));
    }
    SaleRecord::fold(entries.iter().map(|(stamp, entry)| (*stamp, entry)))
        .map_err(|error| unreadable("entry", i64::from(slip.get()), &error.to_string()))
}

/// Where a sale stands. The entry that opened it says so by its kind alone: its lines and tenders, most of what a sale weighs, are not read.
pub(super) fn state(
    connection: &Connection,
    slip: SlipNumber,
) -> Result<Option<SaleState>, StoreTrouble> {
    let mut state = None;
    let mut statement = connection.prepare_cached(KINDS_OF_SLIP)?;
    let mut rows = statement.query([slip.get()])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let kind = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        state = match (state, kind) {
            (None, "pending") => Some(SaleState::Pending),
            (None, "sold") => Some(SaleState::Settled),
            _ => {
                let body = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
                let entry = serde_json::from_str(body)
                    .map_err(|error| unreadable("entry", id, &error.to_string()))?;
                SaleState::after(state, &entry)
                    .map_err(|error| unreadable("entry", id, &error.to_string()))?
            }
        };
    }
    Ok(state)
}

pub(super) const KINDS_OF_SLIP: &str =
    "SELECT id, kind, body FROM entry WHERE slip_number = ? ORDER BY id";

pub(super) const ENTRIES_OF_SLIP: &str = "
    SELECT id, recorded_at_ms, offset_minutes, business_date, body FROM entry WHERE slip_number = ? ORDER BY id";

/// The sale on this terminal that has no outcome.
///
/// Only the newest sale of a terminal can be one: a sale is refused, here and by a trigger, while the one before it on the same
/// terminal is open. So no list of open sales is needed that would have to be kept true, and ten years are not searched.
pub(super) fn unresolved_on(
    connection: &Connection,
    cat: CatId,
) -> Result<Option<SlipNumber>, StoreTrouble> {
    let newest = newest_on(connection, cat)?;
    Ok(newest.and_then(|(slip, resolved)| (!resolved).then_some(slip)))
}

/// The newest sale of a terminal, and whether it has its outcome.
fn newest_on(
    connection: &Connection,
    cat: CatId,
) -> Result<Option<(SlipNumber, bool)>, StoreTrouble> {
    let newest = connection
        .prepare_cached(NEWEST_ON_CAT)?
        .query_row([words::cat(cat)], |row| {
            Ok((SlipNumber::new(row.get(0)?), row.get(1)?))
        })
        .optional()?;
    Ok(newest)
}

pub(super) const NEWEST_ON_CAT: &str = "
    SELECT sale.slip_number, settlement.slip_number IS NOT NULL
    FROM sale LEFT JOIN settlement USING (slip_number)
    WHERE cat = ? ORDER BY sale.slip_number DESC LIMIT 1";

/// Every sale without an outcome, oldest first.
pub(super) fn unresolved(connection: &Connection) -> Result<Vec<SaleRecord>, StoreTrouble> {
    let mut slips = Vec::new();
    let one = teeth::bites(Tooth::SecondTerminalIsNotRead);
    for cat in CATS.into_iter().take(if one { 1 } else { CATS.len() }) {
        slips.extend(unresolved_on(connection, cat)?);
    }
    slips.sort_unstable();
    slips
        .into_iter()
        .map(|slip| existing(connection, slip))
        .collect()
}

/// The newest sale that has an outcome which never stood on the screen. Each terminal's newest sale is looked at: the outcome of
/// the one before it was on the screen when the newest was rung up.
pub(super) fn unshown(connection: &Connection) -> Result<Option<SaleRecord>, StoreTrouble> {
    let mut newest: Option<SaleRecord> = None;
    for cat in CATS {
        let Some((slip, true)) = newest_on(connection, cat)? else {
            continue;
        };
        let record = existing(connection, slip)?;
        // An attempt that failed is no news once its order is paid another way, or being paid: its bill must not come back.
        let order = record.sale.order.unwrap_or(slip);
        if record.state != SaleState::Settled && attempt_in_the_way(connection, order)?.is_some() {
            continue;
        }
        let newer = newest.as_ref().is_none_or(|other| record.slip > other.slip);
        if (!record.shown || teeth::bites(Tooth::ShownAgainAndAgain)) && newer {
            newest = Some(record);
        }
    }
    Ok(newest)
}

/// An attempt of an order that is paid or may be, and whether it is.
pub(super) fn attempt_in_the_way(
    connection: &Connection,
    order: SlipNumber,
) -> Result<Option<(SlipNumber, bool)>, StoreTrouble> {
    let found = connection
        .prepare_cached(ATTEMPT_IN_THE_WAY)?
        .query_row([order.get(), order.get()], |row| {
            let paid: Option<String> = row.get(1)?;
            Ok((SlipNumber::new(row.get(0)?), paid.is_some()))
        })
        .optional()?;
    Ok(found)
}

/// Attempts of an order that are paid, or may be.
pub(super) const ATTEMPT_IN_THE_WAY: &str = "
    SELECT attempt.slip_number, CASE WHEN attempt.cat IS NULL THEN 'settled' ELSE settlement.state END AS state
    FROM (SELECT slip_number, cat FROM sale WHERE slip_number = ?
          UNION ALL SELECT slip_number, cat FROM sale WHERE order_number = ?) AS attempt
    LEFT JOIN settlement USING (slip_number)
    WHERE attempt.cat IS NULL OR settlement.state IS NULL OR settlement.state = 'settled'
    LIMIT 1";

fn existing(connection: &Connection, slip: SlipNumber) -> Result<SaleRecord, StoreTrouble> {
    record(connection, slip)?
        .ok_or_else(|| unreadable("sale", i64::from(slip.get()), "it has no entries"))
}

/// Settled sales of a business day, and their sum. What was taken back is not a sale and not counted.
pub(super) fn day_count(
    connection: &Connection,
    date: BusinessDate,
) -> Result<DayCount, StoreTrouble> {
    let count = connection
        .prepare_cached(if teeth::bites(Tooth::AttemptsAreCounted) {
            ATTEMPT_COUNT
        } else {
            DAY_COUNT
        })?
        .query_row([date.to_string()], |row| {
            Ok(DayCount {
                sales: row.get(0)?,
                total: Yen::new(row.get(1)?),
            })
        })?;
    Ok(count)
}

pub(super) const DAY_COUNT: &str = "
    SELECT count(*), coalesce(sum(sale.total), 0)
    FROM sale LEFT JOIN settlement USING (slip_number)
    WHERE business_date = ? AND kind = 'sale' AND (cat IS NULL OR settlement.state = 'settled')";

/// A seeded bug: what never was paid counts too.
const ATTEMPT_COUNT: &str =
    "SELECT count(*), coalesce(sum(total), 0) FROM sale WHERE business_date = ? AND kind = 'sale'";
