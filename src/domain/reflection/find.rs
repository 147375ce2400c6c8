//! Which invoice a payment is of that was taken by its code alone: the only one that is unpaid of just that much. Never a guess.

use crate::domain::bill::{Bill, InOut, Invoice, InvoiceNumber};
use crate::domain::money::Yen;

use super::words;

/// Why no invoice is taken for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfound {
    /// The word for the books ([`words`]).
    pub word: &'static str,
    /// What is unpaid of the patient in all, as the receipt computer adds it up.
    pub unpaid: Yen,
}

/// The invoice that was paid, where there is no doubt: exactly one bill is unpaid of `taken`, and it is one invoice and of the same 入外.
///
/// Invoices of one visit that belong together are one bill. One that other money of ours is still to be told to (`spoken_for`) is left out. Where the
/// list does not add up to what the receipt computer says is unpaid in all, it is not the whole list, and nobody knows what else is in it.
///
/// # Errors
///
/// None, or more than one.
pub fn find(
    bill: &Bill,
    in_out: InOut,
    taken: Yen,
    spoken_for: &[(InOut, InvoiceNumber)],
) -> Result<InvoiceNumber, Unfound> {
    let unfound = |word| Unfound {
        word,
        unpaid: bill.unpaid,
    };
    let is_free = |one: &&Invoice| {
        !spoken_for
            .iter()
            .any(|(in_out, other)| one.in_out == *in_out && one.number.is_same(other))
    };
    let heads = bill.invoices.iter().filter(|one| {
        let first = bill.invoices.iter().find(|other| belong(one, other));
        first.is_some_and(|first| std::ptr::eq(first, *one))
    });
    let mut meant = heads.filter_map(|head| {
        let with: Vec<&Invoice> = bill
            .invoices
            .iter()
            .filter(|one| belong(head, one))
            .collect();
        let sum = unpaid(with.iter().copied());
        (sum == Some(taken) && with.iter().all(is_free)).then_some(with)
    });
    let Some(found) = meant.next() else {
        return Err(unfound(words::NO_INVOICE));
    };
    let whole = unpaid(&bill.invoices) == Some(bill.unpaid);
    match found[..] {
        [only] if meant.next().is_none() && whole => match only.in_out == in_out {
            true => Ok(only.number.clone()),
            false => Err(unfound(words::NO_INVOICE)),
        },
        _ => Err(unfound(words::SEVERAL_INVOICES)),
    }
}

/// True where both are paid together.
fn belong(one: &Invoice, other: &Invoice) -> bool {
    let head = |one: &Invoice| one.group.clone().unwrap_or_else(|| one.number.clone());
    one.in_out == other.in_out && head(one).is_same(&head(other))
}

fn unpaid<'a>(of: impl IntoIterator<Item = &'a Invoice>) -> Option<Yen> {
    of.into_iter()
        .try_fold(Yen::ZERO, |sum, one| sum.checked_add(one.unpaid()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::bill::{Patient, PatientNumber};
    use chrono::DateTime;

    fn number(digits: &str) -> InvoiceNumber {
        InvoiceNumber::parse(digits).expect("a number")
    }

    /// `number[g head][i] charged received`.
    fn invoice(words: &str) -> Invoice {
        let fields: Vec<&str> = words.split(' ').collect();
        let [named, charged, received] = fields[..] else {
            panic!("{words}");
        };
        let inside = named.trim_end_matches('i');
        let (own, head) = inside.split_once('g').unwrap_or((inside, ""));
        Invoice {
            number: number(own),
            group: InvoiceNumber::parse(head).ok(),
            in_out: match named.ends_with('i') {
                true => InOut::In,
                false => InOut::Out,
            },
            performed: None,
            department: String::new(),
            rate_percent: None,
            charged: Yen::new(charged.parse().expect("yen")),
            received: Yen::new(received.parse().expect("yen")),
            lines: vec![],
            caution: None,
        }
    }

    /// The bill of a patient, of whom so much beside these is unpaid.
    fn bill(invoices: &[&str], beside: i64) -> Bill {
        let invoices: Vec<Invoice> = invoices.iter().map(|words| invoice(words)).collect();
        let sum: i64 = invoices.iter().map(|one| one.unpaid().get()).sum();
        Bill {
            patient: Patient {
                number: PatientNumber::parse("12").expect("a number"),
                name: String::new(),
                kana: String::new(),
                born: None,
            },
            invoices,
            unpaid: Yen::new(sum + beside),
            at: DateTime::parse_from_rfc3339("2026-11-21T14:32:00+09:00").expect("a moment"),
        }
    }

    #[test]
    fn an_invoice_is_found_where_one_alone_is_unpaid_of_what_was_taken() {
        const NONE: Result<&str, &str> = Err(words::NO_INVOICE);
        const SEVERAL: Result<&str, &str> = Err(words::SEVERAL_INVOICES);
        // 650 yen were taken for an outpatient.
        for (invoices, beside, spoken_for, found) in [
            (&["7 650 0"][..], 0, "", Ok("7")),
            (&["7 650 0", "8 1000 0"], 0, "", Ok("7")),
            // It is what is unpaid that counts.
            (&["7 1650 1000", "8 650 650"], 0, "", Ok("7")),
            (&[], 0, "", NONE),
            (&["7 640 0"], 0, "", NONE),
            (&["7 660 0"], 0, "", NONE),
            (&["7 650 650"], 0, "", NONE),
            // Nothing is put together, and nothing is taken apart.
            (&["7 300 0", "8 350 0"], 0, "", NONE),
            (&["7 650 0", "8 650 0"], 0, "", SEVERAL),
            (&["7 650 0", "8 650 0", "9 650 0"], 0, "", SEVERAL),
            // What other money of ours is for is not meant.
            (&["7 650 0", "8 650 0"], 0, "7", Ok("8")),
            (&["7 650 0"], 0, "0000007", NONE),
            // Invoices of one visit are one bill: one of them alone is not what was asked for.
            (&["7 650 0", "8g7 100 0"], 0, "", NONE),
            (&["7 550 0", "8g7 100 0"], 0, "", SEVERAL),
            (&["7 550 0", "8g7 100 0", "9 650 0"], 0, "", SEVERAL),
            (&["7 550 0", "8g7 100 100", "9 650 0"], 0, "", Ok("9")),
            // Of the other 入外, or perhaps of it.
            (&["7i 650 0"], 0, "", NONE),
            (&["7i 650 0", "8 650 0"], 0, "", SEVERAL),
            // A list that is cut.
            (&["7 650 0"], 100, "", SEVERAL),
            (&["7 640 0"], 100, "", NONE),
        ] {
            let told = bill(invoices, beside);
            let spoken_for: Vec<_> = InvoiceNumber::parse(spoken_for)
                .into_iter()
                .map(|one| (InOut::Out, one))
                .collect();
            let seen = find(&told, InOut::Out, Yen::new(650), &spoken_for);
            let seen = seen.as_ref().map(InvoiceNumber::as_str);
            assert_eq!(seen.map_err(|no| no.word), found, "{invoices:?}");
            if let Err(unfound) = find(&told, InOut::Out, Yen::new(650), &spoken_for) {
                assert_eq!(unfound.unpaid, told.unpaid);
            }
        }
    }
}
