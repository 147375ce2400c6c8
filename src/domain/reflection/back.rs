//! Which lines of a sale are of which invoice, and from there: what of its bill goes back with it, and what a corrected bill (差額) pays of each.

use super::{Posting, postings};
use crate::domain::bill::{Billed, Share};
use crate::domain::money::Yen;
use crate::domain::sale::{Line, SaleDraft, total};

/// A line that goes back: its number on the sale, from 1, and how much of it.
pub type Back = (u16, Yen);

/// Which share of its bill each line of a sale pays; none for goods. `None` where the lines do not say it: a part of a bill, or lines that do not
/// add up to its shares.
///
/// The lines of a bill come first, invoice by invoice, as the shares do.
fn owners(sale: &SaleDraft, shares: &[Share]) -> Option<Vec<Option<usize>>> {
    if sale.part {
        return None;
    }
    let mut at = 0;
    let mut paid = 0;
    let mut owners = Vec::with_capacity(sale.lines.len());
    for line in &sale.lines {
        let Some(share) = shares.get(at) else {
            owners.push(None);
            continue;
        };
        paid += line.amount()?.get();
        if paid > share.amount.get() {
            return None;
        }
        owners.push(Some(at));
        if paid == share.amount.get() {
            (at, paid) = (at + 1, 0);
        }
    }
    (at == shares.len()).then_some(owners)
}

/// The bill of a slip that takes `amount` of a sale back, never more of an invoice than was told of it and has not gone back already. `None` where
/// the sale is of no bill, or nothing of its bill goes back.
///
/// Lines say where they belong: those of the bill go back to their invoices, goods to none. Where there is an amount alone, the bill goes back
/// before the goods, from its last invoice backwards.
pub fn going_back<'a>(
    original: &SaleDraft,
    undone: impl IntoIterator<Item = &'a SaleDraft>,
    amount: Yen,
    lines: &[Back],
) -> Option<Billed> {
    let billed = original.bill.as_ref()?;
    let gone: Vec<Posting> = undone.into_iter().flat_map(postings).collect();
    let told = postings(original);
    let of = |all: &[Posting], share: &Share| {
        all.iter()
            .filter(|one| one.is_of(share))
            .fold(0, |sum, one| sum + one.amount.get())
    };
    let open = |share: &Share| (of(&told, share) - of(&gone, share)).max(0);
    let mut open: Vec<i64> = billed.shares.iter().map(open).collect();
    // An invoice is named once.
    for (at, share) in billed.shares.iter().enumerate() {
        let mut before = billed.shares.iter().take(at);
        if before.any(|other| other.is_of_the_same(share)) {
            open[at] = 0;
        }
    }
    let mut back = vec![0; open.len()];
    let mut left = amount.get();
    if let Some(owners) = owners(original, &billed.shares).filter(|_| !lines.is_empty()) {
        left = 0;
        for (number, amount) in lines {
            let at = usize::from(*number).checked_sub(1);
            if let Some(share) = at.and_then(|at| owners.get(at).copied().flatten()) {
                let of_it = amount.get().min(open[share] - back[share]);
                back[share] += of_it;
                left += amount.get() - of_it;
            }
        }
    }
    for (back, open) in back.iter_mut().zip(&open).rev() {
        let more = left.min(open - *back);
        *back += more;
        left -= more;
    }
    let shares = billed.shares.iter().zip(back).rev();
    let shares: Vec<Share> = shares
        .filter(|(_, back)| *back > 0)
        .map(|(share, back)| Share {
            amount: Yen::new(back),
            ..share.clone()
        })
        .collect();
    (!shares.is_empty()).then(|| Billed {
        shares,
        // The code says which bill was paid; what takes it back pays none.
        code: None,
        ..billed.clone()
    })
}

