//! PUSH over TLS with a client certificate, as WebORCA in the cloud wants it: dropped, opened again, caught up; and who is not let in.

use rustls::ServerConfig;
use tungstenite::Message;

use super::certificates::{Authority, server as tls_server};
use super::push::{ACCOUNT, account, listening, news, pushing, take_in_over, until_it_leaves};
use super::tls::{Clinic, GOOD, VERSIONS, receipt_computer, shake_hands};
use super::*;
use crate::orca::answer::News;

/// How a channel ends.
#[derive(Clone, Copy)]
enum End {
    /// With a word of its own, and one of TLS.
    Said,
    /// The line is cut, and nothing is said.
    Cut,
    /// When the listener leaves.
    Theirs,
}

/// A pusher under TLS that takes in one listener after the other, tells each of one bill, and ends like this. What each asked is heard; nothing
/// where the handshake failed.
fn pusher(ends: &'static [End], config: Arc<ServerConfig>) -> (u16, Receiver<String>) {
    server(ends.len(), move |number, stream| {
        let Some(line) = shake_hands(stream, &config) else {
            return String::new();
        };
        let (head, mut channel) = take_in_over(line);
        channel.send(Message::text(ACCOUNT)).expect("told");
        match ends[number] {
            End::Said => {
                let _ = channel.close(None);
                let _ = channel.flush();
                until_it_leaves(channel);
            }
            End::Cut => {
                let socket = &channel.get_ref().sock;
                let _ = socket.shutdown(std::net::Shutdown::Both);
            }
            End::Theirs => until_it_leaves(channel),
        }
        head
    })
}

/// The site of a clinic in the cloud: calls and PUSH under TLS.
fn cloud(clinic: &Clinic, port: u16, push: u16, certificate: Option<&str>) -> Site {
    let push = pushing(port, push).push.map(|url| Url { tls: true, ..url });
    Site {
        kind: Kind::WebOrca,
        client_certificate: certificate.map(str::to_owned),
        push,
        ..clinic.site(port)
    }
}

fn with_certificate() -> Clinic {
    let clinic = Clinic::new();
    let ours = clinic.authority.sign("clinic-12", GOOD);
    ours.write_pem(&clinic.folder.path().join("clinic.pem"));
    clinic
}

#[test]
fn a_channel_under_tls_is_opened_again_however_it_ends_and_what_was_missed_is_fetched() {
    let clinic = with_certificate();
    let theirs = clinic.authority.sign("127.0.0.1", GOOD);
    let missed = ACCOUNT
        .strip_prefix(r#"{"command":"event","sub.id":"s1","#)
        .expect("the frame's head");
    let missed = whole(&format!("[{{{missed}]"));
    for version in VERSIONS {
        let config = || tls_server(&theirs, Some(&clinic.authority), version);
        let (port, asked) = receipt_computer(2, config(), missed.clone());
        let ends = &[End::Said, End::Cut, End::Theirs];
        let (push, heard) = pusher(ends, config());
        let site = cloud(&clinic, port, push, Some("clinic.pem"));
        let (handle, told) = listening(setup(site, clinic.folder.path()));
        // Each channel tells once, and each but the first has missed what the receipt computer kept: in which order they are heard is nobody's
        // to say.
        let (mut opened, mut lost, mut bills) = (0, 0, 0);
        while (opened, lost, bills) != (3, 2, 5) {
            match news(&told) {
                News::Listening => opened += 1,
                News::Deaf(_) => lost += 1,
                News::Account { .. } => bills += 1,
                News::Accepted { .. } => panic!("nobody was accepted"),
            }
            assert!(opened <= 3 && lost <= 2 && bills <= 5);
        }
        for _ in 0..2 {
            let asked = asked.recv_timeout(PATIENCE).expect("a question");
            let path = "POST /api/api01rv2/pusheventgetv2 ";
            assert!(asked.starts_with(path), "{asked}");
            let head = heard.recv_timeout(PATIENCE).expect("a listener");
            assert!(head.starts_with("/ws ") && head.contains("authorization"));
            assert!(!head.contains("x-ginbee"), "the cloud has no such number");
        }
        handle.close();
        // The listener's leaving is seen through TLS too.
        assert!(heard.recv_timeout(PATIENCE).is_ok());
    }
}

#[test]
fn a_pusher_in_the_cloud_is_listened_to_though_the_calls_go_in_the_clear() {
    let clinic = with_certificate();
    let theirs = clinic.authority.sign("127.0.0.1", GOOD);
    for version in VERSIONS {
        let config = tls_server(&theirs, Some(&clinic.authority), version);
        let (push, _heard) = pusher(&[End::Theirs], config);
        let site = cloud(&clinic, 1, push, Some("clinic.pem"));
        let site = Site {
            url: Url {
                tls: false,
                ..site.url
            },
            kind: Kind::OnPrem,
            ..site
        };
        let (handle, told) = listening(setup(site, clinic.folder.path()));
        assert_eq!(news(&told), News::Listening);
        assert_eq!(news(&told), account());
        handle.close();
    }
}

#[test]
fn whom_the_pusher_does_not_know_it_does_not_hear_and_the_console_says_so_once() {
    let clinic = with_certificate();
    let stranger = Authority::new("somebody");
    let theirs = clinic.authority.sign("127.0.0.1", GOOD);
    let file = clinic.folder.path().join("stranger.pem");
    stranger.sign("clinic-12", GOOD).write_pem(&file);
    for version in VERSIONS {
        for certificate in [None, Some("stranger.pem")] {
            let config = tls_server(&theirs, Some(&clinic.authority), version);
            let (push, heard) = pusher(&[End::Theirs; 3], config);
            let site = cloud(&clinic, 1, push, certificate);
            let (handle, told) = listening(setup(site, clinic.folder.path()));
            assert!(matches!(news(&told), News::Deaf(_)), "{certificate:?}");
            for _ in 0..3 {
                let asked = heard.recv_timeout(PATIENCE);
                assert_eq!(asked.as_deref(), Ok(""), "{certificate:?}");
            }
            handle.close();
            assert!(told.try_recv().is_err(), "told once");
        }
    }
}

#[test]
fn a_pusher_that_is_not_trusted_hears_nothing() {
    let clinic = with_certificate();
    let stranger = Authority::new("somebody");
    for theirs in [
        stranger.sign("127.0.0.1", GOOD),
        clinic.authority.sign("orca.invalid", GOOD),
    ] {
        for version in VERSIONS {
            let config = tls_server(&theirs, None, version);
            let (push, heard) = pusher(&[End::Theirs], config);
            let site = cloud(&clinic, 1, push, Some("clinic.pem"));
            let (handle, told) = listening(setup(site, clinic.folder.path()));
            assert!(matches!(news(&told), News::Deaf(_)));
            assert_eq!(heard.recv_timeout(PATIENCE).as_deref(), Ok(""));
            handle.close();
        }
    }
}
