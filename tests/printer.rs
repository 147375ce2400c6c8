//! The real console with a printer that has its troubles: the sale stands, the paper waits, and what may be half on paper comes as 再発行.
#![cfg(unix)]

mod support;

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use madoguchi::app::key::Key;
use madoguchi::config::SAMPLE;
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use support::console::{Console, Start, at_home};
use support::hand::press_for;
use support::till::{REGISTER, ring_up, sales_in};
use tempfile::TempDir;

/// What the printer does.
#[derive(Clone, Copy, PartialEq)]
enum Conduct {
    PaperOut,
    Well,
    /// Pulled out after so many bytes of the paper.
    PulledAfter(usize),
    /// Takes nothing more after so many bytes, until it is told otherwise.
    HeldAfter(usize),
}

/// What it does now and has printed, and a bell for those who wait for a change.
struct Printer {
    now: Mutex<(Conduct, Vec<Vec<u8>>)>,
    changed: Condvar,
}

/// The last bytes of a paper: feed and cut.
const CUT: &[u8] = b"\x1dV\x42\x00";

impl Printer {
    fn new(conduct: Conduct) -> Arc<Printer> {
        Arc::new(Printer {
            now: Mutex::new((conduct, Vec::new())),
            changed: Condvar::new(),
        })
    }

    fn locked(&self) -> MutexGuard<'_, (Conduct, Vec<Vec<u8>>)> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn conducts(&self, conduct: Conduct) {
        self.locked().0 = conduct;
        self.changed.notify_all();
    }

    /// Whole papers and broken ones.
    fn papers(&self) -> Vec<Vec<u8>> {
        self.locked().1.clone()
    }

    fn put_down(&self, paper: &mut Vec<u8>) {
        if !paper.is_empty() {
            self.locked().1.push(std::mem::take(paper));
        }
    }

    /// On the network: one caller after the other until the test ends. `port` 0 takes a free one; gives the one it has.
    fn listen(self: &Arc<Printer>, port: u16) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let printer = Arc::clone(self);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
                printer.serve(stream);
            }
        });
        port
    }

    /// On a serial line, where no caller comes and goes; gives the port.
    fn on_a_cable(self: &Arc<Printer>) -> (PathBuf, OwnedFd) {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)
            .expect("a cable");
        grantpt(&master).expect("a cable of ours");
        unlockpt(&master).expect("a cable for use");
        let name = ptsname(&master, Vec::new()).expect("a cable's name");
        let port = PathBuf::from(name.to_str().expect("a path"));
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        // Held open, so that a console that leaves does not hang up the line.
        let held = open(&port, flags, Mode::empty()).expect("the console's end");
        let mut settings = tcgetattr(&held).expect("the line's settings");
        settings.make_raw();
        tcsetattr(&held, OptionalActions::Now, &settings).expect("a raw line");
        let printer = Arc::clone(self);
        std::thread::spawn(move || printer.serve(File::from(master)));
        (port, held)
    }

    fn serve(&self, mut line: impl Read + Write) {
        let (mut taken, mut paper): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
        let mut byte = [0];
        while let Ok(1) = line.read(&mut byte) {
            taken.push(byte[0]);
            let conduct = self.locked().0;
            match taken.as_slice() {
                [0x10] | [0x1D] | [0x10, 0x04] | [0x1D, b'r'] => continue,
                [0x10, 0x04, question] => {
                    let empty = conduct == Conduct::PaperOut && *question != 1;
                    let answer = if empty { 0x72 } else { 0x12 };
                    let _ = line.write_all(&[answer]);
                }
                [0x1D, b'r', _] => drop(line.write_all(&[0])),
                bytes => paper.extend_from_slice(bytes),
            }
            taken.clear();
            match conduct {
                Conduct::PulledAfter(limit) if paper.len() >= limit => break,
                Conduct::HeldAfter(limit) if paper.len() >= limit => drop(
                    self.changed
                        .wait_while(self.locked(), |now| now.0 == conduct)
                        .unwrap_or_else(PoisonError::into_inner),
                ),
                _ => {}
            }
            if paper.ends_with(CUT) {
                self.put_down(&mut paper);
            }
        }
        self.put_down(&mut paper);
    }
}

