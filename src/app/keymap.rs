//! Which key says which action on which screen. The key bar and the help page are read from here, never retyped.

mod bills;
mod items;

use super::action::Action;
use super::key::Key;
use super::wizard::Page;

/// The screens, as far as keys go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// 売上入力.
    Register,
    /// 会計.
    Checkout,
    /// クレジット利用.
    CardSelect,
    /// 端末での手動操作.
    ByHand,
    /// CAT端末連動中.
    Charging,
    /// 承認, or a cash sale done.
    Done,
    /// 請求なし.
    NotCharged,
    /// 不明.
    Unknown,
    /// 請求の確認.
    Scan,
    /// 本日精算済み.
    BilledToday,
    /// 品目.
    Items,
    /// 取込: which file.
    ItemFiles,
    /// 取込: being read.
    ItemReading,
    /// 取込: what is in it.
    ItemReport,
    /// 取込: what came of it.
    ItemsOver,
    /// 履歴.
    History,
    /// クレジット利用履歴.
    CardReport,
    /// Its totals.
    CardTotals,
    /// What of it to show.
    CardFilter,
    /// It as a file.
    CardExport,
    /// 伝票.
    Receipt,
    /// 取消・返品.
    Undo,
    /// 返金なし.
    NotUndone,
    /// 未解決の取引.
    Unresolved,
    /// キー確認.
    KeyCheck,
    /// 端末接続.
    LinkSetup,
    /// 通信記録.
    LinkTrace,
    /// 折返し試験の確認.
    LinkLoop,
    /// 端末の確認.
    LinkAnother,
    /// プリンター.
    Printer,
    /// 未反映.
    Unreflected,
    /// 会計待ち.
    Worklist,
    /// 請求.
    Bill,
    /// 手動操作, page by page: a key that leads on is another key on the next page.
    Wizard(Page),
    /// メニュー.
    Menu,
    /// ヘルプ.
    Help,
    /// 終了の確認.
    Leave,
    /// 途中の会計を離れる確認.
    HalfDone,
    /// 担当者入力.
    Operator,
    /// 日計を済ませた.
    DailyLog,
    /// 請求の変更.
    BillChanged,
    /// 請求を確かめられない.
    BillUnchecked,
    /// 本日精算済み.
    PaidToday,
    /// 再発行するもの.
    Reissue,
}

/// A key and what it says.
pub type Binding = (Key, Action);

