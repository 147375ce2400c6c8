//! Checks over a block: XOR, sums, CRC of 16 bits.

use super::number;
use crate::cat::frame::framing::{Check, CheckKind, Crc16, NumberForm};

/// How many bytes a check takes on the wire.
pub(super) fn width(check: &Check) -> usize {
    let bytes = match check.kind {
        CheckKind::None => 0,
        CheckKind::Xor | CheckKind::Sum | CheckKind::SumNegated => 1,
        CheckKind::Crc16(_) => 2,
    };
    if check.form == NumberForm::Hex {
        2 * bytes
    } else {
        bytes
    }
}

/// The check over the parts in their order.
pub(super) fn value(check: &Check, parts: &[&[u8]]) -> u64 {
    u64::from(match check.kind {
        CheckKind::None => 0,
        CheckKind::Xor => u16::from(fold(check.base, parts, |sum, byte| sum ^ byte)),
        CheckKind::Sum => u16::from(fold(check.base, parts, u8::wrapping_add)),
        CheckKind::SumNegated => {
            u16::from(fold(check.base, parts, u8::wrapping_add).wrapping_neg())
        }
        CheckKind::Crc16(parameters) => crc16(parameters, parts.iter().copied().flatten().copied()),
    })
}

/// Write a check behind what it is taken over.
#[inline]
pub(super) fn append(check: &Check, value: u64, bytes: &mut Vec<u8>) {
    let start = bytes.len();
    bytes.resize(start + width(check), 0);
    // A form that cannot hold a check is refused where framings are read.
    if !number::write(check.form, &mut bytes[start..], value) {
        bytes.truncate(start);
    }
}

/// Does this check stand there?
pub(super) fn stands_in(check: &Check, value: u64, bytes: &[u8]) -> bool {
    bytes.len() == width(check) && number::decode(check.form, bytes) == Some(value)
}

fn fold(base: u8, parts: &[&[u8]], with: impl Fn(u8, u8) -> u8) -> u8 {
    let part = |so_far, part: &&[u8]| part.iter().fold(so_far, |sum, byte| with(sum, *byte));
    parts.iter().fold(base, part)
}

fn crc16(parameters: Crc16, bytes: impl Iterator<Item = u8>) -> u16 {
    let Crc16 {
        polynomial,
        initial,
        reflected,
        xor_out,
    } = parameters;
    let register = if reflected {
        let polynomial = polynomial.reverse_bits();
        bytes.fold(initial.reverse_bits(), |register, byte| {
            (0..8).fold(register ^ u16::from(byte), |register, _| {
                (register >> 1) ^ if register & 1 == 1 { polynomial } else { 0 }
            })
        })
    } else {
        bytes.fold(initial, |register, byte| {
            (0..8).fold(register ^ u16::from(byte) << 8, |register, _| {
                (register << 1)
                    ^ if register & 0x8000 == 0 {
                        0
                    } else {
                        polynomial
                    }
            })
        })
    };
    register ^ xor_out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cat::frame::framing::Covers;

    fn over(kind: CheckKind, base: u8, form: NumberForm, text: &[u8]) -> Vec<u8> {
        let check = Check {
            kind,
            base,
            covers: Covers::Text,
            form,
        };
        let value = value(&check, &[text]);
        let mut written = Vec::new();
        append(&check, value, &mut written);
        assert_eq!(width(&check), written.len());
        assert!(stands_in(&check, value, &written));
        assert!(!stands_in(&check, value ^ 1, &written) || written.is_empty());
        written
    }

    #[test]
    fn the_check_values_of_the_catalogue_come_out() {
        for (name, polynomial, initial, reflected, xor_out, value) in [
            ("ARC", 0x8005, 0x0000, true, 0x0000, 0xBB3D_u16),
            ("MODBUS", 0x8005, 0xFFFF, true, 0x0000, 0x4B37),
            ("XMODEM", 0x1021, 0x0000, false, 0x0000, 0x31C3),
            ("CCITT-FALSE", 0x1021, 0xFFFF, false, 0x0000, 0x29B1),
            ("KERMIT", 0x1021, 0x0000, true, 0x0000, 0x2189),
            ("X-25", 0x1021, 0xFFFF, true, 0xFFFF, 0x906E),
            ("TMS37157", 0x1021, 0x89EC, true, 0x0000, 0x26B1),
        ] {
            let kind = CheckKind::Crc16(Crc16 {
                polynomial,
                initial,
                reflected,
                xor_out,
            });
            let written = |form| over(kind, 0, form, b"123456789");
            assert_eq!(
                written(NumberForm::BigEndian),
                value.to_be_bytes(),
                "{name}"
            );
            assert_eq!(
                written(NumberForm::LittleEndian),
                value.to_le_bytes(),
                "{name}"
            );
            assert_eq!(
                written(NumberForm::Hex),
                format!("{value:04X}").as_bytes(),
                "{name}"
            );
        }
    }

    #[test]
    fn xor_and_sums_begin_with_their_base() {
        use NumberForm::{BigEndian, Hex};
        for (kind, base, form, expected) in [
            (CheckKind::Xor, 0, BigEndian, &[0x06][..]),
            (CheckKind::Xor, 0x7F, BigEndian, &[0x79]),
            (CheckKind::Sum, 0, BigEndian, &[0x08]),
            (CheckKind::Sum, 0x10, Hex, b"18"),
            (CheckKind::SumNegated, 0, BigEndian, &[0xF8]),
            (CheckKind::None, 0, BigEndian, &[]),
        ] {
            assert_eq!(over(kind, base, form, &[0x01, 0x07]), expected, "{kind:?}");
        }
        assert_eq!(over(CheckKind::Sum, 0, BigEndian, &[0xff, 0x03]), [0x02]);
    }
}
