//! CAT端末連動中: one card payment, or a 取消 or 返品 of one, from the intent in the books to the outcome in the books.
//!
//! ```text
//!  Writing ─ Pended ─▶ Calling ─ idle ─▶ Marking ─ Written(Sent) ─▶ Waiting ─ answer ─▶ Booking ─ Written ─▶ Done
//!     │                   │                 │                          │                    │       NotCharged
//!  Failed               busy, down        Failed                    broken               Failed     Unknown
//!     ▼                   ▼                 ▼                          ▼                    ▼
//!  checkout          released: nothing sent                    outcome unknown      try again; not acknowledged
//! ```
//!
//! The amount leaves once, after the sent mark is durable, and nothing here can send it again.

use chrono::{DateTime, FixedOffset};

use super::message::{Effect, LinkRequest, StoreRequest, StoreTrouble};
use super::note::Note;
use super::outcome::{Done, NotChargedScreen};
use super::unknown::Unknown;
use super::{Screen, State, link_pane, progress};
pub use crate::cat::Phase;
use crate::cat::recovery::{self, Asked, Verdict};
use crate::cat::{Answer, Authorize, Break, Command, LinkEvent, TerminalState, TransactionType};
use crate::domain::ledger::{
    AuditEvent, CatId, Entry, Evidence, NotCharged, Route, SaleState, TerminalFacts,
};
use crate::domain::master::CardCompany;
use crate::domain::money::Yen;
use crate::domain::record::{SaleRecord, Stamp};
use crate::domain::sale::{SaleDraft, SaleKind};
use crate::domain::slip::{JournalId, SequenceNumber, SlipNumber, TerminalSlipNumber};
use crate::locale::Text;
use crate::teeth::{self, Tooth};

mod trouble;

pub(crate) use trouble::{store_failed, time_reached};

/// One payment under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Charge {
    /// The card picked.
    pub card: CardCompany,
    /// The sale.
    pub sale: SaleDraft,
    /// Which terminal.
    pub cat: CatId,
    /// Our slip and number, once the books gave them.
    pub numbers: Option<(SlipNumber, SequenceNumber)>,
    /// When the intent was written.
    pub stamp: Stamp,
    /// Where it stands.
    pub stage: Stage,
    /// Where the customer is.
    pub phase: Option<Phase>,
    /// The same in the terminal's own words, fit for the screen.
    pub words: Option<String>,
    /// True once the terminal acknowledged the amount.
    pub delivered: bool,
    /// When this began (ms).
    pub since_ms: u64,
    /// When the terminal was last heard (ms).
    pub heard_ms: u64,
    /// When the sent mark was asked for.
    pub sent_at: Option<DateTime<FixedOffset>>,
    /// The terminal's memory at that moment.
    pub journal: Option<JournalId>,
    /// Which terminal it was, where that is known.
    pub sent_to: Option<String>,
    /// Of a 取消 or 返品: the sale that is taken back.
    pub original: Option<Box<SaleRecord>>,
}

/// Where a payment stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// The books write the intent.
    Writing,
    /// The terminal is called; nothing of the sale has left.
    Calling,
    /// The books write the sent mark.
    Marking,
    /// The amount is out.
    Waiting,
    /// The outcome goes into the books; the terminal's answer is held until it is there.
    Booking {
        /// The entry.
        entry: Box<Entry>,
        /// Why it is not in the books yet, and when it is tried again (ms).
        failed: Option<(StoreTrouble, u64)>,
    },
}

impl Charge {
    /// The amount.
    pub fn amount(&self) -> Yen {
        self.sale.card().map_or(Yen::ZERO, |tender| tender.amount())
    }

    /// True from the sent mark on.
    pub fn money_at_risk(&self) -> bool {
        match &self.stage {
            Stage::Writing | Stage::Calling => false,
            Stage::Marking | Stage::Waiting => true,
            Stage::Booking { entry, .. } => !matches!(**entry, Entry::Released { .. }),
        }
    }

    /// The next second, so that the age of the last answer is true; and the watchdog.
    pub(crate) fn deadline(&self, state: &State) -> Option<u64> {
        let now = state.now.mono_ms;
        let second = self.heard_ms + (now.saturating_sub(self.heard_ms) / 1_000 + 1) * 1_000;
        match &self.stage {
            Stage::Writing => None,
            Stage::Booking { failed, .. } => failed.as_ref().map(|(_, at)| *at),
            Stage::Calling | Stage::Marking | Stage::Waiting => Some(second),
        }
    }

