//! States of the console as a receptionist meets them, built by hand at one fixed moment.

use madoguchi::app::charge::{Charge, Stage};
use madoguchi::app::checkout::Checkout;
use madoguchi::app::daily_log::DailyLog;
use madoguchi::app::field::{Field, Kind};
use madoguchi::app::history::History;
use madoguchi::app::key::{Input, Key, KeyPress};
use madoguchi::app::key_check::KeyCheck;
use madoguchi::app::link_pane::{Cat, Link, Work};
use madoguchi::app::link_setup::{Another, LinkSetup, View};
use madoguchi::app::message::link_setup::{
    Direction, FoundPort, LoopOutcome, PortUse, TraceFrame, UsbFacts,
};
use madoguchi::app::message::{
    DayCount, HistoryCard, HistoryPage, HistoryRow, Message, Now, Stored,
};
use madoguchi::app::note::Note;
use madoguchi::app::operator::{self, After};
use madoguchi::app::outcome::{Done, NotChargedScreen};
use madoguchi::app::popup::Popup;
use madoguchi::app::receipt::{Behind, Receipt};
use madoguchi::app::register::Register;
use madoguchi::app::settings::{Access, Operators};
use madoguchi::app::unknown::{Hint, Proof, Stage as Asking};
use madoguchi::app::unresolved::Unresolved;
use madoguchi::app::{Screen, State, card_select::CardSelect, update};
use madoguchi::cat::examination::Verdict;
use madoguchi::cat::model::{SerialSettings, shipped};
use madoguchi::cat::{Break, LinkEvent, Phase, TerminalState, TerminalStatus};
use madoguchi::domain::ledger::{
    CatId, Evidence, NotCharged, Route, SaleState, TerminalFacts, UnknownReason,
};
use madoguchi::domain::master::{CardCompany, Switch};
use madoguchi::domain::money::Yen;
use madoguchi::domain::record::SaleRecord;
use madoguchi::domain::sale::{Line, Operator, SaleDraft, SaleKind, TaxClass};
use madoguchi::domain::slip::{ApprovalCode, SequenceNumber, SlipNumber, TerminalSlipNumber};
use madoguchi::domain::tender::{CardClass, LinkKind, MaskedAccount, Tender};
use madoguchi::domain::text::Language;
use madoguchi::locale::Text;

#[path = "bill_states.rs"]
mod bill_states;
#[path = "bills.rs"]
#[allow(dead_code, reason = "the flows use more of it")]
mod bills;
#[path = "card_report_states.rs"]
mod card_report_states;
#[path = "item_states.rs"]
mod item_states;
#[path = "reflection_states.rs"]
mod reflection_states;
#[path = "scan_states.rs"]
mod scan_states;
#[path = "shop.rs"]
mod shop;
#[path = "slip_states.rs"]
pub(crate) mod slip_states;
#[path = "undo_states.rs"]
mod undo_states;
#[path = "wizard_states.rs"]
mod wizard_states;

pub(crate) use shop::now;
use shop::{card, model, moment, name, settings};

#[path = "states_link_setup.rs"]
mod link_setup;

pub(crate) use link_setup::{
    another, link_another, link_loop, link_setup_answered, link_setup_found, link_setup_line,
    link_setup_port, link_setup_untested, link_setup_wrong_speed, link_trace,
};

/// An idle console with a linked terminal.
pub(crate) fn idle(language: Language, practice: bool) -> State {
    let mut state = State::new(settings(language, practice), now(), (80, 24));
    state.screen = Screen::Register(Register::new());
    state.today = DayCount {
        sales: 23,
        total: Yen::new(123_450),
    };
    set_link(&mut state, Link::Linked, Work::Idle);
    state
}

/// An idle console whose terminal's messages nobody has described: no card goes to it.
pub(crate) fn undescribed(language: Language) -> State {
    let mut settings = settings(language, false);
    let cat = settings.cats.get_mut(&CatId::Cat1).expect("one terminal");
    cat.model.layout = None;
    let mut state = State::new(settings, now(), (80, 24));
    state.screen = Screen::Register(Register::new());
    state
}

