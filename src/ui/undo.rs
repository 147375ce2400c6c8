//! 取消・返品: the sale, what applies and why, how the money goes back, and what is chosen of it.
//!
//! ```text
//!  元の伝票  00000142  2026-11-20 14:32  3,430円
//!  > JCB クレ銀三面待ち  3,430円  残り 3,430円
//!    端末伝票番号 01234  番号 000871  承認番号 654321
//!  ───────────────────────────────────────────────────────────────────
//!  内容    ● 返品 2,200円
//!  なぜ    売上の日が過ぎているので返品です
//!  日付    売上 2026-11-20   今日 2026-11-21   端末の日計 11-20 22:00 済み
//!  規則    クレジット  要確認  出典 …
//!  返し方  端末で手動 (順に案内します)
//!  返済み  なし
//!  ───────────────────────────────────────────────────────────────────
//!    1 再診料・処置          1,230  1 のうち [0]
//!  > 2 診断書                2,200  1 のうち [1]
//!  確認の金額 > _
//! ```

use ratatui::layout::Rect;

use super::pen::{Pen, below, row, skip, take};
use super::style::{Role, Shape};
use super::{frame, words};
use crate::app::State;
use crate::app::undo::correction::{self, Difference};
use crate::app::undo::{Decision, Denied, Focus, Plan, Take, ToBill, Undo, Way};
use crate::domain::bill::{Billed, InvoiceNumber, Share};
use crate::domain::money::Yen;
use crate::domain::record::SaleRecord;
use crate::domain::sale::total;
use crate::domain::tender::Tender;
use crate::domain::text::Language;
use crate::domain::undo::{Because, Clocks, TerminalDay};
use crate::locale::Text;

/// Columns of the words at the left.
const LABEL: u16 = 10;
/// Columns of a field.
const FIELD: u16 = 13;

/// Draw what is to be taken back.
pub(crate) fn draw(pen: &mut Pen<'_>, state: &State, undo: &Undo) {
    let rooms = frame::draw(pen, state, Text::TitleUndo, 0, None);
    let area = rooms.main;
    let Some(original) = undo.original() else {
        pen.put(row(area, 1), pen.text(Text::Reading), Role::Plain);
        return;
    };
    let used = head(pen, state, undo, original, area);
    let mut place = below(area, used);
    pen.rule(row(place, 0));
    place = below(place, 1);
    let plan = undo.plan(state);
    let used = verdict(pen, state, undo, plan.as_ref(), place);
    place = below(place, used);
    pen.rule(row(place, 0));
    place = below(place, 1);
    let foot = u16::from(plan.as_ref().is_some_and(|plan| undo.needs_proof(plan)))
        + u16::from(undo.second.is_some())
        + u16::from(!undo.corrected.is_empty());
    let room = Rect {
        height: place.height.saturating_sub(foot),
        ..place
    };
    match undo.take {
        Take::All => {}
        Take::Lines => lines(pen, undo, original, room),
        Take::Amount => field(
            pen,
            row(room, 0),
            (Text::UndoAmountField, undo, Focus::Amount),
        ),
    }
    below_it(
        pen,
        undo,
        plan.as_ref(),
        below(place, place.height.saturating_sub(foot)),
    );
}

/// The sale, its tenders, and the terminal's numbers of it. Returns how many rows they took.
fn head(pen: &mut Pen<'_>, state: &State, undo: &Undo, original: &SaleRecord, area: Rect) -> u16 {
    let at = original.stamp.at.format("%Y-%m-%d %H:%M");
    let amount = pen.fill(Text::YenAmount, "amount", original.total());
    let label = pen.text(Text::UndoOriginal);
    pen.put(row(area, 0), label, Role::Plain);
    let facts = format!("{}  {at}  {amount}", original.slip);
    pen.put(skip(row(area, 0), LABEL), &facts, Role::Strong);
    let mut used = 1;
    for (index, tender) in original.sale.tenders.iter().enumerate() {
        let line = row(area, used);
        let chosen = index == undo.tender || undo.all_tenders();
        let mark = if chosen { ">" } else { " " };
        pen.put(line, mark, Role::Strong);
        let name = match tender {
            Tender::Cash { .. } => pen.text(Text::UndoCash).to_owned(),
            Tender::Card {
                name,
                card_class_name,
                ..
            } => format!("{} {}", pen.name(name), pen.name(card_class_name)),
        };
        let amount = pen.fill(Text::YenAmount, "amount", tender.amount());
        let left = pen.fill(Text::UndoLeft, "left", undo.left(state, index));
        let role = if chosen { Role::Strong } else { Role::Plain };
        pen.put(skip(line, 2), &format!("{name}  {amount}  {left}"), role);
        used += 1;
    }
    if original.sale.tenders.len() > 1 {
        let hint = format!("PgDn {}", pen.text(Text::KeyNextTender));
        pen.right(row(area, 1), &hint, Role::Faint);
    }
    let numbers = numbers(pen, original);
    if !numbers.is_empty() {
        pen.put(skip(row(area, used), 2), &numbers, Role::Plain);
        used += 1;
    }
    used
}

