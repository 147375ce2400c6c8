//! 手動操作: a piece of work at the terminal by hand, led page by page, left and taken up again at any of them.
//!
//! ```text
//!  Confirm ─ ByHand ─▶ LeaveLink ─ OffLink ─▶ Operate ─ Operated ─▶ EnterSlip ─ Posted ─▶ BackToLink ─ an answer ─▶ Done
//!                          └── given up: Released ────┴────────────────┘                      └── let go by two ──┘
//! ```
//!
//! Where it stands is in the books and nowhere else: the page is derived from the entries of the slip, so that anybody goes on where it was
//! left, after any crash. What is kept here is only what is being typed.

use super::action::Action;
use super::input::REFLEX_MS;
use super::message::{Effect, StoreRequest};
use super::note::Note;
use super::operator::{self, After};
use super::outcome::{self, NotChargedScreen};
use super::unknown::Unknown;
use super::{Screen, State, link_pane, part_paid, printing, tasks, unresolved};
use crate::cat::model::{Operation, Procedure, common_procedure};
use crate::domain::by_hand::{Place, Stage, Step, Why};
use crate::domain::ledger::{CatId, Entry, SaleState};
use crate::domain::money::Yen;
use crate::domain::record::SaleRecord;
use crate::domain::sale::{SaleDraft, SaleKind};
use crate::domain::slip::SlipNumber;
use crate::domain::tender::Tender;
use crate::locale::Text;
use crate::teeth::{self, Tooth};

mod books;
mod doorway;
mod form;
mod question;

pub(crate) use books::{begun, found, store_failed, written};
pub use doorway::place_of;
pub(crate) use doorway::{
    from_card, from_not_charged, look_at_terminal, made_refusal, made_standalone,
};
pub(crate) use form::looked_up;
pub use form::{SlipField, SlipForm, Typed};
pub use question::{Doubt, People, Question};
pub(crate) use question::{takes_text, type_key};

/// One piece of work by hand on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Wizard {
    /// What is to be done, and how far it is.
    pub work: Work,
    /// The slip that is taken back, where one is.
    pub original: Original,
    /// What the terminal's slip says, as typed.
    pub form: SlipForm,
    /// An exceptional question that stands.
    pub question: Option<Question>,
    /// True while the books write or read for this page.
    pub writing: bool,
    /// The first line of the steps that is shown.
    pub scroll: usize,
    /// When this page appeared (ms).
    shown_ms: u64,
}

/// How far the books know of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// Not yet.
    Planned(Box<Plan>),
    /// It has a slip.
    Begun(Box<SaleRecord>),
}

/// Work that is about to begin.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What will be booked.
    pub sale: SaleDraft,
    /// At which terminal.
    pub place: Place,
    /// Why by hand.
    pub why: Why,
    /// Where F9 goes back to.
    from: Screen,
}

/// The slip that is taken back.
#[derive(Debug, Clone, PartialEq)]
pub enum Original {
    /// There is none.
    None,
    /// The books are asked for it.
    Asked,
    /// It is this.
    Known(Box<SaleRecord>),
    /// The books did not give it.
    Missing,
}

/// What is on the screen. In the order of the stage bar, then the questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Page {
    /// 確認: nothing is in the books yet.
    Confirm,
    /// 連動解除.
    LeaveLink,
    /// 端末で操作.
    Operate,
    /// 控えの番号.
    EnterSlip,
    /// 連動に戻す.
    BackToLink,
    /// 完了.
    Done,
    /// Is that slip number right?
    Doubt,
    /// Was nothing done at the terminal?
    GiveUp,
    /// Two people say why.
    People,
}

/// Work at a terminal by hand is about to begin: the page that says what will be done. Nothing is written before F12.
pub fn begin(state: &mut State, sale: SaleDraft, place: Place, why: Why, out: &mut Vec<Effect>) {
    let from = state.screen.clone();
    let work = Work::Planned(Box::new(Plan {
        sale,
        place,
        why,
        from,
    }));
    open(state, work, out);
}

