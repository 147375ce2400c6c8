//! Late answers that do not say what they answer: none is read as the result of the next amount.

use super::pair::{Pair, Weather, number, sale};
use super::scenarios::authorize;
use super::*;
use crate::cat::model::InquiryPower;
use crate::cat::model::shipped;
use crate::cat::simulator::at_terminal::AtTerminal;
use crate::cat::{ResultCode, TerminalState};

fn at_terminal_that_echoes_nothing(script: &str) -> Pair {
    let model = shipped().expect("the shipped models are good")["ecr17"].clone();
    let layout = Layout::shipped("ecr17").expect("it is shipped");
    let mut pair = Pair::speaking(layout, script, |own| *own = model.clone());
    assert_eq!(ask_for_state(&mut pair), TerminalState::Idle);
    pair
}

/// The console dies, and another one begins; the terminal goes on on the same line or a new one.
fn restart(pair: &mut Pair) {
    pair.disconnect();
    let layout = Layout::shipped("ecr17").expect("it is shipped");
    pair.session = Session::of_model(layout, &pair.model);
    pair.heard();
    pair.connect();
}

/// May this amount leave?
fn try_sale(pair: &mut Pair, number: u32, amount: i64) -> Result<(), StartRefused> {
    let (now_ms, local) = (pair.now_ms, pair.local());
    let asked = authorize(&sale(number, amount));
    let begun = pair.session.start(now_ms, local, asked);
    pair.exchange();
    begun
}

fn results(events: &[LinkEvent]) -> usize {
    let result = |event: &&LinkEvent| {
        matches!(
            event,
            LinkEvent::Answer {
                answer: Answer::Result(_)
            }
        )
    };
    events.iter().filter(result).count()
}

fn last_result() -> Command {
    Command::LastResult {
        sequence_number: number(1),
    }
}

fn ask_for_state(pair: &mut Pair) -> TerminalState {
    pair.run(Command::Status);
    let state = pair.heard().into_iter().find_map(|event| match event {
        LinkEvent::Answer {
            answer: Answer::Status(status),
        } => Some(status.state),
        _ => None,
    });
    state.expect("its state")
}

#[test]
fn no_amount_leaves_behind_an_abandoned_question_until_the_line_is_new_and_the_terminal_asked() {
    let mut pair = at_terminal_that_echoes_nothing("approve …");
    pair.run(authorize(&sale(1, 900)));
    assert_eq!(results(&pair.heard()), 1);
    // Its answer is on its way, and slow.
    pair.weather = Some(Box::new(|bytes| {
        if bytes.len() > 3 && bytes.get(10) == Some(&b'E') {
            Vec::new()
        } else {
            bytes
        }
    }));
    pair.start(last_result());
    pair.session.abandon(pair.now_ms);
    pair.exchange();
    assert!(pair.session.owes_on_this_line());
    let before = pair.request_blocks;
    assert_eq!(try_sale(&mut pair, 2, 700), Err(StartRefused::Owed));
    assert_eq!(pair.request_blocks, before, "nothing of it left");
    // Asked on the same line it says nothing of what is still to come.
    assert_eq!(ask_for_state(&mut pair), TerminalState::Idle);
    assert_eq!(try_sale(&mut pair, 2, 700), Err(StartRefused::Owed));
    // A new line alone is not enough either.
    pair.weather = None;
    pair.disconnect();
    pair.connect();
    assert_eq!(try_sale(&mut pair, 2, 700), Err(StartRefused::Owed));
    assert_eq!(ask_for_state(&mut pair), TerminalState::Idle);
    assert_eq!(try_sale(&mut pair, 2, 700), Ok(()));
    pair.rest();
    assert_eq!(results(&pair.heard()), 1);
    assert_eq!(pair.approved(), 2);
}

