//! The rules as tables: a row for each money, terminal, day and part.

use super::rule::RuleTable;
use super::*;
use crate::config::{card_classes, undo_rules};
use crate::domain::business_day::BusinessDate;
use crate::domain::by_hand::{HandWork, Mark, Place, Side, Why};
use crate::domain::ledger::{CatId, Evidence, Route, TerminalFacts};
use crate::domain::master::Switch;
use crate::domain::record::Stamp;
use crate::domain::sale::{Line, Operator, SaleDraft, TaxClass, Undo};
use crate::domain::slip::{SlipNumber, TerminalSlipNumber};
use crate::domain::text::Bilingual;

mod limits;

const TEN: &str = "2026-11-21T10:00:00+09:00";

fn time(text: &str) -> DateTime<FixedOffset> {
    text.parse().expect("a time")
}

fn stamp(at: &str) -> Stamp {
    let at = time(at);
    let boundary = "05:00:00".parse().expect("a time of day");
    Stamp {
        at,
        business_date: BusinessDate::of(at, boundary),
    }
}

fn somebody() -> Operator {
    Operator {
        code: "03".into(),
        name: "佐藤".into(),
    }
}

fn cash(amount: i64) -> Tender {
    Tender::Cash {
        amount: Yen::new(amount),
        received: Yen::new(amount),
    }
}

fn card(class: u8, amount: i64) -> Tender {
    let name = Bilingual::new("カード", "Card");
    Tender::Card {
        card: "01".into(),
        name: name.clone(),
        card_class: CardClass(class),
        card_class_name: name,
        amount: Yen::new(amount),
        link: LinkKind::Linked,
    }
}

/// A settled slip of 10:00.
fn slip(kind: SaleKind, tenders: Vec<Tender>, undo: Option<Undo>) -> SaleRecord {
    let line = |unit| Line {
        name: String::new(),
        unit: Yen::new(unit),
        quantity: 1,
        tax: TaxClass::NonTaxable,
    };
    let linked = tenders.iter().any(|t| matches!(t, Tender::Card { .. }));
    SaleRecord {
        slip: SlipNumber::new(1),
        stamp: stamp(TEN),
        sale: SaleDraft {
            kind,
            order: None,
            original: None,
            undo,
            part: false,
            bill: None,
            replaces: None,
            lines: vec![line(1_000), line(2_430)],
            tenders,
            operator: somebody(),
            terminal_code: "01".into(),
            practice: false,
        },
        state: SaleState::Settled,
        sequence_number: None,
        route: linked.then(|| Route {
            cat: CatId::Cat1,
            model: "open-cat".into(),
        }),
        sent_at: None,
        journal: None,
        unknown: None,
        not_charged: None,
        evidence: None,
        terminal: TerminalFacts {
            slip_number: TerminalSlipNumber::new("00123").ok(),
            ..TerminalFacts::default()
        },
        shown: true,
        reissues: 0,
        by_hand: None,
    }
}

fn undoable(tenders: Vec<Tender>) -> Undoable {
    Undoable {
        original: slip(SaleKind::Sale, tenders, None),
        undone: Vec::new(),
        later_at_terminal: false,
        number_given_twice: false,
        terminal_day_closed: None,
    }
}

fn taken(tender: Tender, rule: &str, lines: &[u16]) -> SaleRecord {
    let undo = Undo {
        rule: rule.into(),
        lines: lines.to_vec(),
        allowed_by: None,
        corrected: vec![],
        corrected_bill: None,
        terminal_slip: None,
    };
    slip(SaleKind::Refund, vec![tender], Some(undo))
}

/// The tables a case is held against.
struct Site {
    rules: RuleTable,
    classes: crate::domain::master::CardClassTable,
}

fn site() -> Site {
    Site {
        rules: undo_rules::shipped(),
        classes: card_classes(),
    }
}

/// All of the first tender, at the counter and terminal that sold, by hand.
fn case<'a>(site: &'a Site, sale: &'a Undoable, now: &str) -> Case<'a> {
    Case {
        sale,
        tender: 0,
        take: Take::All,
        now: stamp(now),
        terminal_code: "01",
        practice: false,
        terminal: Some(AtTerminal {
            model: "open-cat",
            authorize_void: true,
            void_last_only: false,
            authorize_refund: true,
            undo_link: false,
            daily_log_at: None,
        }),
        guidance: Guidance {
            void: Switch::On,
            refund: Switch::On,
        },
        brand: None,
        rules: &site.rules,
        classes: &site.classes,
    }
}

