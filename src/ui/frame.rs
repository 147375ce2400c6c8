//! What surrounds every screen: the frame with its banners, the header, the note line.
//!
//! ```text
//!  ╔═ 会計 ═══════════════════════════════ ◆ 練習モード・請求されません ◆ ═╗   title, practice banner
//!  ║ 2026-11-21(土)  端末01  担当03 佐藤          ▲ 未解決 1件  本日 23件 ║   header: no running clock
//!  ╟────────────────────────────────────────────┬─ CAT端末 ──────────────╢
//!  ║ the screen's own room                      │ the CAT pane           ║
//!  ╚═ 閲覧専用 使用中: 受付2 ═══════════════════╧══════════════ ◆ 練習 ◆ ═╝   viewer banner, practice again
//!   the note: one sentence
//!   F3 履歴  F4 メニュー                                 F12 発行  ? ヘルプ    key bar
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, inside, row, skip, take};
use super::style::{Role, Shape};
use super::{cat_pane, printer, text, words};
use crate::app::State;
use crate::app::settings::Access;
use crate::locale::Text;

/// The smallest screen: columns and rows.
pub(crate) const SMALLEST: (u16, u16) = (80, 24);

/// Columns of the date, the till and the operator, with what stands between them.
const LEFT_ROOM: u16 = 38;
/// Columns at the right of the bottom border that a long note leaves to the practice mark.
const MARK_ROOM: u16 = 18;

/// The rooms inside the frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rooms {
    /// The screen's own.
    pub(crate) main: Rect,
    /// What stands beside it; empty where the screen has the whole width.
    pub(crate) side: Rect,
}

/// Draw the frame around a screen that has `side` columns for what stands beside it.
pub(crate) fn draw(
    pen: &mut Pen<'_>,
    state: &State,
    title: Text,
    side: u16,
    side_title: Option<Text>,
) -> Rooms {
    let screen = pen.screen();
    let area = Rect {
        height: screen.height - 2,
        ..screen
    };
    outline(pen, area, state.settings.practice);
    let set = pen.look.frame(state.settings.practice);
    let rule = row(area, 2);
    pen.put_raw(rule, set.rule_ends[0], Role::Border);
    let inner = inside(rule, 1);
    pen.put_raw(
        inner,
        &set.rule.repeat(usize::from(inner.width)),
        Role::Border,
    );
    pen.put_raw(skip(rule, rule.width - 1), set.rule_ends[1], Role::Border);
    let with_link = side_title != Some(Text::PaneTitle);
    header(pen, state, inside(row(area, 1), 2), with_link);
    banners(pen, state, area, title);
    let body = Rect {
        x: area.x + 1,
        y: area.y + 3,
        width: area.width - 2,
        height: area.height - 4,
    };
    if side == 0 {
        return Rooms {
            main: inside(body, 1),
            side: Rect::default(),
        };
    }
    let at = body.width - side;
    divider(
        pen,
        Rect {
            height: body.height + 2,
            y: body.y - 1,
            ..body
        },
        at - 1,
        state,
    );
    if let Some(title) = side_title {
        let title = format!(" {} ", pen.text(title));
        pen.put(skip(row(area, 2), at + 2), &title, Role::Title);
    }
    Rooms {
        main: inside(take(body, at - 1), 1),
        side: inside(skip(body, at), 1),
    }
}

/// The four sides of a box.
pub(crate) fn outline(pen: &mut Pen<'_>, area: Rect, practice: bool) {
    let set = pen.look.frame(practice);
    let along = set.along.repeat(usize::from(area.width.saturating_sub(2)));
    let top = format!("{}{along}{}", set.corners[0], set.corners[1]);
    let bottom = format!("{}{along}{}", set.corners[2], set.corners[3]);
    pen.put_raw(row(area, 0), &top, Role::Border);
    for line in 1..area.height.saturating_sub(1) {
        let place = row(area, line);
        pen.put_raw(take(place, 1), set.side, Role::Border);
        pen.put_raw(skip(place, area.width - 1), set.side, Role::Border);
    }
    pen.put_raw(
        row(area, area.height.saturating_sub(1)),
        &bottom,
        Role::Border,
    );
}

/// A vertical divider, from the rule above to the bottom of the frame.
fn divider(pen: &mut Pen<'_>, area: Rect, column: u16, state: &State) {
    let set = pen.look.frame(state.settings.practice);
    for line in 0..area.height {
        let mark = match line {
            0 => set.divider_ends[0],
            line if line + 1 == area.height => set.divider_ends[1],
            _ => set.divider,
        };
        pen.put_raw(take(skip(row(area, line), column), 1), mark, Role::Border);
    }
}

/// The practice mark of a frame or a popup: words between two shapes.
pub(crate) fn practice_mark(pen: &Pen<'_>, words: Text) -> String {
    let shape = if pen.look.plain() { "##" } else { "◆" };
    format!(" {shape} {} {shape} ", pen.text(words))
}

