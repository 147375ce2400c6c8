//! The loop: one inbox, one update, effects handed out, one frame drawn. It decides nothing.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::diagnostic::{Code, Log, Operation};
use super::link::{Clock, LinkHandle};
use super::orca::OrcaHandle;
use super::printer::PrinterHandle;
use super::store::StoreHandle;
use crate::app::key::Input;
use crate::app::message::export::ExportRequest;
use crate::app::message::items::{GoodsRequest, ItemsRequest};
use crate::app::message::link_setup::SetupRequest;
use crate::app::message::orca::OrcaEvent;
use crate::app::message::{Effect, LinkRequest, Message, StoreRequest, StoreTrouble, Stored};
use crate::app::{Screen, State, update};
use crate::cat::{Answer, Command, LinkEvent};
use crate::domain::ledger::{CatId, Entry};
use crate::orca::answer::{Failure, News};

/// How many messages are taken before a frame is drawn: a scan or a paste is one frame, and a flood still shows.
const MESSAGES_A_FRAME: usize = 64;

/// How long the first frame waits for the books. They answer within a millisecond or two; a frame that only says that they are being
/// read would be painted for nothing.
const FIRST_SCREEN_MS: u64 = 20;

/// Takes a request of the link set-up screen.
pub type LinkSetupRoom = Box<dyn Fn(SetupRequest, &BTreeMap<CatId, LinkHandle>)>;

/// What effects are handed to.
pub struct Adapters {
    /// The books.
    pub store: StoreHandle,
    /// The terminals.
    pub links: BTreeMap<CatId, LinkHandle>,
    /// The receipt printer, where there is one.
    pub printer: Option<PrinterHandle>,
    /// The receipt computer of this mode, where there is one.
    pub orca: Option<OrcaHandle>,
    /// Answers the link set-up screen through the inbox.
    pub link_setup: LinkSetupRoom,
    /// Writes a file in the background, and answers through the inbox.
    pub export: Box<dyn Fn(ExportRequest)>,
    /// Reads files of goods in the background, and answers through the inbox.
    pub goods: Box<dyn Fn(GoodsRequest)>,
    /// Remembers a key, and answers through the inbox.
    pub save_key: Box<dyn Fn(Vec<u8>, crate::app::key::Key)>,
    /// What support reads when something went wrong: times, operations and codes, never a name. A counter works without it.
    pub log: Option<Log>,
}

impl Adapters {
    fn note(&mut self, clock: &Clock, what: Option<(Operation, Code)>) {
        if let (Some(log), Some((operation, code))) = (&mut self.log, what) {
            log.note(clock().wall, operation, code, None);
        }
    }
}

/// What the loop needs of a screen.
pub trait Stage {
    /// Draw the state, if it can be drawn; a screen that is gone ends the loop.
    fn draw(&mut self, state: &State) -> std::io::Result<()>;
    /// Forget what was drawn, and take the size anew.
    fn redraw(&mut self, size: (u16, u16)) -> std::io::Result<()>;
    /// Ring so many times.
    fn bell(&mut self, times: u8) -> std::io::Result<()>;
}

/// Run a console until it leaves. An error is a screen that is gone; the books are not touched by it.
pub fn run(
    state: &mut State,
    clock: &Clock,
    inbox: &Receiver<Message>,
    adapters: &mut Adapters,
    stage: &mut impl Stage,
) -> std::io::Result<()> {
    let effects = state.start();
    hand_out(effects, state, clock, adapters, stage)?;
    let patience_ms = clock().mono_ms + FIRST_SCREEN_MS;
    while matches!(state.screen, Screen::Opening(_)) && state.leaving.is_none() {
        let left = patience_ms.saturating_sub(clock().mono_ms);
        if left == 0 {
            break;
        }
        let Ok(message) = inbox.recv_timeout(Duration::from_millis(left)) else {
            break;
        };
        take(message, state, clock, adapters, stage)?;
    }
    stage.draw(state)?;
    while state.leaving.is_none() {
        let mut message = next(state, clock, inbox);
        for _ in 0..MESSAGES_A_FRAME {
            take(message, state, clock, adapters, stage)?;
            match inbox.try_recv() {
                Ok(more) if state.leaving.is_none() => message = more,
                _ => break,
            }
        }
        if state.leaving.is_none() {
            stage.draw(state)?;
        }
    }
    Ok(())
}

fn take(
    message: Message,
    state: &mut State,
    clock: &Clock,
    adapters: &mut Adapters,
    stage: &mut impl Stage,
) -> std::io::Result<()> {
    adapters.note(clock, of_message(&message));
    let effects = update(state, clock(), message);
    hand_out(effects, state, clock, adapters, stage)
}

