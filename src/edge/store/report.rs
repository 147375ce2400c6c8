//! クレジット利用履歴: every movement of a range of business days, and what they add up to.
//!
//! Movements lie in groups of one card, class, link and kind, each in order of days. There are few groups, so a filter picks groups, a total is
//! one walk over each, and a page is what the newest of each make together. Who rang it up stands in each row: one person's are picked on the walk.

mod each;

use std::collections::BTreeMap;

use rusqlite::{Connection, Row};

use super::history::ROWS_MAX;
use super::trouble::unreadable;
use super::words::{self, StampColumns};
use super::{read, tasks};
use crate::app::message::{
    CardMovement, CardReportPage, CardReportQuery, CardTotal, HistoryCard, OpenMovement,
    StoreTrouble,
};
use crate::domain::money::Yen;
use crate::domain::record::SaleRecord;
use crate::domain::sale::SaleKind;
use crate::domain::slip::{ApprovalCode, SequenceNumber, SlipNumber, TerminalSlipNumber};
use crate::domain::task::Task;
use crate::domain::tender::{CardClass, LinkKind, Tender};
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
    let sums = sums(connection, &groups, (&from, &to), query.operator.as_deref())?;
    let mut found: Vec<(Place, i64, &Group)> = Vec::new();
    for (group, sum) in groups.iter().zip(&sums) {
        if sum.count == 0 {
            continue;
        }
        // No more than there are: whoever left years ago is not looked for behind the last of them.
        let most = i64::try_from(limit + 1).map_or(i64::MAX, |most| most.min(sum.count.into()));
        let place = (group.id, &from, &below.0, below.1, most);
        let (mut of_all, mut of_one);
        let mut rows = match &query.operator {
            None => {
                of_all = connection.prepare_cached(NEWEST)?;
                of_all.query(place)?
            }
            Some(operator) => {
                of_one = connection.prepare_cached(NEWEST_OF_ONE)?;
                let (group, from, date, slip, most) = place;
                of_one.query((group, from, date, slip, most, operator))?
            }
        };
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
        totals: totals(&groups, &sums),
        open: open(connection, query)?,
    })
}

/// What has no outcome yet, of the days, class, way and kind that are asked for. There are few at any time.
fn open(
    connection: &Connection,
    query: &CardReportQuery,
) -> Result<Vec<OpenMovement>, StoreTrouble> {
    let mut records = read::unresolved(connection)?;
    for task in tasks::open(connection)? {
        if let Task::Hand(record) = task
            && !record.state.is_final()
        {
            records.push(*record);
        }
    }
    records.sort_by_key(|record| (record.stamp.business_date, record.slip));
    let found = records.iter().filter_map(open_movement);
    Ok(found.filter(|open| asked(query, &open.movement)).collect())
}

fn asked(query: &CardReportQuery, movement: &CardMovement) -> bool {
    let date = movement.stamp.business_date;
    query.from.is_none_or(|from| from <= date)
        && query.to.is_none_or(|to| date <= to)
        && query
            .card_class
            .is_none_or(|class| class == movement.card_class)
        && query.link.is_none_or(|link| link == movement.card.link)
        && query.kind.is_none_or(|kind| kind == movement.kind)
        && query
            .operator
            .as_ref()
            .is_none_or(|code| code.eq_ignore_ascii_case(&movement.operator))
}

fn open_movement(record: &SaleRecord) -> Option<OpenMovement> {
    let Some(Tender::Card {
        name,
        card_class,
        card_class_name,
        amount,
        link,
        ..
    }) = record.sale.card()
    else {
        return None;
    };
    let amount = match record.sale.kind {
        SaleKind::Sale => *amount,
        SaleKind::Void | SaleKind::Refund => Yen::new(-amount.get()),
    };
    Some(OpenMovement {
        state: record.state,
        movement: CardMovement {
            slip: record.slip,
            stamp: record.stamp,
            kind: record.sale.kind,
            original: record.sale.original,
            amount,
            card_class: *card_class,
            class_used: record.terminal.card_class,
            approval_code: record.terminal.approval_code.clone(),
            operator: record.sale.operator.code.clone(),
            card: HistoryCard {
                name: name.clone(),
                class_name: card_class_name.clone(),
                link: *link,
                sequence_number: record.sequence_number,
                terminal_slip: record.terminal.slip_number.clone(),
            },
        },
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

/// What a group comes to.
struct Sum {
    count: u32,
    amount: i64,
}

fn sums(
    connection: &Connection,
    groups: &[Group],
    (from, to): (&str, &str),
    operator: Option<&str>,
) -> Result<Vec<Sum>, StoreTrouble> {
    let mut statement = connection.prepare_cached(match operator {
        None => TOTAL,
        Some(_) => TOTAL_OF_ONE,
    })?;
    let mut sums = Vec::new();
    for group in groups {
        let read = |row: &Row<'_>| {
            Ok(Sum {
                count: row.get(0)?,
                amount: row.get(1)?,
            })
        };
        sums.push(match operator {
            None => statement.query_row((group.id, from, to), read)?,
            Some(operator) => statement.query_row((group.id, from, to, operator), read)?,
        });
    }
    Ok(sums)
}

fn totals(groups: &[Group], sums: &[Sum]) -> Vec<CardTotal> {
    // The newest name of a class is that of the card that came into the books last.
    let mut names: BTreeMap<CardClass, (i64, &Bilingual)> = BTreeMap::new();
    let mut totals: BTreeMap<(CardClass, Option<CardClass>), (u32, i64)> = BTreeMap::new();
    for (group, sum) in groups.iter().zip(sums).filter(|(_, sum)| sum.count > 0) {
        let name = (group.card_id, &group.class_name);
        let newest = names.entry(group.class).or_insert(name);
        if newest.0 < name.0 {
            *newest = name;
        }
        let total = totals.entry((group.class, group.class_used)).or_default();
        total.0 += sum.count;
        total.1 += sum.amount;
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
    totals.into_iter().filter_map(named).collect()
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
        operator: row.get(7)?,
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
pub(super) const NEWEST_OF_ONE: &str = "
    SELECT business_date, slip_number, amount FROM movement
    WHERE group_id = ?1 AND business_date >= ?2 AND (business_date, slip_number) < (?3, ?4) AND operator_code = ?6 COLLATE NOCASE
    ORDER BY business_date DESC, slip_number DESC LIMIT ?5";
pub(super) const OLDEST: &str = "
    SELECT business_date, slip_number, amount FROM movement
    WHERE group_id = ? AND business_date BETWEEN ? AND ?
    ORDER BY business_date, slip_number";
pub(super) const OLDEST_OF_ONE: &str = "
    SELECT business_date, slip_number, amount FROM movement
    WHERE group_id = ? AND business_date BETWEEN ? AND ? AND operator_code = ? COLLATE NOCASE
    ORDER BY business_date, slip_number";
pub(super) const TOTAL: &str = "
    SELECT count(*), coalesce(sum(amount), 0) FROM movement WHERE group_id = ? AND business_date BETWEEN ? AND ?";
pub(super) const TOTAL_OF_ONE: &str = "
    SELECT count(*), coalesce(sum(amount), 0) FROM movement
    WHERE group_id = ? AND business_date BETWEEN ? AND ? AND operator_code = ? COLLATE NOCASE";
pub(super) const MOVEMENT: &str = "
    SELECT recorded_at_ms, offset_minutes, business_date, original_slip, sequence_number, terminal_slip_number, approval_code,
           operator_code
    FROM sale LEFT JOIN settlement USING (slip_number) WHERE sale.slip_number = ?";

#[cfg(test)]
mod tests;
