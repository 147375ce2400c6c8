//! The receipt computer: what it answers and tells by itself, and what a stranger asks of the simulated one.

use std::path::PathBuf;
use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset};
use madoguchi::domain::bill::{InOut, InvoiceNumber, PatientNumber};
use madoguchi::domain::money::Yen;
use madoguchi::orca::answer::{Answer, Failure};
use madoguchi::orca::call::{Call, Payment, Session};
use madoguchi::orca::push;
use madoguchi::orca::simulator::Simulator;
use madoguchi::orca::simulator::scene::Scene;
use madoguchi::orca::simulator::script::Script;
use madoguchi::orca::wire::{BodyKind, Dialect, Method, Request, Response, encode, read};

static NOW: LazyLock<DateTime<FixedOffset>> =
    LazyLock::new(|| DateTime::parse_from_rfc3339("2026-11-20T10:30:00+09:00").expect("a time"));
static DAY: LazyLock<Scene> = LazyLock::new(|| Scene::of_day(1, *NOW, 6));

fn recordings(ending: &str) -> Vec<Vec<u8>> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/recordings/orca"]
        .iter()
        .collect();
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the recordings")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| std::fs::read(path).expect("a recording"))
        .collect()
}

pub(crate) fn json_answers() -> Vec<Vec<u8>> {
    recordings("json")
}

pub(crate) fn xml_answers() -> Vec<Vec<u8>> {
    recordings("xml")
}

fn dialect() -> Dialect {
    Dialect {
        api_prefix: false,
        body: BodyKind::Json,
        karte_uid: "desk-01".into(),
    }
}

fn calls() -> Vec<Call> {
    let patient = PatientNumber::parse("00012").expect("digits");
    let invoice = InvoiceNumber::parse("0001149").expect("digits");
    let session = Session {
        karte_uid: "desk-01".into(),
        orca_uid: "a0000000-0000-4000-8000-000000000001".into(),
    };
    let payment = Payment {
        session: session.clone(),
        patient: patient.clone(),
        in_out: InOut::Out,
        invoice: invoice.clone(),
        amount: Yen::new(650),
        tender_code: None,
        at: *NOW,
        print: false,
    };
    vec![
        Call::Ping,
        Call::Worklist {
            date: NOW.date_naive(),
        },
        Call::Bill {
            patient: patient.clone(),
            date: None,
        },
        Call::Patient {
            patient: patient.clone(),
        },
        Call::TenderCodes {
            date: NOW.date_naive(),
        },
        Call::Open {
            karte_uid: "desk-01".into(),
            patient,
            in_out: InOut::Out,
            invoice,
        },
        Call::Pay(payment.clone()),
        Call::PayBack(payment),
        Call::Finish {
            session: session.clone(),
        },
        Call::Locks,
        Call::Release { session },
    ]
}

/// Whatever call it is taken to answer: bounded, and what is told of an invoice adds up.
pub(crate) fn answers(input: &[u8]) -> String {
    let response = Response {
        status: 200,
        content_type: String::new(),
        body: input.to_vec(),
    };
    let mut outcome = String::new();
    for call in calls() {
        let said = read(&call, &response);
        outcome.push_str(match &said.result {
            Ok(Answer::Bill(bill)) => {
                for invoice in &bill.invoices {
                    let sum: i64 = invoice.lines.iter().map(|line| line.unit.get()).sum();
                    assert!(invoice.lines.is_empty() || sum == invoice.charged.get());
                }
                "B"
            }
            Ok(Answer::Worklist(list)) if list.is_empty() => "w",
            Ok(Answer::Opened { standing, .. } | Answer::Written(standing)) => {
                assert!(standing.history.len() <= input.len());
                "S"
            }
            Ok(_) => "+",
            Err(Failure::Refused(refusal)) => {
                assert!(refusal.code.chars().count() <= 10);
                assert!(refusal.message.chars().count() <= 200);
                "R"
            }
            Err(Failure::Unreadable(why)) => {
                assert!(why.len() < 100, "{why}");
                "U"
            }
            Err(Failure::Foreign(_)) => "F",
            Err(_) => "-",
        });
    }
    outcome
}

pub(crate) fn requests() -> Vec<Vec<u8>> {
    calls()
        .iter()
        .map(|call| {
            let request = encode(call, &dialect());
            let mut bytes = request.target.into_bytes();
            bytes.push(b'\n');
            bytes.extend(request.body);
            bytes
        })
        .collect()
}

/// The simulated one answers everything, and its invoices stay sound.
pub(crate) fn asked(input: &[u8]) -> String {
    let mut halves = input.splitn(2, |byte| *byte == b'\n');
    let target = String::from_utf8_lossy(halves.next().unwrap_or_default()).into_owned();
    let body = halves.next().unwrap_or_default().to_vec();
    let mut orca = Simulator::new(DAY.clone(), Script::default(), 1);
    let request = Request {
        method: Method::Post,
        target,
        content_type: None,
        body,
    };
    let reply = orca.handle(*NOW, &request).response.expect("an answer");
    let text = String::from_utf8(reply.body).expect("it writes text");
    let code = text.split("Api_Result\":\"").nth(1).unwrap_or_default();
    format!("{} {:.5}", reply.status, code.escape_debug().to_string())
}

pub(crate) fn frames() -> Vec<Vec<u8>> {
    let mut orca = Simulator::new(DAY.clone(), Script::default(), 1);
    let mut listener = orca.listener();
    let mut frames = vec![orca.heard(&mut listener, &push::subscribe("1", "*"))];
    orca.pass(*NOW);
    frames.extend(orca.told(&mut listener));
    frames.push(r#"{"command":"error","for":"subscribe","req.id":"1","code":"INVALID_PARAMS","reason":"r"}"#.into());
    frames.into_iter().map(String::into_bytes).collect()
}

/// A frame from either side.
pub(crate) fn told(input: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(input) else {
        return "not text".into();
    };
    let orca = Simulator::new(Scene::default(), Script::default(), 1);
    let said = orca.heard(&mut orca.listener(), text);
    let frame = push::read(text);
    let name = format!("{frame:?}");
    let kind: String = name.chars().take_while(|c| *c != '{').take(40).collect();
    format!("{kind} {:.40}", said.escape_debug().to_string())
}
