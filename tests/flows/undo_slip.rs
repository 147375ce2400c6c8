//! 取消 over the link at terminals that answer with the slip they took back: which slip was meant is in the books, and known wherever an
//! answer is weighed.

use super::undo::{linked, sent, voided};
use super::*;
use madoguchi::cat::{Answer, TransactionResult};
use madoguchi::domain::slip::TerminalSlipNumber;

/// As terminals answer that name the slip they took back rather than our number.
fn naming(slip: &str) -> TransactionResult {
    TransactionResult {
        sequence_number: None,
        amount: None,
        original_slip: TerminalSlipNumber::new(slip).ok(),
        ..voided(ResultCode::Approved)
    }
}

#[test]
fn a_void_whose_answer_names_the_slip_it_took_back_is_ours_by_that_alone() {
    for (named, is_ours) in [("00456", true), ("456", true), ("00457", false)] {
        let mut desk = sent();
        let effects = desk.link(answer(naming(named)));
        let posted = matches!(written(&effects), Some(Entry::Posted { .. }));
        assert_eq!(posted, is_ours, "{named}");
    }
}

#[test]
fn the_slip_to_be_taken_back_is_known_to_the_question_after_a_restart() {
    let mut desk = sent();
    let effects = desk.link(broken());
    desk.durable(&effects);
    let open = desk.state.open.clone();
    for (named, is_ours) in [("00456", true), ("00457", false)] {
        // As the books tell it: nothing is known but what was written.
        let text = serde_json::to_string(&open).unwrap();
        let mut desk = Desk::with(linked().state.settings.clone());
        desk.state.start();
        desk.stored(Stored::Opened {
            unresolved: serde_json::from_str(&text).unwrap(),
            unshown: None,
            today: DayCount::default(),
            terminals: Default::default(),
            sent: Default::default(),
        });
        assert_eq!(desk.screen_name(), "unknown");
        desk.link(LinkEvent::Up);
        desk.link(idle_status());
        asking(&mut desk);
        let found = Inquiry::Found(TransactionResult {
            sequence_number: Some(sequence()),
            ..naming(named)
        });
        let effects = desk.link(last_result(found, Some(journal())));
        let posted = matches!(written(&effects), Some(Entry::Posted { .. }));
        assert_eq!(posted, is_ours, "asked: {named}");
    }
}

#[test]
fn a_late_answer_settles_the_void_whose_slip_it_names() {
    let mut desk = sent();
    let effects = desk.link(broken());
    desk.durable(&effects);
    let late = TransactionResult {
        sequence_number: Some(sequence()),
        ..naming("00456")
    };
    let unasked = Answer::Result(late);
    let effects = desk.link(LinkEvent::Unasked { answer: unasked });
    assert!(matches!(written(&effects), Some(Entry::Posted { .. })));
}
