//! How much is taken back: all that is left, some of the lines, or an amount.

use super::Undo;
use crate::app::State;
use crate::app::key::Key;
use crate::app::note::Note;
use crate::app::register::amount_note;
use crate::domain::money::Yen;
use crate::domain::sale::{Line, total};
use crate::locale::Text;

/// How much is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// All that is left of the tender.
    All,
    /// The lines that are chosen.
    Lines,
    /// The amount that is typed.
    Amount,
}

/// What is typed into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// The lines: a digit is a quantity.
    Lines,
    /// The amount.
    Amount,
    /// The proof.
    Proof,
}

impl Undo {
    /// How many of a line are left, by what was taken back line by line.
    pub fn left_of_line(&self, index: usize) -> u32 {
        let (Some(sale), Ok(number)) = (&self.sale, u16::try_from(index + 1)) else {
            return 0;
        };
        let all = sale.original.sale.lines.get(index);
        let gone = sale.undone.iter().filter_map(|undone| {
            let undo = undone.sale.undo.as_ref()?;
            let at = undo.lines.iter().position(|line| *line == number)?;
            undone.sale.lines.get(at).map(|line| line.quantity)
        });
        all.map_or(0, |line| line.quantity.saturating_sub(gone.sum()))
    }

    /// The chosen lines with the quantities that go back, and their numbers on the bill.
    pub(super) fn chosen_lines(&self) -> (Vec<Line>, Vec<u16>) {
        self.lines_with(|index| self.chosen.get(index).copied().unwrap_or(0))
    }

    /// What is left of the bill, line by line.
    pub(super) fn left_lines(&self) -> (Vec<Line>, Vec<u16>) {
        self.lines_with(|index| self.left_of_line(index))
    }

    fn lines_with(&self, quantity: impl Fn(usize) -> u32) -> (Vec<Line>, Vec<u16>) {
        let lines = self.original().map_or(&[][..], |sale| &sale.sale.lines);
        let some = lines.iter().enumerate().filter_map(|(index, line)| {
            let quantity = quantity(index);
            let number = u16::try_from(index + 1).ok()?;
            let line = Line {
                quantity,
                ..line.clone()
            };
            (quantity > 0).then_some((line, number))
        });
        some.unzip()
    }

    /// True where every chosen line goes back with all that ever was of it.
    pub(super) fn whole_lines(&self) -> bool {
        let lines = self.original().map_or(&[][..], |sale| &sale.sale.lines);
        let mut pairs = lines.iter().zip(&self.chosen);
        pairs.all(|(line, chosen)| *chosen == 0 || *chosen == line.quantity)
    }

    /// What the chosen lines come to.
    pub fn chosen_total(&self) -> Yen {
        total(&self.chosen_lines().0).unwrap_or(Yen::ZERO)
    }

    /// Choose how much; what was typed for another way is gone.
    pub(super) fn take(&mut self, take: Take) {
        self.take = take;
        self.proof.clear();
        self.second = None;
        self.focus = match take {
            Take::All => Focus::Proof,
            Take::Lines => Focus::Lines,
            Take::Amount => Focus::Amount,
        };
    }

    /// Lines and amounts are of one tender.
    pub(super) fn take_of_one(&mut self, take: Take) {
        if self.all_tenders() {
            self.tender = 0;
        }
        self.take(take);
    }

    /// Mark a line; digits are its quantity again.
    pub(super) fn mark(&mut self, row: usize) {
        self.row = row.min(self.chosen.len().saturating_sub(1));
        if self.take == Take::Lines {
            self.focus = Focus::Lines;
        }
    }

    /// Enter on a line: all that is left of it, or none.
    pub(super) fn toggle_line(&mut self) {
        let left = self.left_of_line(self.row);
        if let Some(chosen) = self.chosen.get_mut(self.row) {
            *chosen = if *chosen == 0 { left } else { 0 };
        }
        self.second = None;
    }

    /// A key of the field under the cursor. False where it is none of its.
    pub(super) fn type_key(&mut self, key: Key) -> bool {
        match (self.focus, key) {
            (_, Key::Tab) => self.focus = self.next_focus(),
            (Focus::Lines, Key::Char(c)) => return self.type_quantity(c),
            (Focus::Lines, _) => return false,
            (Focus::Amount, key) => {
                self.proof.clear();
                self.second = None;
                return self.amount.press(key);
            }
            (Focus::Proof, key) => return self.proof.press(key),
        }
        true
    }

    /// Tab: between what is chosen and the proof.
    fn next_focus(&self) -> Focus {
        match (self.focus, self.take) {
            (Focus::Proof, Take::Lines) => Focus::Lines,
            (Focus::Proof, Take::Amount) => Focus::Amount,
            _ => Focus::Proof,
        }
    }

    /// A digit on a line is how many of it go back; more than are left are not taken.
    fn type_quantity(&mut self, c: char) -> bool {
        let left = self.left_of_line(self.row);
        let Some(digit) = c.to_digit(10) else {
            return false;
        };
        let Some(chosen) = self.chosen.get_mut(self.row) else {
            return false;
        };
        let longer = *chosen * 10 + digit;
        *chosen = if longer <= left {
            longer
        } else {
            digit.min(left)
        };
        self.proof.clear();
        self.second = None;
        true
    }
}

/// Why what is chosen is not yet something to take back.
pub(super) fn refusal(state: &State, undo: &Undo) -> Option<Note> {
    match undo.take {
        Take::All => None,
        Take::Lines if undo.chosen.iter().all(|chosen| *chosen == 0) => {
            Some(Note::warning(Text::ChooseLines))
        }
        Take::Lines => None,
        Take::Amount => {
            let limit = state.settings.shop.amount_max;
            let typed = Yen::parse(undo.amount.text(), limit);
            typed.err().map(|error| amount_note(error, limit))
        }
    }
}
