//! Terminal input, bytes to [`Input`]: nothing typed that was not typed, nothing pressed that was not pressed. Pure.
//!
//! Time is an argument: milliseconds of any clock that only goes forward. A caller waits no longer than
//! [`Decoder::deadline`] for more bytes and calls [`Decoder::expire`] when it passes.

use std::collections::BTreeMap;

use super::sequence::{Found, read};
use super::typing::{Typing, even};
use crate::app::key::{Input, Key, KeyPress};
use crate::domain::barcode::framing::Framing;

/// How long a lone ESC waits for the rest of a key.
const ESCAPE_HOLD_MS: u64 = 30;
/// How long a sequence, a character or an answer that has begun waits for its rest.
const PARTIAL_HOLD_MS: u64 = 250;
/// How long a paste waits for its end.
const PASTE_HOLD_MS: u64 = 1_000;
/// After so long, `[A` behind a lone Esc was typed and is not the late rest of an arrow.
const LATE_REST_MS: u64 = 500;
/// A paste keeps this much; the rest is dropped.
const PASTE_BYTES_MAX: usize = 4_096;
/// An unknown key keeps this much of what came.
const KEY_BYTES_MAX: usize = 32;
const PASTE_END: &[u8] = b"\x1b[201~";

/// Reads keys, pastes and scans out of what a terminal sends.
#[derive(Debug)]
pub struct Decoder {
    custom: BTreeMap<Vec<u8>, Key>,
    typing: Typing,
    mode: Mode,
    /// The beginning of something; never longer than a sequence may be.
    pending: Vec<u8>,
    /// When the last byte came.
    at_ms: u64,
    /// Cursor reports that were asked for and have not come.
    reports_due: u8,
    /// When a lone ESC was taken for Esc.
    escaped_at_ms: Option<u64>,
    /// When the last byte that is not UTF-8 came.
    invalid_at_ms: Option<u64>,
    /// When the last CR came, as long as nothing followed it.
    returned_at_ms: Option<u64>,
}

#[derive(Debug)]
enum Mode {
    Keys,
    /// Inside an answer that runs to a string terminator.
    Answer,
    /// Inside a sequence that is longer than any.
    Overlong,
    Paste {
        text: Vec<u8>,
        matched: usize,
    },
}

/// True where a mapping of these bytes could not take anyone's text, Enter, Tab or Esc away.
pub fn can_be_mapped(bytes: &[u8]) -> bool {
    bytes.len() <= KEY_BYTES_MAX
        && match bytes {
            [] | [0x1b | b'\r' | b'\n' | b'\t'] => false,
            [first, ..] => *first < 0x20 || *first == 0x7f,
        }
}

impl Decoder {
    /// A decoder with the shop's own key mappings, which win over everything; those that cannot be mapped are left out.
    /// With a gap of 0 no character is ever held back, and only what comes in one read is a scan.
    pub fn new(custom: BTreeMap<Vec<u8>, Key>, scanner: Framing) -> Decoder {
        let mut decoder = Decoder {
            custom: BTreeMap::new(),
            typing: Typing::new(scanner),
            mode: Mode::Keys,
            pending: Vec::new(),
            at_ms: 0,
            reports_due: 0,
            escaped_at_ms: None,
            invalid_at_ms: None,
            returned_at_ms: None,
        };
        for (bytes, key) in custom {
            decoder.map(bytes, key);
        }
        decoder
    }

    /// From now on these bytes mean this key.
    pub fn map(&mut self, bytes: Vec<u8>, key: Key) {
        if can_be_mapped(&bytes) {
            self.custom.insert(bytes, key);
        }
    }

    /// The terminal was asked where its cursor is and has not answered yet.
    pub fn expect_cursor_report(&mut self) {
        self.reports_due = self.reports_due.saturating_add(1);
    }

    /// Bytes that one read gave.
    pub fn feed(&mut self, bytes: &[u8], now_ms: u64) -> Vec<Input> {
        let mut out = Vec::new();
        if self.deadline().is_some_and(|deadline| now_ms > deadline) {
            self.run_out(now_ms, &mut out);
        }
        let skipped = self.late_rest(bytes, now_ms, &mut out);
        let mut joined = std::mem::take(&mut self.pending);
        joined.extend_from_slice(&bytes[skipped..]);
        self.at_ms = now_ms;
        self.pending = self.read_all(&joined, false, &mut out);
        if self.pending.first().is_some_and(|byte| *byte >= 0x80) {
            self.typing.go_on(now_ms);
        }
        self.typing.settle(&mut out);
        out
    }

