//! A session and a simulated terminal on one line, the console's rules between them, and one blow to what passes.

use std::sync::LazyLock;

use chrono::{DateTime, Duration, FixedOffset, NaiveDateTime};
use madoguchi::cat::dialect::layout::Layout;
use madoguchi::cat::model::{InquiryPower, Model, shipped};
use madoguchi::cat::recovery::{self, Asked, Backing, Finding, Verdict};
use madoguchi::cat::session::Session;
use madoguchi::cat::simulator::books::{BookEntry, Books};
use madoguchi::cat::simulator::script::Script;
use madoguchi::cat::simulator::{Moment, Terminal, TerminalEvent, TerminalSettings};
use madoguchi::cat::{
    Answer, Authorize, Break, Command, DailyLogType, Exposure, LinkEvent, TerminalState,
    TransactionType,
};
use madoguchi::domain::ledger::{NotCharged, UnknownReason};
use madoguchi::domain::money::Yen;
use madoguchi::domain::slip::{JournalId, SequenceNumber, TerminalSlipNumber};
use madoguchi::domain::tender::CardClass;

/// A kind of terminal: what it can do, and how it says it.
#[derive(Debug, Clone)]
pub(crate) struct Kind {
    pub(crate) name: String,
    pub(crate) model: Model,
    pub(crate) layout: Layout,
}

/// The four dialects inside the program, each with its own model.
pub(crate) static SHIPPED: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    let models = shipped().expect("the shipped models are good");
    ["open-cat", "transbank", "ecr17", "concert"]
        .map(|name| Kind {
            name: name.to_owned(),
            model: models[name].clone(),
            layout: Layout::shipped(name).expect("it is shipped"),
        })
        .into()
});

/// What the counter does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Sale,
    /// A sale that the centre refuses.
    Declined,
    Void,
    Refund,
    Status,
    /// A sale whose answer was cut off; what follows is asked.
    LastResult,
    /// The same, of a sale that the terminal never took.
    LastOfNone,
    Report,
    Settlement,
    /// Two sales, one taken back, and the list.
    List,
}

impl Operation {
    pub(crate) const ALL: [Operation; 10] = [
        Operation::Sale,
        Operation::Declined,
        Operation::Void,
        Operation::Refund,
        Operation::Status,
        Operation::LastResult,
        Operation::LastOfNone,
        Operation::Report,
        Operation::Settlement,
        Operation::List,
    ];

    /// Whether a terminal of this kind can be asked for it at all.
    pub(crate) fn is_carried_by(self, kind: &Kind) -> bool {
        let can = &kind.model.capabilities;
        match self {
            Operation::Sale | Operation::Declined => true,
            Operation::Void => can.authorize_void,
            Operation::Refund => can.authorize_refund,
            Operation::Status => can.status,
            Operation::LastResult | Operation::LastOfNone => can.inquiry != InquiryPower::None,
            Operation::Report => can.daily_log_reporting,
            Operation::Settlement => can.daily_log_settlement,
            Operation::List => can.transactions,
        }
    }

    pub(crate) fn moves_money(self) -> bool {
        matches!(
            self,
            Operation::Sale
                | Operation::Declined
                | Operation::Void
                | Operation::Refund
                | Operation::LastResult
                | Operation::LastOfNone
        )
    }

    /// What the terminal does with the transactions it is asked for, in order.
    fn script(self) -> &'static str {
        match self {
            Operation::Declined => "decline",
            Operation::LastResult => "approve-then-cut",
            Operation::LastOfNone => "cut-before",
            _ => "approve …",
        }
    }
}

/// Which way a piece goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    ToTerminal,
    ToCounter,
}

/// What one side wrote at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) way: Way,
    pub(crate) bytes: Vec<u8>,
}

