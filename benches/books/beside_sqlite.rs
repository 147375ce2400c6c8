//! The history and the card report against `sqlite3` on the same file, and the way from the first schema.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use madoguchi::app::message::{HistoryQuery, StoreRequest, Stored};
use rusqlite::Connection;

use super::support::figures::{Figures, print_table, ratio, shown};
use super::support::{now, scratch};
use super::{open, report};

/// How often both are asked, one after the other.
const ROUNDS: usize = 15;
/// How long `sqlite3` is at work in one run, in ms and about, so that its start weighs little; what the start weighs is measured and taken off.
const AT_WORK_MS: f64 = 150.0;
const FIRST_SCHEMA: &str = include_str!("../../assets/schema/0001_books.sql");

/// A question: ours, and the same in SQL. Both must find the same.
struct Question {
    what: &'static str,
    request: StoreRequest,
    sql: String,
    /// What both find: slips, or counts and sums.
    answer: String,
}

/// Time ours and `sqlite3`'s answers to the same questions.
pub(super) fn run(books: &Path) {
    let mut store = open(books);
    if sqlite3(books, "SELECT 1;\n").is_none() {
        println!("sqlite3 is not there: its comparison is left out");
        return;
    }
    let mut rows = Vec::new();
    for question in questions(books, &mut store) {
        let once = sqlite3(books, &question.sql).expect("it was there");
        assert_eq!(once.trim(), question.answer, "{}", question.what);
        let (mut ours, mut theirs) = (Figures::default(), Figures::default());
        let start = now();
        store.handle(question.request.clone());
        let repeats = (AT_WORK_MS / (start.elapsed().as_secs_f64() * 1_000.0)).clamp(4.0, 2_000.0);
        let repeats = repeats as u32;
        let many = question.sql.repeat(repeats as usize);
        for _ in 0..ROUNDS {
            // As often as the other, one after the other: both find in their memory what they read before.
            let start = now();
            for _ in 0..repeats {
                let answer = store.handle(question.request.clone());
                assert!(!matches!(answer, Stored::Failed { .. }), "{answer:?}");
            }
            ours.push_ms(start.elapsed() / repeats);
            let start = now();
            sqlite3(books, "SELECT 1;\n").expect("it was there");
            let bare = start.elapsed();
            let start = now();
            sqlite3(books, &many).expect("it was there");
            theirs.push_ms(start.elapsed().saturating_sub(bare) / repeats);
        }
        rows.push(vec![
            question.what.to_owned(),
            shown(ours.median(), 3),
            shown(ours.percentile(100), 3),
            shown(theirs.median(), 3),
            ratio(ours.median(), theirs.median()),
        ]);
    }
    print_table(
        &format!(
            "Questions to 730,000 sales, against `sqlite3` on the same file ({ROUNDS} rounds, interleaved; ms)"
        ),
        &["question", "p50", "longest", "sqlite3 p50", "÷ sqlite3"],
        &rows,
    );
}

/// What the program prints; nothing where there is no such program.
fn sqlite3(books: &Path, script: &str) -> Option<String> {
    let mut child = Command::new("sqlite3")
        .args(["-batch", "-readonly"])
        .arg(books)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take().expect("piped");
    let script = script.to_owned();
    let writer = std::thread::spawn(move || {
        input
            .write_all(script.as_bytes())
            .expect("the script is read");
    });
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("the script was read");
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8(output.stdout).expect("text"))
}

