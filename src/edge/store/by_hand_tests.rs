//! Work by hand, what is open, and what counts as paid, as the books keep it.

use super::testbed::{
    Bed, again, at, back, books, card_sale, cash_sale, declined, explained, given_up, manual_sale,
    not_sent, operator, part, posted, route, second, sent, step, typed,
};
use super::{BooksKind, verify};
use crate::app::message::{DayCount, HistoryQuery, StoreRequest, StoreTrouble, Stored};
use crate::domain::by_hand::{Place, Side, Stage, Step, Why};
use crate::domain::ledger::{CatId, Document, Entry, Evidence, NotCharged, SaleState};
use crate::domain::money::Yen;
use crate::domain::sale::SaleKind;
use crate::domain::slip::SlipNumber;
use crate::domain::task::{Task, TaskKind};
use crate::domain::undo::Undoable;

fn holds(bed: &Bed) {
    assert_eq!(verify(&bed.path).expect("read").problem, None);
}

fn today(bed: &mut Bed) -> (u32, i64) {
    match bed.ask(StoreRequest::Open { stamp: at(9) }) {
        Ok(Stored::Opened {
            today: DayCount { sales, total },
            unresolved,
            ..
        }) => {
            assert_eq!(unresolved, [], "work by hand waits for no answer");
            (sales, total.get())
        }
        other => panic!("not an answer to the opening: {other:?}"),
    }
}

fn is_refused(answer: Result<impl std::fmt::Debug, StoreTrouble>, why: &str) {
    match answer {
        Err(StoreTrouble::Refused(said)) => assert!(said.contains(why), "{said}, not {why}"),
        other => panic!("{other:?}, not {why}"),
    }
}

#[test]
fn work_by_hand_is_kept_step_by_step() {
    let mut bed = books(BooksKind::Live);
    let slip = bed
        .begin(manual_sale(3_430), Side::Terminal)
        .expect("written");
    let hand = (TaskKind::Hand, slip.get());
    for (entry, state, stage, tasks, paid) in [
        (
            step(slip, Step::OffLink),
            SaleState::ByHand,
            Some(Stage::Operate),
            vec![hand],
            0,
        ),
        (
            step(slip, Step::Paused),
            SaleState::ByHand,
            Some(Stage::Operate),
            vec![hand],
            0,
        ),
        (
            step(slip, Step::Operated),
            SaleState::ByHand,
            Some(Stage::EnterSlip),
            vec![hand],
            0,
        ),
        (
            typed(slip, "00077"),
            SaleState::Settled,
            Some(Stage::BackToLink),
            vec![hand],
            1,
        ),
        (
            Entry::Printed {
                slip,
                document: Document::Slip,
            },
            SaleState::Settled,
            Some(Stage::BackToLink),
            vec![hand],
            1,
        ),
        (
            step(slip, Step::BackOnLink),
            SaleState::Settled,
            None,
            vec![],
            1,
        ),
        // Off again: the way back is open anew, and is a task of its own.
        (
            step(slip, Step::OffLink),
            SaleState::Settled,
            Some(Stage::BackToLink),
            vec![hand],
            1,
        ),
        (
            explained(slip, TaskKind::Hand),
            SaleState::Settled,
            None,
            vec![],
            1,
        ),
    ] {
        bed.write(entry.clone()).expect("follows");
        let record = bed.find(slip).expect("there");
        assert_eq!(
            (record.state, record.hand_stage()),
            (state, stage),
            "{entry:?}"
        );
        assert_eq!(bed.tasks(), tasks, "{entry:?}");
        assert_eq!(
            today(&mut bed),
            (paid, i64::from(paid) * 3_430),
            "{entry:?}"
        );
        holds(&bed);
    }
    // Told as failed and asked for again: it is there once. In other words it is refused.
    let before = bed.find(slip);
    assert_eq!(bed.write(explained(slip, TaskKind::Hand)), Ok(()));
    assert_eq!(bed.find(slip), before);
    let Entry::Explained {
        task,
        operator,
        second,
        ..
    } = explained(slip, TaskKind::Hand)
    else {
        panic!("an explanation")
    };
    let other = bed.write(Entry::Explained {
        slip,
        task,
        operator,
        second,
        reason: "端末を捨てた".to_owned(),
    });
    is_refused(other, "no open task");
}

