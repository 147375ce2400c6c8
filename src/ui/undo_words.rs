//! The screens of a payment, said of a 取消 or 返品: there the question is not whether the patient was charged but whether the money went
//! back. One table, so that no screen speaks of charging where nothing is charged.

use crate::domain::sale::SaleKind;
use crate::locale::Text;

/// The text of a payment's screen as it is said of this kind of slip.
pub(crate) const fn of(kind: SaleKind, text: Text) -> Text {
    match kind {
        SaleKind::Sale => text,
        SaleKind::Void | SaleKind::Refund => undone(text),
    }
}

const fn undone(text: Text) -> Text {
    match text {
        Text::TitleCharging => Text::TitleUndoing,
        Text::TitleDone => Text::TitleUndone,
        Text::TitleNotCharged => Text::TitleNotUndone,
        Text::ChargedYes => Text::RefundedYes,
        Text::ChargedNo => Text::RefundedNo,
        Text::ChargedUnknown => Text::RefundedUnknown,
        Text::ChargedCash => Text::RefundedCash,
        Text::ChargedPractice => Text::RefundedPractice,
        Text::ChargedUnknownPractice => Text::RefundedUnknownPractice,
        Text::DoneApproved => Text::UndoneApproved,
        Text::DoneCash => Text::UndoneCash,
        Text::DoneRecovered => Text::UndoneRecovered,
        Text::DoneByOperator => Text::UndoneByOperator,
        Text::DoneHandOver => Text::UndoneHandOver,
        Text::DoneHandOverCash => Text::UndoneHandOverCash,
        Text::DoWriting => Text::UndoDoWriting,
        Text::SentNo => Text::UndoSentNo,
        Text::NotReachableDo | Text::NotReachableTakenDo => Text::UndoNotReachableDo,
        Text::NotDeclined => Text::UndoDeclined,
        Text::NotDeclinedWhy => Text::UndoDeclinedWhy,
        Text::NotDeclinedDo => Text::UndoDeclinedDo,
        Text::NotStoppedDo => Text::UndoStoppedDo,
        Text::NotBalance => Text::UndoBalance,
        Text::NotBalanceWhy => Text::UndoBalanceWhy,
        Text::NotBalanceDo => Text::UndoDeclinedDo,
        Text::NotDailyLogDo => Text::UndoDailyLogDo,
        Text::NotCommand => Text::UndoCommand,
        Text::NotCommandWhy => Text::UndoCommandWhy,
        Text::NotCommandDo => Text::UndoCommandDo,
        Text::NotBackedOutDo | Text::NotAtTerminalDo | Text::NotSeenByOperatorDo => {
            Text::UndoAgainDo
        }
        Text::NotAtTerminal => Text::UndoAtTerminal,
        Text::NotSeenByOperator => Text::UndoSeenByOperator,
        Text::UnknownNeverAgain => Text::UndoNeverAgain,
        Text::UnknownSlip => Text::UndoUnknownSlip,
        Text::UnknownNoneThen => Text::UndoUnknownNoneThen,
        Text::ProofSlip => Text::UndoProofSlip,
        Text::ProofAmount => Text::UndoProofAmount,
        Text::WhyForeignAnswer => Text::UndoWhyForeignAnswer,
        text => text,
    }
}
