//! One field of the file: its place, its content, and whether both fit together.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use serde::Deserialize;

use super::super::cut::Shape;
use super::super::field::{Align, Content, Extent, Field, RoleContent, ValueMap, time_of, written};
use super::super::role::{Holds, Role, TimePart};
use super::super::text::CharacterSet;
use crate::cat::frame::framing::NumberForm;

/// The longest field, in bytes.
const WIDTH_MAX: usize = 4_096;
/// The most bytes of a binary number.
const BINARY_MAX: usize = 8;
/// The most units of the wire in one of ours.
const SCALE_MAX: i64 = 1_000_000;

/// The keys of a field, in three groups, and what is none.
#[derive(Deserialize)]
pub(super) struct FieldFile {
    #[serde(flatten)]
    place: PlaceKeys,
    #[serde(flatten)]
    content: ContentKeys,
    #[serde(flatten)]
    form: FormKeys,
    #[serde(flatten)]
    unknown: BTreeMap<String, toml::Value>,
}

/// Where it stands, and what fills it up.
#[derive(Deserialize)]
struct PlaceKeys {
    name: Option<String>,
    tag: Option<String>,
    tag_hex: Option<String>,
    width: Option<usize>,
    #[serde(default)]
    rest: bool,
    align: Option<Align>,
    pad: Option<char>,
    required: Option<bool>,
    #[serde(default)]
    may_be_missing: bool,
}

/// What it holds.
#[derive(Deserialize)]
struct ContentKeys {
    role: Option<Role>,
    constant: Option<String>,
    constant_hex: Option<String>,
    filler: Option<String>,
    #[serde(default)]
    empty: bool,
    values: Option<BTreeMap<String, String>>,
    #[serde(default)]
    write: BTreeMap<String, String>,
    also: Option<Role>,
    #[serde(default)]
    any_text: bool,
    #[serde(default)]
    write_only: bool,
}

/// How a value of it is written.
#[derive(Deserialize)]
struct FormKeys {
    #[serde(default)]
    blank: Vec<String>,
    character_set: Option<CharacterSet>,
    format: Option<String>,
    form: Option<NumberForm>,
    scale: Option<i64>,
    #[serde(default)]
    signed: bool,
}

type FieldComplaint = (String, &'static str);

pub(super) fn check(
    file: &FieldFile,
    shape: Shape,
    character_set: CharacterSet,
) -> Result<Field, FieldComplaint> {
    if let Some(unknown) = file.unknown.keys().next() {
        return Err((
            format!("unknown field `{unknown}`"),
            "correct the key; docs/layouts.md names all of them",
        ));
    }
    let own_name = own_name(file)?;
    let name = file
        .place
        .name
        .clone()
        .unwrap_or_else(|| own_name.to_owned());
    let is_number = file
        .content
        .role
        .is_some_and(|role| matches!(role.holds(), Holds::Number { .. }));
    let pad = file.place.pad.unwrap_or(if is_number { '0' } else { ' ' });
    let constant = constant(file, &name)?;
    let tag = tag(file, shape, &name)?;
    let mut field = Field {
        content: Content::Blank,
        extent: extent_of(file, constant.as_deref(), tag.is_some(), &name, shape)?,
        align: file
            .place
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
        padded: file.place.pad.is_some(),
        required: file.place.required.unwrap_or(file.form.blank.is_empty()),
        may_be_missing: file.place.may_be_missing,
        blanks: Vec::new(),
        character_set: file.form.character_set.unwrap_or(character_set),
        tag,
        name,
    };
    check_padding(is_number, &field)?;
    field.blanks = blanks(file, &field)?;
    field.content = match (file.content.role, constant, &file.content.filler) {
        (Some(role), ..) => Content::Role(role_content(file, role, &field)?),
        (None, Some(constant), _) => Content::Constant(constant),
        (None, None, Some(filler)) => Content::Filler(padded(filler, "filler", &field)?),
        (None, None, None) => Content::Blank,
    };
    Ok(field)
}

/// What errors call a field without a name; it has one content.
fn own_name(file: &FieldFile) -> Result<&'static str, FieldComplaint> {
    let contents = [
        file.content.role.map(Role::name),
        (file.content.constant.is_some() || file.content.constant_hex.is_some())
            .then_some("constant"),
        file.content.filler.as_ref().map(|_| "filler"),
        file.content.empty.then_some("the empty field"),
    ];
    let mut contents = contents.into_iter().flatten();
    let (Some(name), None) = (contents.next(), contents.next()) else {
        return Err((
            "a field has either a role or a constant".to_owned(),
            "give it one of the keys role, constant, constant_hex, filler, empty",
        ));
    };
    let is_role = file.content.role.is_some();
    let of_roles = file.content.values.is_some()
        || !file.content.write.is_empty()
        || file.content.also.is_some()
        || file.form.format.is_some()
        || file.form.form.is_some()
        || file.form.scale.is_some()
        || !file.form.blank.is_empty();
    if !is_role
        && (of_roles
            || file.form.signed
            || file.content.any_text
            || file.content.write_only
            || (file.place.rest && file.content.filler.is_none()))
    {
        return Err((
            format!("{name} has no role"),
            "values, write, also, format, form, scale, signed, any_text, write_only, blank and rest belong to fields with a role",
        ));
    }
    Ok(name)
}