pub(crate) fn set_link(state: &mut State, link: Link, work: Work) {
    let cat: &mut Cat = state.cats.get_mut(&CatId::Cat1).expect("one terminal");
    cat.link = link;
    cat.work = work;
    cat.last_answer = Some(Now {
        mono_ms: now().mono_ms - 2_400,
        wall: moment("2026-11-21T14:32:04+09:00"),
    });
}

pub(crate) fn lines() -> Vec<Line> {
    vec![
        Line {
            name: "再診料・処置".into(),
            unit: Yen::new(1_230),
            quantity: 1,
            tax: TaxClass::NonTaxable,
        },
        Line {
            name: "診断書".into(),
            unit: Yen::new(2_200),
            quantity: 1,
            tax: TaxClass::Taxable,
        },
    ]
}

fn typed(kind: Kind, text: &str) -> Field {
    let mut field = Field::new(kind, 60);
    field.set(text);
    field
}

fn jcb() -> CardCompany {
    card("01", "JCB", "JCB", 30, Switch::On)
}

fn draft(practice: bool, tenders: Vec<Tender>) -> SaleDraft {
    SaleDraft {
        kind: SaleKind::Sale,
        order: None,
        original: None,
        undo: None,
        part: false,
        bill: None,
        replaces: None,
        lines: lines(),
        tenders,
        operator: Operator {
            code: "03".into(),
            name: "佐藤".into(),
        },
        terminal_code: "01".into(),
        practice,
    }
}

fn card_tender() -> Tender {
    Tender::Card {
        card: "01".into(),
        name: name("JCB", "JCB"),
        card_class: CardClass::TRIPLE_WAIT,
        card_class_name: name("クレ銀三面待ち", "Credit/UnionPay/NFC"),
        amount: Yen::new(3_430),
        link: LinkKind::Linked,
    }
}

fn slip(practice: bool) -> SlipNumber {
    SlipNumber::new(if practice { 90_000_142 } else { 142 })
}

/// A linked sale of 3,430 yen in any state.
pub(crate) fn record(state: &State, standing: SaleState) -> SaleRecord {
    let practice = state.settings.practice;
    SaleRecord {
        slip: slip(practice),
        stamp: state.settings.stamp(now()),
        sale: draft(practice, vec![card_tender()]),
        state: standing,
        sequence_number: SequenceNumber::new(871),
        route: Some(Route {
            cat: CatId::Cat1,
            model: state.settings.cats[&CatId::Cat1].model.name.clone(),
        }),
        sent_at: Some(now().wall),
        journal: None,
        unknown: None,
        not_charged: None,
        evidence: None,
        terminal: TerminalFacts::default(),
        shown: true,
        reissues: 0,
        by_hand: None,
    }
}

fn settled(state: &State) -> SaleRecord {
    let mut record = record(state, SaleState::Settled);
    record.evidence = Some(Evidence::Answer);
    let (account, _) = MaskedAccount::mask("356612******1234").expect("an account");
    record.terminal = TerminalFacts {
        slip_number: TerminalSlipNumber::new("01234").ok(),
        approval_code: ApprovalCode::new("654321").ok(),
        account: Some(account),
        ..TerminalFacts::default()
    };
    record
}

pub(crate) fn register(mut state: State) -> State {
    state.basket.lines = lines();
    let mut register = Register::new();
    register.input = typed(Kind::Text, "湿布 550 x 2");
    register.tax = TaxClass::Taxable;
    state.screen = Screen::Register(register);
    state
}

pub(crate) fn register_marked(mut state: State) -> State {
    state.basket.lines = lines();
    let mut register = Register::new();
    register.selected = Some(1);
    state.screen = Screen::Register(register);
    state
}

pub(crate) fn checkout(mut state: State) -> State {
    state.basket.lines = lines();
    state.screen = Screen::Checkout(Checkout::new());
    state
}

pub(crate) fn checkout_cash(mut state: State) -> State {
    state.basket.lines = lines();
    let mut checkout = Checkout::new();
    checkout.cash.set("5000");
    state.screen = Screen::Checkout(checkout);
    state
}

pub(crate) fn checkout_card(mut state: State) -> State {
    state.basket.lines = lines();
    let mut checkout = Checkout::new();
    checkout.card = Some(jcb());
    state.screen = Screen::Checkout(checkout);
    state
}

