//! Work at the terminal by hand through the real console: killed on every page, taken up by somebody else, and in the end both books say
//! the same.
#![cfg(unix)]

mod support;

use std::path::PathBuf;

use madoguchi::app::key::Key;
use serde_json::Value;
use support::console::{Console, Start};
use support::crowd::{each, taken};
use support::hand::{press_for, press_until};
use support::site::Site;
use support::terminal_process::{On, TerminalProcess};
use support::till::{
    APPROVED, GAVE_UP, NOT_CHARGED, REGISTER, assert_money_agrees, history_of, pay_by_card,
    ring_up, sales, sales_at,
};

/// What is worked by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    /// 取消 of a linked sale.
    Void,
    /// 返品 of a part of a linked sale.
    Refund,
    /// A sale that the link could not make: the terminal was not there.
    LinkDown,
    /// A sale without an outcome, found in the terminal's history.
    Found,
    /// The same, and it is not there.
    NotThere,
    /// A sale made at the terminal while the console was off.
    Standalone,
}

/// The pages, as far as they can be told from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
enum Page {
    Confirm,
    LeaveLink,
    Operate,
    EnterSlip,
    BackToLink,
    Done,
}

/// The console is killed on this page: as it appears, or when the work of the page is done at the terminal (or its slip half typed), and
/// only the console does not know yet.
#[derive(Clone, Copy, Debug)]
struct Kill {
    page: Page,
    acted: bool,
}

impl Work {
    const ALL: [Work; 6] = [
        Work::Void,
        Work::Refund,
        Work::LinkDown,
        Work::Found,
        Work::NotThere,
        Work::Standalone,
    ];

    /// The pages it passes.
    fn pages(self) -> &'static [Page] {
        use Page::*;
        match self {
            Work::Void | Work::Refund | Work::LinkDown | Work::Found => {
                &[Confirm, LeaveLink, Operate, EnterSlip, BackToLink, Done]
            }
            Work::NotThere => &[Confirm, LeaveLink, Operate, BackToLink, Done],
            Work::Standalone => &[Confirm, EnterSlip, Done],
        }
    }

    fn is_looked_for(self) -> bool {
        matches!(self, Work::Found | Work::NotThere)
    }

    /// What the terminal does with the sale that goes over the link, where one does.
    fn script(self) -> &'static str {
        match self {
            Work::Found => "reboot-amnesia",
            Work::NotThere => "cut-before",
            Work::Void | Work::Refund | Work::LinkDown | Work::Standalone => "approve",
        }
    }

    /// What is typed off the terminal's slip.
    fn amount(self) -> &'static str {
        match self {
            Work::Refund => "430",
            _ => "3430",
        }
    }

    /// What `sales` says of its slip in the end.
    fn result(self) -> (&'static str, &'static str, i64) {
        match self {
            Work::Void => ("void", "settled", 3_430),
            Work::Refund => ("refund", "settled", 430),
            Work::NotThere => ("sale", "cancelled", 3_430),
            Work::LinkDown | Work::Found | Work::Standalone => ("sale", "settled", 3_430),
        }
    }

    /// How a list of open work calls a page of it.
    fn stage(self, page: Page) -> &'static str {
        match (page, self) {
            (Page::LeaveLink, _) => "連動解除",
            (Page::Operate, Work::Void) => "端末で取消",
            (Page::Operate, Work::Refund) => "端末で返品",
            (Page::Operate, _) => "端末で売上",
            (Page::EnterSlip, _) => "控えの番号",
            (Page::BackToLink, _) => "連動に戻す",
            (Page::Confirm | Page::Done, _) => "",
        }
    }
}

/// Which page stands on the screen.
fn page_of(screen: &str) -> Option<Page> {
    [
        ("まだ何も記録していません", Page::Confirm),
        ("端末をPOS連動からはずします", Page::LeaveLink),
        ("端末で取消をします", Page::Operate),
        ("端末で返品をします", Page::Operate),
        ("端末で売上をします", Page::Operate),
        ("端末の履歴で調べます", Page::Operate),
        ("端末から出た控えを見て入力します", Page::EnterSlip),
        ("端末をPOS連動に戻します", Page::BackToLink),
        ("を記録しました", Page::Done),
        ("として閉じました", Page::Done),
    ]
    .into_iter()
    .find_map(|(words, page)| screen.contains(words).then_some(page))
}

/// A counter whose two operators have each their own config, at a terminal whose keys are in reach.
struct Counter {
    _site: Site,
    configs: [PathBuf; 2],
    terminal: TerminalProcess,
    work: Work,
    /// The slip of the linked sale that is taken back.
    original: String,
    /// What was done at the terminal; whoever sits at the console sees it there.
    off: bool,
    slip: Option<String>,
    back: bool,
}

