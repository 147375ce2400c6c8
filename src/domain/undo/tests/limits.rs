//! What holds a sale back: another terminal, another mode, nothing left, a card nobody knows.

use super::*;

#[test]
fn only_the_terminal_that_sold_and_only_the_last_one() {
    let site = site();
    for (paid, elsewhere, later, expected) in [
        (None, true, true, "void cash same_day"),
        (Some(3), true, false, "refused other_terminal"),
        (Some(3), false, true, "void by_hand same_day"),
        (Some(7), true, false, "refused other_terminal"),
        (Some(10), true, false, "refused other_terminal / cash"),
        (Some(6), true, false, "refused other_terminal / cash"),
        (Some(6), false, true, "refund cash cash_instead"),
        (Some(9), true, true, "refund cash cash_instead"),
        (Some(14), true, true, "void by_hand same_day"),
    ] {
        let mut sale = undoable(vec![paid.map_or(cash(3_430), |class| card(class, 3_430))]);
        sale.later_at_terminal = later;
        let mut case = case(&site, &sale, LATER_TODAY);
        if elsewhere {
            case.terminal_code = "02";
        }
        assert_eq!(
            told(&decide(&case)),
            expected,
            "{paid:?} {elsewhere} {later}"
        );
    }
    let sale = undoable(vec![card(3, 3_430)]);
    let mut there = case(&site, &sale, LATER_TODAY);
    there.terminal_code = "02";
    let Decision::Refused(refusal) = decide(&there) else {
        panic!("allowed");
    };
    let terminal_code = "01".to_owned();
    assert_eq!(refusal.why, Denied::OtherTerminal { terminal_code });
}

#[test]
fn the_card_that_was_used_decides_and_one_that_is_not_known_is_asked_for() {
    let site = site();
    // asked for, answered, said by the operator
    for (asked, answered, said, expected) in [
        (30, Some(3), None, "credit"),
        (30, Some(4), None, "unionpay"),
        (30, Some(5), None, "credit"),
        (30, None, None, "? 3 4 5"),
        (30, None, Some(4), "unionpay"),
        (30, Some(3), Some(4), "credit"),
        (30, None, Some(9), "? 3 4 5"),
        (1, None, None, "? 6 7 8 9 10 11"),
        (1, Some(1), None, "? 6 7 8 9 10 11"),
        (1, Some(9), None, "nanaco"),
        (1, None, Some(10), "waon"),
        (2, None, None, "? 12 13"),
        (2, None, Some(12), "j-debit"),
        (3, None, Some(9), "credit"),
        (3, Some(4), None, "unionpay"),
        (99, None, None, "credit"),
    ] {
        let mut sale = undoable(vec![card(asked, 3_430)]);
        sale.original.terminal.card_class = answered.map(CardClass);
        let mut case = case(&site, &sale, LATER_TODAY);
        case.brand = said.map(CardClass);
        let rule = match decide(&case) {
            Decision::Allowed(plan) => plan.rule,
            Decision::Refused(refusal) => {
                assert_eq!(refusal.with_second, None);
                let Denied::BrandUnknown { choices } = refusal.why else {
                    panic!("{asked}: {:?}", refusal.why);
                };
                assert_eq!(choices, case.brands());
                choices
                    .iter()
                    .fold("?".to_owned(), |all, class| format!("{all} {class}"))
            }
        };
        assert_eq!(rule, expected, "{asked} {answered:?} {said:?}");
    }
}

#[test]
fn cards_that_have_one_rule_need_not_be_told_apart() {
    let mut site = site();
    let mut row = site
        .classes
        .get(CardClass::TRIPLE_WAIT)
        .expect("30")
        .clone();
    row.answered_by = vec![CardClass(3), CardClass(5)];
    let rows: Vec<_> = site.classes.rows().cloned().chain([row]).collect();
    site.classes = crate::domain::master::CardClassTable::new(rows);
    let sale = undoable(vec![card(30, 3_430)]);
    let decision = decide(&case(&site, &sale, LATER_TODAY));
    assert_eq!(told(&decision), "void by_hand same_day");
}

