//! チェックアウト: how the bill is paid. Cash with change, one linked card, or 併用払い: cash and a card on one slip, or a card for a part.
//!
//! A cash part is counted into the hand before the card is asked; both are booked together when the card is approved.

use super::action::Action;
use super::card_select::CardSelect;
use super::charge;
use super::field::{Field, Kind};
use super::input::REFLEX_MS;
use super::key::Key;
use super::message::{Effect, StoreRequest};
use super::note::{Note, Value};
use super::part_paid;
use super::register::amount_note;
use super::startup::trouble_note;
use super::{Screen, State, bill, input, link_pane, tasks};
use crate::domain::ledger::CatId;
use crate::domain::master::CardCompany;
use crate::domain::money::{AmountError, Yen};
use crate::domain::sale::{SaleDraft, SaleKind, total};
use crate::domain::slip::SlipNumber;
use crate::domain::tender::{LinkKind, Tender};
use crate::locale::Text;

/// The checkout.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkout {
    /// Cash handed over, as typed.
    pub cash: Field,
    /// 現金外支払: the card picked.
    pub card: Option<CardCompany>,
    /// What the card pays, as typed; where nothing is, what cash leaves.
    pub share: Field,
    /// Which of the two is typed into.
    pub focus: Focus,
    /// True while the books write a cash sale.
    pub writing: bool,
    /// Parts of the bill that are still being read.
    pub reading: Vec<SlipNumber>,
    /// Cash that gives back a whole note: how much was asked about, and since when (ms).
    pub doubted: Option<(Yen, u64)>,
}

/// The largest note there is. Nobody hands over one more than it takes.
const LARGEST_NOTE: Yen = Yen::new(10_000);

/// A field of the checkout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// お預かり.
    Cash,
    /// クレジット額.
    Share,
}

