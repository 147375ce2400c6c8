//! One message of a layout: its fields in order, put together and taken apart.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::cut::{Piece, Shape, by_width};
use super::field::{Content, Extent, Field, is_blank};
use super::role::{Role, Roles, Value, Values};
use super::text::as_ascii;
use super::{DecodeError, EncodeError};
use crate::cat::frame::number;
use crate::cat::{Command, DailyLogType, TransactionType};

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
    Transactions,
    Standalone,
}

/// What a terminal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ReplyKind {
    Status,
    Phase,
    Display,
    Result,
    Inquiry,
    DailyLog,
    Transactions,
    Listed,
    ListEnd,
}

/// A command by the name that answers to it call it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CommandName {
    Status,
    Sale,
    Void,
    Refund,
    LastResult,
    Reporting,
    Settlement,
    Transactions,
    Standalone,
}

impl From<&Command> for CommandName {
    fn from(command: &Command) -> CommandName {
        match command {
            Command::Status => CommandName::Status,
            Command::Authorize(authorize) => match authorize.transaction {
                TransactionType::Sales => CommandName::Sale,
                TransactionType::Void => CommandName::Void,
                TransactionType::Refund => CommandName::Refund,
            },
            Command::LastResult { .. } => CommandName::LastResult,
            Command::AccessDailyLog { log, .. } => match log {
                DailyLogType::Reporting => CommandName::Reporting,
                DailyLogType::Settlement => CommandName::Settlement,
            },
            Command::Transactions => CommandName::Transactions,
            Command::Standalone => CommandName::Standalone,
        }
    }
}

impl CommandName {
    /// The transaction that it asks for.
    pub(super) fn transaction(self) -> Option<TransactionType> {
        match self {
            CommandName::Sale => Some(TransactionType::Sales),
            CommandName::Void => Some(TransactionType::Void),
            CommandName::Refund => Some(TransactionType::Refund),
            CommandName::Status
            | CommandName::LastResult
            | CommandName::Reporting
            | CommandName::Settlement
            | CommandName::Transactions
            | CommandName::Standalone => None,
        }
    }
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
            Kind::Command(CommandKind::Transactions) => "transactions command",
            Kind::Command(CommandKind::Standalone) => "standalone",
            Kind::Reply(ReplyKind::Status) => "status reply",
            Kind::Reply(ReplyKind::Phase) => "phase",
            Kind::Reply(ReplyKind::Display) => "display",
            Kind::Reply(ReplyKind::Result) => "result",
            Kind::Reply(ReplyKind::Inquiry) => "inquiry",
            Kind::Reply(ReplyKind::DailyLog) => "daily_log reply",
            Kind::Reply(ReplyKind::Transactions) => "transactions reply",
            Kind::Reply(ReplyKind::Listed) => "listed",
            Kind::Reply(ReplyKind::ListEnd) => "list_end",
        }
    }

    /// True for what the console sends.
    pub(super) fn is_command(self) -> bool {
        matches!(self, Kind::Command(_))
    }

    /// The roles without which the message means nothing; of each group one is enough.
    pub(super) fn needs(self) -> &'static [&'static [Role]] {
        match self {
            Kind::Command(CommandKind::Sale | CommandKind::Refund) => &[&[Role::Amount]],
            Kind::Command(CommandKind::Void) => &[&[Role::Amount, Role::OriginalSlip]],
            Kind::Command(CommandKind::DailyLog) => &[&[Role::LogType]],
            Kind::Command(
                CommandKind::Status
                | CommandKind::LastResult
                | CommandKind::Transactions
                | CommandKind::Standalone,
            ) => &[],
            Kind::Reply(ReplyKind::Status) => &[&[Role::State]],
            Kind::Reply(ReplyKind::Phase) => &[&[Role::Phase]],
            Kind::Reply(ReplyKind::Display) => &[&[Role::Display]],
            Kind::Reply(ReplyKind::Result) => &[&[Role::Result]],
            Kind::Reply(ReplyKind::Inquiry) => &[&[Role::InquiryStatus]],
            Kind::Reply(ReplyKind::Transactions | ReplyKind::Listed) => &[&[Role::Amount]],
            Kind::Reply(ReplyKind::DailyLog | ReplyKind::ListEnd) => &[],
        }
    }
}

