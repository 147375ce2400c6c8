//! The CAT pane: what each terminal last said, how long ago, and what the console is doing with it.
//!
//! ```text
//!  ◐ 端末操作中          shape and word, then colour
//!    JT-C60              model
//!    192.168.1.20:9100   address
//!    応答 2秒前          live while a sale is at the terminal, else the time of day
//!    番号 000871         the number under way
//!
//!    カード待ち          the phases, the present one marked
//!  > 暗証番号
//!
//!  未解決 0件
//! ```

use ratatui::layout::Rect;

use super::charging;
use super::pen::{Pen, below, row, skip};
use super::style::{Role, Shape};
use crate::app::bill::Reached;
use crate::app::link_pane::{Break, Cat, Link, Work};
use crate::app::unknown::Stage;
use crate::app::{Screen, State};
use crate::domain::ledger::CatId;
use crate::domain::slip::SequenceNumber;
use crate::locale::Text;

/// What the pane says of one terminal.
struct Face {
    shape: Shape,
    word: Text,
    role: Role,
    detail: Option<Text>,
}

const fn face(shape: Shape, word: Text, role: Role) -> Face {
    Face {
        shape,
        word,
        role,
        detail: None,
    }
}

/// How wide the pane is on this screen.
pub(crate) fn columns(pen: &Pen<'_>) -> u16 {
    if pen.screen().width >= 100 { 34 } else { 27 }
}

/// Draw the pane.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, area: Rect) {
    let mut place = below(area, 1);
    if state.cats.is_empty() {
        let unused = face(Shape::Cross, Text::PaneUnused, Role::Faint);
        put_face(pen, row(place, 0), &unused);
        place = below(place, 2);
    }
    let brief = state.cats.len() > 1;
    for (id, cat) in &state.cats {
        let used = terminal(pen, state, *id, cat, place, brief);
        place = below(place, used + 1);
    }
    if let Screen::Charging(charge) = &state.screen {
        charging::progress(pen, state, charge, place);
    }
    let told = state.unreflected_count();
    if let Some((words, shape, role)) = receipt_computer(pen, state) {
        let above = if told > 0 { 4 } else { 3 };
        let place = row(area, area.height.saturating_sub(above));
        let rest = pen.put(place, pen.look.shape(shape), role);
        pen.put(skip(rest, 1), &words, role);
    }
    if told > 0 {
        let place = row(area, area.height.saturating_sub(3));
        let words = pen.fill(Text::HeaderUnreflected, "count", told);
        let rest = pen.put(place, pen.look.shape(Shape::Triangle), Role::Care);
        pen.put(skip(rest, 1), &words, Role::Care);
    }
    let last = row(area, area.height.saturating_sub(2));
    let count = pen.fill(Text::HeaderOpen, "count", state.unsettled());
    if state.unsettled() == 0 {
        pen.put(last, &count, Role::Plain);
    } else {
        let rest = pen.put(last, pen.look.shape(Shape::Triangle), Role::Care);
        pen.put(skip(rest, 1), &count, Role::Care);
    }
}

/// Whether the receipt computer can be reached, where one is connected. While a card is at the terminal the pane is the terminal's.
fn receipt_computer(pen: &Pen<'_>, state: &State) -> Option<(String, Shape, Role)> {
    if !state.settings.reflects() || matches!(state.screen, Screen::Charging(_)) {
        return None;
    }
    let (text, shape, role, since) = match state.bills.reach.word() {
        Reached::Unknown => (Text::PaneOrcaUnknown, Shape::Empty, Role::Plain, None),
        Reached::Yes => (Text::PaneOrcaReached, Shape::Full, Role::Good, None),
        Reached::No(since) => (Text::PaneOrcaLost, Shape::Triangle, Role::Care, Some(since)),
        Reached::Denied(since) => (
            Text::PaneOrcaDenied,
            Shape::Square,
            Role::Alarm,
            Some(since),
        ),
        Reached::Deaf(since) => (Text::PaneOrcaDeaf, Shape::Half, Role::Care, Some(since)),
    };
    let since = since.map_or_else(String::new, |since| {
        // The time of another day would be read as today's.
        let today = since.date_naive() == state.now.wall.date_naive();
        let format = if today { "%H:%M" } else { "%m/%d" };
        since.format(format).to_string()
    });
    Some((pen.fill(text, "since", since), shape, role))
}

