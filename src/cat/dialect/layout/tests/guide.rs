//! `docs/layouts.md` held to the code: every key, every word, every name; and its fictitious terminal works.

use std::collections::BTreeSet;

use super::*;
use crate::cat::dialect::layout::role::{ROLES, Role};

const GUIDE: &str = include_str!("../../../../../docs/layouts.md");
const K_100: &str = include_str!("../../../../../docs/k-100.toml");

/// The keys of the structs that read the file.
fn keys_of_the_code() -> BTreeSet<String> {
    let sources = [
        include_str!("../file.rs"),
        include_str!("../file/framing.rs"),
        include_str!("../file/message.rs"),
        include_str!("../file/field.rs"),
    ];
    let mut keys = BTreeSet::new();
    for source in sources {
        for item in syn::parse_file(source).expect("Rust").items {
            let syn::Item::Struct(item) = item else {
                continue;
            };
            let read = item
                .attrs
                .iter()
                .any(|attribute| attribute.path().is_ident("derive"));
            for field in item.fields.iter().filter(|_| read) {
                let flattened = field.attrs.iter().any(|attribute| {
                    let text = quote_of(attribute);
                    text.contains("flatten")
                });
                if let (Some(name), false) = (&field.ident, flattened) {
                    keys.insert(name.to_string());
                }
            }
        }
    }
    keys
}

fn quote_of(attribute: &syn::Attribute) -> String {
    match &attribute.meta {
        syn::Meta::List(list) => list.tokens.to_string(),
        syn::Meta::Path(_) | syn::Meta::NameValue(_) => String::new(),
    }
}

/// What stands in the first cells of the tables with a head of `| key |`.
fn keys_of_the_guide() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut inside = false;
    for line in GUIDE.lines() {
        inside = line.starts_with("| key |") || (inside && line.starts_with('|'));
        if let (true, Some(cell)) = (inside, line.split('|').nth(1)) {
            keys.extend(cell.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    keys
}

#[test]
fn every_key_is_in_the_guide_and_the_guide_has_no_other() {
    let (code, guide) = (keys_of_the_code(), keys_of_the_guide());
    assert!(code.len() > 50, "{code:?}");
    for key in &code {
        assert!(GUIDE.contains(&format!("`{key}`")), "{key} is missing");
    }
    for key in &guide {
        assert!(code.contains(key), "{key} is no key");
    }
}

#[test]
fn every_role_and_every_word_is_in_the_guide() {
    let rows = GUIDE.split("### Roles").nth(1).expect("a chapter");
    let words: BTreeSet<&str> = rows
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .collect();
    for (name, role) in ROLES {
        assert!(words.contains(name), "{name}");
        for word in role.words() {
            assert!(words.contains(word), "{name}: {word}");
        }
    }
    assert_eq!(Role::SequenceNumber.name(), "sequence_number");
}

#[test]
fn every_kind_of_message_and_check_is_in_the_guide() {
    for name in [
        "\"status\"",
        "\"sale\"",
        "\"void\"",
        "\"refund\"",
        "\"last_result\"",
        "\"daily_log\"",
        "\"transactions\"",
        "\"standalone\"",
        "\"phase\"",
        "\"display\"",
        "\"result\"",
        "\"inquiry\"",
        "\"listed\"",
        "\"list_end\"",
        "\"reporting\"",
        "\"settlement\"",
        "`crc16/arc`",
        "`crc16/modbus`",
        "`crc16/xmodem`",
        "`crc16/ccitt-false`",
        "`crc16/kermit`",
        "`crc16/x-25`",
        "`sum_negated`",
        "\"enquiry\"",
        "\"acknowledged\"",
        "\"bare\"",
        "\"bcd\"",
        "\"little_endian\"",
        "\"start_and_text\"",
    ] {
        assert!(GUIDE.contains(name), "{name}");
    }
    for name in Layout::shipped_names() {
        assert!(GUIDE.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn the_pieces_of_the_walk_through_stand_in_the_file() {
    let mut pieces = 0;
    for piece in GUIDE.split("```toml\n").skip(1) {
        let piece = piece.split("```").next().expect("an end");
        let lines: Vec<&str> = piece.lines().filter(|line| !line.is_empty()).collect();
        for line in &lines {
            assert!(K_100.lines().any(|own| own == *line), "{line}");
        }
        pieces += 1;
    }
    assert_eq!(pieces, 2);
}

fn k_100() -> Layout {
    Layout::parse("k-100.toml", K_100).expect("the example works")
}

#[test]
fn the_k_100_says_every_command_and_reads_every_answer() {
    let layout = k_100();
    let sale = Authorize {
        card_class: CardClass::CREDIT,
        ..authorize(TransactionType::Sales)
    };
    let void = Authorize {
        transaction: TransactionType::Void,
        original_slip: TerminalSlipNumber::new("00871").ok(),
        ..sale.clone()
    };
    let question = Command::LastResult {
        sequence_number: number(42),
    };
    for command in [
        Command::Authorize(sale),
        Command::Authorize(void),
        question.clone(),
    ] {
        let text = layout.encode_command(&command, at()).expect("encodes");
        assert_eq!(layout.decode_command(&text), Ok(command.clone()));
        for code in [
            ResultCode::Approved,
            ResultCode::Stopped,
            ResultCode::CommunicationError,
            ResultCode::CenterError {
                center_result_code: Some("G1".into()),
            },
        ] {
            let result = TransactionResult {
                transaction: match &command {
                    Command::Authorize(ask) => ask.transaction,
                    _ => TransactionType::Sales,
                },
                training: None,
                code,
                facts: TerminalFacts {
                    card_company: Some("ビザ".into()),
                    transaction_number: None,
                    card_class: None,
                    payment_condition: None,
                    terminal_id: None,
                    ..approved().facts
                },
                ..approved()
            };
            let reply = answer(match &command {
                Command::LastResult { .. } => Answer::LastResult {
                    asked_number: None,
                    inquiry: Inquiry::Found(result),
                    journal: None,
                    terminal_id: None,
                },
                _ => Answer::Result(result),
            });
            let text = layout.encode_answer(Some(&command), &reply, None);
            let text = text.expect("encodes");
            assert_eq!(layout.decode_answer(Some(&command), &text), Ok(reply));
        }
    }
    let unknown = answer(Answer::LastResult {
        asked_number: Some(number(42)),
        inquiry: Inquiry::NotFound,
        journal: None,
        terminal_id: None,
    });
    let text = layout.encode_answer(Some(&question), &unknown, None);
    let text = text.expect("encodes");
    assert_eq!(text, b"29\x02\x03\x00\x00\x42");
    assert_eq!(layout.decode_answer(Some(&question), &text), Ok(unknown));
}
