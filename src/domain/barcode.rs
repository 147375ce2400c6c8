//! What a scanned code says: the rules of a site (`assets/barcode_rules.toml`), the first that fits, and why the others do not.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub mod check;
pub mod framing;
pub mod pattern;
#[cfg(test)]
mod tests;

use super::bill::{InOut, InvoiceNumber, PatientNumber};
use super::money::Yen;
use super::slip::{SlipCodeError, SlipNumber};
use super::text::{Bilingual, fold_width, strip_unsafe};
use check::Algorithm;
use pattern::{Part, Pattern, Unlike};

/// The longest code that is read.
pub const CODE_CHARS_MAX: usize = 200;

/// What bars a code is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Symbology {
    /// JAN-13, EAN-13, UPC-A.
    #[serde(rename = "jan13")]
    Jan13,
    /// JAN-8, EAN-8.
    #[serde(rename = "jan8")]
    Jan8,
    /// NW-7 (Codabar).
    #[serde(rename = "nw7")]
    Nw7,
    /// CODE39.
    #[serde(rename = "code39")]
    Code39,
    /// CODE128.
    #[serde(rename = "code128")]
    Code128,
    /// GS1-128.
    #[serde(rename = "gs1-128")]
    Gs1128,
    /// ITF.
    #[serde(rename = "itf")]
    Itf,
    /// GS1 DataBar.
    #[serde(rename = "databar")]
    DataBar,
    /// QR.
    #[serde(rename = "qr")]
    Qr,
    /// Data Matrix.
    #[serde(rename = "datamatrix")]
    DataMatrix,
    /// Another one, which the scanner names and no rule is for.
    #[serde(skip)]
    Other,
}

impl Symbology {
    /// The word of the rules file.
    pub const fn word(self) -> &'static str {
        match self {
            Symbology::Jan13 => "jan13",
            Symbology::Jan8 => "jan8",
            Symbology::Nw7 => "nw7",
            Symbology::Code39 => "code39",
            Symbology::Code128 => "code128",
            Symbology::Gs1128 => "gs1-128",
            Symbology::Itf => "itf",
            Symbology::DataBar => "databar",
            Symbology::Qr => "qr",
            Symbology::DataMatrix => "datamatrix",
            Symbology::Other => "other",
        }
    }

    /// By the AIM identifier `]cm` of ISO/IEC 15424.
    const fn of_aim(code: char, modifier: char) -> Symbology {
        match (code, modifier) {
            ('E', '4') => Symbology::Jan8,
            ('E', '0') => Symbology::Jan13,
            ('A', _) => Symbology::Code39,
            ('F', _) => Symbology::Nw7,
            ('C', '1') => Symbology::Gs1128,
            ('C', _) => Symbology::Code128,
            ('I', _) => Symbology::Itf,
            ('e', _) => Symbology::DataBar,
            ('Q', _) => Symbology::Qr,
            ('d', _) => Symbology::DataMatrix,
            _ => Symbology::Other,
        }
    }
}

/// A scanned text, freed of what the scanner added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// The code: narrow characters, no AIM identifier, no start and stop letters.
    pub code: String,
    /// What bars it was, where the scanner says so.
    pub symbology: Option<Symbology>,
    /// The start and stop letters of NW-7, where they came along.
    pub ends: Option<(char, char)>,
}

impl Scanned {
    /// Read what a scanner sent.
    pub fn read(text: &str) -> Scanned {
        let folded = strip_unsafe(&fold_width(text));
        let mut code = folded.trim();
        let mut symbology = None;
        let mut aim = code.chars();
        if let (Some(']'), Some(letter), Some(modifier)) = (aim.next(), aim.next(), aim.next())
            && letter.is_ascii_alphabetic()
            && modifier.is_ascii_alphanumeric()
        {
            symbology = Some(Symbology::of_aim(letter, modifier));
            code = &code[3..];
        }
        let mut ends = None;
        if matches!(symbology, None | Some(Symbology::Nw7))
            && let Some((start, inner, stop)) = nw7(code)
        {
            ends = Some((start, stop));
            code = inner;
        }
        Scanned {
            code: code.chars().take(CODE_CHARS_MAX).collect(),
            symbology,
            ends,
        }
    }
}

/// The start letter, the code and the stop letter of NW-7.
fn nw7(code: &str) -> Option<(char, &str, char)> {
    let mut characters = code.chars();
    let (start, stop) = (characters.next()?, characters.next_back()?);
    let inner = characters.as_str();
    let is_end = |c: char| matches!(c.to_ascii_uppercase(), 'A'..='D');
    let inside = |c: char| c.is_ascii_digit() || "-$:/.+".contains(c);
    let is_code = !inner.is_empty() && inner.chars().all(inside);
    (is_end(start) && is_end(stop) && is_code).then_some((start, inner, stop))
}

/// What a code of a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 請求書兼領収書.
    Bill,
    /// 診察券.
    Patient,
    /// 商品.
    Goods,
    /// A slip of ours.
    Slip,
}

