//! What the shipped layouts do not use: tags, binary numbers, units, signs, lists in one message, Shift_JIS, messages of another shape.

use super::*;
use crate::cat::ListedTransaction;

/// A small layout around these messages.
fn layout(head: &str, messages: &str) -> Layout {
    let toml = format!(
        "name = \"small\"\ncharacter_set = \"ascii\"\n{head}\n\
         [framing]\nkind = \"basic_mode\"\nblock_text_max = 200\nmessage_max = 1000\n{messages}"
    );
    Layout::parse("small.toml", &toml).unwrap_or_else(|error| panic!("{error}\n{toml}"))
}

const SALE_AND_RESULT: &str = r#"
[[message]]
command = "sale"
fields = [{ constant = "S" }, { role = "amount", width = 8, scale = 100 }]

[[message]]
reply = "result"
given = { transaction = "sales" }
fields = [{ constant = "R" }, { role = "result", width = 1, values = { "0" = "approved" } }]
"#;

fn plain_sale(amount: i64) -> Authorize {
    Authorize {
        amount: Yen::new(amount),
        card_class: CardClass::CREDIT,
        ..authorize(TransactionType::Sales)
    }
}

fn listed(amount: i64, sequence: u32) -> ListedTransaction {
    ListedTransaction {
        sequence_number: Some(number(sequence)),
        amount: Yen::new(amount),
        facts: TerminalFacts::default(),
    }
}

#[test]
fn a_signed_number_that_zeros_fill_up_is_written_in_its_own_form() {
    for (form, below_zero, above) in [
        ("hex", &b"L-00000FF"[..], &b"L00000ABC"[..]),
        ("decimal", b"L-0000255", b"L00002748"),
    ] {
        let messages = format!(
            "{SALE_AND_RESULT}\n[[message]]\nreply = \"listed\"\nfields = [{{ constant = \"L\" }}, \
             {{ role = \"amount\", width = 8, signed = true, form = \"{form}\" }}]\n\
             [[message]]\nreply = \"list_end\"\nfields = [{{ constant = \"E\" }}]\n\
             [[message]]\ncommand = \"transactions\"\nfields = [{{ constant = \"T\" }}]\n"
        );
        let layout = layout("shape = \"fixed\"", &messages);
        for (amount, text) in [(-255, below_zero), (2_748, above)] {
            let reply = Reply::Listed(ListedTransaction {
                sequence_number: None,
                ..listed(amount, 1)
            });
            assert_eq!(layout.encode_reply(&reply).as_deref(), Ok(text), "{form}");
            assert_eq!(layout.decode_reply(text), Ok(reply), "{form}");
        }
    }
}

#[test]
fn an_amount_may_count_smaller_units() {
    let layout = layout("shape = \"fixed\"", SALE_AND_RESULT);
    let text = layout.encode_command(&Command::Authorize(plain_sale(54)), at());
    assert_eq!(text, Ok(b"S00005400".to_vec()));
    let heard = layout.hear(b"S00005400", number(9)).expect("heard");
    let Command::Authorize(ask) = heard.command else {
        panic!("a sale");
    };
    assert_eq!(ask.amount, Yen::new(54));
    // Half a yen is none, and a yen too many does not fit.
    assert!(layout.hear(b"S00005450", number(9)).is_err());
    let wide = Command::Authorize(plain_sale(1_000_000));
    assert!(layout.encode_command(&wide, at()).is_err());
    let huge = Command::Authorize(plain_sale(i64::MAX));
    assert!(layout.encode_command(&huge, at()).is_err());
}

#[test]
fn a_list_may_stand_in_one_message() {
    for (head, record, text) in [
        (
            "shape = \"fixed\"",
            "{ role = \"sequence_number\", width = 6 }, { role = \"amount\", width = 6, signed = true }",
            "L02000041005400000042-00540",
        ),
        (
            "shape = \"separated\"\nseparator = \";\"",
            "{ role = \"sequence_number\", width = 6 }, { role = \"amount\", width = 6, signed = true }",
            "L;2;41;5400;42;-540",
        ),
    ] {
        let layout = layout(
            head,
            &format!(
                "{SALE_AND_RESULT}\n[[message]]\nreply = \"transactions\"\nfields = [{{ constant = \"L\" }}, {{ role = \"record_count\", width = 2 }}]\nrecord = [{record}]\n"
            ),
        );
        let list = answer(Answer::Transactions {
            records: vec![listed(5_400, 41), listed(-540, 42)],
        });
        let encoded = layout.encode_reply(&list).expect("encodes");
        assert_eq!(String::from_utf8_lossy(&encoded), text);
        assert_eq!(layout.decode_reply(text.as_bytes()), Ok(list));
        // A record too few, and half a record.
        let cut = text.replace("42-00540", "").replace(";42;-540", "");
        assert!(layout.decode_reply(cut.as_bytes()).is_err());
        assert!(
            layout
                .decode_reply(&text.as_bytes()[..text.len() - 4])
                .is_err()
        );
        let empty = answer(Answer::Transactions { records: vec![] });
        let encoded = layout.encode_reply(&empty).expect("encodes");
        assert_eq!(layout.decode_reply(&encoded), Ok(empty));
    }
}

