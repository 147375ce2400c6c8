//! 反映: telling the receipt computer of money that was taken here. One posting for each tender and invoice, each with its own steps in the books.
//!
//! ```text
//!  (due) ─ Opened ─ Sent ─┬─ Reflected ─┐
//!    ▲        │           ├─ Refused ───┼─ Closed
//!    │        └─ Closed   └─ Unsure ────┘     an unsure posting is looked for in the invoice's own history before anything is sent again
//! ```
//!
//! Two things are folded from them: what became of the posting, and whether the receipt computer still holds the patient for us. A session is
//! closed whatever became of the posting.
//!
//! The receipt computer has no key that makes a payment idempotent: what may have been sent is never sent again before its history was read.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::bill::{InOut, InvoiceNumber, PatientNumber, Share};
use super::money::Yen;
use super::sale::{Operator, SaleDraft, SaleKind};
use super::tender::Tender;

mod back;
mod find;
mod progress;
mod unreflected;

pub use back::{Back, corrected, going_back};
pub use find::{Unfound, find};
pub use progress::{Held, IllegalStep, Progress, Sending, Standing};
pub use unreflected::Unreflected;

/// One payment (or, of a 取消 or 返品, one payment taken back) that the receipt computer is to be told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Which of the slip's postings, from 1.
    pub number: u16,
    /// Whose.
    pub patient: PatientNumber,
    /// 入外区分.
    pub in_out: InOut,
    /// 伝票番号 of the receipt computer, where the bill says it; else it is looked for before it is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<InvoiceNumber>,
    /// How much, above zero.
    pub amount: Yen,
    /// True where it is money that went back.
    pub back: bool,
    /// With what, for 入金方法.
    pub method: Method,
    /// True where it is the last of what the slip, or the last part of a bill, pays of the invoice: the 領収証 goes with it.
    #[serde(default)]
    pub completes: bool,
}

impl Posting {
    /// True where it is of this share of its slip's bill.
    pub fn is_of(&self, share: &Share) -> bool {
        match (&self.invoice, &share.invoice) {
            (Some(one), Some(other)) => self.in_out == share.in_out && one.is_same(other),
            (None, None) => true,
            _ => false,
        }
    }
}

/// With what was paid: the receipt computer's 入金方法 is found by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// 現金.
    Cash,
    /// A card of this カード会社コード.
    Card(String),
}

/// One step of a posting, as the books keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum ReflectionStep {
    /// The receipt computer holds the patient for us. Durable before anything else is sent: it must be closed.
    Opened {
        /// Our name for the session.
        karte_uid: String,
        /// The receipt computer's.
        orca_uid: String,
    },
    /// The next byte may post. Durable before that byte.
    Sent {
        /// 入金日時 that is sent with it, to the minute: the row is recognised by it.
        at: DateTime<FixedOffset>,
        /// How many rows the invoice's history had.
        rows: u16,
        /// What was received of the invoice.
        received: Yen,
        /// 入金方法 that is sent with it; the patient's own where there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tender_code: Option<String>,
        /// The invoice that was found for it, where the bill names none. From here on it is this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        invoice: Option<InvoiceNumber>,
    },
    /// It is in the receipt computer.
    Reflected {
        /// How we know.
        evidence: ReflectionEvidence,
    },
    /// It is definitely not, and why.
    Refused {
        /// The receipt computer's own code, or a word of ours ([`words`]).
        code: String,
        /// What was unpaid of the invoice (of money that goes back: received), where that is why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unpaid: Option<Yen>,
    },
    /// Nobody knows yet: the answer was lost.
    Unsure,
    /// 再発行: it is asked to print its 領収証 once more. Durable before that; only of what is through, and in a session of its own.
    Reissued {
        /// Who wants it.
        operator: Operator,
    },
    /// The receipt computer has let the patient go, or never held him.
    Closed,
    /// Let go without being in the receipt computer: entered there by hand, or not wanted.
    Explained {
        /// Who says so.
        operator: Operator,
        /// What was done instead.
        reason: String,
    },
}

/// Words of ours for why a posting is definitely not in the receipt computer.
pub mod words {
    /// Less is unpaid than was taken: it changed meanwhile.
    pub const CHANGED: &str = "changed";
    /// The invoice must be computed anew, or was taken away.
    pub const CAUTION: &str = "caution";
    /// It was sent, and the history of the invoice does not have it.
    pub const NOT_THERE: &str = "not_there";
    /// Nothing of the call left.
    pub const NOT_SENT: &str = "not_sent";
    /// The bill names no invoice, and none is unpaid of just what was taken.
    pub const NO_INVOICE: &str = "no_invoice";
    /// The bill names no invoice, and more than one may be meant.
    pub const SEVERAL_INVOICES: &str = "several_invoices";
}

/// How it is known that a posting is in the receipt computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReflectionEvidence {
    /// It answered.
    Answer,
    /// Its history has the row.
    History,
}

