//! The ledger: append-only entries of a sale, and the one state that is folded from them.
//!
//! ```text
//!            ┌─ Sold ───────────────────────────────▶ settled        (cash: pending and posted in one)
//!  (nothing) ┤
//!            ├─ Pending ─ Sent ─┬─ Posted ──────────▶ settled
//!            │    │             ├─ Released ────────▶ declined | cancelled
//!            │    └─ Released   └─ OutcomeUnknown ─ (Parked) ─ Posted | Released
//!            └─ ByHand ─ (Booked) ─ Posted | Released        (手動操作, with its steps)
//! ```
//!
//! Nothing is ever changed or taken away. A pending sale is resolved once; what comes after a final state is refused.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::by_hand::{Place, Side, Step, Why};
use super::money::Yen;
use super::reflection::ReflectionStep;
use super::sale::{Operator, SaleDraft};
use super::slip::{
    ApprovalCode, JournalId, SequenceNumber, SlipNumber, TerminalSlipNumber, TransactionNumber,
};
use super::task::TaskKind;
use super::tender::{CardClass, MaskedAccount};

/// One row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    /// A sale without a terminal: pending and posted in one.
    Sold {
        /// Our slip.
        slip: SlipNumber,
        /// The sale.
        sale: SaleDraft,
    },
    /// A sale is about to be sent to a terminal. Durable before anything is sent.
    Pending {
        /// Our slip.
        slip: SlipNumber,
        /// Our number for this attempt.
        sequence_number: SequenceNumber,
        /// The sale.
        sale: SaleDraft,
        /// Which terminal.
        route: Route,
    },
    /// The next byte on the line may charge. Durable before that byte.
    Sent {
        /// Our slip.
        slip: SlipNumber,
        /// The terminal's memory at that moment, where it has one: an answer "not known" proves something only if it is unbroken.
        journal: Option<JournalId>,
        /// The terminal's own identity, where it is known: no other terminal's answer says anything of this sale.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        terminal_id: Option<String>,
    },
    /// The exchange broke, and nobody knows yet.
    OutcomeUnknown {
        /// Our slip.
        slip: SlipNumber,
        /// How it broke.
        reason: UnknownReason,
    },
    /// Charged.
    Posted {
        /// Our slip.
        slip: SlipNumber,
        /// How we know.
        evidence: Evidence,
        /// What the terminal said of it.
        terminal: TerminalFacts,
    },
    /// Definitely not charged.
    Released {
        /// Our slip.
        slip: SlipNumber,
        /// Why.
        reason: NotCharged,
        /// How we know.
        evidence: Evidence,
    },
    /// The operator could not tell; the sale stays unknown and in the way of the next linked one.
    Parked {
        /// Our slip.
        slip: SlipNumber,
        /// Who parked it.
        operator: Operator,
    },
    /// The outcome stood on the screen.
    Shown {
        /// Our slip.
        slip: SlipNumber,
    },
    /// A receipt was issued again 再発行.
    Reissued {
        /// Our slip.
        slip: SlipNumber,
        /// Who asked for it.
        operator: Operator,
    },
    /// Work at a terminal by hand begins 手動操作. Durable before the first step is shown; no money is booked by it.
    ByHand {
        /// Our slip.
        slip: SlipNumber,
        /// What will be booked.
        sale: SaleDraft,
        /// At which terminal.
        place: Place,
        /// Why by hand.
        why: Why,
        /// Which side comes first.
        first: Side,
        /// Who began.
        operator: Operator,
    },
    /// One step of work by hand is done.
    Step {
        /// Our slip.
        slip: SlipNumber,
        /// Which.
        step: Step,
        /// Who did it.
        operator: Operator,
    },
    /// Our side of work by hand is booked before the terminal's.
    Booked {
        /// Our slip.
        slip: SlipNumber,
        /// Who booked it.
        operator: Operator,
    },
    /// A task is let go without its proof: two people say why.
    Explained {
        /// Our slip.
        slip: SlipNumber,
        /// Which of the tasks that hang on it.
        task: TaskKind,
        /// Who explained.
        operator: Operator,
        /// The second person.
        second: Operator,
        /// Why.
        reason: String,
    },
    /// 反映: one step of telling the receipt computer of a settled slip.
    Reflection {
        /// Our slip.
        slip: SlipNumber,
        /// Which of its postings, from 1.
        posting: u16,
        /// What was done.
        step: ReflectionStep,
    },
    /// A document left the printer whole.
    Printed {
        /// Our slip.
        slip: SlipNumber,
        /// What was printed.
        document: Document,
    },
    /// 日計 was run at a terminal: from then on a sale before it is taken back by a 返品.
    TerminalDayClosed {
        /// Which terminal.
        cat: CatId,
        /// Who says so.
        operator: Operator,
    },
    /// A terminal answered that is not the one that answered before, or a person confirmed which one stands there.
    TerminalSeen {
        /// At which port.
        cat: CatId,
        /// Its own identity.
        terminal_id: String,
        /// Who confirmed that it is the one to be used, where somebody did.
        confirmed_by: Option<Operator>,
    },
    /// Something that happened to the console itself.
    Audit {
        /// A word for it.
        event: AuditEvent,
        /// Technical detail, without names or numbers of people.
        detail: String,
    },
}

