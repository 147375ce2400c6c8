//! One side of a line without ENQ against bytes written by hand; `kinds` are lines in blocks, with framed replies and without
//! any, and `pair` lets two sides talk over a line that damages.

mod kinds;
mod pair;

use super::*;
use crate::cat::frame::framing::{CheckKind, Covers, Progress, ReplyShape};

fn settings() -> LineSettings {
    LineSettings {
        block_text_max: 8,
        message_max: 64,
        inter_byte_ms: 200,
        acknowledge_ms: 2_000,
        call_tries: 3,
        call_retry_ms: 1_000,
        nak_resends: 2,
        receive_idle_ms: 4_200,
    }
}

/// STX, text, ETX, check by XOR; replies of one byte.
fn acknowledged() -> Framing {
    let mut framing = Framing::basic(8, 64);
    framing.handshake = Handshake::Acknowledged;
    framing.envelope.block_end.clear();
    framing
}

/// The same in blocks.
fn in_blocks() -> Framing {
    Framing {
        handshake: Handshake::Acknowledged,
        ..Framing::basic(8, 64)
    }
}

/// Replies of three bytes, progress texts.
fn framed() -> Framing {
    let mut framing = acknowledged();
    framing.envelope.check.base = 0x7F;
    framing.envelope.check.covers = Covers::Text;
    framing.replies.shape = ReplyShape::Framed;
    framing.progress = Some(Progress {
        start: 0x01,
        end: 0x04,
        text_len: 5,
    });
    framing
}

/// Lines of text and nothing else.
fn bare() -> Framing {
    let mut framing = acknowledged();
    framing.handshake = Handshake::Bare;
    framing.envelope.start.clear();
    framing.envelope.check.kind = CheckKind::None;
    framing
}

fn line(framing: &Framing) -> Direct {
    framing.check().expect("sound");
    Direct::new(framing, settings())
}

/// Bytes from hex, spaces between them.
fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace()
        .map(|pair| u8::from_str_radix(pair, 16).expect("two hex digits"))
        .collect()
}

/// What is written and reported, in words of the tables: bytes as hex, events by name.
fn said(line: &mut Direct) -> String {
    let mut words = Vec::new();
    loop {
        if let Some(bytes) = line.poll_transmit() {
            words.extend(bytes.iter().map(|byte| format!("{byte:02x}")));
        } else if let Some(event) = line.poll_event() {
            words.extend(match event {
                LineEvent::Alive => None,
                LineEvent::Received(text) => Some(format!("got({})", text.escape_ascii())),
                LineEvent::Progress(text) => Some(format!("progress({})", text.escape_ascii())),
                LineEvent::SendFailed { exposure, cause } => {
                    Some(format!("failed({exposure:?},{cause:?})"))
                }
                LineEvent::ReceiveFailed(cause) => Some(format!("lost({cause:?})")),
                LineEvent::Delivered => Some("delivered".to_owned()),
                LineEvent::MessageEnd => Some("end".to_owned()),
            });
        } else {
            return words.join(" ");
        }
    }
}