/// What has been entered, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payment {
    /// ご請求: what is still to be paid.
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
            share: Field::new(Kind::Amount, 12),
            focus: Focus::Cash,
            writing: false,
            reading: Vec::new(),
            doubted: None,
        }
    }

    /// What has been entered, in numbers; an amount that cannot be read counts as none.
    pub fn payment(&self, due: Yen, limit: Yen) -> Payment {
        let received = Yen::parse(self.cash.text(), limit).unwrap_or(Yen::ZERO);
        let rest = Yen::new((due.get() - received.get()).max(0));
        let card = match (&self.card, self.share.is_empty()) {
            (None, _) => Yen::ZERO,
            (Some(_), true) => rest,
            (Some(_), false) => Yen::parse(self.share.text(), limit).unwrap_or(Yen::ZERO),
        };
        let covered = received.checked_add(card).unwrap_or(Yen::ZERO);
        let difference = covered.get() - due.get();
        // No change is given on what a card pays.
        let change = if self.card.is_some() { 0 } else { difference };
        Payment {
            due,
            received,
            card,
            remaining: Yen::new((-difference).max(0)),
            change: Yen::new(change.max(0)),
        }
    }

    /// The field that is typed into.
    pub fn field(&self) -> &Field {
        match self.focus {
            Focus::Cash => &self.cash,
            Focus::Share => &self.share,
        }
    }

    fn field_mut(&mut self) -> &mut Field {
        match self.focus {
            Focus::Cash => &mut self.cash,
            Focus::Share => &mut self.share,
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

    /// What of the bill is still to be paid.
    pub fn outstanding(&self) -> Yen {
        let left = self.due().checked_sub(part_paid::paid(&self.basket.parts));
        left.unwrap_or(Yen::ZERO)
    }

    /// What has been entered against this bill, in numbers.
    pub fn payment(&self, checkout: &Checkout) -> Payment {
        checkout.payment(self.outstanding(), cash_limit(self))
    }
}

/// Why an action cannot be done now.
pub(crate) fn refusal(state: &State, checkout: &Checkout, action: Action) -> Option<Note> {
    if checkout.writing {
        return Some(Note::plain(Text::Writing));
    }
    if bill::asking(state)
        && matches!(
            action,
            Action::EnterCard | Action::Pay | Action::ExactCash | Action::Choose
        )
    {
        return Some(Note::plain(Text::BillAskedAgain));
    }
    match action {
        // Left by any way but back, the bill would stand at the counter as if nothing of it were paid.
        Action::EnterCard
        | Action::Pay
        | Action::ExactCash
        | Action::History
        | Action::CardReport
        | Action::Menu
            if !checkout.reading.is_empty() =>
        {
            Some(Note::plain(Text::Reading))
        }
        // A card that cannot be linked now is picked all the same: what was made at the terminal already is recorded from there.
        Action::EnterCard if state.settings.cards.is_empty() => {
            Some(Note::warning(Text::NoCardCompany))
        }
        // Books in trouble keep saying which trouble: the number is what support asks for.
        Action::Pay => match (&state.trouble, &checkout.card) {
            (Some(trouble), _) => Some(trouble_note(trouble, None)),
            (None, Some(card)) => {
                card_amounts_refusal(state, checkout).or_else(|| charge::refusal(state, card))
            }
            (None, None) => cash_refusal(state, checkout),
        },
        _ => None,
    }
}

fn cash_refusal(state: &State, checkout: &Checkout) -> Option<Note> {
    let limit = cash_limit(state);
    let due = state.outstanding();
    match Yen::parse(checkout.cash.text(), limit) {
        Err(AmountError::Empty) => Some(Note::warning(Text::EnterTender)),
        Err(error) => Some(amount_note(error, limit)),
        Ok(received) if received < due => {
            let short = Yen::new(due.get() - received.get());
            Some(Note::warning(Text::CashShort).with("short", Value::Yen(short)))
        }
        Ok(_) => None,
    }
}

/// What is typed beside a card must be amounts, and no more than is due.
fn card_amounts_refusal(state: &State, checkout: &Checkout) -> Option<Note> {
    let limit = cash_limit(state);
    for field in [&checkout.cash, &checkout.share] {
        match Yen::parse(field.text(), limit) {
            Ok(_) | Err(AmountError::Empty) => {}
            Err(error) => return Some(amount_note(error, limit)),
        }
    }
    let payment = state.payment(checkout);
    let sum = payment.received.checked_add(payment.card);
    (sum.is_none_or(|sum| sum > payment.due) || !payment.card.is_positive())
        .then(|| Note::warning(Text::AboveTheRest).with("rest", Value::Yen(payment.due)))
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

/// Text typed into the field under the cursor.
pub(crate) fn type_key(state: &mut State, key: Key) {
    let asking = bill::asking(state);
    if let Screen::Checkout(checkout) = &mut state.screen {
        if checkout.writing || asking {
            return;
        }
        match (key, &checkout.card) {
            (Key::Up | Key::BackTab, _) => checkout.focus = Focus::Cash,
            (Key::Down | Key::Tab, Some(_)) => checkout.focus = Focus::Share,
            _ => {
                if checkout.field_mut().press(key) {
                    state.note = None;
                    give_way(state);
                }
            }
        }
    }
}

/// Pasted text goes into the field under the cursor; it commits nothing.
pub(crate) fn paste(state: &mut State, text: &str) {
    let asking = bill::asking(state);
    if let Screen::Checkout(checkout) = &mut state.screen
        && !checkout.writing
        && !asking
    {
        checkout.field_mut().paste(text);
        give_way(state);
    }
}

/// A card gives way to cash that covers all of the bill; cash that covers less leaves the rest to the card.
fn give_way(state: &mut State) {
    let (due, limit) = (state.outstanding(), cash_limit(state));
    if let Screen::Checkout(checkout) = &mut state.screen
        && checkout.card.is_some()
        && Yen::parse(checkout.cash.text(), limit).is_ok_and(|cash| cash >= due)
    {
        checkout.card = None;
        checkout.share.clear();
        checkout.focus = Focus::Cash;
        state.note = Some(Note::plain(Text::CardTakenBack));
    }
}

/// An action of this screen.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    match action {
        Action::Back if is_reading(state) => part_paid::set_aside(state, out),
        Action::Back if bill::asking(state) => {
            bill::leave_check(state);
            state.note = None;
        }
        Action::Back if part_paid::is_half_done(state) => part_paid::ask(state),
        Action::Back => state.open_register(),
        Action::EnterCard => {
            open_cards(state);
            if !state.has_usable_card() {
                state.note = Some(Note::warning(Text::CardsMadeOnly));
            }
        }
        Action::ExactCash => {
            let due = state.outstanding();
            if let Screen::Checkout(checkout) = &mut state.screen {
                *checkout = Checkout::new();
                checkout.cash.set(&due.get().to_string());
                state.note = None;
            }
        }
        Action::Pay => pay(state, out),
        // Enter moves on to the next field; after the last that is the sentence that says which key pays, or what is missing.
        Action::Choose => {
            if let Screen::Checkout(checkout) = &mut state.screen
                && checkout.card.is_some()
                && checkout.focus == Focus::Cash
            {
                checkout.focus = Focus::Share;
                state.say(Note::plain(Text::ShareHint));
                return;
            }
            let note = input::refusal(state, Action::Pay);
            state.say(note.unwrap_or_else(|| Note::plain(Text::PressPay)));
        }
        _ => {}
    }
}

