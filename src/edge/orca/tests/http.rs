//! Calls over HTTP: what is known of a call when the line or the other end fails.

use super::*;
use crate::app::message::orca::Asker;
use crate::orca::node::BODY_MAX;
use crate::orca::simulator::Simulator;
use crate::orca::simulator::scene::Scene;
use crate::orca::simulator::script::Script;
use crate::orca::wire::{Method, Request};

/// Nobody called again: no call is repeated, no redirect followed.
fn nobody_calls(listener: &TcpListener) {
    listener.set_nonblocking(true).expect("set");
    let again = listener.accept().map(|_| "somebody").map_err(|e| e.kind());
    assert_eq!(again, Err(io::ErrorKind::WouldBlock));
}

/// One call to a server that says these words behind the whole request, and leaves.
fn asked(call: &Call, answer: &str) -> Result<Answer, Failure> {
    let (listener, port) = listener();
    let answer = answer.replace("PORT", &port.to_string());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a caller");
        request(&mut stream);
        say(&mut stream, &answer);
        drop(stream);
        listener
    });
    let result = client(site(port)).ask(call).result;
    nobody_calls(&server.join().expect("served"));
    result
}

#[test]
fn nothing_left_where_nobody_listens() {
    let (listener, port) = listener();
    drop(listener);
    for call in [Call::Ping, pay()] {
        let result = client(site(port)).ask(&call).result;
        assert_eq!(class(&result), "unreachable");
        assert!(result.is_err_and(|failure| !failure.may_be_done()));
    }
}

