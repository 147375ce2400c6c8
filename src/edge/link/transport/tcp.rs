//! TCP: the console is the client, the terminal the server with one connection at a time.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::cat::Break;

use super::{Incoming, OpenError, READ_SIZE, Sink, WRITE_DEADLINE, Wire, without_room};

/// The longest wait for one address of a terminal.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long nothing is said before the system asks the other side, how often then, and how many times in vain.
#[cfg(target_os = "linux")]
const KEEP_IDLE: Duration = Duration::from_secs(10);
#[cfg(target_os = "linux")]
const KEEP_EVERY: Duration = Duration::from_secs(5);
#[cfg(target_os = "linux")]
const KEEP_TRIES: u32 = 3;
/// How long what was sent may stay untaken (ms): longer than a switch takes to find its way again, shorter than a customer's patience.
#[cfg(target_os = "linux")]
const UNTAKEN_MS: u32 = 20_000;
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
    watch(&stream)?;
    let reading = stream.try_clone()?;
    std::thread::Builder::new()
        .name("line reader".to_owned())
        .spawn(move || read(reading, sink))?;
    Ok(TcpWire { stream })
}

/// A peer whose cable was cut says nothing any more, and nothing on this side would ever know. So the system asks it while nothing is
/// said, and gives up on what is not taken.
#[cfg(unix)]
fn watch(stream: &TcpStream) -> io::Result<()> {
    use rustix::net::sockopt;

    sockopt::set_socket_keepalive(stream, true)?;
    #[cfg(target_os = "linux")]
    {
        sockopt::set_tcp_keepidle(stream, KEEP_IDLE)?;
        sockopt::set_tcp_keepintvl(stream, KEEP_EVERY)?;
        sockopt::set_tcp_keepcnt(stream, KEEP_TRIES)?;
        sockopt::set_tcp_user_timeout(stream, UNTAKEN_MS)?;
    }
    Ok(())
}

/// Elsewhere the idle question of the pane finds out, a little later.
#[cfg(not(unix))]
fn watch(_: &TcpStream) -> io::Result<()> {
    Ok(())
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

    #[cfg(target_os = "linux")]
    #[test]
    fn a_silent_cut_is_found_by_the_system_within_half_a_minute() {
        use rustix::net::sockopt;

        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("connected");
        let seen = stream.try_clone().expect("the same connection");
        let _wire = start(stream, Box::new(|_| ControlFlow::Continue(()))).expect("a line");
        assert!(sockopt::socket_keepalive(&seen).expect("set"));
        let idle = sockopt::tcp_keepidle(&seen).expect("set");
        let every = sockopt::tcp_keepintvl(&seen).expect("set");
        let tries = sockopt::tcp_keepcnt(&seen).expect("set");
        assert!(idle + every * tries <= Duration::from_secs(30));
        assert!(sockopt::tcp_user_timeout(&seen).expect("set") <= 30_000);
    }
}