pub(crate) fn card_select(mut state: State) -> State {
    state.basket.lines = lines();
    state.screen = Screen::CardSelect(CardSelect::new(0));
    state
}

pub(crate) fn card_refused(mut state: State) -> State {
    state.basket.lines = lines();
    state.screen = Screen::CardSelect(CardSelect::new(5));
    state
}

/// No card goes over the link: a sale at the terminal has no outcome, of another amount.
pub(crate) fn card_made_only(state: State) -> State {
    let mut state = unresolved(state);
    for open in &mut state.open {
        open.sale.lines = lines()[..1].to_vec();
    }
    state.popups.clear();
    state.basket.lines = lines();
    state.screen = Screen::Checkout(Checkout::new());
    press_slowly(&mut state, &[Key::F(6)]);
    state
}

/// A payment that waits for the card.
pub(crate) fn charging(state: State) -> State {
    charging_with(state, 0, Some(Phase::Pin))
}

/// A payment at the terminal with one of the shop's cards.
pub(crate) fn charging_with(mut state: State, card: usize, phase: Option<Phase>) -> State {
    state.basket.lines = lines();
    set_link(&mut state, Link::Linked, Work::Exchange);
    let practice = state.settings.practice;
    let charge = Charge {
        card: state.settings.cards[card].clone(),
        sale: draft(practice, vec![card_tender()]),
        cat: CatId::Cat1,
        numbers: SequenceNumber::new(871).map(|number| (slip(practice), number)),
        stamp: state.settings.stamp(now()),
        stage: Stage::Waiting,
        phase,
        words: None,
        delivered: true,
        since_ms: now().mono_ms - 9_000,
        heard_ms: now().mono_ms - 2_400,
        sent_at: Some(now().wall),
        journal: None,
        sent_to: None,
        original: None,
    };
    state.screen = Screen::Charging(Box::new(charge));
    state
}

/// The shop's terminal is another model, with a note on where its capabilities come from.
fn with_model(mut state: State, name: &str) -> State {
    let models = shipped().expect("the shipped models");
    let cat = state
        .settings
        .cats
        .get_mut(&CatId::Cat1)
        .expect("one terminal");
    cat.model = models[name].clone();
    for card in &mut state.settings.cards {
        card.model = name.to_owned();
    }
    state
}

/// A card whose terminal cannot be spoken to yet, under the mark.
pub(crate) fn card_by_hand(state: State) -> State {
    card_select(with_model(state, "saturn1000-elite"))
}

/// The steps at that terminal.
pub(crate) fn by_hand(state: State) -> State {
    pick(card_by_hand(state))
}

/// A card class that a terminal's link does not take: off the link, by hand, and back.
pub(crate) fn by_hand_linked(state: State) -> State {
    let mut state = with_model(state, "jt-c60");
    let cat = state
        .settings
        .cats
        .get_mut(&CatId::Cat1)
        .expect("one terminal");
    cat.model.layout = Some("open-cat".into());
    cat.model.accepts = Some(vec![CardClass(3)]);
    pick(card_select(state))
}

fn pick(mut state: State) -> State {
    let key = KeyPress {
        key: Key::F(12),
        bytes: Vec::new(),
    };
    update(&mut state, now(), Message::Input(Input::Key(key)));
    state
}

/// A terminal that tells in its own words where the customer is.
pub(crate) fn charging_words(state: State) -> State {
    let mut state = charging_with(with_model(state, "ecr17"), 0, None);
    let text = "INSERIRE O AVVICINARE LA CARTA".to_owned();
    update(
        &mut state,
        now(),
        Message::Link(CatId::Cat1, LinkEvent::Display { text }),
    );
    state
}

/// A terminal that tells nothing before its result.
pub(crate) fn charging_untold(state: State) -> State {
    charging_with(with_model(state, "concert"), 0, None)
}

/// A terminal that cannot be asked: straight to the person, with its steps.
pub(crate) fn unknown_unasked(state: State) -> State {
    let mut state = unknown(
        with_model(state, "saturn1000-elite"),
        Some(UnknownReason::LineCut),
    );
    if let Screen::Unknown(unknown) = &mut state.screen {
        unknown.stage = Asking::GaveUp;
    }
    state
}

