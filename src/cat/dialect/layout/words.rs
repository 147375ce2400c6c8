//! Commands and replies to values of roles, and back. Here nothing knows how they look on a wire.

use super::DecodeError;
use super::role::{Role, Value, Values, Vocabulary};
use crate::domain::money::Yen;
use crate::domain::slip::{SequenceNumber, SlipTextError};
use crate::domain::tender::CardClass;
use crate::domain::text::{holds_card_number, mask_card_numbers, strip_unsafe};

pub(super) mod command;
pub(super) mod reply;

/// A log's lines, each made safe, with the CR LF of UnifiedPOS between two of them.
fn even_lines(log: &str) -> String {
    let lines: Vec<String> = log.lines().map(strip_unsafe).collect();
    lines.join("\r\n")
}

fn number(number: impl Into<u32>) -> Value<'static> {
    Value::Number(i64::from(number.into()))
}

fn insert_text<'a>(values: &mut Values<'a>, role: Role, text: Option<&'a str>) {
    if let Some(text) = text
        && !text.is_empty()
    {
        values.insert(role, Value::Text(text));
    }
}

/// Every meaning has its word: the vocabularies are complete, and a test holds them to it.
fn word<T: PartialEq, const N: usize>(
    vocabulary: &Vocabulary<T, N>,
    meaning: &T,
) -> Value<'static> {
    let said = vocabulary.iter().find(|(_, known)| known == meaning);
    Value::Word(said.map_or("", |(word, _)| word))
}

fn meaning<T: Clone, const N: usize>(
    vocabulary: &Vocabulary<T, N>,
    values: &mut Values<'_>,
    role: Role,
) -> Option<T> {
    match values.remove(role) {
        Some(Value::Word(word)) => vocabulary
            .iter()
            .find(|(known, _)| *known == word)
            .map(|(_, meaning)| meaning.clone()),
        _ => None,
    }
}

fn needed<T>(value: Option<T>, role: Role) -> Result<T, DecodeError> {
    value.ok_or(DecodeError::Missing { role: role.name() })
}

fn take_number(values: &mut Values<'_>, role: Role) -> Option<i64> {
    match values.remove(role) {
        Some(Value::Number(number)) => Some(number),
        _ => None,
    }
}

fn sequence(values: &mut Values<'_>, role: Role) -> Option<SequenceNumber> {
    take_number(values, role)
        .and_then(|number| u32::try_from(number).ok())
        .and_then(SequenceNumber::new)
}

fn yen(values: &mut Values<'_>, role: Role) -> Option<Yen> {
    take_number(values, role).map(Yen::new)
}

fn card_class(values: &mut Values<'_>) -> Option<CardClass> {
    take_number(values, Role::CardClass)
        .and_then(|number| u8::try_from(number).ok())
        .map(CardClass)
}

/// Free text, and whether something in it had to be masked.
fn masked_text(values: &mut Values<'_>, role: Role) -> (Option<String>, bool) {
    match values.remove_text(role) {
        Some(text) if holds_card_number(&text) => (Some(mask_card_numbers(&text)), true),
        text => (text.map(String::from), false),
    }
}

fn slip_text<T>(
    values: &mut Values<'_>,
    role: Role,
    new: impl Fn(&str) -> Result<T, SlipTextError>,
) -> Result<Option<T>, DecodeError> {
    values
        .remove_text(role)
        .map(|text| new(&text))
        .transpose()
        .map_err(|_| DecodeError::Field {
            field: role.name().to_owned(),
            problem: "is not a number off a slip",
        })
}
