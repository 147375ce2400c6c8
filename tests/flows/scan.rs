//! What a scan does: shown, looked up, taken on F12 alone; and everywhere else nothing.

use super::*;
use madoguchi::app::keymap::Place;
use madoguchi::app::message::items::{ItemsAnswer, ItemsRequest};
use madoguchi::app::scan::Earlier;
use madoguchi::domain::bill::{Billed, PatientNumber};

/// 650 yen, and nothing else.
const BILL: &str = "0200010006508";
/// 1,230 yen.
const OTHER: &str = "0200010012301";

fn scan(desk: &mut Desk, code: &str) -> Vec<Effect> {
    desk.send(Message::Input(Input::Scan(code.into())))
}

fn asks_for(effects: &[Effect]) -> Option<(String, BusinessDate)> {
    match effects {
        [Effect::Store(StoreRequest::BillTaken { code, date })] => Some((code.clone(), *date)),
        _ => None,
    }
}

/// The books' answer: who paid it.
fn answer_books(desk: &mut Desk, earlier: Option<SaleRecord>) -> Vec<Effect> {
    let Screen::Scan(bill) = &desk.state.screen else {
        panic!("no bill on the screen")
    };
    let code = bill.reading.as_ref().expect("a code").code.clone();
    let date = desk.state.settings.stamp(desk.state.now).business_date;
    desk.stored(Stored::BillTaken {
        code,
        date,
        earlier: earlier.map(Box::new),
    })
}

/// A desk with a bill on the screen that was not paid today.
fn with_bill() -> Desk {
    let mut desk = Desk::open();
    scan(&mut desk, BILL);
    answer_books(&mut desk, None);
    desk
}

fn patient(text: &str) -> PatientNumber {
    PatientNumber::parse(text).unwrap()
}

/// 3,430 yen in cash, and the desk it was paid at.
fn paid() -> (Desk, SaleRecord) {
    let mut desk = Desk::at_checkout();
    desk.press(Key::F(7));
    let effects = desk.press(Key::F(12));
    let [Effect::Store(StoreRequest::Sell { stamp, sale })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let entry = Entry::Sold {
        slip: slip(),
        sale: sale.clone(),
    };
    let record = SaleRecord::fold([(*stamp, &entry)]).unwrap().unwrap();
    desk.stored(Stored::Sold(Box::new(record.clone())));
    (desk, record)
}

fn earlier_sale() -> SaleRecord {
    paid().1
}

#[test]
fn a_bill_is_shown_and_looked_up_and_becomes_a_line_on_f12_alone() {
    let mut desk = Desk::open();
    let effects = scan(&mut desk, "200010006508");
    let (code, _) = asks_for(&effects).expect("the books are asked");
    assert_eq!(code, BILL, "whole, whatever the scanner leaves out");
    assert_eq!(desk.screen_name(), "scan");
    assert!(desk.state.basket.lines.is_empty());
    desk.press(Key::F(12));
    assert_eq!(
        note(&desk),
        Some(Text::Reading),
        "not before the books have spoken"
    );
    answer_books(&mut desk, None);
    for key in [Key::Enter, Key::Char(' '), Key::Tab] {
        desk.press(key);
        assert_eq!(desk.screen_name(), "scan", "{key:?}");
    }
    desk.press(Key::Backspace);
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "register");
    assert_eq!(desk.state.due(), Yen::new(650));
    desk.press(Key::F(12));
    desk.press(Key::F(7));
    let effects = desk.press(Key::F(12));
    let [Effect::Store(StoreRequest::Sell { sale, .. })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let expected = Billed {
        patient: None,
        name: None,
        shares: Vec::new(),
        code: Some(BILL.to_owned()),
    };
    assert_eq!(sale.bill, Some(expected));
    assert_eq!(sale.lines[0].name, "診療費");
}

#[test]
fn f9_takes_nothing_and_leads_back_to_what_was_typed() {
    let mut desk = Desk::open();
    desk.text("12");
    scan(&mut desk, BILL);
    desk.press(Key::F(9));
    let Screen::Register(register) = &desk.state.screen else {
        panic!("not at the register")
    };
    assert_eq!(register.input.text(), "12");
    assert!(desk.state.basket.lines.is_empty() && desk.state.basket.bill.is_none());
}

#[test]
fn bill_and_patient_are_paired_in_either_order() {
    for codes in [[BILL, "A0012345A"], ["A0012345A", BILL]] {
        let mut desk = Desk::open();
        for code in codes {
            scan(&mut desk, code);
        }
        answer_books(&mut desk, None);
        desk.press(Key::F(12));
        let bill = desk.state.basket.bill.clone().expect("a bill");
        assert_eq!(bill.billed.patient, Some(patient("12345")), "{codes:?}");
        // There is nobody to tell it to, now or later.
        assert_eq!(bill.billed.shares, vec![], "{codes:?}");
    }
    // Typed where there is no card.
    let mut desk = with_bill();
    desk.text("00777");
    desk.press(Key::F(12));
    assert_eq!(note(&desk), Some(Text::PressEnterForPatient));
    desk.press(Key::Enter);
    desk.press(Key::F(12));
    let bill = desk.state.basket.bill.clone().expect("a bill");
    assert_eq!(bill.billed.patient, Some(patient("00777")));
}

#[test]
fn a_site_that_wants_the_patient_takes_no_bill_without() {
    let mut desk = Desk::open();
    desk.state.settings.barcodes.patient_required = true;
    scan(&mut desk, BILL);
    answer_books(&mut desk, None);
    desk.press(Key::F(12));
    assert_eq!(note(&desk), Some(Text::ScanThePatient));
    scan(&mut desk, "A0012345A");
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "register");
    assert_eq!(desk.state.basket.lines.len(), 1);
}

