//! クレジット利用履歴: what moved on cards, in pages of the books' own, with what it adds up to; as a list, as totals, as a file.

pub mod filter;

use super::action::Action;
use super::key::Key;
use super::keymap::Place;
use super::message::export::{Encoding, ExportRequest, ExportTrouble, Exported};
use super::message::{
    CardMovement, CardReportPage, CardReportQuery, CardTotal, Effect, StoreRequest,
};
use super::note::{Note, Value};
use super::{Screen, State, history, startup};
use crate::domain::money::Yen;
use crate::domain::slip::SlipNumber;
use crate::domain::tender::CardClass;
use crate::domain::text::Bilingual;
use crate::locale::Text;
use filter::{Filter, Form};

/// Lines of the screen that are not rows of the list.
const FRAME_ROWS: u16 = 10;
/// Rows of the totals that a page key moves by.
const PAGE: usize = 10;

/// クレジット利用履歴.
#[derive(Debug, Clone, PartialEq)]
pub struct CardReport {
    /// What is wished to be seen.
    pub filter: Filter,
    /// The page on the screen.
    pub page: CardReportPage,
    /// The row under the mark.
    pub selected: usize,
    /// The cursors of the pages before this one.
    pub before: Vec<Option<SlipNumber>>,
    /// Whether the page is what the books say.
    pub reading: Reading,
    /// What is shown of it.
    pub view: View,
    /// True while a file is being written.
    pub exporting: bool,
    /// What was asked for last; the page on the screen may still be an older one.
    asked: CardReportQuery,
    /// Enter was pressed while the books were being read: the row under the mark opens when it is there.
    choose_when_read: bool,
}

/// Whether the page on the screen is what the books say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reading {
    /// It is.
    #[default]
    Read,
    /// They are being asked.
    Asked,
    /// They did not answer: nothing may be read out of what is not there.
    Failed,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum View {
    /// The movements.
    #[default]
    List,
    /// What they add up to.
    Totals {
        /// The first line that is shown.
        scroll: usize,
    },
    /// What to show.
    Filter(Box<Form>),
    /// For which program is the file?
    Export,
}

/// What the movements of one カード区分 add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassTotal {
    /// カード区分 that was asked for.
    pub class: CardClass,
    /// Its newest name.
    pub name: Bilingual,
    /// How many movements.
    pub count: u32,
    /// Their sum.
    pub amount: Yen,
    /// The same by what it was in the end, where a terminal said so of any.
    pub used: Vec<CardTotal>,
}

impl CardReport {
    /// A page, read.
    pub fn showing(filter: Filter, page: CardReportPage) -> CardReport {
        CardReport {
            filter,
            asked: page.query.clone(),
            page,
            selected: 0,
            before: Vec::new(),
            reading: Reading::Read,
            view: View::List,
            exporting: false,
            choose_when_read: false,
        }
    }

    /// The movements under the marks: settled ones, or those without an outcome.
    pub fn rows(&self) -> Vec<&CardMovement> {
        if self.filter.open {
            let open = self.page.open.iter();
            open.map(|open| &open.movement).collect()
        } else {
            self.page.rows.iter().collect()
        }
    }

    /// What was asked of the books: the days of the words 今日 and 今月 are in it.
    pub fn asked(&self) -> &CardReportQuery {
        &self.asked
    }

    /// Where the keys go.
    pub const fn place(&self) -> Place {
        match self.view {
            View::List => Place::CardReport,
            View::Totals { .. } => Place::CardTotals,
            View::Filter(_) => Place::CardFilter,
            View::Export => Place::CardExport,
        }
    }

    /// How many settled movements there are on all pages, and their sum; what went back is taken off, what has no outcome is not in it.
    pub fn sum(&self) -> (u32, Yen) {
        let totals = &self.page.totals;
        (
            totals.iter().map(|total| total.count).sum(),
            Yen::new(totals.iter().map(|total| total.amount.get()).sum()),
        )
    }

    /// The totals by card class, in the order of the codes.
    pub fn totals(&self) -> Vec<ClassTotal> {
        let mut classes: Vec<ClassTotal> = Vec::new();
        for total in &self.page.totals {
            let known = classes
                .last_mut()
                .filter(|class| class.class == total.card_class);
            match known {
                Some(class) => {
                    class.count += total.count;
                    class.amount = Yen::new(class.amount.get() + total.amount.get());
                    class.used.push(total.clone());
                }
                None => classes.push(ClassTotal {
                    class: total.card_class,
                    name: total.class_name.clone(),
                    count: total.count,
                    amount: total.amount,
                    used: vec![total.clone()],
                }),
            }
        }
        for class in &mut classes {
            if class.used.iter().all(|total| total.class_used.is_none()) {
                class.used.clear();
            }
        }
        classes
    }

