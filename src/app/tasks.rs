//! What is not finished and must not be forgotten: how many there are, which terminals they keep off the link, and the way back into each.

use super::message::{Effect, StoreRequest};
use super::note::{Note, Value};
use super::undo::correction;
use super::{Screen, State, part_paid, reflection, wizard};
use crate::domain::by_hand::Step;
use crate::domain::ledger::{CatId, Entry};
use crate::domain::record::SaleRecord;
use crate::domain::reflection::ReflectionStep;
use crate::domain::sale::SaleDraft;
use crate::domain::slip::SlipNumber;
use crate::domain::task::Task;
use crate::locale::Text;

/// The list of tasks, as the books told it last.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tasks {
    /// Oldest first.
    pub list: Vec<Task>,
    /// How often the books were asked and have not answered.
    asked: usize,
    /// They could not be read when they were asked last.
    failed: bool,
}

impl Tasks {
    /// True where nothing that bears on tasks was written since the books told them.
    pub(crate) const fn are_newest(&self) -> bool {
        self.asked == 0 && !self.failed
    }

    fn answered(&mut self, failed: bool) {
        self.asked = self.asked.saturating_sub(1);
        self.failed = failed;
    }
}

impl State {
    /// The open tasks that are not in the list of sales without an outcome already, oldest first.
    pub fn other_tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.list.iter().filter(|task| match task {
            Task::Hand(record) => !self.open.iter().any(|open| open.slip == record.slip),
            Task::PartPaid(_) | Task::Correction(_) => true,
            // What is being told this moment, and was never in trouble, is no work for anybody.
            Task::Unreflected(slip) => !self.is_being_told(slip.slip),
        })
    }

    /// 未解決: how many things are open.
    pub fn unsettled(&self) -> usize {
        self.open.len() + self.other_tasks().count()
    }

    /// The slip whose work by hand took this terminal off the link, where it has not answered since.
    pub fn off_link_at(&self, cat: CatId) -> Option<&SaleRecord> {
        self.by_hand().find(|record| is_off(record, cat))
    }

    /// Every slip that is known to be worked by hand; some twice.
    fn by_hand(&self) -> impl Iterator<Item = &SaleRecord> {
        let here = match &self.screen {
            Screen::Wizard(wizard) => wizard.record(),
            _ => None,
        };
        let tasks = self.tasks.list.iter().filter_map(|task| match task {
            Task::Hand(record) => Some(&**record),
            Task::PartPaid(_) | Task::Correction(_) | Task::Unreflected(_) => None,
        });
        // The one on the screen is the newest that is known of it.
        let shown = here.map(|record| record.slip);
        here.into_iter().chain(
            self.open
                .iter()
                .chain(tasks)
                .filter(move |record| Some(record.slip) != shown),
        )
    }
}

fn is_off(record: &SaleRecord, cat: CatId) -> bool {
    let work = record.by_hand.as_ref();
    work.is_some_and(|work| work.place.cat == Some(cat) && work.is_off_link())
}

/// True where the terminal can be asked whether it is there without any money.
pub(crate) fn can_be_asked(state: &State, cat: CatId) -> bool {
    let setting = state.settings.cats.get(&cat);
    setting.is_some_and(|cat| cat.model.layout.is_some() && cat.model.capabilities.status)
}

/// Why no linked payment begins at a terminal that was taken off the link by hand. One that cannot be asked anything is proved to be back
/// by the next payment that it answers, once its own side of the work is in.
pub(crate) fn refusal(state: &State, cat: CatId) -> Option<Note> {
    let record = state.off_link_at(cat)?;
    if can_be_asked(state, cat) {
        return Some(Note::warning(Text::TerminalOffLink));
    }
    (!record.state.is_final()).then(|| Note::warning(Text::TerminalInHand))
}

/// Ask the books what is open.
pub(crate) fn ask(out: &mut Vec<Effect>) {
    out.push(Effect::Store(StoreRequest::Tasks));
}

/// What is about to be asked of the books.
pub(crate) fn note_asked(state: &mut State, effects: &[Effect]) {
    let asks = |effect: &&Effect| matches!(effect, Effect::Store(StoreRequest::Tasks));
    state.tasks.asked += effects.iter().filter(asks).count();
}

/// The books say what is open.
pub(crate) fn take(state: &mut State, tasks: Vec<Task>, out: &mut Vec<Effect>) {
    state.tasks.list = tasks;
    state.tasks.answered(false);
    reflection::tasks_read(state);
    let cats: Vec<CatId> = state.cats.keys().copied().collect();
    for cat in cats {
        answered(state, cat, out);
    }
}

