//! The unknown outcome: asked, proved by a person, or parked; and what answers nothing.

use super::*;

#[test]
fn a_broken_exchange_is_asked_about_and_settled_by_the_terminals_last_result() {
    let mut desk = Desk::unknown();
    asking(&mut desk);
    let found = Inquiry::Found(result(ResultCode::Approved));
    let effects = desk.link(last_result(found, Some(journal())));
    settles_by_inquiry(&mut desk, &effects);
    assert!(desk.state.open.is_empty());
}

#[test]
fn not_found_must_be_said_twice_by_a_terminal_that_forgot_nothing() {
    let mut desk = Desk::unknown();
    asking(&mut desk);
    let effects = desk.link(last_result(Inquiry::NotFound, Some(journal())));
    assert_eq!(written(&effects), None);
    asking(&mut desk);
    let effects = desk.link(last_result(Inquiry::NotFound, Some(journal())));
    assert!(matches!(
        written(&effects),
        Some(Entry::Released {
            reason: NotCharged::NotAtTerminal,
            evidence: Evidence::Inquiry,
            ..
        })
    ));
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "not charged");
}

#[test]
fn not_found_by_a_terminal_that_lost_its_memory_proves_nothing() {
    let mut desk = Desk::unknown();
    for _ in 0..3 {
        asking(&mut desk);
        let other = madoguchi::domain::slip::JournalId::new("J2").ok();
        let effects = desk.link(last_result(Inquiry::NotFound, other));
        assert_eq!(written(&effects), None);
    }
    let Screen::Unknown(unknown) = &desk.state.screen else {
        panic!("{}", desk.screen_name())
    };
    assert_eq!(unknown.stage, Stage::GaveUp);
    let effects = desk.after_ms(100_000);
    assert_eq!(to_terminal(&effects), vec![LinkRequest::Connect]);
    assert_eq!(
        to_terminal(&desk.link(LinkEvent::Up)),
        vec![LinkRequest::Send(Command::Status)],
        "whether it is there is all that is asked; a person decides now"
    );
}

#[test]
fn another_sale_with_the_same_amount_is_no_answer() {
    let mut desk = Desk::unknown();
    asking(&mut desk);
    let mut twin = result(ResultCode::Approved);
    twin.sequence_number = Some(sequence().next());
    let effects = desk.link(last_result(Inquiry::Found(twin), Some(journal())));
    assert_eq!(written(&effects), None);
    assert_eq!(desk.screen_name(), "unknown");
}

#[test]
fn a_person_with_the_slip_types_its_number() {
    let mut desk = gave_up();
    assert_eq!(desk.press(Key::Char('1')), vec![]);
    assert_eq!(
        desk.press(Key::Enter),
        vec![],
        "an empty proof proves nothing"
    );
    let effects = desk.line("00123");
    let Some(Entry::Posted {
        evidence: Evidence::Operator { operator, proof },
        terminal,
        ..
    }) = written(&effects)
    else {
        panic!("{effects:?}")
    };
    assert_eq!((operator.code.as_str(), proof.as_str()), ("03", "00123"));
    assert_eq!(terminal.slip_number.unwrap().as_str(), "00123");
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "done");
}

#[test]
fn two_stray_keys_are_no_slip_number() {
    for typed in ["X", "1", "12", "A-1"] {
        let mut desk = gave_up();
        desk.press(Key::Char('1'));
        assert_eq!(desk.line(typed), vec![], "{typed}");
        assert_eq!(note(&desk), Some(Text::SlipNumberTooShort));
    }
}

#[test]
fn the_end_of_an_amount_whose_first_digit_an_esc_has_eaten_is_asked_about_too() {
    let mut desk = gave_up();
    desk.press(Key::Char('1'));
    assert_eq!(written(&desk.line("430")), None);
    assert_eq!(note(&desk), Some(Text::SlipNumberIsTheAmount));
}

#[test]
fn a_number_of_the_amounts_digits_is_asked_about_once() {
    let mut desk = gave_up();
    desk.press(Key::Char('1'));
    assert_eq!(written(&desk.line("3430")), None, "the amount, by habit");
    assert_eq!(note(&desk), Some(Text::SlipNumberIsTheAmount));
    assert_eq!(written(&desk.press(Key::Enter)), None, "a double press");
    assert_eq!(note(&desk), Some(Text::SlipNumberIsTheAmount));
    // Another number is none of these digits.
    for _ in 0..4 {
        desk.press(Key::Backspace);
    }
    desk.text("3430");
    desk.after_ms(1_000);
    assert_eq!(written(&desk.press(Key::Enter)), None, "asked anew");
    desk.after_ms(1_000);
    let effects = desk.press(Key::Enter);
    let Some(Entry::Posted { terminal, .. }) = written(&effects) else {
        panic!("{effects:?}")
    };
    assert_eq!(terminal.slip_number.unwrap().as_str(), "3430");
}

