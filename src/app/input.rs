//! From a key press to an action, and from an action to the screen it belongs to.

use super::action::Action;
use super::key::{Input, Key, KeyPress};
use super::keymap::Place;
use super::message::Effect;
use super::note::Note;
use super::popup::Popup;
use super::wizard::Page;
use super::{
    Screen, State, bill, by_hand, card_report, card_select, charge, checkout, history, items,
    key_check, link_setup, operator, outcome, popup, printing, receipt, reflection, register, scan,
    undo, unknown, unresolved, wizard, worklist,
};
use crate::locale::Text;
use crate::teeth::{self, Tooth};

/// Keys pressed this soon after a screen, a page or a question appeared were meant for what was there before (ms).
pub(crate) const REFLEX_MS: u64 = 300;

/// How long Esc waits for the digit that makes it an F-key (ms).
const ESCAPE_MS: u64 = 600;

/// The same where Esc alone means nothing: nobody waits for it there, and the digit may be looked for.
const ESCAPE_IDLE_MS: u64 = 1_500;

/// Presses of one key that follow each other sooner than this are one hand that has not let go, or has bounced (ms).
/// Longer than a keyboard waits before it begins to repeat.
const REPEAT_MS: u64 = 700;

/// A scanner that types like a keyboard sends its next character sooner than this (ms); no finger does.
const BURST_MS: u64 = 60;

/// How many key presses wait for the books to be read.
const TYPED_AHEAD_MAX: usize = 256;

/// A key that is pressed again and again, or held down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    key: Key,
    /// Where its first press went.
    began: Place,
    /// When its newest press came (ms).
    at_ms: u64,
}

/// A digit that answers about money, waiting to be the only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    action: Action,
    place: Place,
    /// From then on it was meant (ms).
    pub(crate) until_ms: u64,
}

/// What the keys pressed last may still become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Typing {
    /// Esc was pressed, and may be the first half of an F-key: until when (ms).
    pub(crate) escape_until: Option<u64>,
    /// The key pressed last, and whether its hand has let go.
    run: Option<Run>,
    /// An answer about money, held until it cannot be the first digit of a scanner's burst.
    pub(crate) held: Option<Held>,
}

/// Something was typed, pasted or scanned.
pub(crate) fn take(state: &mut State, input: Input, out: &mut Vec<Effect>) {
    // Whatever came in one piece did not come from the finger that gave the answer before it.
    if !matches!(input, Input::Key(_)) {
        state.typing.held = None;
    }
    match input {
        Input::Key(press) => take_key(state, press, out),
        Input::Paste(text) => paste(state, &text, out),
        Input::Scan(text) => scan::scanned(state, &text, out),
        Input::NotUtf8 => state.say(Note::alarm(Text::TerminalNotUtf8)),
    }
}

fn take_key(state: &mut State, press: KeyPress, out: &mut Vec<Effect>) {
    if let Screen::Opening(typed) = &mut state.screen
        && press.key != Key::Ctrl('c')
    {
        if typed.len() < TYPED_AHEAD_MAX {
            typed.push(press);
        }
        return;
    }
    let mapped = state.settings.keys.get(&press.bytes).copied();
    let press = KeyPress {
        key: mapped.unwrap_or(press.key),
        bytes: press.bytes,
    };
    if matches!(state.screen, Screen::KeyCheck(_))
        && state.popups.is_empty()
        && press.key != Key::Ctrl('c')
    {
        let pending = state.typing.escape_until.take();
        let press = match (pending, press.key.after_escape()) {
            (Some(_), Some(key)) => KeyPress {
                key,
                bytes: [&[0x1b], press.bytes.as_slice()].concat(),
            },
            _ => press,
        };
        if press.key == Key::Esc {
            state.typing.escape_until = Some(state.now.mono_ms + ESCAPE_MS);
        }
        key_check::press(state, press, out);
        return;
    }
    if state.typing.escape_until.take().is_some() {
        forget_escape(state);
        match press.key.after_escape() {
            Some(key) => {
                press_key(state, key, out);
                return;
            }
            None => press_key(state, Key::Esc, out),
        }
    }
    if press.key == Key::Esc {
        wait_for_digit(state);
        return;
    }
    press_key(state, press.key, out);
}

fn wait_for_digit(state: &mut State) {
    let wait = if state.place().action(Key::Esc).is_some() {
        ESCAPE_MS
    } else {
        state.note.get_or_insert(Note::plain(Text::EscapeDigit));
        ESCAPE_IDLE_MS
    };
    state.typing.escape_until = Some(state.now.mono_ms + wait);
}

/// What was said of the digit holds no longer.
fn forget_escape(state: &mut State) {
    state.note.take_if(|note| note.text == Text::EscapeDigit);
}

