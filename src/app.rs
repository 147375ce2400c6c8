//! The console as a state machine: `State`, and `update`, the only function that changes it.
//!
//! Every input comes through one inbox as a [`Message`]; whatever is to be done outside leaves as an [`Effect`].
//! Nothing here asks what time it is: [`Now`] comes with each message.

use std::collections::BTreeMap;

pub mod action;
pub mod bill;
pub mod by_hand;
pub mod card_report;
pub mod card_select;
pub mod charge;
pub mod checkout;
pub mod daily_log;
pub mod field;
pub mod history;
pub mod input;
pub mod items;
pub mod key;
pub mod key_check;
pub mod keymap;
pub mod link_pane;
pub mod link_setup;
pub mod message;
pub mod note;
pub mod operator;
pub mod outcome;
pub mod part_paid;
pub mod popup;
pub mod printing;
pub mod progress;
pub mod receipt;
pub mod reflection;
pub mod register;
pub mod scan;
pub mod settings;
pub mod startup;
pub mod tasks;
pub mod undo;
pub mod unknown;
pub mod unresolved;
pub mod wizard;
pub mod worklist;

use crate::domain::business_day::BusinessDate;
use crate::domain::ledger::{CatId, Entry};
use crate::domain::money::Yen;
use crate::domain::record::SaleRecord;
use crate::domain::sale::{Line, Operator, SaleKind};
use crate::domain::slip::SlipNumber;
use crate::teeth::{self, Tooth};
use key::KeyPress;
use keymap::Place;
use link_pane::Cat;
use message::{DayCount, Effect, Message, Now, StoreRequest, StoreTrouble, Stored};
use note::Note;
use popup::Popup;
use settings::{Access, Settings};

/// The console.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// What it was told at its start.
    pub settings: Settings,
    /// The time of the newest message.
    pub now: Now,
    /// Columns and rows of the screen.
    pub size: (u16, u16),
    /// What is on the screen.
    pub screen: Screen,
    /// What lies over it, the topmost last.
    pub popups: Vec<Popup>,
    /// The bill being rung up.
    pub basket: Basket,
    /// The terminals.
    pub cats: BTreeMap<CatId, Cat>,
    /// Sales without an outcome, oldest first.
    pub open: Vec<SaleRecord>,
    /// What is not finished besides: work by hand, bills paid in part, corrections.
    pub tasks: tasks::Tasks,
    /// 担当者: who is at the counter.
    pub operator: Operator,
    /// Settled sales of the business day.
    pub today: DayCount,
    /// The sentence at the foot of the screen.
    pub note: Option<Note>,
    /// Why the books take nothing, where they do not.
    pub trouble: Option<StoreTrouble>,
    /// What the keys pressed last may still become.
    pub typing: input::Typing,
    /// What waits for the printer.
    pub printing: printing::Printing,
    /// What is being told the receipt computer.
    pub reflection: reflection::Reflecting,
    /// What the screens ask the receipt computer, and whether its patients are shown.
    pub bills: bill::Billing,
    /// The catalogue: what was asked of it, and a file being taken in.
    pub catalogue: items::Catalogue,
    /// Set once the console is leaving.
    pub leaving: Option<Leaving>,
}

/// Why a console leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// The operator asked.
    Asked,
    /// The window was closed, or the system asked.
    HungUp,
}

/// The bill being rung up; it lives until it is paid or thrown away.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Basket {
    /// Its lines.
    pub lines: Vec<Line>,
    /// The first slip of this checkout, where an attempt to pay it already failed, or a part of it is paid.
    pub order: Option<SlipNumber>,
    /// True once 担当者入力 was answered for it.
    pub operator_asked: bool,
    /// 併用払い: the parts that are paid, oldest first. From the first on the lines stand as they are.
    pub parts: Vec<SaleRecord>,
    /// 差額: what this corrected bill stands for.
    pub replaces: Option<Replaced>,
    /// The sales that the books were asked to open and told as failed. One that is asked for again is asked for as the same one.
    pub doubted: Vec<StoreRequest>,
    /// The bill in it that was not rung up here; its lines come first.
    pub bill: Option<Box<bill::InBasket>>,
}

