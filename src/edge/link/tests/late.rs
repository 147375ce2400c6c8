//! A late answer that does not say what it answers meets the next sale, at a real terminal over TCP.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::app::message::Now;
use crate::cat::TerminalState;

/// A clock that goes when it is told to.
fn by_hand(hand: &Arc<AtomicU64>) -> Clock {
    let hand = Arc::clone(hand);
    let dawn = chrono::DateTime::parse_from_rfc3339("2026-11-21T09:00:00+09:00").expect("a time");
    Arc::new(move || Now {
        mono_ms: hand.load(Ordering::SeqCst),
        wall: dawn,
    })
}

fn ecr17() -> (Model, Layout) {
    let model = shipped().expect("the shipped models are good")["ecr17"].clone();
    (model, Layout::shipped("ecr17").expect("it is shipped"))
}

/// The next event but for the words of progress.
fn next(counter: &Counter) -> LinkEvent {
    loop {
        match counter.next() {
            LinkEvent::Display { .. } => {}
            other => return other,
        }
    }
}

fn refused(counter: &Counter, number: u32) {
    counter.request(sale(number));
    let event = next(counter);
    assert!(
        matches!(
            event,
            LinkEvent::Broken {
                exposure: Exposure::Nothing,
                cause: Break::Owed { wait_ms: 1.. },
            }
        ),
        "{event:?}"
    );
}

fn idle(counter: &Counter) {
    while next(counter) != LinkEvent::Idle {}
}

/// Open the line anew, as often as the terminal still believes in the old one, and hear how it is; `None` where it is at work.
fn state_on_a_new_line(counter: &Counter) -> Option<TerminalState> {
    'line: for _ in 0..10_000 {
        counter.request(LinkRequest::Connect);
        while next(counter) != LinkEvent::Up {}
        counter.request(LinkRequest::Send(Command::Status));
        loop {
            match next(counter) {
                LinkEvent::Answer {
                    answer: Answer::Status(status),
                } => return Some(status.state),
                LinkEvent::Broken {
                    cause: Break::Garbled,
                    ..
                } => return None,
                LinkEvent::Delivered | LinkEvent::Broken { .. } => {}
                LinkEvent::Down { .. } => continue 'line,
                other => panic!("{other:?}"),
            }
        }
    }
    panic!("the line never comes back");
}

#[test]
fn a_late_result_is_nobodys_and_the_next_sale_has_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = books_at(&folder);
    let (mut model, layout) = ecr17();
    model.timers.reopen_ms = 20;
    let hand = Arc::new(AtomicU64::new(1_000));
    let terminal = start(
        TerminalOptions {
            model: model.clone(),
            layout: layout.clone(),
            clock: by_hand(&hand),
            ..options("late 200\napprove", Some(&path))
        },
        any_port(),
    );
    let address: PortAddress = terminal.address.parse().expect("an address");
    let counter = Counter::speaking(
        Dialer::to(address, SerialSettings::default()),
        system_clock(chrono::FixedOffset::east_opt(32_400).expect("nine hours")),
        model,
        layout,
    );
    counter.connect();
    // What it said to another console before, it is asked first.
    refused(&counter, 1);
    assert_eq!(state_on_a_new_line(&counter), Some(TerminalState::Idle));
    idle(&counter);
    counter.request(sale(1));
    assert_eq!(next(&counter), LinkEvent::Delivered);
    // It is approved there, and its answer does not come.
    counter.request(LinkRequest::Abandon);
    assert_eq!(next(&counter), LinkEvent::Idle);
    refused(&counter, 2);
    // A new line, on which the terminal is not idle.
    assert_eq!(state_on_a_new_line(&counter), None);
    refused(&counter, 2);
    // Now it comes.
    hand.store(10_000, Ordering::SeqCst);
    match next(&counter) {
        LinkEvent::Unasked {
            answer: Answer::Result(result),
        } => assert_eq!(result.code, ResultCode::Approved),
        other => panic!("{other:?}"),
    }
    refused(&counter, 2);
    // The terminal says that it is idle: nothing more is to come.
    assert_eq!(state_on_a_new_line(&counter), Some(TerminalState::Idle));
    counter.request(sale(2));
    let mut event = next(&counter);
    while matches!(event, LinkEvent::Idle | LinkEvent::Delivered) {
        event = next(&counter);
    }
    let LinkEvent::Answer {
        answer: Answer::Result(result),
    } = event
    else {
        panic!("{event:?}");
    };
    counter.request(LinkRequest::Acknowledge);
    assert_eq!(next(&counter), LinkEvent::Idle);
    let books = book_lines(&path);
    let approved: Vec<&str> = books
        .iter()
        .filter(|entry| entry["outcome"] == "approved")
        .filter_map(|entry| entry["slip_number"].as_str())
        .collect();
    let [first, second] = approved.as_slice() else {
        panic!("{books:#?}");
    };
    let told = result.facts.slip_number.expect("its slip");
    assert!(told.as_str().ends_with(second), "{told:?} is not {second}");
    assert!(!told.as_str().ends_with(first));
    counter.close();
    terminal.stop();
}

#[test]
fn a_terminal_of_one_connection_is_given_time_and_its_refusal_meanwhile_is_told_as_what_it_is() {
    let (mut model, layout) = ecr17();
    model.timers.reopen_ms = 50;
    let terminal = start(
        TerminalOptions {
            model: model.clone(),
            layout: layout.clone(),
            ..options("silence\napprove", None)
        },
        any_port(),
    );
    let address: PortAddress = terminal.address.parse().expect("an address");
    let clock = system_clock(chrono::FixedOffset::east_opt(32_400).expect("nine hours"));
    // The terminal lets go of the old connection one call too late.
    let (calls, called) = mpsc::channel();
    let mut real = Dialer::to(address, SerialSettings::default());
    let mut count = 0;
    let own_clock = Arc::clone(&clock);
    let dialer = Dialer::from_fn(move |sink| {
        count += 1;
        let _ = calls.send(own_clock().mono_ms);
        if count == 2 {
            return Err(super::super::transport::OpenError::new(
                Break::Unreachable,
                "connection refused",
            ));
        }
        real.open(sink)
    });
    let counter = Counter::speaking(dialer, Arc::clone(&clock), model, layout);
    counter.connect();
    counter.request(LinkRequest::Send(Command::Status));
    idle(&counter);
    counter.request(sale(1));
    assert_eq!(next(&counter), LinkEvent::Delivered);
    counter.request(LinkRequest::Abandon);
    idle(&counter);
    let given_back_ms = clock().mono_ms;
    // An answer may still come: the line is opened anew, but not at once.
    counter.request(LinkRequest::Connect);
    assert!(matches!(
        next(&counter),
        LinkEvent::Down {
            cause: Break::StillHeld,
            ..
        }
    ));
    let first = called.recv().expect("called");
    let second = called.recv().expect("called again");
    assert!(first <= given_back_ms);
    assert!(second >= given_back_ms + 50, "{second} {given_back_ms}");
    // Nothing left on a line that is not there.
    counter.request(sale(2));
    assert_eq!(
        next(&counter),
        LinkEvent::Broken {
            exposure: Exposure::Nothing,
            cause: Break::Unreachable,
        }
    );
    counter.request(LinkRequest::Connect);
    assert_eq!(next(&counter), LinkEvent::Up);
    counter.close();
    terminal.stop();
}
