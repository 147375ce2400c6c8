//! Writes a live book of ten years (730,000 sales) to a path where there is none, and says how fast it is read.
//!
//! `cargo run --release --example ten_year_book -- PATH [DAYS]`

#[path = "../tests/support/book.rs"]
mod book;

use std::path::Path;
use std::time::Instant;

use madoguchi::app::message::{HistoryQuery, StoreRequest, Stored};
use madoguchi::domain::business_day::BusinessDate;
use madoguchi::domain::record::Stamp;
use madoguchi::domain::slip::SlipNumber;
use madoguchi::edge::store::{BooksKind, Store, verify};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().expect("usage: ten_year_book PATH [DAYS]");
    let days = arguments
        .next()
        .map_or(3_650, |days| days.parse().expect("a number of days"));
    let path = Path::new(&path);
    if !path.exists() {
        let plan = book::Plan {
            days,
            sales_a_day: 200,
            seed: 7,
        };
        let written = timed("write", || book::write(path, &plan));
        println!(
            "{} entries, {} sales, {} settled, {} yen, last day {}",
            written.entries,
            written.sales,
            written.settled,
            written.settled_total,
            written.last_day
        );
    }
    let mut store = timed("open the file", || {
        Store::open(path, BooksKind::Live).expect("the book opens")
    });
    let last_day: BusinessDate = "2026-03-28".parse().expect("a day");
    let stamp = Stamp {
        at: chrono::DateTime::parse_from_rfc3339("2026-03-28T18:00:00+09:00").expect("a moment"),
        business_date: last_day,
    };
    for run in ["first", "again"] {
        let mut ask = |what: &str, request: StoreRequest| {
            let answer = timed(&format!("{what}, {run}"), || store.handle(request));
            if let Stored::Failed { trouble, .. } = answer {
                panic!("{what}: {trouble:?}");
            }
        };
        ask("start", StoreRequest::Open { stamp });
        ask("one sale", StoreRequest::Find(SlipNumber::new(days * 100)));
        for (what, query) in queries(last_day) {
            ask(what, StoreRequest::History(query));
        }
    }
    drop(store);
    let report = timed("verify", || verify(path).expect("the book is read"));
    println!("{report:?}");
}

fn queries(date: BusinessDate) -> [(&'static str, HistoryQuery); 9] {
    let all = || HistoryQuery {
        limit: 20,
        ..HistoryQuery::default()
    };
    let number = |number: &str| HistoryQuery {
        number: Some(number.to_owned()),
        ..all()
    };
    let card = |card: &str| HistoryQuery {
        card: Some(card.to_owned()),
        ..all()
    };
    [
        ("newest page", all()),
        (
            "a page in the middle",
            HistoryQuery {
                before: Some(SlipNumber::new(365_000)),
                ..all()
            },
        ),
        ("a number", number("12345")),
        ("a frequent amount", number("1000")),
        ("a number that is not there", number("87654321")),
        (
            "a day",
            HistoryQuery {
                date: Some(date),
                ..all()
            },
        ),
        ("a card", card("甲")),
        (
            "a rare card of a frequent amount",
            HistoryQuery {
                card: Some("三面".to_owned()),
                ..number("1000")
            },
        ),
        ("a card that is not there", card("丙")),
    ]
}

#[expect(
    clippy::disallowed_methods,
    reason = "an example that says how long things take asks the clock"
)]
fn timed<T>(what: &str, act: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = act();
    println!("{what}: {:.2} ms", start.elapsed().as_secs_f64() * 1_000.0);
    done
}
