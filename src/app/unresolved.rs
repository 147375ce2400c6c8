//! 未解決の取引: the list of sales without an outcome and of open tasks, and what becomes of one that gets its outcome.

use super::action::Action;
use super::message::{Effect, LinkRequest, StoreRequest};
use super::note::Note;
use super::unknown::{self, Unknown};
use super::{Screen, State, tasks};
use crate::cat::Answer;
use crate::cat::recovery::{self, Verdict};
use crate::domain::ledger::{CatId, Entry, Evidence, NotCharged, SaleState};
use crate::domain::master::CardCompany;
use crate::domain::record::SaleRecord;
use crate::domain::slip::SlipNumber;
use crate::domain::tender::Tender;
use crate::locale::Text;
use crate::teeth::{self, Tooth};

/// The list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unresolved {
    /// The row under the mark.
    pub selected: usize,
}

/// Why an action cannot be done now. What a sale from the list leaves on the desk (its bill, to be paid another way) must never meet the
/// bill of the customer who stands there now.
pub(crate) fn refusal(state: &State, action: Action) -> Option<Note> {
    (action == Action::Choose && !state.basket.lines.is_empty())
        .then(|| Note::warning(Text::BillFirst))
}

/// An action of the list.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let last = state.unsettled().saturating_sub(1);
    let Screen::Unresolved(list) = &mut state.screen else {
        return;
    };
    match action {
        Action::Up => list.selected = list.selected.saturating_sub(1),
        Action::Down => list.selected = (list.selected + 1).min(last),
        Action::Back => state.open_register(),
        Action::Choose => {
            let beyond = list.selected.checked_sub(state.open.len());
            if let Some(record) = state.open.get(list.selected).cloned() {
                lead(state, record, out);
            } else if let Some(task) = beyond.and_then(|n| state.other_tasks().nth(n)).cloned() {
                tasks::lead(state, task, out);
            }
        }
        _ => {}
    }
}

/// Lead one sale to its answer. A sale of which nothing was sent is closed at once.
pub(crate) fn lead(state: &mut State, record: SaleRecord, out: &mut Vec<Effect>) {
    let not_sent = record.state == SaleState::Pending;
    if record.state == SaleState::Sent && teeth::bites(Tooth::SentAtStartIsPaid) {
        let verdict = Verdict::Charged {
            facts: record.terminal.clone(),
        };
        if let Some(entry) = entry_of(record.slip, verdict, Evidence::Answer) {
            let stamp = state.settings.stamp(state.now);
            out.push(Effect::Store(StoreRequest::Write { stamp, entry }));
        }
    }
    if not_sent || record.state == SaleState::Sent && teeth::bites(Tooth::SentAtStartIsNotSent) {
        let stamp = state.settings.stamp(state.now);
        let entry = Entry::Released {
            slip: record.slip,
            reason: NotCharged::NotSent,
            evidence: Evidence::NothingSent,
        };
        out.push(Effect::Store(StoreRequest::Write { stamp, entry }));
        return;
    }
    Unknown::show(state, record, out);
}

/// After one is answered or set aside: the next one that was not set aside, or the register.
pub(crate) fn next(state: &mut State, after: Option<SlipNumber>, out: &mut Vec<Effect>) {
    let waiting = state
        .open
        .iter()
        .find(|record| {
            matches!(record.state, SaleState::Sent | SaleState::Unknown)
                && after.is_none_or(|slip| record.slip > slip)
        })
        .cloned();
    match waiting {
        Some(record) => Unknown::show(state, record, out),
        None => state.open_register(),
    }
}

/// The entry that books a verdict; `None` for "unknown", which books nothing new.
pub(crate) fn entry_of(slip: SlipNumber, verdict: Verdict, evidence: Evidence) -> Option<Entry> {
    match verdict {
        Verdict::Charged { facts } => Some(Entry::Posted {
            slip,
            evidence,
            terminal: facts,
        }),
        Verdict::NotCharged { reason } => Some(Entry::Released {
            slip,
            reason,
            evidence,
        }),
        Verdict::Unknown { .. } => None,
    }
}

/// An answer nobody waits for any more settles a sale only where that sale is open at this terminal and every field matches.
pub(crate) fn settled_by_late_answer(
    state: &mut State,
    id: CatId,
    answer: &Answer,
    out: &mut Vec<Effect>,
) -> bool {
    let Answer::Result(result) = answer else {
        return false;
    };
    let Some(setting) = state.settings.cats.get(&id) else {
        return false;
    };
    let now = state.now.wall.naive_local();
    let open = state.open.iter().find(|record| {
        record.route.as_ref().is_some_and(|route| route.cat == id)
            && record.sequence_number.is_some()
            && (record.sequence_number == result.sequence_number
                || result.sequence_number.is_none() && teeth::bites(Tooth::LateAnswerNeedsNoNumber))
    });
    let Some((slip, asked)) =
        open.and_then(|record| unknown::asked(record).map(|asked| (record.slip, asked)))
    else {
        return false;
    };
    let verdict = recovery::after_answer(
        &asked,
        answer,
        &setting.model.capabilities,
        &setting.model.timers,
        now,
    );
    let Some(entry) = entry_of(slip, verdict, Evidence::Answer) else {
        return false;
    };
    if let Screen::Unknown(unknown) = &mut state.screen
        && unknown.record.slip == slip
    {
        if unknown.stage == unknown::Stage::Booking {
            return false;
        }
        if matches!(unknown.stage, unknown::Stage::Asking { .. }) {
            out.push(Effect::Link(id, LinkRequest::Abandon));
        }
        unknown.stage = unknown::Stage::Booking;
        unknown.proof = None;
    }
    let stamp = state.settings.stamp(state.now);
    out.push(Effect::Store(StoreRequest::Write { stamp, entry }));
    true
}

/// An entry of an open sale is durable: the sale as it stands now. Final ones leave the list.
pub(crate) fn note_entry(state: &mut State, slip: SlipNumber, entry: &Entry) -> Option<SaleRecord> {
    let stamp = state.settings.stamp(state.now);
    let index = state.open.iter().position(|record| record.slip == slip)?;
    let record = state.open.get_mut(index)?;
    record.apply(stamp, entry).ok()?;
    let record = record.clone();
    if record.state.is_final()
        || record.state == SaleState::Parked && teeth::bites(Tooth::ParkedLeavesTheList)
    {
        state.open.remove(index);
    }
    Some(record)
}

/// The card company a sale was to be paid with, where the master still has it.
pub(crate) fn card_of(state: &State, record: &SaleRecord) -> Option<CardCompany> {
    match record.sale.card() {
        Some(Tender::Card { card, .. }) => state
            .settings
            .cards
            .iter()
            .find(|c| c.code == *card)
            .cloned(),
        Some(Tender::Cash { .. }) | None => None,
    }
}
