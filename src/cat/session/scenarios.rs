//! Session and simulated terminal, face to face in virtual time: one named scenario for every way a sale can go.

use chrono::{DateTime, Duration, FixedOffset, NaiveDateTime};

use super::*;
use crate::cat::model::{Model, shipped};
use crate::cat::recovery::{self, Asked, Finding, Verdict};
use crate::cat::simulator::books::{BookEntry, BookOutcome, Books};
use crate::cat::simulator::script::Script;
use crate::cat::simulator::{Moment, Terminal, TerminalEvent, TerminalSettings};
use crate::cat::{Authorize, Phase, ResultCode, TransactionResult, TransactionType};
use crate::domain::ledger::{NotCharged, UnknownReason};
use crate::domain::money::Yen;
use crate::domain::slip::{JournalId, SequenceNumber, TerminalSlipNumber};
use crate::domain::tender::CardClass;

/// A counter and a terminal on one line, with a clock that jumps from deadline to deadline.
struct Pair {
    session: Session,
    terminal: Terminal,
    model: Model,
    now_ms: u64,
    connected: bool,
    /// Whether answers are acknowledged as soon as they come, as when the books take them at once.
    acknowledges: bool,
    events: Vec<LinkEvent>,
    shown: Vec<TerminalEvent>,
    books: Vec<BookEntry>,
    /// Bytes of blocks that the counter put on the line, and how often.
    request_blocks: usize,
    /// What was on the line since the last request, to spoil or lose.
    loses_to_counter: usize,
}

fn open_cat() -> Model {
    shipped().expect("the shipped models are good")["open-cat"].clone()
}

fn number(number: u32) -> SequenceNumber {
    SequenceNumber::new(number).expect("in range")
}

fn sale(sequence_number: u32, amount: i64) -> Authorize {
    Authorize {
        transaction: TransactionType::Sales,
        sequence_number: number(sequence_number),
        amount: Yen::new(amount),
        tax_others: Yen::ZERO,
        card_class: CardClass::CREDIT,
        device_id: None,
        training: false,
        original_slip: None,
    }
}

fn dawn() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-21T09:00:00+09:00").expect("a time")
}

impl Pair {
    fn new(script: &str) -> Pair {
        Pair::with_books(script, Books::new(JournalId::new("J1").expect("a name")), 0)
    }

    fn with_books(script: &str, books: Books, pace_ms: u64) -> Pair {
        let model = open_cat();
        let layout = Layout::open_cat();
        let settings = TerminalSettings {
            seed: 7,
            pace_ms,
            ..TerminalSettings::default()
        };
        let script = Script::parse(script).expect("a good script");
        let mut pair = Pair {
            session: Session::new(layout.clone(), model.timers),
            terminal: Terminal::new(&model, layout, books, script, settings),
            model,
            now_ms: 1_000,
            connected: false,
            acknowledges: true,
            events: Vec::new(),
            shown: Vec::new(),
            books: Vec::new(),
            request_blocks: 0,
            loses_to_counter: 0,
        };
        pair.connect();
        pair
    }

    fn moment(&self) -> Moment {
        Moment {
            mono_ms: self.now_ms,
            wall: dawn() + Duration::milliseconds(i64::try_from(self.now_ms).expect("small")),
        }
    }

    fn local(&self) -> NaiveDateTime {
        self.moment().wall.naive_local()
    }

    fn connect(&mut self) {
        self.connected = true;
        self.terminal.handle_connect(self.moment());
        self.exchange();
    }

    fn disconnect(&mut self) {
        self.connected = false;
        self.session.handle_disconnect(self.now_ms);
        self.terminal.handle_disconnect(self.moment());
        self.exchange();
    }

    fn start(&mut self, command: Command) {
        self.session
            .start(self.now_ms, self.local(), command)
            .expect("the session is free");
        self.exchange();
    }

    /// Send a command and let time run until everybody is at rest.
    fn run(&mut self, command: Command) {
        self.start(command);
        self.rest();
    }