    fn ask(&mut self, query: CardReportQuery, out: &mut Vec<Effect>) {
        self.reading = Reading::Asked;
        self.choose_when_read = false;
        self.selected = 0;
        self.asked = query.clone();
        out.push(Effect::Store(StoreRequest::CardReport(query)));
    }

    fn turn(&mut self, before: Option<SlipNumber>, limit: u16, out: &mut Vec<Effect>) {
        let query = CardReportQuery {
            before,
            limit,
            ..self.asked.clone()
        };
        self.ask(query, out);
    }

    fn open_marked(&self, out: &mut Vec<Effect>) {
        if let Some(row) = self.rows().get(self.selected) {
            out.push(Effect::Store(StoreRequest::Find(row.slip)));
        }
    }
}

/// Open the report of today.
pub(crate) fn open(state: &mut State, out: &mut Vec<Effect>) {
    state.note = None;
    let report = CardReport::showing(Filter::default(), CardReportPage::default());
    state.screen = Screen::CardReport(Box::new(report));
    show(state, Filter::default(), out);
}

/// Show what a filter finds, from its first page.
fn show(state: &mut State, filter: Filter, out: &mut Vec<Effect>) {
    let today = state.settings.stamp(state.now).business_date;
    let query = filter.query(today, rows_on(state.size));
    let Some(report) = read_for(state) else {
        return;
    };
    report.filter = filter;
    report.view = View::List;
    report.before.clear();
    // What another filter found would be read under the name of this one.
    report.page = CardReportPage::default();
    report.ask(query, out);
}

/// How many rows a screen of this size has room for.
pub fn rows_on((_, rows): (u16, u16)) -> u16 {
    rows.saturating_sub(FRAME_ROWS).clamp(3, 60)
}

/// The report on the screen, or the one behind the slip on the screen.
pub(crate) fn read_for(state: &mut State) -> Option<&mut CardReport> {
    match &mut state.screen {
        Screen::CardReport(report) => Some(report),
        Screen::Receipt(receipt) => receipt.behind.cards(),
        _ => None,
    }
}

/// Text typed into the filter.
pub(crate) fn type_key(state: &mut State, key: Key) {
    let known = filter::known(state);
    if let Screen::CardReport(report) = &mut state.screen
        && let View::Filter(form) = &mut report.view
    {
        form.press(key, &known);
    }
}

/// Why an action cannot be done now.
pub(crate) fn refusal(state: &State, report: &CardReport, action: Action) -> Option<Note> {
    match action {
        Action::PageDown if report.view == View::List && report.filter.open => {
            Some(Note::plain(Text::LastPage))
        }
        Action::PageDown if report.view == View::List && !report.page.more => {
            Some(Note::plain(Text::LastPage))
        }
        Action::PageUp if report.view == View::List && report.before.is_empty() => {
            Some(Note::plain(Text::FirstPage))
        }
        Action::ExportCsv if !state.owns_the_books() => Some(Note::warning(Text::ViewerOnly)),
        Action::ExportCsv if report.exporting => Some(Note::plain(Text::Exporting)),
        _ => None,
    }
}

/// An action of this screen.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let Screen::CardReport(report) = &mut state.screen else {
        return;
    };
    match &mut report.view {
        View::List => act_on_list(state, action, out),
        View::Totals { scroll } => match action {
            Action::PageDown => *scroll = (*scroll + PAGE).min(report.page.totals.len()),
            Action::PageUp => *scroll = scroll.saturating_sub(PAGE),
            Action::ExportCsv => report.view = View::Export,
            Action::Find => ask_what(state),
            Action::Back | Action::CardTotals => report.view = View::List,
            _ => {}
        },
        View::Filter(_) => act_on_form(state, action, out),
        View::Export => {
            let encoding = match action {
                Action::ExportUtf8 => Some(Encoding::Utf8),
                Action::ExportCp932 => Some(Encoding::Cp932),
                _ => None,
            };
            report.view = View::List;
            if let Some(encoding) = encoding {
                report.exporting = true;
                let query = CardReportQuery {
                    before: None,
                    ..report.asked.clone()
                };
                state.note = Some(Note::plain(Text::Exporting));
                out.push(Effect::Export(ExportRequest { query, encoding }));
            }
        }
    }
}

