//! The shipped layout, byte for byte and there and back.

use chrono::{NaiveDate, NaiveDateTime};

use super::*;
use crate::cat::{Authorize, TransactionType};
use crate::domain::money::Yen;
use crate::domain::slip::SequenceNumber;
use crate::domain::tender::CardClass;

fn at() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, 21)
        .and_then(|day| day.and_hms_opt(14, 32, 7))
        .expect("a time")
}

fn sale() -> Command {
    Command::Authorize(Authorize {
        transaction: TransactionType::Sales,
        sequence_number: SequenceNumber::new(42).expect("in range"),
        amount: Yen::new(3_430),
        tax_others: Yen::ZERO,
        card_class: CardClass::TRIPLE_WAIT,
        device_id: None,
        training: false,
        original_slip: None,
    })
}

#[test]
fn a_sale_has_these_bytes_and_comes_back() {
    let layout = Layout::open_cat();
    let text = layout.encode_command(&sale(), at()).expect("encodes");
    assert_eq!(
        String::from_utf8_lossy(&text),
        "OC1100000420000343000000000030\
         0                                        20261121143207"
    );
    assert_eq!(layout.decode_command(&text), Ok(sale()));
}
