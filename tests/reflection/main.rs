//! Telling the receipt computer: whatever fails or is killed between any two messages, the money that was taken is posted there or listed as not
//! told, and never posted twice.

mod corrected;
#[expect(dead_code, reason = "of the crowd only its spread is wanted here")]
#[path = "../support/crowd.rs"]
mod crowd;
#[expect(dead_code, reason = "of the counter only its settings are wanted here")]
#[path = "../support/desk.rs"]
mod desk;
mod orca;
mod paper;
mod unnamed;
mod world;

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};
use crowd::taken;
use madoguchi::app::Screen;
use madoguchi::app::key::{Input, Key, KeyPress};
use madoguchi::app::message::orca::OrcaEvent;
use madoguchi::app::message::{Message, StoreRequest, Stored};
use madoguchi::app::reflection::Why;
use madoguchi::app::settings::ReceiptComputer;
use madoguchi::domain::bill::{Billed, InOut, InvoiceNumber, PatientNumber, Share};
use madoguchi::domain::money::Yen;
use madoguchi::domain::reflection::{Posting, Standing, Unreflected, postings, words};
use madoguchi::domain::sale::{Line, Operator, SaleDraft, SaleKind, TaxClass, Undo};
use madoguchi::domain::slip::SlipNumber;
use madoguchi::domain::tender::{CardClass, LinkKind, Tender};
use madoguchi::edge::store::{BooksKind, Store, verify};
use madoguchi::locale::Text;
use madoguchi::orca::answer::News;
use madoguchi::orca::simulator::Simulator;
use orca::{ELSEWHERE, FAULTS, Fault};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use world::{Books, World, with_orca};

const MINUTE_MS: u64 = 60_000;
const PATIENT: &str = "00012";

fn cash(amount: i64) -> Tender {
    Tender::Cash {
        amount: Yen::new(amount),
        received: Yen::new(amount),
    }
}

fn card(amount: i64) -> Tender {
    Tender::Card {
        card: "02".into(),
        name: desk::names("JCB", "JCB"),
        card_class: CardClass(3),
        card_class_name: desk::names("クレジット", "Credit"),
        amount: Yen::new(amount),
        link: LinkKind::None,
    }
}

fn sale(patient: &str, shares: &[(&str, i64)], tenders: Vec<Tender>) -> SaleDraft {
    SaleDraft {
        kind: SaleKind::Sale,
        order: None,
        original: None,
        undo: None,
        part: false,
        replaces: None,
        bill: Some(Billed {
            patient: PatientNumber::parse(patient).ok(),
            name: None,
            shares: shares
                .iter()
                .map(|(invoice, amount)| Share {
                    found: None,
                    in_out: InOut::Out,
                    // Empty where the code names none.
                    invoice: InvoiceNumber::parse(invoice).ok(),
                    amount: Yen::new(*amount),
                })
                .collect(),
            code: None,
        }),
        lines: vec![Line {
            name: "診察".into(),
            unit: Yen::new(tenders.iter().map(|tender| tender.amount().get()).sum()),
            quantity: 1,
            tax: TaxClass::NonTaxable,
        }],
        tenders,
        operator: Operator {
            code: "03".into(),
            name: "佐藤".into(),
        },
        terminal_code: "01".into(),
        practice: false,
    }
}

fn back(mut sale: SaleDraft, original: u32) -> SaleDraft {
    sale.kind = SaleKind::Void;
    sale.original = Some(SlipNumber::new(original));
    sale.undo = Some(Undo {
        rule: "cash".into(),
        lines: vec![],
        allowed_by: None,
        corrected: vec![],
        corrected_bill: None,
        terminal_slip: None,
    });
    sale
}

/// A world in which these slips are paid, their invoices as large as what was paid of them.
fn world(books: Books, slips: &[SaleDraft]) -> World {
    let mut world = World::new(books, with_orca());
    let mut bills: BTreeMap<String, (String, i64)> = BTreeMap::new();
    for posting in slips.iter().flat_map(postings) {
        let bill = bills
            .entry(named(&posting))
            .or_insert((posting.patient.to_string(), 0));
        if !posting.back {
            bill.1 += posting.amount.get();
        }
    }
    for (invoice, (patient, charged)) in bills {
        world.orca.bill(&patient, &invoice, charged);
    }
    for slip in slips {
        let stamp = world.stamp();
        world.books.sell(stamp, slip.clone());
    }
    world.start();
    world
}

