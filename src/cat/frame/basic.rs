//! One side of an ISO 1745 / JIS X 5002 basic-mode line: bytes and times in, bytes and events out. The blocks may stand in any envelope.
//!
//! ```text
//!   sender    ENQ ─▶     STX text ETB bcc ─▶     STX text ETX bcc ─▶     EOT ─▶
//!   receiver      ◀─ ACK                 ◀─ ACK                  ◀─ ACK
//! ```
//!
//! Where money may be in a block, silence is never answered by the block again: after the last block the sender asks once, by ENQ, for
//! the reply to be repeated. An ACK then counts (the peer speaks, and says it has what it was sent), anything else ends the attempt with
//! the outcome open. Behind a block that is not the last even that question is not asked: acknowledgements carry no number, and a
//! repeated ACK for the block before would lose one in the middle. Only a NAK, the peer's own word that it did not take the block, is
//! answered by the block again.

mod receiving;
mod sending;
mod settings;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use self::receiving::{Receiving, Standing};
use self::sending::{Heard, Sending};
pub use self::settings::LineSettings;
use super::envelope::reader::{Reader, Token};
use super::envelope::{Block, Codec, ENQ};
use super::framing::Framing;
use super::{LineEvent, Role, SendRefused};
use crate::cat::Break;
use crate::teeth::{self, Tooth};

/// One side of a line.
#[derive(Debug)]
pub struct BasicMode {
    role: Role,
    settings: LineSettings,
    codec: Codec,
    state: State,
    state_deadline: Option<u64>,
    reader: Reader,
    byte_deadline: Option<u64>,
    sending: Option<Sending>,
    receiving: Receiving,
    last_block: Option<Block>,
    outgoing: VecDeque<Outgoing>,
    events: VecDeque<LineEvent>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    /// Our ENQ is out.
    Calling,
    /// Before the next try of a call.
    CallPause,
    /// Our block is out; `inquired` once silence was met by ENQ.
    AwaitingReply {
        inquired: bool,
    },
    /// The peer's call is acknowledged: blocks follow.
    Receiving,
    /// A whole message came; its last block waits for `accept`.
    Held,
    /// The last block is acknowledged: EOT follows.
    AwaitingEnd,
}

#[derive(Debug)]
struct Outgoing {
    bytes: Vec<u8>,
    is_block: bool,
}

impl BasicMode {
    /// A line at rest, with the usual bytes.
    pub fn new(role: Role, settings: LineSettings) -> BasicMode {
        let usual = Framing::basic(settings.block_text_max, settings.message_max);
        BasicMode::with_framing(role, settings, &usual)
    }

    /// A line at rest, with blocks and replies of another look.
    pub fn with_framing(role: Role, settings: LineSettings, framing: &Framing) -> BasicMode {
        let settings = settings.sound();
        let codec = Codec::new(framing);
        BasicMode {
            role,
            settings,
            state: State::Idle,
            state_deadline: None,
            reader: Reader::new(codec.clone(), settings.message_max),
            codec,
            byte_deadline: None,
            sending: None,
            receiving: Receiving::default(),
            last_block: None,
            outgoing: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Send a message: call, blocks, EOT. While the peer is sending, the call waits until it has ended.
    pub fn send(&mut self, now_ms: u64, text: Vec<u8>) -> Result<(), SendRefused> {
        if self.sending.is_some() {
            return Err(SendRefused::Busy);
        }
        let blocks = self.codec.blocks(
            text,
            self.settings.block_text_max,
            self.settings.message_max,
        )?;
        self.sending = Some(Sending {
            blocks,
            current: 0,
            calls: 0,
            resends: 0,
            exposed: false,
            heard: Heard::Nothing,
        });
        if self.state == State::Idle {
            self.call(now_ms);
        }
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
        // Nothing but a token changes the state.
        while let Some(token) = self
            .reader
            .read_on(&mut bytes, self.state == State::Receiving)
        {
            self.token(now_ms, token);
        }
        self.byte_deadline = self
            .reader
            .is_open()
            .then(|| now_ms.saturating_add(self.settings.inter_byte_ms));
    }

    /// A deadline of [`BasicMode::poll_timeout`] came. Too early is harmless.
    pub fn handle_timeout(&mut self, now_ms: u64) {
        if self
            .byte_deadline
            .is_some_and(|deadline| deadline <= now_ms)
        {
            self.byte_deadline = None;
            match self.reader.pause() {
                // It stood inside a block: no sign of life.
                Some(Token::Control(_)) => self.ended(now_ms),
                Some(token) => self.token(now_ms, token),
                None => {}
            }
        }
        if self
            .state_deadline
            .is_some_and(|deadline| deadline <= now_ms)
        {
            self.state_deadline = None;
            self.waited_in_vain(now_ms);
        }
    }

    /// The line is gone: what was being sent has failed, what was being received is dropped.
    pub fn handle_disconnect(&mut self, _now_ms: u64) {
        self.outgoing.clear();
        self.reader.reset();
        self.byte_deadline = None;
        self.last_block = None;
        self.receiving = Receiving::default();
        self.state = State::Idle;
        self.state_deadline = None;
        self.end_sending(Break::Disconnected);
    }

    /// Acknowledge the last block of the message that was [`LineEvent::Received`]. Without such a message nothing happens.
    pub fn accept(&mut self, now_ms: u64) {
        if self.state == State::Held {
            self.take(now_ms);
            self.enter(State::AwaitingEnd, now_ms, self.settings.receive_idle_ms);
        }
    }

    /// Bytes to write, in order. Block bytes count as exposed from here on.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        let next = self.outgoing.pop_front()?;
        if next.is_block
            && let Some(sending) = &mut self.sending
        {
            sending.exposed = true;
        }
        Some(next.bytes)
    }

    /// When [`BasicMode::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<u64> {
        [self.byte_deadline, self.state_deadline]
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
        self.state == State::Idle && self.sending.is_none() && self.outgoing.is_empty()
    }

