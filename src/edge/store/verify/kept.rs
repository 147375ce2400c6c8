//! What the books keep beside sales, held against the entries: bookings, days of terminals, tasks, and what moved on cards.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension};

use super::super::rules::AsOf;
use super::super::tasks::{self, Origin, Touched};
use super::super::words;
use super::{Stop, problem, unreadable};
use crate::app::message::StoreTrouble;
use crate::domain::ledger::{CatId, Entry};
use crate::domain::sale::SaleDraft;
use crate::domain::slip::SlipNumber;
use crate::domain::task::TaskKind;

/// What is remembered of them between entries: open tasks and the groups of the card report, few of both.
#[derive(Default)]
pub(super) struct Kept {
    bookings: u64,
    days: u64,
    bills: u64,
    seen: u64,
    tasks: i64,
    closed: u64,
    open: BTreeMap<(SlipNumber, TaskKind), i64>,
    movements: u64,
    groups: BTreeMap<Group, i64>,
    groups_used: BTreeSet<i64>,
}

type Group = (i64, Option<i64>, String, String);

/// What a sale moves on its card once it is settled.
#[derive(Debug, Clone)]
pub(super) struct Moved {
    pub(super) card_id: i64,
    pub(super) link: &'static str,
    pub(super) kind: &'static str,
    /// Signed.
    pub(super) amount: i64,
    pub(super) date: String,
    pub(super) operator: String,
}

/// A rule that an entry breaks, or a row that cannot be read.
pub(super) fn broken<T>(entry_id: i64, trouble: StoreTrouble) -> Result<T, Stop> {
    let what = match trouble {
        StoreTrouble::Refused(why) | StoreTrouble::Disk(why) => why,
        other => format!("{other:?}"),
    };
    problem("entry", entry_id, what)
}

