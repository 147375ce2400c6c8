//! One side of a line against bytes written by hand; `pair` lets two sides talk over a line that damages.

mod disorder;
mod pair;

use super::*;
use crate::cat::Exposure;
use crate::cat::frame::envelope::split_into_blocks;

fn settings() -> LineSettings {
    LineSettings {
        block_text_max: 8,
        message_max: 64,
        inter_byte_ms: 200,
        acknowledge_ms: 3_000,
        call_tries: 3,
        call_retry_ms: 1_000,
        nak_resends: 2,
        receive_idle_ms: 6_200,
    }
}

fn console() -> BasicMode {
    BasicMode::new(Role::Primary, settings())
}

fn terminal() -> BasicMode {
    BasicMode::new(Role::Secondary, settings())
}

/// Bytes from hex, spaces between them.
fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace()
        .map(|pair| u8::from_str_radix(pair, 16).expect("two hex digits"))
        .collect()
}

/// A block as it stands on the line.
fn block_bytes(text: &[u8], is_last: bool) -> Vec<u8> {
    let mut bytes = vec![0x02];
    bytes.extend_from_slice(text);
    bytes.push(if is_last { 0x03 } else { 0x17 });
    bytes.push(bytes[1..].iter().fold(0, |check, byte| check ^ byte));
    bytes
}

fn written(line: &mut BasicMode) -> Vec<u8> {
    std::iter::from_fn(|| line.poll_transmit())
        .flatten()
        .collect()
}

/// Events without `Alive`.
fn happened(line: &mut BasicMode) -> Vec<LineEvent> {
    std::iter::from_fn(|| line.poll_event())
        .filter(|event| *event != LineEvent::Alive)
        .collect()
}

fn failed(exposure: Exposure, cause: Break) -> Vec<LineEvent> {
    vec![LineEvent::SendFailed { exposure, cause }]
}

/// A console whose first block "ABC" is on the line.
fn with_block_out() -> BasicMode {
    let mut line = console();
    line.send(0, b"ABC".to_vec()).expect("taken");
    assert_eq!(written(&mut line), hex("05"));
    line.handle_input(10, &hex("06"));
    assert_eq!(written(&mut line), hex("02 41 42 43 03 43"));
    line
}

/// Fire deadlines until none is left, and check that each moves forward. Gives what was written meanwhile.
fn run_out(line: &mut BasicMode) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut now = 0;
    for _ in 0..50 {
        let Some(next) = line.poll_timeout() else {
            return bytes;
        };
        assert!(next > now, "a deadline stood still at {now}");
        now = next;
        line.handle_timeout(now);
        bytes.extend(written(line));
    }
    panic!("the line never comes to rest");
}

#[test]
fn a_message_of_one_block_goes_out_like_this() {
    let mut line = with_block_out();
    assert!(happened(&mut line).is_empty(), "nothing is delivered yet");
    line.handle_input(20, &hex("06"));
    assert_eq!(written(&mut line), hex("04"));
    assert_eq!(happened(&mut line), [LineEvent::Delivered]);
    assert!(line.is_idle());
    assert_eq!(line.poll_timeout(), None);
}

#[test]
fn a_long_message_goes_out_in_blocks() {
    let mut line = console();
    line.send(0, b"12345678abcdefgh!".to_vec()).expect("taken");
    assert_eq!(written(&mut line), hex("05"));
    for block in [
        "02 31 32 33 34 35 36 37 38 17 1f",
        "02 61 62 63 64 65 66 67 68 17 1f",
        "02 21 03 22",
        "04",
    ] {
        line.handle_input(10, &hex("06"));
        assert_eq!(written(&mut line), hex(block));
    }
    assert_eq!(happened(&mut line), [LineEvent::Delivered]);
}

#[test]
fn a_message_comes_in_and_its_last_block_waits_for_the_books() {
    let mut line = console();
    line.handle_input(0, &hex("05"));
    assert_eq!(written(&mut line), hex("06"));
    line.handle_input(1, &hex("02 31 32 33 17 27"));
    assert_eq!(written(&mut line), hex("06"));
    line.handle_input(2, &hex("02 34 03 37"));
    assert_eq!(happened(&mut line), [LineEvent::Received(b"1234".to_vec())]);
    assert_eq!(written(&mut line), hex(""), "no ACK before the books");
    assert_eq!(line.poll_timeout(), None, "the books may take their time");
    line.handle_input(2_000, &hex("05"));
    assert_eq!(written(&mut line), hex(""), "not even when asked");
    line.accept(2_500);
    assert_eq!(written(&mut line), hex("06"));
    line.accept(2_500);
    assert_eq!(written(&mut line), hex(""), "once");
    line.handle_input(2_600, &hex("04"));
    assert_eq!(happened(&mut line), [LineEvent::MessageEnd]);
    assert!(line.is_idle());
}

