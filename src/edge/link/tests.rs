//! Link and simulated terminal over real lines: memory, TCP and pseudo-terminals. Every wait has a deadline, none is a sleep.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;
use std::time::Duration;

use super::*;
use crate::app::message::LinkRequest;
use crate::cat::dialect::layout::Layout;
use crate::cat::model::{Model, SerialSettings, shipped};
use crate::cat::simulator::TerminalSettings;
use crate::cat::simulator::script::Script;
use crate::cat::{
    Answer, Authorize, Break, Command, Exposure, Inquiry, LinkEvent, ResultCode, TransactionType,
};
use crate::config::port::PortAddress;
use crate::domain::money::Yen;
use crate::domain::slip::SequenceNumber;
use crate::domain::tender::CardClass;

mod late;

/// Far longer than anything here takes, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn model() -> Model {
    let mut model = shipped().expect("the shipped models are good")["open-cat"].clone();
    // These terminals let go of a connection at once, and some clocks stand still.
    model.timers.reopen_ms = 0;
    model
}

fn options(script: &str, books: Option<&Path>) -> TerminalOptions {
    TerminalOptions {
        model: model(),
        layout: Layout::open_cat(),
        script: Script::parse(script).expect("a good script"),
        settings: TerminalSettings {
            pace_ms: 0,
            turnaround_ms: 0,
            ..TerminalSettings::default()
        },
        books: books.map(Path::to_owned),
        clock: system_clock(chrono::FixedOffset::east_opt(32_400).expect("nine hours")),
    }
}

fn number(number: u32) -> SequenceNumber {
    SequenceNumber::new(number).expect("in range")
}

fn sale(sequence_number: u32) -> LinkRequest {
    LinkRequest::Send(Command::Authorize(Authorize {
        transaction: TransactionType::Sales,
        sequence_number: number(sequence_number),
        amount: Yen::new(3_430),
        tax_others: Yen::ZERO,
        card_class: CardClass::CREDIT,
        device_id: None,
        training: false,
        original_slip: None,
    }))
}

fn inquiry(sequence_number: u32) -> LinkRequest {
    LinkRequest::Send(Command::LastResult {
        sequence_number: number(sequence_number),
    })
}

/// A counter with one link.
struct Counter {
    link: Option<LinkHandle>,
    events: Receiver<LinkEvent>,
}

impl Counter {
    fn new(dialer: Dialer) -> Counter {
        let clock = system_clock(chrono::FixedOffset::east_opt(32_400).expect("nine hours"));
        Counter::with(dialer, clock)
    }

    fn with(dialer: Dialer, clock: Clock) -> Counter {
        Counter::speaking(dialer, clock, model(), Layout::open_cat())
    }

    fn speaking(dialer: Dialer, clock: Clock, model: Model, layout: Layout) -> Counter {
        let (sender, events) = mpsc::channel();
        let link = Link {
            dialer,
            model,
            layout,
            clock,
        };
        let link = spawn(link, move |event| {
            let _ = sender.send(event);
        });
        Counter {
            link: Some(link.expect("a thread")),
            events,
        }
    }

    fn at(address: &str) -> Counter {
        let address: PortAddress = address.parse().expect("an address");
        Counter::new(Dialer::to(address, SerialSettings::default()))
    }

    fn request(&self, request: LinkRequest) {
        self.link.as_ref().expect("open").request(request);
    }

    fn close(mut self) {
        if let Some(link) = self.link.take() {
            link.close();
        }
    }

    /// The next event but for signs of life and phases.
    fn next(&self) -> LinkEvent {
        loop {
            match self.events.recv_timeout(PATIENCE).expect("an event") {
                LinkEvent::Alive | LinkEvent::Phase { .. } => {}
                other => return other,
            }
        }
    }

    fn connect(&self) {
        self.request(LinkRequest::Connect);
        assert_eq!(self.next(), LinkEvent::Up);
    }

    /// Connect as often as it takes: a line that was cut needs a moment.
    fn connect_again(&self) {
        for _ in 0..10_000 {
            self.request(LinkRequest::Connect);
            match self.next() {
                LinkEvent::Up => return,
                LinkEvent::Down { .. } => std::thread::yield_now(),
                other => panic!("{other:?}"),
            }
        }
        panic!("the line never comes back");
    }

    fn approved(&self, sequence_number: u32) {
        self.request(sale(sequence_number));
        assert_eq!(self.next(), LinkEvent::Delivered);
        match self.next() {
            LinkEvent::Answer {
                answer: Answer::Result(result),
            } => {
                assert_eq!(result.code, ResultCode::Approved);
                assert_eq!(result.sequence_number, Some(number(sequence_number)));
            }
            other => panic!("{other:?}"),
        }
        self.request(LinkRequest::Acknowledge);
        assert_eq!(self.next(), LinkEvent::Idle);
    }

