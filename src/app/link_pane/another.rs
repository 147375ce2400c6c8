//! Another terminal behind the same address: swapped, two cables crossed, an address given to another one. The books know which one was
//! there; until a person confirms the other, no amount leaves for it, and it says nothing of what was sent to the one before.

use std::collections::BTreeMap;

use super::Link;
use crate::app::State;
use crate::app::message::{Effect, StoreRequest};
use crate::app::note::{Note, Value};
use crate::domain::identity::Identity;
use crate::domain::ledger::{CatId, Entry};
use crate::domain::sale::Operator;
use crate::locale::Text;
use crate::teeth::{self, Tooth};

/// Which terminal stands at a port.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Which one is known, and which one answers.
    pub identity: Identity,
    /// True once the books were read: before that nobody is known to be new.
    read: bool,
    /// What it said of itself is not in the books yet.
    unwritten: bool,
    /// The books have the one that is known: until then it is written before any other, or they would know another one.
    kept: bool,
    /// The name it said before the books were read.
    early: Option<String>,
}

impl Standing {
    /// What the pane says of a terminal that answers.
    pub(super) fn seen_as(&self, link: Link) -> Link {
        match link {
            Link::Down { .. } => link,
            _ if self.identity.another().is_some() => Link::Another,
            Link::Another => Link::Unchecked,
            _ => link,
        }
    }
}

/// The books are read.
pub(crate) fn read(
    state: &mut State,
    mut terminals: BTreeMap<CatId, Identity>,
    out: &mut Vec<Effect>,
) {
    let mut early = Vec::new();
    for (id, cat) in &mut state.cats {
        cat.standing.identity = terminals.remove(id).unwrap_or_default();
        cat.standing.read = true;
        cat.standing.kept = cat.standing.identity.known.is_some();
        early.extend(cat.standing.early.take().map(|name| (*id, name)));
        cat.link = cat.standing.seen_as(cat.link.clone());
    }
    for (id, name) in early {
        heard(state, id, Some(&name), out);
    }
}

/// A terminal says its name. What is new goes into the books; it holds from this moment, whatever becomes of that.
pub(super) fn heard(state: &mut State, id: CatId, name: Option<&str>, out: &mut Vec<Effect>) {
    let owner = state.owns_the_books();
    let (Some(cat), Some(name)) = (state.cats.get_mut(&id), name) else {
        return;
    };
    let standing = &mut cat.standing;
    if !standing.read {
        standing.early = Some(name.to_owned());
        return;
    }
    let new = standing.identity.answering.as_deref() != Some(name);
    if !new && !standing.unwritten || !owner {
        return;
    }
    standing.identity.take(name, false);
    let first = standing.identity.known.clone().filter(|_| !standing.kept);
    let told = first.unwrap_or_else(|| name.to_owned());
    standing.unwritten = told != name;
    cat.link = cat.standing.seen_as(cat.link.clone());
    write(state, id, told, None, out);
}

/// A person has confirmed which terminal stands there.
pub(crate) fn confirm(state: &mut State, id: CatId, name: String, out: &mut Vec<Effect>) {
    let operator = state.operator.clone();
    write(state, id, name, Some(operator), out);
}

fn write(
    state: &State,
    cat: CatId,
    terminal_id: String,
    confirmed_by: Option<Operator>,
    out: &mut Vec<Effect>,
) {
    out.push(Effect::Store(StoreRequest::Write {
        stamp: state.settings.stamp(state.now),
        entry: Entry::TerminalSeen {
            cat,
            terminal_id,
            confirmed_by,
        },
    }));
}

/// An entry is durable. True where a person confirmed a terminal by it.
pub(crate) fn written(state: &mut State, entry: &Entry, out: &mut Vec<Effect>) -> bool {
    let Entry::TerminalSeen {
        cat: id,
        terminal_id,
        confirmed_by,
    } = entry
    else {
        return false;
    };
    if let Some(cat) = state.cats.get_mut(id) {
        cat.standing.kept = true;
    }
    if confirmed_by.is_none() {
        return false;
    }
    if let Some(cat) = state.cats.get_mut(id) {
        cat.standing.identity.take(terminal_id, true);
        if cat.link == Link::Another {
            cat.link = Link::Unchecked;
        }
    }
    super::probe(state, *id, out);
    true
}

/// The books did not take an entry: what a terminal said of itself is written at its next answer.
pub(crate) fn failed(state: &mut State, entry: &Entry) {
    if let Entry::TerminalSeen {
        cat,
        confirmed_by: None,
        ..
    } = entry
        && let Some(cat) = state.cats.get_mut(cat)
    {
        cat.standing.unwritten = true;
    }
}

/// Why no amount leaves for the terminal that stands there, where another one is known.
pub(crate) fn refusal(state: &State, id: CatId) -> Option<Note> {
    if teeth::bites(Tooth::AnotherTerminalIsAsked) {
        return None;
    }
    let (known, answering) = state.cats.get(&id)?.standing.identity.another()?;
    Some(
        Note::warning(Text::AnotherTerminal)
            .with("known", Value::Word(known.to_owned()))
            .with("answering", Value::Word(answering.to_owned())),
    )
}
