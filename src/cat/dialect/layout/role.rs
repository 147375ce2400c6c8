//! The roles a field of a message can play, what each may hold, and our words for coded values.

use std::borrow::Cow;

use chrono::NaiveDateTime;
use serde::Deserialize;

use crate::cat::{DailyLogType, Phase, ResultCode, TerminalState, TransactionType};
use crate::domain::slip::SequenceNumber;

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum Role {
    SequenceNumber,
    AskedNumber,
    Amount,
    TaxOthers,
    Balance,
    CardClass,
    PaymentCondition,
    LogLength,
    Transaction,
    Mode,
    Result,
    Phase,
    State,
    InquiryStatus,
    LogType,
    SlipNumber,
    OriginalSlip,
    ApprovalCode,
    TransactionNumber,
    Journal,
    Account,
    CardCompany,
    CenterResultCode,
    TerminalId,
    DeviceId,
    Log,
    LogCount,
    LogTotal,
    RecordCount,
    Display,
    Time,
    Date,
    Clock,
}

/// Every role by its name in a layout file, in their order.
pub(super) const ROLES: [(&str, Role); 33] = [
    ("sequence_number", Role::SequenceNumber),
    ("asked_number", Role::AskedNumber),
    ("amount", Role::Amount),
    ("tax_others", Role::TaxOthers),
    ("balance", Role::Balance),
    ("card_class", Role::CardClass),
    ("payment_condition", Role::PaymentCondition),
    ("log_length", Role::LogLength),
    ("transaction", Role::Transaction),
    ("mode", Role::Mode),
    ("result", Role::Result),
    ("phase", Role::Phase),
    ("state", Role::State),
    ("inquiry_status", Role::InquiryStatus),
    ("log_type", Role::LogType),
    ("slip_number", Role::SlipNumber),
    ("original_slip", Role::OriginalSlip),
    ("approval_code", Role::ApprovalCode),
    ("transaction_number", Role::TransactionNumber),
    ("journal", Role::Journal),
    ("account", Role::Account),
    ("card_company", Role::CardCompany),
    ("center_result_code", Role::CenterResultCode),
    ("terminal_id", Role::TerminalId),
    ("device_id", Role::DeviceId),
    ("log", Role::Log),
    ("log_count", Role::LogCount),
    ("log_total", Role::LogTotal),
    ("record_count", Role::RecordCount),
    ("display", Role::Display),
    ("time", Role::Time),
    ("date", Role::Date),
    ("clock", Role::Clock),
];

