//! 端末接続: the CAT ports and the ports of this machine, a test without money, the loopback check of a cable, the wire trace.
//!
//! Nothing here can send an amount: the screen asks the lines through [`SetupRequest`] alone.

use std::collections::BTreeMap;

use super::action::Action;
use super::field::{Field, Kind};
use super::key::Key;
use super::keymap::Place;
use super::link_pane::{self, Work};
use super::message::Effect;
use super::message::link_setup::{
    FoundPort, LoopOutcome, PortUse, SetupEvent, SetupRequest, TraceFrame,
};
use super::note::{Note, Value};
use super::unknown::no_finger_typed;
use super::{Screen, State};
use crate::cat::model::SerialSettings;
use crate::domain::ledger::{CatId, Entry};
use crate::locale::Text;

pub use super::message::link_setup::{Direction, UsbFacts};
pub use crate::cat::examination::{DeviceKind, Verdict};
pub use crate::cat::model::{Parity, SerialSettings as LineSettings};
pub use crate::cat::{TerminalState, TerminalStatus as Status};

/// The CAT ports a terminal master has.
const CATS: [CatId; 2] = [CatId::Cat1, CatId::Cat2];
/// Rows of the trace that a page key moves by.
const PAGE: usize = 10;

/// The set-up of the link.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LinkSetup {
    /// The ports of this machine, as they were found last.
    pub ports: Vec<FoundPort>,
    /// The line settings of the serial CAT ports.
    pub lines: BTreeMap<CatId, SerialSettings>,
    /// True while they are looked for.
    pub finding: bool,
    /// The row under the mark: the two CAT ports first, then the ports found.
    pub selected: usize,
    /// What was found at each CAT port; `None` while it is being examined.
    pub verdicts: BTreeMap<CatId, Option<Verdict>>,
    /// The port of the last loopback check, and what came back; `None` while it runs.
    pub looped: Option<(String, Option<LoopOutcome>)>,
    /// True where the line for the config is shown instead of what is known of the port.
    pub shows_line: bool,
    /// What is shown.
    pub view: View,
}

/// What the screen shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum View {
    /// The ports.
    #[default]
    Ports,
    /// The question before bytes are sent into a port.
    AskLoop {
        /// Which.
        path: String,
    },
    /// Another terminal answers than the one that is known: which one is it?
    Another(Another),
    /// The wire trace of a terminal.
    Trace {
        /// Whose.
        cat: CatId,
        /// Oldest first.
        frames: Vec<TraceFrame>,
        /// How many rows above the newest the view ends.
        back: usize,
    },
}

/// The question which terminal stands at a port. A digit answers it, and what stands on the terminal itself proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Another {
    /// At which port.
    pub cat: CatId,
    /// Its number, being typed off the terminal.
    pub typed: Option<Field>,
    /// When its first character was typed (ms).
    pub since_ms: u64,
    /// True until the books have the answer.
    pub writing: bool,
}

/// What stands in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row<'a> {
    /// A CAT port of the terminal master, set or not.
    Cat(CatId),
    /// A port of this machine.
    Port(&'a FoundPort),
}

impl LinkSetup {
    /// The row at an index.
    pub fn row(&self, index: usize) -> Option<Row<'_>> {
        match CATS.get(index) {
            Some(cat) => Some(Row::Cat(*cat)),
            None => self.ports.get(index - CATS.len()).map(Row::Port),
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        CATS.len() + self.ports.len()
    }

    /// Where the keys go.
    pub const fn place(&self) -> Place {
        match self.view {
            View::Ports => Place::LinkSetup,
            View::AskLoop { .. } => Place::LinkLoop,
            View::Another(_) => Place::LinkAnother,
            View::Trace { .. } => Place::LinkTrace,
        }
    }

    fn cat(&self) -> Option<CatId> {
        match self.row(self.selected) {
            Some(Row::Cat(cat)) => Some(cat),
            Some(Row::Port(_)) | None => None,
        }
    }

    fn port(&self) -> Option<&FoundPort> {
        match self.row(self.selected) {
            Some(Row::Port(port)) => Some(port),
            Some(Row::Cat(_)) | None => None,
        }
    }
}

/// Open the screen, and look for ports.
pub(crate) fn open(state: &mut State, out: &mut Vec<Effect>) {
    state.note = None;
    state.screen = Screen::LinkSetup(Box::default());
    find(state, out);
}

fn find(state: &mut State, out: &mut Vec<Effect>) {
    if let Screen::LinkSetup(setup) = &mut state.screen {
        setup.finding = true;
        out.push(Effect::LinkSetup(SetupRequest::FindPorts));
    }
}