    fn inquired(&self, sequence_number: u32) -> Inquiry {
        self.request(inquiry(sequence_number));
        assert_eq!(self.next(), LinkEvent::Delivered);
        let inquiry = match self.next() {
            LinkEvent::Answer {
                answer: Answer::LastResult { inquiry, .. },
            } => inquiry,
            other => panic!("{other:?}"),
        };
        self.request(LinkRequest::Acknowledge);
        assert_eq!(self.next(), LinkEvent::Idle);
        inquiry
    }

    /// The line goes while a sale waits for its answer. A hang-up of a serial line may swallow the acknowledgement before it.
    fn cut(&self, sequence_number: u32) {
        self.request(sale(sequence_number));
        let mut event = self.next();
        if event == LinkEvent::Delivered {
            event = self.next();
        }
        match event {
            LinkEvent::Broken {
                exposure: Exposure::Some | Exposure::Delivered,
                cause: Break::Disconnected,
            } => {}
            other => panic!("{other:?}"),
        }
        match self.next() {
            LinkEvent::Down {
                cause: Break::Disconnected,
                ..
            } => {}
            other => panic!("{other:?}"),
        }
    }

    fn down(&self) -> (Break, String) {
        self.request(LinkRequest::Connect);
        let mut event = self.next();
        if event == LinkEvent::Up {
            event = self.next();
        }
        match event {
            LinkEvent::Down { cause, detail } => (cause, detail),
            other => panic!("{other:?}"),
        }
    }
}

/// A terminal on a thread of its own.
struct Running {
    address: String,
    stopper: Stopper,
    thread: JoinHandle<Result<(), ServeError>>,
    served: Receiver<Served>,
}

fn start(options: TerminalOptions, listen: Listen) -> Running {
    let server = TerminalServer::listen(options, listen).expect("a terminal");
    let (sender, served) = mpsc::channel();
    Running {
        address: server.address(),
        stopper: server.stopper(),
        thread: std::thread::spawn(move || {
            server.serve(|event| {
                let _ = sender.send(event.clone());
            })
        }),
        served,
    }
}

impl Running {
    fn stop(self) {
        self.stopper.stop();
        self.thread.join().expect("no panic").expect("a clean end");
    }
}

fn any_port() -> Listen {
    Listen::Tcp(SocketAddr::from(([127, 0, 0, 1], 0)))
}

fn books_at(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("terminal.jsonl")
}

fn book_lines(path: &Path) -> Vec<serde_json::Value> {
    std::fs::read_to_string(path)
        .expect("books")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn practice_sells_inside_the_process_and_keeps_books() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = books_at(&folder);
    let dialer = practice_terminal(options("approve", Some(&path))).expect("a terminal");
    let counter = Counter::new(dialer);
    counter.connect();
    counter.approved(1);
    counter.approved(2);
    assert_eq!(book_lines(&path).len(), 2);
    assert!(matches!(counter.inquired(2), Inquiry::Found(_)));
    counter.close();
}

#[test]
fn a_line_of_the_books_is_on_the_disk_before_the_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = books_at(&folder);
    let dialer = practice_terminal(options("approve", Some(&path))).expect("a terminal");
    let counter = Counter::new(dialer);
    counter.connect();
    counter.request(sale(7));
    assert_eq!(counter.next(), LinkEvent::Delivered);
    assert!(matches!(counter.next(), LinkEvent::Answer { .. }));
    let lines = book_lines(&path);
    assert_eq!(lines[0]["sequence_number"], 7);
    assert_eq!(lines[0]["outcome"], "approved");
    counter.close();
}

#[test]
fn a_practice_line_that_is_cut_can_be_opened_again() {
    let dialer = practice_terminal(options("approve-then-cut", None)).expect("a terminal");
    let counter = Counter::new(dialer);
    counter.connect();
    counter.cut(1);
    counter.connect_again();
    assert!(matches!(counter.inquired(1), Inquiry::Found(_)));
    counter.close();
}

#[test]
fn nothing_is_sent_while_the_line_is_down() {
    let dialer = practice_terminal(options("approve", None)).expect("a terminal");
    let counter = Counter::new(dialer);
    counter.request(sale(1));
    assert_eq!(
        counter.next(),
        LinkEvent::Broken {
            exposure: Exposure::Nothing,
            cause: Break::Unreachable
        }
    );
    counter.close();
}

