//! 請求なし: what happened, why, what to do, whom to call; and the ways on.
//!
//! ```text
//!  ■ 端末が別の操作中です                             E102  請求: いいえ
//!    3,430円   番号 000871   14:32:07   JT-C60   JCB クレ銀三面待ち
//!
//!  なぜ    端末で別の取引か設定が開いています。
//!  対処    端末の「中止」を押して待受の画面に戻し、もう一度。
//!  連絡先  サポート窓口 … へ「E102 000871」とお伝えください
//!  ───────────────────────────────────────────────────────────────────
//!  次はどうしますか
//!    1  もう一度 (JCB)
//!    2  別のカードを選ぶ
//!    3  会計に戻る (現金など)
//!    4  連動しないで端末で会計する
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, row, skip};
use super::style::{Role, Shape};
use super::{facts, frame, undo_words};
use crate::app::action::Action;
use crate::app::link_pane::{Break, Link};
use crate::app::outcome::NotChargedScreen;
use crate::app::{State, input};
use crate::domain::ledger::NotCharged;
use crate::domain::record::SaleRecord;
use crate::domain::sale::SaleKind;
use crate::locale::Text;

/// Columns of the words at the left.
const LABEL: u16 = 8;

/// The most lines of one of the sentences.
const LINES_MAX: u16 = 3;

/// What is said of one reason.
struct Saying {
    code: &'static str,
    what: Text,
    why: Text,
    remedy: Text,
}

/// Draw an attempt that is definitely not charged.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, screen: &NotChargedScreen) {
    let record = &screen.record;
    let said = |text| undo_words::of(record.sale.kind, text);
    let rooms = frame::draw(pen, state, said(Text::TitleNotCharged), 0, None);
    let area = rooms.main;
    let reason = record.not_charged.clone().unwrap_or(NotCharged::NotSent);
    let mut saying = saying(&reason);
    let closed = closed_port(state, record, &reason);
    match closed {
        Some((Break::PortTaken, _)) => {
            saying.why = Text::NotReachableTakenWhy;
            saying.remedy = Text::NotReachableTakenDo;
        }
        Some((Break::StillHeld, _)) => {
            saying.why = Text::NotReachableHeldWhy;
            saying.remedy = Text::NotReachableHeldDo;
        }
        Some((Break::Unreachable, _)) => saying.why = Text::NotReachableUnopenedWhy,
        _ => {}
    }
    let charged = if state.settings.practice {
        Text::ChargedPractice
    } else {
        Text::ChargedNo
    };
    headline(
        pen,
        row(area, 1),
        Shape::Square,
        (said(saying.what), saying.code),
        said(charged),
    );
    let deep = skip(row(area, 2), 2);
    let line = facts::line(pen, state, record, deep.width);
    pen.put(deep, &line, Role::Plain);
    let mut place = below(area, 4);
    let why = why(pen, &reason, said(saying.why));
    let why = match closed {
        Some((_, detail)) => after(&why, detail),
        None => why,
    };
    let support = facts::support(pen, state, saying.code, record);
    for (label, text) in [
        (Text::LabelWhy, why.as_str()),
        (Text::LabelRemedy, pen.text(said(saying.remedy))),
        (Text::LabelCall, support.as_str()),
    ] {
        pen.put(row(place, 0), pen.text(label), Role::Faint);
        // What a system says has no end of its own, and the choices below must stay.
        let room = Rect {
            height: place.height.min(LINES_MAX),
            ..skip(place, LABEL)
        };
        let used = pen.wrap(room, text, Role::Plain);
        place = below(place, used + 1);
    }
    pen.rule(row(place, 0));
    pen.put(row(place, 1), pen.text(Text::ChooseNext), Role::Strong);
    choices(pen, state, screen, below(place, 3));
}

/// How the terminal's port cannot be opened, in the system's words too, where that is why it was not reached.
fn closed_port<'a>(
    state: &'a State,
    record: &SaleRecord,
    reason: &NotCharged,
) -> Option<(Break, &'a str)> {
    let cat = state.cats.get(&record.route.as_ref()?.cat)?;
    match &cat.link {
        Link::Down {
            cause: cause @ (Break::PortTaken | Break::StillHeld | Break::Unreachable),
            detail,
        } if *reason == NotCharged::NotReachable && !detail.is_empty() => Some((*cause, detail)),
        _ => None,
    }
}

/// The line that says an outcome: shape, sentence, code, and whether anything was charged.
pub(crate) fn headline(
    pen: &mut Pen<'_>,
    line: Rect,
    shape: Shape,
    (what, code): (Text, &str),
    charged: Text,
) {
    let role = match shape {
        Shape::Full => Role::Good,
        Shape::Triangle => Role::Care,
        _ => Role::Alarm,
    };
    let rest = pen.put(line, pen.look.shape(shape), role);
    let rest = pen.put(skip(rest, 1), pen.text(what), role);
    let charged = format!("{code}   {} ", pen.text(charged));
    pen.right(rest, charged.trim_start(), Role::Strong);
}

/// The reason, and what the terminal said of it.
fn why(pen: &Pen<'_>, reason: &NotCharged, why: Text) -> String {
    let why = pen.text(why);
    match reason {
        NotCharged::Declined {
            center_result_code: Some(code),
        } => after(why, &pen.fill(Text::CenterResultCode, "code", code)),
        NotCharged::InsufficientBalance {
            balance: Some(balance),
        } => after(why, &pen.fill(Text::BalanceLeft, "balance", balance)),
        // Whole seconds, the begun one counted.
        NotCharged::AnswerOwed { wait_ms } => after(
            why,
            &pen.fill(Text::OwedLeft, "seconds", wait_ms.div_ceil(1_000)),
        ),
        _ => why.to_owned(),
    }
}

