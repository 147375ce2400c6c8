//! One `[[message]]`: its kind, its shape, its fields, and what its text does not carry.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::super::cut::{Shape, TagForm};
use super::super::field::{Extent, Field};
use super::super::message::{
    CommandKind, CommandName, Kind, Message, Prepared, ReplyKind, Trailing,
};
use super::super::role::{Holds, Role, Values};
use super::super::text::CharacterSet;
use super::field::{self, FieldFile};
use super::{Complaint, ShapeName, TlvFile};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageFile {
    command: Option<CommandKind>,
    reply: Option<ReplyKind>,
    shape: Option<Spanned<ShapeName>>,
    separator: Option<Spanned<char>>,
    tlv: Option<Spanned<TlvFile>>,
    #[serde(default)]
    trailing_separator: Trailing,
    given: Option<Spanned<BTreeMap<String, String>>>,
    assumed: Option<Spanned<BTreeMap<String, String>>>,
    #[serde(default)]
    answers: Vec<CommandName>,
    answered_by: Option<AnsweredBy>,
    #[serde(default)]
    read_only: bool,
    #[serde(default = "yes")]
    wants_progress: bool,
    fields: Vec<Spanned<FieldFile>>,
    #[serde(default)]
    record: Vec<Spanned<FieldFile>>,
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum AnsweredBy {
    Acknowledgement,
}

/// The keys that say how fields follow each other, of the file or of one message.
pub(super) struct ShapeFile {
    pub(super) shape: Option<Spanned<ShapeName>>,
    pub(super) separator: Option<Spanned<char>>,
    pub(super) tlv: Option<Spanned<TlvFile>>,
}

impl ShapeFile {
    pub(super) fn check(&self, character_set: CharacterSet) -> Result<Shape, Complaint> {
        let at = self.shape.as_ref().map_or(0, |shape| shape.span().start);
        let shape = self.shape.as_ref().map(|shape| *shape.get_ref());
        if let (Some(separator), Some(ShapeName::Fixed | ShapeName::Tlv)) = (&self.separator, shape)
        {
            return Err(Complaint::new(
                separator.span().start,
                "fields of this shape have no separator",
                "remove separator, or set shape to \"separated\"",
            ));
        }
        if let (Some(tlv), Some(ShapeName::Fixed | ShapeName::Separated)) = (&self.tlv, shape) {
            return Err(Complaint::new(
                tlv.span().start,
                "fields of this shape have no tags",
                "remove tlv, or set shape to \"tlv\"",
            ));
        }
        match (shape, &self.separator, &self.tlv) {
            (Some(ShapeName::Separated), None, _) => Err(Complaint::new(
                at,
                "the separator is missing",
                "add separator = \"|\" or whatever stands between two fields",
            )),
            (Some(ShapeName::Separated), Some(separator), _) => separated(separator, character_set),
            (Some(ShapeName::Tlv), _, None) => Err(Complaint::new(
                at,
                "the form of tags and lengths is missing",
                "add tlv = { tag_width = 2, length_width = 3, length_form = \"decimal\" }",
            )),
            (Some(ShapeName::Tlv), _, Some(tlv)) => tags(tlv),
            (Some(ShapeName::Fixed) | None, ..) => Ok(Shape::Fixed),
        }
    }
}

fn separated(separator: &Spanned<char>, character_set: CharacterSet) -> Result<Shape, Complaint> {
    match u8::try_from(*separator.get_ref()) {
        Ok(byte) if byte.is_ascii_punctuation() || matches!(byte, 0x1C..=0x1F) => {
            Ok(Shape::Separated {
                separator: byte,
                character_set,
            })
        }
        _ => Err(Complaint::new(
            separator.span().start,
            "the separator is neither a punctuation mark nor a separator of ASCII",
            "use a character that no value holds, like | or \\u001C",
        )),
    }
}

fn tags(tlv: &Spanned<TlvFile>) -> Result<Shape, Complaint> {
    let file = tlv.get_ref();
    if !(1..=8).contains(&file.tag_width) || !(1..=8).contains(&file.length_width) {
        return Err(Complaint::new(
            tlv.span().start,
            "a tag or a length cannot be so wide",
            "set tag_width and length_width within 1 to 8 bytes",
        ));
    }
    Ok(Shape::Tlv(TagForm {
        tag_width: file.tag_width,
        length_width: file.length_width,
        length_form: file.length_form,
    }))
}

pub(super) fn check(
    spanned: &Spanned<MessageFile>,
    of_file: &ShapeFile,
    character_set: CharacterSet,
) -> Result<Message, Complaint> {
    let at = spanned.span().start;
    let file = spanned.get_ref();
    let kind = match (file.command, file.reply) {
        (Some(command), None) => Kind::Command(command),
        (None, Some(reply)) => Kind::Reply(reply),
        (None, None) | (Some(_), Some(_)) => {
            return Err(Complaint::new(
                at,
                "a message is either a command or a reply",
                "give it one of the keys command and reply",
            ));
        }
    };
    let shape = shape_of(file, of_file, character_set)?;
    let message = Message {
        kind,
        shape,
        fields: fields(&file.fields, shape, character_set, file.record.is_empty())?,
        record: fields(&file.record, shape, character_set, false)?,
        trailing: file.trailing_separator,
        given: taken_for_granted(file.given.as_ref())?,
        assumed: taken_for_granted(file.assumed.as_ref())?,
        answers: file.answers.clone(),
        answered_by_acknowledgement: file.answered_by.is_some(),
        read_only: file.read_only,
        wants_progress: file.wants_progress,
        prepared: Prepared::default(),
    }
    .prepare();
    check_whole(&message, at)?;
    Ok(message)
}

fn shape_of(
    file: &MessageFile,
    of_file: &ShapeFile,
    character_set: CharacterSet,
) -> Result<Shape, Complaint> {
    if file.shape.is_none() && file.separator.is_none() && file.tlv.is_none() {
        return of_file.check(character_set);
    }
    let shape = file.shape.clone().or_else(|| of_file.shape.clone());
    // A message of another shape than the file's does not inherit what belongs to that shape.
    let is = |wanted: ShapeName| {
        let shape = shape.as_ref().map(|shape| *shape.get_ref());
        shape.is_some_and(|shape| shape == wanted)
    };
    let separator = is(ShapeName::Separated).then(|| of_file.separator.clone());
    let tlv = is(ShapeName::Tlv).then(|| of_file.tlv.clone());
    ShapeFile {
        separator: file.separator.clone().or(separator.flatten()),
        tlv: file.tlv.clone().or(tlv.flatten()),
        shape,
    }
    .check(character_set)
}

fn fields(
    files: &[Spanned<FieldFile>],
    shape: Shape,
    character_set: CharacterSet,
    may_have_rest: bool,
) -> Result<Vec<Field>, Complaint> {
    let mut fields: Vec<Field> = Vec::new();
    let mut names = BTreeSet::new();
    let mut tags = BTreeSet::new();
    for (index, spanned) in files.iter().enumerate() {
        let at = spanned.span().start;
        let field = field::check(spanned.get_ref(), shape, character_set)
            .map_err(|(problem, remedy)| Complaint::new(at, problem, remedy))?;
        let complain = |problem: String, remedy| Err(Complaint::new(at, problem, remedy));
        if field.role().is_some_and(|role| !names.insert(role)) {
            return complain(
                format!("{} is there twice", field.name),
                "a message has one field of a role; remove one of them",
            );
        }
        let last = index + 1 == files.len() && may_have_rest;
        if field.extent == Extent::Rest && !last {
            return complain(
                format!("{} takes the rest, but fields follow", field.name),
                "move it to the end of the message",
            );
        }
        if let Some(tag) = &field.tag
            && !tags.insert(tag.clone())
        {
            return complain(
                format!("{} has the tag of another field", field.name),
                "give every field a tag of its own",
            );
        }
        if matches!(shape, Shape::Tlv(_)) && field.tag.is_none() && !tags.is_empty() {
            return complain(
                format!("{} has no tag, but tags stand before it", field.name),
                "give it a tag, or move it to the front, where fields of fixed width stand",
            );
        }
        if field.may_be_missing && !matches!(shape, Shape::Separated { .. }) {
            return complain(
                format!("{} may be missing, but its place is fixed", field.name),
                "may_be_missing belongs to separated fields; elsewhere use required = false",
            );
        }
        fields.push(field);
    }
    Ok(fields)
}

/// Values that the text does not carry, by role.
fn taken_for_granted(
    file: Option<&Spanned<BTreeMap<String, String>>>,
) -> Result<Values<'static>, Complaint> {
    let mut values = Values::default();
    let Some(file) = file else {
        return Ok(values);
    };
    let at = file.span().start;
    for (name, word) in file.get_ref() {
        let role = Role::try_from(name.clone()).map_err(|problem| {
            Complaint::new(at, problem, "name a role of docs/layouts.md before the =")
        })?;
        if role.holds() == Holds::Text && !word.is_empty() {
            values.insert_text(role, word.clone().into());
            continue;
        }
        let value = role.value_of(word).ok_or_else(|| {
            Complaint::new(
                at,
                format!("{name}: `{word}` means nothing there"),
                "use a word of the role (docs/layouts.md), or a number for a numeric role",
            )
        })?;
        values.insert(role, value);
    }
    Ok(values)
}

