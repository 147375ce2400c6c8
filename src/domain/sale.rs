//! A sale while it is rung up: lines, their tax, and the total.

use serde::{Deserialize, Serialize};

use super::bill::Billed;
use super::money::Yen;
use super::slip::TerminalSlipNumber;
use super::tender::Tender;

/// Whether consumption tax is inside the price. Insured care is non-taxable 非課税.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxClass {
    /// 非課税.
    NonTaxable,
    /// 課税: the standard rate is inside the amount (内税).
    Taxable,
    /// 軽減: the reduced rate is inside the amount, marked ※ on an invoice.
    Reduced,
}

impl TaxClass {
    /// Every one, in the order in which F7 goes round.
    pub const ALL: [TaxClass; 3] = [TaxClass::NonTaxable, TaxClass::Taxable, TaxClass::Reduced];

    /// The next one.
    pub const fn toggled(self) -> TaxClass {
        match self {
            TaxClass::NonTaxable => TaxClass::Taxable,
            TaxClass::Taxable => TaxClass::Reduced,
            TaxClass::Reduced => TaxClass::NonTaxable,
        }
    }
}

/// One line of a bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is for; empty for a hand-keyed amount 手打ち会計.
    pub name: String,
    /// The price of one, tax included.
    pub unit: Yen,
    /// How many, 1 to 999.
    pub quantity: u32,
    /// Whether tax is inside.
    pub tax: TaxClass,
}

impl Line {
    /// Price times quantity; `None` where it does not fit.
    pub fn amount(&self) -> Option<Yen> {
        self.unit.checked_times(self.quantity)
    }
}

/// What a sale does to the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SaleKind {
    /// 売上.
    Sale,
    /// 取消: takes back a slip of the same business day.
    Void,
    /// 返品: returns money for an older slip.
    Refund,
}

impl SaleKind {
    /// The word of the command line and of the books.
    pub const fn word(self) -> &'static str {
        match self {
            SaleKind::Sale => "sale",
            SaleKind::Void => "void",
            SaleKind::Refund => "refund",
        }
    }
}

/// The sum of lines; `None` where it does not fit.
pub fn total(lines: &[Line]) -> Option<Yen> {
    lines.iter().try_fold(Yen::ZERO, |sum, line| {
        line.amount().and_then(|amount| sum.checked_add(amount))
    })
}

/// Why a sale cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum SaleError {
    /// No line.
    #[error("the bill has no line")]
    NoLine,
    /// A total of zero, below it, or above what an amount field holds.
    #[error("the total is not an amount that can be charged")]
    BadTotal,
    /// The tenders do not add up to the total.
    #[error("the tenders do not add up to the total")]
    NotCovered,
    /// Less cash was handed over than the cash part.
    #[error("the cash handed over does not cover the cash part")]
    CashShort,
    /// More than one card, which the link does not carry.
    #[error("more than one card")]
    ManyCards,
}

/// Who is at the counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// 担当者コード.
    pub code: String,
    /// 担当者名.
    pub name: String,
}

/// How money came to be given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// The name of the rule that was applied.
    pub rule: String,
    /// Which lines of the original the lines are, counted from 1, one for one; empty where the whole is taken back, or an amount.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<u16>,
    /// The second person who allowed what the rule does not (other money, a day too late).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_by: Option<Operator>,
    /// 差額: the corrected bill. A new sale of these lines must follow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrected: Vec<Line>,
    /// What of the corrected bill goes to which invoice of the receipt computer, where the old one was such a bill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected_bill: Option<Box<Billed>>,
    /// Over the link: the terminal's slip that it is asked to take back. An answer that names another is not ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal_slip: Option<TerminalSlipNumber>,
}

/// Everything known of a sale before any money moves: what the ledger writes first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleDraft {
    /// What it does to the books.
    pub kind: SaleKind,
    /// The first slip of the same checkout, where an earlier attempt failed; at most one attempt of an order is charged.
    pub order: Option<super::slip::SlipNumber>,
    /// The slip that a 取消 or 返品 speaks of.
    pub original: Option<super::slip::SlipNumber>,
    /// Of a 取消 or 返品: how it came to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
    /// 併用払い by slips of their own: this one pays a part of the bill, and other slips of the same order pay the rest.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub part: bool,
    /// 差額: the slip whose corrected bill this sale is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<super::slip::SlipNumber>,
    /// Where the bill came from, where it was not rung up here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill: Option<super::bill::Billed>,
    /// The lines of the bill; of a part, those of the whole bill; of a 返品, what is given back.
    pub lines: Vec<Line>,
    /// What it is paid with.
    pub tenders: Vec<Tender>,
    /// Who rang it up.
    pub operator: Operator,
    /// 端末コード of this counter.
    pub terminal_code: String,
    /// Practice: nothing is charged, and it is booked apart.
    pub practice: bool,
}

