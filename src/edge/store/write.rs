//! What writes: every entry goes through one function that chains it, and every new sale through one that lays it out.

use rusqlite::{Connection, OptionalExtension, params};

use super::chain::{self, Hash, Link};
use super::trouble::refused;
use super::words::{self, StampColumns};
use super::{BooksKind, numbers, read};
use crate::app::message::StoreTrouble;
use crate::domain::ledger::{Entry, Route, SaleState};
use crate::domain::money::Yen;
use crate::domain::record::{SaleRecord, Stamp};
use crate::domain::sale::{SaleDraft, SaleKind};
use crate::domain::slip::{SequenceNumber, SlipNumber, TerminalSlipNumber};
use crate::domain::tender::{LinkKind, Tender};
use crate::teeth::{self, Tooth};

/// The longest entry, in bytes of JSON. A bill of several hundred lines fits.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// The books within one transaction that may write.
pub(super) struct Books<'a> {
    pub(super) connection: &'a Connection,
    pub(super) kind: BooksKind,
    /// True until the first sale of this run got its sequence number.
    pub(super) new_run: bool,
}

impl Books<'_> {
    /// Book a sale without a terminal under the next slip number.
    pub(super) fn sell(&self, stamp: Stamp, sale: &SaleDraft) -> Result<SaleRecord, StoreTrouble> {
        let slip = numbers::next_slip(self.connection, self.kind)?;
        let entry = Entry::Sold {
            slip,
            sale: sale.clone(),
        };
        let kept = self.open_sale(stamp, &entry, slip, sale, None)?;
        SaleRecord::fold([(kept, &entry)])
            .map_err(|illegal| refused(illegal.to_string()))?
            .ok_or_else(|| refused("a sold entry opens a sale"))
    }

    /// Write a sale that is about to be sent under the next slip number and the next sequence number.
    pub(super) fn pend(
        &self,
        stamp: Stamp,
        sale: &SaleDraft,
        route: &Route,
    ) -> Result<(SlipNumber, SequenceNumber), StoreTrouble> {
        let slip = numbers::next_slip(self.connection, self.kind)?;
        let sequence_number = if self.new_run {
            numbers::first_sequence_number(self.connection, self.kind, stamp.at)?
        } else {
            numbers::next_sequence_number(self.connection, self.kind)?
        };
        let entry = Entry::Pending {
            slip,
            sequence_number,
            sale: sale.clone(),
            route: route.clone(),
        };
        self.open_sale(stamp, &entry, slip, sale, Some((sequence_number, route)))?;
        Ok((slip, sequence_number))
    }

    /// Append an entry to a sale that exists, or an audit entry. An outcome that is there already, word for word, is as good as
    /// written: its commit reached the disk, though the console was told that it failed, and is asked for again. It stays as it was first
    /// written; any other outcome of that sale is refused.
    pub(super) fn write(&self, stamp: Stamp, entry: &Entry) -> Result<(), StoreTrouble> {
        match self.may_follow(entry) {
            Ok(after) => self.append_following(stamp, entry, after),
            Err(StoreTrouble::Refused(_)) if self.holds_outcome(entry)? => Ok(()),
            Err(trouble) => Err(trouble),
        }
    }

    fn follow(&self, stamp: Stamp, entry: &Entry) -> Result<(), StoreTrouble> {
        let after = self.may_follow(entry)?;
        self.append_following(stamp, entry, after)
    }

    /// What the sale would be after this entry.
    fn may_follow(&self, entry: &Entry) -> Result<Option<SaleState>, StoreTrouble> {
        if matches!(entry, Entry::Sold { .. } | Entry::Pending { .. }) {
            return Err(refused("a new sale gets its numbers from the books"));
        }
        let before = match entry.slip() {
            Some(slip) => read::state(self.connection, slip)?,
            None => None,
        };
        SaleState::after(before, entry).map_err(|e| refused(e.to_string()))
    }

    /// True where this is the outcome that the books have of its sale.
    fn holds_outcome(&self, entry: &Entry) -> Result<bool, StoreTrouble> {
        let (Entry::Posted { slip, .. } | Entry::Released { slip, .. }) = entry else {
            return Ok(false);
        };
        if teeth::bites(Tooth::WrittenIsRefused) {
            return Ok(false);
        }
        let body = serde_json::to_string(entry).map_err(|e| refused(e.to_string()))?;
        let held: Option<String> = self
            .connection
            .prepare_cached(OUTCOME_OF_SLIP)?
            .query_row([slip.get()], |row| row.get(0))
            .optional()?;
        Ok(held.is_some_and(|held| held == body))
    }

    fn append_following(
        &self,
        stamp: Stamp,
        entry: &Entry,
        after: Option<SaleState>,
    ) -> Result<(), StoreTrouble> {
        let (id, _) = self.append(stamp, entry)?;
        match entry {
            Entry::Posted { .. } | Entry::Released { .. }
                if teeth::bites(Tooth::OutcomeHasNoRow) =>
            {
                Ok(())
            }
            Entry::Posted { .. } | Entry::Released { .. } => {
                self.tear(Tooth::OutcomeInTwoCommits)?;
                self.settle(id, entry, after)
            }
            _ => Ok(()),
        }
    }

    /// Append an entry that carries its numbers.
    pub(super) fn numbered(&self, stamp: Stamp, entry: &Entry) -> Result<(), StoreTrouble> {
        let (slip, sale, route) = match entry {
            Entry::Sold { slip, sale } => (*slip, sale, None),
            Entry::Pending {
                slip,
                sequence_number,
                sale,
                route,
            } => (*slip, sale, Some((*sequence_number, route))),
            _ => return self.follow(stamp, entry),
        };
        let next = numbers::next_slip(self.connection, self.kind)?;
        if slip != next {
            return Err(refused(format!("the next slip is {next}, not {slip}")));
        }
        self.open_sale(stamp, entry, slip, sale, route).map(|_| ())
    }

    fn open_sale(
        &self,
        stamp: Stamp,
        entry: &Entry,
        slip: SlipNumber,
        sale: &SaleDraft,
        route: Option<(SequenceNumber, &Route)>,
    ) -> Result<Stamp, StoreTrouble> {
        let total = self.check(sale, route)?;
        let (id, kept) = self.append(stamp, entry)?;
        self.tear(Tooth::SaleInTwoCommits)?;
        let columns = StampColumns::from(kept);
        self.connection
            .prepare_cached(INSERT_SALE)?
            .execute(params![
                slip.get(),
                id,
                columns.recorded_at_ms,
                columns.offset_minutes,
                columns.business_date,
                sale.kind.word(),
                total.get(),
                sale.order.map(SlipNumber::get),
                sale.original.map(SlipNumber::get),
                sale.operator.code,
                sale.terminal_code,
                sale.practice,
                route.map(|(_, route)| words::cat(route.cat)),
                route.map(|(_, route)| &route.model),
                route.map(|(number, _)| number.get()),
            ])?;
        for (ordinal, tender) in (1_i64..).zip(&sale.tenders) {
            if teeth::bites(Tooth::TenderHasNoRow) {
                continue;
            }
            self.tender(slip, ordinal, tender)?;
        }
        Ok(kept)
    }

    /// A seeded bug: what belongs into one commit is written in two.
    fn tear(&self, tooth: Tooth) -> Result<(), StoreTrouble> {
        if teeth::bites(tooth) {
            self.connection.execute_batch("COMMIT; BEGIN IMMEDIATE")?;
        }
        Ok(())
    }

    fn tender(&self, slip: SlipNumber, ordinal: i64, tender: &Tender) -> Result<(), StoreTrouble> {
        let mut insert = self.connection.prepare_cached(INSERT_TENDER)?;
        match tender {
            Tender::Cash { amount, received } => insert.execute(params![
                slip.get(),
                ordinal,
                "cash",
                amount.get(),
                received.get(),
                None::<i64>,
                None::<&str>
            ])?,
            Tender::Card { amount, link, .. } => insert.execute(params![
                slip.get(),
                ordinal,
                "card",
                amount.get(),
                None::<i64>,
                self.card_id(tender)?,
                words::link(*link),
            ])?,
        };
        Ok(())
    }

    /// The row of this card under these names; a new one where a name was never used before.
    fn card_id(&self, tender: &Tender) -> Result<Option<i64>, StoreTrouble> {
        let Tender::Card {
            card,
            name,
            card_class,
            card_class_name,
            ..
        } = tender
        else {
            return Ok(None);
        };
        let names = params![
            card,
            name.ja,
            name.en,
            card_class.0,
            card_class_name.ja,
            card_class_name.en
        ];
        let known = self
            .connection
            .prepare_cached(
                "SELECT id FROM card WHERE code = ? AND name_ja = ? AND name_en = ?
                     AND class_code = ? AND class_ja = ? AND class_en = ?",
            )?
            .query_row(names, |row| row.get(0))
            .optional()?;
        if known.is_some() {
            return Ok(known);
        }
        self.connection
            .prepare_cached(
                "INSERT INTO card (code, name_ja, name_en, class_code, class_ja, class_en) VALUES (?, ?, ?, ?, ?, ?)",
            )?
            .execute(names)?;
        Ok(Some(self.connection.last_insert_rowid()))
    }

    fn settle(
        &self,
        entry_id: i64,
        entry: &Entry,
        after: Option<SaleState>,
    ) -> Result<(), StoreTrouble> {
        let outcome = Outcome::of(entry);
        self.connection
            .prepare_cached(INSERT_SETTLEMENT)?
            .execute(params![
                entry.slip().map(SlipNumber::get),
                entry_id,
                after.map(SaleState::word),
                outcome.terminal_slip,
                outcome.approval_code,
                outcome.card_class_used,
            ])?;
        Ok(())
    }

    /// Chain an entry. Its number, and its stamp as kept.
    fn append(&self, stamp: Stamp, entry: &Entry) -> Result<(i64, Stamp), StoreTrouble> {
        let body = serde_json::to_string(entry).map_err(|e| refused(e.to_string()))?;
        if body.len() > BODY_BYTES_MAX {
            return Err(refused("the entry is longer than 256 KiB; split the bill"));
        }
        let head: Option<(i64, Hash)> = self
            .connection
            .prepare_cached("SELECT id, hash FROM entry ORDER BY id DESC LIMIT 1")?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (newest, previous) = head.unwrap_or_else(|| (0, chain::genesis(self.kind)));
        let columns = StampColumns::from(stamp);
        let kept = columns
            .stamp()
            .ok_or_else(|| refused("the clock shows a time outside the calendar"))?;
        let link = Link {
            id: newest + 1,
            recorded_at_ms: columns.recorded_at_ms,
            offset_minutes: columns.offset_minutes,
            business_date: &columns.business_date,
            kind: entry.word(),
            slip: entry.slip().map(|slip| i64::from(slip.get())),
            body: &body,
        };
        let mut hashed = link;
        if teeth::bites(Tooth::HashLeavesOutTheBody) {
            hashed.body = "";
        }
        let unlinked = teeth::bites(Tooth::HashLeavesOutTheOneBefore);
        let before = if unlinked {
            chain::genesis(self.kind)
        } else {
            previous
        };
        self.connection
            .prepare_cached(INSERT_ENTRY)?
            .execute(params![
                link.id,
                link.recorded_at_ms,
                link.offset_minutes,
                link.business_date,
                link.kind,
                link.slip,
                link.body,
                chain::HASH_VERSION,
                previous,
                chain::hash(&hashed, &before),
            ])?;
        Ok((link.id, kept))
    }

    /// Everything that must hold before a sale is opened, by itself and beside what is in the books. The total, if it may.
    fn check(
        &self,
        sale: &SaleDraft,
        route: Option<(SequenceNumber, &Route)>,
    ) -> Result<Yen, StoreTrouble> {
        let total = sale.checked_total().map_err(|e| refused(e.to_string()))?;
        if sale.practice != self.kind.is_practice() {
            return Err(refused(format!(
                "these are {} books; the sale belongs into the others",
                self.kind.word()
            )));
        }
        let linked = matches!(
            sale.card(),
            Some(Tender::Card {
                link: LinkKind::Linked,
                ..
            })
        );
        match route {
            Some(_) if !linked => return Err(refused("no card of the sale goes over the link")),
            None if linked => return Err(refused("a linked card is written before it is sent")),
            Some((number, _)) if !numbers::range(self.kind).contains(&number.get()) => {
                return Err(refused(format!(
                    "sequence number {number} is of the other books"
                )));
            }
            _ => {}
        }
        if let Some((_, route)) = route
            && let Some(open) = read::unresolved_on(self.connection, route.cat)?
        {
            return Err(refused(format!(
                "slip {open} on the same terminal has no outcome yet"
            )));
        }
        if let Some(order) = sale.order {
            self.check_order(order)?;
        }
        self.check_original(sale, total)?;
        Ok(total)
    }

    /// At most one attempt of an order is charged or may still be.
    fn check_order(&self, order: SlipNumber) -> Result<(), StoreTrouble> {
        if teeth::bites(Tooth::OpenOrderTakesCash) {
            return Ok(());
        }
        let first: Option<Option<u32>> = self
            .connection
            .prepare_cached("SELECT order_number FROM sale WHERE slip_number = ?")?
            .query_row([order.get()], |row| row.get(0))
            .optional()?;
        match first {
            None => return Err(refused(format!("there is no slip {order} to try again"))),
            Some(Some(first)) => {
                return Err(refused(format!(
                    "slip {order} is itself another attempt of slip {}",
                    SlipNumber::new(first)
                )));
            }
            Some(None) => {}
        }
        match read::attempt_in_the_way(self.connection, order)? {
            None => Ok(()),
            Some((slip, paid)) => Err(refused(format!(
                "slip {slip} of the same checkout {}",
                if paid {
                    "is already paid"
                } else {
                    "has no outcome yet"
                }
            ))),
        }
    }

    /// What is given back was taken before, and never more than that.
    fn check_original(&self, sale: &SaleDraft, total: Yen) -> Result<(), StoreTrouble> {
        let Some(original) = sale.original else {
            return Ok(());
        };
        if sale.kind == SaleKind::Sale {
            return Err(refused("a sale takes nothing back"));
        }
        let record = read::record(self.connection, original)?
            .filter(|record| record.sale.kind == SaleKind::Sale)
            .ok_or_else(|| refused(format!("there is no sale {original} to take back")))?;
        if record.state != SaleState::Settled {
            return Err(refused(format!("sale {original} is not paid")));
        }
        let given_back: i64 = self
            .connection
            .prepare_cached(GIVEN_BACK)?
            .query_row([original.get()], |row| row.get(0))?;
        match Yen::new(given_back).checked_add(total) {
            Some(sum) if sum <= record.total() => Ok(()),
            _ => Err(refused(format!(
                "more than the amount of sale {original} would be given back"
            ))),
        }
    }
}