/// What a corrected bill stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// The slip that took the old bill back.
    pub slip: SlipNumber,
    /// What went back with it, where that is at hand.
    pub given_back: Option<Yen>,
}

/// What is on the screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Screen {
    /// Reading the books after the start; what is typed meanwhile waits.
    Opening(Vec<KeyPress>),
    /// 売上入力.
    Register(register::Register),
    /// 会計.
    Checkout(checkout::Checkout),
    /// クレジット利用.
    CardSelect(card_select::CardSelect),
    /// 端末での手動操作.
    ByHand(Box<by_hand::ByHand>),
    /// CAT端末連動中.
    Charging(Box<charge::Charge>),
    /// A sale is done: 承認, or cash.
    Done(outcome::Done),
    /// 請求なし.
    NotCharged(outcome::NotChargedScreen),
    /// 不明.
    Unknown(Box<unknown::Unknown>),
    /// 請求の確認.
    Scan(Box<scan::ScanScreen>),
    /// 品目.
    Items(Box<items::ItemsScreen>),
    /// 取込.
    Import(items::import::ImportScreen),
    /// 履歴.
    History(history::History),
    /// クレジット利用履歴.
    CardReport(Box<card_report::CardReport>),
    /// One slip.
    Receipt(receipt::Receipt),
    /// 取消・返品.
    Undo(Box<undo::Undo>),
    /// 未解決の取引.
    Unresolved(unresolved::Unresolved),
    /// キー確認.
    KeyCheck(key_check::KeyCheck),
    /// 端末接続.
    LinkSetup(Box<link_setup::LinkSetup>),
    /// プリンター.
    Printer(printing::PrinterScreen),
    /// 手動操作.
    Wizard(Box<wizard::Wizard>),
    /// 未反映.
    Unreflected(reflection::Queue),
    /// 会計待ち.
    Worklist(Box<worklist::Worklist>),
    /// 請求.
    Bill(Box<bill::BillScreen>),
}

/// The one function that changes the state. What it returns is to be done, in that order.
pub fn update(state: &mut State, now: Now, message: Message) -> Vec<Effect> {
    let mut out = Vec::new();
    state.take_time(now, &mut out);
    match message {
        Message::Input(input) => input::take(state, input, &mut out),
        Message::TimeReached => state.time_reached(&mut out),
        Message::Resized(columns, rows) => {
            state.size = (columns, rows);
            out.push(Effect::Redraw);
        }
        Message::Link(cat, event) => link_pane::take(state, cat, event, &mut out),
        Message::Stored(stored) => state.take_stored(stored, &mut out),
        Message::LinkSetup(event) => link_setup::take(state, event, &mut out),
        Message::Scanner(event) => scan::scanner(state, event),
        Message::Printer(event) => printing::take(state, event, &mut out),
        Message::Goods(event) => items::import::take(state, event),
        Message::Exported(file) => card_report::exported(state, file),
        Message::Orca(event) => {
            reflection::take(state, &event, &mut out);
            bill::take(state, &event, &mut out);
        }
        Message::KeySaved(saved) => key_check::saved(state, saved),
        // The sent mark is in the books before the first byte, so nothing is left to save here.
        Message::Hangup => state.leave(Leaving::HungUp, &mut out),
    }
    reflection::pump(state, &mut out);
    startup::ask_as_before(state, &mut out);
    tasks::note_asked(state, &out);
    out
}

impl State {
    /// A console that was told its settings; [`State::start`] sets it going.
    pub fn new(settings: Settings, now: Now, size: (u16, u16)) -> State {
        let cats = settings
            .cats
            .iter()
            .map(|(id, setting)| (*id, Cat::new(setting)))
            .collect();
        let operator = settings.operator.clone();
        let bills = bill::Billing::new(settings.orca.hide_names);
        State {
            settings,
            now,
            size,
            screen: Screen::Opening(Vec::new()),
            popups: Vec::new(),
            basket: Basket::default(),
            cats,
            open: Vec::new(),
            tasks: tasks::Tasks::default(),
            operator,
            today: DayCount::default(),
            note: None,
            trouble: None,
            typing: input::Typing::default(),
            printing: printing::Printing::default(),
            reflection: reflection::Reflecting::default(),
            bills,
            catalogue: items::Catalogue::default(),
            leaving: None,
        }
    }