impl Kept {
    pub(super) fn of(connection: &Connection) -> Result<Kept, Stop> {
        let mut kept = Kept::default();
        let mut statement = connection.prepare_cached(
            "SELECT id, card_id, class_used, link, kind FROM movement_group ORDER BY id",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let id = row.get(0)?;
            let group = (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
            if kept.groups.insert(group, id).is_some() {
                return problem("movement_group", id, "it is there twice");
            }
        }
        Ok(kept)
    }

    pub(super) fn has_hand(&self, slip: SlipNumber) -> bool {
        self.open.contains_key(&(slip, TaskKind::Hand))
    }

    pub(super) fn booked(
        &mut self,
        connection: &Connection,
        id: i64,
        slip: SlipNumber,
    ) -> Result<(), Stop> {
        self.bookings += 1;
        let found: Option<i64> = connection
            .prepare_cached("SELECT entry_id FROM booking WHERE slip_number = ?")?
            .query_row([slip.get()], |row| row.get(0))
            .optional()?;
        if found != Some(id) {
            return problem("booking", i64::from(slip.get()), said(found, id));
        }
        Ok(())
    }

    pub(super) fn day_closed(
        &mut self,
        connection: &Connection,
        id: i64,
        cat: CatId,
    ) -> Result<(), Stop> {
        self.days += 1;
        at_terminal(connection, "terminal_day", id, cat)
    }

    pub(super) fn terminal_seen(
        &mut self,
        connection: &Connection,
        id: i64,
        cat: CatId,
    ) -> Result<(), Stop> {
        self.seen += 1;
        at_terminal(connection, "terminal_seen", id, cat)
    }

    pub(super) fn moved(
        &mut self,
        connection: &Connection,
        slip: SlipNumber,
        moved: Moved,
        class_used: Option<u8>,
    ) -> Result<(), Stop> {
        self.movements += 1;
        let row = i64::from(slip.get());
        let Moved {
            card_id,
            link,
            kind,
            amount,
            date,
            operator,
        } = moved;
        let used = class_used.map(i64::from);
        let group = (card_id, used, link.to_owned(), kind.to_owned());
        let Some(group) = self.groups.get(&group) else {
            return problem("movement", row, "its group is missing");
        };
        self.groups_used.insert(*group);
        let found: Option<(i64, String)> = connection
            .prepare_cached(
                "SELECT amount, operator_code FROM movement WHERE group_id = ? AND business_date = ? AND slip_number = ?",
            )?
            .query_row((group, date, row), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let told = (amount, operator);
        if found.as_ref() != Some(&told) {
            return problem("movement", row, said(found, told));
        }
        Ok(())
    }

    pub(super) fn billed(
        &mut self,
        connection: &Connection,
        slip: SlipNumber,
        sale: &SaleDraft,
    ) -> Result<(), Stop> {
        let Some(billed) = &sale.bill else {
            return Ok(());
        };
        self.bills += 1;
        let told = words::bill(sale, billed);
        let mut statement = connection
            .prepare_cached("SELECT patient, code, postings FROM bill WHERE slip_number = ?")?;
        let mut rows = statement.query([slip.get()])?;
        let row = i64::from(slip.get());
        let Some(found) = rows.next()? else {
            return problem("bill", row, "it is missing");
        };
        let bad = unreadable("bill", row);
        let found = words::BillRow {
            patient: found.get_ref(0)?.as_str_or_null().map_err(&bad)?,
            code: found.get_ref(1)?.as_str_or_null().map_err(&bad)?,
            postings: found.get_ref(2)?.as_i64().map_err(&bad)?,
        };
        if found != told {
            return problem("bill", row, said(Some(found.postings), told.postings));
        }
        Ok(())
    }

    /// The tasks that an entry opens and closes.
    pub(super) fn tasks(
        &mut self,
        connection: &Connection,
        id: i64,
        entry: &Entry,
        origin: Option<&Origin>,
    ) -> Result<(), Stop> {
        let books = AsOf {
            connection,
            upto: id,
        };
        let touched = match tasks::touched(&books, entry, origin) {
            Ok(touched) => touched,
            Err(trouble) => return broken(id, trouble),
        };
        for Touched { kind, slip, open } in touched {
            match (self.open.contains_key(&(slip, kind)), open) {
                (false, true) => self.opens(connection, id, kind, slip)?,
                (true, false) => self.closes(connection, id, kind, slip)?,
                (false, false) if matches!(entry, Entry::Explained { .. }) => {
                    return problem("entry", id, "it explains a task that is not open");
                }
                (false, false) | (true, true) => {}
            }
        }
        Ok(())
    }

    fn opens(
        &mut self,
        connection: &Connection,
        id: i64,
        kind: TaskKind,
        slip: SlipNumber,
    ) -> Result<(), Stop> {
        self.tasks += 1;
        let found: Option<(String, u32, i64)> = connection
            .prepare_cached("SELECT kind, slip_number, entry_id FROM task WHERE id = ?")?
            .query_row([self.tasks], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        if found != Some((kind.word().to_owned(), slip.get(), id)) {
            return problem(
                "task",
                self.tasks,
                said(found, (kind.word(), slip.get(), id)),
            );
        }
        self.open.insert((slip, kind), self.tasks);
        Ok(())
    }

    fn closes(
        &mut self,
        connection: &Connection,
        id: i64,
        kind: TaskKind,
        slip: SlipNumber,
    ) -> Result<(), Stop> {
        let Some(task) = self.open.remove(&(slip, kind)) else {
            return Ok(());
        };
        self.closed += 1;
        let oldest = self.open.values().min().copied().unwrap_or(self.tasks + 1);
        let found: Option<(i64, i64)> = connection
            .prepare_cached("SELECT entry_id, oldest_open FROM task_closed WHERE task_id = ?")?
            .query_row([task], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if found != Some((id, oldest)) {
            return problem("task_closed", task, said(found, (id, oldest)));
        }
        Ok(())
    }

    /// No table holds more rows than the entries told.
    pub(super) fn nothing_left(&self, connection: &Connection) -> Result<(), Stop> {
        for (table, told) in [
            ("booking", self.bookings),
            ("bill", self.bills),
            ("terminal_day", self.days),
            ("terminal_seen", self.seen),
            ("task", self.tasks.unsigned_abs()),
            ("task_closed", self.closed),
            ("movement", self.movements),
            ("movement_group", self.groups_used.len() as u64),
        ] {
            let found: i64 = connection
                .prepare_cached(&format!("SELECT count(*) FROM {table}"))?
                .query_row([], |row| row.get(0))?;
            if found.unsigned_abs() != told {
                return problem(
                    table,
                    0,
                    format!("it has {found} rows, the entries tell {told}"),
                );
            }
        }
        Ok(())
    }
}

fn said<T: std::fmt::Debug>(found: Option<impl std::fmt::Debug>, told: T) -> String {
    match found {
        None => "it is missing".to_owned(),
        Some(found) => format!("it says {found:?}, the entries say {told:?}"),
    }
}

/// A row that says nothing but at which port an entry was told.
fn at_terminal(
    connection: &Connection,
    table: &'static str,
    id: i64,
    cat: CatId,
) -> Result<(), Stop> {
    let there = connection
        .prepare_cached(&format!(
            "SELECT 1 FROM {table} WHERE cat = ? AND entry_id = ?"
        ))?
        .exists((words::cat(cat), id))?;
    if !there {
        return problem(table, id, "it is missing");
    }
    Ok(())
}
