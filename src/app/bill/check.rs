//! Before money is taken: is the bill in the basket still what the receipt computer says?

use super::screen::{self, BillScreen};
use super::{Trouble, ask, drop_bill, is_of};
use crate::app::action::Action;
use crate::app::input::REFLEX_MS;
use crate::app::keymap::Place;
use crate::app::message::{Effect, StoreRequest};
use crate::app::note::Note;
use crate::app::popup::Popup;
use crate::app::{Screen, State, checkout, input};
use crate::domain::bill::{Bill, Invoice};
use crate::domain::ledger::{AuditEvent, Entry};
use crate::domain::money::Yen;
use crate::locale::Text;
use crate::orca::answer::{Answer, Failure};
use crate::orca::call::Call;

/// A bill that was told longer ago than this is asked for again (ms).
const FRESH_MS: u64 = 30_000;

/// Asking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Not now.
    No,
    /// This question is out; F12 waits for its answer.
    Asking(u32),
    /// No answer came, and a person goes on without.
    Waived,
}

/// The bill is another one now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillChanged {
    /// What was unpaid of its invoices when it went into the basket.
    pub ours: Yen,
    /// What is unpaid of them now.
    pub theirs: Yen,
    /// True where one may not be paid as it stands now.
    pub caution: bool,
    /// The new bill.
    pub bill: Bill,
    /// When it was asked (ms).
    pub shown_ms: u64,
}

/// The receipt computer did not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillUnchecked {
    /// Why.
    pub trouble: Trouble,
    /// When it was asked (ms).
    pub shown_ms: u64,
}

/// True where F12 asks the receipt computer first. Parts that are paid, or the bill that a corrected one stands for, may be there already or not:
/// the posting looks for itself.
pub(crate) fn due(state: &State) -> bool {
    let Some(bill) = &state.basket.bill else {
        return false;
    };
    let now = state.now.mono_ms;
    let fresh = bill
        .told_ms
        .is_some_and(|told| now.saturating_sub(told) <= FRESH_MS);
    !fresh
        && bill.check != Check::Waived
        && bill.billed.patient.is_some()
        && bill
            .billed
            .shares
            .iter()
            .any(|share| share.invoice.is_some())
        && state.basket.parts.is_empty()
        && state.basket.replaces.is_none()
        && state.settings.reflects()
}

/// True while F12 waits for the receipt computer.
pub(crate) fn asking(state: &State) -> bool {
    let bill = state.basket.bill.as_ref();
    bill.is_some_and(|bill| matches!(bill.check, Check::Asking(_)))
}

/// Ask again: the answer pays.
pub(crate) fn begin(state: &mut State, out: &mut Vec<Effect>) {
    let patient = match &state.basket.bill {
        Some(bill) => bill.billed.patient.clone(),
        None => None,
    };
    let Some(patient) = patient else {
        return;
    };
    let call = Call::Bill {
        patient,
        date: None,
    };
    let question = ask(state, call, out);
    if let Some(bill) = &mut state.basket.bill {
        bill.check = Check::Asking(question);
    }
    state.say(Note::plain(Text::BillAskedAgain));
}

/// The checkout is left: its answer is not waited for any more.
pub(crate) fn leave(state: &mut State) {
    if let Some(bill) = &mut state.basket.bill
        && matches!(bill.check, Check::Asking(_))
    {
        bill.check = Check::No;
    }
}

