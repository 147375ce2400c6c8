//! A clinic: a console in live mode between a simulated receipt computer and a simulated card terminal, each a process of its own, and what the three
//! of them have in their books. Nothing but these two can be reached by it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::DateTime;
use madoguchi::app::key::Key;
use madoguchi::config::SAMPLE;
use madoguchi::orca::simulator::scene::Scene;
use serde_json::Value;
use tempfile::TempDir;

use super::console::{Console, Start};
use super::hand::{MEANS_NOTHING, press_for};
use super::orca_process::OrcaProcess;
use super::patience::look_until;
use super::terminal_process::{On, TerminalProcess};
use super::till::{APPROVED, REGISTER, assert_money_agrees, history_of};

pub const WORKLIST: &str = "会計待ち";
pub const SOLD: &str = "お会計が終わりました";
pub const GIVEN_BACK: &str = "現金をお返しください";
const TAKEN: &str = "会計に入れました";
pub const CHECKOUT: &str = "ご請求";
/// 入金方法 of the receipt computer, as the config of this clinic has them.
pub const CASH: &str = "01";
pub const CARD: &str = "02";

/// The clinic.
pub struct Clinic {
    pub orca: OrcaProcess,
    pub terminal: TerminalProcess,
    folder: TempDir,
}

/// Somebody who waits to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payer {
    /// 患者番号.
    pub patient: String,
    /// 伝票番号 of today's bill.
    pub invoice: String,
    /// What is charged, yen.
    pub amount: i64,
}

impl Clinic {
    /// So many patients (half of them wait), what goes wrong at the receipt computer, and what the terminal does.
    pub fn open(patients: u32, orca: &str, terminal: &str) -> Clinic {
        Clinic::of(
            OrcaProcess::start(patients, orca),
            TerminalProcess::start(On::Tcp, terminal, 0),
        )
    }

    /// Of these two.
    pub fn of(orca: OrcaProcess, terminal: TerminalProcess) -> Clinic {
        let clinic = Clinic {
            orca,
            terminal,
            folder: tempfile::tempdir().expect("a folder"),
        };
        let push = clinic.orca.push().to_owned();
        clinic.configure(&push);
        clinic
    }

