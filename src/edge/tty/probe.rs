//! Asks the terminal how wide it draws what Unicode leaves open (`①`, `─`), before the keys are read.

use std::io;
use std::time::{Duration, Instant};

use super::platform;
use super::screen::Screen;
use super::sequence::{Found, read};

/// An answer that takes longer is not waited for.
const ANSWER_WAIT: Duration = Duration::from_millis(300);
/// Typed-ahead bytes that are kept while waiting.
const TYPED_AHEAD_MAX: usize = 4_096;
/// Print, ask where the cursor is, and ask something every terminal answers, so that silence is not waited for.
const QUESTION: &[u8] = b"\x1b[H\xe2\x91\xa0\x1b[6n\x1b[c";
const ERASE: &[u8] = b"\r\x1b[K";

/// How wide the terminal draws characters of ambiguous width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmbiguousWidth {
    /// One column, as the screens are laid out.
    Narrow,
    /// Two columns: borders and marks must be ASCII.
    Wide,
    /// It did not say.
    Unknown,
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The answer.
    pub width: AmbiguousWidth,
    /// What was typed meanwhile, for the reader.
    pub(super) typed_ahead: Vec<u8>,
    /// The answer may still come.
    pub(super) report_due: bool,
}

impl Probe {
    /// Nothing asked, with what is known from elsewhere.
    pub fn assume(width: AmbiguousWidth) -> Probe {
        Probe {
            width,
            typed_ahead: Vec::new(),
            report_due: false,
        }
    }

    /// Asks, waits 300 ms at most, and wipes the question away. Only before the reader is started.
    pub fn ask(screen: &Screen) -> io::Result<Probe> {
        screen.output().write(QUESTION, ANSWER_WAIT)?;
        let end = Instant::now() + ANSWER_WAIT;
        let mut bytes = Vec::new();
        let mut heard = hear(&bytes);
        while !heard.fenced && bytes.len() < TYPED_AHEAD_MAX {
            let wait = end.saturating_duration_since(Instant::now());
            if !platform::read_within(wait, &mut bytes)? {
                break;
            }
            heard = hear(&bytes);
        }
        screen.output().write(ERASE, ANSWER_WAIT)?;
        Ok(Probe {
            width: match heard.column {
                Some(2) => AmbiguousWidth::Narrow,
                Some(3) => AmbiguousWidth::Wide,
                _ => AmbiguousWidth::Unknown,
            },
            typed_ahead: heard.typed_ahead,
            report_due: heard.column.is_none() && !heard.fenced,
        })
    }
}

/// What was heard so far.
#[derive(Debug, PartialEq, Eq)]
struct Heard {
    column: Option<u16>,
    fenced: bool,
    typed_ahead: Vec<u8>,
}

fn hear(bytes: &[u8]) -> Heard {
    let mut heard = Heard {
        column: None,
        fenced: false,
        typed_ahead: Vec::new(),
    };
    let mut rest = bytes;
    while !rest.is_empty() {
        let used = match read(rest, false) {
            Found::CursorReport(used) => {
                heard.column = column(&rest[..used]);
                used
            }
            Found::DeviceReport(used) => {
                heard.fenced = true;
                used
            }
            Found::More => {
                heard.typed_ahead.extend_from_slice(rest);
                break;
            }
            Found::Key(used, _)
            | Found::Text(used, _)
            | Found::Unknown(used)
            | Found::Answer(used)
            | Found::StringStart(used)
            | Found::PasteStart(used)
            | Found::Overlong(used)
            | Found::Invalid(used) => {
                heard.typed_ahead.extend_from_slice(&rest[..used]);
                used
            }
        };
        rest = &rest[used..];
    }
    heard
}

/// The column of `ESC [ row ; column R`.
fn column(report: &[u8]) -> Option<u16> {
    let parameters = report.strip_prefix(b"\x1b[")?.strip_suffix(b"R")?;
    let (_, column) = std::str::from_utf8(parameters).ok()?.split_once(';')?;
    column.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_from_what_is_typed_ahead() {
        for (bytes, column, fenced, typed_ahead) in [
            (&b""[..], None, false, &b""[..]),
            (b"\x1b[1;2R\x1b[?62c", Some(2), true, b""),
            (
                b"12\x1b[A\x1b[1;3R\xe6\x9c\xab\x1b[?6c\r",
                Some(3),
                true,
                b"12\x1b[A\xe6\x9c\xab\r",
            ),
            (b"\x1b[?6c", None, true, b""),
            (b"\x1b[1;2", None, false, b"\x1b[1;2"),
            (
                b"\x1b]11;rgb:0/0/0\x07x",
                None,
                false,
                b"\x1b]11;rgb:0/0/0\x07x",
            ),
        ] {
            let heard = hear(bytes);
            assert_eq!(
                (heard.column, heard.fenced, heard.typed_ahead.as_slice()),
                (column, fenced, typed_ahead),
                "{bytes:x?}"
            );
        }
    }
}
