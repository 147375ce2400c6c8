//! What is read of sales: one sale folded, what is open, and how a day stands. Every query here is answered by an index.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};
use rusqlite::{Connection, OptionalExtension};

use super::rules::{AsOf, is_part};
use super::trouble::unreadable;
use super::words::{self, StampColumns};
use crate::app::message::{DayCount, StoreTrouble};
use crate::domain::business_day::BusinessDate;
use crate::domain::identity::Identity;
use crate::domain::ledger::{CatId, Entry, Evidence, SaleState};
use crate::domain::money::Yen;
use crate::domain::record::{SaleRecord, Stamp};
use crate::domain::reflection::Unreflected;
use crate::domain::slip::SlipNumber;
use crate::domain::undo::Undoable;
use crate::teeth::{self, Tooth};

/// Every terminal a counter can have.
const CATS: [CatId; 2] = [CatId::Cat1, CatId::Cat2];

/// One sale, folded from its entries.
pub(super) fn record(
    connection: &Connection,
    slip: SlipNumber,
) -> Result<Option<SaleRecord>, StoreTrouble> {
    record_until(connection, slip, i64::MAX)
}

/// One sale as it stood after the entry `upto`.
pub(super) fn record_until(
    connection: &Connection,
    slip: SlipNumber,
    upto: i64,
) -> Result<Option<SaleRecord>, StoreTrouble> {
    fold(slip, &entries_until(connection, slip, upto)?)
}

/// What the receipt computer was told of a slip by then. `None` where there is nothing to tell.
pub(super) fn unreflected_until(
    connection: &Connection,
    slip: SlipNumber,
    upto: i64,
) -> Result<Option<Unreflected>, StoreTrouble> {
    let entries = entries_until(connection, slip, upto)?;
    let mut told = fold(slip, &entries)?.as_ref().and_then(Unreflected::of);
    for (_, entry) in &entries {
        if let Entry::Reflection { posting, step, .. } = entry {
            let illegal = |why: &str| unreadable("entry", i64::from(slip.get()), why);
            let told = told.as_mut().ok_or_else(|| illegal("it is of no bill"))?;
            told.take(*posting, step)
                .map_err(|error| illegal(&error.to_string()))?;
        }
    }
    Ok(told)
}

/// The entries of a slip up to one, oldest first.
fn entries_until(
    connection: &Connection,
    slip: SlipNumber,
    upto: i64,
) -> Result<Vec<(Stamp, Entry)>, StoreTrouble> {
    let mut entries: Vec<(Stamp, Entry)> = Vec::new();
    let mut statement = connection.prepare_cached(ENTRIES_OF_SLIP)?;
    let mut rows = statement.query((slip.get(), upto))?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let stamp = StampColumns::read(row, 1)?.stamp_of("entry", id)?;
        let body = row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?;
        let entry = serde_json::from_str(body)
            .map_err(|error| unreadable("entry", id, &error.to_string()))?;
        entries.push((stamp, entry));
    }
    Ok(entries)
}

fn fold(slip: SlipNumber, entries: &[(Stamp, Entry)]) -> Result<Option<SaleRecord>, StoreTrouble> {
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
            (None, "by_hand") => Some(SaleState::ByHand),
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
    SELECT id, recorded_at_ms, offset_minutes, business_date, body FROM entry
    WHERE slip_number = ? AND id <= ? ORDER BY id";

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

/// Which terminals were seen at the ports. The entries are few: one where another terminal answers than before.
pub(super) fn terminals(
    connection: &Connection,
) -> Result<BTreeMap<CatId, Identity>, StoreTrouble> {
    let mut found = BTreeMap::new();
    let mut statement = connection.prepare_cached(TERMINALS_SEEN)?;
    for cat in CATS {
        let mut identity = Identity::default();
        let mut rows = statement.query([words::cat(cat)])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let body = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            let entry = serde_json::from_str(body)
                .map_err(|error| unreadable("entry", id, &error.to_string()))?;
            if let Entry::TerminalSeen {
                terminal_id,
                confirmed_by,
                ..
            } = entry
            {
                identity.take(&terminal_id, confirmed_by.is_some());
            }
        }
        if identity.known.is_some() {
            found.insert(cat, identity);
        }
    }
    Ok(found)
}

const TERMINALS_SEEN: &str = "
    SELECT entry.id, entry.body FROM terminal_seen JOIN entry ON entry.id = terminal_seen.entry_id
    WHERE terminal_seen.cat = ? ORDER BY terminal_seen.entry_id";

