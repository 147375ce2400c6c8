//! 差額: the burden or the insurance was corrected later (10割 → 3割). The corrected bill is rung up first, then the old one is taken back,
//! then the new one is paid: one task, open from the first slip to the last.

use super::{Undo, draft};
use crate::app::bill;
use crate::app::checkout::Checkout;
use crate::app::note::{Note, Value};
use crate::app::register::Register;
use crate::app::{Basket, Replaced, Screen, State};
use crate::domain::bill::Billed;
use crate::domain::money::Yen;
use crate::domain::record::SaleRecord;
use crate::domain::reflection;
use crate::domain::sale::{Line, total};
use crate::domain::task::Task;
use crate::locale::Text;

/// What the patient gets back, or still pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// 返金.
    Back(Yen),
    /// 追加.
    More(Yen),
    /// Nothing.
    None,
}

impl Difference {
    /// Between what was paid and the corrected bill.
    pub fn between(paid: Yen, corrected: Yen) -> Difference {
        let difference = corrected.get() - paid.get();
        match difference {
            0 => Difference::None,
            less if less < 0 => Difference::Back(Yen::new(-less)),
            more => Difference::More(Yen::new(more)),
        }
    }
}

/// Why no correction can be begun now.
pub(super) fn refusal(state: &State, undo: &Undo) -> Option<Note> {
    let Some(original) = undo.original() else {
        return Some(Note::plain(Text::Reading));
    };
    let untouched = undo
        .sale
        .as_ref()
        .is_some_and(|sale| sale.undone.is_empty());
    if !untouched || original.sale.part {
        return Some(Note::warning(Text::CorrectWholeOnly));
    }
    if draft::decide(state, undo).is_none() {
        return Some(Note::warning(Text::CannotTakeBack));
    }
    None
}

/// Ring up the corrected bill: the lines of the old one to begin with.
pub(super) fn begin(state: &mut State) {
    let Screen::Undo(undo) = &state.screen else {
        return;
    };
    let mut undo = undo.clone();
    undo.take(super::Take::All);
    let lines = if undo.corrected.is_empty() {
        undo.original()
            .map_or(Vec::new(), |sale| sale.sale.lines.clone())
    } else {
        undo.corrected.clone()
    };
    state.basket = Basket {
        lines,
        ..Basket::default()
    };
    state.screen = Screen::Register(Register {
        correcting: Some(undo),
        ..Register::new()
    });
    state.say(Note::plain(Text::CorrectLinesHint));
}

/// F12 on the corrected lines: back to what is to be taken back, with them.
pub(crate) fn rung_up(state: &mut State) {
    let now = state.now.mono_ms;
    let lines = std::mem::take(&mut state.basket.lines);
    state.basket = Basket::default();
    let Screen::Register(register) = &mut state.screen else {
        return;
    };
    if let Some(mut undo) = register.correcting.take() {
        let same = undo.original().is_some_and(|sale| sale.sale.lines == lines);
        let of = undo.original().map(|original| &original.sale);
        undo.corrected = match of.filter(|_| !same) {
            Some(of) => reflection::corrected(of, &lines).0,
            None => Vec::new(),
        };
        undo.shown_ms = now;
        undo.proof.clear();
        state.screen = Screen::Undo(undo);
        state.note = same.then(|| Note::warning(Text::CorrectIsSame));
    }
}

/// F9: the corrected bill is given up, and only taking back is left.
pub(crate) fn give_up(state: &mut State) {
    state.basket.lines.clear();
    rung_up(state);
    if let Screen::Undo(undo) = &mut state.screen {
        undo.corrected.clear();
    }
    state.note = None;
}

/// After a slip was taken back: its corrected bill, or that of another slip of the same sale. False where there is none.
pub(super) fn follows(state: &mut State, record: &SaleRecord) -> bool {
    if !corrected_of(record).is_empty() {
        take_up(state, record);
        return true;
    }
    let task = state.tasks.list.iter().find_map(|task| match task {
        Task::Correction(open) if open.sale.original == record.sale.original => {
            Some((**open).clone())
        }
        _ => None,
    });
    match task {
        Some(open) => {
            take_up(state, &open);
            true
        }
        None => false,
    }
}

/// Take the corrected bill of a slip up, from where it was left: at once, or from the list of tasks.
pub(crate) fn take_up(state: &mut State, record: &SaleRecord) {
    if !state.basket.lines.is_empty() {
        state.say(Note::warning(Text::BillFirst));
        return;
    }
    state.basket = Basket {
        lines: corrected_of(record).to_vec(),
        replaces: Some(Replaced {
            slip: record.slip,
            given_back: Some(record.total()),
        }),
        bill: bill::of_task(corrected_bill(record), corrected_of(record)),
        ..Basket::default()
    };
    state.popups.clear();
    state.screen = Screen::Checkout(Checkout::new());
    let corrected = total(corrected_of(record)).unwrap_or(Yen::ZERO);
    state.note = Some(note(Difference::between(record.total(), corrected)));
}

/// What of the corrected bill goes to which invoice.
fn corrected_bill(record: &SaleRecord) -> Option<&Billed> {
    record.sale.undo.as_ref()?.corrected_bill.as_deref()
}

fn corrected_of(record: &SaleRecord) -> &[Line] {
    record
        .sale
        .undo
        .as_ref()
        .map_or(&[], |undo| &undo.corrected)
}

/// 返金 n円 / 追加 n円.
pub fn note(difference: Difference) -> Note {
    match difference {
        Difference::Back(yen) => Note::plain(Text::DifferenceBack).with("yen", Value::Yen(yen)),
        Difference::More(yen) => Note::plain(Text::DifferenceMore).with("yen", Value::Yen(yen)),
        Difference::None => Note::plain(Text::DifferenceNone),
    }
}
