//! 反映: telling the receipt computer of the money that was taken, one posting at a time, in order of slips, beside whatever is on the screen.
//!
//! ```text
//!  due ─ Open ─▶ `Opened` ─ still unpaid? ─▶ `Sent` ─ Pay ─▶ `Reflected` | `Refused` | `Unsure` ─ Finish ─▶ `Closed`
//!          └──── held by another: who? ─▶ told, and tried again later
//! ```
//!
//! What is in the books decides what is done next, so that a console that was killed goes on where the books stand: it first ends every session
//! that is not closed, and what may have been sent it looks for in the invoice's history. What may be there is never sent again.

use super::message::orca::{Asker, OrcaEvent, OrcaRequest};
use super::message::{Effect, StoreRequest, StoreTrouble};
use super::{Screen, State};
use crate::domain::bill::{InvoiceNumber, PatientNumber};
use crate::domain::ledger::Entry;
use crate::domain::money::Yen;
use crate::domain::reflection::{
    Posting, Progress, ReflectionEvidence, ReflectionStep, Unreflected, words,
};
use crate::domain::task::Task;
use crate::orca::answer::News;
use crate::orca::call::{Call, Payment, Session};

mod answer;
mod history;
mod machine;
mod queue;
pub mod reissue;
mod screen;
mod search;

pub use history::Found;
pub use machine::{Key, LineTrouble, Reflecting, Why};
use machine::{Pause, Stage, Work};
pub use queue::{Row, RowState};
pub use screen::{Asking, Queue};
pub(crate) use screen::{act, open, refusal, takes_text, type_key};

/// What could be done now.
enum Next {
    Finish(Key, Session),
    Free(Key, Session),
    Open(Key),
    /// 再発行 of the 領収証: a session of its own.
    Paper(Key),
    /// Nothing before then.
    At(u64),
    Nothing,
}

impl State {
    /// Every slip the receipt computer was not told of to the end, oldest first.
    pub fn unreflected(&self) -> impl Iterator<Item = &Unreflected> {
        self.tasks.list.iter().filter_map(|task| match task {
            Task::Unreflected(slip) => Some(&**slip),
            Task::Hand(_) | Task::PartPaid(_) | Task::Correction(_) => None,
        })
    }

    fn progress(&self, key: Key) -> Option<&Progress> {
        let mut slips = self.unreflected();
        slips.find(|slip| slip.slip == key.0)?.posting(key.1)
    }

    /// The words every session of this counter begins with.
    fn karte_prefix(&self) -> String {
        let code: String = self
            .settings
            .terminal_code
            .chars()
            .take(8)
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        format!("mdg-{code}-")
    }

    /// Our name for the next session: one for each counter and run, and a new one where the receipt computer still knows it.
    fn karte_uid(&mut self) -> String {
        let now = self.now.wall.timestamp_millis();
        let began = *self.reflection.began_ms.get_or_insert(now);
        format!(
            "{}{began:x}-{}",
            self.karte_prefix(),
            self.reflection.names % 10_000
        )
    }
}

/// Go on, where something can be done. Called after every message: nothing here waits for a screen.
pub(crate) fn pump(state: &mut State, out: &mut Vec<Effect>) {
    let now = state.now.mono_ms;
    if let Some(books) = &mut state.reflection.books {
        if books.until_ms <= now {
            books.failed(now);
            out.push(Effect::Store(StoreRequest::Tasks));
        }
        return;
    }
    let (key, stage, call) = match next(state) {
        Next::Finish(key, session) => (key, Stage::Finishing, Call::Finish { session }),
        Next::Free(key, session) => {
            let stage = Stage::Freeing(session.clone());
            (key, stage, Call::Finish { session })
        }
        Next::Open(key) | Next::Paper(key) => {
            let karte_uid = state.karte_uid();
            let of_paper = reissue::posting(state, key);
            let Some(progress) = of_paper.or_else(|| state.progress(key)) else {
                return;
            };
            if progress.invoice().is_none() {
                search::begin(state, key, out);
                return;
            }
            let Some(call) = open_call(progress, karte_uid, None) else {
                return;
            };
            (key, Stage::Opening, call)
        }
        Next::At(_) | Next::Nothing => return,
    };
    state.reflection.work = Some(Work {
        key,
        stage,
        since_ms: now,
        told: None,
    });
    ask(key, call, out);
}