/// Esc stayed alone: it means itself.
pub(crate) fn escape_alone(state: &mut State, out: &mut Vec<Effect>) {
    state.typing.escape_until = None;
    forget_escape(state);
    if !matches!(state.screen, Screen::KeyCheck(_)) || !state.popups.is_empty() {
        press_key(state, Key::Esc, out);
    }
}

fn press_key(state: &mut State, key: Key, out: &mut Vec<Effect>) {
    let place = state.place();
    let held = state.typing.held.take();
    if is_typed_on(state, place, key) {
        let scanned = held.is_some();
        state.say(Note::warning(if scanned {
            Text::ScanRefused
        } else {
            Text::TooSoon
        }));
        return;
    }
    // Another key behind it: a finger, and it was meant.
    if let Some(held) = held {
        answer(state, held, out);
        press_key(state, key, out);
        return;
    }
    let since_led_here = since_led_here(state, place, key);
    if is_text(state, place, key) {
        type_key(state, place, key, out);
        return;
    }
    match place.action(key) {
        Some(action) => match refusal(state, action) {
            Some(note) => state.say(note),
            None if since_led_here.is_some_and(|ms| ms < reflex_ms(action)) => {
                state.say(Note::warning(Text::TooSoon));
            }
            None if matches!(key, Key::Char(_)) && waits_to_be_the_only_one(action) => {
                state.typing.held = Some(Held {
                    action,
                    place,
                    until_ms: state.now.mono_ms + BURST_MS,
                });
            }
            None => act(state, action, out),
        },
        None => match key {
            // An F-key that means nothing here says so, rather than nothing.
            Key::F(_) => state.say(Note::plain(Text::KeyMeansNothing)),
            Key::Unknown => state.say(Note::plain(Text::KeyUnknown)),
            _ => type_key(state, place, key, out),
        },
    }
}

/// True for answers that act at once: the first digit of a scanner's burst must not give them.
const fn waits_to_be_the_only_one(action: Action) -> bool {
    matches!(
        action,
        Action::Retry
            | Action::Park
            | Action::Leave
            | Action::LoopStart
            | Action::UndoByHand
            | Action::SetAside
            | Action::TakeBackParts
            | Action::WorkByHand
            | Action::SlipIsRight
            | Action::DailyLogDone
            | Action::BillAgain
            | Action::TakeItems
            | Action::TakeWhole
            | Action::TakeNewBill
            | Action::PayUnchecked
            | Action::PayAgain
    )
}

/// The held digit was the only one.
pub(crate) fn time_reached(state: &mut State, out: &mut Vec<Effect>) {
    if state
        .typing
        .held
        .is_some_and(|held| held.until_ms <= state.now.mono_ms)
        && let Some(held) = state.typing.held.take()
    {
        answer(state, held, out);
    }
}

/// Give a held answer, if its question still stands.
fn answer(state: &mut State, held: Held, out: &mut Vec<Effect>) {
    if state.place() == held.place {
        match refusal(state, held.action) {
            Some(note) => state.say(note),
            None => act(state, held.action, out),
        }
    }
}

/// True in the middle of a number: its digits are no answers to a question, and neither they nor their Enter take an outcome away that
/// appeared while it was typed. A scanner that types like a keyboard ends here too.
fn is_typed_on(state: &mut State, place: Place, key: Key) -> bool {
    let now = state.now.mono_ms;
    let before = state
        .typing
        .run
        .filter(|run| matches!(run.key, Key::Char(_)) && now.saturating_sub(run.at_ms) < REPEAT_MS);
    let typed_on = before.is_some_and(|run| match (place, key) {
        (Place::Done, Key::Char(_) | Key::Enter) => run.began != place,
        (
            Place::NotCharged
            | Place::NotUndone
            | Place::Unknown
            | Place::Leave
            | Place::HalfDone
            | Place::LinkLoop
            | Place::LinkAnother
            | Place::DailyLog
            | Place::Unreflected
            | Place::ItemReport
            | Place::BilledToday
            | Place::BillChanged
            | Place::BillUnchecked
            | Place::PaidToday
            | Place::Reissue
            | Place::Wizard(Page::Doubt | Page::GiveUp),
            Key::Char(_),
        ) => !is_text(state, place, key),
        _ => false,
    });
    if let Some(run) = before.filter(|_| typed_on) {
        state.typing.run = Some(Run {
            key,
            at_ms: now,
            ..run
        });
    }
    typed_on
}

/// How long ago the same key was pressed, where it is this key that led to this screen (ms).
fn since_led_here(state: &mut State, place: Place, key: Key) -> Option<u64> {
    let now = state.now.mono_ms;
    let before = state
        .typing
        .run
        .filter(|run| run.key == key && now.saturating_sub(run.at_ms) < REPEAT_MS);
    let began = before.map_or(place, |run| run.began);
    state.typing.run = Some(Run {
        key,
        began,
        at_ms: now,
    });
    before
        .filter(|run| run.began != place)
        .map(|run| now.saturating_sub(run.at_ms))
}

