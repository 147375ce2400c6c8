//! What goes wrong around a counter, with the real console: terminals that other consoles know, ports that never answer, books that were
//! copied.
#![cfg(unix)]

mod support;

use std::net::TcpListener;
use std::path::Path;

use madoguchi::app::key::Key;
use serde_json::Value;
use support::console::{Console, Start, at_home};
use support::terminal_process::{On, TerminalProcess};

const APPROVED: &str = "承認されました";
const NOT_CHARGED: &str = "請求: いいえ";

fn start(port: &str) -> Start<'static> {
    let port: &'static str = port.to_owned().leak();
    Start::console().arguments(&["--lang", "ja", "--port", port])
}

fn ring_up_and_pay_by_card(console: &mut Console, amount: &str) {
    console.type_text(amount);
    console.press(&[Key::Enter, Key::F(12)]);
    console.wait_for("ご請求");
    console.press(&[Key::F(6)]);
    console.wait_for("クレジット利用");
    console.press(&[Key::F(12)]);
    console.wait_gone("クレジット利用");
    console.press(&[Key::F(12)]);
}

fn sales(home: &Path) -> Vec<Value> {
    let output = at_home(env!("CARGO_BIN_EXE_madoguchi"), home)
        .args(["sales", "--format", "json"])
        .output()
        .expect("sales runs");
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("a list of objects")
}

fn number_of(sale: &Value) -> u64 {
    sale["tenders"][0]["sequence_number"]
        .as_u64()
        .expect("a number")
}

#[test]
fn a_new_folder_at_an_old_terminal_charges_its_own_sale() {
    let terminal = TerminalProcess::start(On::Tcp, "approve …", 0);
    let mut charged = Vec::new();
    // The same amount within a minute: nothing but the number tells the two sales apart.
    for _ in 0..2 {
        let mut console = start(terminal.address()).run();
        console.wait_for("売上入力");
        ring_up_and_pay_by_card(&mut console, "3430");
        console.wait_for(APPROVED);
        charged.extend(sales(console.home()).iter().map(number_of));
    }
    let numbers: Vec<u64> = terminal
        .books()
        .iter()
        .filter_map(|entry| entry["sequence_number"].as_u64())
        .collect();
    assert_eq!(numbers, charged);
    assert_eq!(numbers.len(), 2);
}

#[test]
fn a_terminal_that_never_answers_is_given_up_after_a_retry_too() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    // Connections are taken by the system, and nobody reads them.
    let mut console = start(&format!("tcp://{address}")).run();
    console.wait_for("売上入力");
    ring_up_and_pay_by_card(&mut console, "3430");
    console.wait_for("端末を呼び出しています");
    console.press(&[Key::F(9)]);
    console.wait_for("ご請求");
    console.press(&[Key::F(12)]);
    console.wait_for(NOT_CHARGED);
    console.wait_for("つながっていません");
    assert!(
        sales(console.home())
            .iter()
            .all(|sale| sale["state"] == "cancelled")
    );
}

#[test]
fn books_that_were_removed_take_no_money() {
    let terminal = TerminalProcess::start(On::Tcp, "approve …", 0);
    let mut console = start(terminal.address()).run();
    console.wait_for("売上入力");
    let books = console.home().join("data/madoguchi/books.sqlite3");
    std::fs::remove_file(&books).expect("the books are there");
    ring_up_and_pay_by_card(&mut console, "3430");
    console.wait_for("E504");
    assert_eq!(terminal.books(), Vec::<Value>::new(), "nothing was charged");
}
