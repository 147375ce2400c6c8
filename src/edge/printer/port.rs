//! The way to a printer: opened for one paper and given back, so that another counter can use it too.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::config::printer::{Flow, PrinterPlace};

/// The longest wait for a printer on the network to take the call.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// The longest a piece may stay untaken. A printer without paper takes nothing.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one look for an answer waits.
pub(super) const READ_SLICE: Duration = Duration::from_millis(100);
/// Small enough for the timeout of one write to hold at any speed.
pub(super) const PIECE: usize = 256;

/// An open way to a printer.
pub(super) enum Port {
    Tcp(TcpStream),
    Serial(Box<dyn serialport::SerialPort>),
    File(File),
}

impl Port {
    pub(super) fn open(place: &PrinterPlace) -> io::Result<Port> {
        match place {
            PrinterPlace::Tcp { host, port } => tcp(host, *port).map(Port::Tcp),
            PrinterPlace::Serial { path, baud, flow } => {
                let flow = match flow {
                    Flow::None => serialport::FlowControl::None,
                    Flow::Software => serialport::FlowControl::Software,
                    Flow::Hardware => serialport::FlowControl::Hardware,
                };
                let port = serialport::new(path, *baud)
                    .flow_control(flow)
                    .timeout(READ_SLICE)
                    .open()?;
                Ok(Port::Serial(port))
            }
            PrinterPlace::File(path) => OpenOptions::new()
                .create(true)
                .append(true)
                .open(path)
                .map(Port::File),
        }
    }

    /// All of it, or an error after which some of it may have left.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Port::Tcp(stream) => stream.write_all(bytes),
            Port::Serial(port) => {
                // Its timeout is that of a read: a slow printer may hold a piece back longer.
                port.set_timeout(WRITE_TIMEOUT)?;
                let done = port.write_all(bytes).and_then(|()| port.flush());
                port.set_timeout(READ_SLICE)?;
                done
            }
            Port::File(file) => file.write_all(bytes),
        }
    }

    /// Everything is on its way.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        match self {
            Port::Tcp(stream) => stream.flush(),
            Port::Serial(port) => port.flush(),
            // A device file keeps nothing that could be saved.
            Port::File(file) => match file.sync_all() {
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
                done => done,
            },
        }
    }

    /// What the printer says within one look; nothing where it says nothing.
    pub(super) fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut buffer = [0; 64];
        let read = match self {
            Port::Tcp(stream) => match stream.read(&mut buffer) {
                Ok(0) => Err(io::ErrorKind::ConnectionAborted.into()),
                read => read,
            },
            Port::Serial(port) => port.read(&mut buffer),
            Port::File(_) => Ok(0),
        };
        match read {
            Ok(count) => Ok(buffer[..count].to_vec()),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock
                        | io::ErrorKind::TimedOut
                        | io::ErrorKind::Interrupted
                ) =>
            {
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        if let Port::Tcp(stream) = self {
            // It may be gone already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn tcp(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in (host, port).to_socket_addrs()?.take(2) {
        match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
                stream.set_read_timeout(Some(READ_SLICE))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}
