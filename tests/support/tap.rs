//! A serial cable with an ear: consoles open one end like a port, a terminal process is at the other, and every byte is on record.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::fs::{Mode, OFlags, open, stat};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, ioctl_tiocnxcl, tcgetattr, tcsetattr};

/// How long anything may take; far more than it does.
const PATIENCE: Duration = Duration::from_secs(20);

/// The cable.
pub struct Tap {
    port: PathBuf,
    /// Held open, so that a console that leaves does not hang up the line.
    slave: OwnedFd,
    heard: Arc<Heard>,
    stream: TcpStream,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Heard {
    line: Mutex<Line>,
    changed: Condvar,
}

/// What passed, and whether the consoles' bytes are held back.
#[derive(Default)]
struct Line {
    from_consoles: Vec<u8>,
    from_terminal: Vec<u8>,
    held: bool,
}

impl Heard {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tap {
    /// A cable to the terminal that listens at this address (`tcp://…`).
    pub fn to(address: &str) -> Tap {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)
            .expect("a cable");
        grantpt(&master).expect("a cable of ours");
        unlockpt(&master).expect("a cable for use");
        let name = ptsname(&master, Vec::new()).expect("a cable's name");
        let port = PathBuf::from(name.to_str().expect("a path"));
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = open(&port, flags, Mode::empty()).expect("the consoles' end");
        let mut settings = tcgetattr(&slave).expect("the line's settings");
        settings.make_raw();
        tcsetattr(&slave, OptionalActions::Now, &settings).expect("a raw line");

        let stream = TcpStream::connect(address.trim_start_matches("tcp://")).expect("a terminal");
        stream.set_nodelay(true).expect("bytes leave at once");
        let heard = Arc::new(Heard::default());
        let master = Arc::new(master);
        let there = {
            let (master, heard) = (Arc::clone(&master), Arc::clone(&heard));
            let stream = stream.try_clone().expect("the terminal's side");
            thread::spawn(move || to_terminal(&master, stream, &heard))
        };
        let back = {
            let (master, heard) = (Arc::clone(&master), Arc::clone(&heard));
            let stream = stream.try_clone().expect("the terminal's side");
            thread::spawn(move || to_consoles(stream, &master, &heard))
        };
        Tap {
            port,
            slave,
            heard,
            stream,
            threads: vec![there, back],
        }
    }

    /// What `--port` takes.
    pub fn port(&self) -> &Path {
        &self.port
    }

    /// How many bytes consoles have sent so far.
    pub fn bytes_from_consoles(&self) -> usize {
        self.heard.line().from_consoles.len()
    }

    /// Bytes of consoles are kept back until [`Tap::release`].
    pub fn hold(&self) {
        self.heard.line().held = true;
    }

    /// The line carries again, and first what it kept back.
    pub fn release(&self) {
        self.heard.line().held = false;
        self.heard.changed.notify_all();
    }

    /// Waits until consoles have sent more than so many bytes.
    #[track_caller]
    pub fn wait_for_more_than(&self, bytes: usize) {
        let (line, _) = self
            .heard
            .changed
            .wait_timeout_while(self.heard.line(), PATIENCE, |line| {
                line.from_consoles.len() <= bytes
            })
            .unwrap_or_else(PoisonError::into_inner);
        assert!(
            line.from_consoles.len() > bytes,
            "no byte came from a console"
        );
    }

    /// Waits until the line is at rest: the terminal has ended its message, and a console has nothing to add to that.
    pub fn wait_for_rest(&self) {
        const EOT: u8 = 0x04;
        let (line, _) = self
            .heard
            .changed
            .wait_timeout_while(self.heard.line(), PATIENCE, |line| {
                line.from_terminal.last() != Some(&EOT)
            })
            .unwrap_or_else(PoisonError::into_inner);
        assert_eq!(line.from_terminal.last(), Some(&EOT), "never at rest");
    }

    /// A real port loses the mark of a console that was killed with its last user; this one is always held by the cable itself.
    pub fn forget_the_dead(&self) {
        ioctl_tiocnxcl(&self.slave).expect("the cable is there");
    }

    /// The processes that have the port locked, as the system's own list has it.
    pub fn holders(&self) -> Vec<i32> {
        lock_holders(&self.port)
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Both);
        self.release();
        // Wakes the reader of the consoles' side, which then finds the terminal gone.
        let _ = rustix::io::write(&self.slave, b".");
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn to_terminal(master: &OwnedFd, mut stream: TcpStream, heard: &Heard) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = rustix::io::read(master, &mut buffer) {
        heard
            .line()
            .from_consoles
            .extend_from_slice(&buffer[..count]);
        heard.changed.notify_all();
        drop(
            heard
                .changed
                .wait_while(heard.line(), |line| line.held)
                .unwrap_or_else(PoisonError::into_inner),
        );
        if stream.write_all(&buffer[..count]).is_err() {
            return;
        }
    }
}

fn to_consoles(mut stream: TcpStream, master: &OwnedFd, heard: &Heard) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        heard
            .line()
            .from_terminal
            .extend_from_slice(&buffer[..count]);
        heard.changed.notify_all();
        if rustix::io::write(master, &buffer[..count]).is_err() {
            return;
        }
    }
}

/// The processes that hold a lock on a file, from `/proc/locks`. A machine on which others lock and unlock meanwhile may leave one out of a reading
/// or show it twice: what several readings in a row agree on is so.
pub fn lock_holders(path: &Path) -> Vec<i32> {
    const AGREEING: usize = 4;
    const READINGS: usize = 200;
    let mut holders = holders_read_once(path);
    let mut agreeing = 1;
    for _ in 0..READINGS {
        if agreeing == AGREEING {
            break;
        }
        let again = holders_read_once(path);
        agreeing = if again == holders { agreeing + 1 } else { 1 };
        holders = again;
    }
    holders
}

fn holders_read_once(path: &Path) -> Vec<i32> {
    let file = stat(path).expect("the file is there");
    let (major, minor) = (
        rustix::fs::major(file.st_dev),
        rustix::fs::minor(file.st_dev),
    );
    let place = format!("{major:02x}:{minor:02x}:{}", file.st_ino);
    let list = std::fs::read_to_string("/proc/locks").expect("the system's list of locks");
    let mut holders: Vec<i32> = list
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|words| words.get(1) == Some(&"FLOCK") && words.get(5) == Some(&place.as_str()))
        .map(|words| words[4].parse().expect("a process number"))
        .collect();
    holders.sort_unstable();
    holders.dedup();
    holders
}
