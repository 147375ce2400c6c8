//! What the receipt computer is asked. One call is one HTTP request, and is answered once.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::domain::bill::{InOut, InvoiceNumber, PatientNumber};
use crate::domain::money::Yen;

/// A patient that the receipt computer holds for us, between `Open` and `Finish`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Karte_Uid: our name for it, one for each counter, at most 36 characters.
    pub karte_uid: String,
    /// Orca_Uid: the receipt computer's.
    pub orca_uid: String,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case")]
pub enum Call {
    /// Whether it is there at all, and knows us. Changes nothing.
    Ping,
    /// 受付一覧 (`acceptlstv2`, class 02): who is through with the doctor today.
    Worklist {
        /// Which day.
        date: NaiveDate,
    },
    /// 収納情報 (`incomeinfv2`): the invoices of a day, and everything that is unpaid of the patient. Holds nobody.
    Bill {
        /// Whose.
        patient: PatientNumber,
        /// The day of the visit; the receipt computer's today where there is none.
        date: Option<NaiveDate>,
    },
    /// 患者基本情報 (`patientgetv2`): name and birthday, for a number that was scanned or typed.
    Patient {
        /// Whose.
        patient: PatientNumber,
    },
    /// 入金方法 (`system01lstv2`, class 05): the codes that a payment may bear.
    TenderCodes {
        /// On which day.
        date: NaiveDate,
    },
    /// 請求確認 (`incomev3` 01/02): read one invoice with its history. Holds the patient until `Finish`.
    Open {
        /// Our name for the session.
        karte_uid: String,
        /// Whose.
        patient: PatientNumber,
        /// 入外区分.
        in_out: InOut,
        /// 伝票番号.
        invoice: InvoiceNumber,
    },
    /// 入金 (`incomev3` 02/01). Never sent a second time for one posting before the history was read.
    Pay(Payment),
    /// 入金取消 (`incomev3` 02/03): money went back. The amount here is above zero all the same.
    PayBack(Payment),
    /// 再発行 (`incomev3` 02/09): it prints its 領収証 of an invoice once more. No money moves.
    Reissue {
        /// The session that holds the patient.
        session: Session,
        /// Whose.
        patient: PatientNumber,
        /// 入外区分.
        in_out: InOut,
        /// 伝票番号.
        invoice: InvoiceNumber,
    },
    /// End a session (`incomev3` 99): the patient is let go. Harmless, also for a session that is over.
    Finish {
        /// Which.
        session: Session,
    },
    /// 排他情報 (`medicalmodv37` 00): who holds whom.
    Locks,
    /// Let a held patient go (`medicalmodv37` 01, asked and confirmed). Only by a person's wish, and not within a minute of the holding.
    Release {
        /// Which session, as [`Call::Locks`] told it.
        session: Session,
    },
}

/// One payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The session that holds the patient.
    pub session: Session,
    /// Whose.
    pub patient: PatientNumber,
    /// 入外区分.
    pub in_out: InOut,
    /// 伝票番号.
    pub invoice: InvoiceNumber,
    /// How much, above zero.
    pub amount: Yen,
    /// 入金方法 (`Ic_Code`); the patient's own where there is none.
    pub tender_code: Option<String>,
    /// `Processing_Date` and `Processing_Time` (to the minute): the row is recognised by them.
    pub at: DateTime<FixedOffset>,
    /// True where the receipt computer prints its 領収証 and 明細書 with it.
    pub print: bool,
}

impl Call {
    /// True where it changes what the receipt computer has, or makes it print: such a call may have been carried out though no answer came.
    pub const fn writes(&self) -> bool {
        matches!(
            self,
            Call::Pay(_) | Call::PayBack(_) | Call::Reissue { .. } | Call::Release { .. }
        )
    }

    /// A word for the diagnostic log: never a name, a number of a person or an amount.
    pub const fn word(&self) -> &'static str {
        match self {
            Call::Ping => "ping",
            Call::Worklist { .. } => "worklist",
            Call::Bill { .. } => "bill",
            Call::Patient { .. } => "patient",
            Call::TenderCodes { .. } => "tender_codes",
            Call::Open { .. } => "open",
            Call::Pay(_) => "pay",
            Call::PayBack(_) => "pay_back",
            Call::Reissue { .. } => "reissue",
            Call::Finish { .. } => "finish",
            Call::Locks => "locks",
            Call::Release { .. } => "release",
        }
    }
}
