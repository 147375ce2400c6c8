//! 会計待ち: today's patients who are through with the doctor, as the receipt computer tells them, found while typing.

use chrono::{DateTime, FixedOffset};
use unicode_normalization::UnicodeNormalization;

use super::action::Action;
use super::bill::{self, Scanned, Trouble};
use super::field::{Field, Kind};
use super::key::Key;
use super::message::{Effect, StoreRequest};
use super::note::Note;
use super::{Screen, State};
use crate::domain::bill::{PaidBill, Patient, PatientNumber};
use crate::locale::Text;
use crate::orca::answer::{Answer, Failure, Waiting};
use crate::orca::call::Call;

/// Lines of the screen that are not rows of the list.
const FRAME_ROWS: u16 = 9;

/// The list.
#[derive(Debug, Clone, PartialEq)]
pub struct Worklist {
    /// What is typed to look for.
    pub find: Field,
    /// Everybody, in the order of the visit.
    pub rows: Vec<Row>,
    /// Those that are looked for.
    pub shown: Vec<usize>,
    /// The row under the mark, among those.
    pub selected: usize,
    /// When it was told.
    pub told_at: Option<DateTime<FixedOffset>>,
    /// Why it is not told, or not anew.
    pub trouble: Option<Trouble>,
    /// What was paid of bills here today.
    pub paid: Vec<PaidBill>,
    /// An amount that was scanned and waits for its patient.
    pub scanned: Option<Scanned>,
    /// The mark was moved by hand since something was typed.
    moved: bool,
    question: Option<u32>,
    /// It changed while it was being told.
    again: bool,
}

/// One patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// As the receipt computer tells him.
    pub waiting: Waiting,
    /// What he is found by.
    key: String,
}

impl Row {
    fn new(waiting: &Waiting) -> Row {
        let Patient {
            number, name, kana, ..
        } = &waiting.patient;
        Row {
            key: sound(&format!("{number} {name} {kana}")),
            waiting: waiting.clone(),
        }
    }
}

/// A text as it is looked for: width, case, and which kana it is written in make no difference, nor do spaces.
fn sound(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            'ぁ'..='ゖ' => char::from_u32(c as u32 + 0x60).unwrap_or(c),
            _ => c,
        })
        .collect()
}

impl Worklist {
    fn new(scanned: Option<Scanned>) -> Worklist {
        Worklist {
            find: Field::new(Kind::Text, 30),
            rows: Vec::new(),
            shown: Vec::new(),
            selected: 0,
            told_at: None,
            trouble: None,
            paid: Vec::new(),
            scanned,
            moved: false,
            question: None,
            again: false,
        }
    }

    /// True while the receipt computer is being asked.
    pub const fn is_asking(&self) -> bool {
        self.question.is_some()
    }

    /// The patient under the mark.
    pub fn marked(&self) -> Option<&Waiting> {
        let index = self.shown.get(self.selected)?;
        self.rows.get(*index).map(|row| &row.waiting)
    }

    /// True where a patient's bill was paid here today.
    pub fn is_paid(&self, patient: &PatientNumber) -> bool {
        self.paid
            .iter()
            .any(|paid| paid.settled && paid.patient.is_same(patient))
    }

    /// Who bears a number.
    pub(crate) fn known(&self, number: &PatientNumber) -> Option<Patient> {
        let mut rows = self.rows.iter();
        let row = rows.find(|row| row.waiting.patient.number.is_same(number))?;
        Some(row.waiting.patient.clone())
    }

    /// A number that was typed.
    fn typed_number(&self) -> Option<PatientNumber> {
        PatientNumber::parse(self.find.text()).ok()
    }

    /// Those that are looked for, and the mark on the one that is meant.
    fn look(&mut self) {
        let wanted = sound(self.find.text());
        self.shown = (0..self.rows.len())
            .filter(|index| self.rows[*index].key.contains(&wanted))
            .collect();
        self.selected = 0;
        self.moved = false;
        if let Some(number) = self.typed_number() {
            let mut shown = self.shown.iter();
            let exact = |index: &usize| self.rows[*index].waiting.patient.number.is_same(&number);
            self.selected = shown.position(exact).unwrap_or(0);
        }
    }
}

/// Open the list.
pub(crate) fn open(state: &mut State, scanned: Option<Scanned>, out: &mut Vec<Effect>) {
    state.note = None;
    state.popups.clear();
    state.screen = Screen::Worklist(Box::new(Worklist::new(scanned)));
    refresh(state, out);
}

/// Ask for the list, where it is on the screen. What changes while it is being told is asked for once more.
pub(crate) fn refresh(state: &mut State, out: &mut Vec<Effect>) {
    let connected = state.settings.reflects();
    let Screen::Worklist(list) = &mut state.screen else {
        return;
    };
    if !connected {
        list.trouble = Some(Trouble::NotConnected);
        return;
    }
    if list.question.is_some() {
        list.again = true;
        return;
    }
    let call = Call::Worklist {
        date: state.now.wall.date_naive(),
    };
    let question = bill::ask(state, call, out);
    if let Screen::Worklist(list) = &mut state.screen {
        list.question = Some(question);
    }
    out.push(Effect::Store(StoreRequest::PaidBills {
        date: state.settings.stamp(state.now).business_date,
        patient: None,
    }));
}

