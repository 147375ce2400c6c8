//! The wire trace: the last exchanges of a line, masked before they are kept.
//!
//! Of any row of digits that could be a card number at most the first six and the last four stay, whatever separates them, however reads
//! and blocks cut them, in ASCII or packed two a byte. What is masked is gone: nothing keeps it.

use std::collections::VecDeque;

use crate::app::message::Now;
use crate::app::message::link_setup::{Direction, TraceFrame};

/// How many exchanges are kept.
const EXCHANGES_MAX: u64 = 50;
/// How many pieces are kept, whatever the exchanges.
const FRAMES_MAX: usize = 1_000;
/// The most bytes of one piece.
const BYTES_MAX: usize = 1_024;
/// The most bytes of all pieces together.
const TOTAL_MAX: usize = 128 * 1_024;
/// A pause after which bytes of the same side begin a new piece (ms).
const PAUSE_MS: u64 = 200;
/// How many digits in a row could be a card number.
const DIGITS_MIN: usize = 13;
/// How many of them stay, in front and behind.
const FRONT: usize = 6;
const BACK: usize = 4;
/// How many bytes a packed one takes.
const PACKED_MIN: usize = 7;
const PACKED_MAX: usize = 10;

/// A byte, or what is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Byte(u8),
    Masked,
}

#[derive(Debug)]
struct Piece {
    began: Now,
    last_ms: u64,
    exchange: u64,
    direction: Direction,
    meaning: String,
    cells: Vec<Cell>,
    left_out: usize,
    /// The block before it in this direction went on in this one.
    continues: bool,
}

/// The trace of one line.
#[derive(Debug, Default)]
pub(super) struct Trace {
    pieces: VecDeque<Piece>,
    bytes: usize,
    exchange: u64,
    /// The name of what leaves next.
    next_out: Option<&'static str>,
    /// True where the exchange was an idle question so far, and went well.
    quiet: bool,
    quiet_before: bool,
    /// Bytes that went out and came in so far.
    #[cfg(test)]
    pub(super) moved: (usize, usize),
}

impl Trace {
    /// A new exchange begins, with this command. Idle questions that went well do not push out what matters: of several in a row the
    /// last two stay.
    pub(super) fn begin(&mut self, command: &'static str, quiet: bool) {
        if self.quiet && self.quiet_before {
            let older = self.exchange - 1;
            self.drop_where(|piece| piece.exchange == older);
            for piece in &mut self.pieces {
                piece.exchange = piece.exchange.min(older);
            }
            self.exchange = older;
        }
        self.quiet_before = self.quiet;
        self.quiet = quiet;
        self.exchange += 1;
        self.next_out = Some(command);
        let oldest = self.exchange.saturating_sub(EXCHANGES_MAX - 1);
        self.drop_where(|piece| piece.exchange < oldest);
    }

    /// The exchange under way is more than an idle question that went well.
    pub(super) fn mark(&mut self) {
        self.quiet = false;
    }

    /// Something happened to the line itself.
    pub(super) fn line(&mut self, now: Now, what: &str) {
        self.mark();
        self.push(now, Direction::Line, what.to_owned());
    }

    /// What came last means this.
    pub(super) fn means(&mut self, meaning: &str) {
        let last = self.pieces.iter_mut().rev();
        let mut block =
            last.filter(|piece| piece.direction == Direction::In && piece.cells.len() > 1);
        if let Some(piece) = block.next() {
            meaning.clone_into(&mut piece.meaning);
        }
    }

