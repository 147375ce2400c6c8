//! `layout show`, `check`, `encode` and `explain`: what a site engineer needs to bring a terminal to a link.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use chrono::NaiveDateTime;
use clap::{Args, Subcommand, ValueEnum};

use self::told::{explained, hex, summary};
use super::print;
use super::trouble::{Exit, Trouble};
use crate::cat::dialect::layout::{Layout, Meaning, Sender};
use crate::cat::frame::capture::{self, Mark};
use crate::cat::{Authorize, Command, DailyLogType, TransactionType};
use crate::domain::money::Yen;
use crate::domain::slip::{SequenceNumber, TerminalSlipNumber};
use crate::domain::tender::CardClass;
use crate::domain::text::{Bilingual, Language};

mod told;

/// `layout`.
#[derive(Debug, Clone, Subcommand)]
pub enum LayoutCommand {
    /// Write a shipped layout file, to start from
    Show {
        /// Its name; without one, the names
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
    /// Check a layout file
    Check {
        /// The file, or the name of a shipped layout
        #[arg(value_name = "LAYOUT")]
        layout: String,
    },
    /// Write the bytes of a command
    Encode(EncodeArgs),
    /// Explain captured bytes, field by field
    Explain(ExplainArgs),
}

/// `layout encode`.
#[derive(Debug, Clone, Args)]
pub struct EncodeArgs {
    /// The file, or the name of a shipped layout
    #[arg(value_name = "LAYOUT")]
    pub layout: String,
    /// status, sale, void, refund, last-result, reporting, settlement, transactions or standalone
    #[arg(value_name = "COMMAND", hide_possible_values = true)]
    pub command: Asked,
    /// Whole yen
    #[arg(long, value_name = "YEN", default_value_t = 1)]
    pub amount: i64,
    /// Number of the request
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub sequence: u32,
    /// Slip that a void or refund speaks of
    #[arg(long, value_name = "SLIP")]
    pub slip: Option<String>,
    /// Other charges, whole yen
    #[arg(long, value_name = "YEN", default_value_t = 0)]
    pub tax: i64,
    /// Card class
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub card_class: u8,
    /// CAT device id
    #[arg(long, value_name = "ID")]
    pub device: Option<String>,
    /// As practice
    #[arg(long)]
    pub training: bool,
    /// Clock of the console, such as 2026-11-21T14:32:07
    #[arg(
        long,
        value_name = "TIME",
        default_value = "2026-11-21T14:32:07",
        hide_default_value = true
    )]
    pub at: NaiveDateTime,
}

/// `layout explain`.
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// The file, or the name of a shipped layout
    #[arg(value_name = "LAYOUT")]
    pub layout: String,
    /// The bytes, such as "02 30 31 30 30 03 02"; a frame, or the text of one message
    #[arg(long, value_name = "BYTES")]
    pub hex: String,
    /// Who sent them: terminal or console
    #[arg(
        long,
        value_name = "SENDER",
        default_value = "terminal",
        hide_possible_values = true
    )]
    pub from: From,
}

/// A command, as `layout encode` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Asked {
    /// Are you there?
    Status,
    /// authorizeSales.
    Sale,
    /// authorizeVoid.
    Void,
    /// authorizeRefund.
    Refund,
    /// What became of a number?
    LastResult,
    /// 中間計.
    Reporting,
    /// 日計.
    Settlement,
    /// Every transaction.
    Transactions,
    /// Off the link.
    Standalone,
}

/// Who sent the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum From {
    /// The terminal.
    Terminal,
    /// The console.
    Console,
}

/// The longest layout file, in bytes.
const FILE_MAX: u64 = 1_048_576;
/// The most bytes that are explained at once.
const EXPLAIN_MAX: usize = 1_048_576;

/// Run one of them.
pub fn run(command: &LayoutCommand, language: Language) -> Result<Exit, Trouble> {
    match command {
        LayoutCommand::Show { name: None } => {
            let names: String = Layout::shipped_names()
                .map(|name| format!("{name}\n"))
                .collect();
            print(&names)
        }
        LayoutCommand::Show { name: Some(name) } => match Layout::shipped_file(name) {
            Some(file) => print(file),
            None => Err(not_shipped(name)),
        },
        LayoutCommand::Check { layout } => {
            let read = load(layout)?;
            print(&summary(layout, &read, language))
        }
        LayoutCommand::Encode(arguments) => encode(arguments, language),
        LayoutCommand::Explain(arguments) => explain(arguments, language),
    }
}

