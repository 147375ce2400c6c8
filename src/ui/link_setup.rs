//! 端末接続: the CAT ports, the ports of this machine, and what was found at the one under the mark.
//!
//! ```text
//!    CATポート
//!  > CAT1 JT-C60            /dev/ttyUSB0            9600 8N1   ● 連動中
//!    CAT2 設定なし
//!
//!    このPCのポート
//!    /dev/ttyUSB0           FTDI FT232R                        CAT1
//!    /dev/ttyUSB1           Prolific                           空き
//!  ───────────────────────────────────────────────────────────────
//!    ● 応答しました (42ミリ秒)
//!      端末番号 T-001  通常モード  待機
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, columns, inside, row, skip};
use super::style::{Role, Shape};
use super::{cat_pane, frame, link_verdict, text};
use crate::app::State;
use crate::app::link_setup::{Another, Direction, LinkSetup, Parity, Row, View};
use crate::app::message::link_setup::{FoundPort, LoopOutcome, PortUse, TraceFrame};
use crate::domain::ledger::CatId;
use crate::locale::Text;

/// Rows at the foot of the screen for what is known of the marked port.
const DETAIL_ROWS: u16 = 7;

/// Draw the screen.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, setup: &LinkSetup) {
    match &setup.view {
        View::Ports => ports(pen, state, setup),
        View::AskLoop { path } => ask_loop(pen, state, path),
        View::Another(another) => ask_terminal(pen, state, another),
        View::Trace { cat, frames, back } => trace(pen, state, *cat, frames, *back),
    }
}

fn ports(pen: &mut Pen<'_>, state: &State, setup: &LinkSetup) {
    let rooms = frame::draw(pen, state, Text::TitleLinkSetup, 0, None);
    let area = below(rooms.main, 1);
    let list_rows = area.height.saturating_sub(DETAIL_ROWS + 1);
    let list = Rect {
        height: list_rows,
        ..area
    };
    pen.put(
        skip(row(list, 0), 2),
        pen.text(Text::SetupCats),
        Role::Faint,
    );
    for (index, line) in (0..2).zip(1..) {
        row_line(pen, state, setup, index, row(list, line));
    }
    let title = skip(row(list, 4), 2);
    let rest = pen.put(title, pen.text(Text::SetupPorts), Role::Faint);
    if setup.finding {
        pen.put(skip(rest, 2), pen.text(Text::SetupFinding), Role::Care);
    }
    let found = below(list, 5);
    if setup.ports.is_empty() && !setup.finding {
        pen.put(
            skip(row(found, 0), 2),
            pen.text(Text::SetupNoPorts),
            Role::Plain,
        );
    }
    let room = usize::from(found.height).max(1);
    let marked = setup.selected.saturating_sub(2);
    let first = (marked + 1).saturating_sub(room);
    for (index, line) in (first..setup.ports.len()).take(room).zip(0..) {
        row_line(pen, state, setup, index + 2, row(found, line));
    }
    let area = below(area, list_rows);
    pen.rule(row(area, 0));
    detail(pen, state, setup, inside(below(area, 1), 1));
}

fn row_line(pen: &mut Pen<'_>, state: &State, setup: &LinkSetup, index: usize, line: Rect) {
    let marked = index == setup.selected;
    let mut place = line;
    pen.put(place, if marked { ">" } else { " " }, Role::Strong);
    place = skip(place, 2);
    match setup.row(index) {
        Some(Row::Cat(cat)) => cat_line(pen, state, setup, cat, place),
        Some(Row::Port(port)) => port_line(pen, port, place),
        None => return,
    }
    if marked {
        pen.paint(line, Role::Mark);
    }
}

fn cat_line(pen: &mut Pen<'_>, state: &State, setup: &LinkSetup, cat: CatId, line: Rect) {
    let [name, model, address, settings, link] = split(line);
    pen.put(name, cat_name(cat), Role::Strong);
    let Some(setting) = state.settings.cats.get(&cat) else {
        pen.put(model, pen.text(Text::SetupNotSet), Role::Faint);
        return;
    };
    let title = pen.name(&setting.model.title);
    pen.put(model, title, Role::Plain);
    pen.put(address, &setting.address, Role::Plain);
    if let Some(line) = setup.lines.get(&cat) {
        pen.put(settings, &link_verdict::line_words(line), Role::Plain);
    }
    let (word, role) = cat_pane::of(pen, state, cat);
    pen.put(link, &word, role);
}

