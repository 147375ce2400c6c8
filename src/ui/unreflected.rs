//! 未反映の入金: what the receipt computer was not told, and below it why, and what to do.
//!
//! ```text
//!    伝票番号  患者番号  日レセ伝票     金額  方法    状態          次
//!  > 00000142  00012     0001426         650  現金    他端末使用中  14:35
//!    00000143  00034     0001430      -1,230  VISA    順番待ち
//!
//!  日レセで患者が使用中です: 高橋 端末 2 14:20から。…
//! ```

use chrono::{DateTime, FixedOffset};
use ratatui::layout::Rect;

use super::frame;
use super::pen::{Pen, below, columns, row, skip, take};
use super::style::Role;
use crate::app::State;
use crate::app::reflection::{Asking, LineTrouble, Queue, Row, RowState, Why};
use crate::domain::money::Yen;
use crate::domain::reflection::{Method, Standing, words};
use crate::locale::Text;

/// Rows below the list that say why, and what is asked.
const FOOT: u16 = 8;

/// Draw the list.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, queue: &Queue) {
    let rooms = frame::draw(pen, state, Text::TitleUnreflected, 0, None);
    let area = below(rooms.main, 1);
    let used = pen.wrap(area, pen.text(Text::UnreflectedWhat), Role::Plain);
    let area = below(area, used + 1);
    let heads = [
        Text::ColumnSlip,
        Text::ColumnPatient,
        Text::ColumnInvoice,
        Text::ColumnAmount,
        Text::ColumnMethod,
        Text::ColumnState,
        Text::ColumnNextTry,
    ];
    let [_, places @ ..] = split(row(area, 0));
    for (place, head) in places.into_iter().zip(heads) {
        match head {
            Text::ColumnAmount => pen.right(place, pen.text(head), Role::Faint),
            _ => {
                pen.put(place, pen.text(head), Role::Faint);
            }
        }
    }
    let list = below(area, 1);
    let list = Rect {
        height: list.height.saturating_sub(FOOT),
        ..list
    };
    let rows = state.queue();
    let marked = rows.iter().position(|row| Some(row.key) == queue.selected);
    let room = usize::from(list.height).max(1);
    let first = (marked.unwrap_or(0) + 1).saturating_sub(room);
    for (index, item) in (0..).zip(rows.iter().skip(first).take(room)) {
        let place = row(list, index);
        line(pen, state, place, item);
        if Some(item.key) == queue.selected {
            pen.put(take(place, 1), ">", Role::Strong);
            pen.paint(place, Role::Mark);
        }
    }
    let foot = below(area, 1 + list.height + 1);
    match marked.and_then(|at| rows.get(at)) {
        Some(row) => match &queue.asking {
            Some(asking) => ask(pen, state, foot, row, asking),
            None => {
                pen.wrap(foot, &why(pen, state, row), Role::Care);
            }
        },
        None if rows.is_empty() => {
            pen.put(
                row(list, 0),
                pen.text(Text::NothingUnreflected),
                Role::Plain,
            );
        }
        None => {}
    }
}

fn split(line: Rect) -> [Rect; 8] {
    let fixed = 1 + 8 + 12 + 10 + 11 + 13 + 6 + 7;
    columns(
        line,
        [1, 8, 12, 10, 11, line.width.saturating_sub(fixed), 13, 6],
    )
}