impl SaleDraft {
    /// Over the link: the terminal's slip that it is asked to take back.
    pub fn terminal_slip(&self) -> Option<&TerminalSlipNumber> {
        self.undo.as_ref()?.terminal_slip.as_ref()
    }

    /// What the tenders pay, checked: the lines make an amount that can be charged, and the tenders cover it exactly, or a part of it where
    /// this is a part.
    pub fn checked_total(&self) -> Result<Yen, SaleError> {
        if self.lines.is_empty() {
            return Err(SaleError::NoLine);
        }
        let due = total(&self.lines)
            .filter(|sum| sum.is_positive() && *sum <= Yen::LIMIT)
            .ok_or(SaleError::BadTotal)?;
        let paid = self
            .tenders
            .iter()
            .try_fold(Yen::ZERO, |sum, tender| sum.checked_add(tender.amount()));
        let covered = if self.part {
            paid < Some(due)
        } else {
            paid == Some(due)
        };
        let paid = paid.filter(|_| covered && !self.tenders.is_empty());
        let Some(paid) = paid.filter(|_| self.tenders.iter().all(|t| t.amount().is_positive()))
        else {
            return Err(SaleError::NotCovered);
        };
        let cash_short =
            |t: &Tender| matches!(t, Tender::Cash { amount, received } if received < amount);
        if self.tenders.iter().any(cash_short) {
            return Err(SaleError::CashShort);
        }
        let cards = self
            .tenders
            .iter()
            .filter(|t| matches!(t, Tender::Card { .. }))
            .count();
        if cards > 1 {
            return Err(SaleError::ManyCards);
        }
        Ok(paid)
    }

    /// The card tender, where there is one.
    pub fn card(&self) -> Option<&Tender> {
        self.tenders
            .iter()
            .find(|t| matches!(t, Tender::Card { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(unit: i64, quantity: u32, tax: TaxClass) -> Line {
        Line {
            name: String::new(),
            unit: Yen::new(unit),
            quantity,
            tax,
        }
    }

    fn cash(amount: i64, received: i64) -> Tender {
        Tender::Cash {
            amount: Yen::new(amount),
            received: Yen::new(received),
        }
    }

    fn draft(lines: Vec<Line>, tenders: Vec<Tender>) -> SaleDraft {
        SaleDraft {
            kind: SaleKind::Sale,
            order: None,
            original: None,
            undo: None,
            part: false,
            bill: None,
            replaces: None,
            lines,
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
    fn a_draft_must_add_up_before_it_is_written() {
        let bill = || vec![line(1_230, 1, TaxClass::NonTaxable)];
        for (lines, tenders, outcome) in [
            (bill(), vec![cash(1_230, 2_000)], Ok(Yen::new(1_230))),
            (vec![], vec![cash(1, 1)], Err(SaleError::NoLine)),
            (bill(), vec![cash(1_229, 2_000)], Err(SaleError::NotCovered)),
            (bill(), vec![cash(1_230, 1_000)], Err(SaleError::CashShort)),
            (bill(), vec![], Err(SaleError::NotCovered)),
            (
                vec![line(i64::MAX, 2, TaxClass::Taxable)],
                vec![],
                Err(SaleError::BadTotal),
            ),
            (
                vec![line(99_999_999, 2, TaxClass::Taxable)],
                vec![cash(199_999_998, 199_999_998)],
                Err(SaleError::BadTotal),
            ),
        ] {
            assert_eq!(draft(lines, tenders).checked_total(), outcome);
        }
    }

    #[test]
    fn a_part_pays_less_than_the_bill() {
        let part = |tenders| SaleDraft {
            part: true,
            ..draft(vec![line(1_230, 1, TaxClass::NonTaxable)], tenders)
        };
        for (tenders, outcome) in [
            (vec![cash(1_000, 1_000)], Ok(Yen::new(1_000))),
            (vec![cash(1_230, 1_230)], Err(SaleError::NotCovered)),
            (vec![], Err(SaleError::NotCovered)),
        ] {
            assert_eq!(part(tenders).checked_total(), outcome);
        }
    }
}
