//! What stands on a line, for people: the bytes a message is sent in, and captured bytes taken apart.

use super::SendRefused;
use super::envelope::reader::{Reader, Token};
use super::envelope::{Block, Codec, ENQ};
use super::framing::Framing;

/// A piece of captured bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Where it begins, counted from 0.
    pub offset: usize,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it is.
    pub mark: Mark,
}

/// What a piece of captured bytes is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// ENQ.
    Enquiry,
    /// EOT.
    Over,
    /// A reply: taken.
    Ack,
    /// A reply: not taken.
    Nak,
    /// Before a text.
    Start,
    /// The count before a text.
    Length,
    /// Behind a text that goes on in the next block.
    BlockEnd,
    /// Behind a text.
    End,
    /// A check that is right.
    Check,
    /// A check that is wrong, and the right one.
    WrongCheck(Vec<u8>),
    /// Around a progress text.
    Progress,
    /// A block that is cut, or no block at all.
    Broken,
}

/// A text among captured bytes, its blocks joined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// The text.
    pub bytes: Vec<u8>,
    /// Where each of its bytes stands.
    pub places: Vec<usize>,
}

/// Captured bytes taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capture {
    /// Everything that is no text, in order.
    pub pieces: Vec<Piece>,
    /// The texts, in order.
    pub texts: Vec<Text>,
}

/// The blocks that a message goes out in.
pub fn blocks(framing: &Framing, text: &[u8]) -> Result<Vec<Vec<u8>>, SendRefused> {
    let codec = Codec::new(framing);
    let blocks = codec.blocks(text.to_vec(), framing.block_text_max, framing.message_max)?;
    let sent = |block: &Block| codec.block(&block.text, block.is_last);
    Ok(blocks.iter().map(sent).collect())
}

/// Take captured bytes apart. Bytes without any frame among them are one text.
pub fn take_apart(framing: &Framing, bytes: &[u8]) -> Capture {
    let codec = Codec::new(framing);
    let mut reader = Reader::new(codec.clone(), framing.message_max);
    let mut parts = Vec::new();
    let mut start = 0;
    for (index, byte) in bytes.iter().enumerate() {
        if let Some(token) = reader.read(*byte, true) {
            parts.push((start, index + 1, token));
            start = index + 1;
        }
    }
    if start < bytes.len() {
        parts.push((start, bytes.len(), Token::BadBlock));
    }
    let nothing = |token: &Token| matches!(token, Token::Noise);
    let begins = |at: usize| {
        let mark = &framing.envelope.start;
        !mark.is_empty() && bytes[at..].starts_with(mark)
    };
    let no_frame = parts
        .iter()
        .all(|(at, _, token)| nothing(token) || (*token == Token::BadBlock && !begins(*at)));
    let mut capture = Capture::default();
    if bytes.is_empty() {
        return capture;
    }
    if no_frame {
        capture.texts.push(Text {
            bytes: bytes.to_vec(),
            places: (0..bytes.len()).collect(),
        });
        return capture;
    }
    let mut goes_on = false;
    for (at, end, token) in parts {
        let part = &bytes[at..end];
        let mut push = |mark| {
            capture.pieces.push(Piece {
                offset: at,
                bytes: part.to_vec(),
                mark,
            });
        };
        match token {
            Token::Control(ENQ) => push(Mark::Enquiry),
            Token::Control(_) => push(Mark::Over),
            Token::Ack => push(Mark::Ack),
            Token::Nak => push(Mark::Nak),
            Token::Noise => push(Mark::Broken),
            Token::Progress(text) => {
                let first = at + part.len() - text.len() - 1;
                capture.piece(at, &part[..first - at], Mark::Progress);
                capture.piece(end - 1, &part[part.len() - 1..], Mark::Progress);
                capture.texts.push(Text {
                    places: (first..first + text.len()).collect(),
                    bytes: text,
                });
            }
            Token::Block(_) | Token::BadBlock => {
                if !goes_on {
                    capture.texts.push(Text::default());
                }
                goes_on = capture.block(&codec, at, part);
            }
        }
    }
    capture.texts.retain(|text| !text.bytes.is_empty());
    capture
}

impl Capture {
    fn piece(&mut self, offset: usize, bytes: &[u8], mark: Mark) {
        if !bytes.is_empty() {
            self.pieces.push(Piece {
                offset,
                bytes: bytes.to_vec(),
                mark,
            });
        }
    }

