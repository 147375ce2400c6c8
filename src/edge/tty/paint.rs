//! Frames to terminal bytes: as few as will do, all kept until the frame is whole.
//!
//! It remembers what the terminal shows, where its cursor stands and how text looks, so that a typed digit costs one
//! byte over SSH. Where a terminal may see it otherwise (behind anything that is not ASCII, in the last column) it
//! forgets. Both halves of a wide character come and go together, whatever is drawn over one of them.

use std::io::Write;

use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::layout::Position;
use ratatui::style::{Color, Modifier};

/// What a frame usually takes; a bigger buffer is not kept.
const FRAME_BYTES: usize = 64 * 1024;
/// From so many changed blanks on, wiping the rest of a line is shorter than writing it.
const WIPE_CELLS_MIN: usize = 4;

/// Up to so many columns to the left, going back one by one is shortest.
const BACKSPACES_MAX: u16 = 4;
/// What shows without text.
const SHOWN_WHEN_BLANK: Modifier = Modifier::UNDERLINED
    .union(Modifier::REVERSED)
    .union(Modifier::CROSSED_OUT);

const MODIFIERS: [(Modifier, u8); 8] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

/// Turns frames into bytes.
#[derive(Debug)]
pub(super) struct Painter {
    bytes: Vec<u8>,
    colour: bool,
    width: usize,
    /// What the terminal shows; an empty symbol is the second half of what stands before it.
    shown: Vec<Cell>,
    cursor: Option<Position>,
    look: Option<Look>,
    visible: Option<bool>,
}

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    foreground: Color,
    background: Color,
    modifier: Modifier,
}

const PLAIN: Look = Look {
    foreground: Color::Reset,
    background: Color::Reset,
    modifier: Modifier::empty(),
};

impl Painter {
    /// A painter for a terminal of which nothing is known.
    pub(super) fn new(colour: bool) -> Painter {
        Painter {
            bytes: Vec::with_capacity(FRAME_BYTES),
            colour,
            width: 0,
            shown: Vec::new(),
            cursor: None,
            look: None,
            visible: None,
        }
    }

