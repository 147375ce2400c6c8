//! One step of reading terminal input: what stands at the front of these bytes. A table, without memory.
//!
//! Sequences of xterm, rxvt, PuTTY (xterm, VT400, VT100+, Linux and SCO keyboards), the Linux console and kitty.
//! What is ambiguous on the wire goes to the reading that cannot surprise: the key check screen can remap it.

use crate::app::key::Key;

/// More parameters than any key or answer has.
const SEQUENCE_BYTES_MAX: usize = 64;

/// What was found at the front, and how many bytes it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A key that is not text.
    Key(usize, Key),
    /// A character.
    Text(usize, char),
    /// A whole sequence that means nothing here.
    Unknown(usize),
    /// An answer to a question somebody asked the terminal.
    Answer(usize),
    /// A cursor report, or Shift-F3: the wire does not tell them apart.
    CursorReport(usize),
    /// The answer to "what are you", which ends a probe.
    DeviceReport(usize),
    /// The start of an answer that runs to a string terminator.
    StringStart(usize),
    /// The start of a bracketed paste.
    PasteStart(usize),
    /// A sequence longer than any is; its end is still to come.
    Overlong(usize),
    /// Not UTF-8.
    Invalid(usize),
    /// The bytes end inside something.
    More,
}

/// What stands at the front of `bytes`, which are not empty. With `last`, nothing more comes, and the answer is never
/// [`Found::More`].
pub(super) fn read(bytes: &[u8], last: bool) -> Found {
    match bytes[0] {
        0x1b => escape(bytes, last),
        b'\r' | b'\n' => Found::Key(1, Key::Enter),
        b'\t' => Found::Key(1, Key::Tab),
        0x08 | 0x7f => Found::Key(1, Key::Backspace),
        byte @ 0x01..=0x1a => Found::Key(1, Key::Ctrl((byte - 1 + b'a') as char)),
        0x00..=0x1f => Found::Unknown(1),
        byte @ 0x20..=0x7e => Found::Text(1, byte as char),
        0x80.. => utf8(bytes, last),
    }
}

fn utf8(bytes: &[u8], last: bool) -> Found {
    let front = &bytes[..bytes.len().min(4)];
    let (valid, error) = match std::str::from_utf8(front) {
        Ok(text) => (text, None),
        Err(error) => {
            let valid = std::str::from_utf8(&front[..error.valid_up_to()]).unwrap_or_default();
            (valid, Some(error.error_len()))
        }
    };
    match (valid.chars().next(), error) {
        (Some(character), _) => Found::Text(character.len_utf8(), character),
        (None, Some(None)) if !last => Found::More,
        (None, Some(Some(length))) => Found::Invalid(length),
        (None, _) => Found::Invalid(front.len()),
    }
}

/// `bytes[0]` is ESC.
fn escape(bytes: &[u8], last: bool) -> Found {
    let Some(&second) = bytes.get(1) else {
        return or_more(last, Found::Key(1, Key::Esc));
    };
    match second {
        0x1b => escape_twice(bytes, last),
        b'[' => csi(bytes, last),
        b'O' => ss3(bytes, last),
        b']' | b'P' | b'_' => string_start(bytes, last),
        b'$' | b'(' => iso_2022(bytes, last),
        0x80.. => match utf8(&bytes[1..], last) {
            Found::Text(length, _) => Found::Unknown(1 + length),
            Found::More => Found::More,
            _ => Found::Unknown(1),
        },
        byte => match Key::Char(byte as char).after_escape() {
            Some(key) => Found::Key(2, key),
            None => Found::Unknown(2),
        },
    }
}

/// Esc twice is one Esc; Esc before a sequence is Alt, or somebody's Esc just before an answer.
fn escape_twice(bytes: &[u8], last: bool) -> Found {
    let Some(&third) = bytes.get(2) else {
        return or_more(last, Found::Key(2, Key::Esc));
    };
    if !matches!(third, b'[' | b'O' | b']' | b'P') {
        return Found::Key(2, Key::Esc);
    }
    match escape(&bytes[1..], last) {
        Found::More => Found::More,
        Found::Key(length, Key::F(_)) | Found::Unknown(length) => Found::Unknown(1 + length),
        Found::Key(length, key) => Found::Key(1 + length, key),
        _ => Found::Key(1, Key::Esc),
    }
}

/// Answers that run to a terminator. A letter typed with Alt looks the same at first, so the next byte must fit.
fn string_start(bytes: &[u8], last: bool) -> Found {
    let Some(&third) = bytes.get(2) else {
        return or_more(last, Found::Unknown(2));
    };
    let fits = match bytes[1] {
        b']' => third.is_ascii_digit() || matches!(third, b'l' | b'L'),
        b'P' => third.is_ascii_digit() || matches!(third, b'>' | b'!' | b'+' | b'$'),
        _ => third == b'G',
    };
    if fits {
        Found::StringStart(2)
    } else {
        Found::Unknown(2)
    }
}

/// `ESC $ B` opens kanji in JIS, `ESC ( B` closes them: the terminal is set to ISO-2022-JP.
fn iso_2022(bytes: &[u8], last: bool) -> Found {
    match (bytes[1], bytes.get(2)) {
        (_, None) => or_more(last, Found::Unknown(2)),
        (b'$', Some(b'B' | b'@')) => Found::Invalid(3),
        (b'(', Some(b'B' | b'J')) => Found::Answer(3),
        _ => Found::Unknown(2),
    }
}

