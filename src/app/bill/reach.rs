//! Whether the receipt computer can be reached, as its last answer or its silence showed: no call is made to find out.

use chrono::{DateTime, FixedOffset};

use super::Trouble;
use crate::app::State;
use crate::app::message::orca::OrcaEvent;
use crate::orca::answer::{Failure, News};

/// What is known of the way to the receipt computer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// The last call was answered, whatever the answer was.
    answered: bool,
    /// Since when none was, and why the last was not.
    lost: Option<(DateTime<FixedOffset>, Trouble)>,
    /// Since when it does not tell by itself what is new.
    deaf: Option<DateTime<FixedOffset>>,
}

/// It in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// Nothing was asked yet.
    Unknown,
    /// It answers.
    Yes,
    /// No call was answered since then.
    No(DateTime<FixedOffset>),
    /// It does not let us in since then.
    Denied(DateTime<FixedOffset>),
    /// It answers, and does not tell by itself what is new since then.
    Deaf(DateTime<FixedOffset>),
}

impl Reach {
    /// In one word.
    pub const fn word(&self) -> Reached {
        match (&self.lost, self.deaf) {
            (Some((since, Trouble::Denied(_) | Trouble::Certificate(_))), _) => {
                Reached::Denied(*since)
            }
            (Some((since, _)), _) => Reached::No(*since),
            (None, Some(since)) => Reached::Deaf(since),
            (None, None) if self.answered => Reached::Yes,
            (None, None) => Reached::Unknown,
        }
    }
}

/// Something came from it, or did not.
pub(super) fn note(state: &mut State, event: &OrcaEvent) {
    let now = state.now.wall;
    let reach = &mut state.bills.reach;
    match event {
        OrcaEvent::Answered {
            result: Ok(_) | Err(Failure::Refused(_)),
            ..
        } => {
            reach.answered = true;
            reach.lost = None;
        }
        OrcaEvent::Answered {
            result: Err(failure),
            ..
        } => {
            let since = reach.lost.as_ref().map_or(now, |(since, _)| *since);
            reach.lost = Some((since, Trouble::of(failure)));
        }
        OrcaEvent::News(News::Listening) => reach.deaf = None,
        OrcaEvent::News(News::Deaf(_)) => reach.deaf = reach.deaf.or(Some(now)),
        OrcaEvent::News(_) | OrcaEvent::Remarked { .. } => {}
    }
}
