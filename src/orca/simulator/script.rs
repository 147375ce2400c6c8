//! What goes wrong, one a line: the call it happens to, and what happens. A line waits until its call comes.

use std::fmt;

/// What happens to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfortune {
    /// It is not carried out, and nobody says so.
    LostBefore,
    /// It is carried out, and nobody says so.
    LostAfter,
    /// It is not carried out, and nothing is said; the connection stays.
    HeldBefore,
    /// It is carried out, and nothing is said; the connection stays.
    HeldAfter,
    /// Nothing: this one is let pass.
    Nothing,
    /// The answer comes after so many milliseconds.
    Slow(u64),
    /// Not carried out; this HTTP status instead.
    Status(u16),
    /// Carried out; this HTTP status instead.
    StatusAfter(u16),
    /// Carried out; half of the answer.
    Garbage,
    /// Not carried out; a page that wants a person to log in.
    Login,
    /// Not carried out; this result and message.
    Refuse(String, String),
    /// A screen of the receipt computer pays so many yen of the invoice first.
    UnpaidChanged(i64),
    /// A screen of the receipt computer, by this name, has the patient open.
    Locked(String),
}

/// A word of a script, for `--help`.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    /// How the line goes on after the call.
    pub form: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// Every word.
pub const WORDS: [Word; 13] = [
    word("lost_before", "not carried out, and the connection ends"),
    word(
        "lost_after",
        "carried out, and the connection ends without an answer",
    ),
    word(
        "held_before",
        "not carried out, and never answered; the connection stays",
    ),
    word(
        "held_after",
        "carried out, and never answered; the connection stays",
    ),
    word(
        "nothing",
        "it goes well: for the calls before the one meant",
    ),
    word("slow MS", "the answer comes so many milliseconds later"),
    word("status N", "not carried out; HTTP status N with a page"),
    word("status_after N", "carried out; HTTP status N with a page"),
    word("garbage", "carried out; half of the answer comes"),
    word("login", "not carried out; a login page with status 200"),
    word("refuse CODE [TEXT]", "not carried out; Api_Result CODE"),
    word(
        "unpaid_changed YEN",
        "another screen pays so much of the invoice first",
    ),
    word("locked NAME", "the screen NAME has the patient open"),
];

/// The calls a line can be for.
pub const CALLS: [&str; 13] = [
    "any",
    "ping",
    "worklist",
    "bill",
    "patient",
    "tender_codes",
    "open",
    "pay",
    "pay_back",
    "reissue",
    "finish",
    "locks",
    "release",
];

const fn word(form: &'static str, meaning: &'static str) -> Word {
    Word { form, meaning }
}

/// The lines that wait.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    call: &'static str,
    misfortune: Misfortune,
    always: bool,
}

/// A line that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ScriptError {
    /// From 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

impl Script {
    /// Read a script: `CALL MISFORTUNE`, `#` begins a comment, `always` at the end keeps the line for ever.
    ///
    /// # Errors
    ///
    /// The first line that is none, with what it could be.
    pub fn parse(text: &str) -> Result<Script, ScriptError> {
        let mut lines = Vec::new();
        for (line, written) in (1..).zip(text.lines()) {
            let bare = written.split('#').next().unwrap_or_default().trim();
            if bare.is_empty() {
                continue;
            }
            lines.push(parse_line(bare).map_err(|what| ScriptError { line, what })?);
        }
        Ok(Script { lines })
    }

    /// This happens to the next call, whichever it is, before anything that waits.
    pub(super) fn next(&mut self, misfortune: Misfortune) {
        let line = Line {
            call: "any",
            misfortune,
            always: false,
        };
        self.lines.insert(0, line);
    }

    /// What happens to this call, if anything.
    pub(super) fn take(&mut self, call: &str) -> Option<Misfortune> {
        let place = self
            .lines
            .iter()
            .position(|line| line.call == call || line.call == "any")?;
        if self.lines[place].always {
            return Some(self.lines[place].misfortune.clone());
        }
        Some(self.lines.remove(place).misfortune)
    }
}

fn parse_line(line: &str) -> Result<Line, String> {
    let (line, always) = match line.strip_suffix(" always") {
        Some(rest) => (rest.trim_end(), true),
        None => (line, false),
    };
    let (call, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let Some(call) = CALLS.into_iter().find(|known| *known == call) else {
        return Err(format!(
            "`{call:.40}` is no call; one of: {}",
            CALLS.join(", ")
        ));
    };
    let rest = rest.trim();
    let (word, argument) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    Ok(Line {
        call,
        misfortune: misfortune(word, argument.trim())?,
        always,
    })
}

fn misfortune(word: &str, argument: &str) -> Result<Misfortune, String> {
    let found = match word {
        "lost_before" => Misfortune::LostBefore,
        "lost_after" => Misfortune::LostAfter,
        "held_before" => Misfortune::HeldBefore,
        "held_after" => Misfortune::HeldAfter,
        "nothing" => Misfortune::Nothing,
        "slow" => Misfortune::Slow(number(word, argument, 0, 600_000)?),
        "status" => Misfortune::Status(number(word, argument, 200, 599)?),
        "status_after" => Misfortune::StatusAfter(number(word, argument, 200, 599)?),
        "garbage" => Misfortune::Garbage,
        "login" => Misfortune::Login,
        "refuse" => {
            let (code, text) = argument
                .split_once(char::is_whitespace)
                .unwrap_or((argument, ""));
            if code.is_empty() || code.len() > 5 {
                return Err("`refuse` needs a code of 1 to 5 characters, like E4900".into());
            }
            Misfortune::Refuse(code.to_owned(), text.trim().to_owned())
        }
        "unpaid_changed" => {
            Misfortune::UnpaidChanged(number(word, argument, -9_999_999, 9_999_999)?)
        }
        "locked" if !argument.is_empty() => Misfortune::Locked(argument.to_owned()),
        "locked" => return Err("`locked` needs the name of a screen".into()),
        _ => {
            let forms: Vec<&str> = WORDS.iter().map(|word| word.form).collect();
            return Err(format!(
                "`{word:.40}` is no misfortune; one of: {}",
                forms.join(", ")
            ));
        }
    };
    Ok(found)
}

fn number<T>(word: &str, argument: &str, least: T, most: T) -> Result<T, String>
where
    T: std::str::FromStr + PartialOrd + fmt::Display + Copy,
{
    argument
        .parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("`{word}` needs a number from {least} to {most}"))
}
