//! A bill in the basket: its lines stand as the receipt computer made them, goods come after them.

use super::check::Check;
use crate::app::{Basket, State};
use crate::domain::bill::{Billed, Patient, PatientNumber, Share};
use crate::domain::money::Yen;
use crate::domain::record::SaleRecord;
use crate::domain::reflection::postings;
use crate::domain::sale::{Line, SaleDraft};

/// A bill in the basket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InBasket {
    /// Whose, and what goes to which invoice: of the whole checkout, whatever parts of it are paid.
    pub billed: Billed,
    /// Who, where that is known.
    pub patient: Option<Patient>,
    /// So many lines of the basket are the bill's, the first ones.
    pub lines: usize,
    /// What was unpaid of each invoice when the receipt computer was asked last; empty where nobody remembers.
    pub unpaid: Vec<Yen>,
    /// When that was (`mono_ms`).
    pub told_ms: Option<u64>,
    /// Asking it again.
    pub check: Check,
}

impl InBasket {
    /// A bill that its bar code alone told: one line.
    pub fn scanned(billed: Billed) -> InBasket {
        InBasket {
            billed,
            patient: None,
            lines: 1,
            unpaid: Vec::new(),
            told_ms: None,
            check: Check::No,
        }
    }

    /// What a bill says that is known by its slip alone.
    fn known(billed: Billed, lines: &[Line]) -> InBasket {
        let due = billed.total().unwrap_or(Yen::ZERO);
        let mut sum = Yen::ZERO;
        let mut count = 0;
        for line in lines {
            if sum >= due {
                break;
            }
            sum = line
                .amount()
                .and_then(|amount| sum.checked_add(amount))
                .unwrap_or(Yen::LIMIT);
            count += 1;
        }
        // A scanned bill without an invoice is one line, the first.
        let scanned = usize::from(billed.code.is_some());
        InBasket {
            billed,
            patient: None,
            lines: count.max(scanned),
            unpaid: Vec::new(),
            told_ms: None,
            check: Check::No,
        }
    }
}

/// The bill of an attempt that was made before: it comes back with its lines.
pub(crate) fn of_record(sale: &SaleDraft) -> Option<Box<InBasket>> {
    let billed = sale.bill.clone()?;
    Some(Box::new(InBasket::known(billed, &sale.lines)))
}

/// The bill of a checkout that is paid in part.
pub(crate) fn of_task(billed: Option<&Billed>, lines: &[Line]) -> Option<Box<InBasket>> {
    Some(Box::new(InBasket::known(billed?.clone(), lines)))
}

/// What the next slip of this checkout says of its bill: what the parts that are paid have left of each invoice.
pub(crate) fn after_parts(basket: &Basket) -> Option<Billed> {
    let billed = &basket.bill.as_ref()?.billed;
    let gone: Vec<_> = basket
        .parts
        .iter()
        .flat_map(|part: &SaleRecord| postings(&part.sale))
        .collect();
    let shares = billed.shares.iter().map(|share| {
        let paid = gone
            .iter()
            .filter(|one| one.is_of(share))
            .fold(0, |sum, one| sum + one.amount.get());
        Share {
            amount: Yen::new(share.amount.get() - paid),
            ..share.clone()
        }
    });
    let shares = shares.filter(|share| share.amount.is_positive()).collect();
    Some(Billed {
        shares,
        ..billed.clone()
    })
}

/// True where a line of the basket is the bill's.
pub(crate) fn is_of_bill(state: &State, line: usize) -> bool {
    let bill = state.basket.bill.as_ref();
    bill.is_some_and(|bill| line < bill.lines)
}

/// Take the bill out of the basket, its lines with it; goods stay.
pub(crate) fn drop_bill(state: &mut State) {
    if let Some(bill) = state.basket.bill.take() {
        let count = bill.lines.min(state.basket.lines.len());
        state.basket.lines.drain(..count);
    }
}

/// The receipt computer says that this patient's bill is another one: it is asked again before money is taken.
pub(super) fn stale(state: &mut State, patient: &PatientNumber) {
    if let Some(bill) = &mut state.basket.bill
        && let Some(of) = &bill.billed.patient
        && of.is_same(patient)
    {
        bill.told_ms = None;
    }
}
