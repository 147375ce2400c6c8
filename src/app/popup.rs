//! What lies over a screen: the menu, the help page, the question before leaving, who is at the counter.

use super::action::Action;
use super::bill::{self, BillChanged, BillUnchecked, PaidToday};
use super::daily_log::{self, DailyLog};
use super::key::Key;
use super::keymap::Place;
use super::message::Effect;
use super::note::Note;
use super::operator::{self, Ask};
use super::receipt::Which;
use super::unresolved::Unresolved;
use super::{
    Leaving, Screen, State, card_report, history, items, key_check, link_pane, link_setup,
    part_paid, printing, receipt, worklist,
};
use crate::locale::Text;

/// One popup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Popup {
    /// F4.
    Menu {
        /// The row under the mark.
        selected: usize,
    },
    /// `?`
    Help {
        /// The first line that is shown.
        scroll: usize,
    },
    /// Leave, although there is a bill or a payment?
    Leave,
    /// Leave a bill that is paid in part, or a correction that is half done?
    HalfDone,
    /// 担当者入力.
    Operator(Box<Ask>),
    /// 日計を済ませた.
    DailyLog(DailyLog),
    /// The bill in the basket is another one now.
    BillChanged(Box<BillChanged>),
    /// The bill in the basket could not be asked for again.
    BillUnchecked(BillUnchecked),
    /// 本日精算済み: pay it again?
    PaidToday(Box<PaidToday>),
    /// 再発行: our slip, or the receipt computer's 領収証?
    Reissue(Box<Which>),
}

/// What the menu offers, in its order.
pub const MENU: &[Action] = &[
    Action::History,
    Action::Unresolved,
    Action::CheckLink,
    Action::LinkSetup,
    Action::KeyCheck,
    Action::ChangeOperator,
    Action::DailyLog,
    Action::Printer,
    Action::Leave,
    // The tenth is 0, as on the keyboard, and then come letters; `?` asks for the last one everywhere.
    Action::CardReport,
    Action::Worklist,
    Action::HideNames,
    Action::Items,
    Action::Help,
];

/// The key of a menu item.
pub fn menu_key(index: usize) -> Key {
    const KEYS: &[u8] = b"1234567890abcdef";
    match (MENU.get(index), KEYS.get(index)) {
        (Some(Action::Help), _) | (_, None) => Key::Char('?'),
        (_, Some(key)) => Key::Char(char::from(*key)),
    }
}

impl Popup {
    /// Where the keys go.
    pub const fn place(&self) -> Place {
        match self {
            Popup::Menu { .. } => Place::Menu,
            Popup::Help { .. } => Place::Help,
            Popup::Leave => Place::Leave,
            Popup::HalfDone => Place::HalfDone,
            Popup::Operator(_) => Place::Operator,
            Popup::DailyLog(_) => Place::DailyLog,
            Popup::BillChanged(_) => Place::BillChanged,
            Popup::BillUnchecked(_) => Place::BillUnchecked,
            Popup::PaidToday(_) => Place::PaidToday,
            Popup::Reissue(_) => Place::Reissue,
        }
    }
}

/// Why a menu item cannot be done now.
pub(crate) fn refusal(state: &State, action: Action) -> Option<Note> {
    match action {
        Action::Unresolved if state.unsettled() == 0 => Some(Note::plain(Text::NothingUnresolved)),
        Action::Unresolved
        | Action::CheckLink
        | Action::LinkSetup
        | Action::ChangeOperator
        | Action::DailyLog
        | Action::Worklist
            if !state.owns_the_books() =>
        {
            Some(Note::warning(Text::ViewerOnly))
        }
        // A bill that is half paid is finished or set aside first, and so is what is under way.
        Action::Worklist
            if !matches!(
                state.screen,
                Screen::Register(_)
                    | Screen::Worklist(_)
                    | Screen::Bill(_)
                    | Screen::History(_)
                    | Screen::Done(_)
            ) || !state.basket.parts.is_empty()
                || state.basket.replaces.is_some() =>
        {
            Some(Note::warning(Text::BillFirst))
        }
        Action::Items => items::closed(state),
        Action::Printer if !printing::is_there(state) => Some(printing::no_printer(state)),
        Action::ChangeOperator if !operator::is_listed(state) => {
            Some(Note::plain(Text::OneOperator))
        }
        Action::CheckLink | Action::DailyLog if state.cats.is_empty() => {
            Some(Note::warning(Text::LinkSwitchedOff))
        }
        _ => None,
    }
}

