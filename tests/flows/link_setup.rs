//! The link set-up screen: what it asks of the lines, and that none of it can move money.

use madoguchi::app::link_pane::{Link, Work};
use madoguchi::app::message::link_setup::{
    FoundPort, LoopOutcome, PortUse, SetupEvent, SetupRequest,
};
use madoguchi::cat::examination::Verdict;
use madoguchi::domain::ledger::CatId;

use super::*;

fn asked(effects: &[Effect]) -> Vec<SetupRequest> {
    assert_eq!(to_terminal(effects), vec![]);
    let setup = effects.iter().filter_map(|effect| match effect {
        Effect::LinkSetup(request) => Some(request.clone()),
        _ => None,
    });
    setup.collect()
}

fn open() -> Desk {
    let mut desk = Desk::open();
    desk.press(Key::F(4));
    let effects = desk.press(Key::Char('4'));
    assert_eq!(asked(&effects), [SetupRequest::FindPorts]);
    assert_eq!(desk.screen_name(), "link setup");
    let port = |path: &str, used_by| FoundPort {
        path: path.into(),
        used_by,
        ..FoundPort::default()
    };
    desk.send(Message::LinkSetup(SetupEvent::Found {
        ports: vec![
            port("/dev/ttyUSB0", PortUse::Cat(CatId::Cat1)),
            port("/dev/ttyUSB1", PortUse::Free),
            port("/dev/ttyUSB2", PortUse::Program("minicom (pid 7)".into())),
        ],
        lines: std::collections::BTreeMap::new(),
    }));
    desk
}

fn examined(desk: &mut Desk, verdict: Verdict) -> Vec<Effect> {
    let cat = CatId::Cat1;
    desk.send(Message::LinkSetup(SetupEvent::Examined { cat, verdict }))
}

fn mark(desk: &mut Desk, row: usize) {
    for _ in 0..10 {
        desk.press(Key::Up);
    }
    for _ in 0..row {
        desk.press(Key::Down);
    }
}

#[test]
fn a_test_examines_the_line_once_and_the_pane_learns_from_it() {
    let mut desk = open();
    let effects = desk.press(Key::Char('1'));
    assert_eq!(asked(&effects), [SetupRequest::Examine(CatId::Cat1)]);
    assert_eq!(desk.press(Key::Char('1')), vec![], "one at a time");
    assert_eq!(note(&desk), Some(Text::ExaminingNote));
    assert_eq!(desk.after_ms(200_000), vec![], "it has clocks of its own");
    examined(&mut desk, Verdict::Silent);
    let cat = &desk.state.cats[&CatId::Cat1];
    assert_eq!(cat.work, Work::Idle);
    assert!(matches!(
        cat.link,
        Link::Down {
            cause: Break::NoAnswer,
            ..
        }
    ));
    let effects = desk.after_ms(10_000);
    assert_eq!(
        to_terminal(&effects),
        vec![LinkRequest::Connect],
        "and it tries again"
    );
}

#[test]
fn a_payment_that_began_meanwhile_keeps_its_line() {
    let mut desk = open();
    desk.press(Key::Char('1'));
    desk.press(Key::F(9));
    desk.line("3430");
    for key in [Key::F(12), Key::F(6), Key::Enter, Key::F(12)] {
        desk.press(key);
    }
    let effects = desk.stored(pended());
    assert!(to_terminal(&effects).contains(&LinkRequest::Connect));
    examined(&mut desk, Verdict::GaveWay);
    assert_eq!(desk.state.cats[&CatId::Cat1].work, Work::Exchange);
    let effects = desk.link(LinkEvent::Up);
    assert_eq!(
        to_terminal(&effects),
        vec![LinkRequest::Send(Command::Status)]
    );
}

#[test]
fn bytes_are_sent_into_a_port_only_where_no_terminal_and_no_program_is() {
    let mut desk = open();
    for (row, said) in [
        (0, Text::MarkFoundPort),
        (2, Text::LoopNotAtTerminal),
        (4, Text::PortHasOwner),
    ] {
        mark(&mut desk, row);
        assert_eq!(desk.press(Key::Char('2')), vec![]);
        assert_eq!(note(&desk), Some(said));
    }
    mark(&mut desk, 3);
    assert_eq!(desk.press(Key::Char('2')), vec![], "it asks first");
    desk.press(Key::F(9));
    assert_eq!(desk.after_ms(1_000), vec![]);
    desk.press(Key::Char('2'));
    desk.after_ms(1_000);
    let effects = desk.answer('1');
    let path = "/dev/ttyUSB1".to_owned();
    assert_eq!(asked(&effects), [SetupRequest::Loop { path: path.clone() }]);
    let outcome = LoopOutcome::Nothing;
    desk.send(Message::LinkSetup(SetupEvent::Looped { path, outcome }));
    desk.press(Key::Char('2'));
    // A scanner that types is no finger.
    desk.after_ms(1_000);
    for digit in "1490".chars() {
        assert_eq!(desk.press(Key::Char(digit)), vec![]);
    }
    assert_eq!(desk.after_ms(1_000), vec![]);
}

#[test]
fn what_cannot_be_done_at_a_row_is_said_of_that_row_alone() {
    let mut desk = open();
    mark(&mut desk, 1);
    for key in ['1', '3', '5'] {
        desk.press(Key::Char(key));
        assert_eq!(note(&desk), Some(Text::CatPortNotSet), "{key}");
    }
    desk.press(Key::Down);
    assert_eq!(note(&desk), None);
    for key in ['1', '3', '5'] {
        desk.press(Key::Char(key));
        assert_eq!(note(&desk), Some(Text::MarkCatPort), "{key}");
    }
    desk.press(Key::Char('4'));
    assert_eq!(note(&desk), None);
}

#[test]
fn the_trace_is_read_scrolled_and_exported() {
    let mut desk = open();
    let effects = desk.press(Key::Char('3'));
    assert_eq!(asked(&effects), [SetupRequest::Trace(CatId::Cat1)]);
    let (cat, frames) = (CatId::Cat1, vec![]);
    desk.send(Message::LinkSetup(SetupEvent::Traced { cat, frames }));
    let effects = desk.press(Key::F(2));
    assert_eq!(asked(&effects), [SetupRequest::ExportTrace(CatId::Cat1)]);
    let written = Ok("/tmp/trace.txt".to_owned());
    desk.send(Message::LinkSetup(SetupEvent::Exported(written)));
    assert_eq!(note(&desk), Some(Text::TraceExported));
    desk.press(Key::F(9));
    desk.press(Key::F(9));
    assert_eq!(desk.screen_name(), "register");
}
