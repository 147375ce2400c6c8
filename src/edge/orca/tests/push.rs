//! PUSH: what is told, what is lost, and how it is found again.

use chrono::TimeDelta;
use tungstenite::handshake::server::{ErrorResponse, Request as Upgrade, Response as Upgraded};
use tungstenite::{Message, WebSocket, accept_hdr};

use super::*;
use crate::domain::bill::InvoiceNumber;
use crate::orca::answer::News;
use crate::orca::node::Node;

pub(super) const ACCOUNT: &str = r#"{"command":"event","sub.id":"s1","data":{"id":1,"uuid":"u","event":"patient_account","user":"ormaster","time":"2026-11-21T12:00:01+09:00","body":{"Patient_Mode":"add","Patient_ID":"00012","Medical_Information":[{"Invoice_Number":"0001149"}]}}}"#;

/// Take a listener in: the head of its handshake, and the channel with both questions answered.
#[expect(
    clippy::result_large_err,
    reason = "the shape of the handshake's callback"
)]
pub(super) fn take_in_over<S: Read + Write>(stream: S) -> (String, WebSocket<S>) {
    let mut head = String::new();
    let seen = |request: &Upgrade, response: Upgraded| -> Result<Upgraded, ErrorResponse> {
        head = format!("{} {:?}", request.uri(), request.headers());
        Ok(response)
    };
    let mut channel = accept_hdr(stream, seen).expect("a handshake");
    for _ in 0..2 {
        let asked = channel.read().expect("a question");
        let asked = asked.to_text().expect("text").to_owned();
        head.push_str(&asked);
        let node = Node::parse(asked.as_bytes()).expect("a frame");
        let number = node.str("req.id");
        let said =
            format!(r#"{{"command":"subscribed","req.id":"{number}","sub.id":"s{number}"}}"#);
        channel.send(Message::text(said)).expect("said");
    }
    (head, channel)
}

fn take_in(stream: &mut TcpStream) -> (String, WebSocket<TcpStream>) {
    take_in_over(stream.try_clone().expect("a handle"))
}

pub(super) fn pushing(port: u16, push: u16) -> Site {
    Site {
        push: Some(Url {
            tls: false,
            host: "127.0.0.1".into(),
            port: push,
            path: "/ws".into(),
        }),
        ..site(port)
    }
}

/// What a console hears of these threads.
pub(super) fn listening(setup: Setup) -> (OrcaHandle, Receiver<OrcaEvent>) {
    let (tell, told) = channel();
    let tell = Mutex::new(tell);
    let handle = spawn(setup, move |event| {
        let _ = tell.lock().expect("alone").send(event);
    });
    (handle.expect("threads"), told)
}

pub(super) fn news(told: &Receiver<OrcaEvent>) -> News {
    match told.recv_timeout(PATIENCE) {
        Ok(OrcaEvent::News(news)) => news,
        other => panic!("{other:?}"),
    }
}

pub(super) fn account() -> News {
    News::Account {
        patient: PatientNumber::parse("00012").expect("digits"),
        invoices: vec![InvoiceNumber::parse("0001149").expect("digits")],
        deleted: false,
    }
}

/// Until the other end leaves.
pub(super) fn until_it_leaves<S: Read + Write>(mut channel: WebSocket<S>) {
    while channel.read().is_ok() {}
}

#[test]
fn a_bill_is_told_and_a_line_that_is_lost_is_opened_again() {
    let (push, heard) = server(3, |number, stream| {
        let (head, mut channel) = take_in(stream);
        // Noise between is let pass.
        for text in ["", "x", r#"{"command":"hello"}"#, ACCOUNT] {
            channel.send(Message::text(text)).expect("said");
        }
        channel
            .send(Message::Ping(tungstenite::Bytes::new()))
            .expect("said");
        let pong = loop {
            match channel.read() {
                Ok(Message::Pong(_)) => break "pong",
                Ok(_) => {}
                Err(_) => break "",
            }
        };
        if number == 2 {
            until_it_leaves(channel);
        }
        head + pong
    });
    let (handle, told) = listening(setup(pushing(1, push), Path::new(".")));
    for round in 0..3 {
        assert_eq!(news(&told), News::Listening, "{round}");
        assert_eq!(news(&told), account(), "{round}");
        if round < 2 {
            assert!(matches!(news(&told), News::Deaf(_)), "{round}");
            let head = heard.recv_timeout(PATIENCE).expect("a listener");
            assert!(head.starts_with("/ws ") && head.ends_with("pong"), "{head}");
            assert!(head.contains("x-ginbee-tenant-id") && head.contains("authorization"));
            assert!(head.contains("patient_account") && head.contains("patient_accept"));
        }
    }
    // The end of the console: the channel is left, and the thread with it.
    handle.close();
    assert!(heard.recv_timeout(PATIENCE).is_ok());
    while told.recv_timeout(PATIENCE).is_ok() {}
}

#[test]
fn what_was_missed_is_fetched_where_it_is_kept() {
    let (port, asked) = server(1, |_, stream| {
        let asked = request(stream);
        let data = ACCOUNT
            .strip_prefix(r#"{"command":"event","sub.id":"s1","#)
            .expect("the frame's head");
        say(stream, &whole(&format!("[{{{data}]")));
        asked
    });
    let (push, _heard) = server(2, |number, stream| {
        let (head, channel) = take_in(stream);
        if number == 1 {
            until_it_leaves(channel);
        }
        head
    });
    let mut here = setup(
        Site {
            kind: Kind::WebOrca,
            ..pushing(port, push)
        },
        Path::new("."),
    );
    // A minute passes with every look at the clock.
    let minutes = std::sync::atomic::AtomicI32::new(0);
    here.clock = Arc::new(move || {
        let passed = minutes.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Now {
            mono_ms: 0,
            wall: noon() + TimeDelta::minutes(passed.into()),
        }
    });
    let (handle, told) = listening(here);
    assert_eq!(news(&told), News::Listening);
    assert!(matches!(news(&told), News::Deaf(_)));
    assert_eq!(news(&told), News::Listening);
    assert_eq!(news(&told), account());
    let asked = asked.recv_timeout(PATIENCE).expect("a question");
    assert!(
        asked.starts_with("POST /api/api01rv2/pusheventgetv2 "),
        "{asked}"
    );
    let body = asked.split("\r\n\r\n").nth(1).expect("a body").as_bytes();
    let body = Node::parse(body).expect("JSON");
    let body = body.get("pusheventgetv2req").expect("a question");
    let time = |name: &str| DateTime::parse_from_rfc3339(body.str(name)).expect("a moment");
    let (from, to) = (time("start_time"), time("end_time"));
    assert!(
        from < noon() + TimeDelta::minutes(1) && to > from,
        "{from} {to}"
    );
    handle.close();
}

#[test]
fn a_channel_that_says_nothing_any_more_is_lost() {
    let (push, _heard) = server(2, |_, stream| {
        let (head, channel) = take_in(stream);
        // It reads nothing more, and so answers no ping; it leaves when the listener has.
        let mut bare = channel.get_ref().try_clone().expect("a handle");
        let mut rest = [0; 512];
        while bare.read(&mut rest).is_ok_and(|read| read > 0) {}
        head
    });
    let mut here = setup(pushing(1, push), Path::new("."));
    here.patience.ping_after = Duration::from_millis(1);
    here.patience.silence = Duration::from_millis(2);
    let (handle, told) = listening(here);
    assert_eq!(news(&told), News::Listening);
    assert_eq!(news(&told), News::Deaf("nothing was heard any more".into()));
    assert_eq!(news(&told), News::Listening);
    handle.close();
}

#[test]
fn a_door_that_stays_shut_is_told_once() {
    let (push, _heard) = server(3, |number, stream| {
        if number == 2 {
            let (head, channel) = take_in(stream);
            until_it_leaves(channel);
            return head;
        }
        let asked = request(stream);
        say(
            stream,
            "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
        );
        asked
    });
    let (handle, told) = listening(setup(pushing(1, push), Path::new(".")));
    assert_eq!(news(&told), News::Deaf("HTTP 401".into()));
    assert_eq!(news(&told), News::Listening);
    handle.close();
}

#[test]
fn a_look_tries_the_channel_as_well() {
    let (port, _heard) = server(1, |_, stream| {
        let asked = request(stream);
        say(stream, &whole(PONG));
        asked
    });
    let (push, _listeners) = server(1, |_, stream| take_in(stream).0);
    let found = look(&setup(pushing(port, push), Path::new(".")));
    assert_eq!(found.push, Some(Ok(())));
    let (gone, nobody) = listener();
    drop(gone);
    let found = look(&setup(pushing(nobody, nobody), Path::new(".")));
    assert!(matches!(found.push, Some(Err(Failure::Unreachable(_)))));
    assert!(matches!(found.answer, Err(Failure::Unreachable(_))));
}
