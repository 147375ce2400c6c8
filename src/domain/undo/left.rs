//! What is left of a sale after what was taken back already, or may have been.

use super::rule::{Money, RuleTable};
use super::{Denied, Undoable};
use crate::domain::money::Yen;
use crate::domain::record::SaleRecord;
use crate::domain::sale::total;
use crate::domain::tender::Tender;
use crate::teeth::{self, Tooth};

/// What is left of one tender, counted from 0. What takes it back and has no outcome yet counts as taken.
pub fn left_of(sale: &Undoable, tender: usize, rules: &RuleTable) -> Yen {
    let Some(asked) = sale.original.sale.tenders.get(tender) else {
        return Yen::ZERO;
    };
    let asked_cash = is_cash(asked);
    let twin = |t: &&Tender| is_cash(t) == asked_cash;
    let paid = sum(sale
        .original
        .sale
        .tenders
        .iter()
        .filter(twin)
        .map(Tender::amount));
    let taken = |all: bool| {
        let of_it = |undo: &&SaleRecord| all || was_cash(undo, rules) == asked_cash;
        let counts = !teeth::bites(Tooth::UndoTwice);
        let undone = sale.undone.iter().filter(|_| counts);
        sum(undone.filter(of_it).map(SaleRecord::total))
    };
    let less = |from: Yen, taken: Yen| from.checked_sub(taken).unwrap_or(Yen::ZERO).max(Yen::ZERO);
    let of_tender = less(paid, taken(false)).min(asked.amount());
    // Whatever went back, never more than was paid in all.
    of_tender.min(less(sale.original.total(), taken(true)))
}

/// The amount of some lines, counted from 1, none of them gone.
pub(super) fn of_lines(sale: &Undoable, lines: &[u16]) -> Result<Yen, Denied> {
    let bill = &sale.original.sale.lines;
    let mut chosen = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let row = usize::from(*line).checked_sub(1).and_then(|n| bill.get(n));
        let Some(row) = row.filter(|_| !lines[..at].contains(line)) else {
            return Err(Denied::NoSuchLine { line: *line });
        };
        let gone = sale.undone.iter().any(|undo| {
            let undo = undo.sale.undo.as_ref();
            undo.is_some_and(|undo| undo.lines.contains(line))
        });
        if gone {
            return Err(Denied::LineGone { line: *line });
        }
        chosen.push(row.clone());
    }
    total(&chosen).ok_or(Denied::NoAmount)
}

const fn is_cash(tender: &Tender) -> bool {
    matches!(tender, Tender::Cash { .. })
}

/// True where the cash part was taken back; cash that stood in for a card took back the card.
fn was_cash(undo: &SaleRecord, rules: &RuleTable) -> bool {
    let named = undo.sale.undo.as_ref();
    match named.and_then(|named| rules.named(&named.rule)) {
        Some(rule) => rule.media.contains(&Money::Cash),
        None => undo.sale.tenders.iter().all(is_cash),
    }
}

fn sum(amounts: impl Iterator<Item = Yen>) -> Yen {
    amounts.fold(Yen::ZERO, |sum, amount| {
        sum.checked_add(amount).unwrap_or(Yen::LIMIT)
    })
}
