//! What bytes sound like that came back to a harmless question. Pure: bytes in, one word out.

use serde::{Deserialize, Serialize};

use crate::cat::frame::framing::{Framing, Handshake};
use crate::domain::text::mask_card_numbers;

const SOH: u8 = 0x01;
const STX: u8 = 0x02;
const ETX: u8 = 0x03;
const EOT: u8 = 0x04;
const ENQ: u8 = 0x05;
const ACK: u8 = 0x06;
const DLE: u8 = 0x10;
const NAK: u8 = 0x15;
const ETB: u8 = 0x17;

/// The fewest characters that are text and not chance.
const TEXT_MIN: usize = 4;
/// The fewest bytes whose parity says something: by chance one in 2^6 of such noises passes.
const PARITY_MIN: usize = 6;
/// The most characters of a foreign text that are shown.
const SAMPLE_MAX: usize = 40;

/// What bytes sound like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sound {
    /// Nothing came.
    Silence,
    /// What we sent, and nothing else.
    Echo,
    /// The words of a line of this framing: an acknowledgement, a refusal, a call.
    Line {
        /// It took what we said.
        taken: bool,
    },
    /// A whole frame with a good check, or the reply of another framing.
    Frame,
    /// Frames of seven bits with this parity, read as eight bits.
    SevenBits {
        /// Even or odd.
        even: bool,
    },
    /// Readable text.
    Text(DeviceKind, String),
    /// Anything else.
    Noise,
}

/// A device that is no card terminal, by how it talks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// `OK`, `ERROR`, `RING`, or our question sent back in capitals.
    Modem,
    /// One code and an end of line.
    Scanner,
    /// Text of any other kind: a printer, a scale, a console.
    Other,
}

/// Judge what came back after `sent` left, on a line of this framing.
pub(crate) fn listen(framing: &Framing, sent: &[u8], heard: &[u8]) -> Sound {
    if heard.is_empty() {
        return Sound::Silence;
    }
    if is_echo(sent, heard) {
        return Sound::Echo;
    }
    if let Some(taken) = line_words(framing, heard) {
        return Sound::Line { taken };
    }
    if has_frame(heard) {
        return Sound::Frame;
    }
    if let Some((kind, sample)) = text(heard) {
        return Sound::Text(kind, sample);
    }
    match seven_bits(heard) {
        Some(even) => Sound::SevenBits { even },
        None => Sound::Noise,
    }
}

/// All that came is what left, once or more often.
fn is_echo(sent: &[u8], heard: &[u8]) -> bool {
    // One byte that is also an answer is no proof: two calls may meet on the line. It counts where it is all that ever comes.
    !sent.is_empty() && heard.len() <= sent.len() && sent.starts_with(heard)
}

/// Nothing but the control words of a line; `true` where one of them says "taken".
fn line_words(framing: &Framing, heard: &[u8]) -> Option<bool> {
    let replies = framing.replies;
    let own = |byte: u8| byte == replies.ack || byte == replies.nak;
    let known = |byte: u8| match framing.handshake {
        Handshake::Enquiry => own(byte) || matches!(byte, ENQ | EOT | ACK | NAK),
        Handshake::Acknowledged | Handshake::Bare => own(byte),
    };
    let mut rest = heard.iter().copied();
    let mut taken = false;
    while let Some(byte) = rest.next() {
        match byte {
            // DLE 0 and DLE 1 take in some lines; DLE ; and DLE | say wait.
            DLE if framing.handshake == Handshake::Enquiry => match rest.next() {
                Some(b'0' | b'1' | 0x70 | 0x61) => taken = true,
                Some(b';' | b'|') => {}
                _ => return None,
            },
            byte if known(byte) => taken |= byte == replies.ack,
            _ => return None,
        }
    }
    Some(taken)
}

/// A text between its marks with a check that holds, or a reply that is framed.
fn has_frame(heard: &[u8]) -> bool {
    // ECR17: over the two bytes, from base 7F or 00, with or without the end.
    let framed = |reply: &[u8]| match reply {
        [word @ (ACK | NAK), ETX, check] => {
            [word ^ ETX, word ^ ETX ^ 0x7f, *word, word ^ 0x7f].contains(check)
        }
        _ => false,
    };
    if heard.chunks(3).all(framed) {
        return true;
    }
    if heard.first() == Some(&SOH) && heard.last() == Some(&EOT) && heard.len() > 2 {
        return heard[1..heard.len() - 1].iter().all(|byte| *byte >= 0x20);
    }
    let Some(start) = heard.iter().position(|byte| *byte == STX) else {
        return false;
    };
    // Control words may stand before a frame, noise may not.
    if !heard[..start]
        .iter()
        .all(|byte| matches!(*byte, ACK | NAK | ENQ | EOT))
    {
        return false;
    }
    let body = &heard[start + 1..];
    let ends = (0..body.len()).filter(|at| matches!(body[*at], ETX | ETB));
    ends.into_iter().any(|end| {
        let Some(check) = body.get(end + 1) else {
            return false;
        };
        let text = body[..end].iter().fold(0, |sum, byte| sum ^ byte);
        let with_end = text ^ body[end];
        let with_start = with_end ^ STX;
        let sums = [text, with_end, with_start];
        end > 0 && sums.iter().any(|sum| check == sum || *check == sum ^ 0x7f)
    })
}