#[test]
fn where_the_counter_comes_first_our_slip_is_booked_in_the_same_commit() {
    let mut bed = books(BooksKind::Live);
    let slip = bed.begin(manual_sale(900), Side::Counter).expect("written");
    let record = bed.find(slip).expect("there");
    assert_eq!(record.state, SaleState::Booked);
    assert!(record.by_hand.expect("work").counter.is_some());
    assert_eq!(verify(&bed.path).expect("read").entries, 2);
    assert_eq!(today(&mut bed), (1, 900), "booked is paid");
    is_refused(
        bed.write(Entry::Booked {
            slip,
            operator: operator(),
        }),
        "Booked",
    );
    is_refused(
        bed.sell(again(cash_sale(900), slip)),
        "of the same checkout is already paid",
    );
    // What is booked is taken back by two, and is paid no longer.
    is_refused(
        bed.write(Entry::Released {
            slip,
            reason: NotCharged::GivenUp,
            evidence: Evidence::Operator {
                operator: operator(),
                proof: "900".to_owned(),
            },
        }),
        "Booked",
    );
    bed.write(given_up(slip)).expect("follows");
    assert_eq!(today(&mut bed), (0, 0));
    bed.sell(again(cash_sale(900), slip)).expect("another way");
    assert_eq!((today(&mut bed), bed.tasks()), ((1, 900), vec![]));
    holds(&bed);
}

#[test]
fn two_people_are_two() {
    let mut bed = books(BooksKind::Live);
    let slip = bed
        .begin(manual_sale(900), Side::Terminal)
        .expect("written");
    let alone = Evidence::TwoPeople {
        operator: second(),
        second: second(),
        reason: "x".to_owned(),
    };
    let reason = NotCharged::GivenUp;
    is_refused(
        bed.write(Entry::Released {
            slip,
            reason,
            evidence: alone,
        }),
        "second person",
    );
    is_refused(
        bed.write(Entry::Explained {
            slip,
            task: TaskKind::Hand,
            operator: second(),
            second: second(),
            reason: "x".to_owned(),
        }),
        "second person",
    );
    bed.write(explained(slip, TaskKind::Hand)).expect("follows");
    assert_eq!(
        bed.tasks(),
        [(TaskKind::Hand, 1)],
        "an explanation does not settle money"
    );
    bed.write(given_up(slip)).expect("follows");
    assert_eq!(bed.tasks(), []);
    holds(&bed);
}

#[test]
fn work_by_hand_is_in_nobodys_way_and_nobody_in_its() {
    let mut bed = books(BooksKind::Live);
    let hand = bed
        .begin(manual_sale(900), Side::Terminal)
        .expect("written");
    let (linked, _) = bed
        .pend(card_sale(100), CatId::Cat1)
        .expect("the same terminal");
    let other = bed.begin(manual_sale(800), Side::Counter).expect("written");
    bed.write(sent(linked)).expect("follows");
    bed.write(posted(linked, "1")).expect("follows");
    for (slip, entry) in [(hand, typed(hand, "2")), (other, typed(other, "3"))] {
        bed.write(entry).expect("follows");
        assert_eq!(bed.find(slip).map(|r| r.state), Some(SaleState::Settled));
    }
    holds(&bed);
}

#[test]
fn what_is_made_by_hand_has_a_card_that_is_typed_there() {
    let mut bed = books(BooksKind::Live);
    for sale in [cash_sale(5), card_sale(5)] {
        is_refused(bed.begin(sale, Side::Terminal), "by hand");
    }
    // Nor does anything but a person say what became of it.
    let slip = bed.begin(manual_sale(5), Side::Terminal).expect("written");
    for entry in [
        sent(slip),
        posted(slip, "1"),
        declined(slip),
        not_sent(slip),
        Entry::Parked {
            slip,
            operator: operator(),
        },
        Entry::Shown { slip },
    ] {
        is_refused(bed.write(entry), "ByHand");
    }
    holds(&bed);
}

#[test]
fn the_outcome_of_a_linked_sale_is_looked_for_by_hand() {
    let mut bed = books(BooksKind::Live);
    let (slip, _) = bed.pend(card_sale(100), CatId::Cat1).expect("written");
    bed.write(sent(slip)).expect("follows");
    assert_eq!(bed.tasks(), []);
    bed.write(step(slip, Step::OffLink)).expect("follows");
    assert_eq!(bed.tasks(), [(TaskKind::Hand, 1)]);
    bed.write(typed(slip, "00012")).expect("follows");
    assert_eq!(bed.tasks(), [(TaskKind::Hand, 1)], "still off the link");
    bed.write(step(slip, Step::BackOnLink)).expect("follows");
    assert_eq!(bed.tasks(), []);
    // Long after: once more off the link.
    bed.write(step(slip, Step::OffLink)).expect("follows");
    assert_eq!(bed.tasks(), [(TaskKind::Hand, 1)]);
    holds(&bed);
}

