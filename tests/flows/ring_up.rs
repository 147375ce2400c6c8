//! Ringing up, cash, and picking a card.

use super::*;

#[test]
fn lines_are_rung_up_changed_and_removed() {
    let mut desk = Desk::open();
    desk.line("再診料 1230");
    desk.line("診断書 2200 課");
    assert_eq!(desk.state.due(), Yen::new(3_430));
    desk.press(Key::Up);
    desk.press(Key::Enter);
    desk.press(Key::Backspace);
    desk.line("5");
    assert_eq!(desk.state.due(), Yen::new(3_435), "2200 became 2205");
    desk.press(Key::F(8));
    assert_eq!(desk.state.basket.lines.len(), 1, "the last line is removed");
}

#[test]
fn a_line_that_cannot_be_charged_stays_in_the_input_with_its_reason() {
    for (typed, text) in [
        ("0", Text::AmountZero),
        ("-100", Text::AmountNegative),
        ("1000000000000", Text::AmountTooLarge),
        ("abc", Text::AmountNotANumber),
        ("4111111111111111", Text::LooksLikeCardNumber),
    ] {
        let mut desk = Desk::open();
        desk.line(typed);
        assert_eq!(note(&desk), Some(text), "{typed}");
        assert!(desk.state.basket.lines.is_empty());
        let Screen::Register(register) = &desk.state.screen else {
            panic!("not at the register")
        };
        assert_eq!(register.input.text(), typed);
    }
}

#[test]
fn the_forward_key_takes_what_is_still_typed() {
    let mut desk = Desk::open();
    desk.text("3430");
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "checkout");
    assert_eq!(desk.state.due(), Yen::new(3_430));
}

#[test]
fn nothing_rung_up_goes_nowhere() {
    let mut desk = Desk::open();
    assert_eq!(desk.press(Key::F(12)), vec![]);
    assert_eq!(desk.screen_name(), "register");
    assert_eq!(note(&desk), Some(Text::NoLineYet));
}

#[test]
fn escape_and_a_digit_stand_for_an_f_key() {
    let mut desk = Desk::open();
    desk.text("3430");
    desk.press(Key::Esc);
    desk.press(Key::Char('='));
    assert_eq!(desk.screen_name(), "checkout");
    desk.press(Key::Esc);
    desk.press(Key::Char('9'));
    assert_eq!(desk.screen_name(), "register");
}

#[test]
fn where_escape_alone_means_nothing_it_says_what_it_waits_for_and_gives_time_to_look() {
    let mut desk = Desk::open();
    desk.text("3430");
    desk.press(Key::Esc);
    assert_eq!(note(&desk), Some(Text::EscapeDigit));
    desk.after_ms(1_200);
    desk.press(Key::Char('='));
    assert_eq!(desk.screen_name(), "checkout");
    assert_eq!(note(&desk), None);
    desk.press(Key::Esc);
    desk.after_ms(1_600);
    assert_eq!(note(&desk), None);
    desk.text("5000");
    assert_eq!(desk.screen_name(), "checkout");
}

#[test]
fn escape_alone_closes_a_popup_after_a_moment() {
    let mut desk = Desk::open();
    desk.press(Key::Char('?'));
    assert_eq!(desk.state.popups.len(), 1);
    desk.press(Key::Esc);
    assert_eq!(desk.state.popups.len(), 1, "it may be half an F-key");
    desk.after_ms(700);
    assert_eq!(desk.state.popups.len(), 0);
}

