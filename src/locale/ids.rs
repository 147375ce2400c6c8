//! The list of text ids. A name here and a name in `assets/locale.toml` are the same word, in two spellings.

macro_rules! texts {
    ($($name:ident)*) => {
        /// One text of the screen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each text is documented by itself, in assets/locale.toml")]
        pub enum Text {
            $($name,)*
        }

        impl Text {
            /// Every text.
            pub const ALL: &'static [Text] = &[$(Text::$name,)*];
        }
    };
}

texts! {
    NoLineYet NothingToGoBackTo TooManyLines TotalTooLarge BadQuantity NameTooLong LooksLikeCardNumber AmountEmpty
    AmountNotANumber AmountZero AmountNegative AmountTooLarge EnterTender PressPay CashShort MuchChange CardTakenBack CardNotLinked
    CardHasNoPort ModelNeedsLayout ClassNotTaken AmountAboveLink NoTrainingMode NothingBooked CardsMadeOnly MadeMayBeUnknown TerminalHasUnresolved
    LinkSwitchedOff NoCardCompany NoSuchCard Writing BackedOutNote StopAtTerminal TooSoon OneOperator OperatorCodeEmpty
    OperatorNameEmpty NoSuchOperator SecondIsSame OperatorChanged DailyLogWritten StillAsking TerminalCannotBeAsked
    AnswerWithDigits AmountDiffers SlipNumberEmpty SlipNumberIsTheAmount SlipNumberTooShort SlipNumberMalformed ParkedNote
    ResolvedElsewhere
    ForeignAnswer NothingUnresolved BillFirst LastPage FirstPage NothingFound NothingToReissue ReissuedNote ViewerOnly
    KeyMeansNothing KeyUnknown KeyNumberWrong KeySaved KeyNotSaved MarkCatPort MarkFoundPort CatPortNotSet MoneyUnderWay
    ExaminingNote LoopNotAtTerminal PortHasOwner TraceExported Exporting ExportedFile ExportedReplaced ExportDiskFull
    ExportNotWritten DayNotRead DaysSwapped TraceNotExported NoKeyToAssign PasteRefused ScanRefused TerminalNotUtf8 OpeningBooks
    SimulatedTerminal DiskFull BooksReadOnly BooksLocked DiskError BooksRefused KeyIssue KeyPay KeyEnterCard KeyPickCard KeyBack
    KeyNextCustomer KeyRetry KeyOtherCard KeyPayCash KeyExactCash KeyToggleTax KeyRemoveLine KeySlipExists KeyNotOnTerminal
    KeyPark KeyAskTerminal KeyHistory KeyCardReport KeyCardTotals KeyShowFiltered KeyExportCsv KeyExportUtf8 KeyExportCp932
    KeyFind KeyReissue KeyUnresolved KeyCheckLink KeyChangeOperator KeyDailyLog KeyDailyLogDone KeyWorkByHand KeyMadeStandalone
    KeyBeginByHand KeyStepDone KeyRecordSlip KeySlipIsRight KeyNothingDone KeyNothingWasDone KeyLetGo KeyPause KeyMenu
    KeyKeyCheck KeyLinkSetup KeyTestLink KeyLoopCheck KeyLoopStart KeyWireTrace KeyExportTrace KeyPortLine KeyFindPorts KeyHelp
    KeyLeave KeyChoose KeyUp KeyDown KeyPageUp KeyPageDown KeyClose KeyRedraw HelpIssue HelpPay HelpEnterCard HelpPickCard
    HelpBack HelpNextCustomer HelpRetry HelpOtherCard HelpPayCash HelpExactCash HelpToggleTax HelpRemoveLine HelpSlipExists
    HelpNotOnTerminal HelpPark HelpAskTerminal HelpHistory HelpCardReport HelpCardTotals HelpShowFiltered HelpExportCsv
    HelpExportUtf8 HelpExportCp932 HelpFind HelpReissue HelpUnresolved HelpCheckLink HelpChangeOperator HelpDailyLog
    HelpDailyLogDone HelpWorkByHand HelpMadeStandalone HelpBeginByHand HelpStepDone HelpRecordSlip HelpSlipIsRight
    HelpNothingDone HelpNothingWasDone HelpLetGo HelpPause HelpMenu HelpKeyCheck HelpLinkSetup HelpTestLink HelpLoopCheck
    HelpLoopStart HelpWireTrace HelpExportTrace HelpPortLine HelpFindPorts HelpHelp HelpLeave HelpChoose HelpUp HelpDown
    HelpPageUp HelpPageDown HelpClose HelpRedraw TitleOpening TitleRegister TitleCheckout TitleCardSelect TitleCharging
    TitleByHand TitleDone TitleNotCharged TitleUnknown TitleCardReport TitleCardTotals TitleCardFilter TitleCardExport
    TitleHistory TitleReceipt TitleUnresolved TitleKeyCheck TitleLinkSetup TitleLinkTrace TitleLinkLoop TitleMenu TitleHelp
    TitleLeave TitleOperator TitleDailyLog PracticeBanner PracticeShort ViewerBanner HeaderTerminal HeaderOperator HeaderToday
    HeaderOpen Weekdays TooSmall Yen YenAmount MoreLines ColumnItem ColumnQuantity ColumnUnit ColumnAmount TaxTaxable
    TaxNonTaxable TaxReduced TaxMarkTaxable TaxMarkNonTaxable TaxMarkReduced PaperMarkReduced HandKeyed Total TaxableInside
    ReducedInside InputNew InputEdit HintWhat HintPractice HintLive HintLiveByHand HintAmount HintNamed HintNamedExample HintTimes HintCheckout
    HintCard HintHelp HintLeave AmountDue CashReceived NonCash NoCardChosen Remaining Change SayWhich SayCard SayTouch SayCode
    SayShort SayChange SayExact ColumnCode ColumnCard ColumnClass ColumnSalesLink SalesLinkOn SalesLinkOff SalesLinkBlocked
    SalesLinkByHand FindCard StepWrite StepCall StepSend StepTerminal StepBook PhaseWaitingForCard PhaseChoosingCard PhasePin
    PhasePaymentCount PhaseCentre PhasePrinting ProgressWords ProgressUntold ByHandPick ByHandSteps ByHandNeeds ByHandCopy
    ByHandNothing ByHandPractice ItemSlipNumber ItemApprovalCode ItemTime ItemAmount ItemSequenceNumber ItemTerminalId DoWriting
    DoCalling DoSending DoCard DoDebit DoTouch DoCode DoChoose DoPin DoPaymentCount DoCentre DoPrinting DoBooking BookingFailed
    HeardAgo SentNo SentMarking SentYes SentDelivered OurSlip SequenceNumber TerminalSlip ApprovalCode CardNumber ChargedYes
    ChargedNo ChargedUnknown ChargedCash ChargedPractice ChargedUnknownPractice DoneApproved DoneCash DoneRecovered
    DoneByOperator DoneHandOver DoneHandOverCash DoneAmount LabelWhy LabelRemedy LabelCall CallSupport ChooseNext ChooseRetry
    ChooseOtherCard ChooseCash BalanceLeft CenterResultCode NotReachable NotReachableWhy NotReachableDo NotReachableUnopenedWhy
    NotReachableTakenWhy NotReachableTakenDo NotReachableHeldWhy NotReachableHeldDo NotBusy NotBusyWhy NotBusyDo NotStandalone
    NotStandaloneWhy NotStandaloneDo NotDeclined NotDeclinedWhy NotDeclinedDo NotStopped NotStoppedWhy NotStoppedDo NotBalance
    NotBalanceWhy NotBalanceDo NotDailyLog NotDailyLogWhy NotDailyLogDo NotCommand NotCommandWhy NotCommandDo NotSent NotSentWhy
    NotSentDo NotBackedOut NotBackedOutWhy NotBackedOutDo NotAtTerminal NotAtTerminalWhy NotAtTerminalDo NotSeenByOperator
    NotSeenByOperatorWhy NotSeenByOperatorDo NotGivenUp NotGivenUpWhy NotGivenUpDo AnotherTerminal SameTerminal NumberOfNeither
    TypedByScanner TerminalConfirmed KeyOtherTerminal KeyNameTerminal HelpOtherTerminal HelpNameTerminal TitleLinkAnother
    NotAnother NotAnotherWhy NotAnotherDo NotOwed NotOwedWhy OwedLeft NotOwedDo HintAnotherTerminal AnotherWhat AnotherKnown
    AnotherAnswers AnotherWhy AnotherBack AnotherYes AnotherNo AnotherType PaneAnother PaneAnotherDo BreakOwed SetupAnother
    UnknownWhat UnknownParked UnknownNeverAgain UnknownPausing UnknownAsking UnknownAskingList UnknownGaveUp UnknownCannotAsk
    UnknownLook HintTransaction HintApproved HintNotApproved HintNoTime HintNoAmount HintNotFound HintNotListed HintTakenBack
    HintListed HintListContradicted UnknownSlip UnknownSlipThen UnknownNone UnknownNoneThen UnknownPark UnknownParkThen
    ProofSlip ProofAmount WhyLineCut WhyNoAcknowledgement WhyRefused WhyNoAnswer WhyForeignAnswer WhyGarbled WhyTerminalReset
    WhyCentreLost WhyConsoleStopped FindLabel FindHint PageMark PageMore Reading PeriodToday PeriodYesterday PeriodThisMonth
    PeriodLastMonth PeriodDays PeriodAll ReportDays ReportFirst ReportLast ReportAny ReportLinked ReportSettled ReportOperator ReportOpen
    ReportOpenCount ReportOpenRows ReportNone ReportNotRead ReportSum ReportUsed ReportUsedUnsaid ReportSigns FilterHow FilterOperator
    FilterPeriod FilterFrom FilterTo ExportWhat ExportUtf8For ExportCp932For ExportNo ColumnCount ColumnOperator ColumnSlip
    ColumnWhen ColumnKind ColumnLink ColumnState ColumnTerminal KindSale KindVoid KindRefund LinkManual StateSettled
    StateDeclined StateCancelled StateUnknown StateParked StateByHand StateBooked StatePending ReissueCount UnresolvedWhat
    ReceiptTitle ReceiptPractice ReceiptReissued ReceiptNotSettled KeyVoid KeyRefund KeyTakeAll KeyTakeLines KeyTakeAmount
    KeyNextBrand KeyNextTender KeySecondPerson KeyCorrect KeyTakeBack KeyUndoByHand KeyBackToUndo KeySetAside KeyTakeBackParts
    HelpVoid HelpRefund HelpTakeAll HelpTakeLines HelpTakeAmount HelpNextBrand HelpNextTender HelpSecondPerson HelpCorrect
    HelpTakeBack HelpUndoByHand HelpBackToUndo HelpSetAside HelpTakeBackParts TitleUndo TitleNotUndone TitleHalfDone
    TitleCorrect TitleUndone TitleUndoing AboveTheRest ShareHint PartPaidNote PartSetAside PartFromTheList NoPartYet PaidBefore
    CashAndCard SayCashAndCard SayShare DonePartsTitle DonePart HalfDoneParts HalfDoneCorrection HalfDoneBooked HalfDoneLater
    HalfDoneTakeBack HalfDoneStay NotASaleToUndo NotPaidToUndo AmountNeedsLines OneTenderOnly BrandIsKnown NoSecondNeeded
    SecondMayAllow CannotTakeBack TypeTheAmount PressTakeBack ChooseLines UndoFromTheSale CorrectWholeOnly CorrectLinesHint
    CorrectIsSame CorrectFirst DifferenceBack DifferenceMore DifferenceNone UndoOriginal UndoPaidWith UndoWhat UndoWhy
    UndoClocks UndoRule UndoWay UndoTaken UndoLeft UndoAmountField UndoProofField UndoSecond UndoNoneChosen UndoNotPossible UndoToConfirm
    UndoSource UndoNothingYet UndoCorrected UndoCash WayLink WayElsewhere WayNotLast WayNumberAgain WayOfItsSlip WayByHand
    WayCash WaySlipOnly BecauseSameDay BecausePart BecauseAfterDailyLog BecauseLaterDay BecauseNoVoid BecauseCashInstead ClocksSame ClockClosed ClockOpen
    ClockNotKnown ClocksDisagree DeniedOtherMode DeniedNotASale DeniedNotPaid DeniedNothingLeft DeniedMoreThanLeft
    DeniedNoAmount DeniedNoSuchLine DeniedLineGone DeniedBrandUnknown DeniedNever DeniedTooLate DeniedAfterDailyLog
    DeniedWholeOnly DeniedNotLast DeniedOtherTerminal TakenBackWhole TakenBackPart RefundedYes RefundedNo RefundedUnknown
    RefundedCash RefundedSlip RefundedPractice RefundedUnknownPractice CashNeedsSecond CashAfterCard SecondForUndo
    UndoneApproved UndoneCash UndoneSlipOnly UndoneRecovered UndoneByOperator UndoneHandOver UndoneHandOverCash UndoDoWriting
    UndoSentNo UndoNotReachableDo UndoDeclined UndoDeclinedWhy UndoDeclinedDo UndoStoppedDo UndoBalance UndoBalanceWhy
    UndoDailyLogDo UndoCommand UndoCommandWhy UndoCommandDo UndoAgainDo UndoAtTerminal UndoSeenByOperator ChooseUndoRetry
    ChooseUndoByHand ChooseUndoBack UndoNeverAgain UndoUnknownSlip UndoUnknownNoneThen UndoProofSlip UndoProofAmount
    UndoWhyForeignAnswer UndoNotGivenUpDo KeyCheckWhat KeyCheckAssign KeyCheckLeave KeyCheckBytes KeyCheckMeaning KeyCheckNumber
    KeyCheckCandidate KeyCheckNone SetupCats SetupPorts SetupFinding SetupNoPorts SetupNotSet SetupFree SetupExamining
    SetupHowToTest SetupHowToSet SetupConfigLine SetupUsbSerial SetupUsbNoSerial SetupStable SetupNoStable FoundAnswered
    FoundStatus TerminalIdUnsaid ModeTraining ModeNormal ModeUnsaid FoundBusyDo FoundStandaloneDo FoundAcknowledged
    FoundAcknowledgedDo FoundNotUnderstood FoundNotUnderstoodDo FoundWrongSpeed FoundWrongSpeedDo FoundWrongDevice
    FoundWrongDeviceDo DeviceModem DeviceScanner DeviceOther FoundNoise FoundNoiseDo FoundLooped FoundLoopedDo FoundSilent
    FoundSilentDo FoundNotOpened FoundLost FoundLostDo FoundGaveWay LoopPort LoopWhat LoopBridge LoopCare LoopYes LoopNo
    LoopRunning LoopWhole LoopNothing LoopDiffers LoopNotOpened TraceEmpty KeyNoMeaning LeaveLines LeaveBooked LeaveAtRisk
    LeaveAnswer LeaveStay OperatorAsk OperatorChange OperatorSecond OperatorCode OperatorName DailyLogWhat DailyLogSteps
    DailyLogAnswer DailyLogNotYet HelpEscape HelpEnter HelpEverywhere PaneTitle PaneLinked PaneAtWork PaneAsking PaneDown
    PaneStandalone PaneStandaloneDo PaneUnused PaneNoLayout PaneUnchecked PaneProbing PaneBusy PaneStateIdle AnswerAt AnswerAgo
    AnswerNone NumberRunning BreakUnreachable BreakPortTaken BreakStillHeld BreakDisconnected BreakNoAcknowledgement
    BreakRefused BreakNoAnswer BreakGarbled BreakPeerGaveUp BreakNotACat TitleWizard TitleWizardConfirm TitleWizardLeaveLink
    TitleWizardOperate TitleWizardEnterSlip TitleWizardBackToLink TitleWizardDone TitleWizardDoubt TitleWizardGiveUp
    TitleWizardPeople StageConfirm StageLeaveLink StageSale StageVoid StageRefund StageLookUp StageEnterSlip StageBackToLink
    StageDone WizardSaleWhat WizardVoidWhat WizardRefundWhat WizardMadeWhat WizardOutcomeWhat WizardWhyNotCarried
    WizardWhyLinkFailed WizardWhyMadeStandalone WizardWhyOutcome WizardNothingYet WizardWillPause WizardNotBegun WizardReading
    WizardOriginalMissing WizardOriginalSlip WizardAmount WizardNoNumber WizardPractice WizardOffLinkHead WizardOffLinkThen
    WizardOffAgain WizardStillAnswers WizardSaleHead WizardVoidHead WizardRefundHead WizardLookUpHead WizardOperatedThen
    NothingToPrint NoPrinter PrintWaits PrintReplaced PrintsLeft PrintFailed TypeWaitingNumber PrintUnderWay PrintThrownAway
    NoHandWork SlipCodeMisread KeyPrintTask KeyPrinter KeyTestPrint KeyRetryPrint KeyThrowAway HelpPrintTask HelpPrinter
    HelpTestPrint HelpRetryPrint HelpThrowAway TitlePrinter HeaderPrints PrinterReady PrinterAtWork PrinterAddress PrinterAuto
    PrinterAutoOn PrinterAutoOff PrinterSafe PrinterUnreachable PrinterPaperOut PrinterCoverOpen PrinterOffLine PrinterSilent
    PrinterBroken PrinterNotFinished PrinterDisk PrinterWaiting PrinterNumber PaperSlip PaperCopy PaperTask PaperTest PaperHeld
    PaperHalf PaperNext PrintUnreachable PrintPaperOut PrintCoverOpen PrintOffLine PrintSilent PrintBroken PrintNotFinished
    PrintDisk PaperTaskOnly PaperBegun PaperOffLink PaperOperated PaperTerminalSlip PaperBooked PaperBackOnLink PaperPaused
    PaperStageLeave PaperStageOperate PaperStageSlip PaperStageBack PaperStageDone WizardLookedThen WizardSaySale WizardSayVoid
    WizardSayRefund WizardSayLookUp WizardSlipHead WizardSlipNumber WizardSlipAmount WizardSlipApproval WizardSlipTime
    WizardSlipOptional WizardSlipTimeLike WizardSlipThen WizardSlipThenLook WizardPressRecord WizardAmountDiffers WizardBadTime
    WizardDoubtUsed WizardDoubtOriginal WizardDoubtAmount WizardDoubtLook WizardDoubtTyped WizardDoubtYes WizardDoubtNo
    WizardGiveUpHead WizardGiveUpLookHead WizardGiveUpWhy WizardGiveUpYes WizardGiveUpLookYes WizardGiveUpNo WizardGiveUpAmount
    WizardLetGoHead WizardLetGoWhy WizardTakeBackHead WizardTakeBackWhy WizardFirst WizardReason WizardPeopleThen WizardSecond
    WizardReasonShort WizardBookedSale WizardBookedVoid WizardBookedRefund WizardBookedGivenUp WizardBookedNone
    WizardTerminalSlip WizardBackHead WizardBackThen WizardBackNoQuestion WizardBackStandalone WizardBackBusy WizardBackDown
    WizardBackAsking WizardBackUnknown WizardBackOpen WizardDoneAll WizardDoneLinked WizardDoneExplained WizardDoneBill
    WizardDoneHandOver WizardPaused WizardCardRefused TerminalOffLink TerminalInHand PaneOffLink PaneOffLinkDo ChooseByHand
    UnknownByHand UnknownByHandThen TaskPartPaid TaskCorrection KeyTellAgain KeyEnteredThere KeyReleaseLock HelpTellAgain
    HelpEnteredThere HelpReleaseLock TitleUnreflected UnreflectedWhat NothingUnreflected ColumnPatient ColumnInvoice
    ColumnMethod ColumnNextTry MethodCash ReflectNotConnected ReflectTelling ReflectDue ReflectRefused ReflectChanged ReflectUnfound ReflectNoInvoice
    ReflectUnfoundNone ReflectUnfoundSeveral ReflectUnfoundBack
    ReflectHeld ReflectUnsure ReflectBehind ReflectClosing ReflectByPerson OrcaNotConnected ReflectLineUnreachable
    ReflectLineLost ReflectLineDenied ReflectLineForeign ReflectUnsureWhy ReflectUnclearWhy ReflectChangedWhy ReflectCautionWhy
    ReflectRefusedWhy ReflectHeldWhy ReflectHeldSince ReflectBehindWhy ReflectDueWhy ReflectClosingWhy ReflectAskReason
    ReflectAskAmount ReflectAskPatient ReflectEnteredWhat ReflectReleaseWhat ReasonTooShort PatientDiffers NobodyHolds
    HeldTooShortly LockReleased LockNotReleased ReflectExplained TaskUnreflected HeaderUnreflected CodeMisread CodeOfOtherSite
    CodeUnknown CodeWithoutAmount GoodsUnknown BillPatientDiffers BillTakenAlready OneBillAtATime ScanTheBill ScanBillAgain
    ScanThePatient PressEnterForPatient PressTakeBill PatientNumberMalformed ScannerLost ScannerBack KeyTakeBill KeyBillAgain
    HelpTakeBill HelpBillAgain TitleScan TitleBilledToday ScanCode ScanKind ScanPatient ScanInvoice ScanOutpatient ScanInpatient
    ScanNoPatient ScanNoAmount ScanSay ScanReading ScanUnread BillAgainAllowed BilledTodayWhat BilledTodayBy BilledTodayOpen
    BilledTodayNo BilledTodayYes BilledTodayProof KeyWorklist KeyAskAgain KeyHideNames KeyOpenBill KeyPickInvoice KeyPickAll
    KeyTakeNewBill KeyPayUnchecked KeyPayAgain HelpWorklist HelpAskAgain HelpHideNames HelpOpenBill HelpPickInvoice HelpPickAll
    HelpTakeNewBill HelpPayUnchecked HelpPayAgain TitleWorklist TitleBill TitleBillChanged TitleBillUnchecked TitlePaidToday
    NamesHidden NamesShown ScannedWhose BillAskedAgain BillAsking BillNotTold BillIsNew BillNothingToPay BillPickFirst
    BillPartTooLarge BillInBasket BillLineStands BillRemoved BillTaken BillTakenOffTen BillRecalculate BillVoid BillIsPaid
    BillOverpaid BillGroup WorklistNobody WorklistHint WorklistTold WorklistEmpty WorklistDeaf WorklistScanned WorklistGoOn
    ColumnName ColumnAccepted ColumnDepartment ColumnPhysician ColumnPerformed ColumnRate ColumnCharged ColumnReceived
    ColumnUnpaid WorklistPaid OrcaUnset OrcaUnreachable OrcaLost OrcaDenied OrcaCertificate OrcaForeign OrcaUnreadable
    OrcaRefused BillPatient BillTold BillRecalculateWord BillVoidWord BillPaidWord BillOverpaidWord BillGroupWord BillTodayWord
    BillPartWord BillInpatient BillPicked BillBefore BillUnpaidAll BillPart BillTaking BillStays BillMismatch BillPaidToday
    BillOpenToday BillChangedWhat BillChangedOurs BillChangedTheirs BillChangedCaution BillChangedYes BillChangedNo
    BillUncheckedWhat BillUncheckedThen BillUncheckedYes BillUncheckedNo PaidTodayThen PaidTodayYes PaidTodayNo PaidTodayProof
    KeyTakeScanned HelpTakeScanned BillGoOnScanned DoneHandOverBilled PartUnfinished KeyReissueSlip KeyReissueReceipt
    HelpReissueSlip HelpReissueReceipt TitleReissue ReissueWhat ReissueSlipIs ReissueReceiptIs ReissueLeave ReissueAsking
    ReissueDone ReissueNotPrinted ReissueHeld ReissueUnsure ReissueNotTold ReissueNotConnected ReissueUnderWay UndoBill
    UndoBillInvoice UndoBillNothing UndoBillGoods UndoBillRule PaneOrcaUnknown PaneOrcaReached PaneOrcaLost PaneOrcaDenied
    UndoBillPaid UndoBillNotPaid PaneOrcaDeaf HeaderOrcaLost HeaderOrcaDenied OrcaRemark OrcaRefusedTold ReflectRefusedTold
    KeyItems KeyImportItems KeyStopImport KeyTakeItems KeyTakeWhole HelpItems HelpImportItems HelpStopImport HelpTakeItems
    HelpTakeWhole TitleItems TitleItemFiles TitleItemReading TitleItemReport TitleItemsOver ItemCode ItemJan ItemName ItemKana
    ItemPrice ItemTax ItemQuick ColumnTax ItemCount ItemFindHint ItemNone ItemsNotRead ItemsEmpty ItemsMore ItemsAtRegister
    ItemSearched ItemRungUp ItemNotRungUp QuickUnknown GoodsAfterBill ItemFilesWhere NoItemFile Kilobytes ItemReadingGoesOn
    ItemFileRead LinesGood LinesBad LinesMore LineAt LinesAt ColumnsIgnored EveryLineGood ItemsTakeThese ItemsTakeWhole
    ItemsTakeNone WholeNeedsEveryLine NoGoodLine ItemsBeingWritten ItemsImported ItemsAdded ItemsChanged ItemsSame ItemsRemoved
    ItemsNow BookedStays ItemsAsBefore ItemsNotWritten ItemFileUnreadable ItemFileNotText ItemFileEmpty ItemHeadingBroken
    ItemHeadingTwice ItemHeadingMissing ItemsTooMany ItemClash LineOpenQuote LineTextAfterQuote LineTooLong LineTooManyCells
    LineUnreadable LineEmpty LineCode LineJanRounded LineJanDigits LineJanCheck LineBreak LineLong LinePrice LinePriceZero
    LinePriceNegative LinePriceTooLarge LineTax LineQuick LineDouble BillGoOnUntold ReceiptTitleBilled
    SaidNoName SaidRefused SaidNoAnswer SaidNoRoute SaidNoNetwork SaidHungUp SaidMissing SaidNoRight SaidInUse SaidBroken
    SaidReadOnly SaidFull SaidNoTls DoneHandOverUntold DoneHandOverExact
    DailyLogOpen DailyLogUnresolved BillHint EscapeDigit HintBills
}

impl Text {
    /// Its name in the text file: `CashShort` is `cash_short`.
    pub fn name(self) -> String {
        let mut name = String::new();
        for c in format!("{self:?}").chars() {
            if c.is_ascii_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(c.to_ascii_lowercase());
        }
        name
    }
}
