//! What was said to the console before this one. It may be said once more, and must be known again then: it is asked for behind the first
//! answer to a question for the state.

use chrono::NaiveDateTime;

use super::{Exchange, Session};
use crate::cat::{Answer, LinkEvent};

/// How far that is.
#[derive(Debug)]
pub(super) enum Learning {
    Nothing,
    /// The terminal said how it is; its last result is asked next.
    Next(Answer),
    /// Its last result is asked.
    Asked(Answer),
}

impl Session {
    /// The terminal said how it is, and what it said to the console before this one is not known: ask it now.
    pub(super) fn learn(&mut self, now_ms: u64) {
        if !matches!(self.exchange, Exchange::AtRest) {
            return;
        }
        let Learning::Next(status) = std::mem::replace(&mut self.learning, Learning::Nothing)
        else {
            return;
        };
        let question = self.owed.question().and_then(|question| {
            let text = self
                .layout
                .encode_command(&question, NaiveDateTime::default());
            let sent = text.is_ok_and(|text| self.line.send(now_ms, text).is_ok());
            sent.then_some(question)
        });
        match question {
            Some(command) => {
                self.owed.begun(now_ms, &self.timers);
                self.learning = Learning::Asked(status);
                self.exchange = Exchange::Sending {
                    command,
                    abandoned: false,
                };
                self.pump(now_ms);
            }
            None => self.learned_nothing(status),
        }
    }

    /// The state is told all the same.
    pub(super) fn learned_nothing(&mut self, status: Answer) {
        self.owed.learns_nothing();
        self.events.push_back(LinkEvent::Answer { answer: status });
        self.come_to_rest();
    }

    /// An answer that moves no money, reported now or behind what must be asked first.
    pub(super) fn tell_state(&mut self, answer: Answer) {
        if self.anew.may_be_old(&answer) {
            return;
        }
        self.owed.answered(&answer);
        let is_state = matches!(answer, Answer::Status(_));
        if is_state && self.owed.question().is_some() {
            self.learning = Learning::Next(answer);
        } else {
            self.events.push_back(LinkEvent::Answer { answer });
        }
    }
}
