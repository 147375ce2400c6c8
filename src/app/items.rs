//! 品目: goods of the catalogue, rung up by a scan, a quick key, a code, or picked from what a search finds.
//!
//! ```text
//!  scan ─┐                    ┌─ there: a line, or one more of a line that is there
//!  /3 ───┼─ asked of the books┤
//!  /A-01 ┘                    └─ not there: said, or searched
//! ```
//!
//! A line is a copy: a price that changes later changes nothing that was rung up.

use super::action::Action;
use super::field::{Field, Kind};
use super::key::Key;
use super::message::items::{ItemKey, ItemPage, ItemQuery, ItemsAnswer, ItemsRequest};
use super::message::{Effect, StoreRequest};
use super::note::{Note, Value};
use super::register::{LINES_MAX, Register};
use super::{Screen, State, bill, outcome, scan};
use crate::domain::barcode::Scanned;
use crate::domain::item::{Item, Jan, QUICK_MAX};
use crate::domain::ring_up::QUANTITY_MAX;
use crate::domain::sale::total;
use crate::domain::text::fold_width;
use crate::locale::Text;

pub mod import;

/// The most rows a search shows; more words find the rest.
const ROWS_MAX: u16 = 200;
/// Lines of the screen that are not rows of the list.
const FRAME_ROWS: u16 = 9;

/// What a line at the register begins with that calls an item.
pub const CALL: char = '/';

/// The catalogue, as far as the console knows of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Catalogue {
    /// Items that were asked for and are not rung up yet.
    pending: u32,
    /// A file of goods being taken in.
    pub import: import::Import,
    /// The newest reading of a file.
    reading: u32,
}

/// The search.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemsScreen {
    /// What is typed to look for; a quantity behind it, like `x3`.
    pub find: Field,
    /// What was found last.
    pub page: ItemPage,
    /// The row under the mark.
    pub selected: usize,
    /// Whether the page is the answer.
    pub reading: Reading,
    asked: ItemQuery,
    /// The register, as it was left.
    behind: Box<Register>,
}

/// Whether the books have answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Not yet.
    Asked,
    /// They cannot be read.
    Failed,
    /// They have.
    Read,
}

impl ItemsScreen {
    fn new(behind: Register) -> ItemsScreen {
        ItemsScreen {
            find: Field::new(Kind::Text, 40),
            page: ItemPage::default(),
            selected: 0,
            reading: Reading::Asked,
            asked: ItemQuery::default(),
            behind: Box::new(behind),
        }
    }

    /// The words and the quantity that are typed; `None` for a quantity that is none.
    pub fn typed(&self) -> (&str, Option<u32>) {
        split(self.find.text())
    }

    fn ask(&mut self, out: &mut Vec<Effect>) {
        let query = ItemQuery {
            words: self.typed().0.to_owned(),
            limit: ROWS_MAX,
        };
        self.asked = query.clone();
        self.reading = Reading::Asked;
        out.push(request(ItemsRequest::Search(query)));
    }
}

/// Words, and `x3` behind them, alone or set off by a blank.
fn split(text: &str) -> (&str, Option<u32>) {
    let text = text.trim();
    let Some(at) = text.rfind(['x', 'X', '*', '×']) else {
        return (text, Some(1));
    };
    let (words, tail) = text.split_at(at);
    let digits = tail.trim_start_matches(['x', 'X', '*', '×']).trim();
    let set_off = words.is_empty() || words.ends_with(char::is_whitespace);
    if !set_off || digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return (text, Some(1));
    }
    (words.trim_end(), quantity(digits))
}

fn quantity(digits: &str) -> Option<u32> {
    let number = digits.parse().ok()?;
    (1..=QUANTITY_MAX).contains(&number).then_some(number)
}

fn bad_quantity() -> Note {
    Note::warning(Text::BadQuantity).with("limit", Value::Number(u64::from(QUANTITY_MAX)))
}

fn request(request: ItemsRequest) -> Effect {
    Effect::Store(StoreRequest::Items(request))
}

/// True while an item that was asked for is not rung up yet: the bill is not whole.
pub(crate) fn awaited(state: &State) -> bool {
    state.catalogue.pending > 0
}

/// Why the list cannot be opened now.
pub(crate) fn closed(state: &State) -> Option<Note> {
    if !state.owns_the_books() {
        return Some(Note::warning(Text::ViewerOnly));
    }
    match state.screen {
        Screen::Register(_) | Screen::Items(_) => None,
        _ => Some(Note::warning(Text::ItemsAtRegister)),
    }
}

/// Open the list over the register.
pub(crate) fn open(state: &mut State, out: &mut Vec<Effect>) {
    search(state, "", out);
}

fn search(state: &mut State, words: &str, out: &mut Vec<Effect>) {
    if let Screen::Register(register) = &state.screen {
        let mut items = ItemsScreen::new(register.clone());
        items.find.set(words);
        items.ask(out);
        state.screen = Screen::Items(Box::new(items));
        state.note = None;
    }
}

