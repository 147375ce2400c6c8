//! 担当者入力: who is at the counter, by code, and the second person whom some acts need.
//!
//! A question lies over the screen; what follows the answer is told with it ([`After`]). Nothing that was typed ahead, and no scanner,
//! answers it: keys count only once the hands have rested, and only as slowly as hands are.

use super::State;
use super::action::Action;
use super::field::{Field, Kind};
use super::key::Key;
use super::message::Effect;
use super::note::{Note, Value};
use super::popup::Popup;
use crate::domain::sale::Operator;
use crate::domain::text::holds_card_number;
use crate::locale::Text;
use crate::teeth::{self, Tooth};

/// Keys that come before the hands have rested this long were meant for the screen before (ms).
const REST_MS: u64 = 300;
/// A scanner types at least so many characters, each sooner after the last than a person can (ms).
const SCAN_CHARS_MIN: u64 = 4;
const SCAN_GAP_MS: u64 = 30;
/// The longest code and name, as in the config.
const CODE_MAX: usize = 8;
const NAME_MAX: usize = 40;
/// So many of the list are passed over by a page key.
const PAGE: usize = 5;

/// What goes on once it is known who it is. It is told the operator; what else it needs is on the screen below.
#[derive(Debug, Clone, Copy)]
pub struct After(Then);

type Then = fn(&mut State, Operator, &mut Vec<Effect>);

impl After {
    /// This goes on.
    pub const fn new(then: Then) -> After {
        After(then)
    }

    /// Nothing goes on.
    pub const fn nothing() -> After {
        After(|_, _, _| {})
    }
}

impl PartialEq for After {
    fn eq(&self, other: &After) -> bool {
        std::ptr::fn_addr_eq(self.0, other.0)
    }
}

impl Eq for After {}

/// The question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Who is asked for.
    pub who: Who,
    /// The code being typed.
    pub code: Field,
    /// The name being typed behind it, where the list has nobody to choose from.
    pub name: Option<Field>,
    /// The first of the list that is shown.
    pub scroll: usize,
    after: After,
    /// Until then keys were meant for the screen before (ms).
    deaf_until_ms: u64,
    /// When the first character was typed, and how many (ms).
    typed: (u64, u64),
}

/// Who is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Whoever is at the counter now, at the start of a sale or task.
    Operator,
    /// 担当者交代.
    Change,
    /// 2人目: somebody else, who allows what this sentence says.
    Second(Text),
}

/// True where there is a list to choose from.
pub fn is_listed(state: &State) -> bool {
    state.settings.operators.list.len() > 1
}

/// Ask who is at the counter, at the start of a sale or task, and go on. Where the site does not want it, it goes on at once.
pub fn ask(state: &mut State, after: After, out: &mut Vec<Effect>) {
    if state.settings.operators.ask && is_listed(state) {
        open(state, Who::Operator, after);
    } else {
        (after.0)(state, state.operator.clone(), out);
    }
}

/// Ask for a second person, who allows what `what` says: another of the list; where there is no list, a code and a name.
/// `after` is told who it is. The operator at the counter stays who it was.
pub fn second(state: &mut State, what: Text, after: After) {
    open(state, Who::Second(what), after);
}

/// 担当者交代.
pub(crate) fn change(state: &mut State) {
    open(state, Who::Change, After::nothing());
}

fn open(state: &mut State, who: Who, after: After) {
    state.note = None;
    state.popups.push(Popup::Operator(Box::new(Ask {
        who,
        code: Field::new(Kind::Code, CODE_MAX),
        name: None,
        scroll: 0,
        after,
        deaf_until_ms: state.now.mono_ms + REST_MS,
        typed: (0, 0),
    })));
}

impl Ask {
    /// The field that is typed into.
    pub fn field(&self) -> &Field {
        self.name.as_ref().unwrap_or(&self.code)
    }

    fn clear(&mut self) {
        self.code.clear();
        self.name = None;
        self.typed = (0, 0);
    }

    /// Faster than fingers.
    fn is_scanned(&self, now_ms: u64) -> bool {
        let (since, count) = self.typed;
        count >= SCAN_CHARS_MIN && now_ms.saturating_sub(since) < count * SCAN_GAP_MS
    }
}

fn asked(state: &mut State) -> Option<&mut Ask> {
    match state.popups.last_mut() {
        Some(Popup::Operator(ask)) => Some(ask),
        _ => None,
    }
}

