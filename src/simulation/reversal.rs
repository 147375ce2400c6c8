//! What must hold of what goes back, of bills in parts, and of work at a terminal by hand. Written down a second time on purpose, as
//! everything in `invariants`.

use chrono::NaiveTime;

use super::invariants::Check;
use super::ledger::{Ledger, Sale, Stand};
use super::truth::Truth;
use crate::cat::simulator::books::{BookEntry, BookKind};
use crate::domain::ledger::{Entry, Evidence};
use crate::domain::sale::{Operator, SaleDraft, SaleKind};
use crate::domain::slip::SlipNumber;
use crate::domain::tender::{CardClass, LinkKind, Tender};

/// E-money that no terminal takes back in every case, and for which cash may stand in.
const CASH_STANDS_IN: [u8; 4] = [6, 9, 10, 11];
/// 電子マネー系: it may have been any of them.
const ANY_E_MONEY: u8 = 1;
/// E-money that knows no 取消.
const NEVER_VOIDED: [u8; 2] = [9, 11];

/// I9b, when a slip that takes back is opened: the sale is paid, no other undo of it is open, and no more goes back than came.
pub(super) fn bounded(ledger: &Ledger, undo: &Sale) -> Check {
    let slip = undo.slip;
    let Some(original) = original_of(ledger, undo) else {
        return Err(format!("slip {slip} takes back a sale that is not there"));
    };
    let of = original.slip;
    if original.kind() != SaleKind::Sale || original.stand != Stand::Settled {
        return Err(format!(
            "slip {slip} takes back slip {of}, which is {:?}",
            original.stand
        ));
    }
    let mut open = ledger.undone(of).filter(|other| other.slip != slip);
    if let Some(other) = open.find(|other| !other.stand.is_final()) {
        return Err(format!(
            "slip {slip} takes back slip {of}, as slip {} may, which is {:?}",
            other.slip, other.stand
        ));
    }
    let back: i64 = ledger.undone(of).map(Sale::paid).sum();
    if back > original.paid() {
        return Err(format!(
            "{back} yen go back of slip {of}, which paid {}",
            original.paid()
        ));
    }
    Ok(())
}

/// I9b: a 取消 is the whole of a money, of the same business day, before the terminal's 日計.
pub(super) fn void_in_time(ledger: &Ledger, undo: &Sale, runs_at: Option<NaiveTime>) -> Check {
    let (Some(original), Some(stamp)) = (original_of(ledger, undo), undo.stamp()) else {
        return Ok(());
    };
    if undo.kind() != SaleKind::Void {
        return Ok(());
    }
    let (slip, of) = (undo.slip, original.slip);
    let tenders = original.draft().map_or(&[][..], |draft| &draft.tenders);
    let whole = undo.paid() == original.paid()
        || tenders
            .iter()
            .any(|tender| tender.amount().get() == undo.paid());
    if !whole {
        return Err(format!("slip {slip} voids a part of slip {of}"));
    }
    let sold = original.stamp().map(|stamp| stamp.business_date);
    if sold != Some(stamp.business_date) {
        return Err(format!(
            "slip {slip} voids slip {of} on another business day"
        ));
    }
    if undo.link().is_none() {
        return Ok(());
    }
    if ledger.day_is_closed(original, runs_at, stamp.at.naive_local()) {
        return Err(format!(
            "slip {slip} voids slip {of} after the terminal's 日計"
        ));
    }
    let used = class_of(original);
    if used.is_some_and(|used| NEVER_VOIDED.contains(&used)) {
        return Err(format!("slip {slip} voids a card that knows no 取消"));
    }
    Ok(())
}

/// I23: money goes back as it came, or a second person allows it; credit never in cash.
pub(super) fn same_money(ledger: &Ledger, undo: &Sale) -> Check {
    let (Some(original), Some(draft)) = (original_of(ledger, undo), undo.draft()) else {
        return Ok(());
    };
    let slip = undo.slip;
    let second = draft
        .undo
        .as_ref()
        .and_then(|undo| undo.allowed_by.as_ref());
    if second.is_some_and(|second| second.code == draft.operator.code) {
        return Err(format!("slip {slip} is allowed by the one who rang it up"));
    }
    let cash: i64 = ledger.undone(original.slip).map(Sale::cash).sum();
    let card: i64 = ledger
        .undone(original.slip)
        .map(|undo| undo.paid() - undo.cash())
        .sum();
    let came = original.cash();
    if card > original.paid() - came {
        return Err(format!("slip {slip} gives more to a card than came by it"));
    }
    if undo.cash() == 0 || cash <= came {
        return Ok(());
    }
    if second.is_none() {
        return Err(format!(
            "slip {slip} gives in cash what came by card, and nobody allowed it"
        ));
    }
    match class_of(original) {
        Some(class) if CASH_STANDS_IN.contains(&class) || class == ANY_E_MONEY => Ok(()),
        class => Err(format!(
            "slip {slip} gives in cash what a card of class {class:?} paid"
        )),
    }
}

