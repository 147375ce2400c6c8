//! The catalogue must be as its newest import left it.

use rusqlite::{Connection, OptionalExtension};

use super::super::items;
use super::{Stop, problem};
use crate::domain::ledger::{AuditEvent, Entry};

const NEWEST: &str = "
    SELECT body FROM entry WHERE kind = 'audit' AND instr(body, '\"items_imported\"') > 0
    ORDER BY id DESC";

pub(super) fn check(read: &Connection) -> Result<(), Stop> {
    let mut statement = read.prepare_cached(NEWEST)?;
    let mut bodies = statement.query_map([], |row| row.get::<_, String>(0))?;
    let left = loop {
        let Some(body) = bodies.next().transpose()? else {
            break None;
        };
        // The word may stand in the detail of another event.
        if let Ok(Entry::Audit {
            event: AuditEvent::ItemsImported,
            detail,
        }) = serde_json::from_str(&body)
        {
            break Some(detail);
        }
    };
    let Some(left) = left else {
        let any = read
            .prepare_cached("SELECT 1 FROM item LIMIT 1")?
            .query_row([], |_| Ok(()))
            .optional()?;
        return match any {
            None => Ok(()),
            Some(()) => problem("item", 0, "no import put its items there"),
        };
    };
    let digest = items::digest(read)?;
    let was = left
        .split(' ')
        .find_map(|word| word.strip_prefix("sha256="));
    if was == Some(&digest) {
        return Ok(());
    }
    problem("item", 0, "it is not as the newest import left it")
}
