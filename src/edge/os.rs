//! What only the operating system can do: one owner per data folder, private files, no core dumps, room on the disk.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub mod machine;
#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;
pub mod whole_file;

#[cfg(not(unix))]
use other as system;
#[cfg(unix)]
use unix as system;

const LOCK_FILE: &str = "console.lock";
const HOLDER_FILE: &str = "console.holder.json";
/// How often the folder is asked for while nobody says to hold it, and the pause between.
const NAMELESS_TRIES: u32 = 40;
const NAMELESS_PAUSE: Duration = Duration::from_millis(25);
/// More than any holder file is.
const HOLDER_BYTES_MAX: u64 = 4_096;

/// Who has the data folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process number.
    pub pid: u32,
    /// Since when.
    pub since: DateTime<FixedOffset>,
    /// At which terminal, such as `/dev/pts/3`; over SSH with the address it came from.
    pub terminal: String,
    /// Who.
    pub user: String,
    /// On which machine.
    pub host: String,
}

impl Holder {
    /// This process.
    pub fn this_process(since: DateTime<FixedOffset>) -> Holder {
        Holder {
            pid: std::process::id(),
            since,
            terminal: terminal_identity(),
            user: system::user(),
            host: system::host(),
        }
    }
}

impl Holder {
    /// False where it is a process of our machine that is gone: its name was left behind.
    fn may_live(&self, this_process: &Holder) -> bool {
        self.host != this_process.host || system::is_alive(self.pid)
    }
}

/// The data folder, held until this is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct DataLock {
    lock: File,
    holder: PathBuf,
}

/// What came of asking for the data folder.
#[derive(Debug)]
pub enum Acquired {
    /// It is ours.
    Owner(DataLock),
    /// Another console has it; `None` where it has not said who it is.
    HeldBy(Option<Holder>),
}

/// Why the data folder could not be asked for.
#[derive(Debug, Error)]
pub enum LockError {
    /// The lock file cannot be opened or locked.
    #[error(
        "failed to lock the data folder by {}: {source}; check that the folder is yours, writable, and on a local disk",
        path.display()
    )]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
}

impl DataLock {
    /// Asks for the data folder. Only the system's lock decides: what a dead process left behind never stands in the way, and a living one
    /// keeps the folder however long it stands still. Who holds it may be about to say so, or may only be looking: a nameless holder is
    /// asked again, for a second at most.
    pub fn acquire(folder: &Path, this_process: &Holder) -> Result<Acquired, LockError> {
        DataLock::acquire_within(folder, this_process, NAMELESS_TRIES)
    }

    fn acquire_within(
        folder: &Path,
        this_process: &Holder,
        tries: u32,
    ) -> Result<Acquired, LockError> {
        for _ in 1..tries {
            match DataLock::ask(folder, this_process)? {
                Acquired::HeldBy(None) => pause(),
                answer => return Ok(answer),
            }
        }
        DataLock::ask(folder, this_process)
    }

    fn ask(folder: &Path, this_process: &Holder) -> Result<Acquired, LockError> {
        let path = folder.join(LOCK_FILE);
        let holder = folder.join(HOLDER_FILE);
        let failed = |source| LockError::Lock {
            path: path.clone(),
            source,
        };
        let lock = system::open_private(&path).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {
                // Who we are helps the next one; that we hold the lock does not depend on it.
                let _ = write_holder(&holder, this_process);
                Ok(Acquired::Owner(DataLock { lock, holder }))
            }
            Err(TryLockError::WouldBlock) => {
                let named = read_holder(&holder).filter(|named| named.may_live(this_process));
                Ok(Acquired::HeldBy(named))
            }
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a lock file has nobody who could call when it is written"
)]
fn pause() {
    std::thread::sleep(NAMELESS_PAUSE);
}

/// Who has a data folder, seen without asking for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// Nobody.
    Free,
    /// A console; `None` where it has not said who it is.
    HeldBy(Option<Holder>),
}

