//! The history: pages of sales, newest first, found by number, day and card.
//!
//! A condition is a union of streams; a stream walks one index towards older slips and can jump. All conditions are walked
//! together: each jumps to where the slowest stands, and where all stand on the same slip, that is a row. So a page costs a few
//! jumps a row in a book of any size, and nothing is ever sorted.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row};
use unicode_normalization::UnicodeNormalization;

use super::read;
use super::trouble::unreadable;
use super::words::{self, StampColumns};
use crate::app::message::{HistoryCard, HistoryPage, HistoryQuery, HistoryRow, StoreTrouble};
use crate::domain::ledger::SaleState;
use crate::domain::money::Yen;
use crate::domain::slip::{SequenceNumber, SlipNumber, TerminalSlipNumber};
use crate::domain::text::{Bilingual, fold_width};

/// The longest page.
pub(super) const ROWS_MAX: u16 = 500;

/// A page of the history.
pub(super) fn page(
    connection: &Connection,
    query: &HistoryQuery,
) -> Result<HistoryPage, StoreTrouble> {
    let mut conditions = conditions(connection, query)?;
    let limit = usize::from(query.limit.min(ROWS_MAX));
    let mut rows = Vec::new();
    let mut more = false;
    let mut below = query
        .before
        .map_or(i64::MAX, |slip| i64::from(slip.get()) - 1);
    if conditions.is_empty() {
        rows = newest(connection, below, limit + 1)?;
        more = rows.len() > limit;
        rows.truncate(limit);
    }
    while let Some(slip) = meet(connection, &mut conditions, below)? {
        if rows.len() == limit {
            more = true;
            break;
        }
        rows.push(row(connection, slip)?);
        below = slip - 1;
    }
    Ok(HistoryPage {
        query: query.clone(),
        rows,
        more,
    })
}

/// The newest slip, at most `at_most`, on which all conditions agree.
fn meet(
    connection: &Connection,
    conditions: &mut [Vec<Stream>],
    at_most: i64,
) -> Result<Option<i64>, StoreTrouble> {
    if conditions.is_empty() {
        return Ok(None);
    }
    let mut candidate = at_most;
    let mut agreed = 0;
    for index in (0..conditions.len()).cycle() {
        let mut newest = None;
        for stream in &mut conditions[index] {
            newest = newest.max(stream.jump(connection, candidate)?);
        }
        let Some(slip) = newest else { return Ok(None) };
        // The first condition to speak names the candidate; whoever cannot follow names an older one.
        agreed = if slip == candidate { agreed + 1 } else { 1 };
        candidate = slip;
        if agreed == conditions.len() {
            return Ok(Some(slip));
        }
    }
    Ok(None)
}

/// One index, walked towards older slips.
#[derive(Debug)]
struct Stream {
    sql: &'static str,
    /// What the index is asked for.
    key: Value,
    at: At,
}

#[derive(Debug, Clone, Copy)]
enum At {
    Start,
    Slip(i64),
    End,
}

impl Stream {
    fn new(sql: &'static str, key: impl Into<Value>) -> Stream {
        Stream {
            sql,
            key: key.into(),
            at: At::Start,
        }
    }

    /// The newest slip of the stream that is at most `at_most`. Jumps only go to older slips.
    fn jump(&mut self, connection: &Connection, at_most: i64) -> Result<Option<i64>, StoreTrouble> {
        match self.at {
            At::Slip(slip) if slip <= at_most => return Ok(Some(slip)),
            At::End => return Ok(None),
            At::Start | At::Slip(_) => {}
        }
        let mut statement = connection.prepare_cached(self.sql)?;
        let found: Option<i64> = statement
            .query_row((at_most, &self.key), |row| row.get(0))
            .optional()?;
        self.at = found.map_or(At::End, At::Slip);
        Ok(found)
    }
}

pub(super) const BY_SLIP: &str =
    "SELECT slip_number FROM sale WHERE slip_number <= ?1 AND slip_number = ?2";
pub(super) const BY_DATE: &str = "SELECT slip_number FROM sale
    WHERE slip_number <= ?1 AND business_date = ?2 ORDER BY slip_number DESC LIMIT 1";
