//! 日計を済ませた: the operator says that a terminal's 日計 was run. From then on its sales before are taken back by 返品, not 取消. While something is
//! unresolved it takes a second person.

use super::State;
use super::action::Action;
use super::message::{Effect, StoreRequest};
use super::note::{Note, Value};
use super::operator::{self, After};
use super::popup::Popup;
use crate::cat::model::{Operation, Procedure};
use crate::domain::ledger::{AuditEvent, CatId, Entry};
use crate::domain::sale::Operator;
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
        // It is a fact of the terminal and is noted; that something was left open over it, two people say.
        Action::DailyLogDone if state.unsettled() > 0 => {
            let agreed = After::new(|state, second, out| close(state, Some(&second), out));
            operator::second(state, Text::DailyLogUnresolved, agreed);
        }
        Action::DailyLogDone => close(state, None, out),
        _ => {}
    }
}

/// The answer goes into the books; before it, who else agreed where something is unresolved.
fn close(state: &mut State, agreed: Option<&Operator>, out: &mut Vec<Effect>) {
    let stamp = state.settings.stamp(state.now);
    let (operator, count) = (state.operator.clone(), state.unsettled());
    let Some(Popup::DailyLog(question)) = state.popups.last_mut() else {
        return;
    };
    question.writing = true;
    let cat = question.cat;
    if let Some(agreed) = agreed {
        let entry = Entry::Audit {
            event: AuditEvent::DayClosedUnresolved,
            detail: format!("{count} unresolved, agreed by {}", agreed.code),
        };
        out.push(Effect::Store(StoreRequest::Write { stamp, entry }));
    }
    let entry = Entry::TerminalDayClosed { cat, operator };
    out.push(Effect::Store(StoreRequest::Write { stamp, entry }));
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
