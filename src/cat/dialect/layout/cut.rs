//! A text cut into the pieces of its fields: by width, by separator, or by tag and length.

use super::DecodeError;
use super::field::{Content, Extent, Field};
use super::message::{Mark, Message, Prepared, Step, Told, Trailing};
use super::role::Role;
use super::text::CharacterSet;
use crate::cat::frame::framing::NumberForm;
use crate::cat::frame::number;

/// How fields follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// By width.
    Fixed,
    /// By a separator between two of them.
    Separated {
        separator: u8,
        /// Tells which bytes are characters of their own.
        character_set: CharacterSet,
    },
    /// By tag, length and value, in any order, behind fields of fixed width that have no tag.
    Tlv(TagForm),
}

/// What stands before a value in a message of tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TagForm {
    pub(super) tag_width: usize,
    pub(super) length_width: usize,
    pub(super) length_form: NumberForm,
}

/// A piece of a text, with its place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) offset: usize,
    pub(super) bytes: &'a [u8],
}

impl<'a> Piece<'a> {
    /// Its part of the text it was cut from, read as characters of one byte.
    pub(super) fn part_of(&self, text: Option<&'a str>) -> Option<&'a str> {
        text?.get(self.offset..self.offset + self.bytes.len())
    }
}

/// A text in pieces, as far as it could be cut.
#[derive(Debug, Default)]
pub(super) struct Cut<'a> {
    /// One for each field of the message; `None` where it is not there.
    pub(super) fields: Vec<Option<Piece<'a>>>,
    /// One list for each record behind the fields.
    pub(super) records: Vec<Vec<Piece<'a>>>,
    /// Tags that no field names.
    pub(super) unnamed: Vec<Piece<'a>>,
    /// What was wrong, and from which byte on nothing was cut.
    pub(super) mistake: Option<(usize, DecodeError)>,
}