pub(super) const INSERT_ENTRY: &str = "
    INSERT INTO entry (id, recorded_at_ms, offset_minutes, business_date, kind, slip_number, body,
        hash_version, previous_hash, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
pub(super) const INSERT_SALE: &str = "
    INSERT INTO sale (slip_number, entry_id, recorded_at_ms, offset_minutes, business_date, kind, total,
        order_number, original_slip, operator_code, terminal_code, practice, cat, model, sequence_number)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
pub(super) const INSERT_TENDER: &str = "
    INSERT INTO tender (slip_number, ordinal, kind, amount, received, card_id, link)
    VALUES (?, ?, ?, ?, ?, ?, ?)";
pub(super) const INSERT_SETTLEMENT: &str = "
    INSERT INTO settlement (slip_number, entry_id, state, terminal_slip_number, approval_code, card_class_used)
    VALUES (?, ?, ?, ?, ?, ?)";

/// The entry that resolved a sale.
const OUTCOME_OF_SLIP: &str = "
    SELECT entry.body FROM settlement JOIN entry ON entry.id = settlement.entry_id WHERE settlement.slip_number = ?";

/// What was given back of a sale, or may be.
pub(super) const GIVEN_BACK: &str = "
    SELECT coalesce(sum(sale.total), 0) FROM sale LEFT JOIN settlement USING (slip_number)
    WHERE sale.original_slip = ? AND (sale.cat IS NULL OR settlement.state IS NULL OR settlement.state = 'settled')";

/// What the settlement row keeps of an entry that resolves a sale.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Outcome {
    pub(super) terminal_slip: Option<String>,
    pub(super) approval_code: Option<String>,
    pub(super) card_class_used: Option<u8>,
}

impl Outcome {
    pub(super) fn of(entry: &Entry) -> Outcome {
        let Entry::Posted { terminal, .. } = entry else {
            return Outcome::default();
        };
        Outcome {
            terminal_slip: terminal
                .slip_number
                .as_ref()
                .map(TerminalSlipNumber::to_string),
            approval_code: terminal.approval_code.as_ref().map(ToString::to_string),
            card_class_used: terminal.card_class.map(|class| class.0),
        }
    }
}