/// Go on where it was left, whoever left it.
pub(crate) fn resume(state: &mut State, record: SaleRecord, out: &mut Vec<Effect>) {
    open(state, Work::Begun(Box::new(record)), out);
    operator::ask(state, After::new(|state, _, out| take_up(state, out)), out);
}

/// What was set aside is taken up.
fn take_up(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Wizard(wizard) = &state.screen else {
        return;
    };
    let paused = wizard.record().filter(|record| {
        let work = record.by_hand.as_ref();
        work.is_some_and(|work| work.paused.is_some())
    });
    if let Some(slip) = paused.map(|record| record.slip) {
        step(state, slip, Step::Resumed, out);
    }
}

fn open(state: &mut State, work: Work, out: &mut Vec<Effect>) {
    let mut wizard = Wizard {
        work,
        original: Original::None,
        form: SlipForm::new(),
        question: None,
        writing: false,
        scroll: 0,
        shown_ms: state.now.mono_ms,
    };
    if let Some(original) = wizard.sale().original {
        wizard.original = Original::Asked;
        out.push(Effect::Store(StoreRequest::Find(original)));
    }
    state.popups.clear();
    state.note = None;
    state.screen = Screen::Wizard(Box::new(wizard));
}

impl Wizard {
    /// What is on the screen.
    pub fn page(&self) -> Page {
        match (&self.question, &self.work) {
            (Some(Question::Doubt(_)), _) => Page::Doubt,
            (Some(Question::GiveUp { .. }), _) => Page::GiveUp,
            (Some(Question::People(_)), _) => Page::People,
            (None, Work::Planned(_)) => Page::Confirm,
            (None, Work::Begun(record)) => page_of(record),
        }
    }

    /// The stage that is marked on the bar, questions or not.
    pub fn stage(&self) -> Page {
        match &self.work {
            Work::Planned(_) => Page::Confirm,
            Work::Begun(record) => page_of(record),
        }
    }

