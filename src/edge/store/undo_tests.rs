//! The rules of taking back, of parts and of corrected bills: as tables, by SQLite alone, in races, and when the books are proven.

use rusqlite::TransactionBehavior;

use super::testbed::{
    Bed, again, allowed, at, back, books, card, card_sale, cash_sale, declined, given_up,
    manual_sale, money, not_sent, operator, part, posted, sale, second, sent, tamper, typed,
};
use super::write::{Books, Way};
use super::{BooksKind, Store, verify};
use crate::app::message::{StoreRequest, StoreTrouble, Stored};
use crate::domain::bill::{Billed, InOut, InvoiceNumber, PatientNumber, Share};
use crate::domain::by_hand::Side;
use crate::domain::ledger::{CatId, Entry, SaleState};
use crate::domain::money::Yen;
use crate::domain::sale::{Line, SaleDraft, SaleKind, TaxClass};
use crate::domain::slip::SlipNumber;
use crate::domain::task::TaskKind;
use crate::domain::tender::{CardClass, LinkKind, Tender};
use SaleKind::{Refund, Sale, Void};

mod undos;

use undos::undos;

fn slip(number: u32) -> SlipNumber {
    SlipNumber::new(number)
}

fn holds(bed: &Bed) {
    assert_eq!(verify(&bed.path).expect("read").problem, None);
}

/// The sale of three lines: 1 × 500, 3 × 100, 1 × 200.
fn three_lines(tenders: Vec<Tender>) -> SaleDraft {
    let mut draft = sale(tenders);
    draft.lines = [("診察", 500, 1), ("湿布", 100, 3), ("文書", 200, 1)]
        .map(|(name, unit, quantity)| Line {
            name: name.to_owned(),
            unit: Yen::new(unit),
            quantity,
            tax: TaxClass::NonTaxable,
        })
        .to_vec();
    draft
}

/// A 返品 of lines of that sale: which, and how many.
fn lines_back(original: u32, lines: &[(u16, u32)]) -> SaleDraft {
    let sold = three_lines(vec![]).lines;
    let mut draft = back(cash_sale(1), Refund, slip(original));
    draft.lines = lines
        .iter()
        .map(|(number, quantity)| Line {
            quantity: *quantity,
            ..sold[usize::from(*number) - 1].clone()
        })
        .collect();
    draft.tenders = vec![money(
        draft
            .lines
            .iter()
            .filter_map(Line::amount)
            .map(Yen::get)
            .sum(),
    )];
    if let Some(undo) = &mut draft.undo {
        undo.lines = lines.iter().map(|(number, _)| *number).collect();
    }
    draft
}

fn card_of(code: &str, class: u8, amount: i64) -> Tender {
    let mut tender = card(amount, LinkKind::Manual);
    if let Tender::Card {
        card, card_class, ..
    } = &mut tender
    {
        code.clone_into(card);
        *card_class = CardClass(class);
    }
    tender
}

fn correcting(mut draft: SaleDraft, bill: i64) -> SaleDraft {
    if let Some(undo) = &mut draft.undo {
        undo.corrected = cash_sale(bill).lines;
    }
    draft
}

fn replacing(mut draft: SaleDraft, undo: u32) -> SaleDraft {
    draft.replaces = Some(slip(undo));
    draft
}

fn with(mut draft: SaleDraft, change: impl FnOnce(&mut SaleDraft)) -> SaleDraft {
    change(&mut draft);
    draft
}

