//! A bar code scanner on a serial port: a thread that reads codes, says when the port is gone, and finds it again.

use std::io;
use std::thread;
use std::time::Duration;

use crate::app::key::Input;
use crate::app::message::{Message, ScannerEvent};
use crate::domain::barcode::framing::{Framing, LineReader};

/// How long one look at a quiet line takes.
const QUIET: Duration = Duration::from_secs(1);
/// How long until a port that is gone is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// An open line.
pub trait Line {
    /// What came within `wait`; nothing where nothing did.
    ///
    /// # Errors
    ///
    /// The port is gone.
    fn read(&mut self, buffer: &mut [u8], wait: Duration) -> io::Result<usize>;
}

/// A serial port.
struct Port(Box<dyn serialport::SerialPort>);

impl Line for Port {
    fn read(&mut self, buffer: &mut [u8], wait: Duration) -> io::Result<usize> {
        self.0.set_timeout(wait)?;
        match self.0.read(buffer) {
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::TimedOut
                        | io::ErrorKind::WouldBlock
                        | io::ErrorKind::Interrupted
                ) =>
            {
                Ok(0)
            }
            // A line that is open and gives nothing at once is hung up.
            Ok(0) => Err(io::ErrorKind::ConnectionAborted.into()),
            read => read,
        }
    }
}

/// Read codes off a serial port (8 bits, no parity, 1 stop bit) for as long as the program runs. `clock_ms` only goes forward.
///
/// # Errors
///
/// The system gives no thread.
pub fn spawn(
    (port, baud): (String, u32),
    framing: Framing,
    clock_ms: impl Fn() -> u64 + Send + 'static,
    send: impl Fn(Message) + Send + 'static,
) -> io::Result<()> {
    let open = move || {
        let line = serialport::new(&port, baud).timeout(QUIET).open()?;
        Ok(Port(line))
    };
    let wait = |pause| {
        thread::sleep(pause);
        true
    };
    thread::Builder::new()
        .name("scanner".to_owned())
        .spawn(move || serve(open, framing, &clock_ms, send, wait))?;
    Ok(())
}

/// Read until `wait` says that nobody listens any more.
fn serve<L: Line>(
    mut open: impl FnMut() -> io::Result<L>,
    framing: Framing,
    clock_ms: &impl Fn() -> u64,
    send: impl Fn(Message),
    wait: impl Fn(Duration) -> bool,
) {
    let mut lost = false;
    loop {
        let error = match open() {
            Ok(line) => {
                if std::mem::take(&mut lost) {
                    send(Message::Scanner(ScannerEvent::Back));
                }
                // What was read of a code before the port was gone is no code.
                listen(line, LineReader::new(framing.clone()), clock_ms, &send)
            }
            Err(error) => error,
        };
        if !std::mem::replace(&mut lost, true) {
            send(Message::Scanner(ScannerEvent::Lost(error.to_string())));
        }
        if !wait(AGAIN) {
            return;
        }
    }
}

/// Read codes until the port is gone.
fn listen(
    mut line: impl Line,
    mut reader: LineReader,
    clock_ms: &impl Fn() -> u64,
    send: &impl Fn(Message),
) -> io::Error {
    let mut buffer = [0; 256];
    loop {
        let patience = reader.deadline().map_or(QUIET, |deadline| {
            Duration::from_millis(deadline.saturating_sub(clock_ms()).max(1))
        });
        let count = match line.read(&mut buffer, patience) {
            Ok(count) => count,
            Err(error) => return error,
        };
        let codes = match count {
            0 => reader.expire(clock_ms()),
            _ => reader.feed(&buffer[..count], clock_ms()),
        };
        for code in codes {
            send(Message::Input(Input::Scan(code)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::collections::VecDeque;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// What each read gives, and when.
    type Reads = Vec<(u64, &'static [u8])>;

    /// Gives its reads one by one, each at its time; after the last the port is gone.
    struct Script {
        reads: VecDeque<(u64, &'static [u8])>,
        time: Arc<AtomicU64>,
    }

    impl Line for Script {
        fn read(&mut self, buffer: &mut [u8], wait: Duration) -> io::Result<usize> {
            let now = self.time.load(Ordering::Relaxed);
            let until = now + u64::try_from(wait.as_millis()).expect("short");
            match self.reads.front() {
                None => Err(io::ErrorKind::BrokenPipe.into()),
                Some((at, _)) if *at > until => {
                    self.time.store(until, Ordering::Relaxed);
                    Ok(0)
                }
                Some((at, bytes)) => {
                    self.time.store(*at, Ordering::Relaxed);
                    buffer[..bytes.len()].copy_from_slice(bytes);
                    let count = bytes.len();
                    self.reads.pop_front();
                    Ok(count)
                }
            }
        }
    }

    fn said(framing: Framing, ports: Vec<Option<Reads>>) -> Vec<String> {
        let time = Arc::new(AtomicU64::new(0));
        let clock_ms = || time.load(Ordering::Relaxed);
        let left = Cell::new(ports.len());
        let ports = RefCell::new(VecDeque::from(ports));
        let out = RefCell::new(Vec::new());
        serve(
            || match ports.borrow_mut().pop_front().flatten() {
                Some(reads) => Ok(Script {
                    reads: reads.into(),
                    time: Arc::clone(&time),
                }),
                None => Err(io::ErrorKind::NotFound.into()),
            },
            framing,
            &clock_ms,
            |message| {
                out.borrow_mut().push(match message {
                    Message::Input(Input::Scan(code)) => code,
                    Message::Scanner(ScannerEvent::Lost(_)) => "lost".to_owned(),
                    Message::Scanner(ScannerEvent::Back) => "back".to_owned(),
                    other => panic!("not of a scanner: {other:?}"),
                });
            },
            |_| {
                left.set(left.get() - 1);
                left.get() > 0
            },
        );
        out.into_inner()
    }

    #[test]
    fn a_port_that_goes_and_comes_back_goes_on_reading() {
        let said = said(
            Framing::serial(),
            vec![
                Some(vec![(0, b"12345\r"), (10, b"678")]),
                None,
                None,
                Some(vec![(5_000, b"9\r"), (5_100, b"99999\r")]),
            ],
        );
        // Half a code from before is no head of the next one; two failed tries are told once.
        assert_eq!(said, ["12345", "lost", "back", "99999", "lost"]);
    }

    #[test]
    fn without_an_end_the_pause_ends_a_code() {
        let framing = Framing {
            suffix: crate::domain::barcode::framing::Suffix::None,
            ..Framing::serial()
        };
        let reads = vec![(0, &b"123"[..]), (20, b"45"), (400, b"678")];
        assert_eq!(said(framing, vec![Some(reads)]), ["12345", "lost"]);
    }
}
