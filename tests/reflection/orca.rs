//! The simulated receipt computer behind its wire: bytes out, bytes in; and what happens to them on the way.

use madoguchi::domain::bill::InOut;
use madoguchi::orca::answer::{Answer, Failure};
use madoguchi::orca::call::Call;
use madoguchi::orca::simulator::Simulator;
use madoguchi::orca::simulator::scene::{Bill, Person, Row, Scene};
use madoguchi::orca::simulator::script::{Misfortune, Script};
use madoguchi::orca::wire::{BodyKind, Dialect, Request, confirm, decode, encode};

use crate::desk::wall;

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// It never leaves.
    Unreachable,
    /// It leaves and never arrives.
    LostBefore,
    /// It is carried out, and the answer is lost.
    LostAfter,
    /// It is carried out, and the answer is garbled.
    Garbled,
    /// A gateway passes it on, and answers itself.
    Gateway,
    /// The receipt computer has trouble of its own.
    System,
    /// It says no.
    Refused,
    /// Every session is forgotten before it arrives.
    SessionLost,
    /// A screen of the receipt computer has the patient open, for ten minutes.
    Held,
    /// The answer comes forty seconds later.
    Slow,
    /// A screen of the receipt computer takes a part of it first.
    Changed,
}

/// Those that pass: in the end everything is told.
pub(crate) const FAULTS: [Fault; 11] = [
    Fault::None,
    Fault::Unreachable,
    Fault::LostBefore,
    Fault::LostAfter,
    Fault::Garbled,
    Fault::Gateway,
    Fault::System,
    Fault::Refused,
    Fault::SessionLost,
    Fault::Held,
    Fault::Slow,
];

/// The screen that holds a patient for a while, and for how long (ms).
const PASSER_BY: &str = "ORCA21";
pub(crate) const HELD_MS: u64 = 600_000;
/// How late a slow answer is (ms).
const SLOW_MS: u64 = 40_000;
/// What a screen takes before us (yen).
pub(crate) const ELSEWHERE: i64 = 100;
/// The screen that a test sits down at.
const SCREEN: &str = "ORCA02";

/// The receipt computer and the line to it.
pub(crate) struct Orca {
    pub(crate) computer: Simulator,
    dialect: Dialect,
    /// Every call that arrived, in a word.
    pub(crate) heard: Vec<&'static str>,
    /// When the passer-by gets up (`mono_ms`).
    held_until: Option<u64>,
}

impl Orca {
    pub(crate) fn new(body: BodyKind) -> Orca {
        let tenders = [("01", "現金"), ("02", "クレジットカード")];
        let tenders = tenders.map(|(code, name)| (code.to_owned(), name.to_owned()));
        let scene = Scene {
            tenders: tenders.to_vec(),
            ..Scene::default()
        };
        Orca {
            computer: Simulator::new(scene, Script::default(), 5),
            dialect: Dialect {
                api_prefix: false,
                body,
                karte_uid: "mdg-01-desk".to_owned(),
            },
            heard: vec![],
            held_until: None,
        }
    }

    /// A bill is made.
    pub(crate) fn bill(&mut self, patient: &str, invoice: &str, charged: i64) {
        let made = wall() - chrono::Duration::hours(1);
        let known = self.computer.scene().people.iter();
        if !known.clone().any(|person| person.number == patient) {
            self.computer.register(Person {
                number: patient.to_owned(),
                name: "見本　太郎".to_owned(),
                kana: "ミホン　タロウ".to_owned(),
                born: "1960-03-04".parse().expect("a day"),
                sex: 1,
            });
        }
        self.computer.charge(Bill {
            number: format!("{invoice:0>7}"),
            group: None,
            patient: patient.to_owned(),
            in_out: InOut::Out,
            performed: made.date_naive(),
            rate: 30,
            points: charged / 3,
            insured: charged,
            meals: (0, 0),
            own: vec![],
            void: false,
            history: vec![Row {
                date: made.date_naive(),
                time: made.format("%H:%M").to_string(),
                charged: Some(charged),
                received: 0,
                state: 1,
                code: Some("01".to_owned()),
            }],
        });
    }

