//! The operator and work by hand: page by page, at the terminal and at the console, in order or not, and never a word that is not true.

use super::World;
use super::people::REST_MS;
use crate::app::Screen;
use crate::app::key::Key;
use crate::app::operator;
use crate::app::wizard::{Original, Page, Question, SlipField, Wizard, can_ask};
use crate::cat::simulator::at_terminal::{AtTerminal, NotDone};
use crate::cat::simulator::books::BookEntry;
use crate::domain::by_hand::Why;
use crate::domain::money::Yen;
use crate::domain::sale::SaleKind;
use crate::domain::slip::{SlipNumber, TerminalSlipNumber};
use crate::simulation::Operation;
use crate::simulation::reversal::original_of;

/// One piece of work, as the screen tells it.
#[derive(Debug, Clone)]
struct Job {
    page: Page,
    slip: Option<SlipNumber>,
    /// Its terminal, where it is at a port of this counter.
    port: Option<usize>,
    why: Why,
    kind: SaleKind,
    amount: Yen,
    /// Of a sale whose outcome is looked for.
    number: Option<u32>,
    /// The terminal's slip that is to be taken back.
    original: Option<TerminalSlipNumber>,
    /// The money is decided.
    settled: bool,
}

/// What became of a try at the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Try {
    Done,
    Later,
    Never,
}

