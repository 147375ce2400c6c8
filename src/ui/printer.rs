//! プリンター: how the receipt printer is, what waits for it, and how one paper is thrown away.
//!
//! ```text
//!  接続先      tcp://192.168.1.30:9100
//!  印刷のしかた 伝票ごとに自動
//!  ■ 用紙切れです。用紙を入れてください。
//!    会計はもう記録されています。印刷は後からできます。
//!
//!  印刷待ち 2
//!    00000142  伝票    まもなく
//!  捨てる番号 > _
//! ```

use ratatui::layout::Rect;

use super::frame;
use super::pen::{Pen, below, columns, inside, row, skip, take};
use super::style::{Role, Shape};
use crate::app::State;
use crate::app::message::printing::PrinterTrouble;
use crate::app::printing::{PrinterScreen, Waiting};
use crate::domain::ledger::Document;
use crate::locale::Text;

/// Draw the screen.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, screen: &PrinterScreen) {
    let rooms = frame::draw(pen, state, Text::TitlePrinter, 0, None);
    let area = below(rooms.main, 1);
    let used = standing(pen, state, area);
    let printing = &state.printing;
    let list = below(area, used + 1);
    let count = format!(
        "{} {}",
        pen.text(Text::PrinterWaiting),
        printing.waiting.len()
    );
    pen.put(row(list, 0), &count, Role::Strong);
    let foot = list.height.saturating_sub(2);
    let rows = Rect {
        height: foot.saturating_sub(2),
        ..below(list, 1)
    };
    let room = usize::from(rows.height);
    let first = screen
        .scroll
        .min(printing.waiting.len().saturating_sub(room));
    for (index, waiting) in (0..).zip(printing.waiting.iter().skip(first).take(room)) {
        line(pen, row(rows, index), waiting);
    }
    if printing.waiting.is_empty() {
        pen.put(
            skip(row(rows, 0), 2),
            pen.text(Text::NothingToPrint),
            Role::Plain,
        );
    }
    let field = row(list, foot);
    let rest = pen.put(field, pen.text(Text::PrinterNumber), Role::Plain);
    let rest = pen.put(skip(rest, 1), "> ", Role::Strong);
    pen.field(take(rest, 20), &screen.number);
}

/// Where it is and how it is; returns how many rows that took.
fn standing(pen: &mut Pen<'_>, state: &State, area: Rect) -> u16 {
    if let Some(printer) = &state.settings.paper.printer {
        let way = if printer.auto {
            Text::PrinterAutoOn
        } else {
            Text::PrinterAutoOff
        };
        let rows = [
            (Text::PrinterAddress, printer.address.clone()),
            (Text::PrinterAuto, pen.text(way).to_owned()),
        ];
        for (index, (label, value)) in (0..).zip(rows) {
            let place = row(area, index);
            pen.put(place, pen.text(label), Role::Plain);
            pen.put(skip(place, 16), &value, Role::Strong);
        }
    }
    let place = row(area, 2);
    let Some(trouble) = &state.printing.trouble else {
        let (shape, word, role) = if state.printing.is_at_work() {
            (Shape::Half, Text::PrinterAtWork, Role::Say)
        } else {
            (Shape::Full, Text::PrinterReady, Role::Good)
        };
        let rest = pen.put(place, pen.look.shape(shape), role);
        pen.put(skip(rest, 1), pen.text(word), role);
        return 3;
    };
    let rest = pen.put(place, pen.look.shape(Shape::Square), Role::Care);
    let room = Rect {
        height: 3,
        ..skip(rest, 1)
    };
    let (words, detail) = words_of(trouble);
    let used = pen.wrap(room, pen.text(words), Role::Care).max(1);
    let deep = inside(below(area, 2 + used), 2);
    let mut rows = 2 + used;
    if let Some(detail) = detail {
        rows += pen.wrap(Rect { height: 2, ..deep }, detail, Role::Faint);
    }
    let deep = inside(row(area, rows), 2);
    pen.put(deep, pen.text(Text::PrinterSafe), Role::Plain);
    rows + 1
}

fn words_of(trouble: &PrinterTrouble) -> (Text, Option<&str>) {
    match trouble {
        PrinterTrouble::Unreachable(detail) => (Text::PrinterUnreachable, Some(detail)),
        PrinterTrouble::PaperOut => (Text::PrinterPaperOut, None),
        PrinterTrouble::CoverOpen => (Text::PrinterCoverOpen, None),
        PrinterTrouble::OffLine => (Text::PrinterOffLine, None),
        PrinterTrouble::Silent => (Text::PrinterSilent, None),
        PrinterTrouble::Broken(detail) => (Text::PrinterBroken, Some(detail)),
        PrinterTrouble::NotFinished => (Text::PrinterNotFinished, None),
        PrinterTrouble::Disk(detail) => (Text::PrinterDisk, Some(detail)),
    }
}

fn line(pen: &mut Pen<'_>, place: Rect, waiting: &Waiting) {
    let [_, slip, what, how] = columns(place, [1, 10, 12, place.width.saturating_sub(26)]);
    if let Some(number) = waiting.slip {
        pen.put(slip, &number.to_string(), Role::Strong);
    }
    let word = match (waiting.slip, waiting.document) {
        (None, _) => Text::PaperTest,
        (_, Document::Slip) => Text::PaperSlip,
        (_, Document::Reissue) => Text::PaperCopy,
        (_, Document::Task) => Text::PaperTask,
    };
    pen.put(what, pen.text(word), Role::Plain);
    let (word, role) = match (waiting.held, waiting.begun) {
        (_, true) => (Text::PaperHalf, Role::Care),
        (true, false) => (Text::PaperHeld, Role::Care),
        (false, false) => (Text::PaperNext, Role::Plain),
    };
    pen.put(how, pen.text(word), role);
}

/// In a few words, for the header: only where something waits.
pub(crate) fn short(pen: &Pen<'_>, state: &State) -> Option<(String, Role)> {
    let waiting = state.printing.waiting.len();
    if waiting == 0 {
        return None;
    }
    let words = pen.fill(Text::HeaderPrints, "count", waiting);
    Some(match state.printing.trouble {
        Some(_) => (
            format!("{} {words}", pen.look.shape(Shape::Square)),
            Role::Care,
        ),
        None => (words, Role::Plain),
    })
}
