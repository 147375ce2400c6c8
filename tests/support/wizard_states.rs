//! 手動操作 as a receptionist meets it, page by page, at one fixed moment.

use chrono::Duration;
use madoguchi::app::key::{Input, Key, KeyPress};
use madoguchi::app::link_pane::{Link, Work};
use madoguchi::app::message::{HistoryPage, HistoryRow, Message, Now, Stored};
use madoguchi::app::unresolved::Unresolved;
use madoguchi::app::{Screen, State, update, wizard};
use madoguchi::domain::by_hand::{Side, Step, Why};
use madoguchi::domain::ledger::{CatId, Entry, Evidence, NotCharged, TerminalFacts};
use madoguchi::domain::money::Yen;
use madoguchi::domain::record::SaleRecord;
use madoguchi::domain::sale::{SaleDraft, SaleKind};
use madoguchi::domain::slip::{SlipNumber, TerminalSlipNumber};
use madoguchi::domain::task::{PartPaid, Task};
use madoguchi::domain::tender::{LinkKind, Tender};

use super::{card_tender, draft, lines, now, set_link, settled, slip, with_model};

/// Our slip of the work by hand.
fn task_slip(state: &State) -> SlipNumber {
    SlipNumber::new(slip(state.settings.practice).get() + 1)
}

fn sale(state: &State, kind: SaleKind) -> SaleDraft {
    let mut sale = draft(state.settings.practice, vec![card_tender()]);
    sale.kind = kind;
    sale.original = (kind != SaleKind::Sale).then(|| slip(state.settings.practice));
    for tender in &mut sale.tenders {
        if let Tender::Card { link, .. } = tender {
            *link = LinkKind::Manual;
        }
    }
    sale
}

/// A terminal of the JT-C60's words whose link the site has described.
fn at_stera(state: State) -> State {
    let mut state = with_model(state, "jt-c60");
    if let Some(cat) = state.settings.cats.get_mut(&CatId::Cat1) {
        cat.model.layout = Some("open-cat".into());
        cat.model.capabilities.status = true;
    }
    state
}

fn say(state: &mut State, stored: Stored) {
    update(state, now(), Message::Stored(stored));
}

fn key(state: &mut State, key: Key) {
    let later = Now {
        mono_ms: state.now.mono_ms + 1_000,
        wall: state.now.wall + Duration::seconds(1),
    };
    let press = KeyPress {
        key,
        bytes: Vec::new(),
    };
    update(state, later, Message::Input(Input::Key(press)));
}

fn text(state: &mut State, typed: &str) {
    for c in typed.chars() {
        key(state, Key::Char(c));
    }
}

fn planned(mut state: State, kind: SaleKind, why: Why) -> State {
    let sale = sale(&state, kind);
    let model = state.settings.cats[&CatId::Cat1].model.name.clone();
    let place = wizard::place_of(&state, &model);
    wizard::begin(&mut state, sale, place, why, &mut Vec::new());
    if kind != SaleKind::Sale {
        let original = settled(&state);
        say(&mut state, Stored::Found(Some(Box::new(original))));
    }
    state
}

fn begun(state: &State, kind: SaleKind, why: Why) -> SaleRecord {
    let model = state.settings.cats[&CatId::Cat1].model.name.clone();
    let entry = Entry::ByHand {
        slip: task_slip(state),
        sale: sale(state, kind),
        place: wizard::place_of(state, &model),
        why,
        first: Side::Terminal,
        operator: state.operator.clone(),
    };
    let stamp = state.settings.stamp(now());
    SaleRecord::fold([(stamp, &entry)])
        .expect("legal")
        .expect("a slip")
}

fn step(state: &State, step: Step) -> Entry {
    Entry::Step {
        slip: task_slip(state),
        step,
        operator: state.operator.clone(),
    }
}

fn posted(state: &State) -> Entry {
    Entry::Posted {
        slip: task_slip(state),
        evidence: Evidence::Operator {
            operator: state.operator.clone(),
            proof: "01235 3430".into(),
        },
        terminal: TerminalFacts {
            slip_number: TerminalSlipNumber::new("01235").ok(),
            ..TerminalFacts::default()
        },
    }
}

