//! A bill that comes from outside: whose it is, the invoices of the receipt computer 日レセ it is made of, and what is unpaid of each.

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use super::money::Yen;
use super::sale::{Line, Operator};
use super::slip::SlipNumber;
use super::text::fold_width;

/// 患者番号, as the receipt computer writes it: digits, 1 to 20, leading zeros kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PatientNumber(String);

/// 伝票番号 of the receipt computer: digits, 1 to 7, leading zeros kept. Not ours, and not a terminal's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InvoiceNumber(String);

/// A text that is no number of that sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number of 1 to {digits_max} digits")]
pub struct NotANumber {
    /// The longest there is.
    pub digits_max: usize,
}

fn digits(text: &str, digits_max: usize) -> Result<String, NotANumber> {
    let folded = fold_width(text);
    let digits = folded.trim();
    let sound = (1..=digits_max).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    sound
        .then(|| digits.to_owned())
        .ok_or(NotANumber { digits_max })
}

macro_rules! outside_number {
    ($name:ident, $digits_max:literal) => {
        impl $name {
            /// The most digits it has.
            pub const DIGITS_MAX: usize = $digits_max;

            /// Read one; full-width digits and spaces around it do no harm.
            ///
            /// # Errors
            ///
            /// Empty, too long, or not digits alone.
            pub fn parse(text: &str) -> Result<$name, NotANumber> {
                digits(text, Self::DIGITS_MAX).map($name)
            }

            /// Its digits, as they came.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// True where both mean the same, whatever zeros stand in front.
            pub fn is_same(&self, other: &$name) -> bool {
                let bare = |number: &str| number.trim_start_matches('0').to_owned();
                bare(&self.0) == bare(&other.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotANumber;
            fn try_from(text: String) -> Result<$name, NotANumber> {
                $name::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(number: $name) -> String {
                number.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

outside_number!(PatientNumber, 20);
outside_number!(InvoiceNumber, 7);

/// 入外区分.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InOut {
    /// 入院外: outpatient.
    Out,
    /// 入院: inpatient.
    In,
}

/// Who is to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patient {
    /// 患者番号.
    pub number: PatientNumber,
    /// 氏名; empty where the source has none.
    pub name: String,
    /// カナ氏名.
    pub kana: String,
    /// 生年月日: tells two people of one name apart.
    pub born: Option<NaiveDate>,
}

/// One invoice of the receipt computer. It is the receipt computer that computes; nothing of it is ever computed anew here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// 伝票番号.
    pub number: InvoiceNumber,
    /// Invoices of one visit that belong together have one of these.
    pub group: Option<InvoiceNumber>,
    /// 入外区分.
    pub in_out: InOut,
    /// 診療日.
    pub performed: Option<NaiveDate>,
    /// 診療科.
    pub department: String,
    /// 負担割合, percent.
    pub rate_percent: Option<u8>,
    /// 今回請求額: what is asked for, with all before it (Ac_Money).
    pub charged: Yen,
    /// 入金額: what was paid of it (Ic_Money).
    pub received: Yen,
    /// What the charge is made of: the insurance part, and what the patient pays himself, taxable and not. They add up to `charged`, or are empty where
    /// the source gave parts that do not.
    pub lines: Vec<Line>,
    /// Why it may not be paid as it stands, where that is so.
    pub caution: Option<Caution>,
}

impl Invoice {
    /// What is still to be paid; below zero where too much was.
    pub fn unpaid(&self) -> Yen {
        self.charged
            .checked_sub(self.received)
            .unwrap_or(self.charged)
    }
}

/// What stands in the way of paying an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caution {
    /// 要再計算.
    Recalculate,
    /// 要一括再計算.
    RecalculateAll,
    /// 請求取消.
    Void,
}

/// What a patient owes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// Who.
    pub patient: Patient,
    /// The invoices asked for, and every other one that is unpaid: oldest first.
    pub invoices: Vec<Invoice>,
    /// What is unpaid (or overpaid) of all invoices of the patient, as the receipt computer adds it up.
    pub unpaid: Yen,
    /// When the receipt computer said so.
    pub at: DateTime<FixedOffset>,
}

/// What a slip of ours pays of one invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// 入外区分; 外来 where nothing says it.
    pub in_out: InOut,
    /// 伝票番号 of the receipt computer. None where the bill's code names none and nobody could be asked: it is looked for when the payment is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<InvoiceNumber>,
    /// Where none is named: the one that was found, and that the payment was sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<InvoiceNumber>,
    /// How much, always above zero; of a 取消 or 返品, how much goes back.
    pub amount: Yen,
}

/// Where the bill of a slip of ours came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Billed {
    /// Whose bill it is, where the source says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<PatientNumber>,
    /// 氏名, where the site keeps it in the books.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the slip pays of each invoice, in the order in which money is put to them. The rest of the slip is goods.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<Share>,
    /// The code that was scanned off the bill, where one was: a bill is paid once a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl Share {
    /// The invoice it goes to, as far as is known by now.
    pub fn known(&self) -> Option<&InvoiceNumber> {
        self.invoice.as_ref().or(self.found.as_ref())
    }

    /// True where both are of one invoice. A bill has one share at most that names none.
    pub fn is_of_the_same(&self, other: &Share) -> bool {
        match (&self.invoice, &other.invoice) {
            (Some(one), Some(other_one)) => self.in_out == other.in_out && one.is_same(other_one),
            (None, None) => true,
            _ => false,
        }
    }
}