#[test]
fn a_sale_that_was_given_up_does_not_answer_the_next_one() {
    let mut pair = at_terminal_that_echoes_nothing("late 90000\napprove");
    pair.start(authorize(&sale(1, 900)));
    pair.until(61_000);
    assert_eq!(pair.broken(), (Exposure::Delivered, Break::NoAnswer));
    assert_eq!(try_sale(&mut pair, 2, 700), Err(StartRefused::Owed));
    pair.disconnect();
    pair.connect();
    // While the terminal is at it, it does not say that it is idle, and nothing leaves.
    pair.start(Command::Status);
    pair.until(1_000);
    pair.heard();
    assert_eq!(try_sale(&mut pair, 2, 700), Err(StartRefused::Owed));
    // The late result comes on the new line, and is nobody's.
    pair.until(60_000);
    let events = pair.heard();
    assert_eq!(results(&events), 0);
    assert!(
        events
            .iter()
            .any(|event| matches!(event, LinkEvent::Unasked { .. }))
    );
    pair.disconnect();
    pair.connect();
    assert_eq!(ask_for_state(&mut pair), TerminalState::Idle);
    assert_eq!(try_sale(&mut pair, 2, 700), Ok(()));
    pair.rest();
    assert_eq!(pair.result().code, ResultCode::Approved);
    assert_eq!(pair.approved(), 2);
}

#[test]
fn a_result_said_once_more_is_not_the_result_of_the_next_amount() {
    for (first, code) in [("approve", "00"), ("decline 05", "01")] {
        said_once_more(first, code);
    }
}

/// A refusal, too: the terminal repeats it where our acknowledgement came late, and may approve the next amount meanwhile.
fn said_once_more(first: &str, code: &str) {
    let mut pair = at_terminal_that_echoes_nothing(&format!("{first}\nsilence"));
    let said = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let kept = std::rc::Rc::clone(&said);
    pair.weather = Some(Box::new(move |bytes| {
        if bytes.get(10) == Some(&b'E') {
            *kept.borrow_mut() = bytes.clone();
        }
        bytes
    }));
    pair.run(authorize(&sale(1, 900)));
    assert_eq!(results(&pair.heard()), 1);
    assert_eq!(ask_for_state(&mut pair), TerminalState::Idle);
    assert_eq!(try_sale(&mut pair, 2, 700), Ok(()));
    let again = said.borrow().clone();
    assert_eq!(again.get(11..13), Some(code.as_bytes()));
    pair.session.handle_input(pair.now_ms, &again);
    pair.exchange();
    let events = pair.heard();
    assert_eq!(results(&events), 0, "{events:?}");
    assert!(
        events
            .iter()
            .any(|event| matches!(event, LinkEvent::Unasked { .. }))
    );
    pair.rest();
    assert_eq!(pair.broken().0, Exposure::Delivered, "it stays unknown");
}

#[test]
fn where_answers_bear_our_number_the_next_amount_need_not_wait() {
    let mut pair = Pair::new("approve");
    pair.start(last_result());
    pair.session.abandon(pair.now_ms);
    pair.exchange();
    assert!(!pair.session.owes_on_this_line());
}

#[test]
fn what_never_left_is_owed_no_answer_and_time_ends_every_debt() {
    let mut pair = at_terminal_that_echoes_nothing("silence\napprove");
    pair.start(authorize(&sale(1, 900)));
    pair.until(61_000);
    assert_eq!(pair.broken(), (Exposure::Delivered, Break::NoAnswer));
    assert_eq!(try_sale(&mut pair, 2, 700), Err(StartRefused::Owed));
    // Longer than any transaction.
    pair.until(240_000);
    assert_eq!(try_sale(&mut pair, 2, 700), Ok(()));
    pair.rest();
    assert_eq!(pair.result().code, ResultCode::Approved);
}

/// What the terminal says, as it is on the line; the last result of all.
fn listening(pair: &mut Pair) -> std::rc::Rc<std::cell::RefCell<Vec<u8>>> {
    let said = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let kept = std::rc::Rc::clone(&said);
    pair.weather = Some(Box::new(move |bytes| {
        if bytes.get(10) == Some(&b'E') {
            *kept.borrow_mut() = bytes.clone();
        }
        bytes
    }));
    said
}

#[test]
fn a_result_from_before_a_restart_said_once_more_is_not_the_result_of_the_next_amount() {
    for first in ["approve", "decline 05"] {
        let mut pair = at_terminal_that_echoes_nothing(&format!("{first}\nsilence"));
        let said = listening(&mut pair);
        pair.run(authorize(&sale(1, 900)));
        assert_eq!(results(&pair.heard()), 1);
        let again = said.borrow().clone();
        restart(&mut pair);
        assert_eq!(try_sale(&mut pair, 2, 700), Err(StartRefused::Owed));
        assert_eq!(ask_for_state(&mut pair), TerminalState::Idle);
        assert_eq!(try_sale(&mut pair, 2, 700), Ok(()));
        pair.session.handle_input(pair.now_ms, &again);
        pair.exchange();
        let events = pair.heard();
        assert_eq!(results(&events), 0, "{first}: {events:?}");
        let unasked = |event: &LinkEvent| matches!(event, LinkEvent::Unasked { .. });
        assert!(events.iter().any(unasked), "{first}: {events:?}");
        pair.rest();
        assert_eq!(pair.broken().0, Exposure::Delivered, "it stays unknown");
    }
}

