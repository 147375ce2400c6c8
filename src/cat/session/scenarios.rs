//! One named scenario for every way a sale can go.

use chrono::NaiveDateTime;

use super::pair::{Pair, number, sale};
use super::*;
use crate::cat::recovery::{Finding, Verdict};
use crate::cat::simulator::TerminalEvent;
use crate::cat::simulator::books::{BookOutcome, Books};
use crate::cat::{Authorize, Phase, ResultCode};
use crate::domain::ledger::{NotCharged, UnknownReason};
use crate::domain::money::Yen;
use crate::domain::slip::JournalId;

pub(super) fn authorize(ask: &Authorize) -> Command {
    Command::Authorize(ask.clone())
}

fn phases(events: &[LinkEvent]) -> Vec<Phase> {
    events
        .iter()
        .filter_map(|event| match event {
            LinkEvent::Phase { phase } => Some(*phase),
            _ => None,
        })
        .collect()
}

const UNKNOWN_NO_ANSWER: (Exposure, Break) = (Exposure::Delivered, Break::NoAnswer);
pub(super) const UNKNOWN_CUT: (Exposure, Break) = (Exposure::Delivered, Break::Disconnected);

#[test]
fn a_sale_is_delivered_walks_its_phases_and_is_approved() {
    let mut pair = Pair::new("approve");
    let ask = sale(12, 3_430);
    pair.run(authorize(&ask));
    let events = pair.events.clone();
    assert_eq!(
        phases(&events).first(),
        Some(&Phase::WaitingForCard),
        "{events:?}"
    );
    assert_eq!(phases(&events).last(), Some(&Phase::Centre));
    let words: Vec<_> = pair
        .heard()
        .into_iter()
        .filter(|event| !matches!(event, LinkEvent::Phase { .. }))
        .collect();
    assert!(
        matches!(
            words.as_slice(),
            [
                LinkEvent::Delivered,
                LinkEvent::Answer { .. },
                LinkEvent::Idle
            ]
        ),
        "{words:?}"
    );
    pair.events = words;
    let result = pair.result();
    let entry = &pair.books[0];
    assert_eq!(result.facts.slip_number.as_ref(), Some(&entry.slip_number));
    assert_eq!(result.facts.approval_code, entry.approval_code);
    assert_eq!(result.facts.at, Some(entry.time.naive_local().with_nanos()));
    assert!(matches!(
        pair.verdict(&ask, result),
        Verdict::Charged { .. }
    ));
    assert_eq!(pair.books.len(), 1);
    assert_eq!(entry.sequence_number, ask.sequence_number);
    assert_eq!(entry.amount, ask.amount);
}

/// The line carries whole seconds.
trait WholeSeconds {
    fn with_nanos(self) -> NaiveDateTime;
}

impl WholeSeconds for NaiveDateTime {
    fn with_nanos(self) -> NaiveDateTime {
        chrono::Timelike::with_nanosecond(&self, 0).expect("zero is in range")
    }
}

#[test]
fn every_refusal_of_a_terminal_is_definite_and_booked_as_what_it_was() {
    let declined = |code: Option<&str>| NotCharged::Declined {
        center_result_code: code.map(str::to_owned),
    };
    for (line, outcome, reason) in [
        ("decline G12", BookOutcome::Declined, declined(Some("G12"))),
        (
            "deficient 120",
            BookOutcome::Deficient,
            NotCharged::InsufficientBalance {
                balance: Some(Yen::new(120)),
            },
        ),
        (
            "command-error",
            BookOutcome::CommandError,
            NotCharged::CommandRefused,
        ),
        (
            "daily-log-full",
            BookOutcome::DailyLogFull,
            NotCharged::DailyLogFull,
        ),
        (
            "cancel",
            BookOutcome::Cancelled,
            NotCharged::StoppedAtTerminal,
        ),
        ("busy", BookOutcome::Busy, NotCharged::Busy),
        (
            "standalone",
            BookOutcome::Standalone,
            NotCharged::Standalone,
        ),
    ] {
        let mut pair = Pair::new(line);
        let ask = sale(1, 500);
        pair.run(authorize(&ask));
        let result = pair.result();
        assert_eq!(
            pair.verdict(&ask, result),
            Verdict::NotCharged {
                reason: reason.clone()
            },
            "{line}"
        );
        assert_eq!(pair.books[0].outcome, outcome, "{line}");
        // Asked later, the terminal says the same.
        assert_eq!(
            pair.inquire(&ask),
            Some(Finding::Known(Verdict::NotCharged { reason })),
            "{line}"
        );
    }
}

