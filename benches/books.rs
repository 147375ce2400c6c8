//! What the books cost: durable commits against the bare disk, the proof of all rows, the history and the card report of ten years, these
//! against `sqlite3` on the same file, and bringing books of the first schema up to date.
//!
//! `cargo bench --bench books`, or `-- commits`, `-- proofs`, `-- history`, `-- items`, `-- sqlite`, `-- migration` for a part

#[path = "books/beside_sqlite.rs"]
mod beside_sqlite;
mod support;

use std::fs::File;
use std::io::Write;
use std::path::Path;

use madoguchi::app::message::items::{Import, ItemQuery, ItemsRequest};
use madoguchi::app::message::{CardReportQuery, HistoryQuery, StoreRequest, Stored};
use madoguchi::domain::business_day::BusinessDate;
use madoguchi::domain::item::Item;
use madoguchi::domain::ledger::{CatId, Entry, Evidence, Route, TerminalFacts};
use madoguchi::domain::money::Yen;
use madoguchi::domain::record::Stamp;
use madoguchi::domain::sale::{Line, Operator, SaleDraft, SaleKind, TaxClass};
use madoguchi::domain::slip::{ApprovalCode, SlipNumber, TerminalSlipNumber};
use madoguchi::domain::tender::{CardClass, LinkKind, Tender};
use madoguchi::domain::text::Bilingual;
use madoguchi::edge::store::{BooksKind, Store, verify};
use support::figures::{Figures, print_load, print_table, ratio, shown};
use support::{is_asked_for, now, scratch, ten_years, wal, wants};

/// Rounds of commits; in each, one kind after the other.
const ROUNDS: usize = 21;
/// Commits of a round.
const COMMITS: u32 = 100;
/// Entries of a linked sale, and so its commits.
const ENTRIES_OF_A_SALE: u32 = 4;
/// How often a query is asked.
const QUERIES: usize = 30;
/// How often the books are proven.
const PROOFS: usize = 3;
/// The smallest that a file system writes.
const PAGE: usize = 4096;

fn main() {
    if !is_asked_for() {
        return;
    }
    print_load("before");
    std::fs::create_dir_all(scratch()).expect("a folder on the disk that is measured");
    if wants("commits") {
        commits();
    }
    if wants("proofs") {
        proofs(&ten_years::folder().join("books.sqlite3"));
    }
    if wants("history") {
        history(&ten_years::folder().join("books.sqlite3"));
    }
    if wants("items") {
        items();
    }
    if wants("sqlite") {
        beside_sqlite::run(&ten_years::folder().join("books.sqlite3"));
    }
    if wants("migration") {
        beside_sqlite::migration(&ten_years::folder().join("books.sqlite3"));
    }
    print_load("after");
}

/// A catalogue taken in, and what of it a search finds: each key of the list asks once.
fn items() {
    let folder = tempfile::tempdir_in(scratch()).expect("a folder");
    let books = folder.path().join("books.sqlite3");
    let mut store = Store::open(&books, BooksKind::Live).expect("new books");
    let stamp = stamp();
    let shelf = |count: u32| Import {
        stamp,
        items: (0..count).map(good).collect(),
        whole: true,
    };
    let mut rows = Vec::new();
    for count in [10_000, 100_000] {
        let start = now();
        let taken = store.import(&shelf(count));
        assert!(matches!(taken, Ok(Ok(_))), "{taken:?}");
        let ms = start.elapsed().as_secs_f64() * 1_000.0;
        rows.push(vec![
            format!("{count} items taken in"),
            shown(ms, 1),
            String::new(),
        ]);
        for words in ["", "ますく", "しっぷ 7", "C009999", "なし"] {
            let mut times = Figures::default();
            for _ in 0..QUERIES {
                let query = ItemQuery {
                    words: words.to_owned(),
                    limit: 200,
                };
                let start = now();
                let answer = store.handle(StoreRequest::Items(ItemsRequest::Search(query)));
                times.push_ms(start.elapsed());
                assert!(matches!(answer, Stored::Items(_)), "{answer:?}");
            }
            rows.push(vec![
                format!("search of {count} items for `{words}`"),
                shown(times.median(), 2),
                shown(times.percentile(99), 2),
            ]);
        }
    }
    print_table(
        "The catalogue (a frame is 16.7 ms)",
        &["what", "ms p50", "ms p99"],
        &rows,
    );
}

