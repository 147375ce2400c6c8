//! 品目: the one table that is changed. An import is one transaction, with an audit entry that says what the table came to.

use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

use super::write::Books;
use crate::app::message::items::{
    Clash, Import, Imported, ItemKey, ItemPage, ItemQuery, ItemsAnswer, ItemsRequest,
};
use crate::app::message::{StoreTrouble, Stored};
use crate::domain::item::sheet::Column;
use crate::domain::item::{ITEMS_MAX, Item, Jan, search_key};
use crate::domain::ledger::{AuditEvent, Entry};
use crate::domain::money::Yen;
use crate::domain::sale::TaxClass;

const COLUMNS: &str = "code, jan, name, kana, price, tax, quick";

impl super::Store {
    /// What is asked of the catalogue.
    pub(super) fn items(&mut self, request: &ItemsRequest) -> Result<Stored, StoreTrouble> {
        let answer = match request {
            ItemsRequest::Search(query) => {
                let read = self.connection.unchecked_transaction()?;
                ItemsAnswer::Page(page(&read, query)?)
            }
            ItemsRequest::Find { by, quantity } => ItemsAnswer::Found {
                by: by.clone(),
                quantity: *quantity,
                item: find(&self.connection, by)?,
            },
            ItemsRequest::Import(import) => ItemsAnswer::Imported(self.import(import)?),
        };
        Ok(Stored::Items(answer))
    }

    /// Take goods in, all of them or none.
    pub fn import(&mut self, import: &Import) -> Result<Result<Imported, Clash>, StoreTrouble> {
        let mut clash = None;
        let done = self.write(|books| {
            take_in(books, import).map_err(|stop| match stop {
                Stop::Clash(found) => {
                    clash = Some(found);
                    StoreTrouble::Refused("the catalogue".to_owned())
                }
                Stop::Books(trouble) => trouble,
            })
        });
        match (done, clash) {
            (Err(_), Some(clash)) => Ok(Err(clash)),
            (done, _) => done.map(Ok),
        }
    }

    /// Every item, by code.
    pub fn each_item(
        &self,
        mut each: impl FnMut(Item) -> std::io::Result<()>,
    ) -> Result<std::io::Result<()>, StoreTrouble> {
        let mut statement = self
            .connection
            .prepare(&format!("SELECT {COLUMNS} FROM item ORDER BY code"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if let Err(error) = each(item(row)?) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }
}

enum Stop {
    Clash(Clash),
    Books(StoreTrouble),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Stop {
        Stop::Books(error.into())
    }
}

fn take_in(books: &Books<'_>, import: &Import) -> Result<Imported, Stop> {
    let connection = books.connection;
    let before = count(connection)?;
    let mut done = Imported::default();
    // What the file has goes first, so that two of its items may change a JAN or a key between them.
    for item in &import.items {
        match by_code(connection, &item.code)? {
            None => done.added += 1,
            Some(held) if held == *item => done.same += 1,
            Some(_) => done.changed += 1,
        }
        if !import.whole {
            connection
                .prepare_cached("DELETE FROM item WHERE code = ?")?
                .execute([&item.code])?;
        }
    }
    if import.whole {
        done.removed = before - done.same - done.changed;
        connection.execute("DELETE FROM item", [])?;
    }
    for item in &import.items {
        insert(connection, item)?;
    }
    done.total = count(connection)?;
    if done.total > ITEMS_MAX as u64 {
        return Err(Stop::Clash(Clash::TooMany));
    }
    let entry = Entry::Audit {
        event: AuditEvent::ItemsImported,
        detail: format!(
            "added={} changed={} same={} removed={} total={} sha256={}",
            done.added,
            done.changed,
            done.same,
            done.removed,
            done.total,
            digest(connection)?
        ),
    };
    books.write(import.stamp, &entry).map_err(Stop::Books)?;
    Ok(done)
}

fn insert(connection: &Connection, item: &Item) -> Result<(), Stop> {
    let jan = item.jan.as_ref().map(Jan::as_str);
    if let Some(jan) = jan
        && let Some(held) = find(connection, &ItemKey::Jan(jan.to_owned()))?
    {
        return Err(taken(Column::Jan, jan, item, &held));
    }
    if let Some(key) = item.quick
        && let Some(held) = find(connection, &ItemKey::Quick(key))?
    {
        return Err(taken(Column::Quick, &key.to_string(), item, &held));
    }
    connection
        .prepare_cached(
            "INSERT INTO item (code, jan, name, kana, price, tax, quick, search)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            item.code,
            jan,
            item.name,
            item.kana,
            item.price.get(),
            word(item.tax),
            item.quick,
            item.search_text(),
        ])?;
    Ok(())
}

fn taken(column: Column, value: &str, item: &Item, held: &Item) -> Stop {
    Stop::Clash(Clash::Taken {
        column,
        value: value.to_owned(),
        code: item.code.clone(),
        held_by: held.code.clone(),
    })
}

/// The classes as the ledger writes them.
const fn word(tax: TaxClass) -> &'static str {
    match tax {
        TaxClass::NonTaxable => "non_taxable",
        TaxClass::Taxable => "taxable",
        TaxClass::Reduced => "reduced",
    }
}