#[test]
fn a_check_may_look_like_any_control() {
    for control in [0x02, 0x03, 0x04, 0x05, 0x06, 0x10, 0x15, 0x17] {
        let text = [b'A', b'A' ^ 0x03 ^ control];
        let mut bytes = hex("05 02");
        bytes.extend(text);
        bytes.extend([0x03, control]);
        let mut line = console();
        line.handle_input(0, &bytes);
        assert_eq!(
            happened(&mut line),
            [LineEvent::Received(text.to_vec())],
            "{control:02x}"
        );
    }
}

#[test]
fn it_does_not_matter_where_the_reads_are_cut() {
    let whole = hex("05 02 31 32 17 14 02 33 34 03 04");
    let mut once = console();
    once.handle_input(0, &whole);
    let expected = (written(&mut once), happened(&mut once));
    assert_eq!(expected.1, [LineEvent::Received(b"1234".to_vec())]);
    for first in 0..=whole.len() {
        for second in first..=whole.len() {
            let mut line = console();
            let mut bytes = Vec::new();
            for part in [&whole[..first], &whole[first..second], &whole[second..]] {
                line.handle_input(0, part);
                bytes.extend(written(&mut line));
            }
            assert_eq!((bytes, happened(&mut line)), expected, "{first} {second}");
        }
    }
}

#[test]
fn an_acknowledgement_and_the_next_call_may_come_in_one_read() {
    let mut merged = with_block_out();
    merged.handle_input(20, &hex("06 05 02 31 03 32"));
    let mut split = with_block_out();
    let mut bytes = Vec::new();
    for byte in hex("06 05 02 31 03 32") {
        split.handle_input(20, &[byte]);
        bytes.extend(written(&mut split));
    }
    assert_eq!(bytes, hex("04 06"));
    assert_eq!(written(&mut merged), bytes);
    let expected = [LineEvent::Delivered, LineEvent::Received(b"1".to_vec())];
    assert_eq!(happened(&mut merged), expected);
    assert_eq!(happened(&mut split), expected);
}

#[test]
fn no_flipped_bit_ever_delivers_another_text() {
    for text in [
        &b"OC1100000420000343000000000030"[..],
        b"OC15210",
        b"ABC#7W",
        b"777",
    ] {
        let block = block_bytes(text, true);
        for index in 0..block.len() {
            for bit in 0..8 {
                let mut damaged = block.clone();
                damaged[index] ^= 1 << bit;
                let mut line = console();
                line.handle_input(0, &hex("05"));
                line.handle_input(1, &damaged);
                line.handle_timeout(201);
                let events = happened(&mut line);
                assert!(
                    !events.iter().any(|e| matches!(e, LineEvent::Received(_))),
                    "byte {index} bit {bit}: {events:?}"
                );
                // Whatever the damage, the line finds back: the block again, or the whole message.
                written(&mut line);
                if line.poll_timeout().is_some() {
                    line.handle_input(500, &block);
                } else {
                    line.handle_input(500, &[&hex("05")[..], &block].concat());
                }
                assert_eq!(
                    happened(&mut line).last(),
                    Some(&LineEvent::Received(text.to_vec())),
                    "byte {index} bit {bit}"
                );
            }
        }
    }
}

#[test]
fn a_bad_block_is_refused_and_asked_again_up_to_the_limit() {
    let mut line = console();
    line.handle_input(0, &hex("05"));
    assert_eq!(written(&mut line), hex("06"));
    for reply in ["15", "15", "04"] {
        line.handle_input(1, &hex("02 31 03 33"));
        assert_eq!(written(&mut line), hex(reply));
    }
    assert_eq!(
        happened(&mut line),
        [LineEvent::ReceiveFailed(Break::Garbled)]
    );
    assert!(line.is_idle());
}

#[test]
fn a_good_block_after_bad_ones_is_taken() {
    let mut line = console();
    line.handle_input(0, &hex("05 02 31 03 33 02 31 03 33 02 31 03 32"));
    assert_eq!(written(&mut line), hex("06 15 15"));
    assert_eq!(happened(&mut line), [LineEvent::Received(b"1".to_vec())]);
}