fn good(number: u32) -> Item {
    let name = ["マスク", "湿布", "歯ブラシ"][usize::try_from(number % 3).unwrap_or(0)];
    let kana = ["マスク", "シップ", "ハブラシ"][usize::try_from(number % 3).unwrap_or(0)];
    Item {
        code: format!("C{number:06}"),
        jan: None,
        name: format!("{name} {number}"),
        kana: kana.to_owned(),
        price: Yen::new(100 + i64::from(number % 5_000)),
        tax: TaxClass::Taxable,
        quick: None,
    }
}

/// Durable commits per second against appending as many bytes and syncing them, on the same disk.
fn commits() {
    let folder = tempfile::tempdir_in(scratch()).expect("a folder");
    let books = folder.path().join("books.sqlite3");
    let mut counter = Counter {
        store: Store::open(&books, BooksKind::Live).expect("new books"),
    };
    // One of each kind first: the tables have their pages, and how many bytes a commit takes is known.
    let cash_bytes = bytes_of(&books, COMMITS, || counter.cash_sales(COMMITS));
    let linked_bytes = bytes_of(&books, COMMITS, || counter.linked_sales(COMMITS));
    let disk = |name: &str| File::create(folder.path().join(name)).expect("a file");
    let (mut as_cash, mut as_linked, mut as_page) = (disk("cash"), disk("linked"), disk("page"));

    let mut rates = vec![Figures::default(); 5];
    for _ in 0..ROUNDS {
        let mut round = |index: usize, act: &mut dyn FnMut()| {
            let start = now();
            act();
            rates[index].push(f64::from(COMMITS) / start.elapsed().as_secs_f64());
        };
        round(0, &mut || append(&mut as_cash, cash_bytes, COMMITS));
        round(1, &mut || counter.cash_sales(COMMITS));
        round(2, &mut || append(&mut as_linked, linked_bytes, COMMITS));
        round(3, &mut || counter.linked_sales(COMMITS));
        round(4, &mut || append(&mut as_page, PAGE, COMMITS));
    }
    let row = |what: &str, bytes: usize, rate: &Figures, raw: Option<&Figures>| {
        vec![
            what.to_owned(),
            bytes.to_string(),
            shown(rate.median(), 0),
            shown(1_000.0 / rate.median(), 3),
            raw.map_or("1".to_owned(), |raw| ratio(rate.median(), raw.median())),
            ratio(rate.median(), rates[4].median()),
        ]
    };
    let rows = [
        row("bare append + fdatasync of a page", PAGE, &rates[4], None),
        row(
            "bare append + fdatasync of the bytes of a cash sale",
            cash_bytes,
            &rates[0],
            None,
        ),
        row("cash sale (Sell)", cash_bytes, &rates[1], Some(&rates[0])),
        row(
            "bare append + fdatasync of the bytes of a linked sale's commit",
            linked_bytes,
            &rates[2],
            None,
        ),
        row(
            "linked sale, each of its commits",
            linked_bytes,
            &rates[3],
            Some(&rates[2]),
        ),
    ];
    print_table(
        &format!("Durable commits ({ROUNDS} rounds of {COMMITS}, interleaved)"),
        &[
            "what",
            "bytes",
            "commits/s p50",
            "ms",
            "÷ bare, same bytes",
            "÷ bare, one page",
        ],
        &rows,
    );
}

/// Bytes of the log that a commit of this kind takes.
fn bytes_of(books: &Path, commits: u32, act: impl FnOnce()) -> usize {
    let before = wal::read(books);
    act();
    let after = wal::read(books);
    assert_eq!(
        after.commits - before.commits,
        u64::from(commits),
        "one commit each"
    );
    usize::try_from((after.bytes - before.bytes) / u64::from(commits)).expect("some pages")
}

