//! Bills from the receipt computer as a receptionist meets them: played through the console's own messages.

use madoguchi::app::key::{Input, Key, KeyPress};
use madoguchi::app::message::{Message, Stored};
use madoguchi::app::{State, update};
use madoguchi::domain::bill::{Caution, Invoice, PaidBill};
use madoguchi::orca::answer::{Answer, Failure, News, Refusal};

use super::bills::{
    answered, bill, cautioned, connected, day, earlier, number, paid_bill, patient, today, waiting,
    with_certificate, yamada,
};

/// A state, and how many questions it has asked.
struct Desk(State, u32);

impl Desk {
    fn new(mut state: State) -> Desk {
        state.settings = connected(state.settings);
        Desk(state, 0)
    }

    fn send(&mut self, message: Message) {
        let now = self.0.now;
        update(&mut self.0, now, message);
    }

    fn press(&mut self, key: Key) {
        let bytes = Vec::new();
        self.send(Message::Input(Input::Key(KeyPress { key, bytes })));
    }

    fn keys(mut self, keys: &[Key]) -> Desk {
        for key in keys {
            self.press(*key);
        }
        self
    }

    fn paid(&mut self, of: Option<&str>, paid: Vec<PaidBill>) {
        self.send(Message::Stored(Stored::PaidBills {
            date: madoguchi::domain::business_day::BusinessDate(day("2026-11-21")),
            patient: of.map(number),
            paid,
        }));
    }

    fn says(mut self, result: Result<Answer, Failure>) -> Desk {
        self.1 += 1;
        self.send(answered(self.1, result));
        self
    }

    fn list(self) -> Desk {
        let people = [
            yamada(),
            patient("00034", "佐藤 花子", "サトウ ハナコ"),
            patient("00120", "鈴木 一郎", "スズキ イチロウ"),
            patient("0123456", "勅使河原 権左衛門", "テシガワラ"),
        ];
        let list = people.into_iter().zip([5, 10, 15, 20]);
        let list = list.map(|(patient, minute)| waiting(patient, minute));
        let mut desk = self
            .keys(&[Key::F(5)])
            .says(Ok(Answer::Worklist(list.collect())));
        desk.paid(None, vec![paid_bill("34", "1399", 650)]);
        desk
    }

    fn bill(self, invoices: Vec<Invoice>, paid: Vec<PaidBill>) -> Desk {
        let mut desk = self.list().keys(&[Key::Enter]);
        desk.paid(Some("00012"), paid);
        let mut desk = desk.says(Ok(Answer::Bill(Box::new(bill(invoices)))));
        desk.0.note = None;
        desk
    }

    /// At the checkout, F12 pressed half a minute later, and this is the answer.
    fn checked(self, result: Result<Answer, Failure>) -> State {
        let mut desk = self
            .bill(vec![today(650)], vec![])
            .keys(&[Key::F(12), Key::F(12)]);
        desk.0.now.mono_ms += 31_000;
        desk.keys(&[Key::F(7), Key::F(12)]).says(result).0
    }
}

fn typed(desk: Desk, text: &str) -> State {
    let keys: Vec<Key> = text.chars().map(Key::Char).collect();
    desk.keys(&keys).0
}

fn unreachable() -> Failure {
    Failure::Unreachable("Connection refused (os error 111)".into())
}

/// Every picture of a bill.
pub(crate) fn all(idle: impl Fn() -> State) -> Vec<(&'static str, State)> {
    let desk = || Desk::new(idle());
    let old = || vec![earlier(), today(650)];
    let mut deaf = desk().list();
    deaf.send(Message::Orca(
        madoguchi::app::message::orca::OrcaEvent::News(News::Deaf("closed".into())),
    ));
    let no = Failure::Refused(Refusal {
        code: "E0031".into(),
        message: "患者番号がありません".into(),
        session: None,
    });
    let mut scanned = desk();
    for code in ["A0000012A", "0200010006508"] {
        scanned.send(Message::Input(Input::Scan(code.into())));
    }
    scanned.1 += 1;
    scanned.paid(Some("12"), vec![]);
    let mismatch = scanned.says(Ok(Answer::Bill(Box::new(bill(vec![today(880)])))));
    let changed = desk().checked(Ok(Answer::Bill(Box::new(bill(vec![today(880)])))));
    let mut again = desk()
        .bill(vec![today(650)], vec![paid_bill("12", "1426", 650)])
        .keys(&[Key::F(12)])
        .0;
    again.now.mono_ms += 1_000;
    vec![
        ("worklist", desk().list().0),
        ("worklist_found", typed(desk().list(), "さとう")),
        (
            "worklist_empty",
            desk()
                .keys(&[Key::F(5)])
                .says(Ok(Answer::Worklist(vec![])))
                .0,
        ),
        (
            "worklist_failed",
            desk().keys(&[Key::F(5)]).says(Err(unreachable())).0,
        ),
        (
            "worklist_failed_later",
            desk().list().keys(&[Key::F(5)]).says(Err(unreachable())).0,
        ),
        (
            "bill_refused",
            desk().list().keys(&[Key::Enter]).says(Err(no)).0,
        ),
        ("worklist_deaf", deaf.0),
        ("worklist_hidden", desk().list().keys(&[Key::F(8)]).0),
        ("bill_asking", desk().list().keys(&[Key::Enter]).0),
        ("bill_one", desk().bill(vec![with_certificate()], vec![]).0),
        (
            "bill_several",
            desk().bill(old(), vec![]).keys(&[Key::F(7)]).0,
        ),
        (
            "bill_part",
            typed(desk().bill(old(), vec![]).keys(&[Key::F(7)]), "700"),
        ),
        (
            "bill_caution",
            desk()
                .bill(vec![cautioned(Caution::Recalculate), today(650)], vec![])
                .keys(&[Key::Up])
                .0,
        ),
        (
            "bill_paid_today",
            desk()
                .bill(vec![today(650)], vec![paid_bill("12", "1426", 650)])
                .0,
        ),
        ("bill_mismatch", mismatch.0),
        (
            "bill_hidden",
            desk().bill(old(), vec![]).keys(&[Key::F(8)]).0,
        ),
        (
            "register_bill",
            desk()
                .bill(vec![with_certificate()], vec![])
                .keys(&[Key::F(12)])
                .0,
        ),
        (
            "checkout_bill",
            desk().bill(old(), vec![]).keys(&[Key::F(12), Key::F(12)]).0,
        ),
        (
            "checkout_bill_hidden",
            desk()
                .bill(old(), vec![])
                .keys(&[Key::F(12), Key::F(12), Key::F(4), Key::Char('b')])
                .0,
        ),
        ("bill_changed", changed),
        ("bill_unchecked", desk().checked(Err(unreachable()))),
        ("paid_today", again),
    ]
}