    fn asked(&self) -> Option<Asked> {
        let (_, sequence_number) = self.numbers?;
        Some(Asked {
            transaction: transaction_of(self.sale.kind),
            sequence_number,
            amount: self.amount(),
            training: self.sale.practice,
            sent_at: self.sent_at?.naive_local(),
            journal: self.journal.clone(),
            original_slip: self.sale.terminal_slip().cloned(),
            terminal_id: self.sent_to.clone(),
        })
    }

    fn route(&self) -> Route {
        Route {
            cat: self.cat,
            model: self.card.model.clone(),
        }
    }

    /// The sale as the books have it.
    fn record(&self, more: &[(Stamp, &Entry)]) -> Option<SaleRecord> {
        let (slip, sequence_number) = self.numbers?;
        let pending = Entry::Pending {
            slip,
            sequence_number,
            sale: self.sale.clone(),
            route: self.route(),
        };
        let sent = self.sent_at.map(|at| {
            (
                Stamp { at, ..self.stamp },
                Entry::Sent {
                    slip,
                    journal: self.journal.clone(),
                    terminal_id: self.sent_to.clone(),
                },
            )
        });
        let entries = std::iter::once((self.stamp, &pending))
            .chain(sent.iter().map(|(stamp, entry)| (*stamp, entry)))
            .chain(more.iter().copied());
        SaleRecord::fold(entries).ok().flatten()
    }
}

/// What a sale is to a terminal.
pub(crate) const fn transaction_of(kind: SaleKind) -> TransactionType {
    match kind {
        SaleKind::Sale => TransactionType::Sales,
        SaleKind::Void => TransactionType::Void,
        SaleKind::Refund => TransactionType::Refund,
    }
}

/// Why no payment can begin with this card now.
pub(crate) fn refusal(state: &State, card: &CardCompany) -> Option<Note> {
    state.card_refusal(card)
}

/// F12 on the checkout, or on what is to be taken back: the intent goes into the books before anything else happens.
pub(crate) fn begin(
    state: &mut State,
    card: &CardCompany,
    sale: SaleDraft,
    original: Option<Box<SaleRecord>>,
    out: &mut Vec<Effect>,
) {
    let Some(cat) = state.settings.cat_of(card) else {
        return;
    };
    let refused = match sale.kind {
        SaleKind::Sale => refusal(state, card),
        SaleKind::Void | SaleKind::Refund => state.line_refusal(cat),
    };
    if let Some(note) = refused {
        state.say(note);
        return;
    }
    if sale.checked_total().is_err() {
        state.say(Note::warning(Text::EnterTender));
        return;
    }
    let stamp = state.settings.stamp(state.now);
    let charge = Charge {
        card: card.clone(),
        sale: sale.clone(),
        cat,
        numbers: None,
        stamp,
        stage: Stage::Writing,
        phase: None,
        words: None,
        delivered: false,
        since_ms: state.now.mono_ms,
        heard_ms: state.now.mono_ms,
        sent_at: None,
        journal: None,
        sent_to: None,
        original,
    };
    let route = charge.route();
    state.note = None;
    state.screen = Screen::Charging(Box::new(charge));
    out.push(Effect::Store(StoreRequest::Pend { stamp, sale, route }));
}

/// The intent is durable: call the terminal.
pub(crate) fn pended(
    state: &mut State,
    slip: SlipNumber,
    sequence_number: SequenceNumber,
    out: &mut Vec<Effect>,
) {
    let now = state.now.mono_ms;
    let Screen::Charging(charge) = &mut state.screen else {
        return;
    };
    charge.numbers = Some((slip, sequence_number));
    charge.stage = Stage::Calling;
    charge.heard_ms = now;
    let (cat, kind) = (charge.cat, charge.sale.kind);
    if kind == SaleKind::Sale {
        state.basket.order.get_or_insert(slip);
    }
    let probing = link_pane::seize(state, cat);
    if !probing {
        out.push(Effect::Link(cat, LinkRequest::Connect));
    }
}

