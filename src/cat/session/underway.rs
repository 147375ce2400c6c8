//! What comes while an answer is awaited, and for how long it is: where the customer is, and the lines of a list.

use super::{Exchange, Session};
use crate::cat::dialect::Reply;
use crate::cat::{Break, Command, DailyLogType, Exposure, LinkEvent, ListedTransaction};

/// The most lines a terminal's list may have.
const LISTED_MAX: usize = 10_000;

impl Session {
    /// How long a command may take to be answered (ms).
    pub(super) fn patience_ms(&self, command: &Command) -> u64 {
        match command {
            Command::Authorize(_)
            | Command::AccessDailyLog {
                log: DailyLogType::Settlement,
                ..
            } => self.timers.transaction_ms,
            Command::Status
            | Command::LastResult { .. }
            | Command::Transactions
            | Command::Standalone
            | Command::AccessDailyLog {
                log: DailyLogType::Reporting,
                ..
            } => self.timers.answer_ms,
        }
    }

    /// A progress text: nothing acknowledges it, and one that says nothing is still a sign of life.
    pub(super) fn progressed(&mut self, now_ms: u64, text: &[u8]) {
        match self.layout.decode_reply(text) {
            Ok(Reply::Phase(phase)) => self.goes_on(now_ms, LinkEvent::Phase { phase }),
            Ok(Reply::Display(text)) => self.goes_on(now_ms, LinkEvent::Display { text }),
            Ok(Reply::Answer(_) | Reply::Listed(_) | Reply::ListEnd) | Err(_) => {}
        }
    }

    /// The customer is somewhere on the way: the answer may take its time from here anew.
    pub(super) fn goes_on(&mut self, now_ms: u64, event: LinkEvent) {
        if let Exchange::Waiting {
            command,
            deadline_ms,
            limit_ms,
        } = &mut self.exchange
        {
            // A question about a running transaction is not answered by that transaction's progress.
            if command.moves_money() {
                let longer = now_ms.saturating_add(self.timers.transaction_ms);
                *deadline_ms = longer.min(*limit_ms).max(*deadline_ms);
            }
            self.events.push_back(event);
        }
    }

    /// One more line of a list. Each gives the next one its time, up to a size no terminal's memory has.
    pub(super) fn listed(&mut self, now_ms: u64, transaction: ListedTransaction) {
        if let Exchange::Waiting {
            command: Command::Transactions,
            deadline_ms,
            ..
        } = &mut self.exchange
        {
            *deadline_ms = now_ms.saturating_add(self.timers.answer_ms);
            self.listed.push(transaction);
            if self.listed.len() > LISTED_MAX {
                self.break_off(Exposure::Delivered, Break::Garbled);
            }
        }
    }
}
