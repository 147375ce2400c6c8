//! The terminal's own books: what it writes down of a transaction, and the memory that is read back from that.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use crate::cat::{ResultCode, TransactionResult, TransactionType};
use crate::domain::ledger::TerminalFacts;
use crate::domain::money::Yen;
use crate::domain::slip::{
    ApprovalCode, JournalId, SequenceNumber, TerminalSlipNumber, TransactionNumber,
};
use crate::domain::tender::{CardClass, MaskedAccount};

/// One transaction, as the terminal keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookEntry {
    /// The number the counter gave.
    pub sequence_number: SequenceNumber,
    /// Sale, void or refund.
    pub kind: BookKind,
    /// Whole yen.
    pub amount: Yen,
    /// How it ended.
    pub outcome: BookOutcome,
    /// The terminal's own slip number.
    pub slip_number: TerminalSlipNumber,
    /// Approved ones only.
    pub approval_code: Option<ApprovalCode>,
    /// The terminal's clock.
    pub time: DateTime<FixedOffset>,
    /// True where nothing was charged because the request was practice.
    pub training: bool,
    /// Which card class it was in the end.
    pub card_class: CardClass,
    /// The memory it belongs to.
    pub journal: JournalId,
    /// CenterResultCode of a declined one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub center_result_code: Option<String>,
    /// What was left on the card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<Yen>,
    /// The slip that a void or refund speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_slip: Option<TerminalSlipNumber>,
    /// What a foreign console put in the number's place; given back as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// Kinds of transaction, in the words of the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookKind {
    /// 売上.
    Sale,
    /// 取消.
    Void,
    /// 返品.
    Refund,
}

/// How a transaction ended, in the words of the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookOutcome {
    /// Charged (or taken back).
    Approved,
    /// Refused at the centre.
    Declined,
    /// Stopped with the terminal's own key.
    Cancelled,
    /// Balance short.
    Deficient,
    /// In the middle of something else.
    Busy,
    /// Off the link.
    Standalone,
    /// A command it does not take.
    CommandError,
    /// The daily log must be closed first.
    DailyLogFull,
    /// Lost the centre in the middle.
    CommunicationError,
    /// Reset in the middle.
    Reset,
}

impl From<TransactionType> for BookKind {
    fn from(transaction: TransactionType) -> BookKind {
        match transaction {
            TransactionType::Sales => BookKind::Sale,
            TransactionType::Void => BookKind::Void,
            TransactionType::Refund => BookKind::Refund,
        }
    }
}

impl BookKind {
    /// The word of the books.
    pub const fn word(self) -> &'static str {
        match self {
            BookKind::Sale => "sale",
            BookKind::Void => "void",
            BookKind::Refund => "refund",
        }
    }

    fn transaction(self) -> TransactionType {
        match self {
            BookKind::Sale => TransactionType::Sales,
            BookKind::Void => TransactionType::Void,
            BookKind::Refund => TransactionType::Refund,
        }
    }
}

impl BookOutcome {
    fn code(self, center_result_code: Option<&str>) -> ResultCode {
        match self {
            BookOutcome::Approved => ResultCode::Approved,
            BookOutcome::Declined => ResultCode::CenterError {
                center_result_code: center_result_code.map(str::to_owned),
            },
            BookOutcome::Cancelled => ResultCode::Stopped,
            BookOutcome::Deficient => ResultCode::Deficient,
            BookOutcome::Busy => ResultCode::Busy,
            BookOutcome::Standalone => ResultCode::Standalone,
            BookOutcome::CommandError => ResultCode::CommandError,
            BookOutcome::DailyLogFull => ResultCode::DailyLogOverflow,
            BookOutcome::CommunicationError => ResultCode::CommunicationError,
            BookOutcome::Reset => ResultCode::Reset,
        }
    }

    /// The word of the books.
    pub const fn word(self) -> &'static str {
        match self {
            BookOutcome::Approved => "approved",
            BookOutcome::Declined => "declined",
            BookOutcome::Cancelled => "cancelled",
            BookOutcome::Deficient => "deficient",
            BookOutcome::Busy => "busy",
            BookOutcome::Standalone => "standalone",
            BookOutcome::CommandError => "command_error",
            BookOutcome::DailyLogFull => "daily_log_full",
            BookOutcome::CommunicationError => "communication_error",
            BookOutcome::Reset => "reset",
        }
    }
}