/// True while what is paid of the bill is not known yet.
fn is_reading(state: &State) -> bool {
    matches!(&state.screen, Screen::Checkout(checkout) if !checkout.reading.is_empty())
}

/// 【クレジット利用】 over this checkout. Cash that was counted before stays counted.
pub(crate) fn open_cards(state: &mut State) {
    let first = state
        .settings
        .cards
        .iter()
        .position(|card| state.card_refusal(card).is_none());
    let counted = match &state.screen {
        Screen::Checkout(checkout) => checkout.cash.clone(),
        Screen::NotCharged(screen) => again(&screen.record.sale, None).cash,
        _ => Checkout::new().cash,
    };
    let mut select = CardSelect::new(first.unwrap_or(0));
    select.counted = counted;
    state.note = None;
    state.screen = Screen::CardSelect(select);
}

/// The card that was picked pays what the counted cash leaves. Cash for all of the bill leaves nothing to it and gives way.
pub(crate) fn with_card(state: &State, card: CardCompany, counted: Field) -> Checkout {
    let mut checkout = Checkout {
        card: Some(card),
        cash: counted,
        ..Checkout::new()
    };
    if state.payment(&checkout).received >= state.outstanding() {
        checkout.cash.clear();
    }
    checkout
}

/// The checkout as it was when this attempt was made: nothing is typed twice.
pub(crate) fn again(sale: &SaleDraft, card: Option<CardCompany>) -> Checkout {
    let mut checkout = Checkout::new();
    for tender in &sale.tenders {
        let amount = tender.amount().get().to_string();
        match tender {
            Tender::Cash { .. } => checkout.cash.set(&amount),
            Tender::Card { .. } if sale.part && card.is_some() => checkout.share.set(&amount),
            Tender::Card { .. } => {}
        }
    }
    checkout.card = card;
    checkout
}

/// The tenders of what is entered: the cash part first, it is in the hand before the card is asked.
pub(crate) fn tenders(state: &State, checkout: &Checkout) -> Vec<Tender> {
    let payment = state.payment(checkout);
    let Some(card) = &checkout.card else {
        return vec![Tender::Cash {
            amount: payment.due,
            received: payment.received,
        }];
    };
    let cash = payment.received.is_positive().then_some(Tender::Cash {
        amount: payment.received,
        received: payment.received,
    });
    let card = state.card_tender(card, payment.card, LinkKind::Linked);
    cash.into_iter().chain([card]).collect()
}

fn pay(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Checkout(checkout) = &state.screen else {
        return;
    };
    let sale = state.draft(tenders(state, checkout));
    if sale.checked_total().is_err() {
        state.say(Note::warning(Text::EnterTender));
        return;
    }
    if bill::must_check(state) {
        bill::check(state, out);
        return;
    }
    if gives_back_a_note(state, out) {
        return;
    }
    let Screen::Checkout(checkout) = &state.screen else {
        return;
    };
    if let Some(card) = checkout.card.clone() {
        charge::begin(state, &card, sale, None, out);
        return;
    }
    let stamp = state.settings.stamp(state.now);
    if let Screen::Checkout(checkout) = &mut state.screen {
        checkout.writing = true;
    }
    out.push(Effect::Store(StoreRequest::Sell { stamp, sale }));
}

