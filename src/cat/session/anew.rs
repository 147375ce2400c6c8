//! A state that may be an old one. What a terminal says of its state names no question: where one was given up, its answer may still come, and
//! would be taken for the next one's. So it is asked once more for each that was given up, and only the last is told.

use chrono::NaiveDateTime;

use super::{Exchange, Session};
use crate::cat::{Answer, Break, Command, Exposure, LinkEvent};
use crate::teeth::{self, Tooth};

/// No terminal keeps more answers than this that nobody took.
const OLD_ANSWERS_MAX: u8 = 3;

/// The answers that may be old.
#[derive(Debug, Default)]
pub(super) struct Anew {
    /// So many questions were given up and may still be answered.
    old_answers: u8,
    /// The question is to be asked again as soon as the line is at rest.
    pub(super) is_due: bool,
    /// The counter's local time of the last question.
    at: NaiveDateTime,
}

impl Anew {
    /// A command begins.
    pub(super) fn begun(&mut self, at: NaiveDateTime, command: &Command) {
        if *command == Command::Status {
            self.at = at;
        }
    }

    /// A command ends without its answer.
    pub(super) fn given_up(&mut self, command: &Command, exposure: Exposure) {
        if *command == Command::Status
            && exposure != Exposure::Nothing
            && !teeth::bites(Tooth::OldStateIsTheNewest)
        {
            self.old_answers = (self.old_answers + 1).min(OLD_ANSWERS_MAX);
        }
    }

    /// An answer came that nobody waited for: one old answer less.
    pub(super) fn came_late(&mut self, answer: &Answer) {
        if matches!(answer, Answer::Status(_)) {
            self.old_answers = self.old_answers.saturating_sub(1);
        }
    }

    /// True where this answer may be an old one, and is to be asked for again.
    pub(super) fn may_be_old(&mut self, answer: &Answer) -> bool {
        self.is_due = matches!(answer, Answer::Status(_)) && self.old_answers > 0;
        self.came_late(answer);
        self.is_due
    }
}

impl Session {
    /// The line is at rest, and what was said may have been old: ask once more.
    pub(super) fn ask_anew(&mut self, now_ms: u64) {
        if !matches!(self.exchange, Exchange::AtRest) || !std::mem::take(&mut self.anew.is_due) {
            return;
        }
        if self.start(now_ms, self.anew.at, Command::Status).is_err() {
            self.break_off(Exposure::Nothing, Break::Refused);
        }
    }

    /// The line went before it could be asked once more.
    pub(super) fn not_asked_anew(&mut self) {
        if std::mem::take(&mut self.anew.is_due) {
            self.events.push_back(LinkEvent::Broken {
                exposure: Exposure::Nothing,
                cause: Break::Disconnected,
            });
        }
    }
}
