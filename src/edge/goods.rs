//! Files of goods: found in their folder, decoded, and read line by line in a thread of their own, so that the counter goes on.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use encoding_rs::{CoderResult, DecoderResult, Encoding, SHIFT_JIS, UTF_8};

use crate::app::message::items::{
    BAD_LINES_MAX, Goods, GoodsEvent, GoodsFile, GoodsRequest, GoodsTrouble, Progress,
};
use crate::domain::item::ITEMS_MAX;
use crate::domain::item::records::{Record, Records};
use crate::domain::item::sheet::{HeadingFault, Sheet, Taken};
use crate::edge::os::private_folder;

/// The folder of the data folder where files of goods are looked for.
pub const IMPORTS: &str = "imports";
/// How many files are listed.
const FILES_MAX: usize = 200;
/// How much is read at once.
const PIECE_BYTES: usize = 64 * 1024;

/// Takes what the console asks, and answers through `send`.
pub struct Room<S> {
    folder: PathBuf,
    send: S,
    /// Set to stop the reading that is under way.
    stop: Mutex<Arc<AtomicBool>>,
}

impl<S: Fn(GoodsEvent) + Clone + Send + 'static> Room<S> {
    /// For the files of this folder.
    pub fn new(folder: PathBuf, send: S) -> Room<S> {
        Room {
            folder,
            send,
            stop: Mutex::default(),
        }
    }

    /// Do it, beside everything else.
    pub fn take(&self, request: GoodsRequest) {
        let (folder, send) = (self.folder.clone(), self.send.clone());
        match request {
            GoodsRequest::Files => {
                let told = folder.display().to_string();
                let event = move |files| GoodsEvent::Files {
                    folder: told,
                    files,
                };
                let failed = event.clone();
                self.beside(
                    move || send(event(files(&folder).map_err(|error| error.to_string()))),
                    move |error| failed(Err(error.to_string())),
                );
            }
            GoodsRequest::Read { name, reading } => {
                let stop = self.begin();
                let event = move |result| GoodsEvent::Read { reading, result };
                let work = move || {
                    let progress = |progress| {
                        send(GoodsEvent::Progress { reading, progress });
                        !stop.load(Ordering::Relaxed)
                    };
                    // A reading that was stopped says nothing more.
                    if let Some(result) = read(&folder.join(&name), progress) {
                        send(event(result.map(Box::new)));
                    }
                };
                let failed =
                    move |error: io::Error| event(Err(GoodsTrouble::Unreadable(error.to_string())));
                self.beside(work, failed);
            }
            GoodsRequest::Stop => {
                self.begin();
            }
        }
    }

    fn beside(
        &self,
        work: impl FnOnce() + Send + 'static,
        failed: impl FnOnce(io::Error) -> GoodsEvent,
    ) {
        let thread = std::thread::Builder::new().name("goods".to_owned());
        if let Err(error) = thread.spawn(work) {
            (self.send)(failed(error));
        }
    }

    /// Stop what is being read; what is read next has a mark of its own.
    fn begin(&self) -> Arc<AtomicBool> {
        let mut held = self.stop.lock().unwrap_or_else(PoisonError::into_inner);
        held.store(true, Ordering::Relaxed);
        *held = Arc::default();
        held.clone()
    }
}

/// The files there are, newest first.
fn files(folder: &Path) -> io::Result<Vec<GoodsFile>> {
    private_folder(folder)?;
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (Ok(about), Ok(name)) = (entry.metadata(), entry.file_name().into_string()) else {
            continue;
        };
        let lower = name.to_lowercase();
        if about.is_file() && (lower.ends_with(".csv") || lower.ends_with(".txt")) {
            let bytes = about.len();
            found.push((about.modified().ok(), GoodsFile { name, bytes }));
        }
    }
    found.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| x.name.cmp(&y.name)));
    found.truncate(FILES_MAX);
    Ok(found.into_iter().map(|(_, file)| file).collect())
}

/// Read a file of goods. `progress` is told how far, and says whether to go on; `None` where it said no. What is held in memory is the items, at
/// most [`ITEMS_MAX`], and the first bad lines.
pub fn read(
    path: &Path,
    progress: impl FnMut(Progress) -> bool,
) -> Option<Result<Goods, GoodsTrouble>> {
    match read_file(path, progress) {
        Ok(goods) => Some(Ok(goods)),
        Err(Stop::Asked) => None,
        Err(Stop::Trouble(trouble)) => Some(Err(trouble)),
    }
}

enum Stop {
    Asked,
    Trouble(GoodsTrouble),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Trouble(GoodsTrouble::Unreadable(error.to_string()))
    }
}

