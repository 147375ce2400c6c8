//! The operator takes sales back: she looks one up, by its number or on the list, says how much of it, corrects it, and allows what a rule
//! does not say with somebody else.

use super::World;
use super::people::REST_MS;
use crate::app::Screen;
use crate::app::key::Key;
use crate::domain::ledger::SaleState;
use crate::domain::money::Yen;
use crate::domain::sale::SaleKind;
use crate::domain::undo::{Decision, Denied};
use crate::simulation::Operation;

/// What the screen says of what is chosen.
struct Shown {
    /// What would go back, and whether its amount is typed first.
    plan: Option<(Yen, bool)>,
    /// Somebody else may allow it.
    second: bool,
    /// Which card it was must be said.
    brand: bool,
    proof: usize,
    corrected: bool,
}

impl World<'_> {
    pub(super) fn at_history(&mut self) {
        let Screen::History(history) = &self.console.state.screen else {
            return;
        };
        if history.reading {
            self.pass_time();
            return;
        }
        let rows = &history.page.rows;
        let looks = self.day.doing == Operation::History || self.day.doing.takes_back();
        if !looks || rows.is_empty() {
            self.press(Key::F(9));
            return;
        }
        let typed = history.find.text().chars().count();
        let mut paid = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            if row.kind == SaleKind::Sale && row.state == SaleState::Settled {
                paid.push((at, row.slip));
            }
        }
        if self.day.doing == Operation::History || paid.is_empty() {
            self.day.doing = Operation::LinkCheck;
            self.press(Key::Enter);
            return;
        }
        let (row, slip) = *self.dice.pick(&paid);
        if typed == 0 && self.dice.chance(250) {
            // By its number, or by one that she misread.
            let wrong = u32::from(self.dice.chance(150));
            self.type_text(&(slip.get() + wrong).to_string());
            self.press(Key::F(5));
            return;
        }
        for _ in 0..row {
            self.press(Key::Down);
        }
        self.press(Key::F(12));
    }

    pub(super) fn at_receipt(&mut self) {
        let Screen::Receipt(receipt) = &self.console.state.screen else {
            return;
        };
        let sale = receipt.record.sale.kind == SaleKind::Sale;
        self.desk.tries += 1;
        if self.day.doing.takes_back() && sale && self.desk.tries == 1 {
            let lines = self.day.doing == Operation::PartBack && self.dice.chance(500);
            self.press(if lines { Key::F(2) } else { Key::F(1) });
            return;
        }
        if self.day.doing.takes_back() {
            self.day.doing = Operation::LinkCheck;
        }
        if self.dice.chance(500) {
            self.press(Key::F(7));
        }
        self.press(Key::F(9));
    }

    /// What is to be taken back is on the screen.
    pub(super) fn at_undo(&mut self) {
        let Screen::Undo(undo) = &self.console.state.screen else {
            return;
        };
        if undo.writing || undo.sale.is_none() {
            self.pass_time();
            return;
        }
        self.desk.tries += 1;
        let chosen = self.desk.tries > 2;
        let gone = self.desk.calm || self.desk.tries > 9;
        if gone {
            self.day.doing = Operation::LinkCheck;
            self.press(Key::F(9));
        } else if !chosen && self.choose_how_much() {
        } else {
            self.take_back();
        }
    }

    /// Lines, an amount, or a corrected bill. False where all of it goes back.
    fn choose_how_much(&mut self) -> bool {
        let Screen::Undo(undo) = &self.console.state.screen else {
            return false;
        };
        let state = &self.console.state;
        let left = undo.left(state, undo.tender.min(undo.chosen.len())).get();
        let (lines, amount) = (undo.chosen.len(), undo.amount.text().chars().count());
        let corrected = !undo.corrected.is_empty();
        match self.day.doing {
            Operation::Correction if !corrected => {
                self.press(Key::F(8));
                matches!(self.console.state.screen, Screen::Register(_))
            }
            Operation::PartBack if self.dice.chance(500) => {
                self.press(Key::F(2));
                for _ in 0..self.dice.below(lines as u64) {
                    self.press(Key::Down);
                }
                self.press(Key::Enter);
                self.press(Key::Tab);
                true
            }
            Operation::PartBack => {
                self.press(Key::F(3));
                // Now and then more than is left.
                let most = u64::try_from(left).unwrap_or_default() + 200;
                let some = 1 + self.dice.below(most);
                self.retype(amount, &some.to_string());
                self.press(Key::Tab);
                true
            }
            _ => {
                if self.dice.chance(150) {
                    self.press(Key::PageDown);
                }
                false
            }
        }
    }

    fn shown(&self) -> Option<Shown> {
        let state = &self.console.state;
        let Screen::Undo(undo) = &state.screen else {
            return None;
        };
        let plan = undo.plan(state);
        let brand = matches!(
            undo.decision(state),
            Some(Decision::Refused(refusal)) if matches!(refusal.why, Denied::BrandUnknown { .. })
        );
        Some(Shown {
            plan: plan.map(|plan| (plan.amount, undo.needs_proof(&plan))),
            second: undo.second_may_allow(state),
            brand,
            proof: undo.proof.text().chars().count(),
            corrected: !undo.corrected.is_empty(),
        })
    }

    /// What the screen says is done, or allowed by somebody else, or left.
    fn take_back(&mut self) {
        let Some(shown) = self.shown() else {
            return;
        };
        if shown.brand {
            self.press(Key::F(5));
            return;
        }
        let Some((amount, proof)) = shown.plan else {
            if shown.second && self.dice.chance(800) {
                self.press(Key::F(7));
            } else {
                self.day.doing = Operation::LinkCheck;
                self.press(Key::F(9));
            }
            return;
        };
        if self.day.doing == Operation::Correction && !shown.corrected && self.dice.chance(500) {
            self.press(Key::F(9));
            return;
        }
        self.wait(REST_MS);
        if proof {
            let wrong = i64::from(self.dice.chance(60));
            self.retype(shown.proof, &(amount.get() + wrong).to_string());
        }
        self.press(Key::F(12));
        self.pass_time();
    }

    /// 差額: the lines of the old bill are on the register.
    pub(super) fn correct_lines(&mut self) {
        if self.day.doing != Operation::Correction || self.desk.calm {
            self.press(Key::F(9));
            return;
        }
        if self.dice.chance(500) {
            self.press(Key::F(8));
        }
        let amount = 100 + self.dice.below(9_000);
        self.type_text(&amount.to_string());
        self.press(Key::F(12));
    }
}
