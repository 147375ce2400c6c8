//! States of paying in parts and of taking back, as a receptionist meets them.

use madoguchi::app::charge::{Charge, Stage};
use madoguchi::app::checkout::{Checkout, Focus};
use madoguchi::app::key::{Input, Key, KeyPress};
use madoguchi::app::message::{Message, Now, Stored};
use madoguchi::app::outcome::{Done, NotChargedScreen, Since};
use madoguchi::app::popup::Popup;
use madoguchi::app::register::Register;
use madoguchi::app::{Replaced, Screen, State, update};
use madoguchi::cat::Phase;
use madoguchi::domain::business_day::BusinessDate;
use madoguchi::domain::ledger::{CatId, Evidence, NotCharged, SaleState, UnknownReason};
use madoguchi::domain::money::Yen;
use madoguchi::domain::record::SaleRecord;
use madoguchi::domain::sale::{SaleKind, Undo};
use madoguchi::domain::slip::SlipNumber;
use madoguchi::domain::tender::{CardClass, Tender};
use madoguchi::domain::undo::Undoable;

use super::reflection_states::billed;
use super::{lines, now, receipt, record, set_link};

fn cash(amount: i64) -> Tender {
    Tender::Cash {
        amount: Yen::new(amount),
        received: Yen::new(amount),
    }
}

/// The card of a record pays this much.
fn with_card(mut record: SaleRecord, amount: i64) -> SaleRecord {
    for tender in &mut record.sale.tenders {
        if let Tender::Card { amount: paid, .. } = tender {
            *paid = Yen::new(amount);
        }
    }
    record
}

fn paid(state: &State) -> SaleRecord {
    let Screen::Receipt(receipt) = receipt(state.clone()).screen else {
        panic!("no receipt")
    };
    receipt.record
}

fn part(state: &State, amount: i64) -> SaleRecord {
    let mut part = with_card(paid(state), amount);
    part.sale.part = true;
    part
}

fn press(state: &mut State, key: Key) {
    let bytes = Vec::new();
    let input = Input::Key(KeyPress { key, bytes });
    update(state, state.now, Message::Input(input));
}

/// Cash counted into the hand, the card for the rest.
pub(crate) fn checkout_split(mut state: State) -> State {
    state.basket.lines = lines();
    let mut checkout = Checkout::new();
    checkout.card = Some(state.settings.cards[0].clone());
    checkout.cash.set("1000");
    state.screen = Screen::Checkout(checkout);
    state
}

/// A card for a part of the bill.
pub(crate) fn checkout_share(mut state: State) -> State {
    state.basket.lines = lines();
    let mut checkout = Checkout::new();
    checkout.card = Some(state.settings.cards[0].clone());
    checkout.focus = Focus::Share;
    checkout.share.set("2000");
    state.screen = Screen::Checkout(checkout);
    state
}

/// What is paid, and what is left.
pub(crate) fn checkout_part_paid(mut state: State) -> State {
    state.basket.lines = lines();
    state.basket.parts = vec![part(&state, 2_000)];
    state.basket.order = Some(state.basket.parts[0].slip);
    state.screen = Screen::Checkout(Checkout::new());
    state
}

pub(crate) fn half_done(state: State) -> State {
    let mut state = checkout_part_paid(state);
    state.popups.push(Popup::HalfDone);
    state
}

/// 差額: the corrected bill, after the old one was taken back.
pub(crate) fn checkout_corrected(mut state: State) -> State {
    state.basket.lines = lines()[..1].to_vec();
    state.basket.replaces = Some(Replaced {
        slip: SlipNumber::new(143),
        given_back: Some(Yen::new(3_430)),
    });
    state.screen = Screen::Checkout(Checkout::new());
    state
}

pub(crate) fn done_parts(mut state: State) -> State {
    let first = part(&state, 2_000);
    let last = part(&state, 1_430);
    state.screen = Screen::Done(Done {
        record: last,
        recovered: false,
        parts: vec![first],
        original: None,
        scroll: 0,
    });
    state
}

