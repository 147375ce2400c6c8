//! Bills from the receipt computer: the list, the bill, the basket, and being asked again before money is taken.

use super::*;
use crate::bills::{
    answered, bill, bill_of, cautioned, connected, day, earlier, invoice, number, paid_bill,
    patient, three, today, with_certificate, yamada,
};
use madoguchi::app::bill::Trouble;
use madoguchi::app::message::orca::{Asker, OrcaEvent, OrcaRequest};
use madoguchi::app::popup::Popup;
use madoguchi::domain::bill::{Bill, Billed, Caution, Invoice, InvoiceNumber, PaidBill};
use madoguchi::domain::sale::SaleDraft;
use madoguchi::domain::slip::SlipNumber;
use madoguchi::domain::task::{PartPaid, Task};
use madoguchi::orca::answer::{Answer, Failure, News, Refusal};
use madoguchi::orca::call::Call;

fn counter() -> Desk {
    counter_with(|_| {})
}

fn counter_with(set: impl FnOnce(&mut madoguchi::app::settings::Settings)) -> Desk {
    let mut settings = connected(settings());
    set(&mut settings);
    let mut desk = Desk::with(settings);
    desk.state.start();
    desk.stored(Stored::Opened {
        unresolved: vec![],
        sent: Default::default(),
        terminals: Default::default(),
        unshown: None,
        today: DayCount::default(),
    });
    desk.link(LinkEvent::Up);
    desk.link(idle_status());
    desk
}

/// The question among the effects, and what is asked.
fn asked(effects: &[Effect]) -> Option<(u32, Call)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Orca(OrcaRequest {
            asker: Asker::Screen { question },
            call,
        }) => Some((*question, call.clone())),
        _ => None,
    })
}

#[track_caller]
fn question(effects: &[Effect]) -> u32 {
    asked(effects).expect("the receipt computer is asked").0
}

fn says_paid(desk: &mut Desk, of: Option<&str>, paid: Vec<PaidBill>) -> Vec<Effect> {
    desk.stored(Stored::PaidBills {
        date: BusinessDate(day("2026-11-21")),
        patient: of.map(number),
        paid,
    })
}

fn says(desk: &mut Desk, question: u32, bill: Bill) -> Vec<Effect> {
    desk.send(answered(question, Ok(Answer::Bill(Box::new(bill)))))
}

/// F5, and three patients wait.
fn at_worklist() -> Desk {
    let mut desk = counter();
    let effects = desk.press(Key::F(5));
    let question = question(&effects);
    desk.send(answered(question, Ok(Answer::Worklist(three()))));
    desk
}

/// The first patient's bill, told.
fn at_bill(invoices: Vec<Invoice>) -> Desk {
    at_bill_of(at_worklist(), invoices)
}

fn at_bill_of(mut desk: Desk, invoices: Vec<Invoice>) -> Desk {
    let effects = desk.press(Key::Enter);
    assert_eq!(desk.screen_name(), "bill");
    let question = question(&effects);
    says_paid(&mut desk, Some("00012"), vec![]);
    says(&mut desk, question, bill(invoices));
    desk
}

/// In the basket, at the checkout.
fn at_payment(invoices: Vec<Invoice>) -> Desk {
    let mut desk = at_bill(invoices);
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "register");
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "checkout");
    desk
}

/// The card of patient 12.
const CARD: &str = "A0000012A";

fn scan(desk: &mut Desk, code: &str) -> Vec<Effect> {
    desk.send(Message::Input(Input::Scan(code.into())))
}

/// A site whose bills name patient and invoice in their codes.
const NAMED: &str = r#"
[[rule]]
name = "named"
title = { ja = "請求書", en = "bill" }
kind = "bill"
symbologies = []
pattern = "'B' p{6} i{7} a{6}"
check = "none"
patient = { strip_zeros = true }
line = { ja = "診療費", en = "medical fee" }
"#;

fn counter_of_named_codes() -> Desk {
    counter_with(|settings| {
        let rules = madoguchi::config::barcode_rules::of_files("rules", NAMED);
        settings.barcodes.rules = rules.expect("rules").into();
    })
}

fn named_code(patient: &str, invoice: &str, amount: i64) -> String {
    format!("B{patient:0>6}{invoice:0>7}{amount:06}")
}

