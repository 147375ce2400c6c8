//! A report against a look at every sale.

use proptest::prelude::*;

use super::super::testbed::{
    Bed, allowed, at, back, books, card_sale, declined, posted, sent, typed,
};
use super::super::{BooksKind, testbed};
use super::*;
use crate::app::message::{StoreRequest, StoreTrouble, Stored};
use crate::domain::business_day::BusinessDate;
use crate::domain::by_hand::{Place as Terminal, Side, Why};
use crate::domain::ledger::{CatId, Entry, SaleState};
use crate::domain::record::{SaleRecord, Stamp};
use crate::domain::tender::Tender;

const DAYS: i64 = 4;
const CLASSES: [(u8, &str); 3] = [(3, "クレジット"), (30, "三面待ち"), (1, "電子マネー")];

/// Days are not in order in the books: a clock can be set back.
fn on(day: i64) -> Stamp {
    at(day * 24 * 60)
}

fn day(day: i64) -> BusinessDate {
    on(day).business_date
}

#[derive(Debug, Clone)]
struct Wish {
    day: i64,
    class: usize,
    /// Which class the terminal said, 0 where it did not.
    used: u8,
    way: u8,
    undone: bool,
    who: usize,
}

/// The last is the second, written otherwise.
const OPERATORS: [&str; 3] = ["03", "a2", "A2"];

fn wish() -> impl Strategy<Value = Wish> {
    (
        0..DAYS,
        0..CLASSES.len(),
        prop::sample::select(vec![0, 3, 4, 5]),
        0..5_u8,
        any::<bool>(),
        0..OPERATORS.len(),
    )
        .prop_map(|(day, class, used, way, undone, who)| Wish {
            day,
            class,
            used,
            way,
            undone,
            who,
        })
}

fn write(bed: &mut Bed, wishes: &[Wish]) {
    let mut entries = Vec::new();
    let mut numbers = 1..;
    for wish in wishes {
        let mut draft = card_sale(100 + wish.day);
        let of = |draft: &mut crate::domain::sale::SaleDraft, way, who: usize| {
            OPERATORS[who].clone_into(&mut draft.operator.code);
            if let Some(Tender::Card {
                card_class,
                card_class_name,
                link,
                ..
            }) = draft.tenders.first_mut()
            {
                *card_class = CardClass(CLASSES[wish.class].0);
                CLASSES[wish.class].1.clone_into(&mut card_class_name.ja);
                *link = match way {
                    0 | 1 => LinkKind::Linked,
                    _ => LinkKind::Manual,
                };
            }
        };
        of(&mut draft, wish.way, wish.who);
        let slip = SlipNumber::new(numbers.next().expect("a number"));
        let stamp = on(wish.day);
        let mut outcome = match wish.way {
            0 => posted(slip, &slip.to_string()),
            1 => declined(slip),
            _ => typed(slip, &slip.to_string()),
        };
        if let Entry::Posted { terminal, .. } = &mut outcome {
            terminal.card_class = (wish.used > 0).then_some(CardClass(wish.used));
        }
        entries.extend(opened(slip, draft, wish.way).map(|entry| (stamp, entry)));
        if wish.way < 3 {
            entries.push((stamp, outcome));
        }
        if wish.undone && ![1, 3].contains(&wish.way) {
            let undo = SlipNumber::new(numbers.next().expect("a number"));
            let kind = if wish.used == 3 {
                SaleKind::Void
            } else {
                SaleKind::Refund
            };
            let mut draft = allowed(back(card_sale(100 + wish.day), kind, slip));
            // Another person takes it back.
            of(&mut draft, 2, (wish.who + 1) % 2);
            let stamp = on((wish.day + 1) % DAYS);
            entries.extend(opened(undo, draft, 2).map(|entry| (stamp, entry)));
            entries.push((stamp, typed(undo, "7")));
        }
    }
    bed.store.append_many(entries).expect("follows the rules");
}

/// 0, 1: over the link; 2, 3: by hand; 4: by hand at a terminal that nobody wrote down.
fn opened(
    slip: SlipNumber,
    sale: crate::domain::sale::SaleDraft,
    way: u8,
) -> impl Iterator<Item = Entry> {
    let entries = match way {
        0 | 1 => vec![
            Entry::Pending {
                slip,
                sequence_number: SequenceNumber::new(slip.get()).expect("in range"),
                sale,
                route: testbed::route(CatId::Cat1),
            },
            sent(slip),
        ],
        2 | 3 => vec![Entry::ByHand {
            slip,
            sale,
            place: Terminal {
                cat: None,
                model: "open-cat".to_owned(),
            },
            why: Why::NotCarried,
            first: Side::Terminal,
            operator: testbed::operator(),
        }],
        _ => vec![Entry::Sold { slip, sale }],
    };
    entries.into_iter()
}

