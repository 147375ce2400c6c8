//! Commands to values, and back.

use chrono::NaiveDateTime;

use super::super::message::{CommandKind, Kind};
use super::super::role::{LOG_TYPES, MODES, Role, Roles, Value, Values};
use super::super::{DecodeError, EncodeError};
use super::{card_class, insert_text, meaning, needed, number, sequence, slip_text, word, yen};
use crate::cat::{Authorize, Command, TransactionType};
use crate::domain::money::Yen;
use crate::domain::slip::{SequenceNumber, TerminalSlipNumber};
use crate::domain::tender::CardClass;

/// The message of a command; its values into `values`.
pub(in super::super) fn of_command<'a>(
    command: &'a Command,
    at: NaiveDateTime,
    values: &mut Values<'a>,
) -> Result<Kind, EncodeError> {
    values.insert(Role::Time, Value::Time(at));
    let kind = match command {
        Command::Status => CommandKind::Status,
        Command::Transactions => CommandKind::Transactions,
        Command::Standalone => CommandKind::Standalone,
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
        Command::Authorize(authorize) => {
            if !authorize.amount.is_positive() {
                return Err(EncodeError::AmountNotPositive);
            }
            of_authorize(authorize, values);
            match authorize.transaction {
                TransactionType::Sales => CommandKind::Sale,
                TransactionType::Void => CommandKind::Void,
                TransactionType::Refund => CommandKind::Refund,
            }
        }
    };
    Ok(Kind::Command(kind))
}

fn of_authorize<'a>(authorize: &'a Authorize, values: &mut Values<'a>) {
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

/// Would a terminal that never hears of this value do something else? What merely helps it may be left out: our number comes back or it
/// does not, and a void that names its slip takes back all of it.
pub(in super::super) fn changes_a_command(
    kind: Kind,
    role: Role,
    values: &Values<'_>,
    carried: Roles,
) -> bool {
    match role {
        Role::Time
        | Role::CardClass
        | Role::DeviceId
        | Role::SequenceNumber
        | Role::AskedNumber => false,
        Role::Amount => {
            kind != Kind::Command(CommandKind::Void)
                || !(carried.contains(Role::OriginalSlip) && values.contains(Role::OriginalSlip))
        }
        Role::TaxOthers => values.get(role) != Some(Value::Number(0)),
        Role::Mode => values.get(role) != Some(word(&MODES, &false)),
        _ => true,
    }
}

/// The command of a message. `spare` is the number of one that carries none of ours.
pub(in super::super) fn to_command(
    kind: Kind,
    values: &Values<'_>,
    spare: Option<SequenceNumber>,
) -> Result<Command, DecodeError> {
    let Kind::Command(kind) = kind else {
        return Err(DecodeError::UnknownMessage);
    };
    let numbered = |role| needed(sequence(values, role).or(spare), role);
    let transaction = match kind {
        CommandKind::Status => return Ok(Command::Status),
        CommandKind::Transactions => return Ok(Command::Transactions),
        CommandKind::Standalone => return Ok(Command::Standalone),
        CommandKind::LastResult => {
            return Ok(Command::LastResult {
                sequence_number: numbered(Role::AskedNumber)?,
            });
        }
        CommandKind::DailyLog => {
            return Ok(Command::AccessDailyLog {
                sequence_number: numbered(Role::SequenceNumber)?,
                log: needed(meaning(&LOG_TYPES, values, Role::LogType), Role::LogType)?,
            });
        }
        CommandKind::Sale => TransactionType::Sales,
        CommandKind::Void => TransactionType::Void,
        CommandKind::Refund => TransactionType::Refund,
    };
    let original_slip = slip_text(values, Role::OriginalSlip, TerminalSlipNumber::new)?;
    // A void that names its slip may leave the amount to the terminal.
    let all_of_a_slip = original_slip.is_some() && transaction == TransactionType::Void;
    let unsaid = all_of_a_slip.then_some(Yen::ZERO);
    Ok(Command::Authorize(Authorize {
        transaction,
        sequence_number: numbered(Role::SequenceNumber)?,
        amount: needed(yen(values, Role::Amount).or(unsaid), Role::Amount)?,
        tax_others: yen(values, Role::TaxOthers).unwrap_or(Yen::ZERO),
        card_class: card_class(values).unwrap_or(CardClass::CREDIT),
        device_id: values.text(Role::DeviceId).map(String::from),
        training: meaning(&MODES, values, Role::Mode).unwrap_or(false),
        original_slip,
    }))
}
