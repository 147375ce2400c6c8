//! What the software adds to a linked sale: first key to first byte, last byte to screen, beyond the line itself.
//!
//! `cargo bench --bench sale`

mod support;

#[path = "../tests/support/child.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "what the tests' own terminal needs of it"
)]
mod child;
#[path = "../tests/support/terminal_process.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "the tests' own terminal, of which a part is used"
)]
mod terminal_process;

use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::thread;
use std::time::Instant;

use support::figures::{Figures, print_load, print_table, shown};
use support::selling::{self, F12};
use support::tap::{Line, Passed, Tap, dial, pair, write_all};
use support::{is_asked_for, now, scratch, wal};
use terminal_process::{On, TerminalProcess};

/// Sales over each line.
const SALES: usize = 200;
/// Sales whose commits are counted in the log of the books.
const COUNTED: usize = 5;
/// Sales before those, which bring everything into memory.
const WARM: usize = 3;
/// A folder that is no disk: what is durable there costs no wait.
const MEMORY: &str = "/dev/shm";
/// What the bare loop writes as its frame: about what the outcome's screen takes.
const FRAME_BYTES: usize = 2_048;

/// What was measured of one sale after the other.
#[derive(Default)]
struct Times {
    /// Key → first byte on the line.
    first: Figures,
    /// Last byte of the result → screen.
    last: Figures,
    /// Both.
    both: Figures,
    /// Key → screen, the terminal's own work in between.
    whole: Figures,
    /// Durable commits.
    commits: Figures,
}

fn main() {
    if !is_asked_for() {
        return;
    }
    print_load("before");
    std::fs::create_dir_all(scratch()).expect("a folder on the disk of the books");
    let mut rows = Vec::new();
    let mut commits = Figures::default();
    for (line, name) in [(Line::Tcp, "TCP"), (Line::Pty, "serial (PTY)")] {
        let (on_disk, exchange) = sales(line, &scratch());
        let bare = bare_exchanges(line, &exchange);
        rows.extend(rows_of(name, &on_disk, &bare));
        // What is left where no commit waits for a disk.
        if Path::new(MEMORY).is_dir() {
            let (in_memory, _) = sales(line, Path::new(MEMORY));
            rows.extend(rows_of(
                &format!("{name}, books in memory"),
                &in_memory,
                &bare,
            ));
        }
        commits = on_disk.commits;
    }
    print_table(
        &format!(
            "A linked sale ({SALES} sales over each line, simulated terminal without pauses; ms)"
        ),
        &[
            "line",
            "what",
            "p50",
            "p99",
            "longest",
            "bare loop p50",
            "bare loop p99",
            "p99 beyond the line",
        ],
        &rows,
    );
    println!(
        "\nDurable commits of a linked sale: {}",
        shown(commits.percentile(100), 0)
    );
    print_load("after");
}

fn rows_of(name: &str, sales: &Times, bare: &Times) -> Vec<Vec<String>> {
    [
        ("F12 → first byte on the line", &sales.first, &bare.first),
        (
            "last byte of the result → 承認 on the screen",
            &sales.last,
            &bare.last,
        ),
        ("both", &sales.both, &bare.both),
        (
            "F12 → 承認, with the terminal's own work",
            &sales.whole,
            &bare.whole,
        ),
    ]
    .map(|(what, real, bare)| {
        vec![
            name.to_owned(),
            what.to_owned(),
            shown(real.median(), 2),
            shown(real.percentile(99), 2),
            shown(real.percentile(100), 2),
            shown(bare.median(), 2),
            shown(bare.percentile(99), 2),
            shown(real.percentile(99) - bare.median(), 2),
        ]
    })
    .into()
}

/// Sales of the real console, and what passed on the line during the last one.
fn sales(line: Line, folder: &Path) -> (Times, Vec<Passed>) {
    let on = match line {
        Line::Tcp => On::Tcp,
        Line::Pty => On::Pty,
    };
    let terminal = TerminalProcess::start(on, "approve", 0);
    let tap = Tap::on(line, terminal.address());
    let home = tempfile::tempdir_in(folder).expect("a home");
    let books = home.path().join("data/books.sqlite3");
    let mut console = selling::open(home.path(), &tap);
    let mut times = Times::default();
    let mut exchange = Vec::new();
    for sale in 0..WARM + COUNTED + SALES {
        let counted = (WARM..WARM + COUNTED).contains(&sale);
        let before = counted.then(|| wal::read(&books).commits);
        selling::ring_up(&mut console);
        tap.take();
        let pressed = now();
        console.type_keys(F12);
        let shown = console.until("承認されました");
        exchange = tap.take();
        if sale >= WARM + COUNTED {
            times.add(pressed, &exchange, shown);
        }
        selling::go_on(&mut console);
        if let Some(before) = before {
            times
                .commits
                .push((wal::read(&books).commits - before) as f64);
        }
    }
    (times, exchange)
}

