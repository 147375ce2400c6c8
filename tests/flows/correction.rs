//! 差額: the corrected bill first, then the old one is taken back, then the new one is paid; interrupted at each step.

use super::undo::{ORIGINAL, card_tender, desk, linked, rested, sale, undoable};
use super::*;
use madoguchi::app::popup::Popup;
use madoguchi::cat::TransactionType;
use madoguchi::domain::sale::SaleDraft;
use madoguchi::domain::slip::SlipNumber;
use madoguchi::domain::task::Task;

fn pending(effects: &[Effect]) -> SaleDraft {
    match effects {
        [Effect::Store(StoreRequest::Pend { sale, .. })] => sale.clone(),
        _ => panic!("{effects:?}"),
    }
}

/// 10割 3,430 yen were paid by card; the corrected bill is 1,029.
fn corrected(desk: Desk) -> Desk {
    let original = sale(&desk, 0, vec![card_tender(3, 3_430)]);
    let mut desk = rested(desk, undoable(original), Key::F(1));
    desk.press(Key::F(8));
    assert_eq!(desk.screen_name(), "register");
    assert_eq!(
        desk.state.due(),
        Yen::new(3_430),
        "the old lines to begin with"
    );
    desk.press(Key::F(8));
    desk.press(Key::F(8));
    desk.line("再診料 1029");
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "undo");
    assert!(desk.state.basket.lines.is_empty());
    desk.after_ms(1_000);
    desk
}

/// The old bill is taken back over the link.
fn taken_back() -> Desk {
    let mut desk = corrected(linked());
    let draft = pending(&desk.press(Key::F(12)));
    assert_eq!(draft.kind, SaleKind::Void);
    assert_eq!(
        draft.tenders,
        [card_tender(3, 3_430)],
        "all of the old bill"
    );
    let corrected = &draft.undo.as_ref().unwrap().corrected;
    assert_eq!(corrected.len(), 1);
    assert_eq!(corrected[0].unit, Yen::new(1_029));
    desk.stored(pended());
    desk.link(LinkEvent::Up);
    let effects = desk.link(idle_status());
    desk.durable(&effects);
    let mut done = result(ResultCode::Approved);
    done.transaction = TransactionType::Void;
    let effects = desk.link(answer(done));
    let effects = desk.durable(&effects);
    // The books are asked for what is open: the correction stands there from now on.
    let asked = Effect::Store(StoreRequest::Tasks);
    assert!(effects.contains(&asked), "{effects:?}");
    assert_eq!(desk.screen_name(), "done");
    desk.after_ms(1_000);
    desk
}

fn void_of(desk: &Desk) -> SaleRecord {
    match &desk.state.screen {
        Screen::Done(done) => done.record.clone(),
        _ => panic!("at {}", desk.screen_name()),
    }
}

fn is_at_the_corrected_bill(desk: &Desk) {
    assert_eq!(desk.screen_name(), "checkout");
    assert_eq!(desk.state.outstanding(), Yen::new(1_029));
    let replaced = desk.state.basket.replaces.unwrap();
    assert_eq!(replaced.slip, slip());
}