/// From the patient field of a code to the number of the receipt computer; in this order, and no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Normal {
    /// First everything but digits is left out; where this is false, a card with anything else on it is none.
    pub drop_letters: bool,
    /// Then so many from the right; 0 for all.
    pub keep_last: usize,
    /// Then so many dropped at the end.
    pub drop_last: usize,
    /// Then the zeros in front.
    pub strip_zeros: bool,
}

impl Normal {
    /// The number, `None` where nothing is left of it.
    pub fn apply(&self, field: &str) -> Option<PatientNumber> {
        let digits: Vec<char> = field.chars().filter(char::is_ascii_digit).collect();
        if !self.drop_letters && digits.len() != field.chars().count() {
            return None;
        }
        let from = match self.keep_last {
            0 => 0,
            keep => digits.len().saturating_sub(keep),
        };
        let to = digits.len().saturating_sub(self.drop_last).max(from);
        let kept: String = digits[from..to].iter().collect();
        let number = if self.strip_zeros {
            kept.trim_start_matches('0')
        } else {
            &kept
        };
        PatientNumber::parse(number).ok()
    }
}

/// One rule: how the codes of one sort look, and what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What the rules file and the books call it.
    pub name: String,
    /// What the screen calls it.
    pub title: Bilingual,
    /// What its codes are for.
    pub kind: Kind,
    /// False for a rule that waits to be switched on.
    pub on: bool,
    /// The bars it may be printed in; empty for any. A scanner that does not say is believed.
    pub symbologies: BTreeSet<Symbology>,
    /// How it looks.
    pub pattern: Pattern,
    /// Lengths of a code whose pattern leaves it open, shortest and longest.
    pub lengths: Option<(usize, usize)>,
    /// The characters of the site, for the `s` of the pattern.
    pub constant: String,
    /// The `c` of the pattern.
    pub check: Algorithm,
    /// True where twelve digits are the thirteen of a code whose leading zero the scanner left out.
    pub repad: bool,
    /// How the patient field becomes a patient's number.
    pub patient: Normal,
    /// What the in/out field says for 入院; anything else that is named is 入院外.
    pub inpatient: Vec<String>,
    /// What it says for 入院外.
    pub outpatient: Vec<String>,
    /// The name of the line on our slip.
    pub line: Bilingual,
}

/// What a code says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The rule that read it.
    pub rule: String,
    /// What the screen calls that sort of code.
    pub title: Bilingual,
    /// What it is for.
    pub kind: Kind,
    /// The code itself, whole: the same for every scanner.
    pub code: String,
    /// 金額; zero is no amount.
    pub amount: Option<Yen>,
    /// 患者番号.
    pub patient: Option<PatientNumber>,
    /// 伝票番号 of the receipt computer.
    pub invoice: Option<InvoiceNumber>,
    /// 入外.
    pub in_out: Option<InOut>,
    /// Of a slip of ours: which.
    pub slip: Option<SlipNumber>,
    /// The name of the line on our slip.
    pub line: Bilingual,
    /// Of goods: bills of another site look like that, too.
    pub doubt: Option<Bilingual>,
}

/// Why a rule does not read a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Miss {
    /// It is switched off.
    Off,
    /// The characters of the site were never filled in.
    NoConstant,
    /// Other bars.
    Symbology(Symbology),
    /// It looks otherwise.
    Unlike(Unlike),
    /// The characters of the site are others: how they should be, and how they are.
    Constant {
        /// Of this site.
        wants: String,
        /// On the code.
        has: String,
    },
    /// The check digit is another: what it should be, where that can be told, and what it is.
    Check {
        /// Computed.
        wants: Option<char>,
        /// On the code.
        has: String,
    },
    /// A field that says nothing that can be: its letter.
    Field(char),
}

/// Why a code is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It is one of ours by its look, and misread or damaged.
    Misread(Bilingual),
    /// It is one of another site.
    OtherSite(Bilingual),
    /// No rule is for it.
    Unknown,
}

