//! The simulated terminal's thread: one driver for practice mode and for a process of its own.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::cat::Break;
use crate::cat::dialect::layout::Layout;
use crate::cat::model::Model;
use crate::cat::simulator::at_terminal::{AtTerminal, NotDone};
use crate::cat::simulator::books::Books;
use crate::cat::simulator::script::Script;
use crate::cat::simulator::{Moment, Terminal, TerminalEvent, TerminalSettings};

use super::Clock;
use super::books_file::{BooksFile, BooksFileError};
use super::pty::PtyPort;
use super::transport::{Dialer, Incoming, OpenError, Sink, Waiting, Wire, memory, tcp};

/// What a simulated terminal needs to know.
pub struct TerminalOptions {
    /// The model it plays.
    pub model: Model,
    /// The words of its messages.
    pub layout: Layout,
    /// What happens to its transactions.
    pub script: Script,
    /// Seed, pace and identity.
    pub settings: TerminalSettings,
    /// Its books; `None` keeps them in memory, and they end with it.
    pub books: Option<PathBuf>,
    /// The time.
    pub clock: Clock,
}

/// Where a simulated terminal can be reached by another process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// A pseudo-terminal, opened like a serial port, behind a path that is made for it. Unix only.
    Pty,
    /// The same behind a path of the caller's choice, where there must be nothing or an old link.
    PtyAt(PathBuf),
    /// TCP, one connection at a time.
    Tcp(SocketAddr),
}

/// Why a simulated terminal ended, or did not begin.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Its line.
    #[error("the terminal's line: {0}")]
    Line(#[source] io::Error),
    /// It cannot listen there.
    #[error("{address}: {source}; choose another port, or port 0 for any that is free")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// The system's words.
        source: io::Error,
    },
    /// Its books cannot be opened.
    #[error(transparent)]
    Books(#[from] BooksFileError),
    /// A transaction could not be written down, so it was not answered.
    #[error("the terminal's books cannot be written: {0}; nothing was answered")]
    Record(#[source] io::Error),
}

/// What happened at a terminal, one line of text each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Served {
    /// A counter connected.
    Connected,
    /// It is gone; the system's words.
    Disconnected(String),
    /// A second counter was turned away.
    TurnedAway,
    /// Staff pressed the terminal's own keys.
    Staff(AtTerminal, Result<(), NotDone>),
    /// Something the terminal itself reports.
    Terminal(TerminalEvent),
}

impl fmt::Display for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Served::Connected => f.write_str("connected"),
            Served::Disconnected(detail) => write!(f, "disconnected: {detail}"),
            Served::TurnedAway => f.write_str("a second connection was turned away"),
            Served::Staff(key, Ok(())) => write!(f, "staff: {key}"),
            Served::Staff(key, Err(why)) => write!(f, "staff: {key}: not done: {why}"),
            Served::Terminal(event) => write_event(f, event),
        }
    }
}

fn write_event(f: &mut fmt::Formatter<'_>, event: &TerminalEvent) -> fmt::Result {
    match event {
        TerminalEvent::Record(entry) => {
            let practice = if entry.training { " (practice)" } else { "" };
            write!(
                f,
                "{} {} {} slip {} {} yen{practice}",
                entry.sequence_number,
                entry.kind.word(),
                entry.outcome.word(),
                entry.slip_number,
                entry.amount
            )
        }
        TerminalEvent::Asked {
            sequence_number,
            kind,
            amount,
            training,
        } => {
            let practice = if *training { " (practice)" } else { "" };
            write!(
                f,
                "{sequence_number} asked: {} {amount} yen{practice}",
                kind.word()
            )
        }
        TerminalEvent::Display(phase) => write!(f, "display: {phase:?}"),
        TerminalEvent::Inquired(number) => write!(f, "{number} inquired"),
        TerminalEvent::DuplicateRequest(number) => {
            write!(f, "{number} asked once more; not charged again")
        }
        TerminalEvent::Undelivered => f.write_str("a message was not taken by the counter"),
        TerminalEvent::Unspeakable(detail) => write!(f, "no words: {detail}"),
        TerminalEvent::Cut => f.write_str("the line is cut"),
        TerminalEvent::Reboot { forgets: true } => f.write_str("reboots and forgets everything"),
        TerminalEvent::Reboot { forgets: false } => f.write_str("reboots"),
    }
}

enum Input {
    Connected { line: u64, wire: Box<dyn Wire> },
    Incoming { line: u64, incoming: Incoming },
    TurnedAway,
    Staff(AtTerminal),
    Stop,
}

/// How counters get onto the line.
enum Port {
    InProcess,
    Pty(PtyPort),
    Tcp(SocketAddr),
}

/// What acceptors and the driver share.
#[derive(Clone)]
struct Shared {
    inbox: Sender<Input>,
    waiting: Waiting,
    lines: Arc<AtomicU64>,
    taken: Arc<AtomicBool>,
    stopped: Arc<AtomicBool>,
}

