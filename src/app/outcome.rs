//! How a sale ended: done (承認, or cash with change), or definitely not charged, with what can be done next.

use super::action::Action;
use super::checkout;
use super::message::{Effect, StoreRequest};
use super::note::Note;
use super::{
    Basket, Replaced, Screen, State, bill, charge, part_paid, printing, receipt, undo, unresolved,
    wizard,
};
use crate::domain::ledger::{CatId, Entry, NotCharged, SaleState};
use crate::domain::master::CardCompany;
use crate::domain::record::SaleRecord;
use crate::domain::sale::{SaleDraft, SaleKind};
use crate::domain::undo::Undoable;
use crate::locale::Text;
use crate::teeth::{self, Tooth};

/// A sale that is paid.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// The sale.
    pub record: SaleRecord,
    /// True where the outcome was found after a broken exchange, or stands here from before a restart.
    pub recovered: bool,
    /// 併用払い: the parts of the bill that were paid before this one.
    pub parts: Vec<SaleRecord>,
    /// Of a 取消 or 返品: the sale that was taken back, where it is at hand.
    pub original: Option<Box<SaleRecord>>,
    /// The first line of the receipt that is shown.
    pub scroll: usize,
}

/// A sale that is definitely not charged.
#[derive(Debug, Clone, PartialEq)]
pub struct NotChargedScreen {
    /// The attempt.
    pub record: SaleRecord,
    /// The card it was to be paid with, where the master still has it.
    pub card: Option<CardCompany>,
    /// Of a 取消 or 返品: the sale that was to be taken back, where it is at hand.
    pub original: Option<Box<SaleRecord>>,
    /// Of a 取消 or 返品: what bears on trying it again, once the books have said it. Much may have happened while this had no outcome.
    pub since: Option<Since>,
}

/// What became of a sale's terminal and number since it was sold, as the books know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    /// True where the terminal's 日計 was run: no 取消 any more.
    pub day_closed: bool,
    /// True where the terminal's slip number was given to another sale too: nothing goes back by it over the link.
    pub number_given_twice: bool,
}

impl Done {
    /// Show a paid sale. The bill is closed; the books note that it was seen.
    pub(crate) fn show(
        state: &mut State,
        record: SaleRecord,
        recovered: bool,
        out: &mut Vec<Effect>,
    ) {
        if part_paid::is_part(&record) {
            part_paid::settled(state, record, recovered, out);
        } else {
            Done::put(state, record, (recovered, Vec::new()), out);
        }
    }

    /// The screen itself, with the parts that were paid before.
    pub(crate) fn put(
        state: &mut State,
        record: SaleRecord,
        (recovered, parts): (bool, Vec<SaleRecord>),
        out: &mut Vec<Effect>,
    ) {
        count(state, &record);
        shown(state, &record, out);
        printing::settled(state, &record, out);
        out.push(Effect::Bell(1));
        let original = original_of(state, &record);
        state.basket = Basket::default();
        state.popups.clear();
        state.note = None;
        state.screen = Screen::Done(Done {
            record,
            recovered,
            parts,
            original,
            scroll: 0,
        });
    }
}

impl NotChargedScreen {
    /// Show an attempt that failed. The bill stands, so that it can be paid another way without typing it again.
    pub(crate) fn show(
        state: &mut State,
        record: SaleRecord,
        (card, original): (Option<CardCompany>, Option<Box<SaleRecord>>),
        out: &mut Vec<Effect>,
    ) {
        shown(state, &record, out);
        // What else is paid of the bill of a part is for the books to say, where the bill is not here.
        if record.sale.kind == SaleKind::Sale && !part_paid::is_part(&record) {
            if state.basket.lines.is_empty() {
                state.basket.lines.clone_from(&record.sale.lines);
                state.basket.bill = bill::of_record(&record.sale);
            }
            state.basket.order = Some(part_paid::order_of(&record));
            let replaced = |slip| Replaced {
                slip,
                given_back: None,
            };
            if state.basket.replaces.is_none() {
                state.basket.replaces = record.sale.replaces.map(replaced);
            }
        }
        state.popups.clear();
        state.note = None;
        // Backing out before anything was sent is no news: straight back to the checkout.
        if record.not_charged == Some(NotCharged::BackedOut) {
            state.note = Some(Note::plain(Text::BackedOutNote));
            match record.sale.original {
                Some(original) if record.sale.kind != SaleKind::Sale => {
                    state.open_register();
                    undo::ask(state, original, out);
                }
                _ => state.screen = Screen::Checkout(checkout::again(&record.sale, card)),
            }
            return;
        }
        out.push(Effect::Bell(2));
        if let (SaleKind::Void | SaleKind::Refund, Some(original)) =
            (record.sale.kind, record.sale.original)
        {
            out.push(Effect::Store(StoreRequest::Undoable(original)));
        }
        state.screen = Screen::NotCharged(NotChargedScreen {
            record,
            card,
            original,
            since: None,
        });
    }

