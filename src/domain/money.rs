//! `Yen`: whole yen with checked arithmetic, and how a person writes an amount.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::fold_width;

/// Whole yen. Arithmetic is checked; there is no fraction and no silent overflow.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Yen(i64);

/// Why a text is not an amount that can be charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum AmountError {
    /// Nothing was typed.
    #[error("the amount is empty")]
    Empty,
    /// Something other than digits, commas and a yen sign.
    #[error("the amount is not a whole number of yen")]
    NotANumber,
    /// Zero yen.
    #[error("the amount is zero")]
    Zero,
    /// Below zero.
    #[error("the amount is negative")]
    Negative,
    /// Above the limit that was asked for.
    #[error("the amount is above the limit")]
    TooLarge,
}

impl Yen {
    /// No money.
    pub const ZERO: Yen = Yen(0);
    /// The largest amount any part of the console accepts: eight digits, the widest amount field of a shipped dialect.
    pub const LIMIT: Yen = Yen(99_999_999);

    /// An amount of whole yen.
    pub const fn new(yen: i64) -> Yen {
        Yen(yen)
    }

    /// The number of yen.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// True above zero.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// The sum, or `None` where it does not fit.
    pub const fn checked_add(self, other: Yen) -> Option<Yen> {
        match self.0.checked_add(other.0) {
            Some(yen) => Some(Yen(yen)),
            None => None,
        }
    }

    /// The difference, or `None` where it does not fit.
    pub const fn checked_sub(self, other: Yen) -> Option<Yen> {
        match self.0.checked_sub(other.0) {
            Some(yen) => Some(Yen(yen)),
            None => None,
        }
    }

    /// `self` times a number of pieces, or `None` where it does not fit.
    pub const fn checked_times(self, quantity: u32) -> Option<Yen> {
        match self.0.checked_mul(quantity as i64) {
            Some(yen) => Some(Yen(yen)),
            None => None,
        }
    }

    /// The consumption tax inside a tax-inclusive amount, rounded down to the yen.
    pub fn tax_inside(self, rate_percent: u32) -> Yen {
        let rate = i64::from(rate_percent);
        // i128 so that no amount can overflow on the way.
        let tax = i128::from(self.0) * i128::from(rate) / i128::from(100 + rate);
        Yen(i64::try_from(tax).expect("a part of an i64 amount fits an i64"))
    }

    /// Read what a person typed: `3430`, `３，４３０`, `¥3,430`, `3430円`. Above zero and at most `limit`.
    pub fn parse(text: &str, limit: Yen) -> Result<Yen, AmountError> {
        let folded = fold_width(text);
        let bare = folded
            .trim()
            .trim_start_matches(['¥', '\\'])
            .trim_end_matches('円')
            .trim();
        if bare.is_empty() {
            return Err(AmountError::Empty);
        }
        let (negative, digits) = match bare.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, bare),
        };
        if !well_grouped(digits) {
            return Err(AmountError::NotANumber);
        }
        let digits: String = digits.chars().filter(|c| *c != ',').collect();
        let significant = digits.trim_start_matches('0');
        if significant.is_empty() {
            return Err(AmountError::Zero);
        }
        if negative {
            return Err(AmountError::Negative);
        }
        // Longer than an i64 can be is simply too large; shorter always parses.
        let yen = significant
            .parse::<i64>()
            .map(Yen)
            .map_err(|_| AmountError::TooLarge)?;
        if yen > limit {
            return Err(AmountError::TooLarge);
        }
        Ok(yen)
    }
}

impl fmt::Display for Yen {
    /// Grouped by thousands: `1,234,567`. No unit: the screen names it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.unsigned_abs().to_string();
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 3 + 1);
        if self.0 < 0 {
            grouped.push('-');
        }
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        f.pad(&grouped)
    }
}

/// Digits, or digits grouped by commas in threes: `1,23` is a slip of the finger, not an amount.
fn well_grouped(text: &str) -> bool {
    let mut groups = text.split(',');
    let Some(first) = groups.next() else {
        return false;
    };
    let digits = |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    if !digits(first) {
        return false;
    }
    let mut grouped = false;
    for group in groups {
        grouped = true;
        if group.len() != 3 || !digits(group) {
            return false;
        }
    }
    !grouped || first.len() <= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_read_as_an_amount() {
        for (text, yen) in [
            ("3430", 3_430),
            ("３４３０", 3_430),
            ("3,430", 3_430),
            ("３，４３０円", 3_430),
            ("¥3,430", 3_430),
            ("￥3430", 3_430),
            ("  1 ", 1),
            ("000120", 120),
            ("9,999,999", 9_999_999),
        ] {
            assert_eq!(
                Yen::parse(text, Yen::new(9_999_999)),
                Ok(Yen::new(yen)),
                "{text}"
            );
        }
    }

    #[test]
    fn what_cannot_be_charged_is_refused_with_its_own_reason() {
        for (text, reason) in [
            ("", AmountError::Empty),
            ("   ", AmountError::Empty),
            ("円", AmountError::Empty),
            ("0", AmountError::Zero),
            ("-0", AmountError::Zero),
            ("０００", AmountError::Zero),
            ("-100", AmountError::Negative),
            ("－100", AmountError::Negative),
            ("1000000000000", AmountError::TooLarge),
            ("99999999999999999999999999", AmountError::TooLarge),
            ("10000000", AmountError::TooLarge),
            ("12.5", AmountError::NotANumber),
            ("1,23", AmountError::NotANumber),
            ("1234,567", AmountError::NotANumber),
            ("12a", AmountError::NotANumber),
            ("五百", AmountError::NotANumber),
            ("--5", AmountError::NotANumber),
        ] {
            assert_eq!(
                Yen::parse(text, Yen::new(9_999_999)),
                Err(reason),
                "{text:?}"
            );
        }
    }

    #[test]
    fn amounts_are_grouped_by_thousands() {
        for (yen, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
            (-3_430, "-3,430"),
            (i64::MIN, "-9,223,372,036,854,775,808"),
        ] {
            assert_eq!(Yen::new(yen).to_string(), text);
        }
        assert_eq!(format!("{:>9}", Yen::new(3_430)), "    3,430");
    }

    #[test]
    fn the_tax_inside_is_rounded_down() {
        for (amount, tax) in [(2_200, 200), (1_000, 90), (109, 9), (1, 0), (0, 0)] {
            assert_eq!(Yen::new(amount).tax_inside(10), Yen::new(tax), "{amount}");
        }
    }
}