#[test]
fn a_sale_over_tcp_survives_a_cut_and_a_terminal_that_is_started_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = books_at(&folder);
    let terminal = start(
        options("approve\napprove-then-cut", Some(&path)),
        any_port(),
    );
    let counter = Counter::at(&terminal.address);
    counter.connect();
    counter.approved(1);
    counter.cut(2);
    counter.connect_again();
    assert!(matches!(counter.inquired(2), Inquiry::Found(_)));
    counter.close();
    terminal.stop();

    let terminal = start(options("approve", Some(&path)), any_port());
    let counter = Counter::at(&format!("tcp://{}", terminal.address));
    counter.connect();
    assert!(matches!(counter.inquired(2), Inquiry::Found(_)));
    assert!(matches!(counter.inquired(3), Inquiry::NotFound));
    counter.close();
    terminal.stop();
    assert_eq!(book_lines(&path).len(), 2);
}

#[test]
fn a_terminal_on_tcp_has_one_connection_and_turns_the_second_away() {
    let terminal = start(options("approve", None), any_port());
    let first = Counter::at(&terminal.address);
    first.connect();
    first.approved(1);
    let second = Counter::at(&terminal.address);
    let (cause, detail) = second.down();
    assert_eq!(cause, Break::PortTaken, "{detail}");
    first.approved(2);
    first.close();
    // The place is free as soon as the terminal noticed.
    let gone = |served: &Served| matches!(served, Served::Disconnected(_));
    while !gone(&terminal.served.recv_timeout(PATIENCE).expect("an event")) {}
    second.connect_again();
    second.approved(3);
    second.close();
    terminal.stop();
}

#[test]
fn two_terminals_never_share_their_books() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = books_at(&folder);
    let first = start(options("approve", Some(&path)), any_port());
    let second = TerminalServer::listen(options("approve", Some(&path)), any_port());
    let error = second.err().expect("the books are taken");
    assert!(
        matches!(error, ServeError::Books(BooksFileError::InUse(_))),
        "{error}"
    );
    first.stop();
}

mod examined;

#[cfg(unix)]
mod on_a_pseudo_terminal {
    use super::*;

    /// The name holds the process id only, so tests that need a path take turns by having their own.
    fn terminal(script: &str) -> (tempfile::TempDir, Running) {
        let folder = tempfile::tempdir().expect("a folder");
        let port = folder.path().join("port");
        let running = start(options(script, None), Listen::PtyAt(port));
        (folder, running)
    }

    #[test]
    fn a_sale_over_a_serial_port_survives_a_cut_behind_the_same_path() {
        let (_folder, terminal) = terminal("approve\napprove-then-cut\napprove");
        let counter = Counter::at(&terminal.address);
        counter.connect();
        counter.approved(1);
        counter.cut(2);
        counter.connect_again();
        assert!(matches!(counter.inquired(2), Inquiry::Found(_)));
        counter.approved(3);
        counter.close();
        let path = PathBuf::from(&terminal.address);
        terminal.stop();
        assert!(path.symlink_metadata().is_err(), "the link is left behind");
    }

    #[test]
    fn a_console_that_comes_back_finds_the_port_free() {
        let (_folder, terminal) = terminal("approve");
        for index in 1..4 {
            let counter = Counter::at(&terminal.address);
            counter.connect();
            counter.approved(index);
            counter.close();
        }
        terminal.stop();
    }

    #[test]
    fn two_consoles_never_share_a_serial_port() {
        let (_folder, terminal) = terminal("approve");
        let first = Counter::at(&terminal.address);
        first.connect();
        let second = Counter::at(&terminal.address);
        let (cause, detail) = second.down();
        assert_eq!(cause, Break::PortTaken, "{detail}");
        first.approved(1);
        first.close();
        second.connect_again();
        second.approved(2);
        second.close();
        terminal.stop();
    }

    #[test]
    fn what_is_no_serial_port_is_refused_with_a_remedy() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("printer");
        std::fs::write(&file, "").expect("a file");
        let missing = folder.path().join("nothing");
        for (path, hint) in [
            (missing.as_path(), "check the cable"),
            (file.as_path(), "no serial port"),
            (folder.path(), "check"),
            (Path::new("/dev/null"), "no serial port"),
        ] {
            let counter = Counter::at(path.to_str().expect("UTF-8"));
            let (cause, detail) = counter.down();
            assert_eq!(cause, Break::Unreachable, "{detail}");
            assert!(detail.contains(hint), "{detail}");
            counter.close();
        }
    }

    #[test]
    fn settings_that_no_port_has_are_refused() {
        let (_folder, terminal) = terminal("approve");
        for settings in [
            SerialSettings {
                baud: 0,
                ..SerialSettings::default()
            },
            SerialSettings {
                data_bits: 9,
                ..SerialSettings::default()
            },
            SerialSettings {
                stop_bits: 0,
                ..SerialSettings::default()
            },
        ] {
            let address: PortAddress = terminal.address.parse().expect("an address");
            let counter = Counter::new(Dialer::to(address, settings));
            let (cause, detail) = counter.down();
            assert_eq!(cause, Break::Unreachable);
            assert!(detail.contains("line settings"), "{detail}");
            counter.close();
        }
        terminal.stop();
    }
}
