//! What a receipt computer tells, for tests of the counter: patients, invoices, bills.

use chrono::{NaiveDate, NaiveTime};
use madoguchi::app::message::Message;
use madoguchi::app::message::orca::{Asker, OrcaEvent};
use madoguchi::app::settings::{OrcaSetting, ReceiptComputer, Settings};
use madoguchi::domain::bill::{
    Bill, Caution, InOut, Invoice, InvoiceNumber, PaidBill, Patient, PatientNumber, Share,
};
use madoguchi::domain::money::Yen;
use madoguchi::domain::sale::{Line, Operator, TaxClass};
use madoguchi::domain::slip::SlipNumber;
use madoguchi::orca::answer::{Answer, Failure, Waiting};
use madoguchi::orca::call::Call;

/// The settings of a counter with a receipt computer of its mode.
pub(crate) fn connected(mut settings: Settings) -> Settings {
    let which = match settings.practice {
        true => ReceiptComputer::Simulated,
        false => ReceiptComputer::Real,
    };
    settings.orca = OrcaSetting {
        connected: Some(which),
        ..OrcaSetting::default()
    };
    settings
}

pub(crate) fn number(text: &str) -> PatientNumber {
    PatientNumber::parse(text).expect("a number")
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

pub(crate) fn patient(digits: &str, name: &str, kana: &str) -> Patient {
    Patient {
        number: number(digits),
        name: name.into(),
        kana: kana.into(),
        born: NaiveDate::from_ymd_opt(1960, 3, 4),
    }
}

pub(crate) fn yamada() -> Patient {
    patient("00012", "山田 太郎", "ヤマダ タロウ")
}

pub(crate) fn waiting(patient: Patient, minute: u32) -> Waiting {
    Waiting {
        patient,
        accepted: NaiveTime::from_hms_opt(9, minute, 0),
        department: "内科".into(),
        physician: "試験 医師".into(),
    }
}

/// Three patients, two of whom have numbers that contain each other.
pub(crate) fn three() -> Vec<Waiting> {
    vec![
        waiting(yamada(), 5),
        waiting(patient("00034", "佐藤 花子", "サトウ ハナコ"), 10),
        waiting(patient("00120", "鈴木 一郎", "スズキ イチロウ"), 15),
    ]
}

fn part(name: &str, yen: i64, tax: TaxClass) -> Line {
    Line {
        name: name.into(),
        unit: Yen::new(yen),
        quantity: 1,
        tax,
    }
}

/// An invoice of a day, its charge an insurance part.
pub(crate) fn invoice(digits: &str, on: &str, charged: i64, received: i64) -> Invoice {
    Invoice {
        number: InvoiceNumber::parse(digits).expect("a number"),
        group: None,
        in_out: InOut::Out,
        performed: Some(day(on)),
        department: "内科".into(),
        rate_percent: Some(30),
        charged: Yen::new(charged),
        received: Yen::new(received),
        lines: vec![part("保険分負担金", charged, TaxClass::NonTaxable)],
        caution: None,
    }
}

/// 650 yen of today, and a certificate for 2,200 beside it.
pub(crate) fn with_certificate() -> Invoice {
    let mut invoice = invoice("0001426", "2026-11-21", 2_850, 0);
    invoice.lines = vec![
        part("保険分負担金", 650, TaxClass::NonTaxable),
        part("診断書", 2_200, TaxClass::Taxable),
    ];
    invoice
}

pub(crate) fn today(yen: i64) -> Invoice {
    invoice("0001426", "2026-11-21", yen, 0)
}

/// 600 of 1,000 yen are unpaid since a week.
pub(crate) fn earlier() -> Invoice {
    invoice("0001400", "2026-11-14", 1_000, 400)
}

pub(crate) fn cautioned(caution: Caution) -> Invoice {
    let mut invoice = invoice("0001390", "2026-11-07", 480, 0);
    invoice.caution = Some(caution);
    invoice
}

pub(crate) fn bill_of(patient: Patient, invoices: Vec<Invoice>) -> Bill {
    let unpaid = invoices.iter().map(|one| one.unpaid().get()).sum();
    Bill {
        patient,
        invoices,
        unpaid: Yen::new(unpaid),
        at: chrono::DateTime::parse_from_rfc3339("2026-11-21T14:32:07+09:00").expect("a moment"),
    }
}

pub(crate) fn bill(invoices: Vec<Invoice>) -> Bill {
    bill_of(yamada(), invoices)
}

/// The invoice of today was paid here at 14:02.
pub(crate) fn paid_bill(patient: &str, invoice: &str, yen: i64) -> PaidBill {
    PaidBill {
        slip: SlipNumber::new(140),
        at: chrono::DateTime::parse_from_rfc3339("2026-11-21T14:02:00+09:00").expect("a moment"),
        operator: Operator {
            code: "03".into(),
            name: "佐藤".into(),
        },
        patient: number(patient),
        shares: vec![Share {
            found: None,
            in_out: InOut::Out,
            invoice: Some(InvoiceNumber::parse(invoice).expect("a number")),
            amount: Yen::new(yen),
        }],
        settled: true,
    }
}

/// An answer to a screen's question.
pub(crate) fn answered(question: u32, result: Result<Answer, Failure>) -> Message {
    Message::Orca(OrcaEvent::Answered {
        asker: Asker::Screen { question },
        call: Box::new(Call::Ping),
        result,
    })
}
