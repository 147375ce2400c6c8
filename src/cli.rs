//! The command line: one definition for parsing, help, man page and completions.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::{Arg, ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::command::barcode::BarcodeCommand;
use crate::command::items::ItemsCommand;
use crate::command::layout::LayoutCommand;
use crate::command::orca::OrcaCommand;
use crate::command::sales::SalesArgs;
use crate::command::simulate::SimulateArgs;
use crate::command::terminal::TerminalArgs;
use crate::config::port::PortAddress;
use crate::domain::slip::SlipNumber;
use crate::domain::text::Language;

/// Front-desk console for a clinic or shop: ring up, take cash or send the amount to the card terminal, write the sale to the books.
///
/// Without a subcommand the console opens. With no config file and no --port it is in practice mode with a simulated terminal inside: nothing is charged.
#[derive(Debug, Parser)]
#[command(name = "madoguchi", version, disable_help_subcommand = true)]
pub struct Cli {
    /// Where config and books are, and the language.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// How the console starts.
    #[command(flatten)]
    pub start: StartArgs,
    /// What to do instead of opening the console.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Where config and books are, and the language.
#[derive(Debug, Clone, Default, Args)]
pub struct PlaceArgs {
    /// Config file [default: config.toml in the config folder]
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Folder of the books
    #[arg(long, value_name = "DIR", global = true)]
    pub data_dir: Option<PathBuf>,
    /// Language [default: that of the locale]
    #[arg(long, value_name = "ja|en", hide_possible_values = true, global = true)]
    pub lang: Option<Lang>,
}

/// How the console starts.
#[derive(Debug, Clone, Default, Args)]
pub struct StartArgs {
    /// Practice mode: books of its own, nothing is charged
    #[arg(long)]
    pub practice: bool,
    /// Port of the card terminal: /dev/ttyUSB0, COM3, tcp://HOST:PORT
    #[arg(long, value_name = "PORT")]
    pub port: Option<PortAddress>,
    /// Model of the card terminal
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
}

/// What to do instead of opening the console.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Play a card terminal, as a process of its own
    Terminal(TerminalArgs),
    /// The receipt computer
    #[command(subcommand)]
    Orca(OrcaCommand),
    /// List the sales
    Sales(SalesArgs),
    /// The catalogue of goods: take a CSV file in, list it, write it out
    #[command(subcommand)]
    Items(ItemsCommand),
    /// Show a slip as it is printed, or the words of slips
    #[command(subcommand)]
    Slip(SlipCommand),
    /// Play sessions of a counter with everything that can go wrong, and check that no money is lost
    Simulate(SimulateArgs),
    /// Prove the books: the chain over the entries, and everything beside it
    Verify(VerifyArgs),
    /// Test the link to the card terminal; nothing is charged
    #[command(subcommand)]
    Link(LinkCommand),
    /// Look at port, model, books, clock, locale, screen and keys, and say what to do
    Doctor(DoctorArgs),
    /// List the terminal models there are, or write one out
    Models(ModelsArgs),
    /// Write a sample config, or check one
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Show, check and try the layout files that describe how terminals speak
    #[command(subcommand)]
    Layout(LayoutCommand),
    /// Say what bar codes mean here: the rules, and why one does or does not read a code
    #[command(subcommand)]
    Barcode(BarcodeCommand),
    /// Write completions for a shell
    Completions {
        /// The shell
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
    /// Write the man page
    Man,
}

/// `slip`.
#[derive(Debug, Subcommand)]
pub enum SlipCommand {
    /// Show one slip of the books
    Show {
        /// Its number, or the text of its bar code
        #[arg(value_name = "SLIP", value_parser = slip_number)]
        slip: SlipNumber,
        /// Form: text to be read, escpos to be sent to a receipt printer (always marked as a copy)
        #[arg(
            long = "as",
            value_name = "text|escpos",
            hide_possible_values = true,
            default_value = "text"
        )]
        form: SlipForm,
        /// Columns of the paper: 32, 42 or 48 [default: those of the config]
        #[arg(long, value_name = "N", value_parser = columns)]
        columns: Option<u8>,
        /// Instead, what is still to be done by hand for it
        #[arg(long)]
        task: bool,
    },
    /// Write out the words of a slip, to be copied into slips/ of the config folder and changed
    Template {
        /// sale, part, cancel, return, task or test
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// `--as`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SlipForm {
    /// For people.
    Text,
    /// For a receipt printer.
    Escpos,
}

