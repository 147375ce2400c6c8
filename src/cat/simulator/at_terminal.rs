//! The keys of the simulated terminal itself: what staff do there while it is off the link (単独運用), and how it goes off and comes back.

use std::fmt;

use super::books::{BookEntry, BookOutcome};
use super::plan::Booking;
use super::{Moment, Terminal, TerminalEvent};
use crate::cat::dialect::Reply;
use crate::cat::{Answer, Authorize, TerminalState, TerminalStatus, TransactionType};
use crate::domain::money::Yen;
use crate::domain::slip::TerminalSlipNumber;
use crate::domain::tender::CardClass;

/// What staff do at the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AtTerminal {
    /// POS連動解除.
    LeaveLink,
    /// POS連動開始.
    BackToLink,
    /// 売上 of so many yen.
    Sale(Yen),
    /// 取消 of a slip.
    Void(TerminalSlipNumber),
    /// 返品 of a slip; all that is left of it where no amount is given.
    Refund(TerminalSlipNumber, Option<Yen>),
}

/// Why the terminal did not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotDone {
    /// A linked transaction is running.
    #[error("a transaction is running; wait until it is done")]
    Busy,
    /// It is on the link, where only the counter begins transactions.
    #[error("it is on the link; take it off first")]
    OnTheLink,
    /// No approved sale of that slip is left to take back.
    #[error("there is no such sale, or nothing is left of it")]
    NoSuchSale,
    /// Not an amount it takes.
    #[error("not an amount that it takes")]
    BadAmount,
}

/// The text is none of the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("one of: off, on, sale YEN, void SLIP, refund SLIP [YEN]")]
pub struct NoSuchKey;

impl AtTerminal {
    /// `off`, `on`, `sale 3430`, `void 00871`, `refund 00871 500`.
    pub fn parse(text: &str) -> Result<AtTerminal, NoSuchKey> {
        let slip = |text: &str| TerminalSlipNumber::new(text).map_err(|_| NoSuchKey);
        let yen = |text: &str| Yen::parse(text, Yen::LIMIT).map_err(|_| NoSuchKey);
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            ["off"] => Ok(AtTerminal::LeaveLink),
            ["on"] => Ok(AtTerminal::BackToLink),
            ["sale", amount] => Ok(AtTerminal::Sale(yen(amount)?)),
            ["void", original] => Ok(AtTerminal::Void(slip(original)?)),
            ["refund", original] => Ok(AtTerminal::Refund(slip(original)?, None)),
            ["refund", original, amount] => {
                Ok(AtTerminal::Refund(slip(original)?, Some(yen(amount)?)))
            }
            _ => Err(NoSuchKey),
        }
    }
}

impl fmt::Display for AtTerminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AtTerminal::LeaveLink => f.write_str("off"),
            AtTerminal::BackToLink => f.write_str("on"),
            AtTerminal::Sale(amount) => write!(f, "sale {}", amount.get()),
            AtTerminal::Void(slip) => write!(f, "void {slip}"),
            AtTerminal::Refund(slip, None) => write!(f, "refund {slip}"),
            AtTerminal::Refund(slip, Some(amount)) => write!(f, "refund {slip} {}", amount.get()),
        }
    }
}

impl Terminal {
    /// True where it takes the counter's commands.
    pub fn is_on_link(&self) -> bool {
        !self.moods.off_link
    }

