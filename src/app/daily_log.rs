//! 日計を済ませた: the operator says that a terminal's 日計 was run. From then on its sales before are taken back by 返品, not 取消.

use super::State;
use super::action::Action;
use super::message::{Effect, StoreRequest};
use super::note::{Note, Value};
use super::popup::Popup;
use crate::cat::model::{Operation, Procedure};
use crate::domain::ledger::{CatId, Entry};
use crate::locale::Text;

/// The question, before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyLog {
    /// The terminal under the mark.
    pub cat: CatId,
    /// The first line of the procedure that is shown.
    pub scroll: usize,
    /// True from the answer until the books have it.
    pub writing: bool,
}

impl State {
    /// How 日計 is run at a terminal.
    pub fn daily_log_steps(&self, cat: CatId) -> Option<&Procedure> {
        let setting = self.settings.cats.get(&cat)?;
        Some(setting.model.procedure(Operation::DailyLog))
    }
}

/// Ask, with the first terminal under the mark.
pub(crate) fn open(state: &mut State) {
    if let Some(cat) = state.settings.cats.keys().next().copied() {
        state.note = None;
        state.popups.push(Popup::DailyLog(DailyLog {
            cat,
            scroll: 0,
            writing: false,
        }));
    }
}

/// An action of the question.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let cats: Vec<CatId> = state.settings.cats.keys().copied().collect();
    let Some(Popup::DailyLog(question)) = state.popups.last_mut() else {
        return;
    };
    if question.writing {
        state.say(Note::plain(Text::Writing));
        return;
    }
    match action {
        Action::Up | Action::Down => {
            let at = cats
                .iter()
                .position(|cat| *cat == question.cat)
                .unwrap_or(0);
            let to = if action == Action::Up {
                at.saturating_sub(1)
            } else {
                at + 1
            };
            if let Some(cat) = cats.get(to) {
                question.cat = *cat;
                question.scroll = 0;
            }
        }
        // No procedure has more lines; the drawing stops at the last.
        Action::PageDown => question.scroll = (question.scroll + 3).min(30),
        Action::PageUp => question.scroll = question.scroll.saturating_sub(3),
        Action::DailyLogDone => {
            question.writing = true;
            let cat = question.cat;
            out.push(Effect::Store(StoreRequest::Write {
                stamp: state.settings.stamp(state.now),
                entry: Entry::TerminalDayClosed {
                    cat,
                    operator: state.operator.clone(),
                },
            }));
        }
        _ => {}
    }
}

/// It is in the books.
pub(crate) fn written(state: &mut State, entry: &Entry) {
    if let Entry::TerminalDayClosed { cat, .. } = entry {
        state.popups.retain(|popup| !is_of(popup, *cat));
        let model = state.settings.cats.get(cat);
        if let Some(model) = model.map(|setting| setting.model.title.clone()) {
            state.say(Note::plain(Text::DailyLogWritten).with("model", Value::Name(model)));
        }
    }
}

/// The books did not take it; the question stands again.
pub(crate) fn failed(state: &mut State, entry: &Entry) {
    if let Entry::TerminalDayClosed { .. } = entry {
        for popup in &mut state.popups {
            if let Popup::DailyLog(question) = popup {
                question.writing = false;
            }
        }
    }
}

fn is_of(popup: &Popup, cat: CatId) -> bool {
    matches!(popup, Popup::DailyLog(question) if question.cat == cat)
}
