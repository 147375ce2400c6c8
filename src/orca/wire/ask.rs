//! A call as an HTTP request.

use super::value::{japan, letter};
use super::{BodyKind, Dialect, Method, Request, Response, place, read};
use crate::domain::bill::{InOut, InvoiceNumber, PatientNumber};
use crate::orca::call::{Call, Payment, Session};
use crate::orca::node::Node;

/// The request of a call.
pub fn encode(call: &Call, dialect: &Dialect) -> Request {
    match call {
        Call::Patient { patient } => patient_request(call, patient, dialect),
        Call::Worklist { date } => {
            let body = Node::record([("Acceptance_Date", Node::text(date.to_string()))]);
            post(call, dialect, Some("class=02"), "acceptlstreq", body)
        }
        Call::Bill { patient, date } => {
            let body = Node::record([("Patient_ID", Node::text(patient.as_str()))])
                .with_some("Perform_Date", date.map(|date| date.to_string()));
            post(call, dialect, None, "private_objects", body)
        }
        Call::TenderCodes { date } => {
            let body = Node::record([
                ("Request_Number", Node::text("05")),
                ("Base_Date", Node::text(date.to_string())),
            ]);
            post(call, dialect, None, "system01_managereq", body)
        }
        Call::Locks => {
            let body = Node::record([
                ("Request_Number", Node::text("00")),
                ("Karte_Uid", Node::text(dialect.karte_uid.as_str())),
            ]);
            post(call, dialect, None, "medicalv3req7", body)
        }
        Call::Release { session } => {
            let body = release(session, &dialect.karte_uid);
            post(call, dialect, None, "medicalv3req7", body)
        }
        Call::Ping
        | Call::Open { .. }
        | Call::Pay(_)
        | Call::PayBack(_)
        | Call::Reissue { .. }
        | Call::Finish { .. } => post(call, dialect, None, "incomev3req", ledger(call, dialect)),
    }
}

/// The second request of a call that is asked back: `Release` is answered with S40 and a question, and done once that is answered.
pub fn confirm(call: &Call, response: &Response, dialect: &Dialect) -> Option<Request> {
    let Call::Release { session } = call else {
        return None;
    };
    let asked = read::asked_back(response)?;
    let body = release(session, &dialect.karte_uid)
        .with_some("Orca_Uid", Some(asked).filter(|uid| !uid.is_empty()))
        .with("Select_Answer", Node::text("Ok"));
    Some(post(call, dialect, None, "medicalv3req7", body))
}

fn release<'a>(session: &'a Session, karte_uid: &'a str) -> Node<'a> {
    let mut which = Node::Record(Vec::new());
    // A lock of the receipt computer's own screens has no Karte_Uid.
    if !session.karte_uid.is_empty() {
        which = which.with("Delete_Karte_Uid", Node::text(session.karte_uid.as_str()));
    }
    which = which.with("Delete_Orca_Uid", Node::text(session.orca_uid.as_str()));
    Node::record([
        ("Request_Number", Node::text("01")),
        ("Karte_Uid", Node::text(karte_uid)),
        ("Delete_Information", which),
    ])
}

fn ledger<'a>(call: &'a Call, dialect: &'a Dialect) -> Node<'a> {
    match call {
        Call::Open {
            karte_uid,
            patient,
            in_out,
            invoice,
        } => mode("01", "02", karte_uid, None).with_invoice(patient, *in_out, invoice),
        Call::Pay(payment) => written("01", payment, ""),
        Call::PayBack(payment) => written("03", payment, "-"),
        Call::Reissue {
            session,
            patient,
            in_out,
            invoice,
        } => mode("02", "09", &session.karte_uid, Some(&session.orca_uid))
            .with_invoice(patient, *in_out, invoice)
            // The 領収証 alone: a 明細書 was handed out with the first.
            .with_print("1", "0"),
        Call::Finish { session } => finish(&session.karte_uid, &session.orca_uid),
        // Ending a session that never was: an answer of any sort shows who is there, and nothing is changed.
        _ => finish(&dialect.karte_uid, ""),
    }
}