/// The class that was really used, or the one that was asked for.
fn class_of(sale: &Sale) -> Option<u8> {
    let used = sale.facts().and_then(|facts| facts.card_class);
    let asked = match sale.draft()?.card()? {
        Tender::Card { card_class, .. } => Some(*card_class),
        Tender::Cash { .. } => None,
    };
    used.or(asked).map(|CardClass(class)| class)
}

pub(super) fn original_of<'a>(ledger: &'a Ledger, undo: &Sale) -> Option<&'a Sale> {
    ledger.by_slip(undo.draft()?.original?)
}

/// I3b, when a slip is opened: with the parts that stand it is no more than the bill; a corrected bill is as it was written, and alone.
pub(super) fn bill_once(ledger: &Ledger, sale: &Sale) -> Check {
    let slip = sale.slip;
    if sale.is_part() {
        let paid: i64 = ledger
            .sales()
            .filter(|other| other.order == sale.order && other.is_part())
            .filter(|other| other.stand.may_stand() && ledger.stands(other))
            .map(Sale::paid)
            .sum();
        if paid > sale.bill() {
            return Err(format!(
                "with slip {slip} the parts pay {paid} of a bill of {}",
                sale.bill()
            ));
        }
    }
    let Some(replaced) = sale.draft().and_then(|draft| draft.replaces) else {
        return Ok(());
    };
    let lines = sale.draft().map_or(&[][..], |draft| &draft.lines);
    match ledger.by_slip(replaced) {
        Some(undo) if undo.stand == Stand::Settled && undo.corrected() == lines => {}
        _ => {
            return Err(format!(
                "slip {slip} is not the corrected bill of slip {replaced}"
            ));
        }
    }
    let other = ledger.sales().find(|other| {
        other.slip != slip
            && other.order != sale.order
            && other.stand.may_stand()
            && other.draft().and_then(|draft| draft.replaces) == Some(replaced)
    });
    match other {
        Some(other) => Err(format!(
            "slips {} and {slip} are both the corrected bill of slip {replaced}",
            other.slip
        )),
        None => Ok(()),
    }
}

/// I9b at a terminal: by all it ever did, no more of a sale went back than was paid, and it was this sale of the books that went back.
pub(super) fn bounded_at_terminal(
    truth: &Truth,
    ledger: &Ledger,
    (machine, undo): (usize, &BookEntry),
    slip: Option<SlipNumber>,
) -> Check {
    if undo.kind == BookKind::Sale {
        return Ok(());
    }
    let Some(named) = &undo.original_slip else {
        return Err(format!("slip {} takes back no slip", undo.slip_number));
    };
    let meant = slip
        .and_then(|slip| ledger.by_slip(slip))
        .and_then(|undo| original_of(ledger, undo));
    if let Some((sale, back)) = truth.taken_back(machine, named) {
        if back > sale.amount.get() {
            return Err(format!(
                "{back} yen went back at the terminal of its slip {named}, which took {}",
                sale.amount.get()
            ));
        }
        let number = meant.and_then(|meant| meant.number);
        let other = |number| number != sale.sequence_number.get();
        if sale.journal == undo.journal && number.is_some_and(other) {
            return Err(format!(
                "the terminal took back another sale that bears its slip number {named} too"
            ));
        }
    }
    let meant = meant
        .and_then(Sale::facts)
        .and_then(|facts| facts.slip_number.as_ref());
    match meant {
        Some(meant) if meant.is_same_number(named) => Ok(()),
        meant => Err(format!(
            "the terminal took back its slip {named}, and {meant:?} was meant"
        )),
    }
}