/// Why an action cannot be done now.
pub(crate) fn refusal(state: &State, setup: &LinkSetup, action: Action) -> Option<Note> {
    let plain = |text| Some(Note::plain(text));
    match action {
        Action::NameTerminal | Action::Choose if matches!(&setup.view, View::Another(another) if another.writing) => {
            plain(Text::Writing)
        }
        Action::Choose if matches!(&setup.view, View::Another(another) if another.typed.is_none()) => {
            Some(Note::warning(Text::AnswerWithDigits))
        }
        Action::OtherTerminal => {
            let Some(cat) = setup.cat() else {
                return plain(Text::MarkCatPort);
            };
            let known = state.cats.get(&cat);
            match known.map(|cat| cat.standing.identity.another()) {
                None => plain(Text::CatPortNotSet),
                Some(None) => plain(Text::SameTerminal),
                Some(Some(_)) => None,
            }
        }
        Action::TestLink | Action::WireTrace => {
            let Some(cat) = setup.cat() else {
                return plain(Text::MarkCatPort);
            };
            let Some(known) = state.cats.get(&cat) else {
                return plain(Text::CatPortNotSet);
            };
            if action == Action::WireTrace {
                return None;
            }
            if !known.is_described() {
                let model = state.settings.cats[&cat].model.title.clone();
                return Some(Note::plain(Text::ModelNeedsLayout).with("model", Value::Name(model)));
            }
            match known.work {
                Work::Exchange => Some(Note::warning(Text::MoneyUnderWay)),
                Work::Examining => plain(Text::ExaminingNote),
                Work::Idle | Work::Probing => None,
            }
        }
        Action::LoopCheck => match setup.port().map(|port| &port.used_by) {
            None => plain(Text::MarkFoundPort),
            Some(PortUse::Cat(_)) => Some(Note::warning(Text::LoopNotAtTerminal)),
            Some(PortUse::Program(name)) => {
                Some(Note::warning(Text::PortHasOwner).with("name", Value::Word(name.clone())))
            }
            Some(PortUse::Free) if matches!(setup.looped, Some((_, None))) => {
                plain(Text::ExaminingNote)
            }
            Some(PortUse::Free) => None,
        },
        Action::PortLine if setup.port().is_none() => plain(Text::MarkFoundPort),
        _ => None,
    }
}

/// An action of this screen.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    // What was said of one row or view is not said of the next.
    state.note = None;
    let Screen::LinkSetup(setup) = &mut state.screen else {
        return;
    };
    match &mut setup.view {
        View::Ports => act_on_ports(state, action, out),
        View::AskLoop { path } => {
            let path = std::mem::take(path);
            setup.view = View::Ports;
            if action == Action::LoopStart {
                setup.looped = Some((path.clone(), None));
                out.push(Effect::LinkSetup(SetupRequest::Loop { path }));
            }
        }
        View::Another(another) => match action {
            Action::NameTerminal => another.typed = Some(Field::new(Kind::Code, 20)),
            Action::Choose => name_terminal(state, out),
            Action::Back if another.typed.is_some() => another.typed = None,
            Action::Back => setup.view = View::Ports,
            _ => {}
        },
        View::Trace { cat, frames, back } => {
            let cat = *cat;
            let most = frames.len().saturating_sub(1);
            match action {
                Action::Up => *back = (*back + 1).min(most),
                Action::Down => *back = back.saturating_sub(1),
                Action::PageUp => *back = (*back + PAGE).min(most),
                Action::PageDown => *back = back.saturating_sub(PAGE),
                Action::FindPorts => out.push(Effect::LinkSetup(SetupRequest::Trace(cat))),
                Action::ExportTrace => {
                    out.push(Effect::LinkSetup(SetupRequest::ExportTrace(cat)));
                }
                Action::Back => setup.view = View::Ports,
                _ => {}
            }
        }
    }
}

