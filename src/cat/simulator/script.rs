//! Scripts of the simulated terminal: one transaction a line, in words a person can write.

use std::collections::VecDeque;

/// What the terminal does with one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Card, PIN, centre, approved.
    Approve,
    /// Refused at the centre, with its code.
    Decline {
        /// CenterResultCode.
        code: String,
    },
    /// Balance short; what is left on the card.
    Deficient {
        /// Whole yen.
        balance: i64,
    },
    /// ECAT_COMMANDERROR.
    CommandError,
    /// ECAT_DAILYLOGOVERFLOW.
    DailyLogFull,
    /// ECAT_COMMUNICATIONERROR; what the books hold in truth.
    CommunicationError {
        /// What an inquiry finds afterwards.
        truth: Truth,
    },
    /// Stopped with the terminal's own key.
    Cancel,
    /// E_BUSY.
    Busy,
    /// POS非連動.
    Standalone,
    /// ECAT_RESET: the terminal does not know.
    Reset,
    /// Approved, with this pause between two phases.
    Slow {
        /// Milliseconds.
        pause_ms: u64,
    },
    /// Takes the request, books nothing, never answers.
    Silence,
    /// Approves and never answers; an inquiry finds it.
    SilenceAfterApprove,
    /// Approves and books, then the connection is cut before the answer.
    ApproveThenCut,
    /// The connection is cut on receipt; nothing is booked.
    CutBefore,
    /// Approves at once, answers so much later; until then it says "in progress".
    Late {
        /// Milliseconds.
        after_ms: u64,
    },
    /// The line drops while the customer stands at the terminal; it goes on, approves, and answers so much later on whatever line there is.
    ResetThenApproved {
        /// Milliseconds.
        after_ms: u64,
    },
    /// Refused at the centre, then the connection is cut before the answer.
    DeclineThenCut,
    /// Phases, and then nothing: no booking, no answer.
    ProgressThenSilence,
    /// Approves, and answers under another sequence number.
    OtherSale,
    /// Approves, and answers one yen more.
    WrongAmount,
    /// Approves, and answers another kind of transaction.
    WrongKind,
    /// Approves, and answers the other mode (practice or live).
    WrongMode,
    /// Approves; the first blocks of the result fail their check.
    Garble {
        /// How many.
        blocks: u32,
    },
    /// Refuses the first blocks of the request with NAK, then approves.
    Nak {
        /// How many.
        blocks: u32,
    },
    /// Approves, is cut before the answer, and is silent to inquiries afterwards.
    NoInquiry,
    /// Approves, is cut before the answer, and then claims not to know the number.
    LyingNotFound,
    /// Approves, reboots before the answer, and still knows everything.
    RebootMemory,
    /// Approves, reboots before the answer, and has forgotten everything.
    RebootAmnesia,
    /// Approves and answers twice.
    DuplicateResult,
}

/// What became of a transaction whose answer was "lost the centre".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// The terminal does not know either.
    Open,
    /// It was approved.
    Approved,
    /// It was declined.
    Declined,
}

/// One word of the script language, for `--help` and the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// The word.
    pub word: &'static str,
    /// What may follow it.
    pub arguments: &'static str,
    /// What happens.
    pub meaning: &'static str,
}

const fn word(word: &'static str, arguments: &'static str, meaning: &'static str) -> Word {
    Word {
        word,
        arguments,
        meaning,
    }
}

