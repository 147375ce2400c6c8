//! Proof of the books: the chain is computed anew, every sale is replayed, and every row beside the entries must say what they say.
//!
//! Everything is read once, in order, side by side, so memory stays the same for a book of any size. What cannot be seen from
//! within is an end that was cut off as a whole, entries and rows together: for that, the head that is printed is compared with
//! one that was noted before.

mod kept;
mod replay;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::OnceLock;

use rusqlite::{Connection, Row};

use super::chain::{self, Hash, Link};
use super::open::{self, OpenError};
use super::schema::fresh_schema;
use super::{BooksKind, Store};
use replay::Replay;

/// What was checked, and the first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Live or practice.
    pub kind: BooksKind,
    /// Entries that hold.
    pub entries: u64,
    /// Sales that hold.
    pub sales: u64,
    /// Outcomes that hold.
    pub settlements: u64,
    /// Sales without an outcome.
    pub unresolved: u64,
    /// The hash of the newest entry, in hexadecimal; of the kind of books where there is no entry.
    pub head: String,
    /// The first bad row, where there is one.
    pub problem: Option<Problem>,
}

/// A row that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which table, or `file` for the database itself.
    pub table: &'static str,
    /// The row: the number of an entry or of a slip; 0 for the whole table.
    pub row: i64,
    /// What differs.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row {
            0 => write!(f, "{}: {}", self.table, self.what),
            row => write!(f, "row {row} of {}: {}", self.table, self.what),
        }
    }
}

/// Check books. An error means they could not be read at all; what is wrong inside is in the report.
pub fn verify(path: &Path) -> Result<Report, OpenError> {
    let store = Store::open_viewer(path)?;
    let mut replay = Replay::new(store.kind);
    // SQLite checks its pages beside the replay: together they take as long as the longer of the two.
    let (rows, file) = std::thread::scope(|scope| {
        let beside = std::thread::Builder::new().spawn_scoped(scope, || pages(path));
        let rows = rows(&store.connection, &mut replay);
        let file = match beside.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(file)) => file,
            Ok(Err(_)) | Err(_) => pages(path),
        };
        (rows, file)
    });
    let problem = match rows.and(file) {
        Ok(()) => None,
        Err(stop) => Some(stop.problem(path)?),
    };
    Ok(Report {
        problem,
        ..replay.report()
    })
}

/// Check books that are open.
pub(super) fn prove(store: &Store, with_pages: bool) -> Result<Report, OpenError> {
    let mut replay = Replay::new(store.kind);
    let rows = rows(&store.connection, &mut replay);
    let file = if with_pages {
        pages_of(&store.connection)
    } else {
        Ok(())
    };
    let problem = match rows.and(file) {
        Ok(()) => None,
        Err(stop) => Some(stop.problem(store.whereabouts.path())?),
    };
    Ok(Report {
        problem,
        ..replay.report()
    })
}

fn rows(connection: &Connection, replay: &mut Replay) -> Result<(), Stop> {
    let read = connection.unchecked_transaction()?;
    schema(&read)?;
    replay.run(&read)
}

/// Pages and indexes, as SQLite itself checks them.
fn pages(path: &Path) -> Result<(), Stop> {
    let store = Store::open_viewer(path).map_err(Stop::Open)?;
    pages_of(&store.connection)
}

fn pages_of(connection: &Connection) -> Result<(), Stop> {
    let words: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if words != "ok" {
        return problem("file", 0, words);
    }
    Ok(())
}

/// Check the chain of the newest entries only.
pub(super) fn tail(
    connection: &Connection,
    path: &Path,
    kind: BooksKind,
    count: u32,
) -> Result<Option<Problem>, OpenError> {
    match newest(connection, kind, count) {
        Ok(()) => Ok(None),
        Err(stop) => stop.problem(path).map(Some),
    }
}

fn newest(connection: &Connection, kind: BooksKind, count: u32) -> Result<(), Stop> {
    let newest: i64 =
        connection.query_row("SELECT coalesce(max(id), 0) FROM entry", [], |row| {
            row.get(0)
        })?;
    let first = (newest - i64::from(count)).max(0) + 1;
    let mut statement = connection.prepare(&format!("{ENTRIES} WHERE id >= ? ORDER BY id"))?;
    let mut rows = statement.query([first])?;
    let mut previous = (first == 1).then(|| chain::genesis(kind));
    let mut expected = first;
    while let Some(row) = rows.next()? {
        previous = Some(link(row, expected, previous.as_ref())?);
        expected += 1;
    }
    Ok(())
}

