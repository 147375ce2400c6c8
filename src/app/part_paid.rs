//! 併用払い over several slips: a bill that is paid in part, part by part, each settled before the next begins; and what leaving it asks.
//!
//! What is paid stays paid whatever becomes of the rest. The books know the bill by its order, so that it can be set aside and taken up
//! again by anybody, after any restart.

use super::action::Action;
use super::checkout::{self, Checkout};
use super::message::{Effect, StoreRequest};
use super::note::{Note, Value};
use super::outcome::{self, Done, NotChargedScreen};
use super::popup::Popup;
use super::{Basket, Replaced, Screen, State, bill, printing, undo, unresolved};
use crate::domain::ledger::SaleState;
use crate::domain::money::Yen;
use crate::domain::record::SaleRecord;
use crate::domain::sale::SaleKind;
use crate::domain::slip::SlipNumber;
use crate::domain::task::{PartPaid, Task};
use crate::locale::Text;
use crate::teeth::{self, Tooth};

/// What parts add up to.
pub fn paid(parts: &[SaleRecord]) -> Yen {
    if teeth::bites(Tooth::PartsAreNotSummed) {
        return Yen::ZERO;
    }
    parts.iter().fold(Yen::ZERO, |sum, part| {
        sum.checked_add(part.total()).unwrap_or(Yen::LIMIT)
    })
}

/// The order a slip belongs to.
pub(crate) fn order_of(record: &SaleRecord) -> SlipNumber {
    record.sale.order.unwrap_or(record.slip)
}

/// True for a slip that pays a part of a bill.
pub(crate) fn is_part(record: &SaleRecord) -> bool {
    record.sale.part && record.sale.kind == SaleKind::Sale
}

/// True where the bill at the counter is the one this part belongs to.
pub(crate) fn is_here(state: &State, record: &SaleRecord) -> bool {
    state.basket.order == Some(order_of(record)) && state.basket.lines == record.sale.lines
}

/// A part is paid. The rest is asked for at once where the bill is still here; the last part closes it.
pub(crate) fn settled(
    state: &mut State,
    record: SaleRecord,
    recovered: bool,
    out: &mut Vec<Effect>,
) {
    if !is_here(state, &record) {
        // Found after a restart, or while another bill is rung up: what else is paid of its bill is in the books.
        Done::put(state, record, (recovered, Vec::new()), out);
        return;
    }
    let mut parts = std::mem::take(&mut state.basket.parts);
    let before = paid(&parts);
    let all = before.checked_add(record.total());
    if all.is_some_and(|all| all >= state.due()) {
        Done::put(state, record, (recovered, parts), out);
        return;
    }
    outcome::count(state, &record);
    outcome::shown(state, &record, out);
    printing::settled(state, &record, out);
    out.push(Effect::Bell(1));
    let amount = record.total();
    parts.push(record);
    state.basket.parts = parts;
    state.popups.clear();
    state.screen = Screen::Checkout(Checkout::new());
    let rest = state.outstanding();
    let note = Note::plain(Text::PartPaidNote)
        .with("paid", Value::Yen(amount))
        .with("rest", Value::Yen(rest));
    state.say(note);
}

/// True where leaving the bill leaves money half moved: a part is paid, or an older bill is taken back for it.
pub(crate) fn is_half_done(state: &State) -> bool {
    !state.basket.parts.is_empty() || state.basket.replaces.is_some()
}

/// F9 on a bill that is half done: leaving it is asked about.
pub(crate) fn ask(state: &mut State) {
    state.note = None;
    state.popups.push(Popup::HalfDone);
}

/// The answer.
pub(crate) fn answer(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    if action == Action::TakeBackParts && state.basket.parts.is_empty() {
        state.say(Note::plain(Text::NoPartYet));
        return;
    }
    state.popups.pop();
    let newest = state.basket.parts.last().map(|part| part.slip);
    match action {
        Action::SetAside => set_aside(state, out),
        Action::TakeBackParts => {
            if let Some(slip) = newest {
                state.basket = Basket::default();
                state.open_register();
                undo::ask(state, slip, out);
            }
        }
        _ => {}
    }
}

