//! The envelope of a framing: texts to block bytes, and a reader back.

mod check;
pub(in crate::cat) mod number;
pub(super) mod reader;

#[cfg(test)]
mod tests;

use super::SendRefused;
use super::framing::{Covers, Escape, Framing, Handshake, ReplyShape};

/// End of transmission.
pub(super) const EOT: u8 = 0x04;
/// Enquiry: a call, or "repeat your last reply".
pub(super) const ENQ: u8 = 0x05;

/// SOH, STX, ETX, EOT, ENQ, ACK, DLE, NAK, SYN and ETB: the ten transmission controls of ISO 1745. On a line with ENQ and EOT none of
/// them may stand inside a text, unless it can be escaped or counted.
const TRANSMISSION_CONTROLS: [u8; 10] = [0x01, 0x02, 0x03, EOT, ENQ, 0x06, 0x10, 0x15, 0x16, 0x17];

/// The first byte of ASCII behind the controls.
const SPACE: u8 = 0x20;

/// A block of a message, without its envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its bytes, no longer escaped.
    pub text: Vec<u8>,
    /// It ends its message.
    pub is_last: bool,
}

/// What a byte may be inside a text.
#[derive(Debug, Clone, Copy, Default)]
struct ByteClass {
    /// It may not stand in a text.
    barred: bool,
    /// It stands escaped in a text.
    escaped: bool,
    /// Neither, nor an escape, nor part of an end.
    plain: bool,
}

/// A framing, ready to write and to be read by.
#[derive(Debug, Clone)]
pub struct Codec {
    framing: Framing,
    /// What each byte may be inside a text.
    classes: [ByteClass; 256],
    /// Only controls are anything else than plain, as in most framings: the others need no look at their class.
    controls_alone: bool,
    /// ACK and NAK, as sent.
    ack: Vec<u8>,
    nak: Vec<u8>,
}

impl Codec {
    /// For any framing. One that [`Framing::check`] refuses carries no messages, but does no harm.
    pub fn new(framing: &Framing) -> Codec {
        let envelope = &framing.envelope;
        let mut barred = Vec::new();
        if envelope.escape.is_none() && envelope.length.is_none() {
            if framing.handshake == Handshake::Enquiry {
                barred.extend(TRANSMISSION_CONTROLS);
            }
            if let [start] = envelope.start[..] {
                barred.push(start);
            }
        }
        let mut escaped = Vec::new();
        if let Some(escape) = envelope.escape {
            escaped.push(escape.byte);
            if !envelope.escape_marks_end() {
                for part in [&envelope.start, &envelope.end, &envelope.block_end] {
                    escaped.extend(part);
                }
            }
        }
        let classes = std::array::from_fn(|byte| {
            let is_in = |bytes: &[u8]| bytes.iter().any(|known| usize::from(*known) == byte);
            let (barred, escaped) = (is_in(&barred), is_in(&escaped));
            ByteClass {
                barred,
                escaped,
                plain: !barred && !escaped && !is_in(&envelope.end) && !is_in(&envelope.block_end),
            }
        });
        let mut codec = Codec {
            framing: framing.clone(),
            controls_alone: classes[usize::from(SPACE)..]
                .iter()
                .all(|class| class.plain),
            classes,
            ack: Vec::new(),
            nak: Vec::new(),
        };
        codec.ack = codec.written_reply(framing.replies.ack);
        codec.nak = codec.written_reply(framing.replies.nak);
        codec
    }

    pub(super) fn framing(&self) -> &Framing {
        &self.framing
    }

    /// True for a byte that no text holds as it stands.
    pub(super) fn bars(&self, byte: u8) -> bool {
        let class = self.classes[usize::from(byte)];
        class.barred || class.escaped
    }

    /// True for a byte that stands escaped in a text.
    fn escapes(&self, byte: u8) -> bool {
        self.classes[usize::from(byte)].escaped
    }