impl BookEntry {
    /// The result as the terminal tells it, whether at once or when asked later.
    pub(super) fn result(&self, terminal_id: &str) -> TransactionResult {
        let approved = self.outcome == BookOutcome::Approved;
        let only_approved = |text: String| approved.then_some(text);
        TransactionResult {
            transaction: self.kind.transaction(),
            sequence_number: Some(self.sequence_number),
            amount: Some(self.amount),
            training: Some(self.training),
            original_slip: self.original_slip.clone(),
            code: self.outcome.code(self.center_result_code.as_deref()),
            facts: TerminalFacts {
                slip_number: Some(self.slip_number.clone()),
                approval_code: self.approval_code.clone(),
                transaction_number: TransactionNumber::new(self.slip_number.as_str()).ok(),
                card_class: approved.then_some(self.card_class),
                card_company: only_approved(company(self.card_class).to_owned()),
                account: self.account(),
                payment_condition: approved.then_some(10),
                balance: self.balance,
                terminal_id: Some(terminal_id.to_owned()),
                at: Some(self.time.naive_local()),
            },
            account_was_exposed: false,
        }
    }

    /// A made-up card, masked as a terminal masks it; the same for the same slip.
    fn account(&self) -> Option<MaskedAccount> {
        if self.outcome != BookOutcome::Approved {
            return None;
        }
        let slip: u64 = self.slip_number.as_str().parse().unwrap_or_default();
        let text = format!("************{:04}", slip.wrapping_mul(7_919) % 10_000);
        MaskedAccount::mask(&text).ok().map(|(masked, _)| masked)
    }
}

/// CardCompanyID of a class: made up, but the same every time.
fn company(class: CardClass) -> &'static str {
    match class {
        CardClass::ELECTRONIC_MONEY => "E01",
        CardClass::DEBIT => "D01",
        CardClass::CREDIT => "C01",
        CardClass(_) => "X01",
    }
}

/// What the terminal remembers.
#[derive(Debug, Clone)]
pub struct Books {
    journal: JournalId,
    by_number: BTreeMap<SequenceNumber, BookEntry>,
    /// What went back of each sale.
    taken_back: BTreeMap<TerminalSlipNumber, Yen>,
    /// Since the last settlement.
    log: Vec<SequenceNumber>,
    last: Option<SequenceNumber>,
    next_slip: u32,
}

/// Slip numbers go round after this one.
const SLIP_LAST: u32 = 99_999;

impl Books {
    /// An empty memory. `journal` must be a name that no earlier memory of this terminal had.
    pub fn new(journal: JournalId) -> Books {
        Books {
            journal,
            by_number: BTreeMap::new(),
            taken_back: BTreeMap::new(),
            log: Vec::new(),
            last: None,
            next_slip: 1,
        }
    }

    /// The memory that was written down, oldest first. Its name is that of the last transaction; `fresh` where there is none.
    pub fn restore(entries: impl IntoIterator<Item = BookEntry>, fresh: JournalId) -> Books {
        let mut books = Books::new(fresh);
        for entry in entries {
            if entry.journal != books.journal {
                books = books.forgetting(entry.journal.clone());
            }
            books.insert(entry);
        }
        books
    }

    /// The same terminal with an empty memory under a new name. Slip numbers go on: they are printed on paper.
    pub fn forgetting(&self, journal: JournalId) -> Books {
        Books {
            next_slip: self.next_slip,
            ..Books::new(journal)
        }
    }

    /// The memory's name.
    pub fn journal(&self) -> &JournalId {
        &self.journal
    }

    /// What is known of a number.
    pub fn find(&self, number: SequenceNumber) -> Option<&BookEntry> {
        self.by_number.get(&number)
    }

    /// Every transaction of this memory, by number.
    pub fn entries(&self) -> impl Iterator<Item = &BookEntry> {
        self.by_number.values()
    }

    /// The last transaction, whatever it was.
    pub(super) fn last(&self) -> Option<&BookEntry> {
        self.last.and_then(|number| self.find(number))
    }

    /// An approved sale that can still be taken back, and how much of it.
    pub(crate) fn standing_sale(&self, slip: &TerminalSlipNumber) -> Option<(&BookEntry, Yen)> {
        self.entries()
            .filter(|entry| {
                entry.slip_number.is_same_number(slip)
                    && entry.kind == BookKind::Sale
                    && entry.outcome == BookOutcome::Approved
            })
            .find_map(|entry| {
                let back = self.taken_back.get(&entry.slip_number);
                let left = entry.amount.get() - back.map_or(0, |back| back.get());
                (left > 0).then_some((entry, Yen::new(left)))
            })
    }

    /// True where a sale of that slip is remembered, whatever became of it.
    pub(super) fn has_sale(&self, slip: &TerminalSlipNumber) -> bool {
        self.entries()
            .any(|entry| entry.slip_number.is_same_number(slip) && entry.kind == BookKind::Sale)
    }

