//! The receiver of a basic-mode line: blocks taken, refused, and recognised where they are repeated.

use super::{BasicMode, LineEvent, State};
use crate::cat::Break;
use crate::cat::frame::envelope::{Block, EOT};

/// The message that is being received.
#[derive(Debug, Default)]
pub(super) struct Receiving {
    pub(super) text: Vec<u8>,
    /// Bad blocks in a row.
    pub(super) refusals: u32,
    pub(super) standing: Standing,
    /// The ENQ came behind a message whose EOT did not: it may ask for our ACK again, or call anew.
    pub(super) after_message: bool,
    /// When ACK or NAK was said last.
    pub(super) replied_ms: u64,
}

/// What an ENQ in the middle of a message is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Standing {
    /// Everything so far was good: ACK.
    #[default]
    Good,
    /// What came last was bad: NAK.
    Bad,
    /// NAK was said to an ENQ: another ENQ is a sender that starts anew, where it had brought nothing yet.
    BadAndTold,
}

impl BasicMode {
    /// A call: the blocks that follow are a new message. Behind a message whose EOT did not come the ENQ may also be noise, so what was
    /// taken stays in mind: a sender to whom our ACK arrived as NAK repeats it, and it must not become a second command.
    pub(super) fn begin_receiving(&mut self, now_ms: u64, after_message: bool) {
        if !after_message {
            self.last_block = None;
        }
        self.receiving = Receiving {
            after_message,
            ..Receiving::default()
        };
        self.take(now_ms);
        self.enter(State::Receiving, now_ms, self.settings.receive_idle_ms);
    }

    /// ENQ in the middle of a message: the sender missed our reply, or begins anew. Replies carry no number, so one too many would be
    /// taken for the reply to a block that is still on its way, and that block could get lost unseen. A sender waits before it asks:
    /// an ENQ hard on the heels of our reply is noise.
    pub(super) fn asked_again(&mut self, now_ms: u64) {
        if now_ms < self.receiving.replied_ms + self.settings.inter_byte_ms {
            return;
        }
        match self.receiving.standing {
            Standing::Good => self.take(now_ms),
            Standing::Bad => {
                self.receiving.standing = Standing::BadAndTold;
                self.refuse(now_ms);
            }
            // The half that stands here would be missing in front of what follows.
            Standing::BadAndTold if !self.receiving.text.is_empty() => self.refuse(now_ms),
            Standing::BadAndTold => self.begin_receiving(now_ms, self.receiving.after_message),
        }
    }

    pub(super) fn block(&mut self, now_ms: u64, block: Block) {
        let repeated = self.last_block.as_ref() == Some(&block);
        match self.state {
            // Our ACK was lost. What was taken once is not taken again.
            State::Idle | State::Receiving | State::AwaitingEnd if repeated => {
                self.receiving.standing = Standing::Good;
                self.take(now_ms);
            }
            State::Receiving => self.take_block(now_ms, block),
            State::Idle
            | State::Calling
            | State::CallPause
            | State::AwaitingReply { .. }
            | State::Held
            | State::AwaitingEnd => {}
        }
    }

    pub(super) fn take_block(&mut self, now_ms: u64, block: Block) {
        if self.receiving.text.len() + block.text.len() > self.settings.message_max {
            self.give_up_receiving(now_ms);
            return;
        }
        if std::mem::take(&mut self.receiving.after_message) {
            self.events.push_back(LineEvent::MessageEnd);
        }
        self.receiving.text.extend_from_slice(&block.text);
        self.receiving.refusals = 0;
        self.receiving.standing = Standing::Good;
        if block.is_last {
            let text = std::mem::take(&mut self.receiving.text);
            self.events.push_back(LineEvent::Received(text));
            self.state = State::Held;
            self.state_deadline = None;
            // The peer is there and was let through, so our own call starts afresh.
            if let Some(sending) = &mut self.sending {
                sending.calls = 0;
            }
        } else {
            self.take(now_ms);
            self.enter(State::Receiving, now_ms, self.settings.receive_idle_ms);
        }
        self.last_block = Some(block);
    }

    pub(super) fn bad_block(&mut self, now_ms: u64) {
        if self.state != State::Receiving {
            return;
        }
        if self.receiving.refusals >= self.settings.nak_resends {
            self.give_up_receiving(now_ms);
            return;
        }
        self.receiving.refusals += 1;
        self.receiving.standing = Standing::Bad;
        self.refuse(now_ms);
        self.enter(State::Receiving, now_ms, self.settings.receive_idle_ms);
    }

    pub(super) fn give_up_receiving(&mut self, now_ms: u64) {
        self.say(vec![EOT]);
        self.events
            .push_back(LineEvent::ReceiveFailed(Break::Garbled));
        self.rest(now_ms);
    }
}