    fn alive(&mut self) {
        if let Some(sending) = &mut self.sending {
            sending.heard = Heard::Control;
        }
        if self.events.back() != Some(&LineEvent::Alive) {
            self.events.push_back(LineEvent::Alive);
        }
    }

    fn noise(&mut self) {
        if self.state == State::Receiving && self.reader.is_open() {
            self.receiving.standing = Standing::Bad;
        }
        if let Some(sending) = &mut self.sending
            && sending.heard == Heard::Nothing
        {
            sending.heard = Heard::Noise;
        }
    }

    fn token(&mut self, now_ms: u64, token: Token) {
        if !matches!(token, Token::BadBlock | Token::Noise) {
            self.alive();
        }
        match token {
            Token::Control(ENQ) => self.called(now_ms),
            Token::Control(_) => self.ended(now_ms),
            // A reply that came before our own bytes left answers something else.
            Token::Ack if self.outgoing.is_empty() => self.acknowledged(now_ms),
            Token::Nak if self.outgoing.is_empty() => self.refused(now_ms),
            Token::Ack | Token::Nak => {}
            Token::Block(block) => self.block(now_ms, block),
            Token::BadBlock => self.bad_block(now_ms),
            Token::Progress(text) => self.events.push_back(LineEvent::Progress(text)),
            Token::Noise => self.noise(),
        }
    }

    fn called(&mut self, now_ms: u64) {
        match (self.state, self.role) {
            (State::Idle | State::CallPause, _) | (State::Calling, Role::Secondary) => {
                self.begin_receiving(now_ms, false);
            }
            (State::AwaitingEnd, _) => self.begin_receiving(now_ms, true),
            (State::Receiving, _) => self.asked_again(now_ms),
            // Contention: our own ENQ stands. A sender waits for its reply. A held block is answered by `accept`.
            (State::Calling, Role::Primary)
            | (State::AwaitingReply { .. } | State::Held, Role::Primary | Role::Secondary) => {}
        }
    }

    fn ended(&mut self, now_ms: u64) {
        match self.state {
            State::AwaitingReply { .. } => {
                self.end_sending(Break::PeerGaveUp);
                self.rest(now_ms);
            }
            State::Receiving if !self.receiving.after_message => {
                self.events
                    .push_back(LineEvent::ReceiveFailed(Break::PeerGaveUp));
                self.rest(now_ms);
            }
            State::Receiving | State::Held | State::AwaitingEnd => {
                self.events.push_back(LineEvent::MessageEnd);
                self.rest(now_ms);
            }
            State::Idle | State::Calling | State::CallPause => {}
        }
    }

    fn waited_in_vain(&mut self, now_ms: u64) {
        match self.state {
            State::Idle | State::Held => {}
            State::Calling => self.call_again_later(now_ms),
            State::CallPause => self.call(now_ms),
            State::AwaitingReply { .. } if teeth::bites(Tooth::MessageAgainOnSilence) => {
                self.call(now_ms);
            }
            State::AwaitingReply { inquired } => {
                let on_last_block = self
                    .sending
                    .as_ref()
                    .is_some_and(|sending| sending.current + 1 == sending.blocks.len());
                if on_last_block && !inquired {
                    self.say(vec![ENQ]);
                    let asked = State::AwaitingReply { inquired: true };
                    self.enter(asked, now_ms, self.settings.acknowledge_ms);
                } else {
                    self.give_up_sending(now_ms, Break::NoAcknowledgement);
                }
            }
            State::Receiving if !self.receiving.after_message => {
                let cause = match self.receiving.standing {
                    Standing::Good => Break::NoAnswer,
                    Standing::Bad | Standing::BadAndTold => Break::Garbled,
                };
                self.events.push_back(LineEvent::ReceiveFailed(cause));
                self.rest(now_ms);
            }
            State::Receiving | State::AwaitingEnd => {
                self.events.push_back(LineEvent::MessageEnd);
                self.rest(now_ms);
            }
        }
    }

    /// The line is free; a message that waits for it calls.
    fn rest(&mut self, now_ms: u64) {
        self.state = State::Idle;
        self.state_deadline = None;
        self.receiving = Receiving::default();
        self.call(now_ms);
    }

    fn take(&mut self, now_ms: u64) {
        self.receiving.replied_ms = now_ms;
        self.say(self.codec.reply(self.codec.framing().replies.ack).to_vec());
    }

    fn refuse(&mut self, now_ms: u64) {
        self.receiving.replied_ms = now_ms;
        self.say(self.codec.reply(self.codec.framing().replies.nak).to_vec());
    }

    fn say(&mut self, bytes: Vec<u8>) {
        self.outgoing.push_back(Outgoing {
            bytes,
            is_block: false,
        });
    }

    fn enter(&mut self, state: State, now_ms: u64, wait_ms: u64) {
        self.state = state;
        self.state_deadline = Some(now_ms.saturating_add(wait_ms));
    }
}