    /// How many bytes at the front can only be text.
    fn plain_run(&self, bytes: &[u8]) -> usize {
        let mut run = 0;
        if self.controls_alone {
            let least =
                |chunk: &[u8; 32]| chunk.iter().fold(u8::MAX, |least, byte| least.min(*byte));
            let has_none = |chunk: &&[u8; 32]| least(chunk) >= SPACE;
            let (chunks, _) = bytes.as_chunks();
            run = 32 * chunks.iter().take_while(has_none).count();
        }
        let is_mark = |byte: &u8| !self.classes[usize::from(*byte)].plain;
        let rest = &bytes[run..];
        run + rest.iter().position(is_mark).unwrap_or(rest.len())
    }

    /// The blocks of a message, or why it cannot be sent. `block_text_max` counts where there are blocks.
    pub(super) fn blocks(
        &self,
        text: Vec<u8>,
        block_text_max: usize,
        message_max: usize,
    ) -> Result<Vec<Block>, SendRefused> {
        let text_len = text.len();
        if text_len == 0 {
            return Err(SendRefused::Empty);
        }
        if text_len > message_max {
            return Err(SendRefused::TooLong { max: message_max });
        }
        let blocks = if self.framing.envelope.block_end.is_empty() {
            split_into_blocks(text, text_len)
        } else {
            split_into_blocks(text, block_text_max)
        };
        let mut before = 0;
        for block in &blocks {
            if let Some(at) = self.first_unsendable(block) {
                return Err(SendRefused::Control { at: before + at });
            }
            if self.length_of(block.text.len()).is_none() {
                return Err(SendRefused::TooLong {
                    max: self.countable(text_len),
                });
            }
            before += block.text.len();
        }
        Ok(blocks)
    }

    /// A block as sent: start, length, text, end and check.
    pub fn block(&self, text: &[u8], is_last: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write_block(text, is_last, &mut bytes);
        bytes
    }

    /// Write a block as sent behind what is there.
    pub fn write_block(&self, text: &[u8], is_last: bool, bytes: &mut Vec<u8>) {
        let envelope = &self.framing.envelope;
        let end = self.end(is_last);
        // `blocks` has seen to it that the length can be written.
        let length = self.length_of(text.len()).unwrap_or_default();
        bytes.reserve(text.len() + 16);
        bytes.extend_from_slice(&envelope.start);
        bytes.extend_from_slice(&length);
        match envelope.escape {
            None => bytes.extend_from_slice(text),
            Some(Escape { byte, xor }) => {
                for plain in text {
                    if self.escapes(*plain) {
                        bytes.extend([byte, plain ^ xor]);
                    } else {
                        bytes.push(*plain);
                    }
                }
            }
        }
        bytes.extend_from_slice(end);
        let check = self.check(&length, text, end);
        check::append(&envelope.check, check, bytes);
    }

    /// ACK, or NAK for every other control, as sent.
    pub fn reply(&self, control: u8) -> &[u8] {
        if control == self.framing.replies.ack {
            &self.ack
        } else {
            &self.nak
        }
    }

    fn written_reply(&self, control: u8) -> Vec<u8> {
        let mut bytes = vec![control];
        if self.framing.replies.shape == ReplyShape::Framed {
            let end = self.end(true);
            bytes.extend_from_slice(end);
            let check = self.check(&[], &[control], end);
            check::append(&self.framing.envelope.check, check, &mut bytes);
        }
        bytes
    }

    /// A progress text, as sent: blanks fill it up, what is too long is cut, what would end it is blank. `None` where there are none.
    pub(super) fn progress(&self, text: &[u8]) -> Option<Vec<u8>> {
        let progress = self.framing.progress.as_ref()?;
        let mut bytes = vec![progress.start];
        let padded = text.iter().copied().chain(std::iter::repeat(b' '));
        for byte in padded.take(progress.text_len) {
            let ends = byte == progress.end || self.framing.envelope.start.first() == Some(&byte);
            bytes.push(if ends { b' ' } else { byte });
        }
        bytes.push(progress.end);
        Some(bytes)
    }

    fn end(&self, is_last: bool) -> &[u8] {
        let envelope = &self.framing.envelope;
        if is_last {
            &envelope.end
        } else {
            &envelope.block_end
        }
    }

    pub(super) fn check_width(&self) -> usize {
        check::width(&self.framing.envelope.check)
    }

