//! A line that is a file descriptor (Unix): a reader that sleeps until something comes, a writer with a deadline.

use std::io;
use std::ops::ControlFlow;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::{Incoming, READ_SIZE, Sink, WRITE_DEADLINE, Wire};

/// The smallest piece a serial driver takes at once without a wait of its own.
const CHUNK: usize = 64;

/// A non-blocking descriptor, read by a thread of its own.
pub(in crate::edge::link) struct Descriptor<Guard> {
    line: Option<Open<Guard>>,
}

struct Open<Guard> {
    descriptor: Arc<OwnedFd>,
    /// Dropped to wake the reader.
    _stop: UnixStream,
    /// What must live as long as the line is open, such as an exclusive lock.
    _guard: Guard,
}

impl<Guard: Send> Descriptor<Guard> {
    /// Start reading. `every` is called on the reader's thread with the interval given, where one is given; without it the
    /// reader never wakes while nothing comes.
    pub(in crate::edge::link) fn start(
        descriptor: OwnedFd,
        guard: Guard,
        sink: Sink,
        every: Option<(Duration, Box<dyn Fn() + Send>)>,
    ) -> io::Result<Descriptor<Guard>> {
        rustix::io::ioctl_fionbio(&descriptor, true)?;
        let descriptor = Arc::new(descriptor);
        let (stop, stopped) = UnixStream::pair()?;
        let reading = Arc::clone(&descriptor);
        std::thread::Builder::new()
            .name("line reader".to_owned())
            .spawn(move || read(&reading, &stopped, sink, every))?;
        Ok(Descriptor {
            line: Some(Open {
                descriptor,
                _stop: stop,
                _guard: guard,
            }),
        })
    }
}

impl<Guard: Send> Wire for Descriptor<Guard> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(line) = &self.line else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        let deadline = now() + WRITE_DEADLINE;
        let mut rest = bytes;
        while !rest.is_empty() {
            match rustix::io::write(&*line.descriptor, &rest[..rest.len().min(CHUNK)]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => rest = &rest[count..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => wait_for_room(&line.descriptor, deadline)?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn close(&mut self) {
        self.line = None;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the deadline of one write is this line's own affair"
)]
fn now() -> Instant {
    Instant::now()
}

fn wait_for_room(descriptor: &OwnedFd, deadline: Instant) -> io::Result<()> {
    let left = deadline.saturating_duration_since(now());
    if left.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    let mut fds = [PollFd::new(descriptor, PollFlags::OUT)];
    match poll(&mut fds, Some(&timespec(left))) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(duration.subsec_nanos()),
    }
}

fn read(
    descriptor: &OwnedFd,
    stopped: &UnixStream,
    mut sink: Sink,
    every: Option<(Duration, Box<dyn Fn() + Send>)>,
) {
    let interval = every.as_ref().map(|(interval, _)| timespec(*interval));
    let mut buffer = [0; READ_SIZE];
    loop {
        let mut fds = [
            PollFd::new(descriptor, PollFlags::IN),
            PollFd::new(stopped, PollFlags::IN),
        ];
        match poll(&mut fds, interval.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => {
                let _ = sink(Incoming::Closed(error.to_string()));
                return;
            }
        }
        let (line, stop) = (fds[0].revents(), fds[1].revents());
        if !stop.is_empty() {
            return;
        }
        if let Some((_, call)) = &every {
            call();
        }
        if line.is_empty() {
            continue;
        }
        let next = match rustix::io::read(descriptor, &mut buffer) {
            Ok(0) => sink(Incoming::Closed("the line was hung up".to_owned())),
            Ok(count) => sink(Incoming::Bytes(buffer[..count].to_vec())),
            // Bytes may wait behind a hang-up, so only a line with neither is gone.
            Err(Errno::INTR) => ControlFlow::Continue(()),
            Err(Errno::AGAIN) if !line.intersects(PollFlags::HUP | PollFlags::ERR) => {
                ControlFlow::Continue(())
            }
            Err(error) => sink(Incoming::Closed(error.to_string())),
        };
        if next.is_break() {
            return;
        }
    }
}