/// A shipped layout by its name, or a file.
fn load(layout: &str) -> Result<Layout, Trouble> {
    if let Some(shipped) = Layout::shipped(layout) {
        return Ok(shipped);
    }
    let text = read(Path::new(layout)).map_err(|error| cannot_read(layout, &error.to_string()))?;
    Layout::parse(layout, &text).map_err(|error| {
        let line = text.lines().nth(error.line - 1).unwrap_or_default().trim();
        let shown: String = line.chars().take(120).collect();
        Trouble::new(
            Exit::Config,
            Bilingual::new(
                format!("レイアウトファイル {layout} は使えません。"),
                format!("the layout file {layout} cannot be used."),
            ),
            Bilingual::new(
                format!("{}行目: {}\n{shown}", error.line, error.problem),
                format!("line {}: {}\n{shown}", error.line, error.problem),
            ),
            Bilingual::new(error.remedy.clone(), error.remedy),
        )
    })
}

fn read(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?
        .take(FILE_MAX + 1)
        .read_to_string(&mut text)?;
    Ok(text)
}

fn cannot_read(layout: &str, why: &str) -> Trouble {
    let names: Vec<&str> = Layout::shipped_names().collect();
    let names = names.join(", ");
    Trouble::new(
        Exit::Config,
        Bilingual::new(
            format!("レイアウト {layout} を読めません。"),
            format!("the layout {layout} cannot be read."),
        ),
        Bilingual::new(why, why),
        Bilingual::new(
            format!("ファイルの場所を確かめるか、内蔵の名前にしてください: {names}"),
            format!("look at the path, or use the name of a shipped one: {names}"),
        ),
    )
}

fn not_shipped(name: &str) -> Trouble {
    let names: Vec<&str> = Layout::shipped_names().collect();
    let names = names.join(", ");
    Trouble::new(
        Exit::Usage,
        Bilingual::new(
            format!("内蔵のレイアウト「{name}」はありません。"),
            format!("there is no shipped layout `{name}`."),
        ),
        Bilingual::new(
            "名前が一覧にありません。",
            "the name is none of those that are shipped.",
        ),
        Bilingual::new(
            format!("次のどれかにしてください: {names}"),
            format!("use one of: {names}"),
        ),
    )
}

/// A value of the command line, or of the layout, that makes no message.
fn no_message(why: &str) -> Trouble {
    Trouble::new(
        Exit::Usage,
        Bilingual::new("この電文は作れません。", "this message cannot be made."),
        Bilingual::new(why, why),
        Bilingual::new(
            "値を直すか、レイアウトに項目を足してください。",
            "correct the value, or add the field to the layout.",
        ),
    )
}

fn encode(arguments: &EncodeArgs, language: Language) -> Result<Exit, Trouble> {
    let layout = load(&arguments.layout)?;
    let command = command_of(arguments)?;
    let text = layout
        .encode_command(&command, arguments.at)
        .map_err(|error| no_message(&error.to_string()))?;
    let blocks =
        capture::blocks(layout.framing(), &text).map_err(|error| no_message(&error.to_string()))?;
    let (says, goes) = match language {
        Language::Ja => ("電文", "回線"),
        Language::En => ("text", "line"),
    };
    let mut out = String::new();
    for (title, bytes) in std::iter::once((says, &text)).chain(blocks.iter().map(|b| (goes, b))) {
        let count = bytes.len();
        let _ = match language {
            Language::Ja => writeln!(out, "{title} ({count}バイト)"),
            Language::En => writeln!(out, "{title} ({count} bytes)"),
        };
        out.push_str(&hex(bytes));
    }
    if layout.answered_by_acknowledgement(&command).is_some() {
        out.push_str(match language {
            Language::Ja => "受信応答だけが返事です。\n",
            Language::En => "nothing but the acknowledgement answers it.\n",
        });
    }
    print(&out)
}