#[test]
fn a_key_that_is_held_down_is_no_slip_number() {
    for gap_ms in [33, 92] {
        let mut desk = gave_up();
        for _ in 0..12 {
            desk.press(Key::Char('1'));
            desk.after_ms(gap_ms);
        }
        assert_eq!(written(&desk.press(Key::Enter)), None, "{gap_ms}");
        assert_eq!(note(&desk), Some(Text::ScanRefused));
    }
}

#[test]
fn not_on_the_terminal_needs_the_amount_typed() {
    let mut desk = gave_up();
    desk.press(Key::Char('2'));
    assert_eq!(desk.line("3431"), vec![]);
    assert_eq!(note(&desk), Some(Text::AmountDiffers));
    for _ in 0..4 {
        desk.press(Key::Backspace);
    }
    let effects = desk.line("３，４３０");
    assert!(matches!(
        written(&effects),
        Some(Entry::Released {
            reason: NotCharged::OperatorSawNone,
            ..
        })
    ));
}

#[test]
fn not_on_the_terminal_cannot_be_said_while_the_terminal_is_being_asked() {
    let mut desk = Desk::unknown();
    desk.after_ms(500);
    assert_eq!(desk.press(Key::Char('2')), vec![]);
    assert_eq!(desk.line("3430"), vec![]);
    assert_eq!(note(&desk), Some(Text::StillAsking));
}

#[test]
fn parked_blocks_the_terminal_and_cash_goes_on() {
    let mut desk = gave_up();
    let effects = desk.answer('3');
    assert!(matches!(written(&effects), Some(Entry::Parked { .. })));
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "register");
    assert_eq!(desk.state.open.len(), 1);

    desk.after_ms(1_000);
    desk.line("500");
    desk.press(Key::F(12));
    desk.press(Key::F(6));
    assert_eq!(desk.press(Key::F(12)), vec![]);
    assert_eq!(note(&desk), Some(Text::TerminalHasUnresolved));
    desk.press(Key::F(9));
    desk.press(Key::F(7));
    assert_eq!(desk.press(Key::F(12)).len(), 1, "cash is sold");
}

#[test]
fn reflexes_answer_nothing() {
    let mut desk = Desk::unknown();
    for key in [Key::Char('1'), Key::Char('2'), Key::Char('3')] {
        assert_eq!(desk.press(key), vec![]);
        assert_eq!(note(&desk), Some(Text::TooSoon));
    }
    desk.after_ms(400);
    for key in [Key::F(12), Key::Enter, Key::F(9), Key::Esc, Key::Char(' ')] {
        assert_eq!(desk.press(key), vec![], "{key:?}");
    }
    let scan = desk.send(Message::Input(Input::Scan("2100120034508".into())));
    assert_eq!(written(&scan), None);
    let paste = desk.send(Message::Input(Input::Paste("1\r00123".into())));
    assert_eq!(written(&paste), None);
    assert_eq!(desk.screen_name(), "unknown");
}

#[test]
fn picking_and_confirming_with_one_key_is_the_rhythm_of_the_counter() {
    let mut desk = Desk::at_checkout();
    desk.press(Key::F(6));
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "checkout");
    assert_eq!(desk.press(Key::F(12)).len(), 1);
    assert_eq!(desk.screen_name(), "charging");
    assert_eq!(desk.press(Key::F(12)), vec![], "and no further");
}

#[test]
fn the_rest_of_a_number_typed_while_the_terminal_works_is_no_bill() {
    let mut desk = Desk::waiting();
    desk.text("12");
    let effects = desk.link(answer(result(ResultCode::Approved)));
    desk.durable(&effects);
    desk.after_ms(200);
    desk.line("300");
    assert_eq!(desk.screen_name(), "done", "the outcome is not typed away");
    assert_eq!(desk.state.basket.lines, vec![]);
    desk.after_ms(1_000);
    desk.line("12300");
    assert_eq!(desk.state.due(), Yen::new(12_300));
}

#[test]
fn the_next_bill_may_begin_by_typing_it() {
    let mut desk = Desk::waiting();
    let effects = desk.link(answer(result(ResultCode::Approved)));
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "done");
    desk.line("500");
    assert_eq!(desk.screen_name(), "register");
    assert_eq!(desk.state.due(), Yen::new(500));
}