impl Role {
    /// As layout files write it.
    pub(super) fn name(self) -> &'static str {
        ROLES
            .iter()
            .find(|(_, role)| *role == self)
            .map_or("unnamed", |(name, _)| name)
    }

    /// The role that layout files call so.
    pub(super) fn named(name: &str) -> Option<Role> {
        let known = ROLES.iter().find(|(known, _)| *known == name);
        known.map(|(_, role)| *role)
    }

    /// The role whose value this one writes: a date and a clock are parts of the time.
    pub(super) fn source(self) -> Role {
        match self {
            Role::Date | Role::Clock => Role::Time,
            role => role,
        }
    }

    /// Does it merely describe a transaction, so that an answer without it says the same of the money?
    pub(super) fn describes(self) -> bool {
        matches!(
            self,
            Role::CardClass
                | Role::CardCompany
                | Role::Account
                | Role::PaymentCondition
                | Role::TransactionNumber
                | Role::TerminalId
                | Role::CenterResultCode
        )
    }

    /// What the role holds.
    pub(super) fn holds(self) -> Holds {
        match self {
            Role::SequenceNumber | Role::AskedNumber => Holds::Number {
                min: 1,
                max: i64::from(SequenceNumber::LAST),
            },
            Role::Amount | Role::TaxOthers | Role::Balance | Role::LogLength | Role::LogTotal => {
                Holds::Number {
                    min: 0,
                    max: i64::MAX,
                }
            }
            Role::LogCount | Role::RecordCount => Holds::Number {
                min: 0,
                max: i64::from(u32::MAX),
            },
            Role::CardClass => Holds::Number {
                min: 0,
                max: i64::from(u8::MAX),
            },
            Role::PaymentCondition => Holds::Number {
                min: 0,
                max: i64::from(u16::MAX),
            },
            Role::Transaction
            | Role::Mode
            | Role::Result
            | Role::Phase
            | Role::State
            | Role::InquiryStatus
            | Role::LogType => Holds::Word,
            Role::SlipNumber
            | Role::OriginalSlip
            | Role::ApprovalCode
            | Role::TransactionNumber
            | Role::Journal
            | Role::Account
            | Role::CardCompany
            | Role::CenterResultCode
            | Role::TerminalId
            | Role::DeviceId
            | Role::Display
            | Role::Log => Holds::Text,
            Role::Time => Holds::Time(TimePart::Whole),
            Role::Date => Holds::Time(TimePart::Date),
            Role::Clock => Holds::Time(TimePart::Clock),
        }
    }

    /// The value of a word of the role, or of a number by its word; none where it has no such word.
    pub(super) fn value_of(self, word: &str) -> Option<Value<'static>> {
        match self.holds() {
            Holds::Word => self
                .words()
                .into_iter()
                .find(|known| *known == word)
                .map(Value::Word),
            Holds::Number { min, max } => word
                .parse()
                .ok()
                .filter(|number| (min..=max).contains(number))
                .map(Value::Number),
            Holds::Text | Holds::Time(_) => None,
        }
    }

    /// Our words for a coded role; none for the others.
    pub(super) fn words(self) -> Vec<&'static str> {
        match self {
            Role::Transaction => words_of(&TRANSACTIONS),
            Role::Mode => words_of(&MODES),
            Role::Result => words_of(&RESULTS),
            Role::Phase => words_of(&PHASES),
            Role::State => words_of(&STATES),
            Role::InquiryStatus => words_of(&INQUIRIES),
            Role::LogType => words_of(&LOG_TYPES),
            _ => Vec::new(),
        }
    }
}

impl TryFrom<String> for Role {
    type Error = String;

    fn try_from(name: String) -> Result<Role, String> {
        Role::named(&name).ok_or_else(|| {
            let known: Vec<&str> = ROLES.iter().map(|(name, _)| *name).collect();
            format!(
                "unknown role `{name}`, expected one of {}",
                known.join(", ")
            )
        })
    }
}

/// The kind of value a role holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// A whole number within bounds.
    Number {
        min: i64,
        max: i64,
    },
    /// One of our words, by a value map.
    Word,
    Text,
    Time(TimePart),
}

/// How much of a time stands in one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimePart {
    Whole,
    Date,
    Clock,
}

/// A value of a role, free of its wire form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Number(i64),
    /// A word of the role's vocabulary.
    Word(&'static str),
    Text(&'a str),
    Time(NaiveDateTime),
}

/// A set of roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Roles(u64);

impl Roles {
    pub(super) fn contains(self, role: Role) -> bool {
        self.0 & Roles::from(role).0 != 0
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// These without those.
    pub(super) fn without(self, others: Roles) -> Roles {
        Roles(self.0 & !others.0)
    }

    /// In the order of [`Role`].
    pub(super) fn iter(self) -> impl Iterator<Item = Role> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let (_, role) = ROLES.get(left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(*role)
        })
    }
}

impl From<Role> for Roles {
    fn from(role: Role) -> Roles {
        Roles(1 << role as u32)
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Roles {
        let with = |set: Roles, role| Roles(set.0 | Roles::from(role).0);
        roles.into_iter().fold(Roles::default(), with)
    }
}

/// The values of one message, each at the place of its role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Values<'a> {
    held: Roles,
    /// A text is borrowed from what it was read in, where it stands there as it is.
    places: [Option<Value<'a>>; ROLES.len()],
    /// The texts that stand nowhere as they are.
    own: Vec<(Role, String)>,
}

impl Default for Values<'_> {
    fn default() -> Self {
        Values {
            held: Roles::default(),
            places: [None; ROLES.len()],
            own: Vec::new(),
        }
    }
}

