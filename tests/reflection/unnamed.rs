//! A bill that was taken by its code alone while nobody could be asked, and whose code names no invoice: it is told where one invoice alone can be
//! meant, always to the same one, and listed where nobody can know.

use madoguchi::app::message::{Message, StoreRequest, Stored};
use madoguchi::app::reflection::RowState;
use madoguchi::domain::ledger::Entry;
use madoguchi::domain::money::Yen;
use madoguchi::domain::reflection::{ReflectionStep, Standing, corrected, going_back, words};
use madoguchi::domain::sale::{Line, SaleDraft, TaxClass};
use madoguchi::domain::slip::SlipNumber;
use madoguchi::edge::store::{BooksKind, Store, verify};

use super::{MEANT, MINUTE_MS, PATIENT, all_told, back, card, cash, hold_true, sale, world};
use crate::crowd::taken;
use crate::orca::{FAULTS, Fault};
use crate::world::{Books, World};

/// Another invoice of the patient.
const OTHER: &str = "1700";

/// 650 yen of a code that names no invoice.
fn by_code() -> SaleDraft {
    sale(PATIENT, &[("", 650)], vec![cash(650)])
}

/// So much of a patient's bill goes back.
fn undo(paid: &SaleDraft, original: u32) -> SaleDraft {
    let mut undo = back(paid.clone(), original);
    let tenders = paid.tenders.iter().map(|one| one.amount().get()).sum();
    undo.bill = going_back(paid, [], Yen::new(tenders), &[]);
    undo
}

fn words_of(world: &World) -> Vec<&'static str> {
    world.orca.heard.clone()
}

/// Where the first posting stands, and what the list says of it.
fn first(world: &mut World) -> (Standing, RowState) {
    let standing = world.books.open()[0].postings[0].standing.clone();
    let queue = world.state.queue();
    (standing, queue[0].state(&world.state))
}

fn refused(code: &str, unpaid: Option<i64>) -> Standing {
    Standing::Refused {
        code: code.to_owned(),
        unpaid: unpaid.map(Yen::new),
    }
}

fn start_again(world: &mut World) {
    world.kills = vec![world.steps];
    world.hear(Message::TimeReached);
    world.after_ms(20 * MINUTE_MS);
}

/// Books in a file.
fn file(folder: &tempfile::TempDir) -> Books {
    let store = Store::open(&folder.path().join("books.db"), BooksKind::Live);
    Books::File(Box::new(store.expect("opens")))
}

fn sound(world: World, folder: &tempfile::TempDir) {
    drop(world);
    let report = verify(&folder.path().join("books.db")).expect("read");
    assert_eq!(report.problem, None);
}

#[test]
fn the_only_invoice_of_that_amount_is_found_written_down_and_told() {
    let slips = [by_code()];
    let mut world = world(Books::memory(), &slips);
    world.orca.bill(PATIENT, OTHER, 1_000);
    world.orca.bill("00034", "1800", 650);
    world.settle();
    assert_eq!(words_of(&world), ["bill", "open", "pay", "finish"]);
    all_told(&mut world, &slips, "in peace");
    assert_eq!(world.orca.received(MEANT), 650);
    let Books::Memory { entries, .. } = &world.books else {
        panic!("in memory");
    };
    let sent = entries.iter().find_map(|entry| match entry {
        Entry::Reflection {
            step: ReflectionStep::Sent { invoice, .. },
            ..
        } => invoice.clone(),
        _ => None,
    });
    assert_eq!(sent.expect("named").as_str(), "0001600");
}

/// What is done at a screen of the receipt computer.
type Hands = fn(&mut World);