/// What happens to one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Blow {
    /// Something else arrives; nothing at all where it is empty.
    Becomes(Vec<u8>),
    /// It arrives in so many reads, a millisecond apart.
    Reads(Vec<Vec<u8>>),
    /// It arrives in one read with the next one of its way, if that comes before anything of the other way is needed.
    Glued,
    /// The line is cut before it arrives.
    Cut,
    /// It is lost although the terminal is told that it arrived.
    Swallowed,
    /// Nothing arrives from here on, either way, until the counter gives the exchange up.
    Silence,
    /// The terminal loses its power, and what it was doing; with `forgets` its books too.
    Reboot { forgets: bool },
    /// Another terminal, with these books, takes its place behind the same line; it goes on by itself.
    Swap(Vec<BookEntry>),
}

/// Which piece of the operation is struck, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Strike {
    pub(crate) at: usize,
    pub(crate) blow: Blow,
}

/// What the counter takes for certain in the end.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// Of a transaction.
    Money(Verdict),
    /// Of a question; `None` where it was not answered.
    Told(Option<Answer>),
}

pub(crate) struct Counter {
    kind: Kind,
    session: Session,
    pub(crate) terminal: Terminal,
    /// The one that was taken away.
    aside: Option<Terminal>,
    /// One of them strikes a piece.
    strikes: Vec<Strike>,
    is_armed: bool,
    is_dead: bool,
    glued: Option<Piece>,
    connected: bool,
    now_ms: u64,
    /// What passed since the operation began, as it was written.
    pub(crate) pieces: Vec<Piece>,
    events: Vec<LinkEvent>,
    /// Everything the session reported since the operation began, but for signs of life.
    pub(crate) reported: Vec<LinkEvent>,
    /// What the terminal reported since the operation began.
    pub(crate) shown: Vec<TerminalEvent>,
    /// The terminal's books, as they are on its disk.
    pub(crate) booked: Vec<BookEntry>,
}

pub(crate) const NUMBER: u32 = 42;
pub(crate) const AMOUNT: i64 = 3_430;
const WATCHDOG_MS: u64 = 10_000;
/// What the terminal says it is, and the one that takes its place.
const NAME: &str = "SIM00001";
const OTHER_NAME: &str = "SIM00009";

fn dawn() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-21T09:00:00+09:00").expect("a time")
}

fn journal(name: &str) -> JournalId {
    JournalId::new(name).expect("a name")
}

pub(crate) fn ask(transaction: TransactionType, number: u32) -> Authorize {
    Authorize {
        transaction,
        sequence_number: SequenceNumber::new(number).expect("in range"),
        amount: Yen::new(AMOUNT),
        tax_others: Yen::ZERO,
        card_class: CardClass::CREDIT,
        device_id: None,
        training: false,
        original_slip: None,
    }
}

impl Counter {
    pub(crate) fn new(
        kind: &Kind,
        operation: Operation,
        strikes: impl IntoIterator<Item = Strike>,
    ) -> Counter {
        let books = Books::new(journal("J1"));
        let script = Script::parse(operation.script()).expect("a good script");
        let mut counter = Counter {
            session: Session::new(kind.layout.clone(), kind.model.timers),
            terminal: switched_on(kind, books, script, NAME),
            aside: None,
            kind: kind.clone(),
            strikes: strikes.into_iter().collect(),
            is_armed: false,
            is_dead: false,
            glued: None,
            connected: false,
            now_ms: 1_000,
            pieces: Vec::new(),
            events: Vec::new(),
            reported: Vec::new(),
            shown: Vec::new(),
            booked: Vec::new(),
        };
        counter.connect();
        counter
    }

    /// Plays an operation to its end, until nobody waits for anything any more.
    pub(crate) fn play(&mut self, operation: Operation) -> Outcome {
        let outcome = self.operate(operation);
        self.is_dead = false;
        self.rest();
        outcome
    }