#[test]
fn what_is_no_paid_sale_of_this_mode_is_refused() {
    let site = site();
    let refused = |change: &dyn Fn(&mut Undoable), practice: bool| {
        let mut sale = undoable(vec![card(3, 3_430)]);
        change(&mut sale);
        let mut case = case(&site, &sale, LATER_TODAY);
        case.practice = practice;
        told(&decide(&case))
    };
    assert_eq!(refused(&|_| {}, true), "refused other_mode");
    let practice = |sale: &mut Undoable| sale.original.sale.practice = true;
    assert_eq!(refused(&practice, false), "refused other_mode");
    assert_eq!(refused(&practice, true), "void by_hand same_day");
    let undo = |sale: &mut Undoable| sale.original.sale.kind = SaleKind::Refund;
    assert_eq!(refused(&undo, false), "refused not_a_sale");
    for state in [
        SaleState::Pending,
        SaleState::Sent,
        SaleState::Unknown,
        SaleState::Parked,
        SaleState::ByHand,
        SaleState::Booked,
        SaleState::Declined,
        SaleState::Cancelled,
    ] {
        let change = |sale: &mut Undoable| sale.original.state = state;
        assert_eq!(refused(&change, false), "refused not_paid", "{state:?}");
    }
}

#[test]
fn never_more_than_is_left_and_never_twice() {
    let site = site();
    let undone = |amount| taken(card(3, amount), "credit", &[]);
    for (done, take, expected) in [
        (
            vec![],
            Take::Amount(Yen::new(3_430)),
            "void by_hand same_day",
        ),
        (
            vec![],
            Take::Amount(Yen::new(3_431)),
            "refused more_than_left",
        ),
        (vec![], Take::Amount(Yen::ZERO), "refused no_amount"),
        (vec![], Take::Amount(Yen::new(-5)), "refused no_amount"),
        (vec![], Take::Lines(&[1, 2]), "void by_hand same_day"),
        (vec![], Take::Lines(&[2]), "refund by_hand part"),
        (vec![], Take::Lines(&[]), "refused no_amount"),
        (vec![], Take::Lines(&[0]), "refused no_such_line"),
        (vec![], Take::Lines(&[3]), "refused no_such_line"),
        (vec![], Take::Lines(&[1, 1]), "refused no_such_line"),
        (vec![undone(1_000)], Take::All, "refund by_hand part"),
        (
            vec![undone(1_000)],
            Take::Amount(Yen::new(2_431)),
            "refused more_than_left",
        ),
        (
            vec![undone(1_000)],
            Take::Lines(&[2]),
            "refund by_hand part",
        ),
        (
            vec![undone(1_001)],
            Take::Lines(&[2]),
            "refused more_than_left",
        ),
        (
            vec![taken(card(3, 1_000), "credit", &[1])],
            Take::Lines(&[1]),
            "refused line_gone",
        ),
        (
            vec![taken(card(3, 1_000), "credit", &[1])],
            Take::Lines(&[2]),
            "refund by_hand part",
        ),
        (vec![undone(3_430)], Take::All, "refused nothing_left"),
        (
            vec![undone(1_000), undone(2_430)],
            Take::All,
            "refused nothing_left",
        ),
    ] {
        let mut sale = undoable(vec![card(3, 3_430)]);
        sale.undone = done;
        // One that has no outcome yet counts as taken.
        for state in [SaleState::Settled, SaleState::Unknown, SaleState::Pending] {
            for undo in &mut sale.undone {
                undo.state = state;
            }
            let mut case = case(&site, &sale, LATER_TODAY);
            case.take = take;
            assert_eq!(told(&decide(&case)), expected, "{take:?} {state:?}");
        }
    }
}

