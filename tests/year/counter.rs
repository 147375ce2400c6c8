//! The console, its books and its two lines, message by message: killed now and then between any two.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Duration, FixedOffset};
use madoguchi::app::key::{Input, Key, KeyPress};
use madoguchi::app::message::orca::OrcaEvent;
use madoguchi::app::message::{Effect, Message, Now, StoreRequest, Stored};
use madoguchi::app::settings::{ReceiptComputer as Connected, Settings};
use madoguchi::app::{State, update};
use madoguchi::domain::bill::PatientNumber;
use madoguchi::domain::record::SaleRecord;
use madoguchi::domain::reflection::Method;
use madoguchi::domain::sale::{SaleDraft, SaleKind};
use madoguchi::domain::tender::Tender;
use madoguchi::edge::store::{BooksKind, Store};
use madoguchi::simulation::dice::Dice;

use crate::desk;
use crate::people;
use crate::receipt_computer::ReceiptComputer;
use crate::terminal::Terminal;

/// So many things in one moment are a loop that never rests.
const THINGS_MAX: u32 = 20_000;
/// About so many things lie between two kills.
const KILLED_EVERY: u64 = 12_000;

/// A bill's code that names patient, invoice and amount.
const CODES: &str = r#"
[[rule]]
name = "named"
title = { ja = "請求書", en = "bill" }
kind = "bill"
symbologies = []
pattern = "'B' p{6} i{7} a{6}"
check = "none"
patient = { strip_zeros = true }
line = { ja = "診療費", en = "medical fee" }

[[rule]]
name = "card"
title = { ja = "診察券", en = "card" }
kind = "patient"
symbologies = []
pattern = "'P' p{6}"
check = "none"
patient = { strip_zeros = true }
"#;

enum Thing {
    Do(Effect),
    Hear(Message),
}

pub(crate) struct Counter {
    pub(crate) dice: Dice,
    pub(crate) state: State,
    pub(crate) store: Option<Store>,
    path: PathBuf,
    _folder: tempfile::TempDir,
    pub(crate) now: Now,
    pub(crate) orca: ReceiptComputer,
    pub(crate) terminal: Terminal,
    things: VecDeque<Thing>,
    late: Vec<(u64, Message)>,
    steps: u64,
    kill_at: u64,
    /// It was killed since somebody looked.
    pub(crate) killed: bool,
    pub(crate) kills: u64,
    /// Slips paid in cash alone, of bills: what may be taken back, for a while.
    pub(crate) paid_in_cash: Vec<SaleRecord>,
}

fn settings() -> Settings {
    let mut settings = desk::settings();
    settings.shop.day_boundary = people::boundary();
    settings.orca.connected = Some(Connected::Real);
    settings.orca.tender_codes = BTreeMap::from([
        (Method::Cash, "01".to_owned()),
        (Method::Card("01".to_owned()), "02".to_owned()),
        (Method::Card("02".to_owned()), "03".to_owned()),
    ]);
    let rules = madoguchi::config::barcode_rules::of_files("rules", CODES);
    settings.barcodes.rules = Arc::new(rules.expect("rules"));
    settings
}

