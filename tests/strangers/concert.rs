//! pyTeliumManager on both ends of a Concert (Protocol E) line: a terminal made of its codec answers our console, and its client drives
//! our simulated terminal.

use madoguchi::app::key::Key;
use serde_json::{Value, json};

use crate::support::console::{Console, Start, at_home};
use crate::support::hand::press_for;
use crate::support::peers::Peer;
use crate::support::site::Site;
use crate::support::terminal_process::{On, TerminalProcess};
use crate::support::till::history_of;

/// Our console at a foreign terminal that does these things to its payments in turn.
struct Counter {
    console: Console,
    terminal: Peer,
}

impl Counter {
    fn at(words: &[&str]) -> Option<Counter> {
        Counter::of_site(words, &["--model", "concert"])
    }

    fn of_site(words: &[&str], model: &[&str]) -> Option<Counter> {
        let terminal = Peer::python("telium_terminal.py", words)?;
        let path = terminal.says_of("path")["path"]
            .as_str()
            .expect("a path")
            .to_owned();
        let path: &'static str = path.leak();
        let mut console = Start::console()
            .arguments(&["--lang", "ja", "--port", path])
            .arguments(model)
            .run();
        console.wait_for("売上入力");
        Some(Counter { console, terminal })
    }

    fn pay(&mut self, amount: &str) {
        self.console.type_text(amount);
        self.console.press(&[Key::Enter, Key::F(12)]);
        self.console.wait_for("ご請求");
        self.console.press(&[Key::F(6)]);
        self.console.wait_for("クレジット利用");
        self.console.press(&[Key::F(12)]);
        self.console.wait_gone("クレジット利用");
        self.console.press(&[Key::F(12)]);
    }

    fn sales(&self) -> Vec<Value> {
        let output = at_home(env!("CARGO_BIN_EXE_madoguchi"), self.console.home())
            .args(["sales", "--format", "json"])
            .output()
            .expect("sales runs");
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).expect("a list of objects")
    }
}

#[test]
fn a_terminal_of_another_project_takes_our_sale_and_its_answer_is_booked() {
    let Some(mut counter) = Counter::at(&["approve"]) else {
        return;
    };
    counter.pay("3430");
    counter.console.wait_for("承認されました");
    let asked = counter.terminal.says_of("asked");
    assert_eq!(asked["asked"], 3_430);
    assert_eq!(asked["kind"], "0");
    let sales = counter.sales();
    assert_eq!(sales[0]["state"], "settled");
    let number = sales[0]["tenders"][0]["sequence_number"]
        .as_u64()
        .expect("a number");
    let private = asked["private"].as_str().expect("a text");
    assert_eq!(
        private.trim().parse(),
        Ok(number),
        "our number stands in the private field"
    );
    assert_eq!(
        counter.terminal.says_of("acknowledged")["acknowledged"],
        true
    );
}

#[test]
fn its_refusal_is_not_charged() {
    let Some(mut counter) = Counter::at(&["decline"]) else {
        return;
    };
    counter.pay("3430");
    counter.console.wait_for("請求: いいえ");
    assert_eq!(counter.terminal.says_of("asked")["asked"], 3_430);
}

#[test]
fn a_line_that_is_cut_after_its_approval_is_unknown_and_a_person_is_led_to_the_slip() {
    let Some(mut counter) = Counter::at(&["cut"]) else {
        return;
    };
    counter.pay("3430");
    assert_eq!(counter.terminal.says_of("approved")["approved"], 3_430);
    // It cannot be asked, so nobody pretends to.
    counter.console.wait_for("請求: 不明");
    assert!(
        counter
            .sales()
            .iter()
            .all(|sale| sale["state"] != "cancelled")
    );
}

#[test]
fn another_amount_in_its_answer_is_never_booked() {
    let Some(mut counter) = Counter::at(&["wrong-amount"]) else {
        return;
    };
    counter.pay("3430");
    counter.console.wait_for("請求: 不明");
    assert!(
        counter
            .sales()
            .iter()
            .all(|sale| sale["state"] != "settled")
    );
}

#[test]
fn what_its_answers_give_no_slip_for_is_taken_back_by_hand_and_never_sent() {
    // The site allows it and the model can refund; but nothing it said names the sale that would be taken back.
    let site = Site::with_model("concert", str::to_owned);
    let config = site.another("undo.toml", |config| {
        config.replace("undo_link = 0", "undo_link = 1")
    });
    let config = config.display().to_string();
    let Some(mut counter) = Counter::of_site(&["approve", "approve"], &["--config", &config])
    else {
        return;
    };
    counter.pay("3430");
    counter.console.wait_for("承認されました");
    assert_eq!(counter.terminal.says_of("asked")["kind"], "0");
    press_for(&mut counter.console, Key::Enter, "売上入力");
    for (key, what) in [(Key::F(1), "取消 3,430円"), (Key::F(2), "返品 430円")] {
        history_of(&mut counter.console);
        counter.console.press(&[key]);
        counter.console.wait_for("元の伝票");
        if key == Key::F(2) {
            counter.console.press(&[Key::F(3)]);
            counter.console.type_text("430");
        }
        // Nor does it say which of three cards it was.
        counter.console.wait_for("どのカードでしたか");
        counter.console.press(&[Key::F(5)]);
        counter.console.wait_for(what);
        counter.console.wait_for("返し方    端末で手動");
        press_for(&mut counter.console, Key::F(12), "まだ何も記録していません");
        for back in ["返し方", "領収書", "決済連携", "売上入力"] {
            press_for(&mut counter.console, Key::F(9), back);
        }
    }
    assert_eq!(counter.sales().len(), 1, "nothing is in the books of it");
    // The next thing that reaches the terminal is the next sale.
    counter.pay("1200");
    counter.console.wait_for("承認されました");
    let next = counter.terminal.says_of("asked");
    assert_eq!(
        (&next["asked"], &next["kind"]),
        (&json!(1_200), &json!("0"))
    );
}

#[test]
fn its_client_is_served_by_our_terminal() {
    let terminal = TerminalProcess::of_model("concert", On::Pty, "approve\ndecline 05\napprove", 0);
    let Some(mut client) = Peer::python("telium_client.py", &[terminal.place()]) else {
        return;
    };
    assert_eq!(client.says(), json!({"open": true}));
    assert_eq!(client.ask("ready"), json!({"ready": true}));
    // It asks for the short answer: the long one carries a report on the card, which our terminal does not write.
    for (asked, succeeded) in [
        ("pay-short 3430", true),
        ("pay-short 1200", false),
        ("pay-short 5400", true),
    ] {
        let said = client.ask(asked);
        let amount: u64 = asked
            .split_whitespace()
            .last()
            .and_then(|text| text.parse().ok())
            .expect("a number");
        assert_eq!(said["succeeded"], succeeded, "{said}");
        assert_eq!(said["amount"], amount, "{said}");
    }
    let approved: Vec<u64> = terminal
        .books()
        .iter()
        .filter(|entry| entry["outcome"] == "approved")
        .filter_map(|entry| entry["amount"].as_u64())
        .collect();
    assert_eq!(approved, [3_430, 5_400]);
}
