//! What terminals were seen to send, fed whole, byte by byte, and cut at every place.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::barcode::framing::GAP_MS;
use crate::domain::text::is_unsafe;

#[path = "scan_tests.rs"]
mod scans;

/// What one read gave, and when.
type Read<'a> = (&'a [u8], u64);

fn decoder() -> Decoder {
    Decoder::new(BTreeMap::new(), Framing::typed(GAP_MS))
}

/// Everything that comes of some reads at some times, and of the silence after them.
fn decoded_with(mut decoder: Decoder, reads: &[Read]) -> Vec<Input> {
    let mut out = Vec::new();
    for (bytes, at) in reads {
        out.extend(decoder.feed(bytes, *at));
    }
    while let Some(deadline) = decoder.deadline() {
        out.extend(decoder.expire(deadline));
    }
    out
}

fn decoded(reads: &[Read]) -> Vec<Input> {
    decoded_with(decoder(), reads)
}

fn keys(inputs: &[Input]) -> Vec<Key> {
    inputs
        .iter()
        .map(|input| match input {
            Input::Key(press) => press.key,
            other => panic!("not a key: {other:?}"),
        })
        .collect()
}

fn typed(text: &str) -> Vec<Key> {
    text.chars().map(Key::Char).collect()
}

/// Whole, at every split, and byte by byte with pauses of 20 ms.
fn every_way(bytes: &[u8]) -> Vec<Vec<Input>> {
    let mut ways = vec![decoded(&[(bytes, 0)])];
    for at in 1..bytes.len() {
        ways.push(decoded(&[(&bytes[..at], 0), (&bytes[at..], 20)]));
    }
    let single: Vec<Read> = bytes.chunks(1).zip((0..).step_by(20)).collect();
    ways.push(decoded(&single));
    ways
}

/// A key, and what terminals send for it.
const SPELLINGS: &[(&str, &[&str], Key)] = &[
    (
        "F1",
        &["\x1bOP", "\x1b[11~", "\x1b[[A", "\x1b[P", "\x1b[M"],
        Key::F(1),
    ),
    (
        "F2",
        &["\x1bOQ", "\x1b[12~", "\x1b[[B", "\x1b[Q", "\x1b[N"],
        Key::F(2),
    ),
    (
        "F3",
        &["\x1bOR", "\x1b[13~", "\x1b[[C", "\x1b[O"],
        Key::F(3),
    ),
    (
        "F4",
        &["\x1bOS", "\x1b[14~", "\x1b[[D", "\x1b[S"],
        Key::F(4),
    ),
    ("F5", &["\x1b[15~", "\x1b[[E", "\x1bOT"], Key::F(5)),
    ("F6", &["\x1b[17~", "\x1bOU"], Key::F(6)),
    ("F7", &["\x1b[18~", "\x1bOV"], Key::F(7)),
    ("F8", &["\x1b[19~", "\x1bOW", "\x1b[T"], Key::F(8)),
    ("F9", &["\x1b[20~", "\x1bOX", "\x1b[U"], Key::F(9)),
    ("F10", &["\x1b[21~", "\x1bOY", "\x1b[V"], Key::F(10)),
    ("F11", &["\x1b[23~", "\x1bOZ", "\x1b[W"], Key::F(11)),
    ("F12", &["\x1b[24~", "\x1bO[", "\x1b[X"], Key::F(12)),
    (
        "Up",
        &["\x1b[A", "\x1bOA", "\x1b[1;5A", "\x1b[a", "\x1b\x1b[A"],
        Key::Up,
    ),
    ("Down", &["\x1b[B", "\x1bOB"], Key::Down),
    ("Right", &["\x1b[C", "\x1bOC", "\x1b[c"], Key::Right),
    ("Left", &["\x1b[D", "\x1bOD", "\x1b[1;2D"], Key::Left),
    (
        "Home",
        &["\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~", "\x1b[7$"],
        Key::Home,
    ),
    (
        "End",
        &["\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~", "\x1b[8^"],
        Key::End,
    ),
    ("PageUp", &["\x1b[5~", "\x1b[I", "\x1b[5;5~"], Key::PageUp),
    ("PageDown", &["\x1b[6~", "\x1b[G"], Key::PageDown),
    ("Delete", &["\x1b[3~", "\x1b[3;2~"], Key::Delete),
    ("Backspace", &["\x08", "\x7f"], Key::Backspace),
    ("Enter", &["\r", "\n", "\r\n", "\r\0", "\x1bOM"], Key::Enter),
    ("Tab", &["\t", "\x1bOI"], Key::Tab),
    ("BackTab", &["\x1b[Z"], Key::BackTab),
    ("Esc", &["\x1b", "\x1b\x1b"], Key::Esc),
    ("Ctrl-C", &["\x03"], Key::Ctrl('c')),
    ("keypad 1", &["\x1bOq"], Key::Char('1')),
    ("keypad -", &["\x1bOm"], Key::Char('-')),
    ("Alt-1 to Alt-=", &["\x1b1"], Key::F(1)),
    ("Alt-0", &["\x1b0"], Key::F(10)),
    ("Alt--", &["\x1b-"], Key::F(11)),
    ("Alt-=", &["\x1b="], Key::F(12)),
    ("鍵", &["鍵"], Key::Char('鍵')),
    ("か and a voiced mark", &["か\u{3099}"], Key::Char('が')),
    ("half-width ﾊ and a mark", &["ﾊﾟ"], Key::Char('パ')),
    ("full-width 3", &["３"], Key::Char('３')),
    ("①", &["①"], Key::Char('①')),
];

