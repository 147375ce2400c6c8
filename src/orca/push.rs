//! PUSH: what the receipt computer tells by itself, as text frames of a WebSocket. Which transport carries them is no business of this file.
//!
//! Nothing is told again: what was missed while nobody listened is found by asking for the day's list, or (in the cloud) by `pusheventgetv2`.

use chrono::{DateTime, FixedOffset};

use super::answer::{Failure, News};
use super::node::Node;
use super::wire::{Dialect, Method, Request, Response, shown};
use crate::domain::bill::{InvoiceNumber, PatientNumber};

/// The longest frame that is read, in bytes.
pub const FRAME_MAX: usize = 256 * 1_024;
/// 会計: the event that makes a bill worth asking for.
pub const ACCOUNT: &str = "patient_account";
/// 受付.
pub const ACCEPT: &str = "patient_accept";
/// The most invoices of one event.
const INVOICES_MAX: usize = 64;

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// To `subscribe`: from here on it is told.
    Subscribed {
        /// Which question.
        request: String,
        /// Which subscription.
        subscription: String,
    },
    /// To `unsubscribe`.
    Unsubscribed,
    /// Something happened.
    Event(Event),
    /// It does not do what was asked.
    Error {
        /// `INTERNAL_ERROR`, `NO_SUCH_SUBSCRIPTION`, `INVALID_PARAMS`, `PARSE_ERROR`.
        code: String,
        /// In its own words.
        reason: String,
    },
    /// A command of a kind that is not known: let pass.
    Other,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// From 1 to 65535 and round again: no identity.
    pub id: Option<u32>,
    /// Its identity, where it has one.
    pub uuid: String,
    /// `patient_account` …
    pub name: String,
    /// When.
    pub at: Option<DateTime<FixedOffset>>,
    /// What it means here, where it means anything.
    pub news: Option<News>,
}

/// Why a frame is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no frame of the push channel: {0}")]
pub struct NoFrame(String);

/// The frame that asks to be told of an event; `*` of all.
pub fn subscribe(request: &str, event: &str) -> String {
    Node::record([
        ("command", Node::text("subscribe")),
        ("req.id", Node::text(request)),
        ("event", Node::text(event)),
    ])
    .to_json()
}

/// Read a frame.
///
/// # Errors
///
/// What is no record with a command, or is beyond the bound.
pub fn read(text: &str) -> Result<Frame, NoFrame> {
    if text.len() > FRAME_MAX {
        return Err(NoFrame(format!("longer than {FRAME_MAX} bytes")));
    }
    let tree = Node::parse(text.as_bytes()).map_err(|error| NoFrame(error.to_string()))?;
    Ok(match tree.str("command") {
        "subscribed" => Frame::Subscribed {
            request: shown(tree.str("req.id")),
            subscription: shown(tree.str("sub.id")),
        },
        "unsubscribed" => Frame::Unsubscribed,
        "event" => {
            let data = tree
                .get("data")
                .ok_or_else(|| NoFrame("an event without data".into()))?;
            Frame::Event(event(data))
        }
        "error" => Frame::Error {
            code: shown(tree.str("code")),
            reason: shown(tree.str("reason")),
        },
        "" => return Err(NoFrame("no command".into())),
        _ => Frame::Other,
    })
}

fn event(data: &Node<'_>) -> Event {
    let name = data.str("event");
    Event {
        id: data.str("id").parse().ok(),
        uuid: shown(data.str("uuid")),
        name: shown(name),
        at: moment(data.str("time")),
        news: data.get("body").and_then(|body| news(name, body)),
    }
}

/// `+09:00`, and `+0900` as some versions write it.
fn moment(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .ok()
}

/// The names of events and members differ between versions and makers; what cannot be told apart is taken as a change.
fn news(name: &str, body: &Node<'_>) -> Option<News> {
    let body = ["patient_infomation", "patient_information"]
        .into_iter()
        .find_map(|inner| body.get(inner))
        .unwrap_or(body);
    let patient = PatientNumber::parse(body.str("Patient_ID")).ok()?;
    match name {
        ACCOUNT | "account" => Some(News::Account {
            patient,
            invoices: invoices(body),
            deleted: body.str("Patient_Mode").eq_ignore_ascii_case("delete"),
        }),
        // A new name or birthday may stand in the day's list.
        ACCEPT | "accept" | "patient_infomation" | "patient_information" => {
            Some(News::Accepted { patient })
        }
        _ => None,
    }
}

fn invoices(body: &Node<'_>) -> Vec<InvoiceNumber> {
    let mut found: Vec<InvoiceNumber> = Vec::new();
    let rows = body.rows("Medical_Information").take(INVOICES_MAX);
    for node in std::iter::once(body).chain(rows) {
        if let Ok(number) = InvoiceNumber::parse(node.str("Invoice_Number"))
            && !found.contains(&number)
        {
            found.push(number);
        }
    }
    found
}

