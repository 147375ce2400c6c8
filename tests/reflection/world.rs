//! A console, books and a receipt computer, message by message: each can be killed or fail between any two.

use std::collections::{BTreeMap, VecDeque};
use std::sync::LazyLock;

use chrono::Duration;
use madoguchi::app::message::orca::OrcaEvent;
use madoguchi::app::message::{DayCount, Effect, Message, Now, StoreRequest, StoreTrouble, Stored};
use madoguchi::app::settings::{ReceiptComputer, Settings};
use madoguchi::app::{State, update};
use madoguchi::domain::business_day::BusinessDate;
use madoguchi::domain::ledger::{Entry, SaleState};
use madoguchi::domain::record::{SaleRecord, Stamp};
use madoguchi::domain::reflection::{Method, Unreflected};
use madoguchi::domain::sale::SaleDraft;
use madoguchi::domain::slip::SlipNumber;
use madoguchi::domain::task::Task;
use madoguchi::edge::store::Store;
use madoguchi::orca::wire::BodyKind;

use crate::desk::{settings, wall};
use crate::orca::{Fault, Orca};

/// The ledger, as far as telling goes: the same rules, in memory or in a real file.
pub(crate) enum Books {
    Memory {
        told: Vec<Unreflected>,
        sales: Vec<SaleDraft>,
        entries: Vec<Entry>,
    },
    File(Box<Store>),
}

impl Books {
    pub(crate) fn memory() -> Books {
        Books::Memory {
            told: vec![],
            sales: vec![],
            entries: vec![],
        }
    }

    pub(crate) fn handle(&mut self, request: StoreRequest) -> Stored {
        let (told, entries) = match self {
            Books::File(store) => return store.handle(request),
            Books::Memory {
                told,
                sales,
                entries,
            } => {
                pass_on(told, sales);
                (told, entries)
            }
        };
        match request {
            StoreRequest::Open { .. } => Stored::Opened {
                unresolved: vec![],
                unshown: None,
                today: DayCount::default(),
                terminals: BTreeMap::new(),
                sent: BTreeMap::new(),
            },
            StoreRequest::Tasks => Stored::Tasks(
                told.iter()
                    .filter(|slip| !slip.is_done())
                    .map(|slip| Task::Unreflected(Box::new(slip.clone())))
                    .collect(),
            ),
            StoreRequest::Write { stamp, entry } => {
                if let Entry::Reflection {
                    slip,
                    posting,
                    step,
                } = &entry
                {
                    let found = told.iter_mut().find(|told| told.slip == *slip);
                    let taken = found.map(|told| told.take(*posting, step));
                    if let Some(Err(error)) = taken {
                        return Stored::Failed {
                            request: Box::new(StoreRequest::Write { stamp, entry }),
                            trouble: StoreTrouble::Refused(error.to_string()),
                        };
                    }
                }
                entries.push(entry.clone());
                Stored::Written(entry)
            }
            other => panic!("nobody asks the books this: {other:?}"),
        }
    }

    /// Money is taken, and settled.
    pub(crate) fn sell(&mut self, stamp: Stamp, sale: SaleDraft) -> SaleRecord {
        match self {
            Books::File(store) => match store.handle(StoreRequest::Sell { stamp, sale }) {
                Stored::Sold(record) => *record,
                other => panic!("{other:?}"),
            },
            Books::Memory { told, sales, .. } => {
                let number = u32::try_from(told.len() + 1).expect("few slips");
                sales.push(sale.clone());
                let entry = Entry::Sold {
                    slip: SlipNumber::new(number),
                    sale,
                };
                let record = SaleRecord::fold([(stamp, &entry)]).expect("legal");
                let record = record.expect("a sale");
                assert_eq!(record.state, SaleState::Settled);
                told.push(Unreflected::of(&record).expect("of a bill"));
                record
            }
        }
    }

    pub(crate) fn open(&mut self) -> Vec<Unreflected> {
        let Stored::Tasks(tasks) = self.handle(StoreRequest::Tasks) else {
            panic!("no tasks");
        };
        let told = tasks.into_iter().filter_map(|task| match task {
            Task::Unreflected(told) => Some(*told),
            _ => None,
        });
        told.collect()
    }
}

/// The invoice that was found for a slip is that of the slip that takes it back, and of the one that stands in place of it.
fn pass_on(told: &mut [Unreflected], sales: &[SaleDraft]) {
    for at in 0..told.len() {
        let before = sales[at].original.or(sales[at].replaces);
        let before = before.and_then(|slip| told.iter().find(|one| one.slip == slip));
        let found = before.and_then(|one| one.postings.iter().find_map(|one| one.found.clone()));
        if let Some(found) = found {
            told[at].find(&found);
        }
    }
}

enum Thing {
    Do(Effect),
    Hear(Message),
}

pub(crate) struct World {
    pub(crate) books: Books,
    pub(crate) orca: Orca,
    pub(crate) state: State,
    pub(crate) now: Now,
    things: VecDeque<Thing>,
    /// Answers that are on their way, and when they come (`mono_ms`).
    late: Vec<(u64, Message)>,
    /// How many things were done.
    pub(crate) steps: usize,
    /// How many calls left.
    pub(crate) calls: usize,
    /// What happens to calls, by their count.
    pub(crate) faults: BTreeMap<usize, Fault>,
    /// Before which things the console is killed.
    pub(crate) kills: Vec<usize>,
    /// Which writes fail although, or because, they were (not) done: by their count; true where they were.
    pub(crate) lost_writes: BTreeMap<usize, bool>,
    writes: usize,
}