/// Asked quickly, and a terminal that has nothing proves nothing by that.
fn model(shipped: &str) -> String {
    let quick = shipped.replace("inquiry_pause_ms = 3000", "inquiry_pause_ms = 50");
    let changed = quick.replace("not_found = \"same_journal\"", "not_found = \"nothing\"");
    assert!(changed != quick && quick != shipped, "{changed}");
    changed
}

impl Counter {
    fn new(work: Work) -> Counter {
        let site = Site::with_model("open-cat", model);
        let second = site.another("second.toml", |config| {
            config.replace(
                "code = \"01\"\nname = \"受付\"",
                "code = \"02\"\nname = \"佐藤\"",
            )
        });
        let config = site.config();
        let terminal =
            TerminalProcess::of_site("open-cat", On::Tcp, work.script(), 0, Some(&config));
        Counter {
            configs: [config, second],
            _site: site,
            terminal,
            work,
            original: String::new(),
            off: false,
            slip: None,
            back: false,
        }
    }

    /// The console of one of the two operators.
    fn console(&self, operator: usize, earlier: Option<Console>) -> Console {
        let config = self.configs[operator].display().to_string();
        let words = [
            "--lang",
            "ja",
            "--config",
            &config,
            "--port",
            self.terminal.address(),
        ];
        let start = Start::console().arguments(&words);
        match earlier {
            Some(earlier) => start.run_at_home_of(earlier),
            None => start.run(),
        }
    }

    /// From the register to the first page of the work.
    fn begin(&mut self, console: &mut Console) {
        match self.work {
            Work::Void | Work::Refund => {
                self.sell_over_the_link(console);
                self.call_up(console);
            }
            Work::LinkDown => {
                self.terminal.kill();
                pay_by_card(console, "3430");
                console.wait_for(NOT_CHARGED);
                press_for(console, Key::Char('4'), "まだ何も記録していません");
                self.terminal.start_again();
            }
            Work::Found | Work::NotThere => {
                if self.is_first_time(console) {
                    pay_by_card(console, "3430");
                }
                self.look(console);
            }
            Work::Standalone => {
                self.make_standalone();
                ring_up(console, "3430");
                console.press(&[Key::F(6)]);
                console.wait_for("クレジット利用");
                console.press(&[Key::F(7)]);
            }
        }
        console.wait_for("まだ何も記録していません");
    }

    fn is_first_time(&self, console: &Console) -> bool {
        sales_at(console).is_empty()
    }

    fn sell_over_the_link(&mut self, console: &mut Console) {
        if self.is_first_time(console) {
            pay_by_card(console, "3430");
            console.wait_for(APPROVED);
            press_for(console, Key::Enter, REGISTER);
            let slip = self.terminal.books()[0]["slip_number"].clone();
            self.original = slip.as_str().expect("a slip").to_owned();
        }
    }

    /// The newest sale, and what is to be taken back of it.
    fn call_up(&self, console: &mut Console) {
        history_of(console);
        match self.work {
            Work::Void => console.press(&[Key::F(1)]),
            _ => {
                console.press(&[Key::F(2)]);
                console.wait_for("元の伝票");
                console.press(&[Key::F(3)]);
                console.type_text("430");
                console.wait_for("返品 430円");
            }
        }
        console.wait_for("返し方    端末で手動");
        press_for(console, Key::F(12), "まだ何も記録していません");
    }

    fn make_standalone(&mut self) {
        if self.slip.is_none() {
            self.terminal.press("off");
            self.slip = Some(self.terminal.operate("sale 3430"));
            self.terminal.press("on");
        }
    }

    /// From a sale without an outcome to the work that looks for it.
    fn look(&self, console: &mut Console) {
        console.wait_for(GAVE_UP);
        press_until(console, Key::Char('4'), "the work", |screen| {
            page_of(screen).is_some()
        });
    }

    /// Do at the terminal, and type, what a page asks for.
    fn act(&mut self, console: &mut Console, page: Page) {
        match page {
            Page::LeaveLink if !self.off => {
                self.terminal.press("off");
                self.off = true;
            }
            Page::Operate if self.slip.is_none() => self.operate(),
            Page::EnterSlip => {
                let slip = self.slip.as_deref().expect("a slip");
                console.type_text(slip);
                console.wait_for(&format!("伝票番号        > {slip}"));
            }
            Page::BackToLink if !self.back => {
                self.terminal.press("on");
                self.back = true;
            }
            _ => {}
        }
    }

