//! 未解決の取引: every sale without an outcome, to be led to one.
//!
//! ```text
//!    伝票番号  日時               金額  番号    端末        状態
//!  > 00000142  11-21 14:32       3,430  000871  JT-C60      保留
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, columns, row};
use super::style::Role;
use super::{facts, frame, words};
use crate::app::State;
use crate::app::unresolved::Unresolved;
use crate::domain::record::SaleRecord;
use crate::locale::Text;

/// Draw the list.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, list: &Unresolved) {
    let rooms = frame::draw(pen, state, Text::TitleUnresolved, 0, None);
    let area = below(rooms.main, 1);
    let used = pen.wrap(area, pen.text(Text::UnresolvedWhat), Role::Plain);
    let area = below(area, used + 1);
    let [_, slip, when, amount, number, terminal, standing] = split(row(area, 0));
    pen.put(slip, pen.text(Text::ColumnSlip), Role::Faint);
    pen.put(when, pen.text(Text::ColumnWhen), Role::Faint);
    pen.right(amount, pen.text(Text::ColumnAmount), Role::Faint);
    pen.put(number, pen.text(Text::SequenceNumber), Role::Faint);
    pen.put(terminal, pen.text(Text::ColumnTerminal), Role::Faint);
    pen.put(standing, pen.text(Text::ColumnState), Role::Faint);
    let rows = below(area, 1);
    let room = usize::from(rows.height).max(1);
    let first = (list.selected + 1).saturating_sub(room);
    for (index, record) in state.open.iter().enumerate().skip(first).take(room) {
        let place = row(rows, u16::try_from(index - first).unwrap_or(u16::MAX));
        line(pen, state, place, record, index == list.selected);
    }
    if state.open.is_empty() {
        pen.put(row(rows, 1), pen.text(Text::NothingUnresolved), Role::Plain);
    }
}

fn split(line: Rect) -> [Rect; 7] {
    let fixed = 1 + 8 + 11 + 11 + 6 + 9 + 6;
    columns(line, [1, 8, 11, 11, 6, line.width.saturating_sub(fixed), 9])
}

fn line(pen: &mut Pen<'_>, state: &State, place: Rect, record: &SaleRecord, marked: bool) {
    let [mark, slip, when, amount, number, terminal, standing] = split(place);
    pen.put(mark, if marked { ">" } else { " " }, Role::Strong);
    pen.put(slip, &record.slip.to_string(), Role::Plain);
    let at = record.sent_at.unwrap_or(record.stamp.at);
    pen.put(when, &at.format("%m-%d %H:%M").to_string(), Role::Plain);
    pen.amount(amount, record.total(), Role::Strong);
    if let Some(sequence) = record.sequence_number {
        pen.put(number, &sequence.to_string(), Role::Plain);
    }
    if let Some(route) = &record.route {
        let model = facts::model(pen, state, &route.model);
        pen.put(terminal, &model, Role::Plain);
    }
    pen.put(standing, pen.text(words::state(record.state)), Role::Care);
    if marked {
        pen.paint(place, Role::Mark);
    }
}
