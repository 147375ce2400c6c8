//! The schema: its steps, and how books that an older program made are brought up to date.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::BooksKind;
use super::open::{Found, OpenError, look, said};

/// The steps of the schema; a file of `assets/schema` each, numbered from 1.
const MIGRATIONS: [&str; 7] = [
    include_str!("../../../assets/schema/0001_books.sql"),
    include_str!("../../../assets/schema/0002_undo_and_by_hand.sql"),
    include_str!("../../../assets/schema/0003_terminal_seen.sql"),
    include_str!("../../../assets/schema/0004_bills.sql"),
    include_str!("../../../assets/schema/0005_items.sql"),
    include_str!("../../../assets/schema/0006_compared_lists.sql"),
    include_str!("../../../assets/schema/0007_movement_operator.sql"),
];

/// The newest step this program knows.
pub(super) fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).expect("migrations are few")
}

/// Bring the schema up to date, step by step, in one transaction. What is there is read inside it: two programs may start at once.
pub(super) fn migrate(
    connection: &mut Connection,
    path: &Path,
    kind: BooksKind,
) -> Result<(), OpenError> {
    if matches!(look(connection, path)?, Found::Books { version, .. } if version == known()) {
        return Ok(());
    }
    // Some steps change words of the schema itself, which a connection refuses at all other times.
    let guard = |connection: &Connection, on| {
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, on)
            .map(|_| ())
            .map_err(|error| said(path, error))
    };
    guard(connection, false)?;
    let done = steps(connection, path, kind);
    guard(connection, true)?;
    done
}

fn steps(connection: &mut Connection, path: &Path, kind: BooksKind) -> Result<(), OpenError> {
    let error = |error| said(path, error);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(error)?;
    let version = match look(&transaction, path)? {
        Found::Nothing => 0,
        Found::Books { version, .. } => version,
    };
    for step in MIGRATIONS
        .iter()
        .skip(usize::try_from(version).unwrap_or(usize::MAX))
    {
        transaction.execute_batch(step).map_err(error)?;
    }
    words_are_ours(&transaction, path)?;
    transaction
        .pragma_update(None, "application_id", kind.application_id())
        .map_err(error)?;
    transaction
        .pragma_update(None, "user_version", known())
        .map_err(error)?;
    transaction.commit().map_err(error)
}

/// The tables whose words a step changes must be the ones this program makes, word for word: a step that did not find what it was to change
/// has changed nothing.
fn words_are_ours(transaction: &Transaction<'_>, path: &Path) -> Result<(), OpenError> {
    let words = |connection: &Connection| -> rusqlite::Result<String> {
        connection.query_row(
            "SELECT group_concat(sql, ';' ORDER BY name) FROM sqlite_schema
             WHERE type = 'table' AND name IN ('entry', 'sale', 'tender', 'settlement', 'task', 'movement_group')",
            [],
            |row| row.get(0),
        )
    };
    let made = fresh_schema()
        .and_then(|fresh| words(&fresh))
        .map_err(|error| said(path, error))?;
    let found = words(transaction).map_err(|error| said(path, error))?;
    if found == made {
        return Ok(());
    }
    Err(OpenError::Damaged {
        path: path.to_owned(),
        at: "the words of its tables".to_owned(),
    })
}

