//! Commands and replies to values of roles, and back. Here nothing knows how they look on a wire.

use chrono::NaiveDateTime;

use super::message::{CommandKind, Kind, ReplyKind};
use super::role::{
    INQUIRIES, InquiryStatus, LOG_TYPES, MODES, PHASES, RESULTS, Role, STATES, TRANSACTIONS, Value,
    Values, Vocabulary,
};
use super::{DecodeError, EncodeError};
use crate::cat::dialect::Reply;
use crate::cat::{
    Answer, Authorize, Command, Inquiry, Phase, ResultCode, TerminalStatus, TransactionResult,
    TransactionType,
};
use crate::domain::ledger::TerminalFacts;
use crate::domain::money::Yen;
use crate::domain::slip::{
    ApprovalCode, JournalId, SequenceNumber, SlipTextError, TerminalSlipNumber, TransactionNumber,
};
use crate::domain::tender::{CardClass, MaskedAccount};
use crate::domain::text::{holds_card_number, mask_card_numbers, strip_unsafe};

/// The message and the values of a command.
pub(super) fn of_command(
    command: &Command,
    at: NaiveDateTime,
) -> Result<(Kind, Values), EncodeError> {
    let mut values = Values::new();
    values.insert(Role::Time, Value::Time(at));
    let kind = match command {
        Command::Status => CommandKind::Status,
        Command::LastResult { sequence_number } => {
            values.insert(Role::AskedNumber, number(*sequence_number));
            CommandKind::LastResult
        }
        Command::AccessDailyLog {
            sequence_number,
            log,
        } => {
            values.insert(Role::SequenceNumber, number(*sequence_number));
            values.insert(Role::LogType, word(&LOG_TYPES, log));
            CommandKind::DailyLog
        }
        Command::Transactions | Command::Standalone => {
            return Err(EncodeError::NoMessage { message: "list" });
        }
        Command::Authorize(authorize) => {
            if !authorize.amount.is_positive() {
                return Err(EncodeError::AmountNotPositive);
            }
            of_authorize(authorize, &mut values);
            match authorize.transaction {
                TransactionType::Sales => CommandKind::Sale,
                TransactionType::Void => CommandKind::Void,
                TransactionType::Refund => CommandKind::Refund,
            }
        }
    };
    Ok((Kind::Command(kind), values))
}

fn of_authorize(authorize: &Authorize, values: &mut Values) {
    values.insert(Role::SequenceNumber, number(authorize.sequence_number));
    values.insert(Role::Amount, Value::Number(authorize.amount.get()));
    values.insert(Role::TaxOthers, Value::Number(authorize.tax_others.get()));
    values.insert(Role::CardClass, number(authorize.card_class.0));
    values.insert(Role::Mode, word(&MODES, &authorize.training));
    insert_text(values, Role::DeviceId, authorize.device_id.as_deref());
    let slip = authorize
        .original_slip
        .as_ref()
        .map(TerminalSlipNumber::as_str);
    insert_text(values, Role::OriginalSlip, slip);
}

/// Would a terminal that never hears of this value do something else? What merely helps it may be left out.
pub(super) fn changes_a_command(role: Role, values: &Values) -> bool {
    match role {
        Role::Time | Role::CardClass | Role::DeviceId => false,
        Role::TaxOthers => values.get(&role) != Some(&Value::Number(0)),
        Role::Mode => values.get(&role) != Some(&word(&MODES, &false)),
        _ => true,
    }
}