#[test]
fn a_double_press_does_not_take_the_change_off_the_screen() {
    let mut desk = Desk::at_checkout();
    desk.text("5000");
    let effects = desk.press(Key::F(12));
    let [Effect::Store(StoreRequest::Sell { stamp, sale })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let entry = Entry::Sold {
        slip: slip(),
        sale: sale.clone(),
    };
    let sold = SaleRecord::fold([(*stamp, &entry)])
        .expect("legal")
        .expect("a sale");
    desk.stored(Stored::Sold(Box::new(sold)));
    desk.after_ms(80);
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "done");
    assert_eq!(note(&desk), Some(Text::TooSoon));
    desk.after_ms(1_000);
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "register");
}

#[test]
fn the_key_that_asks_the_terminal_again_does_not_send_the_sale_again() {
    let mut desk = Desk::calling();
    desk.press(Key::F(5));
    let effects = desk.link(LinkEvent::Down {
        cause: madoguchi::cat::Break::Unreachable,
        detail: String::new(),
    });
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "not charged");
    desk.after_ms(300);
    assert_eq!(desk.press(Key::F(5)), vec![]);
    assert_eq!(note(&desk), Some(Text::TooSoon));
    desk.after_ms(1_000);
    assert_eq!(desk.press(Key::F(5)).len(), 1);
}

#[test]
fn an_amount_typed_too_early_is_not_taken_for_another_answer() {
    let mut desk = Desk::unknown();
    desk.after_ms(400);
    desk.press(Key::Char('2'));
    assert_eq!(desk.line("3430"), vec![], "the terminal is still asked");
    assert_eq!(note(&desk), Some(Text::StillAsking));
    let Screen::Unknown(unknown) = &desk.state.screen else {
        panic!("{}", desk.screen_name())
    };
    assert!(matches!(unknown.proof, Some(Proof::Amount(_))));
    assert_eq!(
        unknown.proof.as_ref().map(|p| p.field().text()),
        Some("3430")
    );
}

#[test]
fn the_digits_of_a_number_answer_no_question() {
    // Each number begins with something that is no answer here, or too early for one.
    let mut desk = Desk::unknown();
    for c in "2100".chars() {
        assert_eq!(desk.press(Key::Char(c)), vec![]);
        desk.after_ms(150);
    }
    assert_eq!(desk.press(Key::Enter), vec![]);
    let mut desk = gave_up();
    for c in "4931234567894".chars() {
        assert_eq!(desk.press(Key::Char(c)), vec![]);
        desk.after_ms(2);
    }
    let Screen::Unknown(unknown) = &desk.state.screen else {
        panic!("{}", desk.screen_name())
    };
    assert_eq!(unknown.proof, None);
    let mut desk = Desk::calling();
    let effects = desk.link(LinkEvent::Down {
        cause: Break::Unreachable,
        detail: String::new(),
    });
    desk.durable(&effects);
    for c in "4912345678904".chars() {
        assert_eq!(desk.press(Key::Char(c)), vec![], "no new attempt");
        desk.after_ms(2);
    }
    assert_eq!(desk.screen_name(), "not charged");
    desk.after_ms(1_000);
    assert_eq!(desk.answer('1').len(), 1, "meant");
}

#[test]
fn an_amount_typed_without_an_answer_is_no_slip_number() {
    let mut desk = gave_up_with("1234");
    desk.press(Key::Char('1'));
    desk.after_ms(900);
    assert_eq!(desk.line("234"), vec![]);
    assert_eq!(note(&desk), Some(Text::AnswerWithDigits));
    assert_eq!(desk.screen_name(), "unknown");
    desk.after_ms(900);
    desk.press(Key::Char('1'));
    assert!(written(&desk.line("00234")).is_some());
}

#[test]
fn the_next_bill_may_be_typed_straight_after_parking() {
    let mut desk = gave_up();
    let effects = desk.answer('3');
    desk.durable(&effects);
    desk.line("500");
    assert_eq!(desk.state.due(), Yen::new(500));
}

#[test]
fn a_scan_cannot_be_a_proof() {
    let mut desk = gave_up();
    desk.press(Key::Char('1'));
    let effects = desk.send(Message::Input(Input::Scan("4901234567894".into())));
    assert_eq!(written(&effects), None);
    assert_eq!(note(&desk), Some(Text::ScanRefused));
}

