//! The receipt computer's own 領収証: with the last payment of an invoice, and once more on a wish.

use madoguchi::app::Screen;
use madoguchi::app::history::History;
use madoguchi::app::key::{Input, Key, KeyPress};
use madoguchi::app::message::{HistoryPage, Message};
use madoguchi::app::note::Tone;
use madoguchi::app::receipt::{Behind, Receipt};
use madoguchi::domain::ledger::Entry;
use madoguchi::domain::record::SaleRecord;
use madoguchi::domain::sale::SaleDraft;
use madoguchi::domain::slip::SlipNumber;
use madoguchi::edge::store::{BooksKind, Store, verify};
use madoguchi::locale::Text;

use super::{MINUTE_MS, PATIENT, all_told, card, cash, sale, world};
use crate::orca::{FAULTS, Fault};
use crate::world::{Books, World};

/// 領収証 that were printed: of which invoice, and whether it was one more.
fn printed(world: &World) -> Vec<(&str, bool)> {
    let printed = world.orca.computer.printed().iter();
    let receipts = printed.filter(|paper| paper.receipt);
    receipts
        .map(|paper| (paper.invoice.trim_start_matches('0'), paper.again))
        .collect()
}

fn two_tenders() -> SaleDraft {
    let tenders = vec![cash(700), card(950)];
    sale(PATIENT, &[("1426", 650), ("1430", 1_000)], tenders)
}

/// Its slip, called up from the history.
fn on_screen(world: &mut World, sale: &SaleDraft) {
    let entry = Entry::Sold {
        slip: SlipNumber::new(1),
        sale: sale.clone(),
    };
    let later = match &world.books {
        Books::Memory { entries, .. } => entries.as_slice(),
        Books::File(_) => &[],
    };
    let later = later
        .iter()
        .filter(|entry| matches!(entry, Entry::Reflection { .. }));
    let entries = std::iter::once(&entry).chain(later);
    let stamp = world.stamp();
    let record = SaleRecord::fold(entries.map(|entry| (stamp, entry))).expect("legal");
    world.state.note = None;
    world.state.popups.clear();
    world.state.screen = Screen::Receipt(Receipt {
        record: record.expect("a sale"),
        undone: vec![],
        reissued: false,
        scroll: 0,
        behind: Behind::History(Box::new(History::showing(HistoryPage::default()))),
    });
}

fn press(world: &mut World, key: Key) {
    let press = KeyPress { key, bytes: vec![] };
    world.hear(Message::Input(Input::Key(press)));
    world.settle();
}

/// F7, and 2: the receipt computer's.
fn wish(world: &mut World, sale: &SaleDraft) {
    on_screen(world, sale);
    press(world, Key::F(7));
    world.after_ms(1_000);
    press(world, Key::Char('2'));
}

/// Its code named no invoice: the one that was found is printed.
#[test]
fn what_was_taken_by_its_code_alone_is_printed_again_of_the_invoice_that_was_found() {
    let slips = [sale(PATIENT, &[("", 650)], vec![cash(300), card(350)])];
    let mut world = world(Books::memory(), &slips);
    world.orca.hold(PATIENT, true);
    world.settle();
    // Nobody knows yet which one it is.
    wish(&mut world, &slips[0]);
    assert!(!world.orca.heard.contains(&"reissue"));
    world.orca.hold(PATIENT, false);
    world.after_ms(20 * MINUTE_MS);
    all_told(&mut world, &slips, "told");
    wish(&mut world, &slips[0]);
    let again: Vec<_> = printed(&world).into_iter().filter(|one| one.1).collect();
    assert_eq!(again, [(super::MEANT, true)]);
    assert!(world.orca.is_quiet());
}

fn said(world: &World) -> Option<(Text, Tone)> {
    world.state.note.as_ref().map(|note| (note.text, note.tone))
}

#[test]
fn one_receipt_is_printed_for_an_invoice_with_its_last_payment() {
    for (print, expected) in [
        (true, vec![("1426", false), ("1430", false)]),
        (false, vec![]),
    ] {
        let slips = [two_tenders()];
        let mut world = world(Books::memory(), &slips);
        world.state.settings.orca.print_receipt = print;
        world.start();
        world.settle();
        all_told(&mut world, &slips, "in peace");
        assert_eq!(printed(&world), expected);
        assert_eq!(world.orca.heard, ["open", "pay", "finish"].repeat(3));
    }
}

