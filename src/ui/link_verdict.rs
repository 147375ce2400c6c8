//! What an examination found, in words: what it is, and what to do. The screen and `madoguchi link` say the same.

use ratatui::layout::Rect;

use super::link_setup::parity_letter;
use super::pen::{Pen, below, skip};
use super::style::{Role, Shape};
use crate::app::link_setup::{DeviceKind, LineSettings, Status, TerminalState, Verdict};
use crate::locale::{Locale, Text};

/// `9600 8N1`.
pub(super) fn line_words(line: &LineSettings) -> String {
    let parity = parity_letter(line.parity);
    format!("{} {}{parity}{}", line.baud, line.data_bits, line.stop_bits)
}

/// What was found, in sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What is there.
    pub what: String,
    /// What the terminal says of itself, where it answered.
    pub known: Option<String>,
    /// What to do, where there is something.
    pub remedy: Option<String>,
}

/// A verdict in words.
pub fn words(locale: &Locale, verdict: &Verdict) -> Words {
    let known = match verdict {
        Verdict::Answered { status, .. } => Some(status_words(locale, status)),
        _ => None,
    };
    Words {
        what: what(locale, verdict),
        known,
        remedy: remedy(verdict).map(|text| locale.text(text).to_owned()),
    }
}

/// Draw a verdict: what was found in its colour, then what to do.
pub(super) fn draw(pen: &mut Pen<'_>, verdict: &Verdict, area: Rect) {
    let (shape, role) = look(verdict);
    let words = words(pen.locale, verdict);
    let what = format!("{} {}", pen.look.shape(shape), words.what);
    let mut place = below(area, pen.wrap(area, &what, role));
    place = Rect {
        x: skip(place, 2).x,
        width: skip(place, 2).width,
        ..place
    };
    for text in [words.known, words.remedy].iter().flatten() {
        place = below(place, pen.wrap(place, text, Role::Plain));
    }
}

const fn look(verdict: &Verdict) -> (Shape, Role) {
    match verdict {
        Verdict::Answered { status, .. } => match status.state {
            TerminalState::Idle => (Shape::Full, Role::Good),
            TerminalState::Busy => (Shape::Half, Role::Care),
            TerminalState::Standalone => (Shape::Diamond, Role::Care),
        },
        Verdict::Acknowledged { .. } => (Shape::Full, Role::Good),
        Verdict::InUse | Verdict::GaveWay => (Shape::Half, Role::Care),
        Verdict::NotUnderstood
        | Verdict::WrongSpeed { .. }
        | Verdict::WrongDevice { .. }
        | Verdict::Noise
        | Verdict::Looped
        | Verdict::Silent
        | Verdict::NotOpened { .. }
        | Verdict::Lost { .. } => (Shape::Square, Role::Alarm),
    }
}

fn what(locale: &Locale, verdict: &Verdict) -> String {
    let fill = |text, name, value: &str| locale.fill(text, &[(name, value)]);
    match verdict {
        Verdict::Answered { after_ms, .. } => {
            fill(Text::FoundAnswered, "ms", &after_ms.to_string())
        }
        Verdict::Acknowledged { after_ms } => {
            fill(Text::FoundAcknowledged, "ms", &after_ms.to_string())
        }
        Verdict::NotUnderstood => locale.text(Text::FoundNotUnderstood).to_owned(),
        Verdict::WrongSpeed { answers_at } => {
            fill(Text::FoundWrongSpeed, "line", &line_words(answers_at))
        }
        Verdict::WrongDevice { kind, sample, at } => {
            let device = locale.text(match kind {
                DeviceKind::Modem => Text::DeviceModem,
                DeviceKind::Scanner => Text::DeviceScanner,
                DeviceKind::Other => Text::DeviceOther,
            });
            let line = at.as_ref().map(line_words).unwrap_or_default();
            locale.fill(
                Text::FoundWrongDevice,
                &[("device", device), ("sample", sample), ("line", &line)],
            )
        }
        Verdict::Noise => locale.text(Text::FoundNoise).to_owned(),
        Verdict::Looped => locale.text(Text::FoundLooped).to_owned(),
        Verdict::Silent => locale.text(Text::FoundSilent).to_owned(),
        Verdict::NotOpened { detail, .. } => fill(Text::FoundNotOpened, "detail", detail),
        Verdict::Lost { detail } => fill(Text::FoundLost, "detail", detail),
        Verdict::InUse => locale.text(Text::MoneyUnderWay).to_owned(),
        Verdict::GaveWay => locale.text(Text::FoundGaveWay).to_owned(),
    }
}

const fn remedy(verdict: &Verdict) -> Option<Text> {
    match verdict {
        Verdict::Answered { status, .. } => match status.state {
            TerminalState::Idle => None,
            TerminalState::Busy => Some(Text::FoundBusyDo),
            TerminalState::Standalone => Some(Text::FoundStandaloneDo),
        },
        Verdict::Acknowledged { .. } => Some(Text::FoundAcknowledgedDo),
        Verdict::NotUnderstood => Some(Text::FoundNotUnderstoodDo),
        Verdict::WrongSpeed { .. } => Some(Text::FoundWrongSpeedDo),
        Verdict::WrongDevice { .. } => Some(Text::FoundWrongDeviceDo),
        Verdict::Noise => Some(Text::FoundNoiseDo),
        Verdict::Looped => Some(Text::FoundLoopedDo),
        Verdict::Silent => Some(Text::FoundSilentDo),
        Verdict::Lost { .. } => Some(Text::FoundLostDo),
        // The system's words say what to do already.
        Verdict::NotOpened { .. } | Verdict::InUse | Verdict::GaveWay => None,
    }
}

fn status_words(locale: &Locale, status: &Status) -> String {
    let state = locale.text(match status.state {
        TerminalState::Idle => Text::PaneStateIdle,
        TerminalState::Busy => Text::PaneBusy,
        TerminalState::Standalone => Text::PaneStandalone,
    });
    let mode = locale.text(match status.training {
        Some(true) => Text::ModeTraining,
        Some(false) => Text::ModeNormal,
        None => Text::ModeUnsaid,
    });
    let id = status.terminal_id.as_deref();
    let id = id.unwrap_or(locale.text(Text::TerminalIdUnsaid));
    locale.fill(
        Text::FoundStatus,
        &[("id", id), ("mode", mode), ("state", state)],
    )
}