#[test]
fn after_a_restart_the_next_amount_has_a_result_of_its_own() {
    let mut pair = at_terminal_that_echoes_nothing("approve …");
    pair.run(authorize(&sale(1, 900)));
    restart(&mut pair);
    let asked = pair.request_blocks;
    assert_eq!(ask_for_state(&mut pair), TerminalState::Idle);
    assert_eq!(
        pair.request_blocks,
        asked + 2,
        "its state and its last result"
    );
    assert_eq!(try_sale(&mut pair, 2, 900), Ok(()));
    pair.rest();
    assert_eq!(pair.result().code, ResultCode::Approved);
    // What is known is not asked again.
    let asked = pair.request_blocks;
    assert_eq!(ask_for_state(&mut pair), TerminalState::Idle);
    assert_eq!(pair.request_blocks, asked + 1);
    assert_eq!(pair.approved(), 2);
}

#[test]
fn where_the_terminal_does_not_tell_what_it_said_before_time_must_pass() {
    let mut pair = at_terminal_that_echoes_nothing("no-inquiry\napprove");
    pair.run(authorize(&sale(1, 900)));
    pair.heard();
    restart(&mut pair);
    // Its state is told all the same.
    assert_eq!(ask_for_state(&mut pair), TerminalState::Idle);
    assert_eq!(try_sale(&mut pair, 2, 700), Err(StartRefused::Owed));
    let longest = pair.model.timers.transaction_max_ms;
    pair.until(longest);
    pair.disconnect();
    pair.connect();
    assert_eq!(try_sale(&mut pair, 2, 700), Ok(()));
    pair.rest();
    assert_eq!(pair.result().code, ResultCode::Approved);
}

#[test]
fn a_terminal_that_does_not_say_how_it_is_is_given_its_time_after_a_restart() {
    let mut pair = at_terminal_that_echoes_nothing("approve …");
    pair.model.capabilities.status = false;
    restart(&mut pair);
    assert_eq!(try_sale(&mut pair, 1, 700), Err(StartRefused::Owed));
    let longest = pair.model.timers.transaction_max_ms;
    pair.until(longest - 1);
    assert_eq!(try_sale(&mut pair, 1, 700), Err(StartRefused::Owed));
    pair.until(1);
    assert_eq!(try_sale(&mut pair, 1, 700), Ok(()));
}

#[test]
fn a_terminal_that_can_be_asked_nothing_is_waited_for_only_where_an_amount_was_sent_a_moment_ago() {
    let longest = at_terminal_that_echoes_nothing("approve")
        .model
        .timers
        .transaction_max_ms;
    for (ago_ms, wait_ms) in [
        (None, 0),
        (Some(0), longest),
        (Some(longest - 1_000), 1_000),
        (Some(longest), 0),
        (Some(u64::MAX), 0),
    ] {
        let mut pair = at_terminal_that_echoes_nothing("approve …");
        pair.model.capabilities.status = false;
        pair.model.capabilities.inquiry = InquiryPower::None;
        restart(&mut pair);
        if let Some(ago_ms) = ago_ms {
            pair.session.sent_before(pair.now_ms, ago_ms);
        }
        if wait_ms > 0 {
            assert_eq!(try_sale(&mut pair, 1, 700), Err(StartRefused::Owed));
            assert_eq!(pair.session.wait_ms(pair.now_ms), wait_ms, "{ago_ms:?}");
            pair.until(wait_ms - 1);
            assert_eq!(try_sale(&mut pair, 1, 700), Err(StartRefused::Owed));
            pair.until(1);
        }
        assert_eq!(try_sale(&mut pair, 1, 700), Ok(()), "{ago_ms:?}");
    }
}

