//! クレジット利用履歴: what moved on cards, what to show of it, what it adds up to, and it as a file.
//!
//! ```text
//!  2026-11-01(日) から 2026-11-30(月)  連動                        2頁 (次あり)
//!  ▲ 結果の分からない取引が 1件あります。合計には入っていません (F5 状態)
//!    伝票番号 日時        種別         金額 決済連携
//!  > 00000142 11-21 14:32 売上        3,430 クレ銀三面待ち(銀聯) 01234
//!    00000137 11-20 10:05 返品       -2,200 手動 00871 JCB
//!  合計 123件                     1,234,567
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, columns, row, skip, take};
use super::style::{Role, Shape};
use super::{frame, words};
use crate::app::State;
use crate::app::card_report::filter::{Filter, Form, FormRow, KINDS, LINKS, Period};
use crate::app::card_report::{CardReport, Reading, View};
use crate::app::message::CardMovement;
use crate::domain::business_day::BusinessDate;
use crate::domain::ledger::SaleState;
use crate::domain::money::Yen;
use crate::domain::sale::SaleKind;
use crate::domain::tender::{CardClass, LinkKind};
use crate::locale::Text;

/// Draw the report.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, report: &CardReport) {
    let rooms = frame::draw(pen, state, words::title(report.place()), 0, None);
    match &report.view {
        View::List => list(pen, state, rooms.main, report),
        View::Totals { scroll } => totals(pen, state, rooms.main, (report, *scroll)),
        View::Filter(form) => filter(pen, state, rooms.main, form),
        View::Export => export(pen, state, rooms.main, report),
    }
}

/// Which days and conditions are shown, in a line, or in two where it is short of them: a part is never read as the whole. Returns how many
/// lines it took; the first leaves so many columns free at its end.
fn conditions(
    pen: &mut Pen<'_>,
    state: &State,
    (area, free): (Rect, u16),
    report: &CardReport,
) -> u16 {
    let line = row(area, 0);
    let line = take(line, line.width.saturating_sub(free));
    let asked = report.asked();
    let day = |pen: &Pen<'_>, day: Option<BusinessDate>, open: Text| {
        day.map_or_else(
            || pen.text(open).to_owned(),
            |day| words::date(pen.locale, day),
        )
    };
    let days = if asked.from.is_some() && asked.from == asked.to {
        day(pen, asked.from, Text::ReportFirst)
    } else if asked.from.is_none() && asked.to.is_none() {
        pen.text(Text::PeriodAll).to_owned()
    } else {
        let from = day(pen, asked.from, Text::ReportFirst);
        let to = day(pen, asked.to, Text::ReportLast);
        pen.locale
            .fill(Text::ReportDays, &[("from", &from), ("to", &to)])
    };
    let mut rest = pen.put(line, &days, Role::Strong);
    let mut more = Vec::new();
    if let Some(class) = asked.card_class {
        more.push(class_name(pen, state, class));
    }
    if let Some(link) = asked.link {
        more.push(pen.text(link_name(Some(link))).to_owned());
    }
    if let Some(kind) = asked.kind {
        more.push(pen.text(words::kind(kind)).to_owned());
    }
    if let Some(code) = &asked.operator {
        let who = operator_name(state, code);
        more.push(pen.fill(Text::ReportOperator, "name", who));
    }
    if report.filter.open {
        more.push(pen.text(Text::ReportOpen).to_owned());
    }
    let mut used = 1;
    for word in more {
        if used == 1 && skip(rest, 2).width < pen.width(&word) {
            rest = row(area, 1);
            used = 2;
        }
        rest = pen.put(skip(rest, 2), &word, Role::Plain);
    }
    used
}