/// What is wrong with the receipt computer, for the header of screens without the pane.
pub(crate) fn receipt_computer_short(pen: &Pen<'_>, state: &State) -> Option<(String, Role)> {
    if !state.settings.reflects() {
        return None;
    }
    let text = match state.bills.reach.word() {
        Reached::No(_) => Text::HeaderOrcaLost,
        Reached::Denied(_) => Text::HeaderOrcaDenied,
        Reached::Deaf(_) | Reached::Yes | Reached::Unknown => return None,
    };
    let shape = pen.look.shape(Shape::Triangle);
    Some((format!("{shape} {}", pen.text(text)), Role::Care))
}

/// The pane in a few words, for the header of screens without it.
pub(crate) fn short(pen: &Pen<'_>, state: &State) -> (String, Role) {
    let faces: Vec<Face> = state
        .cats
        .iter()
        .map(|(id, cat)| face_of(state, *id, cat))
        .collect();
    match faces.as_slice() {
        [] => {
            let shape = pen.look.shape(Shape::Cross);
            (
                format!("{shape} {}", pen.text(Text::PaneUnused)),
                Role::Faint,
            )
        }
        [one] => (
            format!("{} {}", pen.look.shape(one.shape), pen.text(one.word)),
            one.role,
        ),
        // Two terminals: the shapes, and the word of the one that is worse off.
        many => {
            let shapes: Vec<&str> = many.iter().map(|f| pen.look.shape(f.shape)).collect();
            let worst = many.iter().max_by_key(|face| gravity(face.shape));
            let (word, role) = worst.map_or((Text::PaneUnused, Role::Faint), |f| (f.word, f.role));
            (format!("{} {}", shapes.concat(), pen.text(word)), role)
        }
    }
}

/// One terminal in a few words: shape and word.
pub(crate) fn of(pen: &Pen<'_>, state: &State, id: CatId) -> (String, Role) {
    let Some(cat) = state.cats.get(&id) else {
        return (pen.text(Text::PaneUnused).to_owned(), Role::Faint);
    };
    let face = face_of(state, id, cat);
    let shape = pen.look.shape(face.shape);
    (format!("{shape} {}", pen.text(face.word)), face.role)
}

const fn gravity(shape: Shape) -> u8 {
    match shape {
        Shape::Cross => 0,
        Shape::Full => 1,
        Shape::Empty => 2,
        Shape::Diamond => 3,
        Shape::Half => 4,
        Shape::Square => 5,
        Shape::Triangle => 6,
    }
}

/// One terminal; returns how many rows it took.
fn terminal(
    pen: &mut Pen<'_>,
    state: &State,
    id: CatId,
    cat: &Cat,
    area: Rect,
    brief: bool,
) -> u16 {
    let face = face_of(state, id, cat);
    put_face(pen, row(area, 0), &face);
    let deep = |line: u16| skip(row(area, line), 2);
    let mut line = 1;
    if let Some(detail) = face.detail {
        pen.put(deep(line), pen.text(detail), face.role);
        line += 1;
    }
    if let Some(setting) = state.settings.cats.get(&id) {
        let title = pen.name(&setting.model.title);
        let title = match (id, brief) {
            (_, false) => title.to_owned(),
            (CatId::Cat1, true) => format!("CAT1 {title}"),
            (CatId::Cat2, true) => format!("CAT2 {title}"),
        };
        pen.put(deep(line), &title, Role::Plain);
        line += 1;
        if !brief {
            pen.put(deep(line), &setting.address, Role::Plain);
            line += 1;
        }
    }
    let answer = last_answer(pen, state, id, cat);
    pen.put(deep(line), &answer, Role::Plain);
    line += 1;
    if let Some(number) = running_number(state, id) {
        let number = pen.fill(Text::NumberRunning, "number", number.to_string());
        pen.put(deep(line), &number, Role::Plain);
        line += 1;
    }
    line
}

fn put_face(pen: &mut Pen<'_>, line: Rect, face: &Face) {
    let rest = pen.put(line, pen.look.shape(face.shape), face.role);
    pen.put(skip(rest, 1), pen.text(face.word), face.role);
}