#[test]
fn the_new_bill_follows_the_old_one_and_says_the_difference() {
    let mut desk = taken_back();
    desk.press(Key::F(12));
    is_at_the_corrected_bill(&desk);
    assert_eq!(note(&desk), Some(Text::DifferenceBack));
    desk.press(Key::F(7));
    let effects = desk.press(Key::F(12));
    let [Effect::Store(StoreRequest::Sell { sale, .. })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(sale.replaces, Some(slip()));
    assert_eq!(sale.checked_total(), Ok(Yen::new(1_029)));
}

#[test]
fn giving_it_up_before_anything_was_taken_back_leaves_no_trace() {
    // While the corrected bill is rung up.
    let desk = desk();
    let original = sale(&desk, 0, vec![card_tender(3, 3_430)]);
    let mut desk = rested(desk, undoable(original), Key::F(1));
    desk.press(Key::F(8));
    for key in [Key::F(3), Key::F(4)] {
        assert_eq!(desk.press(key), vec![]);
        assert_eq!(note(&desk), Some(Text::CorrectFirst), "{key:?}");
    }
    desk.press(Key::F(9));
    assert_eq!(desk.screen_name(), "undo");
    assert!(desk.state.basket.lines.is_empty());
    // After it was rung up.
    let mut desk = corrected(linked());
    assert_eq!(desk.press(Key::F(9)), vec![]);
    assert_eq!(desk.screen_name(), "receipt");
    assert!(desk.state.basket.lines.is_empty());
}

#[test]
fn the_same_lines_are_no_correction() {
    let desk = desk();
    let original = sale(&desk, 0, vec![card_tender(3, 3_430)]);
    let mut desk = rested(desk, undoable(original), Key::F(1));
    desk.press(Key::F(8));
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "undo");
    assert_eq!(note(&desk), Some(Text::CorrectIsSame));
}

#[test]
fn after_the_old_bill_is_taken_back_the_new_one_cannot_be_left_unseen() {
    let mut desk = taken_back();
    desk.press(Key::F(12));
    desk.press(Key::F(9));
    assert_eq!(desk.state.popups, [Popup::HalfDone]);
    for key in [Key::F(12), Key::Enter] {
        desk.press(key);
        assert_eq!(desk.state.popups, [Popup::HalfDone]);
    }
    // Nothing of it is paid: there is nothing to take back.
    desk.answer('2');
    assert_eq!(note(&desk), Some(Text::NoPartYet));
    assert_eq!(desk.state.popups, [Popup::HalfDone]);
    desk.after_ms(1_000);
    desk.answer('1');
    assert_eq!(desk.screen_name(), "register");
    assert!(desk.state.basket.lines.is_empty());
}

#[test]
fn it_is_taken_up_from_the_list_after_a_restart() {
    let mut desk = taken_back();
    let record = void_of(&desk);
    desk = Desk::open();
    desk.stored(Stored::Tasks(vec![Task::Correction(Box::new(record))]));
    desk.press(Key::F(4));
    desk.press(Key::Char('2'));
    assert_eq!(desk.screen_name(), "unresolved");
    desk.press(Key::Enter);
    is_at_the_corrected_bill(&desk);
}

#[test]
fn it_is_not_taken_up_over_another_customers_bill() {
    let record = void_of(&taken_back());
    let mut desk = Desk::open();
    desk.stored(Stored::Tasks(vec![Task::Correction(Box::new(record))]));
    desk.line("500");
    desk.press(Key::F(4));
    desk.press(Key::Char('2'));
    desk.press(Key::Enter);
    assert_eq!(note(&desk), Some(Text::BillFirst));
    assert_eq!(desk.state.due(), Yen::new(500));
}

#[test]
fn a_void_without_an_outcome_brings_no_new_bill_before_it_has_one() {
    let mut desk = corrected(linked());
    desk.press(Key::F(12));
    desk.stored(pended());
    desk.link(LinkEvent::Up);
    let effects = desk.link(idle_status());
    desk.durable(&effects);
    let effects = desk.link(broken());
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "unknown");
    assert!(desk.state.basket.lines.is_empty());
    let mut desk = asked_in_vain(desk);
    // It was given back: the new bill follows.
    desk.press(Key::Char('1'));
    desk.text("00789");
    desk.after_ms(1_000);
    let effects = desk.press(Key::Enter);
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "done");
    desk.after_ms(1_000);
    desk.press(Key::F(12));
    is_at_the_corrected_bill(&desk);
}

#[test]
fn a_void_that_was_refused_leaves_the_old_bill_and_no_new_one() {
    let mut desk = corrected(linked());
    desk.press(Key::F(12));
    desk.stored(pended());
    desk.link(LinkEvent::Up);
    let effects = desk.link(idle_status());
    desk.durable(&effects);
    let mut refused = result(ResultCode::Stopped);
    refused.transaction = TransactionType::Void;
    let effects = desk.link(answer(refused));
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "not charged");
    assert!(desk.state.basket.lines.is_empty());
    desk.press(Key::F(9));
    assert_eq!(desk.screen_name(), "undo");
}