fn command_of(arguments: &EncodeArgs) -> Result<Command, Trouble> {
    let sequence_number = SequenceNumber::new(arguments.sequence)
        .ok_or_else(|| no_message("--sequence is not within 1 to 999999"))?;
    let original_slip = match &arguments.slip {
        None => None,
        Some(slip) => {
            Some(TerminalSlipNumber::new(slip).map_err(|e| no_message(&format!("--slip: {e}")))?)
        }
    };
    let authorize = |transaction| {
        Command::Authorize(Authorize {
            transaction,
            sequence_number,
            amount: Yen::new(arguments.amount),
            tax_others: Yen::new(arguments.tax),
            card_class: CardClass(arguments.card_class),
            device_id: arguments.device.clone(),
            training: arguments.training,
            original_slip,
        })
    };
    let log = |log| Command::AccessDailyLog {
        sequence_number,
        log,
    };
    Ok(match arguments.command {
        Asked::Status => Command::Status,
        Asked::Sale => authorize(TransactionType::Sales),
        Asked::Void => authorize(TransactionType::Void),
        Asked::Refund => authorize(TransactionType::Refund),
        Asked::LastResult => Command::LastResult { sequence_number },
        Asked::Reporting => log(DailyLogType::Reporting),
        Asked::Settlement => log(DailyLogType::Settlement),
        Asked::Transactions => Command::Transactions,
        Asked::Standalone => Command::Standalone,
    })
}

fn explain(arguments: &ExplainArgs, language: Language) -> Result<Exit, Trouble> {
    let layout = load(&arguments.layout)?;
    let bytes = bytes_of(&arguments.hex)?;
    let sender = match arguments.from {
        From::Terminal => Sender::Terminal,
        From::Console => Sender::Console,
    };
    let lines = layout.explain(&bytes, sender);
    let sound = lines.iter().all(|line| {
        !matches!(
            line.meaning,
            Meaning::Mistake(_) | Meaning::Frame(Mark::WrongCheck(_) | Mark::Broken)
        )
    });
    print(&explained(&lines, language))?;
    Ok(if sound { Exit::Done } else { Exit::CheckFailed })
}

/// Bytes in hex, as captures are written: with spaces, commas, colons, line ends or `0x` between them, or nothing.
fn bytes_of(text: &str) -> Result<Vec<u8>, Trouble> {
    let digits: String = text
        .replace("0x", " ")
        .replace("0X", " ")
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ',' | ':' | '-'))
        .collect();
    let good = !digits.is_empty()
        && digits.len().is_multiple_of(2)
        && digits.len() <= 2 * EXPLAIN_MAX
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bytes: Option<Vec<u8>> = good
        .then(|| {
            (0..digits.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok())
                .collect()
        })
        .flatten();
    bytes.ok_or_else(|| {
        Trouble::new(
            Exit::Usage,
            Bilingual::new("--hex を読めません。", "--hex cannot be read."),
            Bilingual::new(
                "1バイトは16進数2桁です。",
                "a byte is two hexadecimal digits.",
            ),
            Bilingual::new(
                "例: --hex \"02 30 31 30 30 03 02\"",
                "write it like: --hex \"02 30 31 30 30 03 02\"",
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_as_captures_write_them() {
        for text in [
            "02 30 03",
            "023003",
            "0x02,0x30,0x03",
            "02:30:03\n",
            " 02-30-03",
        ] {
            assert_eq!(bytes_of(text).expect(text), [0x02, 0x30, 0x03]);
        }
        for text in ["", "0", "02 3", "zz", "０２"] {
            assert_eq!(bytes_of(text).expect_err(text).exit, Exit::Usage);
        }
    }

    #[test]
    fn a_layout_is_a_shipped_name_or_a_file() {
        assert_eq!(load("transbank").expect("shipped").name(), "transbank");
        let trouble = load("/nowhere/k-100.toml").expect_err("no file");
        assert_eq!(trouble.exit, Exit::Config);
        assert!(trouble.render(Language::En).contains("open-cat, transbank"));
    }
}