pub(super) const BY_TOTAL: &str = "SELECT slip_number FROM sale
    WHERE slip_number <= ?1 AND total = ?2 ORDER BY slip_number DESC LIMIT 1";
pub(super) const BY_SEQUENCE: &str = "SELECT slip_number FROM sale
    WHERE slip_number <= ?1 AND sequence_number = ?2 ORDER BY slip_number DESC LIMIT 1";
pub(super) const BY_CARD_AMOUNT: &str = "SELECT slip_number FROM tender
    WHERE slip_number <= ?1 AND amount = ?2 AND card_id IS NOT NULL ORDER BY slip_number DESC LIMIT 1";
pub(super) const BY_TERMINAL_SLIP: &str = "SELECT slip_number FROM settlement
    WHERE slip_number <= ?1 AND ltrim(terminal_slip_number, '0') = ?2 AND terminal_slip_number IS NOT NULL
    ORDER BY slip_number DESC LIMIT 1";
pub(super) const BY_CARD: &str = "SELECT slip_number FROM tender
    WHERE slip_number <= ?1 AND card_id = ?2 ORDER BY slip_number DESC LIMIT 1";

/// Every condition of the query.
fn conditions(
    connection: &Connection,
    query: &HistoryQuery,
) -> Result<Vec<Vec<Stream>>, StoreTrouble> {
    let mut conditions = Vec::new();
    let given = |text: &Option<String>| {
        text.as_ref()
            .map(|text| fold_width(text).trim().to_owned())
            .filter(|text| !text.is_empty())
    };
    if let Some(number) = given(&query.number) {
        conditions.push(number_streams(&number));
    }
    if let Some(date) = query.date {
        conditions.push(vec![Stream::new(BY_DATE, date.to_string())]);
    }
    if let Some(part) = given(&query.card) {
        let cards = cards_named(connection, &part)?;
        conditions.push(
            cards
                .into_iter()
                .map(|id| Stream::new(BY_CARD, id))
                .collect(),
        );
    }
    Ok(conditions)
}

/// Everything that can bear a number. Thousands may be grouped by commas; leading zeros do not count.
fn number_streams(number: &str) -> Vec<Stream> {
    let text: String = number.chars().filter(|c| *c != ',').collect();
    let bare = text.to_ascii_uppercase();
    let mut streams = vec![Stream::new(
        BY_TERMINAL_SLIP,
        bare.trim_start_matches('0').to_owned(),
    )];
    if text.bytes().all(|b| b.is_ascii_digit())
        && let Ok(number) = text.parse::<i64>()
    {
        streams.extend(
            [BY_SLIP, BY_TOTAL, BY_CARD_AMOUNT, BY_SEQUENCE].map(|sql| Stream::new(sql, number)),
        );
    }
    streams
}

/// Cards with this in a name of theirs or of their class, however wide or large it is written. There are few cards.
fn cards_named(connection: &Connection, part: &str) -> Result<Vec<i64>, StoreTrouble> {
    let plain = |text: &str| text.nfkc().flat_map(char::to_lowercase).collect::<String>();
    let part = plain(part);
    let mut statement =
        connection.prepare_cached("SELECT id, name_ja, name_en, class_ja, class_en FROM card")?;
    let mut rows = statement.query([])?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next()? {
        for column in 1..=4 {
            let name = row
                .get_ref(column)?
                .as_str()
                .map_err(rusqlite::Error::from)?;
            if plain(name).contains(&part) {
                ids.push(row.get(0)?);
                break;
            }
        }
    }
    Ok(ids)
}

macro_rules! sales {
    ($which:literal) => {
        concat!(
            "SELECT sale.recorded_at_ms, sale.offset_minutes, sale.business_date, sale.kind, sale.total,
                 sale.cat IS NOT NULL OR sale.hand_model IS NOT NULL,
                 sale.sequence_number, settlement.state, settlement.terminal_slip_number,
                 tender.link, card.name_ja, card.name_en, card.class_ja, card.class_en, sale.slip_number,
                 (SELECT coalesce(sum(undo.total), 0)
                  FROM sale AS undo LEFT JOIN settlement AS outcome ON outcome.slip_number = undo.slip_number
                  WHERE undo.original_slip = sale.slip_number
                      AND (outcome.state = 'settled' OR (undo.cat IS NULL AND undo.hand_model IS NULL)))
             FROM sale
             LEFT JOIN settlement USING (slip_number)
             LEFT JOIN tender ON tender.slip_number = sale.slip_number AND tender.card_id IS NOT NULL
             LEFT JOIN card ON card.id = tender.card_id
             WHERE sale.slip_number ",
            $which
        )
    };
}