/// What a person needs at the terminal: the numbers of the slip that is taken back.
fn numbers(pen: &Pen<'_>, original: &SaleRecord) -> String {
    let facts = &original.terminal;
    let some = [
        (
            Text::TerminalSlip,
            facts.slip_number.as_ref().map(ToString::to_string),
        ),
        (
            Text::SequenceNumber,
            original.sequence_number.map(|number| number.to_string()),
        ),
        (
            Text::ApprovalCode,
            facts.approval_code.as_ref().map(ToString::to_string),
        ),
    ];
    let parts = some
        .into_iter()
        .filter_map(|(label, value)| Some(format!("{} {}", pen.text(label), value?)));
    parts.collect::<Vec<_>>().join("  ")
}

/// What applies, why, both clocks, the rule, the way, and what was taken back. Returns how many rows it took.
fn verdict(pen: &mut Pen<'_>, state: &State, undo: &Undo, plan: Option<&Plan>, area: Rect) -> u16 {
    let decision = undo.decision(state);
    let (denied, rule, clocks) = match &decision {
        Some(Decision::Allowed(plan)) => (None, Some(&plan.rule), Some(plan.clocks)),
        Some(Decision::Refused(refusal)) => (
            Some(&refusal.why),
            refusal.rule.as_ref(),
            Some(refusal.clocks),
        ),
        None => (None, None, None),
    };
    let mut used = 0;
    let place = labelled(pen, area, &mut used, Text::UndoWhat);
    what(pen, plan, denied, place);
    let why = match (denied, plan) {
        (Some(denied), _) => said(pen, state, denied),
        (None, Some(plan)) => pen.text(because(plan.because)).to_owned(),
        // A rule that says cash for a card, which two people have to say too.
        (None, None) => pen.text(Text::CashNeedsSecond).to_owned(),
    };
    let role = if plan.is_some() && denied.is_none() {
        Role::Plain
    } else {
        Role::Care
    };
    let place = labelled(pen, area, &mut used, Text::UndoWhy);
    pen.put(place, &why, role);
    if let Some(clocks) = clocks {
        let place = labelled(pen, area, &mut used, Text::UndoClocks);
        self::clocks(pen, &clocks, place);
        if clocks.disagree() {
            let rest = pen.put(
                skip(row(area, used), LABEL),
                pen.look.shape(Shape::Triangle),
                Role::Care,
            );
            pen.put(skip(rest, 1), pen.text(Text::ClocksDisagree), Role::Care);
            used += 1;
        }
    }
    used += applied(pen, state, undo, rule, below(area, used));
    if let Some(plan) = plan {
        let place = labelled(pen, area, &mut used, Text::UndoWay);
        let text = match undo.made_elsewhere(state) {
            _ if undo.was_typed(plan) => pen.text(Text::WayOfItsSlip).to_owned(),
            Some(took) if plan.way == Way::ByHand => pen.fill(Text::WayElsewhere, "id", took),
            None if undo.is_not_the_last(state, plan) => pen.text(Text::WayNotLast).to_owned(),
            None if undo.is_one_of_two(plan) => pen.text(Text::WayNumberAgain).to_owned(),
            _ => way(pen, plan),
        };
        let rest = pen.put(place, &text, Role::Strong);
        if undo.all_tenders() {
            pen.put(skip(rest, 2), pen.text(Text::CashAfterCard), Role::Care);
        }
    }
    used += to_receipt_computer(pen, undo, plan, below(area, used));
    if plan.is_none() && undo.second_may_allow(state) {
        let place = labelled(pen, area, &mut used, Text::UndoWay);
        pen.put(place, pen.text(Text::SecondMayAllow), Role::Care);
    }
    let place = labelled(pen, area, &mut used, Text::UndoTaken);
    let taken = taken(pen, undo);
    pen.put(place, &taken, Role::Plain);
    used
}

