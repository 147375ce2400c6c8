//! Everything a CAT (credit authorization terminal) says, in the words and numbers of UnifiedPOS. Pure: bytes and times come in as arguments.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::domain::ledger::TerminalFacts;
use crate::domain::money::Yen;
use crate::domain::slip::{JournalId, SequenceNumber, TerminalSlipNumber};
use crate::domain::tender::CardClass;

pub mod dialect;
pub mod examination;
pub mod frame;
pub mod model;
pub mod recovery;
pub mod session;
pub mod simulator;

/// TransactionType of UnifiedPOS, with its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransactionType {
    /// CAT_TRANSACTION_SALES.
    Sales = 10,
    /// CAT_TRANSACTION_VOID 取消.
    Void = 20,
    /// CAT_TRANSACTION_REFUND 返品.
    Refund = 21,
}

/// accessDailyLog types of UnifiedPOS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DailyLogType {
    /// CAT_DL_REPORTING 中間計.
    Reporting = 1,
    /// CAT_DL_SETTLEMENT 日計.
    Settlement = 2,
}

/// What we ask of a terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Are you there, idle, in which mode? Moves no money.
    Status,
    /// authorizeSales, authorizeVoid or authorizeRefund. Moves money: sent once, never again.
    Authorize(Authorize),
    /// What became of this number? Moves no money. Not part of UnifiedPOS, which has no such question.
    LastResult {
        /// The number asked about.
        sequence_number: SequenceNumber,
    },
    /// accessDailyLog. `Settlement` closes the terminal's day.
    AccessDailyLog {
        /// Our number for this request.
        sequence_number: SequenceNumber,
        /// 中間計 or 日計.
        log: DailyLogType,
    },
    /// Every transaction in the terminal's memory, one by one. Moves no money. Not part of UnifiedPOS.
    Transactions,
    /// Leave the link and work alone (単独運用). Only at the terminal itself can it be put back.
    Standalone,
}

/// The arguments of authorizeSales, authorizeVoid and authorizeRefund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorize {
    /// Which of the three.
    pub transaction: TransactionType,
    /// Our number; the answer must echo it.
    pub sequence_number: SequenceNumber,
    /// Whole yen, above zero. (UnifiedPOS' own amounts have four implied decimals; ours have none.)
    pub amount: Yen,
    /// taxOthers: other charges, whole yen.
    pub tax_others: Yen,
    /// Which card the customer will present.
    pub card_class: CardClass,
    /// CATデバイスID, for models that ask for one.
    pub device_id: Option<String>,
    /// TrainingMode: the terminal charges nothing.
    pub training: bool,
    /// The slip a void or refund speaks of.
    pub original_slip: Option<TerminalSlipNumber>,
}

impl Command {
    /// True where sending it twice could charge or close twice.
    pub const fn moves_money(&self) -> bool {
        match self {
            Command::Authorize(_) => true,
            Command::AccessDailyLog { log, .. } => matches!(log, DailyLogType::Settlement),
            Command::Status
            | Command::LastResult { .. }
            | Command::Transactions
            | Command::Standalone => false,
        }
    }
}

/// What a terminal answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// To `Status`.
    Status(TerminalStatus),
    /// To `Authorize`.
    Result(TransactionResult),
    /// To `LastResult`.
    LastResult {
        /// The number that was asked about, echoed; `None` where the terminal does not say. A late "not found" about another number must
        /// never be taken for an answer about this one.
        #[serde(default)]
        asked_number: Option<SequenceNumber>,
        /// What the terminal knows.
        inquiry: Inquiry,
        /// The memory it looked in.
        journal: Option<JournalId>,
        /// Its own identity, where it found nothing and says it all the same. A result says it itself.
        #[serde(default)]
        terminal_id: Option<String>,
    },
    /// To `AccessDailyLog`.
    DailyLog {
        /// Our number, echoed; `None` where the terminal does not say.
        sequence_number: Option<SequenceNumber>,
        /// The records, as the terminal gave them; empty where it gave totals only.
        log: String,
        /// Its own sums, where it gave them.
        totals: Option<LogTotals>,
    },
    /// To `Transactions`: all of them, in the terminal's order. A sale that was taken back may stand there twice, once above and once
    /// below zero.
    Transactions {
        /// One a transaction.
        records: Vec<ListedTransaction>,
    },
    /// To `Standalone`: it is off the link now.
    Standalone,
}

impl Answer {
    /// The terminal's own identity, where it says it.
    pub fn terminal_id(&self) -> Option<&str> {
        match self {
            Answer::Status(status) => status.terminal_id.as_deref(),
            Answer::Result(result)
            | Answer::LastResult {
                inquiry: Inquiry::Found(result),
                ..
            } => result.facts.terminal_id.as_deref(),
            Answer::LastResult { terminal_id, .. } => terminal_id.as_deref(),
            Answer::DailyLog { .. } | Answer::Transactions { .. } | Answer::Standalone => None,
        }
    }
}

/// What a daily log adds up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogTotals {
    /// How many transactions.
    pub count: u32,
    /// Their sum, whole yen.
    pub amount: Yen,
}

/// One line of a terminal's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedTransaction {
    /// The number it was asked by; `None` where the terminal gave none.
    pub sequence_number: Option<SequenceNumber>,
    /// Whole yen; below zero where it takes a sale back.
    pub amount: Yen,
    /// Slip number, approval code and the rest.
    pub facts: TerminalFacts,
}

