//! Template files: TOML in, pieces out. Whatever could not be printed is refused with file, line and remedy.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::template::{Kind, Piece, Template, TemplateError, Words};
use super::values::{GROUPS, NAMES, TEST_NAMES};
use super::{Align, Size};
use crate::domain::text::{Bilingual, holds_card_number, is_unsafe};

/// More lines than any slip has.
const PIECES_MAX: usize = 200;
/// The longest text of one line, in characters.
const TEXT_MAX: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTemplate {
    line: Vec<Spanned<RawPiece>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPiece {
    text: Option<RawWords>,
    left: Option<RawWords>,
    right: Option<RawWords>,
    banner: Option<RawWords>,
    mark: Option<String>,
    rule: Option<String>,
    feed: Option<u8>,
    put: Option<String>,
    each: Option<String>,
    line: Option<Vec<Spanned<RawPiece>>>,
    align: Option<String>,
    size: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawWords {
    Same(String),
    Each(Bilingual),
}

/// What is wrong, and what to do.
type Fault = (String, String);

pub(super) fn template(file: &str, text: &str, kind: Kind) -> Result<Template, TemplateError> {
    let fail = |span: Option<Range<usize>>, (problem, remedy): Fault| TemplateError {
        file: file.to_owned(),
        line: span.map_or(1, |span| {
            1 + text[..span.start.min(text.len())].matches('\n').count()
        }),
        problem,
        remedy,
    };
    let raw: RawTemplate = toml::from_str(text).map_err(|error| {
        let remedy = "write the lines as in the shipped file: `madoguchi slip template` shows it";
        let problem = error.message().replace('\n', " ");
        fail(error.span(), (problem, remedy.to_owned()))
    })?;
    let names = match kind {
        Kind::Test => TEST_NAMES,
        _ => NAMES,
    };
    let mut count = 0;
    let pieces =
        pieces(raw.line, names, &mut count).map_err(|(span, fault)| fail(Some(span), fault))?;
    if pieces.is_empty() {
        let fault = fault("it has no line", "write at least one");
        return Err(fail(None, fault));
    }
    Ok(Template { pieces })
}

fn pieces(
    raw: Vec<Spanned<RawPiece>>,
    names: &[&str],
    count: &mut usize,
) -> Result<Vec<Piece>, (Range<usize>, Fault)> {
    let mut pieces = Vec::new();
    for raw in raw {
        let span = raw.span();
        *count += 1;
        if *count > PIECES_MAX {
            let problem = format!("more than {PIECES_MAX} lines");
            return Err((span, fault(&problem, "shorten the slip")));
        }
        let raw = raw.into_inner();
        let piece = match (&raw.each, raw.line) {
            (Some(name), Some(inner)) => {
                let group = GROUPS.iter().find(|(known, ..)| known == name);
                let Some((_, group, own)) = group else {
                    let known: Vec<&str> = GROUPS.iter().map(|(name, ..)| *name).collect();
                    return Err((span, unknown("group", name, &known)));
                };
                let names: Vec<&str> = names.iter().chain(*own).copied().collect();
                Piece::Each {
                    group: *group,
                    pieces: self::pieces(inner, &names, count)?,
                }
            }
            (None, None) => {
                one(RawPiece { line: None, ..raw }, names).map_err(|fault| (span, fault))?
            }
            (_, _) => {
                let fault = fault(
                    "`each` and its `line` go together",
                    "write { each = \"item\", line = [ … ] }",
                );
                return Err((span, fault));
            }
        };
        pieces.push(piece);
    }
    Ok(pieces)
}

fn one(raw: RawPiece, names: &[&str]) -> Result<Piece, Fault> {
    let size = size_of(raw.size.as_deref())?;
    let sized = raw.size.is_some();
    let aligned = raw.align.is_some();
    let align = align_of(raw.align.as_deref())?;
    let marked = raw.mark.is_some();
    let piece = match (
        raw.text, raw.left, raw.right, raw.banner, raw.rule, raw.feed, raw.put,
    ) {
        (Some(text), None, None, None, None, None, None) if !marked => {
            let text = words(text, names)?;
            return Ok(Piece::Text { text, align, size });
        }
        (None, Some(left), Some(right), None, None, None, None) if !marked && !aligned => {
            return Ok(Piece::Ends {
                left: words(left, names)?,
                right: words(right, names)?,
                size,
            });
        }
        (None, None, None, Some(text), None, None, None) => Piece::Banner {
            text: words(text, names)?,
            mark: mark_of(raw.mark.as_deref().unwrap_or("*"))?,
        },
        (None, None, None, None, Some(rule), None, None) if !marked => Piece::Rule(mark_of(&rule)?),
        (None, None, None, None, None, Some(feed), None) if !marked => match feed {
            1..=20 => Piece::Feed(feed),
            _ => {
                let problem = format!("feed = {feed}");
                return Err(fault(&problem, "feed 1 to 20 lines"));
            }
        },
        (None, None, None, None, None, None, Some(put)) if !marked => match put.as_str() {
            "logo" => Piece::Logo,
            "barcode" => Piece::Barcode,
            other => return Err(unknown("picture", other, &["logo", "barcode"])),
        },
        _ => {
            return Err(fault(
                "a line is one of: text; left and right; banner; rule; feed; put; each and line",
                "keep one of them; align goes with text, size with text or left and right, mark with banner",
            ));
        }
    };
    if aligned || sized {
        return Err(fault(
            "align and size say nothing here",
            "take them out: align goes with text, size with text or left and right",
        ));
    }
    Ok(piece)
}

fn fault(problem: &str, remedy: &str) -> Fault {
    (problem.to_owned(), remedy.to_owned())
}

fn unknown(what: &str, name: &str, known: &[&str]) -> Fault {
    (
        format!("there is no {what} `{name}`"),
        format!("write one of: {}", known.join(", ")),
    )
}

fn align_of(align: Option<&str>) -> Result<Align, Fault> {
    match align {
        None | Some("left") => Ok(Align::Left),
        Some("centre") => Ok(Align::Centre),
        Some("right") => Ok(Align::Right),
        Some(other) => Err(unknown("align", other, &["left", "centre", "right"])),
    }
}

fn size_of(size: Option<&str>) -> Result<Size, Fault> {
    match size {
        None | Some("normal") => Ok(Size::Normal),
        Some("tall") => Ok(Size::Tall),
        Some("wide") => Ok(Size::Wide),
        Some("double") => Ok(Size::Double),
        Some(other) => {
            let known = ["normal", "tall", "wide", "double"];
            Err(unknown("size", other, &known))
        }
    }
}

fn mark_of(text: &str) -> Result<char, Fault> {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(mark), None) if mark.is_ascii_graphic() && mark != '\\' => Ok(mark),
        _ => Err(fault(
            "a rule and a mark are one character",
            "write one such as - = * .",
        )),
    }
}