impl Times {
    fn add(&mut self, pressed: Instant, exchange: &[Passed], shown: Instant) {
        let first = exchange.first().expect("something passed").at;
        // A lone byte is line control, and no result.
        let result = exchange
            .iter()
            .rev()
            .find(|passed| !passed.from_console && passed.bytes.len() > 1 && passed.at <= shown)
            .expect("a result passed")
            .at;
        self.first.push_ms(first - pressed);
        self.last.push_ms(shown - result);
        self.both.push_ms((first - pressed) + (shown - result));
        self.whole.push_ms(shown - pressed);
    }
}

/// The same bytes over the same kind of line, by a loop that does nothing else: key read, bytes sent and awaited in turn, frame
/// written.
fn bare_exchanges(line: Line, exchange: &[Passed]) -> Times {
    let turns = turns(exchange);
    let far = FarEnd::open(line);
    let tap = Tap::on(line, &far.address);
    let (keys, _, screen) = pair();
    let console = {
        let (port, turns) = (tap.port.clone(), turns.clone());
        thread::spawn(move || play_console(&dial(&port), &screen, &turns))
    };
    let terminal = thread::spawn(move || play_terminal(&far.accept(), &turns));
    let mut times = Times::default();
    for sale in 0..WARM + SALES {
        tap.take();
        let pressed = now();
        write_all(&keys, F12).expect("the loop reads its keys");
        let mut frame = [0; FRAME_BYTES];
        read_exact(&keys, &mut frame);
        let shown = now();
        // The loop is ahead of the tap's own notes only for the last bytes, which nobody waits for.
        let exchange = tap.take();
        if sale >= WARM {
            times.add(pressed, &exchange, shown);
        }
    }
    drop(keys);
    let _ = console.join();
    drop(tap);
    let _ = terminal.join();
    times
}

/// Whose turn, and what is said.
type Turn = (bool, Vec<u8>);

fn turns(exchange: &[Passed]) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    for passed in exchange {
        match turns.last_mut() {
            Some((console, bytes)) if *console == passed.from_console => {
                bytes.extend_from_slice(&passed.bytes);
            }
            _ => turns.push((passed.from_console, passed.bytes.clone())),
        }
    }
    turns
}

/// Until its keys end.
fn play_console(line: &OwnedFd, screen: &File, turns: &[Turn]) {
    let screen = OwnedFd::from(screen.try_clone().expect("a screen"));
    let mut key = [0; F12.len()];
    while read_exact(&screen, &mut key) {
        if !play(line, turns, true) || write_all(&screen, &[b'x'; FRAME_BYTES]).is_err() {
            return;
        }
    }
}

/// Until the line ends.
fn play_terminal(line: &OwnedFd, turns: &[Turn]) {
    while play(line, turns, false) {}
}

fn play(line: &OwnedFd, turns: &[Turn], console: bool) -> bool {
    turns.iter().all(|(from_console, bytes)| {
        if *from_console == console {
            write_all(line, bytes).is_ok()
        } else {
            read_exact(line, &mut vec![0; bytes.len()])
        }
    })
}

/// False where it ended before.
fn read_exact(from: &OwnedFd, mut buffer: &mut [u8]) -> bool {
    while !buffer.is_empty() {
        let Ok(count @ 1..) = rustix::io::read(from, &mut *buffer) else {
            return false;
        };
        buffer = &mut buffer[count..];
    }
    true
}

/// Where the bare loop's terminal stands.
struct FarEnd {
    address: String,
    place: Place,
}

enum Place {
    Tcp(std::net::TcpListener),
    Pty(
        OwnedFd,
        #[expect(dead_code, reason = "keeps the line up")] File,
    ),
}

impl FarEnd {
    fn open(line: Line) -> FarEnd {
        match line {
            Line::Tcp => {
                let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
                FarEnd {
                    address: format!("tcp://{}", listener.local_addr().expect("its address")),
                    place: Place::Tcp(listener),
                }
            }
            Line::Pty => {
                let (master, path, slave) = pair();
                FarEnd {
                    address: path,
                    place: Place::Pty(master, slave),
                }
            }
        }
    }

    fn accept(self) -> OwnedFd {
        match self.place {
            Place::Tcp(listener) => {
                let (stream, _) = listener.accept().expect("the tap calls");
                stream.set_nodelay(true).expect("a connection");
                stream.into()
            }
            Place::Pty(master, _) => master,
        }
    }
}
