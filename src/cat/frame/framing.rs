//! How messages stand on a line, as data: hand-shake, envelope, check, replies, blocks. A layout file describes it.

mod sound;

use serde::{Deserialize, Serialize};

pub use self::sound::Unsound;

/// Everything a line must know of its frames.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Framing {
    /// Who may speak when.
    pub handshake: Handshake,
    /// What stands around a text.
    pub envelope: Envelope,
    /// What ACK and NAK look like.
    pub replies: Replies,
    /// Short texts in an envelope of their own, without check and without reply, that tell how a transaction goes on.
    pub progress: Option<Progress>,
    /// The most text bytes of one block when sending. Without a block end in the envelope a message is one block.
    pub block_text_max: usize,
    /// The most text bytes of one message.
    pub message_max: usize,
}

/// Who may speak when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handshake {
    /// ENQ–ACK before a message, EOT behind it (ISO 1745, JIS X 5002 basic mode).
    Enquiry,
    /// Every frame is answered by ACK or NAK, and nothing stands before or behind it.
    Acknowledged,
    /// Frames only. A frame that left is as good as delivered, and nothing is ever sent again.
    Bare,
}

/// What stands around a text: start, length, text, end, check; each but the text may be missing, but something must tell where a text ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Before the text; STX in most. Empty where a frame begins with its length.
    pub start: Vec<u8>,
    /// Behind the last block's text; ETX in most. Empty where the length tells.
    pub end: Vec<u8>,
    /// Behind the text of a block that is not the last; ETB where there are blocks.
    pub block_end: Vec<u8>,
    /// How a text holds bytes that mean something on the line. Without it such a text is not sent.
    pub escape: Option<Escape>,
    /// A count before the text.
    pub length: Option<Length>,
    /// A check behind the end.
    pub check: Check,
}

/// How a byte that means something on the line stands inside a text. Where the end begins with the escape byte (DLE ETX), that byte alone
/// means something and is doubled; else every byte of start, ends and escape is escaped. No other byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escape {
    /// The byte before an escaped one, like DLE.
    pub byte: u8,
    /// What the escaped byte is combined with by XOR; 0 where it stands as it is (doubling).
    pub xor: u8,
}

/// A count before the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Length {
    /// Bytes of the count itself, 1 to 8.
    pub width: usize,
    /// How the count is written.
    pub form: NumberForm,
    /// Added to the number of text bytes (counted before they are escaped), where a terminal counts more than the text.
    pub plus: usize,
}

/// How a number stands on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberForm {
    /// Binary, the high byte first.
    BigEndian,
    /// Binary, the low byte first.
    LittleEndian,
    /// Two decimal digits a byte.
    Bcd,
    /// Decimal digits in ASCII, zeros before.
    Decimal,
    /// Hexadecimal digits in ASCII, large letters, zeros before.
    Hex,
}

/// A check over a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Which.
    pub kind: CheckKind,
    /// What it begins with: the base of an XOR or a sum. A CRC has its own in [`Crc16`].
    pub base: u8,
    /// What it is taken over.
    pub covers: Covers,
    /// How it is written. One byte for XOR and sum, two for a CRC, twice as many as [`NumberForm::Hex`].
    pub form: NumberForm,
}

/// Kinds of check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// None: the line checks by itself, like TCP.
    None,
    /// All bytes by XOR (LRC, BCC).
    Xor,
    /// All bytes added, the low byte of it.
    Sum,
    /// All bytes added, the low byte of it negated (two's complement).
    SumNegated,
    /// A cyclic redundancy check of 16 bits.
    Crc16(Crc16),
}

/// The parameters of a CRC of 16 bits, in the usual catalogue's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crc16 {
    /// The polynomial, without its highest bit.
    pub polynomial: u16,
    /// The register at the start.
    pub initial: u16,
    /// Bytes go in with their lowest bit first, and the register is read so.
    pub reflected: bool,
    /// Combined with the register at the end by XOR.
    pub xor_out: u16,
}

/// What a check is taken over, apart from the length and the text, which are always in it. Escapes are undone first: neither the escape
/// bytes of the text are in it, nor one that begins a start or an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Covers {
    /// The text alone.
    Text,
    /// Text and end.
    TextAndEnd,
    /// Start and text.
    StartAndText,
    /// Start, text and end.
    All,
}

/// What ACK and NAK look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replies {
    /// The byte that says taken; ACK in most.
    pub ack: u8,
    /// The byte that says not taken; NAK in most.
    pub nak: u8,
    /// One byte, or framed.
    pub shape: ReplyShape,
}

/// The shape of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyShape {
    /// The byte alone.
    Byte,
    /// The byte, the end and the check: a frame without its start. The check is that of a frame whose text is this byte, the start in it
    /// where it covers one.
    Framed,
}

/// Progress texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Before the text; SOH in ECR17.
    pub start: u8,
    /// Behind it; EOT in ECR17.
    pub end: u8,
    /// Text bytes between the two, always so many.
    pub text_len: usize,
}

impl Envelope {
    /// True where the end begins with the escape byte, as in DLE ETX.
    pub fn escape_marks_end(&self) -> bool {
        self.escape
            .is_some_and(|escape| self.end.len() > 1 && self.end[0] == escape.byte)
    }
}

impl Framing {
    /// Basic mode with its usual bytes: ENQ, STX, ETB, ETX, BCC by XOR, ACK, NAK, EOT.
    pub fn basic(block_text_max: usize, message_max: usize) -> Framing {
        Framing {
            handshake: Handshake::Enquiry,
            envelope: Envelope {
                start: vec![0x02],
                end: vec![0x03],
                block_end: vec![0x17],
                escape: None,
                length: None,
                check: Check {
                    kind: CheckKind::Xor,
                    base: 0,
                    covers: Covers::TextAndEnd,
                    form: NumberForm::BigEndian,
                },
            },
            replies: Replies {
                ack: 0x06,
                nak: 0x15,
                shape: ReplyShape::Byte,
            },
            progress: None,
            block_text_max,
            message_max,
        }
    }
}
