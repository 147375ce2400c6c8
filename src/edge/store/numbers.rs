//! The numbers a new sale gets: the next slip, and the next sequence number of the books' own range.

use rusqlite::{Connection, OptionalExtension};

use super::BooksKind;
use super::trouble::{refused, unreadable};
use crate::app::message::StoreTrouble;
use crate::domain::slip::{SequenceNumber, SlipNumber};

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
pub(super) const fn range(kind: BooksKind) -> std::ops::RangeInclusive<u32> {
    match kind {
        BooksKind::Live => 1..=LIVE_LAST,
        BooksKind::Practice => PRACTICE_FIRST..=SequenceNumber::LAST,
    }
}

fn after(kind: BooksKind, last: Option<u32>) -> u32 {
    let range = range(kind);
    match last {
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
    fn a_range_of_slips_that_is_used_up_is_refused() {
        for (kind, newest, next) in [
            (BooksKind::Live, 89_999_999, Some(90_000_000)),
            (BooksKind::Live, 90_000_000, None),
            (BooksKind::Practice, 99_999_998, Some(99_999_999)),
            (BooksKind::Practice, 99_999_999, None),
        ] {
            let connection = super::super::open::fresh_schema().expect("a schema");
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
