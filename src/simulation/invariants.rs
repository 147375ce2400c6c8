//! What must hold, by name. Each has a function of its own that says what is wrong; nothing here is taken from the console's own rules.

use std::fmt;

use chrono::{Duration, NaiveDateTime};

use super::ledger::{Ledger, Sale, Stand};
use super::port::Heard;
use super::truth::Truth;
use crate::cat::ResultCode;
use crate::cat::simulator::books::{BookEntry, BookKind, BookOutcome};
use crate::domain::ledger::{Entry, Evidence};
use crate::domain::money::Yen;
use crate::domain::sale::SaleKind;
use crate::domain::slip::SlipNumber;

macro_rules! invariants {
    ($($(#[$doc:meta])* $name:ident => $id:literal, $word:literal;)*) => {
        /// One thing that must hold.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Invariant {
            $($(#[$doc])* $name,)*
        }

        impl Invariant {
            /// Every invariant, in the order of the report.
            pub const ALL: &'static [Invariant] = &[$(Invariant::$name,)*];

            /// Its number.
            pub const fn id(self) -> &'static str {
                match self { $(Invariant::$name => $id,)* }
            }

            /// Its name in reports.
            pub const fn name(self) -> &'static str {
                match self { $(Invariant::$name => $word,)* }
            }
        }
    };
}

invariants! {
    /// Every charge of the terminal belongs to a sale of the books that is paid or open.
    NoLostCharge => "I1", "no-lost-charge";
    /// Open tasks are listed after a start and counted on every screen.
    TasksListed => "I1b", "tasks-listed";
    /// Every sale that an answer settled was charged, once, under its number, with its amount.
    NoPhantom => "I2", "no-phantom";
    /// Work by hand ends with evidence of its terminal side, and of nothing else.
    HandEvidence => "I2b", "hand-evidence";
    /// An order is charged at most once.
    NoDoubleCharge => "I3", "no-double-charge";
    /// The parts of a bill are never more than the bill, and a corrected bill is paid once, after the old one is back.
    BillOnce => "I3b", "bill-once";
    /// A number is sent once, and an order not again while an attempt of it is open.
    NoBlindResend => "I4", "no-blind-resend";
    /// Written before sent, written before acknowledged.
    WriteAhead => "I5", "write-ahead";
    /// The screen says charged or not charged only where the books do, and never the contrary of the terminal.
    HonestScreen => "I6", "honest-screen";
    /// What is booked is the answer to this question: this amount asked for, this slip of the terminal.
    RightAnswer => "I7", "right-answer";
    /// Entries follow each other as the ledger allows, and final states stay.
    LegalTransitions => "I8", "legal-transitions";
    /// Everything that was written is there, as it was written.
    AppendOnly => "I9", "append-only";
    /// What goes back was paid, once, and no more than that; a 取消 is in time.
    BoundedReversal => "I9b", "bounded-reversal";
    /// Lines, tenders, sales and the day add up.
    Sums => "I10", "sums";
    /// The close of a day equals its sales: at 日計, its count and what is reported of cards.
    CloseIdentity => "I11", "close-identity";
    /// A restart without news changes nothing.
    IdempotentRecovery => "I12", "idempotent-recovery";
    /// Once the faults stop, everything comes to an end.
    RecoveryEnds => "I13", "recovery-ends";
    /// What a crash leaves opens, holds together, and has every commit that returned.
    CrashAtomicity => "I14", "crash-atomicity";
    /// One amount at a time goes to a terminal.
    OneDriver => "I15", "one-driver";
    /// Practice asks for nothing but practice, under numbers of its own.
    PracticeIsolation => "I16", "practice-isolation";
    /// The chain over the entries holds, and every row beside them.
    TamperEvidence => "I17", "tamper-evidence";
    /// Order, waits and business days do not follow a clock that jumps.
    ClockIndependence => "I18", "clock-independence";
    /// Each entry names who was at the counter; what a rule does not say takes a second person, and credit is never cash.
    Authority => "I23", "authority";
    /// What the terminals took, less what they gave back, is what the books say went over cards.
    MoneyConserved => "I24", "money-conserved";
    /// Whatever is refused or unasked is said, and the console never dies by itself.
    NoSilentStop => "I25", "no-silent-stop";
}

/// How many invariants there are.
pub(super) const INVARIANTS: usize = Invariant::ALL.len();

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id(), self.name())
    }
}

