//! The receipt computer of the year: the simulated one behind its wire, and what happens to calls on the way. What it says of money is added up.

use std::collections::BTreeMap;

use madoguchi::app::message::Now;
use madoguchi::domain::money::Yen;
use madoguchi::orca::answer::{Answer, Failure, News, Standing};
use madoguchi::orca::call::Call;
use madoguchi::orca::node::Node;
use madoguchi::orca::push::{Frame, read, subscribe};
use madoguchi::orca::simulator::Simulator;
use madoguchi::orca::simulator::push::Listener;
use madoguchi::orca::simulator::scene::Scene;
use madoguchi::orca::simulator::script::{Misfortune, Script};
use madoguchi::orca::wire::{BodyKind, Dialect, Response, confirm, decode, encode};
use madoguchi::simulation::dice::Dice;

use crate::people;

/// Codes of tenders: cash and the two linked cards.
pub(crate) const CODES: [(&str, &str); 3] = [("01", "現金"), ("02", "VISA"), ("03", "JCB")];

pub(crate) struct ReceiptComputer {
    pub(crate) computer: Simulator,
    dialect: Dialect,
    listener: Listener,
    /// Down until then (`mono_ms`).
    pub(crate) down_until: u64,
    /// What is told by itself is lost until then (`mono_ms`).
    pub(crate) deaf_until: u64,
    /// Screens that have somebody open, and until when.
    screens: Vec<(u64, String)>,
    names: u32,
    /// How often what happened.
    pub(crate) happened: BTreeMap<&'static str, u64>,
}

impl ReceiptComputer {
    pub(crate) fn new(seed: u64) -> ReceiptComputer {
        let scene = Scene {
            people: people::everybody().collect(),
            tenders: CODES
                .map(|(code, name)| (code.to_owned(), name.to_owned()))
                .to_vec(),
            ..Scene::default()
        };
        let computer = Simulator::new(scene, Script::default(), seed);
        let mut orca = ReceiptComputer {
            listener: computer.listener(),
            computer,
            dialect: Dialect {
                api_prefix: false,
                body: BodyKind::Json,
                karte_uid: "mdg-01-desk".to_owned(),
            },
            down_until: 0,
            deaf_until: 0,
            screens: Vec::new(),
            names: 0,
            happened: BTreeMap::new(),
        };
        orca.listen();
        orca
    }

    pub(crate) fn count(&mut self, what: &'static str) {
        *self.happened.entry(what).or_default() += 1;
    }

    /// The channel opens: what was told before is not told again.
    pub(crate) fn listen(&mut self) {
        self.listener = self.computer.listener();
        let answer = self
            .computer
            .heard(&mut self.listener, &subscribe("1", "*"));
        assert!(
            matches!(read(&answer), Ok(Frame::Subscribed { .. })),
            "{answer}"
        );
    }

    /// What it tells by itself up to now.
    pub(crate) fn news(&mut self, now: Now) -> Vec<News> {
        self.computer.pass(now.wall);
        let frames = self.computer.told(&mut self.listener);
        if now.mono_ms < self.deaf_until.max(self.down_until) {
            return Vec::new();
        }
        let news = frames.iter().filter_map(|frame| match read(frame) {
            Ok(Frame::Event(event)) => event.news,
            other => panic!("{other:?}"),
        });
        news.collect()
    }

    /// A screen opens a patient, and leaves him later.
    pub(crate) fn opened_elsewhere(&mut self, now: Now, patient: &str, for_ms: u64) {
        self.names += 1;
        let name = format!("ORCA{}", self.names % 100);
        self.computer.opens(now.wall, patient, &name);
        self.screens.push((now.mono_ms + for_ms, name));
        self.count("opened elsewhere");
    }

