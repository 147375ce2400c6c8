//! The help page, generated from the key map and the actions: no key is named here that the console does not know.

use ratatui::layout::Rect;

use super::pen::{Pen, below, row, skip, take};
use super::style::Role;
use super::words;
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
    Keys(Place, Action),
    Everywhere(Key, Action),
}

/// Draw the lines from `scroll` on.
pub(crate) fn draw(pen: &mut Pen<'_>, area: Rect, scroll: usize) {
    let used = pen.wrap(area, pen.text(Text::HelpEscape), Role::Strong);
    let used = used + pen.wrap(below(area, used), pen.text(Text::HelpEnter), Role::Strong);
    let area = below(area, used);
    let room = usize::from(area.height);
    let lines: Vec<HelpLine> = page().collect();
    // The last page stays full: scrolling past the end shows the end.
    let first = scroll.min(lines.len().saturating_sub(room));
    for (index, line) in lines.iter().skip(first).take(room).enumerate() {
        let place = row(area, u16::try_from(index).unwrap_or(u16::MAX));
        match line {
            HelpLine::Blank => {}
            HelpLine::Title(title) => {
                pen.put(place, pen.text(*title), Role::Title);
            }
            HelpLine::Keys(at, action) => put(pen, place, &keys_of(*at, *action), *action),
            HelpLine::Everywhere(key, action) => put(pen, place, &words::key(*key), *action),
        }
    }
    let page = format!("{}/{}", first + room.min(lines.len() - first), lines.len());
    pen.right(row(area, area.height.saturating_sub(1)), &page, Role::Faint);
}

fn put(pen: &mut Pen<'_>, place: Rect, keys: &str, action: Action) {
    pen.put(skip(take(place, KEYS - 1), 2), keys, Role::Strong);
    pen.put(skip(place, KEYS), pen.text(action.help()), Role::Plain);
}

fn page() -> impl Iterator<Item = HelpLine> {
    let everywhere = [
        (Key::Char('?'), Action::Help),
        (Key::Ctrl('c'), Action::Leave),
        (Key::Ctrl('l'), Action::Redraw),
    ];
    let first = std::iter::once(HelpLine::Blank)
        .chain(std::iter::once(HelpLine::Title(Text::HelpEverywhere)))
        .chain(everywhere.map(|(key, action)| HelpLine::Everywhere(key, action)));
    let places = Place::ALL.iter().flat_map(|place| {
        let mut actions: Vec<Action> = Vec::new();
        for (_, action) in place.bindings() {
            if !actions.contains(action) {
                actions.push(*action);
            }
        }
        [HelpLine::Blank, HelpLine::Title(words::title(*place))]
            .into_iter()
            .chain(
                actions
                    .into_iter()
                    .map(|action| HelpLine::Keys(*place, action)),
            )
    });
    first.chain(places)
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
