//! The border of the console: every `Message` that comes in, every `Effect` that goes out. Plain data, both of them.

pub mod export;
pub mod items;
pub mod link_setup;
pub mod orca;
pub mod printing;

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::key::{Input, Key};
use crate::cat::{Command, LinkEvent};
use crate::domain::bill::{PaidBill, PatientNumber};
use crate::domain::business_day::BusinessDate;
use crate::domain::by_hand::{Place, Side, Why};
use crate::domain::identity::Identity;
use crate::domain::ledger::{CatId, Entry, Route, SaleState};
use crate::domain::money::Yen;
use crate::domain::paper::{SlipFacts, Unprinted};
use crate::domain::record::{SaleRecord, Stamp};
use crate::domain::sale::{Operator, SaleDraft, SaleKind};
use crate::domain::slip::{ApprovalCode, SequenceNumber, SlipNumber, TerminalSlipNumber};
use crate::domain::task::Task;
use crate::domain::tender::{CardClass, LinkKind};
use crate::domain::text::Bilingual;
use crate::domain::undo::Undoable;
use export::{ExportRequest, ExportTrouble, Exported};
use items::{GoodsEvent, GoodsRequest, ItemsAnswer, ItemsRequest};
use link_setup::{SetupEvent, SetupRequest};
use orca::{OrcaEvent, OrcaRequest};
use printing::{PrintRequest, PrinterEvent};

/// The time of a message. Durations are measured on `mono_ms`, which never goes back; people read `wall`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    /// Milliseconds of a clock that only goes forward, from an arbitrary start.
    pub mono_ms: u64,
    /// The wall clock with the shop's offset.
    pub wall: DateTime<FixedOffset>,
}

/// What comes in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// A person or a scanner.
    Input(Input),
    /// The moment that [`State::deadline`](super::State::deadline) named has come.
    TimeReached,
    /// The screen has this size now (columns, rows).
    Resized(u16, u16),
    /// A terminal, or the line to it.
    Link(CatId, LinkEvent),
    /// The books.
    Stored(Stored),
    /// What the link set-up screen asked for.
    LinkSetup(SetupEvent),
    /// The receipt printer.
    Printer(PrinterEvent),
    /// The serial bar code scanner.
    Scanner(ScannerEvent),
    /// A file was written, or was not.
    Exported(Result<Exported, ExportTrouble>),
    /// The reader of files of goods.
    Goods(GoodsEvent),
    /// The receipt computer.
    Orca(OrcaEvent),
    /// A key mapping was saved, or could not be (the system's words).
    KeySaved(Result<Key, String>),
    /// The window was closed, or the system asks us to end.
    Hangup,
}

/// How the serial bar code scanner is. What it reads comes as [`Input::Scan`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScannerEvent {
    /// Its port is gone (the system's words), and is tried again.
    Lost(String),
    /// Its port is there again.
    Back,
}

/// What goes out.
#[expect(
    clippy::large_enum_variant,
    reason = "one effect is alive at a time; a box would only add a hop"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// To the books; answered by exactly one [`Stored`].
    Store(StoreRequest),
    /// To a terminal's link.
    Link(CatId, LinkRequest),
    /// For the link set-up screen; each is answered by one [`SetupEvent`].
    LinkSetup(SetupRequest),
    /// To the receipt printer.
    Print(PrintRequest),
    /// Write a file; answered by one [`Message::Exported`].
    Export(ExportRequest),
    /// To the reader of files of goods; each says what it is answered by.
    Goods(GoodsRequest),
    /// To the receipt computer; answered by one [`OrcaEvent::Answered`].
    Orca(OrcaRequest),
    /// Remember that these bytes mean this key.
    SaveKey {
        /// As the terminal sends them.
        bytes: Vec<u8>,
        /// What they mean.
        key: Key,
    },
    /// Ring: once for approved, twice for not charged, three times for unknown.
    Bell(u8),
    /// Draw everything anew (after another program wrote on the screen).
    Redraw,
    /// Leave.
    Quit,
}

/// What is asked of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkRequest {
    /// Open the port if it is not open; answered by `Up` or `Down`.
    Connect,
    /// Before this console an amount was sent there, so long ago (ms). Answered by nothing.
    SentBefore {
        /// How long ago.
        ago_ms: u64,
    },
    /// Send a command, once. Answered by `Answer` or `Broken`.
    Send(Command),
    /// The answer is in the books: let the terminal have its acknowledgement. Followed by `Idle`.
    Acknowledge,
    /// Stop waiting for an answer that will not be used any more. Never stops a sale at the terminal.
    Abandon,
}

