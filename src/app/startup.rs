//! From the start to the first screen: what is open comes first. And what to say when the books refuse.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};

use super::key::Input;
use super::message::items::ItemsRequest;
use super::message::{DayCount, Effect, LinkRequest, Now, StoreRequest, StoreTrouble};
use super::note::{Note, Value};
use super::outcome::{Done, NotChargedScreen};
use super::register::Register;
use super::{
    Screen, State, card_report, charge, daily_log, history, input, items, link_pane, link_setup,
    printing, reflection, scan, tasks, undo, unknown, unresolved, wizard,
};
use crate::cat::model::InquiryPower;
use crate::domain::business_day::BusinessDate;
use crate::domain::ledger::{AuditEvent, CatId, Entry, SaleState};
use crate::domain::record::{SaleRecord, Stamp};
use crate::domain::slip::SlipNumber;
use crate::locale::Text;
use crate::teeth::{self, Tooth};

impl State {
    /// Set a new console going: read what is open, and see whether the terminals are there.
    pub fn start(&mut self) -> Vec<Effect> {
        let mut out = Vec::new();
        let stamp = self.settings.stamp(self.now);
        out.push(Effect::Store(StoreRequest::Open { stamp }));
        if !self.owns_the_books() {
            history::open(self, &mut out);
            return out;
        }
        link_pane::audit(self, AuditEvent::Started, String::new(), &mut out);
        for id in link_pane::all(&self.settings) {
            link_pane::probe(self, id, &mut out);
        }
        out
    }
}

/// The books are read: go where something is open, else to the register.
pub(crate) fn opened(
    state: &mut State,
    unresolved: Vec<SaleRecord>,
    unshown: Option<Box<SaleRecord>>,
    today: DayCount,
    out: &mut Vec<Effect>,
) {
    state.today = today;
    state.open = unresolved;
    if teeth::bites(Tooth::StartForgetsOpen) {
        state.open.clear();
    }
    if teeth::bites(Tooth::StartForgetsParked) {
        state
            .open
            .retain(|record| record.state != SaleState::Parked);
    }
    let typed = match &mut state.screen {
        Screen::Opening(typed) => std::mem::take(typed),
        _ => Vec::new(),
    };
    if !teeth::bites(Tooth::StartForgetsTasks) {
        tasks::ask(out);
    }
    if !state.owns_the_books() {
        return;
    }
    // Written, and then nothing: certainly not sent.
    let never_sent: Vec<SaleRecord> = state
        .open
        .iter()
        .filter(|record| record.state == SaleState::Pending)
        .cloned()
        .collect();
    for record in never_sent {
        unresolved::lead(state, record, out);
    }
    let first = state
        .open
        .iter()
        .find(|record| record.state != SaleState::Pending)
        .cloned();
    match (first, unshown) {
        (Some(record), _) => unresolved::lead(state, record, out),
        (None, Some(record)) => last_outcome(state, *record, out),
        (None, None) => {
            state.screen = Screen::Register(Register::new());
            // A question that turned up instead is not answered by what was typed before it was there.
            for press in typed {
                input::take(state, Input::Key(press), out);
            }
        }
    }
}

const fn opens_a_sale(request: &StoreRequest) -> bool {
    matches!(
        request,
        StoreRequest::Sell { .. } | StoreRequest::Pend { .. } | StoreRequest::ByHand { .. }
    )
}

/// A sale that was told as failed may be in the books all the same. Asked for again, word for word, it keeps the moment it was asked for first,
/// by which the books know it again; so it never gets a second slip or a second number.
pub(crate) fn ask_as_before(state: &mut State, out: &mut [Effect]) {
    for effect in out {
        let Effect::Store(request) = effect else {
            continue;
        };
        let Some(now) = stamp_of_opening(request).copied() else {
            continue;
        };
        let doubted = &mut state.basket.doubted;
        let same = doubted
            .iter_mut()
            .position(|before| is_same_opening(before, request, now));
        let Some(mut before) = same.map(|at| doubted.swap_remove(at)) else {
            continue;
        };
        let (Some(stamp), Some(then)) = (
            stamp_of_opening(request),
            stamp_of_opening(&mut before).copied(),
        ) else {
            continue;
        };
        *stamp = then;
        if let Screen::Charging(charge) = &mut state.screen {
            charge.stamp = then;
        }
    }
}

