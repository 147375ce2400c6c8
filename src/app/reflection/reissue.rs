//! 再発行 of the receipt computer's own 領収証: one session for each invoice of a slip, beside the postings and never between the calls of one.
//!
//! ```text
//!  wanted ─ Open ─▶ `Opened` ─▶ `Reissued` ─ Reissue (02/09) ─▶ told ─ Finish ─▶ `Closed` ─▶ the next invoice
//! ```
//!
//! No money moves. What fails is said and given up, never tried again by itself: somebody stands at the counter and sees whether there is paper.

use super::{Key, Stage, answer, ask, finish, write};
use crate::app::State;
use crate::app::message::Effect;
use crate::app::note::{Note, Value};
use crate::app::startup::trouble_note;
use crate::domain::ledger::SaleState;
use crate::domain::record::SaleRecord;
use crate::domain::reflection::{Progress, ReflectionStep, Standing, Unreflected};
use crate::domain::sale::{Operator, SaleKind};
use crate::domain::task::Task;
use crate::locale::Text;
use crate::orca::answer::{Answer, Failure, Lock, Refusal};
use crate::orca::call::{Call, Session};

/// What is to be printed again.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Paper {
    /// The slip, as it stands in the receipt computer.
    slip: Unreflected,
    /// Of each invoice that is not printed yet, the posting that its session hangs on; the next one first.
    left: Vec<u16>,
    /// How many went to the printer.
    printed: u64,
    /// Who wants it.
    operator: Operator,
    /// A session of this counter that stood in the way was ended.
    freed: bool,
}

impl Paper {
    /// The posting of the next invoice.
    pub(super) fn next(&self) -> Option<Key> {
        Some((self.slip.slip, *self.left.first()?))
    }
}

/// True where the receipt computer has a 領収証 of this slip: a settled sale of its invoices.
pub fn has_one(record: &SaleRecord) -> bool {
    record.sale.kind == SaleKind::Sale
        && record.state == SaleState::Settled
        && Unreflected::of(record).is_some_and(|slip| !slip.seeks())
}

/// Why its 領収証 cannot be printed again now.
pub fn refusal(state: &State, record: &SaleRecord) -> Option<Note> {
    if !state.settings.reflects() {
        return Some(Note::warning(Text::ReissueNotConnected));
    }
    if let Some(trouble) = &state.trouble {
        return Some(trouble_note(trouble, None));
    }
    if state.reflection.paper.is_some() {
        return Some(Note::warning(Text::ReissueUnderWay));
    }
    let waits = state.unreflected().any(|slip| slip.slip == record.slip);
    waits.then(|| Note::warning(Text::ReissueNotTold))
}

/// Somebody wants it.
pub(crate) fn begin(state: &mut State, record: &SaleRecord) {
    if let Some(note) = refusal(state, record) {
        state.say(note);
        return;
    }
    let Some(mut slip) = Unreflected::of(record) else {
        return;
    };
    // What is not listed as open is through.
    let mut left: Vec<u16> = Vec::new();
    for (index, progress) in slip.postings.iter().enumerate() {
        let mut later = slip.postings.iter().skip(index + 1);
        let last = !later.any(|other| other.is_of_the_same_invoice(progress));
        if last {
            left.push(progress.posting.number);
        }
    }
    for progress in &mut slip.postings {
        progress.standing = Standing::Reflected;
    }
    state.reflection.paper = Some(Paper {
        slip,
        left,
        printed: 0,
        operator: state.operator.clone(),
        freed: false,
    });
    // A person asks: at once, whatever failed before.
    state.reflection.line.until_ms = state.now.mono_ms;
    state.say(Note::plain(Text::ReissueAsking).with("slip", Value::Slip(record.slip)));
}

/// True where this posting's session is for the paper.
pub(super) fn is_of(state: &State, key: Key) -> bool {
    let paper = state.reflection.paper.as_ref();
    paper.and_then(Paper::next) == Some(key)
}

/// The posting that a session for the paper hangs on.
pub(super) fn posting(state: &State, key: Key) -> Option<&Progress> {
    let paper = state.reflection.paper.as_ref()?;
    (paper.next() == Some(key)).then_some(())?;
    paper.slip.posting(key.1)
}

/// The patient is held, or not.
pub(super) fn opened(
    state: &mut State,
    key: Key,
    result: &Result<Answer, Failure>,
    out: &mut Vec<Effect>,
) {
    match result {
        Ok(Answer::Opened { session, .. }) => {
            // The books are about to list it, until the session is closed.
            if let Some(paper) = &state.reflection.paper {
                let task = Task::Unreflected(Box::new(paper.slip.clone()));
                state.tasks.list.push(task);
            }
            let step = ReflectionStep::Opened {
                karte_uid: session.karte_uid.clone(),
                orca_uid: session.orca_uid.clone(),
            };
            write(state, key, step, out);
        }
        Err(Failure::Refused(refusal)) => {
            if let Some(session) = &refusal.session {
                state.reflection.strays.push((key, session.clone()));
            }
            match refusal.code.as_str() {
                code @ (answer::SAME_NAME | answer::HELD) => {
                    if code == answer::SAME_NAME {
                        state.reflection.names += 1;
                    }
                    if let Some(work) = &mut state.reflection.work {
                        work.stage = Stage::Looking(refusal.clone());
                    }
                    ask(key, Call::Locks, out);
                }
                _ => {
                    state.reflection.work = None;
                    gave_up(state, Text::ReissueNotPrinted, &words(result));
                }
            }
        }
        other => {
            answer::line_failed(state, answer::failure_of(other));
            gave_up(state, Text::ReissueNotPrinted, &words(other));
        }
    }
}

