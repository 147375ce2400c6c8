//! The config file: typed, unknown keys refused with file, line and remedy. Its defaults are the shipped sample, parsed like any other file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

use chrono::{FixedOffset, NaiveTime};

use crate::cat::model::{Models, SerialSettings};
use crate::domain::by_hand::Side;
use crate::domain::master::{CardClassTable, CardCompany, Switch};
use crate::domain::money::Yen;
use crate::domain::reflection::Method;
use crate::domain::sale::Operator;
use crate::domain::tax::TaxRates;
use crate::domain::text::Language;

pub mod barcode_rules;
mod check;
mod file;
pub mod mode;
pub mod orca;
pub mod orca_tender;
pub mod paths;
mod place;
pub mod port;
pub mod printer;
pub mod problem;
pub mod scanner;
pub mod undo_rules;
mod words;

use file::RawConfig;
use port::PortAddress;
use problem::{ConfigError, FileFault, Problem};

/// The sample, as `madoguchi config print` writes it.
pub const SAMPLE: &str = include_str!("../assets/config.sample.toml");
/// The shipped card class table.
const CARD_CLASSES: &str = include_str!("../assets/card_classes.toml");
/// What the sample is called where a file name is asked for.
pub const SAMPLE_NAME: &str = "config.sample.toml";
/// No config of a counter comes near this.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// A configuration that holds together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// 店舗.
    pub shop: Shop,
    /// The screen.
    pub console: Console,
    /// 担当者 where nobody else was named.
    pub operator: Operator,
    /// Everybody who may be at the counter, the one above among them.
    pub operators: Vec<Operator>,
    /// Which side comes first where a sale is taken back by hand.
    pub undo_first_side: Side,
    /// 端末マスタ of this PC.
    pub terminal: TerminalMaster,
    /// The receipt printer, where there is one.
    pub printer: Option<printer::Printer>,
    /// 入金方法 of the receipt computer, by what is paid with; what is not named goes by the patient's own.
    pub tender_codes: BTreeMap<Method, String>,
    /// The receipt computer prints its 領収証 with the last payment of an invoice.
    pub print_receipt: bool,
    /// The receipt computers.
    pub orca: orca::Orca,
    /// The bar code scanner, where the site says how it sends; otherwise only a code that comes in one piece is one.
    pub scanner: Option<scanner::Scanner>,
    /// Bills that come from the receipt computer.
    pub bill: Bills,
    /// カード会社マスタ.
    pub cards: Vec<CardCompany>,
    /// カード区分.
    pub classes: CardClassTable,
    /// What works, but not as one would wish.
    pub warnings: Vec<Problem>,
}

/// The shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    /// Name lines of the receipt, one to four.
    pub name: Vec<String>,
    /// サポート窓口: whom to call.
    pub support: String,
    /// 登録番号: `T` and 13 digits.
    pub invoice_number: Option<String>,
    /// Consumption tax.
    pub tax_rates: TaxRates,
    /// 営業区切り時刻.
    pub day_boundary: NaiveTime,
    /// The shop's offset from UTC.
    pub utc_offset: FixedOffset,
    /// The largest amount of one sale.
    pub amount_max: Yen,
}

/// The screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Console {
    /// `None` follows the locale.
    pub language: Option<Language>,
    /// `None` measures first.
    pub ascii_borders: Option<bool>,
    /// No colours.
    pub mono: bool,
    /// 担当者入力 at the start of each sale and task.
    pub ask_operator: bool,
}

/// How patients are shown and kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bills {
    /// Names and numbers are hidden on the screen at the start.
    pub hide_names: bool,
    /// Names go into the books; numbers always do.
    pub keep_name: bool,
}

/// 端末マスタ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalMaster {
    /// 端末コード.
    pub code: String,
    /// CAT連動.
    pub cat_link: Switch,
    /// 店頭操作モード 1: practice.
    pub practice: bool,
    /// CAT1ポート.
    pub cat1: Option<CatPort>,
    /// CAT2ポート.
    pub cat2: Option<CatPort>,
}

/// One CAT port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatPort {
    /// Where the terminal is.
    pub address: PortAddress,
    /// 連携機種.
    pub model: String,
    /// What the file sets of the line; the rest is the model's.
    pub line: LineSettings,
    /// 取消 and 返品 may go over the link, where the model can.
    pub undo_link: Switch,
    /// When the terminal runs its 日計 by itself.
    pub daily_log_at: Option<NaiveTime>,
}

/// Serial settings that a file may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LineSettings {
    /// Bits per second.
    pub baud: Option<u32>,
    /// 7 or 8.
    pub data_bits: Option<u8>,
    /// Parity.
    pub parity: Option<crate::cat::model::Parity>,
    /// 1 or 2.
    pub stop_bits: Option<u8>,
}

impl LineSettings {
    /// A model's settings with these laid over them.
    pub fn over(self, model: SerialSettings) -> SerialSettings {
        SerialSettings {
            baud: self.baud.unwrap_or(model.baud),
            data_bits: self.data_bits.unwrap_or(model.data_bits),
            parity: self.parity.unwrap_or(model.parity),
            stop_bits: self.stop_bits.unwrap_or(model.stop_bits),
        }
    }

