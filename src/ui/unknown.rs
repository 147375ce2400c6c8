//! 結果を受け取れませんでした: what the console does about it, and what a person can answer.
//!
//! ```text
//!  ▲ 結果を受け取れませんでした                       E201  請求: 不明
//!    3,430円   番号 000871   14:32:07   JT-C60   JCB クレ銀三面待ち
//!    時間内に端末から結果が返りませんでした。
//!
//!    もう一度請求しないでください。                   応答 4秒前
//!    端末に確認します  2回目 残り18秒
//!  ───────────────────────────────────────────────────────────────────
//!    端末の画面か売上票を見てください。
//!      1  売上票がある             → 伝票番号を入力して記録
//!      2  端末の履歴に番号がない   → 金額を入力して請求なしで閉じる
//!      3  分からない               → 保留にして次の方へ (現金は使えます)
//!      4  端末で調べる             → 手順を見ながら調べる (連動をはずして、また戻す)
//!
//!    売上票の伝票番号を入れて Enter  > _
//!
//!    サポート窓口 … へ「E201 000871」とお伝えください
//! ```

use ratatui::layout::Rect;

use super::by_hand::{self, Marks};
use super::not_charged::headline;
use super::pen::{Pen, below, inside, row, skip, take};
use super::style::{Role, Shape};
use super::{cat_pane, facts, frame, hint, undo_words};
use crate::app::action::Action;
use crate::app::unknown::{Proof, Question, Stage, Unknown, can_ask};
use crate::app::{State, input};
use crate::domain::ledger::{SaleState, UnknownReason};
use crate::locale::Text;

/// Draw a sale whose outcome nobody knows yet.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, unknown: &Unknown) {
    let rooms = frame::draw(pen, state, Text::TitleUnknown, 0, None);
    let area = rooms.main;
    let record = &unknown.record;
    let said = |text| undo_words::of(record.sale.kind, text);
    let charged = if state.settings.practice {
        Text::ChargedUnknownPractice
    } else {
        Text::ChargedUnknown
    };
    let what = if record.state == SaleState::Parked {
        Text::UnknownParked
    } else {
        Text::UnknownWhat
    };
    let code = code(&unknown.stage);
    let charged = said(charged);
    headline(pen, row(area, 1), Shape::Triangle, (what, code), charged);
    let body = inside(area, 2);
    let line = facts::line(pen, state, record, body.width);
    pen.put(row(body, 2), &line, Role::Strong);
    let why = said(why(record.unknown));
    pen.put(row(body, 3), pen.text(why), Role::Plain);
    let never = pen.text(said(Text::UnknownNeverAgain));
    let rest = pen.put(row(body, 5), never, Role::Alarm);
    if let Some(cat) = state.cats.get(&unknown.cat) {
        let answer = cat_pane::last_answer(pen, state, unknown.cat, cat);
        pen.right(skip(rest, 2), &answer, Role::Plain);
    }
    progress(pen, state, unknown, row(body, 6));
    pen.rule(row(area, 7));
    // Four choices, the proof, and two rows for support always have their place; what there is to see takes what is left.
    let room = body.height.saturating_sub(8 + 4 + 1 + 2);
    let seen = what_to_see(
        pen,
        state,
        unknown,
        Rect {
            height: room,
            ..below(body, 8)
        },
    );
    let mut spare = room.saturating_sub(seen);
    let mut gap = || {
        let gap = spare.min(1);
        spare -= gap;
        gap
    };
    let answers = 8 + seen + gap();
    choices(pen, state, unknown, below(body, answers));
    let typed = answers + 4 + gap();
    proof(pen, unknown, row(body, typed));
    let support = facts::support(pen, state, code, record);
    pen.wrap(below(body, typed + 1 + gap()), &support, Role::Plain);
}

/// What the terminal said, which decides nothing; then where to look. Returns how many rows it took.
fn what_to_see(pen: &mut Pen<'_>, state: &State, unknown: &Unknown, area: Rect) -> u16 {
    let mut used = 0;
    for sentence in hint::sentences(pen, unknown) {
        used += pen.wrap(below(area, used), &sentence, Role::Strong);
    }
    let rest = below(area, used);
    let asks = match unknown.stage {
        Stage::Pausing { .. } | Stage::Asking { .. } => true,
        Stage::GaveUp | Stage::Booking => false,
    };
    let steps = unknown
        .look_up(state)
        .filter(|_| !asks)
        .map(|procedure| by_hand::lines(pen, &[procedure], rest.width));
    match steps.filter(|steps| steps.len() <= usize::from(rest.height)) {
        Some(steps) => {
            by_hand::show(pen, &steps, rest, 0, Marks::Dashes);
            used + u16::try_from(steps.len()).unwrap_or(rest.height)
        }
        // While the terminal is asked, or where the steps have no room beside what it said.
        None => used + pen.wrap(rest, pen.text(Text::UnknownLook), Role::Strong),
    }
}

