//! Any text through any sound framing, whole, cut, glued and damaged.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

/// Framings that a layout file may describe, most of which nobody here has met.
fn framings() -> impl Strategy<Value = Framing> {
    (
        prop::sample::select(vec![
            Handshake::Enquiry,
            Handshake::Acknowledged,
            Handshake::Bare,
        ]),
        shapes(),
        checks(),
        prop::option::of((1_usize..=8, forms(), 0_usize..4)),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(handshake, (start, end, block_end, escape), check, length, framed, progress)| {
                Framing {
                    handshake,
                    envelope: Envelope {
                        start,
                        end,
                        block_end,
                        escape,
                        length: length.map(|(width, form, plus)| Length { width, form, plus }),
                        check,
                    },
                    replies: Replies {
                        ack: 0x06,
                        nak: 0x15,
                        shape: if framed {
                            ReplyShape::Framed
                        } else {
                            ReplyShape::Byte
                        },
                    },
                    progress: progress.then_some(Progress {
                        start: 0x01,
                        end: EOT,
                        text_len: 5,
                    }),
                    block_text_max: 7,
                    message_max: 40,
                }
            },
        )
        .prop_filter("unsound", |framing| framing.check().is_ok())
}

type Marks = (Vec<u8>, Vec<u8>, Vec<u8>, Option<Escape>);

fn shapes() -> impl Strategy<Value = Marks> {
    let escape = |byte, xor| Some(Escape { byte, xor });
    let shape = |start: &[u8], end: &[u8], block_end: &[u8], escape| {
        (start.to_vec(), end.to_vec(), block_end.to_vec(), escape)
    };
    prop::sample::select(vec![
        shape(&[2], &[3], &[], None),
        shape(&[2], &[3], &[0x17], None),
        shape(&[], &[3], &[], None),
        shape(&[], b"\r\n", &[], None),
        shape(b"$$", b"\r\n", b"\r&", None),
        shape(&[2], &[], &[], None),
        shape(&[], &[], &[], None),
        shape(&[2], &[3], &[0x17], escape(0x10, 0)),
        shape(&[0x7E], &[0x7E], &[], escape(0x7D, 0x20)),
        shape(&[0x7E], &[0x0D], &[0x0A], escape(0x7D, 0x20)),
        shape(&[0x10, 2], &[0x10, 3], &[], escape(0x10, 0)),
        shape(&[0x10, 2], &[0x10, 3], &[0x10, 0x17], escape(0x10, 0)),
    ])
}

fn forms() -> impl Strategy<Value = NumberForm> {
    prop::sample::select(vec![
        NumberForm::BigEndian,
        NumberForm::LittleEndian,
        NumberForm::Bcd,
        NumberForm::Decimal,
        NumberForm::Hex,
    ])
}

fn checks() -> impl Strategy<Value = Check> {
    let crc = (any::<u16>(), any::<u16>(), any::<bool>(), any::<u16>()).prop_map(
        |(polynomial, initial, reflected, xor_out)| {
            CheckKind::Crc16(Crc16 {
                polynomial: polynomial | 1,
                initial,
                reflected,
                xor_out,
            })
        },
    );
    let kind = prop_oneof![
        Just(CheckKind::None),
        Just(CheckKind::Xor),
        Just(CheckKind::Sum),
        Just(CheckKind::SumNegated),
        crc,
    ];
    let covers = prop::sample::select(vec![
        Covers::Text,
        Covers::TextAndEnd,
        Covers::StartAndText,
        Covers::All,
    ]);
    let form = prop::sample::select(vec![
        NumberForm::BigEndian,
        NumberForm::LittleEndian,
        NumberForm::Hex,
    ]);
    (kind, any::<u8>(), covers, form).prop_map(|(kind, base, covers, form)| Check {
        kind,
        base,
        covers,
        form,
    })
}

/// Texts with everything in them that means something somewhere.
fn texts() -> impl Strategy<Value = Vec<u8>> {
    let bytes = vec![
        1, 2, 3, 4, 5, 6, 0x10, 0x15, 0x17, 0x0A, 0x0D, 0x7D, 0x7E, b'$', b'&',
    ];
    prop_oneof![
        prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(bytes)], 1..40),
        "[A-Z0-9]{1,40}".prop_map(String::into_bytes),
    ]
}

/// What is written of a message that the line can carry.
fn blocks(framing: &Framing, text: &[u8]) -> Option<Vec<Block>> {
    let codec = Codec::new(framing);
    codec
        .blocks(text.to_vec(), framing.block_text_max, framing.message_max)
        .ok()
}

