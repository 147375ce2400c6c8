//! Layout files: what is refused and with which words, and the other shapes a file may describe.

use super::*;

/// A small layout whose fields a separator parts.
const SEPARATED: &str = r#"name = "bars"
character_set = "ascii"
shape = "separated"
separator = "|"

[framing]
kind = "basic_mode"
block_text_max = 240
message_max = 1000

[[message]]
command = "sale"
fields = [
  { constant = "0200" },
  { role = "amount", width = 9 },
  { role = "sequence_number", width = 6 },
  { role = "card_class", width = 1, values = { C = "3", D = "2" } },
]

[[message]]
reply = "result"
fields = [
  { constant = "0210" },
  { role = "transaction", width = 1, values = { S = "sales" } },
  { role = "result", width = 2, values = { "00" = "approved", "93" = "center_error" } },
  { role = "approval_code", width = 6, required = false },
  { role = "time", width = 16, required = false, format = "%d/%m/%Y %H:%M" },
]

[[message]]
reply = "daily_log"
fields = [
  { constant = "0261" },
  { role = "sequence_number", width = 6 },
  { role = "log", rest = true },
]
"#;

#[test]
fn a_time_without_seconds_is_not_a_whole_time() {
    let error = Layout::parse("bars.toml", SEPARATED).expect_err("refused");
    assert!(error.problem.contains("whole date and time"), "{error}");
}

fn bars() -> String {
    SEPARATED
        .replace("%H:%M\"", "%H:%M:%S\"")
        .replace("width = 16", "width = 19")
}

