//! 請求: the invoices of one patient, which of them are paid now, and how much.
//!
//! ```text
//!  患者 00012  山田 太郎  ヤマダ タロウ  1960-03-04               14:32 時点
//!
//!        日レセ伝票 診療日    診療科     今回請求額   入金額     未収 状態
//!  > [*] 0001426    26-11-21  内科              650        0      650
//!
//!    負担 30%   保険分負担金 650 非
//!  ──────────────────────────────────────────
//!  選択 1件 650円    前回未収 600円    未収合計 1,250円
//!  一部入金 [        ]   今回いただく 650円   残る未収 600円
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, columns, row, skip, take};
use super::style::{Role, Shape};
use super::{frame, patient, words};
use crate::app::State;
use crate::app::bill::{BillScreen, Ground};
use crate::domain::bill::{Caution, InOut, Invoice, PaidBill};
use crate::domain::money::Yen;
use crate::locale::Text;

/// Rows below the list: what the marked one is made of, the sums, and what is wrong.
const FOOT: u16 = 9;

/// Draw the bill.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, shown: &BillScreen) {
    let rooms = frame::draw(pen, state, Text::TitleBill, 0, None);
    let area = rooms.main;
    head(pen, state, shown, row(area, 0));
    let heads = [
        Text::ColumnInvoice,
        Text::ColumnPerformed,
        Text::ColumnDepartment,
        Text::ColumnCharged,
        Text::ColumnReceived,
        Text::ColumnUnpaid,
        Text::ColumnState,
    ];
    let [_, _, places @ ..] = split(row(area, 2));
    for (place, head) in places.into_iter().zip(heads) {
        match head {
            Text::ColumnCharged | Text::ColumnReceived | Text::ColumnUnpaid => {
                pen.right(place, pen.text(head), Role::Faint);
            }
            _ => {
                pen.put(place, pen.text(head), Role::Faint);
            }
        }
    }
    let rest = below(area, 3);
    let rows = Rect {
        height: rest.height.saturating_sub(FOOT),
        ..rest
    };
    let room = usize::from(rows.height).max(1);
    let first = (shown.selected + 1).saturating_sub(room);
    for (index, invoice) in shown.invoices().iter().enumerate().skip(first).take(room) {
        let place = row(rows, u16::try_from(index - first).unwrap_or(u16::MAX));
        line(pen, shown, place, (index, invoice));
        if index == shown.selected {
            pen.put(take(place, 1), ">", Role::Strong);
            pen.paint(place, Role::Mark);
        }
    }
    if shown.invoices().is_empty() && shown.trouble.is_none() {
        let text = if shown.bill.is_none() {
            Text::BillAsking
        } else {
            Text::BillNothingToPay
        };
        pen.put(skip(row(rows, 1), 2), pen.text(text), Role::Plain);
    }
    let foot = below(rest, rows.height);
    marked(pen, shown, foot);
    let foot = below(foot, 3);
    pen.rule(row(foot, 0));
    sums(pen, state, shown, below(foot, 1));
    says(pen, shown, below(foot, 3));
}

/// Why the receipt computer says nothing, or that its figure is another one; else which keys pick.
fn says(pen: &mut Pen<'_>, shown: &BillScreen, foot: Rect) {
    if let Some(trouble) = &shown.trouble {
        let why = patient::trouble(pen, trouble);
        let then = match &shown.scanned {
            Some(scanned) if shown.goes_on_without() => {
                // Without an invoice it is looked for later, and told only where there is no doubt.
                let text = match scanned.reading.invoice {
                    Some(_) => Text::BillGoOnScanned,
                    None => Text::BillGoOnUntold,
                };
                pen.fill(text, "amount", scanned.amount)
            }
            _ => pen.text(Text::WorklistGoOn).to_owned(),
        };
        let why = format!("{why} {then}");
        pen.wrap(foot, &why, Role::Care);
    } else if let Some((scanned, unpaid)) = shown.mismatch() {
        let why = pen.locale.fill(
            Text::BillMismatch,
            &[
                ("scanned", &scanned.to_string()),
                ("unpaid", &unpaid.to_string()),
            ],
        );
        pen.wrap(foot, &why, Role::Care);
    } else if !shown.invoices().is_empty() {
        pen.put(row(foot, 0), pen.text(Text::BillHint), Role::Faint);
    }
}

fn head(pen: &mut Pen<'_>, state: &State, shown: &BillScreen, line: Rect) {
    let told = shown.bill.as_ref().map(|bill| {
        let time = bill.at.format("%H:%M").to_string();
        pen.fill(Text::BillTold, "time", time)
    });
    let told = told.unwrap_or_default();
    pen.right(line, &told, Role::Plain);
    let left = take(line, line.width.saturating_sub(pen.width(&told) + 1));
    let rest = pen.put(left, pen.text(Text::BillPatient), Role::Faint);
    let number = patient::number(pen, state, &shown.patient);
    let rest = pen.put(skip(rest, 1), &number, Role::Strong);
    if let Some(person) = shown.person() {
        let name = patient::name(pen, state, &person.name);
        let rest = pen.put(skip(rest, 2), &name, Role::Strong);
        pen.put(skip(rest, 2), &patient::more(state, person), Role::Plain);
    }
}

fn split(line: Rect) -> [Rect; 9] {
    let fixed = 1 + 3 + 10 + 8 + 10 + 9 + 9 + 8 + 8;
    let rest = line.width.saturating_sub(fixed);
    columns(line, [1, 3, 10, 8, rest, 10, 9, 9, 8])
}

