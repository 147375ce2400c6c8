//! The one table of what an answer or a broken exchange means for money, what may be sent again, and what must be asked.
//!
//! Three outcomes, never two: charged, definitely not charged, unknown. Nothing here resends a sale; there is no code for it.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::model::{Capabilities, InquiryPower, NotFoundPower, Timers};
use super::{
    Answer, Break, Command, DailyLogType, Exposure, Inquiry, LinkEvent, ListedTransaction,
    LogTotals, ResultCode, TransactionResult, TransactionType,
};
use crate::domain::ledger::{NotCharged, TerminalFacts, UnknownReason};
use crate::domain::money::Yen;
use crate::domain::slip::{JournalId, SequenceNumber, TerminalSlipNumber};
use crate::teeth::{self, Tooth};

/// What we asked for: an answer must match all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Sale, void or refund.
    pub transaction: TransactionType,
    /// Our number.
    pub sequence_number: SequenceNumber,
    /// Whole yen.
    pub amount: Yen,
    /// TrainingMode asked for.
    pub training: bool,
    /// Our clock when it was sent, in the terminal's local time.
    pub sent_at: NaiveDateTime,
    /// The terminal's memory when it was sent.
    pub journal: Option<JournalId>,
    /// The slip that a void or refund speaks of.
    #[serde(default)]
    pub original_slip: Option<TerminalSlipNumber>,
    /// The terminal it was sent to, where it is known.
    #[serde(default)]
    pub terminal_id: Option<String>,
}

impl Asked {
    /// Does another terminal say so than the one that was asked for the money? Its word proves nothing about this one's.
    fn is_of_another(&self, said_by: Option<&str>) -> bool {
        !teeth::bites(Tooth::AnyTerminalProves)
            && matches!((self.terminal_id.as_deref(), said_by), (Some(asked), Some(said)) if asked != said)
    }
}

/// What is known of the money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Charged.
    Charged {
        /// What the terminal said of it.
        facts: TerminalFacts,
    },
    /// Definitely not charged.
    NotCharged {
        /// Why.
        reason: NotCharged,
    },
    /// Nobody knows yet.
    Unknown {
        /// How it broke.
        reason: UnknownReason,
    },
}

/// Does a result answer what was asked? Every field the model echoes must be equal; the time must lie within the window.
pub fn matches(
    asked: &Asked,
    result: &TransactionResult,
    capabilities: &Capabilities,
    timers: &Timers,
    now: NaiveDateTime,
) -> bool {
    let named = names_the_slip(asked.original_slip.as_ref(), result);
    let sequence = match result.sequence_number {
        Some(number) => number == asked.sequence_number || teeth::bites(Tooth::AnyNumberFits),
        None => !capabilities.echoes_sequence_number || named == Some(true),
    };
    // A void takes back the whole of the slip it names.
    let whole_slip = named == Some(true) && asked.transaction == TransactionType::Void;
    let amount = match result.amount {
        Some(amount) => amount == asked.amount || teeth::bites(Tooth::AnyAmountFits),
        // What was refused under our own number needs no amount: nothing was charged, whatever was asked.
        None if result.code != ResultCode::Approved && result.sequence_number.is_some() => true,
        None => !capabilities.echoes_amount || whole_slip,
    };
    let mode = match result.training {
        Some(training) => training == asked.training || teeth::bites(Tooth::AnyModeFits),
        // A terminal that does not say its mode may have charged for real what was asked as training.
        None => !asked.training,
    };
    let time = is_in_time(asked, result.facts.at, timers, now) || teeth::bites(Tooth::AnyTimeFits);
    let kind = result.transaction == asked.transaction || teeth::bites(Tooth::AnyKindFits);
    let another = asked.is_of_another(result.facts.terminal_id.as_deref());
    kind && !another && named != Some(false) && sequence && amount && mode && time
}

/// Is what the result took back the slip that was asked for? `None` where it does not say.
fn names_the_slip(
    original_slip: Option<&TerminalSlipNumber>,
    result: &TransactionResult,
) -> Option<bool> {
    let taken_back = result.original_slip.as_ref()?;
    Some(original_slip.is_some_and(|asked| asked.is_same_number(taken_back)))
}

