//! Lines that carry bytes: what every transport can do, and how one is opened.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::cat::Break;
use crate::cat::model::SerialSettings;
use crate::config::port::PortAddress;

use super::ports::Socket;

#[cfg(unix)]
pub(super) mod descriptor;
#[cfg(unix)]
mod holder;
pub(super) mod memory;
mod serial;
pub(super) mod tcp;

/// The longest one block may take to leave: 1,000 characters at 2,400 baud.
pub(super) const WRITE_DEADLINE: Duration = Duration::from_secs(5);
/// The most that is read at once.
pub(super) const READ_SIZE: usize = 4_096;

/// The sending side of an open line.
pub(super) trait Wire: Send {
    /// All bytes, or an error after which some of them may have left.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Give the line back. The reader ends; nothing more comes from it than what it had begun.
    fn close(&mut self);
}

/// What the receiving side of a line hands on.
#[derive(Debug)]
pub(super) enum Incoming {
    /// Bytes, in order.
    Bytes(Vec<u8>),
    /// The line is gone; the system's own words.
    Closed(String),
}

/// Where the receiving side hands it. `Break` tells the reader to end.
pub(super) type Sink = Box<dyn FnMut(Incoming) -> ControlFlow<()> + Send>;

/// A line that cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct OpenError {
    /// How.
    pub cause: Break,
    /// The system's own words, and what to do.
    pub detail: String,
}

impl OpenError {
    pub(super) fn new(cause: Break, detail: impl Into<String>) -> OpenError {
        OpenError {
            cause,
            detail: detail.into(),
        }
    }
}

/// What to do where the system gives this program no further file, which says nothing about the line.
pub(super) fn without_room(error: &io::Error) -> Option<&'static str> {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        let errno = Errno::from_io_error(error);
        matches!(errno, Some(Errno::MFILE | Errno::NFILE))
            .then_some("close other programs on this PC, then retry")
    }
    #[cfg(not(unix))]
    {
        let _ = error;
        None
    }
}

/// The closure of a [`Dialer`].
type Dial = dyn FnMut(Option<SerialSettings>, Sink) -> Result<Box<dyn Wire>, OpenError> + Send;

/// A way to open a line, again and again.
pub struct Dialer {
    dial: Box<Dial>,
    serial: Option<SerialSettings>,
}

impl Dialer {
    /// To a serial port or over the network. (The simulated terminal of practice mode brings a dialer of its own.)
    pub fn to(address: PortAddress, serial: SerialSettings) -> Dialer {
        match address {
            PortAddress::Serial(path) => {
                let mut socket = Socket::new(path);
                Dialer {
                    dial: Box::new(move |settings, sink| {
                        let path = socket.locate()?;
                        let wire = serial::open(&path, &settings.unwrap_or(serial), sink)?;
                        socket.opened_at(&path);
                        Ok(wire)
                    }),
                    serial: Some(serial),
                }
            }
            PortAddress::Tcp { host, port } => {
                Dialer::from_fn(move |sink| tcp::connect(&host, port, sink))
            }
        }
    }

    pub(super) fn from_fn(
        mut dial: impl FnMut(Sink) -> Result<Box<dyn Wire>, OpenError> + Send + 'static,
    ) -> Dialer {
        Dialer {
            dial: Box::new(move |_, sink| dial(sink)),
            serial: None,
        }
    }

    /// The settings of the line; none where it is no serial port.
    pub(super) fn serial(&self) -> Option<SerialSettings> {
        self.serial
    }

    pub(super) fn open(&mut self, sink: Sink) -> Result<Box<dyn Wire>, OpenError> {
        (self.dial)(None, sink)
    }

    /// With other line settings than its own, where it is a serial port.
    pub(super) fn open_with(
        &mut self,
        settings: Option<SerialSettings>,
        sink: Sink,
    ) -> Result<Box<dyn Wire>, OpenError> {
        (self.dial)(settings, sink)
    }
}

/// The most pieces of input that wait for a driver; who sends more is no terminal.
const WAITING_MAX: usize = 256;

/// Counts what waits in a driver's inbox, so that a peer that floods the line is cut instead of filling the memory.
#[derive(Debug, Clone, Default)]
pub(super) struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    /// A sink that hands on through `send` until too much waits. `send` tells whether the driver still listens.
    pub(super) fn sink(&self, mut send: impl FnMut(Incoming) -> bool + Send + 'static) -> Sink {
        let waiting = self.clone();
        Box::new(move |incoming| {
            let last = matches!(incoming, Incoming::Closed(_));
            if waiting.0.fetch_add(1, Ordering::AcqRel) >= WAITING_MAX && !last {
                send(Incoming::Closed(
                    "the other side sends more than can be read".to_owned(),
                ));
                return ControlFlow::Break(());
            }
            if send(incoming) && !last {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })
    }

    /// One piece was taken out of the inbox.
    pub(super) fn taken(&self) {
        // A flood's `Closed` is counted like any other piece, so this never goes below zero.
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn a_flood_is_cut_instead_of_filling_the_memory() {
        let waiting = Waiting::default();
        let (sender, inbox) = mpsc::channel();
        let mut sink = waiting.sink(move |incoming| sender.send(incoming).is_ok());
        let taken = (0..10_000)
            .take_while(|_| sink(Incoming::Bytes(vec![0])).is_continue())
            .count();
        assert_eq!(taken, WAITING_MAX);
        let last = inbox.try_iter().inspect(|_| waiting.taken()).last();
        assert!(matches!(last, Some(Incoming::Closed(_))));
        assert!(sink(Incoming::Bytes(vec![0])).is_continue());
    }
}