/// The JAN-13 of a bill of that amount.
fn code_of(amount: i64) -> String {
    let digits = format!("020001{amount:06}");
    let weighed = digits.bytes().zip([1, 3].into_iter().cycle());
    let sum: u32 = weighed
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

fn sold(effects: &[Effect]) -> Option<SaleDraft> {
    effects.iter().find_map(|effect| match effect {
        Effect::Store(StoreRequest::Sell { sale, .. } | StoreRequest::Pend { sale, .. }) => {
            Some(sale.clone())
        }
        _ => None,
    })
}

fn shares(billed: Option<&Billed>) -> Vec<(String, i64)> {
    let shares = billed.map_or(&[][..], |billed| &billed.shares);
    let pair = |share: &madoguchi::domain::bill::Share| {
        (
            share
                .invoice
                .as_ref()
                .map_or("", InvoiceNumber::as_str)
                .to_owned(),
            share.amount.get(),
        )
    };
    shares.iter().map(pair).collect()
}

fn lines(desk: &Desk) -> Vec<i64> {
    let lines = desk.state.basket.lines.iter();
    lines.map(|line| line.unit.get()).collect()
}

fn worklist(desk: &Desk) -> &madoguchi::app::worklist::Worklist {
    match &desk.state.screen {
        Screen::Worklist(list) => list,
        _ => panic!("at {}", desk.screen_name()),
    }
}

fn shown(desk: &Desk) -> &madoguchi::app::bill::BillScreen {
    match &desk.state.screen {
        Screen::Bill(shown) => shown,
        _ => panic!("at {}", desk.screen_name()),
    }
}

fn failures() -> Vec<(Failure, &'static str)> {
    let detail = || "x".to_owned();
    vec![
        (Failure::Unreachable(detail()), "unreachable"),
        (Failure::Lost(detail()), "lost"),
        (Failure::Denied(detail()), "denied"),
        (Failure::Certificate(detail()), "certificate"),
        (Failure::Foreign(detail()), "foreign"),
        (Failure::Unreadable(detail()), "unreadable"),
        (
            Failure::Refused(Refusal {
                code: "E0006".into(),
                message: "患者番号".into(),
                session: None,
            }),
            "refused",
        ),
    ]
}

#[test]
fn the_list_is_asked_for_shown_and_asked_for_again_when_something_is_new() {
    let mut desk = counter();
    let effects = desk.press(Key::F(5));
    let (first, call) = asked(&effects).unwrap();
    assert_eq!(
        call,
        Call::Worklist {
            date: day("2026-11-21")
        }
    );
    // What is new while it is being told is asked for once more, once.
    for _ in 0..3 {
        let news = News::Accepted {
            patient: number("34"),
        };
        let effects = desk.send(Message::Orca(OrcaEvent::News(news)));
        assert_eq!(asked(&effects), None);
    }
    let effects = desk.send(answered(first, Ok(Answer::Worklist(three()))));
    let second = question(&effects);
    assert!(second != first);
    // The older question is answered in vain.
    desk.send(answered(second, Ok(Answer::Worklist(three()))));
    desk.send(answered(first, Ok(Answer::Worklist(vec![]))));
    assert_eq!(worklist(&desk).rows.len(), 3);
    for news in [
        News::Listening,
        News::Account {
            patient: number("12"),
            invoices: vec![],
            deleted: false,
        },
        News::Accepted {
            patient: number("12"),
        },
    ] {
        let effects = desk.send(Message::Orca(OrcaEvent::News(news)));
        let question = question(&effects);
        desk.send(answered(question, Ok(Answer::Worklist(three()))));
    }
    assert!(asked(&desk.press(Key::F(5))).is_some());
}

#[test]
fn the_mark_stays_on_its_patient_when_the_list_is_new() {
    let mut desk = at_worklist();
    desk.press(Key::Down);
    let effects = desk.press(Key::F(5));
    let mut list = three();
    list.insert(
        0,
        crate::bills::waiting(patient("00007", "新井", "アライ"), 1),
    );
    desk.send(answered(question(&effects), Ok(Answer::Worklist(list))));
    let marked = worklist(&desk).marked().unwrap();
    assert_eq!(marked.patient.number, number("00034"));
}

#[test]
fn somebody_is_found_while_typing_and_a_typed_number_is_meant_as_it_is_typed() {
    for (typed, down, opens) in [
        ("さとう", false, Some("00034")),
        ("鈴木", false, Some("00120")),
        ("12", false, Some("00012")),
        ("00120", false, Some("00120")),
        // A part of another's number opens nobody else's bill.
        ("20", false, Some("20")),
        // Unless the mark was put there by hand.
        ("12", true, Some("00120")),
        ("誰か", false, None),
    ] {
        let mut desk = at_worklist();
        desk.text(typed);
        if down {
            desk.press(Key::Down);
        }
        let effects = desk.press(Key::Enter);
        let patient = asked(&effects).map(|(_, call)| match call {
            Call::Bill { patient, .. } => patient.as_str().to_owned(),
            call => panic!("{call:?}"),
        });
        assert_eq!(patient.as_deref(), opens, "{typed}");
    }
}

#[test]
fn a_list_that_is_not_told_says_why_and_the_counter_goes_on() {
    for (failure, word) in failures() {
        let mut desk = counter();
        let effects = desk.press(Key::F(5));
        let trouble = Trouble::of(&failure);
        desk.send(answered(question(&effects), Err(failure)));
        assert_eq!(worklist(&desk).trouble, Some(trouble), "{word}");
        desk.press(Key::F(9));
        desk.line("500");
        desk.press(Key::F(12));
        desk.press(Key::F(7));
        assert!(sold(&desk.press(Key::F(12))).is_some(), "{word}");
    }
}

#[test]
fn without_a_receipt_computer_the_list_says_so_and_nothing_is_asked() {
    let mut desk = Desk::open();
    assert_eq!(asked(&desk.press(Key::F(5))), None);
    assert_eq!(worklist(&desk).trouble, Some(Trouble::NotConnected));
    // Practice never asks the clinic's own.
    let mut desk = counter_with(|settings| settings.practice = true);
    assert_eq!(asked(&desk.press(Key::F(5))), None);
    assert_eq!(worklist(&desk).trouble, Some(Trouble::NotConnected));
}

#[test]
fn a_bill_goes_into_the_basket_as_it_was_told_and_onto_the_slip() {
    for (invoices, keys, typed, expected, rung_up) in [
        // Today's alone.
        (
            vec![earlier(), today(650)],
            vec![],
            "",
            vec![("0001426", 650)],
            vec![650],
        ),
        // With what is unpaid from before: the oldest first.
        (
            vec![earlier(), today(650)],
            vec![Key::F(7)],
            "",
            vec![("0001400", 600), ("0001426", 650)],
            vec![600, 650],
        ),
        // 一部入金.
        (
            vec![earlier(), today(650)],
            vec![Key::F(7)],
            "700",
            vec![("0001400", 600), ("0001426", 100)],
            vec![600, 100],
        ),
        // Its lines as they are.
        (
            vec![with_certificate()],
            vec![],
            "",
            vec![("0001426", 2_850)],
            vec![650, 2_200],
        ),
        // Nothing of today: what is unpaid.
        (
            vec![earlier()],
            vec![],
            "",
            vec![("0001400", 600)],
            vec![600],
        ),
        // Off the ten yen: as it was told.
        (
            vec![today(653)],
            vec![],
            "",
            vec![("0001426", 653)],
            vec![653],
        ),
    ] {
        let mut desk = at_bill(invoices);
        for key in keys {
            desk.press(key);
        }
        desk.text(typed);
        desk.press(Key::F(12));
        assert_eq!(desk.screen_name(), "register");
        assert_eq!(lines(&desk), rung_up);
        // Goods beside it.
        desk.line("110");
        desk.press(Key::F(12));
        desk.press(Key::F(7));
        let sale = sold(&desk.press(Key::F(12))).expect("it is sold");
        let billed = sale.bill.as_ref();
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(invoice, yen)| (invoice.to_owned(), yen))
            .collect();
        assert_eq!(shares(billed), expected);
        assert_eq!(billed.unwrap().patient, Some(number("00012")));
        assert_eq!(billed.unwrap().name, None);
        let all: i64 = rung_up.iter().sum();
        assert_eq!(sale.checked_total(), Ok(Yen::new(all + 110)));
    }
}

