//! The simulated receipt computer: as the recorded one answers, with its limits, and with what may go wrong.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, FixedOffset};
use madoguchi::domain::bill::InOut;
use madoguchi::domain::money::Yen;
use madoguchi::orca::answer::{Answer, Failure, News, Standing};
use madoguchi::orca::call::{Call, Payment, Session};
use madoguchi::orca::push::{self, Frame};
use madoguchi::orca::simulator::Simulator;
use madoguchi::orca::simulator::scene::{Bill, Row, Scene};
use madoguchi::orca::simulator::script::{CALLS, Script, WORDS};
use madoguchi::orca::wire::{BodyKind, Method, Request, Response, confirm, decode, encode};
use serde_json::Value;

use super::support::{at, day, dialect, foreign, invoice, number};

fn now() -> DateTime<FixedOffset> {
    at("2026-11-20T10:30:00+09:00")
}

fn simulator(script: &str) -> Simulator {
    let script = Script::parse(script).expect("a script");
    Simulator::new(Scene::of_day(1, now(), 8), script, 1)
}

fn response(
    orca: &mut Simulator,
    at: DateTime<FixedOffset>,
    call: &Call,
    kind: BodyKind,
) -> Option<Response> {
    let dialect = dialect(kind);
    let first = orca.handle(at, &encode(call, &dialect)).response?;
    match confirm(call, &first, &dialect) {
        Some(second) => orca.handle(at, &second).response,
        None => Some(first),
    }
}

fn ask(orca: &mut Simulator, call: &Call) -> Result<Answer, Failure> {
    ask_at(orca, now(), call)
}

fn ask_at(orca: &mut Simulator, at: DateTime<FixedOffset>, call: &Call) -> Result<Answer, Failure> {
    match response(orca, at, call, BodyKind::Json) {
        Some(response) => decode(call, &response),
        None => Err(Failure::Lost("closed".into())),
    }
}

/// The first patient's invoice of the day.
fn first(orca: &Simulator) -> Bill {
    let visit = &orca.scene().visits[0];
    orca.invoice(&visit.invoice).expect("an invoice").clone()
}

fn open_call(bill: &Bill, karte_uid: &str) -> Call {
    Call::Open {
        karte_uid: karte_uid.into(),
        patient: number(&bill.patient),
        in_out: bill.in_out,
        invoice: invoice(&bill.number),
    }
}

fn opened(orca: &mut Simulator, bill: &Bill) -> (Session, Standing) {
    match ask(orca, &open_call(bill, "desk-01")) {
        Ok(Answer::Opened { session, standing }) => (session, standing),
        other => panic!("{other:?}"),
    }
}

fn pays(session: &Session, bill: &Bill, amount: i64) -> Payment {
    Payment {
        session: session.clone(),
        patient: number(&bill.patient),
        in_out: bill.in_out,
        invoice: invoice(&bill.number),
        amount: Yen::new(amount),
        tender_code: Some("02".into()),
        at: now(),
        print: false,
    }
}

fn code(said: &Result<Answer, Failure>) -> &str {
    match said {
        Err(Failure::Refused(refusal)) => &refusal.code,
        other => panic!("{other:?}"),
    }
}

fn holds(standing: &Standing) {
    let sum: i64 = standing.history.iter().map(|row| row.received.get()).sum();
    assert_eq!(sum, standing.invoice.received.get());
}

