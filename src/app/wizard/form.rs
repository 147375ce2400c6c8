//! 控えの番号: what the terminal's slip says, typed off it. Number and amount must both be there; the amount must be the one that was due.

use super::question::{Doubt, Question};
use super::{Original, Wizard, Work, write};
use crate::app::field::{Field, Kind};
use crate::app::key::Key;
use crate::app::message::{Effect, HistoryPage, HistoryQuery, StoreRequest};
use crate::app::note::Note;
use crate::app::register::amount_note;
use crate::app::unknown::{PROOF_DIGITS_MIN, digits_in, may_be_amount, no_finger_typed, slip_note};
use crate::app::{Screen, State};
use crate::domain::by_hand::Why;
use crate::domain::ledger::{Entry, Evidence, TerminalFacts};
use crate::domain::money::Yen;
use crate::domain::slip::{ApprovalCode, TerminalSlipNumber};
use crate::locale::Text;
use crate::teeth::{self, Tooth};
use chrono::{Duration, NaiveDateTime, NaiveTime};

/// A clock that is ahead of ours by no more than this is taken at its word (minutes).
const AHEAD_MIN: i64 = 15;

/// A text, and how fast it was typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed {
    /// The text.
    pub field: Field,
    began_ms: u64,
    last_ms: u64,
}

impl Typed {
    pub(super) fn new(kind: Kind, limit: usize) -> Typed {
        Typed {
            field: Field::new(kind, limit),
            began_ms: 0,
            last_ms: 0,
        }
    }

    pub(super) fn press(&mut self, key: Key, now_ms: u64) -> bool {
        if self.field.is_empty() {
            self.began_ms = now_ms;
        }
        self.last_ms = now_ms;
        self.field.press(key)
    }

    /// True where no finger typed it.
    pub(super) fn is_scanned(&self) -> bool {
        let took = self.last_ms.saturating_sub(self.began_ms);
        no_finger_typed(self.field.text(), took)
    }
}

/// A field of the terminal's slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlipField {
    /// 伝票番号.
    Number,
    /// 金額.
    Amount,
    /// 承認番号, where one is printed.
    Approval,
    /// 時刻, where it is typed.
    Time,
}

impl SlipField {
    /// In the order of the page.
    pub const ALL: [SlipField; 4] = [
        SlipField::Number,
        SlipField::Amount,
        SlipField::Approval,
        SlipField::Time,
    ];
}

/// What is typed off the terminal's slip.
#[derive(Debug, Clone, PartialEq)]
pub struct SlipForm {
    fields: [Typed; 4],
    /// Which is typed into.
    pub focus: usize,
}

impl SlipForm {
    pub(super) fn new() -> SlipForm {
        SlipForm {
            fields: [
                Typed::new(Kind::Code, 20),
                Typed::new(Kind::Amount, 12),
                Typed::new(Kind::Code, 20),
                Typed::new(Kind::Amount, 4),
            ],
            focus: 0,
        }
    }

    /// One of the fields.
    pub fn field(&self, field: SlipField) -> &Field {
        &self.fields[field as usize].field
    }

    pub(super) fn press(&mut self, key: Key, now_ms: u64) -> bool {
        match key {
            Key::Down | Key::Tab => self.focus = (self.focus + 1) % self.fields.len(),
            Key::Up | Key::BackTab => {
                self.focus = (self.focus + self.fields.len() - 1) % self.fields.len();
            }
            _ => return self.fields[self.focus].press(key, now_ms),
        }
        true
    }
}

/// Enter: the next field; behind the last of those that must be there, the sentence that says which key records.
pub(super) fn next(state: &mut State) {
    let Screen::Wizard(wizard) = &mut state.screen else {
        return;
    };
    if wizard.form.focus == SlipField::Time as usize {
        state.say(Note::plain(Text::WizardPressRecord));
    } else {
        wizard.form.focus += 1;
        state.note = None;
    }
}

/// What was typed, once it holds.
struct Facts {
    number: TerminalSlipNumber,
    amount: Yen,
    approval: Option<ApprovalCode>,
    at: Option<NaiveDateTime>,
}

/// Hold what is typed against the work: `Err` says what is missing or wrong, and in which field.
fn check(state: &State, wizard: &Wizard) -> Result<Facts, (SlipField, Note)> {
    let form = &wizard.form;
    for field in SlipField::ALL {
        if form.fields[field as usize].is_scanned() {
            return Err((field, Note::warning(Text::ScanRefused)));
        }
    }
    let number = TerminalSlipNumber::new(form.field(SlipField::Number).text())
        .map_err(|error| (SlipField::Number, slip_note(error)))?;
    if digits_in(&number) < PROOF_DIGITS_MIN {
        return Err((SlipField::Number, Note::warning(Text::SlipNumberTooShort)));
    }
    let limit = Yen::LIMIT;
    let amount = Yen::parse(form.field(SlipField::Amount).text(), limit)
        .map_err(|error| (SlipField::Amount, amount_note(error, limit)))?;
    if amount != wizard.amount() && !teeth::bites(Tooth::AnyAmountOnTheSlip) {
        return Err((SlipField::Amount, Note::alarm(Text::WizardAmountDiffers)));
    }
    let approval = match form.field(SlipField::Approval) {
        field if field.is_empty() => None,
        field => Some(
            ApprovalCode::new(field.text())
                .map_err(|error| (SlipField::Approval, slip_note(error)))?,
        ),
    };
    let at = match form.field(SlipField::Time) {
        field if field.is_empty() => None,
        field => Some(
            time_of(state, field.text())
                .ok_or((SlipField::Time, Note::warning(Text::WizardBadTime)))?,
        ),
    };
    Ok(Facts {
        number,
        amount,
        approval,
        at,
    })
}

