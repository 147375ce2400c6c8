//! `docs/open-cat.md` held to the code: every table of fields, every word, every byte of its examples.

use super::*;
use crate::cat::dialect::layout::field::{Content, Extent};
use crate::cat::dialect::layout::message::{CommandKind, Kind, ReplyKind};
use crate::cat::frame::basic::{BasicMode, LineSettings};
use crate::cat::frame::{LineEvent, Role};
use crate::cat::model;

const DOCUMENT: &str = include_str!("../../../../../docs/open-cat.md");

fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::Command(CommandKind::Status) => "### command status\n",
        Kind::Command(CommandKind::Sale) => "### command sale\n",
        Kind::Command(CommandKind::Void) => "### command void\n",
        Kind::Command(CommandKind::Refund) => "### command refund\n",
        Kind::Command(CommandKind::LastResult) => "### command last_result\n",
        Kind::Command(CommandKind::DailyLog) => "### command daily_log\n",
        Kind::Reply(ReplyKind::Status) => "### reply status\n",
        Kind::Reply(ReplyKind::Phase) => "### reply phase\n",
        Kind::Reply(ReplyKind::Result) => "### reply result\n",
        Kind::Reply(ReplyKind::Inquiry) => "### reply inquiry\n",
        Kind::Reply(ReplyKind::DailyLog) => "### reply daily_log\n",
        other => panic!("open-cat has no {}", other.name()),
    }
}

/// The part of the document under the heading of a message.
fn section(kind: Kind) -> &'static str {
    let start = DOCUMENT
        .find(heading(kind))
        .unwrap_or_else(|| panic!("no {}", heading(kind)))
        + heading(kind).len();
    let rest = &DOCUMENT[start..];
    &rest[..rest.find("\n##").unwrap_or(rest.len())]
}

#[test]
fn the_tables_of_the_document_are_those_of_the_layout() {
    for message in &OPEN_CAT.messages {
        let mut offset = 0;
        let expected: Vec<String> = message
            .fields
            .iter()
            .map(|field| {
                let at = offset;
                let width = match field.extent {
                    Extent::Exact(width) => {
                        offset += width;
                        width.to_string()
                    }
                    Extent::AtMost(_) | Extent::Rest => "rest".to_owned(),
                };
                let (name, filled) = match &field.content {
                    Content::Constant(constant) => {
                        (format!("`{}`", String::from_utf8_lossy(constant)), true)
                    }
                    Content::Role(content) => (content.role.name().to_owned(), field.required),
                    Content::Filler(_) | Content::Blank => panic!("open-cat has none"),
                };
                let filled = if filled { "always" } else { "or blank" };
                format!("| {at} | {width} | {name} | {filled} |")
            })
            .collect();
        let written: Vec<&str> = section(message.kind)
            .lines()
            .filter(|line| line.starts_with("| ") && !line.starts_with("| offset"))
            .collect();
        assert_eq!(written.len(), expected.len(), "{:?}", message.kind);
        for (written, expected) in written.iter().zip(&expected) {
            assert!(written.starts_with(expected), "{written}\n{expected}");
        }
    }
}

#[test]
fn every_wire_text_and_every_word_of_the_layout_is_in_the_document() {
    for message in &OPEN_CAT.messages {
        for field in &message.fields {
            let Content::Role(content) = &field.content else {
                continue;
            };
            for (wire, meaning) in content.values.iter().flat_map(|map| &map.by_wire) {
                assert!(DOCUMENT.contains(&format!("`{wire}`")), "{wire}");
                let said = match meaning {
                    Value::Word(word) => DOCUMENT.contains(word),
                    Value::Number(number) => DOCUMENT.contains(&number.to_string()),
                    Value::Text(_) | Value::Time(_) => false,
                };
                assert!(said, "{meaning:?}");
            }
        }
        for role in message.fields.iter().filter_map(field::Field::role) {
            assert!(DOCUMENT.contains(role.name()), "{role:?}");
        }
    }
}