/// What can be printed of a slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Document {
    /// The slip itself: 売上, 取消 or 返品.
    Slip,
    /// Another copy 再発行.
    Reissue,
    /// What is still to be done, for a colleague.
    Task,
}

/// Which terminal a sale was sent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// CAT1 or CAT2.
    pub cat: CatId,
    /// 連携機種.
    pub model: String,
}

/// One of the two CAT ports of a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatId {
    /// CAT1ポート.
    Cat1,
    /// CAT2ポート.
    Cat2,
}

/// How an exchange broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownReason {
    /// The line broke after the first byte.
    LineCut,
    /// No acknowledgement of what was sent.
    NoAcknowledgement,
    /// The terminal refused the block again and again.
    Refused,
    /// No answer within the longest time a transaction takes.
    NoAnswer,
    /// An answer that does not answer our question: other number, kind, amount, time or mode.
    ForeignAnswer,
    /// An answer that cannot be read.
    Garbled,
    /// The terminal says it was reset in the middle.
    TerminalReset,
    /// The terminal lost its centre in the middle.
    CentreLost,
    /// The console was stopped in the middle.
    ConsoleStopped,
}

/// Why a sale is definitely not charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "class", rename_all = "snake_case")]
pub enum NotCharged {
    /// The terminal could not be reached; no byte of the sale left.
    NotReachable,
    /// The terminal was busy with something else.
    Busy,
    /// Another terminal than the one that is known answers at that port; no byte of the sale left.
    AnotherTerminal,
    /// An answer to something sent before may still come; no byte of the sale left.
    AnswerOwed {
        /// How long it may still come (ms).
        wait_ms: u64,
    },
    /// The terminal is taken off the link (POS非連動).
    Standalone,
    /// The centre or the card refused.
    Declined {
        /// CenterResultCode, as the terminal gave it.
        center_result_code: Option<String>,
    },
    /// Stopped with the terminal's own key.
    StoppedAtTerminal,
    /// Balance short.
    InsufficientBalance {
        /// What was left on the card, where the terminal said it.
        balance: Option<Yen>,
    },
    /// The terminal needs its daily log closed first.
    DailyLogFull,
    /// The terminal does not take this command.
    CommandRefused,
    /// The console stopped before anything was sent.
    NotSent,
    /// Backed out by the operator before anything was sent.
    BackedOut,
    /// The terminal, its memory unbroken, does not know the number.
    NotAtTerminal,
    /// The operator looked at the terminal and typed the proof.
    OperatorSawNone,
    /// Work by hand was given up: nothing was done at the terminal.
    GivenUp,
}

/// How we know an outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Evidence {
    /// The terminal's own answer to the request.
    Answer,
    /// The terminal's last result, asked after a broken exchange.
    Inquiry,
    /// Nothing was sent.
    NothingSent,
    /// A person looked at the terminal.
    Operator {
        /// Who.
        operator: Operator,
        /// What was typed as proof.
        proof: String,
    },
    /// Two people say so, where there is nothing to type.
    TwoPeople {
        /// Who.
        operator: Operator,
        /// The second person.
        second: Operator,
        /// Why.
        reason: String,
    },
}

/// What a terminal says of one transaction; card data only as masked as it may be kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TerminalFacts {
    /// 伝票番号 of the terminal's slip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slip_number: Option<TerminalSlipNumber>,
    /// 承認番号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_code: Option<ApprovalCode>,
    /// The terminal's count of centre exchanges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction_number: Option<TransactionNumber>,
    /// Which card class it was in the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_class: Option<CardClass>,
    /// CardCompanyID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_company: Option<String>,
    /// Masked account number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<MaskedAccount>,
    /// PaymentCondition code of UnifiedPOS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_condition: Option<u16>,
    /// What is left on the card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<Yen>,
    /// The terminal's own identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal_id: Option<String>,
    /// The terminal's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<NaiveDateTime>,
}