/// Could it have happened between sending and now, by a clock that differs from ours by no more than it may? Where no time is said, it could.
fn is_in_time(
    asked: &Asked,
    at: Option<NaiveDateTime>,
    timers: &Timers,
    now: NaiveDateTime,
) -> bool {
    let Some(at) = at else {
        return true;
    };
    let skew = chrono::Duration::milliseconds(
        i64::try_from(timers.clock_skew_max_ms).unwrap_or(i64::MAX / 2),
    );
    let earliest = asked
        .sent_at
        .checked_sub_signed(skew)
        .unwrap_or(NaiveDateTime::MIN);
    let latest = now.checked_add_signed(skew).unwrap_or(NaiveDateTime::MAX);
    (earliest..=latest).contains(&at)
}

/// What a matching result says of the money.
fn meaning(result: &TransactionResult, capabilities: &Capabilities) -> Verdict {
    let not_charged = |reason| Verdict::NotCharged { reason };
    match &result.code {
        ResultCode::Approved => Verdict::Charged {
            facts: result.facts.clone(),
        },
        ResultCode::CenterError { center_result_code } => not_charged(NotCharged::Declined {
            center_result_code: center_result_code.clone(),
        }),
        ResultCode::Busy => not_charged(NotCharged::Busy),
        ResultCode::Standalone => not_charged(NotCharged::Standalone),
        ResultCode::CommandError => not_charged(NotCharged::CommandRefused),
        ResultCode::Stopped => not_charged(NotCharged::StoppedAtTerminal),
        ResultCode::DailyLogOverflow => not_charged(NotCharged::DailyLogFull),
        ResultCode::Deficient => not_charged(NotCharged::InsufficientBalance {
            balance: result.facts.balance,
        }),
        ResultCode::Reset => Verdict::Unknown {
            reason: UnknownReason::TerminalReset,
        },
        ResultCode::CommunicationError
            if capabilities.communication_error_is_definite
                || teeth::bites(Tooth::LostCentreIsDeclined) =>
        {
            not_charged(NotCharged::Declined {
                center_result_code: None,
            })
        }
        ResultCode::CommunicationError => Verdict::Unknown {
            reason: UnknownReason::CentreLost,
        },
    }
}

/// Is this an answer to this command at all? What is not is late, doubled or another sale's, and is reported as unasked. Above all a
/// "not found" about another number must never count as one about ours.
pub fn answers(command: &Command, answer: &Answer) -> bool {
    let is = |echoed: Option<SequenceNumber>, number: SequenceNumber| {
        echoed.is_none_or(|echoed| echoed == number)
    };
    match (command, answer) {
        (Command::Status, Answer::Status(_)) => true,
        // Where it bears no number, what kind it is and which slip it took back must do.
        (Command::Authorize(asked), Answer::Result(result)) => match result.sequence_number {
            Some(number) => number == asked.sequence_number,
            None => {
                result.transaction == asked.transaction
                    && names_the_slip(asked.original_slip.as_ref(), result) != Some(false)
            }
        },
        (Command::LastResult { sequence_number }, Answer::LastResult { asked_number, .. }) => {
            is(*asked_number, *sequence_number)
        }
        (
            Command::AccessDailyLog {
                sequence_number, ..
            },
            Answer::DailyLog {
                sequence_number: echoed,
                ..
            },
        ) => is(*echoed, *sequence_number),
        (Command::Transactions, Answer::Transactions { .. })
        | (Command::Standalone, Answer::Standalone) => true,
        (
            Command::Status
            | Command::Authorize(_)
            | Command::LastResult { .. }
            | Command::AccessDailyLog { .. }
            | Command::Transactions
            | Command::Standalone,
            Answer::Status(_)
            | Answer::Result(_)
            | Answer::LastResult { .. }
            | Answer::DailyLog { .. }
            | Answer::Transactions { .. }
            | Answer::Standalone,
        ) => false,
    }
}

/// What the terminal's answer to the request itself says.
pub fn after_answer(
    asked: &Asked,
    answer: &Answer,
    capabilities: &Capabilities,
    timers: &Timers,
    now: NaiveDateTime,
) -> Verdict {
    match answer {
        Answer::Result(result) if matches(asked, result, capabilities, timers, now) => {
            meaning(result, capabilities)
        }
        Answer::Result(_) if teeth::bites(Tooth::ForeignAnswerIsDeclined) => Verdict::NotCharged {
            reason: NotCharged::CommandRefused,
        },
        Answer::Result(_)
        | Answer::Status(_)
        | Answer::LastResult { .. }
        | Answer::DailyLog { .. }
        | Answer::Transactions { .. }
        | Answer::Standalone => Verdict::Unknown {
            reason: UnknownReason::ForeignAnswer,
        },
    }
}

