//! Explanations: every field with its place and meaning, the first mistake, and never a card number.

use super::*;

fn told(layout: &Layout, bytes: &[u8], sender: Sender) -> Vec<(usize, String)> {
    layout
        .explain(bytes, sender)
        .into_iter()
        .map(|line| {
            let meaning = format!("{:?}", line.meaning);
            (
                line.offset,
                format!("{} {meaning}", line.field.unwrap_or_default()),
            )
        })
        .collect()
}

fn shipped(name: &str) -> Layout {
    Layout::shipped(name).expect("it is shipped")
}

#[test]
fn a_frame_is_told_field_by_field() {
    let layout = shipped("transbank");
    let lines = told(&layout, b"\x021200|10|\x03\x01", Sender::Console);
    let expected = [
        (0, " Frame(Start)"),
        (1, " Message(\"void\")"),
        (1, "constant Constant"),
        (6, "original_slip Value(\"10\")"),
        (9, " Frame(End)"),
        (10, " Frame(Check)"),
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for ((offset, line), (at, text)) in lines.iter().zip(expected) {
        assert_eq!((*offset, line.as_str()), (at, text));
    }
    // The text alone says the same, without the frame.
    let alone = told(&layout, b"1200|10|", Sender::Console);
    assert_eq!(alone.len(), 3);
    assert_eq!(alone[2], (5, "original_slip Value(\"10\")".into()));
}

#[test]
fn the_first_mistake_is_named_with_its_place() {
    let transbank = shipped("transbank");
    let open_cat = &*OPEN_CAT;
    for (layout, bytes, sender, at, problem) in [
        (
            &transbank,
            &b"\x021200|10|\x03\x02"[..],
            Sender::Console,
            10,
            "WrongCheck([1])",
        ),
        (
            &transbank,
            b"1200|1000000|",
            Sender::Console,
            5,
            "is too long",
        ),
        (
            &transbank,
            b"1200",
            Sender::Console,
            4,
            "has 1 bytes or fields instead of 2",
        ),
        (
            &transbank,
            b"0211|00",
            Sender::Terminal,
            0,
            "nearest is result, whose constant is `0210`",
        ),
        (&transbank, b"\x0212", Sender::Console, 0, "Broken"),
        (
            open_cat,
            b"OC152XX",
            Sender::Terminal,
            5,
            "has a value the layout does not name",
        ),
        (
            open_cat,
            b"OC1511",
            Sender::Terminal,
            5,
            "has a value the layout does not name",
        ),
    ] {
        let lines = told(layout, bytes, sender);
        assert!(
            lines
                .iter()
                .any(|(offset, line)| *offset == at && line.contains(problem)),
            "{lines:#?}"
        );
    }
}

#[test]
fn a_card_number_is_masked_wherever_it_stands() {
    let pan = "4111111111111111";
    for (name, bytes) in [
        (
            "ecr17",
            format!("123456780E00{pan}   ICCABC12321115202ACQ        000042000099"),
        ),
        // A report that nobody reads, a field too short for it, and no message at all.
        ("concert", format!("010000054001{pan:<55}3920000000042")),
        (
            "transbank",
            format!("0210|00|1|1|42|A1B2C3|1|0||{pan}|10|CR|||VI|||0|0||"),
        ),
        ("open-cat", format!("OC160{pan}")),
        ("transbank", format!("9999|{pan}")),
        ("transbank", format!("\u{2}0210|{pan}\u{3}x")),
    ] {
        let layout = shipped(name);
        for line in layout.explain(bytes.as_bytes(), Sender::Terminal) {
            let text = format!(
                "{} {:?}",
                String::from_utf8_lossy(&line.bytes),
                line.meaning
            );
            assert!(!text.contains("1111111"), "{name}: {text}");
        }
    }
    // Cut in two by a wrong layout, neither half is shown.
    let halves = "0210|00|411111111111|1111";
    let layout = shipped("transbank");
    let shown: Vec<u8> = layout
        .explain(halves.as_bytes(), Sender::Terminal)
        .into_iter()
        .flat_map(|line| line.bytes)
        .collect();
    assert!(!shown.is_empty());
}

#[test]
fn no_bytes_whatever_stop_the_explanation() {
    let bytes: Vec<u8> = (0..=255).cycle().take(600).collect();
    for name in Layout::shipped_names() {
        let layout = shipped(name);
        for start in 0..64 {
            for length in [0, 1, 2, 7, 40, 300] {
                for sender in [Sender::Console, Sender::Terminal] {
                    layout.explain(&bytes[start * 4..start * 4 + length], sender);
                }
            }
        }
    }
}
