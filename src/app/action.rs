//! What an operator can want: one list, from which keys, help and key bar are derived.

use crate::locale::Text;

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident => $label:ident, $help:ident;)*) => {
        /// One thing an operator can want. Which key says so depends on the screen: see [`super::keymap`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $($(#[$doc])* $name,)*
        }

        impl Action {
            /// Every action, in the order of the help page.
            pub const ALL: &'static [Action] = &[$(Action::$name,)*];

            /// The word of the key bar.
            pub const fn label(self) -> Text {
                match self { $(Action::$name => Text::$label,)* }
            }

            /// The sentence of the help page.
            pub const fn help(self) -> Text {
                match self { $(Action::$name => Text::$help,)* }
            }
        }
    };
}

actions! {
    /// 発行: from the lines to the checkout.
    Issue => KeyIssue, HelpIssue;
    /// 確定: take the payment that is entered.
    Pay => KeyPay, HelpPay;
    /// クレジット入力: pick a card.
    EnterCard => KeyEnterCard, HelpEnterCard;
    /// 確定 of the card picked.
    PickCard => KeyPickCard, HelpPickCard;
    /// 戻る.
    Back => KeyBack, HelpBack;
    /// 取り込む: the bill on the screen becomes a line.
    TakeScanned => KeyTakeScanned, HelpTakeScanned;
    /// 2 もう一度精算する: a bill that was paid today.
    BillAgain => KeyBillAgain, HelpBillAgain;
    /// 次の会計: the outcome has been read.
    NextCustomer => KeyNextCustomer, HelpNextCustomer;
    /// もう一度: a new attempt with the same card.
    Retry => KeyRetry, HelpRetry;
    /// 別のカード.
    OtherCard => KeyOtherCard, HelpOtherCard;
    /// 現金にする.
    PayCash => KeyPayCash, HelpPayCash;
    /// ちょうど: the cash handed over is exactly the amount.
    ExactCash => KeyExactCash, HelpExactCash;
    /// 税率: not taxable, taxable, reduced.
    ToggleTax => KeyToggleTax, HelpToggleTax;
    /// 行削除.
    RemoveLine => KeyRemoveLine, HelpRemoveLine;
    /// 1 売上票がある.
    SlipExists => KeySlipExists, HelpSlipExists;
    /// 2 端末の履歴に番号がない.
    NotOnTerminal => KeyNotOnTerminal, HelpNotOnTerminal;
    /// 3 分からない 保留.
    Park => KeyPark, HelpPark;
    /// 手動操作へ: do it at the terminal by hand.
    WorkByHand => KeyWorkByHand, HelpWorkByHand;
    /// 端末で済み: it was made at the terminal already.
    MadeStandalone => KeyMadeStandalone, HelpMadeStandalone;
    /// 手動操作を始める.
    BeginByHand => KeyBeginByHand, HelpBeginByHand;
    /// できた: this step at the terminal is done.
    StepDone => KeyStepDone, HelpStepDone;
    /// 記録: what the terminal's slip says goes into the books.
    RecordSlip => KeyRecordSlip, HelpRecordSlip;
    /// 1 その番号で合っている.
    SlipIsRight => KeySlipIsRight, HelpSlipIsRight;
    /// していない: nothing is there to be recorded.
    NothingDone => KeyNothingDone, HelpNothingDone;
    /// 1 端末では何もしていない.
    NothingWasDone => KeyNothingWasDone, HelpNothingWasDone;
    /// 証明なしで閉じる: two people say why.
    LetGo => KeyLetGo, HelpLetGo;
    /// 中断.
    Pause => KeyPause, HelpPause;
    /// 再照会: ask the terminal again.
    AskTerminal => KeyAskTerminal, HelpAskTerminal;
    /// 履歴.
    History => KeyHistory, HelpHistory;
    /// クレジット利用履歴.
    CardReport => KeyCardReport, HelpCardReport;
    /// 合計: what the movements add up to, and back to them.
    CardTotals => KeyCardTotals, HelpCardTotals;
    /// 表示: show what the filter finds.
    ShowFiltered => KeyShowFiltered, HelpShowFiltered;
    /// CSV書き出し.
    ExportCsv => KeyExportCsv, HelpExportCsv;
    /// 1 UTF-8.
    ExportUtf8 => KeyExportUtf8, HelpExportUtf8;
    /// 2 CP932.
    ExportCp932 => KeyExportCp932, HelpExportCp932;
    /// 品目: the catalogue.
    Items => KeyItems, HelpItems;
    /// 取込: a file of goods.
    ImportItems => KeyImportItems, HelpImportItems;
    /// 中止: stop reading it, or throw away what was read.
    StopImport => KeyStopImport, HelpStopImport;
    /// 1 取り込める行だけ取り込む.
    TakeItems => KeyTakeItems, HelpTakeItems;
    /// 2 全部入れ替える.
    TakeWhole => KeyTakeWhole, HelpTakeWhole;
    /// 検索.
    Find => KeyFind, HelpFind;
    /// 再発行.
    Reissue => KeyReissue, HelpReissue;
    /// 1 当窓口の控え: our own slip again.
    ReissueSlip => KeyReissueSlip, HelpReissueSlip;
    /// 2 領収証(日レセ): the receipt computer prints its own again.
    ReissueReceipt => KeyReissueReceipt, HelpReissueReceipt;
    /// 作業票: what is still to be done by hand, on paper.
    PrintTask => KeyPrintTask, HelpPrintTask;
    /// プリンター.
    Printer => KeyPrinter, HelpPrinter;
    /// 試し印刷.
    TestPrint => KeyTestPrint, HelpTestPrint;
    /// 再印刷: try again what waits.
    RetryPrint => KeyRetryPrint, HelpRetryPrint;
    /// 破棄: throw away one paper that waits.
    ThrowAway => KeyThrowAway, HelpThrowAway;
    /// 未解決の取引.
    Unresolved => KeyUnresolved, HelpUnresolved;
    /// 再送: tell the receipt computer again, now.
    TellAgain => KeyTellAgain, HelpTellAgain;
    /// 1 日レセへ手で入力した.
    EnteredThere => KeyEnteredThere, HelpEnteredThere;
    /// 2 排他を解除する: let a patient go that another terminal holds.
    ReleaseLock => KeyReleaseLock, HelpReleaseLock;
    /// 接続確認.
    CheckLink => KeyCheckLink, HelpCheckLink;
    /// 端末接続.
    LinkSetup => KeyLinkSetup, HelpLinkSetup;
    /// テスト: ask the terminal without money.
    TestLink => KeyTestLink, HelpTestLink;
    /// 折返し: do bytes come back through a bridged cable?
    LoopCheck => KeyLoopCheck, HelpLoopCheck;
    /// はい 始める.
    LoopStart => KeyLoopStart, HelpLoopStart;
    /// 端末の入替: another terminal answers; which one stands there?
    OtherTerminal => KeyOtherTerminal, HelpOtherTerminal;
    /// 端末の番号を入力する.
    NameTerminal => KeyNameTerminal, HelpNameTerminal;
    /// 通信記録.
    WireTrace => KeyWireTrace, HelpWireTrace;
    /// 書き出し.
    ExportTrace => KeyExportTrace, HelpExportTrace;
    /// 設定の書き方.
    PortLine => KeyPortLine, HelpPortLine;
    /// 再読込: look again.
    FindPorts => KeyFindPorts, HelpFindPorts;
    /// メニュー.
    Menu => KeyMenu, HelpMenu;
    /// 担当者交代.
    ChangeOperator => KeyChangeOperator, HelpChangeOperator;
    /// 日計を済ませた: the terminal's day is closed.
    DailyLog => KeyDailyLog, HelpDailyLog;
    /// はい 日計を済ませた.
    DailyLogDone => KeyDailyLogDone, HelpDailyLogDone;
    /// キー確認.
    KeyCheck => KeyKeyCheck, HelpKeyCheck;
    /// ヘルプ.
    Help => KeyHelp, HelpHelp;
    /// 終了.
    Leave => KeyLeave, HelpLeave;
    /// 取消: take a sale back.
    Void => KeyVoid, HelpVoid;
    /// 返品: take a part back, or an older sale.
    Refund => KeyRefund, HelpRefund;
    /// 全部.
    TakeAll => KeyTakeAll, HelpTakeAll;
    /// 明細で選ぶ.
    TakeLines => KeyTakeLines, HelpTakeLines;
    /// 金額で.
    TakeAmount => KeyTakeAmount, HelpTakeAmount;
    /// Which card it was, where the terminal did not say.
    NextBrand => KeyNextBrand, HelpNextBrand;
    /// The other tender of a sale that was paid with several.
    NextTender => KeyNextTender, HelpNextTender;
    /// A second person allows what the rule does not.
    SecondPerson => KeySecondPerson, HelpSecondPerson;
    /// 差額: take back and ring up the corrected bill.
    Correct => KeyCorrect, HelpCorrect;
    /// 実行 of what is to be taken back.
    TakeBack => KeyTakeBack, HelpTakeBack;
    /// 手動: what the link did not take back, by hand at the terminal.
    UndoByHand => KeyUndoByHand, HelpUndoByHand;
    /// Back to what is to be taken back.
    BackToUndo => KeyBackToUndo, HelpBackToUndo;
    /// 後で: set a half-paid bill or a correction aside as an open task.
    SetAside => KeySetAside, HelpSetAside;
    /// 支払済みを取り消す: take back the parts that are paid.
    TakeBackParts => KeyTakeBackParts, HelpTakeBackParts;
    /// 会計待ち: the patients whose bill is made.
    Worklist => KeyWorklist, HelpWorklist;
    /// 更新: ask the receipt computer again.
    AskAgain => KeyAskAgain, HelpAskAgain;
    /// 名前を隠す, and show them again.
    HideNames => KeyHideNames, HelpHideNames;
    /// 請求を開く.
    OpenBill => KeyOpenBill, HelpOpenBill;
    /// 選択: pay this invoice, or not.
    PickInvoice => KeyPickInvoice, HelpPickInvoice;
    /// 未収も全部: every invoice that can be paid, or none.
    PickAll => KeyPickAll, HelpPickAll;
    /// 会計へ: the bill goes into the basket.
    TakeBill => KeyTakeBill, HelpTakeBill;
    /// 1 新しい請求を見る.
    TakeNewBill => KeyTakeNewBill, HelpTakeNewBill;
    /// 1 確かめずに続ける.
    PayUnchecked => KeyPayUnchecked, HelpPayUnchecked;
    /// 1 もう一度いただく.
    PayAgain => KeyPayAgain, HelpPayAgain;
    /// Enter: the next field, or the row under the mark. Never commits money.
    Choose => KeyChoose, HelpChoose;
    /// One row up.
    Up => KeyUp, HelpUp;
    /// One row down.
    Down => KeyDown, HelpDown;
    /// 前頁.
    PageUp => KeyPageUp, HelpPageUp;
    /// 次頁.
    PageDown => KeyPageDown, HelpPageDown;
    /// Close a popup.
    Close => KeyClose, HelpClose;
    /// Draw the screen anew.
    Redraw => KeyRedraw, HelpRedraw;
}
