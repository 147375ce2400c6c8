//! The keys of the catalogue.

use super::Binding;
use crate::app::action::Action;
use crate::app::key::Key;

pub(super) const LIST: &[Binding] = &[
    (Key::F(2), Action::ImportItems),
    (Key::F(9), Action::Back),
    (Key::F(12), Action::Choose),
    (Key::Enter, Action::Choose),
    (Key::Up, Action::Up),
    (Key::Down, Action::Down),
    (Key::PageUp, Action::PageUp),
    (Key::PageDown, Action::PageDown),
    (Key::Esc, Action::Back),
];

pub(super) const FILES: &[Binding] = &[
    (Key::F(5), Action::FindPorts),
    (Key::F(9), Action::Back),
    (Key::F(12), Action::Choose),
    (Key::Enter, Action::Choose),
    (Key::Up, Action::Up),
    (Key::Down, Action::Down),
    (Key::Esc, Action::Back),
];

pub(super) const READING: &[Binding] = &[
    (Key::F(8), Action::StopImport),
    (Key::F(9), Action::Back),
    (Key::Esc, Action::Back),
];

pub(super) const REPORT: &[Binding] = &[
    (Key::Char('1'), Action::TakeItems),
    (Key::Char('2'), Action::TakeWhole),
    (Key::F(8), Action::StopImport),
    (Key::F(9), Action::Back),
    (Key::Up, Action::Up),
    (Key::Down, Action::Down),
    (Key::PageUp, Action::PageUp),
    (Key::PageDown, Action::PageDown),
    (Key::Esc, Action::Back),
];

pub(super) const OVER: &[Binding] = &[
    (Key::F(5), Action::FindPorts),
    (Key::F(9), Action::Back),
    (Key::Enter, Action::Choose),
    (Key::Esc, Action::Back),
];