/// `ESC O`: cursor keys, F1 to F4, and the keypad in application mode.
fn ss3(bytes: &[u8], last: bool) -> Found {
    let parameters = bytes[2..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit() || **byte == b';')
        .count();
    let modified = parameters > 0;
    if parameters > SEQUENCE_BYTES_MAX {
        return Found::Overlong(2 + parameters);
    }
    let length = 3 + parameters;
    let Some(&end) = bytes.get(length - 1) else {
        return or_more(last, Found::Unknown(length - 1));
    };
    let key = match end {
        b'A' | b'a' => Key::Up,
        b'B' | b'b' => Key::Down,
        b'C' | b'c' => Key::Right,
        b'D' | b'd' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        b'M' => Key::Enter,
        b'I' => Key::Tab,
        b' ' => Key::Char(' '),
        // P to [ are F1 to F12 of PuTTY's VT100+ keyboard; the first four are everyone's.
        b'P'..=b'[' if !modified => Key::F(end - b'P' + 1),
        b'p'..=b'y' => Key::Char((end - b'p' + b'0') as char),
        b'j'..=b'o' => Key::Char((end - b'j' + b'*') as char),
        0x40..=0x7e => return Found::Unknown(length),
        _ => return Found::Unknown(length - 1),
    };
    Found::Key(length, key)
}

/// `ESC [`.
fn csi(bytes: &[u8], last: bool) -> Found {
    let body = &bytes[2..];
    if body.first() == Some(&b'[') {
        return match body.get(1) {
            None => or_more(last, Found::Unknown(3)),
            Some(letter @ b'A'..=b'E') => Found::Key(4, Key::F(letter - b'A' + 1)),
            Some(_) => Found::Unknown(3),
        };
    }
    let mut middle = body
        .iter()
        .take_while(|byte| matches!(byte, 0x20..=0x3f))
        .count();
    // rxvt ends Shift-Home and its kind with `$`, which is no final byte anywhere else.
    if let Some(digits) = body[..middle].iter().position(|byte| *byte == b'$')
        && digits > 0
        && body[..digits].iter().all(u8::is_ascii_digit)
    {
        middle = digits;
    }
    if middle > SEQUENCE_BYTES_MAX {
        return Found::Overlong(2 + middle);
    }
    match body.get(middle) {
        None => or_more(last, Found::Unknown(2 + middle)),
        Some(&end @ (0x40..=0x7e | b'$')) => csi_meaning(&body[..middle], end, 3 + middle),
        // Something else cut it short and is read on its own.
        Some(_) => Found::Unknown(2 + middle),
    }
}

fn csi_meaning(parameters: &[u8], end: u8, length: usize) -> Found {
    if matches!(parameters.first(), Some(b'<'..=b'?')) {
        return match end {
            b'c' => Found::DeviceReport(length),
            _ => Found::Answer(length),
        };
    }
    let bare = parameters.is_empty();
    let (first, modifier) = numbers(parameters);
    let key = match end {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        b'Z' => Key::BackTab,
        b'a' if bare => Key::Up,
        b'b' if bare => Key::Down,
        b'c' if bare => Key::Right,
        b'd' if bare => Key::Left,
        b'G' if bare => Key::PageDown,
        b'I' if bare => Key::PageUp,
        // kitty's F1, F2, F4; the same bytes are F4, F5, F7 of an SCO keyboard.
        b'P' | b'Q' | b'S' if modifier <= 1 => Key::F(end - b'P' + 1),
        // F1 to F3 and F8 to F12 of an SCO keyboard; no mouse report is ever asked for.
        b'M'..=b'O' | b'T'..=b'X' if bare => Key::F(end - b'M' + 1),
        b'~' | b'^' | b'@' | b'$' => match tilde(first) {
            Some(Key::F(_)) if modifier > 1 || end != b'~' => return Found::Unknown(length),
            Some(key) => key,
            None if (first, end) == (200, b'~') => return Found::PasteStart(length),
            None if (first, end) == (201, b'~') => return Found::Answer(length),
            None => return Found::Unknown(length),
        },
        b'R' if parameters.contains(&b';') => return Found::CursorReport(length),
        b'M' | b'm' | b'n' | b't' | b'x' | b'y' if !bare => return Found::Answer(length),
        _ => return Found::Unknown(length),
    };
    Found::Key(length, key)
}

/// The numbered keys of VT220 and rxvt.
fn tilde(number: u16) -> Option<Key> {
    Some(match number {
        1 | 7 => Key::Home,
        3 => Key::Delete,
        4 | 8 => Key::End,
        5 => Key::PageUp,
        6 => Key::PageDown,
        11..=15 => Key::F((number - 10) as u8),
        17..=21 => Key::F((number - 11) as u8),
        23 | 24 => Key::F((number - 12) as u8),
        _ => return None,
    })
}

/// The first two parameters; what is missing or no number is 0.
fn numbers(parameters: &[u8]) -> (u16, u16) {
    let mut parts = parameters
        .split(|byte| *byte == b';')
        .map(|part| {
            std::str::from_utf8(part)
                .ok()
                .and_then(|part| part.parse().ok())
        })
        .map(Option::unwrap_or_default);
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

fn or_more(last: bool, found: Found) -> Found {
    if last { found } else { Found::More }
}
