//! What the console asks a terminal by itself about a sale without an outcome: its number, a bounded number of times, and where that
//! settles nothing the terminal's list, once. What an answer proves is said by `cat::recovery` and nobody else.

use super::{FIRST_PAUSE_MS, Question, Stage, Unknown, asked, book, first_question};
use crate::app::message::{Effect, LinkRequest};
use crate::app::{Screen, State, link_pane, unresolved};
use crate::cat::model::{Capabilities, InquiryPower};
use crate::cat::recovery::{self, Asked, Backing, Finding, Verdict};
use crate::cat::{Answer, Command, LinkEvent, ListedTransaction};
use crate::domain::ledger::{Evidence, NotCharged};
use crate::teeth::{self, Tooth};

/// How long past the model's answer time the console waits for its own link (ms).
const WATCHDOG_MS: u64 = 10_000;

/// F5: from the first question on.
pub(super) fn again(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Unknown(unknown) = &state.screen else {
        return;
    };
    let Some(question) = first_question(state, unknown.cat) else {
        return;
    };
    if let Screen::Unknown(unknown) = &mut state.screen {
        unknown.attempt = 1;
        unknown.not_founds = 0;
        unknown.question = question;
        unknown.listed = false;
        unknown.records.clear();
        unknown.last = None;
        unknown.list = None;
        ask(state, out);
    }
}

/// Ask the terminal what became of the number.
fn ask(state: &mut State, out: &mut Vec<Effect>) {
    let now = state.now.mono_ms;
    let Screen::Unknown(unknown) = &mut state.screen else {
        return;
    };
    unknown.stage = Stage::Asking { since_ms: now };
    let cat = unknown.cat;
    // A probe under way is let go: the question about money comes first.
    if link_pane::seize(state, cat) {
        out.push(Effect::Link(cat, LinkRequest::Abandon));
    }
    out.push(Effect::Link(cat, LinkRequest::Connect));
}

fn command(question: Question, asked: &Asked, capabilities: &Capabilities) -> Command {
    let sequence_number = asked.sequence_number;
    match question {
        Question::LastResult => Command::LastResult { sequence_number },
        Question::List => Command::Transactions,
        Question::Backing => Backing::question(capabilities, sequence_number),
    }
}

/// An event of the terminal the sale is at.
pub(crate) fn link_event(state: &mut State, event: LinkEvent, out: &mut Vec<Effect>) {
    let Screen::Unknown(unknown) = &state.screen else {
        return;
    };
    if !matches!(unknown.stage, Stage::Asking { .. }) {
        if let LinkEvent::Answer { .. } = event {
            out.push(Effect::Link(unknown.cat, LinkRequest::Acknowledge));
        }
        return;
    }
    let cat = unknown.cat;
    let Some(asked) = asked(&unknown.record) else {
        return;
    };
    match event {
        LinkEvent::Up => {
            let can = &state.settings.cats[&cat].model.capabilities;
            let command = command(unknown.question, &asked, can);
            out.push(Effect::Link(cat, LinkRequest::Send(command)));
        }
        LinkEvent::Answer {
            answer: Answer::Transactions { records },
        } if unknown.question == Question::Backing => {
            let before = unknown.records.clone();
            listed(state, &asked, &records, Backing::ReadBefore(&before), out);
        }
        LinkEvent::Answer {
            answer: Answer::Transactions { records },
        } => listed(state, &asked, &records, Backing::None, out),
        LinkEvent::Answer {
            answer: Answer::DailyLog { totals, .. },
        } if unknown.question == Question::Backing => {
            let records = unknown.records.clone();
            listed(state, &asked, &records, Backing::Totals(totals), out);
        }
        LinkEvent::Answer {
            answer: answer @ Answer::LastResult { .. },
        } => told(state, &asked, answer, out),
        LinkEvent::Answer { .. } => out.push(Effect::Link(cat, LinkRequest::Acknowledge)),
        LinkEvent::Down { .. } | LinkEvent::Broken { .. } => {
            link_pane::release(state, cat);
            next_attempt(state);
        }
        LinkEvent::Alive
        | LinkEvent::Delivered
        | LinkEvent::Phase { .. }
        | LinkEvent::Display { .. }
        | LinkEvent::Unasked { .. }
        | LinkEvent::Idle => {}
    }
}

/// The terminal's answer to the question about the number.
fn told(state: &mut State, asked: &Asked, answer: Answer, out: &mut Vec<Effect>) {
    let Screen::Unknown(unknown) = &state.screen else {
        return;
    };
    let cat = unknown.cat;
    let said_by = answer.terminal_id().map(str::to_owned);
    let Answer::LastResult {
        inquiry,
        journal,
        asked_number,
        ..
    } = answer
    else {
        return;
    };
    // A late answer about another number says nothing about this one.
    if asked_number.is_some_and(|number| number != asked.sequence_number) {
        found(state, Finding::NoProof, out);
        return;
    }
    let model = &state.settings.cats[&cat].model;
    let now = state.now.wall.naive_local();
    let finding = recovery::after_inquiry(
        asked,
        &inquiry,
        (journal.as_ref(), said_by.as_deref()),
        &model.capabilities,
        &model.timers,
        now,
    );
    if let Screen::Unknown(unknown) = &mut state.screen {
        unknown.last =
            recovery::hint_of_inquiry(asked, &inquiry, said_by.as_deref()).or(unknown.last.take());
    }
    found(state, finding, out);
}

