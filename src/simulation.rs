//! The hunt: whole sessions of a counter from a seed, with everything around the console simulated and everything in it real.
//!
//! `app`, `cat` and the store run as they do at a counter. The terminal, the line, the disk, the clock, the process and the person at the
//! keys are played from one seed; what must hold is checked after every event. `docs/simulation.md` says what is simulated and what not.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cat::dialect::layout::Layout;

mod clinic;
pub mod dice;
mod disk;
mod faults;
mod invariants;
mod ledger;
mod port;
mod reversal;
mod story;
mod swap;
mod truth;
mod world;

pub use disk::DiskError;
pub use faults::{Fault, FaultClass, FaultSet};
pub use invariants::{Invariant, Violation};

use disk::Disk;
use invariants::INVARIANTS;
use story::Story;
use world::World;

/// How a session is played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// What may go wrong.
    pub faults: FaultSet,
    /// What the operator does more often than anything else, where anything.
    pub often: &'static [Operation],
    /// True where the session is to be told in words.
    pub story: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            faults: FaultSet::all(),
            often: &[],
            story: false,
        }
    }
}

/// What came of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What did not hold; a session ends at the first.
    pub violations: Vec<Violation>,
    /// What happened, in numbers.
    pub counts: Counts,
    /// What happened, in words, where they were wanted.
    pub story: Vec<String>,
}

/// One thing an operator does for a customer or for herself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// A bill paid by card; every new attempt belongs to it.
    CardSale,
    /// A bill paid in cash.
    CashSale,
    /// A card payment that is stopped while nothing is sent yet.
    BackedOut,
    /// A look into the history, with a reissue.
    History,
    /// The link is checked.
    LinkCheck,
    /// The list of open sales and tasks.
    OpenSales,
    /// 併用払い: cash and a card, or several cards.
    Split,
    /// A whole sale, or the whole of one tender, is taken back.
    TakeBack,
    /// 返品 of lines or of an amount.
    PartBack,
    /// 差額: taken back and rung up anew.
    Correction,
    /// A sale made at the terminal without the console, and rung up afterwards.
    Standalone,
    /// Somebody says that 日計 was run.
    DailyLog,
    /// The counter closes, and opens the next day.
    Night,
    /// 担当者交代.
    OtherOperator,
}

impl Operation {
    /// Every operation, in the order of the report.
    pub const ALL: [Operation; 14] = [
        Operation::CardSale,
        Operation::CashSale,
        Operation::BackedOut,
        Operation::History,
        Operation::LinkCheck,
        Operation::OpenSales,
        Operation::Split,
        Operation::TakeBack,
        Operation::PartBack,
        Operation::Correction,
        Operation::Standalone,
        Operation::DailyLog,
        Operation::Night,
        Operation::OtherOperator,
    ];

    /// True where it needs a sale that is there.
    const fn takes_back(self) -> bool {
        matches!(
            self,
            Operation::TakeBack | Operation::PartBack | Operation::Correction
        )
    }

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Operation::CardSale => "card-sale",
            Operation::CashSale => "cash-sale",
            Operation::BackedOut => "backed-out",
            Operation::History => "history",
            Operation::LinkCheck => "link-check",
            Operation::OpenSales => "open-sales",
            Operation::Split => "split",
            Operation::TakeBack => "take-back",
            Operation::PartBack => "part-back",
            Operation::Correction => "correction",
            Operation::Standalone => "standalone",
            Operation::DailyLog => "daily-log",
            Operation::Night => "night",
            Operation::OtherOperator => "other-operator",
        }
    }
}

/// What happened, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Steps of the world.
    pub events: u64,
    /// Sales in the books.
    pub sales: u64,
    /// Transactions of the terminals.
    pub transactions: u64,
    /// Those that were charged.
    pub charges: u64,
    /// Times the console was started again.
    pub restarts: u64,
    /// Copies of the disk that were opened and proven.
    pub crash_images: u64,
    /// Slips that take something back, settled at the end.
    pub undos: u64,
    /// Those of them that went over a link.
    pub linked_undos: u64,
    /// Slips that pay a part of a bill, settled at the end.
    pub parts: u64,
    /// Slips that were worked at a terminal by hand.
    pub by_hand: u64,
    /// Transactions at the terminals' own keys.
    pub keyed: u64,
    operations: [u64; Operation::ALL.len()],
    faults: BTreeMap<Fault, u64>,
    checked: [u64; INVARIANTS],
    script: BTreeMap<&'static str, u64>,
}

