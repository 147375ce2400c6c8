//! 取消 through the real console, over the link or by hand, at terminals of the public dialects; what they hold of it in truth is read by the
//! client of another maker, and must be what our books say.

use madoguchi::app::key::Key;
use serde_json::Value;

use crate::ecr17;
use crate::support::console::{Console, Start};
use crate::support::hand::{press_for, press_until};
use crate::support::peers::Peer;
use crate::support::site::Site;
use crate::support::terminal_process::{On, TerminalProcess};
use crate::support::till::{APPROVED, REGISTER, pay_by_card, sales_at};

const NOT_BEGUN: &str = "まだ何も記録していません";
const OVER_THE_LINK: &str = "返し方    端末と連動して返します";
const NOT_THE_LAST: &str = "返し方    端末で手動 (連動で取消せるのは最後の取引だけ)";

/// A console that may take back over the link, at a terminal that follows a script.
struct Counter {
    console: Console,
    terminal: TerminalProcess,
    _site: Site,
}

impl Counter {
    fn at(model: &str, on: On, script: &str, card_class: &str) -> Counter {
        let site = Site::with_model(model, |shipped| {
            shipped.replace("inquiry_pause_ms = 2000", "inquiry_pause_ms = 50")
        });
        let config = site.another("undo.toml", |config| {
            let linked = config.replace("undo_link = 0", "undo_link = 1");
            linked.replacen(
                "card_class = 30",
                &format!("card_class = {card_class}"),
                usize::from(card_class != "30"),
            )
        });
        let terminal = TerminalProcess::of_model(model, on, script, 0);
        let config = config.display().to_string();
        let port = terminal.address();
        let words = ["--lang", "ja", "--config", &config, "--port", port];
        let mut console = Start::console().arguments(&words).run();
        console.wait_for(REGISTER);
        Counter {
            console,
            terminal,
            _site: site,
        }
    }

    fn sell(&mut self, amount: &str) {
        pay_by_card(&mut self.console, amount);
        self.console.wait_for(APPROVED);
        press_for(&mut self.console, Key::Enter, REGISTER);
    }

    /// The slip under the mark of the history after so many steps down, and what would take it back.
    fn call_up(&mut self, down: usize, way: &str) {
        self.console.press(&[Key::F(3)]);
        self.console.wait_for("決済連携");
        self.console.wait_for("成立");
        for _ in 0..down {
            self.console.press(&[Key::Down]);
        }
        self.console.press(&[Key::Enter]);
        self.console.wait_for("領収書");
        self.console.press(&[Key::F(1)]);
        self.console.wait_for(way);
    }

    /// F12 on what is to be taken back, until its outcome, or its first page by hand, is there.
    fn take_back(&mut self, outcome: &str) {
        press_until(&mut self.console, Key::F(12), outcome, |screen| {
            !screen.contains("返し方")
        });
        self.console.wait_for(outcome);
    }

    /// Kind, state and link of every card movement, oldest first.
    fn booked(&self) -> Vec<(String, String, String)> {
        let mut sales = sales_at(&self.console);
        sales.sort_by_key(|sale| sale["slip_number"].as_u64());
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        sales
            .iter()
            .map(|sale| {
                let link = &sale["tenders"][0]["link"];
                (text(&sale["kind"]), text(&sale["state"]), text(link))
            })
            .collect()
    }

    #[track_caller]
    fn assert_booked(&self, wanted: &[(&str, &str, &str)]) {
        let booked = self.booked();
        let seen: Vec<(&str, &str, &str)> = booked
            .iter()
            .map(|(kind, state, link)| (&**kind, &**state, &**link))
            .collect();
        assert_eq!(seen, wanted);
    }

    /// The console leaves the line to another.
    fn leave(&mut self) {
        press_for(&mut self.console, Key::Enter, REGISTER);
        self.console.press(&[Key::Ctrl('c')]);
        assert_eq!(self.console.exit_status().code(), Some(0));
    }

