//! `[orca]`: where the receipt computer 日レセ is, and who we are there. What its files hold is read by whoever connects.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::check::Desk;

/// The receipt computers of this counter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Orca {
    /// The clinic's own.
    pub live: Option<Site>,
    /// One for practice, which never talks to the other.
    pub practice: Option<Site>,
    /// Practice says by name that it wants the one inside the program.
    pub simulated: bool,
}

impl Orca {
    /// The one of this mode, where there is one.
    pub fn site(&self, practice: bool) -> Option<&Site> {
        if practice {
            self.practice.as_ref()
        } else {
            self.live.as_ref()
        }
    }

    /// True where this mode has the one inside the program: in practice alone, where it is asked for, or where the clinic has one of its own and none for
    /// practice.
    pub fn simulates(&self, practice: bool) -> bool {
        practice && self.practice.is_none() && (self.simulated || self.live.is_some())
    }
}

/// One receipt computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// What it is.
    pub kind: Kind,
    /// Where its API is.
    pub url: Url,
    /// As whom.
    pub user: Option<String>,
    /// What proves it.
    pub password: Option<Password>,
    /// PEM (certificate and key in one file) or PKCS#12.
    pub client_certificate: Option<String>,
    /// Where the password of that file is, where it has one.
    pub client_certificate_password_file: Option<String>,
    /// PEM: who signs for the receipt computer, in the place of the public authorities.
    pub root_certificate: Option<String>,
    /// The longest wait for a connection, seconds.
    pub connect_seconds: u64,
    /// The longest wait for an answer, seconds.
    pub read_seconds: u64,
    /// Where it tells of news by itself.
    pub push: Option<Url>,
}

/// Which receipt computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 日レセ on a machine of the clinic.
    OnPrem,
    /// WebORCA: below `/api`, with an API key.
    WebOrca,
}

/// A word that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hide a word.
    pub fn new(word: impl Into<String>) -> Secret {
        Secret(word.into())
    }

    /// The word, to be sent and never to be shown.
    pub fn bare(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where a password or an API key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Password {
    /// In the config itself.
    Here(Secret),
    /// In a file that only its owner may read.
    File(String),
}

/// An address of HTTP or of a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// `https`, `wss`.
    pub tls: bool,
    /// Host name or address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Begins with `/`.
    pub path: String,
}

impl Url {
    /// Read an address of one of two schemes; the second one is under TLS.
    pub fn parse(text: &str, schemes: [&str; 2]) -> Option<Url> {
        let (scheme, rest) = text.split_once("://")?;
        let tls = schemes.iter().position(|known| *known == scheme)? == 1;
        let (place, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        let whole_path = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '\\');
        if text.len() > URL_MAX || !path.chars().all(whole_path) {
            return None;
        }
        let numbered = place
            .rsplit_once(':')
            .filter(|(_, port)| !port.contains(']'));
        let (host, port) = match numbered {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => {
                (host, port.parse().ok().filter(|port| *port > 0)?)
            }
            Some(_) => return None,
            None => (place, if tls { 443 } else { 80 }),
        };
        let bracketed = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
        let host = match bracketed {
            Some(v6) => v6.parse::<std::net::Ipv6Addr>().ok().map(|_| v6)?,
            None => host,
        };
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if bracketed.is_none() && (host.is_empty() || !host.chars().all(fits)) {
            return None;
        }
        Some(Url {
            tls,
            host: host.to_ascii_lowercase(),
            port,
            path: path.to_owned(),
        })
    }

