//! The tables of recovery, row by row.

use chrono::{Duration, NaiveDate};

use super::*;
use crate::cat::model;
use crate::cat::{Authorize, DailyLogType, Phase, TerminalState, TerminalStatus};
use crate::domain::tender::CardClass;

mod another;
mod backing;

fn capabilities() -> Capabilities {
    model::shipped().expect("shipped")["open-cat"].capabilities
}

fn timers() -> Timers {
    model::shipped().expect("shipped")["open-cat"].timers
}

fn at(minutes: i64) -> NaiveDateTime {
    let noon = NaiveDate::from_ymd_opt(2026, 11, 21).and_then(|day| day.and_hms_opt(12, 0, 0));
    noon.expect("a time") + Duration::minutes(minutes)
}

fn number(number: u32) -> SequenceNumber {
    SequenceNumber::new(number).expect("in range")
}

fn journal(text: &str) -> Option<JournalId> {
    JournalId::new(text).ok()
}

fn asked() -> Asked {
    Asked {
        transaction: TransactionType::Sales,
        sequence_number: number(42),
        amount: Yen::new(3_430),
        training: false,
        sent_at: at(0),
        journal: journal("J1"),
        original_slip: None,
        terminal_id: None,
    }
}

fn result(code: ResultCode) -> TransactionResult {
    TransactionResult {
        transaction: TransactionType::Sales,
        sequence_number: Some(number(42)),
        amount: Some(Yen::new(3_430)),
        training: Some(false),
        code,
        facts: TerminalFacts {
            balance: Some(Yen::new(7)),
            at: Some(at(1)),
            ..TerminalFacts::default()
        },
        original_slip: None,
        account_was_exposed: false,
    }
}

/// A change to a result, a change to the capabilities, and whether the result is still ours.
type Row = (
    &'static str,
    fn(&mut TransactionResult),
    fn(&mut Capabilities),
    bool,
);

#[test]
fn a_result_is_ours_only_where_every_echoed_field_agrees() {
    let rows: &[Row] = &[
        ("as asked", |_| {}, |_| {}, true),
        (
            "another kind",
            |r| r.transaction = TransactionType::Void,
            |_| {},
            false,
        ),
        (
            "another number",
            |r| r.sequence_number = Some(number(41)),
            |_| {},
            false,
        ),
        ("no number", |r| r.sequence_number = None, |_| {}, false),
        (
            "no number from a terminal that gives none",
            |r| r.sequence_number = None,
            |c| c.echoes_sequence_number = false,
            true,
        ),
        (
            "another number from a terminal that should give none",
            |r| r.sequence_number = Some(number(41)),
            |c| c.echoes_sequence_number = false,
            false,
        ),
        (
            "another amount",
            |r| r.amount = Some(Yen::new(3_431)),
            |_| {},
            false,
        ),
        ("no amount", |r| r.amount = None, |_| {}, false),
        (
            "no amount from a terminal that gives none",
            |r| r.amount = None,
            |c| c.echoes_amount = false,
            true,
        ),
        ("training", |r| r.training = Some(true), |_| {}, false),
        ("no mode", |r| r.training = None, |_| {}, true),
        ("no time", |r| r.facts.at = None, |_| {}, true),
        (
            "a clock 15 minutes slow",
            |r| r.facts.at = Some(at(-15)),
            |_| {},
            true,
        ),
        (
            "a time before the question",
            |r| r.facts.at = Some(at(-16)),
            |_| {},
            false,
        ),
        (
            "a clock 15 minutes fast",
            |r| r.facts.at = Some(at(18)),
            |_| {},
            true,
        ),
        (
            "a time to come",
            |r| r.facts.at = Some(at(19)),
            |_| {},
            false,
        ),
    ];
    for (name, change_result, change_capabilities, ours) in rows {
        let mut result = result(ResultCode::Approved);
        let mut capabilities = capabilities();
        change_result(&mut result);
        change_capabilities(&mut capabilities);
        let found = matches(&asked(), &result, &capabilities, &timers(), at(3));
        assert_eq!(found, *ours, "{name}");
    }
}