    /// The books say what bears on the sale that was to be taken back.
    pub(crate) fn read(&mut self, sale: Option<&Undoable>) {
        if let Some(sale) = sale
            && Some(sale.original.slip) == self.record.sale.original
        {
            self.since = Some(Since {
                day_closed: sale.terminal_day_closed.is_some(),
                number_given_twice: sale.number_given_twice,
            });
        }
    }
}

/// A cash sale is durable.
pub(crate) fn sold(state: &mut State, record: SaleRecord, out: &mut Vec<Effect>) {
    state.trouble = None;
    Done::show(state, record, false, out);
}

/// The sale that a slip takes back, from the screen it was taken back on.
fn original_of(state: &State, record: &SaleRecord) -> Option<Box<SaleRecord>> {
    let original = match &state.screen {
        Screen::Charging(charge) => charge.original.clone(),
        Screen::Undo(undo) => undo.original().map(|original| Box::new(original.clone())),
        _ => None,
    };
    original.filter(|original| record.sale.original == Some(original.slip))
}

/// A settled sale is one more of the day.
pub(crate) fn count(state: &mut State, record: &SaleRecord) {
    if is_of_today(state, record) {
        state.today.sales += 1;
        let total = state.today.total.checked_add(record.total());
        state.today.total = total.unwrap_or(state.today.total);
    }
}

/// One that was booked first and is taken back is none of the day.
pub(crate) fn uncount(state: &mut State, record: &SaleRecord) {
    if is_of_today(state, record) {
        state.today.sales = state.today.sales.saturating_sub(1);
        let total = state.today.total.checked_sub(record.total());
        state.today.total = total.unwrap_or(state.today.total);
    }
}

fn is_of_today(state: &State, record: &SaleRecord) -> bool {
    record.sale.kind == SaleKind::Sale
        && record.stamp.business_date == state.settings.stamp(state.now).business_date
}

/// Note that an outcome stood on the screen.
pub(crate) fn shown(state: &State, record: &SaleRecord, out: &mut Vec<Effect>) {
    // Only what went over a link can be lost between the books and the screen.
    if record.sequence_number.is_some()
        && (!record.shown || teeth::bites(Tooth::ShownAgainAndAgain))
    {
        out.push(Effect::Store(StoreRequest::Write {
            stamp: state.settings.stamp(state.now),
            entry: Entry::Shown { slip: record.slip },
        }));
    }
}

/// An action of the screen of a paid sale.
pub(crate) fn act_done(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    match action {
        Action::NextCustomer => next(state, out),
        Action::Reissue => {
            if let Screen::Done(done) = &state.screen {
                let slip = done.record.slip;
                printing::wish(state, slip, out);
            }
        }
        Action::PageDown => scroll(state, 10),
        Action::PageUp => scroll(state, -10),
        _ => {}
    }
}

/// The same once more: a new attempt of the same order.
fn again(state: &State, screen: &NotChargedScreen) -> (SaleDraft, Option<Box<SaleRecord>>) {
    let record = &screen.record;
    let sale = match record.sale.kind {
        SaleKind::Sale => state.draft(record.sale.tenders.clone()),
        SaleKind::Void | SaleKind::Refund => SaleDraft {
            order: Some(part_paid::order_of(record)),
            operator: state.operator.clone(),
            ..record.sale.clone()
        },
    };
    (sale, screen.original.clone())
}

/// What follows a slip that is done: the rest of its bill, the next tender of what is taken back, the corrected bill; else the next customer.
pub(crate) fn follow(
    state: &mut State,
    record: &SaleRecord,
    original: Option<&SaleRecord>,
    out: &mut Vec<Effect>,
) {
    let settled = record.state == SaleState::Settled;
    if !(settled
        && (part_paid::go_on(state, record, out) || undo::go_on(state, record, original, out)))
    {
        unresolved::next(state, None, out);
    }
}

