//! A dialect that a data file describes: which fields a message has, where they stand, and what their values mean.

mod field;
mod file;
mod message;
mod role;
mod words;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use chrono::NaiveDateTime;

use self::message::{Message, Shape};
use super::Reply;
use crate::cat::frame::framing::Framing;
use crate::cat::{Answer, Command};

/// The messages of one dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    name: String,
    framing: Framing,
    shape: Shape,
    messages: Vec<Message>,
}

/// A layout file that cannot be used, with the line to look at and what to do there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {problem}; {remedy}")]
pub struct LayoutError {
    /// The name the file was given by.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

/// A command or reply that cannot be said in a layout. Nothing of it may be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The layout has no message for it.
    #[error("the layout has no {message} message")]
    NoMessage {
        /// Which one is missing.
        message: &'static str,
    },
    /// The value needs more room; it is never cut.
    #[error("{field} is wider than {max} characters")]
    TooWide {
        /// The field.
        field: String,
        /// Its room.
        max: usize,
    },
    /// A field that must be filled has no value.
    #[error("{field} is missing")]
    Missing {
        /// The field.
        field: String,
    },
    /// No field carries it, and without it the message would say something else.
    #[error("the layout has no field for {role}")]
    NotCarried {
        /// The role without a field.
        role: &'static str,
    },
    /// The value map has no wire text for a word.
    #[error("{field} has no wire text for {word}")]
    NoWireText {
        /// The field.
        field: String,
        /// Our word.
        word: String,
    },
    /// An amount to authorize is above zero.
    #[error("the amount is not above zero")]
    AmountNotPositive,
    /// No field holds a number below zero.
    #[error("{field} is negative")]
    Negative {
        /// The field.
        field: String,
    },
    /// A character the layout cannot write, or an edge that its padding would swallow.
    #[error("{field} cannot be written in this layout")]
    NotWritable {
        /// The field.
        field: String,
    },
    /// The whole message is longer than the line takes.
    #[error("the message is longer than {max} bytes")]
    TooLong {
        /// The limit.
        max: usize,
    },
}

/// A text that is no message of a layout.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// No message begins like this.
    #[error("the text is no message of this layout")]
    UnknownMessage,
    /// The message has another length.
    #[error("the {message} message has {found} bytes or fields instead of {expected}")]
    Length {
        /// Which message it begins like.
        message: &'static str,
        /// How long it should be.
        expected: usize,
        /// How long it is.
        found: usize,
    },
    /// Longer than any message.
    #[error("the text is longer than {max} bytes")]
    TooLong {
        /// The limit.
        max: usize,
    },
    /// A field that cannot be read.
    #[error("{field} {problem}")]
    Field {
        /// The field.
        field: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A value that this message cannot do without.
    #[error("{role} is missing")]
    Missing {
        /// The role.
        role: &'static str,
    },
    /// Values that cannot stand together.
    #[error("{problem}")]
    Contradiction {
        /// What does not fit.
        problem: &'static str,
    },
}

impl Layout {
    /// Read a layout file. `name_for_errors` is how messages about it call it.
    pub fn parse(name_for_errors: &str, toml: &str) -> Result<Layout, LayoutError> {
        file::parse(name_for_errors, toml)
    }

    /// The shipped open dialect, described in `docs/open-cat.md`.
    pub fn open_cat() -> Layout {
        // Read once: a console in practice needs it on both ends of its line, and its first frame waits for that.
        static OPEN_CAT: LazyLock<Layout> = LazyLock::new(|| {
            let toml = include_str!("../../../assets/layouts/open-cat.toml");
            Layout::parse("open-cat.toml", toml).expect("the shipped layout is tested to parse")
        });
        OPEN_CAT.clone()
    }

    /// The name models refer to.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How its messages stand on the line.
    pub fn framing(&self) -> &Framing {
        &self.framing
    }

    /// The text of a command. `at` is our clock, for layouts that send it.
    pub fn encode_command(
        &self,
        command: &Command,
        at: NaiveDateTime,
    ) -> Result<Vec<u8>, EncodeError> {
        let (kind, values) = words::of_command(command, at)?;
        let message = self.message(kind)?;
        for role in values.keys() {
            if !message.carries(*role) && words::changes_a_command(*role, &values) {
                return Err(EncodeError::NotCarried { role: role.name() });
            }
        }
        self.encode(message, &values)
    }

    /// The answer that a bare acknowledgement of this command is, where the layout has no other.
    pub fn answered_by_acknowledgement(&self, _command: &Command) -> Option<Answer> {
        None
    }

    /// What a terminal's text says.
    pub fn decode_reply(&self, text: &[u8]) -> Result<Reply, DecodeError> {
        let (kind, values) = self.decode(text, false)?;
        words::to_reply(kind, values)
    }

    /// What a console's text asks; for the terminal's side.
    pub fn decode_command(&self, text: &[u8]) -> Result<Command, DecodeError> {
        let (kind, values) = self.decode(text, true)?;
        words::to_command(kind, values)
    }

    /// The text of a reply; for the terminal's side.
    pub fn encode_reply(&self, reply: &Reply) -> Result<Vec<u8>, EncodeError> {
        let (kind, values) = words::of_reply(reply)?;
        self.encode(self.message(kind)?, &values)
    }

    /// The same messages on a line whose check is taken over something else: some terminals have it in their menu.
    pub fn with_check_over(mut self, covers: crate::cat::frame::framing::Covers) -> Layout {
        self.framing.envelope.check.covers = covers;
        self
    }

    fn message(&self, kind: message::Kind) -> Result<&Message, EncodeError> {
        self.messages
            .iter()
            .find(|message| message.kind == kind)
            .ok_or(EncodeError::NoMessage {
                message: kind.name(),
            })
    }

    fn encode(&self, message: &Message, values: &role::Values) -> Result<Vec<u8>, EncodeError> {
        let text = message.encode(self.shape, values)?;
        if text.len() > self.framing.message_max {
            return Err(EncodeError::TooLong {
                max: self.framing.message_max,
            });
        }
        Ok(text)
    }

    fn decode(
        &self,
        text: &[u8],
        command: bool,
    ) -> Result<(message::Kind, role::Values), DecodeError> {
        if text.len() > self.framing.message_max {
            return Err(DecodeError::TooLong {
                max: self.framing.message_max,
            });
        }
        let message = self
            .messages
            .iter()
            .filter(|message| message.kind.is_command() == command)
            .find(|message| message.begins_like(self.shape, text))
            .ok_or(DecodeError::UnknownMessage)?;
        Ok((message.kind, message.decode(self.shape, text)?))
    }
}
