//! The real console in a terminal of its own, against the simulated card terminal in a process of its own.
#![cfg(unix)]

mod support;

use std::path::Path;

use madoguchi::app::key::Key;
use rustix::process::Signal;
use serde_json::Value;
use support::console::{Console, Start, at_home};
use support::crowd::{each, taken};
use support::hand::prove_by_slip;
use support::terminal_process::{On, TerminalProcess};
use support::till::sales;

/// How often two places are looked at; each look takes some milliseconds, and far fewer are needed.
const LOOKS_MAX: u32 = 10_000;
const APPROVED: &str = "承認されました";
const NOT_CHARGED: &str = "請求: いいえ";
const UNKNOWN: &str = "請求: 不明";

fn console(terminal: &TerminalProcess) -> Console {
    let mut console = start(terminal).run();
    console.wait_for("売上入力");
    console
}

fn start(terminal: &TerminalProcess) -> Start<'static> {
    let port: &'static str = terminal.address().to_owned().leak();
    Start::console().arguments(&["--lang", "ja", "--port", port])
}

/// Ring up an amount and send it to the terminal with the first card.
fn pay_by_card(console: &mut Console, amount: &str) {
    ring_up(console, amount);
    console.press(&[Key::F(6)]);
    console.wait_for("クレジット利用");
    console.press(&[Key::F(12)]);
    console.wait_gone("クレジット利用");
    console.press(&[Key::F(12)]);
}

fn ring_up(console: &mut Console, amount: &str) {
    console.type_text(amount);
    console.press(&[Key::Enter, Key::F(12)]);
    console.wait_for("ご請求");
}

/// The console's books and the terminal's own hold the same charges, and the chain holds.
#[track_caller]
fn assert_books_agree(console: &Console, terminal: &TerminalProcess) {
    let booked: Vec<(u64, i64, String)> = sales(console.home(), &[])
        .iter()
        .filter(|sale| sale["state"] == "settled")
        .flat_map(|sale| sale["tenders"].as_array().cloned().unwrap_or_default())
        .filter(|tender| tender["link"] == "linked")
        .map(|tender| {
            (
                tender["sequence_number"].as_u64().expect("a number"),
                tender["amount"].as_i64().expect("an amount"),
                tender["terminal_slip_number"]
                    .as_str()
                    .expect("a slip")
                    .to_owned(),
            )
        })
        .collect();
    let charged: Vec<(u64, i64, String)> = terminal
        .books()
        .iter()
        .filter(|entry| entry["outcome"] == "approved")
        .map(|entry| {
            (
                entry["sequence_number"].as_u64().expect("a number"),
                entry["amount"].as_i64().expect("an amount"),
                entry["slip_number"].as_str().expect("a slip").to_owned(),
            )
        })
        .collect();
    let sorted = |mut rows: Vec<(u64, i64, String)>| {
        rows.sort();
        rows
    };
    assert_eq!(sorted(booked), sorted(charged));
    let verified = at_home(env!("CARGO_BIN_EXE_madoguchi"), console.home())
        .arg("verify")
        .output()
        .expect("verify runs");
    assert!(verified.status.success(), "{verified:?}");
}

#[test]
fn a_fresh_machine_opens_in_practice_and_says_so_at_once() {
    let mut console = Start::console().arguments(&["--lang", "ja"]).run();
    console.wait_for("練習モード・請求されません");
    console.wait_for("F12");
    pay_by_card(&mut console, "3430");
    console.wait_for(APPROVED);
    console.wait_for("練習");
    let practice = sales(console.home(), &["--practice"]);
    assert_eq!(practice.len(), 1);
    assert_eq!(practice[0]["practice"], true);
    assert_eq!(practice[0]["state"], "settled");
    assert_eq!(sales(console.home(), &[]), Vec::<Value>::new());
}

#[test]
fn a_card_sale_over_a_serial_line_ends_in_both_books() {
    let terminal = TerminalProcess::start(On::Pty, "approve", 20);
    let mut console = console(&terminal);
    pay_by_card(&mut console, "3430");
    console.wait_for(APPROVED);
    let slip = terminal.books()[0]["slip_number"].clone();
    console.wait_for(slip.as_str().expect("a slip"));
    assert_books_agree(&console, &terminal);
    console.press(&[Key::Enter]);
    console.wait_for("売上入力");
}