fn questions(books: &Path, store: &mut madoguchi::edge::store::Store) -> Vec<Question> {
    let mut questions: Vec<Question> = [
        ("history: newest page", None, None),
        ("history: a number", Some("12345"), None),
        ("history: a frequent amount", Some("1000"), None),
        (
            "history: a number that is not there",
            Some("87654321"),
            None,
        ),
        (
            "history: a rare card of a frequent amount",
            Some("1000"),
            Some("三面"),
        ),
    ]
    .into_iter()
    .map(|(what, number, card)| {
        let query = HistoryQuery {
            number: number.map(str::to_owned),
            card: card.map(str::to_owned),
            limit: 20,
            ..HistoryQuery::default()
        };
        let request = StoreRequest::History(query);
        let Stored::History(page) = store.handle(request.clone()) else {
            panic!("not a page");
        };
        let slips: Vec<String> = page
            .rows
            .iter()
            .map(|row| row.slip.get().to_string())
            .collect();
        Question {
            what,
            request,
            sql: history_sql(number, card),
            answer: slips.join("\n"),
        }
    })
    .collect();
    for (what, from, operator) in [
        ("card report of a day: page and totals", "2026-03-28", None),
        (
            "card report of a month: page and totals",
            "2026-03-01",
            None,
        ),
        ("card report of a year: page and totals", "2025-04-01", None),
        ("card report of ten years: page and totals", "", None),
        (
            "card report of ten years, one operator: page and totals",
            "",
            Some("03"),
        ),
        (
            "card report of ten years, nobody: page and totals",
            "",
            Some("99"),
        ),
    ] {
        let request = report(Some(from).filter(|from| !from.is_empty()), operator);
        let Stored::CardReport(page) = store.handle(request.clone()) else {
            panic!("not a report");
        };
        let mut answer: Vec<String> = page
            .totals
            .iter()
            .map(|total| {
                let used = total
                    .class_used
                    .map_or_else(String::new, |class| class.to_string());
                format!(
                    "{}|{used}|{}|{}",
                    total.card_class,
                    total.count,
                    total.amount.get()
                )
            })
            .collect();
        answer.extend(page.rows.iter().map(|row| row.slip.get().to_string()));
        questions.push(Question {
            what,
            request,
            sql: report_sql(books, from, operator),
            answer: answer.join("\n"),
        });
    }
    questions
}

/// The columns of a row are read, as ours are; only the slip is printed.
fn history_sql(number: Option<&str>, card: Option<&str>) -> String {
    let mut sql = "SELECT iif(sale.recorded_at_ms + sale.offset_minutes + length(sale.business_date) + length(sale.kind)
            + coalesce(length(settlement.state), 0) + coalesce(length(card.name_ja), 0)
            + (SELECT coalesce(sum(undo.total), 0)
               FROM sale AS undo LEFT JOIN settlement AS outcome ON outcome.slip_number = undo.slip_number
               WHERE undo.original_slip = sale.slip_number
                   AND (outcome.state = 'settled' OR (undo.cat IS NULL AND undo.hand_model IS NULL))) >= 0, sale.slip_number, 0)
        FROM sale LEFT JOIN settlement USING (slip_number)
        LEFT JOIN tender ON tender.slip_number = sale.slip_number AND tender.card_id IS NOT NULL
        LEFT JOIN card ON card.id = tender.card_id WHERE 1"
        .to_owned();
    if let Some(number) = number {
        write!(
            sql,
            " AND sale.slip_number IN (
                SELECT slip_number FROM sale WHERE slip_number = {number}
                UNION ALL SELECT slip_number FROM sale WHERE total = {number}
                UNION ALL SELECT slip_number FROM tender WHERE amount = {number} AND card_id IS NOT NULL
                UNION ALL SELECT slip_number FROM sale WHERE sequence_number = {number}
                UNION ALL SELECT slip_number FROM settlement
                    WHERE ltrim(terminal_slip_number, '0') = '{number}' AND terminal_slip_number IS NOT NULL)"
        )
        .expect("text");
    }
    if let Some(card) = card {
        write!(
            sql,
            " AND (card.name_ja || card.name_en || card.class_ja || card.class_en) LIKE '%{card}%'"
        )
        .expect("text");
    }
    sql + " ORDER BY sale.slip_number DESC LIMIT 20;\n"
}