#[test]
fn a_block_that_breaks_off_is_refused_after_the_inter_byte_time() {
    for broken in ["02 31 32", "02", "02 31 03", "31 03 32", "41 42 17 00"] {
        let mut line = console();
        line.handle_input(0, &hex("05"));
        written(&mut line);
        line.handle_input(1_000, &hex(broken));
        assert_eq!(line.poll_timeout(), Some(1_200), "{broken}");
        line.handle_timeout(1_199);
        assert_eq!(written(&mut line), hex(""), "{broken}");
        line.handle_timeout(1_200);
        assert_eq!(written(&mut line), hex("15"), "{broken}");
        line.handle_input(1_300, &hex("02 31 03 32"));
        assert_eq!(
            happened(&mut line),
            [LineEvent::Received(b"1".to_vec())],
            "{broken}"
        );
    }
}

#[test]
fn a_sender_that_gives_up_inside_a_block_is_understood() {
    let mut line = console();
    line.handle_input(0, &hex("05 02 31 32 04"));
    line.handle_timeout(200);
    assert_eq!(
        happened(&mut line),
        [LineEvent::ReceiveFailed(Break::PeerGaveUp)]
    );
    assert_eq!(written(&mut line), hex("06"));
}

#[test]
fn eot_in_the_middle_of_a_message_means_the_peer_gave_up() {
    for so_far in ["05", "05 02 31 17 26"] {
        let mut line = console();
        line.handle_input(0, &hex(so_far));
        line.handle_input(1, &hex("04"));
        let events = happened(&mut line);
        assert_eq!(
            events,
            [LineEvent::ReceiveFailed(Break::PeerGaveUp)],
            "{so_far}"
        );
    }
    let mut line = with_block_out();
    line.handle_input(20, &hex("04"));
    assert_eq!(
        happened(&mut line),
        failed(Exposure::Some, Break::PeerGaveUp)
    );
    assert!(line.is_idle());
}

#[test]
fn a_peer_that_gives_up_before_the_books_are_written_ends_the_message() {
    let mut line = console();
    line.handle_input(0, &hex("05 02 31 03 32"));
    written(&mut line);
    line.handle_input(6_000, &hex("04"));
    assert_eq!(
        happened(&mut line),
        [LineEvent::Received(b"1".to_vec()), LineEvent::MessageEnd]
    );
    line.accept(6_100);
    assert_eq!(written(&mut line), hex(""), "nobody waits for this ACK");
}

#[test]
fn a_call_that_nobody_answers_carries_no_money() {
    let mut line = console();
    line.send(0, b"ABC".to_vec()).expect("taken");
    assert_eq!(written(&mut line), hex("05"));
    assert_eq!(line.poll_timeout(), Some(3_000));
    assert_eq!(run_out(&mut line), hex("05 05 04"));
    assert_eq!(
        happened(&mut line),
        failed(Exposure::Nothing, Break::Unreachable)
    );
    assert!(line.is_idle());
}

#[test]
fn a_refused_call_is_tried_again_after_a_pause() {
    let mut line = console();
    line.send(0, b"ABC".to_vec()).expect("taken");
    written(&mut line);
    for (now, calls_again) in [(100, 1_100), (1_200, 2_200)] {
        line.handle_input(now, &hex("15"));
        assert_eq!(line.poll_timeout(), Some(calls_again));
        line.handle_timeout(calls_again);
        assert_eq!(written(&mut line), hex("05"));
    }
    line.handle_input(2_300, &hex("15"));
    assert_eq!(
        happened(&mut line),
        failed(Exposure::Nothing, Break::Unreachable)
    );
}

#[test]
fn what_answers_with_noise_alone_is_no_card_terminal() {
    let mut line = console();
    line.send(0, b"ABC".to_vec()).expect("taken");
    line.handle_input(10, &hex("ff 80 00 41 7e"));
    written(&mut line);
    run_out(&mut line);
    assert_eq!(
        happened(&mut line),
        failed(Exposure::Nothing, Break::NotACat)
    );
}

#[test]
fn a_refused_block_goes_again_up_to_the_limit() {
    let mut line = with_block_out();
    for _ in 0..2 {
        line.handle_input(20, &hex("15"));
        assert_eq!(written(&mut line), hex("02 41 42 43 03 43"));
    }
    line.handle_input(30, &hex("15"));
    assert_eq!(written(&mut line), hex("04"));
    assert_eq!(happened(&mut line), failed(Exposure::Some, Break::Refused));

    let mut line = with_block_out();
    line.handle_input(20, &hex("15"));
    written(&mut line);
    line.handle_input(30, &hex("06"));
    assert_eq!(happened(&mut line), [LineEvent::Delivered]);
}

