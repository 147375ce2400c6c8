//! Which characters a receipt printer can print, how wide it prints them, and their bytes. CP932 as such printers have it: one byte is one
//! column, two bytes are two.

use encoding_rs::{EncoderResult, SHIFT_JIS};
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use crate::domain::text::strip_unsafe;

/// The characters a printer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CodePage {
    /// Kanji and half-width kana: the printers of this country.
    #[default]
    Cp932,
    /// No kanji in it: the printers of other countries.
    Ascii,
}

/// What stands for a character that the printer does not have.
const MISSING: char = '〓';
const MISSING_ASCII: char = '?';

/// A text as a printer can print it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printable {
    /// The text.
    pub text: String,
    /// How many characters of the original had to be replaced by a mark.
    pub replaced: usize,
}

/// The text with every character that the printer lacks replaced by a mark that cannot be overlooked. Control characters, which would be
/// commands, are taken out; what two standards write differently (〜, −, ―) is written as this one does.
pub fn printable(text: &str, page: CodePage) -> Printable {
    let mut done = Printable {
        text: String::with_capacity(text.len()),
        replaced: 0,
    };
    for c in strip_unsafe(text).nfc() {
        let c = as_cp932_has_it(c);
        let known = match page {
            CodePage::Cp932 => bytes_of(c).is_some(),
            CodePage::Ascii => c == '¥' || c == ' ' || c.is_ascii_graphic(),
        };
        if known {
            done.text.push(c);
        } else {
            done.replaced += 1;
            done.text.push(match page {
                CodePage::Cp932 => MISSING,
                CodePage::Ascii => MISSING_ASCII,
            });
        }
    }
    done
}

const fn as_cp932_has_it(c: char) -> char {
    match c {
        '\u{301C}' => '\u{FF5E}',
        '\u{2016}' => '\u{2225}',
        '\u{2014}' => '\u{2015}',
        '\u{2212}' => '\u{FF0D}',
        '\u{2011}' => '\u{2010}',
        '\u{2013}' => '-',
        '\u{00A0}' => ' ',
        '\u{00A2}' => '\u{FFE0}',
        '\u{00A3}' => '\u{FFE1}',
        '\u{00AC}' => '\u{FFE2}',
        '\u{203E}' => '\u{FFE3}',
        // The byte of this one prints as ¥.
        '\\' => '\u{FF3C}',
        other => other,
    }
}

/// One or two bytes; `None` for a character that the code page has no place for. Places for characters that a site draws itself are no
/// characters here.
fn bytes_of(c: char) -> Option<([u8; 2], usize)> {
    if matches!(c, '\u{E000}'..='\u{F8FF}') || c.is_control() {
        return None;
    }
    let mut text = [0; 4];
    let mut bytes = [0; 2];
    let (result, _, written) = SHIFT_JIS
        .new_encoder()
        .encode_from_utf8_without_replacement(c.encode_utf8(&mut text), &mut bytes, true);
    matches!(result, EncoderResult::InputEmpty).then_some((bytes, written))
}

/// The bytes of a text that [`printable`] made; `¥` is 0x5C, which the Japanese character set prints as ¥.
pub fn encode(text: &str) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(text.len());
    for c in text.chars() {
        if let Some((bytes, length)) = bytes_of(c) {
            encoded.extend_from_slice(&bytes[..length]);
        }
    }
    encoded
}

/// Columns a text takes on paper: ① and ※ are as wide as kanji there, whatever a screen makes of them.
pub fn paper_width(text: &str) -> usize {
    let mut columns = 0;
    for c in text.chars() {
        columns += bytes_of(c).map_or(2, |(_, length)| length);
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_standards_write_differently_is_printed_and_not_lost() {
        for (text, bytes) in [
            ("¥1,230", &b"\x5c1,230"[..]),
            ("￥", b"\x81\x8f"),
            ("\\", b"\x81\x5f"),
            ("〜", b"\x81\x60"),
            ("～", b"\x81\x60"),
            ("−", b"\x81\x7c"),
            ("－", b"\x81\x7c"),
            ("—", b"\x81\x5c"),
            ("表", b"\x95\x5c"),
            ("①", b"\x87\x40"),
            ("㈱", b"\x87\x8a"),
            ("髙", b"\xfb\xfc"),
            ("﨑", b"\xfa\xb1"),
            ("ﾊﾞ", b"\xca\xde"),
            ("か\u{3099}", b"\x82\xaa"),
        ] {
            let printable = printable(text, CodePage::Cp932);
            assert_eq!(printable.replaced, 0, "{text}");
            assert_eq!(encode(&printable.text), bytes, "{text}");
            assert_eq!(paper_width(&printable.text), bytes.len(), "{text}");
        }
    }

    #[test]
    fn what_the_printer_lacks_is_replaced_in_sight_and_counted() {
        for (text, shown, replaced) in [
            ("𠮷野家", "〓野家", 1),
            ("café", "caf〓", 1),
            ("\u{E000}", "〓", 1),
            ("👍👍", "〓〓", 2),
            ("診断書", "診断書", 0),
        ] {
            let printable = printable(text, CodePage::Cp932);
            assert_eq!(
                (printable.text.as_str(), printable.replaced),
                (shown, replaced)
            );
        }
        let ascii = printable("診断 ¥2,200 abc", CodePage::Ascii);
        assert_eq!((ascii.text.as_str(), ascii.replaced), ("?? ¥2,200 abc", 2));
        assert_eq!(encode(&ascii.text), b"?? \x5c2,200 abc");
    }

    #[test]
    fn no_command_comes_in_with_a_name() {
        let printable = printable(
            "a\u{1b}@b\u{1d}V\0c\u{10}\u{4}\u{1}\nd\u{9b}e",
            CodePage::Cp932,
        );
        assert_eq!(printable.text, "a@bVcde");
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_printed_is_text(text in "\\PC{0,40}|.{0,40}") {
            for page in [CodePage::Cp932, CodePage::Ascii] {
                let printable = printable(&text, page);
                let bytes = encode(&printable.text);
                proptest::prop_assert!(bytes.iter().all(|byte| *byte >= 0x20 && *byte != 0x7f));
                proptest::prop_assert_eq!(bytes.len(), paper_width(&printable.text));
            }
        }
    }
}
