//! The pages that ask: what the terminal's slip says, and the questions no habit may answer.

use ratatui::layout::Rect;

use super::{deep, facts};
use crate::app::State;
use crate::app::field::Field;
use crate::app::wizard::{Doubt, Question, SlipField, Wizard};
use crate::domain::by_hand::Why;
use crate::locale::Text;
use crate::ui::digits;
use crate::ui::pen::{Pen, below, row, skip, take};
use crate::ui::style::Role;

/// Columns of the words before a field.
const LABEL: u16 = 16;
/// Columns of a field.
const FIELD: u16 = 24;

/// 控えの番号.
pub(super) fn slip(pen: &mut Pen<'_>, wizard: &Wizard, area: Rect) {
    let used = facts(pen, wizard, area);
    pen.rule(row(area, used));
    let place = below(area, used + 1);
    pen.put(row(place, 0), pen.text(Text::WizardSlipHead), Role::Strong);
    let labels = [
        (Text::WizardSlipNumber, None),
        (Text::WizardSlipAmount, None),
        (Text::WizardSlipApproval, Some(Text::WizardSlipOptional)),
        (Text::WizardSlipTime, Some(Text::WizardSlipTimeLike)),
    ];
    for ((index, field), (label, hint)) in (0..).zip(SlipField::ALL).zip(labels) {
        let line = row(deep(place), 2 + index);
        let here = wizard.form.focus == usize::from(index);
        labelled(pen, line, label, wizard.form.field(field), here);
        if let Some(hint) = hint {
            pen.put(skip(line, LABEL + FIELD + 3), pen.text(hint), Role::Faint);
        }
    }
    let then = match wizard.why() {
        Why::Outcome => Text::WizardSlipThenLook,
        _ => Text::WizardSlipThen,
    };
    pen.put(row(place, 7), pen.text(then), Role::Strong);
}

fn labelled(pen: &mut Pen<'_>, line: Rect, label: Text, field: &Field, here: bool) {
    let role = if here { Role::Strong } else { Role::Plain };
    pen.put(take(line, LABEL), pen.text(label), role);
    let rest = pen.put(
        skip(line, LABEL),
        if here { "> " } else { "  " },
        Role::Strong,
    );
    if here {
        pen.field(take(rest, FIELD), field);
    } else {
        pen.put(take(rest, FIELD), field.text(), Role::Plain);
    }
}

fn choice(pen: &mut Pen<'_>, line: Rect, key: &str, text: Text) {
    let rest = pen.put(skip(line, 2), &format!(" {key} "), Role::Key);
    pen.put(skip(rest, 2), pen.text(text), Role::Plain);
}

/// Is that number right?
pub(super) fn doubt(pen: &mut Pen<'_>, wizard: &Wizard, area: Rect) {
    let Some(Question::Doubt(doubt)) = &wizard.question else {
        return;
    };
    let sentence = match doubt {
        Doubt::Used(slip) => pen.fill(Text::WizardDoubtUsed, "slip", slip),
        Doubt::Original => pen.text(Text::WizardDoubtOriginal).to_owned(),
        Doubt::Amount => pen.text(Text::WizardDoubtAmount).to_owned(),
    };
    let used = pen.wrap(area, &sentence, Role::Care);
    pen.put(
        row(area, used),
        pen.text(Text::WizardDoubtLook),
        Role::Strong,
    );
    let number = wizard.form.field(SlipField::Number).text();
    pen.put(
        row(area, used + 2),
        pen.text(Text::WizardDoubtTyped),
        Role::Faint,
    );
    let high = digits::number(pen, below(area, used + 3), number, Role::Strong);
    let place = below(area, used + high + 4);
    choice(pen, row(place, 0), "1", Text::WizardDoubtYes);
    choice(pen, row(place, 1), "F9", Text::WizardDoubtNo);
}

/// Was nothing done?
pub(super) fn give_up(pen: &mut Pen<'_>, wizard: &Wizard, area: Rect) {
    let (head, yes) = match wizard.why() {
        Why::Outcome => (Text::WizardGiveUpLookHead, Text::WizardGiveUpLookYes),
        _ => (Text::WizardGiveUpHead, Text::WizardGiveUpYes),
    };
    pen.put(row(area, 0), pen.text(head), Role::Strong);
    pen.put(row(area, 1), pen.text(Text::WizardGiveUpWhy), Role::Care);
    let used = 3 + facts(pen, wizard, below(area, 3));
    let place = below(area, used + 1);
    choice(pen, row(place, 0), "1", yes);
    choice(pen, row(place, 1), "F9", Text::WizardGiveUpNo);
    if let Some(Question::GiveUp {
        amount: Some(typed),
    }) = &wizard.question
    {
        let rest = pen.put(
            row(place, 3),
            pen.text(Text::WizardGiveUpAmount),
            Role::Strong,
        );
        let rest = pen.put(skip(rest, 2), "> ", Role::Strong);
        pen.field(take(rest, FIELD), &typed.field);
    }
}

/// Two people say why.
pub(super) fn people(pen: &mut Pen<'_>, state: &State, wizard: &Wizard, area: Rect) {
    let Some(Question::People(people)) = &wizard.question else {
        return;
    };
    let settled = wizard
        .record()
        .is_some_and(|record| record.state.is_final());
    let (head, why) = if settled {
        (Text::WizardLetGoHead, Text::WizardLetGoWhy)
    } else {
        (Text::WizardTakeBackHead, Text::WizardTakeBackWhy)
    };
    pen.put(row(area, 0), pen.text(head), Role::Strong);
    pen.put(row(area, 1), pen.text(why), Role::Care);
    let used = 3 + facts(pen, wizard, below(area, 3));
    let place = deep(below(area, used + 1));
    pen.put(
        take(row(place, 0), LABEL),
        pen.text(Text::WizardFirst),
        Role::Plain,
    );
    let first = format!("{} {}", state.operator.code, state.operator.name);
    pen.put(skip(row(place, 0), LABEL + 2), &first, Role::Strong);
    let labels = [Text::WizardReason, Text::WizardAmount];
    for ((index, field), label) in (0..).zip(people.fields()).zip(labels) {
        let here = people.focus == usize::from(index);
        labelled(pen, row(place, index + 1), label, field, here);
    }
    pen.put(
        row(place, 4),
        pen.text(Text::WizardPeopleThen),
        Role::Strong,
    );
}
