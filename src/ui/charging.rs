//! CAT端末連動中: what to do at the terminal, the amount, and how far the payment has come.
//!
//! ```text
//!  端末にカードを差すかタッチしてください             ◐ 端末操作中
//!                                                       JT-C60
//!  ▀▀▀█   █  █ ▀▀▀█ █▀▀█                                応答 2秒前
//!   ▀▀█   █▄▄█  ▀▀█ █  █
//!  ▄▄▄█ ▄▀   █ ▄▄▄█ █▄▄█ 円                           > カード待ち
//!                                                       暗証番号
//!  JCB  クレ銀三面待ち
//!  伝票番号 00000142   番号 000871
//!
//!  ● 記録  ● 呼出  ● 送信  ◐ 端末操作  ○ 結果
//!  最後の応答から 2秒
//!  送信済み: やめるときは端末で「中止」
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, row, skip};
use super::style::{Role, Shape};
use super::{cat_pane, digits, frame, undo_words, words};
use crate::app::State;
use crate::app::charge::{Charge, Phase, Stage};
use crate::app::progress::Progress;
use crate::app::startup;
use crate::domain::master::{CardClassRow, Media};
use crate::domain::sale::SaleKind;
use crate::domain::tender::Tender;
use crate::locale::Text;

/// Draw the payment under way.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, charge: &Charge) {
    let side = cat_pane::columns(pen);
    let said = |text| undo_words::of(charge.sale.kind, text);
    let title = said(Text::TitleCharging);
    let rooms = frame::draw(pen, state, title, side, Some(Text::PaneTitle));
    cat_pane::draw(pen, state, rooms.side);
    let area = rooms.main;
    let class = state.settings.classes.get(charge.card.card_class);
    pen.put(
        row(area, 1),
        pen.text(said(instruction(charge, class))),
        Role::Say,
    );
    let high = if pen.large() { 5 } else { 3 };
    let place = Rect {
        height: high,
        ..below(area, 3)
    };
    digits::draw(pen, place, charge.amount(), Role::Strong);
    let area = below(area, 3 + high + 1);
    let mut rest = row(area, 0);
    if charge.sale.kind != SaleKind::Sale {
        let kind = format!("{} ", pen.text(words::kind(charge.sale.kind)));
        rest = pen.put(rest, &kind, Role::Care);
    }
    let rest = pen.put(rest, pen.name(&charge.card.name), Role::Strong);
    if let Some(class) = class {
        pen.put(skip(rest, 2), pen.name(&class.name), Role::Plain);
    }
    counted(pen, charge, row(area, 2));
    if let Some((slip, number)) = charge.numbers {
        let numbers = format!(
            "{} {slip}   {} {number}",
            pen.text(Text::OurSlip),
            pen.text(Text::SequenceNumber)
        );
        pen.put(row(area, 1), &numbers, Role::Plain);
    }
    steps(pen, charge, row(area, 3));
    if counts(charge) {
        let seconds = state.now.mono_ms.saturating_sub(charge.heard_ms) / 1_000;
        let heard = pen.fill(Text::HeardAgo, "seconds", seconds);
        pen.put(row(area, 5), &heard, Role::Plain);
    }
    match &charge.stage {
        Stage::Booking {
            failed: Some((trouble, _)),
            ..
        } => {
            let used = pen.wrap(below(area, 6), pen.text(Text::BookingFailed), Role::Alarm);
            let note = startup::trouble_note(trouble, charge.numbers.map(|(slip, _)| slip));
            let sentence = words::note(pen.locale, &note);
            pen.wrap(below(area, 6 + used), &sentence, Role::Care);
        }
        stage => {
            let (text, role) = match stage {
                Stage::Writing | Stage::Calling => (Text::SentNo, Role::Plain),
                Stage::Marking => (Text::SentMarking, Role::Care),
                Stage::Waiting if !charge.delivered => (Text::SentYes, Role::Care),
                Stage::Waiting => (Text::SentDelivered, Role::Care),
                Stage::Booking { .. } => (Text::DoBooking, Role::Plain),
            };
            pen.wrap(below(area, 6), pen.text(said(text)), role);
        }
    }
}

/// A part of the bill that cash pays is in the hand already.
fn counted(pen: &mut Pen<'_>, charge: &Charge, line: Rect) {
    let cash = charge
        .sale
        .tenders
        .iter()
        .find(|t| matches!(t, Tender::Cash { .. }));
    if let Some(cash) = cash {
        let said = pen.locale.fill(
            Text::CashAndCard,
            &[
                ("cash", &cash.amount().to_string()),
                ("card", &charge.amount().to_string()),
            ],
        );
        pen.put(line, &said, Role::Plain);
    }
}

/// True while the seconds since the last answer run on the screen.
pub(crate) fn counts(charge: &Charge) -> bool {
    match charge.stage {
        Stage::Calling | Stage::Marking | Stage::Waiting => true,
        Stage::Writing | Stage::Booking { .. } => false,
    }
}