#[test]
fn a_line_that_goes_while_the_last_result_is_asked_is_told_and_asked_again() {
    let mut pair = at_terminal_that_echoes_nothing("approve …");
    pair.run(authorize(&sale(1, 900)));
    restart(&mut pair);
    // The state comes, its last result does not.
    pair.weather = Some(Box::new(|bytes| {
        if bytes.get(10) == Some(&b'E') {
            Vec::new()
        } else {
            bytes
        }
    }));
    pair.start(Command::Status);
    pair.until(1_000);
    let events = pair.heard();
    assert!(
        !events
            .iter()
            .any(|event| matches!(event, LinkEvent::Answer { .. }))
    );
    pair.disconnect();
    let events = pair.heard();
    assert!(
        events.iter().any(|event| matches!(
            event,
            LinkEvent::Broken {
                cause: Break::Disconnected,
                ..
            }
        )),
        "{events:?}"
    );
    pair.weather = None;
    pair.connect();
    assert_eq!(try_sale(&mut pair, 2, 700), Err(StartRefused::Owed));
    assert_eq!(ask_for_state(&mut pair), TerminalState::Idle);
    assert_eq!(try_sale(&mut pair, 2, 700), Ok(()));
}

#[test]
fn where_answers_bear_our_number_nothing_is_asked_after_a_start() {
    let mut pair = Pair::new("approve");
    let asked = pair.request_blocks;
    pair.run(Command::Status);
    assert_eq!(pair.request_blocks, asked + 1);
}

/// The states that were told, in order.
fn states(pair: &mut Pair) -> Vec<TerminalState> {
    let told = pair.heard().into_iter().filter_map(|event| match event {
        LinkEvent::Answer {
            answer: Answer::Status(status),
        } => Some(status.state),
        _ => None,
    });
    told.collect()
}

/// Every such control but the first is lost on the line.
fn lost_but_the_first(control: u8) -> Option<Weather> {
    let mut seen = 0;
    Some(Box::new(move |bytes| {
        seen += usize::from(bytes == [control]);
        if seen > 1 && bytes == [control] {
            return Vec::new();
        }
        bytes
    }))
}

/// The terminal is asked how it is, and calls in vain to say so, until the question is given up.
fn state_that_does_not_arrive(pair: &mut Pair) {
    pair.weather = lost_but_the_first(0x05);
    pair.start(Command::Status);
    pair.until(pair.model.timers.answer_ms + 1);
    assert_eq!(pair.broken(), (Exposure::Delivered, Break::NoAnswer));
    pair.weather = None;
}

#[test]
fn an_old_state_that_comes_late_is_not_told_as_the_newest() {
    let mut pair = Pair::new("approve …");
    state_that_does_not_arrive(&mut pair);
    let moment = pair.moment();
    pair.terminal
        .press(moment, AtTerminal::LeaveLink)
        .expect("it is idle");
    pair.run(Command::Status);
    assert_eq!(states(&mut pair), [TerminalState::Standalone]);
    // From then on one question is enough.
    let before = pair.request_blocks;
    pair.run(Command::Status);
    assert_eq!(pair.request_blocks, before + 1);
    assert_eq!(states(&mut pair), [TerminalState::Standalone]);
}

#[test]
fn a_terminal_that_lost_what_it_had_to_say_is_asked_twice_and_told_once() {
    let mut pair = Pair::new("approve …");
    state_that_does_not_arrive(&mut pair);
    // What lay there goes with the line.
    pair.disconnect();
    pair.connect();
    let before = pair.request_blocks;
    pair.run(Command::Status);
    assert_eq!(pair.request_blocks, before + 2);
    assert_eq!(states(&mut pair), [TerminalState::Idle]);
}

#[test]
fn a_line_that_goes_before_the_second_question_breaks_the_first() {
    let mut pair = Pair::new("approve …");
    state_that_does_not_arrive(&mut pair);
    pair.acknowledges = false;
    // The answer is there, and its end is not.
    pair.weather = lost_but_the_first(0x04);
    pair.start(Command::Status);
    pair.disconnect();
    let events = pair.heard();
    assert!(
        matches!(
            events.as_slice(),
            [
                ..,
                LinkEvent::Broken {
                    exposure: Exposure::Nothing,
                    cause: Break::Disconnected
                },
                LinkEvent::Idle
            ]
        ),
        "{events:?}"
    );
    assert!(
        !events
            .iter()
            .any(|event| matches!(event, LinkEvent::Answer { .. }))
    );
}