impl Billed {
    /// The invoice that was found for the share that names none.
    pub fn found(&self) -> Option<&InvoiceNumber> {
        self.shares.iter().find_map(|share| share.found.as_ref())
    }

    /// It was found.
    pub fn find(&mut self, invoice: &InvoiceNumber) {
        let unnamed = self.shares.iter_mut();
        for share in unnamed.filter(|share| share.invoice.is_none()) {
            share.found = Some(invoice.clone());
        }
    }

    /// What is left of it once so much was paid: the first invoices are paid first.
    pub fn after(&self, paid: Yen) -> Billed {
        let mut before = paid;
        let left = self.shares.iter().filter_map(|share| {
            let gone = share.amount.min(before);
            before = before.checked_sub(gone)?;
            let amount = share.amount.checked_sub(gone)?;
            amount.is_positive().then(|| Share {
                amount,
                ..share.clone()
            })
        });
        Billed {
            shares: left.collect(),
            ..self.clone()
        }
    }

    /// What goes to invoices; `None` where it does not fit.
    pub fn total(&self) -> Option<Yen> {
        self.shares
            .iter()
            .try_fold(Yen::ZERO, |sum, share| sum.checked_add(share.amount))
    }
}

/// What a slip of ours paid, or may have paid, of a patient's bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidBill {
    /// Our slip.
    pub slip: SlipNumber,
    /// When it was rung up.
    pub at: DateTime<FixedOffset>,
    /// By whom.
    pub operator: Operator,
    /// Whose bill.
    pub patient: PatientNumber,
    /// What went to each invoice.
    pub shares: Vec<Share>,
    /// False while its outcome is not known.
    pub settled: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_from_outside_are_digits_and_keep_their_zeros() {
        for (text, number) in [
            ("00012", Some("00012")),
            (" 00012 ", Some("00012")),
            ("０００１２", Some("00012")),
            ("", None),
            ("12a", None),
            ("-1", None),
            ("123456789012345678901", None),
        ] {
            let parsed = PatientNumber::parse(text).ok();
            assert_eq!(
                parsed.as_ref().map(PatientNumber::as_str),
                number,
                "{text:?}"
            );
        }
        assert!(InvoiceNumber::parse("12345678").is_err());
    }

    #[test]
    fn what_was_paid_is_taken_off_the_first_invoices() {
        let share = |(invoice, amount): &(&str, i64)| Share {
            found: None,
            in_out: InOut::Out,
            invoice: Some(InvoiceNumber::parse(invoice).expect("a number")),
            amount: Yen::new(*amount),
        };
        let bill = |shares: &[(&str, i64)]| Billed {
            patient: None,
            name: None,
            shares: shares.iter().map(share).collect(),
            code: None,
        };
        let whole = bill(&[("1", 650), ("2", 1_000)]);
        for (paid, left) in [
            (0, bill(&[("1", 650), ("2", 1_000)])),
            (400, bill(&[("1", 250), ("2", 1_000)])),
            (650, bill(&[("2", 1_000)])),
            (1_000, bill(&[("2", 650)])),
            // The rest was goods.
            (2_000, bill(&[])),
        ] {
            assert_eq!(whole.after(Yen::new(paid)), left, "{paid}");
        }
    }

    #[test]
    fn a_share_without_an_invoice_is_read_and_an_old_one_too() {
        for (json, invoice) in [
            (
                r#"{"in_out":"out","invoice":"0001426","amount":650}"#,
                Some("0001426"),
            ),
            (r#"{"in_out":"out","amount":650}"#, None),
        ] {
            let share: Share = serde_json::from_str(json).expect("a share");
            let read = share.invoice.as_ref().map(InvoiceNumber::as_str);
            assert_eq!(read, invoice);
            assert_eq!(serde_json::to_string(&share).expect("JSON"), json);
        }
    }

    #[test]
    fn zeros_in_front_make_no_other_patient() {
        let number = |text| PatientNumber::parse(text).expect("a number");
        assert!(number("00012").is_same(&number("12")));
        assert!(!number("00012").is_same(&number("120")));
    }
}