#[test]
fn a_training_sale_is_answered_by_training_alone() {
    let asked = Asked {
        training: true,
        ..asked()
    };
    for training_mode in [true, false] {
        let capabilities = Capabilities {
            training_mode,
            ..capabilities()
        };
        for (training, ours) in [(Some(true), true), (Some(false), false), (None, false)] {
            let result = TransactionResult {
                training,
                ..result(ResultCode::Approved)
            };
            let found = matches(&asked, &result, &capabilities, &timers(), at(3));
            assert_eq!(found, ours, "{training:?}, training mode {training_mode}");
        }
    }
}

#[test]
fn no_clock_skew_whatever_overflows() {
    let endless = Timers {
        clock_skew_max_ms: u64::MAX,
        ..timers()
    };
    let result = result(ResultCode::Approved);
    assert!(matches(&asked(), &result, &capabilities(), &endless, at(3)));
    let first = Asked {
        sent_at: NaiveDateTime::MIN,
        ..asked()
    };
    let last = NaiveDateTime::MAX;
    assert!(matches(&first, &result, &capabilities(), &timers(), last));
}

fn verdicts() -> Vec<(ResultCode, Verdict)> {
    let not_charged = |reason| Verdict::NotCharged { reason };
    let unknown = |reason| Verdict::Unknown { reason };
    let code = Some("G12".to_owned());
    vec![
        (
            ResultCode::Approved,
            Verdict::Charged {
                facts: result(ResultCode::Approved).facts,
            },
        ),
        (
            ResultCode::CenterError {
                center_result_code: code.clone(),
            },
            not_charged(NotCharged::Declined {
                center_result_code: code,
            }),
        ),
        (ResultCode::Busy, not_charged(NotCharged::Busy)),
        (ResultCode::Standalone, not_charged(NotCharged::Standalone)),
        (
            ResultCode::CommandError,
            not_charged(NotCharged::CommandRefused),
        ),
        (
            ResultCode::Stopped,
            not_charged(NotCharged::StoppedAtTerminal),
        ),
        (
            ResultCode::DailyLogOverflow,
            not_charged(NotCharged::DailyLogFull),
        ),
        (
            ResultCode::Deficient,
            not_charged(NotCharged::InsufficientBalance {
                balance: Some(Yen::new(7)),
            }),
        ),
        (ResultCode::Reset, unknown(UnknownReason::TerminalReset)),
        (
            ResultCode::CommunicationError,
            unknown(UnknownReason::CentreLost),
        ),
    ]
}

#[test]
fn every_result_code_has_one_meaning_for_money() {
    for (code, verdict) in verdicts() {
        let answer = Answer::Result(result(code.clone()));
        let found = after_answer(&asked(), &answer, &capabilities(), &timers(), at(3));
        assert_eq!(found, verdict, "{code:?}");
    }
    let definite = Capabilities {
        communication_error_is_definite: true,
        ..capabilities()
    };
    let answer = Answer::Result(result(ResultCode::CommunicationError));
    assert_eq!(
        after_answer(&asked(), &answer, &definite, &timers(), at(3)),
        Verdict::NotCharged {
            reason: NotCharged::Declined {
                center_result_code: None
            }
        }
    );
}

fn status() -> Answer {
    Answer::Status(TerminalStatus {
        state: TerminalState::Idle,
        training: None,
        journal: None,
        terminal_id: None,
    })
}

fn inquiry(asked_number: Option<SequenceNumber>) -> Answer {
    Answer::LastResult {
        asked_number,
        inquiry: Inquiry::NotFound,
        journal: journal("J1"),
        terminal_id: None,
    }
}

fn log(sequence_number: SequenceNumber) -> Answer {
    Answer::DailyLog {
        sequence_number: Some(sequence_number),
        totals: None,
        log: String::new(),
    }
}

