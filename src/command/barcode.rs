//! `barcode`: which rules read bar codes here; `barcode explain`: what a code says, by which rule, and why the others did not read it.

use std::fmt::Write as _;

use clap::Subcommand;
use unicode_width::UnicodeWidthStr as _;

use super::launch::Surroundings;
use super::print;
use super::trouble::{Exit, Trouble};
use crate::domain::barcode::pattern::Unlike;
use crate::domain::barcode::{Kind, Miss, Reading, Refused, RuleTable, Scanned};
use crate::domain::bill::InOut;
use crate::domain::text::Language;

/// `barcode …`.
#[derive(Debug, Subcommand)]
pub enum BarcodeCommand {
    /// List the rules, in the order in which they are asked
    List,
    /// Say what a code means here, and why the other rules do not read it
    Explain {
        /// The code as the scanner sends it
        #[arg(value_name = "CODE")]
        code: String,
    },
    /// Write the rules inside the program, to be copied into barcode_rules.toml of the config folder and changed
    Rules,
}

/// Do it.
///
/// # Errors
///
/// Rules that cannot be used, or an output that takes nothing.
pub fn run(command: &BarcodeCommand, surroundings: &Surroundings) -> Result<Exit, Trouble> {
    let (library, language) = (&surroundings.library, surroundings.language);
    let text = match command {
        // Even beside a broken file: this is what it is mended from.
        BarcodeCommand::Rules => return print(crate::config::barcode_rules::SHIPPED),
        BarcodeCommand::List => list(&library.barcodes, language),
        BarcodeCommand::Explain { code } => explain(&library.barcodes, code, language),
    };
    print(&text)?;
    library.check()?;
    Ok(Exit::Done)
}