/// The terminal's list was read, or held against what bears it out. Only one line of our number, at our amount, settles anything; the
/// rest is for a person to see.
fn listed(
    state: &mut State,
    asked: &Asked,
    records: &[ListedTransaction],
    backing: Backing<'_>,
    out: &mut Vec<Effect>,
) {
    let Screen::Unknown(unknown) = &mut state.screen else {
        return;
    };
    let model = &state.settings.cats[&unknown.cat].model;
    let (capabilities, timers) = (&model.capabilities, &model.timers);
    let now = state.now.wall.naive_local();
    unknown.listed = true;
    unknown.list = recovery::hint_of_list(asked, records, backing, capabilities);
    let finding = recovery::after_list(asked, records, backing, capabilities, timers, now);
    if finding == Finding::ListAlone {
        unknown.records = records.to_vec();
        found(state, finding, out);
        return;
    }
    let asks_numbers = capabilities.inquiry != InquiryPower::None;
    if asks_numbers {
        unknown.question = Question::LastResult;
    } else {
        // There is no other question.
        unknown.attempt = timers.inquiry_tries;
    }
    found(state, finding, out);
}

fn found(state: &mut State, finding: Finding, out: &mut Vec<Effect>) {
    let now = state.now.mono_ms;
    let wall = state.now.wall;
    let Screen::Unknown(unknown) = &mut state.screen else {
        return;
    };
    let cat = unknown.cat;
    let timers = state.settings.cats[&cat].model.timers;
    let can_list = state.settings.cats[&cat].model.capabilities.transactions;
    if finding != Finding::NotFoundOnce {
        unknown.not_founds = 0;
    }
    match finding {
        // The answer is held by the link until this is in the books; then it is acknowledged.
        Finding::Known(verdict) => {
            if let Some(entry) =
                unresolved::entry_of(unknown.record.slip, verdict, Evidence::Inquiry)
            {
                book(state, entry, out);
                return;
            }
            next_attempt(state);
        }
        Finding::NotFoundOnce => {
            unknown.not_founds += 1;
            if unknown.not_founds >= timers.not_found_repeats
                || teeth::bites(Tooth::NotFoundOnceProves)
            {
                let verdict = Verdict::NotCharged {
                    reason: NotCharged::NotAtTerminal,
                };
                if let Some(entry) =
                    unresolved::entry_of(unknown.record.slip, verdict, Evidence::Inquiry)
                {
                    book(state, entry, out);
                    return;
                }
            }
            next_attempt(state);
        }
        // Running is an answer too: while it may still run, asking again costs no try.
        Finding::StillRunning => {
            let sent = unknown.record.sent_at.unwrap_or(wall);
            let running_ms = (wall - sent).num_milliseconds();
            let may_run = u64::try_from(running_ms).is_ok_and(|ms| ms < timers.transaction_max_ms);
            if may_run {
                unknown.stage = Stage::Pausing {
                    until_ms: now + timers.inquiry_pause_ms,
                };
            } else {
                next_attempt(state);
            }
        }
        // The number settled nothing: what the terminal lists may, and is read once.
        Finding::NoProof if can_list && !unknown.listed => ask_next(unknown, Question::List, now),
        // It would settle the sale: what bears it out is asked at once.
        Finding::ListAlone => ask_next(unknown, Question::Backing, now),
        Finding::NoProof
            if unknown.attempt >= timers.inquiry_tries
                && teeth::bites(Tooth::GivingUpIsNotCharged) =>
        {
            let verdict = Verdict::NotCharged {
                reason: NotCharged::NotAtTerminal,
            };
            if let Some(entry) =
                unresolved::entry_of(unknown.record.slip, verdict, Evidence::Inquiry)
            {
                book(state, entry, out);
                return;
            }
        }
        Finding::NoProof => next_attempt(state),
    }
    out.push(Effect::Link(cat, LinkRequest::Acknowledge));
    link_pane::release(state, cat);
}

/// Another question, which costs no try.
fn ask_next(unknown: &mut Unknown, question: Question, now_ms: u64) {
    unknown.question = question;
    unknown.stage = Stage::Pausing {
        until_ms: now_ms + FIRST_PAUSE_MS,
    };
}

/// One question is used up.
fn next_attempt(state: &mut State) {
    let now = state.now.mono_ms;
    let Screen::Unknown(unknown) = &mut state.screen else {
        return;
    };
    let timers = state.settings.cats[&unknown.cat].model.timers;
    // One "not found" that still lacks its repeat gets it, whatever the count.
    let owed = unknown.not_founds > 0 && unknown.not_founds < timers.not_found_repeats;
    if unknown.attempt >= timers.inquiry_tries && !owed {
        unknown.stage = Stage::GaveUp;
    } else {
        unknown.attempt += u32::from(!teeth::bites(Tooth::AsksForEver));
        unknown.stage = Stage::Pausing {
            until_ms: now + timers.inquiry_pause_ms,
        };
    }
}

/// A moment this screen waited for has come.
pub(crate) fn time_reached(state: &mut State, out: &mut Vec<Effect>) {
    let now = state.now.mono_ms;
    let Screen::Unknown(unknown) = &state.screen else {
        return;
    };
    let cat = unknown.cat;
    match unknown.stage {
        Stage::Pausing { until_ms } if until_ms <= now => ask(state, out),
        Stage::Asking { since_ms } => {
            let longest = state.settings.cats[&cat].model.timers.answer_ms + WATCHDOG_MS;
            if now.saturating_sub(since_ms) >= longest {
                out.push(Effect::Link(cat, LinkRequest::Abandon));
                link_pane::release(state, cat);
                next_attempt(state);
            }
        }
        Stage::Pausing { .. } | Stage::GaveUp | Stage::Booking => {}
    }
}