/// What is asked of the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreRequest {
    /// What is open, and how the day stands; asked once at the start.
    Open {
        /// Today.
        stamp: Stamp,
    },
    /// Book a sale that no terminal takes part in, under a new slip number.
    Sell {
        /// When.
        stamp: Stamp,
        /// What.
        sale: SaleDraft,
    },
    /// Write a sale that is about to be sent, under a new slip number and sequence number.
    Pend {
        /// When.
        stamp: Stamp,
        /// What.
        sale: SaleDraft,
        /// To which terminal.
        route: Route,
    },
    /// Begin work at a terminal by hand, under a new slip number. Where the counter's side comes first, our slip is booked in the same commit.
    ByHand {
        /// When.
        stamp: Stamp,
        /// What will be booked.
        sale: SaleDraft,
        /// At which terminal.
        place: Place,
        /// Why by hand.
        why: Why,
        /// Which side comes first.
        first: Side,
        /// Who begins.
        operator: Operator,
    },
    /// Append an entry to a sale that exists (or an audit entry).
    Write {
        /// When.
        stamp: Stamp,
        /// What.
        entry: Entry,
    },
    /// A page of the history, newest first.
    History(HistoryQuery),
    /// One sale.
    Find(SlipNumber),
    /// How a business day stands; asked when the day turns.
    Day(BusinessDate),
    /// One sale, and what bears on taking it back.
    Undoable(SlipNumber),
    /// The newest sale of a day that pays the bill with this code, or may: not what failed, and not what was taken back whole.
    BillTaken {
        /// The code on the bill.
        code: String,
        /// The business day.
        date: BusinessDate,
    },
    /// Every open task, oldest first.
    Tasks,
    /// One sale, and all that a slip of it says.
    Paper(SlipNumber),
    /// What of a day was to be printed and was not.
    Unprinted {
        /// The day.
        date: BusinessDate,
        /// What was made or asked for before this was not to be printed.
        since: DateTime<FixedOffset>,
        /// Whether every slip was to be printed, or copies alone.
        slips: bool,
    },
    /// A page of クレジット利用履歴, newest first.
    CardReport(CardReportQuery),
    /// What was paid here of bills on a day, oldest first.
    PaidBills {
        /// The day.
        date: BusinessDate,
        /// Of one patient; of everybody where there is none.
        patient: Option<PatientNumber>,
    },
    /// 品目: the catalogue.
    Items(ItemsRequest),
}

/// What the books answer.
#[expect(
    clippy::large_enum_variant,
    reason = "one answer is alive at a time; a box would only add a hop"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stored {
    /// To `Open`.
    Opened {
        /// Every sale without an outcome, oldest first.
        unresolved: Vec<SaleRecord>,
        /// The newest sale whose outcome was never shown, where there is one.
        unshown: Option<Box<SaleRecord>>,
        /// Settled sales of the business day.
        today: DayCount,
        /// Which terminals stand at the ports, as far as they said so.
        terminals: BTreeMap<CatId, Identity>,
        /// When an amount was sent to each last, as far as one was.
        sent: BTreeMap<CatId, DateTime<FixedOffset>>,
    },
    /// To `Sell`: durable.
    Sold(Box<SaleRecord>),
    /// To `ByHand`: durable.
    ByHandBegun(Box<SaleRecord>),
    /// To `Pend`: durable.
    Pended {
        /// Our slip.
        slip: SlipNumber,
        /// Our number for the terminal.
        sequence_number: SequenceNumber,
    },
    /// To `Write`: durable.
    Written(Entry),
    /// To `History`.
    History(HistoryPage),
    /// To `Find`.
    Found(Option<Box<SaleRecord>>),
    /// To `Day`.
    Day {
        /// Which.
        date: BusinessDate,
        /// Its settled sales.
        count: DayCount,
    },
    /// To `Undoable`.
    Undoable(Option<Box<Undoable>>),
    /// To `BillTaken`.
    BillTaken {
        /// What was asked for.
        code: String,
        /// The business day.
        date: BusinessDate,
        /// The sale, where there is one.
        earlier: Option<Box<SaleRecord>>,
    },
    /// To `Tasks`.
    Tasks(Vec<Task>),
    /// To `Paper`.
    Paper {
        /// What was asked for.
        slip: SlipNumber,
        /// The sale, where there is one.
        facts: Option<Box<SlipFacts>>,
    },
    /// To `Unprinted`, oldest first.
    Unprinted(Vec<Unprinted>),
    /// To `CardReport`.
    CardReport(CardReportPage),
    /// To `PaidBills`.
    PaidBills {
        /// The day that was asked for.
        date: BusinessDate,
        /// Whose were asked for.
        patient: Option<PatientNumber>,
        /// Oldest first.
        paid: Vec<PaidBill>,
    },
    /// To `Items`.
    Items(ItemsAnswer),
    /// It was not done, as far as the books know. An outcome may be asked for again: if it is there after all, it counts as written.
    Failed {
        /// What was asked.
        request: Box<StoreRequest>,
        /// Why not.
        trouble: StoreTrouble,
    },
}