#[test]
fn what_each_misbehaviour_means_for_a_question_and_for_a_payment() {
    let html = whole("<!DOCTYPE html><html><body>Login</body></html>");
    let table: &[(&str, &str, &str)] = &[
        ("", "lost", "lost"),
        ("HTTP/1.1 200 OK\r\nContent-Le", "lost", "lost"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"incomev3res\":{",
            "lost",
            "lost",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{\"incomev3re",
            "lost",
            "lost",
        ),
        // Its end is the end of the line: whole or not, nobody knows but by what it says.
        (
            "HTTP/1.1 200 OK\r\n\r\n{\"incomev3res\":{\"Api_Result\":",
            "unreadable",
            "unreadable",
        ),
        (
            "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
            "denied",
            "denied",
        ),
        (
            "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
            "denied",
            "denied",
        ),
        (
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:PORT/login\r\nContent-Length: 0\r\n\r\n",
            "foreign",
            "foreign",
        ),
        (
            "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:PORT/x\r\nContent-Length: 0\r\n\r\n",
            "foreign",
            "foreign",
        ),
        (
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            "foreign",
            "foreign",
        ),
        // What breaks there may break after the work was done.
        (
            "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
            "foreign",
            "unreadable",
        ),
        (&html, "foreign", "unreadable"),
        ("SSH-2.0-OpenSSH_9.6\r\n\r\n", "foreign", "unreadable"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            "foreign",
            "unreadable",
        ),
    ];
    for (answer, to_ping, to_pay) in table {
        assert_eq!(class(&asked(&Call::Ping, answer)), *to_ping, "{answer}");
        assert_eq!(class(&asked(&pay(), answer)), *to_pay, "{answer}");
    }
}

#[test]
fn an_answer_without_an_end_is_not_waited_for() {
    let endless: fn(usize, &mut TcpStream) -> String = |_, stream| {
        let asked = request(stream);
        say(stream, "HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n");
        // A byte now and then keeps no call alive. Nothing comes from the caller: the look for it is the pause.
        let pause = Some(Duration::from_millis(20));
        stream.set_read_timeout(pause).expect("a timeout");
        while stream.write_all(b" ").is_ok() {
            let _nothing = stream.read(&mut [0]);
        }
        asked
    };
    let silent: fn(usize, &mut TcpStream) -> String = |_, stream| {
        let asked = request(stream);
        let _ended = stream.read(&mut [0]);
        asked
    };
    for act in [endless, silent] {
        let (port, _heard) = server(1, act);
        let result = client(Site {
            read_seconds: 1,
            ..site(port)
        })
        .ask(&pay())
        .result;
        assert_eq!(result, Err(Failure::Lost("no whole answer in time".into())));
    }
}

#[test]
fn more_than_any_answer_has_is_not_read() {
    let (port, _heard) = server(1, |_, stream| {
        let asked = request(stream);
        let length = BODY_MAX + 1;
        say(
            stream,
            &format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n"),
        );
        let piece = " ".repeat(64 * 1_024);
        for _ in 0..=BODY_MAX / piece.len() {
            say(stream, &piece);
        }
        asked
    });
    assert_eq!(class(&client(site(port)).ask(&pay()).result), "unreadable");
    let (port, _heard) = server(1, |_, stream| {
        let asked = request(stream);
        let field = format!("X-More: {}\r\n", "x".repeat(1_000));
        say(stream, "HTTP/1.1 200 OK\r\n");
        say(stream, &field.repeat(100));
        // The end of the line must not come before what was said is read.
        let _ended = stream.read(&mut [0]);
        asked
    });
    assert_eq!(class(&client(site(port)).ask(&pay()).result), "unreadable");
}

#[test]
fn who_we_are_is_said_with_every_call_and_each_has_a_line_of_its_own() {
    let (port, heard) = server(2, |_, stream| {
        let asked = request(stream);
        say(stream, &whole(PONG));
        asked
    });
    let mut client = client(site(port));
    for _ in 0..2 {
        assert_eq!(client.ask(&Call::Ping).result, Ok(Answer::Pong));
        let asked = heard.recv_timeout(PATIENCE).expect("asked");
        let head = asked.to_ascii_lowercase();
        assert!(asked.starts_with("POST /orca23/incomev3?format=json HTTP/1.1\r\n"));
        assert!(
            asked.contains("Basic b3JtYXN0ZXI6b3JtYXN0ZXIxMjM="),
            "{asked}"
        );
        assert!(head.contains("connection: close"), "{asked}");
        assert!(head.contains("content-type: application/json"), "{asked}");
    }
}

#[test]
fn the_cloud_is_asked_below_its_own_path() {
    let (port, heard) = server(1, |_, stream| {
        let asked = request(stream);
        say(stream, &whole(PONG));
        asked
    });
    let site = Site {
        kind: Kind::WebOrca,
        ..site(port)
    };
    assert_eq!(client(site).ask(&Call::Ping).result, Ok(Answer::Pong));
    let asked = heard.recv_timeout(PATIENCE).expect("asked");
    assert!(asked.starts_with("POST /api/orca23/incomev3?format=json HTTP/1.1\r\n"));
}

#[test]
fn a_receipt_computer_is_asked_for_its_list_and_its_patients() {
    let day = noon().date_naive();
    let (port, _heard) = server(2, move |_, stream| {
        let text = request(stream);
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let mut words = head.split(' ');
        let method = match words.next() {
            Some("GET") => Method::Get,
            _ => Method::Post,
        };
        let asked = Request {
            method,
            target: words.next().expect("a target").to_owned(),
            content_type: None,
            body: body.as_bytes().to_vec(),
        };
        let scene = Scene::of_day(7, noon(), 8);
        let mut simulator = Simulator::new(scene, Script::default(), 7);
        simulator.pass(noon());
        let reply = simulator.handle(noon(), &asked);
        let body = reply.response.expect("an answer").body;
        say(stream, &whole(&String::from_utf8(body).expect("text")));
        text
    });
    let mut client = client(site(port));
    let Ok(Answer::Worklist(waiting)) = client.ask(&Call::Worklist { date: day }).result else {
        panic!("no list");
    };
    let first = waiting.first().expect("somebody waits").patient.clone();
    let asked = client.ask(&Call::Patient {
        patient: first.number.clone(),
    });
    let Ok(Answer::Patient(patient)) = asked.result else {
        panic!("no patient");
    };
    assert_eq!(patient.number, first.number);
}

fn ask_for(question: u32) -> OrcaRequest {
    OrcaRequest {
        asker: Asker::Screen { question },
        call: Call::Ping,
    }
}

#[test]
fn a_queue_that_is_full_answers_at_once_and_says_that_nothing_left() {
    let (release, held) = channel::<()>();
    let held = Mutex::new(held);
    let (port, _heard) = server(1, move |_, stream| {
        let asked = request(stream);
        // Until the test has seen enough.
        let _ = held.lock().expect("alone").recv();
        asked
    });
    let (tell, told) = channel();
    let tell = Mutex::new(tell);
    let handle = spawn(setup(site(port), Path::new(".")), move |event| {
        let _ = tell.lock().expect("alone").send(event);
    })
    .expect("a thread");
    let full: Vec<OrcaEvent> = (0..2 + u32::try_from(QUEUE_MAX).expect("small"))
        .filter_map(|question| handle.ask(ask_for(question)).err())
        .map(|event| *event)
        .collect();
    assert!(!full.is_empty());
    for event in full {
        let OrcaEvent::Answered { result, .. } = event else {
            panic!("{event:?}");
        };
        assert_eq!(class(&result), "unreachable");
    }
    // The end of the console: what waits is not asked any more, and the thread ends with the call under way.
    handle.close();
    drop(release);
    let under_way = told.recv_timeout(PATIENCE);
    let over = under_way.is_err() || told.recv_timeout(PATIENCE).is_err();
    assert!(over, "what waited was asked after the end");
}

#[test]
fn a_look_says_who_answers_and_how_far_its_clock_is_off() {
    let (port, _heard) = server(1, |_, stream| {
        let asked = request(stream);
        say(stream, &whole(PONG));
        asked
    });
    let look = look(&setup(site(port), Path::new(".")));
    assert_eq!(
        look,
        Look {
            answer: Ok(Seen {
                server: Some("jetty".into()),
                protocol: None,
                ahead_s: Some(7),
            }),
            valid_until: None,
            push: None,
        }
    );
}

#[cfg(unix)]
#[test]
fn a_password_that_others_can_read_is_refused_and_never_repeated() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("orca.password");
    std::fs::write(&file, "geheim\n").expect("written");
    let site = Site {
        password: Some(Password::File("orca.password".into())),
        ..site(1)
    };
    let load = || Access::load(&site, folder.path(), noon());
    for (mode, sound) in [(0o644, false), (0o640, false), (0o600, true), (0o400, true)] {
        let rights = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&file, rights).expect("set");
        match load() {
            Ok(access) => {
                assert!(sound, "{mode:o}");
                assert_eq!(
                    access.authorization.as_deref(),
                    Some("Basic b3JtYXN0ZXI6Z2VoZWlt")
                );
            }
            Err(Failure::Denied(said)) => {
                assert!(!sound && said.contains("chmod 600"), "{said}");
                assert!(!said.contains("geheim"), "{said}");
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    std::fs::remove_file(&file).expect("removed");
    assert!(matches!(load(), Err(Failure::Denied(_))));
    assert_eq!(format!("{:?}", Secret::new("geheim")), "Secret(…)");
}
