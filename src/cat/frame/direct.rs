//! One side of a line without ENQ and EOT: frames, each answered by ACK or NAK, or by nothing at all. Bytes and times in, bytes and
//! events out.
//!
//! ```text
//!   acknowledged   frame ─▶  ◀─ ACK        ◀─ frame   ACK ─▶
//!   bare           frame ─▶                ◀─ frame
//! ```
//!
//! Where money may be in a frame, silence is never answered by the frame again: nobody can be asked whether it was taken, so the attempt
//! ends with the outcome open. Only a NAK, the peer's own word that it did not take the frame, is answered by the frame again. A whole
//! good frame of the peer behind the last block of ours counts as its ACK: it answers, so it has ours.
//!
//! A received message is held un-acknowledged until `accept`. The same frame once more is our lost ACK, and is acknowledged again without
//! a word. It is another message that happens to be the same only where a frame of ours went out in between, where that one's reply is
//! not still awaited, and where we did not just ask for a repetition by NAK.

mod receiving;
mod sending;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use self::receiving::Receiving;
use self::sending::Sending;
use super::basic::LineSettings;
use super::envelope::reader::{Reader, Token};
use super::envelope::{Block, Codec};
use super::framing::{Framing, Handshake};
use super::{LineEvent, SendRefused};
use crate::cat::Break;

/// One side of a line.
#[derive(Debug)]
pub struct Direct {
    settings: LineSettings,
    codec: Codec,
    reader: Reader,
    byte_deadline: Option<u64>,
    sending: Option<Sending>,
    receiving: Receiving,
    /// A whole message waits for `accept`.
    held: bool,
    last_block: Option<Block>,
    /// A frame of ours went out since.
    spoke_since: bool,
    heard: Heard,
    /// Something happened that nobody may have asked for: a reason to be called back.
    wake_ms: Option<u64>,
    outgoing: VecDeque<Outgoing>,
    events: VecDeque<LineEvent>,
}

/// What came since the line was connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    Nothing,
    Noise,
    /// Something well-formed.
    Peer,
}

#[derive(Debug)]
struct Outgoing {
    bytes: Vec<u8>,
    is_block: bool,
}

