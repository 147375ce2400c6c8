//! 手動操作, page by page: where it stands on a bar, one thing to do, and the numbers that are copied into the terminal.
//!
//! ```text
//!  1 確認 › [2 連動解除] › 3 端末で取消 › 4 控えの番号 › 5 連動に戻す › 6 完了
//!  ─────────────────────────────────────────────────────────────────────────
//!   元の売上票の番号                         金額
//!   █▀▀█ ▄█   ▀▀▀█ ▀▀▀█ █  █                 ▀▀▀█   █  █ ▀▀▀█ █▀▀█
//!   █  █  █   █▀▀▀  ▀▀█ █▄▄█                  ▀▀█   █▄▄█  ▀▀█ █  █
//!   █▄▄█ ▄█▄  █▄▄▄ ▄▄▄█    █                 ▄▄▄█ ▄▀   █ ▄▄▄█ █▄▄█ 円
//!   番号 000871  承認番号 654321  2026-11-21 14:32  JCB クレ銀三面待ち
//!  ─────────────────────────────────────────────────────────────────────────
//!  端末で取消をします
//!   1  業務メニューで「取消」を選びます。
//!
//!  控えが出たら F12。何もしなかったときは F8
//! ```

use ratatui::layout::Rect;

use super::by_hand::{self, Marks};
use super::pen::{Pen, below, inside, row, skip, take};
use super::style::{Role, Shape};
use super::{digits, frame};
use crate::app::State;
use crate::app::by_hand::Operation;
use crate::app::wizard::{Original, Page, Wizard};
use crate::domain::by_hand::Why;
use crate::domain::record::SaleRecord;
use crate::domain::sale::SaleKind;
use crate::domain::tender::Tender;
use crate::locale::Text;

mod ask;
mod finish;

/// Draw the page.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, wizard: &Wizard) {
    let page = wizard.page();
    if page == Page::Done {
        finish::done(pen, state, wizard);
        return;
    }
    let rooms = frame::draw(pen, state, Text::TitleWizard, 0, None);
    let area = rooms.main;
    bar(pen, wizard, row(area, 0));
    pen.rule(row(area, 1));
    let body = below(area, 2);
    match page {
        Page::Confirm => confirm(pen, wizard, body),
        Page::LeaveLink | Page::Operate => step(pen, state, wizard, body),
        Page::EnterSlip => ask::slip(pen, wizard, body),
        Page::Doubt => ask::doubt(pen, wizard, body),
        Page::GiveUp => ask::give_up(pen, wizard, body),
        Page::People => ask::people(pen, state, wizard, body),
        Page::BackToLink => finish::back(pen, state, wizard, body),
        Page::Done => {}
    }
}

/// Where it stands: what is done, what is now, what is to come.
pub(super) fn bar(pen: &mut Pen<'_>, wizard: &Wizard, line: Rect) {
    let now = wizard.stage();
    let mut rest = line;
    for (index, page) in (1..).zip(wizard.bar()) {
        if index > 1 {
            let mark = if pen.look.plain() { " > " } else { " › " };
            rest = pen.put(rest, mark, Role::Faint);
        }
        let word = pen.text(stage(*page, wizard));
        let role = match (*page).cmp(&now) {
            std::cmp::Ordering::Less => Role::Plain,
            std::cmp::Ordering::Equal => Role::Key,
            std::cmp::Ordering::Greater => Role::Faint,
        };
        // Marked in characters too: a copy of the screen, or one without attributes, tells it as well.
        let shown = if *page == now {
            format!("[{index} {word}]")
        } else {
            format!("{index} {word}")
        };
        rest = pen.put(rest, &shown, role);
    }
}

fn stage(page: Page, wizard: &Wizard) -> Text {
    match page {
        Page::LeaveLink => Text::StageLeaveLink,
        Page::Operate => match wizard.operation() {
            Operation::LookUp => Text::StageLookUp,
            _ => operate(wizard.sale().kind),
        },
        Page::EnterSlip => Text::StageEnterSlip,
        Page::BackToLink => Text::StageBackToLink,
        Page::Done => Text::StageDone,
        Page::Confirm | Page::Doubt | Page::GiveUp | Page::People => Text::StageConfirm,
    }
}

