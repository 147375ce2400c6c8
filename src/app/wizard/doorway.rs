//! The ways in: a card that the link does not take, a sale that it did not make, one made without it, and an outcome to be looked for.

use super::{Work, begin, open};
use crate::app::checkout::{self, Checkout};
use crate::app::field::Field;
use crate::app::message::Effect;
use crate::app::note::{Note, Value};
use crate::app::{Screen, State};
use crate::domain::by_hand::{Place, Why};
use crate::domain::master::CardCompany;
use crate::domain::sale::{SaleDraft, SaleKind};
use crate::domain::tender::{LinkKind, Tender};
use crate::locale::Text;

/// Where work at a terminal of this model is done. One whose messages are not described is on no link.
pub fn place_of(state: &State, model: &str) -> Place {
    let mut cats = state.settings.cats.iter();
    let linked = cats.find(|(_, cat)| cat.model.name == model && cat.model.layout.is_some());
    Place {
        cat: linked.map(|(id, _)| *id),
        model: model.to_owned(),
    }
}

/// The same sale, made by a person at the terminal.
fn manual(mut sale: SaleDraft) -> SaleDraft {
    for tender in &mut sale.tenders {
        if let Tender::Card { link, .. } = tender {
            *link = LinkKind::Manual;
        }
    }
    sale
}

/// The steps for a card were read, and they are to be done: the bill goes with them.
pub(crate) fn from_card(state: &mut State, card: &CardCompany, why: Why, out: &mut Vec<Effect>) {
    let counted = match &state.screen {
        Screen::CardSelect(select) => select.counted.clone(),
        Screen::ByHand(screen) => screen.counted().clone(),
        _ => Checkout::new().cash,
    };
    // What cash and other cards leave of the bill, as the link would have been asked for it.
    let checkout = checkout::with_card(state, card.clone(), counted);
    let sale = manual(state.draft(checkout::tenders(state, &checkout)));
    if sale.checked_total().is_err() {
        return;
    }
    let place = place_of(state, &card.model);
    begin(state, sale, place, why, out);
}

/// Why 端末で済み is not taken. Money that moved is recorded whatever the link takes just now: nothing is sent for it, the terminal is not
/// taken off the link, and the number and amount off its slip are the proof. Only where a sale of that model and amount has no outcome
/// may the slip be that sale's own: recorded as another it would be booked twice once the terminal tells of the first.
pub(crate) fn made_refusal(state: &State, card: &CardCompany, counted: Field) -> Option<Note> {
    let checkout = checkout::with_card(state, card.clone(), counted);
    let amount = state.payment(&checkout).card;
    let mut open = state.open.iter();
    let its_own = open.find(|record| {
        let there = record.route.as_ref();
        record.sale.kind == SaleKind::Sale
            && there.is_some_and(|route| route.model == card.model)
            && record.sale.card().map(Tender::amount) == Some(amount)
    })?;
    let note = Note::warning(Text::MadeMayBeUnknown);
    Some(note.with("slip", Value::Slip(its_own.slip)))
}

/// 端末で済み: the sale was made at the terminal; only our slip is missing.
pub(crate) fn made_standalone(state: &mut State, card: &CardCompany, out: &mut Vec<Effect>) {
    from_card(state, card, Why::MadeStandalone, out);
}

/// 連動しないで: what is definitely not charged is made at the terminal. It stays the same order, of which one attempt is charged at most.
pub(crate) fn from_not_charged(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::NotCharged(screen) = &state.screen else {
        return;
    };
    let record = &screen.record;
    let Some(route) = &record.route else {
        return;
    };
    let place = place_of(state, &route.model);
    let mut sale = manual(record.sale.clone());
    sale.order = Some(record.sale.order.unwrap_or(record.slip));
    sale.operator = state.operator.clone();
    begin(state, sale, place, Why::LinkFailed, out);
}

/// What became of the sale on the screen is looked for at the terminal.
pub(crate) fn look_at_terminal(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Unknown(unknown) = &state.screen else {
        return;
    };
    let record = unknown.record.clone();
    if record.by_hand.is_some() {
        super::resume(state, record, out);
    } else {
        open(state, Work::Begun(Box::new(record)), out);
    }
}
