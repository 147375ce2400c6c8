//! The operator: the next sensible thing, or a mistake of hers; and the truth where she is asked for it.

use super::World;
use crate::app::Screen;
use crate::app::key::{Input, Key, KeyPress};
use crate::app::message::{Message, StoreTrouble};
use crate::app::unknown::Stage;
use crate::domain::record::SaleRecord;
use crate::simulation::Operation;
use crate::simulation::faults::Fault;

/// How long after the terminal was last asked nobody may say "not there" (ms): it may still be at it.
const TERMINAL_AT_IT_MS: u64 = 120_000;
/// The bill that two customers have alike, so that nothing but the number tells them apart.
const TWIN_YEN: u64 = 3_430;

impl World<'_> {
    pub(super) fn press(&mut self, key: Key) {
        self.tell_story(|| format!("operator presses {key:?}"));
        let bytes = Vec::new();
        self.tell(Message::Input(Input::Key(KeyPress { key, bytes })));
    }

    fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.press(Key::Char(c));
        }
    }

    /// The next thing at the keys.
    pub(super) fn operate(&mut self) {
        if self.console.now.mono_ms < self.day.away_until_ms {
            self.pass_time();
            return;
        }
        if let Some(fault) = self.trouble.operator.take() {
            if self.mistake(fault) {
                self.counts.fault(fault);
                return;
            }
            self.trouble.operator = Some(fault);
        }
        if matches!(self.console.state.trouble, Some(StoreTrouble::Disk(_))) {
            // What the screen asks for: the file is checked by a restart.
            self.leave();
            return;
        }
        if !self.console.state.popups.is_empty() {
            self.press(Key::F(9));
            return;
        }
        match &self.console.state.screen {
            Screen::Opening(_) => self.pass_time(),
            Screen::Charging(_) => {
                if self.day.doing == Operation::BackedOut && self.dice.chance(300) {
                    self.press(Key::F(9));
                }
                self.pass_time();
            }
            Screen::ByHand(_)
            | Screen::CardReport(_)
            | Screen::LinkSetup(_)
            | Screen::Printer(_)
            | Screen::Undo(_)
            | Screen::Wizard(_) => {
                self.press(Key::F(9));
            }
            Screen::Register(_) => self.at_register(),
            Screen::Checkout(_) => self.at_checkout(),
            Screen::CardSelect(_) => self.at_cards(),
            Screen::Done(_) => {
                self.press(Key::Enter);
                self.pass_time();
            }
            Screen::NotCharged(_) => {
                let keys = [Key::Char('1'), Key::Char('2'), Key::F(9)];
                let key = *self.dice.pick(&keys);
                self.press(key);
                self.pass_time();
            }
            Screen::Unknown(_) => self.answer_truthfully(),
            Screen::History(_) => self.at_history(),
            Screen::Receipt(_) => {
                if self.dice.chance(500) {
                    self.press(Key::F(7));
                }
                self.press(Key::F(9));
            }
            Screen::Unresolved(_) => {
                let down = self.dice.chance(300);
                if down {
                    self.press(Key::Down);
                }
                self.press(Key::Enter);
                if matches!(self.console.state.screen, Screen::Unresolved(_)) {
                    self.press(Key::F(9));
                }
            }
            Screen::Unreflected(_) | Screen::Worklist(_) | Screen::Bill(_) => self.press(Key::F(9)),
            Screen::KeyCheck(_) => {
                self.press(Key::F(9));
                self.press(Key::F(9));
            }
        }
    }

    fn at_register(&mut self) {
        let Screen::Register(register) = &self.console.state.screen else {
            return;
        };
        let typed = !register.input.is_empty();
        let refused = typed && self.console.state.note.is_some();
        if refused {
            self.press(Key::F(9));
        } else if typed {
            let key = if self.dice.chance(300) {
                Key::Enter
            } else {
                Key::F(12)
            };
            self.press(key);
        } else if !self.console.state.basket.lines.is_empty() {
            self.press(Key::F(12));
        } else if self.day.left > 0 {
            self.begin_operation();
        } else if !self.console.state.open.is_empty() {
            for key in [Key::F(4), Key::Char('2'), Key::Enter] {
                self.press(key);
            }
        } else {
            self.pass_time();
        }
    }

    fn begin_operation(&mut self) {
        self.day.left -= 1;
        let operation = match self.dice.below(100) {
            0..=64 => Operation::CardSale,
            65..=79 => Operation::CashSale,
            80..=87 => Operation::BackedOut,
            88..=92 => Operation::History,
            93..=95 => Operation::LinkCheck,
            _ => Operation::OpenSales,
        };
        self.day.doing = operation;
        self.counts.operation(operation);
        self.tell_story(|| format!("operator begins: {}", operation.name()));
        match operation {
            Operation::CardSale | Operation::CashSale | Operation::BackedOut => {
                let lines = if self.dice.chance(200) { 2 } else { 1 };
                for line in 0..lines {
                    let amount = if self.dice.chance(600) {
                        TWIN_YEN
                    } else {
                        1_000 + self.dice.below(9_000)
                    };
                    self.type_text(&amount.to_string());
                    if line + 1 < lines {
                        self.press(Key::Enter);
                    }
                }
            }
            Operation::History => self.press(Key::F(3)),
            Operation::LinkCheck => {
                self.press(Key::F(4));
                self.press(Key::Char('3'));
            }
            Operation::OpenSales => {
                self.press(Key::F(4));
                self.press(Key::Char('2'));
            }
        }
    }

    fn at_checkout(&mut self) {
        let Screen::Checkout(checkout) = &self.console.state.screen else {
            return;
        };
        let refused = self.console.state.note.is_some();
        if checkout.writing {
            self.pass_time();
        } else if checkout.card.is_none() && (checkout.cash.is_empty() || refused) {
            let cash = self.day.doing == Operation::CashSale || self.dice.chance(100);
            let card = self.console.state.open.is_empty() && !cash;
            self.press(if card { Key::F(6) } else { Key::F(7) });
        } else if refused && self.dice.chance(300) {
            // A card that is refused gives way to cash.
            self.press(Key::F(7));
        } else {
            self.press(Key::F(12));
        }
    }

    fn at_cards(&mut self) {
        let down = self.dice.chance(500);
        if down {
            self.press(Key::Down);
        }
        self.press(Key::Enter);
        if matches!(self.console.state.screen, Screen::CardSelect(_)) {
            self.press(Key::F(9));
            // No card can be used now.
            self.day.doing = Operation::CashSale;
        }
    }

    fn at_history(&mut self) {
        let Screen::History(history) = &self.console.state.screen else {
            return;
        };
        if history.reading {
            self.pass_time();
        } else if self.day.doing == Operation::History && !history.page.rows.is_empty() {
            self.day.doing = Operation::LinkCheck;
            self.press(Key::Enter);
        } else {
            self.press(Key::F(9));
        }
    }

    /// At the terminal, with its history before her eyes; but only when the terminal has come to rest.
    fn answer_truthfully(&mut self) {
        let Screen::Unknown(unknown) = &self.console.state.screen else {
            return;
        };
        if unknown.stage != Stage::GaveUp || self.terminal_is_working(&unknown.record) {
            self.pass_time();
            return;
        }
        let Some(number) = unknown.record.sequence_number else {
            return;
        };
        let amount = unknown.amount();
        let has_proof = unknown.proof.is_some();
        let slip = self
            .truth
            .charge(number.get())
            .map(|charge| charge.slip_number.clone());
        if has_proof {
            self.press(Key::F(9));
        }
        let (choice, proof) = match slip {
            Some(slip) => (Key::Char('1'), slip.to_string()),
            None => (Key::Char('2'), amount.get().to_string()),
        };
        self.press(choice);
        if matches!(&self.console.state.screen, Screen::Unknown(unknown) if unknown.proof.is_some())
        {
            self.type_text(&proof);
            self.press(Key::Enter);
        }
        self.pass_time();
    }

    /// Nobody may say "not there" while the terminal is still at it, or the amount still on the line.
    fn terminal_is_working(&self, record: &SaleRecord) -> bool {
        let cat = record.route.as_ref().map(|route| route.cat);
        self.ports
            .iter()
            .filter(|port| Some(port.seat.cat) == cat)
            .any(|port| {
                let since = self.console.now.mono_ms.saturating_sub(port.asked_ms);
                !port.line.is_empty() || since < TERMINAL_AT_IT_MS
            })
    }

    /// A mistake, or a habit. False where it does not fit the screen; then it waits.
    fn mistake(&mut self, fault: Fault) -> bool {
        let proving = self.is_proving();
        match fault {
            Fault::HurriedKeys => self.hurry(),
            Fault::WrongKey => {
                let key = *self.dice.pick(KEYS);
                if proving && matches!(key, Key::Char(_)) {
                    return false;
                }
                self.press(key);
            }
            Fault::DoublePress => {
                let key = *self
                    .dice
                    .pick(&[Key::F(12), Key::Enter, Key::F(9), Key::Esc]);
                self.press(key);
                self.press(key);
            }
            Fault::GivesUp => {
                if !matches!(self.console.state.screen, Screen::Charging(_)) {
                    return false;
                }
                for key in [Key::F(9), Key::Esc, Key::Ctrl('c'), Key::F(9)] {
                    self.press(key);
                }
            }
            Fault::Parks => {
                if !self.is_asked() || proving {
                    return false;
                }
                self.press(Key::Char('3'));
                self.pass_time();
            }
            Fault::WrongProof => {
                if !self.is_asked() || proving {
                    return false;
                }
                self.wrong_proof();
            }
            _ => {
                let away = 60_000 + self.dice.below(3_600_000);
                self.day.away_until_ms = self.console.now.mono_ms + away;
            }
        }
        true
    }

    /// Any keys, scans and pastes, except the digits of a proof.
    fn hurry(&mut self) {
        for _ in 0..=self.dice.below(8) {
            let key = *self.dice.pick(KEYS);
            if !(self.is_proving() && matches!(key, Key::Char(_))) {
                self.press(key);
            }
        }
        let burst = self.dice.chance(300);
        if burst {
            self.tell(Message::Input(Input::Scan("2100120034508".to_owned())));
        } else if self.dice.chance(200) {
            self.tell(Message::Input(Input::Paste("3430".to_owned())));
        }
    }

    /// What she types is no proof, and must not be taken for one.
    fn wrong_proof(&mut self) {
        let Screen::Unknown(unknown) = &self.console.state.screen else {
            return;
        };
        let other = unknown.amount().get() + 1;
        let (choice, proof) = if self.dice.chance(500) {
            (Key::Char('1'), "12".to_owned())
        } else {
            (Key::Char('2'), other.to_string())
        };
        self.press(choice);
        if self.is_proving() {
            self.type_text(&proof);
            self.press(Key::Enter);
            self.press(Key::F(9));
        }
    }

    fn is_proving(&self) -> bool {
        matches!(&self.console.state.screen, Screen::Unknown(unknown) if unknown.proof.is_some())
    }

    fn is_asked(&self) -> bool {
        matches!(&self.console.state.screen, Screen::Unknown(unknown) if unknown.stage == Stage::GaveUp)
    }
}

/// Keys of all kinds.
const KEYS: &[Key] = &[
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
