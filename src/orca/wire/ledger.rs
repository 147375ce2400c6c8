//! 収納 (`incomev3`): an invoice with its history.

use super::bill::{detail, lines};
use super::read::session;
use super::value::{Unclear, date, in_out, invoice, small, time, words, yen};
use crate::domain::bill::{Caution, Invoice, InvoiceNumber};
use crate::orca::answer::{Answer, HistoryRow, Standing};
use crate::orca::call::{Payment, Session};
use crate::orca::node::Node;

/// 履歴の状態 請求取消.
const VOID_ROW: u8 = 5;
/// 伝票の状態 請求取消.
const VOID: &str = "3";

/// The answer to 01/02.
pub(super) fn opened(record: &Node<'_>, asked: &InvoiceNumber) -> Result<Answer, Unclear> {
    let session = session(record).ok_or(Unclear("Orca_Uid"))?;
    let detailed = record
        .get("Income_Detail")
        .ok_or(Unclear("Income_Detail"))?;
    let history = history(record)?;
    let mut invoice = detail(detailed)?;
    if !invoice.number.is_same(asked) {
        return Err(Unclear("Invoice_Number"));
    }
    if history.last().and_then(|row| row.state) == Some(VOID_ROW) {
        invoice.caution = Some(Caution::Void);
    }
    Ok(Answer::Opened {
        session,
        standing: Standing { invoice, history },
    })
}

/// The answer to 02/01 and 02/03. It must be to what was asked: this mode, this session, this invoice.
pub(super) fn written(record: &Node<'_>, payment: &Payment, mode: &str) -> Result<Answer, Unclear> {
    is_of(record, mode, &payment.session)?;
    let number = invoice(record, "Invoice_Number")?;
    if !number.is_same(&payment.invoice) {
        return Err(Unclear("Invoice_Number"));
    }
    for name in ["Ac_Money", "Ic_Money"] {
        if record.str(name).is_empty() && record.str("State").is_empty() {
            return Err(Unclear(name));
        }
    }
    let charged = yen(record, "Ac_Money")?;
    Ok(Answer::Written(Standing {
        history: history(record)?,
        invoice: Invoice {
            number,
            group: None,
            in_out: in_out(record)?,
            performed: None,
            department: String::new(),
            rate_percent: None,
            charged,
            received: yen(record, "Ic_Money")?,
            lines: lines(record, charged)?,
            caution: (record.str("State") == VOID).then_some(Caution::Void),
        },
    }))
}

/// The answer to 02/09 has a head alone; it must be to what was asked all the same.
pub(super) fn reissued(record: &Node<'_>, asked: &Session) -> Result<Answer, Unclear> {
    is_of(record, "09", asked)?;
    Ok(Answer::Reissued)
}

fn is_of(record: &Node<'_>, mode: &str, asked: &Session) -> Result<(), Unclear> {
    let echoes = [
        ("Request_Number", "02"),
        ("Request_Mode", mode),
        ("Karte_Uid", asked.karte_uid.as_str()),
    ];
    for (name, sent) in echoes {
        if record.str(name) != sent {
            return Err(Unclear(name));
        }
    }
    Ok(())
}

/// Oldest first, as it comes. A row without a number is told by its place.
fn history(record: &Node<'_>) -> Result<Vec<HistoryRow>, Unclear> {
    record
        .rows("Income_History")
        .zip(1_u16..)
        .map(|(row, place)| {
            let code = words(row, "Ic_Code");
            Ok(HistoryRow {
                number: small(row, "History_Number").unwrap_or(place),
                date: date(row, "Processing_Date"),
                time: time(row, "Processing_Time"),
                received: yen(row, "Ic_Money")?,
                tender_code: Some(code).filter(|code| !code.is_empty()),
                state: small(row, "State"),
            })
        })
        .collect()
}
