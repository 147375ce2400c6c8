//! The masters: card companies (カード会社マスタ) of the shop, the terminal master (端末マスタ) of this PC, and their rules.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::tender::CardClass;
use super::text::Bilingual;

/// One row of the card class table: what a カード区分 code means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardClassRow {
    /// カード区分.
    pub code: CardClass,
    /// カード区分名, as printed in the history's 決済連携 column.
    pub name: Bilingual,
    /// What moves the money.
    pub media: Media,
    /// True where the card itself is still chosen on the terminal (1 電子マネー系, 2 デビット系).
    #[serde(default)]
    pub chosen_on_terminal: bool,
    /// The classes an answer may name instead of this one (30 is answered by credit, 銀聯 or NFC).
    #[serde(default)]
    pub answered_by: Vec<CardClass>,
}

/// PaymentMedia of UnifiedPOS, and QR codes beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    /// CREDIT 1.
    Credit,
    /// DEBIT 2.
    Debit,
    /// ELECTRONIC_MONEY 3.
    ElectronicMoney,
    /// Outside UnifiedPOS: QR code payments.
    Code,
}

/// The open table of card classes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CardClassTable(BTreeMap<CardClass, CardClassRow>);

impl CardClassTable {
    /// A table of rows; the last row of a code stands.
    pub fn new(rows: impl IntoIterator<Item = CardClassRow>) -> CardClassTable {
        CardClassTable(rows.into_iter().map(|row| (row.code, row)).collect())
    }

    /// The row of a code.
    pub fn get(&self, code: CardClass) -> Option<&CardClassRow> {
        self.0.get(&code)
    }

    /// All rows by code.
    pub fn rows(&self) -> impl Iterator<Item = &CardClassRow> {
        self.0.values()
    }
}

/// One row of カード会社マスタ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardCompany {
    /// カード会社コード.
    pub code: String,
    /// カード会社名.
    pub name: Bilingual,
    /// 連携機種: a model name of `assets/models`.
    pub model: String,
    /// CATデバイスID; only for models that ask for one.
    #[serde(default)]
    pub device_id: Option<String>,
    /// カード区分.
    pub card_class: CardClass,
    /// 売上連携: 1 sends the amount of a sale to the terminal.
    pub sales_link: Switch,
    /// 取消連携: 1 leads to the manual procedure; it transmits nothing.
    pub void_link: Switch,
    /// 返品連携: 1 leads to the manual procedure; it transmits nothing.
    pub refund_link: Switch,
}

/// A 0|1 switch of the masters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub enum Switch {
    /// 0 しない.
    Off,
    /// 1 する.
    On,
}

impl Switch {
    /// True for 1.
    pub const fn is_on(self) -> bool {
        matches!(self, Switch::On)
    }
}

impl TryFrom<i64> for Switch {
    type Error = String;

    fn try_from(value: i64) -> Result<Switch, String> {
        match value {
            0 => Ok(Switch::Off),
            1 => Ok(Switch::On),
            other => Err(format!("{other} is neither 0 nor 1")),
        }
    }
}

impl From<Switch> for i64 {
    fn from(switch: Switch) -> i64 {
        i64::from(switch.is_on())
    }
}

/// What the rules need to know of a model, without its wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ModelRules {
    /// The terminal refuses カード区分 that leave the choice to it (JT-C60).
    pub refuses_generic_classes: bool,
    /// The result does not name the brand, so generic classes blur the reports (J-Mups).
    pub blurs_generic_classes: bool,
    /// The card company needs a CATデバイスID (JT-C60).
    pub needs_device_id: bool,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Works, but not as one would wish.
    Warning,
    /// Refused.
    Error,
}

/// A rule of the masters that a configuration breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// Two rows of one code.
    #[error("card company {0}: the code is used twice")]
    DuplicateCode(String),
    /// No such カード区分.
    #[error("card company {code}: カード区分 {class} is not in the card class table")]
    UnknownClass {
        /// カード会社コード.
        code: String,
        /// カード区分.
        class: CardClass,
    },
    /// No such 連携機種.
    #[error("card company {code}: 連携機種 \"{model}\" is not a known model")]
    UnknownModel {
        /// カード会社コード.
        code: String,
        /// 連携機種.
        model: String,
    },
    /// 1 or 2 where the model refuses it.
    #[error(
        "card company {code}: カード区分 {class} cannot be set for {model}; choose the concrete card (3 and above)"
    )]
    GenericClassRefused {
        /// カード会社コード.
        code: String,
        /// カード区分.
        class: CardClass,
        /// 連携機種.
        model: String,
    },
    /// 1 or 2 where the model's answer does not name the brand.
    #[error(
        "card company {code}: カード区分 {class} is not advised for {model}, whose result does not name the card; choose the concrete card (3 and above)"
    )]
    GenericClassBlurred {
        /// カード会社コード.
        code: String,
        /// カード区分.
        class: CardClass,
        /// 連携機種.
        model: String,
    },
    /// A device id is missing.
    #[error("card company {code}: {model} needs a CATデバイスID (device_id)")]
    DeviceIdMissing {
        /// カード会社コード.
        code: String,
        /// 連携機種.
        model: String,
    },
    /// A device id that nothing reads.
    #[error("card company {code}: {model} takes no CATデバイスID; device_id is not used")]
    DeviceIdUnused {
        /// カード会社コード.
        code: String,
        /// 連携機種.
        model: String,
    },
    /// A linked card without a port.
    #[error("card company {code}: 売上連携 is 1, but neither cat1 nor cat2 is a {model}")]
    NoPort {
        /// カード会社コード.
        code: String,
        /// 連携機種.
        model: String,
    },
}

