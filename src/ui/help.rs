//! The help page, generated from the key map and the actions: no key is named here that the console does not know.

use ratatui::layout::Rect;

use super::pen::{Pen, below, row, skip, take};
use super::style::Role;
use super::{text, words};
use crate::app::action::Action;
use crate::app::key::Key;
use crate::app::keymap::Place;
use crate::locale::Text;

/// The columns of the keys.
const KEYS: u16 = 18;

/// One line of the page.
enum HelpLine {
    Blank,
    Title(Text),
    Keys { keys: String, help: String },
}

/// Draw the lines from `scroll` on; the keys of the screen below come first.
pub(crate) fn draw(pen: &mut Pen<'_>, area: Rect, here: Place, scroll: usize) {
    let used = pen.wrap(area, pen.text(Text::HelpEscape), Role::Strong);
    let used = used + pen.wrap(below(area, used), pen.text(Text::HelpEnter), Role::Strong);
    let area = below(area, used);
    // The last row says how far this is.
    let room = usize::from(area.height.saturating_sub(1));
    let lines = page(pen, here, usize::from(area.width.saturating_sub(KEYS)));
    // The last page stays full: scrolling past the end shows the end.
    let first = scroll.min(lines.len().saturating_sub(room));
    for (index, line) in (0..).zip(lines.iter().skip(first).take(room)) {
        let place = row(area, index);
        match line {
            HelpLine::Blank => {}
            HelpLine::Title(title) => {
                pen.put(place, pen.text(*title), Role::Title);
            }
            HelpLine::Keys { keys, help } => {
                pen.put(skip(take(place, KEYS - 1), 2), keys, Role::Strong);
                pen.put(skip(place, KEYS), help, Role::Plain);
            }
        }
    }
    let seen = (first + room).min(lines.len());
    let mark = format!("PgUp/PgDn {seen}/{}", lines.len());
    let last = row(area, area.height.saturating_sub(1));
    pen.right(last, &mark, Role::Faint);
}

/// The whole page: this place of the key map, what holds everywhere, then each other place.
fn page(pen: &Pen<'_>, here: Place, columns: usize) -> Vec<HelpLine> {
    let mut lines = Vec::new();
    place_lines(pen, &mut lines, here, columns);
    lines.extend([HelpLine::Blank, HelpLine::Title(Text::HelpEverywhere)]);
    for (key, action) in [
        (Key::Char('?'), Action::Help),
        (Key::Ctrl('c'), Action::Leave),
        (Key::Ctrl('l'), Action::Redraw),
    ] {
        explain(pen, &mut lines, words::key(key), action, columns);
    }
    for place in Place::ALL.iter().filter(|place| **place != here) {
        place_lines(pen, &mut lines, *place, columns);
    }
    lines
}

fn place_lines(pen: &Pen<'_>, lines: &mut Vec<HelpLine>, place: Place, columns: usize) {
    lines.extend([HelpLine::Blank, HelpLine::Title(words::title(place))]);
    let mut explained: Vec<Action> = Vec::new();
    for (_, action) in place.bindings() {
        if !explained.contains(action) {
            explained.push(*action);
            let keys = keys_of(place, *action);
            explain(pen, lines, keys, *action, columns);
        }
    }
}

/// One action, on as many lines as its sentence takes.
fn explain(pen: &Pen<'_>, lines: &mut Vec<HelpLine>, keys: String, action: Action, columns: usize) {
    let mut keys = keys;
    for help in text::wrap(pen.text(action.help()), columns) {
        lines.push(HelpLine::Keys {
            keys: std::mem::take(&mut keys),
            help,
        });
    }
}

fn keys_of(place: Place, action: Action) -> String {
    let keys: Vec<String> = place
        .bindings()
        .iter()
        .filter(|(_, bound)| *bound == action)
        .map(|(key, _)| words::key(*key))
        .collect();
    keys.join(" ")
}

#[cfg(test)]
#[path = "readme_tests.rs"]
mod readme;
