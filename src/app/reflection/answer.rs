//! What the receipt computer says to each call of a posting, and what follows from it.

use super::{Key, Stage, Why, Work, ask, refuse, reissue, search, write};
use crate::app::State;
use crate::app::message::Effect;
use crate::app::note::{Note, Value};
use crate::domain::reflection::{ReflectionEvidence, ReflectionStep, words};
use crate::locale::Text;
use crate::orca::answer::{Answer, Failure, Lock, Refusal};
use crate::orca::call::{Call, Session};

/// The same Karte_Uid is connected already.
pub(super) const SAME_NAME: &str = "E1038";
/// Another terminal holds the patient.
pub(super) const HELD: &str = "E9999";
/// The session is not known any more: once more from the beginning.
const SESSION_LOST: &[&str] = &["E0203", "E0205", "E0206", "E0209", "E0210"];
/// Trouble of the receipt computer itself, and nothing about the posting.
pub(super) const SYSTEM: &[&str] = &["E0089", "E0091", "E0092", "E0097", "E0098", "E0099"];

/// So often the end of a session is asked for before a refusal of it is believed.
const ENDS_REFUSED_MAX: u32 = 4;

/// An answer for a posting. One that nobody waits for says nothing, save that a session is open.
pub(super) fn take(
    state: &mut State,
    key: Key,
    call: &Call,
    result: &Result<Answer, Failure>,
    out: &mut Vec<Effect>,
) {
    let waits = match &state.reflection.work {
        Some(work) if work.key == key => answers(&work.stage, call).then(|| work.stage.clone()),
        _ => None,
    };
    if matches!(result, Ok(_) | Err(Failure::Refused(_))) {
        state.reflection.line_works();
    }
    let Some(stage) = waits else {
        if let Ok(Answer::Opened { session, .. }) = result {
            state.reflection.strays.push((key, session.clone()));
        }
        return;
    };
    match stage {
        Stage::Searching => search::answered(state, key, result, out),
        Stage::Opening if reissue::is_of(state, key) => reissue::opened(state, key, result, out),
        Stage::Opening => opening(state, key, result, out),
        Stage::Printing => reissue::printed(state, key, result, out),
        Stage::Looking(refusal) if reissue::is_of(state, key) => {
            reissue::looked(state, key, &refusal, result, out);
        }
        Stage::Looking(refusal) => looking(state, key, &refusal, result, out),
        Stage::Freeing(session) => freeing(state, &session, result),
        Stage::Paying => paying(state, key, result, out),
        Stage::Finishing => finishing(state, key, result, out),
        Stage::Releasing => releasing(state, key, result),
        Stage::Writing => {}
    }
}

fn answers(stage: &Stage, call: &Call) -> bool {
    match stage {
        Stage::Searching => matches!(call, Call::Bill { .. }),
        Stage::Opening => matches!(call, Call::Open { .. }),
        Stage::Looking(_) => matches!(call, Call::Locks),
        Stage::Freeing(_) | Stage::Finishing => matches!(call, Call::Finish { .. }),
        Stage::Paying => matches!(call, Call::Pay(_) | Call::PayBack(_)),
        Stage::Printing => matches!(call, Call::Reissue { .. }),
        Stage::Releasing => matches!(call, Call::Release { .. }),
        Stage::Writing => false,
    }
}

/// Give the posting up for now, because the way to the receipt computer failed.
pub(super) fn line_failed(state: &mut State, failure: Failure) {
    let now = state.now.mono_ms;
    state.reflection.line_failed(now, &failure);
    state.reflection.work = None;
}

/// An answer of another sort than was asked for: nobody knows what was done.
fn strange() -> Failure {
    Failure::Unreadable("an answer to another question".to_owned())
}

pub(super) fn failure_of(result: &Result<Answer, Failure>) -> Failure {
    match result {
        Err(failure) => failure.clone(),
        Ok(_) => strange(),
    }
}

pub(super) fn why(refusal: &Refusal) -> Why {
    Why::Refused {
        code: refusal.code.clone(),
        message: refusal.message.clone(),
    }
}

fn opening(state: &mut State, key: Key, result: &Result<Answer, Failure>, out: &mut Vec<Effect>) {
    let now = state.now.mono_ms;
    let refusal = match result {
        Ok(Answer::Opened { session, standing }) => {
            if let Some(work) = &mut state.reflection.work {
                work.told = Some(Box::new(standing.clone()));
            }
            let step = ReflectionStep::Opened {
                karte_uid: session.karte_uid.clone(),
                orca_uid: session.orca_uid.clone(),
            };
            write(state, key, step, out);
            return;
        }
        Err(Failure::Refused(refusal)) => refusal,
        other => {
            line_failed(state, failure_of(other));
            return;
        }
    };
    if let Some(session) = &refusal.session {
        state.reflection.strays.push((key, session.clone()));
    }
    match refusal.code.as_str() {
        code @ (SAME_NAME | HELD) => {
            if code == SAME_NAME {
                state.reflection.names += 1;
            }
            if let Some(work) = &mut state.reflection.work {
                work.stage = Stage::Looking(refusal.clone());
            }
            ask(key, Call::Locks, out);
        }
        code if SYSTEM.contains(&code) || SESSION_LOST.contains(&code) => {
            state.reflection.wait(key, now, false, why(refusal));
            state.reflection.work = None;
        }
        code => {
            state.reflection.wait(key, now, true, why(refusal));
            // Whether what may be there is there was not answered.
            let doubtful = state
                .progress(key)
                .is_none_or(|one| one.standing.is_doubtful());
            if doubtful {
                state.reflection.work = None;
            } else {
                refuse(state, key, code, None, out);
            }
        }
    }
}

