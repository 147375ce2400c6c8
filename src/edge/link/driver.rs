//! The thread of one link: requests and bytes in, events out, deadlines kept.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::app::message::LinkRequest;
use crate::cat::dialect::layout::Layout;
use crate::cat::model::Model;
use crate::cat::session::{Session, StartRefused};
use crate::cat::{Break, Exposure, LinkEvent};

use super::Clock;
use super::transport::{Dialer, Incoming, Waiting, Wire};

/// What a link needs to know.
pub struct Link {
    /// How its line is opened.
    pub dialer: Dialer,
    /// Times and counts. Its serial settings are the dialer's business.
    pub model: Model,
    /// The words of its messages.
    pub layout: Layout,
    /// The time.
    pub clock: Clock,
}

/// The way to a link's thread. When it is dropped the line is closed and the thread ends.
#[derive(Debug)]
pub struct LinkHandle {
    inbox: Sender<Input>,
    thread: Option<JoinHandle<()>>,
}

impl LinkHandle {
    /// Ask the link for something. Never blocks. After the thread has ended nothing happens any more.
    pub fn request(&self, request: LinkRequest) {
        // Only a thread that ended cannot be asked, and it ends with its handle.
        let _ = self.inbox.send(Input::Request(request));
    }

    /// Close the line and wait for the thread: at most as long as a block takes to leave.
    pub fn close(mut self) {
        let _ = self.inbox.send(Input::Stop);
        if let Some(thread) = self.thread.take() {
            // A panic there was printed there.
            let _ = thread.join();
        }
    }
}

impl Drop for LinkHandle {
    fn drop(&mut self) {
        let _ = self.inbox.send(Input::Stop);
    }
}

#[derive(Debug)]
enum Input {
    Request(LinkRequest),
    Incoming { line: u64, incoming: Incoming },
    Stop,
}

/// Start the thread of a link. The line stays closed until the first [`LinkRequest::Connect`]; no byte of a command leaves before its
/// [`LinkRequest::Send`]. `send` is called on the link's thread, in the order of events.
///
/// A question while another command is running is dropped without a word: a `Broken` would be taken for the first one's. An amount is
/// never dropped in silence: where no other amount is under way, nothing of it left, and that is said.
pub fn spawn(link: Link, send: impl Fn(LinkEvent) + Send + 'static) -> std::io::Result<LinkHandle> {
    let (inbox, receiver) = mpsc::channel();
    let own_inbox = inbox.clone();
    let thread = std::thread::Builder::new()
        .name("link".to_owned())
        .spawn(move || Driver::new(link, own_inbox, send).run(&receiver))?;
    Ok(LinkHandle {
        inbox,
        thread: Some(thread),
    })
}

struct Driver<S> {
    session: Session,
    dialer: Dialer,
    clock: Clock,
    inbox: Sender<Input>,
    waiting: Waiting,
    wire: Option<Box<dyn Wire>>,
    /// Counts the lines, so that the last words of an old one are not taken for the new one's.
    line: u64,
    opened_ms: u64,
    heard: bool,
    send: S,
}

/// A connection that is closed so soon, with nothing said, was not wanted: the terminal has another one.
const TURNED_AWAY_MS: u64 = 1_000;

/// A deadline that passed so long ago is kept even while bytes wait.
const OVERDUE_MS: u64 = 500;

impl<S: Fn(LinkEvent)> Driver<S> {
    fn new(link: Link, inbox: Sender<Input>, send: S) -> Driver<S> {
        Driver {
            session: Session::new(link.layout, link.model.timers),
            dialer: link.dialer,
            clock: link.clock,
            inbox,
            waiting: Waiting::default(),
            wire: None,
            line: 0,
            opened_ms: 0,
            heard: false,
            send,
        }
    }

    fn run(mut self, receiver: &Receiver<Input>) {
        loop {
            let input = match self.session.poll_timeout() {
                None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(due_ms) => {
                    let wait = due_ms.saturating_sub(self.now_ms());
                    receiver.recv_timeout(Duration::from_millis(wait))
                }
            };
            match input {
                Ok(Input::Request(request)) => self.requested(request),
                Ok(Input::Incoming { line, incoming }) => {
                    self.waiting.taken();
                    if line == self.line && self.wire.is_some() {
                        self.came(incoming);
                    }
                    self.keep_time();
                }
                Err(RecvTimeoutError::Timeout) => {
                    let now_ms = self.now_ms();
                    self.session.handle_timeout(now_ms);
                }
                Ok(Input::Stop) | Err(RecvTimeoutError::Disconnected) => {
                    self.hang_up();
                    return;
                }
            }
            self.drain();
        }
    }

