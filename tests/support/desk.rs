//! A counter without a terminal, a disk or a clock: messages in, effects out, and small words for both.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Duration, FixedOffset};
use madoguchi::app::key::{Input, Key, KeyPress};
use madoguchi::app::message::{DayCount, Effect, LinkRequest, Message, Now, StoreRequest, Stored};
use madoguchi::app::settings::{
    Access, Barcodes, CatSetting, Operators, OrcaSetting, Paper, Settings, Shop, UndoSetting,
};
use madoguchi::app::{Screen, State, update};
use madoguchi::cat::model::{
    Capabilities, CardRules, FramingOverride, InquiryPower, Manual, Model, NotFoundPower,
    ProgressPower, SerialSettings, Timers,
};
use madoguchi::cat::{
    Answer, Inquiry, LinkEvent, ResultCode, TerminalState, TerminalStatus, TransactionResult,
    TransactionType,
};
use madoguchi::domain::ledger::{CatId, Entry, TerminalFacts};
use madoguchi::domain::master::{CardClassRow, CardClassTable, CardCompany, Media, Switch};
use madoguchi::domain::money::Yen;
use madoguchi::domain::record::SaleRecord;
use madoguchi::domain::sale::Operator;
use madoguchi::domain::slip::{
    ApprovalCode, JournalId, SequenceNumber, SlipNumber, TerminalSlipNumber,
};
use madoguchi::domain::tax::TaxRates;
use madoguchi::domain::tender::CardClass;
use madoguchi::domain::text::{Bilingual, Language};

/// The counter.
pub(crate) struct Desk {
    pub(crate) state: State,
    pub(crate) now: Now,
}

pub(crate) fn names(ja: &str, en: &str) -> Bilingual {
    Bilingual {
        ja: ja.into(),
        en: en.into(),
    }
}

pub(crate) fn model() -> Model {
    Model {
        name: "open-cat".into(),
        title: names("open-cat", "open-cat"),
        layout: Some("open-cat".into()),
        accepts: None,
        void_last_only: false,
        framing: FramingOverride::default(),
        card_rules: CardRules::default(),
        capabilities: Capabilities {
            inquiry: InquiryPower::ByReference,
            not_found: NotFoundPower::SameJournal,
            status: true,
            authorize_void: true,
            authorize_refund: true,
            training_mode: true,
            daily_log_reporting: true,
            daily_log_settlement: true,
            transactions: false,
            standalone: false,
            echoes_sequence_number: true,
            echoes_amount: true,
            communication_error_is_definite: false,
            amount_max: 99_999_999,
            progress: ProgressPower::Phases,
        },
        serial: SerialSettings::default(),
        lan: None,
        timers: Timers {
            inter_byte_ms: 200,
            acknowledge_ms: 3_000,
            call_tries: 3,
            call_retry_ms: 1_000,
            nak_resends: 3,
            answer_ms: 5_000,
            transaction_ms: 60_000,
            transaction_max_ms: 180_000,
            inquiry_tries: 3,
            inquiry_pause_ms: 3_000,
            not_found_repeats: 2,
            clock_skew_max_ms: 900_000,
            stale_after_ms: 60_000,
            reopen_ms: 2_000,
        },
        note: None,
        manual: Manual::default(),
    }
}

fn class(code: u8, ja: &str) -> CardClassRow {
    CardClassRow {
        code: CardClass(code),
        name: names(ja, ja),
        media: Media::Credit,
        chosen_on_terminal: false,
        answered_by: vec![],
    }
}

fn card(code: &str, name: &str, class: u8) -> CardCompany {
    CardCompany {
        code: code.into(),
        name: names(name, name),
        model: "open-cat".into(),
        device_id: None,
        card_class: CardClass(class),
        sales_link: Switch::On,
        void_link: Switch::On,
        refund_link: Switch::On,
    }
}

pub(crate) fn wall() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-21T14:32:07+09:00").expect("a moment")
}

