//! `madoguchi simulate`: plays sessions of a counter from seeds and says which of the things that must hold did not.

use std::cell::Cell;
use std::io::Write;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::ValueEnum;

use crate::simulation::{Bench, Counts, DiskError, FaultSet, Settings, Violation};

mod report;

use report::Report;

/// `simulate`.
#[derive(Debug, Clone, clap::Args)]
pub struct SimulateArgs {
    /// Sessions to play: from the first seed up to, and without, the last
    #[arg(long, value_name = "A..B", value_parser = seeds)]
    pub seeds: Range<u64>,
    /// What may go wrong: names of faults or of classes (line, terminal, script, disk, clock, console, operator), all, none
    #[arg(long, value_name = "NAME,…", default_value = "all")]
    pub faults: FaultSet,
    /// Form of the report
    #[arg(
        long,
        value_name = "text|json",
        hide_possible_values = true,
        default_value = "text"
    )]
    pub report: ReportForm,
    /// Threads [default: one a processor]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// Tell every session step by step in words
    #[arg(long)]
    pub replay: bool,
}

/// Form of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportForm {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Seeds that one thread takes at a time.
const CHUNK: u64 = 32;
/// So many violations are told one by one; all are counted.
const TOLD_MAX: usize = 20;

fn seeds(text: &str) -> Result<Range<u64>, String> {
    let wrong = || format!("`{text}` is no range of seeds; write for example 0..1000");
    let (from, to) = text.split_once("..").ok_or_else(wrong)?;
    let range = from.parse().map_err(|_| wrong())?..to.parse().map_err(|_| wrong())?;
    if range.is_empty() {
        return Err(format!(
            "`{text}` holds no seed; the second number is the larger one"
        ));
    }
    Ok(range)
}

/// Play. True where everything held; false means exit code 1.
pub fn run(args: &SimulateArgs, out: &mut impl Write) -> anyhow::Result<bool> {
    let stop = stopper()?;
    tell_seed_of_a_panic(&args.faults_as_written());
    let report = if args.replay {
        replay(args, stop, out)?
    } else {
        hunt(args, stop)?
    };
    let text = match args.report {
        ReportForm::Text => report.text(),
        ReportForm::Json => report.json(),
    };
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context("the report cannot be written")?;
    Ok(report.holds())
}

impl SimulateArgs {
    fn settings(&self) -> Settings {
        Settings {
            faults: self.faults.clone(),
            story: self.replay,
            ..Settings::default()
        }
    }

    /// What must stand on the command line so that a seed plays the same session.
    fn faults_as_written(&self) -> String {
        if self.faults == FaultSet::all() {
            String::new()
        } else {
            format!(" --faults {}", self.faults)
        }
    }

    fn report(&self) -> Report {
        Report::new(self.seeds.clone(), self.faults_as_written())
    }
}

/// One after the other, each told in words.
fn replay(args: &SimulateArgs, stop: &AtomicBool, out: &mut impl Write) -> anyhow::Result<Report> {
    let mut report = args.report();
    let mut bench = Bench::new()?;
    let clock = Stopwatch::start();
    for seed in args.seeds.clone() {
        if stop.load(Ordering::Relaxed) {
            report.interrupted = true;
            break;
        }
        SEED.set(Some(seed));
        let outcome = bench.run(seed, &args.settings())?;
        writeln!(out, "seed {seed}").context("the story cannot be written")?;
        for line in &outcome.story {
            writeln!(out, "{line}").context("the story cannot be written")?;
        }
        report.session(seed, &outcome.counts, &outcome.violations);
    }
    report.took = clock.time();
    Ok(report)
}

/// All of them, on every thread.
fn hunt(args: &SimulateArgs, stop: &AtomicBool) -> anyhow::Result<Report> {
    let jobs = match args.jobs {
        Some(jobs) => jobs.get(),
        None => std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
    };
    let next = AtomicU64::new(args.seeds.start);
    let report = Mutex::new(args.report());
    let clock = Stopwatch::start();
    let played = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs)
            .map(|_| scope.spawn(|| play(args, stop, &next, &report)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a panic ends the program"))
            .collect::<Result<Vec<()>, DiskError>>()
    });
    played?;
    let mut report = report.into_inner().expect("no thread has panicked");
    report.took = clock.time();
    report.interrupted = stop.load(Ordering::Relaxed);
    Ok(report)
}