/// What a broken exchange says. Only where no byte of the request left is anything certain.
pub fn after_break(exposure: Exposure, cause: Break) -> Verdict {
    match (exposure, cause) {
        (Exposure::Nothing, Break::Owed { wait_ms }) => Verdict::NotCharged {
            reason: NotCharged::AnswerOwed { wait_ms },
        },
        (Exposure::Nothing, _) => Verdict::NotCharged {
            reason: NotCharged::NotReachable,
        },
        (_, cause) if is_taken_for_nothing(cause) => Verdict::NotCharged {
            reason: NotCharged::NotReachable,
        },
        (Exposure::Some | Exposure::Delivered, cause) => Verdict::Unknown {
            reason: match cause {
                Break::Unreachable
                | Break::PortTaken
                | Break::StillHeld
                | Break::Owed { .. }
                | Break::Disconnected => UnknownReason::LineCut,
                Break::NoAcknowledgement => UnknownReason::NoAcknowledgement,
                // A refusal of every try says the terminal did not take it; until it confirms that, we do not believe it.
                Break::Refused | Break::PeerGaveUp => UnknownReason::Refused,
                Break::NoAnswer => UnknownReason::NoAnswer,
                Break::Garbled | Break::NotACat => UnknownReason::Garbled,
            },
        },
    }
}

/// Seeded bugs: a break that proves nothing is believed to.
fn is_taken_for_nothing(cause: Break) -> bool {
    match cause {
        Break::Unreachable
        | Break::PortTaken
        | Break::StillHeld
        | Break::Owed { .. }
        | Break::Disconnected => teeth::bites(Tooth::CutIsNotCharged),
        Break::NoAcknowledgement => teeth::bites(Tooth::NoAcknowledgementIsNotCharged),
        Break::Refused | Break::PeerGaveUp => teeth::bites(Tooth::RefusedIsNotCharged),
        Break::NoAnswer => teeth::bites(Tooth::NoAnswerIsNotCharged),
        Break::Garbled | Break::NotACat => teeth::bites(Tooth::GarbledIsNotCharged),
    }
}

/// A question to the terminal is answered: what is known now?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// It is known.
    Known(Verdict),
    /// The transaction is still running at the terminal: ask again.
    StillRunning,
    /// Not found, and that would be a proof; it counts once, and must be said `not_found_repeats` times.
    NotFoundOnce,
    /// The list would settle it, were it known to be whole: ask for what bears it out.
    ListAlone,
    /// The answer proves nothing: ask again, and then a person.
    NoProof,
}

/// What bears out that a list is whole. It comes line by line, each acknowledged by itself and none counted: one that is lost on the way
/// is missed by nobody, and where it was the line that took a sale back, the sale would stand there as charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backing<'a> {
    /// Nothing yet.
    None,
    /// The terminal's own sums of what it listed, if its answer had any.
    Totals(Option<LogTotals>),
    /// The same list, read before.
    ReadBefore(&'a [ListedTransaction]),
}

impl Backing<'_> {
    /// What to ask so that a list can count: the terminal's sums where it has any, which a line lost at every reading contradicts as
    /// well; else the list once more. `sequence_number` is that of the sale in question.
    pub fn question(capabilities: &Capabilities, sequence_number: SequenceNumber) -> Command {
        if capabilities.daily_log_reporting {
            Command::AccessDailyLog {
                sequence_number,
                log: DailyLogType::Reporting,
            }
        } else {
            Command::Transactions
        }
    }

    /// `None` where there is nothing to hold the list against.
    fn bears_out(&self, records: &[ListedTransaction]) -> Option<bool> {
        match self {
            Backing::None => None,
            Backing::Totals(totals) => {
                let lines = u32::try_from(records.len()).ok();
                let sum = records
                    .iter()
                    .try_fold(Yen::ZERO, |sum, record| sum.checked_add(record.amount));
                let said = totals.map(|totals| (totals.count, totals.amount));
                Some(said.is_some() && lines.zip(sum) == said)
            }
            Backing::ReadBefore(before) => Some(*before == records),
        }
    }
}