#[test]
fn a_card_that_is_declined_for_the_new_bill_keeps_what_it_stands_for() {
    let mut desk = taken_back();
    desk.press(Key::F(12));
    desk.press(Key::F(6));
    desk.press(Key::Enter);
    let sale = pending(&desk.press(Key::F(12)));
    assert_eq!(sale.replaces, Some(slip()));
    let second = SlipNumber::new(13);
    let number = madoguchi::domain::slip::SequenceNumber::new(872).unwrap();
    desk.stored(Stored::Pended {
        slip: second,
        sequence_number: number,
    });
    desk.link(LinkEvent::Up);
    let effects = desk.link(idle_status());
    desk.durable(&effects);
    let mut declined = result(ResultCode::Stopped);
    declined.sequence_number = Some(number);
    declined.amount = Some(Yen::new(1_029));
    let effects = desk.link(answer(declined));
    desk.durable(&effects);
    desk.press(Key::F(9));
    is_at_the_corrected_bill(&desk);
    desk.press(Key::F(7));
    let effects = desk.press(Key::F(12));
    let [Effect::Store(StoreRequest::Sell { sale, .. })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!((sale.replaces, sale.order), (Some(slip()), Some(second)));
    assert_ne!(sale.order, Some(ORIGINAL));
}

/// 1,230 of 3,430 yen were of the receipt computer's invoice 1426; corrected to 369, and no certificate.
#[test]
fn a_corrected_bill_of_the_receipt_computer_is_paid_of_its_invoice() {
    use madoguchi::domain::bill::{Billed, InOut, InvoiceNumber, PatientNumber, Share};
    let share = |yen: i64| {
        vec![Share {
            found: None,
            in_out: InOut::Out,
            invoice: Some(InvoiceNumber::parse("1426").unwrap()),
            amount: Yen::new(yen),
        }]
    };
    let desk = linked();
    let mut original = sale(&desk, 0, vec![card_tender(3, 3_430)]);
    original.sale.bill = Some(Billed {
        patient: PatientNumber::parse("00012").ok(),
        name: None,
        shares: share(1_230),
        code: None,
    });
    let mut desk = rested(desk, undoable(original), Key::F(1));
    desk.press(Key::F(8));
    desk.press(Key::F(8));
    desk.press(Key::F(8));
    desk.line("再診料 369");
    desk.press(Key::F(12));
    desk.after_ms(1_000);
    let draft = pending(&desk.press(Key::F(12)));
    assert_eq!(
        draft.bill.as_ref().unwrap().shares,
        share(1_230),
        "goes back"
    );
    let undo = draft.undo.as_ref().unwrap();
    assert_eq!(undo.corrected_bill.as_ref().unwrap().shares, share(369));
    // Interrupted: taken up from the list of tasks, it is the same bill.
    let mut record = sale(&desk, 0, vec![card_tender(3, 3_430)]);
    record.slip = slip();
    record.sale = draft;
    let mut desk = desk_of_task(record);
    is_paid_of(&mut desk, &share(369));
}

fn desk_of_task(record: SaleRecord) -> Desk {
    let mut desk = desk();
    desk.stored(Stored::Tasks(vec![Task::Correction(Box::new(record))]));
    desk.press(Key::F(4));
    desk.press(Key::Char('2'));
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "checkout");
    desk
}

fn is_paid_of(desk: &mut Desk, shares: &[madoguchi::domain::bill::Share]) {
    desk.press(Key::F(7));
    let effects = desk.press(Key::F(12));
    let [Effect::Store(StoreRequest::Sell { sale, .. })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(sale.bill.as_ref().unwrap().shares, shares);
    assert!(sale.replaces.is_some());
}