#[test]
fn a_terminal_that_does_not_know_leaves_the_sale_unknown() {
    for (line, reason, found) in [
        (
            "communication-error then approved",
            UnknownReason::CentreLost,
            true,
        ),
        (
            "communication-error then declined",
            UnknownReason::CentreLost,
            true,
        ),
        ("communication-error", UnknownReason::CentreLost, false),
        ("reset", UnknownReason::TerminalReset, false),
    ] {
        let mut pair = Pair::new(line);
        let ask = sale(1, 500);
        pair.run(authorize(&ask));
        let result = pair.result();
        assert_eq!(
            pair.verdict(&ask, result),
            Verdict::Unknown { reason },
            "{line}"
        );
        let finding = pair.inquire(&ask).expect("an answer");
        match finding {
            Finding::Known(Verdict::Charged { .. }) => assert_eq!(pair.approved(), 1, "{line}"),
            Finding::Known(Verdict::NotCharged { .. }) => {
                assert_eq!(pair.approved(), 0, "{line}");
            }
            other => assert_eq!(other, Finding::NoProof, "{line}"),
        }
        assert_eq!(
            matches!(
                pair.books[0].outcome,
                BookOutcome::Approved | BookOutcome::Declined
            ),
            found,
            "{line}"
        );
    }
}

#[test]
fn a_lost_answer_is_found_by_asking_and_nothing_is_sent_twice() {
    for (line, broken) in [
        ("silence-after-approve", UNKNOWN_NO_ANSWER),
        ("approve-then-cut", UNKNOWN_CUT),
        ("other-sale", UNKNOWN_NO_ANSWER),
        ("reboot-memory", UNKNOWN_CUT),
        ("garble 9", (Exposure::Delivered, Break::Garbled)),
    ] {
        let mut pair = Pair::new(line);
        let ask = sale(5, 900);
        pair.run(authorize(&ask));
        assert_eq!(pair.broken(), broken, "{line}");
        assert_eq!(pair.approved(), 1, "{line}");
        let finding = pair.inquire(&ask);
        assert!(
            matches!(finding, Some(Finding::Known(Verdict::Charged { .. }))),
            "{line}: {finding:?}"
        );
        pair.never_asked_twice();
    }
}

#[test]
fn a_sale_that_never_began_is_not_found_in_an_unbroken_memory() {
    for (line, broken) in [
        ("silence", UNKNOWN_NO_ANSWER),
        ("cut-before", (Exposure::Some, Break::Disconnected)),
    ] {
        let mut pair = Pair::new(line);
        let ask = sale(5, 900);
        pair.run(authorize(&ask));
        assert_eq!(pair.broken(), broken, "{line}");
        assert!(pair.books.is_empty(), "{line}");
        assert_eq!(pair.inquire(&ask), Some(Finding::NotFoundOnce), "{line}");
    }
}

#[test]
fn a_terminal_that_forgot_proves_nothing() {
    let mut pair = Pair::new("reboot-amnesia");
    let ask = sale(5, 900);
    pair.run(authorize(&ask));
    assert_eq!(pair.broken(), UNKNOWN_CUT);
    assert_eq!(pair.approved(), 1);
    assert_eq!(pair.inquire(&ask), Some(Finding::NoProof));
    assert_ne!(
        pair.terminal.books().journal(),
        &JournalId::new("J1").expect("a name")
    );
}

#[test]
fn a_terminal_that_is_silent_to_questions_leaves_them_to_people() {
    let mut pair = Pair::new("no-inquiry\napprove");
    let ask = sale(5, 900);
    pair.run(authorize(&ask));
    assert_eq!(pair.broken(), UNKNOWN_CUT);
    for _ in 0..3 {
        assert_eq!(pair.inquire(&ask), None);
    }
    assert_eq!(pair.approved(), 1);
}

#[test]
fn a_lying_terminal_can_only_be_caught_by_a_second_proof() {
    let mut pair = Pair::new("lying-not-found");
    let ask = sale(5, 900);
    pair.run(authorize(&ask));
    assert_eq!(pair.broken(), UNKNOWN_CUT);
    assert_eq!(pair.inquire(&ask), Some(Finding::NotFoundOnce));
    assert_eq!(pair.approved(), 1);
}

#[test]
fn an_answer_that_does_not_fit_is_no_approval() {
    for line in ["wrong-amount", "wrong-kind", "wrong-mode"] {
        let mut pair = Pair::new(line);
        let ask = sale(5, 900);
        pair.run(authorize(&ask));
        let result = pair.result();
        assert_eq!(
            pair.verdict(&ask, result),
            Verdict::Unknown {
                reason: UnknownReason::ForeignAnswer
            },
            "{line}"
        );
        assert_eq!(pair.approved(), 1, "{line}");
        assert!(
            matches!(
                pair.inquire(&ask),
                Some(Finding::Known(Verdict::Charged { .. }))
            ),
            "{line}"
        );
    }
}

