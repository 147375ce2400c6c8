//! Bills from outside in the books: which task they open, what may follow, and what nobody may change behind their back.

use super::testbed::{
    Bed, again, back, billed, books, card, card_sale, cash_sale, declined, explained, money, part,
    posted, sale, sent, tamper, told,
};
use super::{BooksKind, StoreTrouble, verify};
use crate::app::message::{StoreRequest, Stored};
use crate::domain::ledger::CatId;
use crate::domain::sale::{SaleDraft, SaleKind};
use crate::domain::slip::SlipNumber;
use crate::domain::task::{Task, TaskKind};
use crate::domain::tender::LinkKind;

const BILL: [(&str, i64); 2] = [("1426", 650), ("1430", 1_000)];

fn bill(sale: SaleDraft) -> SaleDraft {
    billed(sale, "00012", &BILL)
}

fn open(slip: SlipNumber) -> Vec<(TaskKind, u32)> {
    vec![(TaskKind::Unreflected, slip.get())]
}

fn sound(bed: &Bed) {
    assert_eq!(verify(&bed.path).expect("read").problem, None);
}

#[test]
fn a_bill_opens_its_task_in_the_commit_that_settles_it_and_not_before() {
    let mut bed = books(BooksKind::Live);
    let cash = bed.sell(billed(cash_sale(650), "12", &[("1426", 650)]));
    let cash = cash.expect("booked").slip;
    assert_eq!(bed.tasks(), open(cash));
    for word in ["opened", "sent", "reflected"] {
        bed.write(told(cash, word)).expect(word);
        assert_eq!(bed.tasks(), open(cash), "{word}");
    }
    bed.write(told(cash, "closed")).expect("follows");
    assert_eq!(bed.tasks(), [], "told, and the patient let go");
    let (slip, _) = bed
        .pend(bill(card_sale(1_650)), CatId::Cat1)
        .expect("written");
    assert_eq!(bed.tasks(), []);
    bed.write(sent(slip)).expect("follows");
    assert_eq!(bed.tasks(), []);
    bed.write(posted(slip, "00871")).expect("follows");
    assert_eq!(bed.tasks(), open(slip));
    // A session is closed whatever a person says of the posting.
    bed.write(told(slip, "opened")).expect("follows");
    bed.write(told(slip, "explained")).expect("follows");
    assert_eq!(bed.tasks(), open(slip));
    let Ok(Stored::Tasks(tasks)) = bed.ask(StoreRequest::Tasks) else {
        panic!("no tasks");
    };
    let [Task::Unreflected(task)] = &tasks[..] else {
        panic!("{tasks:?}");
    };
    assert_eq!(task.postings.len(), 2);
    sound(&bed);
}

#[test]
fn what_moved_no_money_or_is_of_no_patient_opens_none() {
    let mut bed = books(BooksKind::Live);
    bed.sell(cash_sale(500)).expect("booked");
    let mut nobody = bill(cash_sale(1_650));
    nobody.bill.as_mut().expect("a bill").patient = None;
    bed.sell(nobody).expect("booked");
    let (slip, _) = bed
        .pend(bill(card_sale(1_650)), CatId::Cat1)
        .expect("written");
    bed.write(sent(slip)).expect("follows");
    bed.write(declined(slip)).expect("follows");
    assert_eq!(bed.tasks(), []);
    for slip in [1, 2, 3, 9].map(SlipNumber::new) {
        let refused = bed.write(told(slip, "opened"));
        assert!(
            matches!(refused, Err(StoreTrouble::Refused(_))),
            "{slip} {refused:?}"
        );
    }
    sound(&bed);
}

#[test]
fn steps_that_may_not_follow_are_refused_and_leave_no_trace() {
    let mut bed = books(BooksKind::Live);
    let slip = bed.sell(bill(cash_sale(1_650))).expect("booked").slip;
    for word in ["sent", "reflected", "closed", "unsure"] {
        let refused = bed.write(told(slip, word));
        assert!(matches!(refused, Err(StoreTrouble::Refused(_))), "{word}");
    }
    bed.write(told(slip, "opened")).expect("follows");
    bed.write(told(slip, "sent")).expect("follows");
    for word in ["opened", "sent"] {
        let refused = bed.write(told(slip, word));
        assert!(matches!(refused, Err(StoreTrouble::Refused(_))), "{word}");
    }
    // It is explained posting by posting, never as a whole.
    let refused = bed.write(explained(slip, TaskKind::Unreflected));
    assert!(
        matches!(refused, Err(StoreTrouble::Refused(_))),
        "{refused:?}"
    );
    assert_eq!(verify(&bed.path).expect("read").entries, 3);
    sound(&bed);
}

#[test]
fn no_slip_tells_of_more_than_it_moves() {
    let mut bed = books(BooksKind::Live);
    for (what, sale) in [
        (
            "more than the slip",
            billed(cash_sale(600), "12", &[("1426", 650)]),
        ),
        (
            "a share of nothing",
            billed(cash_sale(650), "12", &[("1426", 0)]),
        ),
        (
            "an invoice twice",
            billed(cash_sale(650), "12", &[("1426", 300), ("01426", 350)]),
        ),
    ] {
        let refused = bed.sell(sale);
        assert!(matches!(refused, Err(StoreTrouble::Refused(_))), "{what}");
    }
    bed.sell(billed(cash_sale(1_200), "12", &[("1426", 650)]))
        .expect("goods beside a bill");
    sound(&bed);
}

