//! The replay: entry by entry in order, the rows beside them in step.

use std::collections::{BTreeMap, btree_map};
use std::fmt::Debug;

use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, Rows};

use super::super::chain::{self, Hash};
use super::super::outcome::Outcome;
use super::super::rules::{AsOf, two_people};
use super::super::tasks::{self, Origin};
use super::super::{BooksKind, words};
use super::kept::{Kept, Moved, broken};
use super::{ENTRIES, Report, Stop, link, problem, unreadable};
use crate::domain::by_hand::{Place, Side};
use crate::domain::ledger::{CatId, Entry, Route, SaleState};
use crate::domain::money::Yen;
use crate::domain::sale::{SaleDraft, SaleKind};
use crate::domain::slip::{SequenceNumber, SlipNumber};
use crate::domain::tender::Tender;

/// What is remembered between entries: never more than the open sales and the cards.
pub(super) struct Replay {
    kind: BooksKind,
    previous: Hash,
    entries: i64,
    sales: u64,
    settlements: u64,
    newest: Option<SlipNumber>,
    open: BTreeMap<SlipNumber, OpenSale>,
    cards: BTreeMap<i64, CardRow>,
    kept: Kept,
    /// A slip that was opened to be booked in the same commit.
    to_be_booked: Option<SlipNumber>,
}

struct OpenSale {
    state: SaleState,
    /// The terminal that waits for its outcome; none of work by hand.
    cat: Option<CatId>,
    origin: Origin,
    moved: Option<Moved>,
}

#[derive(Debug, PartialEq, Eq)]
struct CardRow {
    code: String,
    name_ja: String,
    name_en: String,
    class_code: i64,
    class_ja: String,
    class_en: String,
}

/// The tables beside the entries, each read in its own order as the entries go by.
struct Beside<'a> {
    connection: &'a Connection,
    sales: Rows<'a>,
    tenders: Rows<'a>,
    outcome: CachedStatement<'a>,
    card: CachedStatement<'a>,
}

/// A sale as its first entry tells it.
struct Told<'a> {
    entry_id: i64,
    slip: SlipNumber,
    sale: &'a SaleDraft,
    route: Option<(SequenceNumber, &'a Route)>,
    place: Option<&'a Place>,
}

impl Replay {
    pub(super) fn new(kind: BooksKind) -> Replay {
        Replay {
            kind,
            previous: chain::genesis(kind),
            entries: 0,
            sales: 0,
            settlements: 0,
            newest: None,
            open: BTreeMap::new(),
            cards: BTreeMap::new(),
            kept: Kept::default(),
            to_be_booked: None,
        }
    }

    /// What was found to hold so far.
    pub(super) fn report(&self) -> Report {
        Report {
            kind: self.kind,
            entries: self.entries.unsigned_abs(),
            sales: self.sales,
            settlements: self.settlements,
            unresolved: self.open.len() as u64,
            head: chain::hex(&self.previous),
            problem: None,
        }
    }

    pub(super) fn run(&mut self, connection: &Connection) -> Result<(), Stop> {
        let mut entries = connection.prepare_cached(&format!("{ENTRIES} ORDER BY id"))?;
        let mut sales = connection.prepare_cached(SALES)?;
        let mut tenders = connection.prepare_cached(TENDERS)?;
        self.kept = Kept::of(connection)?;
        let mut beside = Beside {
            connection,
            sales: sales.query([])?,
            tenders: tenders.query([])?,
            outcome: connection.prepare_cached(OUTCOME)?,
            card: connection.prepare_cached(CARD)?,
        };
        let mut rows = entries.query([])?;
        while let Some(row) = rows.next()? {
            let id = self.entries + 1;
            self.previous = link(row, id, Some(&self.previous))?;
            self.entry(id, row, &mut beside)?;
            self.entries = id;
        }
        nothing_left("sale", &mut beside.sales)?;
        nothing_left("tender", &mut beside.tenders)?;
        self.kept.nothing_left(connection)?;
        let outcomes: i64 = connection
            .prepare_cached("SELECT count(*) FROM settlement")?
            .query_row([], |row| row.get(0))?;
        if outcomes.unsigned_abs() != self.settlements {
            first_stray(connection, "settlement", STRAY_OUTCOME)?;
        }
        first_stray(connection, "card", STRAY_CARD)
    }