fn constant(file: &FieldFile, name: &str) -> Result<Option<Vec<u8>>, FieldComplaint> {
    let bytes = match (&file.content.constant, &file.content.constant_hex) {
        (None, None) => return Ok(None),
        (Some(text), None) => text
            .bytes()
            .all(|byte| (b' '..=b'~').contains(&byte))
            .then(|| text.clone().into_bytes()),
        (None, Some(hex)) => from_hex(hex),
        (Some(_), Some(_)) => None,
    };
    match bytes {
        Some(bytes) if file.place.width.is_none_or(|width| width == bytes.len()) => Ok(Some(bytes)),
        _ => Err((
            format!("{name} does not fill its width with ASCII"),
            "write the constant out in full (or its bytes as constant_hex), and leave width away",
        )),
    }
}

fn tag(file: &FieldFile, shape: Shape, name: &str) -> Result<Option<Vec<u8>>, FieldComplaint> {
    let bytes = match (&file.place.tag, &file.place.tag_hex) {
        (None, None) => return Ok(None),
        (Some(text), None) => Some(text.clone().into_bytes()).filter(|_| text.is_ascii()),
        (None, Some(hex)) => from_hex(hex),
        (Some(_), Some(_)) => None,
    };
    let Shape::Tlv(form) = shape else {
        return Err((
            format!("{name} has a tag in a message without tags"),
            "remove it, or set shape = \"tlv\"",
        ));
    };
    bytes
        .filter(|bytes| bytes.len() == form.tag_width)
        .map(Some)
        .ok_or_else(|| {
            (
                format!("{name} has a tag that is not tag_width wide"),
                "write as many ASCII characters (tag) or hexadecimal pairs (tag_hex) as tag_width says",
            )
        })
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: String = text.split_whitespace().collect();
    let even = !digits.is_empty()
        && digits.len().is_multiple_of(2)
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    even.then(|| {
        (0..digits.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok())
            .collect::<Option<Vec<u8>>>()
    })
    .flatten()
}

fn extent_of(
    file: &FieldFile,
    constant: Option<&[u8]>,
    tagged: bool,
    name: &str,
    shape: Shape,
) -> Result<Extent, FieldComplaint> {
    let width = match (file.place.width, constant, &file.content.filler) {
        (None, Some(constant), _) => Some(constant.len()),
        (None, None, Some(_)) if file.place.rest => None,
        (None, None, Some(filler)) if !filler.is_empty() => Some(filler.len()),
        // An empty separated field may grow; nothing is read from it.
        (None, None, Some(_)) if matches!(shape, Shape::Separated { .. }) => Some(WIDTH_MAX),
        (None, None, None) if file.content.empty && matches!(shape, Shape::Separated { .. }) => {
            Some(WIDTH_MAX)
        }
        (width, ..) => width,
    };
    if let Some(width) = width
        && !(1..=WIDTH_MAX).contains(&width)
    {
        return Err((
            format!("{name} is {width} wide"),
            "a width is within 1 to 4096",
        ));
    }
    let binary = is_binary(file.form.form);
    match (width, file.place.rest, shape) {
        (None, true, Shape::Tlv(_)) => Err((
            format!("{name} takes the rest of a message of tags"),
            "give it a width: its length stands before it",
        )),
        (None, true, _) => Ok(Extent::Rest),
        (Some(_), true, _) => Err((
            format!("{name} has a width and takes the rest"),
            "remove one of the keys width and rest",
        )),
        (Some(width), false, Shape::Fixed) => Ok(Extent::Exact(width)),
        (Some(width), false, Shape::Tlv(_)) if !tagged || binary => Ok(Extent::Exact(width)),
        (Some(_), false, Shape::Separated { .. }) if binary => Err((
            format!("{name} is binary between separators"),
            "a byte of it may look like the separator; use digits, or another shape",
        )),
        (Some(width), false, Shape::Separated { .. } | Shape::Tlv(_)) => Ok(Extent::AtMost(width)),
        (None, false, _) => Err((
            format!("{name} has no width"),
            "add width, or rest = true for the last field",
        )),
    }
}

