//! The money path: intent, sent mark, answer, books, acknowledgement, screen.

use super::*;

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
            journal: Some(journal()),
            terminal_id: None,
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
    let effects = desk.answer('1');
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

#[test]
fn books_in_trouble_keep_naming_it_at_every_attempt() {
    let mut desk = Desk::at_checkout();
    desk.stored(Stored::Failed {
        request: Box::new(StoreRequest::Write {
            stamp: desk.state.settings.stamp(desk.now),
            entry: Entry::Audit {
                event: AuditEvent::ClockWentBack,
                detail: String::new(),
            },
        }),
        trouble: StoreTrouble::Disk("io".into()),
    });
    for _ in 0..2 {
        let effects = desk.press(Key::F(12));
        assert_eq!(effects, vec![], "nothing is sold");
        assert_eq!(note(&desk), Some(Text::DiskError));
    }
}
