//! The way back to the link, which only an answer ends; and the last page, with our own slip.

use ratatui::layout::Rect;

use super::{bar, deep, said};
use crate::app::State;
use crate::app::link_pane::{Link, Work};
use crate::app::wizard::{Page, Wizard, can_ask};
use crate::domain::ledger::{NotCharged, SaleState};
use crate::domain::record::SaleRecord;
use crate::domain::sale::SaleKind;
use crate::locale::Text;
use crate::ui::by_hand::{self, Marks};
use crate::ui::pen::{Pen, below, row};
use crate::ui::style::{Role, Shape};
use crate::ui::{frame, receipt, words};

/// 連動に戻す.
pub(super) fn back(pen: &mut Pen<'_>, state: &State, wizard: &Wizard, area: Rect) {
    if let Some(record) = wizard.record() {
        outcome(pen, record, row(area, 0));
        let facts = numbers(pen, record);
        pen.put(row(deep(area), 1), &facts, Role::Strong);
    }
    pen.rule(row(area, 2));
    let place = below(area, 3);
    pen.put(row(place, 0), pen.text(Text::WizardBackHead), Role::Strong);
    let foot = place.height.saturating_sub(5);
    let list = Rect {
        height: foot.saturating_sub(1),
        ..below(place, 1)
    };
    if let Some(procedure) = wizard.procedure(state) {
        let lines = by_hand::lines(pen, &[procedure], list.width);
        by_hand::show(pen, &lines, list, wizard.scroll, Marks::Numbers);
    }
    let foot = below(place, foot);
    if state.settings.practice {
        pen.put(row(foot, 0), pen.text(Text::WizardPractice), Role::Care);
    }
    if can_ask(state, wizard) {
        let (shape, sentence, role) = heard(state, wizard);
        said(pen, row(foot, 1), shape, pen.text(sentence), role);
        pen.put(row(foot, 2), pen.text(Text::WizardBackThen), Role::Strong);
        pen.put(row(foot, 3), pen.text(Text::WizardBackOpen), Role::Plain);
    } else {
        let sentence = pen.text(Text::WizardBackNoQuestion);
        pen.wrap(below(foot, 1), sentence, Role::Strong);
    }
}

/// What the terminal last said of its link.
fn heard(state: &State, wizard: &Wizard) -> (Shape, Text, Role) {
    let cat = wizard.cat().and_then(|cat| state.cats.get(&cat));
    let Some(cat) = cat else {
        return (Shape::Empty, Text::WizardBackUnknown, Role::Plain);
    };
    match (&cat.link, cat.work) {
        (_, Work::Probing) => (Shape::Half, Text::WizardBackAsking, Role::Care),
        (Link::Standalone, _) => (Shape::Diamond, Text::WizardBackStandalone, Role::Care),
        (Link::Another, _) => (Shape::Square, Text::PaneAnother, Role::Alarm),
        (Link::Busy, _) => (Shape::Half, Text::WizardBackBusy, Role::Care),
        (Link::Down { .. }, _) => (Shape::Square, Text::WizardBackDown, Role::Alarm),
        (Link::Linked | Link::Stale | Link::Unchecked, _) => {
            (Shape::Empty, Text::WizardBackUnknown, Role::Plain)
        }
    }
}

/// How the terminal's side ended.
fn outcome(pen: &mut Pen<'_>, record: &SaleRecord, line: Rect) {
    let (shape, text, role) = match (record.state, record.sale.kind, &record.not_charged) {
        (SaleState::Settled, SaleKind::Sale, _) => {
            (Shape::Full, Text::WizardBookedSale, Role::Good)
        }
        (SaleState::Settled, SaleKind::Void, _) => {
            (Shape::Full, Text::WizardBookedVoid, Role::Good)
        }
        (SaleState::Settled, SaleKind::Refund, _) => {
            (Shape::Full, Text::WizardBookedRefund, Role::Good)
        }
        (_, _, Some(NotCharged::GivenUp)) => (Shape::Square, Text::WizardBookedGivenUp, Role::Care),
        _ => (Shape::Square, Text::WizardBookedNone, Role::Care),
    };
    said(pen, line, shape, pen.text(text), role);
}

fn numbers(pen: &Pen<'_>, record: &SaleRecord) -> String {
    let mut facts = vec![
        pen.fill(Text::YenAmount, "amount", record.total()),
        format!("{} {}", pen.text(Text::OurSlip), record.slip),
    ];
    if let Some(number) = &record.terminal.slip_number {
        facts.push(pen.fill(Text::WizardTerminalSlip, "number", number));
    }
    facts.join("   ")
}

/// 完了: our own slip, and what is left to do.
pub(super) fn done(pen: &mut Pen<'_>, state: &State, wizard: &Wizard) {
    let Some(record) = wizard.record() else {
        return;
    };
    let paper = receipt::columns(pen);
    let rooms = frame::draw(
        pen,
        state,
        Text::TitleWizard,
        paper + 2,
        Some(match record.sale.kind {
            SaleKind::Sale => receipt::title(record),
            other => words::kind(other),
        }),
    );
    receipt::paper(pen, state, record, false, (wizard.scroll, rooms.side));
    let area = rooms.main;
    // Beside the slip there is room for the last stage alone.
    let last = wizard.bar().len();
    debug_assert!(wizard.stage() == Page::Done);
    let word = format!("{last} {}", pen.text(Text::StageDone));
    pen.put(row(area, 0), &word, Role::Key);
    if pen.width(word.as_str()) + 70 < area.width {
        bar(pen, wizard, row(area, 0));
    }
    outcome(pen, record, row(area, 2));
    let mut place = below(area, 4);
    for fact in numbers(pen, record).split("   ") {
        pen.put(row(deep(place), 0), fact, Role::Strong);
        place = below(place, 1);
    }
    place = below(place, 1);
    for sentence in left_to_do(pen, record) {
        let used = pen.wrap(place, &sentence, Role::Plain);
        place = below(place, used);
    }
}

fn left_to_do(pen: &Pen<'_>, record: &SaleRecord) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(work) = &record.by_hand {
        match (&work.explained, &work.back_on_link) {
            (Some(explained), _) => {
                let name = &explained.second.name;
                said.push(pen.fill(Text::WizardDoneExplained, "name", name));
            }
            (None, Some(_)) => said.push(pen.text(Text::WizardDoneLinked).to_owned()),
            (None, None) => {}
        }
    }
    let settled = record.state == SaleState::Settled;
    said.push(
        pen.text(match (settled, record.sale.kind) {
            (true, _) => Text::WizardDoneHandOver,
            (false, SaleKind::Sale) => Text::WizardDoneBill,
            (false, _) => Text::WizardDoneAll,
        })
        .to_owned(),
    );
    said
}