fn line(pen: &mut Pen<'_>, state: &State, place: Rect, item: &Row<'_>) {
    let [_, slip, patient, invoice, amount, method, standing, next] = split(place);
    let posting = &item.progress.posting;
    pen.put(slip, &item.key.0.to_string(), Role::Plain);
    let number = super::patient::number(pen, state, &posting.patient);
    pen.put(patient, &number, Role::Plain);
    match item.progress.invoice() {
        Some(number) => pen.put(invoice, number.as_str(), Role::Plain),
        None => pen.put(invoice, pen.text(Text::ReflectNoInvoice), Role::Faint),
    };
    let signed = match posting.back {
        true => Yen::new(-posting.amount.get()),
        false => posting.amount,
    };
    pen.amount(amount, signed, Role::Strong);
    let words = match &posting.method {
        Method::Cash => pen.text(Text::MethodCash).to_owned(),
        Method::Card(code) => {
            let mut cards = state.settings.cards.iter();
            let card = cards.find(|card| card.code == *code);
            card.map_or_else(|| code.clone(), |card| pen.name(&card.name).to_owned())
        }
    };
    pen.put(method, &words, Role::Plain);
    let where_it_is = item.state(state);
    pen.put(standing, pen.text(word(where_it_is)), Role::Care);
    let when = match where_it_is {
        RowState::Telling | RowState::Behind | RowState::NotConnected => String::new(),
        _ => match state.reflection.next_try(item.key) {
            Some(at) if at > state.now.mono_ms => {
                let left = chrono::Duration::milliseconds(
                    i64::try_from(at - state.now.mono_ms).unwrap_or(i64::MAX),
                );
                (state.now.wall + left).format("%H:%M").to_string()
            }
            Some(_) => String::new(),
            None => pen.text(Text::ReflectByPerson).to_owned(),
        },
    };
    pen.put(next, &when, Role::Plain);
}

const fn word(state: RowState) -> Text {
    match state {
        RowState::NotConnected => Text::ReflectNotConnected,
        RowState::Telling => Text::ReflectTelling,
        RowState::Due => Text::ReflectDue,
        RowState::Refused => Text::ReflectRefused,
        RowState::Changed => Text::ReflectChanged,
        RowState::Unfound => Text::ReflectUnfound,
        RowState::Held => Text::ReflectHeld,
        RowState::Unsure => Text::ReflectUnsure,
        RowState::Behind => Text::ReflectBehind,
        RowState::Closing => Text::ReflectClosing,
    }
}

/// Why it is not there, and what to do.
fn why(pen: &Pen<'_>, state: &State, item: &Row<'_>) -> String {
    let posting = &item.progress.posting;
    let amount = posting.amount;
    let standing = item.state(state);
    if standing == RowState::NotConnected {
        return pen.text(Text::OrcaNotConnected).to_owned();
    }
    let own = state.reflection.why(item.key).map(|why| match why {
        Why::Refused { code, message } => refused_words(pen, code, message),
        Why::Held {
            code,
            lock,
            message,
        } => match (lock, words_of(pen, Text::OrcaRefusedTold, code)) {
            // Who it is, nobody told: what the code means, and the tail of its sentence, which may name the terminal.
            (None, Some(told)) => format!("{told} {message}").trim_end().to_owned(),
            (lock, _) => {
                let held = lock
                    .as_ref()
                    .map(|lock| holder(pen, (&lock.operator, &lock.terminal), lock.since));
                let detail = held.unwrap_or_else(|| message.clone());
                pen.locale.fill(
                    Text::ReflectHeldWhy,
                    &[("code", code.as_str()), ("detail", &detail)],
                )
            }
        },
        Why::Caution => pen.text(Text::ReflectCautionWhy).to_owned(),
        Why::Changed | Why::Unfound => refused(pen, item, amount),
        Why::Unclear { rows, received } => pen
            .fill(Text::ReflectUnclearWhy, "rows_before", rows.0)
            .replace("{rows_now}", &rows.1.to_string())
            .replace("{received_before}", &received.0.to_string())
            .replace("{received_now}", &received.1.to_string())
            .replace("{amount}", &amount.to_string()),
    });
    if let Some(own) = own {
        return own;
    }
    if let Some(failure) = &state.reflection.line_trouble {
        return line_words(pen, failure);
    }
    match standing {
        RowState::Unsure => pen.text(Text::ReflectUnsureWhy).to_owned(),
        RowState::Closing => pen.text(Text::ReflectClosingWhy).to_owned(),
        RowState::Behind => pen.text(Text::ReflectBehindWhy).to_owned(),
        RowState::Refused | RowState::Changed | RowState::Unfound => refused(pen, item, amount),
        _ => pen.text(Text::ReflectDueWhy).to_owned(),
    }
}