/// Hold the patient for a posting, at its own invoice or at this one.
fn open_call(progress: &Progress, karte_uid: String, at: Option<InvoiceNumber>) -> Option<Call> {
    let posting = &progress.posting;
    Some(Call::Open {
        karte_uid,
        patient: posting.patient.clone(),
        in_out: posting.in_out,
        invoice: at.or_else(|| progress.invoice().cloned())?,
    })
}

/// When there is something to do that waits for nothing but time (`mono_ms`).
pub(crate) fn deadline(state: &State) -> Option<u64> {
    if let Some(books) = state.reflection.books {
        return Some(books.until_ms);
    }
    match next(state) {
        Next::At(at) => Some(at),
        _ => None,
    }
}

fn ask(key: Key, call: Call, out: &mut Vec<Effect>) {
    let (slip, posting) = key;
    out.push(Effect::Orca(OrcaRequest {
        asker: Asker::Reflection { slip, posting },
        call,
    }));
}

/// What is to be done next: sessions that are open first, then the oldest posting that nothing keeps waiting.
fn next(state: &State) -> Next {
    let machine = &state.reflection;
    let able = state.owns_the_books() && state.settings.reflects() && state.trouble.is_none();
    if machine.work.is_some() || !able {
        return Next::Nothing;
    }
    let now = state.now.mono_ms;
    let line = machine.line.until_ms;
    let mut earliest: Option<u64> = None;
    let mut ready = |at: u64| {
        let at = at.max(line);
        if at > now {
            earliest = Some(earliest.map_or(at, |earliest| earliest.min(at)));
        }
        at <= now
    };
    if let Some((key, session)) = machine.strays.first()
        && ready(0)
    {
        return Next::Free(*key, session.clone());
    }
    let mut slips: Vec<&Unreflected> = state.unreflected().collect();
    slips.sort_by_key(|slip| slip.slip);
    let until = |key: Key| {
        machine
            .waits
            .get(&key)
            .map_or(0, |wait| wait.pause.until_ms)
    };
    for slip in &slips {
        for progress in &slip.postings {
            let key = (slip.slip, progress.posting.number);
            if let Some(held) = &progress.session
                && ready(until(key))
            {
                let session = Session {
                    karte_uid: held.karte_uid.clone(),
                    orca_uid: held.orca_uid.clone(),
                };
                return Next::Finish(key, session);
            }
        }
    }
    // No patient is held while a card is at a terminal.
    if matches!(state.screen, Screen::Charging(_)) {
        return Next::Nothing;
    }
    if let Some(key) = machine.paper.as_ref().and_then(reissue::Paper::next)
        && ready(0)
    {
        return Next::Paper(key);
    }
    // An invoice is told of in order: what waits for its turn, or for a person, keeps what came later waiting.
    let mut before: Vec<&Progress> = Vec::new();
    for slip in &slips {
        for progress in slip.postings.iter().filter(|one| !one.standing.is_over()) {
            let key = (slip.slip, progress.posting.number);
            let blocked = before.iter().any(|earlier| progress.waits_for(earlier));
            let wait = machine.waits.get(&key);
            let for_person = wait.is_some_and(|wait| wait.for_person);
            if !blocked && !for_person && progress.session.is_none() && ready(until(key)) {
                return Next::Open(key);
            }
            before.push(progress);
        }
    }
    earliest.map_or(Next::Nothing, Next::At)
}

/// Something came from the receipt computer.
pub(crate) fn take(state: &mut State, event: &OrcaEvent, out: &mut Vec<Effect>) {
    match event {
        OrcaEvent::Answered {
            asker: Asker::Reflection { slip, posting },
            call,
            result,
        } => answer::take(state, (*slip, *posting), call, result, out),
        OrcaEvent::News(News::Listening) => state.reflection.line.until_ms = state.now.mono_ms,
        // What was in the way may be gone: the bill was made anew.
        OrcaEvent::News(News::Account { patient, .. }) => wake(state, patient),
        OrcaEvent::Answered { .. } | OrcaEvent::News(_) | OrcaEvent::Remarked { .. } => {}
    }
}

fn wake(state: &mut State, patient: &PatientNumber) {
    let keys: Vec<Key> = state
        .unreflected()
        .flat_map(|slip| {
            let of_patient = slip
                .postings
                .iter()
                .filter(|one| one.posting.patient.is_same(patient));
            of_patient.map(|one| (slip.slip, one.posting.number))
        })
        .collect();
    for key in keys {
        state.reflection.waits.remove(&key);
    }
}

