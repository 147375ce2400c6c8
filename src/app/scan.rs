//! 請求の確認: what a bar code said stands in big digits, is spoken to the patient, and becomes a line of the bill on F12. Never by itself.
//!
//! A code that carries an amount alone and a patient card are put together here, in either order.

use super::action::Action;
use super::bill::{self, InBasket};
use super::field::{Field, Kind as Sort};
use super::key::Key;
use super::keymap::Place;
use super::message::{Effect, ScannerEvent, StoreRequest};
use super::note::{Note, Value};
use super::register::{LINES_MAX, Register, amount_note};
use super::{Screen, State, history, items, outcome};
use crate::domain::barcode::{Kind, Reading, Refused, Scanned};
use crate::domain::bill::{Billed, InOut, PatientNumber, Share};
use crate::domain::business_day::BusinessDate;
use crate::domain::money::Yen;
use crate::domain::record::SaleRecord;
use crate::domain::sale::{Line, TaxClass, total};
use crate::locale::Text;

/// A bill that was scanned, or a patient who waits for one.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanScreen {
    /// What the bill's code said.
    pub reading: Option<Reading>,
    /// 患者番号, off the bill or off the card.
    pub patient: Option<PatientNumber>,
    /// 患者番号 as typed.
    pub number: Field,
    /// Whether the bill was paid today.
    pub earlier: Earlier,
    /// The amount typed to take a bill again that was paid today; `None` until somebody asks for that.
    pub proof: Option<Field>,
    /// Where F9 leads back to.
    behind: Box<Screen>,
}

/// Whether a bill was paid today.
#[derive(Debug, Clone, PartialEq)]
pub enum Earlier {
    /// There is no bill yet.
    NoBill,
    /// The books are being read.
    Asked,
    /// The books cannot be read.
    Unread,
    /// It was not.
    No,
    /// 本日精算済み, or being paid: by this sale.
    Paid(Box<SaleRecord>),
    /// It was, and somebody typed the amount to take it once more.
    Again(Box<SaleRecord>),
}

impl ScanScreen {
    fn new(behind: Screen) -> ScanScreen {
        ScanScreen {
            reading: None,
            patient: None,
            number: Field::new(Sort::Code, PatientNumber::DIGITS_MAX),
            earlier: Earlier::NoBill,
            proof: None,
            behind: Box::new(behind),
        }
    }

    /// Where its keys go: a bill that was paid today is a question of its own.
    pub fn place(&self) -> Place {
        match self.earlier {
            Earlier::Paid(_) => Place::BilledToday,
            _ => Place::Scan,
        }
    }

    /// What is to be paid.
    pub fn amount(&self) -> Option<Yen> {
        self.reading.as_ref().and_then(|reading| reading.amount)
    }
}

/// Something was scanned. It is no key: it answers nothing, and lands in no field.
pub(crate) fn scanned(state: &mut State, text: &str, out: &mut Vec<Effect>) {
    if !state.popups.is_empty() || !takes_scans(state) {
        refuse(state, Note::warning(Text::ScanRefused), out);
        return;
    }
    let code = Scanned::read(text);
    let read = state.settings.barcodes.rules.read(&code);
    let sought = match &read {
        Ok(reading) => reading.kind == Kind::Goods,
        Err(why) => *why == Refused::Unknown,
    };
    let reading = match read {
        // What is no bill may still be looked for: numbers of terminals, for one.
        _ if sought && matches!(state.screen, Screen::History(_)) => {
            history::seek(state, &code.code, out);
            return;
        }
        Ok(reading) => reading,
        Err(why) => {
            refuse(state, refused_note(why, &code), out);
            return;
        }
    };
    if let Some(slip) = reading
        .slip
        .filter(|_| !matches!(state.screen, Screen::Items(_)))
    {
        if !matches!(state.screen, Screen::History(_)) {
            history::open(state, out);
        }
        state.note = None;
        out.push(Effect::Store(StoreRequest::Find(slip)));
        return;
    }
    if !state.owns_the_books() {
        refuse(state, Note::warning(Text::ViewerOnly), out);
        return;
    }
    if matches!(state.screen, Screen::Items(_)) && reading.kind != Kind::Goods {
        refuse(state, Note::warning(Text::ScanRefused), out);
        return;
    }
    match (reading.kind, reading.patient.clone()) {
        (Kind::Goods, _) => goods(state, &reading.code, out),
        (Kind::Patient, Some(_)) if items::may_be_goods(&code) && !half_taken(state) => {
            items::goods_or_card(state, &code.code, out);
        }
        _ if state.settings.reflects() && !matches!(state.screen, Screen::Scan(_)) => {
            ask_the_receipt_computer(state, reading, out);
        }
        (Kind::Patient, Some(patient)) => patient_scanned(state, patient, out),
        _ => bill_scanned(state, reading, out),
    }
}

