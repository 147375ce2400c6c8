//! The examination of a line, on the thread that owns it: the session rests meanwhile, and whatever the console asks goes first.

use crate::cat::LinkEvent;
use crate::cat::examination::{Examination, Verdict};
use crate::cat::model::SerialSettings;

use super::{Asking, Done, Driver};

/// An examination under way, and who waits for it.
pub(super) struct Examining {
    examination: Examination,
    done: Option<Done>,
    /// The line was opened anew for it, perhaps in other settings than its own: it is given back afterwards.
    reopened: bool,
    /// The line is opened in these settings once the terminal had its time to let the old connection go.
    opens: Option<Option<SerialSettings>>,
}

impl Examining {
    /// True where the line is closed, and is opened for the examination at its time.
    pub(super) const fn waits_for_its_line(&self) -> bool {
        self.opens.is_some()
    }

    pub(super) fn poll_timeout(&self) -> Option<u64> {
        self.examination.poll_timeout()
    }

    pub(super) fn handle_timeout(&mut self, now_ms: u64) {
        self.examination.handle_timeout(now_ms);
    }

    pub(super) fn handle_input(&mut self, now_ms: u64, bytes: &[u8]) {
        self.examination.handle_input(now_ms, bytes);
    }

    pub(super) fn handle_disconnect(&mut self, now_ms: u64, detail: String) {
        self.examination.handle_disconnect(now_ms, detail);
    }
}

impl<S: Fn(LinkEvent)> Driver<S> {
    pub(super) fn examine(&mut self, done: Done) {
        if self.examining.is_some() || !self.may_be_given_up() {
            (done.0)(Verdict::InUse);
            return;
        }
        if self.asked.running == Some(Asking::State) {
            // A question of the pane: nobody misses its answer, the examination asks the same. On a fresh line, so that no answer to the
            // old question is taken for one to the new.
            self.session.begin_anew();
            self.asked.running = None;
            self.hang_up("examined");
        }
        let now = (self.clock)();
        self.trace().begin("status", false);
        self.examining = Some(Examining {
            examination: Examination::new(
                &self.model,
                &self.layout,
                self.dialer.serial(),
                now.wall.naive_local(),
            ),
            done: Some(done),
            reopened: false,
            opens: None,
        });
    }

    /// Do what the examination wants done, until it waits or is over.
    pub(super) fn go_on_examining(&mut self) {
        while let Some(mut examining) = self.examining.take() {
            let mut moved = false;
            let wanted = examining.examination.poll_open();
            if let Some(settings) = wanted.or(examining.opens.take()) {
                self.open_for(&mut examining, settings);
                moved = !examining.waits_for_its_line();
            }
            let mut pieces = Vec::new();
            while let Some(bytes) = examining.examination.poll_transmit() {
                pieces.push(bytes);
            }
            let over = examining.examination.verdict().cloned();
            self.examining = Some(examining);
            for bytes in &pieces {
                self.write(bytes);
            }
            if let Some(verdict) = over {
                self.end_examination(verdict);
                return;
            }
            if !moved && pieces.is_empty() {
                return;
            }
        }
    }

    fn open_for(&mut self, examining: &mut Examining, settings: Option<SerialSettings>) {
        let own = settings == self.dialer.serial();
        if !own || self.wire.is_none() {
            self.hang_up("examined");
            let now_ms = self.now_ms();
            if self.single.waits(now_ms) {
                examining.opens = Some(settings);
                return;
            }
            let sink = self.next_sink();
            match self.dialer.open_with(settings, sink) {
                Ok(wire) => {
                    self.opened(wire);
                    examining.reopened |= !own;
                }
                Err(error) => {
                    examining.examination.not_opened(error.cause, error.detail);
                    return;
                }
            }
        }
        let now_ms = self.now_ms();
        examining.examination.opened(now_ms, settings);
    }

    /// The examination is over, or gives way. A line in other settings than its own is given back.
    pub(super) fn end_examination(&mut self, verdict: Verdict) {
        let Some(mut examining) = self.examining.take() else {
            return;
        };
        let kept = matches!(
            verdict,
            Verdict::Answered { .. } | Verdict::Acknowledged { .. } | Verdict::GaveWay
        );
        if !kept || examining.reopened {
            self.hang_up("examined");
        }
        if verdict == Verdict::GaveWay && self.wire.is_some() {
            // An answer to the examination's question must not meet the next one's.
            self.hang_up("examined");
        }
        if let Verdict::Answered { status, .. } = &verdict {
            let word = super::answer_word(&crate::cat::Answer::Status(status.clone()));
            self.trace().means(&word);
        }
        if let Some(done) = examining.done.take() {
            (done.0)(verdict);
        }
    }
}