#[test]
fn where_none_or_several_may_be_meant_nothing_is_told_and_a_person_is_asked() {
    let cases: [(&str, i64, Hands, Hands); 4] = [
        (
            words::SEVERAL_INVOICES,
            1_300,
            |world| world.orca.bill(PATIENT, OTHER, 650),
            |world| world.at_screen(|orca, at| orca.takes(at, OTHER, 650)),
        ),
        // It was computed anew, or is paid already.
        (
            words::NO_INVOICE,
            640,
            |world| world.at_screen(|orca, at| orca.corrects(at, MEANT, 640)),
            |world| world.at_screen(|orca, at| orca.corrects(at, MEANT, 650)),
        ),
        (
            words::NO_INVOICE,
            660,
            |world| world.at_screen(|orca, at| orca.corrects(at, MEANT, 660)),
            |world| world.at_screen(|orca, at| orca.takes(at, MEANT, 10)),
        ),
        (
            words::NO_INVOICE,
            0,
            |world| world.at_screen(|orca, at| orca.takes(at, MEANT, 650)),
            |world| world.at_screen(|orca, at| orca.takes(at, MEANT, -650)),
        ),
    ];
    for (code, unpaid, change, put_right) in cases {
        let slips = [by_code()];
        let mut world = world(Books::memory(), &slips);
        change(&mut world);
        world.after_ms(60 * MINUTE_MS);
        assert_eq!(words_of(&world), ["bill"], "nobody is held, nothing tried");
        let told = (refused(code, Some(unpaid)), RowState::Unfound);
        assert_eq!(first(&mut world), told);
        assert_eq!(world.state.unsettled(), 1);
        // Nothing more is written by a start that finds the same.
        start_again(&mut world);
        assert_eq!(words_of(&world), ["bill", "bill"]);
        assert_eq!(first(&mut world), told);
        put_right(&mut world);
        world.news_of("12");
        world.settle();
        assert_eq!(world.orca.rows(MEANT, 650), 1);
        all_told(&mut world, &slips, "put right");
    }
}

#[test]
fn an_invoice_that_changes_between_the_list_and_the_opening_is_not_the_one() {
    for charged in [640, 1_000] {
        let slips = [by_code()];
        let mut world = world(Books::memory(), &slips);
        // The list comes late, and is not true any more.
        world.faults.insert(0, Fault::Slow);
        world.after_ms(1_000);
        world.orca.corrected(MEANT, charged);
        world.after_ms(20 * MINUTE_MS);
        assert_eq!(words_of(&world), ["bill", "open", "finish"], "{charged}");
        let changed = refused(words::CHANGED, Some(charged));
        assert_eq!(first(&mut world).0, changed, "{charged}");
        // It is looked for anew, and there is none.
        start_again(&mut world);
        assert_eq!(world.orca.received(MEANT), 0, "{charged}");
        let none = refused(words::NO_INVOICE, Some(charged));
        assert_eq!(first(&mut world).0, none, "{charged}");
    }
}

/// Every fault at every call, killed before every thing that is done, and once more: a spread, or with `EXHAUSTIVE=all` each.
#[test]
fn every_fault_at_every_step_killed_anywhere_ends_in_one_payment_of_the_one_invoice() {
    let slips = [sale(PATIENT, &[("", 650)], vec![cash(300), card(350)])];
    let made = || {
        let mut world = world(Books::memory(), &slips);
        // Once the first money is told, the rest is what another invoice is unpaid of.
        world.orca.bill(PATIENT, OTHER, 350);
        world
    };
    let steps = {
        let mut world = made();
        world.settle();
        assert_eq!(
            words_of(&world),
            ["bill", "open", "pay", "finish", "open", "pay", "finish"]
        );
        world.steps
    };
    let mut case = 0;
    for call in 0..8 {
        for fault in FAULTS {
            for kill in (0..=steps).map(Some).chain([None]) {
                case += 1;
                if !taken(case, 7) {
                    continue;
                }
                let mut world = made();
                world.faults.insert(call, fault);
                world.kills = kill.into_iter().flat_map(|at| [at, at + 9]).collect();
                let what = format!("{fault:?} at {call}, killed at {kill:?}");
                world.after_ms(20 * MINUTE_MS);
                hold_true(&mut world, &slips, &what);
                for _ in 0..3 {
                    start_again(&mut world);
                    hold_true(&mut world, &slips, &what);
                }
                all_told(&mut world, &slips, &what);
                assert_eq!(world.orca.received(MEANT), 650, "{what}");
                assert_eq!(world.orca.received(OTHER), 0, "{what}");
            }
        }
    }
}