impl Presence {
    /// Look, and make nothing. The look itself lasts an instant, in which a console that starts would find the folder held.
    pub fn look(folder: &Path) -> Presence {
        let Ok(lock) = File::open(folder.join(LOCK_FILE)) else {
            return Presence::Free;
        };
        match lock.try_lock_shared() {
            Err(TryLockError::WouldBlock) => {
                Presence::HeldBy(read_holder(&folder.join(HOLDER_FILE)))
            }
            Ok(()) | Err(TryLockError::Error(_)) => Presence::Free,
        }
    }
}

impl Drop for DataLock {
    fn drop(&mut self) {
        // First the name, then the lock: a new owner's name is never taken away.
        let _ = fs::remove_file(&self.holder);
        let _ = self.lock.unlock();
    }
}

fn write_holder(path: &Path, holder: &Holder) -> io::Result<()> {
    let text = serde_json::to_string(holder).map_err(io::Error::other)?;
    let new = path.with_extension("json.new");
    let _ = fs::remove_file(&new);
    let mut file = system::open_private(&new)?;
    file.write_all(text.as_bytes())?;
    fs::rename(&new, path)
}

fn read_holder(path: &Path) -> Option<Holder> {
    let file = OpenOptions::new().read(true).open(path).ok()?;
    let small = file
        .metadata()
        .ok()
        .filter(|data| data.is_file() && data.len() <= HOLDER_BYTES_MAX);
    small.and_then(|_| serde_json::from_reader(file).ok())
}

/// Makes what this process knows hard to get at: no core dumps, no memory reading by others of the same user (where the
/// system has that), new files for the owner only. Does all it can and gives the first failure.
pub fn harden() -> io::Result<()> {
    system::harden()
}

/// Makes a folder, and those above it, for the owner only; one that exists is left as it is.
pub fn private_folder(path: &Path) -> io::Result<()> {
    system::create_private_folder(path)?;
    if path.is_dir() {
        Ok(())
    } else {
        Err(io::ErrorKind::NotADirectory.into())
    }
}

/// True where others than the owner may read or write this; a matter for a warning.
pub fn is_open_to_others(path: &Path) -> io::Result<bool> {
    system::is_open_to_others(path)
}

/// Opens a file to append to or read, made for the owner only where it is new. Never through a symbolic link.
pub fn open_private(path: &Path) -> io::Result<File> {
    system::open_private(path)
}

/// Bytes this user can still write where `path` is; `None` where the system does not say.
pub fn free_space(path: &Path) -> io::Result<Option<u64>> {
    system::free_space(path)
}

