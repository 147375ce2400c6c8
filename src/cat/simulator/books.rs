//! The terminal's own books: one JSON line a transaction, and the memory that is read back from them.

use std::collections::{BTreeMap, BTreeSet};

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
    /// The line of the books, with its line end.
    pub fn to_line(&self) -> String {
        let mut line =
            serde_json::to_string(self).expect("plain data without maps always becomes JSON");
        line.push('\n');
        line
    }

    /// The result as the terminal tells it, whether at once or when asked later.
    pub(super) fn result(&self, terminal_id: &str) -> TransactionResult {
        let approved = self.outcome == BookOutcome::Approved;
        let only_approved = |text: String| approved.then_some(text);
        TransactionResult {
            transaction: self.kind.transaction(),
            sequence_number: Some(self.sequence_number),
            amount: Some(self.amount),
            training: Some(self.training),
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

/// Books that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "line {line} of the terminal's books is no transaction ({source}); move the file away to begin new books"
)]
pub struct BooksError {
    /// Counted from 1.
    pub line: usize,
    /// What the reader said.
    source: serde_json::Error,
}

/// Books read back, and how much of the file was good.
#[derive(Debug)]
pub struct Restored {
    /// The memory.
    pub books: Books,
    /// The length of the good part in bytes; what follows is a line that a power cut tore, and was never answered.
    pub good_len: usize,
}

/// What the terminal remembers.
#[derive(Debug, Clone)]
pub struct Books {
    journal: JournalId,
    by_number: BTreeMap<SequenceNumber, BookEntry>,
    taken_back: BTreeSet<TerminalSlipNumber>,
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
            taken_back: BTreeSet::new(),
            log: Vec::new(),
            last: None,
            next_slip: 1,
        }
    }

    /// Read books back. The memory's name is that of the last line; `fresh` where there is none.
    pub fn restore(text: &str, fresh: JournalId) -> Result<Restored, BooksError> {
        let mut books = Books::new(fresh);
        let mut good_len = 0;
        for (index, line) in text.split_inclusive('\n').enumerate() {
            // A line without its end was never answered: the answer waits for the line to be durable.
            if !line.ends_with('\n') {
                break;
            }
            good_len += line.len();
            if line.trim().is_empty() {
                continue;
            }
            let entry: BookEntry = serde_json::from_str(line).map_err(|source| BooksError {
                line: index + 1,
                source,
            })?;
            if entry.journal != books.journal {
                books = books.forgetting(entry.journal.clone());
            }
            books.insert(entry);
        }
        Ok(Restored { books, good_len })
    }

    /// The same terminal with an empty memory under a new name. Slip numbers go on: they are printed on paper.
    pub(super) fn forgetting(&self, journal: JournalId) -> Books {
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

    /// An approved sale that can still be taken back.
    pub(super) fn standing_sale(&self, slip: &TerminalSlipNumber) -> Option<&BookEntry> {
        self.entries().find(|entry| {
            entry.slip_number == *slip
                && entry.kind == BookKind::Sale
                && entry.outcome == BookOutcome::Approved
                && !self.taken_back.contains(slip)
        })
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
            self.taken_back.insert(slip.clone());
        }
        self.log.push(entry.sequence_number);
        self.last = Some(entry.sequence_number);
        self.by_number.insert(entry.sequence_number, entry);
    }

    /// The daily log: fields by comma, records by CR LF, in the usual order of UnifiedPOS. A settlement empties it.
    pub(super) fn daily_log(&mut self, settle: bool) -> String {
        let records: Vec<String> = self
            .log
            .iter()
            .filter_map(|number| self.find(*number))
            .filter(|entry| entry.outcome == BookOutcome::Approved && !entry.training)
            .map(record)
            .collect();
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
mod tests {
    use super::*;

    fn journal(name: &str) -> JournalId {
        JournalId::new(name).expect("a good name")
    }

    fn entry(number: u32, slip: &str, memory: &str) -> BookEntry {
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
        }
    }

    #[test]
    fn a_line_has_the_promised_words() {
        let line = entry(12, "00007", "J1").to_line();
        let value: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(value["sequence_number"], 12);
        assert_eq!(value["kind"], "sale");
        assert_eq!(value["amount"], 3430);
        assert_eq!(value["outcome"], "approved");
        assert_eq!(value["slip_number"], "00007");
        assert_eq!(value["approval_code"], "A1B2C3");
        assert_eq!(value["time"], "2026-11-21T10:05:00+09:00");
        assert_eq!(value["training"], false);
        assert_eq!(value["card_class"], 3);
        assert!(line.ends_with('\n'));
        for outcome in [
            BookOutcome::Approved,
            BookOutcome::DailyLogFull,
            BookOutcome::CommunicationError,
        ] {
            let word = serde_json::to_value(outcome).expect("JSON");
            assert_eq!(word, outcome.word());
        }
    }

    #[test]
    fn memory_comes_back_from_the_file_and_a_torn_line_does_not() {
        let good = format!(
            "{}{}",
            entry(1, "00007", "J1").to_line(),
            entry(2, "00008", "J1").to_line()
        );
        let torn = format!("{good}{}", &entry(3, "00009", "J1").to_line()[..40]);
        let restored = Books::restore(&torn, journal("FRESH")).expect("good books");
        assert_eq!(restored.good_len, good.len());
        let mut books = restored.books;
        assert_eq!(books.journal(), &journal("J1"));
        assert!(
            books
                .find(SequenceNumber::new(2).expect("in range"))
                .is_some()
        );
        assert!(
            books
                .find(SequenceNumber::new(3).expect("in range"))
                .is_none()
        );
        assert_eq!(books.take_slip().as_str(), "00009");
    }

    #[test]
    fn a_memory_that_was_lost_stays_lost_after_a_restart() {
        let text = format!(
            "{}{}",
            entry(1, "00007", "J1").to_line(),
            entry(2, "00008", "J2").to_line()
        );
        let books = Books::restore(&text, journal("FRESH"))
            .expect("good books")
            .books;
        assert_eq!(books.journal(), &journal("J2"));
        assert!(books.find(SequenceNumber::FIRST).is_none());
    }

    #[test]
    fn empty_books_begin_a_memory_of_their_own_and_bad_ones_are_named() {
        let fresh = Books::restore("", journal("FRESH")).expect("empty books");
        assert_eq!(fresh.books.journal(), &journal("FRESH"));
        let error = Books::restore("{}\n", journal("FRESH")).expect_err("no transaction");
        assert!(error.to_string().contains("line 1"), "{error}");
    }
}
