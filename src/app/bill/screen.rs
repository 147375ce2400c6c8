//! The bill of one patient: its invoices, which of them are paid now, and how much.

use std::collections::BTreeSet;

use super::pick::{Ground, alone, ground_note, group, matching, unpaid};
use super::{InBasket, PaidToday, Scanned, Trouble, allot, ask, is_of};
use crate::app::action::Action;
use crate::app::bill::check::Check;
use crate::app::field::{Field, Kind};
use crate::app::key::Key;
use crate::app::message::{Effect, Now, StoreRequest};
use crate::app::note::{Note, Value};
use crate::app::popup::Popup;
use crate::app::register::{LINES_MAX, amount_note};
use crate::app::worklist::Worklist;
use crate::app::{Screen, State, scan};
use crate::domain::bill::{Bill, Billed, Invoice, PaidBill, Patient, PatientNumber, Share};
use crate::domain::money::{AmountError, Yen};
use crate::domain::sale::{Line, total};
use crate::locale::Text;
use crate::orca::answer::{Answer, Failure};
use crate::orca::call::Call;

/// The bill on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct BillScreen {
    /// Whose.
    pub patient: PatientNumber,
    /// Who, where the list said it before the bill did.
    pub known: Option<Patient>,
    /// The bill, once it is told.
    pub bill: Option<Bill>,
    /// What was paid of it here today, once the books said so.
    pub paid: Option<Vec<PaidBill>>,
    /// Why it is not told.
    pub trouble: Option<Trouble>,
    /// The invoice under the mark.
    pub selected: usize,
    /// The invoices to be paid now.
    pub picked: BTreeSet<usize>,
    /// 一部入金, as typed; everything that is picked where nothing is.
    pub amount: Field,
    /// An amount that was scanned off a bill: it is held against what is unpaid.
    pub scanned: Option<Scanned>,
    /// The list behind it.
    pub behind: Option<Box<Worklist>>,
    /// When it was told (`mono_ms`).
    told_ms: u64,
    question: Option<u32>,
    /// It changed while it was being told.
    again: bool,
}

/// What goes into the basket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Taken {
    in_basket: InBasket,
    lines: Vec<Line>,
}

impl Taken {
    pub(super) fn amount(&self) -> Yen {
        self.in_basket.billed.total().unwrap_or(Yen::ZERO)
    }
}

impl BillScreen {
    /// Nothing told yet.
    pub fn new(patient: PatientNumber) -> BillScreen {
        BillScreen {
            patient,
            known: None,
            bill: None,
            paid: None,
            trouble: None,
            selected: 0,
            picked: BTreeSet::new(),
            amount: Field::new(Kind::Amount, 12),
            scanned: None,
            behind: None,
            told_ms: 0,
            question: None,
            again: false,
        }
    }

    /// True while the receipt computer is being asked.
    pub fn is_asking(&self) -> bool {
        self.question.is_some()
    }

    /// Who it is, as far as anybody said.
    pub fn person(&self) -> Option<&Patient> {
        let told = self.bill.as_ref().map(|bill| &bill.patient);
        told.filter(|patient| !patient.name.is_empty())
            .or(self.known.as_ref())
            .or(told)
    }

    /// The invoices, oldest first.
    pub fn invoices(&self) -> &[Invoice] {
        self.bill.as_ref().map_or(&[], |bill| &bill.invoices)
    }

    /// True for an invoice of the day.
    pub fn is_of_today(&self, invoice: &Invoice) -> bool {
        let today = self.bill.as_ref().map(|bill| bill.at.date_naive());
        invoice.performed.is_some() && invoice.performed == today
    }

    /// 前回未収: what is unpaid of the invoices before today's.
    pub fn unpaid_before(&self) -> Yen {
        let old = self.invoices().iter().filter(|one| !self.is_of_today(one));
        Yen::new(old.map(|one| one.unpaid().get()).sum())
    }