    /// What goes wrong with a call, if anything; and whether it is one that passes.
    fn misfortune(&mut self, dice: &mut Dice, now: Now, call: &Call) -> Option<Misfortune> {
        if !dice.chance(15) {
            return None;
        }
        let (word, what) = match dice.below(9) {
            0 => ("lost before", Misfortune::LostBefore),
            1 | 2 => ("lost after", Misfortune::LostAfter),
            3 => ("garbled", Misfortune::Garbage),
            4 => ("gateway", Misfortune::StatusAfter(504)),
            5 => (
                "system",
                Misfortune::Refuse("E0089".into(), "障害です。".into()),
            ),
            6 => ("slow", Misfortune::Slow(1_000 + dice.below(40_000))),
            7 if dice.chance(100) => {
                self.computer.restarts();
                self.screens.clear();
                self.count("restarted");
                return None;
            }
            7 => (
                "refused",
                Misfortune::Refuse("E4900".into(), "更新できません。".into()),
            ),
            _ => {
                if let Call::Open { patient, .. } = call {
                    let until = 30_000 + dice.below(600_000);
                    self.opened_elsewhere(now, patient.as_str(), until);
                }
                return None;
            }
        };
        self.count(word);
        Some(what)
    }

    /// The answer to a call, and how long it takes (ms).
    pub(crate) fn call(
        &mut self,
        dice: &mut Dice,
        now: Now,
        call: &Call,
    ) -> (Result<Answer, Failure>, u64) {
        for (_, name) in self
            .screens
            .iter()
            .filter(|(until, _)| *until <= now.mono_ms)
        {
            self.computer.leaves(name);
        }
        self.screens.retain(|(until, _)| *until > now.mono_ms);
        self.count("calls");
        if now.mono_ms < self.down_until {
            self.count("unreachable");
            return (Err(Failure::Unreachable("no route".to_owned())), 0);
        }
        if let Some(misfortune) = self.misfortune(dice, now, call) {
            self.computer.befalls(misfortune);
        }
        let (mut response, after_ms) = self.pass(now, call, None);
        if let Ok(first) = &response
            && let Some(second) = confirm(call, first, &self.dialect)
        {
            response = self.pass(now, call, Some(second)).0;
        }
        let result = response.and_then(|response| {
            let result = decode(call, &response);
            holds_together(call, &response, &result);
            result
        });
        (result, after_ms)
    }

    fn pass(
        &mut self,
        now: Now,
        call: &Call,
        instead: Option<madoguchi::orca::wire::Request>,
    ) -> (Result<Response, Failure>, u64) {
        let request = instead.unwrap_or_else(|| encode(call, &self.dialect));
        let reply = self.computer.handle(now.wall, &request);
        let lost = || Failure::Lost("timed out".to_owned());
        (reply.response.ok_or_else(lost), reply.after_ms)
    }

    /// The night: everybody has gone home.
    pub(crate) fn night(&mut self) {
        for (_, name) in std::mem::take(&mut self.screens) {
            self.computer.leaves(&name);
        }
        self.computer.day_ends();
        self.listen();
    }
}

/// `Unpaid = Ac − Ic`, and the rows of the history add up to what was received.
fn holds_together(call: &Call, response: &Response, result: &Result<Answer, Failure>) {
    let sums = |standing: &Standing| {
        let rows = standing.history.iter().map(|row| row.received.get());
        assert_eq!(
            Yen::new(rows.sum()),
            standing.invoice.received,
            "the history adds up"
        );
    };
    match result {
        Ok(Answer::Opened { standing, .. }) => sums(standing),
        Ok(Answer::Written(standing)) => {
            sums(standing);
            let tree = Node::parse(&response.body).expect("it was read");
            let told = tree.get("incomev3res").expect("its record");
            let yen = |name| told.str(name).trim().parse::<i64>().expect("an amount");
            assert_eq!(
                yen("Unpaid_Money"),
                yen("Ac_Money") - yen("Ic_Money"),
                "{}",
                call.word()
            );
        }
        _ => {}
    }
}