/// A decision as one line: `void by_hand same_day`, `refused too_late`, `refused too_late / cash`.
fn told(decision: &Decision) -> String {
    match decision {
        Decision::Allowed(plan) => format!(
            "{} {} {}",
            plan.kind.word(),
            word(&plan.way),
            word(&plan.because)
        ),
        Decision::Refused(refusal) => match &refusal.with_second {
            Some(plan) => format!("refused {} / {}", word(&refusal.why), word(&plan.way)),
            None => format!("refused {}", word(&refusal.why)),
        },
    }
}

/// The word that an enum is written with.
fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).expect("plain data");
    let tagged = value.get("why").cloned().unwrap_or(value);
    tagged.as_str().expect("a word").to_owned()
}

const LATER_TODAY: &str = "2026-11-21T18:00:00+09:00";
const NEXT_DAY: &str = "2026-11-22T10:00:00+09:00";
const DAY_14: &str = "2026-12-05T10:00:00+09:00";
const DAY_15: &str = "2026-12-06T10:00:00+09:00";
const DAY_60: &str = "2027-01-20T10:00:00+09:00";
const DAY_61: &str = "2027-01-21T10:00:00+09:00";
const DAY_180: &str = "2027-05-20T10:00:00+09:00";
const DAY_181: &str = "2027-05-21T10:00:00+09:00";
const DAY_365: &str = "2027-11-21T10:00:00+09:00";
const DAY_366: &str = "2027-11-22T10:00:00+09:00";

/// The money of a row: カード区分, or nothing for cash.
type Paid = Option<u8>;

#[test]
fn every_money_on_every_day_whole_and_in_part() {
    let part = Some(1_000);
    let all = None;
    let (credit, union_pay, touch, j_debit, debit) =
        (Some(3), Some(4), Some(5), Some(12), Some(13));
    let (transit, id, quicpay, nanaco, waon, edy) =
        (Some(6), Some(7), Some(8), Some(9), Some(10), Some(11));
    let code = Some(14);
    let rows: &[(Paid, Option<i64>, &str, &str)] = &[
        (None, all, LATER_TODAY, "void cash same_day"),
        (None, part, LATER_TODAY, "refund cash part"),
        (None, all, NEXT_DAY, "refund cash later_day"),
        (None, part, DAY_366, "refund cash later_day"),
        (credit, all, LATER_TODAY, "void by_hand same_day"),
        (credit, part, LATER_TODAY, "refund by_hand part"),
        (credit, all, NEXT_DAY, "refund by_hand later_day"),
        (credit, part, NEXT_DAY, "refund by_hand later_day"),
        (credit, all, DAY_366, "refund by_hand later_day"),
        (touch, all, LATER_TODAY, "void by_hand same_day"),
        (touch, all, DAY_366, "refund by_hand later_day"),
        (union_pay, all, LATER_TODAY, "void by_hand same_day"),
        (union_pay, part, LATER_TODAY, "refund by_hand part"),
        (union_pay, all, DAY_180, "refund by_hand later_day"),
        (union_pay, all, DAY_181, "refused too_late / by_hand"),
        (debit, all, LATER_TODAY, "void by_hand same_day"),
        (debit, all, NEXT_DAY, "refund by_hand later_day"),
        (debit, part, NEXT_DAY, "refund by_hand later_day"),
        (j_debit, all, LATER_TODAY, "void by_hand same_day"),
        (j_debit, part, LATER_TODAY, "refused whole_only / cash"),
        (j_debit, all, NEXT_DAY, "refused too_late / cash"),
        (transit, all, LATER_TODAY, "void by_hand same_day"),
        (transit, part, LATER_TODAY, "refund cash cash_instead"),
        (transit, all, NEXT_DAY, "refund cash cash_instead"),
        (id, all, LATER_TODAY, "void by_hand same_day"),
        (id, part, LATER_TODAY, "refused whole_only"),
        (id, all, NEXT_DAY, "refund by_hand later_day"),
        (id, all, DAY_60, "refund by_hand later_day"),
        (id, all, DAY_61, "refused too_late / by_hand"),
        (quicpay, all, LATER_TODAY, "void by_hand same_day"),
        (quicpay, part, NEXT_DAY, "refused whole_only"),
        (quicpay, all, DAY_60, "refund by_hand later_day"),
        (quicpay, all, DAY_61, "refused too_late / by_hand"),
        (waon, all, LATER_TODAY, "void by_hand same_day"),
        (waon, part, LATER_TODAY, "refused whole_only / cash"),
        (waon, all, DAY_14, "refund by_hand later_day"),
        (waon, all, DAY_15, "refused too_late / cash"),
        (nanaco, all, LATER_TODAY, "refund cash cash_instead"),
        (nanaco, part, DAY_366, "refund cash cash_instead"),
        (edy, all, LATER_TODAY, "refund cash cash_instead"),
        (edy, part, NEXT_DAY, "refund cash cash_instead"),
        (code, all, LATER_TODAY, "void by_hand same_day"),
        (code, part, LATER_TODAY, "refund by_hand part"),
        (code, all, DAY_365, "refund by_hand later_day"),
        (code, all, DAY_366, "refused too_late / by_hand"),
    ];
    let site = site();
    for (paid, take, now, expected) in rows {
        let sale = undoable(vec![paid.map_or(cash(3_430), |class| card(class, 3_430))]);
        let mut case = case(&site, &sale, now);
        if let Some(amount) = take {
            case.take = Take::Amount(Yen::new(*amount));
        }
        let decision = decide(&case);
        assert_eq!(told(&decision), *expected, "{paid:?} {take:?} {now}");
    }
}

