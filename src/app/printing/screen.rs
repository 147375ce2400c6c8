//! プリンター: the screen of the printer, its test, and one paper thrown away by its number.

use super::super::action::Action;
use super::super::field::{Field, Kind};
use super::super::key::Key;
use super::super::message::Effect;
use super::super::message::printing::PrintRequest;
use super::super::note::{Note, Value};
use super::super::{Screen, State};
use super::{UnderWay, is_there, pump};
use crate::domain::ledger::Document;
use crate::domain::paper::Unprinted;
use crate::domain::slip::SlipNumber;
use crate::locale::Text;

/// プリンター: the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrinterScreen {
    /// The number of a paper to be thrown away.
    pub number: Field,
    /// The first row that is shown.
    pub scroll: usize,
}

/// Open the screen.
pub(crate) fn open(state: &mut State) {
    state.note = None;
    state.screen = Screen::Printer(PrinterScreen {
        number: Field::new(Kind::Code, 12),
        scroll: 0,
    });
}

/// Why an action cannot be done now.
pub(crate) fn refusal(state: &State, action: Action) -> Option<Note> {
    let there = is_there(state);
    match action {
        Action::TestPrint | Action::RetryPrint if !there => Some(no_printer(state)),
        Action::RetryPrint | Action::ThrowAway if state.printing.waiting.is_empty() => {
            Some(Note::plain(Text::NothingToPrint))
        }
        _ => None,
    }
}

/// Why nothing can be printed here at all.
pub(crate) fn no_printer(state: &State) -> Note {
    if state.owns_the_books() {
        Note::warning(Text::NoPrinter)
    } else {
        Note::warning(Text::ViewerOnly)
    }
}

/// A key of the field.
pub(crate) fn type_key(state: &mut State, key: Key) {
    if let Screen::Printer(screen) = &mut state.screen {
        screen.number.press(key);
    }
}

/// An action of the screen.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let rows = state.printing.waiting.len();
    let Screen::Printer(screen) = &mut state.screen else {
        return;
    };
    match action {
        Action::Back => {
            state.note = None;
            state.open_register();
        }
        Action::PageDown => screen.scroll = (screen.scroll + 8).min(rows.saturating_sub(1)),
        Action::PageUp => screen.scroll = screen.scroll.saturating_sub(8),
        Action::TestPrint => {
            state.printing.enqueue(None, Document::Task, false);
            retry(state, out);
        }
        Action::RetryPrint => {
            for waiting in &mut state.printing.waiting {
                waiting.held = false;
            }
            retry(state, out);
        }
        Action::ThrowAway => throw_away(state, out),
        _ => {}
    }
}

/// Now, whatever the pause.
fn retry(state: &mut State, out: &mut Vec<Effect>) {
    state.note = None;
    state.printing.retry_at = None;
    state.printing.failures = 0;
    pump(state, out);
}

/// One paper is not wanted any more: the one whose number was typed, all of it. What is at the printer cannot be called back.
fn throw_away(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Printer(screen) = &mut state.screen else {
        return;
    };
    let typed = screen.number.text().parse::<u32>().ok();
    let typed = typed
        .map(SlipNumber::new)
        .or_else(|| SlipNumber::of_code(screen.number.text()).ok());
    let printing = &mut state.printing;
    let at = typed.and_then(|slip| printing.waiting.iter().position(|w| w.slip == Some(slip)));
    let Some(at) = at else {
        state.say(Note::warning(Text::TypeWaitingNumber));
        return;
    };
    let number = printing.waiting[at].number;
    if printing.under_way == Some(UnderWay::Printing(number)) {
        state.say(Note::warning(Text::PrintUnderWay));
        return;
    }
    if printing.number_under_way() == Some(number) {
        printing.under_way = None;
    }
    let gone = printing.waiting.remove(at);
    screen.number.clear();
    if let Some(slip) = gone.slip {
        let document = gone.document;
        let unprinted = Unprinted { slip, document };
        state.printing.forgotten.push(unprinted);
        out.push(Effect::Print(PrintRequest::Forget(unprinted)));
        state.say(Note::plain(Text::PrintThrownAway).with("slip", Value::Slip(slip)));
    }
    pump(state, out);
}
