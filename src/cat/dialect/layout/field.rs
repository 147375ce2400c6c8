//! One field of a message: its place on the wire, its padding, its value map; text to value and back.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::NaiveDateTime;
use serde::Deserialize;

use super::role::{Holds, Role, Value};
use super::{DecodeError, EncodeError};
use crate::domain::text::strip_unsafe;

/// On which side the content of a field stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Align {
    Left,
    Right,
}

/// The characters a text may hold. Shift_JIS and its kind need a decoder of their own here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CharacterSet {
    Ascii,
}

/// How long a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Exactly so many bytes, padded.
    Exact(usize),
    /// At most so many bytes, up to the separator.
    AtMost(usize),
    /// To the end of the message.
    Rest,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// Always these bytes.
    Constant(String),
    /// A value of a role.
    Role {
        role: Role,
        /// Wire text (padded where the field is) to our word.
        values: Option<BTreeMap<String, String>>,
        /// For a time.
        format: String,
    },
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) content: Content,
    pub(super) extent: Extent,
    pub(super) align: Align,
    pub(super) pad: u8,
    pub(super) required: bool,
    pub(super) character_set: CharacterSet,
}

impl Field {
    /// The role it plays.
    pub(super) fn role(&self) -> Option<Role> {
        match &self.content {
            Content::Constant(_) => None,
            Content::Role { role, .. } => Some(*role),
        }
    }

    /// The bytes of a value, padded.
    pub(super) fn encode(&self, value: Option<&Value>) -> Result<Vec<u8>, EncodeError> {
        let (values, format) = match &self.content {
            Content::Constant(constant) => return Ok(constant.clone().into_bytes()),
            Content::Role { values, format, .. } => (values.as_ref(), format.as_str()),
        };
        let Some(value) = value else {
            return if self.required {
                Err(EncodeError::Missing {
                    field: self.name.clone(),
                })
            } else {
                Ok(self.absent())
            };
        };
        let text = match value {
            Value::Number(number) if *number < 0 => {
                return Err(EncodeError::Negative {
                    field: self.name.clone(),
                });
            }
            Value::Number(number) => number.to_string(),
            Value::Word(word) | Value::Text(word) => word.clone(),
            Value::Time(time) => {
                written(*time, format).ok_or_else(|| EncodeError::NotWritable {
                    field: self.name.clone(),
                })?
            }
        };
        if let Some(values) = values {
            return values
                .iter()
                .find(|(_, word)| **word == text)
                .map(|(wire, _)| wire.clone().into_bytes())
                .ok_or_else(|| EncodeError::NoWireText {
                    field: self.name.clone(),
                    word: text,
                });
        }
        if text.is_empty() || !self.takes(&text) {
            return Err(EncodeError::NotWritable {
                field: self.name.clone(),
            });
        }
        let padded = self.pad(&text)?;
        // What would not be read back as it is would be another value at the other end.
        let is_number = matches!(value, Value::Number(_));
        if !is_number && self.bare(&padded) != Some(text.as_bytes()) {
            return Err(EncodeError::NotWritable {
                field: self.name.clone(),
            });
        }
        Ok(padded)
    }