impl Finding {
    /// How grave it is.
    pub fn severity(&self) -> Severity {
        match self {
            Finding::DuplicateCode(_)
            | Finding::UnknownClass { .. }
            | Finding::UnknownModel { .. }
            | Finding::GenericClassRefused { .. }
            | Finding::DeviceIdMissing { .. }
            | Finding::NoPort { .. } => Severity::Error,
            Finding::GenericClassBlurred { .. } | Finding::DeviceIdUnused { .. } => {
                Severity::Warning
            }
        }
    }
}

/// Hold the card companies against the rules. `models` are the known 連携機種, `ports` those at CAT1 and CAT2 of this PC
/// (`None` where CAT連動 is off, and then no port is missed).
pub fn check_cards(
    cards: &[CardCompany],
    classes: &CardClassTable,
    models: &BTreeMap<String, ModelRules>,
    ports: Option<&BTreeSet<String>>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    for card in cards {
        let code = || card.code.clone();
        let model = || card.model.clone();
        let class = card.card_class;
        if !seen.insert(card.code.as_str()) {
            findings.push(Finding::DuplicateCode(code()));
        }
        let row = classes.get(class);
        if row.is_none() {
            findings.push(Finding::UnknownClass {
                code: code(),
                class,
            });
        }
        let Some(rules) = models.get(&card.model) else {
            findings.push(Finding::UnknownModel {
                code: code(),
                model: model(),
            });
            continue;
        };
        let generic = row.is_some_and(|row| row.chosen_on_terminal);
        if generic && rules.refuses_generic_classes {
            findings.push(Finding::GenericClassRefused {
                code: code(),
                class,
                model: model(),
            });
        } else if generic && rules.blurs_generic_classes {
            findings.push(Finding::GenericClassBlurred {
                code: code(),
                class,
                model: model(),
            });
        }
        match (&card.device_id, rules.needs_device_id) {
            (None, true) => findings.push(Finding::DeviceIdMissing {
                code: code(),
                model: model(),
            }),
            (Some(_), false) => findings.push(Finding::DeviceIdUnused {
                code: code(),
                model: model(),
            }),
            (None, false) | (Some(_), true) => {}
        }
        let missing_port = ports.is_some_and(|ports| !ports.contains(&card.model));
        if card.sales_link.is_on() && missing_port {
            findings.push(Finding::NoPort {
                code: code(),
                model: model(),
            });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(code: u8, chosen_on_terminal: bool) -> CardClassRow {
        CardClassRow {
            code: CardClass(code),
            name: Bilingual {
                ja: code.to_string(),
                en: code.to_string(),
            },
            media: Media::Credit,
            chosen_on_terminal,
            answered_by: vec![],
        }
    }

    fn card(model: &str, class: u8, device_id: Option<&str>) -> CardCompany {
        CardCompany {
            code: "01".into(),
            name: Bilingual {
                ja: "カード".into(),
                en: "Card".into(),
            },
            model: model.into(),
            device_id: device_id.map(Into::into),
            card_class: CardClass(class),
            sales_link: Switch::On,
            void_link: Switch::On,
            refund_link: Switch::On,
        }
    }

    #[test]
    fn the_rules_of_the_card_master() {
        let classes = CardClassTable::new([
            class(1, true),
            class(2, true),
            class(3, false),
            class(30, false),
        ]);
        let plain = ModelRules::default();
        let models = BTreeMap::from([
            (
                "jt-c60".to_owned(),
                ModelRules {
                    refuses_generic_classes: true,
                    needs_device_id: true,
                    ..plain
                },
            ),
            (
                "j-mups".to_owned(),
                ModelRules {
                    blurs_generic_classes: true,
                    ..plain
                },
            ),
            ("open-cat".to_owned(), plain),
        ]);
        let ports = BTreeSet::from([
            "jt-c60".to_owned(),
            "j-mups".to_owned(),
            "open-cat".to_owned(),
        ]);
        use Severity::{Error, Warning};
        for (card, expected) in [
            (card("open-cat", 3, None), vec![]),
            (card("open-cat", 1, None), vec![]),
            (card("open-cat", 4, None), vec![Error]),
            (card("open-cat", 3, Some("1")), vec![Warning]),
            (card("jt-c60", 30, Some("1")), vec![]),
            (card("jt-c60", 1, Some("1")), vec![Error]),
            (card("jt-c60", 2, Some("1")), vec![Error]),
            (card("jt-c60", 3, None), vec![Error]),
            (card("j-mups", 1, None), vec![Warning]),
            (card("j-mups", 2, None), vec![Warning]),
            (card("nothing", 3, None), vec![Error]),
        ] {
            let found = check_cards(std::slice::from_ref(&card), &classes, &models, Some(&ports));
            let severities: Vec<Severity> = found.iter().map(Finding::severity).collect();
            assert_eq!(severities, expected, "{card:?} → {found:?}");
        }
        let twice = [card("open-cat", 3, None), card("open-cat", 3, None)];
        assert_eq!(
            check_cards(&twice, &classes, &models, None),
            vec![Finding::DuplicateCode("01".into())]
        );
        let no_ports = BTreeSet::new();
        let missing = check_cards(&twice[..1], &classes, &models, Some(&no_ports));
        assert_eq!(missing.len(), 1, "{missing:?}");
    }
}
