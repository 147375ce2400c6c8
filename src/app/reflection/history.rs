//! Whether a payment that was sent is there: an invoice's history, held against how it stood before.

use chrono::{DateTime, FixedOffset, Timelike};

use crate::domain::money::Yen;
use crate::domain::reflection::{Posting, Sending};
use crate::orca::answer::{HistoryRow, Standing};

/// What a history says of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// One new row is the payment.
    There,
    /// The invoice stands as it stood before: it is definitely not there.
    NotThere,
    /// Neither.
    Unclear {
        /// Rows before and now.
        rows: (u16, u16),
        /// Received before and now.
        received: (Yen, Yen),
    },
}

/// How many rows the history has.
pub(super) fn rows(told: &Standing) -> u16 {
    u16::try_from(told.history.len()).unwrap_or(u16::MAX)
}

/// A moment as the receipt computer keeps it, to the minute.
pub(super) fn minute(at: DateTime<FixedOffset>) -> DateTime<FixedOffset> {
    at.with_second(0)
        .and_then(|at| at.with_nanosecond(0))
        .unwrap_or(at)
}

/// Look for a payment that was sent. The session that sent it is over, so that nothing of it can come later.
pub(super) fn look(posting: &Posting, sending: &Sending, told: &Standing) -> Found {
    let now = rows(told);
    if now == sending.rows && told.invoice.received == sending.received {
        return Found::NotThere;
    }
    let new = told.history.iter().skip(usize::from(sending.rows));
    match new.filter(|row| is_it(posting, sending, row)).count() {
        1 => Found::There,
        _ => Found::Unclear {
            rows: (sending.rows, now),
            received: (sending.received, told.invoice.received),
        },
    }
}

fn is_it(posting: &Posting, sending: &Sending, row: &HistoryRow) -> bool {
    let amount = if posting.back {
        -posting.amount.get()
    } else {
        posting.amount.get()
    };
    let at = sending.at.naive_local();
    let minute = |time: chrono::NaiveTime| (time.hour(), time.minute());
    row.received.get() == amount
        && row.date == Some(at.date())
        && row.time.map(minute) == Some(minute(at.time()))
        && (sending.tender_code.is_none() || row.tender_code == sending.tender_code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::bill::{InOut, Invoice, InvoiceNumber, PatientNumber};
    use crate::domain::reflection::Method;

    fn row(time: &str, received: i64, code: &str) -> HistoryRow {
        let at = DateTime::parse_from_rfc3339(&format!("2026-11-21T{time}:00+09:00"));
        let at = at.expect("a moment").naive_local();
        HistoryRow {
            number: 1,
            date: Some(at.date()),
            time: Some(at.time()),
            received: Yen::new(received),
            tender_code: Some(code.to_owned()),
            state: Some(2),
        }
    }

    fn told(received: i64, history: Vec<HistoryRow>) -> Standing {
        Standing {
            invoice: Invoice {
                number: InvoiceNumber::parse("1426").expect("a number"),
                group: None,
                in_out: InOut::Out,
                performed: None,
                department: String::new(),
                rate_percent: None,
                charged: Yen::new(1_650),
                received: Yen::new(received),
                lines: vec![],
                caution: None,
            },
            history,
        }
    }

    fn posting(back: bool) -> Posting {
        Posting {
            number: 1,
            patient: PatientNumber::parse("12").expect("a number"),
            in_out: InOut::Out,
            invoice: InvoiceNumber::parse("1426").ok(),
            amount: Yen::new(650),
            back,
            method: Method::Cash,
            completes: true,
        }
    }

    #[test]
    fn a_history_says_there_or_not_there_or_nothing() {
        // One row of 1,000 yen stood there; 650 yen in cash were sent at 14:32.
        let before = || row("09:00", 1_000, "01");
        let told_back = |received, history| (true, told(received, history));
        let told = |received, history| (false, told(received, history));
        for ((back, told), found) in [
            (told(1_000, vec![before()]), "not there"),
            (
                told(1_650, vec![before(), row("14:32", 650, "01")]),
                "there",
            ),
            // The money of somebody else beside it.
            (
                told(
                    1_650,
                    vec![before(), row("14:30", 10, "01"), row("14:32", 650, "01")],
                ),
                "there",
            ),
            // Each thing that makes the row another one.
            (
                told(1_650, vec![before(), row("14:33", 650, "01")]),
                "unclear",
            ),
            (
                told(1_640, vec![before(), row("14:32", 640, "01")]),
                "unclear",
            ),
            (
                told(1_650, vec![before(), row("14:32", 650, "02")]),
                "unclear",
            ),
            // Two of them: which is ours?
            (
                told(
                    2_300,
                    vec![before(), row("14:32", 650, "01"), row("14:32", 650, "01")],
                ),
                "unclear",
            ),
            // The invoice was computed anew: no row more, and another sum; or rows fewer than there were.
            (told(0, vec![before()]), "unclear"),
            (told(1_000, vec![]), "unclear"),
            (
                told(1_000, vec![before(), row("14:32", 0, "01")]),
                "unclear",
            ),
            (
                told_back(350, vec![before(), row("14:32", -650, "01")]),
                "there",
            ),
            (
                told_back(1_650, vec![before(), row("14:32", 650, "01")]),
                "unclear",
            ),
        ] {
            let at = DateTime::parse_from_rfc3339("2026-11-21T14:32:00+09:00").expect("a moment");
            let sending = Sending {
                at,
                rows: 1,
                received: Yen::new(1_000),
                tender_code: Some("01".to_owned()),
            };
            let seen = match look(&posting(back), &sending, &told) {
                Found::There => "there",
                Found::NotThere => "not there",
                Found::Unclear { .. } => "unclear",
            };
            assert_eq!(seen, found, "{told:?}");
        }
    }

    #[test]
    fn a_code_that_was_not_sent_is_not_looked_for() {
        let at = DateTime::parse_from_rfc3339("2026-11-21T14:32:00+09:00").expect("a moment");
        let sending = Sending {
            at,
            rows: 0,
            received: Yen::ZERO,
            tender_code: None,
        };
        let told = told(650, vec![row("14:32", 650, "03")]);
        assert_eq!(look(&posting(false), &sending, &told), Found::There);
    }
}