#[test]
fn a_day_is_read_paid_and_read_again_in_either_format() {
    for kind in [BodyKind::Json, BodyKind::Xml] {
        let mut orca = simulator("");
        let mut ask = |call: &Call| {
            let response = response(&mut orca, now(), call, kind).expect("an answer");
            decode(call, &response)
        };
        let list = Call::Worklist {
            date: day("2026-11-20"),
        };
        let Ok(Answer::Worklist(list)) = ask(&list) else {
            panic!("no list")
        };
        assert_eq!(list.len(), 4, "half of them are through");
        let patient = list[0].patient.clone();
        let call = Call::Bill {
            patient: patient.number.clone(),
            date: None,
        };
        let Ok(Answer::Bill(bill)) = ask(&call) else {
            panic!("no bill")
        };
        assert_eq!(bill.patient, patient);
        let due = bill.invoices.last().expect("an invoice").clone();
        assert!(!due.lines.is_empty());
        let call = Call::Open {
            karte_uid: "desk-01".into(),
            patient: patient.number.clone(),
            in_out: due.in_out,
            invoice: due.number.clone(),
        };
        let Ok(Answer::Opened { session, standing }) = ask(&call) else {
            panic!("not opened")
        };
        assert_eq!(standing.invoice.unpaid(), due.unpaid());
        let payment = Payment {
            session: session.clone(),
            patient: patient.number.clone(),
            in_out: due.in_out,
            invoice: due.number.clone(),
            amount: due.unpaid(),
            tender_code: Some("02".into()),
            at: now(),
            print: true,
        };
        let Ok(Answer::Written(standing)) = ask(&Call::Pay(payment)) else {
            panic!("not paid")
        };
        holds(&standing);
        assert_eq!(standing.invoice.unpaid(), Yen::ZERO);
        assert_eq!(ask(&Call::Finish { session }), Ok(Answer::Finished));
        let call = Call::Bill {
            patient: patient.number,
            date: None,
        };
        let Ok(Answer::Bill(after)) = ask(&call) else {
            panic!("no bill")
        };
        let rest = bill.unpaid.get() - due.unpaid().get();
        assert_eq!(after.unpaid.get(), rest);
        let date = day("2026-11-20");
        let Ok(Answer::TenderCodes(codes)) = ask(&Call::TenderCodes { date }) else {
            panic!("no codes")
        };
        assert_eq!(codes.len(), 3);
        assert_eq!(orca.posted().len(), 1);
        assert_eq!(orca.posted()[0].amount, due.unpaid().get());
    }
}

/// What is asked of an invoice as it stands, and what is said.
#[test]
fn each_limit_has_its_code() {
    let mut orca = simulator("");
    let bill = first(&orca);
    let (session, standing) = opened(&mut orca, &bill);
    let due = standing.invoice.unpaid().get();
    let mut wrong_code = pays(&session, &bill, 1);
    wrong_code.tender_code = Some("77".into());
    let mut other_invoice = pays(&session, &bill, 1);
    other_invoice.invoice = invoice("9999999");
    let mut other_in_out = pays(&session, &bill, 1);
    other_in_out.in_out = InOut::In;
    let mut other_session = pays(&session, &bill, 1);
    other_session.session.orca_uid = "gone".into();
    let mut other_patient = pays(&session, &bill, 1);
    other_patient.patient = number("00002");
    for (call, expected) in [
        (Call::Pay(pays(&session, &bill, due + 1)), "E0107"),
        (Call::Pay(pays(&session, &bill, 0)), "E3012"),
        (Call::PayBack(pays(&session, &bill, 1)), "E3014"),
        (Call::PayBack(pays(&session, &bill, 0)), "E3022"),
        (Call::PayBack(pays(&session, &bill, -5)), "E3022"),
        (Call::Pay(wrong_code), "E3011"),
        (Call::Pay(other_invoice), "E0085"),
        (Call::Pay(other_in_out), "E0085"),
        (Call::Pay(other_session), "E0203"),
        (Call::Pay(other_patient), "E0210"),
        (open_call(&bill, "desk-01"), "E1038"),
        (open_call(&bill, "desk-02"), "E9999"),
    ] {
        assert_eq!(code(&ask(&mut orca, &call)), expected, "{call:?}");
    }
    assert!(orca.posted().is_empty(), "nothing was written by a no");
    let Ok(Answer::Written(paid)) = ask(&mut orca, &Call::Pay(pays(&session, &bill, due))) else {
        panic!("not paid");
    };
    holds(&paid);
    let back = Call::PayBack(pays(&session, &bill, due));
    let Ok(Answer::Written(back)) = ask(&mut orca, &back) else {
        panic!("not back")
    };
    holds(&back);
    assert_eq!(back.invoice.unpaid().get(), due);
    assert_eq!(back.history.last().and_then(|row| row.state), Some(6));
}

