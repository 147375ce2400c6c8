//! The layout file: read, checked field by field, and refused with the line and the remedy where it cannot work.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use serde::Deserialize;
use toml::Spanned;

use super::field::{Align, CharacterSet, Content, Extent, Field, written};
use super::message::{CommandKind, Kind, Message, ReplyKind, Shape};
use super::role::{Holds, Role};
use super::{Layout, LayoutError};
use crate::cat::frame::framing::Framing;

/// The longest message any layout may ask for, in bytes.
const MESSAGE_MAX: usize = 1_048_576;
/// The longest field, in bytes.
const WIDTH_MAX: usize = 4_096;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LayoutFile {
    name: Spanned<String>,
    character_set: CharacterSet,
    shape: Spanned<ShapeName>,
    separator: Option<Spanned<char>>,
    framing: FramingFile,
    message: Vec<Spanned<MessageFile>>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum ShapeName {
    Fixed,
    Separated,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FramingFile {
    /// The one kind of line there is; named so that a file for another kind is refused.
    #[serde(rename = "kind")]
    _kind: FramingKind,
    block_text_max: Spanned<usize>,
    message_max: Spanned<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum FramingKind {
    BasicMode,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageFile {
    command: Option<CommandKind>,
    reply: Option<ReplyKind>,
    fields: Vec<Spanned<FieldFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldFile {
    role: Option<Role>,
    constant: Option<String>,
    name: Option<String>,
    width: Option<usize>,
    #[serde(default)]
    rest: bool,
    align: Option<Align>,
    pad: Option<char>,
    required: Option<bool>,
    values: Option<BTreeMap<String, String>>,
    format: Option<String>,
}

/// A complaint about a place in the file.
struct Complaint {
    at: usize,
    problem: String,
    remedy: &'static str,
}

/// Read and check a layout file.
pub(super) fn parse(file: &str, toml: &str) -> Result<Layout, LayoutError> {
    let error = |complaint: Complaint| LayoutError {
        file: file.to_owned(),
        line: line_of(toml, complaint.at),
        problem: complaint.problem,
        remedy: complaint.remedy.to_owned(),
    };
    let read: LayoutFile = toml::from_str(toml).map_err(|failure| {
        error(Complaint {
            at: failure.span().map_or(0, |span| span.start),
            problem: failure.message().replace('\n', " "),
            remedy: "correct the key or the value there; docs/open-cat.md names all of them",
        })
    })?;
    check(read).map_err(error)
}

/// The line of a byte offset, from 1.
fn line_of(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    1 + text.as_bytes()[..at]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
}

fn check(file: LayoutFile) -> Result<Layout, Complaint> {
    check_name(&file.name)?;
    let shape = shape_of(&file)?;
    let message_max = within(&file.framing.message_max, 1, MESSAGE_MAX)?;
    let block_text_max = within(&file.framing.block_text_max, 2, message_max)?;
    let mut messages: Vec<Message> = Vec::new();
    for spanned in &file.message {
        let at = spanned.span().start;
        let message = check_message(spanned, shape, file.character_set)?;
        for earlier in &messages {
            if earlier.kind == message.kind {
                return Err(Complaint {
                    at,
                    problem: format!("there are two {} messages", message.kind.name()),
                    remedy: "keep one of them",
                });
            }
            if earlier.kind.is_command() == message.kind.is_command()
                && !earlier.differs_from(&message, shape)
            {
                return Err(Complaint {
                    at,
                    problem: format!(
                        "the {} and {} messages cannot be told apart",
                        earlier.kind.name(),
                        message.kind.name()
                    ),
                    remedy: "give each a constant of its own at the same place",
                });
            }
        }
        messages.push(message);
    }
    for needed in [
        Kind::Command(CommandKind::Sale),
        Kind::Reply(ReplyKind::Result),
    ] {
        if !messages.iter().any(|message| message.kind == needed) {
            return Err(Complaint {
                at: file.name.span().start,
                problem: format!("there is no {} message", needed.name()),
                remedy: "every layout has a sale command and a result reply",
            });
        }
    }
    Ok(Layout {
        name: file.name.into_inner(),
        framing: Framing::basic(block_text_max, message_max),
        shape,
        messages,
    })
}

fn check_name(name: &Spanned<String>) -> Result<(), Complaint> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let text = name.get_ref();
    if text.is_empty() || text.len() > 40 || !text.chars().all(allowed) {
        return Err(Complaint {
            at: name.span().start,
            problem: format!("`{text}` is no name for a layout"),
            remedy: "use 1 to 40 small letters, digits and hyphens",
        });
    }
    Ok(())
}

fn shape_of(file: &LayoutFile) -> Result<Shape, Complaint> {
    match (file.shape.get_ref(), &file.separator) {
        (ShapeName::Fixed, None) => Ok(Shape::Fixed),
        (ShapeName::Fixed, Some(separator)) => Err(Complaint {
            at: separator.span().start,
            problem: "fields of fixed width have no separator".to_owned(),
            remedy: "remove separator, or set shape to \"separated\"",
        }),
        (ShapeName::Separated, None) => Err(Complaint {
            at: file.shape.span().start,
            problem: "the separator is missing".to_owned(),
            remedy: "add separator = \"|\" or whatever stands between two fields",
        }),
        (ShapeName::Separated, Some(separator)) => match u8::try_from(*separator.get_ref()) {
            Ok(byte) if byte.is_ascii_punctuation() => Ok(Shape::Separated(byte)),
            _ => Err(Complaint {
                at: separator.span().start,
                problem: "the separator is not a punctuation mark of ASCII".to_owned(),
                remedy: "use a character that no value holds, like |",
            }),
        },
    }
}

fn within(value: &Spanned<usize>, min: usize, max: usize) -> Result<usize, Complaint> {
    let number = *value.get_ref();
    if (min..=max).contains(&number) {
        Ok(number)
    } else {
        Err(Complaint {
            at: value.span().start,
            problem: format!("{number} is not within {min} to {max}"),
            remedy: "set a number within these bounds",
        })
    }
}

fn check_message(
    spanned: &Spanned<MessageFile>,
    shape: Shape,
    character_set: CharacterSet,
) -> Result<Message, Complaint> {
    let at = spanned.span().start;
    let file = spanned.get_ref();
    let kind = match (file.command, file.reply) {
        (Some(command), None) => Kind::Command(command),
        (None, Some(reply)) => Kind::Reply(reply),
        (None, None) | (Some(_), Some(_)) => {
            return Err(Complaint {
                at,
                problem: "a message is either a command or a reply".to_owned(),
                remedy: "give it one of the keys command and reply",
            });
        }
    };
    let mut fields: Vec<Field> = Vec::new();
    let mut names = BTreeSet::new();
    for (index, spanned) in file.fields.iter().enumerate() {
        let at = spanned.span().start;
        let field =
            check_field(spanned.get_ref(), shape, character_set).map_err(|(problem, remedy)| {
                Complaint {
                    at,
                    problem,
                    remedy,
                }
            })?;
        let constant = field.role().is_none();
        if !constant && !names.insert(field.name.clone()) {
            return Err(Complaint {
                at,
                problem: format!("{} is there twice", field.name),
                remedy: "a message has one field of a role; remove one of them",
            });
        }
        if field.extent == Extent::Rest && index + 1 != file.fields.len() {
            return Err(Complaint {
                at,
                problem: format!("{} takes the rest, but fields follow", field.name),
                remedy: "move it to the end of the message",
            });
        }
        fields.push(field);
    }
    let message = Message { kind, fields };
    for role in kind.needs() {
        if !message.carries(*role) {
            return Err(Complaint {
                at,
                problem: format!("the {} message has no {} field", kind.name(), role.name()),
                remedy: "add a field of this role",
            });
        }
    }
    Ok(message)
}

type FieldComplaint = (String, &'static str);

fn check_field(
    file: &FieldFile,
    shape: Shape,
    character_set: CharacterSet,
) -> Result<Field, FieldComplaint> {
    let (name, content) = match (file.role, &file.constant) {
        (Some(role), None) => (role.name(), None),
        (None, Some(constant)) => ("constant", Some(constant)),
        (None, None) | (Some(_), Some(_)) => {
            return Err((
                "a field has either a role or a constant".to_owned(),
                "give it one of the two keys",
            ));
        }
    };
    let name = file.name.clone().unwrap_or_else(|| name.to_owned());
    let is_number = file
        .role
        .is_some_and(|role| matches!(role.holds(), Holds::Number { .. }));
    let pad = file.pad.unwrap_or(if is_number { '0' } else { ' ' });
    let mut field = Field {
        content: Content::Constant(String::new()),
        extent: extent_of(file, &name, shape)?,
        align: file
            .align
            .unwrap_or(if is_number { Align::Right } else { Align::Left }),
        pad: u8::try_from(pad)
            .ok()
            .filter(|byte| (b' '..=b'~').contains(byte))
            .ok_or_else(|| {
                (
                    format!("{name} is padded with something that is not ASCII"),
                    "use a space or 0",
                )
            })?,
        required: file.required.unwrap_or(true),
        name,
        character_set,
    };
    if is_number && field.pad.is_ascii_digit() && field.align == Align::Left {
        return Err((
            format!("{} would grow by its padding", field.name),
            "numbers padded with a digit stand on the right: set align = \"right\"",
        ));
    }
    if is_number && field.pad.is_ascii_digit() && field.pad != b'0' {
        return Err((
            format!("{} would change by its padding", field.name),
            "pad numbers with 0 or a space",
        ));
    }
    field.content = match (file.role, content) {
        (Some(role), _) => role_content(file, role, &field)?,
        (None, Some(constant)) => constant_content(file, constant, &field)?,
        (None, None) => field.content,
    };
    Ok(field)
}

fn extent_of(file: &FieldFile, name: &str, shape: Shape) -> Result<Extent, FieldComplaint> {
    let width = match (file.width, &file.constant) {
        (None, Some(constant)) => Some(constant.len()),
        (width, _) => width,
    };
    if let Some(width) = width
        && !(1..=WIDTH_MAX).contains(&width)
    {
        return Err((
            format!("{name} is {width} wide"),
            "a width is within 1 to 4096",
        ));
    }
    match (width, file.rest, shape) {
        (None, true, _) => Ok(Extent::Rest),
        (Some(_), true, _) => Err((
            format!("{name} has a width and takes the rest"),
            "remove one of the keys width and rest",
        )),
        (Some(width), false, Shape::Fixed) => Ok(Extent::Exact(width)),
        (Some(width), false, Shape::Separated(_)) => Ok(Extent::AtMost(width)),
        (None, false, _) => Err((
            format!("{name} has no width"),
            "add width, or rest = true for the last field",
        )),
    }
}

fn constant_content(
    file: &FieldFile,
    constant: &str,
    field: &Field,
) -> Result<Content, FieldComplaint> {
    let printable = constant.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if !printable || file.width.is_some_and(|width| width != constant.len()) {
        return Err((
            format!("{} does not fill its width with ASCII", field.name),
            "write the constant out in full, and leave width away",
        ));
    }
    if file.values.is_some() || file.format.is_some() || file.rest {
        return Err((
            format!("{} is a constant", field.name),
            "values, format and rest belong to fields with a role",
        ));
    }
    Ok(Content::Constant(constant.to_owned()))
}

fn role_content(file: &FieldFile, role: Role, field: &Field) -> Result<Content, FieldComplaint> {
    let holds = role.holds();
    let values = match (&holds, &file.values) {
        (Holds::Word, None) => {
            return Err((
                format!("{} has no values", field.name),
                "add values = { \"wire text\" = \"our word\" }",
            ));
        }
        (Holds::Text | Holds::Time, Some(_)) => {
            return Err((
                format!("{} takes no values", field.name),
                "remove values: this role is free text or a time",
            ));
        }
        (_, None) => None,
        (_, Some(values)) => Some(checked_values(values, role, field)?),
    };
    let format = match (&holds, &file.format) {
        (Holds::Time, format) => {
            let format = format.as_deref().unwrap_or("%Y%m%d%H%M%S");
            check_time_format(format, field)?;
            format.to_owned()
        }
        (_, Some(_)) => {
            return Err((
                format!("{} takes no format", field.name),
                "remove format: only time has one",
            ));
        }
        (_, None) => String::new(),
    };
    Ok(Content::Role {
        role,
        values,
        format,
    })
}

fn checked_values(
    values: &BTreeMap<String, String>,
    role: Role,
    field: &Field,
) -> Result<BTreeMap<String, String>, FieldComplaint> {
    let mut by_wire = BTreeMap::new();
    let mut words_seen = BTreeSet::new();
    for (wire, word) in values {
        let known = match role.holds() {
            Holds::Word => role.words().contains(&word.as_str()),
            Holds::Number { min, max } => word
                .parse::<i64>()
                .is_ok_and(|number| (min..=max).contains(&number) && number.to_string() == *word),
            Holds::Text | Holds::Time => false,
        };
        if !known {
            return Err((
                format!("{}: `{word}` means nothing there", field.name),
                "use a word of the role (docs/open-cat.md), or a number for a numeric role",
            ));
        }
        if !words_seen.insert(word.clone()) {
            return Err((
                format!("{}: two wire texts mean `{word}`", field.name),
                "keep one wire text for each word",
            ));
        }
        let padded = field
            .pad(wire)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .filter(|text| !text.is_empty() && text.bytes().all(|b| (b' '..=b'~').contains(&b)))
            .ok_or_else(|| {
                (
                    format!("{}: `{wire}` does not fit the field", field.name),
                    "use ASCII that is no wider than the field",
                )
            })?;
        if by_wire.insert(padded, word.clone()).is_some() {
            return Err((
                format!(
                    "{}: `{wire}` and another value look alike on the wire",
                    field.name
                ),
                "values must differ after padding",
            ));
        }
    }
    Ok(by_wire)
}

/// A time must come back as it was written, and always with the same width.
fn check_time_format(format: &str, field: &Field) -> Result<(), FieldComplaint> {
    let times = [(2026, 11, 21, 14, 32, 7), (2031, 1, 2, 3, 4, 5)]
        .into_iter()
        .filter_map(|(year, month, day, hour, minute, second)| {
            NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(hour, minute, second)
        });
    for time in times {
        let text = written(time, format);
        let back = text
            .as_deref()
            .and_then(|text| NaiveDateTime::parse_from_str(text, format).ok());
        if back != Some(time) {
            return Err((
                format!(
                    "{}: `{format}` does not hold a whole date and time",
                    field.name
                ),
                "use a format like %Y%m%d%H%M%S",
            ));
        }
        let fits = match field.extent {
            Extent::Exact(width) => text.is_some_and(|text| text.len() == width),
            Extent::AtMost(max) => text.is_some_and(|text| text.len() <= max),
            Extent::Rest => true,
        };
        if !fits {
            return Err((
                format!(
                    "{}: a time of `{format}` does not fill the field",
                    field.name
                ),
                "set width to the length of a written time",
            ));
        }
    }
    Ok(())
}
