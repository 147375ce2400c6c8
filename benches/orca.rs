//! What reading the receipt computer's answers costs, beside a JSON reader that knows nothing of them: a list of 500 invoices, padded as it comes.
//!
//! `cargo bench --bench orca`.

mod support;

use std::hint::black_box;

use chrono::DateTime;
use madoguchi::orca::answer::Answer;
use madoguchi::orca::call::Call;
use madoguchi::orca::node::Node;
use madoguchi::orca::simulator::Simulator;
use madoguchi::orca::simulator::scene::Scene;
use madoguchi::orca::simulator::script::Script;
use madoguchi::orca::wire::{BodyKind, Dialect, Response, decode, encode};
use serde_json::Value;
use support::figures::{Figures, print_load, print_table, ratio, shown};
use support::{is_asked_for, now};

/// Rounds of all candidates, interleaved, and bodies read in each.
const ROUNDS: usize = 21;
const BODIES: u32 = 40;

fn main() {
    if !is_asked_for() {
        return;
    }
    print_load("before");
    let list = list();
    println!("the day's list: 500 patients, {} bytes", list.body.len());
    let call = Call::Worklist {
        date: day().date_naive(),
    };
    let candidates: [(&str, &dyn Fn()); 3] = [
        ("serde_json::Value", &|| {
            let value: Value = serde_json::from_slice(&list.body).expect("JSON");
            black_box(value);
        }),
        ("the tree of ours, bounded", &|| {
            black_box(Node::parse(&list.body).expect("JSON"));
        }),
        (
            "the answer: tree and 500 patients",
            &|| match decode(&call, &list) {
                Ok(Answer::Worklist(rows)) => assert_eq!(black_box(rows).len(), 500),
                other => panic!("{other:?}"),
            },
        ),
    ];
    let mut figures = candidates.map(|_| Figures::default());
    for _ in 0..ROUNDS {
        for ((_, read), figures) in candidates.iter().zip(&mut figures) {
            let start = now();
            for _ in 0..BODIES {
                read();
            }
            figures.push_ms(start.elapsed() / BODIES);
        }
    }
    let base = figures[0].median();
    let rows: Vec<Vec<String>> = candidates
        .iter()
        .zip(&figures)
        .map(|((name, _), figures)| {
            vec![
                (*name).to_owned(),
                shown(figures.median(), 3),
                shown(figures.percentile(95), 3),
                ratio(figures.median(), base),
            ]
        })
        .collect();
    print_table(
        "A list of 500 (ms)",
        &["reader", "p50", "p95", "÷ serde_json::Value"],
        &rows,
    );
    print_load("after");
}

fn day() -> DateTime<chrono::FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-20T20:00:00+09:00").expect("a time")
}

/// Everybody of a day of 500, as the simulated receipt computer lists them.
fn list() -> Response {
    let mut scene = Scene::of_day(1, day(), 500);
    for visit in &mut scene.visits {
        visit.accepted = day() - chrono::Duration::hours(2);
        visit.accounted = day() - chrono::Duration::hours(1);
    }
    let mut orca = Simulator::new(scene, Script::default(), 1);
    let dialect = Dialect {
        api_prefix: false,
        body: BodyKind::Json,
        karte_uid: "bench".into(),
    };
    let call = Call::Worklist {
        date: day().date_naive(),
    };
    orca.handle(day(), &encode(&call, &dialect))
        .response
        .expect("an answer")
}