    /// It computes a bill anew.
    pub(crate) fn corrected(&mut self, invoice: &str, charged: i64) {
        self.computer.corrects(wall(), invoice, charged);
    }

    /// Somebody at a screen of the receipt computer opens the patient, or lets him go.
    pub(crate) fn hold(&mut self, patient: &str, on: bool) {
        match on {
            true => self.computer.opens(wall(), patient, SCREEN),
            false => self.computer.leaves(SCREEN),
        }
    }

    /// True where no session of ours holds anybody. One that was refused with E9999 holds nobody, and its name is not used again.
    pub(crate) fn is_quiet(&self) -> bool {
        self.computer.sessions() == 0
    }

    /// The answer to a call, and how long it takes (ms).
    pub(crate) fn call(
        &mut self,
        now: madoguchi::app::message::Now,
        call: &Call,
        fault: Fault,
    ) -> (Result<Answer, Failure>, u64) {
        if self.held_until.is_some_and(|until| until <= now.mono_ms) {
            self.computer.leaves(PASSER_BY);
            self.held_until = None;
        }
        let misfortune = match fault {
            Fault::None => None,
            Fault::Unreachable => return (Err(Failure::Unreachable("no route".to_owned())), 0),
            Fault::LostBefore => Some(Misfortune::LostBefore),
            Fault::LostAfter => Some(Misfortune::LostAfter),
            Fault::Garbled => Some(Misfortune::Garbage),
            Fault::Gateway => Some(Misfortune::StatusAfter(504)),
            Fault::System => Some(Misfortune::Refuse("E0089".into(), "障害です。".into())),
            Fault::Refused => Some(Misfortune::Refuse(
                "E0006".into(),
                "入金できません。".into(),
            )),
            Fault::SessionLost => {
                self.computer.restarts();
                None
            }
            Fault::Held => {
                self.held_until = Some(now.mono_ms + HELD_MS);
                Some(Misfortune::Locked(PASSER_BY.to_owned()))
            }
            Fault::Slow => Some(Misfortune::Slow(SLOW_MS)),
            Fault::Changed => Some(Misfortune::UnpaidChanged(ELSEWHERE)),
        };
        let arrives = !matches!(
            fault,
            Fault::LostBefore | Fault::System | Fault::Refused | Fault::Unreachable
        );
        if arrives {
            self.heard.push(call.word());
        }
        if let Some(misfortune) = misfortune {
            self.computer.befalls(misfortune);
        }
        let request = encode(call, &self.dialect);
        let (mut response, after_ms) = self.pass(now, &request);
        if let Ok(first) = &response
            && let Some(second) = confirm(call, first, &self.dialect)
        {
            response = self.pass(now, &second).0;
        }
        (
            response.and_then(|response| decode(call, &response)),
            after_ms,
        )
    }

    fn pass(
        &mut self,
        now: madoguchi::app::message::Now,
        request: &Request,
    ) -> (Result<madoguchi::orca::wire::Response, Failure>, u64) {
        let reply = self.computer.handle(now.wall, request);
        let lost = || Failure::Lost("timed out".to_owned());
        (reply.response.ok_or_else(lost), reply.after_ms)
    }

    /// What was received of an invoice.
    pub(crate) fn received(&self, invoice: &str) -> i64 {
        self.account(invoice).received()
    }

    /// An invoice as it stands.
    pub(crate) fn account(&self, invoice: &str) -> &Bill {
        self.computer.invoice(invoice).expect("a bill")
    }

    /// How often a counter put so much to an invoice (below zero: took it back).
    pub(crate) fn rows(&self, invoice: &str, amount: i64) -> usize {
        let bare = |number: &str| number.trim_start_matches('0').to_owned();
        let posted = self.computer.posted().iter();
        posted
            .filter(|row| !row.by.is_empty())
            .filter(|row| bare(&row.invoice) == bare(invoice) && row.amount == amount)
            .count()
    }
}