/// One of each that can be taken back, or cannot.
///
/// 1 cash 1,000 · 2 card 1,000 linked · 3 cash 400 and card 600 by hand · 4 declined · 5 three lines in cash 1,000 · 6 cash 1,000, of which 700
/// went back · 7 that · 8 cash 1,000 · 9 a refund of it by card, open at the other terminal · 10 booked first, its terminal's side open · 11 cash
/// 800, taken back by · 12, with a corrected bill of 300 · 13 part 300 of 1,000 · 14 part 600 of it, open · 15 三面待ち that was 銀聯.
fn a_counter() -> Bed {
    let mut bed = books(BooksKind::Live);
    bed.sell(cash_sale(1_000)).expect("1");
    bed.paid(1_000, "00002");
    let by_hand = bed
        .begin(
            sale(vec![money(400), card(600, LinkKind::Manual)]),
            Side::Terminal,
        )
        .expect("3");
    bed.write(typed(by_hand, "00003")).expect("3");
    let (failed, _) = bed.pend(card_sale(1_000), CatId::Cat1).expect("4");
    bed.write(sent(failed)).expect("4");
    bed.write(declined(failed)).expect("4");
    bed.sell(three_lines(vec![money(1_000)])).expect("5");
    bed.sell(cash_sale(1_000)).expect("6");
    bed.sell(back(cash_sale(700), Refund, slip(6))).expect("7");
    bed.sell(cash_sale(1_000)).expect("8");
    let undo = allowed(back(card_sale(100), Refund, slip(8)));
    bed.pend(undo, CatId::Cat2).expect("9");
    bed.begin(manual_sale(1_000), Side::Counter).expect("10");
    bed.sell(cash_sale(800)).expect("11");
    bed.sell(correcting(back(cash_sale(800), Void, slip(11)), 300))
        .expect("12");
    bed.sell(part(cash_sale(300), 1_000)).expect("13");
    bed.begin(
        again(part(manual_sale(600), 1_000), slip(13)),
        Side::Terminal,
    )
    .expect("14");
    let mut triple = card_sale(1_000);
    triple.tenders = vec![card_of("11", 30, 1_000)];
    let triple_slip = bed.begin(triple, Side::Terminal).expect("15");
    bed.write(with_class(typed(triple_slip, "15"), 4))
        .expect("15");
    holds(&bed);
    bed
}

fn with_class(mut entry: Entry, class: u8) -> Entry {
    if let Entry::Posted { terminal, .. } = &mut entry {
        terminal.card_class = Some(CardClass(class));
    }
    entry
}

fn write(bed: &mut Bed, draft: &SaleDraft) -> Result<SlipNumber, StoreTrouble> {
    match draft.card() {
        Some(_) => bed.begin(draft.clone(), Side::Terminal),
        None => bed.sell(draft.clone()).map(|record| record.slip),
    }
}

/// A copy of books, and nobody has it open.
fn copy(bed: &Bed, untouched: &[u8], name: &str) -> Bed {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, untouched).expect("copied");
    Bed {
        store: Store::open(&path, bed.store.kind()).expect("opens"),
        path,
        folder,
    }
}

#[test]
fn what_may_be_taken_back_and_what_may_not() {
    let mut counter = a_counter();
    counter.store.checkpoint(0);
    let untouched = std::fs::read(&counter.path).expect("read");
    for (what, draft, refusal) in undos() {
        let mut bed = copy(&counter, &untouched, "books.db");
        let answer = write(&mut bed, &draft);
        match (&answer, refusal) {
            (Ok(_), None) => {}
            (Err(StoreTrouble::Refused(said)), Some(why)) => {
                assert!(said.contains(why), "{what}: {said}");
            }
            _ => panic!("{what}: {answer:?}"),
        }
        holds(&bed);
    }
}

#[test]
fn what_may_not_be_written_is_found_where_it_was_written_all_the_same() {
    let mut counter = a_counter();
    counter.store.checkpoint(0);
    let untouched = std::fs::read(&counter.path).expect("read");
    let entries = verify(&counter.path).expect("read").entries;
    let newest = i64::try_from(entries + 1).expect("few");
    for (what, draft, refusal) in undos() {
        // What a first program wrote named no rule, and is not judged by these.
        if draft.kind != Sale && draft.undo.is_none() {
            continue;
        }
        let bed = copy(&counter, &untouched, "books.db");
        // A hand that knows how entries are chained and what belongs beside them, and no rule.
        tamper(&bed, |hand| {
            let books = Books {
                connection: hand,
                kind: BooksKind::Live,
                new_run: false,
                told: super::held::Told::default(),
            };
            let slip = slip(16);
            let total = draft.checked_total().expect("it adds up");
            let entry = Entry::Sold {
                slip,
                sale: draft.clone(),
            };
            books
                .lay_out(at(9), &entry, slip, &draft, total, Way::None)
                .expect("written");
        });
        let problem = verify(&bed.path).expect("read").problem;
        // In the same words as when it is written; practice is told from live before that.
        let words = refusal.map(|why| {
            if draft.practice {
                "the other books"
            } else {
                why
            }
        });
        match (&problem, words) {
            (None, None) => {}
            (Some(found), Some(why)) => {
                assert_eq!(
                    (found.table, found.row),
                    ("entry", newest),
                    "{what}: {found}"
                );
                assert!(found.what.contains(why), "{what}: {found}");
            }
            _ => panic!("{what}: {problem:?}"),
        }
    }
}

