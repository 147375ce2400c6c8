//! The site's picture at the head of a slip: a PBM file, which every drawing program writes, black and white.

/// A picture of dots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    width: usize,
    height: usize,
    /// Rows from the top, each of whole bytes, the leftmost dot in the highest bit; 1 is black.
    rows: Vec<u8>,
}

/// Why a file is no picture that can be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogoError {
    /// Another kind of file.
    #[error("it is no PBM picture (P1 or P4); save it as PBM")]
    NotPbm,
    /// No width and height, or dots missing.
    #[error("the picture is cut off; save it again")]
    Cut,
    /// Wider or higher than a slip can be.
    #[error("the picture is {0} by {1} dots; at most {WIDTH_MAX} by {HEIGHT_MAX} can be printed")]
    TooLarge(usize, usize),
}

/// The widest paper, 48 columns of 12 dots.
pub const WIDTH_MAX: usize = 576;
/// As high as a slip's head may be.
pub const HEIGHT_MAX: usize = 400;

impl Logo {
    /// Read a PBM file, plain (`P1`) or raw (`P4`).
    ///
    /// # Errors
    ///
    /// Why it cannot be printed.
    pub fn read(bytes: &[u8]) -> Result<Logo, LogoError> {
        let plain = match bytes.get(..2) {
            Some(b"P1") => true,
            Some(b"P4") => false,
            _ => return Err(LogoError::NotPbm),
        };
        let mut at = 2;
        let width = number(bytes, &mut at)?;
        let height = number(bytes, &mut at)?;
        if width == 0 || height == 0 {
            return Err(LogoError::Cut);
        }
        if width > WIDTH_MAX || height > HEIGHT_MAX {
            return Err(LogoError::TooLarge(width, height));
        }
        let stride = width.div_ceil(8);
        let rows = if plain {
            plain_rows(&bytes[at..], width, height)?
        } else {
            // Exactly one space stands between the height and the dots.
            let dots = bytes.get(at + 1..).ok_or(LogoError::Cut)?;
            let mut rows = dots.get(..stride * height).ok_or(LogoError::Cut)?.to_vec();
            clear_the_rest(&mut rows, width);
            rows
        };
        Ok(Logo {
            width,
            height,
            rows,
        })
    }

    /// Dots from left to right.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Dots from top to bottom.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The rows, packed.
    pub(super) fn rows(&self) -> &[u8] {
        &self.rows
    }
}

/// What stands behind the last dot of a row is not printed.
fn clear_the_rest(rows: &mut [u8], width: usize) {
    let spare = width.div_ceil(8) * 8 - width;
    for row in rows.chunks_mut(width.div_ceil(8)) {
        if let Some(last) = row.last_mut() {
            *last = *last >> spare << spare;
        }
    }
}

/// A number of the head, after spaces and comments.
fn number(bytes: &[u8], at: &mut usize) -> Result<usize, LogoError> {
    loop {
        match bytes.get(*at) {
            Some(b'#') => {
                while bytes.get(*at).is_some_and(|byte| *byte != b'\n') {
                    *at += 1;
                }
            }
            Some(byte) if byte.is_ascii_whitespace() => *at += 1,
            Some(byte) if byte.is_ascii_digit() => break,
            _ => return Err(LogoError::Cut),
        }
    }
    let mut number = 0_usize;
    while let Some(digit) = bytes.get(*at).filter(|byte| byte.is_ascii_digit()) {
        number = number
            .saturating_mul(10)
            .saturating_add(usize::from(digit - b'0'));
        *at += 1;
    }
    Ok(number)
}

fn plain_rows(bytes: &[u8], width: usize, height: usize) -> Result<Vec<u8>, LogoError> {
    let stride = width.div_ceil(8);
    let mut rows = vec![0; stride * height];
    let mut dots = bytes.iter().filter(|byte| matches!(byte, b'0' | b'1'));
    for y in 0..height {
        for x in 0..width {
            if dots.next().ok_or(LogoError::Cut)? == &b'1' {
                rows[y * stride + x / 8] |= 0x80 >> (x % 8);
            }
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_and_raw_pictures_are_the_same_dots() {
        let plain = Logo::read(b"P1\n# a comment\n3 2\n1 0 1\n011\n").expect("a picture");
        let raw = Logo::read(b"P4 3 2\n\xBF\x7F").expect("a picture");
        assert_eq!(plain, raw);
        assert_eq!(plain.rows(), [0xA0, 0x60]);
        assert_eq!((plain.width(), plain.height()), (3, 2));
    }

    #[test]
    fn what_is_no_picture_is_told() {
        for (bytes, error) in [
            (&b""[..], LogoError::NotPbm),
            (b"\x89PNG", LogoError::NotPbm),
            (b"P4", LogoError::Cut),
            (b"P4 3", LogoError::Cut),
            (b"P4 0 1\n", LogoError::Cut),
            (b"P4 3 2\n\xff", LogoError::Cut),
            (b"P4 3 2", LogoError::Cut),
            (b"P1 2 1\n1", LogoError::Cut),
            (b"P4 577 1\n", LogoError::TooLarge(577, 1)),
            (
                b"P4 99999999999999999999999 1\n",
                LogoError::TooLarge(usize::MAX, 1),
            ),
        ] {
            assert_eq!(Logo::read(bytes), Err(error), "{bytes:?}");
        }
    }
}