/// A separator behind the last field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Trailing {
    /// Never.
    #[default]
    None,
    /// Written; may be missing in what comes.
    Written,
    /// Not written; may stand in what comes.
    Accepted,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) kind: Kind,
    pub(super) shape: Shape,
    pub(super) fields: Vec<Field>,
    /// The fields of one record; records repeat to the end.
    pub(super) record: Vec<Field>,
    pub(super) trailing: Trailing,
    /// What the text does not carry, and what picks the message when writing.
    pub(super) given: Values<'static>,
    /// What the text does not carry, taken for granted when reading.
    pub(super) assumed: Values<'static>,
    /// The commands it may answer; any where empty.
    pub(super) answers: Vec<CommandName>,
    /// Nothing but an acknowledgement answers it.
    pub(super) answered_by_acknowledgement: bool,
    /// Another form of a message; never written.
    pub(super) read_only: bool,
    /// The terminal tells the phases of what this message asks.
    pub(super) wants_progress: bool,
    pub(super) prepared: Prepared,
}

/// What follows from the fields of a message, reckoned when the layout is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Prepared {
    /// The bytes of the fields of exact width.
    pub(super) least: usize,
    /// The length of every text; `None` where it varies.
    pub(super) exact_length: Option<usize>,
    /// So many fields from the first tell the message from others.
    pub(super) telling: usize,
    /// What tells it by place, where fields go by width and all that tells is constant.
    pub(super) marks: Option<Vec<Mark>>,
    /// The roles whose value is said, or given.
    pub(super) carried: Roles,
    /// How it is written.
    pub(super) steps: Vec<Step>,
    /// What is read of it, where fields go by width.
    pub(super) told: Vec<Told>,
}

/// A field with a value to read, at its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// Its index.
    pub(super) field: usize,
    pub(super) from: usize,
    /// Where it ends, or past the end of any text.
    pub(super) to: usize,
}

/// One step in writing the fields of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Always these bytes, of fields that say nothing.
    Bytes(Vec<u8>),
    /// The field at this index.
    Field(usize),
}

/// Constant bytes and where in a text they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) offset: usize,
    pub(super) bytes: Vec<u8>,
}

impl Mark {
    fn stands_in(&self, text: &[u8]) -> bool {
        let behind = text.get(self.offset..);
        behind.is_some_and(|behind| behind.starts_with(&self.bytes))
    }
}

/// What a message must have at its places, to be told from others.
type Demands = BTreeMap<Place, Vec<u8>>;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// A byte, or a separated field.
    At(usize),
    Tag(Vec<u8>),
}

impl Message {
    /// Is there a field of this role, or is its value given?
    pub(super) fn carries(&self, role: Role) -> bool {
        self.prepared.carried.contains(role)
    }

    /// May these values be said by this message?
    pub(super) fn says(&self, values: &Values<'_>) -> bool {
        let same = |role| {
            values
                .get(role)
                .is_none_or(|value| self.given.get(role) == Some(value))
        };
        self.given.roles().iter().all(same)
    }

    /// May it answer this command?
    pub(super) fn may_answer(&self, asked: Option<CommandName>) -> bool {
        self.answers.is_empty() || asked.is_none_or(|asked| self.answers.contains(&asked))
    }

