//! 取消 and 返品 rules: the shipped ones, and `undo_rules.toml` of the config folder over them.

use serde::Deserialize;
use toml::Spanned;

use crate::domain::undo::rule::{Rule, RuleFault, RuleTable};

/// What a site's own rules are called in the config folder.
pub const FILE_NAME: &str = "undo_rules.toml";
/// The shipped rules.
pub const SHIPPED: &str = include_str!("../../assets/undo_rules.toml");

/// Rules that cannot be used, with the line to look at and what to do there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {problem}; {remedy}")]
pub struct RulesError {
    /// The name the file was given by.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

/// The shipped rules.
pub fn shipped() -> RuleTable {
    over("undo_rules.toml", SHIPPED, &RuleTable::default()).expect("a test reads the shipped rules")
}

/// The rules of a file, laid over others.
///
/// # Errors
///
/// A text that is no rules file, or rules that cannot stand, with line and remedy.
pub fn over(file: &str, source: &str, below: &RuleTable) -> Result<RuleTable, RulesError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Rows {
        #[serde(default)]
        rule: Vec<Spanned<Rule>>,
    }
    let error = |at: usize, problem: String, remedy: String| RulesError {
        file: file.to_owned(),
        line: line_at(source, at),
        problem,
        remedy,
    };
    let rows: Rows = toml::from_str(source).map_err(|failure| {
        error(
            failure.span().map_or(0, |span| span.start),
            failure.message().replace('\n', " "),
            "correct the key or the value there; assets/undo_rules.toml explains all of them"
                .to_owned(),
        )
    })?;
    let spans: Vec<_> = rows.rule.iter().map(Spanned::span).collect();
    let rules = rows.rule.into_iter().map(Spanned::into_inner).collect();
    below.with(rules).map_err(|fault: RuleFault| {
        let at = fault.rule.and_then(|index| spans.get(index)).map(|span| {
            let from = span.start.min(source.len());
            // The span of a row begins at its heading; the key stands somewhere below.
            key_after(source, from, fault.key).unwrap_or(from)
        });
        error(at.unwrap_or(0), fault.problem, fault.remedy)
    })
}

/// Where a key stands at the start of a line, from a place on and before the next heading.
pub(super) fn key_after(source: &str, from: usize, key: &str) -> Option<usize> {
    let mut start = from;
    for (row, line) in source.get(from..)?.split_inclusive('\n').enumerate() {
        if row > 0 && line.trim_start().starts_with('[') {
            return None;
        }
        let rest = line.trim_start().strip_prefix(key);
        if rest.is_some_and(|rest| rest.trim_start().starts_with('=')) {
            return Some(start);
        }
        start += line.len();
    }
    None
}

pub(super) fn line_at(source: &str, at: usize) -> usize {
    let before = &source.as_bytes()[..at.min(source.len())];
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tender::CardClass;
    use crate::domain::undo::rule::{CashBack, Money};

    const OWN: &str = r#"
[[rule]]
name = "waon"
title = { ja = "WAON", en = "WAON" }
classes = [10]
void = "never"
refund = "never"
cash = "instead"
note = { ja = "x", en = "x" }
source = "契約書"
to_confirm = false
"#;

    #[test]
    fn the_shipped_rules_are_rules_with_both_languages_and_a_source() {
        let table = shipped();
        assert_eq!(table.rules().count(), 14);
        for rule in table.rules() {
            for text in [&rule.title, &rule.note] {
                assert!(!text.ja.is_empty() && !text.en.is_empty(), "{}", rule.name);
            }
            assert!(!rule.source.is_empty(), "{}", rule.name);
            assert!(rule.to_confirm || rule.name == "cash", "{}", rule.name);
        }
    }

    #[test]
    fn a_sites_rule_stands_over_the_shipped_one_of_its_name_and_others_stay() {
        let table = over("a.toml", OWN, &shipped()).expect("rules");
        assert_eq!(table.rules().count(), 14);
        let rule = |class| table.of(Money::ElectronicMoney, Some(CardClass(class)), None);
        let waon = rule(10).expect("a rule");
        assert_eq!((waon.cash, waon.to_confirm), (CashBack::Instead, false));
        assert_eq!(rule(7).map(|rule| rule.name.as_str()), Some("id"));
        let added = over("a.toml", &OWN.replace("\"waon\"", "\"ours\""), &shipped());
        let added = added.expect("rules");
        assert_eq!(added.rules().count(), 15);
        let ours = added.of(Money::ElectronicMoney, Some(CardClass(10)), None);
        assert_eq!(
            ours.map(|rule| rule.name.as_str()),
            Some("ours"),
            "the later one stands"
        );
        assert_eq!(over("a.toml", "", &shipped()), Ok(shipped()));
    }

    #[test]
    fn a_rule_that_cannot_stand_is_told_with_its_line_and_a_remedy() {
        let twice = format!("{OWN}{OWN}");
        for (text, line, problem) in [
            (
                OWN.replace("void = \"never\"", "viod = \"never\""),
                6,
                "unknown field",
            ),
            (
                OWN.replace("void = \"never\"", "void = \"tomorrow\""),
                6,
                "unknown variant",
            ),
            (
                OWN.replace("void = \"never\"", "void = { within_days = 3 }"),
                6,
                "取消",
            ),
            (OWN.replace("source = \"契約書\"\n", ""), 2, "missing field"),
            (OWN.replace("classes = [10]\n", ""), 3, "is for nothing"),
            (
                OWN.replace("classes = [10]", "media = [\"credit\"]"),
                8,
                "never given back in cash",
            ),
            (twice, 14, "another rule as well"),
            (
                OWN.replace("\"waon\"", "\"code\""),
                1,
                "no rule is left for every `code`",
            ),
            ("rule = 3".to_owned(), 1, "invalid type"),
            ("[[rule]".to_owned(), 1, ""),
        ] {
            let error = over("own.toml", &text, &shipped()).expect_err("it cannot stand");
            assert_eq!(error.line, line, "{error}");
            assert!(error.problem.contains(problem), "{error}");
            assert!(!error.remedy.is_empty());
            assert!(error.to_string().starts_with("own.toml, line "), "{error}");
        }
    }
}