    /// When held bytes must be decided on, mono ms; `None` where nothing is held.
    pub fn deadline(&self) -> Option<u64> {
        let hold = match (&self.mode, self.pending.as_slice()) {
            (Mode::Keys, []) => None,
            (Mode::Paste { .. }, _) => Some(PASTE_HOLD_MS),
            (_, [0x1b]) => Some(ESCAPE_HOLD_MS),
            _ => Some(PARTIAL_HOLD_MS),
        };
        let held = hold.map(|hold| self.at_ms.saturating_add(hold));
        held.into_iter().chain(self.typing.deadline()).min()
    }

    /// The time is `now_ms` and nothing came; what its deadline has passed is decided.
    pub fn expire(&mut self, now_ms: u64) -> Vec<Input> {
        let mut out = Vec::new();
        if self.deadline().is_some_and(|deadline| now_ms >= deadline) {
            self.run_out(now_ms, &mut out);
        }
        out
    }

    /// Decides everything that is held and due.
    fn run_out(&mut self, now_ms: u64, out: &mut Vec<Input>) {
        if self.typing.deadline().is_some_and(|at| now_ms >= at) {
            self.typing.paused(out);
        }
        while self.deadline().is_some_and(|at| now_ms >= at) {
            match std::mem::replace(&mut self.mode, Mode::Keys) {
                Mode::Paste { text, .. } => self.paste(&text, out),
                Mode::Keys | Mode::Answer | Mode::Overlong => {}
            }
            let pending = std::mem::take(&mut self.pending);
            if pending == [0x1b] {
                self.escaped_at_ms = Some(self.at_ms);
            }
            self.pending = self.read_all(&pending, true, out);
            self.typing.flush(out);
        }
    }

