//! One CAT port: the console's exchange, the line with what can happen on it, and the simulated terminal at its end.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use chrono::NaiveDateTime;

use super::clinic::Seat;
use super::dice::Dice;
use super::faults::Fault;
use super::swap::{NAMES, Swap};
use crate::app::message::Now;
use crate::cat::dialect::layout::Layout;
use crate::cat::model::{Model, NotFoundPower};
use crate::cat::session::Session;
use crate::cat::simulator::at_terminal::AtTerminal;
use crate::cat::simulator::books::{BookEntry, Books};
use crate::cat::simulator::script::Script;
use crate::cat::simulator::{Moment, Terminal, TerminalSettings};
use crate::cat::{Answer, Inquiry, LinkEvent, TransactionResult};

/// One CAT port.
#[derive(Debug)]
pub(super) struct Port {
    pub(super) seat: Seat,
    pub(super) session: Session,
    pub(super) terminal: Terminal,
    pub(super) line: Line,
    /// What the terminal wrote down, as far as it has not forgotten it.
    pub(super) memory: Vec<BookEntry>,
    /// The number of the amount that was given to the session last.
    pub(super) in_flight: Option<u32>,
    /// The number whose result the session holds un-acknowledged.
    pub(super) held: Option<u32>,
    /// Results that reached the console, the newest last.
    pub(super) answers: VecDeque<Heard>,
    /// The number that the terminal was asked about last.
    pub(super) asking: Option<u32>,
    /// How often in a row it said of a number that it does not know it.
    not_founds: BTreeMap<u32, u32>,
    /// When somebody took the terminal off the link last (ms).
    pub(super) left_link_ms: u64,
    /// When the terminal was last asked for money (ms).
    pub(super) asked_ms: u64,
    /// Words of its script that have not been counted yet.
    pub(super) script: VecDeque<&'static str>,
    /// Which terminal stands there, and which one stood there before.
    pub(super) swap: Swap,
}

/// A result that reached the console.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) result: TransactionResult,
    /// True where it answered what was asked.
    pub(super) asked: bool,
    /// The PC's clock at that moment.
    pub(super) at: NaiveDateTime,
}

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    ToTerminal,
    ToConsole,
}

/// The line: bytes under way, and what is wrong with it.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) connected: bool,
    to_terminal: VecDeque<u8>,
    to_console: VecDeque<u8>,
    /// Nothing moves before (ms).
    pub(super) still_until_ms: u64,
    /// This way swallows everything until then (ms).
    pub(super) swallows: Option<(Way, u64)>,
    /// ACK arrives as NAK until then (ms).
    pub(super) storm_until_ms: u64,
    /// What happens to the next bytes.
    pub(super) armed: Option<Fault>,
    /// Bytes since the last one that was changed, each way.
    clean: [usize; 2],
}

/// So many bytes pass whole between two that are changed, so that no block has two: a check of one byte sees one error, and not two
/// that make up for each other.
const CLEAN_BYTES_MIN: usize = 160;
/// ACK and NAK.
const ACK: u8 = 0x06;
const NAK: u8 = 0x15;

impl Line {
    /// Bytes leave one end.
    pub(super) fn put(&mut self, way: Way, bytes: &[u8]) {
        if self.connected {
            self.pipe(way).extend(bytes);
        }
    }

    fn pipe(&mut self, way: Way) -> &mut VecDeque<u8> {
        match way {
            Way::ToTerminal => &mut self.to_terminal,
            Way::ToConsole => &mut self.to_console,
        }
    }

    /// True where bytes wait that could move now.
    pub(super) fn can_move(&self, now_ms: u64) -> bool {
        now_ms >= self.still_until_ms
            && !(self.to_terminal.is_empty() && self.to_console.is_empty())
    }

    /// True where nothing is on the line.
    pub(super) fn is_empty(&self) -> bool {
        self.to_terminal.is_empty() && self.to_console.is_empty()
    }

    /// The line is closed: what was on it is gone.
    pub(super) fn close(&mut self) {
        *self = Line {
            storm_until_ms: self.storm_until_ms,
            swallows: self.swallows,
            ..Line::default()
        };
    }

    /// The faults stop.
    pub(super) fn mend(&mut self) {
        self.still_until_ms = 0;
        self.swallows = None;
        self.storm_until_ms = 0;
        self.armed = None;
    }

    /// Some bytes arrive, in pieces of any size, and the fault that changed them.
    pub(super) fn carry(&mut self, dice: &mut Dice, now_ms: u64) -> (Way, Vec<u8>, Option<Fault>) {
        let way = if self.to_console.is_empty() || !self.to_terminal.is_empty() && dice.chance(500)
        {
            Way::ToTerminal
        } else {
            Way::ToConsole
        };
        let pipe = self.pipe(way);
        // Whole or in pieces, as reads on a port go.
        let count = match dice.below(3) {
            0 => pipe.len(),
            _ => 1 + dice.index(pipe.len()),
        };
        let mut bytes: Vec<u8> = pipe.drain(..count.min(pipe.len())).collect();
        if self
            .swallows
            .is_some_and(|(swallowed, until)| swallowed == way && now_ms < until)
        {
            return (way, Vec::new(), None);
        }
        if way == Way::ToConsole && now_ms < self.storm_until_ms {
            for byte in bytes.iter_mut().filter(|byte| **byte == ACK) {
                *byte = NAK;
            }
        }
        let fault = self.change(dice, way, &mut bytes);
        (way, bytes, fault)
    }

