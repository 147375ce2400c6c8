//! The books of a session on a real disk, in memory where the system has such a folder, and what a crash leaves of them.
//!
//! The product's own store writes them, with every setting it has at a counter: a sync on a disk in memory costs next to nothing. Whatever a
//! crash leaves is laid under a second store, which reads the log anew as after any crash; it goes on with it, and the first one waits for
//! the next image. What is saved is opening a file, which costs as much as the rest of a session: SQLite reads the schema anew. Some
//! sessions open every image as the console does.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::dice::Dice;
use crate::app::message::{StoreRequest, Stored};
use crate::edge::store::{BooksKind, OpenError, Store};

/// Where the system keeps files in memory.
const IN_MEMORY: &str = "/dev/shm";
/// SQLite's page, as the books are made, and the head of its frame in the log.
const PAGE: usize = 4096;
const FRAME_HEAD: usize = 24;
/// The two heads of SQLite's index of the log. Where they do not hold, whoever comes next reads the log itself, as after a crash.
const INDEX_HEADS: usize = 2 * 48;

/// Why no session can be played here.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// No folder for the books.
    #[error("no folder for the books of the simulation can be made: {0}")]
    Folder(#[from] io::Error),
    /// The books do not open.
    #[error("the books of the simulation cannot be opened: {0}")]
    Books(#[from] OpenError),
}

/// The disk of one thread's sessions.
#[derive(Debug)]
pub(super) struct Disk {
    // Closed before their folder goes.
    live: Shelf,
    practice: Shelf,
    kind: BooksKind,
    /// True where every image of this session is opened as the console opens its books.
    opens_images: bool,
    folder: Folder,
}

/// The books of one kind, which outlive a session.
#[derive(Debug, Default)]
struct Shelf {
    now: Option<Books>,
    /// Those that the next image is laid under.
    spare: Option<Books>,
    /// A file that nobody has written in.
    blank: Vec<u8>,
}

/// A store, and its files under it.
#[derive(Debug)]
pub(super) struct Books {
    store: Store,
    path: PathBuf,
    file: File,
    log: File,
    index: File,
}

/// What a crash leaves: the file, and the log beside it.
#[derive(Debug)]
pub(super) struct Image {
    file: Vec<u8>,
    log: Vec<u8>,
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
            live: Shelf::default(),
            practice: Shelf::default(),
            kind: BooksKind::Live,
            opens_images: false,
            folder: Folder(folder),
        })
    }

    /// Empty books for a new session.
    pub(super) fn begin(&mut self, kind: BooksKind, opens_images: bool) -> Result<(), DiskError> {
        self.kind = kind;
        self.opens_images = opens_images;
        let path = self.folder.0.join(kind.word());
        let shelf = self.shelf();
        match &mut shelf.now {
            Some(books) => {
                books.lay(&shelf.blank, &[]);
                books.store.begin_run();
            }
            None => {
                let mut books = Books::open(path, kind)?;
                books.store.checkpoint(0);
                shelf.blank = whole(&mut books.file);
                books.lay(&shelf.blank, &[]);
                shelf.now = Some(books);
            }
        }
        Ok(())
    }

    fn shelf(&mut self) -> &mut Shelf {
        match self.kind {
            BooksKind::Live => &mut self.live,
            BooksKind::Practice => &mut self.practice,
        }
    }

    fn now(&mut self) -> &mut Books {
        self.shelf().now.as_mut().expect("a session has begun")
    }

    /// The books of this moment.
    pub(super) fn store(&mut self) -> &mut Store {
        &mut self.now().store
    }

    pub(super) fn handle(&mut self, request: StoreRequest) -> Stored {
        self.store().handle(request)
    }

    /// The file itself.
    pub(super) fn path(&mut self) -> &Path {
        &self.now().path
    }

    /// Up to which byte the log holds commits.
    pub(super) fn log_end(&mut self) -> usize {
        let bytes = self.store().log_bytes().unwrap_or(0);
        usize::try_from(bytes).unwrap_or(usize::MAX)
    }

    /// A copy of everything as it is on the disk now.
    pub(super) fn whole(&mut self) -> Image {
        let books = self.now();
        Image {
            file: whole(&mut books.file),
            log: whole(&mut books.log),
        }
    }

    /// A copy in which the newest commit, from `start` to `end` in the log, is torn: it never happened.
    pub(super) fn torn(&mut self, dice: &mut Dice, start: usize, end: usize) -> Image {
        let tear = *dice.pick(&[Tear::Cut, Tear::Zeros, Tear::Garbage, Tear::Sector]);
        let mut image = self.whole();
        let log = &mut image.log;
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
        image
    }

    /// A copy from the middle of a checkpoint: some pages of the file are new, some old, and the log is whole.
    pub(super) fn half_checkpointed(&mut self, dice: &mut Dice) -> Image {
        // One roll, however many pages the file has: how many depends on what was in it before.
        let mut dice = Dice::new(dice.below(1 << 40));
        let old = self.whole();
        self.store().checkpoint(0);
        let mut file = whole(&mut self.now().file);
        for (index, page) in file.chunks_mut(PAGE).enumerate() {
            let from = index * PAGE;
            if dice.chance(500)
                && let Some(before) = old.file.get(from..from + page.len())
            {
                page.copy_from_slice(before);
            }
        }
        Image { file, log: old.log }
    }

    /// Open what a crash left.
    pub(super) fn open(&mut self, image: &Image) -> Result<Books, OpenError> {
        let (kind, opens) = (self.kind, self.opens_images);
        let spare = self.shelf().spare.take();
        match spare {
            Some(mut books) if !opens => {
                books.lay(&image.file, &image.log);
                books.store.begin_run();
                Ok(books)
            }
            spare => {
                drop(spare);
                // One of two names: under the other one are the books of this moment.
                let names = [kind.word().to_owned(), format!("{}-image", kind.word())];
                let [one, other] = names.map(|name| self.folder.0.join(name));
                let path = if self.path() == one { other } else { one };
                put(&path, &image.file);
                put(&beside(&path, "-wal"), &image.log);
                // None is there before the first image.
                let _ = fs::remove_file(beside(&path, "-shm"));
                Books::open(path, kind)
            }
        }
    }

    /// Nobody needs this image any more.
    pub(super) fn put_back(&mut self, image: Books) {
        self.shelf().spare = Some(image);
    }

    /// From now on the books are these.
    pub(super) fn go_on_with(&mut self, image: Books) {
        let shelf = self.shelf();
        shelf.spare = shelf.now.replace(image);
    }
}

