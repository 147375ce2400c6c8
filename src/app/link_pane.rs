//! The CAT pane: what is known of each terminal, from its answers only, and which of the console's parts its events belong to.

use super::message::{Effect, LinkRequest, Now, StoreRequest};
use super::note::Note;
use super::settings::{CatSetting, Settings};
use super::{Screen, State, charge, tasks, unknown, unresolved};
pub use crate::cat::Break;
use crate::cat::examination::Verdict;
use crate::cat::{Answer, Command, LinkEvent, ResultCode, TerminalState};
use crate::domain::ledger::{AuditEvent, CatId, Entry};
use crate::domain::slip::SlipNumber;
use crate::locale::Text;
use crate::teeth::{self, Tooth};
pub use another::Standing;

pub(crate) mod another;

/// The longest pause between two tries to open a lost port (ms). Trying a port that is not there costs next to nothing, and a cable that
/// is put back should not be waited for.
const REOPEN_MS_MAX: u64 = 10_000;
/// How often a terminal is asked that was last heard to be busy or off the link (ms): its return needs no key.
const RETURN_MS: u64 = 5_000;
/// How long an idle terminal may take to answer before the pane stops saying that it is linked (ms).
const HONEST_MS: u64 = 2_000;

/// One terminal, as far as its answers tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cat {
    /// What is known.
    pub link: Link,
    /// What the line is used for.
    pub work: Work,
    /// When it last said anything.
    pub last_answer: Option<Now>,
    /// When it was asked last whether it is there (ms).
    asked_ms: u64,
    /// When a lost port is opened again, or a terminal in doubt asked again (ms).
    retry_at_ms: Option<u64>,
    /// The pause after the next try (ms).
    retry_pause_ms: u64,
    /// How long an answer holds (ms).
    stale_after_ms: u64,
    /// False where nothing may ever be sent to it.
    described: bool,
    /// No later than the newest question left (ms): the line came up, or the answer before it came.
    question_ms: u64,
    /// When the question left whose answer says that it is on the link, where the newest answer says so (ms).
    linked_since_ms: Option<u64>,
    /// Answers to questions before this prove nothing about the way back to the link (ms).
    counts_from_ms: Option<u64>,
    /// Slips whose way back is being written.
    pub(crate) proving: Vec<SlipNumber>,
    /// Which terminal stands there.
    pub standing: Standing,
}

/// What is known of a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// Nothing yet.
    Unchecked,
    /// It answered, and it is idle.
    Linked,
    /// It answered a while ago, and is being asked again.
    Stale,
    /// In the middle of something that is not ours.
    Busy,
    /// Taken off the link by staff.
    Standalone,
    /// It answers, and it is another terminal than the one that is known.
    Another,
    /// The line is gone, or never came.
    Down {
        /// How.
        cause: Break,
        /// The system's words.
        detail: String,
    },
}

/// What a line is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Nothing.
    Idle,
    /// Are you there?
    Probing,
    /// What are you? Asked by the link set-up screen.
    Examining,
    /// A payment or a question about one.
    Exchange,
}

impl Cat {
    /// A terminal of which nothing is known.
    pub fn new(setting: &CatSetting) -> Cat {
        Cat {
            link: Link::Unchecked,
            work: Work::Idle,
            last_answer: None,
            asked_ms: 0,
            retry_at_ms: None,
            retry_pause_ms: setting.model.timers.reopen_ms,
            stale_after_ms: setting.model.timers.stale_after_ms,
            described: setting.model.layout.is_some(),
            question_ms: 0,
            linked_since_ms: None,
            counts_from_ms: None,
            proving: Vec::new(),
            standing: Standing::default(),
        }
    }

    /// When the pane must change by itself, or the terminal be asked. While an exchange runs neither happens: it has clocks of its own.
    pub(crate) fn deadline(&self) -> Option<u64> {
        let after = |pause_ms: u64| {
            let heard_ms = self.last_answer.map_or(0, |at| at.mono_ms);
            heard_ms.max(self.asked_ms).saturating_add(pause_ms)
        };
        match (&self.link, self.work) {
            _ if !self.described => None,
            (Link::Linked | Link::Unchecked, Work::Idle) => Some(after(self.stale_after_ms)),
            (Link::Busy | Link::Standalone | Link::Another, Work::Idle) => {
                Some(after(self.stale_after_ms.min(RETURN_MS)))
            }
            (Link::Linked, Work::Probing) => Some(self.asked_ms.saturating_add(HONEST_MS)),
            (Link::Stale, Work::Idle) => Some(self.retry_at_ms.unwrap_or(after(RETURN_MS))),
            (Link::Down { .. }, Work::Idle) => self.retry_at_ms,
            (_, Work::Probing | Work::Examining | Work::Exchange) => None,
        }
    }

