//! Which invoice a payment is of that was taken by its code alone: the receipt computer is asked what is unpaid of the patient, and holds nobody for it.
//!
//! ```text
//!  due ─ Bill ─▶ one alone is unpaid of just that ─ Open ─▶ `Opened` ─▶ as every posting; `Sent` says which it was
//!          └───▶ none, or several ─▶ `Refused`: a person's
//! ```

use super::machine::{Stage, Work};
use super::{Key, Why, answer, ask, open_call, pump, refuse};
use crate::app::message::Effect;
use crate::app::{Screen, State};
use crate::domain::bill::{InOut, InvoiceNumber};
use crate::domain::money::Yen;
use crate::domain::reflection::{find, words};
use crate::orca::answer::{Answer, Failure};
use crate::orca::call::Call;

impl State {
    /// How much an invoice is unpaid of that this posting is looked for with.
    pub(super) fn sought(&self, key: Key) -> Option<Yen> {
        let mut slips = self.unreflected();
        slips.find(|slip| slip.slip == key.0)?.sought()
    }
}

/// Ask what is unpaid of the patient. Money that goes back goes where it came from: where nobody knows, a person does it.
pub(super) fn begin(state: &mut State, key: Key, out: &mut Vec<Effect>) {
    let day = state
        .unreflected()
        .find(|slip| slip.slip == key.0)
        .map(|slip| slip.stamp.business_date.0);
    let Some(progress) = state.progress(key) else {
        return;
    };
    let patient = progress.posting.patient.clone();
    let back = progress.posting.back;
    let now = state.now.mono_ms;
    state.reflection.work = Some(Work {
        key,
        stage: Stage::Searching,
        since_ms: now,
        told: None,
    });
    if back {
        state.reflection.wait(key, now, true, Why::Unfound);
        refuse(state, key, words::NO_INVOICE, None, out);
        // Where the books know it already nothing is written that would be waited for.
        if state.reflection.work.is_none() {
            pump(state, out);
        }
        return;
    }
    ask(key, Call::Bill { patient, date: day }, out);
}

/// What is unpaid of the patient was told, or not.
pub(super) fn answered(
    state: &mut State,
    key: Key,
    result: &Result<Answer, Failure>,
    out: &mut Vec<Effect>,
) {
    let now = state.now.mono_ms;
    let Some(progress) = state.progress(key).cloned() else {
        state.reflection.work = None;
        return;
    };
    let posting = &progress.posting;
    let bill = match result {
        Ok(Answer::Bill(bill)) if bill.patient.number.is_same(&posting.patient) => bill,
        Err(Failure::Refused(refusal)) => {
            let code = refusal.code.as_str();
            // 0089 here is E0089 there.
            let system = answer::SYSTEM.iter().any(|one| one.ends_with(code));
            state
                .reflection
                .wait(key, now, !system, answer::why(refusal));
            match system {
                true => state.reflection.work = None,
                false => refuse(state, key, code, None, out),
            }
            return;
        }
        other => {
            answer::line_failed(state, answer::failure_of(other));
            return;
        }
    };
    // No patient is held while a card is at a terminal: it is asked again after that.
    if matches!(state.screen, Screen::Charging(_)) {
        state.reflection.work = None;
        return;
    }
    let taken = state.sought(key).unwrap_or(posting.amount);
    match find(bill, posting.in_out, taken, &spoken_for(state, key)) {
        Ok(invoice) => {
            let karte_uid = state.karte_uid();
            let Some(call) = open_call(&progress, karte_uid, Some(invoice)) else {
                return;
            };
            if let Some(work) = &mut state.reflection.work {
                work.stage = Stage::Opening;
            }
            ask(key, call, out);
        }
        Err(unfound) => {
            state.reflection.wait(key, now, true, Why::Unfound);
            refuse(state, key, unfound.word, Some(unfound.unpaid), out);
        }
    }
}

/// The invoices of the patient that other money of ours is still to be told to.
fn spoken_for(state: &State, key: Key) -> Vec<(InOut, InvoiceNumber)> {
    let Some(patient) = state.progress(key).map(|one| &one.posting.patient) else {
        return Vec::new();
    };
    let open = state
        .unreflected()
        .flat_map(|slip| &slip.postings)
        .filter(|one| !one.standing.is_over() && one.posting.patient.is_same(patient));
    open.filter_map(|one| Some((one.posting.in_out, one.invoice()?.clone())))
        .collect()
}
