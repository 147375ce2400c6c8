//! What can go wrong, by name, and how often it does on one day: rates are drawn for each seed, so that some days are calm and some brutal.

use std::fmt;
use std::str::FromStr;

use super::dice::Dice;

/// Who or what fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultClass {
    /// The line between console and terminal.
    Line,
    /// The terminal, beside its script.
    Terminal,
    /// What the script of the terminal says of a transaction.
    Script,
    /// The disk under the books.
    Disk,
    /// The clock of the PC.
    Clock,
    /// The console's own process.
    Console,
    /// The person at the keys.
    Operator,
}

impl FaultClass {
    /// Every class, in the order of the report.
    pub const ALL: [FaultClass; 7] = [
        FaultClass::Line,
        FaultClass::Terminal,
        FaultClass::Script,
        FaultClass::Disk,
        FaultClass::Clock,
        FaultClass::Console,
        FaultClass::Operator,
    ];

    /// Its name in `--faults` and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            FaultClass::Line => "line",
            FaultClass::Terminal => "terminal",
            FaultClass::Script => "script",
            FaultClass::Disk => "disk",
            FaultClass::Clock => "clock",
            FaultClass::Console => "console",
            FaultClass::Operator => "operator",
        }
    }
}

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident => $class:ident, $word:literal;)*) => {
        /// One thing that can go wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fault {
            $($(#[$doc])* $name,)*
        }

        impl Fault {
            /// Every fault, in the order of the report.
            pub const ALL: &'static [Fault] = &[$(Fault::$name,)*];

            /// Its name in `--faults` and in reports.
            pub const fn name(self) -> &'static str {
                match self { $(Fault::$name => $word,)* }
            }

            /// Who or what fails.
            pub const fn class(self) -> FaultClass {
                match self { $(Fault::$name => FaultClass::$class,)* }
            }
        }
    };
}

faults! {
    /// The line is cut; what was on it is gone.
    LineCut => Line, "line-cut";
    /// The port cannot be opened for a while.
    Unreachable => Line, "unreachable";
    /// A byte is lost.
    ByteLost => Line, "byte-lost";
    /// A byte comes twice.
    ByteDoubled => Line, "byte-doubled";
    /// A bit of a byte is turned over.
    BitFlipped => Line, "bit-flipped";
    /// Bytes nobody sent come in between.
    Noise => Line, "noise";
    /// What is on the line stands still for a while.
    Delayed => Line, "delayed";
    /// One direction of the line swallows everything for a while.
    HalfOpen => Line, "half-open";
    /// Every acknowledgement of the terminal arrives as a refusal for a while.
    NakStorm => Line, "nak-storm";
    /// The terminal is switched off and on, and remembers.
    PowerCycle => Terminal, "power-cycle";
    /// The terminal is switched off and on, and has forgotten everything.
    Amnesia => Terminal, "amnesia";
    /// Another terminal stands at that port, for a while or for good.
    Swapped => Terminal, "swapped";
    /// A transaction goes otherwise than approved at once; the report has a count for each word of the script language.
    Script => Script, "script";
    /// The disk is full for some writes.
    DiskFull => Disk, "disk-full";
    /// The books cannot be written for a while.
    ReadOnly => Disk, "read-only";
    /// Another program holds the books for a while.
    Locked => Disk, "locked";
    /// The books refuse one write.
    Refused => Disk, "refused";
    /// The disk fails before anything of a commit is on it; nothing is written any more before a restart.
    IoError => Disk, "io-error";
    /// The disk fails after the commit is on it: told as failed, and there all the same after the restart.
    IoErrorAfter => Disk, "io-error-after";
    /// A commit is on the disk and told as failed, and the books go on: what is asked for again is there already.
    CommitUntold => Disk, "commit-untold";
    /// The clock goes forward by minutes to hours.
    ClockForward => Clock, "clock-forward";
    /// The clock goes back by minutes to hours.
    ClockBack => Clock, "clock-back";
    /// The clock goes forward or back by years.
    ClockYears => Clock, "clock-years";
    /// The console dies between two events, and is started again.
    Crash => Console, "crash";
    /// The console dies in the middle of a commit: the write-ahead log ends in a torn tail.
    CrashTorn => Console, "crash-torn";
    /// The console dies after a commit, before it heard of it.
    CrashUnheard => Console, "crash-unheard";
    /// The console dies while the log is brought into the file: some pages are new, some old.
    CrashCheckpoint => Console, "crash-checkpoint";
    /// Any keys, and a scan among them.
    HurriedKeys => Operator, "hurried-keys";
    /// A key that means nothing here, or something else.
    WrongKey => Operator, "wrong-key";
    /// A key pressed twice.
    DoublePress => Operator, "double-press";
    /// Wants to stop a payment that is under way.
    GivesUp => Operator, "gives-up";
    /// Sets an unknown sale aside.
    Parks => Operator, "parks";
    /// A proof that is none: another amount, or too short a slip number.
    WrongProof => Operator, "wrong-proof";
    /// Leaves the counter for minutes to hours.
    WalksAway => Operator, "walks-away";
}

