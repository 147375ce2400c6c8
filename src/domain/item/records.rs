//! CSV, strictly: text in pieces becomes records, each with the lines of the file it stands on.
//!
//! What other readers forgive imports wrong goods: a quote that is never closed swallows the lines behind it, and text behind a closing quote is
//! glued to the field. Here both are faults of a record, whose lines are told, and reading goes on behind it.

/// The longest record, in characters. A longer one is a quote that was never closed.
pub const RECORD_CHARS_MAX: usize = 8_192;
/// The most cells of a record.
const CELLS_MAX: usize = 256;

/// One record of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// The line it begins on, counted from 1.
    pub line: u64,
    /// The line it ends on.
    pub last: u64,
    /// Its cells, quotes taken off.
    pub cells: Vec<String>,
    /// Why it cannot be believed.
    pub fault: Option<RecordFault>,
}

/// Why a record cannot be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordFault {
    /// The file ends inside quotes.
    OpenQuote,
    /// Something stands between a closing quote and the next comma.
    TextAfterQuote,
    /// It is longer than any line of goods.
    TooLong,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before the first character of a cell.
    CellStart,
    /// In a cell without quotes.
    Bare,
    /// Inside quotes.
    Quoted,
    /// Behind a quote inside quotes: the end of the cell, or the first half of a quote that is meant.
    Quote,
    /// In a record that is given up, until its line ends.
    GivenUp,
}

/// Text in, records out.
#[derive(Debug)]
pub struct Records {
    at: At,
    /// The line being read.
    line: u64,
    /// The last character was a CR: an LF behind it belongs to it.
    after_cr: bool,
    cell: String,
    chars: usize,
    record: Record,
}

impl Default for Records {
    fn default() -> Records {
        Records {
            at: At::CellStart,
            line: 1,
            after_cr: false,
            cell: String::new(),
            chars: 0,
            record: Record {
                line: 1,
                ..Record::default()
            },
        }
    }
}

impl Records {
    /// The next piece of the file; `each` gets the records that end in it. Blank lines are none.
    pub fn feed(&mut self, text: &str, each: &mut impl FnMut(Record)) {
        for c in text.chars() {
            self.take(c, each);
        }
    }

    /// The file ends here.
    pub fn finish(mut self, each: &mut impl FnMut(Record)) {
        if self.at == At::Quoted {
            self.record.fault = Some(RecordFault::OpenQuote);
        }
        self.end_record(each);
    }

    fn take(&mut self, c: char, each: &mut impl FnMut(Record)) {
        let rest_of_end = c == '\n' && self.after_cr;
        self.after_cr = c == '\r';
        if rest_of_end {
            // Inside quotes it is part of the cell; elsewhere its line has ended with the CR.
            if self.at == At::Quoted {
                self.cell.push(c);
            }
            return;
        }
        self.chars += 1;
        if self.chars > RECORD_CHARS_MAX && self.at != At::GivenUp {
            self.give_up(RecordFault::TooLong);
        }
        let ends_line = c == '\n' || c == '\r';
        match (self.at, c) {
            (At::Quoted, '"') => self.at = At::Quote,
            (At::Quoted, c) => self.cell.push(c),
            (_, '\n' | '\r') => {
                self.end_record(each);
                self.line += 1;
                self.record.line = self.line;
                return;
            }
            (At::GivenUp, _) => {}
            (At::CellStart, '"') => self.at = At::Quoted,
            (At::Quote, '"') => {
                self.cell.push('"');
                self.at = At::Quoted;
            }
            (_, ',') => {
                if self.record.cells.len() >= CELLS_MAX {
                    self.give_up(RecordFault::TooLong);
                } else {
                    self.end_cell();
                }
            }
            (At::Quote, ' ') => {}
            (At::Quote, _) => self.give_up(RecordFault::TextAfterQuote),
            (At::CellStart | At::Bare, c) => {
                self.cell.push(c);
                self.at = At::Bare;
            }
        }
        if ends_line {
            self.line += 1;
        }
    }

