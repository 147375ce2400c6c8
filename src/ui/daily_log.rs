//! 日計を済ませた: which terminal, what time is written, what follows from it, and how 日計 is run there.
//!
//! ```text
//!  ╔═ 日計を済ませた ══════════════════════════════════════════════════════╗
//!  ║ > CAT1  JT-C60（stera）                                               ║
//!  ║ いまの時刻 11-21 14:32 で記録します。これより前の売上は…返品になります║
//!  ║  - 端末の画面の三本線を押し、「集計」を選びます。                      ║
//!  ║  1  日計を済ませた                                                    ║
//!  ║ F9  戻る                                                              ║
//! ```

use ratatui::layout::Rect;

use super::by_hand::{Marks, lines, show};
use super::pen::{Pen, below, row, skip, take};
use super::popup;
use super::style::{Role, Shape};
use super::words;
use crate::app::State;
use crate::app::action::Action;
use crate::app::daily_log::DailyLog;
use crate::app::key::Key;
use crate::app::keymap::Place;
use crate::domain::ledger::CatId;
use crate::locale::Text;

/// Rows of the procedure that are seen at once; what is unresolved takes the room of some.
const SEEN: u16 = 6;

/// Draw the question.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, question: &DailyLog) {
    let cats = u16::try_from(state.settings.cats.len()).unwrap_or(u16::MAX);
    let size = (76, cats.saturating_add(SEEN + 10));
    let mut place = below(popup::open(pen, state, Text::TitleDailyLog, size), 1);
    for (id, setting) in &state.settings.cats {
        let marked = *id == question.cat;
        let name = match id {
            CatId::Cat1 => "CAT1",
            CatId::Cat2 => "CAT2",
        };
        let line = row(place, 0);
        let mark = if marked { ">" } else { " " };
        let title = pen.name(&setting.model.title).to_owned();
        let text = format!("{mark} {name}  {title}  {}", setting.address);
        pen.put(line, &text, Role::Plain);
        if marked {
            pen.paint(line, Role::Mark);
        }
        place = below(place, 1);
    }
    let at = state.now.wall.format("%m-%d %H:%M").to_string();
    let what = pen.fill(Text::DailyLogWhat, "time", at);
    let used = pen.wrap(below(place, 1), &what, Role::Plain);
    place = below(place, 2 + used);
    let open_rows = open(pen, state, place);
    place = below(place, open_rows);
    pen.put(row(place, 0), pen.text(Text::DailyLogSteps), Role::Strong);
    let list = Rect {
        height: SEEN
            .saturating_sub(open_rows)
            .min(place.height.saturating_sub(4)),
        ..below(place, 1)
    };
    if let Some(procedure) = state.daily_log_steps(question.cat) {
        let lines = lines(pen, &[procedure], list.width);
        show(pen, &lines, list, question.scroll, Marks::Dashes);
    }
    place = below(place, list.height + 2);
    for (key, action) in Place::DailyLog.bindings() {
        let text = match (key, action) {
            (_, Action::DailyLogDone) => Text::DailyLogAnswer,
            (Key::F(_), Action::Close) => Text::DailyLogNotYet,
            _ => continue,
        };
        let line = row(place, 0);
        let key = format!("{:>2}", words::key(*key));
        pen.put(take(line, 2), &key, Role::Key);
        pen.put(skip(line, 4), pen.text(text), Role::Plain);
        place = below(place, 1);
    }
}

/// What waits, and that it is to be finished first. Returns how many rows it took.
fn open(pen: &mut Pen<'_>, state: &State, area: Rect) -> u16 {
    if state.unsettled() == 0 {
        return 0;
    }
    let text = pen.locale.fill(
        Text::DailyLogOpen,
        &[
            ("count", &state.unsettled().to_string()),
            ("told", &state.unreflected_count().to_string()),
        ],
    );
    let rest = pen.put(row(area, 0), pen.look.shape(Shape::Triangle), Role::Care);
    let room = Rect {
        height: area.height,
        ..skip(rest, 1)
    };
    pen.wrap(room, &text, Role::Care) + 1
}