fn append(file: &mut File, bytes: usize, times: u32) {
    let block = vec![b'x'; bytes];
    for _ in 0..times {
        file.write_all(&block).expect("room on the disk");
        file.sync_data().expect("a disk");
    }
}

/// Books at work.
struct Counter {
    store: Store,
}

impl Counter {
    /// So many sales in cash, a commit each.
    fn cash_sales(&mut self, commits: u32) {
        for _ in 0..commits {
            let cash = Tender::Cash {
                amount: Yen::new(3_430),
                received: Yen::new(5_000),
            };
            let sale = sale(cash);
            let stamp = stamp();
            let answer = self.store.handle(StoreRequest::Sell { stamp, sale });
            assert!(matches!(answer, Stored::Sold(_)), "{answer:?}");
        }
    }

    /// So many commits of linked sales, four each.
    fn linked_sales(&mut self, commits: u32) {
        for _ in 0..commits / ENTRIES_OF_A_SALE {
            let stamp = stamp();
            let route = Route {
                cat: CatId::Cat1,
                model: "open-cat".to_owned(),
            };
            let sale = sale(card());
            let answer = self.store.handle(StoreRequest::Pend { stamp, sale, route });
            let Stored::Pended { slip, .. } = answer else {
                panic!("{answer:?}");
            };
            for entry in [
                Entry::Sent {
                    slip,
                    journal: None,
                    terminal_id: None,
                },
                posted(slip),
                Entry::Shown { slip },
            ] {
                let answer = self.store.handle(StoreRequest::Write { stamp, entry });
                assert!(matches!(answer, Stored::Written(_)), "{answer:?}");
            }
        }
    }
}

fn stamp() -> Stamp {
    Stamp {
        at: chrono::DateTime::parse_from_rfc3339("2026-06-01T09:00:00+09:00").expect("a moment"),
        business_date: "2026-06-01".parse().expect("a day"),
    }
}

fn sale(tender: Tender) -> SaleDraft {
    SaleDraft {
        kind: SaleKind::Sale,
        order: None,
        original: None,
        undo: None,
        part: false,
        bill: None,
        replaces: None,
        lines: vec![Line {
            name: "診察".to_owned(),
            unit: Yen::new(3_430),
            quantity: 1,
            tax: TaxClass::NonTaxable,
        }],
        tenders: vec![tender],
        operator: Operator {
            code: "03".to_owned(),
            name: "佐藤".to_owned(),
        },
        terminal_code: "01".to_owned(),
        practice: false,
    }
}

fn card() -> Tender {
    let names = |ja: &str, en: &str| Bilingual {
        ja: ja.to_owned(),
        en: en.to_owned(),
    };
    Tender::Card {
        card: "01".to_owned(),
        name: names("カード会社甲", "Card A"),
        card_class: CardClass::CREDIT,
        card_class_name: names("クレジット", "Credit"),
        amount: Yen::new(3_430),
        link: LinkKind::Linked,
    }
}

fn posted(slip: SlipNumber) -> Entry {
    Entry::Posted {
        slip,
        evidence: Evidence::Answer,
        terminal: TerminalFacts {
            slip_number: TerminalSlipNumber::new("00871").ok(),
            approval_code: ApprovalCode::new("A00871").ok(),
            card_class: Some(CardClass::CREDIT),
            ..TerminalFacts::default()
        },
    }
}

/// Every row of ten years held against the entries, and every hash against the one before.
fn proofs(books: &Path) {
    let (mut time, mut bare) = (Figures::default(), Figures::default());
    let (mut entries, mut rows) = (0, 0);
    for _ in 0..PROOFS {
        let start = now();
        let bytes = std::fs::read(books).expect("the books").len();
        bare.push_ms(start.elapsed());
        let start = now();
        let report = verify(books).expect("the books are read");
        time.push_ms(start.elapsed());
        assert_eq!(report.problem, None, "{bytes} bytes");
        entries = report.entries;
        rows = report.entries + report.sales + report.settlements;
    }
    let a_second = |count: u64| shown(count as f64 / time.median() * 1_000.0, 0);
    print_table(
        "Proof of ten years (`verify`)",
        &[
            "entries",
            "with sales and outcomes, rows",
            "s p50",
            "entries/s",
            "rows/s",
            "reading the bare file, s",
        ],
        &[vec![
            entries.to_string(),
            rows.to_string(),
            shown(time.median() / 1_000.0, 2),
            a_second(entries),
            a_second(rows),
            shown(bare.median() / 1_000.0, 2),
        ]],
    );
}