/// What an answer to `LastResult` says. An approval is believed only where it matches in every field.
pub fn after_inquiry(
    asked: &Asked,
    inquiry: &Inquiry,
    (journal, said_by): (Option<&JournalId>, Option<&str>),
    capabilities: &Capabilities,
    timers: &Timers,
    now: NaiveDateTime,
) -> Finding {
    if asked.is_of_another(said_by) {
        return Finding::NoProof;
    }
    match inquiry {
        Inquiry::InProgress if teeth::bites(Tooth::RunningIsNotFound) => Finding::NotFoundOnce,
        Inquiry::InProgress => Finding::StillRunning,
        Inquiry::Found(result) if matches(asked, result, capabilities, timers, now) => {
            // A terminal without our number in its answer cannot tell twins apart: two customers, one amount.
            if !capabilities.echoes_sequence_number && !teeth::bites(Tooth::TwinIsBelieved) {
                return Finding::NoProof;
            }
            match meaning(result, capabilities) {
                Verdict::Unknown { .. } => Finding::NoProof,
                verdict => Finding::Known(verdict),
            }
        }
        // Another transaction than ours: for a last-only terminal that is an older (or newer) one, and proves nothing.
        Inquiry::Found(_) if teeth::bites(Tooth::AnotherFoundIsNotFound) => Finding::NotFoundOnce,
        Inquiry::Found(_) => Finding::NoProof,
        Inquiry::NotFound => {
            let last_only_proves = teeth::bites(Tooth::LastOnlyProves);
            let by_reference =
                capabilities.inquiry == InquiryPower::ByReference || last_only_proves;
            let promised = capabilities.not_found == NotFoundPower::SameJournal
                || last_only_proves
                || teeth::bites(Tooth::NotFoundAlwaysProves);
            let same_memory = asked.journal.is_some() && asked.journal.as_ref() == journal
                || teeth::bites(Tooth::AnyMemoryProves);
            // Two terminals may give their memories the same name: who says it must be the one that was asked.
            let same_terminal =
                asked.terminal_id.is_none() || asked.terminal_id.as_deref() == said_by;
            let taken = same_memory && same_terminal
                || !same_terminal && teeth::bites(Tooth::AnyTerminalProves);
            if by_reference && promised && taken {
                Finding::NotFoundOnce
            } else {
                Finding::NoProof
            }
        }
    }
}

/// What a terminal's list says of our number. A sale that was taken back stands there twice, so every line of ours counts. A list does not
/// say kind and mode, so it proves real sales alone; and a line of another day under the same number is an older sale of lost books. It
/// counts only where something bears out that it is whole. A void is proved by the slip it speaks of, which then stands there each way.
pub fn after_list(
    asked: &Asked,
    records: &[ListedTransaction],
    backing: Backing<'_>,
    capabilities: &Capabilities,
    timers: &Timers,
    now: NaiveDateTime,
) -> Finding {
    if asked.transaction == TransactionType::Void && !asked.training {
        return match taken_back(asked, records) {
            // Approval code, card and time on that line are the sale's.
            Some(line) => {
                let facts = TerminalFacts {
                    slip_number: line.facts.slip_number.clone(),
                    terminal_id: line.facts.terminal_id.clone(),
                    ..TerminalFacts::default()
                };
                borne_out(facts, records, backing)
            }
            None => Finding::NoProof,
        };
    }
    let real_sale = asked.transaction == TransactionType::Sales && !asked.training;
    if !capabilities.echoes_sequence_number || !real_sale {
        return Finding::NoProof;
    }
    let ours: Vec<&ListedTransaction> = records
        .iter()
        .filter(|record| record.sequence_number == Some(asked.sequence_number))
        .filter(|record| !asked.is_of_another(record.facts.terminal_id.as_deref()))
        .collect();
    match ours.as_slice() {
        [only] if only.amount == asked.amount && is_in_time(asked, only.facts.at, timers, now) => {
            borne_out(only.facts.clone(), records, backing)
        }
        // Not in the list, taken back, another amount, or another day: a person looks. A list may be shorter than the terminal's past.
        _ => Finding::NoProof,
    }
}