/// The bill leaves the counter and stands on the list of tasks. Where its parts are still being read it must: asked for without them, it
/// would be asked for whole.
pub(crate) fn set_aside(state: &mut State, out: &mut Vec<Effect>) {
    state.basket = Basket::default();
    unresolved::next(state, None, out);
    state.say(Note::warning(Text::PartSetAside));
}

/// Take a bill that is paid in part up again, from the list of tasks: its lines are known, its parts are read.
pub(crate) fn take_up(state: &mut State, task: &PartPaid, out: &mut Vec<Effect>) {
    if !state.basket.lines.is_empty() {
        state.say(Note::warning(Text::BillFirst));
        return;
    }
    state.basket = Basket {
        lines: task.lines.clone(),
        order: Some(task.order),
        bill: bill::of_task(task.bill.as_ref(), &task.lines),
        ..Basket::default()
    };
    state.note = None;
    state.popups.clear();
    state.screen = Screen::Checkout(Checkout {
        reading: task.parts.clone(),
        ..Checkout::new()
    });
    for slip in &task.parts {
        out.push(Effect::Store(StoreRequest::Find(*slip)));
    }
}

/// A part of the bill on the checkout was read. False where nobody waits for it.
pub(crate) fn read(state: &mut State, record: Option<&SaleRecord>) -> bool {
    let (Screen::Checkout(checkout), Some(record)) = (&mut state.screen, record) else {
        return false;
    };
    let Some(at) = checkout
        .reading
        .iter()
        .position(|slip| *slip == record.slip)
    else {
        return false;
    };
    checkout.reading.remove(at);
    // Our slip of a part may be out before the terminal's: nobody is asked for it again.
    let booked = record.state == SaleState::Booked && !teeth::bites(Tooth::BookedPartIsAskedAgain);
    if record.state == SaleState::Settled || booked {
        let slip = record.sale.replaces;
        state.basket.replaces = slip.map(|slip| Replaced {
            slip,
            given_back: None,
        });
        state.basket.parts.push(record.clone());
        state.basket.parts.sort_by_key(|part| part.slip);
    }
    true
}

/// The open task of this order, where the books know one.
fn task_of(state: &State, order: SlipNumber) -> Option<PartPaid> {
    state.tasks.list.iter().find_map(|task| match task {
        Task::PartPaid(part) if part.order == order => Some(part.clone()),
        _ => None,
    })
}

/// After a part was shown alone: the rest of its bill, where the books say that some is left. False where there is none.
pub(crate) fn go_on(state: &mut State, record: &SaleRecord, out: &mut Vec<Effect>) -> bool {
    if !is_part(record) || !state.basket.lines.is_empty() {
        return false;
    }
    let Some(mut task) = task_of(state, order_of(record)) else {
        return false;
    };
    // What the books said of it may be older than this part. Where it is not, this part was taken back since.
    if record.state == SaleState::Settled
        && !task.parts.contains(&record.slip)
        && !state.tasks.are_newest()
    {
        task.parts.push(record.slip);
        task.paid = task.paid.checked_add(record.total()).unwrap_or(Yen::LIMIT);
    }
    if task.paid >= task.due {
        return false;
    }
    take_up(state, &task, out);
    true
}

/// Back from a part that is not charged: to its bill, with what was typed, or to what the books know of it.
pub(crate) fn back(state: &mut State, screen: &NotChargedScreen, out: &mut Vec<Effect>) {
    let record = &screen.record;
    state.note = None;
    if is_here(state, record) || !is_part(record) {
        state.screen = Screen::Checkout(checkout::again(&record.sale, None));
        return;
    }
    if go_on(state, record, out) {
        return;
    }
    // The first slip of its bill: nothing can have been paid before it.
    if record.sale.order.is_none() && state.basket.lines.is_empty() {
        state.basket.lines.clone_from(&record.sale.lines);
        state.basket.bill = bill::of_record(&record.sale);
        state.basket.order = Some(record.slip);
        state.screen = Screen::Checkout(checkout::again(&record.sale, None));
        return;
    }
    out.push(Effect::Store(StoreRequest::Tasks));
    state.open_register();
    state.say(Note::warning(Text::PartSetAside));
}