/// One sale. A sale has one card at most.
pub(super) const ROW: &str = sales!("= ? LIMIT 1");
/// Whatever they are.
pub(super) const NEWEST: &str = sales!("<= ? ORDER BY sale.slip_number DESC LIMIT ?");

fn newest(
    connection: &Connection,
    at_most: i64,
    limit: usize,
) -> Result<Vec<HistoryRow>, StoreTrouble> {
    let mut statement = connection.prepare_cached(NEWEST)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut found = statement.query((at_most, limit))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        rows.push(told(connection, row)?);
    }
    Ok(rows)
}

pub(super) fn row(connection: &Connection, slip: i64) -> Result<HistoryRow, StoreTrouble> {
    let mut statement = connection.prepare_cached(ROW)?;
    let mut rows = statement.query([slip])?;
    match rows.next()? {
        Some(row) => told(connection, row),
        None => Err(unreadable("sale", slip, "it is gone")),
    }
}

fn told(connection: &Connection, row: &Row<'_>) -> Result<HistoryRow, StoreTrouble> {
    let slip: i64 = row.get(14)?;
    let bad = |what: &str| unreadable("sale", slip, what);
    let number = SlipNumber::new(u32::try_from(slip).map_err(|_| bad("its number"))?);
    let kind = row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?;
    let state = state_of(connection, number, row.get(5)?, row.get(7)?)?;
    Ok(HistoryRow {
        slip: number,
        stamp: StampColumns::read(row, 0)?.stamp_of("sale", slip)?,
        kind: words::sale_kind_of(kind).ok_or_else(|| bad("its kind"))?,
        state,
        total: Yen::new(row.get(4)?),
        card: card(row, slip)?,
        taken_back: Yen::new(row.get(15)?),
    })
}

/// Where a sale stands: a row tells the outcome, and only a sale without one is folded.
pub(super) fn state_of(
    connection: &Connection,
    slip: SlipNumber,
    linked: bool,
    outcome: Option<String>,
) -> Result<SaleState, StoreTrouble> {
    match outcome {
        Some(word) => words::final_state_of(&word)
            .ok_or_else(|| unreadable("settlement", i64::from(slip.get()), "its state")),
        None if !linked => Ok(SaleState::Settled),
        None => read::record(connection, slip)?
            .map(|record| record.state)
            .ok_or_else(|| unreadable("sale", i64::from(slip.get()), "it has no entries")),
    }
}

