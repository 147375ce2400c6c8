//! The sender of a basic-mode line: calls, blocks, and what their replies mean.

use super::{BasicMode, LineEvent, Outgoing, State};
use crate::cat::frame::envelope::{Block, ENQ, EOT};
use crate::cat::{Break, Exposure};
use crate::teeth::{self, Tooth};

/// The message that is being sent.
#[derive(Debug)]
pub(super) struct Sending {
    pub(super) blocks: Vec<Block>,
    pub(super) current: usize,
    pub(super) calls: u32,
    pub(super) resends: u32,
    pub(super) exposed: bool,
    pub(super) heard: Heard,
}

/// What the calls of a message were answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    Nothing,
    Noise,
    Control,
}

impl BasicMode {
    pub(super) fn call(&mut self, now_ms: u64) {
        let Some(sending) = &mut self.sending else {
            return;
        };
        if sending.calls >= self.settings.call_tries {
            self.give_up_calling(now_ms);
            return;
        }
        sending.calls += 1;
        self.last_block = None;
        self.say(vec![ENQ]);
        self.enter(State::Calling, now_ms, self.settings.acknowledge_ms);
    }

    pub(super) fn call_again_later(&mut self, now_ms: u64) {
        let tried = self.sending.as_ref().map_or(0, |sending| sending.calls);
        if tried >= self.settings.call_tries {
            self.give_up_calling(now_ms);
        } else {
            self.enter(State::CallPause, now_ms, self.settings.call_retry_ms);
        }
    }

    pub(super) fn give_up_calling(&mut self, now_ms: u64) {
        let heard = self
            .sending
            .as_ref()
            .map_or(Heard::Nothing, |sending| sending.heard);
        self.give_up_sending(
            now_ms,
            match heard {
                Heard::Noise => Break::NotACat,
                Heard::Nothing | Heard::Control => Break::Unreachable,
            },
        );
    }

    pub(super) fn transmit_block(&mut self, now_ms: u64) {
        if let Some(sending) = &self.sending {
            let block = &sending.blocks[sending.current];
            self.outgoing.push_back(Outgoing {
                bytes: self.codec.block(&block.text, block.is_last),
                is_block: true,
            });
            let state = State::AwaitingReply { inquired: false };
            self.enter(state, now_ms, self.settings.acknowledge_ms);
        }
    }

    pub(super) fn acknowledged(&mut self, now_ms: u64) {
        let Some(sending) = &mut self.sending else {
            return;
        };
        match self.state {
            State::Calling => self.transmit_block(now_ms),
            State::AwaitingReply { .. } if sending.current + 1 < sending.blocks.len() => {
                sending.current += 1;
                sending.resends = 0;
                self.transmit_block(now_ms);
            }
            State::AwaitingReply { .. } => {
                self.sending = None;
                self.say(vec![EOT]);
                self.events.push_back(LineEvent::Delivered);
                self.rest(now_ms);
            }
            State::Idle
            | State::CallPause
            | State::Receiving
            | State::Held
            | State::AwaitingEnd => {}
        }
    }

    pub(super) fn refused(&mut self, now_ms: u64) {
        let Some(sending) = &mut self.sending else {
            return;
        };
        match self.state {
            State::Calling => self.call_again_later(now_ms),
            // After a silence the block may have been taken all the same, so not even a NAK brings it again.
            State::AwaitingReply { inquired: false }
                if sending.resends < self.settings.nak_resends =>
            {
                sending.resends += 1;
                self.transmit_block(now_ms);
            }
            State::AwaitingReply { .. } => self.give_up_sending(now_ms, Break::Refused),
            State::Idle
            | State::CallPause
            | State::Receiving
            | State::Held
            | State::AwaitingEnd => {}
        }
    }

    pub(super) fn give_up_sending(&mut self, now_ms: u64, cause: Break) {
        self.end_sending(cause);
        self.say(vec![EOT]);
        self.rest(now_ms);
    }

    /// The message leaves the line for good; a block of it that was not handed out never will be.
    pub(super) fn end_sending(&mut self, cause: Break) {
        self.outgoing.retain(|outgoing| !outgoing.is_block);
        if let Some(sending) = self.sending.take() {
            let exposure = if sending.exposed && !teeth::bites(Tooth::ExposureIsForgotten) {
                Exposure::Some
            } else {
                Exposure::Nothing
            };
            self.events
                .push_back(LineEvent::SendFailed { exposure, cause });
        }
    }
}