#[test]
fn cash_is_sold_without_the_terminal() {
    let terminal = TerminalProcess::start(On::Tcp, "approve", 0);
    let mut console = console(&terminal);
    ring_up(&mut console, "3430");
    console.type_text("5000");
    console.wait_for("1,570");
    console.press(&[Key::F(12)]);
    console.wait_for("お会計が終わりました");
    let sales = sales(console.home(), &[]);
    assert_eq!(sales[0]["tenders"][0]["kind"], "cash");
    assert_eq!(sales[0]["amount"], 3430);
    assert_eq!(terminal.books(), Vec::<Value>::new());
}

#[test]
fn each_way_of_not_charging_has_its_own_words() {
    for (script, words, state) in [
        ("decline", "承認されませんでした", "declined"),
        ("deficient 120", "残高が足りません", "declined"),
        ("cancel", "端末で中止されました", "cancelled"),
        ("busy", "別の操作中", "cancelled"),
        ("standalone", "POS非連動", "cancelled"),
    ] {
        let terminal = TerminalProcess::start(On::Tcp, script, 5);
        let mut console = console(&terminal);
        pay_by_card(&mut console, "3430");
        console.wait_for(NOT_CHARGED);
        console.wait_for(words);
        assert_eq!(sales(console.home(), &[])[0]["state"], state, "{script}");
        // The bill stands, and can be paid in cash.
        console.press(&[Key::F(9)]);
        console.wait_for("ご請求");
        console.press(&[Key::F(7), Key::F(12)]);
        console.wait_for("お会計が終わりました");
        assert_books_agree(&console, &terminal);
    }
}

#[test]
fn a_terminal_that_is_not_there_gets_nothing() {
    let terminal = TerminalProcess::start(On::Tcp, "approve", 0);
    let start = start(&terminal);
    drop(terminal);
    let mut console = start.run();
    console.wait_for("売上入力");
    pay_by_card(&mut console, "3430");
    console.wait_for(NOT_CHARGED);
    console.wait_for("つながっていません");
    assert_eq!(sales(console.home(), &[])[0]["state"], "cancelled");
}

#[test]
fn a_line_cut_after_the_approval_is_asked_about_and_settled() {
    for (on, script) in [
        (On::Tcp, "approve-then-cut"),
        (On::Pty, "approve-then-cut"),
        (On::Pty, "garble 9"),
        (On::Tcp, "reboot-memory"),
    ] {
        let terminal = TerminalProcess::start(on, script, 5);
        let mut console = console(&terminal);
        pay_by_card(&mut console, "3430");
        console.wait_for(APPROVED);
        assert_books_agree(&console, &terminal);
        assert_eq!(terminal.books().len(), 1);
    }
}

#[test]
fn a_line_that_drops_under_a_sale_that_goes_on_settles_it_once() {
    for (on, script, outcome) in [
        // The answer has nobody to go to, and is found by asking.
        (On::Tcp, "reset-then-approved 0", APPROVED),
        (On::Pty, "reset-then-approved 0", APPROVED),
        // The answer comes while the terminal is asked, on the line that the question opened.
        (On::Tcp, "reset-then-approved 6000", APPROVED),
        (On::Pty, "reset-then-approved 6000", APPROVED),
        (On::Tcp, "decline-then-cut", "承認されませんでした"),
        (On::Pty, "decline-then-cut", "承認されませんでした"),
    ] {
        let terminal = TerminalProcess::start(on, script, 5);
        let mut console = console(&terminal);
        pay_by_card(&mut console, "3430");
        console.wait_for(outcome);
        assert_books_agree(&console, &terminal);
        assert_eq!(terminal.books().len(), 1, "{script}");
    }
}

#[test]
fn what_the_terminal_forgot_a_person_settles_with_its_slip() {
    let terminal = TerminalProcess::start(On::Tcp, "reboot-amnesia", 5);
    let mut console = console(&terminal);
    pay_by_card(&mut console, "3430");
    console.wait_for(UNKNOWN);
    console.wait_for("自動では確認できませんでした");
    let slip = terminal.books()[0]["slip_number"].clone();
    console.press(&[Key::F(12), Key::Enter]);
    prove_by_slip(&mut console, slip.as_str().expect("a slip"));
    console.wait_for("E203");
    let sales = sales(console.home(), &[]);
    assert_eq!(sales[0]["state"], "settled");
    assert_books_agree(&console, &terminal);
}

