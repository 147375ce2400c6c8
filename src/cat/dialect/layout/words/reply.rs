//! Replies to values, and back.

use std::borrow::Cow;

use super::super::message::{CommandName, Kind, ReplyKind};
use super::super::role::{
    INQUIRIES, InquiryStatus, MODES, PHASES, RESULTS, Role, Roles, STATES, TRANSACTIONS, Value,
    Values,
};
use super::super::{DecodeError, EncodeError};
use super::{
    card_class, even_lines, insert_text, masked_text, meaning, needed, number, sequence, slip_text,
    small, word, yen,
};
use crate::cat::dialect::Reply;
use crate::cat::{
    Answer, Inquiry, ListedTransaction, LogTotals, ResultCode, TerminalStatus, TransactionResult,
    TransactionType,
};
use crate::domain::ledger::TerminalFacts;
use crate::domain::money::Yen;
use crate::domain::slip::{ApprovalCode, JournalId, TerminalSlipNumber, TransactionNumber};
use crate::domain::tender::MaskedAccount;
use crate::domain::text::mask_card_numbers;

/// The message of a reply, and the values of each record of a list; its own values into `values`.
pub(in super::super) fn of_reply<'a>(
    reply: &'a Reply,
    values: &mut Values<'a>,
) -> Result<(Kind, Vec<Values<'a>>), EncodeError> {
    let mut records = Vec::new();
    let kind = match reply {
        Reply::Phase(phase) => {
            values.insert(Role::Phase, word(&PHASES, phase));
            ReplyKind::Phase
        }
        Reply::Display(text) => {
            insert_text(values, Role::Display, Some(text.as_str()));
            ReplyKind::Display
        }
        Reply::Listed(listed) => {
            of_listed(listed, values);
            ReplyKind::Listed
        }
        Reply::ListEnd => ReplyKind::ListEnd,
        Reply::Answer(Answer::Status(status)) => {
            of_status(status, values);
            ReplyKind::Status
        }
        Reply::Answer(Answer::Result(result)) => {
            of_result(result, values);
            ReplyKind::Result
        }
        Reply::Answer(Answer::LastResult {
            asked_number,
            inquiry,
            journal,
            terminal_id,
        }) => {
            if let Some(asked) = asked_number {
                values.insert(Role::AskedNumber, number(*asked));
            }
            insert_text(
                values,
                Role::Journal,
                journal.as_ref().map(JournalId::as_str),
            );
            let status = match inquiry {
                Inquiry::Found(result) => {
                    of_result(result, values);
                    InquiryStatus::Found
                }
                Inquiry::InProgress | Inquiry::NotFound => {
                    insert_text(values, Role::TerminalId, terminal_id.as_deref());
                    if *inquiry == Inquiry::InProgress {
                        InquiryStatus::InProgress
                    } else {
                        InquiryStatus::NotFound
                    }
                }
            };
            values.insert(Role::InquiryStatus, word(&INQUIRIES, &status));
            ReplyKind::Inquiry
        }
        Reply::Answer(Answer::DailyLog {
            sequence_number,
            log,
            totals,
        }) => {
            if let Some(sequence_number) = sequence_number {
                values.insert(Role::SequenceNumber, number(*sequence_number));
            }
            of_log(log, *totals, values);
            ReplyKind::DailyLog
        }
        Reply::Answer(Answer::Transactions { records: listed }) => {
            for listed in listed {
                let mut values = Values::default();
                of_listed(listed, &mut values);
                records.push(values);
            }
            values.insert(Role::RecordCount, length(listed.len()));
            ReplyKind::Transactions
        }
        // Nothing but an acknowledgement says it.
        Reply::Answer(Answer::Standalone) => {
            return Err(EncodeError::NoMessage {
                message: "standalone reply",
            });
        }
    };
    Ok((Kind::Reply(kind), records))
}

