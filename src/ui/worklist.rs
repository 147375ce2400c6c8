//! 会計待ち: today's patients whose bill is made.
//!
//! ```text
//!  検索 > _                 番号・氏名・カナ              14:32 時点 12人
//!
//!    患者番号      氏名            受付   診療科      医師          状態
//!  > 00012         山田 太郎       09:05  内科        試験 医師
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, columns, row, skip, take};
use super::style::Role;
use super::{frame, patient};
use crate::app::State;
use crate::app::worklist::{Row, Worklist};
use crate::locale::Text;

/// Rows below the list that say what is wrong.
const FOOT: u16 = 4;

/// Draw the list.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, list: &Worklist) {
    let rooms = frame::draw(pen, state, Text::TitleWorklist, 0, None);
    let area = rooms.main;
    find(pen, list, row(area, 0));
    if let Some(scanned) = &list.scanned {
        let whose = pen.fill(Text::WorklistScanned, "amount", scanned.amount);
        pen.put(row(area, 1), &whose, Role::Care);
    }
    let said = says(pen, state, list);
    let foot = if said.is_empty() { 0 } else { FOOT };
    let heads = [
        Text::ColumnPatient,
        Text::ColumnName,
        Text::ColumnAccepted,
        Text::ColumnDepartment,
        Text::ColumnPhysician,
        Text::ColumnState,
    ];
    let [_, places @ ..] = split(row(area, 2));
    for (place, head) in places.into_iter().zip(heads) {
        pen.put(place, pen.text(head), Role::Faint);
    }
    let rest = below(area, 3);
    let rows = Rect {
        height: rest.height.saturating_sub(foot),
        ..rest
    };
    let room = usize::from(rows.height).max(1);
    let first = (list.selected + 1).saturating_sub(room);
    let shown = list.shown.iter().filter_map(|index| list.rows.get(*index));
    for (index, item) in shown.enumerate().skip(first).take(room) {
        let place = row(rows, u16::try_from(index - first).unwrap_or(u16::MAX));
        line(pen, state, place, (list, item));
        if index == list.selected {
            pen.put(take(place, 1), ">", Role::Strong);
            pen.paint(place, Role::Mark);
        }
    }
    if list.shown.is_empty() {
        let text = match (&list.told_at, list.rows.is_empty()) {
            (Some(_), true) => Some(Text::WorklistEmpty),
            (Some(_), false) => Some(Text::WorklistNobody),
            (None, _) if list.is_asking() => Some(Text::BillAsking),
            (None, _) => None,
        };
        if let Some(text) = text {
            pen.put(skip(row(rows, 1), 2), pen.text(text), Role::Plain);
        }
    }
    if foot > 0 {
        pen.wrap(below(rest, rows.height + 1), &said, Role::Care);
    }
}

fn find(pen: &mut Pen<'_>, list: &Worklist, line: Rect) {
    let told = match (&list.told_at, list.is_asking()) {
        (Some(at), _) => pen.locale.fill(
            Text::WorklistTold,
            &[
                ("time", &at.format("%H:%M").to_string()),
                ("count", &list.rows.len().to_string()),
            ],
        ),
        (None, true) => pen.text(Text::BillAsking).to_owned(),
        (None, false) => String::new(),
    };
    let used = pen.width(&told);
    pen.right(line, &told, Role::Plain);
    let left = take(line, line.width.saturating_sub(used + 1));
    let rest = pen.put(left, pen.text(Text::FindLabel), Role::Plain);
    let rest = pen.put(skip(rest, 1), "> ", Role::Strong);
    if list.find.is_empty() {
        pen.put(skip(rest, 2), pen.text(Text::WorklistHint), Role::Faint);
    }
    pen.field(take(rest, 34), &list.find);
}

/// What is wrong, what to do, and that the counter goes on.
fn says(pen: &Pen<'_>, state: &State, list: &Worklist) -> String {
    match &list.trouble {
        Some(trouble) => {
            let go_on = pen.text(Text::WorklistGoOn);
            format!("{} {go_on}", patient::trouble(pen, trouble))
        }
        None if state.bills.deaf => pen.text(Text::WorklistDeaf).to_owned(),
        None => String::new(),
    }
}

fn split(line: Rect) -> [Rect; 7] {
    let fixed = 1 + 12 + 5 + 10 + 14 + 6 + 6;
    columns(
        line,
        [1, 12, line.width.saturating_sub(fixed), 5, 10, 14, 6],
    )
}

fn line(pen: &mut Pen<'_>, state: &State, place: Rect, (list, item): (&Worklist, &Row)) {
    let [_, number, name, accepted, department, physician, standing] = split(place);
    let waiting = &item.waiting;
    let paid = list.is_paid(&waiting.patient.number);
    let role = if paid { Role::Faint } else { Role::Plain };
    let shown = patient::number(pen, state, &waiting.patient.number);
    pen.put(number, &shown, role);
    let shown = patient::name(pen, state, &waiting.patient.name);
    pen.put(name, &shown, role);
    let at = waiting.accepted.map(|at| at.format("%H:%M").to_string());
    pen.put(accepted, &at.unwrap_or_default(), role);
    pen.put(department, &waiting.department, role);
    pen.put(physician, &waiting.physician, role);
    if paid {
        pen.put(standing, pen.text(Text::WorklistPaid), role);
    }
}
