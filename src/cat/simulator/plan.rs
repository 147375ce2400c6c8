//! What one transaction does, stage by stage, once it was taken: phases, the booking, the answer, and what goes wrong.

use std::collections::VecDeque;

use super::books::BookOutcome;
use super::dice::Dice;
use super::script::{Step, Truth};
use crate::cat::{Authorize, Phase, ResultCode, TransactionResult, TransactionType};
use crate::domain::money::Yen;
use crate::domain::slip::SequenceNumber;
use crate::domain::tender::CardClass;

/// One stage, and how long after the one before.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    pub(super) after_ms: u64,
    pub(super) act: Act,
}

/// What a stage does.
#[derive(Debug, Clone)]
pub(super) enum Act {
    Show(Phase),
    Book(Booking),
    Answer(Twist),
    Cut,
    /// The line drops, the transaction goes on.
    Drop,
    Reboot {
        forgets: bool,
    },
}

/// What the books get.
#[derive(Debug, Clone)]
pub(super) struct Booking {
    pub(super) outcome: BookOutcome,
    pub(super) center_result_code: Option<String>,
    pub(super) balance: Option<Yen>,
}

impl Booking {
    /// With nothing beside the outcome.
    pub(super) fn of(outcome: BookOutcome) -> Booking {
        Booking {
            outcome,
            center_result_code: None,
            balance: None,
        }
    }
}

/// How the answer differs from the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Twist {
    Honest,
    OtherNumber,
    OtherAmount,
    OtherKind,
    OtherMode,
    LostCentre,
    /// Honest; this many of its blocks fail their check.
    Garbled {
        blocks: u32,
    },
}

impl Twist {
    /// So many of its blocks fail their check.
    pub(super) fn spoilt_blocks(self) -> u32 {
        match self {
            Twist::Garbled { blocks } => blocks,
            Twist::Honest
            | Twist::OtherNumber
            | Twist::OtherAmount
            | Twist::OtherKind
            | Twist::OtherMode
            | Twist::LostCentre => 0,
        }
    }

    /// The result as this answer tells it.
    pub(super) fn apply(self, mut result: TransactionResult) -> TransactionResult {
        match self {
            Twist::Honest | Twist::Garbled { .. } => {}
            Twist::OtherNumber => {
                result.sequence_number = result.sequence_number.map(another_number);
            }
            Twist::OtherAmount => {
                result.amount = result
                    .amount
                    .and_then(|amount| amount.checked_add(Yen::new(1)));
            }
            Twist::OtherKind => {
                result.transaction = match result.transaction {
                    TransactionType::Sales => TransactionType::Void,
                    TransactionType::Void | TransactionType::Refund => TransactionType::Sales,
                };
            }
            Twist::OtherMode => result.training = result.training.map(|training| !training),
            Twist::LostCentre => result.code = ResultCode::CommunicationError,
        }
        result
    }
}

/// The number before this one: another sale's, and one that was most likely in use.
fn another_number(number: SequenceNumber) -> SequenceNumber {
    SequenceNumber::new(number.get() - 1).unwrap_or_else(|| number.next())
}

/// The brands that a class lets the customer choose from, by the shipped table of card classes.
pub(super) fn brand(class: CardClass, dice: &mut Dice) -> CardClass {
    let brands: &[u8] = match class {
        CardClass::ELECTRONIC_MONEY => &[6, 7, 8, 9, 10, 11],
        CardClass::DEBIT => &[12, 13],
        CardClass::TRIPLE_WAIT => &[3, 4, 5],
        CardClass(_) => return class,
    };
    let sides = u64::try_from(brands.len()).unwrap_or_default();
    let index = usize::try_from(dice.below(sides)).unwrap_or_default();
    CardClass(brands[index])
}

/// Stages in the making.
struct Plan {
    stages: VecDeque<Stage>,
    pace_ms: u64,
}

impl Plan {
    fn then(&mut self, act: Act) {
        self.after(0, act);
    }

    fn after(&mut self, after_ms: u64, act: Act) {
        self.stages.push_back(Stage { after_ms, act });
    }

    fn show(&mut self, phase: Phase) {
        // The first one comes at once, so that the counter sees the terminal move.
        let pause = if self.stages.is_empty() {
            0
        } else {
            self.pace_ms
        };
        self.after(pause, Act::Show(phase));
    }

    fn card(&mut self, class: CardClass) {
        if matches!(class, CardClass::ELECTRONIC_MONEY | CardClass::DEBIT) {
            self.show(Phase::ChoosingCard);
        }
        self.show(Phase::WaitingForCard);
    }

    fn end(&mut self, after_ms: u64, booking: Booking) {
        self.after(after_ms, Act::Book(booking));
    }

    fn approve(&mut self, class: CardClass, pin: bool) {
        self.card(class);
        if pin {
            self.show(Phase::Pin);
        }
        self.show(Phase::Centre);
        self.end(self.pace_ms, Booking::of(BookOutcome::Approved));
    }

    fn refuse_at_once(&mut self, outcome: BookOutcome) {
        self.end(0, Booking::of(outcome));
        self.then(Act::Answer(Twist::Honest));
    }

    fn refuse_after_card(&mut self, class: CardClass, outcome: BookOutcome) {
        self.card(class);
        self.end(self.pace_ms, Booking::of(outcome));
        self.then(Act::Answer(Twist::Honest));
    }
}

