//! A receipt computer that is simulated: a made-up day of patients, their invoices, who holds whom. Pure: a request and the time in, a response out.
//!
//! It serves `madoguchi orca simulate` and the tests. What it answers has the shape of recorded answers of a real one; where none is known,
//! `docs/orca.md` says what was assumed.

mod index;
mod ledger;
mod lists;
mod locks;
mod paper;
pub mod push;
pub mod record;
pub mod scene;
mod screens;
pub mod script;

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use self::index::Index;
use self::scene::Scene;
use self::script::{Misfortune, Script};
use super::node::Node;
use super::wire::{Request, Response, japan};

/// The receipt computer.
#[derive(Debug)]
pub struct Simulator {
    scene: Scene,
    index: Index,
    script: Script,
    /// Sessions by Karte_Uid.
    sessions: BTreeMap<String, Session>,
    /// Held by screens of its own.
    terminals: Vec<Held>,
    posted: Vec<Posted>,
    printed: Vec<Printed>,
    events: Vec<push::Told>,
    drained: usize,
    dice: u64,
    /// The day's list was told up to here.
    told_until: Option<DateTime<FixedOffset>>,
}

/// A session that was begun by `incomev3`.
#[derive(Debug, Clone)]
struct Session {
    orca_uid: String,
    patient: String,
    since: DateTime<FixedOffset>,
    /// False where another holds the patient: the session is there, and can do nothing but end.
    holds: bool,
}

/// A patient in use at a screen of the receipt computer itself.
#[derive(Debug, Clone)]
struct Held {
    orca_uid: String,
    patient: String,
    terminal: String,
    since: DateTime<FixedOffset>,
}

/// One row that was written to an invoice: a line of its books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// Its own clock.
    pub at: DateTime<FixedOffset>,
    /// 患者番号.
    pub patient: String,
    /// `I` or `O`.
    pub in_out: String,
    /// 伝票番号.
    pub invoice: String,
    /// History_Number.
    pub history: u16,
    /// Yen; below zero where it went back.
    pub amount: i64,
    /// 入金方法; empty where none was said.
    pub code: String,
    /// 処理日時, as it was asked for.
    pub processed: String,
    /// Karte_Uid of who asked; empty where it was a screen of its own.
    pub by: String,
}

/// What its printer put out for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// 伝票番号.
    pub invoice: String,
    /// 領収証.
    pub receipt: bool,
    /// 明細書.
    pub statement: bool,
    /// 再発行.
    pub again: bool,
}

/// What comes back for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// `None`: there is none.
    pub response: Option<Response>,
    /// Where there is none: true if the connection stays for as long as the other side waits, false if it ends.
    pub held: bool,
    /// Milliseconds that pass before it.
    pub after_ms: u64,
}

/// A request, taken apart.
struct Asked<'a> {
    path: &'a str,
    query: BTreeMap<&'a str, &'a str>,
    json: bool,
    body: Node<'a>,
}

/// Fields of an answer, and under which name they stand.
struct Told<'a> {
    name: &'static str,
    node: Node<'a>,
}

impl Simulator {
    /// One with these patients, to which these things happen.
    pub fn new(scene: Scene, script: Script, seed: u64) -> Simulator {
        Simulator {
            index: Index::of(&scene),
            scene,
            script,
            sessions: BTreeMap::new(),
            terminals: Vec::new(),
            posted: Vec::new(),
            printed: Vec::new(),
            events: Vec::new(),
            drained: 0,
            dice: seed ^ 0x6F72_6361,
            told_until: None,
        }
    }

    /// Take up books that were kept before: rows of today's invoices and of those it knows stand in their histories again.
    pub fn take_up(&mut self, now: DateTime<FixedOffset>, rows: &[Posted]) {
        let today = now.with_timezone(&japan()).date_naive();
        for row in rows {
            if row.at.with_timezone(&japan()).date_naive() != today {
                continue;
            }
            if let Some(place) = self.place(&row.invoice)
                && self.scene.invoices[place].patient == row.patient
            {
                self.scene.invoices[place].history.push(ledger::kept(row));
            }
        }
    }

    /// What it has in its books.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// Every row that was written since it began.
    pub fn posted(&self) -> &[Posted] {
        &self.posted
    }