#[test]
fn an_answer_to_something_else_leaves_the_money_unknown() {
    let foreign = Verdict::Unknown {
        reason: UnknownReason::ForeignAnswer,
    };
    let of_another = TransactionResult {
        sequence_number: Some(number(41)),
        ..result(ResultCode::Approved)
    };
    let of_another_amount = TransactionResult {
        amount: Some(Yen::new(1)),
        ..result(ResultCode::Stopped)
    };
    for answer in [
        Answer::Result(of_another),
        Answer::Result(of_another_amount),
        status(),
        inquiry(Some(number(42))),
        log(number(42)),
    ] {
        let found = after_answer(&asked(), &answer, &capabilities(), &timers(), at(3));
        assert_eq!(found, foreign, "{answer:?}");
    }
}

#[test]
fn only_a_request_of_which_nothing_left_is_certainly_not_charged() {
    use Break::{
        Disconnected, Garbled, NoAcknowledgement, NoAnswer, NotACat, PeerGaveUp, PortTaken,
        Refused, StillHeld, Unreachable,
    };
    for (cause, reason) in [
        (Unreachable, UnknownReason::LineCut),
        (PortTaken, UnknownReason::LineCut),
        (StillHeld, UnknownReason::LineCut),
        (Disconnected, UnknownReason::LineCut),
        (NoAcknowledgement, UnknownReason::NoAcknowledgement),
        (Refused, UnknownReason::Refused),
        (PeerGaveUp, UnknownReason::Refused),
        (NoAnswer, UnknownReason::NoAnswer),
        (Garbled, UnknownReason::Garbled),
        (NotACat, UnknownReason::Garbled),
    ] {
        let nothing = Verdict::NotCharged {
            reason: NotCharged::NotReachable,
        };
        assert_eq!(after_break(Exposure::Nothing, cause), nothing, "{cause:?}");
        for exposure in [Exposure::Some, Exposure::Delivered] {
            let unknown = Verdict::Unknown { reason };
            assert_eq!(after_break(exposure, cause), unknown, "{cause:?}");
        }
    }
}

fn finding(inquiry: &Inquiry, journal: Option<&JournalId>, can: &Capabilities) -> Finding {
    after_inquiry(&asked(), inquiry, (journal, None), can, &timers(), at(3))
}

#[test]
fn a_found_result_is_believed_only_where_it_is_ours() {
    for (code, verdict) in verdicts() {
        let expected = match verdict {
            Verdict::Unknown { .. } => Finding::NoProof,
            verdict => Finding::Known(verdict),
        };
        let found = Inquiry::Found(result(code.clone()));
        assert_eq!(finding(&found, None, &capabilities()), expected, "{code:?}");
    }
    let older = Inquiry::Found(TransactionResult {
        sequence_number: Some(number(41)),
        ..result(ResultCode::Approved)
    });
    let unnumbered = Inquiry::Found(TransactionResult {
        sequence_number: None,
        ..result(ResultCode::Approved)
    });
    let without_numbers = Capabilities {
        echoes_sequence_number: false,
        ..capabilities()
    };
    for (name, found, can) in [
        ("an older sale", &older, capabilities()),
        ("no number", &unnumbered, capabilities()),
        ("a terminal without numbers", &unnumbered, without_numbers),
    ] {
        assert_eq!(finding(found, None, &can), Finding::NoProof, "{name}");
    }
    assert_eq!(
        finding(&Inquiry::InProgress, None, &capabilities()),
        Finding::StillRunning
    );
}

#[test]
fn an_answer_belongs_to_its_question() {
    let sale = Command::Authorize(Authorize {
        transaction: TransactionType::Sales,
        sequence_number: number(42),
        amount: Yen::new(3_430),
        tax_others: Yen::ZERO,
        card_class: CardClass::CREDIT,
        device_id: None,
        training: false,
        original_slip: None,
    });
    let question = Command::LastResult {
        sequence_number: number(42),
    };
    let daily_log = Command::AccessDailyLog {
        sequence_number: number(42),
        log: DailyLogType::Reporting,
    };
    let ours = Answer::Result(result(ResultCode::Approved));
    let numbered = |sequence_number| {
        Answer::Result(TransactionResult {
            sequence_number,
            ..result(ResultCode::Approved)
        })
    };
    for (command, answer, belongs) in [
        (&sale, &ours, true),
        (&sale, &numbered(None), true),
        (&sale, &numbered(Some(number(41))), false),
        (&sale, &inquiry(Some(number(42))), false),
        (&question, &inquiry(Some(number(42))), true),
        (&question, &inquiry(None), true),
        (&question, &inquiry(Some(number(41))), false),
        (&question, &ours, false),
        (&daily_log, &log(number(42)), true),
        (&daily_log, &log(number(41)), false),
        (&Command::Status, &status(), true),
        (&Command::Status, &ours, false),
        (&sale, &status(), false),
    ] {
        assert_eq!(answers(command, answer), belongs, "{command:?} {answer:?}");
    }
}

