//! 本日精算済み: an invoice that was paid here today is paid again only by a person who says so and types the amount.

use super::screen::{self, Taken};
use crate::app::action::Action;
use crate::app::field::{Field, Kind};
use crate::app::input::REFLEX_MS;
use crate::app::key::Key;
use crate::app::message::{Effect, StoreRequest};
use crate::app::note::Note;
use crate::app::popup::Popup;
use crate::app::register::amount_note;
use crate::app::unknown::no_finger_typed;
use crate::app::{Screen, State};
use crate::domain::bill::PaidBill;
use crate::domain::ledger::{AuditEvent, Entry};
use crate::domain::money::Yen;
use crate::locale::Text;

/// The question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidToday {
    /// What was paid before.
    pub paid: PaidBill,
    /// What would be taken now.
    pub amount: Yen,
    /// Proof: the amount; once 1 was answered.
    pub proof: Option<Field>,
    taken: Taken,
    shown_ms: u64,
    typed_since_ms: u64,
}

impl PaidToday {
    pub(super) fn new(paid: PaidBill, taken: Taken, now_ms: u64) -> PaidToday {
        PaidToday {
            paid,
            amount: taken.amount(),
            proof: None,
            taken,
            shown_ms: now_ms,
            typed_since_ms: now_ms,
        }
    }
}

/// The question on the screen.
fn question(state: &mut State) -> Option<&mut PaidToday> {
    match state.popups.last_mut() {
        Some(Popup::PaidToday(question)) => Some(question),
        _ => None,
    }
}

/// An answer.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let now = state.now.mono_ms;
    let Some(asked) = question(state) else {
        return;
    };
    match action {
        Action::PayAgain if now.saturating_sub(asked.shown_ms) < REFLEX_MS => {
            state.say(Note::warning(Text::TooSoon));
        }
        Action::PayAgain if asked.proof.is_none() => {
            asked.proof = Some(Field::new(Kind::Amount, 12));
            state.note = None;
        }
        Action::Choose => prove(state, out),
        _ => {}
    }
}

/// Text typed into the proof.
pub(crate) fn type_key(state: &mut State, key: Key) {
    let now = state.now.mono_ms;
    if let Some(asked) = question(state)
        && let Some(field) = &mut asked.proof
    {
        if field.is_empty() {
            asked.typed_since_ms = now;
        }
        field.press(key);
    }
}

/// True while the proof is typed.
pub(crate) fn takes_text(popup: &PaidToday) -> bool {
    popup.proof.is_some()
}

fn prove(state: &mut State, out: &mut Vec<Effect>) {
    let now = state.now.mono_ms;
    let Some(asked) = question(state) else {
        return;
    };
    let amount = asked.amount;
    let Some(field) = &mut asked.proof else {
        state.say(Note::warning(Text::AnswerWithDigits));
        return;
    };
    let typed = field.text().to_owned();
    if no_finger_typed(&typed, now.saturating_sub(asked.typed_since_ms)) {
        field.clear();
        out.push(Effect::Bell(2));
        state.say(Note::warning(Text::ScanRefused));
        return;
    }
    match Yen::parse(&typed, Yen::LIMIT) {
        Ok(typed) if typed == amount => {}
        Ok(_) => {
            state.say(Note::warning(Text::AmountDiffers));
            return;
        }
        Err(error) => {
            state.say(amount_note(error, Yen::LIMIT));
            return;
        }
    }
    let Some(Popup::PaidToday(asked)) = state.popups.pop() else {
        return;
    };
    if matches!(state.screen, Screen::Bill(_)) {
        out.push(Effect::Store(StoreRequest::Write {
            stamp: state.settings.stamp(state.now),
            entry: Entry::Audit {
                event: AuditEvent::BillPaidAgain,
                detail: format!("slip {}", asked.paid.slip),
            },
        }));
        screen::put(state, asked.taken);
    }
}
