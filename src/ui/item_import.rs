//! 取込: a file of goods being read, what is not right in it, and what came of it.
//!
//! ```text
//!  shohin.csv  CP932
//!  取り込める行 1,203   取り込めない行 2
//!  使わない列: 棚番
//!  ─────────────────────────────────────────────
//!    12行目  M-01 マスク 330
//!            税区分「5%」は使えません。10%・8%・非課税 のどれかにしてください
//!  ─────────────────────────────────────────────
//!  1 取り込める行だけ取り込む (ほかの品目は残す)
//!  2 品目をこのファイルの内容に入れ替える
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, row, skip, take};
use super::style::Role;
use super::{frame, words};
use crate::app::State;
use crate::app::items::import::{self, End, Files, Import};
use crate::app::message::items::{Goods, Imported, Progress};
use crate::domain::item::sheet::BadLine;
use crate::domain::money::Yen;
use crate::locale::Text;

/// A count, grouped like amounts.
fn grouped(count: u64) -> String {
    Yen::new(i64::try_from(count).unwrap_or(i64::MAX)).to_string()
}

/// Draw the import where it stands.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State) {
    let import = &state.catalogue.import;
    let rooms = frame::draw(pen, state, words::title(import::place(import)), 0, None);
    let area = rooms.main;
    match import {
        Import::None => {}
        Import::Files(files) => self::files(pen, area, files),
        Import::Reading { name, progress, .. } => reading(pen, area, name, *progress),
        Import::Report {
            name,
            goods,
            scroll,
        } => report(pen, area, (name, goods, *scroll)),
        Import::Writing { name } => {
            pen.put(row(area, 0), name, Role::Strong);
            pen.put(row(area, 2), pen.text(Text::ItemsBeingWritten), Role::Plain);
        }
        Import::Over { name, end } => over(pen, area, name, end),
    }
}

fn files(pen: &mut Pen<'_>, area: Rect, files: &Files) {
    pen.put(row(area, 0), pen.text(Text::ItemFilesWhere), Role::Plain);
    pen.put(skip(row(area, 1), 2), &files.folder, Role::Strong);
    let list = below(area, 3);
    match &files.files {
        None => {
            pen.put(skip(row(list, 1), 2), pen.text(Text::Reading), Role::Plain);
        }
        Some(Err(said)) => {
            let told = pen.fill(Text::ItemFileUnreadable, "detail", said);
            pen.wrap(list, &told, Role::Alarm);
        }
        Some(Ok(found)) if found.is_empty() => {
            pen.wrap(below(list, 1), pen.text(Text::NoItemFile), Role::Plain);
        }
        Some(Ok(found)) => {
            let room = usize::from(list.height);
            let first = (files.selected + 1).saturating_sub(room);
            for (index, file) in found.iter().enumerate().skip(first).take(room) {
                let place = row(list, u16::try_from(index - first).unwrap_or(u16::MAX));
                let size = pen.fill(
                    Text::Kilobytes,
                    "count",
                    grouped(file.bytes.div_ceil(1_024)),
                );
                pen.right(place, &size, Role::Plain);
                let wide = place.width.saturating_sub(pen.width(&size) + 1);
                pen.put(skip(take(place, wide), 2), &file.name, Role::Plain);
                if index == files.selected {
                    pen.put(take(place, 1), ">", Role::Strong);
                    pen.paint(place, Role::Mark);
                }
            }
        }
    }
}

fn reading(pen: &mut Pen<'_>, area: Rect, name: &str, progress: Progress) {
    pen.put(row(area, 0), name, Role::Strong);
    bar(pen, row(area, 2), progress);
    counts(pen, row(area, 4), (progress.good, progress.bad));
    pen.wrap(
        below(area, 6),
        pen.text(Text::ItemReadingGoesOn),
        Role::Plain,
    );
}

/// How far, in characters that every terminal draws alike.
fn bar(pen: &mut Pen<'_>, place: Rect, progress: Progress) {
    let percent = (progress.bytes.min(progress.of) * 100)
        .checked_div(progress.of)
        .unwrap_or(0);
    let wide = u64::from(place.width.saturating_sub(7));
    let full = wide * percent / 100;
    let part = |mark: &str, count: u64| mark.repeat(usize::try_from(count).unwrap_or(0));
    let drawn = format!("[{}{}]", part("#", full), part(".", wide - full));
    let rest = pen.put(place, &drawn, Role::Strong);
    pen.right(rest, &format!("{percent}%"), Role::Strong);
}

fn counts(pen: &mut Pen<'_>, line: Rect, (good, bad): (u64, u64)) {
    let good = pen.fill(Text::LinesGood, "count", grouped(good));
    let rest = pen.put(line, &good, Role::Plain);
    let role = if bad > 0 { Role::Care } else { Role::Plain };
    let bad = pen.fill(Text::LinesBad, "count", grouped(bad));
    pen.put(skip(rest, 3), &bad, role);
}

