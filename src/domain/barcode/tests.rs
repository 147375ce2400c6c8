//! Codes as they are printed, and what the rules say of them.

use super::*;
use crate::config::barcode_rules::{of_files, shipped};

/// Every layout that waits to be switched on, one at a time.
fn with(name: &str, constant: &str) -> RuleTable {
    let own = format!("[[rule]]\nname = \"{name}\"\non = true\nconstant = \"{constant}\"\n");
    of_files("own.toml", &own).expect("rules")
}

fn read(table: &RuleTable, text: &str) -> Result<Reading, Refused> {
    table.read(&Scanned::read(text))
}

#[test]
fn what_the_scanner_adds_is_taken_off() {
    for (sent, code, symbology) in [
        ("0200010006508", "0200010006508", None),
        ("]E00200010006508", "0200010006508", Some(Symbology::Jan13)),
        ("]E449123456", "49123456", Some(Symbology::Jan8)),
        ("]F0A12345B", "12345", Some(Symbology::Nw7)),
        ("a12345d", "12345", None),
        ("]C0A12345B", "A12345B", Some(Symbology::Code128)),
        ("]Q1hello", "hello", Some(Symbology::Qr)),
        ("]X0123", "123", Some(Symbology::Other)),
        ("]12", "]12", None),
        ("０２０００１０００６５０８", "0200010006508", None),
        (" 49123456\u{7} ", "49123456", None),
        ("ABBA", "ABBA", None),
        ("AA", "AA", None),
    ] {
        let scanned = Scanned::read(sent);
        assert_eq!(scanned.code, code, "{sent}");
        assert_eq!(scanned.symbology, symbology, "{sent}");
    }
}

#[test]
fn bills_of_every_known_layout() {
    for (table, sent, rule, amount) in [
        (shipped(), "0200010006508", "orca-0001", 650),
        // Read as UPC-A, its leading zero left out.
        (shipped(), "200010006508", "orca-0001", 650),
        (shipped(), "]E0200010006508", "orca-0001", 650),
        (
            with("non-plu-5-1-4", "2112002"),
            "2112002515005",
            "non-plu-5-1-4",
            1_500,
        ),
        (
            with("non-plu-5-1-4", "2012345"),
            "2012345610255",
            "non-plu-5-1-4",
            1_025,
        ),
        (
            with("non-plu-5-1-4", "2212345"),
            "2212345610259",
            "non-plu-5-1-4",
            1_025,
        ),
        (
            with("non-plu-4-6", "273456"),
            "2734567890122",
            "non-plu-4-6",
            789_012,
        ),
        (
            with("non-plu-5-5", "2734567"),
            "2734567890122",
            "non-plu-5-5",
            89_012,
        ),
        (
            with("non-plu-4-1-5", "273456"),
            "2734567890122",
            "non-plu-4-1-5",
            89_012,
        ),
        (
            with("petrel-plus", "102003"),
            "1020034051259",
            "petrel-plus",
            405_125,
        ),
    ] {
        let reading = read(&table, sent).unwrap_or_else(|why| panic!("{sent}: {why:?}"));
        assert_eq!((&*reading.rule, reading.kind), (rule, Kind::Bill), "{sent}");
        assert_eq!(reading.amount, Some(Yen::new(amount)), "{sent}");
        assert_eq!(reading.patient, None);
    }
    // Both scanners name the same bill.
    let code = |sent| read(&shipped(), sent).map(|reading| reading.code);
    assert_eq!(code("200010006508"), code("]E00200010006508"));
}

#[test]
fn every_digit_but_the_right_one_is_a_misread_bill() {
    let table = shipped();
    for digit in '0'..='9' {
        let code = format!("020001000650{digit}");
        let read = read(&table, &code);
        match digit {
            '8' => assert!(read.is_ok()),
            // Taken neither for another bill nor for goods nor for a patient.
            _ => assert!(matches!(read, Err(Refused::Misread(_))), "{code}: {read:?}"),
        }
    }
    // The example of a public manual has a wrong check digit; 3 is right.
    let table = with("non-plu-5-5", "0212345");
    assert!(matches!(
        read(&table, "0212345309807"),
        Err(Refused::Misread(_))
    ));
    let sound = read(&table, "0212345309803").expect("a bill");
    assert_eq!(sound.amount, Some(Yen::new(30_980)));
}