#[test]
fn a_parked_sale_stands_in_the_way_of_the_next_card_but_not_of_cash() {
    let terminal = TerminalProcess::start(On::Tcp, "reboot-amnesia", 5);
    let mut console = console(&terminal);
    pay_by_card(&mut console, "3430");
    console.wait_for("自動では確認できませんでした");
    console.press(&[Key::Char('3')]);
    console.wait_for("売上入力");
    console.wait_for("未解決 1件");
    assert_eq!(sales(console.home(), &[])[0]["state"], "parked");
    // Digits right behind the answer count as its number; any other key ends it.
    console.press(&[Key::Up]);
    ring_up(&mut console, "500");
    console.press(&[Key::F(6)]);
    console.wait_for("未解決の取引があります");
    console.press(&[Key::F(9)]);
    console.wait_for("お預かり");
    console.press(&[Key::F(7), Key::F(12)]);
    console.wait_for("お会計が終わりました");
    assert_eq!(terminal.books().len(), 1);
}

/// The points of a sale that can be seen from outside, in their order: what the terminal says there.
const STEPS: &[(&str, &str)] = &[
    ("asked", "approve"),
    ("display: WaitingForCard", "approve"),
    ("display: Centre", "approve"),
    ("approved slip", "approve"),
    ("approved slip", "late 1500"),
    ("asked", "silence"),
    ("display: Centre", "progress-then-silence"),
    ("declined slip", "decline"),
];

#[test]
fn killed_at_any_step_the_next_start_makes_the_books_right() {
    let steps = STEPS
        .iter()
        .flat_map(|step| [On::Tcp, On::Pty].map(|on| (step, on)));
    each(steps.collect(), |((step, script), on)| {
        let terminal = TerminalProcess::start(on, script, 150);
        let mut first = console(&terminal);
        pay_by_card(&mut first, "3430");
        terminal.wait_for(step);
        first.kill9();
        settles_at_last(start(&terminal).run_at_home_of(first), &terminal, step);
    });
}

/// The points of a recovery that can be seen from outside: on the screen, in the console's books, or at the terminal.
#[derive(Clone, Copy, Debug)]
enum Again {
    /// The process is there.
    Started,
    /// Its books are its own: what it found open, it has read.
    Led,
    /// The terminal is asked what became of the sale.
    Inquired,
    /// The outcome is in the books, or on the screen, whichever is seen first.
    Settled,
    /// The outcome stands on the screen.
    Shown,
}

const RECOVERY: [Again; 5] = [
    Again::Started,
    Again::Led,
    Again::Inquired,
    Again::Settled,
    Again::Shown,
];

/// What the next start shows of a sale that the one before was killed in: its outcome, or the question about it.
fn leads(screen: &str) -> bool {
    screen.contains(UNKNOWN) || ended(screen)
}

fn ended(screen: &str) -> bool {
    [
        APPROVED,
        "売上入力",
        "端末に取引がありませんでした",
        "承認されませんでした",
        "中止されました",
        "自動では確認できませんでした",
    ]
    .iter()
    .any(|words| screen.contains(words))
}

/// Wait until a recovery is there, or has come to its end without passing there.
fn wait_for_recovery(console: &mut Console, terminal: &TerminalProcess, point: Again) {
    let home = console.home().to_owned();
    let resolved = || {
        sales(&home, &[])
            .iter()
            .all(|sale| !matches!(sale["state"].as_str(), Some("unknown" | "parked")))
    };
    match point {
        Again::Started => {}
        Again::Led => console.wait_until("a sale that is led, or its outcome", leads),
        Again::Inquired => {
            until(|| terminal.has_said("inquired") || ended(&console.screen_text()));
        }
        Again::Settled => until(|| resolved() || ended(&console.screen_text())),
        Again::Shown => console.wait_until("an outcome, or an empty register", ended),
    }
}

/// Look at two places until one of them has it.
#[track_caller]
fn until(found: impl Fn() -> bool) {
    assert!((0..LOOKS_MAX).any(|_| found()), "it never came");
}

/// In an ordinary run each step, each point of the recovery and either line is in the spread.
const PART: usize = 7;

