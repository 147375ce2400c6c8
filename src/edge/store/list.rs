//! The books as a list, oldest first, one sale at a time: what reports and other programs read.

use chrono::{DateTime, FixedOffset};
use rusqlite::{Connection, Row};

use super::history::state_of;
use super::trouble::unreadable;
use super::words::{self, StampColumns};
use super::{BooksKind, Store};
use crate::app::message::StoreTrouble;
use crate::domain::business_day::BusinessDate;
use crate::domain::ledger::SaleState;
use crate::domain::money::Yen;
use crate::domain::record::Stamp;
use crate::domain::sale::SaleKind;
use crate::domain::slip::SlipNumber;
use crate::domain::tender::{CardClass, LinkKind};
use crate::domain::text::Bilingual;

/// One sale of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleListing {
    /// Our slip.
    pub slip: SlipNumber,
    /// When it was first written.
    pub recorded_at: DateTime<FixedOffset>,
    /// 営業日.
    pub business_date: BusinessDate,
    /// 売上, 取消, 返品.
    pub kind: SaleKind,
    /// Where it stands.
    pub state: SaleState,
    /// The sum of its tenders.
    pub total: Yen,
    /// The first slip of the same checkout.
    pub order: Option<SlipNumber>,
    /// The slip that is taken back.
    pub original: Option<SlipNumber>,
    /// 併用払い: it pays a part of its bill.
    pub part: bool,
    /// 差額: the slip whose corrected bill it is.
    pub replaces: Option<SlipNumber>,
    /// Made at a terminal by hand, as a task.
    pub by_hand: bool,
    /// 担当者コード.
    pub operator_code: String,
    /// 端末コード.
    pub terminal_code: String,
    /// Practice: nothing was charged.
    pub practice: bool,
    /// What it is paid with, in order.
    pub tenders: Vec<TenderListing>,
}

/// One tender of a sale of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TenderListing {
    /// 現金.
    Cash {
        /// The part of the bill that cash pays.
        amount: Yen,
        /// What was handed over.
        received: Yen,
    },
    /// A card.
    Card {
        /// Code of the card company.
        code: String,
        /// Its name when the sale was made.
        name: Bilingual,
        /// カード区分 asked for.
        class: CardClass,
        /// Its name when the sale was made.
        class_name: Bilingual,
        /// Which class the terminal said it was.
        class_used: Option<CardClass>,
        /// The amount.
        amount: Yen,
        /// How it reached the terminal.
        link: LinkKind,
        /// Our number at the terminal.
        sequence_number: Option<u32>,
        /// 伝票番号 of the terminal.
        terminal_slip: Option<String>,
        /// 承認番号.
        approval_code: Option<String>,
    },
}

/// Without days the table itself is in order; with them the index of days answers, and what it finds is sorted.
const SALES: &str = "
    SELECT sale.slip_number, sale.recorded_at_ms, sale.offset_minutes, sale.business_date, sale.kind, sale.cat IS NOT NULL OR sale.hand_model IS NOT NULL,
           settlement.state, sale.total, sale.order_number, sale.original_slip, sale.operator_code, sale.terminal_code,
           sale.practice, sale.sequence_number, settlement.terminal_slip_number, settlement.approval_code,
           settlement.card_class_used, sale.part, sale.replaces, sale.hand_model IS NOT NULL
    FROM sale LEFT JOIN settlement USING (slip_number)";

const TENDERS: &str = "
    SELECT tender.kind, tender.amount, tender.received, tender.link,
           card.code, card.name_ja, card.name_en, card.class_code, card.class_ja, card.class_en
    FROM tender LEFT JOIN card ON card.id = tender.card_id
    WHERE tender.slip_number = ? ORDER BY tender.ordinal";

/// Before any day, and after any.
const DAYS: (&str, &str) = ("0000-00-00", "9999-99-99");