fn split(line: Rect) -> [Rect; 5] {
    // CAT1, the line settings, the state; model and address share the rest.
    let fixed = 4 + 10 + 14 + 4;
    let rest = line.width.saturating_sub(fixed);
    columns(line, [4, rest * 2 / 5, rest - rest * 2 / 5, 10, 14])
}

fn port_line(pen: &mut Pen<'_>, port: &FoundPort, line: Rect) {
    let owner = 18.min(line.width);
    let rest = line.width.saturating_sub(owner + 2);
    let [path, what, used] = columns(line, [rest / 2, rest - rest / 2, owner]);
    pen.put(path, &port.path, Role::Plain);
    if let Some(usb) = &port.usb {
        pen.put(what, &usb.title, Role::Plain);
    }
    let (word, role) = owner_words(pen, port);
    pen.put(used, &word, role);
}

fn owner_words(pen: &Pen<'_>, port: &FoundPort) -> (String, Role) {
    match &port.used_by {
        PortUse::Free => (pen.text(Text::SetupFree).to_owned(), Role::Plain),
        PortUse::Cat(cat) => (cat_name(*cat).to_owned(), Role::Good),
        PortUse::Program(name) => (name.clone(), Role::Care),
    }
}

const fn cat_name(cat: CatId) -> &'static str {
    match cat {
        CatId::Cat1 => "CAT1",
        CatId::Cat2 => "CAT2",
    }
}

/// As many whole sentences as there is room for: what is to be done stands behind what is so.
fn last_sentences(text: &str, area: Rect) -> &str {
    let (columns, rows) = (usize::from(area.width), usize::from(area.height));
    let mut left = text;
    while text::wrap(left, columns).len() > rows {
        let Some((end, mark)) = left.match_indices(['。', '.']).find(|(at, mark)| {
            let behind = &left[at + mark.len()..];
            *mark == "。" || behind.starts_with(' ')
        }) else {
            break;
        };
        left = left[end + mark.len()..].trim_start();
    }
    left
}

/// What a test does; of a terminal whose messages nobody has described, what is missing, whom to ask for it and where it goes.
fn how_to_test<'a>(pen: &Pen<'a>, state: &'a State, cat: CatId) -> &'a str {
    let model = state.settings.cats.get(&cat).map(|cat| &cat.model);
    let unknown = model.filter(|model| model.layout.is_none());
    match unknown.and_then(|model| model.note.as_ref()) {
        Some(missing) => pen.name(missing),
        None => pen.text(Text::SetupHowToTest),
    }
}

fn detail(pen: &mut Pen<'_>, state: &State, setup: &LinkSetup, mut area: Rect) {
    if let Some(Row::Cat(cat)) = setup.row(setup.selected)
        && let Some(standing) = state.cats.get(&cat).map(|cat| &cat.standing)
        && let Some((known, answering)) = standing.identity.another()
    {
        let names = [("known", known), ("answering", answering)];
        let what = pen.locale.fill(Text::SetupAnother, &names);
        area = below(area, pen.wrap(area, &what, Role::Alarm));
    }
    match setup.row(setup.selected) {
        Some(Row::Cat(cat)) if state.cats.contains_key(&cat) => match setup.verdicts.get(&cat) {
            Some(Some(verdict)) => link_verdict::draw(pen, verdict, area),
            Some(None) => {
                pen.wrap(area, pen.text(Text::SetupExamining), Role::Care);
            }
            None => {
                let text = last_sentences(how_to_test(pen, state, cat), area);
                pen.wrap(area, text, Role::Plain);
            }
        },
        Some(Row::Cat(cat)) => {
            let how = pen.fill(Text::SetupHowToSet, "cat", cat_name(cat));
            pen.wrap(area, &how, Role::Plain);
        }
        Some(Row::Port(port)) if setup.shows_line => config_line(pen, port, area),
        Some(Row::Port(port)) => known_of(pen, setup, port, area),
        None => {}
    }
}

