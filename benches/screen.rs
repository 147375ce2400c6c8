//! What a person at the counter waits for and a PC gives: first frame, keys, memory, idleness; against `whiptail` and `mc`.
//!
//! `cargo bench --bench screen`, or `-- starts`, `-- keys`, `-- scan`, `-- rest` for a part

mod support;

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use support::figures::{Figures, print_load, print_table, ratio, shown};
use support::processes::{Used, memory, thread_count, used};
use support::program::{COLUMNS, Frame, Program, ROWS, at_home};
use support::{is_asked_for, now, scratch, ten_years, wants};
use tempfile::TempDir;

/// Starts of each program.
const STARTS: usize = 25;
/// Keys of each kind.
const KEYS: usize = 40;
/// So long a silence ends a first frame.
const START_SILENCE: Duration = Duration::from_millis(150);
/// So long a silence ends the answer to a key.
const KEY_SILENCE: Duration = Duration::from_millis(15);
/// How long idleness is watched.
const IDLE: Duration = Duration::from_secs(10);
/// A terminal's answer is stale after a minute, and the pane says so once.
const PAST_STALE: Duration = Duration::from_secs(60);
/// Files of the folder that `mc` shows.
const FILES: usize = 200;

const MADOGUCHI: &str = env!("CARGO_BIN_EXE_madoguchi");
const F3: &[u8] = b"\x1bOR";
const F9: &[u8] = b"\x1b[20~";
/// 650 yen, with its Enter.
const SCAN: &[u8] = b"0200010006508\r";

/// A program to be measured.
struct Subject {
    name: &'static str,
    program: &'static str,
    arguments: Vec<String>,
    home: TempDir,
    /// Each console has a card terminal of its own, which takes one line.
    _terminal: Option<CardTerminal>,
}

fn main() {
    if !is_asked_for() {
        return;
    }
    print_load("before");
    let subjects = subjects();
    if wants("starts") {
        starts(&subjects);
    }
    if wants("keys") {
        keys(&subjects);
    }
    if wants("scan") {
        scans(&subjects);
    }
    if wants("rest") {
        memory_and_idleness(&subjects);
    }
    print_load("after");
}

/// Those that are installed.
fn subjects() -> Vec<Subject> {
    let menu = "--title 窓口 --menu 品目 20 60 10 1 初診料 2 再診料 3 検査 4 処置 5 投薬 6 文書料";
    let words = |text: &str| text.split(' ').map(str::to_owned).collect();
    let candidates: [(_, _, Vec<String>, Option<PathBuf>); 6] = [
        ("exec alone (`printf x`)", "printf", words("x"), None),
        ("whiptail", "whiptail", words(menu), None),
        // Without its shell, which would make it slower and larger; and without the mouse, which it asks for.
        (
            "mc",
            "mc",
            words("--nosubshell --nomouse files files"),
            None,
        ),
        (
            "madoguchi, fresh practice",
            MADOGUCHI,
            words("--lang ja"),
            None,
        ),
        (
            "madoguchi, empty books",
            MADOGUCHI,
            words("--lang ja"),
            Some(scratch().join("empty")),
        ),
        (
            "madoguchi, ten years",
            MADOGUCHI,
            words("--lang ja"),
            Some(ten_years::folder()),
        ),
    ];
    let mut subjects = Vec::new();
    for (name, program, mut arguments, books) in candidates {
        if !is_installed(program) {
            println!(
                "{program} is not installed: its rows are left out (apt-get install {program})"
            );
            continue;
        }
        let terminal = books.map(|folder| {
            let terminal = CardTerminal::start();
            let folder = folder.display().to_string();
            arguments.extend(["--data-dir".to_owned(), folder]);
            arguments.extend(["--port".to_owned(), terminal.address.clone()]);
            terminal
        });
        subjects.push(Subject {
            name,
            program,
            arguments,
            home: home_with_files(),
            _terminal: terminal,
        });
    }
    subjects
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).exists())
}