#[test]
fn cash_with_change_is_one_entry_and_then_the_screen() {
    let mut desk = Desk::at_checkout();
    desk.text("5000");
    let effects = desk.press(Key::F(12));
    let [Effect::Store(StoreRequest::Sell { sale, .. })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let [Tender::Cash { amount, received }] = sale.tenders.as_slice() else {
        panic!("{sale:?}")
    };
    assert_eq!((amount.get(), received.get()), (3_430, 5_000));
    assert_eq!(desk.screen_name(), "checkout", "not before it is durable");
}

#[test]
fn enter_at_the_checkout_says_what_is_missing_before_it_says_which_key_pays() {
    let mut desk = Desk::at_checkout();
    for (typed, said) in [
        ("", Text::EnterTender),
        ("3000", Text::CashShort),
        ("0", Text::PressPay),
    ] {
        desk.text(typed);
        assert_eq!(desk.press(Key::Enter), vec![]);
        assert_eq!(note(&desk), Some(said), "{typed}");
    }
}

#[test]
fn a_card_gives_way_to_cash_for_the_whole_bill_and_to_nothing_else() {
    let mut desk = Desk::with_card();
    let picked = |desk: &Desk| {
        let Screen::Checkout(checkout) = &desk.state.screen else {
            panic!("not at the checkout")
        };
        checkout.card.is_some()
    };
    for key in [
        Key::Left,
        Key::Right,
        Key::Home,
        Key::Delete,
        Key::Char('x'),
    ] {
        desk.press(key);
        assert!(picked(&desk), "{key:?}");
    }
    desk.send(Message::Input(Input::Paste("abc".into())));
    assert!(picked(&desk));
    // Cash for less than the bill leaves the rest to the card.
    desk.text("343");
    assert!(picked(&desk));
    desk.press(Key::Char('0'));
    assert!(!picked(&desk));
    assert_eq!(note(&desk), Some(Text::CardTakenBack));
}

#[test]
fn change_that_has_a_whole_note_in_it_is_asked_about_once() {
    for (cash, asked) in [
        ("10000", false),
        ("13429", false),
        ("13430", true),
        ("34300", true),
    ] {
        let mut desk = Desk::at_checkout();
        desk.text(cash);
        let effects = desk.press(Key::F(12));
        let sold = |effects: &[Effect]| matches!(effects, [Effect::Store(_)]);
        assert_eq!(sold(&effects), !asked, "{cash}");
        if asked {
            assert_eq!(effects, vec![Effect::Bell(2)]);
            assert_eq!(note(&desk), Some(Text::MuchChange));
            desk.after_ms(100);
            assert!(!sold(&desk.press(Key::F(12))), "a double press");
            desk.text("0");
            desk.after_ms(1_000);
            assert!(
                !sold(&desk.press(Key::F(12))),
                "so much was not asked about"
            );
            desk.after_ms(1_000);
            assert!(sold(&desk.press(Key::F(12))), "{cash}");
        }
    }
}

#[test]
fn cash_that_does_not_cover_the_bill_is_refused() {
    let mut desk = Desk::at_checkout();
    assert_eq!(desk.press(Key::F(12)), vec![]);
    assert_eq!(note(&desk), Some(Text::EnterTender));
    desk.text("3000");
    assert_eq!(desk.press(Key::F(12)), vec![]);
    assert_eq!(note(&desk), Some(Text::CashShort));
}

#[test]
fn the_exact_key_fills_in_the_amount() {
    let mut desk = Desk::at_checkout();
    desk.press(Key::F(7));
    let effects = desk.press(Key::F(12));
    assert!(matches!(
        effects.as_slice(),
        [Effect::Store(StoreRequest::Sell { .. })]
    ));
    assert_eq!(
        desk.press(Key::F(12)),
        vec![],
        "a second press sells nothing twice"
    );
}

#[test]
fn a_cash_sale_that_cannot_be_written_stays_on_the_checkout() {
    let mut desk = Desk::at_checkout();
    desk.press(Key::F(7));
    let effects = desk.press(Key::F(12));
    let [Effect::Store(request)] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    desk.stored(Stored::Failed {
        request: Box::new(request.clone()),
        trouble: StoreTrouble::DiskFull,
    });
    assert_eq!(desk.screen_name(), "checkout");
    assert_eq!(note(&desk), Some(Text::DiskFull));
    assert_eq!(desk.press(Key::F(12)).len(), 1, "it can be tried again");
}

#[test]
fn exactly_one_card_is_picked_by_arrow_digits_or_name() {
    for keys in [
        vec![Key::Down],
        vec![Key::Char('0'), Key::Char('2')],
        vec![Key::Char('j')],
    ] {
        let mut desk = Desk::at_checkout();
        desk.press(Key::F(6));
        for key in keys {
            desk.press(key);
        }
        desk.press(Key::F(12));
        let Screen::Checkout(checkout) = &desk.state.screen else {
            panic!("{}", desk.screen_name())
        };
        assert_eq!(checkout.card.as_ref().unwrap().code, "02");
        assert_eq!(
            checkout.payment(desk.state.due(), Yen::LIMIT).remaining,
            Yen::ZERO
        );
    }
}

#[test]
fn a_card_that_is_not_linked_cannot_be_picked() {
    let mut desk = Desk::at_checkout();
    desk.press(Key::F(6));
    desk.text("09");
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "card select");
    assert_eq!(note(&desk), Some(Text::CardNotLinked));
}

#[test]
fn typing_cash_takes_the_card_back() {
    let mut desk = Desk::with_card();
    desk.text("5000");
    let effects = desk.press(Key::F(12));
    assert!(matches!(
        effects.as_slice(),
        [Effect::Store(StoreRequest::Sell { .. })]
    ));
}