fn one() -> World {
    let slips = [sale(PATIENT, &[("1426", 650)], vec![cash(650)])];
    world(Books::memory(), &slips)
}

/// The invoice of the bills whose codes name none.
const MEANT: &str = "1600";

/// The invoice that a posting is of.
fn named(posting: &Posting) -> String {
    let named = posting.invoice.as_ref();
    named.map_or(MEANT.to_owned(), ToString::to_string)
}

fn signed(posting: &Posting) -> i64 {
    match posting.back {
        true => -posting.amount.get(),
        false => posting.amount.get(),
    }
}

/// Money taken is money posted or listed, and never posted twice.
fn hold_true(world: &mut World, slips: &[SaleDraft], what: &str) {
    let open = world.books.open();
    // Of each invoice and amount: how often it is told, and how often nobody knows. A corrected bill puts an amount back that stood before.
    let mut told: BTreeMap<(String, i64), (usize, usize)> = BTreeMap::new();
    for (slip, number) in slips.iter().zip(1..) {
        let listed = open.iter().find(|told| told.slip.get() == number);
        for posting in postings(slip) {
            let key = (named(&posting), signed(&posting));
            let (there, perhaps) = told.entry(key).or_default();
            let standing = listed.and_then(|told| told.posting(posting.number));
            match standing.map(|one| &one.standing) {
                None | Some(Standing::Reflected) => *there += 1,
                Some(Standing::Due | Standing::Refused { .. }) => {}
                // Nobody knows, and it is listed; or a person says so.
                Some(Standing::Sent | Standing::Unsure | Standing::Explained { .. }) => {
                    *perhaps += 1;
                }
            }
        }
    }
    for ((invoice, amount), (there, perhaps)) in told {
        let rows = world.orca.rows(&invoice, amount);
        assert!(
            (there..=there + perhaps).contains(&rows),
            "{what}: {amount} yen of {invoice} are there {rows} times, said to be {there}, perhaps {perhaps} more"
        );
    }
}

/// Everything is told, and nobody is held.
fn all_told(world: &mut World, slips: &[SaleDraft], what: &str) {
    hold_true(world, slips, what);
    assert_eq!(world.books.open(), vec![], "{what}");
    assert!(world.orca.is_quiet(), "{what}: somebody is held");
}

#[test]
fn a_payment_is_told_in_one_session_of_its_own() {
    let mut world = one();
    world.settle();
    assert_eq!(world.orca.heard, ["open", "pay", "finish"]);
    let slips = [sale(PATIENT, &[("1426", 650)], vec![cash(650)])];
    all_told(&mut world, &slips, "in peace");
    let row = world.orca.account("1426").history.last().expect("a row");
    assert_eq!(row.code.as_deref(), Some("01"));
    // The moment of the sale, to the minute.
    assert_eq!((row.received, row.time.as_str()), (650, "14:32"));
}

#[test]
fn split_tenders_and_several_invoices_go_one_by_one() {
    let slips = [sale(
        PATIENT,
        &[("1426", 650), ("1430", 1_000)],
        vec![cash(700), card(950)],
    )];
    let mut world = world(Books::memory(), &slips);
    world.settle();
    assert_eq!(
        world.orca.heard,
        ["open", "pay", "finish"].repeat(3),
        "no session is written to twice"
    );
    all_told(&mut world, &slips, "split");
    let history = &world.orca.account("1430").history;
    let codes: Vec<_> = history
        .iter()
        .filter(|row| row.received != 0)
        .map(|row| (row.received, row.code.clone()))
        .collect();
    assert_eq!(
        codes,
        [(50, Some("01".to_owned())), (950, Some("02".to_owned()))]
    );
}