    /// What is picked, in all.
    pub fn sum(&self) -> Yen {
        let picked = self
            .picked
            .iter()
            .filter_map(|index| self.invoices().get(*index));
        Yen::new(picked.map(|one| one.unpaid().get()).sum())
    }

    /// What would be taken: what is typed, or all that is picked.
    pub fn taking(&self, limit: Yen) -> Result<Yen, AmountError> {
        match Yen::parse(self.amount.text(), limit) {
            Err(AmountError::Empty) => Ok(self.sum()),
            read => read,
        }
    }

    /// Why an invoice cannot be paid now.
    pub fn ground(&self, index: usize) -> Option<Ground> {
        let invoice = self.invoices().get(index)?;
        alone(invoice).or_else(|| {
            // What is settled of a group is no reason; what must be computed anew is.
            let with = group(self.invoices(), index);
            let blocked = with
                .iter()
                .any(|other| matches!(alone(&self.invoices()[*other]), Some(Ground::Caution(_))));
            blocked.then_some(Ground::Group)
        })
    }

    /// The slip that paid an invoice here today.
    pub fn paid_today(&self, invoice: &Invoice) -> Option<&PaidBill> {
        let paid = self.paid.as_ref()?;
        paid.iter().rev().find(|slip| {
            let mut shares = slip.shares.iter();
            // Of what names no invoice, any that is unpaid of just as much may be the one that was paid.
            let may_be =
                |share: &Share| share.known().is_none() && share.amount == invoice.unpaid();
            shares.any(|share| is_of(share, invoice.in_out, &invoice.number) || may_be(share))
        })
    }

    /// An amount was scanned that is not what is unpaid: both figures.
    pub fn mismatch(&self) -> Option<(Yen, Yen)> {
        let scanned = self.scanned.as_ref()?;
        let bill = self.bill.as_ref()?;
        let matched = matching(self, scanned).is_some();
        (!matched).then(|| (scanned.amount, unpaid(self, bill, scanned)))
    }

    /// True where a scanned bill may be taken by its code alone: the receipt computer cannot be asked. What it refuses stays refused.
    pub fn goes_on_without(&self) -> bool {
        let mute = |trouble: &Trouble| !matches!(trouble, Trouble::Refused { .. });
        self.bill.is_none() && self.scanned.is_some() && self.trouble.as_ref().is_some_and(mute)
    }

    /// The bill was told. What was picked before stays picked.
    pub(super) fn told(&mut self, bill: Bill, now: Now) {
        let before = self.bill.take().map(|old| {
            let picked: Vec<Invoice> = self
                .picked
                .iter()
                .filter_map(|index| old.invoices.get(*index).cloned())
                .collect();
            picked
        });
        // The number as the receipt computer writes it.
        self.patient = bill.patient.number.clone();
        self.bill = Some(bill);
        self.trouble = None;
        self.told_ms = now.mono_ms;
        let payable: Vec<usize> = self.payable().collect();
        let of_today = |index: &usize| self.is_of_today(&self.invoices()[*index]);
        let same = |index: &usize| {
            let one = &self.invoices()[*index];
            before.as_ref().is_some_and(|before| {
                let mut before = before.iter();
                before.any(|old| old.in_out == one.in_out && old.number.is_same(&one.number))
            })
        };
        let mut picked: BTreeSet<usize> = match &before {
            Some(_) => payable
                .iter()
                .filter(|index| same(index))
                .copied()
                .collect(),
            None => payable
                .iter()
                .filter(|index| of_today(index))
                .copied()
                .collect(),
        };
        if before.is_none() && picked.is_empty() {
            picked = payable.into_iter().collect();
        }
        self.picked = picked;
        self.whole_groups();
        let last = self.invoices().len().saturating_sub(1);
        self.selected = match (before.is_some(), self.picked.first()) {
            (false, Some(first)) => *first,
            _ => self.selected.min(last),
        };
    }