#[test]
fn a_bill_that_is_paid_in_part_is_a_task_until_it_is_paid_or_taken_back() {
    let mut bed = books(BooksKind::Live);
    let first = bed.sell(part(cash_sale(300), 1_000)).expect("booked").slip;
    let open = [(TaskKind::PartPaid, first.get())];
    assert_eq!(bed.tasks(), open);
    let (second, _) = bed
        .pend(again(part(card_sale(600), 1_000), first), CatId::Cat1)
        .expect("written");
    bed.write(not_sent(second)).expect("follows");
    let third = bed
        .begin(again(part(manual_sale(500), 1_000), first), Side::Counter)
        .expect("written");
    let Ok(Stored::Tasks(tasks)) = bed.ask(StoreRequest::Tasks) else {
        panic!("not an answer about tasks");
    };
    let [Task::PartPaid(paid), Task::Hand(_)] = &tasks[..] else {
        panic!("{tasks:?}");
    };
    assert_eq!((paid.due, paid.paid), (Yen::new(1_000), Yen::new(800)));
    assert_eq!((paid.order, &paid.parts[..]), (first, &[first, third][..]));
    bed.write(given_up(third)).expect("follows");
    assert_eq!(bed.tasks(), open);
    // Explained: two people let it go, until money moves again.
    bed.write(explained(first, TaskKind::PartPaid))
        .expect("follows");
    assert_eq!(bed.tasks(), []);
    let fourth = bed
        .sell(again(part(cash_sale(100), 1_000), first))
        .expect("booked")
        .slip;
    assert_eq!(bed.tasks(), open);
    let fifth = bed
        .sell(again(part(cash_sale(600), 1_000), first))
        .expect("booked")
        .slip;
    assert_eq!(bed.tasks(), []);
    // A part is taken back: it is open again, until all are.
    for (slip, amount, bill, tasks) in [
        (fourth, 100, 1_000, &open[..]),
        (fifth, 600, 1_000, &open),
        (first, 300, 1_000, &[]),
    ] {
        let undo = back(part(cash_sale(amount), bill), SaleKind::Void, slip);
        bed.sell(undo).expect("taken back");
        assert_eq!(bed.tasks(), tasks, "{slip}");
    }
    holds(&bed);
}

#[test]
fn no_part_is_opened_beside_another_without_an_outcome() {
    let mut bed = books(BooksKind::Live);
    let first = bed.sell(part(cash_sale(300), 1_000)).expect("booked").slip;
    let open = bed
        .begin(again(part(manual_sale(200), 1_000), first), Side::Terminal)
        .expect("written");
    let next = || again(part(cash_sale(100), 1_000), first);
    bed.sell(next()).expect_err("one is at the terminal");
    let linked = again(part(card_sale(100), 1_000), first);
    bed.pend(linked, CatId::Cat2)
        .expect_err("one is at the terminal");
    bed.write(given_up(open)).expect("follows");
    bed.sell(next()).expect("it is let go");
    holds(&bed);
}

#[test]
fn a_part_that_failed_and_was_never_shown_is_news_until_the_bill_is_paid() {
    let mut bed = books(BooksKind::Live);
    let unshown = |bed: &mut Bed| match bed.ask(StoreRequest::Open { stamp: at(9) }) {
        Ok(Stored::Opened { unshown, .. }) => unshown.map(|record| record.slip),
        other => panic!("not an answer to the opening: {other:?}"),
    };
    let first = bed.sell(part(cash_sale(300), 1_000)).expect("booked").slip;
    let rest = || again(part(card_sale(700), 1_000), first);
    let (failed, _) = bed.pend(rest(), CatId::Cat1).expect("written");
    bed.write(not_sent(failed)).expect("follows");
    assert_eq!(unshown(&mut bed), Some(failed));
    bed.sell(again(part(cash_sale(700), 1_000), first))
        .expect("booked");
    assert_eq!(unshown(&mut bed), None);
    holds(&bed);
}

#[test]
fn goods_of_a_paid_bill_that_come_back_do_not_open_it() {
    let mut bed = books(BooksKind::Live);
    let first = bed.sell(part(cash_sale(300), 1_000)).expect("booked").slip;
    bed.sell(again(part(cash_sale(700), 1_000), first))
        .expect("booked");
    bed.sell(back(cash_sale(100), SaleKind::Refund, first))
        .expect("a part of it");
    assert_eq!(bed.tasks(), []);
    is_refused(
        bed.sell(again(part(cash_sale(100), 1_000), first)),
        "more than the bill",
    );
    holds(&bed);
}