/// How soon after it led to a screen a key says nothing there (ms). Taking an outcome off the screen, and trying again, wait until the hand
/// has surely let go. F12 for the card and F12 for the amount is the rhythm of the counter, and stays.
const fn reflex_ms(action: Action) -> u64 {
    match action {
        Action::NextCustomer
        | Action::Retry
        | Action::TakeBack
        | Action::UndoByHand
        | Action::WorkByHand
        | Action::BeginByHand
        | Action::StepDone
        | Action::RecordSlip => REPEAT_MS,
        _ => 0,
    }
}

/// True where a character is text before it is a command.
pub(crate) fn is_text(state: &State, place: Place, key: Key) -> bool {
    let Key::Char(c) = key else {
        return false;
    };
    match (&state.screen, place) {
        (Screen::Register(register), Place::Register) => {
            c != '?' || !register.input.is_empty() && state.owns_the_books()
        }
        (Screen::Unknown(unknown), Place::Unknown) => unknown::takes_text(unknown),
        (Screen::Scan(_), Place::Scan) => c != '?',
        (Screen::Scan(bill), Place::BilledToday) => c != '?' && bill.proof.is_some(),
        (Screen::LinkSetup(setup), Place::LinkAnother) => link_setup::takes_text(setup),
        (Screen::Checkout(_), Place::Checkout)
        | (Screen::CardSelect(_), Place::CardSelect)
        | (Screen::History(_), Place::History)
        | (Screen::Items(_), Place::Items)
        | (Screen::Printer(_), Place::Printer) => c != '?',
        (Screen::CardReport(_), Place::CardFilter) => c != '?',
        (Screen::Undo(_), Place::Undo) => c != '?',
        (Screen::Done(_), Place::Done) => c != '?',
        (Screen::Wizard(wizard), Place::Wizard(_)) => c != '?' && wizard::takes_text(wizard),
        (Screen::Unreflected(queue), Place::Unreflected) => reflection::takes_text(queue),
        (Screen::Worklist(_), Place::Worklist) | (Screen::Bill(_), Place::Bill) => c != '?',
        (_, Place::PaidToday) => match state.popups.last() {
            Some(Popup::PaidToday(asked)) => bill::paid_takes_text(asked),
            _ => false,
        },
        (_, Place::Menu) => c.is_ascii_digit() || c.is_ascii_lowercase(),
        (_, Place::Operator) => c != '?',
        _ => false,
    }
}

fn type_key(state: &mut State, place: Place, key: Key, out: &mut Vec<Effect>) {
    match place {
        Place::Register => register::type_key(state, key),
        Place::Checkout => checkout::type_key(state, key),
        Place::CardSelect => card_select::type_key(state, key),
        Place::Unknown => unknown::type_key(state, key),
        Place::Scan | Place::BilledToday => scan::type_key(state, key),
        Place::LinkAnother => link_setup::type_key(state, key),
        Place::Items => items::type_key(state, key, out),
        Place::History => history::type_key(state, key),
        Place::CardFilter => card_report::type_key(state, key),
        Place::Undo => undo::type_key(state, key),
        Place::Printer => printing::type_key(state, key),
        Place::Operator => operator::type_key(state, key),
        Place::Menu => {
            if let Key::Char(c) = key {
                popup::digit(state, c, out);
            }
        }
        // The next bill may begin by typing it.
        Place::Done => {
            outcome::act_done(state, Action::NextCustomer, out);
            register::type_key(state, key);
        }
        Place::Wizard(_) => wizard::type_key(state, key),
        Place::Unreflected => reflection::type_key(state, key),
        Place::Worklist => worklist::type_key(state, key),
        Place::Bill => bill::type_key(state, key),
        Place::PaidToday => bill::type_paid(state, key),
        Place::ByHand
        | Place::Charging
        | Place::NotCharged
        | Place::NotUndone
        | Place::CardReport
        | Place::CardTotals
        | Place::CardExport
        | Place::Receipt
        | Place::Unresolved
        | Place::KeyCheck
        | Place::LinkSetup
        | Place::LinkTrace
        | Place::LinkLoop
        | Place::Help
        | Place::Leave
        | Place::HalfDone
        | Place::DailyLog
        | Place::BillChanged
        | Place::BillUnchecked
        | Place::Reissue
        | Place::ItemFiles
        | Place::ItemReading
        | Place::ItemReport
        | Place::ItemsOver => {}
    }
}

