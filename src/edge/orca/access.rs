//! Who we are at the receipt computer: password, certificates, roots. Read from files when a connection is wanted, so that a file that was put
//! right is taken without a restart. A secret is never part of an error.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, FixedOffset, TimeZone as _};
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore};

use crate::config::orca::{Password, Site};
use crate::orca::answer::Failure;

/// No key, certificate or password comes near this.
const FILE_MAX: u64 = 1 << 20;

/// All that a connection takes.
#[derive(Clone)]
pub(super) struct Access {
    /// The value of `Authorization`.
    pub(super) authorization: Option<String>,
    /// For `https` and `wss`.
    pub(super) tls: Option<Arc<ClientConfig>>,
    /// Until when the client certificate is good.
    pub(super) valid_until: Option<DateTime<FixedOffset>>,
}

/// A certificate with its key.
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Access {
    /// Read everything. `folder` is where names without a folder lie.
    pub(super) fn load(
        site: &Site,
        folder: &Path,
        now: DateTime<FixedOffset>,
    ) -> Result<Access, Failure> {
        let authorization = match &site.user {
            Some(user) => Some(basic(user, &password(site, folder)?)),
            None => None,
        };
        let wants_tls = site.url.tls || site.push.as_ref().is_some_and(|push| push.tls);
        if !wants_tls {
            return Ok(Access {
                authorization,
                tls: None,
                valid_until: None,
            });
        }
        let identity = identity(site, folder)?;
        let valid_until = match &identity {
            Some(identity) => Some(lifetime(identity, now)?),
            None => None,
        };
        Ok(Access {
            authorization,
            tls: Some(Arc::new(tls(site, folder, identity)?)),
            valid_until,
        })
    }
}

fn basic(user: &str, password: &str) -> String {
    format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("{user}:{password}"))
    )
}

fn password(site: &Site, folder: &Path) -> Result<String, Failure> {
    match &site.password {
        None => Ok(String::new()),
        Some(Password::Here(secret)) => Ok(secret.bare().to_owned()),
        Some(Password::File(name)) => secret_line(&folder.join(name)).map_err(Failure::Denied),
    }
}

/// The one line of a file that only its owner may read.
fn secret_line(path: &Path) -> Result<String, String> {
    refuse_if_shared(path)?;
    let bytes = read(path)?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|_| format!("{}: it is not UTF-8 text", path.display()))?;
    let line = text.trim_end_matches(['\r', '\n']);
    if line.is_empty() || line.contains(char::is_control) {
        return Err(format!("{}: one line is wanted in it", path.display()));
    }
    Ok(line.to_owned())
}

/// A secret that others of this machine can read is none.
#[cfg(unix)]
fn refuse_if_shared(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;
    let facts = std::fs::metadata(path).map_err(|error| told(path, &error))?;
    let mode = facts.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(format!(
        "{}: others of this machine may read it (mode {mode:o}); run chmod 600 on it",
        path.display()
    ))
}

/// Windows keeps the rights of the user's own folder.
#[cfg(not(unix))]
fn refuse_if_shared(_path: &Path) -> Result<(), String> {
    Ok(())
}

fn told(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let facts = std::fs::metadata(path).map_err(|error| told(path, &error))?;
    if !facts.is_file() || facts.len() > FILE_MAX {
        return Err(format!("{}: it is no such file", path.display()));
    }
    std::fs::read(path).map_err(|error| told(path, &error))
}

fn identity(site: &Site, folder: &Path) -> Result<Option<Identity>, Failure> {
    let Some(name) = &site.client_certificate else {
        return Ok(None);
    };
    let path = folder.join(name);
    let bytes = read(&path).map_err(Failure::Certificate)?;
    let is_pem = bytes.windows(11).any(|part| part == b"-----BEGIN ");
    let identity = if is_pem {
        pem(&path, &bytes)
    } else {
        let password = match &site.client_certificate_password_file {
            Some(file) => secret_line(&folder.join(file)),
            None => Ok(String::new()),
        };
        password.and_then(|password| pkcs12(&path, &bytes, &password))
    };
    identity.map(Some).map_err(Failure::Certificate)
}