    /// False where nothing may ever be sent to it: its messages are not described.
    pub const fn is_described(&self) -> bool {
        self.described
    }

    /// True where its newest answer says that it is on the link, and answers a question that was asked after it was last said to be off it.
    pub fn answers_on_the_link(&self) -> bool {
        if teeth::bites(Tooth::NoAnswerIsTheWayBack) {
            return true;
        }
        let counts = |asked: u64| {
            self.counts_from_ms.is_none_or(|from| asked > from)
                || teeth::bites(Tooth::OldAnswerIsTheWayBack)
        };
        self.linked_since_ms.is_some_and(counts)
    }

    fn told(&mut self, link: Link) {
        self.link = self.standing.seen_as(link);
        self.linked_since_ms = (self.link == Link::Linked).then_some(self.question_ms);
    }

    fn told_from_memory(&mut self) {
        if self.link != Link::Standalone {
            self.link = self.standing.seen_as(Link::Linked);
        }
    }

    fn heard(&mut self, now: Now) {
        self.last_answer = Some(now);
    }

    fn lost(&mut self, now: Now, cause: Break, detail: String) {
        self.linked_since_ms = None;
        self.link = Link::Down { cause, detail };
        self.retry_at_ms = Some(now.mono_ms.saturating_add(self.retry_pause_ms));
        self.retry_pause_ms = (self.retry_pause_ms * 2).min(REOPEN_MS_MAX);
    }
}

/// Ask a terminal whether it is there, unless its line is in use.
pub(crate) fn probe(state: &mut State, id: CatId, out: &mut Vec<Effect>) {
    if let Some(cat) = state.cats.get_mut(&id)
        && cat.described
        && cat.work == Work::Idle
        && state.settings.access == super::settings::Access::Owner
    {
        cat.work = Work::Probing;
        cat.asked_ms = state.now.mono_ms;
        cat.retry_at_ms = None;
        out.push(Effect::Link(id, LinkRequest::Connect));
    }
}

/// True while a screen asks this terminal by clocks of its own: the question about money comes first.
pub(crate) fn is_asked_by_screen(state: &State, id: CatId) -> bool {
    matches!(&state.screen, Screen::Unknown(unknown)
        if unknown.cat == id && unknown.stage != unknown::Stage::GaveUp)
}

/// When a pane must change by itself, or a terminal be asked.
pub(crate) fn deadline(state: &State) -> Option<u64> {
    let own = |id: &CatId| !is_asked_by_screen(state, *id);
    let cats = state.cats.iter().filter(|(id, _)| own(id));
    cats.filter_map(|(_, cat)| cat.deadline()).min()
}

/// A moment the pane waited for has come.
pub(crate) fn time_reached(state: &mut State, out: &mut Vec<Effect>) {
    let now = state.now.mono_ms;
    let mut due = Vec::new();
    let elsewhere: Vec<CatId> = all(&state.settings)
        .into_iter()
        .filter(|id| is_asked_by_screen(state, *id))
        .collect();
    for (id, cat) in &mut state.cats {
        if elsewhere.contains(id) || cat.deadline().is_none_or(|at| at > now) {
            continue;
        }
        match cat.work {
            // The question is out and the answer is late: from here on nobody knows.
            Work::Probing => cat.link = Link::Stale,
            Work::Idle | Work::Examining | Work::Exchange => due.push(*id),
        }
    }
    for id in due {
        probe(state, id, out);
    }
}

