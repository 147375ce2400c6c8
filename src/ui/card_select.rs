//! クレジット利用: the card companies, one of which pays the bill.
//!
//! ```text
//!  コード・名前で探す  > _
//!
//!    コード  カード会社        カード区分        連携
//!  > 01      JCB               クレ銀三面待ち    連動
//!    05      商品券カード      クレジット        なし
//!
//!  ▲ why the marked one cannot be chosen
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, columns, row, skip};
use super::style::{Role, Shape};
use super::{cat_pane, frame, words};
use crate::app::State;
use crate::app::card_select::CardSelect;
use crate::domain::master::CardCompany;
use crate::locale::Text;

/// Draw the card selection.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, select: &CardSelect) {
    let side = cat_pane::columns(pen);
    let rooms = frame::draw(
        pen,
        state,
        Text::TitleCardSelect,
        side,
        Some(Text::PaneTitle),
    );
    cat_pane::draw(pen, state, rooms.side);
    let area = rooms.main;
    let rest = pen.put(row(area, 1), pen.text(Text::FindCard), Role::Plain);
    let rest = pen.put(skip(rest, 1), "> ", Role::Strong);
    pen.field(rest, &select.find);

    let widest = Widths {
        code: pen.width(pen.text(Text::ColumnCode)),
        class: widest_class(pen, state),
        link: widest_link(pen),
    };
    let [_, code, name, class, link] = split(row(area, 3), widest);
    pen.put(code, pen.text(Text::ColumnCode), Role::Faint);
    pen.put(name, pen.text(Text::ColumnCard), Role::Faint);
    pen.put(class, pen.text(Text::ColumnClass), Role::Faint);
    pen.put(link, pen.text(Text::ColumnSalesLink), Role::Faint);

    let list = Rect {
        height: area.height.saturating_sub(4 + 3),
        ..below(area, 4)
    };
    let cards = select.shown(&state.settings.cards);
    let room = usize::from(list.height).max(1);
    let first = (select.selected + 1).saturating_sub(room);
    if cards.len() > room {
        let count = pen.fill(Text::MoreLines, "count", cards.len() - room);
        pen.right(row(area, 2), &count, Role::Faint);
    }
    for (index, card) in cards.iter().enumerate().skip(first).take(room) {
        let place = row(list, u16::try_from(index - first).unwrap_or(u16::MAX));
        line(pen, state, (place, widest), card, index == select.selected);
    }
    let foot = below(area, area.height.saturating_sub(3));
    let refusal = match cards.get(select.selected) {
        Some(card) => state.card_refusal(card),
        None => Some(crate::app::note::Note::warning(Text::NoSuchCard)),
    };
    if let Some(note) = refusal {
        let rest = pen.put(row(foot, 0), pen.look.shape(Shape::Triangle), Role::Care);
        let place = Rect {
            height: foot.height,
            ..skip(rest, 1)
        };
        let sentence = words::note(pen.locale, &note);
        let used = pen.wrap(place, &sentence, Role::Care);
        let card = cards.get(select.selected);
        if card.is_some_and(|card| state.goes_by_hand(card).is_some()) {
            pen.wrap(below(place, used), pen.text(Text::ByHandPick), Role::Plain);
        }
    }
}

/// Columns that are as wide as the widest of their words; names have the rest.
#[derive(Debug, Clone, Copy)]
struct Widths {
    code: u16,
    class: u16,
    link: u16,
}

/// Mark, code, name, class, link. The class column is as wide as its widest name, as long as the names keep some room.
fn split(line: Rect, widest: Widths) -> [Rect; 5] {
    let free = line.width.saturating_sub(1 + widest.code + widest.link + 4);
    let class = widest.class.min(free.saturating_sub(11));
    columns(line, [1, widest.code, free - class, class, widest.link])
}

fn widest_link(pen: &Pen<'_>) -> u16 {
    let words = [
        Text::ColumnSalesLink,
        Text::SalesLinkOn,
        Text::SalesLinkOff,
        Text::SalesLinkBlocked,
        Text::SalesLinkByHand,
    ];
    let widths = words.into_iter().map(|word| pen.width(pen.text(word)));
    widths.max().unwrap_or(0)
}

fn widest_class(pen: &Pen<'_>, state: &State) -> u16 {
    let cards = state.settings.cards.iter();
    let widths = cards.map(|card| pen.width(class_of(pen, state, card)));
    let title = pen.width(pen.text(Text::ColumnClass));
    widths.max().unwrap_or(0).max(title)
}

fn class_of<'a>(pen: &Pen<'_>, state: &'a State, card: &CardCompany) -> &'a str {
    let class = state.settings.classes.get(card.card_class);
    class.map_or("", |row| pen.name(&row.name))
}

fn line(
    pen: &mut Pen<'_>,
    state: &State,
    (place, widest): (Rect, Widths),
    card: &CardCompany,
    marked: bool,
) {
    let refused = state.card_refusal(card).is_some();
    let role = if refused { Role::Faint } else { Role::Plain };
    let [mark, code, name, class, link] = split(place, widest);
    pen.put(mark, if marked { ">" } else { " " }, Role::Strong);
    pen.put(code, &card.code, role);
    pen.put(name, pen.name(&card.name), role);
    pen.put(class, class_of(pen, state, card), role);
    let word = match (card.sales_link.is_on(), refused) {
        (false, _) => Text::SalesLinkOff,
        (true, true) if state.goes_by_hand(card).is_some() => Text::SalesLinkByHand,
        (true, true) => Text::SalesLinkBlocked,
        (true, false) => Text::SalesLinkOn,
    };
    pen.put(link, pen.text(word), role);
    if marked {
        pen.paint(place, Role::Mark);
    }
}