/// How far the customer is, as the terminal tells it.
pub(crate) fn progress(pen: &mut Pen<'_>, state: &State, charge: &Charge, area: Rect) {
    match charge.progress(state) {
        Progress::Phases => phases(pen, state, charge, area),
        Progress::Words(words) => {
            pen.put(row(area, 0), pen.text(Text::ProgressWords), Role::Faint);
            pen.wrap(below(area, 1), words, Role::Strong);
        }
        Progress::Untold if charge.is_at_the_terminal() => {
            pen.wrap(area, pen.text(Text::ProgressUntold), Role::Plain);
        }
        Progress::Untold => {}
    }
}

/// The phases of this kind of card, the present one marked. A terminal may leave some out, so none is ticked off.
fn phases(pen: &mut Pen<'_>, state: &State, charge: &Charge, area: Rect) {
    let class = state.settings.classes.get(charge.card.card_class);
    let mut known = phases_of(class);
    if let Some(phase) = charge.phase
        && !known.contains(&phase)
    {
        known.push(phase);
        known.sort_unstable();
    }
    for (index, phase) in known.iter().enumerate() {
        let line = row(area, u16::try_from(index).unwrap_or(u16::MAX));
        let present = charge.phase == Some(*phase);
        let label = format!(
            "{} {}",
            if present { ">" } else { " " },
            pen.text(word(*phase))
        );
        pen.put(
            line,
            &label,
            if present { Role::Strong } else { Role::Faint },
        );
        if present {
            pen.paint(line, Role::Mark);
        }
    }
}

fn phases_of(class: Option<&CardClassRow>) -> Vec<Phase> {
    let mut phases = vec![Phase::WaitingForCard];
    if class.is_some_and(|class| class.chosen_on_terminal) {
        phases.push(Phase::ChoosingCard);
    }
    match class.map(|class| class.media) {
        Some(Media::Credit) | None => phases.extend([Phase::Pin, Phase::PaymentCount]),
        Some(Media::Debit) => phases.push(Phase::Pin),
        Some(Media::ElectronicMoney | Media::Code) => {}
    }
    phases.extend([Phase::Centre, Phase::Printing]);
    phases
}

const fn word(phase: Phase) -> Text {
    match phase {
        Phase::WaitingForCard => Text::PhaseWaitingForCard,
        Phase::ChoosingCard => Text::PhaseChoosingCard,
        Phase::Pin => Text::PhasePin,
        Phase::PaymentCount => Text::PhasePaymentCount,
        Phase::Centre => Text::PhaseCentre,
        Phase::Printing => Text::PhasePrinting,
    }
}

/// What is to be done at the terminal now.
fn instruction(charge: &Charge, class: Option<&CardClassRow>) -> Text {
    match charge.stage {
        Stage::Writing => return Text::DoWriting,
        Stage::Calling => return Text::DoCalling,
        Stage::Marking => return Text::DoSending,
        Stage::Booking { .. } => return Text::DoBooking,
        Stage::Waiting => {}
    }
    match charge.phase {
        Some(Phase::ChoosingCard) => Text::DoChoose,
        Some(Phase::Pin) => Text::DoPin,
        Some(Phase::PaymentCount) => Text::DoPaymentCount,
        Some(Phase::Centre) => Text::DoCentre,
        Some(Phase::Printing) => Text::DoPrinting,
        Some(Phase::WaitingForCard) | None => match class {
            Some(class) if class.chosen_on_terminal => Text::DoChoose,
            Some(class) => match class.media {
                Media::Credit => Text::DoCard,
                Media::Debit => Text::DoDebit,
                Media::ElectronicMoney => Text::DoTouch,
                Media::Code => Text::DoCode,
            },
            None => Text::DoCard,
        },
    }
}

/// The console's own steps: done, present, to come.
fn steps(pen: &mut Pen<'_>, charge: &Charge, line: Rect) {
    let present = match charge.stage {
        Stage::Writing => 0,
        Stage::Calling => 1,
        Stage::Marking => 2,
        Stage::Waiting if !charge.delivered => 2,
        Stage::Waiting => 3,
        Stage::Booking { .. } => 4,
    };
    let words = [
        Text::StepWrite,
        Text::StepCall,
        Text::StepSend,
        Text::StepTerminal,
        Text::StepBook,
    ];
    let plain = pen.look.plain();
    let mut rest = line;
    for (index, text) in words.into_iter().enumerate() {
        let (shape, mark, role) = match index.cmp(&present) {
            std::cmp::Ordering::Less => (Shape::Full, "x", Role::Plain),
            std::cmp::Ordering::Equal => (Shape::Half, ">", Role::Strong),
            std::cmp::Ordering::Greater => (Shape::Empty, "-", Role::Faint),
        };
        // One column each, so that the bar fits beside the pane.
        let mark = if plain { mark } else { pen.look.shape(shape) };
        let label = format!("{mark} {}", pen.text(text));
        rest = skip(pen.put(rest, &label, role), 2);
    }
}