impl Rule {
    /// What the code says by this rule.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn read(&self, scanned: &Scanned) -> Result<Reading, Miss> {
        if !self.on {
            return Err(Miss::Off);
        }
        if self.pattern.count(Part::Constant) > 0 && self.constant.is_empty() {
            return Err(Miss::NoConstant);
        }
        if let Some(symbology) = scanned.symbology
            && !self.symbologies.is_empty()
            && !self.symbologies.contains(&symbology)
        {
            return Err(Miss::Symbology(symbology));
        }
        let code = self.whole(&scanned.code);
        if let Some((shortest, longest)) = self.lengths
            && !(shortest..=longest).contains(&code.chars().count())
        {
            return Err(Miss::Unlike(Unlike::Length {
                wants: shortest,
                open: true,
            }));
        }
        let (parts, payload) = self.pattern.cut(&code).map_err(Miss::Unlike)?;
        if let Some(has) = parts.get(&Part::Constant)
            && *has != self.constant
        {
            let (wants, has) = (self.constant.clone(), has.clone());
            // Whether it is another site's is only said of a code that is sound.
            self.check(&parts, &payload, scanned)?;
            return Err(Miss::Constant { wants, has });
        }
        self.check(&parts, &payload, scanned)?;
        self.fields(code, &parts)
    }

    /// The code with the zero that the scanner left out.
    fn whole(&self, code: &str) -> String {
        let dropped = self.repad && code.len() == 12 && code.bytes().all(|b| b.is_ascii_digit());
        match self.kind {
            Kind::Slip => code.to_ascii_uppercase(),
            _ if dropped => format!("0{code}"),
            _ => code.to_owned(),
        }
    }

    fn check(
        &self,
        parts: &BTreeMap<Part, String>,
        payload: &str,
        scanned: &Scanned,
    ) -> Result<(), Miss> {
        let Some(has) = parts.get(&Part::Check) else {
            return Ok(());
        };
        if self.check == Algorithm::None {
            return Ok(());
        }
        let wants = self.check.of(payload, scanned.ends);
        if wants.is_some_and(|wants| has.chars().eq([wants])) {
            return Ok(());
        }
        Err(Miss::Check {
            wants,
            has: has.clone(),
        })
    }

    fn fields(&self, code: String, parts: &BTreeMap<Part, String>) -> Result<Reading, Miss> {
        let amount = match parts.get(&Part::Amount) {
            None => None,
            Some(text) => Some(
                Yen::parse(text, Yen::LIMIT)
                    .ok()
                    .filter(|amount| amount.is_positive())
                    .ok_or(Miss::Field('a'))?,
            ),
        };
        let patient = match parts.get(&Part::Patient) {
            None => None,
            Some(text) => Some(self.patient.apply(text).ok_or(Miss::Field('p'))?),
        };
        let invoice = match parts.get(&Part::Invoice) {
            None => None,
            Some(text) => Some(InvoiceNumber::parse(text).map_err(|_| Miss::Field('i'))?),
        };
        let in_out = match parts.get(&Part::InOut) {
            None => None,
            Some(text) if self.inpatient.contains(text) => Some(InOut::In),
            Some(text) if self.outpatient.contains(text) => Some(InOut::Out),
            Some(_) => return Err(Miss::Field('o')),
        };
        let slip = match self.kind {
            Kind::Slip => Some(SlipNumber::of_code(&code).map_err(|error| match error {
                SlipCodeError::Misread => Miss::Check {
                    wants: None,
                    has: code.chars().last().into_iter().collect(),
                },
                SlipCodeError::Foreign => Miss::Field('x'),
            })?),
            _ => None,
        };
        Ok(Reading {
            rule: self.name.clone(),
            title: self.title.clone(),
            kind: self.kind,
            code,
            amount,
            patient,
            invoice,
            in_out,
            slip,
            line: self.line.clone(),
            doubt: None,
        })
    }

    /// True where a code that comes so far is of this rule and no other: something on it is always the same, and was there.
    fn claims(&self, miss: &Miss) -> bool {
        let marked = self.pattern.literals() + self.pattern.count(Part::Constant) >= 2;
        marked && matches!(miss, Miss::Check { .. } | Miss::Field(_))
    }
}

/// The rules of a site, in the order in which they are asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleTable(Vec<Rule>);

impl RuleTable {
    /// These rules, in this order.
    pub fn new(rules: Vec<Rule>) -> RuleTable {
        RuleTable(rules)
    }

    /// Every rule.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter()
    }

    /// What a code says: by the first rule that reads it. A code that one rule knows as its own and finds damaged is offered to no other.
    ///
    /// # Errors
    ///
    /// Why it is not taken.
    pub fn read(&self, scanned: &Scanned) -> Result<Reading, Refused> {
        let mut other_site = None;
        let mut misread = None;
        for rule in &self.0 {
            match rule.read(scanned) {
                Ok(reading) => {
                    let doubt = other_site.filter(|_| reading.kind == Kind::Goods);
                    return Ok(Reading { doubt, ..reading });
                }
                Err(miss) if rule.claims(&miss) => {
                    return Err(Refused::Misread(rule.title.clone()));
                }
                Err(Miss::Constant { .. }) => {
                    other_site.get_or_insert_with(|| rule.title.clone());
                }
                Err(Miss::Check { wants: Some(_), .. }) => {
                    misread.get_or_insert_with(|| rule.title.clone());
                }
                Err(_) => {}
            }
        }
        Err(match (other_site, misread) {
            (Some(title), _) => Refused::OtherSite(title),
            (None, Some(title)) => Refused::Misread(title),
            (None, None) => Refused::Unknown,
        })
    }

    /// What every rule says of a code, in their order.
    pub fn explain(&self, scanned: &Scanned) -> Vec<(&Rule, Result<Reading, Miss>)> {
        self.0
            .iter()
            .map(|rule| (rule, rule.read(scanned)))
            .collect()
    }
}
