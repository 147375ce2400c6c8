//! 起動中: the books are being read.

use super::frame;
use super::pen::{Pen, row};
use super::style::Role;
use crate::app::State;
use crate::locale::Text;

/// Draw the first moment: what this is, and what it is doing.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State) {
    let rooms = frame::draw(pen, state, Text::TitleOpening, 0, None);
    let area = rooms.main;
    let middle = area.height / 2;
    pen.centre(
        row(area, middle - 2),
        pen.text(Text::HintWhat),
        Role::Strong,
    );
    pen.centre(row(area, middle), pen.text(Text::OpeningBooks), Role::Plain);
}
