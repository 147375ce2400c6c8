//! What the operating system and the libraries say of a broken line or file, in the words of the screen's language.

use super::{Locale, Text};

/// What is said there, the longer of two that begin alike first; and what it is here.
const SAID: &[(&str, Text)] = &[
    (
        "failed to lookup address information: Name or service not known",
        Text::SaidNoName,
    ),
    (
        "failed to lookup address information: Temporary failure in name resolution",
        Text::SaidNoName,
    ),
    ("failed to lookup address information", Text::SaidNoName),
    ("Connection refused", Text::SaidRefused),
    ("Connection timed out", Text::SaidNoAnswer),
    ("no whole answer in time", Text::SaidNoAnswer),
    ("no answer in time", Text::SaidNoAnswer),
    ("operation timed out", Text::SaidNoAnswer),
    ("timed out", Text::SaidNoAnswer),
    ("No route to host", Text::SaidNoRoute),
    ("Host is unreachable", Text::SaidNoRoute),
    ("Network is unreachable", Text::SaidNoNetwork),
    ("Connection reset by peer", Text::SaidHungUp),
    ("Broken pipe", Text::SaidHungUp),
    ("unexpected end of file", Text::SaidHungUp),
    ("No such file or directory", Text::SaidMissing),
    ("No such device or address", Text::SaidMissing),
    ("No such device", Text::SaidMissing),
    ("Permission denied", Text::SaidNoRight),
    ("Device or resource busy", Text::SaidInUse),
    ("Input/output error", Text::SaidBroken),
    ("Read-only file system", Text::SaidReadOnly),
    ("No space left on device", Text::SaidFull),
    ("no TLS is spoken there", Text::SaidNoTls),
];

/// The same in the language of the locale. What nobody here knows stays as it was said.
pub(super) fn said(locale: &Locale, detail: &str) -> String {
    let mut told = without_numbers(detail);
    for (phrase, text) in SAID {
        if told.contains(phrase) {
            told = told.replace(phrase, locale.text(*text));
        }
    }
    told
}

/// ` (os error 111)` is for nobody at a counter.
fn without_numbers(detail: &str) -> String {
    let mut told = String::new();
    let mut rest = detail;
    while let Some((before, behind)) = rest.split_once(" (os error ") {
        let Some((number, after)) = behind.split_once(')') else {
            break;
        };
        if number.parse::<u32>().is_err() {
            break;
        }
        told.push_str(before);
        rest = after;
    }
    told.push_str(rest);
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Language;

    #[test]
    fn what_a_machine_says_is_told_in_the_language_of_the_screen() {
        let ja = Locale::shipped(Language::Ja).expect("shipped");
        let en = Locale::shipped(Language::En).expect("shipped");
        for (detail, in_ja, in_en) in [
            (
                "127.0.0.1:8000: Connection refused (os error 111)",
                "127.0.0.1:8000: 接続を断られました",
                "127.0.0.1:8000: connection refused",
            ),
            (
                "h: no answer in time",
                "h: 時間内に返事なし",
                "h: no answer in time",
            ),
            (
                "failed to lookup address information: Name or service not known",
                "その名前の相手が見つかりません",
                "no such name",
            ),
            (
                "/dev/ttyUSB0: Permission denied (os error 13) (os error 13)",
                "/dev/ttyUSB0: 権限がありません",
                "/dev/ttyUSB0: no permission",
            ),
            (
                "E10 患者 (os error",
                "E10 患者 (os error",
                "E10 患者 (os error",
            ),
            ("HTTP 500", "HTTP 500", "HTTP 500"),
        ] {
            assert_eq!(said(&ja, detail), in_ja);
            assert_eq!(said(&en, detail), in_en);
        }
    }

    #[test]
    fn no_phrase_hides_behind_a_shorter_one_before_it() {
        for (index, (phrase, _)) in SAID.iter().enumerate() {
            let before = SAID[..index]
                .iter()
                .find(|(other, _)| phrase.contains(other));
            assert_eq!(before, None, "{phrase}");
        }
    }
}
