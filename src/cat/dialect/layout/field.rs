//! One field of a message: its place on the wire, its padding, its value map; text to value and back.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::Deserialize;

use super::role::{Holds, Role, TimePart, Value, Values};
use super::text::CharacterSet;
use super::{DecodeError, EncodeError};
use crate::cat::frame::framing::NumberForm;
use crate::cat::frame::number;

/// On which side the content of a field stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Align {
    Left,
    Right,
}

/// How long a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Exactly so many bytes, padded.
    Exact(usize),
    /// At most so many bytes, up to the separator or as the length says.
    AtMost(usize),
    /// To the end of the message.
    Rest,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// Always these bytes; they tell messages apart.
    Constant(Vec<u8>),
    /// These bytes are written, and whatever stands there is read over.
    Filler(Vec<u8>),
    /// Nothing stands there; that tells messages apart too.
    Blank,
    /// A value of a role.
    Role(RoleContent),
}

/// How the value of a role stands in its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RoleContent {
    pub(super) role: Role,
    pub(super) values: Option<ValueMap>,
    /// Of a time.
    pub(super) format: String,
    /// Of a number.
    pub(super) form: NumberForm,
    /// Units of the wire in one of ours.
    pub(super) scale: i64,
    /// A number may be below zero.
    pub(super) signed: bool,
    /// The wire text of a result is the centre's code too.
    pub(super) also_center_code: bool,
    /// What is no number of ours is kept as it came.
    pub(super) any_text: bool,
    /// Written, and not read.
    pub(super) write_only: bool,
}

/// What the wire texts of a coded field mean.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ValueMap {
    /// Wire text (padded where the field is) to our word.
    pub(super) by_wire: BTreeMap<String, String>,
    /// What every other text means.
    pub(super) otherwise: Option<String>,
    /// Our word to the wire text that is written for it.
    pub(super) written: BTreeMap<String, String>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) content: Content,
    pub(super) extent: Extent,
    pub(super) align: Align,
    pub(super) pad: u8,
    /// A field without an exact width is written in full width all the same.
    pub(super) padded: bool,
    pub(super) required: bool,
    /// The message may end before it.
    pub(super) may_be_missing: bool,
    /// What else than spaces says nothing; the first is written.
    pub(super) blanks: Vec<Vec<u8>>,
    pub(super) character_set: CharacterSet,
    /// Its name on the wire, in a message of tags.
    pub(super) tag: Option<Vec<u8>>,
}

impl Field {
    /// The role it plays.
    pub(super) fn role(&self) -> Option<Role> {
        match &self.content {
            Content::Constant(_) | Content::Filler(_) | Content::Blank => None,
            Content::Role(content) => Some(content.role),
        }
    }

