//! What Linux tells of a running process: its memory, its processor time, and how often it was woken.

use std::fs;
use std::path::PathBuf;

use rustix::process::Pid;

/// Memory, in KiB.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Resident, shared pages counted whole.
    pub rss: f64,
    /// Resident, shared pages counted by their share.
    pub pss: f64,
}

/// What a process used so far.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    /// Processor time by the scheduler's own clock, ms.
    pub processor_ms: f64,
    /// Ticks of the old accounting (10 ms each).
    pub ticks: u64,
    /// Times that one of its threads slept and was woken, or was put aside.
    pub switches: u64,
}

/// How much memory a process takes.
pub fn memory(pid: Pid) -> Memory {
    let text = read(of(pid).join("smaps_rollup"));
    let field = |name: &str| number_after(&text, name).unwrap_or(f64::NAN);
    Memory {
        rss: field("Rss:"),
        pss: field("Pss:"),
    }
}

/// What all threads of a process used so far.
pub fn used(pid: Pid) -> Used {
    let mut used = Used {
        processor_ms: 0.0,
        ticks: 0,
        switches: 0,
    };
    for thread in threads(pid) {
        let status = read(thread.join("status"));
        for kind in ["voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:"] {
            let line = status.lines().find(|line| line.starts_with(kind));
            used.switches += line.and_then(last_number).unwrap_or(0);
        }
        let scheduler = read(thread.join("schedstat"));
        let ran: Option<f64> = scheduler
            .split_whitespace()
            .next()
            .and_then(|ns| ns.parse().ok());
        used.processor_ms += ran.unwrap_or(0.0) / 1e6;
        let stat = read(thread.join("stat"));
        // Behind the name, which may hold anything: user and system time are the 12th and 13th field.
        let fields = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace();
        used.ticks += fields
            .skip(11)
            .take(2)
            .filter_map(|ticks| ticks.parse::<u64>().ok())
            .sum::<u64>();
    }
    used
}

/// How many threads a process has.
pub fn thread_count(pid: Pid) -> usize {
    threads(pid).len()
}

fn of(pid: Pid) -> PathBuf {
    PathBuf::from(format!("/proc/{}", pid.as_raw_nonzero()))
}

fn threads(pid: Pid) -> Vec<PathBuf> {
    let entries = fs::read_dir(of(pid).join("task"));
    entries
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect()
}

/// A process that is gone has nothing to tell.
fn read(path: PathBuf) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn number_after(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn last_number(line: &str) -> Option<u64> {
    line.split_whitespace().last()?.parse().ok()
}