/// The scanner's port went or came back.
pub(crate) fn scanner(state: &mut State, event: ScannerEvent) {
    state.say(match event {
        ScannerEvent::Lost(detail) => {
            Note::warning(Text::ScannerLost).with("detail", Value::Word(detail))
        }
        ScannerEvent::Back => Note::plain(Text::ScannerBack),
    });
}

/// The screens on which nothing is under way that a scan could disturb.
fn takes_scans(state: &State) -> bool {
    match &state.screen {
        Screen::Register(register) => state.owns_the_books() && register.correcting.is_none(),
        Screen::Done(_) | Screen::History(_) | Screen::Receipt(_) | Screen::Unresolved(_) => true,
        Screen::Worklist(_) | Screen::Bill(_) => true,
        // Goods alone.
        Screen::Items(_) => true,
        Screen::Scan(bill) => bill.place() == Place::Scan,
        _ => false,
    }
}

fn refuse(state: &mut State, note: Note, out: &mut Vec<Effect>) {
    out.push(Effect::Bell(2));
    state.say(note);
}

/// The sentence for a code that is not taken.
fn refused_note(why: Refused, code: &Scanned) -> Note {
    match why {
        Refused::Misread(title) => {
            Note::warning(Text::CodeMisread).with("title", Value::Name(title))
        }
        Refused::OtherSite(title) => {
            Note::warning(Text::CodeOfOtherSite).with("title", Value::Name(title))
        }
        // A long number may be a card's, and is not shown.
        Refused::Unknown => Note::warning(Text::CodeUnknown).with(
            "count",
            Value::Number(code.code.chars().count().try_into().unwrap_or(u64::MAX)),
        ),
    }
}

/// Goods are rung up at the register; a bill that is on the screen is taken, or left, first.
fn goods(state: &mut State, code: &str, out: &mut Vec<Effect>) {
    if half_taken(state) {
        refuse(state, Note::warning(Text::GoodsAfterBill), out);
        return;
    }
    items::scanned(state, code, out);
}

/// True where a bill is on the screen that is not in the basket yet.
fn half_taken(state: &State) -> bool {
    matches!(state.screen, Screen::Scan(_) | Screen::Bill(_))
}

/// Eight digits that no item has: a patient's card after all.
pub(crate) fn card(state: &mut State, code: &str, out: &mut Vec<Effect>) {
    let scanned = Scanned::read(code);
    let reading = match state.settings.barcodes.rules.read(&scanned) {
        Ok(reading) if takes_scans(state) && state.popups.is_empty() => reading,
        _ => {
            refuse(state, Note::warning(Text::ScanRefused), out);
            return;
        }
    };
    if state.settings.reflects() {
        ask_the_receipt_computer(state, reading, out);
    } else if let Some(patient) = reading.patient {
        patient_scanned(state, patient, out);
    }
}

/// Where a receipt computer is connected, what a code says is held against what that says.
fn ask_the_receipt_computer(state: &mut State, reading: Reading, out: &mut Vec<Effect>) {
    let scanned = (reading.kind != Kind::Patient)
        .then(|| bill::Scanned::new(reading.clone()))
        .flatten();
    if scanned.is_some()
        && let Some(text) = taken_before(state, &reading.code)
    {
        refuse(state, Note::warning(text), out);
        return;
    }
    if !state.basket.parts.is_empty() || state.basket.replaces.is_some() {
        refuse(state, Note::warning(Text::BillFirst), out);
        return;
    }
    match state.screen {
        Screen::Done(_) => outcome::act_done(state, Action::NextCustomer, out),
        Screen::History(_) | Screen::Receipt(_) | Screen::Unresolved(_) => state.open_register(),
        _ => {}
    }
    match (scanned, reading.patient) {
        (Some(scanned), _) => bill::amount_scanned(state, scanned, out),
        (None, Some(patient)) => bill::patient_scanned(state, patient, out),
        (None, None) => refuse(state, Note::warning(Text::CodeWithoutAmount), out),
    }
}

/// A bill that stands in the basket already, this one or another.
fn taken_before(state: &State, code: &str) -> Option<Text> {
    let before = state.basket.bill.as_ref()?;
    Some(if before.billed.code.as_deref() == Some(code) {
        Text::BillTakenAlready
    } else {
        Text::OneBillAtATime
    })
}

/// The receipt computer cannot be asked: the bill is taken by its code alone, seen and confirmed like any without one.
pub(crate) fn unasked(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Bill(bill) = &mut state.screen else {
        return;
    };
    let Some(scanned) = bill.scanned.take() else {
        return;
    };
    let patient = bill.patient.clone();
    let reading = scanned.reading;
    state.open_register();
    patient_scanned(state, patient, out);
    bill_scanned(state, reading, out);
}

