//! The numbers of a slip, each with its owner: ours, and the terminal's. They are never mixed, so each is its own type.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::{fold_width, holds_card_number};

/// 伝票番号 of our own slip: who sold what. Live slips and practice slips have ranges of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SlipNumber(u32);

impl SlipNumber {
    /// The first number of the live range.
    pub const LIVE_FIRST: u32 = 1;
    /// The first number of the practice range.
    pub const PRACTICE_FIRST: u32 = 90_000_001;
    /// The last number of the practice range.
    pub const LAST: u32 = 99_999_999;

    /// A slip number as stored.
    pub const fn new(number: u32) -> SlipNumber {
        SlipNumber(number)
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// True for a number of the practice range.
    pub const fn is_practice(self) -> bool {
        self.0 >= Self::PRACTICE_FIRST
    }

    /// The first number of one of the two ranges.
    pub const fn first(practice: bool) -> SlipNumber {
        SlipNumber(if practice {
            Self::PRACTICE_FIRST
        } else {
            Self::LIVE_FIRST
        })
    }

    /// The next number of the same range, or `None` when the range is used up.
    pub const fn next(self) -> Option<SlipNumber> {
        match self.0 {
            Self::LAST => None,
            n if n + 1 == Self::PRACTICE_FIRST => None,
            n => Some(SlipNumber(n + 1)),
        }
    }
}

impl fmt::Display for SlipNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08}", self.0)
    }
}

/// Why a scanned text is not the bar code of a slip of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SlipCodeError {
    /// Another code: of a bill, of goods, of a card.
    #[error("this is no bar code of our slips")]
    Foreign,
    /// Ours by its beginning and length, and misread.
    #[error("the check digit of the bar code does not fit")]
    Misread,
}

/// How the bar code of a live slip begins. Goods and bills have digits alone, so that none of them passes for a slip.
const CODE_LIVE: &str = "MD";
/// How the bar code of a practice slip begins.
const CODE_PRACTICE: &str = "MP";

/// Damm's table: a digit misread and two neighbours swapped are always seen.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

fn damm(digits: &str) -> u8 {
    digits.bytes().fold(0, |row, digit| {
        DAMM[usize::from(row)][usize::from(digit - b'0') % 10]
    })
}

impl SlipNumber {
    /// The text of the bar code on our slips: `MD` (`MP` in practice), the number in eight digits, a check digit.
    pub fn code(self) -> String {
        let begin = if self.is_practice() {
            CODE_PRACTICE
        } else {
            CODE_LIVE
        };
        let digits = self.to_string();
        format!("{begin}{digits}{}", damm(&digits))
    }

    /// The slip that a scanned bar code names; an input method left on and a scanner that sends small letters do no harm.
    ///
    /// # Errors
    ///
    /// Another code, or ours misread.
    pub fn of_code(text: &str) -> Result<SlipNumber, SlipCodeError> {
        let code = fold_width(text).trim().to_ascii_uppercase();
        let (practice, digits) = match (
            code.strip_prefix(CODE_LIVE),
            code.strip_prefix(CODE_PRACTICE),
        ) {
            (Some(digits), _) => (false, digits),
            (_, Some(digits)) => (true, digits),
            (None, None) => return Err(SlipCodeError::Foreign),
        };
        if digits.len() != 9 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(SlipCodeError::Foreign);
        }
        let number = digits[..8].parse().map(SlipNumber);
        match number {
            Ok(slip) if damm(digits) == 0 && slip.0 > 0 && slip.is_practice() == practice => {
                Ok(slip)
            }
            Ok(_) | Err(_) => Err(SlipCodeError::Misread),
        }
    }
}

/// SequenceNumber of UnifiedPOS: made by us for one attempt, echoed by the terminal, 1 to 999,999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct SequenceNumber(u32);

impl SequenceNumber {
    /// The largest six-digit number.
    pub const LAST: u32 = 999_999;
    /// The first one.
    pub const FIRST: SequenceNumber = SequenceNumber(1);

