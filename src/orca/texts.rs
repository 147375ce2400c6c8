//! What the receipt computer's result codes mean to staff: what happened, why, what to do.

use std::sync::LazyLock;

use serde::Deserialize;

use super::answer::Refusal;
use super::wire::shown;
use crate::domain::text::Language;

/// One result, told in three sentences.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// What happened.
    pub what: String,
    /// Why.
    pub why: String,
    /// What to do.
    pub todo: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    code: String,
    to: Option<String>,
    ja: Told,
    en: Told,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    result: Vec<Row>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("../../assets/orca_results.toml"))
        .expect("the shipped table is read by a test")
});

/// The sentences of a code; `None` where the receipt computer's own message has to do.
pub fn told(code: &str, language: Language) -> Option<&'static Told> {
    let row = TABLE.result.iter().find(|row| row.means(code))?;
    Some(match language {
        Language::Ja => &row.ja,
        Language::En => &row.en,
    })
}

/// The receipt computer's own words, made safe; the code alone where it has none.
pub fn own_words(refusal: &Refusal) -> String {
    let message = shown(&refusal.message);
    let code = shown(&refusal.code);
    if message.is_empty() {
        code
    } else {
        format!("{message} ({code})")
    }
}

impl Row {
    /// Codes of one width lie in a row when their letters are in order.
    fn means(&self, code: &str) -> bool {
        let last = self.to.as_deref().unwrap_or(&self.code);
        code.len() == self.code.len() && (self.code.as_str()..=last).contains(&code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_worth_a_text_has_one_in_both_languages() {
        for code in [
            "E0002", "E0003", "E0004", "E0006", "E0031", "E0072", "E0085", "E0107", "E0108",
            "E0110", "E0117", "E0203", "E0209", "E1038", "E3004", "E3014", "E3025", "E4000",
            "E4911", "E9999", "E13", "E14",
        ] {
            for language in [Language::Ja, Language::En] {
                let told = told(code, language).expect(code);
                for text in [&told.what, &told.why, &told.todo] {
                    assert!((2..=90).contains(&text.chars().count()), "{code}: {text}");
                }
            }
        }
        for code in ["", "0", "00000", "E0001", "E4012", "E99", "E10", "X"] {
            assert_eq!(told(code, Language::Ja), None, "{code}");
        }
    }

    #[test]
    fn an_unknown_code_shows_what_was_said_made_safe() {
        let refusal = |code: &str, message: &str| Refusal {
            code: code.into(),
            message: message.into(),
            session: None,
        };
        for (code, message, words) in [
            (
                "E0666",
                "何か\u{1b}[31mが\u{202e}違います",
                "何か[31mが違います (E0666)",
            ),
            ("E0666", " \u{3000}", "E0666"),
        ] {
            assert_eq!(own_words(&refusal(code, message)), words);
        }
        let long = own_words(&refusal("E0666", &"長".repeat(100_000)));
        assert!(long.chars().count() < 300);
    }
}
