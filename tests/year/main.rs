//! A clinic of a thousand patients a day, for days or for a year, from one seed: bills out of the simulated receipt computer through its real wire,
//! the real console at its keys, the real books in a file, a terminal by a script; and whatever goes wrong at a counter.
//!
//! What must hold is looked at every night: money in the books is money in the receipt computer or listed 未反映, never twice, for each 入金方法; no
//! session of ours is open; the books are sound; the console remembers no more than it did.
//!
//! `MADOGUCHI_YEAR=DAYS` plays so many days (365: a year; best with `--release -- --nocapture`), `MADOGUCHI_YEAR_SEED=N` another seed.

mod audit;
mod clinic;
mod counter;
#[expect(
    dead_code,
    reason = "of the counter its settings and its terminal's words are wanted here"
)]
#[path = "../support/desk.rs"]
mod desk;
mod people;
mod receipt_computer;
mod terminal;

use clinic::Clinic;

/// Days and patients a day of an ordinary run.
const DAYS: u32 = 3;
const PATIENTS: u32 = 200;
/// Patients a day where days were asked for.
const PATIENTS_A_DAY: u32 = 1_000;
/// What files may grow by from the first half to the second, per patient, in hundredths.
const GROWTH_MAX: u64 = 125;
fn asked(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name}=NUMBER, not {text}")),
    )
}

#[test]
fn money_taken_is_money_told_or_listed_every_night_of_the_year() {
    let days = asked("MADOGUCHI_YEAR").map(|days| u32::try_from(days).expect("some days"));
    let (days, patients) = match days {
        Some(days) => (days, PATIENTS_A_DAY),
        None => (DAYS, PATIENTS),
    };
    let seed = asked("MADOGUCHI_YEAR_SEED").unwrap_or(20_260_401);
    let mut clinic = Clinic::new(seed, patients);
    let mut sizes = vec![clinic.size()];
    for day in 1..=days {
        clinic.day();
        clinic.night();
        sizes.push(clinic.size());
        // The whole book is proven when it has doubled, and in the end.
        if day.is_power_of_two() || day == days {
            clinic.prove();
        }
        if days > 30 && day.is_multiple_of(30) || day == days {
            println!("day {day}: {}", clinic.report());
        }
    }
    let at = |day: u32| sizes[usize::try_from(day).expect("a day")];
    // Per patient the second half takes no more than the first, and what the console remembers does not grow.
    let (half, whole) = (days / 2, days);
    let grown = |of: fn(&clinic::Size) -> u64, from: u32, to: u32| {
        (of(&at(to)) - of(&at(from))) / u64::from((to - from) * patients).max(1)
    };
    if days >= 2 {
        let first = grown(|size| size.file, 0, half.max(1));
        let second = grown(|size| size.file, half.max(1), whole);
        println!("{first} bytes a patient in the first half, {second} in the second");
        assert!(
            second * 100 <= first * GROWTH_MAX,
            "{first}, then {second} bytes a patient"
        );
        let (early, late) = (at(1).remembered, at(whole).remembered);
        assert!(
            late <= early * 2,
            "the console remembers {early}, then {late} bytes"
        );
    }
    clinic.enough_happened(days * patients);
}
