//! 請求: bills that come from the receipt computer to the counter, and what is asked of it for the screens.
//!
//! ```text
//!  Worklist ─ patient ─▶ Bill ─ F12 ─▶ basket ─ checkout ─ asked again ─▶ paid
//!                 scanned card, typed number, amount off a bill
//! ```
//!
//! It is the receipt computer that computes: its figures are shown and paid, never made here. A question that is older than the one that is
//! waited for is answered in vain.

use super::message::Effect;
use super::message::orca::{Asker, OrcaEvent, OrcaRequest};
use super::note::{Note, Value};
use super::worklist::{self, Worklist};
use super::{Screen, State};
use crate::domain::barcode::Reading;
use crate::domain::bill::{InOut, InvoiceNumber, PaidBill, PatientNumber, Share};
use crate::domain::money::Yen;
use crate::locale::Text;
use crate::orca::answer::{Failure, News};
use crate::orca::call::Call;

mod allot;
mod basket;
mod check;
mod paid;
mod pick;
mod reach;
mod screen;

pub use basket::InBasket;
pub use check::{BillChanged, BillUnchecked, Check};
pub use paid::PaidToday;
pub use pick::{Ground, ground_note};
pub use reach::{Reach, Reached};
pub use screen::BillScreen;

pub(crate) use basket::{after_parts, drop_bill, is_of_bill, of_record, of_task};
pub(crate) use check::{
    act as answer, asking, begin as check, due as must_check, leave as leave_check,
};
pub(crate) use paid::{act as answer_paid, takes_text as paid_takes_text, type_key as type_paid};
pub(crate) use screen::{act, paste, refusal, type_key};

/// What the screens ask the receipt computer, and how its patients are shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Billing {
    /// The newest question.
    question: u32,
    /// Names and numbers of patients are not shown.
    pub hidden: bool,
    /// It does not tell by itself what is new.
    pub deaf: bool,
    /// Whether it can be reached at all.
    pub reach: Reach,
}

impl Billing {
    /// Nothing asked yet.
    pub(crate) fn new(hidden: bool) -> Billing {
        Billing {
            hidden,
            ..Billing::default()
        }
    }
}

/// A bill's code that was scanned: its amount is held against what the receipt computer says.
#[derive(Debug, Clone, PartialEq)]
pub struct Scanned {
    /// What the code says.
    pub reading: Reading,
    /// The amount in it.
    pub amount: Yen,
}

impl Scanned {
    /// `None` for a code without an amount.
    pub fn new(reading: Reading) -> Option<Scanned> {
        let amount = reading.amount?;
        Some(Scanned { reading, amount })
    }
}

/// Why the receipt computer says nothing, as the screen tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// None is connected here, or none of this mode.
    NotConnected,
    /// It cannot be reached.
    Unreachable(String),
    /// No whole answer came.
    Lost(String),
    /// It does not let us in.
    Denied(String),
    /// A certificate is no good.
    Certificate(String),
    /// It is no receipt computer.
    Foreign(String),
    /// It cannot be understood.
    Unreadable(String),
    /// It says no.
    Refused {
        /// Its code.
        code: String,
        /// Its words.
        message: String,
    },
}

impl Trouble {
    /// Why there is no answer.
    pub fn of(failure: &Failure) -> Trouble {
        match failure {
            Failure::Unreachable(detail) => Trouble::Unreachable(detail.clone()),
            Failure::Lost(detail) => Trouble::Lost(detail.clone()),
            Failure::Denied(detail) => Trouble::Denied(detail.clone()),
            Failure::Certificate(detail) => Trouble::Certificate(detail.clone()),
            Failure::Foreign(detail) => Trouble::Foreign(detail.clone()),
            Failure::Unreadable(detail) => Trouble::Unreadable(detail.clone()),
            Failure::Refused(no) => Trouble::Refused {
                code: no.code.clone(),
                message: no.message.clone(),
            },
        }
    }

    /// A word for the books, without a name or a number of anybody.
    const fn word(&self) -> &'static str {
        match self {
            Trouble::NotConnected => "not connected",
            Trouble::Unreachable(_) => "unreachable",
            Trouble::Lost(_) => "lost",
            Trouble::Denied(_) => "denied",
            Trouble::Certificate(_) => "certificate",
            Trouble::Foreign(_) => "foreign",
            Trouble::Unreadable(_) => "unreadable",
            Trouble::Refused { .. } => "refused",
        }
    }
}

/// Ask for a screen. Returns the question's number.
pub(crate) fn ask(state: &mut State, call: Call, out: &mut Vec<Effect>) -> u32 {
    state.bills.question = state.bills.question.wrapping_add(1);
    let question = state.bills.question;
    out.push(Effect::Orca(OrcaRequest {
        asker: Asker::Screen { question },
        call,
    }));
    question
}