/// What a last-only terminal said of its last transaction.
pub(crate) fn unknown_last(state: State) -> State {
    let mut state = unknown_gave_up(with_model(state, "ecr17"));
    if let Screen::Unknown(unknown) = &mut state.screen {
        unknown.last = Some(Hint::Transaction {
            amount: Some(Yen::new(3_430)),
            approved: true,
            facts: TerminalFacts {
                slip_number: TerminalSlipNumber::new("01234").ok(),
                approval_code: ApprovalCode::new("654321").ok(),
                at: Some(now().wall.naive_local()),
                ..TerminalFacts::default()
            },
        });
    }
    state
}

/// Another terminal answers than the one that the sale was sent to.
pub(crate) fn unknown_another(state: State) -> State {
    let mut state = another(unknown_gave_up(state));
    if let Screen::Unknown(unknown) = &mut state.screen {
        unknown.last = Some(Hint::AnotherTerminal {
            asked: "4970112233".into(),
            answers: "4970998877".into(),
        });
    }
    state
}

/// What a terminal's list says of a sale that was taken back.
pub(crate) fn unknown_list(state: State) -> State {
    let mut state = unknown_gave_up(with_model(state, "transbank"));
    if let Screen::Unknown(unknown) = &mut state.screen {
        unknown.last = Some(Hint::NotFound);
        unknown.list = Some(Hint::List {
            lines: 12,
            ours: 2,
            sum: Yen::ZERO,
            at: None,
            contradicted: false,
        });
    }
    state
}

pub(crate) fn done_card(mut state: State) -> State {
    let record = settled(&state);
    state.screen = Screen::Done(Done {
        record,
        recovered: false,
        parts: Vec::new(),
        original: None,
        scroll: 0,
    });
    state
}

pub(crate) fn done_recovered(mut state: State) -> State {
    let mut record = settled(&state);
    record.evidence = Some(Evidence::Inquiry);
    state.screen = Screen::Done(Done {
        record,
        recovered: true,
        parts: Vec::new(),
        original: None,
        scroll: 0,
    });
    state
}

/// The sale of 3,430 yen, paid in cash.
fn cash(state: &State) -> SaleRecord {
    let practice = state.settings.practice;
    let mut record = settled(state);
    record.sale = draft(
        practice,
        vec![Tender::Cash {
            amount: Yen::new(3_430),
            received: Yen::new(5_000),
        }],
    );
    record.sequence_number = None;
    record.route = None;
    record.sent_at = None;
    record.evidence = None;
    record.terminal = TerminalFacts::default();
    record
}

/// The question whether the daily total was run.
fn daily_log(state: State) -> State {
    let question = DailyLog {
        cat: CatId::Cat1,
        scroll: 0,
        writing: false,
    };
    with_popup(state, Popup::DailyLog(question))
}

pub(crate) fn done_cash(mut state: State) -> State {
    let record = cash(&state);
    state.screen = Screen::Done(Done {
        record,
        recovered: false,
        parts: Vec::new(),
        original: None,
        scroll: 0,
    });
    state
}

pub(crate) fn not_charged(mut state: State, reason: NotCharged) -> State {
    state.basket.lines = lines();
    let mut record = record(&state, SaleState::Cancelled);
    record.not_charged = Some(reason);
    state.screen = Screen::NotCharged(NotChargedScreen {
        record,
        card: Some(jcb()),
        original: None,
        since: None,
    });
    state
}

/// A sale whose outcome did not arrive, a while after its screen appeared.
pub(crate) fn unknown(mut state: State, reason: Option<UnknownReason>) -> State {
    let mut record = record(&state, SaleState::Unknown);
    record.unknown = reason;
    let today = state.today;
    let stored = Stored::Opened {
        unresolved: vec![record],
        unshown: None,
        today,
        terminals: Default::default(),
        sent: Default::default(),
    };
    update(&mut state, now(), Message::Stored(stored));
    state.now.mono_ms += 2_000;
    if let Screen::Unknown(unknown) = &mut state.screen {
        unknown.attempt = 2;
        unknown.stage = Asking::Pausing {
            until_ms: state.now.mono_ms + 18_000,
        };
    }
    state
}