fn slip_number(text: &str) -> Result<SlipNumber, String> {
    if let Ok(slip) = SlipNumber::of_code(text) {
        return Ok(slip);
    }
    match text.parse::<u32>() {
        Ok(number) if (1..=SlipNumber::LAST).contains(&number) => Ok(SlipNumber::new(number)),
        _ => Err("a slip has a number from 1 to 99999999".to_owned()),
    }
}

fn columns(text: &str) -> Result<u8, String> {
    match text {
        "32" => Ok(32),
        "42" => Ok(42),
        "48" => Ok(48),
        _ => Err("paper has 32, 42 or 48 columns".to_owned()),
    }
}

/// `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The practice books instead of the live ones
    #[arg(long)]
    pub practice: bool,
}

/// `models`.
#[derive(Debug, Args)]
pub struct ModelsArgs {
    /// What to do instead of listing them.
    #[command(subcommand)]
    pub command: Option<ModelsCommand>,
}

/// `models …`.
#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// Write the file of a model, to be copied into models/ of the config folder and changed
    Show {
        /// The model
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// How the console would start.
    #[command(flatten)]
    pub start: StartArgs,
    /// Form of the answer
    #[arg(
        long,
        value_name = "text|json",
        hide_possible_values = true,
        default_value = "text"
    )]
    pub format: DoctorFormat,
}

/// `link`.
#[derive(Debug, Subcommand)]
pub enum LinkCommand {
    /// Ask the terminal for its state, and find out what is wrong where it does not answer
    Probe(LinkArgs),
    /// The same, and every byte on the line, masked
    Trace {
        /// What to ask, and how to answer.
        #[command(flatten)]
        link: LinkArgs,
        /// Instead, print what the console exported last
        #[arg(long, conflicts_with_all = ["port", "model", "practice", "format"])]
        exported: bool,
    },
}

/// `link probe` and `link trace`.
#[derive(Debug, Args)]
pub struct LinkArgs {
    /// How the console would start.
    #[command(flatten)]
    pub start: StartArgs,
    /// Form of the answer
    #[arg(
        long,
        value_name = "text|json",
        hide_possible_values = true,
        default_value = "text"
    )]
    pub format: DoctorFormat,
}

/// Form of the answer of `doctor` and `link`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// `config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Write the commented sample
    Print,
    /// Check a config file
    Check {
        /// The file; - is standard input [default: the one the console would read]
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

/// `--lang`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// Japanese.
    Ja,
    /// English.
    En,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Language {
        match lang {
            Lang::Ja => Language::Ja,
            Lang::En => Language::En,
        }
    }
}

impl StartArgs {
    /// These, and where they say nothing, the others.
    pub fn or(self, others: StartArgs) -> StartArgs {
        StartArgs {
            practice: self.practice || others.practice,
            port: self.port.or(others.port),
            model: self.model.or(others.model),
        }
    }

    fn is_empty(&self) -> bool {
        !self.practice && self.port.is_none() && self.model.is_none()
    }
}

/// Read the command line. `Err` is a wrong one, or a wish for help or the version.
pub fn parse(
    arguments: impl IntoIterator<Item = OsString>,
    language: Language,
) -> Result<Cli, clap::Error> {
    let mut command = command(language);
    let matches = command.try_get_matches_from_mut(arguments)?;
    let cli = Cli::from_arg_matches(&matches)?;
    let takes_start = matches!(
        cli.command,
        None | Some(Command::Doctor(_) | Command::Link(_))
    );
    if !takes_start && !cli.start.is_empty() {
        let message = "--practice, --port and --model before a subcommand have no effect; write them after it where it takes them";
        return Err(command.error(clap::error::ErrorKind::ArgumentConflict, message));
    }
    Ok(cli)
}

/// The language of help and errors: `--lang`, then the locale. Needed before the command line is read.
pub fn language(
    arguments: &[OsString],
    environment: impl Fn(&str) -> Option<OsString>,
) -> Language {
    asked_language(arguments).unwrap_or_else(|| language_of_locale(environment))
}

fn asked_language(arguments: &[OsString]) -> Option<Language> {
    let mut rest = arguments.iter().map(|argument| argument.to_string_lossy());
    while let Some(argument) = rest.next() {
        let value = match argument.strip_prefix("--lang") {
            Some("") => rest.next()?.into_owned(),
            Some(value) => value.strip_prefix('=')?.to_owned(),
            None => continue,
        };
        return Lang::from_str(&value, false).ok().map(Language::from);
    }
    None
}

