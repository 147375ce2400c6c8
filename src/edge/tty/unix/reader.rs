//! The thread that waits for keys and signals. It sleeps until something happens, and ends with the terminal.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH, SIGXFSZ};
use signal_hook::{flag, low_level::pipe};

use crate::app::key::Key;
use crate::app::message::Message;
use crate::edge::tty::ReaderOptions;
use crate::edge::tty::decode::Decoder;

const READ_BYTES: usize = 16 * 1024;

/// The running reader.
#[derive(Debug)]
pub struct Reader {
    mappings: Sender<(Vec<u8>, Key)>,
}

impl Reader {
    /// From the next key on these bytes mean this key.
    pub fn map(&self, bytes: Vec<u8>, key: Key) {
        // A reader that has ended needs no mapping.
        let _ = self.mappings.send((bytes, key));
    }
}

/// Starts the thread that turns keys, signals and the end of the terminal into messages, `Hangup` once at most.
/// The signal handlers are the process's own from here on. A signal sent to stop it (SIGTSTP) is not obeyed.
pub fn spawn_reader(
    send: impl Fn(Message) + Send + 'static,
    options: ReaderOptions,
) -> io::Result<Reader> {
    let signals = Signals::catch()?;
    let (mappings, new_mappings) = mpsc::channel();
    let input = io::stdin().as_fd().try_clone_to_owned()?;
    thread::Builder::new()
        .name("keys".into())
        .spawn(move || Listener::new(send, options, new_mappings).run(&input, &signals))?;
    Ok(Reader { mappings })
}

/// Signals become bytes in a pipe and a flag each.
struct Signals {
    wake: OwnedFd,
    resized: Arc<AtomicBool>,
    continued: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
}

impl Signals {
    fn catch() -> io::Result<Signals> {
        let (wake, ring) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        let signals = Signals {
            wake: wake.into(),
            resized: Arc::default(),
            continued: Arc::default(),
            ended: Arc::default(),
        };
        let ignored = Arc::new(AtomicBool::new(false));
        for (signal, flag) in [
            (SIGWINCH, &signals.resized),
            (SIGCONT, &signals.continued),
            (SIGHUP, &signals.ended),
            (SIGTERM, &signals.ended),
            (SIGINT, &signals.ended),
            (SIGQUIT, &signals.ended),
            // Stopping would leave the terminal raw and a payment alone.
            (SIGTSTP, &ignored),
            // A limit on file sizes is an error of the write, like a full disk, and no reason to die with the screen raw.
            (SIGXFSZ, &ignored),
        ] {
            flag::register(signal, Arc::clone(flag))?;
            pipe::register(signal, ring.try_clone()?)?;
        }
        Ok(signals)
    }

    fn drain(&self) {
        let mut buffer = [0; 256];
        while read(&self.wake, &mut buffer).is_ok_and(|count| count == buffer.len()) {}
    }
}

struct Listener<S> {
    send: S,
    decoder: Decoder,
    new_mappings: Receiver<(Vec<u8>, Key)>,
    typed_ahead: Vec<u8>,
    start: Instant,
    hung_up: bool,
}

impl<S: Fn(Message)> Listener<S> {
    fn new(send: S, options: ReaderOptions, new_mappings: Receiver<(Vec<u8>, Key)>) -> Listener<S> {
        let mut decoder = Decoder::new(options.custom, options.scanner);
        if options.probe.report_due {
            decoder.expect_cursor_report();
        }
        Listener {
            send,
            decoder,
            new_mappings,
            typed_ahead: options.probe.typed_ahead,
            start: Instant::now(),
            hung_up: false,
        }
    }

    /// Until the terminal ends.
    fn run(mut self, input: &OwnedFd, signals: &Signals) {
        let typed_ahead = std::mem::take(&mut self.typed_ahead);
        self.feed(&typed_ahead, self.now_ms());
        let mut buffer = vec![0; READ_BYTES];
        loop {
            let deadline = self.decoder.deadline();
            let (input_came, signal_came) = match self.wait(input, &signals.wake, deadline) {
                Ok(came) => came,
                Err(Errno::INTR) => continue,
                Err(_) => break,
            };
            if signal_came {
                self.take(signals);
            }
            if input_came {
                match read(input, &mut buffer) {
                    Ok(0) => break,
                    // What came before the wait ran out came in time, however late we are to read it.
                    Ok(count) => {
                        let now_ms = self.now_ms().min(deadline.unwrap_or(u64::MAX));
                        self.feed(&buffer[..count], now_ms);
                    }
                    Err(Errno::INTR | Errno::AGAIN) => {}
                    Err(_) => break,
                }
            } else if deadline.is_some_and(|deadline| self.now_ms() >= deadline) {
                let inputs = self.decoder.expire(self.now_ms());
                inputs.into_iter().map(Message::Input).for_each(&self.send);
            }
        }
        self.hang_up();
    }

    /// Whether input and whether a signal came, at the deadline at the latest.
    fn wait(
        &self,
        input: &OwnedFd,
        wake: &OwnedFd,
        deadline: Option<u64>,
    ) -> rustix::io::Result<(bool, bool)> {
        let timeout = deadline
            .map(|deadline| Duration::from_millis(deadline.saturating_sub(self.now_ms())))
            .and_then(|left| Timespec::try_from(left).ok());
        let mut fds = [
            PollFd::new(input, PollFlags::IN),
            PollFd::new(wake, PollFlags::IN),
        ];
        poll(&mut fds, timeout.as_ref())?;
        Ok((!fds[0].revents().is_empty(), !fds[1].revents().is_empty()))
    }

    fn feed(&mut self, bytes: &[u8], now_ms: u64) {
        while let Ok((bytes, key)) = self.new_mappings.try_recv() {
            self.decoder.map(bytes, key);
        }
        let inputs = self.decoder.feed(bytes, now_ms);
        inputs.into_iter().map(Message::Input).for_each(&self.send);
    }

    fn take(&mut self, signals: &Signals) {
        signals.drain();
        let continued = signals.continued.swap(false, Ordering::Relaxed);
        if continued {
            super::enter_raw_again();
        }
        if signals.resized.swap(false, Ordering::Relaxed) || continued {
            let (columns, rows) = super::size();
            (self.send)(Message::Resized(columns, rows));
        }
        if signals.ended.swap(false, Ordering::Relaxed) {
            self.hang_up();
        }
    }

    fn hang_up(&mut self) {
        if !std::mem::replace(&mut self.hung_up, true) {
            (self.send)(Message::Hangup);
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
