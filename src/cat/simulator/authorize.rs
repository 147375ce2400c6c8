//! A transaction is asked for: repeated, refused, or begun as the script has it.

use super::books::BookEntry;
use super::plan::plan;
use super::script::Step;
use super::state::Work;
use super::{Moment, Terminal, TerminalEvent};
use crate::cat::{Authorize, TransactionType};

impl Terminal {
    /// A transaction is asked for. `reference` is what stood in its number's place, `wants_progress` whether its phases are told.
    pub(super) fn authorize(
        &mut self,
        now: Moment,
        ask: Authorize,
        reference: Option<String>,
        wants_progress: bool,
    ) {
        let ask = self.completed(ask);
        self.events.push_back(TerminalEvent::Asked {
            sequence_number: ask.sequence_number,
            kind: ask.transaction.into(),
            amount: ask.amount,
            training: ask.training,
        });
        let known = self.books.find(ask.sequence_number).cloned();
        let running = self.work.as_ref().map(|work| work.ask.sequence_number);
        if known.is_some() || running == Some(ask.sequence_number) {
            self.line.accept(now.mono_ms);
            self.events
                .push_back(TerminalEvent::DuplicateRequest(ask.sequence_number));
            // What is running answers when it is done; what is done answers what it answered.
            if let Some(entry) = known
                && running != Some(ask.sequence_number)
            {
                self.tell(&entry);
            }
            return;
        }
        if running.is_some() {
            self.line.accept(now.mono_ms);
            self.refuse_as_busy(now, &ask, reference);
            return;
        }
        self.moods.ignores_inquiries = false;
        self.moods.refused = None;
        let step = self.script.take();
        if step == Step::CutBefore {
            // Not even acknowledged.
            self.events.push_back(TerminalEvent::Cut);
            return;
        }
        self.line.accept(now.mono_ms);
        self.moods.ignores_inquiries = step == Step::NoInquiry;
        if step == Step::LyingNotFound {
            self.moods.denies = Some(ask.sequence_number);
        }
        let step = self.objection(&ask).unwrap_or(step);
        self.work = Some(Work {
            stages: plan(&step, &ask, self.settings.pace_ms, &mut self.dice),
            ask,
            reference,
            wants_progress,
            since_ms: now.mono_ms,
            recording: false,
        });
    }

    /// What no script can make a terminal do.
    fn objection(&self, ask: &Authorize) -> Option<Step> {
        let able = match ask.transaction {
            TransactionType::Sales => true,
            TransactionType::Void => self.capabilities.authorize_void,
            TransactionType::Refund => self.capabilities.authorize_refund,
        };
        if !self.is_on_link() {
            return Some(Step::Standalone);
        }
        if !able || (ask.training && !self.capabilities.training_mode) {
            return Some(Step::CommandError);
        }
        let standing = ask
            .original_slip
            .as_ref()
            .and_then(|slip| self.books.standing_sale(slip));
        let fits = match ask.transaction {
            TransactionType::Sales => true,
            TransactionType::Void => {
                let whole =
                    |sale: &BookEntry, left| sale.amount == ask.amount && left == ask.amount;
                standing.is_some_and(|(sale, left)| whole(sale, left) && self.reaches(sale))
            }
            // The sale may be older than this memory; what is known must not be contradicted.
            TransactionType::Refund => match (standing, &ask.original_slip) {
                (Some((_, left)), _) => left >= ask.amount,
                (None, Some(slip)) => !self.books.has_sale(slip),
                (None, None) => true,
            },
        };
        if !fits {
            return Some(Step::Decline {
                code: "V01".to_owned(),
            });
        }
        let sound = ask.amount.is_positive() && ask.amount.get() <= self.capabilities.amount_max;
        (!sound).then_some(Step::CommandError)
    }

    /// Can this sale still be taken back over the link?
    fn reaches(&self, sale: &BookEntry) -> bool {
        let last = || self.books.last_payment().map(|last| &last.slip_number);
        !self.void_last_only || last() == Some(&sale.slip_number)
    }
}