/// When an amount was sent to each terminal last. A few of its newest sales are looked at: of those before, none was sent a moment ago.
pub(super) fn last_sent(
    connection: &Connection,
) -> Result<BTreeMap<CatId, DateTime<FixedOffset>>, StoreTrouble> {
    let mut found = BTreeMap::new();
    let mut statement = connection.prepare_cached(NEWEST_SALES_ON_CAT)?;
    for cat in CATS {
        let mut rows = statement.query([words::cat(cat)])?;
        while let Some(row) = rows.next()? {
            let sale = record(connection, SlipNumber::new(row.get(0)?))?;
            let left = |sale: &SaleRecord| sale.evidence != Some(Evidence::NothingSent);
            if let Some(at) = sale.filter(left).and_then(|sale| sale.sent_at) {
                found.insert(cat, at);
                break;
            }
        }
    }
    Ok(found)
}

const NEWEST_SALES_ON_CAT: &str =
    "SELECT slip_number FROM sale WHERE cat = ? ORDER BY slip_number DESC LIMIT 16";

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
        if record.state != SaleState::Settled && is_taken(connection, order)? {
            // Of a bill in parts it is news until the bill is paid.
            let in_parts = is_part(&record.sale);
            if !in_parts || AsOf::now(connection).part_paid(order)?.is_none() {
                continue;
            }
        }
        let newer = newest.as_ref().is_none_or(|other| record.slip > other.slip);
        if (!record.shown || teeth::bites(Tooth::ShownAgainAndAgain)) && newer {
            newest = Some(record);
        }
    }
    Ok(newest)
}

/// True where an attempt of an order is paid or may be.
fn is_taken(connection: &Connection, order: SlipNumber) -> Result<bool, StoreTrouble> {
    Ok(connection
        .prepare_cached(ATTEMPT_IN_THE_WAY)?
        .exists([order.get()])?)
}

/// Attempts of an order that are paid, or may be.
pub(super) const ATTEMPT_IN_THE_WAY: &str = "
    SELECT attempt.slip_number
    FROM (SELECT slip_number FROM sale WHERE slip_number = ?1
          UNION ALL SELECT slip_number FROM sale WHERE order_number = ?1) AS attempt
    LEFT JOIN settlement USING (slip_number)
    WHERE coalesce(settlement.state, 'settled') = 'settled'
    LIMIT 1";

pub(super) fn existing(
    connection: &Connection,
    slip: SlipNumber,
) -> Result<SaleRecord, StoreTrouble> {
    record(connection, slip)?
        .ok_or_else(|| unreadable("sale", i64::from(slip.get()), "it has no entries"))
}

/// Paid sales of a business day, and their sum: settled ones, and those by hand whose slip was booked first and not released later. What
/// was taken back is not a sale and not counted.
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
    WHERE business_date = ? AND kind = 'sale' AND CASE
        WHEN settlement.state IS NOT NULL THEN settlement.state = 'settled'
        WHEN hand_model IS NOT NULL THEN EXISTS (SELECT 1 FROM booking WHERE booking.slip_number = sale.slip_number)
        ELSE cat IS NULL END";

/// A sale, and what bears on taking it back.
pub(super) fn undoable(
    connection: &Connection,
    slip: SlipNumber,
) -> Result<Option<Undoable>, StoreTrouble> {
    let Some(original) = record(connection, slip)? else {
        return Ok(None);
    };
    let place = Where::of(&original);
    Ok(Some(Undoable {
        undone: AsOf::now(connection).undone(slip)?,
        later_at_terminal: place.has_later(connection, slip)?,
        number_given_twice: match (&place, &original.terminal.slip_number) {
            (Where::Port(cat), Some(number)) => connection
                .prepare_cached(SAME_NUMBER)?
                .exists((number.as_str(), slip.get(), words::cat(*cat)))?,
            _ => false,
        },
        terminal_day_closed: match place {
            Where::Port(cat) => day_closed(connection, cat, slip)?,
            Where::Apart(_) | Where::Unknown | Where::Nowhere => None,
        },
        original,
    }))
}

/// At which terminal a sale was made.
enum Where {
    Port(CatId),
    /// One that is not linked, by its model.
    Apart(String),
    /// A card, and nobody wrote down where.
    Unknown,
    Nowhere,
}

