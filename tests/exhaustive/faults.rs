//! Every fault at every step of every operation, for every class of terminal.

use madoguchi::cat::dialect::layout::Layout;
use madoguchi::cat::model::{InquiryPower, NotFoundPower};
use madoguchi::cat::simulator::books::BookEntry;
use madoguchi::domain::slip::TerminalSlipNumber;

use crate::counter::{Blow, Counter, Kind, Operation, Piece, SHIPPED, Strike};
use crate::judge::{Clean, End, Tally, hold_true};

/// What may go wrong with one piece.
fn blows(piece: &Piece) -> Vec<Blow> {
    let nak = vec![0x15];
    let eot = vec![0x04];
    vec![
        Blow::Cut,
        Blow::Becomes(Vec::new()),
        Blow::Becomes(piece.bytes.repeat(2)),
        Blow::Silence,
        Blow::Swallowed,
        Blow::Becomes(nak.clone()),
        Blow::Becomes([nak, piece.bytes.clone()].concat()),
        Blow::Becomes([piece.bytes.clone(), eot.clone()].concat()),
        Blow::Becomes(eot),
        Blow::Reboot { forgets: false },
        Blow::Reboot { forgets: true },
    ]
}

/// The open dialect, on a terminal that can be asked so much, has a status or not, and says our number and amount again or not.
fn class(inquiry: InquiryPower, status: bool, echoes: bool) -> Kind {
    let mut kind = SHIPPED[0].clone();
    kind.name = format!("{inquiry:?}, status {status}, echo {echoes}");
    let can = &mut kind.model.capabilities;
    can.inquiry = inquiry;
    can.status = status;
    can.not_found = if inquiry == InquiryPower::ByReference {
        NotFoundPower::SameJournal
    } else {
        NotFoundPower::Nothing
    };
    can.echoes_sequence_number = echoes;
    can.echoes_amount = echoes;
    if !echoes {
        kind.layout = silent_about_us();
    }
    kind
}

/// The open dialect whose answers say neither our number nor the amount.
fn silent_about_us() -> Layout {
    let file = Layout::shipped_file("open-cat").expect("it is shipped");
    let number = r#"{ role = "sequence_number", width = 6, required = false }"#;
    let amount = r#"{ role = "amount", width = 8, required = false }"#;
    assert_eq!(file.matches(number).count(), 2);
    assert_eq!(file.matches(amount).count(), 2);
    let file = file
        .replace(number, r#"{ filler = "", width = 6, name = "nothing" }"#)
        .replace(amount, r#"{ filler = "", width = 8, name = "nothing" }"#);
    Layout::parse("silent", &file).expect("it can be used")
}

fn strike_everything(kind: &Kind, tally: &mut Tally, untrue: &mut Vec<String>) {
    for clean in Clean::all(kind) {
        for (at, piece) in clean.pieces.iter().enumerate() {
            for blow in blows(piece) {
                match clean.struck(kind, Strike { at, blow }) {
                    Ok(end) => tally.add(end),
                    Err(told) => untrue.push(told),
                }
            }
        }
    }
}

fn strike_classes(inquiry: InquiryPower) {
    let mut tally = Tally::default();
    let mut untrue = Vec::new();
    for status in [true, false] {
        for echoes in [true, false] {
            let kind = class(inquiry, status, echoes);
            strike_everything(&kind, &mut tally, &mut untrue);
        }
    }
    hold_true(&format!("faults, asked {inquiry:?}"), &tally, &untrue);
}

#[test]
fn no_fault_makes_a_terminal_that_cannot_be_asked_lie() {
    strike_classes(InquiryPower::None);
}

#[test]
fn no_fault_makes_a_terminal_that_knows_its_last_lie() {
    strike_classes(InquiryPower::LastOnly);
}

#[test]
fn no_fault_makes_a_terminal_that_is_asked_by_number_lie() {
    strike_classes(InquiryPower::ByReference);
}

#[test]
fn no_fault_makes_a_shipped_dialect_lie() {
    for kind in SHIPPED.iter() {
        let mut tally = Tally::default();
        let mut untrue = Vec::new();
        strike_everything(kind, &mut tally, &mut untrue);
        hold_true(&format!("faults, {}", kind.name), &tally, &untrue);
    }
}

/// The same transaction, to the number, the amount and the second, in the books of another terminal: another counter's.
fn twin(kind: &Kind, operation: Operation) -> BookEntry {
    let made = match operation {
        Operation::LastOfNone => Operation::LastResult,
        _ => operation,
    };
    let mut counter = Counter::new(kind, made, None);
    counter.play(made);
    let mut twin = counter.booked.pop().expect("booked");
    twin.slip_number = TerminalSlipNumber::new("00777").expect("a slip number");
    twin
}

#[test]
fn no_terminal_that_takes_the_place_of_another_speaks_for_it() {
    let mut tally = Tally::default();
    let mut untrue = Vec::new();
    for inquiry in [
        InquiryPower::None,
        InquiryPower::LastOnly,
        InquiryPower::ByReference,
    ] {
        for echoes in [true, false] {
            // One that is not asked who it is cannot be told from another.
            let kind = class(inquiry, true, echoes);
            let clean = Clean::all(&kind);
            for clean in clean.iter().filter(|clean| clean.operation.moves_money()) {
                let twin = twin(&kind, clean.operation);
                for at in 0..clean.pieces.len() {
                    for books in [vec![], vec![twin.clone()]] {
                        let blow = Blow::Swap(books);
                        match clean.struck(&kind, Strike { at, blow }) {
                            Ok(end) => tally.add(end),
                            Err(told) => untrue.push(told),
                        }
                    }
                }
            }
        }
    }
    hold_true("another terminal in its place", &tally, &untrue);
    assert!(tally.count(End::Unknown) > 0, "{tally}");
}