fn report(pen: &mut Pen<'_>, area: Rect, (name, goods, scroll): (&str, &Goods, usize)) {
    let rest = pen.put(row(area, 0), name, Role::Strong);
    pen.put(skip(rest, 2), &goods.encoding, Role::Faint);
    let good = u64::try_from(goods.items.len()).unwrap_or(u64::MAX);
    counts(pen, row(area, 1), (good, goods.bad_count));
    if !goods.ignored.is_empty() {
        let ignored = goods.ignored.join(", ");
        let told = pen.fill(Text::ColumnsIgnored, "columns", ignored);
        pen.put(row(area, 2), &told, Role::Faint);
    }
    pen.rule(row(area, 3));
    let list = Rect {
        height: area.height.saturating_sub(8),
        ..below(area, 4)
    };
    bad_lines(pen, list, goods, scroll);
    let foot = below(area, area.height.saturating_sub(4));
    pen.rule(row(foot, 0));
    let whole = if goods.bad_count == 0 {
        Role::Plain
    } else {
        Role::Faint
    };
    pen.put(row(foot, 1), pen.text(Text::ItemsTakeThese), Role::Plain);
    pen.put(row(foot, 2), pen.text(Text::ItemsTakeWhole), whole);
    pen.put(row(foot, 3), pen.text(Text::ItemsTakeNone), Role::Plain);
}

/// Two rows each: where, and why. The last row says how many more there are.
fn bad_lines(pen: &mut Pen<'_>, list: Rect, goods: &Goods, scroll: usize) {
    if goods.bad.is_empty() {
        let text = pen.text(Text::EveryLineGood);
        pen.put(skip(row(list, 1), 2), text, Role::Plain);
        return;
    }
    let room = usize::from(list.height.saturating_sub(1) / 2);
    for (index, bad) in goods.bad.iter().skip(scroll).take(room).enumerate() {
        let at = u16::try_from(index * 2).unwrap_or(u16::MAX);
        let where_ = place_of(pen, bad);
        let rest = pen.put(skip(row(list, at), 2), &where_, Role::Strong);
        pen.put(skip(rest, 2), &bad.begins, Role::Faint);
        let why = words::note(pen.locale, &import::fault_note(&bad.fault));
        pen.put(skip(row(list, at + 1), 4), &why, Role::Care);
    }
    let shown = u64::try_from(scroll + room).unwrap_or(u64::MAX);
    if goods.bad_count > shown {
        let more = pen.fill(Text::LinesMore, "count", grouped(goods.bad_count - shown));
        pen.right(row(list, list.height.saturating_sub(1)), &more, Role::Plain);
    }
}

fn place_of(pen: &Pen<'_>, bad: &BadLine) -> String {
    let (line, last) = (bad.line.to_string(), bad.last.to_string());
    if bad.line == bad.last {
        pen.fill(Text::LineAt, "line", line)
    } else {
        pen.locale
            .fill(Text::LinesAt, &[("line", &line), ("last", &last)])
    }
}

fn over(pen: &mut Pen<'_>, area: Rect, name: &str, end: &End) {
    pen.put(row(area, 0), name, Role::Strong);
    let rest = below(area, 2);
    match end {
        End::Imported(done) => imported(pen, rest, *done),
        End::Trouble(trouble) => {
            let told = words::note(pen.locale, &import::trouble_note(trouble));
            let used = pen.wrap(rest, &told, Role::Alarm);
            pen.put(
                row(rest, used + 1),
                pen.text(Text::ItemsAsBefore),
                Role::Plain,
            );
        }
        End::Clash(clash) => {
            let told = words::note(pen.locale, &import::clash_note(clash));
            let used = pen.wrap(rest, &told, Role::Alarm);
            pen.put(
                row(rest, used + 1),
                pen.text(Text::ItemsAsBefore),
                Role::Plain,
            );
        }
        End::NotWritten => {
            pen.put(row(rest, 0), pen.text(Text::ItemsNotWritten), Role::Alarm);
            pen.put(row(rest, 2), pen.text(Text::ItemsAsBefore), Role::Plain);
        }
    }
}

fn imported(pen: &mut Pen<'_>, area: Rect, done: Imported) {
    pen.put(row(area, 0), pen.text(Text::ItemsImported), Role::Strong);
    let rows = [
        (Text::ItemsAdded, done.added),
        (Text::ItemsChanged, done.changed),
        (Text::ItemsSame, done.same),
        (Text::ItemsRemoved, done.removed),
        (Text::ItemsNow, done.total),
    ];
    for (index, (text, count)) in rows.into_iter().enumerate() {
        let place = row(area, u16::try_from(index + 2).unwrap_or(u16::MAX));
        let left = take(skip(place, 2), 24);
        pen.put(left, pen.text(text), Role::Plain);
        pen.right(take(skip(place, 26), 10), &grouped(count), Role::Plain);
    }
    pen.put(row(area, 8), pen.text(Text::BookedStays), Role::Faint);
}