#[test]
fn each_tender_is_taken_back_for_itself_and_cash_for_a_card_counts_as_the_card() {
    let site = site();
    let mut sale = undoable(vec![cash(430), card(9, 3_000)]);
    let left = |sale: &Undoable| {
        let of = |tender| left_of(sale, tender, &site.rules).get();
        [of(0), of(1), of(2)]
    };
    assert_eq!(left(&sale), [430, 3_000, 0]);
    let mut second = case(&site, &sale, LATER_TODAY);
    assert_eq!(told(&decide(&second)), "void cash same_day");
    second.tender = 1;
    assert_eq!(told(&decide(&second)), "refund cash cash_instead");
    second.tender = 2;
    assert_eq!(told(&decide(&second)), "refused nothing_left");
    sale.undone = vec![taken(cash(3_000), "nanaco", &[])];
    assert_eq!(left(&sale), [430, 0, 0]);
    sale.undone.push(taken(cash(430), "cash", &[]));
    assert_eq!(left(&sale), [0, 0, 0]);
    // A rule that is in no table any more is told by its money, and never more than was paid goes back.
    sale.undone = vec![taken(cash(3_000), "gone", &[])];
    assert_eq!(left(&sale), [0, 430, 0]);
}

#[test]
fn credit_is_never_given_back_in_cash_whatever_a_site_writes() {
    let mut site = site();
    let mut rule = site.rules.named("unionpay").expect("a rule").clone();
    rule.cash = CashBack::Instead;
    rule.void = Window::Never;
    rule.refund = Window::Never;
    site.rules = site.rules.with(vec![rule]).expect("rules");
    let sale = undoable(vec![card(4, 3_430)]);
    let decision = decide(&case(&site, &sale, LATER_TODAY));
    assert_eq!(told(&decision), "refused never_taken_back");
}

#[test]
fn a_site_may_ask_for_a_second_person_before_old_cash_goes_back() {
    let mut site = site();
    let mut rule = site.rules.named("cash").expect("a rule").clone();
    rule.refund = Window::WithinDays(7);
    site.rules = site.rules.with(vec![rule]).expect("rules");
    let sale = undoable(vec![cash(3_430)]);
    for (now, expected) in [
        ("2026-11-28T10:00:00+09:00", "refund cash later_day"),
        ("2026-11-29T10:00:00+09:00", "refused too_late / cash"),
    ] {
        let decision = decide(&case(&site, &sale, now));
        assert_eq!(told(&decision), expected, "{now}");
    }
}

#[test]
fn a_clock_that_went_back_makes_no_void() {
    let site = site();
    let sale = undoable(vec![card(3, 3_430)]);
    let decision = decide(&case(&site, &sale, "2026-11-20T10:00:00+09:00"));
    assert_eq!(told(&decision), "refund by_hand later_day");
}

#[test]
fn a_link_that_voids_the_last_payment_alone_is_not_sent_an_older_one() {
    let site = site();
    for (last_only, later, whole, tomorrow) in [
        (false, true, "void link same_day", "refund link later_day"),
        (true, false, "void link same_day", "refund link later_day"),
        (true, true, "void by_hand same_day", "refund link later_day"),
    ] {
        let mut sale = undoable(vec![card(3, 3_430)]);
        sale.later_at_terminal = later;
        for (now, expected) in [(LATER_TODAY, whole), (NEXT_DAY, tomorrow)] {
            let mut case = case(&site, &sale, now);
            case.terminal = Some(AtTerminal {
                model: "open-cat",
                authorize_void: true,
                void_last_only: last_only,
                authorize_refund: true,
                undo_link: true,
                daily_log_at: None,
            });
            assert_eq!(told(&decide(&case)), expected, "{last_only} {later}");
            // A slip that the terminal never named cannot be spoken of, and one that bears another's name would be taken for it.
            let mut nameless = sale.clone();
            nameless.original.terminal.slip_number = None;
            let mut one_of_two = sale.clone();
            one_of_two.number_given_twice = true;
            // What a person typed was read from paper: another terminal may have stood there, and printed it.
            let mut typed = sale.clone();
            typed.original.evidence = Some(Evidence::Operator {
                operator: somebody(),
                proof: "00123".into(),
            });
            for unnamed in [&nameless, &one_of_two, &typed] {
                case.sale = unnamed;
                assert!(told(&decide(&case)).contains("by_hand"));
            }
        }
    }
}