fn pem(path: &Path, bytes: &[u8]) -> Result<Identity, String> {
    refuse_if_shared(path)?;
    let bad = |what: &str| format!("{}: {what}", path.display());
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_reader_iter(&mut Cursor::new(bytes))
            .collect::<Result<_, _>>()
            .map_err(|error| bad(&error.to_string()))?;
    if chain.is_empty() {
        return Err(bad("there is no certificate in it"));
    }
    let key = PrivateKeyDer::from_pem_slice(bytes)
        .map_err(|_| bad("there is no private key in it that is not encrypted"))?;
    Ok(Identity { chain, key })
}

fn pkcs12(path: &Path, bytes: &[u8], password: &str) -> Result<Identity, String> {
    let bad = |what: &str| format!("{}: {what}", path.display());
    let store =
        KeyStore::from_pkcs12(bytes, password, Pkcs12ImportPolicy::Strict).map_err(|error| {
            match error {
                p12_keystore::error::Error::MacError(_) => bad("the password does not open it"),
                other => bad(&other.to_string()),
            }
        })?;
    let (_, chain) = store
        .private_key_chain()
        .ok_or_else(|| bad("there is no certificate with its key in it"))?;
    Ok(Identity {
        chain: chain
            .certs()
            .iter()
            .map(|certificate| CertificateDer::from(certificate.as_der().to_vec()))
            .collect(),
        key: PrivatePkcs8KeyDer::from(chain.key().as_der().to_vec()).into(),
    })
}

/// Until when the certificate is good; refused where that is past, for the receipt computer would say no without a reason.
fn lifetime(
    identity: &Identity,
    now: DateTime<FixedOffset>,
) -> Result<DateTime<FixedOffset>, Failure> {
    let unreadable = || Failure::Certificate("the client certificate cannot be read".to_owned());
    let leaf = identity.chain.first().ok_or_else(unreadable)?;
    let (_, parsed) = x509_parser::parse_x509_certificate(leaf).map_err(|_| unreadable())?;
    let moment = |seconds: i64| now.timezone().timestamp_opt(seconds, 0).single();
    let validity = parsed.validity();
    let from = moment(validity.not_before.timestamp()).ok_or_else(unreadable)?;
    let until = moment(validity.not_after.timestamp()).ok_or_else(unreadable)?;
    if now > until {
        let day = until.format("%Y-%m-%d");
        let told = format!("the client certificate ended on {day}; a new one is needed");
        return Err(Failure::Certificate(told));
    }
    if now < from {
        let day = from.format("%Y-%m-%d");
        let told = format!("the client certificate begins on {day}: check this machine's clock");
        return Err(Failure::Certificate(told));
    }
    Ok(until)
}

fn tls(site: &Site, folder: &Path, identity: Option<Identity>) -> Result<ClientConfig, Failure> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let no_good = |error: rustls::Error| Failure::Certificate(error.to_string());
    // 1.2 beside 1.3: servers of WebORCA were seen to ask for a client certificate in 1.2 alone.
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(no_good)?
        .with_root_certificates(roots(site, folder)?);
    match identity {
        Some(Identity { chain, key }) => config.with_client_auth_cert(chain, key).map_err(no_good),
        None => Ok(config.with_no_client_auth()),
    }
}

/// The site's own authority alone, where it names one; the public ones otherwise.
fn roots(site: &Site, folder: &Path) -> Result<RootCertStore, Failure> {
    let mut roots = RootCertStore::empty();
    let Some(name) = &site.root_certificate else {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        return Ok(roots);
    };
    let path: PathBuf = folder.join(name);
    let bad = |what: String| Failure::Certificate(format!("{}: {what}", path.display()));
    let bytes = read(&path).map_err(Failure::Certificate)?;
    for certificate in CertificateDer::pem_reader_iter(&mut Cursor::new(&bytes)) {
        let certificate = certificate.map_err(|error| bad(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| bad(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(bad("there is no certificate in it (PEM is wanted)".into()));
    }
    Ok(roots)
}
