//! The rules that SQLite itself keeps, whatever program writes; the plans of the queries; and the disk's bad days.

use std::fs::OpenOptions;
use std::time::Duration;

use rusqlite::{Connection, StatementStatus, params};

use super::testbed::{
    Bed, at, books, card_sale, cash_sale, declined, manual_sale, not_sent, operator, posted, route,
    sent, typed,
};
use super::{
    BooksKind, Store, history, movement, numbers, read, report, rules, spawn, tasks, verify, write,
};
use crate::app::message::{HistoryQuery, StoreRequest, StoreTrouble, Stored};
use crate::domain::by_hand::Side;
use crate::domain::ledger::{CatId, Entry, Evidence, NotCharged};
use crate::domain::record::SaleRecord;
use crate::domain::slip::{SequenceNumber, SlipNumber};

const TABLES: [&str; 12] = [
    "entry",
    "sale",
    "tender",
    "card",
    "settlement",
    "booking",
    "terminal_day",
    "terminal_seen",
    "task",
    "task_closed",
    "movement_group",
    "movement",
];

/// A cash sale, a paid and a declined card sale, and one that is still open.
fn a_day() -> Bed {
    let mut bed = books(BooksKind::Live);
    bed.sell(cash_sale(500)).expect("booked");
    bed.paid(700, "00001");
    let (slip, _) = bed.pend(card_sale(900), CatId::Cat1).expect("written");
    bed.write(sent(slip)).expect("follows");
    bed.write(declined(slip)).expect("follows");
    bed.pend(card_sale(1_100), CatId::Cat1).expect("written");
    bed
}

/// The same, work by hand that is done, work by hand that is booked, and the close of a terminal's day.
fn a_day_by_hand() -> Bed {
    let mut bed = a_day();
    let done = bed.begin(manual_sale(40), Side::Terminal).expect("written");
    bed.write(typed(done, "00077")).expect("follows");
    bed.begin(manual_sale(50), Side::Counter).expect("written");
    bed.write(Entry::TerminalDayClosed {
        cat: CatId::Cat1,
        operator: operator(),
    })
    .expect("follows");
    bed.write(Entry::TerminalSeen {
        cat: CatId::Cat1,
        terminal_id: "T-1".to_owned(),
        confirmed_by: None,
    })
    .expect("follows");
    bed
}

