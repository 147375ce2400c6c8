//! The session and the simulated terminal in the dialects of other makers, whole exchanges in virtual time.

use super::pair::{Pair, number, sale};
use crate::cat::dialect::layout::Layout;
use crate::cat::model::{InquiryPower, NotFoundPower, shipped};
use crate::cat::recovery::Verdict;
use crate::cat::simulator::TerminalEvent;
use crate::cat::{
    Answer, Authorize, Break, Command, DailyLogType, Exposure, Inquiry, LinkEvent, ResultCode,
    TerminalState, TransactionType,
};
use crate::domain::ledger::NotCharged;
use crate::domain::money::Yen;

fn speaking(name: &str, script: &str) -> Pair {
    let layout = match name {
        "k-100" => Layout::parse("k-100.toml", include_str!("../../../docs/k-100.toml")),
        name => Ok(Layout::shipped(name).expect("it is shipped")),
    };
    let layout = layout.expect("it can be used");
    let mut pair = Pair::speaking(layout, script, |model| {
        let can = &mut model.capabilities;
        can.inquiry = if name == "concert" {
            InquiryPower::None
        } else {
            InquiryPower::LastOnly
        };
        can.not_found = NotFoundPower::Nothing;
        can.training_mode = false;
        can.echoes_sequence_number = name != "ecr17";
        can.echoes_amount = name != "ecr17";
    });
    heard_first(&mut pair, name);
    pair
}

/// Where answers bear no number the terminal is heard before the first amount.
fn heard_first(pair: &mut Pair, name: &str) {
    if name == "ecr17" {
        pair.run(Command::Status);
        pair.heard();
    }
}

/// With the model of its own.
fn modelled(name: &str, script: &str) -> Pair {
    let own = shipped().expect("the shipped models are good")[name].clone();
    let layout = Layout::shipped(name).expect("it is shipped");
    let mut pair = Pair::speaking(layout, script, |model| *model = own.clone());
    heard_first(&mut pair, name);
    pair
}

fn answers(pair: &Pair) -> Vec<&Answer> {
    pair.events
        .iter()
        .filter_map(|event| match event {
            LinkEvent::Answer { answer } => Some(answer),
            _ => None,
        })
        .collect()
}

fn last_answer(pair: &Pair) -> Answer {
    (*answers(pair).last().expect("an answer")).clone()
}

/// A sale through, and its slip.
fn sold(pair: &mut Pair, number: u32, amount: i64) -> crate::domain::slip::TerminalSlipNumber {
    pair.run(Command::Authorize(sale(number, amount)));
    let slip = pair.books.last().expect("booked").slip_number.clone();
    let Answer::Result(result) = last_answer(pair) else {
        panic!("a result");
    };
    assert_eq!(result.code, ResultCode::Approved);
    slip
}

#[test]
fn a_sale_goes_through_in_every_dialect_and_says_what_the_dialect_says() {
    for (name, echoes, slip_is_told) in [
        ("transbank", true, true),
        ("concert", true, false),
        ("ecr17", false, true),
        // The terminal of the guide, which does not exist.
        ("k-100", true, true),
    ] {
        let mut pair = speaking(name, "approve");
        let slip = sold(&mut pair, 42, 3_430);
        let Answer::Result(result) = last_answer(&pair) else {
            panic!("a result");
        };
        assert_eq!(result.sequence_number.is_some(), echoes, "{name}");
        assert_eq!(result.amount, echoes.then(|| Yen::new(3_430)), "{name}");
        let told = result
            .facts
            .slip_number
            .map(|slip| slip.as_str().to_owned());
        assert_eq!(told.is_some(), slip_is_told, "{name}");
        if let Some(told) = told {
            assert!(told.ends_with(slip.as_str()), "{name}: {told}");
        }
        assert_eq!(pair.books.len(), 1);
        assert!(
            !pair
                .shown
                .iter()
                .any(|event| matches!(event, TerminalEvent::Unspeakable(_))),
            "{name}: {:?}",
            pair.shown
        );
    }
}

#[test]
fn progress_comes_as_phases_as_words_or_not_at_all() {
    for (name, phases, words) in [
        ("transbank", true, false),
        ("ecr17", false, true),
        ("concert", false, false),
    ] {
        let mut pair = speaking(name, "approve");
        sold(&mut pair, 42, 3_430);
        let told = |wanted: fn(&LinkEvent) -> bool| pair.events.iter().any(wanted);
        assert_eq!(
            told(|event| matches!(event, LinkEvent::Phase { .. })),
            phases,
            "{name}"
        );
        assert_eq!(
            told(|event| matches!(event, LinkEvent::Display { .. })),
            words,
            "{name}"
        );
    }
}