#[test]
fn sqlite_alone_refuses_what_would_give_back_too_much() {
    let bed = a_counter();
    let mut store = Store::open(&bed.path, BooksKind::Live).expect("opens");
    let columns = "slip_number, entry_id, recorded_at_ms, offset_minutes, business_date, operator_code, terminal_code,
         practice, kind, total, original_slip, part, order_number, replaces";
    for (values, words) in [
        (
            "0, 'void', 1000, NULL, 0, NULL, NULL",
            "names what it takes back",
        ),
        (
            "0, 'sale', 1000, 1, 0, NULL, NULL",
            "names what it takes back",
        ),
        ("0, 'void', 999, 1, 0, NULL, NULL", "the whole sale"),
        (
            "0, 'refund', 1001, 1, 0, NULL, NULL",
            "more would be given back",
        ),
        (
            "0, 'refund', 301, 6, 0, NULL, NULL",
            "more would be given back",
        ),
        ("0, 'refund', 1, 4, 0, NULL, NULL", "that is paid"),
        ("0, 'refund', 1, 7, 0, NULL, NULL", "that is paid"),
        ("0, 'refund', 1, 10, 0, NULL, NULL", "that is paid"),
        ("0, 'refund', 1, 8, 0, NULL, NULL", "taken back already"),
        ("0, 'sale', 1, NULL, 0, NULL, 1", "corrects an undo"),
        ("0, 'sale', 1, NULL, 0, NULL, 9", "corrects an undo"),
        ("1, 'sale', 1, NULL, 0, NULL, NULL", "never mixed"),
        ("0, 'sale', 1, NULL, 2, NULL, NULL", "a part of its bill"),
        ("0, 'refund', 300, 6, 0, NULL, NULL", ""),
        ("0, 'sale', 300, NULL, 0, NULL, 12", ""),
    ] {
        let transaction = store
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .expect("nobody else writes");
        let entry: i64 = transaction
            .query_row("SELECT max(id) + 1 FROM entry", [], |row| row.get(0))
            .expect("a number");
        transaction
            .execute(
                "INSERT INTO entry SELECT id + 1, 0, 540, '2026-06-01', 'sold', 16, '{}', 1, hash, zeroblob(32)
                 FROM entry ORDER BY id DESC LIMIT 1",
                [],
            )
            .expect("an entry");
        let sql = format!(
            "INSERT INTO sale ({columns}) VALUES (16, {entry}, 0, 540, '2026-06-01', '1', '1', {values})"
        );
        match transaction.execute(&sql, []) {
            Ok(_) => assert_eq!(words, "", "{values}"),
            Err(error) => {
                let said = error.to_string();
                assert!(
                    !words.is_empty() && said.contains(words),
                    "{values}: {said}"
                );
            }
        }
    }
    holds(&bed);
}

#[test]
fn a_sale_is_made_one_way_only() {
    let bed = a_counter();
    // Only this rule is asked.
    bed.behind_the_back()
        .execute_batch("DROP TRIGGER sale_waits_for_its_terminal")
        .expect("dropped");
    for (cat, model, sequence_number, hand_model, hand_cat) in [
        ("'cat1'", "'open-cat'", "9", "'open-cat'", "NULL"),
        ("NULL", "NULL", "NULL", "NULL", "'cat1'"),
        ("NULL", "NULL", "NULL", "'open-cat'", "'cat3'"),
    ] {
        let sql = format!(
            "INSERT INTO sale (slip_number, entry_id, recorded_at_ms, offset_minutes, business_date, kind, total,
                 operator_code, terminal_code, practice, cat, model, sequence_number, hand_model, hand_cat)
             VALUES (16, 1, 0, 540, '2026-06-01', 'sale', 1, '1', '1', 0, {cat}, {model}, {sequence_number},
                 {hand_model}, {hand_cat})"
        );
        let refused = bed.store.connection.execute(&sql, []);
        let said = refused.expect_err("refused").to_string();
        assert!(said.contains("over the link or"), "{said}");
    }
}

