//! `madoguchi orca simulate` over loopback, spoken to in HTTP byte by byte and over a WebSocket.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use chrono::NaiveDate;
use madoguchi::orca::answer::Answer;
use madoguchi::orca::call::{Call, Payment};
use madoguchi::orca::push::{self, Frame};
use madoguchi::orca::simulator::Posted;
use madoguchi::orca::wire::{BodyKind, Request, Response, decode, encode};
use tempfile::TempDir;
use tungstenite::Message;

use super::child::Talker;
use super::support::{at, calls, dialect};

/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running one.
pub(crate) struct Program {
    process: Talker,
    address: String,
    push: String,
    books: PathBuf,
    _folder: TempDir,
}

impl Program {
    pub(crate) fn start(script: &str, more: &[&str]) -> Program {
        let folder = tempfile::tempdir().expect("a folder");
        let books = folder.path().join("books.jsonl");
        let written = folder.path().join("script");
        std::fs::write(&written, script).expect("a script");
        let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi"));
        command
            .args([
                "orca",
                "simulate",
                "--listen",
                "127.0.0.1:0",
                "--push",
                "127.0.0.1:0",
            ])
            .args(["--seed", "5", "--script"])
            .arg(&written)
            .arg("--books")
            .arg(&books)
            .args(more)
            .stdin(Stdio::null());
        let process = Talker::start(&mut command);
        let place = || {
            let line = process.line(PATIENCE).expect("a line");
            line.split_whitespace()
                .last()
                .expect("an address")
                .to_owned()
        };
        Program {
            address: place(),
            push: place(),
            process,
            books,
            _folder: folder,
        }
    }

    fn posted(&self) -> Vec<Posted> {
        let text = std::fs::read_to_string(&self.books).expect("its books");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("a row"))
            .collect()
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a patience");
        stream
    }
}

fn send(stream: &mut TcpStream, request: &Request, more: &str) {
    let head = format!(
        "{} {} HTTP/1.1\r\nHost: orca\r\nContent-Length: {}\r\n{more}\r\n",
        request.method.word(),
        request.target,
        request.body.len()
    );
    stream.write_all(head.as_bytes()).expect("it takes a head");
    stream.write_all(&request.body).expect("it takes a body");
}

/// The next answer on a line that stays open; `None` where it ended without one.
fn hear(stream: &mut TcpStream) -> Option<Response> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).expect("a byte or the end") == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).expect("UTF-8");
    let field = |name: &str| {
        head.lines()
            .find_map(|line| line.strip_prefix(name))
            .map(|value| value.trim().to_owned())
    };
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|text| text.parse().ok())
        .expect("a status");
    let length = field("Content-Length:").map_or(0, |text| text.parse().expect("a length"));
    let mut body = vec![0; length];
    stream.read_exact(&mut body).expect("the whole body");
    Some(Response {
        status,
        content_type: field("Content-Type:").unwrap_or_default(),
        body,
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the program has the clock of the machine"
)]
fn today() -> NaiveDate {
    let japan = at("2026-11-20T00:00:00+09:00");
    chrono::Utc::now()
        .with_timezone(japan.offset())
        .date_naive()
}

#[test]
fn a_bill_is_paid_over_one_line_and_is_in_the_books() {
    let program = Program::start("", &[]);
    let mut line = program.connect();
    let mut ask = |call: &Call| {
        send(&mut line, &encode(call, &dialect(BodyKind::Json)), "");
        decode(call, &hear(&mut line).expect("an answer"))
    };
    assert_eq!(ask(&Call::Ping), Ok(Answer::Pong));
    let today = today();
    // Around midnight the day's list may be that of another day; a number is as good.
    let patient = match ask(&Call::Worklist { date: today }) {
        Ok(Answer::Worklist(list)) => list.first().map(|row| row.patient.number.clone()),
        other => panic!("{other:?}"),
    };
    let patient = patient.unwrap_or_else(|| super::support::number("00001"));
    let Ok(Answer::Bill(bill)) = ask(&Call::Bill {
        patient: patient.clone(),
        date: None,
    }) else {
        panic!("no bill");
    };
    let due = bill
        .invoices
        .iter()
        .find(|one| one.unpaid().is_positive())
        .expect("unpaid");
    let open = Call::Open {
        karte_uid: "desk-01".into(),
        patient: patient.clone(),
        in_out: due.in_out,
        invoice: due.number.clone(),
    };
    let Ok(Answer::Opened { session, standing }) = ask(&open) else {
        panic!("not opened")
    };
    let pay = Call::Pay(Payment {
        session: session.clone(),
        patient,
        in_out: due.in_out,
        invoice: due.number.clone(),
        amount: standing.invoice.unpaid(),
        tender_code: Some("01".into()),
        at: at("2026-11-20T10:17:00+09:00"),
        print: false,
    });
    assert!(matches!(ask(&pay), Ok(Answer::Written(_))));
    assert_eq!(ask(&Call::Finish { session }), Ok(Answer::Finished));
    let posted = program.posted();
    assert_eq!(posted.len(), 1);
    assert_eq!(posted[0].amount, standing.invoice.unpaid().get());
    assert_eq!(posted[0].processed, "2026-11-20 10:17");
}

