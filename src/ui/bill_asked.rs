//! The questions about a bill before money is taken: it changed, it cannot be checked, it was paid here today.

use ratatui::layout::Rect;

use super::pen::{Pen, below, row, skip};
use super::style::{Role, Shape};
use super::{bill, patient, popup, words};
use crate::app::State;
use crate::app::bill::{BillChanged, BillUnchecked, PaidToday};
use crate::app::receipt::Which;
use crate::app::reflection::reissue;
use crate::domain::money::Yen;
use crate::locale::Text;

/// Columns of a question.
const WIDE: u16 = 72;

/// 請求が変わりました: both figures.
pub(crate) fn changed(pen: &mut Pen<'_>, state: &State, changed: &BillChanged) {
    let area = popup::open(pen, state, Text::TitleBillChanged, (WIDE, 14));
    let mut at = 1 + warn(pen, below(area, 1), pen.text(Text::BillChangedWhat));
    if changed.caution {
        at += pen.wrap(
            skip(below(area, at), 2),
            pen.text(Text::BillChangedCaution),
            Role::Care,
        );
    }
    at += 1;
    for (label, yen) in [
        (Text::BillChangedOurs, changed.ours),
        (Text::BillChangedTheirs, changed.theirs),
    ] {
        figure(pen, row(area, at), label, yen);
        at += 1;
    }
    let answers = [(" 1", Text::BillChangedYes), ("F9", Text::BillChangedNo)];
    self::answers(pen, below(area, at + 1), answers);
}

/// 請求を確かめられません.
pub(crate) fn unchecked(pen: &mut Pen<'_>, state: &State, unchecked: &BillUnchecked) {
    let area = popup::open(pen, state, Text::TitleBillUnchecked, (WIDE, 14));
    let why = patient::trouble(pen, &unchecked.trouble);
    let why = format!("{} {why}", pen.text(Text::BillUncheckedWhat));
    let mut at = 1 + warn(pen, below(area, 1), &why);
    at += pen.wrap(
        below(area, at),
        pen.text(Text::BillUncheckedThen),
        Role::Plain,
    );
    let answers = [
        (" 1", Text::BillUncheckedYes),
        ("F9", Text::BillUncheckedNo),
    ];
    self::answers(pen, below(area, at + 1), answers);
}

/// 本日精算済み.
pub(crate) fn paid_today(pen: &mut Pen<'_>, state: &State, asked: &PaidToday) {
    let area = popup::open(pen, state, Text::TitlePaidToday, (WIDE, 14));
    let paid = bill::paid_today(pen, &asked.paid);
    let mut at = 1 + warn(pen, below(area, 1), &paid);
    at += pen.wrap(below(area, at), pen.text(Text::PaidTodayThen), Role::Plain);
    at += 1;
    figure(pen, row(area, at), Text::BillTaking, asked.amount);
    at += 2;
    match &asked.proof {
        Some(proof) => {
            let rest = pen.put(row(area, at), pen.text(Text::PaidTodayProof), Role::Plain);
            let rest = pen.put(rest, " > ", Role::Strong);
            pen.field(rest, proof);
        }
        None => {
            let answers = [(" 1", Text::PaidTodayYes), ("F9", Text::PaidTodayNo)];
            self::answers(pen, below(area, at), answers);
        }
    }
}

/// 再発行するもの: our slip, or the receipt computer's 領収証.
pub(crate) fn reissue(pen: &mut Pen<'_>, state: &State, which: &Which) {
    let refused = reissue::refusal(state, &which.record);
    let area = popup::open(pen, state, Text::TitleReissue, (WIDE, 13));
    let mut at = 1 + pen.wrap(below(area, 1), pen.text(Text::ReissueWhat), Role::Plain);
    at += 1;
    let answers = [
        (" 1", Text::ReissueSlipIs, true),
        (" 2", Text::ReissueReceiptIs, refused.is_none()),
        ("F9", Text::ReissueLeave, true),
    ];
    for (key, text, can) in answers {
        let (cap, role) = if can {
            (Role::Key, Role::Plain)
        } else {
            (Role::Faint, Role::Faint)
        };
        let rest = pen.put(skip(row(area, at), 2), key, cap);
        pen.put(skip(rest, 2), pen.text(text), role);
        at += 1;
    }
    if let Some(note) = refused {
        let why = words::note(pen.locale, &note);
        warn(pen, below(area, at + 1), &why);
    }
}

fn warn(pen: &mut Pen<'_>, area: Rect, text: &str) -> u16 {
    pen.put(row(area, 0), pen.look.shape(Shape::Triangle), Role::Care);
    pen.wrap(skip(area, 2), text, Role::Care)
}

fn figure(pen: &mut Pen<'_>, line: Rect, label: Text, yen: Yen) {
    pen.put(skip(line, 2), pen.text(label), Role::Plain);
    let text = pen.fill(Text::YenAmount, "amount", yen);
    let place = Rect {
        width: 14.min(line.width.saturating_sub(28)),
        ..skip(line, 28)
    };
    pen.right(place, &text, Role::Strong);
}

fn answers(pen: &mut Pen<'_>, area: Rect, answers: [(&str, Text); 2]) {
    for (line, (key, text)) in (0..).zip(answers) {
        let rest = pen.put(skip(row(area, line), 2), key, Role::Key);
        pen.put(skip(rest, 2), pen.text(text), Role::Plain);
    }
}
