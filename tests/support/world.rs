//! A whole counter in one thread: the real console, the real books on disk, the real exchange, and a simulated terminal, with the
//! line, the clock, the operator and the power switch in the hands of a seed.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use chrono::Duration;
use madoguchi::app::key::{Input, Key, KeyPress};
use madoguchi::app::message::{
    Effect, LinkRequest, Message, Now, StoreRequest, StoreTrouble, Stored,
};
use madoguchi::app::unknown::Stage;
use madoguchi::app::{Screen, State, update};
use madoguchi::cat::dialect::layout::Layout;
use madoguchi::cat::model::{Model, Timers};
use madoguchi::cat::session::Session;
use madoguchi::cat::simulator::books::{BookEntry, BookOutcome, Books};
use madoguchi::cat::simulator::script::Script;
use madoguchi::cat::simulator::{Moment, Terminal, TerminalEvent, TerminalSettings};
use madoguchi::cat::{Break, Exposure, LinkEvent};
use madoguchi::domain::ledger::{CatId, SaleState};
use madoguchi::domain::record::SaleRecord;
use madoguchi::domain::slip::SlipNumber;
use madoguchi::edge::store::{BooksKind, Store};

use super::desk;

#[path = "world/dice.rs"]
mod dice;
#[path = "world/invariants.rs"]
mod invariants;
#[path = "world/operator.rs"]
mod operator;

use dice::Dice;

/// How often what goes wrong, per thousand steps; drawn anew for each seed, so that some days are calm and some brutal.
struct Weather {
    cut: u64,
    lose: u64,
    flip: u64,
    crash: u64,
    unreachable: u64,
    storm: u64,
    /// The terminal is switched off and on.
    power: u64,
    /// The books take nothing: per thousand writes.
    refusal: u64,
}

impl Weather {
    const CALM: Weather = Weather {
        cut: 0,
        lose: 0,
        flip: 0,
        crash: 0,
        unreachable: 0,
        storm: 0,
        power: 0,
        refusal: 0,
    };
}

/// The counter and all around it.
pub(crate) struct World {
    pub(crate) state: State,
    store: Option<Store>,
    path: PathBuf,
    _folder: tempfile::TempDir,
    session: Session,
    terminal: Terminal,
    /// What the terminal charged or refused, across everything it forgets.
    pub(crate) charged: Vec<BookEntry>,
    /// How often each number was asked for.
    asked: BTreeMap<u32, u32>,
    now: Now,
    connected: bool,
    to_terminal: VecDeque<u8>,
    to_console: VecDeque<u8>,
    effects: VecDeque<Effect>,
    inbox: VecDeque<Message>,
    dice: Dice,
    weather: Weather,
    /// What happened, in words; printed when something is wrong.
    pub(crate) trace: VecDeque<String>,
    scripts: u64,
}

const SCRIPTS: &[&str] = &[
    "approve",
    "approve",
    "approve",
    "decline",
    "cancel",
    "busy",
    "standalone",
    "slow 2000",
    "silence",
    "silence-after-approve",
    "approve-then-cut",
    "cut-before",
    "late 90000",
    "other-sale",
    "wrong-amount",
    "wrong-kind",
    "wrong-mode",
    "garble 2",
    "nak 1",
    "nak 9",
    "no-inquiry",
    "reboot-memory",
    "reboot-amnesia",
    "duplicate-result",
];

/// Shorter than a real counter's, so that a day is soon over; every ratio between them is kept.
fn timers() -> Timers {
    Timers {
        transaction_ms: 20_000,
        transaction_max_ms: 40_000,
        ..desk::model().timers
    }
}

