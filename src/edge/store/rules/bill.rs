//! What a slip may say of a bill from outside: never more than it moves, of one patient, and back never more than was told.

use super::{ATTEMPTS, AsOf, Checked, is_paid, is_part, sum};
use crate::app::message::StoreTrouble;
use crate::domain::bill::{Billed, Share};
use crate::domain::money::Yen;
use crate::domain::reflection::{Posting, postings};
use crate::domain::sale::{self, SaleDraft, SaleKind};
use crate::edge::store::trouble::refused;

impl AsOf<'_> {
    pub(super) fn check_bill(&self, sale: &SaleDraft, total: Yen) -> Checked {
        let Some(billed) = &sale.bill else {
            return Ok(());
        };
        by_itself(sale, billed, total)?;
        match (sale.kind, sale.original) {
            (SaleKind::Sale, _) if is_part(sale) => self.check_part_of_bill(sale, billed),
            (SaleKind::Sale, _) | (_, None) => Ok(()),
            (_, Some(original)) => {
                let Some(record) = self.record(original)? else {
                    return Ok(());
                };
                let Some(of) = &record.sale.bill else {
                    return Err(refused(format!("sale {original} is of no bill")));
                };
                same_patient(billed, of)?;
                let told = postings(&record.sale);
                let mut gone = postings(sale);
                for undo in self.undone(original)? {
                    gone.extend(postings(&undo.sale));
                }
                for share in &billed.shares {
                    if amount(&gone, share)? > amount(&told, share)? {
                        return Err(refused(format!(
                            "more of an invoice would go back than slip {original} paid of it"
                        )));
                    }
                }
                Ok(())
            }
        }
    }

    /// The parts of one bill together put no more to an invoice than one of them says is to be paid of it.
    fn check_part_of_bill(&self, sale: &SaleDraft, billed: &Billed) -> Checked {
        let Some(order) = sale.order else {
            return Ok(());
        };
        let mut paid = postings(sale);
        let mut bills = vec![billed.clone()];
        for attempt in self.records(ATTEMPTS, order)? {
            let counts = is_part(&attempt.sale) && is_paid(attempt.state);
            if !counts || self.given_back(attempt.slip)? >= attempt.total() {
                continue;
            }
            if let Some(other) = &attempt.sale.bill {
                same_patient(billed, other)?;
                paid.extend(postings(&attempt.sale));
                bills.push(other.clone());
            }
        }
        for share in bills.iter().flat_map(|bill| &bill.shares) {
            let most = bills.iter().flat_map(|bill| &bill.shares);
            let most = most.filter(|other| is_of(other, share));
            let most = most.map(|other| other.amount).max().unwrap_or(Yen::ZERO);
            if amount(&paid, share)? > most {
                return Err(refused(format!(
                    "the parts of slip {order} would pay more of an invoice than it has"
                )));
            }
        }
        Ok(())
    }
}

fn by_itself(sale: &SaleDraft, billed: &Billed, total: Yen) -> Checked {
    if billed
        .shares
        .iter()
        .any(|share| !share.amount.is_positive())
    {
        return Err(refused("a share of a bill is above zero"));
    }
    for (index, share) in billed.shares.iter().enumerate() {
        let mut before = billed.shares.iter().take(index);
        if before.any(|other| is_of(other, share)) {
            return Err(refused("a bill names each of its invoices once"));
        }
    }
    // A part says what the whole bill is; it tells the receipt computer of its own money alone.
    let most = if is_part(sale) {
        sale::total(&sale.lines).unwrap_or(total)
    } else {
        total
    };
    if billed.total().is_none_or(|shares| shares > most) {
        return Err(refused("more would be told of a bill than the slip moves"));
    }
    Ok(())
}

fn same_patient(one: &Billed, other: &Billed) -> Checked {
    match (&one.patient, &other.patient) {
        (Some(one), Some(other)) if !one.is_same(other) => {
            Err(refused("this is another patient's bill"))
        }
        _ => Ok(()),
    }
}

fn is_of(one: &Share, other: &Share) -> bool {
    one.in_out == other.in_out && one.invoice.is_same(&other.invoice)
}

fn amount(postings: &[Posting], share: &Share) -> Result<Yen, StoreTrouble> {
    let of = postings
        .iter()
        .filter(|one| one.in_out == share.in_out && one.invoice.is_same(&share.invoice));
    sum(of.map(|one| one.amount))
}
