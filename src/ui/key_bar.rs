//! The key bar: what each key does here, read from the key map, dim where the console would refuse it.
//!
//! F-keys, answers by digit and `?` always stand there. Enter and the page keys are added where there is room: they are
//! named on the help page too.

use ratatui::layout::Rect;

use super::pen::{Pen, row, skip};
use super::style::Role;
use super::words;
use crate::app::action::Action;
use crate::app::key::Key;
use crate::app::keymap::Place;
use crate::app::{State, input};

/// One label of the bar.
struct Label {
    keys: String,
    action: Action,
    refused: bool,
}

impl Label {
    fn word<'a>(&self, pen: &Pen<'a>) -> &'a str {
        pen.text(self.action.label())
    }

    fn width(&self, pen: &Pen<'_>) -> u16 {
        pen.width(&self.keys) + 1 + pen.width(self.word(pen))
    }
}

/// Draw the last line of the screen.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State) {
    let screen = pen.screen();
    let line = row(screen, screen.height - 1);
    let bindings = state.place().bindings();
    let always = |key: &Key| matches!(key, Key::F(_) | Key::Char(_));
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for label in labels(state, bindings, always) {
        if label.keys.contains("F12") {
            right.push(label);
        } else {
            left.push(label);
        }
    }
    right.push(Label {
        keys: "?".to_owned(),
        action: Action::Help,
        refused: input::refusal(state, Action::Help).is_some() || is_typed(state, Key::Char('?')),
    });
    let named: Vec<Action> = left
        .iter()
        .chain(&right)
        .map(|label| label.action)
        .collect();
    // The page keys are one without the other only where the screen has one of them.
    for keys in [&[Key::Enter][..], &[Key::PageUp, Key::PageDown]] {
        let mut more = labels(state, bindings, |key| keys.contains(key));
        more.retain(|label| !named.contains(&label.action));
        let all = left.iter().chain(&right).chain(&more);
        let used: u16 = all.map(|label| label.width(pen) + 2).sum();
        if used <= line.width {
            left.append(&mut more);
        }
    }
    // Two columns between labels, one where two would not fit.
    let count = u16::try_from(left.len() + right.len()).unwrap_or(0);
    let bare: u16 = left.iter().chain(&right).map(|l| l.width(pen)).sum();
    let gap = if bare + count * 2 <= line.width { 2 } else { 1 };
    let mut rest = line;
    for label in &left {
        rest = skip(put(pen, rest, label), gap);
    }
    let wide: u16 = right.iter().map(|label| label.width(pen) + gap).sum();
    let mut rest = skip(rest, rest.width.saturating_sub(wide - gap));
    for label in &right {
        rest = skip(put(pen, rest, label), gap);
    }
}

/// Labels of the keys that `wanted` picks, one an action, in the order of the key map; digits before F-keys.
fn labels(state: &State, bindings: &[(Key, Action)], wanted: impl Fn(&Key) -> bool) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    for (key, action) in bindings.iter().filter(|(key, _)| wanted(key)) {
        let name = words::key(*key);
        if let Some(label) = labels.iter_mut().find(|label| label.action == *action) {
            label.keys = match key {
                Key::Char(_) => format!("{name}/{}", label.keys),
                _ => format!("{}/{name}", label.keys),
            };
            continue;
        }
        labels.push(Label {
            keys: name,
            action: *action,
            refused: input::refusal(state, *action).is_some() || is_typed(state, *key),
        });
    }
    labels
}

/// True where a key is text now rather than an answer: a proof or a line is being typed, or the key check shows it.
fn is_typed(state: &State, key: Key) -> bool {
    let place = state.place();
    let character = matches!(key, Key::Char(_));
    character && (place == Place::KeyCheck || input::is_text(state, place, key))
}

fn put(pen: &mut Pen<'_>, rest: Rect, label: &Label) -> Rect {
    let (cap, word) = if label.refused {
        (Role::Faint, Role::Faint)
    } else {
        (Role::Key, Role::Plain)
    };
    let rest = pen.put(rest, &label.keys, cap);
    let text = label.word(pen);
    pen.put(skip(rest, 1), text, word)
}