#[test]
fn a_card_takes_the_bill_and_the_name_is_kept_only_where_the_site_says_so() {
    for keep in [false, true] {
        let mut desk = counter_with(|settings| settings.orca.keep_name = keep);
        let effects = desk.press(Key::F(5));
        desk.send(answered(question(&effects), Ok(Answer::Worklist(three()))));
        let mut desk = at_bill_of(desk, vec![today(650)]);
        for key in [Key::F(12), Key::F(12), Key::F(6), Key::Enter] {
            desk.press(key);
        }
        let sale = sold(&desk.press(Key::F(12))).unwrap();
        let billed = sale.bill.unwrap();
        assert_eq!(billed.name.is_some(), keep);
        assert_eq!(shares(Some(&billed)), [("0001426".to_owned(), 650)]);
    }
}

#[test]
fn what_may_not_be_paid_is_not_and_says_why() {
    let mut grouped = [today(650), invoice("0001427", "2026-11-21", 300, 0)];
    grouped[0].group = Some(grouped[0].number.clone());
    grouped[1].group = Some(grouped[0].number.clone());
    grouped[1].caution = Some(Caution::RecalculateAll);
    for (invoices, typed, said) in [
        (vec![], "", Text::BillNothingToPay),
        (
            vec![invoice("1", "2026-11-21", 650, 650)],
            "",
            Text::BillNothingToPay,
        ),
        (
            vec![invoice("1", "2026-11-21", 650, 1_000)],
            "",
            Text::BillOverpaid,
        ),
        (
            vec![cautioned(Caution::Recalculate)],
            "",
            Text::BillRecalculate,
        ),
        (vec![cautioned(Caution::Void)], "", Text::BillVoid),
        (grouped.to_vec(), "", Text::BillGroup),
        (vec![today(650)], "651", Text::BillPartTooLarge),
        (vec![today(650)], "0", Text::AmountZero),
        (vec![today(650)], "-1", Text::AmountNegative),
    ] {
        let mut desk = at_bill(invoices);
        desk.text(typed);
        desk.press(Key::F(12));
        assert_eq!(desk.screen_name(), "bill", "{said:?}");
        assert_eq!(note(&desk), Some(said));
        assert_eq!(desk.state.basket.bill, None);
    }
}