/// A line at the register that begins with `/`: a quick key, a code or a JAN, and a quantity; what is none of these is searched.
pub(crate) fn call(state: &mut State, typed: &str, out: &mut Vec<Effect>) {
    let typed = fold_width(typed);
    let body = typed.trim().trim_start_matches(CALL).trim();
    let (what, quantity) = match body.rsplit_once(['x', 'X', '*', '×']) {
        Some((what, digits))
            if !digits.trim().is_empty() && digits.trim().bytes().all(|b| b.is_ascii_digit()) =>
        {
            (what.trim_end(), self::quantity(digits.trim()))
        }
        _ => (body, Some(1)),
    };
    let Some(quantity) = quantity else {
        state.say(bad_quantity());
        return;
    };
    if let Screen::Register(register) = &mut state.screen {
        register.input.clear();
    }
    match what.parse::<u8>() {
        _ if what.is_empty() => open(state, out),
        Ok(key) if what.len() == 1 && (1..=QUICK_MAX).contains(&key) => {
            ask(state, ItemKey::Quick(key), quantity, out);
        }
        _ => ask(state, ItemKey::Typed(what.to_owned()), quantity, out),
    }
}

/// Goods were scanned.
pub(crate) fn scanned(state: &mut State, code: &str, out: &mut Vec<Effect>) {
    ask(state, ItemKey::Jan(code.to_owned()), 1, out);
}

/// True for a code that a rule takes for a patient's card and that may be a JAN-8 as well: only the catalogue can tell.
pub(crate) fn may_be_goods(scanned: &Scanned) -> bool {
    scanned.symbology.is_none() && scanned.code.len() == 8 && Jan::parse(&scanned.code).is_ok()
}

/// Such a code was scanned.
pub(crate) fn goods_or_card(state: &mut State, code: &str, out: &mut Vec<Effect>) {
    ask(state, ItemKey::JanOrCard(code.to_owned()), 1, out);
}

fn ask(state: &mut State, by: ItemKey, quantity: u32, out: &mut Vec<Effect>) {
    state.catalogue.pending += 1;
    out.push(request(ItemsRequest::Find { by, quantity }));
}

/// The books answered.
pub(crate) fn answered(state: &mut State, answer: ItemsAnswer, out: &mut Vec<Effect>) {
    match answer {
        ItemsAnswer::Page(page) => {
            if let Screen::Items(items) = &mut state.screen
                && items.asked == page.query
            {
                items.reading = Reading::Read;
                items.selected = items.selected.min(page.rows.len().saturating_sub(1));
                items.page = page;
            }
        }
        ItemsAnswer::Found { by, quantity, item } => {
            state.catalogue.pending = state.catalogue.pending.saturating_sub(1);
            match item {
                Some(item) if at_register(state, out) => ring_up(state, &item, quantity, out),
                Some(item) => {
                    refuse(state, named(Text::ItemNotRungUp, &item), out);
                }
                None => not_there(state, by, out),
            }
        }
        ItemsAnswer::Imported(done) => import::done(state, done, out),
    }
}

/// The books could not say.
pub(crate) fn failed(state: &mut State, request: &ItemsRequest) {
    match request {
        ItemsRequest::Search(query) => {
            if let Screen::Items(items) = &mut state.screen
                && items.asked == *query
            {
                items.reading = Reading::Failed;
            }
        }
        ItemsRequest::Find { .. } => {
            state.catalogue.pending = state.catalogue.pending.saturating_sub(1);
        }
        ItemsRequest::Import(_) => import::not_written(state),
    }
}

fn refuse(state: &mut State, note: Note, out: &mut Vec<Effect>) {
    out.push(Effect::Bell(2));
    state.say(note);
}

fn not_there(state: &mut State, by: ItemKey, out: &mut Vec<Effect>) {
    match by {
        ItemKey::Jan(code) => {
            let read = state.settings.barcodes.rules.read(&Scanned::read(&code));
            let note = match read.ok().and_then(|reading| reading.doubt) {
                Some(title) => {
                    Note::warning(Text::CodeOfOtherSite).with("title", Value::Name(title))
                }
                None => Note::warning(Text::GoodsUnknown).with("code", Value::Word(code)),
            };
            refuse(state, note, out);
        }
        ItemKey::JanOrCard(code) => scan::card(state, &code, out),
        ItemKey::Quick(key) => {
            let note = Note::warning(Text::QuickUnknown);
            refuse(state, note.with("key", Value::Number(u64::from(key))), out);
        }
        ItemKey::Typed(words) => {
            search(state, &words, out);
            state.say(Note::plain(Text::ItemSearched));
        }
    }
}

