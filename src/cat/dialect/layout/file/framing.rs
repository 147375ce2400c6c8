//! The `[framing]` table: bytes by name or in hex, checks by name.

use serde::Deserialize;
use toml::Spanned;

use super::{Complaint, within};
use crate::cat::frame::framing::{
    Check, CheckKind, Covers, Crc16, Envelope, Escape, Framing, Handshake, Length, NumberForm,
    Progress, Replies, ReplyShape,
};

/// The longest message any layout may ask for, in bytes.
const MESSAGE_MAX: usize = 1_048_576;
/// The most bytes before or behind a text.
const MARK_MAX: usize = 8;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FramingFile {
    /// Basic mode with its usual bytes, instead of all the keys from `handshake` to `progress`.
    kind: Option<Spanned<FramingKind>>,
    handshake: Option<Spanned<Handshake>>,
    start: Option<Spanned<String>>,
    end: Option<Spanned<String>>,
    block_end: Option<Spanned<String>>,
    escape: Option<EscapeFile>,
    length: Option<Spanned<LengthFile>>,
    check: Option<Spanned<CheckFile>>,
    ack: Option<Spanned<String>>,
    nak: Option<Spanned<String>>,
    reply_shape: Option<ReplyShape>,
    progress: Option<ProgressFile>,
    block_text_max: Option<Spanned<usize>>,
    message_max: Spanned<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum FramingKind {
    BasicMode,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EscapeFile {
    byte: Spanned<String>,
    xor: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LengthFile {
    width: usize,
    form: NumberForm,
    #[serde(default)]
    plus: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckFile {
    kind: Spanned<String>,
    base: Option<Spanned<String>>,
    covers: Option<Covers>,
    form: Option<NumberForm>,
    polynomial: Option<u16>,
    initial: Option<u16>,
    reflected: Option<bool>,
    xor_out: Option<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProgressFile {
    start: Spanned<String>,
    end: Spanned<String>,
    text_len: Spanned<usize>,
}

/// Controls by the names of ASCII.
const NAMES: [(&str, u8); 18] = [
    ("NUL", 0x00),
    ("SOH", 0x01),
    ("STX", 0x02),
    ("ETX", 0x03),
    ("EOT", 0x04),
    ("ENQ", 0x05),
    ("ACK", 0x06),
    ("LF", 0x0A),
    ("CR", 0x0D),
    ("DLE", 0x10),
    ("DC1", 0x11),
    ("DC3", 0x13),
    ("NAK", 0x15),
    ("SYN", 0x16),
    ("ETB", 0x17),
    ("ESC", 0x1B),
    ("FS", 0x1C),
    ("GS", 0x1D),
];

/// Checks of 16 bits by the names of the usual catalogue: polynomial, initial, reflected, combined at the end.
const CRCS: [(&str, Crc16); 6] = [
    ("crc16/arc", crc(0x8005, 0x0000, true, 0x0000)),
    ("crc16/modbus", crc(0x8005, 0xFFFF, true, 0x0000)),
    ("crc16/xmodem", crc(0x1021, 0x0000, false, 0x0000)),
    ("crc16/ccitt-false", crc(0x1021, 0xFFFF, false, 0x0000)),
    ("crc16/kermit", crc(0x1021, 0x0000, true, 0x0000)),
    ("crc16/x-25", crc(0x1021, 0xFFFF, true, 0xFFFF)),
];

const fn crc(polynomial: u16, initial: u16, reflected: bool, xor_out: u16) -> Crc16 {
    Crc16 {
        polynomial,
        initial,
        reflected,
        xor_out,
    }
}

pub(super) fn check(file: &Spanned<FramingFile>) -> Result<Framing, Complaint> {
    let at = file.span().start;
    let file = file.get_ref();
    let message_max = within(&file.message_max, 1, MESSAGE_MAX)?;
    let block_text_max = match &file.block_text_max {
        Some(max) => Some(within(max, 2, message_max)?),
        None => None,
    };
    if let Some(kind) = &file.kind {
        return basic(file, kind, block_text_max, message_max);
    }
    let Some(handshake) = &file.handshake else {
        return Err(Complaint::new(
            at,
            "the handshake is missing",
            "add handshake = \"enquiry\", \"acknowledged\" or \"bare\", or the short form kind = \"basic_mode\"",
        ));
    };
    let envelope = envelope(file, at)?;
    if envelope.block_end.is_empty() && file.block_text_max.is_some() {
        return Err(Complaint::new(
            file.block_text_max
                .as_ref()
                .map_or(at, |max| max.span().start),
            "blocks need a byte that ends one of them",
            "add block_end = \"ETB\", or remove block_text_max",
        ));
    }
    let progress = match &file.progress {
        None => None,
        Some(progress) => Some(Progress {
            start: byte(&progress.start)?,
            end: byte(&progress.end)?,
            text_len: within(&progress.text_len, 1, 1_000)?,
        }),
    };
    let framing = Framing {
        handshake: *handshake.get_ref(),
        envelope,
        replies: Replies {
            ack: file.ack.as_ref().map_or(Ok(0x06), byte)?,
            nak: file.nak.as_ref().map_or(Ok(0x15), byte)?,
            shape: file.reply_shape.unwrap_or(ReplyShape::Byte),
        },
        progress,
        block_text_max: block_text_max.unwrap_or(message_max),
        message_max,
    };
    framing.check().map_err(|unsound| Complaint {
        at: file.place_of(unsound.at).unwrap_or(at),
        problem: unsound.problem,
        remedy: unsound.remedy,
    })?;
    Ok(framing)
}

impl FramingFile {
    /// Where the key stands that a part of the framing comes from.
    fn place_of(&self, part: &str) -> Option<usize> {
        let text = |key: &Option<Spanned<String>>| key.as_ref().map(|key| key.span().start);
        let mut words = part.trim_start_matches("envelope.").split('.');
        match words.next()? {
            "start" => text(&self.start),
            "end" => text(&self.end),
            "block_end" => text(&self.block_end),
            "escape" => self.escape.as_ref().map(|key| key.byte.span().start),
            "length" => self.length.as_ref().map(|key| key.span().start),
            "check" => self.check.as_ref().map(|key| key.span().start),
            "replies" => text(&self.nak).or_else(|| text(&self.ack)),
            "progress" => self.progress.as_ref().map(|key| key.start.span().start),
            "message_max" => Some(self.message_max.span().start),
            "block_text_max" => self.block_text_max.as_ref().map(|key| key.span().start),
            _ => None,
        }
    }
}

fn basic(
    file: &FramingFile,
    kind: &Spanned<FramingKind>,
    block_text_max: Option<usize>,
    message_max: usize,
) -> Result<Framing, Complaint> {
    let FramingKind::BasicMode = kind.get_ref();
    let spoken_for = file.handshake.is_some()
        || [
            &file.start,
            &file.end,
            &file.block_end,
            &file.ack,
            &file.nak,
        ]
        .iter()
        .any(|key| key.is_some())
        || file.escape.is_some()
        || file.length.is_some()
        || file.check.is_some()
        || file.reply_shape.is_some()
        || file.progress.is_some();
    if spoken_for {
        return Err(Complaint::new(
            kind.span().start,
            "kind = \"basic_mode\" sets the bytes of the line already",
            "remove kind and write out handshake, start, end and check, or remove these",
        ));
    }
    let block_text_max = block_text_max.ok_or_else(|| {
        Complaint::new(
            kind.span().start,
            "block_text_max is missing",
            "add the most text bytes of one block, as the vendor's specification has it",
        )
    })?;
    Ok(Framing::basic(block_text_max, message_max))
}

fn envelope(file: &FramingFile, at: usize) -> Result<Envelope, Complaint> {
    let length = file.length.as_ref().map(|length| Length {
        width: length.get_ref().width,
        form: length.get_ref().form,
        plus: length.get_ref().plus,
    });
    let mark = |key: &Option<Spanned<String>>| key.as_ref().map_or(Ok(Vec::new()), bytes);
    Ok(Envelope {
        start: mark(&file.start)?,
        end: mark(&file.end)?,
        block_end: mark(&file.block_end)?,
        escape: match &file.escape {
            None => None,
            Some(escape) => Some(Escape {
                byte: byte(&escape.byte)?,
                xor: escape.xor.as_ref().map_or(Ok(0), byte)?,
            }),
        },
        length,
        check: match &file.check {
            Some(check) => check_of(check)?,
            None => {
                return Err(Complaint::new(
                    at,
                    "the check is missing",
                    "add check = { kind = \"xor\" }, or kind = \"none\" on a line that checks by itself, like TCP",
                ));
            }
        },
    })
}

fn check_of(file: &Spanned<CheckFile>) -> Result<Check, Complaint> {
    let at = file.span().start;
    let file = file.get_ref();
    let parameters = [file.polynomial, file.initial, file.xor_out];
    let has_parameters = parameters.iter().any(Option::is_some) || file.reflected.is_some();
    let name = file.kind.get_ref().as_str();
    let known = CRCS.iter().find(|(known, _)| *known == name);
    let kind = match (name, known) {
        ("none", _) => CheckKind::None,
        ("xor", _) => CheckKind::Xor,
        ("sum", _) => CheckKind::Sum,
        ("sum_negated", _) => CheckKind::SumNegated,
        ("crc16", _) => {
            let Some(polynomial) = file.polynomial else {
                return Err(Complaint::new(
                    at,
                    "the polynomial of the CRC is missing",
                    "add polynomial = 0x1021, initial, reflected and xor_out, or use a known name like \"crc16/x-25\"",
                ));
            };
            CheckKind::Crc16(Crc16 {
                polynomial,
                initial: file.initial.unwrap_or(0),
                reflected: file.reflected.unwrap_or(false),
                xor_out: file.xor_out.unwrap_or(0),
            })
        }
        (_, Some((_, crc))) => CheckKind::Crc16(*crc),
        (_, None) => {
            return Err(Complaint::new(
                file.kind.span().start,
                format!("`{name}` is no check"),
                "use none, xor, sum, sum_negated, crc16, or crc16/arc, /modbus, /xmodem, /ccitt-false, /kermit, /x-25",
            ));
        }
    };
    let is_crc = matches!(kind, CheckKind::Crc16(_));
    if has_parameters && name != "crc16" {
        return Err(Complaint::new(
            at,
            format!("`{name}` takes no parameters"),
            "remove polynomial, initial, reflected and xor_out, or set kind = \"crc16\"",
        ));
    }
    if is_crc && file.base.is_some() {
        return Err(Complaint::new(
            at,
            "a CRC has no base",
            "say what its register begins with by initial",
        ));
    }
    Ok(Check {
        kind,
        base: file.base.as_ref().map_or(Ok(0), byte)?,
        covers: file.covers.unwrap_or(Covers::TextAndEnd),
        form: file.form.unwrap_or(NumberForm::BigEndian),
    })
}

/// One byte by its name or in hex.
fn byte(text: &Spanned<String>) -> Result<u8, Complaint> {
    match bytes(text)?.as_slice() {
        [byte] => Ok(*byte),
        _ => Err(Complaint::new(
            text.span().start,
            format!("`{}` is not one byte", text.get_ref()),
            "write one name like STX or two hexadecimal digits like 02",
        )),
    }
}

/// Bytes by name or in hex, with spaces between them.
fn bytes(text: &Spanned<String>) -> Result<Vec<u8>, Complaint> {
    let read = |word: &str| {
        let named = NAMES.iter().find(|(name, _)| *name == word);
        let hex = || {
            let digits = word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
            digits.then(|| u8::from_str_radix(word, 16).ok()).flatten()
        };
        named.map(|(_, byte)| *byte).or_else(hex)
    };
    let bytes: Option<Vec<u8>> = text.get_ref().split_whitespace().map(read).collect();
    bytes
        .filter(|bytes| (1..=MARK_MAX).contains(&bytes.len()))
        .ok_or_else(|| {
            Complaint::new(
                text.span().start,
                format!("`{}` are no bytes", text.get_ref()),
                "write names like STX, or two hexadecimal digits a byte like \"10 02\", at most 8 bytes",
            )
        })
}