fn holds(paper: &[u8], words: &[u8]) -> bool {
    paper.windows(words.len()).any(|part| part == words)
}

/// 再発行 and 練習, in CP932.
const COPY: &[u8] = b"\x8d\xc4\x94\xad\x8d\x73";
const PRACTICE: &[u8] = b"\x97\xfb\x8f\x4b";

/// A practice counter with a printer.
struct Counter {
    _site: TempDir,
    config: String,
    data: PathBuf,
}

impl Counter {
    fn new(kind: &str, place: &str) -> Counter {
        let site = tempfile::tempdir().expect("a folder");
        let config = site.path().join("config.toml");
        let section =
            format!("\n[printer]\nkind = \"{kind}\"\naddress = \"{place}\"\ncolumns = 42\n");
        std::fs::write(&config, format!("{SAMPLE}{section}")).expect("written");
        Counter {
            config: config.to_str().expect("text").to_owned(),
            data: site.path().join("data"),
            _site: site,
        }
    }

    fn on_the_network(port: u16) -> Counter {
        Counter::new("tcp", &format!("127.0.0.1:{port}"))
    }

    fn start(&self, earlier: Option<Console>) -> Console {
        let data = self.data.to_str().expect("text");
        let words = ["--lang", "ja", "--practice", "--config", &self.config];
        let start = Start::console()
            .arguments(&words)
            .arguments(&["--data-dir", data]);
        match earlier {
            Some(earlier) => start.run_at_home_of(earlier),
            None => start.run(),
        }
    }

    /// `madoguchi sales --practice` says so many settled sales.
    fn settled(&self) -> usize {
        let output = at_home(env!("CARGO_BIN_EXE_madoguchi"), &self.data)
            .args(["sales", "--practice", "--format", "json", "--data-dir"])
            .arg(&self.data)
            .output()
            .expect("sales runs");
        let sales: Vec<serde_json::Value> =
            serde_json::from_slice(&output.stdout).expect("a list of objects");
        let settled = sales.iter().filter(|sale| sale["state"] == "settled");
        settled.count()
    }
}

/// A cash sale, up to its receipt on the screen.
fn sell(console: &mut Console, amount: &str) {
    console.wait_for(REGISTER);
    ring_up(console, amount);
    console.press(&[Key::F(7), Key::F(12)]);
    console.wait_for("お会計が終わりました");
}

fn to_printer(console: &mut Console) {
    console.press(&[Key::F(4)]);
    console.wait_for("キー確認");
    console.type_text("8");
    console.wait_for("捨てる番号");
}

#[track_caller]
fn assert_whole(paper: &[u8], copy: bool) {
    assert!(paper.starts_with(b"\x1b@") && paper.ends_with(CUT));
    assert_eq!(holds(paper, COPY), copy, "再発行");
}

#[test]
fn the_sale_stands_while_its_paper_waits_breaks_off_and_comes_as_a_copy_after_a_crash() {
    let printer = Printer::new(Conduct::PaperOut);
    let counter = Counter::on_the_network(printer.listen(0));
    let mut console = counter.start(None);
    sell(&mut console, "1230");
    console.wait_for("用紙切れ");
    console.wait_for("印刷待ち 1");
    assert_eq!(counter.settled(), 1, "the sale is in the books");
    assert!(printer.papers().is_empty(), "no byte of paper left");

    // Paper is put in, and the plug is pulled in the middle.
    printer.conducts(Conduct::PulledAfter(200));
    to_printer(&mut console);
    console.press(&[Key::F(5)]);
    console.wait_for("途中まで出たかもしれません");
    printer.conducts(Conduct::PaperOut);
    console.kill9();

    // After the crash it is offered, and printed anew as a copy.
    let mut console = counter.start(Some(console));
    console.wait_for("印刷待ち 1");
    let broken = printer.papers().len();
    printer.conducts(Conduct::Well);
    to_printer(&mut console);
    console.press(&[Key::F(5)]);
    console.wait_for("印刷待ちはありません");
    let papers = printer.papers().split_off(broken);
    assert_eq!(papers.len(), 1);
    assert_whole(&papers[0], true);
    let marks = papers[0]
        .windows(PRACTICE.len())
        .filter(|part| *part == PRACTICE)
        .count();
    assert_eq!(marks, 2, "practice at head and foot");
    assert!(
        sales_in(&counter.data).is_empty(),
        "nothing of it is in the live books"
    );
}