impl World<'_> {
    pub(super) fn at_wizard(&mut self) {
        let Screen::Wizard(wizard) = &self.console.state.screen else {
            return;
        };
        if wizard.writing {
            self.pass_time();
            return;
        }
        let job = self.job(wizard);
        self.desk.tries += 1;
        let leaves = !self.desk.calm && self.dice.chance(60);
        match job.page {
            Page::Confirm => self.confirm(&job),
            // Somebody else, another time.
            Page::LeaveLink | Page::Operate | Page::EnterSlip | Page::BackToLink if leaves => {
                self.press(Key::F(9));
                self.pass_time();
            }
            Page::LeaveLink => self.leave_link(&job),
            Page::Operate => self.operate_terminal(&job),
            Page::EnterSlip => self.enter_slip(&job),
            Page::Doubt => self.doubt(&job),
            Page::GiveUp => self.give_up(&job),
            Page::People => self.two_people(&job),
            Page::BackToLink => self.back_to_link(&job),
            Page::Done => {
                self.wait(REST_MS);
                self.press(Key::F(12));
            }
        }
    }

    fn job(&self, wizard: &Wizard) -> Job {
        let record = wizard.record();
        Job {
            page: wizard.page(),
            slip: record.map(|record| record.slip),
            port: self.port_of(wizard.cat()),
            why: wizard.why(),
            kind: wizard.sale().kind,
            amount: wizard.amount(),
            number: record
                .and_then(|record| record.sequence_number)
                .map(|number| number.get()),
            original: match &wizard.original {
                Original::Known(original) => original.terminal.slip_number.clone(),
                _ => None,
            },
            settled: record.is_some_and(|record| record.state.is_final()),
        }
    }

    /// What the terminal made of this work, as its paper says.
    fn made(&self, job: &Job) -> Option<&BookEntry> {
        match (job.number, job.slip) {
            (Some(number), _) => self.truth.charge(number),
            (None, Some(slip)) => self.truth.done_for(slip).map(|keyed| &keyed.entry),
            (None, None) => None,
        }
    }

    /// True where nothing was made, and nothing will be any more.
    fn nothing_made(&self, job: &Job) -> bool {
        let working = job.number.is_some()
            && job.port.is_none_or(|index| {
                let port = &self.ports[index];
                self.is_at_it(port)
            });
        !working && self.made(job).is_none()
    }

    fn confirm(&mut self, job: &Job) {
        let paper = self
            .truth
            .unbooked()
            .is_some_and(|keyed| keyed.entry.amount == job.amount && Some(keyed.port) == job.port);
        let wants = match job.why {
            Why::MadeStandalone => paper || self.day.practice,
            _ => !self.desk.calm || job.number.is_some(),
        };
        self.wait(REST_MS);
        let key = if wants && self.desk.tries < 4 {
            Key::F(12)
        } else {
            self.day.doing = Operation::CashSale;
            Key::F(9)
        };
        self.press(key);
    }

    fn leave_link(&mut self, job: &Job) {
        let gives_up = self.dice.chance(60) && !self.desk.calm;
        if gives_up && self.nothing_made(job) && job.number.is_none() {
            self.press(Key::F(8));
            return;
        }
        let forgets = !self.desk.calm && self.dice.chance(80);
        if !forgets && self.take_off(job) == Try::Later {
            self.pass_time();
            return;
        }
        self.wait(REST_MS);
        self.press(Key::F(12));
    }

    /// Off the link. In practice nobody touches the terminal.
    fn take_off(&mut self, job: &Job) -> Try {
        match job.port {
            Some(port) if !self.day.practice => {
                match self.press_at(port, AtTerminal::LeaveLink, job.slip) {
                    Ok(_) => Try::Done,
                    Err(_) => Try::Later,
                }
            }
            _ => Try::Done,
        }
    }

    fn operate_terminal(&mut self, job: &Job) {
        let forgets = !self.desk.calm && self.dice.chance(80);
        let looks = job.number.is_some() || self.day.practice;
        let done = if forgets || looks {
            Try::Done
        } else {
            self.make(job)
        };
        match done {
            Try::Done => {
                self.wait(REST_MS);
                self.press(Key::F(12));
            }
            Try::Later => self.pass_time(),
            Try::Never => self.press(Key::F(8)),
        }
    }

    /// What is to be done at the terminal, done once.
    fn make(&mut self, job: &Job) -> Try {
        let (Some(port), Some(slip)) = (job.port, job.slip) else {
            return Try::Never;
        };
        if self.made(job).is_some() {
            return Try::Done;
        }
        let mut amount = job.amount;
        if job.kind == SaleKind::Sale && !self.desk.calm && self.dice.chance(80) {
            amount = Yen::new(amount.get() + 10);
        }
        let key = match (job.kind, job.original.clone()) {
            (SaleKind::Sale, _) => AtTerminal::Sale(amount),
            (SaleKind::Void, Some(original)) => AtTerminal::Void(original),
            (SaleKind::Refund, Some(original)) => AtTerminal::Refund(original, Some(amount)),
            (SaleKind::Void | SaleKind::Refund, None) => return Try::Never,
        };
        if !self.shows_what_is_meant(port, job) {
            return Try::Never;
        }
        let mut done = self.press_at(port, key.clone(), Some(slip));
        if done == Err(NotDone::OnTheLink) {
            if self.take_off(job) == Try::Later {
                return Try::Later;
            }
            done = self.press_at(port, key, Some(slip));
        }
        match done {
            Ok(Some(entry)) => {
                self.look_at_keyed(port, &entry, slip);
                Try::Done
            }
            Ok(None) | Err(NotDone::Busy | NotDone::OnTheLink) => Try::Later,
            Err(NotDone::NoSuchSale | NotDone::BadAmount) => Try::Never,
        }
    }

    /// Before she takes a sale back she reads what the terminal shows under its number: it may have given that to another one since.
    fn shows_what_is_meant(&self, port: usize, job: &Job) -> bool {
        let undo = job.slip.and_then(|slip| self.ledger.by_slip(slip));
        let meant = undo.and_then(|undo| original_of(&self.ledger, undo));
        let (Some(meant), Some(number)) = (meant, &job.original) else {
            return true;
        };
        let made = match meant.number {
            Some(number) => Some(number),
            None => self
                .truth
                .done_for(meant.slip)
                .map(|keyed| keyed.entry.sequence_number.get()),
        };
        let shown = self.ports[port].terminal.books().standing_sale(number);
        match (shown, made) {
            (Some((shown, _)), Some(made)) => shown.sequence_number.get() == made,
            _ => true,
        }
    }

    /// The wrong amount was made: it is taken back at once, at the terminal.
    fn take_mistake_back(&mut self, job: &Job, made: &BookEntry) {
        let (Some(port), Some(slip)) = (job.port, job.slip) else {
            return;
        };
        let key = AtTerminal::Void(made.slip_number.clone());
        match self.press_at(port, key.clone(), Some(slip)) {
            Ok(_) => self.truth.strike(slip),
            Err(NotDone::OnTheLink) => {
                let _ = self.take_off(job);
            }
            // A terminal that has forgotten it gives nothing back: its service centre does.
            Err(NotDone::NoSuchSale) => self.truth.strike(slip),
            Err(NotDone::Busy | NotDone::BadAmount) => self.pass_time(),
        }
    }

    fn enter_slip(&mut self, job: &Job) {
        let paper = match self.made(job).cloned() {
            _ if self.day.practice && job.number.is_none() => {
                Some((self.made_up_number(job), job.amount))
            }
            Some(made) if made.amount == job.amount => {
                Some((made.slip_number.clone(), made.amount))
            }
            Some(made) if job.number.is_none() => {
                if self.dice.chance(300) {
                    self.type_slip(made.slip_number.as_str(), made.amount);
                }
                self.take_mistake_back(job, &made);
                return;
            }
            _ => None,
        };
        match paper {
            Some((number, amount)) => {
                let wrong = !self.desk.calm && self.dice.chance(120);
                let number = match (wrong, self.dice.below(4)) {
                    (true, 0) => "7".to_owned(),
                    (true, 1) => job.amount.get().to_string(),
                    (true, 2) => job
                        .original
                        .as_ref()
                        .map_or(number.to_string(), ToString::to_string),
                    (true, _) => {
                        self.type_slip(number.as_str(), Yen::new(amount.get() + 1));
                        return;
                    }
                    _ => number.to_string(),
                };
                self.type_slip(&number, amount);
            }
            None if job.why == Why::MadeStandalone || job.number.is_some() => {
                if self.nothing_made(job) {
                    self.press(Key::F(8));
                } else {
                    self.pass_time();
                }
            }
            // It was forgotten: now, or never.
            None => match self.make(job) {
                Try::Done => {}
                Try::Later => self.pass_time(),
                Try::Never => self.press(Key::F(8)),
            },
        }
    }

    /// Nothing is made in practice: the paper is of yesterday.
    fn made_up_number(&mut self, job: &Job) -> TerminalSlipNumber {
        let number = job.slip.map_or(0, SlipNumber::get) % 10_000;
        TerminalSlipNumber::new(&format!("7{number:04}")).expect("five digits")
    }

    fn type_slip(&mut self, number: &str, amount: Yen) {
        let Screen::Wizard(wizard) = &self.console.state.screen else {
            return;
        };
        let old = SlipField::ALL.map(|field| wizard.form.field(field).text().chars().count());
        let steps = (4 - wizard.form.focus) % 4;
        for _ in 0..steps {
            self.press(Key::Tab);
        }
        self.retype(old[0], number);
        self.press(Key::Enter);
        self.retype(old[1], &amount.get().to_string());
        for field in 2..4 {
            if old[field] > 0 {
                self.press(Key::Enter);
                if field == 3 && old[2] == 0 {
                    self.press(Key::Enter);
                }
                self.retype(old[field], "");
            }
        }
        self.wait(REST_MS);
        self.press(Key::F(12));
    }

    /// Is the number right? She looks again.
    fn doubt(&mut self, job: &Job) {
        let Screen::Wizard(wizard) = &self.console.state.screen else {
            return;
        };
        let typed = wizard.form.field(SlipField::Number).text().to_owned();
        let right = self.day.practice && job.number.is_none()
            || TerminalSlipNumber::new(&typed).is_ok_and(|typed| {
                self.made(job)
                    .is_some_and(|made| made.slip_number.is_same_number(&typed))
            });
        self.wait(REST_MS);
        if right {
            self.press(Key::Char('1'));
            self.wait(100);
        } else {
            self.press(Key::F(9));
        }
    }

    fn give_up(&mut self, job: &Job) {
        let Screen::Wizard(wizard) = &self.console.state.screen else {
            return;
        };
        let typed = match &wizard.question {
            Some(Question::GiveUp { amount }) => amount.as_ref(),
            _ => return,
        };
        let typed = typed.map(|typed| typed.field.text().chars().count());
        if !self.nothing_made(job) {
            self.press(Key::F(9));
            return;
        }
        match typed {
            None => {
                self.wait(REST_MS);
                self.press(Key::Char('1'));
            }
            Some(old) => {
                let slips = u64::from(!self.desk.calm && self.dice.chance(100));
                let amount = job.amount.get() + i64::try_from(slips).unwrap_or_default();
                self.retype(old, &amount.to_string());
                self.press(Key::Enter);
            }
        }
    }

    fn two_people(&mut self, job: &Job) {
        let Screen::Wizard(wizard) = &self.console.state.screen else {
            return;
        };
        let Some(Question::People(people)) = &wizard.question else {
            return;
        };
        let old: Vec<usize> = people
            .fields()
            .map(|field| field.text().chars().count())
            .collect();
        let focus = people.focus;
        if !job.settled && !self.nothing_made(job) {
            self.press(Key::F(9));
            return;
        }
        if focus != 0 {
            self.press(Key::Up);
        }
        self.retype(old[0], "端末を交換しました");
        self.press(Key::Enter);
        self.retype(old[1], &job.amount.get().to_string());
        self.press(Key::Enter);
    }

    fn back_to_link(&mut self, job: &Job) {
        let forgets = !self.desk.calm && self.dice.chance(200);
        if let Some(port) = job.port
            && !forgets
            && !self.day.practice
        {
            // Busy or not, it is on the link soon.
            let _ = self.press_at(port, AtTerminal::BackToLink, job.slip);
        }
        let Screen::Wizard(wizard) = &self.console.state.screen else {
            return;
        };
        let asks = can_ask(&self.console.state, wizard);
        self.wait(REST_MS);
        if asks && self.desk.tries < 40 {
            self.press(Key::F(5));
            self.pass_time();
        } else if !self.desk.calm && self.dice.chance(500) {
            // The next payment will show it.
            self.press(Key::F(9));
        } else {
            self.press(Key::F(8));
        }
    }

    /// 担当者交代, from the menu.
    pub(super) fn change_operator(&mut self) {
        if operator::is_listed(&self.console.state) {
            self.press(Key::F(4));
            self.press(Key::Char('6'));
        }
    }
}
