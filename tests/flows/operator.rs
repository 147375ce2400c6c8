//! 担当者入力, 担当者交代, the second person, and 日計を済ませた.

use super::*;
use madoguchi::app::keymap::Place;
use madoguchi::app::operator::{self, After, Who};
use madoguchi::app::popup::{MENU, Popup};
use madoguchi::app::{State, action::Action};
use madoguchi::domain::ledger::{AuditEvent, CatId};
use madoguchi::domain::sale::Operator;

fn people(list: &[(&str, &str)]) -> Vec<Operator> {
    list.iter()
        .map(|(code, name)| Operator {
            code: (*code).into(),
            name: (*name).into(),
        })
        .collect()
}

/// A counter of three, who are asked or not, at a bill of 3,430 yen.
fn counter(ask: bool) -> Desk {
    let mut desk = Desk::open();
    let operators = &mut desk.state.settings.operators;
    operators.list = people(&[("03", "佐藤"), ("04", "鈴木"), ("a5", "田中")]);
    operators.ask = ask;
    desk.line("3430");
    desk
}

/// Type as hands do: after a rest, one key after the other.
fn by_hand(desk: &mut Desk, text: &str) -> Vec<Effect> {
    desk.after_ms(400);
    for c in text.chars() {
        desk.press(Key::Char(c));
        desk.after_ms(120);
    }
    desk.press(Key::Enter)
}

/// Choose an item of the menu.
fn menu(desk: &mut Desk, item: Action) {
    desk.after_ms(1_000);
    desk.press(Key::F(4));
    let index = MENU.iter().position(|action| *action == item).unwrap();
    for _ in 0..index {
        desk.press(Key::Down);
    }
    desk.press(Key::Enter);
}

fn ask(desk: &Desk) -> &operator::Ask {
    match desk.state.popups.last() {
        Some(Popup::Operator(ask)) => ask,
        other => panic!("nobody is asked for: {other:?}"),
    }
}

#[test]
fn each_sale_asks_who_it_is_before_the_checkout_opens() {
    let mut desk = counter(true);
    assert_eq!(desk.press(Key::F(12)), vec![]);
    assert_eq!(desk.state.place(), Place::Operator);
    assert_eq!(desk.screen_name(), "register");
    by_hand(&mut desk, "04");
    assert_eq!(desk.screen_name(), "checkout");
    assert_eq!(desk.state.popups, vec![]);
    assert_eq!(desk.state.operator.name, "鈴木");
    // The sale is in her name.
    desk.press(Key::F(7));
    let effects = desk.press(Key::F(12));
    let [Effect::Store(StoreRequest::Sell { sale, .. })] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(sale.operator.code, "04");
}

#[test]
fn it_is_asked_once_for_a_bill_and_again_for_the_next() {
    let mut desk = counter(true);
    desk.press(Key::F(12));
    by_hand(&mut desk, "04");
    desk.after_ms(1_000);
    desk.press(Key::F(9));
    assert_eq!(desk.screen_name(), "register");
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "checkout", "the same bill");
    desk.press(Key::F(9));
    desk.press(Key::F(8));
    desk.line("1000");
    desk.press(Key::F(12));
    assert_eq!(desk.state.place(), Place::Operator, "another bill");
}

#[test]
fn nobody_is_asked_where_the_site_does_not_want_it_or_has_one_operator() {
    let mut desk = counter(false);
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "checkout");
    let mut desk = counter(true);
    desk.state.settings.operators.list.truncate(1);
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "checkout");
    assert_eq!(desk.state.operator.code, "03");
}

#[test]
fn a_code_is_known_however_it_is_written() {
    for typed in ["a5", "A5", "ａ５"] {
        let mut desk = counter(true);
        desk.press(Key::F(12));
        by_hand(&mut desk, typed);
        assert_eq!(desk.state.operator.name, "田中", "{typed}");
    }
}

#[test]
fn a_wrong_code_is_told_and_asked_for_again() {
    let mut desk = counter(true);
    desk.press(Key::F(12));
    assert_eq!(by_hand(&mut desk, ""), vec![]);
    assert_eq!(note(&desk), Some(Text::OperatorCodeEmpty));
    by_hand(&mut desk, "99");
    assert_eq!(note(&desk), Some(Text::NoSuchOperator));
    assert!(ask(&desk).code.is_empty());
    assert_eq!(desk.state.operator.code, "03");
    by_hand(&mut desk, "04");
    assert_eq!(desk.screen_name(), "checkout");
    assert_eq!(note(&desk), None);
}

#[test]
fn the_way_back_leaves_the_bill_and_the_operator_as_they_were() {
    for key in [Key::F(9), Key::Esc] {
        let mut desk = counter(true);
        desk.press(Key::F(12));
        desk.press(key);
        desk.after_ms(1_000);
        assert_eq!(desk.state.popups, vec![], "{key:?}");
        assert_eq!(desk.screen_name(), "register");
        assert_eq!(desk.state.due(), Yen::new(3_430));
        assert_eq!(desk.state.operator.code, "03");
    }
}