#[test]
fn an_acknowledgement_answers_the_poll_and_sends_the_terminal_away() {
    let mut pair = speaking("transbank", "approve");
    pair.run(Command::Status);
    let Answer::Status(status) = last_answer(&pair) else {
        panic!("a status");
    };
    assert_eq!(status.state, TerminalState::Idle);
    pair.run(Command::Standalone);
    assert_eq!(last_answer(&pair), Answer::Standalone);
    // Off the link: only at the terminal itself can it be put back.
    pair.run(Command::Status);
    assert_eq!(answers(&pair).len(), 2);
    assert!(matches!(
        pair.events.last(),
        Some(LinkEvent::Broken {
            exposure: Exposure::Some,
            cause: Break::NoAcknowledgement,
        })
    ));
}

#[test]
fn a_sale_that_was_taken_back_is_listed_twice() {
    let mut pair = speaking("transbank", "approve …");
    let slip = sold(&mut pair, 42, 3_430);
    sold(&mut pair, 43, 1_500);
    pair.run(Command::Authorize(Authorize {
        transaction: TransactionType::Void,
        original_slip: Some(slip.clone()),
        ..sale(44, 3_430)
    }));
    let Answer::Result(void) = last_answer(&pair) else {
        panic!("a result");
    };
    assert_eq!(
        (void.transaction, &void.code),
        (TransactionType::Void, &ResultCode::Approved)
    );
    pair.run(Command::Transactions);
    let Answer::Transactions { records } = last_answer(&pair) else {
        panic!("a list");
    };
    let rows: Vec<_> = records
        .iter()
        .map(|row| (row.sequence_number, row.amount.get()))
        .collect();
    assert_eq!(
        rows,
        [
            (Some(number(42)), 3_430),
            (Some(number(43)), 1_500),
            (Some(number(42)), -3_430),
        ]
    );
    assert_eq!(records[2].facts.slip_number, Some(slip));
    pair.run(Command::AccessDailyLog {
        sequence_number: number(45),
        log: DailyLogType::Reporting,
    });
    let Answer::DailyLog { totals, .. } = last_answer(&pair) else {
        panic!("a log");
    };
    assert_eq!(totals.map(|t| (t.count, t.amount.get())), Some((3, 1_500)));
}

fn taking_back(
    transaction: TransactionType,
    number: u32,
    slip: &crate::domain::slip::TerminalSlipNumber,
) -> Authorize {
    Authorize {
        transaction,
        original_slip: Some(slip.clone()),
        ..sale(number, 3_430)
    }
}

#[test]
fn what_is_taken_back_over_the_link_ends_in_its_right_outcome_in_every_dialect() {
    for (name, transaction) in [
        ("transbank", TransactionType::Void),
        ("ecr17", TransactionType::Void),
        ("concert", TransactionType::Refund),
    ] {
        let mut pair = modelled(name, "approve …");
        let slip = sold(&mut pair, 42, 3_430);
        pair.heard();
        let mut void = taking_back(transaction, 43, &slip);
        if transaction == TransactionType::Refund {
            // Its refund names no slip.
            void.original_slip = None;
        }
        pair.run(Command::Authorize(void.clone()));
        let result = pair.result();
        let verdict = pair.verdict(&void, result);
        assert!(
            matches!(verdict, Verdict::Charged { .. }),
            "{name}: {verdict:?}"
        );
        if transaction == TransactionType::Refund {
            continue;
        }
        // It stands no more: refused, and said so.
        let again = taking_back(transaction, 44, &slip);
        pair.run(Command::Authorize(again.clone()));
        let result = pair.result();
        let verdict = pair.verdict(&again, result);
        assert!(
            matches!(
                verdict,
                Verdict::NotCharged {
                    reason: NotCharged::Declined { .. }
                }
            ),
            "{name}: {verdict:?}"
        );
        assert_eq!(pair.approved(), 2, "{name}");
    }
}

