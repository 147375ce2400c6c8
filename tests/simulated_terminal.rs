//! `madoguchi terminal` as a process of its own: found by its first line, killed, started again, and never wrong about what it charged.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command as Process, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use madoguchi::app::message::LinkRequest;
use madoguchi::cat::dialect::layout::Layout;
use madoguchi::cat::model::shipped;
use madoguchi::cat::{Answer, Authorize, Command, Inquiry, LinkEvent, ResultCode, TransactionType};
use madoguchi::domain::money::Yen;
use madoguchi::domain::slip::SequenceNumber;
use madoguchi::domain::tender::CardClass;
use madoguchi::edge::link::{Dialer, Link, LinkHandle, spawn, system_clock};
use rustix::process::{Pid, Signal, kill_process};

const PATIENCE: Duration = Duration::from_secs(30);

struct Terminal {
    process: Child,
    address: String,
}

impl Terminal {
    fn start(place: &[&str], books: &Path, script: &Path) -> Terminal {
        let mut process = Process::new(env!("CARGO_BIN_EXE_madoguchi"))
            // A killed one leaves its link behind; here it goes with the folder.
            .env("TMPDIR", books.parent().expect("a folder"))
            .arg("terminal")
            .args(place)
            .args(["--pace", "0", "--books"])
            .arg(books)
            .arg("--script")
            .arg(script)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the terminal starts");
        let out = process.stdout.take().expect("piped");
        let mut first = String::new();
        let mut lines = BufReader::new(out);
        lines.read_line(&mut first).expect("a first line");
        // Read on, so that it is never held up by a full pipe.
        std::thread::spawn(move || lines.lines().for_each(drop));
        let address = first.split_whitespace().last().expect("a last word");
        Terminal {
            address: address.to_owned(),
            process,
        }
    }

    fn end(mut self, signal: Signal) -> std::process::ExitStatus {
        let id = i32::try_from(self.process.id()).expect("a process id");
        let pid = Pid::from_raw(id).expect("a process id");
        kill_process(pid, signal).expect("it runs");
        self.process.wait().expect("it ends")
    }
}

struct Counter {
    link: LinkHandle,
    events: Receiver<LinkEvent>,
}

impl Counter {
    fn at(address: &str) -> Counter {
        let model = shipped().expect("the shipped models are good")["open-cat"].clone();
        let (sender, events) = mpsc::channel();
        let address = address.parse().expect("an address");
        let link = Link {
            dialer: Dialer::to(address, model.serial),
            model,
            layout: Layout::open_cat(),
            clock: system_clock(chrono::FixedOffset::east_opt(9 * 3_600).expect("nine hours")),
        };
        let link = spawn(link, move |event| {
            let _ = sender.send(event);
        });
        let counter = Counter {
            link: link.expect("a thread"),
            events,
        };
        counter.link.request(LinkRequest::Connect);
        assert_eq!(counter.next(), LinkEvent::Up);
        counter
    }

    fn next(&self) -> LinkEvent {
        loop {
            match self.events.recv_timeout(PATIENCE).expect("an event") {
                LinkEvent::Alive | LinkEvent::Phase { .. } | LinkEvent::Delivered => {}
                other => return other,
            }
        }
    }

    fn answer(&self, command: Command) -> Answer {
        self.link.request(LinkRequest::Send(command));
        let LinkEvent::Answer { answer } = self.next() else {
            panic!("no answer");
        };
        self.link.request(LinkRequest::Acknowledge);
        assert_eq!(self.next(), LinkEvent::Idle);
        answer
    }

    fn inquire(&self, sequence_number: u32) -> Inquiry {
        match self.answer(Command::LastResult {
            sequence_number: number(sequence_number),
        }) {
            Answer::LastResult { inquiry, .. } => inquiry,
            other => panic!("{other:?}"),
        }
    }
}

fn number(number: u32) -> SequenceNumber {
    SequenceNumber::new(number).expect("in range")
}

fn sale(sequence_number: u32) -> Command {
    Command::Authorize(Authorize {
        transaction: TransactionType::Sales,
        sequence_number: number(sequence_number),
        amount: Yen::new(3_430),
        tax_others: Yen::ZERO,
        card_class: CardClass::TRIPLE_WAIT,
        device_id: None,
        training: false,
        original_slip: None,
    })
}

fn approved(answer: &Answer) -> bool {
    matches!(answer, Answer::Result(result) if result.code == ResultCode::Approved)
}

#[test]
fn a_terminal_that_was_killed_still_knows_what_it_charged() {
    for place in [&["--pty"][..], &["--listen", "127.0.0.1:0"]] {
        let folder = tempfile::tempdir().expect("a folder");
        let books = folder.path().join("books.jsonl");
        let script = folder.path().join("script.txt");
        std::fs::write(&script, "approve\nsilence-after-approve\n").expect("a script");
        let terminal = Terminal::start(place, &books, &script);
        let counter = Counter::at(&terminal.address);
        assert!(approved(&counter.answer(sale(1))), "{place:?}");
        counter.link.request(LinkRequest::Send(sale(2)));
        // In its books before it could answer; then the power goes.
        while std::fs::read_to_string(&books).map_or(0, |text| text.lines().count()) < 2 {
            std::thread::yield_now();
        }
        let terminal_address = terminal.address.clone();
        terminal.end(Signal::KILL);
        loop {
            match counter.next() {
                LinkEvent::Down { .. } => break,
                LinkEvent::Broken { .. } => {}
                other => panic!("{other:?}"),
            }
        }

        let left = Path::new(&terminal_address).to_owned();
        let terminal = Terminal::start(place, &books, &script);
        assert!(left.symlink_metadata().is_err(), "{left:?} is swept away");
        let counter = Counter::at(&terminal.address);
        for known in [1, 2] {
            assert!(
                matches!(counter.inquire(known), Inquiry::Found(result)
                    if result.code == ResultCode::Approved),
                "{place:?}"
            );
        }
        assert_eq!(counter.inquire(3), Inquiry::NotFound);
        drop(counter);
        let path = Path::new(&terminal.address).to_owned();
        assert!(terminal.end(Signal::TERM).success());
        assert!(path.symlink_metadata().is_err(), "{path:?} is left behind");
    }
}

#[test]
fn a_script_with_a_mistake_is_told_by_line_and_nothing_begins() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("script.txt");
    std::fs::write(&script, "approve\nlate soon\n").expect("a script");
    let output = Process::new(env!("CARGO_BIN_EXE_madoguchi"))
        .args(["terminal", "--listen", "127.0.0.1:0", "--script"])
        .arg(&script)
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    assert!(
        said.contains("line 2") && said.contains("late 30000"),
        "{said}"
    );
}