    fn operate(&mut self, operation: Operation) -> Outcome {
        let log = |log| Command::AccessDailyLog {
            sequence_number: SequenceNumber::new(NUMBER).expect("in range"),
            log,
        };
        match operation {
            Operation::Sale | Operation::Declined => {
                self.arm();
                Outcome::Money(self.charge(ask(TransactionType::Sales, NUMBER)))
            }
            Operation::Refund => {
                self.arm();
                Outcome::Money(self.charge(ask(TransactionType::Refund, NUMBER)))
            }
            Operation::Void => {
                let original_slip = Some(self.sold(NUMBER - 1));
                self.arm();
                Outcome::Money(self.charge(Authorize {
                    original_slip,
                    ..ask(TransactionType::Void, NUMBER)
                }))
            }
            Operation::LastResult | Operation::LastOfNone => {
                let asked = self.left_open();
                self.arm();
                Outcome::Money(self.recover(
                    &asked,
                    Verdict::Unknown {
                        reason: UnknownReason::LineCut,
                    },
                ))
            }
            Operation::Status => {
                self.arm();
                Outcome::Told(self.ask(Command::Status))
            }
            Operation::Report => {
                self.sold(NUMBER - 1);
                self.arm();
                Outcome::Told(self.ask(log(DailyLogType::Reporting)))
            }
            Operation::Settlement => {
                self.sold(NUMBER - 1);
                self.arm();
                Outcome::Told(self.ask(log(DailyLogType::Settlement)))
            }
            Operation::List => {
                let original_slip = Some(self.sold(NUMBER - 2));
                self.sold(NUMBER - 1);
                self.charge(Authorize {
                    original_slip,
                    ..ask(TransactionType::Void, NUMBER)
                });
                self.arm();
                Outcome::Told(self.ask(Command::Transactions))
            }
        }
    }

    /// From here on pieces are counted, and one of them is struck.
    pub(crate) fn arm(&mut self) {
        self.rest();
        if !self.connected {
            self.connect();
        }
        self.is_armed = true;
        self.reported.clear();
        self.shown.clear();
    }

    fn sold(&mut self, number: u32) -> TerminalSlipNumber {
        let verdict = self.charge(ask(TransactionType::Sales, number));
        assert!(
            matches!(verdict, Verdict::Charged { .. }),
            "{}: {verdict:?}",
            self.kind.name
        );
        self.rest();
        self.booked.last().expect("booked").slip_number.clone()
    }

    /// A sale whose answer never comes; what was asked.
    pub(crate) fn left_open(&mut self) -> Asked {
        let ask = ask(TransactionType::Sales, NUMBER);
        let memory = self.memory().unwrap_or_default();
        let asked = self.asked(&ask, memory);
        let verdict = self.authorize(&asked, ask);
        assert!(
            matches!(verdict, Verdict::Unknown { .. }),
            "{}: {verdict:?}",
            self.kind.name
        );
        asked
    }

    /// One transaction as the console does it: asked whether it is idle, sent once, and asked about afterwards where it broke.
    pub(crate) fn charge(&mut self, ask: Authorize) -> Verdict {
        let not = |reason| Verdict::NotCharged { reason };
        let Some(memory) = self.memory() else {
            return not(NotCharged::NotReachable);
        };
        let asked = self.asked(&ask, memory);
        match self.authorize(&asked, ask) {
            verdict @ Verdict::Unknown { .. } => self.recover(&asked, verdict),
            verdict => verdict,
        }
    }

    /// The names of the terminal's memory and of itself, where it has them; `None` where it cannot take a transaction now.
    fn memory(&mut self) -> Option<(Option<JournalId>, Option<String>)> {
        if !self.kind.model.capabilities.status {
            return self.connected.then_some((None, None));
        }
        match self.ask(Command::Status) {
            Some(Answer::Status(status)) if status.state == TerminalState::Idle => {
                Some((status.journal, status.terminal_id))
            }
            _ => None,
        }
    }

    fn asked(
        &self,
        ask: &Authorize,
        (journal, terminal_id): (Option<JournalId>, Option<String>),
    ) -> Asked {
        Asked {
            transaction: ask.transaction,
            sequence_number: ask.sequence_number,
            amount: ask.amount,
            training: ask.training,
            sent_at: self.local(),
            journal,
            original_slip: ask.original_slip.clone(),
            terminal_id,
        }
    }