#[test]
fn money_that_goes_back_prints_nothing() {
    let paid = sale(PATIENT, &[("1426", 650)], vec![cash(650)]);
    let slips = [paid.clone(), super::back(paid, 1)];
    let mut world = world(Books::memory(), &slips);
    world.state.settings.orca.print_receipt = true;
    world.start();
    world.settle();
    assert_eq!(printed(&world), [("1426", false)]);
}

#[test]
fn a_receipt_is_printed_again_in_a_session_of_its_own_for_each_invoice() {
    let slips = [two_tenders()];
    let mut world = world(Books::memory(), &slips);
    world.settle();
    world.orca.heard.clear();
    wish(&mut world, &slips[0]);
    assert_eq!(world.orca.heard, ["open", "reissue", "finish"].repeat(2));
    assert_eq!(printed(&world), [("1426", true), ("1430", true)]);
    assert_eq!(said(&world), Some((Text::ReissueDone, Tone::Plain)));
    all_told(&mut world, &slips, "reissued");
}

#[test]
fn what_the_receipt_computer_does_not_have_yet_gets_no_receipt() {
    let slips = [sale(PATIENT, &[("1426", 650)], vec![cash(650)])];
    let mut world = world(Books::memory(), &slips);
    world.faults = (0..50).map(|call| (call, Fault::Unreachable)).collect();
    world.after_ms(1_000);
    wish(&mut world, &slips[0]);
    assert_eq!(said(&world), Some((Text::ReissueNotTold, Tone::Warning)));
    assert_eq!(printed(&world), []);
}

/// Every fault at every call of it: the screen says what is true, no money moves, nobody stays held.
#[test]
fn every_fault_of_a_reissue_is_said_in_words() {
    let slips = [sale(PATIENT, &[("1426", 650)], vec![cash(650)])];
    for call in 0..3 {
        for fault in FAULTS {
            let mut world = world(Books::memory(), &slips);
            world.settle();
            let before = world.calls;
            world.faults.insert(before + call, fault);
            let what = format!("{fault:?} at {call}");
            wish(&mut world, &slips[0]);
            // A slow answer comes late.
            world.after_ms(2 * MINUTE_MS);
            let papers = printed(&world).len();
            let (text, _) = said(&world).unwrap_or_else(|| panic!("{what}: nothing is said"));
            match text {
                Text::ReissueDone => assert_eq!(papers, 1, "{what}"),
                Text::ReissueNotPrinted | Text::ReissueHeld => assert_eq!(papers, 0, "{what}"),
                Text::ReissueUnsure => assert_eq!(call, 1, "{what}"),
                other => panic!("{what}: {other:?}"),
            }
            world.after_ms(20 * MINUTE_MS);
            // An opening whose answer was lost is found and ended by the next that wants the patient.
            if call == 0 {
                wish(&mut world, &slips[0]);
                world.after_ms(20 * MINUTE_MS);
            }
            assert_eq!(world.orca.received("1426"), 650, "{what}");
            super::hold_true(&mut world, &slips, &what);
            assert_eq!(world.books.open(), vec![], "{what}");
        }
    }
}

/// Killed before every thing that is done, in real books: nobody stays held, and the books are sound.
#[test]
fn a_reissue_killed_anywhere_leaves_nobody_held_and_sound_books() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let slips = [sale(PATIENT, &[("1426", 650)], vec![cash(650)])];
    let (first, last) = {
        let mut world = world(Books::memory(), &slips);
        world.settle();
        let first = world.steps;
        wish(&mut world, &slips[0]);
        (first, world.steps)
    };
    for kill in first..=last {
        let path = folder.path().join(format!("{kill}.db"));
        let store = Store::open(&path, BooksKind::Live).expect("opens");
        let mut world = world(Books::File(Box::new(store)), &slips);
        world.settle();
        world.kills = vec![kill];
        wish(&mut world, &slips[0]);
        world.after_ms(20 * MINUTE_MS);
        let what = format!("killed at {kill}");
        // Killed before the session was in the books: the next one finds it among the locks.
        wish(&mut world, &slips[0]);
        world.after_ms(20 * MINUTE_MS);
        all_told(&mut world, &slips, &what);
        assert!(printed(&world).len() <= 2, "{what}");
        drop(world);
        assert_eq!(verify(&path).expect("read").problem, None, "{what}");
    }
}