#[test]
fn what_is_taken_back_is_told_after_what_was_paid() {
    let paid = sale(PATIENT, &[("1426", 650)], vec![cash(650)]);
    let slips = [paid.clone(), back(paid, 1)];
    let mut world = world(Books::memory(), &slips);
    world.settle();
    assert_eq!(
        world.orca.heard,
        ["open", "pay", "finish", "open", "pay_back", "finish"]
    );
    all_told(&mut world, &slips, "void");
    assert_eq!(world.orca.received("1426"), 0);
}

/// Every fault at every call, killed before every thing that is done, and the recovery killed again: a spread, or with `EXHAUSTIVE=all` each.
#[test]
fn every_fault_at_every_step_killed_anywhere_and_killed_again() {
    let slips = [sale(PATIENT, &[("1426", 650)], vec![cash(650)])];
    let steps = {
        let mut world = one();
        world.settle();
        world.steps
    };
    let (mut case, mut scenarios) = (0, 0);
    for call in 0..4 {
        for fault in FAULTS {
            for first in (0..=steps + 4).map(Some).chain([None]) {
                let seconds = first.map_or(0..1, |first| first + 1..first + 24);
                for second in seconds {
                    case += 1;
                    if !taken(case, 29) {
                        continue;
                    }
                    let mut world = one();
                    world.faults.insert(call, fault);
                    world.kills = first.into_iter().chain(first.map(|_| second)).collect();
                    let what = format!("{fault:?} at {call}, killed at {first:?} and {second}");
                    world.after_ms(20 * MINUTE_MS);
                    hold_true(&mut world, &slips, &what);
                    // What a refusal left to a person: who tells it again.
                    let keys: Vec<_> = world.state.queue().iter().map(|row| row.key).collect();
                    for _ in keys {
                        world.news_of(PATIENT);
                        world.after_ms(20 * MINUTE_MS);
                    }
                    all_told(&mut world, &slips, &what);
                    scenarios += 1;
                }
            }
        }
    }
    assert!(case > 10_000 && scenarios > 500, "{scenarios} of {case}");
}

/// Two faults anywhere, without a kill.
#[test]
fn every_two_faults_at_every_two_calls() {
    let slips = [sale(PATIENT, &[("1426", 650)], vec![cash(650)])];
    for one_fault in FAULTS {
        for other_fault in FAULTS {
            for (first, second) in (0..6).flat_map(|a| (a + 1..8).map(move |b| (a, b))) {
                let mut world = one();
                world.faults = BTreeMap::from([(first, one_fault), (second, other_fault)]);
                let what = format!("{one_fault:?} at {first}, {other_fault:?} at {second}");
                world.after_ms(60 * MINUTE_MS);
                hold_true(&mut world, &slips, &what);
                // What waits for a person is looked at by every start.
                for _ in 0..2 {
                    world.kills = vec![world.steps];
                    world.hear(Message::TimeReached);
                    world.after_ms(60 * MINUTE_MS);
                    hold_true(&mut world, &slips, &what);
                }
                all_told(&mut world, &slips, &what);
            }
        }
    }
}

/// The books fail to write, or say so though they did.
#[test]
fn books_that_fail_lose_nothing_and_tell_nothing_twice() {
    let slips = [sale(PATIENT, &[("1426", 650)], vec![cash(650)])];
    for write in 0..5 {
        for done in [false, true] {
            let mut world = one();
            world.lost_writes.insert(write, done);
            world.after_ms(20 * MINUTE_MS);
            all_told(&mut world, &slips, &format!("write {write}, done {done}"));
        }
    }
}

/// In a file: the same, with the real rules of the books.
#[test]
fn real_books_killed_anywhere_are_sound_and_told_once() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let paid = sale(
        PATIENT,
        &[("1426", 650), ("1430", 1_000)],
        vec![cash(700), card(950)],
    );
    let steps = {
        let mut world = world(Books::memory(), std::slice::from_ref(&paid));
        world.settle();
        world.steps
    };
    for kill in (0..steps).step_by(3) {
        let path = folder.path().join(format!("{kill}.db"));
        let store = Store::open(&path, BooksKind::Live).expect("opens");
        let slips = [paid.clone(), back(paid.clone(), 1)];
        let mut world = world(Books::File(Box::new(store)), &slips);
        world.kills = vec![kill];
        world.faults.insert(kill % 5, FAULTS[kill % FAULTS.len()]);
        world.after_ms(20 * MINUTE_MS);
        world.kills = vec![world.steps];
        world.hear(Message::TimeReached);
        world.after_ms(20 * MINUTE_MS);
        all_told(&mut world, &slips, &format!("killed at {kill}"));
        drop(world);
        let report = verify(&path).expect("read");
        assert_eq!(report.problem, None, "killed at {kill}");
        assert!(report.entries > 25, "{report:?}");
    }
}

