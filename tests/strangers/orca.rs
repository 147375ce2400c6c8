//! Python's own HTTP, JSON and XML, and its WebSocket client of other hands, against the simulated receipt computer over loopback.

use std::process::{Command, Stdio};
use std::time::Duration;

use chrono::{DateTime, FixedOffset, Utc};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::child::Talker;
use crate::support::peers::Peer;

/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(30);

struct Orca {
    process: Talker,
    folder: TempDir,
}

impl Orca {
    fn start(more: &[&str]) -> Orca {
        let folder = tempfile::tempdir().expect("a folder");
        let process = Talker::start(
            Command::new(env!("CARGO_BIN_EXE_madoguchi"))
                .args(["orca", "simulate", "--listen", "127.0.0.1:0", "--books"])
                .arg(folder.path().join("books.jsonl"))
                .args(more)
                .stdin(Stdio::null()),
        );
        Orca { process, folder }
    }

    fn place(&self) -> String {
        let line = self.process.line(PATIENCE).expect("a line");
        line.split_whitespace()
            .last()
            .expect("an address")
            .to_owned()
    }

    /// The sum of its books.
    fn posted(&self) -> i64 {
        let text = std::fs::read_to_string(self.folder.path().join("books.jsonl"));
        text.expect("its books")
            .lines()
            .map(|line| {
                let row: Value = serde_json::from_str(line).expect("a row");
                row["amount"].as_i64().expect("yen")
            })
            .sum()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the program has the clock of the machine"
)]
fn today() -> DateTime<FixedOffset> {
    Utc::now().with_timezone(&FixedOffset::east_opt(9 * 3_600).expect("an offset"))
}

#[test]
fn pythons_own_http_pays_a_day_and_the_books_agree() {
    let orca = Orca::start(&[
        "--seed",
        "11",
        "--patients",
        "24",
        "--user",
        "ormaster",
        "--password",
        "made-up",
    ]);
    let day = today().format("%Y-%m-%d").to_string();
    let python = Peer::python_alone("orca_client.py", &[orca.place(), day]);
    assert_eq!(python.says()["refused"], 401);
    let _ = python.says_of("listed");
    let taken = python.says_of("taken")["taken"].as_i64().expect("yen");
    assert!(taken > 0);
    assert_eq!(orca.posted(), taken, "money taken is money posted");
    let statuses = python.says_of("statuses");
    assert_eq!(
        statuses["statuses"],
        serde_json::json!([200, 200, 200, 411])
    );
}

#[test]
fn a_websocket_client_of_other_hands_is_told_of_bills() {
    // Enough patients that one is through with the doctor within half a minute.
    let orca = Orca::start(&["--push", "127.0.0.1:0", "--patients", "100"]);
    let _api = orca.place();
    let Some(python) = Peer::python("orca_listener.py", &[orca.place()]) else {
        return;
    };
    for (request, subscription) in [("patient_account", "1"), ("*", "2")] {
        let said = python.says();
        assert_eq!(said["command"], "subscribed");
        assert_eq!(said["req.id"], request);
        assert_eq!(said["sub.id"], subscription);
    }
    assert_eq!(python.says()["code"], "PARSE_ERROR");
    let told = python.says_of("data");
    assert_eq!(told["command"], "event");
    assert!(told["data"]["body"]["Patient_ID"].is_string());
}