/// The stage at the terminal.
pub(super) const fn operate(kind: SaleKind) -> Text {
    match kind {
        SaleKind::Sale => Text::StageSale,
        SaleKind::Void => Text::StageVoid,
        SaleKind::Refund => Text::StageRefund,
    }
}

/// What will be done, why, and that nothing is written yet.
fn confirm(pen: &mut Pen<'_>, wizard: &Wizard, area: Rect) {
    let what = match (wizard.why(), wizard.sale().kind) {
        (Why::Outcome, _) => Text::WizardOutcomeWhat,
        (Why::MadeStandalone, _) => Text::WizardMadeWhat,
        (_, SaleKind::Sale) => Text::WizardSaleWhat,
        (_, SaleKind::Void) => Text::WizardVoidWhat,
        (_, SaleKind::Refund) => Text::WizardRefundWhat,
    };
    let why = match wizard.why() {
        Why::LinkFailed if wizard.sale().kind == SaleKind::Sale => Text::WizardWhyLinkFailed,
        Why::NotCarried | Why::LinkFailed => Text::WizardWhyNotCarried,
        Why::MadeStandalone => Text::WizardWhyMadeStandalone,
        Why::Outcome => Text::WizardWhyOutcome,
    };
    pen.put(row(area, 0), pen.text(what), Role::Strong);
    let careful = matches!(
        wizard.why(),
        Why::Outcome | Why::LinkFailed | Why::MadeStandalone
    );
    let role = if careful { Role::Care } else { Role::Plain };
    pen.put(row(area, 1), pen.text(why), role);
    let used = 3 + facts(pen, wizard, below(area, 3));
    pen.rule(row(area, used));
    let place = below(area, used + 1);
    let reading = match wizard.original {
        Original::Asked => Some(Text::WizardReading),
        Original::Missing => Some(Text::WizardOriginalMissing),
        Original::None | Original::Known(_) => None,
    };
    pen.put(
        row(place, 0),
        pen.text(reading.unwrap_or(Text::WizardNothingYet)),
        Role::Strong,
    );
    pen.put(row(place, 1), pen.text(Text::WizardWillPause), Role::Plain);
}

/// The numbers that are copied, large; returns how many rows they took.
fn facts(pen: &mut Pen<'_>, wizard: &Wizard, area: Rect) -> u16 {
    let amount = wizard.amount();
    let half = area.width / 2;
    let (mut left, mut right) = (take(area, half), skip(area, half));
    let numbered = original(wizard);
    if numbered.is_none() {
        right = left;
        left = Rect::default();
    }
    let mut high = 0;
    if let Some(original) = numbered {
        pen.put(
            row(left, 0),
            pen.text(Text::WizardOriginalSlip),
            Role::Faint,
        );
        let place = below(left, 1);
        high = match &original.terminal.slip_number {
            Some(number) => digits::number(pen, place, number.as_str(), Role::Strong),
            None => {
                pen.put(row(place, 0), pen.text(Text::WizardNoNumber), Role::Care);
                1
            }
        };
    }
    pen.put(row(right, 0), pen.text(Text::WizardAmount), Role::Faint);
    high = high.max(digits::draw(pen, below(right, 1), amount, Role::Strong));
    let line = details(pen, wizard, numbered, area.width);
    pen.put(row(area, high + 1), &line, Role::Strong);
    high + 2
}

/// The slip whose numbers are typed into the terminal or looked for there.
fn original(wizard: &Wizard) -> Option<&SaleRecord> {
    match &wizard.original {
        Original::Known(record) => Some(record),
        Original::None | Original::Asked | Original::Missing => None,
    }
}