/// The screen of the bill, opened over whatever stood there. `None` where a bill cannot be begun now.
fn screen<'a>(state: &'a mut State, out: &mut Vec<Effect>) -> Option<&'a mut ScanScreen> {
    if matches!(state.screen, Screen::Done(_)) {
        outcome::act_done(state, Action::NextCustomer, out);
    }
    let begun = !state.basket.parts.is_empty() || state.basket.replaces.is_some();
    if begun || !takes_scans(state) {
        refuse(state, Note::warning(Text::BillFirst), out);
        return None;
    }
    if !matches!(state.screen, Screen::Scan(_)) {
        let behind = std::mem::replace(&mut state.screen, Screen::Register(Register::new()));
        state.screen = Screen::Scan(Box::new(ScanScreen::new(behind)));
    }
    match &mut state.screen {
        Screen::Scan(bill) => Some(bill),
        _ => None,
    }
}

/// A patient's number came in, off a card or typed: it goes with the bill on the screen, or waits for one.
pub(crate) fn patient_scanned(state: &mut State, patient: PatientNumber, out: &mut Vec<Effect>) {
    let Some(bill) = screen(state, out) else {
        return;
    };
    let other = bill.reading.as_ref().and_then(|r| r.patient.as_ref());
    if other.is_some_and(|other| !other.is_same(&patient)) {
        refuse(state, Note::alarm(Text::BillPatientDiffers), out);
        return;
    }
    bill.number.clear();
    bill.patient = Some(patient);
    state.note = None;
}

/// A bill's code: shown, and looked for in the books.
fn bill_scanned(state: &mut State, reading: Reading, out: &mut Vec<Effect>) {
    if reading.amount.is_none() {
        refuse(state, Note::warning(Text::CodeWithoutAmount), out);
        return;
    }
    let code = reading.code.clone();
    if let Some(text) = taken_before(state, &code) {
        refuse(state, Note::warning(text), out);
        return;
    }
    let date = state.settings.stamp(state.now).business_date;
    let Some(bill) = screen(state, out) else {
        return;
    };
    let shown = bill.reading.as_ref();
    if shown.is_some_and(|shown| shown.code != code) {
        refuse(state, Note::warning(Text::OneBillAtATime), out);
        return;
    }
    if let (Some(patient), Some(other)) = (&bill.patient, &reading.patient)
        && !patient.is_same(other)
    {
        refuse(state, Note::alarm(Text::BillPatientDiffers), out);
        return;
    }
    if shown.is_some() && !matches!(bill.earlier, Earlier::Unread) {
        return;
    }
    if reading.patient.is_some() {
        bill.patient.clone_from(&reading.patient);
    }
    bill.reading = Some(reading);
    bill.earlier = Earlier::Asked;
    state.note = None;
    out.push(Effect::Store(StoreRequest::BillTaken { code, date }));
}

/// The books know whether the bill was paid on that day.
pub(crate) fn looked_up(
    state: &mut State,
    (code, date): (&str, BusinessDate),
    earlier: Option<Box<SaleRecord>>,
    out: &mut Vec<Effect>,
) {
    let today = state.settings.stamp(state.now).business_date;
    let Screen::Scan(bill) = &mut state.screen else {
        return;
    };
    let waits = bill.earlier == Earlier::Asked
        && bill.reading.as_ref().is_some_and(|r| r.code == code)
        && date == today;
    if !waits {
        return;
    }
    bill.earlier = match earlier {
        None => Earlier::No,
        Some(sale) => {
            out.push(Effect::Bell(2));
            Earlier::Paid(sale)
        }
    };
}

/// The books could not say.
pub(crate) fn not_looked_up(state: &mut State) {
    if let Screen::Scan(bill) = &mut state.screen
        && bill.earlier == Earlier::Asked
    {
        bill.earlier = Earlier::Unread;
    }
}

/// A key that is no action: part of the patient's number, or of the amount that proves that the screen was read.
pub(crate) fn type_key(state: &mut State, key: Key) {
    if let Screen::Scan(bill) = &mut state.screen {
        let field = match (&bill.earlier, &mut bill.proof) {
            (Earlier::Paid(_), Some(proof)) => proof,
            (Earlier::Paid(_), None) => return,
            _ => &mut bill.number,
        };
        if field.press(key) {
            state.note = None;
        }
    }
}

/// Why an action cannot be done now.
pub(crate) fn refusal(state: &State, bill: &ScanScreen, action: Action) -> Option<Note> {
    match action {
        Action::TakeScanned => take_refusal(state, bill),
        _ => None,
    }
}