/// True for a key that was typed ahead. The hands must rest before one counts.
fn is_typed_ahead(state: &mut State) -> bool {
    let now = state.now.mono_ms;
    let early = asked(state).is_some_and(|ask| {
        let early = now < ask.deaf_until_ms;
        if early {
            ask.deaf_until_ms = now + REST_MS;
        }
        early
    });
    if early {
        state.say(Note::warning(Text::TooSoon));
    }
    early
}

/// A character of the code or the name.
pub(crate) fn type_key(state: &mut State, key: Key) {
    if is_typed_ahead(state) {
        return;
    }
    let now = state.now.mono_ms;
    let Some(ask) = asked(state) else {
        return;
    };
    if ask.typed.1 == 0 {
        ask.typed.0 = now;
    }
    // What no longer fits was typed all the same.
    ask.typed.1 += u64::from(matches!(key, Key::Char(_)));
    let field = ask.name.as_mut().unwrap_or(&mut ask.code);
    if field.press(key) {
        if field.is_empty() {
            ask.typed = (now, 0);
        }
        state.note = None;
    }
}

/// An action of the question.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let last = state.settings.operators.list.len().saturating_sub(1);
    match action {
        Action::Choose if !is_typed_ahead(state) => answer(state, out),
        Action::PageDown => {
            if let Some(ask) = asked(state) {
                ask.scroll = (ask.scroll + PAGE).min(last);
            }
        }
        Action::PageUp => {
            if let Some(ask) = asked(state) {
                ask.scroll = ask.scroll.saturating_sub(PAGE);
            }
        }
        _ => {}
    }
}

/// Enter: hold what is typed against the list, and go on.
fn answer(state: &mut State, out: &mut Vec<Effect>) {
    let now = state.now.mono_ms;
    let Some(ask) = asked(state) else {
        return;
    };
    if ask.is_scanned(now) {
        ask.clear();
        out.push(Effect::Bell(2));
        state.say(Note::warning(Text::ScanRefused));
        return;
    }
    let ask = ask.clone();
    match found(state, &ask) {
        Found::Somebody(operator) => {
            state.popups.pop();
            state.note = None;
            if !matches!(ask.who, Who::Second(_)) {
                state.operator = operator.clone();
            }
            if ask.who == Who::Change {
                let name = Value::Word(operator.name.clone());
                state.say(Note::plain(Text::OperatorChanged).with("name", name));
            }
            (ask.after.0)(state, operator, out);
        }
        Found::NeedsName => {
            if let Some(ask) = asked(state) {
                ask.name = Some(Field::new(Kind::Text, NAME_MAX));
                ask.typed = (now, 0);
            }
            state.note = None;
        }
        Found::Nobody(note) => {
            if let Some(ask) = asked(state)
                && ask.name.is_none()
            {
                ask.clear();
            }
            state.say(note);
        }
    }
}

/// Whom the typed code names.
enum Found {
    Somebody(Operator),
    NeedsName,
    Nobody(Note),
}

fn found(state: &State, ask: &Ask) -> Found {
    let code = ask.code.text();
    if code.is_empty() {
        return Found::Nobody(Note::warning(Text::OperatorCodeEmpty));
    }
    let is_second = matches!(ask.who, Who::Second(_));
    let alone = teeth::bites(Tooth::OnePersonIsTwo);
    if is_second && state.operator.code.eq_ignore_ascii_case(code) && !alone {
        return Found::Nobody(Note::warning(Text::SecondIsSame));
    }
    if is_listed(state) {
        return match state.settings.operators.of_code(code) {
            Some(operator) => Found::Somebody(operator.clone()),
            None => {
                let code = Value::Word(code.to_owned());
                Found::Nobody(Note::warning(Text::NoSuchOperator).with("code", code))
            }
        };
    }
    let name = ask.name.as_ref().map(|name| name.text().trim());
    match name {
        None => Found::NeedsName,
        Some("") => Found::Nobody(Note::warning(Text::OperatorNameEmpty)),
        Some(name) if holds_card_number(name) => {
            Found::Nobody(Note::alarm(Text::LooksLikeCardNumber))
        }
        Some(name) if name == state.operator.name => {
            Found::Nobody(Note::warning(Text::SecondIsSame))
        }
        Some(name) => Found::Somebody(Operator {
            code: code.to_owned(),
            name: name.to_owned(),
        }),
    }
}