/// I2b: what ends work by hand is true. What was made at the terminal is not let go, and what is booked was made there, so.
pub(super) fn hand_evidence(truth: &Truth, sale: &Sale, entry: &Entry) -> Check {
    let slip = sale.slip;
    let made = match sale.number {
        Some(number) => truth.charge(number),
        None => truth.done_for(slip).map(|keyed| &keyed.entry),
    };
    match (entry, made) {
        (Entry::Released { .. }, Some(made)) => Err(format!(
            "slip {slip} is let go, and the terminal made it as its slip {}",
            made.slip_number
        )),
        (Entry::Posted { evidence, .. }, _) if !matches!(evidence, Evidence::Operator { .. }) => {
            Err(format!("slip {slip} ends with nothing typed off a slip"))
        }
        (Entry::Posted { terminal, .. }, Some(made)) => {
            let number = terminal.slip_number.as_ref();
            let same = number.is_some_and(|number| number.is_same_number(&made.slip_number));
            let fits = made.amount == sale.card && made.kind.word() == sale.kind().word();
            if same && fits {
                Ok(())
            } else {
                Err(format!(
                    "slip {slip} ends with the terminal's slip {number:?}, and is {} {} of {}",
                    made.kind.word(),
                    made.slip_number,
                    made.amount.get()
                ))
            }
        }
        (Entry::Posted { .. }, None) => Err(format!(
            "slip {slip} ends as made at the terminal, which made nothing"
        )),
        _ => Ok(()),
    }
}

/// I23: who says something is who is at the counter.
pub(super) fn says_who(said: Option<&Operator>, at_the_counter: &Operator) -> Check {
    match said {
        Some(said) if said != at_the_counter => Err(format!(
            "{} is written as the operator, and {} is at the counter",
            said.code, at_the_counter.code
        )),
        _ => Ok(()),
    }
}

/// I23: two people are two.
pub(super) fn two_are_two(entry: &Entry) -> Check {
    let (first, second) = match entry {
        Entry::Explained {
            operator, second, ..
        } => (operator, second),
        Entry::Posted { evidence, .. } | Entry::Released { evidence, .. } => match evidence {
            Evidence::TwoPeople {
                operator, second, ..
            } => (operator, second),
            _ => return Ok(()),
        },
        _ => return Ok(()),
    };
    if first.code == second.code {
        Err(format!("{} stands for two people", first.code))
    } else {
        Ok(())
    }
}

/// Who speaks in a draft that is asked for, or in an entry.
pub(super) fn speaker(entry: &Entry) -> Option<&Operator> {
    match entry {
        Entry::Parked { operator, .. }
        | Entry::Reissued { operator, .. }
        | Entry::Step { operator, .. }
        | Entry::Booked { operator, .. }
        | Entry::Explained { operator, .. }
        | Entry::TerminalDayClosed { operator, .. } => Some(operator),
        Entry::Posted { evidence, .. } | Entry::Released { evidence, .. } => evidence.operator(),
        _ => None,
    }
}

/// I16: what is written belongs to these books.
pub(super) fn of_these_books(practice: bool, draft: &SaleDraft) -> Check {
    if draft.practice == practice {
        Ok(())
    } else {
        Err(format!(
            "a slip with practice {} is written on a day with practice {practice}",
            draft.practice
        ))
    }
}

/// I24: what the terminals took, less what they gave back, is what the books say went over cards.
pub(super) fn money_conserved(ledger: &Ledger, truth: &Truth) -> Check {
    let of_card = |sale: &&Sale| {
        sale.stand == Stand::Settled
            && matches!(sale.link(), Some(LinkKind::Linked | LinkKind::Manual))
    };
    let booked: i64 = ledger
        .sales()
        .filter(of_card)
        .map(|sale| match sale.kind() {
            SaleKind::Sale => sale.card.get(),
            SaleKind::Void | SaleKind::Refund => -sale.card.get(),
        })
        .sum();
    let made = truth.net();
    if booked == made {
        return Ok(());
    }
    Err(format!(
        "the books say {booked} yen went over cards, the terminals {made}"
    ))
}

/// I2b at the end: everything that was made at a terminal's keys is in the books once, and all that the books say was made is there.
pub(super) fn every_key_is_booked(ledger: &Ledger, truth: &Truth) -> Check {
    for keyed in truth.keyed() {
        let booked = keyed
            .slip
            .and_then(|slip| ledger.by_slip(slip))
            .is_some_and(|sale| sale.stand == Stand::Settled && sale.card == keyed.entry.amount);
        if !booked {
            return Err(format!(
                "slip {} of the terminal was made by hand and is not booked",
                keyed.entry.slip_number
            ));
        }
    }
    let made = |sale: &&Sale| sale.link() == Some(LinkKind::Manual) && sale.stand == Stand::Settled;
    match ledger
        .sales()
        .filter(made)
        .find(|sale| truth.done_for(sale.slip).is_none())
    {
        Some(sale) => Err(format!(
            "slip {} is booked as made by hand, and nobody made it",
            sale.slip
        )),
        None => Ok(()),
    }
}