fn of_status<'a>(status: &'a TerminalStatus, values: &mut Values<'a>) {
    values.insert(Role::State, word(&STATES, &status.state));
    if let Some(training) = status.training {
        values.insert(Role::Mode, word(&MODES, &training));
    }
    insert_text(
        values,
        Role::Journal,
        status.journal.as_ref().map(JournalId::as_str),
    );
    insert_text(values, Role::TerminalId, status.terminal_id.as_deref());
}

fn of_log(log: &str, totals: Option<LogTotals>, values: &mut Values<'_>) {
    let log = even_lines(log);
    values.insert(Role::LogLength, length(log.len()));
    if !log.is_empty() {
        values.insert_text(Role::Log, log.into());
    }
    if let Some(totals) = totals {
        values.insert(Role::LogCount, number(totals.count));
        values.insert(Role::LogTotal, Value::Number(totals.amount.get()));
    }
}

fn of_listed<'a>(listed: &'a ListedTransaction, values: &mut Values<'a>) {
    if let Some(number_of_ours) = listed.sequence_number {
        values.insert(Role::SequenceNumber, number(number_of_ours));
    }
    values.insert(Role::Amount, Value::Number(listed.amount.get()));
    let transaction = if listed.amount.get() < 0 {
        TransactionType::Void
    } else {
        TransactionType::Sales
    };
    values.insert(Role::Transaction, word(&TRANSACTIONS, &transaction));
    values.insert(Role::Result, word(&RESULTS, &ResultCode::Approved));
    of_facts(&listed.facts, values);
}

fn length(length: usize) -> Value<'static> {
    Value::Number(i64::try_from(length).unwrap_or(i64::MAX))
}

fn of_result<'a>(result: &'a TransactionResult, values: &mut Values<'a>) {
    values.insert(Role::Transaction, word(&TRANSACTIONS, &result.transaction));
    let (code, center_result_code) = match &result.code {
        ResultCode::CenterError { center_result_code } => (
            ResultCode::CenterError {
                center_result_code: None,
            },
            center_result_code.as_deref(),
        ),
        code => (code.clone(), None),
    };
    values.insert(Role::Result, word(&RESULTS, &code));
    insert_text(values, Role::CenterResultCode, center_result_code);
    if let Some(number_of_ours) = result.sequence_number {
        values.insert(Role::SequenceNumber, number(number_of_ours));
    }
    if let Some(amount) = result.amount {
        values.insert(Role::Amount, Value::Number(amount.get()));
    }
    if let Some(training) = result.training {
        values.insert(Role::Mode, word(&MODES, &training));
    }
    let original = result.original_slip.as_ref();
    insert_text(
        values,
        Role::OriginalSlip,
        original.map(TerminalSlipNumber::as_str),
    );
    of_facts(&result.facts, values);
}

fn of_facts<'a>(facts: &'a TerminalFacts, values: &mut Values<'a>) {
    let numbers = [
        (Role::Balance, facts.balance.map(Yen::get)),
        (Role::CardClass, facts.card_class.map(|c| i64::from(c.0))),
        (
            Role::PaymentCondition,
            facts.payment_condition.map(i64::from),
        ),
    ];
    for (role, number) in numbers {
        if let Some(number) = number {
            values.insert(role, Value::Number(number));
        }
    }
    let texts = [
        (
            Role::SlipNumber,
            facts.slip_number.as_ref().map(TerminalSlipNumber::as_str),
        ),
        (
            Role::ApprovalCode,
            facts.approval_code.as_ref().map(ApprovalCode::as_str),
        ),
        (
            Role::TransactionNumber,
            facts
                .transaction_number
                .as_ref()
                .map(TransactionNumber::as_str),
        ),
        (Role::CardCompany, facts.card_company.as_deref()),
        (
            Role::Account,
            facts.account.as_ref().map(MaskedAccount::as_str),
        ),
        (Role::TerminalId, facts.terminal_id.as_deref()),
    ];
    for (role, text) in texts {
        insert_text(values, role, text);
    }
    if let Some(at) = facts.at {
        values.insert(Role::Time, Value::Time(at));
    }
}

