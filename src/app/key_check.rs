//! キー確認: what each key sends here, and giving unknown bytes the meaning of an F-key.

use super::field::{Field, Kind};
use super::key::{Key, KeyPress};
use super::message::Effect;
use super::note::{Note, Value};
use super::{Screen, State};
use crate::locale::Text;

/// How many presses stay on the screen.
const PRESSES_MAX: usize = 8;

/// The key check.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyCheck {
    /// The newest presses, the newest last.
    pub presses: Vec<KeyPress>,
    /// The number of the F-key that the newest unknown bytes shall mean.
    pub number: Field,
}

/// Open the screen.
pub(crate) fn open(state: &mut State) {
    state.popups.clear();
    state.note = None;
    state.screen = Screen::KeyCheck(KeyCheck {
        presses: Vec::new(),
        number: Field::new(Kind::Amount, 2),
    });
}

impl KeyCheck {
    /// The newest bytes that may be given a meaning: a sequence, not a plain character.
    pub fn candidate(&self) -> Option<&KeyPress> {
        self.presses.iter().rev().find(|press| {
            press.bytes.len() > 1
                && press.bytes.first().is_some_and(|byte| *byte < 0x20)
                && matches!(press.key, Key::Unknown | Key::F(_))
        })
    }
}

/// Every key is shown. F9 twice in a row leaves; digits and Enter give the newest sequence a meaning.
pub(crate) fn press(state: &mut State, press: KeyPress, out: &mut Vec<Effect>) {
    let Screen::KeyCheck(check) = &mut state.screen else {
        return;
    };
    let twice = press.key == Key::F(9)
        && check
            .presses
            .last()
            .is_some_and(|last| last.key == Key::F(9));
    if twice || press.key == Key::Char('q') {
        state.note = None;
        if state.owns_the_books() {
            state.open_register();
        } else {
            super::history::open(state, out);
        }
        return;
    }
    match press.key {
        Key::Char('0'..='9') | Key::Backspace => {
            check.number.press(press.key);
        }
        Key::Enter if !check.number.is_empty() => assign(state, out),
        _ => {
            check.presses.push(press);
            if check.presses.len() > PRESSES_MAX {
                check.presses.remove(0);
            }
            state.note = None;
        }
    }
}

fn assign(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::KeyCheck(check) = &mut state.screen else {
        return;
    };
    let number = check.number.text().parse::<u8>().ok();
    check.number.clear();
    let Some(number) = number.filter(|n| (1..=12).contains(n)) else {
        state.say(Note::warning(Text::KeyNumberWrong));
        return;
    };
    match check.candidate() {
        Some(press) => out.push(Effect::SaveKey {
            bytes: press.bytes.clone(),
            key: Key::F(number),
        }),
        None => state.say(Note::warning(Text::NoKeyToAssign)),
    }
}

/// The mapping was saved, and holds from now on; or it was not.
pub(crate) fn saved(state: &mut State, saved: Result<Key, String>) {
    match saved {
        Ok(key) => {
            let Screen::KeyCheck(check) = &state.screen else {
                return;
            };
            if let (Some(press), Key::F(number)) = (check.candidate().cloned(), key) {
                state.settings.keys.insert(press.bytes, key);
                state.say(
                    Note::plain(Text::KeySaved).with("number", Value::Number(u64::from(number))),
                );
            }
        }
        Err(detail) => {
            state.say(Note::alarm(Text::KeyNotSaved).with("detail", Value::Word(detail)));
        }
    }
}
