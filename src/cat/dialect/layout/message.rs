//! One message of a layout: its fields in order, put together and taken apart.

use serde::Deserialize;

use super::field::{Content, Extent, Field};
use super::role::{Role, Values};
use super::{DecodeError, EncodeError};

/// How fields follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// By width.
    Fixed,
    /// By a separator between two of them.
    Separated(u8),
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Command(CommandKind),
    Reply(ReplyKind),
}

/// What we ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CommandKind {
    Status,
    Sale,
    Void,
    Refund,
    LastResult,
    DailyLog,
}

/// What a terminal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ReplyKind {
    Status,
    Phase,
    Result,
    Inquiry,
    DailyLog,
}

impl Kind {
    /// As errors call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Command(CommandKind::Status) => "status command",
            Kind::Command(CommandKind::Sale) => "sale",
            Kind::Command(CommandKind::Void) => "void",
            Kind::Command(CommandKind::Refund) => "refund",
            Kind::Command(CommandKind::LastResult) => "last_result",
            Kind::Command(CommandKind::DailyLog) => "daily_log command",
            Kind::Reply(ReplyKind::Status) => "status reply",
            Kind::Reply(ReplyKind::Phase) => "phase",
            Kind::Reply(ReplyKind::Result) => "result",
            Kind::Reply(ReplyKind::Inquiry) => "inquiry",
            Kind::Reply(ReplyKind::DailyLog) => "daily_log reply",
        }
    }

    /// True for what the console sends.
    pub(super) fn is_command(self) -> bool {
        matches!(self, Kind::Command(_))
    }

    /// The roles without which the message means nothing.
    pub(super) fn needs(self) -> &'static [Role] {
        match self {
            Kind::Command(CommandKind::Status) => &[],
            Kind::Command(CommandKind::Sale | CommandKind::Void | CommandKind::Refund) => {
                &[Role::SequenceNumber, Role::Amount]
            }
            Kind::Command(CommandKind::LastResult) => &[Role::AskedNumber],
            Kind::Command(CommandKind::DailyLog) => &[Role::SequenceNumber, Role::LogType],
            Kind::Reply(ReplyKind::Status) => &[Role::State],
            Kind::Reply(ReplyKind::Phase) => &[Role::Phase],
            Kind::Reply(ReplyKind::Result) => &[Role::Transaction, Role::Result],
            Kind::Reply(ReplyKind::Inquiry) => {
                &[Role::InquiryStatus, Role::Transaction, Role::Result]
            }
            Kind::Reply(ReplyKind::DailyLog) => &[Role::SequenceNumber, Role::Log],
        }
    }
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) kind: Kind,
    pub(super) fields: Vec<Field>,
}

impl Message {
    /// Is there a field of this role?
    pub(super) fn carries(&self, role: Role) -> bool {
        self.fields.iter().any(|field| field.role() == Some(role))
    }

    /// The text of these values.
    pub(super) fn encode(&self, shape: Shape, values: &Values) -> Result<Vec<u8>, EncodeError> {
        let mut text = Vec::new();
        for (index, field) in self.fields.iter().enumerate() {
            let value = field.role().and_then(|role| values.get(&role));
            let bytes = field.encode(value)?;
            if let Shape::Separated(separator) = shape {
                if index > 0 {
                    text.push(separator);
                }
                if bytes.contains(&separator) && field.extent != Extent::Rest {
                    return Err(EncodeError::NotWritable {
                        field: field.name.clone(),
                    });
                }
            }
            text.extend_from_slice(&bytes);
        }
        Ok(text)
    }

    /// Do the constants stand where this message has them?
    pub(super) fn begins_like(&self, shape: Shape, text: &[u8]) -> bool {
        self.constants(shape).all(|(place, constant)| match shape {
            Shape::Fixed => text.get(place..place + constant.len()) == Some(constant),
            Shape::Separated(separator) => {
                text.split(|byte| *byte == separator).nth(place) == Some(constant)
            }
        })
    }

    /// Take a text apart whose constants are right.
    pub(super) fn decode(&self, shape: Shape, text: &[u8]) -> Result<Values, DecodeError> {
        let mut values = Values::new();
        for (field, wire) in self.fields.iter().zip(self.cut(shape, text)?) {
            if let (Some(role), Some(value)) = (field.role(), field.decode(wire)?) {
                values.insert(role, value);
            }
        }
        Ok(values)
    }

    /// Can no text be both this message and the other?
    pub(super) fn differs_from(&self, other: &Message, shape: Shape) -> bool {
        self.constants(shape).any(|(place, constant)| {
            other
                .constants(shape)
                .any(|(other_place, other_constant)| match shape {
                    Shape::Separated(_) => place == other_place && constant != other_constant,
                    Shape::Fixed => constant.iter().enumerate().any(|(index, byte)| {
                        (place + index)
                            .checked_sub(other_place)
                            .and_then(|index| other_constant.get(index))
                            .is_some_and(|other_byte| other_byte != byte)
                    }),
                })
        })
    }

    /// Every constant with its place: an offset in bytes, or a field's number.
    fn constants(&self, shape: Shape) -> impl Iterator<Item = (usize, &[u8])> {
        let mut offset = 0;
        self.fields
            .iter()
            .enumerate()
            .filter_map(move |(index, field)| {
                let place = match shape {
                    Shape::Fixed => offset,
                    Shape::Separated(_) => index,
                };
                if let Extent::Exact(width) = field.extent {
                    offset += width;
                }
                match &field.content {
                    Content::Constant(constant) => Some((place, constant.as_bytes())),
                    Content::Role { .. } => None,
                }
            })
    }

    /// The bytes of each field.
    fn cut<'a>(&self, shape: Shape, text: &'a [u8]) -> Result<Vec<&'a [u8]>, DecodeError> {
        let with_rest = self
            .fields
            .last()
            .is_some_and(|field| field.extent == Extent::Rest);
        match shape {
            Shape::Fixed => {
                let expected: usize = self.fields.iter().map(exact_width).sum();
                if text.len() < expected || (text.len() > expected && !with_rest) {
                    return Err(self.wrong_length(expected, text.len()));
                }
                let mut rest = text;
                Ok(self
                    .fields
                    .iter()
                    .map(|field| {
                        let width = match field.extent {
                            Extent::Rest => rest.len(),
                            Extent::Exact(_) | Extent::AtMost(_) => exact_width(field),
                        };
                        let (head, tail) = rest.split_at(width);
                        rest = tail;
                        head
                    })
                    .collect())
            }
            Shape::Separated(separator) => {
                let expected = self.fields.len();
                let cut: Vec<&[u8]> = if with_rest {
                    text.splitn(expected, |byte| *byte == separator).collect()
                } else {
                    text.split(|byte| *byte == separator).collect()
                };
                if cut.len() == expected {
                    Ok(cut)
                } else {
                    Err(self.wrong_length(expected, cut.len()))
                }
            }
        }
    }

    fn wrong_length(&self, expected: usize, found: usize) -> DecodeError {
        DecodeError::Length {
            message: self.kind.name(),
            expected,
            found,
        }
    }
}

fn exact_width(field: &Field) -> usize {
    match field.extent {
        Extent::Exact(width) => width,
        Extent::AtMost(_) | Extent::Rest => 0,
    }
}
