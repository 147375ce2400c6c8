//! Check digits of bar codes: what the last digit must be, by the name a site knows it under.

use serde::{Deserialize, Serialize};

/// How a check character is computed from the characters before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Algorithm {
    /// The character stands there and says nothing.
    #[default]
    #[serde(rename = "none")]
    None,
    /// モジュラス10 ウェイト3・1: JAN, EAN, UPC, ITF.
    #[serde(rename = "mod10-3")]
    Mod10Weight3,
    /// モジュラス10 ウェイト2・1 分割 (Luhn): the two digits of a product are added.
    #[serde(rename = "luhn")]
    Luhn,
    /// モジュラス10 ウェイト2・1 一括: a product is added as it is.
    #[serde(rename = "mod10-2")]
    Mod10Weight2,
    /// モジュラス11 ウェイト2～7; a number whose check digit would be 10 is not used.
    #[serde(rename = "mod11")]
    Mod11,
    /// 7DR: what is left of the number by 7.
    #[serde(rename = "7dr")]
    SevenDr,
    /// 9DR: what is left of the number by 9.
    #[serde(rename = "9dr")]
    NineDr,
    /// モジュラス16 of NW-7, its start and stop letters counted in; without them it cannot be told.
    #[serde(rename = "mod16")]
    Mod16,
    /// モジュラス43 of CODE39.
    #[serde(rename = "mod43")]
    Mod43,
}

impl Algorithm {
    /// Every one, with the word of the rules file.
    pub const ALL: &'static [(Algorithm, &'static str)] = &[
        (Algorithm::None, "none"),
        (Algorithm::Mod10Weight3, "mod10-3"),
        (Algorithm::Luhn, "luhn"),
        (Algorithm::Mod10Weight2, "mod10-2"),
        (Algorithm::Mod11, "mod11"),
        (Algorithm::SevenDr, "7dr"),
        (Algorithm::NineDr, "9dr"),
        (Algorithm::Mod16, "mod16"),
        (Algorithm::Mod43, "mod43"),
    ];

    /// The check character for a text; `None` where it has none: a character the algorithm does not know, or a number that is not used.
    /// `ends` are the start and stop letters of NW-7, where the scanner sent them. [`Algorithm::None`] has none to compute.
    pub fn of(self, text: &str, ends: Option<(char, char)>) -> Option<char> {
        match self {
            Algorithm::None => None,
            Algorithm::Mod10Weight3 => {
                let sum = weighted(text, |place, digit| {
                    digit * if place % 2 == 0 { 3 } else { 1 }
                })?;
                digit(10 - sum % 10)
            }
            Algorithm::Luhn => {
                let sum = weighted(text, |place, digit| {
                    let product = digit * if place % 2 == 0 { 2 } else { 1 };
                    product / 10 + product % 10
                })?;
                digit(10 - sum % 10)
            }
            Algorithm::Mod10Weight2 => {
                let sum = weighted(text, |place, digit| {
                    digit * if place % 2 == 0 { 2 } else { 1 }
                })?;
                digit(10 - sum % 10)
            }
            Algorithm::Mod11 => {
                let sum = weighted(text, |place, digit| digit * (2 + place % 6))?;
                match 11 - sum % 11 {
                    10 => None,
                    11 => Some('0'),
                    check => char::from_digit(check, 10),
                }
            }
            Algorithm::SevenDr => rest_by(text, 7),
            Algorithm::NineDr => rest_by(text, 9),
            Algorithm::Mod16 => {
                let (start, stop) = ends?;
                let whole = format!("{start}{text}{stop}").to_ascii_uppercase();
                let sum = sum_of(NW7, &whole)?;
                NW7.chars().nth((16 - sum % 16) % 16)
            }
            Algorithm::Mod43 => {
                let sum = sum_of(CODE39, text)?;
                CODE39.chars().nth(sum % 43)
            }
        }
    }
}

/// The characters of NW-7, in the order of their values.
const NW7: &str = "0123456789-$:/.+ABCD";
/// The characters of CODE39, in the order of their values.
const CODE39: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";

/// 10 counts as 0.
fn digit(value: u32) -> Option<char> {
    char::from_digit(value % 10, 10)
}

/// Add up the digits, each weighted by its place from the right.
fn weighted(text: &str, weigh: impl Fn(u32, u32) -> u32) -> Option<u32> {
    (0..)
        .zip(text.chars().rev())
        .try_fold(0, |sum: u32, (place, c)| {
            Some(sum + weigh(place, c.to_digit(10)?))
        })
}

fn rest_by(text: &str, by: u32) -> Option<char> {
    let rest = text
        .chars()
        .try_fold(0, |rest, c| Some((rest * 10 + c.to_digit(10)?) % by))?;
    char::from_digit(rest, 10)
}

fn sum_of(values: &str, text: &str) -> Option<usize> {
    text.chars()
        .try_fold(0, |sum, c| Some(sum + values.chars().position(|v| v == c)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_as_they_are_printed() {
        for (algorithm, text, check) in [
            (Algorithm::Mod10Weight3, "211200251500", Some('5')),
            (Algorithm::Mod10Weight3, "201234561025", Some('5')),
            (Algorithm::Mod10Weight3, "221234561025", Some('9')),
            (Algorithm::Mod10Weight3, "102003405125", Some('9')),
            (Algorithm::Mod10Weight3, "273456789012", Some('2')),
            (Algorithm::Mod10Weight3, "020001000650", Some('8')),
            // The example of a public manual ends in 7, which is wrong.
            (Algorithm::Mod10Weight3, "021234530980", Some('3')),
            (Algorithm::Mod10Weight3, "4901234", Some('7')),
            (Algorithm::Luhn, "7992739871", Some('3')),
            (Algorithm::Mod10Weight2, "12345", Some('6')),
            (Algorithm::Mod11, "12345", Some('5')),
            (Algorithm::SevenDr, "12345", Some('4')),
            (Algorithm::NineDr, "12345", Some('6')),
            (Algorithm::Mod43, "CODE39", Some('W')),
            (Algorithm::Mod10Weight3, "12A4", None),
            (Algorithm::Mod16, "12345", None),
            (Algorithm::None, "12345", None),
        ] {
            assert_eq!(algorithm.of(text, None), check, "{algorithm:?} {text}");
        }
        // A is 16 and the digits add up to 15: 47, and one more makes 48.
        assert_eq!(Algorithm::Mod16.of("12345", Some(('A', 'a'))), Some('1'));
    }

    #[test]
    fn every_algorithm_has_the_word_the_rules_file_writes() {
        for (algorithm, word) in Algorithm::ALL {
            let written = serde_json::to_string(algorithm).expect("a word");
            assert_eq!(written, format!("\"{word}\""));
        }
    }

    #[test]
    fn a_number_whose_check_digit_would_be_ten_is_not_used() {
        let unused = (0..1_000).find(|n| Algorithm::Mod11.of(&n.to_string(), None).is_none());
        assert_eq!(unused, Some(6), "6 times 2 is 12, and 11 - 1 is 10");
    }
}