    fn now_ms(&self) -> u64 {
        (self.clock)().mono_ms
    }

    /// What waited in the inbox came in time; but a peer that never falls silent must not stop the clock.
    fn keep_time(&mut self) {
        let now_ms = self.now_ms();
        if let Some(due_ms) = self.session.poll_timeout()
            && due_ms.saturating_add(OVERDUE_MS) <= now_ms
        {
            self.session.handle_timeout(now_ms);
        }
    }

    fn requested(&mut self, request: LinkRequest) {
        let now = (self.clock)();
        match request {
            LinkRequest::Connect => self.connect(),
            LinkRequest::Send(_) if self.wire.is_none() => {
                (self.send)(LinkEvent::Broken {
                    exposure: Exposure::Nothing,
                    cause: Break::Unreachable,
                });
            }
            LinkRequest::Send(command) => {
                let unsent = command.moves_money() && !self.session.carries_money();
                match self
                    .session
                    .start(now.mono_ms, now.wall.naive_local(), command)
                {
                    Err(StartRefused::Busy) if unsent => (self.send)(LinkEvent::Broken {
                        exposure: Exposure::Nothing,
                        cause: Break::Refused,
                    }),
                    Ok(()) | Err(StartRefused::Busy) => {}
                    Err(StartRefused::Unsendable(_)) => (self.send)(LinkEvent::Broken {
                        exposure: Exposure::Nothing,
                        cause: Break::Refused,
                    }),
                }
            }
            LinkRequest::Acknowledge => self.session.acknowledge(now.mono_ms),
            LinkRequest::Abandon => self.session.abandon(now.mono_ms),
        }
    }

    fn connect(&mut self) {
        if self.wire.is_some() {
            (self.send)(LinkEvent::Up);
            return;
        }
        self.line += 1;
        let line = self.line;
        let inbox = self.inbox.clone();
        let sink = self
            .waiting
            .sink(move |incoming| inbox.send(Input::Incoming { line, incoming }).is_ok());
        match self.dialer.open(sink) {
            Ok(wire) => {
                self.wire = Some(wire);
                self.opened_ms = self.now_ms();
                self.heard = false;
                (self.send)(LinkEvent::Up);
            }
            Err(error) => (self.send)(LinkEvent::Down {
                cause: error.cause,
                detail: error.detail,
            }),
        }
    }

    fn came(&mut self, incoming: Incoming) {
        let now_ms = self.now_ms();
        match incoming {
            Incoming::Bytes(bytes) => {
                self.heard = true;
                self.session.handle_input(now_ms, &bytes);
            }
            Incoming::Closed(detail) => {
                let turned_away =
                    !self.heard && now_ms.saturating_sub(self.opened_ms) < TURNED_AWAY_MS;
                if turned_away {
                    let detail = format!(
                        "{detail}; another console or program may have the terminal's one connection"
                    );
                    self.lose(Break::PortTaken, detail);
                } else {
                    self.lose(Break::Disconnected, detail);
                }
            }
        }
    }

    fn lose(&mut self, cause: Break, detail: String) {
        self.hang_up();
        let now_ms = self.now_ms();
        self.session.handle_disconnect(now_ms);
        self.report();
        (self.send)(LinkEvent::Down { cause, detail });
    }

    fn hang_up(&mut self) {
        if let Some(mut wire) = self.wire.take() {
            wire.close();
        }
    }

    /// Everything the session has to say, on the line and to the console.
    fn drain(&mut self) {
        while let Some(bytes) = self.session.poll_transmit() {
            let Some(wire) = &mut self.wire else { continue };
            if let Err(error) = wire.write(&bytes) {
                // Whatever the kind: some of it may have left, and more of it will not.
                self.lose(Break::Disconnected, error.to_string());
            }
        }
        self.report();
    }

    fn report(&mut self) {
        while let Some(event) = self.session.poll_event() {
            (self.send)(event);
        }
    }
}