    fn operate(&mut self) {
        let key = match self.work {
            Work::Void => format!("void {}", self.original),
            Work::Refund => format!("refund {} 430", self.original),
            Work::LinkDown => "sale 3430".to_owned(),
            Work::Found => {
                // It lost its memory; the paper is there.
                let slip = self.terminal.books()[0]["slip_number"].clone();
                self.slip = slip.as_str().map(str::to_owned);
                return;
            }
            Work::NotThere | Work::Standalone => return,
        };
        self.slip = Some(self.terminal.operate(&key));
    }

    /// The key that says that it is done, until another page is there.
    fn go_on(&self, console: &mut Console, page: Page) {
        let key = match page {
            Page::BackToLink => Key::F(5),
            Page::EnterSlip => {
                console.press(&[Key::Enter]);
                console.type_text(self.work.amount());
                Key::F(12)
            }
            Page::Operate if self.work == Work::NotThere => {
                press_for(console, Key::F(8), "端末の履歴にありませんか");
                press_for(console, Key::Char('1'), "金額を入れて Enter");
                console.type_text(self.work.amount());
                Key::Enter
            }
            _ => Key::F(12),
        };
        let turned = |screen: &str| page_of(screen).is_some_and(|now| now != page);
        if page == Page::BackToLink || key == Key::Enter {
            console.press(&[key]);
            console.wait_until("the next page", turned);
        } else {
            press_until(console, key, "the next page", turned);
        }
    }

    /// After the kill: what is open is counted and listed at its stage, and goes on there. False where nothing is open.
    fn take_up(&mut self, console: &mut Console, kill: Kill) -> bool {
        if self.work.is_looked_for() && !matches!(kill.page, Page::BackToLink | Page::Done) {
            // It comes first by itself.
            console.wait_for(GAVE_UP);
            console.wait_for("未解決 1件");
            if kill.page == Page::Confirm {
                self.begin(console);
            } else {
                self.look(console);
            }
            return true;
        }
        self.to_register(console);
        match kill.page {
            Page::Confirm => {
                // Nothing was in the books yet.
                console.wait_for("未解決 0件");
                self.begin(console);
                true
            }
            // The answer to the first look at the terminal has proved it.
            Page::BackToLink if kill.acted => {
                console.wait_until("a terminal that is back, and nothing open", |screen| {
                    screen.contains("● 連動中") && screen.contains("未解決 0件")
                });
                false
            }
            Page::Done => {
                console.wait_for("未解決 0件");
                false
            }
            _ => {
                console.wait_for("未解決 1件");
                console.press(&[Key::F(4), Key::Char('2')]);
                console.wait_for(self.work.stage(kill.page));
                console.press(&[Key::Enter]);
                true
            }
        }
    }

    /// An outcome that nobody was seen to read comes first: what was charged is read, what was not comes back as a bill and is paid in cash.
    fn to_register(&self, console: &mut Console) {
        let outcome = |screen: &str| screen.contains(APPROVED) || screen.contains(NOT_CHARGED);
        console.wait_until("a first screen", |screen| {
            screen.contains(REGISTER) || outcome(screen)
        });
        if console.screen_text().contains(NOT_CHARGED) {
            press_for(console, Key::F(9), "ご請求");
            console.press(&[Key::F(7), Key::F(12)]);
            console.wait_for("お会計が終わりました");
        }
        press_for(console, Key::Enter, REGISTER);
    }

    /// The whole work, with one kill on the way.
    fn run(mut self, kill: Kill) {
        let mut console = self.console(0, None);
        console.wait_for(REGISTER);
        self.begin(&mut console);
        let mut killed = false;
        loop {
            console.wait_until("a page", |screen| page_of(screen).is_some());
            let page = page_of(&console.screen_text()).expect("it stays");
            let kills_here = !killed && kill.page == page;
            if kills_here && kill.acted {
                self.act(&mut console, page);
            }
            if kills_here {
                killed = true;
                console.kill9();
                console = self.console(1, Some(console));
                if !self.take_up(&mut console, kill) {
                    break;
                }
                if page != Page::Confirm {
                    console.wait_until("the page it was left on", |screen| {
                        page_of(screen) == Some(page)
                    });
                }
                continue;
            }
            self.act(&mut console, page);
            if page == Page::Done {
                break;
            }
            self.go_on(&mut console, page);
        }
        assert!(killed, "{:?} never came", kill.page);
        self.assert_right(&console);
        // Who took it up stands by what came of it.
        if kill.page < Page::BackToLink {
            let said = entries(&console, &["posted", "released"]);
            let last = said.last().expect("an outcome");
            assert_eq!(last["evidence"]["operator"]["code"], "02", "{last}");
        }
    }