    /// Host and port, as an address bar writes them.
    pub fn place(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// The longest address, in bytes.
const URL_MAX: usize = 255;
/// The longest name, password or path, in characters.
const WORD_MAX: usize = 255;

/// The word for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawKind {
    OnPrem,
    WebOrca,
    Simulated,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOrca {
    kind: Option<Spanned<RawKind>>,
    url: Option<Spanned<String>>,
    user: Option<Spanned<String>>,
    password: Option<Spanned<String>>,
    password_file: Option<Spanned<String>>,
    api_key_file: Option<Spanned<String>>,
    client_certificate: Option<Spanned<String>>,
    client_certificate_password_file: Option<Spanned<String>>,
    root_certificate: Option<Spanned<String>>,
    connect_seconds: Option<Spanned<i64>>,
    read_seconds: Option<Spanned<i64>>,
    push: Option<Spanned<String>>,
    pub(super) tender: Option<Spanned<BTreeMap<String, Spanned<String>>>>,
    pub(super) print_receipt: Option<Spanned<bool>>,
    practice: Option<Spanned<Box<RawOrca>>>,
}

/// What can be wrong with the receipt computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrcaFault {
    /// A key that must be there.
    Wants(&'static str),
    /// A key that has no place here.
    HasNo(&'static str),
    /// No address of HTTP.
    Url,
    /// No address of a WebSocket.
    PushUrl,
    /// More than one of password, password_file and api_key_file.
    TwoPasswords,
    /// A certificate without TLS.
    CertificateInTheClear,
    /// Practice would talk to the clinic's own.
    PracticeIsLive,
    /// The clinic's own would be the one inside the program.
    LiveIsSimulated,
}

impl Desk<'_> {
    pub(super) fn orca(&mut self, raw: Spanned<RawOrca>) -> Orca {
        let span = raw.span();
        let mut raw = raw.into_inner();
        let practice = raw.practice.take();
        // The other is named without it, or its codes of 入金方法 alone.
        let live = if raw.is_empty() {
            None
        } else {
            self.site(raw, span, false)
        };
        let inside = |practice: &Spanned<Box<RawOrca>>| {
            let kind = practice.get_ref().kind.as_ref();
            kind.is_some_and(|kind| *kind.get_ref() == RawKind::Simulated)
        };
        if let Some(practice) = practice.as_ref().filter(|practice| inside(practice)) {
            self.nothing_but_its_kind(practice.get_ref());
            return Orca {
                live,
                practice: None,
                simulated: true,
            };
        }
        let practice = practice.and_then(|practice| {
            let span = practice.span();
            let raw = *practice.into_inner();
            let place = raw.url.as_ref().map_or(span.clone(), Spanned::span);
            let site = self.site(raw, span, true)?;
            let same =
                |live: &Site| (&live.url.host, live.url.port) == (&site.url.host, site.url.port);
            if live.as_ref().is_some_and(same) {
                self.refuse(place, OrcaFault::PracticeIsLive.into());
            }
            Some(site)
        });
        Orca {
            live,
            practice,
            simulated: false,
        }
    }

    /// The one inside the program has no place, no user and no password.
    fn nothing_but_its_kind(&mut self, raw: &RawOrca) {
        self.what_has_no_place(raw, true);
        let words = raw.words().into_iter().zip(WORDS);
        let given = words.filter_map(|(word, key)| Some((word.as_ref()?.span(), key)));
        let seconds = [
            (&raw.connect_seconds, "connect_seconds"),
            (&raw.read_seconds, "read_seconds"),
        ];
        let seconds = seconds
            .into_iter()
            .filter_map(|(given, key)| Some((given.as_ref()?.span(), key)));
        for (span, key) in given.chain(seconds).collect::<Vec<_>>() {
            self.refuse(span, OrcaFault::HasNo(key).into());
        }
    }

    fn site(&mut self, raw: RawOrca, span: Range<usize>, practice: bool) -> Option<Site> {
        self.what_has_no_place(&raw, practice);
        let Some(kind) = raw.kind.clone() else {
            self.refuse(span, OrcaFault::Wants("kind").into());
            return None;
        };
        let kind = match kind.get_ref() {
            RawKind::OnPrem => Kind::OnPrem,
            RawKind::WebOrca => Kind::WebOrca,
            RawKind::Simulated => {
                self.refuse(kind.span(), OrcaFault::LiveIsSimulated.into());
                return None;
            }
        };
        let Some(url) = raw.url.clone() else {
            self.refuse(span, OrcaFault::Wants("url").into());
            return None;
        };
        if raw.user.is_none() && !practice {
            self.refuse(span.clone(), OrcaFault::Wants("user").into());
        }
        let password = self.password(&raw, span, kind);
        let url_span = url.span();
        let url = Url::parse(url.get_ref(), ["http", "https"]).filter(|url| url.path == "/");
        let Some(url) = url else {
            self.refuse(url_span, OrcaFault::Url.into());
            return None;
        };
        let push = raw.push.clone().and_then(|push| {
            let read = Url::parse(push.get_ref(), ["ws", "wss"]);
            if read.is_none() {
                self.refuse(push.span(), OrcaFault::PushUrl.into());
            }
            read
        });
        let tls = url.tls || push.as_ref().is_some_and(|push| push.tls);
        for certificate in [&raw.client_certificate, &raw.root_certificate] {
            if let Some(certificate) = certificate.as_ref().filter(|_| !tls) {
                let fault = OrcaFault::CertificateInTheClear;
                self.refuse(certificate.span(), fault.into());
            }
        }
        let seconds = |desk: &mut Self, given: Option<Spanned<i64>>, usual: u64, most: i64| {
            given.map_or(usual, |given| desk.number(given, 1, most))
        };
        Some(Site {
            kind,
            url,
            user: raw.user.map(|user| self.text(user, WORD_MAX)),
            password,
            client_certificate: raw.client_certificate.map(|file| self.text(file, WORD_MAX)),
            client_certificate_password_file: raw
                .client_certificate_password_file
                .map(|file| self.text(file, WORD_MAX)),
            root_certificate: raw.root_certificate.map(|file| self.text(file, WORD_MAX)),
            connect_seconds: seconds(self, raw.connect_seconds, 5, 60),
            read_seconds: seconds(self, raw.read_seconds, 30, 300),
            push,
        })
    }

    fn what_has_no_place(&mut self, raw: &RawOrca, practice: bool) {
        if practice {
            let tender = raw.tender.as_ref().map(Spanned::span);
            let inner = raw.practice.as_ref().map(Spanned::span);
            let print = raw.print_receipt.as_ref().map(Spanned::span);
            for (span, key) in [
                (tender, "tender"),
                (print, "print_receipt"),
                (inner, "practice"),
            ] {
                if let Some(span) = span {
                    self.refuse(span, OrcaFault::HasNo(key).into());
                }
            }
        }
        if let (Some(file), None) = (
            &raw.client_certificate_password_file,
            &raw.client_certificate,
        ) {
            let fault = OrcaFault::Wants("client_certificate");
            self.refuse(file.span(), fault.into());
        }
    }

    fn password(&mut self, raw: &RawOrca, span: Range<usize>, kind: Kind) -> Option<Password> {
        if let (Some(key), Kind::OnPrem) = (&raw.api_key_file, kind) {
            self.refuse(key.span(), OrcaFault::HasNo("api_key_file").into());
        }
        let all = [&raw.password, &raw.password_file, &raw.api_key_file];
        let mut given = all.into_iter().flatten();
        let Some(first) = given.next() else {
            if raw.user.is_some() {
                let wanted = match kind {
                    Kind::OnPrem => "password_file",
                    Kind::WebOrca => "api_key_file",
                };
                self.refuse(span, OrcaFault::Wants(wanted).into());
            }
            return None;
        };
        if raw.user.is_none() {
            self.refuse(first.span(), OrcaFault::Wants("user").into());
        }
        if let Some(second) = given.next() {
            self.refuse(second.span(), OrcaFault::TwoPasswords.into());
        }
        let word = self.text(first.clone(), WORD_MAX);
        Some(if raw.password.is_some() {
            Password::Here(Secret(word))
        } else {
            Password::File(word)
        })
    }
}

/// The keys of [`RawOrca::words`].
const WORDS: [&str; 9] = [
    "url",
    "user",
    "password",
    "password_file",
    "api_key_file",
    "client_certificate",
    "client_certificate_password_file",
    "root_certificate",
    "push",
];

impl RawOrca {
    fn words(&self) -> [&Option<Spanned<String>>; 9] {
        [
            &self.url,
            &self.user,
            &self.password,
            &self.password_file,
            &self.api_key_file,
            &self.client_certificate,
            &self.client_certificate_password_file,
            &self.root_certificate,
            &self.push,
        ]
    }

    fn is_empty(&self) -> bool {
        self.kind.is_none()
            && self.connect_seconds.is_none()
            && self.read_seconds.is_none()
            && self.words().into_iter().all(Option::is_none)
    }
}