impl Store {
    /// Show every sale of the business days `from` to `to` (both included) to `each`, oldest first, as of one moment.
    pub fn each_sale<E: From<StoreTrouble>>(
        &self,
        from: Option<BusinessDate>,
        to: Option<BusinessDate>,
        mut each: impl FnMut(&SaleListing) -> Result<(), E>,
    ) -> Result<(), E> {
        let read = self
            .connection
            .unchecked_transaction()
            .map_err(StoreTrouble::from)?;
        let mut days = Vec::new();
        let mut sql = SALES.to_owned();
        if from.is_some() || to.is_some() {
            sql.push_str(" WHERE sale.business_date BETWEEN ? AND ?");
            days.push(from.map_or_else(|| DAYS.0.to_owned(), |date| date.to_string()));
            days.push(to.map_or_else(|| DAYS.1.to_owned(), |date| date.to_string()));
        }
        sql.push_str(" ORDER BY sale.slip_number");
        let mut statement = read.prepare_cached(&sql).map_err(StoreTrouble::from)?;
        let mut rows = statement
            .query(rusqlite::params_from_iter(days))
            .map_err(StoreTrouble::from)?;
        while let Some(row) = rows.next().map_err(StoreTrouble::from)? {
            each(&listing(&read, row, self.kind)?)?;
        }
        Ok(())
    }
}

fn listing(
    connection: &Connection,
    row: &Row<'_>,
    books: BooksKind,
) -> Result<SaleListing, StoreTrouble> {
    let slip = SlipNumber::new(row.get(0)?);
    let bad = |what: &str| unreadable("sale", i64::from(slip.get()), what);
    let Stamp { at, business_date } =
        StampColumns::read(row, 1)?.stamp_of("sale", i64::from(slip.get()))?;
    let kind: String = row.get(4)?;
    let practice: bool = row.get(12)?;
    if practice != books.is_practice() {
        return Err(bad("it is of the other books"));
    }
    Ok(SaleListing {
        slip,
        recorded_at: at,
        business_date,
        kind: words::sale_kind_of(&kind).ok_or_else(|| bad("its kind"))?,
        state: state_of(connection, slip, row.get(5)?, row.get(6)?)?,
        total: Yen::new(row.get(7)?),
        order: row.get::<_, Option<u32>>(8)?.map(SlipNumber::new),
        original: row.get::<_, Option<u32>>(9)?.map(SlipNumber::new),
        part: row.get(17)?,
        replaces: row.get::<_, Option<u32>>(18)?.map(SlipNumber::new),
        by_hand: row.get(19)?,
        operator_code: row.get(10)?,
        terminal_code: row.get(11)?,
        practice,
        tenders: tenders(connection, slip, row)?,
    })
}

fn tenders(
    connection: &Connection,
    slip: SlipNumber,
    sale: &Row<'_>,
) -> Result<Vec<TenderListing>, StoreTrouble> {
    let mut statement = connection.prepare_cached(TENDERS)?;
    let mut rows = statement.query([slip.get()])?;
    let mut tenders = Vec::new();
    while let Some(row) = rows.next()? {
        let kind: String = row.get(0)?;
        let amount = Yen::new(row.get(1)?);
        tenders.push(if kind == "cash" {
            TenderListing::Cash {
                amount,
                received: Yen::new(row.get(2)?),
            }
        } else {
            let link: String = row.get(3)?;
            TenderListing::Card {
                code: row.get(4)?,
                name: Bilingual {
                    ja: row.get(5)?,
                    en: row.get(6)?,
                },
                class: CardClass(row.get(7)?),
                class_name: Bilingual {
                    ja: row.get(8)?,
                    en: row.get(9)?,
                },
                class_used: sale.get::<_, Option<u8>>(16)?.map(CardClass),
                amount,
                link: words::link_of(&link)
                    .ok_or_else(|| unreadable("tender", i64::from(slip.get()), "its link"))?,
                sequence_number: sale.get(13)?,
                terminal_slip: sale.get(14)?,
                approval_code: sale.get(15)?,
            }
        });
    }
    Ok(tenders)
}
