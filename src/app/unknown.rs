//! 結果を受け取れませんでした: a sale whose outcome nobody knows, led to an answer.
//!
//! The console asks the terminal by itself; if that settles nothing, a person looks at the terminal and types what it shows.
//! No key that goes on elsewhere answers here, no scanner burst does, and nothing on this screen can send the sale again.

use super::action::Action;
use super::field::{Field, Kind};
use super::input::REFLEX_MS;
use super::message::{Effect, LinkRequest, StoreRequest, StoreTrouble};
use super::note::{Note, Value};
use super::outcome::{self, Done, NotChargedScreen};
use super::{Screen, State, charge, link_pane, unresolved, wizard};
use crate::cat::ListedTransaction;
use crate::cat::model::{Capabilities, InquiryPower, Operation, Procedure};
use crate::cat::recovery::Asked;
use crate::domain::ledger::{CatId, Entry, Evidence, SaleState};
use crate::domain::money::Yen;
use crate::domain::record::SaleRecord;
use crate::domain::tender::Tender;
use crate::locale::Text;
use crate::teeth::{self, Tooth};

mod asking;
mod proof;

pub use crate::cat::recovery::Hint;
pub(crate) use asking::{link_event, time_reached};
pub use proof::Proof;
pub(crate) use proof::{
    PROOF_DIGITS_MIN, digits_in, may_be_amount, no_finger_typed, slip_note, type_key,
};

/// The pause before the first question (ms).
const FIRST_PAUSE_MS: u64 = 1_000;

/// A sale being led to an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Unknown {
    /// The sale.
    pub record: SaleRecord,
    /// Which terminal it is at.
    pub cat: CatId,
    /// What the console does about it.
    pub stage: Stage,
    /// Which question is the next, or under way: 1 is the first.
    pub attempt: u32,
    /// How often in a row the terminal said it does not know the number.
    pub not_founds: u32,
    /// What the next question is, or the one under way.
    pub question: Question,
    /// True once the terminal's list was read.
    pub listed: bool,
    /// The list that would settle the sale, were it known to be whole.
    pub records: Vec<ListedTransaction>,
    /// What the terminal said to the question about the number, where that settled nothing.
    pub last: Option<Hint>,
    /// What its list says, where that settled nothing.
    pub list: Option<Hint>,
    /// What a person is typing as proof.
    pub proof: Option<Proof>,
    /// When this screen appeared (ms).
    shown_ms: u64,
    /// When the proof's first character was typed (ms).
    typed_since_ms: u64,
    /// Since when it is asked whether a number of the amount's digits is the slip's (ms).
    doubted_since_ms: Option<u64>,
}

/// What a terminal is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// What became of the number?
    LastResult,
    /// What is in your memory?
    List,
    /// What bears out that this was all of it?
    Backing,
}

impl Question {
    /// The first question to a terminal, where it can be asked anything.
    fn first(capabilities: &Capabilities) -> Option<Question> {
        match capabilities.inquiry {
            InquiryPower::LastOnly | InquiryPower::ByReference => Some(Question::LastResult),
            InquiryPower::None if capabilities.transactions => Some(Question::List),
            InquiryPower::None => None,
        }
    }
}

/// What the console does by itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// It waits before it asks again, until then (ms).
    Pausing {
        /// Until then.
        until_ms: u64,
    },
    /// It has asked.
    Asking {
        /// Since then (ms).
        since_ms: u64,
    },
    /// It has asked often enough; a person decides.
    GaveUp,
    /// An answer goes into the books.
    Booking,
}

impl Unknown {
    /// Put a sale without an outcome on the screen, and begin asking.
    pub(crate) fn show(state: &mut State, record: SaleRecord, out: &mut Vec<Effect>) {
        let Some(cat) = record.route.as_ref().map(|route| route.cat) else {
            return;
        };
        let now = state.now.mono_ms;
        let question = first_question(state, cat);
        // A terminal that cannot be asked is not asked for show: it is a person's turn at once.
        let stage = match question {
            Some(_) => Stage::Pausing {
                until_ms: now + FIRST_PAUSE_MS,
            },
            None => Stage::GaveUp,
        };
        state.popups.clear();
        state.note = None;
        state.screen = Screen::Unknown(Box::new(Unknown {
            record,
            cat,
            stage,
            attempt: 1,
            not_founds: 0,
            question: question.unwrap_or(Question::LastResult),
            listed: false,
            records: Vec::new(),
            last: None,
            list: None,
            proof: None,
            shown_ms: now,
            typed_since_ms: now,
            doubted_since_ms: None,
        }));
        out.push(Effect::Bell(3));
    }

    /// The card part of the sale: the amount in question.
    pub fn amount(&self) -> Yen {
        self.record.sale.card().map_or(Yen::ZERO, Tender::amount)
    }

