//! Answers that may still come though nobody waits for them. Where an answer does not say what it answers, such a one would be read as the
//! result of the next amount; so no amount leaves before it can come no more.
//!
//! What was given up is out of the way once the line was closed and the terminal, asked on the new one, said how it is: it answers in
//! order, so what it had to say it has said. A terminal that cannot be asked is given the longest time a transaction takes.
//!
//! A result may also be said once more where our acknowledgement was lost, and a console that was just started does not know what was
//! said to the one before. It asks the terminal for its last result before the first amount, and knows that one again. Where a terminal
//! that answers questions does not tell it, the longest time of a transaction passes first. One that can be asked nothing at all is
//! waited for where the books say that an amount was sent there a moment ago, until that one's longest time has passed.

use crate::cat::dialect::layout::Layout;
use crate::cat::model::{InquiryPower, Model, Timers};
use crate::cat::{Answer, Command, Exposure, Inquiry, ResultCode, TransactionResult};
use crate::domain::ledger::TerminalFacts;
use crate::domain::slip::SequenceNumber;

/// What the terminal may still owe.
#[derive(Debug)]
pub(super) struct Owed {
    /// Every answer says what it answers, by our number or by the slip it takes back: a late one is known for what it is.
    told_apart: bool,
    debt: Debt,
    before: Before,
    /// Nothing that was begun so far is answered after this moment.
    until_ms: u64,
    /// Nothing that was begun before this session is answered after this moment; unknown before the first command.
    before_until_ms: Option<u64>,
    /// The last result, as it was said.
    said: Option<Vec<u8>>,
    /// The last result of the time before this session, as the terminal told it when it was asked.
    said_before: Option<(ResultCode, TerminalFacts)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Debt {
    Nothing,
    /// Something was given up, and its answer may come any moment.
    OnThisLine,
    /// That line was closed; what the terminal makes of it is not known.
    OfAnEarlierLine,
}

/// What was said to the console that used this line before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    /// It is known, or it does not matter.
    Known,
    /// The terminal can be asked for it.
    ToBeAsked,
    /// Nobody tells it: time must pass.
    Untold,
}

impl Owed {
    /// Nobody has asked this terminal for an amount yet.
    pub(super) fn nothing(layout: &Layout) -> Owed {
        Owed {
            told_apart: layout.results_say_what_asked(),
            debt: Debt::Nothing,
            before: Before::Known,
            until_ms: 0,
            before_until_ms: None,
            said: None,
            said_before: None,
        }
    }

    /// Another console may have, a moment ago.
    pub(super) fn of_model(layout: &Layout, model: &Model) -> Owed {
        let can = &model.capabilities;
        let told_apart = can.echoes_sequence_number && layout.results_say_what_asked();
        Owed {
            told_apart,
            before: match can.inquiry {
                _ if told_apart => Before::Known,
                // Nothing can be asked of it: it is taken at its word, or no amount would leave for minutes after every start.
                InquiryPower::None if !can.status => Before::Known,
                InquiryPower::LastOnly if can.status => Before::ToBeAsked,
                InquiryPower::LastOnly | InquiryPower::None | InquiryPower::ByReference => {
                    Before::Untold
                }
            },
            ..Owed::nothing(layout)
        }
    }

    /// The books say that an amount was sent there so long ago, before this session.
    pub(super) fn sent_before(&mut self, now_ms: u64, timers: &Timers, ago_ms: u64) {
        let left_ms = timers.transaction_max_ms.saturating_sub(ago_ms);
        if self.told_apart || self.before != Before::Known || left_ms == 0 {
            return;
        }
        self.before = Before::Untold;
        self.before_until_ms = Some(now_ms.saturating_add(left_ms));
    }

    /// How long an amount has to wait from now, at most (ms).
    pub(super) fn wait_ms(&self, now_ms: u64) -> u64 {
        let debt = (self.debt != Debt::Nothing).then_some(self.until_ms);
        let before = self
            .before_until_ms
            .filter(|_| self.before != Before::Known);
        let until_ms = debt.max(before).unwrap_or(now_ms);
        until_ms.saturating_sub(now_ms)
    }

    /// What the terminal is to be asked before the first amount.
    pub(super) fn question(&self) -> Option<Command> {
        (self.before == Before::ToBeAsked).then_some(Command::LastResult {
            sequence_number: SequenceNumber::FIRST,
        })
    }

    /// It does not tell it.
    pub(super) fn learns_nothing(&mut self) {
        self.before = Before::Untold;
    }

    /// A command begins.
    pub(super) fn begun(&mut self, now_ms: u64, timers: &Timers) {
        self.until_ms = now_ms.saturating_add(timers.transaction_max_ms);
        self.before_until_ms.get_or_insert(self.until_ms);
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
        if let Answer::LastResult { inquiry, .. } = answer
            && self.before == Before::ToBeAsked
        {
            self.learns(inquiry);
        }
    }

    fn learns(&mut self, inquiry: &Inquiry) {
        match inquiry {
            // What still runs is not said yet.
            Inquiry::InProgress => {}
            Inquiry::NotFound => self.before = Before::Known,
            // A refusal that bears nothing of its own is taken for said once more too often rather than too seldom.
            Inquiry::Found(result) if goes_on(result) || result.code != ResultCode::Approved => {
                self.said_before = Some((result.code.clone(), result.facts.clone()));
                self.before = Before::Known;
            }
            Inquiry::Found(_) => self.before = Before::Untold,
        }
    }

    /// May this command leave? What does not leave still lets the time run that it waits for.
    pub(super) fn allows(&mut self, now_ms: u64, timers: &Timers, command: &Command) -> bool {
        let later_ms = now_ms.saturating_add(timers.transaction_max_ms);
        let before_until_ms = *self.before_until_ms.get_or_insert(later_ms);
        let owes = self.debt != Debt::Nothing && self.until_ms > now_ms;
        let may_say_again = self.before != Before::Known && before_until_ms > now_ms;
        !command.moves_money() || !(owes || may_say_again)
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
        let result = match answer {
            Answer::Result(result)
            | Answer::LastResult {
                inquiry: Inquiry::Found(result),
                ..
            } => result,
            _ => return false,
        };
        if self.told_apart {
            return false;
        }
        let before = self.said.as_deref() == Some(text)
            || self
                .said_before
                .as_ref()
                .is_some_and(|(code, facts)| *code == result.code && *facts == result.facts);
        self.said = Some(text.to_vec());
        before && asked.moves_money()
    }
}

/// Does the result bear something of the terminal's own that no later one bears again?
fn goes_on(result: &TransactionResult) -> bool {
    let facts = &result.facts;
    facts.slip_number.is_some() || facts.transaction_number.is_some() || facts.at.is_some()
}