    /// The text of these values, with the records behind.
    pub(super) fn encode(
        &self,
        values: &Values<'_>,
        records: &[Values<'_>],
    ) -> Result<Vec<u8>, EncodeError> {
        let mut text = Vec::with_capacity(self.prepared.least);
        for step in &self.prepared.steps {
            match step {
                Step::Bytes(bytes) => text.extend_from_slice(bytes),
                Step::Field(index) => {
                    self.write(&mut text, *index == 0, &self.fields[*index], values)?;
                }
            }
        }
        for record in records {
            for (index, field) in self.record.iter().enumerate() {
                let first = index == 0 && text.is_empty() && self.fields.is_empty();
                self.write(&mut text, first, field, record)?;
            }
        }
        if let Shape::Separated { separator, .. } = self.shape
            && self.trailing == Trailing::Written
        {
            text.push(separator);
        }
        Ok(text)
    }

    fn write(
        &self,
        text: &mut Vec<u8>,
        first: bool,
        field: &Field,
        values: &Values<'_>,
    ) -> Result<(), EncodeError> {
        let encode = |out: &mut Vec<u8>| {
            if self.kind.is_command() {
                field.encode(values, out)
            } else {
                field.encode_loosely(values, out)
            }
        };
        match self.shape {
            Shape::Fixed => encode(text)?,
            Shape::Separated {
                separator,
                character_set,
            } => {
                if !first {
                    text.push(separator);
                }
                let start = text.len();
                encode(text)?;
                let holds_separator = character_set
                    .places_of(separator, &text[start..])
                    .next()
                    .is_some();
                if holds_separator && field.extent != Extent::Rest {
                    return Err(EncodeError::NotWritable {
                        field: field.name.clone(),
                    });
                }
            }
            Shape::Tlv(form) => {
                let mut bytes = Vec::new();
                encode(&mut bytes)?;
                if let Some(tag) = &field.tag {
                    let has_value = |role: Role| values.contains(role.source());
                    let absent = field.role().is_some_and(|role| !has_value(role));
                    if absent && field.blanks.is_empty() {
                        return Ok(());
                    }
                    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                    let length = number::encode(form.length_form, form.length_width, length)
                        .ok_or_else(|| EncodeError::TooWide {
                            field: field.name.clone(),
                            max: field.width(),
                        })?;
                    text.extend_from_slice(tag);
                    text.extend_from_slice(&length);
                }
                text.extend_from_slice(&bytes);
            }
        }
        Ok(())
    }

    /// Do the constants stand where this message has them?
    pub(super) fn begins_like(&self, text: &[u8]) -> bool {
        // Without a constant only the length tells.
        if self.prepared.telling == 0 && self.exact_length().is_some() {
            return self.exact_length() == Some(text.len());
        }
        if let Some(marks) = &self.prepared.marks {
            return marks.iter().all(|mark| mark.stands_in(text));
        }
        let fits = |(field, piece): (&Field, Option<Piece<'_>>)| match (field.demanded(), piece) {
            (None, _) => true,
            (Some([]), Some(piece)) => is_blank(piece.bytes),
            (Some([]), None) => true,
            (Some(demanded), Some(piece)) => demanded == piece.bytes,
            (Some(_), None) => false,
        };
        let telling = &self.fields[..self.prepared.telling];
        if self.shape == Shape::Fixed {
            by_width(telling, text).all(fits)
        } else {
            telling.iter().zip(self.cut(text).fields).all(fits)
        }
    }

    /// Is it as long as this message is?
    pub(super) fn is_as_long_as(&self, text: &[u8]) -> bool {
        self.exact_length()
            .is_none_or(|length| length == text.len())
    }

    /// Take a text apart whose constants are right: its values into `values`, and those of its records.
    pub(super) fn decode<'a>(
        &'a self,
        text: &'a [u8],
        values: &mut Values<'a>,
    ) -> Result<Vec<Values<'a>>, DecodeError> {
        let mut listed = Vec::new();
        let printable = as_ascii(text);
        if self.shape == Shape::Fixed && self.record.is_empty() {
            if let Some(mistake) = self.mistaken_width(text) {
                return Err(mistake);
            }
            for Told { field, from, to } in &self.prepared.told {
                let place = *from..*to.min(&text.len());
                let printable = printable.and_then(|text| text.get(place.clone()));
                let wire = match printable {
                    Some(printable) => printable.as_bytes(),
                    None => text.get(place).unwrap_or_default(),
                };
                self.fields[*field].decode(wire, printable, values)?;
            }
        } else {
            let cut = self.cut(text);
            if let Some((_, mistake)) = cut.mistake {
                return Err(mistake);
            }
            for (field, piece) in self.fields.iter().zip(cut.fields) {
                take(field, piece, printable, values)?;
            }
            for record in cut.records {
                let mut values = Values::default();
                for (field, piece) in self.record.iter().zip(record) {
                    field.decode(piece.bytes, piece.part_of(printable), &mut values)?;
                }
                join_time(&mut values);
                listed.push(values);
            }
        }
        join_time(values);
        for taken in [&self.given, &self.assumed] {
            for role in taken.roles().without(values.roles()).iter() {
                if let Some(value) = taken.get(role) {
                    values.insert(role, value);
                }
            }
        }
        Ok(listed)
    }

    /// Can no text be both this message and the other?
    pub(super) fn differs_from(&self, other: &Message) -> bool {
        if let (Some(length), Some(other_length)) = (self.exact_length(), other.exact_length())
            && length != other_length
        {
            return true;
        }
        let asked_apart = !self.answers.is_empty()
            && !other.answers.is_empty()
            && !self.answers.iter().any(|name| other.answers.contains(name));
        if asked_apart {
            return true;
        }
        if std::mem::discriminant(&self.shape) != std::mem::discriminant(&other.shape) {
            let (head, other_head) = (self.head(), other.head());
            return head.iter().zip(&other_head).any(|(a, b)| a != b);
        }
        let demands = other.demands();
        self.demands()
            .iter()
            .any(|(place, bytes)| demands.get(place).is_some_and(|other| other != bytes))
    }

    /// Is every text of this message one of the other too, and not the other way round? Then it must be looked for first.
    pub(super) fn is_special_case_of(&self, other: &Message) -> bool {
        let (demands, others) = (self.demands(), other.demands());
        std::mem::discriminant(&self.shape) == std::mem::discriminant(&other.shape)
            && demands.len() > others.len()
            && others
                .iter()
                .all(|(place, bytes)| demands.get(place) == Some(bytes))
    }

    fn demands(&self) -> Demands {
        let mut demands = Demands::new();
        let mut offset = 0;
        for (index, field) in self.fields.iter().enumerate() {
            let demanded = field.demanded();
            match (&field.tag, self.shape) {
                (Some(tag), Shape::Tlv(_)) => {
                    if let Some(bytes) = demanded {
                        demands.insert(Place::Tag(tag.clone()), bytes.to_vec());
                    }
                    continue;
                }
                (_, Shape::Separated { .. }) => {
                    if let Some(bytes) = demanded {
                        let bytes = if is_blank(bytes) { &[] } else { bytes };
                        demands.insert(Place::At(index), bytes.to_vec());
                    }
                    continue;
                }
                (_, Shape::Fixed | Shape::Tlv(_)) => {}
            }
            let width = field.width();
            let bytes = match &field.content {
                Content::Blank => vec![b' '; width],
                Content::Constant(bytes) => bytes.clone(),
                Content::Filler(_) | Content::Role(_) => Vec::new(),
            };
            for (index, byte) in bytes.iter().enumerate() {
                demands.insert(Place::At(offset + index), vec![*byte]);
            }
            offset += width;
        }
        demands
    }

    /// The bytes every text of it begins with.
    fn head(&self) -> Vec<u8> {
        let mut head = Vec::new();
        for field in &self.fields {
            let Content::Constant(bytes) = &field.content else {
                break;
            };
            if let (Shape::Separated { separator, .. }, false) = (self.shape, head.is_empty()) {
                head.push(separator);
            }
            if field.tag.is_some() {
                break;
            }
            head.extend_from_slice(bytes);
        }
        head
    }
}

/// The value of a piece, or of a piece that is not there. `printable` is all of the text, where it can be printed in ASCII.
fn take<'a>(
    field: &'a Field,
    piece: Option<Piece<'a>>,
    printable: Option<&'a str>,
    values: &mut Values<'a>,
) -> Result<(), DecodeError> {
    match piece {
        Some(piece) => field.decode(piece.bytes, piece.part_of(printable), values),
        None if field.required && field.role().is_some() && !field.may_be_missing => {
            Err(DecodeError::Field {
                field: field.name.clone(),
                problem: "is missing",
            })
        }
        None => Ok(()),
    }
}

/// A date and a clock make a time; one without the other makes none.
fn join_time(values: &mut Values<'_>) {
    if let (Some(date), Some(clock)) = (values.time(Role::Date), values.time(Role::Clock)) {
        values.insert(Role::Time, Value::Time(date.date().and_time(clock.time())));
    }
}