/// Events of the console that the books keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditEvent {
    /// The console took the books.
    Started,
    /// An answer came that belongs to no open question.
    ForeignAnswer,
    /// The clock went back.
    ClockWentBack,
    /// An answer carried more of a card number than may be kept; it was masked.
    CardNumberMasked,
    /// A terminal answered in the other mode (practice or live).
    ModeMismatch,
    /// The receipt computer could not be asked again before money was taken, and a person went on.
    BillNotChecked,
    /// An invoice that was paid here the same day is paid again, by a person's wish.
    BillPaidAgain,
    /// A terminal's 日計 is noted while something is unresolved, and a second person agreed.
    DayClosedUnresolved,
    /// The catalogue was imported.
    ItemsImported,
}

/// Where a sale stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SaleState {
    /// Written, nothing sent.
    Pending,
    /// Sent, no outcome yet.
    Sent,
    /// The exchange broke.
    Unknown,
    /// Unknown, and set aside by the operator.
    Parked,
    /// Being made at the terminal by hand; nothing is booked.
    ByHand,
    /// Made by hand, and booked before the terminal's slip is known.
    Booked,
    /// Paid.
    Settled,
    /// Not charged: the card was refused.
    Declined,
    /// Not charged: it was stopped, or never reached the terminal.
    Cancelled,
}

/// An entry that may not follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sale that is {from:?} takes no {entry} entry")]
pub struct IllegalTransition {
    /// Where the sale stands; `None` where there is no such sale.
    pub from: Option<SaleState>,
    /// The word of the entry that was refused.
    pub entry: &'static str,
}

impl SaleState {
    /// True where no answer is missing any more.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            SaleState::Settled | SaleState::Declined | SaleState::Cancelled
        )
    }

    /// The word of `sales --format json`. What is written but not resolved is unknown to a reader of the books.
    pub const fn word(self) -> &'static str {
        match self {
            SaleState::Pending | SaleState::Sent | SaleState::Unknown => "unknown",
            SaleState::Parked => "parked",
            SaleState::ByHand => "by_hand",
            SaleState::Booked => "booked",
            SaleState::Settled => "settled",
            SaleState::Declined => "declined",
            SaleState::Cancelled => "cancelled",
        }
    }

    /// The state after one more entry of the sale, or why it is refused. `from` is `None` for a sale that does not exist yet.
    pub fn after(
        from: Option<SaleState>,
        entry: &Entry,
    ) -> Result<Option<SaleState>, IllegalTransition> {
        use SaleState::{
            Booked, ByHand, Cancelled, Declined, Parked, Pending, Sent, Settled, Unknown,
        };
        let refused = IllegalTransition {
            from,
            entry: entry.word(),
        };
        match (entry, from) {
            (Entry::Sold { .. }, None) => Ok(Some(Settled)),
            (Entry::Pending { .. }, None) => Ok(Some(Pending)),
            (Entry::Sent { .. }, Some(Pending)) => Ok(Some(Sent)),
            (Entry::OutcomeUnknown { .. }, Some(Sent | Unknown)) => Ok(Some(Unknown)),
            (Entry::OutcomeUnknown { .. }, Some(Parked)) => Ok(Some(Parked)),
            (Entry::Parked { .. }, Some(Sent | Unknown | Parked)) => Ok(Some(Parked)),
            (Entry::Posted { .. }, Some(Sent | Unknown | Parked)) => Ok(Some(Settled)),
            // Before the sent mark only the fact that nothing was sent can release; once an exchange is known to be
            // broken, that fact is gone. In between, the link that was about to send still knows it.
            (
                Entry::Released {
                    reason, evidence, ..
                },
                Some(state @ (Pending | Sent | Unknown | Parked)),
            ) => {
                let nothing_sent = matches!(evidence, Evidence::NothingSent);
                match state {
                    Pending if !nothing_sent => return Err(refused),
                    Unknown | Parked if nothing_sent => return Err(refused),
                    _ => {}
                }
                Ok(Some(if reason.is_decline() {
                    Declined
                } else {
                    Cancelled
                }))
            }
            (Entry::ByHand { .. }, None) => Ok(Some(ByHand)),
            (Entry::Booked { .. }, Some(ByHand)) => Ok(Some(Booked)),
            // A person stands behind whatever is said of work by hand: nothing was asked, and no terminal answered.
            (Entry::Posted { evidence, .. }, Some(ByHand | Booked)) if evidence.is_of_people() => {
                Ok(Some(Settled))
            }
            // What is booked already is taken back by two.
            (Entry::Released { evidence, .. }, Some(state @ (ByHand | Booked)))
                if evidence.is_of_people()
                    && (state == ByHand || matches!(evidence, Evidence::TwoPeople { .. })) =>
            {
                Ok(Some(Cancelled))
            }
            (Entry::Step { .. }, Some(state)) if state != Pending => Ok(Some(state)),
            // What the receipt computer was not told is explained posting by posting.
            (
                Entry::Explained {
                    task: TaskKind::Unreflected,
                    ..
                },
                _,
            ) => Err(refused),
            (Entry::Explained { .. }, Some(state)) if state != Pending => Ok(Some(state)),
            // Only of money that moved for certain; which step may follow which, the slip's postings say.
            (Entry::Reflection { .. }, Some(Settled)) => Ok(Some(Settled)),
            (Entry::Shown { .. } | Entry::Reissued { .. }, Some(state)) if state.is_final() => {
                Ok(Some(state))
            }
            (Entry::Printed { .. }, Some(state)) if state != Pending => Ok(Some(state)),
            (
                Entry::Audit { .. } | Entry::TerminalDayClosed { .. } | Entry::TerminalSeen { .. },
                from,
            ) => Ok(from),
            _ => Err(refused),
        }
    }
}