/// What the config is to say for a terminal at this port.
fn config_line(pen: &mut Pen<'_>, port: &FoundPort, area: Rect) {
    let used = pen.wrap(area, pen.text(Text::SetupConfigLine), Role::Plain);
    let name = port.stable.as_ref().unwrap_or(&port.path);
    // A single-quoted string of TOML: nothing in it means anything else.
    let lines = ["[terminal.cat1]".to_owned(), format!("port = '{name}'")];
    let mut place = below(area, used);
    for line in &lines {
        place = below(place, pen.wrap(skip_rows(place), line, Role::Strong));
    }
}

fn skip_rows(area: Rect) -> Rect {
    Rect {
        x: area.x + 2.min(area.width),
        width: area.width.saturating_sub(2),
        ..area
    }
}

fn known_of(pen: &mut Pen<'_>, setup: &LinkSetup, port: &FoundPort, area: Rect) {
    let mut place = area;
    if let Some(usb) = &port.usb {
        let serial = match &usb.serial {
            Some(serial) => pen.fill(Text::SetupUsbSerial, "serial", serial),
            None => pen.text(Text::SetupUsbNoSerial).to_owned(),
        };
        let numbers = format!("USB {:04x}:{:04x}  {serial}", usb.vendor, usb.product);
        place = below(place, pen.wrap(place, &numbers, Role::Plain));
    }
    let stable = match &port.stable {
        Some(stable) => pen.fill(Text::SetupStable, "name", stable),
        None => pen.text(Text::SetupNoStable).to_owned(),
    };
    place = below(place, pen.wrap(place, &stable, Role::Plain));
    let Some((path, outcome)) = &setup.looped else {
        return;
    };
    if *path == port.path {
        let (shape, words, role) = loop_words(pen, outcome.as_ref());
        let line = format!("{} {words}", pen.look.shape(shape));
        pen.wrap(place, &line, role);
    }
}

fn loop_words(pen: &Pen<'_>, outcome: Option<&LoopOutcome>) -> (Shape, String, Role) {
    match outcome {
        None => (
            Shape::Empty,
            pen.text(Text::LoopRunning).to_owned(),
            Role::Care,
        ),
        Some(LoopOutcome::Whole { bytes, after_ms }) => {
            let values = [("bytes", bytes.to_string()), ("ms", after_ms.to_string())];
            let values = values
                .each_ref()
                .map(|(name, value)| (*name, value.as_str()));
            (
                Shape::Full,
                pen.locale.fill(Text::LoopWhole, &values),
                Role::Good,
            )
        }
        Some(LoopOutcome::Nothing) => (
            Shape::Square,
            pen.text(Text::LoopNothing).to_owned(),
            Role::Alarm,
        ),
        Some(LoopOutcome::Differs { at, came }) => {
            let values = [("at", (at + 1).to_string()), ("came", came.to_string())];
            let values = values
                .each_ref()
                .map(|(name, value)| (*name, value.as_str()));
            (
                Shape::Square,
                pen.locale.fill(Text::LoopDiffers, &values),
                Role::Alarm,
            )
        }
        Some(LoopOutcome::NotOpened(detail)) => (
            Shape::Square,
            pen.fill(Text::LoopNotOpened, "detail", detail),
            Role::Alarm,
        ),
        Some(LoopOutcome::Refused) => (
            Shape::Square,
            pen.text(Text::LoopNotAtTerminal).to_owned(),
            Role::Alarm,
        ),
    }
}

fn ask_loop(pen: &mut Pen<'_>, state: &State, path: &str) {
    let rooms = frame::draw(pen, state, Text::TitleLinkLoop, 0, None);
    let mut area = inside(below(rooms.main, 1), 1);
    let port = pen.fill(Text::LoopPort, "path", path);
    area = below(area, pen.wrap(area, &port, Role::Strong) + 1);
    for (text, role) in [
        (Text::LoopWhat, Role::Plain),
        (Text::LoopBridge, Role::Plain),
        (Text::LoopCare, Role::Care),
    ] {
        area = below(area, pen.wrap(area, pen.text(text), role) + 1);
    }
    for (key, text) in [("1 ", Text::LoopYes), ("F9", Text::LoopNo)] {
        let rest = pen.put(skip(row(area, 0), 2), key, Role::Key);
        pen.put(skip(rest, 2), pen.text(text), Role::Plain);
        area = below(area, 1);
    }
}

