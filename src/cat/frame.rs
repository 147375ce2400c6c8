//! Bytes to frames and back: the kinds of line a terminal may sit on.

use crate::cat::model::Timers;
use crate::cat::{Break, Exposure};

pub mod basic;
pub mod capture;
pub mod direct;
mod envelope;
pub mod framing;

use self::basic::{BasicMode, LineSettings};
use self::direct::Direct;
pub(in crate::cat) use self::envelope::number;
pub use self::envelope::reader::{Reader, Token};
pub use self::envelope::{Block, Codec};
use self::framing::{Framing, Handshake};

/// Who goes on when both sides call at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Goes on; the console.
    Primary,
    /// Yields; the terminal.
    Secondary,
}

/// Why a message was not taken for sending. Nothing of it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendRefused {
    /// One message at a time.
    #[error("another message is still being sent")]
    Busy,
    /// A message has at least one byte.
    #[error("the message is empty")]
    Empty,
    /// Longer than the line's limit.
    #[error("the message is longer than {max} bytes")]
    TooLong {
        /// The limit.
        max: usize,
    },
    /// A text may hold no byte that means something on the line, unless the line can escape it.
    #[error("byte {at} of the message is a control of the line")]
    Control {
        /// Where, counted from 0.
        at: usize,
    },
}

/// What the line reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineEvent {
    /// A well-formed control or block came. Several in a row are reported as one.
    Alive,
    /// The peer acknowledged the last block of our message.
    Delivered,
    /// A whole message. Its last block is acknowledged by [`Line::accept`], not before.
    Received(Vec<u8>),
    /// A progress text. Nothing acknowledges it.
    Progress(Vec<u8>),
    /// Our message was not delivered, as far as anybody knows.
    SendFailed {
        /// `Nothing` where no byte of a block was handed out, else `Some`.
        exposure: Exposure,
        /// How it broke.
        cause: Break,
    },
    /// The peer called, and no whole message came of it.
    ReceiveFailed(Break),
    /// The peer ended (or abandoned, or fell silent) after a received message.
    MessageEnd,
}

/// One side of a line of either kind. After every call that may change it, drain `poll_transmit` and `poll_event`, then ask
/// `poll_timeout` when to come back.
#[derive(Debug)]
pub enum Line {
    /// With ENQ and EOT.
    Basic(BasicMode),
    /// Frames alone, with replies or without.
    Direct(Direct),
}

impl Line {
    /// A line at rest.
    pub fn new(role: Role, framing: &Framing, timers: &Timers) -> Line {
        let settings = LineSettings::new(timers, framing.block_text_max, framing.message_max);
        match framing.handshake {
            Handshake::Enquiry => Line::Basic(BasicMode::with_framing(role, settings, framing)),
            Handshake::Acknowledged | Handshake::Bare => {
                Line::Direct(Direct::new(framing, settings))
            }
        }
    }

    /// Send a message. While the peer is sending, it waits until that has ended.
    pub fn send(&mut self, now_ms: u64, text: Vec<u8>) -> Result<(), SendRefused> {
        match self {
            Line::Basic(line) => line.send(now_ms, text),
            Line::Direct(line) => line.send(now_ms, text),
        }
    }

    /// Send a progress text, once and without waiting for anything; nothing on a line that has none.
    pub fn send_progress(&mut self, text: &[u8]) {
        match self {
            Line::Basic(line) => line.send_progress(text),
            Line::Direct(line) => line.send_progress(text),
        }
    }

    /// Bytes came. Hand them in before a deadline that passed meanwhile: what waited in a buffer came in time.
    pub fn handle_input(&mut self, now_ms: u64, bytes: &[u8]) {
        match self {
            Line::Basic(line) => line.handle_input(now_ms, bytes),
            Line::Direct(line) => line.handle_input(now_ms, bytes),
        }
    }

    /// A deadline of [`Line::poll_timeout`] came. Too early is harmless.
    pub fn handle_timeout(&mut self, now_ms: u64) {
        match self {
            Line::Basic(line) => line.handle_timeout(now_ms),
            Line::Direct(line) => line.handle_timeout(now_ms),
        }
    }

    /// The line is gone: what was being sent has failed, what was being received is dropped.
    pub fn handle_disconnect(&mut self, now_ms: u64) {
        match self {
            Line::Basic(line) => line.handle_disconnect(now_ms),
            Line::Direct(line) => line.handle_disconnect(now_ms),
        }
    }

    /// Acknowledge the last block of the message that was [`LineEvent::Received`]. Without such a message nothing happens.
    pub fn accept(&mut self, now_ms: u64) {
        match self {
            Line::Basic(line) => line.accept(now_ms),
            Line::Direct(line) => line.accept(now_ms),
        }
    }

    /// Bytes to write, in order. Block bytes count as exposed from here on.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        match self {
            Line::Basic(line) => line.poll_transmit(),
            Line::Direct(line) => line.poll_transmit(),
        }
    }

    /// When [`Line::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<u64> {
        match self {
            Line::Basic(line) => line.poll_timeout(),
            Line::Direct(line) => line.poll_timeout(),
        }
    }

    /// What happened, in order.
    pub fn poll_event(&mut self) -> Option<LineEvent> {
        match self {
            Line::Basic(line) => line.poll_event(),
            Line::Direct(line) => line.poll_event(),
        }
    }

    /// True where nothing is being sent or received and nothing waits to be written.
    pub fn is_idle(&self) -> bool {
        match self {
            Line::Basic(line) => line.is_idle(),
            Line::Direct(line) => line.is_idle(),
        }
    }
}
