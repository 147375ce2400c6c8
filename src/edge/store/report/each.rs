//! クレジット利用履歴 for files: every movement, oldest first, one at a time, as of one moment.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rusqlite::Rows;

use super::super::Store;
use super::{Group, OLDEST, OLDEST_OF_ONE, groups, movement, open};
use crate::app::message::{CardMovement, CardReportQuery, OpenMovement, StoreTrouble};

/// Before any day, and after any.
const DAYS: (&str, &str) = ("", "~");

/// The next movement of one group: its place, its amount, and which group.
type Next = Reverse<((String, i64), i64, usize)>;

impl Store {
    /// Show every movement that a query finds to `each`, oldest first; its `before` and `limit` count for nothing here. Returns what would be
    /// found besides if its outcome were known.
    pub fn each_movement<E: From<StoreTrouble>>(
        &self,
        query: &CardReportQuery,
        mut each: impl FnMut(&CardMovement) -> Result<(), E>,
    ) -> Result<Vec<OpenMovement>, E> {
        let trouble = StoreTrouble::from;
        let read = self.connection.unchecked_transaction().map_err(trouble)?;
        let groups = groups(&read, query)?;
        let from = query
            .from
            .map_or_else(|| DAYS.0.to_owned(), |date| date.to_string());
        let to = query
            .to
            .map_or_else(|| DAYS.1.to_owned(), |date| date.to_string());
        let mut statements = Vec::new();
        for _ in &groups {
            let walk = match query.operator {
                None => OLDEST,
                Some(_) => OLDEST_OF_ONE,
            };
            statements.push(read.prepare(walk).map_err(trouble)?);
        }
        let mut walks = Vec::new();
        for (statement, group) in statements.iter_mut().zip(&groups) {
            let walk = match &query.operator {
                None => statement.query((group.id, &from, &to)),
                Some(operator) => statement.query((group.id, &from, &to, operator)),
            };
            walks.push(walk.map_err(trouble)?);
        }
        // Each group is in order; the oldest of what stands first in each comes next.
        let mut heads: BinaryHeap<Next> = BinaryHeap::new();
        for (index, walk) in walks.iter_mut().enumerate() {
            heads.extend(step(walk, index)?);
        }
        while let Some(Reverse(((_, slip), amount, index))) = heads.pop() {
            let group: &Group = &groups[index];
            each(&movement(&read, slip, amount, group)?)?;
            heads.extend(step(&mut walks[index], index)?);
        }
        Ok(open(&read, query)?)
    }
}

fn step(walk: &mut Rows<'_>, index: usize) -> Result<Option<Next>, StoreTrouble> {
    let Some(row) = walk.next()? else {
        return Ok(None);
    };
    Ok(Some(Reverse((
        (row.get(0)?, row.get(1)?),
        row.get(2)?,
        index,
    ))))
}
