//! What the books keep of an outcome beside its entry.

use crate::domain::ledger::Entry;
use crate::domain::slip::TerminalSlipNumber;

/// What the settlement row keeps of an entry that resolves a sale.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Outcome {
    pub(super) terminal_slip: Option<String>,
    pub(super) approval_code: Option<String>,
    pub(super) card_class_used: Option<u8>,
}

impl Outcome {
    pub(super) fn of(entry: &Entry) -> Outcome {
        let Entry::Posted { terminal, .. } = entry else {
            return Outcome::default();
        };
        Outcome {
            terminal_slip: terminal
                .slip_number
                .as_ref()
                .map(TerminalSlipNumber::to_string),
            approval_code: terminal.approval_code.as_ref().map(ToString::to_string),
            card_class_used: terminal.card_class.map(|class| class.0),
        }
    }
}