#[test]
fn a_corrected_bill_is_a_task_until_it_is_paid_once() {
    let mut bed = books(BooksKind::Live);
    let original = bed.paid(1_000, "00001");
    let undo = correcting(back(card_sale(1_000), Void, original), 300);
    let (undo, _) = bed.pend(undo, CatId::Cat1).expect("written");
    bed.write(sent(undo)).expect("follows");
    assert_eq!(bed.tasks(), [], "nothing is taken back yet");
    bed.write(posted(undo, "00002")).expect("follows");
    let open = [(TaskKind::Correction, undo.get())];
    assert_eq!(bed.tasks(), open);
    // The card is refused, then it is paid by hand, then that is given up: it is a task all the time.
    let first = replacing(card_sale(300), undo.get());
    let (failed, _) = bed.pend(first, CatId::Cat1).expect("written");
    assert!(
        bed.sell(replacing(cash_sale(300), undo.get())).is_err(),
        "it is being paid"
    );
    bed.write(not_sent(failed)).expect("follows");
    assert_eq!(bed.tasks(), open);
    let hand = replacing(again(manual_sale(300), failed), undo.get());
    let hand = bed.begin(hand, Side::Counter).expect("written");
    assert_eq!(bed.tasks(), [(TaskKind::Hand, hand.get())]);
    bed.write(given_up(hand)).expect("follows");
    assert_eq!(bed.tasks(), open);
    bed.sell(replacing(again(cash_sale(300), failed), undo.get()))
        .expect("paid");
    assert_eq!(bed.tasks(), []);
    assert!(bed.sell(replacing(cash_sale(300), undo.get())).is_err());
    holds(&bed);
}

/// Its invoice is the receipt computer's: the void gives back to it, the corrected bill pays of it.
#[test]
fn a_corrected_bill_pays_no_other_invoices_and_no_more_than_was_said() {
    let of_bill = |mut draft: SaleDraft, shares: &[(&str, i64)]| {
        draft.bill = (!shares.is_empty()).then(|| bill_of(shares));
        draft
    };
    let mut bed = books(BooksKind::Live);
    let original = of_bill(cash_sale(1_000), &[("1", 650)]);
    let original = bed.sell(original).expect("paid").slip;
    let mut undo = of_bill(back(cash_sale(1_000), Void, original), &[("1", 650)]);
    if let Some(undo) = &mut undo.undo {
        undo.corrected = cash_sale(545).lines;
        undo.corrected_bill = Some(Box::new(bill_of(&[("1", 195)])));
    }
    let undo = bed.sell(undo).expect("taken back").slip;
    for shares in [&[("1", 196)][..], &[("2", 195)], &[("1", 100), ("2", 95)]] {
        let sale = replacing(of_bill(cash_sale(545), shares), undo.get());
        assert!(bed.sell(sale).is_err(), "{shares:?}");
    }
    let sale = replacing(of_bill(cash_sale(545), &[("1", 195)]), undo.get());
    bed.sell(sale).expect("paid");
    // All three are to be told, in their order.
    let untold: Vec<_> = bed
        .tasks()
        .into_iter()
        .filter(|(kind, _)| *kind == TaskKind::Unreflected)
        .collect();
    assert_eq!(untold.len(), 3);
    holds(&bed);
}

fn bill_of(shares: &[(&str, i64)]) -> Billed {
    let shares = shares.iter().map(|(invoice, yen)| Share {
        found: None,
        in_out: InOut::Out,
        invoice: Some(InvoiceNumber::parse(invoice).expect("a number")),
        amount: Yen::new(*yen),
    });
    Billed {
        patient: PatientNumber::parse("00012").ok(),
        name: None,
        shares: shares.collect(),
        code: None,
    }
}

#[test]
fn a_bill_in_parts_is_corrected_when_every_part_is_taken_back() {
    let mut bed = books(BooksKind::Live);
    let first = bed.sell(part(cash_sale(300), 1_000)).expect("booked").slip;
    let other = bed
        .sell(again(part(cash_sale(700), 1_000), first))
        .expect("booked")
        .slip;
    let undo = back(part(cash_sale(300), 1_000), Void, first);
    let undo = bed.sell(correcting(undo, 200)).expect("taken back").slip;
    assert!(bed.sell(replacing(cash_sale(200), undo.get())).is_err());
    bed.sell(back(part(cash_sale(700), 1_000), Void, other))
        .expect("taken back");
    assert_eq!(bed.tasks(), [(TaskKind::Correction, undo.get())]);
    // In parts too: each names the undo, and together they are one corrected bill.
    let sale = |amount| replacing(part(cash_sale(amount), 200), undo.get());
    let first = bed.sell(sale(150)).expect("a part").slip;
    assert_eq!(bed.tasks(), [(TaskKind::PartPaid, first.get())]);
    assert!(bed.sell(sale(50)).is_err(), "another checkout");
    bed.sell(again(sale(50), first)).expect("the rest");
    assert_eq!(bed.tasks(), []);
    holds(&bed);
}

