//! What scanners put around a code, and what people type meanwhile.

use super::*;
use crate::domain::barcode::framing::Suffix;

#[test]
fn a_scan_comes_whole_with_whatever_the_scanner_puts_around_it() {
    let with = |suffix, prefix: &str, chars_min| Framing {
        suffix,
        prefix: prefix.to_owned(),
        chars_min,
        ..Framing::typed(GAP_MS)
    };
    let scan = |code: &str| Input::Scan(code.to_owned());
    let key = |key| {
        let bytes = match key {
            Key::F(9) => b"\x1b[20~".to_vec(),
            Key::Enter => b"\r".to_vec(),
            _ => vec![b'7'],
        };
        Input::Key(KeyPress { key, bytes })
    };
    let rows: &[(&str, Framing, &[Read], Vec<Input>)] = &[
        (
            "no end: the pause is one",
            with(Suffix::None, "", 8),
            &[(b"49123456", 0)],
            vec![scan("49123456")],
        ),
        (
            "no end, in two reads",
            with(Suffix::None, "", 8),
            &[(b"4912", 0), (b"3456", 30), (b"7", 100)],
            vec![scan("49123456"), key(Key::Char('7'))],
        ),
        (
            "a prefix, and a key typed just before",
            with(Suffix::Any, "~", 4),
            &[(b"7~1234\r", 0)],
            vec![key(Key::Char('7')), scan("1234")],
        ),
        (
            "a control character as prefix",
            with(Suffix::Tab, "\u{2}", 4),
            &[(b"\x021234\t", 0)],
            vec![scan("1234")],
        ),
        (
            "an input method left on",
            with(Suffix::Cr, "", 8),
            &[("４９１２３４５６\r".as_bytes(), 0)],
            vec![scan("49123456")],
        ),
        (
            "a key in the middle was pressed before the code was whole",
            with(Suffix::Any, "", 8),
            &[(b"491234\x1b[20~56\r", 0)],
            vec![key(Key::F(9)), scan("49123456")],
        ),
        (
            "the end is lost or late",
            with(Suffix::Any, "", 8),
            &[(b"4901234567894", 0), (b"\r", 200)],
            vec![scan("4901234567894"), key(Key::Enter)],
        ),
    ];
    for (name, framing, reads, expected) in rows {
        let decoder = Decoder::new(BTreeMap::new(), framing.clone());
        assert_eq!(&decoded_with(decoder, reads), expected, "{name}");
    }
}

#[test]
fn without_the_prefix_nothing_is_a_scan() {
    let framing = Framing {
        prefix: "~".to_owned(),
        ..Framing::typed(GAP_MS)
    };
    let decoder = Decoder::new(BTreeMap::new(), framing);
    let inputs = decoded_with(decoder, &[(b"49012345678\r", 0)]);
    assert_eq!(
        keys(&inputs),
        [typed("49012345678"), vec![Key::Enter]].concat()
    );
}

#[test]
fn fast_fingers_are_no_scanner() {
    // 40 ms between keys is the fastest of typists; ten keys rolled over within the gap still want their Enter within it.
    let mut reads: Vec<Read> = (0..10).map(|n| (&b"1"[..], n * 40)).collect();
    reads.push((b"\r", 400));
    assert_eq!(
        keys(&decoded(&reads)),
        [typed("1111111111"), vec![Key::Enter]].concat()
    );
    let rolled: Vec<Read> = (0..6).map(|n| (&b"3"[..], n * 10)).collect();
    assert_eq!(keys(&decoded(&rolled)), typed("333333"));
}