pub(crate) fn settings() -> Settings {
    Settings {
        language: Language::Ja,
        practice: false,
        access: Access::Owner,
        shop: Shop {
            lines: vec!["窓口クリニック".into()],
            support: "03-0000-0000".into(),
            invoice_number: None,
            tax_rates: TaxRates {
                standard: 10,
                reduced: 8,
            },
            day_boundary: chrono::NaiveTime::MIN,
            amount_max: Yen::new(9_999_999),
        },
        terminal_code: "01".into(),
        operator: Operator {
            code: "03".into(),
            name: "佐藤".into(),
        },
        operators: Operators::default(),
        undo: UndoSetting {
            rules: madoguchi::config::undo_rules::shipped(),
            ..UndoSetting::default()
        },
        cards: vec![
            card("01", "VISA", 30),
            card("02", "JCB", 3),
            CardCompany {
                sales_link: Switch::Off,
                ..card("09", "手動カード", 3)
            },
        ],
        classes: CardClassTable::new([class(3, "クレジット"), class(30, "クレ銀三面待ち")]),
        cats: BTreeMap::from([(CatId::Cat1, CatSetting::new("/dev/ttyUSB0", model()))]),
        keys: BTreeMap::new(),
        paper: Paper::default(),
        orca: OrcaSetting::default(),
        barcodes: Barcodes {
            rules: Arc::new(madoguchi::config::barcode_rules::shipped()),
            patient_required: false,
        },
    }
}

impl Desk {
    /// A started counter with nothing open, at an empty register.
    pub(crate) fn open() -> Desk {
        let mut desk = Desk::with(settings());
        desk.state.start();
        desk.stored(Stored::Opened {
            unresolved: vec![],
            unshown: None,
            today: DayCount::default(),
            terminals: Default::default(),
            sent: Default::default(),
        });
        desk.link(LinkEvent::Up);
        desk.link(idle_status());
        desk
    }

    /// A counter that was told these settings, not started.
    pub(crate) fn with(settings: Settings) -> Desk {
        let now = Now {
            mono_ms: 1_000,
            wall: wall(),
        };
        Desk {
            state: State::new(settings, now, (80, 24)),
            now,
        }
    }

    pub(crate) fn send(&mut self, message: Message) -> Vec<Effect> {
        update(&mut self.state, self.now, message)
    }

    pub(crate) fn press(&mut self, key: Key) -> Vec<Effect> {
        self.send(Message::Input(Input::Key(KeyPress { key, bytes: vec![] })))
    }

    /// A digit that answers a question, and the moment it takes to be the only one.
    pub(crate) fn answer(&mut self, digit: char) -> Vec<Effect> {
        assert_eq!(self.press(Key::Char(digit)), vec![]);
        self.after_ms(100)
    }

    pub(crate) fn text(&mut self, text: &str) {
        for c in text.chars() {
            self.press(Key::Char(c));
        }
    }

    /// Type one line and Enter.
    pub(crate) fn line(&mut self, text: &str) -> Vec<Effect> {
        self.text(text);
        self.press(Key::Enter)
    }

    pub(crate) fn link(&mut self, event: LinkEvent) -> Vec<Effect> {
        self.send(Message::Link(CatId::Cat1, event))
    }

    pub(crate) fn stored(&mut self, stored: Stored) -> Vec<Effect> {
        self.send(Message::Stored(stored))
    }

    /// The write that is among the effects is durable.
    pub(crate) fn durable(&mut self, effects: &[Effect]) -> Vec<Effect> {
        let entry = written(effects).expect("something is being written");
        self.stored(Stored::Written(entry))
    }

    /// Time passes, and the deadline that lies within it is kept.
    pub(crate) fn after_ms(&mut self, ms: u64) -> Vec<Effect> {
        let end = self.now.mono_ms + ms;
        let mut effects = Vec::new();
        while let Some(at) = self.state.deadline().filter(|at| *at <= end) {
            assert!(
                at > self.now.mono_ms || at == end,
                "a deadline that does not move"
            );
            self.pass_to(at);
            effects.extend(self.send(Message::TimeReached));
            if !effects.is_empty() {
                return effects;
            }
        }
        self.pass_to(end);
        effects
    }

    fn pass_to(&mut self, mono_ms: u64) {
        let passed = mono_ms - self.now.mono_ms;
        self.now.mono_ms = mono_ms;
        self.now.wall += Duration::milliseconds(i64::try_from(passed).expect("a short time"));
    }

    /// At the checkout with one line of 3,430 yen.
    pub(crate) fn at_checkout() -> Desk {
        let mut desk = Desk::open();
        desk.line("3430");
        desk.press(Key::F(12));
        assert!(matches!(desk.state.screen, Screen::Checkout(_)));
        desk
    }