    fn authorize(&mut self, asked: &Asked, ask: Authorize) -> Verdict {
        let broken = |exposure, cause| recovery::after_break(exposure, cause);
        if !self.start(Command::Authorize(ask)) {
            return broken(Exposure::Nothing, Break::Disconnected);
        }
        let timers = self.kind.model.timers;
        let verdict = match self.wait(timers.transaction_max_ms + WATCHDOG_MS) {
            Some(LinkEvent::Answer { answer }) => recovery::after_answer(
                asked,
                &answer,
                &self.kind.model.capabilities,
                &timers,
                self.local(),
            ),
            Some(LinkEvent::Broken { exposure, cause }) => broken(exposure, cause),
            _ => {
                self.session.abandon(self.now_ms);
                broken(Exposure::Some, Break::NoAnswer)
            }
        };
        // The books have it now.
        self.session.acknowledge(self.now_ms);
        self.exchange();
        verdict
    }

    /// What the console asks by itself about a transaction without an outcome, in `app/unknown`'s order and numbers.
    fn recover(&mut self, asked: &Asked, open: Verdict) -> Verdict {
        self.is_dead = false;
        let can = self.kind.model.capabilities;
        let timers = self.kind.model.timers;
        let mut asks_list = can.inquiry == InquiryPower::None;
        if asks_list && !can.transactions {
            return open;
        }
        let (mut attempt, mut not_founds, mut listed) = (1, 0, false);
        loop {
            self.until(timers.inquiry_pause_ms);
            let finding = if asks_list {
                self.inquire_list(asked)
            } else {
                self.inquire(asked)
            };
            listed |= asks_list;
            not_founds = match finding {
                Some(Finding::NotFoundOnce) => not_founds + 1,
                None => not_founds,
                Some(_) => 0,
            };
            match finding {
                Some(Finding::Known(verdict)) => return verdict,
                Some(Finding::NotFoundOnce) if not_founds >= timers.not_found_repeats => {
                    return Verdict::NotCharged {
                        reason: NotCharged::NotAtTerminal,
                    };
                }
                Some(Finding::NoProof) if can.transactions && !listed => {
                    asks_list = true;
                    continue;
                }
                Some(Finding::StillRunning) => continue,
                _ => {}
            }
            if can.inquiry != InquiryPower::None {
                asks_list = false;
            }
            attempt += 1;
            if attempt > timers.inquiry_tries + timers.not_found_repeats
                || (attempt > timers.inquiry_tries && not_founds == 0)
            {
                return open;
            }
        }
    }

    fn inquire(&mut self, asked: &Asked) -> Option<Finding> {
        let sequence_number = asked.sequence_number;
        let answer = self.ask(Command::LastResult { sequence_number })?;
        let said_by = answer.terminal_id().map(str::to_owned);
        match answer {
            Answer::LastResult {
                inquiry, journal, ..
            } => Some(recovery::after_inquiry(
                asked,
                &inquiry,
                (journal.as_ref(), said_by.as_deref()),
                &self.kind.model.capabilities,
                &self.kind.model.timers,
                self.local(),
            )),
            _ => Some(Finding::NoProof),
        }
    }

    /// The list, and where it would settle the transaction what bears it out.
    pub(crate) fn inquire_list(&mut self, asked: &Asked) -> Option<Finding> {
        let can = self.kind.model.capabilities;
        let timers = self.kind.model.timers;
        let Answer::Transactions { records } = self.ask(Command::Transactions)? else {
            return Some(Finding::NoProof);
        };
        let now = self.local();
        let find = |records: &[_], backing| {
            recovery::after_list(asked, records, backing, &can, &timers, now)
        };
        let alone = find(&records, Backing::None);
        if alone != Finding::ListAlone {
            return Some(alone);
        }
        self.until(timers.inquiry_pause_ms);
        let question = Backing::question(&can, asked.sequence_number);
        Some(match self.ask(question)? {
            Answer::DailyLog { totals, .. } => find(&records, Backing::Totals(totals)),
            Answer::Transactions { records: again } => find(&again, Backing::ReadBefore(&records)),
            _ => Finding::NoProof,
        })
    }

