//! 売上入力: ringing up lines. What is typed becomes a line on Enter; F12 goes to the checkout.

use super::action::Action;
use super::checkout::Checkout;
use super::field::{Field, Kind};
use super::key::Key;
use super::message::Effect;
use super::note::{Note, Value};
use super::operator::{self, After};
use super::undo::{Undo, correction};
use super::{Screen, State, bill, items, popup};
use crate::domain::money::{AmountError, Yen};
use crate::domain::ring_up::{LineError, NAME_MAX, QUANTITY_MAX, parse_line};
use crate::domain::sale::{Line, TaxClass, total};
use crate::locale::Text;

/// The most lines of a bill.
pub const LINES_MAX: usize = 99;

/// The register.
#[derive(Debug, Clone, PartialEq)]
pub struct Register {
    /// What is being typed.
    pub input: Field,
    /// The line under the mark; `None` while a new line is typed.
    pub selected: Option<usize>,
    /// The line being changed, where one is.
    pub editing: Option<usize>,
    /// The tax class of what is typed, where no suffix says otherwise.
    pub tax: TaxClass,
    /// 差額: the lines are the corrected bill of a sale that is to be taken back.
    pub correcting: Option<Box<Undo>>,
}

impl Register {
    /// An empty input.
    pub fn new() -> Register {
        Register {
            input: Field::new(Kind::Text, 60),
            selected: None,
            editing: None,
            tax: TaxClass::NonTaxable,
            correcting: None,
        }
    }
}

impl Default for Register {
    fn default() -> Register {
        Register::new()
    }
}

/// A key that is no action here: text.
pub(crate) fn type_key(state: &mut State, key: Key) {
    if !state.owns_the_books() {
        return;
    }
    if let Screen::Register(register) = &mut state.screen
        && register.input.press(key)
    {
        state.note = None;
    }
}

/// Pasted or scanned text goes into the input like typed text; it commits nothing.
pub(crate) fn paste(state: &mut State, text: &str) {
    if let Screen::Register(register) = &mut state.screen {
        register.input.paste(text);
    }
}

/// Why an action cannot be done now.
pub(crate) fn refusal(state: &State, register: &Register, action: Action) -> Option<Note> {
    let lines = &state.basket.lines;
    match action {
        Action::Issue if lines.is_empty() && register.input.is_empty() => {
            Some(Note::warning(Text::NoLineYet))
        }
        // What was scanned a moment ago is on the bill, or said not to be, before it is paid.
        Action::Issue if items::awaited(state) => Some(Note::plain(Text::Reading)),
        Action::Items => items::closed(state),
        Action::RemoveLine if lines.is_empty() => Some(Note::warning(Text::NoLineYet)),
        Action::Worklist if register.correcting.is_none() => popup::refusal(state, action),
        Action::History | Action::Menu | Action::Worklist if register.correcting.is_some() => {
            Some(Note::warning(Text::CorrectFirst))
        }
        Action::Back
            if register.correcting.is_none()
                && register.input.is_empty()
                && register.selected.is_none()
                && register.editing.is_none() =>
        {
            Some(Note::warning(Text::NothingToGoBackTo))
        }
        _ => None,
    }
}

/// An action of this screen.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    match action {
        Action::Choose => choose(state, out),
        Action::Items => items::open(state, out),
        Action::Issue => issue(state, out),
        Action::ToggleTax => toggle_tax(state),
        Action::RemoveLine => remove_line(state),
        Action::Up => move_mark(state, -1),
        Action::Down => move_mark(state, 1),
        Action::Back => {
            if let Screen::Register(register) = &mut state.screen {
                let nothing = register.input.is_empty()
                    && register.selected.is_none()
                    && register.editing.is_none();
                if nothing && register.correcting.is_some() {
                    correction::give_up(state);
                    return;
                }
                register.input.clear();
                register.selected = None;
                register.editing = None;
                state.note = None;
            }
        }
        _ => {}
    }
}

/// Enter: take what is typed as a line, or start changing the line under the mark.
fn choose(state: &mut State, out: &mut Vec<Effect>) {
    let bill_lines = state.basket.bill.as_ref().map_or(0, |bill| bill.lines);
    let Screen::Register(register) = &mut state.screen else {
        return;
    };
    if let (true, Some(index)) = (register.input.is_empty(), register.selected) {
        if index < bill_lines {
            state.note = Some(Note::warning(Text::BillLineStands));
            return;
        }
        if let Some(line) = state.basket.lines.get(index) {
            register.input.set(&as_typed(line));
            register.tax = line.tax;
            register.editing = Some(index);
        }
        return;
    }
    take_line(state, out);
}

/// Take what is typed as a line. False where it was refused (and said why).
fn take_line(state: &mut State, out: &mut Vec<Effect>) -> bool {
    let Screen::Register(register) = &mut state.screen else {
        return false;
    };
    if register.editing.is_none() && register.input.text().starts_with(items::CALL) {
        let typed = register.input.text().to_owned();
        items::call(state, &typed, out);
        return false;
    }
    let limit = state.settings.shop.amount_max;
    let line = match parse_line(register.input.text(), register.tax, limit) {
        Ok(line) => line,
        Err(error) => {
            state.note = Some(line_note(error, limit));
            return false;
        }
    };
    let mut lines = state.basket.lines.clone();
    match register.editing {
        Some(index) if index < lines.len() => lines[index] = line,
        _ => lines.push(line),
    }
    if lines.len() > LINES_MAX {
        state.note = Some(Note::warning(Text::TooManyLines));
        return false;
    }
    if total(&lines).is_none_or(|sum| sum > limit) {
        state.note = Some(Note::warning(Text::TotalTooLarge).with("limit", Value::Yen(limit)));
        return false;
    }
    state.basket.lines = lines;
    let tax = TaxClass::NonTaxable;
    *register = Register {
        tax,
        correcting: register.correcting.take(),
        ..Register::new()
    };
    state.note = None;
    true
}

