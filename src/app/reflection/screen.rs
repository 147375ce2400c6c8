//! 未反映の一覧: what the receipt computer was not told, why, and what a person can do: tell it again now, say that it was entered there by hand,
//! or have a patient let go that another terminal holds.
//!
//! Nothing here sends a payment: telling again goes the way of every posting.

use super::{Key, Why, answer};
use crate::app::action::Action;
use crate::app::field::{Field, Kind};
use crate::app::input::REFLEX_MS;
use crate::app::message::{Effect, StoreRequest};
use crate::app::note::{Note, Value};
use crate::app::register::amount_note;
use crate::app::unknown::no_finger_typed;
use crate::app::{Screen, State, key};
use crate::domain::ledger::Entry;
use crate::domain::money::Yen;
use crate::domain::reflection::ReflectionStep;
use crate::domain::slip::SlipNumber;
use crate::locale::Text;
use crate::orca::answer::Lock;

/// The receipt computer lets nobody go who was held for less (ms).
const HELD_MIN_MS: i64 = 60_000;
/// The longest reason, in characters, and the shortest that says something.
const REASON_MAX: usize = 60;
const REASON_MIN: usize = 2;

/// The list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// The posting under the mark; none where the list is empty.
    pub selected: Option<Key>,
    /// What is asked of the one under the mark.
    pub asking: Option<Asking>,
    /// When the list or the question appeared (ms).
    shown_ms: u64,
    /// When the proof's first character was typed (ms).
    typed_since_ms: u64,
}

/// A question that ends with a typed proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asking {
    /// It was entered in the receipt computer by hand.
    EnteredThere {
        /// What was done instead.
        reason: Field,
        /// Proof: the amount.
        amount: Field,
        /// True while the amount is typed.
        at_amount: bool,
    },
    /// Let the patient go whom another terminal holds.
    Release {
        /// Proof: the patient's number.
        patient: Field,
    },
}

impl Asking {
    /// The field that is typed into.
    pub fn field(&self) -> &Field {
        match self {
            Asking::EnteredThere {
                reason, at_amount, ..
            } if !at_amount => reason,
            Asking::EnteredThere { amount, .. } => amount,
            Asking::Release { patient } => patient,
        }
    }

    fn field_mut(&mut self) -> &mut Field {
        match self {
            Asking::EnteredThere {
                reason, at_amount, ..
            } if !*at_amount => reason,
            Asking::EnteredThere { amount, .. } => amount,
            Asking::Release { patient } => patient,
        }
    }
}

/// Show the list, with a slip under the mark.
pub(crate) fn open(state: &mut State, slip: SlipNumber) {
    let now = state.now.mono_ms;
    let of_slip = state
        .queue()
        .iter()
        .map(|row| row.key)
        .find(|key| key.0 == slip);
    state.note = None;
    state.popups.clear();
    state.screen = Screen::Unreflected(Queue {
        selected: of_slip,
        asking: None,
        shown_ms: now,
        typed_since_ms: now,
    });
}

/// True while digits are text rather than choices.
pub(crate) fn takes_text(queue: &Queue) -> bool {
    queue.asking.is_some()
}

/// Why an action cannot be done now.
pub(crate) fn refusal(state: &State, queue: &Queue, action: Action) -> Option<Note> {
    let reflex = state.now.mono_ms.saturating_sub(queue.shown_ms) < REFLEX_MS;
    match action {
        Action::EnteredThere | Action::ReleaseLock | Action::TellAgain if reflex => {
            Some(Note::warning(Text::TooSoon))
        }
        Action::EnteredThere | Action::ReleaseLock | Action::TellAgain => match queue.selected {
            None => Some(Note::plain(Text::NothingUnreflected)),
            Some(key) if action == Action::TellAgain => (!state.settings.reflects())
                .then(|| Note::warning(Text::OrcaNotConnected))
                .or_else(|| at_work(state, key)),
            Some(key) if action == Action::ReleaseLock => release_refusal(state, key),
            Some(key) => at_work(state, key),
        },
        Action::Choose if queue.asking.is_none() => Some(Note::warning(Text::AnswerWithDigits)),
        _ => None,
    }
}

fn at_work(state: &State, key: Key) -> Option<Note> {
    (state.reflection.at_work() == Some(key)).then(|| Note::plain(Text::ReflectTelling))
}

/// Why nobody is let go: nobody is known to hold him, or not for long enough, or something else is under way.
fn release_refusal(state: &State, key: Key) -> Option<Note> {
    let Some(lock) = lock_of(state, key) else {
        return Some(Note::warning(Text::NobodyHolds));
    };
    if state.reflection.at_work().is_some() {
        return Some(Note::plain(Text::ReflectTelling));
    }
    let held = lock
        .since
        .map(|since| (state.now.wall - since).num_milliseconds());
    held.is_some_and(|held| held < HELD_MIN_MS)
        .then(|| Note::warning(Text::HeldTooShortly))
}

fn lock_of(state: &State, key: Key) -> Option<&Lock> {
    match state.reflection.why(key) {
        Some(Why::Held { lock, .. }) => lock.as_deref(),
        _ => None,
    }
}

