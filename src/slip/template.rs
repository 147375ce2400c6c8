//! The words of slips and their order: files of their own, shipped in `assets/slips`, each of which a site may replace by one of its own.

use std::collections::BTreeMap;

use super::parse;
use super::{Align, Size};
use crate::domain::text::{Bilingual, Language};

/// What a template is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// 売上.
    Sale,
    /// 併用払い: a part of a bill.
    Part,
    /// 取消伝票.
    Cancel,
    /// 返品伝票.
    Return,
    /// What is still to be done by hand, for a colleague.
    Task,
    /// The test of a printer.
    Test,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 6] = [
        Kind::Sale,
        Kind::Part,
        Kind::Cancel,
        Kind::Return,
        Kind::Task,
        Kind::Test,
    ];

    /// The name of its file, without `.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Sale => "sale",
            Kind::Part => "part",
            Kind::Cancel => "cancel",
            Kind::Return => "return",
            Kind::Task => "task",
            Kind::Test => "test",
        }
    }

    /// The shipped file.
    pub const fn shipped(self) -> &'static str {
        match self {
            Kind::Sale => include_str!("../../assets/slips/sale.toml"),
            Kind::Part => include_str!("../../assets/slips/part.toml"),
            Kind::Cancel => include_str!("../../assets/slips/cancel.toml"),
            Kind::Return => include_str!("../../assets/slips/return.toml"),
            Kind::Task => include_str!("../../assets/slips/task.toml"),
            Kind::Test => include_str!("../../assets/slips/test.toml"),
        }
    }
}

/// A template file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {problem}; {remedy}")]
pub struct TemplateError {
    /// Its name.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

/// Words in one or both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Words {
    /// The same in both: values alone, mostly.
    Same(String),
    /// One each.
    Each(Bilingual),
}

impl Words {
    pub(super) fn get(&self, language: Language) -> &str {
        match self {
            Words::Same(text) => text,
            Words::Each(text) => text.get(language),
        }
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let (first, second) = match self {
            Words::Same(text) => (text, None),
            Words::Each(text) => (&text.ja, Some(&text.en)),
        };
        std::iter::once(first).chain(second).map(String::as_str)
    }
}

/// Lines that are written once for each of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    /// The shop's name lines.
    Shop,
    /// The lines of the bill.
    Item,
    /// Its cash tenders.
    Cash,
    /// Its card tenders.
    Card,
    /// What is still to be done.
    Step,
    /// What is done.
    Done,
}

/// One piece of a template. A piece with a value that a slip does not have is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text {
        text: Words,
        align: Align,
        size: Size,
    },
    Ends {
        left: Words,
        right: Words,
        size: Size,
    },
    Banner {
        text: Words,
        mark: char,
    },
    Rule(char),
    Feed(u8),
    Logo,
    Barcode,
    Each {
        group: Group,
        pieces: Vec<Piece>,
    },
}

impl Piece {
    /// True where it names such a value.
    pub(super) fn names(&self, which: &dyn Fn(&str) -> bool) -> bool {
        let words: [Option<&Words>; 2] = match self {
            Piece::Text { text, .. } | Piece::Banner { text, .. } => [Some(text), None],
            Piece::Ends { left, right, .. } => [Some(left), Some(right)],
            Piece::Each { pieces, .. } => return pieces.iter().any(|piece| piece.names(which)),
            Piece::Rule(_) | Piece::Feed(_) | Piece::Logo | Piece::Barcode => [None, None],
        };
        let mut texts = words.into_iter().flatten().flat_map(Words::texts);
        texts.any(|text| {
            let mut names = text.split('{').skip(1);
            names.any(|name| which(name.split(['}', ':']).next().unwrap_or_default()))
        })
    }
}

/// The lines of one kind of slip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pub(super) pieces: Vec<Piece>,
}

impl Template {
    /// True where a line of it names this value.
    pub(super) fn names(&self, value: &str) -> bool {
        self.pieces
            .iter()
            .any(|piece| piece.names(&|name| name == value))
    }
}

/// The templates of a counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Templates(BTreeMap<Kind, Template>);

impl Default for Templates {
    fn default() -> Templates {
        Templates::shipped()
    }
}

impl Templates {
    /// Those inside the program.
    pub fn shipped() -> Templates {
        let read = |kind: Kind| {
            let file = format!("{}.toml", kind.name());
            let template = parse::template(&file, kind.shipped(), kind);
            (kind, template.expect("a test reads every shipped template"))
        };
        Templates(Kind::ALL.map(read).into_iter().collect())
    }

    /// Lay a site's file over the shipped one. Its name says which slip it is: `sale.toml`, `part.toml`, `cancel.toml`, `return.toml`,
    /// `task.toml`, `test.toml`.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and where. The template that was there stays.
    pub fn put(&mut self, file: &str, text: &str) -> Result<(), TemplateError> {
        let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
        let stem = name.strip_suffix(".toml").unwrap_or(name);
        let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.name() == stem) else {
            let known: Vec<String> = Kind::ALL
                .iter()
                .map(|kind| format!("{}.toml", kind.name()))
                .collect();
            return Err(TemplateError {
                file: file.to_owned(),
                line: 1,
                problem: format!("there is no slip called `{stem}`"),
                remedy: format!("name the file one of {}", known.join(", ")),
            });
        };
        self.0.insert(kind, parse::template(file, text, kind)?);
        Ok(())
    }

    pub(super) fn of(&self, kind: Kind) -> &Template {
        self.0.get(&kind).expect("there is one of every kind")
    }
}