#[test]
fn what_a_terminal_does_not_take_back_goes_back_in_cash_there_alone() {
    let site = site();
    for (model, class, expected) in [
        ("jt-c60", 6, "refund cash cash_instead"),
        ("jt-c60", 9, "refund cash cash_instead"),
        ("jt-c60", 11, "refund cash cash_instead"),
        ("jt-c60", 7, "void by_hand same_day"),
        ("jt-c60", 10, "void by_hand same_day"),
        ("jt-c60", 3, "void by_hand same_day"),
        ("vega3000", 6, "void by_hand same_day"),
        ("vega3000", 9, "refund cash cash_instead"),
    ] {
        let mut sale = undoable(vec![card(class, 3_430)]);
        sale.original.route = Some(Route {
            cat: CatId::Cat1,
            model: model.into(),
        });
        let decision = decide(&case(&site, &sale, LATER_TODAY));
        assert_eq!(told(&decision), expected, "{model} {class}");
        // A sale made by hand knows its model too.
        let begun = Mark {
            at: time(TEN),
            operator: somebody(),
        };
        let place = Place {
            cat: None,
            model: model.into(),
        };
        sale.original.route = None;
        let work = HandWork::begin(Why::NotCarried, Side::Terminal, place, begun);
        sale.original.by_hand = Some(Box::new(work));
        let decision = decide(&case(&site, &sale, LATER_TODAY));
        assert_eq!(told(&decision), expected, "by hand: {model} {class}");
    }
}

#[test]
fn the_day_turns_at_the_boundary_and_the_terminals_day_at_its_own_log() {
    let site = site();
    let (void, refund) = ("void by_hand same_day", "refund by_hand later_day");
    let closed = "refund by_hand after_daily_log";
    for (sold, now, log, known, expected, disagree) in [
        // Midnight is no boundary; 05:00 is.
        ("21T23:59:00", "22T00:01:00", None, None, void, false),
        ("21T23:59:00", "22T04:59:59", None, None, void, false),
        ("21T23:59:00", "22T05:00:00", None, None, refund, false),
        ("22T04:59:00", "22T05:01:00", None, None, refund, false),
        ("22T05:00:00", "22T23:00:00", None, None, void, false),
        // 日計 runs by itself.
        (
            "21T10:00:00",
            "21T21:59:59",
            Some("22:00"),
            None,
            void,
            false,
        ),
        (
            "21T10:00:00",
            "21T22:00:00",
            Some("22:00"),
            None,
            closed,
            true,
        ),
        (
            "21T10:00:00",
            "22T00:01:00",
            Some("22:00"),
            None,
            closed,
            true,
        ),
        (
            "21T22:00:00",
            "22T00:01:00",
            Some("22:00"),
            None,
            void,
            false,
        ),
        (
            "21T22:30:00",
            "22T21:00:00",
            Some("22:00"),
            None,
            refund,
            true,
        ),
        (
            "21T22:30:00",
            "22T22:30:00",
            Some("22:00"),
            None,
            refund,
            false,
        ),
        (
            "21T23:59:00",
            "22T00:01:00",
            Some("00:00"),
            None,
            closed,
            true,
        ),
        (
            "22T04:50:00",
            "22T05:10:00",
            Some("23:00"),
            None,
            refund,
            true,
        ),
        // It was run by hand, and written.
        (
            "21T10:00:00",
            "21T18:00:00",
            None,
            Some("21T17:00:00"),
            closed,
            true,
        ),
        (
            "21T10:00:00",
            "22T10:00:00",
            None,
            Some("21T17:00:00"),
            refund,
            false,
        ),
        (
            "21T10:00:00",
            "21T18:00:00",
            Some("22:00"),
            Some("21T17:00:00"),
            closed,
            true,
        ),
        // It ran after the sale, and the clock was turned back.
        (
            "21T10:00:00",
            "21T18:00:00",
            None,
            Some("21T09:00:00"),
            closed,
            true,
        ),
    ] {
        let moment = |text: &str| format!("2026-11-{text}+09:00");
        let mut sale = undoable(vec![card(3, 3_430)]);
        sale.original.stamp = stamp(&moment(sold));
        sale.terminal_day_closed = known.map(|at| time(&moment(at)));
        let now = moment(now);
        let mut case = case(&site, &sale, &now);
        if let Some(terminal) = &mut case.terminal {
            terminal.daily_log_at =
                log.map(|at| format!("{at}:00").parse().expect("a time of day"));
        }
        let decision = decide(&case);
        assert_eq!(told(&decision), expected, "{sold} {now} {log:?} {known:?}");
        let Decision::Allowed(plan) = decision else {
            panic!("refused");
        };
        assert_eq!(plan.clocks.disagree(), disagree, "{sold} {now} {log:?}");
    }
}

