//! What is asked of the rules, and what they answer.

use chrono::{DateTime, FixedOffset, NaiveTime};
use serde::{Deserialize, Serialize};

use super::Undoable;
use super::rule::RuleTable;
use crate::domain::business_day::BusinessDate;
use crate::domain::master::{CardClassTable, Switch};
use crate::domain::money::Yen;
use crate::domain::record::Stamp;
use crate::domain::sale::SaleKind;
use crate::domain::tender::CardClass;

/// A sale, one of its tenders, and how much of that is to be taken back here and now.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The sale, and what takes it back already.
    pub sale: &'a Undoable,
    /// Which tender of it, counted from 0. Each is taken back for itself.
    pub tender: usize,
    /// How much of it.
    pub take: Take<'a>,
    /// Now, and the business date of now.
    pub now: Stamp,
    /// 端末コード of this counter.
    pub terminal_code: &'a str,
    /// True at a console in practice.
    pub practice: bool,
    /// The terminal of the card at this counter, where there is one.
    pub terminal: Option<AtTerminal<'a>>,
    /// 取消連携 and 返品連携 of the card company.
    pub guidance: Guidance,
    /// Which card it was, as the operator says; it counts only where the terminal did not say.
    pub brand: Option<CardClass>,
    /// The rules.
    pub rules: &'a RuleTable,
    /// カード区分.
    pub classes: &'a CardClassTable,
}

/// How much is to be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take<'a> {
    /// All that is left.
    All,
    /// So much.
    Amount(Yen),
    /// These lines of the bill, counted from 1.
    Lines(&'a [u16]),
}

/// What a terminal and its link can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtTerminal<'a> {
    /// 連携機種.
    pub model: &'a str,
    /// CapAuthorizeVoid.
    pub authorize_void: bool,
    /// A 取消 over the link reaches the last payment alone.
    pub void_last_only: bool,
    /// CapAuthorizeRefund.
    pub authorize_refund: bool,
    /// Whether the site lets a 取消 or 返品 go over the link.
    pub undo_link: bool,
    /// When it runs its 日計 by itself, where it does.
    pub daily_log_at: Option<NaiveTime>,
}

/// 取消連携 and 返品連携: 1 leads through the work at the terminal, 0 writes our slip alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guidance {
    /// 取消連携.
    pub void: Switch,
    /// 返品連携.
    pub refund: Switch,
}

/// What the rules say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// It can be done, so.
    Allowed(Plan),
    /// It cannot.
    Refused(Refusal),
}

/// How a sale is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// 取消 or 返品.
    pub kind: SaleKind,
    /// Why that.
    pub because: Because,
    /// How much.
    pub amount: Yen,
    /// True where it is all of the tender.
    pub whole: bool,
    /// How the money goes back.
    pub way: Way,
    /// The name of the rule.
    pub rule: String,
    /// Our day and the terminal's.
    pub clocks: Clocks,
    /// Why the card does not take it, where cash or a second person stands in.
    pub instead_of: Option<Denied>,
}

/// Why it is a 取消, or a 返品.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// 取消: the whole, on the same business day, before 日計.
    SameDay,
    /// 返品: a part.
    Part,
    /// 返品: the terminal's 日計 was run since.
    AfterDailyLog,
    /// 返品: a later business day.
    LaterDay,
    /// 返品: this money knows no 取消.
    NoVoid,
    /// 返品: in cash, because the card does not take it back.
    CashInstead,
}

/// How the money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Over the link.
    Link,
    /// At the terminal by hand, step by step.
    ByHand,
    /// Out of the drawer.
    Cash,
    /// Our slip alone; what is done at the terminal is not led.
    SlipOnly,
}

/// Our business day, and the terminal's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    /// 営業日 of the sale.
    pub sold_on: BusinessDate,
    /// 営業日 of now.
    pub today: BusinessDate,
    /// The terminal's day; `None` where no terminal took part.
    pub terminal: Option<TerminalDay>,
}

/// Whether the terminal's day of a sale is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "day", rename_all = "snake_case")]
pub enum TerminalDay {
    /// 日計 was run since: at this time, as was written or as it runs by itself.
    Closed {
        /// When.
        at: DateTime<FixedOffset>,
    },
    /// 日計 runs by itself, next at this time.
    OpenUntil {
        /// When.
        at: DateTime<FixedOffset>,
    },
    /// Nobody said that 日計 was run, and it does not run by itself.
    NotKnownClosed,
}

impl Clocks {
    /// True on the business day of the sale.
    pub fn same_day(&self) -> bool {
        self.sold_on == self.today
    }

    /// Days since the sale, by business days.
    pub fn days(&self) -> u32 {
        u32::try_from((self.today.0 - self.sold_on.0).num_days()).unwrap_or(0)
    }

    /// True where 日計 was run since the sale.
    pub const fn terminal_closed(&self) -> bool {
        matches!(self.terminal, Some(TerminalDay::Closed { .. }))
    }

    /// True where one of the two says the same day and the other a later one.
    pub fn disagree(&self) -> bool {
        match self.terminal {
            Some(TerminalDay::Closed { .. }) => self.same_day(),
            Some(TerminalDay::OpenUntil { .. }) => !self.same_day(),
            Some(TerminalDay::NotKnownClosed) | None => false,
        }
    }
}

/// Why not, and what a second person may still allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Why.
    pub why: Denied,
    /// The name of the rule, where it came to one.
    pub rule: Option<String>,
    /// Our day and the terminal's.
    pub clocks: Clocks,
    /// What is done where a second person allows it; `None` where nobody may.
    pub with_second: Option<Box<Plan>>,
}

/// Why something is not taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Denied {
    /// A practice sale at a live console, or the reverse.
    OtherMode,
    /// A 取消 or 返品 itself.
    NotASale,
    /// It was not paid, or it is not known whether it was.
    NotPaid,
    /// All of it is taken back already, or may be.
    NothingLeft,
    /// More than is left.
    MoreThanLeft {
        /// What is left.
        left: Yen,
    },
    /// Nothing was asked for, or less than nothing.
    NoAmount,
    /// The bill has no such line, or it was asked for twice.
    NoSuchLine {
        /// Counted from 1.
        line: u16,
    },
    /// The line is taken back already.
    LineGone {
        /// Counted from 1.
        line: u16,
    },
    /// Which card it was decides, and the terminal did not say: one of these.
    BrandUnknown {
        /// The operator may say which.
        choices: Vec<CardClass>,
    },
    /// This money is never taken back at the terminal.
    NeverTakenBack,
    /// The days are over.
    TooLate {
        /// Days since the sale.
        days: u32,
        /// How many there were.
        limit: u32,
    },
    /// 日計 was run, and this money is taken back only before.
    AfterDailyLog,
    /// Only the whole is taken back.
    WholeOnly,
    /// Only the last transaction is taken back, and another followed.
    NotLast,
    /// Only the terminal that sold takes it back.
    OtherTerminal {
        /// 端末コード of the counter that sold.
        terminal_code: String,
    },
}
