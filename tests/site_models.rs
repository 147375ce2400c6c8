//! The real console with a site's own files: a layout makes a model of the field work, and what that model cannot do is left to a person.
#![cfg(unix)]

mod support;

use std::path::Path;
use std::process::Command;

use madoguchi::app::key::Key;
use support::console::{Console, Start};
use support::hand::prove_by_slip;
use support::terminal_process::{On, TerminalProcess};
use tempfile::TempDir;

const MODEL: &str = "saturn1000-elite";

/// A config folder whose terminal is the model of the field.
fn site() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let printed = Command::new(env!("CARGO_BIN_EXE_madoguchi"))
        .args(["config", "print"])
        .output()
        .expect("the sample");
    let sample = String::from_utf8(printed.stdout).expect("UTF-8");
    let config = sample.replace("model = \"open-cat\"", &format!("model = \"{MODEL}\""));
    std::fs::write(folder.path().join("config.toml"), config).expect("written");
    folder
}

/// A specification of that terminal, made up: the open dialect under its name.
fn give_layout(folder: &Path) {
    let open = include_str!("../assets/layouts/open-cat.toml");
    let layout = open.replacen("name = \"open-cat\"", &format!("name = \"{MODEL}\""), 1);
    std::fs::create_dir(folder.join("layouts")).expect("a folder");
    std::fs::write(folder.join("layouts/arch.toml"), layout).expect("written");
}

fn open(folder: &Path, terminal: &TerminalProcess) -> Console {
    let config = folder.join("config.toml").display().to_string();
    let arguments = [
        "--lang",
        "ja",
        "--config",
        &config,
        "--port",
        terminal.address(),
    ];
    let mut console = Start::console().arguments(&arguments).run();
    console.wait_for("売上入力");
    console.type_text("3430");
    console.press(&[Key::Enter, Key::F(12)]);
    console.wait_for("ご請求");
    console.press(&[Key::F(6)]);
    console.wait_for("クレジット利用");
    console.press(&[Key::F(12)]);
    console
}

#[test]
fn without_a_layout_the_model_leads_to_its_steps_and_with_one_it_charges() {
    let site = site();
    let terminal = TerminalProcess::start(On::Tcp, "approve", 0);
    let mut by_hand = open(site.path(), &terminal);
    by_hand.wait_for("端末での手動操作");
    by_hand.wait_for("決済種別");
    assert_eq!(terminal.books(), Vec::<serde_json::Value>::new());
    drop(by_hand);

    give_layout(site.path());
    let mut linked = open(site.path(), &terminal);
    linked.wait_gone("クレジット利用");
    linked.press(&[Key::F(12)]);
    linked.wait_for("承認されました");
    assert_eq!(terminal.books().len(), 1);
}

#[test]
fn a_model_that_cannot_be_asked_goes_straight_to_the_person_with_its_steps() {
    let site = site();
    give_layout(site.path());
    let terminal = TerminalProcess::start(On::Tcp, "approve-then-cut", 5);
    let mut console = open(site.path(), &terminal);
    console.wait_gone("クレジット利用");
    console.press(&[Key::F(12)]);
    console.wait_for("この端末には問い合わせできません");
    console.wait_for("取引のシーケンス番号が出ます");
    let slip = terminal.books()[0]["slip_number"].clone();
    prove_by_slip(&mut console, slip.as_str().expect("a slip"));
    console.wait_for("E203");
    assert_eq!(terminal.books().len(), 1, "never charged twice");
}
