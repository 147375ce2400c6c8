//! What the pane says of a terminal that goes and comes back, and that nobody needs to press a key for it.

use madoguchi::app::link_pane::Link;
use madoguchi::domain::ledger::CatId;

use super::*;

fn link(desk: &Desk) -> &Link {
    &desk.state.cats[&CatId::Cat1].link
}

fn down(cause: Break) -> LinkEvent {
    LinkEvent::Down {
        cause,
        detail: String::new(),
    }
}

fn asks(effects: &[Effect]) -> bool {
    to_terminal(effects).contains(&LinkRequest::Connect)
}

#[test]
fn an_idle_console_asks_its_terminal_once_a_minute_and_wakes_for_nothing_else() {
    let mut desk = Desk::open();
    for _ in 0..3 {
        let heard_ms = desk.now.mono_ms;
        let effects = desk.after_ms(60_000);
        assert_eq!(to_terminal(&effects), vec![LinkRequest::Connect]);
        assert_eq!(desk.now.mono_ms - heard_ms, 60_000);
        let effects = desk.link(LinkEvent::Up);
        assert_eq!(
            to_terminal(&effects),
            vec![LinkRequest::Send(Command::Status)]
        );
        assert_eq!(link(&desk), &Link::Linked, "one short question is no news");
        desk.link(idle_status());
        desk.link(LinkEvent::Idle);
        assert_eq!(link(&desk), &Link::Linked);
    }
}

#[test]
fn a_terminal_that_does_not_answer_within_two_seconds_is_not_called_linked() {
    let mut desk = Desk::open();
    desk.after_ms(60_000);
    desk.link(LinkEvent::Up);
    desk.after_ms(1_999);
    assert_eq!(link(&desk), &Link::Linked);
    desk.after_ms(1);
    assert_eq!(link(&desk), &Link::Stale);
    let day = desk.state.deadline().unwrap() - desk.now.mono_ms;
    assert!(
        day > 3_600_000,
        "the question has its own clock, and only the end of the day is waited for"
    );
    desk.link(broken());
    assert!(matches!(link(&desk), Link::Down { .. }));
}

#[test]
fn a_lost_port_is_opened_again_without_a_key_and_the_pauses_have_an_end() {
    let mut desk = Desk::open();
    desk.link(down(Break::Disconnected));
    assert!(matches!(link(&desk), Link::Down { .. }), "at once");
    let mut pauses = Vec::new();
    for _ in 0..5 {
        let since = desk.now.mono_ms;
        assert!(asks(&desk.after_ms(100_000)));
        pauses.push(desk.now.mono_ms - since);
        desk.link(down(Break::Unreachable));
    }
    assert_eq!(pauses, [2_000, 4_000, 8_000, 10_000, 10_000]);
    assert!(asks(&desk.after_ms(10_000)));
    desk.link(LinkEvent::Up);
    desk.link(idle_status());
    assert_eq!(link(&desk), &Link::Linked);
    desk.link(down(Break::Disconnected));
    let since = desk.now.mono_ms;
    assert!(asks(&desk.after_ms(100_000)));
    assert_eq!(desk.now.mono_ms - since, 2_000, "patience begins anew");
}

#[test]
fn a_terminal_taken_off_the_link_comes_back_by_itself() {
    for away in [TerminalState::Standalone, TerminalState::Busy] {
        let mut desk = Desk::open();
        desk.after_ms(60_000);
        desk.link(LinkEvent::Up);
        desk.link(status(away));
        let expected = match away {
            TerminalState::Standalone => Link::Standalone,
            TerminalState::Busy | TerminalState::Idle => Link::Busy,
        };
        assert_eq!(link(&desk), &expected);
        for _ in 0..3 {
            assert!(asks(&desk.after_ms(5_000)));
            desk.link(LinkEvent::Up);
            desk.link(status(away));
            assert_eq!(link(&desk), &expected);
        }
        assert!(asks(&desk.after_ms(5_000)));
        desk.link(LinkEvent::Up);
        desk.link(idle_status());
        assert_eq!(link(&desk), &Link::Linked);
    }
}

#[test]
fn nothing_is_asked_between_an_amount_and_its_answer() {
    let mut desk = Desk::waiting();
    desk.link(LinkEvent::Delivered);
    let before = desk.state.screen.clone();
    for _ in 0..40 {
        let effects = desk.after_ms(1_000);
        assert_eq!(to_terminal(&effects), vec![]);
        if desk.state.screen != before {
            break;
        }
    }
    assert_eq!(link(&desk), &Link::Linked);
    let effects = desk.link(answer(result(ResultCode::Approved)));
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "done");
}

#[test]
fn a_cut_in_the_middle_of_an_amount_is_unknown_first_and_opened_again_then() {
    let mut desk = Desk::waiting();
    let effects = desk.link(broken());
    assert_eq!(to_terminal(&effects), vec![], "the books come first");
    assert!(matches!(
        written(&effects),
        Some(Entry::OutcomeUnknown { .. })
    ));
    let effects = desk.link(down(Break::Disconnected));
    assert_eq!(to_terminal(&effects), vec![]);
    assert!(matches!(link(&desk), Link::Down { .. }));
    desk.durable(&[Effect::Store(StoreRequest::Write {
        stamp: desk.state.settings.stamp(desk.now),
        entry: Entry::OutcomeUnknown {
            slip: slip(),
            reason: UnknownReason::LineCut,
        },
    })]);
    // What is asked then is the number, not the state.
    asking(&mut desk);
}

#[test]
fn after_a_sale_that_broke_the_terminal_is_asked_before_the_pane_says_linked() {
    let mut desk = gave_up();
    assert!(!matches!(link(&desk), Link::Linked));
    assert!(asks(&desk.after_ms(10_000)));
    desk.link(LinkEvent::Up);
    desk.link(idle_status());
    assert_eq!(link(&desk), &Link::Linked);
}

#[test]
fn what_a_terminal_remembers_is_no_proof_that_it_is_on_the_link() {
    let mut desk = Desk::unknown();
    desk.link(status(TerminalState::Standalone));
    asking(&mut desk);
    desk.link(last_result(Inquiry::NotFound, None));
    let cat = &desk.state.cats[&CatId::Cat1];
    assert_eq!(cat.link, Link::Standalone, "its status said so");
    assert!(!cat.answers_on_the_link());
    // Its own word does.
    desk.link(idle_status());
    assert!(desk.state.cats[&CatId::Cat1].answers_on_the_link());
}

#[test]
fn a_sale_that_is_refused_off_the_link_is_not_answered_on_it() {
    let mut desk = Desk::waiting();
    desk.link(answer(result(ResultCode::Standalone)));
    let cat = &desk.state.cats[&CatId::Cat1];
    assert_eq!(cat.link, Link::Standalone);
    assert!(!cat.answers_on_the_link());
}
