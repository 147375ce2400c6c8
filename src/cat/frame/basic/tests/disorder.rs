//! What comes twice, damaged, without an end or out of turn.

use super::*;

#[test]
fn a_block_that_is_repeated_because_our_ack_was_lost_is_taken_once() {
    let mut line = console();
    line.handle_input(0, &hex("05 02 31 17 26"));
    line.handle_input(3_000, &hex("02 31 17 26"));
    assert_eq!(written(&mut line), hex("06 06 06"));
    line.handle_input(3_100, &hex("02 32 03 31"));
    line.accept(3_200);
    line.handle_input(6_200, &hex("02 32 03 31"));
    assert_eq!(written(&mut line), hex("06 06"));
    line.handle_input(6_300, &hex("04"));
    // Even behind the EOT, as long as nobody called.
    line.handle_input(6_400, &hex("02 32 03 31"));
    assert_eq!(written(&mut line), hex("06"));
    assert_eq!(
        happened(&mut line),
        [LineEvent::Received(b"12".to_vec()), LineEvent::MessageEnd]
    );
}

#[test]
fn the_same_text_after_a_new_call_is_a_new_message() {
    let mut line = console();
    for now in [0, 100] {
        line.handle_input(now, &hex("05 02 31 03 32"));
        line.accept(now + 1);
        line.handle_input(now + 2, &hex("04"));
    }
    let events = happened(&mut line);
    let received = |event: &&LineEvent| matches!(event, LineEvent::Received(_));
    assert_eq!(events.iter().filter(received).count(), 2, "{events:?}");
}

#[test]
fn a_question_after_the_last_block_is_answered_by_the_ack_again() {
    let mut line = console();
    line.handle_input(0, &hex("05 02 31 03 32"));
    line.accept(1);
    written(&mut line);
    line.handle_input(3_000, &hex("05"));
    assert_eq!(written(&mut line), hex("06"));
    line.handle_input(3_001, &hex("04"));
    assert_eq!(
        happened(&mut line),
        [LineEvent::Received(b"1".to_vec()), LineEvent::MessageEnd]
    );
}

#[test]
fn a_call_behind_a_message_whose_end_was_lost_begins_the_next_one() {
    let mut line = console();
    line.handle_input(0, &hex("05 02 31 03 32"));
    line.accept(1);
    line.handle_input(500, &hex("05 02 39 03 3a"));
    assert_eq!(
        happened(&mut line),
        [
            LineEvent::Received(b"1".to_vec()),
            LineEvent::MessageEnd,
            LineEvent::Received(b"9".to_vec())
        ]
    );
}

#[test]
fn a_block_that_was_taken_is_not_taken_again_however_often_a_stray_enq_comes_in_between() {
    // Our ACK arrives as NAK, so the block is repeated, and the noise in it looks like a call.
    for strays in ["05", "05 05", "02 05 32 03 31 05", "02 31 03 30 05 05"] {
        let mut line = console();
        line.handle_input(0, &hex("05 02 31 03 32"));
        line.accept(1);
        line.handle_input(10, &hex(strays));
        line.handle_input(20, &hex("02 31 03 32"));
        line.handle_input(30, &hex("02 31 03 32 04"));
        written(&mut line);
        assert_eq!(
            happened(&mut line),
            [LineEvent::Received(b"1".to_vec()), LineEvent::MessageEnd],
            "{strays}"
        );
        assert!(line.is_idle(), "{strays}");
    }
}

#[test]
fn a_message_whose_end_never_comes_ends_all_the_same() {
    let mut line = console();
    line.handle_input(0, &hex("05 02 31 03 32"));
    line.accept(1);
    written(&mut line);
    assert_eq!(run_out(&mut line), hex(""));
    assert_eq!(
        happened(&mut line),
        [LineEvent::Received(b"1".to_vec()), LineEvent::MessageEnd]
    );
    assert!(line.is_idle());
}

#[test]
fn a_call_that_nothing_follows_is_given_up() {
    for (so_far, cause) in [
        ("05", Break::NoAnswer),
        ("05 02 31 17 26", Break::NoAnswer),
        ("05 02 31 17 27", Break::Garbled),
    ] {
        let mut line = console();
        line.handle_input(0, &hex(so_far));
        written(&mut line);
        run_out(&mut line);
        assert_eq!(
            happened(&mut line),
            [LineEvent::ReceiveFailed(cause)],
            "{so_far}"
        );
    }
}

#[test]
fn a_question_after_a_damaged_block_is_answered_by_nak_and_a_second_starts_anew() {
    let mut line = console();
    line.handle_input(0, &hex("05 02 31 03 33"));
    assert_eq!(written(&mut line), hex("06 15"));
    line.handle_input(3_000, &hex("05"));
    assert_eq!(written(&mut line), hex("15"));
    line.handle_input(4_000, &hex("05 02 39 03 3a"));
    assert_eq!(written(&mut line), hex("06"));
    assert_eq!(happened(&mut line), [LineEvent::Received(b"9".to_vec())]);
}

