//! What the books answer to work by hand: it has a slip, an entry is durable, or it was not taken.

use super::{Original, Page, Work};
use crate::app::message::{Effect, StoreRequest};
use crate::app::note::{Note, Value};
use crate::app::unknown::Unknown;
use crate::app::{
    Basket, Replaced, Screen, State, bill, link_pane, outcome, part_paid, printing, tasks,
    unresolved,
};
use crate::domain::by_hand::Step;
use crate::domain::ledger::{Entry, SaleState};
use crate::domain::record::SaleRecord;
use crate::domain::sale::SaleKind;
use crate::domain::slip::SlipNumber;
use crate::locale::Text;
use crate::teeth::{self, Tooth};

/// Work that was asked for is in the books. Its bill is on that slip now, and on no other desk.
pub(crate) fn begun(state: &mut State, record: SaleRecord, out: &mut Vec<Effect>) {
    state.trouble = None;
    tasks::ask(out);
    let now = state.now.mono_ms;
    let Screen::Wizard(wizard) = &mut state.screen else {
        return;
    };
    if record.sale.kind == SaleKind::Sale {
        state.basket = Basket::default();
    }
    // Our slip is out: it counts from now on.
    let counts = record.state == SaleState::Booked && !teeth::bites(Tooth::BookedIsNotCounted);
    let booked = counts.then(|| record.clone());
    wizard.work = Work::Begun(Box::new(record));
    wizard.writing = false;
    wizard.turn(now);
    state.note = None;
    if let Some(record) = booked {
        outcome::count(state, &record);
    }
}

/// The original was read. False where nobody here asked.
pub(crate) fn found(state: &mut State, record: Option<&SaleRecord>) -> bool {
    let Screen::Wizard(wizard) = &mut state.screen else {
        return false;
    };
    if wizard.original != Original::Asked {
        return false;
    }
    wizard.original = match record {
        Some(record) if Some(record.slip) == wizard.sale().original => {
            Original::Known(Box::new(record.clone()))
        }
        _ => Original::Missing,
    };
    true
}

/// True where the console wrote it by itself, and no key of this page waits for it.
fn is_by_the_way(entry: &Entry) -> bool {
    matches!(
        entry,
        Entry::Shown { .. }
            | Entry::Printed { .. }
            | Entry::Step {
                step: Step::BackOnLink,
                ..
            }
    )
}

/// An entry of the work on the screen is durable. False where it is of another slip.
pub(crate) fn written(state: &mut State, entry: &Entry, out: &mut Vec<Effect>) -> bool {
    let stamp = state.settings.stamp(state.now);
    let now = state.now.mono_ms;
    let Screen::Wizard(wizard) = &mut state.screen else {
        return false;
    };
    let Work::Begun(record) = &mut wizard.work else {
        return false;
    };
    let booked = record.state == SaleState::Booked;
    if entry.slip() != Some(record.slip) || record.apply(stamp, entry).is_err() {
        return false;
    }
    let record = record.clone();
    if !is_by_the_way(entry) {
        wizard.writing = false;
        wizard.question = None;
    }
    wizard.turn(now);
    let cat = wizard.cat();
    match entry {
        Entry::Step {
            step: Step::Paused, ..
        } => {
            let slip = record.slip;
            set_aside(state, slip, out);
            return true;
        }
        Entry::Step {
            step: Step::OffLink,
            ..
        } => link_pane::count_answers_from_now(state, cat),
        Entry::Step {
            step: Step::BackOnLink,
            ..
        } => {
            out.push(Effect::Bell(1));
            // It answered while two people explained why it would not.
            if wizard.stage() == Page::Done {
                wizard.question = None;
            }
        }
        Entry::Posted { .. } | Entry::Released { .. } => {
            link_pane::count_answers_from_now(state, cat);
            settled(state, &record, booked, out);
        }
        _ => {}
    }
    state.note = None;
    true
}

/// The terminal's side is in.
fn settled(state: &mut State, record: &SaleRecord, booked: bool, out: &mut Vec<Effect>) {
    let charged = record.state == SaleState::Settled;
    out.push(Effect::Bell(if charged { 1 } else { 2 }));
    match (charged, booked) {
        // One that was sent over the link has been counted as it left the list of those without an outcome.
        (true, false) if record.route.is_none() => outcome::count(state, record),
        (false, true) => outcome::uncount(state, record),
        _ => {}
    }
    // What was not charged stands on the desk again at once: set aside after this, it is paid from there, and does not come back a second time.
    if !charged && super::is_first_of_bill(record) && state.basket.lines.is_empty() {
        state.basket.lines.clone_from(&record.sale.lines);
        state.basket.bill = bill::of_record(&record.sale);
        state.basket.order = Some(part_paid::order_of(record));
        state.basket.replaces = record.sale.replaces.map(|slip| Replaced {
            slip,
            given_back: None,
        });
    }
    if charged && record.route.is_some() {
        outcome::shown(state, record, out);
        // Its bill is paid, and must not be asked for again. What is still due of one in parts is in the books.
        if state.basket.order == Some(part_paid::order_of(record))
            && !teeth::bites(Tooth::PaidBillStands)
        {
            state.basket = Basket::default();
        }
    }
    printing::settled(state, record, out);
}

fn set_aside(state: &mut State, slip: SlipNumber, out: &mut Vec<Effect>) {
    match state.open.iter().find(|open| open.slip == slip).cloned() {
        Some(record) => Unknown::show(state, record, out),
        None => unresolved::next(state, None, out),
    }
    state.say(Note::warning(Text::WizardPaused).with("slip", Value::Slip(slip)));
}

/// The books did not take or give something this page asked for: it stays as it is, with what is typed, and can be tried again.
pub(crate) fn store_failed(state: &mut State, request: &StoreRequest) -> bool {
    let Screen::Wizard(wizard) = &mut state.screen else {
        return false;
    };
    let slip = wizard.record().map(|record| record.slip);
    match request {
        StoreRequest::ByHand { .. } | StoreRequest::History(_) => wizard.writing = false,
        StoreRequest::Write { entry, .. } if entry.slip() == slip && slip.is_some() => {
            if !is_by_the_way(entry) {
                wizard.writing = false;
            }
        }
        StoreRequest::Find(_) if wizard.original == Original::Asked => {
            wizard.original = Original::Missing;
        }
        _ => return false,
    }
    true
}