#[test]
fn another_sales_answer_does_not_end_this_one() {
    let mut pair = Pair::new("other-sale");
    pair.start(authorize(&sale(5, 900)));
    pair.until(1_000);
    let events = pair.heard();
    assert!(
        matches!(
            events.last(),
            Some(LinkEvent::Unasked {
                answer: Answer::Result(result)
            }) if result.sequence_number == Some(number(4))
        ),
        "{events:?}"
    );
    pair.rest();
    assert_eq!(pair.broken(), UNKNOWN_NO_ANSWER);
}

#[test]
fn a_late_answer_is_in_progress_until_then_and_unasked_afterwards() {
    let mut pair = Pair::new("late 240000");
    let ask = sale(5, 900);
    pair.start(authorize(&ask));
    pair.until(200_000);
    assert_eq!(pair.broken(), UNKNOWN_NO_ANSWER);
    assert_eq!(pair.inquire(&ask), Some(Finding::StillRunning));
    pair.rest();
    let events = pair.heard();
    assert!(
        matches!(
            events.as_slice(),
            [LinkEvent::Unasked {
                answer: Answer::Result(result)
            }] if result.sequence_number == Some(ask.sequence_number)
        ),
        "{events:?}"
    );
    assert!(matches!(
        pair.inquire(&ask),
        Some(Finding::Known(Verdict::Charged { .. }))
    ));
    pair.never_asked_twice();
}

#[test]
fn a_late_answer_within_the_time_of_a_transaction_is_an_answer() {
    let mut pair = Pair::new("late 50000");
    let ask = sale(5, 900);
    pair.run(authorize(&ask));
    let result = pair.result();
    assert!(matches!(
        pair.verdict(&ask, result),
        Verdict::Charged { .. }
    ));
}

#[test]
fn slow_phases_keep_a_sale_alive_until_the_longest_time_is_over() {
    let mut pair = Pair::new("slow 50000");
    pair.run(authorize(&sale(1, 500)));
    assert_eq!(pair.result().code, ResultCode::Approved);

    let mut pair = Pair::new("slow 70000");
    let start_ms = pair.now_ms;
    pair.run(authorize(&sale(1, 500)));
    assert_eq!(pair.broken(), UNKNOWN_NO_ANSWER);
    assert!(pair.now_ms - start_ms >= 70_000);
}

#[test]
fn a_bad_block_is_refused_and_comes_again() {
    for (line, blocks) in [("garble 1", 1), ("garble 3", 1), ("nak 1", 2), ("nak 3", 4)] {
        let mut pair = Pair::new(line);
        let ask = sale(5, 900);
        pair.run(authorize(&ask));
        assert_eq!(pair.result().code, ResultCode::Approved, "{line}");
        assert_eq!(pair.request_blocks, blocks, "{line}");
        assert_eq!(pair.books.len(), 1, "{line}");
        pair.never_asked_twice();
    }
}

#[test]
fn a_request_that_is_refused_too_often_is_given_up_with_the_outcome_open() {
    let mut pair = Pair::new("nak 9\ndecline 05");
    let ask = sale(5, 900);
    pair.run(authorize(&ask));
    // The terminal's own limit is the same as ours, and it counts first.
    assert_eq!(pair.broken(), (Exposure::Some, Break::PeerGaveUp));
    assert!(pair.books.is_empty());
    assert_eq!(pair.inquire(&ask), Some(Finding::NotFoundOnce));
    // The next sale is the next line of the script.
    pair.run(authorize(&sale(6, 900)));
    assert!(matches!(pair.result().code, ResultCode::CenterError { .. }));
}

#[test]
fn a_second_result_is_reported_and_not_taken_for_an_answer() {
    let mut pair = Pair::new("duplicate-result");
    pair.run(authorize(&sale(5, 900)));
    let events = pair.heard();
    assert!(
        matches!(
            events.as_slice(),
            [
                ..,
                LinkEvent::Answer { .. },
                LinkEvent::Idle,
                LinkEvent::Unasked { .. }
            ]
        ),
        "{events:?}"
    );
    assert_eq!(pair.approved(), 1);
}

#[test]
fn a_result_waits_for_the_books_and_is_not_reported_again_when_it_is_repeated() {
    let mut pair = Pair::new("approve");
    pair.acknowledges = false;
    pair.start(authorize(&sale(5, 900)));
    pair.until(60_000);
    let answers = |events: &[LinkEvent]| {
        events
            .iter()
            .filter(|event| matches!(event, LinkEvent::Answer { .. }))
            .count()
    };
    let events = pair.heard();
    assert_eq!(answers(&events), 1, "{events:?}");
    assert!(!events.contains(&LinkEvent::Idle));
    // The terminal gave up waiting; the books were slow, not wrong.
    assert!(pair.shown.contains(&TerminalEvent::Undelivered));
    pair.session.acknowledge(pair.now_ms);
    pair.exchange();
    assert_eq!(pair.heard(), [LinkEvent::Idle]);
}

