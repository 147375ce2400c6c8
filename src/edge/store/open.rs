//! Opening the books: what is refused and why, the settings of a connection, and a look at the newest entries.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::place::Whereabouts;
use super::schema::{known, migrate};
use super::{BooksKind, Store, held, place, verify};

/// How long another program's lock is waited for.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long between two tries where SQLite itself does not wait.
const BUSY_PAUSE: Duration = Duration::from_millis(5);

/// How many of the newest entries are checked at each opening: what a broken disk or a power cut harms is the end.
const TAIL_ENTRIES: u32 = 64;

/// Why books cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// A symbolic link.
    #[error("{} is a symbolic link; name the file it leads to, so that the books have one name only", .0.display())]
    Symlink(PathBuf),
    /// A hard link.
    #[error("{} has a second name (hard link); remove the other name, or the books can be damaged through it", .0.display())]
    SecondName(PathBuf),
    /// A folder, a device, a pipe.
    #[error("{} is not a file; choose another data folder", .0.display())]
    NotAFile(PathBuf),
    /// NFS, SMB and others.
    #[error("{} lies on a network drive ({system}), where a power cut can damage the books; choose a folder on this PC's own disk", path.display())]
    Network {
        /// The file.
        path: PathBuf,
        /// Which system.
        system: &'static str,
    },
    /// Some other file.
    #[error("{} is not a database; move it away or restore the books from a backup", .0.display())]
    NotADatabase(PathBuf),
    /// A database of another program.
    #[error("{} is the database of another program; choose another data folder", .0.display())]
    Foreign(PathBuf),
    /// Practice books in the place of live ones, or the other way round.
    #[error("{} holds the {} books; it cannot be used for the others", path.display(), kind.word())]
    OtherKind {
        /// The file.
        path: PathBuf,
        /// What it holds.
        kind: BooksKind,
    },
    /// Written by a newer program.
    #[error("{} was written by a newer madoguchi (schema {found}, this one knows {known}); update this program", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// Written by an older program, and this is a reader that must not change it.
    #[error("{} was written by an older madoguchi; open the console once, which brings it up to date", .0.display())]
    Older(PathBuf),
    /// Nothing in it.
    #[error("there are no books in {} yet; open the console once, which makes them", .0.display())]
    Missing(PathBuf),
    /// No right to write.
    #[error("{} or its folder cannot be written; give this user the right to write there, or choose another data folder", .0.display())]
    ReadOnly(PathBuf),
    /// Another program holds it.
    #[error("{} is held by another program; close that program (a backup, a database tool), then start again", .0.display())]
    Locked(PathBuf),
    /// No room.
    #[error("the disk that holds {} is full; make room, then start again", .0.display())]
    DiskFull(PathBuf),
    /// The end of the books does not hold together.
    #[error("the books {} are damaged at {at}; take no money with them: run `madoguchi verify`, then restore a backup", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The first bad row.
        at: String,
    },
    /// Anything else the system said.
    #[error("failed to open {}: {said}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// In the system's words.
        said: String,
    },
}

impl Store {
    /// Open books to write in, and make them where there are none.
    pub fn open(path: &Path, kind: BooksKind) -> Result<Store, OpenError> {
        Store::open_within(path, kind, BUSY_TIMEOUT)
    }

    fn open_within(path: &Path, kind: BooksKind, patience: Duration) -> Result<Store, OpenError> {
        place::make(path)?;
        let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, patience)?;
        prepare(&mut connection, path, kind, patience)?;
        let store = Store {
            connection,
            kind,
            viewer: false,
            whereabouts: Whereabouts::of(path),
            new_run: true,
            told: held::Told::default(),
            poisoned: None,
        };
        if let Some(problem) = verify::tail(&store.connection, path, kind, TAIL_ENTRIES)? {
            return Err(OpenError::Damaged {
                path: path.to_owned(),
                at: problem.to_string(),
            });
        }
        Ok(store)
    }

    /// Open books to read in, also while a console writes in them.
    pub fn open_viewer(path: &Path) -> Result<Store, OpenError> {
        if place::check(path)?.is_none() {
            return Err(OpenError::Missing(path.to_owned()));
        }
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, BUSY_TIMEOUT)?;
        let kind = match look(&connection, path)? {
            Found::Books { version, .. } if version < known() => {
                return Err(OpenError::Older(path.to_owned()));
            }
            Found::Books { kind, .. } => kind,
            Found::Nothing => return Err(OpenError::Missing(path.to_owned())),
        };
        connection
            .pragma_update(None, "query_only", true)
            .map_err(|e| said(path, e))?;
        Ok(Store {
            connection,
            kind,
            viewer: true,
            whereabouts: Whereabouts::of(path),
            new_run: true,
            told: held::Told::default(),
            poisoned: None,
        })
    }
}

