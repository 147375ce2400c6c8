//! The border of files that are written for other programs: クレジット利用履歴 as CSV.

use serde::{Deserialize, Serialize};

use super::{CardReportQuery, StoreTrouble};

/// How the text of a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8 with a byte order mark, by which spreadsheets know it.
    Utf8,
    /// CP932, which older programs of this country read.
    Cp932,
}

/// A file that is wanted; answered by one `Exported`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRequest {
    /// What is to be in it, all pages.
    pub query: CardReportQuery,
    /// How its text is written.
    pub encoding: Encoding,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exported {
    /// Where it is.
    pub path: String,
    /// Its rows, without the heading.
    pub rows: u64,
    /// Characters that the encoding does not have; each stands as 〓.
    pub replaced: u64,
}

/// Why there is no file. What stood there before still does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportTrouble {
    /// The disk is full.
    DiskFull,
    /// It cannot be written: where, and the system's words.
    NotWritten(String),
    /// The books could not be read.
    Books(StoreTrouble),
}