    /// Hand bytes over until there are none, at one instant.
    fn exchange(&mut self) {
        loop {
            let mut quiet = true;
            while let Some(bytes) = self.session.poll_transmit() {
                quiet = false;
                self.request_blocks += usize::from(bytes[0] == 0x02);
                if self.connected {
                    self.terminal.handle_input(self.moment(), &bytes);
                }
            }
            while let Some(bytes) = self.terminal.poll_transmit() {
                quiet = false;
                if self.loses_to_counter > 0 {
                    self.loses_to_counter -= 1;
                } else if self.connected {
                    self.session.handle_input(self.now_ms, &bytes);
                }
            }
            while let Some(event) = self.terminal.poll_event() {
                quiet = false;
                self.shown.push(event.clone());
                match event {
                    TerminalEvent::Record(entry) => {
                        self.books.push(*entry);
                        self.terminal.recorded(self.moment());
                    }
                    TerminalEvent::Cut | TerminalEvent::Reboot { .. } => {
                        self.connected = false;
                        self.session.handle_disconnect(self.now_ms);
                        self.terminal.handle_disconnect(self.moment());
                    }
                    TerminalEvent::Asked { .. }
                    | TerminalEvent::Display(_)
                    | TerminalEvent::Inquired(_)
                    | TerminalEvent::DuplicateRequest(_)
                    | TerminalEvent::Undelivered
                    | TerminalEvent::Unspeakable(_) => {}
                }
            }
            while let Some(event) = self.session.poll_event() {
                quiet = false;
                let answered = matches!(event, LinkEvent::Answer { .. });
                self.events.push(event);
                if answered && self.acknowledges {
                    self.session.acknowledge(self.now_ms);
                }
            }
            if quiet {
                return;
            }
        }
    }

    /// To the next deadline of either side; false where nobody waits for anything.
    fn step(&mut self) -> bool {
        let due = [self.session.poll_timeout(), self.terminal.poll_timeout()];
        let Some(due_ms) = due.into_iter().flatten().min() else {
            return false;
        };
        self.now_ms = self.now_ms.max(due_ms);
        self.session.handle_timeout(self.now_ms);
        self.terminal.handle_timeout(self.moment());
        self.exchange();
        true
    }

    fn rest(&mut self) {
        for _ in 0..10_000 {
            if !self.step() {
                return;
            }
        }
        panic!("the pair never comes to rest");
    }

    fn until(&mut self, ms: u64) {
        let end = self.now_ms + ms;
        loop {
            let due = [self.session.poll_timeout(), self.terminal.poll_timeout()];
            match due.into_iter().flatten().min() {
                Some(due_ms) if due_ms <= end => {
                    self.step();
                }
                Some(_) | None => break,
            }
        }
        self.now_ms = end;
    }

    /// The events but for signs of life, taken.
    fn heard(&mut self) -> Vec<LinkEvent> {
        self.events.retain(|event| *event != LinkEvent::Alive);
        std::mem::take(&mut self.events)
    }

    fn result(&mut self) -> TransactionResult {
        let events = self.heard();
        let found = events.iter().find_map(|event| match event {
            LinkEvent::Answer {
                answer: Answer::Result(result),
            } => Some(result.clone()),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("no result in {events:?}"))
    }

    fn broken(&mut self) -> (Exposure, Break) {
        let events = self.heard();
        let found = events.iter().find_map(|event| match event {
            LinkEvent::Broken { exposure, cause } => Some((*exposure, *cause)),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("nothing broke in {events:?}"))
    }

    fn asked(&self, ask: &Authorize) -> Asked {
        Asked {
            transaction: ask.transaction,
            sequence_number: ask.sequence_number,
            amount: ask.amount,
            training: ask.training,
            sent_at: dawn().naive_local(),
            journal: JournalId::new("J1").ok(),
        }
    }

    fn verdict(&self, ask: &Authorize, result: TransactionResult) -> Verdict {
        recovery::after_answer(
            &self.asked(ask),
            &Answer::Result(result),
            &self.model.capabilities,
            &self.model.timers,
            self.local(),
        )
    }

    /// Ask what became of a sale, as the console does after a broken exchange.
    fn inquire(&mut self, ask: &Authorize) -> Option<Finding> {
        if !self.connected {
            self.connect();
        }
        self.heard();
        self.start(Command::LastResult {
            sequence_number: ask.sequence_number,
        });
        self.until(self.model.timers.answer_ms + 1);
        self.exchange();
        self.heard().into_iter().find_map(|event| match event {
            LinkEvent::Answer {
                answer:
                    Answer::LastResult {
                        inquiry, journal, ..
                    },
            } => Some(recovery::after_inquiry(
                &self.asked(ask),
                &inquiry,
                journal.as_ref(),
                &self.model.capabilities,
                &self.model.timers,
                self.local(),
            )),
            _ => None,
        })
    }

    fn approved(&self) -> usize {
        self.books
            .iter()
            .filter(|entry| entry.outcome == BookOutcome::Approved)
            .count()
    }

    fn never_asked_twice(&self) {
        let twice = self
            .shown
            .iter()
            .any(|event| matches!(event, TerminalEvent::DuplicateRequest(_)));
        assert!(!twice, "a number was sent twice: {:?}", self.shown);
    }
}

fn authorize(ask: &Authorize) -> Command {
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
const UNKNOWN_CUT: (Exposure, Break) = (Exposure::Delivered, Break::Disconnected);

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
    let text: String = pair.books.iter().map(BookEntry::to_line).collect();
    let fresh = JournalId::new("FRESH").expect("a name");
    let books = Books::restore(&text, fresh).expect("good books").books;
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
