//! A sale that the books told as failed is asked for again as the same one: they may have it all the same.

use super::*;

fn opening(effects: &[Effect]) -> StoreRequest {
    let found = effects.iter().find_map(|effect| match effect {
        Effect::Store(request @ (StoreRequest::Sell { .. } | StoreRequest::Pend { .. })) => {
            Some(request.clone())
        }
        _ => None,
    });
    found.expect("a sale is being opened")
}

fn failed(desk: &mut Desk, request: &StoreRequest) {
    desk.stored(Stored::Failed {
        request: Box::new(request.clone()),
        trouble: StoreTrouble::Locked,
    });
    desk.stored(Stored::Tasks(vec![]));
    desk.state.trouble = None;
    desk.after_ms(30_000);
}

#[test]
fn a_cash_sale_and_a_card_sale_keep_the_moment_they_were_asked_for_first() {
    for card in [false, true] {
        let mut desk = if card {
            Desk::with_card()
        } else {
            let mut desk = Desk::at_checkout();
            desk.press(Key::F(7));
            desk
        };
        let first = opening(&desk.press(Key::F(12)));
        for _ in 0..3 {
            failed(&mut desk, &first);
            assert_eq!(opening(&desk.press(Key::F(12))), first);
        }
    }
}

#[test]
fn a_sale_is_the_same_one_after_another_way_to_pay_was_refused() {
    let mut desk = Desk::with_card();
    let card = opening(&desk.press(Key::F(12)));
    failed(&mut desk, &card);
    desk.press(Key::F(7));
    let cash = opening(&desk.press(Key::F(12)));
    assert!(matches!(cash, StoreRequest::Sell { .. }), "{cash:?}");
    failed(&mut desk, &cash);
    desk.press(Key::F(6));
    desk.press(Key::Enter);
    assert_eq!(opening(&desk.press(Key::F(12))), card);
    failed(&mut desk, &card);
    desk.press(Key::F(7));
    assert_eq!(opening(&desk.press(Key::F(12))), cash);
}

#[test]
fn another_sale_is_asked_for_with_its_own_moment() {
    let mut desk = Desk::at_checkout();
    desk.press(Key::F(7));
    let first = opening(&desk.press(Key::F(12)));
    failed(&mut desk, &first);
    for _ in 0..4 {
        desk.press(Key::Backspace);
    }
    desk.text("5000");
    let StoreRequest::Sell { stamp, sale } = opening(&desk.press(Key::F(12))) else {
        panic!("cash");
    };
    let StoreRequest::Sell {
        stamp: before,
        sale: other,
    } = first
    else {
        panic!("cash");
    };
    assert_ne!(sale, other);
    assert_ne!(stamp, before);
}

/// A desk at a terminal that can be asked nothing and answers without our number, to which an amount was sent so long ago (ms).
fn blind(ago_ms: i64, blind: bool) -> Vec<LinkRequest> {
    let mut settings = settings();
    if let Some(cat) = settings.cats.values_mut().next() {
        let can = &mut cat.model.capabilities;
        can.status = !blind;
        can.inquiry = madoguchi::cat::model::InquiryPower::None;
        can.not_found = madoguchi::cat::model::NotFoundPower::Nothing;
        can.echoes_sequence_number = false;
    }
    let mut desk = Desk::with(settings);
    let at = desk.now.wall - chrono::Duration::milliseconds(ago_ms);
    let cat = madoguchi::domain::ledger::CatId::Cat1;
    to_terminal(&desk.stored(Stored::Opened {
        unresolved: vec![],
        unshown: None,
        today: DayCount::default(),
        terminals: Default::default(),
        sent: std::collections::BTreeMap::from([(cat, at)]),
    }))
}

#[test]
fn a_start_tells_the_link_of_an_amount_that_may_still_be_answered_there() {
    let told = |ago_ms| vec![LinkRequest::SentBefore { ago_ms }];
    assert_eq!(blind(0, true), told(0));
    assert_eq!(blind(90_000, true), told(90_000));
    assert_eq!(blind(-90_000, true), told(0), "the clock went back");
    assert_eq!(blind(180_000, true), vec![], "nothing takes so long");
    assert_eq!(blind(0, false), vec![], "it says how it is");
}

#[test]
fn an_amount_that_has_to_wait_for_an_older_answer_says_so_and_is_not_charged() {
    let mut desk = Desk::waiting();
    let effects = desk.link(LinkEvent::Broken {
        exposure: Exposure::Nothing,
        cause: Break::Owed { wait_ms: 84_200 },
    });
    let released = Entry::Released {
        slip: slip(),
        reason: NotCharged::AnswerOwed { wait_ms: 84_200 },
        evidence: Evidence::NothingSent,
    };
    assert_eq!(written(&effects), Some(released));
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "not charged");
}
