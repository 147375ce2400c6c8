//! The diagnostic log: time, operation, outcome, a number. Typed words only, so that no name, text or card number can get into it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, SecondsFormat};

use crate::cat::Break;
use crate::domain::ledger::{CatId, UnknownReason};

/// The log's name in the data folder.
pub const FILE_NAME: &str = "diagnostic.log";
/// The name of the older half.
pub const OLD_NAME: &str = "diagnostic.log.1";
/// Two files of this size at most.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// The console started.
    Start,
    /// The console ended.
    End,
    /// The books were opened.
    OpenBooks,
    /// Something was written to the books.
    WriteBooks,
    /// Something was read from the books.
    ReadBooks,
    /// The line to a terminal.
    Line(CatId),
    /// An exchange with a terminal.
    Exchange(CatId),
    /// A terminal was asked for an outcome.
    Inquiry(CatId),
    /// A call to the receipt computer, by its word.
    Orca(&'static str),
    /// What the receipt computer tells by itself.
    OrcaPush,
    /// The screen.
    Screen,
    /// The keys.
    Keys,
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// As it should.
    Done,
    /// A practice start.
    Practice,
    /// A start as a reader of books that another console holds.
    Viewer,
    /// The line broke.
    Broken(Break),
    /// An outcome is not known.
    Unknown(UnknownReason),
    /// The terminal sent something nobody asked for.
    Unasked,
    /// An answer held more of an account number than may be kept.
    AccountMasked,
    /// The disk is full.
    DiskFull,
    /// Not writable.
    ReadOnly,
    /// Held by another program.
    Locked,
    /// The disk reported an error.
    DiskError,
    /// Refused by the rules of the books, or by the receipt computer.
    Refused,
    /// The receipt computer: nothing of the call left.
    Unreachable,
    /// The receipt computer: the call left, and no whole answer came.
    Lost,
    /// The receipt computer does not let us in.
    Denied,
    /// A certificate is no good.
    Certificate,
    /// Something else than a receipt computer answered.
    Foreign,
    /// The receipt computer's answer cannot be understood.
    Unreadable,
    /// The window was closed, or the system asked us to end.
    Hangup,
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// Ended by an error of our own.
    Panic,
}

/// The log, open. Writing it never fails anything else: a full disk must not stop a sale for the log's sake.
#[derive(Debug)]
pub struct Log {
    folder: PathBuf,
    file: File,
    bytes: u64,
    bytes_max: u64,
    lost: u64,
}

impl Log {
    /// Open the log of a data folder, which must exist.
    pub fn open(folder: &Path) -> io::Result<Log> {
        Log::with_limit(folder, FILE_BYTES_MAX)
    }

    fn with_limit(folder: &Path, bytes_max: u64) -> io::Result<Log> {
        let file = append_to(&folder.join(FILE_NAME))?;
        let bytes = file.metadata()?.len();
        Ok(Log {
            folder: folder.to_owned(),
            file,
            bytes,
            bytes_max,
            lost: 0,
        })
    }

    /// Note what was done, how it went, and at most one number (a sequence number, a count, the system's error number).
    pub fn note(
        &mut self,
        at: DateTime<FixedOffset>,
        operation: Operation,
        code: Code,
        number: Option<u64>,
    ) {
        let line = line(at, operation, code, number);
        if self.append(&line).is_err() {
            self.lost += 1;
        }
    }

    /// How many lines could not be written.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    fn append(&mut self, line: &str) -> io::Result<()> {
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if self.bytes + length > self.bytes_max {
            self.rotate()?;
        }
        // One write a line: two consoles of one folder may mix lines, never halves of them.
        self.file.write_all(line.as_bytes())?;
        self.bytes += length;
        Ok(())
    }

    fn rotate(&mut self) -> io::Result<()> {
        let current = self.folder.join(FILE_NAME);
        fs::rename(&current, self.folder.join(OLD_NAME))?;
        self.file = append_to(&current)?;
        self.bytes = 0;
        Ok(())
    }
}

/// `2026-11-21T14:32:07.123+09:00 exchange.cat1 unknown.no_answer 871`
fn line(
    at: DateTime<FixedOffset>,
    operation: Operation,
    code: Code,
    number: Option<u64>,
) -> String {
    let at = at.to_rfc3339_opts(SecondsFormat::Millis, false);
    let number = number
        .map(|number| format!(" {number}"))
        .unwrap_or_default();
    format!("{at} {} {}{number}\n", operation.word(), code.word())
}

