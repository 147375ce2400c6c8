//! The characters of a field: bytes to text and back, by character set.

use std::borrow::Cow;

use serde::Deserialize;

use crate::domain::text::{fold_half_width_kana, strip_unsafe};

/// The characters a text may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CharacterSet {
    Ascii,
    ShiftJis,
}

impl CharacterSet {
    /// Bytes to text; `None` where a byte may not stand there. Lines are for logs only. Half-width kana come out in full width.
    pub(super) fn read(self, wire: &[u8], lines: bool) -> Option<Cow<'_, str>> {
        if let Some(text) = as_ascii(wire) {
            return Some(Cow::Borrowed(text));
        }
        let may_stand = |c: char| !c.is_control() || (lines && matches!(c, '\r' | '\n'));
        let text = match self {
            CharacterSet::Ascii => Cow::from(
                std::str::from_utf8(wire)
                    .ok()
                    .filter(|text| text.is_ascii())?,
            ),
            CharacterSet::ShiftJis => {
                encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(wire)?
            }
        };
        if !text.chars().all(may_stand) {
            return None;
        }
        let text = fold_half_width_kana(&text);
        Some(Cow::Owned(if lines { text } else { strip_unsafe(&text) }))
    }

    /// Text to bytes; `None` where the character set has not all of it.
    pub(super) fn write(self, text: &str) -> Option<Cow<'_, [u8]>> {
        match self {
            CharacterSet::Ascii => text.is_ascii().then_some(Cow::Borrowed(text.as_bytes())),
            CharacterSet::ShiftJis => {
                // What cannot be mapped would come out as a reference of HTML.
                let (bytes, _, unmappable) = encoding_rs::SHIFT_JIS.encode(text);
                (!unmappable).then_some(bytes)
            }
        }
    }

    /// Is this the first byte of a character of two? Its second may look like a separator.
    fn leads(self, byte: u8) -> bool {
        self == CharacterSet::ShiftJis && matches!(byte, 0x81..=0x9F | 0xE0..=0xFC)
    }

    /// Where a byte stands that is a character of its own.
    pub(super) fn places_of(self, wanted: u8, text: &[u8]) -> impl Iterator<Item = usize> {
        let mut at = 0;
        std::iter::from_fn(move || {
            while let Some(byte) = text.get(at) {
                let place = at;
                at += if self.leads(*byte) { 2 } else { 1 };
                if *byte == wanted && at == place + 1 {
                    return Some(place);
                }
            }
            None
        })
    }
}

/// Bytes that can all be printed in ASCII, as the text they are in every character set.
pub(super) fn as_ascii(wire: &[u8]) -> Option<&str> {
    // Sixteen at a time, and no branch for each: every text that comes is looked at so.
    let (chunks, rest) = wire.as_chunks::<16>();
    let behind_space = |byte: &u8| byte.wrapping_sub(b' ');
    let mut most = [0; 16];
    for chunk in chunks {
        for (most, byte) in most.iter_mut().zip(chunk) {
            *most = behind_space(byte).max(*most);
        }
    }
    let most = most.into_iter().fold(0, u8::max);
    if rest.iter().map(behind_space).fold(most, u8::max) > b'~' - b' ' {
        return None;
    }
    std::str::from_utf8(wire).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shift_jis_is_read_and_written_and_half_width_kana_become_full() {
        let set = CharacterSet::ShiftJis;
        assert_eq!(
            set.write("ビザ").as_deref(),
            Some(&[0x83, 0x72, 0x83, 0x55][..])
        );
        assert_eq!(
            set.read(&[0x83, 0x72, 0x83, 0x55], false).as_deref(),
            Some("ビザ")
        );
        assert_eq!(
            set.read(&[0xCB, 0xDE, 0xBB, 0xDE], false).as_deref(),
            Some("ビザ")
        );
        assert_eq!(set.write("𠮷"), None);
        assert_eq!(set.read(&[0x83], false), None);
        assert_eq!(set.read(b"a\x1bb", false), None);
        assert_eq!(CharacterSet::Ascii.read(&[0x83, 0x72], false), None);
        assert_eq!(CharacterSet::Ascii.write("ビ"), None);
    }

    #[test]
    fn a_bar_inside_a_character_of_two_bytes_is_no_separator() {
        // ポ is 83 7C, and 7C alone is |.
        let text = [0x83, 0x7C, b'|', b'a'];
        let places = |set: CharacterSet| set.places_of(b'|', &text).collect::<Vec<usize>>();
        assert_eq!(places(CharacterSet::ShiftJis), [2]);
        assert_eq!(places(CharacterSet::Ascii), [1, 2]);
    }
}
