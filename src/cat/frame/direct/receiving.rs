//! The receiver of a line without ENQ: blocks taken, refused, and recognised where they are repeated.

use super::{Direct, LineEvent};
use crate::cat::Break;
use crate::cat::frame::envelope::Block;

/// The message that is being received.
#[derive(Debug, Default)]
pub(super) struct Receiving {
    /// The blocks before.
    text: Vec<u8>,
    /// Bad blocks in a row.
    pub(super) refusals: u32,
    /// The end of the wait for the next block, or for a refused one.
    pub(super) deadline_ms: Option<u64>,
}

impl Direct {
    pub(super) fn block(&mut self, now_ms: u64, block: Block) {
        if self.is_repeated(&block) {
            // Our ACK was lost, or the books took their time. What was taken once is not taken again, and answers nothing.
            self.receiving.refusals = 0;
            if self.receiving.text.is_empty() {
                self.receiving.deadline_ms = None;
            }
            if !self.held {
                self.take();
            }
            return;
        }
        self.answered();
        if std::mem::take(&mut self.held) {
            // The peer did not wait for our acknowledgement.
            self.events.push_back(LineEvent::MessageEnd);
        }
        self.take_block(now_ms, block);
    }

    fn is_repeated(&self, block: &Block) -> bool {
        let asked_for = self.receiving.refusals > 0;
        !self.is_bare()
            && (!self.spoke_since || asked_for || self.awaits_reply())
            && self.last_block.as_ref() == Some(block)
    }

    fn take_block(&mut self, now_ms: u64, block: Block) {
        if self.receiving.text.len() + block.text.len() > self.settings.message_max {
            self.give_up_receiving();
            return;
        }
        match &mut self.last_block {
            Some(last) => {
                last.text.clone_from(&block.text);
                last.is_last = block.is_last;
            }
            none => *none = Some(block.clone()),
        }
        self.spoke_since = false;
        let mut text = std::mem::take(&mut self.receiving).text;
        if text.is_empty() {
            text = block.text;
        } else {
            text.extend_from_slice(&block.text);
        }
        if block.is_last {
            self.held = true;
            self.events.push_back(LineEvent::Received(text));
        } else {
            self.receiving.text = text;
            self.receiving.deadline_ms = Some(now_ms.saturating_add(self.settings.receive_idle_ms));
            self.take();
        }
    }

    pub(super) fn bad_block(&mut self, now_ms: u64) {
        if self.held {
            // The message is here; what was repeated of it is not needed.
            return;
        }
        if self.is_bare() || self.receiving.refusals >= self.settings.nak_resends {
            self.give_up_receiving();
            return;
        }
        self.receiving.refusals += 1;
        self.receiving.deadline_ms = Some(now_ms.saturating_add(self.settings.receive_idle_ms));
        self.say(self.codec.reply(self.codec.framing().replies.nak).to_vec());
        // It may be the answer to what we sent.
        self.more_time(now_ms, self.settings.acknowledge_ms);
    }

    fn give_up_receiving(&mut self) {
        self.receiving = Receiving::default();
        self.events
            .push_back(LineEvent::ReceiveFailed(Break::Garbled));
    }
}
