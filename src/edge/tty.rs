//! The operator's terminal: keys in, frames out, and the terminal as it was when we leave.

use std::collections::BTreeMap;
use std::io;

use thiserror::Error;

use crate::app::key::Key;
use crate::domain::barcode::framing::Framing;

mod backend;
pub mod decode;
mod paint;
mod probe;
mod screen;
mod sequence;
mod typing;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as platform;
#[cfg(windows)]
use windows as platform;

pub use decode::can_be_mapped;
pub use platform::{Reader, spawn_reader};
pub use probe::{AmbiguousWidth, Probe};
pub use screen::{Screen, ScreenOptions, restore};

/// Why the console cannot have a screen here.
#[derive(Debug, Error)]
pub enum TtyError {
    /// Piped or redirected.
    #[error(
        "the console needs a terminal for {0}; start it in a terminal window, without a pipe or redirection \
         (`madoguchi sales` and `madoguchi doctor` work without one)"
    )]
    NotATerminal(&'static str),
    /// `TERM=dumb`.
    #[error(
        "TERM=dumb cannot show screens; use a terminal that can, or set TERM to its true name, such as xterm-256color"
    )]
    Dumb,
    /// The system refused.
    #[error("failed to set the terminal up: {0}")]
    Io(#[from] io::Error),
}

/// How the reader reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderOptions {
    /// The shop's own key mappings: as the terminal sends them, and what they mean.
    pub custom: BTreeMap<Vec<u8>, Key>,
    /// How a scanner types. A typed character is held for its gap before it is one; 0 holds nothing and knows only scans that come in one read.
    pub scanner: Framing,
    /// What asking for the width left behind.
    pub probe: Probe,
}

/// Whether this process can have a screen at all, and if not, a sentence that says why.
pub fn check_terminal() -> Result<(), TtyError> {
    if let Some(stream) = platform::not_a_terminal() {
        return Err(TtyError::NotATerminal(stream));
    }
    if cfg!(unix) && std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return Err(TtyError::Dumb);
    }
    Ok(())
}

/// Whether the locale says UTF-8, by the variables it is made of (`LC_ALL`, then `LC_CTYPE`, then `LANG`).
pub fn is_utf8_locale(variable: impl Fn(&str) -> Option<String>) -> bool {
    if cfg!(windows) {
        return true;
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(variable)
        .find(|value| !value.is_empty())
        .unwrap_or_default()
        .to_ascii_lowercase();
    // `C`, `POSIX` and nothing at all say nothing of the terminal program; most of those are UTF-8. Another character set by name is a word.
    let names_a_set = locale.contains('.') || locale.contains('@');
    !names_a_set || locale.contains("utf-8") || locale.contains("utf8")
}

/// False where `NO_COLOR` is set to anything.
pub fn colour_is_wanted(variable: impl Fn(&str) -> Option<String>) -> bool {
    variable("NO_COLOR").is_none_or(|value| value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        for (variables, expected) in [
            (&[("LANG", "ja_JP.UTF-8")][..], true),
            (&[("LANG", "C.utf8")], true),
            (&[("LANG", "ja_JP.eucJP")], false),
            (&[("LANG", "ja_JP.UTF-8"), ("LC_ALL", "ja_JP.SJIS")], false),
            (&[("LANG", "ja_JP.eucJP"), ("LC_ALL", "C")], true),
            (
                &[("LANG", "C"), ("LC_ALL", ""), ("LC_CTYPE", "en_US.UTF-8")],
                true,
            ),
            (&[], true),
        ] {
            let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
            let lookup = |name: &str| variables.get(name).map(|value| value.to_string());
            assert_eq!(
                is_utf8_locale(lookup) || cfg!(windows),
                expected || cfg!(windows),
                "{variables:?}"
            );
        }
    }

    #[test]
    fn no_color_is_honoured_when_it_is_not_empty() {
        assert!(colour_is_wanted(|_| None));
        assert!(colour_is_wanted(|_| Some(String::new())));
        assert!(!colour_is_wanted(|_| Some("1".into())));
    }
}