/// A sale called up to be taken back.
fn undo_of(state: State, change: impl FnOnce(&mut Undoable)) -> State {
    let mut state = receipt(state);
    let Screen::Receipt(shown) = &state.screen else {
        panic!("no receipt")
    };
    let mut sale = Undoable {
        original: shown.record.clone(),
        undone: vec![],
        later_at_terminal: false,
        number_given_twice: false,
        terminal_day_closed: None,
    };
    change(&mut sale);
    if let Screen::Receipt(shown) = &mut state.screen {
        shown.record = sale.original.clone();
    }
    press(&mut state, Key::F(1));
    let answer = Message::Stored(Stored::Undoable(Some(Box::new(sale))));
    update(&mut state, now(), answer);
    later(&mut state);
    state
}

/// The hands have rested.
fn later(state: &mut State) {
    let then = Now {
        mono_ms: state.now.mono_ms + 1_000,
        ..state.now
    };
    update(state, then, Message::TimeReached);
}

fn of_class(sale: &mut Undoable, class: CardClass) {
    sale.original.terminal.card_class = Some(class);
}

fn days_before(sale: &mut Undoable, days: i64) {
    let stamp = &mut sale.original.stamp;
    stamp.at -= chrono::Duration::days(days);
    stamp.business_date = BusinessDate(stamp.at.date_naive());
    sale.original.sent_at = Some(stamp.at);
}

/// 取消 at the terminal by hand.
pub(crate) fn undo_void(state: State) -> State {
    undo_of(state, |sale| of_class(sale, CardClass::CREDIT))
}

/// The site sends a 取消 over the link, and its terminals take it.
fn link_takes_back(state: &mut State) {
    for cat in state.settings.cats.values_mut() {
        cat.undo_link = true;
        cat.model.capabilities.authorize_void = true;
    }
}

/// The link takes back the last payment of its terminal alone, and another followed.
pub(crate) fn undo_not_the_last(mut state: State) -> State {
    link_takes_back(&mut state);
    for cat in state.settings.cats.values_mut() {
        cat.model.void_last_only = true;
    }
    undo_of(state, |sale| {
        of_class(sale, CardClass::CREDIT);
        sale.later_at_terminal = true;
    })
}

/// The terminal gave its number to a later sale too.
pub(crate) fn undo_number_again(mut state: State) -> State {
    link_takes_back(&mut state);
    undo_of(state, |sale| {
        of_class(sale, CardClass::CREDIT);
        sale.number_given_twice = true;
    })
}

/// A person typed the number of its slip: only the paper says which terminal that was.
pub(crate) fn undo_typed(mut state: State) -> State {
    link_takes_back(&mut state);
    let operator = state.operator.clone();
    undo_of(state, |sale| {
        of_class(sale, CardClass::CREDIT);
        sale.original.evidence = Some(Evidence::Operator {
            operator,
            proof: "01234".into(),
        });
    })
}

/// The console's day and the terminal's disagree: 日計 was run.
pub(crate) fn undo_after_daily_log(state: State) -> State {
    undo_of(state, |sale| {
        of_class(sale, CardClass::CREDIT);
        sale.original.stamp.at -= chrono::Duration::hours(3);
        sale.original.sent_at = Some(sale.original.stamp.at);
        sale.terminal_day_closed = Some(now().wall - chrono::Duration::hours(1));
    })
}

/// Lines of it, and none chosen yet.
pub(crate) fn undo_no_line(state: State) -> State {
    let mut state = undo_of(state, |sale| of_class(sale, CardClass::CREDIT));
    press(&mut state, Key::F(2));
    later(&mut state);
    state
}

/// Lines of an older sale.
pub(crate) fn undo_lines(state: State) -> State {
    let mut state = undo_of(state, |sale| {
        of_class(sale, CardClass::CREDIT);
        days_before(sale, 3);
    });
    for key in [Key::F(2), Key::Down, Key::Enter] {
        press(&mut state, key);
    }
    later(&mut state);
    state
}

/// Money that has no rule of its own.
pub(crate) fn undo_e_money(state: State) -> State {
    undo_of(state, |sale| of_class(sale, CardClass::ELECTRONIC_MONEY))
}

/// Too late, unless a second person allows it.
pub(crate) fn undo_late(state: State) -> State {
    undo_of(state, |sale| {
        of_class(sale, CardClass(7));
        days_before(sale, 61);
    })
}

