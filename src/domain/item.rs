//! 品目: what is sold over the counter, and how it is found: by code, bar code, kana, name or quick key.
//!
//! A sale keeps its own copy of name, price and tax: a price that changes later changes nothing that is booked.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

pub mod records;
pub mod sheet;
#[cfg(test)]
mod tests;

use super::barcode::check::Algorithm;
use super::money::Yen;
use super::sale::{Line, TaxClass};
use super::text::{fold_width, is_unsafe};

/// The most items of a catalogue. A counter has some hundreds; a wholesaler's list has some ten thousands.
pub const ITEMS_MAX: usize = 100_000;
/// The most characters of a code.
pub const CODE_MAX: usize = 20;
/// The most characters of a reading.
pub const KANA_MAX: usize = 60;
/// Quick keys are 1 to this.
pub const QUICK_MAX: u8 = 9;

/// One item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// 商品コード: letters in upper case, digits and `-_./`; the item is known by it.
    pub code: String,
    /// JAN-8 or JAN-13, its check digit proven.
    pub jan: Option<Jan>,
    /// 商品名, as it stands on slips.
    pub name: String,
    /// よみ, as the file has it; empty where it has none.
    pub kana: String,
    /// The price of one, tax included, above zero.
    pub price: Yen,
    /// Its tax class.
    pub tax: TaxClass,
    /// 短縮: the key 1 to 9 that rings it up.
    pub quick: Option<u8>,
}

impl Item {
    /// So many of it as a line of a bill.
    pub fn line(&self, quantity: u32) -> Line {
        Line {
            name: self.name.clone(),
            unit: self.price,
            quantity,
            tax: self.tax,
        }
    }

    /// What a search looks in.
    pub fn search_text(&self) -> String {
        let jan = self.jan.as_ref().map_or("", Jan::as_str);
        [&self.code, jan, &self.name, &self.kana]
            .map(search_key)
            .join("\n")
    }
}

/// A text as searches compare it: half-width kana and full-width letters alike, hiragana as katakana, capitals as small letters, no blanks.
pub fn search_key(text: impl AsRef<str>) -> String {
    text.as_ref()
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !c.is_whitespace() && !is_unsafe(*c))
        .map(|c| match c {
            'ぁ'..='ゖ' | 'ゝ' | 'ゞ' => char::from_u32(c as u32 + 0x60).unwrap_or(c),
            c => c,
        })
        .collect()
}

/// A code as the catalogue keeps it: narrow characters, capitals. `None` for what is none.
pub fn code(text: &str) -> Option<String> {
    let code = fold_width(text).trim().to_ascii_uppercase();
    let sound = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    ((1..=CODE_MAX).contains(&code.len()) && code.chars().all(sound)).then_some(code)
}

/// A JAN-8 or JAN-13 (EAN-8, EAN-13; UPC-A with its leading zero).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Jan(String);

/// Why digits are no JAN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum JanError {
    /// Not 8, 12 or 13 digits.
    #[error("a JAN has 8 or 13 digits")]
    Digits,
    /// The last digit should be this one.
    #[error("the check digit should be {0}")]
    Check(char),
}

impl Jan {
    /// Read one. Twelve digits are a UPC-A, which is thirteen with a zero in front.
    ///
    /// # Errors
    ///
    /// Other numbers of digits, and a check digit that is another.
    pub fn parse(text: &str) -> Result<Jan, JanError> {
        let folded = fold_width(text);
        let digits = folded.trim();
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(JanError::Digits);
        }
        let whole = match digits.len() {
            8 | 13 => digits.to_owned(),
            12 => format!("0{digits}"),
            _ => return Err(JanError::Digits),
        };
        let (payload, check) = whole.split_at(whole.len() - 1);
        let wants = Algorithm::Mod10Weight3
            .of(payload, None)
            .ok_or(JanError::Digits)?;
        if check.starts_with(wants) {
            Ok(Jan(whole))
        } else {
            Err(JanError::Check(wants))
        }
    }

    /// Its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Jan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
