//! What a hunt found, for people and for programs, under the same names.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::TOLD_MAX;
use crate::simulation::{Counts, Fault, Invariant, Operation, Violation};

/// What a hunt found.
pub(super) struct Report {
    seeds: Range<u64>,
    /// What the command that plays one of them again needs beside the seed.
    faults: String,
    sessions: u64,
    counts: Counts,
    found: BTreeMap<Invariant, u64>,
    told: Vec<(u64, Violation)>,
    pub(super) took: Duration,
    pub(super) interrupted: bool,
}

/// The one command that plays a session again, in words.
pub(super) fn replay_command(seed: u64, faults: &str) -> String {
    format!(
        "madoguchi simulate --seeds {seed}..{}{faults} --replay",
        seed + 1
    )
}

impl Report {
    pub(super) fn new(seeds: Range<u64>, faults: String) -> Report {
        Report {
            seeds,
            faults,
            sessions: 0,
            counts: Counts::default(),
            found: BTreeMap::new(),
            told: Vec::new(),
            took: Duration::ZERO,
            interrupted: false,
        }
    }

    pub(super) fn session(&mut self, seed: u64, counts: &Counts, violations: &[Violation]) {
        let violations = violations.iter().map(|found| (seed, found.clone()));
        self.sessions(1, counts, violations.collect());
    }

    pub(super) fn sessions(
        &mut self,
        sessions: u64,
        counts: &Counts,
        violations: Vec<(u64, Violation)>,
    ) {
        self.sessions += sessions;
        self.counts.add(counts);
        for (_, violation) in &violations {
            *self.found.entry(violation.invariant).or_default() += 1;
        }
        self.told.extend(violations);
        // The lowest seeds, whichever thread was first.
        self.told.sort_by_key(|(seed, _)| *seed);
        self.told.truncate(TOLD_MAX);
    }

    /// True where everything held.
    pub(super) fn holds(&self) -> bool {
        self.found.is_empty()
    }

    fn per_second(&self) -> u128 {
        u128::from(self.sessions) * 1_000 / self.took.as_millis().max(1)
    }

    fn numbers(&self) -> [(&'static str, u64); 12] {
        [
            ("sessions", self.sessions),
            ("events", self.counts.events),
            ("sales", self.counts.sales),
            ("transactions", self.counts.transactions),
            ("charges", self.counts.charges),
            ("restarts", self.counts.restarts),
            ("crash_images", self.counts.crash_images),
            ("undos", self.counts.undos),
            ("linked_undos", self.counts.linked_undos),
            ("parts", self.counts.parts),
            ("by_hand", self.counts.by_hand),
            ("keyed", self.counts.keyed),
        ]
    }

    fn violations_of(&self, invariant: Invariant) -> u64 {
        self.found.get(&invariant).copied().unwrap_or_default()
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |line: String| {
            text.push_str(line.trim_end());
            text.push('\n');
        };
        for (name, count) in self.numbers() {
            line(format!("{name:<22}{count:>14}"));
        }
        line("operations".to_owned());
        for operation in Operation::ALL {
            let count = self.counts.operations_of(operation);
            line(format!("  {:<20}{count:>14}", operation.name()));
        }
        line("faults".to_owned());
        for fault in Fault::ALL {
            let count = self.counts.faults_of(*fault);
            line(format!(
                "  {:<20}{count:>14}  {}",
                fault.name(),
                fault.class().name()
            ));
        }
        line("script".to_owned());
        for (word, count) in self.counts.script() {
            line(format!("  {word:<34}{count:>14}"));
        }
        line("invariants                    checked    violations".to_owned());
        for invariant in Invariant::ALL {
            let name = format!("{:<4}{}", invariant.id(), invariant.name());
            let checked = match self.counts.checks_of(*invariant) {
                0 => "not exercised".to_owned(),
                count => count.to_string(),
            };
            let violations = self.violations_of(*invariant);
            line(format!("  {name:<20}{checked:>14}{violations:>14}"));
        }
        for (seed, violation) in &self.told {
            line(format!("violation of {}, seed {seed}", violation.invariant));
            line(format!("  {}", violation.what));
            line(format!("  {}", replay_command(*seed, &self.faults)));
        }
        let total: u64 = self.found.values().sum();
        let stopped = if self.interrupted {
            ", stopped before the end"
        } else {
            ""
        };
        line(format!(
            "{total} violations in {} sessions of seeds {}..{}{stopped}; {} sessions/s, {}.{:01} s",
            self.sessions,
            self.seeds.start,
            self.seeds.end,
            self.per_second(),
            self.took.as_secs(),
            self.took.subsec_millis() / 100,
        ));
        text
    }

    pub(super) fn json(&self) -> String {
        let mut report = Map::new();
        report.insert(
            "seeds".to_owned(),
            json!([self.seeds.start, self.seeds.end]),
        );
        for (name, count) in self.numbers() {
            report.insert(name.to_owned(), json!(count));
        }
        let operations: Map<String, Value> = Operation::ALL
            .iter()
            .map(|it| (it.name().to_owned(), json!(self.counts.operations_of(*it))))
            .collect();
        let faults: Map<String, Value> = Fault::ALL
            .iter()
            .map(|it| (it.name().to_owned(), json!(self.counts.faults_of(*it))))
            .collect();
        let script: Map<String, Value> = self
            .counts
            .script()
            .map(|(word, count)| (word.to_owned(), json!(count)))
            .collect();
        let invariants: Map<String, Value> = Invariant::ALL
            .iter()
            .map(|it| {
                let row = json!({
                    "id": it.id(),
                    "checked": self.counts.checks_of(*it),
                    "violations": self.violations_of(*it),
                });
                (it.name().to_owned(), row)
            })
            .collect();
        let violations: Vec<Value> = self
            .told
            .iter()
            .map(|(seed, violation)| {
                json!({
                    "seed": seed,
                    "invariant": violation.invariant.name(),
                    "what": violation.what,
                    "replay": replay_command(*seed, &self.faults),
                })
            })
            .collect();
        report.insert("operations".to_owned(), Value::Object(operations));
        report.insert("faults".to_owned(), Value::Object(faults));
        report.insert("script".to_owned(), Value::Object(script));
        report.insert("invariants".to_owned(), Value::Object(invariants));
        report.insert("violations".to_owned(), Value::Array(violations));
        let milliseconds = u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX);
        report.insert("milliseconds".to_owned(), json!(milliseconds));
        let per_second = u64::try_from(self.per_second()).unwrap_or(u64::MAX);
        report.insert("sessions_per_second".to_owned(), json!(per_second));
        report.insert("interrupted".to_owned(), json!(self.interrupted));
        let mut text = String::new();
        writeln!(text, "{:#}", Value::Object(report)).expect("writing to a string cannot fail");
        text
    }
}
