//! A terminal that takes one connection at a time (`single_connection` of its model): what was given back is given time to be let go there,
//! and a call that is refused meanwhile is told as what it is.

use crate::cat::Break;
use crate::cat::model::Model;

/// The longest a terminal holds on to a connection that was given back (ms).
const HELD_MAX_MS: u64 = 30_000;

/// The one connection.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Single {
    /// When the line was opened (ms).
    pub(super) opened_ms: u64,
    applies: bool,
    /// How long after one was given back the next is opened (ms).
    pause_ms: u64,
    /// When we gave one back that the terminal may still hold (ms).
    given_back_ms: Option<u64>,
    /// When the next one is opened (ms).
    opens_at_ms: Option<u64>,
}

impl Single {
    pub(super) fn of(model: &Model, over_lan: bool) -> Single {
        let single = |lan: &crate::cat::model::LanSettings| lan.single_connection;
        Single {
            applies: over_lan && model.lan.as_ref().is_some_and(single),
            pause_ms: model.timers.reopen_ms,
            ..Single::default()
        }
    }

    /// We closed it.
    pub(super) fn given_back(&mut self, now_ms: u64) {
        if self.applies {
            self.given_back_ms = Some(now_ms);
        }
    }

    /// The terminal closed it itself, or has taken a new one: it holds no other.
    pub(super) fn let_go(&mut self) {
        self.given_back_ms = None;
    }

    /// True where a new one must wait; it is opened at [`Single::opens_at_ms`].
    pub(super) fn waits(&mut self, now_ms: u64) -> bool {
        let free_ms = self
            .given_back_ms
            .map(|at| at.saturating_add(self.pause_ms));
        self.opens_at_ms = free_ms.filter(|at| *at > now_ms);
        self.opens_at_ms.is_some()
    }

    pub(super) fn opens_at_ms(&self) -> Option<u64> {
        self.opens_at_ms
    }

    /// True once, when the wait is over.
    pub(super) fn is_due(&mut self, now_ms: u64) -> bool {
        self.opens_at_ms.take_if(|at| *at <= now_ms).is_some()
    }

    /// May the terminal still hold the one we gave back?
    pub(super) fn is_held(&self, now_ms: u64) -> bool {
        let ends = |at: u64| at.saturating_add(HELD_MAX_MS);
        self.given_back_ms.is_some_and(|at| now_ms < ends(at))
    }

    /// Why a call was refused.
    pub(super) fn cause(&self, now_ms: u64, cause: Break) -> Break {
        let refused = matches!(cause, Break::Unreachable | Break::PortTaken);
        if refused && self.is_held(now_ms) {
            Break::StillHeld
        } else {
            cause
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cat::model::shipped;

    fn single(model: &str, over_lan: bool) -> Single {
        let mut model = shipped().expect("the shipped models are good")[model].clone();
        model.timers.reopen_ms = 2_000;
        Single::of(&model, over_lan)
    }

    #[test]
    fn a_new_connection_waits_until_the_old_one_had_its_time() {
        let mut line = single("ecr17", true);
        assert!(!line.waits(1_000), "nothing was given back");
        line.given_back(1_000);
        assert!(line.waits(1_500));
        assert_eq!(line.opens_at_ms(), Some(3_000));
        assert!(!line.is_due(2_999));
        assert!(line.is_due(3_000));
        assert!(!line.is_due(3_000), "once");
        assert!(!line.waits(3_000));
    }

    #[test]
    fn a_call_that_is_refused_while_the_old_one_may_be_held_says_so() {
        let mut line = single("ecr17", true);
        assert_eq!(line.cause(1_000, Break::Unreachable), Break::Unreachable);
        line.given_back(1_000);
        for cause in [Break::Unreachable, Break::PortTaken] {
            assert_eq!(line.cause(4_000, cause), Break::StillHeld);
            assert_eq!(line.cause(31_000, cause), cause, "nobody holds it so long");
        }
        assert_eq!(line.cause(4_000, Break::NotACat), Break::NotACat);
        line.let_go();
        assert_eq!(line.cause(4_000, Break::Unreachable), Break::Unreachable);
        assert!(!line.waits(1_001));
    }

    #[test]
    fn a_serial_port_and_a_terminal_of_many_connections_wait_for_nothing() {
        for mut line in [single("ecr17", false), single("transbank", true)] {
            line.given_back(1_000);
            assert!(!line.waits(1_001));
            assert_eq!(line.cause(1_001, Break::PortTaken), Break::PortTaken);
        }
    }
}