    /// Staff press the terminal's own keys. A transaction is approved, booked and printed at once; the entry is on its slip.
    pub fn press(&mut self, now: Moment, key: AtTerminal) -> Result<Option<BookEntry>, NotDone> {
        if self.work.is_some() {
            return Err(NotDone::Busy);
        }
        let (transaction, amount, original) = match key {
            AtTerminal::LeaveLink => {
                self.moods.off_link = true;
                if !self.says_it_is_off_link() {
                    self.moods.deaf_until_ms = Some(u64::MAX);
                }
                return Ok(None);
            }
            AtTerminal::BackToLink => {
                self.moods.off_link = false;
                self.moods.deaf_until_ms = None;
                return Ok(None);
            }
            _ if self.is_on_link() => return Err(NotDone::OnTheLink),
            AtTerminal::Sale(amount) => (TransactionType::Sales, amount, None),
            AtTerminal::Void(slip) => {
                let (sale, left) = self.books.standing_sale(&slip).ok_or(NotDone::NoSuchSale)?;
                if left != sale.amount {
                    return Err(NotDone::NoSuchSale);
                }
                (TransactionType::Void, left, Some(sale.clone()))
            }
            AtTerminal::Refund(slip, amount) => {
                let (sale, left) = self.books.standing_sale(&slip).ok_or(NotDone::NoSuchSale)?;
                let amount = amount.unwrap_or(left);
                if amount > left {
                    return Err(NotDone::BadAmount);
                }
                (TransactionType::Refund, amount, Some(sale.clone()))
            }
        };
        if !amount.is_positive() || amount.get() > self.capabilities.amount_max {
            return Err(NotDone::BadAmount);
        }
        let card_class = original
            .as_ref()
            .map_or(CardClass::CREDIT, |sale| sale.card_class);
        let ask = Authorize {
            transaction,
            // Nobody at the counter gave it one.
            sequence_number: self.spare_number(),
            amount,
            tax_others: Yen::ZERO,
            card_class,
            device_id: None,
            training: original.as_ref().is_some_and(|sale| sale.training),
            original_slip: original.map(|sale| sale.slip_number),
        };
        let booking = Booking::of(BookOutcome::Approved);
        let entry = self.entry(now, &ask, None, &booking);
        self.books.insert(entry.clone());
        self.events
            .push_back(TerminalEvent::Record(Box::new(entry.clone())));
        Ok(Some(entry))
    }

    /// Off the link some terminals say so, the others say nothing at all.
    fn says_it_is_off_link(&self) -> bool {
        let status = Answer::Status(TerminalStatus {
            state: TerminalState::Standalone,
            ..self.status()
        });
        self.layout.encode_reply(&Reply::Answer(status)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::super::TerminalSettings;
    use super::super::books::{BookKind, Books};
    use super::super::script::Script;
    use super::*;
    use crate::cat::dialect::layout::Layout;
    use crate::cat::model::shipped;
    use crate::domain::slip::JournalId;

    fn terminal() -> Terminal {
        let models = shipped().expect("a test reads them");
        Terminal::new(
            &models["open-cat"],
            Layout::open_cat(),
            Books::new(JournalId::new("J1").expect("a name")),
            Script::approving(),
            TerminalSettings::default(),
        )
    }

    fn press(terminal: &mut Terminal, key: &str) -> Result<Option<BookEntry>, NotDone> {
        let now = Moment {
            mono_ms: 0,
            wall: "2026-11-21T10:00:00+09:00".parse().expect("a time"),
        };
        terminal.press(now, AtTerminal::parse(key).expect("a key"))
    }

    #[test]
    fn what_its_keys_do_off_the_link() {
        let mut terminal = terminal();
        assert_eq!(press(&mut terminal, "sale 500"), Err(NotDone::OnTheLink));
        assert_eq!(press(&mut terminal, "off"), Ok(None));
        let sale = press(&mut terminal, "sale 3430")
            .expect("done")
            .expect("a slip");
        let slip = sale.slip_number.clone();
        for (key, outcome) in [
            (format!("refund {slip} 3431"), Err(NotDone::BadAmount)),
            (format!("refund {slip} 430"), Ok((BookKind::Refund, 430))),
            (format!("void {slip}"), Err(NotDone::NoSuchSale)),
            (format!("refund {slip}"), Ok((BookKind::Refund, 3_000))),
            (format!("refund {slip}"), Err(NotDone::NoSuchSale)),
            ("void 09999".to_owned(), Err(NotDone::NoSuchSale)),
        ] {
            let done = press(&mut terminal, &key)
                .map(|entry| entry.map(|entry| (entry.kind, entry.amount.get())));
            assert_eq!(done, outcome.map(Some), "{key}");
        }
        assert_eq!(press(&mut terminal, "on"), Ok(None));
        assert!(terminal.is_on_link());
    }

    #[test]
    fn a_key_reads_back_as_it_is_written() {
        for text in [
            "off",
            "on",
            "sale 3430",
            "void 00871",
            "refund 00871",
            "refund 00871 500",
        ] {
            let key = AtTerminal::parse(text).expect("a key");
            assert_eq!(key.to_string(), text);
        }
        for text in [
            "",
            "sale",
            "sale -5",
            "void",
            "open",
            "refund 1 2 3",
            "sale 0",
        ] {
            assert_eq!(AtTerminal::parse(text), Err(NoSuchKey), "{text}");
        }
    }
}
