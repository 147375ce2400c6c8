//! What is wrong with a config file, where it stands, and how a person is told.

use std::fmt::Write as _;
use std::ops::Range;

use super::orca::OrcaFault;
use super::orca_tender::TenderFault;
use super::place::Place;
use super::port::BadAddress;
use super::printer::PrinterFault;
use super::scanner::ScannerFault;
use super::words;
use crate::domain::master::Finding;
use crate::domain::text::{Language, strip_unsafe};

/// A config file that cannot be used, with everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.render(Language::En).trim_end())]
pub struct ConfigError {
    /// The file's name.
    pub file: String,
    /// At least one.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, if it is at one place.
    pub place: Option<Place>,
    /// What.
    pub kind: ProblemKind,
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// The file as a whole.
    File(FileFault),
    /// Its keys and types.
    Shape(ShapeFault),
    /// A text that is not of its form.
    Form(Form),
    /// A text that cannot be shown or printed.
    Text(TextFault),
    /// Not an address of a port.
    Address(BadAddress),
    /// A value that cannot stand here.
    Value(ValueFault),
    /// A rule of the card master.
    Card(Finding),
}

/// What can be wrong with the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFault {
    /// There is none.
    Missing,
    /// The system does not give it, and says why.
    Unreadable(String),
    /// A folder, a pipe, a device.
    NotAFile,
    /// Larger than any config.
    TooLarge,
    /// Another encoding than UTF-8.
    NotUtf8,
}

/// What can be wrong with keys and types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShapeFault {
    /// Not TOML.
    Syntax {
        /// The parser's words.
        detail: String,
    },
    /// A key that means nothing here.
    UnknownKey {
        /// As written.
        key: String,
        /// Those that mean something here.
        known: Vec<String>,
    },
    /// A key that must be there.
    MissingKey {
        /// Which.
        key: String,
    },
    /// A value of another type.
    WrongType {
        /// The parser's words for it.
        found: String,
        /// The parser's words for what it should be.
        expected: String,
    },
    /// A word that is none of those allowed.
    UnknownWord {
        /// As written.
        word: String,
        /// Those allowed.
        known: Vec<String>,
    },
}

/// What can be wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueFault {
    /// A number.
    Number(NumberFault),
    /// A CAT port.
    Port(PortFault),
    /// A row of a master.
    Row(RowFault),
    /// The receipt printer.
    Printer(PrinterFault),
    /// 入金方法 of the receipt computer.
    Tender(TenderFault),
    /// The receipt computer.
    Orca(OrcaFault),
    /// The bar code scanner.
    Scanner(ScannerFault),
}

/// What can be wrong with a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberFault {
    /// CAT連動 9.
    TestMode,
    /// A switch that is neither 0 nor 1.
    ZeroOrOne {
        /// As written.
        value: i64,
    },
    /// Outside its range.
    OutOfRange {
        /// The least.
        low: i64,
        /// The most.
        high: i64,
    },
}

/// What can be wrong with a CAT port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortFault {
    /// baud, data_bits, parity or stop_bits for a port on the LAN.
    LineOfLan,
    /// CAT1 and CAT2 are one port.
    SamePort,
    /// CAT1 and CAT2 are of one model, so that no card goes to CAT2.
    SameModel,
    /// 取消 and 返品 over the link, which the model's link does not carry.
    UndoNotCarried {
        /// 連携機種.
        model: String,
    },
    /// The model listens on another TCP port than this.
    OtherPort {
        /// 連携機種.
        model: String,
        /// The TCP port it listens on.
        port: u16,
    },
    /// No such 連携機種.
    UnknownModel {
        /// As written.
        model: String,
        /// Those known.
        known: Vec<String>,
    },
}

/// What can be wrong with the rows of a master.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowFault {
    /// More card companies than a menu can hold.
    TooManyCards,
    /// A カード区分 whose meaning is fixed.
    FixedClass,
    /// A カード区分 answered by one that does not exist.
    UnknownAnswer {
        /// The class that is not there.
        class: u8,
    },
    /// The operators.
    Operator(OperatorFault),
    /// CAT連動 1, and no card is linked.
    NothingLinked,
    /// A linked card of a class that the model's link does not take.
    ClassNotTaken {
        /// カード会社コード.
        code: String,
        /// カード区分.
        class: u8,
        /// 連携機種.
        model: String,
    },
}

/// What can be wrong with the operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperatorFault {
    /// More than a list can hold.
    TooMany,
    /// Two of one code.
    Twice {
        /// 担当者コード.
        code: String,
    },
    /// The default operator has another name in the list.
    Renamed {
        /// 担当者コード.
        code: String,
    },
    /// 担当者入力 is on, and there is one operator.
    NobodyToAsk,
}

/// Texts with a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `T` and 13 digits.
    InvoiceNumber,
    /// `HH:MM`.
    TimeOfDay,
    /// `+HH:MM`.
    Offset,
    /// Letters, digits and hyphens.
    OperatorCode,
    /// One to four lines.
    NameLines,
}

/// Why a text cannot be shown or printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFault {
    /// Nothing there.
    Empty,
    /// Longer than this many characters.
    TooLong(usize),
    /// Control or invisible characters.
    Unsafe,
    /// It may be a card number.
    CardNumber,
}

impl From<NumberFault> for ProblemKind {
    fn from(fault: NumberFault) -> ProblemKind {
        ProblemKind::Value(ValueFault::Number(fault))
    }
}