    /// Write the config: live, at these two and nothing else.
    pub fn configure(&self, push: &str) {
        let port = "port = \"/dev/ttyUSB0\"";
        assert!(SAMPLE.contains(port) && SAMPLE.contains("\nmode = 0"));
        let at_terminal = format!("port = \"{}\"", self.terminal.address());
        let cards: String = ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10"]
            .iter()
            .filter(|code| SAMPLE.contains(&format!("[[card_company]]\ncode = \"{code}\"")))
            .map(|code| format!("\"{code}\" = \"{CARD}\"\n"))
            .collect();
        let text = format!(
            "{}\n[orca]\nkind = \"onprem\"\nurl = \"http://{}\"\nuser = \"u\"\npassword = \"w\"\npush = \"ws://{push}/ws\"\nread_seconds = 300\n\
             [orca.tender]\ncash = \"{CASH}\"\n{cards}",
            SAMPLE.replacen(port, &at_terminal, 1),
            self.orca.api(),
        );
        std::fs::write(self.config(), text).expect("written");
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    /// The console, at the home of one before it, where there was one.
    pub fn console(&self, earlier: Option<Console>) -> Console {
        let config = self.config().display().to_string();
        let words = ["--lang", "ja", "--config", &config];
        let start = Start::console().arguments(&words);
        match earlier {
            Some(earlier) => start.run_at_home_of(earlier),
            None => start.run(),
        }
    }

    /// The console at its register, listening to the receipt computer.
    pub fn opened(&self) -> Console {
        let console = self.opened_alone();
        wait_listening(&console, 1);
        console
    }

    /// The same where there is nothing to listen to.
    pub fn opened_alone(&self) -> Console {
        let mut console = self.console(None);
        console.wait_for(REGISTER);
        assert!(!console.screen_text().contains("練習"), "it is live");
        console
    }

    /// What a patient owes from before: the invoice and its yen.
    pub fn owed_before(&self, patients: usize, payer: &Payer) -> Option<(String, i64)> {
        let scene = scene(patients);
        let mut bills = scene.invoices.iter();
        let before =
            bills.find(|bill| bill.patient == payer.patient && bill.number != payer.invoice)?;
        Some((before.number.clone(), before.charged()))
    }

    /// Who waits from the start, in the order of the list.
    pub fn payers(&self, patients: usize) -> Vec<Payer> {
        let scene = scene(patients);
        let visits = scene.visits.iter().take(patients.div_ceil(2));
        visits
            .map(|visit| Payer {
                patient: visit.patient.clone(),
                invoice: visit.invoice.clone(),
                amount: {
                    let mut bills = scene.invoices.iter();
                    let bill = bills.find(|bill| bill.number == visit.invoice);
                    bill.expect("his invoice").charged()
                },
            })
            .collect()
    }
}

/// Its day. Numbers and amounts are the same whenever it is.
fn scene(patients: usize) -> Scene {
    let noon = DateTime::parse_from_rfc3339("2026-11-21T12:00:00+09:00");
    Scene::of_day(0, noon.expect("a moment"), patients)
}

/// The JAN-13 of a bill of so much.
pub fn code_of(amount: i64) -> String {
    let digits = format!("020001{amount:06}");
    let weighed = digits.bytes().zip([1, 3].into_iter().cycle());
    let sum: u32 = weighed
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// The NW-7 of a patient's card, with the zeros it bears.
pub fn card_of(payer: &Payer) -> String {
    format!("A{:0>7}A", payer.patient)
}

/// 1234567 as the screen has it.
pub fn grouped(yen: i64) -> String {
    let digits = yen.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// From the register to the bill of a patient of the list.
#[track_caller]
pub fn open_bill(console: &mut Console, payer: &Payer) {
    console.press(&[Key::F(5)]);
    console.wait_for(WORKLIST);
    console.wait_for(&payer.patient);
    console.type_text(&payer.patient);
    console.press(&[Key::Enter]);
    console.wait_for(&payer.invoice);
}

/// From the register to the payment of a patient's bill of today.
#[track_caller]
pub fn ring_up_bill(console: &mut Console, payer: &Payer) {
    open_bill(console, payer);
    console.wait_for(&format!("今回いただく {}円", grouped(payer.amount)));
    take_bill(console);
}

/// From the bill to its payment. F12 is pressed until it is taken: before the books have said what was paid today it says that they are being read.
#[track_caller]
pub fn take_bill(console: &mut Console) {
    const READING: &str = "読んでいます";
    console.wait_for("今回いただく");
    loop {
        console.press(&[Key::F(12)]);
        console.wait_until("a bill that is taken, or not yet", |screen| {
            screen.contains(TAKEN) || screen.contains(READING)
        });
        if console.screen_text().contains(TAKEN) {
            break;
        }
        // A key that means nothing says so; what it says goes with the next key.
        console.press(&[Key::F(11)]);
        console.wait_for(MEANS_NOTHING);
    }
    check_out(console);
}

/// From the register with a bill to its payment.
#[track_caller]
pub fn check_out(console: &mut Console) {
    console.wait_for(TAKEN);
    console.press(&[Key::F(12)]);
    console.wait_for(CHECKOUT);
}

/// Wait until a console has heard so many times since its home is there that somebody will tell it what is new. What it asks for then is asked before any
/// key that is pressed later.
#[track_caller]
pub fn wait_listening(console: &Console, times: usize) {
    look_until("PUSH", || {
        let log = console.home().join("data/madoguchi/diagnostic.log");
        let log = std::fs::read_to_string(log).unwrap_or_default();
        log.matches(" orca_push done\n").count() >= times
    });
}

/// Pay what is rung up in cash, to the last word of it.
#[track_caller]
pub fn pay_cash(console: &mut Console) {
    console.press(&[Key::F(7), Key::F(12)]);
    console.wait_for(SOLD);
}

/// Send what is rung up to the terminal, with the first card.
#[track_caller]
pub fn send_card(console: &mut Console) {
    console.press(&[Key::F(6)]);
    console.wait_for("クレジット利用");
    console.press(&[Key::F(12)]);
    console.wait_gone("クレジット利用");
    console.press(&[Key::F(12)]);
}

/// From an outcome back to the register.
#[track_caller]
pub fn next_customer(console: &mut Console) {
    press_for(console, Key::F(12), REGISTER);
}

/// Take the newest slip back, that was paid in cash.
#[track_caller]
pub fn give_back(console: &mut Console, payer: &Payer) {
    history_of(console);
    console.press(&[Key::F(1)]);
    console.wait_for("確認の金額");
    console.type_text(&payer.amount.to_string());
    press_for(console, Key::F(12), GIVEN_BACK);
}

#[track_caller]
pub fn pay_card(console: &mut Console) {
    send_card(console);
    console.wait_for(APPROVED);
}

/// The ledger's entries of a kind, oldest first.
pub fn entries(console: &Console, kind: &str) -> Vec<Value> {
    let path = console.home().join("data/madoguchi/books.sqlite3");
    let books = rusqlite::Connection::open(path).expect("the books");
    let mut all = books
        .prepare("SELECT body FROM entry WHERE kind = ?1 ORDER BY id")
        .expect("a ledger");
    let rows = all.query_map([kind], |row| row.get::<_, String>(0));
    rows.expect("its entries")
        .map(|row| serde_json::from_str(&row.expect("an entry")).expect("JSON"))
        .collect()
}

/// One movement of money: the invoice, the yen (below zero where it went back) and the code of 入金方法.
pub type Moved = (String, i64, String);

/// What the console's books say was taken for invoices of the receipt computer: settled slips alone, each of one invoice.
pub fn taken(console: &Console) -> Vec<Moved> {
    let settled: Vec<u64> = super::till::sales_at(console)
        .iter()
        .filter(|sale| sale["state"] == "settled")
        .map(|sale| sale["slip_number"].as_u64().expect("a number"))
        .collect();
    let mut moved = Vec::new();
    for entry in ["sold", "pending", "by_hand"]
        .iter()
        .flat_map(|kind| entries(console, kind))
    {
        if !settled.contains(&entry["slip"].as_u64().expect("a slip")) {
            continue;
        }
        let sale = &entry["sale"];
        let Some(shares) = sale["bill"]["shares"].as_array() else {
            continue;
        };
        assert_eq!(shares.len(), 1, "one invoice a slip: {entry}");
        let named = shares[0]["invoice"].as_str().map(str::to_owned);
        let invoice = named.or_else(|| found(console, &entry["slip"]));
        let invoice = invoice.expect("an invoice, named or found");
        let sign = if sale["kind"] == "sale" { 1 } else { -1 };
        for tender in sale["tenders"].as_array().expect("tenders") {
            let cash = tender["kind"] == "cash";
            moved.push((
                invoice.clone(),
                sign * tender["amount"].as_i64().expect("an amount"),
                if cash { CASH } else { CARD }.to_owned(),
            ));
        }
    }
    moved.sort();
    moved
}

/// The invoice that was found for a slip whose code named none.
fn found(console: &Console, slip: &Value) -> Option<String> {
    let steps = entries(console, "reflection");
    let mut sent = steps.iter().filter(|entry| entry["slip"] == *slip);
    let found = sent.find_map(|entry| entry["step"]["invoice"].as_str());
    found.map(str::to_owned)
}

/// What the receipt computer was told by a console.
pub fn posted(orca: &OrcaProcess) -> Vec<Moved> {
    let mut rows: Vec<Moved> = orca
        .books()
        .iter()
        .filter(|row| row["by"].as_str().is_some_and(|by| by.starts_with("mdg-")))
        .map(|row| {
            let text = |name: &str| row[name].as_str().expect("a text").to_owned();
            (
                text("invoice"),
                row["amount"].as_i64().expect("an amount"),
                text("code"),
            )
        })
        .collect();
    rows.sort();
    rows
}

/// Money taken is money posted, row for row; the terminal's books say the same of the cards; nobody is held; every chain holds.
#[track_caller]
pub fn assert_all_told(console: &Console, clinic: &Clinic) {
    assert_eq!(taken(console), posted(&clinic.orca));
    assert_money_agrees(console, &clinic.terminal);
    assert_eq!(clinic.orca.held(), Vec::<String>::new());
}

/// Every session of the record, as the words of its calls: one that begins with an `open`, pays at most once and ends with `finish`, with the keys of
/// that session in each, and none within another.
#[track_caller]
pub fn sessions(orca: &OrcaProcess) -> Vec<Vec<Value>> {
    let mut sessions: Vec<Vec<Value>> = Vec::new();
    for call in orca.told() {
        let key = |call: &Value, name: &str| call["keys"][name].as_str().unwrap_or("").to_owned();
        match call["call"].as_str().expect("a word") {
            "open" => {
                let over = sessions.last().is_none_or(|last| {
                    let last = last.last().expect("a call");
                    last["call"] == "finish" || last["orca_uid"].is_null()
                });
                assert!(over, "a session within another: {call}");
                assert_eq!(
                    (key(&call, "Request_Number"), key(&call, "Request_Mode")),
                    ("01".into(), "02".into())
                );
                for name in ["Karte_Uid", "Patient_ID", "InOut", "Invoice_Number"] {
                    assert!(!key(&call, name).is_empty(), "{name}: {call}");
                }
                sessions.push(vec![call]);
            }
            "pay" | "pay_back" | "finish" => {
                let session = sessions.last_mut().expect("an open before");
                let open = &session[0];
                assert_eq!(key(&call, "Karte_Uid"), key(open, "Karte_Uid"), "{call}");
                assert_eq!(
                    key(&call, "Orca_Uid"),
                    open["orca_uid"].as_str().unwrap_or(""),
                    "{call}"
                );
                if call["call"] == "finish" {
                    assert_eq!(key(&call, "Request_Number"), "99");
                } else {
                    assert_eq!(key(&call, "Request_Number"), "02");
                    for name in ["Patient_ID", "InOut", "Invoice_Number"] {
                        assert_eq!(key(&call, name), key(open, name), "{name}: {call}");
                    }
                    for name in ["Processing_Date", "Processing_Time", "Ic_Money", "Ic_Code"] {
                        assert!(!key(&call, name).is_empty(), "{name}: {call}");
                    }
                    assert_eq!(session.len(), 1, "one payment a session: {call}");
                }
                session.push(call);
            }
            _ => {}
        }
    }
    sessions
}

/// The words of each session.
pub fn words(sessions: &[Vec<Value>]) -> Vec<Vec<&str>> {
    sessions
        .iter()
        .map(|session| {
            session
                .iter()
                .map(|call| call["call"].as_str().expect("a word"))
                .collect()
        })
        .collect()
}

/// So many sessions were ended.
#[track_caller]
pub fn wait_finished(clinic: &Clinic, times: usize) {
    clinic
        .orca
        .wait_told(&format!("{times} sessions' end"), |calls| {
            let ends = calls.iter().filter(|call| call["call"] == "finish");
            ends.count() >= times
        });
}

/// Nothing waits any more, on the screen and in the books.
#[track_caller]
pub fn wait_nothing_open(console: &mut Console) {
    console.wait_until("nothing open", |screen| {
        screen.contains("未解決 0件") && !screen.contains("未反映")
    });
}

/// True where the books hold money of a bill, and every posting of it is in the receipt computer and its session closed.
pub fn is_told_to_the_end(console: &Console) -> bool {
    let paid: Vec<u64> = ["sold", "posted"]
        .iter()
        .flat_map(|kind| entries(console, kind))
        .map(|entry| entry["slip"].as_u64().expect("a slip"))
        .collect();
    let drafts = ["sold", "pending"]
        .iter()
        .flat_map(|kind| entries(console, kind));
    let due: usize = drafts
        .filter(|entry| paid.contains(&entry["slip"].as_u64().expect("a slip")))
        .filter(|entry| entry["sale"]["bill"]["shares"].is_array())
        .map(|entry| entry["sale"]["tenders"].as_array().map_or(0, Vec::len))
        .sum();
    let mut steps: BTreeMap<(u64, u64), Vec<String>> = BTreeMap::new();
    for entry in entries(console, "reflection") {
        let number = |name: &str| entry[name].as_u64().expect("a number");
        let step = entry["step"]["step"].as_str().expect("a step");
        let of = steps
            .entry((number("slip"), number("posting")))
            .or_default();
        of.push(step.to_owned());
    }
    let through = steps.values().filter(|steps| {
        steps.iter().any(|step| step == "reflected")
            && steps.last().is_some_and(|step| step == "closed")
    });
    due > 0 && through.count() == due
}
