//! The operator: the next sensible thing, or a mistake of hers; and the truth where she is asked for it.

use super::World;
use super::people::REST_MS;
use crate::app::Screen;
use crate::app::key::{Input, Key, KeyPress};
use crate::app::message::{Message, StoreTrouble};
use crate::app::unknown::Stage;
use crate::app::wizard::Page;
use crate::domain::record::SaleRecord;
use crate::domain::tender::Tender;
use crate::simulation::Operation;
use crate::simulation::faults::Fault;
use crate::simulation::port::Port;

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

    pub(super) fn type_text(&mut self, text: &str) {
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
            self.at_popup();
            return;
        }
        self.at_screen();
    }

    fn at_screen(&mut self) {
        match &self.console.state.screen {
            Screen::Opening(_) => self.pass_time(),
            Screen::Charging(_) => {
                if self.day.doing == Operation::BackedOut && self.dice.chance(300) {
                    self.press(Key::F(9));
                }
                self.pass_time();
            }
            Screen::LinkSetup(_) => self.at_link_setup(),
            Screen::Scan(_)
            | Screen::CardReport(_)
            | Screen::Printer(_)
            | Screen::Items(_)
            | Screen::Import(_) => self.press(Key::F(9)),
            Screen::ByHand(_) => {
                let works = !self.desk.calm && self.dice.chance(700);
                self.wait(REST_MS);
                self.press(if works { Key::F(12) } else { Key::F(9) });
            }
            Screen::Undo(_) => self.at_undo(),
            Screen::Wizard(_) => self.at_wizard(),
            Screen::Register(_) => self.at_register(),
            Screen::Checkout(_) => self.at_checkout(),
            Screen::CardSelect(_) => self.at_cards(),
            Screen::Done(_) => {
                self.press(Key::Enter);
                self.pass_time();
            }
            Screen::NotCharged(_) => {
                let keys = [Key::Char('1'), Key::Char('2'), Key::F(9), Key::Char('4')];
                let choices = if self.desk.calm { 3 } else { 4 };
                let key = *self.dice.pick(&keys[..choices]);
                self.press(key);
                self.pass_time();
            }
            Screen::Unknown(_) => self.answer_truthfully(),
            Screen::History(_) => self.at_history(),
            Screen::Receipt(_) => self.at_receipt(),
            Screen::Unresolved(_) => {
                let rows = self.console.state.unsettled() as u64;
                for _ in 0..self.dice.below(rows) {
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
        let correcting = register.correcting.is_some();
        let unbooked = self.truth.unbooked().is_some();
        let refused = typed && self.console.state.note.is_some();
        // A bill that was set aside, or was never there, is dropped as well.
        self.desk.drops_bill &= !self.console.state.basket.lines.is_empty();
        if refused {
            self.press(Key::F(9));
        } else if typed {
            let key = if self.dice.chance(300) {
                Key::Enter
            } else {
                Key::F(12)
            };
            self.press(key);
        } else if correcting {
            self.correct_lines();
        } else if !self.console.state.basket.lines.is_empty() {
            let drops = std::mem::take(&mut self.desk.drops_bill);
            let lines = if drops {
                self.console.state.basket.lines.len()
            } else {
                0
            };
            for _ in 0..lines {
                self.press(Key::F(8));
            }
            if lines == 0 {
                self.press(Key::F(12));
            }
        } else if unbooked && self.day.left > 0 && self.dice.chance(600) {
            self.ring_up_paper();
        } else if self.goes_to_confirm() {
        } else if self.day.left > 0 {
            self.begin_operation();
        } else if self.console.state.unsettled() > 0 {
            self.menu('2');
        } else if unbooked {
            self.ring_up_paper();
        } else {
            self.pass_time();
        }
    }

    fn begin_operation(&mut self) {
        // Nobody serves two customers in one moment: the books know a sale by it that is asked for again.
        self.wait(1);
        self.day.left -= 1;
        let mut operation = match self.dice.below(100) {
            0..=44 => Operation::CardSale,
            45..=53 => Operation::CashSale,
            54..=59 => Operation::BackedOut,
            60..=67 => Operation::Split,
            68..=77 => Operation::TakeBack,
            78..=83 => Operation::PartBack,
            84..=86 => Operation::Correction,
            87..=89 => Operation::Standalone,
            90 => Operation::DailyLog,
            91..=92 => Operation::Night,
            93 => Operation::OtherOperator,
            94..=95 => Operation::History,
            96..=97 => Operation::LinkCheck,
            _ => Operation::OpenSales,
        };
        if !self.day.often.is_empty() && self.dice.chance(700) {
            operation = *self.dice.pick(self.day.often);
        }
        if operation.takes_back() && !self.ledger.sales().any(|sale| sale.stand.is_paid()) {
            operation = Operation::CardSale;
        }
        self.day.doing = operation;
        if operation != Operation::Standalone {
            self.counts.operation(operation);
        }
        self.tell_story(|| format!("operator begins: {}", operation.name()));
        match operation {
            Operation::CardSale | Operation::CashSale | Operation::BackedOut | Operation::Split => {
                self.ring_up()
            }
            Operation::History
            | Operation::TakeBack
            | Operation::PartBack
            | Operation::Correction => self.press(Key::F(3)),
            Operation::LinkCheck => self.menu('3'),
            Operation::OpenSales => self.menu('2'),
            Operation::DailyLog => self.menu('7'),
            Operation::OtherOperator => self.change_operator(),
            Operation::Standalone => self.sell_standalone(),
            Operation::Night => self.sleep(),
        }
    }

    fn menu(&mut self, digit: char) {
        self.press(Key::F(4));
        self.press(Key::Char(digit));
    }

    fn ring_up(&mut self) {
        let lines = if self.dice.chance(200) { 2 } else { 1 };
        for line in 0..lines {
            let amount = if self.dice.chance(600) {
                TWIN_YEN
            } else {
                1_000 + self.dice.below(9_000)
            };
            if self.dice.chance(80) {
                self.press(Key::F(7));
            }
            self.type_text(&amount.to_string());
            if self.dice.chance(80) {
                self.type_text(" x 2");
            }
            if line + 1 < lines {
                self.press(Key::Enter);
            }
        }
    }

    /// The terminal's slip of a sale that was made without the console is beside her.
    fn ring_up_paper(&mut self) {
        let Some(keyed) = self.truth.unbooked() else {
            return;
        };
        let amount = keyed.entry.amount.get().to_string();
        self.wait(1);
        self.day.doing = Operation::Standalone;
        self.tell_story(|| "operator rings up what was made at the terminal".to_owned());
        self.type_text(&amount);
    }

    fn at_checkout(&mut self) {
        self.desk.tries += 1;
        let Screen::Checkout(checkout) = &self.console.state.screen else {
            return;
        };
        let refused = self.console.state.note.is_some();
        if checkout.writing || !checkout.reading.is_empty() {
            self.pass_time();
        } else if self.desk.tries > 14 || self.desk.drops_bill {
            self.desk.drops_bill = true;
            self.press(Key::F(9));
        } else if self.is_paper_on_desk() {
            // While a sale of that amount has no outcome, its page does not open.
            let refused = self.desk.tries > 4;
            self.desk.drops_bill |= refused;
            self.press(if refused { Key::F(9) } else { Key::F(6) });
        } else if self.day.doing == Operation::Split && !self.desk.calm && self.dice.chance(800) {
            self.split();
        } else if checkout.card.is_none() && (checkout.cash.is_empty() || refused) {
            let cash =
                self.desk.calm || self.day.doing == Operation::CashSale || self.dice.chance(100);
            let card = self.console.state.open.is_empty() && !cash;
            self.press(if card { Key::F(6) } else { Key::F(7) });
        } else if refused && self.dice.chance(300) {
            // A card that is refused gives way to cash.
            self.press(Key::F(7));
        } else {
            self.press(Key::F(12));
        }
    }

    /// True where the bill at the counter is the one of the terminal's slip beside her.
    fn is_paper_on_desk(&self) -> bool {
        let due = self.console.state.outstanding();
        let paper = self.truth.unbooked();
        self.day.doing == Operation::Standalone
            && paper.is_some_and(|keyed| keyed.entry.amount == due)
    }

    /// A part of the bill: some cash counted first, or a card that pays less than the rest.
    fn split(&mut self) {
        let Screen::Checkout(checkout) = &self.console.state.screen else {
            return;
        };
        let rest = u64::try_from(self.console.state.outstanding().get()).unwrap_or_default();
        let half = 1 + self.dice.below(rest.saturating_sub(1));
        let (cash, share) = (checkout.cash.text().len(), checkout.share.text().len());
        match (&checkout.card, share) {
            (None, _) if rest < 2 => self.press(Key::F(7)),
            (None, _) => {
                let counts = self.dice.chance(400);
                if counts {
                    self.retype(cash, &half.to_string());
                }
                self.press(Key::F(6));
            }
            (Some(_), 0) if cash == 0 => {
                self.press(Key::Down);
                self.type_text(&half.to_string());
                self.press(Key::F(12));
            }
            (Some(_), _) => {
                self.press(Key::F(12));
                // What is refused is paid another way.
                self.day.doing = Operation::CardSale;
            }
        }
    }

    fn at_cards(&mut self) {
        let paper = self.truth.unbooked();
        let paper = paper.map(|keyed| (keyed.port, keyed.entry.amount));
        if self.day.doing == Operation::Standalone
            && let Some((port, amount)) = paper
        {
            // The cards stand in the order of the ports.
            for _ in 0..self.ports.len() + 1 {
                self.press(Key::Up);
            }
            for _ in 0..port {
                self.press(Key::Down);
            }
            self.press(Key::F(7));
            if matches!(self.console.state.screen, Screen::CardSelect(_)) {
                // Something stands in the field there, or the slip may be that of a sale without an outcome, which comes first then.
                let mut open = self.console.state.open.iter();
                self.desk.drops_bill |=
                    open.any(|record| record.sale.card().map(Tender::amount) == Some(amount));
                self.press(Key::F(9));
            }
            return;
        }
        if self.desk.calm {
            self.press(Key::F(9));
            return;
        }
        let down = self.dice.below(3);
        for _ in 0..down {
            self.press(Key::Down);
        }
        self.press(Key::Enter);
        if matches!(self.console.state.screen, Screen::CardSelect(_)) {
            self.press(Key::F(9));
            // No card can be used now.
            self.day.doing = Operation::CashSale;
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
        // At the terminal, page by page, where she has begun so or means to.
        let begun = unknown.record.by_hand.is_some();
        if !has_proof && (begun || !self.desk.calm && self.dice.chance(150)) {
            self.wait(REST_MS);
            self.press(Key::Char('4'));
            self.wait(100);
            if matches!(self.console.state.screen, Screen::Wizard(_)) {
                return;
            }
        }
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
            .any(|port| self.is_at_it(port))
    }

    /// True where a terminal may still be at what it was asked for.
    pub(super) fn is_at_it(&self, port: &Port) -> bool {
        let since = self.console.now.mono_ms.saturating_sub(port.asked_ms);
        !port.line.is_empty() || since < TERMINAL_AT_IT_MS
    }

    /// A mistake, or a habit. False where it does not fit the screen; then it waits.
    fn mistake(&mut self, fault: Fault) -> bool {
        let proving = self.is_proving();
        match fault {
            Fault::HurriedKeys => self.hurry(),
            Fault::WrongKey => {
                let key = *self.dice.pick(KEYS);
                if proving && matches!(key, Key::Char(_) | Key::Backspace) {
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
            if !(self.is_proving() && matches!(key, Key::Char(_) | Key::Backspace)) {
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

    /// True where what she types is a word about the terminal, which is never false.
    fn is_proving(&self) -> bool {
        match &self.console.state.screen {
            Screen::Unknown(unknown) => unknown.proof.is_some(),
            Screen::Wizard(wizard) => matches!(
                wizard.page(),
                Page::EnterSlip | Page::Doubt | Page::GiveUp | Page::People
            ),
            _ => false,
        }
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