/// The list, or why there is none. The mark stays on its patient.
pub(crate) fn answered(
    state: &mut State,
    question: u32,
    result: &Result<Answer, Failure>,
    out: &mut Vec<Effect>,
) {
    let at = state.now.wall;
    let list = match &mut state.screen {
        Screen::Worklist(list) => list,
        // Kept behind the bill that was opened from it.
        Screen::Bill(shown) => match &mut shown.behind {
            Some(list) => list,
            None => return,
        },
        _ => return,
    };
    if list.question != Some(question) {
        return;
    }
    list.question = None;
    match result {
        Ok(Answer::Worklist(told)) => {
            let before = list.marked().map(|waiting| waiting.patient.number.clone());
            let moved = list.moved;
            list.rows = told.iter().map(Row::new).collect();
            list.told_at = Some(at);
            list.trouble = None;
            list.look();
            let same = |index: &usize| {
                let number = &list.rows[*index].waiting.patient.number;
                before.as_ref() == Some(number)
            };
            if let Some(place) = list.shown.iter().position(same) {
                list.selected = place;
                list.moved = moved;
            }
        }
        Ok(_) => {}
        Err(failure) => list.trouble = Some(Trouble::of(failure)),
    }
    if std::mem::take(&mut list.again) {
        refresh(state, out);
    }
}

/// What was paid here today.
pub(super) fn paid(state: &mut State, paid: Vec<PaidBill>) {
    match &mut state.screen {
        Screen::Worklist(list) => list.paid = paid,
        Screen::Bill(shown) => {
            if let Some(list) = &mut shown.behind {
                list.paid = paid;
            }
        }
        _ => {}
    }
}

/// Text typed: who is looked for.
pub(crate) fn type_key(state: &mut State, key: Key) {
    if let Screen::Worklist(list) = &mut state.screen
        && list.find.press(key)
    {
        list.look();
        state.note = None;
    }
}

/// Pasted text is somebody to look for.
pub(crate) fn paste(state: &mut State, text: &str) {
    if let Screen::Worklist(list) = &mut state.screen {
        list.find.paste(text);
        list.look();
    }
}

/// Why an action cannot be done now.
pub(crate) fn refusal(list: &Worklist, action: Action) -> Option<Note> {
    match action {
        Action::AskAgain if list.is_asking() => Some(Note::plain(Text::BillAsking)),
        Action::OpenBill if list.marked().is_none() && list.typed_number().is_none() => {
            Some(Note::warning(Text::WorklistNobody))
        }
        _ => None,
    }
}

/// An action of this screen.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let page = usize::from(state.size.1.saturating_sub(FRAME_ROWS).max(3));
    let Screen::Worklist(list) = &mut state.screen else {
        return;
    };
    let last = list.shown.len().saturating_sub(1);
    let to = match action {
        Action::Up => list.selected.saturating_sub(1),
        Action::Down => list.selected + 1,
        Action::PageUp => list.selected.saturating_sub(page),
        Action::PageDown => list.selected + page,
        Action::AskAgain => {
            refresh(state, out);
            return;
        }
        Action::OpenBill => {
            open_bill(state, out);
            return;
        }
        Action::Back => {
            state.note = None;
            state.open_register();
            return;
        }
        _ => return,
    };
    list.selected = to.min(last);
    list.moved = true;
    state.note = None;
}

/// The bill of the patient under the mark. A number that was typed is meant as it was typed, so that a part of a longer one never opens
/// somebody else's bill.
fn open_bill(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Worklist(list) = &state.screen else {
        return;
    };
    let typed = list.typed_number().filter(|_| !list.moved);
    let marked = list.marked().map(|waiting| waiting.patient.number.clone());
    let number = match (typed, marked) {
        (Some(typed), Some(marked)) if marked.is_same(&typed) => marked,
        (Some(typed), _) => typed,
        (None, Some(marked)) => marked,
        (None, None) => return,
    };
    let list = list.clone();
    let scanned = list.scanned.clone();
    bill::open(state, number, scanned, Some(list), out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_found_however_their_name_is_written() {
        let key = sound("00012 山田　太郎 ヤマダ タロウ");
        for (typed, found) in [
            ("12", true),
            ("００１２", true),
            ("山田", true),
            ("山田太郎", true),
            ("やまだ", true),
            ("ﾔﾏﾀﾞ", true),
            ("ヤマダ　タ", true),
            ("佐藤", false),
            ("13", false),
        ] {
            assert_eq!(key.contains(&sound(typed)), found, "{typed}");
        }
    }
}
