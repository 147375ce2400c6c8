//! What a slip may say of a bill from outside: never more than it moves, of one patient, and back never more than was told.

use rusqlite::{Connection, params};

use super::{ATTEMPTS, AsOf, Checked, is_paid, is_part, may_stand, root, sum};
use crate::app::message::{StoreTrouble, Stored};
use crate::domain::bill::{Billed, InvoiceNumber, PaidBill, PatientNumber, Share};
use crate::domain::business_day::BusinessDate;
use crate::domain::ledger::SaleState;
use crate::domain::money::Yen;
use crate::domain::record::SaleRecord;
use crate::domain::reflection::{Posting, postings};
use crate::domain::sale::{self, SaleDraft, SaleKind};
use crate::domain::slip::SlipNumber;
use crate::edge::store::trouble::refused;

impl AsOf<'_> {
    /// The invoice that was found for the bill of a slip by then, where its code names none: by the slip itself, or by one that it is of the same bill
    /// with: another part, what it takes back, what it stands in place of.
    pub(in crate::edge::store) fn found(
        &self,
        slip: SlipNumber,
    ) -> Result<Option<InvoiceNumber>, StoreTrouble> {
        let mut asked = vec![slip];
        let mut at = 0;
        while let Some(slip) = asked.get(at).copied() {
            at += 1;
            let Some(record) = self.record(slip)? else {
                continue;
            };
            let sale = &record.sale;
            if let Some(found) = sale.bill.as_ref().and_then(Billed::found) {
                return Ok(Some(found.clone()));
            }
            let mut others = vec![sale.original, sale.replaces];
            if is_part(sale) {
                let parts = self.records(ATTEMPTS, root(&record))?;
                others.extend(parts.iter().map(|part| Some(part.slip)));
            }
            for other in others.into_iter().flatten() {
                if !asked.contains(&other) {
                    asked.push(other);
                }
            }
        }
        Ok(None)
    }

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
            // An attempt that was not paid, or went back, says all the same what its bill is.
            bills.extend(attempt.sale.bill.clone());
            let counts = is_part(&attempt.sale) && is_paid(attempt.state);
            if !counts || self.given_back(attempt.slip)? >= attempt.total() {
                continue;
            }
            if let Some(other) = &attempt.sale.bill {
                same_patient(billed, other)?;
                paid.extend(postings(&attempt.sale));
            }
        }
        for share in bills.iter().flat_map(|bill| &bill.shares) {
            let most = bills.iter().flat_map(|bill| &bill.shares);
            let most = most.filter(|other| other.is_of_the_same(share));
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

/// The slips of a day that are of a bill the receipt computer is told of.
pub(in crate::edge::store) const PAID_BILLS: &str = "
    SELECT sale.slip_number FROM sale CROSS JOIN bill ON bill.slip_number = sale.slip_number
    WHERE sale.business_date = ?1 AND sale.kind = 'sale' AND bill.postings > 0
        AND (?2 IS NULL OR ltrim(bill.patient, '0') = ltrim(?2, '0'))
    ORDER BY sale.slip_number";

/// What was paid of bills on a day, or may have been, and was not given back.
pub(in crate::edge::store) fn paid_bills(
    connection: &Connection,
    date: BusinessDate,
    patient: Option<&PatientNumber>,
) -> Result<Stored, StoreTrouble> {
    let read = connection.unchecked_transaction()?;
    let books = AsOf::now(&read);
    let mut statement = read.prepare_cached(PAID_BILLS)?;
    let of = patient.map(PatientNumber::as_str);
    let slips = statement
        .query_map(params![date.to_string(), of], |row| {
            row.get(0).map(SlipNumber::new)
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let mut paid = Vec::new();
    for slip in slips {
        let Some(record) = books.record(slip)?.filter(may_stand) else {
            continue;
        };
        let told = postings(&record.sale);
        let Some(whose) = told.first().map(|one| one.patient.clone()) else {
            continue;
        };
        if books.given_back(slip)? >= record.total() {
            continue;
        }
        let found = record.sale.bill.as_ref().and_then(Billed::found).cloned();
        let shares = told.into_iter().map(|one| Share {
            in_out: one.in_out,
            found: found.clone().filter(|_| one.invoice.is_none()),
            invoice: one.invoice,
            amount: one.amount,
        });
        paid.push(PaidBill {
            slip,
            at: record.stamp.at,
            operator: record.sale.operator,
            patient: whose,
            shares: shares.collect(),
            settled: record.state == SaleState::Settled,
        });
    }
    Ok(Stored::PaidBills {
        date,
        patient: patient.cloned(),
        paid,
    })
}

/// The bill of a checkout, whole: each invoice with the most that any attempt says of it.
pub(super) fn whole(attempts: &[SaleRecord]) -> Option<Billed> {
    let mut bills = attempts.iter().filter_map(|one| one.sale.bill.as_ref());
    let mut whole = bills.next()?.clone();
    for share in bills.flat_map(|bill| &bill.shares) {
        match whole
            .shares
            .iter_mut()
            .find(|other| other.is_of_the_same(share))
        {
            Some(known) => {
                known.amount = known.amount.max(share.amount);
                known.found = known.found.take().or_else(|| share.found.clone());
            }
            None => whole.shares.push(share.clone()),
        }
    }
    Some(whole)
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
        if before.any(|other| other.is_of_the_same(share)) {
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

/// True where a bill is of the invoices of another, and of none of them more.
pub(super) fn pays_no_more(bill: Option<&Billed>, than: Option<&Billed>) -> bool {
    let shares = |billed: Option<&Billed>| billed.map_or(Vec::new(), |one| one.shares.clone());
    let most = shares(than);
    shares(bill).iter().all(|share| {
        let found = most.iter().find(|other| other.is_of_the_same(share));
        found.is_some_and(|found| share.amount <= found.amount)
    })
}

fn same_patient(one: &Billed, other: &Billed) -> Checked {
    match (&one.patient, &other.patient) {
        (Some(one), Some(other)) if !one.is_same(other) => {
            Err(refused("this is another patient's bill"))
        }
        _ => Ok(()),
    }
}

fn amount(postings: &[Posting], share: &Share) -> Result<Yen, StoreTrouble> {
    let of = postings.iter().filter(|one| one.is_of(share));
    sum(of.map(|one| one.amount))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::message::StoreRequest;
    use crate::domain::bill::InOut;
    use crate::domain::task::Task;
    use crate::edge::store::BooksKind;
    use crate::edge::store::testbed::{Bed, at, back, books, cash_sale, part};

    fn billed(mut sale: SaleDraft, patient: &str, shares: &[(&str, i64)]) -> SaleDraft {
        let shares = shares.iter().map(|(invoice, yen)| Share {
            found: None,
            in_out: InOut::Out,
            invoice: Some(InvoiceNumber::parse(invoice).expect("a number")),
            amount: Yen::new(*yen),
        });
        sale.bill = Some(Billed {
            patient: PatientNumber::parse(patient).ok(),
            name: None,
            shares: shares.collect(),
            code: None,
        });
        sale
    }

    fn paid(bed: &mut Bed, patient: Option<&str>) -> Vec<(u32, Vec<i64>)> {
        let patient = patient.and_then(|digits| PatientNumber::parse(digits).ok());
        let date = at(0).business_date;
        match bed.ask(StoreRequest::PaidBills { date, patient }) {
            Ok(Stored::PaidBills { paid, .. }) => paid
                .iter()
                .map(|one| {
                    let amounts = one.shares.iter().map(|share| share.amount.get());
                    (one.slip.get(), amounts.collect())
                })
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_was_paid_of_a_bill_today_is_found_until_it_went_back() {
        let mut bed = books(BooksKind::Live);
        bed.sell(cash_sale(500)).expect("sold");
        let first = billed(cash_sale(1_000), "00012", &[("1", 650)]);
        let first = bed.sell(first).expect("sold").slip;
        let second = billed(cash_sale(700), "34", &[("2", 300), ("3", 400)]);
        let second = bed.sell(second).expect("sold").slip;
        assert_eq!(
            paid(&mut bed, None),
            [(first.get(), vec![650]), (second.get(), vec![300, 400])]
        );
        // Zeros in front make no other patient.
        assert_eq!(paid(&mut bed, Some("12")), [(first.get(), vec![650])]);
        assert_eq!(paid(&mut bed, Some("0012")), [(first.get(), vec![650])]);
        assert_eq!(paid(&mut bed, Some("120")), []);
        let undo = back(
            billed(cash_sale(1_000), "12", &[("1", 650)]),
            SaleKind::Void,
            first,
        );
        bed.sell(undo).expect("taken back");
        assert_eq!(paid(&mut bed, Some("12")), []);
    }

    #[test]
    fn parts_say_what_is_left_and_the_task_says_the_whole() {
        let mut bed = books(BooksKind::Live);
        let whole = [("1", 600), ("2", 650)];
        let first = billed(part(cash_sale(700), 1_250), "12", &whole);
        let first = bed.sell(first).expect("sold").slip;
        let mut second = billed(part(cash_sale(300), 1_250), "12", &[("2", 550)]);
        second.order = Some(first);
        bed.sell(second.clone()).expect("sold");
        // What is paid already is paid by no later part.
        let mut again = billed(part(cash_sale(200), 1_250), "12", &whole);
        again.order = Some(first);
        assert!(bed.sell(again).is_err());
        let Ok(Stored::Tasks(tasks)) = bed.ask(StoreRequest::Tasks) else {
            panic!("no tasks")
        };
        let told = tasks.iter().find_map(|task| match task {
            Task::PartPaid(part) => part.bill.clone(),
            _ => None,
        });
        let shares = told.expect("its bill").shares;
        let amounts: Vec<i64> = shares.iter().map(|share| share.amount.get()).collect();
        assert_eq!(amounts, [600, 650]);
    }
}