fn home_with_files() -> TempDir {
    let home = tempfile::tempdir().expect("a home");
    let files = home.path().join("files");
    std::fs::create_dir(&files).expect("a folder");
    for number in 0..FILES {
        std::fs::write(files.join(format!("file-{number:03}")), "x").expect("a file");
    }
    home
}

impl Subject {
    fn start(&self) -> Program {
        let mut command = at_home(self.program, self.home.path());
        Program::start(command.args(&self.arguments))
    }

    /// With its first frame drawn and everything behind that done.
    fn started(&self) -> Program {
        let mut program = self.start();
        program.settle(Duration::from_millis(500));
        program
    }

    /// What stands on its screen when it can be used.
    fn mark(&self) -> &'static str {
        match self.program {
            "whiptail" => "Cancel",
            "mc" => "10Quit",
            "printf" => "x",
            _ => "金額・品名を入力",
        }
    }

    fn is_madoguchi(&self) -> bool {
        self.program == MADOGUCHI
    }

    /// Whether it stays and takes keys.
    fn takes_keys(&self) -> bool {
        self.program != "printf"
    }
}

/// What was measured of one program's starts.
#[derive(Clone, Default)]
struct StartFigures {
    first: Figures,
    usable: Figures,
    quiet: Figures,
    bytes: Figures,
}

/// Start → first full frame.
fn starts(subjects: &[Subject]) {
    let mut starts = vec![StartFigures::default(); subjects.len()];
    for round in 0..=STARTS {
        for (subject, start) in subjects.iter().zip(&mut starts) {
            let frame = subject.start().first_frame(subject.mark(), START_SILENCE);
            // The first round brings files into memory, and makes the fresh books.
            if round > 0 {
                start.first.push_ms(frame.first);
                start.usable.push_ms(frame.shown.expect("its first screen"));
                start.quiet.push_ms(frame.last);
                start.bytes.push(frame.bytes as f64);
            }
        }
    }
    let of = |name: &str| {
        let index = subjects.iter().position(|subject| subject.name == name);
        index.map_or(f64::NAN, |index| starts[index].usable.median())
    };
    let (whiptail, mc) = (of("whiptail"), of("mc"));
    let rows: Vec<Vec<String>> = subjects
        .iter()
        .zip(&starts)
        .map(|(subject, start)| {
            let usable = start.usable.median();
            vec![
                subject.name.to_owned(),
                shown(start.first.median(), 2),
                shown(usable, 2),
                shown(start.usable.percentile(95), 2),
                shown(start.quiet.median(), 2),
                shown(start.bytes.median(), 0),
                ratio(usable, whiptail),
                ratio(usable, mc),
            ]
        })
        .collect();
    print_table(
        &format!(
            "Start → first full frame ({COLUMNS}×{ROWS}, {STARTS} starts each, interleaved; ms)"
        ),
        &[
            "program",
            "first byte p50",
            "full frame p50",
            "p95",
            "last byte p50",
            "bytes",
            "÷ whiptail",
            "÷ mc",
        ],
        &rows,
    );
}

/// One kind of key in one program.
struct KeyFigures {
    name: String,
    first: Figures,
    frame: Figures,
    bytes: Figures,
}

/// Key → drawn frame.
fn keys(subjects: &[Subject]) {
    let mut digits = Vec::new();
    let mut downs = Vec::new();
    for subject in subjects.iter().filter(|subject| subject.takes_keys()) {
        if subject.program != "whiptail" {
            let mut program = subject.started();
            digits.push(KeyFigures::measure(subject, &mut program, b"7", b"\x7f"));
        }
        // An empty history has no row to go to.
        if subject.is_madoguchi() && subject.name != "madoguchi, ten years" {
            continue;
        }
        let mut program = subject.started();
        if subject.is_madoguchi() {
            program.type_keys(F3);
            program.until("決済連携");
            program.settle(START_SILENCE);
        }
        let down = program.down();
        downs.push(KeyFigures::measure(subject, &mut program, down, b""));
    }
    print_keys("A typed digit → its frame", &digits);
    print_keys("Cursor down in a list → its frame", &downs);
}

