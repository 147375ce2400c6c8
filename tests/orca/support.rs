//! Calls and recordings that the tests share.

use std::path::PathBuf;

use chrono::{DateTime, FixedOffset, NaiveDate};
use madoguchi::domain::bill::{InOut, InvoiceNumber, PatientNumber};
use madoguchi::domain::money::Yen;
use madoguchi::orca::call::{Call, Payment, Session};
use madoguchi::orca::wire::{BodyKind, Dialect, Response};

/// A recording of `tests/recordings/orca`, as the answer it was.
pub(crate) fn recording(name: &str) -> Response {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/recordings/orca", name]
        .iter()
        .collect();
    answer(&std::fs::read(&path).expect(name))
}

/// A recording of other people's, where it lies beside the repository.
pub(crate) fn foreign(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("MADOGUCHI_FIXTURES").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures"),
        PathBuf::from,
    );
    std::fs::read(folder.join("orca").join(name)).ok()
}

pub(crate) fn answer(body: &[u8]) -> Response {
    let kind = if body.starts_with(b"<") {
        "xml"
    } else {
        "json"
    };
    Response {
        status: 200,
        content_type: format!("application/{kind}; charset=UTF-8"),
        body: body.to_vec(),
    }
}

pub(crate) fn dialect(body: BodyKind) -> Dialect {
    Dialect {
        api_prefix: false,
        body,
        karte_uid: "desk-01".into(),
    }
}

pub(crate) fn number(text: &str) -> PatientNumber {
    PatientNumber::parse(text).expect("digits")
}

pub(crate) fn invoice(text: &str) -> InvoiceNumber {
    InvoiceNumber::parse(text).expect("digits")
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

pub(crate) fn at(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).expect("a time")
}

pub(crate) fn session() -> Session {
    Session {
        karte_uid: "desk-01".into(),
        orca_uid: "a0000000-0000-4000-8000-000000000001".into(),
    }
}

pub(crate) fn payment(amount: i64) -> Payment {
    Payment {
        session: session(),
        patient: number("00012"),
        in_out: InOut::Out,
        invoice: invoice("0001149"),
        amount: Yen::new(amount),
        tender_code: Some("02".into()),
        at: at("2026-11-20T10:17:42+09:00"),
        print: false,
    }
}

pub(crate) fn open() -> Call {
    Call::Open {
        karte_uid: "desk-01".into(),
        patient: number("00012"),
        in_out: InOut::Out,
        invoice: invoice("0001149"),
    }
}

/// One of every call.
pub(crate) fn calls() -> Vec<Call> {
    vec![
        Call::Ping,
        Call::Worklist {
            date: day("2026-11-20"),
        },
        Call::Bill {
            patient: number("00012"),
            date: Some(day("2026-11-20")),
        },
        Call::Patient {
            patient: number("00012"),
        },
        Call::TenderCodes {
            date: day("2026-11-20"),
        },
        open(),
        Call::Pay(payment(650)),
        Call::PayBack(payment(650)),
        Call::Finish { session: session() },
        Call::Locks,
        Call::Release { session: session() },
    ]
}