/// Work by hand after so many of its entries.
fn after(state: State, kind: SaleKind, entries: &[fn(&State) -> Entry]) -> State {
    let mut state = planned(state, kind, Why::NotCarried);
    let record = begun(&state, kind, Why::NotCarried);
    say(&mut state, Stored::ByHandBegun(Box::new(record)));
    for entry in entries {
        let entry = entry(&state);
        say(&mut state, Stored::Written(entry));
    }
    state
}

const OFF: fn(&State) -> Entry = |state| step(state, Step::OffLink);
const OPERATED: fn(&State) -> Entry = |state| step(state, Step::Operated);
const BACK: fn(&State) -> Entry = |state| step(state, Step::BackOnLink);

fn confirm(state: State) -> State {
    planned(at_stera(state), SaleKind::Void, Why::NotCarried)
}

fn leave_link(state: State) -> State {
    after(at_stera(state), SaleKind::Void, &[])
}

fn operate(state: State) -> State {
    let mut state = after(at_stera(state), SaleKind::Void, &[OFF]);
    set_link(&mut state, Link::Standalone, Work::Idle);
    state
}

fn enter_slip(state: State) -> State {
    let mut state = after(at_stera(state), SaleKind::Void, &[OFF, OPERATED]);
    text(&mut state, "01235");
    key(&mut state, Key::Enter);
    text(&mut state, "34");
    state
}

/// Another slip of the day bears the number.
fn doubt(state: State) -> State {
    let mut state = enter_slip(state);
    text(&mut state, "30");
    key(&mut state, Key::F(12));
    let mut row = settled_row(&state);
    row.slip = SlipNumber::new(slip(state.settings.practice).get() - 5);
    let rows = vec![row];
    let page = HistoryPage {
        rows,
        ..HistoryPage::default()
    };
    say(&mut state, Stored::History(page));
    state
}

fn settled_row(state: &State) -> HistoryRow {
    let record = settled(state);
    HistoryRow {
        slip: record.slip,
        stamp: record.stamp,
        kind: SaleKind::Sale,
        state: record.state,
        total: record.total(),
        taken_back: Yen::ZERO,
        card: Some(madoguchi::app::message::HistoryCard {
            name: super::name("JCB", "JCB"),
            class_name: super::name("クレジット", "Credit"),
            link: LinkKind::Linked,
            sequence_number: record.sequence_number,
            terminal_slip: TerminalSlipNumber::new("01235").ok(),
        }),
    }
}

fn give_up(state: State) -> State {
    let mut state = operate(state);
    key(&mut state, Key::F(8));
    key(&mut state, Key::Char('1'));
    text(&mut state, "34");
    state
}

fn back_to_link(state: State) -> State {
    let entries = [OFF, OPERATED, posted as fn(&State) -> Entry];
    let mut state = after(at_stera(state), SaleKind::Void, &entries);
    set_link(&mut state, Link::Standalone, Work::Idle);
    state
}

fn back_down(state: State) -> State {
    let mut state = back_to_link(state);
    let cause = madoguchi::app::link_pane::Break::NoAnswer;
    let detail = String::new();
    set_link(&mut state, Link::Down { cause, detail }, Work::Idle);
    state
}

fn back_unasked(state: State) -> State {
    let mut state = back_to_link(state);
    if let Some(cat) = state.settings.cats.get_mut(&CatId::Cat1) {
        cat.model.capabilities.status = false;
    }
    state
}

fn people(state: State) -> State {
    let mut state = back_to_link(state);
    key(&mut state, Key::F(8));
    text(&mut state, "端末を交換した");
    key(&mut state, Key::Enter);
    text(&mut state, "34");
    state
}

fn done(state: State) -> State {
    let mut state = back_to_link(state);
    set_link(&mut state, Link::Linked, Work::Idle);
    let entry = BACK(&state);
    say(&mut state, Stored::Written(entry));
    state
}

/// Nothing was done at the terminal, and the bill is still to be paid.
fn done_given_up(state: State) -> State {
    let released = |state: &State| Entry::Released {
        slip: task_slip(state),
        reason: NotCharged::GivenUp,
        evidence: Evidence::Operator {
            operator: state.operator.clone(),
            proof: "3430".into(),
        },
    };
    after(at_stera(state), SaleKind::Sale, &[released])
}