#[test]
fn every_terminals_keys_are_the_keys_however_their_bytes_are_cut() {
    for (name, spellings, key) in SPELLINGS {
        for spelling in *spellings {
            for way in every_way(spelling.as_bytes()) {
                assert_eq!(keys(&way), [*key], "{name} {spelling:?}");
            }
        }
    }
}

#[test]
fn what_means_nothing_is_unknown_with_its_bytes_and_never_esc() {
    for bytes in [
        "\x1b[1;2R",
        "\x1b[1;2P",
        "\x1b[25~",
        "\x1b[15;2~",
        "\x1b[23$",
        "\x1b[2~",
        "\x1b[R",
        "\x1bOE",
        "\x1bx",
        "\x1b\r",
        "\x1b]",
        "\x1bあ",
        "\x1b[27;5;9~",
        "\x1b[97;5u",
        "\x1b\x1b[11~",
        "\0",
        "\x1c",
    ] {
        let press = KeyPress {
            key: Key::Unknown,
            bytes: bytes.as_bytes().to_vec(),
        };
        let expected = [Input::Key(press)];
        for way in every_way(bytes.as_bytes()) {
            assert_eq!(way, expected, "{bytes:?}");
        }
    }
}

#[test]
fn late_answers_are_never_typed() {
    for answer in [
        "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
        "\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
        "\x1b[?62;22c",
        "\x1b[>0;276;0c",
        "\x1b[?2026;2$y",
        "\x1b[8;24;80t",
        "\x1b[0n",
        "\x1b[<0;10;5M",
        "\x1bP1$r0m\x1b\\",
        "\x1bP>|tmux 3.3a\x1b\\",
        "\x1b_Gi=1;OK\x1b\\",
        "\x1b[201~",
    ] {
        for way in every_way(answer.as_bytes()) {
            assert_eq!(way, [], "{answer:?}");
        }
    }
}

#[test]
fn a_cursor_report_is_swallowed_once_where_one_was_asked_for() {
    let mut asked = decoder();
    asked.expect_cursor_report();
    let inputs = decoded_with(asked, &[(b"\x1b[1;2R", 0), (b"\x1b[1;2R", 500)]);
    assert_eq!(keys(&inputs), [Key::Unknown]);

    let mut fenced = decoder();
    fenced.expect_cursor_report();
    let inputs = decoded_with(fenced, &[(b"\x1b[?6c\x1b[1;2R", 0)]);
    assert_eq!(
        keys(&inputs),
        [Key::Unknown],
        "the fence came: no report will"
    );
}