/// Every word there is.
pub const WORDS: &[Word] = &[
    word("approve", "", "card, PIN, centre, approved"),
    word(
        "decline",
        "[CODE]",
        "refused at the centre (code G12 unless given)",
    ),
    word(
        "deficient",
        "[BALANCE]",
        "balance short; yen left on the card (120 unless given)",
    ),
    word(
        "command-error",
        "",
        "the terminal does not take the command",
    ),
    word("daily-log-full", "", "the daily log must be closed first"),
    word(
        "communication-error",
        "[then approved|then declined]",
        "the terminal lost the centre; what an inquiry finds afterwards",
    ),
    word("cancel", "", "stopped with the terminal's own key"),
    word("busy", "", "in the middle of something else"),
    word("standalone", "", "taken off the link by staff"),
    word(
        "reset",
        "",
        "reset in the middle: the terminal does not know",
    ),
    word("slow", "MS", "approved, with this pause between two phases"),
    word(
        "silence",
        "",
        "takes the request, books nothing, never answers",
    ),
    word(
        "silence-after-approve",
        "",
        "approves, never answers; an inquiry finds it",
    ),
    word(
        "approve-then-cut",
        "",
        "approves and books, then cuts the line before the answer",
    ),
    word("cut-before", "", "cuts the line on receipt; nothing booked"),
    word(
        "late",
        "MS",
        "approves, answers so much later; in progress until then",
    ),
    word(
        "reset-then-approved",
        "MS",
        "the line drops after the amount; approves, answers so much later on the new line",
    ),
    word(
        "decline-then-cut",
        "",
        "refused at the centre, then cuts the line before the answer",
    ),
    word(
        "progress-then-silence",
        "",
        "phases, and then nothing: books nothing, never answers",
    ),
    word(
        "other-sale",
        "",
        "approves, answers under another sequence number",
    ),
    word("wrong-amount", "", "approves, answers one yen more"),
    word(
        "wrong-kind",
        "",
        "approves, answers another kind of transaction",
    ),
    word(
        "wrong-mode",
        "",
        "approves, answers the other mode (practice or live)",
    ),
    word(
        "garble",
        "N",
        "approves; the first N blocks of the result fail their check",
    ),
    word(
        "nak",
        "N",
        "refuses the first N blocks of the request, then approves",
    ),
    word(
        "no-inquiry",
        "",
        "approve-then-cut, and silent to inquiries afterwards",
    ),
    word(
        "lying-not-found",
        "",
        "approve-then-cut, and claims not to know the number",
    ),
    word(
        "reboot-memory",
        "",
        "approves, reboots before the answer, still knows everything",
    ),
    word(
        "reboot-amnesia",
        "",
        "approves, reboots before the answer, has forgotten everything",
    ),
    word("duplicate-result", "", "approves and answers twice"),
];

/// The longest script, in lines.
const LINES_MAX: usize = 10_000;
/// The longest pause of a script: one day.
const MS_MAX: u64 = 86_400_000;
/// The most blocks that a script garbles or refuses.
const BLOCKS_MAX: u64 = 1_000;

/// A line that is no transaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ScriptError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: ScriptProblem,
}

/// What can be wrong with a line, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScriptProblem {
    /// No such word.
    #[error("`{text}` is no word of a script; write one of: {}", words())]
    UnknownWord {
        /// What was written.
        text: String,
    },
    /// The word needs something else behind it.
    #[error("`{word}` takes {expected}; write for example `{example}`")]
    Argument {
        /// The word.
        word: &'static str,
        /// What may follow.
        expected: &'static str,
        /// A line that works.
        example: &'static str,
    },
    /// A mark of repetition before the end.
    #[error(
        "only the last line may be repeated; take the repeat mark away or move the line to the end"
    )]
    RepeatNotLast,
    /// Too many lines.
    #[error("a script has at most {LINES_MAX} lines; end it with a repeated line instead")]
    TooLong,
}

fn words() -> String {
    let names: Vec<&str> = WORDS.iter().map(|entry| entry.word).collect();
    names.join(", ")
}

/// What the terminal does, transaction after transaction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    steps: VecDeque<Step>,
    repeat_last: bool,
}

impl Script {
    /// A script that approves everything.
    pub fn approving() -> Script {
        Script::default()
    }

    /// Read a script. `#` begins a comment; blank lines are passed over; a last line that ends with `…`, `...` or `repeat` goes on
    /// for ever, otherwise everything after it is approved.
    pub fn parse(text: &str) -> Result<Script, ScriptError> {
        let mut script = Script::default();
        for (index, raw) in text.lines().enumerate() {
            let line = index + 1;
            let refuse = |problem| ScriptError { line, problem };
            if line > LINES_MAX {
                return Err(refuse(ScriptProblem::TooLong));
            }
            let bare = raw.split('#').next().unwrap_or_default().trim();
            let (bare, repeat) = strip_repeat(bare);
            if bare.is_empty() && !repeat {
                continue;
            }
            if script.repeat_last {
                return Err(refuse(ScriptProblem::RepeatNotLast));
            }
            script.steps.push_back(step(bare).map_err(refuse)?);
            script.repeat_last = repeat;
        }
        Ok(script)
    }

    /// What happens to the next transaction; it stays the next one.
    pub fn peek(&self) -> Step {
        self.steps.front().cloned().unwrap_or(Step::Approve)
    }

