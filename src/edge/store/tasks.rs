//! What is not finished: which tasks an entry opens and closes, and what is open now.

use rusqlite::{Connection, OptionalExtension, params};

use super::read;
use super::rules::AsOf;
use super::trouble::{refused, unreadable};
use crate::app::message::StoreTrouble;
use crate::domain::ledger::Entry;
use crate::domain::reflection::postings;
use crate::domain::sale::{SaleDraft, SaleKind};
use crate::domain::slip::SlipNumber;
use crate::domain::task::{Task, TaskKind};

/// What of a slip decides which tasks its entries bear on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) kind: SaleKind,
    /// The first slip of the checkout.
    pub(super) order: SlipNumber,
    pub(super) original: Option<SlipNumber>,
    pub(super) part: bool,
    pub(super) replaces: Option<SlipNumber>,
    /// Work by hand hangs on it.
    pub(super) hand: bool,
    /// The receipt computer is to be told of it.
    pub(super) billed: bool,
}

impl Origin {
    pub(super) fn of(slip: SlipNumber, sale: &SaleDraft, hand: bool) -> Origin {
        Origin {
            kind: sale.kind,
            order: sale.order.unwrap_or(slip),
            original: sale.original,
            part: sale.part,
            replaces: sale.replaces,
            hand,
            billed: !postings(sale).is_empty(),
        }
    }
}

/// A task that an entry bears on, and whether it is open after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Touched {
    pub(super) kind: TaskKind,
    pub(super) slip: SlipNumber,
    pub(super) open: bool,
}

/// False for the entries that never open or close a task: their slip need not be looked at.
pub(super) const fn bears_on_tasks(entry: &Entry) -> bool {
    matches!(
        entry,
        Entry::Posted { .. }
            | Entry::Released { .. }
            | Entry::Step { .. }
            | Entry::Booked { .. }
            | Entry::Explained { .. }
            | Entry::Reflection { .. }
    )
}

/// The tasks that the newest entry of `books` bears on. `origin` is of the slip that the entry speaks of.
pub(super) fn touched(
    books: &AsOf<'_>,
    entry: &Entry,
    origin: Option<&Origin>,
) -> Result<Vec<Touched>, StoreTrouble> {
    let (Some(slip), Some(origin)) = (entry.slip(), origin) else {
        return Ok(Vec::new());
    };
    let mut touched = Vec::new();
    let mut touch = |kind, slip, open| touched.push(Touched { kind, slip, open });
    let hand = || -> Result<bool, StoreTrouble> {
        let record = books.record(slip)?;
        Ok(record.is_some_and(|record| record.hand_stage().is_some()))
    };
    let unreflected = || -> Result<bool, StoreTrouble> {
        Ok(books.unreflected(slip)?.is_some_and(|slip| !slip.is_done()))
    };
    match entry {
        Entry::Explained {
            task: kind @ (TaskKind::PartPaid | TaskKind::Correction),
            ..
        } => touch(*kind, slip, false),
        Entry::Reflection { .. } => touch(TaskKind::Unreflected, slip, unreflected()?),
        Entry::Explained {
            task: TaskKind::Hand,
            ..
        }
        | Entry::Step { .. }
        | Entry::ByHand { .. } => touch(TaskKind::Hand, slip, hand()?),
        Entry::Sold { .. }
        | Entry::Booked { .. }
        | Entry::Posted { .. }
        | Entry::Released { .. } => {
            if origin.hand {
                touch(TaskKind::Hand, slip, hand()?);
            }
            if let Some(undo) = origin.replaces {
                touch(TaskKind::Correction, undo, books.awaits_correction(undo)?);
            }
            let mut order = (origin.part && origin.kind == SaleKind::Sale).then_some(origin.order);
            if origin.kind != SaleKind::Sale {
                touch(TaskKind::Correction, slip, books.awaits_correction(slip)?);
                let original = match origin.original {
                    Some(original) => books.record(original)?,
                    None => None,
                };
                order = original
                    .filter(|record| super::rules::is_part(&record.sale))
                    .map(|record| super::rules::root(&record));
            }
            if let Some(order) = order {
                touch(TaskKind::PartPaid, order, books.part_paid(order)?.is_some());
            }
            if origin.billed && matches!(entry, Entry::Sold { .. } | Entry::Posted { .. }) {
                touch(TaskKind::Unreflected, slip, unreflected()?);
            }
        }
        // Refused where it stands: its postings are explained one by one.
        Entry::Explained {
            task: TaskKind::Unreflected,
            ..
        } => {}
        Entry::Pending { .. }
        | Entry::Sent { .. }
        | Entry::OutcomeUnknown { .. }
        | Entry::Parked { .. }
        | Entry::Shown { .. }
        | Entry::Reissued { .. }
        | Entry::Printed { .. }
        | Entry::TerminalDayClosed { .. }
        | Entry::TerminalSeen { .. }
        | Entry::Audit { .. } => {}
    }
    Ok(touched)
}