/// An event of a terminal: the pane learns from it, then the part of the console that uses the line takes it.
pub(crate) fn take(state: &mut State, id: CatId, event: LinkEvent, out: &mut Vec<Effect>) {
    let now = state.now;
    let Some(cat) = state.cats.get_mut(&id) else {
        return;
    };
    match &event {
        LinkEvent::Down { cause, detail } => cat.lost(now, *cause, detail.clone()),
        LinkEvent::Up => {
            cat.question_ms = now.mono_ms;
            if matches!(cat.link, Link::Down { .. }) {
                cat.link = Link::Unchecked;
            }
        }
        LinkEvent::Alive
        | LinkEvent::Delivered
        | LinkEvent::Phase { .. }
        | LinkEvent::Display { .. }
        | LinkEvent::Answer { .. }
        | LinkEvent::Unasked { .. } => cat.heard(now),
        // Whatever broke it, the terminal is asked as soon as the line is free again.
        LinkEvent::Broken { .. } if cat.work == Work::Exchange => {
            if matches!(cat.link, Link::Linked | Link::Unchecked) {
                cat.link = Link::Stale;
            }
        }
        // An exchange also comes to rest because we let it go; the terminal need not have said anything.
        LinkEvent::Idle | LinkEvent::Broken { .. } => {}
    }
    if let LinkEvent::Answer { answer } | LinkEvent::Unasked { answer } = &event {
        another::heard(state, id, answer.terminal_id(), out);
    }
    let Some(cat) = state.cats.get_mut(&id) else {
        return;
    };
    // Not one that nobody asked for: it may have left before it was said to be off the link.
    if let LinkEvent::Answer { answer } = &event {
        match answer {
            // What it remembers it tells wherever it stands: only a word about itself, or about what was asked of it just now, says where.
            Answer::LastResult { .. } | Answer::DailyLog { .. } | Answer::Transactions { .. } => {
                cat.told_from_memory();
            }
            Answer::Status(_) | Answer::Result(_) | Answer::Standalone => {
                cat.told(state_of(answer));
            }
        }
        cat.question_ms = now.mono_ms;
        cat.retry_pause_ms = state.settings.cats[&id].model.timers.reopen_ms;
        tasks::answered(state, id, out);
    }
    if let LinkEvent::Unasked { answer } = &event {
        unasked(state, id, answer, out);
        return;
    }
    let owner_is_charge = matches!(&state.screen, Screen::Charging(charge) if charge.cat == id);
    let owner_is_unknown = matches!(&state.screen, Screen::Unknown(unknown) if unknown.cat == id);
    match state.cats[&id].work {
        Work::Exchange if owner_is_charge => charge::link_event(state, event, out),
        Work::Exchange if owner_is_unknown => unknown::link_event(state, event, out),
        Work::Exchange | Work::Probing | Work::Examining | Work::Idle => {
            probe_event(state, id, &event, out)
        }
    }
}

fn state_of(answer: &Answer) -> Link {
    match answer {
        Answer::Status(status) => match status.state {
            TerminalState::Idle => Link::Linked,
            TerminalState::Busy => Link::Busy,
            TerminalState::Standalone => Link::Standalone,
        },
        // It answered a payment with the word that it is off the link: that is no way back.
        Answer::Result(result)
            if result.code == ResultCode::Standalone
                && !teeth::bites(Tooth::RefusalIsTheWayBack) =>
        {
            Link::Standalone
        }
        Answer::Result(_)
        | Answer::LastResult { .. }
        | Answer::DailyLog { .. }
        | Answer::Transactions { .. } => Link::Linked,
        Answer::Standalone => Link::Standalone,
    }
}

fn probe_event(state: &mut State, id: CatId, event: &LinkEvent, out: &mut Vec<Effect>) {
    let model = &state.settings.cats[&id].model;
    let asks = model.capabilities.status;
    let Some(cat) = state.cats.get_mut(&id) else {
        return;
    };
    match event {
        LinkEvent::Up if cat.work == Work::Probing && asks => {
            out.push(Effect::Link(id, LinkRequest::Send(Command::Status)));
        }
        // A line that cannot be asked is as good as its port.
        LinkEvent::Up if cat.work == Work::Probing => {
            cat.link = cat.standing.seen_as(Link::Unchecked);
            cat.work = Work::Idle;
        }
        LinkEvent::Answer { .. } => {
            out.push(Effect::Link(id, LinkRequest::Acknowledge));
            cat.work = Work::Idle;
        }
        LinkEvent::Broken { cause, .. } => {
            if !matches!(cat.link, Link::Down { .. }) {
                cat.lost(state.now, *cause, String::new());
            }
            cat.work = Work::Idle;
        }
        LinkEvent::Down { .. } => cat.work = Work::Idle,
        LinkEvent::Up
        | LinkEvent::Alive
        | LinkEvent::Delivered
        | LinkEvent::Phase { .. }
        | LinkEvent::Display { .. }
        | LinkEvent::Unasked { .. }
        | LinkEvent::Idle => {}
    }
}

/// The line is lent to an examination. A question of the pane gives way to it.
pub(crate) fn examine(state: &mut State, id: CatId) {
    let now_ms = state.now.mono_ms;
    if let Some(cat) = state.cats.get_mut(&id) {
        cat.work = Work::Examining;
        cat.asked_ms = now_ms;
        cat.question_ms = now_ms;
        cat.retry_at_ms = None;
    }
}