fn line(pen: &mut Pen<'_>, shown: &BillScreen, place: Rect, (index, invoice): (usize, &Invoice)) {
    let [
        _,
        pick,
        number,
        day,
        department,
        charged,
        received,
        unpaid,
        standing,
    ] = split(place);
    let ground = shown.ground(index);
    let role = if ground.is_some() {
        Role::Faint
    } else {
        Role::Plain
    };
    let mark = match (ground.is_some(), shown.picked.contains(&index)) {
        (true, _) => " - ",
        (false, true) => "[*]",
        (false, false) => "[ ]",
    };
    pen.put(pick, mark, Role::Strong);
    pen.put(number, invoice.number.as_str(), role);
    let on = invoice
        .performed
        .map(|day| day.format("%y-%m-%d").to_string());
    pen.put(day, &on.unwrap_or_default(), role);
    let inside = match invoice.in_out {
        InOut::In => format!("{} ", pen.text(Text::BillInpatient)),
        InOut::Out => String::new(),
    };
    pen.put(department, &format!("{inside}{}", invoice.department), role);
    pen.amount(charged, invoice.charged, role);
    pen.amount(received, invoice.received, role);
    pen.amount(unpaid, invoice.unpaid(), Role::Strong);
    let word = match ground {
        Some(Ground::Caution(Caution::Void)) => Some(Text::BillVoidWord),
        Some(Ground::Caution(_)) => Some(Text::BillRecalculateWord),
        Some(Ground::Paid) => Some(Text::BillPaidWord),
        Some(Ground::Overpaid) => Some(Text::BillOverpaidWord),
        Some(Ground::Group) => Some(Text::BillGroupWord),
        None if shown.paid_today(invoice).is_some() => Some(Text::BillTodayWord),
        None if invoice.received.is_positive() => Some(Text::BillPartWord),
        None => None,
    };
    if let Some(word) = word {
        pen.put(standing, pen.text(word), Role::Care);
    }
}

/// What the marked one is made of, and why it is not paid where it is not.
fn marked(pen: &mut Pen<'_>, shown: &BillScreen, area: Rect) {
    let Some(invoice) = shown.invoices().get(shown.selected) else {
        return;
    };
    let parts = invoice.lines.iter().map(|line| {
        let amount = line.amount().unwrap_or(line.unit);
        format!("{} {amount} {}", line.name, pen.text(words::tax(line.tax)))
    });
    let rate = invoice
        .rate_percent
        .map(|rate| format!("{} {rate}%", pen.text(Text::ColumnRate)));
    let parts = rate
        .into_iter()
        .chain(parts)
        .collect::<Vec<_>>()
        .join("   ");
    pen.put(skip(row(area, 0), 2), &parts, Role::Faint);
    let why = match (shown.ground(shown.selected), shown.paid_today(invoice)) {
        (Some(Ground::Paid), Some(paid)) | (None, Some(paid)) => paid_today(pen, paid),
        (Some(ground), _) => words::note(pen.locale, &crate::app::bill::ground_note(ground)),
        (None, None) => return,
    };
    let rest = pen.put(
        skip(row(area, 1), 2),
        pen.look.shape(Shape::Triangle),
        Role::Care,
    );
    let room = Rect {
        height: 2,
        ..skip(rest, 1)
    };
    pen.wrap(room, &why, Role::Care);
}

/// 本日 14:02 に 佐藤 が精算しました.
pub(crate) fn paid_today(pen: &Pen<'_>, paid: &PaidBill) -> String {
    let text = if paid.settled {
        Text::BillPaidToday
    } else {
        Text::BillOpenToday
    };
    let sum = paid.shares.iter().fold(Yen::ZERO, |sum, share| {
        sum.checked_add(share.amount).unwrap_or(Yen::LIMIT)
    });
    pen.locale.fill(
        text,
        &[
            ("time", &paid.at.format("%H:%M").to_string()),
            ("operator", &paid.operator.name),
            ("slip", &paid.slip.to_string()),
            ("amount", &sum.to_string()),
        ],
    )
}

fn sums(pen: &mut Pen<'_>, state: &State, shown: &BillScreen, area: Rect) {
    let Some(bill) = &shown.bill else {
        return;
    };
    let sum = shown.sum();
    let picked = pen.fill(Text::BillPicked, "count", shown.picked.len());
    let rest = pen.put(row(area, 0), &picked, Role::Plain);
    let rest = amount(pen, skip(rest, 1), None, sum);
    let rest = amount(
        pen,
        skip(rest, 3),
        Some(Text::BillBefore),
        shown.unpaid_before(),
    );
    amount(pen, skip(rest, 3), Some(Text::BillUnpaidAll), bill.unpaid);
    let limit = state.settings.shop.amount_max;
    let rest = pen.put(row(area, 1), pen.text(Text::BillPart), Role::Plain);
    let rest = pen.put(skip(rest, 1), "[", Role::Plain);
    pen.field(take(rest, 10), &shown.amount);
    let rest = pen.put(skip(rest, 10), "]", Role::Plain);
    if let Ok(taking) = shown.taking(limit)
        && taking <= sum
    {
        let rest = amount(pen, skip(rest, 3), Some(Text::BillTaking), taking);
        let stays = Yen::new(bill.unpaid.get() - taking.get());
        amount(pen, skip(rest, 3), Some(Text::BillStays), stays);
    }
}

fn amount(pen: &mut Pen<'_>, line: Rect, label: Option<Text>, yen: Yen) -> Rect {
    let rest = match label {
        Some(label) => skip(pen.put(line, pen.text(label), Role::Plain), 1),
        None => line,
    };
    let text = pen.fill(Text::YenAmount, "amount", yen);
    pen.put(rest, &text, Role::Strong)
}