fn is_binary(form: Option<NumberForm>) -> bool {
    form.is_some_and(|form| !matches!(form, NumberForm::Decimal | NumberForm::Hex))
}

fn check_padding(is_number: bool, field: &Field) -> Result<(), FieldComplaint> {
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
    Ok(())
}

/// A text of the file in the full width of its field.
fn padded(text: &str, what: &str, field: &Field) -> Result<Vec<u8>, FieldComplaint> {
    let mut bytes = Vec::new();
    let fits = field.pad(text.as_bytes(), &mut bytes).is_ok();
    let printed = bytes.iter().all(|byte| (b' '..=b'~').contains(byte));
    (fits && printed).then_some(bytes).ok_or_else(|| {
        (
            format!("{}: the {what} `{text}` does not fit the field", field.name),
            "use ASCII that is no wider than the field",
        )
    })
}

fn blanks(file: &FieldFile, field: &Field) -> Result<Vec<Vec<u8>>, FieldComplaint> {
    file.form
        .blank
        .iter()
        .map(|text| padded(text, "blank", field))
        .collect()
}

fn role_content(
    file: &FieldFile,
    role: Role,
    field: &Field,
) -> Result<RoleContent, FieldComplaint> {
    let holds = role.holds();
    let is_number = matches!(holds, Holds::Number { .. });
    check_number(file, role, field)?;
    if file
        .content
        .also
        .is_some_and(|also| also != Role::CenterResultCode)
        || (file.content.also.is_some() && role != Role::Result)
    {
        return Err((
            format!("{} cannot be that also", field.name),
            "also = \"center_result_code\" belongs to the role result",
        ));
    }
    if file.content.any_text && role != Role::SequenceNumber {
        return Err((
            format!("{} cannot hold any text", field.name),
            "any_text belongs to the role sequence_number",
        ));
    }
    let values = match (&holds, &file.content.values) {
        (Holds::Word, None) => {
            return Err((
                format!("{} has no values", field.name),
                "add values = { \"wire text\" = \"our word\" }",
            ));
        }
        (Holds::Text | Holds::Time(_), Some(_)) => {
            return Err((
                format!("{} takes no values", field.name),
                "remove values: this role is free text or a time",
            ));
        }
        (_, None) => None,
        (_, Some(values)) => Some(value_map(file, values, role, field)?),
    };
    if values.is_none() && !file.content.write.is_empty() {
        return Err((
            format!("{} has words to write and no values", field.name),
            "add values, or remove write",
        ));
    }
    Ok(RoleContent {
        role,
        values,
        format: format_of(file, &holds, field)?,
        form: file
            .form
            .form
            .filter(|_| is_number)
            .unwrap_or(NumberForm::Decimal),
        scale: file.form.scale.unwrap_or(1),
        signed: file.form.signed,
        also_center_code: file.content.also.is_some(),
        any_text: file.content.any_text,
        write_only: file.content.write_only,
    })
}

/// The format of a time; empty for everything else.
fn format_of(file: &FieldFile, holds: &Holds, field: &Field) -> Result<String, FieldComplaint> {
    match (holds, &file.form.format) {
        (Holds::Time(part), format) => {
            let usual = match part {
                TimePart::Whole => "%Y%m%d%H%M%S",
                TimePart::Date => "%Y%m%d",
                TimePart::Clock => "%H%M%S",
            };
            let format = format.as_deref().unwrap_or(usual);
            check_time_format(format, *part, file.content.write_only, field)?;
            Ok(format.to_owned())
        }
        (_, Some(_)) => Err((
            format!("{} takes no format", field.name),
            "remove format: only time, date and clock have one",
        )),
        (_, None) => Ok(String::new()),
    }
}

