//! The thread of one link: requests and bytes in, events out, deadlines kept.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::app::message::LinkRequest;
use crate::app::message::link_setup::{Direction, TraceFrame};
use crate::cat::dialect::layout::Layout;
use crate::cat::examination::Verdict;
use crate::cat::model::Model;
use crate::cat::session::{Session, StartRefused};
use crate::cat::{Answer, Break, Command, Exposure, LinkEvent, ResultCode};

use super::Clock;
use super::trace::Trace;
use super::transport::{Dialer, Incoming, Waiting, Wire};

mod examine;
mod single;

use self::examine::Examining;
use self::single::Single;

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
    trace: SharedTrace,
}

/// The trace of a line, kept by its thread and read by others.
type SharedTrace = Arc<Mutex<Trace>>;

impl LinkHandle {
    /// Find out what is at the end of the line; `done` is called once, on the link's thread. A line that carries an exchange, or may still
    /// bring the answer to an amount, is left alone; a request that comes meanwhile goes first.
    pub fn examine(&self, done: impl FnOnce(Verdict) + Send + 'static) {
        let _ = self.inbox.send(Input::Examine(Done(Box::new(done))));
    }

    /// What went over the line, masked, oldest first.
    pub fn trace(&self) -> Vec<TraceFrame> {
        locked(&self.trace).frames()
    }

    /// Ask the link for something. Never blocks. After the thread has ended nothing happens any more.
    pub fn request(&self, request: LinkRequest) {
        // Only a thread that ended cannot be asked, and it ends with its handle.
        let _ = self.inbox.send(Input::Request(request));
    }

    /// Bytes sent and heard, once everything before this is done.
    #[cfg(test)]
    pub(super) fn settled(&self) -> (usize, usize) {
        let (told, done) = mpsc::channel();
        let _ = self.inbox.send(Input::Settled(told));
        let _ = done.recv();
        locked(&self.trace).moved
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

fn locked(trace: &SharedTrace) -> MutexGuard<'_, Trace> {
    // What a panic left behind is still a trace.
    trace.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Who waits for a verdict.
struct Done(Box<dyn FnOnce(Verdict) + Send>);

impl std::fmt::Debug for Done {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Done")
    }
}

#[derive(Debug)]
enum Input {
    Request(LinkRequest),
    Examine(Done),
    /// Whether everything before it is done.
    #[cfg(test)]
    Settled(Sender<()>),
    Incoming {
        line: u64,
        incoming: Incoming,
    },
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
    let trace = SharedTrace::default();
    let own_trace = Arc::clone(&trace);
    let thread = std::thread::Builder::new()
        .name("link".to_owned())
        .spawn(move || Driver::new(link, own_inbox, own_trace, send).run(&receiver))?;
    Ok(LinkHandle {
        inbox,
        thread: Some(thread),
        trace,
    })
}

struct Driver<S> {
    session: Session,
    dialer: Dialer,
    model: Model,
    layout: Layout,
    trace: SharedTrace,
    examining: Option<Examining>,
    asked: Asked,
    clock: Clock,
    inbox: Sender<Input>,
    waiting: Waiting,
    wire: Option<Box<dyn Wire>>,
    /// Counts the lines, so that the last words of an old one are not taken for the new one's.
    line: u64,
    single: Single,
    heard: bool,
    send: S,
}

/// What is under way, as far as the line may be given up for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Asked {
    /// An exchange is running.
    running: Option<Asking>,
    /// A question for the state ended, and nothing at all was heard since it began: the other side may be gone without a word.
    in_vain: bool,
    /// The answer to an amount may still come on this line, until then (ms).
    owed_until_ms: u64,
}

/// What is running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asking {
    /// Are you there?
    State,
    /// An amount.
    Money,
    /// Anything else.
    More,
}

/// A connection that is closed so soon, with nothing said, was not wanted: the terminal has another one.
const TURNED_AWAY_MS: u64 = 1_000;

/// A deadline that passed so long ago is kept even while bytes wait.
const OVERDUE_MS: u64 = 500;