/// The terminal this process sits at, in words; empty where there is none.
pub fn terminal_identity() -> String {
    let remote = std::env::var("SSH_CONNECTION").unwrap_or_default();
    let terminal = system::terminal_name().unwrap_or_default();
    match remote.split_whitespace().next() {
        Some(address) if !terminal.is_empty() => format!("{terminal} ({address})"),
        _ => terminal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody of this process, so that all of them are alive; told apart by the terminal they sit at.
    fn holder(desk: u32) -> Holder {
        Holder {
            pid: std::process::id(),
            since: DateTime::parse_from_rfc3339("2026-11-21T09:00:00+09:00").expect("a time"),
            terminal: format!("/dev/pts/{desk}"),
            user: "uketsuke".into(),
            host: "counter1".into(),
        }
    }

    fn held_by(acquired: Acquired) -> Option<Holder> {
        match acquired {
            Acquired::HeldBy(holder) => holder,
            Acquired::Owner(_) => panic!("the folder was free"),
        }
    }

    #[test]
    fn the_second_asker_is_told_who_has_the_folder_until_it_is_let_go() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = DataLock::acquire(folder.path(), &holder(11)).expect("asked");
        let second = DataLock::acquire(folder.path(), &holder(12)).expect("asked");
        assert_eq!(held_by(second), Some(holder(11)));
        drop(first);
        let third = DataLock::acquire(folder.path(), &holder(13)).expect("asked");
        assert!(matches!(third, Acquired::Owner(_)));
    }

    #[test]
    fn a_look_tells_the_holder_and_makes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(Presence::look(folder.path()), Presence::Free);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
        let owner = DataLock::acquire(folder.path(), &holder(11)).expect("asked");
        assert_eq!(
            Presence::look(folder.path()),
            Presence::HeldBy(Some(holder(11)))
        );
        drop(owner);
        assert_eq!(Presence::look(folder.path()), Presence::Free);
    }

    #[test]
    fn what_a_dead_process_left_does_not_stand_in_the_way() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(LOCK_FILE), "").expect("written");
        write_holder(&folder.path().join(HOLDER_FILE), &holder(99)).expect("written");
        let owner = DataLock::acquire(folder.path(), &holder(11)).expect("asked");
        assert!(matches!(owner, Acquired::Owner(_)));
        let second = DataLock::acquire(folder.path(), &holder(12)).expect("asked");
        assert_eq!(held_by(second), Some(holder(11)), "not the dead one");
    }

    #[test]
    fn a_holder_file_that_cannot_be_read_is_an_unknown_holder() {
        let folder = tempfile::tempdir().expect("a folder");
        let owner = DataLock::acquire(folder.path(), &holder(11)).expect("asked");
        let path = folder.path().join(HOLDER_FILE);
        for text in ["", "{", "[1]", &"x".repeat(10_000)] {
            fs::write(&path, text).expect("written");
            let second = DataLock::acquire_within(folder.path(), &holder(12), 1).expect("asked");
            assert_eq!(held_by(second), None);
        }
        drop(owner);
    }

    #[test]
    #[cfg(unix)]
    fn the_name_that_a_dead_process_left_is_not_told_for_the_owners() {
        let folder = tempfile::tempdir().expect("a folder");
        let owner = DataLock::acquire(folder.path(), &holder(11)).expect("asked");
        let mut gone = std::process::Command::new("true")
            .spawn()
            .expect("a process");
        let pid = gone.id();
        gone.wait().expect("its end");
        let dead = Holder { pid, ..holder(99) };
        let path = folder.path().join(HOLDER_FILE);
        write_holder(&path, &dead).expect("written");
        let second = DataLock::acquire_within(folder.path(), &holder(12), 1).expect("asked");
        assert_eq!(held_by(second), None, "nobody knows yet");
        let elsewhere = Holder {
            host: "counter2".into(),
            ..dead
        };
        write_holder(&path, &elsewhere).expect("written");
        let third = DataLock::acquire_within(folder.path(), &holder(12), 1).expect("asked");
        assert_eq!(held_by(third), Some(elsewhere), "not for us to judge");
        drop(owner);
    }

    #[test]
    fn who_only_looks_at_the_folder_does_not_make_a_reader_of_a_console_that_starts() {
        let folder = tempfile::tempdir().expect("a folder");
        let look = File::create(folder.path().join(LOCK_FILE)).expect("a lock file");
        look.lock_shared().expect("a look");
        std::thread::scope(|scope| {
            let asked = scope.spawn(|| DataLock::acquire(folder.path(), &holder(11)));
            drop(look);
            let owner = asked.join().expect("no panic").expect("asked");
            assert!(matches!(owner, Acquired::Owner(_)));
        });
    }

    #[test]
    fn a_folder_that_is_not_there_is_said_by_its_path() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing = folder.path().join("missing");
        let error = DataLock::acquire(&missing, &holder(1)).expect_err("no folder");
        assert!(error.to_string().contains("console.lock"), "{error}");
    }

    #[test]
    fn a_private_folder_is_made_with_those_above_it_and_may_exist() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a/b");
        private_folder(&path).expect("made");
        private_folder(&path).expect("left as it is");
        assert!(path.is_dir());
        let file = folder.path().join("file");
        fs::write(&file, "").expect("written");
        assert!(private_folder(&file).is_err());
    }

    #[test]
    fn free_space_is_known_for_a_folder_that_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let free = free_space(folder.path()).expect("asked");
        assert!(free.is_none_or(|bytes| bytes > 0));
    }
}