/// Sleep until something comes, or until the state asked to be woken.
fn next(state: &State, clock: &Clock, inbox: &Receiver<Message>) -> Message {
    let Some(deadline) = state.deadline() else {
        return inbox.recv().unwrap_or(Message::Hangup);
    };
    let left = deadline.saturating_sub(clock().mono_ms);
    match inbox.recv_timeout(Duration::from_millis(left)) {
        Ok(message) => message,
        Err(RecvTimeoutError::Timeout) => Message::TimeReached,
        // Every sender is gone: nobody will ever press a key again.
        Err(RecvTimeoutError::Disconnected) => Message::Hangup,
    }
}

fn hand_out(
    effects: Vec<Effect>,
    state: &mut State,
    clock: &Clock,
    adapters: &mut Adapters,
    stage: &mut impl Stage,
) -> std::io::Result<()> {
    for effect in effects {
        adapters.note(clock, of_effect(&effect));
        match effect {
            Effect::Store(request) => {
                // A request that could not even be queued is answered here, like any other answer.
                if let Err(failed) = adapters.store.ask(request) {
                    let more = update(state, clock(), Message::Stored(*failed));
                    hand_out(more, state, clock, adapters, stage)?;
                }
            }
            Effect::Link(cat, request) => {
                if let Some(link) = adapters.links.get(&cat) {
                    link.request(request);
                }
            }
            Effect::Print(request) => {
                let printer = adapters.printer.as_ref();
                // A request that could not even be queued is answered here, like any other answer.
                if let Some(failed) = printer.and_then(|printer| printer.ask(request).err()) {
                    let more = update(state, clock(), Message::Printer(failed));
                    hand_out(more, state, clock, adapters, stage)?;
                }
            }
            Effect::LinkSetup(request) => (adapters.link_setup)(request, &adapters.links),
            Effect::Export(request) => (adapters.export)(request),
            Effect::Goods(request) => (adapters.goods)(request),
            Effect::Orca(request) => {
                let orca = adapters.orca.as_ref();
                // A request that could not even be queued is answered here, like any other answer.
                if let Some(failed) = orca.and_then(|orca| orca.ask(request).err()) {
                    let more = update(state, clock(), Message::Orca(*failed));
                    hand_out(more, state, clock, adapters, stage)?;
                }
            }
            Effect::SaveKey { bytes, key } => (adapters.save_key)(bytes, key),
            Effect::Bell(times) => stage.bell(times)?,
            Effect::Redraw => stage.redraw(state.size)?,
            Effect::Quit => {}
        }
    }
    Ok(())
}

/// What the diagnostic log keeps of a message: what broke, and nothing that went well.
fn of_message(message: &Message) -> Option<(Operation, Code)> {
    match message {
        Message::Link(cat, event) => match event {
            LinkEvent::Up => Some((Operation::Line(*cat), Code::Done)),
            LinkEvent::Down { cause, .. } => Some((Operation::Line(*cat), Code::Broken(*cause))),
            LinkEvent::Broken { cause, .. } => {
                Some((Operation::Exchange(*cat), Code::Broken(*cause)))
            }
            LinkEvent::Unasked { .. } => Some((Operation::Exchange(*cat), Code::Unasked)),
            LinkEvent::Answer {
                answer: Answer::Result(result),
            } => {
                let code = if result.account_was_exposed {
                    Code::AccountMasked
                } else {
                    Code::Done
                };
                Some((Operation::Exchange(*cat), code))
            }
            LinkEvent::Answer { .. }
            | LinkEvent::Alive
            | LinkEvent::Delivered
            | LinkEvent::Phase { .. }
            | LinkEvent::Display { .. }
            | LinkEvent::Idle => None,
        },
        Message::Stored(Stored::Failed { request, trouble }) => {
            let operation = match **request {
                StoreRequest::Open { .. }
                | StoreRequest::History(_)
                | StoreRequest::Find(_)
                | StoreRequest::Day(_)
                | StoreRequest::Undoable(_)
                | StoreRequest::Paper(_)
                | StoreRequest::Unprinted { .. }
                | StoreRequest::Tasks
                | StoreRequest::BillTaken { .. }
                | StoreRequest::PaidBills { .. }
                | StoreRequest::Items(ItemsRequest::Search(_) | ItemsRequest::Find { .. })
                | StoreRequest::CardReport(_) => Operation::ReadBooks,
                StoreRequest::Sell { .. }
                | StoreRequest::ByHand { .. }
                | StoreRequest::Pend { .. }
                | StoreRequest::Items(ItemsRequest::Import(_))
                | StoreRequest::Write { .. } => Operation::WriteBooks,
            };
            Some((operation, of_trouble(trouble)))
        }
        Message::Stored(_) => None,
        Message::Orca(event) => of_orca(event),
        Message::Input(Input::NotUtf8) => Some((Operation::Keys, Code::NotUtf8)),
        Message::Hangup => Some((Operation::Screen, Code::Hangup)),
        Message::Input(_)
        | Message::TimeReached
        | Message::Resized(..)
        | Message::LinkSetup(_)
        | Message::Printer(_)
        | Message::Exported(_)
        | Message::Goods(_)
        | Message::Scanner(_)
        | Message::KeySaved(_) => None,
    }
}

