//! What the simulated terminal does for dialects other than open-cat: commands without our number, answers that an acknowledgement
//! is, lists, and progress in words.

use super::books::{BookEntry, BookKind, BookOutcome};
use super::plan::Booking;
use super::{LETTERS_MAX, Moment, Terminal, TerminalEvent};
use crate::cat::dialect::Reply;
use crate::cat::dialect::layout::{DecodeError, Heard};
use crate::cat::model::InquiryPower;
use crate::cat::{
    Answer, Authorize, Command, DailyLogType, Inquiry, ListedTransaction, LogTotals, Phase,
    ResultCode, TransactionResult, TransactionType,
};
use crate::domain::ledger::TerminalFacts;
use crate::domain::money::Yen;
use crate::domain::slip::SequenceNumber;

impl BookEntry {
    /// The command that asked for it.
    pub(super) fn asked(&self) -> Command {
        Command::Authorize(Authorize {
            transaction: match self.kind {
                BookKind::Sale => TransactionType::Sales,
                BookKind::Void => TransactionType::Void,
                BookKind::Refund => TransactionType::Refund,
            },
            sequence_number: self.sequence_number,
            amount: self.amount,
            tax_others: Yen::ZERO,
            card_class: self.card_class,
            device_id: None,
            training: self.training,
            original_slip: self.original_slip.clone(),
        })
    }
}

impl Terminal {
    /// What a console's text asks.
    pub(super) fn hear(&self, text: &[u8]) -> Result<Heard, DecodeError> {
        self.layout.hear(text, self.spare_number())
    }

    /// A number for a command that carries none of ours: the highest that nothing has.
    pub(super) fn spare_number(&self) -> SequenceNumber {
        let running = self.work.as_ref().map(|work| work.ask.sequence_number);
        (1..=SequenceNumber::LAST)
            .rev()
            .filter_map(SequenceNumber::new)
            .find(|number| self.books.find(*number).is_none() && running != Some(*number))
            .unwrap_or(SequenceNumber::FIRST)
    }

    /// A void that leaves the amount to the terminal takes back the whole slip.
    pub(super) fn completed(&self, ask: Authorize) -> Authorize {
        let slip = ask.original_slip.as_ref();
        match slip.and_then(|slip| self.books.standing_sale(slip)) {
            Some((sale, left)) => Authorize {
                amount: if ask.amount == Yen::ZERO {
                    left
                } else {
                    ask.amount
                },
                // As the books have it, whatever zeros the console left away.
                original_slip: Some(sale.slip_number.clone()),
                ..ask
            },
            None => ask,
        }
    }

    /// A command that nothing but its acknowledgement answers.
    pub(super) fn acknowledged(&mut self, command: &Command) {
        if *command == Command::Standalone {
            // Nothing on the line brings it back.
            self.moods.deaf_until_ms = Some(u64::MAX);
        }
    }

    /// A question that names no number is about the last transaction.
    pub(super) fn inquired_about_the_last(&mut self) {
        if let Some(number) = self.books.last().map(|entry| entry.sequence_number) {
            self.events.push_back(TerminalEvent::Inquired(number));
        }
        if self.moods.ignores_inquiries || self.capabilities.inquiry == InquiryPower::None {
            return;
        }
        let last = self.books.last().cloned();
        let denied = last.as_ref().map(|entry| entry.sequence_number) == self.moods.denies;
        let inquiry = match &last {
            _ if self.work.is_some() => Inquiry::InProgress,
            Some(entry) if !denied => Inquiry::Found(self.told(entry)),
            Some(_) | None => Inquiry::NotFound,
        };
        let asked = Command::LastResult {
            sequence_number: self.spare_number(),
        };
        let about = |inquiry| {
            Reply::Answer(Answer::LastResult {
                asked_number: None,
                terminal_id: match inquiry {
                    Inquiry::Found(_) => None,
                    Inquiry::InProgress | Inquiry::NotFound => {
                        Some(self.settings.terminal_id.clone())
                    }
                },
                inquiry,
                journal: Some(self.books.journal().clone()),
            })
        };
        let none = inquiry == Inquiry::NotFound;
        let mut reply = about(inquiry);
        // A dialect without a word for "none" has a refusal for it.
        if none
            && self
                .layout
                .encode_answer(Some(&asked), &reply, None)
                .is_err()
        {
            reply = about(Inquiry::Found(nothing_kept()));
        }
        let reference = last.and_then(|entry| entry.reference);
        self.say_to(Some(&asked), &reply, reference.as_deref(), 0);
    }

    /// The daily log, with its sums.
    pub(super) fn logged(&mut self, number: Option<SequenceNumber>, log: DailyLogType) {
        let asked = Command::AccessDailyLog {
            sequence_number: number.unwrap_or(SequenceNumber::FIRST),
            log,
        };
        let amounts: Vec<Yen> = self.books.logged().map(signed).collect();
        let totals = LogTotals {
            count: u32::try_from(amounts.len()).unwrap_or(u32::MAX),
            amount: amounts
                .iter()
                .fold(Yen::ZERO, |sum, amount| Yen::new(sum.get() + amount.get())),
        };
        let records = self
            .books
            .daily_log(matches!(log, DailyLogType::Settlement));
        let reply = Reply::Answer(Answer::DailyLog {
            sequence_number: number,
            log: records,
            totals: Some(totals),
        });
        self.say_to(Some(&asked), &reply, None, 0);
    }

