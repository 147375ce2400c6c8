//! Where a terminal is: a serial port of this machine, or a TCP address.

use std::fmt;
use std::str::FromStr;

/// The address of a CAT port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PortAddress {
    /// A serial port by its path or name: `/dev/ttyUSB0`, `COM3`.
    Serial(String),
    /// A terminal that listens on the LAN.
    Tcp {
        /// Host name or address, without brackets.
        host: String,
        /// TCP port, never 0.
        port: u16,
    },
}

/// Why a text is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// Nothing there.
    #[error("the port is empty")]
    Empty,
    /// Longer than any path or host name, or with characters no port name has.
    #[error("the port name is not one a system can have")]
    Malformed,
    /// Another scheme than `tcp`.
    #[error("only tcp:// addresses are known")]
    Scheme,
    /// `tcp://` without a usable host.
    #[error("the host name is missing or malformed")]
    Host,
    /// `tcp://HOST` without a usable port number.
    #[error("the TCP port number (1 to 65535) is missing or malformed")]
    Number,
    /// `HOST:PORT` without `tcp://`.
    #[error("a LAN address starts with tcp://")]
    SchemeMissing,
}

/// The longest address, in bytes: a path of Linux is longer, a port of a counter is not.
const ADDRESS_MAX: usize = 255;

impl FromStr for PortAddress {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<PortAddress, BadAddress> {
        let bare = text.trim();
        if bare.is_empty() {
            return Err(BadAddress::Empty);
        }
        if bare.len() > ADDRESS_MAX || bare.chars().any(crate::domain::text::is_unsafe) {
            return Err(BadAddress::Malformed);
        }
        if let Some(rest) = bare.strip_prefix("tcp://") {
            return tcp(rest);
        }
        if bare.contains("://") {
            return Err(BadAddress::Scheme);
        }
        if !bare.contains('/') && bare.contains(':') {
            // No path of a port looks like this, so the scheme may be left out.
            return tcp(bare).map_err(|_| BadAddress::SchemeMissing);
        }
        Ok(PortAddress::Serial(bare.to_owned()))
    }
}

fn tcp(rest: &str) -> Result<PortAddress, BadAddress> {
    let (host, port) = rest.rsplit_once(':').ok_or(BadAddress::Number)?;
    let bracketed = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let host = match bracketed {
        Some(v6) if v6.parse::<std::net::Ipv6Addr>().is_ok() => v6,
        Some(_) => return Err(BadAddress::Host),
        None => host,
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if bracketed.is_none() && (host.is_empty() || !host.chars().all(fits)) {
        return Err(BadAddress::Host);
    }
    match port.parse::<u16>() {
        Ok(port) if port > 0 => Ok(PortAddress::Tcp {
            host: host.to_owned(),
            port,
        }),
        Ok(_) | Err(_) => Err(BadAddress::Number),
    }
}

impl fmt::Display for PortAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PortAddress::Serial(path) => f.write_str(path),
            PortAddress::Tcp { host, port } if host.contains(':') => {
                write!(f, "tcp://[{host}]:{port}")
            }
            PortAddress::Tcp { host, port } => write!(f, "tcp://{host}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written_the_same() {
        for text in [
            "/dev/ttyUSB0",
            "/dev/serial/by-id/usb-FTDI:0-if00",
            "COM3",
            "tcp://192.168.1.20:9005",
            "tcp://cat.local:1",
            "tcp://[::1]:9005",
        ] {
            let address: PortAddress = text.parse().expect("an address");
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn host_and_port_alone_are_an_address_on_the_lan() {
        assert_eq!(
            "127.0.0.1:9005".parse(),
            "tcp://127.0.0.1:9005".parse::<PortAddress>()
        );
    }

    #[test]
    fn what_is_no_address_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", BadAddress::Empty),
            ("  ", BadAddress::Empty),
            ("/dev/tty\u{1b}[2J", BadAddress::Malformed),
            ("http://192.168.1.20", BadAddress::Scheme),
            ("192.168.1.20:", BadAddress::SchemeMissing),
            ("C:\\terminal", BadAddress::SchemeMissing),
            ("tcp://:9005", BadAddress::Host),
            ("tcp://[zz]:9005", BadAddress::Host),
            ("tcp://a b:9005", BadAddress::Host),
            ("tcp://192.168.1.20", BadAddress::Number),
            ("tcp://192.168.1.20:0", BadAddress::Number),
            ("tcp://192.168.1.20:65536", BadAddress::Number),
        ] {
            assert_eq!(text.parse::<PortAddress>(), Err(reason), "{text:?}");
        }
        assert!("x".repeat(256).parse::<PortAddress>().is_err());
    }
}