impl Direct {
    /// A line at rest.
    pub fn new(framing: &Framing, settings: LineSettings) -> Direct {
        let settings = settings.sound();
        let codec = Codec::new(framing);
        Direct {
            reader: Reader::new(codec.clone(), settings.message_max),
            settings,
            codec,
            byte_deadline: None,
            sending: None,
            receiving: Receiving::default(),
            held: false,
            last_block: None,
            spoke_since: false,
            heard: Heard::Nothing,
            wake_ms: None,
            outgoing: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Send a message. On a line with replies it waits until what the peer is sending is in and accepted; behind what never ends it
    /// fails, with nothing exposed.
    pub fn send(&mut self, now_ms: u64, text: Vec<u8>) -> Result<(), SendRefused> {
        if self.sending.is_some() {
            return Err(SendRefused::Busy);
        }
        let blocks = self.codec.blocks(
            text,
            self.settings.block_text_max,
            self.settings.message_max,
        )?;
        self.sending = Some(Sending::new(blocks));
        self.begin_sending(now_ms);
        Ok(())
    }

    /// Send a progress text, once; nothing on a line that has none.
    pub fn send_progress(&mut self, text: &[u8]) {
        if let Some(bytes) = self.codec.progress(text) {
            self.say(bytes);
        }
    }

    /// Bytes came. Hand them in before a deadline that passed meanwhile: what waited in a buffer came in time.
    pub fn handle_input(&mut self, now_ms: u64, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let mut bytes = bytes;
        while let Some(token) = self.reader.read_on(&mut bytes, true) {
            self.token(now_ms, token);
        }
        self.byte_deadline = self
            .reader
            .is_open()
            .then(|| now_ms.saturating_add(self.settings.inter_byte_ms));
        self.begin_sending(now_ms);
    }

    /// A deadline of [`Direct::poll_timeout`] came. Too early is harmless.
    pub fn handle_timeout(&mut self, now_ms: u64) {
        let passed = |deadline: Option<u64>| deadline.is_some_and(|at| at <= now_ms);
        if passed(self.wake_ms) {
            self.wake_ms = None;
        }
        if passed(self.byte_deadline) {
            self.byte_deadline = None;
            if let Some(token) = self.reader.pause() {
                self.token(now_ms, token);
            }
        }
        if passed(self.receiving.deadline_ms) {
            // A noise on the line may have looked like a frame, so this alone says nothing about what else is awaited.
            self.receiving = Receiving::default();
            self.events
                .push_back(LineEvent::ReceiveFailed(Break::NoAnswer));
        }
        if let Some(sending) = &self.sending
            && passed(sending.deadline_ms)
        {
            self.waited_in_vain(now_ms);
        }
        self.begin_sending(now_ms);
    }

    /// The line is gone: what was being sent has failed, what was being received is dropped.
    pub fn handle_disconnect(&mut self, _now_ms: u64) {
        self.outgoing.clear();
        self.reader.reset();
        self.byte_deadline = None;
        self.wake_ms = None;
        self.receiving = Receiving::default();
        self.held = false;
        self.last_block = None;
        self.heard = Heard::Nothing;
        self.end_sending(Break::Disconnected);
    }

    /// Acknowledge the last block of the message that was [`LineEvent::Received`]. Without such a message nothing happens.
    pub fn accept(&mut self, now_ms: u64) {
        if std::mem::take(&mut self.held) {
            self.take();
            self.events.push_back(LineEvent::MessageEnd);
            self.begin_sending(now_ms);
        }
    }

    /// Bytes to write, in order. Block bytes count as exposed from here on.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        let next = self.outgoing.pop_front()?;
        if next.is_block {
            self.spoke_since = true;
            self.handed_out();
        }
        Some(next.bytes)
    }

    /// When [`Direct::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<u64> {
        let reply = self.sending.as_ref().and_then(|s| s.deadline_ms);
        [
            self.byte_deadline,
            self.receiving.deadline_ms,
            reply,
            self.wake_ms,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// What happened, in order.
    pub fn poll_event(&mut self) -> Option<LineEvent> {
        self.events.pop_front()
    }

    /// True where nothing is being sent or received and nothing waits to be written.
    pub fn is_idle(&self) -> bool {
        self.sending.is_none()
            && self.outgoing.is_empty()
            && !self.held
            && self.receiving.deadline_ms.is_none()
            && !self.reader.is_in_block()
    }

    fn is_bare(&self) -> bool {
        self.codec.framing().handshake == Handshake::Bare
    }

    /// The peer is not sending, and nothing of it waits.
    fn is_free(&self) -> bool {
        !self.held && self.receiving.deadline_ms.is_none() && !self.reader.is_in_frame()
    }

    fn token(&mut self, now_ms: u64, token: Token) {
        match token {
            Token::BadBlock | Token::Noise => {
                if self.heard == Heard::Nothing {
                    self.heard = Heard::Noise;
                }
            }
            Token::Control(_) | Token::Ack | Token::Nak | Token::Block(_) | Token::Progress(_) => {
                self.alive()
            }
        }
        match token {
            Token::Ack => self.acknowledged(now_ms),
            Token::Nak => self.refused(now_ms),
            Token::Block(block) => self.block(now_ms, block),
            Token::BadBlock => self.bad_block(now_ms),
            Token::Progress(text) => self.events.push_back(LineEvent::Progress(text)),
            Token::Control(_) | Token::Noise => {}
        }
    }

    fn alive(&mut self) {
        self.heard = Heard::Peer;
        if self.events.back() != Some(&LineEvent::Alive) {
            self.events.push_back(LineEvent::Alive);
        }
    }

    /// ACK, on a line that has one.
    fn take(&mut self) {
        if !self.is_bare() {
            self.say(self.codec.reply(self.codec.framing().replies.ack).to_vec());
        }
    }

    fn say(&mut self, bytes: Vec<u8>) {
        self.outgoing.push_back(Outgoing {
            bytes,
            is_block: false,
        });
    }
}