/// Why the bill cannot be taken as it stands. What the receipt computer has to say of it belongs here, too.
fn take_refusal(state: &State, bill: &ScanScreen) -> Option<Note> {
    let Some(amount) = bill.amount() else {
        return Some(Note::warning(Text::ScanTheBill));
    };
    match bill.earlier {
        Earlier::Asked | Earlier::NoBill => return Some(Note::plain(Text::Reading)),
        Earlier::Unread => return Some(Note::warning(Text::ScanBillAgain)),
        Earlier::Paid(_) => return Some(Note::warning(Text::AnswerWithDigits)),
        Earlier::No | Earlier::Again(_) => {}
    }
    if bill.patient.is_none() && !bill.number.is_empty() {
        return Some(Note::warning(Text::PressEnterForPatient));
    }
    if bill.patient.is_none() && state.settings.barcodes.patient_required {
        return Some(Note::warning(Text::ScanThePatient));
    }
    let limit = state.settings.shop.amount_max;
    if state.basket.lines.len() >= LINES_MAX {
        return Some(Note::warning(Text::TooManyLines));
    }
    let sum = total(&state.basket.lines).and_then(|sum| sum.checked_add(amount));
    sum.is_none_or(|sum| sum > limit)
        .then(|| Note::warning(Text::TotalTooLarge).with("limit", Value::Yen(limit)))
}

/// An action of this screen.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    match action {
        Action::TakeScanned => take(state),
        Action::Back => back(state),
        Action::BillAgain => {
            if let Screen::Scan(bill) = &mut state.screen {
                bill.proof = Some(Field::new(Sort::Amount, 12));
                state.note = None;
            }
        }
        Action::Choose => choose(state, out),
        _ => {}
    }
}

/// Enter: the patient's number is typed, or the amount. It takes no bill.
fn choose(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Scan(bill) = &mut state.screen else {
        return;
    };
    if let Earlier::Paid(sale) = &bill.earlier {
        let limit = Yen::LIMIT;
        let note = match &bill.proof {
            None => Note::warning(Text::AnswerWithDigits),
            Some(proof) => match Yen::parse(proof.text(), limit) {
                Ok(amount) if Some(amount) == bill.amount() => {
                    bill.earlier = Earlier::Again(sale.clone());
                    bill.proof = None;
                    state.note = None;
                    return;
                }
                Ok(_) => Note::warning(Text::AmountDiffers),
                Err(error) => amount_note(error, limit),
            },
        };
        state.say(note);
        return;
    }
    if bill.number.is_empty() {
        let note = take_refusal_of(state).unwrap_or_else(|| Note::plain(Text::PressTakeBill));
        state.say(note);
        return;
    }
    match PatientNumber::parse(bill.number.text()) {
        Ok(patient) => patient_scanned(state, patient, out),
        Err(_) => state.say(Note::warning(Text::PatientNumberMalformed)),
    }
}

fn take_refusal_of(state: &State) -> Option<Note> {
    match &state.screen {
        Screen::Scan(bill) => take_refusal(state, bill),
        _ => None,
    }
}

/// F9: nothing of it is taken.
fn back(state: &mut State) {
    if let Screen::Scan(bill) = &state.screen {
        state.screen = (*bill.behind).clone();
        state.note = None;
    }
}

/// F12: the bill is the first line of the basket, and the basket remembers whose it is.
fn take(state: &mut State) {
    let Screen::Scan(bill) = &state.screen else {
        return;
    };
    let Some((reading, amount)) = bill.reading.as_ref().zip(bill.amount()) else {
        return;
    };
    let line = Line {
        name: reading.line.get(state.settings.language).to_owned(),
        unit: amount,
        quantity: 1,
        tax: TaxClass::NonTaxable,
    };
    // A code that names no invoice is of one all the same, where there is somebody to tell it to and somebody it is of: it is found later.
    let is_told = state.settings.reflects() && bill.patient.is_some();
    let share = (reading.invoice.is_some() || is_told).then(|| Share {
        found: None,
        in_out: reading.in_out.unwrap_or(InOut::Out),
        invoice: reading.invoice.clone(),
        amount,
    });
    let billed = Billed {
        patient: bill.patient.clone(),
        name: None,
        shares: share.into_iter().collect(),
        code: Some(reading.code.clone()),
    };
    let behind = (*bill.behind).clone();
    state.basket.lines.insert(0, line);
    state.basket.bill = Some(Box::new(InBasket::scanned(billed)));
    state.note = None;
    match behind {
        // What was half typed there stands as it was; the lines have moved.
        Screen::Register(register) => {
            state.screen = Screen::Register(Register {
                selected: None,
                editing: register.editing.map(|at| at + 1),
                ..register
            });
        }
        _ => state.open_register(),
    }
}
