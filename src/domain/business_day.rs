//! The business day 営業日: which day a sale belongs to, by the hour at which the shop's day turns.

use chrono::{DateTime, Duration, FixedOffset, NaiveDate, NaiveTime, Timelike};
use serde::{Deserialize, Serialize};

/// The day a sale is booked on; fixed when the sale is first written, whatever the clock does later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BusinessDate(pub NaiveDate);

impl BusinessDate {
    /// The business date of a moment, where the day turns at `boundary` (営業区切り時刻).
    pub fn of(moment: DateTime<FixedOffset>, boundary: NaiveTime) -> BusinessDate {
        let into_the_day = Duration::seconds(i64::from(boundary.num_seconds_from_midnight()));
        BusinessDate((moment.naive_local() - into_the_day).date())
    }

    /// How long the business day of a moment still lasts; never nothing.
    pub fn left(moment: DateTime<FixedOffset>, boundary: NaiveTime) -> Duration {
        let into_the_day = moment.time() - boundary;
        let day = Duration::days(1);
        if into_the_day < Duration::zero() {
            -into_the_day
        } else {
            day - into_the_day
        }
    }
}

impl std::fmt::Display for BusinessDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl std::str::FromStr for BusinessDate {
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").map(BusinessDate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_turns_at_the_boundary_not_at_midnight() {
        for (moment, boundary, date) in [
            ("2026-11-21T23:59:00+09:00", "05:00:00", "2026-11-21"),
            ("2026-11-22T00:01:00+09:00", "05:00:00", "2026-11-21"),
            ("2026-11-22T04:59:59+09:00", "05:00:00", "2026-11-21"),
            ("2026-11-22T05:00:00+09:00", "05:00:00", "2026-11-22"),
            ("2026-11-22T00:00:00+09:00", "00:00:00", "2026-11-22"),
        ] {
            let moment = DateTime::parse_from_rfc3339(moment).expect("a moment");
            let boundary = boundary.parse().expect("a time");
            assert_eq!(BusinessDate::of(moment, boundary).to_string(), date);
            let left = BusinessDate::left(moment, boundary);
            let last = BusinessDate::of(moment + left - Duration::milliseconds(1), boundary);
            let next = BusinessDate::of(moment + left, boundary);
            assert_eq!(last.to_string(), date, "{moment}");
            assert_eq!(next.0, last.0.succ_opt().expect("a date"), "{moment}");
        }
    }
}
