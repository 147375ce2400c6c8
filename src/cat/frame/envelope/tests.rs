//! Golden frames of public dialects, and envelopes that could be.

mod strangers;

use super::reader::{Reader, Token};
use super::*;
use crate::cat::frame::framing::{
    Check, CheckKind, Crc16, Envelope, Length, NumberForm, Progress, Replies,
};

/// STX, text, ETX and a check by XOR over text and ETX; replies of one byte.
pub(super) fn transbank() -> Framing {
    let mut framing = Framing::basic(512, 512);
    framing.handshake = Handshake::Acknowledged;
    framing.envelope.block_end.clear();
    framing
}

/// The same with another base, replies of three bytes, and progress texts.
pub(super) fn ecr17(covers: Covers) -> Framing {
    let mut framing = transbank();
    framing.envelope.check.base = 0x7F;
    framing.envelope.check.covers = covers;
    framing.replies.shape = ReplyShape::Framed;
    framing.progress = Some(Progress {
        start: 0x01,
        end: EOT,
        text_len: 20,
    });
    framing
}

fn read(framing: &Framing, bytes: &[u8]) -> Vec<Token> {
    let mut reader = Reader::new(Codec::new(framing), framing.message_max);
    bytes
        .iter()
        .filter_map(|byte| reader.read(*byte, true))
        .collect()
}

fn block(text: &[u8]) -> Block {
    Block {
        text: text.to_vec(),
        is_last: true,
    }
}

fn hex(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(" ")
}

#[test]
fn frames_of_public_dialects_carry_the_published_checks() {
    let concert = Framing::basic(512, 512);
    for (framing, text, check) in [
        (transbank(), "0100", 0x02),
        (transbank(), "0250|", 0x78),
        (transbank(), "0500||", 0x06),
        (transbank(), "0300", 0x00),
        (transbank(), "0800", 0x0B),
        (transbank(), "0700||", 0x04),
        (transbank(), "0200|123|", 0x31),
        (transbank(), "1200|10|", 0x01),
        (transbank(), "0260|1|", 0x36),
        (transbank(), "0200|000005400|0A0001|||1", 0x0D),
        (transbank(), "0200|5400|A0001|||1|", 0x71),
        (concert, "0100005400110392          A010B010", 0x08),
        (ecr17(Covers::Text), "AB", 0x7C),
        (ecr17(Covers::TextAndEnd), "AB", 0x7F),
        (ecr17(Covers::StartAndText), "AB", 0x7E),
        (ecr17(Covers::All), "AB", 0x7D),
    ] {
        framing.check().expect("sound");
        let expected = [&[0x02], text.as_bytes(), &[0x03, check]].concat();
        let block = block(text.as_bytes());
        assert_eq!(
            hex(&Codec::new(&framing).block(&block.text, block.is_last)),
            hex(&expected)
        );
        assert_eq!(read(&framing, &expected), [Token::Block(block)], "{text}");
    }
}

#[test]
fn replies_look_like_this() {
    for (framing, ack, nak) in [
        (transbank(), "06", "15"),
        (ecr17(Covers::Text), "06 03 79", "15 03 6a"),
        (ecr17(Covers::TextAndEnd), "06 03 7a", "15 03 69"),
        (ecr17(Covers::StartAndText), "06 03 7b", "15 03 68"),
        (ecr17(Covers::All), "06 03 78", "15 03 6b"),
    ] {
        let codec = Codec::new(&framing);
        let Replies { ack: a, nak: n, .. } = framing.replies;
        assert_eq!(
            (hex(codec.reply(a)), hex(codec.reply(n))),
            (ack.into(), nak.into())
        );
        assert_eq!(read(&framing, codec.reply(a)), [Token::Ack]);
        assert_eq!(read(&framing, codec.reply(n)), [Token::Nak]);
    }
}