#[test]
fn a_bill_that_was_paid_today_is_taken_again_only_by_digit_and_amount() {
    let mut desk = Desk::open();
    scan(&mut desk, BILL);
    let effects = answer_books(&mut desk, Some(earlier_sale()));
    assert_eq!(effects, vec![Effect::Bell(2)]);
    assert_eq!(desk.state.place(), Place::BilledToday);
    desk.after_ms(1_000);
    for key in [Key::F(12), Key::Enter, Key::Char('1'), Key::Char('9')] {
        desk.press(key);
        desk.after_ms(1_000);
        assert_eq!(desk.state.place(), Place::BilledToday, "{key:?}");
        assert!(desk.state.basket.lines.is_empty());
    }
    // Neither does another scan answer.
    scan(&mut desk, BILL);
    assert_eq!(note(&desk), Some(Text::ScanRefused));
    desk.after_ms(1_000);
    desk.answer('2');
    desk.text("651");
    desk.press(Key::Enter);
    assert_eq!(note(&desk), Some(Text::AmountDiffers));
    desk.press(Key::Ctrl('u'));
    desk.text("650");
    desk.press(Key::Enter);
    let Screen::Scan(bill) = &desk.state.screen else {
        panic!("no bill on the screen")
    };
    assert!(matches!(bill.earlier, Earlier::Again(_)));
    desk.press(Key::F(12));
    assert_eq!(desk.state.due(), Yen::new(650));
}

#[test]
fn the_default_is_not_to_pay_twice() {
    for key in [Key::F(9), Key::Esc] {
        let mut desk = Desk::open();
        scan(&mut desk, BILL);
        answer_books(&mut desk, Some(earlier_sale()));
        desk.press(key);
        desk.after_ms(1_000);
        assert_eq!(desk.screen_name(), "register");
        assert!(desk.state.basket.lines.is_empty());
    }
}

#[test]
fn a_bill_whose_books_cannot_be_read_is_not_taken() {
    let mut desk = Desk::open();
    let effects = scan(&mut desk, BILL);
    let [Effect::Store(request)] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    desk.stored(Stored::Failed {
        request: Box::new(request.clone()),
        trouble: StoreTrouble::Locked,
    });
    desk.press(Key::F(12));
    assert_eq!(note(&desk), Some(Text::ScanBillAgain));
    assert!(
        asks_for(&scan(&mut desk, BILL)).is_some(),
        "asked once more"
    );
}

/// The answer of an empty catalogue, where it is asked.
fn no_such_item(effects: &[Effect]) -> Option<Stored> {
    let [Effect::Store(StoreRequest::Items(ItemsRequest::Find { by, quantity }))] = effects else {
        return None;
    };
    Some(Stored::Items(ItemsAnswer::Found {
        by: by.clone(),
        quantity: *quantity,
        item: None,
    }))
}

#[test]
fn codes_that_are_not_taken_say_why() {
    for (code, text) in [
        ("0200010006507", Text::CodeMisread),
        ("0200020006505", Text::CodeOfOtherSite),
        ("4901234567894", Text::GoodsUnknown),
        ("ABCDEFGHIJKL", Text::CodeUnknown),
        ("MD000000129", Text::CodeMisread),
        ("0200010000001", Text::CodeMisread),
    ] {
        let mut desk = Desk::open();
        desk.text("34");
        let mut effects = scan(&mut desk, code);
        // What may be goods is looked for in the catalogue first, and is not there.
        if let Some(answer) = no_such_item(&effects) {
            effects = desk.stored(answer);
        }
        assert_eq!(effects, vec![Effect::Bell(2)], "{code}");
        assert_eq!(note(&desk), Some(text), "{code}");
        let Screen::Register(register) = &desk.state.screen else {
            panic!("not at the register")
        };
        assert_eq!(register.input.text(), "34", "nothing lands in the field");
    }
}

#[test]
fn two_bills_are_two_checkouts() {
    let mut desk = with_bill();
    scan(&mut desk, OTHER);
    assert_eq!(note(&desk), Some(Text::OneBillAtATime));
    desk.press(Key::F(12));
    for (code, text) in [
        (BILL, Text::BillTakenAlready),
        (OTHER, Text::OneBillAtATime),
    ] {
        scan(&mut desk, code);
        assert_eq!(note(&desk), Some(text));
        assert_eq!(desk.state.due(), Yen::new(650));
    }
}