#[test]
fn the_numbers_of_the_line_are_those_of_the_model() {
    let model = &model::shipped().expect("shipped")["open-cat"];
    let settings = LineSettings::new(&model.timers, OPEN_CAT.framing().block_text_max, 1);
    assert_eq!(
        (settings.block_text_max, settings.inter_byte_ms),
        (128, 200)
    );
    assert_eq!(
        (settings.acknowledge_ms, settings.receive_idle_ms),
        (3_000, 6_200)
    );
    assert_eq!((settings.call_tries, settings.call_retry_ms), (3, 1_000));
    assert_eq!(settings.nak_resends, 3);
    for said in [
        "longer than 128 bytes",
        "More than 200 ms",
        "within 3 s",
        "waits 6.2 s",
        "after 1 s, 3 times in all",
        "at most 3 times",
        "answers the fourth bad block",
    ] {
        let flat = DOCUMENT.replace('\n', " ").replace("  ", " ");
        assert!(flat.contains(said), "{said}");
    }
}

#[test]
fn every_example_of_the_document_is_what_the_line_carries() {
    let sent: Vec<(Kind, String)> = commands()
        .into_iter()
        .map(|(_, text)| ("console", text))
        .chain(replies().into_iter().map(|(_, text)| ("terminal", text)))
        .map(|(sender, text)| (kind_of(sender, &text), exchange(sender, text.as_bytes())))
        .collect();
    for message in &OPEN_CAT.messages {
        let example = section(message.kind)
            .split("```hex\n")
            .nth(1)
            .and_then(|rest| rest.split("```").next())
            .unwrap_or_else(|| panic!("no example of {:?}", message.kind));
        let known: Vec<&String> = sent
            .iter()
            .filter(|(kind, _)| *kind == message.kind)
            .map(|(_, exchange)| exchange)
            .collect();
        assert!(
            known.iter().any(|exchange| *exchange == example),
            "{:?} is none of {known:#?}",
            message.kind
        );
    }
    assert_eq!(
        DOCUMENT.matches("```hex").count(),
        OPEN_CAT.messages.len(),
        "every example is checked"
    );
}

fn kind_of(sender: &str, text: &str) -> Kind {
    OPEN_CAT
        .reader(text.as_bytes(), sender == "console", None)
        .expect("a message")
        .kind
}

/// Send a text over a clean line and write down who said what.
fn exchange(sender: &str, text: &[u8]) -> String {
    let model = &model::shipped().expect("shipped")["open-cat"];
    let settings = LineSettings::new(
        &model.timers,
        OPEN_CAT.framing().block_text_max,
        OPEN_CAT.framing().message_max,
    );
    let mut sides = [
        ("console", BasicMode::new(Role::Primary, settings)),
        ("terminal", BasicMode::new(Role::Secondary, settings)),
    ];
    if sides[0].0 != sender {
        sides.swap(0, 1);
    }
    let [(from_name, from), (to_name, to)] = &mut sides;
    from.send(0, text.to_vec()).expect("taken");
    let mut written = String::new();
    while let Some(bytes) = from.poll_transmit() {
        note_down(&mut written, from_name, &bytes);
        to.handle_input(0, &bytes);
        while let Some(event) = to.poll_event() {
            if let LineEvent::Received(received) = event {
                assert_eq!(received, text);
                to.accept(0);
            }
        }
        while let Some(reply) = to.poll_transmit() {
            note_down(&mut written, to_name, &reply);
            from.handle_input(0, &reply);
        }
    }
    written
}

fn note_down(written: &mut String, who: &str, bytes: &[u8]) {
    for (index, line) in bytes.chunks(24).enumerate() {
        let who = if index == 0 { who } else { "" };
        let hex: Vec<String> = line.iter().map(|byte| format!("{byte:02X}")).collect();
        written.push_str(&format!("{who:<10}{}\n", hex.join(" ")));
    }
}
