//! Finds blocks, replies and controls in a stream of bytes, one byte at a time, so that it does not matter how a port cuts its reads.
//!
//! How it meets damage depends on the hand-shake. With ENQ and EOT, a block has its place, and so has a reply. Where replies stand alone
//! among frames, a reply is one byte that any frame may hold: behind bytes that mean nothing it is not believed until the line was
//! quiet, and a frame that fails is over only then, so that one damage is answered once.

use super::{Block, Codec, ENQ, EOT};
use crate::cat::frame::framing::{Handshake, Progress, ReplyShape};
use crate::teeth::{self, Tooth};

/// What one byte completes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// ENQ or EOT between blocks, on a line that has them.
    Control(u8),
    /// The peer took what it was sent.
    Ack,
    /// The peer did not take it.
    Nak,
    /// A good block.
    Block(Block),
    /// A block that fails its check, holds what it may not, or is longer than any message may be.
    BadBlock,
    /// A progress text.
    Progress(Vec<u8>),
    /// A byte that means nothing where it stands.
    Noise,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    /// Among bytes that mean nothing, on a line where replies stand alone; `ended` where an end was among them: a frame that lost its head.
    Noise {
        ended: bool,
    },
    /// Behind an end without start, on a line with ENQ: a block that lost its head. Its check must not be taken for a control.
    Headless {
        check_due: usize,
    },
    /// Inside a start of more than one byte.
    Start,
    Length,
    /// Inside a block, before its end.
    Text,
    /// Behind a counted text.
    End,
    /// Behind the end: the next bytes are the check, whatever they look like.
    Check {
        is_last: bool,
    },
    /// In a reply of more than one byte.
    Reply {
        control: u8,
    },
    Progress,
    /// In a damaged frame of which nobody knows where it ends: only a pause ends it.
    Lost,
}

/// No start or end is longer.
const MARK_MAX: usize = 8;
/// So many bytes that mean nothing are kept: an end, and what shows that it had a text.
const STRAY_MAX: usize = MARK_MAX + 2;

/// The reader of one line.
#[derive(Debug)]
pub struct Reader {
    codec: Codec,
    text_max: usize,
    place: Place,
    text: Vec<u8>,
    /// The text bytes that the length promised.
    promised: usize,
    length: Vec<u8>,
    /// A start, end, check or reply, as far as it has come.
    part: Vec<u8>,
    /// The last byte was the escape byte.
    escaping: bool,
    /// How many bytes at the end of the text were not escaped: only those can be its end.
    unescaped: usize,
    spoiled: bool,
    last: u8,
    /// The last bytes that meant nothing, to see an end among them.
    stray: Vec<u8>,
}

impl Reader {
    /// A reader that keeps at most `text_max` bytes of a block.
    pub fn new(codec: Codec, text_max: usize) -> Reader {
        Reader {
            codec,
            text_max,
            place: Place::Outside,
            text: Vec::new(),
            promised: 0,
            length: Vec::new(),
            part: Vec::new(),
            escaping: false,
            unescaped: 0,
            spoiled: false,
            last: 0,
            stray: Vec::new(),
        }
    }

    /// Take the bytes at the front, as far as they complete something; all of them where they do not. See [`Reader::read`].
    pub fn read_on(&mut self, bytes: &mut &[u8], expecting_block: bool) -> Option<Token> {
        loop {
            *bytes = &bytes[self.take_plain(bytes)..];
            if let Some(token) = self.take_whole(bytes) {
                return Some(token);
            }
            let (byte, behind) = bytes.split_first()?;
            *bytes = behind;
            let token = self.read(*byte, expecting_block);
            if token.is_some() {
                return token;
            }
        }
    }

