//! Numbers as they stand on the wire: lengths and checks.

use crate::cat::frame::framing::NumberForm;

/// `value` in `width` bytes. `None` where it does not fit.
pub(in crate::cat) fn encode(form: NumberForm, width: usize, value: u64) -> Option<Vec<u8>> {
    let mut bytes = vec![0; width];
    write(form, &mut bytes, value).then_some(bytes)
}

/// `value` in all of these bytes; false where it does not fit.
pub(in crate::cat) fn write(form: NumberForm, bytes: &mut [u8], value: u64) -> bool {
    let from_the_low = bytes.iter_mut().rev();
    match form {
        NumberForm::BigEndian => put::<256>(from_the_low, value, |digit| digit),
        NumberForm::LittleEndian => put::<256>(bytes.iter_mut(), value, |digit| digit),
        NumberForm::Bcd => put::<100>(from_the_low, value, |digit| {
            ((digit / 10) << 4) | (digit % 10)
        }),
        NumberForm::Decimal => put::<10>(from_the_low, value, |digit| b'0' + digit),
        NumberForm::Hex => put::<16>(from_the_low, value, |digit| {
            b"0123456789ABCDEF"[usize::from(digit)]
        }),
    }
}

/// The digits of a number, the lowest first; false where more are left than there are places.
fn put<'a, const BASE: u64>(
    places: impl Iterator<Item = &'a mut u8>,
    value: u64,
    written: impl Fn(u8) -> u8,
) -> bool {
    let mut rest = value;
    for place in places {
        // Below 256 for every base.
        *place = written((rest % BASE) as u8);
        rest /= BASE;
    }
    rest == 0
}

/// The number that stands there. `None` where these bytes are no number of this form.
pub(in crate::cat) fn decode(form: NumberForm, bytes: &[u8]) -> Option<u64> {
    let mut value: u64 = 0;
    let mut add = |byte: &u8| -> Option<()> {
        let (base, digit) = match (form, byte) {
            (NumberForm::BigEndian | NumberForm::LittleEndian, byte) => (256, *byte),
            (NumberForm::Bcd, byte) if byte >> 4 < 10 && byte & 15 < 10 => {
                (100, (byte >> 4) * 10 + (byte & 15))
            }
            (NumberForm::Decimal, b'0'..=b'9') => (10, byte - b'0'),
            (NumberForm::Hex, b'0'..=b'9') => (16, byte - b'0'),
            (NumberForm::Hex, b'A'..=b'F') => (16, byte - b'A' + 10),
            (NumberForm::Bcd | NumberForm::Decimal | NumberForm::Hex, _) => return None,
        };
        value = value.checked_mul(base)?.checked_add(u64::from(digit))?;
        Some(())
    };
    if form == NumberForm::LittleEndian {
        bytes.iter().rev().try_for_each(&mut add)?;
    } else {
        bytes.iter().try_for_each(&mut add)?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_on_the_wire_like_this() {
        for (form, width, value, bytes) in [
            (NumberForm::BigEndian, 2, 0x0102, &[0x01, 0x02][..]),
            (NumberForm::LittleEndian, 2, 0x0102, &[0x02, 0x01]),
            (NumberForm::Bcd, 2, 1_234, &[0x12, 0x34]),
            (NumberForm::Decimal, 4, 57, b"0057"),
            (NumberForm::Hex, 4, 0xBEEF, b"BEEF"),
            (NumberForm::BigEndian, 8, u64::MAX, &[0xff; 8]),
        ] {
            assert_eq!(encode(form, width, value).as_deref(), Some(bytes));
            assert_eq!(decode(form, bytes), Some(value));
        }
    }

    #[test]
    fn what_does_not_fit_is_not_cut() {
        for (form, width, value) in [
            (NumberForm::BigEndian, 1, 256),
            (NumberForm::LittleEndian, 1, 256),
            (NumberForm::Bcd, 1, 100),
            (NumberForm::Decimal, 2, 100),
            (NumberForm::Hex, 1, 16),
        ] {
            assert_eq!(encode(form, width, value), None, "{form:?}");
            assert!(encode(form, width, value - 1).is_some(), "{form:?}");
        }
    }

    #[test]
    fn what_is_no_number_is_not_guessed() {
        for (form, bytes) in [
            (NumberForm::Bcd, &[0x1A][..]),
            (NumberForm::Bcd, &[0xA1]),
            (NumberForm::Decimal, b"1 "),
            (NumberForm::Hex, b"ab"),
            (NumberForm::Hex, b"0G"),
            (NumberForm::BigEndian, &[0xff; 9]),
        ] {
            assert_eq!(decode(form, bytes), None, "{form:?} {bytes:?}");
        }
    }
}
