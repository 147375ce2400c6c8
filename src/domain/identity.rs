//! Which terminal stands at a CAT port: the one that is known there, and the one that answers.

use serde::{Deserialize, Serialize};

/// What the entries of one port tell of its terminals. A terminal that says no name of its own leaves it empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Identity {
    /// The one that sales go to: the first that said its name, or the one a person confirmed last.
    pub known: Option<String>,
    /// The one that said its name last.
    pub answering: Option<String>,
}

/// So many of its last characters are enough to name a terminal whose name is longer.
const PROOF_CHARS_MIN: usize = 4;

impl Identity {
    /// A terminal says its name, or a person confirms it.
    pub fn take(&mut self, terminal_id: &str, confirmed: bool) {
        if confirmed || self.known.is_none() {
            self.known = Some(terminal_id.to_owned());
        }
        self.answering = Some(terminal_id.to_owned());
    }

    /// The two names, where another terminal answers than the one that is known.
    pub fn another(&self) -> Option<(&str, &str)> {
        let (known, answering) = (self.known.as_deref()?, self.answering.as_deref()?);
        (known != answering).then_some((known, answering))
    }

    /// True where a sale that this terminal took was not taken by the one that is known.
    pub fn is_other(&self, took: Option<&str>) -> bool {
        took.zip(self.known.as_deref())
            .is_some_and(|(took, known)| took != known)
    }

    /// Which of the two a person means who typed this: the name of one, or its last characters. `None` where it is neither, or both.
    pub fn named(&self, typed: &str) -> Option<&str> {
        let (known, answering) = self.another()?;
        match (names(known, typed), names(answering, typed)) {
            (true, false) => Some(known),
            (false, true) => Some(answering),
            _ => None,
        }
    }
}

fn names(terminal_id: &str, typed: &str) -> bool {
    let typed = plain(typed);
    let whole = plain(terminal_id);
    !typed.is_empty()
        && (whole == typed || typed.len() >= PROOF_CHARS_MIN && whole.ends_with(&typed))
}

/// Letters and digits alone: what stands between them on a label is not typed.
fn plain(text: &str) -> String {
    let kept = text.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(names: &[(&str, bool)]) -> Identity {
        let mut identity = Identity::default();
        for (name, confirmed) in names {
            identity.take(name, *confirmed);
        }
        identity
    }

    #[test]
    fn the_first_terminal_is_known_and_another_one_only_where_a_person_says_so() {
        for (names, another) in [
            (&[][..], None),
            (&[("T-1", false)], None),
            (&[("T-1", false), ("T-2", false)], Some(("T-1", "T-2"))),
            (&[("T-1", false), ("T-2", false), ("T-1", false)], None),
            (&[("T-1", false), ("T-2", false), ("T-2", true)], None),
            (
                &[("T-1", false), ("T-2", true), ("T-1", false)],
                Some(("T-2", "T-1")),
            ),
        ] {
            assert_eq!(seen(names).another(), another, "{names:?}");
        }
    }

    #[test]
    fn a_terminal_is_named_by_its_number_or_the_end_of_it_and_by_nothing_that_fits_both() {
        let two = seen(&[("SIM-00001", false), ("SIM-00002", false)]);
        for (typed, named) in [
            ("SIM00001", Some("SIM-00001")),
            ("sim-00002", Some("SIM-00002")),
            ("0002", Some("SIM-00002")),
            ("002", None),
            ("0003", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(two.named(typed), named, "{typed}");
        }
        let alike = seen(&[("A1234", false), ("B1234", false)]);
        assert_eq!(alike.named("1234"), None);
        assert_eq!(alike.named("B1234"), Some("B1234"));
        assert_eq!(seen(&[("7", false), ("8", false)]).named("8"), Some("8"));
        assert_eq!(seen(&[("T-1", false)]).named("T-1"), None);
    }
}