    /// Inside a text, take at once what can only be text: the same as byte by byte. Returns how many bytes.
    fn take_plain(&mut self, bytes: &[u8]) -> usize {
        let counted = self.codec.framing().envelope.length.is_some();
        if self.place != Place::Text || self.escaping || counted {
            return 0;
        }
        let room = self.text_max.saturating_add(MARK_MAX);
        let run = self
            .codec
            .plain_run(bytes)
            .min(room.saturating_sub(self.text.len()));
        if let Some(last) = bytes[..run].last() {
            self.text.reserve(run + MARK_MAX);
            self.text.extend_from_slice(&bytes[..run]);
            self.unescaped += run;
            self.last = *last;
        }
        run
    }

    /// Where nothing is half read, take at once what is all there: the same as byte by byte.
    fn take_whole(&mut self, bytes: &mut &[u8]) -> Option<Token> {
        if self.place != Place::Outside {
            return None;
        }
        let (token, behind) = if bytes.first() == self.codec.framing().envelope.start.first() {
            self.whole_block(bytes)?
        } else {
            self.whole_reply(bytes)?
        };
        *bytes = behind;
        self.reset();
        Some(token)
    }

    fn whole_reply<'b>(&self, bytes: &'b [u8]) -> Option<(Token, &'b [u8])> {
        if self.handshake() == Handshake::Bare {
            return None;
        }
        if let Some(behind) = bytes.strip_prefix(&self.codec.ack[..]) {
            return Some((Token::Ack, behind));
        }
        let behind = bytes.strip_prefix(&self.codec.nak[..])?;
        Some((Token::Nak, behind))
    }

    /// A good block without escapes and counts, whose end is one byte.
    fn whole_block<'b>(&self, bytes: &'b [u8]) -> Option<(Token, &'b [u8])> {
        let envelope = &self.codec.framing().envelope;
        let [end] = envelope.end[..] else {
            return None;
        };
        if envelope.start.is_empty() || envelope.escape.is_some() || envelope.length.is_some() {
            return None;
        }
        let inside = bytes.strip_prefix(&envelope.start[..])?;
        let (text, behind) = inside.split_at(self.codec.plain_run(inside));
        let (mark, behind) = behind.split_first()?;
        let is_last = *mark == end;
        if text.is_empty() || !(is_last || envelope.block_end[..] == [*mark]) {
            return None;
        }
        let (check, behind) = behind.split_at_checked(self.codec.check_width())?;
        if !self.is_good(&[], text, is_last, check) {
            return None;
        }
        let text = text.to_vec();
        Some((Token::Block(Block { text, is_last }), behind))
    }

    fn is_good(&self, length: &[u8], text: &[u8], is_last: bool, check: &[u8]) -> bool {
        text.len() <= self.text_max
            && (teeth::bites(Tooth::CheckIsIgnored)
                || self.codec.is_checked_by(length, text, is_last, check))
    }

    /// Take one byte. `expecting_block` is true while the peer holds the line: on a line with ENQ, only then can an end without start be
    /// a damaged block.
    pub fn read(&mut self, byte: u8, expecting_block: bool) -> Option<Token> {
        self.last = byte;
        match self.place {
            Place::Headless { check_due } if check_due > 0 => {
                self.place = Place::Headless {
                    check_due: check_due - 1,
                };
                Some(Token::Noise)
            }
            Place::Outside | Place::Noise { .. } | Place::Headless { .. } => {
                self.outside(byte, expecting_block)
            }
            Place::Start => self.start(byte, expecting_block),
            Place::Length => self.length(byte),
            Place::Text => self.text(byte),
            Place::End => self.end(byte),
            Place::Check { is_last } => self.check(byte, is_last),
            Place::Reply { control } => self.reply(byte, control, expecting_block),
            Place::Progress => self.progress(byte, expecting_block),
            Place::Lost => None,
        }
    }

    /// True in the middle of something that a pause must end.
    pub(in crate::cat::frame) fn is_open(&self) -> bool {
        self.place != Place::Outside
    }

    /// True inside a block that may still be good.
    pub(in crate::cat::frame) fn is_in_block(&self) -> bool {
        !self.spoiled
            && matches!(
                self.place,
                Place::Start | Place::Length | Place::Text | Place::End | Place::Check { .. }
            )
    }

    /// True inside a block, good or damaged, of which only a pause or its end will tell that it is over.
    pub(in crate::cat::frame) fn is_in_frame(&self) -> bool {
        self.is_in_block() || matches!(self.place, Place::Lost | Place::Noise { ended: true })
    }

    /// The line was quiet for longer than within a block: what is half read is over.
    pub(in crate::cat::frame) fn pause(&mut self) -> Option<Token> {
        let token = match self.place {
            Place::Outside | Place::Noise { ended: false } => None,
            // The sender gave up. An EOT with more text behind it is a damaged byte.
            Place::Text if self.last == EOT && self.codec.bars(EOT) => Some(Token::Control(EOT)),
            Place::Start | Place::Reply { .. } | Place::Progress => Some(Token::Noise),
            Place::Noise { ended: true }
            | Place::Headless { .. }
            | Place::Length
            | Place::Text
            | Place::End
            | Place::Check { .. }
            | Place::Lost => Some(Token::BadBlock),
        };
        self.reset();
        token
    }

    /// Forget what is half read.
    pub(in crate::cat::frame) fn reset(&mut self) {
        self.place = Place::Outside;
        self.text.clear();
        self.length.clear();
        self.part.clear();
        self.stray.clear();
        self.escaping = false;
        self.unescaped = 0;
        self.spoiled = false;
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.text.len() + self.length.len() + self.part.len() + self.stray.len()
    }

    fn handshake(&self) -> Handshake {
        self.codec.framing().handshake
    }

    fn outside(&mut self, byte: u8, expecting_block: bool) -> Option<Token> {
        let framing = self.codec.framing();
        let replies = framing.replies;
        let among_noise = matches!(self.place, Place::Noise { .. });
        let has_replies = framing.handshake != Handshake::Bare;
        if framing.envelope.start.first() == Some(&byte) {
            self.reset();
            self.part.push(byte);
            return self.started();
        }
        if framing.progress.as_ref().is_some_and(|p| p.start == byte) {
            self.reset();
            self.place = Place::Progress;
            return None;
        }
        if has_replies && (byte == replies.ack || byte == replies.nak) {
            match replies.shape {
                ReplyShape::Framed => {
                    self.reset();
                    self.part.push(byte);
                    self.place = Place::Reply { control: byte };
                    return self.replied(byte);
                }
                ReplyShape::Byte if !among_noise => return self.replied_in_full(byte),
                ReplyShape::Byte => {}
            }
        }
        if framing.handshake == Handshake::Enquiry && matches!(byte, ENQ | EOT) {
            self.reset();
            return Some(Token::Control(byte));
        }
        if framing.envelope.start.is_empty() {
            self.reset();
            self.begin();
            return self.read(byte, expecting_block);
        }
        self.noise(byte, expecting_block);
        Some(Token::Noise)
    }

    fn noise(&mut self, byte: u8, expecting_block: bool) {
        if self.stray.len() >= STRAY_MAX {
            self.stray.remove(0);
        }
        self.stray.push(byte);
        let framing = self.codec.framing();
        // A reply of more than one byte that lost its first is no frame: to refuse it would bring a frame again that nobody missed.
        let before = match (framing.handshake, framing.replies.shape) {
            (Handshake::Acknowledged, ReplyShape::Framed) => 2,
            _ => 0,
        };
        let ended = [&framing.envelope.end, &framing.envelope.block_end]
            .into_iter()
            .filter(|end| !end.is_empty() && self.stray.len() >= end.len() + before)
            .any(|end| self.stray.ends_with(end));
        self.place = match (self.handshake(), self.place) {
            (Handshake::Enquiry, _) if ended && expecting_block => Place::Headless {
                check_due: self.codec.check_width(),
            },
            // Mere noise leaves the damaged block standing, so that silence after it is answered.
            (Handshake::Enquiry, Place::Headless { .. }) => Place::Headless { check_due: 0 },
            (Handshake::Acknowledged, Place::Noise { ended: before }) => Place::Noise {
                ended: before || ended,
            },
            (Handshake::Acknowledged, _) => Place::Noise { ended },
            (Handshake::Enquiry | Handshake::Bare, _) => Place::Outside,
        };
    }

    /// What was begun is not what it seemed: the byte belongs to something else, or to nothing.
    fn mistaken(&mut self, byte: u8, expecting_block: bool) -> Option<Token> {
        self.reset();
        if self.handshake() == Handshake::Acknowledged {
            self.place = Place::Noise { ended: false };
        }
        self.outside(byte, expecting_block).or(Some(Token::Noise))
    }

    fn start(&mut self, byte: u8, expecting_block: bool) -> Option<Token> {
        // What came before is the start's beginning already.
        if self.codec.framing().envelope.start.get(self.part.len()) == Some(&byte) {
            self.part.push(byte);
            self.started()
        } else {
            self.mistaken(byte, expecting_block)
        }
    }

    fn started(&mut self) -> Option<Token> {
        if self.part.len() == self.codec.framing().envelope.start.len() {
            self.begin();
        } else {
            self.place = Place::Start;
        }
        None
    }

    fn begin(&mut self) {
        self.part.clear();
        self.place = if self.codec.framing().envelope.length.is_some() {
            Place::Length
        } else {
            Place::Text
        };
    }

    fn length(&mut self, byte: u8) -> Option<Token> {
        self.length.push(byte);
        let width = self.codec.framing().envelope.length.map_or(0, |l| l.width);
        if self.length.len() < width {
            return None;
        }
        match self.codec.counted(&self.length) {
            Some(promised) if promised <= self.text_max => {
                self.promised = promised;
                self.place = Place::Text;
                self.counted_text()
            }
            _ => self.lost(),
        }
    }

    fn text(&mut self, byte: u8) -> Option<Token> {
        let envelope = &self.codec.framing().envelope;
        let Some(escape) = envelope.escape else {
            return self.text_byte(byte, false);
        };
        if !std::mem::take(&mut self.escaping) {
            self.escaping = byte == escape.byte;
            return if self.escaping {
                None
            } else {
                self.text_byte(byte, false)
            };
        }
        // What needs no escape has none: else a damaged byte could pass for an escape, and XOR and sums might not see it.
        if self.codec.escapes(byte ^ escape.xor) {
            return self.text_byte(byte ^ escape.xor, true);
        }
        let marked = |end: &[u8]| end.get(1) == Some(&byte);
        let (ends, ends_block) = (marked(&envelope.end), marked(&envelope.block_end));
        let may_end = envelope.escape_marks_end() && envelope.length.is_none();
        if may_end && (ends || ends_block) {
            return self.ended(ends);
        }
        self.spoiled = true;
        None
    }

    fn text_byte(&mut self, byte: u8, escaped: bool) -> Option<Token> {
        if self.text.len() >= self.text_max.saturating_add(MARK_MAX) {
            // Only its end matters any more.
            self.spoiled = true;
            self.text.drain(..self.text.len().saturating_sub(MARK_MAX));
        }
        self.text.push(byte);
        self.unescaped = if escaped { 0 } else { self.unescaped + 1 };
        let envelope = &self.codec.framing().envelope;
        // A byte that belongs to an end is judged where the end is whole.
        let ends = [&envelope.end, &envelope.block_end]
            .into_iter()
            .any(|end| envelope.length.is_none() && end.contains(&byte));
        if !escaped && !ends && self.codec.bars(byte) {
            self.spoiled = true;
        }
        if envelope.length.is_some() {
            return self.counted_text();
        }
        if !envelope.escape_marks_end() {
            let ends = |end: &[u8]| {
                end.last() == Some(&byte)
                    && self.unescaped >= end.len()
                    && (end.len() == 1 || self.text.ends_with(end))
            };
            let (is_last, is_end) = (ends(&envelope.end), ends(&envelope.block_end));
            if is_last || is_end {
                let end = self.codec.end(is_last).len();
                self.text.truncate(self.text.len() - end);
                if self.text.is_empty() && envelope.start == envelope.end {
                    // One mark between two frames, or one more.
                    self.unescaped = 0;
                    return None;
                }
                return self.ended(is_last);
            }
        }
        None
    }

    fn counted_text(&mut self) -> Option<Token> {
        if self.text.len() < self.promised {
            return None;
        }
        if self.codec.framing().envelope.end.is_empty() {
            return self.ended(true);
        }
        self.place = Place::End;
        None
    }

    fn end(&mut self, byte: u8) -> Option<Token> {
        self.part.push(byte);
        let envelope = &self.codec.framing().envelope;
        let is_last = self.part == envelope.end;
        if is_last || self.part == envelope.block_end {
            return self.ended(is_last);
        }
        let goes_on = [&envelope.end, &envelope.block_end]
            .into_iter()
            .any(|end| end.starts_with(&self.part));
        if goes_on { None } else { self.lost() }
    }

    fn ended(&mut self, is_last: bool) -> Option<Token> {
        self.part.clear();
        self.place = Place::Check { is_last };
        if self.codec.check_width() == 0 {
            return self.whole(is_last);
        }
        None
    }

    fn check(&mut self, byte: u8, is_last: bool) -> Option<Token> {
        self.part.push(byte);
        if self.part.len() < self.codec.check_width() {
            return None;
        }
        self.whole(is_last)
    }

    fn whole(&mut self, is_last: bool) -> Option<Token> {
        if !self.spoiled && self.is_good(&self.length, &self.text, is_last, &self.part) {
            let text = std::mem::take(&mut self.text);
            self.reset();
            return Some(Token::Block(Block { text, is_last }));
        }
        // A length may be what is damaged, and a text may hold anything: what follows is not the beginning of something.
        if self.handshake() == Handshake::Acknowledged
            || self.codec.framing().envelope.length.is_some()
        {
            return self.lost();
        }
        self.reset();
        Some(Token::BadBlock)
    }

    fn lost(&mut self) -> Option<Token> {
        self.reset();
        self.spoiled = true;
        self.place = Place::Lost;
        None
    }

    fn reply(&mut self, byte: u8, control: u8, expecting_block: bool) -> Option<Token> {
        // What came before is the reply's beginning already.
        if self.codec.reply(control).get(self.part.len()) == Some(&byte) {
            self.part.push(byte);
            self.replied(control)
        } else {
            self.mistaken(byte, expecting_block)
        }
    }

    fn replied(&mut self, control: u8) -> Option<Token> {
        if self.part.len() == self.codec.reply(control).len() {
            self.replied_in_full(control)
        } else {
            None
        }
    }

    fn replied_in_full(&mut self, control: u8) -> Option<Token> {
        self.reset();
        Some(if control == self.codec.framing().replies.ack {
            Token::Ack
        } else {
            Token::Nak
        })
    }

    fn progress(&mut self, byte: u8, expecting_block: bool) -> Option<Token> {
        let framing = self.codec.framing();
        let (end, text_len) = match &framing.progress {
            Some(Progress { end, text_len, .. }) => (*end, *text_len),
            None => (EOT, 0),
        };
        if self.text.len() < text_len && byte == end {
            // Cut short. What ends it ends nothing else.
            self.reset();
            return Some(Token::Noise);
        }
        if self.text.len() < text_len && framing.envelope.start.first() != Some(&byte) {
            self.text.push(byte);
            return None;
        }
        if self.text.len() == text_len && byte == end {
            let text = std::mem::take(&mut self.text);
            self.reset();
            return Some(Token::Progress(text));
        }
        self.mistaken(byte, expecting_block)
    }
}
