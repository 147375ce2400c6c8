//! 取消・返品 that failed, tried again: only where the books say that nothing that bears on it changed meanwhile.

use super::undo::{ORIGINAL, card_tender, desk, pending, sale, sent, sent_of, undoable};
use super::*;
use madoguchi::cat::{TransactionResult, TransactionType};
use madoguchi::domain::ledger::CatId;
use madoguchi::domain::undo::Undoable;

/// It failed, and the books were asked what bears on trying it again.
fn failed(mut desk: Desk, code: ResultCode) -> Desk {
    let Screen::Charging(charge) = &desk.state.screen else {
        panic!("at {}", desk.screen_name())
    };
    let answered = TransactionResult {
        transaction: match charge.sale.kind {
            SaleKind::Sale => TransactionType::Sales,
            SaleKind::Void => TransactionType::Void,
            SaleKind::Refund => TransactionType::Refund,
        },
        ..result(code)
    };
    let effects = desk.link(answer(answered));
    let asked = desk.durable(&effects);
    assert_eq!(desk.screen_name(), "not charged");
    let asks = Effect::Store(StoreRequest::Undoable(ORIGINAL));
    assert!(asked.contains(&asks), "{asked:?}");
    desk
}

/// Somebody pressed 中止 at the terminal.
fn stopped(desk: Desk) -> Desk {
    failed(desk, ResultCode::Stopped)
}

/// What they say.
fn said(desk: &mut Desk, known: impl FnOnce(&mut Undoable)) {
    let mut sale = undoable(sale(desk, 0, vec![card_tender(3, 3_430)]));
    known(&mut sale);
    desk.stored(Stored::Undoable(Some(Box::new(sale))));
}

/// A choice of the screen, by a hand that rested, and all that came of it.
fn choose(desk: &mut Desk, key: char) -> Vec<Effect> {
    desk.after_ms(1_000);
    let mut effects = desk.press(Key::Char(key));
    effects.extend(desk.after_ms(100));
    effects
}

fn pends(effects: &[Effect]) -> bool {
    let mut all = effects.iter();
    all.any(|effect| matches!(effect, Effect::Store(StoreRequest::Pend { .. })))
}

#[test]
fn a_terminal_that_refuses_the_void_leaves_the_sale_and_offers_the_work_by_hand() {
    for code in [
        ResultCode::CommandError,
        ResultCode::CenterError {
            center_result_code: None,
        },
        ResultCode::Stopped,
    ] {
        let mut desk = failed(sent(), code);
        said(&mut desk, |_| {});
        assert!(desk.state.basket.lines.is_empty(), "no bill comes of it");
        // The forward key and Enter answer nothing.
        for key in [Key::F(12), Key::Enter] {
            assert_eq!(desk.press(key), vec![]);
            assert_eq!(desk.screen_name(), "not charged");
        }
        desk.after_ms(1_000);
        let effects = desk.answer('2');
        assert_eq!(desk.screen_name(), "wizard");
        assert!(!sends_money(&effects));
    }
}

#[test]
fn it_is_tried_again_as_a_new_attempt_of_the_same_undo() {
    for (days_ago, kind) in [(0, SaleKind::Void), (1, SaleKind::Refund)] {
        let mut desk = stopped(sent_of(days_ago));
        said(&mut desk, |_| {});
        desk.after_ms(1_000);
        let draft = pending(&desk.answer('1'));
        assert_eq!((draft.kind, draft.order), (kind, Some(slip())));
        assert_eq!(draft.original, Some(ORIGINAL));
        // Or back to what is to be taken back, read anew.
        let mut desk = stopped(sent_of(days_ago));
        let effects = desk.press(Key::F(9));
        let asks = Effect::Store(StoreRequest::Undoable(ORIGINAL));
        assert_eq!(effects, vec![asks]);
    }
}

#[test]
fn a_void_is_not_tried_again_on_another_day_nor_after_the_terminals_daily_log() {
    let hour = chrono::Duration::hours(1);
    let evening = chrono::NaiveTime::from_hms_opt(15, 0, 0);
    for (later, daily_log_at) in [(hour * 24, None), (hour, evening)] {
        let mut desk = sent();
        let cat = desk.state.settings.cats.get_mut(&CatId::Cat1);
        cat.expect("a terminal").daily_log_at = daily_log_at;
        let mut desk = stopped(desk);
        said(&mut desk, |_| {});
        desk.now.wall += later;
        for key in ['1', '2'] {
            let effects = choose(&mut desk, key);
            assert!(!pends(&effects), "{effects:?}");
            assert_eq!(note(&desk), Some(Text::UndoFromTheSale), "{key}");
            assert_eq!(desk.screen_name(), "not charged");
        }
    }
}

#[test]
fn a_void_is_not_tried_again_where_the_books_have_a_daily_log_since_or_have_not_said() {
    let at = desk().now.wall;
    for (known, again) in [(Some(None), true), (Some(Some(at)), false), (None, false)] {
        for key in ['1', '2'] {
            let mut desk = stopped(sent());
            if let Some(closed) = known {
                said(&mut desk, |sale| sale.terminal_day_closed = closed);
            }
            let effects = choose(&mut desk, key);
            let stays = desk.screen_name() == "not charged" && !pends(&effects);
            assert_eq!(stays, !again, "{known:?} {key}: {effects:?}");
            assert_eq!(note(&desk) == Some(Text::UndoFromTheSale), !again);
        }
    }
}

#[test]
fn the_link_does_not_try_again_by_a_number_that_was_given_to_another_sale_meanwhile() {
    for days_ago in [0, 1] {
        for (known, again) in [(Some(false), true), (Some(true), false), (None, false)] {
            let mut desk = stopped(sent_of(days_ago));
            if let Some(twice) = known {
                said(&mut desk, |sale| sale.number_given_twice = twice);
            }
            let effects = choose(&mut desk, '1');
            assert_eq!(pends(&effects), again, "{days_ago} {known:?}: {effects:?}");
            assert_eq!(note(&desk) == Some(Text::UndoFromTheSale), !again);
        }
        // By hand nobody goes by the number alone.
        let mut desk = stopped(sent_of(days_ago));
        said(&mut desk, |sale| sale.number_given_twice = true);
        choose(&mut desk, '2');
        assert_eq!(desk.screen_name(), "wizard", "{days_ago}");
    }
}
