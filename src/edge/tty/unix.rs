//! The terminal on Unix: raw mode, output that cannot block for ever, and the reader of keys and signals.

use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::io::Errno;
use rustix::stdio::{stdin, stdout};
use rustix::termios::{
    OptionalActions, QueueSelector, Termios, isatty, tcflush, tcgetattr, tcgetwinsize, tcsetattr,
    ttyname,
};

mod reader;

pub use reader::{Reader, spawn_reader};

/// What a terminal that does not tell its size is taken for.
const FALLBACK_SIZE: (u16, u16) = (80, 24);

/// The terminal as it was, while a screen is entered.
static ENTERED: Mutex<Option<Entered>> = Mutex::new(None);
/// The process was stopped and goes on: somebody else had the terminal.
static LOST: AtomicBool = AtomicBool::new(false);

struct Entered {
    before: Termios,
    output: Output,
}

/// The way to the screen.
#[derive(Debug, Clone)]
pub(super) struct Output(Arc<OwnedFd>);

impl Output {
    /// Opens the terminal once more, so that not waiting for it changes nothing for those who share it.
    pub(super) fn open() -> io::Result<Output> {
        let flags = OFlags::WRONLY | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let own = ttyname(stdout(), Vec::new())
            .and_then(|path| open(path, flags, Mode::empty()))
            .or_else(|_| open("/dev/tty", flags, Mode::empty()));
        let fd = match own {
            Ok(fd) => fd,
            // A terminal that belongs to someone else (after `su`) is shared as it is, and can block.
            Err(_) => stdout().try_clone_to_owned()?,
        };
        Ok(Output(Arc::new(fd)))
    }

    /// Writes everything, or gives up with `TimedOut` after `patience`.
    pub(super) fn write(&self, bytes: &[u8], patience: Duration) -> io::Result<()> {
        let end = Instant::now() + patience;
        let mut rest = bytes;
        while !rest.is_empty() {
            match rustix::io::write(&*self.0, rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => rest = &rest[written..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    let wait = end.saturating_duration_since(Instant::now());
                    if !wait_for(self.0.as_fd(), PollFlags::OUT, wait)? {
                        return Err(ErrorKind::TimedOut.into());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// True where a write would not wait.
    pub(super) fn is_ready(&self) -> bool {
        wait_for(self.0.as_fd(), PollFlags::OUT, Duration::ZERO).unwrap_or(true)
    }
}

/// The stream that is no terminal, where one is not.
pub(super) fn not_a_terminal() -> Option<&'static str> {
    if !isatty(stdin()) {
        Some("its input")
    } else if !isatty(stdout()) {
        Some("its output")
    } else {
        None
    }
}

/// Columns and rows, at least 1 each.
pub(super) fn size() -> (u16, u16) {
    match tcgetwinsize(stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
        _ => FALLBACK_SIZE,
    }
}

/// Keys come one by one from here on, and Ctrl-C is one of them.
pub(super) fn enter_raw(output: &Output) -> io::Result<()> {
    let mut entered = ENTERED.lock().unwrap_or_else(PoisonError::into_inner);
    if entered.is_some() {
        return Err(io::Error::other("the screen is already entered"));
    }
    let before = tcgetattr(stdin())?;
    set_raw(&before)?;
    *entered = Some(Entered {
        before,
        output: output.clone(),
    });
    Ok(())
}

/// Sends the last bytes and puts the terminal's modes back. Keys typed ahead are not left to the shell.
pub(super) fn leave_raw(last: &[u8], patience: Duration) {
    // Nothing that holds this lock can panic, so a hook that finds it taken is in another thread's way for a moment only.
    let entered = ENTERED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    if let Some(Entered { before, output }) = entered {
        // Whatever fails here, the rest is worth trying, and there is nobody left to tell.
        let _ = output.write(last, patience);
        let _ = tcflush(stdin(), QueueSelector::IFlush);
        let _ = tcsetattr(stdin(), OptionalActions::Now, &before);
    }
}

/// True once after the process was stopped and continued.
pub(super) fn take_lost() -> bool {
    LOST.swap(false, Ordering::Relaxed)
}

/// After a stop the shell has put its own modes back.
fn enter_raw_again() {
    let entered = ENTERED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(Entered { before, .. }) = &*entered {
        LOST.store(true, Ordering::Relaxed);
        // A terminal that is gone is told by its end of file.
        let _ = set_raw(before);
    }
}

fn set_raw(before: &Termios) -> io::Result<()> {
    let mut raw = before.clone();
    raw.make_raw();
    Ok(tcsetattr(stdin(), OptionalActions::Now, &raw)?)
}

/// Appends what comes within `wait`; false where nothing did.
pub(super) fn read_within(wait: Duration, bytes: &mut Vec<u8>) -> io::Result<bool> {
    if !wait_for(stdin(), PollFlags::IN, wait)? {
        return Ok(false);
    }
    let mut buffer = [0; 256];
    let count = rustix::io::read(stdin(), &mut buffer)?;
    bytes.extend_from_slice(&buffer[..count]);
    Ok(count > 0)
}

fn wait_for(fd: impl AsFd, flags: PollFlags, wait: Duration) -> io::Result<bool> {
    let end = Instant::now() + wait;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).map_err(io::Error::other)?;
        match poll(&mut [PollFd::new(&fd, flags)], Some(&left)) {
            Ok(count) => return Ok(count > 0),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