    /// The stages of this work, in the order of the bar. A terminal without a port is on no link to be taken off.
    pub fn bar(&self) -> &'static [Page] {
        match (self.why(), self.place().and_then(|place| place.cat)) {
            (Why::MadeStandalone, _) => &[Page::Confirm, Page::EnterSlip, Page::Done],
            (_, None) => &[Page::Confirm, Page::Operate, Page::EnterSlip, Page::Done],
            (_, Some(_)) => &[
                Page::Confirm,
                Page::LeaveLink,
                Page::Operate,
                Page::EnterSlip,
                Page::BackToLink,
                Page::Done,
            ],
        }
    }

    /// What is or will be booked.
    pub fn sale(&self) -> &SaleDraft {
        match &self.work {
            Work::Planned(plan) => &plan.sale,
            Work::Begun(record) => &record.sale,
        }
    }

    /// The slip, once there is one.
    pub fn record(&self) -> Option<&SaleRecord> {
        match &self.work {
            Work::Planned(_) => None,
            Work::Begun(record) => Some(record),
        }
    }

    /// The card part: what is worked at the terminal.
    pub fn amount(&self) -> Yen {
        self.sale().card().map_or(Yen::ZERO, Tender::amount)
    }

    /// Why by hand.
    pub fn why(&self) -> Why {
        match &self.work {
            Work::Planned(plan) => plan.why,
            Work::Begun(record) => record.by_hand.as_ref().map_or(Why::Outcome, |w| w.why),
        }
    }

    /// At which terminal. A sale whose outcome is looked for is at the terminal it was sent to.
    pub fn place(&self) -> Option<Place> {
        match &self.work {
            Work::Planned(plan) => Some(plan.place.clone()),
            Work::Begun(record) => record
                .by_hand
                .as_ref()
                .map(|work| work.place.clone())
                .or_else(|| {
                    record.route.as_ref().map(|route| Place {
                        cat: Some(route.cat),
                        model: route.model.clone(),
                    })
                }),
        }
    }

    /// Which terminal, where it is on a link.
    pub fn cat(&self) -> Option<CatId> {
        self.place().and_then(|place| place.cat)
    }

    /// What is done at the terminal.
    pub fn operation(&self) -> Operation {
        match (self.why(), self.sale().kind) {
            (Why::Outcome, _) => Operation::LookUp,
            (_, SaleKind::Sale) => Operation::Sale,
            (_, SaleKind::Void) => Operation::Void,
            (_, SaleKind::Refund) => Operation::Refund,
        }
    }

    /// The steps of this page, in the words of the terminal's own menu.
    pub fn procedure<'a>(&self, state: &'a State) -> Option<&'a Procedure> {
        let operation = match self.stage() {
            Page::LeaveLink => Operation::LeaveLink,
            Page::Operate => self.operation(),
            Page::BackToLink => Operation::BackToLink,
            _ => return None,
        };
        let place = self.place()?;
        let mut models = state.settings.cats.values().map(|cat| &cat.model);
        let model = models.find(|model| model.name == place.model);
        Some(model.map_or_else(
            || common_procedure(operation),
            |model| model.procedure(operation),
        ))
    }

    /// True while the terminal still answers on the link although it is said to be off it.
    pub fn still_answers(&self, state: &State) -> bool {
        self.stage() == Page::Operate
            && !state.settings.practice
            && self
                .cat()
                .and_then(|cat| state.cats.get(&cat))
                .is_some_and(link_pane::Cat::answers_on_the_link)
    }

    pub(crate) fn deadline(&self, now_ms: u64) -> Option<u64> {
        Some(self.shown_ms + REFLEX_MS).filter(|awake| *awake > now_ms)
    }

    fn is_fresh(&self, state: &State) -> bool {
        state.now.mono_ms.saturating_sub(self.shown_ms) < REFLEX_MS
    }

    fn turn(&mut self, now_ms: u64) {
        self.shown_ms = now_ms;
        self.scroll = 0;
    }
}

fn page_of(record: &SaleRecord) -> Page {
    let Some(work) = &record.by_hand else {
        let done = record.state.is_final();
        return if done { Page::Done } else { Page::Confirm };
    };
    match work.stage(record.state) {
        Stage::LeaveLink => Page::LeaveLink,
        // It answered on the link meanwhile: somebody put it back, and it must be taken off again.
        Stage::Operate if work.place.cat.is_some() && !work.is_off_link() => Page::LeaveLink,
        Stage::Operate => Page::Operate,
        Stage::EnterSlip => Page::EnterSlip,
        Stage::BackToLink => Page::BackToLink,
        Stage::Done => Page::Done,
    }
}

/// Why an action cannot be done now.
pub(crate) fn refusal(state: &State, wizard: &Wizard, action: Action) -> Option<Note> {
    match action {
        Action::Help | Action::Redraw | Action::Leave | Action::PageUp | Action::PageDown => None,
        Action::PrintTask if !printing::is_there(state) => Some(printing::no_printer(state)),
        _ if wizard.writing => Some(Note::plain(Text::Writing)),
        Action::BeginByHand
        | Action::StepDone
        | Action::RecordSlip
        | Action::NothingDone
        | Action::NothingWasDone
        | Action::SlipIsRight
        | Action::LetGo
            if wizard.is_fresh(state) =>
        {
            Some(Note::warning(Text::TooSoon))
        }
        Action::BeginByHand if wizard.original == Original::Asked => {
            Some(Note::plain(Text::WizardReading))
        }
        Action::BeginByHand if is_void_too_late(state, wizard) => {
            Some(Note::warning(Text::UndoFromTheSale))
        }
        Action::CheckLink if !can_ask(state, wizard) => {
            Some(Note::warning(Text::TerminalCannotBeAsked))
        }
        Action::Choose if matches!(wizard.question, Some(Question::GiveUp { amount: None })) => {
            Some(Note::warning(Text::AnswerWithDigits))
        }
        _ => None,
    }
}