    /// What staff do at this terminal to see what became of a sale.
    pub fn look_up<'a>(&self, state: &'a State) -> Option<&'a Procedure> {
        let setting = state.settings.cats.get(&self.cat)?;
        Some(setting.model.procedure(Operation::LookUp))
    }

    /// How often the console asks before a person is asked.
    pub fn tries(&self, state: &State) -> u32 {
        state
            .settings
            .cats
            .get(&self.cat)
            .map_or(0, |cat| cat.model.timers.inquiry_tries)
    }

    pub(crate) fn deadline(&self, now_ms: u64) -> Option<u64> {
        match self.stage {
            // Every second, for the countdown.
            Stage::Pausing { until_ms } => {
                let left = until_ms.saturating_sub(now_ms);
                Some(until_ms - left.saturating_sub(1) / 1_000 * 1_000)
            }
            Stage::Asking { since_ms } => {
                Some(since_ms + (now_ms.saturating_sub(since_ms) / 1_000 + 1) * 1_000)
            }
            // Once, so that the choices stop looking asleep.
            Stage::GaveUp => Some(self.shown_ms + REFLEX_MS).filter(|awake| *awake > now_ms),
            Stage::Booking => None,
        }
    }
}

/// What was asked for when the sale went out.
pub(crate) fn asked(record: &SaleRecord) -> Option<Asked> {
    Some(Asked {
        transaction: charge::transaction_of(record.sale.kind),
        sequence_number: record.sequence_number?,
        amount: record.sale.card()?.amount(),
        training: record.sale.practice,
        sent_at: record.sent_at?.naive_local(),
        journal: record.journal.clone(),
        original_slip: record.sale.terminal_slip().cloned(),
        terminal_id: record.terminal.terminal_id.clone(),
    })
}

/// Why an action cannot be done now.
pub(crate) fn refusal(state: &State, unknown: &Unknown, action: Action) -> Option<Note> {
    let reflex = state.now.mono_ms.saturating_sub(unknown.shown_ms) < REFLEX_MS;
    match action {
        Action::SlipExists
        | Action::NotOnTerminal
        | Action::Park
        | Action::AskTerminal
        | Action::WorkByHand
            if reflex =>
        {
            Some(Note::warning(Text::TooSoon))
        }
        Action::SlipExists
        | Action::NotOnTerminal
        | Action::Park
        | Action::AskTerminal
        | Action::WorkByHand
            if unknown.stage == Stage::Booking =>
        {
            Some(Note::plain(Text::Writing))
        }
        // Until the terminal has been asked, it may still be at it: what its history does not show now, it may show soon. The amount may be
        // typed meanwhile: were it refused, its digits would be taken for other answers.
        Action::Choose
            if matches!(unknown.proof, Some(Proof::Amount(_)))
                && unknown.stage != Stage::GaveUp =>
        {
            Some(Note::warning(Text::StillAsking))
        }
        // It would be taken off the link in the middle of a question.
        Action::WorkByHand if unknown.stage != Stage::GaveUp => {
            Some(Note::warning(Text::StillAsking))
        }
        Action::AskTerminal if unknown.tries(state) == 0 || !can_ask(state, unknown.cat) => {
            Some(Note::warning(Text::TerminalCannotBeAsked))
        }
        Action::AskTerminal if unknown.stage != Stage::GaveUp => {
            Some(Note::warning(Text::StillAsking))
        }
        Action::Back if unknown.proof.is_none() => Some(Note::warning(Text::AnswerWithDigits)),
        Action::Choose if unknown.proof.is_none() => Some(Note::warning(Text::AnswerWithDigits)),
        _ => None,
    }
}

/// True where this terminal can be asked what became of a sale.
pub(crate) fn can_ask(state: &State, cat: CatId) -> bool {
    first_question(state, cat).is_some()
}

fn first_question(state: &State, cat: CatId) -> Option<Question> {
    let setting = state.settings.cats.get(&cat)?;
    // Without a layout there is nothing to ask with.
    setting.model.layout.as_ref()?;
    Question::first(&setting.model.capabilities)
}

/// An action of this screen.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let Screen::Unknown(unknown) = &mut state.screen else {
        return;
    };
    state.note = None;
    match action {
        Action::SlipExists => unknown.proof = Some(Proof::Slip(Field::new(Kind::Code, 20))),
        Action::NotOnTerminal => {
            unknown.proof = Some(Proof::Amount(Field::new(Kind::Amount, 12)));
        }
        Action::Park => park(state, out),
        Action::AskTerminal => {
            asking::again(state, out);
        }
        Action::Back => unknown.proof = None,
        Action::WorkByHand => wizard::look_at_terminal(state, out),
        Action::Choose => proof::prove(state, out),
        _ => {}
    }
}

/// True while digits are text rather than choices.
pub(crate) fn takes_text(unknown: &Unknown) -> bool {
    unknown.proof.is_some()
}

fn park(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Unknown(unknown) = &state.screen else {
        return;
    };
    let entry = Entry::Parked {
        slip: unknown.record.slip,
        operator: state.operator.clone(),
    };
    book(state, entry, out);
}