const fn code(stage: &Stage) -> &'static str {
    match stage {
        Stage::GaveUp => "E202",
        Stage::Pausing { .. } | Stage::Asking { .. } | Stage::Booking => "E201",
    }
}

/// What the console is doing, in seconds that run.
fn progress(pen: &mut Pen<'_>, state: &State, unknown: &Unknown, line: Rect) {
    let now = state.now.mono_ms;
    let attempt = unknown.attempt.to_string();
    let counted = |pen: &Pen<'_>, text, seconds: u64| {
        let values = [
            ("attempt", attempt.as_str()),
            ("seconds", &seconds.to_string()),
        ];
        pen.locale.fill(text, &values)
    };
    let text = match unknown.stage {
        Stage::Pausing { until_ms } => {
            let left = until_ms.saturating_sub(now).div_ceil(1_000);
            counted(pen, Text::UnknownPausing, left)
        }
        Stage::Asking { since_ms } => {
            let past = now.saturating_sub(since_ms) / 1_000;
            match unknown.question {
                Question::LastResult => counted(pen, Text::UnknownAsking, past),
                Question::List | Question::Backing => {
                    pen.fill(Text::UnknownAskingList, "seconds", past)
                }
            }
        }
        Stage::GaveUp if can_ask(state, unknown.cat) => pen.text(Text::UnknownGaveUp).to_owned(),
        Stage::GaveUp => pen.text(Text::UnknownCannotAsk).to_owned(),
        Stage::Booking => pen.text(Text::DoBooking).to_owned(),
    };
    pen.put(line, &text, Role::Care);
}

fn choices(pen: &mut Pen<'_>, state: &State, unknown: &Unknown, area: Rect) {
    let said = |text| undo_words::of(unknown.record.sale.kind, text);
    let choices = [
        (
            "1",
            Action::SlipExists,
            Text::UnknownSlip,
            Text::UnknownSlipThen,
        ),
        (
            "2",
            Action::NotOnTerminal,
            Text::UnknownNone,
            Text::UnknownNoneThen,
        ),
        ("3", Action::Park, Text::UnknownPark, Text::UnknownParkThen),
        (
            "4",
            Action::WorkByHand,
            Text::UnknownByHand,
            Text::UnknownByHandThen,
        ),
    ]
    .map(|(key, action, text, then)| (key, action, said(text), said(then)));
    let column = choices
        .iter()
        .map(|(_, _, text, _)| pen.width(pen.text(*text)))
        .max()
        .unwrap_or(0);
    for (line, (key, action, text, then)) in (0..).zip(choices) {
        let chosen = matches!(
            (&unknown.proof, action),
            (Some(Proof::Slip(_)), Action::SlipExists)
                | (Some(Proof::Amount(_)), Action::NotOnTerminal)
        );
        let refused = input::refusal(state, action).is_some();
        // While a proof is typed, digits are text: the other answers are not to be had.
        let dim = refused || unknown.proof.is_some() && !chosen;
        let (cap, role) = match (dim, chosen) {
            (true, _) => (Role::Faint, Role::Faint),
            (false, true) => (Role::Key, Role::Strong),
            (false, false) => (Role::Key, Role::Plain),
        };
        let place = row(area, line);
        pen.put(take(place, 1), if chosen { ">" } else { " " }, Role::Strong);
        let rest = pen.put(skip(place, 2), &format!(" {key} "), cap);
        let rest = skip(rest, 2);
        pen.put(take(rest, column), pen.text(text), role);
        let then = format!("→ {}", pen.text(then));
        pen.put(skip(rest, column + 2), &then, role);
    }
}

fn proof(pen: &mut Pen<'_>, unknown: &Unknown, line: Rect) {
    let Some(proof) = &unknown.proof else {
        return;
    };
    let label = match proof {
        Proof::Slip(_) => Text::ProofSlip,
        Proof::Amount(_) => Text::ProofAmount,
    };
    let label = undo_words::of(unknown.record.sale.kind, label);
    let rest = pen.put(line, pen.text(label), Role::Strong);
    let rest = pen.put(skip(rest, 2), "> ", Role::Strong);
    pen.field(rest, proof.field());
}

const fn why(reason: Option<UnknownReason>) -> Text {
    match reason {
        Some(UnknownReason::LineCut) => Text::WhyLineCut,
        Some(UnknownReason::NoAcknowledgement) => Text::WhyNoAcknowledgement,
        Some(UnknownReason::Refused) => Text::WhyRefused,
        Some(UnknownReason::NoAnswer) => Text::WhyNoAnswer,
        Some(UnknownReason::ForeignAnswer) => Text::WhyForeignAnswer,
        Some(UnknownReason::Garbled) => Text::WhyGarbled,
        Some(UnknownReason::TerminalReset) => Text::WhyTerminalReset,
        Some(UnknownReason::CentreLost) => Text::WhyCentreLost,
        // Sent, and no entry that says how it broke: nobody was there to write one.
        Some(UnknownReason::ConsoleStopped) | None => Text::WhyConsoleStopped,
    }
}