/// A bill changes before it is told of, and is put right later: what is done to it, and what undoes it.
type Hands = fn(&mut World);

#[test]
fn a_bill_that_changed_meanwhile_is_never_overpaid_and_waits_for_a_person() {
    let cases: [(Option<i64>, &str, Hands, Hands); 4] = [
        // A screen took a part of it, or all of it.
        (
            Some(600),
            words::CHANGED,
            |world| world.at_screen(|orca, at| orca.takes(at, "1426", 50)),
            |world| world.at_screen(|orca, at| orca.takes(at, "1426", -50)),
        ),
        (
            Some(0),
            words::CHANGED,
            |world| world.at_screen(|orca, at| orca.takes(at, "1426", 650)),
            |world| world.at_screen(|orca, at| orca.takes(at, "1426", -650)),
        ),
        // It was computed anew, and is smaller.
        (
            Some(640),
            words::CHANGED,
            |world| world.at_screen(|orca, at| orca.corrects(at, "1426", 640)),
            |world| world.at_screen(|orca, at| orca.corrects(at, "1426", 650)),
        ),
        (
            None,
            words::CAUTION,
            |world| world.at_screen(|orca, at| orca.voids(at, "1426", true)),
            |world| world.at_screen(|orca, at| orca.voids(at, "1426", false)),
        ),
    ];
    for (unpaid, code, change, put_right) in cases {
        let mut world = one();
        change(&mut world);
        world.after_ms(60 * MINUTE_MS);
        assert_eq!(world.orca.heard, ["open", "finish"], "and no second try");
        let open = world.books.open();
        let refused = Standing::Refused {
            code: code.to_owned(),
            unpaid: unpaid.map(Yen::new),
        };
        assert_eq!(open[0].postings[0].standing, refused);
        assert_eq!(world.state.unsettled(), 1);
        // Put right there: the news of it is enough.
        put_right(&mut world);
        world.news_of("12");
        world.settle();
        let slips = [sale(PATIENT, &[("1426", 650)], vec![cash(650)])];
        all_told(&mut world, &slips, "put right");
    }
}

/// Somebody pays a part at a screen just before one of our calls: never more than is charged, and what cannot be told is listed.
#[test]
fn what_is_paid_elsewhere_in_between_is_never_overpaid_wherever_we_are_killed() {
    let slips = [sale(PATIENT, &[("1426", 650)], vec![cash(650)])];
    for call in 0..4 {
        for kill in (0..16).map(Some).chain([None]) {
            let mut world = one();
            world.faults.insert(call, Fault::Changed);
            world.kills = kill.into_iter().collect();
            let what = format!("before call {call}, killed at {kill:?}");
            world.after_ms(20 * MINUTE_MS);
            hold_true(&mut world, &slips, &what);
            // Whatever is paid there later, ours went onto what was still unpaid.
            let mut received = 0;
            for row in &world.orca.account("1426").history {
                received += row.received;
                assert!(row.received != 650 || received <= 650, "{what}");
            }
            let told = world.orca.rows("1426", 650) == 1;
            let open = world.books.open();
            assert_eq!(open.is_empty(), told, "{what}: {open:?}");
            assert!(world.orca.is_quiet(), "{what}");
            if told || world.orca.received("1426") != ELSEWHERE {
                continue;
            }
            // Given back there, it is ours to tell, unless nobody can say whether it was.
            world.at_screen(|orca, at| orca.takes(at, "1426", -ELSEWHERE));
            world.news_of(PATIENT);
            world.after_ms(20 * MINUTE_MS);
            hold_true(&mut world, &slips, &what);
        }
    }
}