/// True where the change has a note in it that was handed over for nothing: digits typed twice, or beside each other. It is asked about once.
fn gives_back_a_note(state: &mut State, out: &mut Vec<Effect>) -> bool {
    let now = state.now.mono_ms;
    let Screen::Checkout(checkout) = &state.screen else {
        return false;
    };
    let payment = state.payment(checkout);
    let answered = checkout.doubted.is_some_and(|(received, since)| {
        received == payment.received && now.saturating_sub(since) >= REFLEX_MS
    });
    if checkout.card.is_some() || payment.change < LARGEST_NOTE || answered {
        return false;
    }
    if let Screen::Checkout(checkout) = &mut state.screen
        && checkout.doubted.map(|(received, _)| received) != Some(payment.received)
    {
        checkout.doubted = Some((payment.received, now));
    }
    out.push(Effect::Bell(2));
    state.say(Note::warning(Text::MuchChange).with("change", Value::Yen(payment.change)));
    true
}

impl State {
    /// The sale as it stands, paid with these tenders.
    pub(crate) fn draft(&self, tenders: Vec<Tender>) -> SaleDraft {
        let paid = tenders
            .iter()
            .try_fold(Yen::ZERO, |sum, tender| sum.checked_add(tender.amount()));
        SaleDraft {
            kind: SaleKind::Sale,
            order: self.basket.order,
            original: None,
            undo: None,
            part: paid.is_some_and(|paid| paid < self.due()),
            bill: bill::after_parts(&self.basket),
            replaces: self.basket.replaces.map(|replaced| replaced.slip),
            lines: self.basket.lines.clone(),
            tenders,
            operator: self.operator.clone(),
            terminal_code: self.settings.terminal_code.clone(),
            practice: self.settings.practice,
        }
    }

    /// The tender of a card that pays this much.
    pub(crate) fn card_tender(&self, card: &CardCompany, amount: Yen, link: LinkKind) -> Tender {
        let class_name = self.settings.classes.get(card.card_class);
        Tender::Card {
            card: card.code.clone(),
            name: card.name.clone(),
            card_class: card.card_class,
            card_class_name: class_name.map_or_else(|| card.name.clone(), |row| row.name.clone()),
            amount,
            link,
        }
    }

    /// Why a card cannot be paid with over the link, if it cannot.
    pub fn card_refusal(&self, card: &CardCompany) -> Option<Note> {
        if !card.sales_link.is_on() {
            return Some(Note::warning(Text::CardNotLinked));
        }
        if self.settings.cats.is_empty() {
            return Some(Note::warning(Text::LinkSwitchedOff));
        }
        let Some(cat) = self.settings.cat_of(card) else {
            return Some(
                Note::warning(Text::CardHasNoPort).with("model", Value::Word(card.model.clone())),
            );
        };
        if let Some(note) = self.goes_by_hand(card) {
            return Some(note);
        }
        self.line_refusal(cat)
    }

    /// Why nothing about money goes over a terminal's line now, if it does not.
    pub(crate) fn line_refusal(&self, cat: CatId) -> Option<Note> {
        if self.open_at(cat).is_some() {
            return Some(Note::warning(Text::TerminalHasUnresolved));
        }
        if let Some(note) = link_pane::another::refusal(self, cat) {
            return Some(note);
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

    /// True where a card goes over the link now, or leads to its steps by hand.
    fn has_usable_card(&self) -> bool {
        let mut cards = self.settings.cards.iter();
        cards.any(|card| self.card_refusal(card).is_none() || self.goes_by_hand(card).is_some())
    }

    /// The oldest sale without an outcome at a terminal.
    pub fn open_at(&self, cat: CatId) -> Option<&crate::domain::record::SaleRecord> {
        self.open
            .iter()
            .find(|record| record.route.as_ref().is_some_and(|route| route.cat == cat))
    }
}