    fn is_set(self) -> bool {
        self != LineSettings::default()
    }
}

/// What the command line says of the terminal; it stands above the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overrides {
    /// `--port`.
    pub port: Option<PortAddress>,
    /// `--model`.
    pub model: Option<String>,
}

impl Config {
    /// Read a config file, lay the command line over it and hold it against the rules.
    pub fn load(
        path: &Path,
        models: &Models,
        overrides: &Overrides,
    ) -> Result<Config, ConfigError> {
        let name = path.display().to_string();
        let source = read(path).map_err(|fault| ConfigError::of_file(&name, fault))?;
        let config = Config::parse(&name, &source)?;
        config.with(overrides, models, &name, &source)
    }

    /// Check a config that has no file, such as standard input; `name` stands where the file's name would.
    pub fn read(name: &str, source: impl Read, models: &Models) -> Result<Config, ConfigError> {
        let text = text_of(source).map_err(|fault| ConfigError::of_file(name, fault))?;
        Config::parse(name, &text)?.with(&Overrides::default(), models, name, &text)
    }

    /// The shipped sample. With `overrides.model`, its cards are cards of that model: there is no file that could say otherwise.
    pub fn shipped(models: &Models, overrides: &Overrides) -> Result<Config, ConfigError> {
        let mut config = Config::embedded();
        if let Some(model) = &overrides.model {
            for card in &mut config.cards {
                card.model.clone_from(model);
            }
        }
        config.with(overrides, models, SAMPLE_NAME, SAMPLE)
    }

    /// The shipped sample as it stands, not held against any model.
    pub fn embedded() -> Config {
        Config::parse(SAMPLE_NAME, SAMPLE).expect("a test reads the sample")
    }

    /// Read and check everything that needs no model.
    fn parse(name: &str, source: &str) -> Result<Config, ConfigError> {
        let raw: RawConfig = toml::from_str(source)
            .map_err(|error| ConfigError::of_problem(name, Problem::of_toml(source, &error)))?;
        check::typed(raw, source).map_err(|problems| ConfigError {
            file: name.to_owned(),
            problems,
        })
    }

    /// Lay the command line over the terminal master, then hold the masters against the models.
    fn with(
        mut self,
        overrides: &Overrides,
        models: &Models,
        name: &str,
        source: &str,
    ) -> Result<Config, ConfigError> {
        self.terminal.take(overrides);
        let (errors, warnings) = check::against_models(&self, models, source);
        self.warnings = warnings;
        if errors.is_empty() {
            Ok(self)
        } else {
            Err(ConfigError {
                file: name.to_owned(),
                problems: errors,
            })
        }
    }
}

impl TerminalMaster {
    /// The CAT ports there are, CAT1 first.
    pub fn ports(&self) -> impl Iterator<Item = &CatPort> {
        [&self.cat1, &self.cat2].into_iter().flatten()
    }

    /// The models at the CAT ports, or `None` where CAT連動 is off.
    pub fn linked_models(&self) -> Option<BTreeSet<String>> {
        self.cat_link
            .is_on()
            .then(|| self.ports().map(|port| port.model.clone()).collect())
    }

    fn take(&mut self, overrides: &Overrides) {
        if let Some(address) = &overrides.port {
            let before = self.cat1.take().unwrap_or_else(|| CatPort {
                address: address.clone(),
                model: DEFAULT_MODEL.to_owned(),
                line: LineSettings::default(),
                undo_link: Switch::Off,
                daily_log_at: None,
            });
            let serial = matches!(address, PortAddress::Serial(_));
            self.cat1 = Some(CatPort {
                address: address.clone(),
                line: if serial {
                    before.line
                } else {
                    LineSettings::default()
                },
                ..before
            });
        }
        if let (Some(model), Some(port)) = (&overrides.model, &mut self.cat1) {
            port.model.clone_from(model);
        }
    }
}

/// The model of a `--port` that nothing else says the model of.
pub const DEFAULT_MODEL: &str = "open-cat";

/// The file's text. A pipe or a device as a config file would hang, and is refused before it is opened.
fn read(path: &Path) -> Result<String, FileFault> {
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => FileFault::Missing,
        _ => FileFault::Unreadable(error.to_string()),
    };
    let facts = std::fs::metadata(path).map_err(unreadable)?;
    if !facts.is_file() {
        return Err(FileFault::NotAFile);
    }
    text_of(std::fs::File::open(path).map_err(unreadable)?)
}

fn text_of(source: impl Read) -> Result<String, FileFault> {
    let mut bytes = Vec::new();
    let size = source
        .take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| FileFault::Unreadable(error.to_string()))?;
    if size as u64 > FILE_BYTES_MAX {
        return Err(FileFault::TooLarge);
    }
    // Windows editors write a byte order mark.
    let bare = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    String::from_utf8(bare.to_vec()).map_err(|_| FileFault::NotUtf8)
}

/// The shipped カード区分.
pub fn card_classes() -> CardClassTable {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Rows {
        card_class: Vec<crate::domain::master::CardClassRow>,
    }
    let rows: Rows = toml::from_str(CARD_CLASSES).expect("a test reads the card class table");
    CardClassTable::new(rows.card_class)
}

#[cfg(test)]
mod tests;
