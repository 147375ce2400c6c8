//! What may be written beside what is in the books: attempts and parts of an order, what is taken back, and corrected bills.
//!
//! The entries decide, read as they were after a given one: so a sale is judged by the same words when it is written and, years later, when
//! the books are proven.

use rusqlite::Connection;

mod bill;

#[cfg(test)]
pub(super) use bill::PAID_BILLS;
pub(super) use bill::paid_bills;
use bill::pays_no_more;

use super::read;
use super::trouble::{refused, unreadable};
use crate::app::message::StoreTrouble;
use crate::domain::bill::Billed;
use crate::domain::ledger::{Entry, Evidence, SaleState};
use crate::domain::money::Yen;
use crate::domain::record::SaleRecord;
use crate::domain::reflection::Unreflected;
use crate::domain::sale::{self, SaleDraft, SaleKind, Undo};
use crate::domain::slip::SlipNumber;
use crate::domain::task::PartPaid;
use crate::domain::tender::{CardClass, Tender};
use crate::teeth::{self, Tooth};

/// The books as they were after an entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct AsOf<'a> {
    pub(super) connection: &'a Connection,
    /// The last entry that is read.
    pub(super) upto: i64,
}

type Checked = Result<(), StoreTrouble>;

/// The slips that speak of another one.
pub(super) const ATTEMPTS: &str = "
    SELECT slip_number FROM sale WHERE slip_number = ?1
    UNION ALL SELECT slip_number FROM sale WHERE order_number = ?1";
pub(super) const UNDOS: &str = "SELECT slip_number FROM sale WHERE original_slip = ?1";
pub(super) const CORRECTIONS: &str = "SELECT slip_number FROM sale WHERE replaces = ?1";