/// F9: allowed as long as nothing was sent.
pub(crate) fn back_out(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Charging(charge) = &state.screen else {
        return;
    };
    if charge.stage == Stage::Calling || teeth::bites(Tooth::BackOutAfterSent) {
        let cat = charge.cat;
        out.push(Effect::Link(cat, LinkRequest::Abandon));
        release(state, NotCharged::BackedOut, Evidence::NothingSent, out);
    }
}

/// An event of the terminal this payment is at.
pub(crate) fn link_event(state: &mut State, event: LinkEvent, out: &mut Vec<Effect>) {
    let now_ms = state.now.mono_ms;
    let Screen::Charging(charge) = &mut state.screen else {
        return;
    };
    match &event {
        LinkEvent::Down { .. } | LinkEvent::Broken { .. } | LinkEvent::Up | LinkEvent::Idle => {}
        LinkEvent::Alive
        | LinkEvent::Delivered
        | LinkEvent::Phase { .. }
        | LinkEvent::Display { .. }
        | LinkEvent::Answer { .. }
        | LinkEvent::Unasked { .. } => charge.heard_ms = now_ms,
    }
    match &charge.stage {
        Stage::Calling => calling(state, event, out),
        Stage::Waiting => waiting(state, event, out),
        Stage::Writing | Stage::Marking | Stage::Booking { .. } => {}
    }
}

/// Nothing is sent yet: whatever goes wrong here is definite.
fn calling(state: &mut State, event: LinkEvent, out: &mut Vec<Effect>) {
    let Screen::Charging(charge) = &state.screen else {
        return;
    };
    let cat = charge.cat;
    let asks = state.settings.cats[&cat].model.capabilities.status;
    let not = |state: &mut State, reason, out: &mut Vec<Effect>| {
        release(state, reason, Evidence::NothingSent, out);
    };
    match event {
        LinkEvent::Up if asks => {
            out.push(Effect::Link(cat, LinkRequest::Send(Command::Status)));
        }
        LinkEvent::Up => mark_sent(state, None, out),
        LinkEvent::Answer {
            answer: Answer::Status(status),
        } => {
            out.push(Effect::Link(cat, LinkRequest::Acknowledge));
            if link_pane::another::refusal(state, cat).is_some() {
                not(state, NotCharged::AnotherTerminal, out);
                return;
            }
            match status.state {
                TerminalState::Idle => mark_sent(state, status.journal, out),
                TerminalState::Busy => not(state, NotCharged::Busy, out),
                TerminalState::Standalone => not(state, NotCharged::Standalone, out),
            }
        }
        // An answer to something older: let the terminal be done with it.
        LinkEvent::Answer { .. } => out.push(Effect::Link(cat, LinkRequest::Acknowledge)),
        LinkEvent::Down { .. } | LinkEvent::Broken { .. } => {
            not(state, NotCharged::NotReachable, out);
        }
        LinkEvent::Alive
        | LinkEvent::Delivered
        | LinkEvent::Phase { .. }
        | LinkEvent::Display { .. }
        | LinkEvent::Unasked { .. }
        | LinkEvent::Idle => {}
    }
}

fn mark_sent(state: &mut State, journal: Option<JournalId>, out: &mut Vec<Effect>) {
    let stamp = state.settings.stamp(state.now);
    let Screen::Charging(charge) = &mut state.screen else {
        return;
    };
    let Some((slip, _)) = charge.numbers else {
        return;
    };
    charge.journal.clone_from(&journal);
    let standing = state.cats.get(&charge.cat).map(|cat| &cat.standing);
    let terminal_id = standing.and_then(|standing| standing.identity.known.clone());
    charge.sent_to.clone_from(&terminal_id);
    charge.sent_at = Some(stamp.at);
    charge.stage = Stage::Marking;
    let entry = Entry::Sent {
        slip,
        journal,
        terminal_id,
    };
    if teeth::bites(Tooth::SendBeforeMark) {
        send(state, out);
    }
    out.push(Effect::Store(StoreRequest::Write { stamp, entry }));
}