#[test]
fn a_patient_held_elsewhere_is_told_with_who_and_tried_with_growing_pauses() {
    let mut world = one();
    world.orca.hold(PATIENT, true);
    world.settle();
    let key = (SlipNumber::new(1), 1);
    let Some(Why::Held {
        lock: Some(lock), ..
    }) = world.state.reflection.why(key)
    else {
        panic!("{:?}", world.state.reflection.why(key));
    };
    assert_eq!(
        (lock.operator.as_str(), lock.terminal.as_str()),
        ("ormaster", "ORCA02")
    );
    let mut tries = vec![];
    let began = world.now.mono_ms;
    while tries.len() < 8 {
        let next = world.state.reflection.next_try(key).expect("by itself");
        tries.push((next - began) / 1_000);
        world.after_ms(next - world.now.mono_ms);
    }
    assert_eq!(tries, [5, 15, 35, 75, 155, 315, 615, 915]);
    world.orca.hold(PATIENT, false);
    world.after_ms(5 * MINUTE_MS);
    let slips = [sale(PATIENT, &[("1426", 650)], vec![cash(650)])];
    all_told(&mut world, &slips, "let go");
}

#[test]
fn one_patient_that_waits_keeps_no_other_waiting() {
    let slips = [
        sale(PATIENT, &[("1426", 650)], vec![cash(650)]),
        sale("00034", &[("1430", 1_230)], vec![cash(1_230)]),
        sale(PATIENT, &[("1431", 300)], vec![cash(300)]),
    ];
    let mut world = world(Books::memory(), &slips);
    world.at_screen(|orca, at| orca.corrects(at, "1426", 10));
    world.settle();
    hold_true(&mut world, &slips, "one waits");
    let open: Vec<u32> = world
        .books
        .open()
        .iter()
        .map(|told| told.slip.get())
        .collect();
    assert_eq!(open, [1]);
}

#[test]
fn what_came_later_on_an_invoice_waits_for_what_came_before() {
    let paid = sale(PATIENT, &[("1426", 650)], vec![cash(650)]);
    let slips = [paid.clone(), back(paid, 1)];
    let mut world = world(Books::memory(), &slips);
    // Another 650 are charged, and 700 paid at a screen.
    world.at_screen(|orca, at| {
        orca.corrects(at, "1426", 1_300);
        orca.takes(at, "1426", 700);
    });
    world.settle();
    assert_eq!(world.orca.heard, ["open", "finish"]);
    assert_eq!(world.books.open().len(), 2);
}

#[test]
fn an_answer_that_says_neither_is_left_to_a_person_and_sent_no_more() {
    let mut world = one();
    world.faults.insert(1, Fault::LostAfter);
    // Between the lost answer and the reading, somebody corrects the history of the invoice.
    world.faults.insert(2, Fault::Unreachable);
    world.after_ms(1_000);
    world.at_screen(|orca, _| orca.amends("1426", 2, 0));
    world.after_ms(60 * MINUTE_MS);
    let key = (SlipNumber::new(1), 1);
    let why = world.state.reflection.why(key).cloned();
    let expected = Why::Unclear {
        rows: (1, 2),
        received: (Yen::ZERO, Yen::ZERO),
    };
    assert_eq!(why, Some(expected));
    assert_eq!(
        world.orca.heard,
        ["open", "pay", "finish", "open", "finish"]
    );
    assert_eq!(world.books.open()[0].postings[0].standing, Standing::Unsure);
    // Not by a restart either.
    world.kills = vec![world.steps];
    world.hear(Message::TimeReached);
    world.after_ms(60 * MINUTE_MS);
    assert_eq!(
        world
            .orca
            .heard
            .iter()
            .filter(|word| **word == "pay")
            .count(),
        1
    );
}

