//! Limits and times of a basic-mode line.

use crate::cat::model::Timers;

/// Limits and times of a line. Milliseconds and bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineSettings {
    /// The most text bytes one block carries when sending; at least 2. Longer blocks of the peer are taken.
    pub block_text_max: usize,
    /// The most text bytes of one message.
    pub message_max: usize,
    /// The longest pause between two bytes of a block.
    pub inter_byte_ms: u64,
    /// The longest wait for ACK or NAK.
    pub acknowledge_ms: u64,
    /// How often a call is tried; at least once.
    pub call_tries: u32,
    /// The pause before a call is tried again.
    pub call_retry_ms: u64,
    /// How often a block is sent again on NAK, and how often a bad one is answered by NAK.
    pub nak_resends: u32,
    /// The longest wait for the peer's next block or its EOT.
    pub receive_idle_ms: u64,
}

impl LineSettings {
    /// The settings of a model's timers and a layout's framing.
    pub fn new(timers: &Timers, block_text_max: usize, message_max: usize) -> LineSettings {
        LineSettings {
            block_text_max,
            message_max,
            inter_byte_ms: timers.inter_byte_ms,
            acknowledge_ms: timers.acknowledge_ms,
            call_tries: timers.call_tries,
            call_retry_ms: timers.call_retry_ms,
            nak_resends: timers.nak_resends,
            // Long enough for a sender that misses our reply to wait, to ask once and to wait again.
            receive_idle_ms: timers
                .acknowledge_ms
                .saturating_mul(2)
                .saturating_add(timers.inter_byte_ms),
        }
    }

    /// Every time at least a millisecond, so that no deadline stands still; every count and size at least what a message needs.
    pub(in crate::cat::frame) fn sound(self) -> LineSettings {
        LineSettings {
            block_text_max: self.block_text_max.max(2),
            message_max: self.message_max.max(1),
            inter_byte_ms: self.inter_byte_ms.max(1),
            acknowledge_ms: self.acknowledge_ms.max(1),
            call_tries: self.call_tries.max(1),
            call_retry_ms: self.call_retry_ms.max(1),
            nak_resends: self.nak_resends,
            receive_idle_ms: self.receive_idle_ms.max(1),
        }
    }
}
