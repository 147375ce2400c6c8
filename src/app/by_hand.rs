//! 端末での手動操作: why a card does not go over the link, and the model's own steps at the terminal. Nothing is booked here: the bill stands
//! as it is until the steps are begun.

use super::action::Action;
use super::card_select::CardSelect;
use super::field::Field;
use super::message::Effect;
use super::note::{Note, Value};
use super::{Screen, State, wizard};
pub use crate::cat::model::{Operation, Procedure, SlipItem};
use crate::domain::by_hand::Why;
use crate::domain::master::CardCompany;
use crate::domain::money::Yen;
use crate::locale::Text;

/// The steps for one card.
#[derive(Debug, Clone, PartialEq)]
pub struct ByHand {
    /// The card picked.
    pub card: CardCompany,
    /// Why it does not go over the link.
    pub reason: Note,
    /// The first line that is shown.
    pub scroll: usize,
    /// Where F9 goes back to.
    select: CardSelect,
}

impl ByHand {
    /// Cash that was counted before the card was picked.
    pub(crate) fn counted(&self) -> &Field {
        &self.select.counted
    }
}

impl State {
    /// Why a card is taken by hand at its terminal rather than over the link, where that is so.
    pub fn goes_by_hand(&self, card: &CardCompany) -> Option<Note> {
        let cat = self.settings.cat_of(card)?;
        let model = &self.settings.cats[&cat].model;
        let title = || Value::Name(model.title.clone());
        if !card.sales_link.is_on() {
            return None;
        }
        if model.layout.is_none() {
            return Some(Note::warning(Text::ModelNeedsLayout).with("model", title()));
        }
        // Work at the terminal by hand would hide what became of the sale that is looked for there.
        if self.open_at(cat).is_some() {
            return None;
        }
        if !model.takes(card.card_class) {
            let class = self.settings.classes.get(card.card_class);
            let name = class.map_or(&card.name, |class| &class.name).clone();
            return Some(
                Note::warning(Text::ClassNotTaken)
                    .with("class", Value::Name(name))
                    .with("model", title()),
            );
        }
        let limit = Yen::new(model.capabilities.amount_max);
        if self.outstanding() > limit {
            return Some(
                Note::warning(Text::AmountAboveLink)
                    .with("model", title())
                    .with("limit", Value::Yen(limit)),
            );
        }
        None
    }

    /// What is done at a card's terminal, in its order: off the link where it is on it, the operation, and back.
    pub fn steps_by_hand(&self, card: &CardCompany, operation: Operation) -> Vec<&Procedure> {
        let Some(cat) = self.settings.cat_of(card) else {
            return Vec::new();
        };
        let model = &self.settings.cats[&cat].model;
        let linked = model.layout.is_some();
        [
            linked.then_some(Operation::LeaveLink),
            Some(operation),
            linked.then_some(Operation::BackToLink),
        ]
        .into_iter()
        .flatten()
        .map(|operation| model.procedure(operation))
        .collect()
    }
}

/// Show the steps for a card.
pub(crate) fn open(state: &mut State, card: CardCompany, reason: Note) {
    let select = match &state.screen {
        Screen::CardSelect(select) => select.clone(),
        _ => CardSelect::new(0),
    };
    state.note = None;
    state.screen = Screen::ByHand(Box::new(ByHand {
        card,
        reason,
        scroll: 0,
        select,
    }));
}

/// Why an action cannot be done now.
pub(crate) fn refusal(state: &State, screen: &ByHand, action: Action) -> Option<Note> {
    match action {
        // A bill without an amount is no sale.
        Action::WorkByHand if !state.due().is_positive() => Some(Note::plain(Text::NoLineYet)),
        Action::WorkByHand => {
            let cat = state.settings.cat_of(&screen.card)?;
            state
                .open_at(cat)
                .map(|_| Note::warning(Text::TerminalHasUnresolved))
        }
        _ => None,
    }
}

/// An action of this screen.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let Screen::ByHand(screen) = &mut state.screen else {
        return;
    };
    match action {
        Action::Back => {
            let select = screen.select.clone();
            state.note = Some(Note::plain(Text::NothingBooked));
            state.screen = Screen::CardSelect(select);
        }
        Action::WorkByHand => {
            let card = screen.card.clone();
            wizard::from_card(state, &card, Why::NotCarried, out);
        }
        // No procedure has more lines than three of them with wrapped steps; the drawing stops at the last.
        Action::PageDown => screen.scroll = (screen.scroll + 5).min(60),
        Action::PageUp => screen.scroll = screen.scroll.saturating_sub(5),
        _ => {}
    }
}