fn card(row: &Row<'_>, slip: i64) -> Result<Option<HistoryCard>, StoreTrouble> {
    let Some(link) = row.get::<_, Option<String>>(9)? else {
        return Ok(None);
    };
    let bad = |what: &str| unreadable("tender", slip, what);
    let terminal_slip: Option<String> = row.get(8)?;
    Ok(Some(HistoryCard {
        name: Bilingual {
            ja: row.get(10)?,
            en: row.get(11)?,
        },
        class_name: Bilingual {
            ja: row.get(12)?,
            en: row.get(13)?,
        },
        link: words::link_of(&link).ok_or_else(|| bad("its link"))?,
        sequence_number: row.get::<_, Option<u32>>(6)?.and_then(SequenceNumber::new),
        terminal_slip: terminal_slip
            .map(|text| TerminalSlipNumber::new(&text))
            .transpose()
            .map_err(|error| bad(&error.to_string()))?,
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testbed::{
        Bed, at, books, card, declined, money, names, posted, route, sent,
    };
    use super::super::{BooksKind, testbed};
    use super::*;
    use crate::app::message::{StoreRequest, Stored};
    use crate::domain::ledger::{CatId, Entry};
    use crate::domain::record::{SaleRecord, Stamp};
    use crate::domain::tender::{LinkKind, Tender};

    /// One sale of a random book, out of few enough values that they meet.
    #[derive(Debug, Clone)]
    struct Wish {
        day: i64,
        amount: i64,
        /// Which card; cash where there is none.
        card: Option<usize>,
        part_in_cash: bool,
        /// The terminal's slip; declined where there is none.
        terminal_slip: Option<u32>,
    }

    const CARDS: [(&str, &str); 3] = [
        ("カード会社甲", "Card A"),
        ("ﾃﾞﾋﾞｯﾄ", "Debit"),
        ("交通系", "Transit Card"),
    ];

    fn wish() -> impl Strategy<Value = Wish> {
        (
            0..3_i64,
            prop::sample::select(vec![2, 5, 100, 1_000]),
            prop::option::of(0..CARDS.len()),
            any::<bool>(),
            prop::option::weighted(0.8, prop::sample::select(vec![1, 2, 5, 100, 123])),
        )
            .prop_map(|(day, amount, card, part_in_cash, terminal_slip)| Wish {
                day,
                amount,
                card,
                part_in_cash,
                terminal_slip,
            })
    }

    fn query() -> impl Strategy<Value = HistoryQuery> {
        (
            prop::option::of(0..20_u32),
            prop::option::of(prop::sample::select(vec![
                "1",
                "2",
                "5",
                "0100",
                "1,000",
                "１００",
                "123",
                "7",
                " ",
                "x1",
                "00",
            ])),
            prop::option::of(0..4_i64),
            prop::option::of(prop::sample::select(vec![
                "甲",
                "card",
                "ＣＡＲＤ",
                "デビ",
                "乙",
                "credit",
                "",
            ])),
            0..8_u16,
        )
            .prop_map(|(before, number, day, card, limit)| HistoryQuery {
                before: before.map(SlipNumber::new),
                number: number.map(str::to_owned),
                date: day.map(|day| on(day).business_date),
                card: card.map(str::to_owned),
                limit,
            })
    }

    /// Days are not in order in the books: a clock can be set back.
    fn on(day: i64) -> Stamp {
        at(day * 24 * 60)
    }

    fn write(bed: &mut Bed, wishes: &[Wish]) {
        let mut entries = Vec::new();
        for (slip, wish) in (1..).map(SlipNumber::new).zip(wishes) {
            let stamp = on(wish.day);
            let Some(chosen) = wish.card else {
                let sale = testbed::cash_sale(wish.amount);
                entries.push((stamp, Entry::Sold { slip, sale }));
                continue;
            };
            let mut paid = card(wish.amount, LinkKind::Linked);
            if let Tender::Card { name, .. } = &mut paid {
                *name = names(CARDS[chosen].0, CARDS[chosen].1);
            }
            let mut tenders = vec![paid];
            if wish.part_in_cash {
                tenders.push(money(1));
            }
            let pending = Entry::Pending {
                slip,
                sequence_number: SequenceNumber::new(slip.get()).expect("in range"),
                sale: testbed::sale(tenders),
                route: route(CatId::Cat1),
            };
            let outcome = match wish.terminal_slip {
                Some(number) => posted(slip, &format!("{number:05}")),
                None => declined(slip),
            };
            entries.extend([pending, sent(slip), outcome].map(|entry| (stamp, entry)));
        }
        bed.store.append_many(entries).expect("follows the rules");
    }

    /// The same question, answered by looking at every sale.
    fn matches(record: &SaleRecord, query: &HistoryQuery) -> bool {
        let paid = record.sale.card();
        let number = query
            .number
            .as_deref()
            .map(|text| fold_width(text).replace(',', ""));
        let number = number
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        let by_number = number.is_none_or(|text| {
            let zeros = |text: &str| text.trim_start_matches('0').to_owned();
            let slip = record.terminal.slip_number.as_ref();
            let by_terminal = slip.is_some_and(|slip| zeros(slip.as_str()) == zeros(text));
            by_terminal
                || text.parse::<i64>().is_ok_and(|number| {
                    i64::from(record.slip.get()) == number
                        || record.total().get() == number
                        || paid.is_some_and(|paid| paid.amount().get() == number)
                        || record
                            .sequence_number
                            .is_some_and(|n| i64::from(n.get()) == number)
                })
        });
        let plain = |text: &str| text.nfkc().collect::<String>().to_lowercase();
        let part = query
            .card
            .as_deref()
            .map(plain)
            .filter(|part| !part.trim().is_empty());
        let by_card = part.is_none_or(|part| match paid {
            Some(Tender::Card {
                name,
                card_class_name: class,
                ..
            }) => [&name.ja, &name.en, &class.ja, &class.en]
                .into_iter()
                .any(|name| plain(name).contains(&part)),
            _ => false,
        });
        by_number
            && by_card
            && query.before.is_none_or(|before| record.slip < before)
            && query
                .date
                .is_none_or(|date| record.stamp.business_date == date)
    }

    fn ask(bed: &mut Bed, query: HistoryQuery) -> HistoryPage {
        match bed.ask(StoreRequest::History(query)) {
            Ok(Stored::History(page)) => page,
            other => panic!("not a page: {other:?}"),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

        #[test]
        fn a_page_is_what_looking_at_every_sale_finds(
            wishes in prop::collection::vec(wish(), 0..24),
            queries in prop::collection::vec(query(), 12),
        ) {
            let mut bed = books(BooksKind::Live);
            write(&mut bed, &wishes);
            let mut sales = Vec::new();
            for slip in (1..).take(wishes.len()).map(SlipNumber::new) {
                sales.insert(0, bed.find(slip).expect("there"));
            }
            for query in queries {
                let page = ask(&mut bed, query.clone());
                let all: Vec<&SaleRecord> =
                    sales.iter().filter(|sale| matches(sale, &query)).collect();
                let limit = usize::from(query.limit);
                prop_assert_eq!(page.more, all.len() > limit, "{:?}", &query);
                prop_assert_eq!(page.rows.len(), all.len().min(limit), "{:?}", &query);
                for (row, sale) in page.rows.iter().zip(all) {
                    prop_assert_eq!(row, &expected(sale));
                }
            }
        }
    }

    fn expected(sale: &SaleRecord) -> HistoryRow {
        HistoryRow {
            slip: sale.slip,
            stamp: sale.stamp,
            kind: sale.sale.kind,
            state: sale.state,
            total: sale.total(),
            card: sale.sale.card().and_then(|paid| match paid {
                Tender::Cash { .. } => None,
                Tender::Card {
                    name,
                    card_class_name,
                    link,
                    ..
                } => Some(HistoryCard {
                    name: name.clone(),
                    class_name: card_class_name.clone(),
                    link: *link,
                    sequence_number: sale.sequence_number,
                    terminal_slip: sale.terminal.slip_number.clone(),
                }),
            }),
            taken_back: Yen::ZERO,
        }
    }

    #[test]
    fn pages_follow_one_another_without_a_gap() {
        let mut bed = books(BooksKind::Live);
        for amount in 1..=25 {
            bed.sell(testbed::cash_sale(amount)).expect("booked");
        }
        let (mut before, mut slips) = (None, Vec::new());
        loop {
            let page = ask(
                &mut bed,
                HistoryQuery {
                    before,
                    limit: 10,
                    ..HistoryQuery::default()
                },
            );
            slips.extend(page.rows.iter().map(|row| row.slip.get()));
            before = page.rows.last().map(|row| row.slip);
            if !page.more {
                break;
            }
        }
        assert_eq!(slips, (1..=25).rev().collect::<Vec<u32>>());
    }

    #[test]
    fn an_open_sale_shows_where_it_stands() {
        let mut bed = books(BooksKind::Live);
        let (slip, _) = bed
            .pend(testbed::card_sale(9), CatId::Cat1)
            .expect("written");
        let state = |bed: &mut Bed| {
            let limit = 1;
            let query = HistoryQuery {
                limit,
                ..HistoryQuery::default()
            };
            ask(bed, query).rows[0].state
        };
        assert_eq!(state(&mut bed), SaleState::Pending);
        bed.write(sent(slip)).expect("follows");
        assert_eq!(state(&mut bed), SaleState::Sent);
        bed.write(declined(slip)).expect("follows");
        assert_eq!(state(&mut bed), SaleState::Declined);
    }
}
