//! One slip called up from the history: what it says, and its reissue 再発行.

use super::action::Action;
use super::card_report::CardReport;
use super::history::History;
use super::input::REFLEX_MS;
use super::message::{Effect, StoreRequest};
use super::note::Note;
use super::popup::Popup;
use super::reflection::reissue;
use super::{Screen, State, printing, undo, unresolved, wizard};
use crate::domain::ledger::{Entry, SaleState};
use crate::domain::record::SaleRecord;
use crate::domain::sale::SaleKind;
use crate::locale::Text;

/// One slip on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// The sale.
    pub record: SaleRecord,
    /// What takes it back already, or may.
    pub undone: Vec<SaleRecord>,
    /// True once a copy was issued: from then on it says 再発行.
    pub reissued: bool,
    /// The first line that is shown.
    pub scroll: usize,
    /// Where F9 goes back to.
    pub behind: Behind,
}

/// The question what is to be issued again: of a bill there are two papers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Which {
    /// The slip.
    pub record: SaleRecord,
    /// When it appeared (`mono_ms`).
    shown_ms: u64,
}

/// The list that a slip was called up from.
#[derive(Debug, Clone, PartialEq)]
pub enum Behind {
    /// 履歴.
    History(Box<History>),
    /// クレジット利用履歴.
    Cards(Box<CardReport>),
}

impl Behind {
    /// The history, where it is that.
    pub fn history(&mut self) -> Option<&mut History> {
        match self {
            Behind::History(history) => Some(history),
            Behind::Cards(_) => None,
        }
    }

    /// クレジット利用履歴, where it is that.
    pub fn cards(&mut self) -> Option<&mut CardReport> {
        match self {
            Behind::History(_) => None,
            Behind::Cards(report) => Some(report),
        }
    }
}

/// No slip is longer than its lines and what stands around them.
pub(crate) fn scroll_max(record: &SaleRecord) -> usize {
    record.sale.lines.len() + 30
}

/// Why an action cannot be done now.
pub(crate) fn refusal(state: &State, receipt: &Receipt, action: Action) -> Option<Note> {
    match action {
        Action::Reissue if !state.owns_the_books() => Some(Note::warning(Text::ViewerOnly)),
        Action::Reissue if receipt.record.state != SaleState::Settled => {
            Some(Note::warning(Text::NothingToReissue))
        }
        Action::Void | Action::Refund => undo_refusal(state, receipt),
        Action::PrintTask if !printing::is_there(state) => Some(printing::no_printer(state)),
        Action::PrintTask if receipt.record.hand_stage().is_none() => {
            Some(Note::plain(Text::NoHandWork))
        }
        _ => None,
    }
}

fn undo_refusal(state: &State, receipt: &Receipt) -> Option<Note> {
    let text = if !state.owns_the_books() {
        Text::ViewerOnly
    } else if receipt.record.sale.kind != SaleKind::Sale {
        Text::NotASaleToUndo
    } else if receipt.record.state != SaleState::Settled {
        Text::NotPaidToUndo
    } else if !state.basket.lines.is_empty() {
        Text::BillFirst
    } else {
        return None;
    };
    Some(Note::warning(text))
}

/// An action of this screen.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let stamp = state.settings.stamp(state.now);
    let operator = state.operator.clone();
    let printer = printing::is_there(state);
    let now = state.now.mono_ms;
    let Screen::Receipt(receipt) = &mut state.screen else {
        return;
    };
    match action {
        Action::Reissue if reissue::has_one(&receipt.record) => {
            let which = Which {
                record: receipt.record.clone(),
                shown_ms: now,
            };
            state.popups.push(Popup::Reissue(Box::new(which)));
        }
        // With a printer the books say first whether it is the first paper or a copy.
        Action::Reissue | Action::ReissueSlip if printer => {
            let slip = receipt.record.slip;
            printing::wish(state, slip, out);
        }
        Action::PrintTask => {
            let record = receipt.record.clone();
            printing::task(state, &record, out);
        }
        Action::Back => {
            state.note = None;
            state.screen = match receipt.behind.clone() {
                Behind::History(history) => Screen::History(*history),
                Behind::Cards(report) => Screen::CardReport(report),
            };
        }
        Action::PageDown => {
            receipt.scroll = (receipt.scroll + 10).min(scroll_max(&receipt.record));
        }
        Action::PageUp => receipt.scroll = receipt.scroll.saturating_sub(10),
        Action::Void | Action::Refund => undo::open(state, action, out),
        Action::Reissue | Action::ReissueSlip => {
            let slip = receipt.record.slip;
            let entry = Entry::Reissued { slip, operator };
            out.push(Effect::Store(StoreRequest::Write { stamp, entry }));
        }
        _ => {}
    }
}

/// Our slip, or the receipt computer's 領収証.
pub(crate) fn answer(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let Some(Popup::Reissue(which)) = state.popups.last() else {
        return;
    };
    if state.now.mono_ms.saturating_sub(which.shown_ms) < REFLEX_MS {
        state.say(Note::warning(Text::TooSoon));
        return;
    }
    let record = which.record.clone();
    match action {
        Action::ReissueSlip => {
            state.popups.pop();
            act(state, action, out);
        }
        Action::ReissueReceipt => match reissue::refusal(state, &record) {
            Some(note) => state.say(note),
            None => {
                state.popups.pop();
                reissue::begin(state, &record);
            }
        },
        _ => {}
    }
}

/// A sale was read for a list: show it, or lead it to its answer.
pub(crate) fn found(state: &mut State, record: Option<SaleRecord>, out: &mut Vec<Effect>) {
    let behind = match &state.screen {
        Screen::History(history) => Behind::History(Box::new(history.clone())),
        Screen::CardReport(report) => Behind::Cards(report.clone()),
        _ => return,
    };
    let Some(record) = record else {
        state.say(Note::warning(Text::NothingFound));
        return;
    };
    let open = state.open.iter().any(|open| open.slip == record.slip);
    if open && state.owns_the_books() {
        unresolved::lead(state, record, out);
        return;
    }
    if record.hand_stage().is_some() && state.owns_the_books() && state.basket.lines.is_empty() {
        wizard::resume(state, record, out);
        return;
    }
    if record.sale.kind == SaleKind::Sale && record.state == SaleState::Settled {
        out.push(Effect::Store(StoreRequest::Undoable(record.slip)));
    }
    state.note = None;
    printing::ask_original(state, &record, out);
    state.screen = Screen::Receipt(Receipt {
        record,
        undone: Vec::new(),
        reissued: false,
        scroll: 0,
        behind,
    });
}

/// The reissue is in the books: now the copy may be shown.
pub(crate) fn written(state: &mut State, entry: &Entry) {
    let stamp = state.settings.stamp(state.now);
    if let (Screen::Receipt(receipt), Entry::Reissued { slip, .. }) = (&mut state.screen, entry)
        && receipt.record.slip == *slip
        && receipt.record.apply(stamp, entry).is_ok()
    {
        receipt.reissued = true;
        receipt.scroll = 0;
        state.note = Some(Note::plain(Text::ReissuedNote));
    }
}
