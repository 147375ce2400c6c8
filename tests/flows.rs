//! Flows of the counter as `[Message] → [Effect]`: no terminal, no disk, no clock.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

#[path = "support/desk.rs"]
mod desk;

use desk::{
    Desk, answer, broken, idle_status, journal, last_result, pended, result, sends_money, sequence,
    settings, slip, status, to_terminal, wall, written,
};
use madoguchi::app::Screen;
use madoguchi::app::key::{Input, Key};
use madoguchi::app::message::{
    DayCount, Effect, HistoryPage, HistoryRow, LinkRequest, Message, StoreRequest, StoreTrouble,
    Stored,
};
use madoguchi::app::unknown::{Proof, Stage};
use madoguchi::cat::{
    Break, Command, Exposure, Inquiry, LinkEvent, Phase, ResultCode, TerminalState,
};
use madoguchi::domain::ledger::{
    AuditEvent, Entry, Evidence, NotCharged, SaleState, UnknownReason,
};
use madoguchi::domain::money::Yen;
use madoguchi::domain::record::SaleRecord;
use madoguchi::domain::sale::SaleKind;
use madoguchi::domain::tender::{LinkKind, Tender};
use madoguchi::locale::Text;

fn note(desk: &Desk) -> Option<Text> {
    desk.state.note.as_ref().map(|note| note.text)
}

// --- Ringing up -------------------------------------------------------------------------------------------

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
fn escape_alone_closes_a_popup_after_a_moment() {
    let mut desk = Desk::open();
    desk.press(Key::Char('?'));
    assert_eq!(desk.state.popups.len(), 1);
    desk.press(Key::Esc);
    assert_eq!(desk.state.popups.len(), 1, "it may be half an F-key");
    desk.after_ms(700);
    assert_eq!(desk.state.popups.len(), 0);
}