    /// Everything in its memory: in one message where the dialect has that, else row by row.
    pub(super) fn list(&mut self) {
        let rows: Vec<(ListedTransaction, Option<String>)> =
            self.books.logged().map(|entry| self.row(entry)).collect();
        let asked = Some(&Command::Transactions);
        let records = rows.iter().map(|(row, _)| row.clone()).collect();
        let whole = Reply::Answer(Answer::Transactions { records });
        if self.layout.encode_reply(&whole).is_ok() {
            self.say_to(asked, &whole, None, 0);
            return;
        }
        let before = self.outbox.letters.len();
        let whole = before + rows.len();
        for (row, reference) in rows {
            self.say_to(asked, &Reply::Listed(row), reference.as_deref(), 0);
            self.outbox.goes_on();
        }
        // A line that cannot be said is told already: no list is better than one that looks whole.
        if self.outbox.letters.len() != whole || whole >= LETTERS_MAX {
            self.outbox.letters.truncate(before);
            return;
        }
        self.say_to(asked, &Reply::ListEnd, None, 0);
    }

    /// What takes a sale back stands there as that sale, below zero.
    fn row(&self, entry: &BookEntry) -> (ListedTransaction, Option<String>) {
        let taken_back = entry.original_slip.as_ref().and_then(|slip| {
            let mut sales = self.books.entries();
            sales.find(|sale| sale.slip_number == *slip && sale.kind == BookKind::Sale)
        });
        let shown = taken_back
            .filter(|_| entry.kind != BookKind::Sale)
            .unwrap_or(entry);
        let row = ListedTransaction {
            sequence_number: self.told(shown).sequence_number,
            amount: signed(entry),
            facts: shown.result(&self.settings.terminal_id).facts,
        };
        (row, shown.reference.clone())
    }

    /// The customer is there now. Where the dialect has no word for it, the terminal's own words say it, or nothing does.
    pub(super) fn show(&mut self, phase: Phase) {
        if self.work.as_ref().is_some_and(|work| !work.wants_progress) {
            return;
        }
        if self.layout.encode_reply(&Reply::Phase(phase)).is_ok() {
            self.say(&Reply::Phase(phase), 0);
            return;
        }
        let words = Reply::Display(in_words(phase).to_owned());
        let Ok(text) = self.layout.encode_reply(&words) else {
            return;
        };
        if self.layout.framing().progress.is_some() {
            self.line.send_progress(&text);
        } else {
            self.say(&words, 0);
        }
    }

    /// Answered beside the running transaction, which goes on; not booked, because the books hold transactions.
    pub(super) fn refuse_as_busy(
        &mut self,
        now: Moment,
        ask: &Authorize,
        reference: Option<String>,
    ) {
        let entry = self.entry(now, ask, reference, &Booking::of(BookOutcome::Busy));
        self.tell(&entry);
    }

    /// What it says of a transaction, as far as this model's answers say it.
    pub(super) fn told(&self, entry: &BookEntry) -> TransactionResult {
        let mut result = entry.result(&self.settings.terminal_id);
        if !self.capabilities.echoes_sequence_number {
            result.sequence_number = None;
        }
        if !self.capabilities.echoes_amount {
            result.amount = None;
        }
        result
    }

    /// The result of a transaction, to the command that asked for it.
    pub(super) fn tell(&mut self, entry: &BookEntry) {
        let result = self.told(entry);
        let reply = Reply::Answer(Answer::Result(result));
        self.say_to(Some(&entry.asked()), &reply, entry.reference.as_deref(), 0);
    }
}

/// What a terminal says of its last transaction that has none.
fn nothing_kept() -> TransactionResult {
    TransactionResult {
        transaction: TransactionType::Sales,
        sequence_number: None,
        amount: None,
        training: None,
        original_slip: None,
        code: ResultCode::CenterError {
            center_result_code: Some("NO TRANSACTION".to_owned()),
        },
        facts: TerminalFacts::default(),
        account_was_exposed: false,
    }
}

fn signed(entry: &BookEntry) -> Yen {
    match entry.kind {
        BookKind::Sale => entry.amount,
        BookKind::Void | BookKind::Refund => Yen::new(-entry.amount.get()),
    }
}

/// At most twenty characters, as the narrowest display has.
const fn in_words(phase: Phase) -> &'static str {
    match phase {
        Phase::WaitingForCard => "PRESENT CARD",
        Phase::ChoosingCard => "CHOOSE CARD",
        Phase::Pin => "ENTER PIN",
        Phase::PaymentCount => "CHOOSE INSTALMENTS",
        Phase::Centre => "CONNECTING",
        Phase::Printing => "PRINTING",
    }
}
