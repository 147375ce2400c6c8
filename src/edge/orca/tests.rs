//! Local receipt computers that misbehave on purpose. Everything on loopback; a wait has an end, and no assertion knows how long it took.

mod certificates;
mod http;
mod push;
mod tls;
mod wss;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use chrono::{DateTime, FixedOffset};

use super::*;

use crate::config::orca::{Password, Secret, Url};
use crate::domain::bill::{InOut, InvoiceNumber, PatientNumber};
use crate::domain::money::Yen;
use crate::orca::call::{Payment, Session};

/// Longer than any machine needs, and short enough to end.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a receipt computer says to a ping.
const PONG: &str = r#"{"incomev3res":{"Api_Result":"E0203","Api_Result_Message":"-"}}"#;

fn noon() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-21T12:00:00+09:00").expect("a moment")
}

fn site(port: u16) -> Site {
    Site {
        kind: Kind::OnPrem,
        url: Url {
            tls: false,
            host: "127.0.0.1".into(),
            port,
            path: "/".into(),
        },
        user: Some("ormaster".into()),
        password: Some(Password::Here(Secret::new("ormaster123"))),
        client_certificate: None,
        client_certificate_password_file: None,
        root_certificate: None,
        connect_seconds: 30,
        read_seconds: 30,
        push: None,
    }
}

fn setup(site: Site, folder: &Path) -> Setup {
    Setup {
        site,
        folder: folder.to_owned(),
        karte_uid: "mdg-01".into(),
        clock: Arc::new(|| Now {
            mono_ms: 0,
            wall: noon(),
        }),
        patience: Patience {
            first_wait: Duration::from_millis(1),
            last_wait: Duration::from_millis(4),
            ..Patience::default()
        },
    }
}

fn client(site: Site) -> Client {
    Client::new(Arc::new(setup(site, Path::new("."))))
}

/// A payment: the call that may not be doubled.
fn pay() -> Call {
    Call::Pay(Payment {
        session: Session {
            karte_uid: "k".into(),
            orca_uid: "o".into(),
        },
        patient: PatientNumber::parse("00012").expect("digits"),
        in_out: InOut::Out,
        invoice: InvoiceNumber::parse("0001149").expect("digits"),
        amount: Yen::new(1_920),
        tender_code: None,
        at: noon(),
        print: false,
    })
}

/// The class of a failure, or that there is none.
fn class(result: &Result<Answer, Failure>) -> &'static str {
    match result {
        Ok(_) => "answered",
        Err(Failure::Unreachable(_)) => "unreachable",
        Err(Failure::Lost(_)) => "lost",
        Err(Failure::Denied(_)) => "denied",
        Err(Failure::Certificate(_)) => "certificate",
        Err(Failure::Foreign(_)) => "foreign",
        Err(Failure::Unreadable(_)) => "unreadable",
        Err(Failure::Refused(_)) => "refused",
    }
}

/// A listener of its own, on a free port.
fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    (listener, port)
}

/// Whoever calls is dealt with like this, one after the other. What was read of each is heard in the receiver, which ends when nobody more is
/// taken.
fn server(
    calls: usize,
    act: impl Fn(usize, &mut TcpStream) -> String + Send + 'static,
) -> (u16, Receiver<String>) {
    let (listener, port) = listener();
    let (tell, heard) = channel();
    std::thread::spawn(move || {
        for number in 0..calls {
            let (mut stream, _) = listener.accept().expect("a caller");
            stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
            let text = act(number, &mut stream);
            // The test may have seen enough.
            let _ = tell.send(text);
        }
    });
    (port, heard)
}

/// A whole request: head and body.
fn request(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).expect("readable") == 0 {
            return String::from_utf8_lossy(&bytes).into_owned();
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .map_or(0, |length| length.trim().parse().expect("a number"));
    let mut body = vec![0; length];
    stream.read_exact(&mut body).expect("a body");
    bytes.extend(body);
    String::from_utf8(bytes).expect("text")
}

fn whole(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: jetty\r\nDate: Sat, 21 Nov 2026 03:00:07 GMT\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn say(stream: &mut impl Write, text: &str) {
    // Whoever has heard enough may have left.
    let _ = stream.write_all(text.as_bytes());
    let _ = stream.flush();
}