    /// Do the armed fault to these bytes.
    fn change(&mut self, dice: &mut Dice, way: Way, bytes: &mut Vec<u8>) -> Option<Fault> {
        let clean = &mut self.clean[way as usize];
        *clean += bytes.len();
        if *clean < CLEAN_BYTES_MIN || bytes.is_empty() {
            return None;
        }
        let fault = self.armed.take()?;
        *clean = 0;
        let at = dice.index(bytes.len());
        match fault {
            Fault::ByteLost => {
                bytes.remove(at);
            }
            Fault::ByteDoubled => bytes.insert(at, bytes[at]),
            // Not the lowest: that one the script's own `garble` and `nak` turn over in the check, and both together would not be seen.
            Fault::BitFlipped => bytes[at] ^= 2 << dice.below(7),
            _ => {
                for _ in 0..=dice.below(4) {
                    // Controls more often than chance would have them.
                    let control = *dice.pick(&[0x02, 0x03, 0x04, 0x05, ACK, NAK]);
                    let any = u8::try_from(dice.below(256)).expect("a byte");
                    bytes.insert(at, if dice.chance(500) { control } else { any });
                }
            }
        }
        Some(fault)
    }
}

/// What the script of a terminal may say beside `approve`.
const SCRIPTS: &[&str] = &[
    "decline",
    "deficient",
    "command-error",
    "daily-log-full",
    "communication-error",
    "communication-error then approved",
    "communication-error then declined",
    "cancel",
    "busy",
    "standalone",
    "reset",
    "slow 2000",
    "silence",
    "silence-after-approve",
    "approve-then-cut",
    "cut-before",
    "late 9000",
    "late 90000",
    "reset-then-approved 0",
    "reset-then-approved 9000",
    "decline-then-cut",
    "progress-then-silence",
    "other-sale",
    "wrong-amount",
    "wrong-kind",
    "wrong-mode",
    "garble 2",
    "garble 9",
    "nak 1",
    "nak 9",
    "no-inquiry",
    "lying-not-found",
    "reboot-memory",
    "reboot-amnesia",
    "duplicate-result",
];
/// More answers than can be under way at once.
const ANSWERS_KEPT: usize = 16;
/// Lines of one script.
const SCRIPT_LINES: usize = 16;

/// True where this word would make a terminal of this class say of itself what its class promises never to say: such a terminal is outside
/// of what any console can be safe against.
fn contradicts(model: &Model, word: &str) -> bool {
    let can = &model.capabilities;
    match word {
        "lying-not-found" => can.not_found == NotFoundPower::SameJournal,
        "communication-error then approved" => can.communication_error_is_definite,
        _ => false,
    }
}

impl Port {
    pub(super) fn new(
        seat: &Seat,
        layout: &Arc<Layout>,
        dice: &mut Dice,
        moment: Moment,
        trouble: u64,
    ) -> Port {
        let seed = dice.below(1 << 30);
        let books = Books::new(Terminal::fresh_journal(seed, moment));
        let (terminal, script) = terminal((seat, NAMES[0]), layout, books, dice, seed, trouble);
        Port {
            session: Session::of_model(layout.clone(), &seat.model),
            seat: seat.clone(),
            terminal,
            line: Line::default(),
            memory: Vec::new(),
            in_flight: None,
            held: None,
            answers: VecDeque::new(),
            asking: None,
            not_founds: BTreeMap::new(),
            left_link_ms: 0,
            asked_ms: 0,
            script,
            swap: Swap::default(),
        }
    }

    /// The console's end begins anew.
    pub(super) fn restart_session(&mut self, layout: &Arc<Layout>) {
        self.session = Session::of_model(layout.clone(), &self.seat.model);
        self.in_flight = None;
        self.held = None;
        self.answers.clear();
        self.asking = None;
        self.not_founds.clear();
    }

    /// Off and on again: what it wrote down it knows afterwards, or nothing at all; what it was in the middle of is gone.
    pub(super) fn power_cycle(
        &mut self,
        layout: &Arc<Layout>,
        dice: &mut Dice,
        now: Moment,
        forgets: bool,
        trouble: u64,
    ) {
        let seed = dice.below(1 << 30);
        let fresh = Terminal::fresh_journal(seed, now);
        let off = !self.terminal.is_on_link();
        let mut books = Books::restore(self.memory.iter().cloned(), fresh.clone());
        if forgets {
            self.memory.clear();
            books = books.forgetting(fresh);
        }
        let of = (&self.seat, self.swap.name());
        let (terminal, script) = terminal(of, layout, books, dice, seed, trouble);
        self.terminal = terminal;
        self.script = script;
        // Most come back as they were left.
        if off && dice.chance(700) {
            self.left_link_ms = now.mono_ms;
            let stays = self.terminal.press(now, AtTerminal::LeaveLink);
            debug_assert!(stays.is_ok(), "it is idle");
        }
    }

