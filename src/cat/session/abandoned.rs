//! What becomes of a question nobody waits for any more, and of what is asked behind it.

use super::pair::{Pair, number, sale};
use super::scenarios::authorize;
use super::*;
use crate::cat::ResultCode;

#[test]
fn an_abandoned_question_does_not_end_the_next_command() {
    let mut pair = Pair::new("late 20000\napprove");
    let first = sale(5, 900);
    pair.start(authorize(&first));
    pair.until(1_000);
    pair.session.abandon(pair.now_ms);
    pair.exchange();
    assert_eq!(pair.heard().last(), Some(&LinkEvent::Idle));
    // The terminal still works on the first one.
    pair.run(authorize(&sale(6, 700)));
    let events = pair.heard();
    let unasked = events.iter().any(|event| {
        matches!(event, LinkEvent::Unasked { answer: Answer::Result(result) }
            if result.sequence_number == Some(first.sequence_number))
    });
    assert!(unasked, "{events:?}");
    pair.events = events;
    assert_eq!(pair.result().code, ResultCode::Busy);
    assert_eq!(pair.approved(), 1);
}

#[test]
fn a_question_that_follows_an_abandoned_one_is_asked_and_an_end_is_always_told() {
    let number = number(5);
    let question = Command::LastResult {
        sequence_number: number,
    };
    let at = |pair: &Pair| (pair.now_ms, pair.local());
    // The terminal does not answer its call, so that the first question stays on its way out.
    for next in [Command::Status, question.clone()] {
        let mut pair = Pair::new("approve");
        pair.connected = false;
        pair.start(Command::Status);
        pair.session.abandon(pair.now_ms);
        let (now_ms, local) = at(&pair);
        assert_eq!(pair.session.start(now_ms, local, next), Ok(()));
        pair.rest();
        assert_eq!(
            pair.heard().last(),
            Some(&LinkEvent::Broken {
                exposure: Exposure::Nothing,
                cause: Break::Unreachable,
            })
        );
    }
    // It comes back in between: the question is put, and answered.
    let mut pair = Pair::new("approve");
    pair.connected = false;
    pair.start(Command::Status);
    pair.session.abandon(pair.now_ms);
    let (now_ms, local) = at(&pair);
    assert_eq!(pair.session.start(now_ms, local, question.clone()), Ok(()));
    pair.connected = true;
    pair.rest();
    let answered = pair.heard().iter().any(|event| {
        matches!(event, LinkEvent::Answer { answer: Answer::LastResult { asked_number, .. } }
            if *asked_number == Some(number))
    });
    assert!(answered);
    // The line goes: nothing of the question left. Let go as well: nothing is told.
    for (let_go, told) in [(false, true), (true, false)] {
        let mut pair = Pair::new("approve");
        pair.connected = false;
        pair.start(Command::Status);
        pair.session.abandon(pair.now_ms);
        let (now_ms, local) = at(&pair);
        assert_eq!(pair.session.start(now_ms, local, question.clone()), Ok(()));
        if let_go {
            pair.session.abandon(now_ms);
        }
        pair.disconnect();
        let broken = LinkEvent::Broken {
            exposure: Exposure::Nothing,
            cause: Break::Disconnected,
        };
        assert_eq!(pair.heard().contains(&broken), told);
    }
}

#[test]
fn an_amount_never_waits_behind_an_abandoned_question() {
    let mut pair = Pair::new("approve");
    pair.connected = false;
    pair.start(Command::Status);
    pair.session.abandon(pair.now_ms);
    let (now_ms, local) = (pair.now_ms, pair.local());
    let refused = pair.session.start(now_ms, local, authorize(&sale(5, 900)));
    assert_eq!(refused, Err(StartRefused::Busy));
    assert!(!pair.session.carries_money());
}