/// The amount is out: only a matching answer ends this, or a break, which makes it unknown.
fn waiting(state: &mut State, event: LinkEvent, out: &mut Vec<Effect>) {
    let Screen::Charging(charge) = &mut state.screen else {
        return;
    };
    let Some(asked) = charge.asked() else {
        return;
    };
    match event {
        LinkEvent::Delivered => charge.delivered = true,
        LinkEvent::Display { text } => {
            charge.delivered = true;
            charge.words = progress::words(&text).or(charge.words.take());
        }
        LinkEvent::Phase { phase } => {
            charge.delivered = true;
            charge.phase = Some(phase);
        }
        LinkEvent::Answer { answer } => {
            let charge_cat = charge.cat;
            let model = &state.settings.cats[&charge_cat].model;
            let now = state.now.wall.naive_local();
            let verdict =
                recovery::after_answer(&asked, &answer, &model.capabilities, &model.timers, now);
            note_oddities(state, &asked, &answer, out);
            if teeth::bites(Tooth::AcknowledgeBeforeWritten) {
                out.push(Effect::Link(charge_cat, LinkRequest::Acknowledge));
            }
            book(state, verdict, out);
        }
        LinkEvent::Broken { cause, .. } if is_sent_again(cause) => send(state, out),
        LinkEvent::Broken {
            cause: Break::Disconnected,
            ..
        } if teeth::bites(Tooth::ResendOnReconnect) => {
            out.push(Effect::Link(charge.cat, LinkRequest::Connect));
        }
        LinkEvent::Up if teeth::bites(Tooth::ResendOnReconnect) => send(state, out),
        LinkEvent::Broken { exposure, cause } => {
            book(state, recovery::after_break(exposure, cause), out);
        }
        // The line's end comes with its own `Broken`; the watchdog covers a link that says neither.
        LinkEvent::Up
        | LinkEvent::Down { .. }
        | LinkEvent::Alive
        | LinkEvent::Unasked { .. }
        | LinkEvent::Idle => {}
    }
}

/// Seeded bugs: a break after which the amount leaves once more.
fn is_sent_again(cause: Break) -> bool {
    match cause {
        Break::NoAnswer => teeth::bites(Tooth::ResendOnTimeout),
        Break::NoAcknowledgement => teeth::bites(Tooth::ResendOnNoAcknowledgement),
        Break::Garbled => teeth::bites(Tooth::ResendOnGarbled),
        _ => false,
    }
}

/// What the books' audit should know of an answer beside its outcome.
fn note_oddities(state: &State, asked: &Asked, answer: &Answer, out: &mut Vec<Effect>) {
    if let Answer::Result(result) = answer {
        if result.account_was_exposed {
            let detail = asked.sequence_number.to_string();
            link_pane::audit(state, AuditEvent::CardNumberMasked, detail, out);
        }
        if result
            .training
            .is_some_and(|training| training != asked.training)
        {
            let detail = asked.sequence_number.to_string();
            link_pane::audit(state, AuditEvent::ModeMismatch, detail, out);
        }
    }
}

/// A verdict goes into the books before anything is shown or acknowledged.
fn book(state: &mut State, verdict: Verdict, out: &mut Vec<Effect>) {
    let Screen::Charging(charge) = &state.screen else {
        return;
    };
    let Some((slip, _)) = charge.numbers else {
        return;
    };
    match verdict {
        Verdict::Charged { facts } => write(
            state,
            Entry::Posted {
                slip,
                evidence: Evidence::Answer,
                terminal: facts,
            },
            out,
        ),
        Verdict::NotCharged {
            reason: reason @ (NotCharged::NotReachable | NotCharged::AnswerOwed { .. }),
        } => release(state, reason, Evidence::NothingSent, out),
        Verdict::NotCharged { reason } => release(state, reason, Evidence::Answer, out),
        Verdict::Unknown { reason } => write(state, Entry::OutcomeUnknown { slip, reason }, out),
    }
}

fn release(state: &mut State, reason: NotCharged, evidence: Evidence, out: &mut Vec<Effect>) {
    if let Screen::Charging(charge) = &state.screen
        && let Some((slip, _)) = charge.numbers
    {
        let entry = Entry::Released {
            slip,
            reason,
            evidence,
        };
        write(state, entry, out);
    }
}

