//! Words for values that stand on slips and on screens alike.

use chrono::Datelike;

use crate::domain::business_day::BusinessDate;
use crate::domain::ledger::SaleState;
use crate::domain::sale::{SaleKind, TaxClass};
use crate::locale::{Locale, Text};

/// A date with its day of the week.
pub fn date(locale: &Locale, date: BusinessDate) -> String {
    let index = date.0.weekday().num_days_from_sunday() as usize;
    let day = locale
        .text(Text::Weekdays)
        .split_whitespace()
        .nth(index)
        .unwrap_or_default();
    format!("{date}({day})")
}

/// 売上, 取消, 返品.
pub const fn kind(kind: SaleKind) -> Text {
    match kind {
        SaleKind::Sale => Text::KindSale,
        SaleKind::Void => Text::KindVoid,
        SaleKind::Refund => Text::KindRefund,
    }
}

/// Where a sale stands.
pub const fn state(state: SaleState) -> Text {
    match state {
        SaleState::Pending => Text::StatePending,
        SaleState::Sent | SaleState::Unknown => Text::StateUnknown,
        SaleState::Parked => Text::StateParked,
        SaleState::ByHand => Text::StateByHand,
        SaleState::Booked => Text::StateBooked,
        SaleState::Settled => Text::StateSettled,
        SaleState::Declined => Text::StateDeclined,
        SaleState::Cancelled => Text::StateCancelled,
    }
}

/// 課, 非, ※.
pub const fn tax_mark(tax: TaxClass) -> Text {
    match tax {
        TaxClass::Taxable => Text::TaxMarkTaxable,
        TaxClass::NonTaxable => Text::TaxMarkNonTaxable,
        TaxClass::Reduced => Text::PaperMarkReduced,
    }
}