fn next(state: &mut State, out: &mut Vec<Effect>) {
    let (record, original) = match &state.screen {
        Screen::Done(done) => (done.record.clone(), done.original.clone()),
        _ => return,
    };
    follow(state, &record, original.as_deref(), out);
}

fn scroll(state: &mut State, by: isize) {
    if let Screen::Done(done) = &mut state.screen {
        done.scroll = done
            .scroll
            .saturating_add_signed(by)
            .min(receipt::scroll_max(&done.record));
    }
}

/// Why an action cannot be done on the screen of a failed attempt.
pub(crate) fn refusal(state: &State, screen: &NotChargedScreen, action: Action) -> Option<Note> {
    match action {
        Action::Retry | Action::OtherCard
            if part_paid::is_part(&screen.record) && !part_paid::is_here(state, &screen.record) =>
        {
            Some(Note::warning(Text::PartFromTheList))
        }
        // What was a 取消 when it was asked for is a 返品 today.
        Action::Retry | Action::UndoByHand if is_void_too_late(state, screen) => {
            Some(Note::warning(Text::UndoFromTheSale))
        }
        Action::Retry if screen.record.sale.kind != SaleKind::Sale => {
            // Until the books have said that the number names this sale alone, it may name another one.
            let names_it_alone = screen.since.is_some_and(|since| !since.number_given_twice);
            match (&screen.card, &screen.original) {
                _ if !names_it_alone => Some(Note::warning(Text::UndoFromTheSale)),
                (Some(card), Some(original)) => state
                    .settings
                    .cat_of(card)
                    .and_then(|cat| undo_refusal(state, cat, original)),
                _ => Some(Note::warning(Text::UndoFromTheSale)),
            }
        }
        Action::Retry => match &screen.card {
            Some(card) => charge::refusal(state, card),
            None => Some(Note::warning(Text::NoSuchCard)),
        },
        // A card that was refused is refused at the terminal too.
        Action::WorkByHand
            if screen.record.route.is_none()
                || screen
                    .record
                    .not_charged
                    .as_ref()
                    .is_none_or(NotCharged::is_decline) =>
        {
            Some(Note::warning(Text::WizardCardRefused))
        }
        Action::OtherCard if state.settings.cats.is_empty() => {
            Some(Note::warning(Text::LinkSwitchedOff))
        }
        _ => None,
    }
}

fn undo_refusal(state: &State, cat: CatId, original: &SaleRecord) -> Option<Note> {
    let took = original.terminal.terminal_id.as_deref();
    let stands = state.cats.get(&cat);
    if stands.is_some_and(|stands| stands.standing.identity.is_other(took)) {
        return Some(Note::warning(Text::UndoFromTheSale));
    }
    state.line_refusal(cat)
}

/// 取消 is of the same business day and before 日計: where either is over since it was tried, the rules are asked anew, from the sale. Until the
/// books have said that 日計 was not run, it may have been.
pub(crate) fn is_void_too_late(state: &State, screen: &NotChargedScreen) -> bool {
    let record = &screen.record;
    let (tried, now) = (record.stamp, state.settings.stamp(state.now));
    let cat = record.route.as_ref().map(|route| route.cat);
    let runs_at = cat
        .and_then(|cat| state.settings.cats.get(&cat))
        .and_then(|cat| cat.daily_log_at);
    let ran = runs_at.is_some_and(|at| crate::domain::undo::next(tried.at, at) <= now.at)
        || screen.since.is_none_or(|since| since.day_closed);
    record.sale.kind == SaleKind::Void && (tried.business_date != now.business_date || ran)
}

/// An action of the screen of a failed attempt.
pub(crate) fn act_not_charged(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    match action {
        Action::Retry => {
            if let Screen::NotCharged(screen) = &state.screen
                && let Some(card) = screen.card.clone()
            {
                let (sale, original) = again(state, screen);
                charge::begin(state, &card, sale, original, out);
            }
        }
        Action::OtherCard => checkout::open_cards(state),
        Action::UndoByHand => undo::by_hand_instead(state, out),
        Action::BackToUndo => {
            if let Screen::NotCharged(screen) = &state.screen
                && let Some(original) = screen.record.sale.original
            {
                undo::ask(state, original, out);
            }
        }
        Action::WorkByHand => wizard::from_not_charged(state, out),
        Action::PayCash => {
            if let Screen::NotCharged(screen) = &state.screen {
                let screen = screen.clone();
                part_paid::back(state, &screen, out);
            }
        }
        _ => {}
    }
}
