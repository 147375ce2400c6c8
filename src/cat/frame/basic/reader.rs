//! Finds controls and blocks in a stream of bytes, one byte at a time, so that it does not matter how a port cuts its reads.

/// Start of text.
pub(super) const STX: u8 = 0x02;
/// End of the last block of a message.
pub(super) const ETX: u8 = 0x03;
/// End of transmission.
pub(super) const EOT: u8 = 0x04;
/// Enquiry: a call, or "repeat your last reply".
pub(super) const ENQ: u8 = 0x05;
/// Positive acknowledgement.
pub(super) const ACK: u8 = 0x06;
/// Negative acknowledgement.
pub(super) const NAK: u8 = 0x15;
/// End of a block that is not the last.
pub(super) const ETB: u8 = 0x17;

/// SOH, DLE and SYN complete the ten transmission controls of ISO 1745, none of which may stand inside a text.
const TRANSMISSION_CONTROLS: [u8; 10] = [0x01, STX, ETX, EOT, ENQ, ACK, 0x10, NAK, 0x16, ETB];

/// True for the bytes that may not stand inside a text.
pub(super) fn is_transmission_control(byte: u8) -> bool {
    TRANSMISSION_CONTROLS.contains(&byte)
}

/// A block whose check is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) text: Vec<u8>,
    pub(super) is_last: bool,
}

impl Block {
    /// As sent: STX, text, ETX or ETB, and the check over everything after STX.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let end = if self.is_last { ETX } else { ETB };
        let mut bytes = Vec::with_capacity(self.text.len() + 3);
        bytes.push(STX);
        bytes.extend_from_slice(&self.text);
        bytes.push(end);
        bytes.push(self.text.iter().fold(end, |check, byte| check ^ byte));
        bytes
    }
}

/// What one byte completes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// ENQ, ACK, NAK or EOT between blocks.
    Control(u8),
    /// A good block.
    Block(Block),
    /// A block that fails its check, holds a control, or is longer than any message may be.
    BadBlock,
    /// A byte that means nothing where it stands.
    Noise,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    /// Inside a block, before its end.
    Text,
    /// Behind ETX or ETB: the next byte is the check, whatever it looks like.
    Check {
        is_last: bool,
    },
    /// Behind an ETX or ETB without STX: a block that lost its head. Its check must not be taken for a control.
    Headless {
        check_due: bool,
    },
}

/// The reader of one line.
#[derive(Debug)]
pub(super) struct Reader {
    place: Place,
    text: Vec<u8>,
    text_max: usize,
    check: u8,
    spoiled: bool,
    last: u8,
}

impl Reader {
    /// A reader that keeps at most `text_max` bytes of a block.
    pub(super) fn new(text_max: usize) -> Reader {
        Reader {
            place: Place::Outside,
            text: Vec::new(),
            text_max,
            check: 0,
            spoiled: false,
            last: 0,
        }
    }

    /// Take one byte. `expecting_block` is true while the peer holds the line: only then can an ETX without STX be a damaged block.
    pub(super) fn read(&mut self, byte: u8, expecting_block: bool) -> Option<Token> {
        self.last = byte;
        match self.place {
            Place::Outside => self.outside(byte, expecting_block),
            Place::Headless { check_due: true } => {
                self.place = Place::Headless { check_due: false };
                Some(Token::Noise)
            }
            Place::Headless { check_due: false } => {
                let token = self.outside(byte, expecting_block);
                // Mere noise leaves the damaged block standing, so that silence after it is answered.
                if token == Some(Token::Noise) && self.place == Place::Outside {
                    self.place = Place::Headless { check_due: false };
                }
                token
            }
            Place::Text => {
                self.check ^= byte;
                match byte {
                    ETX | ETB => {
                        self.place = Place::Check {
                            is_last: byte == ETX,
                        };
                    }
                    _ if is_transmission_control(byte) || self.text.len() >= self.text_max => {
                        self.spoiled = true;
                    }
                    _ => self.text.push(byte),
                }
                None
            }
            Place::Check { is_last } => {
                let good = byte == self.check && !self.spoiled;
                let text = std::mem::take(&mut self.text);
                self.reset();
                Some(if good {
                    Token::Block(Block { text, is_last })
                } else {
                    Token::BadBlock
                })
            }
        }
    }

    /// True in the middle of something that a pause must end.
    pub(super) fn is_open(&self) -> bool {
        self.place != Place::Outside
    }

    /// True where the block broke off with EOT as its last byte: the sender gave up. An EOT with more text behind it is a damaged byte.
    pub(super) fn broke_off_with_eot(&self) -> bool {
        self.place == Place::Text && self.last == EOT
    }

    /// Forget what is half read.
    pub(super) fn reset(&mut self) {
        self.place = Place::Outside;
        self.text.clear();
        self.check = 0;
        self.spoiled = false;
    }

    fn outside(&mut self, byte: u8, expecting_block: bool) -> Option<Token> {
        self.reset();
        match byte {
            STX => {
                self.place = Place::Text;
                None
            }
            ENQ | ACK | NAK | EOT => Some(Token::Control(byte)),
            ETX | ETB if expecting_block => {
                self.place = Place::Headless { check_due: true };
                Some(Token::Noise)
            }
            _ => Some(Token::Noise),
        }
    }
}
