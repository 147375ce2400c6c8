//! Twenty-four hours at a counter whose line to the terminal goes up and down, in virtual time: the real console, exchange and books.

use std::collections::VecDeque;
use std::path::PathBuf;

use chrono::Duration;
use madoguchi::app::key::{Input, Key, KeyPress};
use madoguchi::app::link_pane::Work;
use madoguchi::app::message::{Effect, LinkRequest, Message, Now, StoreRequest};
use madoguchi::app::unknown::Stage;
use madoguchi::app::{Screen, State, update};
use madoguchi::cat::dialect::layout::Layout;
use madoguchi::cat::session::Session;
use madoguchi::cat::simulator::books::{BookEntry, BookOutcome, Books};
use madoguchi::cat::simulator::script::Script;
use madoguchi::cat::simulator::{Moment, Terminal, TerminalEvent, TerminalSettings};
use madoguchi::cat::{Break, Exposure, LinkEvent};
use madoguchi::domain::ledger::{CatId, Entry};
use madoguchi::edge::store::{BooksKind, Store, verify};

use crate::desk;
use crate::{descriptors, heap};
use madoguchi::simulation::dice::Dice;

/// An hour.
pub(crate) const HOUR_MS: u64 = 3_600_000;
/// One customer with a card every quarter of an hour.
const CUSTOMER_EVERY_MS: u64 = HOUR_MS / 4;
/// How often the operator presses a key while she is at work: slower than a key that is held down.
const GLANCE_MS: u64 = 1_500;
/// So many turns in one moment are a loop that never rests.
const TURNS_MAX: u32 = 10_000;

/// What is held at a quiet moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    pub(crate) heap: i64,
    pub(crate) descriptors: usize,
}

/// The counter, the terminal, and the cable between them.
pub(crate) struct Day {
    state: State,
    store: Store,
    path: PathBuf,
    _folder: tempfile::TempDir,
    session: Session,
    terminal: Terminal,
    now: Now,
    /// The cable is plugged in.
    plugged: bool,
    /// The port is open.
    connected: bool,
    effects: VecDeque<Effect>,
    inbox: VecDeque<Message>,
    dice: Dice,
    next_flap_ms: u64,
    next_customer_ms: u64,
    serving: bool,
    /// What the terminal wrote down since its memory was last emptied.
    charged: Vec<BookEntry>,
    charged_yen: i64,
    /// How often the cable was pulled or put back.
    pub(crate) flaps: u64,
    /// Customers who were served.
    pub(crate) sales: u64,
    /// Sales written before they were sent, retries and all.
    attempts: u64,
    /// Sales whose outcome was not known for a while.
    pub(crate) unknown: u64,
    /// Entries that belong to no sale.
    pub(crate) audits: u64,
}

impl Day {
    pub(crate) fn new(seed: u64) -> Day {
        // In memory where the system has such a folder: what is tested here is growth, not the disk.
        let folder = tempfile::tempdir_in("/dev/shm")
            .or_else(|_| tempfile::tempdir())
            .expect("a folder");
        let path = folder.path().join("books.db");
        let midnight = desk::wall()
            .with_time(chrono::NaiveTime::MIN)
            .single()
            .expect("a midnight");
        let now = Now {
            mono_ms: 0,
            wall: midnight,
        };
        let mut day = Day {
            state: State::new(desk::settings(), now, (80, 24)),
            store: Store::open(&path, BooksKind::Live).expect("the books open"),
            path,
            _folder: folder,
            session: Session::new(Layout::open_cat(), desk::model().timers),
            terminal: terminal(now, seed),
            now,
            plugged: true,
            connected: false,
            effects: VecDeque::new(),
            inbox: VecDeque::new(),
            dice: Dice::new(seed),
            next_flap_ms: 5_000,
            next_customer_ms: 60_000,
            serving: false,
            charged: Vec::new(),
            charged_yen: 0,
            flaps: 0,
            sales: 0,
            attempts: 0,
            unknown: 0,
            audits: 0,
        };
        day.effects = day.state.start().into();
        day.settle();
        day
    }

    /// Sales and flaps until this moment, and on until the customer at the counter is served.
    pub(crate) fn live_until(&mut self, end_ms: u64) {
        while self.now.mono_ms < end_ms || !self.is_at_rest() {
            assert!(
                self.now.mono_ms < end_ms + HOUR_MS,
                "never at rest: {:?} {:?} {:?} {}",
                self.state.screen,
                self.state.note,
                self.state.cats,
                self.session.carries_money()
            );
            if self.now.mono_ms >= self.next_flap_ms {
                self.flap();
            }
            if self.now.mono_ms >= self.next_customer_ms && self.now.mono_ms < end_ms {
                self.next_customer_ms += CUSTOMER_EVERY_MS;
                self.serving = true;
            }
            self.operate();
            let next = if self.serving || self.now.mono_ms >= end_ms {
                self.now.mono_ms + GLANCE_MS
            } else {
                self.next_flap_ms.min(self.next_customer_ms).min(end_ms)
            };
            self.pass_time(next);
        }
    }