fn list(pen: &mut Pen<'_>, state: &State, area: Rect, report: &CardReport) {
    let line = row(area, 0);
    let page = if report.page.more && !report.filter.open {
        Text::PageMore
    } else {
        Text::PageMark
    };
    let page = pen.fill(page, "page", report.before.len() + 1);
    let page_width = pen.width(&page);
    pen.right(line, &page, Role::Plain);
    let used = conditions(pen, state, (area, page_width + 1), report);
    open_line(pen, row(area, used), report);
    heading(pen, row(area, used + 1));
    let list = Rect {
        height: area.height.saturating_sub(used + 3),
        ..below(area, used + 2)
    };
    let rows = report.rows();
    let room = usize::from(list.height);
    // A page read for a taller window is shown from where its mark is.
    let first = (report.selected + 1).saturating_sub(room);
    for (index, item) in rows.iter().enumerate().skip(first).take(room) {
        let place = row(list, u16::try_from(index - first).unwrap_or(u16::MAX));
        let standing = report
            .filter
            .open
            .then(|| report.page.open.get(index).map(|open| open.state));
        movement(pen, state, place, (item, standing.flatten()));
        if index == report.selected {
            pen.put(take(place, 1), ">", Role::Strong);
            pen.paint(place, Role::Mark);
        }
    }
    if rows.is_empty() {
        let (text, role) = match report.reading {
            Reading::Asked => (Text::Reading, Role::Plain),
            Reading::Failed => (Text::ReportNotRead, Role::Alarm),
            Reading::Read => (Text::ReportNone, Role::Plain),
        };
        pen.put(skip(row(list, 1), 2), pen.text(text), role);
    }
    let sum = row(area, area.height.saturating_sub(1));
    if report.filter.open {
        pen.put(sum, pen.text(Text::ReportOpenRows), Role::Care);
    } else if report.reading == Reading::Read {
        let (count, amount) = report.sum();
        sum_line(pen, sum, (count, amount));
    }
}

/// What has no outcome is said on every page, whatever is shown.
fn open_line(pen: &mut Pen<'_>, line: Rect, report: &CardReport) {
    if !report.page.open.is_empty() {
        let rest = pen.put(line, pen.look.shape(Shape::Triangle), Role::Care);
        let text = pen.fill(Text::ReportOpenCount, "count", report.page.open.len());
        pen.put(skip(rest, 1), &text, Role::Care);
    }
}

fn sum_line(pen: &mut Pen<'_>, line: Rect, (count, amount): (u32, Yen)) {
    let [_, _, _, _, place, _] = split(line);
    let words = pen.fill(Text::ReportSum, "count", count);
    let before = place.x.saturating_sub(line.x);
    pen.put(skip(take(line, before), 2), &words, Role::Strong);
    // Ten years of a busy counter have more digits than a row: what stands to the left gives room.
    let wide = Rect {
        x: place.x.saturating_sub(8),
        width: place.width + 8,
        ..place
    };
    pen.amount(wide, amount, Role::Strong);
    pen.put(
        skip(line, before + place.width + 1),
        pen.text(Text::ReportSigns),
        Role::Faint,
    );
}

fn split(line: Rect) -> [Rect; 6] {
    let fixed = 1 + 8 + 11 + 6 + 10 + 5;
    columns(line, [1, 8, 11, 6, 10, line.width.saturating_sub(fixed)])
}

/// Where there is room: the number of the approval, and who rang it up.
const APPROVAL: u16 = 14;
const OPERATOR: u16 = 6;

/// The columns of a row; the last two are empty on a small screen.
fn wide(pen: &Pen<'_>, place: Rect) -> ([Rect; 6], [Rect; 2]) {
    if !pen.large() {
        return (split(place), [Rect::default(); 2]);
    }
    let left = take(place, place.width.saturating_sub(APPROVAL + OPERATOR + 2));
    let more = columns(skip(place, left.width + 1), [APPROVAL, OPERATOR]);
    (split(left), more)
}