fn act_on_ports(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let Screen::LinkSetup(setup) = &mut state.screen else {
        return;
    };
    let (cat, path) = (setup.cat(), setup.port().map(|port| port.path.clone()));
    match (action, cat, path) {
        (Action::Up, ..) => setup.mark(setup.selected.saturating_sub(1)),
        (Action::Down, ..) => setup.mark((setup.selected + 1).min(setup.rows() - 1)),
        (Action::FindPorts, ..) => find(state, out),
        (Action::TestLink, Some(cat), _) => {
            setup.verdicts.insert(cat, None);
            link_pane::examine(state, cat);
            out.push(Effect::LinkSetup(SetupRequest::Examine(cat)));
        }
        (Action::WireTrace, Some(cat), _) => {
            out.push(Effect::LinkSetup(SetupRequest::Trace(cat)));
        }
        (Action::OtherTerminal, Some(cat), _) => {
            setup.view = View::Another(Another {
                cat,
                typed: None,
                since_ms: 0,
                writing: false,
            });
        }
        (Action::LoopCheck, _, Some(path)) => setup.view = View::AskLoop { path },
        (Action::PortLine, _, Some(_)) => setup.shows_line = true,
        (Action::Back, ..) => state.open_register(),
        _ => {}
    }
}

impl LinkSetup {
    fn mark(&mut self, index: usize) {
        self.selected = index;
        self.shows_line = false;
    }
}

/// True while characters are the number of a terminal.
pub(crate) fn takes_text(setup: &LinkSetup) -> bool {
    matches!(&setup.view, View::Another(another) if another.typed.is_some() && !another.writing)
}

/// A character of the number.
pub(crate) fn type_key(state: &mut State, key: Key) {
    let now_ms = state.now.mono_ms;
    if let Screen::LinkSetup(setup) = &mut state.screen
        && let View::Another(another) = &mut setup.view
        && let Some(field) = another.typed.as_mut().filter(|_| !another.writing)
    {
        if field.is_empty() {
            another.since_ms = now_ms;
        }
        if field.press(key) {
            state.note = None;
        }
    }
}

/// The number is typed: the terminal that it names is the one that is used from here on.
fn name_terminal(state: &mut State, out: &mut Vec<Effect>) {
    let now_ms = state.now.mono_ms;
    let Screen::LinkSetup(setup) = &mut state.screen else {
        return;
    };
    let View::Another(another) = &mut setup.view else {
        return;
    };
    let cat = another.cat;
    let typed = another.typed.as_ref().map_or("", Field::text).to_owned();
    if no_finger_typed(&typed, now_ms.saturating_sub(another.since_ms)) {
        another.typed = None;
        out.push(Effect::Bell(2));
        state.say(Note::warning(Text::TypedByScanner));
        return;
    }
    let standing = state.cats.get(&cat).map(|cat| &cat.standing);
    let named = standing.and_then(|standing| standing.identity.named(&typed));
    let Some(named) = named.map(str::to_owned) else {
        state.say(Note::warning(Text::NumberOfNeither));
        return;
    };
    another.writing = true;
    state.note = None;
    link_pane::another::confirm(state, cat, named, out);
}

/// What a person confirmed is in the books.
pub(crate) fn confirmed(state: &mut State) {
    if let Screen::LinkSetup(setup) = &mut state.screen
        && let View::Another(_) = setup.view
    {
        setup.view = View::Ports;
    }
    state.say(Note::plain(Text::TerminalConfirmed));
}

/// The books did not take it: the question stands again.
pub(crate) fn failed(state: &mut State, entry: &Entry) {
    if let Entry::TerminalSeen {
        confirmed_by: Some(_),
        ..
    } = entry
        && let Screen::LinkSetup(setup) = &mut state.screen
        && let View::Another(another) = &mut setup.view
    {
        another.writing = false;
    }
}

/// The edge answers. What was asked for on a screen that is gone is still true of the terminal.
pub(crate) fn take(state: &mut State, event: SetupEvent, out: &mut Vec<Effect>) {
    if let SetupEvent::Examined { cat, verdict } = &event {
        link_pane::examined(state, *cat, verdict, out);
    }
    let Screen::LinkSetup(setup) = &mut state.screen else {
        return;
    };
    match event {
        SetupEvent::Found { ports, lines } => {
            setup.finding = false;
            setup.ports = ports;
            setup.lines = lines;
            setup.selected = setup.selected.min(setup.rows() - 1);
        }
        SetupEvent::Examined { cat, verdict } => {
            setup.verdicts.insert(cat, Some(verdict));
        }
        SetupEvent::Looped { path, outcome } => setup.looped = Some((path, Some(outcome))),
        SetupEvent::Traced { cat, frames } => {
            setup.view = View::Trace {
                cat,
                frames,
                back: 0,
            };
        }
        SetupEvent::Exported(Ok(path)) => {
            state.say(Note::plain(Text::TraceExported).with("path", Value::Word(path)));
        }
        SetupEvent::Exported(Err(detail)) => {
            state.say(Note::alarm(Text::TraceNotExported).with("detail", Value::Word(detail)));
        }
    }
}