fn write(state: &mut State, entry: Entry, out: &mut Vec<Effect>) {
    let stamp = state.settings.stamp(state.now);
    if let Screen::Charging(charge) = &mut state.screen {
        charge.stage = Stage::Booking {
            entry: Box::new(entry.clone()),
            failed: None,
        };
        out.push(Effect::Store(StoreRequest::Write {
            stamp,
            entry: entry.clone(),
        }));
    }
    if teeth::bites(Tooth::ShownBeforeWritten) {
        finish(state, &entry, out);
    }
}

/// An entry of this payment is durable. False where it is not this payment's.
pub(crate) fn written(state: &mut State, entry: &Entry, out: &mut Vec<Effect>) -> bool {
    let Screen::Charging(charge) = &state.screen else {
        return false;
    };
    if charge.numbers.map(|(slip, _)| slip) != entry.slip() || entry.slip().is_none() {
        return false;
    }
    match (&charge.stage, entry) {
        (Stage::Marking, Entry::Sent { .. }) => {
            let undo = charge.sale.kind != SaleKind::Sale;
            send(state, out);
            if undo && teeth::bites(Tooth::UndoBookedBeforeAnswer) {
                let facts = TerminalFacts::default();
                book(state, Verdict::Charged { facts }, out);
            }
        }
        (Stage::Booking { .. }, _) => finish(state, entry, out),
        _ => return false,
    }
    true
}

/// The sent mark is durable: now, and only now, and only once, the amount leaves.
fn send(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Charging(charge) = &mut state.screen else {
        return;
    };
    let Some((_, sequence_number)) = charge.numbers else {
        return;
    };
    charge.stage = Stage::Waiting;
    charge.since_ms = state.now.mono_ms;
    let command = Command::Authorize(Authorize {
        transaction: transaction_of(charge.sale.kind),
        sequence_number,
        amount: if teeth::bites(Tooth::FirstLineIsAsked) {
            charge
                .sale
                .lines
                .first()
                .map_or(Yen::ZERO, |line| line.unit)
        } else {
            charge.amount()
        },
        tax_others: Yen::ZERO,
        card_class: charge.card.card_class,
        device_id: charge.card.device_id.clone(),
        training: charge.sale.practice && !teeth::bites(Tooth::PracticeAsksForMoney)
            || teeth::bites(Tooth::MoneyAsksForPractice),
        original_slip: charge.sale.terminal_slip().cloned().map(named),
    });
    if teeth::bites(Tooth::SendTwice) {
        out.push(Effect::Link(charge.cat, LinkRequest::Send(command.clone())));
    }
    out.push(Effect::Link(charge.cat, LinkRequest::Send(command)));
}

/// The slip that goes back is named as it is.
fn named(slip: TerminalSlipNumber) -> TerminalSlipNumber {
    let before = slip
        .as_str()
        .parse::<u32>()
        .ok()
        .and_then(|n| n.checked_sub(1));
    match before.filter(|_| teeth::bites(Tooth::UndoNamesTheSlipBefore)) {
        Some(before) => TerminalSlipNumber::new(&format!("{before:05}")).unwrap_or(slip),
        None => slip,
    }
}

/// The outcome is durable: acknowledge, then show.
fn finish(state: &mut State, entry: &Entry, out: &mut Vec<Effect>) {
    let stamp = state.settings.stamp(state.now);
    let Screen::Charging(charge) = &state.screen else {
        return;
    };
    let cat = charge.cat;
    let card = charge.card.clone();
    let original = charge.original.clone();
    let Some(record) = charge.record(&[(stamp, entry)]) else {
        return;
    };
    out.push(Effect::Link(cat, LinkRequest::Acknowledge));
    link_pane::release(state, cat);
    match record.state {
        SaleState::Settled => Done::show(state, record, false, out),
        SaleState::Declined | SaleState::Cancelled => {
            NotChargedScreen::show(state, record, (Some(card), original), out);
        }
        _ if teeth::bites(Tooth::UnknownShownAsNotCharged) => {
            NotChargedScreen::show(state, record, (Some(card), original), out);
        }
        SaleState::Pending
        | SaleState::Sent
        | SaleState::Unknown
        | SaleState::Parked
        | SaleState::ByHand
        | SaleState::Booked => {
            if !teeth::bites(Tooth::UnknownIsNotListed) {
                state.open.push(record.clone());
            }
            Unknown::show(state, record, out);
        }
    }
}