#[test]
fn a_half_message_is_never_taken_for_a_whole_one_however_often_a_stray_enq_comes_in_between() {
    let mut line = console();
    line.handle_input(0, &hex("05 02 31 17 26 02 32 03 30"));
    assert_eq!(written(&mut line), hex("06 06 15"));
    for now in [10, 3_000, 3_100, 4_000, 5_000] {
        line.handle_input(now, &hex("05"));
    }
    assert_eq!(
        written(&mut line),
        hex("15 15 15"),
        "and none at 10 and 3,100"
    );
    line.handle_input(5_500, &hex("02 32 03 31"));
    assert_eq!(happened(&mut line), [LineEvent::Received(b"12".to_vec())]);

    // And a sender that did start anew ends what it began first.
    line.accept(5_501);
    line.handle_input(5_502, &hex("04 05 02 31 17 26 05 02 33 17 25 05"));
    written(&mut line);
    line.handle_input(6_000, &hex("04 05 02 39 03 3a"));
    assert_eq!(
        happened(&mut line),
        [
            LineEvent::MessageEnd,
            LineEvent::ReceiveFailed(Break::PeerGaveUp),
            LineEvent::Received(b"9".to_vec())
        ]
    );
}

#[test]
fn noise_between_frames_is_skipped() {
    let mut line = console();
    let mut noise = vec![0xff; 10_000];
    noise.extend(hex("00 01 10 16 7f 41 03 17"));
    line.handle_input(0, &noise);
    assert_eq!(line.poll_timeout(), None);
    assert!(line.is_idle());
    line.handle_input(1, &hex("ff 05 00 02 31 03 32"));
    assert_eq!(happened(&mut line), [LineEvent::Received(b"1".to_vec())]);
}

#[test]
fn a_block_without_end_fills_no_memory_and_is_refused() {
    let mut line = console();
    line.handle_input(0, &hex("05 02"));
    for _ in 0..100 {
        line.handle_input(1, &[b'x'; 1_000]);
    }
    line.handle_timeout(201);
    assert_eq!(written(&mut line), hex("06 15"));
}

#[test]
fn a_message_above_the_limit_is_ended() {
    let mut line = console();
    line.handle_input(0, &hex("05"));
    for letter in b'a'..=b'i' {
        line.handle_input(1, &block_bytes(&[letter; 8], false));
    }
    assert_eq!(
        happened(&mut line),
        [LineEvent::ReceiveFailed(Break::Garbled)]
    );
    assert_eq!(written(&mut line).last(), Some(&0x04));
}

#[test]
fn what_cannot_be_sent_is_refused_before_anything_leaves() {
    let mut line = console();
    for (text, reason) in [
        (b"".to_vec(), SendRefused::Empty),
        (vec![b'x'; 65], SendRefused::TooLong { max: 64 }),
        (b"ab\x03".to_vec(), SendRefused::Control { at: 2 }),
        (b"\x04".to_vec(), SendRefused::Control { at: 0 }),
    ] {
        assert_eq!(line.send(0, text), Err(reason));
    }
    assert!(line.is_idle());
    line.send(0, b"a\r\n".to_vec()).expect("lines are text");
    assert_eq!(line.send(0, b"b".to_vec()), Err(SendRefused::Busy));
}

#[test]
fn a_message_waits_while_the_other_side_sends() {
    let mut line = console();
    line.handle_input(0, &hex("05 02 31 03 32"));
    line.send(1, b"ABC".to_vec()).expect("taken");
    line.accept(2);
    assert_eq!(written(&mut line), hex("06 06"));
    line.handle_input(3, &hex("04"));
    assert_eq!(written(&mut line), hex("05"));
}

#[test]
fn replies_that_nobody_waits_for_change_nothing() {
    let mut line = console();
    line.handle_input(0, &hex("06 15 04 06"));
    assert!(line.is_idle());
    assert_eq!(
        line.poll_event(),
        Some(LineEvent::Alive),
        "but someone is there"
    );
    assert_eq!(line.poll_event(), None);
    // A reply to something older, before our ENQ left.
    line.send(1, b"ABC".to_vec()).expect("taken");
    line.handle_input(2, &hex("06"));
    assert_eq!(written(&mut line), hex("05"));
}

#[test]
fn equal_blocks_never_follow_each_other() {
    for length in 1..200 {
        for max in 2..10 {
            let text = vec![b'a'; length];
            let blocks = split_into_blocks(text.clone(), max);
            let joined: Vec<u8> = blocks.iter().flat_map(|b| b.text.clone()).collect();
            assert_eq!(joined, text);
            assert!(blocks.windows(2).all(|pair| pair[0] != pair[1]));
            assert!(blocks.iter().all(|b| (1..=max).contains(&b.text.len())));
        }
    }
}