/// What the receipt computer is to be told of a settled slip: for each tender, in their order, one posting for each invoice it reaches.
/// Empty where the slip is of no bill of a known patient.
pub fn postings(sale: &SaleDraft) -> Vec<Posting> {
    let Some((billed, patient)) = sale
        .bill
        .as_ref()
        .and_then(|billed| Some((billed, billed.patient.as_ref()?)))
    else {
        return Vec::new();
    };
    let mut found: Vec<Posting> = Vec::new();
    let mut shares: Vec<_> = billed
        .shares
        .iter()
        .map(|share| (share, share.amount))
        .collect();
    for tender in &sale.tenders {
        let method = match tender {
            Tender::Cash { .. } => Method::Cash,
            Tender::Card { card, .. } => Method::Card(card.clone()),
        };
        let mut left = tender.amount();
        for (share, open) in &mut shares {
            let amount = left.min(*open);
            if !amount.is_positive() {
                continue;
            }
            *open = open.checked_sub(amount).unwrap_or(Yen::ZERO);
            found.push(Posting {
                number: u16::try_from(found.len() + 1).unwrap_or(u16::MAX),
                patient: patient.clone(),
                in_out: share.in_out,
                invoice: share.invoice.clone(),
                amount,
                back: sale.kind != SaleKind::Sale,
                method: method.clone(),
                completes: !open.is_positive(),
            });
            left = left.checked_sub(amount).unwrap_or(Yen::ZERO);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::bill::{Billed, Share};
    use crate::domain::sale::{Line, TaxClass};
    use crate::domain::tender::{CardClass, LinkKind};
    use crate::domain::text::Bilingual;

    fn cash(amount: i64) -> Tender {
        Tender::Cash {
            amount: Yen::new(amount),
            received: Yen::new(amount),
        }
    }

    fn card(amount: i64) -> Tender {
        let name = Bilingual {
            ja: "JCB".into(),
            en: "JCB".into(),
        };
        Tender::Card {
            card: "03".into(),
            name: name.clone(),
            card_class: CardClass(3),
            card_class_name: name,
            amount: Yen::new(amount),
            link: LinkKind::Linked,
        }
    }

    fn sale(kind: SaleKind, shares: &[(&str, i64)], tenders: Vec<Tender>) -> SaleDraft {
        let due = tenders.iter().map(|tender| tender.amount().get()).sum();
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
                code: None,
            }),
            lines: vec![Line {
                name: String::new(),
                unit: Yen::new(due),
                quantity: 1,
                tax: TaxClass::NonTaxable,
            }],
            tenders,
            operator: Operator {
                code: "01".into(),
                name: "x".into(),
            },
            terminal_code: "01".into(),
            practice: true,
        }
    }

    #[test]
    fn each_tender_is_told_of_each_invoice_it_reaches() {
        for (shares, tenders, expected) in [
            (vec![("1", 650)], vec![cash(650)], vec![("1", 650, true)]),
            // Goods beside the bill are not the receipt computer's business.
            (vec![("1", 650)], vec![cash(1_200)], vec![("1", 650, true)]),
            (
                vec![("1", 650), ("2", 1_000)],
                vec![cash(700), card(950)],
                vec![("1", 650, true), ("2", 50, true), ("2", 950, false)],
            ),
            (
                vec![("1", 650), ("2", 1_000)],
                vec![card(1_650)],
                vec![("1", 650, false), ("2", 1_000, false)],
            ),
            (vec![], vec![cash(650)], vec![]),
        ] {
            let found = postings(&sale(SaleKind::Sale, &shares, tenders));
            let told: Vec<_> = found
                .iter()
                .map(|posting| {
                    let by_cash = posting.method == Method::Cash;
                    (
                        posting.invoice.as_ref().map_or("", InvoiceNumber::as_str),
                        posting.amount.get(),
                        by_cash,
                    )
                })
                .collect();
            assert_eq!(told, expected);
            let numbers: Vec<u16> = found.iter().map(|posting| posting.number).collect();
            assert_eq!(numbers, (1..).take(found.len()).collect::<Vec<u16>>());
        }
    }

    #[test]
    fn the_receipt_goes_with_the_last_payment_of_an_invoice() {
        for (shares, tenders, completes) in [
            (vec![("1", 650)], vec![cash(650)], vec![true]),
            (
                vec![("1", 650)],
                vec![cash(300), card(350)],
                vec![false, true],
            ),
            (
                vec![("1", 650), ("2", 1_000)],
                vec![cash(700), card(950)],
                vec![true, false, true],
            ),
            // 併用払い: the rest of the second invoice is paid by another part.
            (
                vec![("1", 650), ("2", 1_000)],
                vec![cash(700)],
                vec![true, false],
            ),
        ] {
            let found = postings(&sale(SaleKind::Sale, &shares, tenders));
            let found: Vec<bool> = found.iter().map(|posting| posting.completes).collect();
            assert_eq!(found, completes, "{shares:?}");
        }
    }

    #[test]
    fn what_goes_back_is_told_as_such() {
        let found = postings(&sale(SaleKind::Void, &[("1", 650)], vec![cash(650)]));
        assert!(found.iter().all(|posting| posting.back));
    }

    #[test]
    fn a_bill_of_nobody_known_is_told_to_nobody() {
        let mut unknown = sale(SaleKind::Sale, &[("1", 650)], vec![cash(650)]);
        if let Some(bill) = &mut unknown.bill {
            bill.patient = None;
        }
        assert_eq!(postings(&unknown), []);
    }
}