impl Message {
    /// Cut a text as this message stands on the wire.
    pub(super) fn cut<'a>(&self, text: &'a [u8]) -> Cut<'a> {
        match self.shape {
            Shape::Fixed => self.cut_by_width(text),
            Shape::Separated {
                separator,
                character_set,
            } => self.cut_by_separator(text, separator, character_set),
            Shape::Tlv(form) => self.cut_by_tag(text, form),
        }
    }

    fn with_rest(&self) -> bool {
        self.fields
            .last()
            .is_some_and(|field| field.extent == Extent::Rest)
    }

    /// What follows from the fields, reckoned once.
    pub(super) fn prepare(mut self) -> Message {
        let least = self.fields.iter().map(exact_width).sum();
        let whole = self.shape == Shape::Fixed && !self.with_rest() && self.record.is_empty();
        let demanding = |field: &Field| field.demanded().is_some();
        let fields = self.fields.iter().chain(&self.record);
        let sources = fields.filter_map(|field| field.role().map(Role::source));
        let telling = self.fields.iter().rposition(demanding);
        let telling = telling.map_or(0, |last| last + 1);
        self.prepared = Prepared {
            least,
            exact_length: whole.then_some(least),
            telling,
            marks: self.marks(telling),
            steps: self.steps(),
            told: self.told(),
            carried: sources.chain(self.given.roles().iter()).collect(),
        };
        self
    }

    /// The constants among so many fields of fixed width, those that touch in one; `None` where something else tells too.
    fn marks(&self, telling: usize) -> Option<Vec<Mark>> {
        let mut marks: Vec<Mark> = Vec::new();
        let mut offset = 0;
        for field in &self.fields[..telling] {
            let Extent::Exact(width) = field.extent else {
                return None;
            };
            match &field.content {
                Content::Constant(bytes) if bytes.len() == width => match marks.last_mut() {
                    Some(mark) if mark.offset + mark.bytes.len() == offset => {
                        mark.bytes.extend_from_slice(bytes);
                    }
                    _ => marks.push(Mark {
                        offset,
                        bytes: bytes.clone(),
                    }),
                },
                Content::Constant(_) | Content::Blank => return None,
                Content::Filler(_) | Content::Role(_) => {}
            }
            offset += width;
        }
        (self.shape == Shape::Fixed).then_some(marks)
    }

    /// Its fields one by one; those that are always written the same and tell nothing when read, in one where they touch.
    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for (index, field) in self.fields.iter().enumerate() {
            let said = field.role().is_some() || !matches!(field.extent, Extent::Exact(_));
            if said || self.shape != Shape::Fixed {
                steps.push(Step::Field(index));
                continue;
            }
            if !matches!(steps.last(), Some(Step::Bytes(_))) {
                steps.push(Step::Bytes(Vec::new()));
            }
            if let Some(Step::Bytes(bytes)) = steps.last_mut() {
                field.write_unsaid(bytes);
            }
        }
        steps
    }

    /// The fields that are not just read over, with their places. What is constant is looked at before.
    fn told(&self) -> Vec<Told> {
        if self.shape != Shape::Fixed {
            return Vec::new();
        }
        let mut from = 0;
        let mut told = Vec::new();
        for (index, field) in self.fields.iter().enumerate() {
            let to = match field.extent {
                Extent::Exact(width) => from + width,
                Extent::AtMost(_) | Extent::Rest => usize::MAX,
            };
            if matches!(&field.content, Content::Role(content) if !content.write_only) {
                told.push(Told {
                    field: index,
                    from,
                    to,
                });
            }
            from = to;
        }
        told
    }

    /// The length of every text of this message; `None` where it varies.
    pub(super) fn exact_length(&self) -> Option<usize> {
        self.prepared.exact_length
    }

    /// What is wrong with the length of a text whose fields go by width.
    pub(super) fn mistaken_width(&self, text: &[u8]) -> Option<DecodeError> {
        let least = self.prepared.least;
        let may_be_longer = self.with_rest() || !self.record.is_empty();
        let fits = text.len() == least || (text.len() > least && may_be_longer);
        (!fits).then(|| self.wrong_length(least, text.len()))
    }

    fn cut_by_width<'a>(&self, text: &'a [u8]) -> Cut<'a> {
        let mut cut = Cut::default();
        let expected = self.prepared.least;
        let offset = cut.take_fixed(&self.fields, text);
        let over = text.len().saturating_sub(expected);
        if let Some(mistake) = self.mistaken_width(text) {
            cut.mistake = Some((offset, mistake));
            return cut;
        }
        let width: usize = self.record.iter().map(exact_width).sum();
        if width > 0 {
            if !over.is_multiple_of(width) {
                let whole = text.len() - over % width;
                cut.mistake = Some((whole, self.wrong_length(whole, text.len())));
            }
            for (index, record) in text[expected..].chunks_exact(width).enumerate() {
                let mut offset = expected + index * width;
                let mut rest = record;
                let pieces = self.record.iter().map(|field| {
                    let (bytes, tail) = rest.split_at(exact_width(field));
                    let piece = Piece { offset, bytes };
                    offset += bytes.len();
                    rest = tail;
                    piece
                });
                cut.records.push(pieces.collect());
            }
        }
        cut
    }

    fn cut_by_separator<'a>(
        &self,
        text: &'a [u8],
        separator: u8,
        character_set: CharacterSet,
    ) -> Cut<'a> {
        let mut cut = Cut::default();
        let mut pieces = Vec::new();
        let mut start = 0;
        let most = if self.with_rest() {
            self.fields.len()
        } else {
            usize::MAX
        };
        for place in character_set.places_of(separator, text) {
            if pieces.len() + 1 == most {
                break;
            }
            pieces.push(Piece {
                offset: start,
                bytes: &text[start..place],
            });
            start = place + 1;
        }
        pieces.push(Piece {
            offset: start,
            bytes: &text[start..],
        });
        let found = pieces.len();
        let whole = |count: usize| {
            let over = count.checked_sub(self.fields.len());
            over.is_some_and(|over| {
                over == 0 || (!self.record.is_empty() && over.is_multiple_of(self.record.len()))
            })
        };
        let ends_blank = pieces.last().is_some_and(|piece| piece.bytes.is_empty());
        if self.trailing != Trailing::None && ends_blank && !whole(found) && whole(found - 1) {
            pieces.pop();
        }
        let least = self.fields.len() - self.missing_at_most();
        let fits = whole(pieces.len()) || (least..=self.fields.len()).contains(&pieces.len());
        if !fits {
            let at = pieces
                .get(self.fields.len())
                .map_or(text.len(), |p| p.offset);
            cut.mistake = Some((at, self.wrong_length(self.fields.len(), found)));
        }
        let records = pieces.split_off(pieces.len().min(self.fields.len()));
        cut.fields = pieces.into_iter().map(Some).collect();
        cut.fields.resize(self.fields.len(), None);
        if !self.record.is_empty() {
            cut.records = records
                .chunks_exact(self.record.len())
                .map(<[Piece<'a>]>::to_vec)
                .collect();
        }
        cut
    }

    fn missing_at_most(&self) -> usize {
        let kept = self.fields.iter().rposition(|field| !field.may_be_missing);
        self.fields.len() - kept.map_or(0, |index| index + 1)
    }

    fn cut_by_tag<'a>(&self, text: &'a [u8], form: TagForm) -> Cut<'a> {
        let mut cut = Cut::default();
        let expected = self.prepared.least;
        let mut offset = cut.take_fixed(&self.fields, text);
        if text.len() < expected {
            cut.mistake = Some((offset, self.wrong_length(expected, text.len())));
            return cut;
        }
        while offset < text.len() {
            let head = offset + form.tag_width;
            let length = text
                .get(head..head + form.length_width)
                .and_then(|bytes| number::decode(form.length_form, bytes))
                .and_then(|length| usize::try_from(length).ok());
            let start = head + form.length_width;
            let bytes = length
                .and_then(|length| start.checked_add(length))
                .and_then(|end| text.get(start..end));
            let Some(bytes) = bytes else {
                let problem = "has a length that does not fit the text";
                cut.mistake = Some((offset, tag_error(&text[offset..], form, problem)));
                return cut;
            };
            let tag = &text[offset..head];
            let piece = Piece {
                offset: start,
                bytes,
            };
            let named = |field: &Field| field.tag.as_deref() == Some(tag);
            match self.fields.iter().position(named) {
                Some(index) if cut.fields[index].is_none() => cut.fields[index] = Some(piece),
                Some(_) => {
                    cut.mistake = Some((offset, tag_error(tag, form, "stands there twice")));
                    return cut;
                }
                None => cut.unnamed.push(Piece {
                    offset,
                    bytes: &text[offset..start + bytes.len()],
                }),
            }
            offset = start + bytes.len();
        }
        cut
    }

    fn wrong_length(&self, expected: usize, found: usize) -> DecodeError {
        DecodeError::Length {
            message: self.kind.name(),
            expected,
            found,
        }
    }
}

