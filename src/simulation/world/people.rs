//! Who is at the counter and who stands beside: the questions that lie over a screen, answered; and hands that take their time.

use super::World;
use crate::app::key::Key;
use crate::app::operator::{Ask, Who};
use crate::app::popup::Popup;
use crate::domain::sale::Operator;
use crate::simulation::Operation;
use crate::simulation::clinic::people;
use crate::simulation::port::Port;

/// So long a hand rests before it answers a question about money (ms).
pub(super) const REST_MS: u64 = 800;

impl World<'_> {
    /// Time passes at the counter, and everything that is due happens in it.
    pub(super) fn wait(&mut self, ms: u64) {
        let until = self.console.now.mono_ms + ms;
        loop {
            let now = self.console.now.mono_ms;
            let next = self.ports.iter().filter_map(Port::due);
            let next = next.chain(self.console.state.deadline());
            match next.filter(|at| *at > now && *at < until).min() {
                Some(at) => self.pass_to(at),
                None => break,
            }
        }
        self.pass_to(until);
    }

    /// Out with what stands in a field, in with this.
    pub(super) fn retype(&mut self, old: usize, text: &str) {
        for _ in 0..old {
            self.press(Key::Backspace);
        }
        self.type_text(text);
    }

    /// The topmost question.
    pub(super) fn at_popup(&mut self) {
        match self.console.state.popups.last() {
            Some(Popup::Operator(ask)) => {
                let ask = (**ask).clone();
                self.say_who(&ask);
            }
            Some(Popup::HalfDone) => {
                self.wait(REST_MS);
                let keys = [Key::F(9), Key::Char('1'), Key::Char('2')];
                let key = if self.desk.calm {
                    Key::Char('1')
                } else {
                    *self.dice.pick(&keys)
                };
                self.press(key);
                self.wait(100);
            }
            Some(Popup::DailyLog(question)) if self.day.doing == Operation::DailyLog => {
                if question.writing {
                    self.pass_time();
                    return;
                }
                let down = self.dice.chance(300);
                self.wait(REST_MS);
                if down {
                    self.press(Key::Down);
                }
                self.press(Key::Char('1'));
                self.wait(100);
                self.day.doing = Operation::LinkCheck;
            }
            _ => self.press(Key::F(9)),
        }
    }

    /// A code, and where there is no list the name behind it.
    fn say_who(&mut self, ask: &Ask) {
        self.wait(400);
        let all = people();
        let me = self.desk.who.clone();
        let listed = !self.console.state.settings.operators.list.is_empty();
        let second = matches!(ask.who, Who::Second(_));
        let mut who = if second {
            let others: Vec<&Operator> = all.iter().filter(|one| one.code != me.code).collect();
            (*self.dice.pick(&others)).clone()
        } else if self.dice.chance(600) {
            me.clone()
        } else {
            self.dice.pick(&all).clone()
        };
        // She tries it by herself.
        if second && ask.name.is_none() && !self.desk.calm && self.dice.chance(100) {
            who = me.clone();
        }
        let old = ask.field().text().chars().count();
        let text = if ask.name.is_some() {
            who.name.clone()
        } else {
            who.code.clone()
        };
        self.retype(old, &text);
        if !second && listed {
            self.desk.who = who.clone();
        }
        let before = self.console.state.popups.len();
        self.press(Key::Enter);
        if self.console.state.popups.len() < before {
            let name = who.name;
            self.tell_story(|| format!("{name} is at it"));
            return;
        }
        self.desk.who = me;
        // Nobody stands by it.
        if self.console.state.note.is_some() {
            self.press(Key::F(9));
        }
    }
}