    /// Bytes went over the line.
    pub(super) fn bytes(&mut self, now: Now, direction: Direction, bytes: &[u8]) {
        #[cfg(test)]
        match direction {
            // The byte that gives up a call may be lost where the line is opened anew right behind it.
            Direction::Out => self.moved.0 += bytes.iter().filter(|byte| **byte != 4).count(),
            Direction::In => self.moved.1 += bytes.len(),
            Direction::Line => {}
        }
        let goes_on = self.pieces.back().is_some_and(|piece| {
            piece.direction == direction
                && piece.exchange == self.exchange
                && (now.mono_ms.saturating_sub(piece.last_ms) < PAUSE_MS || piece.is_amid_digits())
        });
        // Our own blocks leave whole, one write each.
        if !goes_on || direction == Direction::Out {
            let meaning = match direction {
                Direction::Out if bytes.len() > 1 => self.next_out.take().unwrap_or_default(),
                _ => "",
            };
            self.push(now, direction, meaning.to_owned());
        }
        let Some(piece) = self.pieces.back_mut() else {
            return;
        };
        piece.last_ms = now.mono_ms;
        let room = BYTES_MAX - piece.cells.len();
        let taken = bytes.len().min(room);
        piece
            .cells
            .extend(bytes[..taken].iter().map(|byte| Cell::Byte(*byte)));
        piece.left_out += bytes.len() - taken;
        self.bytes += taken;
        let cut = piece.left_out > 0;
        mask(&mut piece.cells, piece.continues, cut);
        if piece.meaning.is_empty() {
            piece.meaning = control_word(&piece.cells).to_owned();
        }
        self.shrink();
    }

    fn push(&mut self, now: Now, direction: Direction, meaning: String) {
        let before = self.pieces.iter().rev();
        let mut same = before.filter(|piece| piece.direction == direction && piece.cells.len() > 1);
        let continues = same.next().is_some_and(|piece| piece.goes_on());
        self.pieces.push_back(Piece {
            began: now,
            last_ms: now.mono_ms,
            exchange: self.exchange,
            direction,
            meaning,
            cells: Vec::new(),
            left_out: 0,
            continues,
        });
        self.shrink();
    }

    fn shrink(&mut self) {
        while self.pieces.len() > FRAMES_MAX || self.bytes > TOTAL_MAX && self.pieces.len() > 1 {
            if let Some(piece) = self.pieces.pop_front() {
                self.bytes -= piece.cells.len();
            }
        }
    }

    fn drop_where(&mut self, away: impl Fn(&Piece) -> bool) {
        self.pieces.retain(|piece| !away(piece));
        self.bytes = self.pieces.iter().map(|piece| piece.cells.len()).sum();
    }

    /// Everything that is kept, oldest first.
    pub(super) fn frames(&self) -> Vec<TraceFrame> {
        let mut before = self.pieces.front().map_or(0, |piece| piece.began.mono_ms);
        let first = self.pieces.front().map_or(1, |piece| piece.exchange);
        self.pieces
            .iter()
            .map(|piece| {
                let after_ms = piece.began.mono_ms.saturating_sub(before);
                before = piece.began.mono_ms;
                TraceFrame {
                    at: piece.began.wall.format("%H:%M:%S%.3f").to_string(),
                    after_ms,
                    exchange: piece.exchange.saturating_sub(first) + 1,
                    direction: piece.direction,
                    meaning: piece.meaning.clone(),
                    text: shown(&piece.cells),
                    left_out: piece.left_out,
                }
            })
            .collect()
    }
}

impl Piece {
    /// A row of digits may go on in the next read.
    fn is_amid_digits(&self) -> bool {
        self.cells.last().is_some_and(|cell| cell.is_in_row())
    }

    /// Its last block ends in ETB, and its check follows.
    fn goes_on(&self) -> bool {
        let mut tail = self.cells.iter().rev().take(3);
        tail.any(|cell| *cell == Cell::Byte(0x17))
    }
}

impl Cell {
    const fn is_digit(self) -> bool {
        match self {
            Cell::Byte(byte) => byte.is_ascii_digit(),
            Cell::Masked => true,
        }
    }

    /// A digit, or what people put between digits.
    const fn is_in_row(self) -> bool {
        self.is_digit() || matches!(self, Cell::Byte(b' ' | b'-'))
    }

    /// Two decimal digits in one byte; a track's separators count.
    const fn is_packed(self) -> bool {
        match self {
            Cell::Byte(byte) => {
                let (high, low) = (byte >> 4, byte & 0x0f);
                high <= 9 && (low <= 9 || low == 0x0d || low == 0x0f)
            }
            Cell::Masked => true,
        }
    }
}