    fn give_up(&mut self, fault: RecordFault) {
        self.record.fault.get_or_insert(fault);
        self.end_cell();
        self.at = At::GivenUp;
    }

    fn end_cell(&mut self) {
        self.record.cells.push(std::mem::take(&mut self.cell));
        self.at = At::CellStart;
    }

    fn end_record(&mut self, each: &mut impl FnMut(Record)) {
        if self.at != At::GivenUp {
            self.end_cell();
        }
        self.at = At::CellStart;
        self.chars = 0;
        let record = std::mem::take(&mut self.record);
        let blank = record.cells.iter().all(|cell| cell.trim().is_empty());
        if !blank || record.fault.is_some() {
            each(Record {
                last: self.line,
                ..record
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, piece: usize) -> Vec<Record> {
        let mut found = Vec::new();
        let mut records = Records::default();
        let chars: Vec<char> = text.chars().collect();
        for piece in chars.chunks(piece.max(1)) {
            let piece: String = piece.iter().collect();
            records.feed(&piece, &mut |record| found.push(record));
        }
        records.finish(&mut |record| found.push(record));
        found
    }

    /// First line, last line, cells joined, fault.
    fn seen(text: &str) -> Vec<(u64, u64, String, Option<RecordFault>)> {
        let whole = read(text, usize::MAX);
        for piece in 1..5 {
            assert_eq!(read(text, piece), whole, "however it is cut: {text:?}");
        }
        whole
            .into_iter()
            .map(|record| {
                (
                    record.line,
                    record.last,
                    record.cells.join("|"),
                    record.fault,
                )
            })
            .collect()
    }

    #[test]
    fn records_and_the_lines_they_stand_on() {
        use RecordFault::{OpenQuote, TextAfterQuote};
        for (text, expected) in [
            ("", vec![]),
            ("a,b", vec![(1, 1, "a|b", None)]),
            ("a,b\n", vec![(1, 1, "a|b", None)]),
            (
                "a,b\r\nc,d\r\n",
                vec![(1, 1, "a|b", None), (2, 2, "c|d", None)],
            ),
            ("a\rb", vec![(1, 1, "a", None), (2, 2, "b", None)]),
            ("\n\n,,\na", vec![(4, 4, "a", None)]),
            ("\"a,1\",b", vec![(1, 1, "a,1|b", None)]),
            ("\"a\"\"b\",\"\"", vec![(1, 1, "a\"b|", None)]),
            ("5\" nail,b", vec![(1, 1, "5\" nail|b", None)]),
            (
                "\"a\r\nb\",c\nd",
                vec![(1, 2, "a\r\nb|c", None), (3, 3, "d", None)],
            ),
            // A quote that is never closed: what it swallowed is told.
            (
                "a\n\"b\nc\nd",
                vec![(1, 1, "a", None), (2, 4, "b\nc\nd", Some(OpenQuote))],
            ),
            (
                "\"a,1\nb,\"x\",2\nc",
                vec![(1, 2, "a,1\nb,", Some(TextAfterQuote)), (3, 3, "c", None)],
            ),
            (
                "\"a\"b,c\nd",
                vec![(1, 1, "a", Some(TextAfterQuote)), (2, 2, "d", None)],
            ),
            ("\"a\" ,c", vec![(1, 1, "a|c", None)]),
        ] {
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(line, last, cells, fault)| (line, last, cells.to_owned(), fault))
                .collect();
            assert_eq!(seen(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_record_without_an_end_is_given_up_and_holds_no_memory() {
        let text = format!("\"{}\nb,c\n", "x".repeat(RECORD_CHARS_MAX * 3));
        let records = read(&text, 1_000);
        assert_eq!(records[0].fault, Some(RecordFault::TooLong));
        assert!(records[0].cells.iter().map(String::len).sum::<usize>() <= RECORD_CHARS_MAX);
        assert_eq!(records[1].cells, ["b", "c"]);
        let wide = format!("{}\nb", ",".repeat(1_000));
        assert_eq!(read(&wide, 1_000)[0].fault, Some(RecordFault::TooLong));
    }
}
