//! What writes: every entry goes through one function that chains it, and every new sale through one that lays it out.

use rusqlite::{Connection, OptionalExtension, params};

use super::chain::{self, Hash, Link};
use super::held::Told;
use super::outcome::Outcome;
use super::rules::{AsOf, two_people};
use super::tasks::{self, Origin, bears_on_tasks};
use super::trouble::refused;
use super::words::{self, StampColumns};
use super::{BooksKind, movement, numbers, read};
use crate::app::message::StoreTrouble;
use crate::domain::by_hand::{Place, Side, Why};
use crate::domain::ledger::{Entry, Route, SaleState};
use crate::domain::money::Yen;
use crate::domain::record::{SaleRecord, Stamp};
use crate::domain::sale::{Operator, SaleDraft, SaleKind};
use crate::domain::slip::{SequenceNumber, SlipNumber};
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
    /// What was told of the newest sale.
    pub(super) told: Told,
}

/// Work by hand that begins.
pub(super) struct ByHand<'a> {
    pub(super) sale: &'a SaleDraft,
    pub(super) place: &'a Place,
    pub(super) why: Why,
    pub(super) first: Side,
    pub(super) operator: &'a Operator,
}

/// How a new slip comes to its terminal.
#[derive(Clone, Copy)]
pub(super) enum Way<'a> {
    /// By no terminal, or by one that nobody wrote down.
    None,
    Link(SequenceNumber, &'a Route),
    Hand(&'a Place),
}

impl Books<'_> {
    /// Book a sale without a terminal under the next slip number.
    pub(super) fn sell(&self, stamp: Stamp, sale: &SaleDraft) -> Result<SaleRecord, StoreTrouble> {
        let sold = |slip, _| {
            let sale = sale.clone();
            Some(Entry::Sold { slip, sale })
        };
        if let Some(held) = self.held(stamp, sold)? {
            return Ok(held);
        }
        let slip = numbers::next_slip(self.connection, self.kind)?;
        let entry = Entry::Sold {
            slip,
            sale: sale.clone(),
        };
        let kept = self.open_sale(stamp, &entry, slip, sale, Way::None)?;
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
        let pending = |slip, number: Option<SequenceNumber>| {
            Some(Entry::Pending {
                slip,
                sequence_number: number?,
                sale: sale.clone(),
                route: route.clone(),
            })
        };
        if let Some(held) = self.held(stamp, pending)?
            && let (SaleState::Pending, Some(number)) = (held.state, held.sequence_number)
        {
            return Ok((held.slip, number));
        }
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
        self.open_sale(stamp, &entry, slip, sale, Way::Link(sequence_number, route))?;
        Ok((slip, sequence_number))
    }

    /// Begin work by hand under the next slip number; where our side comes first it is booked too.
    pub(super) fn begin_by_hand(
        &self,
        stamp: Stamp,
        begun: &ByHand<'_>,
    ) -> Result<SaleRecord, StoreTrouble> {
        let by_hand = |slip| Entry::ByHand {
            slip,
            sale: begun.sale.clone(),
            place: begun.place.clone(),
            why: begun.why,
            first: begun.first,
            operator: begun.operator.clone(),
        };
        if let Some(held) = self.held(stamp, |slip, _| Some(by_hand(slip)))?
            && matches!(held.state, SaleState::ByHand | SaleState::Booked)
        {
            return Ok(held);
        }
        let slip = numbers::next_slip(self.connection, self.kind)?;
        let entry = by_hand(slip);
        self.open_sale(stamp, &entry, slip, begun.sale, Way::Hand(begun.place))?;
        if begun.first == Side::Counter {
            let operator = begun.operator.clone();
            self.follow(stamp, &Entry::Booked { slip, operator })?;
        }
        read::existing(self.connection, slip)
    }

    /// Append an entry to a sale that exists, or an audit entry. An outcome that is there already, word for word, is as good as
    /// written: its commit reached the disk, though the console was told that it failed, and is asked for again. It stays as it was first
    /// written; any other outcome of that sale is refused.
    pub(super) fn write(&self, stamp: Stamp, entry: &Entry) -> Result<(), StoreTrouble> {
        if self.holds_explanation(entry)? {
            return Ok(());
        }
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
        if matches!(
            entry,
            Entry::Sold { .. } | Entry::Pending { .. } | Entry::ByHand { .. }
        ) {
            return Err(refused("a new sale gets its numbers from the books"));
        }
        let before = match entry.slip() {
            Some(slip) => read::state(self.connection, slip)?,
            None => None,
        };
        let after = SaleState::after(before, entry).map_err(|e| refused(e.to_string()))?;
        two_people(entry)?;
        if let Entry::Reflection {
            slip,
            posting,
            step,
        } = entry
        {
            let mut told = AsOf::now(self.connection)
                .unreflected(*slip)?
                .ok_or_else(|| refused(format!("slip {slip} is of no bill")))?;
            told.take(*posting, step)
                .map_err(|illegal| refused(illegal.to_string()))?;
        }
        Ok(after)
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

    /// True where what this explains is explained already, word for word.
    fn holds_explanation(&self, entry: &Entry) -> Result<bool, StoreTrouble> {
        let Entry::Explained { slip, task, .. } = entry else {
            return Ok(false);
        };
        let open = self
            .connection
            .prepare_cached(tasks::OPEN_TASK)?
            .exists(params![slip.get(), task.word()])?;
        let body = serde_json::to_string(entry).map_err(|e| refused(e.to_string()))?;
        let mut held = self.connection.prepare_cached(EXPLANATION_OF_SLIP)?;
        Ok(!open && held.exists(params![slip.get(), body])?)
    }

    fn append_following(
        &self,
        stamp: Stamp,
        entry: &Entry,
        after: Option<SaleState>,
    ) -> Result<(), StoreTrouble> {
        let (id, _) = self.append(stamp, entry)?;
        self.beside(id, entry, after)?;
        let origin = match entry.slip() {
            Some(slip) if bears_on_tasks(entry) => tasks::origin(self.connection, slip)?,
            _ => None,
        };
        tasks::write(self.connection, id, entry, origin.as_ref())
    }

    /// The rows beside an entry that follows.
    fn beside(&self, id: i64, entry: &Entry, after: Option<SaleState>) -> Result<(), StoreTrouble> {
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
            Entry::Booked { slip, .. } => {
                self.connection
                    .prepare_cached("INSERT INTO booking (slip_number, entry_id) VALUES (?, ?)")?
                    .execute(params![slip.get(), id])?;
                Ok(())
            }
            Entry::TerminalDayClosed { cat, .. } => {
                self.connection
                    .prepare_cached("INSERT INTO terminal_day (cat, entry_id) VALUES (?, ?)")?
                    .execute(params![words::cat(*cat), id])?;
                Ok(())
            }
            Entry::TerminalSeen { cat, .. } => {
                self.connection
                    .prepare_cached("INSERT INTO terminal_seen (cat, entry_id) VALUES (?, ?)")?
                    .execute(params![words::cat(*cat), id])?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Append an entry that carries its numbers.
    pub(super) fn numbered(&self, stamp: Stamp, entry: &Entry) -> Result<(), StoreTrouble> {
        let (slip, sale, way) = match entry {
            Entry::Sold { slip, sale } => (*slip, sale, Way::None),
            Entry::ByHand {
                slip, sale, place, ..
            } => (*slip, sale, Way::Hand(place)),
            Entry::Pending {
                slip,
                sequence_number,
                sale,
                route,
            } => (*slip, sale, Way::Link(*sequence_number, route)),
            _ => return self.follow(stamp, entry),
        };
        let next = numbers::next_slip(self.connection, self.kind)?;
        if slip != next {
            return Err(refused(format!("the next slip is {next}, not {slip}")));
        }
        self.open_sale(stamp, entry, slip, sale, way).map(|_| ())
    }

    fn open_sale(
        &self,
        stamp: Stamp,
        entry: &Entry,
        slip: SlipNumber,
        sale: &SaleDraft,
        way: Way<'_>,
    ) -> Result<Stamp, StoreTrouble> {
        let total = self.check(sale, way)?;
        self.lay_out(stamp, entry, slip, sale, total, way)
    }

    /// Write a sale that may be written, and the rows beside its entry.
    pub(super) fn lay_out(
        &self,
        stamp: Stamp,
        entry: &Entry,
        slip: SlipNumber,
        sale: &SaleDraft,
        total: Yen,
        way: Way<'_>,
    ) -> Result<Stamp, StoreTrouble> {
        let (id, kept) = self.append(stamp, entry)?;
        self.tear(Tooth::SaleInTwoCommits)?;
        let columns = StampColumns::from(kept);
        let route = match way {
            Way::Link(number, route) => Some((number, route)),
            Way::None | Way::Hand(_) => None,
        };
        let place = match way {
            Way::Hand(place) => Some(place),
            Way::None | Way::Link(..) => None,
        };
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
                // With this tooth only the entry says it: a row that did is stopped by a lock of its own.
                sale.practice || teeth::bites(Tooth::PracticeUndoIsLive) && self.kind.is_practice(),
                route.map(|(_, route)| words::cat(route.cat)),
                route.map(|(_, route)| &route.model),
                route.map(|(number, _)| number.get()),
                place.map(|place| &place.model),
                place.and_then(|place| place.cat).map(words::cat),
                sale.part,
                sale.replaces.map(SlipNumber::get),
            ])?;
        for (ordinal, tender) in (1_i64..).zip(&sale.tenders) {
            if teeth::bites(Tooth::TenderHasNoRow) {
                continue;
            }
            self.tender(slip, ordinal, tender)?;
        }
        if let Some(billed) = &sale.bill {
            let row = words::bill(sale, billed);
            self.connection
                .prepare_cached(
                    "INSERT INTO bill (slip_number, patient, code, postings) VALUES (?, ?, ?, ?)",
                )?
                .execute(params![slip.get(), row.patient, row.code, row.postings])?;
        }
        if matches!(way, Way::None) {
            movement::write(self.connection, slip, None)?;
        }
        let origin = Origin::of(slip, sale, place.is_some());
        tasks::write(self.connection, id, entry, Some(&origin))?;
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
        match entry.slip() {
            Some(slip) if after == Some(SaleState::Settled) => {
                movement::write(self.connection, slip, outcome.card_class_used)
            }
            _ => Ok(()),
        }
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
    fn check(&self, sale: &SaleDraft, way: Way<'_>) -> Result<Yen, StoreTrouble> {
        let total = sale.checked_total().map_err(|e| refused(e.to_string()))?;
        if sale.practice != self.kind.is_practice() && !teeth::bites(Tooth::PracticeUndoIsLive) {
            return Err(refused(format!(
                "these are {} books; the sale belongs into the others",
                self.kind.word()
            )));
        }
        let link = match sale.card() {
            Some(Tender::Card { link, .. }) => Some(*link),
            _ => None,
        };
        let linked = link == Some(LinkKind::Linked);
        match way {
            Way::Link(..) if !linked => {
                return Err(refused("no card of the sale goes over the link"));
            }
            Way::Hand(_) if link != Some(LinkKind::Manual) => {
                return Err(refused(
                    "no card of the sale is typed at a terminal by hand",
                ));
            }
            Way::None if linked => {
                return Err(refused("a linked card is written before it is sent"));
            }
            Way::Link(number, _) if !numbers::range(self.kind).contains(&number.get()) => {
                return Err(refused(format!(
                    "sequence number {number} is of the other books"
                )));
            }
            _ => {}
        }
        if let Way::Link(_, route) = way
            && let Some(open) = read::unresolved_on(self.connection, route.cat)?
        {
            return Err(refused(format!(
                "slip {open} on the same terminal has no outcome yet"
            )));
        }
        if sale.kind != SaleKind::Sale && sale.undo.is_none() {
            return Err(refused("what takes back names its rule"));
        }
        AsOf::now(self.connection).check(sale, total)?;
        Ok(total)
    }
}

pub(super) const INSERT_ENTRY: &str = "
    INSERT INTO entry (id, recorded_at_ms, offset_minutes, business_date, kind, slip_number, body,
        hash_version, previous_hash, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
pub(super) const INSERT_SALE: &str = "
    INSERT INTO sale (slip_number, entry_id, recorded_at_ms, offset_minutes, business_date, kind, total,
        order_number, original_slip, operator_code, terminal_code, practice, cat, model, sequence_number,
        hand_model, hand_cat, part, replaces)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
pub(super) const INSERT_TENDER: &str = "
    INSERT INTO tender (slip_number, ordinal, kind, amount, received, card_id, link)
    VALUES (?, ?, ?, ?, ?, ?, ?)";
pub(super) const INSERT_SETTLEMENT: &str = "
    INSERT INTO settlement (slip_number, entry_id, state, terminal_slip_number, approval_code, card_class_used)
    VALUES (?, ?, ?, ?, ?, ?)";

/// The entry that resolved a sale.
const OUTCOME_OF_SLIP: &str = "
    SELECT entry.body FROM settlement JOIN entry ON entry.id = settlement.entry_id WHERE settlement.slip_number = ?";

const EXPLANATION_OF_SLIP: &str =
    "SELECT 1 FROM entry WHERE slip_number = ? AND kind = 'explained' AND body = ?";
