//! A slip as lines of text: the sheet that is printed, laid out for the screen.

use crate::app::State;
use crate::domain::ledger::Document;
use crate::domain::paper::SlipFacts;
use crate::domain::record::SaleRecord;
use crate::locale::Locale;
use crate::slip::{Issuer, Occasion, compose, text};

/// The lines of a slip, each at most `columns` wide (32 or more). `reissued` marks a copy issued again.
///
/// A sale that is not settled says in so many words that this is no receipt.
pub fn lines(
    state: &State,
    record: &SaleRecord,
    locale: &Locale,
    reissued: bool,
    columns: usize,
) -> Vec<String> {
    let shop = &state.settings.shop;
    let facts = SlipFacts {
        original: state.printing.original_of(record),
        ..SlipFacts::of(record.clone())
    };
    let issuer = Issuer {
        lines: &shop.lines,
        invoice_number: shop.invoice_number.as_deref(),
        tax_rates: shop.tax_rates,
    };
    let occasion = Occasion {
        at: state.now.wall,
        locale,
        templates: &state.settings.paper.templates,
    };
    let document = if reissued {
        Document::Reissue
    } else {
        Document::Slip
    };
    text(&compose(document, &facts, &issuer, &occasion), columns)
}
