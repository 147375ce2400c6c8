//! A sale whose opening reached the disk and was told as failed: asked for again it is the same sale, with the slip and the number it has.

use super::super::testbed::{at, books, card_sale, cash_sale, manual_sale, operator, sent};
use super::super::*;
use crate::domain::by_hand::{Place, Side, Why};
use crate::domain::ledger::{CatId, Route};

fn sell(amount: i64, minute: i64) -> StoreRequest {
    StoreRequest::Sell {
        stamp: at(minute),
        sale: cash_sale(amount),
    }
}

fn pend(amount: i64, minute: i64) -> StoreRequest {
    StoreRequest::Pend {
        stamp: at(minute),
        sale: card_sale(amount),
        route: Route {
            cat: CatId::Cat1,
            model: "open-cat".to_owned(),
        },
    }
}

fn by_hand(amount: i64, minute: i64, first: Side) -> StoreRequest {
    StoreRequest::ByHand {
        stamp: at(minute),
        sale: manual_sale(amount),
        place: Place {
            cat: Some(CatId::Cat2),
            model: "open-cat".to_owned(),
        },
        why: Why::NotCarried,
        first,
        operator: operator(),
    }
}

#[test]
fn the_same_sale_told_as_failed_and_asked_again_gets_no_second_slip_and_no_second_number() {
    for request in [
        sell(500, 1),
        pend(700, 1),
        by_hand(900, 1, Side::Terminal),
        by_hand(900, 1, Side::Counter),
    ] {
        let mut bed = books(BooksKind::Live);
        let first = bed.store.handle(request.clone());
        assert!(!matches!(first, Stored::Failed { .. }), "{first:?}");
        let entries = verify(&bed.path).expect("read").entries;
        for _ in 0..3 {
            bed.store.told_as_failed();
            assert_eq!(bed.store.handle(request.clone()), first);
        }
        let report = verify(&bed.path).expect("read");
        assert_eq!((report.entries, report.problem), (entries, None));
    }
}

#[test]
fn the_next_customers_sale_is_another_though_it_is_the_same_to_the_millisecond() {
    for request in [sell(500, 1), by_hand(900, 1, Side::Terminal)] {
        let mut bed = books(BooksKind::Live);
        let first = bed.store.handle(request.clone());
        let second = bed.store.handle(request.clone());
        assert_ne!(first, second);
        // The third is told as failed, and nothing of it is there: it is none of the two.
        let held = rusqlite::Connection::open(&bed.path).expect("opens");
        held.execute_batch("BEGIN EXCLUSIVE").expect("holds");
        bed.store
            .connection
            .busy_timeout(std::time::Duration::ZERO)
            .expect("set");
        let refused = bed.store.handle(request.clone());
        assert!(matches!(refused, Stored::Failed { .. }), "{refused:?}");
        drop(held);
        let third = bed.store.handle(request);
        assert!(third != first && third != second, "{third:?}");
    }
}

#[test]
fn a_like_sale_of_another_moment_is_another_sale() {
    let mut bed = books(BooksKind::Live);
    let slip = |stored: Stored| match stored {
        Stored::Sold(record) | Stored::ByHandBegun(record) => record.slip.get(),
        other => panic!("{other:?}"),
    };
    assert_eq!(slip(bed.store.handle(sell(500, 1))), 1);
    assert_eq!(slip(bed.store.handle(sell(500, 2))), 2);
    assert_eq!(slip(bed.store.handle(sell(600, 2))), 3);
    // Another one came in between: it is not the newest any more.
    assert_eq!(slip(bed.store.handle(sell(500, 2))), 4);
    assert_eq!(slip(bed.store.handle(by_hand(900, 3, Side::Terminal))), 5);
    assert_eq!(slip(bed.store.handle(by_hand(900, 3, Side::Counter))), 6);
}

#[test]
fn an_attempt_that_went_on_is_not_begun_again() {
    let mut bed = books(BooksKind::Live);
    let Stored::Pended { slip, .. } = bed.store.handle(pend(700, 1)) else {
        panic!("written");
    };
    bed.write(sent(slip)).expect("follows");
    bed.store.told_as_failed();
    let again = bed.store.handle(pend(700, 1));
    assert!(matches!(again, Stored::Failed { .. }), "{again:?}");
}
