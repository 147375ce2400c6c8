//! TCP: the console is the client, the terminal the server with one connection at a time.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::cat::Break;

use super::{Incoming, OpenError, READ_SIZE, Sink, WRITE_DEADLINE, Wire, without_room};

/// The longest wait for one address of a terminal.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How many addresses of one name are tried.
const ADDRESSES_MAX: usize = 4;

/// Call a terminal.
pub(super) fn connect(host: &str, port: u16, sink: Sink) -> Result<Box<dyn Wire>, OpenError> {
    let unreachable = |error: io::Error| {
        let remedy =
            without_room(&error).unwrap_or("check the terminal's address, cable and power");
        OpenError::new(
            Break::Unreachable,
            format!("tcp://{host}:{port}: {error}; {remedy}"),
        )
    };
    let addresses = (host, port).to_socket_addrs().map_err(unreachable)?;
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in addresses.take(ADDRESSES_MAX) {
        match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
            Ok(stream) => {
                return start(stream, sink)
                    .map(|wire| Box::new(wire) as Box<dyn Wire>)
                    .map_err(unreachable);
            }
            Err(error) => last = error,
        }
    }
    Err(unreachable(last))
}

/// Read and write an open connection, whichever side called.
pub(in crate::edge::link) fn start(stream: TcpStream, sink: Sink) -> io::Result<TcpWire> {
    // Blocks are small and each waits for an answer: nothing is gained by collecting them.
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(WRITE_DEADLINE))?;
    let reading = stream.try_clone()?;
    std::thread::Builder::new()
        .name("line reader".to_owned())
        .spawn(move || read(reading, sink))?;
    Ok(TcpWire { stream })
}

/// The sending side of a connection.
pub(in crate::edge::link) struct TcpWire {
    stream: TcpStream,
}

impl Wire for TcpWire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    fn close(&mut self) {
        // It may be gone already; then there is nothing to give back.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

impl Drop for TcpWire {
    fn drop(&mut self) {
        self.close();
    }
}

fn read(mut stream: TcpStream, mut sink: Sink) {
    let mut buffer = [0; READ_SIZE];
    loop {
        let next = match stream.read(&mut buffer) {
            Ok(0) => sink(Incoming::Closed(
                "the other side closed the connection".to_owned(),
            )),
            Ok(count) => sink(Incoming::Bytes(buffer[..count].to_vec())),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => sink(Incoming::Closed(error.to_string())),
        };
        if next.is_break() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::ops::ControlFlow;

    #[test]
    fn a_port_where_nobody_listens_is_unreachable_and_says_what_to_check() {
        // Bound and closed again: nobody listens there, whatever else runs on this machine.
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let error = connect("127.0.0.1", port, Box::new(|_| ControlFlow::Continue(())))
            .err()
            .expect("nobody listens");
        assert_eq!(error.cause, Break::Unreachable);
        assert!(error.detail.contains("check the terminal's address"));
    }
}
