//! Text that came from outside, made safe and even before anything else looks at it.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A language the console speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Japanese.
    Ja,
    /// English.
    En,
}

/// One name in both languages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    /// The same thing said twice.
    pub fn new(ja: impl Into<String>, en: impl Into<String>) -> Bilingual {
        Bilingual {
            ja: ja.into(),
            en: en.into(),
        }
    }

    /// The name in one language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Ja => &self.ja,
            Language::En => &self.en,
        }
    }
}

/// Full-width ASCII, the ideographic space and the full-width yen sign folded to their narrow forms.
///
/// A Japanese input method left on sends `３４３０` for `3430`; every field that takes codes or amounts folds first.
pub fn fold_width(text: &str) -> String {
    text.chars().map(fold_char).collect()
}

/// One character folded as [`fold_width`] does.
pub fn fold_char(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        '\u{FFE5}' | '\u{00A5}' => '¥',
        '\u{2212}' | '\u{2010}' | '\u{2011}' => '-',
        _ => c,
    }
}

/// Half-width katakana (and its marks) in full width, each voiced mark joined to its letter; everything else as it is.
pub fn fold_half_width_kana(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut kana = String::new();
    for c in text.chars() {
        if matches!(c, '\u{FF61}'..='\u{FF9F}') {
            kana.push(c);
        } else {
            folded.extend(kana.nfkc());
            kana.clear();
            folded.push(c);
        }
    }
    folded.extend(kana.nfkc());
    folded
}

/// True for characters that may not reach a screen, a slip or a log from outside: controls, bidi and zero-width marks.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// The text without unsafe characters.
pub fn strip_unsafe(text: &str) -> String {
    text.chars().filter(|c| !is_unsafe(*c)).collect()
}

/// True where a text holds 13 to 19 digits in a row (single spaces and hyphens between them allowed) that pass Luhn:
/// it may be a card number, and no card number enters the console.
pub fn holds_card_number(text: &str) -> bool {
    // Most texts are too short to be looked at.
    text.len() >= CARD_DIGITS_MIN && card_number_spans(text).next().is_some()
}

/// The fewest digits of a card number.
const CARD_DIGITS_MIN: usize = 13;

/// The text with all but the last four digits of anything that may be a card number replaced by `*`.
pub fn mask_card_numbers(text: &str) -> String {
    let mut masked: Vec<char> = text.chars().collect();
    let spans: Vec<(usize, usize)> = card_number_spans(text).collect();
    for (start, end) in spans {
        let digits = (start..end)
            .filter(|i| fold_char(masked[*i]).is_ascii_digit())
            .collect::<Vec<_>>();
        for index in &digits[..digits.len() - 4] {
            masked[*index] = '*';
        }
    }
    masked.into_iter().collect()
}

/// Character ranges `start..end` of runs that may be card numbers.
fn card_number_spans(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let chars: Vec<char> = text.chars().map(fold_char).collect();
    let mut spans = Vec::new();
    let mut start = 0;
    while start < chars.len() {
        if !chars[start].is_ascii_digit() {
            start += 1;
            continue;
        }
        let mut end = start;
        let mut digits = Vec::new();
        while end < chars.len() {
            if let Some(digit) = chars[end].to_digit(10) {
                digits.push(digit);
            } else if !(matches!(chars[end], ' ' | '-')
                && end + 1 < chars.len()
                && chars[end + 1].is_ascii_digit())
            {
                break;
            }
            end += 1;
        }
        if (CARD_DIGITS_MIN..=19).contains(&digits.len()) && passes_luhn(&digits) {
            spans.push((start, end));
        }
        start = end.max(start + 1);
    }
    spans.into_iter()
}

fn passes_luhn(digits: &[u32]) -> bool {
    // Rows of zeros are padding, not cards, and would pass.
    if digits.iter().all(|d| *d == 0) {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| {
            if index % 2 == 0 {
                *digit
            } else {
                let doubled = digit * 2;
                if doubled > 9 { doubled - 9 } else { doubled }
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_input_is_folded() {
        assert_eq!(fold_width("３，４３０　￥ｘ－"), "3,430 ¥x-");
        assert_eq!(fold_width("診断書 ﾊﾞ"), "診断書 ﾊﾞ");
    }

    #[test]
    fn half_width_kana_are_widened_and_nothing_else() {
        assert_eq!(fold_half_width_kana("ﾋﾞｻﾞ ① ﾎﾟｽA"), "ビザ ① ポスA");
    }

    #[test]
    fn controls_bidi_and_zero_width_marks_are_stripped() {
        assert_eq!(
            strip_unsafe("a\u{1b}[31mb\u{202e}c\u{200b}d\u{7f}e\u{9b}f\u{feff}"),
            "a[31mbcdef"
        );
        assert_eq!(strip_unsafe("山田 太郎"), "山田 太郎");
    }

    #[test]
    fn card_numbers_are_seen_and_masked() {
        for (text, masked) in [
            ("4111111111111111", "************1111"),
            ("PAN 4111 1111 1111 1111 x", "PAN **** **** **** 1111 x"),
            ("4111-1111-1111-1111", "****-****-****-1111"),
            ("４１１１１１１１１１１１１１１１", "************１１１１"),
            ("378282246310005", "***********0005"),
        ] {
            assert!(holds_card_number(text), "{text}");
            assert_eq!(mask_card_numbers(text), masked);
        }
        for text in [
            "4111111111111112",
            "000871",
            "0000000000000000",
            "20261121143207",
            "",
        ] {
            assert!(!holds_card_number(text), "{text}");
            assert_eq!(mask_card_numbers(text), text);
        }
    }
}
