//! Figures: medians and percentiles, and tables of them.

use std::time::Duration;

/// Measured values of one kind.
#[derive(Debug, Clone, Default)]
pub struct Figures(Vec<f64>);

impl Figures {
    /// One more.
    pub fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// One more, in ms.
    pub fn push_ms(&mut self, time: Duration) {
        self.push(time.as_secs_f64() * 1_000.0);
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The middle value; not a number where there is none.
    pub fn median(&self) -> f64 {
        self.percentile(50)
    }

    /// The value that so many of a hundred do not exceed.
    pub fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
        sorted.get(index).copied().unwrap_or(f64::NAN)
    }
}

/// Prints a table in Markdown, so that it can be kept as it is.
pub fn print_table(title: &str, head: &[&str], rows: &[Vec<String>]) {
    println!("\n### {title}\n");
    println!("| {} |", head.join(" | "));
    println!("|{}", "---|".repeat(head.len()));
    for row in rows {
        println!("| {} |", row.join(" | "));
    }
}

/// A figure with its decimals, or a dash where there is none.
pub fn shown(value: f64, decimals: usize) -> String {
    if value.is_finite() {
        format!("{value:.decimals$}")
    } else {
        "–".to_owned()
    }
}

/// `a ÷ b`, to be read as "so many times".
pub fn ratio(a: f64, b: f64) -> String {
    let times = shown(a / b, 2);
    if times == "–" {
        times
    } else {
        format!("{times}×")
    }
}

/// Prints how busy the machine is with other work; figures of a busy machine are worth a second run.
pub fn print_load(when: &str) {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let minute = load.split_whitespace().next().unwrap_or("?").to_owned();
    println!("load {when}: {minute} on {processors} processors");
}