/// Who holds the patient? A session of this counter that no book knows is one whose opening was never heard: it is ended. Any other is told.
fn looking(
    state: &mut State,
    key: Key,
    refusal: &Refusal,
    result: &Result<Answer, Failure>,
    out: &mut Vec<Effect>,
) {
    let now = state.now.mono_ms;
    let locks: &[Lock] = match result {
        Ok(Answer::Locks(locks)) => locks,
        _ => &[],
    };
    let prefix = state.karte_prefix();
    let ours = locks
        .iter()
        .find(|lock| lock.session.karte_uid.starts_with(&prefix));
    if let Some(lock) = ours {
        let session = lock.session.clone();
        let held = held_by(refusal, None);
        state.reflection.wait_shortly(key, now, held);
        if let Some(work) = &mut state.reflection.work {
            work.stage = Stage::Freeing(session.clone());
        }
        ask(key, Call::Finish { session }, out);
        return;
    }
    let patient = state.progress(key).map(|one| one.posting.patient.clone());
    let lock = locks.iter().find(|lock| {
        let held = lock.patient.as_ref().zip(patient.as_ref());
        held.is_some_and(|(held, ours)| held.is_same(ours))
    });
    let why = held_by(refusal, lock);
    if refusal.code == SAME_NAME {
        // Under another name it may go at once.
        state.reflection.wait_shortly(key, now, why);
    } else {
        state.reflection.wait(key, now, false, why);
    }
    state.reflection.work = None;
    if let Err(failure) = result
        && !matches!(failure, Failure::Refused(_))
    {
        line_failed(state, failure.clone());
    }
}

fn held_by(refusal: &Refusal, lock: Option<&Lock>) -> Why {
    Why::Held {
        code: refusal.code.clone(),
        lock: lock.map(|lock| Box::new(lock.clone())),
        message: refusal.message.clone(),
    }
}

fn freeing(state: &mut State, session: &Session, result: &Result<Answer, Failure>) {
    state.reflection.work = None;
    match result {
        Ok(_) | Err(Failure::Refused(_)) => {
            let strays = &mut state.reflection.strays;
            strays.retain(|(_, stray)| stray != session);
        }
        Err(failure) => line_failed(state, failure.clone()),
    }
}

fn paying(state: &mut State, key: Key, result: &Result<Answer, Failure>, out: &mut Vec<Effect>) {
    let now = state.now.mono_ms;
    let step = match result {
        Ok(Answer::Written(_)) => ReflectionStep::Reflected {
            evidence: ReflectionEvidence::Answer,
        },
        Err(Failure::Refused(refusal)) => {
            let code = refusal.code.as_str();
            if SESSION_LOST.contains(&code) {
                state.reflection.wait_shortly(key, now, why(refusal));
            } else {
                let for_person = !SYSTEM.contains(&code);
                state.reflection.wait(key, now, for_person, why(refusal));
            }
            ReflectionStep::Refused {
                code: refusal.code.clone(),
                unpaid: None,
            }
        }
        other => {
            let failure = failure_of(other);
            // A gateway in between answers too, after it has passed a payment on.
            let doubt = failure.may_be_done() || matches!(failure, Failure::Foreign(_));
            state.reflection.line_failed(now, &failure);
            if doubt {
                ReflectionStep::Unsure
            } else {
                ReflectionStep::Refused {
                    code: words::NOT_SENT.to_owned(),
                    unpaid: None,
                }
            }
        }
    };
    write(state, key, step, out);
}

fn finishing(state: &mut State, key: Key, result: &Result<Answer, Failure>, out: &mut Vec<Effect>) {
    match result {
        Err(Failure::Refused(refusal)) if !is_over(state, key, refusal) => {
            let now = state.now.mono_ms;
            state.reflection.wait(key, now, false, why(refusal));
            state.reflection.work = None;
        }
        Ok(Answer::Finished) | Err(Failure::Refused(_)) => {
            write(state, key, ReflectionStep::Closed, out);
        }
        other => line_failed(state, failure_of(other)),
    }
}

/// A session that is not known any more holds nobody; and one that is refused its end again and again has none.
fn is_over(state: &State, key: Key, refusal: &Refusal) -> bool {
    let refused = state.reflection.waits.get(&key);
    SESSION_LOST.contains(&refusal.code.as_str())
        || refused.is_some_and(|wait| wait.pause.failures >= ENDS_REFUSED_MAX)
            && !SYSTEM.contains(&refusal.code.as_str())
}

fn releasing(state: &mut State, key: Key, result: &Result<Answer, Failure>) {
    state.reflection.work = None;
    match result {
        Ok(Answer::Released) => {
            state.reflection.waits.remove(&key);
            state.say(Note::plain(Text::LockReleased));
        }
        Err(Failure::Refused(refusal)) => {
            let said = format!("{} {}", refusal.code, refusal.message);
            state.say(Note::warning(Text::LockNotReleased).with("detail", Value::Word(said)));
        }
        other => {
            line_failed(state, failure_of(other));
            let unsure = Note::warning(Text::LockNotReleased);
            state.say(unsure.with("detail", Value::Text(Text::ReflectLineLost)));
        }
    }
}

/// A person wants the patient let go: the session that was told to hold him.
pub(super) fn release(state: &mut State, key: Key, session: Session, out: &mut Vec<Effect>) {
    state.reflection.work = Some(Work {
        key,
        stage: Stage::Releasing,
        since_ms: state.now.mono_ms,
        told: None,
    });
    ask(key, Call::Release { session }, out);
}