    fn entry(&mut self, id: i64, row: &Row<'_>, beside: &mut Beside<'_>) -> Result<(), Stop> {
        let bad = unreadable("entry", id);
        let body = row.get_ref(6)?.as_str().map_err(&bad)?;
        let entry: Entry = match serde_json::from_str(body) {
            Ok(entry) => entry,
            Err(error) => return problem("entry", id, format!("its body cannot be read: {error}")),
        };
        let kind = row.get_ref(4)?.as_str().map_err(&bad)?;
        same("entry", id, "kind", kind, entry.word())?;
        let slip = row.get_ref(5)?.as_i64_or_null().map_err(&bad)?;
        let told_slip = entry.slip().map(|slip| i64::from(slip.get()));
        same("entry", id, "slip_number", slip, told_slip)?;
        if let Some(due) = self.to_be_booked.take()
            && !matches!(entry, Entry::Booked { slip, .. } if slip == due)
        {
            return problem("entry", id, "the slip before it was to be booked first");
        }
        if let Err(trouble) = two_people(&entry) {
            return broken(id, trouble);
        }
        match &entry {
            Entry::Audit { .. } => Ok(()),
            Entry::TerminalDayClosed { cat, .. } => {
                self.kept.day_closed(beside.connection, id, *cat)
            }
            Entry::TerminalSeen { cat, .. } => self.kept.terminal_seen(beside.connection, id, *cat),
            Entry::Sold { slip, sale } => {
                let told = Told::new(id, *slip, sale);
                self.opening(&told, &entry, row, beside)
            }
            Entry::Pending {
                slip,
                sequence_number,
                sale,
                route,
            } => {
                if self.open.values().any(|sale| sale.cat == Some(route.cat)) {
                    return problem(
                        "entry",
                        id,
                        "an open sale on the same terminal is before it",
                    );
                }
                let told = Told {
                    route: Some((*sequence_number, route)),
                    ..Told::new(id, *slip, sale)
                };
                self.opening(&told, &entry, row, beside)
            }
            Entry::ByHand {
                slip,
                sale,
                place,
                first,
                ..
            } => {
                let told = Told {
                    place: Some(place),
                    ..Told::new(id, *slip, sale)
                };
                self.opening(&told, &entry, row, beside)?;
                self.to_be_booked = (*first == Side::Counter).then_some(*slip);
                Ok(())
            }
            Entry::Sent { slip, .. }
            | Entry::OutcomeUnknown { slip, .. }
            | Entry::Posted { slip, .. }
            | Entry::Released { slip, .. }
            | Entry::Parked { slip, .. }
            | Entry::Shown { slip }
            | Entry::Reissued { slip, .. }
            | Entry::Step { slip, .. }
            | Entry::Booked { slip, .. }
            | Entry::Explained { slip, .. }
            | Entry::Reflection { slip, .. }
            | Entry::Printed { slip, .. } => self.following(id, *slip, &entry, beside),
        }
    }

    fn opening(
        &mut self,
        told: &Told<'_>,
        entry: &Entry,
        row: &Row<'_>,
        beside: &mut Beside<'_>,
    ) -> Result<(), Stop> {
        let next = match self.newest {
            None => Some(SlipNumber::first(self.kind.is_practice())),
            Some(newest) => newest.next(),
        };
        if next != Some(told.slip) {
            return problem(
                "entry",
                told.entry_id,
                "its slip number is not the next one",
            );
        }
        if told.sale.practice != self.kind.is_practice() {
            return problem("entry", told.entry_id, "its sale is of the other books");
        }
        let total = self.sale(told, row, &mut beside.sales)?;
        let mut moved = None;
        for (ordinal, tender) in (1_i64..).zip(&told.sale.tenders) {
            let card_id = self.tender(told.slip, ordinal, tender, beside)?;
            if let (Some(card_id), Tender::Card { amount, link, .. }) = (card_id, tender) {
                let back = told.sale.kind != SaleKind::Sale;
                moved = Some(Moved {
                    card_id,
                    link: words::link(*link),
                    kind: told.sale.kind.word(),
                    amount: if back { -amount.get() } else { amount.get() },
                    date: row.get(3)?,
                    operator: told.sale.operator.code.clone(),
                });
            }
        }
        let books = AsOf {
            connection: beside.connection,
            upto: told.entry_id - 1,
        };
        if let Err(trouble) = books.check(told.sale, total) {
            return broken(told.entry_id, trouble);
        }
        self.kept.billed(beside.connection, told.slip, told.sale)?;
        self.newest = Some(told.slip);
        self.sales += 1;
        let origin = Origin::of(told.slip, told.sale, told.place.is_some());
        let state = match (told.route, told.place) {
            (Some(_), _) => Some(SaleState::Pending),
            (None, Some(_)) => Some(SaleState::ByHand),
            (None, None) => None,
        };
        if let Some(state) = state {
            let open = OpenSale {
                state,
                cat: told.route.map(|(_, route)| route.cat),
                origin,
                moved,
            };
            self.open.insert(told.slip, open);
        } else if let Some(moved) = moved {
            self.kept.moved(beside.connection, told.slip, moved, None)?;
        }
        self.kept
            .tasks(beside.connection, told.entry_id, entry, Some(&origin))
    }