/// Why a check ended early.
enum Stop {
    Problem(Problem),
    Sql(rusqlite::Error),
    Open(OpenError),
}

impl Stop {
    /// What is wrong inside the books; as an error what only keeps them from being read.
    fn problem(self, path: &Path) -> Result<Problem, OpenError> {
        let error = match self {
            Stop::Problem(problem) => return Ok(problem),
            Stop::Sql(error) => open::said(path, error),
            Stop::Open(error) => error,
        };
        match error {
            OpenError::Damaged { at: what, .. } | OpenError::Io { said: what, .. } => Ok(Problem {
                table: "file",
                row: 0,
                what,
            }),
            error => Err(error),
        }
    }
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Stop {
        Stop::Sql(error)
    }
}

fn problem<T>(table: &'static str, row: i64, what: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Problem(Problem {
        table,
        row,
        what: what.into(),
    }))
}

/// A column that does not hold what its table allows.
fn unreadable(table: &'static str, row: i64) -> impl Fn(rusqlite::types::FromSqlError) -> Stop {
    move |error| {
        Stop::Problem(Problem {
            table,
            row,
            what: format!("a column cannot be read: {error}"),
        })
    }
}

const ENTRIES: &str = "
    SELECT id, recorded_at_ms, offset_minutes, business_date, kind, slip_number, body, hash_version, previous_hash, hash
    FROM entry";

/// The hash of one link of the chain, once it holds. `previous` is unknown only for the first row of a tail.
fn link(row: &Row<'_>, expected: i64, previous: Option<&Hash>) -> Result<Hash, Stop> {
    let id: i64 = row.get(0)?;
    if id != expected {
        return problem(
            "entry",
            expected,
            format!("it is missing; row {id} comes next"),
        );
    }
    let bad = unreadable("entry", id);
    if row.get_ref(7)?.as_i64().map_err(&bad)? != chain::HASH_VERSION {
        return problem("entry", id, "its hash version is unknown");
    }
    let hash_of = |column: usize| -> Result<Option<Hash>, Stop> {
        let bytes = row.get_ref(column)?.as_blob().map_err(&bad)?;
        Ok(Hash::try_from(bytes).ok())
    };
    let Some(carried) = hash_of(8)? else {
        return problem("entry", id, "its previous hash is no SHA-256");
    };
    if previous.is_some_and(|previous| *previous != carried) {
        return problem(
            "entry",
            id,
            "its previous hash is not the hash of the row before it",
        );
    }
    let link = Link {
        id,
        recorded_at_ms: row.get_ref(1)?.as_i64().map_err(&bad)?,
        offset_minutes: row.get_ref(2)?.as_i64().map_err(&bad)?,
        business_date: row.get_ref(3)?.as_str().map_err(&bad)?,
        kind: row.get_ref(4)?.as_str().map_err(&bad)?,
        slip: row.get_ref(5)?.as_i64_or_null().map_err(&bad)?,
        body: row.get_ref(6)?.as_str().map_err(&bad)?,
    };
    let hash = chain::hash(&link, &carried);
    if hash_of(9)? != Some(hash) {
        return problem("entry", id, "its hash does not fit its content");
    }
    Ok(hash)
}

/// The schema must be the one this program makes: a trigger that is gone protects nothing.
fn schema(connection: &Connection) -> Result<(), Stop> {
    let found = schema_words(connection)?;
    let made = made_schema()?;
    for (name, sql) in made {
        match found.get(name) {
            None => return problem("schema", 0, format!("{name} is missing")),
            Some(other) if other != sql => {
                return problem("schema", 0, format!("{name} was changed"));
            }
            Some(_) => {}
        }
    }
    match found.keys().find(|name| !made.contains_key(*name)) {
        Some(name) => problem("schema", 0, format!("{name} does not belong there")),
        None => Ok(()),
    }
}

type SchemaWords = BTreeMap<String, Option<String>>;

fn schema_words(connection: &Connection) -> rusqlite::Result<SchemaWords> {
    connection
        .prepare_cached("SELECT type || ' ' || name, sql FROM sqlite_schema")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// The schema of this program; made once, because it is always the same.
fn made_schema() -> rusqlite::Result<&'static SchemaWords> {
    static MADE: OnceLock<SchemaWords> = OnceLock::new();
    if let Some(made) = MADE.get() {
        return Ok(made);
    }
    let words = schema_words(&fresh_schema()?)?;
    Ok(MADE.get_or_init(|| words))
}