/// `1432` of today; of yesterday, where today's is still to come.
fn time_of(state: &State, text: &str) -> Option<NaiveDateTime> {
    if text.len() != 4 {
        return None;
    }
    let time = NaiveTime::parse_from_str(text, "%H%M").ok()?;
    let now = state.now.wall.naive_local();
    let today = now.date().and_time(time);
    if today > now + Duration::minutes(AHEAD_MIN) {
        return Some(today - Duration::days(1));
    }
    Some(today)
}

/// F12: what is typed holds, so the books are asked whether another slip of the day bears that number.
pub(super) fn record(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Wizard(wizard) = &state.screen else {
        return;
    };
    let checked = check(state, wizard);
    let date = state.settings.stamp(state.now).business_date;
    let Screen::Wizard(wizard) = &mut state.screen else {
        return;
    };
    match checked {
        Err((field, note)) => {
            wizard.form.focus = field as usize;
            if note.text == Text::ScanRefused {
                wizard.form.fields[field as usize].field.clear();
                out.push(Effect::Bell(2));
            }
            state.say(note);
        }
        Ok(facts) => {
            wizard.writing = true;
            state.note = None;
            out.push(Effect::Store(StoreRequest::History(HistoryQuery {
                number: Some(facts.number.to_string()),
                date: Some(date),
                limit: 50,
                ..HistoryQuery::default()
            })));
        }
    }
}

/// The books say which slips of the day bear the number. False where nobody here asked.
pub(crate) fn looked_up(state: &mut State, page: &HistoryPage, out: &mut Vec<Effect>) -> bool {
    let now = state.now.mono_ms;
    let Screen::Wizard(wizard) = &state.screen else {
        return false;
    };
    let (true, Ok(facts)) = (wizard.writing, check(state, wizard)) else {
        return false;
    };
    let doubt = doubt(wizard, &facts, page);
    let Screen::Wizard(wizard) = &mut state.screen else {
        return false;
    };
    wizard.writing = false;
    match doubt.filter(|_| !teeth::bites(Tooth::AnyNumberOffTheSlip)) {
        Some(doubt) => {
            // Whoever corrects it begins with the number.
            wizard.form.focus = SlipField::Number as usize;
            wizard.question = Some(Question::Doubt(doubt));
            wizard.turn(now);
            out.push(Effect::Bell(2));
        }
        None => book(state, out),
    }
    true
}

/// What speaks against a number: it is another slip's, or it is no slip's at all.
fn doubt(wizard: &Wizard, facts: &Facts, page: &HistoryPage) -> Option<Doubt> {
    let same = |other: &TerminalSlipNumber| bare(other.as_str()) == bare(facts.number.as_str());
    let own = wizard.record().map(|record| record.slip);
    if let Original::Known(original) = &wizard.original
        && original.terminal.slip_number.as_ref().is_some_and(same)
    {
        return Some(Doubt::Original);
    }
    let used = page.rows.iter().find(|row| {
        let card = row.card.as_ref();
        Some(row.slip) != own
            && card
                .and_then(|c| c.terminal_slip.as_ref())
                .is_some_and(same)
    });
    if let Some(row) = used {
        return Some(Doubt::Used(row.slip));
    }
    let number = facts.number.as_str();
    let is_amount = bare(number) == facts.amount.get().to_string();
    (is_amount || may_be_amount(number, facts.amount)).then_some(Doubt::Amount)
}

/// Leading zeros name no other slip.
fn bare(number: &str) -> &str {
    number.trim_start_matches('0')
}

/// The terminal's slip goes into the books: with it the work counts.
pub(super) fn book(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Wizard(wizard) = &state.screen else {
        return;
    };
    let (Work::Begun(record), Ok(facts)) = (&wizard.work, check(state, wizard)) else {
        return;
    };
    let operated = record.by_hand.as_ref().and_then(|w| w.operated.as_ref());
    let at = facts.at.or_else(|| {
        // Not the terminal's own clock, but when it was worked; one made earlier is known by what is typed alone.
        let seen = operated.filter(|_| !matches!(wizard.why(), Why::MadeStandalone | Why::Outcome));
        seen.map(|mark| mark.at.naive_local())
    });
    let entry = Entry::Posted {
        slip: record.slip,
        evidence: Evidence::Operator {
            operator: state.operator.clone(),
            proof: format!("{} {}", facts.number, facts.amount.get()),
        },
        terminal: TerminalFacts {
            slip_number: Some(facts.number),
            approval_code: facts.approval,
            at,
            ..TerminalFacts::default()
        },
    };
    write(state, entry, out);
}
