//! 担当者入力: the code that is typed, and who it may be.
//!
//! ```text
//!  ╔═ 担当者入力 ═══════════════════════════════════════════╗
//!  ║ この会計の担当者コードを入力して Enter                 ║
//!  ║ 担当者コード  02                                       ║
//!  ║                                                        ║
//!  ║   01  受付                                             ║
//!  ║   02  佐藤                                             ║
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, row, skip, take};
use super::popup;
use super::style::Role;
use crate::app::State;
use crate::app::operator::{self, Ask, Who};
use crate::locale::Text;

/// Columns of the box.
const WIDTH: u16 = 62;
/// Columns before a field.
const LABEL: u16 = 16;
/// So many of the list are seen at once; fewer below a sentence, so that the header still says who is at the counter.
const SEEN: usize = 8;
const SEEN_BY_SECOND: usize = 6;

/// Draw the question.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, ask: &Ask) {
    let is_second = matches!(ask.who, Who::Second(_));
    let people: Vec<_> = if operator::is_listed(state) {
        let list = state.settings.operators.list.iter();
        list.filter(|one| !is_second || one.code != state.operator.code)
            .collect()
    } else {
        Vec::new()
    };
    let room = if is_second { SEEN_BY_SECOND } else { SEEN };
    let seen = people.len().min(room);
    let rows = u16::try_from(seen).unwrap_or(u16::MAX);
    // What a second person allows is said in a sentence of its own.
    let sentences = if is_second { 3 } else { 1 };
    let size = (WIDTH, rows + sentences + 8);
    let area = popup::open(pen, state, Text::TitleOperator, size);
    let used = head(pen, ask, below(area, 1));
    let mut place = below(area, 1 + used);
    let line = row(place, 0);
    pen.put(line, pen.text(Text::OperatorCode), Role::Plain);
    let code = take(skip(line, LABEL), 12);
    match &ask.name {
        None => pen.field(code, &ask.code),
        Some(name) => {
            pen.put(code, ask.code.text(), Role::Strong);
            let line = row(place, 1);
            pen.put(line, pen.text(Text::OperatorName), Role::Plain);
            pen.field(skip(line, LABEL), name);
        }
    }
    place = below(place, 2);
    let first = ask.scroll.min(people.len() - seen);
    for (index, one) in (0..).zip(people.iter().skip(first).take(seen)) {
        let line = skip(row(place, index), 2);
        pen.put(take(line, 9), &one.code, Role::Key);
        pen.put(skip(line, 10), &one.name, Role::Plain);
    }
    if people.len() > seen {
        let mark = format!("PgUp/PgDn {}/{}", first + seen, people.len());
        pen.right(row(place, rows), &mark, Role::Faint);
    }
}

/// What is asked for, and why. Gives the rows it took and one of air.
fn head(pen: &mut Pen<'_>, ask: &Ask, area: Rect) -> u16 {
    let used = match ask.who {
        Who::Operator => pen.wrap(area, pen.text(Text::OperatorAsk), Role::Plain),
        Who::Change => pen.wrap(area, pen.text(Text::OperatorChange), Role::Plain),
        Who::Second(what) => {
            let used = pen.wrap(area, pen.text(what), Role::Strong);
            let ask = pen.text(Text::OperatorSecond);
            used + pen.wrap(below(area, used), ask, Role::Plain)
        }
    };
    used + 1
}
