//! What a model cannot carry is never offered as if it could: by hand with the reason, asked only where it can be, shown only what it tells.

use super::*;
use madoguchi::app::by_hand::Operation;
use madoguchi::app::message::Now;
use madoguchi::app::progress::Progress;
use madoguchi::app::unknown::{Hint, Question};
use madoguchi::cat::model::{InquiryPower, Model, NotFoundPower, ProgressPower};
use madoguchi::cat::{Answer, DailyLogType, ListedTransaction, LogTotals};
use madoguchi::domain::ledger::{CatId, TerminalFacts};
use madoguchi::domain::slip::SequenceNumber;
use madoguchi::domain::tender::CardClass;

/// Something a model is otherwise.
type Change = fn(&mut Model);

fn model(desk: &mut Desk) -> &mut Model {
    let cat = desk.state.settings.cats.get_mut(&CatId::Cat1);
    &mut cat.expect("one terminal").model
}

/// At the cards with a bill of 3,430 yen, the shop's terminal changed.
fn at_cards(change: Change) -> Desk {
    let mut desk = Desk::at_checkout();
    change(model(&mut desk));
    assert_eq!(desk.press(Key::F(6)), vec![]);
    desk
}

/// A broken exchange at a terminal that was changed.
fn unknown_at(change: Change) -> Desk {
    let mut desk = Desk::waiting();
    change(model(&mut desk));
    let effects = desk.link(broken());
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "unknown");
    desk
}

fn last_only(model: &mut Model) {
    model.capabilities.inquiry = InquiryPower::LastOnly;
    model.capabilities.not_found = NotFoundPower::Nothing;
}

fn with_list(model: &mut Model) {
    last_only(model);
    model.capabilities.transactions = true;
}

fn hints(desk: &Desk) -> (Option<Hint>, Option<Hint>) {
    let Screen::Unknown(unknown) = &desk.state.screen else {
        panic!("{}", desk.screen_name())
    };
    (unknown.last.clone(), unknown.list.clone())
}

fn stage(desk: &Desk) -> Stage {
    let Screen::Unknown(unknown) = &desk.state.screen else {
        panic!("{}", desk.screen_name())
    };
    unknown.stage.clone()
}

/// The console calls, and is let in; gives what it asks.
fn next_question(desk: &mut Desk) -> Command {
    let mut effects = desk.after_ms(10_000);
    while to_terminal(&effects).is_empty() {
        effects = desk.after_ms(10_000);
    }
    assert_eq!(to_terminal(&effects), vec![LinkRequest::Connect]);
    match to_terminal(&desk.link(LinkEvent::Up)).as_slice() {
        [LinkRequest::Send(command)] => command.clone(),
        other => panic!("{other:?}"),
    }
}

fn asks_the_number() -> Command {
    Command::LastResult {
        sequence_number: sequence(),
    }
}

/// An older sale of another number.
fn anothers() -> LinkEvent {
    let mut other = result(ResultCode::Approved);
    other.sequence_number = Some(sequence().next());
    last_result(Inquiry::Found(other), None)
}

fn line(number: SequenceNumber, amount: i64) -> ListedTransaction {
    ListedTransaction {
        sequence_number: Some(number),
        amount: Yen::new(amount),
        facts: TerminalFacts::default(),
    }
}

fn list(records: Vec<ListedTransaction>) -> LinkEvent {
    LinkEvent::Answer {
        answer: Answer::Transactions { records },
    }
}

fn its_sums() -> Command {
    Command::AccessDailyLog {
        sequence_number: sequence(),
        log: DailyLogType::Reporting,
    }
}

fn sums(said: Option<(u32, i64)>) -> LinkEvent {
    LinkEvent::Answer {
        answer: Answer::DailyLog {
            sequence_number: None,
            log: String::new(),
            totals: said.map(|(count, amount)| LogTotals {
                count,
                amount: Yen::new(amount),
            }),
        },
    }
}