/// Something that must hold and does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What.
    pub invariant: Invariant,
    /// How.
    pub what: String,
}

/// What a check says: nothing, or what is wrong.
pub(super) type Check = Result<(), String>;

/// I1, at the moment of a charge.
pub(super) fn no_lost_charge(ledger: &Ledger, charge: &BookEntry) -> Check {
    let number = charge.sequence_number.get();
    match ledger.by_number(number) {
        None => Err(format!(
            "the terminal charged {number}, which the books do not know"
        )),
        Some(sale) => match sale.stand {
            Stand::Sent | Stand::Unknown | Stand::Parked | Stand::Settled => Ok(()),
            _ => Err(format!(
                "the terminal charged {number}, and slip {} is {:?}",
                sale.slip, sale.stand
            )),
        },
    }
}

/// I1, at the moment of a release: nothing that is charged is let go.
pub(super) fn released_is_not_charged(truth: &Truth, number: u32) -> Check {
    match truth.charge(number) {
        Some(charge) => Err(format!(
            "{number} is released, and the terminal charged it under slip {}",
            charge.slip_number
        )),
        None => Ok(()),
    }
}

/// I1, at rest on a screen from which one goes on: what is open is on the list.
pub(super) fn open_sales_are_listed(ledger: &Ledger, listed: &[SlipNumber]) -> Check {
    match ledger.open().find(|sale| !listed.contains(&sale.slip)) {
        Some(sale) => Err(format!(
            "slip {} is {:?} and on no list",
            sale.slip, sale.stand
        )),
        None => Ok(()),
    }
}

/// I1 at the end: every charge is settled exactly once, with its amount.
pub(super) fn every_charge_is_settled(ledger: &Ledger, truth: &Truth) -> Check {
    for charge in truth.charges() {
        let number = charge.sequence_number.get();
        let settled = ledger
            .by_number(number)
            .is_some_and(|sale| sale.stand == Stand::Settled && sale.card == charge.amount);
        if !settled {
            return Err(format!("the charge of {number} is not settled at the end"));
        }
    }
    Ok(())
}

/// I2: settled by an answer means charged, with this amount.
pub(super) fn no_phantom(truth: &Truth, number: u32, kind: SaleKind, amount: Yen) -> Check {
    let mut charges = truth
        .charges()
        .filter(|charge| charge.sequence_number.get() == number);
    match (charges.next(), charges.next()) {
        (Some(charge), None) if charge.kind.word() != kind.word() => Err(format!(
            "{number} is settled as a {}, and was a {} at the terminal",
            kind.word(),
            charge.kind.word()
        )),
        (Some(charge), None) if charge.amount == amount => Ok(()),
        (Some(charge), None) => Err(format!(
            "{number} is settled with {amount:?}, and charged with {:?}",
            charge.amount
        )),
        (Some(_), Some(_)) => Err(format!("{number} is charged twice at the terminal")),
        (None, _) => Err(format!("{number} is settled, and was never charged")),
    }
}

/// I2 at the end: nothing is settled over the link that was not charged.
pub(super) fn every_settled_sale_was_charged(ledger: &Ledger, truth: &Truth) -> Check {
    ledger
        .sales()
        .filter(|sale| sale.stand == Stand::Settled)
        .filter_map(|sale| sale.number.map(|number| (number, sale.kind(), sale.card)))
        .try_for_each(|(number, kind, amount)| no_phantom(truth, number, kind, amount))
}