/// The day turned, or the terminal's 日計 ran, while the first page stood there: 取消 became 返品.
fn is_void_too_late(state: &State, wizard: &Wizard) -> bool {
    let Work::Planned(plan) = &wizard.work else {
        return false;
    };
    let today = state.settings.stamp(state.now).business_date;
    let another_day = match &wizard.original {
        Original::Known(original) => original.stamp.business_date != today,
        _ => false,
    };
    let over = || match &plan.from {
        Screen::Undo(undo) => undo
            .plan(state)
            .is_none_or(|now| now.kind != SaleKind::Void),
        Screen::NotCharged(screen) => outcome::is_void_too_late(state, screen),
        _ => false,
    };
    plan.sale.kind == SaleKind::Void && (another_day || over())
}

/// True where the terminal can be asked whether it is there.
pub fn can_ask(state: &State, wizard: &Wizard) -> bool {
    wizard
        .cat()
        .is_some_and(|cat| tasks::can_be_asked(state, cat))
}

/// An action of this screen.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let Screen::Wizard(wizard) = &mut state.screen else {
        return;
    };
    match action {
        // No procedure has more lines; the drawing stops at the last.
        Action::PageDown => wizard.scroll = (wizard.scroll + 5).min(60),
        Action::PageUp => wizard.scroll = wizard.scroll.saturating_sub(5),
        Action::BeginByHand => begin_now(state, out),
        Action::StepDone => {
            let done = match wizard.stage() {
                Page::LeaveLink => Step::OffLink,
                _ => Step::Operated,
            };
            if let Some(slip) = wizard.record().map(|record| record.slip) {
                step(state, slip, done, out);
            }
        }
        Action::RecordSlip => form::record(state, out),
        Action::SlipIsRight => form::book(state, out),
        Action::NothingDone | Action::LetGo | Action::NothingWasDone => {
            question::ask(state, action)
        }
        Action::Choose => match wizard.page() {
            Page::EnterSlip => form::next(state),
            Page::GiveUp | Page::People => question::enter(state, out),
            _ => {}
        },
        Action::CheckLink => {
            if let Some(cat) = wizard.cat() {
                state.note = None;
                link_pane::probe(state, cat, out);
            }
        }
        Action::PrintTask => {
            if let Some(record) = wizard.record().cloned() {
                printing::task(state, &record, out);
            }
        }
        Action::Back => back(state, out),
        Action::Pause => pause(state, out),
        Action::NextCustomer => leave(state, out),
        _ => {}
    }
}

/// F12 on the first page: whoever does it says so first, where the site wants it.
fn begin_now(state: &mut State, out: &mut Vec<Effect>) {
    operator::ask(
        state,
        After::new(|state, _, out| begin_work(state, out)),
        out,
    );
}

/// The work goes into the books before its first step is shown.
fn begin_work(state: &mut State, out: &mut Vec<Effect>) {
    let stamp = state.settings.stamp(state.now);
    let operator = state.operator.clone();
    let first = state.settings.undo.first_side;
    // Saying who it is takes a while, too.
    if matches!(&state.screen, Screen::Wizard(wizard) if is_void_too_late(state, wizard)) {
        state.say(Note::warning(Text::UndoFromTheSale));
        return;
    }
    let Screen::Wizard(wizard) = &mut state.screen else {
        return;
    };
    if let (Original::Missing, Some(original)) = (&wizard.original, wizard.sale().original) {
        wizard.original = Original::Asked;
        out.push(Effect::Store(StoreRequest::Find(original)));
        return;
    }
    match &wizard.work {
        Work::Planned(plan) => {
            let request = StoreRequest::ByHand {
                stamp,
                sale: plan.sale.clone(),
                place: plan.place.clone(),
                why: plan.why,
                first,
                operator,
            };
            wizard.writing = true;
            state.note = None;
            out.push(Effect::Store(request));
        }
        // A sale whose outcome is looked for has its slip; the work begins with its first step.
        Work::Begun(record) => {
            let slip = record.slip;
            step(state, slip, Step::Resumed, out);
        }
    }
}

