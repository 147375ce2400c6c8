//! Another terminal behind the same address: it is said, nothing is sent there before a person confirms it, and its word settles nothing of
//! what was sent to the one before.

use std::collections::BTreeMap;

use madoguchi::app::keymap::Place;
use madoguchi::app::link_pane::Link;
use madoguchi::app::unknown::Hint;
use madoguchi::cat::{Answer, TerminalStatus};
use madoguchi::domain::identity::Identity;
use madoguchi::domain::ledger::CatId;
use madoguchi::domain::sale::Operator;

use super::*;

const OLD: &str = "SIM-00001";
const NEW: &str = "SIM-00002";

fn names(name: &str) -> LinkEvent {
    LinkEvent::Answer {
        answer: Answer::Status(TerminalStatus {
            state: TerminalState::Idle,
            training: Some(false),
            journal: Some(journal()),
            terminal_id: Some(name.to_owned()),
        }),
    }
}

fn not_found_by(name: Option<&str>) -> LinkEvent {
    LinkEvent::Answer {
        answer: Answer::LastResult {
            inquiry: Inquiry::NotFound,
            journal: Some(journal()),
            asked_number: Some(sequence()),
            terminal_id: name.map(str::to_owned),
        },
    }
}

fn seen(cat: CatId, name: &str, confirmed_by: Option<Operator>) -> Entry {
    Entry::TerminalSeen {
        cat,
        terminal_id: name.to_owned(),
        confirmed_by,
    }
}

/// A bill of 3,430 yen, and the first card picked.
fn to_checkout(desk: &mut Desk) {
    desk.line("3430");
    desk.press(Key::F(12));
    desk.press(Key::F(6));
    desk.press(Key::Enter);
    assert_eq!(desk.screen_name(), "checkout");
}

fn link(desk: &Desk) -> &Link {
    &desk.state.cats[&CatId::Cat1].link
}

/// A minute passes, and the terminal that stands there says its name.
fn asked_again(desk: &mut Desk, name: &str) -> Vec<Effect> {
    desk.after_ms(60_000);
    desk.link(LinkEvent::Up);
    let effects = desk.link(names(name));
    desk.link(LinkEvent::Idle);
    effects
}

/// A desk whose terminal said its name.
fn known() -> Desk {
    let mut desk = Desk::open();
    let effects = asked_again(&mut desk, OLD);
    assert_eq!(written(&effects), Some(seen(CatId::Cat1, OLD, None)));
    desk.stored(Stored::Written(seen(CatId::Cat1, OLD, None)));
    desk
}

/// The same after a sale whose answer was lost.
fn open_sale() -> Desk {
    let mut desk = known();
    to_checkout(&mut desk);
    desk.press(Key::F(12));
    desk.stored(pended());
    desk.link(LinkEvent::Up);
    let effects = desk.link(names(OLD));
    let sent = written(&effects).expect("the sent mark");
    assert!(
        matches!(&sent, Entry::Sent { terminal_id: Some(name), .. } if name == OLD),
        "{sent:?}"
    );
    assert!(sends_money(&desk.stored(Stored::Written(sent))));
    let effects = desk.link(broken());
    let unknown = written(&effects).expect("the outcome is unknown");
    desk.stored(Stored::Written(unknown));
    assert_eq!(desk.screen_name(), "unknown");
    desk
}

#[test]
fn the_first_terminal_that_says_its_name_is_known_and_written_once() {
    let mut desk = known();
    assert_eq!(link(&desk), &Link::Linked);
    assert_eq!(written(&asked_again(&mut desk, OLD)), None);
    assert_eq!(link(&desk), &Link::Linked);
}

#[test]
fn the_one_that_is_known_is_in_the_books_before_any_other() {
    let mut desk = Desk::open();
    let entry = written(&asked_again(&mut desk, OLD)).expect("written");
    desk.stored(Stored::Failed {
        request: Box::new(StoreRequest::Write {
            stamp: desk.state.settings.stamp(desk.now),
            entry: entry.clone(),
        }),
        trouble: StoreTrouble::Locked,
    });
    assert_eq!(written(&asked_again(&mut desk, NEW)), Some(entry.clone()));
    desk.stored(Stored::Written(entry));
    let other = seen(CatId::Cat1, NEW, None);
    assert_eq!(written(&asked_again(&mut desk, NEW)), Some(other));
    assert_eq!(link(&desk), &Link::Another);
}