/// A bill's code and its Enter, as a scanner sends them → the amount in big digits.
fn scans(subjects: &[Subject]) {
    let measured: Vec<KeyFigures> = subjects
        .iter()
        .filter(|subject| subject.is_madoguchi())
        .map(|subject| {
            let mut program = subject.started();
            KeyFigures::measure_once(subject, &mut program, SCAN, F9)
        })
        .collect();
    print_keys("A scan → its amount", &measured);
}

impl KeyFigures {
    /// Sends the keys again and again; `undo` takes back what they did, untimed.
    fn measure_once(
        subject: &Subject,
        program: &mut Program,
        keys: &[u8],
        undo: &[u8],
    ) -> KeyFigures {
        let mut figures = KeyFigures::none(subject);
        for _ in 0..KEYS {
            if let Some(frame) = program.answer_to(keys, KEY_SILENCE) {
                figures.push(&frame);
            }
            program.answer_to(undo, KEY_SILENCE);
        }
        figures
    }

    fn none(subject: &Subject) -> KeyFigures {
        KeyFigures {
            name: subject.name.to_owned(),
            first: Figures::default(),
            frame: Figures::default(),
            bytes: Figures::default(),
        }
    }

    fn push(&mut self, frame: &Frame) {
        self.first.push_ms(frame.first);
        self.frame.push_ms(frame.last);
        self.bytes.push(frame.bytes as f64);
    }

    /// Presses the key again and again; `undo` takes back what it did, untimed.
    fn measure(subject: &Subject, program: &mut Program, key: &[u8], undo: &[u8]) -> KeyFigures {
        let mut figures = KeyFigures::none(subject);
        // Three digits stand before the one that is measured, as in an amount.
        if !undo.is_empty() {
            for _ in 0..3 {
                program.answer_to(key, KEY_SILENCE);
            }
        }
        for _ in 0..KEYS {
            if let Some(frame) = program.answer_to(key, KEY_SILENCE) {
                figures.push(&frame);
            }
            if !undo.is_empty() {
                program.answer_to(undo, KEY_SILENCE);
            }
        }
        figures
    }
}

fn print_keys(title: &str, measured: &[KeyFigures]) {
    let mc = measured.iter().find(|figures| figures.name == "mc");
    let of_mc =
        |figures: fn(&KeyFigures) -> &Figures| mc.map_or(f64::NAN, |mc| figures(mc).median());
    let rows: Vec<Vec<String>> = measured
        .iter()
        .map(|key| {
            vec![
                key.name.clone(),
                shown(key.first.median(), 2),
                shown(key.frame.median(), 2),
                shown(key.frame.percentile(95), 2),
                shown(key.bytes.median(), 0),
                ratio(key.frame.median(), of_mc(|key| &key.frame)),
                ratio(key.bytes.median(), of_mc(|key| &key.bytes)),
            ]
        })
        .collect();
    print_table(
        &format!("{title} ({KEYS} keys; ms)"),
        &[
            "program",
            "first byte p50",
            "frame p50",
            "frame p95",
            "bytes p50",
            "time ÷ mc",
            "bytes ÷ mc",
        ],
        &rows,
    );
}

/// What was used within a window.
struct Idleness {
    ticks: u64,
    processor_ms: f64,
    switches: u64,
    bytes: u64,
}