    pub(super) fn payable(&self) -> impl Iterator<Item = usize> {
        (0..self.invoices().len()).filter(|index| self.ground(*index).is_none())
    }

    /// Invoices of one group are paid together.
    fn whole_groups(&mut self) {
        let with: Vec<usize> = self
            .picked
            .iter()
            .flat_map(|index| group(self.invoices(), *index))
            .filter(|index| self.ground(*index).is_none())
            .collect();
        self.picked.extend(with);
    }

    fn toggle(&mut self, index: usize) {
        let on = !self.picked.contains(&index);
        for with in group(self.invoices(), index) {
            if on && self.ground(with).is_none() {
                self.picked.insert(with);
            } else {
                self.picked.remove(&with);
            }
        }
    }
}

/// The bill is asked for, and what the books know of it today.
pub(super) fn ask_again(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Bill(shown) = &mut state.screen else {
        return;
    };
    let patient = shown.patient.clone();
    if !state.settings.reflects() {
        shown.trouble = Some(Trouble::NotConnected);
        return;
    }
    if shown.question.is_some() {
        shown.again = true;
        return;
    }
    let call = Call::Bill {
        patient,
        date: None,
    };
    let question = ask(state, call, out);
    if let Screen::Bill(shown) = &mut state.screen {
        shown.question = Some(question);
    }
    ask_paid(state, out);
}

/// What was paid of it here today?
pub(super) fn ask_paid(state: &State, out: &mut Vec<Effect>) {
    if let Screen::Bill(shown) = &state.screen {
        out.push(Effect::Store(StoreRequest::PaidBills {
            date: state.settings.stamp(state.now).business_date,
            patient: Some(shown.patient.clone()),
        }));
    }
}

/// The receipt computer told something new of this patient, or of it is not known whom.
pub(super) fn refresh(state: &mut State, patient: Option<&PatientNumber>, out: &mut Vec<Effect>) {
    if let Screen::Bill(shown) = &state.screen
        && patient.is_none_or(|patient| patient.is_same(&shown.patient))
    {
        ask_again(state, out);
    }
}

/// The bill, or why there is none.
pub(super) fn answered(
    state: &mut State,
    question: u32,
    result: &Result<Answer, Failure>,
    out: &mut Vec<Effect>,
) {
    let now = state.now;
    let Screen::Bill(shown) = &mut state.screen else {
        return;
    };
    if shown.question != Some(question) {
        return;
    }
    shown.question = None;
    if std::mem::take(&mut shown.again) {
        ask_again(state, out);
        return;
    }
    match result {
        Ok(Answer::Bill(told)) if !told.patient.number.is_same(&shown.patient) => {
            shown.trouble = Some(Trouble::Unreadable("Patient_ID".into()));
        }
        Ok(Answer::Bill(told)) => {
            let changed = shown
                .bill
                .as_ref()
                .is_some_and(|bill| bill.invoices != told.invoices);
            shown.told((**told).clone(), now);
            state.note = changed.then(|| Note::warning(Text::BillIsNew));
            if changed {
                out.push(Effect::Bell(1));
            }
            go_on(state);
        }
        Ok(_) => {}
        Err(failure) => shown.trouble = Some(Trouble::of(failure)),
    }
}

/// The books said what was paid.
pub(super) fn paid(
    state: &mut State,
    patient: &PatientNumber,
    paid: Vec<PaidBill>,
    _out: &mut Vec<Effect>,
) {
    if let Screen::Bill(shown) = &mut state.screen
        && shown.patient.is_same(patient)
    {
        shown.paid = Some(paid);
        go_on(state);
    }
}

/// Once both have spoken: an amount that was scanned and is what is unpaid goes into the basket by itself.
fn go_on(state: &mut State) {
    let Screen::Bill(shown) = &mut state.screen else {
        return;
    };
    let Some(scanned) = &shown.scanned else {
        return;
    };
    if shown.bill.is_none() || shown.paid.is_none() || !state.popups.is_empty() {
        return;
    }
    let Some(picked) = matching(shown, scanned) else {
        return;
    };
    shown.picked = picked;
    shown.amount.clear();
    match take_refusal(state) {
        Some(note) => state.say(note),
        None => take_bill(state),
    }
}