    /// Do these bytes check such a block?
    fn is_checked_by(&self, length: &[u8], text: &[u8], is_last: bool, bytes: &[u8]) -> bool {
        let value = self.check(length, text, self.end(is_last));
        check::stands_in(&self.framing.envelope.check, value, bytes)
    }

    fn check(&self, length: &[u8], text: &[u8], end: &[u8]) -> u64 {
        let envelope = &self.framing.envelope;
        let (with_start, with_end) = match envelope.check.covers {
            Covers::Text => (false, false),
            Covers::TextAndEnd => (false, true),
            Covers::StartAndText => (true, false),
            Covers::All => (true, true),
        };
        // An escape byte is a mark on the wire and not in the check.
        let unmarked = |part: &'_ [u8]| match (envelope.escape, part) {
            (Some(escape), [first, _, ..]) if *first == escape.byte => 1,
            _ => 0,
        };
        let start = &envelope.start[if with_start {
            unmarked(&envelope.start)
        } else {
            envelope.start.len()
        }..];
        let end = &end[if with_end { unmarked(end) } else { end.len() }..];
        check::value(&envelope.check, &[start, length, text, end])
    }

    /// The count before a text of so many bytes; empty where there is none, `None` where it cannot be written.
    fn length_of(&self, text_len: usize) -> Option<Vec<u8>> {
        match self.framing.envelope.length {
            None => Some(Vec::new()),
            Some(length) => {
                let counted = u64::try_from(text_len.checked_add(length.plus)?).ok()?;
                number::encode(length.form, length.width, counted)
            }
        }
    }

    /// How many text bytes the count before says, if these are a count.
    fn counted(&self, bytes: &[u8]) -> Option<usize> {
        let length = self.framing.envelope.length?;
        usize::try_from(number::decode(length.form, bytes)?)
            .ok()?
            .checked_sub(length.plus)
    }

    /// The longest text up to `max` bytes that the count can say.
    fn countable(&self, max: usize) -> usize {
        let (mut fits, mut too_long) = (0, max.saturating_add(1));
        while too_long - fits > 1 {
            let middle = fits + (too_long - fits) / 2;
            if self.length_of(middle).is_some() {
                fits = middle;
            } else {
                too_long = middle;
            }
        }
        fits
    }

    /// Where in a block something stands that would be read otherwise.
    fn first_unsendable(&self, block: &Block) -> Option<usize> {
        let envelope = &self.framing.envelope;
        if envelope.escape.is_some() || envelope.length.is_some() {
            return None;
        }
        let text = &block.text;
        let own_end = self.end(block.is_last);
        // An end may begin in the text and go on in the block's own end.
        let ends_at = |at: usize| {
            [&envelope.end, &envelope.block_end].into_iter().any(|end| {
                let mut whole = text[at..].iter().chain(own_end);
                !end.is_empty() && end.iter().all(|byte| whole.next() == Some(byte))
            })
        };
        let mut at = self.plain_run(text);
        while at < text.len() {
            if self.bars(text[at]) || ends_at(at) {
                return Some(at);
            }
            at += 1 + self.plain_run(&text[at + 1..]);
        }
        None
    }
}

/// Cut a text into blocks. Two equal blocks never follow each other, because a receiver takes the second for a repetition: where the
/// text would make them so, one is cut a byte shorter.
pub(super) fn split_into_blocks(text: Vec<u8>, block_text_max: usize) -> Vec<Block> {
    if text.len() <= block_text_max {
        let is_last = true;
        return vec![Block { text, is_last }];
    }
    let mut blocks: Vec<Block> = Vec::new();
    let mut rest = &text[..];
    while rest.len() > block_text_max {
        let equal = blocks
            .last()
            .is_some_and(|block| block.text == rest[..block_text_max]);
        let (head, tail) = rest.split_at(block_text_max - usize::from(equal));
        blocks.push(Block {
            text: head.to_vec(),
            is_last: false,
        });
        rest = tail;
    }
    blocks.push(Block {
        text: rest.to_vec(),
        is_last: true,
    });
    blocks
}
