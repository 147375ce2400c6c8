//! 会計: the amount due in large digits, what is paid with what, and the sentence to say.
//!
//! ```text
//!    再診料・処置            1   1,230     1,230 非      ● 連動中
//!    診断書                  1   2,200     2,200 課        JT-C60
//!  ───────────────────────────────────────────
//!  ご請求  ▀▀▀█   █  █ ▀▀▀█ █▀▀█
//!           ▀▀█   █▄▄█  ▀▀█ █  █
//!          ▄▄▄█ ▄▀   █ ▄▄▄█ █▄▄█ 円
//!
//!  > お預かり      [5000        ]       5,000円
//!    《現金外支払》                        0円
//!    残り                                  0円
//!    お釣り                            1,570円
//!
//!  「1,570円のお返しです」
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, row, skip, take};
use super::style::Role;
use super::{cat_pane, digits, frame, patient, register, words};
use crate::app::State;
use crate::app::checkout::{Checkout, Focus, Payment};
use crate::app::note::Note;
use crate::app::undo::correction::{self, Difference};
use crate::domain::master::{CardCompany, Media};
use crate::domain::money::Yen;
use crate::domain::tender::Tender;
use crate::locale::Text;

/// Columns of the words at the left.
const LABEL: u16 = 16;
/// The most columns of a tender.
const TENDERS: u16 = 56;
/// Columns of the field.
const FIELD: u16 = 13;

/// Draw the checkout.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, checkout: &Checkout) {
    let side = cat_pane::columns(pen);
    let rooms = frame::draw(pen, state, Text::TitleCheckout, side, Some(Text::PaneTitle));
    cat_pane::draw(pen, state, rooms.side);
    let payment = state.payment(checkout);
    let area = rooms.main;
    let high = if pen.large() { 5 } else { 3 };
    // Rule, digits with air around them, four rows of tenders, and the sentence.
    // A bill that is half done says so in a row of its own.
    let before = u16::from(part_paid_or_corrected(state));
    let foot = 1 + 1 + high + 1 + before + 4 + 3;
    let lines = area.height.saturating_sub(foot);
    bill(
        pen,
        state,
        Rect {
            height: lines,
            ..area
        },
    );
    pen.rule(row(area, lines));
    let rest = below(area, lines + 2);
    let label = Rect {
        height: high,
        ..rest
    };
    pen.put(
        take(row(label, high / 2), 10),
        pen.text(Text::AmountDue),
        Role::Strong,
    );
    let place = Rect {
        height: high,
        ..skip(rest, 10)
    };
    digits::draw(pen, place, payment.due, Role::Strong);
    let mut rest = below(rest, high + 1);
    if before > 0 {
        half_done(pen, state, row(rest, 0));
        rest = below(rest, before);
    }
    // No wider than the eye follows from a label to its amount.
    let narrow = take(rest, TENDERS);
    tenders(pen, checkout, &payment, narrow);
    let (sentence, role) = saying(pen, state, checkout, &payment);
    pen.wrap(below(rest, 5), &sentence, role);
}

fn bill(pen: &mut Pen<'_>, state: &State, area: Rect) {
    let head = patient::head(pen, state, row(area, 0));
    let area = below(area, head);
    let lines = &state.basket.lines;
    let room = usize::from(area.height);
    let shown = if lines.len() > room {
        room.saturating_sub(1)
    } else {
        lines.len()
    };
    for (index, line) in lines.iter().take(shown).enumerate() {
        let place = row(area, u16::try_from(index).unwrap_or(u16::MAX));
        register::line(pen, place, line, false);
    }
    if shown < lines.len() {
        let more = pen.fill(Text::MoreLines, "count", lines.len() - shown);
        let place = row(area, u16::try_from(shown).unwrap_or(u16::MAX));
        pen.put(skip(place, 2), &more, Role::Faint);
    }
}