#[test]
fn an_amount_that_is_written_wrongly_is_refused() {
    let mut orca = simulator("");
    let bill = first(&orca);
    let (session, _) = opened(&mut orca, &bill);
    let request = encode(
        &Call::PayBack(pays(&session, &bill, 5)),
        &dialect(BodyKind::Json),
    );
    let text = String::from_utf8(request.body.clone()).expect("UTF-8");
    for (from, to, expected) in [
        ("\"-5\"", "\"5\"", "E3013"),
        ("\"-5\"", "\"\"", "E3022"),
        ("\"10:30\"", "\"10:30:00\"", "E0105"),
        ("\"desk-01\"", "\"\"", "E0201"),
        (
            "\"02\",\"Request_Mode\"",
            "\"07\",\"Request_Mode\"",
            "E0091",
        ),
    ] {
        // Something must have been received before the time is looked at.
        let paid = Call::Pay(pays(&session, &bill, 5));
        ask(&mut orca, &paid).expect("paid");
        let changed = Request {
            body: text.replacen(from, to, 1).into_bytes(),
            ..request.clone()
        };
        assert_ne!(changed.body, request.body, "{from}");
        let said = orca.handle(now(), &changed).response.expect("an answer");
        let said = String::from_utf8(said.body).expect("UTF-8");
        assert!(said.contains(expected), "{to}: {said}");
    }
}

#[test]
fn a_history_that_is_full_takes_no_more() {
    let mut orca = simulator("");
    let bill = first(&orca);
    let (session, _) = opened(&mut orca, &bill);
    for _ in 1..99 {
        ask(&mut orca, &Call::Pay(pays(&session, &bill, 1))).expect("a row");
    }
    let said = ask(&mut orca, &Call::Pay(pays(&session, &bill, 1)));
    assert_eq!(code(&said), "E0117");
    assert_eq!(orca.posted().len(), 98);
}

#[test]
fn a_patient_is_let_go_by_the_end_of_the_session_or_by_hand_after_a_minute() {
    let mut orca = simulator("open locked ORCA21\n");
    let bill = first(&orca);
    assert!(matches!(ask(&mut orca, &Call::Locks), Err(Failure::Refused(r)) if r.code == "E10"));
    let said = ask(&mut orca, &open_call(&bill, "desk-01"));
    let Err(Failure::Refused(refusal)) = said else {
        panic!("{said:?}")
    };
    assert_eq!(refusal.code, "E9999");
    assert!(refusal.message.contains("ORCA21"), "{}", refusal.message);
    let session = refusal.session.expect("to be finished");
    assert_eq!(
        ask(
            &mut orca,
            &Call::Finish {
                session: session.clone()
            }
        ),
        Ok(Answer::Finished)
    );
    // A session that is over is over.
    assert_eq!(
        ask(&mut orca, &Call::Finish { session }),
        Ok(Answer::Finished)
    );
    let Ok(Answer::Locks(locks)) = ask(&mut orca, &Call::Locks) else {
        panic!("no list")
    };
    assert_eq!(locks[0].terminal, "ORCA21");
    let release = Call::Release {
        session: locks[0].session.clone(),
    };
    assert_eq!(code(&ask(&mut orca, &release)), "E14");
    let later = now() + Duration::minutes(2);
    assert_eq!(ask_at(&mut orca, later, &release), Ok(Answer::Released));
    assert_eq!(code(&ask_at(&mut orca, later, &release)), "E13");
    let (session, _) = opened(&mut orca, &bill);
    assert_eq!(
        ask_at(&mut orca, later, &Call::Release { session }),
        Ok(Answer::Released)
    );
    assert!(!orca.holds_anybody());
}