impl Counts {
    fn fault(&mut self, fault: Fault) {
        *self.faults.entry(fault).or_default() += 1;
    }

    fn script_word(&mut self, word: &'static str) {
        *self.script.entry(word).or_default() += 1;
    }

    fn operation(&mut self, operation: Operation) {
        self.operations[operation as usize] += 1;
    }

    /// How often something went wrong.
    pub fn faults_of(&self, fault: Fault) -> u64 {
        self.faults.get(&fault).copied().unwrap_or_default()
    }

    /// How often something was checked. Zero means that nothing gave it an occasion.
    pub fn checks_of(&self, invariant: Invariant) -> u64 {
        self.checked[invariant as usize]
    }

    /// How often something was done.
    pub fn operations_of(&self, operation: Operation) -> u64 {
        self.operations[operation as usize]
    }

    /// How often each word of the terminal's script was played.
    pub fn script(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.script.iter().map(|(word, count)| (*word, *count))
    }

    /// Both together.
    pub fn add(&mut self, other: &Counts) {
        self.events += other.events;
        self.sales += other.sales;
        self.transactions += other.transactions;
        self.charges += other.charges;
        self.restarts += other.restarts;
        self.crash_images += other.crash_images;
        self.undos += other.undos;
        self.linked_undos += other.linked_undos;
        self.parts += other.parts;
        self.by_hand += other.by_hand;
        self.keyed += other.keyed;
        let pairs = self.operations.iter_mut().zip(&other.operations);
        for (sum, more) in pairs.chain(self.checked.iter_mut().zip(&other.checked)) {
            *sum += more;
        }
        for (fault, count) in &other.faults {
            *self.faults.entry(*fault).or_default() += count;
        }
        for (word, count) in &other.script {
            *self.script.entry(word).or_default() += count;
        }
    }
}

/// Where sessions are played one after the other: what does not depend on the seed is made once.
#[derive(Debug)]
pub struct Bench {
    disk: Disk,
    layout: Arc<Layout>,
}

impl Bench {
    /// A bench with a folder of its own, which goes away with it.
    pub fn new() -> Result<Bench, DiskError> {
        Ok(Bench {
            disk: Disk::new()?,
            layout: Arc::new(Layout::open_cat()),
        })
    }

    /// Play one session. The same seed and settings give the same session, on any bench.
    pub fn run(&mut self, seed: u64, settings: &Settings) -> Result<Outcome, DiskError> {
        let story = Story::new(settings.story);
        let (disk, layout) = (&mut self.disk, &self.layout);
        let mut world = World::new(seed, settings, story, disk, layout);
        world.play()?;
        Ok(Outcome {
            violations: std::mem::take(&mut world.violations),
            counts: std::mem::take(&mut world.counts),
            story: std::mem::take(&mut world.story.lines),
        })
    }
}

/// Play one session on a bench of its own.
pub fn run(seed: u64, settings: &Settings) -> Result<Outcome, DiskError> {
    Bench::new()?.run(seed, settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_report_is_explained() {
        let document = include_str!("../docs/simulation.md");
        for fault in Fault::ALL {
            let row = format!("| {} | `{}` |", fault.class().name(), fault.name());
            assert!(document.contains(&row), "{row}");
        }
        for invariant in Invariant::ALL {
            let row = format!("| {} | `{}` |", invariant.id(), invariant.name());
            assert!(document.contains(&row), "{row}");
        }
    }

    #[test]
    fn a_session_without_faults_takes_its_money_and_breaks_nothing() {
        let settings = Settings {
            faults: FaultSet::none(),
            ..Settings::default()
        };
        let mut bench = Bench::new().expect("a folder for books");
        let mut charges = 0;
        for seed in 0..150 {
            let outcome = bench.run(seed, &settings).expect("books open");
            assert_eq!(outcome.violations, vec![], "seed {seed}");
            for fault in Fault::ALL {
                assert_eq!(outcome.counts.faults_of(*fault), 0, "{}", fault.name());
            }
            charges += outcome.counts.charges;
        }
        assert!(charges > 100, "{charges} charges");
    }
}
