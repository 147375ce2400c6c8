//! What ratatui draws into: it knows the size and the wished-for cursor, and sends nothing. The painter sends.

use std::convert::Infallible;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

/// A backend that never touches the terminal, nor asks it anything.
#[derive(Debug)]
pub(super) struct Canvas {
    size: Size,
    cursor: Position,
    visible: bool,
}

impl Canvas {
    pub(super) fn new(size: Size) -> Canvas {
        Canvas {
            size,
            cursor: Position::ORIGIN,
            visible: false,
        }
    }

    /// The screen has this size now.
    pub(super) fn resize(&mut self, size: Size) {
        self.size = size;
    }

    /// Where the last frame wants the cursor.
    pub(super) fn cursor(&self) -> Option<Position> {
        self.visible.then_some(self.cursor)
    }
}

impl Backend for Canvas {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, _content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.visible = false;
        Ok(())
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        self.visible = true;
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(self.cursor)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.cursor = position.into();
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn clear_region(&mut self, _clear_type: ClearType) -> Result<(), Infallible> {
        Ok(())
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize {
            columns_rows: self.size,
            pixels: Size::ZERO,
        })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
