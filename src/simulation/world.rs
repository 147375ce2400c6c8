//! One counter and all around it in one thread: the real console, the real books, the real exchange, and a simulated terminal, with line,
//! disk, clock, operator and power switch in the hands of a seed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use chrono::Duration;

use super::clinic::{self, Clinic};
use super::dice::Dice;
use super::disk::{Disk, DiskError};
use super::faults::{Fault, Weather};
use super::invariants::{Check, Invariant, Violation};
use super::ledger::Ledger;
use super::port::{Port, moment};
use super::story::{Story, short};
use super::truth::Truth;
use super::{Counts, Operation};
use crate::app::message::{Effect, Message, Now, StoreRequest};
use crate::app::settings::Settings;
use crate::app::{Screen, State, update};
use crate::cat::dialect::layout::Layout;
use crate::domain::sale::Operator;
use crate::domain::slip::SlipNumber;
use crate::edge::store::BooksKind;

mod at_terminal;
mod books;
mod by_hand;
mod end;
mod line;
mod operator;
mod people;
mod reversals;
mod screen;
mod strikes;
mod swap;
mod taking_back;

/// The counter and all around it.
pub(super) struct World<'a> {
    console: Console,
    ports: Vec<Port>,
    layout: &'a Arc<Layout>,
    disk: &'a mut Disk,
    ledger: Ledger,
    truth: Truth,
    dice: Dice,
    weather: Weather,
    trouble: Trouble,
    day: Day,
    desk: Desk,
    /// Numbers that stood on the screen as not charged.
    let_go: BTreeSet<u32>,
    pub(super) counts: Counts,
    pub(super) story: Story,
    pub(super) violations: Vec<Violation>,
}

/// The process at the counter.
struct Console {
    settings: Settings,
    state: State,
    effects: VecDeque<Effect>,
    inbox: VecDeque<Message>,
    now: Now,
}

/// What is wrong for a while.
#[derive(Debug, Default)]
struct Trouble {
    /// The next so many writes fail like this.
    disk: Option<(Fault, u64)>,
    /// The disk failed: nothing is written before a restart.
    poisoned: bool,
    /// A commit was told as failed; until a restart the console may not know of it.
    untold: bool,
    /// The sale that was opened and told as failed last.
    opened: Option<(StoreRequest, SlipNumber)>,
    /// No port opens before (ms).
    unreachable_until_ms: u64,
    /// What the operator does next.
    operator: Option<Fault>,
    /// How the console dies at the next write.
    crash: Option<Fault>,
    /// A crash image is looked at after so many more writes.
    image_in: Option<u64>,
}

/// How far the day has come.
#[derive(Debug)]
struct Day {
    practice: bool,
    /// Every crash image is opened as the console opens its books.
    opens_images: bool,
    /// Operations still to begin.
    left: u64,
    /// What she does more often than anything else, where anything.
    often: &'static [Operation],
    /// What the operator is at.
    doing: Operation,
    /// Nobody is at the keys before (ms).
    away_until_ms: u64,
    /// When the present screen came (ms), by its name.
    screen: (&'static str, u64),
}

/// What the operator has in her head.
#[derive(Debug)]
struct Desk {
    /// Who she is, as she said.
    who: Operator,
    /// How often she has tried on the screen before her.
    tries: u64,
    /// Since when each piece of work by hand waits for its terminal to be back on the link (ms).
    off_since_ms: BTreeMap<SlipNumber, u64>,
    /// The faults have stopped: she finishes everything.
    calm: bool,
    /// The bill at the counter cannot be paid: she lets it go.
    drops_bill: bool,
}

/// Events before the faults stop, whatever is still to be done.
const EVENTS_MAX: u64 = 4_000;
/// Events after that, before somebody starts a console anew that the books refuse what they have.
const PATIENCE_EVENTS: u64 = 2_000;
/// Events, before "never" is said.
const CALM_EVENTS_MAX: u64 = 20_000;
/// One session in so many opens its crash images as the console opens its books.
const OPENED_ONE_IN: u64 = 16;

impl<'a> World<'a> {
    pub(super) fn new(
        seed: u64,
        wanted: &super::Settings,
        story: Story,
        disk: &'a mut Disk,
        layout: &'a Arc<Layout>,
    ) -> World<'a> {
        let mut dice = Dice::new(seed);
        let clinic = Clinic::draw(&mut dice);
        let weather = Weather::draw(&mut dice, &wanted.faults);
        let now = Now {
            mono_ms: 1_000,
            wall: clinic::morning(),
        };
        let ports = clinic
            .seats
            .iter()
            .map(|seat| {
                let trouble = weather.script_trouble;
                Port::new(seat, layout, &mut dice, moment(now), trouble)
            })
            .collect();
        let settings = clinic.settings();
        let who = settings.operator.clone();
        let few = dice.chance(900) && wanted.often.is_empty();
        let operations = if few {
            1 + dice.below(3)
        } else {
            1 + dice.below(20)
        };
        let image_in = dice.chance(120).then(|| dice.below(4 * operations));
        World {
            console: Console {
                state: State::new(settings.clone(), now, (80, 24)),
                settings,
                effects: VecDeque::new(),
                inbox: VecDeque::new(),
                now,
            },
            ports,
            layout,
            disk,
            ledger: Ledger::default(),
            truth: Truth::default(),
            dice,
            weather,
            trouble: Trouble {
                image_in,
                ..Trouble::default()
            },
            day: Day {
                practice: clinic.practice,
                opens_images: seed.is_multiple_of(OPENED_ONE_IN),
                left: operations,
                often: wanted.often,
                doing: Operation::CardSale,
                away_until_ms: 0,
                screen: ("", 0),
            },
            desk: Desk {
                who,
                tries: 0,
                off_since_ms: BTreeMap::new(),
                calm: false,
                drops_bill: false,
            },
            let_go: BTreeSet::new(),
            counts: Counts::default(),
            story,
            violations: Vec::new(),
        }
    }