/// Everything that is sent to the terminal within this time; a lost line may be opened again meanwhile.
fn asked_within(desk: &mut Desk, ms: u64) -> Vec<Command> {
    let end = desk.now.mono_ms + ms;
    let mut asked = Vec::new();
    while desk.now.mono_ms < end {
        let effects = desk.after_ms(end - desk.now.mono_ms);
        asked.extend(
            to_terminal(&effects)
                .into_iter()
                .filter_map(|request| match request {
                    LinkRequest::Send(command) => Some(command),
                    _ => None,
                }),
        );
    }
    asked
}

#[test]
fn a_card_the_link_cannot_carry_leads_to_the_steps_at_the_terminal_and_books_nothing() {
    let changes: [(Change, Text); 3] = [
        (|model| model.layout = None, Text::ModelNeedsLayout),
        (
            |model| model.accepts = Some(vec![CardClass(3)]),
            Text::ClassNotTaken,
        ),
        (
            |model| model.capabilities.amount_max = 3_429,
            Text::AmountAboveLink,
        ),
    ];
    for (change, reason) in changes {
        let mut desk = at_cards(change);
        desk.press(Key::Home);
        desk.text("01");
        assert_eq!(desk.press(Key::F(12)), vec![], "{reason:?}");
        let Screen::ByHand(screen) = &desk.state.screen else {
            panic!("{reason:?}: {}", desk.screen_name())
        };
        assert_eq!(screen.reason.text, reason);
        let linked = reason != Text::ModelNeedsLayout;
        let steps = desk.state.steps_by_hand(&screen.card, Operation::Sale);
        // Off the link and back only where it is on it.
        assert_eq!(steps.len(), if linked { 3 } else { 1 }, "{reason:?}");
        for key in [
            Key::F(12),
            Key::Enter,
            Key::Char('1'),
            Key::PageDown,
            Key::F(1),
        ] {
            assert_eq!(desk.press(key), vec![], "{reason:?} {key:?}");
            assert_eq!(desk.screen_name(), "by hand");
        }
        assert_eq!(desk.after_ms(40_000), vec![]);
        assert_eq!(desk.press(Key::F(9)), vec![]);
        assert_eq!(desk.screen_name(), "card select");
        assert_eq!(note(&desk), Some(Text::NothingBooked));
        assert_eq!(desk.state.due(), Yen::new(3_430), "the bill stands");
    }
}

#[test]
fn the_largest_amount_itself_goes_over_the_link() {
    let mut desk = at_cards(|model| model.capabilities.amount_max = 3_430);
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "checkout");
    assert_eq!(desk.press(Key::F(12)).len(), 1);
    assert_eq!(desk.screen_name(), "charging");
}

#[test]
fn another_card_class_of_the_same_terminal_goes_over_the_link() {
    let mut desk = at_cards(|model| model.accepts = Some(vec![CardClass(3)]));
    // The mark stands on the first card that can be paid with.
    desk.press(Key::F(12));
    desk.press(Key::F(12));
    let Screen::Charging(charge) = &desk.state.screen else {
        panic!("{}", desk.screen_name())
    };
    assert_eq!(charge.card.code, "02");
}

#[test]
fn a_card_picked_before_is_held_against_the_model_once_more_when_it_pays() {
    let mut desk = Desk::with_card();
    model(&mut desk).accepts = Some(vec![CardClass(3)]);
    assert_eq!(desk.press(Key::F(12)), vec![]);
    assert_eq!(note(&desk), Some(Text::ClassNotTaken));
}

#[test]
fn nobody_is_sent_to_work_by_hand_at_a_terminal_with_an_unresolved_sale() {
    let mut desk = gave_up();
    let effects = desk.answer('3');
    desk.durable(&effects);
    model(&mut desk).accepts = Some(vec![CardClass(3)]);
    desk.after_ms(1_000);
    desk.line("500");
    desk.press(Key::F(12));
    desk.press(Key::F(6));
    assert_eq!(desk.press(Key::F(12)), vec![]);
    assert_eq!(note(&desk), Some(Text::TerminalHasUnresolved));
    assert_eq!(desk.screen_name(), "card select");
}