#[test]
fn killed_at_any_step_and_again_at_any_step_of_the_recovery_the_third_start_makes_the_books_right()
{
    let steps = STEPS
        .iter()
        .flat_map(|step| RECOVERY.map(|again| (step, again)));
    let pairs = steps.flat_map(|(step, again)| [On::Tcp, On::Pty].map(|on| (step, again, on)));
    let pairs = pairs.enumerate().filter(|(pair, _)| taken(*pair, PART));
    each(pairs.collect(), |(_, ((step, script), again, on))| {
        let terminal = TerminalProcess::start(on, script, 150);
        let mut first = console(&terminal);
        pay_by_card(&mut first, "3430");
        terminal.wait_for(step);
        first.kill9();
        let mut second = start(&terminal).run_at_home_of(first);
        wait_for_recovery(&mut second, &terminal, again);
        second.kill9();
        let third = start(&terminal).run_at_home_of(second);
        settles_at_last(third, &terminal, &format!("{step}, then {again:?}"));
    });
}

/// What is there in the end, whoever was killed before: an outcome, the right one, once.
#[track_caller]
fn settles_at_last(mut console: Console, terminal: &TerminalProcess, killed: &str) {
    console.wait_until("an outcome or an empty register", ended);
    settle_by_hand(&mut console, terminal);
    assert_books_agree(&console, terminal);
    let charged = terminal.books();
    let charged = charged
        .iter()
        .filter(|entry| entry["outcome"] == "approved");
    assert!(charged.count() <= 1, "{killed}: charged twice");
    let sales = sales(console.home(), &[]);
    assert_eq!(sales.len(), 1, "{killed}: {sales:#?}");
    assert!(
        sales[0]["state"] != "unknown" && sales[0]["state"] != "parked",
        "{killed}: {sales:#?}"
    );
}

/// What the terminal cannot settle, a person with its history before her does.
fn settle_by_hand(console: &mut Console, terminal: &TerminalProcess) {
    if !console
        .screen_text()
        .contains("自動では確認できませんでした")
    {
        return;
    }
    let slip = terminal
        .books()
        .iter()
        .find(|entry| entry["outcome"] == "approved")
        .and_then(|entry| entry["slip_number"].as_str().map(str::to_owned));
    match slip {
        Some(slip) => {
            console.press(&[Key::Char('1')]);
            console.type_text(&slip);
        }
        None => {
            console.press(&[Key::Char('2')]);
            console.type_text("3430");
        }
    }
    console.press(&[Key::Enter]);
    console.wait_gone("自動では確認できませんでした");
}

#[test]
fn the_terminal_window_is_given_back_however_the_console_ends() {
    let quick = || {
        let mut console = Start::console().arguments(&["--lang", "ja"]).run();
        console.wait_for("売上入力");
        console
    };
    let mut by_key = quick();
    by_key.press(&[Key::Ctrl('c')]);
    assert_eq!(by_key.exit_status().code(), Some(0));
    by_key.assert_restored();
    for signal in [Signal::TERM, Signal::HUP, Signal::QUIT] {
        let mut console = quick();
        console.signal(signal);
        assert_eq!(console.exit_status().code(), Some(129), "{signal:?}");
        console.assert_restored();
    }
}

#[test]
#[cfg(debug_assertions)]
fn the_terminal_window_is_given_back_after_a_panic_which_says_what_to_do() {
    let mut console = Start::console()
        .arguments(&["--lang", "ja"])
        .variable("MADOGUCHI_TEST_PANIC", "1")
        .run();
    console.wait_for("売上入力");
    console.type_text("500");
    console.press(&[Key::Enter]);
    assert_eq!(console.exit_status().code(), Some(70));
    console.assert_restored();
    console.wait_for("内部の誤り");
    console.wait_for("請求:");
}

#[test]
fn a_second_console_reads_and_a_dead_one_stands_in_nobodys_way() {
    let mut owner = Start::console().arguments(&["--lang", "ja"]).run();
    owner.wait_for("売上入力");
    let data = owner.home().join("shared");
    let data: &'static str = data.to_str().expect("a path").to_owned().leak();
    let arguments = ["--lang", "ja", "--data-dir", data];
    let mut first = Start::console().arguments(&arguments).run();
    first.wait_for("売上入力");
    let mut second = Start::console().arguments(&arguments).run();
    second.wait_for("閲覧専用");
    first.kill9();
    let mut third = Start::console().arguments(&arguments).run();
    third.wait_for("売上入力");
}

