//! Terminal models (連携機種) as data: dialect, line defaults, capabilities, card classes, timers, and what is done by hand.
//! Loaded from `assets/models`, and from a site's own files of the same shape.

use serde::{Deserialize, Serialize};

use super::frame::framing::Covers;
use crate::domain::master::ModelRules;
use crate::domain::tender::CardClass;
use crate::domain::text::Bilingual;

mod check;
mod fit;
mod manual;
mod models;

pub use manual::{Manual, Operation, Procedure, SlipItem, common_procedure};
pub use models::{Models, Source, shipped};

#[cfg(test)]
mod tests;

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

/// One terminal model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// 連携機種, as card masters name it.
    pub name: String,
    /// As the pane and the menus show it.
    pub title: Bilingual,
    /// The layout file that describes its messages.
    #[serde(default)]
    pub layout: Option<String>,
    /// The card classes its link takes; left out, every one.
    #[serde(default)]
    pub accepts: Option<Vec<CardClass>>,
    /// Does a void over its link reach the last payment alone?
    #[serde(default)]
    pub void_last_only: bool,
    /// What of the layout's framing is set otherwise at this terminal.
    #[serde(default)]
    pub framing: FramingOverride,
    /// Rules for the card master.
    #[serde(default)]
    pub card_rules: CardRules,
    /// What the terminal can do over the link.
    pub capabilities: Capabilities,
    /// Serial defaults.
    #[serde(default)]
    pub serial: SerialSettings,
    /// LAN defaults, where it has a LAN link.
    #[serde(default)]
    pub lan: Option<LanSettings>,
    /// Times and counts of the exchange.
    pub timers: Timers,
    /// Where it can be had, and what is still missing for it; shown to staff and site engineers.
    #[serde(default)]
    pub note: Option<Bilingual>,
    /// What staff do at the terminal itself.
    #[serde(default)]
    pub manual: Manual,
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
            Err((key, problem, remedy)) => Err(error(line_of(toml, &key), problem, remedy)),
        }
    }

    /// May a card of this class be sent over its link?
    pub fn takes(&self, class: CardClass) -> bool {
        self.accepts
            .as_ref()
            .is_none_or(|classes| classes.contains(&class))
    }

    /// What staff do at the terminal itself: the model's own words, else those that hold for every terminal.
    pub fn procedure(&self, operation: Operation) -> &Procedure {
        self.manual.of(operation)
    }
}

/// The line where something is set, from 1: a key, or a heading such as `[manual.void]`. The first line where it is left to its default.
pub fn line_of(toml: &str, key: &str) -> usize {
    toml.lines()
        .position(|line| {
            let rest = line.trim_start().strip_prefix(key);
            rest.is_some_and(|rest| key.starts_with('[') || rest.trim_start().starts_with('='))
        })
        .map_or(1, |index| index + 1)
}

/// What a terminal of one layout may have set in its own menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FramingOverride {
    /// What the check is taken over.
    pub check_covers: Option<Covers>,
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
    /// Does it list what is in its memory, with our numbers?
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
    /// What does it tell while a customer is at it?
    #[serde(default)]
    pub progress: ProgressPower,
}

/// What a terminal tells while a customer is at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProgressPower {
    /// Nothing until the result.
    #[default]
    None,
    /// Its own words, for people.
    Words,
    /// Phases: card, PIN, centre.
    Phases,
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

/// LAN defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LanSettings {
    /// The TCP port the terminal listens on, where it is fixed.
    #[serde(default)]
    pub port: Option<u16>,
    /// True where a second connection is refused.
    pub single_connection: bool,
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