#[test]
fn what_belongs_together_is_picked_together() {
    let mut grouped = vec![
        today(650),
        invoice("0001427", "2026-11-21", 300, 0),
        earlier(),
    ];
    grouped[1].group = Some(grouped[0].number.clone());
    let mut desk = at_bill(grouped);
    assert_eq!(shown(&desk).sum(), Yen::new(950));
    desk.press(Key::Down);
    desk.press(Key::Enter);
    assert_eq!(shown(&desk).sum(), Yen::ZERO);
    desk.press(Key::F(12));
    assert_eq!(note(&desk), Some(Text::BillPickFirst));
    desk.press(Key::Enter);
    assert_eq!(shown(&desk).sum(), Yen::new(950));
}

#[test]
fn news_while_a_bill_is_open_ask_again_and_keep_what_was_picked() {
    let mut desk = at_bill(vec![earlier(), today(650)]);
    desk.press(Key::F(7));
    let account = |digits: &str| {
        Message::Orca(OrcaEvent::News(News::Account {
            patient: number(digits),
            invoices: vec![],
            deleted: false,
        }))
    };
    assert_eq!(asked(&desk.send(account("34"))), None, "another's bill");
    let effects = desk.send(account("12"));
    says(
        &mut desk,
        question(&effects),
        bill(vec![earlier(), today(880)]),
    );
    assert_eq!(note(&desk), Some(Text::BillIsNew));
    assert_eq!(shown(&desk).sum(), Yen::new(1_480));
    // The same again is no news.
    let effects = desk.send(Message::Orca(OrcaEvent::News(News::Listening)));
    says(
        &mut desk,
        question(&effects),
        bill(vec![earlier(), today(880)]),
    );
    assert_eq!(note(&desk), None);
}

#[test]
fn a_bill_of_somebody_else_and_an_older_answer_change_nothing() {
    let mut desk = at_worklist();
    let effects = desk.press(Key::Enter);
    let first = question(&effects);
    says_paid(&mut desk, Some("00012"), vec![]);
    says(
        &mut desk,
        first,
        bill_of(patient("00034", "x", ""), vec![today(9)]),
    );
    assert_eq!(shown(&desk).bill, None);
    assert!(matches!(shown(&desk).trouble, Some(Trouble::Unreadable(_))));
    let effects = desk.press(Key::F(5));
    let second = question(&effects);
    says(&mut desk, first, bill(vec![today(9)]));
    assert_eq!(shown(&desk).bill, None);
    says(&mut desk, second, bill(vec![today(650)]));
    assert_eq!(shown(&desk).sum(), Yen::new(650));
    // Left: what comes now is nobody's.
    let effects = desk.press(Key::F(5));
    desk.press(Key::F(9));
    says(&mut desk, question(&effects), bill(vec![today(9)]));
    assert_eq!(desk.screen_name(), "worklist");
}

#[test]
fn a_bill_that_is_not_told_says_why() {
    for (failure, word) in failures() {
        let mut desk = at_worklist();
        let effects = desk.press(Key::Enter);
        desk.send(answered(question(&effects), Err(failure)));
        assert!(shown(&desk).trouble.is_some(), "{word}");
        desk.press(Key::F(12));
        assert_eq!(note(&desk), Some(Text::BillNotTold), "{word}");
    }
}

#[test]
fn the_lines_of_a_bill_stand_and_go_together() {
    let mut desk = at_bill(vec![with_certificate()]);
    desk.press(Key::F(12));
    desk.line("110");
    for _ in 0..2 {
        desk.press(Key::Up);
    }
    for key in [Key::Enter, Key::F(7)] {
        desk.press(key);
        assert_eq!(note(&desk), Some(Text::BillLineStands));
        assert_eq!(lines(&desk), [650, 2_200, 110]);
    }
    desk.press(Key::F(8));
    assert_eq!(lines(&desk), [110]);
    assert_eq!(desk.state.basket.bill, None);
    assert_eq!(desk.screen_name(), "register");
}