    /// Reads as far as it goes and gives back what is incomplete.
    fn read_all(&mut self, bytes: &[u8], last: bool, out: &mut Vec<Input>) -> Vec<u8> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let used = match &mut self.mode {
                Mode::Keys => self.read_one(rest, last, out),
                Mode::Answer => self.skip_answer(rest),
                Mode::Overlong => self.skip_overlong(rest),
                Mode::Paste { .. } => self.read_paste(rest, out),
            };
            match used {
                Some(used) => rest = &rest[used..],
                None => break,
            }
        }
        rest.to_vec()
    }

    /// How many bytes were used; `None` where more must come first.
    fn read_one(&mut self, rest: &[u8], last: bool, out: &mut Vec<Input>) -> Option<usize> {
        let after_return = self.returned_at_ms.take();
        if let Some((used, key)) = self.custom_key(rest, last)? {
            self.press(key, &rest[..used], out);
            return Some(used);
        }
        let returned = |at: u64| self.at_ms <= at.saturating_add(ESCAPE_HOLD_MS);
        if matches!(rest[0], b'\n' | 0) && after_return.is_some_and(returned) {
            // CR LF of a scanner and CR NUL of an old client are one Enter.
            return Some(1);
        }
        let found = read(rest, last);
        match found {
            Found::Text(..) | Found::More => {}
            _ => self.note_other(found, out),
        }
        Some(match found {
            Found::More => return None,
            Found::Text(used, character) => {
                if !self.follows_invalid(self.at_ms, ESCAPE_HOLD_MS) {
                    self.typing.text(character, self.at_ms, out);
                }
                used
            }
            Found::Key(used, key) => {
                self.press(key, &rest[..used], out);
                if rest[0] == b'\r' {
                    self.returned_at_ms = Some(self.at_ms);
                }
                used
            }
            Found::Unknown(used) => {
                self.press(Key::Unknown, &rest[..used], out);
                used
            }
            Found::CursorReport(used) => {
                match self.reports_due.checked_sub(1) {
                    Some(due) => self.reports_due = due,
                    None => self.press(Key::Unknown, &rest[..used], out),
                }
                used
            }
            Found::Overlong(used) => {
                self.press(Key::Unknown, &rest[..used], out);
                self.mode = Mode::Overlong;
                used
            }
            Found::StringStart(used) => {
                self.mode = Mode::Answer;
                used
            }
            Found::PasteStart(used) => {
                self.mode = Mode::Paste {
                    text: Vec::new(),
                    matched: 0,
                };
                used
            }
            Found::DeviceReport(used) | Found::Answer(used) | Found::Invalid(used) => used,
        })
    }

    /// What a find that is not text means for what was held and awaited.
    fn note_other(&mut self, found: Found, out: &mut Vec<Input>) {
        match found {
            // Keys close the run themselves: they may make it a scan.
            Found::Key(..) | Found::Unknown(_) | Found::Overlong(_) => {}
            Found::DeviceReport(_) => {
                self.typing.flush(out);
                self.reports_due = 0;
            }
            Found::Invalid(_) => {
                self.typing.flush(out);
                if !self.follows_invalid(self.at_ms, PARTIAL_HOLD_MS) {
                    out.push(Input::NotUtf8);
                }
                self.invalid_at_ms = Some(self.at_ms);
            }
            _ => self.typing.flush(out),
        }
    }

    /// Shift_JIS and EUC mix ASCII bytes into their characters: what comes along with invalid bytes is not text.
    fn follows_invalid(&self, now_ms: u64, within_ms: u64) -> bool {
        self.invalid_at_ms
            .is_some_and(|at| now_ms <= at.saturating_add(within_ms))
    }

    fn press(&mut self, key: Key, bytes: &[u8], out: &mut Vec<Input>) {
        let bytes = bytes[..bytes.len().min(KEY_BYTES_MAX)].to_vec();
        self.typing.key(KeyPress { key, bytes }, self.at_ms, out);
    }

    /// The longest mapping at the front; `None` where a longer one may still come.
    fn custom_key(&self, rest: &[u8], last: bool) -> Option<Option<(usize, Key)>> {
        let longer_may_come = |bytes: &[u8]| bytes.len() > rest.len() && bytes.starts_with(rest);
        if !last && self.custom.keys().any(|bytes| longer_may_come(bytes)) {
            return None;
        }
        Some(
            self.custom
                .iter()
                .filter(|(bytes, _)| rest.starts_with(bytes))
                .max_by_key(|(bytes, _)| bytes.len())
                .map(|(bytes, key)| (bytes.len(), *key)),
        )
    }

    /// A slow line cut a key behind its ESC, and the ESC was taken for Esc: the rest must not be typed.
    fn late_rest(&mut self, bytes: &[u8], now_ms: u64, out: &mut Vec<Input>) -> usize {
        let late = self
            .escaped_at_ms
            .take()
            .is_some_and(|at| now_ms <= at.saturating_add(LATE_REST_MS));
        if !late || !matches!(bytes, [b'['] | [b'[' | b']', _, ..] | [b'O', _]) {
            return 0;
        }
        let whole = [b"\x1b", bytes].concat();
        match read(&whole, false) {
            // Cut once more: what is still to come decides.
            Found::More if bytes[0] == b'[' => {
                self.pending = whole;
                bytes.len()
            }
            Found::Key(used, key) if used > 2 => {
                self.press(key, &whole[..used], out);
                used - 1
            }
            Found::Answer(used) | Found::DeviceReport(used) => used - 1,
            Found::StringStart(used) => {
                self.mode = Mode::Answer;
                used - 1
            }
            _ => 0,
        }
    }

    /// Answers hold no control characters: a stray one ends what was no answer.
    fn skip_answer(&mut self, rest: &[u8]) -> Option<usize> {
        let Some(end) = rest.iter().position(u8::is_ascii_control) else {
            return Some(rest.len());
        };
        let used = match (rest[end], rest.get(end + 1)) {
            (0x1b, None) => return (end > 0).then_some(end),
            (0x1b, Some(b'\\')) => end + 2,
            (0x07 | 0x18 | 0x1a, _) => end + 1,
            _ => end,
        };
        self.mode = Mode::Keys;
        Some(used)
    }

    fn skip_overlong(&mut self, rest: &[u8]) -> Option<usize> {
        let Some(end) = rest.iter().position(|byte| !matches!(byte, 0x20..=0x3f)) else {
            return Some(rest.len());
        };
        self.mode = Mode::Keys;
        Some(end + usize::from(matches!(rest[end], 0x40..=0x7e)))
    }

    fn read_paste(&mut self, rest: &[u8], out: &mut Vec<Input>) -> Option<usize> {
        let Mode::Paste { text, matched } = &mut self.mode else {
            return None;
        };
        for (index, &byte) in rest.iter().enumerate() {
            if byte == PASTE_END[*matched] {
                *matched += 1;
                if *matched == PASTE_END.len() {
                    let text = std::mem::take(text);
                    self.mode = Mode::Keys;
                    self.paste(&text, out);
                    return Some(index + 1);
                }
                continue;
            }
            // ESC stands only at the front of the end mark, so a broken match can begin anew only here.
            let broken = std::mem::replace(matched, usize::from(byte == 0x1b));
            let literal: &[u8] = if byte == 0x1b { &[] } else { &[byte] };
            for byte in PASTE_END[..broken].iter().chain(literal) {
                if text.len() < PASTE_BYTES_MAX {
                    text.push(*byte);
                }
            }
        }
        Some(rest.len())
    }

    fn paste(&mut self, bytes: &[u8], out: &mut Vec<Input>) {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            // The limit cut a character in two.
            Err(error) if error.error_len().is_none() => {
                std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
            }
            Err(_) => {
                out.push(Input::NotUtf8);
                return;
            }
        };
        let spaced: String = text
            .replace("\r\n", "\n")
            .chars()
            .map(|c| {
                if matches!(c, '\r' | '\n' | '\t') {
                    ' '
                } else {
                    c
                }
            })
            .collect();
        let text = even(&spaced);
        let text = text.trim();
        if !text.is_empty() {
            out.push(Input::Paste(text.to_string()));
        }
    }
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