    fn sale(&self, told: &Told<'_>, entry: &Row<'_>, sales: &mut Rows<'_>) -> Result<Yen, Stop> {
        let Told {
            entry_id,
            slip,
            sale,
            route,
            place,
        } = told;
        let slip = i64::from(slip.get());
        let Ok(total) = sale.checked_total() else {
            return problem("entry", *entry_id, "its sale does not add up");
        };
        let row = match sales.next()? {
            Some(row) if row.get::<_, i64>(0)? == slip => row,
            Some(row) if row.get::<_, i64>(0)? < slip => return stray("sale", row.get(0)?),
            _ => return problem("sale", slip, "it is missing"),
        };
        let bad = unreadable("sale", slip);
        let (of_entry, bad_entry) = (entry, unreadable("entry", *entry_id));
        let number = |column: usize, name, told: Option<i64>| -> Result<(), Stop> {
            let found = row.get_ref(column)?.as_i64_or_null().map_err(&bad)?;
            same("sale", slip, name, found, told)
        };
        let text = |column: usize, name, told: Option<&str>| -> Result<(), Stop> {
            let found = row.get_ref(column)?.as_str_or_null().map_err(&bad)?;
            same("sale", slip, name, found, told)
        };
        let kept = |column: usize| -> Result<Option<i64>, Stop> {
            of_entry
                .get_ref(column)?
                .as_i64_or_null()
                .map_err(&bad_entry)
        };
        number(1, "entry_id", Some(*entry_id))?;
        number(2, "recorded_at_ms", kept(1)?)?;
        number(3, "offset_minutes", kept(2)?)?;
        let date = of_entry.get_ref(3)?.as_str_or_null().map_err(&bad_entry)?;
        text(4, "business_date", date)?;
        text(5, "kind", Some(sale.kind.word()))?;
        number(6, "total", Some(total.get()))?;
        let slip_of = |slip: Option<SlipNumber>| slip.map(|slip| i64::from(slip.get()));
        number(7, "order_number", slip_of(sale.order))?;
        number(8, "original_slip", slip_of(sale.original))?;
        text(9, "operator_code", Some(&sale.operator.code))?;
        text(10, "terminal_code", Some(&sale.terminal_code))?;
        number(11, "practice", Some(i64::from(sale.practice)))?;
        text(12, "cat", route.map(|(_, route)| words::cat(route.cat)))?;
        text(13, "model", route.map(|(_, route)| route.model.as_str()))?;
        number(
            14,
            "sequence_number",
            route.map(|(n, _)| i64::from(n.get())),
        )?;
        text(15, "hand_model", place.map(|place| place.model.as_str()))?;
        text(16, "hand_cat", place.and_then(|p| p.cat).map(words::cat))?;
        number(17, "part", Some(i64::from(sale.part)))?;
        number(18, "replaces", slip_of(sale.replaces))?;
        Ok(total)
    }

