//! Text ids; Japanese and English side by side in `assets/locale.toml`, overridable by a site file of the same shape.

use std::collections::BTreeMap;

use crate::domain::text::{Bilingual, Language};

mod ids;
mod machine;

pub use ids::Text;

/// The shipped texts.
const SHIPPED: &str = include_str!("../assets/locale.toml");

/// The texts of one language, ready to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locale {
    language: Language,
    /// By `Text as usize`.
    texts: Vec<String>,
}

/// What is wrong with a text file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocaleError {
    /// Not TOML of the expected shape.
    #[error("the text file cannot be read: {0}")]
    Syntax(String),
    /// A name that no text has.
    #[error(
        "the text file names \"{0}\", which is no text of this console; see assets/locale.toml for the names"
    )]
    UnknownName(String),
    /// A text that the shipped file lacks.
    #[error("the text \"{0}\" is missing")]
    Missing(String),
    /// A translation that fills in other values than the shipped one.
    #[error("the text \"{name}\" must fill in {expected}, and nothing else")]
    Placeholders {
        /// Its name.
        name: String,
        /// What is filled in.
        expected: String,
    },
}

impl Locale {
    /// The shipped texts in one language.
    pub fn shipped(language: Language) -> Result<Locale, LocaleError> {
        Locale::with_overrides(language, None)
    }

    /// The shipped texts, with those of a site's file in their place.
    pub fn with_overrides(language: Language, site: Option<&str>) -> Result<Locale, LocaleError> {
        let mut table = shipped()?;
        if let Some(site) = site {
            for (name, text) in parse(site)? {
                let Some(shipped) = table.get_mut(&name) else {
                    return Err(LocaleError::UnknownName(name));
                };
                let expected = placeholders(&shipped.ja);
                if placeholders(&text.ja) != expected || placeholders(&text.en) != expected {
                    return Err(LocaleError::Placeholders {
                        name,
                        expected: expected.join(", "),
                    });
                }
                *shipped = text;
            }
        }
        let texts = Text::ALL
            .iter()
            .map(|id| {
                let name = id.name();
                table
                    .get(&name)
                    .map(|text| text.get(language).to_owned())
                    .ok_or(LocaleError::Missing(name))
            })
            .collect::<Result<Vec<String>, LocaleError>>()?;
        Ok(Locale { language, texts })
    }

    /// The language.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// A text as it stands.
    pub fn text(&self, id: Text) -> &str {
        self.texts.get(id as usize).map_or("", String::as_str)
    }

    /// A text with its values filled in. A `detail` is what a machine said, and told in this language where that is known.
    pub fn fill(&self, id: Text, values: &[(&str, &str)]) -> String {
        let mut filled = self.text(id).to_owned();
        for (name, value) in values {
            let place = format!("{{{name}}}");
            filled = match *name {
                "detail" => filled.replace(&place, &machine::said(self, value)),
                _ => filled.replace(&place, value),
            };
        }
        filled
    }
}

fn parse(toml: &str) -> Result<BTreeMap<String, Bilingual>, LocaleError> {
    toml::from_str(toml).map_err(|error| LocaleError::Syntax(error.to_string()))
}

/// The shipped texts: one a line, and nearly all of one shape, which is read here. A TOML tree of the whole file costs ten times its
/// size and a third of a start; the rest of the lines can afford one.
fn shipped() -> Result<BTreeMap<String, Bilingual>, LocaleError> {
    let mut table = BTreeMap::new();
    for line in SHIPPED.lines() {
        match of_the_usual_shape(line) {
            Some((name, text)) => {
                table.insert(name.to_owned(), text);
            }
            None => table.append(&mut parse(line)?),
        }
    }
    Ok(table)
}

/// `name = { ja = "…", en = "…" }`
fn of_the_usual_shape(line: &str) -> Option<(&str, Bilingual)> {
    let (name, rest) = line.split_once(" = { ja = \"")?;
    let (ja, rest) = until_the_quote(rest)?;
    let (en, rest) = until_the_quote(rest.strip_prefix(", en = \"")?)?;
    (rest == " }").then_some((name, Bilingual { ja, en }))
}

/// The text before a closing quote, and what follows it. Of escapes, only a quote itself.
fn until_the_quote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let at = rest.find(['"', '\\'])?;
        value.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(behind) = rest.strip_prefix('"') {
            return Some((value, behind));
        }
        rest = rest.strip_prefix("\\\"")?;
        value.push('"');
    }
}

/// The names between braces, in order of the alphabet.
fn placeholders(text: &str) -> Vec<String> {
    let mut names: Vec<String> = text
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name.to_owned()))
        .collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_stands_in_both_languages_and_no_other_does() {
        let table = parse(SHIPPED).expect("the shipped texts parse");
        let ids: Vec<String> = Text::ALL.iter().map(|id| id.name()).collect();
        for id in &ids {
            assert!(table.contains_key(id), "{id} is not in assets/locale.toml");
        }
        for name in table.keys() {
            assert!(ids.contains(name), "no Text is called {name}");
        }
        for (name, text) in &table {
            assert!(!text.ja.is_empty() && !text.en.is_empty(), "{name}");
            assert_eq!(placeholders(&text.ja), placeholders(&text.en), "{name}");
        }
    }

    #[test]
    fn read_line_by_line_the_texts_are_those_of_the_file() {
        let lines = shipped().expect("every line parses by itself");
        assert_eq!(lines, parse(SHIPPED).expect("the file parses"));
        let unusual = |line: &&str| {
            !line.is_empty() && !line.starts_with('#') && of_the_usual_shape(line).is_none()
        };
        let unusual: Vec<&str> = SHIPPED.lines().filter(unusual).collect();
        assert!(unusual.len() < 20, "slow to read: {unusual:#?}");
    }

    #[test]
    fn a_site_may_change_the_words_but_not_the_values() {
        let site = "cash_short = { ja = \"{short}円不足\", en = \"short by {short}\" }";
        let locale = Locale::with_overrides(Language::Ja, Some(site)).expect("valid");
        assert_eq!(locale.fill(Text::CashShort, &[("short", "30")]), "30円不足");
        for (site, error) in [
            ("nonsense = { ja = \"a\", en = \"b\" }", "nonsense"),
            ("cash_short = { ja = \"a\", en = \"b\" }", "short"),
            ("cash_short = 3", "cannot be read"),
        ] {
            let refused = Locale::with_overrides(Language::Ja, Some(site)).expect_err(site);
            assert!(refused.to_string().contains(error), "{refused}");
        }
    }
}