#[test]
fn without_a_receipt_computer_of_this_mode_nothing_leaves_and_it_is_counted() {
    for (connected, practice) in [
        (None, false),
        (Some(ReceiptComputer::Simulated), false),
        (Some(ReceiptComputer::Real), true),
        (None, true),
    ] {
        let mut world = one();
        world.state.settings.orca.connected = connected;
        world.state.settings.practice = practice;
        world.start();
        world.after_ms(30 * MINUTE_MS);
        assert_eq!(world.calls, 0, "{connected:?} {practice}");
        assert_eq!(world.state.unsettled(), 1, "{connected:?} {practice}");
        assert_eq!(world.state.unreflected_count(), 1);
    }
}

#[test]
fn a_slip_that_is_paid_while_the_console_runs_is_told_at_once() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("books.db");
    let store = Store::open(&path, BooksKind::Live).expect("opens");
    let mut world = world(Books::File(Box::new(store)), &[]);
    world.settle();
    world.orca.bill(PATIENT, "1426", 650);
    let slips = [sale(PATIENT, &[("1426", 650)], vec![cash(650)])];
    let stamp = world.stamp();
    let stored = world.books.handle(StoreRequest::Sell {
        stamp,
        sale: slips[0].clone(),
    });
    assert!(matches!(stored, Stored::Sold(_)));
    world.hear(Message::Stored(stored));
    world.settle();
    all_told(&mut world, &slips, "at the counter");
}

impl World {
    /// Somebody works at a screen of the receipt computer.
    fn at_screen(&mut self, work: impl FnOnce(&mut Simulator, DateTime<FixedOffset>)) {
        work(&mut self.orca.computer, self.now.wall);
    }

    /// The receipt computer tells of a patient's bill.
    fn news_of(&mut self, patient: &str) {
        self.hear(Message::Orca(OrcaEvent::News(News::Account {
            patient: PatientNumber::parse(patient).expect("a number"),
            invoices: vec![],
            deleted: false,
        })));
    }

    fn press(&mut self, key: Key) {
        // A finger, not a scanner.
        self.after_ms(400);
        let press = KeyPress { key, bytes: vec![] };
        self.hear(Message::Input(Input::Key(press)));
        self.settle();
    }

    fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.press(Key::Char(c));
        }
    }

    /// F4, Unresolved, and the first row of it.
    fn open_the_queue(&mut self) {
        self.press(Key::F(4));
        self.press(Key::Down);
        self.press(Key::Enter);
        self.press(Key::Enter);
        assert!(matches!(self.state.screen, Screen::Unreflected(_)));
    }

    fn note(&self) -> Option<Text> {
        self.state.note.as_ref().map(|note| note.text)
    }
}

#[test]
fn what_was_entered_by_hand_is_let_go_with_a_reason_and_the_amount() {
    let mut world = one();
    world.at_screen(|orca, at| orca.corrects(at, "1426", 10));
    world.settle();
    world.open_the_queue();
    for key in [Key::F(12), Key::Enter] {
        world.press(key);
        assert_eq!(world.books.open().len(), 1, "{key:?} answers nothing");
    }
    world.press(Key::Char('1'));
    world.press(Key::Enter);
    assert_eq!(world.note(), Some(Text::ReasonTooShort));
    world.type_text("日レセで入力");
    world.press(Key::Enter);
    world.type_text("651");
    world.press(Key::Enter);
    assert_eq!(world.note(), Some(Text::AmountDiffers));
    assert_eq!(world.books.open().len(), 1);
    world.press(Key::Backspace);
    world.type_text("0");
    world.press(Key::Enter);
    assert_eq!(world.books.open(), vec![]);
    assert_eq!(world.state.unsettled(), 0);
    assert_eq!(world.note(), Some(Text::ReflectExplained));
    world.after_ms(60 * MINUTE_MS);
    assert_eq!(world.orca.heard, ["open", "finish"], "and never told");
}

#[test]
fn a_burst_of_a_scanner_answers_no_question_of_the_queue() {
    let mut world = one();
    world.at_screen(|orca, at| orca.corrects(at, "1426", 10));
    world.settle();
    world.open_the_queue();
    world.after_ms(1_000);
    for c in "1日レセで入力しました".chars() {
        let press = KeyPress {
            key: Key::Char(c),
            bytes: vec![],
        };
        world.hear(Message::Input(Input::Key(press)));
        world.settle();
    }
    let press = KeyPress {
        key: Key::Enter,
        bytes: vec![],
    };
    world.hear(Message::Input(Input::Key(press)));
    world.settle();
    assert_eq!(world.note(), Some(Text::ScanRefused));
    assert_eq!(world.books.open().len(), 1);
}