    /// One question, and its answer if there is one.
    fn ask(&mut self, command: Command) -> Option<Answer> {
        if !self.connected {
            self.connect();
        }
        let moves_money = command.moves_money();
        if !self.start(command) {
            return None;
        }
        let timers = self.kind.model.timers;
        let longest = if moves_money {
            timers.transaction_max_ms
        } else {
            timers.answer_ms
        };
        let event = self.wait(longest + WATCHDOG_MS);
        let answer = match event {
            Some(LinkEvent::Answer { answer }) => Some(answer),
            Some(_) => None,
            None => {
                self.session.abandon(self.now_ms);
                None
            }
        };
        self.session.acknowledge(self.now_ms);
        self.exchange();
        answer
    }

    /// False where nothing of it can leave.
    fn start(&mut self, command: Command) -> bool {
        self.events.clear();
        if !self.connected {
            return false;
        }
        let started = self.session.start(self.now_ms, self.local(), command);
        self.exchange();
        started.is_ok()
    }

    /// The answer, or how it broke; `None` where neither comes in time.
    fn wait(&mut self, longest_ms: u64) -> Option<LinkEvent> {
        let end = self.now_ms + longest_ms;
        loop {
            let decides = |event: &LinkEvent| {
                matches!(event, LinkEvent::Answer { .. } | LinkEvent::Broken { .. })
            };
            if let Some(at) = self.events.iter().position(decides) {
                return Some(self.events.remove(at));
            }
            if self.now_ms >= end || !self.step() {
                return None;
            }
        }
    }

    fn moment(&self) -> Moment {
        Moment {
            mono_ms: self.now_ms,
            wall: dawn() + Duration::milliseconds(i64::try_from(self.now_ms).expect("small")),
        }
    }

    fn local(&self) -> NaiveDateTime {
        self.moment().wall.naive_local()
    }

    fn connect(&mut self) {
        self.connected = true;
        self.terminal.handle_connect(self.moment());
        self.exchange();
    }

    fn disconnect(&mut self) {
        self.connected = false;
        self.glued = None;
        self.session.handle_disconnect(self.now_ms);
        self.terminal.handle_disconnect(self.moment());
    }

    /// Hand bytes over until there are none, at one instant.
    fn exchange(&mut self) {
        loop {
            let mut quiet = true;
            while let Some(bytes) = self.session.poll_transmit() {
                quiet = false;
                self.carry(Way::ToTerminal, bytes);
            }
            while let Some(bytes) = self.terminal.poll_transmit() {
                quiet = false;
                self.carry(Way::ToCounter, bytes);
            }
            while let Some(event) = self.terminal.poll_event() {
                quiet = false;
                self.terminal_event(event);
            }
            while let Some(event) = self.session.poll_event() {
                quiet = false;
                if event != LinkEvent::Alive {
                    self.reported.push(event.clone());
                    self.events.push(event);
                }
            }
            if quiet {
                match self.glued.take() {
                    Some(piece) => self.deliver(piece.way, &piece.bytes),
                    None => return,
                }
            }
        }
    }

    fn terminal_event(&mut self, event: TerminalEvent) {
        self.shown.push(event.clone());
        match event {
            TerminalEvent::Record(entry) => {
                self.booked.push(*entry);
                self.terminal.recorded(self.moment());
            }
            TerminalEvent::Cut | TerminalEvent::Reboot { .. } => self.disconnect(),
            _ => {}
        }
    }

    fn carry(&mut self, way: Way, bytes: Vec<u8>) {
        let at = self.pieces.len();
        if self.is_armed {
            self.pieces.push(Piece {
                way,
                bytes: bytes.clone(),
            });
        }
        if let Some(held) = self.glued.take_if(|held| held.way == way) {
            self.deliver(way, &[held.bytes, bytes].concat());
            return;
        }
        let strikes = |strike: &&Strike| self.is_armed && strike.at == at;
        match self.strikes.iter().find(strikes) {
            Some(strike) => {
                let blow = strike.blow.clone();
                self.strike(way, bytes, blow);
            }
            None => self.deliver(way, &bytes),
        }
    }

