//! Answers that may still come though nobody waits for them. Where an answer does not say what it answers, such a one would be read as the
//! result of the next amount; so no amount leaves before it can come no more.
//!
//! What was given up is out of the way once the line was closed and the terminal, asked on the new one, said how it is: it answers in
//! order, so what it had to say it has said. A terminal that cannot be asked is given the longest time a transaction takes.

use crate::cat::dialect::layout::Layout;
use crate::cat::model::{Capabilities, Timers};
use crate::cat::{Answer, Command, Exposure, Inquiry};

/// What the terminal may still owe.
#[derive(Debug)]
pub(super) struct Owed {
    /// Every answer says what it answers, by our number or by the slip it takes back: a late one is known for what it is.
    told_apart: bool,
    debt: Debt,
    /// Nothing that was begun so far is answered after this moment.
    until_ms: u64,
    /// The last result, as it was said.
    said: Option<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Debt {
    Nothing,
    /// Something was given up, and its answer may come any moment.
    OnThisLine,
    /// That line was closed; what the terminal makes of it is not known.
    OfAnEarlierLine,
}

impl Owed {
    pub(super) fn new(layout: &Layout, can: Option<&Capabilities>) -> Owed {
        let promised = can.is_none_or(|can| can.echoes_sequence_number);
        Owed {
            told_apart: promised && layout.results_say_what_asked(),
            debt: Debt::Nothing,
            until_ms: 0,
            said: None,
        }
    }

    /// A command begins.
    pub(super) fn begun(&mut self, now_ms: u64, timers: &Timers) {
        self.until_ms = now_ms.saturating_add(timers.transaction_max_ms);
    }

    /// A command ends without its answer.
    pub(super) fn given_up(&mut self, exposure: Exposure) {
        if !self.told_apart && exposure != Exposure::Nothing {
            self.debt = Debt::OnThisLine;
        }
    }

    /// The line is closed.
    pub(super) fn line_closed(&mut self) {
        if self.debt == Debt::OnThisLine {
            self.debt = Debt::OfAnEarlierLine;
        }
    }

    /// The terminal answered what it was asked.
    pub(super) fn answered(&mut self, answer: &Answer) {
        if self.debt == Debt::OfAnEarlierLine && matches!(answer, Answer::Status(_)) {
            self.debt = Debt::Nothing;
        }
    }

    /// May this command leave?
    pub(super) fn allows(&self, now_ms: u64, command: &Command) -> bool {
        !command.moves_money() || self.debt == Debt::Nothing || self.until_ms <= now_ms
    }

    /// The line is better closed before anything new begins.
    pub(super) fn is_on_this_line(&self) -> bool {
        self.debt == Debt::OnThisLine
    }

    /// Is this the result of an earlier amount, said once more because our acknowledgement came late or was lost? No terminal says two
    /// results in the same words: its own number goes on.
    pub(super) fn was_said_before(
        &mut self,
        asked: &Command,
        answer: &Answer,
        text: &[u8],
    ) -> bool {
        let is_result = matches!(
            answer,
            Answer::Result(_)
                | Answer::LastResult {
                    inquiry: Inquiry::Found(_),
                    ..
                }
        );
        if self.told_apart || !is_result {
            return false;
        }
        let before = self.said.as_deref() == Some(text);
        self.said = Some(text.to_vec());
        before && asked.moves_money()
    }
}
