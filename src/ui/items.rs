//! 品目: the catalogue, and what of it a search finds.
//!
//! ```text
//!  検索 > ますく x2_                                              12,345品目
//!    短縮 コード        品名                             単価       税
//!  > 1    M-01          マスク ふつう                         330   課
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, columns, row, skip, take};
use super::style::Role;
use super::{frame, words};
use crate::app::State;
use crate::app::items::{ItemsScreen, Reading};
use crate::domain::item::Item;
use crate::domain::money::Yen;
use crate::locale::Text;

/// Draw the list.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, items: &ItemsScreen) {
    let rooms = frame::draw(pen, state, Text::TitleItems, 0, None);
    let area = rooms.main;
    let line = row(area, 0);
    let total = i64::try_from(items.page.total).unwrap_or(i64::MAX);
    let total = pen.fill(Text::ItemCount, "count", Yen::new(total));
    let total_width = pen.width(&total);
    pen.right(line, &total, Role::Plain);
    let left = take(line, line.width.saturating_sub(total_width + 1));
    let rest = pen.put(left, pen.text(Text::FindLabel), Role::Plain);
    let rest = pen.put(skip(rest, 1), "> ", Role::Strong);
    if items.find.is_empty() {
        pen.put(skip(rest, 2), pen.text(Text::ItemFindHint), Role::Faint);
    }
    pen.field(take(rest, 40), &items.find);
    heading(pen, row(area, 2));
    let list = Rect {
        height: area.height.saturating_sub(4),
        ..below(area, 3)
    };
    let room = usize::from(list.height);
    let first = (items.selected + 1).saturating_sub(room);
    let rows = items.page.rows.iter().enumerate().skip(first).take(room);
    for (index, item) in rows {
        let place = row(list, u16::try_from(index - first).unwrap_or(u16::MAX));
        self::line(pen, place, item);
        if index == items.selected {
            pen.put(take(place, 1), ">", Role::Strong);
            pen.paint(place, Role::Mark);
        }
    }
    let foot = row(area, area.height.saturating_sub(1));
    let (text, role) = match items.reading {
        Reading::Failed => (Text::ItemsNotRead, Role::Alarm),
        Reading::Read if items.page.total == 0 => (Text::ItemsEmpty, Role::Plain),
        Reading::Read if items.page.rows.is_empty() => (Text::ItemNone, Role::Plain),
        Reading::Read if items.page.more => (Text::ItemsMore, Role::Faint),
        Reading::Read | Reading::Asked => return,
    };
    let place = if items.page.rows.is_empty() {
        skip(row(list, 1), 2)
    } else {
        foot
    };
    pen.put(place, pen.text(text), role);
}

/// Mark, quick key, code, JAN where there is room, name, price, tax.
fn split(pen: &Pen<'_>, line: Rect) -> [Rect; 7] {
    let jan = if pen.large() { 13 } else { 0 };
    let fixed = 1 + 4 + 16 + jan + 10 + 3 + 6;
    columns(
        line,
        [1, 4, 16, jan, line.width.saturating_sub(fixed), 10, 3],
    )
}

fn heading(pen: &mut Pen<'_>, line: Rect) {
    let [_, quick, code, jan, name, price, tax] = split(pen, line);
    pen.put(quick, pen.text(Text::ItemQuick), Role::Faint);
    pen.put(code, pen.text(Text::ItemCode), Role::Faint);
    if jan.width > 0 {
        pen.put(jan, pen.text(Text::ItemJan), Role::Faint);
    }
    pen.put(name, pen.text(Text::ItemName), Role::Faint);
    pen.right(price, pen.text(Text::ItemPrice), Role::Faint);
    pen.put(tax, pen.text(Text::ColumnTax), Role::Faint);
}

fn line(pen: &mut Pen<'_>, place: Rect, item: &Item) {
    let [_, quick, code, jan, name, price, tax] = split(pen, place);
    if let Some(key) = item.quick {
        pen.put(quick, &format!("/{key}"), Role::Strong);
    }
    pen.put(code, &item.code, Role::Plain);
    if let (Some(digits), 1..) = (&item.jan, jan.width) {
        pen.put(jan, digits.as_str(), Role::Plain);
    }
    pen.put(name, &item.name, Role::Plain);
    pen.amount(price, item.price, Role::Plain);
    pen.put(tax, pen.text(words::tax_mark(item.tax)), Role::Plain);
}
