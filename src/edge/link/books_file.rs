//! The simulated terminal's books on disk: a line is durable before the terminal answers.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::cat::simulator::books::{BookEntry, Books};
use crate::domain::slip::JournalId;

/// A file that only grows, locked for one terminal.
#[derive(Debug)]
pub(super) struct BooksFile {
    file: File,
}

/// Books that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BooksFileError {
    /// The system refused.
    #[error("{path}: {source}; choose another file for the terminal's books")]
    File {
        /// Which file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// Another terminal writes it.
    #[error("{0}: another terminal keeps these books; give each its own file")]
    InUse(PathBuf),
    /// Far larger than any terminal's.
    #[error("{0}: larger than {MAX_LEN} bytes; move it away to begin new books")]
    TooLarge(PathBuf),
    /// A line is no transaction.
    #[error(
        "{path}, line {line}: this is no transaction ({source}); move the file away to begin new books"
    )]
    Content {
        /// Which file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What the reader said.
        source: serde_json::Error,
    },
}

/// The largest file that is read.
const MAX_LEN: u64 = 512 * 1024 * 1024;

impl BooksFile {
    /// Open or begin the books, and read them back. What a power cut tore is cut off: it was never answered.
    pub(super) fn open(
        path: &Path,
        fresh: JournalId,
    ) -> Result<(BooksFile, Books), BooksFileError> {
        let refused = |source| BooksFileError::File {
            path: path.to_owned(),
            source,
        };
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(refused)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BooksFileError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => return Err(refused(source)),
        }
        let metadata = file.metadata().map_err(refused)?;
        if metadata.len() > MAX_LEN {
            return Err(BooksFileError::TooLarge(path.to_owned()));
        }
        let mut text = String::new();
        (&file)
            .take(MAX_LEN)
            .read_to_string(&mut text)
            .map_err(refused)?;
        let (entries, good_len) =
            read_lines(&text).map_err(|(line, source)| BooksFileError::Content {
                path: path.to_owned(),
                line,
                source,
            })?;
        if good_len < text.len() {
            let good = u64::try_from(good_len).unwrap_or(u64::MAX);
            file.set_len(good)
                .and_then(|()| file.sync_all())
                .map_err(refused)?;
        }
        file.seek(SeekFrom::End(0)).map_err(refused)?;
        Ok((BooksFile { file }, Books::restore(entries, fresh)))
    }

    /// Append one transaction. When this returns it survives a power cut.
    pub(super) fn append(&mut self, entry: &BookEntry) -> io::Result<()> {
        let mut line = serde_json::to_string(entry)?;
        line.push('\n');
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()
    }
}

/// The transactions, and the length of the part that holds them. A last line without its end was never answered: the answer waits for
/// the line to be durable. A bad line comes back as its number and the reason.
fn read_lines(text: &str) -> Result<(Vec<BookEntry>, usize), (usize, serde_json::Error)> {
    let mut entries = Vec::new();
    let mut good_len = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if !line.ends_with('\n') {
            break;
        }
        good_len += line.len();
        if !line.trim().is_empty() {
            entries.push(serde_json::from_str(line).map_err(|error| (index + 1, error))?);
        }
    }
    Ok((entries, good_len))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cat::simulator::books::BookOutcome;
    use crate::cat::simulator::books::tests::entry;

    fn fresh() -> JournalId {
        JournalId::new("FRESH").expect("a good name")
    }

    #[test]
    fn a_line_has_the_promised_words() {
        let value = serde_json::to_value(entry(12, "00007", "J1")).expect("JSON");
        assert_eq!(value["sequence_number"], 12);
        assert_eq!(value["kind"], "sale");
        assert_eq!(value["amount"], 3430);
        assert_eq!(value["outcome"], "approved");
        assert_eq!(value["slip_number"], "00007");
        assert_eq!(value["approval_code"], "A1B2C3");
        assert_eq!(value["time"], "2026-11-21T10:05:00+09:00");
        assert_eq!(value["training"], false);
        assert_eq!(value["card_class"], 3);
        for outcome in [
            BookOutcome::Approved,
            BookOutcome::DailyLogFull,
            BookOutcome::CommunicationError,
        ] {
            let word = serde_json::to_value(outcome).expect("JSON");
            assert_eq!(word, outcome.word());
        }
    }

    #[test]
    fn a_torn_last_line_is_cut_off_and_a_bad_one_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("terminal.jsonl");
        let (mut file, _) = BooksFile::open(&path, fresh()).expect("new books");
        file.append(&entry(1, "00007", "J1")).expect("a line");
        file.append(&entry(2, "00008", "J1")).expect("a line");
        drop(file);
        let good = std::fs::read_to_string(&path).expect("books");
        std::fs::write(&path, format!("{good}{}", &good[..40])).expect("torn books");
        let (mut file, books) = BooksFile::open(&path, fresh()).expect("good books");
        assert_eq!(books.entries().count(), 2);
        file.append(&entry(3, "00009", "J1")).expect("a line");
        drop(file);
        let (_, books) = BooksFile::open(&path, fresh()).expect("good books");
        assert_eq!(books.entries().count(), 3);

        std::fs::write(&path, format!("{good}{{}}\n")).expect("bad books");
        let error = BooksFile::open(&path, fresh()).expect_err("no transaction");
        assert!(error.to_string().contains("line 3"), "{error}");
    }
}
