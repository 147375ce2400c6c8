//! Which invoices can be paid, which of them together, and which of them an amount pays.

use std::collections::BTreeSet;

use super::{BillScreen, Scanned};
use crate::app::note::Note;
use crate::domain::bill::{Bill, Caution, Invoice};
use crate::domain::money::Yen;
use crate::locale::Text;

/// Why an invoice cannot be paid now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// 要再計算, 請求取消.
    Caution(Caution),
    /// Nothing is left to pay.
    Paid,
    /// More was paid than is charged.
    Overpaid,
    /// It belongs to one that cannot be paid.
    Group,
}

/// The sentence for an invoice that is not paid as it stands.
pub fn ground_note(ground: Ground) -> Note {
    match ground {
        Ground::Caution(Caution::Void) => Note::warning(Text::BillVoid),
        Ground::Caution(_) => Note::warning(Text::BillRecalculate),
        Ground::Paid => Note::plain(Text::BillIsPaid),
        Ground::Overpaid => Note::warning(Text::BillOverpaid),
        Ground::Group => Note::warning(Text::BillGroup),
    }
}

/// Why an invoice cannot be paid, the others left aside.
pub(super) fn alone(invoice: &Invoice) -> Option<Ground> {
    match (invoice.caution, invoice.unpaid().get()) {
        (Some(caution), _) => Some(Ground::Caution(caution)),
        (None, unpaid) if unpaid < 0 => Some(Ground::Overpaid),
        (None, 0) => Some(Ground::Paid),
        (None, _) => None,
    }
}

/// The invoices that are paid together with this one, itself among them.
pub(super) fn group(invoices: &[Invoice], index: usize) -> Vec<usize> {
    let head = |one: &Invoice| one.group.clone().unwrap_or_else(|| one.number.clone());
    let of = head(&invoices[index]);
    (0..invoices.len())
        .filter(|other| {
            let one = &invoices[*other];
            head(one).is_same(&of) && one.in_out == invoices[index].in_out
        })
        .collect()
}

/// The invoices that a code pays exactly: the one it names, or by its amount all of them, today's, or the only one of that amount.
pub(super) fn matching(shown: &BillScreen, scanned: &Scanned) -> Option<BTreeSet<usize>> {
    let amount = scanned.amount;
    if let Some(named) = named(shown, scanned) {
        let with: BTreeSet<usize> = group(shown.invoices(), named?).into_iter().collect();
        let open = with.iter().all(|index| shown.ground(*index).is_none());
        return (open && sum(shown, with.iter()) == amount.get()).then_some(with);
    }
    let payable: Vec<usize> = shown.payable().collect();
    let unpaid = |index: &usize| sum(shown, std::iter::once(index));
    let whole: BTreeSet<usize> = payable.iter().copied().collect();
    let today: BTreeSet<usize> = payable
        .iter()
        .filter(|index| shown.is_of_today(&shown.invoices()[**index]))
        .copied()
        .collect();
    for set in [whole, today] {
        if !set.is_empty() && sum(shown, set.iter()) == amount.get() {
            return Some(set);
        }
    }
    let mut alone = payable.iter().filter(|index| {
        unpaid(index) == amount.get() && group(shown.invoices(), **index).len() == 1
    });
    match (alone.next(), alone.next()) {
        (Some(one), None) => Some(BTreeSet::from([*one])),
        _ => None,
    }
}

/// What is unpaid of the invoice a code names, or of the whole bill where it names none.
pub(super) fn unpaid(shown: &BillScreen, bill: &Bill, scanned: &Scanned) -> Yen {
    match named(shown, scanned) {
        None => bill.unpaid,
        Some(None) => Yen::ZERO,
        Some(Some(index)) => shown.invoices()[index].unpaid(),
    }
}

/// Where the invoice is that a code names; `None` where it names none.
fn named(shown: &BillScreen, scanned: &Scanned) -> Option<Option<usize>> {
    let number = scanned.reading.invoice.as_ref()?;
    let in_out = scanned.reading.in_out;
    Some(shown.invoices().iter().position(|one| {
        one.number.is_same(number) && in_out.is_none_or(|in_out| one.in_out == in_out)
    }))
}

fn sum<'a>(shown: &BillScreen, of: impl Iterator<Item = &'a usize>) -> i64 {
    of.map(|index| shown.invoices()[*index].unpaid().get())
        .sum()
}
