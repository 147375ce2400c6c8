//! Draws `State`; never changes it. One file for each screen, opening with its picture.
//!
//! ```text
//!  frame     the box, the banners, the header, the note line
//!  key_bar   what each key does now
//!  cat_pane  what the terminal last said
//!  pen       the only way into the cells: measures, cuts, places the real cursor
//! ```
//!
//! Only what is in sight is built, nothing is parsed, and no money is reckoned: numbers come from `app` and `domain`.

mod bill;
mod bill_asked;
mod by_hand;
mod card_report;
mod card_select;
mod cat_pane;
mod charging;
mod checkout;
mod daily_log;
mod digits;
mod done;
mod facts;
mod frame;
mod help;
mod hint;
mod history;
mod item_import;
mod items;
mod key_bar;
mod key_check;
mod link_setup;
pub mod link_verdict;
mod not_charged;
mod opening;
mod operator;
mod patient;
mod pen;
mod popup;
mod printer;
mod receipt;
pub mod receipt_text;
mod register;
mod scan;
mod style;
mod text;
mod undo;
mod undo_words;
mod unknown;
mod unreflected;
mod unresolved;
mod wizard;
mod words;
mod worklist;

use ratatui::Frame;

use crate::app::{Screen, State};
use crate::locale::Locale;
use pen::Pen;

pub use style::{Borders, Colour, Look};

/// A note as a sentence, for what is said elsewhere than on the screen.
pub(crate) fn sentence(locale: &Locale, note: &crate::app::note::Note) -> String {
    words::note(locale, note)
}

/// Draw a frame: the screen, what lies over it, the note and the key bar. The real cursor stands in the field that is typed into.
pub fn draw(frame: &mut Frame<'_>, state: &State, locale: &Locale, look: &Look) {
    let mut pen = Pen::new(frame.buffer_mut(), locale, *look);
    let screen = pen.screen();
    if screen.width < frame::SMALLEST.0 || screen.height < frame::SMALLEST.1 {
        frame::too_small(&mut pen, state);
        return;
    }
    match &state.screen {
        Screen::Opening(_) => opening::draw(&mut pen, state),
        Screen::Register(register) => register::draw(&mut pen, state, register),
        Screen::Checkout(checkout) => checkout::draw(&mut pen, state, checkout),
        Screen::CardSelect(select) => card_select::draw(&mut pen, state, select),
        Screen::ByHand(screen) => by_hand::draw(&mut pen, state, screen),
        Screen::Charging(charge) => charging::draw(&mut pen, state, charge),
        Screen::Done(done) => done::draw(&mut pen, state, done),
        Screen::NotCharged(screen) => not_charged::draw(&mut pen, state, screen),
        Screen::Unknown(unknown) => unknown::draw(&mut pen, state, unknown),
        Screen::Scan(bill) => scan::draw(&mut pen, state, bill),
        Screen::Items(items) => items::draw(&mut pen, state, items),
        Screen::Import(_) => item_import::draw(&mut pen, state),
        Screen::History(history) => history::draw(&mut pen, state, history),
        Screen::CardReport(report) => card_report::draw(&mut pen, state, report),
        Screen::Receipt(receipt) => receipt::draw(&mut pen, state, receipt),
        Screen::Undo(screen) => undo::draw(&mut pen, state, screen),
        Screen::Unresolved(list) => unresolved::draw(&mut pen, state, list),
        Screen::KeyCheck(check) => key_check::draw(&mut pen, state, check),
        Screen::LinkSetup(setup) => link_setup::draw(&mut pen, state, setup),
        Screen::Printer(screen) => printer::draw(&mut pen, state, screen),
        Screen::Wizard(wizard) => wizard::draw(&mut pen, state, wizard),
        Screen::Unreflected(queue) => unreflected::draw(&mut pen, state, queue),
        Screen::Worklist(list) => worklist::draw(&mut pen, state, list),
        Screen::Bill(shown) => bill::draw(&mut pen, state, shown),
    }
    for popup in &state.popups {
        popup::draw(&mut pen, state, popup);
    }
    frame::note(&mut pen, state);
    key_bar::draw(&mut pen, state);
    if let Some(cursor) = pen.cursor {
        frame.set_cursor_position(cursor);
    }
}