impl AsOf<'_> {
    /// The books as they are.
    pub(super) fn now(connection: &Connection) -> AsOf<'_> {
        AsOf {
            connection,
            upto: i64::MAX,
        }
    }

    /// A slip, where it was opened by then.
    pub(super) fn record(&self, slip: SlipNumber) -> Result<Option<SaleRecord>, StoreTrouble> {
        read::record_until(self.connection, slip, self.upto)
    }

    /// What the receipt computer was told of a slip by then.
    pub(super) fn unreflected(
        &self,
        slip: SlipNumber,
    ) -> Result<Option<Unreflected>, StoreTrouble> {
        let mut told = read::unreflected_until(self.connection, slip, self.upto)?;
        if let Some(told) = told.as_mut().filter(|told| told.seeks())
            && let Some(found) = self.found(slip)?
        {
            told.find(&found);
        }
        Ok(told)
    }

    /// The slips that one of the queries above finds, as they stood, oldest first.
    fn records(&self, sql: &str, slip: SlipNumber) -> Result<Vec<SaleRecord>, StoreTrouble> {
        let mut slips = self
            .connection
            .prepare_cached(sql)?
            .query_map([slip.get()], |row| row.get(0).map(SlipNumber::new))?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        slips.sort_unstable();
        let mut records = Vec::with_capacity(slips.len());
        for slip in slips {
            records.extend(self.record(slip)?);
        }
        Ok(records)
    }

    /// What takes a sale back, or may: everything that is not known to have failed.
    pub(super) fn undone(&self, original: SlipNumber) -> Result<Vec<SaleRecord>, StoreTrouble> {
        let mut undos = self.records(UNDOS, original)?;
        undos.retain(may_stand);
        Ok(undos)
    }

    /// What of a sale was given back for certain.
    fn given_back(&self, original: SlipNumber) -> Result<Yen, StoreTrouble> {
        let undos = self.records(UNDOS, original)?;
        sum(undos
            .iter()
            .filter(|undo| undo.state == SaleState::Settled)
            .map(SaleRecord::total))
    }

    /// The paid parts of an order that were not taken back as a whole. A part of which goods were returned stands: they are paid no second time.
    fn standing_parts(&self, order: SlipNumber) -> Result<Vec<SaleRecord>, StoreTrouble> {
        let mut parts = Vec::new();
        for attempt in self.records(ATTEMPTS, order)? {
            if is_part(&attempt.sale)
                && is_paid(attempt.state)
                && self.given_back(attempt.slip)? < attempt.total()
            {
                parts.push(attempt);
            }
        }
        Ok(parts)
    }

    /// A bill that is paid in part; nothing where it is paid, or not at all.
    pub(super) fn part_paid(&self, order: SlipNumber) -> Result<Option<PartPaid>, StoreTrouble> {
        let parts = self.standing_parts(order)?;
        let Some(first) = parts.first() else {
            return Ok(None);
        };
        let due = sale::total(&first.sale.lines)
            .ok_or_else(|| unreadable("sale", i64::from(order.get()), "its bill"))?;
        let paid = sum(parts.iter().map(SaleRecord::total))?;
        let bill = bill::whole(&self.records(ATTEMPTS, order)?);
        Ok((paid < due).then(|| PartPaid {
            order,
            lines: first.sale.lines.clone(),
            due,
            paid,
            parts: parts.iter().map(|part| part.slip).collect(),
            bill,
        }))
    }

    /// 差額: an undo that is done and whose corrected bill is not paid by any sale yet.
    pub(super) fn awaits_correction(&self, undo: SlipNumber) -> Result<bool, StoreTrouble> {
        let settled = self.record(undo)?.is_some_and(|record| {
            record.state == SaleState::Settled && !corrected(&record.sale).is_empty()
        });
        Ok(settled
            && !teeth::bites(Tooth::CorrectionIsForgotten)
            && !self
                .records(CORRECTIONS, undo)?
                .iter()
                .any(|sale| is_paid(sale.state)))
    }

    /// Every rule that looks at other slips.
    pub(super) fn check(&self, sale: &SaleDraft, total: Yen) -> Checked {
        if let Some(order) = sale.order {
            self.check_order(sale, total, order)?;
        }
        self.check_bill(sale, total)?;
        match sale.kind {
            SaleKind::Sale if sale.original.is_some() || sale.undo.is_some() => {
                return Err(refused("a sale takes nothing back"));
            }
            SaleKind::Sale => {}
            SaleKind::Void | SaleKind::Refund => self.check_undo(sale, total)?,
        }
        match sale.replaces {
            Some(undo) => self.check_correction(sale, undo),
            None => Ok(()),
        }
    }

    /// At most one attempt of an order is charged or may still be; of parts, never more than the bill.
    fn check_order(&self, sale: &SaleDraft, total: Yen, order: SlipNumber) -> Checked {
        if teeth::bites(Tooth::OpenOrderTakesCash) {
            return Ok(());
        }
        match self.record(order)?.map(|first| first.sale.order) {
            None => return Err(refused(format!("there is no slip {order} to try again"))),
            Some(Some(first)) => {
                return Err(refused(format!(
                    "slip {order} is itself another attempt of slip {first}"
                )));
            }
            Some(None) => {}
        }
        let mut paid = total;
        for attempt in self.records(ATTEMPTS, order)? {
            let slip = attempt.slip;
            if !may_stand(&attempt) {
                continue;
            }
            // Part by part: each has its outcome, or our slip is out, before the next begins.
            let beside = is_part(sale) && is_part(&attempt.sale) && is_paid(attempt.state);
            if !beside {
                let how = if is_paid(attempt.state) {
                    "is already paid"
                } else {
                    "has no outcome yet"
                };
                return Err(refused(format!("slip {slip} of the same checkout {how}")));
            }
            if attempt.sale.lines != sale.lines {
                return Err(refused(format!("slip {slip} is a part of another bill")));
            }
            if self.given_back(slip)? < attempt.total() {
                paid = sum([paid, attempt.total()])?;
            }
        }
        let summed = is_part(sale) && !teeth::bites(Tooth::PartsAreNotSummed);
        if summed && Some(paid) > sale::total(&sale.lines) {
            return Err(refused("the parts would pay more than the bill"));
        }
        Ok(())
    }

    /// What is given back was taken before, once, and the way it came.
    fn check_undo(&self, sale: &SaleDraft, total: Yen) -> Checked {
        let Some(slip) = sale.original else {
            // Before undoing had rules it did not have to name a sale.
            return match sale.undo {
                None => Ok(()),
                Some(_) => Err(refused("what takes back names the sale it takes back")),
            };
        };
        let original = self
            .record(slip)?
            .filter(|record| record.sale.kind == SaleKind::Sale)
            .ok_or_else(|| refused(format!("there is no sale {slip} to take back")))?;
        if original.state != SaleState::Settled {
            return Err(refused(format!("sale {slip} is not paid")));
        }
        let undone = self.undone(slip)?;
        let given = sum(undone.iter().map(SaleRecord::total))?;
        let unbound = teeth::bites(Tooth::UndoTwice) || teeth::bites(Tooth::UndoAbovePaid);
        if sum([given, total])? > original.total() && !unbound {
            return Err(refused(format!(
                "more than the amount of sale {slip} would be given back"
            )));
        }
        let Some(undo) = &sale.undo else {
            return Ok(());
        };
        let open = undone.iter().find(|undo| !undo.state.is_final());
        if let Some(open) = open {
            return Err(refused(format!(
                "slip {}, which takes sale {slip} back, has no outcome yet",
                open.slip
            )));
        }
        let whole = total == original.total();
        let of_tender = takes_a_whole_tender(sale, &original, total);
        if sale.kind == SaleKind::Void && !((whole || of_tender) && undo.lines.is_empty()) {
            return Err(refused(
                "a void takes the whole sale back, or the whole of what one money paid of it",
            ));
        }
        if !undo.corrected.is_empty() && !whole {
            return Err(refused(
                "a bill is corrected where the whole sale is taken back",
            ));
        }
        if let Some(second) = &undo.allowed_by
            && second.code == sale.operator.code
            && !teeth::bites(Tooth::OnePersonIsTwo)
        {
            return Err(refused(
                "a second person allows it, not the one who does it",
            ));
        }
        if undo.allowed_by.is_none() && !unbound && !teeth::bites(Tooth::OtherMoneyAlone) {
            check_money(sale, &original, &undone)?;
        }
        self.check_lines(sale, undo, &original)
    }

    /// Never more of a line than was sold, less what went back of it; of a bill in parts, whichever part it was taken from.
    fn check_lines(&self, sale: &SaleDraft, undo: &Undo, original: &SaleRecord) -> Checked {
        if undo.lines.is_empty() {
            return Ok(());
        }
        let sold = &original.sale.lines;
        let mut left: Vec<u64> = sold.iter().map(|line| u64::from(line.quantity)).collect();
        let mut take = |sale: &SaleDraft, undo: &Undo| -> Checked {
            if sale.lines.len() != undo.lines.len() {
                return Err(refused("each line that goes back names a line of the sale"));
            }
            for (line, number) in sale.lines.iter().zip(&undo.lines) {
                let index = usize::from(*number).wrapping_sub(1);
                let (Some(from), Some(left)) = (sold.get(index), left.get_mut(index)) else {
                    return Err(refused(format!("the sale has no line {number}")));
                };
                if (&line.name, line.unit, line.tax) != (&from.name, from.unit, from.tax) {
                    return Err(refused(format!("line {number} of the sale is another one")));
                }
                *left = left.checked_sub(u64::from(line.quantity)).ok_or_else(|| {
                    refused(format!("more of line {number} would go back than was sold"))
                })?;
            }
            Ok(())
        };
        let parts = match is_part(&original.sale) {
            true => self.records(ATTEMPTS, root(original))?,
            false => vec![original.clone()],
        };
        for part in parts {
            for undone in self.undone(part.slip)? {
                if let Some(undo) = undone.sale.undo.as_ref().filter(|u| !u.lines.is_empty()) {
                    take(&undone.sale, undo)?;
                }
            }
        }
        take(sale, undo)
    }

    /// 差額: the corrected bill of an undo that is done, as it was written there, once.
    fn check_correction(&self, sale: &SaleDraft, undo: SlipNumber) -> Checked {
        let record = self
            .record(undo)?
            .filter(|record| record.state == SaleState::Settled)
            .ok_or_else(|| refused(format!("slip {undo} took nothing back yet")))?;
        if sale.kind != SaleKind::Sale
            || corrected(&record.sale).is_empty()
            || corrected(&record.sale) != sale.lines
            || !pays_no_more(sale.bill.as_ref(), corrected_bill(&record.sale))
        {
            return Err(refused(format!(
                "this is not the corrected bill of slip {undo}"
            )));
        }
        for other in self.records(CORRECTIONS, undo)? {
            let another_part = is_part(sale)
                && is_part(&other.sale)
                && sale.order.is_some_and(|order| order == root(&other));
            if may_stand(&other) && !another_part {
                return Err(refused(format!(
                    "slip {} is the corrected bill of slip {undo} already",
                    other.slip
                )));
            }
        }
        let original = match record.sale.original {
            Some(original) => self.record(original)?,
            None => None,
        };
        if let Some(original) = original.filter(|original| is_part(&original.sale))
            && let Some(part) = self.standing_parts(root(&original))?.first()
        {
            return Err(refused(format!(
                "slip {}, a part of the bill that is corrected, is not taken back yet",
                part.slip
            )));
        }
        Ok(())
    }
}