pub(crate) fn unknown_asking(state: State) -> State {
    let mut state = unknown(state, Some(UnknownReason::LineCut));
    if let Screen::Unknown(unknown) = &mut state.screen {
        unknown.stage = Asking::Asking {
            since_ms: state.now.mono_ms - 3_000,
        };
    }
    state
}

pub(crate) fn unknown_gave_up(state: State) -> State {
    let mut state = unknown(state, Some(UnknownReason::NoAnswer));
    if let Screen::Unknown(unknown) = &mut state.screen {
        unknown.stage = Asking::GaveUp;
    }
    state
}

pub(crate) fn unknown_proof(state: State) -> State {
    let mut state = unknown_gave_up(state);
    if let Screen::Unknown(unknown) = &mut state.screen {
        unknown.proof = Some(Proof::Slip(typed(Kind::Code, "0123")));
    }
    state
}

fn row(state: &State, number: u32, standing: SaleState, amount: i64) -> HistoryRow {
    let card = HistoryCard {
        name: name("JCB", "JCB"),
        class_name: name("クレ銀三面待ち", "Credit/UnionPay/NFC"),
        link: LinkKind::Linked,
        sequence_number: SequenceNumber::new(number),
        terminal_slip: TerminalSlipNumber::new("01234").ok(),
    };
    let stamp = state.settings.stamp(now());
    HistoryRow {
        slip: SlipNumber::new(number),
        stamp,
        kind: SaleKind::Sale,
        state: standing,
        total: Yen::new(amount),
        card: Some(card),
        taken_back: Yen::ZERO,
    }
}

fn history_of(state: &State) -> History {
    let mut rows = vec![
        row(state, 142, SaleState::Settled, 3_430),
        row(state, 141, SaleState::Settled, 12_800),
        row(state, 140, SaleState::Parked, 9_999_999),
        row(state, 139, SaleState::Declined, 550),
        row(state, 138, SaleState::Cancelled, 1_230),
        row(state, 137, SaleState::Settled, 2_200),
    ];
    rows[1].card = None;
    for index in [2, 3, 4] {
        rows[index].card.as_mut().expect("a card").terminal_slip = None;
    }
    let manual = rows[5].card.as_mut().expect("a card");
    manual.link = LinkKind::Manual;
    rows[5].kind = SaleKind::Void;
    History::showing(HistoryPage {
        rows,
        more: true,
        ..HistoryPage::default()
    })
}

pub(crate) fn history(mut state: State) -> State {
    let history = history_of(&state);
    state.screen = Screen::History(history);
    state
}

pub(crate) fn history_found_nothing(mut state: State) -> State {
    let mut history = history_of(&state);
    history.find = typed(Kind::Text, "交通系");
    history.page = HistoryPage::default();
    state.screen = Screen::History(history);
    state
}

pub(crate) fn receipt(mut state: State) -> State {
    let mut record = settled(&state);
    record.reissues = 1;
    let behind = Behind::History(Box::new(history_of(&state)));
    state.screen = Screen::Receipt(Receipt {
        record,
        undone: Vec::new(),
        reissued: true,
        scroll: 0,
        behind,
    });
    state
}

pub(crate) fn unresolved(mut state: State) -> State {
    let mut first = record(&state, SaleState::Parked);
    first.unknown = Some(UnknownReason::NoAnswer);
    let mut second = record(&state, SaleState::Unknown);
    second.slip = SlipNumber::new(second.slip.get() + 1);
    second.sequence_number = SequenceNumber::new(872);
    second.sale.kind = SaleKind::Void;
    state.open = vec![first, second];
    state.screen = Screen::Unresolved(Unresolved { selected: 1 });
    state
}

pub(crate) fn key_check(mut state: State) -> State {
    let press = |key, bytes: &[u8]| KeyPress {
        key,
        bytes: bytes.to_vec(),
    };
    state.screen = Screen::KeyCheck(KeyCheck {
        presses: vec![
            press(Key::F(1), b"\x1bOP"),
            press(Key::Char('あ'), "あ".as_bytes()),
            press(Key::Unknown, b"\x1b[25~"),
        ],
        number: typed(Kind::Amount, "1"),
    });
    state
}