fn banners(pen: &mut Pen<'_>, state: &State, area: Rect, title: Text) {
    let title = format!(" {} ", pen.text(title));
    pen.put(skip(row(area, 0), 2), &title, Role::Title);
    let bottom = inside(row(area, area.height - 1), 2);
    if state.settings.practice {
        let mark = practice_mark(pen, Text::PracticeBanner);
        pen.right(inside(row(area, 0), 2), &mark, Role::Practice);
        let mark = practice_mark(pen, Text::PracticeShort);
        pen.right(bottom, &mark, Role::Practice);
    }
    if let Access::Viewer { holder } = &state.settings.access {
        let banner = format!(" {} ", pen.fill(Text::ViewerBanner, "holder", holder));
        // The practice mark has the other end.
        let room = bottom.width.saturating_sub(17);
        pen.put(take(bottom, room), &banner, Role::Key);
    }
}

fn header(pen: &mut Pen<'_>, state: &State, line: Rect, with_link: bool) {
    let settings = &state.settings;
    let mut right = Vec::new();
    if with_link {
        right.push(cat_pane::short(pen, state));
    }
    if state.unsettled() > 0 {
        let count = pen.fill(Text::HeaderOpen, "count", state.unsettled());
        right.push((
            format!("{} {count}", pen.look.shape(Shape::Triangle)),
            Role::Care,
        ));
    }
    let unreached = cat_pane::receipt_computer_short(pen, state).filter(|_| with_link);
    right.extend(unreached);
    right.extend(printer::short(pen, state));
    let today = pen.fill(Text::HeaderToday, "count", state.today.sales);
    // What is wrong comes before how much was done, where there is no room for both.
    let used: u16 = right.iter().map(|(text, _)| pen.width(text) + 2).sum();
    if used + pen.width(&today) + 2 + LEFT_ROOM <= line.width {
        right.push((today, Role::Plain));
    }
    let wide: u16 = right.iter().map(|(text, _)| pen.width(text) + 2).sum();
    let wide = wide.min(line.width);
    let left = take(line, line.width - wide);
    let date = words::date(pen.locale, settings.stamp(state.now).business_date);
    let rest = pen.put(left, &date, Role::Plain);
    let terminal = pen.fill(Text::HeaderTerminal, "code", &settings.terminal_code);
    let rest = pen.put(skip(rest, 2), &terminal, Role::Plain);
    let operator = pen.locale.fill(
        Text::HeaderOperator,
        &[
            ("code", &state.operator.code),
            ("name", &state.operator.name),
        ],
    );
    pen.put(skip(rest, 2), &operator, Role::Plain);
    let mut rest = skip(line, line.width - wide);
    for (text, role) in right {
        rest = pen.put(skip(rest, 2), &text, role);
    }
}

/// The sentence above the key bar. A long one begins a row higher, over the bottom of the frame; the practice mark stays.
pub(crate) fn note(pen: &mut Pen<'_>, state: &State) {
    let Some(note) = &state.note else {
        return;
    };
    let screen = pen.screen();
    let line = inside(row(screen, screen.height - 2), 1);
    let role = words::role_of(note.tone);
    let shape = match role {
        Role::Care => pen.look.shape(Shape::Triangle),
        Role::Alarm => pen.look.shape(Shape::Square),
        _ => "",
    };
    let sentence = words::note(pen.locale, note);
    let sentence = format!("{shape} {sentence}");
    let sentence = sentence.trim_start();
    if pen.width(sentence) <= line.width {
        pen.put(line, sentence, role);
        return;
    }
    let above = inside(row(screen, screen.height - 3), 1);
    let above = take(above, above.width - MARK_ROOM);
    let clean = text::clean(sentence, pen.look.plain()).into_owned();
    let lines = text::wrap(&clean, usize::from(above.width));
    pen.clear(above);
    pen.put(above, &lines[0], role);
    // What the first line did not take, in one piece: the row below is longer.
    let rest = clean[lines[0].len()..].trim_start();
    pen.put(line, rest, role);
}

/// One line that asks for room: the whole screen below the smallest size.
pub(crate) fn too_small(pen: &mut Pen<'_>, state: &State) {
    let screen = pen.screen();
    let wanted = format!("{}x{}", SMALLEST.0, SMALLEST.1);
    let now = format!("{}x{}", screen.width, screen.height);
    let mut line = row(screen, 0);
    if state.settings.practice {
        line = pen.put(line, pen.text(Text::PracticeShort), Role::Practice);
        line = skip(line, 1);
    }
    let sentence = pen
        .locale
        .fill(Text::TooSmall, &[("wanted", &wanted), ("now", &now)]);
    pen.put(line, &sentence, Role::Strong);
}