/// It was sent, nobody knows whether it is there, and another invoice of that amount has come: it is the first one still.
#[test]
fn what_was_sent_is_looked_for_and_sent_again_at_the_invoice_that_was_found() {
    for fault in [Fault::LostBefore, Fault::LostAfter, Fault::Gateway] {
        for killed in [false, true] {
            let slips = [by_code()];
            let mut world = world(Books::memory(), &slips);
            world.faults.insert(2, fault);
            world.faults.insert(3, Fault::Unreachable);
            world.after_ms(1_000);
            assert!(!world.books.open().is_empty(), "it is not through");
            world.orca.bill(PATIENT, OTHER, 650);
            if killed {
                start_again(&mut world);
            }
            world.after_ms(20 * MINUTE_MS);
            all_told(&mut world, &slips, &format!("{fault:?}"));
            assert_eq!(world.orca.rows(MEANT, 650), 1, "{fault:?}");
            assert_eq!(world.orca.received(OTHER), 0, "{fault:?}");
            let asked = words_of(&world);
            let asked = asked.iter().filter(|word| **word == "bill").count();
            assert_eq!(asked, 1, "it is found once");
        }
    }
}

#[test]
fn what_is_taken_back_before_it_was_told_goes_back_to_the_invoice_that_was_found() {
    let paid = by_code();
    let slips = [paid.clone(), undo(&paid, 1)];
    for kill in (0..40).map(Some).chain([None]) {
        let mut world = world(Books::memory(), &slips);
        world.kills = kill.into_iter().collect();
        world.after_ms(20 * MINUTE_MS);
        let what = format!("killed at {kill:?}");
        all_told(&mut world, &slips, &what);
        assert_eq!(world.orca.rows(MEANT, 650), 1, "{what}");
        assert_eq!(world.orca.rows(MEANT, -650), 1, "{what}");
    }
}

#[test]
fn what_comes_back_after_an_unfinished_one_waits_for_it_and_keeps_no_other_waiting() {
    let paid = by_code();
    let slips = [
        paid.clone(),
        undo(&paid, 1),
        // Of the same patient, by its name; and somebody else's.
        sale(PATIENT, &[("1900", 90)], vec![cash(90)]),
        sale("00034", &[("1800", 80)], vec![cash(80)]),
    ];
    let mut world = world(Books::memory(), &slips);
    world.orca.bill(PATIENT, OTHER, 650);
    world.after_ms(20 * MINUTE_MS);
    hold_true(&mut world, &slips, "it waits");
    let open: Vec<u32> = world
        .books
        .open()
        .iter()
        .map(|one| one.slip.get())
        .collect();
    assert_eq!(open, [1, 2]);
    let states: Vec<RowState> = {
        let rows = world.state.queue();
        rows.iter().map(|row| row.state(&world.state)).collect()
    };
    assert_eq!(states, [RowState::Unfound, RowState::Behind]);
    // A person enters it there: nobody but he knows where, and so it is with what goes back.
    let explained = Entry::Reflection {
        slip: SlipNumber::new(1),
        posting: 1,
        step: ReflectionStep::Explained {
            operator: paid.operator.clone(),
            reason: "手で入力".to_owned(),
        },
    };
    world.write(explained);
    world.after_ms(20 * MINUTE_MS);
    assert_eq!(
        first(&mut world),
        (refused(words::NO_INVOICE, None), RowState::Unfound)
    );
    let calls = world.calls;
    start_again(&mut world);
    assert_eq!(world.calls, calls, "there is nothing to ask");
    assert_eq!(world.orca.received(MEANT) + world.orca.received(OTHER), 0);
}

#[test]
fn two_of_one_amount_for_one_invoice_are_told_once_and_listed_once() {
    let slips = [by_code(), by_code()];
    let mut world = World::new(Books::memory(), crate::world::with_orca());
    world.orca.bill(PATIENT, MEANT, 650);
    for slip in &slips {
        let stamp = world.stamp();
        world.books.sell(stamp, slip.clone());
    }
    world.start();
    world.after_ms(20 * MINUTE_MS);
    assert_eq!(world.orca.rows(MEANT, 650), 1);
    assert_eq!(world.books.open().len(), 1);
    assert_eq!(first(&mut world).0, refused(words::NO_INVOICE, Some(0)));
}