/// I3, at the moment of a charge: with what was paid of the order before and stands, it is no more than the bill.
pub(super) fn no_double_charge(ledger: &Ledger, truth: &Truth, slip: Option<SlipNumber>) -> Check {
    let Some(sale) = slip.and_then(|slip| ledger.by_slip(slip)) else {
        return Ok(());
    };
    let (bill, mut sum, _) = sale.sums().unwrap_or_default();
    let paid = ledger
        .sales()
        .filter(|other| other.order == sale.order && other.slip != sale.slip)
        .filter(|other| {
            let charged = other
                .number
                .is_some_and(|number| truth.charge(number).is_some());
            let worked = truth.done_for(other.slip).is_some();
            (charged || worked || other.stand.is_paid()) && ledger.stands(other)
        })
        .find(|other| {
            sum += other.paid();
            sum > bill
        });
    match paid {
        Some(other) => Err(format!(
            "slip {} is charged, and slip {} of the same order is paid",
            sale.slip, other.slip
        )),
        None => Ok(()),
    }
}

/// I4, at the moment a terminal is asked for money.
pub(super) fn no_blind_resend(ledger: &Ledger, times: u32, number: u32) -> Check {
    if times > 1 {
        return Err(format!("{number} was asked for {times} times"));
    }
    let Some(sale) = ledger.by_number(number) else {
        return Ok(());
    };
    let open = |other: &&Sale| {
        let by_hand = matches!(other.stand, Stand::ByHand | Stand::Booked);
        let open = matches!(other.stand, Stand::Sent | Stand::Unknown | Stand::Parked);
        // Our slip of a part may be out before the terminal's.
        let part = other.stand == Stand::Booked && other.is_part();
        (open || by_hand && !part) && other.order == sale.order && other.slip != sale.slip
    };
    match ledger.sales().find(open) {
        Some(other) => Err(format!(
            "{number} was sent while slip {} of the same order is {:?}",
            other.slip, other.stand
        )),
        None => Ok(()),
    }
}

/// I5: the sent mark is in the books before the amount is on its way, and when it arrives.
pub(super) fn written_before_sent(ledger: &Ledger, number: u32) -> Check {
    match ledger.by_number(number).map(|sale| sale.stand) {
        None => Err(format!("{number} is sent, and the books do not know it")),
        Some(Stand::Pending) => Err(format!("{number} is sent before its sent mark is durable")),
        Some(_) => Ok(()),
    }
}

/// I5: the outcome is in the books before the terminal has its acknowledgement. Where the books refused "unknown", the sent mark
/// says as much.
pub(super) fn written_before_acknowledged(ledger: &Ledger, number: u32) -> Check {
    match ledger.by_number(number) {
        Some(sale) if sale.stand == Stand::Sent && !sale.unknown_refused => Err(format!(
            "the result of {number} is acknowledged before the books have it"
        )),
        _ => Ok(()),
    }
}

/// I5: the session keeps a result un-acknowledged when it reports it.
pub(super) fn held_for_the_books(held: bool) -> Check {
    if held {
        Ok(())
    } else {
        Err("a result is acknowledged before the console has heard of it".to_owned())
    }
}

/// I6: what the screen says, the books say.
pub(super) fn honest_screen(ledger: &Ledger, slip: SlipNumber, charged: bool) -> Check {
    let stand = ledger.by_slip(slip).map(|sale| sale.stand);
    let honest = match stand {
        Some(Stand::Settled) => charged,
        Some(Stand::Declined | Stand::Cancelled) => !charged,
        _ => false,
    };
    if honest {
        return Ok(());
    }
    let said = if charged { "charged" } else { "not charged" };
    Err(format!(
        "the screen says {said} of slip {slip}, the books say {stand:?}"
    ))
}

/// I6, for ever: what stood on the screen as not charged is not charged later either.
pub(super) fn stays_not_charged(said: bool, number: u32) -> Check {
    if said {
        Err(format!(
            "{number} is charged after the screen said it was not"
        ))
    } else {
        Ok(())
    }
}

