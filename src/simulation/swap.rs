//! Another terminal behind one address: the one that stands at a port, and the one that was taken away and goes on by itself.

use std::collections::{BTreeMap, VecDeque};

use crate::cat::simulator::Terminal;
use crate::cat::simulator::books::BookEntry;

/// What the two terminals of a port say they are.
pub(super) const NAMES: [&str; 2] = ["SIM00001", "SIM00002"];

/// Which terminal stands at a port.
#[derive(Debug, Default)]
pub(super) struct Swap {
    /// True where it is the second one.
    second: bool,
    /// The other one, once there was one.
    pub(super) aside: Option<Aside>,
    /// When the first is put back (ms); never, where it is for good.
    pub(super) back_at_ms: Option<u64>,
    /// Which one each number was sent to.
    sent_to: BTreeMap<u32, &'static str>,
    /// The one that the books know: the first that was written, or confirmed.
    pub(super) known: Option<String>,
}

/// A terminal that is not at its port: nobody hears it, and what it was in the middle of it goes on with.
#[derive(Debug)]
pub(super) struct Aside {
    pub(super) terminal: Terminal,
    pub(super) memory: Vec<BookEntry>,
    pub(super) script: VecDeque<&'static str>,
}

impl Swap {
    /// What the terminal says it is.
    pub(super) fn name(&self) -> &'static str {
        NAMES[usize::from(self.second)]
    }

    /// A number of its own for the terminal that stands at this port.
    pub(super) fn machine(&self, port: usize) -> usize {
        2 * port + usize::from(self.second)
    }

    /// And for the one that was taken away.
    pub(super) fn machine_aside(&self, port: usize) -> usize {
        2 * port + usize::from(!self.second)
    }

    /// What the other one would say.
    pub(super) fn other_name(&self) -> &'static str {
        NAMES[usize::from(!self.second)]
    }

    /// The other one stands there now.
    pub(super) fn turn(&mut self) {
        self.second = !self.second;
    }

    /// True where the first one is not at its port.
    pub(super) fn is_second(&self) -> bool {
        self.second
    }

    /// An amount is on its way to the one that stands there.
    pub(super) fn sent(&mut self, number: u32) {
        let name = self.name();
        self.sent_to.insert(number, name);
    }

    /// Is the one that stands there the one that this number was sent to? What never left may be denied by either.
    pub(super) fn was_asked_for(&self, number: u32) -> bool {
        let sent_to = self.sent_to.get(&number);
        sent_to.is_none_or(|name| *name == self.name())
    }

    /// When something is due (ms).
    pub(super) fn due(&self) -> Option<u64> {
        let aside = self
            .aside
            .as_ref()
            .and_then(|aside| aside.terminal.poll_timeout());
        [aside, self.back_at_ms].into_iter().flatten().min()
    }
}