/// The command of a message.
pub(super) fn to_command(kind: Kind, mut values: Values) -> Result<Command, DecodeError> {
    let Kind::Command(kind) = kind else {
        return Err(DecodeError::UnknownMessage);
    };
    let transaction = match kind {
        CommandKind::Status => return Ok(Command::Status),
        CommandKind::LastResult => {
            return Ok(Command::LastResult {
                sequence_number: needed(
                    sequence(&mut values, Role::AskedNumber),
                    Role::AskedNumber,
                )?,
            });
        }
        CommandKind::DailyLog => {
            return Ok(Command::AccessDailyLog {
                sequence_number: needed(
                    sequence(&mut values, Role::SequenceNumber),
                    Role::SequenceNumber,
                )?,
                log: needed(
                    meaning(&LOG_TYPES, &mut values, Role::LogType),
                    Role::LogType,
                )?,
            });
        }
        CommandKind::Sale => TransactionType::Sales,
        CommandKind::Void => TransactionType::Void,
        CommandKind::Refund => TransactionType::Refund,
    };
    Ok(Command::Authorize(Authorize {
        transaction,
        sequence_number: needed(
            sequence(&mut values, Role::SequenceNumber),
            Role::SequenceNumber,
        )?,
        amount: needed(yen(&mut values, Role::Amount), Role::Amount)?,
        tax_others: yen(&mut values, Role::TaxOthers).unwrap_or(Yen::ZERO),
        card_class: card_class(&mut values).unwrap_or(CardClass::CREDIT),
        device_id: text(&mut values, Role::DeviceId),
        training: meaning(&MODES, &mut values, Role::Mode).unwrap_or(false),
        original_slip: slip_text(&mut values, Role::OriginalSlip, TerminalSlipNumber::new)?,
    }))
}

/// The message and the values of a reply.
pub(super) fn of_reply(reply: &Reply) -> Result<(Kind, Values), EncodeError> {
    let mut values = Values::new();
    let kind = match reply {
        Reply::Phase(phase) => {
            values.insert(Role::Phase, word(&PHASES, phase));
            ReplyKind::Phase
        }
        Reply::Answer(Answer::Status(status)) => {
            values.insert(Role::State, word(&STATES, &status.state));
            if let Some(training) = status.training {
                values.insert(Role::Mode, word(&MODES, &training));
            }
            insert_text(
                &mut values,
                Role::Journal,
                status.journal.as_ref().map(JournalId::as_str),
            );
            insert_text(&mut values, Role::TerminalId, status.terminal_id.as_deref());
            ReplyKind::Status
        }
        Reply::Answer(Answer::Result(result)) => {
            of_result(result, &mut values);
            ReplyKind::Result
        }
        Reply::Answer(Answer::LastResult {
            asked_number,
            inquiry,
            journal,
        }) => {
            if let Some(asked) = asked_number {
                values.insert(Role::AskedNumber, number(*asked));
            }
            insert_text(
                &mut values,
                Role::Journal,
                journal.as_ref().map(JournalId::as_str),
            );
            let status = match inquiry {
                Inquiry::Found(result) => {
                    of_result(result, &mut values);
                    InquiryStatus::Found
                }
                Inquiry::InProgress => InquiryStatus::InProgress,
                Inquiry::NotFound => InquiryStatus::NotFound,
            };
            values.insert(Role::InquiryStatus, word(&INQUIRIES, &status));
            ReplyKind::Inquiry
        }
        Reply::Answer(Answer::DailyLog {
            sequence_number,
            log,
            ..
        }) => {
            let log = even_lines(log);
            if let Some(sequence_number) = sequence_number {
                values.insert(Role::SequenceNumber, number(*sequence_number));
            }
            values.insert(
                Role::LogLength,
                Value::Number(i64::try_from(log.len()).unwrap_or(i64::MAX)),
            );
            insert_text(&mut values, Role::Log, Some(log.as_str()));
            ReplyKind::DailyLog
        }
        Reply::Display(_)
        | Reply::Listed(_)
        | Reply::ListEnd
        | Reply::Answer(Answer::Transactions { .. } | Answer::Standalone) => {
            return Err(EncodeError::NoMessage { message: "list" });
        }
    };
    Ok((Kind::Reply(kind), values))
}