    /// The whole session.
    pub(super) fn play(&mut self) -> Result<(), DiskError> {
        let kind = self.kind();
        self.disk.begin(kind, self.day.opens_images)?;
        self.live();
        Ok(())
    }

    /// A day at the counter: operations and faults; then the faults stop, and an honest operator finishes what is open.
    fn live(&mut self) {
        self.begin();
        let mut events = 0;
        while events < EVENTS_MAX && (self.day.left > 0 || !self.is_quiet()) {
            events += 1;
            self.step();
            if self.stopped() {
                return;
            }
        }
        self.calm_down();
        if !self.come_to_rest() {
            return;
        }
        if self.trouble.untold {
            // What the books have and the console never heard of is found by the next start, and finished like the rest.
            self.leave();
            if self.stopped() || !self.come_to_rest() {
                return;
            }
        }
        self.audit();
        if !self.stopped() && self.dice.chance(25) {
            self.restart_without_news();
        }
    }

    fn begin(&mut self) {
        let (practice, models) = (self.day.practice, self.ports.len());
        self.tell_story(|| {
            let kind = if practice { "practice" } else { "live" };
            format!("a {kind} day with {models} terminal(s)")
        });
        for index in 0..self.ports.len() {
            let port = &self.ports[index];
            let (cat, can, script) = (
                port.seat.cat,
                port.seat.model.capabilities,
                port.script.clone(),
            );
            self.tell_story(|| format!("{cat:?} can: {can:?}"));
            self.tell_story(|| format!("{cat:?} will: {script:?}"));
        }
        self.start_console();
    }

    fn stopped(&self) -> bool {
        !self.violations.is_empty()
    }

    fn calm_down(&mut self) {
        self.tell_story(|| "--- the faults stop ---".to_owned());
        self.weather.clear();
        self.desk.calm = true;
        self.day.left = 0;
        self.trouble.disk = None;
        self.trouble.unreachable_until_ms = 0;
        self.trouble.operator = None;
        self.day.away_until_ms = 0;
        self.trouble.crash = None;
        for port in &mut self.ports {
            port.line.mend();
        }
        self.end_swaps();
    }

    /// I13. False where it never ends, or something is wrong.
    fn come_to_rest(&mut self) -> bool {
        for event in 0..CALM_EVENTS_MAX {
            // What the books have and the console does not know of they refuse in other words, for ever: who is at the keys starts it anew.
            // A console that does not know how to go on by itself finds no such help.
            let at_keys = !matches!(self.console.state.screen, Screen::Charging(_));
            if event >= PATIENCE_EVENTS && self.trouble.untold && at_keys {
                self.leave();
            }
            if self.is_quiet() {
                self.must(Invariant::RecoveryEnds, Ok(()));
                return true;
            }
            self.step();
            if self.stopped() {
                return false;
            }
        }
        let screen = screen_name(&self.console.state.screen);
        let never = Err(format!(
            "on the screen `{screen}`, although the faults have stopped"
        ));
        self.must(Invariant::RecoveryEnds, never);
        false
    }

    /// Nothing open, nothing under way.
    fn is_quiet(&self) -> bool {
        let state = &self.console.state;
        state.unsettled() == 0
            && self.truth.unbooked().is_none()
            && matches!(state.screen, Screen::Register(_))
            && state.popups.is_empty()
            && self.console.effects.is_empty()
            && self.console.inbox.is_empty()
            && !self.trouble.poisoned
    }

    /// Note a check; the first that fails ends the session.
    fn must(&mut self, invariant: Invariant, check: Check) {
        self.counts.checked[invariant as usize] += 1;
        if let Err(what) = check {
            self.tell_story(|| format!("!!! {invariant}: {what}"));
            self.violations.push(Violation { invariant, what });
        }
    }

    fn tell_story(&mut self, words: impl FnOnce() -> String) {
        self.story.tell(self.console.now, words);
    }