/// What ours asks of the file: a walk over each group for the totals, the newest of each group for the page. Every column that ours reads
/// of a row is read; only the slip is printed.
fn report_sql(books: &Path, from: &str, operator: Option<&str>) -> String {
    let groups = sqlite3(books, "SELECT id FROM movement_group;\n").expect("it was there");
    let of_one = operator.map_or_else(String::new, |code| {
        format!(" AND operator_code = '{code}' COLLATE NOCASE")
    });
    let each = |select: &dyn Fn(&str) -> String| -> String {
        let each: Vec<String> = groups.lines().map(select).collect();
        each.join(" UNION ALL ")
    };
    let totals = each(&|group| {
        format!(
            "SELECT * FROM (SELECT {group} AS id, count(*) AS many, coalesce(sum(amount), 0) AS yen FROM movement
             WHERE group_id = {group} AND business_date BETWEEN '{from}' AND '~'{of_one})"
        )
    });
    let page = each(&|group| {
        format!(
            "SELECT * FROM (SELECT business_date, slip_number, amount, {group} AS id FROM movement
             WHERE group_id = {group} AND business_date >= '{from}' AND (business_date, slip_number) < ('~', 9223372036854775807){of_one}
             ORDER BY business_date DESC, slip_number DESC LIMIT 21)"
        )
    });
    format!(
        "SELECT iif(length(max(class_ja)) + length(max(class_en)) >= 0, class_code, 0), class_used, sum(many), sum(yen)
         FROM ({totals}) JOIN movement_group USING (id)
         JOIN card ON card.id = card_id GROUP BY class_code, class_used HAVING sum(many) > 0 ORDER BY class_code, class_used;
         SELECT iif(sale.recorded_at_ms + sale.offset_minutes + length(sale.business_date) + coalesce(sale.original_slip, 0)
                + coalesce(sale.sequence_number, 0) + coalesce(length(terminal_slip_number), 0) + coalesce(length(approval_code), 0)
                + length(sale.operator_code) + abs(newest.amount) + length(movement_group.link) + length(movement_group.kind)
                + coalesce(class_used, 0) + length(name_ja) + length(name_en) + class_code + length(class_ja) + length(class_en)
                >= 0, sale.slip_number, 0)
         FROM (SELECT * FROM ({page}) ORDER BY 1 DESC, 2 DESC LIMIT 20) AS newest JOIN sale USING (slip_number)
         LEFT JOIN settlement USING (slip_number) JOIN movement_group USING (id) JOIN card ON card.id = card_id
         ORDER BY sale.business_date DESC, sale.slip_number DESC;\n"
    )
}

/// Books of ten years as the first program left them, opened by this one.
pub(super) fn migration(books: &Path) {
    drop(open(books));
    let folder = tempfile::tempdir_in(scratch()).expect("a folder");
    let old = folder.path().join("books.sqlite3");
    as_the_first_program_left_them(books, &old);
    let megabytes = |path: &Path| {
        let bytes = std::fs::metadata(path).map_or(0, |file| file.len());
        shown(bytes as f64 / 1_048_576.0, 0)
    };
    let before = megabytes(&old);
    let start = now();
    drop(open(&old));
    let first = start.elapsed();
    let log = megabytes(&old.with_extension("sqlite3-wal"));
    let start = now();
    drop(open(&old));
    let second = start.elapsed();
    print_table(
        "Ten years of the first schema, opened for the first time",
        &[
            "MB before",
            "s",
            "opened again, s",
            "MB after",
            "log left, MB",
        ],
        &[vec![
            before,
            shown(first.as_secs_f64(), 2),
            shown(second.as_secs_f64(), 3),
            megabytes(&old),
            log,
        ]],
    );
    let report = madoguchi::edge::store::verify(&old).expect("read");
    assert_eq!(report.problem, None);
    let head = madoguchi::edge::store::verify(books).expect("read").head;
    assert_eq!(report.head, head, "no entry is touched");
}

fn as_the_first_program_left_them(books: &Path, old: &Path) {
    let file = Connection::open(old).expect("a file");
    let run = |sql: &str| file.execute_batch(sql).expect(sql);
    run(
        "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA application_id = 0x4D41444C; PRAGMA user_version = 1",
    );
    run(FIRST_SCHEMA);
    let triggers: Vec<(String, String)> = file
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        .and_then(|mut names| {
            names
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
        .expect("triggers");
    for (name, _) in &triggers {
        run(&format!("DROP TRIGGER {name}"));
    }
    file.execute("ATTACH ? AS new", [books.to_str().expect("a path")])
        .expect("attached");
    for table in ["entry", "sale", "card", "tender", "settlement"] {
        let columns: String = file
            .query_row(
                "SELECT group_concat(name) FROM pragma_table_info(?, 'main')",
                [table],
                |row| row.get(0),
            )
            .expect("columns");
        run(&format!(
            "INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}"
        ));
    }
    for (_, sql) in &triggers {
        run(sql);
    }
}