    /// The bytes it always has; empty for a field that is always blank.
    pub(super) fn demanded(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Constant(bytes) => Some(bytes),
            Content::Blank => Some(&[]),
            Content::Filler(_) | Content::Role(_) => None,
        }
    }

    /// The bytes of its value among these. What merely describes a transaction and has no room stays blank; an account number keeps its end.
    pub(super) fn encode_loosely(&self, values: &Values) -> Result<Vec<u8>, EncodeError> {
        let role = match (self.role(), self.extent) {
            (Some(role), Extent::Exact(_) | Extent::AtMost(_)) if !self.required => role,
            _ => return self.encode(values),
        };
        if let (Role::Account, Some(Value::Text(account))) = (role, values.get(&role))
            && let Some(over) = account.len().checked_sub(self.width())
            && let Some(end) = account.get(over..)
        {
            let end = Value::Text(end.to_owned());
            return self.encode(&Values::from([(role, end)]));
        }
        self.encode(values).or_else(|error| {
            if role.describes() {
                Ok(self.absent())
            } else {
                Err(error)
            }
        })
    }

    /// The bytes of its value among these, padded.
    pub(super) fn encode(&self, values: &Values) -> Result<Vec<u8>, EncodeError> {
        let content = match &self.content {
            Content::Constant(bytes) | Content::Filler(bytes) => return Ok(bytes.clone()),
            Content::Blank => return Ok(self.absent()),
            Content::Role(content) => content,
        };
        let Some(value) = values.get(&content.role.source()) else {
            return if self.required {
                Err(EncodeError::Missing {
                    field: self.name.clone(),
                })
            } else {
                Ok(self.absent())
            };
        };
        if let Some(map) = &content.values {
            return self.encode_word(content, map, value, values);
        }
        match value {
            Value::Number(number) => self.encode_number(content, *number),
            // The place of a number gives a foreign text back as it came, nothing included.
            Value::Text(text) if text.is_empty() => Ok(self.absent()),
            Value::Text(text) if matches!(content.role.holds(), Holds::Number { .. }) => {
                let bytes = self.character_set.write(text);
                self.pad(&bytes.ok_or_else(|| self.not_writable())?)
            }
            // A card's number is told by its end, in as many digits as there is room for.
            Value::Text(text) if content.role == Role::Account => {
                let surplus = match self.extent {
                    Extent::Exact(width) | Extent::AtMost(width) => {
                        text.chars().count().saturating_sub(width)
                    }
                    Extent::Rest => 0,
                };
                self.encode_text(&text.chars().skip(surplus).collect::<String>())
            }
            Value::Word(text) | Value::Text(text) => self.encode_text(text),
            Value::Time(time) => {
                let text = written(*time, &content.format).ok_or_else(|| self.not_writable())?;
                self.encode_text(&text)
            }
        }
    }

    fn encode_word(
        &self,
        content: &RoleContent,
        map: &ValueMap,
        value: &Value,
        values: &Values,
    ) -> Result<Vec<u8>, EncodeError> {
        let word = match value {
            Value::Number(number) => number.to_string(),
            Value::Word(word) | Value::Text(word) => word.clone(),
            Value::Time(_) => return Err(self.not_writable()),
        };
        if content.also_center_code
            && let Some(Value::Text(code)) = values.get(&Role::CenterResultCode)
            && let Ok(wire) = self.pad(code.as_bytes())
            && map.means(&String::from_utf8_lossy(&wire)) == Some(&word)
        {
            return Ok(wire);
        }
        map.written
            .get(&word)
            .map(|wire| wire.clone().into_bytes())
            .ok_or_else(|| EncodeError::NoWireText {
                field: self.name.clone(),
                word,
            })
    }

    fn encode_number(&self, content: &RoleContent, number: i64) -> Result<Vec<u8>, EncodeError> {
        if number < 0 && !content.signed {
            return Err(EncodeError::Negative {
                field: self.name.clone(),
            });
        }
        let too_wide = |max| EncodeError::TooWide {
            field: self.name.clone(),
            max,
        };
        let scaled = number
            .checked_mul(content.scale)
            .ok_or_else(|| too_wide(0))?;
        let digits = match content.form {
            NumberForm::Decimal => scaled.unsigned_abs().to_string(),
            NumberForm::Hex => format!("{:X}", scaled.unsigned_abs()),
            form @ (NumberForm::BigEndian | NumberForm::LittleEndian | NumberForm::Bcd) => {
                let width = self.width();
                return number::encode(form, width, scaled.unsigned_abs())
                    .ok_or_else(|| too_wide(width));
            }
        };
        if scaled >= 0 {
            return self.pad(digits.as_bytes());
        }
        if self.pad != b'0' || !self.fills_width() {
            return self.pad(format!("-{digits}").as_bytes());
        }
        let width = self.width();
        number::encode(NumberForm::Decimal, width - 1, scaled.unsigned_abs())
            .map(|digits| [b"-", digits.as_slice()].concat())
            .ok_or_else(|| too_wide(width))
    }

    fn encode_text(&self, text: &str) -> Result<Vec<u8>, EncodeError> {
        let bytes = self
            .character_set
            .write(text)
            .filter(|bytes| !bytes.is_empty() && self.read(bytes).as_deref() == Some(text))
            .ok_or_else(|| self.not_writable())?;
        let padded = self.pad(&bytes)?;
        // What would not be read back as it is would be another value at the other end.
        let same = self.bare(&padded) == Some(bytes.as_slice()) || self.zeros_belong();
        if same && !self.says_nothing(&padded) {
            Ok(padded)
        } else {
            Err(self.not_writable())
        }
    }

    fn not_writable(&self) -> EncodeError {
        EncodeError::NotWritable {
            field: self.name.clone(),
        }
    }

    /// Put the value of the bytes of this field among the others; nothing where it is blank and may be.
    pub(super) fn decode(&self, wire: &[u8], values: &mut Values) -> Result<(), DecodeError> {
        let bad = |problem: &'static str| DecodeError::Field {
            field: self.name.clone(),
            problem,
        };
        if let Extent::AtMost(max) = self.extent
            && wire.len() > max
        {
            return Err(bad("is too long"));
        }
        let content = match &self.content {
            Content::Constant(constant) if wire == constant => return Ok(()),
            Content::Constant(_) => return Err(bad("is not what it always is")),
            Content::Filler(_) => return Ok(()),
            Content::Blank if is_blank(wire) => return Ok(()),
            Content::Blank => return Err(bad("is not blank")),
            Content::Role(content) => content,
        };
        if content.write_only {
            return Ok(());
        }
        if self.says_nothing(wire) {
            return if self.required {
                Err(bad("is blank"))
            } else {
                Ok(())
            };
        }
        let value = match content.form {
            NumberForm::Decimal | NumberForm::Hex => self.decode_text(content, wire, values)?,
            form @ (NumberForm::BigEndian | NumberForm::LittleEndian | NumberForm::Bcd) => {
                let number =
                    number::decode(form, wire).and_then(|number| i64::try_from(number).ok());
                let number = number.and_then(|number| content.number(number));
                Some(number.ok_or_else(|| bad("is not a number within its bounds"))?)
            }
        };
        match value {
            Some(value) => {
                values.insert(content.role, value);
                Ok(())
            }
            None if self.required => Err(bad("is blank")),
            None => Ok(()),
        }
    }

    fn decode_text(
        &self,
        content: &RoleContent,
        wire: &[u8],
        values: &mut Values,
    ) -> Result<Option<Value>, DecodeError> {
        let bad = |problem: &'static str| DecodeError::Field {
            field: self.name.clone(),
            problem,
        };
        let read = self
            .read(wire)
            .ok_or_else(|| bad("holds a character that may not stand there"))?;
        let bare = match self.bare(wire) {
            Some(bare) => self
                .read(bare)
                .ok_or_else(|| bad("holds a character that may not stand there"))?,
            None => String::new(),
        };
        if let Some(map) = &content.values {
            let exact = map.by_wire.get(&read).or_else(|| map.by_wire.get(&bare));
            let word = match exact {
                Some(word) => word,
                None if bare.is_empty() => return Ok(None),
                None => map
                    .otherwise
                    .as_ref()
                    .ok_or_else(|| bad("has a value the layout does not name"))?,
            };
            if content.also_center_code {
                values.insert(Role::CenterResultCode, Value::Text(bare));
            }
            return content
                .word(word)
                .map(Some)
                .ok_or_else(|| bad("is not a number"));
        }
        if bare.is_empty() {
            return Ok(None);
        }
        match content.role.holds() {
            Holds::Word => Err(bad("has a value the layout does not name")),
            Holds::Number { .. } => match content.digits(&bare) {
                Some(number) => Ok(Some(number)),
                None if content.any_text => Ok(Some(Value::Text(bare))),
                None => Err(bad("is not a number within its bounds")),
            },
            Holds::Text => Ok(Some(Value::Text(bare))),
            Holds::Time(part) => time_of(&bare, &content.format, part)
                .map(|time| Some(Value::Time(time)))
                .ok_or_else(|| bad("is not a time")),
        }
    }

    /// Is this one of the texts that stand for nothing?
    fn says_nothing(&self, wire: &[u8]) -> bool {
        self.blanks.iter().any(|blank| blank == wire)
    }

    /// Its width, or the most it may be.
    pub(super) fn width(&self) -> usize {
        match self.extent {
            Extent::Exact(width) | Extent::AtMost(width) => width,
            Extent::Rest => 0,
        }
    }

    fn fills_width(&self) -> bool {
        matches!(self.extent, Extent::Exact(_)) || self.padded
    }

    /// Zeros before a text are its own: a number off a slip is kept as it is printed.
    fn zeros_belong(&self) -> bool {
        self.pad == b'0'
            && self.align == Align::Right
            && self
                .role()
                .is_some_and(|role| matches!(role.holds(), Holds::Text))
    }

    /// Pad bytes to the width of the field; without a width they stand as they are.
    pub(super) fn pad(&self, bytes: &[u8]) -> Result<Vec<u8>, EncodeError> {
        let width = match self.extent {
            Extent::Rest => return Ok(bytes.to_vec()),
            Extent::Exact(width) | Extent::AtMost(width) => width,
        };
        let missing = width
            .checked_sub(bytes.len())
            .ok_or_else(|| EncodeError::TooWide {
                field: self.name.clone(),
                max: width,
            })?;
        if !self.fills_width() {
            return Ok(bytes.to_vec());
        }
        let padding = vec![self.pad; missing];
        Ok(match self.align {
            Align::Left => [bytes, &padding].concat(),
            Align::Right => [&padding, bytes].concat(),
        })
    }

    /// The bytes of a field that says nothing.
    pub(super) fn absent(&self) -> Vec<u8> {
        if let Some(blank) = self.blanks.first() {
            return blank.clone();
        }
        match self.extent {
            Extent::Exact(width) => vec![b' '; width],
            Extent::AtMost(width) if self.padded => vec![b' '; width],
            Extent::AtMost(_) | Extent::Rest => Vec::new(),
        }
    }

    /// The content without its padding; `None` where it is blank.
    fn bare<'a>(&self, wire: &'a [u8]) -> Option<&'a [u8]> {
        if is_blank(wire) {
            return None;
        }
        if !self.fills_width() || self.zeros_belong() {
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

    /// Bytes to text, by the character set; only a log has lines.
    fn read(&self, wire: &[u8]) -> Option<String> {
        self.character_set
            .read(wire, self.role() == Some(Role::Log))
    }
}

