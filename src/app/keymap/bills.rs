//! The keys of bills that come from outside.

use super::Binding;
use crate::app::action::Action;
use crate::app::key::Key;

pub(super) const WORKLIST: &[Binding] = &[
    (Key::F(4), Action::Menu),
    (Key::F(5), Action::AskAgain),
    (Key::F(8), Action::HideNames),
    (Key::F(9), Action::Back),
    (Key::F(12), Action::OpenBill),
    (Key::Enter, Action::OpenBill),
    (Key::Up, Action::Up),
    (Key::Down, Action::Down),
    (Key::PageUp, Action::PageUp),
    (Key::PageDown, Action::PageDown),
    (Key::Esc, Action::Back),
];

pub(super) const BILL: &[Binding] = &[
    (Key::F(4), Action::Menu),
    (Key::F(5), Action::AskAgain),
    (Key::F(7), Action::PickAll),
    (Key::F(8), Action::HideNames),
    (Key::F(9), Action::Back),
    (Key::F(12), Action::TakeBill),
    (Key::Enter, Action::PickInvoice),
    (Key::Up, Action::Up),
    (Key::Down, Action::Down),
    (Key::Esc, Action::Back),
];

pub(super) const CHANGED: &[Binding] = &[
    (Key::Char('1'), Action::TakeNewBill),
    (Key::F(9), Action::Close),
    (Key::Esc, Action::Close),
];

pub(super) const UNCHECKED: &[Binding] = &[
    (Key::Char('1'), Action::PayUnchecked),
    (Key::F(9), Action::Close),
    (Key::Esc, Action::Close),
];

pub(super) const PAID_TODAY: &[Binding] = &[
    (Key::Char('1'), Action::PayAgain),
    (Key::F(9), Action::Close),
    (Key::Enter, Action::Choose),
    (Key::Esc, Action::Close),
];

pub(super) const REISSUE: &[Binding] = &[
    (Key::Char('1'), Action::ReissueSlip),
    (Key::Char('2'), Action::ReissueReceipt),
    (Key::F(9), Action::Close),
    (Key::Esc, Action::Close),
];