impl Store {
    /// Open books to read in that another console holds and may be making, or bringing up to date, at this very moment.
    pub fn open_viewer_beside(path: &Path) -> Result<Store, OpenError> {
        let start = Instant::now();
        loop {
            match Store::open_viewer(path) {
                Err(OpenError::Missing(_) | OpenError::Older(_))
                    if start.elapsed() < BUSY_TIMEOUT =>
                {
                    std::thread::sleep(BUSY_PAUSE);
                }
                answer => return answer,
            }
        }
    }
}

/// What is in a file.
pub(super) enum Found {
    Nothing,
    Books { kind: BooksKind, version: u32 },
}

fn connect(path: &Path, access: OpenFlags, patience: Duration) -> Result<Connection, OpenError> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let open = || {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(patience)?;
        connection.set_prepared_statement_cache_capacity(160);
        // The file may come from a backup or another hand: its schema is data, not program.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        // A plan stays the plan: without this a statement is compiled anew for each slip it is asked about.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        for (pragma, value) in [
            ("trusted_schema", 0),
            ("recursive_triggers", 1),
            ("foreign_keys", 1),
            ("cell_size_check", 1),
            ("mmap_size", 0),
        ] {
            set(&connection, pragma, value)?;
        }
        Ok(connection)
    };
    open().map_err(|error| said(path, error))
}

/// Some of these answer with a row, some do not.
fn set(connection: &Connection, pragma: &str, value: i64) -> rusqlite::Result<()> {
    connection
        .pragma_update_and_check(None, pragma, value, |_| Ok(()))
        .or_else(|error| match error {
            rusqlite::Error::QueryReturnedNoRows => Ok(()),
            error => Err(error),
        })
}

pub(super) fn look(connection: &Connection, path: &Path) -> Result<Found, OpenError> {
    // The three numbers are one answer: another program may be making the books at this moment.
    let _one_look = connection
        .is_autocommit()
        .then(|| connection.unchecked_transaction())
        .transpose()
        .map_err(|error| said(path, error))?;
    let number = |pragma: &str| {
        connection
            .pragma_query_value(None, pragma, |row| row.get::<_, i64>(0))
            .map_err(|error| said(path, error))
    };
    let (id, version, schema) = (
        number("application_id")?,
        number("user_version")?,
        number("schema_version")?,
    );
    if id == 0 && version == 0 && schema == 0 {
        return Ok(Found::Nothing);
    }
    let Some(kind) = i32::try_from(id)
        .ok()
        .and_then(BooksKind::of_application_id)
    else {
        return Err(OpenError::Foreign(path.to_owned()));
    };
    let version = u32::try_from(version).unwrap_or(u32::MAX);
    if version > known() {
        return Err(OpenError::Newer {
            path: path.to_owned(),
            found: version,
            known: known(),
        });
    }
    Ok(Found::Books { kind, version })
}

/// Everything a connection that writes needs before the first entry.
fn prepare(
    connection: &mut Connection,
    path: &Path,
    kind: BooksKind,
    patience: Duration,
) -> Result<(), OpenError> {
    let error = |error| said(path, error);
    if let Found::Books { kind: found, .. } = look(connection, path)?
        && found != kind
    {
        return Err(OpenError::OtherKind {
            path: path.to_owned(),
            kind: found,
        });
    }
    // SQLite falls back to reading where it may not write, and says so only when asked.
    if connection.is_readonly("main").map_err(error)? {
        return Err(OpenError::ReadOnly(path.to_owned()));
    }
    let mode = write_ahead(connection, patience).map_err(error)?;
    if mode != "wal" {
        return Err(OpenError::Io {
            path: path.to_owned(),
            said: format!("the disk takes no write-ahead log (journal mode {mode})"),
        });
    }
    for (pragma, value) in [
        // FULL: the log is synced at each commit.
        ("synchronous", 2),
        // Where fsync leaves data in the drive's cache, these do not. Other systems ignore them.
        ("fullfsync", 1),
        ("checkpoint_fullfsync", 1),
        // Checkpoints come at quiet moments, never inside a sale.
        ("wal_autocheckpoint", 0),
        ("journal_size_limit", 16 * 1024 * 1024),
    ] {
        set(connection, pragma, value).map_err(error)?;
    }
    migrate(connection, path, kind)
}