/// An answer for the checkout. One to an older question says nothing.
pub(super) fn answered(
    state: &mut State,
    question: u32,
    result: &Result<Answer, Failure>,
    out: &mut Vec<Effect>,
) {
    let now = state.now.mono_ms;
    let Some(in_basket) = &mut state.basket.bill else {
        return;
    };
    if in_basket.check != Check::Asking(question) {
        return;
    }
    in_basket.check = Check::No;
    state.note = None;
    let of = in_basket.billed.patient.as_ref();
    let told = match result {
        Ok(Answer::Bill(told)) if of.is_some_and(|of| of.is_same(&told.patient.number)) => Ok(told),
        Ok(_) => Err(Trouble::Unreadable("Patient_ID".into())),
        Err(failure) => Err(Trouble::of(failure)),
    };
    let told = match told {
        Ok(told) => told,
        Err(trouble) => {
            out.push(Effect::Bell(2));
            state.popups.push(Popup::BillUnchecked(BillUnchecked {
                trouble,
                shown_ms: now,
            }));
            return;
        }
    };
    let Figures {
        ours,
        theirs,
        differs,
        caution,
    } = figures(in_basket, told);
    if differs || caution {
        out.push(Effect::Bell(2));
        state.popups.push(Popup::BillChanged(Box::new(BillChanged {
            ours,
            theirs,
            caution,
            bill: (**told).clone(),
            shown_ms: now,
        })));
        return;
    }
    in_basket.told_ms = Some(now);
    // Another hand, or another key, has gone elsewhere meanwhile: nothing is paid behind its back.
    if state.place() != Place::Checkout {
        return;
    }
    match input::refusal(state, Action::Pay) {
        Some(note) => state.say(note),
        None => checkout::act(state, Action::Pay, out),
    }
}

struct Figures {
    ours: Yen,
    theirs: Yen,
    /// One of the invoices has another amount now, whatever their sums are.
    differs: bool,
    caution: bool,
}

/// What was unpaid of the bill's invoices, and what is now. Where nobody remembers, enough is enough.
fn figures(in_basket: &super::InBasket, told: &Bill) -> Figures {
    let mut figures = Figures {
        ours: Yen::ZERO,
        theirs: Yen::ZERO,
        differs: false,
        caution: false,
    };
    let plus = |sum: Yen, amount: Yen| sum.checked_add(amount).unwrap_or(Yen::LIMIT);
    for (index, share) in in_basket.billed.shares.iter().enumerate() {
        let found = told
            .invoices
            .iter()
            .find(|one| is_of(share, one.in_out, &one.number));
        figures.caution |= found.is_some_and(|one| one.caution.is_some());
        let open = found.map_or(Yen::ZERO, Invoice::unpaid);
        let known = in_basket.unpaid.get(index).copied();
        figures.differs |= known.map_or(open < share.amount, |known| known != open);
        figures.ours = plus(figures.ours, known.unwrap_or(share.amount));
        figures.theirs = plus(figures.theirs, open);
    }
    figures
}

/// An answer to one of the two questions.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let shown_ms = match state.popups.last() {
        Some(Popup::BillChanged(changed)) => changed.shown_ms,
        Some(Popup::BillUnchecked(unchecked)) => unchecked.shown_ms,
        _ => return,
    };
    if state.now.mono_ms.saturating_sub(shown_ms) < REFLEX_MS {
        state.say(Note::warning(Text::TooSoon));
        return;
    }
    match (state.popups.pop(), action) {
        (Some(Popup::BillChanged(changed)), Action::TakeNewBill) => {
            drop_bill(state);
            let mut shown = BillScreen::new(changed.bill.patient.number.clone());
            shown.told(changed.bill, state.now);
            state.note = None;
            state.screen = Screen::Bill(Box::new(shown));
            screen::ask_paid(state, out);
        }
        (Some(Popup::BillUnchecked(unchecked)), Action::PayUnchecked) => {
            if let Some(bill) = &mut state.basket.bill {
                bill.check = Check::Waived;
            }
            out.push(Effect::Store(StoreRequest::Write {
                stamp: state.settings.stamp(state.now),
                entry: Entry::Audit {
                    event: AuditEvent::BillNotChecked,
                    detail: unchecked.trouble.word().to_owned(),
                },
            }));
            match input::refusal(state, Action::Pay) {
                Some(note) => state.say(note),
                None => checkout::act(state, Action::Pay, out),
            }
        }
        (popup, _) => state.popups.extend(popup),
    }
}