fn finish<'a>(karte_uid: &'a str, orca_uid: &'a str) -> Node<'a> {
    Node::record([
        ("Request_Number", Node::text("99")),
        ("Karte_Uid", Node::text(karte_uid)),
        ("Orca_Uid", Node::text(orca_uid)),
    ])
}

fn mode<'a>(
    number: &'static str,
    mode: &'static str,
    karte_uid: &'a str,
    orca_uid: Option<&'a str>,
) -> Node<'a> {
    Node::record([
        ("Request_Number", Node::text(number)),
        ("Request_Mode", Node::text(mode)),
        ("Karte_Uid", Node::text(karte_uid)),
    ])
    .with_some("Orca_Uid", orca_uid)
}

/// 02/01 and 02/03. A payment that is taken back is written below zero.
fn written<'a>(number: &'static str, payment: &'a Payment, sign: &'static str) -> Node<'a> {
    let Session {
        karte_uid,
        orca_uid,
    } = &payment.session;
    let at = payment.at.with_timezone(&japan());
    let print = if payment.print { "1" } else { "0" };
    mode("02", number, karte_uid, Some(orca_uid))
        .with_invoice(&payment.patient, payment.in_out, &payment.invoice)
        .with(
            "Processing_Date",
            Node::text(at.format("%Y-%m-%d").to_string()),
        )
        .with(
            "Processing_Time",
            Node::text(at.format("%H:%M").to_string()),
        )
        .with(
            "Ic_Money",
            Node::text(format!("{sign}{}", payment.amount.get())),
        )
        .with_some("Ic_Code", payment.tender_code.as_deref())
        // More than is charged is never forced in.
        .with("Force_Ic", Node::text("False"))
        .with_print(print, print)
}

impl<'a> Node<'a> {
    fn with_print(self, receipt: &'static str, statement: &'static str) -> Node<'a> {
        self.with(
            "Print_Information",
            Node::record([
                ("Print_Invoice_Receipt_Class", Node::text(receipt)),
                ("Print_Statement_Class", Node::text(statement)),
            ]),
        )
    }

    fn with_invoice(
        self,
        patient: &'a PatientNumber,
        in_out: InOut,
        invoice: &'a InvoiceNumber,
    ) -> Node<'a> {
        self.with("Patient_ID", Node::text(patient.as_str()))
            .with("InOut", Node::text(letter(in_out)))
            .with("Invoice_Number", Node::text(invoice.as_str()))
    }
}

fn patient_request(call: &Call, patient: &PatientNumber, dialect: &Dialect) -> Request {
    // Digits alone: nothing to escape.
    let query = format!("id={patient}");
    let body = body_kind(call, dialect);
    Request {
        method: Method::Get,
        target: target(call, dialect, Some(&query), body),
        content_type: None,
        body: Vec::new(),
    }
}

fn body_kind(call: &Call, dialect: &Dialect) -> BodyKind {
    if place(call).json {
        dialect.body
    } else {
        BodyKind::Xml
    }
}

fn target(call: &Call, dialect: &Dialect, query: Option<&str>, body: BodyKind) -> String {
    let prefix = if dialect.api_prefix { "/api" } else { "" };
    let format = (body == BodyKind::Json).then_some("format=json");
    let query: Vec<&str> = query.into_iter().chain(format).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{prefix}{}{mark}{}", place(call).path, query.join("&"))
}

fn post(
    call: &Call,
    dialect: &Dialect,
    query: Option<&str>,
    name: &'static str,
    body: Node<'_>,
) -> Request {
    let kind = body_kind(call, dialect);
    let whole = Node::record([(name, body)]);
    let (content_type, text) = match kind {
        BodyKind::Json => ("application/json; charset=UTF-8", whole.to_json()),
        BodyKind::Xml => ("application/xml; charset=UTF-8", whole.to_xml("data")),
    };
    Request {
        method: Method::Post,
        target: target(call, dialect, query, kind),
        content_type: Some(content_type),
        body: text.into_bytes(),
    }
}