/// Mask every row of digits that could be a card number. `continues`: a row at the beginning may have begun in the block before. `cut`: a row
/// at the end may go on in what was left out.
fn mask(cells: &mut [Cell], continues: bool, cut: bool) {
    let mut start = 0;
    while start < cells.len() {
        if !cells[start].is_digit() {
            start += 1;
            continue;
        }
        let mut end = start;
        while end < cells.len() && cells[end].is_in_row() {
            end += 1;
        }
        let began_before = continues && start <= 2 && cells[..start].iter().all(|c| !c.is_digit());
        let at_front = began_before || follows_a_block(&cells[..start]);
        let behind = cells.get(end);
        let at_back = behind == Some(&Cell::Byte(0x17)) || cut && behind.is_none();
        mask_row(&mut cells[start..end], at_front, at_back);
        // Behind a card number's separator stands the rest of its track.
        let masked = cells[start..end].contains(&Cell::Masked);
        start = end + 1;
        if masked && matches!(cells.get(end), Some(Cell::Byte(b'=' | b'D' | b'^'))) {
            while start < cells.len() && cells[start].is_digit() {
                cells[start] = Cell::Masked;
                start += 1;
            }
        }
    }
    mask_packed(cells);
}

/// True right behind the start of a block that goes on where another ended.
fn follows_a_block(before: &[Cell]) -> bool {
    let near = |cells: &[Cell], byte, within| {
        let tail = cells.iter().rev().take(within);
        let at = tail.into_iter().position(|cell| *cell == Cell::Byte(byte));
        at.map(|back| cells.len() - 1 - back)
    };
    near(before, 0x02, 3).is_some_and(|stx| near(&before[..stx], 0x17, 4).is_some())
}

fn mask_row(row: &mut [Cell], began_before: bool, goes_on: bool) {
    let digits: Vec<usize> = (0..row.len()).filter(|at| row[*at].is_digit()).collect();
    if digits.len() < DIGITS_MIN && !began_before && !goes_on {
        return;
    }
    // What may have begun before has no front of its own left to show, what may go on no back.
    let front = if began_before { 0 } else { FRONT };
    let back = if goes_on { 0 } else { BACK };
    let last = digits.len().saturating_sub(back);
    for at in digits.iter().take(last).skip(front) {
        row[*at] = Cell::Masked;
    }
}

/// Rows of packed digits that pass the check of card numbers. Without it every other binary field would be one.
fn mask_packed(cells: &mut [Cell]) {
    for start in 0..cells.len() {
        // No card number begins with another digit.
        if !matches!(cells[start], Cell::Byte(0x20..=0x69)) {
            continue;
        }
        let packed = cells[start..].iter().take(PACKED_MAX);
        let run = packed.take_while(|cell| cell.is_packed()).count();
        for width in (PACKED_MIN..=run).rev() {
            let window = &cells[start..start + width];
            let text = window
                .iter()
                .filter(|cell| matches!(cell, Cell::Byte(b' '..=b'9') | Cell::Masked));
            if text.count() * 2 < width && packed_card(window) {
                let keep_back = start + width - BACK / 2;
                for cell in &mut cells[start + FRONT / 2..keep_back] {
                    *cell = Cell::Masked;
                }
                break;
            }
        }
    }
}

fn packed_card(window: &[Cell]) -> bool {
    let mut digits = String::new();
    for cell in window {
        let Cell::Byte(byte) = cell else { return false };
        for nibble in [byte >> 4, byte & 0x0f] {
            match nibble {
                0..=9 => digits.push(char::from(b'0' + nibble)),
                _ => break,
            }
        }
    }
    digits.starts_with(['2', '3', '4', '5', '6']) && crate::domain::text::holds_card_number(&digits)
}

/// A single control, by its name.
fn control_word(cells: &[Cell]) -> &'static str {
    match cells {
        [Cell::Byte(byte)] => name(*byte).unwrap_or_default(),
        _ => "",
    }
}

