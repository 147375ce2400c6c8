//! 端末での手動操作: why the card does not go over the link, and the steps at the terminal in the words of its own menu.
//!
//! ```text
//!  ▲ Saturn1000 Elite の電文仕様がまだ設定されていません
//!    3,430円   JCB   クレジット
//!  ───────────────────────────────────────────────────────────────────
//!  端末での操作
//!   1  端末で決済種別（クレジットなど）を選びます。
//!   2  「売上」を選びます。
//!      控えるもの: 伝票番号 承認番号 取引日時 金額
//!
//!  この画面は何も送らず、何も記録しません。会計は入力したまま残ります。
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, inside, row, skip};
use super::style::{Role, Shape};
use super::{frame, text, words};
use crate::app::State;
use crate::app::by_hand::{ByHand, Operation, Procedure, SlipItem};
use crate::locale::Text;

/// Columns before the text of a step.
const NUMBER: u16 = 4;

/// Draw the steps for one card.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, screen: &ByHand) {
    let rooms = frame::draw(pen, state, Text::TitleByHand, 0, None);
    let area = rooms.main;
    // Whether anything is charged is not said here: what staff do at the terminal, this screen does not see.
    let rest = pen.put(row(area, 1), pen.look.shape(Shape::Triangle), Role::Care);
    let place = Rect {
        height: 2,
        ..skip(rest, 1)
    };
    let reason = words::note(pen.locale, &screen.reason);
    let used = pen.wrap(place, &reason, Role::Care).max(1);

    let deep = inside(below(area, 1 + used), 2);
    let amount = pen.fill(Text::YenAmount, "amount", state.due());
    let mut facts = vec![amount, pen.name(&screen.card.name).to_owned()];
    if let Some(class) = state.settings.classes.get(screen.card.card_class) {
        facts.push(pen.name(&class.name).to_owned());
    }
    pen.put(row(deep, 0), &facts.join("   "), Role::Strong);
    let rule = 2 + used;
    pen.rule(row(area, rule));
    pen.put(
        row(area, rule + 1),
        pen.text(Text::ByHandSteps),
        Role::Strong,
    );
    let foot = area.height.saturating_sub(2);
    let list = Rect {
        height: foot.saturating_sub(rule + 3),
        ..below(area, rule + 2)
    };
    let procedures = state.steps_by_hand(&screen.card, Operation::Sale);
    let lines = lines(pen, &procedures, list.width);
    show(pen, &lines, list, screen.scroll, Marks::Numbers);
    let last = if state.settings.practice {
        Text::ByHandPractice
    } else {
        Text::ByHandNothing
    };
    pen.wrap(below(area, foot), pen.text(last), Role::Plain);
}

/// A line of a procedure: its number where a step begins, its text.
pub(crate) struct Line {
    number: Option<usize>,
    text: String,
}

/// The steps of procedures that follow each other, numbered through, and what is copied behind each.
pub(crate) fn lines(pen: &Pen<'_>, procedures: &[&Procedure], width: u16) -> Vec<Line> {
    let room = usize::from(width.saturating_sub(NUMBER));
    let mut lines = Vec::new();
    let mut number = 0;
    let more = |lines: &mut Vec<Line>, sentence: &str, number: Option<usize>| {
        let clean = text::clean(sentence, pen.look.plain()).into_owned();
        for (index, part) in text::wrap(&clean, room).into_iter().enumerate() {
            lines.push(Line {
                number: number.filter(|_| index == 0),
                text: part,
            });
        }
    };
    for procedure in procedures {
        if !procedure.needs.is_empty() {
            let needs = items(pen, &procedure.needs);
            more(
                &mut lines,
                &pen.fill(Text::ByHandNeeds, "items", needs),
                None,
            );
        }
        for step in &procedure.steps {
            number += 1;
            more(&mut lines, pen.name(step), Some(number));
        }
        if !procedure.copy.is_empty() {
            let copy = items(pen, &procedure.copy);
            more(&mut lines, &pen.fill(Text::ByHandCopy, "items", copy), None);
        }
    }
    lines
}

/// What stands before a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marks {
    /// Its number.
    Numbers,
    /// A dash: where digits are answers about money, no other digits stand beside them.
    Dashes,
}

/// The lines that have room, from `scroll` on; the last page stays full.
pub(crate) fn show(pen: &mut Pen<'_>, lines: &[Line], area: Rect, scroll: usize, marks: Marks) {
    let room = usize::from(area.height);
    let first = scroll.min(lines.len().saturating_sub(room));
    for (index, line) in (0..).zip(lines.iter().skip(first).take(room)) {
        let place = row(area, index);
        if let Some(number) = line.number {
            let mark = match marks {
                Marks::Numbers => number.to_string(),
                Marks::Dashes => "-".to_owned(),
            };
            pen.put(skip(place, 1), &mark, Role::Strong);
        }
        pen.put(skip(place, NUMBER), &line.text, Role::Plain);
    }
    if lines.len() > room {
        let seen = (first + room).min(lines.len());
        let mark = format!(" PgUp/PgDn {seen}/{}", lines.len());
        pen.right(row(area, area.height.saturating_sub(1)), &mark, Role::Faint);
    }
}

fn items(pen: &Pen<'_>, items: &[SlipItem]) -> String {
    let names: Vec<&str> = items
        .iter()
        .map(|item| pen.text(item_name(*item)))
        .collect();
    names.join(" / ")
}

const fn item_name(item: SlipItem) -> Text {
    match item {
        SlipItem::SlipNumber => Text::ItemSlipNumber,
        SlipItem::ApprovalCode => Text::ItemApprovalCode,
        SlipItem::Time => Text::ItemTime,
        SlipItem::Amount => Text::ItemAmount,
        SlipItem::SequenceNumber => Text::ItemSequenceNumber,
        SlipItem::TerminalId => Text::ItemTerminalId,
    }
}
