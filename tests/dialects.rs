//! The real console against the simulated terminal in each public dialect: approved, declined, and cut off after the approval.
#![cfg(unix)]

mod support;

use madoguchi::app::key::Key;
use serde_json::Value;
use support::console::{Console, Start, at_home};
use support::hand::prove_by_slip;
use support::terminal_process::{On, TerminalProcess};

const APPROVED: &str = "承認されました";
const NOT_CHARGED: &str = "請求: いいえ";
const UNKNOWN: &str = "請求: 不明";

/// How each is reached.
const DIALECTS: [(&str, On); 3] = [
    ("transbank", On::Pty),
    ("ecr17", On::Tcp),
    ("concert", On::Pty),
];

fn pay(model: &str, terminal: &TerminalProcess) -> Console {
    pay_at(model, terminal, None)
}

/// At the books of an earlier console, where there is one.
fn pay_at(model: &str, terminal: &TerminalProcess, earlier: Option<Console>) -> Console {
    let arguments = [
        "--lang",
        "ja",
        "--model",
        model,
        "--port",
        terminal.address(),
    ];
    let start = Start::console().arguments(&arguments);
    let mut console = match earlier {
        Some(earlier) => start.run_at_home_of(earlier),
        None => start.run(),
    };
    // What was not seen to its end comes first.
    console.wait_until("a first screen", |screen| {
        screen.contains("売上入力") || screen.contains("会計完了")
    });
    if console.screen_text().contains("会計完了") {
        console.press(&[Key::Enter]);
        console.wait_for("売上入力");
    }
    console.type_text("3430");
    console.press(&[Key::Enter, Key::F(12)]);
    console.wait_for("ご請求");
    console.press(&[Key::F(6)]);
    console.wait_for("クレジット利用");
    console.press(&[Key::F(12)]);
    console.wait_gone("クレジット利用");
    console.press(&[Key::F(12)]);
    console
}

fn sales(console: &Console) -> Vec<Value> {
    let output = at_home(env!("CARGO_BIN_EXE_madoguchi"), console.home())
        .args(["sales", "--format", "json"])
        .output()
        .expect("sales runs");
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("a list of objects")
}

fn charged(terminal: &TerminalProcess) -> Vec<i64> {
    let books = terminal.books();
    let approved = books.iter().filter(|entry| entry["outcome"] == "approved");
    approved
        .filter_map(|entry| entry["amount"].as_i64())
        .collect()
}

fn booked(console: &Console) -> Vec<i64> {
    let verified = at_home(env!("CARGO_BIN_EXE_madoguchi"), console.home())
        .arg("verify")
        .output()
        .expect("verify runs");
    assert!(verified.status.success(), "{verified:?}");
    let sales = sales(console);
    let settled = sales.iter().filter(|sale| sale["state"] == "settled");
    settled.filter_map(|sale| sale["amount"].as_i64()).collect()
}

#[test]
fn what_is_approved_stands_in_both_books() {
    for (model, on) in DIALECTS {
        let terminal = TerminalProcess::of_model(model, on, "approve", 0);
        let mut console = pay(model, &terminal);
        console.wait_for(APPROVED);
        assert_eq!(charged(&terminal), [3_430], "{model}");
        assert_eq!(booked(&console), [3_430], "{model}");
    }
}

#[test]
fn what_is_declined_stands_in_neither() {
    for (model, on) in DIALECTS {
        let terminal = TerminalProcess::of_model(model, on, "decline 05", 0);
        let mut console = pay(model, &terminal);
        console.wait_for(NOT_CHARGED);
        assert_eq!(charged(&terminal), [0; 0], "{model}");
        assert_eq!(sales(&console)[0]["state"], "declined", "{model}");
    }
}

#[test]
fn what_is_cut_off_after_its_approval_is_settled_where_the_terminal_can_prove_it() {
    let terminal = TerminalProcess::of_model("transbank", On::Pty, "approve-then-cut", 0);
    let mut console = pay("transbank", &terminal);
    console.wait_for(APPROVED);
    assert_eq!(charged(&terminal), [3_430]);
    assert_eq!(booked(&console), [3_430]);
}

#[test]
fn what_is_cut_off_is_a_persons_to_settle_where_it_cannot() {
    for (model, on, words) in [
        // It tells its last result, which bears no number of ours.
        ("ecr17", On::Tcp, "自動では確認できませんでした"),
        // It cannot be asked at all.
        ("concert", On::Pty, "この端末には問い合わせできません"),
    ] {
        let terminal = TerminalProcess::of_model(model, on, "approve-then-cut", 0);
        let mut console = pay(model, &terminal);
        console.wait_for(UNKNOWN);
        console.wait_for(words);
        assert_eq!(booked(&console), [0; 0], "{model}: nothing is believed");
        let slip = terminal.books()[0]["slip_number"].clone();
        prove_by_slip(&mut console, slip.as_str().expect("a slip"));
        console.wait_for("E203");
        assert_eq!(charged(&terminal), [3_430], "{model}");
        assert_eq!(booked(&console), [3_430], "{model}");
    }
}

#[test]
fn a_console_that_was_killed_books_its_next_sale_as_its_own() {
    for (model, on) in DIALECTS {
        let terminal = TerminalProcess::of_model(model, on, "approve …", 0);
        let mut console = pay(model, &terminal);
        console.wait_for(APPROVED);
        console.kill9();
        // The same amount again: nothing but the terminal's own number tells the two apart where it echoes none of ours.
        let mut console = pay_at(model, &terminal, Some(console));
        console.wait_for(APPROVED);
        assert_eq!(charged(&terminal), [3_430; 2], "{model}");
        assert_eq!(booked(&console), [3_430; 2], "{model}");
    }
}
