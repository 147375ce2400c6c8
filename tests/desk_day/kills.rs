//! The console is killed at every call to the receipt computer, before it is carried out and after, and at every step of the card terminal; and once more on
//! the way back. The next start goes on by itself, and what was taken is what was posted, once.

use madoguchi::app::key::Key;
use serde_json::Value;

use crate::support::clinic::{
    CHECKOUT, Clinic, GIVEN_BACK, Payer, SOLD, assert_all_told, give_back, is_told_to_the_end,
    next_customer, pay_cash, posted, ring_up_bill, send_card, wait_finished, wait_nothing_open,
};
use crate::support::console::Console;
use crate::support::crowd::{each, taken};
use crate::support::hand::press_for;
use crate::support::orca_process::OrcaProcess;
use crate::support::patience::look_until;
use crate::support::terminal_process::{On, TerminalProcess};
use crate::support::till::{APPROVED, NOT_CHARGED, REGISTER};

/// How the bill is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Cash,
    Card,
    /// 100 yen in cash, the rest by card: a posting each.
    Both,
    /// In cash, told, and taken back.
    Back,
}

/// Where the console is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// As soon as the terminal says this.
    Terminal(&'static str),
    /// Once the receipt computer has this call, the so many-th of its sort from 1; carried out or not.
    Call(&'static str, usize, bool),
}

const AT_TERMINAL: [&str; 4] = [
    "asked",
    "display: WaitingForCard",
    "display: Centre",
    "approved slip",
];

impl Way {
    /// The calls of its postings.
    fn calls(self) -> Vec<(&'static str, usize)> {
        let session = |pay, nth| [("open", nth), (pay, nth), ("finish", nth)];
        match self {
            Way::Cash | Way::Card => session("pay", 1).to_vec(),
            Way::Both => [session("pay", 1), session("pay", 2)].concat(),
            // What was paid before is told already.
            Way::Back => vec![("open", 2), ("pay_back", 1), ("finish", 2)],
        }
    }

    fn kills(self) -> Vec<At> {
        let calls = self.calls().into_iter();
        let calls =
            calls.flat_map(|(call, nth)| [At::Call(call, nth, false), At::Call(call, nth, true)]);
        let terminal = matches!(self, Way::Card | Way::Both);
        let terminal = AT_TERMINAL.into_iter().filter(|_| terminal);
        terminal.map(At::Terminal).chain(calls).collect()
    }
}

/// The lines that hold these calls, one after the other.
fn script(kills: &[At]) -> String {
    let mut lines = String::new();
    for word in ["open", "pay", "pay_back", "finish"] {
        let mut passed = 0;
        for kill in kills {
            let At::Call(call, nth, carried_out) = kill else {
                continue;
            };
            if *call != word {
                continue;
            }
            for _ in passed + 1..*nth {
                lines.push_str(&format!("{word} nothing\n"));
            }
            passed = *nth;
            let held = if *carried_out {
                "held_after"
            } else {
                "held_before"
            };
            lines.push_str(&format!("{word} {held}\n"));
        }
    }
    lines
}

/// How many calls were never answered.
fn held(orca: &OrcaProcess) -> usize {
    let calls = orca.told();
    calls.iter().filter(|call| call["result"] == "").count()
}

struct Desk {
    clinic: Clinic,
    payer: Payer,
    way: Way,
}

impl Desk {
    fn new(way: Way, kills: &[At]) -> Desk {
        let terminal = TerminalProcess::start(On::Tcp, "approve …", 150);
        let clinic = Clinic::of(OrcaProcess::start(2, &script(kills)), terminal);
        let payer = clinic.payers(2)[0].clone();
        Desk { clinic, payer, way }
    }

    /// Up to the key that moves the money.
    fn pay(&self, console: &mut Console) {
        ring_up_bill(console, &self.payer);
        match self.way {
            Way::Cash => console.press(&[Key::F(7), Key::F(12)]),
            Way::Card => send_card(console),
            Way::Both => {
                console.type_text("100");
                send_card(console);
            }
            Way::Back => {
                pay_cash(console);
                wait_finished(&self.clinic, 1);
                next_customer(console);
                wait_nothing_open(console);
                give_back(console, &self.payer);
            }
        }
    }

    fn wait_at(&self, at: At) {
        match at {
            At::Terminal(words) => self.clinic.terminal.wait_for(words),
            At::Call(..) => look_until("the call", || held(&self.clinic.orca) == 1),
        }
    }

    /// What the next start shows is led to the register, and what was not charged is paid in cash.
    fn settle(&self, console: &mut Console) {
        let first = [REGISTER, APPROVED, SOLD, NOT_CHARGED, GIVEN_BACK];
        console.wait_until("an outcome, or an empty register", |screen| {
            first.iter().any(|words| screen.contains(words))
        });
        if console.screen_text().contains(NOT_CHARGED) {
            press_for(console, Key::F(9), CHECKOUT);
            pay_cash(console);
        }
        next_customer(console);
        look_until("the end of it", || {
            self.assert_nothing_twice();
            is_told_to_the_end(console)
        });
        wait_nothing_open(console);
        self.assert_right(console);
    }

    /// Each movement of money here is another one, and stands in the receipt computer once at every moment.
    fn assert_nothing_twice(&self) {
        let told = posted(&self.clinic.orca);
        let twice = told.windows(2).find(|pair| pair[0] == pair[1]);
        assert_eq!(twice, None, "posted twice");
    }

    fn assert_right(&self, console: &Console) {
        assert_all_told(console, &self.clinic);
        let told = posted(&self.clinic.orca);
        let sum: i64 = told.iter().map(|(_, yen, _)| yen).sum();
        let wanted = if self.way == Way::Back {
            0
        } else {
            self.payer.amount
        };
        assert_eq!(sum, wanted, "{told:?}");
        assert_paid_in_open_sessions(&self.clinic.orca);
    }
}

/// Every payment that was carried out has the keys of a session that was opened for it, and is the only one of that session.
#[track_caller]
fn assert_paid_in_open_sessions(orca: &OrcaProcess) {
    let mut paid: Vec<String> = Vec::new();
    let calls = orca.told();
    for (at, call) in calls.iter().enumerate() {
        if !["pay", "pay_back"].contains(&call["call"].as_str().expect("a word")) {
            continue;
        }
        let uid = call["keys"]["Orca_Uid"]
            .as_str()
            .expect("a session")
            .to_owned();
        let of_it = |open: &&Value| open["call"] == "open" && open["orca_uid"] == uid.as_str();
        let open = calls[..at].iter().find(of_it).expect("its opening");
        assert_eq!(open["result"], "00000");
        for key in ["Karte_Uid", "Patient_ID", "InOut", "Invoice_Number"] {
            assert_eq!(call["keys"][key], open["keys"][key], "{key}");
        }
        assert!(!paid.contains(&uid), "two payments in one session");
        paid.push(uid);
    }
}

/// In an ordinary run each way, each call and either side of it is in the spread; and the one place where an answer that is taken for lost would put
/// money there twice, for as much as that is unpaid still.
const PART: usize = 5;
const COULD_BE_TWICE: (Way, At) = (Way::Both, At::Call("pay", 1, true));

#[test]
fn killed_at_any_step_the_next_start_tells_what_was_taken_once() {
    let ways = [Way::Cash, Way::Card, Way::Both, Way::Back];
    let kills = ways
        .into_iter()
        .flat_map(|way| way.kills().into_iter().map(move |at| (way, at)));
    let some = kills
        .enumerate()
        .filter(|(place, at)| taken(*place, PART) || *at == COULD_BE_TWICE);
    each(some.collect(), |(_, (way, at))| {
        eprintln!("{way:?} {at:?}");
        let desk = Desk::new(way, &[at]);
        let mut first = desk.clinic.opened();
        desk.pay(&mut first);
        desk.wait_at(at);
        first.kill9();
        desk.settle(&mut desk.clinic.console(Some(first)));
    });
}

const PART_TWICE: usize = 13;

#[test]
fn killed_again_on_the_way_back_the_third_start_tells_it_once() {
    let ways = [Way::Cash, Way::Back];
    let firsts = ways
        .into_iter()
        .flat_map(|way| way.kills().into_iter().map(move |at| (way, at)));
    let pairs = firsts.flat_map(|(way, first)| {
        let seconds = way.calls().into_iter().flat_map(|(call, nth)| {
            [false, true].map(move |carried_out| At::Call(call, nth, carried_out))
        });
        seconds.map(move |second| (way, first, second))
    });
    let some = pairs
        .enumerate()
        .filter(|(place, _)| taken(*place, PART_TWICE));
    each(some.collect(), |(_, (way, first, second))| {
        eprintln!("{way:?} {first:?} {second:?}");
        // The second of the same sort is the next one of that sort.
        let then = match (first, second) {
            (At::Call(one, nth, _), At::Call(other, _, carried_out)) if one == other => {
                At::Call(other, nth + 1, carried_out)
            }
            _ => second,
        };
        let desk = Desk::new(way, &[first, then]);
        let mut console = desk.clinic.opened();
        desk.pay(&mut console);
        desk.wait_at(first);
        console.kill9();
        let second = desk.clinic.console(Some(console));
        // Where that call does not come any more, it is told to the end before.
        look_until("the second call, or the end", || {
            held(&desk.clinic.orca) == 2 || is_told_to_the_end(&second)
        });
        let mut second = second;
        second.kill9();
        desk.settle(&mut desk.clinic.console(Some(second)));
    });
}