    /// At the checkout with the first card picked.
    pub(crate) fn with_card() -> Desk {
        let mut desk = Desk::at_checkout();
        desk.press(Key::F(6));
        desk.press(Key::Enter);
        desk
    }

    /// Paid by card up to the intent being durable, the terminal called.
    pub(crate) fn calling() -> Desk {
        let mut desk = Desk::with_card();
        desk.press(Key::F(12));
        desk.stored(pended());
        desk
    }

    /// The amount is out.
    pub(crate) fn waiting() -> Desk {
        let mut desk = Desk::calling();
        desk.link(LinkEvent::Up);
        let effects = desk.link(idle_status());
        desk.durable(&effects);
        desk
    }

    /// The exchange is broken, and the books say so.
    pub(crate) fn unknown() -> Desk {
        let mut desk = Desk::waiting();
        let effects = desk.link(broken());
        desk.durable(&effects);
        assert!(matches!(desk.state.screen, Screen::Unknown(_)));
        desk
    }

    pub(crate) fn screen_name(&self) -> &'static str {
        match &self.state.screen {
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
            Screen::Wizard(_) => "wizard",
        }
    }
}

pub(crate) fn slip() -> SlipNumber {
    SlipNumber::new(12)
}

pub(crate) fn sequence() -> SequenceNumber {
    SequenceNumber::new(871).expect("in range")
}

pub(crate) fn journal() -> JournalId {
    JournalId::new("J1").expect("valid")
}

pub(crate) fn pended() -> Stored {
    Stored::Pended {
        slip: slip(),
        sequence_number: sequence(),
    }
}

pub(crate) fn status(state: TerminalState) -> LinkEvent {
    LinkEvent::Answer {
        answer: Answer::Status(TerminalStatus {
            state,
            training: Some(false),
            journal: Some(journal()),
            terminal_id: None,
        }),
    }
}

pub(crate) fn idle_status() -> LinkEvent {
    status(TerminalState::Idle)
}

pub(crate) fn broken() -> LinkEvent {
    LinkEvent::Broken {
        exposure: madoguchi::cat::Exposure::Delivered,
        cause: madoguchi::cat::Break::Disconnected,
    }
}

pub(crate) fn result(code: ResultCode) -> TransactionResult {
    TransactionResult {
        transaction: TransactionType::Sales,
        sequence_number: Some(sequence()),
        amount: Some(Yen::new(3_430)),
        training: Some(false),
        code,
        facts: TerminalFacts {
            slip_number: TerminalSlipNumber::new("00123").ok(),
            approval_code: ApprovalCode::new("A00871").ok(),
            at: Some(wall().naive_local()),
            ..TerminalFacts::default()
        },
        original_slip: None,
        account_was_exposed: false,
    }
}

pub(crate) fn answer(result: TransactionResult) -> LinkEvent {
    LinkEvent::Answer {
        answer: Answer::Result(result),
    }
}

pub(crate) fn last_result(inquiry: Inquiry, journal: Option<JournalId>) -> LinkEvent {
    LinkEvent::Answer {
        answer: Answer::LastResult {
            inquiry,
            journal,
            asked_number: Some(sequence()),
            terminal_id: None,
        },
    }
}

/// The first entry among the effects.
pub(crate) fn written(effects: &[Effect]) -> Option<Entry> {
    effects.iter().find_map(|effect| match effect {
        Effect::Store(StoreRequest::Write { entry, .. }) => Some(entry.clone()),
        _ => None,
    })
}

/// The requests to terminals among the effects.
pub(crate) fn to_terminal(effects: &[Effect]) -> Vec<LinkRequest> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Link(_, request) => Some(request.clone()),
            _ => None,
        })
        .collect()
}

/// True where an amount leaves.
pub(crate) fn sends_money(effects: &[Effect]) -> bool {
    to_terminal(effects)
        .iter()
        .any(|request| matches!(request, LinkRequest::Send(command) if command.moves_money()))
}

/// A record of the sale the desk's fixtures speak of, in the state these entries leave it.
pub(crate) fn record(desk: &Desk) -> SaleRecord {
    desk.state.open.first().expect("one is open").clone()
}
