//! 会計完了: the outcome and the change in large digits, every number of the sale, and the receipt beside them.
//!
//! ```text
//!  ● 承認されました                      │         窓口クリニック
//!    請求: はい                          │           領収書
//!                                        │
//!  ▀▀▀█   █  █ ▀▀▀█ █▀▀█                 │ 再診料・処置         非    1,230
//!   ▀▀█   █▄▄█  ▀▀█ █  █                 │ 診断書               課    2,200
//!  ▄▄▄█ ▄▀   █ ▄▄▄█ █▄▄█ 円              │ ────────────────────────────────
//!                                        │ 合計                       3,430
//!  伝票番号      00000142                │
//!  端末伝票番号  01234                   │
//!  承認番号      123456                  │
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, row, skip};
use super::style::{Role, Shape};
use super::{digits, frame, receipt};
use crate::app::State;
use crate::app::outcome::Done;
use crate::domain::ledger::Evidence;
use crate::domain::record::SaleRecord;
use crate::domain::tender::Tender;
use crate::locale::Text;

/// Draw a paid sale.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, done: &Done) {
    let paper = receipt::columns(pen);
    let rooms = frame::draw(
        pen,
        state,
        Text::TitleDone,
        paper + 2,
        Some(Text::ReceiptTitle),
    );
    receipt::paper(pen, state, &done.record, false, (done.scroll, rooms.side));
    let record = &done.record;
    let area = rooms.main;
    let cash = cash_of(record);
    let (what, charged) = match (cash, state.settings.practice) {
        (None, true) => (Text::DoneApproved, Text::ChargedPractice),
        (None, false) => (Text::DoneApproved, Text::ChargedYes),
        (Some(_), true) => (Text::DoneCash, Text::ChargedPractice),
        (Some(_), false) => (Text::DoneCash, Text::ChargedCash),
    };
    let rest = pen.put(row(area, 1), pen.look.shape(Shape::Full), Role::Good);
    pen.put(skip(rest, 1), pen.text(what), Role::Good);
    let deep = area.width - rest.width + 1;
    pen.put(skip(row(area, 2), deep), pen.text(charged), Role::Strong);
    let mut place = below(area, 4);
    if let Some(change) = cash.map(Tender::change) {
        pen.put(row(place, 0), pen.text(Text::Change), Role::Strong);
        let used = digits::draw(pen, below(place, 1), change, Role::Strong);
        place = below(place, used + 2);
    } else {
        let used = digits::draw(pen, place, record.total(), Role::Strong);
        place = below(place, used + 1);
    }
    let used = numbers(pen, record, place);
    place = below(place, used + 1);
    let by_operator = matches!(record.evidence, Some(Evidence::Operator { .. }));
    let (text, role) = match (done.recovered, by_operator) {
        (true, true) => (Text::DoneByOperator, Role::Care),
        (true, false) => (Text::DoneRecovered, Role::Care),
        (false, _) if cash.is_some() => (Text::DoneHandOverCash, Role::Say),
        (false, _) => (Text::DoneHandOver, Role::Say),
    };
    pen.wrap(place, pen.text(text), role);
}

fn cash_of(record: &SaleRecord) -> Option<&Tender> {
    let tenders = &record.sale.tenders;
    let mut cash = tenders
        .iter()
        .filter(|tender| matches!(tender, Tender::Cash { .. }));
    cash.next().filter(|_| record.sale.card().is_none())
}

/// Both slip numbers and what else names this sale; returns how many rows they took.
fn numbers(pen: &mut Pen<'_>, record: &SaleRecord, area: Rect) -> u16 {
    let facts = &record.terminal;
    let mut rows = vec![(Text::OurSlip, record.slip.to_string())];
    if record.sequence_number.is_none() {
        let total = pen.fill(Text::YenAmount, "amount", record.total());
        rows.push((Text::DoneAmount, total));
    }
    if let Some(Tender::Card {
        name,
        card_class_name,
        ..
    }) = record.sale.card()
    {
        let card = format!("{} {}", pen.name(name), pen.name(card_class_name));
        rows.push((Text::ColumnCard, card));
    }
    let optional = [
        (
            Text::TerminalSlip,
            facts.slip_number.as_ref().map(ToString::to_string),
        ),
        (
            Text::ApprovalCode,
            facts.approval_code.as_ref().map(ToString::to_string),
        ),
        (
            Text::SequenceNumber,
            record.sequence_number.map(|n| n.to_string()),
        ),
    ];
    rows.extend(
        optional
            .into_iter()
            .filter_map(|(label, value)| Some((label, value?))),
    );
    let label_width = rows
        .iter()
        .map(|(label, _)| pen.width(pen.text(*label)))
        .max();
    let label_width = label_width.unwrap_or(0);
    for (line, (label, value)) in (0..).zip(&rows) {
        let place = row(area, line);
        pen.put(place, pen.text(*label), Role::Plain);
        pen.put(skip(place, label_width + 2), value, Role::Strong);
    }
    u16::try_from(rows.len()).unwrap_or(0)
}