fn tenders(pen: &mut Pen<'_>, checkout: &Checkout, payment: &Payment, area: Rect) {
    let line = row(area, 0);
    let by_cash = checkout.focus == Focus::Cash && !checkout.writing;
    label(pen, line, Text::CashReceived, by_cash);
    let rest = skip(line, LABEL);
    let rest = pen.put(rest, "[", Role::Plain);
    let field = take(rest, FIELD);
    if !by_cash {
        pen.put(field, checkout.cash.text(), Role::Plain);
    } else {
        pen.field(field, &checkout.cash);
    }
    pen.put(skip(rest, FIELD), "]", Role::Plain);
    amount(pen, line, payment.received, Role::Plain);

    let line = row(area, 1);
    let by_share = checkout.focus == Focus::Share;
    label(pen, line, Text::NonCash, by_share);
    let name = take(skip(line, LABEL + 1), FIELD + 2);
    match &checkout.card {
        // What the card pays stands at the right; typed, it stands in its field, and the name gives way.
        Some(_) if by_share => {
            let rest = pen.put(skip(line, LABEL), "[", Role::Plain);
            pen.field(take(rest, FIELD), &checkout.share);
            pen.put(skip(rest, FIELD), "]", Role::Plain);
        }
        Some(card) => {
            pen.put(name, pen.name(&card.name), Role::Strong);
        }
        None => {
            pen.put(name, pen.text(Text::NoCardChosen), Role::Faint);
        }
    }
    amount(pen, line, payment.card, Role::Plain);

    let line = row(area, 2);
    label(pen, line, Text::Remaining, false);
    amount(pen, line, payment.remaining, Role::Plain);
    let line = row(area, 3);
    label(pen, line, Text::Change, false);
    let role = if payment.change.is_positive() {
        Role::Strong
    } else {
        Role::Plain
    };
    amount(pen, line, payment.change, role);
}

fn label(pen: &mut Pen<'_>, line: Rect, text: Text, marked: bool) {
    let mark = if marked { ">" } else { " " };
    let rest = pen.put(take(line, LABEL), mark, Role::Strong);
    pen.put(skip(rest, 1), pen.text(text), Role::Plain);
}

fn amount(pen: &mut Pen<'_>, line: Rect, amount: Yen, role: Role) {
    let text = pen.fill(Text::YenAmount, "amount", amount);
    pen.right(skip(line, LABEL + FIELD + 3), &text, role);
}

/// What to say to the customer now.
fn saying(pen: &Pen<'_>, state: &State, checkout: &Checkout, payment: &Payment) -> (String, Role) {
    if checkout.writing {
        return (pen.text(Text::Writing).to_owned(), Role::Strong);
    }
    if checkout.card.is_some() && payment.remaining.is_positive() {
        let values = [
            ("card", payment.card.to_string()),
            ("rest", payment.remaining.to_string()),
        ];
        return (filled(pen, Text::SayShare, &values), Role::Say);
    }
    if checkout.card.is_some() && payment.received.is_positive() {
        let values = [
            ("cash", payment.received.to_string()),
            ("card", payment.card.to_string()),
        ];
        return (filled(pen, Text::SayCashAndCard, &values), Role::Say);
    }
    if let Some(card) = &checkout.card {
        return (pen.text(card_request(state, card)).to_owned(), Role::Say);
    }
    let (text, amount) = if !payment.received.is_positive() {
        (Text::SayWhich, payment.due)
    } else if payment.remaining.is_positive() {
        (Text::SayShort, payment.remaining)
    } else if payment.change.is_positive() {
        (Text::SayChange, payment.change)
    } else {
        (Text::SayExact, payment.due)
    };
    (pen.fill(text, "amount", amount), Role::Say)
}

fn filled(pen: &Pen<'_>, text: Text, values: &[(&str, String)]) -> String {
    let values: Vec<(&str, &str)> = values.iter().map(|(n, v)| (*n, v.as_str())).collect();
    pen.locale.fill(text, &values)
}

fn part_paid_or_corrected(state: &State) -> bool {
    !state.basket.parts.is_empty() || state.basket.replaces.is_some()
}

/// What is paid of the bill already, part by part; or what the patient gets back of the bill before it.
fn half_done(pen: &mut Pen<'_>, state: &State, line: Rect) {
    let parts = &state.basket.parts;
    if let (true, Some(replaced)) = (parts.is_empty(), state.basket.replaces) {
        let note = match replaced.given_back {
            Some(back) => correction::note(Difference::between(back, state.due())),
            None => Note::plain(Text::TitleCorrect),
        };
        let sentence = words::note(pen.locale, &note);
        pen.put(skip(line, 2), &sentence, Role::Care);
        return;
    }
    let rest = pen.put(skip(line, 2), pen.text(Text::PaidBefore), Role::Care);
    let cards = parts.iter().flat_map(|part| &part.sale.tenders);
    let cards = cards.map(|tender| match tender {
        Tender::Cash { amount, .. } => format!("{} {amount}", pen.text(Text::UndoCash)),
        Tender::Card { name, amount, .. } => format!("{} {amount}", pen.name(name)),
    });
    let cards = cards.collect::<Vec<_>>().join("  ");
    pen.put(skip(rest, 2), &cards, Role::Strong);
}

fn card_request(state: &State, card: &CardCompany) -> Text {
    match state
        .settings
        .classes
        .get(card.card_class)
        .map(|row| row.media)
    {
        Some(Media::ElectronicMoney) => Text::SayTouch,
        Some(Media::Code) => Text::SayCode,
        Some(Media::Credit | Media::Debit) | None => Text::SayCard,
    }
}