#[test]
fn a_lock_is_released_by_a_person_with_the_patients_number_and_not_within_a_minute() {
    let mut world = one();
    world.orca.hold(PATIENT, true);
    world.settle();
    world.open_the_queue();
    world.press(Key::Char('2'));
    assert_eq!(world.note(), Some(Text::HeldTooShortly));
    world.after_ms(2 * MINUTE_MS);
    assert!(!world.orca.heard.contains(&"release"), "never by itself");
    world.press(Key::Char('2'));
    world.type_text("99");
    world.press(Key::Enter);
    assert_eq!(world.note(), Some(Text::PatientDiffers));
    world.press(Key::Backspace);
    world.press(Key::Backspace);
    world.type_text("12");
    world.press(Key::Enter);
    assert!(world.orca.heard.contains(&"release"));
    let slips = [sale(PATIENT, &[("1426", 650)], vec![cash(650)])];
    all_told(&mut world, &slips, "released");
}

#[test]
fn telling_again_looks_first_and_goes_at_once() {
    let mut world = one();
    world.faults = (0..40).map(|call| (call, Fault::Unreachable)).collect();
    world.after_ms(10 * MINUTE_MS);
    world.faults.clear();
    world.open_the_queue();
    let calls = world.calls;
    world.press(Key::F(5));
    assert!(world.calls > calls);
    let slips = [sale(PATIENT, &[("1426", 650)], vec![cash(650)])];
    all_told(&mut world, &slips, "told again");
}

fn fault() -> impl Strategy<Value = Fault> {
    (0..FAULTS.len()).prop_map(|index| FAULTS[index])
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        rng_seed: RngSeed::Fixed(5),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Two slips with split tenders, any faults, any kills: the same holds all the way.
    #[test]
    fn any_history_of_two_slips_holds(
        cut in 1_i64..1_649,
        same_patient in any::<bool>(),
        by_code in any::<bool>(),
        faults in proptest::collection::btree_map(0_usize..30, fault(), 0..12),
        kills in proptest::collection::vec(0_usize..200, 0..6),
        held in any::<bool>(),
    ) {
        let other = if same_patient { PATIENT } else { "00034" };
        let slips = [
            sale(PATIENT, &[("1426", 650), ("1430", 1_000)], vec![cash(cut), card(1_650 - cut)]),
            sale(other, &[(if by_code { "" } else { "1500" }, 777)], vec![cash(77), card(700)]),
        ];
        // Each posting is recognised by its amount.
        let amounts: Vec<i64> = postings(&slips[0]).iter().map(signed).collect();
        let mut unique = amounts.clone();
        unique.sort_unstable();
        unique.dedup();
        prop_assume!(unique.len() == amounts.len());
        let mut world = world(Books::memory(), &slips);
        world.faults = faults;
        world.kills = kills;
        world.orca.hold(other, held);
        for _ in 0..40 {
            world.after_ms(MINUTE_MS / 2);
            hold_true(&mut world, &slips, "on the way");
        }
        world.orca.hold(other, false);
        world.faults.clear();
        for _ in 0..8 {
            // Restarts look at everything once more.
            world.kills = vec![world.steps];
            world.hear(Message::TimeReached);
            world.after_ms(20 * MINUTE_MS);
            hold_true(&mut world, &slips, "later");
        }
        all_told(&mut world, &slips, "in the end");
    }
}

/// What a person reads of each state comes from the fold alone.
#[test]
fn the_fold_of_a_record_opens_what_is_due() {
    let mut books = Books::memory();
    let world = World::new(Books::memory(), with_orca());
    let record = books.sell(
        world.stamp(),
        sale(PATIENT, &[("1426", 650)], vec![cash(650)]),
    );
    let told = Unreflected::of(&record).expect("of a bill");
    assert_eq!(told.postings.len(), 1);
    assert!(!told.is_done());
}
