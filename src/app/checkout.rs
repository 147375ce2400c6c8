//! チェックアウト: how the bill is paid. Cash with change, or exactly one linked card.

use super::action::Action;
use super::card_select::CardSelect;
use super::charge;
use super::field::{Field, Kind};
use super::key::Key;
use super::message::{Effect, StoreRequest};
use super::note::{Note, Value};
use super::register::amount_note;
use super::startup::trouble_note;
use super::{Screen, State, input, tasks};
use crate::domain::ledger::CatId;
use crate::domain::master::CardCompany;
use crate::domain::money::{AmountError, Yen};
use crate::domain::sale::{SaleDraft, SaleKind, total};
use crate::domain::tender::{LinkKind, Tender};
use crate::locale::Text;

/// The checkout.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkout {
    /// Cash handed over, as typed.
    pub cash: Field,
    /// 現金外支払: the card picked, which pays the whole bill.
    pub card: Option<CardCompany>,
    /// True while the books write a cash sale.
    pub writing: bool,
}

/// What has been entered, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payment {
    /// ご請求.
    pub due: Yen,
    /// Cash handed over.
    pub received: Yen,
    /// What the card pays.
    pub card: Yen,
    /// 残り: what is not covered yet.
    pub remaining: Yen,
    /// お釣り.
    pub change: Yen,
}

impl Checkout {
    /// Nothing entered.
    pub fn new() -> Checkout {
        Checkout {
            cash: Field::new(Kind::Amount, 12),
            card: None,
            writing: false,
        }
    }

    /// What has been entered, in numbers; an amount that cannot be read counts as none.
    pub fn payment(&self, due: Yen, limit: Yen) -> Payment {
        let received = Yen::parse(self.cash.text(), limit).unwrap_or(Yen::ZERO);
        let card = if self.card.is_some() { due } else { Yen::ZERO };
        let covered = received.checked_add(card).unwrap_or(Yen::ZERO);
        let difference = covered.get() - due.get();
        Payment {
            due,
            received,
            card,
            remaining: Yen::new((-difference).max(0)),
            change: Yen::new(difference.max(0)),
        }
    }
}

impl Default for Checkout {
    fn default() -> Checkout {
        Checkout::new()
    }
}

impl State {
    /// The bill's total.
    pub fn due(&self) -> Yen {
        total(&self.basket.lines).unwrap_or(Yen::ZERO)
    }

    /// What has been entered against this bill, in numbers.
    pub fn payment(&self, checkout: &Checkout) -> Payment {
        checkout.payment(self.due(), cash_limit(self))
    }
}

/// Why an action cannot be done now.
pub(crate) fn refusal(state: &State, checkout: &Checkout, action: Action) -> Option<Note> {
    if checkout.writing {
        return Some(Note::plain(Text::Writing));
    }
    match action {
        Action::EnterCard => state.no_linked_card(),
        // Books in trouble keep saying which trouble: the number is what support asks for.
        Action::Pay => match (&state.trouble, &checkout.card) {
            (Some(trouble), _) => Some(trouble_note(trouble, None)),
            (None, Some(card)) => charge::refusal(state, card),
            (None, None) => cash_refusal(state, checkout),
        },
        _ => None,
    }
}

fn cash_refusal(state: &State, checkout: &Checkout) -> Option<Note> {
    let limit = cash_limit(state);
    match Yen::parse(checkout.cash.text(), limit) {
        Err(AmountError::Empty) => Some(Note::warning(Text::EnterTender)),
        Err(error) => Some(amount_note(error, limit)),
        Ok(received) if received < state.due() => {
            let short = Yen::new(state.due().get() - received.get());
            Some(Note::warning(Text::CashShort).with("short", Value::Yen(short)))
        }
        Ok(_) => None,
    }
}

/// Nobody hands over more than the limit plus the largest note would explain.
fn cash_limit(state: &State) -> Yen {
    state
        .settings
        .shop
        .amount_max
        .checked_add(Yen::new(10_000))
        .unwrap_or(Yen::LIMIT)
}

/// Text typed into the cash field. A card that was picked gives way: the two are not mixed.
pub(crate) fn type_key(state: &mut State, key: Key) {
    if let Screen::Checkout(checkout) = &mut state.screen {
        if checkout.writing {
            return;
        }
        let before = checkout.cash.text().to_owned();
        if checkout.cash.press(key) {
            state.note = None;
            give_way(state, &before);
        }
    }
}

/// Pasted text goes into the cash field; it commits nothing.
pub(crate) fn paste(state: &mut State, text: &str) {
    if let Screen::Checkout(checkout) = &mut state.screen
        && !checkout.writing
    {
        let before = checkout.cash.text().to_owned();
        checkout.cash.paste(text);
        give_way(state, &before);
    }
}

/// A card gives way to cash, not to a cursor key in an empty field.
fn give_way(state: &mut State, before: &str) {
    if let Screen::Checkout(checkout) = &mut state.screen
        && checkout.cash.text() != before
        && checkout.card.take().is_some()
    {
        state.note = Some(Note::plain(Text::CardTakenBack));
    }
}

