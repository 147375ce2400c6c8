//! What a person is told when the console does not open: what, why, what to do, whom to call, and whether anything was charged. And the exit codes.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use crate::config::mode::Refusal;
use crate::config::problem::ConfigError;
use crate::domain::business_day::BusinessDate;
use crate::domain::text::{Bilingual, Language, strip_unsafe};
use crate::edge::keys_file::KeysFileError;
use crate::edge::os::LockError;
use crate::edge::store::OpenError;
use crate::edge::tty::TtyError;

/// The exit codes: a contract with scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// The books are broken (`verify`), or a check failed (`doctor`).
    CheckFailed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The config is wrong.
    Config = 3,
    /// The data folder or the books cannot be used.
    Books = 4,
    /// There is no terminal to draw on.
    NoScreen = 5,
    /// An error of our own.
    Internal = 70,
    /// The window was closed, or the system asked the console to end.
    HungUp = 129,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

/// Why the console does not open, or a subcommand does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// How the program ends.
    pub exit: Exit,
    /// What, why, and what to do.
    pub told: Box<Told>,
    /// Whether anything was charged.
    pub charge: Charge,
    /// サポート窓口, where the config names one.
    pub support: Option<String>,
}

/// A trouble in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What happened.
    pub what: Bilingual,
    /// Why; may be several lines.
    pub why: Bilingual,
    /// What to do.
    pub remedy: Bilingual,
}

/// 請求の有無 of a start that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    /// Nothing was sent to a card terminal.
    NotStarted,
    /// A sale may have been under way; the books know, and the next start asks the terminal.
    SeeNextStart,
}

impl Trouble {
    /// A trouble before anything could be charged.
    pub fn new(exit: Exit, what: Bilingual, why: Bilingual, remedy: Bilingual) -> Trouble {
        Trouble {
            exit,
            told: Box::new(Told { what, why, remedy }),
            charge: Charge::NotStarted,
            support: None,
        }
    }

    /// The same, with the contact of the config.
    pub fn with_support(self, support: &str) -> Trouble {
        Trouble {
            support: Some(support.to_owned()),
            ..self
        }
    }

    /// As a person reads it.
    pub fn render(&self, language: Language) -> String {
        let [why, remedy, call, charged] = match language {
            Language::Ja => ["原因", "対処", "連絡先", "請求"],
            Language::En => ["why", "what to do", "whom to call", "charged"],
        };
        let nobody = Bilingual::new(
            "お店のシステム担当",
            "the person who looks after this system",
        );
        let support = self.support.as_deref().unwrap_or(nobody.get(language));
        let told = &self.told;
        let reasons: Vec<&str> = told.why.get(language).lines().collect();
        let mut out = format!("madoguchi: {}\n", one_line(told.what.get(language)));
        match reasons[..] {
            [reason] => {
                let _ = writeln!(out, "  {why}: {}", one_line(reason));
            }
            _ => {
                let _ = writeln!(out, "  {why}:");
                for reason in reasons {
                    let _ = writeln!(out, "    {}", one_line(reason));
                }
            }
        }
        let _ = writeln!(out, "  {remedy}: {}", one_line(told.remedy.get(language)));
        let _ = writeln!(out, "  {call}: {}", one_line(support));
        let _ = writeln!(out, "  {charged}: {}", self.charge.words().get(language));
        out
    }

    /// Standard output cannot be written.
    pub fn output(error: &std::io::Error) -> Trouble {
        let why = error.to_string();
        Trouble::new(
            Exit::Internal,
            Bilingual::new("結果を書き出せません。", "the answer could not be written."),
            Bilingual::new(why.clone(), why),
            Bilingual::new(
                "出力先のディスクの空きと権限を確かめてください。",
                "check the free space and the rights of where the output goes.",
            ),
        )
    }

    /// Nobody named a data folder, and the user has no home.
    pub fn no_data_folder() -> Trouble {
        Trouble::new(
            Exit::Books,
            Bilingual::new(
                "帳簿を置く場所が決まりません。",
                "there is no place for the books.",
            ),
            Bilingual::new(
                "ホームフォルダーがなく、--data-dir も MADOGUCHI_DATA_DIR もありません。",
                "there is no home folder, and neither --data-dir nor MADOGUCHI_DATA_DIR is set.",
            ),
            Bilingual::new(
                "--data-dir でフォルダーを指定してください。例: madoguchi --data-dir /var/lib/madoguchi",
                "name a folder with --data-dir, such as: madoguchi --data-dir /var/lib/madoguchi",
            ),
        )
    }