    /// Everything its printer put out since it began.
    pub fn printed(&self) -> &[Printed] {
        &self.printed
    }

    /// The rows that were not asked for yet.
    pub fn drain_posted(&mut self) -> Vec<Posted> {
        let new = self.posted[self.drained..].to_vec();
        self.drained = self.posted.len();
        new
    }

    /// How many sessions of counters hold a patient.
    pub fn sessions(&self) -> usize {
        self.sessions.values().filter(|one| one.holds).count()
    }

    /// True where somebody is held.
    pub fn holds_anybody(&self) -> bool {
        !self.sessions.is_empty() || !self.terminals.is_empty()
    }

    /// Take a request.
    pub fn handle(&mut self, now: DateTime<FixedOffset>, request: &Request) -> Reply {
        let now = now.with_timezone(&japan());
        let Some(asked) = taken_apart(request) else {
            return whole(page(400, "the request cannot be read"), 0);
        };
        let word = word_of(&asked);
        let Some(misfortune) = self.script.take(word) else {
            return whole(self.answer(now, &asked), 0);
        };
        match misfortune {
            Misfortune::Nothing => whole(self.answer(now, &asked), 0),
            Misfortune::LostBefore => silence(false),
            Misfortune::HeldBefore => silence(true),
            Misfortune::LostAfter => {
                self.answer(now, &asked);
                silence(false)
            }
            Misfortune::HeldAfter => {
                self.answer(now, &asked);
                silence(true)
            }
            Misfortune::Slow(after_ms) => whole(self.answer(now, &asked), after_ms),
            Misfortune::Status(status) => whole(page(status, "the server is not in a good way"), 0),
            Misfortune::StatusAfter(status) => {
                self.answer(now, &asked);
                whole(page(status, "the server is not in a good way"), 0)
            }
            Misfortune::Garbage => {
                let mut response = self.answer(now, &asked);
                response.body.truncate(response.body.len() / 2);
                whole(response, 0)
            }
            Misfortune::Login => whole(page(200, "Login"), 0),
            Misfortune::Refuse(code, message) => {
                let told = refused_with(now, &asked, &code, &message);
                whole(written(&asked, told), 0)
            }
            Misfortune::UnpaidChanged(yen) => {
                self.paid_elsewhere(now, &asked, yen);
                whole(self.answer(now, &asked), 0)
            }
            Misfortune::Locked(terminal) => {
                self.held_elsewhere(now, &asked, &terminal);
                whole(self.answer(now, &asked), 0)
            }
        }
    }

    fn answer(&mut self, now: DateTime<FixedOffset>, asked: &Asked<'_>) -> Response {
        let told = match asked.path {
            "/orca23/incomev3" => self.income(now, asked),
            "/api21/medicalmodv37" => self.lock_call(now, asked),
            "/api01rv2/acceptlstv2" => self.worklist(now, asked),
            "/api01rv2/incomeinfv2" => self.bill(now, asked),
            "/api01rv2/patientgetv2" => self.patient(now, asked),
            "/api01rv2/system01lstv2" => self.master(now, asked),
            "/api01rv2/pusheventgetv2" => {
                let list = self.told_between(now, asked);
                return Response {
                    status: 200,
                    content_type: "application/json; charset=UTF-8".into(),
                    body: list.to_json().into_bytes(),
                };
            }
            _ => return page(404, "Not Found"),
        };
        written(asked, told)
    }

    /// The next of a row of names that the seed decides.
    fn fresh_uid(&mut self) -> String {
        let mut next = || {
            self.dice = self.dice.wrapping_add(0x9E37_79B9_7F4A_7C15);
            scene::mixed(self.dice)
        };
        let (high, low) = (next(), next());
        format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xFFFF,
            high & 0xFFF,
            low >> 52,
            low & 0xFFFF_FFFF_FFFF
        )
    }
}

fn taken_apart(request: &Request) -> Option<Asked<'_>> {
    let (path, query) = request
        .target
        .split_once('?')
        .unwrap_or((&request.target, ""));
    let path = match path.strip_prefix("/api") {
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    };
    let query: BTreeMap<&str, &str> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .collect();
    let body = if request.body.is_empty() {
        Node::Record(Vec::new())
    } else {
        Node::parse(&request.body).ok()?
    };
    Some(Asked {
        path,
        json: query.get("format") == Some(&"json"),
        query,
        body,
    })
}