/// An examination is over: the pane knows what it found, unless the line has been given to a payment since.
pub(crate) fn examined(state: &mut State, id: CatId, verdict: &Verdict, out: &mut Vec<Effect>) {
    let now = state.now;
    if let Verdict::Answered { status, .. } = verdict {
        another::heard(state, id, status.terminal_id.as_deref(), out);
    }
    let Some(cat) = state.cats.get_mut(&id) else {
        return;
    };
    if cat.work != Work::Examining {
        return;
    }
    cat.work = Work::Idle;
    match verdict {
        Verdict::Answered { status, .. } => {
            cat.heard(now);
            cat.told(state_of(&Answer::Status(status.clone())));
        }
        Verdict::Acknowledged { .. } => {
            cat.heard(now);
            cat.link = cat.standing.seen_as(Link::Unchecked);
        }
        Verdict::InUse | Verdict::GaveWay => {}
        Verdict::Silent => cat.lost(now, Break::NoAnswer, String::new()),
        Verdict::NotOpened { cause, detail } => cat.lost(now, *cause, detail.clone()),
        Verdict::Lost { detail } => cat.lost(now, Break::Disconnected, detail.clone()),
        Verdict::NotUnderstood
        | Verdict::WrongSpeed { .. }
        | Verdict::WrongDevice { .. }
        | Verdict::Noise
        | Verdict::Looped => cat.lost(now, Break::NotACat, String::new()),
    }
}

/// An answer nobody asked for. It is kept in the books' audit; it settles a sale only where it matches an open one in every field.
fn unasked(state: &mut State, id: CatId, answer: &Answer, out: &mut Vec<Effect>) {
    if unresolved::settled_by_late_answer(state, id, answer, out) {
        return;
    }
    let sequence = match answer {
        Answer::Result(result) => result.sequence_number,
        Answer::Status(_)
        | Answer::LastResult { .. }
        | Answer::DailyLog { .. }
        | Answer::Transactions { .. }
        | Answer::Standalone => None,
    };
    if !repeats_what_is_shown(state, answer) {
        state.say(Note::alarm(Text::ForeignAnswer));
    }
    audit(
        state,
        AuditEvent::ForeignAnswer,
        sequence.map_or_else(String::new, |number| number.to_string()),
        out,
    );
}

/// True where no word is due: the terminal repeats the outcome that is on the screen, or answers a question that was let go.
fn repeats_what_is_shown(state: &State, answer: &Answer) -> bool {
    let Answer::Result(result) = answer else {
        return true;
    };
    let number = result.sequence_number;
    match &state.screen {
        Screen::Done(done) => {
            let slip = done.record.terminal.slip_number.as_ref();
            number.is_some()
                && done.record.sequence_number == number
                && result.code == ResultCode::Approved
                && slip == result.facts.slip_number.as_ref()
        }
        Screen::NotCharged(screen) => {
            number.is_some()
                && screen.record.sequence_number == number
                && result.code != ResultCode::Approved
        }
        _ => false,
    }
}

/// Write an audit entry.
pub(crate) fn audit(state: &State, event: AuditEvent, detail: String, out: &mut Vec<Effect>) {
    out.push(Effect::Store(StoreRequest::Write {
        stamp: state.settings.stamp(state.now),
        entry: Entry::Audit { event, detail },
    }));
}

/// The line is free again.
pub(crate) fn release(state: &mut State, id: CatId) {
    let now_ms = state.now.mono_ms;
    if let Some(cat) = state.cats.get_mut(&id) {
        cat.work = Work::Idle;
        if matches!(cat.link, Link::Stale | Link::Down { .. }) {
            cat.retry_at_ms = Some(now_ms.saturating_add(cat.retry_pause_ms));
        }
    }
}

/// What a terminal was asked until now says nothing about its way back to the link.
pub(crate) fn count_answers_from_now(state: &mut State, id: Option<CatId>) {
    let now_ms = state.now.mono_ms;
    if let Some(cat) = id.and_then(|id| state.cats.get_mut(&id)) {
        cat.counts_from_ms = Some(now_ms);
    }
}

/// The line is taken for an exchange. True where a probe was under way, whose answer will serve.
pub(crate) fn seize(state: &mut State, id: CatId) -> bool {
    state.cats.get_mut(&id).is_some_and(|cat| {
        let probing = cat.work == Work::Probing;
        cat.work = Work::Exchange;
        cat.retry_at_ms = None;
        probing
    })
}

/// The terminals of a console, as its settings name them.
pub(crate) fn all(settings: &Settings) -> Vec<CatId> {
    settings.cats.keys().copied().collect()
}