/// `番号 000871   承認番号 654321   2026-11-21 14:32   JCB クレ銀三面待ち`
fn details(pen: &Pen<'_>, wizard: &Wizard, original: Option<&SaleRecord>, room: u16) -> String {
    let mut facts = Vec::new();
    let told = original.or_else(|| wizard.record().filter(|r| r.sequence_number.is_some()));
    if let Some(record) = told {
        if let Some(number) = record.sequence_number {
            facts.push(format!("{} {number}", pen.text(Text::SequenceNumber)));
        }
        if let Some(code) = &record.terminal.approval_code {
            facts.push(format!("{} {code}", pen.text(Text::ItemApprovalCode)));
        }
        let at = record.sent_at.unwrap_or(record.stamp.at);
        let at = record.terminal.at.unwrap_or(at.naive_local());
        facts.push(at.format("%Y-%m-%d %H:%M").to_string());
    }
    if let Some(Tender::Card {
        name,
        card_class_name,
        ..
    }) = wizard.sale().card()
    {
        // The card's name says most of it: the class goes where there is no room for both.
        facts.push(pen.name(name).to_owned());
        let both = format!("{} {}", facts.join("   "), pen.name(card_class_name));
        if pen.width(&both) <= room {
            return both;
        }
    }
    facts.join("   ")
}

/// One procedure at the terminal, with what is copied above it.
fn step(pen: &mut Pen<'_>, state: &State, wizard: &Wizard, area: Rect) {
    let leaving = wizard.stage() == Page::LeaveLink;
    let used = facts(pen, wizard, area);
    pen.rule(row(area, used));
    let (head, then, say) = match (leaving, wizard.operation()) {
        (true, _) => (Text::WizardOffLinkHead, Text::WizardOffLinkThen, None),
        (false, Operation::Void) => (
            Text::WizardVoidHead,
            Text::WizardOperatedThen,
            Some(Text::WizardSayVoid),
        ),
        (false, Operation::Refund) => (
            Text::WizardRefundHead,
            Text::WizardOperatedThen,
            Some(Text::WizardSayRefund),
        ),
        (false, Operation::LookUp) => (
            Text::WizardLookUpHead,
            Text::WizardLookedThen,
            Some(Text::WizardSayLookUp),
        ),
        (false, _) => (
            Text::WizardSaleHead,
            Text::WizardOperatedThen,
            Some(Text::WizardSaySale),
        ),
    };
    let place = below(area, used + 1);
    pen.put(row(place, 0), pen.text(head), Role::Strong);
    let foot = place.height.saturating_sub(2);
    let list = Rect {
        height: foot.saturating_sub(1),
        ..below(place, 1)
    };
    if let Some(procedure) = wizard.procedure(state) {
        let lines = by_hand::lines(pen, &[procedure], list.width);
        by_hand::show(pen, &lines, list, wizard.scroll, Marks::Numbers);
    }
    let taken_back = wizard
        .record()
        .and_then(|record| record.by_hand.as_ref())
        .is_some_and(|work| leaving && work.back_on_link.is_some());
    let (above, role) = match say {
        _ if state.settings.practice => (Some(Text::WizardPractice), Role::Care),
        _ if taken_back => (Some(Text::WizardOffAgain), Role::Care),
        _ if wizard.still_answers(state) => (Some(Text::WizardStillAnswers), Role::Alarm),
        say => (say, Role::Say),
    };
    if let Some(above) = above {
        pen.put(row(place, foot), pen.text(above), role);
    }
    pen.put(row(place, foot + 1), pen.text(then), Role::Strong);
}

/// A shape and a sentence.
pub(super) fn said(pen: &mut Pen<'_>, line: Rect, shape: Shape, sentence: &str, role: Role) {
    let rest = pen.put(line, pen.look.shape(shape), role);
    pen.put(skip(rest, 1), sentence, role);
}

/// The body of a page, two columns in.
pub(super) fn deep(area: Rect) -> Rect {
    inside(area, 2)
}