#[test]
fn goods_stand_beside_a_bill_whose_line_stands_as_it_is() {
    let mut desk = Desk::open();
    desk.line("診断書 2200 課");
    scan(&mut desk, BILL);
    answer_books(&mut desk, None);
    desk.press(Key::F(12));
    assert_eq!(desk.state.due(), Yen::new(2_850));
    desk.press(Key::Up);
    desk.press(Key::Up);
    desk.press(Key::Enter);
    assert_eq!(note(&desk), Some(Text::BillLineStands));
    desk.press(Key::F(7));
    assert_eq!(note(&desk), Some(Text::BillLineStands));
    desk.press(Key::F(8));
    assert_eq!(desk.state.due(), Yen::new(2_200));
    assert_eq!(desk.state.basket.bill, None, "the bill goes with its line");
}

#[test]
fn a_scan_begins_the_next_bill_on_every_screen_where_one_can_be_begun() {
    // Done.
    let (mut desk, _) = paid();
    assert_eq!(desk.screen_name(), "done");
    assert!(asks_for(&scan(&mut desk, BILL)).is_some());
    assert_eq!(desk.screen_name(), "scan");
    // History, and back to it.
    let mut desk = Desk::open();
    desk.press(Key::F(3));
    scan(&mut desk, BILL);
    assert_eq!(desk.screen_name(), "scan");
    desk.press(Key::F(9));
    assert_eq!(desk.screen_name(), "history");
    // A slip of ours opens from the register, too.
    let mut desk = Desk::open();
    let effects = scan(&mut desk, &slip().code());
    assert!(effects.contains(&Effect::Store(StoreRequest::Find(slip()))));
    assert_eq!(desk.screen_name(), "history");
}

#[test]
fn no_storm_of_scans_and_keys_lands_in_a_field_or_answers_a_question() {
    // A small linear generator: the same storms every day.
    let mut seed = 20_261_121_u64;
    let mut below = move |limit: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % limit
    };
    let keys = [
        Key::F(12),
        Key::F(9),
        Key::F(7),
        Key::F(6),
        Key::F(3),
        Key::F(4),
        Key::Enter,
        Key::Esc,
        Key::Up,
        Key::Down,
        Key::Char('1'),
        Key::Char('2'),
        Key::Char('3'),
        Key::Backspace,
        Key::Tab,
    ];
    let codes = [
        BILL,
        OTHER,
        "A0012345A",
        "4901234567894",
        "MD000000129",
        "12345678",
        "ABCDEFGHIJKL",
    ];
    let starts: [fn() -> Desk; 5] = [
        Desk::open,
        Desk::at_checkout,
        Desk::with_card,
        Desk::waiting,
        Desk::unknown,
    ];
    for round in 0..300 {
        let mut desk = starts[round % starts.len()]();
        for _ in 0..40 {
            if below(3) > 0 {
                let key = keys[usize::try_from(below(keys.len() as u64)).unwrap()];
                let effects = desk.press(key);
                let asked =
                    matches!(&desk.state.screen, Screen::Scan(bill) if bill.reading.is_some());
                if asked && below(2) == 0 {
                    answer_books(&mut desk, None);
                }
                if written(&effects).is_some() {
                    desk.durable(&effects);
                }
                continue;
            }
            let code = codes[usize::try_from(below(codes.len() as u64)).unwrap()];
            let (before, lines) = (
                format!("{:?}", fields(&desk)),
                desk.state.basket.lines.clone(),
            );
            let (place, popups) = (desk.state.place(), desk.state.popups.len());
            let effects = scan(&mut desk, code);
            assert_eq!(
                desk.state.basket.lines, lines,
                "a scan rings nothing up ({place:?})"
            );
            assert_eq!(desk.state.popups.len(), popups, "{place:?}");
            if desk.state.place() == place {
                assert_eq!(format!("{:?}", fields(&desk)), before, "{place:?} {code}");
            }
            let only_reads = effects.iter().all(|effect| {
                matches!(
                    effect,
                    Effect::Bell(_)
                        | Effect::Store(
                            StoreRequest::BillTaken { .. }
                                | StoreRequest::History(_)
                                | StoreRequest::Find(_)
                                | StoreRequest::Items(ItemsRequest::Find { .. })
                                | StoreRequest::Tasks
                        )
                )
            });
            assert!(only_reads, "{place:?} {code}: {effects:?}");
            assert!(!sends_money(&effects));
            if let Some(answer) = no_such_item(&effects) {
                desk.stored(answer);
            }
        }
    }
}

/// What is typed into amounts and proofs.
fn fields(desk: &Desk) -> Vec<String> {
    match &desk.state.screen {
        Screen::Register(register) => vec![register.input.text().to_owned()],
        Screen::Checkout(checkout) => vec![
            checkout.cash.text().to_owned(),
            checkout.share.text().to_owned(),
        ],
        Screen::Unknown(unknown) => vec![format!("{:?}", unknown.proof)],
        Screen::Scan(bill) => vec![format!("{:?}", bill.proof)],
        _ => Vec::new(),
    }
}
