//! Places in a config file: line, column, the line itself, and where a key of a section stands.

use std::fmt::Write as _;
use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use crate::domain::text::strip_unsafe;

/// A place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The line itself.
    pub text: String,
    /// How many characters of it are meant, at least 1.
    pub length: usize,
}

impl Place {
    /// The place of a range of bytes.
    pub(super) fn of(source: &str, span: Range<usize>) -> Place {
        let start = floor_char(source, span.start);
        let end = floor_char(source, span.end).max(start);
        let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = source[start..]
            .find('\n')
            .map_or(source.len(), |at| start + at);
        let text = source[line_start..line_end].trim_end_matches('\r');
        Place {
            line: source[..line_start].matches('\n').count() + 1,
            column: source[line_start..start].chars().count() + 1,
            length: source[start..end.min(line_end)].chars().count().max(1),
            text: text.to_owned(),
        }
    }

    /// The line, and a mark under what is meant, by columns of the screen.
    pub(super) fn quote(&self, out: &mut String) {
        let gutter = self.line.to_string();
        let clean = |part: String| strip_unsafe(&part.replace('\t', " "));
        let before: String = self.text.chars().take(self.column - 1).collect();
        let meant: String = self
            .text
            .chars()
            .skip(self.column - 1)
            .take(self.length)
            .collect();
        let _ = writeln!(out, "  {gutter} | {}", clean(self.text.clone()));
        let _ = writeln!(
            out,
            "  {:gutter$} | {:before$}{}",
            "",
            "",
            "^".repeat(clean(meant).width().max(1)),
            gutter = gutter.len(),
            before = clean(before).width(),
        );
    }
}

/// The nearest start of a character at or before `at`.
fn floor_char(source: &str, at: usize) -> usize {
    let mut at = at.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A section of the text: its heading, and its keys with the text from key to end of line.
struct Section<'a> {
    heading: &'a str,
    keys: Vec<(&'a str, Range<usize>)>,
}

/// Where `key` stands in the first section whose heading starts with `heading` and for which `other` holds `value`.
/// Only for pointing at it: a file written in another style gets its error without a place.
pub(super) fn find_key(
    source: &str,
    heading: &str,
    key: &str,
    (other, value): (&str, &str),
) -> Option<Range<usize>> {
    let stands = |section: &&Section<'_>| {
        section.heading.starts_with(heading)
            && section.keys.iter().any(|(name, span)| {
                *name == other && source[span.clone()].contains(&format!("\"{value}\""))
            })
    };
    let all = sections(source);
    let section = all.iter().find(stands)?;
    let (_, span) = section.keys.iter().find(|(name, _)| *name == key)?;
    Some(span.clone())
}

fn sections(source: &str) -> Vec<Section<'_>> {
    let mut all = vec![Section {
        heading: "",
        keys: Vec::new(),
    }];
    let mut start = 0;
    for line in source.split_inclusive('\n') {
        let bare = line.trim();
        let at = start + line.len() - line.trim_start().len();
        start += line.len();
        if bare.starts_with('[') {
            all.push(Section {
                heading: bare,
                keys: Vec::new(),
            });
        } else if let (Some((key, _)), Some(section)) = (bare.split_once('='), all.last_mut()) {
            section.keys.push((key.trim(), at..at + bare.len()));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_stands_under_the_word_even_after_kanji() {
        let source = "a = 1\nname = { ja = \"診療所\", em = 1 }\n";
        let at = source.find("em").expect("it is there");
        let place = Place::of(source, at..at + 2);
        assert_eq!((place.line, place.column, place.length), (2, 22, 2));
        let mut out = String::new();
        place.quote(&mut out);
        let mark = out.lines().nth(1).expect("two lines").find('^');
        let word = out.lines().next().expect("two lines");
        assert_eq!(mark, Some(word[..word.find("em").expect("there")].width()));
    }

    #[test]
    fn a_place_beyond_the_text_is_its_end() {
        assert_eq!(Place::of("", 0..0).line, 1);
        assert_eq!(Place::of("あ", 1..9).column, 1);
        assert_eq!(Place::of("a\n", 2..2).line, 2);
    }

    #[test]
    fn a_key_is_found_in_the_row_that_is_meant() {
        let source = "[[card]]\ncode = \"01\"\nclass = 3\n[[card]]\nclass = 1\ncode = \"02\"\n";
        let span = find_key(source, "[[card]]", "class", ("code", "02")).expect("there");
        assert_eq!(&source[span], "class = 1");
        assert_eq!(find_key(source, "[[card]]", "class", ("code", "03")), None);
        assert_eq!(find_key(source, "[[card]]", "model", ("code", "02")), None);
    }
}
