//! The exceptional answers of work by hand: each takes its own digit and something typed. No key that goes on elsewhere gives one.

use super::form::Typed;
use super::{Page, Wizard, Work, write};
use crate::app::action::Action;
use crate::app::field::{Field, Kind};
use crate::app::key::Key;
use crate::app::message::Effect;
use crate::app::note::Note;
use crate::app::register::amount_note;
use crate::app::{Screen, State};
use crate::domain::by_hand::Why;
use crate::domain::ledger::{Entry, Evidence, NotCharged, SaleState};
use crate::domain::money::Yen;
use crate::domain::sale::Operator;
use crate::domain::slip::SlipNumber;
use crate::domain::task::TaskKind;
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
    /// Two people say why it ends without its proof.
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

/// What two people type.
#[derive(Debug, Clone, PartialEq)]
pub struct People {
    /// The second person's code, the second person's name, the reason, and the amount.
    fields: [Typed; 4],
    /// Which is typed into.
    pub focus: usize,
}

impl People {
    fn new() -> People {
        People {
            fields: [
                Typed::new(Kind::Code, 8),
                Typed::new(Kind::Text, 20),
                Typed::new(Kind::Text, 40),
                Typed::new(Kind::Amount, 12),
            ],
            focus: 0,
        }
    }

    /// The fields, in the order of the page: code, name, reason, amount.
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
        Ok(entry) => write(state, entry, out),
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

/// The entry that the typed answer is worth.
fn answer(state: &State, wizard: &Wizard) -> Result<Entry, Note> {
    let Work::Begun(record) = &wizard.work else {
        return Err(Note::plain(Text::AnswerWithDigits));
    };
    let slip = record.slip;
    let operator = state.operator.clone();
    match &wizard.question {
        Some(Question::GiveUp {
            amount: Some(typed),
        }) => {
            let amount = amount_of(wizard, typed)?;
            let looked = wizard.why() == Why::Outcome;
            Ok(Entry::Released {
                slip,
                reason: if looked {
                    NotCharged::OperatorSawNone
                } else {
                    NotCharged::GivenUp
                },
                evidence: Evidence::Operator {
                    operator,
                    proof: amount.get().to_string(),
                },
            })
        }
        Some(Question::People(people)) => {
            let (second, reason) = second_of(&operator, people)?;
            amount_of(wizard, &people.fields[3])?;
            Ok(match record.state.is_final() {
                true => Entry::Explained {
                    slip,
                    task: TaskKind::Hand,
                    operator,
                    second,
                    reason,
                },
                false => Entry::Released {
                    slip,
                    reason: NotCharged::GivenUp,
                    evidence: Evidence::TwoPeople {
                        operator,
                        second,
                        reason,
                    },
                },
            })
        }
        _ => Err(Note::warning(Text::AnswerWithDigits)),
    }
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

/// The second person, who is not the first, and what they say.
fn second_of(first: &Operator, people: &People) -> Result<(Operator, String), Note> {
    let [code, name, reason, _] = &people.fields;
    // Names and reasons come out of an input method in one piece.
    if code.is_scanned() {
        return Err(Note::warning(Text::ScanRefused));
    }
    let text = |typed: &Typed| typed.field.text().trim().to_owned();
    let second = Operator {
        code: text(code),
        name: text(name),
    };
    let same = second.code.trim_start_matches('0') == first.code.trim_start_matches('0')
        || second.name == first.name;
    if second.code.is_empty() || second.name.is_empty() {
        return Err(Note::warning(Text::WizardSecondMissing));
    }
    if same {
        return Err(Note::warning(Text::WizardSecondSame));
    }
    let reason = text(reason);
    if reason.chars().count() < REASON_MIN {
        return Err(Note::warning(Text::WizardReasonShort));
    }
    Ok((second, reason))
}