/// Why the books did not take something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreTrouble {
    /// The disk is full.
    DiskFull,
    /// The file or its folder cannot be written.
    ReadOnly,
    /// Another program holds the file.
    Locked,
    /// The disk reported an error; no more money is taken until a restart has checked the file.
    Disk(String),
    /// The entry may not follow what is there, or the number ranges are used up.
    Refused(String),
    /// Opened for reading only.
    Viewer,
}

/// How many settled sales a day has, and their sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DayCount {
    /// Settled sales.
    pub sales: u32,
    /// Their sum.
    pub total: Yen,
}

/// What to look for in the history. All that is set must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HistoryQuery {
    /// Only sales older than this slip (the next page).
    pub before: Option<SlipNumber>,
    /// Digits: our slip number, the amount, the sequence number, or the terminal's slip number.
    pub number: Option<String>,
    /// A business day.
    pub date: Option<BusinessDate>,
    /// Part of a card company's or a card class's name, in either language.
    pub card: Option<String>,
    /// How many rows, at most.
    pub limit: u16,
}

/// A page of the history.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HistoryPage {
    /// What was asked.
    pub query: HistoryQuery,
    /// Newest first.
    pub rows: Vec<HistoryRow>,
    /// True where older rows follow.
    pub more: bool,
}

/// One row of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRow {
    /// Our slip.
    pub slip: SlipNumber,
    /// When and on which business day.
    pub stamp: Stamp,
    /// 売上, 取消, 返品.
    pub kind: SaleKind,
    /// Where it stands.
    pub state: SaleState,
    /// The sum of its tenders.
    pub total: Yen,
    /// The card part, where there is one.
    pub card: Option<HistoryCard>,
    /// Of a sale: what was taken back of it and is settled.
    pub taken_back: Yen,
}

/// The card part of a history row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryCard {
    /// Card company.
    pub name: Bilingual,
    /// カード区分名.
    pub class_name: Bilingual,
    /// Linked, manual, none.
    pub link: LinkKind,
    /// Our number.
    pub sequence_number: Option<SequenceNumber>,
    /// The terminal's slip, once known.
    pub terminal_slip: Option<TerminalSlipNumber>,
}

/// What to show of クレジット利用履歴. All that is set must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CardReportQuery {
    /// Only movements after this one in the list (the next page): the last slip of the page before.
    pub before: Option<SlipNumber>,
    /// The first business day.
    pub from: Option<BusinessDate>,
    /// The last business day.
    pub to: Option<BusinessDate>,
    /// カード区分 that was asked for.
    pub card_class: Option<CardClass>,
    /// Linked or by hand.
    pub link: Option<LinkKind>,
    /// 売上, 取消 or 返品.
    pub kind: Option<SaleKind>,
    /// 担当者コード: who rang it up, however it is written.
    pub operator: Option<String>,
    /// How many rows, at most.
    pub limit: u16,
}

/// A page of クレジット利用履歴.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CardReportPage {
    /// What was asked.
    pub query: CardReportQuery,
    /// Newest business day first, then newest slip.
    pub rows: Vec<CardMovement>,
    /// True where older rows follow.
    pub more: bool,
    /// Everything that the query finds, on all pages, by card class and by the class that was really used.
    pub totals: Vec<CardTotal>,
    /// What the query would find if its outcome were known, oldest first; on no page and in no total.
    pub open: Vec<OpenMovement>,
}

/// A card sale, 取消 or 返品 whose outcome is not in the books: it may have moved money, or may not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenMovement {
    /// Where it stands.
    pub state: SaleState,
    /// What it will be, once it is settled.
    pub movement: CardMovement,
}

/// What moved on a card: a settled sale, 取消 or 返品.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardMovement {
    /// Our slip.
    pub slip: SlipNumber,
    /// When it was rung up, and on which business day.
    pub stamp: Stamp,
    /// 売上, 取消, 返品.
    pub kind: SaleKind,
    /// The slip that is taken back.
    pub original: Option<SlipNumber>,
    /// What went over the card; below zero where it went back.
    pub amount: Yen,
    /// カード区分 that was asked for.
    pub card_class: CardClass,
    /// Which class it was in the end, where the terminal said so: 3, 4 or 5 of 三面待ち.
    pub class_used: Option<CardClass>,
    /// 承認番号.
    pub approval_code: Option<ApprovalCode>,
    /// 担当者コード.
    pub operator: String,
    /// Names, how it reached the terminal, and its numbers there.
    pub card: HistoryCard,
}

/// So many movements of one class, and their sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardTotal {
    /// カード区分 that was asked for.
    pub card_class: CardClass,
    /// Its newest name.
    pub class_name: Bilingual,
    /// Which class it was in the end, where the terminal said so.
    pub class_used: Option<CardClass>,
    /// How many movements.
    pub count: u32,
    /// Their sum; what went back is taken off.
    pub amount: Yen,
}