    fn tender(
        &mut self,
        slip: SlipNumber,
        ordinal: i64,
        told: &Tender,
        beside: &mut Beside<'_>,
    ) -> Result<Option<i64>, Stop> {
        let slip = i64::from(slip.get());
        let row = match beside.tenders.next()? {
            None => return problem("tender", slip, format!("tender {ordinal} is missing")),
            Some(row) => row,
        };
        let found: (i64, i64) = (row.get(0)?, row.get(1)?);
        if found < (slip, ordinal) {
            return stray("tender", found.0);
        }
        if found != (slip, ordinal) {
            return problem("tender", slip, format!("tender {ordinal} is missing"));
        }
        let bad = unreadable("tender", slip);
        let kind = row.get_ref(2)?.as_str().map_err(&bad)?;
        let amount = row.get_ref(3)?.as_i64().map_err(&bad)?;
        let received = row.get_ref(4)?.as_i64_or_null().map_err(&bad)?;
        let card_id = row.get_ref(5)?.as_i64_or_null().map_err(&bad)?;
        let found_link = row.get_ref(6)?.as_str_or_null().map_err(&bad)?;
        same("tender", slip, "amount", amount, told.amount().get())?;
        let (told_kind, told_received, told_link) = match told {
            Tender::Cash { received, .. } => ("cash", Some(received.get()), None),
            Tender::Card { link, .. } => ("card", None, Some(words::link(*link))),
        };
        same("tender", slip, "kind", kind, told_kind)?;
        same("tender", slip, "received", received, told_received)?;
        same("tender", slip, "link", found_link, told_link)?;
        let told_card = CardRow::told(told);
        match (card_id, &told_card) {
            (None, None) => {}
            (Some(id), Some(told)) => {
                let card = match self.cards.entry(id) {
                    btree_map::Entry::Occupied(known) => known.into_mut(),
                    btree_map::Entry::Vacant(room) => {
                        let card = beside.card.query_row([id], CardRow::read).optional()?;
                        let Some(card) = card else {
                            return problem("card", id, "it is missing");
                        };
                        room.insert(card)
                    }
                };
                same("card", id, "it", &*card, told)?;
            }
            _ => same(
                "tender",
                slip,
                "card_id",
                card_id.is_some(),
                told_card.is_some(),
            )?,
        }
        Ok(card_id)
    }

    fn following(
        &mut self,
        id: i64,
        slip: SlipNumber,
        entry: &Entry,
        beside: &mut Beside<'_>,
    ) -> Result<(), Stop> {
        let exists = slip >= SlipNumber::first(self.kind.is_practice())
            && self.newest.is_some_and(|newest| slip <= newest);
        let open = self.open.get_mut(&slip);
        // Slips have no gaps, so one that is not open and not to come has an outcome; after that it makes no difference which.
        let before = match &open {
            Some(sale) => Some(sale.state),
            None => exists.then_some(SaleState::Settled),
        };
        let after = match SaleState::after(before, entry) {
            Ok(Some(after)) => after,
            Ok(None) => return problem("entry", id, "it follows no sale"),
            Err(illegal) => return problem("entry", id, illegal.to_string()),
        };
        let origin = match &open {
            Some(sale) => {
                let mut origin = sale.origin;
                origin.hand |= self.kept.has_hand(slip);
                Some(origin)
            }
            None if matches!(
                entry,
                Entry::Step { .. } | Entry::Explained { .. } | Entry::Reflection { .. }
            ) =>
            {
                match tasks::origin(beside.connection, slip) {
                    Ok(origin) => origin,
                    Err(trouble) => return broken(id, trouble),
                }
            }
            None => None,
        };
        match open {
            Some(sale) if after.is_final() => {
                outcome(id, slip, entry, after, &mut beside.outcome)?;
                if let Some(moved) = sale.moved.take().filter(|_| after == SaleState::Settled) {
                    let used = Outcome::of(entry).card_class_used;
                    self.kept.moved(beside.connection, slip, moved, used)?;
                }
                self.open.remove(&slip);
                self.settlements += 1;
            }
            Some(sale) => sale.state = after,
            None => {}
        }
        if matches!(entry, Entry::Booked { .. }) {
            self.kept.booked(beside.connection, id, slip)?;
        }
        self.kept
            .tasks(beside.connection, id, entry, origin.as_ref())
    }
}

