//! 履歴: past sales, newest first, in pages.
//!
//! ```text
//!  検索 > _                 伝票番号・金額・カード名・日付            1頁 (次あり)
//!
//!    伝票番号  日時         種別        金額  決済連携                   状態
//!  > 00000142  11-21 14:32  売上       3,430  クレ銀三面待ち 01234       成立
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, columns, row, skip, take};
use super::style::Role;
use super::{frame, words};
use crate::app::State;
use crate::app::history::History;
use crate::app::message::HistoryRow;
use crate::domain::ledger::SaleState;
use crate::domain::tender::LinkKind;
use crate::locale::Text;

/// Draw the history.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, history: &History) {
    let rooms = frame::draw(pen, state, Text::TitleHistory, 0, None);
    let area = rooms.main;
    let line = row(area, 0);
    let page = page_mark(pen, history);
    let page_width = pen.width(&page);
    pen.right(line, &page, Role::Plain);
    let left = take(line, line.width.saturating_sub(page_width + 1));
    let rest = pen.put(left, pen.text(Text::FindLabel), Role::Plain);
    let rest = pen.put(skip(rest, 1), "> ", Role::Strong);
    if history.find.is_empty() {
        pen.put(skip(rest, 2), pen.text(Text::FindHint), Role::Faint);
    }
    pen.field(take(rest, 40), &history.find);

    // The class of a card gives way only where the state needs the room.
    let rows = &history.page.rows;
    let back = rows.iter().any(|item| item.taken_back.is_positive());
    let state = if back { STATE_BACK } else { STATE };
    let [_, slip, when, kind, amount, link, standing] = split(row(area, 2), state);
    pen.put(slip, pen.text(Text::ColumnSlip), Role::Faint);
    pen.put(when, pen.text(Text::ColumnWhen), Role::Faint);
    pen.put(kind, pen.text(Text::ColumnKind), Role::Faint);
    pen.right(amount, pen.text(Text::ColumnAmount), Role::Faint);
    pen.put(link, pen.text(Text::ColumnLink), Role::Faint);
    pen.put(standing, pen.text(Text::ColumnState), Role::Faint);
    let list = below(area, 3);
    let room = usize::from(list.height);
    // A page read for a taller window is shown from where its mark is.
    let first = (history.selected + 1).saturating_sub(room);
    for (index, item) in history.page.rows.iter().enumerate().skip(first).take(room) {
        let place = row(list, u16::try_from(index - first).unwrap_or(u16::MAX));
        self::line(pen, (place, state), item, index == history.selected);
    }
    if history.page.rows.is_empty() {
        let text = if history.reading {
            Text::Reading
        } else {
            Text::NothingFound
        };
        pen.put(skip(row(list, 1), 2), pen.text(text), Role::Plain);
    }
}

fn page_mark(pen: &Pen<'_>, history: &History) -> String {
    let text = if history.page.more {
        Text::PageMore
    } else {
        Text::PageMark
    };
    pen.fill(text, "page", history.before.len() + 1)
}

/// Columns of the state, as a word and as what went back.
const STATE: u16 = 9;
const STATE_BACK: u16 = 13;

fn split(line: Rect, state: u16) -> [Rect; 7] {
    let date = 11;
    let fixed = 1 + 8 + date + 6 + 10 + state + 6;
    columns(
        line,
        [1, 8, date, 6, 10, line.width.saturating_sub(fixed), state],
    )
}

fn line(pen: &mut Pen<'_>, (place, state): (Rect, u16), item: &HistoryRow, marked: bool) {
    let [mark, slip, when, kind, amount, link, standing] = split(place, state);
    pen.put(mark, if marked { ">" } else { " " }, Role::Strong);
    pen.put(slip, &item.slip.to_string(), Role::Plain);
    let at = item.stamp.at.format("%m-%d %H:%M").to_string();
    pen.put(when, &at, Role::Plain);
    pen.put(kind, pen.text(words::kind(item.kind)), Role::Plain);
    pen.amount(amount, item.total, Role::Plain);
    put_link(pen, link, item);
    let role = match item.state {
        SaleState::Settled => Role::Plain,
        SaleState::Declined | SaleState::Cancelled => Role::Faint,
        SaleState::Pending
        | SaleState::Sent
        | SaleState::Unknown
        | SaleState::Parked
        | SaleState::ByHand
        | SaleState::Booked => Role::Care,
    };
    match words::taken_back(item.total, item.taken_back) {
        Some((Text::TakenBackPart, yen)) => {
            let back = pen.fill(Text::TakenBackPart, "yen", yen);
            pen.put(standing, &back, Role::Care)
        }
        Some((text, _)) => pen.put(standing, pen.text(text), Role::Care),
        None => pen.put(standing, pen.text(words::state(item.state)), role),
    };
    if marked {
        pen.paint(place, Role::Mark);
    }
}

/// 決済連携: card class and the terminal's slip where the amount went over the link, 手動 and its slip where it was by hand; blank where no
/// card took part.
fn put_link(pen: &mut Pen<'_>, place: Rect, item: &HistoryRow) {
    let Some(card) = &item.card else {
        return;
    };
    match card.link {
        LinkKind::Linked => {
            let slip = card.terminal_slip.as_ref();
            let slip = slip.map_or_else(|| "-".to_owned(), ToString::to_string);
            // The name gives way where there is no room for both: the number is what is looked for.
            let room = place.width.saturating_sub(pen.width(&slip) + 1);
            let name = pen.name(&card.class_name);
            let used = pen.width(name).min(room);
            pen.put(take(place, room), name, Role::Plain);
            pen.put(skip(place, used + 1), &slip, Role::Plain);
        }
        LinkKind::Manual => {
            let slip = card.terminal_slip.as_ref();
            let slip = slip.map_or_else(|| "-".to_owned(), ToString::to_string);
            let text = format!(
                "{} {slip} {}",
                pen.text(Text::LinkManual),
                pen.name(&card.name)
            );
            pen.put(place, &text, Role::Plain);
        }
        LinkKind::None => {}
    }
}
