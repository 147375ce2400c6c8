//! `[orca.tender]`.

use super::*;
use crate::config::orca_tender;

#[test]
fn payment_methods_of_the_receipt_computer_are_named_by_cash_and_card() {
    use crate::domain::reflection::Method;
    let with = |lines: &str| {
        let source = format!("{SAMPLE}\n[orca.tender]\n{lines}");
        Config::read("x.toml", source.as_bytes(), &Models::shipped())
    };
    let config = with("cash = \"01\"\n\"05\" = \"3\"").expect("sound");
    let codes: Vec<_> = config.tender_codes.into_iter().collect();
    let card = Method::Card("05".to_owned());
    assert_eq!(
        codes,
        [(Method::Cash, "01".to_owned()), (card, "3".to_owned())]
    );
    for (lines, fault) in [
        ("cash = \"\"", orca_tender::TenderFault::NoCode),
        ("cash = \"0A\"", orca_tender::TenderFault::NoCode),
        ("cash = \"001\"", orca_tender::TenderFault::NoCode),
        ("\"88\" = \"01\"", orca_tender::TenderFault::NoSuchCard),
    ] {
        let error = with(lines).expect_err("refused");
        assert_eq!(error.problems[0].kind, fault.into(), "{lines}");
        assert!(error.problems[0].place.is_some(), "{lines}");
    }
}