    fn is_at_rest(&self) -> bool {
        !self.serving
            && self.state.open.is_empty()
            && self.state.cats[&CatId::Cat1].work == Work::Idle
    }

    /// The terminal's memory is emptied, so that only the console is measured; what it had charged is in the books.
    pub(crate) fn measure(&mut self) -> Held {
        assert_eq!(
            self.state.today.total.get(),
            self.charged_yen,
            "the books and the terminal differ"
        );
        self.unplug();
        let seed = self.dice.below(1 << 20);
        self.terminal = terminal(self.now, seed);
        self.charged = Vec::new();
        self.settle();
        assert!(self.effects.is_empty() && self.inbox.is_empty());
        Held {
            heap: heap::live(),
            descriptors: descriptors(),
        }
    }

    /// For each attempt of a sale at most what one attempt leaves, and nothing for a line that went up or down.
    pub(crate) fn assert_books_grew_with_sales_only(&self) {
        let report = verify(&self.path).expect("the books are read");
        assert_eq!(report.problem, None);
        let counted = format!(
            "{} entries, {} of no sale, for {} attempts and {} flaps",
            report.entries, self.audits, self.attempts, self.flaps
        );
        // Pending, sent, unknown, outcome, shown; one more for a person's answer.
        assert!(
            report.entries <= self.audits + 6 * self.attempts,
            "{counted}"
        );
        // The start, and what a terminal says again that was cut off in the middle of an answer.
        assert!(self.audits <= 1 + self.unknown, "{counted}");
    }

    /// Up for a while, down for a while; now and then down for so long that the console tries less often.
    fn flap(&mut self) {
        self.flaps += 1;
        if self.plugged {
            self.unplug();
            let long = self.dice.chance(20);
            let down = if long { 120_000 } else { 8_000 };
            self.next_flap_ms = self.now.mono_ms + 1 + self.dice.below(down);
        } else {
            self.plugged = true;
            self.next_flap_ms = self.now.mono_ms + 1 + self.dice.below(40_000);
        }
    }

    fn unplug(&mut self) {
        self.plugged = false;
        self.hang_up("the cable was pulled");
        self.settle();
    }

    fn hang_up(&mut self, detail: &str) {
        if self.connected {
            self.connected = false;
            self.terminal.handle_disconnect(moment(self.now));
            self.session.handle_disconnect(self.now.mono_ms);
            self.report();
            self.link_event(LinkEvent::Down {
                cause: Break::Disconnected,
                detail: detail.into(),
            });
        }
    }

    fn press(&mut self, key: Key) {
        self.tell(Message::Input(Input::Key(KeyPress { key, bytes: vec![] })));
        self.settle();
    }

    /// The operator's next sensible key.
    fn operate(&mut self) {
        if !self.serving {
            return;
        }
        match &self.state.screen {
            Screen::Register(register) => {
                if !self.state.basket.lines.is_empty() {
                    self.press(Key::F(12));
                } else if !register.input.is_empty() {
                    self.press(Key::Enter);
                } else {
                    for digit in (1_000 + self.dice.below(9_000)).to_string().chars() {
                        self.press(Key::Char(digit));
                    }
                }
            }
            Screen::Checkout(checkout) => {
                let key = if checkout.card.is_none() { 6 } else { 12 };
                self.press(Key::F(key));
            }
            Screen::CardSelect(_) => self.press(Key::Enter),
            Screen::Done(_) => {
                self.press(Key::Enter);
                self.serving = false;
                self.sales += 1;
            }
            Screen::NotCharged(_) => self.press(Key::Char('1')),
            Screen::Unknown(_) => self.answer_truthfully(),
            Screen::Opening(_) | Screen::Charging(_) => {}
            other => panic!("nobody leads there: {other:?}"),
        }
    }

    /// With the terminal's history before her eyes, once the terminal has come to rest.
    fn answer_truthfully(&mut self) {
        let Screen::Unknown(unknown) = &self.state.screen else {
            return;
        };
        let sent = unknown.record.sent_at.unwrap_or(self.now.wall);
        if unknown.stage != Stage::GaveUp || self.now.wall - sent < Duration::minutes(2) {
            return;
        }
        let number = unknown.record.sequence_number.expect("a linked sale");
        let amount = unknown.amount().get().to_string();
        let slip = self
            .charged
            .iter()
            .find(|entry| entry.sequence_number == number && entry.outcome == BookOutcome::Approved)
            .map(|entry| entry.slip_number.to_string());
        let (choice, proof) = match slip {
            Some(slip) => (Key::Char('1'), slip),
            None => (Key::Char('2'), amount),
        };
        self.press(choice);
        for digit in proof.chars() {
            self.press(Key::Char(digit));
        }
        self.press(Key::Enter);
    }