impl Place {
    /// Every place, in the order of the help page.
    pub const ALL: &'static [Place] = &[
        Place::Register,
        Place::Checkout,
        Place::CardSelect,
        Place::ByHand,
        Place::Charging,
        Place::Done,
        Place::NotCharged,
        Place::Unknown,
        Place::Scan,
        Place::BilledToday,
        Place::Items,
        Place::ItemFiles,
        Place::ItemReading,
        Place::ItemReport,
        Place::ItemsOver,
        Place::History,
        Place::CardReport,
        Place::CardTotals,
        Place::CardFilter,
        Place::CardExport,
        Place::Receipt,
        Place::Undo,
        Place::NotUndone,
        Place::Unresolved,
        Place::KeyCheck,
        Place::LinkSetup,
        Place::LinkTrace,
        Place::LinkLoop,
        Place::LinkAnother,
        Place::Printer,
        Place::Unreflected,
        Place::Worklist,
        Place::Bill,
        Place::Wizard(Page::Confirm),
        Place::Wizard(Page::LeaveLink),
        Place::Wizard(Page::Operate),
        Place::Wizard(Page::EnterSlip),
        Place::Wizard(Page::Doubt),
        Place::Wizard(Page::GiveUp),
        Place::Wizard(Page::People),
        Place::Wizard(Page::BackToLink),
        Place::Wizard(Page::Done),
        Place::Menu,
        Place::Help,
        Place::Leave,
        Place::HalfDone,
        Place::Operator,
        Place::DailyLog,
        Place::BillChanged,
        Place::BillUnchecked,
        Place::PaidToday,
        Place::Reissue,
    ];

    /// The keys of this place; those of the key bar first, in its order.
    pub const fn bindings(self) -> &'static [Binding] {
        match self {
            Place::Register => REGISTER,
            Place::Checkout => CHECKOUT,
            Place::CardSelect => CARD_SELECT,
            Place::ByHand => BY_HAND,
            Place::Charging => CHARGING,
            Place::Done => DONE,
            Place::NotCharged => NOT_CHARGED,
            Place::Unknown => UNKNOWN,
            Place::Scan => SCAN,
            Place::BilledToday => BILLED_TODAY,
            Place::Items => items::LIST,
            Place::ItemFiles => items::FILES,
            Place::ItemReading => items::READING,
            Place::ItemReport => items::REPORT,
            Place::ItemsOver => items::OVER,
            Place::History => HISTORY,
            Place::CardReport => CARD_REPORT,
            Place::CardTotals => CARD_TOTALS,
            Place::CardFilter => CARD_FILTER,
            Place::CardExport => CARD_EXPORT,
            Place::Receipt => RECEIPT,
            Place::Undo => UNDO,
            Place::NotUndone => NOT_UNDONE,
            Place::Unresolved => UNRESOLVED,
            Place::KeyCheck => KEY_CHECK,
            Place::LinkSetup => LINK_SETUP,
            Place::LinkTrace => LINK_TRACE,
            Place::LinkLoop => LINK_LOOP,
            Place::LinkAnother => LINK_ANOTHER,
            Place::Printer => PRINTER,
            Place::Unreflected => UNREFLECTED,
            Place::Worklist => bills::WORKLIST,
            Place::Bill => bills::BILL,
            Place::BillChanged => bills::CHANGED,
            Place::BillUnchecked => bills::UNCHECKED,
            Place::PaidToday => bills::PAID_TODAY,
            Place::Reissue => bills::REISSUE,
            Place::Wizard(page) => match page {
                Page::Confirm => WIZARD_CONFIRM,
                Page::LeaveLink | Page::Operate => WIZARD_STEP,
                Page::EnterSlip => WIZARD_SLIP,
                Page::Doubt => WIZARD_DOUBT,
                Page::GiveUp => WIZARD_GIVE_UP,
                Page::People => WIZARD_PEOPLE,
                Page::BackToLink => WIZARD_BACK,
                Page::Done => WIZARD_DONE,
            },
            Place::Menu => MENU,
            Place::Help => HELP,
            Place::Leave => LEAVE,
            Place::HalfDone => HALF_DONE,
            Place::Operator => OPERATOR,
            Place::DailyLog => DAILY_LOG,
        }
    }

    /// The action of a key here. `?`, Ctrl-C and Ctrl-L hold everywhere.
    pub fn action(self, key: Key) -> Option<Action> {
        match key {
            Key::Ctrl('c') => return Some(Action::Leave),
            Key::Ctrl('l') => return Some(Action::Redraw),
            _ => {}
        }
        if let Some((_, action)) = self.bindings().iter().find(|(bound, _)| *bound == key) {
            return Some(*action);
        }
        (key == Key::Char('?')).then_some(Action::Help)
    }
}

const REGISTER: &[Binding] = &[
    (Key::F(2), Action::Items),
    (Key::F(3), Action::History),
    (Key::F(4), Action::Menu),
    (Key::F(5), Action::Worklist),
    (Key::F(7), Action::ToggleTax),
    (Key::F(8), Action::RemoveLine),
    (Key::F(9), Action::Back),
    (Key::F(12), Action::Issue),
    (Key::Enter, Action::Choose),
    (Key::Up, Action::Up),
    (Key::Down, Action::Down),
];

const CHECKOUT: &[Binding] = &[
    (Key::F(4), Action::Menu),
    (Key::F(5), Action::CheckLink),
    (Key::F(6), Action::EnterCard),
    (Key::F(7), Action::ExactCash),
    (Key::F(9), Action::Back),
    (Key::F(12), Action::Pay),
    (Key::Enter, Action::Choose),
];

