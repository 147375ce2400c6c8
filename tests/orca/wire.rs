//! Calls as they leave, answers as they come.

use madoguchi::domain::bill::{Bill, InOut};
use madoguchi::domain::money::Yen;
use madoguchi::domain::sale::TaxClass;
use madoguchi::orca::answer::{Answer, Failure};
use madoguchi::orca::call::Call;
use madoguchi::orca::wire::{BodyKind, Method, Response, confirm, decode, encode, read};

use super::support::{
    answer, at, calls, day, dialect, foreign, invoice, number, open, payment, recording, session,
};

fn body(call: &Call, kind: BodyKind) -> String {
    String::from_utf8(encode(call, &dialect(kind)).body).expect("UTF-8")
}

#[test]
fn each_call_has_its_place_and_its_prefix() {
    let places = [
        "POST /orca23/incomev3?format=json",
        "POST /api01rv2/acceptlstv2?class=02&format=json",
        "POST /api01rv2/incomeinfv2",
        "GET /api01rv2/patientgetv2?id=00012&format=json",
        "POST /api01rv2/system01lstv2?format=json",
        "POST /orca23/incomev3?format=json",
        "POST /orca23/incomev3?format=json",
        "POST /orca23/incomev3?format=json",
        "POST /orca23/incomev3?format=json",
        "POST /api21/medicalmodv37?format=json",
        "POST /api21/medicalmodv37?format=json",
    ];
    for (call, place) in calls().iter().zip(places) {
        let json = dialect(BodyKind::Json);
        let request = encode(call, &json);
        assert_eq!(
            format!("{} {}", request.method.word(), request.target),
            place
        );
        let mut web = dialect(BodyKind::Xml);
        web.api_prefix = true;
        let request = encode(call, &web);
        let bare = place
            .split_once(' ')
            .expect("two words")
            .1
            .replace("?format=json", "")
            .replace("&format=json", "");
        assert_eq!(request.target, format!("/api{bare}"));
        if request.method == Method::Post {
            assert_eq!(request.content_type, Some("application/xml; charset=UTF-8"));
            assert!(request.body.starts_with(b"<?xml"), "{call:?}");
        } else {
            assert!(request.body.is_empty());
        }
    }
}