/// Bring the register on the screen, where nothing is under way that this would take away. False where it cannot be.
fn at_register(state: &mut State, out: &mut Vec<Effect>) -> bool {
    let begun = !state.basket.parts.is_empty() || state.basket.replaces.is_some();
    match &state.screen {
        Screen::Register(_) => {}
        Screen::Items(items) => state.screen = Screen::Register((*items.behind).clone()),
        _ if begun => return false,
        Screen::Done(_) => outcome::act_done(state, Action::NextCustomer, out),
        Screen::Worklist(_) | Screen::Receipt(_) | Screen::Unresolved(_) => state.open_register(),
        _ => return false,
    }
    matches!(state.screen, Screen::Register(_))
}

/// So many of an item go into the basket: another of a line that is there, or a line behind the others.
fn ring_up(state: &mut State, item: &Item, quantity: u32, out: &mut Vec<Effect>) {
    let editing = match &state.screen {
        Screen::Register(register) => register.editing,
        _ => None,
    };
    let mut lines = state.basket.lines.clone();
    let same = (0..lines.len()).find(|at| {
        let line = &lines[*at];
        (&line.name, line.unit, line.tax) == (&item.name, item.price, item.tax)
            && !bill::is_of_bill(state, *at)
            && editing != Some(*at)
    });
    let at = match same {
        Some(at) => {
            lines[at].quantity = lines[at].quantity.saturating_add(quantity);
            at
        }
        None => {
            lines.push(item.line(quantity));
            lines.len() - 1
        }
    };
    let limit = state.settings.shop.amount_max;
    let why = if lines.len() > LINES_MAX {
        Some(Note::warning(Text::TooManyLines))
    } else if lines[at].quantity > QUANTITY_MAX {
        Some(bad_quantity())
    } else if total(&lines).is_none_or(|sum| sum > limit) {
        Some(Note::warning(Text::TotalTooLarge).with("limit", Value::Yen(limit)))
    } else {
        None
    };
    if let Some(note) = why {
        refuse(state, note, out);
        return;
    }
    let count = lines[at].quantity;
    state.basket.lines = lines;
    let note = named(Text::ItemRungUp, item);
    state.say(note.with("count", Value::Number(u64::from(count))));
}

fn named(text: Text, item: &Item) -> Note {
    Note::plain(text)
        .with("name", Value::Word(item.name.clone()))
        .with("price", Value::Yen(item.price))
}

/// Text typed into the search: what it finds is shown at once.
pub(crate) fn type_key(state: &mut State, key: Key, out: &mut Vec<Effect>) {
    if let Screen::Items(items) = &mut state.screen
        && items.find.press(key)
    {
        state.note = None;
        changed(items, out);
    }
}

/// Pasted text is something to look for.
pub(crate) fn paste(state: &mut State, text: &str, out: &mut Vec<Effect>) {
    if let Screen::Items(items) = &mut state.screen {
        items.find.paste(text);
        changed(items, out);
    }
}

fn changed(items: &mut ItemsScreen, out: &mut Vec<Effect>) {
    if items.typed().0 != items.asked.words {
        items.selected = 0;
        items.ask(out);
    }
}

/// How many rows a screen of this size has room for.
pub fn rows_on((_, rows): (u16, u16)) -> usize {
    usize::from(rows.saturating_sub(FRAME_ROWS).max(3))
}

/// Why an action cannot be done now.
pub(crate) fn refusal(items: &ItemsScreen, action: Action) -> Option<Note> {
    match action {
        Action::Choose if items.reading != Reading::Read => Some(Note::plain(Text::Reading)),
        Action::Choose if items.page.rows.is_empty() => Some(Note::warning(Text::ItemNone)),
        _ => None,
    }
}

/// An action of the list.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let room = rows_on(state.size);
    let Screen::Items(items) = &mut state.screen else {
        return;
    };
    let last = items.page.rows.len().saturating_sub(1);
    match action {
        Action::Up => items.selected = items.selected.saturating_sub(1),
        Action::Down => items.selected = (items.selected + 1).min(last),
        Action::PageUp => items.selected = items.selected.saturating_sub(room),
        Action::PageDown => items.selected = (items.selected + room).min(last),
        Action::ImportItems => import::open(state, out),
        Action::Choose => {
            let Some(quantity) = items.typed().1 else {
                state.say(bad_quantity());
                return;
            };
            if let Some(item) = items.page.rows.get(items.selected).cloned()
                && at_register(state, out)
            {
                ring_up(state, &item, quantity, out);
            }
        }
        Action::Back => {
            state.screen = Screen::Register((*items.behind).clone());
            state.note = None;
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_a_quantity() {
        for (typed, words, quantity) in [
            ("", "", Some(1)),
            ("ますく", "ますく", Some(1)),
            ("ますく x3", "ますく", Some(3)),
            ("ますく ×12", "ますく", Some(12)),
            ("x3", "", Some(3)),
            ("ますくx3", "ますくx3", Some(1)),
            ("box", "box", Some(1)),
            ("a x", "a x", Some(1)),
            ("a x0", "a", None),
            ("a x1000", "a", None),
        ] {
            assert_eq!(split(typed), (words, quantity), "{typed}");
        }
    }
}