/// Read once: there are thousands of counters.
static SHOP: LazyLock<Settings> = LazyLock::new(settings);

pub(crate) fn with_orca() -> Settings {
    let mut settings = SHOP.clone();
    settings.cats = BTreeMap::new();
    settings.orca.connected = Some(ReceiptComputer::Real);
    settings.orca.tender_codes = BTreeMap::from([
        (Method::Cash, "01".to_owned()),
        (Method::Card("02".to_owned()), "02".to_owned()),
    ]);
    settings
}

impl World {
    pub(crate) fn new(books: Books, settings: Settings) -> World {
        let now = Now {
            mono_ms: 1_000,
            wall: wall(),
        };
        World {
            books,
            orca: Orca::new(BodyKind::Json),
            state: State::new(settings, now, (80, 24)),
            now,
            things: VecDeque::new(),
            late: vec![],
            steps: 0,
            calls: 0,
            faults: BTreeMap::new(),
            kills: vec![],
            lost_writes: BTreeMap::new(),
            writes: 0,
        }
    }

    pub(crate) fn stamp(&self) -> Stamp {
        Stamp {
            at: self.now.wall,
            business_date: BusinessDate(self.now.wall.date_naive()),
        }
    }

    /// The console starts, or starts again after it was killed.
    pub(crate) fn start(&mut self) {
        if let Books::File(store) = &mut self.books {
            store.begin_run();
        }
        self.things.clear();
        self.late.clear();
        let settings = self.state.settings.clone();
        self.state = State::new(settings, self.now, (80, 24));
        let effects = self.state.start();
        self.things.extend(effects.into_iter().map(Thing::Do));
    }

    pub(crate) fn hear(&mut self, message: Message) {
        self.things.push_back(Thing::Hear(message));
    }

    /// Everything that can be done without time passing.
    pub(crate) fn settle(&mut self) {
        while !self.things.is_empty() {
            if self.kills.contains(&self.steps) {
                self.kills.retain(|at| *at != self.steps);
                // A start again takes as long as it takes to see the screen black.
                self.pass(30_000);
                self.start();
            }
            self.steps += 1;
            assert!(self.steps < 100_000, "it never comes to rest");
            match self.things.pop_front() {
                Some(Thing::Do(effect)) => self.carry_out(effect),
                Some(Thing::Hear(message)) => {
                    let effects = update(&mut self.state, self.now, message);
                    self.things.extend(effects.into_iter().map(Thing::Do));
                }
                None => {}
            }
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Store(request) => {
                let written = matches!(
                    &request,
                    StoreRequest::Write {
                        entry: Entry::Reflection { .. },
                        ..
                    }
                );
                let fails = written.then(|| {
                    self.writes += 1;
                    self.lost_writes.get(&(self.writes - 1)).copied()
                });
                let stored = match fails.flatten() {
                    None => self.books.handle(request),
                    Some(done) => {
                        if done {
                            self.books.handle(request.clone());
                        }
                        Stored::Failed {
                            request: Box::new(request),
                            trouble: StoreTrouble::DiskFull,
                        }
                    }
                };
                self.hear(Message::Stored(stored));
            }
            Effect::Orca(request) => {
                let fault = self.faults.get(&self.calls).copied();
                self.calls += 1;
                let fault = fault.unwrap_or(Fault::None);
                let (result, after_ms) = self.orca.call(self.now, &request.call, fault);
                let answer = Message::Orca(OrcaEvent::Answered {
                    asker: request.asker,
                    call: Box::new(request.call),
                    result,
                });
                match after_ms {
                    0 => self.hear(answer),
                    _ => self.late.push((self.now.mono_ms + after_ms, answer)),
                }
            }
            _ => {}
        }
    }

    fn pass(&mut self, ms: u64) {
        self.now.mono_ms += ms;
        self.now.wall += Duration::milliseconds(i64::try_from(ms).expect("a short time"));
    }

    /// The next moment of itself: a deadline of the console's, or an answer that is on its way.
    fn next_moment(&self) -> Option<u64> {
        let late = self.late.iter().map(|(at, _)| *at).min();
        [self.state.deadline(), late].into_iter().flatten().min()
    }

    /// So much time passes, and every deadline in it is kept.
    pub(crate) fn after_ms(&mut self, ms: u64) {
        let end = self.now.mono_ms + ms;
        self.settle();
        while let Some(at) = self.next_moment().filter(|at| *at <= end) {
            let left = at.saturating_sub(self.now.mono_ms);
            assert!(left > 0 || at == end, "a deadline that does not move");
            self.pass(left);
            let now = self.now.mono_ms;
            let (due, late): (Vec<_>, Vec<_>) = std::mem::take(&mut self.late)
                .into_iter()
                .partition(|(at, _)| *at <= now);
            self.late = late;
            for (_, answer) in due {
                self.hear(answer);
            }
            self.hear(Message::TimeReached);
            self.settle();
        }
        if end > self.now.mono_ms {
            self.pass(end - self.now.mono_ms);
        }
    }
}
