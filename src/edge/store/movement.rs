//! クレジット利用履歴: what moved on cards.

use rusqlite::{Connection, OptionalExtension, params};

use crate::app::message::StoreTrouble;
use crate::domain::sale::SaleKind;
use crate::domain::slip::SlipNumber;

/// Keep what a sale that is settled now moved on its card, where it has one.
pub(super) fn write(
    connection: &Connection,
    slip: SlipNumber,
    class_used: Option<u8>,
) -> Result<(), StoreTrouble> {
    let mut statement = connection.prepare_cached(CARD_OF_SALE)?;
    let mut rows = statement.query([slip.get()])?;
    let Some(row) = rows.next()? else {
        return Ok(());
    };
    let (card, amount): (i64, i64) = (row.get(0)?, row.get(1)?);
    let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
    let (link, kind, date, operator) = (text(2)?, text(3)?, text(4)?, text(5)?);
    let group = group(connection, card, class_used, link, kind)?;
    connection
        .prepare_cached(INSERT_MOVEMENT)?
        .execute(params![
            group,
            date,
            slip.get(),
            if kind == SaleKind::Sale.word() {
                amount
            } else {
                -amount
            },
            operator,
        ])?;
    Ok(())
}

fn group(
    connection: &Connection,
    card: i64,
    class_used: Option<u8>,
    link: &str,
    kind: &str,
) -> Result<i64, StoreTrouble> {
    let used = class_used.map_or(-1, i64::from);
    let known = connection
        .prepare_cached(GROUP)?
        .query_row(params![card, used, link, kind], |row| row.get(0))
        .optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    connection
        .prepare_cached(INSERT_GROUP)?
        .execute(params![card, class_used, link, kind])?;
    Ok(connection.last_insert_rowid())
}

pub(super) const CARD_OF_SALE: &str = "
    SELECT tender.card_id, tender.amount, tender.link, sale.kind, sale.business_date, sale.operator_code
    FROM sale JOIN tender USING (slip_number)
    WHERE sale.slip_number = ? AND tender.card_id IS NOT NULL";
pub(super) const GROUP: &str = "
    SELECT id FROM movement_group WHERE card_id = ? AND coalesce(class_used, -1) = ? AND link = ? AND kind = ?";
const INSERT_GROUP: &str =
    "INSERT INTO movement_group (card_id, class_used, link, kind) VALUES (?, ?, ?, ?)";
const INSERT_MOVEMENT: &str = "INSERT INTO movement (group_id, business_date, slip_number, amount, operator_code) VALUES (?, ?, ?, ?, ?)";