#[test]
fn the_late_rest_of_a_cut_arrow_is_an_arrow() {
    let inputs = decoded(&[(b"\x1b", 0), (b"[A", 120)]);
    assert_eq!(keys(&inputs), [Key::Esc, Key::Up]);
    let inputs = decoded(&[(b"\x1b", 0), (b"]11;rgb:0/0/0\x07", 120)]);
    assert_eq!(keys(&inputs), [Key::Esc]);
    for cut in [
        &[(&b"\x1b"[..], 0), (b"[", 60), (b"A", 120)][..],
        &[(b"\x1b", 0), (b"[1", 60), (b";2", 120), (b"A", 180)],
    ] {
        let found = decoded(cut);
        assert!(
            !keys(&found).iter().any(|key| matches!(key, Key::Char(_))),
            "{cut:?} {found:?}"
        );
    }
    let typed_later = decoded(&[(b"\x1b", 0), (b"[A", 900)]);
    assert_eq!(keys(&typed_later), [vec![Key::Esc], typed("[A")].concat());
}

#[test]
fn an_alt_letter_that_looks_like_an_answer_does_not_swallow_what_is_typed_after_it() {
    let inputs = decoded(&[(b"\x1b]", 0), (b"5", 100), (b"\r", 300)]);
    // The digit makes it an answer that never ends; Enter shows that it was none.
    assert_eq!(keys(&inputs), [Key::Enter]);
    let inputs = decoded(&[(b"\x1bP", 0), (b"a", 100)]);
    assert_eq!(keys(&inputs), [Key::Unknown, Key::Char('a')]);
    let silent = decoded(&[(b"\x1b]1", 0), (b"7", 400)]);
    assert_eq!(keys(&silent), [Key::Char('7')]);
}

#[test]
fn esc_and_a_digit_apart_are_two_keys_for_the_console_to_join() {
    let inputs = decoded(&[(b"\x1b", 0), (b"1", 200)]);
    assert_eq!(keys(&inputs), [Key::Esc, Key::Char('1')]);
}

#[test]
fn a_burst_with_its_enter_is_one_scan() {
    for end in ["\r", "\n", "\t", "\r\n"] {
        let burst = format!("4901234567894{end}");
        for way in every_way(burst.as_bytes()) {
            assert_eq!(way, [Input::Scan("4901234567894".into())], "{end:?}");
        }
    }
    let two = decoded(&[(b"ABCDEFGH\r12345678\r", 0)]);
    assert_eq!(
        two,
        [
            Input::Scan("ABCDEFGH".into()),
            Input::Scan("12345678".into())
        ]
    );
}

#[test]
fn what_is_no_scan_is_typed() {
    let rows: &[(&str, &[Read], &str)] = &[
        ("too short", &[(b"1234567\r", 0)], "1234567\r"),
        ("a pause", &[(b"1234", 0), (b"5678\r", 31)], "12345678\r"),
        ("no Enter", &[(b"49012345678", 0)], "49012345678"),
        (
            "a late Enter",
            &[(b"49012345678", 0), (b"\r", 31)],
            "49012345678\r",
        ),
        (
            "a key held down",
            &[(b"77777777777777", 0)],
            "77777777777777",
        ),
        (
            "full-width",
            &[("１２３４５６\r".as_bytes(), 0)],
            "１２３４５６\r",
        ),
        (
            "a committed phrase",
            &[("診断書料金です\r".as_bytes(), 0)],
            "診断書料金です\r",
        ),
        ("mixed", &[("円123456\r".as_bytes(), 0)], "円123456\r"),
        (
            "an answer between",
            &[(b"1234567\x1b[?6c8\r", 0)],
            "12345678\r",
        ),
    ];
    for (name, reads, expected) in rows {
        let expected: Vec<Key> = expected
            .chars()
            .map(|c| if c == '\r' { Key::Enter } else { Key::Char(c) })
            .collect();
        assert_eq!(keys(&decoded(reads)), expected, "{name}");
    }
    let long = [vec![b'7'; 10_000], b"\r".to_vec()].concat();
    assert_eq!(
        keys(&decoded(&[(&long, 0)])).len(),
        10_001,
        "longer than any scan"
    );
}