#[test]
fn what_was_typed_ahead_answers_nothing_until_the_hands_rest() {
    let mut desk = counter(true);
    desk.press(Key::F(12));
    // The amount handed over, meant for the checkout, at the speed of a practised hand; her code is in it.
    for key in [
        Key::Char('1'),
        Key::Char('0'),
        Key::Char('0'),
        Key::Char('4'),
        Key::Enter,
    ] {
        desk.after_ms(150);
        assert_eq!(desk.press(key), vec![]);
        assert_eq!(note(&desk), Some(Text::TooSoon), "{key:?}");
    }
    assert!(ask(&desk).code.is_empty());
    for key in [Key::F(12), Key::F(6)] {
        desk.press(key);
    }
    assert_eq!(desk.state.place(), Place::Operator);
    by_hand(&mut desk, "04");
    assert_eq!(desk.screen_name(), "checkout");
}

#[test]
fn no_scanner_answers() {
    let mut desk = counter(true);
    desk.press(Key::F(12));
    desk.after_ms(400);
    let effects = desk.send(Message::Input(Input::Scan("04".into())));
    assert_eq!(effects, vec![Effect::Bell(2)]);
    assert_eq!(note(&desk), Some(Text::ScanRefused));
    desk.send(Message::Input(Input::Paste("04".into())));
    assert_eq!(note(&desk), Some(Text::PasteRefused));
    // One that types like a keyboard, a code of the list at its head.
    desk.after_ms(400);
    for c in "04000000000000".chars() {
        desk.press(Key::Char(c));
        desk.after_ms(5);
    }
    assert_eq!(desk.press(Key::Enter), vec![Effect::Bell(2)]);
    assert_eq!(note(&desk), Some(Text::ScanRefused));
    assert!(ask(&desk).code.is_empty());
    assert_eq!(desk.state.operator.code, "03");
}

#[test]
fn no_digit_and_no_forward_key_falls_through_to_the_bill() {
    let mut desk = counter(true);
    desk.press(Key::F(12));
    desk.after_ms(400);
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "register");
    assert_eq!(note(&desk), Some(Text::KeyMeansNothing));
    desk.press(Key::Char('9'));
    let Screen::Register(register) = &desk.state.screen else {
        panic!("not at the register");
    };
    assert!(register.input.is_empty());
}

#[test]
fn another_operator_takes_over_by_the_menu() {
    let mut desk = counter(false);
    menu(&mut desk, Action::ChangeOperator);
    assert_eq!(ask(&desk).who, operator::Who::Change);
    by_hand(&mut desk, "a5");
    assert_eq!(desk.state.operator.name, "田中");
    assert_eq!(note(&desk), Some(Text::OperatorChanged));
    assert_eq!(desk.screen_name(), "register");
    desk.state.settings.operators.list.truncate(1);
    menu(&mut desk, Action::ChangeOperator);
    assert_eq!(note(&desk), Some(Text::OneOperator));
}

/// What follows in these tests: the name of whoever allowed it becomes a line of the bill.
fn noted(state: &mut State, operator: Operator, out: &mut Vec<Effect>) {
    state.basket.lines[0].name = format!("{} {}", operator.code, operator.name);
    out.push(Effect::Redraw);
}

#[test]
fn a_second_person_is_somebody_else_of_the_list_and_the_first_stays() {
    let mut desk = counter(false);
    operator::second(&mut desk.state, Text::LeaveBooked, After::new(noted));
    by_hand(&mut desk, "03");
    assert_eq!(note(&desk), Some(Text::SecondIsSame));
    by_hand(&mut desk, "99");
    assert_eq!(note(&desk), Some(Text::NoSuchOperator));
    assert_eq!(by_hand(&mut desk, "04"), vec![Effect::Redraw]);
    assert_eq!(desk.state.basket.lines[0].name, "04 鈴木");
    assert_eq!(desk.state.operator.code, "03");
    assert_eq!(desk.state.popups, vec![]);
}

#[test]
fn without_a_list_a_second_person_types_code_and_name() {
    let mut desk = counter(false);
    desk.state.settings.operators.list.truncate(1);
    operator::second(&mut desk.state, Text::LeaveBooked, After::new(noted));
    by_hand(&mut desk, "03");
    assert_eq!(note(&desk), Some(Text::SecondIsSame));
    by_hand(&mut desk, "07");
    assert!(ask(&desk).name.is_some());
    by_hand(&mut desk, "");
    assert_eq!(note(&desk), Some(Text::OperatorNameEmpty));
    by_hand(&mut desk, "佐藤");
    assert_eq!(note(&desk), Some(Text::SecondIsSame));
    for _ in 0..2 {
        desk.press(Key::Backspace);
    }
    by_hand(&mut desk, "4111111111111111");
    assert_eq!(note(&desk), Some(Text::LooksLikeCardNumber));
    desk.press(Key::Ctrl('u'));
    assert_eq!(by_hand(&mut desk, "院長"), vec![Effect::Redraw]);
    assert_eq!(desk.state.basket.lines[0].name, "07 院長");
    assert_eq!(desk.state.operator.code, "03");
}