impl World {
    pub(crate) fn new(seed: u64) -> World {
        let mut dice = Dice::new(seed);
        // In memory where the system has such a folder: what is tested here is order, not the disk.
        let folder = tempfile::tempdir_in("/dev/shm")
            .or_else(|_| tempfile::tempdir())
            .expect("a folder");
        let path = folder.path().join("books.db");
        let mut model = desk::model();
        model.timers = timers();
        let now = Now {
            mono_ms: 1_000,
            wall: desk::wall(),
        };
        let scripts = scripts(&mut dice);
        let books = Books::new(Terminal::fresh_journal(seed, moment(now)));
        let terminal = terminal(&model, books, &scripts, seed);
        let scale = dice.below(4);
        let weather = Weather {
            cut: dice.below(4) * scale,
            lose: dice.below(6) * scale,
            flip: dice.below(6) * scale,
            crash: dice.below(4) * scale,
            unreachable: dice.below(200) * scale / 3,
            storm: dice.below(100) * scale / 3,
            power: dice.below(4) * scale,
            refusal: dice.below(60) * scale,
        };
        let mut world = World {
            state: State::new(settings(), now, (80, 24)),
            store: None,
            path,
            _folder: folder,
            session: Session::new(Layout::open_cat(), timers()),
            terminal,
            charged: Vec::new(),
            asked: BTreeMap::new(),
            now,
            connected: false,
            to_terminal: VecDeque::new(),
            to_console: VecDeque::new(),
            effects: VecDeque::new(),
            inbox: VecDeque::new(),
            dice,
            weather,
            trace: VecDeque::new(),
            scripts: 12,
        };
        world.note(format!("script:\n{scripts}"));
        world.start_console();
        world
    }

    /// A day at the counter: sales, faults and key storms; then the faults stop and an honest operator finishes what is open.
    pub(crate) fn live(&mut self, steps: u64) {
        for _ in 0..steps {
            self.step();
            self.check();
        }
        self.weather = Weather::CALM;
        self.note("the faults stop");
        for _ in 0..20_000 {
            self.step();
            self.check();
            if self.is_quiet() {
                return;
            }
        }
        self.fail("what is open is never settled, although the faults have stopped");
    }

    /// Nothing open, nothing under way.
    fn is_quiet(&self) -> bool {
        self.state.open.is_empty()
            && matches!(self.state.screen, Screen::Register(_))
            && self.effects.is_empty()
            && self.inbox.is_empty()
    }

    fn note(&mut self, what: impl Into<String>) {
        if self.trace.len() > 4000 {
            self.trace.pop_front();
        }
        self.trace
            .push_back(format!("{:>8} {}", self.now.mono_ms, what.into()));
    }

    pub(crate) fn fail(&self, why: &str) -> ! {
        for line in &self.trace {
            eprintln!("{line}");
        }
        eprintln!("screen {:?}\nnote {:?}", self.state.screen, self.state.note);
        panic!("{why}");
    }

    fn start_console(&mut self) {
        self.store = Some(Store::open(&self.path, BooksKind::Live).expect("the books open"));
        self.state = State::new(settings(), self.now, (80, 24));
        self.session = Session::new(Layout::open_cat(), timers());
        self.effects = self.state.start().into();
        self.note("the console starts");
    }

    /// kill -9, or the power: whatever was not durable is gone.
    fn crash(&mut self) {
        self.note("the console dies");
        self.store = None;
        self.effects.clear();
        self.inbox.clear();
        self.hang_up();
        self.start_console();
    }

    /// What it wrote down it knows afterwards; what it was in the middle of is gone, and was not charged.
    fn switch_terminal_off_and_on(&mut self) {
        self.note("the terminal is switched off and on");
        self.hang_up();
        let mut model = desk::model();
        model.timers = timers();
        let seed = self.dice.below(1 << 20);
        let fresh = Terminal::fresh_journal(seed, moment(self.now));
        let books = Books::restore(self.charged.iter().cloned(), fresh);
        let scripts = scripts(&mut self.dice);
        self.terminal = terminal(&model, books, &scripts, seed);
    }

    fn step(&mut self) {
        if self.dice.chance(self.weather.crash) {
            self.crash();
            return;
        }
        if self.connected && self.dice.chance(self.weather.cut) {
            self.note("the line is cut");
            self.hang_up();
            return;
        }
        if self.dice.chance(self.weather.power) {
            self.switch_terminal_off_and_on();
            return;
        }
        match self.dice.below(10) {
            0..=3 if !self.effects.is_empty() => self.do_effect(),
            1..=5 if !self.inbox.is_empty() => self.take_message(),
            _ if self.move_bytes() => {}
            _ if !self.effects.is_empty() => self.do_effect(),
            _ if !self.inbox.is_empty() => self.take_message(),
            7..=9 => self.operate(),
            _ => self.pass_time(),
        }
    }