/// The same cases every time.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        max_global_rejects: 1_000_000,
        max_local_rejects: 1_000_000,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn any_text_through_any_sound_framing_comes_back(framing in framings(), text in texts(), ack in any::<bool>()) {
        let Some(blocks) = blocks(&framing, &text) else {
            return Ok(());
        };
        let codec = Codec::new(&framing);
        let mut bytes = Vec::new();
        let mut expected = Vec::new();
        for block in blocks {
            if framing.handshake != Handshake::Bare {
                let replies = framing.replies;
                bytes.extend(codec.reply(if ack { replies.ack } else { replies.nak }));
                expected.push(if ack { Token::Ack } else { Token::Nak });
            }
            if let Some(progress) = codec.progress(b"wait") {
                bytes.extend(progress);
                expected.push(Token::Progress(b"wait ".to_vec()));
            }
            bytes.extend(codec.block(&block.text, block.is_last));
            expected.push(Token::Block(block));
        }
        prop_assert_eq!(read(&framing, &bytes), expected, "{}", hex(&bytes));
        let joined: Vec<u8> = expected_texts(&read(&framing, &bytes));
        prop_assert_eq!(joined, text);
    }

    #[test]
    fn no_single_flipped_bit_makes_another_text(framing in framings(), text in texts()) {
        let Some(blocks) = blocks(&framing, &text) else {
            return Ok(());
        };
        // Without a check nobody can tell.
        if framing.envelope.check.kind == CheckKind::None {
            return Ok(());
        }
        let codec = Codec::new(&framing);
        let block = &blocks[0];
        let whole = codec.block(&block.text, block.is_last);
        for index in 0..whole.len() {
            for bit in 0..8 {
                let mut damaged = whole.clone();
                damaged[index] ^= 1 << bit;
                for token in read(&framing, &damaged) {
                    if let Token::Block(other) = token {
                        prop_assert!(
                            other == *block || is_cut_elsewhere(&codec, &damaged, block, &other),
                            "byte {} bit {} of {}: {:?}", index, bit, hex(&whole), other
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn bytes_read_at_once_are_what_they_are_byte_by_byte(
        framing in framings(),
        text in texts(),
        noise in prop::collection::vec(any::<u8>(), 0..3),
        (place, damage, cut) in (any::<prop::sample::Index>(), any::<u8>(), any::<prop::sample::Index>()),
        damaged in any::<bool>(),
    ) {
        let codec = Codec::new(&framing);
        let mut bytes = noise;
        for block in blocks(&framing, &text).unwrap_or_default() {
            bytes.extend(codec.reply(framing.replies.ack));
            codec.write_block(&block.text, block.is_last, &mut bytes);
        }
        if damaged && !bytes.is_empty() {
            let place = place.index(bytes.len());
            bytes[place] ^= damage;
        }
        let mut reader = Reader::new(codec, framing.message_max);
        let mut tokens = Vec::new();
        let (mut head, mut tail) = bytes.split_at(cut.index(bytes.len() + 1));
        for part in [&mut head, &mut tail] {
            while let Some(token) = reader.read_on(part, true) {
                tokens.push(token);
            }
        }
        prop_assert_eq!(tokens, read(&framing, &bytes), "{}", hex(&bytes));
    }

    #[test]
    fn no_bytes_whatever_stop_a_reader_or_fill_it(framing in framings(), bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut reader = Reader::new(Codec::new(&framing), framing.message_max);
        for byte in bytes {
            if let Some(Token::Block(block)) = reader.read(byte, true) {
                prop_assert!(block.text.len() <= framing.message_max);
            }
            prop_assert!(reader.kept() <= framing.message_max + 64);
        }
        reader.pause();
        prop_assert!(!reader.is_open());
    }
}

fn expected_texts(tokens: &[Token]) -> Vec<u8> {
    tokens
        .iter()
        .filter_map(|token| match token {
            Token::Block(block) => Some(block.text.clone()),
            _ => None,
        })
        .flatten()
        .collect()
}

/// The one thing a check cannot promise: where the damage moves the end or breaks an escape (a byte became an end, a start, a length, or
/// is none any more), what stands at the new place may happen to be its check: once in 256 for XOR and sums, once in 65,536 for a CRC.
/// Such a frame or its text has another length.
fn is_cut_elsewhere(codec: &Codec, damaged: &[u8], block: &Block, other: &Block) -> bool {
    let written = codec.block(&other.text, other.is_last);
    let stands_there = damaged
        .windows(written.len())
        .any(|window| window == written);
    stands_there && (written.len() != damaged.len() || other.text.len() != block.text.len())
}