/// An action of the topmost popup.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let Some(popup) = state.popups.last_mut() else {
        return;
    };
    match (popup, action) {
        (_, Action::Close) => {
            state.popups.pop();
        }
        (Popup::Menu { selected }, Action::Up) => *selected = selected.saturating_sub(1),
        (Popup::Menu { selected }, Action::Down) => {
            *selected = (*selected + 1).min(MENU.len() - 1);
        }
        (Popup::Menu { selected }, Action::Choose) => {
            let item = MENU[(*selected).min(MENU.len() - 1)];
            choose(state, item, out);
        }
        (Popup::Help { scroll }, Action::PageDown) => *scroll = (*scroll + 8).min(help_rows()),
        (Popup::Help { scroll }, Action::PageUp) => *scroll = scroll.saturating_sub(8),
        (Popup::Leave, Action::Leave) => state.leave(Leaving::Asked, out),
        (Popup::HalfDone, _) => part_paid::answer(state, action, out),
        (Popup::Operator(_), _) => operator::act(state, action, out),
        (Popup::DailyLog(_), _) => daily_log::act(state, action, out),
        (Popup::BillChanged(_) | Popup::BillUnchecked(_), _) => bill::answer(state, action, out),
        (Popup::PaidToday(_), _) => bill::answer_paid(state, action, out),
        (Popup::Reissue(_), _) => receipt::answer(state, action, out),
        _ => {}
    }
}

/// As many rows as there are keys and screens to tell of.
fn help_rows() -> usize {
    Place::ALL
        .iter()
        .map(|place| place.bindings().len() + 2)
        .sum()
}

/// A digit picks a menu item.
pub(crate) fn digit(state: &mut State, digit: char, out: &mut Vec<Effect>) {
    let key = Key::Char(digit);
    if matches!(state.popups.last(), Some(Popup::Menu { .. }))
        && let Some(item) = (0..MENU.len())
            .find(|index| menu_key(*index) == key)
            .and_then(|i| MENU.get(i))
    {
        choose(state, *item, out);
    }
}

fn choose(state: &mut State, item: Action, out: &mut Vec<Effect>) {
    if let Some(note) = refusal(state, item) {
        state.say(note);
        return;
    }
    state.popups.pop();
    perform(state, item, out);
}

/// An action that holds on more than one screen.
pub(crate) fn perform(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    match action {
        Action::History => history::open(state, out),
        Action::CardReport => card_report::open(state, out),
        Action::Unresolved => {
            state.note = None;
            state.screen = Screen::Unresolved(Unresolved::default());
        }
        Action::CheckLink => {
            for id in link_pane::all(&state.settings) {
                link_pane::probe(state, id, out);
            }
        }
        Action::LinkSetup => link_setup::open(state, out),
        Action::Printer => printing::open(state),
        Action::KeyCheck => key_check::open(state),
        Action::ChangeOperator => operator::change(state),
        Action::DailyLog => daily_log::open(state),
        Action::Worklist => worklist::open(state, None, out),
        Action::Items => items::open(state, out),
        Action::HideNames => bill::toggle_names(state),
        Action::Help if matches!(state.popups.last(), Some(Popup::Help { .. })) => {}
        Action::Help => state.popups.push(Popup::Help { scroll: 0 }),
        Action::Menu => state.popups.push(Popup::Menu { selected: 0 }),
        Action::Leave => ask_to_leave(state, out),
        Action::Redraw => out.push(Effect::Redraw),
        _ => {}
    }
}

/// Nothing is lost by leaving, so that it takes one key where there is nothing half done, and two where there is.
fn ask_to_leave(state: &mut State, out: &mut Vec<Effect>) {
    let half_done = !state.basket.lines.is_empty()
        || matches!(
            state.screen,
            Screen::Charging(_) | Screen::Unknown(_) | Screen::Checkout(_) | Screen::Wizard(_)
        );
    if half_done && state.popups.last() != Some(&Popup::Leave) {
        state.popups.push(Popup::Leave);
    } else {
        state.leave(Leaving::Asked, out);
    }
}