fn read_file(path: &Path, mut progress: impl FnMut(Progress) -> bool) -> Result<Goods, Stop> {
    let mut file = File::open(path)?;
    let of = file.metadata()?.len();
    // Twice over the file: once for its encoding, once for its lines.
    let mut now = Progress {
        of: of.saturating_mul(2),
        ..Progress::default()
    };
    let encoding = encoding_of(&mut file, |bytes| {
        now.bytes += bytes;
        progress(now)
    })?;
    file.seek(SeekFrom::Start(0))?;
    let mut shelf = Shelf::default();
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut records = Records::default();
    let mut piece = vec![0; PIECE_BYTES];
    let mut text = String::with_capacity(PIECE_BYTES * 3);
    loop {
        let count = file.read(&mut piece)?;
        let mut rest = &piece[..count];
        loop {
            text.clear();
            let (result, used, _) = decoder.decode_to_string(rest, &mut text, count == 0);
            records.feed(&text, &mut |record| shelf.take(&record));
            rest = &rest[used..];
            if result == CoderResult::InputEmpty {
                break;
            }
        }
        if count == 0 {
            break;
        }
        now.bytes += u64::try_from(count).unwrap_or(0);
        now.good = u64::try_from(shelf.goods.items.len()).unwrap_or(u64::MAX);
        now.bad = shelf.goods.bad_count;
        if !progress(now) {
            return Err(Stop::Asked);
        }
        if let Some(trouble) = shelf.trouble.take() {
            return Err(Stop::Trouble(trouble));
        }
    }
    records.finish(&mut |record| shelf.take(&record));
    shelf.finish(encoding)
}

/// What is taken off the file so far.
#[derive(Default)]
struct Shelf {
    sheet: Sheet,
    goods: Goods,
    trouble: Option<GoodsTrouble>,
}

impl Shelf {
    fn take(&mut self, record: &Record) {
        if self.trouble.is_some() {
            return;
        }
        match self.sheet.take(record) {
            Taken::Heading => {}
            Taken::Item(_) if self.goods.items.len() >= ITEMS_MAX => {
                self.trouble = Some(GoodsTrouble::TooMany);
            }
            Taken::Item(item) => self.goods.items.push(item),
            Taken::Bad(bad) => {
                self.goods.bad_count += 1;
                if self.goods.bad.len() < BAD_LINES_MAX {
                    self.goods.bad.push(bad);
                }
            }
            Taken::Stop(fault) => self.trouble = Some(GoodsTrouble::Heading(fault)),
        }
    }

    fn finish(mut self, encoding: &'static Encoding) -> Result<Goods, Stop> {
        let heading = |fault: HeadingFault| GoodsTrouble::Heading(fault);
        let trouble = self.trouble.take();
        if let Some(trouble) = trouble.or_else(|| self.sheet.finish().map_err(heading).err()) {
            return Err(Stop::Trouble(trouble));
        }
        self.goods.ignored = self.sheet.ignored().to_vec();
        encoding_name(encoding).clone_into(&mut self.goods.encoding);
        Ok(self.goods)
    }
}

fn encoding_name(encoding: &'static Encoding) -> &'static str {
    if encoding == UTF_8 { "UTF-8" } else { "CP932" }
}

/// UTF-8 or CP932: the one by which fewer bytes of the whole file are no characters.
fn encoding_of(
    file: &mut File,
    mut go_on: impl FnMut(u64) -> bool,
) -> Result<&'static Encoding, Stop> {
    let mut counters = [UTF_8, SHIFT_JIS].map(|encoding| Faults {
        decoder: encoding.new_decoder_without_bom_handling(),
        count: 0,
    });
    let mut piece = vec![0; PIECE_BYTES];
    let mut first = true;
    loop {
        let count = file.read(&mut piece)?;
        let read = &piece[..count];
        if first {
            if read.starts_with(&[0xEF, 0xBB, 0xBF]) {
                return Ok(UTF_8);
            }
            // UTF-16, or a workbook, which is a ZIP.
            let other = [&[0xFF, 0xFE][..], &[0xFE, 0xFF], b"PK\x03\x04"];
            if other.iter().any(|mark| read.starts_with(mark)) {
                return Err(Stop::Trouble(GoodsTrouble::NotText));
            }
            first = false;
        }
        if read.contains(&0) {
            return Err(Stop::Trouble(GoodsTrouble::NotText));
        }
        for counter in &mut counters {
            counter.feed(read, count == 0);
        }
        if count == 0 {
            break;
        }
        if !go_on(u64::try_from(count).unwrap_or(0)) {
            return Err(Stop::Asked);
        }
    }
    let [utf8, cp932] = counters.map(|counter| counter.count);
    Ok(if utf8 <= cp932 { UTF_8 } else { SHIFT_JIS })
}

/// Counts what is no character in one encoding.
struct Faults {
    decoder: encoding_rs::Decoder,
    count: u64,
}

impl Faults {
    fn feed(&mut self, mut bytes: &[u8], last: bool) {
        let mut text = [0_u16; 4_096];
        loop {
            let (result, used, _) = self
                .decoder
                .decode_to_utf16_without_replacement(bytes, &mut text, last);
            bytes = &bytes[used..];
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => self.count += 1,
            }
        }
    }
}

#[cfg(test)]
#[path = "goods/tests.rs"]
mod tests;