/// Readable, in whole lines or not.
fn text(heard: &[u8]) -> Option<(DeviceKind, String)> {
    let readable = |byte: &u8| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t');
    let letters = heard.iter().filter(|byte| byte.is_ascii_graphic()).count();
    if letters < TEXT_MIN || !heard.iter().all(readable) {
        // A modem says no more than this.
        let word = heard.trim_ascii();
        return (word == b"OK").then(|| (DeviceKind::Modem, "OK".to_owned()));
    }
    let said = String::from_utf8_lossy(heard);
    let lines: Vec<&str> = said
        .split(['\r', '\n'])
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let modem = |line: &&str| {
        matches!(*line, "OK" | "ERROR" | "RING" | "BUSY")
            || line.starts_with("CONNECT")
            || line.starts_with("NO ")
            || line.starts_with("AT")
    };
    let code = |line: &str| line.len() >= 6 && line.bytes().all(|b| b.is_ascii_alphanumeric());
    let kind = if lines.iter().all(modem) {
        DeviceKind::Modem
    } else if matches!(lines[..], [line] if code(line)) && heard.ends_with(b"\r")
        || matches!(lines[..], [line] if code(line)) && heard.ends_with(b"\n")
    {
        DeviceKind::Scanner
    } else {
        DeviceKind::Other
    };
    // It may be a magnetic stripe reader: what looks like a card number is not shown.
    let sample = mask_card_numbers(&lines.join(" "));
    Some((kind, sample.chars().take(SAMPLE_MAX).collect()))
}

/// Seven bits and a parity bit, read as eight: every byte has the same parity, and some have their high bit set.
fn seven_bits(heard: &[u8]) -> Option<bool> {
    let odd = heard.iter().filter(|byte| byte.count_ones() % 2 == 1);
    let odd = odd.count();
    let high = heard.iter().any(|byte| *byte >= 0x80);
    // Without its parity it must be what lines carry: noise repeats itself, and so does its parity.
    let bare = heard.iter().map(|byte| byte & 0x7f);
    let carried = |byte: u8| matches!(byte, SOH..=ACK | NAK | ETB | 0x1c..=0x1f | b' '..=b'~');
    let letters = bare.clone().filter(u8::is_ascii_alphanumeric).count();
    if heard.len() < PARITY_MIN || !high || letters < TEXT_MIN || !bare.clone().all(carried) {
        return None;
    }
    match odd {
        0 => Some(true),
        all if all == heard.len() => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn even(text: &[u8]) -> Vec<u8> {
        text.iter()
            .map(|byte| byte | (u8::from(byte.count_ones() % 2 == 1) << 7))
            .collect()
    }

    #[test]
    fn what_comes_back_is_told_apart() {
        let basic = Framing::basic(256, 1_024);
        let seven = even(b"\x02STATUS 0001\x03");
        let line = |taken| Sound::Line { taken };
        let text = |kind, sample: &str| Sound::Text(kind, sample.to_owned());
        let table: &[(&str, &[u8], Sound)] = &[
            ("nothing", b"", Sound::Silence),
            ("our own call", b"\x05", Sound::Echo),
            ("taken", b"\x06", line(true)),
            ("taken, then given up", b"\x06\x04", line(true)),
            ("refused", b"\x15", line(false)),
            ("a call of its own", b"\x05\x05", line(false)),
            ("taken in the older words", b"\x100", line(true)),
            ("an answer in a frame", b"\x06\x02U0\x03\x66", Sound::Frame),
            (
                "a frame without ETX in its check",
                b"\x020210\x03\x03",
                Sound::Frame,
            ),
            (
                "a frame whose check fails",
                b"\x020210\x03\x55",
                Sound::Noise,
            ),
            ("a framed ACK", b"\x06\x03\x7a", Sound::Frame),
            (
                "a progress text",
                b"\x01INSERT CARD        \x04",
                Sound::Frame,
            ),
            ("a modem", b"\r\nOK\r\n", text(DeviceKind::Modem, "OK")),
            (
                "a modem that errs",
                b"ERROR\r\n",
                text(DeviceKind::Modem, "ERROR"),
            ),
            (
                "a scanner",
                b"4901234567890\r",
                text(DeviceKind::Scanner, "4901234567890"),
            ),
            (
                "a stripe reader",
                b"4111111111111111\r\n",
                text(DeviceKind::Scanner, "************1111"),
            ),
            (
                "a console",
                b"Printer ready.\r\nlogin: ",
                text(DeviceKind::Other, "Printer ready. login:"),
            ),
            (
                "seven bits with parity",
                &seven,
                Sound::SevenBits { even: true },
            ),
            ("noise", b"\xfe\x00\x81\xc0\x80", Sound::Noise),
            ("one wrong byte", b"\x86", Sound::Noise),
            ("too short for text", b"ab", Sound::Noise),
        ];
        for (name, heard, expected) in table {
            assert_eq!(&listen(&basic, b"\x05", heard), expected, "{name}");
        }
    }

    #[test]
    fn a_line_without_calls_has_fewer_words() {
        let mut bare = Framing::basic(256, 1_024);
        bare.handshake = Handshake::Acknowledged;
        let question = b"\x020100\x03\x02";
        for (heard, expected) in [
            (&b"\x06"[..], Sound::Line { taken: true }),
            (b"\x15", Sound::Line { taken: false }),
            (b"\x05", Sound::Noise),
            (question, Sound::Echo),
            (b"\x020100", Sound::Echo),
            (b"\x06\x020200\x03\x01", Sound::Frame),
        ] {
            assert_eq!(listen(&bare, question, heard), expected, "{heard:?}");
        }
    }
}
