//! Terminal models (連携機種) as data: dialect, line defaults, capabilities, timers. Loaded from `assets/models`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::master::ModelRules;
use crate::domain::money::Yen;
use crate::domain::text::Bilingual;

/// The model files inside the program.
const SHIPPED: [(&str, &str); 5] = [
    (
        "open-cat.toml",
        include_str!("../../assets/models/open-cat.toml"),
    ),
    (
        "jt-c60.toml",
        include_str!("../../assets/models/jt-c60.toml"),
    ),
    (
        "j-mups.toml",
        include_str!("../../assets/models/j-mups.toml"),
    ),
    (
        "saturn1000-elite.toml",
        include_str!("../../assets/models/saturn1000-elite.toml"),
    ),
    (
        "saturn1000-lane.toml",
        include_str!("../../assets/models/saturn1000-lane.toml"),
    ),
];

/// The longest time or pause a model may ask for, in ms: a day.
const TIME_MAX_MS: u64 = 86_400_000;
/// The most tries of anything.
const TRIES_MAX: u32 = 100;

/// A model file that cannot be used, with the line to look at and what to do there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {problem}; {remedy}")]
pub struct ModelError {
    /// The name the file was given by.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

/// The models inside the program, by 連携機種.
pub fn shipped() -> Result<BTreeMap<String, Model>, ModelError> {
    SHIPPED
        .into_iter()
        .map(|(file, toml)| Model::parse(file, toml).map(|model| (model.name.clone(), model)))
        .collect()
}

/// One terminal model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// 連携機種, as card masters name it.
    pub name: String,
    /// As the pane and the menus show it.
    pub title: Bilingual,
    /// The layout file that describes its messages.
    pub layout: Option<String>,
    /// Rules for the card master.
    #[serde(default)]
    pub card_rules: CardRules,
    /// What the terminal can do over the link.
    pub capabilities: Capabilities,
    /// Serial defaults.
    #[serde(default)]
    pub serial: SerialSettings,
    /// Times and counts of the exchange.
    pub timers: Timers,
    /// Where it can be had, and what is still missing for it; shown to staff and site engineers.
    #[serde(default)]
    pub note: Option<Bilingual>,
}

impl Model {
    /// Read a model file. `name_for_errors` is how messages about it call it.
    pub fn parse(name_for_errors: &str, toml: &str) -> Result<Model, ModelError> {
        let error = |line, problem: String, remedy: &str| ModelError {
            file: name_for_errors.to_owned(),
            line,
            problem,
            remedy: remedy.to_owned(),
        };
        let model: Model = toml::from_str(toml).map_err(|failure| {
            let at = failure.span().map_or(0, |span| span.start).min(toml.len());
            error(
                toml.as_bytes()[..at]
                    .iter()
                    .filter(|b| **b == b'\n')
                    .count()
                    + 1,
                failure.message().replace('\n', " "),
                "correct the key or the value there; assets/models/open-cat.toml has all of them",
            )
        })?;
        match model.check() {
            Ok(()) => Ok(model),
            Err((key, problem, remedy)) => Err(error(line_of_key(toml, key), problem, remedy)),
        }
    }

    /// What the types cannot say. Gives the key, the problem and the remedy.
    fn check(&self) -> Result<(), (&'static str, String, &'static str)> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || self.name.len() > 40 || !self.name.chars().all(allowed) {
            return Err((
                "name",
                format!("`{}` is no name for a model", self.name),
                "use 1 to 40 small letters, digits and hyphens",
            ));
        }
        let capabilities = &self.capabilities;
        if !(1..=Yen::LIMIT.get()).contains(&capabilities.amount_max) {
            return Err((
                "amount_max",
                format!("{} is no largest amount", capabilities.amount_max),
                "set 1 to 99999999 yen",
            ));
        }
        let proves = capabilities.not_found == NotFoundPower::SameJournal;
        let asks = capabilities.inquiry == InquiryPower::ByReference && capabilities.status;
        if proves && !asks {
            return Err((
                "not_found",
                "\"same_journal\" needs a terminal that names its memory and looks numbers up"
                    .to_owned(),
                "set inquiry = \"by_reference\" and status = true, or not_found = \"nothing\"",
            ));
        }
        if !matches!(self.serial.data_bits, 7 | 8) {
            return Err((
                "data_bits",
                format!("{} data bits", self.serial.data_bits),
                "set 7 or 8",
            ));
        }
        if !matches!(self.serial.stop_bits, 1 | 2) {
            return Err((
                "stop_bits",
                format!("{} stop bits", self.serial.stop_bits),
                "set 1 or 2",
            ));
        }
        if !(300..=921_600).contains(&self.serial.baud) {
            return Err((
                "baud",
                format!("{} bits a second", self.serial.baud),
                "set 300 to 921600",
            ));
        }
        self.timers.check()
    }
}