/// A terminal's state, in answer to `Status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminalStatus {
    /// What it is doing.
    pub state: TerminalState,
    /// True in training mode, where the terminal says so.
    pub training: Option<bool>,
    /// Its memory's name.
    pub journal: Option<JournalId>,
    /// Its own identity.
    pub terminal_id: Option<String>,
}

/// What a terminal is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TerminalState {
    /// Waiting for us.
    Idle,
    /// In the middle of something.
    Busy,
    /// Taken off the link by staff (POS非連動).
    Standalone,
}

/// How one transaction ended, as the terminal tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionResult {
    /// Which kind it was.
    pub transaction: TransactionType,
    /// The number it echoes; `None` where the terminal gave none.
    pub sequence_number: Option<SequenceNumber>,
    /// The amount it echoes, whole yen; `None` where the terminal gave none.
    pub amount: Option<Yen>,
    /// TrainingMode it ran in; `None` where the terminal does not say.
    pub training: Option<bool>,
    /// The slip that a void or refund took back, where the terminal names it. Some name it in place of our number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_slip: Option<TerminalSlipNumber>,
    /// The outcome.
    pub code: ResultCode,
    /// Slip number, approval code and the rest.
    pub facts: TerminalFacts,
    /// True where the answer carried more of an account number than may be kept (it was masked on the way in).
    pub account_was_exposed: bool,
}

/// The outcome of a transaction in the classes of UnifiedPOS (ResultCodeExtended where there is one).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ResultCode {
    /// Success.
    Approved,
    /// ECAT_CENTERERROR 1: refused at the centre or by the card.
    CenterError {
        /// CenterResultCode.
        center_result_code: Option<String>,
    },
    /// E_BUSY 113: in the middle of something else.
    Busy,
    /// The terminal is off the link (POS非連動).
    Standalone,
    /// ECAT_COMMANDERROR 90: the terminal got a command it does not take.
    CommandError,
    /// ECAT_RESET 91, as an answer to our number: stopped with the terminal's stop key, nothing charged.
    Stopped,
    /// A reset in the middle: the terminal does not know.
    Reset,
    /// ECAT_COMMUNICATIONERROR 92: broken between terminal and centre.
    CommunicationError,
    /// ECAT_DAILYLOGOVERFLOW 200: the daily log must be closed first.
    DailyLogOverflow,
    /// ECAT_DEFICIENT 201: balance short.
    Deficient,
}

/// What a terminal knows of a number.
#[expect(
    clippy::large_enum_variant,
    reason = "one answer is alive at a time; a box would only add a hop"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "inquiry", rename_all = "snake_case")]
pub enum Inquiry {
    /// Here it is (for a terminal that keeps one only: its last, whatever was asked).
    Found(TransactionResult),
    /// Still running.
    InProgress,
    /// Not in its memory.
    NotFound,
}

/// Where the customer is at the terminal, as far as the dialect tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Waiting for the card or the touch カード待ち.
    WaitingForCard,
    /// The card itself is chosen on the terminal 支払方法の選択.
    ChoosingCard,
    /// 暗証番号.
    Pin,
    /// 支払回数.
    PaymentCount,
    /// センター通信.
    Centre,
    /// 売上票の印字.
    Printing,
}

/// How far a request got before its exchange broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exposure {
    /// No byte of it left: the terminal cannot have it.
    Nothing,
    /// Some bytes left, and no acknowledgement came: the terminal may have it.
    Some,
    /// The terminal acknowledged it.
    Delivered,
}

/// How an exchange broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Break {
    /// The port cannot be opened, or nothing answers the call.
    Unreachable,
    /// Another program or another console has the port or the terminal's one connection.
    PortTaken,
    /// The terminal takes one connection, and still holds the one that this console gave back.
    StillHeld,
    /// An answer to something sent before may still come, and would be taken for this one's.
    Owed {
        /// How long it may still come (ms).
        wait_ms: u64,
    },
    /// The line went away.
    Disconnected,
    /// The call was answered, the block was not.
    NoAcknowledgement,
    /// NAK up to the limit.
    Refused,
    /// No answer within the time.
    NoAnswer,
    /// Blocks that fail their check up to the limit, or text that is no message of the dialect.
    Garbled,
    /// The terminal gave up (EOT) in the middle.
    PeerGaveUp,
    /// Speaks, but not this dialect: wrong device or wrong speed.
    NotACat,
}

/// What the link reports while it works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum LinkEvent {
    /// The port is open.
    Up,
    /// The port is gone, or cannot be opened.
    Down {
        /// How.
        cause: Break,
        /// The system's own words, for the diagnostic log and the pane's detail.
        detail: String,
    },
    /// Something well-formed came from the terminal: it is alive.
    Alive,
    /// The terminal acknowledged our request.
    Delivered,
    /// The customer is there now.
    Phase {
        /// Where.
        phase: Phase,
    },
    /// The terminal's own words on where the customer is, where its dialect has words instead of phases.
    Display {
        /// Printable, short.
        text: String,
    },
    /// A whole answer to what was asked, its check good. Not acknowledged yet: the link waits for `Acknowledge`, which comes after the books are written.
    Answer {
        /// The answer.
        answer: Answer,
    },
    /// A whole result that nobody asked for: late, doubled, or another sale's. Kept apart, never booked.
    Unasked {
        /// The answer.
        answer: Answer,
    },
    /// The request ended without an answer.
    Broken {
        /// How far it got.
        exposure: Exposure,
        /// How it broke.
        cause: Break,
    },
    /// The request, its answer and our acknowledgement are done; the line is idle.
    Idle,
}

/// The terminal's clock is compared with ours in its own local time.
pub type TerminalTime = NaiveDateTime;