#[test]
fn status_names_the_memory_and_is_acknowledged_at_once() {
    let mut pair = Pair::new("approve");
    pair.acknowledges = false;
    pair.run(Command::Status);
    let events = pair.heard();
    match events.as_slice() {
        [
            LinkEvent::Delivered,
            LinkEvent::Answer {
                answer: Answer::Status(status),
            },
            LinkEvent::Idle,
        ] => {
            assert_eq!(status.journal, JournalId::new("J1").ok());
            assert_eq!(status.state, crate::cat::TerminalState::Idle);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_line_that_is_cut_while_waiting_is_unknown_and_the_terminal_goes_on() {
    let mut pair = Pair::with_books(
        "approve",
        Books::new(JournalId::new("J1").expect("a name")),
        5_000,
    );
    let ask = sale(5, 900);
    pair.start(authorize(&ask));
    pair.until(6_000);
    pair.disconnect();
    assert_eq!(pair.broken(), UNKNOWN_CUT);
    pair.rest();
    assert_eq!(pair.approved(), 1);
    assert!(matches!(
        pair.inquire(&ask),
        Some(Finding::Known(Verdict::Charged { .. }))
    ));
}

#[test]
fn a_line_that_is_cut_before_the_first_block_exposed_nothing() {
    let mut pair = Pair::new("approve");
    pair.session
        .start(pair.now_ms, pair.local(), authorize(&sale(5, 900)))
        .expect("the session is free");
    assert_eq!(pair.session.poll_transmit(), Some(vec![0x05]));
    pair.disconnect();
    assert_eq!(pair.broken(), (Exposure::Nothing, Break::Disconnected));
}

#[test]
fn a_silent_line_is_unreachable_and_exposed_nothing() {
    let mut pair = Pair::new("approve");
    pair.connected = false;
    pair.run(authorize(&sale(5, 900)));
    assert_eq!(pair.broken(), (Exposure::Nothing, Break::Unreachable));
    assert_eq!(pair.request_blocks, 0);
}

#[test]
fn a_lost_acknowledgement_is_asked_for_and_the_block_never_sent_again() {
    let mut pair = Pair::new("approve");
    pair.session
        .start(pair.now_ms, pair.local(), authorize(&sale(5, 900)))
        .expect("the session is free");
    // The terminal's answer to the call comes through, its answer to the block does not.
    let call = pair.session.poll_transmit().expect("a call");
    pair.terminal.handle_input(pair.moment(), &call);
    let reply = pair.terminal.poll_transmit().expect("a reply");
    pair.session.handle_input(pair.now_ms, &reply);
    pair.loses_to_counter = 1;
    pair.exchange();
    pair.rest();
    assert_eq!(pair.request_blocks, 1);
    assert_eq!(pair.result().code, ResultCode::Approved);
    pair.never_asked_twice();
}

#[test]
fn only_one_command_runs_at_a_time_and_a_held_answer_is_part_of_it() {
    let mut pair = Pair::new("approve");
    pair.acknowledges = false;
    pair.start(authorize(&sale(5, 900)));
    let again = |pair: &mut Pair| {
        let at = pair.local();
        pair.session.start(pair.now_ms, at, Command::Status)
    };
    assert_eq!(again(&mut pair), Err(StartRefused::Busy));
    pair.until(1_000);
    assert_eq!(again(&mut pair), Err(StartRefused::Busy));
    // A result is not let go without the books.
    pair.session.abandon(pair.now_ms);
    assert_eq!(again(&mut pair), Err(StartRefused::Busy));
    pair.session.acknowledge(pair.now_ms);
    pair.exchange();
    assert_eq!(again(&mut pair), Ok(()));
}

#[test]
fn text_that_is_no_message_breaks_a_waiting_sale_and_nothing_else() {
    let mut pair = Pair::new("silence …");
    let garbage = b"\x05\x02HELLO\x03\x41\x04";
    pair.session.handle_input(pair.now_ms, garbage);
    while pair.session.poll_transmit().is_some() {}
    pair.exchange();
    assert_eq!(pair.heard(), []);
    pair.start(authorize(&sale(5, 900)));
    pair.session.handle_input(pair.now_ms, garbage);
    while pair.session.poll_transmit().is_some() {}
    pair.exchange();
    assert_eq!(pair.broken(), (Exposure::Delivered, Break::Garbled));
}
