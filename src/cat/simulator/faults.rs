//! Faults of the line: blocks spoiled on their way in and out, so that their check fails.

/// Start of text, end of text, end of block.
const STX: u8 = 0x02;
const ETX: u8 = 0x03;
const ETB: u8 = 0x17;

/// The longest block that is looked into.
const TEXT_MAX: usize = 4_096;

/// Follows the blocks that come in, byte by byte.
#[derive(Debug, Default)]
pub(super) struct Spoiler {
    place: Place,
    text: Vec<u8>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    Outside,
    Text,
    Check,
}

impl Spoiler {
    /// Hand the bytes on; the check of a block for whose text `spoil` says so comes out wrong.
    pub(super) fn pass(&mut self, bytes: &[u8], mut spoil: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
        bytes
            .iter()
            .map(|byte| match self.place {
                Place::Outside => {
                    if *byte == STX {
                        self.text.clear();
                        self.place = Place::Text;
                    }
                    *byte
                }
                Place::Text => {
                    if matches!(*byte, ETX | ETB) || self.text.len() >= TEXT_MAX {
                        self.place = Place::Check;
                    } else {
                        self.text.push(*byte);
                    }
                    *byte
                }
                Place::Check => {
                    self.place = Place::Outside;
                    if spoil(&self.text) {
                        *byte ^ 0x01
                    } else {
                        *byte
                    }
                }
            })
            .collect()
    }
}

/// Spoil the check of an outgoing block. False where these bytes are no block.
pub(super) fn spoil_block(bytes: &mut [u8]) -> bool {
    match bytes {
        [STX, .., check] => {
            *check ^= 0x01;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_check_of_the_chosen_block_is_spoiled_however_the_bytes_are_cut() {
        let line = b"\x05\x02AB\x03\x41\x05\x02CD\x03\x04\x04";
        for cut in 0..line.len() {
            let mut spoiler = Spoiler::default();
            let mut out = spoiler.pass(&line[..cut], |text| text == b"CD");
            out.extend(spoiler.pass(&line[cut..], |text| text == b"CD"));
            let mut expected = line.to_vec();
            expected[11] ^= 1;
            assert_eq!(out, expected, "cut at {cut}");
        }
    }

    #[test]
    fn controls_are_not_blocks() {
        assert!(!spoil_block(&mut [0x05]));
        let mut block = *b"\x02A\x03\x42";
        assert!(spoil_block(&mut block));
        assert_eq!(block[3], 0x43);
    }
}
