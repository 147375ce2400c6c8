//! What the simulated receipt computer tells by itself: who was accepted, whose bill was made. Payments are not told, as the real one does not.

use chrono::{DateTime, FixedOffset};

use super::{Asked, Simulator, scene};
use crate::orca::node::Node;
use crate::orca::push::{ACCEPT, ACCOUNT};
use crate::orca::wire::japan;

/// An event that was told.
#[derive(Debug, Clone)]
pub(super) struct Told {
    at: DateTime<FixedOffset>,
    name: &'static str,
    data: Node<'static>,
}

/// One who listens: which subscriptions he has.
#[derive(Debug, Clone, Default)]
pub struct Listener {
    subscriptions: Vec<(u64, String)>,
    made: u64,
    seen: usize,
}

/// The most subscriptions of one listener.
const SUBSCRIPTIONS_MAX: usize = 64;

impl Simulator {
    /// The next moment at which something is told; `None` where the day's list is through.
    pub fn next_event(&self) -> Option<DateTime<FixedOffset>> {
        let later = |moment: &DateTime<FixedOffset>| self.told_until.is_none_or(|t| *moment > t);
        self.scene
            .visits
            .iter()
            .flat_map(|visit| [visit.accepted, visit.accounted])
            .filter(later)
            .min()
    }

    /// Let time pass up to `now`.
    pub fn pass(&mut self, now: DateTime<FixedOffset>) {
        let now = now.with_timezone(&japan());
        let from = self.told_until;
        let due = |moment: DateTime<FixedOffset>| moment <= now && from.is_none_or(|t| moment > t);
        let mut found: Vec<Told> = Vec::new();
        for visit in &self.scene.visits {
            if due(visit.accepted) {
                found.push(accepted(visit));
            }
            if due(visit.accounted) {
                found.push(accounted(visit));
            }
        }
        found.sort_by_key(|told| told.at);
        for mut told in found {
            let id = self.events.len() % 65_535 + 1;
            let uuid = self.fresh_uid();
            if let Node::Record(members) = &mut told.data {
                members.insert(0, ("id".into(), Node::text(id.to_string())));
                members.insert(1, ("uuid".into(), Node::text(uuid)));
            }
            self.events.push(told);
        }
        self.told_until = Some(from.map_or(now, |t| t.max(now)));
    }

    /// Somebody begins to listen: what was told before is not told again.
    pub fn listener(&self) -> Listener {
        Listener {
            seen: self.events.len(),
            ..Listener::default()
        }
    }

    /// A frame of a listener, and what is said to it.
    pub fn heard(&self, listener: &mut Listener, text: &str) -> String {
        let wrong = |command: &str, request: &str, code: &str, reason: &str| {
            Node::record([("command", Node::text("error"))])
                .with("for", Node::text(command.to_owned()))
                .with("req.id", Node::text(request.to_owned()))
                .with("code", Node::text(code.to_owned()))
                .with("reason", Node::text(reason.to_owned()))
                .to_json()
        };
        let Ok(frame) = Node::parse(text.as_bytes()) else {
            return wrong("", "", "PARSE_ERROR", "no JSON");
        };
        let (command, request) = (frame.str("command"), frame.str("req.id"));
        match command {
            "subscribe" if frame.str("event").is_empty() => {
                wrong(command, request, "INVALID_PARAMS", "event")
            }
            "subscribe" if listener.subscriptions.len() == SUBSCRIPTIONS_MAX => {
                wrong(command, request, "INTERNAL_ERROR", "too many subscriptions")
            }
            "subscribe" => {
                listener.made += 1;
                let event = frame.str("event").to_owned();
                listener.subscriptions.push((listener.made, event));
                Node::record([("command", Node::text("subscribed"))])
                    .with("req.id", Node::text(request.to_owned()))
                    .with("sub.id", Node::text(listener.made.to_string()))
                    .to_json()
            }
            "unsubscribe" => {
                let before = listener.subscriptions.len();
                let number = frame.str("sub.id");
                listener
                    .subscriptions
                    .retain(|(made, _)| made.to_string() != number);
                if listener.subscriptions.len() == before {
                    return wrong(command, request, "NO_SUCH_SUBSCRIPTION", number);
                }
                Node::record([("command", Node::text("unsubscribed"))])
                    .with("req.id", Node::text(request.to_owned()))
                    .with("sub.id", Node::text(number.to_owned()))
                    .to_json()
            }
            _ => wrong(command, request, "INVALID_PARAMS", "command"),
        }
    }