#[test]
fn the_late_result_of_a_void_is_nobody_elses() {
    let mut pair = modelled("transbank", "approve …");
    let (first, second) = (sold(&mut pair, 42, 3_430), sold(&mut pair, 43, 3_430));
    let late = |slip: &str| {
        let text = format!("1210|00|597000000000|SIM00001|A1B2C3|{slip}");
        let check = text.bytes().fold(0x03, |check, byte| check ^ byte);
        [&[0x02], text.as_bytes(), &[0x03, check]].concat()
    };
    for asked in [
        Command::Authorize(taking_back(TransactionType::Void, 44, &second)),
        Command::Authorize(sale(45, 3_430)),
    ] {
        pair.heard();
        pair.weather = Some(Box::new(|bytes| {
            if bytes.starts_with(b"\x021210") || bytes.starts_with(b"\x020210") {
                Vec::new()
            } else {
                bytes
            }
        }));
        pair.start(asked);
        pair.session
            .handle_input(pair.now_ms, &late(first.as_str()));
        pair.exchange();
        let events = pair.heard();
        assert!(
            !events
                .iter()
                .any(|event| matches!(event, LinkEvent::Answer { .. })),
            "{events:?}"
        );
        let unasked = |event: &LinkEvent| matches!(event, LinkEvent::Unasked { .. });
        assert!(events.iter().any(unasked), "{events:?}");
        pair.rest();
        assert_eq!(pair.broken().0, Exposure::Delivered);
        pair.weather = None;
        pair.disconnect();
        pair.connect();
    }
}

#[test]
fn a_reversal_reaches_the_last_payment_alone_and_is_refused_with_01_otherwise() {
    let mut pair = modelled("ecr17", "approve …");
    let said = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let kept = std::rc::Rc::clone(&said);
    pair.weather = Some(Box::new(move |bytes| {
        if bytes.get(10) == Some(&b'E') {
            *kept.borrow_mut() = bytes[11..13].to_vec();
        }
        bytes
    }));
    let (first, second) = (sold(&mut pair, 42, 3_430), sold(&mut pair, 43, 3_430));
    let unknown = crate::domain::slip::TerminalSlipNumber::new("99999").expect("a slip");
    for (number, slip, code) in [
        (44, &unknown, "01"),
        (45, &first, "01"),
        (46, &second, "00"),
        (47, &second, "01"),
        // What was taken back does not make the one before it the last.
        (48, &first, "01"),
    ] {
        pair.run(Command::Authorize(taking_back(
            TransactionType::Void,
            number,
            slip,
        )));
        assert_eq!(*said.borrow(), code.as_bytes(), "{number}");
    }
    assert_eq!(pair.approved(), 3);
}

#[test]
fn a_list_ends_where_a_frame_of_it_is_not_taken_and_is_no_answer() {
    for lost in 1..=3 {
        let mut pair = speaking("transbank", "approve …");
        sold(&mut pair, 42, 3_430);
        sold(&mut pair, 43, 1_500);
        pair.heard();
        // Nothing of this frame arrives, however often it is said.
        let mut frames = 0;
        pair.weather = Some(Box::new(move |bytes| {
            if bytes.starts_with(b"\x020261") {
                frames += 1;
                if frames == lost {
                    return Vec::new();
                }
            }
            bytes
        }));
        pair.run(Command::Transactions);
        let events = pair.heard();
        let answered = |event: &LinkEvent| matches!(event, LinkEvent::Answer { .. });
        assert!(!events.iter().any(answered), "frame {lost}: {events:?}");
        assert!(pair.shown.contains(&TerminalEvent::Undelivered));
        // What follows is a list again, from its beginning.
        pair.weather = None;
        pair.run(Command::Transactions);
        let Answer::Transactions { records } = last_answer(&pair) else {
            panic!("a list");
        };
        assert_eq!(records.len(), 2, "frame {lost}");
    }
}

#[test]
fn the_last_result_is_told_after_a_cut_in_every_dialect_that_has_one() {
    for name in ["transbank", "ecr17"] {
        let mut pair = speaking(name, "approve-then-cut");
        pair.run(Command::Authorize(sale(42, 3_430)));
        pair.connect();
        pair.run(Command::LastResult {
            sequence_number: number(42),
        });
        let Answer::LastResult {
            asked_number: None,
            inquiry: Inquiry::Found(result),
            ..
        } = last_answer(&pair)
        else {
            panic!("{name}: {:?}", pair.events);
        };
        assert_eq!(result.code, ResultCode::Approved, "{name}");
    }
}

#[test]
fn a_terminal_that_may_have_lost_the_centre_never_says_not_charged() {
    for name in ["transbank", "ecr17", "concert"] {
        let mut pair = speaking(name, "communication-error then approved");
        pair.run(Command::Authorize(sale(42, 3_430)));
        for answer in answers(&pair) {
            let Answer::Result(result) = answer else {
                continue;
            };
            assert_eq!(result.code, ResultCode::CommunicationError, "{name}");
        }
    }
}
