//! 印刷: which papers wait for the printer. A sale never waits for paper: it is in the books first, and nothing here can undo or delay one.
//!
//! ```text
//!  enqueue ─▶ waiting ─ read from the books ─ to the printer ─┬─ Printed ─▶ `Printed` in the books, gone
//!                 ▲                                           └─ Failed ──▶ again after a pause; begun ones as 再発行
//!                 └── what an earlier run left: held until somebody says so
//! ```

mod screen;

pub use screen::PrinterScreen;
pub(crate) use screen::{act, no_printer, open, refusal, type_key};

use super::message::printing::{PrintRequest, PrinterEvent, PrinterTrouble};
use super::message::{Effect, StoreRequest};
use super::note::{Note, Value};
use super::{Screen, State};
use crate::cat::model::{Model, Operation, common_procedure};
use crate::domain::by_hand::Stage;
use crate::domain::ledger::{Document, Entry, SaleState};
use crate::domain::paper::{Original, SlipFacts, Unprinted};
use crate::domain::record::SaleRecord;
use crate::domain::sale::SaleKind;
use crate::domain::slip::SlipNumber;
use crate::domain::text::Bilingual;
use crate::locale::Text;

/// The pause after the first failure (ms); it doubles up to the longest.
const PAUSE_MS: u64 = 2_000;
const PAUSE_MAX_MS: u64 = 60_000;
/// More papers than these are not kept waiting; the books know them all.
const WAITING_MAX: usize = 500;

/// One paper that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    number: u32,
    /// The slip; none for the test of the printer.
    pub slip: Option<SlipNumber>,
    /// What is printed of it.
    pub document: Document,
    /// True where a part of it may be on paper already: it is printed anew as 再発行.
    pub begun: bool,
    /// From before a restart: it waits until somebody says so.
    pub held: bool,
    /// What the terminal is to be made to do, for a task slip.
    steps: Vec<Bilingual>,
}

/// What the paper under way waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UnderWay {
    /// The books.
    Reading(u32),
    /// The printer.
    Printing(u32),
}

/// The printer, as the console sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Printing {
    /// What waits, the next one first.
    pub waiting: Vec<Waiting>,
    /// What kept the last attempt from being printed.
    pub trouble: Option<PrinterTrouble>,
    under_way: Option<UnderWay>,
    next_number: u32,
    failures: u32,
    retry_at: Option<u64>,
    /// Nothing is printed before it is known what an earlier run began.
    recalled: bool,
    begun: Vec<Unprinted>,
    forgotten: Vec<Unprinted>,
    /// A slip that somebody wants on paper, while the books are asked whether it was there before.
    wished: Option<SlipNumber>,
    /// Copies that are printed as soon as the books know of them.
    granted: Vec<SlipNumber>,
    /// The original of the slip on the screen, where it takes one back.
    original: Option<(SlipNumber, Original)>,
}

impl Printing {
    /// The original of a slip that takes one back, where the books were asked for it.
    pub fn original_of(&self, record: &SaleRecord) -> Option<Original> {
        self.original
            .filter(|(slip, _)| *slip == record.slip)
            .map(|(_, original)| original)
    }

    /// True while a paper is at the printer.
    pub fn is_at_work(&self) -> bool {
        self.under_way.is_some()
    }

    /// When the next attempt is due (`mono_ms`).
    pub fn deadline(&self) -> Option<u64> {
        self.retry_at
            .filter(|_| self.waiting.iter().any(|waiting| !waiting.held))
    }

    fn enqueue(&mut self, slip: Option<SlipNumber>, document: Document, held: bool) -> bool {
        let same = |waiting: &Waiting| waiting.slip == slip && waiting.document == document;
        if let Some(slip) = slip {
            let unprinted = Unprinted { slip, document };
            if self.waiting.iter().any(same) || held && self.forgotten.contains(&unprinted) {
                return false;
            }
        }
        if self.waiting.len() >= WAITING_MAX {
            return false;
        }
        self.next_number += 1;
        let begun = slip.is_some_and(|slip| self.begun.contains(&Unprinted { slip, document }));
        self.waiting.push(Waiting {
            number: self.next_number,
            slip,
            document,
            begun,
            held,
            steps: Vec::new(),
        });
        true
    }

    fn number_under_way(&self) -> Option<u32> {
        match self.under_way {
            Some(UnderWay::Reading(number) | UnderWay::Printing(number)) => Some(number),
            None => None,
        }
    }

    fn failed(&mut self, now_ms: u64) {
        self.under_way = None;
        let pause = PAUSE_MS << self.failures.min(5);
        self.failures = self.failures.saturating_add(1);
        self.retry_at = Some(now_ms + pause.min(PAUSE_MAX_MS));
    }
}

