//! A single-line input: edited by grapheme, bounded, its cursor a place between graphemes.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::key::Key;
use crate::domain::text::{fold_char, is_unsafe};

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text, full-width digits and signs folded.
    Text,
    /// Amounts: digits, comma, sign; folded.
    Amount,
    /// Numbers off a slip: letters, digits, hyphen; folded to upper case.
    Code,
}

/// A line of text being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    kind: Kind,
    text: String,
    /// Bytes before the cursor; always at a grapheme's border.
    cursor: usize,
    /// The most characters it holds.
    limit: usize,
}

impl Field {
    /// An empty field.
    pub fn new(kind: Kind, limit: usize) -> Field {
        Field {
            kind,
            text: String::new(),
            cursor: 0,
            limit,
        }
    }

    /// What is typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text before the cursor, for placing the real one.
    pub fn before_cursor(&self) -> &str {
        &self.text[..self.cursor]
    }

    /// True with nothing typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Empty it.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cursor = 0;
    }

    /// Put a text in, cursor at its end.
    pub fn set(&mut self, text: &str) {
        self.clear();
        self.paste(text);
    }

    /// Put text in at the cursor; what the field does not take is left out, and so is what does not fit.
    pub fn paste(&mut self, text: &str) {
        let composed: String = text.nfc().collect();
        for c in composed.chars() {
            self.insert(c);
        }
    }

    /// An editing key. False where it is none of the field's.
    pub fn press(&mut self, key: Key) -> bool {
        match key {
            Key::Char(c) => return self.insert(c),
            Key::Backspace => {
                let before = self.left();
                self.text.replace_range(before..self.cursor, "");
                self.cursor = before;
            }
            Key::Delete => {
                let after = self.right();
                self.text.replace_range(self.cursor..after, "");
            }
            Key::Left => self.cursor = self.left(),
            Key::Right => self.cursor = self.right(),
            Key::Home => self.cursor = 0,
            Key::End => self.cursor = self.text.len(),
            Key::Ctrl('u') => self.clear(),
            _ => return false,
        }
        true
    }

    fn insert(&mut self, c: char) -> bool {
        let folded = fold_char(c);
        let c = match self.kind {
            Kind::Text => folded,
            Kind::Amount if folded.is_ascii_digit() || matches!(folded, ',' | '-' | '.') => folded,
            Kind::Code if folded.is_ascii_alphanumeric() || folded == '-' => {
                folded.to_ascii_uppercase()
            }
            Kind::Amount | Kind::Code => return false,
        };
        if is_unsafe(c) || self.text.chars().count() >= self.limit {
            return false;
        }
        self.text.insert(self.cursor, c);
        // A mark joins the letter before it into one grapheme, and one character where there is one for both.
        let head: String = self.text[..self.cursor + c.len_utf8()].nfc().collect();
        let tail = self.text.split_off(self.cursor + c.len_utf8());
        self.cursor = head.len();
        self.text = head + &tail;
        true
    }

    fn left(&self) -> usize {
        self.before_cursor()
            .grapheme_indices(true)
            .next_back()
            .map_or(0, |(at, _)| at)
    }

    fn right(&self) -> usize {
        self.text[self.cursor..]
            .graphemes(true)
            .next()
            .map_or(self.text.len(), |g| self.cursor + g.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(kind: Kind, text: &str) -> Field {
        let mut field = Field::new(kind, 20);
        for c in text.chars() {
            field.press(Key::Char(c));
        }
        field
    }

    #[test]
    fn full_width_digits_are_folded_as_they_are_typed() {
        assert_eq!(typed(Kind::Amount, "３，４３０").text(), "3,430");
        assert_eq!(typed(Kind::Code, "ａ－１２").text(), "A-12");
        assert_eq!(typed(Kind::Text, "診断書　２２００").text(), "診断書 2200");
    }

    #[test]
    fn a_field_takes_only_what_it_is_for() {
        assert_eq!(typed(Kind::Amount, "12あ3x").text(), "123");
        assert_eq!(typed(Kind::Code, "1 2\u{202e}3").text(), "123");
        assert_eq!(typed(Kind::Text, "a\u{1b}b").text(), "ab");
        assert_eq!(typed(Kind::Amount, &"9".repeat(50)).text().len(), 20);
    }

    #[test]
    fn editing_goes_by_grapheme() {
        let mut field = typed(Kind::Text, "か\u{3099}漢👨\u{200d}👩");
        assert_eq!(field.text(), "が漢👨👩", "zero-width joiners do not enter");
        for rest in ["が漢👨", "が漢", "が", "", ""] {
            field.press(Key::Backspace);
            assert_eq!(field.text(), rest);
        }
        field.set("漢字");
        field.press(Key::Home);
        field.press(Key::Right);
        assert_eq!(field.before_cursor(), "漢");
        field.press(Key::Char('x'));
        field.press(Key::Delete);
        assert_eq!(field.text(), "漢x");
        field.press(Key::Left);
        field.press(Key::Left);
        field.press(Key::Left);
        assert_eq!(field.before_cursor(), "");
        assert!(!field.press(Key::F(1)));
    }
}