    fn do_effect(&mut self) {
        match self.effects.pop_front() {
            Some(Effect::Store(request)) => self.ask_store(request),
            Some(Effect::Link(_, request)) => self.ask_link(request),
            Some(
                Effect::LinkSetup(_)
                | Effect::SaveKey { .. }
                | Effect::Bell(_)
                | Effect::Redraw
                | Effect::Quit,
            )
            | None => {}
        }
        if self.state.leaving.is_some() {
            self.crash();
        }
    }

    fn ask_store(&mut self, request: StoreRequest) {
        self.note(format!("store {}", short(&request)));
        let stored = if self.dice.chance(self.weather.refusal) && writes(&request) {
            let trouble = self.dice.pick(&[
                StoreTrouble::Locked,
                StoreTrouble::DiskFull,
                StoreTrouble::ReadOnly,
            ]);
            Stored::Failed {
                request: Box::new(request),
                trouble: trouble.clone(),
            }
        } else {
            self.store.as_mut().expect("open").handle(request)
        };
        if let Stored::Failed { request, trouble } = &stored {
            let line = format!("the books refuse: {trouble:?} {request:?}");
            self.note(line);
        }
        self.inbox.push_back(Message::Stored(stored));
    }

    fn ask_link(&mut self, request: LinkRequest) {
        self.note(format!("link {request:?}"));
        let at = self.now.wall.naive_local();
        match request {
            LinkRequest::Connect => {
                if !self.connected && self.dice.chance(self.weather.unreachable) {
                    self.link_event(LinkEvent::Down {
                        cause: Break::Unreachable,
                        detail: "no such port".into(),
                    });
                    return;
                }
                if !self.connected {
                    self.connected = true;
                    let moment = moment(self.now);
                    self.terminal.handle_connect(moment);
                }
                self.link_event(LinkEvent::Up);
            }
            LinkRequest::Send(_) if !self.connected => self.link_event(LinkEvent::Broken {
                exposure: Exposure::Nothing,
                cause: Break::Disconnected,
            }),
            LinkRequest::Send(command) => {
                // As the link's own driver does it.
                let unsent = command.moves_money() && !self.session.carries_money();
                let started = self.session.start(self.now.mono_ms, at, command);
                if started.is_err() && unsent {
                    self.link_event(LinkEvent::Broken {
                        exposure: Exposure::Nothing,
                        cause: Break::Refused,
                    });
                }
            }
            LinkRequest::Acknowledge => self.session.acknowledge(self.now.mono_ms),
            LinkRequest::Abandon => self.session.abandon(self.now.mono_ms),
        }
        self.drain();
    }

    fn link_event(&mut self, event: LinkEvent) {
        self.inbox.push_back(Message::Link(CatId::Cat1, event));
    }

    fn take_message(&mut self) {
        if let Some(message) = self.inbox.pop_front() {
            self.tell(message);
        }
    }

    fn tell(&mut self, message: Message) {
        self.note(format!("message {}", short(&message)));
        let effects = update(&mut self.state, self.now, message);
        self.effects.extend(effects);
    }

    fn hang_up(&mut self) {
        if self.connected {
            self.connected = false;
            self.to_terminal.clear();
            self.to_console.clear();
            self.terminal.handle_disconnect(moment(self.now));
            self.session.handle_disconnect(self.now.mono_ms);
            self.drain();
            self.link_event(LinkEvent::Down {
                cause: Break::Disconnected,
                detail: "cut".into(),
            });
        }
    }

    /// Some bytes arrive, in pieces of any size, some of them lost or changed.
    fn move_bytes(&mut self) -> bool {
        let towards_terminal = if self.dice.chance(500) {
            !self.to_terminal.is_empty()
        } else {
            self.to_console.is_empty()
        };
        let pipe = if towards_terminal {
            &mut self.to_terminal
        } else {
            &mut self.to_console
        };
        if pipe.is_empty() {
            return false;
        }
        let count = 1 + self.dice.below(pipe.len() as u64);
        let mut bytes: Vec<u8> = pipe
            .drain(..usize::try_from(count).expect("a length"))
            .collect();
        if self.dice.chance(self.weather.lose) {
            bytes.pop();
        }
        if self.dice.chance(self.weather.flip)
            && let Some(byte) = bytes.first_mut()
        {
            *byte ^= 1 << self.dice.below(8);
        }
        let now = self.now;
        if towards_terminal {
            self.terminal.handle_input(moment(now), &bytes);
        } else {
            self.session.handle_input(now.mono_ms, &bytes);
        }
        self.drain();
        true
    }