/// Which terminal stands there: both numbers, then a digit, then the number off the terminal itself.
fn ask_terminal(pen: &mut Pen<'_>, state: &State, another: &Another) {
    let rooms = frame::draw(pen, state, Text::TitleLinkAnother, 0, None);
    let mut area = inside(below(rooms.main, 1), 1);
    let standing = state.cats.get(&another.cat).map(|cat| &cat.standing);
    let names = standing.and_then(|standing| standing.identity.another());
    let (known, answering) = names.unwrap_or_default();
    let what = pen.fill(Text::AnotherWhat, "cat", cat_name(another.cat));
    area = below(area, pen.wrap(area, &what, Role::Alarm) + 1);
    for (text, name) in [
        (Text::AnotherKnown, known),
        (Text::AnotherAnswers, answering),
    ] {
        let rest = pen.put(skip(row(area, 0), 2), pen.text(text), Role::Plain);
        pen.put(skip(rest, 2), name, Role::Strong);
        area = below(area, 1);
    }
    area = below(area, 1);
    for (text, role) in [
        (Text::AnotherWhy, Role::Plain),
        (Text::AnotherBack, Role::Plain),
    ] {
        area = below(area, pen.wrap(area, pen.text(text), role) + 1);
    }
    let Some(field) = &another.typed else {
        for (key, text) in [("1 ", Text::AnotherYes), ("F9", Text::AnotherNo)] {
            let rest = pen.put(skip(row(area, 0), 2), key, Role::Key);
            pen.put(skip(rest, 2), pen.text(text), Role::Plain);
            area = below(area, 1);
        }
        return;
    };
    area = below(
        area,
        pen.wrap(area, pen.text(Text::AnotherType), Role::Strong),
    );
    let rest = pen.put(skip(row(area, 0), 2), "> ", Role::Strong);
    pen.field(rest, field);
}

fn trace(pen: &mut Pen<'_>, state: &State, cat: CatId, frames: &[TraceFrame], back: usize) {
    let rooms = frame::draw(pen, state, Text::TitleLinkTrace, 0, None);
    let area = below(rooms.main, 1);
    let title = state
        .settings
        .cats
        .get(&cat)
        .map_or(String::new(), |setting| {
            format!("{} {}", cat_name(cat), pen.name(&setting.model.title))
        });
    pen.put(row(area, 0), &title, Role::Strong);
    let seen = format!("{}/{}", frames.len().saturating_sub(back), frames.len());
    pen.right(row(area, 0), &seen, Role::Faint);
    let area = below(area, 2);
    if frames.is_empty() {
        pen.wrap(area, pen.text(Text::TraceEmpty), Role::Plain);
        return;
    }
    let room = usize::from(area.height);
    // The first page stays full: scrolling past the beginning shows the beginning.
    let end = frames
        .len()
        .saturating_sub(back)
        .max(room.min(frames.len()));
    let first = end.saturating_sub(room);
    for (frame, line) in frames[first..end].iter().zip(0..) {
        trace_line(pen, frame, row(area, line));
    }
}

fn trace_line(pen: &mut Pen<'_>, frame: &TraceFrame, line: Rect) {
    let rest = line.width.saturating_sub(12 + 6 + 2 + 16 + 4);
    let [at, after, way, meaning, text] = columns(line, [12, 6, 2, 16, rest]);
    pen.put(at, &frame.at, Role::Faint);
    pen.right(after, &format!("+{}", frame.after_ms), Role::Faint);
    let (arrow, role) = match frame.direction {
        Direction::Out => (">>", Role::Strong),
        Direction::In => ("<<", Role::Good),
        Direction::Line => ("--", Role::Care),
    };
    pen.put(way, arrow, role);
    pen.put(meaning, &frame.meaning, role);
    let shown = match frame.left_out {
        0 => frame.text.clone(),
        more => format!("{} …+{more}", frame.text),
    };
    pen.put(text, &shown, Role::Plain);
}

/// `8N1`: bits, parity, stop bits.
pub(super) const fn parity_letter(parity: Parity) -> char {
    match parity {
        Parity::None => 'N',
        Parity::Even => 'E',
        Parity::Odd => 'O',
    }
}
