//! What lies over a screen: the menu, the help page, the question before leaving.
//!
//! ```text
//!  ╔═ メニュー ═══════ ◆ 練習 ◆ ═╗
//!  ║                             ║
//!  ║ > 1 履歴                    ║   the mark: `>` and reverse
//!  ║   2 未解決の取引            ║   dim: not now
//!  ╚═════════════════════════════╝
//! ```

use ratatui::layout::Rect;

use super::frame;
use super::help;
use super::pen::{Pen, inside, row, skip};
use super::style::{Role, Shape};
use super::words;
use super::{bill_asked, daily_log, operator};
use crate::app::State;
use crate::app::popup::{self, MENU, Popup};
use crate::locale::Text;

/// Draw one popup.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, popup: &Popup) {
    // The cursor belongs to a field below, unless a field of the popup takes it.
    pen.cursor = None;
    match popup {
        Popup::Menu { selected } => menu(pen, state, *selected),
        Popup::Help { scroll } => {
            let screen = pen.screen();
            let area = open(
                pen,
                state,
                Text::TitleHelp,
                (screen.width.min(96), screen.height - 4),
            );
            help::draw(pen, area, state.place_below(1), *scroll);
        }
        Popup::Leave => leave(pen, state),
        Popup::HalfDone => half_done(pen, state),
        Popup::Operator(ask) => operator::draw(pen, state, ask),
        Popup::DailyLog(question) => daily_log::draw(pen, state, question),
        Popup::BillChanged(changed) => bill_asked::changed(pen, state, changed),
        Popup::BillUnchecked(unchecked) => bill_asked::unchecked(pen, state, unchecked),
        Popup::PaidToday(asked) => bill_asked::paid_today(pen, state, asked),
        Popup::Reissue(which) => bill_asked::reissue(pen, state, which),
    }
}

/// An empty box in the middle of the screen; returns its inside.
pub(crate) fn open(pen: &mut Pen<'_>, state: &State, title: Text, size: (u16, u16)) -> Rect {
    let screen = pen.screen();
    let width = size.0.min(screen.width);
    let height = size.1.min(screen.height.saturating_sub(2));
    let area = Rect {
        x: screen.x + (screen.width - width) / 2,
        y: screen.y + (screen.height.saturating_sub(2) - height) / 2,
        width,
        height,
    };
    // A column of air on either side, so that nothing below seems to go on inside.
    pen.clear(Rect {
        x: area.x.saturating_sub(1),
        width: area.width + 2,
        ..area
    });
    frame::outline(pen, area, state.settings.practice);
    let title = format!(" {} ", pen.text(title));
    pen.put(inside(row(area, 0), 2), &title, Role::Title);
    if state.settings.practice {
        let mark = frame::practice_mark(pen, Text::PracticeShort);
        pen.right(inside(row(area, 0), 2), &mark, Role::Practice);
    }
    Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(2),
        ..inside(area, 2)
    }
}

fn menu(pen: &mut Pen<'_>, state: &State, selected: usize) {
    let rows = u16::try_from(MENU.len()).unwrap_or(u16::MAX);
    let area = open(pen, state, Text::TitleMenu, (40, rows.saturating_add(4)));
    for (index, action) in MENU.iter().enumerate() {
        let line = row(area, u16::try_from(index + 1).unwrap_or(u16::MAX));
        let marked = index == selected;
        let refused = popup::refusal(state, *action).is_some();
        let role = if refused { Role::Faint } else { Role::Plain };
        let mark = if marked { ">" } else { " " };
        let key = words::key(popup::menu_key(index));
        let label = format!("{mark} {key} {}", pen.text(action.label()));
        pen.put(line, &label, role);
        if marked {
            pen.paint(line, Role::Mark);
        }
    }
}

fn half_done(pen: &mut Pen<'_>, state: &State) {
    let parts = !state.basket.parts.is_empty();
    let what = if parts {
        Text::HalfDoneParts
    } else {
        Text::HalfDoneCorrection
    };
    let area = open(pen, state, Text::TitleHalfDone, (60, 10));
    let rest = pen.put(row(area, 1), pen.look.shape(Shape::Triangle), Role::Care);
    pen.put(skip(rest, 1), pen.text(what), Role::Care);
    pen.put(row(area, 2), pen.text(Text::HalfDoneBooked), Role::Plain);
    let answers = [
        (" 1", Text::HalfDoneLater, true),
        (" 2", Text::HalfDoneTakeBack, parts),
        ("F9", Text::HalfDoneStay, true),
    ];
    for (line, (key, text, can)) in (4..).zip(answers) {
        let (cap, role) = if can {
            (Role::Key, Role::Plain)
        } else {
            (Role::Faint, Role::Faint)
        };
        let rest = pen.put(skip(row(area, line), 2), key, cap);
        pen.put(skip(rest, 2), pen.text(text), role);
    }
}

fn leave(pen: &mut Pen<'_>, state: &State) {
    let at_risk = state.money_at_risk() || !state.open.is_empty();
    let height = if at_risk { 10 } else { 9 };
    let area = open(pen, state, Text::TitleLeave, (60, height));
    let mut line = 1;
    if at_risk {
        let shape = pen.look.shape(Shape::Triangle);
        let rest = pen.put(row(area, line), shape, Role::Care);
        let text = pen.text(Text::LeaveAtRisk);
        let place = Rect {
            height: area.height.saturating_sub(line),
            ..skip(rest, 1)
        };
        line += pen.wrap(place, text, Role::Care);
    } else {
        pen.put(row(area, line), pen.text(Text::LeaveLines), Role::Plain);
        line += 1;
    }
    pen.put(row(area, line), pen.text(Text::LeaveBooked), Role::Plain);
    line += 2;
    for (key, action) in state.place().bindings() {
        let text = match action {
            crate::app::action::Action::Leave => Text::LeaveAnswer,
            crate::app::action::Action::Close if matches!(key, crate::app::key::Key::F(_)) => {
                Text::LeaveStay
            }
            _ => continue,
        };
        let rest = pen.put(
            skip(row(area, line), 2),
            &format!("{:>2}", words::key(*key)),
            Role::Key,
        );
        pen.put(skip(rest, 2), pen.text(text), Role::Plain);
        line += 1;
    }
}