    /// What happens to the next transaction; the one after it is next then.
    pub fn take(&mut self) -> Step {
        if self.repeat_last && self.steps.len() == 1 {
            return self.peek();
        }
        self.steps.pop_front().unwrap_or(Step::Approve)
    }
}

impl super::Terminal {
    /// How many lines of its script are left.
    pub fn script_left(&self) -> usize {
        self.script.steps.len()
    }
}

fn strip_repeat(line: &str) -> (&str, bool) {
    for mark in ["…", "...", " repeat"] {
        if let Some(rest) = line.strip_suffix(mark) {
            return (rest.trim_end(), true);
        }
    }
    (line, false)
}

fn step(line: &str) -> Result<Step, ScriptProblem> {
    let lower = line.to_ascii_lowercase().replace('_', "-");
    let tokens: Vec<&str> = lower.split_whitespace().collect();
    // Words are hyphenated; a person may write them with blanks. The longest that fits is meant.
    let found = (1..=tokens.len()).rev().find_map(|count| {
        let joined = tokens[..count].join("-");
        let entry = WORDS.iter().find(|entry| entry.word == joined)?;
        Some((entry, count))
    });
    let Some((entry, count)) = found else {
        return Err(ScriptProblem::UnknownWord {
            text: line.chars().take(40).collect(),
        });
    };
    // Codes keep the case they were written in.
    let rest: Vec<&str> = line.split_whitespace().skip(count).collect();
    build(entry, &rest)
}

fn build(entry: &Word, rest: &[&str]) -> Result<Step, ScriptProblem> {
    if let Some(step) = plain(entry.word) {
        return match rest {
            [] => Ok(step),
            _ => Err(refused(entry, "nothing behind it", entry.word)),
        };
    }
    match entry.word {
        "decline" => match rest {
            [] => Ok(Step::Decline {
                code: "G12".to_owned(),
            }),
            [code] if code.len() <= 8 && code.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                Ok(Step::Decline {
                    code: (*code).to_owned(),
                })
            }
            _ => Err("a code of up to 8 letters and digits"),
        },
        "deficient" => match number(rest, "balance=", "", 99_999_999) {
            Some(balance) => Ok(Step::Deficient {
                balance: i64::try_from(balance.unwrap_or(120)).unwrap_or_default(),
            }),
            None => Err("the yen left on the card"),
        },
        "communication-error" => match rest {
            [] => Ok(Truth::Open),
            ["then", "approved"] => Ok(Truth::Approved),
            ["then", "declined"] => Ok(Truth::Declined),
            _ => Err("`then approved` or `then declined`"),
        }
        .map(|truth| Step::CommunicationError { truth }),
        "slow" => milliseconds(rest).map(|pause_ms| Step::Slow { pause_ms }),
        "late" => milliseconds(rest).map(|after_ms| Step::Late { after_ms }),
        "reset-then-approved" => {
            milliseconds(rest).map(|after_ms| Step::ResetThenApproved { after_ms })
        }
        "garble" => blocks(rest).map(|blocks| Step::Garble { blocks }),
        _ => blocks(rest).map(|blocks| Step::Nak { blocks }),
    }
    .map_err(|expected| refused(entry, expected, example(entry.word)))
}

/// The words that nothing may follow.
fn plain(word: &str) -> Option<Step> {
    Some(match word {
        "approve" => Step::Approve,
        "command-error" => Step::CommandError,
        "daily-log-full" => Step::DailyLogFull,
        "cancel" => Step::Cancel,
        "busy" => Step::Busy,
        "standalone" => Step::Standalone,
        "reset" => Step::Reset,
        "silence" => Step::Silence,
        "silence-after-approve" => Step::SilenceAfterApprove,
        "approve-then-cut" => Step::ApproveThenCut,
        "cut-before" => Step::CutBefore,
        "decline-then-cut" => Step::DeclineThenCut,
        "progress-then-silence" => Step::ProgressThenSilence,
        "other-sale" => Step::OtherSale,
        "wrong-amount" => Step::WrongAmount,
        "wrong-kind" => Step::WrongKind,
        "wrong-mode" => Step::WrongMode,
        "no-inquiry" => Step::NoInquiry,
        "lying-not-found" => Step::LyingNotFound,
        "reboot-memory" => Step::RebootMemory,
        "reboot-amnesia" => Step::RebootAmnesia,
        "duplicate-result" => Step::DuplicateResult,
        _ => return None,
    })
}