    /// The frames that a listener has not had yet.
    pub fn told(&self, listener: &mut Listener) -> Vec<String> {
        let new = &self.events[listener.seen.min(self.events.len())..];
        listener.seen = self.events.len();
        let mut frames = Vec::new();
        for told in new {
            for (number, event) in &listener.subscriptions {
                if event == "*" || event == told.name {
                    let frame = Node::record([("command", Node::text("event"))])
                        .with("sub.id", Node::text(number.to_string()))
                        .with("data", told.data.clone());
                    frames.push(frame.to_json());
                }
            }
        }
        frames
    }

    /// `pusheventgetv2`.
    pub(super) fn told_between<'a>(
        &mut self,
        now: DateTime<FixedOffset>,
        asked: &Asked<'_>,
    ) -> Node<'a> {
        self.pass(now);
        let request = asked.body.get("pusheventgetv2req");
        let member = |name| request.map_or("", |request| request.str(name));
        let moment = |name| DateTime::parse_from_rfc3339(member(name)).ok();
        let (Some(from), Some(to)) = (moment("start_time"), moment("end_time")) else {
            return super::stamped(now, "0003", "期間が不正です。");
        };
        let event = member("event");
        let rows = self
            .events
            .iter()
            .filter(|told| (from..=to).contains(&told.at))
            .filter(|told| event.is_empty() || event == "*" || event == told.name)
            .map(|told| Node::record([("data", told.data.clone())]));
        Node::List(rows.collect())
    }
}

fn told(name: &'static str, at: DateTime<FixedOffset>, body: Node<'static>) -> Told {
    let time = at.format("%Y-%m-%dT%H:%M:%S%:z").to_string();
    Told {
        at,
        name,
        data: Node::record([
            ("event", Node::text(name)),
            ("user", Node::text("ormaster")),
            ("time", Node::text(time)),
            ("body", body),
        ]),
    }
}

fn stamp(at: DateTime<FixedOffset>, visit: &scene::Visit) -> Node<'static> {
    Node::record([
        ("Patient_Mode", Node::text("add")),
        ("Patient_ID", Node::text(visit.patient.clone())),
        (
            "Information_Date",
            Node::text(at.format("%Y-%m-%d").to_string()),
        ),
        (
            "Information_Time",
            Node::text(at.format("%H:%M:%S").to_string()),
        ),
    ])
}

fn accepted(visit: &scene::Visit) -> Told {
    let at = visit.accepted;
    let body = stamp(at, visit)
        .with("Accept_Date", Node::text(at.format("%Y-%m-%d").to_string()))
        .with("Accept_Time", Node::text(at.format("%H:%M:%S").to_string()));
    told(ACCEPT, at, body)
}

fn accounted(visit: &scene::Visit) -> Told {
    let at = visit.accounted;
    let row = Node::record([
        ("Insurance_Combination_Number", Node::text("0001")),
        ("Department_Code", Node::text("01")),
        ("Physician_Code", Node::text("10001")),
        ("Invoice_Number", Node::text(visit.invoice.clone())),
    ]);
    let body = stamp(at, visit)
        .with(
            "Perform_Date",
            Node::text(at.format("%Y-%m-%d").to_string()),
        )
        .with("Medical_Information", Node::List(vec![row]));
    told(ACCOUNT, at, body)
}
