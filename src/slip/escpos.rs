//! A sheet as the bytes of a receipt printer: ESC/POS with the kanji mode of this country's printers.
//!
//! Text is laid out here and sent as rows, so that paper and screen show the same; of the printer's own alignment only pictures and bar codes
//! make use. Every command of this file stands in the printer makers' public command references.

use super::charset::{CodePage, encode, printable};
use super::logo::Logo;
use super::rows::{Grid, Row};
use super::{Align, Line, Sheet, Size};
use crate::domain::slip::SlipNumber;

/// How many columns a paper may have: 58 mm, 80 mm of the older kind, 80 mm.
pub const COLUMNS: [usize; 3] = [32, 42, 48];
/// Dots of one column; a kanji takes two.
const COLUMN_DOTS: usize = 12;
/// The height of a bar code, in dots: a centimetre at 8 dots a millimetre.
const BARCODE_DOTS: u8 = 80;

const ESC: u8 = 0x1B;
const FS: u8 = 0x1C;
const GS: u8 = 0x1D;
const LF: u8 = 0x0A;

/// How the slip number is printed for scanners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Symbology {
    /// Dense: fits every paper.
    #[default]
    Code128,
    /// For old scanners; wants paper of 42 columns or more.
    Code39,
    /// No bar code.
    None,
}

/// What is at the end of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// 32, 42 or 48.
    pub columns: usize,
    /// Which characters it has.
    pub code_page: CodePage,
    /// How it prints slip numbers for scanners.
    pub barcode: Symbology,
    /// The site's picture.
    pub logo: Option<Logo>,
}

impl Default for Device {
    /// The widest paper, with kanji.
    fn default() -> Device {
        Device {
            columns: 48,
            code_page: CodePage::Cp932,
            barcode: Symbology::Code128,
            logo: None,
        }
    }
}

/// The bytes of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// To be sent as they are.
    pub bytes: Vec<u8>,
    /// How many characters the printer lacks; each is printed as a mark.
    pub replaced: usize,
}

/// Ask for the state of: 1 the printer, 2 why it is off line, 4 the paper.
pub const fn status_request(what: u8) -> [u8; 3] {
    [0x10, 0x04, what]
}

/// The bytes of a sheet for a printer.
pub fn encode_sheet(sheet: &Sheet, device: &Device) -> Encoded {
    let mut replaced = 0;
    let mut page = |text: &str| {
        let printable = printable(text, device.code_page);
        replaced += printable.replaced;
        printable.text
    };
    // First what can be printed, then how wide it is.
    let sheet = Sheet {
        lines: sheet
            .lines
            .iter()
            .map(|line| with_texts(line, &mut page))
            .collect(),
    };
    let mut writer = Writer {
        bytes: Vec::new(),
        device,
        size: Size::Normal,
    };
    writer.begin();
    for row in Grid::paper(device.columns).rows(&sheet) {
        writer.row(&row);
    }
    Encoded {
        bytes: writer.bytes,
        replaced,
    }
}

fn with_texts(line: &Line, page: &mut impl FnMut(&str) -> String) -> Line {
    match line {
        Line::Text { text, align, size } => Line::Text {
            text: page(text),
            align: *align,
            size: *size,
        },
        Line::Ends { left, right, size } => Line::Ends {
            left: page(left),
            right: page(right),
            size: *size,
        },
        Line::Banner { text, mark } => Line::Banner {
            text: page(text),
            mark: *mark,
        },
        other => other.clone(),
    }
}

struct Writer<'a> {
    bytes: Vec<u8>,
    device: &'a Device,
    size: Size,
}