/// Word for word, whenever it was asked for before.
fn is_same_opening(before: &mut StoreRequest, request: &StoreRequest, now: Stamp) -> bool {
    let Some(stamp) = stamp_of_opening(before) else {
        return false;
    };
    let then = std::mem::replace(stamp, now);
    let same = before == request;
    if let Some(stamp) = stamp_of_opening(before) {
        *stamp = then;
    }
    same
}

/// When a sale was asked for that is to be opened.
const fn stamp_of_opening(request: &mut StoreRequest) -> Option<&mut Stamp> {
    match request {
        StoreRequest::Sell { stamp, .. }
        | StoreRequest::Pend { stamp, .. }
        | StoreRequest::ByHand { stamp, .. } => Some(stamp),
        _ => None,
    }
}

/// Where a terminal can be asked nothing and answers without our numbers, its answer to an amount sent by the console before this one would
/// be taken for that of the next: the link waits it out.
pub(crate) fn sent_before(
    state: &State,
    sent: &BTreeMap<CatId, DateTime<FixedOffset>>,
    out: &mut Vec<Effect>,
) {
    for (id, at) in sent {
        let Some(setting) = state.settings.cats.get(id) else {
            continue;
        };
        let can = &setting.model.capabilities;
        let blind = can.inquiry == InquiryPower::None && !can.status && !can.echoes_sequence_number;
        // A clock that went back makes it newer than now: then it was a moment ago.
        let ago = (state.now.wall - at).num_milliseconds().max(0);
        let ago_ms = u64::try_from(ago).unwrap_or(0);
        if blind && ago_ms < setting.model.timers.transaction_max_ms {
            out.push(Effect::Link(*id, LinkRequest::SentBefore { ago_ms }));
        }
    }
}

/// The console stopped between the books and the screen: show what nobody has seen yet.
fn last_outcome(state: &mut State, record: SaleRecord, out: &mut Vec<Effect>) {
    let counted = state.today;
    match record.state {
        SaleState::Settled => {
            Done::show(state, record, true, out);
            // It was counted when the books were read.
            state.today = counted;
        }
        SaleState::Declined | SaleState::Cancelled => {
            let card = unresolved::card_of(state, &record);
            NotChargedScreen::show(state, record, (card, None), out);
        }
        SaleState::Pending
        | SaleState::Sent
        | SaleState::Unknown
        | SaleState::Parked
        | SaleState::ByHand
        | SaleState::Booked => {
            state.screen = Screen::Register(Register::new());
        }
    }
}