#[cfg(test)]
mod tests {
    use super::super::testbed::{Bed, books, card_sale, cash_sale, declined, sent};
    use super::*;
    use crate::domain::ledger::CatId;
    use rusqlite::types::Value;

    /// Books in which every column of every table holds something in some row.
    fn a_day() -> Bed {
        let mut bed = books(BooksKind::Live);
        bed.sell(cash_sale(500)).expect("booked");
        bed.paid(700, "00001");
        let (slip, _) = bed.pend(card_sale(900), CatId::Cat1).expect("written");
        bed.write(sent(slip)).expect("follows");
        bed.write(declined(slip)).expect("follows");
        bed.sell(super::super::testbed::again(cash_sale(900), slip))
            .expect("booked");
        bed.paid(1_100, "00002");
        bed
    }

    /// Do something to the books that their rules forbid, and leave the rules as they were.
    fn tamper(bed: &Bed, act: impl FnOnce(&Connection)) {
        let hand = bed.behind_the_back();
        let triggers: Vec<(String, String)> = hand
            .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            .and_then(|mut names| {
                names
                    .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect()
            })
            .expect("triggers");
        for (name, _) in &triggers {
            hand.execute_batch(&format!("DROP TRIGGER {name}"))
                .expect("dropped");
        }
        act(&hand);
        for (_, sql) in &triggers {
            hand.execute_batch(sql).expect("made again");
        }
    }

    fn found(bed: &Bed) -> Option<Problem> {
        verify(&bed.path).expect("read").problem
    }

    fn run(hand: &Connection, sql: &str) {
        let rows = hand.execute(sql, []).expect(sql);
        assert!(rows > 0, "{sql}");
    }

