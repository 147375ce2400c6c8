//! What the simulated terminal itself promises, seen from the counter.

use super::pair::{Pair, number, sale};
use super::scenarios::{UNKNOWN_CUT, authorize};
use super::*;
use crate::cat::DailyLogType;
use crate::cat::recovery::{Finding, Verdict};
use crate::cat::simulator::TerminalEvent;
use crate::cat::simulator::books::Books;
use crate::cat::{Authorize, ResultCode, TransactionType};
use crate::domain::slip::{JournalId, TerminalSlipNumber};
use crate::domain::tender::CardClass;

#[test]
fn a_number_that_is_known_is_never_charged_again() {
    let mut pair = Pair::new("approve");
    let ask = sale(5, 900);
    pair.run(authorize(&ask));
    let first = pair.result();
    // No code of the session does this; a fault of a counter may.
    pair.run(authorize(&ask));
    assert_eq!(pair.result(), first);
    assert_eq!(pair.books.len(), 1);
    assert!(
        pair.shown
            .contains(&TerminalEvent::DuplicateRequest(ask.sequence_number))
    );
}

#[test]
fn a_void_needs_a_standing_sale_and_is_done_once() {
    let mut pair = Pair::new("approve …");
    pair.run(authorize(&sale(1, 900)));
    let slip = pair.books[0].slip_number.clone();
    let void = |sequence_number, amount, slip: &TerminalSlipNumber| Authorize {
        transaction: TransactionType::Void,
        original_slip: Some(slip.clone()),
        ..sale(sequence_number, amount)
    };
    pair.heard();
    for (ask, approved) in [
        (void(2, 901, &slip), false),
        (
            void(3, 900, &TerminalSlipNumber::new("99999").expect("a slip")),
            false,
        ),
        (void(4, 900, &slip), true),
        (void(5, 900, &slip), false),
    ] {
        pair.run(authorize(&ask));
        let code = pair.result().code;
        assert_eq!(code == ResultCode::Approved, approved, "{ask:?}");
    }
}

#[test]
fn practice_is_marked_in_the_terminals_books_and_left_out_of_its_log() {
    let mut pair = Pair::new("approve …");
    pair.run(authorize(&Authorize {
        training: true,
        ..sale(1, 500)
    }));
    assert_eq!(pair.result().training, Some(true));
    assert!(pair.books[0].training);
    pair.run(authorize(&sale(2, 700)));
    pair.heard();
    for (log, records) in [
        (DailyLogType::Reporting, 1),
        (DailyLogType::Settlement, 1),
        (DailyLogType::Reporting, 0),
    ] {
        pair.run(Command::AccessDailyLog {
            sequence_number: number(9),
            log,
        });
        let text = pair.heard().into_iter().find_map(|event| match event {
            LinkEvent::Answer {
                answer: Answer::DailyLog { log, .. },
            } => Some(log),
            _ => None,
        });
        let text = text.expect("a log");
        assert_eq!(text.lines().count(), records, "{log:?}: {text}");
    }
}

#[test]
fn the_triple_wait_class_is_answered_by_the_card_it_was() {
    let mut pair = Pair::new("approve …");
    let mut seen = std::collections::BTreeSet::new();
    for index in 1..40 {
        pair.run(authorize(&Authorize {
            card_class: CardClass::TRIPLE_WAIT,
            ..sale(index, 500)
        }));
        seen.extend(pair.result().facts.card_class);
    }
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        [CardClass(3), CardClass(4), CardClass(5)]
    );
}

#[test]
fn a_terminal_that_was_started_again_still_knows_what_it_charged() {
    let mut pair = Pair::new("approve-then-cut");
    let ask = sale(5, 900);
    pair.run(authorize(&ask));
    assert_eq!(pair.broken(), UNKNOWN_CUT);
    let fresh = JournalId::new("FRESH").expect("a name");
    let books = Books::restore(pair.books, fresh);
    let mut pair = Pair::with_books("approve", books, 0);
    assert!(matches!(
        pair.inquire(&ask),
        Some(Finding::Known(Verdict::Charged { .. }))
    ));
    assert!(matches!(
        pair.inquire(&sale(6, 900)),
        Some(Finding::NotFoundOnce)
    ));
}
