//! The layout file: read, checked field by field, and refused with the line and the remedy where it cannot work.

mod field;
mod framing;
mod message;

use serde::Deserialize;
use toml::Spanned;

use self::framing::FramingFile;
use self::message::{MessageFile, ShapeFile};
use super::message::{CommandKind, Kind, Message, ReplyKind};
use super::text::CharacterSet;
use super::{Layout, LayoutError};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LayoutFile {
    name: Spanned<String>,
    character_set: CharacterSet,
    shape: Spanned<ShapeName>,
    separator: Option<Spanned<char>>,
    tlv: Option<Spanned<TlvFile>>,
    framing: Spanned<FramingFile>,
    message: Vec<Spanned<MessageFile>>,
}

/// How fields follow each other.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum ShapeName {
    Fixed,
    Separated,
    Tlv,
}

/// What stands before a value in a message of tags.
#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
struct TlvFile {
    tag_width: usize,
    length_width: usize,
    length_form: crate::cat::frame::framing::NumberForm,
}

/// A complaint about a place in the file.
struct Complaint {
    at: usize,
    problem: String,
    remedy: &'static str,
}

impl Complaint {
    fn new(at: usize, problem: impl Into<String>, remedy: &'static str) -> Complaint {
        Complaint {
            at,
            problem: problem.into(),
            remedy,
        }
    }
}

/// Read and check a layout file.
pub(super) fn parse(file: &str, toml: &str) -> Result<Layout, LayoutError> {
    let error = |complaint: Complaint| LayoutError {
        file: file.to_owned(),
        line: line_of(toml, complaint.at),
        problem: complaint.problem,
        remedy: complaint.remedy.to_owned(),
    };
    if toml.len() > FILE_MAX {
        return Err(error(Complaint::new(
            0,
            format!("the file is longer than {FILE_MAX} bytes"),
            "a layout of that size is none; split it or leave out what is not used",
        )));
    }
    let read: LayoutFile = toml::from_str(toml).map_err(|failure| {
        error(Complaint::new(
            failure.span().map_or(0, |span| span.start),
            failure.message().replace('\n', " "),
            "correct the key or the value there; docs/layouts.md names all of them",
        ))
    })?;
    check(&read).map_err(error)
}

/// The most bytes of a layout file.
const FILE_MAX: usize = 1_048_576;

/// The line of a byte offset, from 1.
fn line_of(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    1 + text.as_bytes()[..at]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
}

fn check(file: &LayoutFile) -> Result<Layout, Complaint> {
    check_name(&file.name)?;
    let shape = ShapeFile {
        shape: Some(file.shape.clone()),
        separator: file.separator.clone(),
        tlv: file.tlv.clone(),
    };
    shape.check(file.character_set)?;
    let framing = framing::check(&file.framing)?;
    let mut messages: Vec<Message> = Vec::new();
    for spanned in &file.message {
        let message = message::check(spanned, &shape, file.character_set)?;
        for earlier in &messages {
            check_pair(spanned.span().start, earlier, &message)?;
        }
        messages.push(message);
    }
    for needed in [
        Kind::Command(CommandKind::Sale),
        Kind::Reply(ReplyKind::Result),
    ] {
        if !messages.iter().any(|message| message.kind == needed) {
            return Err(Complaint::new(
                file.name.span().start,
                format!("there is no {} message", needed.name()),
                "every layout has a sale command and a result reply",
            ));
        }
    }
    Ok(Layout {
        name: file.name.get_ref().clone(),
        framing,
        messages,
    })
}

/// Two messages of one direction can be told apart, and of one kind it is clear which is written.
fn check_pair(at: usize, earlier: &Message, message: &Message) -> Result<(), Complaint> {
    let same_kind = earlier.kind == message.kind && !earlier.read_only && !message.read_only;
    let chosen = earlier.given != message.given || earlier.answers != message.answers;
    if same_kind && !chosen {
        return Err(Complaint::new(
            at,
            format!("there are two {} messages", message.kind.name()),
            "keep one of them, or say when each is meant: given = { … }, answers = [ … ] or read_only = true",
        ));
    }
    let apart = earlier.kind.is_command() != message.kind.is_command()
        || earlier.differs_from(message)
        || earlier.is_special_case_of(message);
    if !apart && message.is_special_case_of(earlier) {
        return Err(Complaint::new(
            at,
            format!(
                "the {} message above would be taken for every {} message",
                earlier.kind.name(),
                message.kind.name()
            ),
            "move this one above it: a special case stands first",
        ));
    }
    if !apart {
        return Err(Complaint::new(
            at,
            format!(
                "the {} and {} messages cannot be told apart",
                earlier.kind.name(),
                message.kind.name()
            ),
            "give each a constant of its own at the same place, or say by answers = [ … ] which command each answers",
        ));
    }
    Ok(())
}

fn check_name(name: &Spanned<String>) -> Result<(), Complaint> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let text = name.get_ref();
    if text.is_empty() || text.len() > 40 || !text.chars().all(allowed) {
        return Err(Complaint::new(
            name.span().start,
            format!("`{text}` is no name for a layout"),
            "use 1 to 40 small letters, digits and hyphens",
        ));
    }
    Ok(())
}

fn within(value: &Spanned<usize>, min: usize, max: usize) -> Result<usize, Complaint> {
    let number = *value.get_ref();
    if (min..=max).contains(&number) {
        Ok(number)
    } else {
        Err(Complaint::new(
            value.span().start,
            format!("{number} is not within {min} to {max}"),
            "set a number within these bounds",
        ))
    }
}
