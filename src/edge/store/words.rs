//! The words of the columns, and moments as columns keep them.

use chrono::{DateTime, FixedOffset, NaiveDate, Offset, Utc};
use rusqlite::Row;

use super::trouble::unreadable;
use crate::app::message::StoreTrouble;
use crate::domain::bill::{Billed, PatientNumber};
use crate::domain::business_day::BusinessDate;
use crate::domain::ledger::{CatId, SaleState};
use crate::domain::record::Stamp;
use crate::domain::reflection::postings;
use crate::domain::sale::{SaleDraft, SaleKind};
use crate::domain::tender::LinkKind;
use crate::teeth::{self, Tooth};

pub(super) const fn cat(cat: CatId) -> &'static str {
    match cat {
        CatId::Cat1 => "cat1",
        CatId::Cat2 => "cat2",
    }
}

pub(super) const fn link(link: LinkKind) -> &'static str {
    match link {
        LinkKind::Linked => "linked",
        LinkKind::Manual => "manual",
        LinkKind::None => "none",
    }
}

pub(super) fn link_of(word: &str) -> Option<LinkKind> {
    [LinkKind::Linked, LinkKind::Manual, LinkKind::None]
        .into_iter()
        .find(|kind| link(*kind) == word)
}

pub(super) fn sale_kind_of(word: &str) -> Option<SaleKind> {
    [SaleKind::Sale, SaleKind::Void, SaleKind::Refund]
        .into_iter()
        .find(|kind| kind.word() == word)
}

/// The final states, by the word of the settlement table.
pub(super) fn final_state_of(word: &str) -> Option<SaleState> {
    [
        SaleState::Settled,
        SaleState::Declined,
        SaleState::Cancelled,
    ]
    .into_iter()
    .find(|state| state.word() == word)
}

/// What the table of bills keeps of a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BillRow<'a> {
    pub(super) patient: Option<&'a str>,
    pub(super) code: Option<&'a str>,
    pub(super) postings: i64,
}

pub(super) fn bill<'a>(sale: &SaleDraft, billed: &'a Billed) -> BillRow<'a> {
    BillRow {
        patient: billed.patient.as_ref().map(PatientNumber::as_str),
        code: billed.code.as_deref(),
        postings: i64::try_from(postings(sale).len()).unwrap_or(i64::MAX),
    }
}

/// A stamp as columns keep it: milliseconds, whole minutes of offset, and the business date as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StampColumns {
    pub(super) recorded_at_ms: i64,
    pub(super) offset_minutes: i64,
    pub(super) business_date: String,
}

impl From<Stamp> for StampColumns {
    fn from(stamp: Stamp) -> StampColumns {
        StampColumns {
            recorded_at_ms: if teeth::bites(Tooth::MomentsInSeconds) {
                stamp.at.timestamp() * 1_000
            } else {
                stamp.at.timestamp_millis()
            },
            offset_minutes: i64::from(stamp.at.offset().fix().local_minus_utc() / 60),
            business_date: stamp.business_date.to_string(),
        }
    }
}

impl StampColumns {
    /// Read from three neighbouring columns, of which `first` is the number of the first.
    pub(super) fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<StampColumns> {
        Ok(StampColumns {
            recorded_at_ms: row.get(first)?,
            offset_minutes: row.get(first + 1)?,
            business_date: row.get(first + 2)?,
        })
    }

    /// The stamp, exact to the millisecond.
    pub(super) fn stamp(&self) -> Option<Stamp> {
        let seconds = i32::try_from(self.offset_minutes.checked_mul(60)?).ok()?;
        let offset = FixedOffset::east_opt(seconds)?;
        let at =
            DateTime::<Utc>::from_timestamp_millis(self.recorded_at_ms)?.with_timezone(&offset);
        let date = NaiveDate::parse_from_str(&self.business_date, "%Y-%m-%d").ok()?;
        Some(Stamp {
            at,
            business_date: BusinessDate(date),
        })
    }

    /// The stamp, or the row that holds none.
    pub(super) fn stamp_of(&self, table: &str, id: i64) -> Result<Stamp, StoreTrouble> {
        self.stamp()
            .ok_or_else(|| unreadable(table, id, "no such moment or day"))
    }
}