/// Cash, its proof half typed.
pub(crate) fn undo_cash(state: State) -> State {
    let mut state = undo_of(state, |sale| {
        sale.original.sale.tenders = vec![cash(3_430)];
        sale.original.route = None;
        sale.original.sequence_number = None;
        sale.original.terminal = Default::default();
    });
    for key in [Key::Char('3'), Key::Char('4')] {
        press(&mut state, key);
    }
    state
}

/// Cash and card of one slip, at once.
pub(crate) fn undo_both(state: State) -> State {
    undo_of(state, |sale| {
        of_class(sale, CardClass::CREDIT);
        sale.original = with_card(sale.original.clone(), 2_430);
        sale.original.sale.tenders.insert(0, cash(1_000));
    })
}

/// A part was taken back before, by slip 143.
pub(crate) fn undo_partly(state: State) -> State {
    undo_of(state, |sale| {
        of_class(sale, CardClass::CREDIT);
        days_before(sale, 3);
        sale.undone = vec![taken_back(&sale.original)];
    })
}

fn taken_back(original: &SaleRecord) -> SaleRecord {
    let mut undo = with_card(original.clone(), 2_200);
    undo.slip = SlipNumber::new(original.slip.get() + 1);
    undo.sale.kind = SaleKind::Refund;
    undo.sale.original = Some(original.slip);
    undo.sale.lines = lines()[1..].to_vec();
    undo.sale.undo = Some(Undo {
        rule: "credit".into(),
        lines: vec![2],
        allowed_by: None,
        corrected: vec![],
        corrected_bill: None,
        terminal_slip: None,
    });
    undo
}

/// 1,230 yen of the sale were of the receipt computer's invoice; the rest was goods.
fn mixed(sale: &mut Undoable) {
    sale.original.sale.bill = Some(billed(Yen::new(1_230)));
}

/// A bill and goods: the whole, the goods alone, an amount alone.
fn undo_mixed(state: State, keys: &[Key]) -> State {
    let mut state = undo_of(state, |sale| {
        of_class(sale, CardClass::CREDIT);
        mixed(sale);
        // An amount alone is taken back of one tax class.
        for line in &mut sale.original.sale.lines {
            line.tax = madoguchi::domain::sale::TaxClass::NonTaxable;
        }
    });
    for key in keys {
        press(&mut state, *key);
    }
    later(&mut state);
    state
}

/// 差額: the corrected bill is rung up, and what is to be taken back says the difference.
pub(crate) fn undo_corrected(state: State) -> State {
    let mut state = undo_void(state);
    for key in [Key::F(8), Key::F(8), Key::F(12)] {
        press(&mut state, key);
    }
    later(&mut state);
    state
}

/// 差額: while it is rung up.
pub(crate) fn correcting(state: State) -> State {
    let mut state = undo_void(state);
    press(&mut state, Key::F(8));
    assert!(matches!(
        &state.screen,
        Screen::Register(Register {
            correcting: Some(_),
            ..
        })
    ));
    state
}

/// A slip of which a part was taken back.
pub(crate) fn receipt_taken_back(state: State) -> State {
    let mut state = receipt(state);
    if let Screen::Receipt(receipt) = &mut state.screen {
        receipt.undone = vec![taken_back(&receipt.record)];
    }
    state
}

fn void(state: &State, standing: SaleState) -> SaleRecord {
    let mut void = record(state, standing);
    void.sale.kind = SaleKind::Void;
    void.sale.original = Some(SlipNumber::new(void.slip.get() - 1));
    void
}

/// The terminal gives back.
pub(crate) fn undoing(mut state: State) -> State {
    set_link(
        &mut state,
        madoguchi::app::link_pane::Link::Linked,
        madoguchi::app::link_pane::Work::Exchange,
    );
    let void = void(&state, SaleState::Sent);
    state.screen = Screen::Charging(Box::new(Charge {
        card: state.settings.cards[0].clone(),
        numbers: void.sequence_number.map(|number| (void.slip, number)),
        sale: void.sale,
        cat: CatId::Cat1,
        stamp: void.stamp,
        stage: Stage::Waiting,
        phase: Some(Phase::WaitingForCard),
        words: None,
        delivered: true,
        since_ms: now().mono_ms - 9_000,
        heard_ms: now().mono_ms - 2_400,
        sent_at: Some(now().wall),
        journal: None,
        sent_to: None,
        original: None,
    }));
    state
}

