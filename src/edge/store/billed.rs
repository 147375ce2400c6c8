//! Which sale of a day pays a scanned bill. The day is found by an index; its sales, a few hundred, are looked into.

use rusqlite::Connection;

use super::{history, read};
use crate::app::message::{StoreTrouble, Stored};
use crate::domain::business_day::BusinessDate;
use crate::domain::record::SaleRecord;
use crate::domain::slip::SlipNumber;

pub(super) const BY_CODE: &str = "
    SELECT sale.slip_number FROM sale JOIN entry ON entry.id = sale.entry_id
    LEFT JOIN settlement ON settlement.slip_number = sale.slip_number
    WHERE sale.business_date = ?1 AND sale.kind = 'sale' AND coalesce(settlement.state, 'settled') = 'settled'
      AND json_extract(entry.body, '$.sale.bill.code') = ?2
    ORDER BY sale.slip_number DESC";

/// The answer to `BillTaken`.
pub(super) fn taken(
    connection: &Connection,
    code: &str,
    date: BusinessDate,
) -> Result<Stored, StoreTrouble> {
    let read = connection.unchecked_transaction()?;
    Ok(Stored::BillTaken {
        code: code.to_owned(),
        date,
        earlier: find(&read, code, date)?.map(Box::new),
    })
}

/// The newest sale of a day that pays the bill with this code, or may. One that failed, or was taken back whole, does not.
fn find(
    connection: &Connection,
    code: &str,
    date: BusinessDate,
) -> Result<Option<SaleRecord>, StoreTrouble> {
    let mut statement = connection.prepare_cached(BY_CODE)?;
    let mut rows = statement.query((date.to_string(), code))?;
    while let Some(row) = rows.next()? {
        let slip: i64 = row.get(0)?;
        let sale = history::row(connection, slip)?;
        if sale.taken_back < sale.total {
            return read::existing(connection, SlipNumber::new(row.get(0)?)).map(Some);
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::super::BooksKind;
    use super::super::testbed::*;
    use crate::app::message::{StoreRequest, Stored};
    use crate::domain::bill::Billed;
    use crate::domain::ledger::CatId;
    use crate::domain::sale::{SaleDraft, SaleKind};

    const CODE: &str = "0200010006508";

    fn billed(sale: SaleDraft) -> SaleDraft {
        SaleDraft {
            bill: Some(Billed {
                patient: None,
                name: None,
                shares: Vec::new(),
                code: Some(CODE.to_owned()),
            }),
            ..sale
        }
    }

    fn taken(bed: &mut Bed, code: &str, minutes: i64) -> Option<u32> {
        let request = StoreRequest::BillTaken {
            code: code.to_owned(),
            date: at(minutes).business_date,
        };
        match bed.ask(request).expect("the books are read") {
            Stored::BillTaken { earlier, .. } => earlier.map(|sale| sale.slip.get()),
            other => panic!("not an answer about a bill: {other:?}"),
        }
    }

    #[test]
    fn a_bill_is_taken_by_what_pays_it_that_day_and_by_nothing_else() {
        let mut bed = books(BooksKind::Live);
        bed.sell(cash_sale(650)).expect("sold");
        assert_eq!(taken(&mut bed, CODE, 0), None, "a sale without a bill");
        // An attempt that may be charged counts; one that surely is not does not.
        let (slip, _) = bed
            .pend(billed(card_sale(650)), CatId::Cat1)
            .expect("pending");
        assert_eq!(taken(&mut bed, CODE, 0), Some(slip.get()));
        bed.write(not_sent(slip)).expect("released");
        assert_eq!(taken(&mut bed, CODE, 0), None);
        let sold = bed.sell(billed(cash_sale(650))).expect("sold");
        assert_eq!(taken(&mut bed, CODE, 0), Some(sold.slip.get()));
        assert_eq!(taken(&mut bed, "200010006508", 0), None, "another code");
        assert_eq!(taken(&mut bed, CODE, 24 * 60), None, "another day");
        // A part that goes back leaves it paid; all of it does not.
        let part = back(cash_sale(50), SaleKind::Refund, sold.slip);
        bed.sell(allowed(part)).expect("a refund");
        assert_eq!(taken(&mut bed, CODE, 0), Some(sold.slip.get()));
        let rest = back(cash_sale(600), SaleKind::Refund, sold.slip);
        bed.sell(allowed(rest)).expect("a refund");
        assert_eq!(taken(&mut bed, CODE, 0), None);
    }
}
