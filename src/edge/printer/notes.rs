//! What must be remembered over a crash and is no money: since when there is a printer, which papers were begun, which are not wanted.
//! Lines of text, each durable before what it speaks of happens; only those of the day are kept.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};

use crate::domain::business_day::BusinessDate;
use crate::domain::ledger::Document;
use crate::domain::paper::Unprinted;
use crate::domain::slip::SlipNumber;

/// A day of prints is far below this; a file above it is none of ours.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// What earlier runs of the day left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recalled {
    pub(super) since: DateTime<FixedOffset>,
    pub(super) begun: Vec<Unprinted>,
    pub(super) forgotten: Vec<Unprinted>,
}

/// The file, open.
#[derive(Debug)]
pub(super) struct Notes {
    path: PathBuf,
    day: BusinessDate,
    file: File,
}

impl Notes {
    /// Read what the day left, and begin to write. A file that cannot be read is a file of another day.
    pub(super) fn open(
        path: &Path,
        now: DateTime<FixedOffset>,
        day: BusinessDate,
    ) -> io::Result<(Notes, Recalled)> {
        let text = match fs::metadata(path) {
            Ok(facts) if facts.len() <= FILE_BYTES_MAX => {
                String::from_utf8_lossy(&fs::read(path)?).into_owned()
            }
            _ => String::new(),
        };
        let date = day.to_string();
        let mut recalled = Recalled {
            since: now,
            begun: Vec::new(),
            forgotten: Vec::new(),
        };
        let mut kept = String::new();
        for line in text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let known = match words.as_slice() {
                [of, "since", at] if *of == date => match DateTime::parse_from_rfc3339(at) {
                    Ok(at) => {
                        recalled.since = recalled.since.min(at);
                        true
                    }
                    Err(_) => false,
                },
                [of, word @ ("begun" | "forgotten"), slip, document] if *of == date => {
                    match paper(slip, document) {
                        Some(paper) if *word == "begun" => {
                            recalled.begun.push(paper);
                            true
                        }
                        Some(paper) => {
                            recalled.forgotten.push(paper);
                            true
                        }
                        None => false,
                    }
                }
                _ => false,
            };
            if known {
                kept.push_str(line);
                kept.push('\n');
            }
        }
        kept.push_str(&format!("{date} since {}\n", now.to_rfc3339()));
        let half = path.with_extension("new");
        let mut file = File::create(&half)?;
        file.write_all(kept.as_bytes())?;
        file.sync_all()?;
        fs::rename(&half, path)?;
        let file = OpenOptions::new().append(true).open(path)?;
        let notes = Notes {
            path: path.to_owned(),
            day,
            file,
        };
        Ok((notes, recalled))
    }

    /// The first byte of this paper is about to leave.
    pub(super) fn begun(&mut self, paper: Unprinted) -> io::Result<()> {
        self.note("begun", paper)
    }

    /// This paper is not wanted any more.
    pub(super) fn forgotten(&mut self, paper: Unprinted) -> io::Result<()> {
        self.note("forgotten", paper)
    }

    /// A console that stays open over the turn of the day writes the new one.
    pub(super) fn turn(&mut self, day: BusinessDate, now: DateTime<FixedOffset>) -> io::Result<()> {
        if day != self.day {
            let path = self.path.clone();
            *self = Notes::open(&path, now, day)?.0;
        }
        Ok(())
    }

    fn note(&mut self, word: &str, paper: Unprinted) -> io::Result<()> {
        let document = match paper.document {
            Document::Slip => "slip",
            Document::Reissue => "reissue",
            Document::Task => "task",
        };
        let line = format!("{} {word} {} {document}\n", self.day, paper.slip);
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()
    }
}

fn paper(slip: &str, document: &str) -> Option<Unprinted> {
    let document = match document {
        "slip" => Document::Slip,
        "reissue" => Document::Reissue,
        "task" => Document::Task,
        _ => return None,
    };
    let slip = SlipNumber::new(slip.parse().ok()?);
    Some(Unprinted { slip, document })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339(text).expect("a moment")
    }

    fn day(text: &str) -> BusinessDate {
        text.parse().expect("a date")
    }

    #[test]
    fn what_was_begun_and_forgotten_is_known_after_a_crash_and_gone_the_next_day() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("print-notes.txt");
        let morning = at("2026-11-21T09:00:00+09:00");
        let noon = at("2026-11-21T12:00:00+09:00");
        let paper = |number, document| Unprinted {
            slip: SlipNumber::new(number),
            document,
        };
        let (mut notes, recalled) = Notes::open(&path, morning, day("2026-11-21")).expect("opened");
        assert_eq!((recalled.since, recalled.begun), (morning, vec![]));
        notes.begun(paper(7, Document::Slip)).expect("noted");
        notes.begun(paper(8, Document::Reissue)).expect("noted");
        notes.forgotten(paper(9, Document::Slip)).expect("noted");
        drop(notes);
        // Half a line of a crash, and what somebody else wrote.
        let mut text = fs::read_to_string(&path).expect("read");
        text.push_str("2026-11-21 begun 00000\u{fffd}\n2026-11-21 beg");
        fs::write(&path, text).expect("written");
        let (_, recalled) = Notes::open(&path, noon, day("2026-11-21")).expect("opened");
        assert_eq!(
            recalled,
            Recalled {
                since: morning,
                begun: vec![paper(7, Document::Slip), paper(8, Document::Reissue)],
                forgotten: vec![paper(9, Document::Slip)],
            }
        );
        let later = at("2026-11-22T09:00:00+09:00");
        let (_, recalled) = Notes::open(&path, later, day("2026-11-22")).expect("opened");
        assert_eq!((recalled.since, recalled.begun), (later, vec![]));
        let kept = fs::read_to_string(&path).expect("read");
        assert_eq!(kept, "2026-11-22 since 2026-11-22T09:00:00+09:00\n");
    }
}
