//! The border of the catalogue: what is asked of it, and what reading a file of goods says.

use serde::{Deserialize, Serialize};

use crate::domain::item::Item;
use crate::domain::item::sheet::{BadLine, Column, HeadingFault};
use crate::domain::record::Stamp;

/// What is asked of the catalogue in the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemsRequest {
    /// The items that hold these words.
    Search(ItemQuery),
    /// One item, to be rung up.
    Find {
        /// By what.
        by: ItemKey,
        /// How many of it; 1 to 999.
        quantity: u32,
    },
    /// Take these items in: all of them or none.
    Import(Import),
}

/// Goods to be taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// When.
    pub stamp: Stamp,
    /// What; no code, JAN or quick key twice.
    pub items: Vec<Item>,
    /// They are the whole catalogue: what is not among them goes.
    pub whole: bool,
}

/// What an item is rung up by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKey {
    /// A scanned JAN, whole.
    Jan(String),
    /// Eight scanned digits that may be a patient's card as well.
    JanOrCard(String),
    /// 短縮.
    Quick(u8),
    /// A code or a JAN that was typed.
    Typed(String),
}

/// What to look for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ItemQuery {
    /// Words, each of which must be in code, JAN, name or kana; none for every item.
    pub words: String,
    /// How many rows, at most.
    pub limit: u16,
}

/// What the catalogue answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemsAnswer {
    /// To `Search`.
    Page(ItemPage),
    /// To `Find`.
    Found {
        /// By what.
        by: ItemKey,
        /// How many were asked for.
        quantity: u32,
        /// The item, where there is one.
        item: Option<Item>,
    },
    /// To `Import`: durable, or nothing was taken in.
    Imported(Result<Imported, Clash>),
}

/// What a search found: quick keys first, then what begins with the words, then the rest, each by code.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ItemPage {
    /// What was asked.
    pub query: ItemQuery,
    /// What was found.
    pub rows: Vec<Item>,
    /// True where there is more.
    pub more: bool,
    /// How many items the catalogue has.
    pub total: u64,
}

/// What an import came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Imported {
    /// New items.
    pub added: u64,
    /// Items that are not as they were.
    pub changed: u64,
    /// Items that were the same.
    pub same: u64,
    /// Items that are gone.
    pub removed: u64,
    /// How many there are now.
    pub total: u64,
}

/// Why an import cannot be taken in beside what is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clash {
    /// An item that is not in the file has the same JAN or quick key.
    Taken {
        /// JAN or quick key.
        column: Column,
        /// What is the same.
        value: String,
        /// The code in the file.
        code: String,
        /// The code in the catalogue.
        held_by: String,
    },
    /// There would be more items than a catalogue has.
    TooMany,
}

/// What is asked of the reader of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoodsRequest {
    /// Which files lie in the import folder.
    Files,
    /// Read one; answered by `Progress`, then by `Read` or `NotRead`.
    Read {
        /// Its name in the import folder.
        name: String,
        /// Every event of this reading bears it.
        reading: u32,
    },
    /// Stop reading; answered by nothing more.
    Stop,
}

/// What the reader of files says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoodsEvent {
    /// To `Files`: the folder, and what lies in it, newest first.
    Files {
        /// Where they are looked for.
        folder: String,
        /// The files, or the system's words.
        files: Result<Vec<GoodsFile>, String>,
    },
    /// Still reading.
    Progress {
        /// Which reading.
        reading: u32,
        /// How far.
        progress: Progress,
    },
    /// To `Read`.
    Read {
        /// Which reading.
        reading: u32,
        /// What is in it, or why it is no list of goods.
        result: Result<Box<Goods>, GoodsTrouble>,
    },
}

/// A file in the import folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoodsFile {
    /// Its name.
    pub name: String,
    /// Bytes.
    pub bytes: u64,
}

/// How far a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// Bytes read.
    pub bytes: u64,
    /// Bytes of the file.
    pub of: u64,
    /// Lines that are taken.
    pub good: u64,
    /// Lines that are not.
    pub bad: u64,
}

/// What is in a file of goods.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Goods {
    /// How its text is written, in a word.
    pub encoding: String,
    /// The items.
    pub items: Vec<Item>,
    /// The first lines that are not taken.
    pub bad: Vec<BadLine>,
    /// How many lines are not taken.
    pub bad_count: u64,
    /// Columns that say nothing here.
    pub ignored: Vec<String>,
}

/// How many bad lines are kept to be shown; more than that, and the file is another one.
pub const BAD_LINES_MAX: usize = 1_000;

/// Why a file is no list of goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoodsTrouble {
    /// It cannot be read (the system's words).
    Unreadable(String),
    /// It is UTF-16, a spreadsheet, or something else that is no text.
    NotText,
    /// Its heading.
    Heading(HeadingFault),
    /// It has more items than a catalogue.
    TooMany,
}