/// The rule that decides, and where it is from.
fn applied(
    pen: &mut Pen<'_>,
    state: &State,
    undo: &Undo,
    rule: Option<&String>,
    area: Rect,
) -> u16 {
    let mut used = 0;
    if let Some(rule) = rule.and_then(|name| state.settings.undo.rules.named(name)) {
        let place = labelled(pen, area, &mut used, Text::UndoRule);
        let rest = pen.put(place, pen.name(&rule.title), Role::Plain);
        if rule.to_confirm {
            pen.put(skip(rest, 2), pen.text(Text::UndoToConfirm), Role::Care);
        }
        // Where lines are chosen they need the room.
        if undo.take == Take::All {
            let source = hosts(in_language(pen, &rule.source));
            let source = pen.fill(Text::UndoSource, "source", source);
            for (text, role) in [
                (source.as_str(), Role::Faint),
                (pen.name(&rule.note), Role::Plain),
            ] {
                let rest = skip_columns(below(area, used));
                used += pen.wrap(rest, text, role);
            }
        }
    }
    used
}

/// `店の決まり / the shop's own` in the language of the screen.
fn in_language<'a>(pen: &Pen<'_>, source: &'a str) -> &'a str {
    match (source.split_once(" / "), pen.locale.language()) {
        (Some((ja, _)), Language::Ja) => ja,
        (Some((_, en)), Language::En) => en,
        (None, _) => source,
    }
}

/// Where a rule is from, as short as it is found again: of an address whose pages they are.
fn hosts(source: &str) -> String {
    let host = |part: &str| {
        let bare = part.trim();
        match bare.strip_prefix("https://") {
            Some(address) => address.split('/').next().unwrap_or(address).to_owned(),
            None => bare.to_owned(),
        }
    };
    source.split(',').map(host).collect::<Vec<_>>().join(", ")
}

/// What stands behind the labels; two rows of it at most.
fn skip_columns(area: Rect) -> Rect {
    Rect {
        height: area.height.min(2),
        ..skip(area, LABEL)
    }
}

/// A label, and the place behind it.
fn labelled(pen: &mut Pen<'_>, area: Rect, used: &mut u16, label: Text) -> Rect {
    let line = row(area, *used);
    *used += 1;
    pen.put(line, pen.text(label), Role::Faint);
    skip(line, LABEL)
}

fn what(pen: &mut Pen<'_>, plan: Option<&Plan>, denied: Option<&Denied>, place: Rect) {
    match (plan, denied) {
        (Some(plan), _) => {
            let rest = pen.put(place, pen.look.shape(Shape::Full), Role::Good);
            let amount = pen.fill(Text::YenAmount, "amount", plan.amount);
            let text = format!("{} {amount}", pen.text(words::kind(plan.kind)));
            pen.put(skip(rest, 1), &text, Role::Strong);
        }
        // Nobody was refused anything yet.
        (None, Some(Denied::NoAmount)) => {
            pen.put(place, pen.text(Text::UndoNoneChosen), Role::Plain);
        }
        (None, _) => {
            let rest = pen.put(place, pen.look.shape(Shape::Square), Role::Alarm);
            pen.put(skip(rest, 1), pen.text(Text::UndoNotPossible), Role::Alarm);
        }
    }
}

