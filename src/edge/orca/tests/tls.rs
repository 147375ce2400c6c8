//! TLS: who is let in, who is not trusted, and that nothing leaves before that is settled.

use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};

use super::certificates::{Authority, private, server as tls_server};
use super::*;

pub(super) const GOOD: [i32; 2] = [2020, 2036];
const PAST: [i32; 2] = [2001, 2002];
pub(super) const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];

/// A receipt computer under TLS that answers so many calls, and tells what it read of each; nothing where the handshake failed.
pub(super) fn receipt_computer(
    calls: usize,
    config: Arc<ServerConfig>,
    answer: String,
) -> (u16, Receiver<String>) {
    server(calls, move |_, stream| {
        let Some(mut stream) = shake_hands(stream, &config) else {
            return String::new();
        };
        let asked = request(&mut stream);
        say(&mut stream, &answer);
        asked
    })
}

/// The receipt computer's side of the line; `None` where one of the two does not want the other.
pub(super) fn shake_hands(
    stream: &TcpStream,
    config: &Arc<ServerConfig>,
) -> Option<StreamOwned<ServerConnection, TcpStream>> {
    let connection = ServerConnection::new(Arc::clone(config)).expect("a connection");
    let stream = stream.try_clone().expect("a handle");
    let mut stream = StreamOwned::new(connection, stream);
    while stream.conn.is_handshaking() {
        if stream.conn.complete_io(&mut stream.sock).is_err() {
            // What is still to be said is why.
            let _ = stream.conn.write_tls(&mut stream.sock);
            // Our leaving must not overtake it.
            let _ = stream.sock.shutdown(std::net::Shutdown::Write);
            let _ended = stream.sock.read(&mut [0; 4_096]);
            return None;
        }
    }
    Some(stream)
}

/// A clinic: its folder, and the authority that it trusts.
pub(super) struct Clinic {
    pub(super) folder: tempfile::TempDir,
    pub(super) authority: Authority,
}

impl Clinic {
    pub(super) fn new() -> Clinic {
        let clinic = Clinic {
            folder: tempfile::tempdir().expect("a folder"),
            authority: Authority::new("clinic"),
        };
        clinic
            .authority
            .write(&clinic.folder.path().join("root.pem"));
        clinic
    }

    pub(super) fn site(&self, port: u16) -> Site {
        Site {
            url: Url {
                tls: true,
                ..site(port).url
            },
            root_certificate: Some("root.pem".into()),
            ..site(port)
        }
    }

    fn ask(&self, site: Site, call: &Call) -> Result<Answer, Failure> {
        Client::new(Arc::new(setup(site, self.folder.path())))
            .ask(call)
            .result
    }
}

#[test]
fn a_client_certificate_opens_the_door_from_pem_and_from_pkcs12() {
    let clinic = Clinic::new();
    let at = |name: &str| clinic.folder.path().join(name);
    let ours = clinic.authority.sign("clinic-12", GOOD);
    ours.write_pem(&at("clinic.pem"));
    ours.write_pkcs12(&at("clinic.p12"), "a%b 1", false);
    ours.write_pkcs12(&at("elder.p12"), "a%b 1", true);
    private(&at("p12.password"), b"a%b 1\n");
    let theirs = clinic.authority.sign("127.0.0.1", GOOD);
    for version in VERSIONS {
        for file in ["clinic.pem", "clinic.p12", "elder.p12"] {
            let config = tls_server(&theirs, Some(&clinic.authority), version);
            let (port, heard) = receipt_computer(1, config, whole(PONG));
            let site = Site {
                client_certificate: Some(file.into()),
                client_certificate_password_file: Some("p12.password".into()),
                ..clinic.site(port)
            };
            let look = look(&setup(site, clinic.folder.path()));
            let seen = look.answer.expect("let in");
            let protocol = seen.protocol.expect("TLS");
            assert_eq!(protocol, format!("{:?}", version.version), "{file}");
            let until = look.valid_until.expect("a certificate");
            assert_eq!(until.date_naive().to_string(), "2036-12-31", "{file}");
            assert!(
                heard
                    .recv_timeout(PATIENCE)
                    .is_ok_and(|asked| !asked.is_empty())
            );
        }
    }
}

#[test]
fn whom_the_receipt_computer_does_not_know_it_does_not_hear() {
    let clinic = Clinic::new();
    let at = |name: &str| clinic.folder.path().join(name);
    let stranger = Authority::new("somebody");
    stranger
        .sign("clinic-12", GOOD)
        .write_pem(&at("stranger.pem"));
    let theirs = clinic.authority.sign("127.0.0.1", GOOD);
    for version in VERSIONS {
        for ours in [None, Some("stranger.pem".to_owned())] {
            let config = tls_server(&theirs, Some(&clinic.authority), version);
            let (port, heard) = receipt_computer(1, config, whole(PONG));
            let site = Site {
                client_certificate: ours.clone(),
                ..clinic.site(port)
            };
            let result = clinic.ask(site, &pay());
            assert_eq!(class(&result), "denied", "{result:?} {ours:?}");
            assert!(result.is_err_and(|failure| !failure.may_be_done()));
            assert_eq!(heard.recv_timeout(PATIENCE).as_deref(), Ok(""));
        }
    }
}