fn act_on_list(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let limit = rows_on(state.size);
    let Screen::CardReport(report) = &mut state.screen else {
        return;
    };
    let last = report.rows().len().saturating_sub(1);
    match action {
        Action::Up => report.selected = report.selected.saturating_sub(1),
        Action::Down => report.selected = (report.selected + 1).min(last),
        Action::PageDown => {
            let oldest = report.page.rows.last().map(|row| row.slip);
            report.before.push(report.asked.before);
            report.turn(oldest, limit, out);
        }
        Action::PageUp => {
            let before = report.before.pop().flatten();
            report.turn(before, limit, out);
        }
        Action::Choose => match report.reading {
            Reading::Read => report.open_marked(out),
            Reading::Asked => report.choose_when_read = true,
            Reading::Failed => {
                let again = report.asked.clone();
                state.note = None;
                report.ask(again, out);
            }
        },
        Action::Find => ask_what(state),
        Action::CardTotals => report.view = View::Totals { scroll: 0 },
        Action::ExportCsv => report.view = View::Export,
        Action::Back => {
            state.note = None;
            if state.owns_the_books() {
                state.open_register();
            } else {
                history::open(state, out);
            }
        }
        _ => {}
    }
}

fn ask_what(state: &mut State) {
    if let Screen::CardReport(report) = &mut state.screen {
        report.view = View::Filter(Box::new(Form::of(&report.filter)));
        state.note = None;
    }
}

fn act_on_form(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let today = state.settings.stamp(state.now).business_date;
    let Screen::CardReport(report) = &mut state.screen else {
        return;
    };
    let View::Filter(form) = &mut report.view else {
        return;
    };
    match action {
        Action::Up => form.up(),
        Action::Down => form.down(),
        Action::Choose if !form.is_at_end() => form.down(),
        Action::Choose | Action::ShowFiltered => match form.read(today) {
            Ok(filter) => {
                state.note = None;
                show(state, filter, out);
            }
            Err(text) => state.say(Note::warning(text)),
        },
        Action::Back => {
            report.view = View::List;
            state.note = None;
        }
        _ => {}
    }
}

/// A page was read. One that was asked for before the last one is not what anybody looks for any more.
pub(crate) fn found(state: &mut State, page: CardReportPage, out: &mut Vec<Effect>) {
    let behind = matches!(state.screen, Screen::Receipt(_));
    let Some(report) = read_for(state).filter(|report| report.asked == page.query) else {
        return;
    };
    report.reading = Reading::Read;
    report.page = page;
    report.selected = report.selected.min(report.rows().len().saturating_sub(1));
    let choose = std::mem::take(&mut report.choose_when_read);
    if choose && !behind {
        report.open_marked(out);
    }
}

/// The books did not answer.
pub(crate) fn failed(state: &mut State, query: &CardReportQuery) {
    if let Some(report) = read_for(state).filter(|report| report.asked == *query) {
        report.reading = Reading::Failed;
        report.choose_when_read = false;
        report.page = CardReportPage::default();
    }
}

/// A file was written, or was not. It is said where nothing else is being said.
pub(crate) fn exported(state: &mut State, exported: Result<Exported, ExportTrouble>) {
    let here = read_for(state).map(|report| report.exporting = false);
    if here.is_none() && state.note.is_some() {
        return;
    }
    let note = match exported {
        Ok(done) if done.replaced > 0 => Note::warning(Text::ExportedReplaced)
            .with("path", Value::Word(done.path))
            .with("count", Value::Number(done.rows))
            .with("number", Value::Number(done.replaced)),
        Ok(done) => Note::plain(Text::ExportedFile)
            .with("path", Value::Word(done.path))
            .with("count", Value::Number(done.rows)),
        Err(ExportTrouble::DiskFull) => Note::alarm(Text::ExportDiskFull),
        Err(ExportTrouble::NotWritten(detail)) => {
            Note::alarm(Text::ExportNotWritten).with("detail", Value::Word(detail))
        }
        Err(ExportTrouble::Books(trouble)) => startup::trouble_note(&trouble, None),
    };
    state.say(note);
}