/// What goes wrong with a payment, and whether it is in the books all the same.
#[test]
fn each_misfortune_is_as_the_script_says() {
    for (script, posted, maybe) in [
        ("", 1, false),
        ("pay lost_before", 0, true),
        ("pay lost_after", 1, true),
        ("pay status 500", 0, true),
        ("pay status_after 502", 1, true),
        ("pay garbage", 1, true),
        ("pay login", 0, true),
        ("pay slow 3000", 1, false),
        ("any refuse E4900 更新に失敗", 0, false),
        ("pay refuse E4900 always", 0, false),
    ] {
        let mut orca = simulator("");
        let bill = first(&orca);
        let (session, _) = opened(&mut orca, &bill);
        // The script begins with the payment.
        let mut scripted = Simulator::new(
            orca.scene().clone(),
            Script::parse(script).expect("a script"),
            1,
        );
        let call = open_call(&bill, "desk-01");
        let session = if script.starts_with("any") {
            session
        } else {
            match ask(&mut scripted, &call) {
                Ok(Answer::Opened { session, .. }) => session,
                other => panic!("{other:?}"),
            }
        };
        let said = ask(&mut scripted, &Call::Pay(pays(&session, &bill, 1)));
        assert_eq!(scripted.posted().len(), posted, "{script}");
        let unsure = said.as_ref().err().is_some_and(Failure::may_be_done);
        assert_eq!(unsure, maybe, "{script}: {said:?}");
    }
}

#[test]
fn somebody_else_may_pay_first() {
    let mut orca = simulator("open unpaid_changed 10\n");
    let bill = first(&orca);
    let before = bill.unpaid();
    let (_, standing) = opened(&mut orca, &bill);
    assert_eq!(standing.invoice.unpaid().get(), before - 10);
    holds(&standing);
    assert_eq!(orca.posted()[0].by, "");
    assert_eq!(orca.drain_posted().len(), 1);
    assert!(orca.drain_posted().is_empty());
}

