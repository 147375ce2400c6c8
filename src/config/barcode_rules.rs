//! Bar code rules: the shipped ones, and `barcode_rules.toml` of the config folder over them.

use serde::Deserialize;
use toml::Spanned;

use super::undo_rules::{RulesError, key_after, line_at};
use crate::domain::barcode::check::Algorithm;
use crate::domain::barcode::pattern::{Part, Pattern};
use crate::domain::barcode::{Kind, Normal, Rule, RuleTable, Symbology};
use crate::domain::ring_up::NAME_MAX;
use crate::domain::text::Bilingual;

/// What a site's own rules are called in the config folder.
pub const FILE_NAME: &str = "barcode_rules.toml";
/// The shipped rules.
pub const SHIPPED: &str = include_str!("../../assets/barcode_rules.toml");

/// More rules than any site has programs that print bills.
const RULES_MAX: usize = 100;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    #[serde(default)]
    rule: Vec<Spanned<Row>>,
}

/// A rule as it is written; what a row of a known name leaves out stays as it was.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    title: Option<Bilingual>,
    kind: Option<Kind>,
    on: Option<bool>,
    symbologies: Option<Vec<Symbology>>,
    pattern: Option<String>,
    lengths: Option<[usize; 2]>,
    constant: Option<String>,
    check: Option<Algorithm>,
    repad: Option<bool>,
    patient: Option<RawNormal>,
    in_out: Option<InOutWords>,
    line: Option<Bilingual>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawNormal {
    drop_letters: bool,
    keep_last: usize,
    drop_last: usize,
    strip_zeros: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct InOutWords {
    outpatient: Vec<String>,
    inpatient: Vec<String>,
}

impl Row {
    /// This row, and from the one below what this leaves out.
    fn over(self, below: Row) -> Row {
        Row {
            name: self.name,
            title: self.title.or(below.title),
            kind: self.kind.or(below.kind),
            on: self.on.or(below.on),
            symbologies: self.symbologies.or(below.symbologies),
            // A new look has its own lengths and its own constant.
            lengths: match self.pattern {
                Some(_) => self.lengths,
                None => self.lengths.or(below.lengths),
            },
            constant: match self.pattern {
                Some(_) => self.constant,
                None => self.constant.or(below.constant),
            },
            pattern: self.pattern.or(below.pattern),
            check: self.check.or(below.check),
            repad: self.repad.or(below.repad),
            patient: self.patient.or(below.patient),
            in_out: self.in_out.or(below.in_out),
            line: self.line.or(below.line),
        }
    }
}

/// What of a row cannot stand: the key, what is wrong, what to do.
struct Fault(&'static str, String, &'static str);

/// The shipped rules.
pub fn shipped() -> RuleTable {
    of_files("barcode_rules.toml", "").expect("a test reads the shipped rules")
}

/// The shipped rules with those of a site over them. A rule of a shipped name changes it; a new one is asked before the shipped ones.
///
/// # Errors
///
/// A text that is no rules file, or a rule that cannot stand, with line and remedy.
pub fn of_files(file: &str, source: &str) -> Result<RuleTable, RulesError> {
    let shipped: Rows = toml::from_str(SHIPPED).expect("a test reads the shipped rules");
    let error = |at: usize, problem: String, remedy: &str| RulesError {
        file: file.to_owned(),
        line: line_at(source, at),
        problem,
        remedy: remedy.to_owned(),
    };
    let own: Rows = toml::from_str(source).map_err(|failure| {
        error(
            failure.span().map_or(0, |span| span.start),
            failure.message().replace('\n', " "),
            "correct the key or the value there; assets/barcode_rules.toml explains all of them",
        )
    })?;
    let mut below: Vec<Row> = shipped.rule.into_iter().map(Spanned::into_inner).collect();
    let mut first = Vec::new();
    if own.rule.len() > RULES_MAX {
        let remedy = "take out those that are not used";
        return Err(error(0, format!("more than {RULES_MAX} rules"), remedy));
    }
    let mut names = Vec::new();
    for row in own.rule {
        let from = row.span().start.min(source.len());
        let row = row.into_inner();
        let at = |key| key_after(source, from, key).unwrap_or(from);
        if names.contains(&row.name) {
            let problem = format!("another rule is named `{}` as well", row.name);
            return Err(error(at("name"), problem, "give each rule its own name"));
        }
        names.push(row.name.clone());
        let place = below.iter().position(|other| other.name == row.name);
        let whole = match place {
            Some(place) => row.over(below[place].clone()),
            None => row,
        };
        let rule = rule_of(whole.clone())
            .map_err(|Fault(key, problem, remedy)| error(at(key), problem, remedy))?;
        match place {
            Some(place) => below[place] = whole,
            None => first.push(rule),
        }
    }
    let below = below
        .into_iter()
        .map(|row| rule_of(row).map_err(|Fault(_, problem, remedy)| error(0, problem, remedy)));
    let rules: Result<Vec<Rule>, RulesError> = first.into_iter().map(Ok).chain(below).collect();
    Ok(RuleTable::new(rules?))
}

fn rule_of(row: Row) -> Result<Rule, Fault> {
    let missing = |key: &'static str| {
        Fault(
            "name",
            format!("the rule `{}` has no {key}", row.name),
            "write it; assets/barcode_rules.toml has rules to begin from",
        )
    };
    if row.name.is_empty() || row.name.chars().count() > NAME_MAX {
        let problem = format!("a name has 1 to {NAME_MAX} characters");
        return Err(Fault("name", problem, "give the rule a short name"));
    }
    let title = row.title.clone().ok_or_else(|| missing("title"))?;
    let kind = row.kind.ok_or_else(|| missing("kind"))?;
    let written = row.pattern.as_ref().ok_or_else(|| missing("pattern"))?;
    let pattern = Pattern::parse(written).map_err(|problem| {
        Fault(
            "pattern",
            format!("the pattern cannot be read: {problem}"),
            "write it like \"02 0001 a{6} c\"",
        )
    })?;
    let line = row
        .line
        .clone()
        .unwrap_or_else(|| Bilingual::new("診療費", "Medical fee"));
    let rule = Rule {
        name: row.name.clone(),
        title,
        kind,
        on: row.on.unwrap_or(true),
        symbologies: row.symbologies.unwrap_or_default().into_iter().collect(),
        pattern,
        lengths: row.lengths.map(|[from, to]| (from, to)),
        constant: row.constant.unwrap_or_default(),
        check: row.check.unwrap_or_default(),
        repad: row.repad.unwrap_or(false),
        patient: row.patient.map_or_else(Normal::default, |raw| Normal {
            drop_letters: raw.drop_letters,
            keep_last: raw.keep_last,
            drop_last: raw.drop_last,
            strip_zeros: raw.strip_zeros,
        }),
        inpatient: row
            .in_out
            .as_ref()
            .map_or_else(Vec::new, |words| words.inpatient.clone()),
        outpatient: row.in_out.map_or_else(Vec::new, |words| words.outpatient),
        line,
    };
    hold_together(&rule)?;
    Ok(rule)
}

