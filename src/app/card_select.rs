//! クレジット利用: exactly one card company, by arrows, by its digits, or by typing part of its name.

use super::action::Action;
use super::checkout::{self, Checkout};
use super::field::{Field, Kind};
use super::key::Key;
use super::message::Effect;
use super::note::Note;
use super::{Screen, State, by_hand, wizard};
use crate::domain::master::CardCompany;
use crate::locale::Text;

/// The card selection.
#[derive(Debug, Clone, PartialEq)]
pub struct CardSelect {
    /// Part of a name, or a code.
    pub find: Field,
    /// The row under the mark, among those that are shown.
    pub selected: usize,
    /// Cash that was counted before: the card pays what it leaves.
    pub counted: Field,
}

impl CardSelect {
    /// Nothing typed, the mark on a row.
    pub fn new(selected: usize) -> CardSelect {
        CardSelect {
            find: Field::new(Kind::Text, 20),
            selected,
            counted: Field::new(Kind::Amount, 12),
        }
    }

    /// The cards that what is typed leaves, in the order of the master.
    pub fn shown<'a>(&self, cards: &'a [CardCompany]) -> Vec<&'a CardCompany> {
        let typed = self.find.text().trim().to_lowercase();
        let by_code: Vec<&CardCompany> = cards
            .iter()
            .filter(|card| !typed.is_empty() && card.code == typed)
            .collect();
        // Digits pick by code; where no code is typed in full, they and letters look in the names and codes.
        if !by_code.is_empty() {
            return by_code;
        }
        cards
            .iter()
            .filter(|card| {
                typed.is_empty()
                    || card.code.starts_with(&typed)
                    || card.name.ja.to_lowercase().contains(&typed)
                    || card.name.en.to_lowercase().contains(&typed)
            })
            .collect()
    }
}

/// Text typed: look for it.
pub(crate) fn type_key(state: &mut State, key: Key) {
    if let Screen::CardSelect(select) = &mut state.screen
        && select.find.press(key)
    {
        select.selected = 0;
        state.note = select
            .shown(&state.settings.cards)
            .is_empty()
            .then(|| Note::warning(Text::NoSuchCard));
    }
}

/// Why an action cannot be done now.
pub(crate) fn refusal(state: &State, select: &CardSelect, action: Action) -> Option<Note> {
    match action {
        Action::PickCard => match select.shown(&state.settings.cards).get(select.selected) {
            Some(card) if state.goes_by_hand(card).is_some() => None,
            Some(card) => state.card_refusal(card),
            None => Some(Note::warning(Text::NoSuchCard)),
        },
        Action::MadeStandalone => match select.shown(&state.settings.cards).get(select.selected) {
            Some(card) => wizard::made_refusal(state, card, select.counted.clone()),
            None => Some(Note::warning(Text::NoSuchCard)),
        },
        _ => None,
    }
}

/// An action of this screen.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let Screen::CardSelect(select) = &mut state.screen else {
        return;
    };
    let shown = select.shown(&state.settings.cards);
    let last = shown.len().saturating_sub(1);
    match action {
        Action::Up => select.selected = select.selected.saturating_sub(1),
        Action::Down => select.selected = (select.selected + 1).min(last),
        Action::PageUp => select.selected = select.selected.saturating_sub(10),
        Action::PageDown => select.selected = (select.selected + 10).min(last),
        Action::PickCard => {
            if let Some(card) = shown.get(select.selected) {
                let card = (*card).clone();
                let counted = select.counted.clone();
                if let Some(reason) = state.goes_by_hand(&card) {
                    by_hand::open(state, card, reason);
                    return;
                }
                state.note = None;
                state.screen = Screen::Checkout(checkout::with_card(state, card, counted));
            }
        }
        Action::MadeStandalone => {
            if let Some(card) = shown.get(select.selected) {
                let card = (*card).clone();
                wizard::made_standalone(state, &card, out);
            }
        }
        Action::Back => {
            let cash = select.counted.clone();
            state.note = None;
            state.screen = Screen::Checkout(Checkout {
                cash,
                ..Checkout::new()
            });
        }
        _ => {}
    }
}