/// How many steps SQLite takes to find the one open task behind so many that are closed.
fn steps_to_the_open_task(closed: u32) -> i32 {
    let mut bed = books(BooksKind::Live);
    let entries = (1..=closed).map(SlipNumber::new).flat_map(|slip| {
        let begun = Entry::ByHand {
            slip,
            sale: manual_sale(5),
            place: Place {
                cat: None,
                model: "open-cat".to_owned(),
            },
            why: Why::MadeStandalone,
            first: Side::Terminal,
            operator: operator(),
        };
        [begun, typed(slip, "00001")].map(|entry| (at(0), entry))
    });
    bed.store.append_many(entries).expect("follows the rules");
    bed.begin(manual_sale(7), Side::Terminal).expect("written");
    assert_eq!(bed.tasks(), [(TaskKind::Hand, closed + 1)]);
    holds(&bed);
    bed.store
        .connection
        .prepare_cached(super::tasks::OPEN_TASKS)
        .expect("known")
        .get_status(rusqlite::StatementStatus::VmStep)
}

#[test]
fn open_tasks_are_found_at_once_behind_hundreds_that_are_closed() {
    assert_eq!(steps_to_the_open_task(1), steps_to_the_open_task(400));
}

#[test]
fn a_number_that_was_given_to_another_sale_too_is_told() {
    let mut bed = books(BooksKind::Live);
    let first = bed.paid(1_000, "00012");
    let told = |bed: &mut Bed, slip| match bed.ask(StoreRequest::Undoable(slip)) {
        Ok(Stored::Undoable(Some(found))) => found.number_given_twice,
        other => panic!("not an answer: {other:?}"),
    };
    assert!(!told(&mut bed, first));
    bed.paid(1_000, "00013");
    // A sale that was not paid has no number, whatever was said.
    let (failed, _) = bed.pend(card_sale(5), CatId::Cat1).expect("written");
    bed.write(not_sent(failed)).expect("follows");
    // The same number of another terminal is another.
    let (other, _) = bed.pend(card_sale(5), CatId::Cat2).expect("written");
    bed.write(sent(other)).expect("follows");
    bed.write(posted(other, "00012")).expect("follows");
    assert!(!told(&mut bed, first));
    let second = bed.paid(700, "12");
    assert!(told(&mut bed, first));
    assert!(
        told(&mut bed, second),
        "of the same day, and may stand in another terminal"
    );
    // Numbers that begin anew every day: what was sold on days before is not meant.
    let stamp = at(24 * 60);
    let tomorrow = StoreRequest::Pend {
        stamp,
        sale: card_sale(5),
        route: route(CatId::Cat1),
    };
    let Ok(Stored::Pended { slip: third, .. }) = bed.ask(tomorrow) else {
        panic!("written");
    };
    bed.write(sent(third)).expect("follows");
    bed.write(posted(third, "00012")).expect("follows");
    assert!(!told(&mut bed, third));
    assert!(told(&mut bed, second));
}

