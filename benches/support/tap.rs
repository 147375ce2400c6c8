//! A tap on the line between console and card terminal: passes everything on, and keeps when what passed.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use super::now;

/// Bytes that passed together.
#[derive(Debug, Clone)]
pub struct Passed {
    pub at: Instant,
    pub from_console: bool,
    pub bytes: Vec<u8>,
}

/// The kind of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    Tcp,
    Pty,
}

/// A tapped line.
pub struct Tap {
    /// What the console's `--port` takes.
    pub port: String,
    passed: Arc<Mutex<Vec<Passed>>>,
    /// The console's side of a pseudo-terminal stays there while nobody has it open.
    _slave: Option<File>,
}

impl Tap {
    /// Between a console that is yet to come and the terminal at this address.
    pub fn on(line: Line, terminal: &str) -> Tap {
        Tap::paced(line, terminal, Duration::ZERO)
    }

    /// The same, on a line that takes so long for each byte.
    pub fn paced(line: Line, terminal: &str, byte: Duration) -> Tap {
        let passed = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&passed);
        let terminal = terminal.to_owned();
        let (port, slave) = match line {
            Line::Tcp => {
                let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
                let address = listener.local_addr().expect("its address");
                thread::spawn(move || {
                    let (console, _) = listener.accept().expect("the console calls");
                    console.set_nodelay(true).expect("a connection");
                    pass(&console.into(), &call(&terminal), byte, &kept);
                });
                (format!("tcp://{address}"), None)
            }
            Line::Pty => {
                let (master, path, slave) = pair();
                let terminal = open_raw(Path::new(&terminal)).into();
                thread::spawn(move || pass(&master, &terminal, byte, &kept));
                (path, Some(slave))
            }
        };
        Tap {
            port,
            passed,
            _slave: slave,
        }
    }

    /// What passed since this was asked last.
    pub fn take(&self) -> Vec<Passed> {
        std::mem::take(&mut *self.passed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Opens a line as a console does.
pub fn dial(port: &str) -> OwnedFd {
    if port.starts_with("tcp://") {
        call(port)
    } else {
        open_raw(Path::new(port)).into()
    }
}

fn call(address: &str) -> OwnedFd {
    let stream =
        TcpStream::connect(address.trim_start_matches("tcp://")).expect("somebody listens");
    stream.set_nodelay(true).expect("a connection");
    stream.into()
}

/// A pseudo-terminal that changes no byte: its master, its path, and its slave.
pub fn pair() -> (OwnedFd, String, File) {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let master = openpt(flags).expect("a pseudo-terminal");
    grantpt(&master).expect("ours");
    unlockpt(&master).expect("for use");
    let path = ptsname(&master, Vec::new()).expect("its name");
    let path = path.into_string().expect("plain letters");
    let slave = open_raw(Path::new(&path));
    (master, path, slave)
}

fn open_raw(path: &Path) -> File {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = open(path, flags, Mode::empty()).expect("the line");
    let mut modes = tcgetattr(&file).expect("its modes");
    modes.make_raw();
    tcsetattr(&file, OptionalActions::Now, &modes).expect("its modes");
    File::from(file)
}

/// Until one side is gone. The sides of a sale speak in turn, so one line for both ways is no slower than two.
fn pass(console: &OwnedFd, terminal: &OwnedFd, byte: Duration, passed: &Mutex<Vec<Passed>>) {
    let mut buffer = [0; 4096];
    loop {
        let mut fds =
            [console, terminal].map(|side| PollFd::from_borrowed_fd(side.as_fd(), PollFlags::IN));
        if poll(&mut fds, None).is_err() {
            return;
        }
        let came = fds.map(|side| !side.revents().is_empty());
        for (side, (from, to)) in [(console, terminal), (terminal, console)]
            .into_iter()
            .enumerate()
        {
            if !came[side] {
                continue;
            }
            let Ok(count @ 1..) = rustix::io::read(from, &mut buffer) else {
                return;
            };
            // A line that takes its time hands over a byte when it is whole; else all at once.
            let step = if byte.is_zero() { count } else { 1 };
            let mut through = now();
            for piece in buffer[..count].chunks(step) {
                through += byte;
                wait_until(through);
                let at = now();
                if write_all(to, piece).is_err() {
                    return;
                }
                passed
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(Passed {
                        at,
                        from_console: side == 0,
                        bytes: piece.to_vec(),
                    });
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a line that takes its time")]
fn wait_until(then: Instant) {
    let left = then.saturating_duration_since(now());
    if !left.is_zero() {
        thread::sleep(left);
    }
}

/// Everything.
pub fn write_all(to: &OwnedFd, mut bytes: &[u8]) -> rustix::io::Result<()> {
    while !bytes.is_empty() {
        bytes = &bytes[rustix::io::write(to, bytes)?..];
    }
    Ok(())
}