impl<'a> Values<'a> {
    #[inline]
    pub(super) fn get(&self, role: Role) -> Option<Value<'_>> {
        match self.places[role as usize] {
            None if !self.own.is_empty() => self.own_text(role).map(Value::Text),
            place => place,
        }
    }

    #[cold]
    fn own_text(&self, role: Role) -> Option<&str> {
        let mut own = self.own.iter();
        own.find(|(owner, _)| *owner == role)
            .map(|(_, text)| &**text)
    }

    /// The number of a role.
    #[inline]
    pub(super) fn number(&self, role: Role) -> Option<i64> {
        match self.get(role) {
            Some(Value::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// The text of a role, or the word.
    #[inline]
    pub(super) fn text(&self, role: Role) -> Option<&str> {
        match self.get(role) {
            Some(Value::Text(text) | Value::Word(text)) => Some(text),
            _ => None,
        }
    }

    /// The time of a role.
    #[inline]
    pub(super) fn time(&self, role: Role) -> Option<NaiveDateTime> {
        match self.get(role) {
            Some(Value::Time(time)) => Some(time),
            _ => None,
        }
    }

    #[inline]
    pub(super) fn contains(&self, role: Role) -> bool {
        self.held.contains(role)
    }

    #[inline]
    pub(super) fn insert(&mut self, role: Role, value: Value<'a>) {
        self.held.0 |= Roles::from(role).0;
        self.places[role as usize] = Some(value);
    }

    #[inline]
    pub(super) fn insert_text(&mut self, role: Role, text: Cow<'a, str>) {
        match text {
            Cow::Borrowed(text) => self.insert(role, Value::Text(text)),
            Cow::Owned(text) => self.keep(role, text),
        }
    }

    #[cold]
    fn keep(&mut self, role: Role, text: String) {
        self.held.0 |= Roles::from(role).0;
        self.places[role as usize] = None;
        self.own.retain(|(owner, _)| *owner != role);
        self.own.push((role, text));
    }

    /// The roles that have a value.
    pub(super) fn roles(&self) -> Roles {
        self.held
    }
}

/// A list of our words and what they mean.
pub(super) type Vocabulary<T, const N: usize> = [(&'static str, T); N];

pub(super) const TRANSACTIONS: Vocabulary<TransactionType, 3> = [
    ("sales", TransactionType::Sales),
    ("void", TransactionType::Void),
    ("refund", TransactionType::Refund),
];

/// The mode of a message: is it training?
pub(super) const MODES: Vocabulary<bool, 2> = [("normal", false), ("training", true)];

pub(super) const RESULTS: Vocabulary<ResultCode, 10> = [
    ("approved", ResultCode::Approved),
    (
        "center_error",
        ResultCode::CenterError {
            center_result_code: None,
        },
    ),
    ("busy", ResultCode::Busy),
    ("standalone", ResultCode::Standalone),
    ("command_error", ResultCode::CommandError),
    ("stopped", ResultCode::Stopped),
    ("reset", ResultCode::Reset),
    ("communication_error", ResultCode::CommunicationError),
    ("daily_log_overflow", ResultCode::DailyLogOverflow),
    ("deficient", ResultCode::Deficient),
];

pub(super) const PHASES: Vocabulary<Phase, 6> = [
    ("waiting_for_card", Phase::WaitingForCard),
    ("choosing_card", Phase::ChoosingCard),
    ("pin", Phase::Pin),
    ("payment_count", Phase::PaymentCount),
    ("centre", Phase::Centre),
    ("printing", Phase::Printing),
];

pub(super) const STATES: Vocabulary<TerminalState, 3> = [
    ("idle", TerminalState::Idle),
    ("busy", TerminalState::Busy),
    ("standalone", TerminalState::Standalone),
];

/// An [`crate::cat::Inquiry`] without its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InquiryStatus {
    Found,
    InProgress,
    NotFound,
}

pub(super) const INQUIRIES: Vocabulary<InquiryStatus, 3> = [
    ("found", InquiryStatus::Found),
    ("in_progress", InquiryStatus::InProgress),
    ("not_found", InquiryStatus::NotFound),
];

pub(super) const LOG_TYPES: Vocabulary<DailyLogType, 2> = [
    ("reporting", DailyLogType::Reporting),
    ("settlement", DailyLogType::Settlement),
];

fn words_of<T, const N: usize>(vocabulary: &Vocabulary<T, N>) -> Vec<&'static str> {
    vocabulary.iter().map(|(word, _)| *word).collect()
}
