//! A sentence for the person at the screen: a text id and its values. Language and layout are put to it later.

use crate::domain::money::Yen;
use crate::domain::slip::{SequenceNumber, SlipNumber};
use crate::domain::text::Bilingual;
use crate::locale::Text;

/// A sentence with values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// How grave it is.
    pub tone: Tone,
    /// The sentence.
    pub text: Text,
    /// Its values, by the names between braces.
    pub values: Vec<(&'static str, Value)>,
}

/// How grave a sentence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// All is well.
    Plain,
    /// Something is to be done first.
    Warning,
    /// Something failed.
    Alarm,
}

/// A value inside a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// An amount.
    Yen(Yen),
    /// A count.
    Number(u64),
    /// Our slip number.
    Slip(SlipNumber),
    /// Our number at the terminal.
    Sequence(SequenceNumber),
    /// A name in both languages.
    Name(Bilingual),
    /// Text as it is.
    Word(String),
    /// Another text.
    Text(Text),
    /// Other texts, one behind the other.
    Texts(Vec<Text>),
}

impl Note {
    /// A plain sentence.
    pub fn plain(text: Text) -> Note {
        Note {
            tone: Tone::Plain,
            text,
            values: Vec::new(),
        }
    }

    /// A warning.
    pub fn warning(text: Text) -> Note {
        Note {
            tone: Tone::Warning,
            ..Note::plain(text)
        }
    }

    /// An alarm.
    pub fn alarm(text: Text) -> Note {
        Note {
            tone: Tone::Alarm,
            ..Note::plain(text)
        }
    }

    /// The same sentence with one more value.
    pub fn with(mut self, name: &'static str, value: Value) -> Note {
        self.values.push((name, value));
        self
    }
}
