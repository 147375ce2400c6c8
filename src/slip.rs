//! What is printed: a slip out of the books and the site's words, as lines; those lines as text and as bytes for a receipt printer.
//!
//! ```text
//!  SlipFacts + Issuer + Template ─ compose ─▶ Sheet ─ rows ─▶ Row ─┬─ text   the screen, files
//!                                                                 └─ escpos a receipt printer
//! ```
//!
//! The screen and the paper are two drawings of one sheet. Words, order, logo and shop lines are a site's own (`template`); the marks of
//! practice, of a copy and of a sale that is not settled are not: `compose` puts them on every sheet.

pub mod charset;
mod compose;
pub mod escpos;
pub mod logo;
mod parse;
mod rows;
pub mod template;
mod values;
pub mod words;

pub use compose::{Issuer, Occasion, compose, test_sheet};
pub use rows::{Grid, text, wrap};

use crate::domain::slip::SlipNumber;

/// The narrowest paper: 58 mm rolls print 32 columns.
pub const NARROWEST: usize = 32;

/// A slip as lines, not yet laid out for any width.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sheet {
    /// From the head to the foot.
    pub lines: Vec<Line>,
}

/// One line of a slip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Words, wrapped where they are too long.
    Text {
        /// The words.
        text: String,
        /// Where they stand.
        align: Align,
        /// How large.
        size: Size,
    },
    /// Words at the left end and a value at the right end.
    Ends {
        /// The words.
        left: String,
        /// The value; never cut.
        right: String,
        /// How large.
        size: Size,
    },
    /// Words between rows of a mark, over the whole width: they cannot be overlooked.
    Banner {
        /// The words.
        text: String,
        /// The mark.
        mark: char,
    },
    /// A row of one character.
    Rule(char),
    /// Empty lines.
    Feed(u8),
    /// The bar code of a slip number.
    Barcode(SlipNumber),
    /// The site's picture, where it has one.
    Logo,
    /// The end of the paper.
    Cut,
}

/// Where words stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// At the left.
    #[default]
    Left,
    /// In the middle.
    Centre,
    /// At the right.
    Right,
}

/// How large words are printed. A screen shows all of them alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Size {
    /// 12 by 24 dots, a kanji 24 by 24.
    #[default]
    Normal,
    /// Twice as high.
    Tall,
    /// Twice as wide.
    Wide,
    /// Both.
    Double,
}

impl Size {
    /// How many columns one column of text takes.
    const fn columns(self) -> usize {
        match self {
            Size::Normal | Size::Tall => 1,
            Size::Wide | Size::Double => 2,
        }
    }
}
