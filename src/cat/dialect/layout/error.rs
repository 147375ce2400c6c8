//! What is wrong with a layout file, a value that cannot be said, or a text that is no message.

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