    /// Sends these bytes along as they are; what the terminal shows behind them is not known.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.cursor = None;
        self.look = None;
        self.visible = None;
        self.forget();
    }

    /// The next frame wipes the screen and paints everything.
    pub(super) fn forget(&mut self) {
        self.shown.clear();
    }

    /// Adds what makes the terminal show this frame.
    pub(super) fn paint(&mut self, frame: &Buffer) {
        let width = usize::from(frame.area.width);
        if self.width != width || self.shown.len() != frame.content.len() {
            self.put_on(PLAIN);
            self.bytes.extend_from_slice(b"\x1b[2J");
            self.width = width;
            self.shown = vec![Cell::EMPTY; frame.content.len()];
        }
        for (y, row) in (0..).zip(frame.content.chunks(width.max(1))) {
            self.paint_row(y, row);
        }
    }

    /// Adds what makes the cursor stand there, or hides it.
    pub(super) fn place(&mut self, cursor: Option<Position>) {
        if let Some(cursor) = cursor {
            self.move_to(cursor);
        }
        if self.visible.replace(cursor.is_some()) != Some(cursor.is_some()) {
            let mode: &[u8] = if cursor.is_some() {
                b"\x1b[?25h"
            } else {
                b"\x1b[?25l"
            };
            self.bytes.extend_from_slice(mode);
        }
    }

    /// What was added since.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Gives a buffer back to be used again.
    pub(super) fn reuse(&mut self, mut buffer: Vec<u8>) {
        if buffer.capacity() <= FRAME_BYTES && self.bytes.is_empty() {
            buffer.clear();
            self.bytes = buffer;
        }
    }

    fn paint_row(&mut self, y: u16, row: &[Cell]) {
        let start = usize::from(y) * row.len();
        let blank_from = row
            .iter()
            .rposition(|cell| !is_blank(cell))
            .map_or(0, |last| last + 1);
        let mut column = 0;
        while column < row.len() {
            if column >= blank_from && self.wipe(y, column, start, row.len()) {
                return;
            }
            let (symbol, columns) = glyph(row, column);
            let at = start + column;
            let changed = !same(&self.shown[at], symbol, &row[column])
                || self.shown[at + 1..at + columns]
                    .iter()
                    .any(|cell| !cell.symbol().is_empty());
            if changed {
                self.move_to(Position::new(column as u16, y));
                let look = Look::of(&row[column]);
                // A blank is put down as the last text looked, where nobody could tell: rubbing out changes no look.
                let blank_alike = |on: Look| symbol == " " && on.is_alike_when_blank(look);
                if !self.look.is_some_and(blank_alike) {
                    self.put_on(look);
                }
                self.print(symbol);
                self.shown[at]
                    .set_symbol(symbol)
                    .set_style(row[column].style());
                self.shown[at].modifier = row[column].modifier;
                for covered in &mut self.shown[at + 1..at + columns] {
                    covered.set_symbol("");
                }
            }
            column += columns;
        }
    }

    /// Wipes the rest of a line that is to be blank, where that is shorter. True where the line is done.
    fn wipe(&mut self, y: u16, column: usize, start: usize, width: usize) -> bool {
        let rest = &self.shown[start + column..start + width];
        let changed = rest.iter().filter(|cell| !is_blank(cell)).count();
        if changed == 0 {
            return true;
        }
        if changed < WIPE_CELLS_MIN {
            return false;
        }
        self.move_to(Position::new(column as u16, y));
        self.put_on(PLAIN);
        self.bytes.extend_from_slice(b"\x1b[K");
        self.shown[start + column..start + width].fill(Cell::EMPTY);
        true
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        self.bytes.write_fmt(text).expect("memory takes every byte");
    }

    fn move_to(&mut self, to: Position) {
        match self.cursor {
            Some(at) if at == to => {}
            Some(at) if at.y == to.y && at.x < to.x => match to.x - at.x {
                1 => self.bytes.extend_from_slice(b"\x1b[C"),
                columns => self.write(format_args!("\x1b[{columns}C")),
            },
            Some(at) if at.y == to.y => match at.x - to.x {
                _ if to.x == 0 => self.bytes.push(b'\r'),
                columns @ 1..=BACKSPACES_MAX => {
                    self.bytes.extend((0..columns).map(|_| 0x08));
                }
                columns => self.write(format_args!("\x1b[{columns}D")),
            },
            _ => match (to.x, to.y) {
                (0, 0) => self.bytes.extend_from_slice(b"\x1b[H"),
                (0, y) => self.write(format_args!("\x1b[{}H", y + 1)),
                (x, y) => self.write(format_args!("\x1b[{};{}H", y + 1, x + 1)),
            },
        }
        self.cursor = Some(to);
    }

    fn put_on(&mut self, mut look: Look) {
        if !self.colour {
            look.foreground = Color::Reset;
            look.background = Color::Reset;
        }
        if self.look == Some(look) {
            return;
        }
        let from = self
            .look
            .filter(|from| look.modifier.contains(from.modifier));
        self.look = Some(look);
        if look == PLAIN {
            self.bytes.extend_from_slice(b"\x1b[m");
            return;
        }
        // Modifiers are only ever added; taking one away starts anew.
        let mut codes = match from {
            Some(_) => String::new(),
            None => "0;".to_string(),
        };
        let from = from.unwrap_or(PLAIN);
        for (modifier, code) in MODIFIERS {
            if (look.modifier - from.modifier).contains(modifier) {
                codes.push_str(&format!("{code};"));
            }
        }
        if look.foreground != from.foreground {
            codes.push_str(&colour_code(look.foreground, 30));
        }
        if look.background != from.background {
            codes.push_str(&colour_code(look.background, 40));
        }
        let codes = codes.trim_end_matches(';');
        if !codes.is_empty() {
            self.write(format_args!("\x1b[{codes}m"));
        }
    }

    fn print(&mut self, symbol: &str) {
        // The last door: no escape sequence gets through as text, whatever drew it.
        if symbol.is_empty() || symbol.chars().any(char::is_control) {
            self.bytes.push(b' ');
        } else {
            self.bytes.extend_from_slice(symbol.as_bytes());
        }
        self.cursor = self
            .cursor
            .map(|at| Position::new(at.x + 1, at.y))
            .filter(|at| symbol.len() == 1 && usize::from(at.x) < self.width);
    }
}

impl Look {
    fn of(cell: &Cell) -> Look {
        Look {
            foreground: cell.fg,
            background: cell.bg,
            modifier: cell.modifier,
        }
    }

    /// True where a blank shows the same in both.
    fn is_alike_when_blank(self, other: Look) -> bool {
        let shown = |look: Look| look.modifier & SHOWN_WHEN_BLANK;
        shown(self) == shown(other)
            && self.background == other.background
            && (self.foreground == other.foreground || shown(self).is_empty())
    }
}

