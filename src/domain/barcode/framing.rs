//! How a scanner sends a code: what stands before and behind it, and how fast it comes. The same for one that types and one on a serial line.
//!
//! Time is an argument: milliseconds of any clock that only goes forward.

use serde::Deserialize;

use super::CODE_CHARS_MAX;

/// The longest pause between two characters of a scan, unless the site sets another (ms). No finger is that fast eight times in a row.
pub const GAP_MS: u64 = 30;
/// Fewer characters than this are no scan of a scanner that types: it may be fast fingers, or one packet of typing.
pub const TYPED_CHARS_MIN: usize = 8;
/// Fewer characters than this are no scan of a serial scanner, on whose line nobody types.
pub const SERIAL_CHARS_MIN: usize = 3;

/// What a scanner sends behind a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Suffix {
    /// CR, LF, CR LF or TAB.
    #[default]
    Any,
    /// CR: Enter. CR LF is one.
    Cr,
    /// LF.
    Lf,
    /// TAB.
    Tab,
    /// Nothing: the pause ends it.
    None,
}

/// How a scanner sends a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framing {
    /// What stands before it; empty for nothing.
    pub prefix: String,
    /// What stands behind it.
    pub suffix: Suffix,
    /// The longest pause within it, ms; 0 lets only what comes in one piece be a scan.
    pub gap_ms: u64,
    /// The fewest characters of a code.
    pub chars_min: usize,
}

impl Framing {
    /// A scanner that types, set as they come, with this longest pause.
    pub fn typed(gap_ms: u64) -> Framing {
        Framing {
            prefix: String::new(),
            suffix: Suffix::Any,
            gap_ms,
            chars_min: TYPED_CHARS_MIN,
        }
    }

    /// A serial scanner, set as they come.
    pub fn serial() -> Framing {
        Framing {
            chars_min: SERIAL_CHARS_MIN,
            ..Framing::typed(GAP_MS)
        }
    }

    /// Cut a whole run of narrow characters into what stood before the prefix, and the code; `None` where there is no prefix, or too little.
    pub fn cut<'a>(&self, run: &'a str) -> Option<(&'a str, &'a str)> {
        let (before, code) = match self.prefix.as_str() {
            "" => ("", run),
            prefix => run.split_once(prefix)?,
        };
        let enough = (self.chars_min..=CODE_CHARS_MAX).contains(&code.chars().count());
        enough.then_some((before, code))
    }

    /// True for a control character that belongs to the prefix.
    pub fn begins_with_control(&self, character: char) -> bool {
        character.is_control() && self.prefix.contains(character)
    }
}

/// Reads codes off a serial line.
#[derive(Debug)]
pub struct LineReader {
    framing: Framing,
    held: String,
    /// When the last character came.
    at_ms: u64,
}

impl LineReader {
    /// Nothing has come.
    pub fn new(framing: Framing) -> LineReader {
        LineReader {
            framing,
            held: String::new(),
            at_ms: 0,
        }
    }

    /// Bytes that one read gave; returns the codes that are whole.
    pub fn feed(&mut self, bytes: &[u8], now_ms: u64) -> Vec<String> {
        let mut codes = self.expire(now_ms);
        for &byte in bytes {
            let ends = match self.framing.suffix {
                Suffix::Any | Suffix::None => matches!(byte, b'\r' | b'\n' | b'\t'),
                Suffix::Cr => byte == b'\r',
                Suffix::Lf => byte == b'\n',
                Suffix::Tab => byte == b'\t',
            };
            let character = char::from(byte);
            if ends {
                codes.extend(self.end());
            } else if (byte.is_ascii_graphic()
                || byte == b' '
                || self.framing.begins_with_control(character))
                && self.held.len() <= CODE_CHARS_MAX
            {
                self.held.push(character);
            }
        }
        self.at_ms = now_ms;
        codes
    }

    /// When what is held is a code or nothing, mono ms.
    pub fn deadline(&self) -> Option<u64> {
        let gap = match self.framing.suffix {
            Suffix::None => self.framing.gap_ms,
            // A code that lost its end must not become the head of the next one.
            _ => self.framing.gap_ms.max(GAP_MS) * 10,
        };
        (!self.held.is_empty()).then(|| self.at_ms.saturating_add(gap))
    }

    /// The time is `now_ms`.
    pub fn expire(&mut self, now_ms: u64) -> Vec<String> {
        match self.deadline() {
            Some(deadline) if now_ms >= deadline => match self.framing.suffix {
                Suffix::None => self.end().into_iter().collect(),
                _ => {
                    self.held.clear();
                    Vec::new()
                }
            },
            _ => Vec::new(),
        }
    }

    fn end(&mut self) -> Option<String> {
        let held = std::mem::take(&mut self.held);
        self.framing.cut(&held).map(|(_, code)| code.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(framing: Framing, reads: &[(&[u8], u64)]) -> Vec<String> {
        let mut reader = LineReader::new(framing);
        let mut codes = Vec::new();
        for (bytes, at_ms) in reads {
            codes.extend(reader.feed(bytes, *at_ms));
        }
        if let Some(deadline) = reader.deadline() {
            codes.extend(reader.expire(deadline));
        }
        codes
    }

    #[test]
    fn codes_of_a_serial_line() {
        let with = |suffix, prefix: &str| Framing {
            suffix,
            prefix: prefix.to_owned(),
            ..Framing::serial()
        };
        for (name, framing, reads, codes) in [
            (
                "CR",
                with(Suffix::Any, ""),
                &[(&b"12345\r"[..], 0)][..],
                &["12345"][..],
            ),
            (
                "CR LF",
                with(Suffix::Cr, ""),
                &[(b"12345\r\n678\r\n", 0)],
                &["12345", "678"],
            ),
            (
                "cut in reads",
                with(Suffix::Any, ""),
                &[(b"12", 0), (b"345\t", 100)],
                &["12345"],
            ),
            (
                "no end",
                with(Suffix::None, ""),
                &[(b"12345", 0), (b"678", 500)],
                &["12345", "678"],
            ),
            (
                "slow, no end",
                with(Suffix::None, ""),
                &[(b"12", 0), (b"345", 29)],
                &["12345"],
            ),
            (
                "STX",
                with(Suffix::Lf, "\u{2}"),
                &[(b"x\x0212345\n", 0)],
                &["12345"],
            ),
            ("no STX", with(Suffix::Lf, "\u{2}"), &[(b"12345\n", 0)], &[]),
            ("too short", with(Suffix::Any, ""), &[(b"12\r", 0)], &[]),
            (
                "a lost end",
                with(Suffix::Any, ""),
                &[(b"12345", 0), (b"678\r", 900)],
                &["678"],
            ),
            (
                "noise",
                with(Suffix::Any, ""),
                &[(b"\xff\x001\x1d2345\r", 0)],
                &["12345"],
            ),
        ] {
            assert_eq!(read(framing, reads), codes, "{name}");
        }
        let flood = [vec![b'7'; 100_000], b"\r".to_vec()].concat();
        assert_eq!(
            read(Framing::serial(), &[(&flood, 0)]),
            Vec::<String>::new()
        );
    }
}
