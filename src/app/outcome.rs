//! How a sale ended: done (承認, or cash with change), or definitely not charged, with what can be done next.

use super::action::Action;
use super::checkout::{self, Checkout};
use super::message::{Effect, StoreRequest};
use super::note::Note;
use super::{Basket, Screen, State, charge, printing, receipt, unresolved, wizard};
use crate::domain::ledger::{Entry, NotCharged};
use crate::domain::master::CardCompany;
use crate::domain::record::SaleRecord;
use crate::domain::sale::SaleKind;
use crate::locale::Text;
use crate::teeth::{self, Tooth};

/// A sale that is paid.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// The sale.
    pub record: SaleRecord,
    /// True where the outcome was found after a broken exchange, or stands here from before a restart.
    pub recovered: bool,
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
}

impl Done {
    /// Show a paid sale. The bill is closed; the books note that it was seen.
    pub(crate) fn show(
        state: &mut State,
        record: SaleRecord,
        recovered: bool,
        out: &mut Vec<Effect>,
    ) {
        count(state, &record);
        shown(state, &record, out);
        printing::settled(state, &record, out);
        out.push(Effect::Bell(1));
        state.basket = Basket::default();
        state.popups.clear();
        state.note = None;
        state.screen = Screen::Done(Done {
            record,
            recovered,
            scroll: 0,
        });
    }
}

impl NotChargedScreen {
    /// Show an attempt that failed. The bill stands, so that it can be paid another way without typing it again.
    pub(crate) fn show(
        state: &mut State,
        record: SaleRecord,
        card: Option<CardCompany>,
        out: &mut Vec<Effect>,
    ) {
        shown(state, &record, out);
        if state.basket.lines.is_empty() {
            state.basket.lines.clone_from(&record.sale.lines);
        }
        state.basket.order = Some(record.sale.order.unwrap_or(record.slip));
        state.popups.clear();
        state.note = None;
        // Backing out before anything was sent is no news: straight back to the checkout.
        if record.not_charged == Some(NotCharged::BackedOut) {
            state.note = Some(Note::plain(Text::BackedOutNote));
            state.screen = Screen::Checkout(card.map_or_else(Checkout::new, checkout::with_card));
            return;
        }
        out.push(Effect::Bell(2));
        state.screen = Screen::NotCharged(NotChargedScreen { record, card });
    }
}

/// A cash sale is durable.
pub(crate) fn sold(state: &mut State, record: SaleRecord, out: &mut Vec<Effect>) {
    state.trouble = None;
    Done::show(state, record, false, out);
}

/// A settled sale is one more of the day.
pub(crate) fn count(state: &mut State, record: &SaleRecord) {
    let sale = record.sale.kind == SaleKind::Sale;
    if sale && record.stamp.business_date == state.settings.stamp(state.now).business_date {
        state.today.sales += 1;
        let total = state.today.total.checked_add(record.total());
        state.today.total = total.unwrap_or(state.today.total);
    }
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
        Action::NextCustomer => unresolved::next(state, None, out),
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

/// An action of the screen of a failed attempt.
pub(crate) fn act_not_charged(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    match action {
        Action::Retry => {
            if let Screen::NotCharged(screen) = &state.screen
                && let Some(card) = screen.card.clone()
            {
                charge::begin(state, &card, out);
            }
        }
        Action::OtherCard => checkout::open_cards(state),
        Action::WorkByHand => wizard::from_not_charged(state, out),
        Action::PayCash => {
            state.note = None;
            state.screen = Screen::Checkout(Checkout::new());
        }
        _ => {}
    }
}