impl<S: Fn(LinkEvent)> Driver<S> {
    fn new(link: Link, inbox: Sender<Input>, trace: SharedTrace, send: S) -> Driver<S> {
        Driver {
            session: Session::of_model(link.layout.clone(), &link.model),
            single: Single::of(&link.model, link.dialer.serial().is_none()),
            model: link.model,
            layout: link.layout,
            trace,
            examining: None,
            asked: Asked::default(),
            dialer: link.dialer,
            clock: link.clock,
            inbox,
            waiting: Waiting::default(),
            wire: None,
            line: 0,
            heard: false,
            send,
        }
    }

    fn run(mut self, receiver: &Receiver<Input>) {
        loop {
            let input = match self.poll_timeout() {
                None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(due_ms) => {
                    let wait = due_ms.saturating_sub(self.now_ms());
                    receiver.recv_timeout(Duration::from_millis(wait))
                }
            };
            match input {
                Ok(Input::Request(request)) => {
                    self.end_examination(Verdict::GaveWay);
                    self.requested(request);
                }
                Ok(Input::Examine(done)) => self.examine(done),
                #[cfg(test)]
                Ok(Input::Settled(told)) => {
                    let _ = told.send(());
                }
                Ok(Input::Incoming { line, incoming }) => {
                    self.waiting.taken();
                    if line == self.line && self.wire.is_some() {
                        self.came(incoming);
                    }
                    self.keep_time();
                }
                Err(RecvTimeoutError::Timeout) => self.time_reached(),
                Ok(Input::Stop) | Err(RecvTimeoutError::Disconnected) => {
                    self.end_examination(Verdict::GaveWay);
                    self.hang_up("the console ends");
                    return;
                }
            }
            self.drain();
        }
    }

    fn now_ms(&self) -> u64 {
        (self.clock)().mono_ms
    }