#[test]
fn a_line_goes_back_once_whichever_part_paid_it() {
    let mut bed = books(BooksKind::Live);
    let in_part = |amount| with(three_lines(vec![money(amount)]), |draft| draft.part = true);
    let first = bed.sell(in_part(500)).expect("booked").slip;
    let other = bed.sell(again(in_part(500), first)).expect("booked").slip;
    bed.sell(lines_back(first.get(), &[(3, 1)])).expect("once");
    for original in [first, other] {
        let twice = bed.sell(lines_back(original.get(), &[(3, 1)]));
        assert!(
            matches!(&twice, Err(StoreTrouble::Refused(said)) if said.contains("more of line 3")),
            "{twice:?}"
        );
    }
    bed.sell(lines_back(other.get(), &[(2, 2)]))
        .expect("another");
    bed.sell(lines_back(first.get(), &[(2, 1)]))
        .expect("the rest");
    assert!(bed.sell(lines_back(first.get(), &[(2, 1)])).is_err());
    holds(&bed);
}

#[test]
fn what_failed_to_go_back_may_go_back_again() {
    let mut bed = books(BooksKind::Live);
    let original = bed.paid(1_000, "00001");
    let whole = || back(card_sale(1_000), Void, original);
    let (first, _) = bed.pend(whole(), CatId::Cat1).expect("written");
    let by_hand = || back(manual_sale(1_000), Void, original);
    assert!(bed.begin(by_hand(), Side::Terminal).is_err(), "one is open");
    bed.write(sent(first)).expect("follows");
    bed.write(declined(first)).expect("follows");
    let hand = again(by_hand(), first);
    let hand = bed.begin(hand, Side::Terminal).expect("by hand");
    assert!(bed.pend(again(whole(), first), CatId::Cat1).is_err());
    bed.write(given_up(hand)).expect("follows");
    let (last, _) = bed.pend(again(whole(), first), CatId::Cat1).expect("again");
    bed.write(sent(last)).expect("follows");
    bed.write(posted(last, "00002")).expect("follows");
    assert!(bed.pend(whole(), CatId::Cat1).is_err(), "never twice");
    assert_eq!(bed.find(last).map(|r| r.state), Some(SaleState::Settled));
    holds(&bed);
}

#[test]
fn of_two_counters_that_take_the_same_sale_back_one_does() {
    let mut bed = books(BooksKind::Live);
    for round in 0..8 {
        let original = bed.sell(cash_sale(1_000)).expect("booked").slip;
        let counters: Vec<_> = (0..4)
            .map(|_| {
                let mut store = Store::open(&bed.path, BooksKind::Live).expect("opens");
                std::thread::spawn(move || {
                    let sale = back(cash_sale(600), Refund, original);
                    store.handle(StoreRequest::Sell { stamp: at(3), sale })
                })
            })
            .collect();
        let answers: Vec<Stored> = counters
            .into_iter()
            .map(|counter| counter.join().expect("no panic"))
            .collect();
        let sold = |answer: &&Stored| matches!(answer, Stored::Sold(_));
        assert_eq!(
            answers.iter().filter(sold).count(),
            1,
            "{round}: {answers:?}"
        );
    }
    holds(&bed);
}

#[test]
fn practice_keeps_the_same_rules() {
    let mut bed = books(BooksKind::Practice);
    let practice = |draft: SaleDraft| with(draft, |draft| draft.practice = true);
    let original = bed.sell(practice(cash_sale(1_000))).expect("booked").slip;
    assert!(
        bed.sell(back(cash_sale(1_000), Void, original)).is_err(),
        "live"
    );
    let undo = || practice(back(cash_sale(1_000), Void, original));
    bed.sell(undo()).expect("taken back");
    assert!(bed.sell(undo()).is_err());
    let hand = bed
        .begin(practice(manual_sale(5)), Side::Counter)
        .expect("by hand");
    assert!(hand.is_practice());
    assert_ne!(second().code, operator().code);
    holds(&bed);
}
