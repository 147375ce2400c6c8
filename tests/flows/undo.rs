//! 取消・返品 through the screen: every row of the rules, every way the money goes back, every outcome.

use super::*;
use chrono::Duration;
use madoguchi::app::undo::{Decision, Denied, Way};
use madoguchi::cat::{TransactionResult, TransactionType};
use madoguchi::domain::business_day::BusinessDate;
use madoguchi::domain::ledger::{CatId, Route, TerminalFacts};
use madoguchi::domain::master::{CardClassRow, CardClassTable, Media};
use madoguchi::domain::record::Stamp;
use madoguchi::domain::sale::{Line, Operator, SaleDraft, TaxClass};
use madoguchi::domain::slip::{SequenceNumber, SlipNumber, TerminalSlipNumber};
use madoguchi::domain::tender::CardClass;
use madoguchi::domain::undo::Undoable;

pub(super) const ORIGINAL: SlipNumber = SlipNumber::new(7);

/// A counter that knows the shipped card classes.
pub(super) fn desk() -> Desk {
    desk_with(|_| {})
}

fn desk_with(change: impl FnOnce(&mut madoguchi::app::settings::Settings)) -> Desk {
    let mut settings = settings();
    let row = |code: u8, media| CardClassRow {
        code: CardClass(code),
        name: desk::names(&format!("区分{code}"), &format!("class {code}")),
        media,
        chosen_on_terminal: false,
        answered_by: vec![],
    };
    settings.classes = CardClassTable::new([
        row(3, Media::Credit),
        row(4, Media::Credit),
        row(6, Media::ElectronicMoney),
        row(7, Media::ElectronicMoney),
        row(8, Media::ElectronicMoney),
        row(9, Media::ElectronicMoney),
        row(10, Media::ElectronicMoney),
        row(11, Media::ElectronicMoney),
        row(12, Media::Debit),
        row(13, Media::Debit),
        row(20, Media::Code),
    ]);
    settings.operators.list = vec![operator("03", "佐藤"), operator("04", "鈴木")];
    change(&mut settings);
    let mut desk = Desk::with(settings);
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

/// The same, where the site lets a 取消 or 返品 go over the link.
pub(super) fn linked() -> Desk {
    desk_with(|settings| {
        for cat in settings.cats.values_mut() {
            cat.undo_link = true;
        }
    })
}

fn operator(code: &str, name: &str) -> Operator {
    Operator {
        code: code.into(),
        name: name.into(),
    }
}

fn line(name: &str, unit: i64, quantity: u32, tax: TaxClass) -> Line {
    Line {
        name: name.into(),
        unit: Yen::new(unit),
        quantity,
        tax,
    }
}

pub(super) fn card_tender(class: u8, amount: i64) -> Tender {
    Tender::Card {
        card: "02".into(),
        name: desk::names("JCB", "JCB"),
        card_class: CardClass(class),
        card_class_name: desk::names("クレジット", "Credit"),
        amount: Yen::new(amount),
        link: LinkKind::Linked,
    }
}

fn cash_tender(amount: i64) -> Tender {
    Tender::Cash {
        amount: Yen::new(amount),
        received: Yen::new(amount),
    }
}

/// A settled sale of 3,430 yen, so many days ago: 1,230 non-taxable and twice 1,100 taxable.
pub(super) fn sale(desk: &Desk, days_ago: i64, tenders: Vec<Tender>) -> SaleRecord {
    let at = desk.now.wall - Duration::days(days_ago) - Duration::hours(1);
    let lines = vec![
        line("再診料", 1_230, 1, TaxClass::NonTaxable),
        line("診断書", 1_100, 2, TaxClass::Taxable),
    ];
    let by_card = tenders.iter().any(|t| matches!(t, Tender::Card { .. }));
    SaleRecord {
        slip: ORIGINAL,
        stamp: Stamp {
            at,
            business_date: BusinessDate(at.date_naive()),
        },
        sale: SaleDraft {
            kind: SaleKind::Sale,
            order: None,
            original: None,
            undo: None,
            part: false,
            bill: None,
            replaces: None,
            lines,
            tenders,
            operator: operator("03", "佐藤"),
            terminal_code: "01".into(),
            practice: false,
        },
        state: SaleState::Settled,
        sequence_number: by_card.then(|| SequenceNumber::new(500).unwrap()),
        route: by_card.then(|| Route {
            cat: CatId::Cat1,
            model: "open-cat".into(),
        }),
        sent_at: by_card.then_some(at),
        journal: None,
        unknown: None,
        not_charged: None,
        evidence: None,
        terminal: TerminalFacts {
            slip_number: by_card.then(|| TerminalSlipNumber::new("00456").unwrap()),
            ..TerminalFacts::default()
        },
        shown: true,
        reissues: 0,
        by_hand: None,
    }
}

pub(super) fn undoable(original: SaleRecord) -> Undoable {
    Undoable {
        original,
        undone: vec![],
        later_at_terminal: false,
        number_given_twice: false,
        terminal_day_closed: None,
    }
}

/// From the history to the slip, and on with F1 or F2; the books answer.
pub(super) fn called_up(mut desk: Desk, sale: Undoable, key: Key) -> Desk {
    desk.press(Key::F(3));
    let query = HistoryQuery {
        limit: madoguchi::app::history::rows_on((80, 24)),
        ..HistoryQuery::default()
    };
    let page = HistoryPage {
        rows: vec![HistoryRow {
            slip: ORIGINAL,
            stamp: sale.original.stamp,
            kind: SaleKind::Sale,
            state: SaleState::Settled,
            total: sale.original.total(),
            card: None,
            taken_back: Yen::ZERO,
        }],
        query,
        more: false,
    };
    desk.stored(Stored::History(page));
    let effects = desk.press(Key::Enter);
    assert_eq!(effects, vec![Effect::Store(StoreRequest::Find(ORIGINAL))]);
    desk.stored(Stored::Found(Some(Box::new(sale.original.clone()))));
    assert_eq!(desk.screen_name(), "receipt");
    let effects = desk.press(key);
    assert_eq!(
        effects,
        vec![Effect::Store(StoreRequest::Undoable(ORIGINAL))]
    );
    desk.stored(Stored::Undoable(Some(Box::new(sale))));
    assert_eq!(desk.screen_name(), "undo");
    desk
}

/// The same, once the hands have rested.
pub(super) fn rested(desk: Desk, sale: Undoable, key: Key) -> Desk {
    let mut desk = called_up(desk, sale, key);
    desk.after_ms(1_000);
    desk
}

fn undo(desk: &Desk) -> &madoguchi::app::undo::Undo {
    match &desk.state.screen {
        Screen::Undo(undo) => undo,
        _ => panic!("at {}", desk.screen_name()),
    }
}

pub(super) fn pending(effects: &[Effect]) -> SaleDraft {
    match effects {
        [Effect::Store(StoreRequest::Pend { sale, .. })] => sale.clone(),
        _ => panic!("{effects:?}"),
    }
}

fn sold(effects: &[Effect]) -> SaleDraft {
    match effects {
        [Effect::Store(StoreRequest::Sell { sale, .. })] => sale.clone(),
        _ => panic!("{effects:?}"),
    }
}

/// What a screen says: 取消 or 返品 and the way, or why not and whether a second person may allow it.
#[derive(Debug, PartialEq, Eq)]
enum Says {
    Done(SaleKind, Way),
    No(&'static str, bool),
}

fn says(desk: &Desk) -> Says {
    match undo(desk).decision(&desk.state).unwrap() {
        Decision::Allowed(plan) => Says::Done(plan.kind, plan.way),
        Decision::Refused(refusal) => {
            let why = match refusal.why {
                Denied::NeverTakenBack => "never",
                Denied::TooLate { .. } => "late",
                Denied::AfterDailyLog => "closed",
                Denied::WholeOnly => "whole",
                Denied::NotLast => "last",
                Denied::OtherTerminal { .. } => "terminal",
                Denied::NothingLeft => "gone",
                _ => "other",
            };
            Says::No(why, refusal.with_second.is_some())
        }
    }
}

#[test]
fn every_row_of_the_rules_says_the_same_on_the_screen() {
    use SaleKind::{Refund, Void};
    use Says::{Done, No};
    use Way::{ByHand, Cash};
    // Class, days since, 日計 run since, a later card at the terminal; what the screen says.
    let rows = [
        (3, 0, false, false, Done(Void, ByHand)),
        (3, 0, true, false, Done(Refund, ByHand)),
        (3, 40, true, true, Done(Refund, ByHand)),
        (4, 0, false, false, Done(Void, ByHand)),
        (4, 180, true, false, Done(Refund, ByHand)),
        (4, 181, true, false, No("late", true)),
        (13, 0, false, false, Done(Void, ByHand)),
        (13, 5, true, false, Done(Refund, ByHand)),
        (12, 0, false, false, Done(Void, ByHand)),
        (12, 0, true, false, No("closed", true)),
        (12, 1, true, false, No("late", true)),
        (6, 0, false, false, Done(Void, ByHand)),
        (6, 0, false, true, Done(Refund, Cash)),
        (6, 1, true, false, Done(Refund, Cash)),
        (7, 0, false, false, Done(Void, ByHand)),
        (7, 60, true, true, Done(Refund, ByHand)),
        (7, 61, true, false, No("late", true)),
        (8, 60, true, false, Done(Refund, ByHand)),
        (8, 61, true, false, No("late", true)),
        (9, 0, false, false, Done(Refund, Cash)),
        (11, 0, false, false, Done(Refund, Cash)),
        (10, 14, true, false, Done(Refund, ByHand)),
        (10, 15, true, false, No("late", true)),
        (20, 0, true, false, Done(Void, ByHand)),
        (20, 365, true, false, Done(Refund, ByHand)),
        (20, 366, true, false, No("late", true)),
    ];
    for (class, days, closed, later, expected) in rows {
        let desk = desk();
        let original = sale(&desk, days, vec![card_tender(class, 3_430)]);
        let what = format!("class {class}, {days} days, 日計 {closed}, later {later}");
        let closed_at = original.stamp.at + Duration::minutes(10);
        let case = Undoable {
            later_at_terminal: later,
            terminal_day_closed: closed.then_some(closed_at),
            ..undoable(original)
        };
        let mut desk = rested(desk, case, Key::F(1));
        assert_eq!(says(&desk), expected, "{what}");
        let effects = desk.press(Key::F(12));
        match expected {
            // By hand nothing is written before its first page is confirmed.
            Done(_, ByHand) => assert_eq!(desk.screen_name(), "wizard", "{what}"),
            // Money to another money: never without a second person, whatever the rule.
            Done(..) => {
                assert_eq!((desk.screen_name(), effects), ("undo", vec![]), "{what}");
                assert_eq!(note(&desk), Some(Text::SecondMayAllow), "{what}");
            }
            No(_, second) => {
                assert_eq!((desk.screen_name(), effects), ("undo", vec![]), "{what}");
                let said = if second {
                    Text::SecondMayAllow
                } else {
                    Text::CannotTakeBack
                };
                assert_eq!(note(&desk), Some(said), "{what}");
            }
        }
    }
}

#[test]
fn credit_is_never_given_back_in_cash_not_even_by_two() {
    for days in [0, 1, 40, 400] {
        for key in [Key::F(1), Key::F(2)] {
            let desk = desk();
            let original = sale(&desk, days, vec![card_tender(3, 3_430)]);
            let desk = rested(desk, undoable(original), key);
            let decision = undo(&desk).decision(&desk.state);
            let ways = match decision.unwrap() {
                Decision::Allowed(plan) => Some(plan.way),
                Decision::Refused(refusal) => refusal.with_second.map(|plan| plan.way),
            };
            assert_ne!(ways, Some(Way::Cash), "{days} {key:?}");
        }
    }
}

#[test]
fn cash_goes_back_when_its_amount_was_typed_as_proof() {
    let desk = desk();
    let original = sale(&desk, 0, vec![cash_tender(3_430)]);
    let mut desk = rested(desk, undoable(original), Key::F(1));
    assert_eq!(desk.press(Key::F(12)), vec![]);
    assert_eq!(note(&desk), Some(Text::TypeTheAmount));
    desk.text("3439");
    assert_eq!(desk.press(Key::F(12)), vec![]);
    assert_eq!(note(&desk), Some(Text::AmountDiffers));
    desk.press(Key::Backspace);
    desk.text("0");
    assert_eq!(desk.press(Key::Enter), vec![], "Enter never commits money");
    let sale = sold(&desk.press(Key::F(12)));
    assert_eq!((sale.kind, sale.original), (SaleKind::Void, Some(ORIGINAL)));
    assert_eq!(sale.tenders, [cash_tender(3_430)]);
    assert_eq!(sale.undo.as_ref().unwrap().rule, "cash");
    assert!(sale.undo.unwrap().lines.is_empty());
    assert_eq!(desk.press(Key::F(12)), vec![], "not twice");
}

#[test]
fn cash_for_a_card_is_allowed_by_a_second_person_and_proved_by_its_amount() {
    // Where the rule says cash, and where it leaves it to a second person.
    for (class, days) in [(9, 0), (11, 3), (10, 15)] {
        let desk = desk();
        let original = sale(&desk, days, vec![card_tender(class, 3_430)]);
        let mut desk = rested(desk, undoable(original), Key::F(1));
        assert_eq!(desk.press(Key::F(12)), vec![], "{class}");
        desk.press(Key::F(7));
        desk.after_ms(1_000);
        // The one who does it is no second person.
        for code in ["03", "04"] {
            assert_eq!(undo(&desk).second, None, "{class} {code}");
            for c in code.chars() {
                desk.press(Key::Char(c));
                desk.after_ms(200);
            }
            desk.press(Key::Enter);
        }
        assert_eq!(undo(&desk).second, Some(operator("04", "鈴木")));
        assert_eq!(
            desk.state.operator.code, "03",
            "who is at the counter stays"
        );
        desk.after_ms(1_000);
        assert_eq!(desk.press(Key::F(12)), vec![], "{class}");
        assert_eq!(note(&desk), Some(Text::TypeTheAmount), "{class}");
        desk.text("3430");
        let draft = sold(&desk.press(Key::F(12)));
        assert_eq!(draft.tenders, [cash_tender(3_430)]);
        let undo = draft.undo.unwrap();
        assert_eq!(undo.allowed_by, Some(operator("04", "鈴木")));
    }
}

#[test]
fn where_the_card_decides_and_the_terminal_did_not_say_the_operator_does() {
    let desk = desk_with(|settings| {
        let row = |code: u8, answered_by: Vec<CardClass>| CardClassRow {
            code: CardClass(code),
            name: desk::names(&format!("区分{code}"), &format!("class {code}")),
            media: Media::ElectronicMoney,
            chosen_on_terminal: false,
            answered_by,
        };
        settings.classes = CardClassTable::new([
            row(1, vec![CardClass(9), CardClass(10)]),
            row(9, vec![]),
            row(10, vec![]),
        ]);
    });
    let original = sale(&desk, 0, vec![card_tender(1, 3_430)]);
    let mut desk = rested(desk, undoable(original), Key::F(1));
    assert_eq!(says(&desk), Says::No("other", false));
    assert_eq!(desk.press(Key::F(12)), vec![]);
    for expected in [
        Says::Done(SaleKind::Refund, Way::Cash),
        Says::Done(SaleKind::Void, Way::ByHand),
        Says::Done(SaleKind::Refund, Way::Cash),
    ] {
        // One press, and another one: a key that is held down changes nothing.
        desk.after_ms(1_000);
        desk.press(Key::F(5));
        assert_eq!(says(&desk), expected);
    }
}

#[test]
fn what_was_allowed_is_not_allowed_for_something_else() {
    let desk = desk();
    let original = sale(&desk, 0, vec![card_tender(9, 3_430)]);
    let mut desk = rested(desk, undoable(original), Key::F(1));
    desk.press(Key::F(7));
    desk.after_ms(1_000);
    for c in "04".chars() {
        desk.press(Key::Char(c));
        desk.after_ms(200);
    }
    desk.press(Key::Enter);
    assert!(undo(&desk).second.is_some());
    for key in [Key::F(2), Key::F(1)] {
        desk.press(key);
        assert_eq!(undo(&desk).second, None, "{key:?}");
    }
}

#[test]
fn the_forward_key_that_led_here_does_nothing_before_the_screen_was_read() {
    let desk = linked();
    let original = sale(&desk, 0, vec![card_tender(3, 3_430)]);
    let mut desk = called_up(desk, undoable(original), Key::F(1));
    assert_eq!(desk.press(Key::F(12)), vec![]);
    assert_eq!(note(&desk), Some(Text::TooSoon));
    desk.after_ms(1_000);
    pending(&desk.press(Key::F(12)));
}

/// A 取消 over the link, up to the amount being out.
pub(super) fn sent() -> Desk {
    sent_of(0)
}

/// The same of a sale so many days ago: of today it is a 取消, of another day a 返品.
pub(super) fn sent_of(days_ago: i64) -> Desk {
    let (kind, transaction) = match days_ago {
        0 => (SaleKind::Void, TransactionType::Void),
        _ => (SaleKind::Refund, TransactionType::Refund),
    };
    let desk = linked();
    let original = sale(&desk, days_ago, vec![card_tender(3, 3_430)]);
    let mut desk = rested(desk, undoable(original), Key::F(1));
    let draft = pending(&desk.press(Key::F(12)));
    assert_eq!((draft.kind, draft.original), (kind, Some(ORIGINAL)));
    desk.stored(pended());
    desk.link(LinkEvent::Up);
    let effects = desk.link(idle_status());
    let effects = desk.durable(&effects);
    let [LinkRequest::Send(Command::Authorize(authorize))] = &to_terminal(&effects)[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(authorize.transaction, transaction);
    assert_eq!(authorize.amount, Yen::new(3_430));
    let original = authorize.original_slip.as_ref().unwrap();
    assert_eq!(original.as_str(), "00456", "the slip that is taken back");
    desk
}

pub(super) fn voided(code: ResultCode) -> TransactionResult {
    TransactionResult {
        transaction: TransactionType::Void,
        ..result(code)
    }
}

#[test]
fn a_void_over_the_link_is_booked_acknowledged_and_shown_like_a_sale() {
    let mut desk = sent();
    let effects = desk.link(answer(voided(ResultCode::Approved)));
    assert!(matches!(written(&effects), Some(Entry::Posted { .. })));
    let effects = desk.durable(&effects);
    assert_eq!(to_terminal(&effects), vec![LinkRequest::Acknowledge]);
    let Screen::Done(done) = &desk.state.screen else {
        panic!("{}", desk.screen_name())
    };
    assert_eq!(done.record.sale.kind, SaleKind::Void);
    assert_eq!(desk.state.today, DayCount::default(), "no sale of the day");
    assert!(desk.state.basket.lines.is_empty());
    desk.after_ms(1_000);
    desk.press(Key::Enter);
    assert_eq!(desk.screen_name(), "register");
}

#[test]
fn a_sales_answer_never_settles_a_void() {
    let mut desk = sent();
    let effects = desk.link(answer(result(ResultCode::Approved)));
    assert!(matches!(
        written(&effects),
        Some(Entry::OutcomeUnknown {
            reason: UnknownReason::ForeignAnswer,
            ..
        })
    ));
}

#[test]
fn what_another_terminal_took_never_goes_back_over_the_link_of_this_one() {
    for (took, stands, by_link) in [
        (None, None, true),
        (Some("T-1"), None, true),
        (Some("T-1"), Some("T-1"), true),
        (Some("T-1"), Some("T-2"), false),
    ] {
        let mut desk = linked();
        if let Some(name) = stands {
            let cat = desk.state.cats.get_mut(&CatId::Cat1).unwrap();
            cat.standing.identity.take(name, true);
        }
        let mut original = sale(&desk, 0, vec![card_tender(3, 3_430)]);
        original.terminal.terminal_id = took.map(str::to_owned);
        let desk = rested(desk, undoable(original), Key::F(1));
        let Screen::Undo(undo) = &desk.state.screen else {
            panic!("{}", desk.screen_name())
        };
        let way = undo.plan(&desk.state).unwrap().way;
        assert_eq!(way == Way::Link, by_link, "{took:?} {stands:?}");
        let elsewhere = undo.made_elsewhere(&desk.state);
        assert_eq!(elsewhere.is_some(), !by_link, "{took:?} {stands:?}");
    }
}

/// Seeds 1915068 and 2271803 of the hunt: another terminal stood at the port for a moment and took the sale, and its slip was typed. By that number
/// the terminal that stands there again would have taken back a sale of its own.
#[test]
fn a_sale_proved_by_its_slip_goes_back_at_the_terminal_that_printed_it_never_over_the_link() {
    for days_ago in [0, 1] {
        for (evidence, way) in [
            (Evidence::Answer, Way::Link),
            (Evidence::Inquiry, Way::Link),
            (
                Evidence::Operator {
                    operator: operator("03", "佐藤"),
                    proof: "00456".into(),
                },
                Way::ByHand,
            ),
        ] {
            let desk = linked();
            let mut original = sale(&desk, days_ago, vec![card_tender(3, 3_430)]);
            original.evidence = Some(evidence.clone());
            let desk = rested(desk, undoable(original), Key::F(1));
            let plan = undo(&desk).plan(&desk.state).expect("a way");
            assert_eq!(plan.way, way, "{evidence:?}");
            assert_eq!(undo(&desk).was_typed(&plan), way == Way::ByHand);
        }
    }
}

/// What it was sent to is kept beside the proof.
#[test]
fn a_sale_proved_by_its_slip_still_says_which_terminal_it_was_sent_to() {
    let mut desk = linked();
    let cat = desk.state.cats.get_mut(&CatId::Cat1).unwrap();
    cat.standing.identity.take("T-2", true);
    let stamp = desk.state.settings.stamp(desk.now);
    let entries = [
        Entry::Pending {
            slip: ORIGINAL,
            sequence_number: SequenceNumber::new(871).unwrap(),
            sale: sale(&desk, 0, vec![card_tender(3, 3_430)]).sale,
            route: Route {
                cat: CatId::Cat1,
                model: "open-cat".into(),
            },
        },
        Entry::Sent {
            slip: ORIGINAL,
            journal: None,
            terminal_id: Some("T-1".into()),
        },
        Entry::Posted {
            slip: ORIGINAL,
            evidence: Evidence::Operator {
                operator: desk.state.operator.clone(),
                proof: "00123".into(),
            },
            terminal: TerminalFacts {
                slip_number: TerminalSlipNumber::new("00123").ok(),
                ..TerminalFacts::default()
            },
        },
    ];
    let original = SaleRecord::fold(entries.iter().map(|entry| (stamp, entry)));
    let original = original.expect("legal").expect("a sale");
    let desk = rested(desk, undoable(original), Key::F(1));
    assert_eq!(undo(&desk).made_elsewhere(&desk.state), Some("T-1"));
    let plan = undo(&desk).plan(&desk.state);
    assert_eq!(plan.map(|plan| plan.way), Some(Way::ByHand));
}

#[test]
fn a_void_without_an_outcome_is_led_to_one_and_never_sent_twice() {
    let mut desk = sent();
    let effects = desk.link(broken());
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "unknown");
    let mut desk = asked_in_vain(desk);
    // The proof of a void is the slip's number, or the amount, as for a sale.
    for (digit, typed, posted) in [('1', "00789", true), ('2', "3430", false)] {
        let mut desk = Desk {
            state: desk.state.clone(),
            now: desk.now,
        };
        desk.press(Key::Char(digit));
        desk.text(typed);
        desk.after_ms(1_000);
        let effects = desk.press(Key::Enter);
        assert!(!sends_money(&effects));
        let entry = written(&effects).unwrap();
        assert_eq!(matches!(entry, Entry::Posted { .. }), posted, "{entry:?}");
        desk.stored(Stored::Written(entry));
        let here = if posted { "done" } else { "not charged" };
        assert_eq!(desk.screen_name(), here);
        assert!(desk.state.basket.lines.is_empty());
    }
    desk.after_ms(1_000);
    desk.answer('3');
}

#[test]
fn lines_go_back_by_their_quantities_and_name_the_lines_of_the_bill() {
    let desk = linked();
    let original = sale(&desk, 2, vec![card_tender(3, 3_430)]);
    let mut desk = rested(desk, undoable(original), Key::F(2));
    assert_eq!(desk.press(Key::F(12)), vec![]);
    assert_eq!(note(&desk), Some(Text::ChooseLines));
    desk.press(Key::Down);
    desk.press(Key::Char('1'));
    desk.after_ms(1_000);
    let draft = pending(&desk.press(Key::F(12)));
    assert_eq!(draft.kind, SaleKind::Refund);
    assert_eq!(draft.lines, [line("診断書", 1_100, 1, TaxClass::Taxable)]);
    assert_eq!(draft.undo.as_ref().unwrap().lines, [2]);
    assert_eq!(draft.checked_total(), Ok(Yen::new(1_100)));
}

#[test]
fn from_the_lines_the_forward_key_leads_to_the_proof_and_the_arrows_lead_back() {
    let desk = desk();
    let original = sale(&desk, 0, vec![cash_tender(3_430)]);
    let mut desk = rested(desk, undoable(original), Key::F(2));
    desk.press(Key::Down);
    desk.press(Key::Char('1'));
    desk.after_ms(1_000);
    assert_eq!(desk.press(Key::F(12)), vec![]);
    assert_eq!(note(&desk), Some(Text::TypeTheAmount));
    // What is typed now is the amount, and no quantity any more.
    desk.text("1100");
    assert_eq!(undo(&desk).proof.text(), "1100");
    assert_eq!(undo(&desk).chosen_total(), Yen::new(1_100));
    desk.press(Key::Up);
    desk.press(Key::Down);
    desk.press(Key::Char('0'));
    assert_eq!(undo(&desk).chosen_total(), Yen::ZERO);
    desk.press(Key::Char('1'));
    desk.after_ms(1_000);
    desk.press(Key::F(12));
    desk.text("1100");
    let draft = sold(&desk.press(Key::F(12)));
    assert_eq!(draft.lines, [line("診断書", 1_100, 1, TaxClass::Taxable)]);
    assert_eq!(draft.tenders, [cash_tender(1_100)]);
}

#[test]
fn no_line_goes_back_twice_and_no_more_than_is_left() {
    let desk = linked();
    let original = sale(&desk, 2, vec![card_tender(3, 3_430)]);
    let mut before = original.clone();
    before.slip = SlipNumber::new(8);
    before.sale.kind = SaleKind::Refund;
    before.sale.original = Some(ORIGINAL);
    before.sale.lines = vec![line("診断書", 1_100, 1, TaxClass::Taxable)];
    before.sale.tenders = vec![card_tender(3, 1_100)];
    before.sale.undo = Some(madoguchi::domain::sale::Undo {
        rule: "credit".into(),
        lines: vec![2],
        allowed_by: None,
        corrected: vec![],
        corrected_bill: None,
        terminal_slip: None,
    });
    let case = Undoable {
        undone: vec![before],
        ..undoable(original)
    };
    let mut desk = rested(desk, case, Key::F(2));
    assert_eq!(undo(&desk).left_of_line(0), 1);
    assert_eq!(undo(&desk).left_of_line(1), 1);
    desk.press(Key::Down);
    desk.press(Key::Char('9'));
    assert_eq!(undo(&desk).chosen, [0, 1], "one is left of it");
    // All that is left is told line by line, so that what is left afterwards is nothing.
    desk.press(Key::F(1));
    desk.after_ms(1_000);
    let draft = pending(&desk.press(Key::F(12)));
    assert_eq!(draft.checked_total(), Ok(Yen::new(2_330)));
    assert_eq!(draft.undo.as_ref().unwrap().lines, [1, 2]);
}

#[test]
fn an_amount_goes_back_only_where_the_bill_has_one_tax_class() {
    let desk = linked();
    let original = sale(&desk, 2, vec![card_tender(3, 3_430)]);
    let mut desk = rested(desk, undoable(original.clone()), Key::F(1));
    desk.press(Key::F(3));
    assert_eq!(note(&desk), Some(Text::AmountNeedsLines));

    let mut one = original;
    one.sale.lines = vec![line("", 3_430, 1, TaxClass::NonTaxable)];
    let mut desk = rested(linked(), undoable(one), Key::F(1));
    desk.press(Key::F(3));
    for (typed, note_said) in [
        ("3431", Some(Text::CannotTakeBack)),
        ("0", Some(Text::AmountZero)),
    ] {
        desk.text(typed);
        desk.after_ms(1_000);
        assert_eq!(desk.press(Key::F(12)), vec![], "{typed}");
        assert_eq!(note(&desk), note_said, "{typed}");
        desk.press(Key::Ctrl('u'));
    }
    desk.text("430");
    desk.after_ms(1_000);
    let draft = pending(&desk.press(Key::F(12)));
    assert_eq!(draft.kind, SaleKind::Refund);
    assert_eq!(draft.lines, [line("", 430, 1, TaxClass::NonTaxable)]);
}

#[test]
fn cash_and_card_of_one_slip_go_back_at_once_the_card_first() {
    let desk = linked();
    let tenders = vec![cash_tender(1_000), card_tender(3, 2_430)];
    let original = sale(&desk, 0, tenders.clone());
    let mut desk = rested(desk, undoable(original), Key::F(1));
    assert!(undo(&desk).all_tenders());
    assert_eq!(desk.press(Key::F(12)), vec![], "cash wants its proof");
    desk.text("3430");
    let draft = pending(&desk.press(Key::F(12)));
    assert_eq!(draft.kind, SaleKind::Void);
    assert_eq!(draft.tenders, tenders);
    assert_eq!(draft.checked_total(), Ok(Yen::new(3_430)));
    desk.stored(pended());
    desk.link(LinkEvent::Up);
    let effects = desk.link(idle_status());
    let effects = desk.durable(&effects);
    let [LinkRequest::Send(Command::Authorize(authorize))] = &to_terminal(&effects)[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(authorize.amount, Yen::new(2_430), "the card's part alone");
    // Declined: nothing is booked, and no cash left the drawer.
    let mut refused = voided(ResultCode::Stopped);
    refused.amount = Some(Yen::new(2_430));
    let effects = desk.link(answer(refused));
    assert!(matches!(written(&effects), Some(Entry::Released { .. })));
}

#[test]
fn each_tender_goes_back_by_itself_and_the_next_is_offered() {
    let desk = linked();
    let original = sale(&desk, 0, vec![cash_tender(1_000), card_tender(3, 2_430)]);
    let mut desk = rested(desk, undoable(original), Key::F(1));
    desk.press(Key::PageDown);
    desk.press(Key::PageDown);
    assert_eq!(undo(&desk).tender, 1);
    desk.after_ms(1_000);
    let draft = pending(&desk.press(Key::F(12)));
    assert_eq!(draft.tenders, [card_tender(3, 2_430)]);
    desk.stored(pended());
    desk.link(LinkEvent::Up);
    let effects = desk.link(idle_status());
    desk.durable(&effects);
    let mut done = voided(ResultCode::Approved);
    done.amount = Some(Yen::new(2_430));
    let effects = desk.link(answer(done));
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "done");
    desk.after_ms(1_000);
    let effects = desk.press(Key::F(12));
    assert_eq!(
        effects,
        vec![Effect::Store(StoreRequest::Undoable(ORIGINAL))]
    );
}

#[test]
fn what_is_typed_stays_where_the_books_answer_once_more() {
    let desk = desk();
    let original = sale(&desk, 0, vec![cash_tender(3_430)]);
    let mut desk = rested(desk, undoable(original.clone()), Key::F(1));
    desk.text("3430");
    let before = undo(&desk).clone();
    // The slip on the screen before had asked too, and that answer was taken for this one's.
    desk.stored(Stored::Undoable(Some(Box::new(undoable(original.clone())))));
    assert_eq!(*undo(&desk), before);
    // What is newer in it counts.
    let mut newer = undoable(original);
    newer.later_at_terminal = true;
    desk.stored(Stored::Undoable(Some(Box::new(newer.clone()))));
    assert_eq!(undo(&desk).sale.as_deref(), Some(&newer));
    assert_eq!(undo(&desk).proof.text(), "3430");
}

#[test]
fn what_cannot_be_taken_back_says_so_on_the_slip() {
    for (change, said) in [
        (
            Box::new(|sale: &mut SaleRecord| sale.sale.kind = SaleKind::Void)
                as Box<dyn Fn(&mut SaleRecord)>,
            Text::NotASaleToUndo,
        ),
        (
            Box::new(|sale: &mut SaleRecord| sale.state = SaleState::Cancelled),
            Text::NotPaidToUndo,
        ),
    ] {
        let desk = desk();
        let mut original = sale(&desk, 0, vec![cash_tender(3_430)]);
        change(&mut original);
        let mut desk = Desk { ..desk };
        desk.press(Key::F(3));
        let page = HistoryPage {
            query: HistoryQuery {
                limit: madoguchi::app::history::rows_on((80, 24)),
                ..HistoryQuery::default()
            },
            ..HistoryPage::default()
        };
        desk.stored(Stored::History(page));
        desk.stored(Stored::Found(Some(Box::new(original))));
        for key in [Key::F(1), Key::F(2)] {
            assert_eq!(desk.press(key), vec![]);
            assert_eq!(note(&desk), Some(said));
        }
    }
}

#[test]
fn a_bill_under_way_is_finished_before_another_is_taken_back() {
    let mut desk = desk();
    desk.line("500");
    let original = sale(&desk, 0, vec![cash_tender(3_430)]);
    desk.press(Key::F(3));
    let page = HistoryPage {
        query: HistoryQuery {
            limit: madoguchi::app::history::rows_on((80, 24)),
            ..HistoryQuery::default()
        },
        ..HistoryPage::default()
    };
    desk.stored(Stored::History(page));
    desk.stored(Stored::Found(Some(Box::new(original))));
    assert_eq!(desk.press(Key::F(1)), vec![]);
    assert_eq!(note(&desk), Some(Text::BillFirst));
}

#[test]
fn no_storm_of_keys_takes_anything_back_in_cash() {
    // Every key the screen knows, fast, with repeats and a scanner, but never the amount.
    let keys = [
        Key::F(12),
        Key::Enter,
        Key::F(12),
        Key::Char('1'),
        Key::Enter,
        Key::F(2),
        Key::F(12),
        Key::Enter,
        Key::Tab,
        Key::F(1),
        Key::F(12),
        Key::PageDown,
        Key::F(5),
        Key::F(3),
        Key::F(12),
    ];
    for seed in 0_u64..200 {
        let desk = desk();
        let original = sale(&desk, 0, vec![cash_tender(3_430)]);
        let mut desk = called_up(desk, undoable(original), Key::F(1));
        let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        for _ in 0..200 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let pick = usize::try_from(random % 16).unwrap();
            let effects = match keys.get(pick) {
                Some(key) => desk.press(*key),
                None => desk.send(Message::Input(Input::Scan("3430".into()))),
            };
            assert!(
                !effects
                    .iter()
                    .any(|effect| matches!(effect, Effect::Store(StoreRequest::Sell { .. }))),
                "seed {seed}: {effects:?}"
            );
            desk.after_ms(random % 400);
        }
    }
}