pub(crate) fn undone(mut state: State) -> State {
    let mut record = paid(&state);
    record.sale.kind = SaleKind::Void;
    record.sale.original = Some(SlipNumber::new(record.slip.get() - 1));
    record.reissues = 0;
    state.screen = Screen::Done(Done {
        record,
        recovered: false,
        parts: vec![],
        original: None,
        scroll: 0,
    });
    state
}

pub(crate) fn undone_cash(state: State) -> State {
    let mut state = undone(state);
    if let Screen::Done(done) = &mut state.screen {
        done.record.sale.tenders = vec![cash(3_430)];
        done.record.route = None;
        done.record.sequence_number = None;
        done.record.terminal = Default::default();
    }
    state
}

/// The terminal does not take a void over its link.
pub(crate) fn not_undone(mut state: State) -> State {
    let mut record = void(&state, SaleState::Cancelled);
    record.not_charged = Some(NotCharged::CommandRefused);
    record.evidence = Some(Evidence::Answer);
    state.screen = Screen::NotCharged(NotChargedScreen {
        card: Some(state.settings.cards[0].clone()),
        original: Some(Box::new(paid(&state))),
        record,
        since: Some(Since {
            day_closed: false,
            number_given_twice: false,
        }),
    });
    state
}

/// Nobody knows whether the money went back.
pub(crate) fn undo_unknown(state: State) -> State {
    let mut state = super::unknown(state, Some(UnknownReason::NoAnswer));
    if let Screen::Unknown(unknown) = &mut state.screen {
        unknown.record.sale.kind = SaleKind::Void;
        unknown.stage = madoguchi::app::unknown::Stage::GaveUp;
    }
    for open in &mut state.open {
        open.sale.kind = SaleKind::Void;
    }
    state
}

/// All of them, by name, for a console that is idle.
pub(crate) fn all(idle: impl Fn() -> State) -> Vec<(&'static str, State)> {
    vec![
        ("checkout_split", checkout_split(idle())),
        ("checkout_share", checkout_share(idle())),
        ("checkout_part_paid", checkout_part_paid(idle())),
        ("checkout_corrected", checkout_corrected(idle())),
        ("half_done", half_done(idle())),
        ("done_parts", done_parts(idle())),
        ("undo_void", undo_void(idle())),
        ("undo_not_the_last", undo_not_the_last(idle())),
        ("undo_number_again", undo_number_again(idle())),
        ("undo_typed", undo_typed(idle())),
        ("undo_after_daily_log", undo_after_daily_log(idle())),
        ("undo_no_line", undo_no_line(idle())),
        ("undo_lines", undo_lines(idle())),
        ("undo_e_money", undo_e_money(idle())),
        ("undo_late", undo_late(idle())),
        ("undo_cash", undo_cash(idle())),
        ("undo_both", undo_both(idle())),
        ("undo_partly", undo_partly(idle())),
        ("undo_corrected", undo_corrected(idle())),
        ("correcting", correcting(idle())),
        ("undo_mixed_all", undo_mixed(idle(), &[])),
        (
            "undo_mixed_goods",
            undo_mixed(idle(), &[Key::F(2), Key::Down, Key::Enter]),
        ),
        (
            "undo_mixed_amount",
            undo_mixed(
                idle(),
                &[Key::F(3), Key::Char('5'), Key::Char('0'), Key::Char('0')],
            ),
        ),
        (
            "undo_mixed_corrected",
            undo_mixed(idle(), &[Key::F(8), Key::F(8), Key::F(12)]),
        ),
        ("receipt_taken_back", receipt_taken_back(idle())),
        ("undoing", undoing(idle())),
        ("undone", undone(idle())),
        ("undone_cash", undone_cash(idle())),
        ("not_undone", not_undone(idle())),
        ("undo_unknown", undo_unknown(idle())),
    ]
}