    /// The right slip, and the same money on both sides.
    fn assert_right(&self, console: &Console) {
        let sales = sales_at(console);
        // One that is looked for was sent over the link, and stays that sale.
        let sent = self.work.is_looked_for();
        let worked: Vec<&Value> = sales
            .iter()
            .filter(|sale| sale["tenders"][0]["kind"] == "card")
            .filter(|sale| sent || sale["by_hand"] == true)
            .collect();
        assert_eq!(worked.len(), 1, "{sales:#?}");
        let done = worked[0];
        let (kind, state, amount) = self.work.result();
        assert_eq!(done["kind"], kind, "{sales:#?}");
        assert_eq!(done["state"], state, "{sales:#?}");
        assert_eq!(done["amount"], amount, "{sales:#?}");
        if state == "settled" {
            let slip = self.slip.as_deref();
            assert_eq!(done["tenders"][0]["terminal_slip_number"].as_str(), slip);
        }
        assert_money_agrees(console, &self.terminal);
    }
}

/// The ledger's entries of these kinds, oldest first.
fn entries(console: &Console, kinds: &[&str]) -> Vec<Value> {
    let path = console.home().join("data/madoguchi/books.sqlite3");
    let books = rusqlite::Connection::open(path).expect("the books");
    let mut all = books
        .prepare("SELECT kind, body FROM entry ORDER BY id")
        .expect("a ledger");
    let rows = all.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    });
    rows.expect("its entries")
        .map(|row| row.expect("an entry"))
        .filter(|(kind, _)| kinds.contains(&kind.as_str()))
        .map(|(_, body)| serde_json::from_str(&body).expect("JSON"))
        .collect()
}

/// In an ordinary run each work, and each page, is in the spread.
const PART: usize = 3;

#[test]
fn work_by_hand_that_is_killed_on_any_page_goes_on_there_by_another_hand_and_ends_right() {
    let kills = Work::ALL.into_iter().flat_map(|work| {
        let kills = work.pages().iter().flat_map(|page| {
            let page = *page;
            // Nothing is done at the terminal on the first page and the last.
            let acts = !matches!(page, Page::Confirm | Page::Done);
            let acted = [Some(false), acts.then_some(true)].into_iter().flatten();
            acted.map(move |acted| Kill { page, acted })
        });
        kills.map(move |kill| (work, kill))
    });
    let some = kills.enumerate().filter(|(at, _)| taken(*at, PART));
    each(some.collect(), |(_, (work, kill))| {
        eprintln!("{work:?} {kill:?}");
        Counter::new(work).run(kill);
    });
}

#[test]
fn a_trainee_takes_a_sale_back_by_hand_on_marked_screens_and_in_books_of_practice() {
    let mut console = Start::console().arguments(&["--lang", "ja"]).run();
    console.wait_for("練習モード・請求されません");
    pay_by_card(&mut console, "3430");
    console.wait_for(APPROVED);
    press_for(&mut console, Key::Enter, REGISTER);
    history_of(&mut console);
    console.press(&[Key::F(1)]);
    console.wait_for("返し方    端末で手動");
    for page in [
        "まだ何も記録していません",
        "端末をPOS連動からはずします",
        "端末で取消をします",
        "端末から出た控えを見て入力します",
    ] {
        press_for(&mut console, Key::F(12), page);
        assert!(console.screen_text().contains("◆ 練習"), "{page}");
    }
    console.type_text("00077");
    console.press(&[Key::Enter]);
    console.type_text("3430");
    press_for(&mut console, Key::F(12), "端末をPOS連動に戻します");
    console.wait_for("◆ 練習");
    console.press(&[Key::F(5)]);
    console.wait_for("端末の応答で、連動に戻った");
    console.wait_for("◆ 練習");
    let booked: Vec<_> = sales(console.home(), &["--practice"])
        .iter()
        .map(|sale| {
            let word = |key: &str| sale[key].as_str().unwrap_or_default().to_owned();
            (word("kind"), word("state"), sale["practice"] == true)
        })
        .collect();
    let settled = |kind: &str| (kind.to_owned(), "settled".to_owned(), true);
    let mut expected = vec![settled("sale"), settled("void")];
    expected.sort();
    let mut sorted = booked;
    sorted.sort();
    assert_eq!(sorted, expected);
    assert_eq!(sales_at(&console), Vec::<Value>::new());
}