#[test]
fn a_slow_printer_holds_up_no_sale_and_prints_each_paper_once() {
    let printer = Printer::new(Conduct::HeldAfter(100));
    let counter = Counter::on_the_network(printer.listen(0));
    let mut console = counter.start(None);
    sell(&mut console, "1230");
    press_for(&mut console, Key::Enter, REGISTER);
    // It has not put down the first paper, and the next customer pays.
    sell(&mut console, "550");
    assert_eq!(counter.settled(), 2);
    assert!(printer.papers().is_empty());
    to_printer(&mut console);
    console.wait_for("印刷中");
    console.wait_for("印刷待ち 2");
    printer.conducts(Conduct::Well);
    console.wait_for("印刷待ちはありません");
    let papers = printer.papers();
    assert_eq!(papers.len(), 2);
    for (paper, amount) in papers.iter().zip(["1,230", "550"]) {
        assert_whole(paper, false);
        assert!(holds(paper, amount.as_bytes()), "{amount}");
    }
}

#[test]
fn a_printer_that_breaks_off_gets_the_whole_paper_again_as_a_copy() {
    let printer = Printer::new(Conduct::PulledAfter(150));
    let counter = Counter::on_the_network(printer.listen(0));
    let mut console = counter.start(None);
    sell(&mut console, "1230");
    console.wait_for("印刷待ち 1");
    console.wait_for("途中で切れました");
    assert_eq!(counter.settled(), 1);
    printer.conducts(Conduct::Well);
    to_printer(&mut console);
    console.press(&[Key::F(5)]);
    console.wait_for("印刷待ちはありません");
    let last = printer.papers().pop().expect("a paper");
    assert_whole(&last, true);
}

#[test]
fn a_printer_that_is_down_and_comes_back_gets_the_first_paper_and_no_copy() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address").port()
    };
    let counter = Counter::on_the_network(port);
    let mut console = counter.start(None);
    sell(&mut console, "1230");
    console.wait_for("プリンターにつながりません");
    console.wait_for("印刷待ち 1");
    assert_eq!(counter.settled(), 1);

    let printer = Printer::new(Conduct::Well);
    printer.listen(port);
    to_printer(&mut console);
    // It may have been tried again by itself meanwhile.
    console.press(&[Key::F(5)]);
    console.wait_for("印刷待ちはありません");
    let papers = printer.papers();
    assert_eq!(papers.len(), 1);
    assert_whole(&papers[0], false);

    // What is asked for once more says so.
    console.press(&[Key::F(9)]);
    press_for(&mut console, Key::F(3), "決済連携");
    console.wait_for("成立");
    console.press(&[Key::Enter]);
    console.wait_for("領収書");
    console.press(&[Key::F(7)]);
    console.wait_for("再発行 1回");
    to_printer_is_empty(&mut console);
    let last = printer.papers().pop().expect("a paper");
    assert_whole(&last, true);
}

/// From a slip to the printer's page, until nothing waits there.
fn to_printer_is_empty(console: &mut Console) {
    press_for(console, Key::F(9), "決済連携");
    to_printer(console);
    console.wait_for("印刷待ちはありません");
}

#[test]
fn a_printer_on_a_serial_line_says_how_it_is_and_prints() {
    let printer = Printer::new(Conduct::PaperOut);
    let (port, _held) = printer.on_a_cable();
    let counter = Counter::new("serial", port.to_str().expect("text"));
    let mut console = counter.start(None);
    sell(&mut console, "1230");
    console.wait_for("用紙切れ");
    console.wait_for("印刷待ち 1");
    assert!(printer.papers().is_empty(), "no byte of paper left");
    printer.conducts(Conduct::Well);
    to_printer(&mut console);
    console.press(&[Key::F(5)]);
    console.wait_for("印刷待ちはありません");
    let papers = printer.papers();
    assert_eq!(papers.len(), 1);
    assert_whole(&papers[0], false);
    assert!(holds(&papers[0], b"1,230"));
}
