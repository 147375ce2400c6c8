//! The operator: the next sensible thing, or a storm of keys; and the truth where she is asked for it.

use super::*;

impl World {
    pub(super) fn press(&mut self, key: Key) {
        self.tell(Message::Input(Input::Key(KeyPress { key, bytes: vec![] })));
    }

    /// The operator does the next sensible thing; in a storm, anything at all short of a false statement.
    pub(super) fn operate(&mut self) {
        if self.dice.chance(self.weather.storm) {
            self.storm();
            return;
        }
        if !self.state.popups.is_empty() {
            self.press(Key::F(9));
            return;
        }
        match &self.state.screen {
            Screen::Opening(_) | Screen::Charging(_) => self.pass_time(),
            Screen::ByHand(_) | Screen::LinkSetup(_) => self.press(Key::F(9)),
            Screen::Register(register) => {
                let refused = !register.input.is_empty() && self.state.note.is_some();
                if refused {
                    self.press(Key::F(9));
                } else if !self.state.basket.lines.is_empty() {
                    self.press(Key::F(12));
                } else if !register.input.is_empty() {
                    self.press(Key::Enter);
                } else if self.weather_is_over() {
                    self.lead_open_sale();
                } else {
                    // Twins: two customers with one amount, which nothing but the number tells apart.
                    let amount = if self.dice.chance(600) {
                        3_430
                    } else {
                        1_000 + self.dice.below(9_000)
                    };
                    for digit in amount.to_string().chars() {
                        self.press(Key::Char(digit));
                    }
                }
            }
            Screen::Checkout(checkout) => {
                let refused = self.state.note.is_some();
                if checkout.card.is_none() && (checkout.cash.is_empty() || refused) {
                    let by_card = self.state.open.is_empty() && !self.dice.chance(200);
                    self.press(if by_card { Key::F(6) } else { Key::F(7) });
                } else {
                    self.press(Key::F(12));
                }
            }
            Screen::CardSelect(_) => {
                let down = self.dice.chance(500);
                if down {
                    self.press(Key::Down);
                }
                self.press(Key::Enter);
                if matches!(self.state.screen, Screen::CardSelect(_)) {
                    self.press(Key::F(9));
                }
            }
            Screen::Done(_) => self.press(Key::Enter),
            Screen::NotCharged(_) => {
                let key = *self.dice.pick(&[Key::Char('1'), Key::Char('2'), Key::F(9)]);
                self.press(key);
            }
            Screen::Unknown(_) => self.answer_truthfully(),
            Screen::History(_)
            | Screen::Receipt(_)
            | Screen::Unresolved(_)
            | Screen::KeyCheck(_) => {
                self.press(Key::F(9));
                self.press(Key::F(9));
            }
        }
    }

    pub(super) fn weather_is_over(&self) -> bool {
        self.weather.crash + self.weather.cut + self.weather.lose + self.weather.flip == 0
    }

    pub(super) fn lead_open_sale(&mut self) {
        if !self.state.open.is_empty() {
            for key in [Key::F(4), Key::Char('2'), Key::Enter] {
                self.press(key);
            }
        }
    }

    /// At the terminal, with its history before her eyes; but only when the terminal has come to rest.
    pub(super) fn answer_truthfully(&mut self) {
        let Screen::Unknown(unknown) = &self.state.screen else {
            return;
        };
        if unknown.stage != Stage::GaveUp || self.terminal_is_working(&unknown.record) {
            self.pass_time();
            return;
        }
        let number = unknown.record.sequence_number.expect("a linked sale");
        let amount = unknown.amount();
        let has_proof = unknown.proof.is_some();
        let charged = self.charged.iter().rev().find(|entry| {
            entry.sequence_number == number && entry.outcome == BookOutcome::Approved
        });
        let slip = charged.map(|entry| entry.slip_number.clone());
        if has_proof {
            self.press(Key::F(9));
        }
        let (choice, proof) = match slip {
            Some(slip) => (Key::Char('1'), slip.to_string()),
            None => (Key::Char('2'), amount.get().to_string()),
        };
        self.press(choice);
        for c in proof.chars() {
            self.press(Key::Char(c));
        }
        self.press(Key::Enter);
    }

    /// Nobody may say "not there" while the terminal is still at it.
    pub(super) fn terminal_is_working(&self, record: &SaleRecord) -> bool {
        let sent = record.sent_at.unwrap_or(self.now.wall);
        self.now.wall - sent < Duration::milliseconds(120_000)
    }

    /// Any keys, scans and pastes, except the digits of a proof.
    pub(super) fn storm(&mut self) {
        let keys = [
            Key::F(1),
            Key::F(2),
            Key::F(3),
            Key::F(4),
            Key::F(5),
            Key::F(6),
            Key::F(7),
            Key::F(8),
            Key::F(9),
            Key::F(12),
            Key::F(12),
            Key::Enter,
            Key::Enter,
            Key::Esc,
            Key::Up,
            Key::Down,
            Key::PageUp,
            Key::PageDown,
            Key::Backspace,
            Key::Char('1'),
            Key::Char('2'),
            Key::Char('3'),
            Key::Char('='),
            Key::Char('?'),
            Key::Char('x'),
            Key::Ctrl('c'),
            Key::Unknown,
        ];
        for _ in 0..=self.dice.below(6) {
            let key = *self.dice.pick(&keys);
            if self.is_proving() && matches!(key, Key::Char(_)) {
                continue;
            }
            self.press(key);
        }
        let scan = self.dice.chance(100);
        if scan {
            self.tell(Message::Input(Input::Scan("2100120034508".into())));
        }
    }

    pub(super) fn is_proving(&self) -> bool {
        matches!(&self.state.screen, Screen::Unknown(unknown) if unknown.proof.is_some())
    }
}