    /// The value of the bytes of this field; `None` where it is blank and may be.
    pub(super) fn decode(&self, wire: &[u8]) -> Result<Option<Value>, DecodeError> {
        let bad = |problem: &'static str| DecodeError::Field {
            field: self.name.clone(),
            problem,
        };
        if let Extent::AtMost(max) = self.extent
            && wire.len() > max
        {
            return Err(bad("is too long"));
        }
        let (role, values, format) = match &self.content {
            Content::Constant(constant) if wire == constant.as_bytes() => return Ok(None),
            Content::Constant(_) => return Err(bad("is not what it always is")),
            Content::Role {
                role,
                values,
                format,
            } => (*role, values.as_ref(), format),
        };
        let read = self
            .read(wire)
            .ok_or_else(|| bad("holds a character that may not stand there"))?;
        if let Some(values) = values
            && let Some(word) = values.get(&read)
        {
            return Ok(Some(match role.holds() {
                Holds::Number { .. } => {
                    Value::Number(word.parse().map_err(|_| bad("is not a number"))?)
                }
                Holds::Word | Holds::Text | Holds::Time => Value::Word(word.clone()),
            }));
        }
        let Some(bare) = self.bare(read.as_bytes()) else {
            return if self.required {
                Err(bad("is blank"))
            } else {
                Ok(None)
            };
        };
        let bare = String::from_utf8_lossy(bare).into_owned();
        match role.holds() {
            _ if values.is_some() => Err(bad("has a value the layout does not name")),
            Holds::Word => Err(bad("has a value the layout does not name")),
            Holds::Number { min, max } => number(&bare)
                .filter(|number| (min..=max).contains(number))
                .map(|number| Some(Value::Number(number)))
                .ok_or_else(|| bad("is not a number within its bounds")),
            Holds::Text => Ok(Some(Value::Text(bare))),
            Holds::Time => NaiveDateTime::parse_from_str(&bare, format)
                .ok()
                .filter(|time| written(*time, format).as_deref() == Some(bare.as_str()))
                .map(|time| Some(Value::Time(time)))
                .ok_or_else(|| bad("is not a time")),
        }
    }

    /// Pad a text to the width of the field; without a width it stands as it is.
    pub(super) fn pad(&self, text: &str) -> Result<Vec<u8>, EncodeError> {
        let too_wide = |max: usize| EncodeError::TooWide {
            field: self.name.clone(),
            max,
        };
        match self.extent {
            Extent::Rest => Ok(text.as_bytes().to_vec()),
            Extent::AtMost(max) if text.len() > max => Err(too_wide(max)),
            Extent::AtMost(_) => Ok(text.as_bytes().to_vec()),
            Extent::Exact(width) => {
                let missing = width
                    .checked_sub(text.len())
                    .ok_or_else(|| too_wide(width))?;
                let padding = std::iter::repeat_n(self.pad, missing);
                Ok(match self.align {
                    Align::Left => text.bytes().chain(padding).collect(),
                    Align::Right => padding.chain(text.bytes()).collect(),
                })
            }
        }
    }

    /// The bytes of a field that says nothing.
    fn absent(&self) -> Vec<u8> {
        match self.extent {
            Extent::Exact(width) => vec![b' '; width],
            Extent::AtMost(_) | Extent::Rest => Vec::new(),
        }
    }

    /// The content without its padding; `None` where it is blank.
    fn bare<'a>(&self, wire: &'a [u8]) -> Option<&'a [u8]> {
        if wire.iter().all(|byte| *byte == b' ') {
            return None;
        }
        if !matches!(self.extent, Extent::Exact(_)) {
            return Some(wire);
        }
        let is_pad = |byte: &u8| *byte == self.pad;
        Some(match self.align {
            Align::Left => {
                let end = wire.iter().rposition(|byte| !is_pad(byte));
                &wire[..end.map_or(1, |end| end + 1)]
            }
            Align::Right => {
                let start = wire.iter().position(|byte| !is_pad(byte));
                &wire[start.unwrap_or(wire.len() - 1)..]
            }
        })
    }

    /// True where every character of a text may stand in this field.
    fn takes(&self, text: &str) -> bool {
        self.read(text.as_bytes()).as_deref() == Some(text)
    }

    /// Bytes to text, by the character set; only a log has lines.
    fn read(&self, wire: &[u8]) -> Option<String> {
        let is_log = self.role() == Some(Role::Log);
        let text: String = match self.character_set {
            CharacterSet::Ascii => wire
                .iter()
                .map(|byte| match byte {
                    b' '..=b'~' => Some(char::from(*byte)),
                    b'\r' | b'\n' if is_log => Some(char::from(*byte)),
                    _ => None,
                })
                .collect::<Option<String>>()?,
        };
        Some(if is_log { text } else { strip_unsafe(&text) })
    }
}

/// A time in a format; `None` where the format or the year cannot be written.
pub(super) fn written(time: NaiveDateTime, format: &str) -> Option<String> {
    let mut text = String::new();
    write!(text, "{}", time.format(format)).ok()?;
    Some(text)
}

/// Digits and nothing else.
fn number(text: &str) -> Option<i64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}
