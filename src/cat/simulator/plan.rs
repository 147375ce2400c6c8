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
    Reboot { forgets: bool },
}

/// What the books get.
#[derive(Debug, Clone)]
pub(super) struct Booking {
    pub(super) outcome: BookOutcome,
    pub(super) center_result_code: Option<String>,
    pub(super) balance: Option<Yen>,
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

    fn end(&mut self, after_ms: u64, outcome: BookOutcome) {
        self.after(
            after_ms,
            Act::Book(Booking {
                outcome,
                center_result_code: None,
                balance: None,
            }),
        );
    }

    fn approve(&mut self, class: CardClass, pin: bool) {
        self.card(class);
        if pin {
            self.show(Phase::Pin);
        }
        self.show(Phase::Centre);
        self.end(self.pace_ms, BookOutcome::Approved);
    }

    fn approve_with(&mut self, class: CardClass, pin: bool, twist: Twist) {
        self.approve(class, pin);
        self.then(Act::Answer(twist));
    }

    fn refuse_at_once(&mut self, outcome: BookOutcome) {
        self.end(0, outcome);
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
    match step {
        Step::Approve | Step::Slow { .. } | Step::Nak { .. } => {
            plan.approve(class, pin);
            plan.then(Act::Answer(Twist::Honest));
        }
        Step::Decline { code } => {
            plan.card(class);
            plan.show(Phase::Centre);
            plan.after(
                pace_ms,
                Act::Book(Booking {
                    outcome: BookOutcome::Declined,
                    center_result_code: Some(code.clone()),
                    balance: None,
                }),
            );
            plan.then(Act::Answer(Twist::Honest));
        }
        Step::Deficient { balance } => {
            plan.card(class);
            plan.after(
                pace_ms,
                Act::Book(Booking {
                    outcome: BookOutcome::Deficient,
                    center_result_code: None,
                    balance: Some(Yen::new(*balance)),
                }),
            );
            plan.then(Act::Answer(Twist::Honest));
        }
        Step::CommandError => plan.refuse_at_once(BookOutcome::CommandError),
        Step::DailyLogFull => plan.refuse_at_once(BookOutcome::DailyLogFull),
        Step::Busy => plan.refuse_at_once(BookOutcome::Busy),
        Step::Standalone => plan.refuse_at_once(BookOutcome::Standalone),
        Step::CommunicationError { truth } => {
            plan.card(class);
            plan.show(Phase::Centre);
            let outcome = match truth {
                Truth::Open => BookOutcome::CommunicationError,
                Truth::Approved => BookOutcome::Approved,
                Truth::Declined => BookOutcome::Declined,
            };
            plan.end(pace_ms, outcome);
            plan.then(Act::Answer(Twist::LostCentre));
        }
        Step::Cancel => {
            plan.card(class);
            plan.end(pace_ms, BookOutcome::Cancelled);
            plan.then(Act::Answer(Twist::Honest));
        }
        Step::Reset => {
            plan.card(class);
            plan.end(pace_ms, BookOutcome::Reset);
            plan.then(Act::Answer(Twist::Honest));
        }
        Step::Silence => {}
        Step::SilenceAfterApprove => plan.approve(class, pin),
        Step::ApproveThenCut | Step::NoInquiry | Step::LyingNotFound => {
            plan.approve(class, pin);
            plan.then(Act::Cut);
        }
        Step::CutBefore => plan.then(Act::Cut),
        Step::Late { after_ms } => {
            plan.approve(class, pin);
            plan.after(*after_ms, Act::Answer(Twist::Honest));
        }
        Step::OtherSale => plan.approve_with(class, pin, Twist::OtherNumber),
        Step::WrongAmount => plan.approve_with(class, pin, Twist::OtherAmount),
        Step::WrongKind => plan.approve_with(class, pin, Twist::OtherKind),
        Step::WrongMode => plan.approve_with(class, pin, Twist::OtherMode),
        Step::Garble { blocks } => {
            plan.approve_with(class, pin, Twist::Garbled { blocks: *blocks });
        }
        Step::RebootMemory => {
            plan.approve(class, pin);
            plan.then(Act::Reboot { forgets: false });
        }
        Step::RebootAmnesia => {
            plan.approve(class, pin);
            plan.then(Act::Reboot { forgets: true });
        }
        Step::DuplicateResult => {
            plan.approve_with(class, pin, Twist::Honest);
            plan.then(Act::Answer(Twist::Honest));
        }
    }
    plan.stages
}