#[test]
fn a_payment_says_when_how_much_and_with_what_and_forces_nothing() {
    assert_eq!(
        body(&Call::Pay(payment(650)), BodyKind::Json),
        r#"{"incomev3req":{"Request_Number":"02","Request_Mode":"01","Karte_Uid":"desk-01","Orca_Uid":"a0000000-0000-4000-8000-000000000001","Patient_ID":"00012","InOut":"O","Invoice_Number":"0001149","Processing_Date":"2026-11-20","Processing_Time":"10:17","Ic_Money":"650","Ic_Code":"02","Force_Ic":"False","Print_Information":{"Print_Invoice_Receipt_Class":"0","Print_Statement_Class":"0"}}}"#
    );
    let back = body(&Call::PayBack(payment(650)), BodyKind::Json);
    assert!(back.contains(r#""Request_Mode":"03""#), "{back}");
    assert!(back.contains(r#""Ic_Money":"-650""#), "{back}");
    let mut own = payment(650);
    own.tender_code = None;
    own.print = true;
    own.in_out = InOut::In;
    // The receipt computer's clock is Japan's, wherever the console stands.
    own.at = at("2026-11-20T23:59:00+00:00");
    let own = body(&Call::Pay(own), BodyKind::Json);
    for (piece, there) in [
        ("Ic_Code", false),
        (r#""Print_Statement_Class":"1""#, true),
        (r#""InOut":"I""#, true),
        (
            r#""Processing_Date":"2026-11-21","Processing_Time":"08:59""#,
            true,
        ),
    ] {
        assert_eq!(own.contains(piece), there, "{piece} in {own}");
    }
}

#[test]
fn the_day_list_is_read_past_empty_rows_in_the_order_of_their_visit() {
    let call = Call::Worklist {
        date: day("2026-11-20"),
    };
    let Ok(Answer::Worklist(list)) = decode(&call, &recording("worklist.json")) else {
        panic!("no list");
    };
    let told: Vec<_> = list
        .iter()
        .map(|row| (row.patient.number.as_str(), row.patient.name.as_str()))
        .collect();
    assert_eq!(told, [("00012", "見本　太郎"), ("00034", "見本　花子")]);
    assert_eq!(list[0].department, "内科");
    assert_eq!(
        decode(&call, &recording("worklist_nobody.xml")),
        Ok(Answer::Worklist(Vec::new()))
    );
}

fn the_bill(response: &Response) -> Bill {
    let call = Call::Bill {
        patient: number("12"),
        date: Some(day("2026-11-20")),
    };
    match decode(&call, response) {
        Ok(Answer::Bill(bill)) => *bill,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_bill_has_the_invoices_of_the_day_and_every_other_that_is_unpaid() {
    let bill = the_bill(&recording("bill.xml"));
    assert_eq!(bill.patient.name, "見本　太郎");
    assert_eq!(bill.at, at("2026-11-20T10:15:30+09:00"));
    assert_eq!(bill.unpaid, Yen::new(4_130));
    let told: Vec<_> = bill
        .invoices
        .iter()
        .map(|invoice| (invoice.number.as_str(), invoice.unpaid().get()))
        .collect();
    assert_eq!(told, [("0000987", 630), ("0001149", 3_500)]);
    let lines: Vec<_> = bill.invoices[1]
        .lines
        .iter()
        .map(|line| (line.name.as_str(), line.unit.get(), line.tax))
        .collect();
    assert_eq!(
        lines,
        [
            ("保険分負担金", 650, TaxClass::NonTaxable),
            ("診断書料", 3_300, TaxClass::Taxable),
            ("分娩介助料", 550, TaxClass::NonTaxable),
        ]
    );
}

#[test]
fn the_parts_of_an_invoice_add_up_to_it_or_are_not_told() {
    let original = recording("bill.xml");
    let text = String::from_utf8(original.body).expect("UTF-8");
    let tax_in_own = "<Ac_Ttl_Point type=\"string\">       216</Ac_Ttl_Point>";
    for (what, from, to, lines) in [
        ("as it is", "", "", 3),
        (
            "a sum beyond its parts",
            ">       550</Oe_Etc_Money",
            ">       500</Oe_Etc_Money",
            4,
        ),
        ("a charge that is more", ">      4500<", ">      4510<", 0),
        (
            "a part of the uninsured is taxable",
            tax_in_own,
            "<Me_Ttl_Money type=\"string\">2000</Me_Ttl_Money><Tax_In_Me_Ttl_Money type=\"string\">50</Tax_In_Me_Ttl_Money>",
            0,
        ),
        (
            "an adjustment",
            ">      4500</Ac_Money>",
            ">      4490</Ac_Money><Ad_Money1 type=\"string\">       -10</Ad_Money1>",
            3,
        ),
        (
            "a reduction",
            ">      4500</Ac_Money>",
            ">      4400</Ac_Money><Dis_Money type=\"string\">       100</Dis_Money>",
            3,
        ),
        (
            "more taken off than is insured",
            ">      4500</Ac_Money>",
            ">      3800</Ac_Money><Dis_Money type=\"string\">       700</Dis_Money>",
            0,
        ),
    ] {
        let changed = text.replacen(from, to, 1);
        assert!(from.is_empty() || changed != text, "{what}");
        let bill = the_bill(&answer(changed.as_bytes()));
        let found = &bill.invoices[1];
        assert_eq!(found.lines.len(), lines, "{what}: {:?}", found.lines);
        if lines > 0 {
            let sum: i64 = found.lines.iter().map(|line| line.unit.get()).sum();
            assert_eq!(sum, found.charged.get(), "{what}");
        }
    }
}

#[test]
fn an_amount_that_is_no_number_is_never_zero() {
    let text = String::from_utf8(recording("bill.xml").body).expect("UTF-8");
    let call = Call::Bill {
        patient: number("00012"),
        date: None,
    };
    for wrong in ["12a", "1.5", "99999999999999999999", "999999999", "６５０x"] {
        let changed = text.replace("      4500", wrong);
        let said = decode(&call, &answer(changed.as_bytes()));
        assert_eq!(said, Err(Failure::Unreadable("Ac_Money".into())), "{wrong}");
    }
    // Nothing at all is.
    let absent = text.replace("<Ic_Money type=\"string\">      1000</Ic_Money>", "");
    let bill = the_bill(&answer(absent.as_bytes()));
    assert_eq!(bill.invoices[1].received, Yen::ZERO);
}

#[test]
fn what_answers_for_somebody_else_is_no_answer() {
    let other = Call::Bill {
        patient: number("00034"),
        date: None,
    };
    assert!(matches!(
        decode(&other, &recording("bill.xml")),
        Err(Failure::Unreadable(_))
    ));
    let mut elsewhere = payment(650);
    elsewhere.invoice = invoice("0001150");
    for call in [Call::Pay(elsewhere), Call::PayBack(payment(650))] {
        let said = decode(&call, &recording("paid.json"));
        assert!(matches!(said, Err(Failure::Unreadable(_))), "{said:?}");
    }
}

#[test]
fn an_invoice_is_opened_paid_and_let_go() {
    let Ok(Answer::Opened {
        session: opened,
        standing,
    }) = decode(&open(), &recording("opened.json"))
    else {
        panic!("not opened");
    };
    assert_eq!(opened, session());
    assert_eq!(standing.invoice.unpaid(), Yen::new(650));
    assert_eq!(standing.invoice.lines.len(), 1);
    assert_eq!(standing.history.len(), 1);
    let Ok(Answer::Written(standing)) = decode(&Call::Pay(payment(650)), &recording("paid.json"))
    else {
        panic!("not paid");
    };
    assert_eq!(standing.invoice.unpaid(), Yen::ZERO);
    let row = standing.history.last().expect("a row");
    assert_eq!(
        (
            row.number,
            row.received.get(),
            row.tender_code.as_deref(),
            row.state
        ),
        (2, 650, Some("02"), Some(2))
    );
    assert_eq!(
        decode(
            &Call::Finish { session: session() },
            &recording("finished.json")
        ),
        Ok(Answer::Finished)
    );
}

#[test]
fn a_remark_is_kept_and_is_no_refusal() {
    let said = read(&Call::PayBack(payment(650)), &recording("paid_back.json"));
    assert!(matches!(said.result, Ok(Answer::Written(_))), "{said:?}");
    let warning = said.warning.expect("a remark");
    assert_eq!(warning.code, "W00000");
    assert_eq!(warning.message, "印刷できませんでした。");
}

#[test]
fn a_refusal_has_its_session_where_there_is_one() {
    let refused = |call: &Call, name: &str| match decode(call, &recording(name)) {
        Err(Failure::Refused(refusal)) => (refusal.code, refusal.session.is_some()),
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(refused(&open(), "e1038.json"), ("E1038".into(), false));
    assert_eq!(refused(&open(), "e9999.json"), ("E9999".into(), true));
    assert_eq!(
        refused(&Call::Pay(payment(700)), "e0107.json"),
        ("E0107".into(), true)
    );
}

#[test]
fn a_held_patient_is_let_go_only_after_the_question_is_answered() {
    let Ok(Answer::Locks(locks)) = decode(&Call::Locks, &recording("locks.json")) else {
        panic!("no list");
    };
    assert_eq!(locks.len(), 1);
    assert_eq!(locks[0].terminal, "ORCA21");
    assert_eq!(locks[0].since, Some(at("2026-11-20T10:05:07+09:00")));
    let release = Call::Release {
        session: locks[0].session.clone(),
    };
    let json = dialect(BodyKind::Json);
    let first = String::from_utf8(encode(&release, &json).body).expect("UTF-8");
    assert!(!first.contains("Select_Answer"), "{first}");
    let second = confirm(&release, &recording("s40.json"), &json).expect("a second request");
    let second = String::from_utf8(second.body).expect("UTF-8");
    assert!(second.contains(r#""Select_Answer":"Ok""#), "{second}");
    assert!(
        second.contains(r#""Orca_Uid":"a0000000-0000-4000-8000-00000000000a""#),
        "{second}"
    );
    assert_eq!(
        decode(&release, &recording("released.json")),
        Ok(Answer::Released)
    );
    assert_eq!(confirm(&release, &recording("released.json"), &json), None);
    assert_eq!(confirm(&Call::Locks, &recording("s40.json"), &json), None);
}

#[test]
fn codes_of_tenders_and_a_patient_are_read() {
    let call = Call::TenderCodes {
        date: day("2026-11-20"),
    };
    let Ok(Answer::TenderCodes(codes)) = decode(&call, &recording("tender_codes.json")) else {
        panic!("no codes");
    };
    let told: Vec<_> = codes.iter().map(|code| code.code.as_str()).collect();
    assert_eq!(told, ["01", "02"]);
    let call = Call::Patient {
        patient: number("12"),
    };
    let Ok(Answer::Patient(patient)) = decode(&call, &recording("patient.json")) else {
        panic!("no patient");
    };
    assert_eq!(patient.born, Some(day("1980-07-07")));
}

/// What may have been done, by what came back instead of an answer.
#[test]
fn what_is_no_answer_to_a_payment_may_have_been_done() {
    const DENIED: u8 = 0;
    const FOREIGN: u8 = 1;
    const UNREADABLE: u8 = 2;
    let pages: [(u16, &str, u8, u8); 12] = [
        (401, "", DENIED, DENIED),
        (403, "<html></html>", DENIED, DENIED),
        (404, "<html></html>", FOREIGN, FOREIGN),
        (302, "", FOREIGN, FOREIGN),
        (500, "", FOREIGN, UNREADABLE),
        (502, "<html></html>", FOREIGN, UNREADABLE),
        (504, "", FOREIGN, UNREADABLE),
        (
            200,
            "<!DOCTYPE html><html><title>Login</title></html>",
            FOREIGN,
            UNREADABLE,
        ),
        (200, "", FOREIGN, UNREADABLE),
        (200, "{\"hello\":\"world\"}", FOREIGN, UNREADABLE),
        (
            200,
            "{\"incomev3res\":{\"Api_Result\":\"000",
            UNREADABLE,
            UNREADABLE,
        ),
        (
            200,
            "{\"incomev3res\":{\"Api_Result\":\"00000\"}}",
            UNREADABLE,
            UNREADABLE,
        ),
    ];
    for (status, body, reading, writing) in pages {
        for (call, expected) in [(open(), reading), (Call::Pay(payment(650)), writing)] {
            let mut response = answer(body.as_bytes());
            response.status = status;
            let said = match decode(&call, &response) {
                Err(Failure::Denied(_)) => DENIED,
                Err(Failure::Foreign(_)) => FOREIGN,
                Err(Failure::Unreadable(_)) => UNREADABLE,
                other => panic!("{status} {body}: {other:?}"),
            };
            assert_eq!(said, expected, "{status} {body} to {}", call.word());
        }
    }
}

#[test]
fn an_unknown_user_is_denied_in_every_width() {
    for (code, denied) in [
        ("99", true),
        ("0099", true),
        ("E0099", true),
        ("00099", true),
        ("E9999", false),
        ("E0199", false),
    ] {
        let body = format!(r#"{{"x":{{"Api_Result":"{code}","Api_Result_Message":"m"}}}}"#);
        for call in calls() {
            let said = decode(&call, &answer(body.as_bytes()));
            let is_denied = matches!(said, Err(Failure::Denied(_)));
            assert_eq!(is_denied, denied, "{code}: {said:?}");
        }
    }
}

#[test]
fn whoever_answers_a_session_that_never_was_is_there() {
    for name in ["finished.json", "e1038.json"] {
        assert_eq!(decode(&Call::Ping, &recording(name)), Ok(Answer::Pong));
    }
    assert!(decode(&Call::Ping, &answer(b"<html></html>")).is_err());
}

/// Answers of a real receipt computer, where they lie beside the repository.
#[test]
fn recordings_of_a_real_one_are_read() {
    let Some(detail) = foreign("orca23_incomev3_01_02_cancel.json") else {
        eprintln!("skipped: no recordings beside the repository");
        return;
    };
    let call = Call::Open {
        karte_uid: "karte_uid".into(),
        patient: number("1"),
        in_out: InOut::In,
        invoice: invoice("13"),
    };
    let Ok(Answer::Opened { standing, .. }) = decode(&call, &answer(&detail)) else {
        panic!("not opened");
    };
    assert_eq!(standing.invoice.charged, Yen::new(6_030));
    let summed: i64 = standing.invoice.lines.iter().map(|l| l.unit.get()).sum();
    assert_eq!(summed, 6_030, "5,250 insured and 780 of meals");
    let received: i64 = standing.history.iter().map(|row| row.received.get()).sum();
    assert_eq!(received, standing.invoice.received.get());
    for (name, mode) in [
        ("orca23_incomev3_02_01.json", 1),
        ("orca23_incomev3_02_03.json", 3),
    ] {
        let mut written = payment(1_000);
        written.session.karte_uid = "karte_uid".into();
        written.invoice = invoice("13");
        let call = if mode == 1 {
            Call::Pay(written)
        } else {
            Call::PayBack(written)
        };
        let body = foreign(name).expect(name);
        let Ok(Answer::Written(standing)) = decode(&call, &answer(&body)) else {
            panic!("{name}");
        };
        let received: i64 = standing.history.iter().map(|row| row.received.get()).sum();
        assert_eq!(received, standing.invoice.received.get(), "{name}");
    }
    for (name, call, code, held) in [
        ("orca23_incomev3_01_02_E9999.json", open(), "E9999", true),
        ("orca23_incomev3_01_01_E1038.json", open(), "E1038", false),
        (
            "orca23_incomev3_02_01_E0107.json",
            Call::Pay(payment(1)),
            "E0107",
            true,
        ),
    ] {
        let body = foreign(name).expect(name);
        let Err(Failure::Refused(refusal)) = decode(&call, &answer(&body)) else {
            panic!("{name}");
        };
        assert_eq!(
            (refusal.code.as_str(), refusal.session.is_some()),
            (code, held)
        );
    }
    for (name, call, says) in [
        (
            "api01rv2_acceptlstv2_03.json",
            Call::Worklist {
                date: day("2017-08-09"),
            },
            "鈴木有二",
        ),
        (
            "api01rv2_patientgetv2.json",
            Call::Patient {
                patient: number("1"),
            },
            "テスト　カンジャ",
        ),
        ("api21_medicalmodv37_00.json", Call::Locks, "ORCA21"),
        (
            "api21_medicalmodv37_01_one.json",
            Call::Release { session: session() },
            "Released",
        ),
        (
            "orca23_incomev3_99.json",
            Call::Finish { session: session() },
            "Finished",
        ),
    ] {
        let body = foreign(name).expect(name);
        let said = format!("{:?}", decode(&call, &answer(&body)).expect(name));
        // Debug writes the wide space as an escape.
        let said = said.replace("\\u{3000}", "\u{3000}");
        assert!(said.contains(says), "{name}: {said}");
    }
    let asked = answer(&foreign("api21_medicalmodv37_01_one_S40.json").expect("a recording"));
    let release = Call::Release { session: session() };
    assert!(confirm(&release, &asked, &dialect(BodyKind::Json)).is_some());
}

#[test]
fn a_reissue_asks_for_the_receipt_alone_and_moves_no_money() {
    let payment = payment(650);
    let call = Call::Reissue {
        session: payment.session,
        patient: payment.patient,
        in_out: payment.in_out,
        invoice: payment.invoice,
    };
    assert_eq!(
        body(&call, BodyKind::Json),
        r#"{"incomev3req":{"Request_Number":"02","Request_Mode":"09","Karte_Uid":"desk-01","Orca_Uid":"a0000000-0000-4000-8000-000000000001","Patient_ID":"00012","InOut":"O","Invoice_Number":"0001149","Print_Information":{"Print_Invoice_Receipt_Class":"1","Print_Statement_Class":"0"}}}"#
    );
    assert!(
        call.writes(),
        "paper may have come though the answer did not"
    );
}