impl Evidence {
    /// Who says so, where people do.
    pub const fn operator(&self) -> Option<&Operator> {
        match self {
            Evidence::Operator { operator, .. } | Evidence::TwoPeople { operator, .. } => {
                Some(operator)
            }
            Evidence::Answer | Evidence::Inquiry | Evidence::NothingSent => None,
        }
    }

    /// True where people say so, rather than a terminal or the fact that nothing was sent.
    pub const fn is_of_people(&self) -> bool {
        matches!(self, Evidence::Operator { .. } | Evidence::TwoPeople { .. })
    }
}

impl NotCharged {
    /// True where a card was read and refused, false where it never came to that.
    pub const fn is_decline(&self) -> bool {
        matches!(
            self,
            NotCharged::Declined { .. } | NotCharged::InsufficientBalance { .. }
        )
    }
}

impl Entry {
    /// The word of the entry, as in the books.
    pub const fn word(&self) -> &'static str {
        match self {
            Entry::Sold { .. } => "sold",
            Entry::Pending { .. } => "pending",
            Entry::Sent { .. } => "sent",
            Entry::OutcomeUnknown { .. } => "outcome_unknown",
            Entry::Posted { .. } => "posted",
            Entry::Released { .. } => "released",
            Entry::Parked { .. } => "parked",
            Entry::Shown { .. } => "shown",
            Entry::Reissued { .. } => "reissued",
            Entry::ByHand { .. } => "by_hand",
            Entry::Step { .. } => "step",
            Entry::Booked { .. } => "booked",
            Entry::Explained { .. } => "explained",
            Entry::Reflection { .. } => "reflection",
            Entry::Printed { .. } => "printed",
            Entry::TerminalDayClosed { .. } => "terminal_day_closed",
            Entry::TerminalSeen { .. } => "terminal_seen",
            Entry::Audit { .. } => "audit",
        }
    }

    /// The slip it speaks of.
    pub const fn slip(&self) -> Option<SlipNumber> {
        match self {
            Entry::Sold { slip, .. }
            | Entry::Pending { slip, .. }
            | Entry::Sent { slip, .. }
            | Entry::OutcomeUnknown { slip, .. }
            | Entry::Posted { slip, .. }
            | Entry::Released { slip, .. }
            | Entry::Parked { slip, .. }
            | Entry::Shown { slip }
            | Entry::Reissued { slip, .. }
            | Entry::ByHand { slip, .. }
            | Entry::Step { slip, .. }
            | Entry::Booked { slip, .. }
            | Entry::Explained { slip, .. }
            | Entry::Reflection { slip, .. }
            | Entry::Printed { slip, .. } => Some(*slip),
            Entry::TerminalDayClosed { .. } | Entry::TerminalSeen { .. } | Entry::Audit { .. } => {
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
