//! The exceptional answers of work by hand: each takes its own digit and something typed. No key that goes on elsewhere gives one.

use super::form::Typed;
use super::{Page, Wizard, Work, write};
use crate::app::action::Action;
use crate::app::field::{Field, Kind};
use crate::app::key::Key;
use crate::app::message::Effect;
use crate::app::note::Note;
use crate::app::operator::{self, After};
use crate::app::register::amount_note;
use crate::app::{Screen, State};
use crate::domain::by_hand::Why;
use crate::domain::ledger::{Entry, Evidence, NotCharged, SaleState};
use crate::domain::money::Yen;
use crate::domain::sale::Operator;
use crate::domain::slip::SlipNumber;
use crate::domain::task::TaskKind;
use crate::domain::text::holds_card_number;
use crate::locale::Text;

/// A reason has at least so many characters: a stray key explains nothing.
const REASON_MIN: usize = 4;

/// A question that is answered by no habit.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// Is the number that was typed right? A digit says yes.
    Doubt(Doubt),
    /// Was nothing done at the terminal? A digit, then the amount.
    GiveUp {
        /// The amount, once the digit was given.
        amount: Option<Typed>,
    },
    /// Two people say why it ends without its proof: the reason and the amount, then the second person.
    People(Box<People>),
}

/// What speaks against a number off a slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// Another slip of the day bears it.
    Used(SlipNumber),
    /// It is the number of the slip that is taken back.
    Original,
    /// It is the amount.
    Amount,
}

/// Why, and for how much.
#[derive(Debug, Clone, PartialEq)]
pub struct People {
    /// The reason, and the amount.
    fields: [Typed; 2],
    /// Which is typed into.
    pub focus: usize,
}

impl People {
    fn new() -> People {
        People {
            fields: [Typed::new(Kind::Text, 40), Typed::new(Kind::Amount, 12)],
            focus: 0,
        }
    }

    /// The fields, in the order of the page: reason, amount.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().map(|typed| &typed.field)
    }
}

/// A question is put, or its digit given.
pub(super) fn ask(state: &mut State, action: Action) {
    let now = state.now.mono_ms;
    let Screen::Wizard(wizard) = &mut state.screen else {
        return;
    };
    let booked = wizard.record().map(|record| record.state) == Some(SaleState::Booked);
    let question = match action {
        Action::LetGo => Question::People(Box::new(People::new())),
        Action::NothingDone if booked => Question::People(Box::new(People::new())),
        Action::NothingWasDone => Question::GiveUp {
            amount: Some(Typed::new(Kind::Amount, 12)),
        },
        _ => Question::GiveUp { amount: None },
    };
    wizard.question = Some(question);
    wizard.turn(now);
    state.note = None;
}

/// True while digits are text rather than answers.
pub(crate) fn takes_text(wizard: &Wizard) -> bool {
    match wizard.page() {
        Page::EnterSlip | Page::People => true,
        Page::GiveUp => matches!(wizard.question, Some(Question::GiveUp { amount: Some(_) })),
        _ => false,
    }
}

/// Text typed on this page.
pub(crate) fn type_key(state: &mut State, key: Key) {
    let now = state.now.mono_ms;
    let Screen::Wizard(wizard) = &mut state.screen else {
        return;
    };
    if wizard.writing {
        return;
    }
    let taken = match (wizard.page(), &mut wizard.question) {
        (Page::EnterSlip, _) => wizard.form.press(key, now),
        (
            _,
            Some(Question::GiveUp {
                amount: Some(typed),
            }),
        ) => typed.press(key, now),
        (_, Some(Question::People(people))) => {
            let count = people.fields.len();
            match key {
                Key::Down | Key::Tab => people.focus = (people.focus + 1) % count,
                Key::Up | Key::BackTab => people.focus = (people.focus + count - 1) % count,
                _ => {
                    people.fields[people.focus].press(key, now);
                }
            }
            true
        }
        _ => false,
    };
    if taken {
        state.note = None;
    }
}

/// Enter in a question: the next field; in the last one what is typed is held against the work.
pub(super) fn enter(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Wizard(wizard) = &mut state.screen else {
        return;
    };
    if let Some(Question::People(people)) = &mut wizard.question
        && people.focus + 1 < people.fields.len()
    {
        people.focus += 1;
        state.note = None;
        return;
    }
    let Screen::Wizard(wizard) = &state.screen else {
        return;
    };
    match answer(state, wizard) {
        Ok(Some(entry)) => write(state, entry, out),
        Ok(None) => operator::second(state, Text::WizardSecond, After::new(by_two)),
        Err(note) => {
            if note.text == Text::ScanRefused {
                out.push(Effect::Bell(2));
                if let Screen::Wizard(wizard) = &mut state.screen {
                    wizard.question = None;
                }
            }
            state.say(note);
        }
    }
}

/// The entry that the typed answer is worth; `None` where it is worth one only by a second person.
fn answer(state: &State, wizard: &Wizard) -> Result<Option<Entry>, Note> {
    let Work::Begun(record) = &wizard.work else {
        return Err(Note::plain(Text::AnswerWithDigits));
    };
    match &wizard.question {
        Some(Question::GiveUp {
            amount: Some(typed),
        }) => {
            let amount = amount_of(wizard, typed)?;
            let looked = wizard.why() == Why::Outcome;
            Ok(Some(Entry::Released {
                slip: record.slip,
                reason: if looked {
                    NotCharged::OperatorSawNone
                } else {
                    NotCharged::GivenUp
                },
                evidence: Evidence::Operator {
                    operator: state.operator.clone(),
                    proof: amount.get().to_string(),
                },
            }))
        }
        Some(Question::People(people)) => {
            reason_of(people)?;
            amount_of(wizard, &people.fields[1])?;
            Ok(None)
        }
        _ => Err(Note::warning(Text::AnswerWithDigits)),
    }
}

/// The second person stands by it.
fn by_two(state: &mut State, second: Operator, out: &mut Vec<Effect>) {
    let Screen::Wizard(wizard) = &state.screen else {
        return;
    };
    let (Work::Begun(record), Some(Question::People(people))) = (&wizard.work, &wizard.question)
    else {
        return;
    };
    let (Ok(reason), Ok(_)) = (reason_of(people), amount_of(wizard, &people.fields[1])) else {
        return;
    };
    let (slip, operator) = (record.slip, state.operator.clone());
    let entry = if record.state.is_final() {
        Entry::Explained {
            slip,
            task: TaskKind::Hand,
            operator,
            second,
            reason,
        }
    } else {
        Entry::Released {
            slip,
            reason: NotCharged::GivenUp,
            evidence: Evidence::TwoPeople {
                operator,
                second,
                reason,
            },
        }
    };
    write(state, entry, out);
}

fn amount_of(wizard: &Wizard, typed: &Typed) -> Result<Yen, Note> {
    if typed.is_scanned() {
        return Err(Note::warning(Text::ScanRefused));
    }
    let limit = Yen::LIMIT;
    match Yen::parse(typed.field.text(), limit) {
        Ok(amount) if amount == wizard.amount() => Ok(amount),
        Ok(_) => Err(Note::warning(Text::AmountDiffers)),
        Err(error) => Err(amount_note(error, limit)),
    }
}

fn reason_of(people: &People) -> Result<String, Note> {
    let reason = people.fields[0].field.text().trim();
    if reason.chars().count() < REASON_MIN {
        return Err(Note::warning(Text::WizardReasonShort));
    }
    if holds_card_number(reason) {
        return Err(Note::alarm(Text::LooksLikeCardNumber));
    }
    Ok(reason.to_owned())
}