    /// Where the keys go.
    pub fn place(&self) -> Place {
        self.place_below(0)
    }

    /// Where the keys went before the topmost so many popups were opened.
    pub fn place_below(&self, popups: usize) -> Place {
        if let Some(popup) = self.popups.iter().rev().nth(popups) {
            return popup.place();
        }
        match &self.screen {
            Screen::Opening(_) | Screen::Register(_) => Place::Register,
            Screen::Checkout(_) => Place::Checkout,
            Screen::CardSelect(_) => Place::CardSelect,
            Screen::ByHand(_) => Place::ByHand,
            Screen::Charging(_) => Place::Charging,
            Screen::Done(_) => Place::Done,
            Screen::NotCharged(screen) if screen.record.sale.kind != SaleKind::Sale => {
                Place::NotUndone
            }
            Screen::NotCharged(_) => Place::NotCharged,
            Screen::Unknown(_) => Place::Unknown,
            Screen::Scan(bill) => bill.place(),
            Screen::Items(_) => Place::Items,
            Screen::Import(_) => items::import::place(&self.catalogue.import),
            Screen::History(_) => Place::History,
            Screen::CardReport(report) => report.place(),
            Screen::Receipt(_) => Place::Receipt,
            Screen::Undo(_) => Place::Undo,
            Screen::Unresolved(_) => Place::Unresolved,
            Screen::KeyCheck(_) => Place::KeyCheck,
            Screen::LinkSetup(setup) => setup.place(),
            Screen::Printer(_) => Place::Printer,
            Screen::Wizard(wizard) => Place::Wizard(wizard.page()),
            Screen::Unreflected(_) => Place::Unreflected,
            Screen::Worklist(_) => Place::Worklist,
            Screen::Bill(_) => Place::Bill,
        }
    }

    /// When `TimeReached` is wanted, in `mono_ms`; `None` lets the console sleep until something happens.
    pub fn deadline(&self) -> Option<u64> {
        let screen = match &self.screen {
            Screen::Charging(charge) => charge.deadline(self),
            Screen::Unknown(unknown) => unknown.deadline(self.now.mono_ms),
            Screen::Undo(undo) => undo.deadline(self.now.mono_ms),
            Screen::Wizard(wizard) => wizard.deadline(self.now.mono_ms),
            _ => None,
        };
        let held = self.typing.held.map(|held| held.until_ms);
        link_pane::deadline(self)
            .into_iter()
            .chain(screen)
            .chain(self.typing.escape_until)
            .chain(held)
            .chain(self.printing.deadline())
            .chain(reflection::deadline(self))
            .chain(self.day_turns())
            .min()
    }

    /// When the figures of the day are yesterday's, in `mono_ms`.
    fn day_turns(&self) -> Option<u64> {
        let left = BusinessDate::left(self.now.wall, self.settings.shop.day_boundary);
        // A part of a millisecond is waited for whole.
        let left = u64::try_from(left.num_milliseconds()).ok()?.max(1);
        self.now.mono_ms.checked_add(left)
    }

    /// True where this console may write.
    pub fn owns_the_books(&self) -> bool {
        self.settings.access == Access::Owner
    }

    /// True from the sent mark to the outcome: nobody may just walk away.
    pub fn money_at_risk(&self) -> bool {
        match &self.screen {
            Screen::Charging(charge) => charge.money_at_risk(),
            _ => false,
        }
    }

    fn take_time(&mut self, now: Now, out: &mut Vec<Effect>) {
        let back = self.now.wall - now.wall;
        if back > chrono::Duration::minutes(2) && self.owns_the_books() {
            startup::audit_clock(self, now, back, out);
        }
        let before = self.settings.stamp(self.now).business_date;
        self.now = now;
        let turned = self.settings.stamp(now).business_date != before;
        if turned && !teeth::bites(Tooth::DayDoesNotTurn) {
            startup::day_turned(self, out);
        }
    }