/// Where two people stand behind an entry, they are two.
pub(super) fn two_people(entry: &Entry) -> Result<(), StoreTrouble> {
    let (first, second) = match entry {
        Entry::Explained {
            operator, second, ..
        } => (operator, second),
        Entry::Posted { evidence, .. } | Entry::Released { evidence, .. } => match evidence {
            Evidence::TwoPeople {
                operator, second, ..
            } => (operator, second),
            _ => return Ok(()),
        },
        _ => return Ok(()),
    };
    if first.code == second.code && !teeth::bites(Tooth::OnePersonIsTwo) {
        return Err(refused("a second person says so, not the same one twice"));
    }
    Ok(())
}

/// True where all that cash or a card paid of a sale goes back, to nothing else.
fn takes_a_whole_tender(sale: &SaleDraft, original: &SaleRecord, total: Yen) -> bool {
    let used = original.terminal.card_class;
    let [back] = sale.tenders.as_slice() else {
        return false;
    };
    let mut came = original.sale.tenders.iter();
    came.any(|came| came.amount() == total && is_same_money(came, back, used))
}

/// Money goes back the way it came, unless a second person allowed another: never more to a money than came by it and has not gone back.
fn check_money(sale: &SaleDraft, original: &SaleRecord, undone: &[SaleRecord]) -> Checked {
    let used = original.terminal.card_class;
    for came in &original.sale.tenders {
        let back = |draft: &SaleDraft| {
            sum(draft
                .tenders
                .iter()
                .filter(|tender| is_same_money(came, tender, used))
                .map(Tender::amount))
        };
        let mut gone = back(sale)?;
        for undo in undone {
            gone = sum([gone, back(&undo.sale)?])?;
        }
        if gone > came.amount() {
            return Err(refused(format!(
                "more would go back to {} than came by it",
                money_word(came)
            )));
        }
    }
    let other = sale.tenders.iter().find(|tender| {
        let came = &original.sale.tenders;
        !came.iter().any(|came| is_same_money(came, tender, used))
    });
    match other {
        None => Ok(()),
        Some(tender) => Err(refused(format!(
            "nothing of sale {} came by {}; another money needs a second person",
            original.slip,
            money_word(tender)
        ))),
    }
}