/// Write a step; the next one follows once it is durable.
fn write(state: &mut State, key: Key, step: ReflectionStep, out: &mut Vec<Effect>) {
    if let Some(work) = &mut state.reflection.work {
        work.stage = Stage::Writing;
    }
    let (slip, posting) = key;
    out.push(Effect::Store(StoreRequest::Write {
        stamp: state.settings.stamp(state.now),
        entry: Entry::Reflection {
            slip,
            posting,
            step,
        },
    }));
}

/// A step is durable, and the tasks know it.
pub(crate) fn written(state: &mut State, entry: &Entry, out: &mut Vec<Effect>) {
    let Entry::Reflection {
        slip,
        posting,
        step,
    } = entry
    else {
        return;
    };
    let key = (*slip, *posting);
    state.reflection.books_failures = 0;
    if let ReflectionStep::Explained { .. } = step {
        state.reflection.waits.remove(&key);
        screen::explained(state, key);
    }
    let Some(work) = &state.reflection.work else {
        return;
    };
    if work.key != key || work.stage != Stage::Writing {
        return;
    }
    match step {
        ReflectionStep::Opened { .. } if reissue::is_of(state, key) => {
            reissue::held(state, key, out)
        }
        ReflectionStep::Opened { .. } => decide(state, key, out),
        ReflectionStep::Reissued { .. } => reissue::print(state, key, out),
        ReflectionStep::Sent { .. } => pay(state, key, out),
        // The history does not have it: it may be sent again, in this session that nothing was sent in.
        ReflectionStep::Refused { code, .. } if code == words::NOT_THERE => decide(state, key, out),
        ReflectionStep::Reflected { .. } => {
            state.reflection.waits.remove(&key);
            finish(state, key, out);
        }
        ReflectionStep::Refused { .. } | ReflectionStep::Unsure => finish(state, key, out),
        ReflectionStep::Closed | ReflectionStep::Explained { .. } => state.reflection.work = None,
    }
}

/// The patient is held: look for what may be there, or see whether it may be sent.
fn decide(state: &mut State, key: Key, out: &mut Vec<Effect>) {
    let told = state
        .reflection
        .work
        .as_ref()
        .and_then(|work| work.told.clone());
    let (Some(told), Some(progress)) = (told, state.progress(key).cloned()) else {
        finish(state, key, out);
        return;
    };
    let posting = &progress.posting;
    let now = state.now.mono_ms;
    if let (true, Some(sending)) = (progress.standing.is_doubtful(), &progress.sending) {
        let step = match history::look(posting, sending, &told) {
            Found::There => ReflectionStep::Reflected {
                evidence: ReflectionEvidence::History,
            },
            Found::NotThere => ReflectionStep::Refused {
                code: words::NOT_THERE.to_owned(),
                unpaid: None,
            },
            Found::Unclear { rows, received } => {
                let why = Why::Unclear { rows, received };
                state.reflection.wait(key, now, true, why);
                finish(state, key, out);
                return;
            }
        };
        write(state, key, step, out);
        return;
    }
    let open = if posting.back {
        told.invoice.received
    } else {
        told.invoice.unpaid()
    };
    // What was found by its amount alone is of that amount still; only then is it the one that was meant.
    let is_another = progress.invoice().is_none() && state.sought(key) != Some(open);
    let refused = if told.invoice.caution.is_some() {
        Some((words::CAUTION, None, Why::Caution))
    } else if open < posting.amount || is_another {
        Some((words::CHANGED, Some(open), Why::Changed))
    } else {
        None
    };
    if let Some((code, unpaid, why)) = refused {
        state.reflection.wait(key, now, true, why);
        refuse(state, key, code, unpaid, out);
        return;
    }
    let step = ReflectionStep::Sent {
        at: state.moment_of(key),
        rows: history::rows(&told),
        received: told.invoice.received,
        tender_code: state.tender_code(posting),
        invoice: match posting.invoice {
            Some(_) => None,
            None => Some(told.invoice.number.clone()),
        },
    };
    write(state, key, step, out);
}

/// Write that it is not there and why; once, where it is tried again with the same end.
fn refuse(state: &mut State, key: Key, code: &str, unpaid: Option<Yen>, out: &mut Vec<Effect>) {
    let Some(progress) = state.progress(key) else {
        state.reflection.work = None;
        return;
    };
    let known = progress.standing
        == (crate::domain::reflection::Standing::Refused {
            code: code.to_owned(),
            unpaid,
        });
    match (known, progress.session.is_some()) {
        (true, true) => finish(state, key, out),
        (true, false) => state.reflection.work = None,
        (false, _) => {
            let step = ReflectionStep::Refused {
                code: code.to_owned(),
                unpaid,
            };
            write(state, key, step, out);
        }
    }
}

