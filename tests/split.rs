//! 併用払い through the real console: a bill of cash and a card that is worked by hand, and a bill of two cards that goes back part by part.
#![cfg(unix)]

mod support;

use madoguchi::app::key::Key;
use serde_json::Value;
use support::console::{Console, Start};
use support::hand::{press_for, work_by_hand};
use support::terminal_process::{On, TerminalProcess};
use support::till::{
    APPROVED, NOT_CHARGED, REGISTER, assert_money_agrees, history_of, ring_up, sales_at,
};

const NOT_BEGUN: &str = "まだ何も記録していません";

fn open(terminal: &TerminalProcess) -> Console {
    let words = ["--lang", "ja", "--port", terminal.address()];
    let mut console = Start::console().arguments(&words).run();
    console.wait_for(REGISTER);
    console
}

/// Kind, amount and link of a tender.
type Moved = (String, i64, String);

/// Kind, state and what each tender moved, by slip.
fn booked(console: &Console) -> Vec<(String, String, Vec<Moved>)> {
    let mut sales = sales_at(console);
    sales.sort_by_key(|sale| sale["slip_number"].as_u64());
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let tender = |tender: &Value| {
        let amount = tender["amount"].as_i64().expect("an amount");
        (text(&tender["kind"]), amount, text(&tender["link"]))
    };
    sales
        .iter()
        .map(|sale| {
            let tenders = sale["tenders"].as_array().expect("tenders");
            let tenders = tenders.iter().map(tender).collect();
            (text(&sale["kind"]), text(&sale["state"]), tenders)
        })
        .collect()
}

type Row<'a> = (&'a str, &'a str, &'a [(&'a str, i64, &'a str)]);

#[track_caller]
fn assert_booked(console: &Console, wanted: &[Row<'_>]) {
    let wanted: Vec<_> = wanted
        .iter()
        .map(|(kind, state, tenders)| {
            let tenders = tenders
                .iter()
                .map(|(kind, amount, link)| ((*kind).to_owned(), *amount, (*link).to_owned()))
                .collect();
            ((*kind).to_owned(), (*state).to_owned(), tenders)
        })
        .collect();
    assert_eq!(booked(console), wanted);
}

#[test]
fn cash_and_a_card_that_the_link_could_not_take_are_one_slip_and_go_back_together() {
    let mut terminal = TerminalProcess::start(On::Tcp, "approve …", 0);
    let mut console = open(&terminal);
    ring_up(&mut console, "3430");
    console.type_text("1000");
    console.press(&[Key::F(6)]);
    console.wait_for("クレジット利用");
    // Of this one it is known what it was.
    console.type_text("02");
    console.press(&[Key::F(12)]);
    console.wait_for("2,430円");
    terminal.kill();
    console.press(&[Key::F(12)]);
    console.wait_for(NOT_CHARGED);
    press_for(&mut console, Key::Char('4'), NOT_BEGUN);
    terminal.start_again();
    let slip = work_by_hand(&mut console, &mut terminal, "sale 2430", "2430");
    press_for(&mut console, Key::F(12), REGISTER);
    let tried = (
        "sale",
        "cancelled",
        &[("cash", 1_000, "none"), ("card", 2_430, "linked")][..],
    );
    let paid = (
        "sale",
        "settled",
        &[("cash", 1_000, "none"), ("card", 2_430, "manual")][..],
    );
    assert_booked(&console, &[tried, paid]);
    assert_money_agrees(&console, &terminal);

    // The card first; the cash is given back when it is done.
    history_of(&mut console);
    console.press(&[Key::F(1)]);
    console.wait_for("カードが済んでから現金を渡します");
    console.type_text("3430");
    press_for(&mut console, Key::F(12), NOT_BEGUN);
    let void = format!("void {slip}");
    work_by_hand(&mut console, &mut terminal, &void, "2430");
    press_for(&mut console, Key::F(12), REGISTER);
    let back = (
        "void",
        "settled",
        &[("cash", 1_000, "none"), ("card", 2_430, "manual")][..],
    );
    assert_booked(&console, &[tried, paid, back]);
    assert_money_agrees(&console, &terminal);
}

/// The slip so many steps down the history, taken back by hand.
fn take_back(console: &mut Console, terminal: &mut TerminalProcess, down: usize, amount: i64) {
    console.press(&[Key::F(3)]);
    console.wait_for("決済連携");
    console.wait_for("成立");
    for _ in 0..down {
        console.press(&[Key::Down]);
    }
    console.press(&[Key::Enter]);
    console.wait_for("領収書");
    console.press(&[Key::F(1)]);
    console.wait_for("返し方    端末で手動");
    press_for(console, Key::F(12), NOT_BEGUN);
    let books = terminal.books();
    let of_amount = |entry: &&Value| entry["amount"] == amount;
    let sale = books.iter().find(of_amount).expect("the sale");
    let void = format!("void {}", sale["slip_number"].as_str().expect("a slip"));
    work_by_hand(console, terminal, &void, &amount.to_string());
}

#[test]
fn a_bill_of_two_cards_goes_back_part_by_part_and_is_open_until_both_are_back() {
    let mut terminal = TerminalProcess::start(On::Tcp, "approve …", 0);
    let mut console = open(&terminal);
    ring_up(&mut console, "3430");
    console.press(&[Key::F(6)]);
    console.wait_for("クレジット利用");
    console.press(&[Key::F(12)]);
    console.wait_gone("クレジット利用");
    console.press(&[Key::Enter]);
    console.type_text("2000");
    console.wait_for("残り 1,430円");
    console.press(&[Key::F(12)]);
    console.wait_for("支払済み");
    console.press(&[Key::F(6)]);
    console.wait_for("クレジット利用");
    console.press(&[Key::F(12)]);
    console.wait_gone("クレジット利用");
    console.press(&[Key::F(12)]);
    console.wait_for(APPROVED);
    press_for(&mut console, Key::Enter, REGISTER);
    console.wait_for("未解決 0件");
    assert_money_agrees(&console, &terminal);

    take_back(&mut console, &mut terminal, 0, 1_430);
    press_for(&mut console, Key::F(12), REGISTER);
    console.wait_for("未解決 1件");
    assert_money_agrees(&console, &terminal);
    take_back(&mut console, &mut terminal, 2, 2_000);
    press_for(&mut console, Key::F(12), REGISTER);
    console.wait_for("未解決 0件");
    assert_booked(
        &console,
        &[
            ("sale", "settled", &[("card", 2_000, "linked")]),
            ("sale", "settled", &[("card", 1_430, "linked")]),
            ("void", "settled", &[("card", 1_430, "manual")]),
            ("void", "settled", &[("card", 2_000, "manual")]),
        ],
    );
    assert_money_agrees(&console, &terminal);
}