/// How many faults there are.
pub(super) const FAULTS: usize = Fault::ALL.len();

/// The faults that may happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultSet([bool; FAULTS]);

impl FaultSet {
    /// All of them.
    pub fn all() -> FaultSet {
        FaultSet([true; FAULTS])
    }

    /// None of them.
    pub fn none() -> FaultSet {
        FaultSet([false; FAULTS])
    }

    /// True where this one may happen.
    pub fn has(&self, fault: Fault) -> bool {
        self.0[fault as usize]
    }
}

impl fmt::Display for FaultSet {
    /// As [`FromStr`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = Fault::ALL.iter().filter(|fault| self.has(**fault));
        let names: Vec<&str> = named.map(|fault| fault.name()).collect();
        match names.as_slice() {
            [] => f.write_str("none"),
            names => f.write_str(&names.join(",")),
        }
    }
}

impl FromStr for FaultSet {
    type Err = String;

    /// Names of faults and classes, between commas; `all` and `none` are words of their own.
    fn from_str(text: &str) -> Result<FaultSet, String> {
        let mut set = FaultSet::none();
        for word in text.split(',').map(str::trim) {
            let mut known = matches!(word, "all" | "none");
            for fault in Fault::ALL {
                let meant = word == "all" || word == fault.name() || word == fault.class().name();
                set.0[*fault as usize] |= meant;
                known |= meant;
            }
            if !known {
                let names: Vec<&str> = FaultClass::ALL.iter().map(|class| class.name()).collect();
                return Err(format!(
                    "`{word}` is no fault; write all, none, a class ({}) or a name of docs/simulation.md",
                    names.join(", ")
                ));
            }
        }
        Ok(set)
    }
}

/// The faults of one day.
#[derive(Debug)]
pub(super) struct Weather {
    /// How many more there may be.
    pub(super) left: u64,
    /// Per thousand events.
    rate: u64,
    /// What may happen, each as often as it is likely.
    kinds: Vec<Fault>,
    /// Transactions out of a thousand that do not simply go well.
    pub(super) script_trouble: u64,
}

/// The most faults of one session.
const FAULTS_MAX: u64 = 8;

impl Weather {
    pub(super) fn draw(dice: &mut Dice, allowed: &FaultSet) -> Weather {
        let mut kinds = Vec::new();
        // Each day has its own two or three troubles, and a little of everything.
        for fault in Fault::ALL {
            let weight = *dice.pick(&[0, 1, 1, 1, 6]);
            if allowed.has(*fault) && *fault != Fault::Script {
                kinds.extend(std::iter::repeat_n(*fault, weight));
            }
        }
        let left = if kinds.is_empty() {
            0
        } else {
            dice.below(FAULTS_MAX + 1)
        };
        let script_trouble = *dice.pick(&[0, 100, 300, 300, 700]);
        Weather {
            left,
            rate: *dice.pick(&[10, 25, 60, 150]),
            kinds,
            script_trouble: if allowed.has(Fault::Script) {
                script_trouble
            } else {
                0
            },
        }
    }

    /// What goes wrong now, if anything.
    pub(super) fn strikes(&mut self, dice: &mut Dice) -> Option<Fault> {
        if self.left == 0 || !dice.chance(self.rate) {
            return None;
        }
        self.left -= 1;
        Some(*dice.pick(&self.kinds))
    }

    /// The faults stop.
    pub(super) fn clear(&mut self) {
        self.left = 0;
        self.script_trouble = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_chosen_by_name_and_by_class() {
        let set: FaultSet = "disk, crash".parse().expect("known names");
        assert!(set.has(Fault::DiskFull) && set.has(Fault::IoError) && set.has(Fault::Crash));
        assert!(!set.has(Fault::CrashTorn) && !set.has(Fault::LineCut));
        assert_eq!("all".parse(), Ok(FaultSet::all()));
        assert_eq!("none".parse(), Ok(FaultSet::none()));
        for set in [set, FaultSet::all(), FaultSet::none()] {
            assert_eq!(set.to_string().parse(), Ok(set));
        }
        let refused = "flood".parse::<FaultSet>().expect_err("no such fault");
        assert!(
            refused.contains("`flood`") && refused.contains("operator"),
            "{refused}"
        );
    }

    #[test]
    fn names_are_told_apart() {
        let names: std::collections::BTreeSet<&str> =
            Fault::ALL.iter().map(|fault| fault.name()).collect();
        assert_eq!(names.len(), Fault::ALL.len());
    }
}