    /// The last payment since the day was closed, if nothing has gone through since.
    pub(super) fn last_payment(&self) -> Option<&BookEntry> {
        let last = self.logged().last();
        last.filter(|entry| entry.kind == BookKind::Sale)
    }

    /// The next slip number of the terminal's own.
    pub(super) fn take_slip(&mut self) -> TerminalSlipNumber {
        let slip = self.next_slip;
        self.next_slip = if slip >= SLIP_LAST { 1 } else { slip + 1 };
        TerminalSlipNumber::new(&format!("{slip:05}"))
            .expect("five digits are a slip number and too short for a card")
    }

    pub(super) fn insert(&mut self, entry: BookEntry) {
        if let Ok(slip) = entry.slip_number.as_str().parse::<u32>() {
            self.next_slip = if slip >= SLIP_LAST { 1 } else { slip + 1 };
        }
        if entry.outcome == BookOutcome::Approved
            && entry.kind != BookKind::Sale
            && let Some(slip) = &entry.original_slip
        {
            let back = self.taken_back.entry(slip.clone()).or_insert(Yen::ZERO);
            *back = back.checked_add(entry.amount).unwrap_or(Yen::LIMIT);
        }
        self.log.push(entry.sequence_number);
        self.last = Some(entry.sequence_number);
        self.by_number.insert(entry.sequence_number, entry);
    }

    /// What the daily log holds: approved, and not practice.
    pub(super) fn logged(&self) -> impl Iterator<Item = &BookEntry> {
        self.log
            .iter()
            .filter_map(|number| self.find(*number))
            .filter(|entry| entry.outcome == BookOutcome::Approved && !entry.training)
    }

    /// The daily log: fields by comma, records by CR LF, in the usual order of UnifiedPOS. A settlement empties it.
    pub(super) fn daily_log(&mut self, settle: bool) -> String {
        let records: Vec<String> = self.logged().map(record).collect();
        if settle {
            self.log.clear();
        }
        records.join("\r\n")
    }
}

/// CardCompanyID, TransactionType, date, TransactionNumber, PaymentCondition, SlipNumber, ApprovalCode, purchase date, account, amount, tax, SequenceNumber.
fn record(entry: &BookEntry) -> String {
    format!(
        "{},{},{},{},10,{},{},,,{},0,{}",
        company(entry.card_class),
        entry.kind.transaction() as u8,
        entry.time.format("%Y%m%d%H%M%S"),
        entry.slip_number,
        entry.slip_number,
        entry
            .approval_code
            .as_ref()
            .map_or("", ApprovalCode::as_str),
        entry.amount.get(),
        entry.sequence_number.get(),
    )
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn journal(name: &str) -> JournalId {
        JournalId::new(name).expect("a good name")
    }

    pub(crate) fn entry(number: u32, slip: &str, memory: &str) -> BookEntry {
        BookEntry {
            sequence_number: SequenceNumber::new(number).expect("in range"),
            kind: BookKind::Sale,
            amount: Yen::new(3_430),
            outcome: BookOutcome::Approved,
            slip_number: TerminalSlipNumber::new(slip).expect("a slip"),
            approval_code: ApprovalCode::new("A1B2C3").ok(),
            time: DateTime::parse_from_rfc3339("2026-11-21T10:05:00+09:00").expect("a time"),
            training: false,
            card_class: CardClass::CREDIT,
            journal: journal(memory),
            center_result_code: None,
            balance: None,
            original_slip: None,
            reference: None,
        }
    }

    #[test]
    fn memory_comes_back_with_its_name_and_its_slip_numbers_go_on() {
        let entries = [entry(1, "00007", "J1"), entry(2, "00008", "J1")];
        let mut books = Books::restore(entries, journal("FRESH"));
        assert_eq!(books.journal(), &journal("J1"));
        let known = |number| SequenceNumber::new(number).and_then(|number| books.find(number));
        assert!(known(2).is_some());
        assert!(known(3).is_none());
        assert_eq!(books.take_slip().as_str(), "00009");
    }

    #[test]
    fn a_memory_that_was_lost_stays_lost_after_a_restart() {
        let entries = [entry(1, "00007", "J1"), entry(2, "00008", "J2")];
        let books = Books::restore(entries, journal("FRESH"));
        assert_eq!(books.journal(), &journal("J2"));
        assert!(books.find(SequenceNumber::FIRST).is_none());
        let fresh = Books::restore([], journal("FRESH"));
        assert_eq!(fresh.journal(), &journal("FRESH"));
    }
}