/// The stages of one transaction.
pub(super) fn plan(step: &Step, ask: &Authorize, pace_ms: u64, dice: &mut Dice) -> VecDeque<Stage> {
    let class = ask.card_class;
    // Cards with a chip ask for their PIN more often than not; money in a chip never does.
    let pin = matches!(class, CardClass::CREDIT | CardClass::TRIPLE_WAIT) && dice.below(3) > 0;
    let pace_ms = if let Step::Slow { pause_ms } = step {
        *pause_ms
    } else {
        pace_ms
    };
    let mut plan = Plan {
        stages: VecDeque::new(),
        pace_ms,
    };
    if let Step::ResetThenApproved { .. } = step {
        plan.card(class);
        plan.then(Act::Drop);
    }
    match after_approval(step) {
        Some((after_ms, acts)) => {
            plan.approve(class, pin);
            for act in acts {
                plan.after(after_ms, act);
            }
        }
        None => plan.without_approval(step, class),
    }
    plan.stages
}

/// What follows an approval, and how long after it; `None` for a step that is not approved.
fn after_approval(step: &Step) -> Option<(u64, Vec<Act>)> {
    let answer = |twist| Some((0, vec![Act::Answer(twist)]));
    match step {
        Step::Approve | Step::Slow { .. } | Step::Nak { .. } => answer(Twist::Honest),
        Step::OtherSale => answer(Twist::OtherNumber),
        Step::WrongAmount => answer(Twist::OtherAmount),
        Step::WrongKind => answer(Twist::OtherKind),
        Step::WrongMode => answer(Twist::OtherMode),
        Step::Garble { blocks } => answer(Twist::Garbled { blocks: *blocks }),
        Step::Late { after_ms } | Step::ResetThenApproved { after_ms } => {
            Some((*after_ms, vec![Act::Answer(Twist::Honest)]))
        }
        Step::DuplicateResult => {
            let twice = vec![Act::Answer(Twist::Honest), Act::Answer(Twist::Honest)];
            Some((0, twice))
        }
        Step::SilenceAfterApprove => Some((0, Vec::new())),
        Step::ApproveThenCut | Step::NoInquiry | Step::LyingNotFound => Some((0, vec![Act::Cut])),
        Step::RebootMemory => Some((0, vec![Act::Reboot { forgets: false }])),
        Step::RebootAmnesia => Some((0, vec![Act::Reboot { forgets: true }])),
        Step::Decline { .. }
        | Step::Deficient { .. }
        | Step::CommandError
        | Step::DailyLogFull
        | Step::CommunicationError { .. }
        | Step::Cancel
        | Step::Busy
        | Step::Standalone
        | Step::Reset
        | Step::Silence
        | Step::DeclineThenCut
        | Step::ProgressThenSilence
        | Step::CutBefore => None,
    }
}

impl Plan {
    /// The steps that end without an approved answer.
    fn without_approval(&mut self, step: &Step, class: CardClass) {
        match step {
            Step::Decline { code } => {
                self.card(class);
                self.show(Phase::Centre);
                self.end(
                    self.pace_ms,
                    Booking {
                        center_result_code: Some(code.clone()),
                        ..Booking::of(BookOutcome::Declined)
                    },
                );
                self.then(Act::Answer(Twist::Honest));
            }
            Step::Deficient { balance } => {
                self.card(class);
                self.end(
                    self.pace_ms,
                    Booking {
                        balance: Some(Yen::new(*balance)),
                        ..Booking::of(BookOutcome::Deficient)
                    },
                );
                self.then(Act::Answer(Twist::Honest));
            }
            Step::CommunicationError { truth } => {
                self.card(class);
                self.show(Phase::Centre);
                let outcome = match truth {
                    Truth::Open => BookOutcome::CommunicationError,
                    Truth::Approved => BookOutcome::Approved,
                    Truth::Declined => BookOutcome::Declined,
                };
                self.end(self.pace_ms, Booking::of(outcome));
                self.then(Act::Answer(Twist::LostCentre));
            }
            Step::Cancel => self.refuse_after_card(class, BookOutcome::Cancelled),
            Step::Reset => self.refuse_after_card(class, BookOutcome::Reset),
            Step::CommandError => self.refuse_at_once(BookOutcome::CommandError),
            Step::DailyLogFull => self.refuse_at_once(BookOutcome::DailyLogFull),
            Step::Busy => self.refuse_at_once(BookOutcome::Busy),
            Step::Standalone => self.refuse_at_once(BookOutcome::Standalone),
            Step::CutBefore => self.then(Act::Cut),
            Step::DeclineThenCut => {
                self.card(class);
                self.show(Phase::Centre);
                self.end(self.pace_ms, Booking::of(BookOutcome::Declined));
                self.then(Act::Cut);
            }
            Step::ProgressThenSilence => {
                self.card(class);
                self.show(Phase::Centre);
            }
            Step::Silence
            | Step::Approve
            | Step::Slow { .. }
            | Step::SilenceAfterApprove
            | Step::ApproveThenCut
            | Step::Late { .. }
            | Step::ResetThenApproved { .. }
            | Step::OtherSale
            | Step::WrongAmount
            | Step::WrongKind
            | Step::WrongMode
            | Step::Garble { .. }
            | Step::Nak { .. }
            | Step::NoInquiry
            | Step::LyingNotFound
            | Step::RebootMemory
            | Step::RebootAmnesia
            | Step::DuplicateResult => {}
        }
    }
}