fn count(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("SELECT count(*) FROM item")?
        .query_row([], |row| row.get::<_, i64>(0))
        .map(i64::unsigned_abs)
}

fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    let unreadable = |column: usize, error: Box<dyn std::error::Error + Send + Sync>| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error)
    };
    let jan: Option<String> = row.get(1)?;
    let jan = jan
        .map(|digits| Jan::parse(&digits))
        .transpose()
        .map_err(|error| unreadable(1, error.into()))?;
    let tax: String = row.get(5)?;
    let tax = TaxClass::ALL
        .into_iter()
        .find(|class| word(*class) == tax)
        .ok_or_else(|| unreadable(5, "no tax class".into()))?;
    Ok(Item {
        code: row.get(0)?,
        jan,
        name: row.get(2)?,
        kana: row.get(3)?,
        price: Yen::new(row.get(4)?),
        tax,
        quick: row.get(6)?,
    })
}

fn by_code(connection: &Connection, code: &str) -> rusqlite::Result<Option<Item>> {
    one(connection, "code", code)
}

fn one(
    connection: &Connection,
    column: &str,
    value: impl rusqlite::ToSql,
) -> rusqlite::Result<Option<Item>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM item WHERE {column} = ?"))?
        .query_row([value], item)
        .optional()
}

/// One item, by what it is rung up with.
fn find(connection: &Connection, by: &ItemKey) -> rusqlite::Result<Option<Item>> {
    match by {
        ItemKey::Jan(jan) | ItemKey::JanOrCard(jan) => one(connection, "jan", jan),
        ItemKey::Quick(key) => one(connection, "quick", key),
        ItemKey::Typed(text) => {
            if let Some(code) = crate::domain::item::code(text)
                && let Some(found) = by_code(connection, &code)?
            {
                return Ok(Some(found));
            }
            match Jan::parse(text) {
                Ok(jan) => one(connection, "jan", jan.as_str()),
                Err(_) => Ok(None),
            }
        }
    }
}

/// Quick keys first, then what begins with the first word, then what holds it.
fn page(connection: &Connection, query: &ItemQuery) -> rusqlite::Result<ItemPage> {
    let words: Vec<String> = query
        .words
        .split_whitespace()
        .map(search_key)
        .filter(|word| !word.is_empty())
        .take(8)
        .collect();
    let mut holds = vec!["1"];
    holds.extend(words.iter().map(|_| "instr(search, ?) > 0"));
    let begins = match words.is_empty() {
        true => "code IS NULL".to_owned(),
        // Each line of the text is a code, a JAN, a name or a reading.
        false => "instr(char(10) || search, char(10) || ?1) = 0".to_owned(),
    };
    // The first word has the first number; the others follow it.
    let sql = format!(
        "SELECT {COLUMNS} FROM item WHERE {} ORDER BY quick IS NULL, quick, {begins}, code LIMIT {}",
        holds
            .iter()
            .enumerate()
            .map(|(at, hold)| hold.replace('?', &format!("?{at}")))
            .collect::<Vec<_>>()
            .join(" AND "),
        u32::from(query.limit) + 1,
    );
    let mut rows: Vec<Item> = connection
        .prepare_cached(&sql)?
        .query_map(rusqlite::params_from_iter(&words), item)?
        .collect::<Result<_, _>>()?;
    let more = rows.len() > usize::from(query.limit);
    rows.truncate(usize::from(query.limit));
    Ok(ItemPage {
        query: query.clone(),
        rows,
        more,
        total: count(connection)?,
    })
}

/// What stands in the table, in a number that no other content has.
pub(super) fn digest(connection: &Connection) -> rusqlite::Result<String> {
    let mut hash = Sha256::new();
    let mut statement =
        connection.prepare(&format!("SELECT {COLUMNS}, search FROM item ORDER BY code"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        for column in 0..8 {
            let text: Option<String> = match row.get_ref(column)? {
                rusqlite::types::ValueRef::Integer(number) => Some(number.to_string()),
                rusqlite::types::ValueRef::Null => None,
                _ => Some(row.get(column)?),
            };
            // Its length in front of each, so that no border between two can move.
            let length = text.as_ref().map_or(u64::MAX, |text| text.len() as u64);
            hash.update(length.to_be_bytes());
            hash.update(text.unwrap_or_default());
        }
    }
    Ok(hash.finalize().iter().map(|b| format!("{b:02x}")).collect())
}
