//! A file of goods: its heading, its lines, and why a line is not taken. Nothing is guessed; what is not right is told with its line.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::records::{Record, RecordFault};
use super::{Item, Jan, JanError, KANA_MAX, QUICK_MAX, code, search_key};
use crate::domain::money::{AmountError, Yen};
use crate::domain::ring_up::NAME_MAX;
use crate::domain::sale::TaxClass;
use crate::domain::text::{fold_width, holds_card_number, mask_card_numbers, strip_unsafe};

/// The columns that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// 商品コード.
    Code,
    /// JANコード.
    Jan,
    /// 商品名.
    Name,
    /// カナ.
    Kana,
    /// 単価, tax included.
    Price,
    /// 税区分.
    Tax,
    /// 短縮.
    Quick,
}

impl Column {
    /// Every one, in the order of an export.
    pub const ALL: [Column; 7] = [
        Column::Code,
        Column::Jan,
        Column::Name,
        Column::Kana,
        Column::Price,
        Column::Tax,
        Column::Quick,
    ];

    /// A file without it has no goods in it.
    pub const fn is_required(self) -> bool {
        matches!(
            self,
            Column::Code | Column::Name | Column::Price | Column::Tax
        )
    }

    /// What it may be called; the first is what an export calls it, the second in English.
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Column::Code => &[
                "商品コード",
                "code",
                "コード",
                "品目コード",
                "品番",
                "item code",
                "item",
            ],
            Column::Jan => &[
                "JANコード",
                "jan",
                "JAN",
                "バーコード",
                "jan code",
                "ean",
                "barcode",
            ],
            Column::Name => &["商品名", "name", "品名", "名称", "品目名", "item name"],
            Column::Kana => &[
                "カナ",
                "kana",
                "かな",
                "フリガナ",
                "ふりがな",
                "よみ",
                "商品名カナ",
                "reading",
            ],
            Column::Price => &[
                "単価",
                "price",
                "税込単価",
                "価格",
                "税込価格",
                "売価",
                "販売価格",
                "unit price",
            ],
            Column::Tax => &[
                "税区分",
                "tax",
                "税率",
                "課税区分",
                "消費税",
                "消費税区分",
                "tax class",
            ],
            Column::Quick => &["短縮", "quick", "短縮キー", "クイックキー", "quick key"],
        }
    }

    fn called(name: &str) -> Option<Column> {
        let same = |known: &&&str| heading_key(known) == heading_key(name);
        Column::ALL
            .into_iter()
            .find(|column| column.names().iter().any(|known| same(&known)))
    }
}

fn heading_key(name: &str) -> String {
    search_key(name)
        .chars()
        .filter(|c| !"_-()".contains(*c))
        .collect()
}

/// The words of the tax classes; the first is what an export writes, the second in English.
pub const fn tax_names(class: TaxClass) -> &'static [&'static str] {
    match class {
        TaxClass::Taxable => &[
            "10%",
            "standard",
            "10",
            "課税",
            "課税10%",
            "標準",
            "標準税率",
            "課",
        ],
        TaxClass::Reduced => &[
            "8%",
            "reduced",
            "8",
            "軽減",
            "軽減8%",
            "軽減税率",
            "※",
            "軽",
        ],
        TaxClass::NonTaxable => &["非課税", "none", "非", "non taxable", "exempt", "n"],
    }
}

/// Why a file is no list of goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadingFault {
    /// It has no line.
    Empty,
    /// The first line does not name these columns.
    Missing(Vec<Column>),
    /// Two columns are called the same.
    Twice(Column),
    /// The first line is no record.
    Broken,
}