#[test]
fn fields_may_be_parted_by_a_separator() {
    let layout = Layout::parse("bars.toml", &bars()).expect("parses");
    let sale = Authorize {
        card_class: CardClass::CREDIT,
        ..authorize(TransactionType::Sales)
    };
    let text = layout
        .encode_command(&Command::Authorize(sale.clone()), at())
        .expect("encodes");
    assert_eq!(String::from_utf8_lossy(&text), "0200|3430|42|C");
    assert_eq!(
        layout.decode_command(&text),
        Ok(Command::Authorize(sale.clone()))
    );
    let text = b"0210|S|00|A1B2C3|21/11/2026 14:32:07";
    let Ok(Reply::Answer(Answer::Result(result))) = layout.decode_reply(text) else {
        panic!("a result");
    };
    assert_eq!(result.facts.at, Some(at()));
    assert_eq!(result.sequence_number, None);
    assert_eq!(
        layout.encode_reply(&answer(Answer::Result(result))),
        Ok(text.to_vec())
    );
    assert_eq!(
        layout.decode_reply(b"0261|7|a|b"),
        Ok(answer(Answer::DailyLog {
            sequence_number: Some(number(7)),
            totals: None,
            log: "a|b".into()
        }))
    );
    for text in [
        "0210|S|00|A1B2C3",
        "0210|S|00|A1B2C3||",
        "0210|S|01||",
        "0210||00||",
        "0210|S|00|A1B2C3D|",
        "0211|S|00||",
        "",
    ] {
        assert!(layout.decode_reply(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn what_a_layout_cannot_say_is_not_sent() {
    let layout = Layout::parse("bars.toml", &bars()).expect("parses");
    let sale = || Authorize {
        card_class: CardClass::CREDIT,
        ..authorize(TransactionType::Sales)
    };
    for (command, reason) in [
        (
            Command::Authorize(Authorize {
                training: true,
                ..sale()
            }),
            "the layout has no field for mode",
        ),
        (
            Command::Authorize(Authorize {
                tax_others: Yen::new(1),
                ..sale()
            }),
            "the layout has no field for tax_others",
        ),
        (
            Command::Authorize(Authorize {
                original_slip: TerminalSlipNumber::new("1").ok(),
                ..sale()
            }),
            "the layout has no field for original_slip",
        ),
        (
            Command::Authorize(Authorize {
                card_class: CardClass(30),
                ..sale()
            }),
            "card_class has no wire text for 30",
        ),
        (
            Command::Authorize(authorize(TransactionType::Void)),
            "the layout has no void message",
        ),
        (Command::Status, "the layout has no status command message"),
    ] {
        let error = layout.encode_command(&command, at()).expect_err(reason);
        assert_eq!(error.to_string(), reason);
    }
    // A device id merely helps; a master that sets one for a terminal that takes none is only warned.
    let with_device = Command::Authorize(Authorize {
        device_id: Some("1".into()),
        ..sale()
    });
    assert!(layout.encode_command(&with_device, at()).is_ok());
}

#[test]
fn a_file_that_cannot_work_is_refused_with_line_and_remedy() {
    let good = include_str!("../../../../../assets/layouts/open-cat.toml");
    // What is changed, to what, a part of the line that must be named, of the problem, and of the remedy.
    for (from, to, line, problem, remedy) in [
        (
            "shape =",
            "shap =",
            "shap =",
            "unknown field",
            "docs/layouts.md",
        ),
        (
            "\"fixed\"",
            "\"round\"",
            "\"round\"",
            "unknown variant",
            "correct",
        ),
        (
            "\"ascii\"",
            "\"ebcdic\"",
            "\"ebcdic\"",
            "unknown variant",
            "correct",
        ),
        (
            "\"basic_mode\"",
            "\"smoke\"",
            "\"smoke\"",
            "unknown variant",
            "correct",
        ),
        (
            "\"open-cat\"",
            "\"Open Cat\"",
            "\"Open Cat\"",
            "no name",
            "hyphens",
        ),
        (
            "shape = \"fixed\"",
            "shape = \"separated\"",
            "shape",
            "separator is missing",
            "add separator",
        ),
        (
            "shape = \"fixed\"",
            "shape = \"fixed\"\nseparator = \"|\"",
            "separator",
            "no separator",
            "remove",
        ),
        (
            "= 128",
            "= 1",
            "block_text_max",
            "1 is not within 2",
            "bounds",
        ),
        ("= 65536", "= 0", "message_max", "0 is not within", "bounds"),
        (
            "= 65536",
            "= 9999999",
            "message_max",
            "not within",
            "bounds",
        ),
        (
            "command = \"status\"",
            "command = \"statuss\"",
            "statuss",
            "unknown variant",
            "correct",
        ),
        (
            "command = \"void\"",
            "command = \"sale\"",
            "[[message]]",
            "two sale messages",
            "keep one",
        ),
        (
            "command = \"void\"",
            "",
            "[[message]]",
            "either a command or a reply",
            "one of the keys",
        ),
        (
            "command = \"sale\"",
            "",
            "[[message]]",
            "either a command or a reply",
            "one of the keys",
        ),
        (
            "{ constant = \"20\" }",
            "{ constant = \"10\" }",
            "[[message]]",
            "cannot be told apart",
            "constant of its own",
        ),
        (
            "{ role = \"time\", width = 14 }",
            "{ role = \"tim\", width = 14 }",
            "\"tim\"",
            "unknown role",
            "correct",
        ),
        (
            "{ role = \"time\", width = 14 }",
            "{ role = \"time\", width = 14, colour = 1 }",
            "colour",
            "unknown field",
            "correct",
        ),
        (
            "{ role = \"time\", width = 14 }",
            "{ role = \"time\", width = 12 }",
            "width = 12",
            "does not fill",
            "set width",
        ),
        (
            "{ role = \"time\", width = 14 }",
            "{ role = \"time\", width = 6, format = \"%H%M%S\" }",
            "%H%M%S",
            "whole date and time",
            "%Y%m%d",
        ),
        (
            "{ role = \"time\", width = 14 }",
            "{ role = \"time\", width = 14, format = \"%Q\" }",
            "%Q",
            "whole date and time",
            "%Y%m%d",
        ),
        (
            "{ role = \"time\", width = 14 }",
            "{ role = \"time\" }",
            "role = \"time\"",
            "has no width",
            "add width",
        ),
        (
            "{ role = \"time\", width = 14 }",
            "{ role = \"time\", width = 0 }",
            "width = 0",
            "0 wide",
            "1 to 4096",
        ),
        (
            "{ role = \"time\", width = 14 }",
            "{ width = 14 }",
            "{ width",
            "either a role or a constant",
            "one of the keys",
        ),
        (
            "{ role = \"amount\", width = 8 }",
            "{ role = \"tax_others\", width = 8 }",
            "tax_others",
            "there twice",
            "remove one",
        ),
        (
            "{ role = \"amount\", width = 8 },",
            "",
            "[[message]]",
            "has no amount field",
            "add a field",
        ),
        (
            "{ role = \"amount\", width = 8 }",
            "{ role = \"amount\", width = 8, align = \"left\" }",
            "amount",
            "grow by its padding",
            "right",
        ),
        (
            "{ role = \"amount\", width = 8 }",
            "{ role = \"amount\", width = 8, pad = \"9\" }",
            "amount",
            "change by its padding",
            "pad numbers",
        ),
        (
            "{ role = \"amount\", width = 8 }",
            "{ role = \"amount\", width = 8, pad = \"　\" }",
            "amount",
            "not ASCII",
            "space",
        ),
        (
            "{ role = \"amount\", width = 8 }",
            "{ role = \"amount\", width = 8, rest = true }",
            "amount",
            "takes the rest",
            "remove one",
        ),
        (
            "{ role = \"amount\", width = 8 }",
            "{ role = \"amount\", rest = true }",
            "amount",
            "fields follow",
            "end of the message",
        ),
        (
            "{ role = \"amount\", width = 8 }",
            "{ role = \"amount\", width = 8, format = \"x\" }",
            "amount",
            "takes no format",
            "remove format",
        ),
        (
            "{ constant = \"OC1\" }",
            "{ constant = \"OC1\", width = 4 }",
            "OC1",
            "fill its width",
            "in full",
        ),
        (
            "{ constant = \"OC1\" }",
            "{ constant = \"OC1\", values = { a = \"b\" } }",
            "OC1",
            "has no role",
            "belong",
        ),
        (
            "\"2\" = \"settlement\"",
            "\"2\" = \"reporting\"",
            "log_type",
            "two wire texts",
            "say which is written",
        ),
        (
            "\"2\" = \"settlement\"",
            "\"2\" = \"closing\"",
            "log_type",
            "means nothing",
            "word of the role",
        ),
        (
            "\"2\" = \"settlement\"",
            "\"22\" = \"settlement\"",
            "log_type",
            "does not fit",
            "no wider",
        ),
        (
            ", values = { \"1\" = \"reporting\", \"2\" = \"settlement\" }",
            "",
            "log_type",
            "has no values",
            "add values",
        ),
        (
            "{ role = \"card_class\", width = 3 }",
            "{ role = \"card_class\", width = 3, values = { \"1\" = \"300\" } }",
            "card_class",
            "means nothing",
            "number",
        ),
        (
            "{ role = \"card_class\", width = 3 }",
            "{ role = \"card_class\", width = 3, values = { \"1\" = \"1\", \"01\" = \"2\" } }",
            "card_class",
            "look alike",
            "after padding",
        ),
        (
            "{ role = \"device_id\", width = 20, required = false }",
            "{ role = \"device_id\", width = 20, values = { a = \"b\" } }",
            "device_id",
            "takes no values",
            "remove values",
        ),
        (
            "reply = \"result\"",
            "reply = \"result",
            "reply = \"result",
            "",
            "correct",
        ),
    ] {
        let toml = good.replacen(from, to, 1);
        assert_ne!(toml, good, "{from}");
        let error = match Layout::parse("x.toml", &toml) {
            Err(error) => error,
            Ok(_) => panic!("{to} is taken"),
        };
        let named = toml.lines().nth(error.line - 1).unwrap_or_default();
        assert!(named.contains(line), "{to}: {error} → {named}");
        assert!(error.problem.contains(problem), "{to}: {error}");
        assert!(error.remedy.contains(remedy), "{to}: {error}");
        assert!(error.to_string().starts_with("x.toml, line "), "{error}");
    }
}

#[test]
fn a_layout_without_a_sale_or_a_result_is_none() {
    for message in ["command = \"sale\"", "reply = \"result\""] {
        let toml = bars();
        let start = toml.find(message).expect("there") - "[[message]]\n".len();
        let end = toml[start + 1..]
            .find("[[message]]")
            .map_or(toml.len(), |at| start + 1 + at);
        let error = Layout::parse("x.toml", &(toml[..start].to_owned() + &toml[end..]))
            .expect_err("refused");
        assert!(error.problem.contains("there is no"), "{error}");
        assert_eq!(error.line, 1);
    }
}