// --- Cash -------------------------------------------------------------------------------------------------

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
fn a_card_gives_way_to_typed_cash_and_to_nothing_else() {
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
    desk.press(Key::Char('5'));
    assert!(!picked(&desk));
    assert_eq!(note(&desk), Some(Text::CardTakenBack));
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

// --- Picking a card ---------------------------------------------------------------------------------------

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

// --- The money path ---------------------------------------------------------------------------------------

#[test]
fn the_intent_and_the_sent_mark_are_durable_before_the_amount_leaves() {
    let mut desk = Desk::with_card();

    let effects = desk.press(Key::F(12));
    let [Effect::Store(StoreRequest::Pend { sale, .. })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let Some(Tender::Card { amount, link, .. }) = sale.card() else {
        panic!("{sale:?}")
    };
    assert_eq!((amount.get(), *link), (3_430, LinkKind::Linked));

    let effects = desk.stored(pended());
    assert_eq!(to_terminal(&effects), vec![LinkRequest::Connect]);

    let effects = desk.link(LinkEvent::Up);
    assert_eq!(
        to_terminal(&effects),
        vec![LinkRequest::Send(Command::Status)]
    );

    let effects = desk.link(idle_status());
    assert!(!sends_money(&effects));
    assert_eq!(
        written(&effects),
        Some(Entry::Sent {
            slip: slip(),
            journal: Some(journal())
        })
    );

    let effects = desk.durable(&effects);
    assert!(sends_money(&effects));
    let [LinkRequest::Send(Command::Authorize(authorize))] = &to_terminal(&effects)[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(authorize.sequence_number, sequence());
    assert_eq!(authorize.amount, Yen::new(3_430));
    assert!(!authorize.training);
}

#[test]
fn an_approval_is_durable_then_acknowledged_then_shown() {
    let mut desk = Desk::waiting();
    desk.link(LinkEvent::Delivered);
    desk.link(LinkEvent::Phase {
        phase: Phase::WaitingForCard,
    });
    let effects = desk.link(answer(result(ResultCode::Approved)));
    assert_eq!(to_terminal(&effects), vec![], "not acknowledged yet");
    assert!(matches!(written(&effects), Some(Entry::Posted { .. })));
    assert_eq!(desk.screen_name(), "charging", "not shown yet");

    let effects = desk.durable(&effects);
    assert_eq!(to_terminal(&effects), vec![LinkRequest::Acknowledge]);
    assert!(matches!(written(&effects), Some(Entry::Shown { .. })));
    let Screen::Done(done) = &desk.state.screen else {
        panic!("{}", desk.screen_name())
    };
    assert_eq!(done.record.state, SaleState::Settled);
    assert_eq!(
        done.record.terminal.slip_number.as_ref().unwrap().as_str(),
        "00123"
    );
    desk.press(Key::Enter);
    assert_eq!(desk.screen_name(), "register");
    assert!(desk.state.basket.lines.is_empty());
}

#[test]
fn what_is_definitely_not_charged_says_so_each_in_its_own_words() {
    for (code, reason) in [
        (
            ResultCode::CenterError {
                center_result_code: Some("G12".into()),
            },
            NotCharged::Declined {
                center_result_code: Some("G12".into()),
            },
        ),
        (ResultCode::Stopped, NotCharged::StoppedAtTerminal),
        (ResultCode::Busy, NotCharged::Busy),
        (
            ResultCode::Deficient,
            NotCharged::InsufficientBalance { balance: None },
        ),
        (ResultCode::DailyLogOverflow, NotCharged::DailyLogFull),
        (ResultCode::CommandError, NotCharged::CommandRefused),
        (ResultCode::Standalone, NotCharged::Standalone),
    ] {
        let mut desk = Desk::waiting();
        let effects = desk.link(answer(result(code)));
        assert_eq!(
            written(&effects),
            Some(Entry::Released {
                slip: slip(),
                reason: reason.clone(),
                evidence: Evidence::Answer
            })
        );
        desk.durable(&effects);
        let Screen::NotCharged(screen) = &desk.state.screen else {
            panic!("{}", desk.screen_name())
        };
        assert_eq!(screen.record.not_charged, Some(reason));
        assert_eq!(desk.state.due(), Yen::new(3_430), "the bill stands");
    }
}

#[test]
fn a_terminal_that_is_not_ready_gets_nothing() {
    for (event, reason) in [
        (status(TerminalState::Busy), NotCharged::Busy),
        (status(TerminalState::Standalone), NotCharged::Standalone),
        (
            LinkEvent::Down {
                cause: Break::Unreachable,
                detail: "no such port".into(),
            },
            NotCharged::NotReachable,
        ),
        (
            LinkEvent::Broken {
                exposure: Exposure::Nothing,
                cause: Break::NoAnswer,
            },
            NotCharged::NotReachable,
        ),
    ] {
        let mut desk = Desk::calling();
        let effects = desk.link(event);
        assert!(!sends_money(&effects));
        assert_eq!(
            written(&effects),
            Some(Entry::Released {
                slip: slip(),
                reason,
                evidence: Evidence::NothingSent
            })
        );
        let effects = desk.durable(&effects);
        assert!(!sends_money(&effects));
        assert_eq!(desk.screen_name(), "not charged");
    }
}

#[test]
fn backing_out_is_possible_until_the_amount_is_out() {
    let mut desk = Desk::calling();
    let effects = desk.press(Key::F(9));
    assert!(matches!(
        written(&effects),
        Some(Entry::Released {
            reason: NotCharged::BackedOut,
            ..
        })
    ));
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "checkout");

    let mut desk = Desk::waiting();
    assert_eq!(desk.press(Key::F(9)), vec![]);
    assert_eq!(note(&desk), Some(Text::StopAtTerminal));
    assert_eq!(desk.screen_name(), "charging");
}

#[test]
fn a_retry_is_a_new_attempt_of_the_same_order() {
    let mut desk = Desk::waiting();
    let effects = desk.link(answer(result(ResultCode::Stopped)));
    desk.durable(&effects);
    let effects = desk.press(Key::Char('1'));
    let [Effect::Store(StoreRequest::Pend { sale, .. })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(sale.order, Some(slip()));
    assert!(!sends_money(&effects));
}

#[test]
fn after_a_decline_the_bill_can_be_paid_in_cash() {
    let mut desk = Desk::waiting();
    let effects = desk.link(answer(result(ResultCode::Stopped)));
    desk.durable(&effects);
    desk.press(Key::F(9));
    assert_eq!(desk.screen_name(), "checkout");
    desk.press(Key::F(7));
    let effects = desk.press(Key::F(12));
    let [Effect::Store(StoreRequest::Sell { sale, .. })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(sale.order, Some(slip()));
}

#[test]
fn an_answer_to_another_question_is_never_booked() {
    let mut wrong_amount = result(ResultCode::Approved);
    wrong_amount.amount = Some(Yen::new(34_300));
    let mut wrong_mode = result(ResultCode::Approved);
    wrong_mode.training = Some(true);
    let mut wrong_time = result(ResultCode::Approved);
    wrong_time.facts.at = Some(wall().naive_local() - chrono::Duration::hours(2));
    for foreign in [wrong_amount, wrong_mode, wrong_time] {
        let mut desk = Desk::waiting();
        let effects = desk.link(answer(foreign));
        let outcome = effects.iter().find_map(|effect| match effect {
            Effect::Store(StoreRequest::Write { entry, .. })
                if !matches!(entry, Entry::Audit { .. }) =>
            {
                Some(entry.clone())
            }
            _ => None,
        });
        assert_eq!(
            outcome,
            Some(Entry::OutcomeUnknown {
                slip: slip(),
                reason: UnknownReason::ForeignAnswer
            })
        );
    }
}

#[test]
fn a_sent_mark_that_cannot_be_written_sends_nothing() {
    let mut desk = Desk::calling();
    desk.link(LinkEvent::Up);
    let effects = desk.link(idle_status());
    let [Effect::Link(..), Effect::Store(request)] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let effects = desk.stored(Stored::Failed {
        request: Box::new(request.clone()),
        trouble: StoreTrouble::DiskFull,
    });
    assert!(!sends_money(&effects));
    assert!(matches!(
        written(&effects),
        Some(Entry::Released {
            evidence: Evidence::NothingSent,
            ..
        })
    ));
}

#[test]
fn an_approval_that_cannot_be_written_is_neither_acknowledged_nor_shown_and_is_written_again() {
    let mut desk = Desk::waiting();
    let effects = desk.link(answer(result(ResultCode::Approved)));
    let [Effect::Store(request)] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let effects = desk.stored(Stored::Failed {
        request: Box::new(request.clone()),
        trouble: StoreTrouble::DiskFull,
    });
    assert_eq!(effects, vec![]);
    assert_eq!(desk.screen_name(), "charging");
    let effects = desk.after_ms(5_000);
    assert!(matches!(written(&effects), Some(Entry::Posted { .. })));
    let effects = desk.durable(&effects);
    assert_eq!(to_terminal(&effects), vec![LinkRequest::Acknowledge]);
    assert_eq!(desk.screen_name(), "done");
}

#[test]
fn a_link_that_says_nothing_at_all_ends_as_unknown() {
    let mut desk = Desk::waiting();
    let mut effects = vec![];
    for _ in 0..400 {
        effects = desk.after_ms(1_000);
        if !effects.is_empty() {
            break;
        }
    }
    assert!(effects.iter().any(|effect| matches!(
        effect,
        Effect::Store(StoreRequest::Write {
            entry: Entry::OutcomeUnknown {
                reason: UnknownReason::NoAnswer,
                ..
            },
            ..
        })
    )));
}

// --- Unknown ----------------------------------------------------------------------------------------------

/// From the unknown screen to the question being out.
fn asking(desk: &mut Desk) {
    let effects = desk.after_ms(10_000);
    assert_eq!(to_terminal(&effects), vec![LinkRequest::Connect]);
    let effects = desk.link(LinkEvent::Up);
    assert_eq!(
        to_terminal(&effects),
        vec![LinkRequest::Send(Command::LastResult {
            sequence_number: sequence()
        })]
    );
}

#[test]
fn a_broken_exchange_is_asked_about_and_settled_by_the_terminals_last_result() {
    let mut desk = Desk::unknown();
    asking(&mut desk);
    let found = Inquiry::Found(result(ResultCode::Approved));
    let effects = desk.link(last_result(found, Some(journal())));
    assert_eq!(
        to_terminal(&effects),
        vec![],
        "held until it is in the books"
    );
    assert!(matches!(
        written(&effects),
        Some(Entry::Posted {
            evidence: Evidence::Inquiry,
            ..
        })
    ));
    let effects = desk.durable(&effects);
    assert_eq!(to_terminal(&effects), vec![LinkRequest::Acknowledge]);
    assert_eq!(desk.screen_name(), "done");
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
    assert_eq!(desk.after_ms(100_000), vec![], "a person decides now");
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
    let effects = desk.press(Key::Char('3'));
    assert!(matches!(written(&effects), Some(Entry::Parked { .. })));
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "register");
    assert_eq!(desk.state.open.len(), 1);

    desk.after_ms(1_000);
    desk.line("500");
    desk.press(Key::F(12));
    assert_eq!(desk.press(Key::F(6)), vec![]);
    assert_eq!(note(&desk), Some(Text::TerminalHasUnresolved));
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
    assert_eq!(desk.press(Key::Char('1')).len(), 1, "meant");
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
    let effects = desk.press(Key::Char('3'));
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

/// The console has asked as often as it may.
fn gave_up_with(amount: &str) -> Desk {
    let mut desk = Desk::open();
    desk.line(amount);
    for key in [Key::F(12), Key::F(6), Key::Enter, Key::F(12)] {
        desk.press(key);
    }
    desk.stored(pended());
    desk.link(LinkEvent::Up);
    let effects = desk.link(idle_status());
    desk.durable(&effects);
    let effects = desk.link(broken());
    desk.durable(&effects);
    asked_in_vain(desk)
}

fn gave_up() -> Desk {
    asked_in_vain(Desk::unknown())
}

fn asked_in_vain(mut desk: Desk) -> Desk {
    for _ in 0..3 {
        asking(&mut desk);
        desk.link(broken());
    }
    desk
}

// --- History ----------------------------------------------------------------------------------------------

#[test]
fn enter_pressed_while_the_books_are_read_opens_the_row_that_is_found() {
    let mut desk = Desk::open();
    let effects = desk.press(Key::F(3));
    assert!(matches!(
        effects.as_slice(),
        [Effect::Store(StoreRequest::History(_))]
    ));
    desk.text("1230");
    let effects = desk.press(Key::Enter);
    let [Effect::Store(StoreRequest::History(query))] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(query.number.as_deref(), Some("1230"));
    assert_eq!(desk.press(Key::Enter), vec![], "it waits for the page");
    let late = HistoryPage::default();
    assert_eq!(
        desk.stored(Stored::History(late)),
        vec![],
        "not the page that was asked for"
    );
    let page = HistoryPage {
        query: query.clone(),
        rows: vec![HistoryRow {
            slip: slip(),
            stamp: desk.state.settings.stamp(desk.state.now),
            kind: SaleKind::Sale,
            state: SaleState::Settled,
            total: Yen::new(1_230),
            card: None,
        }],
        more: false,
    };
    let effects = desk.stored(Stored::History(page));
    assert_eq!(effects, vec![Effect::Store(StoreRequest::Find(slip()))]);
}

// --- From the start ---------------------------------------------------------------------------------------

/// What the books hold of a sale that was cut off at a point.
fn restart_with(unresolved: Vec<madoguchi::domain::record::SaleRecord>) -> (Desk, Vec<Effect>) {
    let mut desk = Desk::with(settings());
    desk.state.start();
    let effects = desk.stored(Stored::Opened {
        unresolved,
        unshown: None,
        today: DayCount::default(),
    });
    (desk, effects)
}

#[test]
fn the_next_start_opens_on_what_is_open_and_asks() {
    let record = desk::record(&Desk::unknown());
    let (mut desk, effects) = restart_with(vec![record]);
    assert!(!sends_money(&effects));
    assert_eq!(desk.screen_name(), "unknown");
    // The probe of the start gives way to the question.
    let effects = desk.after_ms(2_000);
    assert!(to_terminal(&effects).contains(&LinkRequest::Connect));
    let effects = desk.link(LinkEvent::Up);
    assert_eq!(
        to_terminal(&effects),
        vec![LinkRequest::Send(Command::LastResult {
            sequence_number: sequence()
        })]
    );
}

#[test]
fn what_is_typed_while_the_books_are_read_is_not_lost() {
    let mut desk = Desk::with(settings());
    desk.state.start();
    desk.line("3430");
    desk.press(Key::F(12));
    desk.stored(Stored::Opened {
        unresolved: vec![],
        unshown: None,
        today: DayCount::default(),
    });
    assert_eq!(desk.screen_name(), "checkout");
    assert_eq!(desk.state.due(), Yen::new(3_430));
}

#[test]
fn what_is_typed_while_the_books_are_read_answers_no_question() {
    let record = desk::record(&Desk::unknown());
    let mut desk = Desk::with(settings());
    desk.state.start();
    desk.line("1");
    let effects = desk.stored(Stored::Opened {
        unresolved: vec![record],
        unshown: None,
        today: DayCount::default(),
    });
    assert_eq!(written(&effects), None);
    let Screen::Unknown(unknown) = &desk.state.screen else {
        panic!("{}", desk.screen_name())
    };
    assert_eq!(unknown.proof, None);
}

#[test]
fn a_sale_of_which_nothing_was_sent_is_closed_at_the_start() {
    let mut record = desk::record(&Desk::unknown());
    record.state = SaleState::Pending;
    record.sent_at = None;
    let (mut desk, effects) = restart_with(vec![record]);
    assert!(matches!(
        written(&effects),
        Some(Entry::Released {
            reason: NotCharged::NotSent,
            evidence: Evidence::NothingSent,
            ..
        })
    ));
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "register");
    assert!(desk.state.open.is_empty());
}

#[test]
fn an_outcome_nobody_saw_is_shown_first() {
    let mut desk = Desk::waiting();
    let effects = desk.link(answer(result(ResultCode::Approved)));
    desk.durable(&effects);
    let Screen::Done(done) = &desk.state.screen else {
        panic!("{}", desk.screen_name())
    };
    let record = done.record.clone();
    let mut desk = Desk::with(settings());
    desk.state.start();
    let effects = desk.stored(Stored::Opened {
        unresolved: vec![],
        unshown: Some(Box::new(record)),
        today: DayCount {
            sales: 1,
            total: Yen::new(3_430),
        },
    });
    assert_eq!(desk.screen_name(), "done");
    assert!(matches!(written(&effects), Some(Entry::Shown { .. })));
    assert_eq!(desk.state.today.sales, 1, "it is counted once");
}

#[test]
fn a_viewer_touches_neither_books_nor_terminal() {
    let mut desk = Desk::with(madoguchi::app::settings::Settings {
        access: madoguchi::app::settings::Access::Viewer {
            holder: "pid 1".into(),
        },
        ..settings()
    });
    let effects = desk.state.start();
    assert!(effects.iter().all(|effect| matches!(
        effect,
        Effect::Store(StoreRequest::Open { .. } | StoreRequest::History(_))
    )));
    desk.stored(Stored::Opened {
        unresolved: vec![],
        unshown: None,
        today: DayCount::default(),
    });
    assert_eq!(desk.screen_name(), "history");
    desk.text("500");
    assert_eq!(desk.press(Key::F(9)), vec![]);
    assert_eq!(desk.screen_name(), "history");
}

#[test]
fn ctrl_c_leaves_at_once_where_nothing_is_half_done_and_asks_where_something_is() {
    let mut desk = Desk::open();
    assert_eq!(desk.press(Key::Ctrl('c')), vec![Effect::Quit]);
    let mut desk = Desk::waiting();
    assert_eq!(desk.press(Key::Ctrl('c')), vec![]);
    assert_eq!(desk.press(Key::F(9)), vec![], "stay");
    assert_eq!(desk.screen_name(), "charging");
    desk.press(Key::Ctrl('c'));
    assert_eq!(desk.press(Key::Char('1')), vec![Effect::Quit]);
}

#[test]
fn a_model_whose_messages_are_not_described_is_never_sent_anything() {
    let mut settings = settings();
    for cat in settings.cats.values_mut() {
        cat.model.layout = None;
    }
    let mut desk = Desk::with(settings);
    let effects = desk.state.start();
    assert_eq!(to_terminal(&effects), vec![]);
    desk.stored(Stored::Opened {
        unresolved: vec![],
        unshown: None,
        today: DayCount::default(),
    });
    desk.line("3430");
    desk.press(Key::F(12));
    assert_eq!(desk.press(Key::F(6)), vec![]);
    assert_eq!(note(&desk), Some(Text::ModelNeedsLayout));
}

#[test]
fn an_idle_console_wants_to_be_woken_once_and_then_never() {
    let mut desk = Desk::open();
    assert!(desk.state.deadline().is_some(), "the pane will be stale");
    desk.after_ms(61_000);
    assert_eq!(desk.state.deadline(), None);
    let effects = desk.press(Key::Char('1'));
    assert_eq!(
        to_terminal(&effects),
        vec![LinkRequest::Connect],
        "asked again"
    );
}

#[test]
fn what_was_said_on_one_screen_does_not_stand_on_the_next() {
    let mut desk = Desk::open();
    desk.press(Key::F(4));
    desk.press(Key::Char('4'));
    desk.text("13");
    desk.press(Key::Enter);
    assert_eq!(note(&desk), Some(Text::KeyNumberWrong));
    desk.press(Key::Char('q'));
    assert_eq!(desk.screen_name(), "register");
    assert_eq!(note(&desk), None);
}
