//! What is done at a till: ringing up, paying by card, and holding its books against the terminal's.

use std::path::Path;
use std::process::Command;

use madoguchi::app::key::Key;
use serde_json::Value;

use super::console::{Console, at_home};
use super::terminal_process::TerminalProcess;

pub const APPROVED: &str = "承認されました";
pub const NOT_CHARGED: &str = "請求: いいえ";
pub const UNKNOWN: &str = "請求: 不明";
pub const REGISTER: &str = "売上入力";
pub const READ_ONLY: &str = "閲覧専用";
pub const GAVE_UP: &str = "自動では確認できませんでした";

/// Ring up an amount, up to how it is paid.
pub fn ring_up(console: &mut Console, amount: &str) {
    console.type_text(amount);
    console.press(&[Key::Enter, Key::F(12)]);
    console.wait_for("ご請求");
}

/// The newest slip of the history, called up. Known by its line of keys: what the paper is headed with depends on the sale.
pub fn history_of(console: &mut Console) {
    console.press(&[Key::F(3)]);
    console.wait_for("決済連携");
    console.wait_for("成立");
    console.press(&[Key::Enter]);
    console.wait_for("F7 再発行");
}

/// Ring up an amount and send it to the terminal with the first card.
pub fn pay_by_card(console: &mut Console, amount: &str) {
    ring_up(console, amount);
    console.press(&[Key::F(6)]);
    console.wait_for("クレジット利用");
    console.press(&[Key::F(12)]);
    console.wait_gone("クレジット利用");
    console.press(&[Key::F(12)]);
}

/// `madoguchi WORDS --data-dir FOLDER`, in a home of nobody's.
fn on_folder(folder: &Path, words: &[&str]) -> Command {
    let mut command = at_home(env!("CARGO_BIN_EXE_madoguchi"), folder);
    command.args(words).arg("--data-dir").arg(folder);
    command
}

/// `madoguchi sales --format json` on a data folder.
pub fn sales_in(folder: &Path) -> Vec<Value> {
    let output = on_folder(folder, &["sales", "--format", "json"])
        .output()
        .expect("sales runs");
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("a list of objects")
}

/// The numbers, amounts and terminal slips a data folder's books hold as charged.
fn booked_in(folder: &Path) -> Vec<(u64, i64, String)> {
    sales_in(folder)
        .iter()
        .filter(|sale| sale["state"] == "settled")
        .flat_map(|sale| sale["tenders"].as_array().cloned().unwrap_or_default())
        .filter(|tender| tender["link"] == "linked")
        .map(|tender| row(&tender, "terminal_slip_number"))
        .collect()
}

fn row(value: &Value, slip: &str) -> (u64, i64, String) {
    (
        value["sequence_number"].as_u64().expect("a number"),
        value["amount"].as_i64().expect("an amount"),
        value[slip].as_str().expect("a slip").to_owned(),
    )
}

/// The books of these data folders together and the terminal's own hold the same charges; every chain holds; nothing is open.
#[track_caller]
pub fn assert_books_agree(folders: &[&Path], terminal: &TerminalProcess) {
    let mut booked: Vec<_> = folders
        .iter()
        .flat_map(|folder| booked_in(folder))
        .collect();
    let mut charged: Vec<_> = terminal
        .books()
        .iter()
        .filter(|entry| entry["outcome"] == "approved")
        .map(|entry| row(entry, "slip_number"))
        .collect();
    booked.sort();
    charged.sort();
    assert_eq!(booked, charged);
    for folder in folders {
        let verified = on_folder(folder, &["verify"])
            .output()
            .expect("verify runs");
        assert!(verified.status.success(), "{verified:?}");
        let sales = sales_in(folder);
        let open = |sale: &&Value| {
            ["pending", "sent", "unknown", "parked"]
                .contains(&sale["state"].as_str().expect("a state"))
        };
        assert_eq!(sales.iter().find(open), None, "a sale is still open");
    }
}

/// `madoguchi sales --format json` at a console's home.
pub fn sales_at(console: &Console) -> Vec<Value> {
    sales(console.home(), &[])
}

/// `madoguchi sales --format json MORE` of a home.
pub fn sales(home: &Path, more: &[&str]) -> Vec<Value> {
    let output = at_home(env!("CARGO_BIN_EXE_madoguchi"), home)
        .args(["sales", "--format", "json"])
        .args(more)
        .output()
        .expect("sales runs");
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("a list of objects")
}

/// Whatever moved on a card, over the link or by hand, stands in the console's books as in the terminal's own: kind, amount and the
/// terminal's slip. And the chain holds.
#[track_caller]
pub fn assert_money_agrees(console: &Console, terminal: &TerminalProcess) {
    let moved = |kind: &Value, value: &Value, slip: &str| {
        (
            kind.as_str().expect("a kind").to_owned(),
            value["amount"].as_i64().expect("an amount"),
            value[slip].as_str().expect("a slip").to_owned(),
        )
    };
    let sales = sales_at(console);
    let settled = sales.iter().filter(|sale| sale["state"] == "settled");
    let mut booked: Vec<_> = settled
        .flat_map(|sale| {
            let tenders = sale["tenders"].as_array().expect("tenders").iter();
            let cards = tenders.filter(|tender| tender["kind"] == "card");
            cards.map(|tender| moved(&sale["kind"], tender, "terminal_slip_number"))
        })
        .collect();
    let books = terminal.books();
    let approved = books.iter().filter(|entry| entry["outcome"] == "approved");
    let mut charged: Vec<_> = approved
        .map(|entry| moved(&entry["kind"], entry, "slip_number"))
        .collect();
    booked.sort();
    charged.sort();
    assert_eq!(booked, charged);
    let verified = at_home(env!("CARGO_BIN_EXE_madoguchi"), console.home())
        .arg("verify")
        .output()
        .expect("verify runs");
    assert!(verified.status.success(), "{verified:?}");
}
