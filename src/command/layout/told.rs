//! Layouts and bytes in words, for people.

use std::fmt::Write as _;

use crate::cat::dialect::layout::{Explained, Layout, Meaning};
use crate::cat::frame::capture::Mark;
use crate::cat::frame::framing::{CheckKind, Framing, Handshake};
use crate::domain::text::Language;

/// Bytes in rows of sixteen: offset, hex, and what of it is ASCII.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut out = String::new();
    for (index, row) in bytes.chunks(16).enumerate() {
        let _ = writeln!(
            out,
            "  {:>5}  {:<47}  {}",
            index * 16,
            pairs(row),
            ascii(row)
        );
    }
    out
}

fn pairs(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(" ")
}

fn ascii(bytes: &[u8]) -> String {
    let shown = |byte: &u8| {
        let visible = byte.is_ascii_graphic() || *byte == b' ';
        if visible { char::from(*byte) } else { '.' }
    };
    bytes.iter().map(shown).collect()
}

/// What a layout that can be used holds.
pub(super) fn summary(name: &str, layout: &Layout, language: Language) -> String {
    let mut out = match language {
        Language::Ja => format!("{name}: 誤りはありません。\n"),
        Language::En => format!("{name}: nothing is wrong.\n"),
    };
    let framing = layout.framing();
    let _ = match language {
        Language::Ja => writeln!(
            out,
            "  回線: {} 検査 {} 電文は最大{}バイト",
            handshake(framing, language),
            check(framing),
            framing.message_max
        ),
        Language::En => writeln!(
            out,
            "  line: {}; check {}; messages of at most {} bytes",
            handshake(framing, language),
            check(framing),
            framing.message_max
        ),
    };
    for (kind, roles) in layout.summary() {
        let roles = roles.join(" ");
        let _ = writeln!(out, "  {:<24}{roles}", format!("{kind}:"));
    }
    out
}

fn handshake(framing: &Framing, language: Language) -> &'static str {
    match (framing.handshake, language) {
        (Handshake::Enquiry, Language::Ja) => "ENQ・ACK・EOT による手順、",
        (Handshake::Enquiry, Language::En) => "ENQ and ACK before a message, EOT behind it",
        (Handshake::Acknowledged, Language::Ja) => "電文ごとに ACK か NAK、",
        (Handshake::Acknowledged, Language::En) => "every frame is answered by ACK or NAK",
        (Handshake::Bare, Language::Ja) => "応答のない電文、",
        (Handshake::Bare, Language::En) => "frames without replies",
    }
}

fn check(framing: &Framing) -> String {
    match framing.envelope.check.kind {
        CheckKind::None => "none".to_owned(),
        CheckKind::Xor => "xor".to_owned(),
        CheckKind::Sum => "sum".to_owned(),
        CheckKind::SumNegated => "sum_negated".to_owned(),
        CheckKind::Crc16(crc) => format!(
            "crc16 polynomial {:04X} initial {:04X} xor_out {:04X}{}",
            crc.polynomial,
            crc.initial,
            crc.xor_out,
            if crc.reflected { " reflected" } else { "" }
        ),
    }
}

/// One line a field: offset, bytes, name, meaning.
pub(super) fn explained(lines: &[Explained], language: Language) -> String {
    let mut out = String::new();
    for line in lines {
        let field = line.field.as_deref().unwrap_or_default();
        let meaning = meaning(&line.meaning, language);
        let rows: Vec<&[u8]> = line.bytes.chunks(12).collect();
        let first = rows.first().copied().unwrap_or_default();
        let _ = writeln!(
            out,
            "{:>5}  {:<35}  {:<12}  {field}{}{meaning}",
            line.offset,
            pairs(first),
            ascii(first),
            if field.is_empty() { "" } else { ": " },
        );
        for row in rows.iter().skip(1) {
            let _ = writeln!(out, "       {:<35}  {}", pairs(row), ascii(row));
        }
    }
    out
}

fn meaning(meaning: &Meaning, language: Language) -> String {
    let (ja, en) = match meaning {
        Meaning::Frame(mark) => return frame(mark, language),
        Meaning::Value(value) => return value.clone(),
        Meaning::Message(kind) => {
            return match language {
                Language::Ja => format!("―― 電文 {kind}"),
                Language::En => format!("-- message {kind}"),
            };
        }
        Meaning::Mistake(problem) => {
            return match language {
                Language::Ja => format!("誤り: {problem}"),
                Language::En => format!("mistake: {problem}"),
            };
        }
        Meaning::Constant => ("固定", "always so"),
        Meaning::NotRead => ("読まない", "not read"),
        Meaning::Blank => ("空", "blank"),
        Meaning::Unnamed => ("レイアウトにない", "not in the layout"),
    };
    match language {
        Language::Ja => ja.to_owned(),
        Language::En => en.to_owned(),
    }
}

fn frame(mark: &Mark, language: Language) -> String {
    let (ja, en) = match mark {
        Mark::Enquiry => ("ENQ 呼び出し", "ENQ, a call"),
        Mark::Over => ("EOT 終わり", "EOT, the end of a transmission"),
        Mark::Ack => ("ACK 受信した", "ACK, taken"),
        Mark::Nak => ("NAK 受信できない", "NAK, not taken"),
        Mark::Start => ("電文の前", "before the text"),
        Mark::Length => ("電文の長さ", "length of the text"),
        Mark::BlockEnd => ("ブロックの後(続く)", "behind a block; more follow"),
        Mark::End => ("電文の後", "behind the text"),
        Mark::Check => ("検査 正しい", "check, right"),
        Mark::Progress => ("途中経過の前後", "around a progress text"),
        Mark::Broken => (
            "誤り: ここから電文になっていません",
            "mistake: no frame from here on",
        ),
        Mark::WrongCheck(right) => {
            let right = pairs(right);
            return match language {
                Language::Ja => format!("誤り: 検査が違います。正しくは {right}"),
                Language::En => format!("mistake: the check is wrong; {right} would be right"),
            };
        }
    };
    match language {
        Language::Ja => ja.to_owned(),
        Language::En => en.to_owned(),
    }
}
