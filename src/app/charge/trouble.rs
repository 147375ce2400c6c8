//! A payment whose books refuse, or whose terminal says nothing at all.

use super::{Stage, book, finish, release, send};
use crate::app::message::{Effect, LinkRequest, StoreRequest, StoreTrouble};
use crate::app::unknown::Unknown;
use crate::app::{Screen, State, checkout, link_pane, undo};
use crate::cat::recovery::Verdict;
use crate::domain::ledger::{Entry, Evidence, NotCharged, UnknownReason};
use crate::domain::sale::SaleKind;
use crate::teeth::{self, Tooth};

/// How long past the model's longest transaction the console waits for its own link to say so (ms).
const WATCHDOG_MS: u64 = 10_000;
/// The pause before an outcome that could not be written is written again (ms).
const REWRITE_MS: u64 = 3_000;

/// The books did not take a request of this payment. False where it was not this payment's.
pub(crate) fn store_failed(
    state: &mut State,
    request: &StoreRequest,
    trouble: &StoreTrouble,
    out: &mut Vec<Effect>,
) -> bool {
    let now = state.now.mono_ms;
    let Screen::Charging(charge) = &mut state.screen else {
        return false;
    };
    match (&mut charge.stage, request) {
        // Nothing was sent and nothing is written: back to where it began.
        (Stage::Writing, StoreRequest::Pend { .. }) => {
            let card = charge.card.clone();
            let sale = charge.sale.clone();
            match sale.original {
                Some(original) if sale.kind != SaleKind::Sale => {
                    state.open_register();
                    undo::ask(state, original, out);
                }
                _ => state.screen = Screen::Checkout(checkout::again(&sale, Some(card))),
            }
            true
        }
        // No mark, no byte. The intent is closed as soon as the books take anything again.
        (
            Stage::Marking,
            StoreRequest::Write {
                entry: Entry::Sent { .. },
                ..
            },
        ) => {
            if teeth::bites(Tooth::SendWithoutMark) {
                send(state, out);
                return true;
            }
            charge.sent_at = None;
            release(state, NotCharged::NotSent, Evidence::NothingSent, out);
            true
        }
        (Stage::Booking { entry, failed }, StoreRequest::Write { entry: asked, .. })
            if **entry == *asked =>
        {
            let shown = teeth::bites(Tooth::RefusedWriteIsShown);
            if shown || teeth::bites(Tooth::RefusedWriteIsForgotten) {
                let entry = entry.clone();
                let cat = charge.cat;
                link_pane::release(state, cat);
                if shown {
                    finish(state, &entry, out)
                } else {
                    state.open_register()
                }
            } else if let Entry::OutcomeUnknown { reason, .. } = **entry {
                unknown_without_entry(state, reason, out);
            } else {
                *failed = Some((trouble.clone(), now.saturating_add(REWRITE_MS)));
            }
            true
        }
        _ => false,
    }
}

/// The sent mark already says that this sale is open; the entry that says how it broke can wait.
fn unknown_without_entry(state: &mut State, reason: UnknownReason, out: &mut Vec<Effect>) {
    let stamp = state.settings.stamp(state.now);
    let Screen::Charging(charge) = &state.screen else {
        return;
    };
    let cat = charge.cat;
    let Some((slip, _)) = charge.numbers else {
        return;
    };
    let entry = Entry::OutcomeUnknown { slip, reason };
    if let Some(record) = charge.record(&[(stamp, &entry)]) {
        // An answer that did not fit is still held, and would hold up every question that follows.
        out.push(Effect::Link(cat, LinkRequest::Acknowledge));
        link_pane::release(state, cat);
        state.open.push(record.clone());
        Unknown::show(state, record, out);
    }
}

/// A moment this payment waited for has come.
pub(crate) fn time_reached(state: &mut State, out: &mut Vec<Effect>) {
    let stamp = state.settings.stamp(state.now);
    let now = state.now.mono_ms;
    let Screen::Charging(charge) = &mut state.screen else {
        return;
    };
    let timers = &state.settings.cats[&charge.cat].model.timers;
    let longest = timers.transaction_max_ms.saturating_add(WATCHDOG_MS);
    let mut waited = now.saturating_sub(charge.since_ms);
    if teeth::bites(Tooth::WaitsByTheWallClock) {
        let by_the_wall = charge.sent_at.map(|at| (stamp.at - at).num_milliseconds());
        waited = by_the_wall.map_or(0, |ms| u64::try_from(ms).unwrap_or(0));
    }
    match &mut charge.stage {
        Stage::Waiting if waited >= longest && !teeth::bites(Tooth::WaitsForEver) => {
            out.push(Effect::Link(charge.cat, LinkRequest::Abandon));
            book(
                state,
                Verdict::Unknown {
                    reason: UnknownReason::NoAnswer,
                },
                out,
            );
        }
        Stage::Booking { entry, failed } if failed.as_ref().is_some_and(|(_, at)| *at <= now) => {
            *failed = None;
            let entry = (**entry).clone();
            out.push(Effect::Store(StoreRequest::Write { stamp, entry }));
        }
        Stage::Writing
        | Stage::Calling
        | Stage::Marking
        | Stage::Waiting
        | Stage::Booking { .. } => {}
    }
}