    /// `--model` names none that is known.
    pub fn unknown_model(model: &str, known: &[String]) -> Trouble {
        let all = known.join(", ");
        Trouble::new(
            Exit::Usage,
            Bilingual::new(
                format!("連携機種「{model}」はありません。"),
                format!("there is no terminal model `{model}`."),
            ),
            Bilingual::new(
                "--model の名前が一覧にありません。",
                "--model names none of the models.",
            ),
            Bilingual::new(
                format!("次のどれかにしてください: {all}"),
                format!("use one of: {all}"),
            ),
        )
    }

    /// `models show` names none that is known.
    pub fn no_such_model(model: &str, known: &[String]) -> Trouble {
        let mut trouble = Trouble::unknown_model(model, known);
        trouble.told.why = Bilingual::new("一覧にない名前です。", "no model has this name.");
        trouble
    }

    /// `--from` after `--to`.
    pub fn days_swapped(from: BusinessDate, to: BusinessDate) -> Trouble {
        Trouble::new(
            Exit::Usage,
            Bilingual::new(
                "その期間には日がありません。",
                "there is no day in this range.",
            ),
            Bilingual::new(
                format!("--from {from} が --to {to} より後です。"),
                format!("--from {from} is after --to {to}."),
            ),
            Bilingual::new("2つの日付を入れ替えてください。", "swap the two dates."),
        )
    }

    /// The simulated receipt computer cannot begin, or had to end.
    pub fn of_receipt_computer(error: &anyhow::Error) -> Trouble {
        let why = format!("{error:#}");
        Trouble::new(
            Exit::Usage,
            Bilingual::new(
                "模擬の日レセを始められません。",
                "the simulated receipt computer does not begin.",
            ),
            Bilingual::new(why.clone(), why),
            Bilingual::new(
                "原因の行のとおりに直してください。madoguchi orca simulate --help に台本の書き方があります。",
                "do as the line above says; `madoguchi orca simulate --help` tells how a script is written.",
            ),
        )
    }

    /// The simulated terminal does not begin.
    pub fn of_terminal(error: &anyhow::Error) -> Trouble {
        let why = format!("{error:#}");
        Trouble::new(
            Exit::Usage,
            Bilingual::new(
                "模擬の決済端末を始められません。",
                "the simulated terminal does not begin.",
            ),
            Bilingual::new(why.clone(), why),
            Bilingual::new(
                "原因の行のとおりに直してください。madoguchi terminal --help に台本の書き方があります。",
                "do as the line above says; `madoguchi terminal --help` tells how a script is written.",
            ),
        )
    }

    /// No session can be played here.
    pub fn of_simulation(error: &anyhow::Error) -> Trouble {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            return Trouble::output(error);
        }
        let why = format!("{error:#}");
        Trouble::new(
            Exit::Books,
            Bilingual::new(
                "シミュレーションを行えません。",
                "the simulation cannot be played.",
            ),
            Bilingual::new(why.clone(), why),
            Bilingual::new(
                "/dev/shm か一時フォルダーに書けるようにしてください。",
                "make /dev/shm or the folder for temporary files writable.",
            ),
        )
    }

    /// The books do not answer.
    pub fn of_books(error: &anyhow::Error) -> Trouble {
        if let Some(error) = error.downcast_ref::<OpenError>() {
            return Trouble::from(error.clone());
        }
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            return Trouble::output(error);
        }
        let why = format!("{error:#}");
        Trouble::new(
            Exit::Books,
            Bilingual::new("帳簿を読めません。", "the books cannot be read."),
            Bilingual::new(why.clone(), why),
            Bilingual::new(
                "ほかのプログラムを閉じてもう一度試し、続くときは madoguchi verify で調べてください。",
                "close other programs and try again; if it comes back, run `madoguchi verify`.",
            ),
        )
    }

    /// The data folder cannot be used.
    pub fn data_folder(path: &Path, error: &std::io::Error) -> Trouble {
        let why = format!("{}: {error}", shown(path));
        Trouble::new(
            Exit::Books,
            Bilingual::new(
                "データフォルダーを使えません。",
                "the data folder cannot be used.",
            ),
            Bilingual::new(why.clone(), why),
            Bilingual::new(
                "フォルダーの権限とディスクを確かめるか、--data-dir で別のフォルダーを指定してください。",
                "check the folder's rights and its disk, or name another folder with --data-dir.",
            ),
        )
    }

    /// There is no terminal to draw on.
    pub fn no_screen() -> Trouble {
        Trouble::new(
            Exit::NoScreen,
            Bilingual::new(
                "画面を描ける端末がありません。",
                "there is no terminal to draw on.",
            ),
            Bilingual::new(
                "標準入力か標準出力が端末ではありません。",
                "standard input or standard output is not a terminal.",
            ),
            Bilingual::new(
                "端末のウィンドウか SSH で、入出力をつなぎ替えずに起動してください。ssh には -t を付けます。",
                "start it in a terminal window or over SSH (ssh -t), without redirecting input or output.",
            ),
        )
    }

    /// An error of our own.
    pub fn internal(detail: &str) -> Trouble {
        Trouble {
            charge: Charge::SeeNextStart,
            ..Trouble::new(
                Exit::Internal,
                Bilingual::new("madoguchi の内部の誤りです。", "an error inside madoguchi."),
                Bilingual::new(detail, detail),
                Bilingual::new(
                    "もう一度起動してください。途中の会計があれば最初の画面に出ます。繰り返すときはこの表示を控えてください。",
                    "start it again; a sale under way is shown first. If it comes back, keep this text.",
                ),
            )
        }
    }
}

