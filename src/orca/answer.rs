//! What the receipt computer says.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use super::call::Session;
use crate::domain::bill::{Bill, Invoice, InvoiceNumber, Patient, PatientNumber};
use crate::domain::money::Yen;

/// What it says to a [`Call`](super::call::Call).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// To `Ping`.
    Pong,
    /// To `Worklist`, in the order of their visit.
    Worklist(Vec<Waiting>),
    /// To `Bill`.
    Bill(Box<Bill>),
    /// To `Patient`.
    Patient(Patient),
    /// To `TenderCodes`.
    TenderCodes(Vec<TenderCode>),
    /// To `Open`: the patient is held.
    Opened {
        /// The session; to be finished.
        session: Session,
        /// The invoice as it stands.
        standing: Standing,
    },
    /// To `Pay` and `PayBack`: done; the invoice as it stands now.
    Written(Standing),
    /// To `Reissue`: it was given to its printer.
    Reissued,
    /// To `Finish`.
    Finished,
    /// To `Locks`.
    Locks(Vec<Lock>),
    /// To `Release`.
    Released,
}

/// One patient of the day's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Who.
    pub patient: Patient,
    /// 受付時間.
    pub accepted: Option<NaiveTime>,
    /// 診療科.
    pub department: String,
    /// ドクター.
    pub physician: String,
}

/// One invoice with its history, as `incomev3` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The invoice.
    pub invoice: Invoice,
    /// Oldest first.
    pub history: Vec<HistoryRow>,
}

/// One row of an invoice's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRow {
    /// History_Number, from 1.
    pub number: u16,
    /// 処理日.
    pub date: Option<NaiveDate>,
    /// 処理時間, to the minute.
    pub time: Option<NaiveTime>,
    /// What was received with it; below zero where it went back.
    pub received: Yen,
    /// 入金方法.
    pub tender_code: Option<String>,
    /// State: 1 請求, 2 入金, 3 再計算, 4 返金, 5 請求取消, 6 入金取消, 7 継続, 8 診療訂正, 9 請求.
    pub state: Option<u8>,
}

/// One of the receipt computer's 入金方法.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenderCode {
    /// Ic_Code.
    pub code: String,
    /// Its name there.
    pub name: String,
}

/// Who holds whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// The session that holds.
    pub session: Session,
    /// 職員.
    pub operator: String,
    /// 端末.
    pub terminal: String,
    /// Who is held.
    pub patient: Option<PatientNumber>,
    /// His name.
    pub name: String,
    /// Since when.
    pub since: Option<DateTime<FixedOffset>>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "failure", rename_all = "snake_case")]
pub enum Failure {
    /// It could not be reached: nothing of the call left, in the system's words.
    Unreachable(String),
    /// The call left and no whole answer came: a call that writes may have been carried out.
    Lost(String),
    /// It does not let us in: user, password, API key or client certificate (HTTP 401, 403, or a refused handshake).
    Denied(String),
    /// The client certificate, its password or a root certificate is no good; nothing left.
    Certificate(String),
    /// It is a web server, and no receipt computer (another HTTP status, or a body that is neither JSON nor XML of its sort).
    Foreign(String),
    /// It answered something that cannot be understood: a call that writes may have been carried out.
    Unreadable(String),
    /// It says no.
    Refused(Refusal),
}

/// The receipt computer's no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// `Api_Result`, as it came: `E0107`, `E1038`, `13` …
    pub code: String,
    /// `Api_Result_Message`.
    pub message: String,
    /// The session it came with all the same; to be finished.
    pub session: Option<Session>,
}

impl Failure {
    /// True where a call that writes may have been carried out.
    pub const fn may_be_done(&self) -> bool {
        matches!(self, Failure::Lost(_) | Failure::Unreadable(_))
    }
}

/// What it tells by itself (PUSH).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "news", rename_all = "snake_case")]
pub enum News {
    /// The channel is open: whatever was told before may have been missed.
    Listening,
    /// The channel is gone, in the system's words.
    Deaf(String),
    /// `patient_account`: a bill was made, changed or taken away.
    Account {
        /// Whose.
        patient: PatientNumber,
        /// Which invoices.
        invoices: Vec<InvoiceNumber>,
        /// True where it was taken away.
        deleted: bool,
    },
    /// `patient_accept`: the day's list has changed.
    Accepted {
        /// Who.
        patient: PatientNumber,
    },
}