/// One thread.
fn play(
    args: &SimulateArgs,
    stop: &AtomicBool,
    next: &AtomicU64,
    report: &Mutex<Report>,
) -> Result<(), DiskError> {
    let mut bench = Bench::new()?;
    let settings = args.settings();
    loop {
        let first = next.fetch_add(CHUNK, Ordering::Relaxed);
        if first >= args.seeds.end {
            return Ok(());
        }
        let mut sessions = 0;
        let mut counts = Counts::default();
        let mut violations: Vec<(u64, Violation)> = Vec::new();
        for seed in first..args.seeds.end.min(first.saturating_add(CHUNK)) {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            SEED.set(Some(seed));
            let outcome = bench.run(seed, &settings)?;
            sessions += 1;
            counts.add(&outcome.counts);
            violations.extend(outcome.violations.into_iter().map(|found| (seed, found)));
        }
        let mut report = report.lock().expect("no thread has panicked");
        report.sessions(sessions, &counts, violations);
        if stop.load(Ordering::Relaxed) {
            return Ok(());
        }
    }
}

thread_local! {
    /// What this thread plays, for a panic to tell.
    static SEED: Cell<Option<u64>> = const { Cell::new(None) };
}

/// A panic is a violation like any other, and ends the hunt: it says which seed it was.
fn tell_seed_of_a_panic(faults: &str) {
    let before = std::panic::take_hook();
    let faults = faults.to_owned();
    std::panic::set_hook(Box::new(move |info| {
        if let Some(seed) = SEED.get() {
            eprintln!(
                "I25 no-silent-stop: a panic\n  {}",
                report::replay_command(seed, &faults)
            );
        }
        before(info);
    }));
}

/// Real time, for sessions a second.
struct Stopwatch(Instant);

#[expect(
    clippy::disallowed_methods,
    reason = "how fast the hunt is, is measured in real time; no session knows it"
)]
impl Stopwatch {
    fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    fn time(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Set once somebody wants to stop (Ctrl-C): what was done is reported.
#[cfg(unix)]
fn stopper() -> anyhow::Result<&'static AtomicBool> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    static STOP: AtomicBool = AtomicBool::new(false);
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])
        .context("signals cannot be received")?;
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            if signals.forever().next().is_some() {
                STOP.store(true, Ordering::Relaxed);
            }
        })
        .context("the thread for signals cannot be started")?;
    Ok(&STOP)
}

/// The system ends the process itself, without a report.
#[cfg(not(unix))]
fn stopper() -> anyhow::Result<&'static AtomicBool> {
    static STOP: AtomicBool = AtomicBool::new(false);
    Ok(&STOP)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(range: Range<u64>, report: ReportForm, replay: bool) -> SimulateArgs {
        SimulateArgs {
            seeds: range,
            faults: FaultSet::all(),
            report,
            jobs: NonZeroUsize::new(2),
            replay,
        }
    }

    fn said(args: &SimulateArgs) -> String {
        let mut out = Vec::new();
        assert!(
            run(args, &mut out).expect("played"),
            "{}",
            String::from_utf8_lossy(&out)
        );
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn seeds_are_a_range_that_is_not_empty() {
        assert_eq!(seeds("3..7"), Ok(3..7));
        for wrong in ["7", "7..3", "3..3", "a..b", "..", "1..2..3"] {
            assert!(seeds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn both_forms_of_the_report_have_the_same_names() {
        let text = said(&args(0..20, ReportForm::Text, false));
        let json = said(&args(0..20, ReportForm::Json, false));
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        for part in ["operations", "faults", "invariants"] {
            let names = json[part].as_object().expect("a table").keys();
            for name in names {
                assert!(text.contains(name.as_str()), "{part}: {name}");
            }
        }
        assert_eq!(json["sessions"], 20);
        assert_eq!(json["violations"].as_array().map(Vec::len), Some(0));
    }

    #[test]
    fn a_replay_is_told_in_words() {
        let text = said(&args(5..6, ReportForm::Text, true));
        for words in [
            "the console starts",
            "operator begins",
            "--- the faults stop ---",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }
}