/// The schema as this program makes it, to compare a file with.
pub(super) fn fresh_schema() -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    for step in MIGRATIONS {
        connection.execute_batch(step)?;
    }
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::super::testbed::{Bed, books, card_sale, cash_sale, declined, sent};
    use super::super::{Store, verify};
    use super::*;
    use crate::domain::ledger::CatId;

    /// Books of some hundred entries.
    fn some_days() -> Bed {
        let mut bed = books(BooksKind::Live);
        for amount in 1..=40 {
            bed.sell(cash_sale(amount)).expect("booked");
            bed.paid(amount, &format!("{amount:05}"));
            let (slip, _) = bed.pend(card_sale(amount), CatId::Cat2).expect("written");
            bed.write(sent(slip)).expect("follows");
            bed.write(declined(slip)).expect("follows");
        }
        bed.pend(card_sale(1_100), CatId::Cat1).expect("written");
        bed
    }

    /// The same rows as the first schema keeps them: what an older program left behind.
    fn as_the_first_program_left_them(bed: &Bed) -> PathBuf {
        let path = bed.path.with_file_name("first.db");
        let old = Connection::open(&path).expect("a file");
        let set = |name: &str, value: i32| old.pragma_update(None, name, value).expect("set");
        old.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))
            .expect("set");
        set("application_id", BooksKind::Live.application_id());
        set("user_version", 1);
        set("foreign_keys", 0);
        old.execute_batch(MIGRATIONS[0]).expect("the first schema");
        let triggers: Vec<(String, String)> = old
            .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            .and_then(|mut names| {
                names
                    .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect()
            })
            .expect("triggers");
        for (name, _) in &triggers {
            old.execute_batch(&format!("DROP TRIGGER {name}"))
                .expect("dropped");
        }
        old.execute("ATTACH ? AS new", [bed.path.to_str().expect("a path")])
            .expect("attached");
        for table in ["entry", "sale", "card", "tender", "settlement"] {
            let columns: String = old
                .query_row(
                    "SELECT group_concat(name) FROM pragma_table_info(?)",
                    [table],
                    |row| row.get(0),
                )
                .expect("columns");
            old.execute_batch(&format!(
                "INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}"
            ))
            .expect("copied");
        }
        for (_, sql) in &triggers {
            old.execute_batch(sql).expect("made again");
        }
        path
    }

    /// The same rows as the second schema keeps them.
    fn as_the_second_program_left_them(bed: &Bed) -> PathBuf {
        let path = as_the_first_program_left_them(bed);
        let hand = Connection::open(&path).expect("opens");
        hand.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)
            .expect("set");
        hand.execute_batch(MIGRATIONS[1])
            .expect("the second schema");
        hand.pragma_update(None, "user_version", 2).expect("set");
        path
    }

    fn version(path: &Path) -> i64 {
        Connection::open(path)
            .and_then(|books| books.pragma_query_value(None, "user_version", |row| row.get(0)))
            .expect("a database")
    }

    #[test]
    fn books_of_the_first_schema_are_brought_up_to_date_where_they_lie() {
        let bed = some_days();
        let before = verify(&bed.path).expect("read");
        let path = as_the_first_program_left_them(&bed);
        assert_eq!(
            Store::open_viewer(&path).expect_err("a reader changes nothing"),
            OpenError::Older(path.clone())
        );
        let entries = |path: &Path| -> Vec<(i64, String, Vec<u8>)> {
            Connection::open(path)
                .expect("opens")
                .prepare("SELECT id, body, hash FROM entry ORDER BY id")
                .and_then(|mut rows| {
                    rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                        .collect()
                })
                .expect("entries")
        };
        let untouched = entries(&path);
        assert_eq!(untouched.len(), 321);
        drop(Store::open(&path, BooksKind::Live).expect("opens"));
        assert_eq!(version(&path), i64::from(known()));
        assert_eq!(entries(&path), untouched);
        // Everything beside the entries is as if this program had written it from the first day.
        assert_eq!(verify(&path).expect("read"), before);
    }

    #[test]
    fn books_of_the_second_schema_take_bills_where_they_lie() {
        let bed = some_days();
        let before = verify(&bed.path).expect("read");
        let path = as_the_second_program_left_them(&bed);
        assert_eq!(version(&path), 2);
        let mut store = Store::open(&path, BooksKind::Live).expect("opens");
        assert_eq!(version(&path), i64::from(known()));
        assert_eq!(verify(&path).expect("read"), before);
        // What the second schema did not know is taken now.
        let sale = super::super::testbed::billed(cash_sale(650), "00012", &[("1426", 650)]);
        let stamp = super::super::testbed::at(900);
        let sold = store.handle(crate::app::message::StoreRequest::Sell { stamp, sale });
        let crate::app::message::Stored::Sold(record) = sold else {
            panic!("{sold:?}");
        };
        let entry = super::super::testbed::told(record.slip, "opened");
        let written = store.handle(crate::app::message::StoreRequest::Write { stamp, entry });
        assert!(
            matches!(written, crate::app::message::Stored::Written(_)),
            "{written:?}"
        );
        assert_eq!(verify(&path).expect("read").problem, None);
    }

    #[test]
    fn a_kill_in_between_leaves_the_old_books_or_the_new_ones() {
        let bed = some_days();
        let head = verify(&bed.path).expect("read").head;
        let old = as_the_first_program_left_them(&bed);
        let untouched = fs::read(&old).expect("read");
        // The log of the whole migration, as it stands on the disk before anything of it is brought into the file.
        let store = Store::open(&old, BooksKind::Live).expect("opens");
        let log = fs::read(old.with_extension("db-wal")).expect("a log");
        assert_eq!(
            fs::read(&old).expect("read"),
            untouched,
            "nothing is in the file yet"
        );
        drop(store);
        let folder = tempfile::TempDir::new().expect("a folder");
        let frame = 4_096 + 24;
        let frames = (log.len() - 32) / frame;
        assert!(frames > 10, "{frames}");
        let mut found = Vec::new();
        let cuts = (0..frames - 1).step_by(5).chain([frames - 1, frames]);
        for (number, frames) in cuts.enumerate() {
            // In the middle of a frame, and behind it.
            let length = (32 + frames * frame + number % 2 * 2_000).min(log.len());
            let path = folder.path().join(format!("{number}.db"));
            fs::write(&path, &untouched).expect("copied");
            fs::write(path.with_extension("db-wal"), &log[..length]).expect("copied");
            found.push(version(&path));
            drop(Store::open(&path, BooksKind::Live).expect("opens"));
            let report = verify(&path).expect("read");
            assert_eq!(
                (report.head.as_str(), report.problem),
                (head.as_str(), None)
            );
            assert_eq!(version(&path), i64::from(known()));
        }
        assert_eq!(
            found.pop(),
            Some(i64::from(known())),
            "all of the log is the new books"
        );
        assert!(found.contains(&1), "{found:?}");
        assert!(found.is_sorted(), "{found:?}");
    }

    #[test]
    fn no_row_takes_a_table_of_its_own_to_be_checked() {
        let fresh = fresh_schema().expect("a schema");
        for table in [
            "entry",
            "sale",
            "card",
            "tender",
            "settlement",
            "bill",
            "booking",
            "task",
            "task_closed",
            "movement",
            "movement_group",
            "terminal_day",
            "terminal_seen",
        ] {
            let columns: i64 = fresh
                .query_row(
                    "SELECT count(*) FROM pragma_table_info(?)",
                    [table],
                    |row| row.get(0),
                )
                .expect("columns");
            let columns = usize::try_from(columns).expect("a few");
            let nothing = vec!["NULL"; columns].join(", ");
            let program = format!("EXPLAIN INSERT INTO {table} VALUES ({nothing})");
            let made: Vec<String> = fresh
                .prepare(&program)
                .and_then(|mut steps| steps.query_map([], |row| row.get(1))?.collect())
                .expect("a program");
            assert!(made.contains(&"MakeRecord".to_owned()), "{table}: {made:?}");
            assert!(!made.contains(&"OpenEphemeral".to_owned()), "{table}");
        }
    }

    #[test]
    fn a_ledger_of_other_words_is_not_brought_up_to_date() {
        let bed = some_days();
        let path = as_the_first_program_left_them(&bed);
        Connection::open(&path)
            .and_then(|hand| {
                hand.execute_batch(
                    "PRAGMA writable_schema = ON;
                     UPDATE sqlite_schema SET sql = replace(sql, 'audit', 'other') WHERE name = 'entry';
                     PRAGMA writable_schema = RESET",
                )
            })
            .expect("harmed");
        let refused = Store::open(&path, BooksKind::Live).expect_err("refused");
        assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
        assert_eq!(version(&path), 1);
    }
}