/// True where there is a printer and this console may use it.
pub fn is_there(state: &State) -> bool {
    state.settings.paper.printer.is_some() && state.owns_the_books()
}

/// A sale, a 取消 or a 返品 is settled: print its slip, where every slip is printed by itself. And ask for the original, which the slip names.
pub(crate) fn settled(state: &mut State, record: &SaleRecord, out: &mut Vec<Effect>) {
    ask_original(state, record, out);
    let printer = state.settings.paper.printer.as_ref();
    if printer.is_some_and(|printer| printer.auto) && record.state == SaleState::Settled {
        state
            .printing
            .enqueue(Some(record.slip), Document::Slip, false);
        pump(state, out);
    }
}

/// A slip that takes another back comes on the screen: its original's date stands on it.
pub(crate) fn ask_original(state: &State, record: &SaleRecord, out: &mut Vec<Effect>) {
    let known = state.printing.original_of(record).is_some();
    if record.sale.kind != SaleKind::Sale && record.sale.original.is_some() && !known {
        out.push(Effect::Store(StoreRequest::Paper(record.slip)));
    }
}

/// F2: a slip on paper. Whether it is the first one or a copy, the books say.
pub(crate) fn wish(state: &mut State, slip: SlipNumber, out: &mut Vec<Effect>) {
    let waits = state
        .printing
        .waiting
        .iter_mut()
        .find(|waiting| waiting.slip == Some(slip) && waiting.document != Document::Task);
    if let Some(waiting) = waits {
        waiting.held = false;
        state.printing.retry_at = None;
        state.say(Note::plain(Text::PrintWaits).with("slip", Value::Slip(slip)));
        pump(state, out);
        return;
    }
    state.printing.wished = Some(slip);
    out.push(Effect::Store(StoreRequest::Paper(slip)));
}

/// A copy is in the books as issued: print it.
pub(crate) fn reissued(state: &mut State, slip: SlipNumber, out: &mut Vec<Effect>) {
    let granted = &mut state.printing.granted;
    let Some(at) = granted.iter().position(|granted| *granted == slip) else {
        return;
    };
    granted.remove(at);
    state.printing.enqueue(Some(slip), Document::Reissue, false);
    // The screen of a slip shows the copy itself.
    if matches!(state.screen, Screen::Done(_)) {
        state.say(Note::plain(Text::PrintWaits).with("slip", Value::Slip(slip)));
    }
    pump(state, out);
}

/// What is still to be done at the terminal by hand, on paper for a colleague.
pub(crate) fn task(state: &mut State, record: &SaleRecord, out: &mut Vec<Effect>) {
    let work = record.by_hand.as_ref();
    let mut cats = state.settings.cats.values();
    let cat = work.and_then(|work| cats.find(|cat| cat.model.name == work.place.model));
    let steps = steps_left(cat.map(|cat| &cat.model), record);
    state
        .printing
        .enqueue(Some(record.slip), Document::Task, false);
    let slip = Some(record.slip);
    let mine = |waiting: &&mut Waiting| waiting.slip == slip && waiting.document == Document::Task;
    if let Some(waiting) = state.printing.waiting.iter_mut().find(mine) {
        waiting.steps = steps;
        waiting.held = false;
    }
    state.say(Note::plain(Text::PrintWaits).with("slip", Value::Slip(record.slip)));
    pump(state, out);
}

/// What is still to be done at a terminal of this model, in the words of its own menu: from the stage of the work on. Without a model, in
/// words that hold for every terminal.
pub fn steps_left(model: Option<&Model>, record: &SaleRecord) -> Vec<Bilingual> {
    let (Some(work), Some(stage)) = (&record.by_hand, record.hand_stage()) else {
        return Vec::new();
    };
    let operation = match record.sale.kind {
        SaleKind::Sale => Operation::Sale,
        SaleKind::Void => Operation::Void,
        SaleKind::Refund => Operation::Refund,
    };
    let linked = work.place.cat.is_some();
    [
        (stage <= Stage::LeaveLink).then_some(Operation::LeaveLink),
        (stage <= Stage::Operate).then_some(operation),
        linked.then_some(Operation::BackToLink),
    ]
    .into_iter()
    .flatten()
    .flat_map(|operation| {
        let procedure = model.map_or_else(
            || common_procedure(operation),
            |model| model.procedure(operation),
        );
        procedure.steps.clone()
    })
    .collect()
}

