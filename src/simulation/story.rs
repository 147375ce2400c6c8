//! A session told in words, for `--replay`: who did what, what was on the wire, what books and screen said.

use std::fmt::Write as _;

use crate::app::message::Now;

/// The words, where anybody wants them; otherwise nothing is put into words at all.
#[derive(Debug)]
pub(super) struct Story {
    wanted: bool,
    pub(super) lines: Vec<String>,
}

impl Story {
    pub(super) fn new(wanted: bool) -> Story {
        Story {
            wanted,
            lines: Vec::new(),
        }
    }

    /// One more sentence.
    pub(super) fn tell(&mut self, now: Now, words: impl FnOnce() -> String) {
        if self.wanted {
            let clock = now.wall.format("%Y-%m-%d %H:%M:%S");
            let words = words();
            self.lines
                .push(format!("{:>9} ms  {clock}  {words}", now.mono_ms));
        }
    }
}

/// Bytes of the line: controls by their names, text as it is.
pub(super) fn wire(bytes: &[u8]) -> String {
    let mut words = String::new();
    for byte in bytes {
        let name = match byte {
            0x02 => "STX",
            0x03 => "ETX",
            0x04 => "EOT",
            0x05 => "ENQ",
            0x06 => "ACK",
            0x15 => "NAK",
            0x17 => "ETB",
            _ => "",
        };
        let written = match byte {
            _ if !name.is_empty() => write!(words, "<{name}>"),
            0x20..=0x7e => write!(words, "{}", char::from(*byte)),
            _ => write!(words, "<{byte:02x}>"),
        };
        written.expect("writing to a string cannot fail");
    }
    words
}

/// The beginning of what something is in the program's own words.
pub(super) fn short(what: &impl std::fmt::Debug) -> String {
    let mut text = format!("{what:?}");
    if let Some((at, _)) = text.char_indices().nth(240) {
        text.truncate(at);
        text.push('…');
    }
    text
}