fn check_number(file: &FieldFile, role: Role, field: &Field) -> Result<(), FieldComplaint> {
    let is_number = matches!(role.holds(), Holds::Number { .. });
    if !is_number && (file.form.form.is_some() || file.form.scale.is_some() || file.form.signed) {
        return Err((
            format!("{} is no number", field.name),
            "form, scale and signed belong to numeric roles",
        ));
    }
    if file
        .form
        .scale
        .is_some_and(|scale| !(1..=SCALE_MAX).contains(&scale))
    {
        return Err((
            format!("{} has a scale that cannot be", field.name),
            "set scale to the wire's units in one yen, 1 to 1000000",
        ));
    }
    if !is_binary(file.form.form) {
        return Ok(());
    }
    if field.width() > BINARY_MAX && file.form.form != Some(NumberForm::Bcd) {
        return Err((
            format!("{} is a binary number of more than 8 bytes", field.name),
            "set a width within 1 to 8",
        ));
    }
    let has_no_blank = field.tag.is_none() && field.blanks.is_empty();
    if file.form.signed
        || file.content.any_text
        || file.content.values.is_some()
        || (has_no_blank && !field.required)
    {
        return Err((
            format!(
                "{} is binary and cannot be blank, coded or below zero",
                field.name
            ),
            "remove values, signed, any_text and required = false, or use digits",
        ));
    }
    Ok(())
}

fn value_map(
    file: &FieldFile,
    values: &BTreeMap<String, String>,
    role: Role,
    field: &Field,
) -> Result<ValueMap, FieldComplaint> {
    let known = |word: &str| match role.holds() {
        Holds::Word => role.words().contains(&word),
        Holds::Number { min, max } => word
            .parse::<i64>()
            .is_ok_and(|number| (min..=max).contains(&number) && number.to_string() == word),
        Holds::Text | Holds::Time(_) => false,
    };
    let mut map = ValueMap::default();
    let mut said_twice = BTreeSet::new();
    for (wire, word) in values {
        check_word(known(word), word, field)?;
        let value = role.value_of(word);
        if wire == "*" {
            map.otherwise = value;
            continue;
        }
        let wire = wire_text(wire, field)?;
        if let Some(value) = value
            && map.by_wire.insert(wire.clone(), value).is_some()
        {
            return Err((
                format!(
                    "{}: `{wire}` and another value look alike on the wire",
                    field.name
                ),
                "values must differ after padding",
            ));
        }
        if map.written.insert(word.clone(), wire).is_some() {
            said_twice.insert(word.clone());
        }
    }
    for (word, wire) in &file.content.write {
        check_word(known(word), word, field)?;
        map.written.insert(word.clone(), wire_text(wire, field)?);
        said_twice.remove(word);
    }
    if let Some(word) = said_twice.first() {
        return Err((
            format!("{}: two wire texts mean `{word}`", field.name),
            "say which is written: write = { our_word = \"wire text\" }",
        ));
    }
    Ok(map)
}

fn check_word(known: bool, word: &str, field: &Field) -> Result<(), FieldComplaint> {
    if known {
        return Ok(());
    }
    Err((
        format!("{}: `{word}` means nothing there", field.name),
        "use a word of the role (docs/layouts.md), or a number for a numeric role",
    ))
}

fn wire_text(wire: &str, field: &Field) -> Result<String, FieldComplaint> {
    let bytes = padded(wire, "value", field)?;
    if bytes.is_empty() {
        return Err((
            format!("{}: `{wire}` does not fit the field", field.name),
            "a value has at least one character; what is blank needs required = false",
        ));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A time must come back as it was written, and always with the same width.
fn check_time_format(
    format: &str,
    part: TimePart,
    write_only: bool,
    field: &Field,
) -> Result<(), FieldComplaint> {
    let times = [(2026, 11, 21, 14, 32, 7), (2031, 1, 2, 3, 4, 5)]
        .into_iter()
        .filter_map(|(year, month, day, hour, minute, second)| {
            NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(hour, minute, second)
        });
    let same = |time: NaiveDateTime, back: NaiveDateTime| match part {
        TimePart::Whole => back == time,
        TimePart::Date => back.date() == time.date(),
        TimePart::Clock => back.time() == time.time() || !format.contains(['S', 'T']),
    };
    for time in times {
        let text = written(time, format);
        let back = text.as_deref().and_then(|text| time_of(text, format, part));
        if !write_only && !back.is_some_and(|back| same(time, back)) {
            let (whole, remedy) = match part {
                TimePart::Whole => ("date and time", "use a format like %Y%m%d%H%M%S"),
                TimePart::Date => ("date", "use a format like %Y%m%d"),
                TimePart::Clock => ("time of day", "use a format like %H%M%S"),
            };
            return Err((
                format!("{}: `{format}` does not hold a whole {whole}", field.name),
                remedy,
            ));
        }
        let text = text.ok_or_else(|| {
            (
                format!("{}: `{format}` cannot be written", field.name),
                "use the letters of strftime, like %Y%m%d",
            )
        })?;
        let fits = match field.extent {
            Extent::Exact(width) => text.len() == width,
            Extent::AtMost(max) => text.len() <= max,
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
