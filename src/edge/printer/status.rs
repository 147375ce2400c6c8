//! What a printer says of itself: the bytes that answer DLE EOT and GS r.

use crate::app::message::printing::PrinterTrouble;

/// The questions of DLE EOT that are asked, in this order: the printer, why it is off line, the paper.
pub(super) const QUESTIONS: [u8; 3] = [1, 2, 4];

/// The question that names the cause.
pub(super) const WHY_OFF_LINE: u8 = 2;

/// GS r 1: the state of the paper, said only after everything before it was printed.
pub(super) const WHEN_DONE: [u8; 3] = [0x1D, b'r', 1];

/// True for a byte that can answer DLE EOT: two of its bits are always set, two never.
pub(super) const fn answers_status(byte: u8) -> bool {
    byte & 0b1001_0011 == 0b0001_0010
}

/// True for a byte that can answer GS r 1.
pub(super) const fn answers_done(byte: u8) -> bool {
    byte & 0b1001_0000 == 0
}

/// What the answer to one question of DLE EOT means, where it means trouble.
pub(super) fn trouble_of(question: u8, answer: u8) -> Option<PrinterTrouble> {
    let set = |bits: u8| answer & bits != 0;
    match question {
        4 if set(0x60) => Some(PrinterTrouble::PaperOut),
        2 if set(0x20) => Some(PrinterTrouble::PaperOut),
        2 if set(0x04) => Some(PrinterTrouble::CoverOpen),
        2 if set(0x40) => Some(PrinterTrouble::OffLine),
        1 if set(0x08) => Some(PrinterTrouble::OffLine),
        _ => None,
    }
}

/// The trouble that names its cause stands before the one that only says that nothing goes.
pub(super) fn gravest(found: impl IntoIterator<Item = PrinterTrouble>) -> Option<PrinterTrouble> {
    let mut found: Vec<PrinterTrouble> = found.into_iter().collect();
    found.sort_by_key(|trouble| match trouble {
        PrinterTrouble::CoverOpen => 0,
        PrinterTrouble::PaperOut => 1,
        _ => 2,
    });
    found.into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use PrinterTrouble::{CoverOpen, OffLine, PaperOut};

    #[test]
    fn what_each_answer_means() {
        for (question, answer, trouble) in [
            (1, 0x12, None),
            (1, 0x16, None),
            (1, 0x1A, Some(OffLine)),
            (2, 0x12, None),
            (2, 0x16, Some(CoverOpen)),
            (2, 0x32, Some(PaperOut)),
            (2, 0x52, Some(OffLine)),
            (4, 0x12, None),
            (4, 0x1E, None),
            (4, 0x72, Some(PaperOut)),
        ] {
            assert!(answers_status(answer));
            assert!(!answers_done(answer));
            assert_eq!(
                trouble_of(question, answer),
                trouble,
                "{question} {answer:#x}"
            );
        }
    }

    #[test]
    fn noise_answers_nothing() {
        for noise in [0x00, 0xFF, 0x11, 0x13, 0x41, 0x92] {
            assert!(!answers_status(noise), "{noise:#x}");
        }
        for done in [0x00, 0x03, 0x0C] {
            assert!(answers_done(done));
        }
    }

    #[test]
    fn the_cause_is_told_before_its_consequence() {
        assert_eq!(gravest([OffLine, PaperOut]), Some(PaperOut));
        assert_eq!(gravest([OffLine, PaperOut, CoverOpen]), Some(CoverOpen));
        assert_eq!(gravest([]), None);
    }
}
