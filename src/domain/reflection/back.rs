//! What of its bill a slip gives back when it takes a sale back.

use super::{Posting, postings};
use crate::domain::bill::{Billed, Share};
use crate::domain::money::Yen;
use crate::domain::sale::SaleDraft;

/// The bill of a slip that takes `amount` of a sale back: from its last invoice backwards, never more of one than was told of it and has not
/// gone back already. `None` where the sale is of no bill, or nothing of its bill is left.
///
/// Goods go back last: which of the money is theirs, only a whole sale says.
pub fn going_back<'a>(
    original: &SaleDraft,
    undone: impl IntoIterator<Item = &'a SaleDraft>,
    amount: Yen,
) -> Option<Billed> {
    let billed = original.bill.as_ref()?;
    let gone: Vec<Posting> = undone.into_iter().flat_map(postings).collect();
    let told = postings(original);
    let of = |all: &[Posting], share: &Share| {
        all.iter()
            .filter(|one| one.in_out == share.in_out && one.invoice.is_same(&share.invoice))
            .fold(0, |sum, one| sum + one.amount.get())
    };
    let mut left = amount.get();
    let mut shares = Vec::new();
    let mut seen: Vec<&Share> = Vec::new();
    for share in billed.shares.iter().rev() {
        let twice = seen
            .iter()
            .any(|one| one.in_out == share.in_out && one.invoice.is_same(&share.invoice));
        seen.push(share);
        let open = of(&told, share) - of(&gone, share);
        let back = left.min(open);
        if twice || back <= 0 {
            continue;
        }
        left -= back;
        shares.push(Share {
            amount: Yen::new(back),
            ..share.clone()
        });
    }
    (!shares.is_empty()).then(|| Billed {
        shares,
        // The code says which bill was paid; what takes it back pays none.
        code: None,
        ..billed.clone()
    })
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
                        in_out: InOut::Out,
                        invoice: InvoiceNumber::parse(invoice).expect("a number"),
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
                let billed = going_back(&original, &undone, Yen::new(*amount));
                let mut undo = sale(SaleKind::Refund, &[], *amount);
                undo.bill = billed;
                undone.push(undo);
            }
            let billed = going_back(&original, &undone, Yen::new(amount));
            assert!(billed.as_ref().is_none_or(|billed| billed.code.is_none()));
            let shares = billed.map_or(Vec::new(), |billed| billed.shares);
            let told: Vec<_> = shares
                .iter()
                .map(|share| (share.invoice.as_str(), share.amount.get()))
                .collect();
            assert_eq!(told, back, "{paid} {gone:?} {amount}");
        }
    }

    #[test]
    fn what_was_told_to_nobody_goes_back_to_nobody() {
        let mut original = sale(SaleKind::Sale, &[("1", 650)], 650);
        original.bill.as_mut().expect("a bill").patient = None;
        assert_eq!(going_back(&original, [], Yen::new(650)), None);
        original.bill = None;
        assert_eq!(going_back(&original, [], Yen::new(650)), None);
    }
}