    /// What the terminal lists, read by its vendor's own kit; `None` where that cannot be had.
    fn listed_by_the_kit(&mut self) -> Option<Vec<i64>> {
        self.leave();
        let mut kit = Peer::python("transbank_client.py", &[self.terminal.place()])?;
        assert_eq!(kit.says()["open"], true);
        let said = kit.ask("list");
        let rows = said["list"].as_array().expect("a list");
        let number = |row: &Value| match &row["amount"] {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let approved = rows.iter().filter(|row| {
            let code = row["authorization_code"].as_str();
            code.is_some_and(|code| !code.trim().is_empty())
        });
        Some(approved.filter_map(number).collect())
    }
}

const SALE: (&str, &str, &str) = ("sale", "settled", "linked");
const VOID: (&str, &str, &str) = ("void", "settled", "linked");

#[test]
fn a_void_over_the_link_is_booked_as_the_vendors_kit_lists_it() {
    let mut counter = Counter::at("transbank", On::Pty, "approve …", "30");
    counter.sell("3430");
    counter.sell("1200");
    // The older one, past a newer.
    counter.call_up(1, OVER_THE_LINK);
    counter.take_back("返金されました");
    counter.assert_booked(&[SALE, SALE, VOID]);
    if let Some(listed) = counter.listed_by_the_kit() {
        assert_eq!(listed, [3_430, 1_200, -3_430]);
    }
}

#[test]
fn a_void_that_is_refused_for_debit_undoes_nothing_and_leads_to_the_work_by_hand() {
    let mut counter = Counter::at("transbank", On::Pty, "approve\ndecline 21", "13");
    counter.sell("3430");
    counter.call_up(0, OVER_THE_LINK);
    counter.take_back("返金: いいえ");
    counter.console.wait_for("カード会社かカードが断りました");
    counter.assert_booked(&[SALE, ("void", "declined", "linked")]);
    press_for(&mut counter.console, Key::Char('2'), NOT_BEGUN);
    press_until(&mut counter.console, Key::F(9), "off the work", |screen| {
        !screen.contains(NOT_BEGUN)
    });
    press_until(
        &mut counter.console,
        Key::F(9),
        "what may be taken back",
        |screen| screen.contains("返し方"),
    );
    press_for(&mut counter.console, Key::F(9), REGISTER);
    if let Some(listed) = counter.listed_by_the_kit() {
        assert_eq!(listed, [3_430]);
    }
}

#[test]
fn a_void_whose_answer_is_lost_is_found_in_the_list_where_its_sale_stands_twice() {
    let mut counter = Counter::at("transbank", On::Pty, "approve\napprove-then-cut", "30");
    counter.sell("3430");
    counter.call_up(0, OVER_THE_LINK);
    counter.take_back("返金されました");
    counter.assert_booked(&[SALE, VOID]);
    if let Some(listed) = counter.listed_by_the_kit() {
        assert_eq!(listed, [3_430, -3_430]);
    }
}

#[test]
fn a_void_that_never_reached_its_terminal_is_believed_neither_way() {
    let mut counter = Counter::at("transbank", On::Pty, "approve\ncut-before", "30");
    counter.sell("3430");
    counter.call_up(0, OVER_THE_LINK);
    counter.take_back("自動では確認できませんでした");
    counter.assert_booked(&[SALE, ("void", "unknown", "linked")]);
    assert_eq!(counter.terminal.books().len(), 1);
}

#[test]
fn the_last_payment_is_reversed_over_the_link_and_an_earlier_one_by_hand() {
    let mut counter = Counter::at("ecr17", On::Tcp, "approve …", "30");
    counter.sell("3430");
    counter.sell("1200");
    // The link reaches the last alone: the screen says that before anything is begun.
    counter.call_up(1, NOT_THE_LAST);
    counter.take_back(NOT_BEGUN);
    press_until(&mut counter.console, Key::F(9), "off the work", |screen| {
        !screen.contains(NOT_BEGUN)
    });
    for at in ["領収書", "決済連携", REGISTER] {
        press_for(&mut counter.console, Key::F(9), at);
    }
    counter.call_up(0, OVER_THE_LINK);
    counter.take_back("返金されました");
    counter.assert_booked(&[SALE, SALE, VOID]);
    counter.leave();
    assert_eq!(ecr17::total_at(counter.terminal.place()), 3_430);
}