#[test]
fn a_fresh_bill_is_paid_at_once_and_an_old_one_is_asked_for_first() {
    for (wait, asks) in [(29_000, false), (31_000, true)] {
        let mut desk = at_payment(vec![today(650)]);
        desk.after_ms(wait);
        desk.press(Key::F(7));
        let effects = desk.press(Key::F(12));
        assert_eq!(asked(&effects).is_some(), asks, "{wait}");
        assert_eq!(sold(&effects).is_some(), !asks, "{wait}");
        if asks {
            // F12 again says only that it waits; the answer pays, once.
            assert_eq!(desk.press(Key::F(12)), vec![]);
            let question = question(&effects);
            let effects = says(&mut desk, question, bill(vec![today(650)]));
            assert!(sold(&effects).is_some());
            assert_eq!(says(&mut desk, question, bill(vec![today(650)])), vec![]);
        }
    }
}

#[test]
fn what_the_receipt_computer_told_by_itself_makes_a_fresh_bill_old() {
    let mut desk = at_payment(vec![today(650)]);
    desk.send(Message::Orca(OrcaEvent::News(News::Account {
        patient: number("12"),
        invoices: vec![],
        deleted: true,
    })));
    desk.press(Key::F(7));
    let effects = desk.press(Key::F(12));
    assert!(asked(&effects).is_some() && sold(&effects).is_none());
}

#[test]
fn a_bill_that_changed_stops_with_both_figures_and_leads_to_the_new_one() {
    let mut recalculate = today(650);
    recalculate.caution = Some(Caution::Recalculate);
    for (now, theirs) in [
        (vec![today(880)], 880),
        (vec![today(640)], 640),
        (vec![invoice("0001426", "2026-11-21", 650, 650)], 0),
        (vec![], 0),
        (vec![recalculate], 650),
    ] {
        let mut desk = at_payment(vec![today(650)]);
        desk.line("");
        desk.after_ms(31_000);
        desk.press(Key::F(7));
        let effects = desk.press(Key::F(12));
        let effects = says(&mut desk, question(&effects), bill(now));
        assert_eq!(sold(&effects), None);
        let Some(Popup::BillChanged(changed)) = desk.state.popups.last() else {
            panic!("{:?}", desk.state.popups)
        };
        assert_eq!(
            (changed.ours, changed.theirs),
            (Yen::new(650), Yen::new(theirs))
        );
        // F12 and Enter answer nothing; F9 is back at the checkout, and F12 asks again.
        desk.after_ms(1_000);
        assert_eq!(sold(&desk.press(Key::F(12))), None);
        assert_eq!(sold(&desk.press(Key::Enter)), None);
        let effects = desk.answer('1');
        assert_eq!(sold(&effects), None);
        assert_eq!(desk.screen_name(), "bill");
        assert_eq!(desk.state.basket.bill, None);
        assert_eq!(lines(&desk), [0; 0]);
    }
}

#[test]
fn a_receipt_computer_that_does_not_answer_lets_a_person_go_on_and_that_is_recorded() {
    for (failure, word) in failures() {
        let mut desk = at_payment(vec![today(650)]);
        desk.after_ms(31_000);
        desk.press(Key::F(7));
        let effects = desk.press(Key::F(12));
        let effects = desk.send(answered(question(&effects), Err(failure)));
        assert_eq!(sold(&effects), None, "{word}");
        assert!(matches!(
            desk.state.popups.last(),
            Some(Popup::BillUnchecked(_))
        ));
        desk.after_ms(1_000);
        assert_eq!(sold(&desk.press(Key::F(12))), None);
        let effects = desk.answer('1');
        assert_eq!(
            written(&effects),
            Some(Entry::Audit {
                event: AuditEvent::BillNotChecked,
                detail: word.into()
            })
        );
        let sale = sold(&effects).expect("it is sold");
        assert_eq!(shares(sale.bill.as_ref()), [("0001426".to_owned(), 650)]);
    }
}

#[test]
fn leaving_the_question_at_the_checkout_pays_nothing_later() {
    let mut desk = at_payment(vec![today(650)]);
    desk.after_ms(31_000);
    desk.press(Key::F(7));
    let effects = desk.press(Key::F(12));
    let question = question(&effects);
    desk.text("9");
    desk.press(Key::F(9));
    assert_eq!(says(&mut desk, question, bill(vec![today(650)])), vec![]);
    assert_eq!(desk.screen_name(), "checkout");
    assert!(desk.state.basket.bill.is_some());
}

/// By its code alone: until its invoice is found, any that is unpaid of as much may be the one.
#[test]
fn what_was_paid_here_today_by_its_code_alone_is_asked_about_where_it_may_be_the_same() {
    for (unpaid, found, asked) in [
        (650, None, true),
        (660, None, false),
        (650, Some("0001426"), true),
        (650, Some("0001499"), false),
    ] {
        let mut desk = at_worklist();
        let effects = desk.press(Key::Enter);
        let mut paid = paid_bill("00012", "0001426", 650);
        paid.shares[0].invoice = None;
        paid.shares[0].found = found.map(|one| InvoiceNumber::parse(one).expect("a number"));
        says_paid(&mut desk, Some("00012"), vec![paid]);
        says(&mut desk, question(&effects), bill(vec![today(unpaid)]));
        desk.press(Key::F(12));
        let question = matches!(desk.state.popups.last(), Some(Popup::PaidToday(_)));
        assert_eq!(question, asked, "{unpaid} {found:?}");
    }
}