/// The reply of a message. `asked` is the command it answers, as far as that is known.
pub(in super::super) fn to_reply(
    kind: Kind,
    values: &Values<'_>,
    records: &[Values<'_>],
    asked: Option<CommandName>,
) -> Result<Reply, DecodeError> {
    let Kind::Reply(kind) = kind else {
        return Err(DecodeError::UnknownMessage);
    };
    Ok(match kind {
        ReplyKind::Phase => {
            Reply::Phase(needed(meaning(&PHASES, values, Role::Phase), Role::Phase)?)
        }
        ReplyKind::Display => {
            Reply::Display(masked_text(values, Role::Display).0.unwrap_or_default())
        }
        ReplyKind::Listed => Reply::Listed(to_listed(values)?),
        ReplyKind::ListEnd => Reply::ListEnd,
        ReplyKind::Status => Reply::Answer(Answer::Status(TerminalStatus {
            state: needed(meaning(&STATES, values, Role::State), Role::State)?,
            training: meaning(&MODES, values, Role::Mode),
            journal: slip_text(values, Role::Journal, JournalId::new)?,
            terminal_id: masked_text(values, Role::TerminalId).0,
        })),
        ReplyKind::Result => Reply::Answer(Answer::Result(to_result(values, asked)?)),
        ReplyKind::Inquiry => Reply::Answer(to_inquiry(values)?),
        ReplyKind::DailyLog => Reply::Answer(to_log(values)?),
        ReplyKind::Transactions => {
            let said = values.number(Role::RecordCount);
            let is = i64::try_from(records.len()).unwrap_or(i64::MAX);
            if said.is_some_and(|said| said != is) {
                return Err(DecodeError::Contradiction {
                    problem: "there are not as many records as it says",
                });
            }
            let records = records.iter().map(to_listed).collect::<Result<_, _>>()?;
            Reply::Answer(Answer::Transactions { records })
        }
    })
}

fn to_log(values: &Values<'_>) -> Result<Answer, DecodeError> {
    let log = values.text(Role::Log).unwrap_or_default();
    let said = values.get(Role::LogLength);
    if said.is_some_and(|said| said != length(log.len())) {
        return Err(DecodeError::Contradiction {
            problem: "the log is not as long as it says",
        });
    }
    let count = small(values, Role::LogCount);
    let total = yen(values, Role::LogTotal);
    // A total that nobody says how many it counts is no total to compare with; it is shown as it came.
    let alone = total.filter(|_| count.is_none() && log.is_empty());
    let log = alone.map_or(log.into(), |total| Cow::from(total.get().to_string()));
    Ok(Answer::DailyLog {
        sequence_number: sequence(values, Role::SequenceNumber),
        totals: count
            .zip(total)
            .map(|(count, amount)| LogTotals { count, amount }),
        log: mask_card_numbers(&even_lines(&log)),
    })
}

fn to_listed(values: &Values<'_>) -> Result<ListedTransaction, DecodeError> {
    Ok(ListedTransaction {
        sequence_number: sequence(values, Role::SequenceNumber),
        amount: needed(yen(values, Role::Amount), Role::Amount)?,
        facts: to_facts(values)?.0,
    })
}

fn to_inquiry(values: &Values<'_>) -> Result<Answer, DecodeError> {
    let status: InquiryStatus = needed(
        meaning(&INQUIRIES, values, Role::InquiryStatus),
        Role::InquiryStatus,
    )?;
    let asked_number = sequence(values, Role::AskedNumber);
    let journal = slip_text(values, Role::Journal, JournalId::new)?;
    let terminal_id = match status {
        InquiryStatus::Found => None,
        InquiryStatus::InProgress | InquiryStatus::NotFound => {
            masked_text(values, Role::TerminalId).0
        }
    };
    let inquiry = match status {
        InquiryStatus::Found => Inquiry::Found(to_result(values, None)?),
        // A "not found" with a result behind it is damaged, and must not pass for a proof.
        InquiryStatus::InProgress | InquiryStatus::NotFound if !of_a_result(values).is_empty() => {
            return Err(DecodeError::Contradiction {
                problem: "an inquiry that found nothing carries a result",
            });
        }
        InquiryStatus::InProgress => Inquiry::InProgress,
        InquiryStatus::NotFound => Inquiry::NotFound,
    };
    Ok(Answer::LastResult {
        asked_number,
        inquiry,
        journal,
        terminal_id,
    })
}

/// What an answer to an inquiry says besides how that stands.
fn of_a_result(values: &Values<'_>) -> Roles {
    let standing = [
        Role::InquiryStatus,
        Role::AskedNumber,
        Role::Journal,
        Role::TerminalId,
        // Joined to a time, where there are both.
        Role::Date,
        Role::Clock,
    ];
    values.roles().without(standing.into_iter().collect())
}

#[inline(always)]
fn to_result(
    values: &Values<'_>,
    asked: Option<CommandName>,
) -> Result<TransactionResult, DecodeError> {
    // A terminal that does not say which kind it was speaks of what it was asked for.
    let transaction = meaning(&TRANSACTIONS, values, Role::Transaction)
        .or_else(|| asked.and_then(CommandName::transaction));
    let transaction = needed(transaction, Role::Transaction)?;
    let (center, center_exposed) = masked_text(values, Role::CenterResultCode);
    let code = match needed(meaning(&RESULTS, values, Role::Result), Role::Result)? {
        ResultCode::CenterError { .. } => ResultCode::CenterError {
            center_result_code: center,
        },
        code => code,
    };
    let original_slip = slip_text(values, Role::OriginalSlip, TerminalSlipNumber::new)?;
    let (mut facts, facts_exposed) = to_facts(values)?;
    // A terminal that names nothing but the slip it took back has no other for that.
    facts.slip_number = facts.slip_number.or(original_slip.clone());
    Ok(TransactionResult {
        transaction,
        sequence_number: sequence(values, Role::SequenceNumber),
        amount: yen(values, Role::Amount),
        training: meaning(&MODES, values, Role::Mode),
        original_slip,
        code,
        facts,
        account_was_exposed: facts_exposed || center_exposed,
    })
}

/// The facts, and whether something in them had to be masked.
#[inline(always)]
fn to_facts(values: &Values<'_>) -> Result<(TerminalFacts, bool), DecodeError> {
    let (account, account_exposed) = account(values)?;
    let (card_company, company_exposed) = masked_text(values, Role::CardCompany);
    let (terminal_id, terminal_exposed) = masked_text(values, Role::TerminalId);
    let facts = TerminalFacts {
        slip_number: slip_text(values, Role::SlipNumber, TerminalSlipNumber::new)?,
        approval_code: slip_text(values, Role::ApprovalCode, ApprovalCode::new)?,
        transaction_number: slip_text(values, Role::TransactionNumber, TransactionNumber::new)?,
        card_class: card_class(values),
        card_company,
        account,
        payment_condition: small(values, Role::PaymentCondition),
        balance: yen(values, Role::Balance),
        terminal_id,
        at: values.time(Role::Time),
    };
    Ok((
        facts,
        account_exposed || company_exposed || terminal_exposed,
    ))
}

#[inline(always)]
fn account(values: &Values<'_>) -> Result<(Option<MaskedAccount>, bool), DecodeError> {
    let Some(text) = values.text(Role::Account) else {
        return Ok((None, false));
    };
    MaskedAccount::mask(text)
        .map(|(account, exposed)| (Some(account), exposed))
        .map_err(|_| DecodeError::Field {
            field: Role::Account.name().to_owned(),
            problem: "is not an account number",
        })
}