impl Operation {
    fn word(self) -> String {
        let of = |word: &str, cat: CatId| match cat {
            CatId::Cat1 => format!("{word}.cat1"),
            CatId::Cat2 => format!("{word}.cat2"),
        };
        match self {
            Operation::Start => "start".into(),
            Operation::End => "end".into(),
            Operation::OpenBooks => "open_books".into(),
            Operation::WriteBooks => "write_books".into(),
            Operation::ReadBooks => "read_books".into(),
            Operation::Line(cat) => of("line", cat),
            Operation::Exchange(cat) => of("exchange", cat),
            Operation::Inquiry(cat) => of("inquiry", cat),
            Operation::Orca(call) => format!("orca.{call}"),
            Operation::OrcaPush => "orca_push".into(),
            Operation::Screen => "screen".into(),
            Operation::Keys => "keys".into(),
        }
    }
}

impl Code {
    fn word(self) -> String {
        match self {
            Code::Done => "done".into(),
            Code::Practice => "practice".into(),
            Code::Viewer => "viewer".into(),
            Code::Broken(how) => format!("broken.{}", snake(how)),
            Code::Unknown(why) => format!("unknown.{}", snake(why)),
            Code::Unasked => "unasked".into(),
            Code::AccountMasked => "account_masked".into(),
            Code::DiskFull => "disk_full".into(),
            Code::ReadOnly => "read_only".into(),
            Code::Locked => "locked".into(),
            Code::DiskError => "disk_error".into(),
            Code::Refused => "refused".into(),
            Code::Unreachable => "unreachable".into(),
            Code::Lost => "lost".into(),
            Code::Denied => "denied".into(),
            Code::Certificate => "certificate".into(),
            Code::Foreign => "foreign".into(),
            Code::Unreadable => "unreadable".into(),
            Code::Hangup => "hangup".into(),
            Code::NotUtf8 => "not_utf8".into(),
            Code::Panic => "panic".into(),
        }
    }
}

/// The word of the books for a unit variant.
fn snake(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => "other".to_owned(),
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    super::os::machine::private(&mut options).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339("2026-11-21T14:32:07.123+09:00").expect("a moment")
    }

    #[test]
    fn a_line_is_time_operation_outcome_and_a_number() {
        let exchange = Operation::Exchange(CatId::Cat1);
        let unknown = Code::Unknown(UnknownReason::NoAnswer);
        assert_eq!(
            line(at(), exchange, unknown, Some(871)),
            "2026-11-21T14:32:07.123+09:00 exchange.cat1 unknown.no_answer 871\n"
        );
        assert_eq!(
            line(at(), Operation::Start, Code::Done, None),
            "2026-11-21T14:32:07.123+09:00 start done\n"
        );
    }

    #[test]
    fn two_files_are_all_there_ever_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut log = Log::with_limit(folder.path(), 500).expect("a log");
        for number in 0..200 {
            log.note(at(), Operation::WriteBooks, Code::Done, Some(number));
        }
        let size = |name: &str| {
            fs::metadata(folder.path().join(name))
                .expect("a file")
                .len()
        };
        assert!(size(FILE_NAME) <= 500 && size(OLD_NAME) <= 500);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
        let newest = fs::read_to_string(folder.path().join(FILE_NAME)).expect("text");
        assert!(newest.ends_with("write_books done 199\n"), "{newest}");
        assert_eq!(log.lost(), 0);
        drop(log);
        let again = Log::with_limit(folder.path(), 500).expect("a log");
        assert_eq!(again.bytes, size(FILE_NAME), "an old log is carried on");
    }

    #[test]
    fn a_log_that_cannot_be_written_counts_and_stays_quiet() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut log = Log::with_limit(folder.path(), 60).expect("a log");
        fs::remove_dir_all(folder.path()).expect("removed");
        for _ in 0..3 {
            log.note(at(), Operation::End, Code::Hangup, None);
        }
        assert!(log.lost() > 0);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        drop(Log::open(folder.path()).expect("a log"));
        let facts = fs::metadata(folder.path().join(FILE_NAME)).expect("a file");
        assert_eq!(facts.permissions().mode() & 0o777, 0o600);
    }
}