fn clocks(pen: &mut Pen<'_>, clocks: &Clocks, place: Rect) {
    let values = [
        ("sold", clocks.sold_on.to_string()),
        ("today", clocks.today.to_string()),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let ours = pen.locale.fill(Text::ClocksSame, &values);
    let rest = pen.put(place, &ours, Role::Plain);
    let at = |at: &chrono::DateTime<chrono::FixedOffset>| at.format("%m-%d %H:%M").to_string();
    let terminal = match &clocks.terminal {
        Some(TerminalDay::Closed { at: when }) => pen.fill(Text::ClockClosed, "at", at(when)),
        Some(TerminalDay::OpenUntil { at: when }) => pen.fill(Text::ClockOpen, "at", at(when)),
        Some(TerminalDay::NotKnownClosed) => pen.text(Text::ClockNotKnown).to_owned(),
        None => return,
    };
    pen.put(skip(rest, 3), &terminal, Role::Plain);
}

fn way(pen: &Pen<'_>, plan: &Plan) -> String {
    match plan.way {
        Way::Link => pen.text(Text::WayLink).to_owned(),
        Way::ByHand => pen.text(Text::WayByHand).to_owned(),
        Way::Cash => pen.fill(Text::WayCash, "amount", plan.amount),
        Way::SlipOnly => pen.text(Text::WaySlipOnly).to_owned(),
    }
}

const fn because(because: Because) -> Text {
    match because {
        Because::SameDay => Text::BecauseSameDay,
        Because::Part => Text::BecausePart,
        Because::AfterDailyLog => Text::BecauseAfterDailyLog,
        Because::LaterDay => Text::BecauseLaterDay,
        Because::NoVoid => Text::BecauseNoVoid,
        Because::CashInstead => Text::BecauseCashInstead,
    }
}

fn said(pen: &Pen<'_>, state: &State, denied: &Denied) -> String {
    let text = match denied {
        Denied::OtherMode => Text::DeniedOtherMode,
        Denied::NotASale => Text::DeniedNotASale,
        Denied::NotPaid => Text::DeniedNotPaid,
        Denied::NothingLeft => Text::DeniedNothingLeft,
        Denied::MoreThanLeft { left } => return pen.fill(Text::DeniedMoreThanLeft, "left", left),
        Denied::NoAmount => Text::DeniedNoAmount,
        Denied::NoSuchLine { line } => return pen.fill(Text::DeniedNoSuchLine, "line", line),
        Denied::LineGone { line } => return pen.fill(Text::DeniedLineGone, "line", line),
        Denied::BrandUnknown { choices } => {
            let names = choices.iter().filter_map(|class| {
                let row = state.settings.classes.get(*class)?;
                Some(pen.name(&row.name).to_owned())
            });
            let names = names.collect::<Vec<_>>().join(" / ");
            return pen.fill(Text::DeniedBrandUnknown, "cards", names);
        }
        Denied::NeverTakenBack => Text::DeniedNever,
        Denied::TooLate { days, limit } => {
            return pen.locale.fill(
                Text::DeniedTooLate,
                &[("days", &days.to_string()), ("limit", &limit.to_string())],
            );
        }
        Denied::AfterDailyLog => Text::DeniedAfterDailyLog,
        Denied::WholeOnly => Text::DeniedWholeOnly,
        Denied::NotLast => Text::DeniedNotLast,
        Denied::OtherTerminal { terminal_code } => {
            return pen.fill(Text::DeniedOtherTerminal, "terminal", terminal_code);
        }
    };
    pen.text(text).to_owned()
}

/// What the receipt computer is told of it, and by which rule where nobody said. Returns how many rows it took.
fn to_receipt_computer(pen: &mut Pen<'_>, undo: &Undo, plan: Option<&Plan>, area: Rect) -> u16 {
    let Some(to_bill) = plan.and_then(|plan| undo.to_bill(plan)) else {
        return 0;
    };
    let mut used = 0;
    let place = labelled(pen, area, &mut used, Text::UndoBill);
    pen.put(place, &told_back(pen, &to_bill), Role::Strong);
    if !undo.corrected.is_empty() {
        let place = skip(row(area, used), LABEL);
        let paid = to_bill.corrected.iter().map(|share| {
            let yen = share.amount.to_string();
            let values = [("invoice", invoice(pen, share)), ("yen", &yen)];
            pen.locale.fill(Text::UndoBillPaid, &values)
        });
        let mut words = paid.collect::<Vec<_>>().join("  ");
        if words.is_empty() {
            pen.text(Text::UndoBillNotPaid).clone_into(&mut words);
        }
        pen.put(place, &words, Role::Strong);
        used += 1;
    }
    // Goods beside the bill: which of them the money is, nobody said.
    if to_bill.by_rule && mixed(undo) {
        let place = skip_columns(below(area, used));
        used += pen.wrap(place, pen.text(Text::UndoBillRule), Role::Care);
    }
    used
}

/// What the receipt computer is told of it: invoice by invoice, and what it is not told.
fn told_back(pen: &Pen<'_>, to_bill: &ToBill) -> String {
    let mut parts: Vec<String> = Vec::new();
    for share in &to_bill.shares {
        let yen = share.amount.to_string();
        let values = [("invoice", invoice(pen, share)), ("yen", &yen)];
        parts.push(pen.locale.fill(Text::UndoBillInvoice, &values));
    }
    if parts.is_empty() {
        parts.push(pen.text(Text::UndoBillNothing).to_owned());
    }
    if to_bill.goods.is_positive() {
        parts.push(pen.fill(Text::UndoBillGoods, "yen", to_bill.goods));
    }
    parts.join("  ")
}

/// Its number; of a bill that names none, one is looked for when it is told.
fn invoice<'a>(pen: &'a Pen<'_>, share: &'a Share) -> &'a str {
    share
        .known()
        .map_or(pen.text(Text::ReflectNoInvoice), InvoiceNumber::as_str)
}

/// True where goods were sold beside the bill.
fn mixed(undo: &Undo) -> bool {
    undo.original().is_some_and(|original| {
        let of_bill = original.sale.bill.as_ref().and_then(Billed::total);
        of_bill.is_some_and(|of_bill| of_bill < original.total())
    })
}