/// The language of the locale: Japanese where it says so. Windows sets none of these, and a counter PC there is a Japanese one.
pub fn language_of_locale(environment: impl Fn(&str) -> Option<OsString>) -> Language {
    let first = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(environment)
        .find(|value| !value.is_empty());
    match first {
        Some(value) if starts_with_ja(&value) => Language::Ja,
        None if cfg!(windows) => Language::Ja,
        Some(_) | None => Language::En,
    }
}

fn starts_with_ja(value: &OsStr) -> bool {
    value.to_string_lossy().to_lowercase().starts_with("ja")
}

/// Exit codes, as help and man page tell them.
const EXIT_CODES_EN: &str = "Exit codes:
  0    done
  1    the books are broken (verify), a check failed (doctor, layout explain), a terminal does not answer (link), or something did not
       hold (simulate)
  2    the command line is wrong
  3    the config or a layout file is wrong
  4    the data folder or the books cannot be used
  5    there is no terminal to draw on
  70   an error inside madoguchi
  129  the window was closed, or the system asked the console to end (SIGHUP, SIGTERM, SIGINT, SIGQUIT)

Environment:
  MADOGUCHI_CONFIG, MADOGUCHI_DATA_DIR    as --config and --data-dir, which stand above them
  LC_ALL, LC_MESSAGES, LANG               language
  NO_COLOR                                no colours";

const EXIT_CODES_JA: &str = "終了コード:
  0    正常
  1    帳簿が壊れている (verify)、検査に失敗 (doctor, layout explain)、端末が応答しない (link)、または成り立たないことがあった (simulate)
  2    コマンドの書き方の誤り
  3    設定かレイアウトファイルの誤り
  4    データフォルダーか帳簿が使えない
  5    画面を描ける端末がない
  70   madoguchi 内部の誤り
  129  ウィンドウが閉じられた、または終了を求められた (SIGHUP, SIGTERM, SIGINT, SIGQUIT)

環境変数:
  MADOGUCHI_CONFIG, MADOGUCHI_DATA_DIR    --config, --data-dir と同じ (オプションが優先)
  LC_ALL, LC_MESSAGES, LANG               言語
  NO_COLOR                                色を使わない";

/// The help in Japanese, by what it explains.
const HELP_JA: &str = include_str!("../assets/help.ja.toml");

/// The definition, with help in one language.
pub fn command(language: Language) -> clap::Command {
    let command = Cli::command();
    match language {
        Language::En => command.after_help(EXIT_CODES_EN),
        Language::Ja => in_japanese(command).after_help(EXIT_CODES_JA),
    }
}

fn in_japanese(command: clap::Command) -> clap::Command {
    let words: BTreeMap<String, String> =
        toml::from_str(HELP_JA).expect("a test reads the Japanese help");
    let flag = |name: &'static str, short, action, key: &str| {
        let help = words.get(key).cloned().unwrap_or_default();
        let arg = Arg::new(name).long(name).short(short).action(action);
        arg.help(help).help_heading("オプション")
    };
    let version = flag("version", 'V', ArgAction::Version, "--version");
    let help = flag("help", 'h', ArgAction::Help, "--help").global(true);
    translated(command, "", &words)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(help)
        .arg(version)
}

/// `prefix` is the path of subcommands, each followed by a space.
fn translated(
    command: clap::Command,
    prefix: &str,
    words: &BTreeMap<String, String>,
) -> clap::Command {
    let names: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    let about = words.get(prefix.trim_end()).cloned().unwrap_or_default();
    let mut command = command
        .mut_args(|arg| {
            let help = words.get(&key_of(prefix, &arg)).cloned();
            arg.help(help.unwrap_or_default())
                .help_heading("オプション")
        })
        .about(about.clone())
        .long_about(about)
        .subcommand_help_heading("コマンド")
        .help_template("{about-with-newline}\n使い方: {usage}\n\n{all-args}{after-help}\n");
    for name in names {
        let inner = format!("{prefix}{name} ");
        command = command.mut_subcommand(name, |sub| {
            translated(sub, &inner, words).disable_help_flag(true)
        });
    }
    command
}