    fn strike(&mut self, way: Way, bytes: Vec<u8>, blow: Blow) {
        match blow {
            Blow::Becomes(other) => self.deliver(way, &other),
            Blow::Reads(reads) => {
                for read in reads {
                    self.deliver(way, &read);
                    self.now_ms += 1;
                }
            }
            Blow::Glued => self.glued = Some(Piece { way, bytes }),
            // Whatever is on the way acknowledges it.
            Blow::Swallowed if way == Way::ToCounter => {
                let taken = self.taken(&bytes);
                self.terminal.handle_input(self.moment(), taken);
            }
            Blow::Swallowed => {}
            Blow::Cut => self.disconnect(),
            Blow::Silence => self.is_dead = true,
            Blow::Reboot { forgets } => {
                self.disconnect();
                let books = if forgets {
                    Books::new(journal("J2"))
                } else {
                    Books::restore(self.booked.iter().cloned(), journal("J1"))
                };
                self.terminal = switched_on(&self.kind, books, Script::approving(), NAME);
            }
            Blow::Swap(entries) => {
                self.disconnect();
                let books = Books::restore(entries, journal("J3"));
                let other = switched_on(&self.kind, books, Script::approving(), OTHER_NAME);
                self.aside = Some(std::mem::replace(&mut self.terminal, other));
            }
        }
    }

    /// What acknowledges these bytes of the terminal, where anything does.
    fn taken(&self, bytes: &[u8]) -> &'static [u8] {
        match (bytes.first(), self.kind.layout.name()) {
            (Some(0x02), "ecr17") => &[0x06, 0x03, 0x79],
            (Some(0x02), _) => &[0x06],
            _ => &[],
        }
    }

    fn deliver(&mut self, way: Way, bytes: &[u8]) {
        if self.is_dead || !self.connected {
            return;
        }
        match way {
            Way::ToTerminal => self.terminal.handle_input(self.moment(), bytes),
            Way::ToCounter => self.session.handle_input(self.now_ms, bytes),
        }
    }

    fn due_ms(&self) -> Option<u64> {
        let aside = self.aside.as_ref().and_then(Terminal::poll_timeout);
        let due = [
            self.session.poll_timeout(),
            self.terminal.poll_timeout(),
            aside,
        ];
        due.into_iter().flatten().min()
    }

    /// To the next deadline of either side; false where nobody waits for anything.
    fn step(&mut self) -> bool {
        let Some(due_ms) = self.due_ms() else {
            return false;
        };
        self.now_ms = self.now_ms.max(due_ms);
        self.session.handle_timeout(self.now_ms);
        self.terminal.handle_timeout(self.moment());
        self.exchange();
        self.go_on_aside();
        true
    }

    /// What was taken away goes on with what it was in the middle of, and books it; nobody hears it.
    fn go_on_aside(&mut self) {
        let now = self.moment();
        let Some(aside) = &mut self.aside else {
            return;
        };
        aside.handle_timeout(now);
        while aside.poll_transmit().is_some() {}
        while let Some(event) = aside.poll_event() {
            if let TerminalEvent::Record(entry) = event {
                self.booked.push(*entry);
                aside.recorded(now);
            }
        }
    }

    pub(crate) fn rest(&mut self) {
        for _ in 0..10_000 {
            if !self.step() {
                return;
            }
        }
        panic!("{}: they never come to rest", self.kind.name);
    }

    fn until(&mut self, ms: u64) {
        let end = self.now_ms + ms;
        while self.due_ms().is_some_and(|due_ms| due_ms <= end) {
            self.step();
        }
        self.now_ms = self.now_ms.max(end);
    }
}

fn switched_on(kind: &Kind, books: Books, script: Script, name: &str) -> Terminal {
    let settings = TerminalSettings {
        seed: 7,
        pace_ms: 0,
        terminal_id: name.to_owned(),
        ..TerminalSettings::default()
    };
    Terminal::new(&kind.model, kind.layout.clone(), books, script, settings)
}