/// What can be shown of a cell, and how many columns that takes. A wide character with something drawn over its second
/// half, or without room for it, is blank.
fn glyph(row: &[Cell], column: usize) -> (&str, usize) {
    let columns = usize::from(row[column].cell_width()).max(1);
    let covered = row.get(column + 1..column + columns);
    let whole =
        covered.is_some_and(|cells| cells.iter().all(|cell| cell.symbol().trim().is_empty()));
    if whole {
        (row[column].symbol(), columns)
    } else {
        (" ", 1)
    }
}

fn same(shown: &Cell, symbol: &str, cell: &Cell) -> bool {
    let (before, after) = (Look::of(shown), Look::of(cell));
    shown.symbol() == symbol
        && (before == after || symbol == " " && before.is_alike_when_blank(after))
}

fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " " && Look::of(cell).is_alike_when_blank(PLAIN)
}

/// The parameters of a colour, each with its `;`; `base` is 30 for text and 40 for what is behind it.
fn colour_code(colour: Color, base: u8) -> String {
    let named = match colour {
        Color::Reset => 9,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 60,
        Color::LightRed => 61,
        Color::LightGreen => 62,
        Color::LightYellow => 63,
        Color::LightBlue => 64,
        Color::LightMagenta => 65,
        Color::LightCyan => 66,
        Color::White => 67,
        Color::Indexed(index) => return format!("{};5;{index};", base + 8),
        Color::Rgb(red, green, blue) => return format!("{};2;{red};{green};{blue};", base + 8),
    };
    format!("{};", base + named)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU16;

    use proptest::prelude::*;
    use ratatui::layout::Rect;
    use ratatui::style::{Style, Stylize};
    use ratatui::text::Line;
    use ratatui::widgets::Widget;

    use super::*;

    const AREA: Rect = Rect::new(0, 0, 20, 4);

    fn lines(lines: &[Line<'_>]) -> Buffer {
        let mut frame = Buffer::empty(AREA);
        for (y, line) in (0..).zip(lines) {
            line.render(Rect::new(0, y, 20, 1), &mut frame);
        }
        frame
    }

    /// The bytes that make this frame of that.
    fn painted(painter: &mut Painter, frame: &Buffer, cursor: Option<(u16, u16)>) -> String {
        painter.paint(frame);
        painter.place(cursor.map(Position::from));
        String::from_utf8(painter.take()).expect("frames are text")
    }

    #[test]
    fn a_digit_typed_at_the_cursor_costs_itself() {
        let mut painter = Painter::new(true);
        painted(&mut painter, &lines(&["> 34".into()]), Some((4, 0)));
        let typed = lines(&["> 343".into()]);
        assert_eq!(painted(&mut painter, &typed, Some((5, 0))), "3");
        assert_eq!(painted(&mut painter, &typed, Some((5, 0))), "");
    }

    #[test]
    fn behind_a_wide_character_the_cursor_is_placed_anew() {
        let bytes = painted(
            &mut Painter::new(true),
            &lines(&["漢字a".into()]),
            Some((5, 0)),
        );
        assert_eq!(bytes, "\x1b[m\x1b[2J\x1b[H漢\x1b[1;3H字\x1b[1;5Ha\x1b[?25h");
    }

    #[test]
    fn looks_are_sent_only_where_they_change() {
        let line = Line::from(vec![
            "a".red(),
            "b".red().bold(),
            "c".on_white(),
            "d".into(),
        ]);
        let bytes = painted(&mut Painter::new(true), &lines(&[line]), None);
        let looks = "\x1b[31ma\x1b[1mb\x1b[0;107mc\x1b[md\x1b[?25l";
        assert_eq!(bytes, format!("\x1b[m\x1b[2J\x1b[H{looks}"));
    }

    #[test]
    fn without_colour_shape_is_kept() {
        let line = Line::from(vec!["a".red().on_blue(), "b".red().reversed()]);
        let bytes = painted(&mut Painter::new(false), &lines(&[line]), None);
        assert_eq!(bytes, "\x1b[m\x1b[2J\x1b[Ha\x1b[7mb\x1b[?25l");
    }

    #[test]
    fn a_line_that_becomes_blank_is_wiped() {
        let mut painter = Painter::new(true);
        painted(&mut painter, &lines(&["a long line of text".into()]), None);
        assert_eq!(
            painted(&mut painter, &lines(&["a".into()]), None),
            "\x1b[18D\x1b[K"
        );
    }

    #[test]
    fn typing_a_digit_costs_one_byte_and_rubbing_it_out_three() {
        let amount = |text: &'static str| lines(&[text.bold().into(), "=".into()]);
        let mut painter = Painter::new(true);
        painted(&mut painter, &amount("34"), Some((2, 0)));
        painted(&mut painter, &amount("343"), Some((3, 0)));
        for _ in 0..2 {
            let typed = painted(&mut painter, &amount("3430"), Some((4, 0)));
            assert_eq!(typed, "0");
            let rubbed_out = painted(&mut painter, &amount("343"), Some((3, 0)));
            assert_eq!(rubbed_out, "\x08 \x08");
        }
    }

    #[test]
    fn no_control_character_gets_through_a_cell() {
        let mut frame = Buffer::empty(AREA);
        frame.content[0].set_symbol("\x1b]0;title\x07");
        let bytes = painted(&mut Painter::new(true), &frame, None);
        assert!(!bytes.contains(['\x07', ']']), "{bytes:?}");
    }

    #[test]
    fn a_popup_over_half_a_kanji_keeps_its_border_and_gives_the_kanji_back() {
        let under = lines(&["診断書診断書".into()]);
        for column in 1..10 {
            let mut over = under.clone();
            over.set_string(column, 0, "│ab│", Style::new());
            let mut painter = Painter::new(true);
            let mut terminal = vt100::Parser::new(size(4), size(20), 0);
            terminal.process(painted(&mut painter, &under, None).as_bytes());
            terminal.process(painted(&mut painter, &over, None).as_bytes());
            let row = terminal.screen().rows(0, 20).next().unwrap_or_default();
            assert!(row.contains("│ab│"), "column {column}: {row}");
            terminal.process(painted(&mut painter, &under, None).as_bytes());
            let row = terminal.screen().rows(0, 20).next().unwrap_or_default();
            assert_eq!(row.trim_end(), "診断書診断書", "column {column}");
        }
    }

    fn size(cells: u16) -> NonZeroU16 {
        NonZeroU16::new(cells).expect("not zero")
    }

    /// A frame with anything anywhere, halves of wide characters too.
    fn frames() -> impl Strategy<Value = Buffer> {
        let symbol = prop::sample::select(vec!["a", "0", "漢", "─", " ", "ア", "~", "      "]);
        let colour = prop::sample::select(vec![
            Color::Reset,
            Color::Red,
            Color::White,
            Color::Indexed(9),
        ]);
        // Bold and dim are one property of a terminal's text.
        let modifier =
            (0_u16..16).prop_map(|bits| Modifier::from_bits_truncate(bits) - Modifier::DIM);
        let style = (colour.clone(), colour, modifier)
            .prop_map(|(fg, bg, modifier)| Style::new().fg(fg).bg(bg).add_modifier(modifier));
        let cell = (0_u16..20, 0_u16..4, symbol, style);
        prop::collection::vec(cell, 0..30).prop_map(|cells| {
            let mut frame = Buffer::empty(AREA);
            for (x, y, symbol, style) in cells {
                frame.set_string(x, y, symbol, style);
            }
            frame
        })
    }

    proptest! {
        #[test]
        fn frame_after_frame_the_terminal_shows_what_a_full_redraw_would(
            frames in prop::collection::vec(frames(), 1..6),
        ) {
            let mut painter = Painter::new(true);
            let mut seen = vt100::Parser::new(size(4), size(20), 0);
            for frame in &frames {
                seen.process(painted(&mut painter, frame, Some((3, 2))).as_bytes());
                let mut expected = vt100::Parser::new(size(4), size(20), 0);
                expected.process(painted(&mut Painter::new(true), frame, Some((3, 2))).as_bytes());
                for (row, column) in (0..4).flat_map(|row| (0..20).map(move |column| (row, column))) {
                    prop_assert_eq!(look(&seen, row, column), look(&expected, row, column));
                }
                prop_assert_eq!(seen.screen().cursor_position(), (2, 3));
            }
        }
    }

    /// What a cell shows: its background, its text, and where it has text the rest.
    fn look(terminal: &vt100::Parser, row: u16, column: u16) -> String {
        let cell = terminal.screen().cell(row, column).expect("a cell");
        if cell.is_wide_continuation() {
            return String::new();
        }
        let text = cell.contents().trim_end();
        let rest = (cell.fgcolor(), cell.bold(), cell.italic());
        let rest = (!text.is_empty()).then_some(rest);
        format!(
            "{text:?} {:?} {} {rest:?}",
            cell.bgcolor(),
            cell.underline()
        )
    }
}
