//! A captured frame or a bare text told field by field, up to the first mistake. No card number leaves here unmasked.

use super::cut::tag_name;
use super::field::{Content, Field};
use super::message::Message;
use super::role::{Role, Value, Values};
use super::text::as_ascii;
use super::{DecodeError, Layout};
use crate::cat::frame::capture::{Mark, Text, take_apart};
use crate::domain::tender::MaskedAccount;
use crate::domain::text::mask_card_numbers;

/// Who sent what is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// The console: commands.
    Console,
    /// The terminal: replies.
    Terminal,
}

/// One line of an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Where it begins in what was given, counted from 0.
    pub offset: usize,
    /// Its bytes, digits of a card number masked.
    pub bytes: Vec<u8>,
    /// The field, where it is one.
    pub field: Option<String>,
    /// What it means.
    pub meaning: Meaning,
}

/// What a piece of a message means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// Part of the frame.
    Frame(Mark),
    /// Which message begins here.
    Message(&'static str),
    /// It always stands there.
    Constant,
    /// It is written so and not read.
    NotRead,
    /// Nothing stands there.
    Blank,
    /// A value, as we read it.
    Value(String),
    /// A tag that the layout does not name.
    Unnamed,
    /// The mistake.
    Mistake(String),
}

impl Layout {
    /// Explain captured bytes: frames with their controls, or the text of one message alone.
    pub fn explain(&self, bytes: &[u8], sender: Sender) -> Vec<Explained> {
        let start = &self.framing.envelope.start;
        let framed = !start.is_empty() && bytes.starts_with(start);
        if !framed && self.reader(bytes, sender == Sender::Console, None).is_ok() {
            let places = (0..bytes.len()).collect();
            let bytes = bytes.to_vec();
            return self.explain_text(&Text { bytes, places }, sender);
        }
        let capture = take_apart(&self.framing, bytes);
        let mut told: Vec<Explained> = capture
            .pieces
            .into_iter()
            .map(|piece| Explained {
                offset: piece.offset,
                bytes: guarded(&masked(&piece.bytes)),
                field: None,
                meaning: Meaning::Frame(piece.mark),
            })
            .collect();
        for text in &capture.texts {
            told.extend(self.explain_text(text, sender));
        }
        told.sort_by_key(|line| (line.offset, matches!(line.meaning, Meaning::Mistake(_))));
        told
    }

    fn explain_text(&self, text: &Text, sender: Sender) -> Vec<Explained> {
        let told = Told {
            text,
            shown: masked(&text.bytes),
            lines: Vec::new(),
        };
        match self.reader(&text.bytes, sender == Sender::Console, None) {
            Ok(message) => told.message(message),
            Err(DecodeError::UnknownMessage) => self.nearest(told, sender),
            Err(error) => told.mistake(0, error.to_string()),
        }
    }

    /// No message is like this: say where it leaves the one it is most like.
    fn nearest(&self, told: Told<'_>, sender: Sender) -> Vec<Explained> {
        let bytes = &told.text.bytes;
        let leaves = |message: &&Message| {
            let cut = message.cut(bytes);
            let places = message.fields.iter().zip(&cut.fields);
            let wrong = places
                .filter_map(|(field, piece)| {
                    let demanded = field.demanded()?;
                    let said = piece.map_or(&[][..], |piece| piece.bytes);
                    let at = piece.map_or(bytes.len(), |piece| piece.offset);
                    let same =
                        said == demanded || (demanded.is_empty() && super::field::is_blank(said));
                    (!same).then(|| (at, field.name.clone(), demanded.to_vec(), said.to_vec()))
                })
                .next();
            wrong.map(|wrong| (message.kind.name(), wrong))
        };
        let ours = |message: &&Message| message.kind.is_command() == (sender == Sender::Console);
        let messages = self.messages.iter().filter(ours);
        let furthest = messages.filter_map(|message| leaves(&message)).max_by_key(
            |(_, (at, _, demanded, said))| {
                let same = demanded.iter().zip(said).take_while(|(a, b)| a == b);
                at + same.count()
            },
        );
        let Some((kind, (at, field, demanded, said))) = furthest else {
            return told.mistake(0, DecodeError::UnknownMessage.to_string());
        };
        let problem = format!(
            "no message of this layout; nearest is {kind}, whose {field} is `{}` and not `{}`",
            String::from_utf8_lossy(&demanded),
            printable(&guarded(&masked(&said))),
        );
        told.mistake(at, problem)
    }
}

/// Lines about one text.
struct Told<'a> {
    text: &'a Text,
    /// Its bytes as they may be shown. Masked as a whole, so that no wrong layout cuts a card number into two harmless halves.
    shown: Vec<u8>,
    lines: Vec<Explained>,
}