#[test]
fn a_scanner_that_types_like_a_keyboard_is_no_proof_either() {
    let mut desk = gave_up();
    desk.press(Key::Char('1'));
    for c in "4901234567894".chars() {
        desk.press(Key::Char(c));
        desk.after_ms(2);
    }
    assert_eq!(written(&desk.press(Key::Enter)), None);
    assert_eq!(note(&desk), Some(Text::ScanRefused));

    let mut desk = gave_up();
    desk.press(Key::Char('1'));
    for c in "1234567890".chars() {
        desk.press(Key::Char(c));
        desk.after_ms(120);
    }
    assert!(matches!(
        written(&desk.press(Key::Enter)),
        Some(Entry::Posted { .. })
    ));
}

#[test]
fn a_late_answer_settles_the_open_sale_it_matches() {
    let mut desk = gave_up();
    let late = madoguchi::cat::Answer::Result(result(ResultCode::Approved));
    let effects = desk.link(LinkEvent::Unasked { answer: late });
    assert!(matches!(written(&effects), Some(Entry::Posted { .. })));
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "done");
}

#[test]
fn a_late_answer_to_nothing_is_noted_and_nothing_else() {
    let mut desk = Desk::open();
    let late = madoguchi::cat::Answer::Result(result(ResultCode::Approved));
    let effects = desk.link(LinkEvent::Unasked { answer: late });
    assert!(matches!(
        written(&effects),
        Some(Entry::Audit {
            event: AuditEvent::ForeignAnswer,
            ..
        })
    ));
    assert_eq!(effects.len(), 1);
}

#[test]
fn no_first_digit_of_a_scanner_that_types_answers_anything() {
    for (mut desk, code) in [(gave_up(), "3490123456789"), (gave_up(), "1234567890128")] {
        for c in code.chars() {
            let effects = desk.press(Key::Char(c));
            assert_eq!(written(&effects), None, "{code}");
            desk.after_ms(2);
        }
        assert_eq!(written(&desk.press(Key::Enter)), None);
        assert_eq!(written(&desk.after_ms(500)), None);
        assert_eq!(desk.screen_name(), "unknown");
    }
    let mut desk = Desk::waiting();
    let effects = desk.link(answer(result(ResultCode::Stopped)));
    desk.durable(&effects);
    desk.after_ms(1_000);
    for c in "1234567890128".chars() {
        assert_eq!(desk.press(Key::Char(c)), vec![]);
        assert_eq!(desk.after_ms(2), vec![]);
    }
    assert_eq!(desk.after_ms(500), vec![]);
    assert_eq!(desk.screen_name(), "not charged");
}

#[test]
fn a_scan_or_a_paste_right_behind_a_digit_takes_the_answer_back() {
    for input in [
        Input::Scan("4901234567894".into()),
        Input::Paste("4901234567894".into()),
    ] {
        let mut desk = gave_up();
        desk.press(Key::Char('3'));
        desk.send(Message::Input(input));
        assert_eq!(written(&desk.after_ms(500)), None);
        assert_eq!(desk.screen_name(), "unknown");
    }
}

/// The commit of an outcome reached the disk, and the console was told that it did not.
#[test]
fn an_outcome_that_the_books_have_after_all_is_shown_when_they_refuse_another() {
    let mut desk = gave_up();
    let open = desk::record(&desk);
    desk.answer('1');
    let effects = desk.line("00123");
    let [Effect::Store(request)] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let effects = desk.stored(Stored::Failed {
        request: Box::new(request.clone()),
        trouble: StoreTrouble::Refused("it is settled".into()),
    });
    assert!(effects.contains(&Effect::Store(StoreRequest::Find(slip()))));
    assert_eq!(desk.screen_name(), "unknown");

    // Still open in the books: nothing changes.
    desk.stored(Stored::Found(Some(Box::new(open.clone()))));
    assert_eq!(desk.screen_name(), "unknown");
    assert_eq!(desk.state.open.len(), 1);

    let mut settled = open;
    settled
        .apply(
            desk.state.settings.stamp(desk.now),
            &Entry::Posted {
                slip: slip(),
                evidence: Evidence::Inquiry,
                terminal: result(ResultCode::Approved).facts,
            },
        )
        .unwrap();
    let effects = desk.stored(Stored::Found(Some(Box::new(settled.clone()))));
    assert_eq!(written(&effects), Some(Entry::Shown { slip: slip() }));
    let Screen::Done(done) = &desk.state.screen else {
        panic!("{}", desk.screen_name())
    };
    assert!(done.recovered && done.record.terminal.slip_number == settled.terminal.slip_number);
    assert_eq!(desk.state.open, vec![]);
    assert_eq!(desk.state.today.sales, 1);
}