fn refused(entry: &Word, expected: &'static str, example: &'static str) -> ScriptProblem {
    ScriptProblem::Argument {
        word: entry.word,
        expected,
        example,
    }
}

fn example(word: &str) -> &'static str {
    match word {
        "decline" => "decline G12",
        "deficient" => "deficient 120",
        "communication-error" => "communication-error then approved",
        "slow" => "slow 3000",
        "late" => "late 30000",
        "reset-then-approved" => "reset-then-approved 5000",
        "garble" => "garble 2",
        _ => "nak 2",
    }
}

/// `Some(None)` where nothing is written, `None` where it is no number up to `max`.
fn number(rest: &[&str], prefix: &str, suffix: &str, max: u64) -> Option<Option<u64>> {
    match rest {
        [] => Some(None),
        [text] => {
            let bare = text.strip_prefix(prefix).unwrap_or(text);
            let bare = bare.strip_suffix(suffix).unwrap_or(bare);
            if bare.is_empty() || !bare.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            bare.parse().ok().filter(|value| *value <= max).map(Some)
        }
        _ => None,
    }
}

fn milliseconds(rest: &[&str]) -> Result<u64, &'static str> {
    number(rest, "", "ms", MS_MAX)
        .flatten()
        .ok_or("milliseconds, at most a day")
}

fn blocks(rest: &[&str]) -> Result<u32, &'static str> {
    number(rest, "", "", BLOCKS_MAX)
        .flatten()
        .and_then(|count| u32::try_from(count).ok())
        .filter(|count| *count > 0)
        .ok_or("how many blocks, 1 to 1000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_line_by_line_and_then_approves() {
        let text = "# morning\n\napprove\nDecline 05  # no funds\nslow 300ms\ncommunication error then approved\n";
        let mut script = Script::parse(text).expect("a good script");
        assert_eq!(script.peek(), Step::Approve);
        assert_eq!(script.take(), Step::Approve);
        assert_eq!(
            script.take(),
            Step::Decline {
                code: "05".to_owned()
            }
        );
        assert_eq!(script.take(), Step::Slow { pause_ms: 300 });
        assert_eq!(
            script.take(),
            Step::CommunicationError {
                truth: Truth::Approved
            }
        );
        assert_eq!(script.take(), Step::Approve);
        assert_eq!(script.take(), Step::Approve);
    }

    #[test]
    fn a_last_line_with_a_repeat_mark_goes_on_for_ever() {
        for text in [
            "approve\nbusy …",
            "approve\nbusy...",
            "approve\nbusy repeat",
        ] {
            let mut script = Script::parse(text).expect("a good script");
            assert_eq!(script.take(), Step::Approve);
            for _ in 0..3 {
                assert_eq!(script.take(), Step::Busy, "{text}");
            }
        }
    }

    #[test]
    fn every_word_of_the_table_is_understood_and_documented() {
        let document = include_str!("../../../docs/simulated-terminal.md");
        for entry in WORDS {
            let example = match entry.arguments {
                "MS" => format!("{} 10", entry.word),
                "N" => format!("{} 2", entry.word),
                _ => entry.word.to_owned(),
            };
            let step = Script::parse(&example).map(|script| script.peek());
            assert!(step.is_ok(), "{example}: {step:?}");
            // A word that fell through would be taken for the last one.
            let taken_for_nak = matches!(step, Ok(Step::Nak { .. }));
            assert_eq!(taken_for_nak, entry.word == "nak", "{example}");
            assert!(
                document.contains(&format!("`{}", entry.word)),
                "docs/simulated-terminal.md does not know `{}`",
                entry.word
            );
        }
    }

    #[test]
    fn a_bad_line_is_named_with_its_number_and_a_remedy() {
        for (text, line, hint) in [
            ("approve\naprove", 2, "write one of: approve"),
            ("late", 1, "late 30000"),
            ("late -1", 1, "late 30000"),
            ("late 99999999999999999999", 1, "late 30000"),
            ("garble 0", 1, "garble 2"),
            ("deficient lots", 1, "deficient 120"),
            ("communication-error then what", 1, "then approved"),
            ("busy 3", 1, "nothing behind it"),
            ("busy …\napprove", 2, "last line"),
            ("…", 1, "no word"),
        ] {
            let error = Script::parse(text).expect_err(text);
            assert_eq!(error.line, line, "{text}");
            assert!(error.to_string().contains(hint), "{text}: {error}");
        }
    }
}