/// True where money goes back as it came: cash, or the same card of the class that was asked for or really used.
fn is_same_money(came: &Tender, back: &Tender, used: Option<CardClass>) -> bool {
    match (came, back) {
        (Tender::Cash { .. }, Tender::Cash { .. }) => true,
        (
            Tender::Card {
                card, card_class, ..
            },
            Tender::Card {
                card: to,
                card_class: class,
                ..
            },
        ) => card == to && (card_class == class || used == Some(*class)),
        _ => false,
    }
}

fn money_word(tender: &Tender) -> String {
    match tender {
        Tender::Cash { .. } => "cash".to_owned(),
        Tender::Card { card, .. } => format!("card {card}"),
    }
}

/// Booked counts: our slip is out.
pub(super) const fn is_paid(state: SaleState) -> bool {
    matches!(state, SaleState::Settled | SaleState::Booked)
}

/// Done, or not known to have failed.
pub(super) fn may_stand(record: &SaleRecord) -> bool {
    !matches!(record.state, SaleState::Cancelled | SaleState::Declined)
}

/// A slip that pays a part of its bill; what takes such a one back is none.
pub(super) fn is_part(sale: &SaleDraft) -> bool {
    sale.part && sale.kind == SaleKind::Sale
}

/// The first slip of the checkout.
pub(super) fn root(record: &SaleRecord) -> SlipNumber {
    record.sale.order.unwrap_or(record.slip)
}

/// What the corrected bill was said to pay of each invoice.
fn corrected_bill(sale: &SaleDraft) -> Option<&Billed> {
    sale.undo.as_ref()?.corrected_bill.as_deref()
}

fn corrected(sale: &SaleDraft) -> &[sale::Line] {
    sale.undo.as_ref().map_or(&[], |undo| &undo.corrected)
}

fn sum(amounts: impl IntoIterator<Item = Yen>) -> Result<Yen, StoreTrouble> {
    amounts
        .into_iter()
        .try_fold(Yen::ZERO, Yen::checked_add)
        .ok_or_else(|| refused("the amounts are too large"))
}