#[test]
fn what_the_books_did_not_take_is_written_at_the_next_answer() {
    let mut desk = Desk::open();
    let entry = written(&asked_again(&mut desk, OLD)).expect("written");
    desk.stored(Stored::Failed {
        request: Box::new(StoreRequest::Write {
            stamp: desk.state.settings.stamp(desk.now),
            entry: entry.clone(),
        }),
        trouble: StoreTrouble::DiskFull,
    });
    assert_eq!(written(&asked_again(&mut desk, OLD)), Some(entry));
    assert_eq!(written(&asked_again(&mut desk, OLD)), None);
}

#[test]
fn a_terminal_without_a_name_changes_nothing() {
    let mut desk = known();
    desk.after_ms(60_000);
    desk.link(LinkEvent::Up);
    assert_eq!(written(&desk.link(idle_status())), None);
    assert_eq!(link(&desk), &Link::Linked);
}

#[test]
fn another_terminal_is_a_state_of_its_own_and_gets_no_amount() {
    let mut desk = known();
    let effects = asked_again(&mut desk, NEW);
    assert_eq!(written(&effects), Some(seen(CatId::Cat1, NEW, None)));
    assert_eq!(link(&desk), &Link::Another);
    desk.line("3430");
    desk.press(Key::F(12));
    desk.press(Key::F(6));
    let effects = desk.press(Key::F(12));
    assert_eq!(effects, []);
    assert_eq!(note(&desk), Some(Text::AnotherTerminal));
    assert_eq!(desk.screen_name(), "card select");
}

#[test]
fn a_terminal_swapped_since_the_last_question_is_found_out_before_the_amount_leaves() {
    let mut desk = known();
    to_checkout(&mut desk);
    desk.press(Key::F(12));
    desk.stored(pended());
    desk.link(LinkEvent::Up);
    let effects = desk.link(names(NEW));
    assert!(!sends_money(&effects));
    let entries: Vec<Entry> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Store(StoreRequest::Write { entry, .. }) => Some(entry.clone()),
            _ => None,
        })
        .collect();
    let released = Entry::Released {
        slip: slip(),
        reason: NotCharged::AnotherTerminal,
        evidence: Evidence::NothingSent,
    };
    assert_eq!(entries, [seen(CatId::Cat1, NEW, None), released.clone()]);
    desk.stored(Stored::Written(released));
    assert_eq!(desk.screen_name(), "not charged");
}

#[test]
fn a_restart_remembers_which_terminal_it_was() {
    let mut desk = Desk::with(settings());
    let mut identity = Identity::default();
    identity.take(OLD, false);
    desk.stored(Stored::Opened {
        unresolved: vec![],
        unshown: None,
        today: DayCount::default(),
        terminals: BTreeMap::from([(CatId::Cat1, identity)]),
        sent: BTreeMap::new(),
    });
    desk.link(LinkEvent::Up);
    desk.link(names(NEW));
    assert_eq!(link(&desk), &Link::Another);
}

#[test]
fn a_name_said_before_the_books_are_read_is_held_against_them() {
    let mut desk = Desk::with(settings());
    desk.link(LinkEvent::Up);
    assert_eq!(written(&desk.link(names(NEW))), None);
    let mut identity = Identity::default();
    identity.take(OLD, false);
    let effects = desk.stored(Stored::Opened {
        unresolved: vec![],
        unshown: None,
        today: DayCount::default(),
        terminals: BTreeMap::from([(CatId::Cat1, identity)]),
        sent: BTreeMap::new(),
    });
    assert_eq!(written(&effects), Some(seen(CatId::Cat1, NEW, None)));
    assert_eq!(link(&desk), &Link::Another);
}

#[test]
fn the_old_terminal_put_back_is_served_again_by_itself() {
    let mut desk = known();
    asked_again(&mut desk, NEW);
    assert_eq!(link(&desk), &Link::Another);
    // It is asked more often than an idle one.
    desk.after_ms(5_000);
    desk.link(LinkEvent::Up);
    desk.link(names(OLD));
    assert_eq!(link(&desk), &Link::Linked);
    to_checkout(&mut desk);
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "charging");
}

#[test]
fn not_found_of_another_terminal_settles_nothing_however_often_it_says_so() {
    let mut desk = open_sale();
    for _ in 0..10 {
        desk.after_ms(3_000);
        desk.link(LinkEvent::Up);
        let effects = desk.link(not_found_by(Some(NEW)));
        let released = effects.iter().any(|effect| {
            matches!(
                effect,
                Effect::Store(StoreRequest::Write {
                    entry: Entry::Released { .. } | Entry::Posted { .. },
                    ..
                })
            )
        });
        assert!(!released, "{effects:?}");
        desk.link(LinkEvent::Idle);
    }
    assert_eq!(desk.screen_name(), "unknown");
    let Screen::Unknown(unknown) = &desk.state.screen else {
        panic!("still unknown");
    };
    assert_eq!(
        unknown.last,
        Some(Hint::AnotherTerminal {
            asked: OLD.to_owned(),
            answers: NEW.to_owned(),
        })
    );
    assert_eq!(link(&desk), &Link::Another);
}