fn check_whole(message: &Message, at: usize) -> Result<(), Complaint> {
    let kind = message.kind;
    for group in kind.needs() {
        let there = |role: &Role| message.carries(*role) || message.assumed.contains(*role);
        if !group.iter().any(there) {
            let names: Vec<&str> = group.iter().map(|role| role.name()).collect();
            return Err(Complaint::new(
                at,
                format!(
                    "the {} message has no {} field",
                    kind.name(),
                    names.join(" or ")
                ),
                "add a field of this role, or say by given = { … } what the text does not carry",
            ));
        }
    }
    let says_kind = message.carries(Role::Transaction)
        || message.assumed.contains(Role::Transaction)
        || message
            .answers
            .iter()
            .any(|name| name.transaction().is_some());
    let needs_kind = match kind {
        Kind::Reply(ReplyKind::Result) => true,
        Kind::Reply(ReplyKind::Inquiry) => message.carries(Role::Result),
        Kind::Reply(_) | Kind::Command(_) => false,
    };
    if needs_kind && !says_kind {
        return Err(Complaint::new(
            at,
            format!("the {} message has no transaction field", kind.name()),
            "add a field of this role, or say by answers = [ … ] or given = { … } which kind it is about",
        ));
    }
    check_answers(message, at)?;
    check_records(message, at)
}