fn list(rules: &RuleTable, language: Language) -> String {
    let word = |ja, en| if language == Language::Ja { ja } else { en };
    let mut text = String::new();
    for rule in rules.rules() {
        let switch = if rule.on {
            word("使う", "on")
        } else {
            word("使わない", "off")
        };
        let line = format!(
            "{} {} {}",
            padded(&rule.name, 20),
            padded(switch, 10),
            rule.title.get(language)
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

/// What a code means, rule by rule.
fn explain(rules: &RuleTable, sent: &str, language: Language) -> String {
    let word = |ja: &'static str, en: &'static str| if language == Language::Ja { ja } else { en };
    let scanned = Scanned::read(sent);
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}  {}",
        padded(word("コード", "code"), 12),
        scanned.code
    );
    if let Some(symbology) = scanned.symbology {
        let name = word("種類", "symbology");
        let _ = writeln!(text, "{}  {}", padded(name, 12), symbology.word());
    }
    if let Some((start, stop)) = scanned.ends {
        let name = word("NW-7", "NW-7");
        let _ = writeln!(text, "{}  {start}…{stop}", padded(name, 12));
    }
    let read = rules.read(&scanned);
    text.push('\n');
    match &read {
        Ok(reading) => said(&mut text, reading, language),
        Err(why) => {
            let sentence = match why {
                Refused::Misread(title) => format!(
                    "{}{}",
                    word("読み誤り: ", "misread or damaged: "),
                    title.get(language)
                ),
                Refused::OtherSite(title) => format!(
                    "{}{}",
                    word("当院のものではない: ", "not of this site: "),
                    title.get(language)
                ),
                Refused::Unknown => word("どのルールにも合いません", "no rule reads it").to_owned(),
            };
            let _ = writeln!(text, "{sentence}");
        }
    }
    text.push('\n');
    let mut found = false;
    for (rule, answer) in rules.explain(&scanned) {
        let by_this = !found && read.as_ref().is_ok_and(|reading| reading.rule == rule.name);
        found |= by_this;
        let (mark, why) = match answer {
            Ok(_) if by_this => (
                "*",
                word("このルールで読みました", "read by this rule").to_owned(),
            ),
            Ok(_) => (
                " ",
                word(
                    "合いますが、先のルールが優先です",
                    "fits, but an earlier rule is asked first",
                )
                .to_owned(),
            ),
            Err(miss) => (" ", missed(&miss, language)),
        };
        let _ = writeln!(text, "{mark} {} {why}", padded(&rule.name, 20));
    }
    text
}

/// The fields of a code that was read.
fn said(text: &mut String, reading: &Reading, language: Language) {
    let word = |ja: &'static str, en: &'static str| if language == Language::Ja { ja } else { en };
    let mut fact = |name: &str, value: &str| {
        let _ = writeln!(text, "{}  {value}", padded(name, 12));
    };
    fact(word("ルール", "rule"), &reading.rule);
    let kind = match reading.kind {
        Kind::Bill => word("請求", "bill"),
        Kind::Patient => word("患者", "patient"),
        Kind::Goods => word("商品", "goods"),
        Kind::Slip => word("当店の伝票", "slip of this console"),
    };
    fact(
        word("用途", "kind"),
        &format!("{kind} ({})", reading.title.get(language)),
    );
    if let Some(amount) = reading.amount {
        fact(
            word("金額", "amount"),
            &format!("{amount} {}", word("円", "yen")),
        );
    }
    if let Some(patient) = &reading.patient {
        fact(word("患者番号", "patient"), patient.as_str());
    }
    if let Some(invoice) = &reading.invoice {
        fact(word("伝票番号", "invoice"), invoice.as_str());
    }
    if let Some(in_out) = reading.in_out {
        let name = match in_out {
            InOut::In => word("入院", "inpatient"),
            InOut::Out => word("入院外", "outpatient"),
        };
        fact(word("入外", "in/out"), name);
    }
    if let Some(slip) = reading.slip {
        fact(word("伝票", "slip"), &slip.to_string());
    }
}

/// Why a rule did not read a code.
fn missed(miss: &Miss, language: Language) -> String {
    let ja = language == Language::Ja;
    match miss {
        Miss::Off if ja => "使わない設定です (on = false)".to_owned(),
        Miss::Off => "switched off (on = false)".to_owned(),
        Miss::NoConstant if ja => "店の固定の数字 (constant) が書かれていません".to_owned(),
        Miss::NoConstant => "its constant is not filled in".to_owned(),
        Miss::Symbology(symbology) if ja => format!("{} は対象外です", symbology.word()),
        Miss::Symbology(symbology) => format!("not for {}", symbology.word()),
        Miss::Unlike(Unlike::Length { wants, open }) => match (ja, open) {
            (true, false) => format!("長さが違います ({wants}文字のはず)"),
            (true, true) => format!("長さが違います ({wants}文字以上のはず)"),
            (false, false) => format!("another length: it has {wants} characters"),
            (false, true) => {
                format!("another length: it has {wants} characters or more, within its lengths")
            }
        },
        Miss::Unlike(Unlike::Literal { at, wants }) if ja => {
            format!("{at}文字目が違います ({wants} のはず)")
        }
        Miss::Unlike(Unlike::Literal { at, wants }) => {
            format!("character {at} is not {wants}")
        }
        Miss::Unlike(Unlike::NotADigit { at }) if ja => format!("{at}文字目が数字ではありません"),
        Miss::Unlike(Unlike::NotADigit { at }) => format!("character {at} is no digit"),
        Miss::Constant { wants, has } if ja => {
            format!("固定の数字が違います ({wants} のはずが {has})")
        }
        Miss::Constant { wants, has } => format!("the constant is {has}, and should be {wants}"),
        Miss::Check {
            wants: Some(wants),
            has,
        } if ja => {
            format!("チェックデジットが違います ({wants} のはずが {has})")
        }
        Miss::Check {
            wants: Some(wants),
            has,
        } => {
            format!("the check digit is {has}, and should be {wants}")
        }
        Miss::Check { wants: None, .. } if ja => "チェックデジットが合いません".to_owned(),
        Miss::Check { wants: None, .. } => "the check digit does not fit".to_owned(),
        Miss::Field(letter) if ja => format!("{letter} の欄が値として読めません"),
        Miss::Field(letter) => format!("the field {letter} says nothing that can be"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::barcode_rules::shipped;

    #[test]
    fn a_code_is_explained_rule_by_rule_in_both_languages() {
        for (language, words) in [
            (
                Language::Ja,
                [
                    "650 円",
                    "このルールで読みました",
                    "先のルールが優先",
                    "使わない設定",
                ],
            ),
            (
                Language::En,
                [
                    "650 yen",
                    "read by this rule",
                    "asked first",
                    "switched off",
                ],
            ),
        ] {
            let text = explain(&shipped(), "]E0200010006508", language);
            for word in words {
                assert!(text.contains(word), "{word}: {text}");
            }
            assert_eq!(text.lines().filter(|line| line.starts_with('*')).count(), 1);
            assert_eq!(list(&shipped(), language).lines().count(), 11);
        }
        let wrong = explain(&shipped(), "0200010006507", Language::En);
        assert!(
            wrong.contains("the check digit is 7, and should be 8"),
            "{wrong}"
        );
    }
}