/// What of a slip bears on tasks, as the books keep it.
pub(super) fn origin(
    connection: &Connection,
    slip: SlipNumber,
) -> Result<Option<Origin>, StoreTrouble> {
    let mut statement = connection.prepare_cached(ORIGIN)?;
    let mut rows = statement.query([slip.get()])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let kind = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(Some(Origin {
        kind: super::words::sale_kind_of(kind)
            .ok_or_else(|| unreadable("sale", i64::from(slip.get()), "its kind"))?,
        order: SlipNumber::new(row.get(1)?),
        original: row.get::<_, Option<u32>>(2)?.map(SlipNumber::new),
        part: row.get(3)?,
        replaces: row.get::<_, Option<u32>>(4)?.map(SlipNumber::new),
        hand: row.get(5)?,
        billed: row.get(6)?,
    }))
}

/// Write what an entry does to tasks.
pub(super) fn write(
    connection: &Connection,
    entry_id: i64,
    entry: &Entry,
    origin: Option<&Origin>,
) -> Result<(), StoreTrouble> {
    let books = AsOf::now(connection);
    for Touched { kind, slip, open } in touched(&books, entry, origin)? {
        let known: Option<i64> = connection
            .prepare_cached(OPEN_TASK)?
            .query_row(params![slip.get(), kind.word()], |row| row.get(0))
            .optional()?;
        match (known, open) {
            (None, true) => {
                connection.prepare_cached(INSERT_TASK)?.execute(params![
                    kind.word(),
                    slip.get(),
                    entry_id
                ])?;
            }
            (Some(task), false) => {
                connection
                    .prepare_cached(INSERT_TASK_CLOSED)?
                    .execute(params![task, entry_id])?;
            }
            (None, false) if matches!(entry, Entry::Explained { .. }) => {
                return Err(refused(format!(
                    "there is no open task on slip {slip} to explain"
                )));
            }
            (None, false) | (Some(_), true) => {}
        }
    }
    Ok(())
}

/// Every open task, oldest first.
pub(super) fn open(connection: &Connection) -> Result<Vec<Task>, StoreTrouble> {
    let books = AsOf::now(connection);
    let mut statement = connection.prepare_cached(OPEN_TASKS)?;
    let mut rows = statement.query([])?;
    let mut tasks = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let slip = SlipNumber::new(row.get(2)?);
        let kind = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        tasks.push(match kind {
            "hand" => Task::Hand(Box::new(read::existing(connection, slip)?)),
            "correction" => Task::Correction(Box::new(read::existing(connection, slip)?)),
            "unreflected" => Task::Unreflected(Box::new(
                books
                    .unreflected(slip)?
                    .ok_or_else(|| unreadable("task", id, "nothing of it is open"))?,
            )),
            "part_paid" => Task::PartPaid(
                books
                    .part_paid(slip)?
                    .ok_or_else(|| unreadable("task", id, "nothing of it is open"))?,
            ),
            _ => return Err(unreadable("task", id, "its kind")),
        });
    }
    Ok(tasks)
}

pub(super) const ORIGIN: &str = "
    SELECT kind, coalesce(order_number, slip_number), original_slip, part, replaces,
           hand_model IS NOT NULL OR EXISTS (SELECT 1 FROM task WHERE task.slip_number = sale.slip_number AND task.kind = 'hand'),
           EXISTS (SELECT 1 FROM bill WHERE bill.slip_number = sale.slip_number AND bill.postings > 0)
    FROM sale WHERE slip_number = ?";
pub(super) const OPEN_TASK: &str = "
    SELECT id FROM task WHERE slip_number = ? AND kind = ?
        AND NOT EXISTS (SELECT 1 FROM task_closed WHERE task_id = task.id)";
pub(super) const OPEN_TASKS: &str = "
    SELECT id, kind, slip_number FROM task
    WHERE id >= coalesce((SELECT max(oldest_open) FROM task_closed), 1)
        AND NOT EXISTS (SELECT 1 FROM task_closed WHERE task_id = task.id)
    ORDER BY id";
const INSERT_TASK: &str = "
    INSERT INTO task (id, kind, slip_number, entry_id)
    VALUES ((SELECT coalesce(max(id), 0) + 1 FROM task), ?, ?, ?)";
/// With the oldest task that is open without this one.
const INSERT_TASK_CLOSED: &str = "
    INSERT INTO task_closed (task_id, entry_id, oldest_open)
    VALUES (?1, ?2, coalesce((
        SELECT id FROM task
        WHERE id >= coalesce((SELECT max(oldest_open) FROM task_closed), 1) AND id <> ?1
            AND NOT EXISTS (SELECT 1 FROM task_closed WHERE task_id = task.id)
        ORDER BY id LIMIT 1), (SELECT coalesce(max(id), 0) + 1 FROM task)))";