fn heading(pen: &mut Pen<'_>, line: Rect) {
    let ([_, slip, when, kind, amount, link], [approval, operator]) = wide(pen, line);
    pen.put(slip, pen.text(Text::ColumnSlip), Role::Faint);
    pen.put(when, pen.text(Text::ColumnWhen), Role::Faint);
    pen.put(kind, pen.text(Text::ColumnKind), Role::Faint);
    pen.right(amount, pen.text(Text::ColumnAmount), Role::Faint);
    pen.put(link, pen.text(Text::ColumnLink), Role::Faint);
    pen.put(approval, pen.text(Text::ApprovalCode), Role::Faint);
    pen.put(operator, pen.text(Text::ColumnOperator), Role::Faint);
}

fn movement(
    pen: &mut Pen<'_>,
    state: &State,
    place: Rect,
    (item, standing): (&CardMovement, Option<SaleState>),
) {
    let ([_, slip, when, kind, amount, link], [approval, operator]) = wide(pen, place);
    pen.put(slip, &item.slip.to_string(), Role::Plain);
    let at = item.stamp.at.format("%m-%d %H:%M").to_string();
    pen.put(when, &at, Role::Plain);
    pen.put(kind, pen.text(words::kind(item.kind)), Role::Plain);
    let role = match standing {
        Some(_) => Role::Faint,
        None if item.kind == SaleKind::Sale => Role::Plain,
        None => Role::Care,
    };
    pen.amount(amount, item.amount, role);
    if let Some(approved) = &item.approval_code {
        pen.put(approval, approved.as_str(), Role::Plain);
    }
    pen.put(operator, &item.operator, Role::Plain);
    match standing {
        Some(standing) => {
            let rest = pen.put(link, pen.text(words::state(standing)), Role::Care);
            let name = pen.name(&item.card.name).to_owned();
            pen.put(skip(rest, 2), &name, Role::Plain);
        }
        None => put_link(pen, state, link, item),
    }
}

/// 決済連携: card class, what it was in the end, and the terminal's slip where it went over the link; 手動 and its slip where it was by hand.
fn put_link(pen: &mut Pen<'_>, state: &State, place: Rect, item: &CardMovement) {
    let slip = item.card.terminal_slip.as_ref();
    let slip = slip.map_or_else(|| "-".to_owned(), ToString::to_string);
    let mut name = pen.name(&item.card.class_name).to_owned();
    match item.card.link {
        LinkKind::Manual => {
            let text = format!(
                "{} {slip} {}",
                pen.text(Text::LinkManual),
                pen.name(&item.card.name)
            );
            pen.put(place, &text, Role::Plain);
            return;
        }
        LinkKind::None => {
            pen.put(place, &name, Role::Plain);
            return;
        }
        LinkKind::Linked => {}
    }
    if let Some(used) = item.class_used.filter(|used| *used != item.card_class) {
        name = format!("{name}({})", class_name(pen, state, used));
    }
    // The name gives way where there is no room for both: the number is what is looked for.
    let room = place.width.saturating_sub(pen.width(&slip) + 1);
    let used = pen.width(&name).min(room);
    pen.put(take(place, room), &name, Role::Plain);
    pen.put(skip(place, used + 1), &slip, Role::Plain);
}

fn class_name(pen: &Pen<'_>, state: &State, class: CardClass) -> String {
    match state.settings.classes.get(class) {
        Some(row) => pen.name(&row.name).to_owned(),
        None => class.to_string(),
    }
}

fn operator_name(state: &State, code: &str) -> String {
    // Where there is no list, the one at the counter is known all the same.
    let here = Some(&state.operator).filter(|one| one.code.eq_ignore_ascii_case(code));
    match state.settings.operators.of_code(code).or(here) {
        Some(one) => format!("{} {}", one.code, one.name),
        None => code.to_owned(),
    }
}

const fn link_name(link: Option<LinkKind>) -> Text {
    match link {
        None => Text::ReportAny,
        Some(LinkKind::Manual) => Text::LinkManual,
        Some(LinkKind::Linked | LinkKind::None) => Text::ReportLinked,
    }
}

/// One line of the totals.
struct Line {
    name: String,
    count: u32,
    amount: Yen,
    role: Role,
}