/// What the history screen asks of ten years.
fn history(books: &Path) {
    let mut store = open(books);
    let mut rows = Vec::new();
    for (what, request) in questions() {
        let mut time = Figures::default();
        for _ in 0..QUERIES {
            let request = request.clone();
            let start = now();
            let answer = store.handle(request);
            time.push_ms(start.elapsed());
            assert!(
                !matches!(answer, Stored::Failed { .. }),
                "{what}: {answer:?}"
            );
        }
        rows.push(vec![
            what.to_owned(),
            shown(time.median(), 3),
            shown(time.percentile(100), 3),
        ]);
    }
    drop(store);
    let mut opening = Figures::default();
    for _ in 0..QUERIES {
        let start = now();
        drop(open(books));
        opening.push_ms(start.elapsed());
    }
    rows.push(vec![
        "open the file, look at its newest entries, close it".to_owned(),
        shown(opening.median(), 3),
        shown(opening.percentile(100), 3),
    ]);
    print_table(
        &format!("Questions to ten years (730,000 sales; {QUERIES} times each; ms)"),
        &["question", "p50", "longest"],
        &rows,
    );
}

fn open(books: &Path) -> Store {
    Store::open(books, BooksKind::Live).expect("the books open")
}

fn questions() -> Vec<(&'static str, StoreRequest)> {
    let last_day: BusinessDate = "2026-03-28".parse().expect("a day");
    let all = HistoryQuery {
        limit: 20,
        ..HistoryQuery::default()
    };
    let number = |number: &str| HistoryQuery {
        number: Some(number.to_owned()),
        ..all.clone()
    };
    let card = |card: &str| HistoryQuery {
        card: Some(card.to_owned()),
        ..all.clone()
    };
    let middle = HistoryQuery {
        before: Some(SlipNumber::new(
            ten_years::DAYS * ten_years::SALES_A_DAY / 2,
        )),
        ..all.clone()
    };
    let day = HistoryQuery {
        date: Some(last_day),
        ..all.clone()
    };
    let rare = HistoryQuery {
        card: Some("三面".to_owned()),
        ..number("1000")
    };
    let mut stamp = stamp();
    stamp.business_date = last_day;
    let history = StoreRequest::History;
    vec![
        (
            "start: what is open, and the day so far",
            StoreRequest::Open { stamp },
        ),
        ("one sale", StoreRequest::Find(SlipNumber::new(365_000))),
        ("newest page", history(all.clone())),
        ("a page in the middle", history(middle)),
        ("a number", history(number("12345"))),
        ("a frequent amount", history(number("1000"))),
        ("a number that is not there", history(number("87654321"))),
        ("a day", history(day)),
        ("a card", history(card("甲"))),
        ("a rare card of a frequent amount", history(rare)),
        ("a card that is not there", history(card("丙"))),
        ("card report of a day", report(Some("2026-03-28"), None)),
        ("card report of a year", report(Some("2025-04-01"), None)),
        ("card report of ten years", report(None, None)),
        (
            "card report of ten years, of one operator",
            report(None, Some("03")),
        ),
        (
            "card report of ten years, of nobody",
            report(None, Some("99")),
        ),
    ]
}

/// The first page and the totals, from a day on.
fn report(from: Option<&str>, operator: Option<&str>) -> StoreRequest {
    StoreRequest::CardReport(CardReportQuery {
        from: from.map(|day| day.parse().expect("a day")),
        operator: operator.map(str::to_owned),
        limit: 20,
        ..CardReportQuery::default()
    })
}
