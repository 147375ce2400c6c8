//! 差額: the old bill goes back to its invoices, the corrected one is paid of the same, in that order, whatever fails or is killed between.

use madoguchi::app::message::orca::OrcaEvent;
use madoguchi::app::message::{Message, StoreRequest, Stored};
use madoguchi::domain::bill::PatientNumber;
use madoguchi::domain::money::Yen;
use madoguchi::domain::reflection::{corrected, going_back};
use madoguchi::domain::sale::{Line, SaleDraft, TaxClass};
use madoguchi::domain::slip::SlipNumber;
use madoguchi::domain::task::Task;
use madoguchi::edge::store::{BooksKind, Store, verify};
use madoguchi::orca::answer::News;

use super::{MINUTE_MS, PATIENT, all_told, back, cash, sale, world};
use crate::orca::{FAULTS, Fault};
use crate::world::{Books, World};

fn line(name: &str, yen: i64) -> Line {
    Line {
        name: name.into(),
        unit: Yen::new(yen),
        quantity: 1,
        tax: TaxClass::NonTaxable,
    }
}

/// 650 and 1,000 yen of two invoices beside goods for 550; the second one was 10割 and is 3割.
fn three() -> [SaleDraft; 3] {
    let mut paid = sale(
        PATIENT,
        &[("1426", 650), ("1430", 1_000)],
        vec![cash(2_200)],
    );
    paid.lines = vec![line("診察", 650), line("処置", 1_000), line("湿布", 550)];
    let typed = [line("診察", 650), line("湿布", 550), line("処置", 300)];
    let (lines, bill) = corrected(&paid, &typed);
    let mut void = back(paid.clone(), 1);
    void.bill = going_back(&paid, [], Yen::new(2_200), &[]);
    if let Some(undo) = &mut void.undo {
        undo.corrected = lines.clone();
        undo.corrected_bill = bill.clone().map(Box::new);
    }
    let mut new = paid.clone();
    new.lines = lines;
    new.tenders = vec![cash(1_500)];
    new.bill = bill;
    new.replaces = Some(SlipNumber::new(2));
    [paid, void, new]
}

/// The receipt computer computes the second invoice anew as soon as its old payment is out of it: that is not ours to wait for.
fn recalculated(world: &mut World) {
    for (invoice, charged) in [("1426", 650), ("1430", 1_000)] {
        world.orca.corrected(invoice, charged);
    }
}

fn told_again(world: &mut World) {
    for _ in 0..6 {
        let patient = PatientNumber::parse(PATIENT).expect("a number");
        world.hear(Message::Orca(OrcaEvent::News(News::Account {
            patient,
            invoices: vec![],
            deleted: false,
        })));
        world.after_ms(20 * MINUTE_MS);
    }
}

#[test]
fn the_old_bill_goes_back_and_the_corrected_one_is_paid_of_the_same_invoices() {
    let slips = three();
    let mut world = world(Books::memory(), &slips);
    recalculated(&mut world);
    world.settle();
    all_told(&mut world, &slips, "in peace");
    let rows = |invoice: &str| -> Vec<i64> {
        let history = world.orca.account(invoice).history.iter();
        let received = history.map(|row| row.received);
        received.filter(|yen| *yen != 0).collect()
    };
    // 650 of the first stood, and is paid anew as it was.
    assert_eq!(rows("1426"), [650, -650, 650]);
    assert_eq!(rows("1430"), [1_000, -1_000, 300]);
}

#[test]
fn a_corrected_bill_killed_anywhere_and_failing_anywhere_is_told_once() {
    let slips = three();
    let steps = {
        let mut world = world(Books::memory(), &slips);
        recalculated(&mut world);
        world.settle();
        world.steps
    };
    for call in [4, 7, 8, 13, 14, 16] {
        for fault in FAULTS {
            for kill in (0..steps).step_by(5).map(Some).chain([None]) {
                let mut world = world(Books::memory(), &slips);
                recalculated(&mut world);
                world.faults.insert(call, fault);
                world.kills = kill.into_iter().collect();
                world.after_ms(20 * MINUTE_MS);
                told_again(&mut world);
                let what = format!("{fault:?} at {call}, killed at {kill:?}");
                let received = |invoice: &str| world.orca.received(invoice);
                assert_eq!((received("1426"), received("1430")), (650, 300), "{what}");
                assert_eq!(world.books.open(), vec![], "{what}");
                assert!(world.orca.is_quiet(), "{what}");
            }
        }
    }
}

/// In real books: the corrected bill is a task with its invoices, over a kill, until it is paid.
#[test]
fn real_books_keep_the_invoices_of_a_bill_that_is_corrected() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("books.db");
    let store = Store::open(&path, BooksKind::Live).expect("opens");
    let [paid, void, new] = three();
    let mut world = world(Books::File(Box::new(store)), &[paid, void]);
    world.faults.insert(1, Fault::LostAfter);
    world.kills = vec![9];
    world.after_ms(20 * MINUTE_MS);
    let Stored::Tasks(tasks) = world.books.handle(StoreRequest::Tasks) else {
        panic!("no tasks")
    };
    let task = tasks.iter().find_map(|task| match task {
        Task::Correction(record) => record.sale.undo.clone(),
        _ => None,
    });
    assert_eq!(
        task.expect("a task").corrected_bill.map(|bill| *bill),
        new.bill
    );
    world.books.sell(world.stamp(), new.clone());
    world.kills = vec![world.steps];
    world.hear(Message::TimeReached);
    world.after_ms(20 * MINUTE_MS);
    assert_eq!(world.orca.received("1430"), 300);
    assert_eq!(world.books.open(), vec![]);
    drop(world);
    assert_eq!(verify(&path).expect("read").problem, None);
}