pub(crate) fn with_note(mut state: State, note: Note) -> State {
    state.note = Some(note);
    state
}

pub(crate) fn opening(mut state: State) -> State {
    state.screen = Screen::Opening(Vec::new());
    state
}

/// A counter of ten, who are asked.
fn staffed(mut state: State) -> State {
    let names = [
        "佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤",
    ];
    let list = (3..).zip(names).map(|(code, name)| Operator {
        code: format!("{code:02}"),
        name: name.into(),
    });
    state.settings.operators = Operators {
        list: list.collect(),
        ask: true,
    };
    state
}

/// Keys as hands press them, after a rest.
fn press_slowly(state: &mut State, keys: &[Key]) {
    for key in keys {
        let now = Now {
            mono_ms: state.now.mono_ms + 400,
            ..state.now
        };
        let press = KeyPress {
            key: *key,
            bytes: vec![],
        };
        update(state, now, Message::Input(Input::Key(press)));
    }
}

fn operator_asked(state: State) -> State {
    let mut state = staffed(state);
    press_slowly(&mut state, &[Key::F(12), Key::Char('0')]);
    state
}

fn operator_wrong(state: State) -> State {
    let mut state = staffed(state);
    let keys = [Key::F(12), Key::Char('9'), Key::Char('9'), Key::Enter];
    press_slowly(&mut state, &keys);
    state
}

fn operator_second(state: State) -> State {
    let mut state = staffed(state);
    operator::second(&mut state, Text::HelpPark, After::nothing());
    state
}

/// No list: code, then name.
fn operator_second_named(mut state: State) -> State {
    operator::second(&mut state, Text::HelpPark, After::nothing());
    let keys = [Key::Char('0'), Key::Char('7'), Key::Enter, Key::Char('院')];
    press_slowly(&mut state, &keys);
    state
}

pub(crate) fn with_popup(mut state: State, popup: Popup) -> State {
    state.popups.push(popup);
    state
}

pub(crate) fn viewer(mut state: State) -> State {
    state.settings.access = Access::Viewer {
        holder: "受付1 (14:05から)".into(),
    };
    history(state)
}

/// Two terminals, the second one down.
pub(crate) fn two_terminals(mut state: State) -> State {
    let mut setting = state.settings.cats[&CatId::Cat1].clone();
    setting.model = model("J-Mups II");
    setting.address = "/dev/ttyUSB0".into();
    let mut cat = Cat::new(&setting);
    cat.link = Link::Down {
        cause: Break::PortTaken,
        detail: "Device or resource busy".into(),
    };
    state.settings.cats.insert(CatId::Cat2, setting);
    state.cats.insert(CatId::Cat2, cat);
    checkout_card(state)
}

