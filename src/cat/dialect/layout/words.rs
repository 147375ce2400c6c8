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
    values: &Values<'_>,
    role: Role,
) -> Option<T> {
    let Some(Value::Word(word)) = values.get(role) else {
        return None;
    };
    let known = vocabulary.iter().find(|(known, _)| *known == word);
    known.map(|(_, meaning)| meaning.clone())
}

fn needed<T>(value: Option<T>, role: Role) -> Result<T, DecodeError> {
    value.ok_or_else(|| DecodeError::Missing { role: role.name() })
}

/// A number within what its type holds.
fn small<T: TryFrom<i64>>(values: &Values<'_>, role: Role) -> Option<T> {
    T::try_from(values.number(role)?).ok()
}

fn sequence(values: &Values<'_>, role: Role) -> Option<SequenceNumber> {
    small(values, role).and_then(SequenceNumber::new)
}

fn yen(values: &Values<'_>, role: Role) -> Option<Yen> {
    values.number(role).map(Yen::new)
}

fn card_class(values: &Values<'_>) -> Option<CardClass> {
    small(values, Role::CardClass).map(CardClass)
}

/// Free text, and whether something in it had to be masked.
fn masked_text(values: &Values<'_>, role: Role) -> (Option<String>, bool) {
    match values.text(role) {
        Some(text) if holds_card_number(text) => (Some(mask_card_numbers(text)), true),
        text => (text.map(String::from), false),
    }
}

fn slip_text<T>(
    values: &Values<'_>,
    role: Role,
    new: impl Fn(&str) -> Result<T, SlipTextError>,
) -> Result<Option<T>, DecodeError> {
    let Some(text) = values.text(role) else {
        return Ok(None);
    };
    new(text).map(Some).map_err(|_| DecodeError::Field {
        field: role.name().to_owned(),
        problem: "is not a number off a slip",
    })
}