#[test]
fn practice_sends_nothing_to_a_terminal_without_a_training_mode() {
    let mut desk = Desk::with_card();
    desk.state.settings.practice = true;
    model(&mut desk).capabilities.training_mode = false;
    assert_eq!(desk.press(Key::F(12)), vec![]);
    assert_eq!(note(&desk), Some(Text::NoTrainingMode));
    model(&mut desk).capabilities.training_mode = true;
    assert_eq!(desk.press(Key::F(12)).len(), 1);
}

#[test]
fn a_terminal_without_a_status_gets_the_amount_once_it_answers_the_call() {
    let mut desk = Desk::calling();
    model(&mut desk).capabilities.status = false;
    let effects = desk.link(LinkEvent::Up);
    assert_eq!(to_terminal(&effects), vec![], "nothing to ask it");
    assert!(matches!(written(&effects), Some(Entry::Sent { .. })));
    assert!(sends_money(&desk.durable(&effects)));
}

#[test]
fn the_terminals_own_words_stand_in_place_of_phases() {
    let progress = |desk: &Desk| {
        let Screen::Charging(charge) = &desk.state.screen else {
            panic!("{}", desk.screen_name())
        };
        match charge.progress(&desk.state) {
            Progress::Phases => "phases".to_owned(),
            Progress::Words(words) => words.to_owned(),
            Progress::Untold => "untold".to_owned(),
        }
    };
    let say = |desk: &mut Desk, text: &str| {
        let effects = desk.link(LinkEvent::Display { text: text.into() });
        assert_eq!(effects, vec![]);
    };
    let mut desk = Desk::waiting();
    assert_eq!(progress(&desk), "phases");
    model(&mut desk).capabilities.progress = ProgressPower::Words;
    assert_eq!(progress(&desk), "untold");
    say(&mut desk, "INSERT \u{1b}[2J CARD");
    assert_eq!(progress(&desk), "INSERT [2J CARD");
    // What says nothing does not take away what was said.
    say(&mut desk, " \u{7} ");
    assert_eq!(progress(&desk), "INSERT [2J CARD");
    say(&mut desk, "PIN");
    assert_eq!(progress(&desk), "PIN");

    let mut desk = Desk::waiting();
    model(&mut desk).capabilities.progress = ProgressPower::None;
    assert_eq!(progress(&desk), "untold", "no list that never moves");
    desk.link(LinkEvent::Phase { phase: Phase::Pin });
    assert_eq!(progress(&desk), "phases", "it told after all");
}

#[test]
fn a_terminal_that_cannot_be_asked_is_never_asked() {
    let mut desk = unknown_at(|model| model.capabilities.inquiry = InquiryPower::None);
    assert_eq!(stage(&desk), Stage::GaveUp);
    assert_eq!(asked_within(&mut desk, 600_000), vec![]);
    desk.press(Key::F(5));
    assert_eq!(note(&desk), Some(Text::TerminalCannotBeAsked));
    // Someone is at the keys, so the pane asks whether it is there, and nothing more.
    let asked = to_terminal(&desk.link(LinkEvent::Up));
    assert_eq!(asked, vec![LinkRequest::Send(Command::Status)]);
    let Screen::Unknown(unknown) = &desk.state.screen else {
        panic!("{}", desk.screen_name())
    };
    assert!(
        !unknown
            .look_up(&desk.state)
            .expect("its steps")
            .steps
            .is_empty()
    );
}

#[test]
fn a_terminal_whose_layout_is_gone_is_not_asked_either() {
    let desk = unknown_at(|model| model.layout = None);
    assert_eq!(stage(&desk), Stage::GaveUp);
}

#[test]
fn the_last_transaction_of_a_terminal_without_numbers_is_shown_and_decides_nothing() {
    let mut desk = unknown_at(|model| {
        last_only(model);
        model.capabilities.echoes_sequence_number = false;
        model.capabilities.echoes_amount = false;
    });
    for _ in 0..3 {
        assert_eq!(next_question(&mut desk), asks_the_number());
        // Everything fits but the number, which it does not say: it may be the twin before.
        let mut mine = result(ResultCode::Approved);
        mine.sequence_number = None;
        let effects = desk.link(last_result(Inquiry::Found(mine.clone()), None));
        assert_eq!(written(&effects), None);
        let hint = Hint::Transaction {
            amount: mine.amount,
            approved: true,
            facts: mine.facts,
        };
        assert_eq!(hints(&desk), (Some(hint), None));
    }
    assert_eq!(stage(&desk), Stage::GaveUp);
    assert_eq!(asked_within(&mut desk, 600_000), vec![], "a person decides");
}

