//! クレジット利用履歴 as a receptionist meets it.

use madoguchi::app::card_report::filter::{Filter, Form, Period};
use madoguchi::app::card_report::{CardReport, View};
use madoguchi::app::message::{
    CardMovement, CardReportPage, CardReportQuery, CardTotal, HistoryCard, Message, OpenMovement,
    StoreRequest, StoreTrouble, Stored,
};
use madoguchi::app::{Screen, State, update};
use madoguchi::domain::ledger::SaleState;
use madoguchi::domain::master::{CardClassTable, Media};
use madoguchi::domain::money::Yen;
use madoguchi::domain::sale::SaleKind;
use madoguchi::domain::slip::{ApprovalCode, SequenceNumber, SlipNumber, TerminalSlipNumber};
use madoguchi::domain::tender::{CardClass, LinkKind};

use super::shop::{class, name, now};

const NOVEMBER: Filter = Filter {
    period: Period::ThisMonth,
    class: None,
    link: None,
    kind: None,
    operator: None,
    open: false,
};

fn movement(state: &State, number: u32, amount: i64) -> CardMovement {
    CardMovement {
        slip: SlipNumber::new(number),
        stamp: state.settings.stamp(now()),
        kind: SaleKind::Sale,
        original: None,
        amount: Yen::new(amount),
        card_class: CardClass::TRIPLE_WAIT,
        class_used: None,
        approval_code: ApprovalCode::new("654321").ok(),
        operator: "03".into(),
        card: HistoryCard {
            name: name("JCB", "JCB"),
            class_name: name("クレ銀三面待ち", "Credit/UnionPay/NFC"),
            link: LinkKind::Linked,
            sequence_number: SequenceNumber::new(number),
            terminal_slip: TerminalSlipNumber::new(&format!("{:05}", number + 1_000)).ok(),
        },
    }
}

/// Fourteen movements of three classes, two of them taken back, one by hand.
fn rows(state: &State) -> Vec<CardMovement> {
    let mut rows: Vec<CardMovement> = (0..14)
        .map(|index| movement(state, 142 - index, i64::from(1_230 + index * 317)))
        .collect();
    rows[0].class_used = Some(CardClass(3));
    rows[1].class_used = Some(CardClass(4));
    rows[3].kind = SaleKind::Refund;
    rows[3].original = Some(SlipNumber::new(120));
    rows[3].amount = Yen::new(-2_200);
    rows[3].card.link = LinkKind::Manual;
    rows[5].amount = Yen::new(9_999_999);
    rows[6].kind = SaleKind::Void;
    rows[6].amount = Yen::new(-9_999_999);
    rows[8].card_class = CardClass(6);
    rows[8].card.class_name = name("交通系IC", "Transit IC");
    rows[8].card.name = name("交通系IC", "Transit IC");
    rows[8].approval_code = None;
    rows
}

fn total(class: u8, names: (&str, &str), used: Option<u8>, sum: (u32, i64)) -> CardTotal {
    CardTotal {
        card_class: CardClass(class),
        class_name: name(names.0, names.1),
        class_used: used.map(CardClass),
        count: sum.0,
        amount: Yen::new(sum.1),
    }
}

fn page(state: &State) -> CardReportPage {
    let triple = ("クレ銀三面待ち", "Credit/UnionPay/NFC");
    let mut open = movement(state, 143, 3_430);
    open.card.terminal_slip = None;
    CardReportPage {
        query: NOVEMBER.query(state.settings.stamp(now()).business_date, 14),
        rows: rows(state),
        more: true,
        totals: vec![
            total(6, ("交通系IC", "Transit IC"), None, (12, 14_380)),
            total(30, triple, None, (3, 1_000)),
            total(30, triple, Some(3), (96, 1_002_300)),
            total(30, triple, Some(4), (11, 218_887)),
            total(30, triple, Some(5), (2, -2_000)),
        ],
        open: vec![OpenMovement {
            state: SaleState::Unknown,
            movement: open,
        }],
    }
}