/// Why an action cannot be done now.
pub(crate) fn refusal(state: &State, shown: &BillScreen, action: Action) -> Option<Note> {
    match action {
        Action::TakeBill => take_refusal(state),
        Action::AskAgain if shown.is_asking() => Some(Note::plain(Text::BillAsking)),
        Action::PickAll if shown.bill.is_none() => Some(Note::plain(Text::BillNotTold)),
        Action::PickAll => {
            (shown.payable().next().is_none()).then(|| Note::plain(Text::BillNothingToPay))
        }
        Action::PickInvoice if shown.bill.is_none() => Some(Note::plain(Text::BillNotTold)),
        Action::PickInvoice => shown.ground(shown.selected).map(ground_note),
        _ => None,
    }
}

fn take_refusal(state: &State) -> Option<Note> {
    let Screen::Bill(shown) = &state.screen else {
        return None;
    };
    if shown.goes_on_without() {
        return None;
    }
    let Some(bill) = &shown.bill else {
        return Some(Note::warning(Text::BillNotTold));
    };
    if shown.paid.is_none() {
        return Some(Note::plain(Text::Reading));
    }
    if state.basket.bill.is_some() {
        return Some(Note::warning(Text::BillInBasket));
    }
    if shown.picked.is_empty() {
        if shown.payable().next().is_some() {
            return Some(Note::warning(Text::BillPickFirst));
        }
        let first = shown.ground(shown.selected);
        return Some(match (bill.unpaid.get() < 0, first) {
            (true, _) => Note::warning(Text::BillOverpaid),
            (false, Some(ground @ (Ground::Caution(_) | Ground::Group))) => ground_note(ground),
            (false, _) => Note::plain(Text::BillNothingToPay),
        });
    }
    let limit = state.settings.shop.amount_max;
    let sum = shown.sum();
    let taking = match shown.taking(limit) {
        Err(error) => return Some(amount_note(error, limit)),
        Ok(taking) if taking > sum => {
            return Some(Note::warning(Text::BillPartTooLarge).with("limit", Value::Yen(sum)));
        }
        Ok(taking) => taking,
    };
    let goods = total(&state.basket.lines).unwrap_or(Yen::LIMIT);
    if taking.checked_add(goods).is_none_or(|all| all > limit) {
        return Some(Note::warning(Text::TotalTooLarge).with("limit", Value::Yen(limit)));
    }
    let taken = taken(state, shown, bill, taking);
    (taken.lines.len() + state.basket.lines.len() > LINES_MAX)
        .then(|| Note::warning(Text::TooManyLines))
}

fn taken(state: &State, shown: &BillScreen, bill: &Bill, amount: Yen) -> Taken {
    let picked: Vec<&Invoice> = shown
        .picked
        .iter()
        .filter_map(|index| bill.invoices.get(*index))
        .collect();
    let shares = allot::shares(&picked, amount);
    let today = bill.at.date_naive();
    let mut lines = Vec::new();
    let mut unpaid = Vec::new();
    for share in &shares {
        let of = |one: &&&Invoice| is_of(share, one.in_out, &one.number);
        if let Some(invoice) = picked.iter().find(of) {
            lines.extend(allot::lines(invoice, share.amount, today));
            unpaid.push(invoice.unpaid());
        }
    }
    let person = shown.person().cloned();
    let name = person.as_ref().map(|person| person.name.clone());
    let matched = shown.mismatch().is_none();
    let code = shown.scanned.as_ref().filter(|_| matched);
    Taken {
        in_basket: InBasket {
            billed: Billed {
                patient: Some(shown.patient.clone()),
                name: name.filter(|name| state.settings.orca.keep_name && !name.is_empty()),
                shares,
                code: code.map(|scanned| scanned.reading.code.clone()),
            },
            patient: person,
            lines: lines.len(),
            unpaid,
            told_ms: Some(shown.told_ms),
            check: Check::No,
        },
        lines,
    }
}

