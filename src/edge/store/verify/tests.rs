//! Whatever is changed, taken away or added behind the books' back is found.

use super::super::testbed::{
    Bed, again, back, books, card_sale, cash_sale, declined, manual_sale, operator, part, posted,
    sent, step, tamper, typed,
};
use super::*;
use crate::domain::by_hand::{Side, Step};
use crate::domain::ledger::{AuditEvent, CatId, Entry};
use crate::domain::sale::SaleKind;
use crate::domain::slip::SlipNumber;
use rusqlite::types::Value;

/// Books in which every column of every table holds something in some row.
fn a_day() -> Bed {
    let mut bed = books(BooksKind::Live);
    bed.sell(cash_sale(500)).expect("booked");
    bed.paid(700, "00001");
    let (slip, _) = bed.pend(card_sale(900), CatId::Cat1).expect("written");
    bed.write(sent(slip)).expect("follows");
    bed.write(declined(slip)).expect("follows");
    bed.sell(super::super::testbed::again(cash_sale(900), slip))
        .expect("booked");
    bed.paid(1_100, "00002");
    bed
}

/// The same, and everything that taking back, work by hand and parts leave behind: every column of every table holds something in some row.
fn a_long_day() -> Bed {
    let mut bed = a_day();
    let hand = bed.begin(manual_sale(300), Side::Counter).expect("written");
    bed.write(step(hand, Step::OffLink)).expect("follows");
    bed.write(typed(hand, "00003")).expect("follows");
    bed.write(step(hand, Step::BackOnLink)).expect("follows");
    let first = bed.sell(part(cash_sale(300), 1_000)).expect("booked").slip;
    bed.write(Entry::TerminalDayClosed {
        cat: CatId::Cat1,
        operator: operator(),
    })
    .expect("follows");
    let mut undo = back(card_sale(700), SaleKind::Void, SlipNumber::new(2));
    if let Some(undo) = &mut undo.undo {
        undo.corrected = cash_sale(200).lines;
    }
    let (undo, _) = bed.pend(undo, CatId::Cat2).expect("written");
    bed.write(sent(undo)).expect("follows");
    bed.write(posted(undo, "00004")).expect("follows");
    let mut corrected = again(cash_sale(1), undo);
    corrected.order = None;
    corrected.replaces = Some(undo);
    corrected.lines = cash_sale(200).lines;
    corrected.tenders = cash_sale(200).tenders;
    bed.sell(corrected).expect("booked");
    bed.begin(again(part(manual_sale(400), 1_000), first), Side::Counter)
        .expect("written");
    bed.write(Entry::TerminalSeen {
        cat: CatId::Cat1,
        terminal_id: "T-1".to_owned(),
        confirmed_by: None,
    })
    .expect("follows");
    bed
}

fn found(bed: &Bed) -> Option<Problem> {
    verify(&bed.path).expect("read").problem
}

fn run(hand: &Connection, sql: &str) {
    let rows = hand.execute(sql, []).expect(sql);
    assert!(rows > 0, "{sql}");
}

#[test]
fn every_column_of_every_row_is_proven() {
    let columns = |bed: &Bed, table: &str| -> Vec<String> {
        bed.store
            .connection
            .prepare("SELECT name FROM pragma_table_info(?)")
            .and_then(|mut names| names.query_map([table], |row| row.get(0))?.collect())
            .expect("columns")
    };
    let mut changes = 0;
    for (table, also) in [
        ("entry", "entry"),
        ("sale", "sale"),
        ("tender", "card"),
        ("card", "card"),
        ("settlement", "settlement"),
        ("booking", "booking"),
        ("terminal_day", "terminal_day"),
        ("terminal_seen", "terminal_seen"),
        ("task", "task"),
        ("task_closed", "task_closed"),
        ("movement_group", "movement"),
        ("movement", "movement"),
    ] {
        let mut bed = a_long_day();
        assert_eq!(found(&bed), None);
        let names = columns(&bed, table);
        let count: i64 = bed
            .store
            .connection
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0))
            .expect("a count");
        bed.store.checkpoint(0);
        let untouched = std::fs::read(&bed.path).expect("read");
        for name in names {
            for row in [0, count - 1] {
                bed.path = bed.path.with_file_name(format!("{table}.{name}.{row}.db"));
                std::fs::write(&bed.path, &untouched).expect("copied");
                tamper(&bed, |hand| change(hand, table, &name, row));
                let problem = found(&bed).unwrap_or_else(|| panic!("{table}.{name} of {row}"));
                assert!(
                    [table, also].contains(&problem.table),
                    "{table}.{name} of {row}: {problem}"
                );
                changes += 1;
            }
        }
    }
    assert!(changes > 120, "{changes}");
}