#[test]
fn without_a_gap_nothing_is_held_and_only_one_read_is_a_scan() {
    let mut decoder = Decoder::new(BTreeMap::new(), Framing::typed(0));
    assert_eq!(keys(&decoder.feed(b"5", 0)), [Key::Char('5')]);
    assert_eq!(decoder.deadline(), None);
    assert_eq!(
        decoder.feed(b"12345678\r", 1),
        [Input::Scan("12345678".into())]
    );
}

#[test]
fn keys_are_in_order_and_only_text_is_held() {
    let mut decoder = decoder();
    assert_eq!(
        keys(&decoder.feed(b"12\x1b[A3", 0)),
        [typed("12"), vec![Key::Up]].concat()
    );
    assert_eq!(decoder.deadline(), Some(GAP_MS));
    assert_eq!(decoder.expire(GAP_MS - 1), []);
    assert_eq!(keys(&decoder.expire(GAP_MS)), typed("3"));
    assert_eq!(
        keys(&decoder.feed("漢".as_bytes(), 100)),
        typed("漢"),
        "no scan, no mark: at once"
    );
}

#[test]
fn another_encoding_is_told_once_and_types_nothing() {
    let shift_jis_shindansho = b"\x90\x66\x92\x66\x8f\x91\x83\x5c";
    let euc_shindansho = b"\xbf\xc7\xc3\xc7\xbd\xf1";
    let jis_nihon = b"\x1b$BF|K\\\x1b(B";
    for bytes in [
        &shift_jis_shindansho[..],
        &euc_shindansho[..],
        &jis_nihon[..],
    ] {
        let single: Vec<Read> = bytes.chunks(1).map(|byte| (byte, 0)).collect();
        assert_eq!(decoded(&single), [Input::NotUtf8], "{bytes:x?}");
        assert_eq!(decoded(&[(bytes, 0)]), [Input::NotUtf8], "{bytes:x?}");
    }
    let twice = decoded(&[(b"\x90\x66", 0), (b"\x90\x66", 5_000), (b"a", 6_000)]);
    assert_eq!(twice[..2], [Input::NotUtf8, Input::NotUtf8]);
    assert_eq!(keys(&twice[2..]), typed("a"));
}

#[test]
fn a_paste_is_one_event_without_controls_and_commits_nothing() {
    let rows: &[(&[u8], &str)] = &[
        (b"3430\r\n", "3430"),
        (b"a\tb\nc\r", "a b c"),
        (b"\x1b[31mred\x1b]0;x\x07", "[31mred]0;x"),
        (b"x\x1b[20y\x1b[201z", "x[20y[201z"),
        ("ﾔﾏﾀﾞ か\u{3099} １\u{202e}".as_bytes(), "ヤマダ が １"),
    ];
    for (inside, expected) in rows {
        let bytes = [b"\x1b[200~", *inside, PASTE_END].concat();
        for way in every_way(&bytes) {
            assert_eq!(way, [Input::Paste((*expected).into())], "{expected}");
        }
    }
    assert_eq!(decoded(&[(b"\x1b[200~\r\n\x1b[201~", 0)]), []);
    assert_eq!(
        decoded(&[(b"\x1b[200~\x90\x66\x1b[201~", 0)]),
        [Input::NotUtf8]
    );
    assert_eq!(
        decoded(&[(b"\x1b[200~half", 0)]),
        [Input::Paste("half".into())],
        "an end that never comes is not waited for"
    );
}

#[test]
fn a_paste_has_a_limit() {
    let mut decoder = decoder();
    decoder.feed(b"\x1b[200~", 0);
    for _ in 0..100 {
        decoder.feed("あ".repeat(5_000).as_bytes(), 1);
    }
    let inputs = decoder.feed(PASTE_END, 2);
    let [Input::Paste(text)] = inputs.as_slice() else {
        panic!("{inputs:?}");
    };
    assert_eq!(text.len(), PASTE_BYTES_MAX / 3 * 3);
}

