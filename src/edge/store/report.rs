//! クレジット利用履歴: every movement of a range of business days, and what they add up to.
//!
//! Movements lie in groups of one card, class, link and kind, each in order of days. There are few groups, so a filter picks groups, a total is
//! one walk over each, and a page is what the newest of each make together.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::history::ROWS_MAX;
use super::trouble::unreadable;
use super::words::{self, StampColumns};
use crate::app::message::{
    CardMovement, CardReportPage, CardReportQuery, CardTotal, HistoryCard, StoreTrouble,
};
use crate::domain::money::Yen;
use crate::domain::sale::SaleKind;
use crate::domain::slip::{ApprovalCode, SequenceNumber, SlipNumber, TerminalSlipNumber};
use crate::domain::tender::{CardClass, LinkKind};
use crate::domain::text::Bilingual;

/// A group of movements, and the names of its card.
struct Group {
    id: i64,
    card_id: i64,
    name: Bilingual,
    class: CardClass,
    class_name: Bilingual,
    class_used: Option<CardClass>,
    link: LinkKind,
    kind: SaleKind,
}

/// Where a page stands: a business day and a slip.
type Place = (String, i64);

/// A page of the report, and the totals of all its pages.
pub(super) fn page(
    connection: &Connection,
    query: &CardReportQuery,
) -> Result<CardReportPage, StoreTrouble> {
    let groups = groups(connection, query)?;
    let from = query.from.map_or_else(String::new, |date| date.to_string());
    // After any day, as columns compare.
    let to = query
        .to
        .map_or_else(|| "~".to_owned(), |date| date.to_string());
    let limit = usize::from(query.limit.min(ROWS_MAX));
    let below = match query.before {
        Some(slip) => place_of(connection, slip)?.min((to.clone(), i64::MAX)),
        None => (to.clone(), i64::MAX),
    };
    let mut found: Vec<(Place, i64, &Group)> = Vec::new();
    for group in &groups {
        let mut statement = connection.prepare_cached(NEWEST)?;
        let most = i64::try_from(limit + 1).unwrap_or(i64::MAX);
        let mut rows = statement.query((group.id, &from, &below.0, below.1, most))?;
        while let Some(row) = rows.next()? {
            found.push(((row.get(0)?, row.get(1)?), row.get(2)?, group));
        }
    }
    found.sort_by(|one, other| other.0.cmp(&one.0));
    let more = found.len() > limit;
    found.truncate(limit);
    Ok(CardReportPage {
        query: query.clone(),
        rows: found
            .into_iter()
            .map(|((_, slip), amount, group)| movement(connection, slip, amount, group))
            .collect::<Result<_, _>>()?,
        more,
        totals: totals(connection, &groups, &from, &to)?,
    })
}

/// The groups that a query asks for.
fn groups(connection: &Connection, query: &CardReportQuery) -> Result<Vec<Group>, StoreTrouble> {
    let mut statement = connection.prepare_cached(GROUPS)?;
    let mut rows = statement.query([])?;
    let mut groups = Vec::new();
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        let bad = |what: &str| unreadable("movement_group", id, what);
        let (link, kind): (String, String) = (row.get(2)?, row.get(3)?);
        groups.push(Group {
            id,
            class_used: row.get::<_, Option<u8>>(1)?.map(CardClass),
            link: words::link_of(&link).ok_or_else(|| bad("its link"))?,
            kind: words::sale_kind_of(&kind).ok_or_else(|| bad("its kind"))?,
            card_id: row.get(4)?,
            name: Bilingual {
                ja: row.get(5)?,
                en: row.get(6)?,
            },
            class: CardClass(row.get(7)?),
            class_name: Bilingual {
                ja: row.get(8)?,
                en: row.get(9)?,
            },
        });
    }
    groups.retain(|group| {
        query.card_class.is_none_or(|class| class == group.class)
            && query.link.is_none_or(|link| link == group.link)
            && query.kind.is_none_or(|kind| kind == group.kind)
    });
    Ok(groups)
}

/// The day of a slip, and the slip.
fn place_of(connection: &Connection, slip: SlipNumber) -> Result<Place, StoreTrouble> {
    let date = connection
        .prepare_cached("SELECT business_date FROM sale WHERE slip_number = ?")?
        .query_row([slip.get()], |row| row.get(0))?;
    Ok((date, i64::from(slip.get())))
}