/// 差額: the corrected lines of a sale, its bill's first and in the order of its invoices, and what of them goes to which invoice. Lines that stand
/// as they were stay where they were. New ones are of the invoices whose lines are gone, the first ones up to what they had, each with one at least;
/// what is left over is goods where goods are gone, and else the last of them. Where nothing of the bill is gone they are goods, or, where nothing
/// at all is, the last invoice's.
pub fn corrected(original: &SaleDraft, lines: &[Line]) -> (Vec<Line>, Option<Billed>) {
    let billed = original.bill.as_ref();
    let Some(billed) =
        billed.filter(|billed| billed.patient.is_some() && !billed.shares.is_empty())
    else {
        return (lines.to_vec(), None);
    };
    let shares = &billed.shares;
    let last = shares.len() - 1;
    // Lines that do not say it are all of the bill, as far as they are not goods by the sum.
    let owners = owners(original, shares)
        .unwrap_or_else(|| original.lines.iter().map(|_| Some(last)).collect());
    let mut missing: Vec<(&Line, Option<usize>)> =
        original.lines.iter().zip(owners.iter().copied()).collect();
    let mut found: Vec<(&Line, Option<Option<usize>>)> = Vec::new();
    for line in lines {
        let at = missing.iter().position(|(old, _)| *old == line);
        found.push((line, at.map(|at| missing.remove(at).1)));
    }
    let mut gone: Vec<usize> = missing.iter().filter_map(|(_, owner)| *owner).collect();
    gone.dedup();
    let goods_gone = missing.iter().any(|(_, owner)| owner.is_none());
    let mut sums = vec![0; shares.len()];
    let mut placed: Vec<(&Line, Option<usize>)> = Vec::new();
    let worth = |line: &Line| line.amount().map_or(0, Yen::get);
    for (line, owner) in &found {
        if let Some(Some(share)) = owner {
            sums[*share] += worth(line);
        }
    }
    for (line, owner) in found {
        let owner = owner.unwrap_or_else(|| {
            if gone.is_empty() {
                return missing.is_empty().then_some(last);
            }
            let fits = |share: &&usize| sums[**share] + worth(line) <= shares[**share].amount.get();
            let untouched = |share: &&usize| sums[**share] == 0;
            let share = gone.iter().find(fits);
            let share = share.or_else(|| gone.iter().find(untouched));
            let share = share.or(gone.last().filter(|_| !goods_gone)).copied();
            if let Some(share) = share {
                sums[share] += worth(line);
            }
            share
        });
        placed.push((line, owner));
    }
    placed.sort_by_key(|(_, owner)| owner.map_or(usize::MAX, |owner| owner));
    let sum_of = |share: usize| {
        let of_it = placed.iter().filter(|(_, owner)| *owner == Some(share));
        total(&of_it.map(|(line, _)| (*line).clone()).collect::<Vec<_>>()).unwrap_or(Yen::ZERO)
    };
    let shares = shares.iter().enumerate().map(|(at, share)| Share {
        amount: sum_of(at),
        ..share.clone()
    });
    let shares: Vec<Share> = shares.filter(|share| share.amount.is_positive()).collect();
    let bill = (!shares.is_empty()).then(|| Billed {
        shares,
        code: None,
        ..billed.clone()
    });
    let lines = placed.into_iter().map(|(line, _)| line.clone());
    (lines.collect(), bill)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::bill::{InOut, InvoiceNumber, PatientNumber};
    use crate::domain::sale::{Line, Operator, SaleKind, TaxClass};
    use crate::domain::tender::Tender;

    fn sale(kind: SaleKind, shares: &[(&str, i64)], cash: i64) -> SaleDraft {
        SaleDraft {
            kind,
            order: None,
            original: None,
            undo: None,
            part: false,
            replaces: None,
            bill: Some(Billed {
                patient: PatientNumber::parse("00012").ok(),
                name: None,
                shares: shares
                    .iter()
                    .map(|(invoice, amount)| Share {
                        found: None,
                        in_out: InOut::Out,
                        invoice: Some(InvoiceNumber::parse(invoice).expect("a number")),
                        amount: Yen::new(*amount),
                    })
                    .collect(),
                code: Some("2112002515005".into()),
            }),
            lines: vec![Line {
                name: String::new(),
                unit: Yen::new(cash),
                quantity: 1,
                tax: TaxClass::NonTaxable,
            }],
            tenders: vec![Tender::Cash {
                amount: Yen::new(cash),
                received: Yen::new(cash),
            }],
            operator: Operator {
                code: "01".into(),
                name: "x".into(),
            },
            terminal_code: "01".into(),
            practice: true,
        }
    }

    #[test]
    fn money_goes_back_from_the_last_invoice_backwards_and_never_more_than_came() {
        let bill = [("1", 650), ("2", 1_000)];
        for (paid, gone, amount, back) in [
            // The whole.
            (1_650, vec![], 1_650, vec![("2", 1_000), ("1", 650)]),
            (1_650, vec![], 300, vec![("2", 300)]),
            (1_650, vec![], 1_200, vec![("2", 1_000), ("1", 200)]),
            // Some of it went back before.
            (1_650, vec![300], 1_200, vec![("2", 700), ("1", 500)]),
            (1_650, vec![300, 700], 100, vec![("1", 100)]),
            // Of goods beside the bill nothing is told.
            (2_000, vec![], 2_000, vec![("2", 1_000), ("1", 650)]),
            (2_000, vec![1_650], 350, vec![]),
            // A part of the bill was paid: no more goes back.
            (700, vec![], 700, vec![("2", 50), ("1", 650)]),
        ] {
            let original = sale(SaleKind::Sale, &bill, paid);
            let mut undone: Vec<SaleDraft> = Vec::new();
            for amount in &gone {
                let billed = going_back(&original, &undone, Yen::new(*amount), &[]);
                let mut undo = sale(SaleKind::Refund, &[], *amount);
                undo.bill = billed;
                undone.push(undo);
            }
            let billed = going_back(&original, &undone, Yen::new(amount), &[]);
            assert!(billed.as_ref().is_none_or(|billed| billed.code.is_none()));
            let shares = billed.map_or(Vec::new(), |billed| billed.shares);
            let told: Vec<_> = shares
                .iter()
                .map(|share| {
                    (
                        share.invoice.as_ref().map_or("", InvoiceNumber::as_str),
                        share.amount.get(),
                    )
                })
                .collect();
            assert_eq!(told, back, "{paid} {gone:?} {amount}");
        }
    }

    #[test]
    fn what_was_told_to_nobody_goes_back_to_nobody() {
        let mut original = sale(SaleKind::Sale, &[("1", 650)], 650);
        original.bill.as_mut().expect("a bill").patient = None;
        assert_eq!(going_back(&original, [], Yen::new(650), &[]), None);
        original.bill = None;
        assert_eq!(going_back(&original, [], Yen::new(650), &[]), None);
    }

    /// A sale of lines: an invoice of 650 (600 and 50), one of 1,000, and goods for 550.
    fn mixed() -> SaleDraft {
        let mut sale = sale(SaleKind::Sale, &[("1", 650), ("2", 1_000)], 2_200);
        sale.lines = [600, 50, 1_000, 550].map(line).to_vec();
        sale
    }

    fn line(yen: i64) -> Line {
        Line {
            name: yen.to_string(),
            unit: Yen::new(yen),
            quantity: 1,
            tax: TaxClass::NonTaxable,
        }
    }

    fn told(billed: Option<&Billed>) -> Vec<(String, i64)> {
        let shares = billed.map_or(&[][..], |billed| &billed.shares);
        shares
            .iter()
            .map(|share| {
                (
                    share
                        .invoice
                        .as_ref()
                        .map_or(String::new(), ToString::to_string),
                    share.amount.get(),
                )
            })
            .collect()
    }

    fn named(shares: &[(&str, i64)]) -> Vec<(String, i64)> {
        shares
            .iter()
            .map(|(invoice, yen)| ((*invoice).to_owned(), *yen))
            .collect()
    }

    #[test]
    fn lines_go_back_to_their_own_invoices_and_goods_to_none() {
        for (lines, amount, back) in [
            (&[(4, 550)][..], 550, &[][..]),
            (&[(1, 600)], 600, &[("1", 600)]),
            (&[(3, 1_000)], 1_000, &[("2", 1_000)]),
            (
                &[(2, 50), (3, 1_000), (4, 550)],
                1_600,
                &[("2", 1_000), ("1", 50)],
            ),
            // Some of a line.
            (&[(3, 400)], 400, &[("2", 400)]),
            // An amount alone: the bill before the goods, the last invoice first.
            (&[], 550, &[("2", 550)]),
            (&[], 2_200, &[("2", 1_000), ("1", 650)]),
        ] {
            let lines: Vec<Back> = lines.iter().map(|(n, yen)| (*n, Yen::new(*yen))).collect();
            let billed = going_back(&mixed(), [], Yen::new(amount), &lines);
            assert_eq!(told(billed.as_ref()), named(back), "{lines:?} {amount}");
        }
    }

    #[test]
    fn what_an_amount_took_before_is_not_taken_from_its_invoice_again() {
        let mut undo = sale(SaleKind::Refund, &[], 300);
        undo.bill = going_back(&mixed(), [], Yen::new(300), &[]);
        let line = (3, Yen::new(1_000));
        let billed = going_back(&mixed(), [&undo], Yen::new(1_000), &[line]);
        assert_eq!(told(billed.as_ref()), named(&[("2", 700), ("1", 300)]));
    }

    #[test]
    fn lines_that_do_not_add_up_to_the_bill_say_nothing_of_it() {
        let mut sale = mixed();
        sale.lines = vec![line(700), line(1_500)];
        let billed = going_back(&sale, [], Yen::new(1_500), &[(2, Yen::new(1_500))]);
        assert_eq!(told(billed.as_ref()), named(&[("2", 1_000), ("1", 500)]));
    }

    #[test]
    fn a_corrected_bill_goes_to_the_invoices_of_the_old_one() {
        for (lines, ordered, bill) in [
            // The second invoice was 10割, and is 3割.
            (
                &[600, 50, 550, 300][..],
                &[600, 50, 300, 550][..],
                &[("1", 650), ("2", 300)][..],
            ),
            // All of both, anew: the first takes what it had.
            (
                &[500, 900, 550],
                &[500, 900, 550],
                &[("1", 500), ("2", 900)],
            ),
            // The goods anew besides; and all of it in one sum.
            (
                &[500, 900, 440],
                &[500, 900, 440],
                &[("1", 500), ("2", 900)],
            ),
            (&[1_980], &[1_980], &[("1", 1_980)]),
            // A line more: the last invoice's.
            (
                &[600, 50, 1_000, 550, 200],
                &[600, 50, 1_000, 200, 550],
                &[("1", 650), ("2", 1_200)],
            ),
            // Other goods: the bill stands.
            (
                &[600, 50, 1_000, 440],
                &[600, 50, 1_000, 440],
                &[("1", 650), ("2", 1_000)],
            ),
            // One invoice is gone.
            (&[600, 50], &[600, 50], &[("1", 650)]),
            // Goods alone are left.
            (&[550], &[550], &[]),
        ] {
            let given: Vec<Line> = lines.iter().copied().map(line).collect();
            let (found, billed) = corrected(&mixed(), &given);
            let found: Vec<i64> = found.iter().map(|line| line.unit.get()).collect();
            assert_eq!(found, ordered, "{lines:?}");
            assert_eq!(told(billed.as_ref()), named(bill), "{lines:?}");
            let again: Vec<Line> = found.into_iter().map(line).collect();
            assert_eq!(
                corrected(&mixed(), &again),
                (again.clone(), billed),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn a_sale_of_no_bill_is_corrected_as_it_is_typed() {
        let mut sale = mixed();
        sale.bill = None;
        let typed = vec![line(550), line(20)];
        assert_eq!(corrected(&sale, &typed), (typed.clone(), None));
    }
}