/// Turn the write-ahead log on. While another program does the same, SQLite answers busy at once instead of waiting.
fn write_ahead(connection: &Connection, patience: Duration) -> rusqlite::Result<String> {
    let start = Instant::now();
    loop {
        let answer =
            connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0));
        match &answer {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && start.elapsed() < patience =>
            {
                std::thread::sleep(BUSY_PAUSE);
            }
            _ => return answer,
        }
    }
}

/// SQLite's errors while opening, each with its own sentence.
pub(super) fn said(path: &Path, error: rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::NotADatabase(path),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Locked(path),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => OpenError::ReadOnly(path),
        // The file was found before: what cannot be opened is the log beside it, or the file itself for want of a right.
        Some(ErrorCode::CannotOpen) => OpenError::ReadOnly(path),
        Some(ErrorCode::DiskFull) => OpenError::DiskFull(path),
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Damaged {
            path,
            at: error.to_string(),
        },
        _ => OpenError::Io {
            path,
            said: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rusqlite::OptionalExtension;
    use rusqlite::types::Value;

    use super::super::testbed::{Bed, books, cash_sale};
    use super::*;

    /// The value of a setting; 0 where it has no value at all (`mmap_size` where the system has none).
    fn pragma(connection: &Connection, name: &str) -> String {
        let value = connection
            .pragma_query_value(None, name, |row| row.get(0))
            .optional()
            .expect("a pragma");
        match value {
            None => "0".to_owned(),
            Some(Value::Integer(number)) => number.to_string(),
            Some(Value::Text(text)) => text,
            Some(other) => format!("{other:?}"),
        }
    }

    fn refused(path: &Path) -> OpenError {
        Store::open_within(path, BooksKind::Live, Duration::from_millis(20))
            .expect_err("it is refused")
    }

    #[test]
    fn every_setting_of_the_connection_is_in_force() {
        let bed = books(BooksKind::Live);
        for (name, value) in [
            ("journal_mode", "wal"),
            ("synchronous", "2"),
            ("foreign_keys", "1"),
            ("recursive_triggers", "1"),
            ("trusted_schema", "0"),
            ("cell_size_check", "1"),
            ("mmap_size", "0"),
            ("wal_autocheckpoint", "0"),
            ("fullfsync", "1"),
            ("checkpoint_fullfsync", "1"),
            ("busy_timeout", "5000"),
            ("application_id", "1296122956"),
            ("user_version", "7"),
            ("page_size", "4096"),
        ] {
            let found = pragma(&bed.store.connection, name);
            assert_eq!(found, value, "{name}");
        }
        let library = rusqlite::version_number();
        assert!(library >= 3_051_003, "older libraries can harm the log");
    }

    #[test]
    fn books_open_again_as_they_were() {
        let mut bed = books(BooksKind::Live);
        let record = bed.sell(cash_sale(500)).expect("booked");
        let Bed { store, path, .. } = &mut bed;
        *store = Store::open(path, BooksKind::Live).expect("opens again");
        assert_eq!(bed.find(record.slip), Some(record));
    }

    #[test]
    fn two_programs_that_start_at_once_make_the_books_once() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("data/books.db");
        let starts: Vec<_> = (0..4)
            .map(|_| {
                let path = path.clone();
                std::thread::spawn(move || Store::open(&path, BooksKind::Practice).map(|_| ()))
            })
            .collect();
        for start in starts {
            assert_eq!(start.join().expect("no panic"), Ok(()));
        }
        let report = super::super::verify(&path).expect("read");
        assert_eq!((report.entries, report.problem), (0, None));
    }

    #[cfg(unix)]
    #[test]
    fn the_books_are_for_their_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("new/books.db");
        let mut store = Store::open(&path, BooksKind::Live).expect("opens");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        store.append_many([]).expect("nothing to write");
        assert_eq!(mode(&folder.path().join("new")), 0o700);
        for name in ["books.db", "books.db-wal", "books.db-shm"] {
            assert_eq!(mode(&folder.path().join("new").join(name)), 0o600, "{name}");
        }
        drop(store);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("set");
        Store::open(&path, BooksKind::Live).expect("opens");
        assert_eq!(mode(&path), 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn books_have_one_name_only() {
        let bed = books(BooksKind::Live);
        let link = bed.path.with_file_name("link.db");
        std::os::unix::fs::symlink(&bed.path, &link).expect("a link");
        assert_eq!(refused(&link), OpenError::Symlink(link.clone()));
        assert!(matches!(
            Store::open_viewer(&link),
            Err(OpenError::Symlink(_))
        ));
        fs::remove_file(&link).expect("removed");
        fs::hard_link(&bed.path, &link).expect("a second name");
        assert_eq!(refused(&link), OpenError::SecondName(link.clone()));
        assert_eq!(refused(&bed.path), OpenError::SecondName(bed.path.clone()));
    }

    #[test]
    fn what_is_not_our_books_is_refused_and_left_alone() {
        let bed = books(BooksKind::Practice);
        let folder = bed.path.parent().expect("a folder");
        assert_eq!(refused(folder), OpenError::NotAFile(folder.to_owned()));
        let text = folder.join("text.db");
        fs::write(&text, "this is a letter, not a database\n".repeat(99)).expect("written");
        assert_eq!(refused(&text), OpenError::NotADatabase(text.clone()));
        let foreign = folder.join("foreign.db");
        Connection::open(&foreign)
            .and_then(|other| other.execute_batch("CREATE TABLE t (a)"))
            .expect("another program");
        assert_eq!(refused(&foreign), OpenError::Foreign(foreign.clone()));
        let kind = BooksKind::Practice;
        let path = bed.path.clone();
        assert_eq!(refused(&bed.path), OpenError::OtherKind { path, kind });
    }

    #[test]
    fn books_of_a_newer_program_are_refused() {
        let bed = books(BooksKind::Live);
        bed.behind_the_back()
            .pragma_update(None, "user_version", 8)
            .expect("set");
        let newer = OpenError::Newer {
            path: bed.path.clone(),
            found: 8,
            known: 7,
        };
        assert_eq!(refused(&bed.path), newer);
        assert_eq!(Store::open_viewer(&bed.path).expect_err("refused"), newer);
    }

    #[test]
    fn a_viewer_finds_no_books_and_makes_none() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("books.db");
        let missing = OpenError::Missing(path.clone());
        assert_eq!(Store::open_viewer(&path).expect_err("refused"), missing);
        assert!(!path.exists());
        fs::write(&path, "").expect("an empty file");
        assert_eq!(Store::open_viewer(&path).expect_err("refused"), missing);
    }

    #[test]
    fn books_that_another_program_holds_are_refused() {
        let Bed {
            store,
            path,
            folder: _folder,
        } = books(BooksKind::Live);
        drop(store);
        let other = Connection::open(&path).expect("opens");
        other
            .execute_batch("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE")
            .expect("holds");
        assert_eq!(refused(&path), OpenError::Locked(path.clone()));
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_refused() {
        let Bed {
            store,
            path,
            folder: _folder,
        } = books(BooksKind::Live);
        drop(store);
        let folder = path.parent().expect("a folder");
        let set = |read_only| {
            for place in [path.as_path(), folder] {
                let mut rights = fs::metadata(place).expect("there").permissions();
                rights.set_readonly(read_only);
                #[cfg(unix)]
                if !read_only {
                    std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0o700);
                }
                fs::set_permissions(place, rights).expect("set");
            }
        };
        set(true);
        // Rights bind everybody but the administrator.
        if fs::write(folder.join("probe"), "").is_err() {
            assert_eq!(refused(&path), OpenError::ReadOnly(path.clone()));
            let new = folder.join("new/books.db");
            assert_eq!(refused(&new), OpenError::ReadOnly(folder.join("new")));
        }
        set(false);
    }

    #[test]
    fn books_whose_end_was_harmed_are_refused() {
        let mut bed = books(BooksKind::Live);
        for amount in 1..9 {
            bed.sell(cash_sale(amount)).expect("booked");
        }
        bed.behind_the_back()
            .execute_batch(
                "DROP TRIGGER entry_is_never_changed;
                 UPDATE entry SET business_date = '2026-06-02' WHERE id = 7",
            )
            .expect("harmed");
        let said = refused(&bed.path).to_string();
        assert!(said.contains("row 7 of entry"), "{said}");
        Store::open_viewer(&bed.path).expect("reading goes on");
    }
}
