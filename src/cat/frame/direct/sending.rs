//! The sender of a line without ENQ: blocks out, and what their replies mean.

use super::{Direct, Heard, LineEvent, Outgoing};
use crate::cat::frame::envelope::Block;
use crate::cat::{Break, Exposure};

/// The message that is being sent.
#[derive(Debug)]
pub(super) struct Sending {
    blocks: Vec<Block>,
    current: usize,
    resends: u32,
    /// The current block was handed to the line, which may not have written it yet.
    begun: bool,
    exposed: bool,
    /// The end of the wait for the reply, or before it for the line to be free.
    pub(super) deadline_ms: Option<u64>,
    since_ms: u64,
}

impl Sending {
    pub(super) fn new(blocks: Vec<Block>) -> Sending {
        Sending {
            blocks,
            current: 0,
            resends: 0,
            begun: false,
            exposed: false,
            deadline_ms: None,
            since_ms: 0,
        }
    }

    fn is_on_last_block(&self) -> bool {
        self.current + 1 >= self.blocks.len()
    }
}

impl Direct {
    /// The message that waits goes out, if the line is free.
    pub(super) fn begin_sending(&mut self, now_ms: u64) {
        let free = self.is_bare() || self.is_free();
        let patience_ms = self.settings.receive_idle_ms;
        match &mut self.sending {
            Some(sending) if !sending.begun && free => {
                // What was refused before belongs to another exchange.
                self.receiving.refusals = 0;
                self.transmit_block(now_ms);
            }
            Some(sending) if !sending.begun && sending.deadline_ms.is_none() => {
                sending.deadline_ms = Some(now_ms.saturating_add(patience_ms));
            }
            _ => {}
        }
    }

    fn transmit_block(&mut self, now_ms: u64) {
        let bare = self.is_bare();
        let Some(sending) = &mut self.sending else {
            return;
        };
        sending.begun = true;
        sending.since_ms = now_ms;
        let count = if bare { sending.blocks.len() } else { 1 };
        for block in sending.blocks.iter().skip(sending.current).take(count) {
            self.outgoing.push_back(Outgoing {
                bytes: self.codec.block(&block.text, block.is_last),
                is_block: true,
            });
        }
        if !bare {
            sending.deadline_ms = Some(now_ms.saturating_add(self.settings.acknowledge_ms));
        }
    }

    /// A block was handed out to be written.
    pub(super) fn handed_out(&mut self) {
        let all_out = self.is_bare() && !self.has_blocks_to_write();
        let Some(sending) = &mut self.sending else {
            return;
        };
        sending.exposed = true;
        if all_out {
            self.wake_ms = Some(sending.since_ms.saturating_add(1));
            self.delivered();
        }
    }

    fn has_blocks_to_write(&self) -> bool {
        self.outgoing.iter().any(|outgoing| outgoing.is_block)
    }

    /// True while a reply of the peer can be about the current block. One that came before the block left answers something else.
    pub(super) fn awaits_reply(&self) -> bool {
        !self.is_bare()
            && !self.has_blocks_to_write()
            && self.sending.as_ref().is_some_and(|sending| sending.begun)
    }

    pub(super) fn acknowledged(&mut self, now_ms: u64) {
        if !self.awaits_reply() {
            return;
        }
        let Some(sending) = &mut self.sending else {
            return;
        };
        if sending.is_on_last_block() {
            self.delivered();
        } else {
            sending.current += 1;
            sending.resends = 0;
            self.transmit_block(now_ms);
        }
    }

    /// A whole good block of the peer: it answers, so it has the whole of what it was sent.
    pub(super) fn answered(&mut self) {
        let whole = self.sending.as_ref().is_some_and(Sending::is_on_last_block);
        if whole && self.awaits_reply() {
            self.delivered();
        }
    }

    pub(super) fn refused(&mut self, now_ms: u64) {
        if !self.awaits_reply() {
            return;
        }
        let Some(sending) = &mut self.sending else {
            return;
        };
        // A peer that was heard to send something, if only damaged, may be answering already: its NAK may be about anything.
        let answering = self.receiving.refusals > 0;
        if sending.resends < self.settings.nak_resends && !answering {
            sending.resends += 1;
            self.transmit_block(now_ms);
        } else {
            self.end_sending(Break::Refused);
        }
    }

    /// No reply in time. A frame that is coming in is heard out first: it may be the answer.
    pub(super) fn waited_in_vain(&mut self, now_ms: u64) {
        let begun = self.sending.as_ref().is_some_and(|sending| sending.begun);
        let message_comes = self.held || self.receiving.deadline_ms.is_some();
        if self.reader.is_in_block() {
            self.more_time(now_ms, self.settings.inter_byte_ms);
        } else if !begun && message_comes {
            self.more_time(now_ms, self.settings.receive_idle_ms);
        } else {
            self.end_sending(match self.heard {
                Heard::Noise => Break::NotACat,
                Heard::Nothing | Heard::Peer if begun => Break::NoAcknowledgement,
                Heard::Nothing | Heard::Peer => Break::Unreachable,
            });
        }
    }

    /// The reply may come later than it should.
    pub(super) fn more_time(&mut self, now_ms: u64, wait_ms: u64) {
        if let Some(sending) = &mut self.sending
            && sending.deadline_ms.is_some()
        {
            sending.deadline_ms = sending
                .deadline_ms
                .max(Some(now_ms.saturating_add(wait_ms)));
        }
    }

    fn delivered(&mut self) {
        self.sending = None;
        self.events.push_back(LineEvent::Delivered);
    }

    /// The message leaves the line for good; a block of it that was not handed out never will be.
    pub(super) fn end_sending(&mut self, cause: Break) {
        self.outgoing.retain(|outgoing| !outgoing.is_block);
        if let Some(sending) = self.sending.take() {
            let exposure = if sending.exposed {
                Exposure::Some
            } else {
                Exposure::Nothing
            };
            self.events
                .push_back(LineEvent::SendFailed { exposure, cause });
        }
    }
}