/// Japanese sentences follow each other without a space.
fn after(sentence: &str, more: &str) -> String {
    let gap = if sentence.ends_with('。') { "" } else { " " };
    format!("{sentence}{gap}{more}")
}

fn choices(pen: &mut Pen<'_>, state: &State, screen: &NotChargedScreen, area: Rect) {
    let retry = pen.fill(Text::ChooseRetry, "card", card(pen, &screen.record));
    let choices = match screen.record.sale.kind {
        SaleKind::Sale => vec![
            ("1", Action::Retry, retry.as_str()),
            ("2", Action::OtherCard, pen.text(Text::ChooseOtherCard)),
            ("3", Action::PayCash, pen.text(Text::ChooseCash)),
            ("4", Action::WorkByHand, pen.text(Text::ChooseByHand)),
        ],
        SaleKind::Void | SaleKind::Refund => vec![
            ("1", Action::Retry, pen.text(Text::ChooseUndoRetry)),
            ("2", Action::UndoByHand, pen.text(Text::ChooseUndoByHand)),
            ("3", Action::BackToUndo, pen.text(Text::ChooseUndoBack)),
        ],
    };
    for (line, (key, action, text)) in (0..).zip(choices) {
        let refused = input::refusal(state, action).is_some();
        let (cap, role) = if refused {
            (Role::Faint, Role::Faint)
        } else {
            (Role::Key, Role::Plain)
        };
        let rest = pen.put(skip(row(area, line), 2), &format!(" {key} "), cap);
        pen.put(skip(rest, 2), text, role);
    }
}

fn card(pen: &Pen<'_>, record: &SaleRecord) -> String {
    match record.sale.card() {
        Some(crate::domain::tender::Tender::Card { name, .. }) => pen.name(name).to_owned(),
        _ => String::new(),
    }
}

const fn saying(reason: &NotCharged) -> Saying {
    let (code, [what, why, remedy]) = match reason {
        NotCharged::NotReachable => ("E101", NOT_REACHABLE),
        NotCharged::Busy => ("E102", BUSY),
        NotCharged::Declined { .. } => ("E103", DECLINED),
        NotCharged::StoppedAtTerminal => ("E104", STOPPED),
        NotCharged::Standalone => ("E105", STANDALONE),
        NotCharged::InsufficientBalance { .. } => ("E106", BALANCE),
        NotCharged::DailyLogFull => ("E107", DAILY_LOG),
        NotCharged::CommandRefused => ("E108", COMMAND),
        NotCharged::NotSent => ("E109", NOT_SENT),
        NotCharged::BackedOut => ("E110", BACKED_OUT),
        NotCharged::NotAtTerminal => ("E111", AT_TERMINAL),
        NotCharged::OperatorSawNone => ("E112", SEEN_BY_OPERATOR),
        NotCharged::GivenUp => ("E113", GIVEN_UP),
        NotCharged::AnotherTerminal => ("E114", ANOTHER),
        NotCharged::AnswerOwed { .. } => ("E115", OWED),
    };
    Saying {
        code,
        what,
        why,
        remedy,
    }
}

/// What happened, why, what to do.
type Words = [Text; 3];

const NOT_REACHABLE: Words = [
    Text::NotReachable,
    Text::NotReachableWhy,
    Text::NotReachableDo,
];
const BUSY: Words = [Text::NotBusy, Text::NotBusyWhy, Text::NotBusyDo];
const DECLINED: Words = [Text::NotDeclined, Text::NotDeclinedWhy, Text::NotDeclinedDo];
const STOPPED: Words = [Text::NotStopped, Text::NotStoppedWhy, Text::NotStoppedDo];
const STANDALONE: Words = [
    Text::NotStandalone,
    Text::NotStandaloneWhy,
    Text::NotStandaloneDo,
];
const BALANCE: Words = [Text::NotBalance, Text::NotBalanceWhy, Text::NotBalanceDo];
const DAILY_LOG: Words = [Text::NotDailyLog, Text::NotDailyLogWhy, Text::NotDailyLogDo];
const COMMAND: Words = [Text::NotCommand, Text::NotCommandWhy, Text::NotCommandDo];
const NOT_SENT: Words = [Text::NotSent, Text::NotSentWhy, Text::NotSentDo];
const BACKED_OUT: Words = [
    Text::NotBackedOut,
    Text::NotBackedOutWhy,
    Text::NotBackedOutDo,
];
const AT_TERMINAL: Words = [
    Text::NotAtTerminal,
    Text::NotAtTerminalWhy,
    Text::NotAtTerminalDo,
];
const ANOTHER: Words = [Text::NotAnother, Text::NotAnotherWhy, Text::NotAnotherDo];
const OWED: Words = [Text::NotOwed, Text::NotOwedWhy, Text::NotOwedDo];
const GIVEN_UP: Words = [Text::NotGivenUp, Text::NotGivenUpWhy, Text::NotGivenUpDo];
const SEEN_BY_OPERATOR: Words = [
    Text::NotSeenByOperator,
    Text::NotSeenByOperatorWhy,
    Text::NotSeenByOperatorDo,
];