/// Every screen and popup by name.
pub(crate) fn all(language: Language, practice: bool) -> Vec<(&'static str, State)> {
    let idle = || idle(language, practice);
    let mut all = vec![
        ("opening", opening(idle())),
        ("register_first", idle()),
        ("register", register(idle())),
        ("register_marked", register_marked(idle())),
        ("note", with_note(idle(), Note::warning(Text::NoLineYet))),
        ("note_long", with_note(idle(), Note::alarm(Text::DiskFull))),
        ("checkout", checkout(idle())),
        ("checkout_cash", checkout_cash(idle())),
        ("checkout_card", checkout_card(idle())),
        ("two_terminals", two_terminals(idle())),
        ("card_select", card_select(idle())),
        ("card_refused", card_refused(idle())),
        ("card_made_only", card_made_only(idle())),
        ("card_by_hand", card_by_hand(idle())),
        ("by_hand", by_hand(idle())),
        ("by_hand_linked", by_hand_linked(idle())),
        ("charging", charging(idle())),
        ("charging_words", charging_words(idle())),
        ("charging_untold", charging_untold(idle())),
        ("done_card", done_card(idle())),
        ("done_recovered", done_recovered(idle())),
        ("done_cash", done_cash(idle())),
        ("not_charged", not_charged(idle(), NotCharged::Busy)),
        (
            "not_charged_another",
            not_charged(another(idle()), NotCharged::AnotherTerminal),
        ),
        (
            "not_charged_owed",
            not_charged(idle(), NotCharged::AnswerOwed { wait_ms: 84_200 }),
        ),
        ("unknown", unknown(idle(), Some(UnknownReason::NoAnswer))),
        ("unknown_asking", unknown_asking(idle())),
        ("unknown_gave_up", unknown_gave_up(idle())),
        ("unknown_unasked", unknown_unasked(idle())),
        ("unknown_last", unknown_last(idle())),
        ("unknown_list", unknown_list(idle())),
        ("unknown_another", unknown_another(idle())),
        ("unknown_proof", unknown_proof(idle())),
        ("scan", scan_states::scanned_bill(idle())),
        ("scan_patient", scan_states::scan_patient(idle())),
        (
            "scan_again",
            scan_states::scan_again(idle(), &cash(&idle())),
        ),
        ("register_goods", item_states::basket(idle())),
        ("items", item_states::list(idle())),
        ("items_none_yet", item_states::none_yet(idle())),
        ("items_nothing_found", item_states::nothing_found(idle())),
        ("item_files", item_states::files(idle())),
        ("item_no_files", item_states::no_files(idle())),
        ("item_reading", item_states::reading(idle())),
        ("item_report", item_states::report(idle())),
        ("item_report_good", item_states::report_good(idle())),
        ("item_imported", item_states::imported(idle())),
        ("item_clash", item_states::clash(idle())),
        ("item_no_goods", item_states::no_goods(idle())),
        ("history", history(idle())),
        ("history_nothing", history_found_nothing(idle())),
        ("receipt", receipt(idle())),
        (
            "return_slip",
            slip_states::return_slip(idle(), &cash(&idle())),
        ),
        ("part_slip", slip_states::part_slip(idle(), &cash(&idle()))),
        (
            "done_paper_out",
            slip_states::done_paper_out(idle(), &cash(&idle())),
        ),
        ("printer", slip_states::printer_idle(idle())),
        (
            "printer_waiting",
            slip_states::printer_waiting(idle(), &cash(&idle())),
        ),
        ("unresolved", unresolved(idle())),
        ("key_check", key_check(idle())),
        ("link_setup", link_setup_found(idle(), None)),
        ("link_setup_answered", link_setup_answered(idle())),
        ("link_setup_wrong_speed", link_setup_wrong_speed(idle())),
        ("link_setup_port", link_setup_port(idle())),
        ("link_setup_line", link_setup_line(idle())),
        (
            "link_setup_no_layout",
            link_setup_untested(with_model(idle(), "saturn1000-elite")),
        ),
        ("link_loop", link_loop(idle())),
        ("link_another", link_another(idle(), None)),
        ("link_another_typed", link_another(idle(), Some("8877"))),
        (
            "link_setup_another",
            link_setup_found(another(idle()), None),
        ),
        ("register_another", another(register(idle()))),
        ("link_trace", link_trace(idle())),
        ("viewer", viewer(idle())),
        (
            "menu",
            with_popup(register(idle()), Popup::Menu { selected: 1 }),
        ),
        (
            "help",
            with_popup(register(idle()), Popup::Help { scroll: 0 }),
        ),
        ("leave", with_popup(checkout(idle()), Popup::Leave)),
        ("operator", operator_asked(register(idle()))),
        ("operator_wrong", operator_wrong(register(idle()))),
        ("operator_second", operator_second(checkout(idle()))),
        (
            "operator_second_named",
            operator_second_named(checkout(idle())),
        ),
        ("daily_log", daily_log(two_terminals(idle()))),
        (
            "daily_log_open",
            daily_log(unresolved(two_terminals(idle()))),
        ),
        ("leave_at_risk", with_popup(charging(idle()), Popup::Leave)),
    ];
    all.extend(reflection_states::all(idle));
    all.extend(card_report_states::all(idle));
    all.extend(wizard_states::all(idle));
    all.extend(undo_states::all(idle));
    all.extend(bill_states::all(idle));
    all
}