const CARD_SELECT: &[Binding] = &[
    (Key::F(5), Action::CheckLink),
    (Key::F(7), Action::MadeStandalone),
    (Key::F(9), Action::Back),
    (Key::F(12), Action::PickCard),
    (Key::Up, Action::Up),
    (Key::Down, Action::Down),
    (Key::PageUp, Action::PageUp),
    (Key::PageDown, Action::PageDown),
    (Key::Enter, Action::PickCard),
    (Key::Esc, Action::Back),
];

const BY_HAND: &[Binding] = &[
    (Key::F(9), Action::Back),
    (Key::F(12), Action::WorkByHand),
    (Key::PageUp, Action::PageUp),
    (Key::PageDown, Action::PageDown),
    (Key::Esc, Action::Back),
];

const CHARGING: &[Binding] = &[(Key::F(9), Action::Back)];

const DONE: &[Binding] = &[
    (Key::F(3), Action::History),
    (Key::F(4), Action::Menu),
    (Key::F(7), Action::Reissue),
    (Key::F(12), Action::NextCustomer),
    (Key::Enter, Action::NextCustomer),
    (Key::PageUp, Action::PageUp),
    (Key::PageDown, Action::PageDown),
];

const NOT_CHARGED: &[Binding] = &[
    (Key::F(5), Action::Retry),
    (Key::F(6), Action::OtherCard),
    (Key::F(9), Action::PayCash),
    (Key::Char('1'), Action::Retry),
    (Key::Char('2'), Action::OtherCard),
    (Key::Char('3'), Action::PayCash),
    (Key::Char('4'), Action::WorkByHand),
];

const UNKNOWN: &[Binding] = &[
    (Key::F(5), Action::AskTerminal),
    (Key::F(9), Action::Back),
    (Key::Char('1'), Action::SlipExists),
    (Key::Char('2'), Action::NotOnTerminal),
    (Key::Char('3'), Action::Park),
    (Key::Char('4'), Action::WorkByHand),
    (Key::Enter, Action::Choose),
    (Key::Esc, Action::Back),
];

const SCAN: &[Binding] = &[
    (Key::F(8), Action::HideNames),
    (Key::F(9), Action::Back),
    (Key::F(12), Action::TakeScanned),
    (Key::Enter, Action::Choose),
    (Key::Esc, Action::Back),
];

const BILLED_TODAY: &[Binding] = &[
    (Key::F(9), Action::Back),
    (Key::Char('2'), Action::BillAgain),
    (Key::Enter, Action::Choose),
    (Key::Esc, Action::Back),
];

const HISTORY: &[Binding] = &[
    (Key::F(4), Action::Menu),
    (Key::F(5), Action::Find),
    (Key::F(6), Action::CardReport),
    (Key::F(9), Action::Back),
    (Key::F(12), Action::Choose),
    (Key::Enter, Action::Choose),
    (Key::Up, Action::Up),
    (Key::Down, Action::Down),
    (Key::PageUp, Action::PageUp),
    (Key::PageDown, Action::PageDown),
    (Key::Esc, Action::Back),
];

const CARD_REPORT: &[Binding] = &[
    (Key::F(2), Action::ExportCsv),
    (Key::F(3), Action::History),
    (Key::F(4), Action::Menu),
    (Key::F(5), Action::Find),
    (Key::F(6), Action::CardTotals),
    (Key::F(9), Action::Back),
    (Key::F(12), Action::Choose),
    (Key::Enter, Action::Choose),
    (Key::Up, Action::Up),
    (Key::Down, Action::Down),
    (Key::PageUp, Action::PageUp),
    (Key::PageDown, Action::PageDown),
    (Key::Esc, Action::Back),
];

const CARD_TOTALS: &[Binding] = &[
    (Key::F(2), Action::ExportCsv),
    (Key::F(5), Action::Find),
    (Key::F(6), Action::CardTotals),
    (Key::F(9), Action::Back),
    (Key::PageUp, Action::PageUp),
    (Key::PageDown, Action::PageDown),
    (Key::Esc, Action::Back),
];

const CARD_FILTER: &[Binding] = &[
    (Key::F(9), Action::Back),
    (Key::F(12), Action::ShowFiltered),
    (Key::Enter, Action::Choose),
    (Key::Up, Action::Up),
    (Key::Down, Action::Down),
    (Key::Esc, Action::Back),
];