impl Timers {
    fn check(&self) -> Result<(), (&'static str, String, &'static str)> {
        for (key, time) in [
            ("inter_byte_ms", self.inter_byte_ms),
            ("acknowledge_ms", self.acknowledge_ms),
            ("call_retry_ms", self.call_retry_ms),
            ("answer_ms", self.answer_ms),
            ("transaction_ms", self.transaction_ms),
            ("transaction_max_ms", self.transaction_max_ms),
            ("inquiry_pause_ms", self.inquiry_pause_ms),
            ("clock_skew_max_ms", self.clock_skew_max_ms),
            ("stale_after_ms", self.stale_after_ms),
            ("reopen_ms", self.reopen_ms),
        ] {
            if !(1..=TIME_MAX_MS).contains(&time) {
                return Err((key, format!("{key} is {time}"), "set 1 to 86400000 ms"));
            }
        }
        for (key, count, min) in [
            ("call_tries", self.call_tries, 1),
            ("nak_resends", self.nak_resends, 0),
            ("inquiry_tries", self.inquiry_tries, 1),
            ("not_found_repeats", self.not_found_repeats, 1),
        ] {
            if !(min..=TRIES_MAX).contains(&count) {
                let remedy = "set at most 100, and at least 1 where there must be a try";
                return Err((key, format!("{key} is {count}"), remedy));
            }
        }
        Ok(())
    }
}

/// The line where a key is set, from 1; the first line where it is left to its default.
fn line_of_key(toml: &str, key: &str) -> usize {
    toml.lines()
        .position(|line| {
            line.trim_start()
                .strip_prefix(key)
                .is_some_and(|rest| rest.trim_start().starts_with('='))
        })
        .map_or(1, |index| index + 1)
}

/// [`ModelRules`] as a model file writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CardRules {
    /// See [`ModelRules::refuses_generic_classes`].
    pub refuses_generic_classes: bool,
    /// See [`ModelRules::blurs_generic_classes`].
    pub blurs_generic_classes: bool,
    /// See [`ModelRules::needs_device_id`].
    pub needs_device_id: bool,
}

impl From<CardRules> for ModelRules {
    fn from(rules: CardRules) -> ModelRules {
        ModelRules {
            refuses_generic_classes: rules.refuses_generic_classes,
            blurs_generic_classes: rules.blurs_generic_classes,
            needs_device_id: rules.needs_device_id,
        }
    }
}

/// What a model's link carries. A sale is the one thing every link carries (UnifiedPOS has no CapAuthorizeSales).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capabilities {
    /// Can it be asked what became of a sale?
    pub inquiry: InquiryPower,
    /// Is "not found" a proof that nothing was charged?
    pub not_found: NotFoundPower,
    /// Does `Status` exist: idle, busy, mode, memory?
    pub status: bool,
    /// CapAuthorizeVoid.
    pub authorize_void: bool,
    /// CapAuthorizeRefund.
    pub authorize_refund: bool,
    /// CapTrainingMode.
    pub training_mode: bool,
    /// CapDailyLog has REPORTING.
    pub daily_log_reporting: bool,
    /// CapDailyLog has SETTLEMENT.
    pub daily_log_settlement: bool,
    /// Does it list what is in its memory?
    #[serde(default)]
    pub transactions: bool,
    /// Can it be told to leave the link?
    #[serde(default)]
    pub standalone: bool,
    /// Does the answer echo our sequence number?
    pub echoes_sequence_number: bool,
    /// Does the answer echo the amount?
    pub echoes_amount: bool,
    /// Is ECAT_COMMUNICATIONERROR the terminal's word that nothing stands at the centre?
    pub communication_error_is_definite: bool,
    /// The largest amount of one transaction, whole yen.
    pub amount_max: i64,
}

/// How a terminal answers questions about the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InquiryPower {
    /// Not at all: a person looks.
    None,
    /// It tells its last transaction, whatever it was.
    LastOnly,
    /// It looks up the sequence number asked for.
    ByReference,
}

/// What "not found" is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotFoundPower {
    /// Nothing: the terminal may have forgotten.
    Nothing,
    /// A proof where the terminal's memory is the one that was named before sending.
    SameJournal,
}

/// Times and counts. Milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timers {
    /// The longest pause between two bytes of a block.
    pub inter_byte_ms: u64,
    /// The longest wait for ACK or NAK.
    pub acknowledge_ms: u64,
    /// How often a call (ENQ) is tried.
    pub call_tries: u32,
    /// The pause before a call is tried again.
    pub call_retry_ms: u64,
    /// How often a block is sent again on NAK. Never on silence.
    pub nak_resends: u32,
    /// The longest wait for an answer that moves no money.
    pub answer_ms: u64,
    /// The longest time a customer and the centre take; re-armed by every phase message.
    pub transaction_ms: u64,
    /// The longest a whole transaction takes, phases or not.
    pub transaction_max_ms: u64,
    /// How often the terminal is asked for a missing outcome.
    pub inquiry_tries: u32,
    /// The pause between two such questions.
    pub inquiry_pause_ms: u64,
    /// How many "not found" in a row count as one.
    pub not_found_repeats: u32,
    /// The most the terminal's clock may differ from ours.
    pub clock_skew_max_ms: u64,
    /// After this long without an answer the pane no longer says linked; the next key asks the terminal.
    pub stale_after_ms: u64,
    /// The pause before a lost port is opened again.
    pub reopen_ms: u64,
}