/// The books did not take something. Say so, say what to do, and lose nothing.
pub(crate) fn failed(
    state: &mut State,
    request: StoreRequest,
    trouble: StoreTrouble,
    out: &mut Vec<Effect>,
) {
    if opens_a_sale(&request) {
        state.basket.doubted.push(request.clone());
    }
    printing::store_failed(state, &request);
    let by_charge = charge::store_failed(state, &request, &trouble, out);
    let by_unknown = !by_charge && unknown::store_failed(state, &request, &trouble, out);
    tasks::store_failed(state, &request);
    reflection::store_failed(state, &request, &trouble, out);
    let by_wizard = !by_charge && !by_unknown && wizard::store_failed(state, &request);
    let by_undo = !by_charge && !by_unknown && !by_wizard && undo::store_failed(state, &request);
    if !by_charge && !by_unknown && !by_wizard && !by_undo {
        match (&request, &mut state.screen) {
            (StoreRequest::Sell { .. }, Screen::Checkout(checkout)) => checkout.writing = false,
            (StoreRequest::History(_), _) => {
                if let Some(history) = history::read_for(state) {
                    history.reading = false;
                }
            }
            (StoreRequest::BillTaken { .. }, _) => scan::not_looked_up(state),
            (StoreRequest::CardReport(query), _) => card_report::failed(state, query),
            (StoreRequest::Items(request), _) => items::failed(state, request),
            (StoreRequest::Open { .. }, Screen::Opening(_)) => state.open_register(),
            (StoreRequest::Write { entry, .. }, _) => {
                daily_log::failed(state, entry);
                link_pane::another::failed(state, entry);
                link_setup::failed(state, entry);
            }
            _ => {}
        }
    }
    let reading = matches!(
        request,
        StoreRequest::History(_)
            | StoreRequest::Find(_)
            | StoreRequest::Day(_)
            | StoreRequest::Undoable(_)
            | StoreRequest::Tasks
            | StoreRequest::BillTaken { .. }
            | StoreRequest::Paper(_)
            | StoreRequest::Unprinted { .. }
            | StoreRequest::CardReport(_)
            | StoreRequest::PaidBills { .. }
            | StoreRequest::Items(ItemsRequest::Search(_) | ItemsRequest::Find { .. })
            | StoreRequest::Open { .. }
    );
    let refused = matches!(trouble, StoreTrouble::Refused(_));
    if !reading && !refused {
        state.trouble = matches!(trouble, StoreTrouble::Disk(_) | StoreTrouble::Viewer)
            .then(|| trouble.clone());
    }
    if !teeth::bites(Tooth::RefusalIsNotSaid) {
        state.say(trouble_note(&trouble, slip_of(&request)));
    }
}

fn slip_of(request: &StoreRequest) -> Option<SlipNumber> {
    match request {
        StoreRequest::Write { entry, .. } => entry.slip(),
        StoreRequest::Find(slip) | StoreRequest::Undoable(slip) | StoreRequest::Paper(slip) => {
            Some(*slip)
        }
        StoreRequest::Open { .. }
        | StoreRequest::Tasks
        | StoreRequest::BillTaken { .. }
        | StoreRequest::Unprinted { .. }
        | StoreRequest::CardReport(_)
        | StoreRequest::PaidBills { .. }
        | StoreRequest::Items(_)
        | StoreRequest::ByHand { .. }
        | StoreRequest::Sell { .. }
        | StoreRequest::Pend { .. }
        | StoreRequest::History(_)
        | StoreRequest::Day(_) => None,
    }
}

/// The business day has turned: its figures are the books' to say.
pub(crate) fn day_turned(state: &mut State, out: &mut Vec<Effect>) {
    let date = state.settings.stamp(state.now).business_date;
    state.today = DayCount::default();
    out.push(Effect::Store(StoreRequest::Day(date)));
}

/// How a business day stands, if it still is that day.
pub(crate) fn day_counted(state: &mut State, date: BusinessDate, count: DayCount) {
    if date == state.settings.stamp(state.now).business_date {
        state.today = count;
    }
}

/// The sentence for trouble with the books.
pub(crate) fn trouble_note(trouble: &StoreTrouble, slip: Option<SlipNumber>) -> Note {
    let note = match trouble {
        StoreTrouble::DiskFull => Note::alarm(Text::DiskFull),
        StoreTrouble::ReadOnly => Note::alarm(Text::BooksReadOnly),
        StoreTrouble::Locked => Note::alarm(Text::BooksLocked),
        StoreTrouble::Disk(detail) => {
            Note::alarm(Text::DiskError).with("detail", Value::Word(detail.clone()))
        }
        StoreTrouble::Refused(detail) => {
            Note::alarm(Text::BooksRefused).with("detail", Value::Word(detail.clone()))
        }
        StoreTrouble::Viewer => Note::warning(Text::ViewerOnly),
    };
    match slip {
        Some(slip) => note.with("slip", Value::Slip(slip)),
        None => note,
    }
}

/// The clock went back: the books keep their own order, and say so.
pub(crate) fn audit_clock(state: &State, now: Now, back: chrono::Duration, out: &mut Vec<Effect>) {
    out.push(Effect::Store(StoreRequest::Write {
        stamp: state.settings.stamp(now),
        entry: Entry::Audit {
            event: AuditEvent::ClockWentBack,
            detail: format!("{} s", back.num_seconds()),
        },
    }));
}