impl Books {
    fn open(path: PathBuf, kind: BooksKind) -> Result<Books, OpenError> {
        let store = Store::open(&path, kind)?;
        let [file, log, index] = ["", "-wal", "-shm"].map(|ending| {
            let part = beside(&path, ending);
            let opened = OpenOptions::new().read(true).write(true).open(&part);
            opened.expect("an open store has its three files")
        });
        Ok(Books {
            store,
            path,
            file,
            log,
            index,
        })
    }

    /// The store.
    pub(super) fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    /// Other books under the open store. It holds no lock now, and whatever it had read before it reads anew.
    fn lay(&mut self, file: &[u8], log: &[u8]) {
        overwrite(&mut self.file, file);
        overwrite(&mut self.log, log);
        let index = &mut self.index;
        index
            .seek(SeekFrom::Start(0))
            .and_then(|_| index.write_all(&[0; INDEX_HEADS]))
            .expect(TAKES);
    }
}

const TAKES: &str = "the simulation's own folder takes and gives files";

fn whole(file: &mut File) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))
        .and_then(|_| file.read_to_end(&mut bytes))
        .expect(TAKES);
    bytes
}

fn overwrite(file: &mut File, bytes: &[u8]) {
    file.seek(SeekFrom::Start(0))
        .and_then(|_| file.write_all(bytes))
        .and_then(|()| file.set_len(bytes.len() as u64))
        .expect(TAKES);
}

fn put(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect(TAKES);
}

/// A file that SQLite keeps beside the books.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::business_day::BusinessDate;
    use crate::domain::ledger::{AuditEvent, Entry};
    use crate::domain::record::Stamp;

    fn write(disk: &mut Disk) {
        let at = DateTime::parse_from_rfc3339("2026-11-21T09:00:00+09:00").expect("a time");
        let stamp = Stamp {
            at,
            business_date: BusinessDate(at.date_naive()),
        };
        let entry = Entry::Audit {
            event: AuditEvent::Started,
            detail: String::new(),
        };
        let stored = disk.handle(StoreRequest::Write { stamp, entry });
        assert!(matches!(stored, Stored::Written(_)), "{stored:?}");
    }

    fn entries(store: &Store) -> u64 {
        let report = store.prove(true).expect("read");
        assert_eq!(report.problem, None);
        report.entries
    }

    #[test]
    fn an_image_laid_under_an_open_store_is_what_the_crash_left_and_so_is_one_that_is_opened() {
        let mut disk = Disk::new().expect("a folder");
        let mut dice = Dice::new(7);
        for opens_images in [true, false, true, false] {
            disk.begin(BooksKind::Live, opens_images).expect("books");
            assert_eq!(entries(disk.store()), 0, "the session before left nothing");
            write(&mut disk);
            let one = disk.whole();
            let start = disk.log_end();
            write(&mut disk);
            let end = disk.log_end();
            let (two, torn) = (disk.whole(), disk.torn(&mut dice, start, end));
            let mixed = disk.half_checkpointed(&mut dice);
            for (image, there) in [(&two, 2), (&one, 1), (&mixed, 2), (&torn, 1), (&two, 2)] {
                let mut books = disk.open(image).expect("opens");
                assert_eq!(entries(books.store()), there);
                disk.put_back(books);
            }
            assert_eq!(entries(disk.store()), 2, "the world goes on");
            let books = disk.open(&torn).expect("opens");
            disk.go_on_with(books);
            write(&mut disk);
            assert_eq!(entries(disk.store()), 2);
        }
    }
}