/// A sale at a terminal that is on no link.
fn sale_unlinked(state: State) -> State {
    after(with_model(state, "saturn1000-elite"), SaleKind::Sale, &[])
}

fn refund_operate(state: State) -> State {
    let mut state = after(at_stera(state), SaleKind::Refund, &[OFF]);
    set_link(&mut state, Link::Standalone, Work::Idle);
    state
}

fn made_confirm(mut state: State) -> State {
    state.basket.lines = lines();
    planned(at_stera(state), SaleKind::Sale, Why::MadeStandalone)
}

/// A sale without an outcome, looked for in the terminal's history.
fn look_up(state: State) -> State {
    let mut state = super::unknown_gave_up(state);
    if let Screen::Unknown(unknown) = &state.screen {
        state.open = vec![unknown.record.clone()];
    }
    // The answer is held until it cannot be a scanner's.
    key(&mut state, Key::Char('4'));
    let at = state.deadline().expect("the answer is held");
    let later = Now {
        mono_ms: at,
        wall: state.now.wall,
    };
    update(&mut state, later, Message::TimeReached);
    for step in [Step::Resumed, Step::OffLink] {
        let entry = Entry::Step {
            slip: slip(state.settings.practice),
            step,
            operator: state.operator.clone(),
        };
        say(&mut state, Stored::Written(entry));
    }
    state
}

/// The list, with one of each.
fn tasks(state: State) -> State {
    let practice = state.settings.practice;
    let mut state = super::unresolved(at_stera(state));
    let mut work = begun(&state, SaleKind::Void, Why::NotCarried);
    let stamp = state.settings.stamp(now());
    for entry in [OFF(&state), OPERATED(&state)] {
        work.apply(stamp, &entry).expect("legal");
    }
    work.slip = SlipNumber::new(task_slip(&state).get() + 1);
    let mut correction = begun(&state, SaleKind::Void, Why::NotCarried);
    correction.slip = SlipNumber::new(task_slip(&state).get() + 2);
    correction.by_hand = None;
    state.tasks.list = vec![
        Task::Hand(Box::new(work)),
        Task::PartPaid(PartPaid {
            order: SlipNumber::new(slip(practice).get() - 3),
            lines: lines(),
            due: Yen::new(3_430),
            paid: Yen::new(1_000),
            parts: vec![SlipNumber::new(slip(practice).get() - 3)],
            bill: None,
        }),
        Task::Correction(Box::new(correction)),
    ];
    state.screen = Screen::Unresolved(Unresolved { selected: 1 });
    state
}

/// Left without its proof: the pane of the register says so.
fn register_off_link(state: State) -> State {
    let mut state = back_to_link(state);
    if let Screen::Wizard(wizard) = &state.screen
        && let Some(record) = wizard.record()
    {
        state.tasks.list = vec![Task::Hand(Box::new(record.clone()))];
    }
    super::register(state)
}

/// Every page.
pub(crate) fn all(idle: impl Fn() -> State) -> Vec<(&'static str, State)> {
    vec![
        ("wizard_confirm", confirm(idle())),
        ("wizard_made_confirm", made_confirm(idle())),
        ("wizard_leave_link", leave_link(idle())),
        ("wizard_operate", operate(idle())),
        ("wizard_refund", refund_operate(idle())),
        ("wizard_sale_unlinked", sale_unlinked(idle())),
        ("wizard_look_up", look_up(idle())),
        ("wizard_enter_slip", enter_slip(idle())),
        ("wizard_doubt", doubt(idle())),
        ("wizard_give_up", give_up(idle())),
        ("wizard_back_to_link", back_to_link(idle())),
        ("wizard_back_down", back_down(idle())),
        ("wizard_back_unasked", back_unasked(idle())),
        ("wizard_people", people(idle())),
        ("wizard_done", done(idle())),
        ("wizard_given_up", done_given_up(idle())),
        ("tasks", tasks(idle())),
        ("register_off_link", register_off_link(idle())),
    ]
}