#[test]
fn a_framed_reply_counts_only_whole() {
    for bytes in [
        &[0x06, 0x03, 0x78][..],
        &[0x06, 0x79, 0x03],
        &[0x06, 0x00, 0x03, 0x79],
        &[0x07, 0x03, 0x79],
    ] {
        let tokens = read(&ecr17(Covers::Text), bytes);
        assert!(
            tokens.iter().all(|token| *token == Token::Noise),
            "{bytes:x?}"
        );
    }
    let again = read(&ecr17(Covers::Text), &[0x06, 0x06, 0x03, 0x79]);
    assert_eq!(again.last(), Some(&Token::Ack));
}

#[test]
fn a_progress_text_has_an_envelope_of_its_own() {
    let framing = ecr17(Covers::Text);
    let codec = Codec::new(&framing);
    let written = codec.progress(b"ATTENDERE").expect("there are some");
    assert_eq!(written, b"\x01ATTENDERE           \x04");
    assert_eq!(
        read(&framing, &written),
        [Token::Progress(b"ATTENDERE           ".to_vec())]
    );
    assert_eq!(
        codec.progress(&[b'x'; 30]).map(|bytes| bytes.len()),
        Some(22)
    );
    assert_eq!(Codec::new(&transbank()).progress(b"x"), None);
}

#[test]
fn a_garbled_progress_text_is_dropped_and_takes_nothing_with_it() {
    let framing = ecr17(Covers::Text);
    let frame = Codec::new(&framing).block(b"E00", true);
    for garbled in [
        &b"\x01CUT SHORT\x04"[..],
        b"\x01WITHOUT AN END",
        b"\x01TWENTY LETTERS LONG\x00X",
        b"\x01TWENTY LETTERS LONG.\x05",
    ] {
        let tokens = read(&framing, &[garbled, &frame].concat());
        assert!(
            !tokens
                .iter()
                .any(|token| matches!(token, Token::Progress(_)))
        );
        assert_eq!(
            tokens.last(),
            Some(&Token::Block(block(b"E00"))),
            "{garbled:?}"
        );
    }
}

#[test]
fn what_a_line_cannot_carry_is_named_by_its_place() {
    use SendRefused::{Control, Empty, TooLong};
    let mut counted = transbank();
    counted.envelope.length = Some(Length {
        width: 1,
        form: NumberForm::BigEndian,
        plus: 250,
    });
    let mut lines = transbank();
    lines.envelope.start = b"$".to_vec();
    lines.envelope.end = b"\r\n".to_vec();
    let mut escaped = transbank();
    escaped.envelope.escape = Some(Escape {
        byte: 0x10,
        xor: 0x20,
    });
    let mut in_blocks = Framing::basic(4, 512);
    in_blocks.handshake = Handshake::Acknowledged;
    for (framing, text, refused) in [
        (&transbank(), &b""[..], Some(Empty)),
        (&transbank(), &[b'x'; 513], Some(TooLong { max: 512 })),
        (&transbank(), b"ab\x02", Some(Control { at: 2 })),
        (&transbank(), b"ab\x03c", Some(Control { at: 2 })),
        (&transbank(), b"\x06\x15\x04\x05\x17", None),
        (&Framing::basic(512, 512), b"a\x10", Some(Control { at: 1 })),
        (&counted, b"\x02\x03", None),
        (&counted, b"sixsix", Some(TooLong { max: 5 })),
        (&escaped, b"\x02\x03\x10", None),
        (&lines, b"a\rb\nc", None),
        (&lines, b"a\r\nb", Some(Control { at: 1 })),
        (&lines, b"ab\r", None),
        (&lines, b"a$", Some(Control { at: 1 })),
        (&in_blocks, b"abcdef\x17h", Some(Control { at: 6 })),
    ] {
        let codec = Codec::new(framing);
        let blocks = codec.blocks(text.to_vec(), framing.block_text_max, framing.message_max);
        assert_eq!(blocks.err(), refused, "{text:x?}");
    }
}