impl Shared {
    fn new_line(&self) -> (u64, Sink) {
        let line = self.lines.fetch_add(1, Ordering::AcqRel) + 1;
        let inbox = self.inbox.clone();
        let sink = self
            .waiting
            .sink(move |incoming| inbox.send(Input::Incoming { line, incoming }).is_ok());
        (line, sink)
    }
}

/// A simulated terminal that can be reached.
pub struct TerminalServer {
    terminal: Terminal,
    books: Option<BooksFile>,
    clock: Clock,
    port: Port,
    shared: Shared,
    inbox: Receiver<Input>,
    wire: Option<(u64, Box<dyn Wire>)>,
}

/// The terminal's own keys, pressed from another thread.
pub struct Keys {
    inbox: Sender<Input>,
}

impl Keys {
    /// Press them. False where the terminal has ended.
    pub fn press(&self, key: AtTerminal) -> bool {
        self.inbox.send(Input::Staff(key)).is_ok()
    }
}

/// Ends a terminal from another thread, or when it is dropped.
pub struct Stopper {
    shared: Shared,
    wake: Option<SocketAddr>,
}

impl Stopper {
    /// Let the terminal end.
    pub fn stop(&self) {
        self.shared.stopped.store(true, Ordering::Release);
        let _ = self.shared.inbox.send(Input::Stop);
        if let Some(address) = self.wake {
            // The acceptor sleeps until somebody calls; so somebody does.
            let _ = TcpStream::connect_timeout(&address, Duration::from_secs(1));
        }
    }
}

impl Drop for Stopper {
    fn drop(&mut self) {
        self.stop();
    }
}

fn moment(clock: &Clock) -> Moment {
    let now = clock();
    Moment {
        mono_ms: now.mono_ms,
        wall: now.wall,
    }
}

impl TerminalServer {
    /// A terminal for other processes.
    pub fn listen(options: TerminalOptions, listen: Listen) -> Result<TerminalServer, ServeError> {
        let mut server = TerminalServer::new(options)?;
        match listen {
            Listen::Pty => server.plug_into(PtyPort::new())?,
            Listen::PtyAt(path) => server.plug_into(PtyPort::at(path))?,
            Listen::Tcp(address) => {
                let refused = |source| ServeError::Listen { address, source };
                let listener = TcpListener::bind(address).map_err(refused)?;
                server.port = Port::Tcp(listener.local_addr().map_err(refused)?);
                let shared = server.shared.clone();
                std::thread::Builder::new()
                    .name("acceptor".to_owned())
                    .spawn(move || accept(&listener, &shared))
                    .map_err(ServeError::Line)?;
            }
        }
        Ok(server)
    }

    /// A terminal inside this process, and the only way to it. It ends with the dialer.
    pub(super) fn in_process(
        options: TerminalOptions,
    ) -> Result<(TerminalServer, Dialer), ServeError> {
        let server = TerminalServer::new(options)?;
        let stopper = server.stopper();
        let dialer = Dialer::from_fn(move |console| {
            let shared = &stopper.shared;
            if shared.taken.swap(true, Ordering::AcqRel) {
                return Err(OpenError::new(
                    Break::PortTaken,
                    "the practice terminal has another connection",
                ));
            }
            let (line, sink) = shared.new_line();
            let (ours, theirs) = memory::pair(console, sink);
            let connected = Input::Connected {
                line,
                wire: Box::new(theirs),
            };
            match shared.inbox.send(connected) {
                Ok(()) => Ok(Box::new(ours)),
                Err(_) => Err(OpenError::new(
                    Break::Unreachable,
                    "the practice terminal has ended",
                )),
            }
        });
        Ok((server, dialer))
    }

    fn new(options: TerminalOptions) -> Result<TerminalServer, ServeError> {
        let fresh = Terminal::fresh_journal(options.settings.seed, moment(&options.clock));
        let (file, books) = match &options.books {
            Some(path) => {
                let (file, books) = BooksFile::open(path, fresh)?;
                (Some(file), books)
            }
            None => (None, Books::new(fresh)),
        };
        let (sender, inbox) = mpsc::channel();
        Ok(TerminalServer {
            terminal: Terminal::new(
                &options.model,
                options.layout,
                books,
                options.script,
                options.settings,
            ),
            books: file,
            clock: options.clock,
            port: Port::InProcess,
            shared: Shared {
                inbox: sender,
                waiting: Waiting::default(),
                lines: Arc::default(),
                taken: Arc::default(),
                stopped: Arc::default(),
            },
            inbox,
            wire: None,
        })
    }

    /// What a counter writes for `--port`: a path, or HOST:PORT.
    pub fn address(&self) -> String {
        match &self.port {
            Port::InProcess => "in-process".to_owned(),
            Port::Pty(port) => port.path().display().to_string(),
            Port::Tcp(address) => address.to_string(),
        }
    }

    /// Its own keys.
    pub fn keys(&self) -> Keys {
        Keys {
            inbox: self.shared.inbox.clone(),
        }
    }

    /// A way to end it.
    pub fn stopper(&self) -> Stopper {
        Stopper {
            shared: self.shared.clone(),
            wake: match self.port {
                Port::Tcp(address) => Some(address),
                Port::InProcess | Port::Pty(_) => None,
            },
        }
    }