    /// The console hears this: what it says of a transaction is kept for a while.
    pub(super) fn hears(&mut self, event: &LinkEvent, at: NaiveDateTime) {
        self.counts_not_found(event);
        let (LinkEvent::Answer { answer } | LinkEvent::Unasked { answer }) = event else {
            return;
        };
        let result = match answer {
            Answer::Result(result) => result,
            Answer::LastResult {
                inquiry: Inquiry::Found(result),
                ..
            } => result,
            _ => return,
        };
        if let (LinkEvent::Answer { .. }, Answer::Result(_)) = (event, answer) {
            self.held = self.in_flight;
        }
        if self.answers.len() >= ANSWERS_KEPT {
            self.answers.pop_front();
        }
        self.answers.push_back(Heard {
            result: result.clone(),
            asked: matches!(event, LinkEvent::Answer { .. }),
            at,
        });
    }

    fn counts_not_found(&mut self, event: &LinkEvent) {
        if let LinkEvent::Answer {
            answer: Answer::LastResult { inquiry, .. },
        } = event
            && let Some(number) = self.asking
            && self.swap.was_asked_for(number)
        {
            let said = self.not_founds.entry(number).or_default();
            *said = if *inquiry == Inquiry::NotFound {
                *said + 1
            } else {
                0
            };
        }
    }

    /// True where this terminal said it so often, and promises that this proves something.
    pub(super) fn denies(&self, number: u32) -> bool {
        let model = &self.seat.model;
        let said = self.not_founds.get(&number).copied().unwrap_or_default();
        model.capabilities.not_found == NotFoundPower::SameJournal
            && said >= model.timers.not_found_repeats
    }

    /// When something here is due (ms).
    pub(super) fn due(&self) -> Option<u64> {
        let aside = self.swap.due();
        [
            self.session.poll_timeout(),
            self.terminal.poll_timeout(),
            aside,
        ]
        .into_iter()
        .flatten()
        .chain((!self.line.is_empty()).then_some(self.line.still_until_ms))
        .min()
    }
}

pub(super) fn terminal(
    (seat, name): (&Seat, &str),
    layout: &Arc<Layout>,
    books: Books,
    dice: &mut Dice,
    seed: u64,
    trouble: u64,
) -> (Terminal, VecDeque<&'static str>) {
    let mut words: VecDeque<&str> = VecDeque::new();
    if trouble > 0 {
        for _ in 0..SCRIPT_LINES {
            let word = *dice.pick(SCRIPTS);
            let plain = !dice.chance(trouble) || contradicts(&seat.model, word);
            words.push_back(if plain { "approve" } else { word });
        }
    }
    let lines: Vec<&str> = words.iter().copied().collect();
    let script = Script::parse(&lines.join("\n")).expect("words of the script language");
    let settings = TerminalSettings {
        seed,
        repeats: seat.repeats,
        terminal_id: name.to_owned(),
        ..TerminalSettings::default()
    };
    (
        Terminal::new(&seat.model, layout.clone(), books, script, settings),
        words,
    )
}

/// The terminal's own clock is right, whatever the PC's says.
pub(super) fn moment(now: Now) -> Moment {
    let running = i64::try_from(now.mono_ms).unwrap_or_default();
    Moment {
        mono_ms: now.mono_ms,
        wall: super::clinic::morning() + chrono::Duration::milliseconds(running),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cat::simulator::script::WORDS;

    #[test]
    fn every_word_of_the_script_language_is_played() {
        for entry in WORDS.iter().filter(|entry| entry.word != "approve") {
            let played = SCRIPTS
                .iter()
                .any(|word| word.split(' ').next() == Some(entry.word));
            assert!(played, "{}", entry.word);
        }
    }

    #[test]
    fn two_changes_never_meet_in_one_block() {
        let mut dice = Dice::new(7);
        let mut line = Line {
            connected: true,
            ..Line::default()
        };
        let mut since = None;
        for round in 0..2_000 {
            line.armed = Some(Fault::BitFlipped);
            line.put(Way::ToTerminal, &[0x41; 40]);
            let (_, bytes, fault) = line.carry(&mut dice, 0);
            let between = since.map_or(usize::MAX, |since: usize| since + bytes.len());
            if fault.is_some() {
                assert!(between >= CLEAN_BYTES_MIN, "round {round}");
                since = Some(0);
            } else {
                since = since.map(|since| since + bytes.len());
            }
        }
    }
}
