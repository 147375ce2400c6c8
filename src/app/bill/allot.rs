//! Money put to invoices: oldest first, and within one invoice to its lines in their order.

use chrono::{Datelike, NaiveDate};

use crate::domain::bill::{Invoice, Share};
use crate::domain::money::Yen;
use crate::domain::ring_up::NAME_MAX;
use crate::domain::sale::{Line, TaxClass, total};
use crate::domain::text::strip_unsafe;

/// What an invoice's lines are called where the receipt computer gave none.
const UNNAMED: &str = "診療費";

/// What goes to each invoice, in their order, of an amount that is at most their sum.
pub(super) fn shares(invoices: &[&Invoice], amount: Yen) -> Vec<Share> {
    let mut left = amount;
    let mut shares = Vec::new();
    for invoice in invoices {
        let amount = left.min(invoice.unpaid());
        if amount.is_positive() {
            left = left.checked_sub(amount).unwrap_or(Yen::ZERO);
            shares.push(Share {
                found: None,
                in_out: invoice.in_out,
                invoice: Some(invoice.number.clone()),
                amount,
            });
        }
    }
    shares
}

/// The lines of an invoice that an amount pays: what was received before went to the first of them.
pub(super) fn lines(invoice: &Invoice, amount: Yen, today: NaiveDate) -> Vec<Line> {
    let sound = total(&invoice.lines) == Some(invoice.charged)
        && !invoice.received.get().is_negative()
        && invoice.lines.iter().all(|line| line.unit.is_positive());
    let mut found = Vec::new();
    if sound {
        let mut before = invoice.received.get();
        let mut left = amount.get();
        for line in &invoice.lines {
            let whole = line.amount().unwrap_or(Yen::ZERO).get();
            let gone = before.min(whole);
            let part = left.min(whole - gone);
            before -= gone;
            left -= part;
            if part == whole && whole > 0 {
                found.push(line.clone());
            } else if part > 0 {
                found.push(Line {
                    unit: Yen::new(part),
                    quantity: 1,
                    ..line.clone()
                });
            }
        }
    } else {
        found.push(Line {
            name: format!("{UNNAMED} {}", invoice.number),
            unit: amount,
            quantity: 1,
            tax: TaxClass::NonTaxable,
        });
    }
    // The day, where it is another one.
    let day = invoice.performed.filter(|day| *day != today);
    let day = day.map_or_else(String::new, |day| format!(" {}/{}", day.month(), day.day()));
    for line in &mut found {
        let name = strip_unsafe(&line.name);
        let room = NAME_MAX.saturating_sub(day.chars().count());
        let name: String = name.chars().take(room).collect();
        line.name = format!("{name}{day}");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::bill::{InOut, InvoiceNumber};

    fn invoice(charged: i64, received: i64, lines: &[(i64, TaxClass)]) -> Invoice {
        let lines = lines.iter().map(|(unit, tax)| Line {
            name: "x".into(),
            unit: Yen::new(*unit),
            quantity: 1,
            tax: *tax,
        });
        Invoice {
            number: InvoiceNumber::parse("0001426").expect("a number"),
            group: None,
            in_out: InOut::Out,
            performed: None,
            department: String::new(),
            rate_percent: None,
            charged: Yen::new(charged),
            received: Yen::new(received),
            lines: lines.collect(),
            caution: None,
        }
    }

    #[test]
    fn money_goes_to_the_lines_in_their_order_and_is_never_more_or_less() {
        use TaxClass::{NonTaxable, Taxable};
        let made = [(650, NonTaxable), (2_200, Taxable)];
        for (charged, received, parts, amount, expected) in [
            (
                2_850,
                0,
                &made[..],
                2_850,
                vec![(650, NonTaxable), (2_200, Taxable)],
            ),
            (
                2_850,
                0,
                &made,
                1_000,
                vec![(650, NonTaxable), (350, Taxable)],
            ),
            (2_850, 300, &made, 350, vec![(350, NonTaxable)]),
            (2_850, 1_000, &made, 1_850, vec![(1_850, Taxable)]),
            // The receipt computer gave no lines, or lines that are not its charge.
            (2_850, 0, &[], 2_850, vec![(2_850, NonTaxable)]),
            (2_840, 0, &made, 2_840, vec![(2_840, NonTaxable)]),
        ] {
            let invoice = invoice(charged, received, parts);
            let today = NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day");
            let lines = lines(&invoice, Yen::new(amount), today);
            let found: Vec<_> = lines.iter().map(|l| (l.unit.get(), l.tax)).collect();
            assert_eq!(found, expected, "{charged} {received} {amount}");
            assert_eq!(total(&lines), Some(Yen::new(amount)));
        }
    }

    #[test]
    fn money_goes_to_the_oldest_invoice_first() {
        let (old, new) = (invoice(1_000, 400, &[]), invoice(650, 0, &[]));
        for (amount, expected) in [
            (1_250, vec![600, 650]),
            (700, vec![600, 100]),
            (600, vec![600]),
            (1, vec![1]),
        ] {
            let found = shares(&[&old, &new], Yen::new(amount));
            let found: Vec<i64> = found.iter().map(|share| share.amount.get()).collect();
            assert_eq!(found, expected);
        }
    }
}
