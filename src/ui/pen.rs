//! The pen: writes text into the cells of one frame, always inside its area, never half a character.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::style::{Look, Role};
use super::text;
use crate::app::field::Field;
use crate::domain::money::Yen;
use crate::domain::text::Bilingual;
use crate::locale::{Locale, Text};

/// What draws one frame.
pub(crate) struct Pen<'a> {
    buffer: &'a mut Buffer,
    /// The texts.
    pub(crate) locale: &'a Locale,
    /// What the terminal can show.
    pub(crate) look: Look,
    /// Where the real cursor goes; hidden without one.
    pub(crate) cursor: Option<Position>,
}

impl<'a> Pen<'a> {
    /// A pen over the cells of a frame.
    pub(crate) fn new(buffer: &'a mut Buffer, locale: &'a Locale, look: Look) -> Pen<'a> {
        Pen {
            buffer,
            locale,
            look,
            cursor: None,
        }
    }

    /// The whole screen.
    pub(crate) fn screen(&self) -> Rect {
        self.buffer.area
    }

    /// True where there is room for the large digits and for more columns.
    pub(crate) fn large(&self) -> bool {
        self.buffer.area.width >= 100 && self.buffer.area.height >= 30
    }

    /// A text of the console.
    pub(crate) fn text(&self, id: Text) -> &'a str {
        self.locale.text(id)
    }

    /// A text with one value.
    pub(crate) fn fill(&self, id: Text, name: &str, value: impl ToString) -> String {
        self.locale.fill(id, &[(name, &value.to_string())])
    }

    /// A name in the language of the screen.
    pub(crate) fn name<'n>(&self, name: &'n Bilingual) -> &'n str {
        name.get(self.locale.language())
    }

    /// Columns a text takes once it is drawn.
    pub(crate) fn width(&self, text: &str) -> u16 {
        let columns = text::width(&text::clean(text, self.look.plain()));
        u16::try_from(columns).unwrap_or(u16::MAX)
    }

    /// Write from the left of a row; what does not fit is cut with a mark. Returns the rest of the row.
    pub(crate) fn put(&mut self, row: Rect, text: &str, role: Role) -> Rect {
        let row = row.intersection(self.buffer.area);
        if row.is_empty() {
            return row;
        }
        let clean = text::clean(text, self.look.plain());
        let fitted = text::fit(&clean, usize::from(row.width), self.look.plain());
        let used = u16::try_from(text::width(&fitted)).unwrap_or(row.width);
        self.heal(row.x, row.y);
        self.buffer
            .set_string(row.x, row.y, &fitted, self.look.style(role));
        Rect {
            x: row.x + used,
            width: row.width - used,
            ..row
        }
    }

    /// Write at the right of a row.
    pub(crate) fn right(&mut self, row: Rect, text: &str, role: Role) {
        let used = self.width(text).min(row.width);
        self.put(skip(row, row.width - used), text, role);
    }

    /// Write in the middle of a row.
    pub(crate) fn centre(&mut self, row: Rect, text: &str, role: Role) {
        let used = self.width(text).min(row.width);
        self.put(skip(row, (row.width - used) / 2), text, role);
    }

    /// An amount at the right of a row. It is never cut: where it has no room, a row of `#` says so.
    pub(crate) fn amount(&mut self, row: Rect, amount: Yen, role: Role) {
        let text = amount.to_string();
        if self.width(&text) > row.width {
            self.put(row, &"#".repeat(usize::from(row.width)), role);
        } else {
            self.right(row, &text, role);
        }
    }

    /// Write wrapped text; returns how many rows it took.
    pub(crate) fn wrap(&mut self, area: Rect, text: &str, role: Role) -> u16 {
        let clean = text::clean(text, self.look.plain()).into_owned();
        let mut used = 0;
        for line in text::wrap(&clean, usize::from(area.width)) {
            self.put(row(area, used), &line, role);
            used += 1;
        }
        used.min(area.height)
    }

    /// Give a row the look of a role, its text as it is.
    pub(crate) fn paint(&mut self, area: Rect, role: Role) {
        let area = area.intersection(self.buffer.area);
        self.buffer.set_style(area, self.look.style(role));
    }

    /// A rule across a row.
    pub(crate) fn rule(&mut self, row: Rect) {
        let rule = self.look.frame(false).rule.repeat(usize::from(row.width));
        self.put_raw(row, &rule, Role::Border);
    }

    /// Characters of a box, which are chosen for the terminal already.
    pub(crate) fn put_raw(&mut self, row: Rect, text: &str, role: Role) {
        let row = row.intersection(self.buffer.area);
        if !row.is_empty() {
            self.heal(row.x, row.y);
            let style = self.look.style(role);
            self.buffer
                .set_stringn(row.x, row.y, text, usize::from(row.width), style);
        }
    }

    /// Empty an area, and the half of any wide character that reached into it.
    pub(crate) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            self.heal(area.x, y);
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                }
            }
        }
    }

    /// A character two columns wide that ends in this cell loses its place: left alone, it would swallow what is written here.
    fn heal(&mut self, x: u16, y: u16) {
        let Some(before) = x.checked_sub(1).filter(|x| *x >= self.buffer.area.x) else {
            return;
        };
        if let Some(cell) = self.buffer.cell_mut((before, y))
            && text::width(cell.symbol()) > 1
        {
            cell.set_symbol(" ");
        }
    }

    /// A field with the real cursor at its caret; it scrolls sideways where its text is longer than the row.
    pub(crate) fn field(&mut self, row: Rect, field: &Field) {
        if row.is_empty() {
            return;
        }
        let plain = self.look.plain();
        let room = usize::from(row.width.saturating_sub(1));
        let before = text::clean(field.before_cursor(), plain);
        let after = text::clean(&field.text()[field.before_cursor().len()..], plain);
        let before = text::tail(&before, room);
        let caret = text::width(before);
        let shown = format!("{before}{}", text::head(&after, room - caret));
        self.put(row, &shown, Role::Field);
        let caret = u16::try_from(caret).unwrap_or(0);
        self.cursor = Some(Position::new(row.x + caret, row.y));
    }
}

/// One row of an area; empty below its end.
pub(crate) fn row(area: Rect, index: u16) -> Rect {
    if index >= area.height {
        return Rect::new(area.x, area.y, 0, 0);
    }
    Rect::new(area.x, area.y + index, area.width, 1)
}

/// What is left of an area below its first rows.
pub(crate) fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect {
        y: area.y + rows,
        height: area.height - rows,
        ..area
    }
}

/// What is left of a row after its first columns.
pub(crate) fn skip(row: Rect, columns: u16) -> Rect {
    let columns = columns.min(row.width);
    Rect {
        x: row.x + columns,
        width: row.width - columns,
        ..row
    }
}

/// The first columns of a row.
pub(crate) fn take(row: Rect, columns: u16) -> Rect {
    Rect {
        width: columns.min(row.width),
        ..row
    }
}

/// An area without its outer columns.
pub(crate) fn inside(area: Rect, columns: u16) -> Rect {
    Rect {
        x: area.x + columns.min(area.width / 2),
        width: area.width.saturating_sub(columns * 2),
        ..area
    }
}

/// The columns of a table row, each set off from the next by one.
pub(crate) fn columns<const N: usize>(row: Rect, widths: [u16; N]) -> [Rect; N] {
    let mut rest = row;
    widths.map(|width| {
        let column = take(rest, width);
        rest = skip(rest, width + 1);
        column
    })
}