    fn time_reached(&mut self, out: &mut Vec<Effect>) {
        if self
            .typing
            .escape_until
            .is_some_and(|until| until <= self.now.mono_ms)
        {
            input::escape_alone(self, out);
        }
        input::time_reached(self, out);
        link_pane::time_reached(self, out);
        charge::time_reached(self, out);
        unknown::time_reached(self, out);
        printing::time_reached(self, out);
    }

    fn take_stored(&mut self, stored: Stored, out: &mut Vec<Effect>) {
        if let Stored::Sold(_) | Stored::Pended { .. } | Stored::ByHandBegun(_) = &stored {
            self.basket.doubted.clear();
        }
        match stored {
            Stored::Opened {
                unresolved,
                unshown,
                today,
                terminals,
                sent,
            } => {
                link_pane::another::read(self, terminals, out);
                if self.owns_the_books() {
                    startup::sent_before(self, &sent, out);
                }
                startup::opened(self, unresolved, unshown, today, out);
            }
            Stored::Undoable(sale) => undo::read(self, sale, out),
            Stored::CardReport(page) => card_report::found(self, page, out),
            Stored::Items(answer) => items::answered(self, answer, out),
            Stored::ByHandBegun(record) => wizard::begun(self, *record, out),
            Stored::PaidBills { patient, paid, .. } => {
                bill::paid_bills(self, patient.as_ref(), paid, out);
            }
            Stored::Tasks(tasks) => tasks::take(self, tasks, out),
            Stored::Sold(record) => {
                if tasks::has_more(&record.sale) {
                    tasks::ask(out);
                }
                outcome::sold(self, *record, out);
            }
            Stored::Pended {
                slip,
                sequence_number,
            } => charge::pended(self, slip, sequence_number, out),
            Stored::Written(entry) => {
                self.trouble = None;
                self.take_written(&entry, out);
            }
            Stored::History(page) => {
                if !wizard::looked_up(self, &page, out) {
                    history::found(self, page, out);
                }
            }
            Stored::BillTaken {
                code,
                date,
                earlier,
            } => {
                scan::looked_up(self, (&code, date), earlier, out);
            }
            Stored::Paper { slip, facts } => printing::facts(self, slip, facts, out),
            Stored::Unprinted(papers) => printing::unprinted(self, &papers),
            Stored::Found(record) => {
                let waited = unknown::found(self, record.as_deref(), out)
                    || wizard::found(self, record.as_deref())
                    || part_paid::read(self, record.as_deref());
                if !waited {
                    receipt::found(self, record.map(|record| *record), out);
                }
            }
            Stored::Day { date, count } => startup::day_counted(self, date, count),
            Stored::Failed { request, trouble } => startup::failed(self, *request, trouble, out),
        }
    }

    fn take_written(&mut self, entry: &Entry, out: &mut Vec<Effect>) {
        let asks = tasks::may_change(self, entry);
        tasks::note_entry(self, entry);
        reflection::written(self, entry, out);
        if let Entry::Reissued { slip, .. } = entry {
            printing::reissued(self, *slip, out);
        }
        let taken = charge::written(self, entry, out) || unknown::written(self, entry, out);
        if !wizard::written(self, entry, out) && !taken {
            receipt::written(self, entry);
            daily_log::written(self, entry);
            if link_pane::another::written(self, entry, out) {
                link_setup::confirmed(self);
            }
        }
        if asks {
            tasks::ask(out);
        }
    }

    /// Leave the console.
    pub(crate) fn leave(&mut self, why: Leaving, out: &mut Vec<Effect>) {
        self.leaving = Some(why);
        out.push(Effect::Quit);
    }

    /// Back to an empty or half-rung-up bill. One that is paid in part, or the corrected one of a
    /// 差額, is not rung up any more: it is paid or set aside.
    pub(crate) fn open_register(&mut self) {
        self.screen = if self.basket.parts.is_empty() && self.basket.replaces.is_none() {
            Screen::Register(register::Register::new())
        } else {
            Screen::Checkout(checkout::Checkout::new())
        };
    }

    /// Say a sentence at the foot of the screen.
    pub(crate) fn say(&mut self, note: Note) {
        self.note = Some(note);
    }
}