#[test]
fn what_bears_on_taking_a_sale_back_is_told() {
    let mut bed = books(BooksKind::Live);
    let ask = |bed: &mut Bed, slip| match bed.ask(StoreRequest::Undoable(slip)) {
        Ok(Stored::Undoable(found)) => found.map(|found| *found),
        other => panic!("not an answer: {other:?}"),
    };
    let brief = |undoable: Option<Undoable>| {
        let undoable = undoable.expect("there");
        let undone: Vec<u32> = undoable.undone.iter().map(|u| u.slip.get()).collect();
        (
            undone,
            undoable.later_at_terminal,
            undoable.terminal_day_closed.is_some(),
        )
    };
    assert_eq!(ask(&mut bed, SlipNumber::new(1)), None);
    let slip = bed.paid(1_000, "00001");
    assert_eq!(brief(ask(&mut bed, slip)), (vec![], false, false));
    let (failed, _) = bed.pend(card_sale(5), CatId::Cat1).expect("written");
    bed.write(not_sent(failed)).expect("follows");
    bed.pend(card_sale(5), CatId::Cat2).expect("another one");
    assert_eq!(brief(ask(&mut bed, slip)), (vec![], false, false));
    let hand = bed.begin(manual_sale(6), Side::Terminal).expect("written");
    assert_eq!(brief(ask(&mut bed, slip)), (vec![], true, false));
    let closed = |cat| Entry::TerminalDayClosed {
        cat,
        operator: operator(),
    };
    bed.write(closed(CatId::Cat2)).expect("follows");
    assert_eq!(brief(ask(&mut bed, slip)), (vec![], true, false));
    bed.write(closed(CatId::Cat1)).expect("follows");
    assert_eq!(brief(ask(&mut bed, slip)), (vec![], true, true));
    assert_eq!(brief(ask(&mut bed, hand)), (vec![], false, true));
    // What reached the terminal after its 日計 is of its next day, whenever it was written.
    let (late, _) = bed.pend(card_sale(5), CatId::Cat1).expect("written");
    bed.write(closed(CatId::Cat1)).expect("follows");
    assert!(brief(ask(&mut bed, late)).2);
    bed.write(sent(late)).expect("follows");
    assert!(!brief(ask(&mut bed, late)).2);
    bed.write(posted(late, "00005")).expect("follows");
    let late = bed.begin(manual_sale(7), Side::Terminal).expect("written");
    bed.write(closed(CatId::Cat1)).expect("follows");
    bed.write(step(late, Step::OffLink)).expect("follows");
    assert!(brief(ask(&mut bed, late)).2);
    bed.write(step(late, Step::Operated)).expect("follows");
    assert!(!brief(ask(&mut bed, late)).2);
    let undo = back(manual_sale(400), SaleKind::Refund, slip);
    let undo = bed.begin(undo, Side::Terminal).expect("written");
    assert_eq!(brief(ask(&mut bed, slip)).0, [undo.get()]);
    bed.write(given_up(undo)).expect("follows");
    assert_eq!(brief(ask(&mut bed, slip)).0, [0_u32; 0]);
    let later = bed.paid(5, "2");
    assert_eq!(brief(ask(&mut bed, later)), (vec![], false, false));
    holds(&bed);
}

#[test]
fn the_history_counts_as_taken_back_what_is_settled() {
    let mut bed = books(BooksKind::Live);
    let original = bed.paid(1_000, "00001");
    let taken_back = |bed: &mut Bed| {
        let query = HistoryQuery {
            number: Some(original.to_string()),
            limit: 1,
            ..HistoryQuery::default()
        };
        match bed.ask(StoreRequest::History(query)) {
            Ok(Stored::History(page)) => page.rows[0].taken_back.get(),
            other => panic!("not a page: {other:?}"),
        }
    };
    let undo = |amount| back(manual_sale(amount), SaleKind::Refund, original);
    assert_eq!(taken_back(&mut bed), 0);
    for (first, outcome, sum) in [
        (Side::Terminal, typed as fn(SlipNumber, &str) -> Entry, 100),
        (Side::Terminal, |slip, _| given_up(slip), 100),
        (Side::Counter, |slip, _| given_up(slip), 100),
        (Side::Counter, typed, 200),
    ] {
        let before = taken_back(&mut bed);
        let slip = bed.begin(undo(100), first).expect("written");
        assert_eq!(taken_back(&mut bed), before, "its outcome is open");
        bed.write(outcome(slip, "00002")).expect("follows");
        assert_eq!(taken_back(&mut bed), sum);
    }
}

#[test]
fn the_history_shows_work_by_hand_with_the_terminals_slip() {
    let mut bed = books(BooksKind::Live);
    let slip = bed.begin(manual_sale(77), Side::Terminal).expect("written");
    let row = |bed: &mut Bed, number: &str| {
        let query = HistoryQuery {
            number: Some(number.to_owned()),
            limit: 9,
            ..HistoryQuery::default()
        };
        match bed.ask(StoreRequest::History(query)) {
            Ok(Stored::History(mut page)) => page.rows.pop(),
            other => panic!("not a page: {other:?}"),
        }
    };
    // By the number of our slip as its barcode gives it.
    let found = row(&mut bed, "00000001").expect("there");
    assert_eq!(found.state, SaleState::ByHand);
    bed.write(Entry::Booked {
        slip,
        operator: operator(),
    })
    .expect("follows");
    assert_eq!(
        row(&mut bed, "77").map(|row| row.state),
        Some(SaleState::Booked)
    );
    bed.write(typed(slip, "00871")).expect("follows");
    let found = row(&mut bed, "871").expect("there");
    let card = found.card.expect("a card");
    assert_eq!(found.state, SaleState::Settled);
    assert_eq!(card.link, crate::domain::tender::LinkKind::Manual);
    assert_eq!(
        card.terminal_slip.map(|slip| slip.to_string()),
        Some("00871".to_owned())
    );
}