    /// `None` outside 1..=999,999.
    pub const fn new(number: u32) -> Option<SequenceNumber> {
        if number >= 1 && number <= Self::LAST {
            Some(SequenceNumber(number))
        } else {
            None
        }
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The number after this one; after 999,999 comes 1.
    pub const fn next(self) -> SequenceNumber {
        if self.0 == Self::LAST {
            Self::FIRST
        } else {
            SequenceNumber(self.0 + 1)
        }
    }
}

impl TryFrom<u32> for SequenceNumber {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        SequenceNumber::new(number).ok_or_else(|| format!("{number} is not within 1..=999999"))
    }
}

impl From<SequenceNumber> for u32 {
    fn from(number: SequenceNumber) -> u32 {
        number.0
    }
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

/// Why a text is not a number off a slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum SlipTextError {
    /// Nothing there.
    #[error("the number is empty")]
    Empty,
    /// Longer than any slip prints.
    #[error("the number is longer than 20 characters")]
    TooLong,
    /// Something other than letters, digits and hyphens.
    #[error("the number holds something other than letters, digits and hyphens")]
    Malformed,
    /// It passes for a card number, and no card number enters the console.
    #[error("this looks like a card number")]
    CardNumber,
}

/// The widest slip text, in characters.
const SLIP_TEXT_MAX: usize = 20;