#[test]
fn what_was_paid_here_today_is_taken_again_only_by_a_digit_and_the_amount() {
    let mut desk = at_worklist();
    let effects = desk.press(Key::Enter);
    let paid = vec![paid_bill("00012", "0001426", 650)];
    says_paid(&mut desk, Some("00012"), paid);
    says(&mut desk, question(&effects), bill(vec![today(650)]));
    desk.press(Key::F(12));
    let Some(Popup::PaidToday(asked)) = desk.state.popups.last() else {
        panic!("{:?}", desk.state.popups)
    };
    assert_eq!(asked.paid.operator.name, "佐藤");
    // Too soon; then F12 and Enter say nothing; a scanner neither.
    desk.answer('1');
    assert_eq!(note(&desk), Some(Text::TooSoon));
    desk.after_ms(1_000);
    desk.press(Key::F(12));
    desk.press(Key::Enter);
    desk.send(Message::Input(Input::Scan("1650".into())));
    assert_eq!(desk.state.basket.bill, None);
    desk.answer('1');
    desk.text("640");
    desk.after_ms(2_000);
    desk.press(Key::Enter);
    assert_eq!(note(&desk), Some(Text::AmountDiffers));
    for _ in 0..3 {
        desk.press(Key::Backspace);
    }
    for c in "650".chars() {
        desk.after_ms(200);
        desk.press(Key::Char(c));
    }
    let effects = desk.press(Key::Enter);
    assert_eq!(
        written(&effects),
        Some(Entry::Audit {
            event: AuditEvent::BillPaidAgain,
            detail: "slip 00000140".into()
        })
    );
    assert!(desk.state.basket.bill.is_some());
    assert_eq!(desk.screen_name(), "register");
}

#[test]
fn an_amount_off_a_bill_is_rung_up_only_where_it_is_what_is_unpaid() {
    for (invoices, scanned, expected) in [
        (vec![today(650)], 650, Some(vec![("0001426", 650)])),
        (
            vec![earlier(), today(650)],
            1_250,
            Some(vec![("0001400", 600), ("0001426", 650)]),
        ),
        (
            vec![earlier(), today(650)],
            650,
            Some(vec![("0001426", 650)]),
        ),
        (
            vec![earlier(), today(650)],
            600,
            Some(vec![("0001400", 600)]),
        ),
        (vec![today(650)], 660, None),
        (vec![cautioned(Caution::Recalculate)], 480, None),
        (vec![], 650, None),
    ] {
        let code = code_of(scanned);
        let mut desk = counter();
        scan(&mut desk, CARD);
        let effects = scan(&mut desk, &code);
        says_paid(&mut desk, Some("12"), vec![]);
        says(&mut desk, question(&effects), bill(invoices));
        match expected {
            Some(expected) => {
                assert_eq!(desk.screen_name(), "register");
                let billed = desk.state.basket.bill.as_ref().map(|bill| &bill.billed);
                let expected: Vec<_> = expected
                    .into_iter()
                    .map(|(invoice, yen)| (invoice.to_owned(), yen))
                    .collect();
                assert_eq!(shares(billed), expected);
                assert_eq!(billed.unwrap().code.as_deref(), Some(code.as_str()));
            }
            None => {
                assert_eq!(desk.state.basket.bill, None, "{scanned}");
                let unpaid = shown(&desk).bill.as_ref().unwrap().unpaid;
                assert_eq!(shown(&desk).mismatch(), Some((Yen::new(scanned), unpaid)));
            }
        }
    }
}

#[test]
fn a_code_that_names_its_invoice_pays_that_one_and_no_other_of_the_same_amount() {
    for (invoice_there, unpaid, expected) in [
        ("0001426", 650, Ok("0001426")),
        ("0001426", 660, Err((650, 660))),
        ("0001499", 650, Err((650, 0))),
    ] {
        let mut desk = counter_of_named_codes();
        let effects = scan(&mut desk, &named_code("12", "1426", 650));
        says_paid(&mut desk, Some("12"), vec![]);
        let mut named = today(unpaid);
        named.number = InvoiceNumber::parse(invoice_there).unwrap();
        let mut other = earlier();
        other.charged = Yen::new(650);
        other.received = Yen::ZERO;
        says(&mut desk, question(&effects), bill(vec![other, named]));
        match expected {
            Ok(invoice) => {
                let billed = desk.state.basket.bill.as_ref().map(|bill| &bill.billed);
                assert_eq!(shares(billed), [(invoice.to_owned(), 650)]);
            }
            Err((scanned, unpaid)) => {
                assert_eq!(desk.state.basket.bill, None);
                let both = Some((Yen::new(scanned), Yen::new(unpaid)));
                assert_eq!(shown(&desk).mismatch(), both, "{invoice_there} {unpaid}");
            }
        }
    }
}

