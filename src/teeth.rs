//! Teeth: bugs that are switched on by name, in tests only, to prove that the hunt bites. One that survives is a hole in the hunt.
//!
//! Without the feature `teeth` none can be switched on and the compiler takes every one of them out: the product has none. A spot that
//! has a tooth asks [`bites`] in its own words; what it does then is a mistake somebody could make there. `tests/teeth.rs` names what
//! must catch each.

#[cfg(feature = "teeth")]
use std::cell::Cell;

macro_rules! teeth {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// One seeded bug.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Tooth {
            $($(#[$doc])* $name,)*
        }

        impl Tooth {
            /// Every tooth.
            pub const ALL: &'static [Tooth] = &[$(Tooth::$name,)*];
        }
    };
}

teeth! {
    // The amount leaves: app/charge.
    /// The amount leaves before its sent mark is durable.
    SendBeforeMark,
    /// The books refused the sent mark, and the amount leaves all the same.
    SendWithoutMark,
    /// One sent mark, two amounts.
    SendTwice,
    /// No answer came: the amount leaves again.
    ResendOnTimeout,
    /// The line was cut and is back: the amount leaves again.
    ResendOnReconnect,
    /// No acknowledgement came: the amount leaves again.
    ResendOnNoAcknowledgement,
    /// The answer was garbled: the amount leaves again.
    ResendOnGarbled,
    /// The line itself meets silence with the whole message once more.
    MessageAgainOnSilence,
    /// Of a bill of several lines the first is asked for.
    FirstLineIsAsked,
    /// Another terminal than the known one answers, and gets the amount.
    AnotherTerminalIsAsked,
    /// A practice day asks for money.
    PracticeAsksForMoney,
    /// A live day asks for practice.
    MoneyAsksForPractice,

    // An answer is believed: cat/recovery.
    /// The answer may carry any number.
    AnyNumberFits,
    /// The answer may carry any amount.
    AnyAmountFits,
    /// The answer may be of a refund.
    AnyKindFits,
    /// The answer may be of practice.
    AnyModeFits,
    /// The answer may be of another day.
    AnyTimeFits,
    /// An answer that does not fit means that nothing was charged.
    ForeignAnswerIsDeclined,
    /// The terminal lost its centre: taken for a decline.
    LostCentreIsDeclined,
    /// A late answer without a number settles whatever is open.
    LateAnswerNeedsNoNumber,
    /// The check of a block is not looked at; at both ends of the simulated line.
    CheckIsIgnored,

    // A break is believed: cat/recovery, cat/session, cat/frame.
    /// The line was cut: not charged.
    CutIsNotCharged,
    /// No acknowledgement: not charged.
    NoAcknowledgementIsNotCharged,
    /// Every try was refused: not charged.
    RefusedIsNotCharged,
    /// No answer in time: not charged.
    NoAnswerIsNotCharged,
    /// A garbled answer: not charged.
    GarbledIsNotCharged,
    /// The session says that nothing left when the line is cut behind a delivered amount.
    CutWaitIsNothing,
    /// The line forgets that bytes of the amount were out.
    ExposureIsForgotten,

    // A question is answered: cat/recovery, app/unknown.
    /// A last result without a number is believed where only its amount fits.
    TwinIsBelieved,
    /// "Still running" counts as "not found".
    RunningIsNotFound,
    /// Another transaction found counts as "not found".
    AnotherFoundIsNotFound,
    /// "Not found" is a proof from a terminal that keeps its last transaction only.
    LastOnlyProves,
    /// "Not found" is a proof from a terminal that never promised it.
    NotFoundAlwaysProves,
    /// "Not found" is a proof from a terminal that has lost its memory.
    AnyMemoryProves,
    /// "Not found" of another terminal than the one that was asked for the money counts.
    AnyTerminalProves,
    /// "Not found" need not be said again.
    NotFoundOnceProves,
    /// The terminal was asked often enough: not charged.
    GivingUpIsNotCharged,
    /// The terminal is asked for ever, and a person never.
    AsksForEver,
    /// Any amount proves that nothing was charged.
    AnyAmountIsProof,
    /// Two digits prove that it was.
    ShortSlipIsProof,

    // Written before shown, written before acknowledged: cat/session, app/charge.
    /// The session acknowledges a result as soon as it has it.
    ResultIsNotHeld,
    /// The console acknowledges before the books have the outcome.
    AcknowledgeBeforeWritten,
    /// The outcome is shown before the books have it.
    ShownBeforeWritten,
    /// The outcome is shown although the books refused it.
    RefusedWriteIsShown,
    /// The books refused an outcome, and the console goes on to the next customer.
    RefusedWriteIsForgotten,
    /// What the books refuse is not said.
    RefusalIsNotSaid,

    // What stands on the screen and on the list: app.
    /// F9 lets go of a sale whose amount is out.
    BackOutAfterSent,
    /// A broken exchange stands on the screen as not charged.
    UnknownShownAsNotCharged,
    /// A broken exchange does not get onto the list.
    UnknownIsNotListed,
    /// A sale that was set aside stands on the screen as not charged.
    ParkedShownAsNotCharged,
    /// A sale that was set aside leaves the list.
    ParkedLeavesTheList,
    /// A bill whose card payment is open is paid in cash.
    OpenOrderTakesCash,
    /// Neither the session nor the watchdog over it ends a wait.
    WaitsForEver,
    /// The session leaves the end of a wait to the watchdog, which keeps to the clock that can be turned.
    WaitsByTheWallClock,
    /// A sale is shown under the day it was settled.
    DayOfSettlement,

    // After a crash: app/startup, edge/store.
    /// Open sales are not read at the start.
    StartForgetsOpen,
    /// Sales that were set aside are not read at the start.
    StartForgetsParked,
    /// What was sent when the console died counts as not sent.
    SentAtStartIsNotSent,
    /// What was sent when the console died counts as paid.
    SentAtStartIsPaid,
    /// Open sales are read of the first terminal alone.
    SecondTerminalIsNotRead,
    /// Each start shows and writes the last outcome once more.
    ShownAgainAndAgain,

    // What goes back: domain/undo, app/undo, app/charge, edge/store.
    /// What went back of a sale before is not counted.
    UndoTwice,
    /// More than is left may go back.
    UndoAbovePaid,
    /// 取消 of an older business day.
    VoidOnAnotherDay,
    /// 取消 after the terminal's 日計.
    VoidAfterDailyLog,
    /// Credit may go back in cash, where somebody allows it.
    CreditInCash,
    /// Other money goes back without a second person.
    OtherMoneyAlone,
    /// The second person may be the first.
    OnePersonIsTwo,
    /// The terminal is told to take back the slip before.
    UndoNamesTheSlipBefore,
    /// What goes back over the link is booked before the terminal has answered.
    UndoBookedBeforeAnswer,
    /// What is taken back in practice is written as live.
    PracticeUndoIsLive,

    // Bills in parts and corrected bills: app/part_paid, edge/store.
    /// The parts of a bill are not added up.
    PartsAreNotSummed,
    /// A part whose slip is out before the terminal's is asked for again.
    BookedPartIsAskedAgain,
    /// A corrected bill that is missing is no task.
    CorrectionIsForgotten,

    // Work by hand: app/wizard, app/link_pane, domain/by_hand.
    /// A terminal counts as back on the link without an answer.
    NoAnswerIsTheWayBack,
    /// An answer to a question from before proves the way back.
    OldAnswerIsTheWayBack,
    /// An answer to a question that was given up is taken for the next one's.
    OldStateIsTheNewest,
    /// A terminal that refuses a payment because it is off the link counts as back on it.
    RefusalIsTheWayBack,
    /// The slip of the terminal may be of any amount.
    AnyAmountOnTheSlip,
    /// The number off the slip may be another slip's.
    AnyNumberOffTheSlip,
    /// Work by hand ends with the slip, wherever the terminal stands.
    WorkEndsWithTheSlip,
    /// Open tasks are not read at the start.
    StartForgetsTasks,
    /// Each step is written as done by the one who opened the console.
    WhoeverOpenedDidIt,
    /// A bill that was settled by hand stands at the counter as unpaid.
    PaidBillStands,
    /// A sale whose slip is out before the terminal's is none of the day.
    BookedIsNotCounted,

    // The books: edge/store.
    /// The numbers of each run begin at one: in memory, not in the books.
    EachRunBeginsAtOne,
    /// A new attempt takes the number of the last one.
    SameNumberAgain,
    /// Practice books give numbers of the live range.
    PracticeTakesLiveNumbers,
    /// The entry of a sale and its rows are two commits.
    SaleInTwoCommits,
    /// The entry of an outcome and its row are two commits.
    OutcomeInTwoCommits,
    /// An outcome gets no row.
    OutcomeHasNoRow,
    /// A tender gets no row.
    TenderHasNoRow,
    /// The hash of an entry does not cover what it says.
    HashLeavesOutTheBody,
    /// The hash of an entry does not cover the one before.
    HashLeavesOutTheOneBefore,
    /// Moments are kept in seconds.
    MomentsInSeconds,
    /// The day counts attempts, paid or not.
    AttemptsAreCounted,
    /// The figures of the day stay yesterday's.
    DayDoesNotTurn,
    /// An outcome that is there already is refused, though it is the same.
    WrittenIsRefused,
    /// A sale that was told as failed and is there all the same is opened once more when it is asked for again.
    OpenedTwice,
}

#[cfg(feature = "teeth")]
thread_local! {
    static BITING: Cell<Option<Tooth>> = const { Cell::new(None) };
}

/// True where this bug is switched on, in this thread.
#[cfg(feature = "teeth")]
pub fn bites(tooth: Tooth) -> bool {
    BITING.get() == Some(tooth)
}

/// Never: this program was built without them.
#[cfg(not(feature = "teeth"))]
pub const fn bites(_tooth: Tooth) -> bool {
    false
}

/// Do something with one bug switched on, in this thread.
#[cfg(feature = "teeth")]
pub fn with<T>(tooth: Tooth, act: impl FnOnce() -> T) -> T {
    struct Off;
    impl Drop for Off {
        fn drop(&mut self) {
            BITING.set(None);
        }
    }
    let _off = Off;
    BITING.set(Some(tooth));
    act()
}
