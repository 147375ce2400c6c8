//! 未解決の取引: every sale without an outcome and every task that is not finished, to be led on.
//!
//! ```text
//!    伝票番号  日時         種別        金額  番号    端末      状態
//!  > 00000142  11-21 14:32  売上       3,430  000871  JT-C60    保留
//!    00000143  11-21 14:40  取消       1,230          JT-C60    控えの番号
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, columns, row, take};
use super::style::Role;
use super::{facts, frame, wizard, words};
use crate::app::State;
use crate::app::unresolved::Unresolved;
use crate::domain::by_hand::Stage;
use crate::domain::money::Yen;
use crate::domain::record::SaleRecord;
use crate::domain::reflection::Unreflected;
use crate::domain::task::{PartPaid, Task};
use crate::locale::Text;

/// Draw the list.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, list: &Unresolved) {
    let rooms = frame::draw(pen, state, Text::TitleUnresolved, 0, None);
    let area = below(rooms.main, 1);
    let used = pen.wrap(area, pen.text(Text::UnresolvedWhat), Role::Plain);
    let area = below(area, used + 1);
    let [_, slip, when, kind, amount, number, terminal, standing] = split(row(area, 0));
    pen.put(slip, pen.text(Text::ColumnSlip), Role::Faint);
    pen.put(when, pen.text(Text::ColumnWhen), Role::Faint);
    pen.put(kind, pen.text(Text::ColumnKind), Role::Faint);
    pen.right(amount, pen.text(Text::ColumnAmount), Role::Faint);
    pen.put(number, pen.text(Text::SequenceNumber), Role::Faint);
    pen.put(terminal, pen.text(Text::ColumnTerminal), Role::Faint);
    pen.put(standing, pen.text(Text::ColumnState), Role::Faint);
    let rows = below(area, 1);
    let room = usize::from(rows.height).max(1);
    let first = (list.selected + 1).saturating_sub(room);
    let open = state.open.iter().map(Row::Outcome);
    let all = open.chain(state.other_tasks().map(Row::Task));
    for (index, item) in all.enumerate().skip(first).take(room) {
        let place = row(rows, u16::try_from(index - first).unwrap_or(u16::MAX));
        match item {
            Row::Outcome(record) => line(pen, state, place, record, words::state(record.state)),
            Row::Task(Task::Hand(record)) => line(pen, state, place, record, next(record)),
            Row::Task(Task::Correction(record)) => {
                line(pen, state, place, record, Text::TaskCorrection);
            }
            Row::Task(Task::PartPaid(part)) => part_paid(pen, place, part),
            Row::Task(Task::Unreflected(told)) => unreflected(pen, place, told),
        }
        if index == list.selected {
            pen.put(take(place, 1), ">", Role::Strong);
            pen.paint(place, Role::Mark);
        }
    }
    if state.unsettled() == 0 {
        pen.put(row(rows, 1), pen.text(Text::NothingUnresolved), Role::Plain);
    }
}

fn split(line: Rect) -> [Rect; 8] {
    let fixed = 1 + 8 + 11 + 6 + 10 + 6 + 10 + 7;
    columns(
        line,
        [1, 8, 11, 6, 10, 6, line.width.saturating_sub(fixed), 10],
    )
}

/// One thing that is open.
enum Row<'a> {
    Outcome(&'a SaleRecord),
    Task(&'a Task),
}

/// What is to be done next at the terminal.
fn next(record: &SaleRecord) -> Text {
    match record.hand_stage() {
        Some(Stage::LeaveLink) => Text::StageLeaveLink,
        Some(Stage::Operate) => wizard::operate(record.sale.kind),
        Some(Stage::EnterSlip) => Text::StageEnterSlip,
        Some(Stage::BackToLink) => Text::StageBackToLink,
        Some(Stage::Done) | None => Text::StageDone,
    }
}

/// A bill that is paid in part: its first slip, the whole bill, and what is left of it.
fn part_paid(pen: &mut Pen<'_>, place: Rect, part: &PartPaid) {
    let [_, slip, _, kind, amount, _, _, _] = split(place);
    let left = Yen::new(part.due.get() - part.paid.get());
    pen.put(slip, &part.order.to_string(), Role::Plain);
    pen.put(kind, pen.text(Text::KindSale), Role::Plain);
    pen.amount(amount, part.due, Role::Strong);
    let left = pen.fill(Text::TaskPartPaid, "left", left);
    pen.right(place, &left, Role::Care);
}

/// A slip the receipt computer was not told of to the end: when the money moved, and what of it is not there.
fn unreflected(pen: &mut Pen<'_>, place: Rect, told: &Unreflected) {
    let [_, slip, when, kind, amount, _, _, last] = split(place);
    pen.put(slip, &told.slip.to_string(), Role::Plain);
    let at = told.stamp.at.format("%m-%d %H:%M").to_string();
    pen.put(when, &at, Role::Plain);
    pen.put(kind, pen.text(words::kind(told.kind)), Role::Plain);
    let open = told.postings.iter().filter(|one| !one.standing.is_over());
    let left = open.fold(0, |sum, one| sum + one.posting.amount.get());
    pen.amount(amount, Yen::new(left), Role::Strong);
    pen.put(last, pen.text(Text::TaskUnreflected), Role::Care);
}

fn line(pen: &mut Pen<'_>, state: &State, place: Rect, record: &SaleRecord, standing: Text) {
    let [_, slip, when, kind, amount, number, terminal, last] = split(place);
    pen.put(slip, &record.slip.to_string(), Role::Plain);
    let at = record.sent_at.unwrap_or(record.stamp.at);
    pen.put(when, &at.format("%m-%d %H:%M").to_string(), Role::Plain);
    pen.put(kind, pen.text(words::kind(record.sale.kind)), Role::Plain);
    pen.amount(amount, record.total(), Role::Strong);
    if let Some(sequence) = record.sequence_number {
        pen.put(number, &sequence.to_string(), Role::Plain);
    }
    let route = record.route.as_ref().map(|route| &route.model);
    let work = record.by_hand.as_ref().map(|work| &work.place.model);
    if let Some(model) = route.or(work) {
        let model = facts::model(pen, state, model);
        pen.put(terminal, &model, Role::Plain);
    }
    pen.put(last, pen.text(standing), Role::Care);
}
