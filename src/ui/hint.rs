//! What a terminal said that settles nothing, in sentences for the person who decides.

use super::pen::Pen;
use crate::app::unknown::{Hint, Unknown};
use crate::domain::ledger::TerminalFacts;
use crate::domain::money::Yen;
use crate::locale::Text;

/// Its answer about the number, then its list.
pub(crate) fn sentences(pen: &Pen<'_>, unknown: &Unknown) -> Vec<String> {
    [&unknown.last, &unknown.list]
        .into_iter()
        .flatten()
        .map(|hint| sentence(pen, unknown, hint))
        .collect()
}

fn sentence(pen: &Pen<'_>, unknown: &Unknown, hint: &Hint) -> String {
    let number = unknown
        .record
        .sequence_number
        .map_or_else(String::new, |number| number.to_string());
    match hint {
        Hint::Transaction {
            amount,
            approved,
            facts,
        } => {
            let facts = facts_of(pen, *amount, *approved, facts);
            pen.fill(Text::HintTransaction, "facts", facts)
        }
        Hint::AnotherTerminal { asked, answers } => pen.locale.fill(
            Text::HintAnotherTerminal,
            &[("asked", asked), ("answers", answers)],
        ),
        Hint::NotFound => pen.text(Text::HintNotFound).to_owned(),
        Hint::List {
            lines,
            ours,
            sum,
            at,
            contradicted,
        } => {
            let at = at.map_or_else(
                || pen.text(Text::HintNoTime).to_owned(),
                |at| at.format("%m-%d %H:%M:%S").to_string(),
            );
            let text = match (ours, *sum) {
                (0, _) => Text::HintNotListed,
                (2.., Yen::ZERO) => Text::HintTakenBack,
                (_, _) => Text::HintListed,
            };
            let list = pen.locale.fill(
                text,
                &[
                    ("lines", &lines.to_string()),
                    ("ours", &ours.to_string()),
                    ("sum", &sum.to_string()),
                    ("number", &number),
                    ("at", &at),
                ],
            );
            if *contradicted {
                format!("{list} {}", pen.text(Text::HintListContradicted))
            } else {
                list
            }
        }
    }
}

/// `3,430円 承認 14:32:05 伝票番号 01234 承認番号 654321`
fn facts_of(pen: &Pen<'_>, amount: Option<Yen>, approved: bool, facts: &TerminalFacts) -> String {
    let mut parts = vec![match amount {
        Some(amount) => pen.fill(Text::YenAmount, "amount", amount),
        None => pen.text(Text::HintNoAmount).to_owned(),
    }];
    let outcome = if approved {
        Text::HintApproved
    } else {
        Text::HintNotApproved
    };
    parts.push(pen.text(outcome).to_owned());
    if let Some(at) = facts.at {
        parts.push(at.format("%m-%d %H:%M:%S").to_string());
    }
    if let Some(slip) = &facts.slip_number {
        parts.push(format!(
            "{} {}",
            pen.text(Text::ItemSlipNumber),
            slip.as_str()
        ));
    }
    if let Some(code) = &facts.approval_code {
        parts.push(format!(
            "{} {}",
            pen.text(Text::ItemApprovalCode),
            code.as_str()
        ));
    }
    parts.join(" ")
}