impl Where {
    fn of(record: &SaleRecord) -> Where {
        let hand = record.by_hand.as_ref().map(|work| &work.place);
        match (&record.route, hand) {
            (Some(route), _) => Where::Port(route.cat),
            (None, Some(place)) => match place.cat {
                Some(cat) => Where::Port(cat),
                None => Where::Apart(place.model.clone()),
            },
            (None, None) if record.sale.card().is_some() => Where::Unknown,
            (None, None) => Where::Nowhere,
        }
    }

    /// True where a card was used there later, or may have been.
    fn has_later(&self, connection: &Connection, slip: SlipNumber) -> Result<bool, StoreTrouble> {
        let later = |sql, key: &dyn rusqlite::ToSql| {
            connection
                .prepare_cached(sql)?
                .exists(rusqlite::params![slip.get(), key])
        };
        Ok(match self {
            Where::Port(cat) => {
                let cat = words::cat(*cat);
                later(LATER_ON_CAT, &cat)? || later(LATER_BY_HAND, &cat)?
            }
            Where::Apart(model) => later(LATER_APART, model)?,
            Where::Unknown => connection
                .prepare_cached(LATER_CARD)?
                .exists([slip.get()])?,
            Where::Nowhere => false,
        })
    }
}

pub(super) const LATER_ON_CAT: &str = "
    SELECT 1 FROM sale LEFT JOIN settlement USING (slip_number)
    WHERE sale.slip_number > ? AND cat = ? AND coalesce(settlement.state, 'settled') = 'settled' LIMIT 1";
pub(super) const LATER_BY_HAND: &str = "
    SELECT 1 FROM sale LEFT JOIN settlement USING (slip_number)
    WHERE sale.slip_number > ? AND hand_cat = ? AND coalesce(settlement.state, 'settled') = 'settled' LIMIT 1";
pub(super) const LATER_APART: &str = "
    SELECT 1 FROM sale LEFT JOIN settlement USING (slip_number)
    WHERE sale.slip_number > ? AND hand_model = ? AND hand_cat IS NULL
        AND coalesce(settlement.state, 'settled') = 'settled' LIMIT 1";
pub(super) const LATER_CARD: &str =
    "SELECT 1 FROM tender WHERE slip_number > ? AND card_id IS NOT NULL LIMIT 1";

/// A sale at the same port under the same number, later or of the same day; leading zeros tell none apart. Older ones do not count: numbers that
/// begin anew every day would always have one.
pub(super) const SAME_NUMBER: &str = "
    SELECT 1 FROM settlement JOIN sale USING (slip_number)
    WHERE ltrim(terminal_slip_number, '0') = ltrim(?1, '0') AND terminal_slip_number IS NOT NULL
        AND settlement.slip_number <> ?2 AND kind = 'sale' AND state = 'settled'
        AND (settlement.slip_number > ?2 OR business_date = (SELECT business_date FROM sale WHERE slip_number = ?2))
        AND (cat = ?3 OR hand_cat = ?3)
    LIMIT 1";

/// When 日計 was last run at a terminal after a slip was opened.
fn day_closed(
    connection: &Connection,
    cat: CatId,
    slip: SlipNumber,
) -> Result<Option<DateTime<FixedOffset>>, StoreTrouble> {
    let mut statement = connection.prepare_cached(DAY_CLOSED)?;
    let mut rows = statement.query((words::cat(cat), slip.get()))?;
    match rows.next()? {
        None => Ok(None),
        Some(row) => {
            let stamp = StampColumns::read(row, 1)?.stamp_of("entry", row.get(0)?)?;
            Ok(Some(stamp.at))
        }
    }
}

/// By the order of the entries, since the sale reached the terminal: no clock that is turned changes it. What was sent reached it then, whatever
/// was looked up there later.
pub(super) const DAY_CLOSED: &str = "
    SELECT entry.id, entry.recorded_at_ms, entry.offset_minutes, entry.business_date
    FROM terminal_day JOIN entry ON entry.id = terminal_day.entry_id
    WHERE terminal_day.cat = ?1 AND terminal_day.entry_id > coalesce(
        (SELECT min(id) FROM entry WHERE slip_number = ?2 AND kind = 'sent'),
        (SELECT min(id) FROM entry WHERE slip_number = ?2 AND kind = 'step' AND json_extract(body, '$.step') = 'operated'),
        (SELECT entry_id FROM sale WHERE slip_number = ?2))
    ORDER BY terminal_day.entry_id DESC LIMIT 1";

/// A seeded bug: what never was paid counts too.
const ATTEMPT_COUNT: &str =
    "SELECT count(*), coalesce(sum(total), 0) FROM sale WHERE business_date = ? AND kind = 'sale'";