/// By the call's word and the class of the failure: the words of a failure may be another's.
fn of_orca(event: &OrcaEvent) -> Option<(Operation, Code)> {
    match event {
        OrcaEvent::Answered { call, result, .. } => {
            let code = match result {
                Ok(_) if call.writes() => Code::Done,
                Ok(_) => return None,
                Err(Failure::Unreachable(_)) => Code::Unreachable,
                Err(Failure::Lost(_)) => Code::Lost,
                Err(Failure::Denied(_)) => Code::Denied,
                Err(Failure::Certificate(_)) => Code::Certificate,
                Err(Failure::Foreign(_)) => Code::Foreign,
                Err(Failure::Unreadable(_)) => Code::Unreadable,
                Err(Failure::Refused(_)) => Code::Refused,
            };
            Some((Operation::Orca(call.word()), code))
        }
        OrcaEvent::News(News::Listening) => Some((Operation::OrcaPush, Code::Done)),
        OrcaEvent::News(News::Deaf(_)) => Some((Operation::OrcaPush, Code::Lost)),
        OrcaEvent::News(News::Account { .. } | News::Accepted { .. })
        | OrcaEvent::Remarked { .. } => None,
    }
}

fn of_trouble(trouble: &StoreTrouble) -> Code {
    match trouble {
        StoreTrouble::DiskFull => Code::DiskFull,
        StoreTrouble::ReadOnly => Code::ReadOnly,
        StoreTrouble::Locked => Code::Locked,
        StoreTrouble::Disk(_) => Code::DiskError,
        StoreTrouble::Refused(_) => Code::Refused,
        StoreTrouble::Viewer => Code::Viewer,
    }
}

/// What the diagnostic log keeps of an effect: what leaves for a terminal, and what is not known.
fn of_effect(effect: &Effect) -> Option<(Operation, Code)> {
    match effect {
        Effect::Link(cat, LinkRequest::Send(command)) => match command {
            Command::Authorize(_) | Command::AccessDailyLog { .. } => {
                Some((Operation::Exchange(*cat), Code::Done))
            }
            Command::LastResult { .. } => Some((Operation::Inquiry(*cat), Code::Done)),
            Command::Status | Command::Transactions | Command::Standalone => None,
        },
        Effect::Store(StoreRequest::Write {
            entry: Entry::OutcomeUnknown { reason, .. },
            ..
        }) => Some((Operation::WriteBooks, Code::Unknown(*reason))),
        Effect::Link(..)
        | Effect::Store(_)
        | Effect::LinkSetup(_)
        | Effect::Print(_)
        | Effect::Export(_)
        | Effect::Goods(_)
        | Effect::Orca(_)
        | Effect::SaveKey { .. }
        | Effect::Bell(_)
        | Effect::Redraw
        | Effect::Quit => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::message::orca::{Asker, OrcaEvent, OrcaRequest};
    use crate::domain::bill::{Patient, PatientNumber};
    use crate::orca::answer::{Answer, Failure, News};
    use crate::orca::call::Call;

    #[test]
    fn nothing_of_a_patient_reaches_the_diagnostic_log() {
        let number = || PatientNumber::parse("98765").expect("a number");
        let asker = Asker::Screen { question: 1 };
        let patient = Patient {
            number: number(),
            name: "植木 太郎".to_owned(),
            kana: String::new(),
            born: None,
        };
        let call = Call::Patient { patient: number() };
        let answered = |result| {
            Message::Orca(OrcaEvent::Answered {
                asker,
                call: Box::new(call.clone()),
                result,
            })
        };
        for message in [
            answered(Ok(Answer::Patient(patient))),
            answered(Err(Failure::Lost("植木 太郎 98765".to_owned()))),
            Message::Orca(OrcaEvent::News(News::Accepted { patient: number() })),
        ] {
            // That a call broke is kept, by its word alone.
            let kept = format!("{:?}", of_message(&message));
            assert!(!kept.contains("植木") && !kept.contains("98765"), "{kept}");
        }
        let asked = Effect::Orca(OrcaRequest {
            asker,
            call: call.clone(),
        });
        assert_eq!(of_effect(&asked), None);
    }
}