/// Another value of the same type; something where there was nothing.
fn change(hand: &Connection, table: &str, column: &str, row: i64) {
    let (kind, value): (String, Value) = hand
        .query_row(
            &format!(
                "SELECT (SELECT type FROM pragma_table_info('{table}') WHERE name = '{column}'), {column}
                 FROM {table} ORDER BY 1 LIMIT 1 OFFSET {row}"
            ),
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .expect("a value");
    let other = match (kind.as_str(), value.clone()) {
        (_, Value::Integer(number)) => Value::Integer(number + 1_000_000),
        ("INTEGER", _) => Value::Integer(1),
        (_, Value::Blob(mut bytes)) => {
            bytes[7] ^= 1;
            Value::Blob(bytes)
        }
        (_, Value::Text(text)) => Value::Text(text + "x"),
        _ => Value::Text("x".to_owned()),
    };
    // By position: a hash or a key may be what is changed.
    let key = match table {
        "tender" => Some("slip_number, ordinal"),
        "movement" => Some("group_id, business_date, slip_number"),
        "terminal_day" | "terminal_seen" => Some("cat, entry_id"),
        _ => None,
    };
    let key = key.unwrap_or("rowid");
    let key = format!("({key}) = (SELECT {key} FROM {table} LIMIT 1 OFFSET ?2)");
    let rows = hand
        .execute(
            &format!("UPDATE {table} SET {column} = ?1 WHERE {key}"),
            (other, row),
        )
        .expect("changed");
    assert_eq!(rows, 1);
}

#[test]
fn rows_that_are_gone_swapped_or_added_are_found() {
    for (sql, table, row) in [
        ("DELETE FROM entry WHERE id = 1", "entry", 1),
        ("DELETE FROM entry WHERE id BETWEEN 4 AND 6", "entry", 4),
        // The end is cut off, but what it said is still told beside it.
        ("DELETE FROM entry WHERE id > 5", "sale", 3),
        ("DELETE FROM sale WHERE slip_number = 2", "sale", 2),
        ("DELETE FROM sale WHERE slip_number = 5", "sale", 5),
        ("DELETE FROM tender WHERE slip_number = 2", "tender", 2),
        ("DELETE FROM tender WHERE slip_number = 5", "tender", 5),
        (
            "DELETE FROM settlement WHERE slip_number = 2",
            "settlement",
            2,
        ),
        ("DELETE FROM card", "card", 1),
        (
            "UPDATE entry SET body = (SELECT body FROM entry AS e WHERE e.id = 10 - entry.id) WHERE id IN (4, 6)",
            "entry",
            4,
        ),
        (
            "INSERT INTO tender VALUES (1, 2, 'cash', 5, 5, NULL, NULL)",
            "tender",
            1,
        ),
        (
            "INSERT INTO tender VALUES (5, 2, 'cash', 5, 5, NULL, NULL)",
            "tender",
            5,
        ),
        (
            "INSERT INTO settlement VALUES (1, 1, 'settled', NULL, NULL, NULL)",
            "settlement",
            1,
        ),
        (
            "INSERT INTO card VALUES (9, '9', 'a', 'a', 3, 'b', 'b')",
            "card",
            9,
        ),
        (
            "INSERT INTO sale SELECT 6, 1, 0, 540, '2026-06-01', 'sale', 1, NULL, NULL, '1', '1', 0, NULL, NULL, NULL,
                 NULL, NULL, 0, NULL",
            "sale",
            6,
        ),
    ] {
        let bed = a_day();
        tamper(&bed, |hand| run(hand, sql));
        let problem = found(&bed).unwrap_or_else(|| panic!("{sql}"));
        assert_eq!(
            (problem.table, problem.row),
            (table, row),
            "{sql}: {problem}"
        );
    }
}

#[test]
fn rows_of_tasks_bookings_and_movements_that_are_gone_or_added_are_found() {
    for (sql, table, row) in [
        ("DELETE FROM booking WHERE slip_number = 6", "booking", 6),
        ("DELETE FROM booking WHERE slip_number = 10", "booking", 10),
        ("INSERT INTO booking VALUES (1, 1)", "booking", 0),
        ("DELETE FROM terminal_day", "terminal_day", 20),
        (
            "INSERT INTO terminal_day VALUES ('cat2', 3)",
            "terminal_day",
            0,
        ),
        ("DELETE FROM task WHERE id = 1", "task", 1),
        ("DELETE FROM task WHERE id = 4", "task", 4),
        ("INSERT INTO task VALUES (9, 'hand', 1, 1)", "task", 0),
        (
            "DELETE FROM task_closed WHERE task_id = 1",
            "task_closed",
            1,
        ),
        (
            "INSERT INTO task_closed VALUES (2, 20, 4)",
            "task_closed",
            0,
        ),
        ("DELETE FROM movement WHERE slip_number = 2", "movement", 2),
        ("DELETE FROM movement WHERE slip_number = 8", "movement", 8),
        (
            "UPDATE movement SET amount = -amount WHERE slip_number = 8",
            "movement",
            8,
        ),
        (
            "UPDATE movement SET operator_code = '99' WHERE slip_number = 8",
            "movement",
            8,
        ),
        (
            "INSERT INTO movement VALUES (1, '2026-06-01', 3, 5, '03')",
            "movement",
            0,
        ),
        (
            "INSERT INTO movement_group VALUES (9, 1, 77, 'linked', 'sale')",
            "movement_group",
            0,
        ),
        (
            "UPDATE sale SET original_slip = NULL, kind = 'sale' WHERE slip_number = 8",
            "sale",
            8,
        ),
        ("UPDATE sale SET part = 0 WHERE slip_number = 7", "sale", 7),
        (
            "UPDATE sale SET replaces = NULL WHERE slip_number = 9",
            "sale",
            9,
        ),
    ] {
        let bed = a_long_day();
        tamper(&bed, |hand| run(hand, sql));
        let problem = found(&bed).unwrap_or_else(|| panic!("{sql}"));
        assert_eq!(
            (problem.table, problem.row),
            (table, row),
            "{sql}: {problem}"
        );
    }
}

#[test]
fn a_slip_that_was_to_be_booked_first_and_was_not_is_found() {
    let mut bed = books(BooksKind::Live);
    bed.begin(manual_sale(300), Side::Terminal)
        .expect("written");
    let Some(mut record) = bed.find(SlipNumber::new(1)) else {
        panic!("it is there");
    };
    let work = record.by_hand.take().expect("work");
    let mut other = books(BooksKind::Live);
    let begun = Entry::ByHand {
        slip: record.slip,
        sale: record.sale,
        place: work.place,
        why: work.why,
        first: Side::Counter,
        operator: operator(),
    };
    let audit = Entry::Audit {
        event: AuditEvent::Started,
        detail: String::new(),
    };
    for entry in [begun, audit] {
        let stamp = super::super::testbed::at(1);
        other.store.append_many([(stamp, entry)]).expect("chained");
    }
    let problem = found(&other).expect("found");
    assert_eq!((problem.table, problem.row), ("entry", 2), "{problem}");
}

#[test]
fn a_rule_that_was_taken_out_is_missed() {
    for sql in [
        "DROP TRIGGER entry_is_never_changed",
        "DROP INDEX sale_by_cat",
        "CREATE TABLE note (text TEXT)",
        "CREATE TRIGGER quiet BEFORE INSERT ON sale BEGIN SELECT RAISE(IGNORE); END",
    ] {
        let bed = a_day();
        bed.behind_the_back().execute_batch(sql).expect("done");
        let problem = found(&bed).unwrap_or_else(|| panic!("{sql}"));
        assert_eq!(problem.table, "schema", "{sql}: {problem}");
    }
}

#[test]
fn a_history_written_anew_has_another_head() {
    let bed = a_day();
    let before = verify(&bed.path).expect("read");
    assert_eq!(before.problem, None);
    assert_eq!(
        (before.entries, before.sales, before.settlements),
        (13, 5, 3)
    );
    let mut other = a_day();
    assert_eq!(verify(&other.path).expect("read").head, before.head);
    other.sell(cash_sale(1)).expect("booked");
    assert_ne!(verify(&other.path).expect("read").head, before.head);
}

#[test]
fn a_torn_file_is_reported_not_believed() {
    let Bed {
        store,
        path,
        folder: _folder,
    } = a_day();
    drop(store);
    let length = std::fs::metadata(&path).expect("there").len();
    for page in 1..length / 4096 {
        let whole = std::fs::read(&path).expect("read");
        let mut torn = whole.clone();
        let start = usize::try_from(page * 4096).expect("small");
        torn[start..start + 512].fill(0xA5);
        std::fs::write(&path, &torn).expect("written");
        let holds = verify(&path).is_ok_and(|report| report.problem.is_none());
        assert!(!holds, "page {page}");
        std::fs::write(&path, &whole).expect("written");
    }
    assert_eq!(verify(&path).expect("read").problem, None);
}