/// The line that takes back the slip a void speaks of: that slip stands in the list twice, once each way, over the amount that was asked.
fn taken_back<'a>(
    asked: &Asked,
    records: &'a [ListedTransaction],
) -> Option<&'a ListedTransaction> {
    let slip = asked.original_slip.as_ref()?;
    let of_slip = |record: &&ListedTransaction| {
        let listed = record.facts.slip_number.as_ref();
        listed.is_some_and(|listed| listed.is_same_number(slip))
    };
    let lines: Vec<&ListedTransaction> = records.iter().filter(of_slip).collect();
    let back = Yen::new(-asked.amount.get());
    match lines.as_slice() {
        [sale, void] | [void, sale] if sale.amount == asked.amount && void.amount == back => {
            Some(void)
        }
        _ => None,
    }
}

/// A line settles it, where the list is known to be whole.
fn borne_out(facts: TerminalFacts, records: &[ListedTransaction], backing: Backing<'_>) -> Finding {
    match backing.bears_out(records) {
        Some(false) => Finding::NoProof,
        None => Finding::ListAlone,
        Some(true) => Finding::Known(Verdict::Charged { facts }),
    }
}

/// What a terminal said that settles nothing: for the person who decides to hold against the slip and the terminal's screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "hint", rename_all = "snake_case")]
pub enum Hint {
    /// A transaction of which nothing proves that it is ours; for a terminal that keeps one only, its last.
    Transaction {
        /// Whole yen, where it says so.
        amount: Option<Yen>,
        /// True where it was approved.
        approved: bool,
        /// Slip number, approval code, time.
        facts: TerminalFacts,
    },
    /// It says that it does not know the number, and may have forgotten.
    NotFound,
    /// Another terminal answers than the one that was asked for the money.
    AnotherTerminal {
        /// The one that was asked.
        asked: String,
        /// The one that answers.
        answers: String,
    },
    /// Its list: how many lines, how many of our number, and what those add up to.
    List {
        /// All of them.
        lines: usize,
        /// Of our number.
        ours: usize,
        /// Whole yen; zero where a sale was taken back.
        sum: Yen,
        /// When the newest of ours was, where it says so.
        at: Option<NaiveDateTime>,
        /// The terminal contradicts it: it may lack lines.
        contradicted: bool,
    },
}

/// What an answer to `LastResult` shows a person. It proves nothing: that is [`after_inquiry`] alone.
pub fn hint_of_inquiry(asked: &Asked, inquiry: &Inquiry, said_by: Option<&str>) -> Option<Hint> {
    if asked.is_of_another(said_by) {
        return Some(Hint::AnotherTerminal {
            asked: asked.terminal_id.clone().unwrap_or_default(),
            answers: said_by.unwrap_or_default().to_owned(),
        });
    }
    match inquiry {
        Inquiry::InProgress => None,
        Inquiry::NotFound => Some(Hint::NotFound),
        Inquiry::Found(result) => Some(Hint::Transaction {
            amount: result.amount,
            approved: result.code == ResultCode::Approved,
            facts: result.facts.clone(),
        }),
    }
}

/// What a terminal's list shows a person. It proves nothing: that is [`after_list`] alone.
pub fn hint_of_list(
    asked: &Asked,
    records: &[ListedTransaction],
    backing: Backing<'_>,
    capabilities: &Capabilities,
) -> Option<Hint> {
    if !capabilities.echoes_sequence_number {
        return None;
    }
    let ours = || {
        records
            .iter()
            .filter(|record| record.sequence_number == Some(asked.sequence_number))
    };
    let sum = ours().try_fold(Yen::ZERO, |sum, record| sum.checked_add(record.amount))?;
    Some(Hint::List {
        lines: records.len(),
        ours: ours().count(),
        sum,
        at: ours().filter_map(|record| record.facts.at).max(),
        contradicted: backing.bears_out(records) == Some(false),
    })
}

/// May this event of the link reach a sale that waits for an answer? A late or foreign one never does.
pub fn belongs_to_a_sale(event: &LinkEvent) -> bool {
    match event {
        LinkEvent::Delivered
        | LinkEvent::Phase { .. }
        | LinkEvent::Display { .. }
        | LinkEvent::Answer { .. }
        | LinkEvent::Broken { .. } => true,
        LinkEvent::Up
        | LinkEvent::Down { .. }
        | LinkEvent::Alive
        | LinkEvent::Unasked { .. }
        | LinkEvent::Idle => false,
    }
}

#[cfg(test)]
mod tests;