#[test]
fn the_shops_own_mapping_wins_by_the_longest_match() {
    let custom = BTreeMap::from([
        (b"\x1b[P".to_vec(), Key::F(4)),
        (b"\x1b[25~".to_vec(), Key::F(11)),
        (b"\x1b[25~x".to_vec(), Key::F(12)),
        (b"\x01".to_vec(), Key::F(1)),
        (b"1".to_vec(), Key::F(2)),
        (b"\r".to_vec(), Key::F(3)),
        (b"\x1b".to_vec(), Key::F(5)),
    ]);
    let decoder = || Decoder::new(custom.clone(), Framing::typed(GAP_MS));
    for (bytes, expected) in [
        (&b"\x1b[P"[..], Key::F(4)),
        (b"\x1b[25~", Key::F(11)),
        (b"\x1b[25~x", Key::F(12)),
        (b"\x01", Key::F(1)),
        (b"1", Key::Char('1')),
        (b"\r", Key::Enter),
        (b"\x1b", Key::Esc),
        (b"\x1b[A", Key::Up),
    ] {
        let single: Vec<Read> = bytes.chunks(1).map(|byte| (byte, 0)).collect();
        for reads in [vec![(bytes, 0)], single] {
            assert_eq!(
                keys(&decoded_with(decoder(), &reads)),
                [expected],
                "{bytes:x?}"
            );
        }
    }
}

#[test]
fn presses_carry_what_came() {
    let inputs = decoded(&[("か\u{3099}\x1b[11~".as_bytes(), 0)]);
    let bytes: Vec<&[u8]> = inputs
        .iter()
        .map(|input| match input {
            Input::Key(press) => press.bytes.as_slice(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(bytes, ["か\u{3099}".as_bytes(), b"\x1b[11~"]);
    let long = format!("\x1b[{}~A", "1".repeat(1_000));
    let inputs = decoded(&[(long.as_bytes(), 0)]);
    assert_eq!(keys(&inputs), [Key::Unknown, Key::Char('A')]);
    let Input::Key(press) = &inputs[0] else {
        panic!("{inputs:?}");
    };
    assert_eq!(press.bytes.len(), KEY_BYTES_MAX);
}

proptest! {
    #[test]
    fn any_bytes_in_any_reads_are_survived_within_bounds(
        reads in prop::collection::vec(
            (prop::collection::vec(prop_oneof![
                any::<u8>(),
                prop::sample::select(b"\x1b[]O;?$0129~RMP\r\n".to_vec()),
            ], 0..40), 0_u64..400),
            0..20,
        ),
    ) {
        let mut decoder = decoder();
        let mut now = 0;
        for (bytes, pause) in &reads {
            now += pause;
            let inputs = decoder.feed(bytes, now);
            prop_assert!(decoder.pending.len() <= 80);
            for input in &inputs {
                if let Input::Key(KeyPress { key: Key::Char(c), .. }) = input {
                    prop_assert!(!is_unsafe(*c));
                }
            }
        }
        let mut steps = 0;
        while let Some(deadline) = decoder.deadline() {
            decoder.expire(deadline);
            steps += 1;
            prop_assert!(steps < 10, "something is held for ever");
        }
    }

    #[test]
    fn every_printable_character_fed_alone_comes_out_once(c in any::<char>()) {
        prop_assume!(!is_unsafe(c));
        let text = c.to_string();
        let expected: Vec<Key> = even(&text).chars().map(Key::Char).collect();
        prop_assert!(!expected.is_empty());
        let single: Vec<Read> = text.as_bytes().chunks(1).map(|byte| (byte, 0)).collect();
        prop_assert_eq!(keys(&decoded(&single)), expected);
    }

    #[test]
    fn ascii_text_in_any_reads_is_typed_or_scanned_whole(
        text in "[ -~]{1,40}",
        cuts in prop::collection::vec(0_usize..40, 0..6),
    ) {
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let reads: Vec<Read> = cuts
            .windows(2)
            .zip((0..).step_by(25))
            .map(|(cut, at)| (&text.as_bytes()[cut[0]..cut[1]], at))
            .collect();
        prop_assert_eq!(keys(&decoded(&reads)), typed(&text));
    }
}
