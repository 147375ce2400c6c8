//! The line to the receipt computer: TCP, and TLS over it. It is opened whole before a byte of a call is written, so that "nothing left" is
//! a fact.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{AlertDescription, ClientConfig, ClientConnection, StreamOwned};

use crate::config::orca::Url;
use crate::orca::answer::Failure;

/// A host with more addresses than this is no receipt computer.
const ADDRESSES_MAX: usize = 4;

/// An open line.
pub(super) enum Line {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Line {
    /// Find the host and open the line.
    pub(super) fn to(
        url: &Url,
        tls: Option<&Arc<ClientConfig>>,
        patience: Duration,
    ) -> Result<Line, Failure> {
        let addresses: Vec<SocketAddr> = (url.host.as_str(), url.port)
            .to_socket_addrs()
            .map_err(|error| unreachable(url, &error))?
            .collect();
        Line::open(url, &addresses, tls, patience)
    }

    /// Open the line to one of these addresses, handshake and all. Whatever fails here, nothing of a call has left.
    pub(super) fn open(
        url: &Url,
        addresses: &[SocketAddr],
        tls: Option<&Arc<ClientConfig>>,
        patience: Duration,
    ) -> Result<Line, Failure> {
        let deadline = Instant::now() + patience;
        let stream = connect(addresses, deadline).map_err(|error| unreachable(url, &error))?;
        let Some(tls) = tls.filter(|_| url.tls) else {
            return Ok(Line::Plain(stream));
        };
        let name = ServerName::try_from(url.host.clone())
            .map_err(|error| Failure::Certificate(error.to_string()))?;
        let mut connection = ClientConnection::new(Arc::clone(tls), name)
            .map_err(|error| Failure::Certificate(error.to_string()))?;
        shake_hands(&mut connection, &stream, deadline)
            .map_err(|error| refused_by_tls(&error).unwrap_or_else(|| unreachable(url, &error)))?;
        Ok(Line::Tls(Box::new(StreamOwned::new(connection, stream))))
    }

    /// The longest a read may wait.
    pub(super) fn patience_to_read(&self, patience: Duration) -> io::Result<()> {
        self.socket().set_read_timeout(Some(at_least(patience)))
    }

    /// The longest a write may wait.
    pub(super) fn patience_to_write(&self, patience: Duration) -> io::Result<()> {
        self.socket().set_write_timeout(Some(at_least(patience)))
    }

    /// `TLSv1_3` …, where there is TLS.
    pub(super) fn protocol(&self) -> Option<String> {
        match self {
            Line::Plain(_) => None,
            Line::Tls(stream) => stream.conn.protocol_version().map(|v| format!("{v:?}")),
        }
    }

    fn socket(&self) -> &TcpStream {
        match self {
            Line::Plain(stream) => stream,
            Line::Tls(stream) => &stream.sock,
        }
    }
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Line::Plain(stream) => stream.read(buffer),
            Line::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Line::Plain(stream) => stream.write(bytes),
            Line::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Line::Plain(stream) => stream.flush(),
            Line::Tls(stream) => stream.flush(),
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Line::Tls(stream) = self {
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
        // It may be gone already.
        let _ = self.socket().shutdown(Shutdown::Both);
    }
}

/// A timeout of nothing would be none at all.
fn at_least(patience: Duration) -> Duration {
    patience.max(Duration::from_millis(1))
}

fn left(deadline: Instant) -> io::Result<Duration> {
    match deadline.checked_duration_since(Instant::now()) {
        Some(left) if !left.is_zero() => Ok(at_least(left)),
        Some(_) | None => Err(io::ErrorKind::TimedOut.into()),
    }
}

fn connect(addresses: &[SocketAddr], deadline: Instant) -> io::Result<TcpStream> {
    let mut last = io::Error::other("the name has no address");
    let count = addresses.len().clamp(1, ADDRESSES_MAX);
    for (index, address) in addresses.iter().take(ADDRESSES_MAX).enumerate() {
        // Those that are still to be tried get their share of the time.
        let share = u32::try_from(count - index).unwrap_or(1);
        match TcpStream::connect_timeout(address, at_least(left(deadline)? / share)) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn shake_hands(
    connection: &mut ClientConnection,
    mut stream: &TcpStream,
    deadline: Instant,
) -> io::Result<()> {
    while connection.is_handshaking() {
        let left = left(deadline)?;
        stream.set_read_timeout(Some(left))?;
        stream.set_write_timeout(Some(left))?;
        match connection.complete_io(&mut stream) {
            Ok((0, 0)) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => {}
            Err(error) if is_timeout(&error) => return Err(io::ErrorKind::TimedOut.into()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// True for a wait that came to its end; systems name it differently.
pub(super) fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

fn unreachable(url: &Url, error: &io::Error) -> Failure {
    let said = if is_timeout(error) {
        "no answer in time".to_owned()
    } else {
        error.to_string()
    };
    Failure::Unreachable(format!("{}: {said}", url.place()))
}

/// What TLS says no to, where it is TLS that does. With TLS 1.3 a server judges our certificate after we have begun to talk; what it refuses
/// there it has not read.
pub(super) fn refused_by_tls(error: &io::Error) -> Option<Failure> {
    use rustls::Error as Tls;
    let inner = error.get_ref()?.downcast_ref::<Tls>()?;
    match inner {
        Tls::InvalidCertificate(why) => Some(Failure::Certificate(format!(
            "the receipt computer's own certificate is not trusted: {why:?}"
        ))),
        Tls::AlertReceived(alert) if judges_us(*alert) => Some(Failure::Denied(format!(
            "the TLS handshake was refused: {alert:?}"
        ))),
        Tls::InvalidMessage(_) => Some(Failure::Foreign("no TLS is spoken there".to_owned())),
        _ => None,
    }
}

/// Alerts that end a handshake because of who we are, or of how we speak.
fn judges_us(alert: AlertDescription) -> bool {
    use AlertDescription as Alert;
    matches!(
        alert,
        Alert::HandshakeFailure
            | Alert::NoCertificate
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied
            | Alert::ProtocolVersion
            | Alert::InsufficientSecurity
            | Alert::CertificateRequired
    )
}