/// An action of this screen.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    if action == Action::AskAgain {
        ask_again(state, out);
        return;
    }
    if action == Action::TakeBill {
        match &state.screen {
            Screen::Bill(shown) if shown.goes_on_without() => scan::unasked(state, out),
            _ => take_bill(state),
        }
        return;
    }
    let Screen::Bill(shown) = &mut state.screen else {
        return;
    };
    let last = shown.invoices().len().saturating_sub(1);
    match action {
        Action::Up => shown.selected = shown.selected.saturating_sub(1),
        Action::Down => shown.selected = (shown.selected + 1).min(last),
        Action::PickInvoice => shown.toggle(shown.selected),
        Action::PickAll => {
            let all: BTreeSet<usize> = shown.payable().collect();
            shown.picked = if shown.picked == all {
                BTreeSet::new()
            } else {
                all
            };
        }
        Action::Back => match shown.behind.take() {
            Some(mut list) => {
                // What was scanned belonged to this bill.
                list.scanned = None;
                state.screen = Screen::Worklist(list);
                crate::app::worklist::refresh(state, out);
            }
            None => state.open_register(),
        },
        _ => return,
    }
    state.note = None;
}

/// F12: into the basket, unless it was paid here today.
fn take_bill(state: &mut State) {
    let limit = state.settings.shop.amount_max;
    let Screen::Bill(shown) = &state.screen else {
        return;
    };
    let (Some(bill), Ok(amount)) = (&shown.bill, shown.taking(limit)) else {
        return;
    };
    let taken = taken(state, shown, bill, amount);
    let before = taken.in_basket.billed.shares.iter().find_map(|share| {
        let of = |one: &&Invoice| is_of(share, one.in_out, &one.number);
        shown.paid_today(bill.invoices.iter().find(of)?)
    });
    if let Some(before) = before {
        let asked = PaidToday::new(before.clone(), taken, state.now.mono_ms);
        state.note = None;
        state.popups.push(Popup::PaidToday(Box::new(asked)));
        return;
    }
    put(state, taken);
}

/// Into the basket; goods that were rung up come after it.
pub(super) fn put(state: &mut State, taken: Taken) {
    let amount = taken.amount();
    let mut lines = taken.lines;
    lines.append(&mut state.basket.lines);
    state.basket.lines = lines;
    state.basket.bill = Some(Box::new(taken.in_basket));
    state.open_register();
    let ten = amount.get() % 10 == 0;
    let text = if ten {
        Text::BillTaken
    } else {
        Text::BillTakenOffTen
    };
    let note = if ten {
        Note::plain(text)
    } else {
        Note::warning(text)
    };
    state.say(note.with("amount", Value::Yen(amount)));
}

/// Text typed: 一部入金.
pub(crate) fn type_key(state: &mut State, key: Key) {
    if let Screen::Bill(shown) = &mut state.screen
        && shown.bill.is_some()
        && shown.amount.press(key)
    {
        state.note = None;
    }
}

/// Pasted text goes into the amount; it takes nothing.
pub(crate) fn paste(state: &mut State, text: &str) {
    if let Screen::Bill(shown) = &mut state.screen {
        shown.amount.paste(text);
    }
}

/// What goes to each invoice as it stands on the screen: the picture says what F12 will do.
impl BillScreen {
    /// The shares of what would be taken.
    pub fn shares(&self, limit: Yen) -> Vec<Share> {
        let picked: Vec<&Invoice> = self
            .picked
            .iter()
            .filter_map(|index| self.invoices().get(*index))
            .collect();
        let amount = self.taking(limit).unwrap_or(Yen::ZERO).min(self.sum());
        allot::shares(&picked, amount)
    }
}