/// Memory after the start; then nobody types.
fn memory_and_idleness(subjects: &[Subject]) {
    let stays: Vec<&Subject> = subjects.iter().filter(|s| s.takes_keys()).collect();
    let begin = now();
    let mut programs: Vec<Program> = stays.iter().map(|subject| subject.started()).collect();
    // What comes once after a start (the log of the books is looked at after two quiet seconds) is over by then.
    settle_all(&mut programs, Duration::from_secs(4));
    let taken: Vec<_> = programs
        .iter()
        .map(|p| (memory(p.pid()), thread_count(p.pid())))
        .collect();
    let fresh = watch(&mut programs);
    settle_all(
        &mut programs,
        (PAST_STALE + Duration::from_secs(3)).saturating_sub(begin.elapsed()),
    );
    let stale = watch(&mut programs);

    let mc = stays
        .iter()
        .position(|s| s.name == "mc")
        .map(|index| taken[index].0);
    let (mc_rss, mc_pss) = mc.map_or((f64::NAN, f64::NAN), |mc| (mc.rss, mc.pss));
    let rows: Vec<Vec<String>> = stays
        .iter()
        .zip(&taken)
        .map(|(subject, (memory, threads))| {
            vec![
                subject.name.to_owned(),
                shown(memory.rss, 0),
                shown(memory.pss, 0),
                threads.to_string(),
                ratio(memory.rss, mc_rss),
                ratio(memory.pss, mc_pss),
            ]
        })
        .collect();
    print_table(
        "Memory after the start (KiB)",
        &["program", "RSS", "PSS", "threads", "RSS ÷ mc", "PSS ÷ mc"],
        &rows,
    );
    let rows: Vec<Vec<String>> = stays
        .iter()
        .zip(fresh.iter().zip(&stale))
        .map(|(subject, (fresh, stale))| {
            let mut row = vec![subject.name.to_owned()];
            for idle in [fresh, stale] {
                row.push(idle.ticks.to_string());
                row.push(shown(idle.processor_ms, 3));
                row.push(idle.switches.to_string());
                row.push(idle.bytes.to_string());
            }
            row
        })
        .collect();
    print_table(
        "Ten idle seconds: soon after the start, and after a minute",
        &[
            "program", "ticks", "CPU ms", "switches", "bytes", "ticks", "CPU ms", "switches",
            "bytes",
        ],
        &rows,
    );
}

fn settle_all(programs: &mut [Program], time: Duration) {
    let end = now() + time;
    for program in programs {
        program.idle(end.saturating_duration_since(now()));
    }
}

/// All programs at once, none of which is read meanwhile: what they write waits in their terminals.
fn watch(programs: &mut [Program]) -> Vec<Idleness> {
    for program in programs.iter_mut() {
        program.settle(Duration::from_millis(10));
    }
    let before: Vec<(Used, u64)> = programs
        .iter()
        .map(|p| (used(p.pid()), p.written))
        .collect();
    settle_all(programs, IDLE);
    for program in programs.iter_mut() {
        program.settle(Duration::from_millis(1));
    }
    programs
        .iter()
        .zip(before)
        .map(|(program, (before, written))| {
            let after = used(program.pid());
            Idleness {
                ticks: after.ticks - before.ticks,
                processor_ms: after.processor_ms - before.processor_ms,
                switches: after.switches - before.switches,
                bytes: program.written - written,
            }
        })
        .collect()
}

/// The simulated card terminal, on TCP.
struct CardTerminal {
    process: Child,
    address: String,
}

impl CardTerminal {
    fn start() -> CardTerminal {
        let mut process = Command::new(MADOGUCHI)
            .args(["terminal", "--pace", "0", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a terminal");
        let mut line = String::new();
        let output = process.stdout.take().expect("its output");
        let mut output = std::io::BufReader::new(output);
        std::io::BufRead::read_line(&mut output, &mut line).expect("its first line");
        // What it says later is not read; it is told so, and goes on.
        drop(output);
        let place = line.split_whitespace().last().expect("its last word");
        CardTerminal {
            process,
            address: format!("tcp://{}", place.trim_start_matches("tcp://")),
        }
    }
}

impl Drop for CardTerminal {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