/// True where an entry may open or end a task. To be asked before the screen has taken it.
pub(crate) fn may_change(state: &State, entry: &Entry) -> bool {
    match entry {
        Entry::Step { .. } | Entry::Booked { .. } | Entry::Explained { .. } => true,
        // The invoice that was found is that of other slips too: what takes this one back, another part.
        Entry::Reflection {
            step: ReflectionStep::Sent {
                invoice: Some(_), ..
            },
            ..
        } => true,
        // What it leaves open is told by the step itself.
        Entry::Reflection { .. } => false,
        Entry::Posted { slip, .. } | Entry::Released { slip, .. } => {
            !state.tasks.list.is_empty()
                || touches(state, *slip)
                || matches!(&state.screen, Screen::Charging(charge) if has_more(&charge.sale))
        }
        _ => false,
    }
}

fn touches(state: &State, slip: SlipNumber) -> bool {
    let known = state.by_hand().find(|record| record.slip == slip);
    known.is_some_and(|record| record.by_hand.is_some() || has_more(&record.sale))
}

/// True where a sale is a part of something that others finish.
pub(crate) fn has_more(sale: &SaleDraft) -> bool {
    sale.part || sale.replaces.is_some() || sale.undo.is_some() || sale.bill.is_some()
}

/// An entry is durable: the tasks as they stand now, until the books have told them anew.
pub(crate) fn note_entry(state: &mut State, entry: &Entry) {
    let stamp = state.settings.stamp(state.now);
    let Some(slip) = entry.slip() else {
        return;
    };
    if let Entry::Step {
        step: Step::BackOnLink,
        ..
    } = entry
    {
        proved(state, slip);
    }
    for task in &mut state.tasks.list {
        if let Task::Hand(record) = &mut *task
            && record.slip == slip
        {
            // One that does not fit is told by the books, which are asked after every such entry.
            let _ = record.apply(stamp, entry);
        }
        if let (Task::Unreflected(told), Entry::Reflection { posting, step, .. }) = (task, entry)
            && told.slip == slip
        {
            let _ = told.take(*posting, step);
        }
    }
    state.tasks.list.retain(|task| match task {
        Task::Hand(record) => record.slip != slip || record.hand_stage().is_some(),
        Task::Unreflected(told) => told.slip != slip || !told.is_done(),
        Task::PartPaid(_) | Task::Correction(_) => true,
    });
}

fn proved(state: &mut State, slip: SlipNumber) {
    for cat in state.cats.values_mut() {
        cat.proving.retain(|proving| *proving != slip);
    }
}

/// The books did not take that a terminal is back: its next answer says it again. Or they could not be read.
pub(crate) fn store_failed(state: &mut State, request: &StoreRequest) {
    if *request == StoreRequest::Tasks {
        state.tasks.answered(true);
    }
    if let StoreRequest::Write {
        entry:
            Entry::Step {
                slip,
                step: Step::BackOnLink,
                ..
            },
        ..
    } = request
    {
        proved(state, *slip);
    }
}

/// A terminal answered on the link. Whatever took it off it is proved to be over, save the work that is being done this moment: its way
/// back begins when the terminal's slip is in.
pub(crate) fn answered(state: &mut State, cat: CatId, out: &mut Vec<Effect>) {
    let answers = |state: &State| {
        let cat = state.cats.get(&cat);
        cat.is_some_and(|cat| cat.answers_on_the_link())
    };
    if !state.owns_the_books() || !answers(state) {
        return;
    }
    let at_work = match &state.screen {
        Screen::Wizard(wizard) => wizard.record().filter(|record| !record.state.is_final()),
        _ => None,
    };
    let at_work = at_work.map(|record| record.slip);
    let mut slips: Vec<SlipNumber> = state
        .by_hand()
        .filter(|record| is_off(record, cat) && Some(record.slip) != at_work)
        .map(|record| record.slip)
        .collect();
    slips.sort();
    slips.dedup();
    let stamp = state.settings.stamp(state.now);
    let operator = state.operator.clone();
    let Some(known) = state.cats.get_mut(&cat) else {
        return;
    };
    for slip in slips {
        if !known.proving.contains(&slip) {
            known.proving.push(slip);
            let entry = Entry::Step {
                slip,
                step: Step::BackOnLink,
                operator: operator.clone(),
            };
            out.push(Effect::Store(StoreRequest::Write { stamp, entry }));
        }
    }
}

/// Lead one task on.
pub(crate) fn lead(state: &mut State, task: Task, out: &mut Vec<Effect>) {
    match task {
        Task::Hand(record) => wizard::resume(state, *record, out),
        Task::PartPaid(part) => match unfinished_part(state, part.order) {
            Some(slip) => {
                let note = Note::warning(Text::PartUnfinished);
                state.say(note.with("slip", Value::Number(slip.get().into())));
            }
            None => part_paid::take_up(state, &part, out),
        },
        Task::Correction(record) => correction::take_up(state, &record),
        Task::Unreflected(told) => reflection::open(state, told.slip),
    }
}

/// A slip of this order whose end nobody knows yet: until it is known, nobody can say what is left to pay.
fn unfinished_part(state: &State, order: SlipNumber) -> Option<SlipNumber> {
    let mut open = state.open.iter();
    let part = open.find(|open| part_paid::is_part(open) && part_paid::order_of(open) == order)?;
    Some(part.slip)
}