/// Why a line is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Quotes are opened and not closed; the lines behind it are swallowed.
    OpenQuote,
    /// Text behind a closing quote.
    TextAfterQuote,
    /// Longer than any line of goods.
    TooLong,
    /// More cells than the heading: a comma without quotes, mostly.
    TooManyCells,
    /// Bytes that are no characters.
    Unreadable(Column),
    /// No code, no name, no price, no tax class.
    Empty(Column),
    /// No code of ours.
    Code(String),
    /// A code, a name or a reading that passes for a card number.
    CardNumber,
    /// A spreadsheet made a number of it: the digits are lost.
    JanRounded(String),
    /// Not 8 or 13 digits.
    JanDigits(String),
    /// The check digit is another one.
    JanCheck {
        /// As the file has it.
        jan: String,
        /// What its last digit should be.
        wants: char,
    },
    /// A line break in a name.
    Break(Column),
    /// Longer than so many characters.
    Long(Column, usize),
    /// No amount.
    Price(String, AmountError),
    /// No tax class.
    Tax(String),
    /// No key from 1 to 9.
    Quick(String),
    /// Stands on a line before.
    Double {
        /// What is the same.
        column: Column,
        /// As the file has it.
        value: String,
        /// The line before.
        line: u64,
    },
}

/// A line that is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadLine {
    /// Its line in the file, counted from 1.
    pub line: u64,
    /// The line it ends on.
    pub last: u64,
    /// How it begins, so that it is found again.
    pub begins: String,
    /// Why.
    pub fault: Fault,
}

/// What a record was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The heading.
    Heading,
    /// An item.
    Item(Item),
    /// A line that is not taken.
    Bad(BadLine),
    /// The file is no list of goods.
    Stop(HeadingFault),
}

/// A file of goods, read line by line.
#[derive(Debug, Default)]
pub struct Sheet {
    columns: Vec<Option<Column>>,
    ignored: Vec<String>,
    codes: HashMap<String, u64>,
    jans: HashMap<Jan, u64>,
    quick: HashMap<u8, u64>,
}

impl Sheet {
    /// The columns of the file that say nothing here.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Take the next record; the first is the heading.
    pub fn take(&mut self, record: &Record) -> Taken {
        if self.columns.is_empty() {
            return match self.heading(record) {
                Ok(()) => Taken::Heading,
                Err(fault) => Taken::Stop(fault),
            };
        }
        match self.item(record) {
            Ok(item) => {
                self.codes.insert(item.code.clone(), record.line);
                if let Some(jan) = &item.jan {
                    self.jans.insert(jan.clone(), record.line);
                }
                if let Some(key) = item.quick {
                    self.quick.insert(key, record.line);
                }
                Taken::Item(item)
            }
            Err(fault) => Taken::Bad(BadLine {
                line: record.line,
                last: record.last,
                begins: begins(record),
                fault,
            }),
        }
    }

    /// The file has ended.
    ///
    /// # Errors
    ///
    /// It had no heading.
    pub fn finish(&self) -> Result<(), HeadingFault> {
        if self.columns.is_empty() {
            return Err(HeadingFault::Empty);
        }
        Ok(())
    }

    fn heading(&mut self, record: &Record) -> Result<(), HeadingFault> {
        if record.fault.is_some() {
            return Err(HeadingFault::Broken);
        }
        let columns: Vec<Option<Column>> = record
            .cells
            .iter()
            .map(|name| Column::called(name))
            .collect();
        let count = |column| columns.iter().filter(|c| **c == Some(column)).count();
        let missing: Vec<Column> = Column::ALL
            .into_iter()
            .filter(|column| column.is_required() && count(*column) == 0)
            .collect();
        if !missing.is_empty() {
            return Err(HeadingFault::Missing(missing));
        }
        if let Some(twice) = Column::ALL.into_iter().find(|column| count(*column) > 1) {
            return Err(HeadingFault::Twice(twice));
        }
        self.ignored = record
            .cells
            .iter()
            .zip(&columns)
            .filter(|(name, column)| column.is_none() && !name.trim().is_empty())
            .map(|(name, _)| strip_unsafe(name).chars().take(NAME_MAX).collect())
            .collect();
        self.columns = columns;
        Ok(())
    }