impl State {
    /// 入金日時: when the money moved, to the minute.
    fn moment_of(&self, key: Key) -> chrono::DateTime<chrono::FixedOffset> {
        let mut slips = self.unreflected();
        let at = slips.find(|slip| slip.slip == key.0);
        let at = at.map_or(self.now.wall, |slip| slip.stamp.at);
        history::minute(at)
    }

    fn tender_code(&self, posting: &Posting) -> Option<String> {
        self.settings
            .orca
            .tender_codes
            .get(&posting.method)
            .cloned()
    }
}

/// The sent mark is durable: the payment leaves, once.
fn pay(state: &mut State, key: Key, out: &mut Vec<Effect>) {
    let Some(progress) = state.progress(key) else {
        return;
    };
    let (Some(held), Some(sending)) = (&progress.session, &progress.sending) else {
        return;
    };
    let posting = &progress.posting;
    let Some(invoice) = progress.invoice().cloned() else {
        return;
    };
    let payment = Payment {
        session: Session {
            karte_uid: held.karte_uid.clone(),
            orca_uid: held.orca_uid.clone(),
        },
        patient: posting.patient.clone(),
        in_out: posting.in_out,
        invoice,
        amount: posting.amount,
        tender_code: sending.tender_code.clone(),
        at: sending.at,
        print: state.settings.orca.print_receipt && posting.completes && !posting.back,
    };
    let call = if posting.back {
        Call::PayBack(payment)
    } else {
        Call::Pay(payment)
    };
    if let Some(work) = &mut state.reflection.work {
        work.stage = Stage::Paying;
    }
    ask(key, call, out);
}

/// Let the patient go, whatever became of the posting. Where the books know of no session there is nothing to let go.
fn finish(state: &mut State, key: Key, out: &mut Vec<Effect>) {
    let held = state.progress(key).and_then(|one| one.session.clone());
    let Some(held) = held else {
        state.reflection.work = None;
        return;
    };
    if let Some(work) = &mut state.reflection.work {
        work.stage = Stage::Finishing;
        work.told = None;
    }
    let session = Session {
        karte_uid: held.karte_uid,
        orca_uid: held.orca_uid,
    };
    ask(key, Call::Finish { session }, out);
}

/// The books did not take a step, or may have: they say what they have before anything else is done.
pub(crate) fn store_failed(
    state: &mut State,
    request: &StoreRequest,
    trouble: &StoreTrouble,
    out: &mut Vec<Effect>,
) {
    let now = state.now.mono_ms;
    match request {
        StoreRequest::Write {
            entry:
                Entry::Reflection {
                    slip,
                    posting,
                    step,
                },
            ..
        } => {
            let key = (*slip, *posting);
            if let ReflectionStep::Opened {
                karte_uid,
                orca_uid,
            } = step
            {
                let session = Session {
                    karte_uid: karte_uid.clone(),
                    orca_uid: orca_uid.clone(),
                };
                state.reflection.strays.push((key, session));
            }
            reissue::not_written(state, key);
            let ours = |work: &Work| work.key == key && work.stage == Stage::Writing;
            if state.reflection.work.as_ref().is_some_and(ours) {
                state.reflection.work = None;
            }
            let mut pause = Pause {
                failures: state.reflection.books_failures,
                until_ms: now,
            };
            pause.failed(now);
            state.reflection.books_failures = pause.failures;
            state.reflection.books = Some(pause);
            if matches!(trouble, StoreTrouble::Refused(_)) {
                out.push(Effect::Store(StoreRequest::Tasks));
            }
        }
        StoreRequest::Tasks => {
            let mut pause = state.reflection.books.unwrap_or_default();
            pause.failed(now);
            state.reflection.books = Some(pause);
        }
        _ => {}
    }
}

/// The books said what is open: what was in doubt about them is not any more.
pub(crate) fn tasks_read(state: &mut State) {
    state.reflection.books = None;
    let open: Vec<Key> = state
        .unreflected()
        .flat_map(|slip| {
            slip.postings
                .iter()
                .map(|one| (slip.slip, one.posting.number))
        })
        .collect();
    state.reflection.waits.retain(|key, _| open.contains(key));
}