#[test]
fn a_list_with_the_sale_once_at_its_amount_settles_it() {
    let mut desk = unknown_at(with_list);
    assert_eq!(next_question(&mut desk), asks_the_number());
    assert_eq!(written(&desk.link(anothers())), None);
    assert_eq!(next_question(&mut desk), Command::Transactions);
    let records = vec![line(sequence().next(), 500), line(sequence(), 3_430)];
    let effects = desk.link(list(records));
    assert_eq!(to_terminal(&effects), vec![LinkRequest::Acknowledge]);
    assert_eq!(next_question(&mut desk), its_sums());
    let effects = desk.link(sums(Some((2, 3_930))));
    settles_by_inquiry(&mut desk, &effects);
}

#[test]
fn what_else_a_list_says_is_shown_and_decides_nothing() {
    for (records, ours, sum) in [
        (vec![], 0, 0),
        (vec![line(sequence().next(), 3_430)], 0, 0),
        (
            vec![line(sequence(), 3_430), line(sequence(), -3_430)],
            2,
            0,
        ),
        (vec![line(sequence(), 34_300)], 1, 34_300),
        (
            vec![line(sequence(), 3_430), line(sequence(), 3_430)],
            2,
            6_860,
        ),
    ] {
        let mut desk = unknown_at(with_list);
        assert_eq!(next_question(&mut desk), asks_the_number());
        desk.link(anothers());
        assert_eq!(next_question(&mut desk), Command::Transactions);
        let lines = records.len();
        let effects = desk.link(list(records));
        assert_eq!(written(&effects), None, "{ours} {sum}");
        assert_eq!(to_terminal(&effects), vec![LinkRequest::Acknowledge]);
        let hint = Hint::List {
            lines,
            ours,
            sum: Yen::new(sum),
            at: None,
            contradicted: false,
        };
        assert_eq!(hints(&desk).1, Some(hint));
        // The list is read once; the number is asked for as often as it is anyway.
        for _ in 0..2 {
            assert_eq!(next_question(&mut desk), asks_the_number());
            desk.link(anothers());
        }
        assert_eq!(stage(&desk), Stage::GaveUp);
        assert_eq!(asked_within(&mut desk, 600_000), vec![], "a person decides");
    }
}

#[test]
fn a_list_that_does_not_arrive_uses_up_its_tries_and_no_more() {
    let mut desk = unknown_at(with_list);
    assert_eq!(next_question(&mut desk), asks_the_number());
    desk.link(anothers());
    for _ in 0..3 {
        assert_eq!(next_question(&mut desk), Command::Transactions);
        desk.link(broken());
    }
    assert_eq!(stage(&desk), Stage::GaveUp);
    assert_eq!(hints(&desk).1, None);
}

#[test]
fn a_terminal_with_a_list_alone_is_asked_for_it_once() {
    let mut desk = unknown_at(|model| {
        with_list(model);
        model.capabilities.inquiry = InquiryPower::None;
    });
    assert_eq!(next_question(&mut desk), Command::Transactions);
    desk.link(list(vec![]));
    assert_eq!(stage(&desk), Stage::GaveUp);
    assert_eq!(asked_within(&mut desk, 600_000), vec![]);
    // F5 asks from the beginning, and what was said before does not stand beside the new answer.
    desk.press(Key::F(5));
    assert_eq!(hints(&desk), (None, None));
    let asked = desk.link(LinkEvent::Up);
    assert_eq!(
        to_terminal(&asked),
        vec![LinkRequest::Send(Command::Transactions)]
    );
    assert_eq!(
        written(&desk.link(list(vec![line(sequence(), 3_430)]))),
        None
    );
    assert_eq!(next_question(&mut desk), its_sums());
    let settled = desk.link(sums(Some((1, 3_430))));
    assert!(matches!(written(&settled), Some(Entry::Posted { .. })));
}