/// One thing that happens to a line.
#[derive(Clone, Copy)]
enum Do {
    Send(&'static str),
    In(&'static str),
    /// The next deadline comes.
    Wait,
    Accept,
    Gone,
}
use Do::{Accept, Gone, In, Send, Wait};

/// Do each step and hold what follows from it against the table.
fn play(name: &str, framing: &Framing, steps: &[(Do, &str)]) -> Direct {
    let mut line = line(framing);
    let mut now = 0;
    for (index, (step, expected)) in steps.iter().enumerate() {
        match step {
            Send(text) => line.send(now, text.as_bytes().to_vec()).expect("taken"),
            In(bytes) => {
                now += 10;
                line.handle_input(now, &hex(bytes));
            }
            Wait => {
                let next = line.poll_timeout().expect("something to wait for");
                assert!(next > now, "{name}: a deadline stood still");
                line.handle_timeout(next - 1);
                assert_eq!(said(&mut line), "", "{name}, step {index}: too early");
                now = next;
                line.handle_timeout(now);
            }
            Accept => line.accept(now),
            Gone => line.handle_disconnect(now),
        }
        assert_eq!(said(&mut line), *expected, "{name}, step {index}");
    }
    line
}

const ABC: &str = "02 41 42 43 03 43";

#[test]
fn a_frame_goes_out_like_this() {
    for (name, steps) in [
        ("taken", &[(Send("ABC"), ABC), (In("06"), "delivered")][..]),
        (
            "refused and sent again, up to the limit",
            &[
                (Send("ABC"), ABC),
                (In("15"), ABC),
                (In("15"), ABC),
                (In("15"), "failed(Some,Refused)"),
                (In("06"), ""),
            ],
        ),
        (
            "refused once, then taken",
            &[(Send("ABC"), ABC), (In("15"), ABC), (In("06"), "delivered")],
        ),
        (
            "silence is not answered by the frame again",
            &[
                (Send("ABC"), ABC),
                (Wait, "failed(Some,NoAcknowledgement)"),
                (In("15"), ""),
                (In("06"), ""),
            ],
        ),
        (
            "refused by a peer that may be answering already",
            &[
                (Send("ABC"), ABC),
                (In("02 31 03 33"), ""),
                (Wait, "15"),
                (In("15"), "failed(Some,Refused)"),
                (Wait, "lost(NoAnswer)"),
            ],
        ),
        (
            "an answer instead of the ACK",
            &[
                (Send("ABC"), ABC),
                (In("02 31 03 32"), "delivered got(1)"),
                (Accept, "06 end"),
            ],
        ),
        (
            "ACK and answer in one read",
            &[
                (Send("ABC"), ABC),
                (In("06 02 31 03 32"), "delivered got(1)"),
                (Accept, "06 end"),
            ],
        ),
        (
            "the line goes away",
            &[(Send("ABC"), ABC), (Gone, "failed(Some,Disconnected)")],
        ),
        (
            "only noise: no card terminal",
            &[
                (Send("ABC"), ABC),
                (In("ff 00 41 7e"), ""),
                (Wait, ""),
                (Wait, "failed(Some,NotACat)"),
            ],
        ),
        (
            "noise from what has spoken before",
            &[
                (In("02 31 03 32"), "got(1)"),
                (Accept, "06 end"),
                (Send("ABC"), ABC),
                (In("07"), ""),
                (Wait, ""),
                (Wait, "failed(Some,NoAcknowledgement)"),
            ],
        ),
        (
            "a reply among noise is not believed",
            &[
                (Send("ABC"), ABC),
                (In("41 15 06"), ""),
                (Wait, ""),
                (In("06"), "delivered"),
            ],
        ),
    ] {
        let line = play(name, &acknowledged(), steps);
        assert!(line.is_idle(), "{name}");
        assert_eq!(line.poll_timeout(), None, "{name}");
    }
}

#[test]
fn nothing_is_exposed_before_it_is_handed_out() {
    let mut line = line(&acknowledged());
    line.send(0, b"ABC".to_vec()).expect("taken");
    line.handle_input(1, &hex("06 15"));
    line.handle_disconnect(2);
    assert_eq!(said(&mut line), "failed(Nothing,Disconnected)");

    let mut silent = super::tests::line(&acknowledged());
    silent.send(0, b"ABC".to_vec()).expect("taken");
    silent.handle_timeout(2_000);
    assert_eq!(said(&mut silent), "failed(Nothing,NoAcknowledgement)");
}

#[test]
fn behind_what_never_ends_a_message_fails_with_nothing_exposed() {
    for (babble, cause) in [("31 03 ", "NotACat"), ("06 31 03 ", "Unreachable")] {
        let mut line = line(&acknowledged());
        line.handle_input(0, &hex(babble));
        line.send(0, b"ABC".to_vec()).expect("taken");
        let mut now = 0;
        while now < 4_200 {
            assert_eq!(said(&mut line), "", "at {now}");
            now += 100;
            line.handle_input(now, &hex("31 03"));
            line.handle_timeout(now);
        }
        assert_eq!(said(&mut line), format!("failed(Nothing,{cause})"));
    }
}

#[test]
fn a_frame_comes_in_like_this() {
    let good = "02 31 03 32";
    let bad = "02 31 03 33";
    for (name, steps) in [
        (
            "held until the books have it",
            &[(In(good), "got(1)"), (Accept, "06 end"), (Accept, "")][..],
        ),
        (
            "bad, refused, good",
            &[
                (In(bad), ""),
                (Wait, "15"),
                (In(good), "got(1)"),
                (Accept, "06 end"),
            ],
        ),
        (
            "bad up to the limit",
            &[
                (In(bad), ""),
                (Wait, "15"),
                (In(bad), ""),
                (Wait, "15"),
                (In(bad), ""),
                (Wait, "lost(Garbled)"),
            ],
        ),
        (
            "bad, and nothing follows",
            &[(In(bad), ""), (Wait, "15"), (Wait, "lost(NoAnswer)")],
        ),
        (
            "broken off",
            &[
                (In("02 31"), ""),
                (Wait, "15"),
                (In(good), "got(1)"),
                (Accept, "06 end"),
            ],
        ),
        (
            "without its head",
            &[
                (In("31 03 32"), ""),
                (Wait, "15"),
                (In(good), "got(1)"),
                (Accept, "06 end"),
            ],
        ),
        (
            "one damage, one refusal",
            &[
                (In("02 31 03 41 42 03 43"), ""),
                (Wait, "15"),
                (In(good), "got(1)"),
                (Accept, "06 end"),
            ],
        ),
        (
            "noise without an end",
            &[(In("31 06 15 05 04"), ""), (Wait, "")],
        ),
        (
            "repeated while held",
            &[(In(good), "got(1)"), (In(good), ""), (Accept, "06 end")],
        ),
        (
            "damaged while held",
            &[
                (In(good), "got(1)"),
                (In(bad), ""),
                (Wait, ""),
                (Accept, "06 end"),
            ],
        ),
        (
            "repeated because our ACK was lost",
            &[
                (In(good), "got(1)"),
                (Accept, "06 end"),
                (In(good), "06"),
                (In(good), "06"),
            ],
        ),
        (
            "the same after a frame of ours is another",
            &[
                (In(good), "got(1)"),
                (Accept, "06 end"),
                (Send("ABC"), ABC),
                (In("06"), "delivered"),
                (In(good), "got(1)"),
                (Accept, "06 end"),
            ],
        ),
        (
            "the same in answer to our NAK is still the one we have",
            &[
                (In(good), "got(1)"),
                (Accept, "06 end"),
                (Send("ABC"), ABC),
                (Wait, "failed(Some,NoAcknowledgement)"),
                (In(bad), ""),
                (Wait, "15"),
                (In(good), "06"),
            ],
        ),
        (
            "the same while our reply is awaited is no answer",
            &[
                (In(good), "got(1)"),
                (Accept, "06 end"),
                (Send("ABC"), ABC),
                (In(good), "06"),
                (In("06"), "delivered"),
            ],
        ),
        (
            "the same after a silence is another",
            &[
                (In(good), "got(1)"),
                (Accept, "06 end"),
                (Send("ABC"), ABC),
                (Wait, "failed(Some,NoAcknowledgement)"),
                (In(good), "got(1)"),
                (Accept, "06 end"),
            ],
        ),
        (
            "another frame before the books had the first",
            &[
                (In(good), "got(1)"),
                (In("02 32 03 31"), "end got(2)"),
                (Accept, "06 end"),
            ],
        ),
        (
            "ours waits until theirs is accepted",
            &[
                (In("02 31"), ""),
                (Send("ABC"), ""),
                (In("03 32"), "got(1)"),
                (Accept, "06 02 41 42 43 03 43 end"),
                (In("06"), "delivered"),
            ],
        ),
        (
            "ours waits until theirs has broken off",
            &[
                (In("02 31"), ""),
                (Send("ABC"), ""),
                (Wait, "15"),
                (Wait, ""),
                (Wait, "02 41 42 43 03 43 lost(NoAnswer)"),
                (In("06"), "delivered"),
            ],
        ),
        (
            "a damaged answer instead of the ACK gives it more time",
            &[
                (Send("ABC"), ABC),
                (In(bad), ""),
                (Wait, "15"),
                (In(good), "delivered got(1)"),
                (Accept, "06 end"),
            ],
        ),
        (
            "gone while held",
            &[(In(good), "got(1)"), (Gone, ""), (Accept, "")],
        ),
    ] {
        let line = play(name, &acknowledged(), steps);
        assert!(line.is_idle(), "{name}");
        assert_eq!(line.poll_timeout(), None, "{name}");
    }
}

#[test]
fn it_does_not_matter_where_the_reads_are_cut() {
    let whole = hex("06 01 57 41 49 54 20 04 02 31 03 4e ff 02 03 7f 41");
    let framing = {
        let mut framing = framed();
        framing.replies.shape = ReplyShape::Byte;
        framing
    };
    let outcome = |cuts: &[usize]| {
        let mut line = line(&framing);
        line.send(0, b"AB".to_vec()).expect("taken");
        let mut words = vec![said(&mut line)];
        let mut from = 0;
        for cut in cuts.iter().chain([&whole.len()]) {
            line.handle_input(1, &whole[from..*cut]);
            words.push(said(&mut line));
            from = *cut;
        }
        line.handle_timeout(201);
        words.push(said(&mut line));
        words.retain(|word| !word.is_empty());
        words.join(" ")
    };
    let expected = outcome(&[]);
    assert_eq!(
        expected,
        "02 41 42 03 7c delivered progress(WAIT ) got(1) end got()"
    );
    for first in 0..=whole.len() {
        for second in first..=whole.len() {
            assert_eq!(outcome(&[first, second]), expected, "{first} {second}");
        }
    }
}

#[test]
fn no_flipped_bit_of_an_answer_is_taken_or_brings_the_command_again() {
    for text in [
        "0210|00|000123|5400",
        "0810|00|597029414300|80001234",
        "0110",
    ] {
        let answer = Codec::new(&acknowledged()).block(text.as_bytes(), true);
        for index in 0..answer.len() {
            for bit in 0..8 {
                let mut damaged = answer.clone();
                damaged[index] ^= 1 << bit;
                let mut line = line(&acknowledged());
                line.send(0, b"ABC".to_vec()).expect("taken");
                said(&mut line);
                line.handle_input(10, &damaged);
                line.handle_timeout(210);
                let after = said(&mut line);
                let place = format!("{text}: byte {index} bit {bit}: {after}");
                assert!(!after.contains("got"), "{place}");
                assert!(!after.contains(ABC), "{place}");
                // STX with its third bit flipped is ACK: then a peer that answers says what is true all the same.
                let said_so = ["", "15", "15 delivered"].contains(&after.as_str());
                assert!(said_so, "{place}");
                // The answer is asked for again, or comes again by itself.
                line.handle_input(500, &answer);
                assert!(
                    said(&mut line).ends_with(&format!("got({text})")),
                    "{place}"
                );
            }
        }
    }
}