impl Counter {
    pub(crate) fn new(seed: u64, morning: DateTime<FixedOffset>) -> Counter {
        // In memory where the system has such a folder: what is tested here is not the disk.
        let folder = tempfile::tempdir_in("/dev/shm")
            .or_else(|_| tempfile::tempdir())
            .expect("a folder");
        let path = folder.path().join("books.db");
        let now = Now {
            mono_ms: 1_000,
            wall: morning,
        };
        let mut dice = Dice::new(seed);
        let kill_at = 1 + dice.below(KILLED_EVERY * 2);
        let mut counter = Counter {
            dice,
            state: State::new(settings(), now, (100, 30)),
            store: Some(Store::open(&path, BooksKind::Live).expect("the books open")),
            path,
            _folder: folder,
            now,
            orca: ReceiptComputer::new(seed),
            terminal: Terminal::default(),
            things: VecDeque::new(),
            late: Vec::new(),
            steps: 0,
            kill_at,
            killed: false,
            kills: 0,
            paid_in_cash: Vec::new(),
        };
        counter.start();
        counter.settle();
        counter
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn store(&mut self) -> &mut Store {
        self.store.as_mut().expect("the books are open")
    }

    /// The console starts: what was on its way to the one before never comes.
    fn start(&mut self) {
        self.things.clear();
        self.late.clear();
        let settings = self.state.settings.clone();
        self.state = State::new(settings, self.now, (100, 30));
        let effects = self.state.start();
        self.things.extend(effects.into_iter().map(Thing::Do));
    }

    fn die(&mut self) {
        self.kills += 1;
        self.killed = true;
        self.kill_at = self.steps + 1 + self.dice.below(KILLED_EVERY * 2);
        // Closed before it is opened again: two are never at one file.
        self.store = None;
        self.pass(20_000);
        let store = Store::open(&self.path, BooksKind::Live).expect("the books open again");
        self.store = Some(store);
        self.start();
    }

    pub(crate) fn hear(&mut self, message: Message) {
        self.things.push_back(Thing::Hear(message));
    }

    /// Everything that can be done without time passing.
    pub(crate) fn settle(&mut self) {
        let mut things = 0;
        while let Some(thing) = self.things.pop_front() {
            self.steps += 1;
            if self.steps >= self.kill_at {
                self.die();
                continue;
            }
            things += 1;
            assert!(
                things < THINGS_MAX,
                "it never comes to rest: {:?}",
                self.state.screen
            );
            match thing {
                Thing::Do(effect) => self.carry_out(effect),
                Thing::Hear(message) => {
                    let effects = update(&mut self.state, self.now, message);
                    self.things.extend(effects.into_iter().map(Thing::Do));
                }
            }
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Store(request) => {
                let stored = self.store().handle(request);
                self.remember(&stored);
                self.hear(Message::Stored(stored));
            }
            Effect::Orca(request) => {
                let (result, after_ms) = self.orca.call(&mut self.dice, self.now, &request.call);
                let answer = Message::Orca(OrcaEvent::Answered {
                    asker: request.asker,
                    call: Box::new(request.call),
                    result,
                });
                self.come(after_ms, answer);
            }
            Effect::Link(cat, request) => {
                let events = self.terminal.asked(&mut self.dice, self.now.wall, request);
                for (after_ms, event) in events {
                    self.come(after_ms, Message::Link(cat, event));
                }
            }
            // Nobody prints, and there is no screen.
            _ => {}
        }
    }

    fn come(&mut self, after_ms: u64, message: Message) {
        match after_ms {
            0 => self.hear(message),
            _ => self.late.push((self.now.mono_ms + after_ms, message)),
        }
    }

    fn remember(&mut self, stored: &Stored) {
        let Stored::Sold(record) = stored else {
            if let Stored::Failed { request, trouble } = stored {
                panic!("the books refuse {request:?}: {trouble:?}");
            }
            return;
        };
        let in_cash = matches!(record.sale.tenders[..], [Tender::Cash { .. }]);
        if record.sale.kind == SaleKind::Sale && record.sale.bill.is_some() && in_cash {
            self.paid_in_cash.push((**record).clone());
        }
    }

    /// Money goes back over the counter, by a slip of its own.
    pub(crate) fn sell(&mut self, sale: SaleDraft) {
        let stamp = self.state.settings.stamp(self.now);
        let stored = self.store().handle(StoreRequest::Sell { stamp, sale });
        assert!(matches!(stored, Stored::Sold(_)), "{stored:?}");
        self.hear(Message::Stored(stored));
        self.settle();
    }

    fn pass(&mut self, ms: u64) {
        self.now.mono_ms += ms;
        self.now.wall += Duration::milliseconds(i64::try_from(ms).expect("a short time"));
    }

    /// So much time passes: every deadline in it is kept, what is on its way comes, and what is told by itself is heard.
    pub(crate) fn after_ms(&mut self, ms: u64) {
        let end = self.now.mono_ms + ms;
        self.settle();
        loop {
            let late = self.late.iter().map(|(at, _)| *at).min();
            let next = [self.state.deadline(), late].into_iter().flatten().min();
            let Some(at) = next.filter(|at| *at <= end) else {
                break;
            };
            self.pass(at.saturating_sub(self.now.mono_ms));
            let now = self.now.mono_ms;
            let (due, late): (Vec<_>, Vec<_>) = std::mem::take(&mut self.late)
                .into_iter()
                .partition(|(at, _)| *at <= now);
            self.late = late;
            for (_, message) in due {
                self.hear(message);
            }
            self.hear(Message::TimeReached);
            self.settle();
        }
        self.pass(end.saturating_sub(self.now.mono_ms));
    }

    /// Until a moment of the day.
    pub(crate) fn until(&mut self, at: DateTime<FixedOffset>) {
        let left = (at - self.now.wall).num_milliseconds();
        if let Ok(ms) = u64::try_from(left) {
            self.after_ms(ms);
        }
    }

    /// What the receipt computer tells by itself.
    pub(crate) fn listen(&mut self) {
        for news in self.orca.news(self.now) {
            self.hear(Message::Orca(OrcaEvent::News(news)));
        }
        self.settle();
    }

    /// A finger, not a scanner, and one that lets go between two presses of one key; Esc may be the first half of another.
    pub(crate) fn press(&mut self, key: Key) {
        let (before, after) = match key {
            Key::Char(_) => (300, 100),
            Key::Esc => (800, 700),
            _ => (800, 0),
        };
        self.after_ms(before);
        let press = KeyPress { key, bytes: vec![] };
        self.hear(Message::Input(Input::Key(press)));
        self.settle();
        self.after_ms(after);
    }

    pub(crate) fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.press(Key::Char(c));
        }
    }

    pub(crate) fn scan(&mut self, code: &str) {
        self.after_ms(400);
        self.hear(Message::Input(Input::Scan(code.into())));
        self.settle();
    }
}

pub(crate) fn patient(digits: &str) -> PatientNumber {
    PatientNumber::parse(digits).expect("a number")
}