fn refusal(connection: &Connection, sql: &str) -> String {
    match connection.execute(sql, []) {
        Ok(rows) => panic!("{rows} rows by {sql}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_query_is_compiled_once_whatever_it_is_asked_about() {
    let bed = a_day();
    for sql in [read::KINDS_OF_SLIP, read::ENTRIES_OF_SLIP] {
        let mut statement = bed.store.connection.prepare(sql).expect("compiles");
        for slip in 1..=4 {
            let rows = match statement.parameter_count() {
                1 => statement.query([slip]),
                _ => statement.query([slip, 100]),
            }
            .expect("asked");
            drop(rows);
        }
        let anew = statement.get_status(StatementStatus::RePrepare);
        assert_eq!(anew, 0, "{sql}");
    }
}

#[test]
fn no_row_is_ever_changed_or_taken_away() {
    let bed = a_day_by_hand();
    for table in TABLES {
        for sql in [
            format!("UPDATE {table} SET rowid = rowid WHERE 1"),
            format!("UPDATE OR REPLACE {table} SET rowid = rowid"),
            format!("DELETE FROM {table}"),
        ] {
            // A table without a rowid is changed by a column.
            let sql = match table {
                "tender" | "movement" => sql.replace("rowid = rowid", "amount = amount"),
                "terminal_day" | "terminal_seen" => sql.replace("rowid = rowid", "cat = cat"),
                _ => sql,
            };
            let said = refusal(&bed.store.connection, &sql);
            assert!(said.contains("append-only"), "{sql}: {said}");
        }
        for sql in [
            format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1"),
            format!("REPLACE INTO {table} SELECT * FROM {table} LIMIT 1"),
        ] {
            refusal(&bed.store.connection, &sql);
        }
    }
    assert_eq!(verify(&bed.path).expect("read").problem, None);
}

#[test]
fn sqlite_itself_refuses_what_may_not_follow() {
    let bed = a_day();
    let connection = &bed.store.connection;
    let (newest, hash): (i64, Vec<u8>) = connection
        .query_row(
            "SELECT id, hash FROM entry ORDER BY id DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .expect("a head");
    let append = |id: i64, previous: &[u8], kind: &str, slip: Option<i64>| {
        connection
            .execute(
                "INSERT INTO entry VALUES (?, 0, 540, '2026-06-01', ?, ?, '{}', 1, ?, zeroblob(32))",
                params![id, kind, slip, previous],
            )
            .map_err(|error| error.to_string())
    };
    let next = newest + 1;
    for (id, kind, slip, words) in [
        (newest, "audit", None, "number after the newest"),
        (next + 1, "audit", None, "number after the newest"),
        (next, "sold", Some(1), "used once"),
        (next, "pending", Some(4), "used once"),
        (next, "sent", Some(1), "written for a terminal"),
        (next, "sent", Some(9), "written for a terminal"),
        (next, "posted", Some(3), "takes no other"),
        (next, "released", Some(2), "takes no other"),
        (next, "sent", Some(2), "takes no other"),
        (next, "posted", Some(4), "sent once"),
        (next, "outcome_unknown", Some(4), "sent once"),
        (next, "shown", Some(4), "has its outcome"),
        (next, "reissued", Some(9), "has its outcome"),
        (next, "guessed", Some(4), "CHECK"),
        (next, "audit", Some(4), "CHECK"),
        (next, "reissued", None, "has its outcome"),
        (next, "sent", None, "written for a terminal"),
    ] {
        let said = append(id, &hash, kind, slip).expect_err("refused");
        assert!(said.contains(words), "{id} {kind} {slip:?}: {said}");
    }
    let said = append(next, &[0; 32], "audit", None).expect_err("refused");
    assert!(said.contains("hash of the entry before it"), "{said}");
    for (sql, words) in [
        ("INSERT INTO settlement VALUES (2, 5, 'declined', NULL, NULL, NULL)", "tells it"),
        ("INSERT INTO settlement VALUES (2, 4, 'settled', NULL, NULL, NULL)", "resolved once"),
        ("INSERT INTO settlement VALUES (4, 9, 'settled', NULL, NULL, NULL)", "tells it"),
        ("INSERT INTO tender VALUES (2, 2, 'cash', 1, 1, NULL, NULL)", "with their sale"),
        (
            "INSERT INTO sale SELECT 5, entry_id, 0, 540, '2026-06-01', 'sale', 1, NULL, NULL, '1', '1', 0, cat, model, 9,
                 NULL, NULL, 0, NULL
             FROM sale WHERE slip_number = 4",
            "no outcome yet",
        ),
        (
            "INSERT INTO sale SELECT 5, 1, 0, 540, '2026-06-01', 'sale', 1, NULL, NULL, '1', '1', 0, NULL, NULL, NULL,
                 NULL, NULL, 0, NULL",
            "entry that opened it",
        ),
    ] {
        let said = refusal(connection, sql);
        assert!(said.contains(words), "{sql}: {said}");
    }
    assert_eq!(verify(&bed.path).expect("read").problem, None);
}

#[test]
fn every_hot_query_is_answered_by_an_index() {
    let bed = books(BooksKind::Live);
    for sql in [
        read::ENTRIES_OF_SLIP,
        read::KINDS_OF_SLIP,
        read::NEWEST_ON_CAT,
        read::DAY_COUNT,
        numbers::LAST_SEQUENCE_NUMBER,
        numbers::USED_SEQUENCE_NUMBERS,
        read::ATTEMPT_IN_THE_WAY,
        super::billed::BY_CODE,
        read::LATER_ON_CAT,
        read::LATER_BY_HAND,
        read::LATER_APART,
        read::LATER_CARD,
        read::SAME_NUMBER,
        read::DAY_CLOSED,
        rules::ATTEMPTS,
        rules::UNDOS,
        rules::CORRECTIONS,
        tasks::ORIGIN,
        tasks::OPEN_TASK,
        tasks::OPEN_TASKS,
        movement::CARD_OF_SALE,
        movement::GROUP,
        report::NEWEST,
        report::NEWEST_OF_ONE,
        report::OLDEST,
        report::OLDEST_OF_ONE,
        report::TOTAL,
        report::TOTAL_OF_ONE,
        report::MOVEMENT,
        history::NEWEST,
        history::BY_SLIP,
        history::BY_DATE,
        history::BY_TOTAL,
        history::BY_SEQUENCE,
        history::BY_CARD_AMOUNT,
        history::BY_TERMINAL_SLIP,
        history::BY_CARD,
        history::ROW,
        rules::PAID_BILLS,
    ] {
        let mut statement = bed
            .store
            .connection
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .expect("a plan");
        let nothing = vec![rusqlite::types::Null; statement.parameter_count()];
        let plan: Vec<String> = statement
            .query_map(rusqlite::params_from_iter(nothing), |row| row.get(3))
            .and_then(Iterator::collect)
            .expect("a plan");
        println!("{sql}\n  {}", plan.join("\n  "));
        for step in plan {
            let slow = (step.starts_with("SCAN ") && !step.contains("SCAN attempt"))
                || step.contains("TEMP B-TREE");
            assert!(!slow, "{sql}\n{step}");
        }
    }
}

/// How many steps SQLite takes for each insert of one card sale after so many others. Triggers are part of them: the plan of a
/// trigger is not shown by EXPLAIN QUERY PLAN.
fn steps_of_a_sale(others: u32) -> Vec<i32> {
    let mut bed = books(BooksKind::Live);
    let sales = (1..=others).map(SlipNumber::new).flat_map(|slip| {
        let pending = Entry::Pending {
            slip,
            sequence_number: SequenceNumber::new(slip.get()).expect("in range"),
            sale: card_sale(i64::from(slip.get())),
            route: route(CatId::Cat1),
        };
        [pending, sent(slip), posted(slip, "1")].map(|entry| (at(0), entry))
    });
    bed.store.append_many(sales).expect("follows the rules");
    let inserts = [
        write::INSERT_ENTRY,
        write::INSERT_SALE,
        write::INSERT_TENDER,
        write::INSERT_SETTLEMENT,
    ];
    let steps = |bed: &Bed| {
        inserts.map(|sql| {
            let statement = bed.store.connection.prepare_cached(sql).expect("known");
            statement.reset_status(StatementStatus::VmStep)
        })
    };
    steps(&bed);
    bed.paid(1, "2");
    bed.sell(cash_sale(1)).expect("booked");
    steps(&bed).to_vec()
}

#[test]
fn writing_a_sale_takes_as_long_in_a_long_book_as_in_a_short_one() {
    let (short, long) = (steps_of_a_sale(10), steps_of_a_sale(400));
    assert!(short.iter().all(|steps| *steps > 10), "{short:?}");
    for (short, long) in short.iter().zip(&long) {
        assert!(*long <= short + 10, "{short:?} {long:?}");
    }
}

#[test]
fn a_full_disk_takes_nothing_and_harms_nothing() {
    let mut bed = a_day();
    let pages: i64 = bed
        .store
        .connection
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .expect("a count");
    let set = |bed: &Bed, most: i64| {
        bed.store
            .connection
            .pragma_update_and_check(None, "max_page_count", most, |_| Ok(()))
            .expect("set");
    };
    set(&bed, pages);
    let mut long = cash_sale(1);
    long.operator.name = "x".repeat(100_000);
    assert_eq!(
        bed.sell(long.clone()).map(|_| ()),
        Err(StoreTrouble::DiskFull)
    );
    let before = verify(&bed.path).expect("read");
    assert_eq!(before.problem, None);
    set(&bed, 1_000_000);
    bed.sell(long).expect("there is room again");
    assert_eq!(verify(&bed.path).expect("read").sales, before.sales + 1);
}

#[cfg(unix)]
#[test]
fn nothing_is_written_into_a_file_that_is_not_there_any_more() {
    for gone in ["", "-wal"] {
        let mut bed = a_day();
        let mut path = bed.path.clone().into_os_string();
        path.push(gone);
        std::fs::rename(&path, bed.path.with_extension("moved")).expect("moved");
        let refused = bed.pend(card_sale(100), CatId::Cat1);
        assert_eq!(
            refused.map(|_| ()),
            Err(StoreTrouble::Disk(super::trouble::GONE.to_owned())),
            "{gone}"
        );
        // Another file in its place is not it, and its return is no proof that it was not written elsewhere.
        std::fs::write(&path, b"").expect("another file");
        assert!(bed.sell(cash_sale(1)).is_err());
    }
}

#[test]
fn while_another_program_writes_the_books_say_so_and_then_go_on() {
    let mut bed = a_day();
    bed.store
        .connection
        .busy_timeout(Duration::from_millis(5))
        .expect("set");
    let other = bed.behind_the_back();
    other.execute_batch("BEGIN IMMEDIATE").expect("holds");
    assert_eq!(
        bed.sell(cash_sale(1)).map(|_| ()),
        Err(StoreTrouble::Locked)
    );
    other.execute_batch("ROLLBACK").expect("lets go");
    bed.sell(cash_sale(1)).expect("goes on");
}

#[test]
fn after_the_disk_failed_no_more_money_is_written() {
    let mut bed = a_day();
    bed.store.checkpoint(0);
    // Everything but the first page is lost.
    let file = OpenOptions::new()
        .write(true)
        .open(&bed.path)
        .expect("opens");
    file.set_len(4096).expect("cut");
    bed.store
        .connection
        .execute_batch("PRAGMA shrink_memory")
        .expect("forgets");
    let first = bed.sell(cash_sale(1));
    assert!(matches!(first, Err(StoreTrouble::Disk(_))), "{first:?}");
    assert_eq!(
        bed.sell(cash_sale(2)),
        first,
        "every later write fails alike"
    );
}

/// As the console finds them after a commit that reached the disk and was told as failed: it asks for the same entry again, later.
#[test]
fn an_outcome_that_was_written_and_told_as_failed_is_written_when_it_is_asked_for_again() {
    for (outcome, others) in [
        (
            posted as fn(SlipNumber, &str) -> Entry,
            [
                |slip| posted(slip, "00872"),
                declined as fn(SlipNumber) -> Entry,
                not_sent,
            ],
        ),
        (
            |slip, _| declined(slip),
            [
                |slip| posted(slip, "00871"),
                not_sent,
                |slip| Entry::Released {
                    slip,
                    reason: NotCharged::Declined {
                        center_result_code: Some("G13".to_owned()),
                    },
                    evidence: Evidence::Answer,
                },
            ],
        ),
    ] {
        let mut bed = books(BooksKind::Live);
        let (slip, _) = bed.pend(card_sale(3_430), CatId::Cat1).expect("written");
        bed.write(sent(slip)).expect("follows");
        let entry = outcome(slip, "00871");
        bed.write(entry.clone())
            .expect("it is on the disk, whatever the console was told");
        let first = bed.find(slip).expect("there");
        for shown in [false, true] {
            if shown {
                bed.write(Entry::Shown { slip }).expect("follows");
            }
            let again = bed.ask(StoreRequest::Write {
                stamp: at(7),
                entry: entry.clone(),
            });
            assert_eq!(again, Ok(Stored::Written(entry.clone())));
            for other in others {
                let refused = bed.write(other(slip));
                assert!(
                    matches!(refused, Err(StoreTrouble::Refused(_))),
                    "{refused:?}"
                );
            }
            let now = bed.find(slip).expect("there");
            assert_eq!(
                SaleRecord {
                    shown: false,
                    ..now
                },
                first
            );
            let report = verify(&bed.path).expect("read");
            assert_eq!(
                (report.entries, report.problem),
                (3 + u64::from(shown), None)
            );
        }
    }
}

#[test]
fn a_viewer_sees_what_is_written_and_writes_nothing() {
    let mut bed = a_day();
    let mut viewer = Store::open_viewer(&bed.path).expect("opens beside the writer");
    let record = bed.sell(cash_sale(80)).expect("booked");
    let found = viewer.handle(StoreRequest::Find(record.slip));
    assert_eq!(found, Stored::Found(Some(Box::new(record))));
    let request = StoreRequest::Sell {
        stamp: at(0),
        sale: cash_sale(1),
    };
    let failed = Stored::Failed {
        request: Box::new(request.clone()),
        trouble: StoreTrouble::Viewer,
    };
    assert_eq!(viewer.handle(request), failed);
}

#[test]
fn the_thread_answers_everything_in_order_and_closes_clean() {
    let bed = books(BooksKind::Live);
    let Bed {
        store,
        path,
        folder: _folder,
    } = bed;
    let (answers, inbox) = std::sync::mpsc::channel();
    let send = move |stored| answers.send(stored).expect("the inbox is open");
    let handle = spawn(store, send).expect("a thread");
    let (stamp, slip) = (at(0), SlipNumber::new(1));
    let requests = [
        StoreRequest::Pend {
            stamp,
            sale: card_sale(10),
            route: route(CatId::Cat1),
        },
        StoreRequest::Write {
            stamp,
            entry: sent(slip),
        },
        StoreRequest::Write {
            stamp,
            entry: posted(slip, "7"),
        },
        StoreRequest::Write {
            stamp,
            entry: Entry::Shown { slip },
        },
        StoreRequest::History(HistoryQuery {
            limit: 10,
            ..HistoryQuery::default()
        }),
    ];
    for request in requests.clone() {
        handle.ask(request).expect("there is room in the queue");
    }
    handle.close();
    let answers: Vec<Stored> = inbox.iter().collect();
    assert!(matches!(answers[0], Stored::Pended { slip: s, .. } if s == slip));
    for (answer, request) in answers.iter().zip(&requests).skip(1).take(3) {
        let StoreRequest::Write { entry, .. } = request else {
            panic!("not a write: {request:?}");
        };
        assert_eq!(answer, &Stored::Written(entry.clone()));
    }
    assert!(matches!(&answers[4], Stored::History(page) if page.rows.len() == 1));
    assert!(
        !path.with_extension("db-wal").exists(),
        "the log is in the file"
    );
    assert_eq!(verify(&path).expect("read").entries, 4);
}