    fn item(&self, record: &Record) -> Result<Item, Fault> {
        match record.fault {
            Some(RecordFault::OpenQuote) => return Err(Fault::OpenQuote),
            Some(RecordFault::TextAfterQuote) => return Err(Fault::TextAfterQuote),
            Some(RecordFault::TooLong) => return Err(Fault::TooLong),
            None => {}
        }
        let behind = record.cells.iter().skip(self.columns.len());
        if behind.into_iter().any(|cell| !cell.trim().is_empty()) {
            return Err(Fault::TooManyCells);
        }
        for (cell, column) in record.cells.iter().zip(&self.columns) {
            if let Some(column) = column
                && cell.contains('\u{FFFD}')
            {
                return Err(Fault::Unreadable(*column));
            }
        }
        let cell = |column: Column| {
            let at = self.columns.iter().position(|c| *c == Some(column));
            at.and_then(|at| record.cells.get(at))
                .map_or("", |cell| cell.trim())
        };
        for column in Column::ALL {
            if column.is_required() && cell(column).is_empty() {
                return Err(Fault::Empty(column));
            }
        }
        let code =
            code(cell(Column::Code)).ok_or_else(|| Fault::Code(shown(cell(Column::Code))))?;
        let item = Item {
            jan: jan(cell(Column::Jan))?,
            name: words(cell(Column::Name), Column::Name, NAME_MAX)?,
            kana: words(cell(Column::Kana), Column::Kana, KANA_MAX)?,
            price: Yen::parse(cell(Column::Price), Yen::LIMIT)
                .map_err(|why| Fault::Price(shown(cell(Column::Price)), why))?,
            tax: tax(cell(Column::Tax))?,
            quick: quick(cell(Column::Quick))?,
            code,
        };
        let texts = [&item.code, &item.name, &item.kana];
        if texts.into_iter().any(|text| holds_card_number(text)) {
            return Err(Fault::CardNumber);
        }
        self.not_there_yet(&item)?;
        Ok(item)
    }

    fn not_there_yet(&self, item: &Item) -> Result<(), Fault> {
        let double = |column, value: &str, line: Option<&u64>| match line {
            Some(line) => Err(Fault::Double {
                column,
                value: value.to_owned(),
                line: *line,
            }),
            None => Ok(()),
        };
        double(Column::Code, &item.code, self.codes.get(&item.code))?;
        if let Some(jan) = &item.jan {
            double(Column::Jan, jan.as_str(), self.jans.get(jan))?;
        }
        if let Some(key) = item.quick {
            double(Column::Quick, &key.to_string(), self.quick.get(&key))?;
        }
        Ok(())
    }
}

/// The first cells of a line, without anything that may be a card number.
fn begins(record: &Record) -> String {
    let cells: Vec<&str> = record.cells.iter().take(3).map(|c| c.trim()).collect();
    shown(&cells.join(" "))
}

/// A text of the file, safe to be shown.
fn shown(text: &str) -> String {
    let line = text.split(['\n', '\r']).next().unwrap_or_default();
    mask_card_numbers(&strip_unsafe(line))
        .chars()
        .take(24)
        .collect()
}

fn words(text: &str, column: Column, limit: usize) -> Result<String, Fault> {
    if text.contains(['\n', '\r']) {
        return Err(Fault::Break(column));
    }
    // A spreadsheet is kept from taking it for a formula by this mark, which is no part of it.
    let text = match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => text,
    };
    let safe = strip_unsafe(&fold_width(text));
    let words = safe.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() && column.is_required() {
        return Err(Fault::Empty(column));
    }
    if words.chars().count() > limit {
        return Err(Fault::Long(column, limit));
    }
    Ok(words)
}

fn jan(text: &str) -> Result<Option<Jan>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    Jan::parse(text).map(Some).map_err(|why| match why {
        JanError::Check(wants) => Fault::JanCheck {
            jan: shown(text),
            wants,
        },
        JanError::Digits if fold_width(text).to_ascii_uppercase().contains("E+") => {
            Fault::JanRounded(shown(text))
        }
        JanError::Digits => Fault::JanDigits(shown(text)),
    })
}

fn tax(text: &str) -> Result<TaxClass, Fault> {
    let key = heading_key(text);
    TaxClass::ALL
        .into_iter()
        .find(|class| {
            tax_names(*class)
                .iter()
                .any(|name| heading_key(name) == key)
        })
        .ok_or_else(|| Fault::Tax(shown(text)))
}

fn quick(text: &str) -> Result<Option<u8>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    match fold_width(text).parse::<u8>() {
        Ok(key) if (1..=QUICK_MAX).contains(&key) => Ok(Some(key)),
        _ => Err(Fault::Quick(shown(text))),
    }
}
