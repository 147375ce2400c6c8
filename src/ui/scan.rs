//! 請求の確認: what a bar code said, in digits to be read from a metre away, before anything of it is taken.
//!
//! ```text
//!  種類        領収書(020001形式)
//!  バーコード  0200010006508
//!  患者番号    12345
//!
//!  ご請求  ▀▀▀█   █  █ ▀▀▀█ █▀▀█
//!           ▀▀█   █▄▄█  ▀▀█ █  █
//!          ▄▄▄█ ▄▀   █ ▄▄▄█ █▄▄█ 円
//!
//!  「お会計は 650円です」
//!
//!  患者番号 > _
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, row, skip, take};
use super::style::Role;
use super::{digits, frame, patient};
use crate::app::State;
use crate::app::scan::{Earlier, ScanScreen};
use crate::domain::bill::InOut;
use crate::domain::record::SaleRecord;
use crate::locale::Text;

/// Columns of the words at the left.
const LABEL: u16 = 20;

/// Draw the screen.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, bill: &ScanScreen) {
    let title = super::words::title(bill.place());
    let rooms = frame::draw(pen, state, title, 0, None);
    let area = below(rooms.main, 1);
    match &bill.earlier {
        Earlier::Paid(sale) => paid_today(pen, bill, sale, area),
        _ => confirm(pen, state, bill, area),
    }
}

fn confirm(pen: &mut Pen<'_>, state: &State, bill: &ScanScreen, area: Rect) {
    facts(pen, state, bill, area);
    let amount = amount(pen, bill, below(area, 5));
    let (sentence, role) = match (&bill.earlier, bill.amount()) {
        (_, None) => (pen.text(Text::ScanNoAmount).to_owned(), Role::Say),
        (Earlier::Unread, _) => (pen.text(Text::ScanUnread).to_owned(), Role::Care),
        (Earlier::No | Earlier::Again(_), Some(amount)) => {
            (pen.fill(Text::ScanSay, "amount", amount), Role::Say)
        }
        _ => (pen.text(Text::ScanReading).to_owned(), Role::Plain),
    };
    let rest = below(area, 5 + amount + 1);
    pen.put(row(rest, 0), &sentence, role);
    if let Earlier::Again(sale) = &bill.earlier {
        let words = pen.fill(Text::BillAgainAllowed, "slip", sale.slip);
        pen.put(row(rest, 1), &words, Role::Care);
    }
    let field = row(rest, 3);
    let label = pen.put(field, pen.text(Text::ScanPatient), Role::Plain);
    let label = pen.put(skip(label, 1), "> ", Role::Strong);
    pen.field(take(label, 21), &bill.number);
}

/// What the code says, one thing a row.
fn facts(pen: &mut Pen<'_>, state: &State, bill: &ScanScreen, area: Rect) {
    let mut index = 0;
    let mut fact = |pen: &mut Pen<'_>, label, value: &str, role| {
        let place = row(area, index);
        pen.put(take(place, LABEL), pen.text(label), Role::Plain);
        pen.put(skip(place, LABEL), value, role);
        index += 1;
    };
    match &bill.patient {
        Some(patient) => {
            let number = patient::number(pen, state, patient);
            fact(pen, Text::ScanPatient, &number, Role::Strong);
        }
        None => {
            let nobody = pen.text(Text::ScanNoPatient);
            fact(pen, Text::ScanPatient, nobody, Role::Faint);
        }
    }
    let Some(reading) = &bill.reading else {
        return;
    };
    let title = pen.name(&reading.title).to_owned();
    fact(pen, Text::ScanKind, &title, Role::Plain);
    let code = match &reading.patient {
        Some(_) if state.bills.hidden => patient::blind(pen),
        _ => &reading.code,
    };
    fact(pen, Text::ScanCode, code, Role::Plain);
    if let Some(invoice) = &reading.invoice {
        let in_out = match reading.in_out {
            Some(InOut::In) => pen.text(Text::ScanInpatient),
            Some(InOut::Out) => pen.text(Text::ScanOutpatient),
            None => "",
        };
        let words = format!("{invoice}  {in_out}");
        fact(pen, Text::ScanInvoice, words.trim_end(), Role::Plain);
    }
}

/// The amount in big digits; returns how many rows it took.
fn amount(pen: &mut Pen<'_>, bill: &ScanScreen, area: Rect) -> u16 {
    let high = if pen.large() { 5 } else { 3 };
    let Some(amount) = bill.amount() else {
        return high;
    };
    let label = take(row(area, high / 2), 10);
    pen.put(label, pen.text(Text::AmountDue), Role::Strong);
    let place = Rect {
        height: high,
        ..skip(area, 10)
    };
    digits::draw(pen, place, amount, Role::Strong);
    high
}

/// The bill was paid today: by which slip, when, by whom; and the two answers, the usual one first.
fn paid_today(pen: &mut Pen<'_>, bill: &ScanScreen, sale: &SaleRecord, area: Rect) {
    let used = pen.wrap(
        Rect { height: 2, ..area },
        pen.text(Text::BilledTodayWhat),
        Role::Care,
    );
    let rest = below(area, used.max(1) + 1);
    let words = pen.locale.fill(
        Text::BilledTodayBy,
        &[
            ("slip", &sale.slip.to_string()),
            ("time", &sale.stamp.at.format("%H:%M").to_string()),
            (
                "operator",
                &format!("{} {}", sale.sale.operator.code, sale.sale.operator.name),
            ),
            ("amount", &sale.total().to_string()),
        ],
    );
    pen.put(row(rest, 0), &words, Role::Strong);
    if !sale.state.is_final() {
        pen.put(row(rest, 1), pen.text(Text::BilledTodayOpen), Role::Care);
    }
    let used = amount(pen, bill, below(rest, 3));
    let rest = below(rest, 3 + used + 1);
    pen.put(row(rest, 0), pen.text(Text::BilledTodayNo), Role::Strong);
    pen.put(row(rest, 1), pen.text(Text::BilledTodayYes), Role::Plain);
    if let Some(proof) = &bill.proof {
        let field = row(rest, 3);
        let label = pen.put(field, pen.text(Text::BilledTodayProof), Role::Plain);
        let label = pen.put(skip(label, 1), "> ", Role::Strong);
        pen.field(take(label, 13), proof);
    }
}