#[test]
fn nobody_is_let_in_without_the_password() {
    let program = Program::start("", &["--user", "ormaster", "--password", "made-up"]);
    for call in calls() {
        let request = encode(&call, &dialect(BodyKind::Json));
        // ormaster:made-up, and ormaster:wrong
        for (field, status) in [
            ("", 401),
            ("Authorization: Basic b3JtYXN0ZXI6d3Jvbmc=\r\n", 401),
            ("Authorization: Basic b3JtYXN0ZXI6bWFkZS11cA==\r\n", 200),
        ] {
            let mut line = program.connect();
            send(&mut line, &request, field);
            let answer = hear(&mut line).expect("an answer");
            assert_eq!(answer.status, status, "{call:?} {field}");
        }
    }
    assert!(program.posted().is_empty());
}

#[test]
fn what_is_no_request_is_refused_politely() {
    let program = Program::start("", &[]);
    let long = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(40_000));
    for (bytes, status) in [
        (
            "POST /orca23/incomev3 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            411,
        ),
        ("POST /orca23/incomev3 HTTP/1.1\r\n\r\n", 411),
        (
            "POST /orca23/incomev3 HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
            413,
        ),
        (
            "POST /orca23/incomev3 HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            400,
        ),
        ("DELETE / HTTP/1.1\r\n\r\n", 405),
        ("GET / HTTP/2\r\n\r\n", 505),
        ("hello\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nnonsense\r\n\r\n", 400),
        (&long, 431),
    ] {
        let mut line = program.connect();
        // It may have said no before all of it has left.
        let _ = line.write_all(bytes.as_bytes());
        let answer = hear(&mut line).expect("an answer");
        assert_eq!(answer.status, status, "{bytes:.40}");
        let mut rest = [0];
        assert!(
            matches!(line.read(&mut rest), Ok(0) | Err(_)),
            "the line ends"
        );
    }
    // A body that is announced first is asked for.
    let mut line = program.connect();
    let request = encode(&Call::Ping, &dialect(BodyKind::Xml));
    let head = format!(
        "POST {} HTTP/1.1\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        request.target,
        request.body.len()
    );
    line.write_all(head.as_bytes()).expect("it takes a head");
    assert_eq!(hear(&mut line).expect("go on").status, 100);
    line.write_all(&request.body).expect("it takes a body");
    let answer = hear(&mut line).expect("an answer");
    assert_eq!(decode(&Call::Ping, &answer), Ok(Answer::Pong));
    assert!(hear(&mut line).is_none(), "it was asked to close");
}

#[test]
fn an_answer_that_is_lost_is_a_line_that_ends() {
    let program = Program::start("ping lost_after\nping status 500\n", &[]);
    let request = encode(&Call::Ping, &dialect(BodyKind::Json));
    let mut line = program.connect();
    send(&mut line, &request, "");
    assert!(hear(&mut line).is_none());
    for status in [500, 200] {
        let mut line = program.connect();
        send(&mut line, &request, "");
        assert_eq!(hear(&mut line).expect("an answer").status, status);
    }
}

#[test]
fn who_listens_hears_that_he_does() {
    let program = Program::start("", &[]);
    let stream = TcpStream::connect(&program.push).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a patience");
    let (mut socket, _) =
        tungstenite::client(format!("ws://{}/ws", program.push), stream).expect("a handshake");
    socket
        .send(Message::text(push::subscribe("7", push::ACCOUNT)))
        .expect("it takes a frame");
    let Message::Text(text) = socket.read().expect("a frame") else {
        panic!("no text")
    };
    let Ok(Frame::Subscribed { request, .. }) = push::read(&text) else {
        panic!("{text}")
    };
    assert_eq!(request, "7");
}

#[cfg(unix)]
#[test]
fn it_ends_when_it_is_told_to() {
    use rustix::process::{Pid, Signal, kill_process};

    let mut child = Command::new(env!("CARGO_BIN_EXE_madoguchi"))
        .args(["orca", "simulate", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it begins");
    let mut first = [0; 12];
    child
        .stdout
        .as_mut()
        .expect("its output")
        .read_exact(&mut first)
        .expect("a line");
    assert_eq!(&first, b"listening on");
    kill_process(Pid::from_child(&child), Signal::TERM).expect("a signal");
    assert!(child.wait().expect("an end").success());
}

#[test]
fn what_cannot_begin_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("script");
    std::fs::write(&script, "pay lost_after\npai lost_after\n").expect("a script");
    let script = script.to_str().expect("UTF-8");
    for (more, hint) in [
        (vec!["--script", script], "line 2: `pai` is no call"),
        (vec!["--script", "/no/such/file"], "check its name"),
        (
            vec!["--books", "/no/such/folder/books"],
            "choose another file",
        ),
        (vec!["--user", "ormaster"], "--password"),
        (vec!["--patients", "0"], "--patients"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_madoguchi"))
            .args([
                "--lang",
                "en",
                "orca",
                "simulate",
                "--listen",
                "127.0.0.1:0",
            ])
            .args(&more)
            .stdin(Stdio::null())
            .output()
            .expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(hint), "{more:?}: {said}");
    }
}

#[test]
fn its_output_names_no_patient() {
    let program = Program::start("", &[]);
    for call in calls() {
        let mut line = program.connect();
        send(
            &mut line,
            &encode(&call, &dialect(BodyKind::Json)),
            "Connection: close\r\n",
        );
        assert!(hear(&mut line).is_some());
        let said = program.process.line(PATIENCE).expect("a line");
        assert!(!said.contains("00012") && !said.contains('='), "{said}");
    }
}