#[test]
fn after_the_daily_log_only_a_refund_is_left_and_some_money_has_none() {
    let site = site();
    for (paid, expected) in [
        (None, "void cash same_day"),
        (Some(3), "refund by_hand after_daily_log"),
        (Some(7), "refund by_hand after_daily_log"),
        (Some(12), "refused after_daily_log / cash"),
        (Some(6), "refund cash cash_instead"),
        (Some(9), "refund cash cash_instead"),
        (Some(14), "void by_hand same_day"),
    ] {
        let mut sale = undoable(vec![paid.map_or(cash(3_430), |class| card(class, 3_430))]);
        sale.terminal_day_closed = Some(time("2026-11-21T17:00:00+09:00"));
        let decision = decide(&case(&site, &sale, LATER_TODAY));
        assert_eq!(told(&decision), expected, "{paid:?}");
    }
}

#[test]
fn the_time_a_sale_reached_the_terminal_counts_not_when_it_was_written() {
    let site = site();
    let mut sale = undoable(vec![card(3, 3_430)]);
    sale.original.sent_at = Some(time("2026-11-21T10:01:00+09:00"));
    let mut case = case(&site, &sale, LATER_TODAY);
    let terminal = case.terminal.as_mut().expect("a terminal");
    terminal.daily_log_at = Some("10:00:30".parse().expect("a time of day"));
    assert_eq!(told(&decide(&case)), "void by_hand same_day");
}

#[test]
fn how_the_money_goes_back() {
    let site = site();
    // undo_link, authorize_void, authorize_refund, 取消連携, 返品連携, linked at first: whole today, whole tomorrow.
    for (undo_link, void, refund, switches, linked, today, tomorrow) in [
        (true, true, true, (1, 1), true, "void link", "refund link"),
        (
            true,
            true,
            false,
            (1, 1),
            true,
            "void link",
            "refund by_hand",
        ),
        (
            true,
            false,
            true,
            (1, 1),
            true,
            "void by_hand",
            "refund link",
        ),
        (
            false,
            true,
            true,
            (1, 1),
            true,
            "void by_hand",
            "refund by_hand",
        ),
        (
            true,
            true,
            true,
            (1, 1),
            false,
            "void by_hand",
            "refund by_hand",
        ),
        (
            true,
            true,
            true,
            (0, 1),
            true,
            "void slip_only",
            "refund link",
        ),
        (
            true,
            true,
            true,
            (1, 0),
            true,
            "void link",
            "refund slip_only",
        ),
        (
            false,
            false,
            false,
            (0, 0),
            true,
            "void slip_only",
            "refund slip_only",
        ),
    ] {
        let mut sale = undoable(vec![card(3, 3_430)]);
        if let Tender::Card { link, .. } = &mut sale.original.sale.tenders[0]
            && !linked
        {
            *link = LinkKind::Manual;
        }
        for (now, expected) in [(LATER_TODAY, today), (NEXT_DAY, tomorrow)] {
            let mut case = case(&site, &sale, now);
            let switch = |value: i64| Switch::try_from(value).expect("0 or 1");
            case.guidance = Guidance {
                void: switch(switches.0),
                refund: switch(switches.1),
            };
            case.terminal = Some(AtTerminal {
                model: "open-cat",
                authorize_void: void,
                void_last_only: false,
                authorize_refund: refund,
                undo_link,
                daily_log_at: None,
            });
            let decision = told(&decide(&case));
            assert!(decision.starts_with(expected), "{expected}: {decision}");
            // Another terminal at the port, or none, is never sent it.
            let stranger = AtTerminal {
                model: "j-mups",
                authorize_void: true,
                void_last_only: false,
                authorize_refund: true,
                undo_link: true,
                daily_log_at: None,
            };
            for terminal in [Some(stranger), None] {
                case.terminal = terminal;
                let decision = told(&decide(&case));
                assert!(!decision.contains("link"), "{decision}");
            }
        }
    }
}