/// 発行. An amount still in the input is taken first, so that F12 straight after typing works.
fn issue(state: &mut State, out: &mut Vec<Effect>) {
    let typed = matches!(&state.screen, Screen::Register(register) if !register.input.is_empty());
    if typed && !take_line(state, out) {
        return;
    }
    if total(&state.basket.lines).is_some_and(Yen::is_positive) {
        state.note = None;
        if matches!(&state.screen, Screen::Register(register) if register.correcting.is_some()) {
            correction::rung_up(state);
            return;
        }
        if state.basket.operator_asked {
            check_out(state);
        } else {
            operator::ask(state, After::new(|state, _, _| check_out(state)), out);
        }
    }
}

/// On to the payment, with whoever said to be at the counter.
fn check_out(state: &mut State) {
    if matches!(state.screen, Screen::Register(_)) {
        state.basket.operator_asked = state.settings.operators.ask;
        state.screen = Screen::Checkout(Checkout::new());
    }
}

fn toggle_tax(state: &mut State) {
    let marked = match &state.screen {
        Screen::Register(register) if register.input.is_empty() => register.selected,
        _ => None,
    };
    if marked.is_some_and(|index| bill::is_of_bill(state, index)) {
        state.say(Note::warning(Text::BillLineStands));
        return;
    }
    if let Screen::Register(register) = &mut state.screen {
        match register.selected {
            Some(index) if register.input.is_empty() => {
                if let Some(line) = state.basket.lines.get_mut(index) {
                    line.tax = line.tax.toggled();
                }
            }
            _ => register.tax = register.tax.toggled(),
        }
    }
}

/// A line of the receipt computer's bill takes the whole bill with it.
fn remove_line(state: &mut State) {
    let last = state.basket.lines.len().saturating_sub(1);
    let index = match &state.screen {
        Screen::Register(register) => register.selected.unwrap_or(last),
        _ => return,
    };
    if bill::is_of_bill(state, index) {
        bill::drop_bill(state);
        let empty = state.basket.lines.is_empty();
        if empty {
            state.basket.order = None;
            state.basket.operator_asked = false;
        }
        if let Screen::Register(register) = &mut state.screen {
            register.editing = None;
            register.selected = None;
        }
        state.say(Note::plain(Text::BillRemoved));
        return;
    }
    if let Screen::Register(register) = &mut state.screen {
        let lines = &mut state.basket.lines;
        let index = register.selected.unwrap_or(lines.len().saturating_sub(1));
        if index < lines.len() {
            lines.remove(index);
        }
        register.editing = None;
        register.selected = match register.selected {
            Some(_) if lines.is_empty() => None,
            Some(at) => Some(at.min(lines.len() - 1)),
            None => None,
        };
        if lines.is_empty() {
            state.basket.order = None;
            state.basket.operator_asked = false;
        }
        state.note = None;
    }
}

fn move_mark(state: &mut State, by: isize) {
    if let Screen::Register(register) = &mut state.screen {
        let count = state.basket.lines.len();
        register.selected = match (register.selected, by < 0) {
            (None, true) if count > 0 => Some(count - 1),
            (Some(at), true) => Some(at.saturating_sub(1)),
            (Some(at), false) if at + 1 < count => Some(at + 1),
            _ => None,
        };
    }
}

/// A line as a person would type it again.
fn as_typed(line: &Line) -> String {
    let mut typed = String::new();
    if !line.name.is_empty() {
        typed.push_str(&line.name);
        typed.push(' ');
    }
    typed.push_str(&line.unit.get().to_string());
    if line.quantity != 1 {
        typed.push_str(&format!(" x {}", line.quantity));
    }
    typed
}

/// The sentence for a line that was not taken.
pub(crate) fn line_note(error: LineError, limit: Yen) -> Note {
    match error {
        LineError::Amount(error) => amount_note(error, limit),
        LineError::Quantity => {
            Note::warning(Text::BadQuantity).with("limit", Value::Number(u64::from(QUANTITY_MAX)))
        }
        LineError::NameTooLong => {
            Note::warning(Text::NameTooLong).with("limit", Value::Number(NAME_MAX as u64))
        }
        LineError::CardNumber => Note::alarm(Text::LooksLikeCardNumber),
    }
}

/// The sentence for an amount that was not taken.
pub(crate) fn amount_note(error: AmountError, limit: Yen) -> Note {
    match error {
        AmountError::Empty => Note::warning(Text::AmountEmpty),
        AmountError::NotANumber => Note::warning(Text::AmountNotANumber),
        AmountError::Zero => Note::warning(Text::AmountZero),
        AmountError::Negative => Note::warning(Text::AmountNegative),
        AmountError::TooLarge => {
            Note::warning(Text::AmountTooLarge).with("limit", Value::Yen(limit))
        }
    }
}