#[test]
fn never_more_of_an_invoice_goes_back_than_came_and_to_no_other_patient() {
    let mut bed = books(BooksKind::Live);
    let paid = bed.sell(bill(cash_sale(1_650))).expect("booked").slip;
    let plain = bed.sell(cash_sale(1_650)).expect("booked").slip;
    let undo = |amount, patient: &str, shares: &[(&str, i64)], of| {
        back(
            billed(cash_sale(amount), patient, shares),
            SaleKind::Refund,
            of,
        )
    };
    for (what, sale) in [
        ("more of one", undo(700, "12", &[("1426", 700)], paid)),
        ("another patient", undo(650, "34", &[("1426", 650)], paid)),
        ("another invoice", undo(650, "12", &[("1500", 650)], paid)),
        ("of no bill", undo(650, "12", &[("1426", 650)], plain)),
    ] {
        let refused = bed.sell(sale);
        assert!(matches!(refused, Err(StoreTrouble::Refused(_))), "{what}");
    }
    let first = bed.sell(undo(900, "0012", &[("1430", 900)], paid));
    let first = first.expect("a part goes back").slip;
    let again_too_much = bed.sell(undo(200, "12", &[("1430", 200)], paid));
    assert!(matches!(again_too_much, Err(StoreTrouble::Refused(_))));
    let rest = bed.sell(undo(750, "12", &[("1430", 100), ("1426", 650)], paid));
    let rest = rest.expect("the rest").slip;
    let kinds = bed.tasks();
    let slips: Vec<u32> = kinds.iter().map(|(_, slip)| *slip).collect();
    assert_eq!(slips, [paid.get(), first.get(), rest.get()]);
    sound(&bed);
}

/// A code that names no invoice: where its payment went its return goes, and never more of it.
#[test]
fn an_invoice_that_was_found_is_that_of_what_goes_back_too() {
    let mut bed = books(BooksKind::Live);
    let unnamed = |amount| billed(cash_sale(amount), "12", &[("", amount)]);
    let undo = |amount, of| back(unnamed(amount), SaleKind::Refund, of);
    let paid = bed.sell(unnamed(650)).expect("booked").slip;
    let before = bed.sell(undo(300, paid)).expect("goes back").slip;
    let kinds = bed.tasks();
    let slips: Vec<u32> = kinds.iter().map(|(_, slip)| *slip).collect();
    assert_eq!(slips, [paid.get(), before.get()], "both are counted");
    bed.write(told(paid, "opened")).expect("follows");
    // Without a number it is sent nowhere, and with one there and nowhere else.
    for (slip, word, follows) in [
        (paid, "sent", false),
        (paid, "sent 0001426", true),
        (paid, "reflected", true),
        (paid, "closed", true),
        (before, "opened", true),
        (before, "sent 0001500", false),
        (before, "sent", false),
        (before, "sent 0001426", true),
    ] {
        assert_eq!(bed.write(told(slip, word)).is_ok(), follows, "{word}");
    }
    let too_much = bed.sell(undo(351, paid));
    assert!(matches!(too_much, Err(StoreTrouble::Refused(_))));
    // Another invoice by name is not what was paid.
    let named = back(
        billed(cash_sale(350), "12", &[("1500", 350)]),
        SaleKind::Refund,
        paid,
    );
    assert!(matches!(bed.sell(named), Err(StoreTrouble::Refused(_))));
    let rest = bed.sell(undo(350, paid)).expect("the rest").slip;
    let Ok(Stored::Tasks(tasks)) = bed.ask(StoreRequest::Tasks) else {
        panic!("no tasks");
    };
    let found = tasks.iter().find_map(|task| match task {
        Task::Unreflected(one) if one.slip == rest => one.postings[0].invoice().cloned(),
        _ => None,
    });
    assert_eq!(found.expect("the books know it").as_str(), "0001426");
    sound(&bed);
}

#[test]
fn the_parts_of_a_bill_together_pay_no_invoice_twice() {
    let mut bed = books(BooksKind::Live);
    let first = bed
        .sell(bill(part(cash_sale(700), 1_650)))
        .expect("a part")
        .slip;
    // The whole bill again: its first invoice would be paid twice.
    let twice = bed.sell(again(bill(part(cash_sale(950), 1_650)), first));
    assert!(matches!(twice, Err(StoreTrouble::Refused(_))), "{twice:?}");
    let rest = billed(part(cash_sale(950), 1_650), "12", &[("1430", 950)]);
    bed.sell(again(rest, first)).expect("the rest");
    sound(&bed);
}

#[test]
fn a_changed_bill_is_found() {
    for (change, table) in [
        ("UPDATE bill SET patient = '00034'", "bill"),
        ("UPDATE bill SET postings = 0", "bill"),
        ("DELETE FROM bill", "bill"),
        ("DELETE FROM task", "task"),
    ] {
        let mut bed = books(BooksKind::Live);
        bed.sell(bill(sale(vec![card(1_000, LinkKind::None), money(650)])))
            .expect("booked");
        sound(&bed);
        tamper(&bed, |hand| {
            hand.execute_batch(&format!("PRAGMA foreign_keys = OFF; {change}"))
                .expect("changed");
        });
        let problem = verify(&bed.path).expect("read").problem;
        assert_eq!(problem.map(|one| one.table), Some(table), "{change}");
    }
}

#[test]
fn nobody_changes_a_bill_or_tells_of_a_slip_that_has_none() {
    let mut bed = books(BooksKind::Live);
    bed.sell(bill(cash_sale(1_650))).expect("booked");
    let hand = bed.behind_the_back();
    for change in [
        "UPDATE bill SET patient = '00034'",
        "DELETE FROM bill",
        "INSERT INTO bill (slip_number, patient, postings) VALUES (7, '1', 1)",
    ] {
        let refused = hand.execute_batch(change);
        assert!(refused.is_err(), "{change}");
    }
}