#[test]
fn whom_we_do_not_trust_hears_nothing() {
    let clinic = Clinic::new();
    let stranger = Authority::new("somebody");
    for (case, theirs) in [
        ("another authority", stranger.sign("127.0.0.1", GOOD)),
        ("another name", clinic.authority.sign("orca.invalid", GOOD)),
        ("past", clinic.authority.sign("127.0.0.1", PAST)),
    ] {
        for version in VERSIONS {
            let config = tls_server(&theirs, None, version);
            let (port, heard) = receipt_computer(1, config, whole(PONG));
            let result = clinic.ask(clinic.site(port), &pay());
            assert_eq!(class(&result), "certificate", "{case}: {result:?}");
            assert_eq!(heard.recv_timeout(PATIENCE).as_deref(), Ok(""), "{case}");
        }
    }
}

#[test]
fn a_certificate_of_ours_that_is_no_good_is_told_before_anything_leaves() {
    let clinic = Clinic::new();
    let at = |name: &str| clinic.folder.path().join(name);
    let past = clinic.authority.sign("clinic-12", PAST);
    past.write_pem(&at("past.pem"));
    let ahead = clinic.authority.sign("clinic-12", [2_030, 2_036]);
    ahead.write_pem(&at("ahead.pem"));
    let good = clinic.authority.sign("clinic-12", GOOD);
    good.write_pkcs12(&at("clinic.p12"), "right", false);
    private(&at("wrong.password"), b"wrong\n");
    private(&at("noise.p12"), b"no store at all");
    private(&at("bare.pem"), good.key.serialize_pem().as_bytes());
    for (file, word) in [
        ("past.pem", "ended on 2002-12-31"),
        ("ahead.pem", "begins on 2030-01-01"),
        ("clinic.p12", "the password does not open it"),
        ("noise.p12", "noise.p12"),
        ("bare.pem", "no certificate"),
        ("missing.p12", "missing.p12"),
    ] {
        // Nobody listens there: it is not even tried.
        let site = Site {
            client_certificate: Some(file.into()),
            client_certificate_password_file: Some("wrong.password".into()),
            ..clinic.site(1)
        };
        let result = clinic.ask(site, &pay());
        let Err(Failure::Certificate(said)) = result else {
            panic!("{file}: {result:?}");
        };
        assert!(said.contains(word), "{said}");
        assert!(
            !said.contains("wrong\n") && !said.contains("PRIVATE KEY"),
            "{said}"
        );
    }
}

#[test]
fn a_root_that_is_no_certificate_is_told() {
    let clinic = Clinic::new();
    let at = |name: &str| clinic.folder.path().join(name);
    std::fs::write(at("empty.pem"), "").expect("written");
    for root in ["empty.pem", "missing.pem"] {
        let site = Site {
            root_certificate: Some(root.into()),
            ..clinic.site(1)
        };
        let result = clinic.ask(site, &pay());
        assert_eq!(class(&result), "certificate", "{root}: {result:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let clinic = Clinic::new();
    let file = clinic.folder.path().join("clinic.pem");
    clinic.authority.sign("clinic-12", GOOD).write_pem(&file);
    let rights = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(&file, rights).expect("set");
    let site = Site {
        client_certificate: Some("clinic.pem".into()),
        ..clinic.site(1)
    };
    let result = clinic.ask(site, &Call::Ping);
    let Err(Failure::Certificate(said)) = result else {
        panic!("{result:?}");
    };
    assert!(said.contains("chmod 600"), "{said}");
}

#[test]
fn a_server_without_tls_is_another() {
    let (port, _heard) = server(1, |_, stream| {
        let mut hello = [0; 64];
        let read = stream.read(&mut hello).expect("a hello");
        say(
            stream,
            "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
        );
        read.to_string()
    });
    let clinic = Clinic::new();
    let result = clinic.ask(clinic.site(port), &pay());
    assert_eq!(class(&result), "foreign", "{result:?}");
}

#[test]
fn a_line_that_is_cut_under_tls_has_brought_no_whole_answer() {
    let clinic = Clinic::new();
    let theirs = clinic.authority.sign("127.0.0.1", GOOD);
    // Without a length the end of the line is the end of the answer; somebody in between can cut it anywhere.
    let cut = format!("HTTP/1.1 200 OK\r\n\r\n{PONG}");
    for version in VERSIONS {
        let config = tls_server(&theirs, None, version);
        let (port, _heard) = receipt_computer(1, config, cut.clone());
        let result = clinic.ask(clinic.site(port), &pay());
        assert_eq!(class(&result), "lost", "{result:?}");
    }
}