impl<'a> Cut<'a> {
    /// The fields of fixed width, as far as the text goes; returns where the next would begin.
    fn take_fixed(&mut self, fields: &[Field], text: &'a [u8]) -> usize {
        let pieces = by_width(fields, text).map(|(_, piece)| piece);
        self.fields.extend(pieces);
        let last = self.fields.iter().flatten().next_back();
        last.map_or(0, |piece| piece.offset + piece.bytes.len())
    }
}

/// The fields of fixed width with their pieces, one behind the other; none where the text does not go so far.
pub(super) fn by_width<'f, 'a>(
    fields: &'f [Field],
    text: &'a [u8],
) -> impl Iterator<Item = (&'f Field, Option<Piece<'a>>)> {
    let mut offset = 0;
    fields.iter().map(move |field| {
        let end = match field.extent {
            _ if field.tag.is_some() => None,
            Extent::Exact(width) => Some(offset + width),
            Extent::Rest => Some(text.len().max(offset)),
            Extent::AtMost(_) => None,
        };
        let bytes = end.and_then(|end| text.get(offset..end));
        let piece = bytes.map(|bytes| Piece { offset, bytes });
        offset += bytes.map_or(0, <[u8]>::len);
        (field, piece)
    })
}

fn tag_error(tag: &[u8], form: TagForm, problem: &'static str) -> DecodeError {
    let tag = &tag[..tag.len().min(form.tag_width)];
    DecodeError::Field {
        field: format!("tag {}", tag_name(tag)),
        problem,
    }
}

/// A tag as people write it: its characters, or its bytes.
pub(super) fn tag_name(tag: &[u8]) -> String {
    if tag.iter().all(u8::is_ascii_graphic) {
        String::from_utf8_lossy(tag).into_owned()
    } else {
        tag.iter().map(|byte| format!("{byte:02X}")).collect()
    }
}

fn exact_width(field: &Field) -> usize {
    match field.extent {
        Extent::Exact(width) if field.tag.is_none() => width,
        Extent::Exact(_) | Extent::AtMost(_) | Extent::Rest => 0,
    }
}