#[test]
fn a_script_says_which_line_is_none() {
    for (script, hint) in [
        ("pay lost_after\npai lost_after", "line 2: `pai` is no call"),
        ("pay", "`` is no misfortune"),
        ("pay slow", "a number from 0"),
        ("pay status 99", "a number from 200"),
        ("open locked", "the name of a screen"),
        ("pay refuse", "needs a code"),
    ] {
        let error = Script::parse(script).expect_err(script).to_string();
        assert!(error.contains(hint), "{error}");
    }
    for word in WORDS {
        let line = word
            .form
            .replace("MS", "5")
            .replace("YEN", "5")
            .replace(" N", " 500");
        for call in CALLS {
            let line = format!("{call} {line} # a comment\n\n");
            Script::parse(&line).expect(&line);
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_day() {
    let day = |seed| {
        let mut orca = Simulator::new(Scene::of_day(seed, now(), 30), Script::default(), seed);
        let bill = first(&orca);
        let opened = ask(&mut orca, &open_call(&bill, "desk-01")).expect("opened");
        format!("{opened:?}{:?}", orca.scene())
    };
    assert_eq!(day(7), day(7));
    assert_ne!(day(7), day(8));
}

#[test]
fn who_listens_is_told_of_bills_and_of_nothing_twice() {
    let mut orca = simulator("");
    orca.pass(now());
    let mut listener = orca.listener();
    let said = orca.heard(&mut listener, &push::subscribe("1", push::ACCOUNT));
    assert_eq!(
        push::read(&said),
        Ok(Frame::Subscribed {
            request: "1".into(),
            subscription: "1".into()
        })
    );
    assert!(
        orca.told(&mut listener).is_empty(),
        "what was before is not told"
    );
    let moment = orca.next_event().expect("more to come");
    assert!(moment > now());
    orca.pass(moment);
    orca.pass(now() + Duration::hours(1));
    let mut patients = Vec::new();
    for frame in orca.told(&mut listener) {
        let Ok(Frame::Event(event)) = push::read(&frame) else {
            panic!("{frame}")
        };
        let Some(News::Account {
            patient,
            invoices,
            deleted,
        }) = event.news
        else {
            panic!("{frame}")
        };
        assert_eq!((invoices.len(), deleted), (1, false));
        patients.push(patient.to_string());
    }
    assert_eq!(patients, ["00005", "00006", "00007", "00008"]);
    assert!(orca.told(&mut listener).is_empty());
    assert_eq!(orca.next_event(), None);
    for (frame, expected) in [
        ("{", "PARSE_ERROR"),
        ("{\"command\":\"subscribe\"}", "INVALID_PARAMS"),
        (
            "{\"command\":\"unsubscribe\",\"sub.id\":\"9\"}",
            "NO_SUCH_SUBSCRIPTION",
        ),
        ("{\"command\":\"what\"}", "INVALID_PARAMS"),
        (
            "{\"command\":\"unsubscribe\",\"sub.id\":\"1\"}",
            "unsubscribed",
        ),
    ] {
        let said = orca.heard(&mut listener, frame);
        assert!(said.contains(expected), "{frame}: {said}");
    }
    let later = now() + Duration::hours(1);
    let request = push::catch_up(&dialect(BodyKind::Json), "*", "ormaster", now(), later);
    let missed = orca.handle(later, &request).response.expect("an answer");
    let missed = push::caught_up(&missed).expect("a list");
    let bills = missed.iter().filter(|event| event.name == push::ACCOUNT);
    assert_eq!(bills.count(), 4);
}

#[test]
fn what_is_no_call_of_the_api_is_not_answered_as_one() {
    let mut orca = simulator("");
    for (target, status) in [("/", 404), ("/api", 404), ("/api/orca23/incomev3", 200)] {
        let request = Request {
            method: Method::Post,
            target: target.into(),
            content_type: None,
            body: b"{\"incomev3req\":{}}".to_vec(),
        };
        let said = orca.handle(now(), &request).response.expect("an answer");
        assert_eq!(said.status, status, "{target}");
    }
    let request = Request {
        method: Method::Post,
        target: "/orca23/incomev3".into(),
        content_type: None,
        body: b"{".to_vec(),
    };
    assert_eq!(
        orca.handle(now(), &request)
            .response
            .expect("an answer")
            .status,
        400
    );
}

/// Every place in an answer by its path: the lengths of lists, the widths of padded values, and the names there are.
fn shape(value: &Value) -> BTreeMap<String, BTreeSet<usize>> {
    fn walk(path: &str, value: &Value, found: &mut BTreeMap<String, BTreeSet<usize>>) {
        match value {
            Value::Object(members) => {
                for (name, inner) in members {
                    walk(&format!("{path}/{name}"), inner, found);
                }
            }
            Value::Array(rows) => {
                found.entry(path.to_owned()).or_default().insert(rows.len());
                for row in rows {
                    walk(path, row, found);
                }
            }
            Value::String(text) => {
                let name = path.rsplit('/').next().unwrap_or_default();
                let padded = name.contains("Money")
                    || name.contains("Point") && !name.contains("Name")
                    || [
                        "Rate_Cd",
                        "History_Number",
                        "Oe_Etc_Number",
                        "Processing_Time",
                        "Meal_Cost",
                    ]
                    .contains(&name);
                let width = if padded { text.len() } else { 0 };
                found.entry(path.to_owned()).or_default().insert(width);
            }
            _ => {
                found.entry(path.to_owned()).or_default();
            }
        }
    }
    let mut found = BTreeMap::new();
    walk("", value, &mut found);
    found
}

/// Patient 00001 of the recordings, as far as the money goes: an inpatient invoice of 6,030 yen with its history.
fn recorded_scene(rows: &[(u8, Option<i64>, i64, bool)]) -> Scene {
    let mut scene = Scene::of_day(1, now(), 2);
    scene.visits.clear();
    scene.invoices.clear();
    scene.invoices.push(Bill {
        number: "0000013".into(),
        group: None,
        patient: "00001".into(),
        in_out: InOut::In,
        performed: day("2012-01-10"),
        rate: 30,
        points: 1_750,
        insured: 5_250,
        meals: (780, 1_996),
        own: Vec::new(),
        void: false,
        history: rows
            .iter()
            .map(|(state, charged, received, coded)| Row {
                date: day("2012-01-10"),
                time: "13:09".into(),
                charged: *charged,
                received: *received,
                state: *state,
                code: coded.then(|| "01".into()),
            })
            .collect(),
    });
    scene
}

fn recorded_rows(text: &Value, but: usize) -> Vec<(u8, Option<i64>, i64, bool)> {
    let money = |row: &Value, name: &str| {
        row[name]
            .as_str()
            .map(|text| text.trim().parse::<i64>().expect("yen"))
    };
    let rows = text["Income_History"].as_array().expect("a history");
    let rows: Vec<_> = rows
        .iter()
        .filter(|row| row.get("State").is_some())
        .map(|row| {
            let state = row["State"].as_str().and_then(|text| text.parse().ok());
            (
                state.expect("a state"),
                money(row, "Ac_Money"),
                money(row, "Ic_Money").unwrap_or(0),
                row.get("Ic_Code").is_some(),
            )
        })
        .collect();
    rows[..rows.len() - but].to_vec()
}

/// The same question, put to ours in the state the recorded one was in: the same names, nesting, padding and result.
#[test]
fn it_answers_in_the_shape_of_the_recorded_one() {
    let Some(_) = foreign("orca23_incomev3_99.json") else {
        eprintln!("skipped: no recordings beside the repository");
        return;
    };
    let recorded = |name: &str| -> Value {
        serde_json::from_slice(&foreign(name).expect(name)).expect("JSON")
    };
    let same = |name: &str, response: &Response| {
        let ours: Value = serde_json::from_slice(&response.body).expect("JSON");
        let theirs = recorded(name);
        assert_eq!(shape(&ours), shape(&theirs), "{name}");
        let result = |value: &Value| {
            value
                .as_object()
                .and_then(|o| o.values().next())
                .map(|r| r["Api_Result"].clone())
        };
        assert_eq!(result(&ours), result(&theirs), "{name}");
    };
    let json = dialect(BodyKind::Json);
    for (name, but, expected) in [
        ("orca23_incomev3_01_02_update.json", 0, 0),
        ("orca23_incomev3_01_02_cancel.json", 0, 0),
        ("orca23_incomev3_02_01.json", 1, 1_000),
        ("orca23_incomev3_02_03.json", 1, -500),
    ] {
        let theirs = recorded(name);
        let rows = recorded_rows(&theirs["incomev3res"], but);
        let mut orca = Simulator::new(recorded_scene(&rows), Script::default(), 3);
        let bill = orca.scene().invoices[0].clone();
        let call = open_call(&bill, "karte_uid");
        let response = orca
            .handle(now(), &encode(&call, &json))
            .response
            .expect("an answer");
        if expected == 0 {
            same(name, &response);
            continue;
        }
        let Ok(Answer::Opened { session, .. }) = decode(&call, &response) else {
            panic!("{name}")
        };
        let mut payment = pays(&session, &bill, i64::abs(expected));
        payment.tender_code = Some("01".into());
        let call = if expected > 0 {
            Call::Pay(payment)
        } else {
            Call::PayBack(payment)
        };
        let response = orca
            .handle(now(), &encode(&call, &json))
            .response
            .expect("an answer");
        same(name, &response);
        let ours: Value = serde_json::from_slice(&response.body).expect("JSON");
        for sum in [
            "Ac_Money",
            "Ic_Money",
            "Unpaid_Money",
            "State",
            "State_Name",
        ] {
            assert_eq!(
                ours["incomev3res"][sum], theirs["incomev3res"][sum],
                "{name} {sum}"
            );
        }
        if expected > 0 {
            let over = Call::Pay(pays(&session, &bill, 9_000));
            let response = orca
                .handle(now(), &encode(&over, &json))
                .response
                .expect("an answer");
            same("orca23_incomev3_02_01_E0107.json", &response);
            let response = orca
                .handle(now(), &encode(&open_call(&bill, "karte_uid"), &json))
                .response;
            let mut uid: Value =
                serde_json::from_slice(&response.expect("an answer").body).expect("JSON");
            // The recorded one was to the list; the record is the same.
            uid["incomev3res"]["Request_Mode"] = "01".into();
            assert_eq!(
                shape(&uid),
                shape(&recorded("orca23_incomev3_01_01_E1038.json"))
            );
            let response = orca
                .handle(now(), &encode(&open_call(&bill, "other"), &json))
                .response;
            same(
                "orca23_incomev3_01_02_E9999.json",
                &response.expect("an answer"),
            );
            let finish = Call::Finish { session };
            let response = orca.handle(now(), &encode(&finish, &json)).response;
            same("orca23_incomev3_99.json", &response.expect("an answer"));
        }
    }
}

#[test]
fn its_lists_have_the_shape_of_recorded_ones() {
    let Some(_) = foreign("orca23_incomev3_99.json") else {
        eprintln!("skipped: no recordings beside the repository");
        return;
    };
    let recorded = |name: &str| -> Value {
        serde_json::from_slice(&foreign(name).expect(name)).expect("JSON")
    };
    let parsed = |response: Option<Response>| -> Value {
        serde_json::from_slice(&response.expect("an answer").body).expect("JSON")
    };
    let json = dialect(BodyKind::Json);
    // Locks: one of a screen, then the question, then the end of it.
    let mut orca = Simulator::new(
        recorded_scene(&[]),
        Script::parse("open locked ORCA21").expect("a script"),
        3,
    );
    let bill = orca.scene().invoices[0].clone();
    let _ = ask(&mut orca, &open_call(&bill, "karte_uid"));
    let list = parsed(orca.handle(now(), &encode(&Call::Locks, &json)).response);
    assert_eq!(
        shape(&list),
        shape(&recorded("api21_medicalmodv37_00.json"))
    );
    let mut orca = Simulator::new(recorded_scene(&[]), Script::default(), 3);
    let Ok(Answer::Opened { session, .. }) = ask(&mut orca, &open_call(&bill, "karte_uid")) else {
        panic!("not opened")
    };
    let release = Call::Release { session };
    let later = now() + Duration::minutes(5);
    let first = orca
        .handle(later, &encode(&release, &json))
        .response
        .expect("an answer");
    let second = confirm(&release, &first, &json).expect("asked back");
    assert_eq!(
        shape(&parsed(Some(first))),
        shape(&recorded("api21_medicalmodv37_01_one_S40.json"))
    );
    let last = parsed(orca.handle(later, &second).response);
    assert_eq!(
        shape(&last),
        shape(&recorded("api21_medicalmodv37_01_one.json"))
    );
    // What describes a person differs from one to the next: nothing is there that the recorded one has not.
    let mut orca = simulator("");
    let mut request = encode(
        &Call::Worklist {
            date: day("2026-11-20"),
        },
        &json,
    );
    request.target = request.target.replace("class=02", "class=03");
    let list = parsed(orca.handle(now(), &request).response);
    let patient = Call::Patient {
        patient: number("1"),
    };
    let patient = parsed(orca.handle(now(), &encode(&patient, &json)).response);
    for (ours, name) in [
        (list, "api01rv2_acceptlstv2_03.json"),
        (patient, "api01rv2_patientgetv2.json"),
    ] {
        let theirs = shape(&recorded(name));
        for path in shape(&ours)
            .keys()
            .filter(|path| !path.ends_with("Account_Time"))
        {
            assert!(theirs.contains_key(path), "{name} has no {path}");
        }
    }
    // 01/01, every sort of row.
    let theirs = recorded("orca23_incomev3_01_01_information_class_1.json");
    let mut scene = recorded_scene(&[(9, Some(6_030), 6_030, true)]);
    for (number, group, own) in [
        ("0000364", Some("0000364"), 640),
        ("0000365", Some("0000364"), 0),
    ] {
        let mut bill = scene.invoices[0].clone();
        bill.number = number.into();
        bill.group = group.map(str::to_owned);
        bill.in_out = InOut::Out;
        (bill.insured, bill.meals) = (own, (0, 0));
        bill.history.clear();
        scene.invoices.push(bill);
    }
    let mut orca = Simulator::new(scene, Script::default(), 3);
    let mut request = encode(&open_call(&bill, "karte_uid"), &json);
    let text = String::from_utf8(request.body).expect("UTF-8");
    request.body = text
        .replace("\"Request_Mode\":\"02\"", "\"Request_Mode\":\"01\"")
        .into_bytes();
    let list = parsed(orca.handle(now(), &request).response);
    assert_eq!(shape(&list), shape(&theirs));
    let money = |row: &Value, name: &str| {
        row[name]
            .as_str()
            .expect(name)
            .trim()
            .parse::<i64>()
            .expect("yen")
    };
    for list in [&list, &theirs] {
        for row in list["incomev3res"]["Income_Information"]
            .as_array()
            .expect("rows")
        {
            if row.get("State").is_some() {
                assert_eq!(
                    money(row, "Unpaid_Money"),
                    money(row, "Ac_Money") - money(row, "Ic_Money")
                );
            }
        }
    }
}

fn reissue(session: &Session, bill: &Bill) -> Call {
    Call::Reissue {
        session: session.clone(),
        patient: number(&bill.patient),
        in_out: bill.in_out,
        invoice: invoice(&bill.number),
    }
}

#[test]
fn a_receipt_is_printed_with_a_payment_that_asks_for_it_and_once_more_on_a_reissue() {
    let mut orca = simulator("");
    let bill = first(&orca);
    let (session, _) = opened(&mut orca, &bill);
    let mut payment = pays(&session, &bill, 10);
    ask(&mut orca, &Call::Pay(payment.clone())).expect("taken");
    assert_eq!(orca.printed(), []);
    payment.print = true;
    ask(&mut orca, &Call::Pay(payment)).expect("taken");
    assert_eq!(
        ask(&mut orca, &reissue(&session, &bill)),
        Ok(Answer::Reissued)
    );
    let printed: Vec<_> = orca
        .printed()
        .iter()
        .map(|one| (one.receipt, one.statement, one.again))
        .collect();
    assert_eq!(printed, [(true, true, false), (true, false, true)]);
    assert_eq!(orca.posted().len(), 2, "a reissue moves no money");
    let finish = Call::Finish {
        session: session.clone(),
    };
    assert_eq!(ask(&mut orca, &finish), Ok(Answer::Finished));
    let late = ask(&mut orca, &reissue(&session, &bill));
    assert_eq!(code(&late), "E0203", "only in a session that is open");
}

#[test]
fn a_reissue_of_nothing_is_refused() {
    let mut orca = simulator("");
    let bill = first(&orca);
    let (session, _) = opened(&mut orca, &bill);
    for kind in [BodyKind::Json, BodyKind::Xml] {
        let mut request = encode(&reissue(&session, &bill), &dialect(kind));
        let text = String::from_utf8(request.body).expect("text");
        let text = text
            .replace("Receipt_Class\":\"1", "Receipt_Class\":\"0")
            .replace(
                "Receipt_Class type=\"string\">1",
                "Receipt_Class type=\"string\">0",
            );
        request.body = text.into_bytes();
        let response = orca.handle(now(), &request).response.expect("an answer");
        let said = decode(&reissue(&session, &bill), &response);
        assert_eq!(code(&said), "E0123");
    }
    assert_eq!(orca.printed(), []);
}