    /// Everything both ends have to say, until neither has.
    fn drain(&mut self) {
        loop {
            let mut quiet = true;
            while let Some(bytes) = self.session.poll_transmit() {
                quiet = false;
                if self.connected {
                    self.to_terminal.extend(bytes);
                }
            }
            while let Some(event) = self.session.poll_event() {
                quiet = false;
                self.link_event(event);
            }
            while let Some(bytes) = self.terminal.poll_transmit() {
                quiet = false;
                if self.connected {
                    self.to_console.extend(bytes);
                }
            }
            while let Some(event) = self.terminal.poll_event() {
                quiet = false;
                self.terminal_event(event);
            }
            if quiet {
                return;
            }
        }
    }

    fn terminal_event(&mut self, event: TerminalEvent) {
        let now = self.now;
        match event {
            TerminalEvent::Record(entry) => {
                self.note(format!(
                    "terminal books {:?} {}",
                    entry.outcome, entry.sequence_number
                ));
                self.charged.push(*entry);
                self.terminal.recorded(moment(now));
            }
            TerminalEvent::Asked {
                sequence_number, ..
            } => *self.asked.entry(sequence_number.get()).or_default() += 1,
            TerminalEvent::DuplicateRequest(number) => {
                self.fail(&format!("{number} was sent twice"));
            }
            TerminalEvent::Cut | TerminalEvent::Reboot { .. } => {
                self.note("the terminal drops the line");
                self.hang_up();
            }
            TerminalEvent::Display(_)
            | TerminalEvent::Inquired(_)
            | TerminalEvent::Undelivered
            | TerminalEvent::Unspeakable(_) => {}
        }
    }

    fn pass_time(&mut self) {
        let next = [
            self.state.deadline(),
            self.session.poll_timeout(),
            self.terminal.poll_timeout(),
        ]
        .into_iter()
        .flatten()
        .min();
        let idle = self.now.mono_ms + 500 + self.dice.below(3_000);
        let at = next.unwrap_or(idle).min(idle).max(self.now.mono_ms);
        let passed = i64::try_from(at - self.now.mono_ms).expect("a short time");
        self.now.mono_ms = at;
        self.now.wall += Duration::milliseconds(passed);
        if self.session.poll_timeout().is_some_and(|due| due <= at) {
            self.session.handle_timeout(at);
        }
        if self.terminal.poll_timeout().is_some_and(|due| due <= at) {
            self.terminal.handle_timeout(moment(self.now));
        }
        self.drain();
        if self.state.deadline().is_some_and(|due| due <= at) {
            self.tell(Message::TimeReached);
        }
    }
}

/// What the terminal does with its next transactions.
fn scripts(dice: &mut Dice) -> String {
    let words: Vec<&str> = (0..12).map(|_| *dice.pick(SCRIPTS)).collect();
    words.join("\n")
}

fn terminal(model: &Model, books: Books, scripts: &str, seed: u64) -> Terminal {
    Terminal::new(
        model,
        Layout::open_cat(),
        books,
        Script::parse(scripts).expect("a script"),
        TerminalSettings {
            seed,
            ..TerminalSettings::default()
        },
    )
}

fn writes(request: &StoreRequest) -> bool {
    matches!(
        request,
        StoreRequest::Sell { .. } | StoreRequest::Pend { .. } | StoreRequest::Write { .. }
    )
}

fn settings() -> madoguchi::app::settings::Settings {
    let mut settings = desk::settings();
    for cat in settings.cats.values_mut() {
        cat.model.timers = timers();
    }
    settings
}

fn moment(now: Now) -> Moment {
    Moment {
        mono_ms: now.mono_ms,
        wall: now.wall,
    }
}

fn short(what: &impl std::fmt::Debug) -> String {
    let mut text = format!("{what:?}");
    if let Some((at, _)) = text.char_indices().nth(220) {
        text.truncate(at);
    }
    text
}
