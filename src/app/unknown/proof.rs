//! What a person types to settle a sale that nobody else can: the terminal's slip number, or the amount. Weak and scanned proofs count for nothing.

use super::{Unknown, book};
use crate::app::field::Field;
use crate::app::input::REFLEX_MS;
use crate::app::key::Key;
use crate::app::message::Effect;
use crate::app::note::Note;
use crate::app::register::amount_note;
use crate::app::{Screen, State};
use crate::domain::ledger::{Entry, Evidence, NotCharged, TerminalFacts};
use crate::domain::money::Yen;
use crate::domain::slip::{SlipTextError, TerminalSlipNumber};
use crate::locale::Text;
use crate::teeth::{self, Tooth};

/// A proof has at least so many digits: a stray key or two must not decide money.
pub(crate) const PROOF_DIGITS_MIN: usize = 3;
/// A scanner, or a key that is held down, types at least so many characters, each sooner after the last than a person can (ms).
const SCAN_CHARS_MIN: usize = 8;
const SCAN_GAP_MS: u64 = 50;

/// A proof being typed.
#[derive(Debug, Clone, PartialEq)]
pub enum Proof {
    /// 1: the terminal's slip number.
    Slip(Field),
    /// 2: the amount, to say that it was not charged.
    Amount(Field),
}

impl Proof {
    /// The field.
    pub fn field(&self) -> &Field {
        match self {
            Proof::Slip(field) | Proof::Amount(field) => field,
        }
    }

    fn field_mut(&mut self) -> &mut Field {
        match self {
            Proof::Slip(field) | Proof::Amount(field) => field,
        }
    }
}

/// Text typed as proof.
pub(crate) fn type_key(state: &mut State, key: Key) {
    let now = state.now.mono_ms;
    if let Screen::Unknown(unknown) = &mut state.screen
        && let Some(proof) = &mut unknown.proof
    {
        if proof.field().is_empty() {
            unknown.typed_since_ms = now;
        }
        if proof.field_mut().press(key) {
            unknown.doubted_since_ms = None;
            state.note = None;
        }
    }
}

/// The typed proof is complete: hold it against the sale.
pub(super) fn prove(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Unknown(unknown) = &state.screen else {
        return;
    };
    if typed_by_a_scanner(state, unknown) {
        refuse_scan(state, out);
        return;
    }
    let slip = unknown.record.slip;
    let operator = state.operator.clone();
    let entry = match &unknown.proof {
        None => return,
        Some(Proof::Slip(field)) => match TerminalSlipNumber::new(field.text()) {
            Ok(number)
                if digits_in(&number) < PROOF_DIGITS_MIN
                    && !teeth::bites(Tooth::ShortSlipIsProof) =>
            {
                state.say(Note::warning(Text::SlipNumberTooShort));
                return;
            }
            // Somebody typed the amount without answering first, and its 1 was taken for the answer.
            Ok(_) if format!("1{}", field.text()) == unknown.amount().get().to_string() => {
                if let Screen::Unknown(unknown) = &mut state.screen {
                    unknown.proof = None;
                }
                state.say(Note::warning(Text::AnswerWithDigits));
                return;
            }
            Ok(_) if is_in_doubt(unknown, field.text(), state.now.mono_ms) => {
                doubt(state, out);
                return;
            }
            Ok(number) => {
                let mut terminal = TerminalFacts::default();
                let proof = number.to_string();
                terminal.slip_number = Some(number);
                Entry::Posted {
                    slip,
                    evidence: Evidence::Operator { operator, proof },
                    terminal,
                }
            }
            Err(error) => {
                state.say(slip_note(error));
                return;
            }
        },
        Some(Proof::Amount(field)) => {
            let limit = Yen::LIMIT;
            match Yen::parse(field.text(), limit) {
                Ok(amount)
                    if amount == unknown.amount() || teeth::bites(Tooth::AnyAmountIsProof) =>
                {
                    Entry::Released {
                        slip,
                        reason: NotCharged::OperatorSawNone,
                        evidence: Evidence::Operator {
                            operator,
                            proof: amount.get().to_string(),
                        },
                    }
                }
                Ok(_) => {
                    state.say(Note::warning(Text::AmountDiffers));
                    return;
                }
                Err(error) => {
                    state.say(amount_note(error, limit));
                    return;
                }
            }
        }
    };
    book(state, entry, out);
}

/// True where a number may be the amount, and nobody has said of it yet, slower than by reflex, that it is the slip's all the same.
fn is_in_doubt(unknown: &Unknown, typed: &str, now_ms: u64) -> bool {
    may_be_amount(typed, unknown.amount())
        && unknown
            .doubted_since_ms
            .is_none_or(|since| now_ms.saturating_sub(since) < REFLEX_MS)
}

fn doubt(state: &mut State, out: &mut Vec<Effect>) {
    let now = state.now.mono_ms;
    if let Screen::Unknown(unknown) = &mut state.screen {
        unknown.doubted_since_ms.get_or_insert(now);
        out.push(Effect::Bell(2));
        state.say(Note::warning(Text::SlipNumberIsTheAmount));
    }
}

/// Faster than fingers: a scanner that types like a keyboard.
fn typed_by_a_scanner(state: &State, unknown: &Unknown) -> bool {
    let typed = unknown
        .proof
        .as_ref()
        .map_or("", |proof| proof.field().text());
    let took = state.now.mono_ms.saturating_sub(unknown.typed_since_ms);
    no_finger_typed(typed, took)
}

/// True where a text came in so short a time (ms) that a scanner typed it, or is one key that was held down.
pub(crate) fn no_finger_typed(text: &str, took_ms: u64) -> bool {
    let one_key = text.bytes().skip(1).zip(text.bytes()).all(|(a, b)| a == b);
    text.len() >= SCAN_CHARS_MIN && (one_key || took_ms < text.len() as u64 * SCAN_GAP_MS)
}

fn refuse_scan(state: &mut State, out: &mut Vec<Effect>) {
    if let Screen::Unknown(unknown) = &mut state.screen {
        unknown.proof = None;
        out.push(Effect::Bell(2));
        state.say(Note::warning(Text::ScanRefused));
    }
}

/// True where what was typed for a slip's number is the amount, digit for digit, or the end of it: behind an Esc the first digit is read as
/// an F-key, and what is left of an amount typed by habit looks like a number.
pub(crate) fn may_be_amount(typed: &str, amount: Yen) -> bool {
    amount.get().to_string().ends_with(typed)
}

/// How many digits a number has.
pub(crate) fn digits_in(number: &TerminalSlipNumber) -> usize {
    number.as_str().bytes().filter(u8::is_ascii_digit).count()
}

/// The sentence for a text that is no number off a slip.
pub(crate) fn slip_note(error: SlipTextError) -> Note {
    match error {
        SlipTextError::Empty => Note::warning(Text::SlipNumberEmpty),
        SlipTextError::TooLong | SlipTextError::Malformed => {
            Note::warning(Text::SlipNumberMalformed)
        }
        SlipTextError::CardNumber => Note::alarm(Text::LooksLikeCardNumber),
    }
}