impl From<PortFault> for ProblemKind {
    fn from(fault: PortFault) -> ProblemKind {
        ProblemKind::Value(ValueFault::Port(fault))
    }
}

impl From<PrinterFault> for ProblemKind {
    fn from(fault: PrinterFault) -> ProblemKind {
        ProblemKind::Value(ValueFault::Printer(fault))
    }
}

impl From<TenderFault> for ProblemKind {
    fn from(fault: TenderFault) -> ProblemKind {
        ProblemKind::Value(ValueFault::Tender(fault))
    }
}

impl From<OrcaFault> for ProblemKind {
    fn from(fault: OrcaFault) -> ProblemKind {
        ProblemKind::Value(ValueFault::Orca(fault))
    }
}

impl From<ScannerFault> for ProblemKind {
    fn from(fault: ScannerFault) -> ProblemKind {
        ProblemKind::Value(ValueFault::Scanner(fault))
    }
}

impl From<RowFault> for ProblemKind {
    fn from(fault: RowFault) -> ProblemKind {
        ProblemKind::Value(ValueFault::Row(fault))
    }
}

impl From<OperatorFault> for ProblemKind {
    fn from(fault: OperatorFault) -> ProblemKind {
        RowFault::Operator(fault).into()
    }
}

impl ConfigError {
    pub(super) fn of_file(file: &str, fault: FileFault) -> ConfigError {
        let problem = Problem {
            place: None,
            kind: ProblemKind::File(fault),
        };
        ConfigError::of_problem(file, problem)
    }

    pub(super) fn of_problem(file: &str, problem: Problem) -> ConfigError {
        ConfigError {
            file: file.to_owned(),
            problems: vec![problem],
        }
    }

    /// All problems, each with its place, its line and its remedy.
    pub fn render(&self, language: Language) -> String {
        render(&self.file, &self.problems, language)
    }
}

/// More problems than this are counted, not told.
const SHOWN_MAX: usize = 10;

/// Problems as a person reads them.
pub fn render(file: &str, problems: &[Problem], language: Language) -> String {
    let mut out = String::new();
    let shown_file = strip_unsafe(file);
    for problem in problems.iter().take(SHOWN_MAX) {
        let told = words::tell(&problem.kind);
        let what = strip_unsafe(told.what.get(language));
        let remedy = strip_unsafe(told.remedy.get(language));
        let todo = match language {
            Language::Ja => "対処",
            Language::En => "what to do",
        };
        match &problem.place {
            Some(place) => {
                let _ = writeln!(out, "{shown_file}:{}:{}: {what}", place.line, place.column);
                place.quote(&mut out);
            }
            None => {
                let _ = writeln!(out, "{shown_file}: {what}");
            }
        }
        let _ = writeln!(out, "  {todo}: {remedy}");
    }
    if let Some(more @ 1..) = problems.len().checked_sub(SHOWN_MAX) {
        let _ = match language {
            Language::Ja => writeln!(out, "{shown_file}: ほかに {more} 件"),
            Language::En => writeln!(out, "{shown_file}: and {more} more"),
        };
    }
    out
}

impl Problem {
    pub(super) fn at(source: &str, span: Range<usize>, kind: ProblemKind) -> Problem {
        Problem {
            place: Some(Place::of(source, span)),
            kind,
        }
    }

    /// What the TOML parser found, in our words. Its messages are held by a test, and one that is not known is passed on as it is.
    pub(super) fn of_toml(source: &str, error: &toml::de::Error) -> Problem {
        Problem {
            place: error.span().map(|span| Place::of(source, span)),
            kind: kind_of_message(error.message()),
        }
    }
}

fn kind_of_message(message: &str) -> ProblemKind {
    let neither = message.strip_suffix(" is neither 0 nor 1");
    if let Some(value) = neither.and_then(|value| value.parse().ok()) {
        return ProblemKind::from(NumberFault::ZeroOrOne { value });
    }
    let mut quoted = message.split('`').skip(1).step_by(2).map(str::to_owned);
    let shape = if message.starts_with("unknown field `") {
        ShapeFault::UnknownKey {
            key: quoted.next().unwrap_or_default(),
            known: quoted.collect(),
        }
    } else if message.starts_with("missing field `") {
        ShapeFault::MissingKey {
            key: quoted.next().unwrap_or_default(),
        }
    } else if message.starts_with("unknown variant `") {
        ShapeFault::UnknownWord {
            word: quoted.next().unwrap_or_default(),
            known: quoted.collect(),
        }
    } else if let Some((found, expected)) = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))
        .and_then(|rest| rest.rsplit_once(", expected "))
    {
        ShapeFault::WrongType {
            found: found.to_owned(),
            expected: expected.to_owned(),
        }
    } else {
        ShapeFault::Syntax {
            detail: message.to_owned(),
        }
    };
    ProblemKind::Shape(shape)
}

/// The known word that a mistyped one is nearest to, if any is near.
pub(crate) fn nearest<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a String>,
) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|candidate| (edits(word, candidate), candidate.as_str()))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters must be put in, taken out, changed or swapped with their neighbour.
fn edits(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (rows[i - 1][j] + 1)
                .min(row[j - 1] + 1)
                .min(rows[i - 1][j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_key() {
        let known: Vec<String> = ["port", "model", "baud", "cat_link"]
            .map(String::from)
            .into();
        for (word, expected) in [
            ("prot", Some("port")),
            ("Port", Some("port")),
            ("cat-link", Some("cat_link")),
            ("modell", Some("model")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, &known), expected, "{word}");
        }
    }
}