fn face_of(state: &State, id: CatId, cat: &Cat) -> Face {
    match &state.screen {
        Screen::Charging(charge) if charge.cat == id => {
            return face(Shape::Half, Text::PaneAtWork, Role::Care);
        }
        Screen::Unknown(unknown) if unknown.cat == id => match unknown.stage {
            Stage::Pausing { .. } | Stage::Asking { .. } | Stage::Booking => {
                return face(Shape::Triangle, Text::PaneAsking, Role::Care);
            }
            Stage::GaveUp => {}
        },
        _ => {}
    }
    let described = state
        .settings
        .cats
        .get(&id)
        .is_some_and(|setting| setting.model.layout.is_some());
    if !described {
        return Face {
            detail: Some(Text::PaneNoLayout),
            ..face(Shape::Cross, Text::PaneUnused, Role::Faint)
        };
    }
    // Taken off by hand, and no answer since: whatever else is known, this comes first.
    if state.off_link_at(id).is_some() {
        return Face {
            detail: Some(Text::PaneOffLinkDo),
            ..face(Shape::Diamond, Text::PaneOffLink, Role::Care)
        };
    }
    match (&cat.link, cat.work) {
        (_, Work::Examining) => face(Shape::Empty, Text::PaneProbing, Role::Plain),
        (Link::Down { cause, .. }, _) => Face {
            detail: Some(break_of(*cause)),
            ..face(Shape::Square, Text::PaneDown, Role::Alarm)
        },
        (Link::Unchecked | Link::Stale, Work::Probing) => {
            face(Shape::Empty, Text::PaneProbing, Role::Plain)
        }
        (Link::Unchecked | Link::Stale, _) => face(Shape::Empty, Text::PaneUnchecked, Role::Plain),
        (Link::Linked, _) => face(Shape::Full, Text::PaneLinked, Role::Good),
        (Link::Busy, _) => Face {
            detail: Some(Text::PaneBusy),
            ..face(Shape::Half, Text::PaneAtWork, Role::Care)
        },
        (Link::Another, _) => Face {
            detail: Some(Text::PaneAnotherDo),
            ..face(Shape::Square, Text::PaneAnother, Role::Alarm)
        },
        (Link::Standalone, _) => Face {
            detail: Some(Text::PaneStandaloneDo),
            ..face(Shape::Diamond, Text::PaneStandalone, Role::Care)
        },
    }
}

/// The age counts up only while it is watched: a number that stands still would lie, and a running one would wake the machine.
pub(crate) fn last_answer(pen: &Pen<'_>, state: &State, id: CatId, cat: &Cat) -> String {
    let Some(at) = cat.last_answer else {
        return pen.text(Text::AnswerNone).to_owned();
    };
    let watched = match &state.screen {
        Screen::Charging(charge) => charge.cat == id && charging::counts(charge),
        Screen::Unknown(unknown) => {
            unknown.cat == id
                && matches!(unknown.stage, Stage::Pausing { .. } | Stage::Asking { .. })
        }
        _ => false,
    };
    if watched {
        let seconds = state.now.mono_ms.saturating_sub(at.mono_ms) / 1_000;
        pen.fill(Text::AnswerAgo, "seconds", seconds)
    } else {
        pen.fill(Text::AnswerAt, "time", at.wall.format("%H:%M:%S"))
    }
}

fn running_number(state: &State, id: CatId) -> Option<SequenceNumber> {
    match &state.screen {
        Screen::Charging(charge) if charge.cat == id => charge.numbers.map(|(_, number)| number),
        Screen::Unknown(unknown) if unknown.cat == id => unknown.record.sequence_number,
        _ => state.open_at(id).and_then(|record| record.sequence_number),
    }
}

const fn break_of(cause: Break) -> Text {
    match cause {
        Break::Unreachable => Text::BreakUnreachable,
        Break::PortTaken => Text::BreakPortTaken,
        Break::StillHeld => Text::BreakStillHeld,
        Break::Owed { .. } => Text::BreakOwed,
        Break::Disconnected => Text::BreakDisconnected,
        Break::NoAcknowledgement => Text::BreakNoAcknowledgement,
        Break::Refused => Text::BreakRefused,
        Break::NoAnswer => Text::BreakNoAnswer,
        Break::Garbled => Text::BreakGarbled,
        Break::PeerGaveUp => Text::BreakPeerGaveUp,
        Break::NotACat => Text::BreakNotACat,
    }
}