fn book(state: &mut State, entry: Entry, out: &mut Vec<Effect>) {
    let stamp = state.settings.stamp(state.now);
    if let Screen::Unknown(unknown) = &mut state.screen {
        if matches!(unknown.stage, Stage::Asking { .. })
            && !matches!(
                entry,
                Entry::Posted {
                    evidence: Evidence::Inquiry,
                    ..
                } | Entry::Released {
                    evidence: Evidence::Inquiry,
                    ..
                }
            )
        {
            out.push(Effect::Link(unknown.cat, LinkRequest::Abandon));
        }
        unknown.stage = Stage::Booking;
        unknown.proof = None;
        out.push(Effect::Store(StoreRequest::Write { stamp, entry }));
    }
}

/// An entry of the sale on this screen, or of another open one, is durable. False where it is neither.
pub(crate) fn written(state: &mut State, entry: &Entry, out: &mut Vec<Effect>) -> bool {
    let Some(slip) = entry.slip() else {
        return false;
    };
    let Some(record) = unresolved::note_entry(state, slip, entry) else {
        return false;
    };
    // A step at the terminal says nothing of the outcome.
    if let Entry::Step { .. } = entry {
        if let Screen::Unknown(unknown) = &mut state.screen
            && unknown.record.slip == slip
        {
            unknown.record = record;
        }
        return true;
    }
    let cat = record.route.as_ref().map(|route| route.cat);
    let here = matches!(&state.screen, Screen::Unknown(unknown) if unknown.record.slip == slip);
    if let Some(cat) = cat
        && here
        && state
            .cats
            .get(&cat)
            .is_some_and(|c| c.work == link_pane::Work::Exchange)
    {
        out.push(Effect::Link(cat, LinkRequest::Acknowledge));
        link_pane::release(state, cat);
    }
    match (record.state, here) {
        (SaleState::Settled, true) => Done::show(state, record, true, out),
        (SaleState::Parked, true) if teeth::bites(Tooth::ParkedShownAsNotCharged) => {
            NotChargedScreen::show(state, record, (None, None), out);
        }
        (SaleState::Declined | SaleState::Cancelled, true) => {
            let card = unresolved::card_of(state, &record);
            NotChargedScreen::show(state, record, (card, None), out);
        }
        (SaleState::Parked, true) => {
            if !teeth::bites(Tooth::OpenOrderTakesCash) {
                state.basket = super::Basket::default();
            }
            unresolved::next(state, Some(slip), out);
            state.say(Note::warning(Text::ParkedNote).with("slip", Value::Slip(slip)));
        }
        (SaleState::Settled | SaleState::Declined | SaleState::Cancelled, false) => {
            if record.state == SaleState::Settled {
                outcome::count(state, &record);
            }
            state.say(Note::plain(Text::ResolvedElsewhere).with("slip", Value::Slip(slip)));
        }
        _ => {}
    }
    true
}

/// The books did not take an entry of this screen: it stays open, and can be answered again.
pub(crate) fn store_failed(
    state: &mut State,
    request: &StoreRequest,
    trouble: &StoreTrouble,
    out: &mut Vec<Effect>,
) -> bool {
    let StoreRequest::Write { entry, .. } = request else {
        return false;
    };
    // What may not follow may have been written before and told as failed: the books say what they have.
    if matches!(trouble, StoreTrouble::Refused(_))
        && let Some(slip) = entry.slip()
        && state.open.iter().any(|open| open.slip == slip)
    {
        out.push(Effect::Store(StoreRequest::Find(slip)));
    }
    let Screen::Unknown(unknown) = &mut state.screen else {
        return false;
    };
    if entry.slip() != Some(unknown.record.slip) {
        return false;
    }
    let cat = unknown.cat;
    unknown.stage = Stage::GaveUp;
    // What the terminal said of it is not in the books: it is let go, so that the terminal can be asked again.
    out.push(Effect::Link(cat, LinkRequest::Abandon));
    link_pane::release(state, cat);
    true
}

/// The books say how a sale stands. One with an outcome is open no more; the screen that leads it shows what they have. False where no such
/// screen is there.
pub(crate) fn found(state: &mut State, record: Option<&SaleRecord>, out: &mut Vec<Effect>) -> bool {
    let Some(record) = record.filter(|record| record.state.is_final()) else {
        return false;
    };
    state.open.retain(|open| open.slip != record.slip);
    let Screen::Unknown(unknown) = &state.screen else {
        return false;
    };
    if unknown.record.slip != record.slip {
        return false;
    }
    if matches!(unknown.stage, Stage::Asking { .. }) {
        let cat = unknown.cat;
        out.push(Effect::Link(cat, LinkRequest::Abandon));
        link_pane::release(state, cat);
    }
    if record.state == SaleState::Settled {
        Done::show(state, record.clone(), true, out);
    } else {
        let card = unresolved::card_of(state, record);
        NotChargedScreen::show(state, record.clone(), (card, None), out);
    }
    true
}