#[test]
fn tags_stand_in_any_order_and_unknown_ones_are_read_over() {
    let layout = layout(
        "shape = \"tlv\"\ntlv = { tag_width = 2, length_width = 3, length_form = \"decimal\" }",
        r#"
[[message]]
command = "sale"
fields = [
  { constant = "1", tag = "KD" },
  { role = "amount", tag = "CB", width = 8 },
  { role = "device_id", tag = "CA", width = 8, required = false },
  { role = "mode", tag = "CD", width = 1, required = false, values = { "1" = "training" } },
]

[[message]]
reply = "result"
given = { transaction = "sales" }
fields = [
  { constant = "2", tag = "KD" },
  { role = "result", tag = "AE", width = 2, values = { "10" = "approved", "01" = "center_error" } },
]
"#,
    );
    let command = |device: Option<&str>| {
        Command::Authorize(Authorize {
            device_id: device.map(str::to_owned),
            training: true,
            ..plain_sale(5_400)
        })
    };
    for (device, text) in [
        (Some("7"), "KD0011CB0045400CA0017CD0011"),
        (None, "KD0011CB0045400CD0011"),
    ] {
        let encoded = layout.encode_command(&command(device), at());
        assert_eq!(
            encoded.map(|text| String::from_utf8_lossy(&text).into_owned()),
            Ok(text.to_owned())
        );
        let heard = layout.hear(text.as_bytes(), number(42)).expect("heard");
        assert_eq!(heard.command, command(device));
    }
    for text in [
        "CD0011CB0045400KD0011",
        "ZZ003abcKD0011CB00800005400CD0011XY000",
    ] {
        let heard = layout.hear(text.as_bytes(), number(42)).expect(text);
        assert_eq!(heard.command, command(None));
    }
    for text in [
        "KD0011CD0011",
        "KD0011CB0045400CB0045400",
        "KD0011CB0055400",
        "KD0011CB00A5400",
        "KD0011CB00",
        "KD0011CB009000005400",
        "KD0013CB0045400",
        "CB0045400",
        "",
    ] {
        assert!(layout.hear(text.as_bytes(), number(42)).is_err(), "{text}");
    }
    assert!(matches!(
        layout.decode_reply(b"KD0012AE00210"),
        Ok(Reply::Answer(Answer::Result(_)))
    ));
}

#[test]
fn a_binary_number_that_looks_like_a_space_is_a_number() {
    let layout = layout(
        "shape = \"fixed\"",
        r#"
[[message]]
command = "sale"
fields = [
  { constant_hex = "A1 01" },
  { role = "amount", width = 4, form = "little_endian" },
  { role = "sequence_number", width = 3, form = "big_endian" },
  { role = "tax_others", width = 2, form = "hex", required = false },
]

[[message]]
reply = "result"
given = { transaction = "sales" }
fields = [{ constant_hex = "A2" }, { role = "result", width = 1, values = { "0" = "approved" } }]
"#,
    );
    let command = Command::Authorize(Authorize {
        sequence_number: number(0x20_20),
        tax_others: Yen::new(0x2A),
        ..plain_sale(0x2020_2020)
    });
    let text = layout.encode_command(&command, at()).expect("encodes");
    assert_eq!(text, b"\xA1\x01    \x00  2A");
    assert_eq!(layout.decode_command(&text), Ok(command));
    // Number 0 is none of ours.
    assert!(
        layout
            .decode_command(b"\xA1\x01    \x00\x00\x002A")
            .is_err()
    );
}

#[test]
fn a_bar_inside_a_character_parts_nothing() {
    let toml = format!(
        "name = \"sjis\"\ncharacter_set = \"shift_jis\"\nshape = \"separated\"\nseparator = \"|\"\n\
         [framing]\nkind = \"basic_mode\"\nblock_text_max = 200\nmessage_max = 1000\n{}",
        r#"
[[message]]
command = "sale"
fields = [{ constant = "S" }, { role = "amount", width = 8 }]

[[message]]
reply = "result"
given = { transaction = "sales" }
fields = [
  { constant = "R" },
  { role = "result", width = 1, values = { "0" = "approved" } },
  { role = "card_company", width = 20, required = false },
  { role = "slip_number", width = 6, required = false },
]
"#
    );
    let layout = Layout::parse("sjis.toml", &toml).expect("parses");
    let reply = answer(Answer::Result(TransactionResult {
        sequence_number: None,
        amount: None,
        training: None,
        facts: TerminalFacts {
            card_company: Some("ポスト銀行".into()),
            slip_number: TerminalSlipNumber::new("12").ok(),
            ..TerminalFacts::default()
        },
        ..approved()
    }));
    let text = layout.encode_reply(&reply).expect("encodes");
    assert_eq!(text.iter().filter(|byte| **byte == b'|').count(), 4);
    assert_eq!(layout.decode_reply(&text), Ok(reply));
    // ﾎﾟｽﾄ in half width reads as ポスト.
    let half = [b"R|0|", &[0xCE, 0xDF, 0xBD, 0xC4][..], b"|12"].concat();
    let Ok(Reply::Answer(Answer::Result(result))) = layout.decode_reply(&half) else {
        panic!("a result");
    };
    assert_eq!(result.facts.card_company.as_deref(), Some("ポスト"));
}

#[test]
fn a_message_may_have_a_shape_of_its_own() {
    let layout = layout(
        "shape = \"fixed\"",
        &format!(
            "{SALE_AND_RESULT}\n{}",
            r#"
[[message]]
reply = "daily_log"
shape = "separated"
separator = "\u001C"
trailing_separator = "accepted"
fields = [{ constant = "T" }, { role = "log_count", width = 4 }, { role = "log_total", width = 9 }]
"#
        ),
    );
    for text in [&b"T\x1C3\x1C29700"[..], b"T\x1C0003\x1C29700\x1C"] {
        let Ok(Reply::Answer(Answer::DailyLog { totals, .. })) = layout.decode_reply(text) else {
            panic!("a log");
        };
        assert_eq!(totals.map(|totals| totals.count), Some(3));
    }
    assert!(layout.decode_reply(b"T\x1C3\x1C29700\x1C\x1C").is_err());
}
