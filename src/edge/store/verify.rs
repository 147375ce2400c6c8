//! Proof of the books: the chain is computed anew, every sale is replayed, and every row beside the entries must say what they say.
//!
//! Everything is read once, in order, side by side, so memory stays the same for a book of any size. What cannot be seen from
//! within is an end that was cut off as a whole, entries and rows together: for that, the head that is printed is compared with
//! one that was noted before.

mod items;
mod kept;
mod replay;

use std::collections::{BTreeMap, BTreeSet};
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
    replay.run(&read)?;
    items::check(&read)
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
    let made = made_schema()?;
    let mut statement = connection.prepare_cached(SCHEMA)?;
    let mut rows = statement.query([])?;
    let mut there = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let bad = unreadable("schema", 0);
        let name = row.get_ref(0)?.as_str().map_err(&bad)?;
        let Some((name, sql)) = made.get_key_value(name) else {
            return problem("schema", 0, format!("{name} does not belong there"));
        };
        if row.get_ref(1)?.as_str_or_null().map_err(&bad)? != sql.as_deref() {
            return problem("schema", 0, format!("{name} was changed"));
        }
        there.insert(name.as_str());
    }
    match made.keys().find(|name| !there.contains(name.as_str())) {
        Some(name) => problem("schema", 0, format!("{name} is missing")),
        None => Ok(()),
    }
}

type SchemaWords = BTreeMap<String, Option<String>>;

const SCHEMA: &str = "SELECT type || ' ' || name, sql FROM sqlite_schema";

fn schema_words(connection: &Connection) -> rusqlite::Result<SchemaWords> {
    connection
        .prepare(SCHEMA)?
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
mod tests;