#[test]
fn a_card_and_a_bill_of_two_patients_are_never_paired() {
    let mut desk = counter_of_named_codes();
    scan(&mut desk, CARD);
    scan(&mut desk, &named_code("13", "1426", 650));
    assert_eq!(note(&desk), Some(Text::BillPatientDiffers));
    assert_eq!(shown(&desk).patient, number("12"));
    // The other way round.
    let mut desk = counter_of_named_codes();
    scan(&mut desk, &named_code("13", "1426", 650));
    scan(&mut desk, CARD);
    assert_eq!(note(&desk), Some(Text::BillPatientDiffers));
    assert_eq!(shown(&desk).patient, number("13"));
}

#[test]
fn where_the_receipt_computer_is_mute_a_scanned_bill_is_taken_by_its_code() {
    for (failure, taken) in [
        (Failure::Unreachable("refused".into()), true),
        (Failure::Lost("timed out".into()), true),
        (
            Failure::Refused(Refusal {
                code: "10".into(),
                message: "患者番号に該当する患者が存在しません".into(),
                session: None,
            }),
            false,
        ),
    ] {
        let mut desk = counter();
        scan(&mut desk, CARD);
        let effects = scan(&mut desk, &code_of(650));
        says_paid(&mut desk, Some("12"), vec![]);
        desk.send(answered(question(&effects), Err(failure)));
        let effects = desk.press(Key::F(12));
        if !taken {
            assert_eq!(note(&desk), Some(Text::BillNotTold));
            continue;
        }
        assert_eq!(desk.screen_name(), "scan");
        let asked = matches!(
            effects.as_slice(),
            [Effect::Store(StoreRequest::BillTaken { .. })]
        );
        assert!(asked, "{effects:?}");
        desk.stored(Stored::BillTaken {
            code: code_of(650),
            date: BusinessDate(day("2026-11-21")),
            earlier: None,
        });
        desk.press(Key::F(12));
        let billed = &desk.state.basket.bill.as_ref().expect("a bill").billed;
        assert_eq!(billed.patient, Some(number("12")));
        // Of which invoice it is nobody knows yet: that is found out once there is somebody to ask.
        let unnamed = [(String::new(), 650)];
        assert_eq!(shares(Some(billed)), unnamed);
        assert_eq!(lines(&desk), [650]);
        // It is paid without asking again what nobody could say.
        for key in [Key::F(12), Key::F(7)] {
            desk.press(key);
        }
        let sale = sold(&desk.press(Key::F(12))).expect("sold");
        assert_eq!(shares(sale.bill.as_ref()), unnamed);
    }
}

#[test]
fn an_amount_without_a_patient_waits_for_one() {
    let mut desk = counter();
    scan(&mut desk, &code_of(650));
    assert_eq!(desk.screen_name(), "worklist");
    let effects = scan(&mut desk, CARD);
    says_paid(&mut desk, Some("12"), vec![]);
    says(&mut desk, question(&effects), bill(vec![today(650)]));
    assert!(desk.state.basket.bill.is_some());
}

#[test]
fn a_scanned_card_opens_its_bill_where_one_may_begin_and_nowhere_else() {
    for (open, opens) in [
        (counter as fn() -> Desk, true),
        (at_worklist, true),
        (Desk::at_checkout, false),
        (Desk::waiting, false),
        (Desk::unknown, false),
    ] {
        let mut desk = open();
        let before = desk.screen_name();
        let effects = scan(&mut desk, CARD);
        assert_eq!(asked(&effects).is_some(), opens, "{before}");
        let after = if opens { "bill" } else { before };
        assert_eq!(desk.screen_name(), after);
    }
}

#[test]
fn a_second_bill_waits_until_the_first_is_out_of_the_basket() {
    let mut desk = at_bill(vec![today(650)]);
    desk.press(Key::F(12));
    let effects = desk.press(Key::F(5));
    desk.send(answered(question(&effects), Ok(Answer::Worklist(three()))));
    let mut desk = at_bill_of(desk, vec![earlier()]);
    desk.press(Key::F(12));
    assert_eq!(note(&desk), Some(Text::BillInBasket));
    assert_eq!(lines(&desk), [650]);
}