/// What the books keep of a refusal.
fn refused(pen: &Pen<'_>, item: &Row<'_>, amount: Yen) -> String {
    match &item.progress.standing {
        Standing::Refused { code, unpaid: None } if code == words::NO_INVOICE => {
            pen.fill(Text::ReflectUnfoundBack, "amount", amount)
        }
        Standing::Refused {
            code,
            unpaid: Some(unpaid),
        } => {
            let text = match code.as_str() {
                words::NO_INVOICE => Text::ReflectUnfoundNone,
                words::SEVERAL_INVOICES => Text::ReflectUnfoundSeveral,
                _ => Text::ReflectChangedWhy,
            };
            pen.fill(text, "amount", amount)
                .replace("{unpaid}", &unpaid.to_string())
        }
        Standing::Refused { code, .. } if code == words::CAUTION => {
            pen.text(Text::ReflectCautionWhy).to_owned()
        }
        Standing::Refused { code, .. } if code != words::NOT_SENT && code != words::NOT_THERE => {
            refused_words(pen, code, "")
        }
        _ => pen.text(Text::ReflectDueWhy).to_owned(),
    }
}

/// The receipt computer's no: in the words of its code where they are known, in its own where not.
fn refused_words(pen: &Pen<'_>, code: &str, message: &str) -> String {
    words_of(pen, Text::ReflectRefusedTold, code).unwrap_or_else(|| {
        let detail = format!("{code} {message}");
        pen.fill(Text::ReflectRefusedWhy, "detail", detail.trim())
    })
}

/// What a code of the receipt computer means, in a text that says what, why and what to do.
pub(crate) fn words_of(pen: &Pen<'_>, text: Text, code: &str) -> Option<String> {
    let told = crate::orca::texts::told(code, pen.locale.language())?;
    let values = [
        ("what", told.what.as_str()),
        ("why", &told.why),
        ("todo", &told.todo),
        ("code", code),
    ];
    Some(pen.locale.fill(text, &values))
}

fn holder(
    pen: &Pen<'_>,
    (operator, terminal): (&str, &str),
    since: Option<DateTime<FixedOffset>>,
) -> String {
    let since = since.map_or_else(|| "?".to_owned(), |since| since.format("%H:%M").to_string());
    pen.fill(Text::ReflectHeldSince, "name", operator)
        .replace("{terminal}", terminal)
        .replace("{since}", &since)
}

fn line_words(pen: &Pen<'_>, trouble: &LineTrouble) -> String {
    let (text, detail) = match trouble {
        LineTrouble::Unreachable(detail) => (Text::ReflectLineUnreachable, detail),
        LineTrouble::Lost(detail) => (Text::ReflectLineLost, detail),
        LineTrouble::Denied(detail) => (Text::ReflectLineDenied, detail),
        LineTrouble::Foreign(detail) => (Text::ReflectLineForeign, detail),
    };
    pen.fill(text, "detail", detail)
}

/// The question, its fields, and the cursor in the one that is typed.
fn ask(pen: &mut Pen<'_>, state: &State, area: Rect, item: &Row<'_>, asking: &Asking) {
    let (what, fields): (Text, Vec<(Text, &crate::app::field::Field, bool)>) = match asking {
        Asking::EnteredThere {
            reason,
            amount,
            at_amount,
        } => (
            Text::ReflectEnteredWhat,
            vec![
                (Text::ReflectAskReason, reason, !at_amount),
                (Text::ReflectAskAmount, amount, *at_amount),
            ],
        ),
        Asking::Release { patient } => (
            Text::ReflectReleaseWhat,
            vec![(Text::ReflectAskPatient, patient, true)],
        ),
    };
    let mut used = 0;
    if matches!(asking, Asking::Release { .. }) {
        used += pen.wrap(area, &why(pen, state, item), Role::Care);
    }
    used += pen.wrap(below(area, used), pen.text(what), Role::Plain);
    for (label, field, here) in fields {
        let place = row(area, used);
        let rest = pen.put(place, pen.text(label), Role::Plain);
        if here {
            let rest = pen.put(rest, " > ", Role::Strong);
            pen.field(rest, field);
        } else {
            pen.put(skip(rest, 3), field.text(), Role::Plain);
        }
        used += 1;
    }
}
