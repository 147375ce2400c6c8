//! One field of a message: its place on the wire, its padding, its value map; text to value and back.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

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
    /// Wire text (padded where the field is) to what it means.
    pub(super) by_wire: BTreeMap<String, Value<'static>>,
    /// What every other text means.
    pub(super) otherwise: Option<Value<'static>>,
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

    /// Write its value among these. What merely describes a transaction and has no room stays blank; an account number keeps its end.
    pub(super) fn encode_loosely(
        &self,
        values: &Values<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let role = match (self.role(), self.extent) {
            (Some(role), Extent::Exact(_) | Extent::AtMost(_)) if !self.required => role,
            _ => return self.encode(values, out),
        };
        if let (Role::Account, Some(Value::Text(account))) = (role, values.get(role))
            && let Some(over) = account.len().checked_sub(self.width())
            && let Some(end) = account.get(over..)
        {
            let mut ending = Values::default();
            ending.insert(role, Value::Text(end));
            return self.encode(&ending, out);
        }
        let before = out.len();
        self.encode(values, out).or_else(|error| {
            if role.describes() {
                out.truncate(before);
                self.leave_blank(out);
                Ok(())
            } else {
                Err(error)
            }
        })
    }

    /// Write its value among these, padded. After an error there may be a part of it.
    pub(super) fn encode(&self, values: &Values<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let content = match &self.content {
            Content::Role(content) => content,
            Content::Constant(_) | Content::Filler(_) | Content::Blank => {
                self.write_unsaid(out);
                return Ok(());
            }
        };
        let value = match values.get(content.role.source()) {
            Some(value) => value,
            None if self.required => {
                return Err(EncodeError::Missing {
                    field: self.name.clone(),
                });
            }
            None => {
                self.leave_blank(out);
                return Ok(());
            }
        };
        if let Some(map) = &content.values {
            return self.encode_word(content, map, value, values, out);
        }
        match value {
            Value::Number(number) => self.encode_number(content, number, out),
            // The place of a number gives a foreign text back as it came, nothing included.
            Value::Text("") => {
                self.leave_blank(out);
                Ok(())
            }
            Value::Text(text) if matches!(content.role.holds(), Holds::Number { .. }) => {
                let bytes = self.character_set.write(text);
                self.pad(&bytes.ok_or_else(|| self.not_writable())?, out)
            }
            // A card's number is told by its end, in as many digits as there is room for.
            Value::Text(text) if content.role == Role::Account => {
                let surplus = match self.extent {
                    Extent::Exact(width) | Extent::AtMost(width) => {
                        text.chars().count().saturating_sub(width)
                    }
                    Extent::Rest => 0,
                };
                self.encode_text(&text.chars().skip(surplus).collect::<String>(), out)
            }
            Value::Text(text) => self.encode_text(text, out),
            Value::Word(word) => self.encode_text(word, out),
            Value::Time(time) => {
                let text = written(time, &content.format).ok_or_else(|| self.not_writable())?;
                self.encode_text(&text, out)
            }
        }
    }

    /// Write what it always is, where it says nothing.
    pub(super) fn write_unsaid(&self, out: &mut Vec<u8>) {
        match &self.content {
            Content::Constant(bytes) | Content::Filler(bytes) => out.extend_from_slice(bytes),
            Content::Blank | Content::Role(_) => self.leave_blank(out),
        }
    }

    fn encode_word(
        &self,
        content: &RoleContent,
        map: &ValueMap,
        value: Value<'_>,
        values: &Values<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let word: Cow<'_, str> = match value {
            Value::Number(number) => number.to_string().into(),
            Value::Word(text) | Value::Text(text) => text.into(),
            Value::Time(_) => return Err(self.not_writable()),
        };
        let mut wire = Vec::new();
        if content.also_center_code
            && let Some(Value::Text(code)) = values.get(Role::CenterResultCode)
            && self.pad(code.as_bytes(), &mut wire).is_ok()
            && map.means(&String::from_utf8_lossy(&wire)) == Some(&value)
        {
            out.extend_from_slice(&wire);
            return Ok(());
        }
        match map.written.get(word.as_ref()) {
            Some(wire) => {
                out.extend_from_slice(wire.as_bytes());
                Ok(())
            }
            None => Err(EncodeError::NoWireText {
                field: self.name.clone(),
                word: word.into_owned(),
            }),
        }
    }

    fn encode_number(
        &self,
        content: &RoleContent,
        number: i64,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
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
        let (sign, size) = (if scaled < 0 { "-" } else { "" }, scaled.unsigned_abs());
        let in_zeros = self.pad == b'0' && self.fills_width() && self.extent != Extent::Rest;
        match content.form {
            NumberForm::Decimal if !in_zeros => self.pad(format!("{sign}{size}").as_bytes(), out),
            NumberForm::Hex if !in_zeros => self.pad(format!("{sign}{size:X}").as_bytes(), out),
            form => {
                // In its full width it is written straight to its place.
                out.extend_from_slice(sign.as_bytes());
                let start = out.len();
                let width = self.width();
                out.resize(start + width - sign.len(), 0);
                number::write(form, &mut out[start..], size)
                    .then_some(())
                    .ok_or_else(|| too_wide(width))
            }
        }
    }

    fn encode_text(&self, text: &str, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let bytes = self
            .character_set
            .write(text)
            .filter(|bytes| !bytes.is_empty() && self.read(bytes).as_deref() == Some(text))
            .ok_or_else(|| self.not_writable())?;
        let start = out.len();
        self.pad(&bytes, out)?;
        let padded = &out[start..];
        // What would not be read back as it is would be another value at the other end.
        let bare = self.bare(padded).map(|bare| &padded[bare]);
        let same = bare == Some(&*bytes) || self.zeros_belong();
        if same && !self.says_nothing(padded) {
            Ok(())
        } else {
            Err(self.not_writable())
        }
    }

    fn not_writable(&self) -> EncodeError {
        EncodeError::NotWritable {
            field: self.name.clone(),
        }
    }

    /// Put the value of the bytes of this field among the others; nothing where it is blank and may be. `printable` is the same bytes as
    /// text, where all of the message can be printed in ASCII.
    pub(super) fn decode<'a>(
        &'a self,
        wire: &'a [u8],
        printable: Option<&'a str>,
        values: &mut Values<'a>,
    ) -> Result<(), DecodeError> {
        if let Extent::AtMost(max) = self.extent
            && wire.len() > max
        {
            return Err(self.wrong("is too long"));
        }
        let content = match &self.content {
            Content::Role(content) if !content.write_only => content,
            _ => return self.look_over(wire),
        };
        let said = !self.says_nothing(wire)
            && match (content.role.holds(), printable) {
                // Most fields, and the shortest way.
                (Holds::Text, Some(text)) => {
                    let bare = self.bare(wire).and_then(|bare| text.get(bare));
                    if let Some(bare) = bare {
                        values.insert(content.role, Value::Text(bare));
                    }
                    bare.is_some()
                }
                _ => self.decode_value(content, wire, printable, values)?,
            };
        if said || !self.required {
            Ok(())
        } else {
            Err(self.wrong("is blank"))
        }
    }

    /// Does a field that tells no value hold what it may?
    #[inline(never)]
    fn look_over(&self, wire: &[u8]) -> Result<(), DecodeError> {
        match &self.content {
            Content::Constant(constant) if wire == constant => Ok(()),
            Content::Constant(_) => Err(self.wrong("is not what it always is")),
            Content::Blank if is_blank(wire) => Ok(()),
            Content::Blank => Err(self.wrong("is not blank")),
            Content::Filler(_) | Content::Role(_) => Ok(()),
        }
    }

    /// Put the value of any role among the others; false where there is none.
    #[inline(never)]
    fn decode_value<'a>(
        &'a self,
        content: &'a RoleContent,
        wire: &'a [u8],
        printable: Option<&'a str>,
        values: &mut Values<'a>,
    ) -> Result<bool, DecodeError> {
        if !matches!(content.form, NumberForm::Decimal | NumberForm::Hex) {
            let number = number::decode(content.form, wire)
                .and_then(|number| i64::try_from(number).ok())
                .and_then(|number| content.number(number));
            let number = number.ok_or_else(|| self.wrong("is not a number within its bounds"))?;
            values.insert(content.role, number);
            return Ok(true);
        }
        let (read, bare) = match printable {
            Some(text) => {
                let bare = self.bare(wire).and_then(|bare| text.get(bare));
                (Cow::Borrowed(text), Cow::Borrowed(bare.unwrap_or_default()))
            }
            None => self
                .read_bare(wire)
                .ok_or_else(|| self.wrong("holds a character that may not stand there"))?,
        };
        let value = if let Some(map) = &content.values {
            match map.by_wire.get(&*read).or_else(|| map.by_wire.get(&*bare)) {
                None if bare.is_empty() => return Ok(false),
                known => {
                    if content.also_center_code {
                        values.insert_text(Role::CenterResultCode, bare);
                    }
                    let meant = known.or(map.otherwise.as_ref()).copied();
                    meant.ok_or_else(|| self.wrong("has a value the layout does not name"))?
                }
            }
        } else if bare.is_empty() {
            return Ok(false);
        } else {
            match content.role.holds() {
                Holds::Word => return Err(self.wrong("has a value the layout does not name")),
                Holds::Text => {
                    values.insert_text(content.role, bare);
                    return Ok(true);
                }
                Holds::Number { .. } => match content.digits(&bare) {
                    Some(number) => number,
                    None if content.any_text => {
                        values.insert_text(content.role, bare);
                        return Ok(true);
                    }
                    None => return Err(self.wrong("is not a number within its bounds")),
                },
                Holds::Time(part) => {
                    let time = time_of(&bare, &content.format, part);
                    Value::Time(time.ok_or_else(|| self.wrong("is not a time"))?)
                }
            }
        };
        values.insert(content.role, value);
        Ok(true)
    }

    #[cold]
    fn wrong(&self, problem: &'static str) -> DecodeError {
        DecodeError::Field {
            field: self.name.clone(),
            problem,
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

    /// Write bytes, padded to the width of the field; without a width they stand as they are.
    pub(super) fn pad(&self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let width = match self.extent {
            Extent::Rest => bytes.len(),
            Extent::Exact(width) | Extent::AtMost(width) => width,
        };
        let missing = width
            .checked_sub(bytes.len())
            .ok_or_else(|| EncodeError::TooWide {
                field: self.name.clone(),
                max: width,
            })?;
        let missing = if self.fills_width() { missing } else { 0 };
        let (before, behind) = match self.align {
            Align::Left => (0, missing),
            Align::Right => (missing, 0),
        };
        out.resize(out.len() + before, self.pad);
        out.extend_from_slice(bytes);
        out.resize(out.len() + behind, self.pad);
        Ok(())
    }

    /// Write the bytes of a field that says nothing.
    fn leave_blank(&self, out: &mut Vec<u8>) {
        match (self.blanks.first(), self.extent) {
            (Some(blank), _) => out.extend_from_slice(blank),
            (None, Extent::Exact(_) | Extent::AtMost(_)) if self.fills_width() => {
                out.resize(out.len() + self.width(), b' ');
            }
            (None, Extent::Exact(_) | Extent::AtMost(_) | Extent::Rest) => {}
        }
    }

    /// Where the content without its padding stands; `None` where it is blank.
    fn bare(&self, wire: &[u8]) -> Option<Range<usize>> {
        if is_blank(wire) {
            return None;
        }
        if !self.fills_width() || self.zeros_belong() {
            return Some(0..wire.len());
        }
        let is_pad = |byte: &u8| *byte == self.pad;
        Some(match self.align {
            Align::Left => {
                let end = wire.iter().rposition(|byte| !is_pad(byte));
                0..end.map_or(1, |end| end + 1)
            }
            Align::Right => {
                let start = wire.iter().position(|byte| !is_pad(byte));
                start.unwrap_or(wire.len() - 1)..wire.len()
            }
        })
    }

    /// All of it and its content without the padding, as text.
    fn read_bare<'a>(&self, wire: &'a [u8]) -> Option<(Cow<'a, str>, Cow<'a, str>)> {
        let read = self.read(wire)?;
        let bare = match self.bare(wire) {
            Some(bare) => self.read(&wire[bare])?,
            None => Cow::Borrowed(""),
        };
        Some((read, bare))
    }

    /// Bytes to text, by the character set; only a log has lines.
    fn read<'a>(&self, wire: &'a [u8]) -> Option<Cow<'a, str>> {
        self.character_set
            .read(wire, self.role() == Some(Role::Log))
    }
}

impl RoleContent {
    /// A number of the wire in our units, within the bounds of the role.
    fn number(&self, scaled: i64) -> Option<Value<'static>> {
        let Holds::Number { min, max } = self.role.holds() else {
            return None;
        };
        let min = if self.signed { -max } else { min };
        let number = scaled / self.scale;
        (number * self.scale == scaled && (min..=max).contains(&number))
            .then_some(Value::Number(number))
    }

    /// Digits, and a sign where there may be one.
    fn digits(&self, text: &str) -> Option<Value<'static>> {
        let (below_zero, digits) = match text.as_bytes().first() {
            Some(b'-') if self.signed => (true, &text[1..]),
            Some(b'+') if self.signed => (false, &text[1..]),
            _ => (false, text),
        };
        let number = number::decode(self.form, digits.as_bytes())?;
        let number = i64::try_from(number).ok()?;
        self.number(if below_zero { -number } else { number })
    }
}

impl ValueMap {
    fn means(&self, wire: &str) -> Option<&Value<'static>> {
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