/// An action of this screen.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    match action {
        Action::Back => state.open_register(),
        Action::EnterCard => open_cards(state),
        Action::ExactCash => {
            let due = state.due();
            if let Screen::Checkout(checkout) = &mut state.screen {
                checkout.card = None;
                checkout.cash.set(&due.get().to_string());
                state.note = None;
            }
        }
        Action::Pay => pay(state, out),
        // Enter moves on to the next field; here that is the sentence that says which key pays, or what is missing.
        Action::Choose => {
            let note = input::refusal(state, Action::Pay);
            state.say(note.unwrap_or_else(|| Note::plain(Text::PressPay)));
        }
        _ => {}
    }
}

/// 【クレジット利用】 over this checkout.
pub(crate) fn open_cards(state: &mut State) {
    let first = state
        .settings
        .cards
        .iter()
        .position(|card| state.card_refusal(card).is_none());
    state.note = None;
    state.screen = Screen::CardSelect(CardSelect::new(first.unwrap_or(0)));
}

/// The card that was picked pays the whole bill.
pub(crate) fn with_card(card: CardCompany) -> Checkout {
    Checkout {
        card: Some(card),
        ..Checkout::new()
    }
}

fn pay(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Checkout(checkout) = &state.screen else {
        return;
    };
    if let Some(card) = checkout.card.clone() {
        charge::begin(state, &card, out);
        return;
    }
    let due = state.due();
    let received = state.payment(checkout).received;
    let sale = state.draft(vec![Tender::Cash {
        amount: due,
        received,
    }]);
    if sale.checked_total().is_err() {
        state.say(Note::warning(Text::EnterTender));
        return;
    }
    let stamp = state.settings.stamp(state.now);
    if let Screen::Checkout(checkout) = &mut state.screen {
        checkout.writing = true;
    }
    out.push(Effect::Store(StoreRequest::Sell { stamp, sale }));
}

impl State {
    /// The sale as it stands, paid with these tenders.
    pub(crate) fn draft(&self, tenders: Vec<Tender>) -> SaleDraft {
        SaleDraft {
            kind: SaleKind::Sale,
            order: self.basket.order,
            original: None,
            undo: None,
            part: false,
            replaces: None,
            lines: self.basket.lines.clone(),
            tenders,
            operator: self.operator.clone(),
            terminal_code: self.settings.terminal_code.clone(),
            practice: self.settings.practice,
        }
    }

    /// The tender of a linked card that pays the whole bill.
    pub(crate) fn card_tender(&self, card: &CardCompany) -> Tender {
        let class_name = self.settings.classes.get(card.card_class);
        Tender::Card {
            card: card.code.clone(),
            name: card.name.clone(),
            card_class: card.card_class,
            card_class_name: class_name.map_or_else(|| card.name.clone(), |row| row.name.clone()),
            amount: self.due(),
            link: LinkKind::Linked,
        }
    }

    /// Why a card cannot be paid with over the link, if it cannot.
    pub fn card_refusal(&self, card: &CardCompany) -> Option<Note> {
        if !card.sales_link.is_on() {
            return Some(Note::warning(Text::CardNotLinked));
        }
        let Some(cat) = self.settings.cat_of(card) else {
            return Some(
                Note::warning(Text::CardHasNoPort).with("model", Value::Word(card.model.clone())),
            );
        };
        if let Some(note) = self.goes_by_hand(card) {
            return Some(note);
        }
        if self.open_at(cat).is_some() {
            return Some(Note::warning(Text::TerminalHasUnresolved));
        }
        if let Some(note) = tasks::refusal(self, cat) {
            return Some(note);
        }
        let model = &self.settings.cats[&cat].model;
        if self.settings.practice && !model.capabilities.training_mode {
            return Some(
                Note::warning(Text::NoTrainingMode).with("model", Value::Name(model.title.clone())),
            );
        }
        None
    }

    fn no_linked_card(&self) -> Option<Note> {
        if self.settings.cats.is_empty() {
            return Some(Note::warning(Text::LinkSwitchedOff));
        }
        let first = self.settings.cards.first();
        if first.is_none() {
            return Some(Note::warning(Text::NoCardCompany));
        }
        // A card that goes by hand is worth picking: it leads to its steps.
        let usable = self
            .settings
            .cards
            .iter()
            .any(|card| self.card_refusal(card).is_none() || self.goes_by_hand(card).is_some());
        if usable {
            None
        } else {
            first.and_then(|card| self.card_refusal(card))
        }
    }

    /// The oldest sale without an outcome at a terminal.
    pub fn open_at(&self, cat: CatId) -> Option<&crate::domain::record::SaleRecord> {
        self.open
            .iter()
            .find(|record| record.route.as_ref().is_some_and(|route| route.cat == cat))
    }
}
