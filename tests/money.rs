//! No sequence of keys, link events, faults and crashes charges a sale twice or loses one.
//!
//! Each seed is one session of `madoguchi simulate`. A failing seed is printed as the one command that tells it in words.

use madoguchi::simulation::{Bench, Counts, Fault, Invariant, Settings, run};

/// Seeds of one run, unless `MADOGUCHI_SEEDS=A..B` names others.
const SEEDS: std::ops::Range<u64> = 0..800;

#[test]
fn the_books_and_the_terminal_agree_whatever_happens() {
    let seeds = match std::env::var("MADOGUCHI_SEEDS") {
        Ok(range) => parse(&range),
        Err(_) => SEEDS,
    };
    let sessions = seeds.end - seeds.start;
    let counts = play(seeds);
    println!(
        "{sessions} sessions, {} sales, {} transactions at the terminals",
        counts.sales, counts.transactions
    );
    assert!(
        counts.sales > sessions,
        "sessions without sales prove nothing"
    );
    if sessions < SEEDS.end {
        return;
    }
    for fault in Fault::ALL {
        let times = counts.faults_of(*fault);
        assert!(times > 0, "{} never happened", fault.name());
    }
    for invariant in Invariant::ALL {
        assert!(
            counts.checks_of(*invariant) > 0,
            "{invariant} never checked"
        );
    }
}

fn play(seeds: std::ops::Range<u64>) -> Counts {
    let mut bench = Bench::new().expect("a folder for books");
    let mut counts = Counts::default();
    for seed in seeds {
        let outcome = bench.run(seed, &Settings::default()).expect("books open");
        if let Some(violation) = outcome.violations.first() {
            panic!(
                "{}: {}\nmadoguchi simulate --seeds {seed}..{} --replay",
                violation.invariant,
                violation.what,
                seed + 1
            );
        }
        counts.add(&outcome.counts);
    }
    counts
}

#[test]
fn the_same_seed_plays_the_same_session_on_any_bench() {
    let told = Settings {
        story: true,
        ..Settings::default()
    };
    let mut bench = Bench::new().expect("a folder for books");
    for seed in 0..60 {
        let again = bench.run(seed, &told).expect("books open");
        let fresh = run(seed, &told).expect("books open");
        let differs = again.story.iter().zip(&fresh.story).find(|(a, b)| a != b);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!(again, fresh, "seed {seed}");
    }
}

fn parse(range: &str) -> std::ops::Range<u64> {
    let (from, to) = range.split_once("..").expect("MADOGUCHI_SEEDS=A..B");
    from.parse().expect("a number")..to.parse().expect("a number")
}