fn of_result(result: &TransactionResult, values: &mut Values) {
    let facts = &result.facts;
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
    let numbers = [
        (
            Role::SequenceNumber,
            result.sequence_number.map(|n| i64::from(n.get())),
        ),
        (Role::Amount, result.amount.map(Yen::get)),
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
    if let Some(training) = result.training {
        values.insert(Role::Mode, word(&MODES, &training));
    }
    if let Some(at) = facts.at {
        values.insert(Role::Time, Value::Time(at));
    }
}

/// The reply of a message.
pub(super) fn to_reply(kind: Kind, mut values: Values) -> Result<Reply, DecodeError> {
    let Kind::Reply(kind) = kind else {
        return Err(DecodeError::UnknownMessage);
    };
    let answer = match kind {
        ReplyKind::Phase => {
            let phase: Phase = needed(meaning(&PHASES, &mut values, Role::Phase), Role::Phase)?;
            return Ok(Reply::Phase(phase));
        }
        ReplyKind::Status => Answer::Status(TerminalStatus {
            state: needed(meaning(&STATES, &mut values, Role::State), Role::State)?,
            training: meaning(&MODES, &mut values, Role::Mode),
            journal: slip_text(&mut values, Role::Journal, JournalId::new)?,
            terminal_id: masked_text(&mut values, Role::TerminalId).0,
        }),
        ReplyKind::Result => Answer::Result(to_result(&mut values)?),
        ReplyKind::Inquiry => to_inquiry(values)?,
        ReplyKind::DailyLog => {
            let log = text(&mut values, Role::Log).unwrap_or_default();
            let said = values.remove(&Role::LogLength);
            let is = i64::try_from(log.len()).unwrap_or(i64::MAX);
            if said.is_some_and(|said| said != Value::Number(is)) {
                return Err(DecodeError::Contradiction {
                    problem: "the log is not as long as it says",
                });
            }
            Answer::DailyLog {
                sequence_number: sequence(&mut values, Role::SequenceNumber),
                totals: None,
                log: mask_card_numbers(&even_lines(&log)),
            }
        }
    };
    Ok(Reply::Answer(answer))
}

fn to_inquiry(mut values: Values) -> Result<Answer, DecodeError> {
    let status: InquiryStatus = needed(
        meaning(&INQUIRIES, &mut values, Role::InquiryStatus),
        Role::InquiryStatus,
    )?;
    let asked_number = sequence(&mut values, Role::AskedNumber);
    let journal = slip_text(&mut values, Role::Journal, JournalId::new)?;
    let inquiry = match status {
        InquiryStatus::Found => Inquiry::Found(to_result(&mut values)?),
        // A "not found" with a result behind it is damaged, and must not pass for a proof.
        InquiryStatus::InProgress | InquiryStatus::NotFound if !values.is_empty() => {
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
    })
}

fn to_result(values: &mut Values) -> Result<TransactionResult, DecodeError> {
    let transaction = needed(
        meaning(&TRANSACTIONS, values, Role::Transaction),
        Role::Transaction,
    )?;
    let (center, center_exposed) = masked_text(values, Role::CenterResultCode);
    let code = match needed(meaning(&RESULTS, values, Role::Result), Role::Result)? {
        ResultCode::CenterError { .. } => ResultCode::CenterError {
            center_result_code: center,
        },
        code => code,
    };
    let (account, account_exposed) = account(values)?;
    let (card_company, company_exposed) = masked_text(values, Role::CardCompany);
    let (terminal_id, terminal_exposed) = masked_text(values, Role::TerminalId);
    Ok(TransactionResult {
        transaction,
        sequence_number: sequence(values, Role::SequenceNumber),
        amount: yen(values, Role::Amount),
        training: meaning(&MODES, values, Role::Mode),
        code,
        facts: TerminalFacts {
            slip_number: slip_text(values, Role::SlipNumber, TerminalSlipNumber::new)?,
            approval_code: slip_text(values, Role::ApprovalCode, ApprovalCode::new)?,
            transaction_number: slip_text(values, Role::TransactionNumber, TransactionNumber::new)?,
            card_class: card_class(values),
            card_company,
            account,
            payment_condition: take_number(values, Role::PaymentCondition)
                .and_then(|number| u16::try_from(number).ok()),
            balance: yen(values, Role::Balance),
            terminal_id,
            at: match values.remove(&Role::Time) {
                Some(Value::Time(at)) => Some(at),
                _ => None,
            },
        },
        account_was_exposed: account_exposed
            || center_exposed
            || company_exposed
            || terminal_exposed,
    })
}

fn account(values: &mut Values) -> Result<(Option<MaskedAccount>, bool), DecodeError> {
    let Some(text) = text(values, Role::Account) else {
        return Ok((None, false));
    };
    MaskedAccount::mask(&text)
        .map(|(account, exposed)| (Some(account), exposed))
        .map_err(|_| DecodeError::Field {
            field: Role::Account.name().to_owned(),
            problem: "is not an account number",
        })
}

/// A log's lines, each made safe, with the CR LF of UnifiedPOS between two of them.
fn even_lines(log: &str) -> String {
    let lines: Vec<String> = log.lines().map(strip_unsafe).collect();
    lines.join("\r\n")
}

fn number(number: impl Into<u32>) -> Value {
    Value::Number(i64::from(number.into()))
}

fn insert_text(values: &mut Values, role: Role, text: Option<&str>) {
    if let Some(text) = text
        && !text.is_empty()
    {
        values.insert(role, Value::Text(text.to_owned()));
    }
}

/// Every meaning has its word: the vocabularies are complete, and a test holds them to it.
fn word<T: PartialEq, const N: usize>(vocabulary: &Vocabulary<T, N>, meaning: &T) -> Value {
    Value::Word(
        vocabulary
            .iter()
            .find(|(_, known)| known == meaning)
            .map_or_else(String::new, |(word, _)| (*word).to_owned()),
    )
}

fn meaning<T: Clone, const N: usize>(
    vocabulary: &Vocabulary<T, N>,
    values: &mut Values,
    role: Role,
) -> Option<T> {
    match values.remove(&role) {
        Some(Value::Word(word)) => vocabulary
            .iter()
            .find(|(known, _)| *known == word)
            .map(|(_, meaning)| meaning.clone()),
        _ => None,
    }
}

fn needed<T>(value: Option<T>, role: Role) -> Result<T, DecodeError> {
    value.ok_or(DecodeError::Missing { role: role.name() })
}

fn take_number(values: &mut Values, role: Role) -> Option<i64> {
    match values.remove(&role) {
        Some(Value::Number(number)) => Some(number),
        _ => None,
    }
}

fn sequence(values: &mut Values, role: Role) -> Option<SequenceNumber> {
    take_number(values, role)
        .and_then(|number| u32::try_from(number).ok())
        .and_then(SequenceNumber::new)
}

fn yen(values: &mut Values, role: Role) -> Option<Yen> {
    take_number(values, role).map(Yen::new)
}

fn card_class(values: &mut Values) -> Option<CardClass> {
    take_number(values, Role::CardClass)
        .and_then(|number| u8::try_from(number).ok())
        .map(CardClass)
}

fn text(values: &mut Values, role: Role) -> Option<String> {
    match values.remove(&role) {
        Some(Value::Text(text) | Value::Word(text)) => Some(text),
        _ => None,
    }
}

/// Free text, and whether something in it had to be masked.
fn masked_text(values: &mut Values, role: Role) -> (Option<String>, bool) {
    match text(values, role) {
        Some(text) if holds_card_number(&text) => (Some(mask_card_numbers(&text)), true),
        text => (text, false),
    }
}

fn slip_text<T>(
    values: &mut Values,
    role: Role,
    new: impl Fn(&str) -> Result<T, SlipTextError>,
) -> Result<Option<T>, DecodeError> {
    text(values, role)
        .map(|text| new(&text))
        .transpose()
        .map_err(|_| DecodeError::Field {
            field: role.name().to_owned(),
            problem: "is not a number off a slip",
        })
}