#[test]
fn only_what_concerns_the_request_reaches_a_waiting_sale() {
    let ours = || Answer::Result(result(ResultCode::Approved));
    for (event, belongs) in [
        (LinkEvent::Delivered, true),
        (LinkEvent::Phase { phase: Phase::Pin }, true),
        (LinkEvent::Answer { answer: ours() }, true),
        (
            LinkEvent::Broken {
                exposure: Exposure::Some,
                cause: Break::NoAnswer,
            },
            true,
        ),
        (LinkEvent::Unasked { answer: ours() }, false),
        (LinkEvent::Up, false),
        (
            LinkEvent::Down {
                cause: Break::Disconnected,
                detail: String::new(),
            },
            false,
        ),
        (LinkEvent::Alive, false),
        (LinkEvent::Idle, false),
    ] {
        assert_eq!(belongs_to_a_sale(&event), belongs, "{event:?}");
    }
}

/// A line of a terminal's list.
fn listed(sequence: u32, amount: i64, minutes: Option<i64>) -> ListedTransaction {
    ListedTransaction {
        sequence_number: Some(number(sequence)),
        amount: Yen::new(amount),
        facts: TerminalFacts {
            at: minutes.map(at),
            ..TerminalFacts::default()
        },
    }
}

#[test]
fn a_list_proves_a_sale_only_by_one_line_that_fits_in_every_field() {
    let day = 24 * 60;
    let rows: [(&str, Vec<ListedTransaction>, bool); 9] = [
        ("ours", vec![listed(42, 3_430, Some(1))], true),
        ("ours, without a time", vec![listed(42, 3_430, None)], true),
        (
            "ours among others",
            vec![
                listed(41, 3_430, Some(0)),
                listed(42, 3_430, Some(1)),
                listed(43, 1, None),
            ],
            true,
        ),
        ("nothing", vec![], false),
        ("another number", vec![listed(41, 3_430, Some(1))], false),
        ("another amount", vec![listed(42, 3_431, Some(1))], false),
        (
            "taken back",
            vec![listed(42, 3_430, Some(1)), listed(42, -3_430, Some(2))],
            false,
        ),
        (
            "yesterday's, of lost books",
            vec![listed(42, 3_430, Some(-day))],
            false,
        ),
        ("tomorrow's", vec![listed(42, 3_430, Some(day))], false),
    ];
    for (name, records, proves) in rows {
        let found = after_list(
            &asked(),
            &records,
            Backing::ReadBefore(&records),
            &capabilities(),
            &timers(),
            at(2),
        );
        let known = matches!(found, Finding::Known(Verdict::Charged { .. }));
        assert_eq!(known, proves, "{name}: {found:?}");
        assert!(known || found == Finding::NoProof, "{name}: {found:?}");
    }
    let ours = [listed(42, 3_430, Some(1))];
    let without_numbers = Capabilities {
        echoes_sequence_number: false,
        ..capabilities()
    };
    let found = after_list(
        &asked(),
        &ours,
        Backing::ReadBefore(&ours),
        &without_numbers,
        &timers(),
        at(2),
    );
    assert_eq!(found, Finding::NoProof);
    for other in [
        Asked {
            transaction: TransactionType::Void,
            ..asked()
        },
        Asked {
            transaction: TransactionType::Refund,
            ..asked()
        },
        Asked {
            training: true,
            ..asked()
        },
    ] {
        let found = after_list(
            &other,
            &ours,
            Backing::ReadBefore(&ours),
            &capabilities(),
            &timers(),
            at(2),
        );
        assert_eq!(found, Finding::NoProof, "{other:?}");
    }
}