/// The request that catches up on what was told between two moments (`pusheventgetv2`): WebORCA in the cloud alone, seven days back.
pub fn catch_up(
    dialect: &Dialect,
    event: &str,
    user: &str,
    from: DateTime<FixedOffset>,
    to: DateTime<FixedOffset>,
) -> Request {
    let time = |moment: DateTime<FixedOffset>| moment.format("%Y-%m-%dT%H:%M:%S%:z").to_string();
    let body = Node::record([(
        "pusheventgetv2req",
        Node::record([
            ("event", Node::text(event)),
            ("user", Node::text(user)),
            ("start_time", Node::text(time(from))),
            ("end_time", Node::text(time(to))),
        ]),
    )]);
    let prefix = if dialect.api_prefix { "/api" } else { "" };
    Request {
        method: Method::Post,
        target: format!("{prefix}/api01rv2/pusheventgetv2"),
        content_type: Some("application/json; charset=UTF-8"),
        body: body.to_json().into_bytes(),
    }
}

/// What was told meanwhile, oldest first as it comes.
///
/// # Errors
///
/// As every other answer: denied, foreign, unreadable or refused.
pub fn caught_up(response: &Response) -> Result<Vec<Event>, Failure> {
    super::wire::by_status_alone(response.status)?;
    let tree =
        Node::parse(&response.body).map_err(|error| Failure::Unreadable(error.to_string()))?;
    match &tree {
        Node::List(rows) => Ok(rows
            .iter()
            .filter_map(|row| row.get("data"))
            .map(event)
            .collect()),
        Node::Record(_) | Node::Text(_) => Err(super::wire::refusal(&tree)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> PatientNumber {
        PatientNumber::parse(text).expect("digits")
    }

    fn told(name: &str, time: &str, body: &str) -> Event {
        let text = format!(
            r#"{{"command":"event","sub.id":"7","data":{{"id":65535,"uuid":"u","event":"{name}","user":"ormaster","time":"{time}","body":{body}}}}}"#
        );
        match read(&text) {
            Ok(Frame::Event(event)) => event,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_bill_that_is_made_changed_or_taken_away_is_told() {
        let rows = r#""Medical_Information":[{"Invoice_Number":"0001149"},{},{"Invoice_Number":"0001150"},{"Invoice_Number":"0001149"}]"#;
        for (name, body, invoices, deleted) in [
            (
                ACCOUNT,
                format!(r#"{{"Patient_Mode":"add","Patient_ID":"00012",{rows}}}"#),
                2,
                false,
            ),
            (
                ACCOUNT,
                format!(r#"{{"Patient_Mode":"delete","Patient_ID":"00012",{rows}}}"#),
                2,
                true,
            ),
            (
                ACCOUNT,
                r#"{"patient_infomation":{"Patient_Mode":"modify","Patient_ID":"00012"}}"#.into(),
                0,
                false,
            ),
            (
                "account",
                r#"{"Patient_ID":"00012","Invoice_Number":"0001149","Update_Code":"0"}"#.into(),
                1,
                false,
            ),
        ] {
            let event = told(name, "2026-11-20T10:15:00+09:00", &body);
            let Some(News::Account {
                patient,
                invoices: found,
                deleted: gone,
            }) = event.news
            else {
                panic!("{name} {body}");
            };
            assert_eq!(
                (patient, found.len(), gone),
                (number("00012"), invoices, deleted),
                "{body}"
            );
        }
    }

    #[test]
    fn the_day_list_changes_by_either_name() {
        for name in [
            ACCEPT,
            "accept",
            "patient_information",
            "patient_infomation",
        ] {
            let event = told(name, "", r#"{"Patient_ID":"00012"}"#);
            assert_eq!(
                event.news,
                Some(News::Accepted {
                    patient: number("00012")
                })
            );
        }
        assert_eq!(told("print001", "", r#"{"Patient_ID":"00012"}"#).news, None);
        assert_eq!(told(ACCOUNT, "", r#"{"Patient_ID":"x"}"#).news, None);
    }

    #[test]
    fn a_time_is_read_in_both_spellings() {
        let expected = DateTime::parse_from_rfc3339("2026-11-20T10:15:00+09:00").ok();
        for time in ["2026-11-20T10:15:00+09:00", "2026-11-20T10:15:00+0900"] {
            assert_eq!(told(ACCOUNT, time, "{}").at, expected, "{time}");
        }
        assert_eq!(told(ACCOUNT, "yesterday", "{}").at, None);
    }

    #[test]
    fn every_other_frame_is_known_or_let_pass() {
        assert_eq!(
            read(r#"{"command":"subscribed","req.id":"1","sub.id":"7"}"#),
            Ok(Frame::Subscribed {
                request: "1".into(),
                subscription: "7".into()
            })
        );
        assert_eq!(
            read(r#"{"command":"unsubscribed"}"#),
            Ok(Frame::Unsubscribed)
        );
        assert_eq!(
            read(
                r#"{"command":"error","for":"subscribe","req.id":"1","code":"INVALID_PARAMS","reason":"r"}"#
            ),
            Ok(Frame::Error {
                code: "INVALID_PARAMS".into(),
                reason: "r".into()
            })
        );
        assert_eq!(read(r#"{"command":"hello"}"#), Ok(Frame::Other));
        for none in [
            "",
            "x",
            "[]",
            "{}",
            r#"{"command":"event"}"#,
            r#"{"command":"#,
        ] {
            assert!(read(none).is_err(), "{none}");
        }
    }
}