fn paste(state: &mut State, text: &str, out: &mut Vec<Effect>) {
    match state.place() {
        Place::Register if state.owns_the_books() => register::paste(state, text),
        Place::Checkout => checkout::paste(state, text),
        Place::Items => items::paste(state, text, out),
        Place::History => history::paste(state, text),
        Place::Worklist => worklist::paste(state, text),
        Place::Bill => bill::paste(state, text),
        _ => state.say(Note::warning(Text::PasteRefused)),
    }
}

/// Why an action cannot be done now; `None` where it can. The key bar dims by the same word.
pub fn refusal(state: &State, action: Action) -> Option<Note> {
    if !state.popups.is_empty() {
        return None;
    }
    match &state.screen {
        Screen::Opening(_) => Some(Note::plain(Text::OpeningBooks)),
        Screen::Register(register) => register::refusal(state, register, action),
        Screen::Checkout(checkout) => checkout::refusal(state, checkout, action),
        Screen::CardSelect(select) => card_select::refusal(state, select, action),
        Screen::ByHand(screen) => by_hand::refusal(state, screen, action),
        Screen::Charging(charge) => match action {
            Action::Back
                if charge.stage != charge::Stage::Calling
                    && !teeth::bites(Tooth::BackOutAfterSent) =>
            {
                Some(Note::warning(Text::StopAtTerminal))
            }
            _ => None,
        },
        Screen::Done(_) => (action == Action::Reissue && !printing::is_there(state))
            .then(|| printing::no_printer(state)),
        Screen::NotCharged(screen) => outcome::refusal(state, screen, action),
        Screen::Unknown(unknown) => unknown::refusal(state, unknown, action),
        Screen::Scan(bill) => scan::refusal(state, bill, action),
        Screen::Items(items) => items::refusal(items, action),
        Screen::Import(_) => items::import::refusal(state, action),
        Screen::History(history) => match action {
            Action::Back if !state.owns_the_books() => Some(Note::plain(Text::NothingToGoBackTo)),
            _ => history::refusal(history, action),
        },
        Screen::CardReport(report) => card_report::refusal(state, report, action),
        Screen::Receipt(receipt) => receipt::refusal(state, receipt, action),
        Screen::Undo(screen) => undo::refusal(state, screen, action),
        Screen::Unresolved(_) => unresolved::refusal(state, action),
        Screen::KeyCheck(_) => None,
        Screen::LinkSetup(setup) => link_setup::refusal(state, setup, action),
        Screen::Printer(_) => printing::refusal(state, action),
        Screen::Wizard(wizard) => wizard::refusal(state, wizard, action),
        Screen::Unreflected(queue) => reflection::refusal(state, queue, action),
        Screen::Worklist(list) => worklist::refusal(list, action),
        Screen::Bill(shown) => bill::refusal(state, shown, action),
    }
}

fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    match action {
        Action::Help | Action::Redraw | Action::Menu | Action::History | Action::CardReport => {
            popup::perform(state, action, out);
            return;
        }
        Action::Leave | Action::HideNames | Action::Worklist if state.popups.is_empty() => {
            popup::perform(state, action, out);
            return;
        }
        Action::CheckLink
            if matches!(state.screen, Screen::Checkout(_) | Screen::CardSelect(_)) =>
        {
            state.note = None;
            popup::perform(state, action, out);
            return;
        }
        _ => {}
    }
    if !state.popups.is_empty() {
        popup::act(state, action, out);
        return;
    }
    match &state.screen {
        Screen::Opening(_) => {}
        Screen::Register(_) => register::act(state, action, out),
        Screen::Checkout(_) => checkout::act(state, action, out),
        Screen::CardSelect(_) => card_select::act(state, action, out),
        Screen::ByHand(_) => by_hand::act(state, action, out),
        Screen::Charging(_) => {
            if action == Action::Back {
                charge::back_out(state, out);
            }
        }
        Screen::Done(_) => outcome::act_done(state, action, out),
        Screen::NotCharged(_) => outcome::act_not_charged(state, action, out),
        Screen::Unknown(_) => unknown::act(state, action, out),
        Screen::Scan(_) => scan::act(state, action, out),
        Screen::Items(_) => items::act(state, action, out),
        Screen::Import(_) => items::import::act(state, action, out),
        Screen::History(_) => history::act(state, action, out),
        Screen::CardReport(_) => card_report::act(state, action, out),
        Screen::Receipt(_) => receipt::act(state, action, out),
        Screen::Undo(_) => undo::act(state, action, out),
        Screen::Unresolved(_) => unresolved::act(state, action, out),
        Screen::KeyCheck(_) => {}
        Screen::LinkSetup(_) => link_setup::act(state, action, out),
        Screen::Printer(_) => printing::act(state, action, out),
        Screen::Wizard(_) => wizard::act(state, action, out),
        Screen::Unreflected(_) => reflection::act(state, action, out),
        Screen::Worklist(_) => worklist::act(state, action, out),
        Screen::Bill(_) => bill::act(state, action, out),
    }
}
