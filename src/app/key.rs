//! Keys as the console knows them, whatever bytes a terminal sends for them.

use serde::{Deserialize, Serialize};

/// One key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// A character, after the input method.
    Char(char),
    /// F1 to F12.
    F(u8),
    /// Enter.
    Enter,
    /// A lone Esc.
    Esc,
    /// Backspace, whichever byte stands for it.
    Backspace,
    /// Delete.
    Delete,
    /// Left.
    Left,
    /// Right.
    Right,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Home.
    Home,
    /// End.
    End,
    /// PgUp 前頁.
    PageUp,
    /// PgDn 後頁.
    PageDown,
    /// Tab.
    Tab,
    /// Shift-Tab.
    BackTab,
    /// Ctrl with a letter, in lower case.
    Ctrl(char),
    /// Bytes that mean nothing here; the key check screen shows them and can give them a meaning.
    Unknown,
}

/// One press: the key, and the bytes the terminal sent for it (empty where the system gives none).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPress {
    /// What it means.
    pub key: Key,
    /// What came.
    pub bytes: Vec<u8>,
}

/// Everything a person or a scanner sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// One key press.
    Key(KeyPress),
    /// Pasted text, controls already stripped; never commits anything.
    Paste(String),
    /// A scanner's burst with its closing Enter, as one event: never answers a question.
    Scan(String),
    /// Bytes that are not UTF-8: the terminal is set to another encoding.
    NotUtf8,
}

impl Key {
    /// The F-key that stands behind Esc-digit: `1…9 0 - =` are F1…F12.
    pub const fn after_escape(self) -> Option<Key> {
        match self {
            Key::Char(digit @ '1'..='9') => Some(Key::F(digit as u8 - b'0')),
            Key::Char('0') => Some(Key::F(10)),
            Key::Char('-') => Some(Key::F(11)),
            Key::Char('=') => Some(Key::F(12)),
            _ => None,
        }
    }
}