fn totals(
    connection: &Connection,
    groups: &[Group],
    from: &str,
    to: &str,
) -> Result<Vec<CardTotal>, StoreTrouble> {
    // The newest name of a class is that of the card that came into the books last.
    let mut names: BTreeMap<CardClass, (i64, &Bilingual)> = BTreeMap::new();
    let mut sums: BTreeMap<(CardClass, Option<CardClass>), (u32, i64)> = BTreeMap::new();
    let mut statement = connection.prepare_cached(TOTAL)?;
    for group in groups {
        let (count, amount): (u32, i64) =
            statement.query_row((group.id, from, to), |row| Ok((row.get(0)?, row.get(1)?)))?;
        if count == 0 {
            continue;
        }
        let name = (group.card_id, &group.class_name);
        let newest = names.entry(group.class).or_insert(name);
        if newest.0 < name.0 {
            *newest = name;
        }
        let sum = sums.entry((group.class, group.class_used)).or_default();
        sum.0 += count;
        sum.1 += amount;
    }
    let named = |((card_class, class_used), (count, amount))| {
        let (_, name) = names.get(&card_class)?;
        Some(CardTotal {
            card_class,
            class_name: (*name).clone(),
            class_used,
            count,
            amount: Yen::new(amount),
        })
    };
    Ok(sums.into_iter().filter_map(named).collect())
}

fn movement(
    connection: &Connection,
    slip: i64,
    amount: i64,
    group: &Group,
) -> Result<CardMovement, StoreTrouble> {
    let bad = |what: &str| unreadable("movement", slip, what);
    let mut statement = connection.prepare_cached(MOVEMENT)?;
    let mut rows = statement.query([slip])?;
    let row = rows.next()?.ok_or_else(|| bad("its sale is gone"))?;
    let terminal_slip: Option<String> = row.get(5)?;
    let approval_code: Option<String> = row.get(6)?;
    Ok(CardMovement {
        slip: SlipNumber::new(u32::try_from(slip).map_err(|_| bad("its number"))?),
        stamp: StampColumns::read(row, 0)?.stamp_of("sale", slip)?,
        kind: group.kind,
        original: row.get::<_, Option<u32>>(3)?.map(SlipNumber::new),
        amount: Yen::new(amount),
        card_class: group.class,
        class_used: group.class_used,
        approval_code: approval_code
            .map(|text| ApprovalCode::new(&text))
            .transpose()
            .map_err(|error| bad(&error.to_string()))?,
        card: HistoryCard {
            name: group.name.clone(),
            class_name: group.class_name.clone(),
            link: group.link,
            sequence_number: row.get::<_, Option<u32>>(4)?.and_then(SequenceNumber::new),
            terminal_slip: terminal_slip
                .map(|text| TerminalSlipNumber::new(&text))
                .transpose()
                .map_err(|error| bad(&error.to_string()))?,
        },
    })
}

/// Few rows: cards, times what each was used for.
const GROUPS: &str = "
    SELECT movement_group.id, class_used, link, kind, card.id, name_ja, name_en, class_code, class_ja, class_en
    FROM movement_group JOIN card ON card.id = movement_group.card_id ORDER BY movement_group.id";
pub(super) const NEWEST: &str = "
    SELECT business_date, slip_number, amount FROM movement
    WHERE group_id = ? AND business_date >= ? AND (business_date, slip_number) < (?, ?)
    ORDER BY business_date DESC, slip_number DESC LIMIT ?";
pub(super) const TOTAL: &str = "
    SELECT count(*), coalesce(sum(amount), 0) FROM movement WHERE group_id = ? AND business_date BETWEEN ? AND ?";
pub(super) const MOVEMENT: &str = "
    SELECT recorded_at_ms, offset_minutes, business_date, original_slip, sequence_number, terminal_slip_number, approval_code
    FROM sale LEFT JOIN settlement USING (slip_number) WHERE sale.slip_number = ?";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testbed::{
        Bed, allowed, at, back, books, card_sale, declined, posted, sent, typed,
    };
    use super::super::{BooksKind, testbed};
    use super::*;
    use crate::app::message::{StoreRequest, Stored};
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
    }

    fn wish() -> impl Strategy<Value = Wish> {
        (
            0..DAYS,
            0..CLASSES.len(),
            prop::sample::select(vec![0, 3, 4, 5]),
            0..5_u8,
            any::<bool>(),
        )
            .prop_map(|(day, class, used, way, undone)| Wish {
                day,
                class,
                used,
                way,
                undone,
            })
    }

    fn write(bed: &mut Bed, wishes: &[Wish]) {
        let mut entries = Vec::new();
        let mut numbers = 1..;
        for wish in wishes {
            let mut draft = card_sale(100 + wish.day);
            let of = |draft: &mut crate::domain::sale::SaleDraft, way| {
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
            of(&mut draft, wish.way);
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
                of(&mut draft, 2);
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
            0..6_u16,
        )
            .prop_map(|(from, to, class, link, kind, limit)| CardReportQuery {
                before: None,
                from: from.map(day),
                to: to.map(day),
                card_class: class.map(|class| CardClass(CLASSES[class].0)),
                link,
                kind,
                limit,
            })
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
            && query.kind.is_none_or(|kind| kind == sale.sale.kind);
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
}