/// May it stand in a slip text, in upper case?
fn is_kept(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// Letters, digits and hyphens of a slip, folded to narrow, trimmed, upper case.
fn slip_text(text: &str) -> Result<Box<str>, SlipTextError> {
    // Most need neither.
    bare_slip_text(text).or_else(|_| bare_slip_text(fold_width(text).trim()))
}

fn bare_slip_text(text: &str) -> Result<Box<str>, SlipTextError> {
    if !text.bytes().all(is_kept) {
        return Err(SlipTextError::Malformed);
    }
    match text.len() {
        0 => Err(SlipTextError::Empty),
        1..=SLIP_TEXT_MAX if holds_card_number(text) => Err(SlipTextError::CardNumber),
        1..=SLIP_TEXT_MAX => Ok(text.to_ascii_uppercase().into()),
        _ => Err(SlipTextError::TooLong),
    }
}

macro_rules! slip_text_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// Read from a slip, a line or a person: folded to narrow, trimmed, upper case.
            pub fn new(text: &str) -> Result<$name, SlipTextError> {
                slip_text(text).map($name)
            }

            /// As printed.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = SlipTextError;

            fn try_from(text: String) -> Result<Self, SlipTextError> {
                $name::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> String {
                text.0.into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

slip_text_type! {
    /// SlipNumber of UnifiedPOS: 伝票番号 that the terminal printed; what a person types there for a 取消 or 返品.
    TerminalSlipNumber
}

impl TerminalSlipNumber {
    /// The same number, whatever zeros stand before it: some terminals and counters leave them away.
    pub fn is_same_number(&self, other: &TerminalSlipNumber) -> bool {
        let bare = |slip: &str| slip.trim_start_matches('0').to_owned();
        bare(self.as_str()) == bare(other.as_str())
    }
}

slip_text_type! {
    /// ApprovalCode 承認番号: from the issuer, printed on the terminal's slip; not unique by itself.
    ApprovalCode
}
slip_text_type! {
    /// Names one unbroken memory of a terminal: it changes whenever the terminal may have forgotten transactions.
    JournalId
}
slip_text_type! {
    /// TransactionNumber: the terminal's own count of exchanges with the centre.
    TransactionNumber
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_ranges_of_slips_never_meet() {
        assert!(!SlipNumber::first(false).is_practice());
        assert!(SlipNumber::first(true).is_practice());
        assert_eq!(SlipNumber::new(SlipNumber::PRACTICE_FIRST - 1).next(), None);
        assert_eq!(SlipNumber::new(SlipNumber::LAST).next(), None);
        assert_eq!(SlipNumber::new(7).next(), Some(SlipNumber::new(8)));
        assert_eq!(SlipNumber::new(7).to_string(), "00000007");
    }

    #[test]
    fn the_bar_code_of_a_slip_comes_back_as_its_number() {
        for (number, code) in [
            (1, "MD000000013"),
            (142, "MD000001428"),
            (89_999_999, "MD899999998"),
            (90_000_001, "MP900000019"),
            (99_999_999, "MP999999999"),
        ] {
            let slip = SlipNumber::new(number);
            assert_eq!(slip.code(), code);
            assert_eq!(SlipNumber::of_code(code), Ok(slip));
        }
        for typed in ["ＭＤ０００００１４２８", " md000001428 "] {
            assert_eq!(SlipNumber::of_code(typed), Ok(SlipNumber::new(142)));
        }
    }

    #[test]
    fn another_code_is_no_slip_and_a_misread_one_is_told() {
        use SlipCodeError::{Foreign, Misread};
        for (text, error) in [
            ("", Foreign),
            ("142", Foreign),
            ("00000142", Foreign),
            ("4901234567894", Foreign),
            ("MD00000142", Foreign),
            ("MD0000014286", Foreign),
            ("MDA00001428", Foreign),
            ("MX000001428", Foreign),
            ("MD000001427", Misread),
            ("MD000001246", Misread),
            ("MP000001428", Misread),
            ("MD900000019", Misread),
            ("MD000000000", Misread),
        ] {
            assert_eq!(SlipNumber::of_code(text), Err(error), "{text}");
        }
    }

    #[test]
    fn one_digit_misread_or_two_neighbours_swapped_never_pass() {
        for number in [1, 142, 871, 5_093_217, 12_345_678, 90_000_001, 98_760_123] {
            let code = SlipNumber::new(number).code().into_bytes();
            for at in 2..code.len() {
                for digit in b'0'..=b'9' {
                    let mut read = code.clone();
                    read[at] = digit;
                    let same = read == code;
                    let read = String::from_utf8(read).expect("digits");
                    assert_eq!(SlipNumber::of_code(&read).is_ok(), same, "{read}");
                }
                let mut read = code.clone();
                if at + 1 < code.len() {
                    read.swap(at, at + 1);
                }
                let same = read == code;
                let read = String::from_utf8(read).expect("digits");
                assert_eq!(SlipNumber::of_code(&read).is_ok(), same, "{read}");
            }
        }
    }

    #[test]
    fn sequence_numbers_go_round() {
        assert_eq!(SequenceNumber::new(0), None);
        assert_eq!(SequenceNumber::new(1_000_000), None);
        let last = SequenceNumber::new(999_999).expect("in range");
        assert_eq!(last.next(), SequenceNumber::FIRST);
        assert_eq!(SequenceNumber::FIRST.to_string(), "000001");
    }

    #[test]
    fn zeros_before_a_slip_number_make_no_other_of_it() {
        let slip = |text| TerminalSlipNumber::new(text).expect("valid");
        assert!(slip("00012").is_same_number(&slip("12")));
        assert!(!slip("00012").is_same_number(&slip("00120")));
        assert!(!slip("00012").is_same_number(&slip("13")));
    }

    #[test]
    fn slip_texts_are_folded_and_checked() {
        assert_eq!(
            TerminalSlipNumber::new(" ００１２３ ")
                .expect("valid")
                .as_str(),
            "00123"
        );
        assert_eq!(
            ApprovalCode::new("a1b2c3").expect("valid").as_str(),
            "A1B2C3"
        );
        for (text, reason) in [
            ("", SlipTextError::Empty),
            ("　", SlipTextError::Empty),
            ("12 34", SlipTextError::Malformed),
            ("12\u{202e}34", SlipTextError::Malformed),
            ("123456789012345678901", SlipTextError::TooLong),
            ("4111111111111111", SlipTextError::CardNumber),
        ] {
            assert_eq!(TerminalSlipNumber::new(text), Err(reason), "{text:?}");
        }
    }
}
