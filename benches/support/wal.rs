//! SQLite's write-ahead log, read from outside: how many commits stand in it, and how many bytes each took.

use std::path::{Path, PathBuf};

/// What stands in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// Transactions, each synced before it was answered (`synchronous=FULL`).
    pub commits: u64,
    /// Their bytes.
    pub bytes: u64,
}

const HEAD: usize = 32;
const FRAME_HEAD: usize = 24;

/// The log of these books. It only grows until a checkpoint, which this does not see.
pub fn read(books: &Path) -> Log {
    let log = std::fs::read(log_of(books)).unwrap_or_default();
    let mut read = Log {
        commits: 0,
        bytes: 0,
    };
    if log.len() < HEAD {
        return read;
    }
    let page = number(&log[8..12]);
    let salt = &log[16..24];
    let frame_len = FRAME_HEAD + usize::try_from(page).expect("a page is small");
    for frame in log[HEAD..].chunks_exact(frame_len) {
        // What stands behind the newest frame is left of an earlier round.
        if frame[8..16] != *salt {
            break;
        }
        read.bytes += frame.len() as u64;
        // The last frame of a transaction says how large the file is after it.
        if number(&frame[4..8]) > 0 {
            read.commits += 1;
        }
    }
    read
}

fn log_of(books: &Path) -> PathBuf {
    let mut name = books.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

fn number(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |number, byte| (number << 8) | u32::from(*byte))
}
