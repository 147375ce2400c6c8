//! キー確認: what each key sends here, and giving unknown bytes the meaning of an F-key.
//!
//! ```text
//!  キーを押すと、届いた文字と意味を表示します。
//!
//!    届いた文字              意味
//!    ESC O P                 F1
//!    ESC [ 2 5 ~             意味なし
//!
//!  割り当てるキー  ESC [ 2 5 ~      F の番号 > _
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, row, skip, take};
use super::style::Role;
use super::{frame, words};
use crate::app::State;
use crate::app::key::{Key, KeyPress};
use crate::app::key_check::KeyCheck;
use crate::locale::Text;

/// Columns of the bytes.
const BYTES: u16 = 40;

/// Draw the key check.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, check: &KeyCheck) {
    let rooms = frame::draw(pen, state, Text::TitleKeyCheck, 0, None);
    let mut area = below(rooms.main, 1);
    for text in [
        Text::KeyCheckWhat,
        Text::KeyCheckAssign,
        Text::KeyCheckLeave,
    ] {
        let used = pen.wrap(area, pen.text(text), Role::Plain);
        area = below(area, used);
    }
    let area = below(area, 1);
    let line = skip(row(area, 0), 2);
    pen.put(line, pen.text(Text::KeyCheckBytes), Role::Faint);
    pen.put(
        skip(line, BYTES),
        pen.text(Text::KeyCheckMeaning),
        Role::Faint,
    );
    for (index, press) in (1..).zip(&check.presses) {
        press_line(pen, skip(row(area, index), 2), press);
    }
    let foot = row(rooms.main, rooms.main.height.saturating_sub(2));
    let rest = pen.put(foot, pen.text(Text::KeyCheckCandidate), Role::Plain);
    let candidate = match check.candidate() {
        Some(press) => bytes(&press.bytes),
        None => pen.text(Text::KeyCheckNone).to_owned(),
    };
    pen.put(take(skip(rest, 2), 24), &candidate, Role::Strong);
    let rest = skip(rest, 28);
    let rest = pen.put(rest, pen.text(Text::KeyCheckNumber), Role::Plain);
    let rest = pen.put(skip(rest, 1), "> F", Role::Strong);
    pen.field(rest, &check.number);
}

fn press_line(pen: &mut Pen<'_>, line: Rect, press: &KeyPress) {
    let sent = bytes(&press.bytes);
    pen.put(take(line, BYTES - 1), &sent, Role::Plain);
    let (meaning, role) = match press.key {
        Key::Unknown => (pen.text(Text::KeyNoMeaning).to_owned(), Role::Care),
        key => (words::key(key), Role::Strong),
    };
    pen.put(skip(line, BYTES), &meaning, role);
}

/// Bytes as a site engineer reads them: `ESC [ 1 1 ~`, others in hexadecimal.
fn bytes(bytes: &[u8]) -> String {
    let words: Vec<String> = bytes
        .iter()
        .map(|byte| match byte {
            0x1b => "ESC".to_owned(),
            0x21..=0x7e => char::from(*byte).to_string(),
            other => format!("{other:02X}"),
        })
        .collect();
    words.join(" ")
}
