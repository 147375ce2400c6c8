//! A patient on the screen: number and name, or neither where the customer could read them too.

use ratatui::layout::Rect;

use super::pen::{Pen, skip};
use super::style::Role;
use super::unreflected::words_of;
use crate::app::State;
use crate::app::bill::Trouble;
use crate::domain::bill::{Patient, PatientNumber};
use crate::domain::sale::SaleDraft;
use crate::locale::Text;

/// How many digits of a hidden number stay.
const SHOWN: usize = 2;

pub(crate) fn blind(pen: &Pen<'_>) -> &'static str {
    if pen.look.plain() { "**" } else { "●●" }
}

/// 患者番号; hidden, its last two digits.
pub(crate) fn number(pen: &Pen<'_>, state: &State, number: &PatientNumber) -> String {
    let digits = number.as_str();
    if !state.bills.hidden {
        return digits.to_owned();
    }
    // It is digits alone; of a short one not all of it is shown.
    let shown = SHOWN.min(digits.len().saturating_sub(1));
    format!("{}{}", blind(pen), &digits[digits.len() - shown..])
}

/// 氏名; hidden, that there is one.
pub(crate) fn name(pen: &Pen<'_>, state: &State, name: &str) -> String {
    if state.bills.hidden && !name.is_empty() {
        return blind(pen).to_owned();
    }
    name.to_owned()
}

/// Kana and birthday, which tell two people of one name apart.
pub(crate) fn more(state: &State, patient: &Patient) -> String {
    if state.bills.hidden {
        return String::new();
    }
    let born = patient.born.map(|born| born.format("%Y-%m-%d").to_string());
    let parts = [patient.kana.clone(), born.unwrap_or_default()];
    parts.join("  ").trim().to_owned()
}

/// Whose bill is in the basket, in a row of its own. Returns how many rows that took.
pub(crate) fn head(pen: &mut Pen<'_>, state: &State, row: Rect) -> u16 {
    let Some(bill) = &state.basket.bill else {
        return 0;
    };
    let Some(whose) = &bill.billed.patient else {
        return 0;
    };
    let rest = pen.put(skip(row, 2), pen.text(Text::BillPatient), Role::Faint);
    let rest = pen.put(skip(rest, 1), &number(pen, state, whose), Role::Strong);
    if let Some(patient) = &bill.patient {
        pen.put(
            skip(rest, 2),
            &name(pen, state, &patient.name),
            Role::Strong,
        );
    }
    1
}

/// Whose bill a slip paid, as far as the books say.
pub(crate) fn of_sale(pen: &Pen<'_>, state: &State, sale: &SaleDraft) -> Option<String> {
    let billed = sale.bill.as_ref()?;
    let whose = number(pen, state, billed.patient.as_ref()?);
    let called = billed.name.as_deref().unwrap_or_default();
    let line = format!("{whose}  {}", name(pen, state, called));
    Some(line.trim_end().to_owned())
}

/// Why the receipt computer says nothing, and what to do.
pub(crate) fn trouble(pen: &Pen<'_>, trouble: &Trouble) -> String {
    let (text, detail) = match trouble {
        Trouble::NotConnected => return pen.text(Text::OrcaUnset).to_owned(),
        Trouble::Unreachable(detail) => (Text::OrcaUnreachable, detail),
        Trouble::Lost(detail) => (Text::OrcaLost, detail),
        Trouble::Denied(detail) => (Text::OrcaDenied, detail),
        Trouble::Certificate(detail) => (Text::OrcaCertificate, detail),
        Trouble::Foreign(detail) => (Text::OrcaForeign, detail),
        Trouble::Unreadable(detail) => (Text::OrcaUnreadable, detail),
        Trouble::Refused { code, message } => {
            if let Some(told) = words_of(pen, Text::OrcaRefusedTold, code) {
                return told;
            }
            (Text::OrcaRefused, &format!("{code} {message}"))
        }
    };
    let detail: String = detail.trim().chars().take(80).collect();
    pen.fill(text, "detail", detail)
}