/// Serial line defaults; a terminal master may set its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SerialSettings {
    /// Bits per second.
    pub baud: u32,
    /// 7 or 8.
    pub data_bits: u8,
    /// Parity.
    pub parity: Parity,
    /// 1 or 2.
    pub stop_bits: u8,
}

/// Parity of a serial line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parity {
    /// No parity bit.
    None,
    /// Even.
    Even,
    /// Odd.
    Odd,
}

impl Default for SerialSettings {
    fn default() -> SerialSettings {
        SerialSettings {
            baud: 9_600,
            data_bits: 8,
            parity: Parity::None,
            stop_bits: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_model_can_be_used_or_says_what_is_missing() {
        let models = shipped().expect("all parse");
        let names: Vec<&str> = models.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "j-mups",
                "jt-c60",
                "open-cat",
                "saturn1000-elite",
                "saturn1000-lane"
            ]
        );
        for (name, model) in &models {
            let open = crate::cat::dialect::layout::Layout::open_cat();
            match (&model.layout, &model.note) {
                (Some(layout), _) => assert_eq!(layout, open.name(), "{name}"),
                (None, Some(note)) => {
                    assert!(note.ja.contains("仕様書"), "{name}");
                    assert!(note.en.contains("specification"), "{name}");
                }
                (None, None) => panic!("{name} has neither a layout nor a note"),
            }
        }
        for name in ["saturn1000-elite", "saturn1000-lane"] {
            let note = models[name].note.as_ref().expect("a note");
            for text in [&note.ja, &note.en] {
                assert!(text.contains("arch_poslink@kits.nttdata.co.jp"), "{name}");
                assert!(text.contains("9005"), "{name}");
            }
        }
    }

    #[test]
    fn a_model_that_is_not_public_promises_nothing() {
        for (name, model) in shipped().expect("all parse") {
            if model.layout.is_none() {
                let can = model.capabilities;
                assert_eq!(can.inquiry, InquiryPower::None, "{name}");
                assert_eq!(can.not_found, NotFoundPower::Nothing, "{name}");
                assert!(!can.authorize_void && !can.authorize_refund, "{name}");
                assert!(!can.communication_error_is_definite, "{name}");
            }
        }
    }

    #[test]
    fn the_card_rules_are_those_of_the_field() {
        let models = shipped().expect("all parse");
        let rules = |name: &str| ModelRules::from(models[name].card_rules);
        assert!(rules("jt-c60").refuses_generic_classes && rules("jt-c60").needs_device_id);
        assert!(rules("j-mups").blurs_generic_classes);
        assert_eq!(rules("open-cat"), ModelRules::default());
    }

    #[test]
    fn a_model_file_that_cannot_work_is_refused_with_line_and_remedy() {
        let good = SHIPPED[0].1;
        for (from, to, line_has, problem, remedy) in [
            (
                "status = true",
                "status = 1",
                "status",
                "boolean",
                "correct the key",
            ),
            (
                "status = true",
                "statuss = true",
                "statuss",
                "unknown field",
                "correct the key",
            ),
            (
                "\"by_reference\"",
                "\"none\"",
                "not_found",
                "names its memory",
                "by_reference",
            ),
            (
                "99_999_999",
                "0",
                "amount_max",
                "largest amount",
                "99999999",
            ),
            (
                "99_999_999",
                "100_000_000",
                "amount_max",
                "largest amount",
                "99999999",
            ),
            (
                "data_bits = 8",
                "data_bits = 9",
                "data_bits",
                "9 data bits",
                "7 or 8",
            ),
            (
                "stop_bits = 1",
                "stop_bits = 0",
                "stop_bits",
                "0 stop bits",
                "1 or 2",
            ),
            ("baud = 9600", "baud = 1", "baud", "1 bits", "921600"),
            (
                "inter_byte_ms = 200",
                "inter_byte_ms = 0",
                "inter_byte_ms",
                "is 0",
                "86400000",
            ),
            (
                "call_tries = 3",
                "call_tries = 0",
                "call_tries",
                "is 0",
                "at most 100",
            ),
            (
                "name = \"open-cat\"",
                "name = \"Open Cat\"",
                "name =",
                "no name",
                "hyphens",
            ),
        ] {
            let toml = good.replacen(from, to, 1);
            assert_ne!(toml, good, "{from}");
            let error = Model::parse("x.toml", &toml).expect_err(to);
            let line = toml.lines().nth(error.line - 1).unwrap_or_default();
            assert!(line.contains(line_has), "{to}: {error}");
            assert!(error.problem.contains(problem), "{to}: {error}");
            assert!(error.remedy.contains(remedy), "{to}: {error}");
        }
        let cut = &good[..good.find("reopen_ms").expect("there")];
        let error = Model::parse("x.toml", cut).expect_err("a timer is missing");
        assert!(error.problem.contains("reopen_ms"), "{error}");
    }
}
