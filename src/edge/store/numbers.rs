//! The numbers a new sale gets: the next slip, and the next sequence number of the books' own range.

use chrono::{DateTime, FixedOffset};
use rusqlite::{Connection, OptionalExtension};

use super::BooksKind;
use super::trouble::{refused, unreadable};
use crate::app::message::StoreTrouble;
use crate::domain::slip::{SequenceNumber, SlipNumber};
use crate::teeth::{self, Tooth};

/// The last sequence number of live books.
const LIVE_LAST: u32 = 899_999;
/// The first sequence number of practice books.
const PRACTICE_FIRST: u32 = 900_001;

/// The slip after the newest, or the first of the range.
pub(super) fn next_slip(
    connection: &Connection,
    kind: BooksKind,
) -> Result<SlipNumber, StoreTrouble> {
    let newest: Option<u32> = connection
        .prepare_cached("SELECT max(slip_number) FROM sale")?
        .query_row([], |row| row.get(0))?;
    match newest {
        None => Ok(SlipNumber::first(kind.is_practice())),
        Some(number) => SlipNumber::new(number).next().ok_or_else(|| {
            refused(format!(
                "slip number {number} is the last of its range; start new books in another folder"
            ))
        }),
    }
}

/// The first sequence number of a console that has just opened the books: somewhere in the range where these books were not yet.
///
/// A terminal answers a number it knows with the result it has, and charges nothing. Numbers that began at 1 in every new folder, or
/// went on from an older copy of the books, would meet those of another console at the same terminal, and a sale of the same amount
/// would look paid. So the moment decides where a run begins; within a run the numbers follow each other.
pub(super) fn first_sequence_number(
    connection: &Connection,
    kind: BooksKind,
    at: DateTime<FixedOffset>,
) -> Result<SequenceNumber, StoreTrouble> {
    let range = range(kind);
    let width = u64::from(range.end() - range.start()) + 1 - u64::from(RUN);
    let mut mixed = at.timestamp_nanos_opt().unwrap_or_default().unsigned_abs();
    if teeth::bites(Tooth::EachRunBeginsAtOne) {
        return SequenceNumber::new(*range.start()).ok_or_else(|| refused("no number"));
    }
    for _ in 0..TRIES {
        mixed = mix(mixed);
        let begin = range.start() + u32::try_from(mixed % width).unwrap_or_default();
        let used: Option<u32> = connection
            .prepare_cached(USED_SEQUENCE_NUMBERS)?
            .query_row([begin, begin + RUN], |row| row.get(0))
            .optional()?;
        if used.is_none()
            && let Some(number) = SequenceNumber::new(begin)
        {
            return Ok(number);
        }
    }
    // Books so old that they were everywhere: what comes next was used longest ago.
    next_sequence_number(connection, kind)
}

/// So many numbers from the first one on are new to these books: more than a run has sales on most days.
const RUN: u32 = 1_000;
/// How many places are tried.
const TRIES: u32 = 64;

/// One of these numbers that was used.
pub(super) const USED_SEQUENCE_NUMBERS: &str =
    "SELECT sequence_number FROM sale WHERE sequence_number BETWEEN ? AND ? LIMIT 1";

/// `SplitMix64`: neighbouring moments give numbers far apart.
fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The sequence number after the one that was used last. Ranges go round; a number that was used today is never met again,
/// because a range holds more numbers than a day has sales.
pub(super) fn next_sequence_number(
    connection: &Connection,
    kind: BooksKind,
) -> Result<SequenceNumber, StoreTrouble> {
    let last: Option<u32> = connection
        .prepare_cached(LAST_SEQUENCE_NUMBER)?
        .query_row([], |row| row.get(0))
        .optional()?;
    let number = after(kind, last);
    SequenceNumber::new(number)
        .ok_or_else(|| unreadable("sale", i64::from(number), "no sequence number"))
}

/// The newest sale that went to a terminal. A sale of each terminal is looked at, so that an index answers.
pub(super) const LAST_SEQUENCE_NUMBER: &str =
    "SELECT sequence_number FROM sale WHERE slip_number = max(
        coalesce((SELECT max(slip_number) FROM sale WHERE cat = 'cat1'), 0),
        coalesce((SELECT max(slip_number) FROM sale WHERE cat = 'cat2'), 0))";