fn step(state: &mut State, slip: SlipNumber, step: Step, out: &mut Vec<Effect>) {
    let operator = if teeth::bites(Tooth::WhoeverOpenedDidIt) {
        state.settings.operator.clone()
    } else {
        state.operator.clone()
    };
    if let (Step::OffLink, Screen::Wizard(wizard)) = (step, &state.screen) {
        // Even where the books say no, and have it all the same.
        let cat = wizard.cat();
        link_pane::count_answers_from_now(state, cat);
    }
    write(
        state,
        Entry::Step {
            slip,
            step,
            operator,
        },
        out,
    );
}

/// An entry of this work goes into the books; until it is there, the page stays.
fn write(state: &mut State, entry: Entry, out: &mut Vec<Effect>) {
    let stamp = state.settings.stamp(state.now);
    if let Screen::Wizard(wizard) = &mut state.screen {
        wizard.writing = true;
        state.note = None;
        out.push(Effect::Store(StoreRequest::Write { stamp, entry }));
    }
}

/// F9 and Esc: out of a question, or off the first page, of which nothing is written.
fn back(state: &mut State, out: &mut Vec<Effect>) {
    let now = state.now.mono_ms;
    let Screen::Wizard(wizard) = &mut state.screen else {
        return;
    };
    if wizard.question.take().is_some() {
        wizard.turn(now);
        state.note = None;
        return;
    }
    let said = Note::plain(Text::WizardNotBegun);
    match &wizard.work {
        Work::Planned(plan) => {
            state.screen = plan.from.clone();
            state.say(said);
        }
        Work::Begun(record) => {
            let slip = record.slip;
            match state.open.iter().find(|open| open.slip == slip).cloned() {
                Some(record) => Unknown::show(state, record, out),
                None => unresolved::next(state, None, out),
            }
            state.say(said);
        }
    }
}

/// 中断. What is done is in the books; whoever comes next goes on from there.
fn pause(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Wizard(wizard) = &state.screen else {
        return;
    };
    match wizard.record().map(|record| record.slip) {
        Some(slip) => step(state, slip, Step::Paused, out),
        None => back(state, out),
    }
}

/// Of a bill in parts, only the first slip knows that nothing else of it is paid.
fn is_first_of_bill(record: &SaleRecord) -> bool {
    let first = !part_paid::is_part(record) || record.sale.order.is_none();
    record.sale.kind == SaleKind::Sale && first
}

/// The last page has been read.
fn leave(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Wizard(wizard) = &state.screen else {
        return;
    };
    let Work::Begun(record) = &wizard.work else {
        return;
    };
    let record = (**record).clone();
    let unpaid = record.sale.kind == SaleKind::Sale && record.state != SaleState::Settled;
    // Its bill is on the desk since it was let go; where it is not any more, it was paid since.
    let back = record.route.is_some() || is_first_of_bill(&record);
    let gone = back && state.basket.order != Some(part_paid::order_of(&record));
    if unpaid && record.state.is_final() && !gone {
        // The bill is not paid: it comes back, to be paid another way.
        let card = unresolved::card_of(state, &record);
        NotChargedScreen::show(state, record, (card, None), out);
    } else {
        let original = match &wizard.original {
            Original::Known(original) => Some(original.clone()),
            _ => None,
        };
        state.note = None;
        outcome::follow(state, &record, original.as_deref(), out);
    }
}
