//! The books of a session on a real disk, in memory where the system has such a folder, and what a crash leaves of them.
//!
//! The product's own store writes them, with every setting it has at a counter: a sync on a disk in memory costs next to nothing. What is
//! saved is making the file anew for each session: its rows are taken out by a second connection that knows no rule, and the store goes on.
//! Whatever a crash leaves is a copy of the file and of the log, opened by the store as at any start.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::{fs, io};

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::dice::Dice;
use crate::app::message::{StoreRequest, Stored};
use crate::edge::store::{BooksKind, OpenError, Store};

/// Where the system keeps files in memory.
const IN_MEMORY: &str = "/dev/shm";
/// SQLite's page, as the books are made, and the head of its frame in the log.
const PAGE: usize = 4096;
const FRAME_HEAD: usize = 24;

/// Why no session can be played here.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// No folder for the books.
    #[error("no folder for the books of the simulation can be made: {0}")]
    Folder(#[from] io::Error),
    /// The books do not open.
    #[error("the books of the simulation cannot be opened: {0}")]
    Books(#[from] OpenError),
    /// The rows of the last session cannot be taken out.
    #[error("the books of the simulation cannot be emptied: {0}")]
    Hand(#[from] rusqlite::Error),
}

/// The disk of one thread's sessions.
#[derive(Debug)]
pub(super) struct Disk {
    // Closed before their folder goes.
    image: Option<(Store, PathBuf)>,
    live: Option<Books>,
    practice: Option<Books>,
    kind: BooksKind,
    images: u64,
    folder: Folder,
}

/// Books that outlive a session.
#[derive(Debug)]
struct Books {
    store: Store,
    path: PathBuf,
    hand: Connection,
}

#[derive(Debug)]
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // Nothing is left to do where it does not go.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// How a log ends when the power goes in the middle of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tear {
    /// Cut at a byte.
    Cut,
    /// From a byte on, zeros: the length was written, the content was not.
    Zeros,
    /// From a byte on, what was on the disk before.
    Garbage,
    /// One sector and the newest frame's head did not come through, everything else did.
    Sector,
}

impl Disk {
    pub(super) fn new() -> Result<Disk, DiskError> {
        static FOLDERS: AtomicU64 = AtomicU64::new(0);
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("madoguchi-simulate-{}-{number}", std::process::id());
        let in_memory = Path::new(IN_MEMORY).join(&name);
        let folder = match fs::create_dir(&in_memory) {
            Ok(()) => in_memory,
            Err(_) => {
                let beside = std::env::temp_dir().join(&name);
                fs::create_dir(&beside)?;
                beside
            }
        };
        Ok(Disk {
            image: None,
            live: None,
            practice: None,
            kind: BooksKind::Live,
            images: 0,
            folder: Folder(folder),
        })
    }

    /// Empty books for a new session.
    pub(super) fn begin(&mut self, kind: BooksKind) -> Result<(), DiskError> {
        self.drop_image();
        self.kind = kind;
        let path = self.folder.0.join(kind.word());
        let slot = match kind {
            BooksKind::Live => &mut self.live,
            BooksKind::Practice => &mut self.practice,
        };
        match slot {
            Some(books) => {
                empty(&mut books.hand)?;
                books.store.begin_run();
            }
            None => {
                let store = Store::open(&path, kind)?;
                let mut hand = Connection::open(&path)?;
                hand.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
                hand.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA wal_autocheckpoint = 0")?;
                empty(&mut hand)?;
                *slot = Some(Books { store, path, hand });
            }
        }
        Ok(())
    }

    fn now(&mut self) -> (&mut Store, &Path) {
        if let Some((store, path)) = &mut self.image {
            return (store, path);
        }
        let slot = match self.kind {
            BooksKind::Live => &mut self.live,
            BooksKind::Practice => &mut self.practice,
        };
        let books = slot.as_mut().expect("a session has begun");
        (&mut books.store, &books.path)
    }

    /// The books of this moment.
    pub(super) fn store(&mut self) -> &mut Store {
        self.now().0
    }

    pub(super) fn handle(&mut self, request: StoreRequest) -> Stored {
        self.store().handle(request)
    }

    /// The file itself.
    pub(super) fn path(&mut self) -> PathBuf {
        self.now().1.to_owned()
    }

    /// Up to which byte the log holds commits.
    pub(super) fn log_end(&mut self) -> usize {
        let bytes = self.store().log_bytes().unwrap_or(0);
        usize::try_from(bytes).unwrap_or(usize::MAX)
    }

    /// A copy of everything as it is on the disk now.
    pub(super) fn whole(&mut self) -> PathBuf {
        let (path, copy) = self.next_image();
        copy_file(&path, &copy);
        copy_file(&log_of(&path), &log_of(&copy));
        copy
    }

    /// A copy in which the newest commit, from `start` to `end` in the log, is torn: it never happened.
    pub(super) fn torn(&mut self, dice: &mut Dice, start: usize, end: usize) -> PathBuf {
        let tear = *dice.pick(&[Tear::Cut, Tear::Zeros, Tear::Garbage, Tear::Sector]);
        let (path, copy) = self.next_image();
        copy_file(&path, &copy);
        let mut log = fs::read(log_of(&path)).unwrap_or_default();
        let end = end.min(log.len());
        let at = start.min(end) + dice.index(end.saturating_sub(start));
        let newest = end.saturating_sub(PAGE + FRAME_HEAD);
        match tear {
            Tear::Cut => log.truncate(at),
            Tear::Zeros => log[at.min(newest)..].fill(0),
            Tear::Garbage => log[at.min(newest)..].fill(0xA5),
            Tear::Sector => {
                let sector = at / 512 * 512;
                let stop = (sector + 512).min(end);
                log[sector.max(start)..stop].fill(0);
                log[newest..newest + FRAME_HEAD].fill(0);
            }
        }
        fs::write(log_of(&copy), log).expect("the simulation's own folder takes files");
        copy
    }

    /// A copy from the middle of a checkpoint: some pages of the file are new, some old, and the log is whole.
    pub(super) fn half_checkpointed(&mut self, dice: &mut Dice) -> PathBuf {
        // One roll, however many pages the file has: how many depends on what was in it before.
        let mut dice = Dice::new(dice.below(1 << 40));
        let (path, copy) = self.next_image();
        let old = fs::read(&path).expect("the books are there");
        let log = fs::read(log_of(&path)).unwrap_or_default();
        self.store().checkpoint(0);
        let mut mixed = fs::read(&path).expect("the books are there");
        for (index, page) in mixed.chunks_mut(PAGE).enumerate() {
            let from = index * PAGE;
            if dice.chance(500)
                && let Some(before) = old.get(from..from + page.len())
            {
                page.copy_from_slice(before);
            }
        }
        fs::write(&copy, mixed).expect("the simulation's own folder takes files");
        fs::write(log_of(&copy), log).expect("the simulation's own folder takes files");
        copy
    }

    /// Open what a crash left.
    pub(super) fn open(&self, image: &Path) -> Result<Store, OpenError> {
        Store::open(image, self.kind)
    }

    /// From now on the books are these.
    pub(super) fn go_on_with(&mut self, store: Store, image: PathBuf) {
        self.drop_image();
        self.image = Some((store, image));
    }

    /// Take a copy away that nobody needs.
    pub(super) fn remove(image: &Path) {
        for ending in ["", "-wal", "-shm"] {
            let mut name = image.as_os_str().to_owned();
            name.push(ending);
            // A file that was never made need not go.
            let _ = fs::remove_file(name);
        }
    }

    fn drop_image(&mut self) {
        if let Some((store, path)) = self.image.take() {
            drop(store);
            Disk::remove(&path);
        }
    }

    fn next_image(&mut self) -> (PathBuf, PathBuf) {
        self.images += 1;
        let copy = self.folder.0.join(format!("image{}", self.images));
        (self.path(), copy)
    }
}

/// Everything out, without a change of the schema; the log begins at its first byte again.
fn empty(hand: &mut Connection) -> rusqlite::Result<()> {
    let transaction = hand.transaction()?;
    for table in [
        "DELETE FROM movement",
        "DELETE FROM movement_group",
        "DELETE FROM task_closed",
        "DELETE FROM task",
        "DELETE FROM terminal_day",
        "DELETE FROM terminal_seen",
        "DELETE FROM booking",
        "DELETE FROM settlement",
        "DELETE FROM tender",
        "DELETE FROM sale",
        "DELETE FROM bill",
        "DELETE FROM card",
        "DELETE FROM entry",
    ] {
        transaction.prepare_cached(table)?.execute([])?;
    }
    transaction.commit()?;
    hand.prepare_cached("PRAGMA wal_checkpoint(TRUNCATE)")?
        .query_row([], |_| Ok(()))
}

fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

fn copy_file(from: &Path, to: &Path) {
    match fs::copy(from, to) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => panic!("{}: {error}", to.display()),
    }
}