/// An action of the list.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let keys: Vec<Key> = state.queue().iter().map(|row| row.key).collect();
    let now = state.now.mono_ms;
    let Screen::Unreflected(queue) = &mut state.screen else {
        return;
    };
    match action {
        Action::Back if queue.asking.is_some() => queue.asking = None,
        Action::Back => state.open_register(),
        Action::Up | Action::Down if queue.asking.is_none() => {
            let at = keys.iter().position(|key| Some(*key) == queue.selected);
            let to = match (at, action) {
                (Some(at), Action::Up) => at.saturating_sub(1),
                (Some(at), _) => (at + 1).min(keys.len().saturating_sub(1)),
                (None, _) => 0,
            };
            queue.selected = keys.get(to).copied();
            state.note = None;
        }
        Action::TellAgain => {
            if let Some(key) = queue.selected {
                state.reflection.waits.remove(&key);
                state.reflection.line.until_ms = now;
                state.say(Note::plain(Text::ReflectTelling));
            }
        }
        Action::EnteredThere => {
            queue.shown_ms = now;
            queue.asking = Some(Asking::EnteredThere {
                reason: Field::new(Kind::Text, REASON_MAX),
                amount: Field::new(Kind::Amount, 12),
                at_amount: false,
            });
            state.note = None;
        }
        Action::ReleaseLock => {
            queue.shown_ms = now;
            queue.asking = Some(Asking::Release {
                patient: Field::new(Kind::Code, 20),
            });
            state.note = None;
        }
        Action::Choose => prove(state, out),
        _ => {}
    }
}

/// Text typed into a field.
pub(crate) fn type_key(state: &mut State, key: key::Key) {
    let now = state.now.mono_ms;
    if let Screen::Unreflected(queue) = &mut state.screen
        && let Some(asking) = &mut queue.asking
    {
        if asking.field().is_empty() {
            queue.typed_since_ms = now;
        }
        if asking.field_mut().press(key) {
            state.note = None;
        }
    }
}

/// Enter: the next field, or the typed proof against the posting.
fn prove(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Unreflected(queue) = &state.screen else {
        return;
    };
    let (Some(key), Some(asking)) = (queue.selected, queue.asking.clone()) else {
        return;
    };
    let took = state.now.mono_ms.saturating_sub(queue.typed_since_ms);
    if no_finger_typed(asking.field().text(), took) {
        if let Screen::Unreflected(queue) = &mut state.screen
            && let Some(asking) = &mut queue.asking
        {
            asking.field_mut().clear();
        }
        out.push(Effect::Bell(2));
        state.say(Note::warning(Text::ScanRefused));
        return;
    }
    let Some(posting) = state.progress(key).map(|one| one.posting.clone()) else {
        return;
    };
    match asking {
        Asking::EnteredThere {
            reason, at_amount, ..
        } if !at_amount => {
            if reason.text().trim().chars().count() < REASON_MIN {
                state.say(Note::warning(Text::ReasonTooShort));
                return;
            }
            if let Screen::Unreflected(queue) = &mut state.screen
                && let Some(Asking::EnteredThere { at_amount, .. }) = &mut queue.asking
            {
                *at_amount = true;
            }
        }
        Asking::EnteredThere { reason, amount, .. } => {
            match Yen::parse(amount.text(), Yen::LIMIT) {
                Ok(typed) if typed == posting.amount => explain(state, key, &reason, out),
                Ok(_) => state.say(Note::warning(Text::AmountDiffers)),
                Err(error) => state.say(amount_note(error, Yen::LIMIT)),
            }
        }
        Asking::Release { patient } => {
            let typed = crate::domain::bill::PatientNumber::parse(patient.text());
            if !typed.is_ok_and(|typed| typed.is_same(&posting.patient)) {
                state.say(Note::warning(Text::PatientDiffers));
                return;
            }
            if let Some(note) = release_refusal(state, key) {
                state.say(note);
                return;
            }
            let Some(session) = lock_of(state, key).map(|lock| lock.session.clone()) else {
                return;
            };
            close_question(state);
            answer::release(state, key, session, out);
        }
    }
}

fn explain(state: &mut State, key: Key, reason: &Field, out: &mut Vec<Effect>) {
    if let Some(note) = at_work(state, key) {
        state.say(note);
        return;
    }
    let entry = Entry::Reflection {
        slip: key.0,
        posting: key.1,
        step: ReflectionStep::Explained {
            operator: state.operator.clone(),
            reason: reason.text().trim().to_owned(),
        },
    };
    let stamp = state.settings.stamp(state.now);
    close_question(state);
    out.push(Effect::Store(StoreRequest::Write { stamp, entry }));
}

fn close_question(state: &mut State) {
    if let Screen::Unreflected(queue) = &mut state.screen {
        queue.asking = None;
    }
}

/// A posting was explained: the mark goes on to the next.
pub(super) fn explained(state: &mut State, key: Key) {
    let next = state
        .queue()
        .iter()
        .map(|row| row.key)
        .find(|other| *other != key);
    if let Screen::Unreflected(queue) = &mut state.screen {
        if queue.selected == Some(key) {
            queue.selected = next;
        }
        state.say(Note::plain(Text::ReflectExplained).with("slip", Value::Slip(key.0)));
    }
}