fn words(raw: RawWords, names: &[&str]) -> Result<Words, Fault> {
    let words = match raw {
        RawWords::Same(text) => Words::Same(text),
        RawWords::Each(text) => Words::Each(text),
    };
    for text in words.texts() {
        check(text, names)?;
    }
    Ok(words)
}

fn check(text: &str, names: &[&str]) -> Result<(), Fault> {
    if text.chars().any(is_unsafe) {
        return Err(fault(
            "the text holds a control character",
            "take it out; a new line is a line of its own",
        ));
    }
    if text.chars().count() > TEXT_MAX {
        let problem = format!("the text is longer than {TEXT_MAX} characters");
        return Err(fault(&problem, "make two lines of it"));
    }
    if holds_card_number(text) {
        return Err(fault(
            "the text holds what may be a card number",
            "take it out: no card number is ever printed",
        ));
    }
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let Some((name, behind)) = rest[at..]
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
        else {
            return Err(fault(
                "a brace without its other half",
                "write a value as {total}; braces have no other use",
            ));
        };
        let (name, width) = name.split_once(':').unwrap_or((name, "0"));
        if !names.contains(&name) {
            return Err(unknown("value", name, names));
        }
        if !width.parse::<usize>().is_ok_and(|width| width <= 48) {
            return Err(fault(
                "the width behind a colon is 0 to 48",
                "write it as {amount:10}",
            ));
        }
        rest = behind;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::template::Templates;
    use super::*;

    #[test]
    fn every_shipped_template_is_read() {
        for kind in Kind::ALL {
            let file = format!("{}.toml", kind.name());
            let read = template(&file, kind.shipped(), kind);
            assert!(read.is_ok(), "{read:?}");
        }
        assert_eq!(Templates::shipped(), Templates::default());
    }

    #[test]
    fn a_file_that_cannot_be_printed_is_refused_with_line_and_remedy() {
        for (text, line, problem, remedy) in [
            ("", 1, "missing field `line`", "shipped file"),
            ("line = []", 1, "no line", "at least one"),
            ("line = [\n{ txt = \"a\" },\n]", 2, "txt", "shipped file"),
            (
                "line = [\n{ text = \"a\" },\n{ text = \"{totl}\" },\n]",
                3,
                "no value `totl`",
                "total",
            ),
            ("line = [\n{ text = \"a}\" },\n]", 2, "brace", "{total}"),
            (
                "line = [ { text = \"{total:x}\" } ]",
                1,
                "width",
                "{amount:10}",
            ),
            (
                "line = [\n\n{ text = \"a\", align = \"middle\" } ]",
                3,
                "align `middle`",
                "centre",
            ),
            (
                "line = [ { text = \"a\", size = \"x\" } ]",
                1,
                "size",
                "double",
            ),
            (
                "line = [ { rule = \"--\" } ]",
                1,
                "one character",
                "such as",
            ),
            ("line = [ { feed = 0 } ]", 1, "feed = 0", "1 to 20"),
            ("line = [ { put = \"photo\" } ]", 1, "photo", "logo"),
            ("line = [ { left = \"a\" } ]", 1, "one of", "keep one"),
            (
                "line = [ { rule = \"-\", size = \"tall\" } ]",
                1,
                "say nothing",
                "take them out",
            ),
            ("line = [ { each = \"item\" } ]", 1, "go together", "item"),
            (
                "line = [ { each = \"dog\", line = [ { text = \"a\" } ] } ]",
                1,
                "group `dog`",
                "card",
            ),
            (
                "line = [\n{ each = \"cash\", line = [\n{ text = \"{approval}\" } ] } ]",
                3,
                "no value `approval`",
                "received",
            ),
            (
                "line = [ { text = \"4111 1111 1111 1111\" } ]",
                1,
                "card number",
                "no card number",
            ),
            (
                "line = [ { text = \"a\\u001bb\" } ]",
                1,
                "control",
                "take it out",
            ),
        ] {
            let error = template("slips/sale.toml", text, Kind::Sale).expect_err(text);
            assert_eq!(error.line, line, "{error}");
            assert!(error.problem.contains(problem), "{error}");
            assert!(error.remedy.contains(remedy), "{error}");
            assert!(error.to_string().starts_with("slips/sale.toml, line "));
        }
    }

    #[test]
    fn a_file_is_known_by_its_name() {
        let mut templates = Templates::shipped();
        let text = "line = [ { text = \"{total}\" } ]";
        assert_eq!(templates.put("/etc/slips/cancel.toml", text), Ok(()));
        let error = templates.put("slips/sales.toml", text).expect_err("none");
        assert!(error.remedy.contains("sale.toml"), "{error}");
    }
}
