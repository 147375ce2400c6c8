//! Lines in blocks, lines with framed replies and progress texts, and bare ones.

use super::*;

#[test]
fn blocks_are_acknowledged_one_by_one() {
    let first = "02 61 62 63 64 65 66 67 68 17 1f";
    let second = "02 21 03 22";
    for (name, steps) in [
        (
            "out",
            &[
                (Send("abcdefgh!"), first),
                (In("06"), second),
                (In("06"), "delivered"),
            ][..],
        ),
        (
            "silence in the middle",
            &[
                (Send("abcdefgh!"), first),
                (Wait, "failed(Some,NoAcknowledgement)"),
            ],
        ),
        (
            "a frame in the middle is no ACK for the rest",
            &[
                (Send("abcdefgh!"), first),
                (In("02 31 03 32"), "got(1)"),
                (Accept, "06 end"),
                (Wait, "failed(Some,NoAcknowledgement)"),
            ],
        ),
        (
            "in, the first twice",
            &[
                (In(first), "06"),
                (In(first), "06"),
                (In(second), "got(abcdefgh!)"),
                (In(second), ""),
                (Accept, "06 end"),
                (In(second), "06"),
            ],
        ),
        (
            "in, and nothing follows",
            &[
                (In(first), "06"),
                (Wait, "lost(NoAnswer)"),
                (In(second), "got(!)"),
                (Accept, "06 end"),
            ],
        ),
    ] {
        let line = play(name, &in_blocks(), steps);
        assert!(line.is_idle(), "{name}");
    }
}

#[test]
fn a_message_above_the_limit_is_given_up() {
    let mut line = line(&in_blocks());
    for letter in b'a'..=b'i' {
        line.handle_input(1, &Codec::new(&in_blocks()).block(&[letter; 8], false));
    }
    assert!(said(&mut line).ends_with("lost(Garbled)"));
}

#[test]
fn framed_replies_and_progress_texts_pass_like_this() {
    let frame = "02 41 42 03 7c";
    for (name, steps) in [
        (
            "out",
            &[
                (Send("AB"), frame),
                (In("06 03"), ""),
                (In("79"), "delivered"),
                (In("01 57 41 49 54 20 04"), "progress(WAIT )"),
                (In("02 45 03 3a"), "got(E)"),
                (Accept, "06 03 79 end"),
            ][..],
        ),
        (
            "refused",
            &[
                (Send("AB"), frame),
                (In("15 03 6a"), frame),
                (In("06 03 79"), "delivered"),
            ],
        ),
        (
            "a damaged ACK says nothing",
            &[
                (Send("AB"), frame),
                (In("06 03 78"), ""),
                (Wait, ""),
                (Wait, "failed(Some,NotACat)"),
            ],
        ),
        (
            "a progress text is no ACK",
            &[
                (Send("AB"), frame),
                (In("01 57 41 49 54 20 04"), "progress(WAIT )"),
                (Wait, "failed(Some,NoAcknowledgement)"),
            ],
        ),
        (
            "a garbled progress text is nothing",
            &[(In("01 57 41 49"), ""), (Wait, ""), (In("01 57 41 04"), "")],
        ),
        (
            "in, damaged",
            &[
                (In("02 45 03 3b"), ""),
                (Wait, "15 03 6a"),
                (Wait, "lost(NoAnswer)"),
            ],
        ),
    ] {
        let line = play(name, &framed(), steps);
        assert!(line.is_idle(), "{name}");
    }
    let mut terminal = line(&framed());
    terminal.send_progress(b"PIN");
    assert_eq!(said(&mut terminal), "01 50 49 4e 20 20 04");
    let mut without = line(&acknowledged());
    without.send_progress(b"PIN");
    assert_eq!(said(&mut without), "");
}

#[test]
fn a_bare_line_believes_what_it_hands_out() {
    for (name, steps) in [
        (
            "out and in",
            &[
                (Send("AB"), "41 42 03 delivered"),
                (Wait, ""),
                (In("06 15 03"), "got(\\x06\\x15)"),
                (Accept, "end"),
            ][..],
        ),
        (
            "the same twice is reported twice",
            &[(In("31 03 31 03"), "got(1) end got(1)"), (Accept, "end")],
        ),
        (
            "ours does not wait for theirs",
            &[
                (In("31"), ""),
                (Send("AB"), "41 42 03 delivered"),
                (In("03"), "got(1)"),
                (Accept, "end"),
            ],
        ),
        ("broken off", &[(In("31"), ""), (Wait, "lost(Garbled)")]),
    ] {
        let line = play(name, &bare(), steps);
        assert!(line.is_idle(), "{name}");
    }
    let mut gone = line(&bare());
    gone.send(0, b"AB".to_vec()).expect("taken");
    gone.handle_disconnect(1);
    assert_eq!(said(&mut gone), "failed(Nothing,Disconnected)");
}

#[test]
fn a_bare_line_asks_to_be_called_back_when_it_has_delivered() {
    let mut line = line(&bare());
    line.send(5, b"AB".to_vec()).expect("taken");
    assert_eq!(line.poll_timeout(), None);
    assert!(line.poll_transmit().is_some());
    assert_eq!(line.poll_timeout(), Some(6));
    line.handle_timeout(6);
    assert_eq!(line.poll_event(), Some(LineEvent::Delivered));
    assert_eq!(line.poll_timeout(), None);
}