    /// Everything that follows from what happened, until nothing does.
    fn settle(&mut self) {
        for _ in 0..TURNS_MAX {
            self.report();
            if let Some(effect) = self.effects.pop_front() {
                self.perform(effect);
            } else if let Some(message) = self.inbox.pop_front() {
                self.tell(message);
            } else if !self.move_bytes() {
                return;
            }
        }
        panic!("it never comes to rest: {:?}", self.state.screen);
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Store(request) => {
                match &request {
                    StoreRequest::Pend { .. } => self.attempts += 1,
                    // The day turned, and its figures begin anew.
                    StoreRequest::Day(_) => self.charged_yen = 0,
                    StoreRequest::Write { entry, .. } => match entry {
                        Entry::Audit { .. } => self.audits += 1,
                        Entry::OutcomeUnknown { .. } => self.unknown += 1,
                        _ => {}
                    },
                    _ => {}
                }
                let stored = self.store.handle(request);
                self.inbox.push_back(Message::Stored(stored));
            }
            Effect::Link(_, request) => self.ask_link(request),
            // Nobody here sets up a link, and there is no screen.
            _ => {}
        }
    }

    /// As the link's own driver does it.
    fn ask_link(&mut self, request: LinkRequest) {
        match request {
            LinkRequest::SentBefore { ago_ms } => {
                self.session.sent_before(self.now.mono_ms, ago_ms);
            }
            LinkRequest::Connect if !self.connected && !self.plugged => {
                self.link_event(LinkEvent::Down {
                    cause: Break::Unreachable,
                    detail: "there is no such port".into(),
                });
            }
            LinkRequest::Connect => {
                if !self.connected {
                    self.connected = true;
                    self.terminal.handle_connect(moment(self.now));
                }
                self.link_event(LinkEvent::Up);
            }
            LinkRequest::Send(_) if !self.connected => self.link_event(LinkEvent::Broken {
                exposure: Exposure::Nothing,
                cause: Break::Unreachable,
            }),
            LinkRequest::Send(command) => {
                let unsent = command.moves_money() && !self.session.carries_money();
                let at = self.now.wall.naive_local();
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
    }

    fn link_event(&mut self, event: LinkEvent) {
        self.inbox.push_back(Message::Link(CatId::Cat1, event));
    }

    fn tell(&mut self, message: Message) {
        let effects = update(&mut self.state, self.now, message);
        self.effects.extend(effects);
    }

    /// What either end wrote reaches the other, unless the cable is out.
    fn move_bytes(&mut self) -> bool {
        let mut moved = false;
        while let Some(bytes) = self.session.poll_transmit() {
            if self.connected {
                self.terminal.handle_input(moment(self.now), &bytes);
                moved = true;
            }
        }
        while let Some(bytes) = self.terminal.poll_transmit() {
            if self.connected {
                self.session.handle_input(self.now.mono_ms, &bytes);
                moved = true;
            }
        }
        moved
    }

    /// What either end has to say.
    fn report(&mut self) {
        while let Some(event) = self.session.poll_event() {
            self.link_event(event);
        }
        while let Some(event) = self.terminal.poll_event() {
            match event {
                TerminalEvent::Record(entry) => {
                    if entry.outcome == BookOutcome::Approved {
                        self.charged_yen += entry.amount.get();
                    }
                    self.charged.push(*entry);
                    self.terminal.recorded(moment(self.now));
                }
                TerminalEvent::DuplicateRequest(number) => panic!("{number} was sent twice"),
                _ => {}
            }
        }
    }

    /// Every deadline on the way is kept, at its moment.
    fn pass_time(&mut self, until_ms: u64) {
        let mut turns = 0;
        loop {
            let due = [
                self.state.deadline(),
                self.session.poll_timeout(),
                self.terminal.poll_timeout(),
            ]
            .into_iter()
            .flatten()
            .min()
            .filter(|due| *due <= until_ms);
            let at = due.unwrap_or(until_ms).max(self.now.mono_ms);
            turns = if at == self.now.mono_ms { turns + 1 } else { 0 };
            assert!(turns < TURNS_MAX, "a deadline that never goes away");
            let passed = i64::try_from(at - self.now.mono_ms).expect("a short time");
            self.now.mono_ms = at;
            self.now.wall += Duration::milliseconds(passed);
            if self.session.poll_timeout().is_some_and(|due| due <= at) {
                self.session.handle_timeout(at);
            }
            if self.terminal.poll_timeout().is_some_and(|due| due <= at) {
                self.terminal.handle_timeout(moment(self.now));
            }
            self.settle();
            if self.state.deadline().is_some_and(|due| due <= at) {
                self.tell(Message::TimeReached);
                self.settle();
            }
            if due.is_none() {
                return;
            }
        }
    }
}

fn terminal(now: Now, seed: u64) -> Terminal {
    Terminal::new(
        &desk::model(),
        Layout::open_cat(),
        Books::new(Terminal::fresh_journal(seed, moment(now))),
        Script::approving(),
        TerminalSettings {
            seed,
            pace_ms: 2_000,
            ..TerminalSettings::default()
        },
    )
}

fn moment(now: Now) -> Moment {
    Moment {
        mono_ms: now.mono_ms,
        wall: now.wall,
    }
}
