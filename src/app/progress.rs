//! What is known of a payment while the customer is at the terminal: phases, the terminal's own words, or nothing.

use unicode_width::UnicodeWidthChar as _;

use super::State;
use super::charge::{Charge, Stage};
use crate::cat::model::ProgressPower;
use crate::domain::text::{mask_card_numbers, strip_unsafe};

/// The most columns of a terminal's own words.
const COLUMNS_MAX: usize = 60;

/// How far a payment is, as far as its terminal tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    /// Phases, of which [`Charge::phase`] is the present one.
    Phases,
    /// The terminal's own words.
    Words(&'a str),
    /// Nothing before the result: whoever wants to know looks at the terminal.
    Untold,
}

impl Charge {
    /// How far this payment is. A list of phases that never moves would be no news, and would look like one that hangs.
    pub fn progress(&self, state: &State) -> Progress<'_> {
        let setting = state.settings.cats.get(&self.cat);
        let power = setting.map_or(ProgressPower::None, |cat| cat.model.capabilities.progress);
        match (&self.words, power, self.phase) {
            (Some(words), _, _) => Progress::Words(words),
            (None, ProgressPower::Phases, _) | (None, _, Some(_)) => Progress::Phases,
            (None, ProgressPower::None | ProgressPower::Words, None) => Progress::Untold,
        }
    }

    /// True once the amount is out: from then on the customer is at the terminal.
    pub fn is_at_the_terminal(&self) -> bool {
        self.stage == Stage::Waiting
    }
}

/// A terminal's words, fit for a screen: no controls, nothing that may be a card number, one line of bounded width. `None` where nothing is left.
pub(super) fn words(text: &str) -> Option<String> {
    let even: Vec<&str> = text.split_whitespace().collect();
    let masked = mask_card_numbers(&strip_unsafe(&even.join(" ")));
    let mut words = String::new();
    let mut columns = 0;
    for c in masked.chars() {
        columns += c.width().unwrap_or(0);
        if columns > COLUMNS_MAX {
            break;
        }
        words.push(c);
    }
    let words = words.trim();
    (!words.is_empty()).then(|| words.to_owned())
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_terminals_words_are_made_fit_for_a_screen() {
        for (said, shown) in [
            ("INSERT CARD", Some("INSERT CARD")),
            (
                "  CARTA \u{1b}[31m \r\n  LETTA \u{202e} ",
                Some("CARTA [31m LETTA"),
            ),
            ("PAN 4111111111111111", Some("PAN ************1111")),
            ("", None),
            (" \u{7}\u{200b} ", None),
        ] {
            assert_eq!(words(said).as_deref(), shown, "{said:?}");
        }
        assert_eq!(words(&"x".repeat(500)).map(|words| words.len()), Some(60));
        let wide = words(&"暗".repeat(500)).expect("words");
        assert_eq!(wide.chars().count(), 30);
    }
}
