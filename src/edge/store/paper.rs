//! What is read for paper: all that a slip says, and which papers of a day are missing.

use chrono::{DateTime, FixedOffset};
use rusqlite::Connection;

use super::read;
use super::trouble::unreadable;
use crate::app::message::StoreTrouble;
use crate::domain::business_day::BusinessDate;
use crate::domain::ledger::{Document, Entry, SaleState};
use crate::domain::paper::{Original, SlipFacts, Unprinted};
use crate::domain::slip::SlipNumber;

/// One sale, the slip it takes back, and what was printed of it.
pub(super) fn facts(
    connection: &Connection,
    slip: SlipNumber,
) -> Result<Option<SlipFacts>, StoreTrouble> {
    let Some(record) = read::record(connection, slip)? else {
        return Ok(None);
    };
    let original = match record.sale.original {
        Some(original) => read::record(connection, original)?.map(|record| Original {
            slip: record.slip,
            stamp: record.stamp,
        }),
        None => None,
    };
    let printed = printed(connection, slip)?
        .into_iter()
        .filter_map(|(_, entry)| match entry {
            Entry::Printed { document, .. } => Some(document),
            _ => None,
        })
        .collect();
    Ok(Some(SlipFacts {
        record,
        original,
        printed,
        steps: Vec::new(),
    }))
}

/// The papers of a day that were to be printed and were not, oldest first. `slips` where every slip was to be; copies were always asked
/// for. What was made or asked for before `since` does not count.
pub(super) fn unprinted(
    connection: &Connection,
    date: BusinessDate,
    since: DateTime<FixedOffset>,
    slips: bool,
) -> Result<Vec<Unprinted>, StoreTrouble> {
    let since = since.timestamp_millis();
    let mut of_the_day = connection.prepare_cached(SLIPS_OF_DAY)?;
    let rows = of_the_day.query_map([date.to_string()], |row| {
        Ok((SlipNumber::new(row.get(0)?), row.get::<_, i64>(1)?))
    })?;
    let mut missing = Vec::new();
    for row in rows {
        let (slip, recorded_ms) = row?;
        let entries = printed(connection, slip)?;
        let copy_asked = entries
            .iter()
            .filter(|(at, entry)| *at >= since && matches!(entry, Entry::Reissued { .. }))
            .count();
        let printed = |wanted: Document| {
            let is = |entry: &Entry| matches!(entry, Entry::Printed { document, .. } if *document == wanted);
            entries.iter().filter(|(_, entry)| is(entry)).count()
        };
        let (firsts, copies) = (printed(Document::Slip), printed(Document::Reissue));
        let document = if copy_asked > copies {
            Document::Reissue
        } else if slips && recorded_ms >= since && firsts + copies == 0 {
            Document::Slip
        } else {
            continue;
        };
        if read::state(connection, slip)? == Some(SaleState::Settled) {
            missing.push(Unprinted { slip, document });
        }
    }
    Ok(missing)
}

/// The entries of a slip that speak of paper, and when each was written (ms).
fn printed(connection: &Connection, slip: SlipNumber) -> Result<Vec<(i64, Entry)>, StoreTrouble> {
    let mut statement = connection.prepare_cached(PAPER_OF_SLIP)?;
    let mut rows = statement.query([slip.get()])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let body = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        let entry = serde_json::from_str(body)
            .map_err(|error| unreadable("entry", id, &error.to_string()))?;
        entries.push((row.get(1)?, entry));
    }
    Ok(entries)
}

/// The index of days answers.
const SLIPS_OF_DAY: &str =
    "SELECT slip_number, recorded_at_ms FROM sale WHERE business_date = ? ORDER BY slip_number";

/// The index of slips answers.
const PAPER_OF_SLIP: &str = "
    SELECT id, recorded_at_ms, body FROM entry
    WHERE slip_number = ? AND kind IN ('printed', 'reissued') ORDER BY id";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::message::{StoreRequest, Stored};
    use crate::domain::money::Yen;
    use crate::domain::record::Stamp;
    use crate::domain::sale::{Line, Operator, SaleDraft, SaleKind, TaxClass};
    use crate::domain::tender::Tender;
    use crate::edge::store::{BooksKind, Store};

    fn stamp(time: &str) -> Stamp {
        Stamp {
            at: format!("2026-11-21T{time}:00+09:00")
                .parse()
                .expect("a moment"),
            business_date: "2026-11-21".parse().expect("a date"),
        }
    }

    fn operator() -> Operator {
        Operator {
            code: "03".into(),
            name: "佐藤".into(),
        }
    }

    fn sell(store: &mut Store, time: &str) -> SlipNumber {
        let amount = Yen::new(1_000);
        let sale = SaleDraft {
            kind: SaleKind::Sale,
            order: None,
            original: None,
            undo: None,
            part: false,
            bill: None,
            replaces: None,
            lines: vec![Line {
                name: String::new(),
                unit: amount,
                quantity: 1,
                tax: TaxClass::NonTaxable,
            }],
            tenders: vec![Tender::Cash {
                amount,
                received: amount,
            }],
            operator: operator(),
            terminal_code: "01".into(),
            practice: false,
        };
        let stamp = stamp(time);
        match store.handle(StoreRequest::Sell { stamp, sale }) {
            Stored::Sold(record) => record.slip,
            other => panic!("{other:?}"),
        }
    }

    fn write(store: &mut Store, time: &str, entry: Entry) {
        let stamp = stamp(time);
        let stored = store.handle(StoreRequest::Write { stamp, entry });
        assert!(matches!(stored, Stored::Written(_)), "{stored:?}");
    }

    #[test]
    fn what_was_to_be_printed_and_was_not_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("books.sqlite3");
        let mut store = Store::open(&path, BooksKind::Live).expect("books");
        let _before_the_printer = sell(&mut store, "08:00");
        let printed = sell(&mut store, "09:10");
        let missing = sell(&mut store, "09:20");
        let copied = sell(&mut store, "09:30");
        for slip in [printed, copied] {
            let document = Document::Slip;
            write(&mut store, "09:40", Entry::Printed { slip, document });
        }
        let copy = Entry::Reissued {
            slip: copied,
            operator: operator(),
        };
        write(&mut store, "09:50", copy);
        let paper = |slip, document| Unprinted { slip, document };
        for (slips, wanted) in [
            (
                true,
                vec![
                    paper(missing, Document::Slip),
                    paper(copied, Document::Reissue),
                ],
            ),
            (false, vec![paper(copied, Document::Reissue)]),
        ] {
            let stored = store.handle(StoreRequest::Unprinted {
                date: stamp("10:00").business_date,
                since: stamp("09:00").at,
                slips,
            });
            assert_eq!(stored, Stored::Unprinted(wanted));
        }
        let document = Document::Reissue;
        let slip = copied;
        write(&mut store, "10:00", Entry::Printed { slip, document });
        let facts = store.paper(copied).expect("read").expect("there");
        assert_eq!(facts.printed, [Document::Slip, Document::Reissue]);
        assert_eq!(store.prove(true).expect("proved").problem, None);
    }
}