impl RoleContent {
    /// A number of the wire in our units, within the bounds of the role.
    fn number(&self, scaled: i64) -> Option<Value> {
        let Holds::Number { min, max } = self.role.holds() else {
            return None;
        };
        let min = if self.signed { -max } else { min };
        let number = scaled / self.scale;
        (number * self.scale == scaled && (min..=max).contains(&number))
            .then_some(Value::Number(number))
    }

    /// Digits, and a sign where there may be one.
    fn digits(&self, text: &str) -> Option<Value> {
        let (below_zero, digits) = match text.as_bytes().first() {
            Some(b'-') if self.signed => (true, &text[1..]),
            Some(b'+') if self.signed => (false, &text[1..]),
            _ => (false, text),
        };
        let number = number::decode(self.form, digits.as_bytes())?;
        let number = i64::try_from(number).ok()?;
        self.number(if below_zero { -number } else { number })
    }

    /// One of our words, or a number by its word.
    pub(super) fn word(&self, word: &str) -> Option<Value> {
        match self.role.holds() {
            Holds::Number { .. } => word.parse().ok().map(Value::Number),
            Holds::Word | Holds::Text | Holds::Time(_) => Some(Value::Word(word.to_owned())),
        }
    }
}

impl ValueMap {
    fn means(&self, wire: &str) -> Option<&String> {
        self.by_wire.get(wire).or(self.otherwise.as_ref())
    }
}

/// Nothing but spaces, or nothing at all.
pub(super) fn is_blank(wire: &[u8]) -> bool {
    wire.iter().all(|byte| *byte == b' ')
}

/// A time in a format; `None` where the format or the year cannot be written.
pub(super) fn written(time: NaiveDateTime, format: &str) -> Option<String> {
    let mut text = String::new();
    write!(text, "{}", time.format(format)).ok()?;
    Some(text)
}

/// A whole time, a date at midnight, or a clock on no particular day, if it is written exactly so.
pub(super) fn time_of(text: &str, format: &str, part: TimePart) -> Option<NaiveDateTime> {
    let time = match part {
        TimePart::Whole => NaiveDateTime::parse_from_str(text, format).ok()?,
        TimePart::Date => NaiveDate::parse_from_str(text, format)
            .ok()?
            .and_time(NaiveTime::MIN),
        TimePart::Clock => {
            NaiveDate::default().and_time(NaiveTime::parse_from_str(text, format).ok()?)
        }
    };
    (written(time, format).as_deref() == Some(text)).then_some(time)
}