fn totals(pen: &mut Pen<'_>, state: &State, area: Rect, (report, scroll): (&CardReport, usize)) {
    let used = conditions(pen, state, (area, 0), report);
    open_line(pen, row(area, used), report);
    let [name, count, amount] = total_columns(row(area, used + 1));
    pen.put(name, pen.text(Text::ColumnClass), Role::Faint);
    pen.right(count, pen.text(Text::ColumnCount), Role::Faint);
    pen.right(amount, pen.text(Text::ColumnAmount), Role::Faint);
    let mut lines = Vec::new();
    for total in report.totals() {
        lines.push(Line {
            name: format!("{:>2} {}", total.class.0, pen.name(&total.name)),
            count: total.count,
            amount: total.amount,
            role: Role::Plain,
        });
        for used in &total.used {
            let name = match used.class_used {
                Some(class) => {
                    let name = class_name(pen, state, class);
                    pen.fill(Text::ReportUsed, "name", name)
                }
                None => pen.text(Text::ReportUsedUnsaid).to_owned(),
            };
            lines.push(Line {
                name: format!("     {name}"),
                count: used.count,
                amount: used.amount,
                role: Role::Faint,
            });
        }
    }
    let list = Rect {
        height: area.height.saturating_sub(used + 4),
        ..below(area, used + 2)
    };
    let room = usize::from(list.height);
    let first = scroll.min(lines.len().saturating_sub(room));
    for (index, line) in lines.iter().enumerate().skip(first).take(room) {
        let place = row(list, u16::try_from(index - first).unwrap_or(u16::MAX));
        total_line(pen, place, line);
    }
    match report.reading {
        Reading::Failed => {
            pen.put(row(list, 1), pen.text(Text::ReportNotRead), Role::Alarm);
            return;
        }
        Reading::Asked => {
            pen.put(row(list, 1), pen.text(Text::Reading), Role::Plain);
            return;
        }
        Reading::Read => {}
    }
    let hidden = lines.len().saturating_sub(first + room);
    let above = row(area, area.height.saturating_sub(2));
    if hidden > 0 {
        let more = pen.fill(Text::MoreLines, "count", hidden);
        pen.put(above, &more, Role::Faint);
    } else {
        pen.put(above, pen.text(Text::ReportSigns), Role::Faint);
    }
    let (count, amount) = report.sum();
    let all = Line {
        name: pen.text(Text::Total).to_owned(),
        count,
        amount,
        role: Role::Strong,
    };
    let last = row(area, area.height.saturating_sub(1));
    total_line(pen, last, &all);
}

fn total_columns(line: Rect) -> [Rect; 3] {
    // Close enough together to be read across.
    columns(
        take(line, 74),
        [44, 8, 14].map(|width: u16| width.min(line.width)),
    )
}

fn total_line(pen: &mut Pen<'_>, place: Rect, line: &Line) {
    let [name, count, amount] = total_columns(place);
    pen.put(name, &line.name, line.role);
    pen.right(count, &line.count.to_string(), line.role);
    pen.amount(amount, line.amount, line.role);
}

