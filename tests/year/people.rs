//! Who comes, with which bill, and how it is paid.

use chrono::{DateTime, Duration, FixedOffset, NaiveTime};
use madoguchi::domain::bill::InOut;
use madoguchi::orca::simulator::scene::{Bill, Person, Row, Visit};
use madoguchi::simulation::dice::Dice;

/// Everybody who ever comes.
const PEOPLE: u64 = 20_000;

/// One who comes to the counter.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    /// 患者番号.
    pub(crate) patient: String,
    /// When she stands at the counter.
    pub(crate) at: DateTime<FixedOffset>,
    /// What she has in mind.
    pub(crate) way: Way,
    /// 一部入金.
    pub(crate) part: bool,
    /// With everything that was left unpaid before.
    pub(crate) all: bool,
    /// Goods of so many yen besides.
    pub(crate) goods: Option<u64>,
    /// How the counter finds her.
    pub(crate) found: Found,
    /// The bill's code, where it is scanned.
    pub(crate) code: Option<String>,
    /// How often she was sent away because the receipt computer did not answer.
    pub(crate) waits: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Cash,
    Card,
    /// Some in cash, the rest on a card.
    Split,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Card,
    List,
    Code,
}

/// What is made for one visit.
pub(crate) struct Visited {
    pub(crate) visit: Visit,
    pub(crate) bills: Vec<Bill>,
}

pub(crate) fn number(place: u64) -> String {
    format!("{:06}", place + 1)
}

pub(crate) fn everybody() -> impl Iterator<Item = Person> {
    (0..PEOPLE).map(|place| Person {
        number: number(place),
        name: format!("見本　患者{place}"),
        kana: "ミホン　カンジャ".to_owned(),
        born: "1960-03-04".parse().expect("a day"),
        sex: 1,
    })
}

/// When the patients of a day come: by day, around midnight, and around the turn of the business day at four.
fn moments(dice: &mut Dice, count: u32) -> Vec<i64> {
    let mut seconds: Vec<i64> = (0..count)
        .map(|place| {
            let (from, length) = match place % 50 {
                0 | 1 => (19 * 3_600 + 1_800, 3_600),
                2 => (23 * 3_600 + 2_400, 1_190),
                _ => (4 * 3_600 + 1_800, 36_000),
            };
            from + i64::try_from(dice.below(length)).expect("short")
        })
        .collect();
    seconds.sort_unstable();
    seconds
}

/// A day's customers from `morning` (four o'clock), and what the doctors made for each.
pub(crate) fn day(
    dice: &mut Dice,
    morning: DateTime<FixedOffset>,
    count: u32,
    next_invoice: &mut u32,
) -> Vec<(Customer, Visited)> {
    moments(dice, count)
        .into_iter()
        .map(|second| {
            let at = morning + Duration::seconds(second);
            let patient = number(dice.below(PEOPLE));
            let made = at - Duration::seconds(60 + dice.below(1_200).cast_signed());
            let bills = bills(dice, &patient, made, next_invoice);
            let first = bills.first().map(|bill| bill.number.clone());
            let charged: i64 = bills.iter().map(Bill::charged).sum();
            let alone = bills.len() == 1 && (1..=999_999).contains(&charged);
            let found = match dice.below(50) {
                0 => Found::List,
                1..=10 if alone => Found::Code,
                _ => Found::Card,
            };
            let code = first
                .as_ref()
                .filter(|_| found == Found::Code)
                .map(|invoice| format!("B{patient}{invoice}{charged:06}"));
            let way = match dice.below(10) {
                0..=5 => Way::Cash,
                6..=8 => Way::Card,
                _ => Way::Split,
            };
            let visit = Visit {
                patient: patient.clone(),
                accepted: made - Duration::minutes(35),
                accounted: made,
                invoice: first.unwrap_or_default(),
            };
            let customer = Customer {
                patient,
                at,
                way,
                part: found != Found::Code && dice.chance(20),
                all: dice.chance(500),
                goods: dice.chance(50).then(|| 100 + 10 * dice.below(300)),
                found,
                code,
                waits: 0,
            };
            (customer, Visited { visit, bills })
        })
        .collect()
}

/// Mostly one invoice; two of two departments now and then, some of them of one group.
fn bills(dice: &mut Dice, patient: &str, made: DateTime<FixedOffset>, next: &mut u32) -> Vec<Bill> {
    let count = if dice.chance(60) { 2 } else { 1 };
    let grouped = count == 2 && dice.chance(300);
    let head = format!("{next:07}");
    (0..count)
        .map(|_| {
            let number = format!("{next:07}");
            *next += 1;
            let group = grouped.then(|| head.clone());
            bill(dice, patient, made, number, group)
        })
        .collect()
}

fn bill(
    dice: &mut Dice,
    patient: &str,
    made: DateTime<FixedOffset>,
    number: String,
    group: Option<String>,
) -> Bill {
    let rate = *dice.pick(&[10_u8, 20, 30, 30]);
    let points = 73 + dice.below(2_400).cast_signed();
    // Rounded to ten yen; a few are not, and some pay nothing (公費).
    let insured = match dice.below(100) {
        0..=2 => 0,
        3..=5 => points * i64::from(rate) / 10,
        _ => (points * i64::from(rate) / 10 + 5) / 10 * 10,
    };
    let mut own = Vec::new();
    if dice.chance(80) {
        own.push((2, "診断書料".to_owned(), 0, 3_300));
    }
    if dice.chance(40) {
        own.push((1, "予防接種".to_owned(), 4_500, 0));
    }
    let mut bill = Bill {
        number,
        group,
        patient: patient.to_owned(),
        in_out: InOut::Out,
        performed: made.date_naive(),
        rate,
        points,
        insured,
        meals: (0, 0),
        own,
        void: false,
        history: Vec::new(),
    };
    bill.history.push(Row {
        date: made.date_naive(),
        time: made.format("%H:%M").to_string(),
        charged: Some(bill.charged()),
        received: 0,
        state: 1,
        code: Some("01".to_owned()),
    });
    bill
}

/// Four in the morning: the day turns.
pub(crate) fn boundary() -> NaiveTime {
    NaiveTime::from_hms_opt(4, 0, 0).expect("a time")
}