/// Send the next paper on its way, if there is one, nothing is under way and no pause is to be kept.
fn pump(state: &mut State, out: &mut Vec<Effect>) {
    let now = state.now.mono_ms;
    let ready = is_there(state);
    let printing = &mut state.printing;
    let pausing = printing.retry_at.is_some_and(|at| at > now);
    if !ready || !printing.recalled || printing.under_way.is_some() || pausing {
        return;
    }
    let Some(next) = printing.waiting.iter().find(|waiting| !waiting.held) else {
        return;
    };
    printing.retry_at = None;
    let number = next.number;
    match next.slip {
        Some(slip) => {
            printing.under_way = Some(UnderWay::Reading(number));
            out.push(Effect::Store(StoreRequest::Paper(slip)));
        }
        None => {
            printing.under_way = Some(UnderWay::Printing(number));
            out.push(Effect::Print(PrintRequest::Test { number }));
        }
    }
}

/// The pause is over.
pub(crate) fn time_reached(state: &mut State, out: &mut Vec<Effect>) {
    pump(state, out);
}

/// The printer's side said something.
pub(crate) fn take(state: &mut State, event: PrinterEvent, out: &mut Vec<Effect>) {
    match event {
        PrinterEvent::Recalled {
            since,
            begun,
            forgotten,
        } => {
            let printing = &mut state.printing;
            printing.recalled = true;
            printing.begun = begun;
            printing.forgotten = forgotten;
            for waiting in &mut printing.waiting {
                let of = |begun: &Unprinted| {
                    waiting.slip == Some(begun.slip) && waiting.document == begun.document
                };
                waiting.begun |= printing.begun.iter().any(of);
            }
            let date = state.settings.stamp(state.now).business_date;
            let printer = state.settings.paper.printer.as_ref();
            let slips = printer.is_some_and(|printer| printer.auto);
            out.push(Effect::Store(StoreRequest::Unprinted {
                date,
                since,
                slips,
            }));
            pump(state, out);
        }
        PrinterEvent::Printed { number, replaced } => printed(state, number, replaced, out),
        PrinterEvent::Failed {
            number,
            trouble,
            begun,
        } => {
            if state.printing.number_under_way() != Some(number) {
                return;
            }
            let now = state.now.mono_ms;
            tell(state, &trouble);
            let printing = &mut state.printing;
            printing.trouble = Some(trouble);
            let at = printing.waiting.iter_mut().find(|w| w.number == number);
            if let Some(waiting) = at.filter(|_| begun) {
                waiting.begun = true;
                let document = waiting.document;
                let begun = waiting.slip.map(|slip| Unprinted { slip, document });
                printing.begun.extend(begun);
            }
            // A test is not tried again by itself: whoever asked for it stands there.
            let test = |w: &Waiting| w.number == number && w.slip.is_none();
            printing.waiting.retain(|waiting| !test(waiting));
            printing.failed(now);
        }
    }
}

/// Say it once, and only where no question about money stands on the screen; the header says it all the time.
fn tell(state: &mut State, trouble: &PrinterTrouble) {
    let quiet = matches!(
        state.screen,
        Screen::Done(_) | Screen::Register(_) | Screen::Receipt(_)
    );
    if !quiet || state.printing.trouble.as_ref() == Some(trouble) {
        return;
    }
    let why = match trouble {
        PrinterTrouble::Unreachable(_) => Text::PrintUnreachable,
        PrinterTrouble::PaperOut => Text::PrintPaperOut,
        PrinterTrouble::CoverOpen => Text::PrintCoverOpen,
        PrinterTrouble::OffLine => Text::PrintOffLine,
        PrinterTrouble::Silent => Text::PrintSilent,
        PrinterTrouble::Broken(_) => Text::PrintBroken,
        PrinterTrouble::NotFinished => Text::PrintNotFinished,
        PrinterTrouble::Disk(_) => Text::PrintDisk,
    };
    state.say(Note::warning(Text::PrintFailed).with("why", Value::Text(why)));
}

fn printed(state: &mut State, number: u32, replaced: usize, out: &mut Vec<Effect>) {
    if state.printing.number_under_way() != Some(number) {
        return;
    }
    let printing = &mut state.printing;
    printing.under_way = None;
    printing.trouble = None;
    printing.failures = 0;
    printing.retry_at = None;
    let at = printing.waiting.iter().position(|w| w.number == number);
    if let Some(at) = at {
        let done = printing.waiting.remove(at);
        if let Some(slip) = done.slip {
            let document = done.document;
            out.push(Effect::Store(StoreRequest::Write {
                stamp: state.settings.stamp(state.now),
                entry: Entry::Printed { slip, document },
            }));
        }
    }
    if replaced > 0 {
        let count = u64::try_from(replaced).unwrap_or(u64::MAX);
        state.say(Note::warning(Text::PrintReplaced).with("count", Value::Number(count)));
    }
    pump(state, out);
}