#[test]
fn history_finds_a_sale_and_its_copy_says_so() {
    let terminal = TerminalProcess::start(On::Tcp, "approve", 0);
    let mut console = console(&terminal);
    for amount in ["1230", "3430"] {
        pay_by_card(&mut console, amount);
        console.wait_for(APPROVED);
        console.press(&[Key::Enter]);
        console.wait_for("売上入力");
    }
    console.press(&[Key::F(3)]);
    console.wait_for("決済連携");
    console.type_text("1230");
    console.press(&[Key::F(5)]);
    console.wait_gone("3,430");
    console.press(&[Key::Enter]);
    console.wait_for("領収書");
    console.press(&[Key::F(7)]);
    console.wait_for("再発行");
}

#[test]
fn a_terminal_that_loses_its_power_is_seen_to_go_and_to_come_back_without_a_key() {
    let mut terminal = TerminalProcess::start(On::Tcp, "approve", 1);
    let mut console = console(&terminal);
    console.wait_for("● 連動中");
    terminal.kill();
    console.wait_gone("● 連動中");
    console.wait_for("■ 断");
    terminal.start_again();
    console.wait_for("● 連動中");
    pay_by_card(&mut console, "3430");
    console.wait_for(APPROVED);
    assert_books_agree(&console, &terminal);
}

#[test]
fn the_trace_that_the_screen_exports_is_what_the_command_prints() {
    let terminal = TerminalProcess::start(On::Tcp, "approve", 0);
    let mut console = console(&terminal);
    let exported = |home: &Path| {
        at_home(env!("CARGO_BIN_EXE_madoguchi"), home)
            .args(["--lang", "ja", "link", "trace", "--exported"])
            .output()
            .expect("it runs")
    };
    let nothing = exported(console.home());
    assert_eq!(nothing.status.code(), Some(1), "{nothing:?}");
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("F4→端末接続→3 通信記録"));

    pay_by_card(&mut console, "3430");
    console.wait_for(APPROVED);
    console.press(&[Key::Enter]);
    console.wait_for("売上入力");
    console.press(&[Key::F(4), Key::Char('4')]);
    console.wait_for("CATポート");
    console.press(&[Key::Char('3')]);
    console.wait_for("CAT1 open-cat");
    console.wait_for("result: approved");
    console.press(&[Key::F(2)]);
    console.wait_for("書き出しました");

    let printed = exported(console.home());
    assert!(printed.status.success(), "{printed:?}");
    let printed = String::from_utf8(printed.stdout).expect("text");
    let (heading, text) = printed.split_once('\n').expect("a heading");
    let file = heading.strip_prefix("# ").expect("a heading");
    assert!(file.ends_with("wire-trace-cat1.txt"), "{heading}");
    let file = std::fs::read_to_string(file).expect("the file that was named");
    assert_eq!(text.trim_end(), file.trim_end());
    // The whole exchange in its order, and nothing that could be a card's number.
    let at = |words: &str| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words}: {text}"))
    };
    assert!(at("-- open") < at(">> ENQ"), "{text}");
    assert!(at("authorize_sales") < at("result: approved"), "{text}");
    let slip = terminal.books()[0]["slip_number"].clone();
    at(slip.as_str().expect("a slip"));
    at("************");
}

#[test]
fn a_scanned_bill_stands_on_the_screen_and_is_paid_once() {
    let terminal = TerminalProcess::start(On::Tcp, "approve", 0);
    let mut console = console(&terminal);
    console.type_text("12");
    console.scan("200010006508");
    console.wait_for("0200010006508");
    console.wait_for("お会計は 650円です");
    console.press(&[Key::Enter]);
    console.wait_for("F12 で会計に取り込みます");
    console.press(&[Key::F(12)]);
    console.wait_for("売上入力");
    console.wait_for("診療費");
    console.send(b"\x15");
    console.press(&[Key::F(12)]);
    console.wait_for("ご請求");
    // In the middle of a payment a scan is refused, and lands nowhere.
    console.scan("0200010012301");
    console.wait_for("会計画面に戻ってから読み取ってください");
    console.press(&[Key::F(7)]);
    console.press(&[Key::F(12)]);
    console.wait_for("会計完了");
    console.scan("0200010006508");
    console.wait_for("本日もう精算されています");
    console.press(&[Key::F(9)]);
    console.wait_gone("本日もう精算されています");
    let sold = sales(console.home(), &[]);
    assert_eq!(sold.len(), 1, "{sold:?}");
    assert_eq!(sold[0]["tenders"][0]["amount"], 650);
}
