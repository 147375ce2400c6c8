//! A terminal is swapped, for a while or for good; and the operator, who confirms what she has before her eyes.

use super::World;
use crate::app::Screen;
use crate::app::key::Key;
use crate::app::link_pane::Link;
use crate::app::link_setup::View;
use crate::cat::simulator::books::Books;
use crate::cat::simulator::{Terminal, TerminalEvent};
use crate::domain::ledger::{CatId, Entry};
use crate::simulation::invariants::{Check, Invariant};
use crate::simulation::port::{moment, terminal};
use crate::simulation::swap::Aside;

impl World<'_> {
    /// Somebody takes a terminal away and puts another one there; or puts the first one back.
    pub(super) fn swap(&mut self, index: usize) {
        self.hang_up(index);
        let now = self.console.now;
        let trouble = self.weather.script_trouble;
        if self.ports[index].swap.aside.is_none() {
            let port = &self.ports[index];
            let seed = self.dice.below(1 << 30);
            let books = Books::new(Terminal::fresh_journal(seed, moment(now)));
            let of = (&port.seat, port.swap.other_name());
            let (terminal, script) =
                terminal(of, self.layout, books, &mut self.dice, seed, trouble);
            self.ports[index].swap.aside = Some(Aside {
                terminal,
                memory: Vec::new(),
                script,
            });
        }
        let away = 1_000 + self.dice.below(120_000);
        let for_good = self.dice.chance(300);
        let port = &mut self.ports[index];
        // It was there until now.
        if port.terminal.is_on_link() {
            port.left_link_ms = now.mono_ms;
        }
        if let Some(aside) = &mut port.swap.aside {
            std::mem::swap(&mut port.terminal, &mut aside.terminal);
            std::mem::swap(&mut port.memory, &mut aside.memory);
            std::mem::swap(&mut port.script, &mut aside.script);
        }
        port.swap.turn();
        port.swap.back_at_ms = (port.swap.is_second() && !for_good).then_some(now.mono_ms + away);
        let name = port.swap.name();
        self.tell_story(|| format!("the terminal there is {name} now"));
    }

    /// Those that are lent are put back.
    pub(super) fn end_swaps(&mut self) {
        for index in 0..self.ports.len() {
            if self.ports[index].swap.back_at_ms.is_some() {
                self.swap(index);
                self.ports[index].swap.back_at_ms = None;
            }
        }
    }

    /// What the other terminal of a port does by itself, and the moment the first one is put back.
    pub(super) fn keep_aside(&mut self, index: usize) {
        let now = self.console.now;
        let back = self.ports[index].swap.back_at_ms;
        if back.is_some_and(|at| at <= now.mono_ms) {
            self.swap(index);
            self.ports[index].swap.back_at_ms = None;
        }
        loop {
            let Some(aside) = &mut self.ports[index].swap.aside else {
                return;
            };
            let due = aside.terminal.poll_timeout();
            if due.is_some_and(|due| due <= now.mono_ms) {
                aside.terminal.handle_timeout(moment(now));
            }
            // Nobody is at the other end of its line.
            while aside.terminal.poll_transmit().is_some() {}
            match aside.terminal.poll_event() {
                None => return,
                Some(TerminalEvent::Record(entry)) => {
                    aside.memory.push((*entry).clone());
                    aside.terminal.recorded(moment(now));
                    let machine = self.ports[index].swap.machine_aside(index);
                    self.booked_at_terminal(machine, *entry);
                }
                Some(_) => {}
            }
        }
    }

    /// The books know which terminal stands there.
    pub(super) fn terminal_seen(&mut self, entry: &Entry) {
        if let Entry::TerminalSeen {
            cat,
            terminal_id,
            confirmed_by,
        } = entry
            && let Some(port) = self.ports.iter_mut().find(|port| port.seat.cat == *cat)
            && (confirmed_by.is_some() || port.swap.known.is_none())
        {
            port.swap.known = Some(terminal_id.clone());
        }
    }

    /// I7: a terminal that can be asked who it is gets an amount only where it is the one that the books know.
    pub(super) fn is_asked_as_itself(&mut self, index: usize, number: u32) {
        let port = &self.ports[index];
        let (name, known) = (port.swap.name(), port.swap.known.as_deref());
        let another =
            port.seat.model.capabilities.status && known.is_some_and(|known| known != name);
        let check: Check = if another {
            Err(format!(
                "{number} is asked of {name}, and the books know {}",
                known.unwrap_or_default()
            ))
        } else {
            Ok(())
        };
        self.must(Invariant::RightAnswer, check);
    }

    /// A terminal that was swapped for good, and that the console does not trust yet.
    fn untrusted(&self) -> Option<CatId> {
        let cats = &self.console.state.cats;
        let port = self.ports.iter().find(|port| {
            let link = cats.get(&port.seat.cat).map(|cat| &cat.link);
            port.swap.back_at_ms.is_none() && link == Some(&Link::Another)
        })?;
        Some(port.seat.cat)
    }

    /// At an empty register: does she go and confirm it?
    pub(super) fn goes_to_confirm(&mut self) -> bool {
        if self.untrusted().is_none() {
            return false;
        }
        self.press(Key::F(4));
        self.press(Key::Char('4'));
        self.pass_time();
        true
    }

    /// She types what stands on the terminal before her, and nothing else.
    pub(super) fn at_link_setup(&mut self) {
        let Screen::LinkSetup(setup) = &self.console.state.screen else {
            return;
        };
        let Some(cat) = self.untrusted() else {
            self.press(Key::F(9));
            return;
        };
        let row = usize::from(cat == CatId::Cat2);
        match &setup.view {
            View::Ports if setup.selected != row => {
                let key = if setup.selected < row {
                    Key::Down
                } else {
                    Key::Up
                };
                self.press(key);
            }
            View::Ports => self.press(Key::Char('5')),
            View::Another(another) if another.writing || another.cat != cat => {
                if another.cat != cat {
                    self.press(Key::F(9));
                }
            }
            View::Another(another) => match &another.typed {
                None => self.press(Key::Char('1')),
                Some(field) if field.is_empty() => {
                    let port = self.ports.iter().find(|port| port.seat.cat == cat);
                    let name = port.map_or("", |port| port.swap.name());
                    let end: Vec<char> = name.chars().skip(name.len() - 4).collect();
                    for c in end {
                        self.press(Key::Char(c));
                    }
                    self.press(Key::Enter);
                }
                Some(_) => self.press(Key::F(9)),
            },
            View::AskLoop { .. } | View::Trace { .. } => self.press(Key::F(9)),
        }
        self.pass_time();
    }
}