#[test]
fn a_list_that_would_settle_the_sale_is_held_against_the_terminals_sums() {
    for (said, settles) in [
        (Some((1, 3_430)), true),
        // A line is missing: it may be the one that took the sale back.
        (Some((2, 0)), false),
        (Some((1, 0)), false),
        (None, false),
    ] {
        let mut desk = unknown_at(with_list);
        next_question(&mut desk);
        desk.link(anothers());
        assert_eq!(next_question(&mut desk), Command::Transactions);
        let effects = desk.link(list(vec![line(sequence(), 3_430)]));
        assert_eq!(written(&effects), None);
        assert_eq!(next_question(&mut desk), its_sums());
        let effects = desk.link(sums(said));
        assert_eq!(written(&effects).is_some(), settles, "{said:?}");
        let contradicted = matches!(
            hints(&desk).1,
            Some(Hint::List {
                contradicted: true,
                ..
            })
        );
        assert_eq!(contradicted, !settles, "{said:?}");
    }
}

#[test]
fn where_the_terminal_has_no_sums_the_list_is_read_twice() {
    let ours = || line(sequence(), 3_430);
    let other = || line(sequence().next(), 3_430);
    for (again, settles) in [
        (vec![other(), ours()], true),
        (vec![ours()], false),
        (vec![ours(), other()], false),
        (vec![other(), ours(), line(sequence(), -3_430)], false),
    ] {
        let mut desk = unknown_at(|model| {
            with_list(model);
            model.capabilities.daily_log_reporting = false;
        });
        next_question(&mut desk);
        desk.link(anothers());
        assert_eq!(next_question(&mut desk), Command::Transactions);
        desk.link(list(vec![other(), ours()]));
        assert_eq!(next_question(&mut desk), Command::Transactions);
        let effects = desk.link(list(again.clone()));
        assert_eq!(written(&effects).is_some(), settles, "{again:?}");
    }
}

#[test]
fn sums_that_do_not_arrive_leave_the_sale_to_a_person() {
    let mut desk = unknown_at(with_list);
    next_question(&mut desk);
    desk.link(anothers());
    next_question(&mut desk);
    desk.link(list(vec![line(sequence(), 3_430)]));
    for _ in 0..3 {
        assert_eq!(next_question(&mut desk), its_sums());
        desk.link(broken());
    }
    assert_eq!(stage(&desk), Stage::GaveUp);
}

#[test]
fn a_list_without_numbers_proves_and_shows_nothing() {
    let mut desk = unknown_at(|model| {
        with_list(model);
        model.capabilities.echoes_sequence_number = false;
    });
    next_question(&mut desk);
    desk.link(anothers());
    assert_eq!(next_question(&mut desk), Command::Transactions);
    let effects = desk.link(list(vec![line(sequence(), 3_430)]));
    assert_eq!(written(&effects), None);
    assert_eq!(hints(&desk).1, None);
}

#[test]
fn a_person_may_answer_while_the_list_is_read_and_a_late_list_changes_nothing() {
    let mut desk = unknown_at(with_list);
    next_question(&mut desk);
    desk.link(anothers());
    assert_eq!(next_question(&mut desk), Command::Transactions);
    let Screen::Unknown(unknown) = &desk.state.screen else {
        panic!("{}", desk.screen_name())
    };
    assert_eq!(unknown.question, Question::List);
    desk.press(Key::Char('1'));
    desk.text("00123");
    desk.after_ms(900);
    let effects = desk.press(Key::Enter);
    assert!(matches!(
        written(&effects),
        Some(Entry::Posted {
            evidence: Evidence::Operator { .. },
            ..
        })
    ));
    let late = desk.link(list(vec![]));
    assert_eq!(to_terminal(&late), vec![LinkRequest::Acknowledge]);
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "done");
    let Now { mono_ms, .. } = desk.now;
    assert!(desk.state.deadline().is_none_or(|at| at > mono_ms));
}