fn query() -> impl Strategy<Value = CardReportQuery> {
    (
        prop::option::of(0..DAYS),
        prop::option::of(0..DAYS),
        prop::option::of(0..CLASSES.len()),
        prop::option::of(prop::sample::select(vec![
            LinkKind::Linked,
            LinkKind::Manual,
        ])),
        prop::option::of(prop::sample::select(vec![
            SaleKind::Sale,
            SaleKind::Void,
            SaleKind::Refund,
        ])),
        prop::option::of(prop::sample::select(OPERATORS.to_vec())),
        0..6_u16,
    )
        .prop_map(
            |(from, to, class, link, kind, operator, limit)| CardReportQuery {
                before: None,
                from: from.map(day),
                to: to.map(day),
                card_class: class.map(|class| CardClass(CLASSES[class].0)),
                link,
                kind,
                operator: operator.map(str::to_owned),
                limit,
            },
        )
}

fn ask(bed: &mut Bed, query: CardReportQuery) -> CardReportPage {
    match bed.ask(StoreRequest::CardReport(query)) {
        Ok(Stored::CardReport(page)) => page,
        other => panic!("not a report: {other:?}"),
    }
}

/// The same question, answered by looking at a sale.
fn expected(sale: &SaleRecord, query: &CardReportQuery) -> Option<CardMovement> {
    let Some(Tender::Card {
        name,
        card_class,
        card_class_name,
        amount,
        link,
        ..
    }) = sale.sale.card()
    else {
        return None;
    };
    let date = sale.stamp.business_date;
    let asked = sale.state == SaleState::Settled
        && query.from.is_none_or(|from| from <= date)
        && query.to.is_none_or(|to| date <= to)
        && query.card_class.is_none_or(|class| class == *card_class)
        && query.link.is_none_or(|asked| asked == *link)
        && query.kind.is_none_or(|kind| kind == sale.sale.kind)
        && query
            .operator
            .as_ref()
            .is_none_or(|code| code.to_lowercase() == sale.sale.operator.code.to_lowercase());
    let sign = if sale.sale.kind == SaleKind::Sale {
        1
    } else {
        -1
    };
    asked.then(|| CardMovement {
        slip: sale.slip,
        stamp: sale.stamp,
        kind: sale.sale.kind,
        original: sale.sale.original,
        amount: Yen::new(sign * amount.get()),
        card_class: *card_class,
        class_used: sale.terminal.card_class,
        approval_code: sale.terminal.approval_code.clone(),
        operator: sale.sale.operator.code.clone(),
        card: HistoryCard {
            name: name.clone(),
            class_name: card_class_name.clone(),
            link: *link,
            sequence_number: sale.sequence_number,
            terminal_slip: sale.terminal.slip_number.clone(),
        },
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_report_is_what_looking_at_every_sale_finds(
        wishes in prop::collection::vec(wish(), 0..14),
        queries in prop::collection::vec(query(), 6),
    ) {
        let mut bed = books(BooksKind::Live);
        write(&mut bed, &wishes);
        let mut sales = Vec::new();
        while let Some(sale) = bed.find(SlipNumber::new(u32::try_from(sales.len() + 1).expect("few"))) {
            sales.push(sale);
        }
        sales.sort_by_key(|sale| std::cmp::Reverse((sale.stamp.business_date, sale.slip)));
        for query in queries {
            let all: Vec<CardMovement> =
                sales.iter().filter_map(|sale| expected(sale, &query)).collect();
            // Page by page, to the end.
            let (mut rows, mut before) = (Vec::new(), None);
            let first = ask(&mut bed, query.clone());
            loop {
                let page = ask(&mut bed, CardReportQuery { before, ..query.clone() });
                prop_assert_eq!(&page.totals, &first.totals);
                rows.extend(page.rows);
                prop_assert_eq!(page.more, rows.len() < all.len());
                before = rows.last().map(|row| row.slip);
                if !page.more || query.limit == 0 {
                    break;
                }
            }
            if query.limit > 0 {
                prop_assert_eq!(&rows, &all, "{:?}", &query);
            }
            let mut sums: BTreeMap<(CardClass, Option<CardClass>), (u32, i64)> = BTreeMap::new();
            for row in &all {
                let sum = sums.entry((row.card_class, row.class_used)).or_default();
                sum.0 += 1;
                sum.1 += row.amount.get();
            }
            let found: BTreeMap<_, _> = first
                .totals
                .iter()
                .map(|total| ((total.card_class, total.class_used), (total.count, total.amount.get())))
                .collect();
            prop_assert_eq!(found, sums, "{:?}", &query);
            let mut walked = Vec::new();
            let open = bed.store.each_movement::<StoreTrouble>(&query, |movement| {
                walked.push(movement.clone());
                Ok(())
            }).expect("read");
            walked.reverse();
            prop_assert_eq!(&walked, &all, "a file holds the same: {:?}", &query);
            prop_assert_eq!(open, first.open);
        }
        prop_assert_eq!(super::super::verify(&bed.path).expect("read").problem, None);
    }
}

#[test]
fn what_went_over_three_at_once_is_told_by_what_it_was() {
    let mut bed = books(BooksKind::Live);
    let wish = |used, undone| Wish {
        day: 0,
        class: 1,
        used,
        way: 0,
        undone,
        who: 0,
    };
    write(
        &mut bed,
        &[
            wish(3, false),
            wish(4, false),
            wish(4, true),
            wish(0, false),
        ],
    );
    let report = ask(
        &mut bed,
        CardReportQuery {
            limit: 9,
            ..CardReportQuery::default()
        },
    );
    let totals: Vec<(u8, &str, Option<u8>, u32, i64)> = report
        .totals
        .iter()
        .map(|total| {
            (
                total.card_class.0,
                total.class_name.ja.as_str(),
                total.class_used.map(|class| class.0),
                total.count,
                total.amount.get(),
            )
        })
        .collect();
    assert_eq!(
        totals,
        [
            // A sale whose terminal did not say, and the refund that was typed by hand.
            (30, "三面待ち", None, 2, 0),
            (30, "三面待ち", Some(3), 1, 100),
            (30, "三面待ち", Some(4), 2, 200),
        ]
    );
}

#[test]
fn what_has_no_outcome_is_told_apart_and_in_no_sum() {
    let mut bed = books(BooksKind::Live);
    let (sent_off, _) = bed.pend(card_sale(700), CatId::Cat1).expect("written");
    bed.write(sent(sent_off)).expect("written");
    let mut draft = card_sale(900);
    if let Some(Tender::Card { link, .. }) = draft.tenders.first_mut() {
        *link = LinkKind::Manual;
    }
    let by_hand = SlipNumber::new(2);
    let opening = opened(by_hand, draft, 2).map(|entry| (on(0), entry));
    bed.store.append_many(opening).expect("follows the rules");
    let all = CardReportQuery {
        limit: 9,
        ..CardReportQuery::default()
    };
    let report = ask(&mut bed, all.clone());
    assert_eq!((report.rows.len(), report.totals.len()), (0, 0));
    let open = |report: &CardReportPage| -> Vec<(u32, SaleState, i64)> {
        let open = report.open.iter();
        open.map(|open| {
            (
                open.movement.slip.get(),
                open.state,
                open.movement.amount.get(),
            )
        })
        .collect()
    };
    assert_eq!(
        open(&report),
        [(1, SaleState::Sent, 700), (2, SaleState::ByHand, 900)]
    );
    let linked = ask(
        &mut bed,
        CardReportQuery {
            link: Some(LinkKind::Linked),
            ..all.clone()
        },
    );
    assert_eq!(open(&linked), [(1, SaleState::Sent, 700)]);
    let somebody_else = ask(
        &mut bed,
        CardReportQuery {
            operator: Some("99".into()),
            ..all.clone()
        },
    );
    assert_eq!(open(&somebody_else), []);
    bed.write(posted(sent_off, "0001")).expect("written");
    let report = ask(&mut bed, all);
    assert_eq!(open(&report), [(2, SaleState::ByHand, 900)]);
    assert_eq!(report.totals[0].amount, Yen::new(700));
}

#[test]
fn one_persons_report_is_a_part_of_everybodys() {
    let mut bed = books(BooksKind::Live);
    let wish = |day, who| Wish {
        day,
        class: 0,
        used: 4,
        way: 0,
        undone: day == 1,
        who,
    };
    // Three of 03, one of them taken back by a2; two of a2, one written A2.
    write(
        &mut bed,
        &[wish(0, 0), wish(1, 0), wish(2, 0), wish(2, 1), wish(3, 2)],
    );
    for (operator, from, count, amount) in [
        (None, 0, 6, 100 + 102 + 102 + 103),
        (Some("03"), 0, 3, 100 + 101 + 102),
        (Some("03"), 2, 1, 102),
        (Some("a2"), 0, 3, 102 + 103 - 101),
        (Some("A2"), 0, 3, 102 + 103 - 101),
        (Some("a2"), 3, 1, 103),
        (Some("2"), 0, 0, 0),
    ] {
        let query = CardReportQuery {
            operator: operator.map(str::to_owned),
            from: Some(day(from)),
            limit: 2,
            ..CardReportQuery::default()
        };
        let report = ask(&mut bed, query.clone());
        let counts: u32 = report.totals.iter().map(|total| total.count).sum();
        let sum: i64 = report.totals.iter().map(|total| total.amount.get()).sum();
        assert_eq!((counts, sum), (count, amount), "{operator:?} from {from}");
        assert_eq!(report.more, count > 2, "{operator:?} from {from}");
        let mut walked = 0;
        bed.store
            .each_movement::<StoreTrouble>(&query, |_| {
                walked += 1;
                Ok(())
            })
            .expect("read");
        assert_eq!(walked, count, "{operator:?} from {from}");
    }
}