/// I7: what is asked for is what the books say, and its amount the sale's.
pub(super) fn asks_its_own_amount(
    ledger: &Ledger,
    number: u32,
    kind: BookKind,
    amount: Yen,
) -> Check {
    match ledger.by_number(number) {
        Some(sale) if sale.kind().word() != kind.word() => Err(format!(
            "{number} is asked for as a {}, the books say {}",
            kind.word(),
            sale.kind().word()
        )),
        Some(sale) if sale.card != amount => Err(format!(
            "{number} is asked for with {amount:?}, the sale says {:?}",
            sale.card
        )),
        _ => Ok(()),
    }
}

/// What a sale asked for, that an answer must fit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    pub(super) number: u32,
    pub(super) kind: SaleKind,
    pub(super) amount: Yen,
    pub(super) practice: bool,
    /// The PC's clock when the amount left, and when the answer was booked.
    pub(super) clock: (NaiveDateTime, NaiveDateTime),
}

/// No terminal's clock differs by more from the PC's.
const SKEW: Duration = Duration::minutes(15);

/// I7: what settles a sale was said of this number, this amount, this mode and this time, as far as the terminal says them, and carries
/// the slip of that very charge. What nobody asked for must say its number.
pub(super) fn right_answer<'a>(
    truth: &Truth,
    answers: impl Iterator<Item = &'a Heard>,
    asked: Question,
    entry: &Entry,
) -> Check {
    let Entry::Posted {
        evidence: Evidence::Answer | Evidence::Inquiry,
        terminal,
        ..
    } = entry
    else {
        return Ok(());
    };
    let Question {
        number,
        kind,
        amount,
        practice,
        clock: (sent, booked),
    } = asked;
    let fits = |heard: &Heard| {
        let answer = &heard.result;
        let latest = heard.at.max(booked) + SKEW;
        let in_time = |at: NaiveDateTime| (sent - SKEW..=latest).contains(&at);
        answer.facts == *terminal
            && answer.code == ResultCode::Approved
            && BookKind::from(answer.transaction).word() == kind.word()
            && answer
                .sequence_number
                .is_none_or(|said| said.get() == number)
            && answer.amount.is_none_or(|said| said == amount)
            && answer.training.is_none_or(|said| said == practice)
            && answer.facts.at.is_none_or(in_time)
            && (heard.asked || answer.sequence_number.is_some())
    };
    if !answers.into_iter().any(fits) {
        return Err(format!(
            "{number} is settled by an answer that is not its own"
        ));
    }
    let charge = truth.charge(number).map(|charge| &charge.slip_number);
    match (&terminal.slip_number, charge) {
        (Some(slip), Some(charge)) if slip != charge => Err(format!(
            "{number} is settled by the answer with slip {slip}, and charged under slip {charge}"
        )),
        _ => Ok(()),
    }
}

/// I7: a terminal's word settles a sale as not there only where it was said as often as the terminal must, by one that keeps its word.
pub(super) fn denied_often_enough(denied: bool, number: u32) -> Check {
    if denied {
        Ok(())
    } else {
        Err(format!(
            "{number} is released as not at the terminal, which has not proven it"
        ))
    }
}

/// I16: practice and money never meet.
pub(super) fn practice_isolation(practice: bool, training: bool, number: u32) -> Check {
    let own = if practice {
        number > PRACTICE_AFTER
    } else {
        number < PRACTICE_AFTER
    };
    if training == practice && own {
        Ok(())
    } else {
        Err(format!(
            "{number} is asked for with training {training} on a day with practice {practice}"
        ))
    }
}

/// Numbers above are of practice books.
const PRACTICE_AFTER: u32 = 900_000;

/// True where the terminal took money.
pub(super) fn is_charge(entry: &BookEntry) -> bool {
    entry.outcome == BookOutcome::Approved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_told_apart() {
        let ids: std::collections::BTreeSet<&str> = Invariant::ALL
            .iter()
            .map(|invariant| invariant.id())
            .collect();
        let names: std::collections::BTreeSet<&str> = Invariant::ALL
            .iter()
            .map(|invariant| invariant.name())
            .collect();
        assert_eq!((ids.len(), names.len()), (INVARIANTS, INVARIANTS));
    }
}