fn showing(mut state: State, filter: Filter, view: View) -> State {
    let known = state.settings.classes.rows().cloned();
    let more = [
        class(4, "銀聯", "UnionPay", Media::Credit, false),
        class(5, "NFCタッチ", "NFC touch", Media::Credit, false),
    ];
    state.settings.classes = CardClassTable::new(known.chain(more).collect::<Vec<_>>());
    let page = page(&state);
    let mut report = CardReport::showing(filter, page);
    report.view = view;
    state.screen = Screen::CardReport(Box::new(report));
    state
}

pub(crate) fn full(state: State) -> State {
    let mut state = showing(state, NOVEMBER, View::List);
    if let Screen::CardReport(report) = &mut state.screen {
        report.selected = 3;
    }
    state
}

fn empty(mut state: State) -> State {
    let today = state.settings.stamp(now()).business_date;
    let page = CardReportPage {
        query: Filter::default().query(today, 14),
        ..CardReportPage::default()
    };
    let report = CardReport::showing(Filter::default(), page);
    state.screen = Screen::CardReport(Box::new(report));
    state
}

fn not_read(state: State) -> State {
    let mut state = full(state);
    let Screen::CardReport(report) = &state.screen else {
        panic!("the report");
    };
    let request = StoreRequest::CardReport(CardReportQuery {
        ..report.asked().clone()
    });
    let failed = Stored::Failed {
        request: Box::new(request),
        trouble: StoreTrouble::Disk("disk I/O error".into()),
    };
    update(&mut state, now(), Message::Stored(failed));
    state
}

fn filter(state: State) -> State {
    let chosen = Filter {
        class: Some(CardClass::TRIPLE_WAIT),
        link: Some(LinkKind::Manual),
        operator: Some("03".into()),
        ..NOVEMBER
    };
    showing(state, NOVEMBER, View::Filter(Box::new(Form::of(&chosen))))
}

/// What one person rang up, of one kind and way.
fn of_one(state: State) -> State {
    let asked = Filter {
        class: Some(CardClass::TRIPLE_WAIT),
        link: Some(LinkKind::Linked),
        kind: Some(SaleKind::Sale),
        operator: Some("03".into()),
        ..NOVEMBER
    };
    let mut state = full(state);
    let today = state.settings.stamp(now()).business_date;
    if let Screen::CardReport(report) = &state.screen {
        let page = CardReportPage {
            query: asked.query(today, 14),
            rows: report.page.rows[..3].to_vec(),
            totals: report.page.totals[2..3].to_vec(),
            ..CardReportPage::default()
        };
        state.screen = Screen::CardReport(Box::new(CardReport::showing(asked, page)));
    }
    state
}

/// A day being typed.
fn filter_typed(state: State) -> State {
    let mut state = filter(state);
    super::press_slowly(
        &mut state,
        &[
            super::Key::Down,
            super::Key::Char('1'),
            super::Key::Char('1'),
            super::Key::Char('/'),
            super::Key::Char('3'),
        ],
    );
    state
}

/// What has no outcome, instead of what is settled.
fn open(state: State) -> State {
    showing(
        state,
        Filter {
            open: true,
            ..NOVEMBER
        },
        View::List,
    )
}

/// By name.
pub(crate) fn all(idle: impl Fn() -> State) -> Vec<(&'static str, State)> {
    vec![
        ("card_report", full(idle())),
        ("card_report_of_one", of_one(idle())),
        ("card_report_empty", empty(idle())),
        ("card_report_open", open(idle())),
        ("card_report_not_read", not_read(idle())),
        (
            "card_report_totals",
            showing(idle(), NOVEMBER, View::Totals { scroll: 0 }),
        ),
        ("card_report_filter", filter(idle())),
        ("card_report_filter_typed", filter_typed(idle())),
        (
            "card_report_export",
            showing(idle(), NOVEMBER, View::Export),
        ),
    ]
}