fn closed(effects: &[Effect]) -> Option<(CatId, String)> {
    match written(effects) {
        Some(Entry::TerminalDayClosed { cat, operator }) => Some((cat, operator.code)),
        _ => None,
    }
}

#[test]
fn the_daily_total_of_a_terminal_is_written_after_a_question() {
    let mut desk = counter(false);
    menu(&mut desk, Action::DailyLog);
    assert_eq!(desk.state.place(), Place::DailyLog);
    desk.after_ms(1_000);
    for key in [Key::Enter, Key::F(12)] {
        assert_eq!(desk.press(key), vec![], "{key:?}");
    }
    let effects = desk.answer('1');
    assert_eq!(closed(&effects), Some((CatId::Cat1, "03".to_owned())));
    // Until it is durable nothing is said, and nothing is written twice.
    desk.after_ms(1_000);
    assert_eq!(desk.answer('1'), vec![]);
    assert_eq!(note(&desk), Some(Text::Writing));
    desk.durable(&effects);
    assert_eq!(desk.state.popups, vec![]);
    assert_eq!(note(&desk), Some(Text::DailyLogWritten));
}

#[test]
fn a_day_that_closes_over_something_unresolved_takes_a_second_person_who_is_in_the_books() {
    let open = desk::record(&Desk::unknown());
    let mut desk = counter(false);
    desk.state.open.push(open);
    menu(&mut desk, Action::DailyLog);
    desk.after_ms(1_000);
    assert_eq!(desk.answer('1'), vec![]);
    assert_eq!(ask(&desk).who, Who::Second(Text::DailyLogUnresolved));
    // Nobody comes: nothing is noted, and the question stands.
    desk.press(Key::F(9));
    assert_eq!(desk.state.place(), Place::DailyLog);
    desk.after_ms(1_000);
    assert_eq!(desk.answer('1'), vec![]);
    assert_eq!(by_hand(&mut desk, "03"), vec![], "not the same person");
    desk.press(Key::Ctrl('u'));
    let effects = by_hand(&mut desk, "04");
    let written: Vec<Entry> = effects
        .iter()
        .filter_map(|effect| written(std::slice::from_ref(effect)))
        .collect();
    let [
        Entry::Audit { event, detail },
        Entry::TerminalDayClosed { cat, operator },
    ] = &written[..]
    else {
        panic!("{written:?}");
    };
    assert_eq!(*event, AuditEvent::DayClosedUnresolved);
    assert_eq!(detail, "1 unresolved, agreed by 04");
    assert_eq!((*cat, operator.code.as_str()), (CatId::Cat1, "03"));
    for effect in effects {
        desk.durable(&[effect]);
    }
    assert_eq!(desk.state.popups, vec![]);
    assert_eq!(note(&desk), Some(Text::DailyLogWritten));
}

#[test]
fn not_yet_writes_nothing_and_what_the_books_refuse_is_asked_again() {
    let mut desk = counter(false);
    menu(&mut desk, Action::DailyLog);
    desk.after_ms(1_000);
    assert_eq!(desk.press(Key::F(9)), vec![]);
    assert_eq!(desk.state.popups, vec![]);
    menu(&mut desk, Action::DailyLog);
    desk.after_ms(1_000);
    let effects = desk.answer('1');
    let [Effect::Store(request)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    desk.stored(Stored::Failed {
        request: Box::new(request.clone()),
        trouble: StoreTrouble::DiskFull,
    });
    assert_eq!(note(&desk), Some(Text::DiskFull));
    desk.after_ms(1_000);
    assert_eq!(
        closed(&desk.answer('1')).map(|(cat, _)| cat),
        Some(CatId::Cat1)
    );
}

#[test]
fn a_scanner_that_types_does_not_answer_for_the_daily_total() {
    let mut desk = counter(false);
    menu(&mut desk, Action::DailyLog);
    desk.after_ms(1_000);
    for c in "1234567890123".chars() {
        assert_eq!(desk.press(Key::Char(c)), vec![]);
        desk.after_ms(5);
    }
    assert_eq!(desk.press(Key::Enter), vec![]);
    assert_eq!(desk.after_ms(2_000), vec![]);
    assert_eq!(desk.state.place(), Place::DailyLog);
}

#[test]
fn of_two_terminals_the_marked_one_is_meant() {
    let mut desk = counter(false);
    let second = desk.state.settings.cats[&CatId::Cat1].clone();
    desk.state.settings.cats.insert(CatId::Cat2, second);
    menu(&mut desk, Action::DailyLog);
    desk.after_ms(1_000);
    for key in [Key::Down, Key::Down, Key::Up, Key::Down] {
        desk.press(key);
    }
    let closed = closed(&desk.answer('1'));
    assert_eq!(closed.map(|(cat, _)| cat), Some(CatId::Cat2));
}