/// What answers a command, and what a reply answers.
fn check_answers(message: &Message, at: usize) -> Result<(), Complaint> {
    let kind = message.kind;
    if message.answered_by_acknowledgement
        && !matches!(
            kind,
            Kind::Command(CommandKind::Status | CommandKind::Standalone)
        )
    {
        return Err(Complaint::new(
            at,
            "an acknowledgement cannot answer this message",
            "answered_by belongs to the commands status and standalone",
        ));
    }
    if kind == Kind::Command(CommandKind::Standalone) && !message.answered_by_acknowledgement {
        return Err(Complaint::new(
            at,
            "nothing answers the standalone message",
            "add answered_by = \"acknowledgement\"",
        ));
    }
    if kind.is_command() && !message.answers.is_empty() {
        return Err(Complaint::new(
            at,
            "a command answers nothing",
            "answers belongs to replies",
        ));
    }
    Ok(())
}

/// Records repeat in one message only, and separators trail where there are separators.
fn check_records(message: &Message, at: usize) -> Result<(), Complaint> {
    let kind = message.kind;
    let listed = kind == Kind::Reply(ReplyKind::Transactions);
    if listed == message.record.is_empty() {
        return Err(Complaint::new(
            at,
            "a transactions reply has records, and no other message has",
            "write the fields of one record under record = [ … ], in the reply transactions only",
        ));
    }
    if listed && matches!(message.shape, Shape::Tlv(_)) {
        return Err(Complaint::new(
            at,
            "records cannot repeat among tags",
            "set shape = \"fixed\" or \"separated\" for this message",
        ));
    }
    if message.trailing != Trailing::None && !matches!(message.shape, Shape::Separated { .. }) {
        return Err(Complaint::new(
            at,
            "a trailing separator needs separated fields",
            "remove trailing_separator, or set shape = \"separated\"",
        ));
    }
    Ok(())
}