/// The books tell of a slip: for the screen, for the paper under way, or for somebody who wants a copy.
pub(crate) fn facts(
    state: &mut State,
    slip: SlipNumber,
    facts: Option<Box<SlipFacts>>,
    out: &mut Vec<Effect>,
) {
    let Some(facts) = facts else {
        state.printing.wished = None;
        gone(state, slip, out);
        return;
    };
    if let Some(original) = facts.original {
        state.printing.original = Some((slip, original));
    }
    let wished = state.printing.wished.take_if(|wished| *wished == slip);
    // The paper under way was asked for before anything that is granted now.
    send(state, slip, facts.clone(), out);
    if wished.is_some() {
        grant(state, &facts, out);
    }
}

/// There is no such slip: nothing to print.
fn gone(state: &mut State, slip: SlipNumber, out: &mut Vec<Effect>) {
    let printing = &mut state.printing;
    if let Some(UnderWay::Reading(number)) = printing.under_way {
        let before = printing.waiting.len();
        let mine = |w: &Waiting| w.number == number && w.slip == Some(slip);
        printing.waiting.retain(|waiting| !mine(waiting));
        if printing.waiting.len() < before {
            printing.under_way = None;
            pump(state, out);
        }
    }
}

/// Somebody wants this slip on paper: the first one as it is, every other one as 再発行, which the books are told before it is printed.
fn grant(state: &mut State, facts: &SlipFacts, out: &mut Vec<Effect>) {
    let slip = facts.record.slip;
    let of = |begun: &&Unprinted| begun.slip == slip && begun.document != Document::Task;
    let begun = state.printing.begun.iter().find(of).is_some();
    let printed = facts.printed.iter().any(|d| *d != Document::Task);
    if printed || begun || facts.record.reissues > 0 {
        state.printing.granted.push(slip);
        out.push(Effect::Store(StoreRequest::Write {
            stamp: state.settings.stamp(state.now),
            entry: Entry::Reissued {
                slip,
                operator: state.operator.clone(),
            },
        }));
        return;
    }
    state.printing.enqueue(Some(slip), Document::Slip, false);
    state.say(Note::plain(Text::PrintWaits).with("slip", Value::Slip(slip)));
    pump(state, out);
}

/// The paper under way goes to the printer. One of which a part may be on paper already becomes a copy, and the books say so first.
fn send(state: &mut State, slip: SlipNumber, mut facts: Box<SlipFacts>, out: &mut Vec<Effect>) {
    let Some(UnderWay::Reading(number)) = state.printing.under_way else {
        return;
    };
    let stamp = state.settings.stamp(state.now);
    let operator = state.operator.clone();
    let printing = &mut state.printing;
    let mine = |w: &&mut Waiting| w.number == number && w.slip == Some(slip);
    let Some(waiting) = printing.waiting.iter_mut().find(mine) else {
        return;
    };
    let twice = waiting.document == Document::Slip
        && (waiting.begun || facts.printed.iter().any(|d| *d != Document::Task));
    if twice {
        waiting.document = Document::Reissue;
        let entry = Entry::Reissued { slip, operator };
        out.push(Effect::Store(StoreRequest::Write { stamp, entry }));
    }
    let document = waiting.document;
    facts.steps.clone_from(&waiting.steps);
    printing.under_way = Some(UnderWay::Printing(number));
    out.push(Effect::Print(PrintRequest::Print {
        number,
        document,
        facts,
    }));
}

/// What of the day was to be printed and was not. It is offered, not printed: whoever wanted it may be gone.
pub(crate) fn unprinted(state: &mut State, papers: &[Unprinted]) {
    let mut count = 0;
    for paper in papers {
        let held = true;
        if state
            .printing
            .enqueue(Some(paper.slip), paper.document, held)
        {
            count += 1;
        }
    }
    if count > 0 && matches!(state.screen, Screen::Register(_)) && state.note.is_none() {
        state.say(Note::warning(Text::PrintsLeft).with("count", Value::Number(count)));
    }
}

/// The books could not be asked: later.
pub(crate) fn store_failed(state: &mut State, request: &StoreRequest) {
    if let StoreRequest::Write {
        entry: Entry::Reissued { slip, .. },
        ..
    } = request
    {
        state.printing.granted.retain(|granted| granted != slip);
    }
    if let StoreRequest::Paper(slip) = request {
        if state.printing.wished == Some(*slip) {
            state.printing.wished = None;
        }
        if let Some(UnderWay::Reading(_)) = state.printing.under_way {
            let now = state.now.mono_ms;
            state.printing.failed(now);
        }
    }
}