impl Charge {
    fn words(self) -> Bilingual {
        match self {
            Charge::NotStarted => Bilingual::new(
                "いいえ (カードの請求は始まっていません)",
                "no (no card charge was started)",
            ),
            Charge::SeeNextStart => Bilingual::new(
                "次の起動で確かめます。それまで同じ会計をもう一度請求しないでください",
                "the next start finds out; until then do not charge the same sale again",
            ),
        }
    }
}

fn one_line(text: &str) -> String {
    strip_unsafe(&text.replace(['\n', '\t'], " "))
}

impl From<ConfigError> for Trouble {
    fn from(error: ConfigError) -> Trouble {
        Trouble::new(
            Exit::Config,
            Bilingual::new(
                "設定に誤りがあるため起動しません。",
                "the config is wrong, so nothing is started.",
            ),
            Bilingual::new(error.render(Language::Ja), error.render(Language::En)),
            Bilingual::new(
                "上の対処のとおりに直し、madoguchi config check で確かめてください。",
                "do as said above, then run `madoguchi config check`.",
            ),
        )
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Trouble {
        let (exit, why, remedy) = match &refusal {
            Refusal::NoTrainingMode { address, model } => (
                Exit::Usage,
                Bilingual::new(
                    format!(
                        "{address} の {model} にはトレーニングモードがなく、本当に請求されるおそれがあります。"
                    ),
                    format!(
                        "the {model} at {address} has no training mode, so it might really charge."
                    ),
                ),
                Bilingual::new(
                    "--port を付けずに --practice で起動してください。内蔵の模擬端末で練習できます。",
                    "start with --practice and without --port: the simulated terminal inside is there to practise on.",
                ),
            ),
            Refusal::LinkSwitchedOff { address } => (
                Exit::Config,
                Bilingual::new(
                    format!("--port {address} が指定されましたが、端末マスタの CAT連動は 0 です。"),
                    format!(
                        "--port {address} was given, but the terminal master says cat_link = 0."
                    ),
                ),
                Bilingual::new(
                    "連動するなら設定の cat_link を 1 にし、しないなら --port を外してください。",
                    "set cat_link = 1 in the config to link, or leave --port out.",
                ),
            ),
        };
        let what = Bilingual::new(
            "この組み合わせでは起動しません。",
            "this combination does not start.",
        );
        Trouble::new(exit, what, why, remedy)
    }
}

impl From<TtyError> for Trouble {
    fn from(error: TtyError) -> Trouble {
        let no_screen = Trouble::no_screen();
        let why = Bilingual {
            en: error.to_string(),
            ja: match &error {
                TtyError::NotATerminal(_) => no_screen.told.why.ja.clone(),
                TtyError::Dumb => "TERM=dumb の端末には画面を描けません。".to_owned(),
                TtyError::Io(said) => format!("端末を準備できません: {said}"),
            },
        };
        Trouble {
            told: Box::new(Told {
                why,
                ..*no_screen.told
            }),
            ..no_screen
        }
    }
}

impl From<LockError> for Trouble {
    fn from(error: LockError) -> Trouble {
        let LockError::Lock { path, source } = &error;
        Trouble::data_folder(path, source)
    }
}

impl From<KeysFileError> for Trouble {
    fn from(error: KeysFileError) -> Trouble {
        Trouble::new(
            Exit::Config,
            Bilingual::new(
                "キーの割り当てを読めません。",
                "the key mappings cannot be read.",
            ),
            Bilingual::new(error.to_string(), error.to_string()),
            Bilingual::new(
                "データフォルダーの keys.toml を消し、F4 キー確認でもう一度割り当ててください。",
                "remove keys.toml from the data folder and set the keys again with F4, key check.",
            ),
        )
    }
}

impl From<OpenError> for Trouble {
    fn from(error: OpenError) -> Trouble {
        let (why, remedy) = books_words(&error);
        Trouble::new(
            Exit::Books,
            Bilingual::new("帳簿を開けません。", "the books cannot be opened."),
            Bilingual::new(why, error.to_string()),
            Bilingual::new(
                remedy,
                "do as the line above says; the books themselves were not changed.",
            ),
        )
    }
}

/// Why the books do not open, and what to do, in Japanese. The English says both in one sentence.
fn books_words(error: &OpenError) -> (String, &'static str) {
    let at = |path: &Path, what: &str| format!("{} {what}", shown(path));
    match error {
        OpenError::Symlink(path) => (
            at(path, "はシンボリックリンクです。"),
            "リンク先のフォルダーを --data-dir で直接指定してください。",
        ),
        OpenError::SecondName(path) => (
            at(path, "には別の名前(ハードリンク)があります。"),
            "別の名前のほうを消してください。",
        ),
        OpenError::NotAFile(path) => (
            at(path, "はファイルではありません。"),
            "--data-dir で別のフォルダーを指定してください。",
        ),
        OpenError::Network { path, system } => (
            format!(
                "{} はネットワークドライブ ({system}) にあります。停電で帳簿が壊れるおそれがあります。",
                shown(path)
            ),
            "このPCのディスクにあるフォルダーを --data-dir で指定してください。",
        ),
        OpenError::NotADatabase(path) => (
            at(path, "は帳簿のファイルではありません。"),
            "そのファイルを別の場所へ移すか、控えから帳簿を戻してください。",
        ),
        OpenError::Foreign(path) => (
            at(path, "は別のプログラムのデータベースです。"),
            "--data-dir で別のフォルダーを指定してください。",
        ),
        OpenError::OtherKind { path, .. } => (
            at(path, "には本番と練習のもう一方の帳簿が入っています。"),
            "ファイルを取り違えていないか確かめ、正しい名前に戻してください。",
        ),
        OpenError::Newer { path, .. } => (
            at(path, "は新しい版の madoguchi で書かれています。"),
            "madoguchi を新しい版にしてください。",
        ),
        OpenError::Older(path) => (
            at(path, "は古い版の madoguchi で書かれています。"),
            "一度 madoguchi を起動すると、新しい形になります。",
        ),
        OpenError::Missing(path) => (
            at(path, "はまだありません。"),
            "一度 madoguchi を起動すると、作られます。",
        ),
        OpenError::ReadOnly(path) => (
            at(path, "に書き込めません。"),
            "フォルダーの権限を直すか、--data-dir で別のフォルダーを指定してください。",
        ),
        OpenError::Locked(path) => (
            at(path, "をほかのプログラムが使っています。"),
            "そのプログラム(バックアップやデータベースの道具)を閉じてから起動してください。",
        ),
        OpenError::DiskFull(path) => (
            at(path, "のあるディスクがいっぱいです。"),
            "空きを作ってから起動してください。",
        ),
        OpenError::Damaged { path, at } => (
            format!("{} の {at} が壊れています。", shown(path)),
            "この帳簿では会計せず、madoguchi verify で確かめ、控えから戻してください。",
        ),
        OpenError::Io { path, said } => (
            format!("{}: {said}", shown(path)),
            "ディスクとフォルダーを確かめ、繰り返すときはサポートへ連絡してください。",
        ),
    }
}

/// A path as a person reads it.
pub(crate) fn shown(path: &Path) -> String {
    strip_unsafe(&path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_says_five_things_in_both_languages() {
        let address: crate::config::port::PortAddress = "COM3".parse().expect("an address");
        for trouble in [
            Trouble::no_screen(),
            Trouble::no_data_folder(),
            Trouble::internal("x"),
            Trouble::unknown_model("x", &["open-cat".into()]),
            Trouble::output(&std::io::Error::other("disk")),
            Refusal::LinkSwitchedOff {
                address: address.clone(),
            }
            .into(),
            Refusal::NoTrainingMode {
                address,
                model: "x".into(),
            }
            .into(),
        ] {
            for (language, words) in [
                (Language::Ja, ["原因: ", "対処: ", "連絡先: ", "請求: "]),
                (
                    Language::En,
                    ["why: ", "what to do: ", "whom to call: ", "charged: "],
                ),
            ] {
                let told = trouble.render(language);
                assert!(words.iter().all(|word| told.contains(word)), "{told}");
                assert_eq!(told.lines().count(), 5, "{told}");
            }
        }
        let told = Trouble::no_screen()
            .with_support("03-0000-0000")
            .render(Language::Ja);
        assert!(told.contains("連絡先: 03-0000-0000"));
    }

    #[test]
    fn nothing_in_a_trouble_reaches_the_screen_as_a_control() {
        let trouble = Trouble::internal("a\u{1b}[2Jb\u{202e}");
        assert!(
            !trouble
                .render(Language::En)
                .contains(['\u{1b}', '\u{202e}'])
        );
    }
}