fn filter(pen: &mut Pen<'_>, state: &State, area: Rect, form: &Form) {
    pen.put(row(area, 0), pen.text(Text::FilterHow), Role::Faint);
    let chosen = form.filter.clone();
    for (index, what) in FormRow::ALL.into_iter().enumerate() {
        let line = row(area, u16::try_from(index * 2 + 2).unwrap_or(u16::MAX));
        let marked = form.row() == what;
        pen.put(take(line, 1), if marked { ">" } else { " " }, Role::Strong);
        let label = take(skip(line, 2), 16);
        let value = skip(line, 18);
        let text = match what {
            FormRow::Period => Text::FilterPeriod,
            FormRow::From => Text::FilterFrom,
            FormRow::To => Text::FilterTo,
            FormRow::Class => Text::ColumnClass,
            FormRow::Link => Text::ColumnLink,
            FormRow::Kind => Text::ColumnKind,
            FormRow::Operator => Text::FilterOperator,
            FormRow::Standing => Text::ColumnState,
        };
        let role = if marked { Role::Strong } else { Role::Plain };
        pen.put(label, pen.text(text), role);
        match what {
            FormRow::From | FormRow::To => {
                let field = if what == FormRow::From {
                    &form.from
                } else {
                    &form.to
                };
                if marked {
                    pen.field(take(value, 24), field);
                } else {
                    day(pen, value, state, (&chosen, what, field.text()));
                }
            }
            FormRow::Class => {
                let name = chosen.class.map_or_else(
                    || pen.text(Text::ReportAny).to_owned(),
                    |class| format!("{} {}", class.0, class_name(pen, state, class)),
                );
                choices(pen, value, &[(name, true)], marked);
            }
            FormRow::Period => {
                let all = Period::CHOICES
                    .map(|period| (period.name(), period.name() == chosen.period.name()));
                words_of(pen, value, &all, marked);
            }
            FormRow::Link => {
                let all = LINKS.map(|link| (link_name(link), link == chosen.link));
                words_of(pen, value, &all, marked);
            }
            FormRow::Kind => {
                let all = KINDS.map(|kind| {
                    (
                        kind.map_or(Text::ReportAny, words::kind),
                        kind == chosen.kind,
                    )
                });
                words_of(pen, value, &all, marked);
            }
            FormRow::Operator => {
                let name = chosen.operator.as_ref().map_or_else(
                    || pen.text(Text::ReportAny).to_owned(),
                    |code| operator_name(state, code),
                );
                choices(pen, value, &[(name, true)], marked);
            }
            FormRow::Standing => {
                let all = [
                    (Text::ReportSettled, !chosen.open),
                    (Text::ReportOpen, chosen.open),
                ];
                words_of(pen, value, &all, marked);
            }
        }
    }
}

/// A day as it is typed, or as the period has it.
fn day(
    pen: &mut Pen<'_>,
    place: Rect,
    state: &State,
    (chosen, what, typed): (&Filter, FormRow, &str),
) {
    if matches!(chosen.period, Period::Days(..)) {
        pen.put(place, typed, Role::Plain);
        return;
    }
    let today = state.settings.stamp(state.now).business_date;
    let (from, to) = chosen.period.days(today);
    let day = if what == FormRow::From { from } else { to };
    if let Some(day) = day {
        pen.put(place, &words::date(pen.locale, day), Role::Faint);
    }
}

fn words_of(pen: &mut Pen<'_>, place: Rect, all: &[(Text, bool)], marked: bool) {
    let all: Vec<(String, bool)> = all
        .iter()
        .map(|(text, chosen)| (pen.text(*text).to_owned(), *chosen))
        .collect();
    choices(pen, place, &all, marked);
}

/// The choices of a line, the chosen one between brackets: it is told without colour too.
fn choices(pen: &mut Pen<'_>, place: Rect, all: &[(String, bool)], marked: bool) {
    let mut rest = place;
    for (word, chosen) in all {
        let (text, role) = if *chosen {
            let role = if marked { Role::Strong } else { Role::Plain };
            (format!("[{word}]"), role)
        } else {
            (format!(" {word} "), Role::Faint)
        };
        rest = pen.put(rest, &text, role);
    }
}

fn export(pen: &mut Pen<'_>, state: &State, area: Rect, report: &CardReport) {
    let above = conditions(pen, state, (area, 0), report);
    let area = below(area, above - 1);
    let used = pen.wrap(below(area, 2), pen.text(Text::ExportWhat), Role::Plain);
    let answers = [
        (" 1", Text::ExportUtf8For),
        (" 2", Text::ExportCp932For),
        ("F9", Text::ExportNo),
    ];
    for (line, (key, text)) in (used + 3..).zip(answers) {
        let rest = pen.put(skip(row(area, line), 2), key, Role::Key);
        pen.put(skip(rest, 2), pen.text(text), Role::Plain);
    }
}
