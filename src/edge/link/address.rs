//! Where a terminal is, as the config file and `--port` write it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A serial port, a terminal on the network, or the simulated one inside the console.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Address {
    /// `/dev/ttyUSB0`, `COM3`.
    Serial(String),
    /// `tcp://HOST:PORT`; the console is the client.
    Tcp {
        /// Name or address; an IPv6 address without its brackets.
        host: String,
        /// 1 to 65535.
        port: u16,
    },
    /// `in-process`: the simulated terminal of practice mode.
    InProcess,
}

/// A text that names no port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing written.
    #[error("the port is empty; write a path such as /dev/ttyUSB0 or COM3, or tcp://HOST:PORT")]
    Empty,
    /// Longer than any path.
    #[error("the port is longer than {LONGEST} characters")]
    TooLong,
    /// Control characters.
    #[error("the port holds a control character")]
    ControlCharacter,
    /// `tcp://` without a host or a port number.
    #[error(
        "`{0}` names no host and port; write tcp://HOST:PORT, for example tcp://192.168.1.20:9005"
    )]
    NotHostAndPort(String),
    /// Another scheme.
    #[error("`{0}` is no kind of line this console knows; write a path, or tcp://HOST:PORT")]
    UnknownScheme(String),
}

/// The longest text taken for a port.
const LONGEST: usize = 255;

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
        let bare = text.trim();
        if bare.is_empty() {
            return Err(AddressError::Empty);
        }
        if bare.len() > LONGEST {
            return Err(AddressError::TooLong);
        }
        if bare.chars().any(char::is_control) {
            return Err(AddressError::ControlCharacter);
        }
        if bare == "in-process" {
            return Ok(Address::InProcess);
        }
        match bare.split_once("://") {
            Some(("tcp", rest)) => {
                host_and_port(rest).ok_or_else(|| AddressError::NotHostAndPort(bare.to_owned()))
            }
            Some((_, _)) => Err(AddressError::UnknownScheme(bare.to_owned())),
            None => Ok(Address::Serial(bare.to_owned())),
        }
    }
}

fn host_and_port(text: &str) -> Option<Address> {
    let (host, port) = text.rsplit_once(':')?;
    let host = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']')?,
        // More colons without brackets could be read in two ways.
        None if host.contains(':') => return None,
        None => host,
    };
    let port: u16 = port.parse().ok().filter(|port| *port > 0)?;
    let well_formed = !host.is_empty() && !host.contains(['/', '@', ' ', '[', ']']);
    well_formed.then(|| Address::Tcp {
        host: host.to_owned(),
        port,
    })
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Serial(path) => f.write_str(path),
            Address::Tcp { host, port } if host.contains(':') => {
                write!(f, "tcp://[{host}]:{port}")
            }
            Address::Tcp { host, port } => write!(f, "tcp://{host}:{port}"),
            Address::InProcess => f.write_str("in-process"),
        }
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Address, AddressError> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> String {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_addresses_are_written_back_as_they_were_read() {
        for text in [
            "/dev/ttyUSB0",
            "COM3",
            "\\\\.\\COM12",
            "tcp://192.168.1.20:9005",
            "tcp://terminal.local:1",
            "tcp://[::1]:9005",
            "in-process",
        ] {
            let address: Address = text.parse().expect(text);
            assert_eq!(address.to_string(), text);
        }
        assert_eq!(
            " /dev/ttyS0 ".parse(),
            Ok(Address::Serial("/dev/ttyS0".to_owned()))
        );
    }

    #[test]
    fn bad_addresses_are_refused_with_what_to_write() {
        for text in [
            "",
            "  ",
            "tcp://",
            "tcp://host",
            "tcp://host:0",
            "tcp://host:70000",
            "tcp://:9005",
            "tcp://::1:9005",
            "tcp://a b:1",
            "http://host:80",
            "/dev/tty\u{1b}[2J",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text:?}");
        }
        let long = "x".repeat(300);
        assert_eq!(long.parse::<Address>(), Err(AddressError::TooLong));
    }
}
