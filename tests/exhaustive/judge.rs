//! What the counter takes for certain, held against the terminal's books and against the same operation undisturbed.

use std::collections::BTreeMap;
use std::fmt;

use madoguchi::cat::recovery::Verdict;
use madoguchi::cat::simulator::TerminalEvent;
use madoguchi::cat::simulator::books::{BookEntry, BookKind, BookOutcome};
use madoguchi::cat::{Answer, LinkEvent};
use madoguchi::domain::ledger::TerminalFacts;
use madoguchi::domain::money::Yen;

use crate::counter::{AMOUNT, Blow, Counter, Kind, Operation, Outcome, Piece, Strike};

/// An operation without any blow: what passes, what is reported, and what comes of it.
pub(crate) struct Clean {
    pub(crate) operation: Operation,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) reported: Vec<LinkEvent>,
    pub(crate) outcome: Outcome,
    /// Transactions in the terminal's books before it.
    before: usize,
}

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    Charged,
    NotCharged,
    Unknown,
    Answered,
    Unanswered,
    /// A list that lacks lines: nothing in it tells how many there are, and what is not in it proves nothing.
    Shortened,
}

/// How many cases ended how.
#[derive(Debug, Default)]
pub(crate) struct Tally(BTreeMap<End, usize>);

impl Tally {
    pub(crate) fn add(&mut self, end: End) {
        *self.0.entry(end).or_default() += 1;
    }

    pub(crate) fn count(&self, end: End) -> usize {
        self.0.get(&end).copied().unwrap_or_default()
    }

    pub(crate) fn sum(&self) -> usize {
        self.0.values().sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.sum())?;
        for (end, count) in &self.0 {
            write!(f, ", {end:?} {count}")?;
        }
        Ok(())
    }
}

impl Clean {
    pub(crate) fn of(kind: &Kind, operation: Operation) -> Clean {
        let mut counter = Counter::new(kind, operation, None);
        let outcome = counter.play(operation);
        let own = usize::from(operation.moves_money() && operation != Operation::LastOfNone);
        Clean {
            operation,
            pieces: counter.pieces,
            reported: counter.reported,
            outcome,
            before: counter.booked.len() - own,
        }
    }

    /// Every operation that this kind of terminal carries.
    pub(crate) fn all(kind: &Kind) -> Vec<Clean> {
        Operation::ALL
            .into_iter()
            .filter(|operation| operation.is_carried_by(kind))
            .map(|operation| Clean::of(kind, operation))
            .collect()
    }

    /// Plays it again with a blow; how it ended, or in what it is untrue.
    pub(crate) fn struck(&self, kind: &Kind, strike: Strike) -> Result<End, String> {
        let forgets = matches!(strike.blow, Blow::Reboot { forgets: true });
        let told = format!(
            "{} {:?}, piece {} of {:02X?}: {:02X?}",
            kind.name, self.operation, strike.at, self.pieces[strike.at], strike.blow
        );
        let mut counter = Counter::new(kind, self.operation, Some(strike));
        let outcome = counter.play(self.operation);
        let own = &counter.booked[self.before..];
        let end = match &outcome {
            Outcome::Money(verdict) => self.judge(verdict, own),
            // What was forgotten is not told any more.
            Outcome::Told(Some(_)) if forgets => Ok(End::Answered),
            Outcome::Told(told) => self.judge_answer(told.as_ref()),
        };
        let end = end.and_then(|end| {
            let asked_twice =
                |event: &TerminalEvent| matches!(event, TerminalEvent::DuplicateRequest(_));
            let sent = counter.shown.iter();
            let sent = sent.filter(|event| matches!(event, TerminalEvent::Asked { .. }));
            if counter.shown.iter().any(asked_twice) || sent.count() > 1 {
                return Err("the amount was sent twice".to_owned());
            }
            Ok(end)
        });
        end.map_err(|untrue| format!("{told}\n    {untrue}: {outcome:?}\n    books {own:?}"))
    }

    fn judge(&self, verdict: &Verdict, own: &[BookEntry]) -> Result<End, String> {
        if own.len() > 1 {
            return Err("booked twice".to_owned());
        }
        let charged = own
            .iter()
            .find(|entry| entry.outcome == BookOutcome::Approved);
        match (verdict, charged) {
            (Verdict::Unknown { .. }, _) => Ok(End::Unknown),
            (Verdict::NotCharged { .. }, None) => Ok(End::NotCharged),
            (Verdict::NotCharged { .. }, Some(_)) => Err("a lost charge".to_owned()),
            (Verdict::Charged { .. }, None) => Err("a phantom charge".to_owned()),
            (Verdict::Charged { facts }, Some(entry)) => {
                if entry.amount != Yen::new(AMOUNT) {
                    return Err("another amount is charged".to_owned());
                }
                self.judge_facts(facts, entry)?;
                Ok(End::Charged)
            }
        }
    }

    /// Facts are those of the undisturbed operation, and their time is that of the books.
    fn judge_facts(&self, facts: &TerminalFacts, entry: &BookEntry) -> Result<(), String> {
        let Outcome::Money(Verdict::Charged { facts: clean }) = &self.outcome else {
            return Ok(());
        };
        let at = entry.time.naive_local();
        if facts.at.is_some_and(|told| (at - told).num_seconds() != 0) {
            return Err("another time than the books'".to_owned());
        }
        let mut told = facts.clone();
        told.at = clean.at;
        // A list says less of a sale or a void than its own answer does, but nothing else.
        if entry.kind == BookKind::Void {
            told.approval_code = told.approval_code.or(clean.approval_code.clone());
        }
        told.transaction_number = told.transaction_number.or(clean.transaction_number.clone());
        if told == *clean {
            Ok(())
        } else {
            Err(format!("other facts than those of the answer, {clean:?}"))
        }
    }

    fn judge_answer(&self, answer: Option<&Answer>) -> Result<End, String> {
        match (answer, &self.outcome) {
            (None, _) => Ok(End::Unanswered),
            (told, Outcome::Told(clean)) if told == clean.as_ref() => Ok(End::Answered),
            (
                Some(Answer::Transactions { records: told }),
                Outcome::Told(Some(Answer::Transactions { records: clean })),
            ) => {
                let mut rest = clean.iter();
                let shortened = told.iter().all(|line| rest.any(|other| other == line));
                let only_less = shortened.then_some(End::Shortened);
                only_less.ok_or_else(|| "a line that is not in the books".to_owned())
            }
            _ => Err("another answer".to_owned()),
        }
    }
}

/// Fails with the first untruths in full.
pub(crate) fn hold_true(walk: &str, tally: &Tally, untrue: &[String]) {
    println!("{walk}: {tally}; untrue {}", untrue.len());
    assert!(
        untrue.is_empty(),
        "{walk}: {} untrue\n{}",
        untrue.len(),
        untrue[..untrue.len().min(12)].join("\n")
    );
}
