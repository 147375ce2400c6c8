//! The simulated terminal's books on disk: a line is durable before the terminal answers.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::cat::simulator::books::{BookEntry, Books, BooksError};
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
    #[error("{path}: {source}")]
    Content {
        /// Which file.
        path: PathBuf,
        /// Which line, and why.
        source: BooksError,
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
        let restored = Books::restore(&text, fresh).map_err(|source| BooksFileError::Content {
            path: path.to_owned(),
            source,
        })?;
        if restored.good_len < text.len() {
            let good = u64::try_from(restored.good_len).unwrap_or(u64::MAX);
            file.set_len(good)
                .and_then(|()| file.sync_all())
                .map_err(refused)?;
        }
        file.seek(SeekFrom::End(0)).map_err(refused)?;
        Ok((BooksFile { file }, restored.books))
    }

    /// Append one transaction. When this returns it survives a power cut.
    pub(super) fn append(&mut self, entry: &BookEntry) -> io::Result<()> {
        self.file.write_all(entry.to_line().as_bytes())?;
        self.file.sync_data()
    }
}
