//! What a scan brings to the screen: a bill, its patient, and a bill that was paid today.

use madoguchi::app::key::{Input, Key, KeyPress};
use madoguchi::app::message::{Message, Stored};
use madoguchi::app::{Screen, State, update};
use madoguchi::domain::record::SaleRecord;

use super::shop::now;

fn scan(state: &mut State, code: &str) {
    update(state, now(), Message::Input(Input::Scan(code.into())));
}

fn looked_up(state: &mut State, earlier: Option<SaleRecord>) {
    let Screen::Scan(bill) = &state.screen else {
        panic!("no bill on the screen")
    };
    let stored = Stored::BillTaken {
        code: bill.reading.as_ref().expect("a code").code.clone(),
        date: state.settings.stamp(state.now).business_date,
        earlier: earlier.map(Box::new),
    };
    update(state, now(), Message::Stored(stored));
}

/// A bill of 12,300 yen is shown, and its patient's card was read.
pub(crate) fn scanned_bill(mut state: State) -> State {
    scan(&mut state, "0200010123007");
    scan(&mut state, "A0012345A");
    looked_up(&mut state, None);
    state
}

/// A patient waits for the bill.
pub(crate) fn scan_patient(mut state: State) -> State {
    scan(&mut state, "A0012345A");
    state
}

/// The bill was paid today, and somebody types the amount to take it again.
pub(crate) fn scan_again(mut state: State, earlier: &SaleRecord) -> State {
    scan(&mut state, "0200010123007");
    looked_up(&mut state, Some(earlier.clone()));
    state.typing = Default::default();
    if let Screen::Scan(bill) = &mut state.screen {
        bill.proof = Some(madoguchi::app::field::Field::new(
            madoguchi::app::field::Kind::Amount,
            12,
        ));
    }
    for digit in ['1', '2', '3'] {
        let press = KeyPress {
            key: Key::Char(digit),
            bytes: vec![digit as u8],
        };
        update(&mut state, now(), Message::Input(Input::Key(press)));
    }
    state
}
