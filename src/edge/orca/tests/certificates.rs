//! Certificates of the tests: authorities, receipt computers and clinics, made when they are wanted.

use std::path::Path;
use std::sync::Arc;

use p12_keystore::{
    Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain,
};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

/// An authority.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate with its key.
pub(super) struct Pair {
    pub(super) certificate: CertificateDer<'static>,
    pub(super) key: KeyPair,
}

impl Authority {
    pub(super) fn new(name: &str) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Authority(CertifiedIssuer::self_signed(params, key).expect("an authority"))
    }

    /// For this name, good through these years.
    pub(super) fn sign(&self, name: &str, years: [i32; 2]) -> Pair {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = date_time_ymd(years[0], 1, 1);
        params.not_after = date_time_ymd(years[1], 12, 31);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("signed");
        Pair {
            certificate: certificate.der().clone(),
            key,
        }
    }

    pub(super) fn write(&self, path: &Path) {
        std::fs::write(path, self.0.pem()).expect("written");
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).expect("an authority");
        roots
    }
}

impl Pair {
    /// Certificate and key in one PEM file that nobody else may read.
    pub(super) fn write_pem(&self, path: &Path) {
        let certificate = pem("CERTIFICATE", &self.certificate);
        private(path, (certificate + &self.key.serialize_pem()).as_bytes());
    }

    /// Both in a PKCS#12 file under a password: as OpenSSL 3 writes it, or as its elders did.
    pub(super) fn write_pkcs12(&self, path: &Path, password: &str, old: bool) {
        let chain = PrivateKeyChain::new(
            "1",
            PrivateKey::from_der(self.key.serialized_der()).expect("a key"),
            [Certificate::from_der(&self.certificate).expect("a certificate")],
        );
        let mut store = KeyStore::new();
        store.add_entry("clinic", KeyStoreEntry::PrivateKeyChain(chain));
        let algorithm = if old {
            EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc
        } else {
            EncryptionAlgorithm::PbeWithHmacSha256AndAes256
        };
        let bytes = store
            .writer(password)
            .encryption_algorithm(algorithm)
            .encryption_iterations(100)
            .mac_iterations(100)
            .write()
            .expect("a store");
        private(path, &bytes);
    }

    fn key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.serialize_der()).into()
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::prelude::BASE64_STANDARD.encode(der);
    let lines: Vec<&str> = (0..text.len())
        .step_by(64)
        .map(|at| &text[at..text.len().min(at + 64)])
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

/// A file that nobody else may read.
pub(super) fn private(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).expect("written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let rights = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(path, rights).expect("set");
    }
}

/// The TLS of a receipt computer, which may want to see a certificate of this authority.
pub(super) fn server(
    pair: &Pair,
    wants: Option<&Authority>,
    version: &'static SupportedProtocolVersion,
) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[version])
        .expect("a version");
    let config = match wants {
        None => config.with_no_client_auth(),
        Some(authority) => {
            let roots = Arc::new(authority.roots());
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider)
                .build()
                .expect("a verifier");
            config.with_client_cert_verifier(verifier)
        }
    };
    let chain = vec![pair.certificate.clone()];
    Arc::new(config.with_single_cert(chain, pair.key()).expect("a pair"))
}