fn key_of(prefix: &str, arg: &Arg) -> String {
    match arg.get_long() {
        Some(long) => format!("{prefix}--{long}"),
        None => format!("{prefix}{}", arg.get_id().as_str().to_uppercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Cli, clap::Error> {
        parse(line.split(' ').map(OsString::from), Language::En)
    }

    #[test]
    fn the_definition_holds_together_in_both_languages() {
        command(Language::En).debug_assert();
        command(Language::Ja).debug_assert();
    }

    #[test]
    fn every_word_of_the_help_is_there_in_japanese_and_no_other() {
        let words: BTreeMap<String, String> = toml::from_str(HELP_JA).expect("a table of texts");
        let mut wanted = vec![String::new(), "--help".into(), "--version".into()];
        let mut open = vec![(String::new(), Cli::command())];
        while let Some((prefix, command)) = open.pop() {
            wanted.extend(command.get_arguments().map(|arg| key_of(&prefix, arg)));
            for sub in command.get_subcommands() {
                wanted.push(format!("{prefix}{}", sub.get_name()));
                open.push((format!("{prefix}{} ", sub.get_name()), sub.clone()));
            }
        }
        wanted.sort();
        let known: Vec<String> = words.keys().cloned().collect();
        assert_eq!(known, wanted);
        assert!(words.values().all(|text| !text.is_ascii()));
        for line in [
            "madoguchi --help",
            "madoguchi doctor --help",
            "madoguchi config check --help",
        ] {
            let error = parse(line.split(' ').map(OsString::from), Language::Ja);
            let help = error.expect_err("help").to_string();
            assert!(help.contains("使い方: madoguchi"), "{help}");
            assert!(
                !help.contains("Options:") && !help.contains("Print"),
                "{help}"
            );
        }
    }

    #[test]
    fn the_command_line_is_read() {
        let cli =
            read("madoguchi --practice --port tcp://127.0.0.1:9005 --model open-cat --lang ja");
        let cli = cli.expect("valid");
        assert!(cli.start.practice && cli.start.port.is_some());
        assert_eq!(cli.place.lang, Some(Lang::Ja));
        let cli =
            read("madoguchi doctor --port COM3 --format json --config a.toml").expect("valid");
        assert_eq!(cli.place.config, Some("a.toml".into()));
        let cli = read("madoguchi --config a.toml config check b.toml").expect("valid");
        assert_eq!(cli.place.config, Some("a.toml".into()));
    }

    #[test]
    fn what_would_have_no_effect_is_refused() {
        for line in [
            "madoguchi --practice config print",
            "madoguchi --port COM3 man",
            "madoguchi --practice sales",
            "madoguchi terminal",
            "madoguchi sales --from yesterday",
            "madoguchi --port http://x",
            "madoguchi --lang fr",
            "madoguchi doctor --format xml",
            "madoguchi sale",
            "madoguchi --prot COM3",
            "madoguchi config",
        ] {
            let error = read(line).expect_err(line);
            assert_eq!(error.exit_code(), 2, "{line}");
        }
        assert_eq!(read("madoguchi --help").expect_err("help").exit_code(), 0);
        assert_eq!(
            read("madoguchi --version").expect_err("help").exit_code(),
            0
        );
    }

    #[test]
    fn the_language_is_asked_for_or_that_of_the_locale() {
        for (variables, expected) in [
            (vec![("LANG", "ja_JP.UTF-8")], Language::Ja),
            (vec![("LC_ALL", ""), ("LANG", "ja_JP.eucJP")], Language::Ja),
            (vec![("LC_ALL", "C"), ("LANG", "ja_JP.UTF-8")], Language::En),
            (vec![("LC_MESSAGES", "ja"), ("LANG", "en_US")], Language::Ja),
            (vec![("LANG", "de_DE.UTF-8")], Language::En),
        ] {
            let lookup = |name: &str| {
                let found = variables.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| OsString::from(value))
            };
            assert_eq!(language_of_locale(lookup), expected, "{variables:?}");
            for (line, asked) in [
                ("madoguchi --lang ja", Language::Ja),
                ("madoguchi doctor --lang=en", Language::En),
                ("madoguchi --lang fr", expected),
                ("madoguchi --lang", expected),
                ("madoguchi --language", expected),
            ] {
                let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
                assert_eq!(language(&arguments, lookup), asked, "{line}");
            }
        }
    }
}