const fn name(byte: u8) -> Option<&'static str> {
    Some(match byte {
        0x01 => "SOH",
        0x02 => "STX",
        0x03 => "ETX",
        0x04 => "EOT",
        0x05 => "ENQ",
        0x06 => "ACK",
        0x0a => "LF",
        0x0d => "CR",
        0x10 => "DLE",
        0x15 => "NAK",
        0x17 => "ETB",
        0x1b => "ESC",
        0x1c => "FS",
        0x1d => "GS",
        0x1e => "RS",
        0x1f => "US",
        _ => return None,
    })
}

/// As a site engineer reads it: `<STX>0210<FS>…<ETX><7A>`.
fn shown(cells: &[Cell]) -> String {
    let mut out = String::with_capacity(cells.len());
    for cell in cells {
        match cell {
            Cell::Masked => out.push('*'),
            Cell::Byte(byte @ (b'<' | b'>')) => out.push_str(&format!("<{byte:02X}>")),
            Cell::Byte(byte @ b' '..=b'~') => out.push(char::from(*byte)),
            Cell::Byte(byte) => match name(*byte) {
                Some(name) => out.push_str(&format!("<{name}>")),
                None => out.push_str(&format!("<{byte:02X}>")),
            },
        }
    }
    out
}

/// One line of text for a file or a terminal.
pub fn text_line(frame: &TraceFrame) -> String {
    let arrow = match frame.direction {
        Direction::Out => ">>",
        Direction::In => "<<",
        Direction::Line => "--",
    };
    let more = match frame.left_out {
        0 => String::new(),
        more => format!(" …+{more}"),
    };
    let line = format!(
        "{:>3} {} {:>7} {arrow} {:<16} {}{more}",
        frame.exchange,
        frame.at,
        format!("+{}", frame.after_ms),
        frame.meaning,
        frame.text,
    );
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(mono_ms: u64) -> Now {
        let wall: chrono::DateTime<chrono::FixedOffset> =
            "2026-11-21T14:32:07+09:00".parse().expect("a time");
        let passed = chrono::Duration::milliseconds(i64::try_from(mono_ms).expect("short"));
        Now {
            mono_ms,
            wall: wall + passed,
        }
    }

    fn one(bytes: &[u8]) -> String {
        let mut trace = Trace::default();
        trace.bytes(now(0), Direction::In, bytes);
        trace.frames()[0].text.clone()
    }

    #[test]
    fn controls_have_names_and_other_bytes_are_hexadecimal() {
        assert_eq!(
            one(b"\x02AB\x1c<1>\x03\x7f\xfe"),
            "<STX>AB<FS><3C>1<3E><ETX><7F><FE>"
        );
    }

    #[test]
    fn of_what_may_be_a_card_number_six_and_four_digits_stay() {
        for (bytes, expected) in [
            (&b"4111111111111111"[..], "411111******1111"),
            (b"PAN 4111 1111 1111 1111 x", "PAN 4111 11** **** 1111 x"),
            (b"4980-1234-5678-9012", "4980-12**-****-9012"),
            (b"1234567890123", "123456***0123"),
            (b"123456789012", "123456789012"),
            (b"20261121143207000871", "202611**********0871"),
            (
                b"4111111111111111=26121010000012345678",
                "411111******1111=********************",
            ),
            (b"4111111111111111D2612", "411111******1111D****"),
            (b"3430", "3430"),
            (b"\x41\x11\x11\x11\x11\x11\x11\x11", "A<11><11>***<11><11>"),
        ] {
            assert_eq!(one(bytes), expected);
        }
    }

    #[test]
    fn a_number_that_comes_in_pieces_is_masked_as_one() {
        let whole = b"\x02R4111111111111111;3430\x03\x11";
        for cut in 1..whole.len() {
            for pause in [0, 150, 5_000] {
                let mut trace = Trace::default();
                trace.bytes(now(0), Direction::In, &whole[..cut]);
                trace.bytes(now(pause), Direction::In, &whole[cut..]);
                let text: String = trace.frames().iter().map(|f| f.text.clone()).collect();
                assert!(!text.contains("41111111"), "{cut} {pause}: {text}");
                assert!(text.contains("411111******1111"), "{cut} {pause}: {text}");
            }
        }
        // A read for each byte, a second apart.
        let mut trace = Trace::default();
        for (at, byte) in (0..).zip(whole) {
            trace.bytes(now(at * 1_000), Direction::In, &[*byte]);
        }
        let text: String = trace.frames().iter().map(|f| f.text.clone()).collect();
        assert!(text.contains("411111******1111"), "{text}");
    }

    #[test]
    fn a_number_that_two_blocks_share_shows_no_more_either() {
        let mut trace = Trace::default();
        trace.bytes(now(0), Direction::In, b"\x02R411111111111\x17\x11");
        trace.bytes(now(10), Direction::Out, b"\x06");
        trace.bytes(now(20), Direction::In, b"\x021111;3430\x03\x22");
        let frames = trace.frames();
        assert_eq!(frames[0].text, "<STX>R411111******<ETB><11>");
        assert_eq!(frames[2].text, "<STX>1111;3430<ETX>\"");
        let mut trace = Trace::default();
        trace.bytes(now(0), Direction::In, b"\x02R411\x17\x11");
        trace.bytes(now(20), Direction::In, b"\x021111111111111;3430\x03\x22");
        let text: String = trace.frames().iter().map(|f| f.text.clone()).collect();
        assert!(
            text.contains("********1111") || text.contains("*********1111"),
            "{text}"
        );
    }

    #[test]
    fn a_piece_that_is_too_long_is_cut_and_its_end_shows_no_half_number() {
        let mut bytes = vec![b'x'; BYTES_MAX - 10];
        bytes.extend(b"4111111111111111");
        let mut trace = Trace::default();
        trace.bytes(now(0), Direction::In, &bytes);
        let frame = &trace.frames()[0];
        assert_eq!(frame.left_out, 6);
        assert!(frame.text.ends_with("x411111****"), "{}", frame.text);
    }

    fn exchange(trace: &mut Trace, at: u64, command: &'static str, quiet: bool) {
        trace.begin(command, quiet);
        trace.bytes(now(at), Direction::Out, b"\x05");
        trace.bytes(now(at + 5), Direction::In, b"\x06");
        trace.bytes(now(at + 9), Direction::Out, b"\x02text\x03\x01");
    }

    #[test]
    fn the_last_fifty_exchanges_stay_and_idle_questions_push_none_out() {
        let mut trace = Trace::default();
        for at in 0..60 {
            exchange(&mut trace, at * 1_000, "authorize_sales", false);
        }
        for at in 60..500 {
            exchange(&mut trace, at * 1_000, "status", true);
        }
        let frames = trace.frames();
        let of = |word: &str| frames.iter().filter(|f| f.meaning == word).count();
        assert!(of("status") <= 3, "{}", of("status"));
        assert!(
            (45..=50).contains(&of("authorize_sales")),
            "{}",
            of("authorize_sales")
        );
        assert_eq!(frames[0].exchange, 1);
        assert_eq!(frames[2].meaning, "authorize_sales");
        assert_eq!(frames[1].after_ms, 5);
    }

    #[test]
    fn a_peer_that_floods_the_line_fills_nothing() {
        let mut trace = Trace::default();
        for at in 0..2_000_u64 {
            trace.bytes(now(at * 1_000), Direction::In, &[b'x'; 4_096]);
        }
        assert!(trace.pieces.len() <= FRAMES_MAX);
        assert!(trace.bytes <= TOTAL_MAX);
        let held: usize = trace.pieces.iter().map(|piece| piece.cells.len()).sum();
        assert_eq!(held, trace.bytes);
    }

    #[test]
    fn a_line_of_text_has_everything() {
        let mut trace = Trace::default();
        exchange(&mut trace, 123, "status", true);
        trace.bytes(now(300), Direction::In, b"\x02idle\x03\x05");
        trace.means("status: idle");
        let lines: Vec<String> = trace.frames().iter().map(text_line).collect();
        assert_eq!(
            lines,
            [
                "  1 14:32:07.123      +0 >> ENQ              <ENQ>",
                "  1 14:32:07.128      +5 << ACK              <ACK>",
                "  1 14:32:07.132      +4 >> status           <STX>text<ETX><SOH>",
                "  1 14:32:07.300    +168 << status: idle     <STX>idle<ETX><ENQ>",
            ]
        );
    }
}