impl Writer<'_> {
    fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn begin(&mut self) {
        // ESC @: whatever was set before, or left half sent, is forgotten.
        self.put(&[ESC, b'@']);
        // ESC R 8: 0x5C is ¥.
        self.put(&[ESC, b'R', 8]);
        if self.device.code_page == CodePage::Cp932 {
            // ESC t 1: half-width kana. FS C 1: kanji by Shift_JIS. FS &: from here on two bytes may be one. FS S 0 0: no gaps between.
            self.put(&[ESC, b't', 1, FS, b'C', 1, FS, b'&', FS, b'S', 0, 0]);
        }
        // GS L 0 and GS W: pictures and bar codes are centred over the columns in use, not over the paper.
        let dots = u16::try_from(self.device.columns * COLUMN_DOTS).unwrap_or(u16::MAX);
        let [low, high] = dots.to_le_bytes();
        self.put(&[GS, b'L', 0, 0, GS, b'W', low, high]);
    }

    fn row(&mut self, row: &Row) {
        match row {
            Row::Text(text, size) => {
                self.resize(*size);
                let bytes = encode(text.trim_end());
                self.put(&bytes);
                self.put(&[LF]);
            }
            Row::Feed(count) => {
                self.resize(Size::Normal);
                // ESC d n: feed n lines.
                self.put(&[ESC, b'd', *count]);
            }
            Row::Barcode(slip) => self.barcode(*slip),
            Row::Logo => self.logo(),
            Row::Cut => {
                self.resize(Size::Normal);
                // GS V 66 0: feed to the knife, and leave one point uncut.
                self.put(&[GS, b'V', 66, 0]);
            }
        }
    }

    /// GS ! for letters, FS ! for kanji.
    fn resize(&mut self, size: Size) {
        if size == self.size {
            return;
        }
        self.size = size;
        let (letters, kanji) = match size {
            Size::Normal => (0x00, 0x00),
            Size::Tall => (0x01, 0x08),
            Size::Wide => (0x10, 0x04),
            Size::Double => (0x11, 0x0C),
        };
        self.put(&[GS, b'!', letters]);
        if self.device.code_page == CodePage::Cp932 {
            self.put(&[FS, b'!', kanji]);
        }
    }

    fn align(&mut self, align: Align) {
        let n = match align {
            Align::Left => 0,
            Align::Centre => 1,
            Align::Right => 2,
        };
        self.put(&[ESC, b'a', n]);
    }

    fn barcode(&mut self, slip: SlipNumber) {
        let code = slip.code();
        let (kind, data) = match self.device.barcode {
            Symbology::None => return,
            Symbology::Code39 => (69, code),
            // The letters of code set B.
            Symbology::Code128 => (73, format!("{{B{code}")),
        };
        self.resize(Size::Normal);
        self.align(Align::Centre);
        // GS h height, GS w module of 2 dots, GS H 2: the number below it, GS k: the bars.
        self.put(&[GS, b'h', BARCODE_DOTS, GS, b'w', 2, GS, b'H', 2]);
        let length = u8::try_from(data.len()).unwrap_or(u8::MAX);
        self.put(&[GS, b'k', kind, length]);
        self.put(data.as_bytes());
        self.put(&[LF]);
        self.align(Align::Left);
    }

    fn logo(&mut self) {
        let Some(logo) = &self.device.logo else {
            return;
        };
        self.resize(Size::Normal);
        self.align(Align::Centre);
        let bytes = u16::try_from(logo.width().div_ceil(8)).unwrap_or(0);
        let rows = u16::try_from(logo.height()).unwrap_or(0);
        // GS v 0: a picture of so many bytes by so many rows.
        self.put(&[GS, b'v', b'0', 0]);
        self.put(&bytes.to_le_bytes());
        self.put(&rows.to_le_bytes());
        let dots = logo.rows().to_vec();
        self.put(&dots);
        self.put(&[LF]);
        self.align(Align::Left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device() -> Device {
        Device {
            columns: 32,
            code_page: CodePage::Cp932,
            barcode: Symbology::Code128,
            logo: None,
        }
    }

    fn one(line: Line, device: &Device) -> Vec<u8> {
        let head = encode_sheet(&Sheet::default(), device).bytes.len();
        encode_sheet(&Sheet { lines: vec![line] }, device).bytes[head..].to_vec()
    }

    #[test]
    fn a_sheet_begins_by_saying_which_characters_it_means() {
        let head = encode_sheet(&Sheet::default(), &device()).bytes;
        assert_eq!(
            head,
            b"\x1b@\x1bR\x08\x1bt\x01\x1cC\x01\x1c&\x1cS\x00\x00\x1dL\x00\x00\x1dW\x80\x01"
        );
        let ascii = Device {
            code_page: CodePage::Ascii,
            ..device()
        };
        let head = encode_sheet(&Sheet::default(), &ascii).bytes;
        assert!(!head.contains(&FS), "no kanji command where there are none");
    }

    #[test]
    fn kanji_kana_and_yen_of_a_row() {
        let line = Line::Ends {
            left: "診ﾊﾞ".into(),
            right: "¥1,230".into(),
            size: Size::Double,
        };
        let device = Device {
            columns: 42,
            ..device()
        };
        assert_eq!(
            one(line, &device),
            b"\x1d!\x11\x1c!\x0c\x90f\xca\xde           \\1,230\n"
        );
    }

    #[test]
    fn a_slip_number_in_bars() {
        let slip = SlipNumber::new(142);
        for (barcode, bars) in [
            (Symbology::Code128, &b"\x1dk\x49\x0d{BMD000001428\n"[..]),
            (Symbology::Code39, b"\x1dk\x45\x0bMD000001428\n"),
        ] {
            let device = Device {
                barcode,
                ..device()
            };
            let mut wanted = b"\x1ba\x01\x1dh\x50\x1dw\x02\x1dH\x02".to_vec();
            wanted.extend_from_slice(bars);
            wanted.extend_from_slice(b"\x1ba\x00");
            assert_eq!(one(Line::Barcode(slip), &device), wanted);
        }
        let none = Device {
            barcode: Symbology::None,
            ..device()
        };
        assert_eq!(one(Line::Barcode(slip), &none), b"");
    }

    #[test]
    fn a_picture_is_sent_as_dots_and_left_out_where_there_is_none() {
        let device = Device {
            logo: Logo::read(b"P1 9 2 111111111 000000001").ok(),
            ..device()
        };
        assert_eq!(
            one(Line::Logo, &device),
            b"\x1ba\x01\x1dv0\x00\x02\x00\x02\x00\xff\x80\x00\x80\n\x1ba\x00"
        );
        assert_eq!(one(Line::Logo, &super::tests::device()), b"");
    }

    #[test]
    fn what_the_printer_lacks_is_counted_once_each() {
        let line = Line::Text {
            text: "𠮷田👍".into(),
            align: Align::Left,
            size: Size::Normal,
        };
        let encoded = encode_sheet(&Sheet { lines: vec![line] }, &device());
        assert_eq!(encoded.replaced, 2);
    }

    #[test]
    fn the_end_of_a_slip_is_cut_in_normal_size() {
        assert_eq!(one(Line::Cut, &device()), b"\x1dV\x42\x00");
        assert_eq!(one(Line::Feed(3), &device()), b"\x1bd\x03");
    }
}
