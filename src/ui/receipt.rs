//! 伝票: one slip out of the history, its receipt in the middle and what else is known of it beside it.
//!
//! ```text
//!  伝票番号  00000142                    │         窓口クリニック
//!  状態      成立                        │           領収書
//!  再発行    1回                         │ ...
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, row, skip};
use super::style::Role;
use super::{facts, frame, patient, receipt_text, words};
use crate::app::State;
use crate::app::receipt::Receipt;
use crate::domain::ledger::{Evidence, SaleState};
use crate::domain::money::Yen;
use crate::domain::record::SaleRecord;
use crate::domain::sale::SaleKind;
use crate::locale::Text;

/// Draw one slip.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, receipt: &Receipt) {
    let paper_columns = columns(pen);
    let rooms = frame::draw(
        pen,
        state,
        Text::TitleReceipt,
        paper_columns + 2,
        Some(title(&receipt.record)),
    );
    let record = &receipt.record;
    paper(
        pen,
        state,
        record,
        receipt.reissued,
        (receipt.scroll, rooms.side),
    );
    let area = rooms.main;
    let mut rows = vec![
        (Text::OurSlip, record.slip.to_string()),
        (
            Text::ColumnWhen,
            record.stamp.at.format("%Y-%m-%d %H:%M:%S").to_string(),
        ),
        (
            Text::ColumnKind,
            pen.text(words::kind(record.sale.kind)).to_owned(),
        ),
        (Text::ColumnState, standing(pen, record, &receipt.undone)),
        (
            Text::DoneAmount,
            pen.fill(Text::YenAmount, "amount", record.total()),
        ),
    ];
    if let Some(whose) = patient::of_sale(pen, state, &record.sale) {
        rows.push((Text::BillPatient, whose));
    }
    if let Some(route) = &record.route {
        rows.push((Text::ColumnTerminal, facts::model(pen, state, &route.model)));
    }
    if let Some(number) = record.sequence_number {
        rows.push((Text::SequenceNumber, number.to_string()));
    }
    let label_width = rows
        .iter()
        .map(|(label, _)| pen.width(pen.text(*label)))
        .max();
    let label_width = label_width.unwrap_or(0);
    for (line, (label, value)) in (1..).zip(&rows) {
        let place = row(area, line);
        pen.put(place, pen.text(*label), Role::Plain);
        pen.put(skip(place, label_width + 2), value, Role::Strong);
    }
    let mut rest = below(area, u16::try_from(rows.len()).unwrap_or(0) + 2);
    for undo in &receipt.undone {
        let amount = pen.fill(Text::YenAmount, "amount", undo.total());
        let kind = pen.text(words::kind(undo.sale.kind));
        let state = pen.text(words::state(undo.state));
        let line = format!("{kind} {}  {amount}  {state}", undo.slip);
        pen.put(row(rest, 0), &line, Role::Care);
        rest = below(rest, 1);
    }
    if record.reissues > 0 {
        let count = pen.fill(Text::ReissueCount, "count", record.reissues);
        pen.put(row(rest, 0), &count, Role::Strong);
        rest = below(rest, 1);
    }
    if matches!(record.evidence, Some(Evidence::Operator { .. }))
        && record.state == SaleState::Settled
    {
        pen.wrap(rest, pen.text(Text::DoneByOperator), Role::Plain);
    }
}

/// 成立, or what of it was taken back.
fn standing(pen: &Pen<'_>, record: &SaleRecord, undone: &[SaleRecord]) -> String {
    let back = undone
        .iter()
        .filter(|undo| undo.state == SaleState::Settled);
    let back = back.fold(Yen::ZERO, |sum, undo| {
        sum.checked_add(undo.total()).unwrap_or(Yen::LIMIT)
    });
    let state = pen.text(words::state(record.state));
    match words::taken_back(record.total(), back) {
        Some((Text::TakenBackPart, yen)) => {
            format!("{state}  {}", pen.fill(Text::TakenBackPart, "yen", yen))
        }
        Some((text, _)) => pen.text(text).to_owned(),
        None => state.to_owned(),
    }
}

/// What the paper is called: of a bill from outside it is no 領収証, and of a 取消 or 返品 nothing of a payment.
pub(crate) fn title(record: &SaleRecord) -> Text {
    match (record.sale.kind, &record.sale.bill) {
        (SaleKind::Void | SaleKind::Refund, _) => words::kind(record.sale.kind),
        (SaleKind::Sale, Some(_)) => Text::ReceiptTitleBilled,
        (SaleKind::Sale, None) => Text::ReceiptTitle,
    }
}

/// How wide the paper is on this screen.
pub(crate) fn columns(pen: &Pen<'_>) -> u16 {
    if pen.screen().width >= 100 { 42 } else { 32 }
}

/// The receipt from its line `scroll` on, with a mark where more follows above or below.
pub(crate) fn paper(
    pen: &mut Pen<'_>,
    state: &State,
    record: &SaleRecord,
    reissued: bool,
    (scroll, area): (usize, Rect),
) {
    let width = usize::from(area.width);
    let lines = receipt_text::lines(state, record, pen.locale, reissued, width);
    let room = usize::from(area.height);
    if lines.len() <= room {
        for (index, line) in (0..).zip(&lines) {
            pen.put(row(area, index), line, Role::Plain);
        }
        return;
    }
    // One row is kept for the mark that says where this is.
    let shown = room.saturating_sub(1);
    let first = scroll.min(lines.len() - shown);
    for (index, line) in (0..).zip(lines.iter().skip(first).take(shown)) {
        pen.put(row(area, index), line, Role::Plain);
    }
    let mark = format!("PgUp/PgDn {}/{}", first + shown, lines.len());
    let last = row(area, area.height.saturating_sub(1));
    pen.right(last, &mark, Role::Faint);
}
