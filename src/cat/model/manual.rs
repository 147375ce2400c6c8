//! What staff do at the terminal itself, as numbered steps in both languages. A model file has its own words; where it has none, the
//! words that hold for every terminal stand in, and they send the reader to the terminal's own manual rather than name a key nobody published.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::domain::text::Bilingual;

/// What holds for every terminal.
const COMMON: &str = include_str!("../../../assets/manual.toml");

/// Operations at the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Take it off the link (POS非連動).
    LeaveLink,
    /// 売上 by hand.
    Sale,
    /// 取消, the same day.
    Void,
    /// 返品, on a later day.
    Refund,
    /// See what became of a transaction.
    LookUp,
    /// 再印字.
    Reprint,
    /// 日計.
    DailyLog,
    /// Put it back to the link (POS連動).
    BackToLink,
}

impl Operation {
    /// Every operation, in the order of the list above.
    pub const ALL: [Operation; 8] = [
        Operation::LeaveLink,
        Operation::Sale,
        Operation::Void,
        Operation::Refund,
        Operation::LookUp,
        Operation::Reprint,
        Operation::DailyLog,
        Operation::BackToLink,
    ];

    /// The key of a model file, below `manual`.
    pub const fn name(self) -> &'static str {
        match self {
            Operation::LeaveLink => "leave_link",
            Operation::Sale => "sale",
            Operation::Void => "void",
            Operation::Refund => "refund",
            Operation::LookUp => "look_up",
            Operation::Reprint => "reprint",
            Operation::DailyLog => "daily_log",
            Operation::BackToLink => "back_to_link",
        }
    }
}

/// What stands on a terminal's slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlipItem {
    /// 伝票番号.
    SlipNumber,
    /// 承認番号.
    ApprovalCode,
    /// 取引日時.
    Time,
    /// 金額.
    Amount,
    /// シーケンス番号: ours.
    SequenceNumber,
    /// 端末番号.
    TerminalId,
}

/// One operation at the terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// What to do, in this order.
    pub steps: Vec<Bilingual>,
    /// What must be at hand before: the original slip's.
    #[serde(default)]
    pub needs: Vec<SlipItem>,
    /// What is copied from the slip that comes out.
    #[serde(default)]
    pub copy: Vec<SlipItem>,
}

/// The operations a model has words of its own for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Manual(BTreeMap<Operation, Procedure>);

impl Manual {
    /// The model's own words, else those that hold for every terminal.
    pub fn of(&self, operation: Operation) -> &Procedure {
        self.0
            .get(&operation)
            .unwrap_or_else(|| common_procedure(operation))
    }

    /// The model's own words alone.
    pub fn own(&self) -> impl Iterator<Item = (Operation, &Procedure)> {
        self.0
            .iter()
            .map(|(operation, procedure)| (*operation, procedure))
    }
}

/// The words that hold for every terminal, for a model that is at no port.
pub fn common_procedure(operation: Operation) -> &'static Procedure {
    common()
        .0
        .get(&operation)
        .expect("a test finds a common procedure for every operation")
}

/// Read when the first manual procedure is shown.
fn common() -> &'static Manual {
    static MANUAL: LazyLock<Manual> =
        LazyLock::new(|| toml::from_str(COMMON).expect("a test reads the common procedures"));
    &MANUAL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_words_for_every_operation_in_both_languages() {
        for operation in Operation::ALL {
            let procedure = common().of(operation);
            assert!(!procedure.steps.is_empty(), "{}", operation.name());
            for step in &procedure.steps {
                assert!(!step.ja.is_ascii() && step.en.is_ascii(), "{step:?}");
            }
        }
    }

    #[test]
    fn what_undoes_a_sale_names_what_must_be_at_hand() {
        for operation in [Operation::Void, Operation::Refund] {
            let needs = &common().of(operation).needs;
            assert!(needs.contains(&SlipItem::SlipNumber), "{operation:?}");
        }
        for operation in [Operation::Sale, Operation::Void, Operation::Refund] {
            let copy = &common().of(operation).copy;
            assert!(copy.contains(&SlipItem::SlipNumber), "{operation:?}");
        }
    }

    #[test]
    fn the_name_of_an_operation_is_its_key() {
        for operation in Operation::ALL {
            let toml = format!("[{}]\nsteps = []\n", operation.name());
            let manual: Manual = toml::from_str(&toml).expect("a manual");
            assert_eq!(manual.own().next().map(|(key, _)| key), Some(operation));
        }
    }
}