#[test]
fn the_parts_of_a_split_payment_pay_the_invoices_together() {
    let record = |desk: &Desk, slip: u32, sale: &SaleDraft| {
        let entry = Entry::Sold {
            slip: SlipNumber::new(slip),
            sale: sale.clone(),
        };
        let stamp = desk.state.settings.stamp(desk.now);
        SaleRecord::fold([(stamp, &entry)]).unwrap().unwrap()
    };
    let mut desk = at_bill(vec![earlier(), today(650)]);
    for key in [Key::F(7), Key::F(12)] {
        desk.press(key);
    }
    desk.line("110");
    desk.press(Key::F(12));
    // 1,360 yen: 600 and 650 of the bill, 110 of goods. A card pays 700 of it.
    for key in [Key::F(6), Key::Enter, Key::Enter] {
        desk.press(key);
    }
    desk.text("700");
    let first = sold(&desk.press(Key::F(12))).unwrap();
    assert!(first.part);
    assert_eq!(
        shares(first.bill.as_ref()),
        [("0001400".to_owned(), 600), ("0001426".to_owned(), 650)]
    );
    let part = record(&desk, 12, &first);
    desk.state.basket.order = Some(part.slip);
    desk.state.basket.parts = vec![part.clone()];
    desk.state.screen = Screen::Checkout(madoguchi::app::checkout::Checkout::new());
    desk.press(Key::F(7));
    let second = sold(&desk.press(Key::F(12))).unwrap();
    assert_eq!(shares(second.bill.as_ref()), [("0001426".to_owned(), 550)]);
    let told = |sale: &SaleDraft| -> i64 {
        let postings = madoguchi::domain::reflection::postings(sale);
        postings.iter().map(|one| one.amount.get()).sum()
    };
    assert_eq!(told(&first) + told(&second), 1_250);

    // After a restart the task says the whole bill, and the next part pays the same rest.
    let mut desk = counter();
    let task = PartPaid {
        order: part.slip,
        lines: first.lines.clone(),
        due: Yen::new(1_360),
        paid: Yen::new(700),
        parts: vec![part.slip],
        bill: first.bill.clone(),
    };
    desk.stored(Stored::Tasks(vec![Task::PartPaid(task)]));
    desk.press(Key::F(4));
    desk.press(Key::Char('2'));
    desk.press(Key::Enter);
    desk.stored(Stored::Found(Some(Box::new(part))));
    assert_eq!(desk.screen_name(), "checkout");
    desk.press(Key::F(7));
    let again = sold(&desk.press(Key::F(12))).unwrap();
    assert_eq!(shares(again.bill.as_ref()), [("0001426".to_owned(), 550)]);
}

#[test]
fn names_are_hidden_by_one_key_everywhere_and_at_the_start_where_the_site_says_so() {
    let mut desk = counter_with(|settings| settings.orca.hide_names = true);
    assert!(desk.state.bills.hidden);
    desk.press(Key::F(5));
    desk.press(Key::F(8));
    assert!(!desk.state.bills.hidden);
    desk.press(Key::F(9));
    desk.press(Key::F(4));
    desk.press(Key::Char('b'));
    assert!(desk.state.bills.hidden);
    assert_eq!(yamada().name, "山田 太郎");
}

#[test]
fn the_way_to_the_receipt_computer_is_what_its_last_answer_showed() {
    use madoguchi::app::bill::Reached;
    let mut desk = counter();
    assert_eq!(desk.state.bills.reach.word(), Reached::Unknown);
    let asked_and = |desk: &mut Desk, result: Result<Answer, Failure>| {
        let effects = desk.press(Key::F(5));
        let question = question(&effects);
        desk.send(answered(question, result));
        desk.state.bills.reach.word()
    };
    let lost = || Err(Failure::Unreachable("No route to host".into()));
    let since = desk.now.wall;
    assert_eq!(asked_and(&mut desk, lost()), Reached::No(since));
    // Since the first time, however often it is tried.
    desk.after_ms(60_000);
    assert_eq!(asked_and(&mut desk, lost()), Reached::No(since));
    let denied = Err(Failure::Denied("HTTP 401".into()));
    assert_eq!(asked_and(&mut desk, denied), Reached::Denied(since));
    // A no is an answer.
    let no = Err(Failure::Refused(Refusal {
        code: "90".into(),
        message: "他端末使用中".into(),
        session: None,
    }));
    assert_eq!(asked_and(&mut desk, no), Reached::Yes);
    // PUSH fell silent: it answers all the same.
    desk.send(Message::Orca(OrcaEvent::News(News::Deaf("closed".into()))));
    let deaf = Reached::Deaf(desk.now.wall);
    assert_eq!(desk.state.bills.reach.word(), deaf);
    assert_eq!(asked_and(&mut desk, Ok(Answer::Worklist(three()))), deaf);
    desk.send(Message::Orca(OrcaEvent::News(News::Listening)));
    assert_eq!(desk.state.bills.reach.word(), Reached::Yes);
}

#[test]
fn what_the_receipt_computer_remarks_is_shown() {
    let mut desk = counter();
    desk.send(Message::Orca(OrcaEvent::Remarked {
        code: "W00000".into(),
        message: "要確認".into(),
    }));
    let note = desk.state.note.expect("a sentence");
    assert_eq!(note.text, Text::OrcaRemark);
}