    fn trace(&self) -> MutexGuard<'_, Trace> {
        locked(&self.trace)
    }

    fn poll_timeout(&self) -> Option<u64> {
        let due_ms = match &self.examining {
            Some(examining) => examining.poll_timeout(),
            None => self.session.poll_timeout(),
        };
        [due_ms, self.single.opens_at_ms()]
            .into_iter()
            .flatten()
            .min()
    }

    fn time_reached(&mut self) {
        let now_ms = self.now_ms();
        match &mut self.examining {
            Some(examining) => examining.handle_timeout(now_ms),
            None => self.session.handle_timeout(now_ms),
        }
        let examined = self
            .examining
            .as_ref()
            .is_some_and(Examining::waits_for_its_line);
        if self.single.is_due(now_ms) && self.wire.is_none() && !examined {
            self.open();
        }
    }

    /// What waited in the inbox came in time; but a peer that never falls silent must not stop the clock.
    fn keep_time(&mut self) {
        let now_ms = self.now_ms();
        if let Some(due_ms) = self.poll_timeout()
            && due_ms.saturating_add(OVERDUE_MS) <= now_ms
        {
            self.time_reached();
        }
    }

    fn requested(&mut self, request: LinkRequest) {
        let now = (self.clock)();
        match request {
            LinkRequest::Connect => self.connect(),
            LinkRequest::SentBefore { ago_ms } => self.session.sent_before(now.mono_ms, ago_ms),
            LinkRequest::Send(_) if self.wire.is_none() => {
                (self.send)(LinkEvent::Broken {
                    exposure: Exposure::Nothing,
                    cause: Break::Unreachable,
                });
            }
            LinkRequest::Send(command) => {
                let unsent = command.moves_money() && !self.session.carries_money();
                self.note_start(&command);
                match self
                    .session
                    .start(now.mono_ms, now.wall.naive_local(), command)
                {
                    Err(StartRefused::Busy) if unsent => (self.send)(LinkEvent::Broken {
                        exposure: Exposure::Nothing,
                        cause: Break::Refused,
                    }),
                    Ok(()) | Err(StartRefused::Busy) => {}
                    Err(refused @ (StartRefused::Owed | StartRefused::Unsendable(_))) => {
                        let cause = match refused {
                            StartRefused::Owed => Break::Owed {
                                wait_ms: self.session.wait_ms(now.mono_ms),
                            },
                            _ => Break::Refused,
                        };
                        let refused = LinkEvent::Broken {
                            exposure: Exposure::Nothing,
                            cause,
                        };
                        self.note_event(&refused);
                        (self.send)(refused);
                    }
                }
            }
            LinkRequest::Acknowledge => self.session.acknowledge(now.mono_ms),
            LinkRequest::Abandon => self.session.abandon(now.mono_ms),
        }
    }

    /// A command is about to begin.
    fn note_start(&mut self, command: &Command) {
        if self.asked.running.is_some() && self.session.carries_money() {
            return;
        }
        let idle_question = matches!(command, Command::Status);
        self.trace().begin(word_of(command), idle_question);
        self.asked.running = Some(match command {
            Command::Status => Asking::State,
            command if command.moves_money() => Asking::Money,
            _ => Asking::More,
        });
        if command.moves_money() {
            let longest = self.model.timers.transaction_max_ms;
            self.asked.owed_until_ms = self.now_ms().saturating_add(longest);
        }
    }

    /// True where nobody would miss the line: nothing runs on it, and no answer to an amount is awaited.
    fn may_be_given_up(&self) -> bool {
        !self.session.carries_money()
            && matches!(self.asked.running, None | Some(Asking::State))
            && self.asked.owed_until_ms <= self.now_ms()
    }

    fn connect(&mut self) {
        // A peer that was cut off without a word would never be heard of again on this line.
        if self.asked.in_vain && self.wire.is_some() && self.may_be_given_up() {
            self.hang_up("no answer; the line is opened anew");
        }
        // An answer that does not say what it answers must not meet the next question.
        if self.wire.is_some() && self.session.owes_on_this_line() {
            self.hang_up("an answer may still come; the line is opened anew");
            let now_ms = self.now_ms();
            self.session.handle_disconnect(now_ms);
        }
        self.asked.in_vain = false;
        if self.wire.is_some() {
            (self.send)(LinkEvent::Up);
            return;
        }
        let now_ms = self.now_ms();
        if !self.single.waits(now_ms) {
            self.open();
        }
    }

    fn open(&mut self) {
        let sink = self.next_sink();
        match self.dialer.open(sink) {
            Ok(wire) => {
                self.opened(wire);
                (self.send)(LinkEvent::Up);
            }
            Err(error) => (self.send)(LinkEvent::Down {
                cause: self.single.cause(self.now_ms(), error.cause),
                detail: error.detail,
            }),
        }
    }

    fn next_sink(&mut self) -> super::transport::Sink {
        self.line += 1;
        let line = self.line;
        let inbox = self.inbox.clone();
        self.waiting
            .sink(move |incoming| inbox.send(Input::Incoming { line, incoming }).is_ok())
    }

    fn opened(&mut self, wire: Box<dyn Wire>) {
        self.wire = Some(wire);
        self.single.opened_ms = self.now_ms();
        self.heard = false;
        let now = (self.clock)();
        self.trace().line(now, "open");
    }

    fn came(&mut self, incoming: Incoming) {
        let now_ms = self.now_ms();
        match incoming {
            Incoming::Bytes(bytes) => {
                self.heard = true;
                self.single.let_go();
                self.asked.in_vain = false;
                let now = (self.clock)();
                self.trace().bytes(now, Direction::In, &bytes);
                match &mut self.examining {
                    Some(examining) => examining.handle_input(now_ms, &bytes),
                    None => self.session.handle_input(now_ms, &bytes),
                }
            }
            Incoming::Closed(detail) if self.examining.is_some() => {
                self.hang_up(&detail);
                if let Some(examining) = &mut self.examining {
                    examining.handle_disconnect(now_ms, detail);
                }
            }
            Incoming::Closed(detail) => {
                let turned_away =
                    !self.heard && now_ms.saturating_sub(self.single.opened_ms) < TURNED_AWAY_MS;
                let before = self.single;
                if turned_away && before.is_held(now_ms) {
                    self.lose(Break::StillHeld, detail);
                    self.single = before;
                } else if turned_away {
                    let detail = format!(
                        "{detail}; another console or program may have the terminal's one connection"
                    );
                    self.lose(Break::PortTaken, detail);
                    self.single.let_go();
                } else {
                    self.lose(Break::Disconnected, detail);
                    self.single.let_go();
                }
            }
        }
    }

    fn lose(&mut self, cause: Break, detail: String) {
        self.hang_up(&detail);
        let now_ms = self.now_ms();
        self.session.handle_disconnect(now_ms);
        // What was owed on a line that is gone cannot come on it any more.
        self.asked.owed_until_ms = 0;
        self.report();
        (self.send)(LinkEvent::Down { cause, detail });
    }

    fn hang_up(&mut self, why: &str) {
        self.session.line_closed();
        if let Some(mut wire) = self.wire.take() {
            wire.close();
            let now = (self.clock)();
            self.single.given_back(now.mono_ms);
            self.trace().line(now, &format!("closed: {why}"));
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        let now = (self.clock)();
        let Some(wire) = &mut self.wire else { return };
        let written = wire.write(bytes);
        self.trace().bytes(now, Direction::Out, bytes);
        if let Err(error) = written {
            // Whatever the kind: some of it may have left, and more of it will not.
            match &mut self.examining {
                Some(examining) => examining.handle_disconnect(now.mono_ms, error.to_string()),
                None => self.lose(Break::Disconnected, error.to_string()),
            }
        }
    }

    /// Everything the session has to say, on the line and to the console.
    fn drain(&mut self) {
        while let Some(bytes) = self.session.poll_transmit() {
            self.write(&bytes);
        }
        self.report();
        self.go_on_examining();
    }

    fn report(&mut self) {
        while let Some(event) = self.session.poll_event() {
            self.note_event(&event);
            (self.send)(event);
        }
    }

    fn note_event(&mut self, event: &LinkEvent) {
        match event {
            LinkEvent::Answer { answer } | LinkEvent::Unasked { answer } => {
                if matches!(answer, Answer::Result(_)) {
                    self.asked.owed_until_ms = 0;
                }
                let word = answer_word(answer);
                let mut trace = self.trace();
                trace.means(&word);
                if !matches!(answer, Answer::Status(_)) {
                    trace.mark();
                }
            }
            LinkEvent::Phase { phase } => self.trace().means(&format!("phase: {phase:?}")),
            LinkEvent::Display { .. } => self.trace().means("display"),
            LinkEvent::Broken { exposure, cause } => {
                let asked = self.asked.running.take();
                self.asked.in_vain = asked == Some(Asking::State) && *cause != Break::Disconnected;
                // An amount of which nothing left is owed no answer. A question in vain says nothing of an amount before it.
                if asked == Some(Asking::Money) && *exposure == Exposure::Nothing {
                    self.asked.owed_until_ms = 0;
                }
                let now = (self.clock)();
                self.trace().line(now, &format!("broken: {cause:?}"));
            }
            LinkEvent::Idle => self.asked.running = None,
            LinkEvent::Up | LinkEvent::Down { .. } | LinkEvent::Alive | LinkEvent::Delivered => {}
        }
    }
}

/// What a command is called in the trace.
const fn word_of(command: &Command) -> &'static str {
    match command {
        Command::Status => "status",
        Command::Authorize(authorize) => match authorize.transaction {
            crate::cat::TransactionType::Sales => "authorize_sales",
            crate::cat::TransactionType::Void => "authorize_void",
            crate::cat::TransactionType::Refund => "authorize_refund",
        },
        Command::LastResult { .. } => "last_result",
        Command::AccessDailyLog { .. } => "daily_log",
        Command::Transactions => "transactions",
        Command::Standalone => "standalone",
    }
}

/// What an answer is called in the trace.
fn answer_word(answer: &Answer) -> String {
    match answer {
        Answer::Status(status) => format!("status: {:?}", status.state).to_lowercase(),
        Answer::Result(result) => match result.code {
            ResultCode::Approved => "result: approved".to_owned(),
            _ => "result".to_owned(),
        },
        Answer::LastResult { .. } => "last_result".to_owned(),
        Answer::DailyLog { .. } => "daily_log".to_owned(),
        Answer::Transactions { .. } => "transactions".to_owned(),
        Answer::Standalone => "standalone".to_owned(),
    }
}