const CARD_EXPORT: &[Binding] = &[
    (Key::Char('1'), Action::ExportUtf8),
    (Key::Char('2'), Action::ExportCp932),
    (Key::F(9), Action::Back),
    (Key::Esc, Action::Back),
];

const RECEIPT: &[Binding] = &[
    (Key::F(1), Action::Void),
    (Key::F(2), Action::Refund),
    (Key::F(7), Action::Reissue),
    (Key::F(8), Action::PrintTask),
    (Key::F(9), Action::Back),
    (Key::PageUp, Action::PageUp),
    (Key::PageDown, Action::PageDown),
    (Key::Enter, Action::Back),
    (Key::Esc, Action::Back),
];

const UNDO: &[Binding] = &[
    (Key::F(1), Action::TakeAll),
    (Key::F(2), Action::TakeLines),
    (Key::F(3), Action::TakeAmount),
    (Key::F(5), Action::NextBrand),
    (Key::F(7), Action::SecondPerson),
    (Key::F(8), Action::Correct),
    (Key::F(9), Action::Back),
    (Key::F(12), Action::TakeBack),
    (Key::PageDown, Action::NextTender),
    (Key::Up, Action::Up),
    (Key::Down, Action::Down),
    (Key::Enter, Action::Choose),
    (Key::Esc, Action::Back),
];

const NOT_UNDONE: &[Binding] = &[
    (Key::F(5), Action::Retry),
    (Key::F(6), Action::UndoByHand),
    (Key::F(9), Action::BackToUndo),
    (Key::Char('1'), Action::Retry),
    (Key::Char('2'), Action::UndoByHand),
    (Key::Char('3'), Action::BackToUndo),
];

const UNRESOLVED: &[Binding] = &[
    (Key::F(9), Action::Back),
    (Key::F(12), Action::Choose),
    (Key::Enter, Action::Choose),
    (Key::Up, Action::Up),
    (Key::Down, Action::Down),
    (Key::Esc, Action::Back),
];

const KEY_CHECK: &[Binding] = &[(Key::F(9), Action::Back), (Key::Enter, Action::Choose)];

const LINK_SETUP: &[Binding] = &[
    (Key::Char('1'), Action::TestLink),
    (Key::Char('2'), Action::LoopCheck),
    (Key::Char('3'), Action::WireTrace),
    (Key::Char('4'), Action::PortLine),
    (Key::Char('5'), Action::OtherTerminal),
    (Key::F(5), Action::FindPorts),
    (Key::F(9), Action::Back),
    (Key::Up, Action::Up),
    (Key::Down, Action::Down),
    (Key::Esc, Action::Back),
];

const LINK_TRACE: &[Binding] = &[
    (Key::F(2), Action::ExportTrace),
    (Key::F(5), Action::FindPorts),
    (Key::F(9), Action::Back),
    (Key::Up, Action::Up),
    (Key::Down, Action::Down),
    (Key::PageUp, Action::PageUp),
    (Key::PageDown, Action::PageDown),
    (Key::Esc, Action::Back),
];

const LINK_LOOP: &[Binding] = &[
    (Key::Char('1'), Action::LoopStart),
    (Key::F(9), Action::Back),
    (Key::Esc, Action::Back),
];

const LINK_ANOTHER: &[Binding] = &[
    (Key::Char('1'), Action::NameTerminal),
    (Key::F(9), Action::Back),
    (Key::Enter, Action::Choose),
    (Key::Esc, Action::Back),
];

const PRINTER: &[Binding] = &[
    (Key::F(2), Action::TestPrint),
    (Key::F(5), Action::RetryPrint),
    (Key::F(8), Action::ThrowAway),
    (Key::F(9), Action::Back),
    (Key::PageUp, Action::PageUp),
    (Key::PageDown, Action::PageDown),
    (Key::Esc, Action::Back),
];