/// Something came from the receipt computer.
pub(crate) fn take(state: &mut State, event: &OrcaEvent, out: &mut Vec<Effect>) {
    reach::note(state, event);
    match event {
        OrcaEvent::Answered {
            asker: Asker::Screen { question },
            result,
            ..
        } => {
            worklist::answered(state, *question, result, out);
            screen::answered(state, *question, result, out);
            check::answered(state, *question, result, out);
        }
        OrcaEvent::News(News::Account { patient, .. }) => {
            basket::stale(state, patient);
            worklist::refresh(state, out);
            screen::refresh(state, Some(patient), out);
        }
        OrcaEvent::News(News::Accepted { .. }) => worklist::refresh(state, out),
        OrcaEvent::News(News::Listening) => {
            state.bills.deaf = false;
            worklist::refresh(state, out);
            screen::refresh(state, None, out);
        }
        OrcaEvent::News(News::Deaf(_)) => state.bills.deaf = true,
        OrcaEvent::Remarked { code, message } => {
            let said = format!("{code} {message}");
            let said: String = said.trim().chars().take(60).collect();
            state.say(Note::warning(Text::OrcaRemark).with("detail", Value::Word(said)));
        }
        OrcaEvent::Answered { .. } => {}
    }
}

/// What was paid here of bills on a day.
pub(crate) fn paid_bills(
    state: &mut State,
    patient: Option<&PatientNumber>,
    paid: Vec<PaidBill>,
    out: &mut Vec<Effect>,
) {
    match patient {
        None => worklist::paid(state, paid),
        Some(patient) => screen::paid(state, patient, paid, out),
    }
}

/// Show names, or show them no more.
pub(crate) fn toggle_names(state: &mut State) {
    state.bills.hidden = !state.bills.hidden;
    let text = if state.bills.hidden {
        Text::NamesHidden
    } else {
        Text::NamesShown
    };
    state.say(Note::plain(text));
}

/// A patient's card was scanned: the bill is asked for, wherever one may begin.
pub(crate) fn patient_scanned(state: &mut State, patient: PatientNumber, out: &mut Vec<Effect>) {
    let Some((behind, scanned)) = from_here(state) else {
        refuse_scan(state, Note::warning(Text::ScanRefused), out);
        return;
    };
    let of_other = |scanned: &Scanned| {
        let of = scanned.reading.patient.as_ref();
        of.is_some_and(|of| !of.is_same(&patient))
    };
    if scanned.as_ref().is_some_and(of_other) {
        refuse_scan(state, Note::alarm(Text::BillPatientDiffers), out);
        return;
    }
    open(state, patient, scanned, behind, out);
}

/// An amount was scanned off a bill. It goes into the basket where it is what the receipt computer says is unpaid of the patient, and stops
/// with both figures where it is not. Without a patient, the patient is asked for first.
pub(crate) fn amount_scanned(state: &mut State, scanned: Scanned, out: &mut Vec<Effect>) {
    let shown = match &state.screen {
        Screen::Bill(bill) => Some(bill.patient.clone()),
        _ => None,
    };
    let Some((behind, _)) = from_here(state) else {
        refuse_scan(state, Note::warning(Text::ScanRefused), out);
        return;
    };
    let amount = scanned.amount;
    let of = scanned.reading.patient.clone();
    if let (Some(of), Some(shown)) = (&of, &shown)
        && !of.is_same(shown)
    {
        refuse_scan(state, Note::alarm(Text::BillPatientDiffers), out);
        return;
    }
    match of.or(shown) {
        Some(patient) => open(state, patient, Some(scanned), behind, out),
        None => {
            worklist::open(state, Some(scanned), out);
            state.say(Note::plain(Text::ScannedWhose).with("amount", Value::Yen(amount)));
        }
    }
}

/// Where a bill may begin: the list behind it, and what was scanned before.
fn from_here(state: &State) -> Option<(Option<Box<Worklist>>, Option<Scanned>)> {
    if !state.popups.is_empty() || !state.owns_the_books() {
        return None;
    }
    match &state.screen {
        Screen::Register(register) if register.correcting.is_none() => Some((None, None)),
        Screen::Worklist(list) => Some((Some(list.clone()), list.scanned.clone())),
        Screen::Bill(bill) => Some((bill.behind.clone(), bill.scanned.clone())),
        _ => None,
    }
}

fn refuse_scan(state: &mut State, why: Note, out: &mut Vec<Effect>) {
    out.push(Effect::Bell(2));
    state.say(why);
}

/// Ask for a patient's bill and show what comes.
pub(crate) fn open(
    state: &mut State,
    patient: PatientNumber,
    scanned: Option<Scanned>,
    behind: Option<Box<Worklist>>,
    out: &mut Vec<Effect>,
) {
    state.note = None;
    let mut bill = BillScreen::new(patient);
    bill.known = behind.as_ref().and_then(|list| list.known(&bill.patient));
    bill.scanned = scanned;
    bill.behind = behind;
    state.screen = Screen::Bill(Box::new(bill));
    screen::ask_again(state, out);
}

/// True where both speak of one invoice.
fn is_of(share: &Share, in_out: InOut, invoice: &InvoiceNumber) -> bool {
    let known = share.known();
    share.in_out == in_out && known.is_some_and(|known| known.is_same(invoice))
}
