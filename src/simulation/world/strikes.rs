//! What goes wrong, done: to the line, the terminal, the disk, the clock and the process.

use chrono::Duration;

use super::World;
use super::books::writes;
use crate::app::message::StoreRequest;
use crate::simulation::disk::Image;
use crate::simulation::faults::Fault;
use crate::simulation::port::{Way, moment};

impl World<'_> {
    /// A fault happens now, or waits for the next thing it can happen to.
    pub(super) fn strike(&mut self, fault: Fault) {
        self.tell_story(|| format!("*** {}", fault.name()));
        let index = self.dice.index(self.ports.len());
        let now = self.console.now.mono_ms;
        match fault {
            Fault::LineCut => {
                self.counts.fault(fault);
                self.hang_up(index);
            }
            Fault::Unreachable => {
                self.counts.fault(fault);
                self.trouble.unreachable_until_ms = now + 1_000 + self.dice.below(30_000);
            }
            Fault::ByteLost | Fault::ByteDoubled | Fault::BitFlipped | Fault::Noise => {
                self.ports[index].line.armed = Some(fault);
            }
            Fault::Delayed | Fault::HalfOpen | Fault::NakStorm => self.disturb(index, fault),
            Fault::PowerCycle | Fault::Amnesia => {
                self.counts.fault(fault);
                self.hang_up(index);
                let moment = moment(self.console.now);
                let trouble = self.weather.script_trouble;
                let forgets = fault == Fault::Amnesia;
                let (layout, dice) = (self.layout, &mut self.dice);
                self.ports[index].power_cycle(layout, dice, moment, forgets, trouble);
                if self.ports[index].terminal.is_on_link() {
                    self.tell_story(|| "it is on the link".to_owned());
                }
            }
            Fault::Swapped => {
                self.counts.fault(fault);
                self.swap(index);
            }
            Fault::DiskFull | Fault::ReadOnly | Fault::Locked => {
                self.trouble.disk = Some((fault, 1 + self.dice.below(4)));
            }
            Fault::Refused | Fault::IoError | Fault::IoErrorAfter | Fault::CommitUntold => {
                self.trouble.disk = Some((fault, 1));
            }
            Fault::ClockForward | Fault::ClockBack | Fault::ClockYears => self.turn_clock(fault),
            Fault::Crash => {
                self.counts.fault(fault);
                self.die();
            }
            Fault::CrashCheckpoint => {
                self.counts.fault(fault);
                let image = self.disk.half_checkpointed(&mut self.dice);
                self.come_back_on(&image);
            }
            Fault::CrashTorn | Fault::CrashUnheard => self.trouble.crash = Some(fault),
            Fault::Script => {}
            Fault::HurriedKeys
            | Fault::WrongKey
            | Fault::DoublePress
            | Fault::GivesUp
            | Fault::Parks
            | Fault::WrongProof
            | Fault::WalksAway => self.trouble.operator = Some(fault),
        }
    }

    fn disturb(&mut self, index: usize, fault: Fault) {
        self.counts.fault(fault);
        let until = self.console.now.mono_ms + 100 + self.dice.below(30_000);
        let way = *self.dice.pick(&[Way::ToTerminal, Way::ToConsole]);
        let line = &mut self.ports[index].line;
        match fault {
            Fault::Delayed => line.still_until_ms = until,
            Fault::HalfOpen => line.swallows = Some((way, until)),
            _ => line.storm_until_ms = until,
        }
    }

    fn turn_clock(&mut self, fault: Fault) {
        self.counts.fault(fault);
        let seconds = i64::try_from(1 + self.dice.below(48 * 3_600)).expect("two days");
        let years = i64::try_from(1 + self.dice.below(10)).expect("ten years");
        let by = match fault {
            Fault::ClockForward => Duration::seconds(seconds),
            Fault::ClockBack => -Duration::seconds(seconds),
            _ if self.dice.chance(500) => Duration::days(365 * years),
            _ => -Duration::days(365 * years),
        };
        self.console.now.wall += by;
    }

    /// kill -9, or the power: what the process knew is gone, what was committed is there.
    pub(super) fn die(&mut self) {
        let image = self.disk.whole();
        self.come_back_on(&image);
    }

    /// The process dies at a write: in the middle of the commit, or between the commit and its answer.
    pub(super) fn die_writing(&mut self, fault: Fault, request: StoreRequest) {
        debug_assert!(writes(&request), "only a write can be torn");
        self.counts.fault(fault);
        let start = self.disk.log_end();
        let answer = self.disk.handle(request.clone());
        let end = self.disk.log_end();
        let image = if fault == Fault::CrashTorn && end > start {
            self.tell_story(|| "*** the console dies in the middle of this commit".to_owned());
            self.disk.torn(&mut self.dice, start, end)
        } else {
            self.tell_story(|| "*** the console dies before it hears of this commit".to_owned());
            self.committed(&request, &answer);
            self.disk.whole()
        };
        self.come_back_on(&image);
    }

    /// The operator leaves the console and comes back. Mostly the store stays open and only the process's memory is new: opening a file that
    /// was closed in order is the least of what crashes put to the test, and the dearest.
    pub(super) fn leave(&mut self) {
        self.tell_story(|| "the operator leaves the console".to_owned());
        self.disk.store().checkpoint(0);
        if self.dice.chance(250) {
            let image = self.disk.whole();
            self.come_back_on(&image);
            return;
        }
        self.process_ends();
        self.disk.store().begin_run();
        self.nobody_there();
        self.start_console();
    }

    /// The counter closes, and somebody opens it the next day. Now and then the terminal is used in between.
    pub(super) fn sleep(&mut self) {
        self.tell_story(|| "the counter closes for the night".to_owned());
        self.disk.store().checkpoint(0);
        self.process_ends();
        self.disk.store().begin_run();
        self.nobody_there();
        if self.dice.chance(300) {
            self.sell_standalone();
        }
        let night = 1_000 * 3_600 * (8 + self.dice.below(60));
        self.console.now.mono_ms += night;
        self.console.now.wall += Duration::milliseconds(i64::try_from(night).expect("some nights"));
        self.nobody_there();
        self.start_console();
    }

    fn process_ends(&mut self) {
        self.tell_story(|| "the console is gone".to_owned());
        self.counts.restarts += 1;
        self.console.effects.clear();
        for index in 0..self.ports.len() {
            self.hang_up(index);
        }
        self.console.inbox.clear();
    }

    fn come_back_on(&mut self, image: &Image) {
        self.process_ends();
        if let Some(books) = self.open_image(image) {
            self.disk.go_on_with(books);
            self.nobody_there();
            self.start_console();
        }
    }

    /// Time passes while no process runs at the counter; the terminals go on.
    fn nobody_there(&mut self) {
        let away = 500 + self.dice.below(20_000);
        self.console.now.mono_ms += away;
        self.console.now.wall += Duration::milliseconds(i64::try_from(away).expect("seconds"));
        let moment = moment(self.console.now);
        for index in 0..self.ports.len() {
            self.ports[index].terminal.handle_timeout(moment);
            self.drain(index);
            self.keep_aside(index);
        }
        self.console.inbox.clear();
    }
}
