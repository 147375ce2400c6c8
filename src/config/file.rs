//! The shape of the config file, as TOML has it: every key, and where in the text it stood.

use serde::Deserialize;
use toml::Spanned;

use crate::cat::model::Parity;
use crate::domain::by_hand::Side;
use crate::domain::master::{CardClassRow, CardCompany};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConfig {
    pub(super) shop: RawShop,
    #[serde(default)]
    pub(super) console: RawConsole,
    pub(super) operator: RawOperator,
    #[serde(default)]
    pub(super) operators: Vec<RawOperator>,
    #[serde(default)]
    pub(super) undo: RawUndo,
    pub(super) terminal: RawTerminal,
    pub(super) printer: Option<super::printer::RawPrinter>,
    pub(super) orca: Option<Spanned<super::orca::RawOrca>>,
    pub(super) scanner: Option<super::scanner::RawScanner>,
    #[serde(default)]
    pub(super) bill: RawBill,
    #[serde(default)]
    pub(super) card_company: Vec<Spanned<CardCompany>>,
    #[serde(default)]
    pub(super) card_class: Vec<Spanned<CardClassRow>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawShop {
    pub(super) name: Spanned<Vec<String>>,
    pub(super) support: Option<Spanned<String>>,
    pub(super) invoice_number: Option<Spanned<String>>,
    pub(super) tax_rate_percent: Option<Spanned<i64>>,
    pub(super) reduced_rate_percent: Option<Spanned<i64>>,
    pub(super) day_boundary: Option<Spanned<String>>,
    pub(super) utc_offset: Option<Spanned<String>>,
    pub(super) amount_max: Option<Spanned<i64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConsole {
    pub(super) language: Option<RawLanguage>,
    pub(super) ascii_borders: Option<RawAscii>,
    pub(super) theme: Option<RawTheme>,
    pub(super) ask_operator: Option<RawAskOperator>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawLanguage {
    Auto,
    Ja,
    En,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawAscii {
    Auto,
    On,
    Off,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawTheme {
    Color,
    Mono,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawAskOperator {
    Never,
    Sale,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawUndo {
    pub(super) first_side: Option<Side>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBill {
    pub(super) hide_names: Option<bool>,
    pub(super) keep_name: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOperator {
    pub(super) code: Spanned<String>,
    pub(super) name: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTerminal {
    pub(super) code: Spanned<String>,
    pub(super) cat_link: Spanned<i64>,
    pub(super) mode: Spanned<i64>,
    pub(super) cat1: Option<RawCat>,
    pub(super) cat2: Option<RawCat>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCat {
    pub(super) port: Spanned<String>,
    pub(super) model: Spanned<String>,
    pub(super) baud: Option<Spanned<i64>>,
    pub(super) data_bits: Option<Spanned<i64>>,
    pub(super) parity: Option<Parity>,
    pub(super) stop_bits: Option<Spanned<i64>>,
    pub(super) undo_link: Option<Spanned<i64>>,
    pub(super) daily_log_at: Option<Spanned<String>>,
}