const UNREFLECTED: &[Binding] = &[
    (Key::F(5), Action::TellAgain),
    (Key::F(8), Action::HideNames),
    (Key::F(9), Action::Back),
    (Key::Char('1'), Action::EnteredThere),
    (Key::Char('2'), Action::ReleaseLock),
    (Key::Enter, Action::Choose),
    (Key::Up, Action::Up),
    (Key::Down, Action::Down),
    (Key::Esc, Action::Back),
];

const WIZARD_CONFIRM: &[Binding] = &[
    (Key::F(9), Action::Back),
    (Key::F(12), Action::BeginByHand),
    (Key::Esc, Action::Back),
];

const WIZARD_STEP: &[Binding] = &[
    (Key::F(2), Action::PrintTask),
    (Key::F(8), Action::NothingDone),
    (Key::F(9), Action::Pause),
    (Key::F(12), Action::StepDone),
    (Key::PageUp, Action::PageUp),
    (Key::PageDown, Action::PageDown),
];

const WIZARD_SLIP: &[Binding] = &[
    (Key::F(2), Action::PrintTask),
    (Key::F(8), Action::NothingDone),
    (Key::F(9), Action::Pause),
    (Key::F(12), Action::RecordSlip),
    (Key::Enter, Action::Choose),
];

const WIZARD_DOUBT: &[Binding] = &[
    (Key::F(9), Action::Back),
    (Key::Char('1'), Action::SlipIsRight),
    (Key::Esc, Action::Back),
];

const WIZARD_GIVE_UP: &[Binding] = &[
    (Key::F(9), Action::Back),
    (Key::Char('1'), Action::NothingWasDone),
    (Key::Enter, Action::Choose),
    (Key::Esc, Action::Back),
];

const WIZARD_PEOPLE: &[Binding] = &[
    (Key::F(9), Action::Back),
    (Key::Enter, Action::Choose),
    (Key::Esc, Action::Back),
];

const WIZARD_BACK: &[Binding] = &[
    (Key::F(2), Action::PrintTask),
    (Key::F(5), Action::CheckLink),
    (Key::F(8), Action::LetGo),
    (Key::F(9), Action::Pause),
    (Key::PageUp, Action::PageUp),
    (Key::PageDown, Action::PageDown),
];

const WIZARD_DONE: &[Binding] = &[
    (Key::F(12), Action::NextCustomer),
    (Key::Enter, Action::NextCustomer),
    (Key::PageUp, Action::PageUp),
    (Key::PageDown, Action::PageDown),
];

const MENU: &[Binding] = &[
    (Key::F(9), Action::Close),
    (Key::Enter, Action::Choose),
    (Key::Up, Action::Up),
    (Key::Down, Action::Down),
    (Key::Esc, Action::Close),
];

const HELP: &[Binding] = &[
    (Key::F(9), Action::Close),
    (Key::Enter, Action::Close),
    (Key::PageUp, Action::PageUp),
    (Key::PageDown, Action::PageDown),
    (Key::Up, Action::PageUp),
    (Key::Down, Action::PageDown),
    (Key::Esc, Action::Close),
];

const LEAVE: &[Binding] = &[
    (Key::F(9), Action::Close),
    (Key::Char('1'), Action::Leave),
    (Key::Esc, Action::Close),
];

const HALF_DONE: &[Binding] = &[
    (Key::F(9), Action::Close),
    (Key::Char('1'), Action::SetAside),
    (Key::Char('2'), Action::TakeBackParts),
    (Key::Esc, Action::Close),
];

const OPERATOR: &[Binding] = &[
    (Key::F(9), Action::Close),
    (Key::Enter, Action::Choose),
    (Key::PageUp, Action::PageUp),
    (Key::PageDown, Action::PageDown),
    (Key::Esc, Action::Close),
];

const DAILY_LOG: &[Binding] = &[
    (Key::Char('1'), Action::DailyLogDone),
    (Key::F(9), Action::Close),
    (Key::Up, Action::Up),
    (Key::Down, Action::Down),
    (Key::PageUp, Action::PageUp),
    (Key::PageDown, Action::PageDown),
    (Key::Esc, Action::Close),
];

#[cfg(test)]
mod tests;