#[test]
fn an_invoice_that_other_money_of_ours_is_for_is_not_the_one() {
    // The later slip names its invoice, of the same amount.
    let slips = [by_code(), sale(PATIENT, &[(OTHER, 650)], vec![cash(650)])];
    let mut world = world(Books::memory(), &slips);
    world.after_ms(20 * MINUTE_MS);
    all_told(&mut world, &slips, "each to its own");
    assert_eq!(world.orca.rows(MEANT, 650), 1);
    assert_eq!(world.orca.rows(OTHER, 650), 1);
}

/// In a file, with the real rules: taken back long after it was told, or corrected; the books know where it went.
#[test]
fn real_books_know_the_invoice_of_what_is_taken_back_and_corrected() {
    for told_first in [true, false] {
        let folder = tempfile::TempDir::new().expect("a folder");
        let paid = by_code();
        let typed = [Line {
            name: "診察".into(),
            unit: Yen::new(500),
            quantity: 1,
            tax: TaxClass::NonTaxable,
        }];
        let (lines, bill) = corrected(&paid, &typed);
        let mut void = undo(&paid, 1);
        if let Some(undo) = &mut void.undo {
            undo.corrected = lines.clone();
            undo.corrected_bill = bill.clone().map(Box::new);
        }
        let mut new = paid.clone();
        new.lines = lines;
        new.tenders = vec![cash(500)];
        new.bill = bill;
        new.replaces = Some(SlipNumber::new(2));
        let mut world = world(file(&folder), std::slice::from_ref(&paid));
        world.orca.corrected(MEANT, 650);
        if told_first {
            world.after_ms(MINUTE_MS);
            assert_eq!(world.orca.received(MEANT), 650);
        }
        for slip in [void, new] {
            let stamp = world.stamp();
            world.books.sell(stamp, slip);
        }
        world.faults.insert(world.calls + 1, Fault::LostAfter);
        start_again(&mut world);
        start_again(&mut world);
        assert_eq!(world.books.open(), vec![], "{told_first}");
        let rows: Vec<i64> = world
            .orca
            .account(MEANT)
            .history
            .iter()
            .map(|row| row.received)
            .filter(|yen| *yen != 0)
            .collect();
        assert_eq!(rows, [650, -650, 500], "{told_first}");
        assert!(world.orca.is_quiet());
        sound(world, &folder);
    }
}

/// 併用払い: each part is a slip of its own, and all of them of the invoice that the first one found.
#[test]
fn real_books_know_the_invoice_of_the_other_parts_of_a_bill() {
    for kill in (0..60).step_by(4) {
        let folder = tempfile::TempDir::new().expect("a folder");
        let mut first = by_code();
        first.tenders = vec![cash(300)];
        first.part = true;
        let mut second = first.clone();
        second.order = Some(SlipNumber::new(1));
        second.tenders = vec![cash(350)];
        second.bill = first.bill.as_ref().map(|bill| bill.after(Yen::new(300)));
        let mut world = world(file(&folder), &[first, second]);
        // The rest is what another invoice is unpaid of, too.
        world.orca.bill(PATIENT, OTHER, 350);
        world.kills = vec![kill];
        world.after_ms(20 * MINUTE_MS);
        start_again(&mut world);
        assert_eq!(world.books.open(), vec![], "killed at {kill}");
        assert_eq!(world.orca.rows(MEANT, 300), 1, "killed at {kill}");
        assert_eq!(world.orca.rows(MEANT, 350), 1, "killed at {kill}");
        assert_eq!(world.orca.received(OTHER), 0, "killed at {kill}");
        sound(world, &folder);
    }
}

impl World {
    /// Somebody's entry.
    fn write(&mut self, entry: Entry) {
        let stamp = self.stamp();
        let stored = self.books.handle(StoreRequest::Write { stamp, entry });
        assert!(matches!(stored, Stored::Written(_)), "{stored:?}");
        self.hear(Message::Stored(stored));
        self.settle();
    }
}