impl Told<'_> {
    fn push(&mut self, at: usize, bytes: Vec<u8>, field: Option<String>, meaning: Meaning) {
        let places = &self.text.places;
        let behind = places.last().map_or(0, |last| last + 1);
        self.lines.push(Explained {
            offset: places.get(at).copied().unwrap_or(behind),
            bytes,
            field,
            meaning,
        });
    }

    fn mistake(mut self, at: usize, problem: String) -> Vec<Explained> {
        let rest = guarded(self.shown.get(at..).unwrap_or_default());
        self.push(at, rest, None, Meaning::Mistake(problem));
        self.lines
    }

    fn message(mut self, message: &Message) -> Vec<Explained> {
        let bytes = &self.text.bytes;
        let cut = message.cut(bytes);
        self.push(0, Vec::new(), None, Meaning::Message(message.kind.name()));
        let fields = message.fields.iter().zip(cut.fields.iter().copied());
        let mut pieces: Vec<_> = fields
            .filter_map(|(field, piece)| Some((field, piece?)))
            .collect();
        for record in &cut.records {
            pieces.extend(message.record.iter().zip(record.iter().copied()));
        }
        pieces.sort_by_key(|(_, piece)| piece.offset);
        let mut wrong = cut
            .mistake
            .as_ref()
            .map(|(at, error)| (*at, error.to_string()));
        for (field, piece) in pieces {
            let mut values = Values::default();
            match field.decode(piece.bytes, as_ascii(piece.bytes), &mut values) {
                Err(error) => {
                    let earlier = wrong.as_ref().is_some_and(|(at, _)| *at <= piece.offset);
                    if !earlier {
                        wrong = Some((piece.offset, error.to_string()));
                    }
                    break;
                }
                Ok(()) => {
                    let end = piece.offset + piece.bytes.len();
                    let shown = shown(field, &self.shown[piece.offset..end]);
                    let name = Some(field.name.clone());
                    self.push(piece.offset, shown, name, meaning(field, &values));
                }
            }
        }
        for piece in &cut.unnamed {
            let name = format!("tag {}", tag_name(&piece.bytes[..piece.bytes.len().min(2)]));
            self.push(
                piece.offset,
                guarded(&masked(piece.bytes)),
                Some(name),
                Meaning::Unnamed,
            );
        }
        if wrong.is_none()
            && let Err(error) = message.decode(bytes, &mut Values::default())
        {
            wrong = Some((bytes.len(), error.to_string()));
        }
        match wrong {
            Some((at, problem)) => self.mistake(at, problem),
            None => self.lines,
        }
    }
}

fn meaning(field: &Field, values: &Values<'_>) -> Meaning {
    let content = match &field.content {
        Content::Constant(_) => return Meaning::Constant,
        Content::Filler(_) => return Meaning::NotRead,
        Content::Blank => return Meaning::Blank,
        Content::Role(content) if content.write_only => return Meaning::NotRead,
        Content::Role(content) => content,
    };
    let role = content.role;
    match values.get(role) {
        None => Meaning::Blank,
        Some(Value::Number(number)) => Meaning::Value(number.to_string()),
        Some(Value::Word(word)) => Meaning::Value(match values.get(Role::CenterResultCode) {
            Some(Value::Text(code)) => format!("{word} ({code})"),
            _ => (*word).to_owned(),
        }),
        Some(Value::Text(text)) if role == Role::Account => match MaskedAccount::mask(text) {
            Ok((account, _)) => Meaning::Value(account.as_str().to_owned()),
            Err(error) => Meaning::Mistake(error.to_string()),
        },
        Some(Value::Text(text)) => Meaning::Value(mask_card_numbers(text)),
        Some(Value::Time(time)) => Meaning::Value(match role {
            Role::Date => time.format("%Y-%m-%d").to_string(),
            Role::Clock => time.format("%H:%M:%S").to_string(),
            _ => time.format("%Y-%m-%d %H:%M:%S").to_string(),
        }),
    }
}

/// The bytes of a field as they may be shown: of an account number no more than six digits before and four behind.
fn shown(field: &Field, bytes: &[u8]) -> Vec<u8> {
    if field.role().is_none() {
        return guarded(&masked(bytes));
    }
    if field.role() != Some(Role::Account) {
        return masked(bytes);
    }
    let is_symbol = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'*' | b'x' | b'X');
    let symbols: Vec<usize> = (0..bytes.len())
        .filter(|at| is_symbol(bytes[*at]))
        .collect();
    let head = if symbols.len() >= 13 { 6 } else { 0 };
    let mut bytes = bytes.to_vec();
    for at in symbols
        .iter()
        .skip(head)
        .take(symbols.len().saturating_sub(head + 4))
    {
        bytes[*at] = b'*';
    }
    bytes
}

/// The bytes with whatever may be a card number masked.
fn masked(bytes: &[u8]) -> Vec<u8> {
    // One character a byte, so that places stay.
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    mask_card_numbers(&text)
        .chars()
        .map(|c| u8::try_from(c).unwrap_or(b'?'))
        .collect()
}

/// What nobody read: every row of digits as long as a card number is masked, whatever its check digit says. Zeros are padding.
fn guarded(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let mut start = 0;
    while start < out.len() {
        let run = out[start..].iter().take_while(|byte| byte.is_ascii_digit());
        let end = start + run.count();
        let is_padding = out[start..end].iter().all(|byte| *byte == b'0');
        if end - start >= 13 && !is_padding {
            out[start + 6..end - 4].fill(b'*');
        }
        start = end.max(start + 1);
    }
    out
}

fn printable(bytes: &[u8]) -> String {
    let shown = |byte: &u8| {
        if byte.is_ascii_graphic() || *byte == b' ' {
            char::from(*byte)
        } else {
            '.'
        }
    };
    bytes.iter().map(shown).collect()
}