/// The range of one kind of books.
pub(super) fn range(kind: BooksKind) -> std::ops::RangeInclusive<u32> {
    match kind {
        BooksKind::Practice if teeth::bites(Tooth::PracticeTakesLiveNumbers) => 1..=LIVE_LAST,
        BooksKind::Live => 1..=LIVE_LAST,
        BooksKind::Practice => PRACTICE_FIRST..=SequenceNumber::LAST,
    }
}

fn after(kind: BooksKind, last: Option<u32>) -> u32 {
    let range = range(kind);
    match last {
        Some(number) if teeth::bites(Tooth::SameNumberAgain) => number,
        Some(number) if range.contains(&number) && number < *range.end() => number + 1,
        _ => *range.start(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_go_round_within_their_range() {
        for (kind, last, next) in [
            (BooksKind::Live, None, 1),
            (BooksKind::Live, Some(1), 2),
            (BooksKind::Live, Some(899_998), 899_999),
            (BooksKind::Live, Some(899_999), 1),
            (BooksKind::Practice, None, 900_001),
            (BooksKind::Practice, Some(900_001), 900_002),
            (BooksKind::Practice, Some(999_999), 900_001),
        ] {
            assert_eq!(after(kind, last), next, "{kind:?} {last:?}");
        }
    }

    #[test]
    fn a_run_begins_where_these_books_were_not_and_elsewhere_at_another_moment() {
        let connection = super::super::schema::fresh_schema().expect("a schema");
        let moment = |ms| {
            let start = DateTime::parse_from_rfc3339("2026-11-21T09:00:00+09:00").expect("a time");
            start + chrono::Duration::milliseconds(ms)
        };
        for kind in [BooksKind::Live, BooksKind::Practice] {
            let numbers: std::collections::BTreeSet<u32> = (0..100)
                .map(|ms| {
                    let number = first_sequence_number(&connection, kind, moment(ms));
                    number.expect("a number").get()
                })
                .collect();
            assert!(numbers.len() > 95, "{numbers:?}");
            assert!(numbers.iter().all(|number| range(kind).contains(number)));
        }
        let first = first_sequence_number(&connection, BooksKind::Live, moment(0));
        let first = first.expect("a number").get();
        connection
            .execute_batch(&format!(
                "DROP TRIGGER sale_waits_for_its_terminal; PRAGMA foreign_keys = OFF;
                 INSERT INTO sale (slip_number, entry_id, recorded_at_ms, offset_minutes, business_date, kind, total,
                     operator_code, terminal_code, practice, cat, model, sequence_number)
                 VALUES (1, 1, 0, 0, '2026-06-01', 'sale', 1, '01', '01', 0, 'cat1', 'open-cat', {})",
                first + 500
            ))
            .expect("a sale");
        let again = first_sequence_number(&connection, BooksKind::Live, moment(0));
        let again = again.expect("a number").get();
        assert!(!(first..=first + 500).contains(&again), "{first} {again}");
    }

    #[test]
    fn a_range_of_slips_that_is_used_up_is_refused() {
        for (kind, newest, next) in [
            (BooksKind::Live, 89_999_999, Some(90_000_000)),
            (BooksKind::Live, 90_000_000, None),
            (BooksKind::Practice, 99_999_998, Some(99_999_999)),
            (BooksKind::Practice, 99_999_999, None),
        ] {
            let connection = super::super::schema::fresh_schema().expect("a schema");
            connection
                .execute_batch(&format!(
                    "DROP TRIGGER sale_waits_for_its_terminal; PRAGMA foreign_keys = OFF;
                     INSERT INTO sale (slip_number, entry_id, recorded_at_ms, offset_minutes, business_date, kind, total,
                         operator_code, terminal_code, practice)
                     VALUES ({newest}, 1, 0, 0, '2026-06-01', 'sale', 1, '01', '01', 0)"
                ))
                .expect("a sale");
            let found = next_slip(&connection, kind);
            assert_eq!(found.ok().map(SlipNumber::get), next, "{newest}");
        }
    }
}