/// The word of a script for a request: the call it is.
fn word_of(asked: &Asked<'_>) -> &'static str {
    match asked.path {
        "/orca23/incomev3" => {
            let request = asked.body.get("incomev3req");
            let number = |name| request.map_or("", |request| request.str(name));
            match (number("Request_Number"), number("Request_Mode")) {
                ("01", _) => "open",
                ("02", "03") => "pay_back",
                ("02", "09") => "reissue",
                ("02", _) => "pay",
                _ if number("Orca_Uid").is_empty() => "ping",
                _ => "finish",
            }
        }
        "/api21/medicalmodv37" => {
            let request = asked.body.get("medicalv3req7");
            match request.map_or("", |request| request.str("Request_Number")) {
                "01" => "release",
                _ => "locks",
            }
        }
        "/api01rv2/acceptlstv2" => "worklist",
        "/api01rv2/incomeinfv2" => "bill",
        "/api01rv2/patientgetv2" => "patient",
        "/api01rv2/system01lstv2" => "tender_codes",
        _ => "other",
    }
}

const fn whole(response: Response, after_ms: u64) -> Reply {
    Reply {
        response: Some(response),
        held: false,
        after_ms,
    }
}

const fn silence(held: bool) -> Reply {
    Reply {
        response: None,
        held,
        after_ms: 0,
    }
}

fn page(status: u16, title: &str) -> Response {
    Response {
        status,
        content_type: "text/html; charset=UTF-8".into(),
        body: format!("<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>{title}</body></html>\n")
            .into_bytes(),
    }
}

fn written(asked: &Asked<'_>, told: Told<'_>) -> Response {
    let tree = Node::record([(told.name, told.node)]);
    let (kind, text) = if asked.json {
        ("json", tree.to_json())
    } else {
        ("xml", tree.to_xml("xmlio2"))
    };
    Response {
        status: 200,
        content_type: format!("application/{kind}; charset=UTF-8"),
        body: text.into_bytes(),
    }
}

/// The refusal a script wishes, in the record the call is answered with.
fn refused_with<'a>(
    now: DateTime<FixedOffset>,
    asked: &'a Asked<'_>,
    code: &str,
    message: &str,
) -> Told<'a> {
    let (name, request) = match word_of(asked) {
        "worklist" => ("acceptlstres", None),
        "bill" => ("private_objects", None),
        "patient" => ("patientinfores", None),
        "tender_codes" => ("incomeres", None),
        "locks" | "release" => ("medicalv3res7", asked.body.get("medicalv3req7")),
        _ => ("incomev3res", asked.body.get("incomev3req")),
    };
    let mut node = stamped(now, code, message);
    if let Some(request) = request {
        for member in ["Request_Number", "Request_Mode", "Karte_Uid", "Orca_Uid"] {
            let text = request.str(member).to_owned();
            node = node.with_some(member, Some(text).filter(|text| !text.is_empty()));
        }
    }
    Told { name, node }
}

/// What every answer begins with.
fn stamped<'a>(now: DateTime<FixedOffset>, code: &str, message: &str) -> Node<'a> {
    Node::record([
        (
            "Information_Date",
            Node::text(now.format("%Y-%m-%d").to_string()),
        ),
        (
            "Information_Time",
            Node::text(now.format("%H:%M:%S").to_string()),
        ),
        ("Api_Result", Node::text(code.to_owned())),
        ("Api_Result_Message", Node::text(message.to_owned())),
    ])
}

/// Ten places, spaces in front.
fn money<'a>(yen: i64) -> Node<'a> {
    Node::text(format!("{yen:>10}"))
}

/// An amount that is left out where it is zero.
fn with_money<'a>(node: Node<'a>, name: &'static str, yen: i64) -> Node<'a> {
    if yen == 0 {
        node
    } else {
        node.with(name, money(yen))
    }
}

/// A list filled up with empty records.
fn padded<'a>(mut rows: Vec<Node<'a>>, length: usize) -> Node<'a> {
    rows.truncate(length);
    rows.resize(length, Node::Record(Vec::new()));
    Node::List(rows)
}