#[test]
fn not_found_of_the_old_terminal_put_back_settles_it() {
    let mut desk = open_sale();
    let mut entry = None;
    for name in [NEW, OLD, OLD] {
        desk.after_ms(3_000);
        desk.link(LinkEvent::Up);
        let effects = desk.link(not_found_by(Some(name)));
        entry = effects.iter().find_map(|effect| match effect {
            Effect::Store(StoreRequest::Write {
                entry: entry @ Entry::Released { .. },
                ..
            }) => Some(entry.clone()),
            _ => None,
        });
        desk.link(LinkEvent::Idle);
    }
    assert_eq!(
        entry,
        Some(Entry::Released {
            slip: slip(),
            reason: NotCharged::NotAtTerminal,
            evidence: Evidence::Inquiry,
        })
    );
}

#[test]
fn a_nameless_not_found_proves_nothing_where_the_name_is_known() {
    let mut desk = open_sale();
    for _ in 0..4 {
        desk.after_ms(3_000);
        desk.link(LinkEvent::Up);
        assert_eq!(written(&desk.link(not_found_by(None))), None);
        desk.link(LinkEvent::Idle);
    }
    assert_eq!(desk.screen_name(), "unknown");
}

/// F4, link set-up, the question which terminal it is.
fn to_question(desk: &mut Desk) {
    desk.press(Key::F(4));
    desk.press(Key::Char('4'));
    assert_eq!(desk.screen_name(), "link setup");
    desk.press(Key::Char('5'));
    assert_eq!(desk.state.place(), Place::LinkAnother);
}

fn typed(desk: &mut Desk, text: &str) -> Vec<Effect> {
    desk.after_ms(1_000);
    desk.press(Key::Char('1'));
    for c in text.chars() {
        desk.after_ms(200);
        desk.press(Key::Char(c));
    }
    desk.after_ms(200);
    desk.press(Key::Enter)
}

#[test]
fn a_person_confirms_another_terminal_by_its_number_and_sales_go_there() {
    let mut desk = known();
    asked_again(&mut desk, NEW);
    to_question(&mut desk);
    let effects = typed(&mut desk, "0002");
    let operator = desk.state.operator.clone();
    let confirmed = seen(CatId::Cat1, NEW, Some(operator));
    assert_eq!(written(&effects), Some(confirmed.clone()));
    desk.stored(Stored::Written(confirmed));
    assert_eq!(desk.state.place(), Place::LinkSetup);
    desk.link(LinkEvent::Up);
    desk.link(names(NEW));
    assert_eq!(link(&desk), &Link::Linked);
    desk.press(Key::F(9));
    to_checkout(&mut desk);
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "charging");
}

#[test]
fn no_forward_key_no_wrong_number_and_no_scanner_confirms_a_terminal() {
    let mut desk = known();
    asked_again(&mut desk, NEW);
    to_question(&mut desk);
    for key in [Key::F(12), Key::Enter] {
        assert_eq!(written(&desk.press(key)), None);
        assert_eq!(desk.state.place(), Place::LinkAnother);
    }
    assert_eq!(written(&typed(&mut desk, "9999")), None);
    assert_eq!(note(&desk), Some(Text::NumberOfNeither));
    desk.press(Key::Esc);
    desk.after_ms(1_000);
    desk.press(Key::Char('1'));
    for c in NEW.chars().filter(|c| *c != '-') {
        desk.after_ms(5);
        desk.press(Key::Char(c));
    }
    assert_eq!(written(&desk.press(Key::Enter)), None);
    assert_eq!(note(&desk), Some(Text::TypedByScanner));
    assert_eq!(link(&desk), &Link::Another);
}

#[test]
fn where_nobody_was_swapped_there_is_nothing_to_confirm() {
    let mut desk = known();
    desk.press(Key::F(4));
    desk.press(Key::Char('4'));
    desk.press(Key::Char('5'));
    assert_eq!(desk.state.place(), Place::LinkSetup);
    assert_eq!(note(&desk), Some(Text::SameTerminal));
}
