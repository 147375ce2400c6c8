//! Opening the books: what is refused and why, the settings of a connection, migrations, and a look at the newest entries.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::{BooksKind, Store, place, verify};

/// The steps of the schema; a file of `assets/schema` each, numbered from 1.
const MIGRATIONS: [&str; 1] = [include_str!("../../../assets/schema/0001_books.sql")];

/// How long another program's lock is waited for.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

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
        place::make(path)?;
        let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        prepare(&mut connection, path, kind)?;
        let store = Store {
            connection,
            kind,
            viewer: false,
            poisoned: None,
        };
        if let Some(problem) =
            verify::tail(&store.connection, kind, TAIL_ENTRIES).map_err(|e| said(path, e))?
        {
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
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
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
            poisoned: None,
        })
    }
}

/// What is in a file.
enum Found {
    Nothing,
    Books { kind: BooksKind, version: u32 },
}

fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).expect("migrations are few")
}

fn connect(path: &Path, access: OpenFlags) -> Result<Connection, OpenError> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let open = || {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(64);
        // The file may come from a backup or another hand: its schema is data, not program.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
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

fn look(connection: &Connection, path: &Path) -> Result<Found, OpenError> {
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
fn prepare(connection: &mut Connection, path: &Path, kind: BooksKind) -> Result<(), OpenError> {
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
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
        .map_err(error)?;
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

/// Bring the schema up to date, step by step, in one transaction. What is there is read inside it: two programs may start at once.
fn migrate(connection: &mut Connection, path: &Path, kind: BooksKind) -> Result<(), OpenError> {
    let error = |error| said(path, error);
    if matches!(look(connection, path)?, Found::Books { version, .. } if version == known()) {
        return Ok(());
    }
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
    transaction
        .pragma_update(None, "application_id", kind.application_id())
        .map_err(error)?;
    transaction
        .pragma_update(None, "user_version", known())
        .map_err(error)?;
    transaction.commit().map_err(error)
}

/// The schema as this program makes it, to compare a file with.
pub(super) fn fresh_schema() -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    for step in MIGRATIONS {
        connection.execute_batch(step)?;
    }
    Ok(connection)
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