/// What a rule says in two places must agree.
fn hold_together(rule: &Rule) -> Result<(), Fault> {
    let has = |part| rule.pattern.count(part);
    if rule.kind == Kind::Bill && has(Part::Amount) == 0 && has(Part::Invoice) == 0 {
        let problem = "a bill without amount (a) and without invoice (i) says nothing".to_owned();
        return Err(Fault("pattern", problem, "write the fields of the amount"));
    }
    if rule.kind == Kind::Patient && has(Part::Patient) == 0 {
        let problem = "a patient card without a patient (p)".to_owned();
        return Err(Fault("pattern", problem, "write the fields of the patient"));
    }
    let constant = rule.constant.chars().count();
    if constant > 0 && constant != has(Part::Constant) {
        return Err(Fault(
            "constant",
            format!(
                "the constant has {constant} characters, the pattern {} times s",
                has(Part::Constant)
            ),
            "make both as long as each other",
        ));
    }
    if (rule.check != Algorithm::None) != (has(Part::Check) > 0) {
        let problem = "a check algorithm and a check digit (c) go together".to_owned();
        return Err(Fault(
            "check",
            problem,
            "write both; for a digit that is not looked at write x",
        ));
    }
    if has(Part::Check) > 1 {
        let problem = "there is more than one check digit (c)".to_owned();
        return Err(Fault("pattern", problem, "write x for the others"));
    }
    let words = rule.inpatient.iter().chain(&rule.outpatient);
    let fits = |word: &String| word.chars().count() == has(Part::InOut);
    if (has(Part::InOut) > 0) == (rule.inpatient.is_empty() && rule.outpatient.is_empty())
        || !words.clone().all(fits)
    {
        return Err(Fault(
            "in_out",
            "the o of the pattern and the words of in_out do not agree".to_owned(),
            "write as many o as the words have characters",
        ));
    }
    if let Some((from, to)) = rule.lengths
        && (from > to || to < rule.pattern.length().0)
    {
        let problem = "no code of this pattern has such a length".to_owned();
        return Err(Fault("lengths", problem, "write [shortest, longest]"));
    }
    if rule.repad && rule.pattern.length() != (13, false) {
        let problem = "repad is for codes of 13 digits".to_owned();
        return Err(Fault("repad", problem, "take it out"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::barcode::Scanned;

    const OWN: &str = r#"
[[rule]]
name = "ours"
title = { ja = "請求書", en = "bill" }
kind = "bill"
pattern = "99 p{6} o a{6} c"
check = "mod10-3"
in_out = { outpatient = ["1"], inpatient = ["2"] }
"#;

    #[test]
    fn the_shipped_rules_are_rules_and_say_so_in_both_languages() {
        let table = shipped();
        assert_eq!(table.rules().count(), 11);
        for rule in table.rules() {
            assert!(!rule.title.ja.is_empty() && !rule.title.en.is_empty());
        }
    }

    #[test]
    fn a_site_switches_a_shipped_rule_on_with_two_keys() {
        let own = "[[rule]]\nname = \"petrel-plus\"\non = true\nconstant = \"211234\"\n";
        let table = of_files("own.toml", own).expect("rules");
        assert_eq!(table.rules().count(), 11);
        let read = |code: &str| table.read(&Scanned::read(code)).expect("a bill");
        assert_eq!(read("2112340015007").rule, "petrel-plus");
        assert_eq!(read("2112340015007").amount.map(|a| a.get()), Some(1_500));
    }

    #[test]
    fn a_rule_of_the_site_is_asked_before_the_shipped_ones() {
        let table = of_files("own.toml", OWN).expect("rules");
        assert_eq!(table.rules().next().map(|rule| &*rule.name), Some("ours"));
        assert_eq!(table.rules().count(), 12);
    }

    #[test]
    fn a_rule_that_cannot_stand_is_told_with_its_line_and_a_remedy() {
        let twice = format!("{OWN}{OWN}");
        for (text, line, problem) in [
            (OWN.replace("check =", "chekc ="), 7, "unknown field"),
            (OWN.replace("mod10-3", "mod10"), 7, "unknown variant"),
            (OWN.replace("99 p", "99 q"), 6, "`q` is no field"),
            (OWN.replace(" c\"", "\""), 7, "go together"),
            (OWN.replace("a{6} c", "x{6} c"), 6, "says nothing"),
            (OWN.replace("[\"2\"]", "[\"22\"]"), 8, "do not agree"),
            (format!("{OWN}constant = \"12\"\n"), 9, "2 characters"),
            (format!("{OWN}lengths = [3, 5]\n"), 9, "such a length"),
            (format!("{OWN}repad = true\n"), 9, "13 digits"),
            (OWN.replace("kind = \"bill\"\n", ""), 3, "has no kind"),
            (twice, 11, "named `ours` as well"),
            ("[[rule]".to_owned(), 1, ""),
        ] {
            let error = of_files("own.toml", &text).expect_err("it cannot stand");
            assert_eq!(error.line, line, "{error}");
            assert!(error.problem.contains(problem), "{error}");
            assert!(!error.remedy.is_empty());
        }
    }
}