#[test]
fn silence_after_a_block_brings_one_question_and_never_the_block() {
    for (reply, then, expected) in [
        ("", "04", failed(Exposure::Some, Break::NoAcknowledgement)),
        ("15", "04", failed(Exposure::Some, Break::Refused)),
        ("04", "", failed(Exposure::Some, Break::PeerGaveUp)),
        ("06", "04", vec![LineEvent::Delivered]),
    ] {
        let mut line = with_block_out();
        assert_eq!(line.poll_timeout(), Some(3_010));
        line.handle_timeout(3_010);
        assert_eq!(written(&mut line), hex("05"));
        line.handle_input(3_020, &hex(reply));
        let mut bytes = written(&mut line);
        bytes.extend(run_out(&mut line));
        assert_eq!(bytes, hex(then), "after {reply:?}");
        assert_eq!(happened(&mut line), expected, "after {reply:?}");
        assert!(line.is_idle());
    }
}

#[test]
fn silence_behind_a_block_in_the_middle_ends_the_message_at_once() {
    let mut line = console();
    line.send(0, b"12345678abc".to_vec()).expect("taken");
    written(&mut line);
    line.handle_input(10, &hex("06"));
    written(&mut line);
    assert_eq!(run_out(&mut line), hex("04"));
    assert_eq!(
        happened(&mut line),
        failed(Exposure::Some, Break::NoAcknowledgement)
    );
}

#[test]
fn a_line_that_goes_away_says_whether_a_block_had_left() {
    let mut nothing_left = console();
    nothing_left.send(0, b"ABC".to_vec()).expect("taken");
    written(&mut nothing_left);
    nothing_left.handle_input(10, &hex("06"));
    nothing_left.handle_disconnect(20);
    assert_eq!(written(&mut nothing_left), hex(""), "and never will");
    assert_eq!(
        happened(&mut nothing_left),
        failed(Exposure::Nothing, Break::Disconnected)
    );

    let mut left = with_block_out();
    left.handle_disconnect(20);
    assert_eq!(
        happened(&mut left),
        failed(Exposure::Some, Break::Disconnected)
    );
    assert_eq!(left.poll_timeout(), None);

    let mut receiving = console();
    receiving.handle_input(0, &hex("05 02 31 17 26"));
    receiving.handle_disconnect(1);
    receiving.handle_input(2, &hex("02 32 03 31"));
    assert!(happened(&mut receiving).is_empty(), "the half is dropped");
}

#[test]
fn both_call_at_once_and_the_console_goes_on() {
    let mut line = console();
    line.send(0, b"ABC".to_vec()).expect("taken");
    line.handle_input(5, &hex("05"));
    assert_eq!(written(&mut line), hex("05"), "no ACK for the other call");
    line.handle_input(10, &hex("06"));
    assert_eq!(written(&mut line), hex("02 41 42 43 03 43"));
}

#[test]
fn both_call_at_once_and_the_terminal_yields_and_calls_afterwards() {
    let mut line = terminal();
    line.send(0, b"ABC".to_vec()).expect("taken");
    assert_eq!(written(&mut line), hex("05"));
    line.handle_input(5, &hex("05"));
    assert_eq!(written(&mut line), hex("06"));
    line.handle_input(10, &hex("02 31 03 32"));
    line.accept(11);
    assert_eq!(written(&mut line), hex("06"));
    line.handle_input(12, &hex("04"));
    assert_eq!(written(&mut line), hex("05"), "its own call");
    assert_eq!(
        happened(&mut line),
        [LineEvent::Received(b"1".to_vec()), LineEvent::MessageEnd]
    );
    line.handle_input(13, &hex("06"));
    assert_eq!(written(&mut line), hex("02 41 42 43 03 43"));
}

#[test]
fn a_peer_that_only_calls_does_not_hold_a_message_up_for_ever() {
    let mut line = terminal();
    line.send(0, b"ABC".to_vec()).expect("taken");
    for now in 1..=3 {
        line.handle_input(now * 10, &hex("05 04"));
    }
    written(&mut line);
    assert!(happened(&mut line).contains(&LineEvent::SendFailed {
        exposure: Exposure::Nothing,
        cause: Break::Unreachable
    }));
}
