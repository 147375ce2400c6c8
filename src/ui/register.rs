//! 売上入力: the lines of the bill, the total, and the line being typed.
//!
//! ```text
//!    品名                 数量    単価      金額       ● 連動中
//!  > 再診料・処置            1   1,230     1,230 非      JT-C60
//!    診断書                  1   2,200     2,200 課
//!  ─────────────────────────────────────────────
//!  うち課税 2,200円 (内税 200円)   合計  3,430円
//!  ─────────────────────────────────────────────
//!  金額・品名を入力                        [非課税]
//!  > 1100 x 2_
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, columns, row, skip, take};
use super::style::Role;
use super::{cat_pane, frame, patient, words};
use crate::app::State;
use crate::app::link_pane::Cat;
use crate::app::register::Register;
use crate::domain::sale::{Line, TaxClass};
use crate::domain::tax;
use crate::locale::Text;

/// Rows below the lines: rule, total, rule, prompt, input, and one to breathe.
const FOOT: u16 = 7;

/// Draw the register.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, register: &Register) {
    let side = cat_pane::columns(pen);
    let title = if register.correcting.is_some() {
        Text::TitleCorrect
    } else {
        Text::TitleRegister
    };
    let rooms = frame::draw(pen, state, title, side, Some(Text::PaneTitle));
    cat_pane::draw(pen, state, rooms.side);
    let area = rooms.main;
    let lines = Rect {
        height: area.height - FOOT,
        ..area
    };
    if state.basket.lines.is_empty() {
        hints(pen, state, lines);
    } else {
        let head = patient::head(pen, state, row(lines, 0));
        let lines = below(lines, head);
        table(pen, &state.basket.lines, lines, register.selected);
    }
    let foot = below(area, area.height - FOOT);
    total(pen, state, foot);
    input(pen, register, below(foot, 4));
}

/// The columns of the lines: mark, name, quantity, price, amount, tax.
pub(crate) fn line_columns(line: Rect) -> [Rect; 6] {
    columns(line, [1, line.width.saturating_sub(32), 4, 9, 10, 3])
}

/// One line of a bill.
pub(crate) fn line(pen: &mut Pen<'_>, place: Rect, line: &Line, marked: bool) {
    let [mark, name, quantity, unit, amount, tax] = line_columns(place);
    pen.put(mark, if marked { ">" } else { " " }, Role::Strong);
    if line.name.is_empty() {
        pen.put(name, pen.text(Text::HandKeyed), Role::Faint);
    } else {
        pen.put(name, &line.name, Role::Plain);
    }
    pen.right(quantity, &line.quantity.to_string(), Role::Plain);
    pen.amount(unit, line.unit, Role::Plain);
    if let Some(sum) = line.amount() {
        pen.amount(amount, sum, Role::Plain);
    }
    pen.put(tax, pen.text(words::tax_mark(line.tax)), Role::Plain);
    if marked {
        pen.paint(place, Role::Mark);
    }
}

fn table(pen: &mut Pen<'_>, lines: &[Line], area: Rect, selected: Option<usize>) {
    let [_, name, quantity, unit, amount, _] = line_columns(row(area, 0));
    pen.put(name, pen.text(Text::ColumnItem), Role::Faint);
    pen.right(quantity, pen.text(Text::ColumnQuantity), Role::Faint);
    pen.right(unit, pen.text(Text::ColumnUnit), Role::Faint);
    pen.right(amount, pen.text(Text::ColumnAmount), Role::Faint);
    let area = below(area, 1);
    let room = usize::from(area.height);
    // The marked line is always in sight; without a mark, the newest.
    let focus = selected.unwrap_or(lines.len() - 1);
    let first = (focus + 1).saturating_sub(room);
    for (index, item) in lines.iter().enumerate().skip(first).take(room) {
        let place = row(area, u16::try_from(index - first).unwrap_or(u16::MAX));
        line(pen, place, item, selected == Some(index));
    }
}

/// What this is and which keys: the first thing a new person reads.
fn hints(pen: &mut Pen<'_>, state: &State, area: Rect) {
    pen.put(row(area, 1), pen.text(Text::HintWhat), Role::Plain);
    let (mode, role) = if state.settings.practice {
        (Text::HintPractice, Role::Care)
    } else if state.cats.values().any(Cat::is_described) {
        (Text::HintLive, Role::Strong)
    } else {
        (Text::HintLiveByHand, Role::Strong)
    };
    pen.put(row(area, 2), pen.text(mode), role);
    let bills = state.settings.reflects().then_some(("F5", Text::HintBills));
    let rows = [
        ("3430", Text::HintAmount),
        (pen.text(Text::HintNamedExample), Text::HintNamed),
        ("1100 x 2", Text::HintTimes),
    ];
    let keys = [
        ("F12", Text::HintCheckout),
        ("F6", Text::HintCard),
        ("?", Text::HintHelp),
    ];
    let rows = rows.into_iter().chain(bills).chain(keys);
    for (index, (example, text)) in rows.enumerate() {
        let place = row(area, u16::try_from(index + 4).unwrap_or(u16::MAX));
        pen.put(take(skip(place, 2), 18), example, Role::Strong);
        pen.put(skip(place, 21), pen.text(text), Role::Plain);
    }
}

fn total(pen: &mut Pen<'_>, state: &State, area: Rect) {
    pen.rule(row(area, 0));
    let due = state.due();
    let line = row(area, 1);
    let sum = pen.fill(Text::YenAmount, "amount", due);
    let sum = format!("{}  {sum}", pen.text(Text::Total));
    let last = row(area, 2);
    pen.right(last, &sum, Role::Strong);
    // The second rate of a bill stands before the total.
    let before = last.width.saturating_sub(pen.width(&sum) + 1);
    let mut rows = [line, take(last, before)].into_iter();
    for (class, text) in [
        (TaxClass::Taxable, Text::TaxableInside),
        (TaxClass::Reduced, Text::ReducedInside),
    ] {
        let part = tax::part(&state.basket.lines, class, state.settings.shop.tax_rates);
        if let Some(part) = part.filter(|part| part.amount.is_positive())
            && let Some(place) = rows.next()
        {
            let (amount, tax) = (part.amount.to_string(), part.tax.to_string());
            let inside = pen.locale.fill(text, &[("amount", &amount), ("tax", &tax)]);
            pen.put(place, &inside, Role::Faint);
        }
    }
    pen.rule(row(area, 3));
}

fn input(pen: &mut Pen<'_>, register: &Register, area: Rect) {
    let prompt = match register.editing {
        Some(index) => pen.fill(Text::InputEdit, "line", index + 1),
        None => pen.text(Text::InputNew).to_owned(),
    };
    let line = row(area, 0);
    pen.put(line, &prompt, Role::Plain);
    let tax = format!("[{}]", pen.text(words::tax(register.tax)));
    pen.right(line, &tax, Role::Strong);
    let rest = pen.put(row(area, 1), "> ", Role::Strong);
    pen.field(rest, &register.input);
}
