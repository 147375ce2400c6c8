//! Words for values: notes, keys, dates, states. The one place where a value becomes a text of the screen.

use crate::app::key::Key;
use crate::app::keymap::Place;
use crate::app::note::{Note, Tone, Value};
use crate::app::wizard::Page;
use crate::domain::money::Yen;
use crate::domain::sale::TaxClass;
use crate::locale::{Locale, Text};

pub(crate) use crate::slip::words::{date, kind, state};

use super::style::Role;

/// A note as a sentence of the screen's language.
pub(crate) fn note(locale: &Locale, note: &Note) -> String {
    let values: Vec<(&str, String)> = note
        .values
        .iter()
        .map(|(name, value)| (*name, self::value(locale, value)))
        .collect();
    let values: Vec<(&str, &str)> = values.iter().map(|(n, v)| (*n, v.as_str())).collect();
    locale.fill(note.text, &values)
}

fn value(locale: &Locale, value: &Value) -> String {
    match value {
        Value::Yen(yen) => yen.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Slip(slip) => slip.to_string(),
        Value::Sequence(number) => number.to_string(),
        Value::Name(name) => name.get(locale.language()).to_owned(),
        Value::Word(word) => word.clone(),
        Value::Text(text) => locale.text(*text).to_owned(),
        Value::Texts(texts) => {
            let texts: Vec<&str> = texts.iter().map(|text| locale.text(*text)).collect();
            texts.join(", ")
        }
    }
}

/// The role of a tone.
pub(crate) const fn role_of(tone: Tone) -> Role {
    match tone {
        Tone::Plain => Role::Plain,
        Tone::Warning => Role::Care,
        Tone::Alarm => Role::Alarm,
    }
}

/// A key as it is printed on the keyboard.
pub(crate) fn key(key: Key) -> String {
    match key {
        Key::Char(' ') => "Space".to_owned(),
        Key::Char(c) => c.to_string(),
        Key::F(number) => format!("F{number}"),
        Key::Up => "↑".to_owned(),
        Key::Down => "↓".to_owned(),
        Key::Left => "←".to_owned(),
        Key::Right => "→".to_owned(),
        Key::PageUp => "PgUp".to_owned(),
        Key::PageDown => "PgDn".to_owned(),
        Key::BackTab => "Shift-Tab".to_owned(),
        Key::Ctrl(c) => format!("Ctrl-{}", c.to_ascii_uppercase()),
        Key::Enter
        | Key::Esc
        | Key::Backspace
        | Key::Delete
        | Key::Home
        | Key::End
        | Key::Tab
        | Key::Unknown => format!("{key:?}"),
    }
}

/// 取消済み, or 返品 n円: what a sale's row says of the money that went back.
pub(crate) fn taken_back(paid: Yen, back: Yen) -> Option<(Text, Yen)> {
    if !back.is_positive() {
        None
    } else if back >= paid {
        Some((Text::TakenBackWhole, back))
    } else {
        Some((Text::TakenBackPart, back))
    }
}

/// 課, 非, 軽: the mark of a line, in characters that take two columns on every terminal. On paper it is ※.
pub(crate) const fn tax_mark(tax: TaxClass) -> Text {
    match tax {
        TaxClass::Reduced => Text::TaxMarkReduced,
        tax => crate::slip::words::tax_mark(tax),
    }
}

/// 課税, 非課税.
pub(crate) const fn tax(tax: TaxClass) -> Text {
    match tax {
        TaxClass::Taxable => Text::TaxTaxable,
        TaxClass::NonTaxable => Text::TaxNonTaxable,
        TaxClass::Reduced => Text::TaxReduced,
    }
}

/// The name of a screen.
pub(crate) const fn title(place: Place) -> Text {
    match place {
        Place::Register => Text::TitleRegister,
        Place::Checkout => Text::TitleCheckout,
        Place::CardSelect => Text::TitleCardSelect,
        Place::ByHand => Text::TitleByHand,
        Place::Charging => Text::TitleCharging,
        Place::Done => Text::TitleDone,
        Place::NotCharged => Text::TitleNotCharged,
        Place::Unknown => Text::TitleUnknown,
        Place::Scan => Text::TitleScan,
        Place::BilledToday => Text::TitleBilledToday,
        Place::Items => Text::TitleItems,
        Place::ItemFiles => Text::TitleItemFiles,
        Place::ItemReading => Text::TitleItemReading,
        Place::ItemReport => Text::TitleItemReport,
        Place::ItemsOver => Text::TitleItemsOver,
        Place::History => Text::TitleHistory,
        Place::CardReport => Text::TitleCardReport,
        Place::CardTotals => Text::TitleCardTotals,
        Place::CardFilter => Text::TitleCardFilter,
        Place::CardExport => Text::TitleCardExport,
        Place::Receipt => Text::TitleReceipt,
        Place::Undo => Text::TitleUndo,
        Place::NotUndone => Text::TitleNotUndone,
        Place::Unresolved => Text::TitleUnresolved,
        Place::KeyCheck => Text::TitleKeyCheck,
        Place::LinkSetup => Text::TitleLinkSetup,
        Place::LinkTrace => Text::TitleLinkTrace,
        Place::LinkLoop => Text::TitleLinkLoop,
        Place::LinkAnother => Text::TitleLinkAnother,
        Place::Printer => Text::TitlePrinter,
        Place::Unreflected => Text::TitleUnreflected,
        Place::Wizard(page) => match page {
            Page::Confirm => Text::TitleWizardConfirm,
            Page::LeaveLink => Text::TitleWizardLeaveLink,
            Page::Operate => Text::TitleWizardOperate,
            Page::EnterSlip => Text::TitleWizardEnterSlip,
            Page::Doubt => Text::TitleWizardDoubt,
            Page::GiveUp => Text::TitleWizardGiveUp,
            Page::People => Text::TitleWizardPeople,
            Page::BackToLink => Text::TitleWizardBackToLink,
            Page::Done => Text::TitleWizardDone,
        },
        Place::Worklist => Text::TitleWorklist,
        Place::Bill => Text::TitleBill,
        Place::BillChanged => Text::TitleBillChanged,
        Place::BillUnchecked => Text::TitleBillUnchecked,
        Place::PaidToday => Text::TitlePaidToday,
        Place::Reissue => Text::TitleReissue,
        Place::Menu => Text::TitleMenu,
        Place::Help => Text::TitleHelp,
        Place::Leave => Text::TitleLeave,
        Place::HalfDone => Text::TitleHalfDone,
        Place::Operator => Text::TitleOperator,
        Place::DailyLog => Text::TitleDailyLog,
    }
}
