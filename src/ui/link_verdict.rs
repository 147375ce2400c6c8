//! What an examination found, in words: what it is, and what to do.

use ratatui::layout::Rect;

use super::link_setup::parity_letter;
use super::pen::{Pen, below, skip};
use super::style::{Role, Shape};
use crate::app::link_setup::{DeviceKind, LineSettings, Status, TerminalState, Verdict};
use crate::locale::Text;

/// `9600 8N1`.
pub(super) fn line_words(line: &LineSettings) -> String {
    let parity = parity_letter(line.parity);
    format!("{} {}{parity}{}", line.baud, line.data_bits, line.stop_bits)
}

/// Draw a verdict: what was found in its colour, then what to do.
pub(super) fn draw(pen: &mut Pen<'_>, verdict: &Verdict, area: Rect) {
    let (shape, role) = look(verdict);
    let what = format!("{} {}", pen.look.shape(shape), what(pen, verdict));
    let mut place = below(area, pen.wrap(area, &what, role));
    place = Rect {
        x: skip(place, 2).x,
        width: skip(place, 2).width,
        ..place
    };
    if let Verdict::Answered { status, .. } = verdict {
        let known = status_words(pen, status);
        place = below(place, pen.wrap(place, &known, Role::Plain));
    }
    if let Some(remedy) = remedy(verdict) {
        pen.wrap(place, pen.text(remedy), Role::Plain);
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

fn what(pen: &Pen<'_>, verdict: &Verdict) -> String {
    match verdict {
        Verdict::Answered { after_ms, .. } => pen.fill(Text::FoundAnswered, "ms", after_ms),
        Verdict::Acknowledged { after_ms } => pen.fill(Text::FoundAcknowledged, "ms", after_ms),
        Verdict::NotUnderstood => pen.text(Text::FoundNotUnderstood).to_owned(),
        Verdict::WrongSpeed { answers_at } => {
            pen.fill(Text::FoundWrongSpeed, "line", line_words(answers_at))
        }
        Verdict::WrongDevice { kind, sample, at } => {
            let device = pen.text(match kind {
                DeviceKind::Modem => Text::DeviceModem,
                DeviceKind::Scanner => Text::DeviceScanner,
                DeviceKind::Other => Text::DeviceOther,
            });
            let line = at.as_ref().map(line_words).unwrap_or_default();
            pen.locale.fill(
                Text::FoundWrongDevice,
                &[("device", device), ("sample", sample), ("line", &line)],
            )
        }
        Verdict::Noise => pen.text(Text::FoundNoise).to_owned(),
        Verdict::Looped => pen.text(Text::FoundLooped).to_owned(),
        Verdict::Silent => pen.text(Text::FoundSilent).to_owned(),
        Verdict::NotOpened { detail, .. } => pen.fill(Text::FoundNotOpened, "detail", detail),
        Verdict::Lost { detail } => pen.fill(Text::FoundLost, "detail", detail),
        Verdict::InUse => pen.text(Text::MoneyUnderWay).to_owned(),
        Verdict::GaveWay => pen.text(Text::FoundGaveWay).to_owned(),
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

fn status_words(pen: &Pen<'_>, status: &Status) -> String {
    let state = pen.text(match status.state {
        TerminalState::Idle => Text::PaneStateIdle,
        TerminalState::Busy => Text::PaneBusy,
        TerminalState::Standalone => Text::PaneStandalone,
    });
    let mode = pen.text(match status.training {
        Some(true) => Text::ModeTraining,
        Some(false) => Text::ModeNormal,
        None => Text::ModeUnsaid,
    });
    let id = status.terminal_id.as_deref();
    let id = id.unwrap_or(pen.text(Text::TerminalIdUnsaid));
    pen.locale.fill(
        Text::FoundStatus,
        &[("id", id), ("mode", mode), ("state", state)],
    )
}