    /// One event of the world.
    fn step(&mut self) {
        self.counts.events += 1;
        if let Some(fault) = self.weather.strikes(&mut self.dice) {
            self.strike(fault);
            return;
        }
        let idle_effects = self.console.effects.is_empty();
        let idle_inbox = self.console.inbox.is_empty();
        match self.dice.below(20) {
            0..=7 if !idle_effects => self.do_effect(),
            2..=10 if !idle_inbox => self.take_message(),
            // Time passes also while something waits.
            19 => self.pass_time(),
            _ if self.move_bytes() => {}
            _ if !idle_effects => self.do_effect(),
            _ if !idle_inbox => self.take_message(),
            _ => self.operate(),
        }
    }

    fn do_effect(&mut self) {
        match self.console.effects.pop_front() {
            Some(Effect::Store(request)) => self.ask_store(request),
            Some(Effect::Link(cat, request)) => self.ask_link(cat, request),
            Some(Effect::Quit) => self.leave(),
            Some(
                Effect::LinkSetup(_)
                | Effect::Print(_)
                | Effect::Export(_)
                | Effect::Goods(_)
                | Effect::Orca(_)
                | Effect::SaveKey { .. }
                | Effect::Bell(_)
                | Effect::Redraw,
            )
            | None => {}
        }
    }

    fn take_message(&mut self) {
        if let Some(message) = self.console.inbox.pop_front() {
            self.tell(message);
        }
    }

    fn tell(&mut self, message: Message) {
        let failed = matches!(
            &message,
            Message::Stored(crate::app::message::Stored::Failed { .. })
        );
        self.story.tell(self.console.now, || {
            format!("console hears {}", short(&message))
        });
        let effects = update(&mut self.console.state, self.console.now, message);
        self.look_at_speaker(&effects);
        self.console.effects.extend(effects);
        if failed {
            let said = self.console.state.note.is_some();
            let silent = "the books refused, and the console says nothing";
            let check = if said { Ok(()) } else { Err(silent.to_owned()) };
            self.must(Invariant::NoSilentStop, check);
        }
        self.look_at_screen();
    }

    fn pass_time(&mut self) {
        let a_while = self.console.now.mono_ms + 500 + self.dice.below(3_000);
        // With nobody at the keys nothing happens before something is due.
        let idle = a_while.max(self.day.away_until_ms);
        let next = self.ports.iter().filter_map(Port::due);
        let at = next.chain(self.console.state.deadline()).min();
        self.pass_to(at.unwrap_or(idle).min(idle));
    }

    fn pass_to(&mut self, at: u64) {
        let at = at.max(self.console.now.mono_ms);
        let passed = i64::try_from(at - self.console.now.mono_ms).expect("a short time");
        self.console.now.mono_ms = at;
        self.console.now.wall += Duration::milliseconds(passed);
        let moment = moment(self.console.now);
        for index in 0..self.ports.len() {
            let port = &mut self.ports[index];
            if port.session.poll_timeout().is_some_and(|due| due <= at) {
                port.session.handle_timeout(at);
            }
            if port.terminal.poll_timeout().is_some_and(|due| due <= at) {
                port.terminal.handle_timeout(moment);
            }
            self.drain(index);
            self.keep_aside(index);
        }
        if self.console.state.deadline().is_some_and(|due| due <= at) {
            self.tell(Message::TimeReached);
        }
    }

    /// Start the process. What it knows it reads from the books.
    fn start_console(&mut self) {
        let settings = self.console.settings.clone();
        self.desk.who = settings.operator.clone();
        self.console.state = State::new(settings, self.console.now, (80, 24));
        self.trouble.poisoned = false;
        self.trouble.untold = false;
        self.trouble.opened = None;
        self.console.inbox.clear();
        for port in &mut self.ports {
            port.restart_session(self.layout);
        }
        self.console.effects = self.console.state.start().into();
        self.tell_story(|| "the console starts".to_owned());
        self.look_at_screen();
    }

    fn kind(&self) -> BooksKind {
        if self.day.practice {
            BooksKind::Practice
        } else {
            BooksKind::Live
        }
    }
}

/// A screen in one word, for people.
fn screen_name(screen: &Screen) -> &'static str {
    match screen {
        Screen::Opening(_) => "opening",
        Screen::Register(_) => "register",
        Screen::Checkout(_) => "checkout",
        Screen::CardSelect(_) => "card select",
        Screen::ByHand(_) => "by hand",
        Screen::Charging(_) => "charging",
        Screen::Done(_) => "done",
        Screen::NotCharged(_) => "not charged",
        Screen::Unknown(_) => "unknown",
        Screen::Scan(_) => "scan",
        Screen::Items(_) => "items",
        Screen::Import(_) => "import",
        Screen::History(_) => "history",
        Screen::CardReport(_) => "card report",
        Screen::Receipt(_) => "receipt",
        Screen::Undo(_) => "undo",
        Screen::Unresolved(_) => "unresolved",
        Screen::KeyCheck(_) => "key check",
        Screen::LinkSetup(_) => "link setup",
        Screen::Printer(_) => "printer",
        Screen::Unreflected(_) => "unreflected",
        Screen::Worklist(_) => "worklist",
        Screen::Bill(_) => "bill",
        Screen::Wizard(_) => "by hand, page by page",
    }
}