impl<'a> Told<'a> {
    fn new(entry_id: i64, slip: SlipNumber, sale: &'a SaleDraft) -> Told<'a> {
        Told {
            entry_id,
            slip,
            sale,
            route: None,
            place: None,
        }
    }
}

fn outcome(
    entry_id: i64,
    slip: SlipNumber,
    entry: &Entry,
    state: SaleState,
    statement: &mut rusqlite::Statement<'_>,
) -> Result<(), Stop> {
    let slip = i64::from(slip.get());
    let told = Outcome::of(entry);
    let mut rows = statement.query([slip])?;
    let Some(row) = rows.next()? else {
        return problem("settlement", slip, "it is missing");
    };
    let bad = unreadable("settlement", slip);
    let text = |column: usize| -> Result<Option<&str>, Stop> {
        row.get_ref(column)?.as_str_or_null().map_err(&bad)
    };
    let number = |column: usize| -> Result<Option<i64>, Stop> {
        row.get_ref(column)?.as_i64_or_null().map_err(&bad)
    };
    same("settlement", slip, "entry_id", number(0)?, Some(entry_id))?;
    same("settlement", slip, "state", text(1)?, Some(state.word()))?;
    let told_slip = told.terminal_slip.as_deref();
    same(
        "settlement",
        slip,
        "terminal_slip_number",
        text(2)?,
        told_slip,
    )?;
    let told_code = told.approval_code.as_deref();
    same("settlement", slip, "approval_code", text(3)?, told_code)?;
    let told_class = told.card_class_used.map(i64::from);
    same(
        "settlement",
        slip,
        "card_class_used",
        number(4)?,
        told_class,
    )
}

impl CardRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<CardRow> {
        Ok(CardRow {
            code: row.get(0)?,
            name_ja: row.get(1)?,
            name_en: row.get(2)?,
            class_code: row.get(3)?,
            class_ja: row.get(4)?,
            class_en: row.get(5)?,
        })
    }

    fn told(tender: &Tender) -> Option<CardRow> {
        let Tender::Card {
            card,
            name,
            card_class,
            card_class_name,
            ..
        } = tender
        else {
            return None;
        };
        Some(CardRow {
            code: card.clone(),
            name_ja: name.ja.clone(),
            name_en: name.en.clone(),
            class_code: i64::from(card_class.0),
            class_ja: card_class_name.ja.clone(),
            class_en: card_class_name.en.clone(),
        })
    }
}

fn same<T: PartialEq + Debug>(
    table: &'static str,
    row: i64,
    column: &str,
    found: T,
    told: T,
) -> Result<(), Stop> {
    if found == told {
        return Ok(());
    }
    problem(
        table,
        row,
        format!("{column} is {found:?}, the entries say {told:?}"),
    )
}

fn stray<T>(table: &'static str, row: i64) -> Result<T, Stop> {
    problem(table, row, "no entry tells of it")
}

fn nothing_left(table: &'static str, rows: &mut Rows<'_>) -> Result<(), Stop> {
    match rows.next()? {
        Some(row) => stray(table, row.get(0)?),
        None => Ok(()),
    }
}

fn first_stray(connection: &Connection, table: &'static str, sql: &str) -> Result<(), Stop> {
    let row = connection
        .prepare_cached(sql)?
        .query_row([], |row| row.get(0))
        .optional()?;
    row.map_or(Ok(()), |row| stray(table, row))
}

const SALES: &str = "
    SELECT slip_number, entry_id, recorded_at_ms, offset_minutes, business_date, kind, total, order_number, original_slip,
           operator_code, terminal_code, practice, cat, model, sequence_number,
           hand_model, hand_cat, part, replaces
    FROM sale ORDER BY slip_number";
const TENDERS: &str = "
    SELECT slip_number, ordinal, kind, amount, received, card_id, link FROM tender ORDER BY slip_number, ordinal";
const OUTCOME: &str = "
    SELECT entry_id, state, terminal_slip_number, approval_code, card_class_used FROM settlement WHERE slip_number = ?";
const CARD: &str = "
    SELECT code, name_ja, name_en, class_code, class_ja, class_en FROM card WHERE id = ?";
const STRAY_OUTCOME: &str = "
    SELECT slip_number FROM settlement WHERE NOT EXISTS (
        SELECT 1 FROM entry WHERE id = settlement.entry_id AND slip_number = settlement.slip_number
            AND kind IN ('posted', 'released')) LIMIT 1";
const STRAY_CARD: &str = "
    SELECT id FROM card WHERE NOT EXISTS (SELECT 1 FROM tender WHERE card_id = card.id) LIMIT 1";