    #[test]
    fn every_column_of_every_row_is_proven() {
        let columns = |bed: &Bed, table: &str| -> Vec<String> {
            bed.store
                .connection
                .prepare("SELECT name FROM pragma_table_info(?)")
                .and_then(|mut names| names.query_map([table], |row| row.get(0))?.collect())
                .expect("columns")
        };
        let mut changes = 0;
        for table in ["entry", "sale", "tender", "card", "settlement"] {
            let mut bed = a_day();
            let names = columns(&bed, table);
            let count: i64 = bed
                .store
                .connection
                .query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0))
                .expect("a count");
            bed.store.checkpoint(0);
            let untouched = std::fs::read(&bed.path).expect("read");
            for name in names {
                for row in [0, count - 1] {
                    bed.path = bed.path.with_file_name(format!("{table}.{name}.{row}.db"));
                    std::fs::write(&bed.path, &untouched).expect("copied");
                    tamper(&bed, |hand| change(hand, table, &name, row));
                    let problem = found(&bed).unwrap_or_else(|| panic!("{table}.{name} of {row}"));
                    assert!([table, "card"].contains(&problem.table), "{problem}");
                    changes += 1;
                }
            }
        }
        assert!(changes > 70, "{changes}");
    }

    /// Another value of the same type; something where there was nothing.
    fn change(hand: &Connection, table: &str, column: &str, row: i64) {
        let (kind, value): (String, Value) = hand
            .query_row(
                &format!(
                    "SELECT (SELECT type FROM pragma_table_info('{table}') WHERE name = '{column}'), {column}
                     FROM {table} ORDER BY 1 LIMIT 1 OFFSET {row}"
                ),
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .expect("a value");
        let other = match (kind.as_str(), value.clone()) {
            (_, Value::Integer(number)) => Value::Integer(number + 1_000_000),
            ("INTEGER", _) => Value::Integer(1),
            (_, Value::Blob(mut bytes)) => {
                bytes[7] ^= 1;
                Value::Blob(bytes)
            }
            (_, Value::Text(text)) => Value::Text(text + "x"),
            _ => Value::Text("x".to_owned()),
        };
        // By position: a hash or a key may be what is changed.
        let key = if table == "tender" {
            "(slip_number, ordinal) = (SELECT slip_number, ordinal FROM tender LIMIT 1 OFFSET ?2)"
                .to_owned()
        } else {
            format!("rowid = (SELECT rowid FROM {table} LIMIT 1 OFFSET ?2)")
        };
        let rows = hand
            .execute(
                &format!("UPDATE {table} SET {column} = ?1 WHERE {key}"),
                (other, row),
            )
            .expect("changed");
        assert_eq!(rows, 1);
    }

    #[test]
    fn rows_that_are_gone_swapped_or_added_are_found() {
        for (sql, table, row) in [
            ("DELETE FROM entry WHERE id = 1", "entry", 1),
            ("DELETE FROM entry WHERE id BETWEEN 4 AND 6", "entry", 4),
            // The end is cut off, but what it said is still told beside it.
            ("DELETE FROM entry WHERE id > 5", "sale", 3),
            ("DELETE FROM sale WHERE slip_number = 2", "sale", 2),
            ("DELETE FROM sale WHERE slip_number = 5", "sale", 5),
            ("DELETE FROM tender WHERE slip_number = 2", "tender", 2),
            ("DELETE FROM tender WHERE slip_number = 5", "tender", 5),
            (
                "DELETE FROM settlement WHERE slip_number = 2",
                "settlement",
                2,
            ),
            ("DELETE FROM card", "card", 1),
            (
                "UPDATE entry SET body = (SELECT body FROM entry AS e WHERE e.id = 10 - entry.id) WHERE id IN (4, 6)",
                "entry",
                4,
            ),
            (
                "INSERT INTO tender VALUES (1, 2, 'cash', 5, 5, NULL, NULL)",
                "tender",
                1,
            ),
            (
                "INSERT INTO tender VALUES (5, 2, 'cash', 5, 5, NULL, NULL)",
                "tender",
                5,
            ),
            (
                "INSERT INTO settlement VALUES (1, 1, 'settled', NULL, NULL, NULL)",
                "settlement",
                1,
            ),
            (
                "INSERT INTO card VALUES (9, '9', 'a', 'a', 3, 'b', 'b')",
                "card",
                9,
            ),
            (
                "INSERT INTO sale SELECT 6, 1, 0, 540, '2026-06-01', 'sale', 1, NULL, NULL, '1', '1', 0, NULL, NULL, NULL,
                     NULL, NULL, 0, NULL",
                "sale",
                6,
            ),
        ] {
            let bed = a_day();
            tamper(&bed, |hand| run(hand, sql));
            let problem = found(&bed).unwrap_or_else(|| panic!("{sql}"));
            assert_eq!(
                (problem.table, problem.row),
                (table, row),
                "{sql}: {problem}"
            );
        }
    }

    #[test]
    fn a_rule_that_was_taken_out_is_missed() {
        for sql in [
            "DROP TRIGGER entry_is_never_changed",
            "DROP INDEX sale_by_cat",
            "CREATE TABLE note (text TEXT)",
            "CREATE TRIGGER quiet BEFORE INSERT ON sale BEGIN SELECT RAISE(IGNORE); END",
        ] {
            let bed = a_day();
            bed.behind_the_back().execute_batch(sql).expect("done");
            let problem = found(&bed).unwrap_or_else(|| panic!("{sql}"));
            assert_eq!(problem.table, "schema", "{sql}: {problem}");
        }
    }

    #[test]
    fn a_history_written_anew_has_another_head() {
        let bed = a_day();
        let before = verify(&bed.path).expect("read");
        assert_eq!(before.problem, None);
        assert_eq!(
            (before.entries, before.sales, before.settlements),
            (13, 5, 3)
        );
        let mut other = a_day();
        assert_eq!(verify(&other.path).expect("read").head, before.head);
        other.sell(cash_sale(1)).expect("booked");
        assert_ne!(verify(&other.path).expect("read").head, before.head);
    }

    #[test]
    fn a_torn_file_is_reported_not_believed() {
        let Bed {
            store,
            path,
            folder: _folder,
        } = a_day();
        drop(store);
        let length = std::fs::metadata(&path).expect("there").len();
        for page in 1..length / 4096 {
            let whole = std::fs::read(&path).expect("read");
            let mut torn = whole.clone();
            let start = usize::try_from(page * 4096).expect("small");
            torn[start..start + 512].fill(0xA5);
            std::fs::write(&path, &torn).expect("written");
            let holds = verify(&path).is_ok_and(|report| report.problem.is_none());
            assert!(!holds, "page {page}");
            std::fs::write(&path, &whole).expect("written");
        }
        assert_eq!(verify(&path).expect("read").problem, None);
    }
}