#[test]
fn what_is_no_bill_of_this_site_says_what_it_is() {
    let table = with("petrel-plus", "211234");
    let doubt = |code| read(&table, code).map(|reading| (reading.kind, reading.doubt.is_some()));
    // Sound, of the same look, and another site's: goods may look like that, too.
    assert_eq!(doubt("2112350015004"), Ok((Kind::Goods, true)));
    assert_eq!(read(&table, "ABCDEFGH"), Err(Refused::Unknown));
    assert_eq!(read(&table, "12345678901234567"), Err(Refused::Unknown));
    assert!(
        matches!(read(&table, "0200010000007"), Err(Refused::Misread(_))),
        "zero yen"
    );
    assert_eq!(read(&table, ""), Err(Refused::Unknown));
}

#[test]
fn the_bars_decide_where_the_scanner_names_them() {
    let table = shipped();
    let kind = |sent| read(&table, sent).map(|reading| reading.kind);
    assert_eq!(
        kind("49123456"),
        Ok(Kind::Patient),
        "eight digits, no word of the scanner"
    );
    assert_eq!(kind("]E449123456"), Ok(Kind::Goods));
    assert_eq!(kind("]F0A0012345A"), Ok(Kind::Patient));
    assert_eq!(kind("]I00012345"), Err(Refused::Unknown));
    assert_eq!(kind("4901234567894"), Ok(Kind::Goods));
}

#[test]
fn a_patient_card_is_made_even_in_the_documented_order() {
    let normal = |drop_letters, keep_last, drop_last, strip_zeros| Normal {
        drop_letters,
        keep_last,
        drop_last,
        strip_zeros,
    };
    for (field, rules, number) in [
        ("7654321", normal(true, 5, 0, false), Some("54321")),
        ("7654321", normal(true, 0, 1, false), Some("765432")),
        ("065432A", normal(true, 0, 0, false), Some("065432")),
        ("0054321", normal(true, 0, 0, true), Some("54321")),
        ("9900123457", normal(true, 8, 1, true), Some("12345")),
        ("065432A", normal(false, 0, 0, false), None),
        ("000", normal(true, 0, 0, true), None),
        ("12", normal(true, 0, 5, false), None),
    ] {
        let said = rules.apply(field);
        assert_eq!(
            said.as_ref().map(PatientNumber::as_str),
            number,
            "{field} {rules:?}"
        );
    }
}

#[test]
fn our_own_slips_are_found_and_a_damaged_one_is_nothing_else() {
    let table = shipped();
    let slip = SlipNumber::new(142);
    let reading = read(&table, &slip.code().to_lowercase()).expect("a slip");
    assert_eq!((reading.kind, reading.slip), (Kind::Slip, Some(slip)));
    let practice = SlipNumber::first(true);
    assert_eq!(
        read(&table, &practice.code()).expect("a slip").slip,
        Some(practice)
    );
    let damaged = slip.code().replace("142", "124");
    assert!(matches!(read(&table, &damaged), Err(Refused::Misread(_))));
}

#[test]
fn the_first_rule_that_fits_reads_the_code_and_the_others_say_why_not() {
    let own = r#"
[[rule]]
name = "ours"
title = { ja = "請求書", en = "bill" }
kind = "bill"
pattern = "9 o p{6} i{7} a{6} c"
check = "luhn"
in_out = { outpatient = ["1"], inpatient = ["2"] }
patient = { strip_zeros = true }
"#;
    let table = of_files("own.toml", own).expect("rules");
    let payload = "920001230000042003450";
    let check = Algorithm::Luhn.of(payload, None).expect("a digit");
    let reading = read(&table, &format!("{payload}{check}")).expect("a bill");
    assert_eq!(reading.in_out, Some(InOut::In));
    assert_eq!(
        reading.patient.as_ref().map(PatientNumber::as_str),
        Some("123")
    );
    assert_eq!(
        reading.invoice.as_ref().map(InvoiceNumber::as_str),
        Some("0000042")
    );
    assert_eq!(reading.amount, Some(Yen::new(3_450)));
    let said = table.explain(&Scanned::read("0200010006508"));
    let of = |name: &str| {
        let found = said.iter().find(|(rule, _)| rule.name == name);
        found.map(|(_, said)| said.clone()).expect("a rule")
    };
    assert!(matches!(
        of("ours"),
        Err(Miss::Unlike(Unlike::Length {
            wants: 22,
            open: false
        }))
    ));
    assert!(of("orca-0001").is_ok());
    assert_eq!(of("petrel-plus"), Err(Miss::Off));
    assert!(of("jan13").is_ok(), "but a rule before it was asked first");
}