/// Who holds the patient? A session of this counter that was never heard to begin is ended, once, and it goes on; any other is told.
pub(super) fn looked(
    state: &mut State,
    key: Key,
    refusal: &Refusal,
    result: &Result<Answer, Failure>,
    out: &mut Vec<Effect>,
) {
    let locks: &[Lock] = match result {
        Ok(Answer::Locks(locks)) => locks,
        _ => &[],
    };
    let prefix = state.karte_prefix();
    let whose = posting(state, key).map(|one| one.posting.patient.clone());
    let ours = locks
        .iter()
        .find(|lock| lock.session.karte_uid.starts_with(&prefix));
    let Some(paper) = &mut state.reflection.paper else {
        state.reflection.work = None;
        return;
    };
    if let Some(lock) = ours.filter(|_| !paper.freed) {
        paper.freed = true;
        let session = lock.session.clone();
        if let Some(work) = &mut state.reflection.work {
            work.stage = Stage::Freeing(session.clone());
        }
        ask(key, Call::Finish { session }, out);
        return;
    }
    state.reflection.work = None;
    let mut others = locks
        .iter()
        .filter(|lock| !lock.session.karte_uid.starts_with(&prefix));
    let lock = others.find(|lock| {
        let held = lock.patient.as_ref().zip(whose.as_ref());
        held.is_some_and(|(held, whose)| held.is_same(whose))
    });
    let holder = lock.map_or_else(
        || format!("{} {}", refusal.code, refusal.message),
        |lock| format!("{} {} ({})", lock.operator, lock.terminal, refusal.code),
    );
    gave_up(state, Text::ReissueHeld, &short(&holder));
}

/// The session is in the books: now who wanted the paper.
pub(super) fn held(state: &mut State, key: Key, out: &mut Vec<Effect>) {
    let operator = state.reflection.paper.as_ref().map(|one| &one.operator);
    let Some(operator) = operator.cloned() else {
        finish(state, key, out);
        return;
    };
    write(state, key, ReflectionStep::Reissued { operator }, out);
}

/// That is in the books too: the call leaves, once.
pub(super) fn print(state: &mut State, key: Key, out: &mut Vec<Effect>) {
    let held = state.progress(key).and_then(|one| one.session.clone());
    let of = posting(state, key).and_then(|one| Some((&one.posting, one.invoice()?)));
    let (Some(held), Some((posting, invoice))) = (held, of) else {
        finish(state, key, out);
        return;
    };
    let call = Call::Reissue {
        session: Session {
            karte_uid: held.karte_uid,
            orca_uid: held.orca_uid,
        },
        patient: posting.patient.clone(),
        in_out: posting.in_out,
        invoice: invoice.clone(),
    };
    if let Some(work) = &mut state.reflection.work {
        work.stage = Stage::Printing;
    }
    ask(key, call, out);
}

/// It was printed, or not, or nobody knows. The patient is let go in any case.
pub(super) fn printed(
    state: &mut State,
    key: Key,
    result: &Result<Answer, Failure>,
    out: &mut Vec<Effect>,
) {
    match result {
        Ok(Answer::Reissued) => one_more(state),
        Err(Failure::Refused(_)) => gave_up(state, Text::ReissueNotPrinted, &words(result)),
        other => {
            let failure = answer::failure_of(other);
            let now = state.now.mono_ms;
            state.reflection.line_failed(now, &failure);
            let doubt = failure.may_be_done() || matches!(failure, Failure::Foreign(_));
            let text = if doubt {
                Text::ReissueUnsure
            } else {
                Text::ReissueNotPrinted
            };
            gave_up(state, text, &words(other));
        }
    }
    finish(state, key, out);
}

fn one_more(state: &mut State) {
    let Some(paper) = &mut state.reflection.paper else {
        return;
    };
    paper.left.remove(0);
    paper.printed += 1;
    if !paper.left.is_empty() {
        return;
    }
    let done = Note::plain(Text::ReissueDone)
        .with("slip", Value::Slip(paper.slip.slip))
        .with("count", Value::Number(paper.printed));
    state.reflection.paper = None;
    state.say(done);
}

/// The books took nothing: nothing is printed. A session that may be open is ended as any other.
pub(super) fn not_written(state: &mut State, key: Key) {
    if is_of(state, key) {
        gave_up(state, Text::ReissueNotPrinted, "");
    }
}

fn gave_up(state: &mut State, text: Text, detail: &str) {
    let Some(paper) = state.reflection.paper.take() else {
        return;
    };
    let note = Note::warning(text)
        .with("slip", Value::Slip(paper.slip.slip))
        .with("detail", Value::Word(detail.to_owned()));
    state.say(note);
}

/// What was said instead, short.
fn words(result: &Result<Answer, Failure>) -> String {
    let said = match result {
        Err(Failure::Refused(no)) => format!("{} {}", no.code, no.message),
        Err(
            Failure::Unreachable(said)
            | Failure::Lost(said)
            | Failure::Denied(said)
            | Failure::Certificate(said)
            | Failure::Foreign(said)
            | Failure::Unreadable(said),
        ) => said.clone(),
        Ok(_) => String::new(),
    };
    short(&said)
}

fn short(said: &str) -> String {
    said.trim().chars().take(40).collect()
}
