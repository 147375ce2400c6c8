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

use super::pen::{Pen, below, row, skip, take};
use super::style::{Role, Shape};
use super::{digits, frame, receipt, undo_words, words};
use crate::app::State;
use crate::app::bill::Reached;
use crate::app::outcome::Done;
use crate::domain::ledger::Evidence;
use crate::domain::money::Yen;
use crate::domain::record::SaleRecord;
use crate::domain::sale::SaleKind;
use crate::domain::tender::Tender;
use crate::locale::Text;

/// Columns of a part: who paid, and how much.
const PART_COLUMNS: u16 = 34;

/// Draw a paid sale, or one that was taken back.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, done: &Done) {
    let paper = receipt::columns(pen);
    let rooms = frame::draw(
        pen,
        state,
        undo_words::of(done.record.sale.kind, Text::TitleDone),
        paper + 2,
        Some(receipt::title(&done.record)),
    );
    receipt::paper(pen, state, &done.record, false, (done.scroll, rooms.side));
    let record = &done.record;
    let area = rooms.main;
    let cash = cash_of(record);
    let said = |text| undo_words::of(record.sale.kind, text);
    let (what, charged) = match (cash, state.settings.practice) {
        (None, true) => (Text::DoneApproved, Text::ChargedPractice),
        (None, false) => (Text::DoneApproved, Text::ChargedYes),
        (Some(_), true) => (Text::DoneCash, Text::ChargedPractice),
        (Some(_), false) => (Text::DoneCash, Text::ChargedCash),
    };
    let slip_only = record.sale.kind != SaleKind::Sale && !touched_a_terminal(record);
    let (what, charged) = match (slip_only && cash.is_none(), said(what), said(charged)) {
        (true, _, _) => (Text::UndoneSlipOnly, Text::RefundedSlip),
        (false, what, charged) => (what, charged),
    };
    let rest = pen.put(row(area, 1), pen.look.shape(Shape::Full), Role::Good);
    let rest_of_line = skip(rest, 1);
    let rest_of_line = match record.sale.kind {
        SaleKind::Sale => rest_of_line,
        kind => {
            let kind = format!("{} ", pen.text(words::kind(kind)));
            pen.put(rest_of_line, &kind, Role::Good)
        }
    };
    pen.put(rest_of_line, pen.text(what), Role::Good);
    let deep = area.width - rest.width + 1;
    pen.put(skip(row(area, 2), deep), pen.text(charged), Role::Strong);
    let mut place = below(area, 4);
    let sold = record.sale.kind == SaleKind::Sale;
    if let Some(change) = cash.map(Tender::change).filter(|_| sold) {
        pen.put(row(place, 0), pen.text(Text::Change), Role::Strong);
        let used = digits::draw(pen, below(place, 1), change, Role::Strong);
        place = below(place, used + 2);
    } else {
        let used = digits::draw(pen, place, record.total(), Role::Strong);
        place = below(place, used + 1);
    }
    let used = numbers(pen, record, place);
    place = below(place, used + 1);
    let used = parts(pen, done, place);
    place = below(place, used);
    let by_operator = matches!(record.evidence, Some(Evidence::Operator { .. }));
    let (text, role) = match (done.recovered, by_operator) {
        (true, true) => (Text::DoneByOperator, Role::Care),
        (true, false) => (Text::DoneRecovered, Role::Care),
        (false, _) if sold && record.sale.bill.is_some() => match receipt_waits(state) {
            true => (Text::DoneHandOverUntold, Role::Care),
            false => (Text::DoneHandOverBilled, Role::Say),
        },
        (false, _) if sold && cash.is_some_and(|cash| cash.change() == Yen::ZERO) => {
            (Text::DoneHandOverExact, Role::Say)
        }
        (false, _) if cash.is_some() => (Text::DoneHandOverCash, Role::Say),
        (false, _) => (Text::DoneHandOver, Role::Say),
    };
    let alone = sold && record.sale.part && done.parts.is_empty();
    let (text, role) = if alone {
        (Text::DonePart, Role::Care)
    } else {
        (said(text), role)
    };
    pen.wrap(place, pen.text(text), role);
}

/// True where the 領収証 of a bill comes with its posting, and the receipt computer is not to be reached.
fn receipt_waits(state: &State) -> bool {
    let prints = state.settings.reflects() && state.settings.orca.print_receipt;
    prints
        && matches!(
            state.bills.reach.word(),
            Reached::No(_) | Reached::Denied(_)
        )
}

/// True where a terminal gave the money back.
fn touched_a_terminal(record: &SaleRecord) -> bool {
    record.sequence_number.is_some() || record.by_hand.is_some()
}

/// 併用払い: every part of the bill, this one last. Returns how many rows they took.
fn parts(pen: &mut Pen<'_>, done: &Done, area: Rect) -> u16 {
    if done.parts.is_empty() {
        return 0;
    }
    pen.put(row(area, 0), pen.text(Text::DonePartsTitle), Role::Strong);
    let mut used = 1;
    for record in done.parts.iter().chain([&done.record]) {
        for tender in &record.sale.tenders {
            let name = match tender {
                Tender::Cash { .. } => pen.text(Text::UndoCash),
                Tender::Card { name, .. } => pen.name(name),
            };
            let amount = pen.fill(Text::YenAmount, "amount", tender.amount());
            let line = take(row(area, used), PART_COLUMNS);
            pen.put(skip(line, 2), name, Role::Plain);
            pen.right(line, &amount, Role::Plain);
            used += 1;
        }
    }
    used
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