    /// One block with its envelope; true where another one goes on with its text.
    fn block(&mut self, codec: &Codec, at: usize, part: &[u8]) -> bool {
        let envelope = &codec.framing().envelope;
        let head = envelope.start.len();
        let length = envelope.length.map_or(0, |length| length.width);
        let check = codec.check_width();
        let tail = part.len().saturating_sub(check);
        let ended_by =
            |mark: &Vec<u8>| part[..tail].ends_with(mark) && head + length + mark.len() <= tail;
        let is_last = if ended_by(&envelope.end) {
            true
        } else if !envelope.block_end.is_empty() && ended_by(&envelope.block_end) {
            false
        } else {
            self.piece(at, part, Mark::Broken);
            return false;
        };
        let mark = if is_last {
            &envelope.end
        } else {
            &envelope.block_end
        };
        let text_end = tail - mark.len();
        self.piece(at, &part[..head], Mark::Start);
        self.piece(at + head, &part[head..head + length], Mark::Length);
        let mut text = Vec::new();
        let mut index = head + length;
        while index < text_end {
            let place = at + index;
            let plain = match envelope.escape {
                Some(escape) if part[index] == escape.byte && index + 1 < text_end => {
                    index += 1;
                    part[index] ^ escape.xor
                }
                _ => part[index],
            };
            index += 1;
            text.push(plain);
            if let Some(joined) = self.texts.last_mut() {
                joined.bytes.push(plain);
                joined.places.push(place);
            }
        }
        let ends = if is_last { Mark::End } else { Mark::BlockEnd };
        self.piece(at + text_end, mark, ends);
        let right = codec.block(&text, is_last);
        let right = &right[right.len() - check..];
        let is = &part[tail..];
        let mark = if is == right {
            Mark::Check
        } else {
            Mark::WrongCheck(right.to_vec())
        };
        self.piece(at + tail, is, mark);
        !is_last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(capture: &Capture) -> Vec<(usize, &Mark)> {
        capture
            .pieces
            .iter()
            .map(|piece| (piece.offset, &piece.mark))
            .collect()
    }

    #[test]
    fn a_message_that_was_written_is_taken_apart_into_itself() {
        let framing = Framing::basic(4, 64);
        let blocks = blocks(&framing, b"abcdef").expect("written");
        assert_eq!(blocks.len(), 2);
        let line = [&[ENQ][..], &blocks.concat(), &[0x04]].concat();
        let capture = take_apart(&framing, &line);
        assert_eq!(
            marks(&capture),
            [
                (0, &Mark::Enquiry),
                (1, &Mark::Start),
                (6, &Mark::BlockEnd),
                (7, &Mark::Check),
                (8, &Mark::Start),
                (11, &Mark::End),
                (12, &Mark::Check),
                (13, &Mark::Over),
            ]
        );
        assert_eq!(
            capture.texts,
            [Text {
                bytes: b"abcdef".to_vec(),
                places: vec![2, 3, 4, 5, 9, 10],
            }]
        );
    }

    #[test]
    fn a_wrong_check_is_named_with_the_right_one() {
        let framing = Framing::basic(64, 64);
        let capture = take_apart(&framing, &[0x02, b'a', 0x03, 0x00]);
        assert_eq!(
            marks(&capture),
            [
                (0, &Mark::Start),
                (2, &Mark::End),
                (3, &Mark::WrongCheck(vec![b'a' ^ 0x03])),
            ]
        );
        assert_eq!(capture.texts[0].bytes, b"a");
    }

    #[test]
    fn bytes_without_a_frame_are_a_text_and_a_cut_frame_is_broken() {
        let framing = Framing::basic(64, 64);
        let capture = take_apart(&framing, b"0210|00");
        assert!(capture.pieces.is_empty());
        assert_eq!(capture.texts[0].bytes, b"0210|00");
        let capture = take_apart(&framing, &[0x02, b'a', b'b']);
        assert_eq!(marks(&capture), [(0, &Mark::Broken)]);
        assert!(take_apart(&framing, &[]).texts.is_empty());
    }

    #[test]
    fn no_bytes_whatever_stop_it() {
        let framing = Framing::basic(8, 16);
        let alphabet = [0x02, 0x03, 0x17, 0x05, 0x04, 0x06, 0x15, b'a'];
        let mut bytes = Vec::new();
        for seed in 0_usize..20_000 {
            let byte = alphabet[(seed.wrapping_mul(2_654_435_761) >> 7) % alphabet.len()];
            bytes.push(byte);
            if bytes.len() > 24 {
                bytes.remove(0);
            }
            let capture = take_apart(&framing, &bytes);
            let told: usize = capture.pieces.iter().map(|piece| piece.bytes.len()).sum();
            let texts: usize = capture.texts.iter().map(|text| text.places.len()).sum();
            assert!(told + texts <= bytes.len());
        }
    }
}