/// What was taken back already, slip by slip.
fn taken(pen: &Pen<'_>, undo: &Undo) -> String {
    let undone = undo.sale.as_ref().map_or(&[][..], |sale| &sale.undone);
    let all = undone.iter().map(|slip| {
        let kind = pen.text(words::kind(slip.sale.kind));
        let amount = pen.fill(Text::YenAmount, "amount", slip.total());
        let state = match slip.state {
            crate::domain::ledger::SaleState::Settled => String::new(),
            state => format!(" {}", pen.text(words::state(state))),
        };
        format!("{kind} {amount} ({}){state}", slip.slip)
    });
    let all = all.collect::<Vec<_>>().join("  ");
    if all.is_empty() {
        pen.text(Text::UndoNothingYet).to_owned()
    } else {
        all
    }
}

/// The bill, and of each line how many go back.
fn lines(pen: &mut Pen<'_>, undo: &Undo, original: &SaleRecord, area: Rect) {
    let room = usize::from(area.height).max(1);
    let first = (undo.row + 1).saturating_sub(room);
    let rows = original.sale.lines.iter().enumerate();
    for (index, line) in rows.skip(first).take(room) {
        let place = row(area, u16::try_from(index - first).unwrap_or(u16::MAX));
        let marked = index == undo.row && undo.focus == Focus::Lines;
        let mark = if marked { ">" } else { " " };
        let rest = pen.put(place, mark, Role::Strong);
        let name = if line.name.is_empty() {
            pen.text(Text::HandKeyed)
        } else {
            &line.name
        };
        let rest = skip(rest, 1);
        pen.put(
            take(rest, 30),
            &format!("{:>2} {name}", index + 1),
            Role::Plain,
        );
        let rest = skip(rest, 31);
        pen.amount(take(rest, 10), line.unit, Role::Plain);
        let rest = skip(rest, 11);
        pen.put(
            take(rest, 2),
            pen.text(words::tax_mark(line.tax)),
            Role::Plain,
        );
        let chosen = undo.chosen.get(index).copied().unwrap_or(0);
        let left = undo.left_of_line(index);
        let role = match (chosen, left) {
            (1.., _) => Role::Strong,
            (0, 0) => Role::Faint,
            (0, _) => Role::Plain,
        };
        pen.put(skip(rest, 4), &format!("[{chosen:>3}] / {left}"), role);
        if marked {
            pen.paint(place, Role::Mark);
        }
    }
}

/// A field with its label.
fn field(pen: &mut Pen<'_>, line: Rect, (label, undo, focus): (Text, &Undo, Focus)) {
    let mark = if undo.focus == focus { ">" } else { " " };
    let rest = pen.put(line, mark, Role::Strong);
    let rest = pen.put(skip(rest, 1), pen.text(label), Role::Strong);
    let rest = pen.put(skip(rest, 2), "[", Role::Plain);
    let content = match focus {
        Focus::Amount => &undo.amount,
        Focus::Lines | Focus::Proof => &undo.proof,
    };
    let place = take(rest, FIELD);
    if undo.focus == focus && !undo.writing {
        pen.field(place, content);
    } else {
        pen.put(place, content.text(), Role::Plain);
    }
    pen.put(skip(rest, FIELD), "]", Role::Plain);
}

/// The corrected bill, the second person, and the proof: what stands just above the key that does it.
fn below_it(pen: &mut Pen<'_>, undo: &Undo, plan: Option<&Plan>, area: Rect) {
    let mut used = 0;
    if !undo.corrected.is_empty() {
        let corrected = total(&undo.corrected).unwrap_or(Yen::ZERO);
        let paid = undo.original().map_or(Yen::ZERO, SaleRecord::total);
        let said = pen.fill(Text::UndoCorrected, "total", corrected);
        let rest = pen.put(row(area, used), &said, Role::Plain);
        let note = correction::note(Difference::between(paid, corrected));
        let sentence = words::note(pen.locale, &note);
        pen.put(skip(rest, 3), &sentence, Role::Strong);
        used += 1;
    }
    if let Some(second) = &undo.second {
        let values = [("code", second.code.as_str()), ("name", &second.name)];
        let said = pen.locale.fill(Text::UndoSecond, &values);
        pen.put(row(area, used), &said, Role::Care);
        used += 1;
    }
    if plan.is_some_and(|plan| undo.needs_proof(plan)) {
        field(
            pen,
            row(area, used),
            (Text::UndoProofField, undo, Focus::Proof),
        );
    }
}