    /// Serve until stopped. `report` is told everything as it happens.
    pub fn serve(mut self, mut report: impl FnMut(&Served)) -> Result<(), ServeError> {
        loop {
            let input = match self.terminal.poll_timeout() {
                None => self
                    .inbox
                    .recv()
                    .map_err(|_| RecvTimeoutError::Disconnected),
                Some(due_ms) => {
                    let wait = due_ms.saturating_sub((self.clock)().mono_ms);
                    self.inbox.recv_timeout(Duration::from_millis(wait))
                }
            };
            let now = moment(&self.clock);
            match input {
                Ok(Input::Connected { line, wire }) => {
                    self.wire = Some((line, wire));
                    self.terminal.handle_connect(now);
                    report(&Served::Connected);
                }
                Ok(Input::Incoming { line, incoming }) => {
                    self.shared.waiting.taken();
                    if self.wire.as_ref().is_some_and(|(open, _)| *open == line) {
                        match incoming {
                            Incoming::Bytes(bytes) => self.terminal.handle_input(now, &bytes),
                            Incoming::Closed(detail) => self.lose(detail, &mut report)?,
                        }
                    }
                }
                Ok(Input::TurnedAway) => report(&Served::TurnedAway),
                Ok(Input::Staff(key)) => {
                    let done = self.terminal.press(now, key.clone()).map(|_| ());
                    report(&Served::Staff(key, done));
                }
                Err(RecvTimeoutError::Timeout) => self.terminal.handle_timeout(now),
                Ok(Input::Stop) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            self.drain(&mut report)?;
        }
    }

    fn drain(&mut self, report: &mut impl FnMut(&Served)) -> Result<(), ServeError> {
        loop {
            while let Some(bytes) = self.terminal.poll_transmit() {
                if let Some((_, wire)) = &mut self.wire
                    && let Err(error) = wire.write(&bytes)
                {
                    self.lose(error.to_string(), report)?;
                }
            }
            let Some(event) = self.terminal.poll_event() else {
                return Ok(());
            };
            report(&Served::Terminal(event.clone()));
            match event {
                TerminalEvent::Record(entry) => {
                    if let Some(books) = &mut self.books {
                        books.append(&entry).map_err(ServeError::Record)?;
                    }
                    self.terminal.recorded(moment(&self.clock));
                }
                TerminalEvent::Cut | TerminalEvent::Reboot { .. } => {
                    self.lose("cut by the terminal".to_owned(), report)?;
                }
                TerminalEvent::Asked { .. }
                | TerminalEvent::Display(_)
                | TerminalEvent::Inquired(_)
                | TerminalEvent::DuplicateRequest(_)
                | TerminalEvent::Undelivered
                | TerminalEvent::Unspeakable(_) => {}
            }
        }
    }

    /// The connection is over; the next one may come.
    fn lose(&mut self, detail: String, report: &mut impl FnMut(&Served)) -> Result<(), ServeError> {
        let Some((_, mut wire)) = self.wire.take() else {
            return Ok(());
        };
        // First, so that a counter that calls again the moment it is cut is not turned away.
        self.shared.taken.store(false, Ordering::Release);
        wire.close();
        self.terminal.handle_disconnect(moment(&self.clock));
        report(&Served::Disconnected(detail));
        match std::mem::replace(&mut self.port, Port::InProcess) {
            Port::Pty(port) => self.plug_into(port)?,
            other @ (Port::InProcess | Port::Tcp(_)) => self.port = other,
        }
        Ok(())
    }

    /// A pseudo-terminal has nobody who calls: it is connected from the start.
    fn plug_into(&mut self, mut port: PtyPort) -> Result<(), ServeError> {
        let (line, sink) = self.shared.new_line();
        let wire = port.plug_in(sink).map_err(ServeError::Line)?;
        self.port = Port::Pty(port);
        self.wire = Some((line, wire));
        self.terminal.handle_connect(moment(&self.clock));
        Ok(())
    }
}

/// Take calls, one connection at a time.
fn accept(listener: &TcpListener, shared: &Shared) {
    for stream in listener.incoming() {
        if shared.stopped.load(Ordering::Acquire) {
            return;
        }
        let Ok(stream) = stream else { continue };
        if shared.taken.swap(true, Ordering::AcqRel) {
            drop(stream);
            if shared.inbox.send(Input::TurnedAway).is_err() {
                return;
            }
            continue;
        }
        let (line, mut sink) = shared.new_line();
        // What a counter sends the moment it is connected waits until the terminal knows of the connection.
        let known = Arc::new(Mutex::new(()));
        let not_yet = known.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = Arc::clone(&known);
        let sink: Sink = Box::new(move |incoming| {
            drop(gate.lock().unwrap_or_else(PoisonError::into_inner));
            sink(incoming)
        });
        match tcp::start(stream, sink) {
            Ok(wire) => {
                let connected = Input::Connected {
                    line,
                    wire: Box::new(wire),
                };
                if shared.inbox.send(connected).is_err() {
                    return;
                }
                drop(not_yet);
            }
            Err(_) => shared.taken.store(false, Ordering::Release),
        }
    }
}
