//! 取消・返品: a sale is taken back. What applies is decided by `domain::undo` and nobody else; this screen shows it and carries it out.
//!
//! ```text
//!  履歴 ─ F1 / F2 ─▶ read ─▶ what applies ─ F12 ─┬─ over the link ─▶ CAT端末連動中, as a sale
//!                                                ├─ by hand ───────▶ 手動操作
//!                                                └─ cash, our slip ▶ the books
//! ```
//!
//! One tender at a time: a card before cash, so that no money leaves the drawer for a card that then is not taken back.

use super::action::Action;
use super::field::{Field, Kind};
use super::input::REFLEX_MS;
use super::key::Key;
use super::message::{Effect, StoreRequest};
use super::note::{Note, Value};
use super::operator::{self, After};
use super::receipt::Receipt;
use super::startup::trouble_note;
use super::{Screen, State, charge, wizard};
use crate::domain::bill::Share;
use crate::domain::by_hand::Why;
use crate::domain::money::Yen;
use crate::domain::record::SaleRecord;
use crate::domain::sale::{Line, Operator, SaleDraft, SaleKind, TaxClass};
use crate::domain::slip::SlipNumber;
use crate::domain::tender::{CardClass, LinkKind, Tender};
pub use crate::domain::undo::{
    Because, Clocks, Decision, Denied, Plan, TerminalDay, Undoable, Way,
};
use crate::locale::Text;
use crate::teeth::{self, Tooth};

pub mod correction;
mod draft;
mod taking;

pub use taking::{Focus, Take};

/// A sale that is to be taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct Undo {
    /// Its slip.
    pub slip: SlipNumber,
    /// The sale and what bears on it, once it is read.
    pub sale: Option<Box<Undoable>>,
    /// Which tender is taken back now, counted from 0; their count where all of them go back at once.
    pub tender: usize,
    /// How much.
    pub take: Take,
    /// Of each line of the bill, how many are taken back.
    pub chosen: Vec<u32>,
    /// The line under the mark.
    pub row: usize,
    /// The amount, as typed.
    pub amount: Field,
    /// The amount typed as proof, where the money leaves the drawer or a rule is stretched.
    pub proof: Field,
    /// What is typed into.
    pub focus: Focus,
    /// Which card it was, as the operator says.
    pub brand: Option<CardClass>,
    /// The second person who allows what the rule does not.
    pub second: Option<Operator>,
    /// 差額: the corrected bill.
    pub corrected: Vec<Line>,
    /// True while the books write.
    pub writing: bool,
    /// When what is to be confirmed appeared (ms).
    shown_ms: u64,
    /// Where F9 goes back to.
    from: Option<Box<Receipt>>,
}

/// What goes back to which invoice of the receipt computer, and what to none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToBill {
    /// Newest invoice first.
    pub shares: Vec<Share>,
    /// 店頭販売: the receipt computer is told nothing of it.
    pub goods: Yen,
    /// True where no line says it, and the rule does: the bill before the goods.
    pub by_rule: bool,
    /// 差額: what the corrected bill pays of each.
    pub corrected: Vec<Share>,
}

impl Undo {
    fn of(slip: SlipNumber, now_ms: u64) -> Undo {
        Undo {
            slip,
            sale: None,
            tender: 0,
            take: Take::All,
            chosen: Vec::new(),
            row: 0,
            amount: Field::new(Kind::Amount, 12),
            proof: Field::new(Kind::Amount, 12),
            focus: Focus::Proof,
            brand: None,
            second: None,
            corrected: Vec::new(),
            writing: false,
            shown_ms: now_ms,
            from: None,
        }
    }

    /// The sale that is taken back, once it is read.
    pub fn original(&self) -> Option<&SaleRecord> {
        self.sale.as_ref().map(|sale| &sale.original)
    }

    /// The tender that is taken back now.
    pub fn tender(&self) -> Option<&Tender> {
        self.original()?.sale.tenders.get(self.tender)
    }

    /// What is left of a tender.
    pub fn left(&self, state: &State, tender: usize) -> Yen {
        let rules = &state.settings.undo.rules;
        let left = |sale| crate::domain::undo::left_of(sale, tender, rules);
        self.sale.as_deref().map_or(Yen::ZERO, left)
    }

    /// Once, so that the forward key stops looking asleep.
    pub(crate) fn deadline(&self, now_ms: u64) -> Option<u64> {
        Some(self.shown_ms + REFLEX_MS).filter(|awake| *awake > now_ms)
    }

    /// What the rules say of what is chosen now; `None` until the sale is read.
    pub fn decision(&self, state: &State) -> Option<Decision> {
        draft::decide(state, self)
    }

    /// True where cash and card of one slip go back at once: the card first, the cash when it is done.
    pub fn all_tenders(&self) -> bool {
        self.original()
            .is_some_and(|original| self.tender >= original.sale.tenders.len())
    }

    /// What would be done: by the rule, or with the second person who allowed it.
    pub fn plan(&self, state: &State) -> Option<Plan> {
        match self.decision(state)? {
            Decision::Allowed(plan)
                if self.other_money(&plan)
                    && self.second.is_none()
                    && !teeth::bites(Tooth::OtherMoneyAlone) =>
            {
                None
            }
            Decision::Allowed(plan) => Some(draft::way_here(state, self, plan)),
            Decision::Refused(refusal) => {
                let plan = refusal.with_second.filter(|_| self.second.is_some())?;
                Some(draft::way_here(state, self, *plan))
            }
        }
    }

    /// The terminal that took the sale, where another one stands there by now.
    pub fn made_elsewhere(&self, state: &State) -> Option<&str> {
        draft::made_elsewhere(state, self)
    }

    /// True where the link would take it back, had no other payment followed at its terminal.
    pub fn is_not_the_last(&self, state: &State, plan: &Plan) -> bool {
        draft::is_not_the_last(state, self, plan)
    }

    /// True where it goes by hand because the terminal gave its slip number to another sale too.
    pub fn is_one_of_two(&self, plan: &Plan) -> bool {
        let sale = self.sale.as_ref();
        plan.way == Way::ByHand && sale.is_some_and(|sale| sale.number_given_twice)
    }

    /// True where it goes by hand because a person typed the number of its slip, and only the slip itself says at which terminal.
    pub fn was_typed(&self, plan: &Plan) -> bool {
        let sale = self.sale.as_ref();
        plan.way == Way::ByHand
            && sale.is_some_and(|sale| sale.original.route.is_some() && sale.number_was_typed())
    }

    /// What of its bill goes back to the receipt computer with a plan, newest invoice first, and what of it is goods. `None` where the sale is of no
    /// bill that the receipt computer is told of.
    pub fn to_bill(&self, plan: &Plan) -> Option<ToBill> {
        let sale = &self.original()?.sale;
        if crate::domain::reflection::postings(sale).is_empty() {
            return None;
        }
        let shares = draft::bill(self, plan).map_or(Vec::new(), |billed| billed.shares);
        let told = shares.iter().fold(0, |sum, share| sum + share.amount.get());
        Some(ToBill {
            goods: Yen::new(plan.amount.get() - told),
            shares,
            by_rule: draft::is_amount_alone(self, plan),
            corrected: draft::corrected_bill(self).map_or(Vec::new(), |billed| billed.shares),
        })
    }

    /// True where the amount is typed before anything is done: money out of the drawer, and whatever a rule does not say.
    pub fn needs_proof(&self, plan: &Plan) -> bool {
        plan.way == Way::Cash || self.second.is_some() || self.all_tenders()
    }

    /// True where what the rule does not say waits for a second person.
    pub fn second_may_allow(&self, state: &State) -> bool {
        self.second.is_none() && second_refusal(state, self).is_none()
    }

    /// True where the cursor stands in a field.
    pub fn types_a_field(&self, state: &State) -> bool {
        let proof = || self.plan(state).is_some_and(|plan| self.needs_proof(&plan));
        match self.focus {
            Focus::Lines => false,
            Focus::Amount => !self.writing,
            Focus::Proof => !self.writing && proof(),
        }
    }

    /// True where what a card paid would go back in cash. A rule may say that this is the way; two people say that it is done.
    pub fn other_money(&self, plan: &Plan) -> bool {
        plan.way == Way::Cash && matches!(self.tender(), Some(Tender::Card { .. }))
    }

    /// The one tax class of the bill; `None` where there are two, and an amount would not say which it is of.
    pub fn one_tax_class(&self) -> Option<TaxClass> {
        let lines = &self.original()?.sale.lines;
        let first = lines.first()?.tax;
        lines.iter().all(|line| line.tax == first).then_some(first)
    }
}

/// Read a sale that is to be taken back.
pub(crate) fn ask(state: &mut State, slip: SlipNumber, out: &mut Vec<Effect>) {
    let mut undo = Undo::of(slip, state.now.mono_ms);
    if let Screen::Receipt(receipt) = &state.screen {
        undo.from = Some(Box::new(receipt.clone()));
    }
    state.note = None;
    state.screen = Screen::Undo(Box::new(undo));
    out.push(Effect::Store(StoreRequest::Undoable(slip)));
}

/// F1 or F2 on a slip.
pub(crate) fn open(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let Screen::Receipt(receipt) = &state.screen else {
        return;
    };
    let slip = receipt.record.slip;
    ask(state, slip, out);
    if let Screen::Undo(undo) = &mut state.screen
        && action == Action::Refund
    {
        undo.take = Take::Lines;
    }
}

/// A sale and what bears on it was read.
pub(crate) fn read(state: &mut State, sale: Option<Box<Undoable>>, out: &mut Vec<Effect>) {
    if let Screen::Receipt(receipt) = &mut state.screen {
        if let Some(sale) = sale
            && sale.original.slip == receipt.record.slip
        {
            receipt.undone = sale.undone;
        }
        return;
    }
    if let Screen::NotCharged(screen) = &mut state.screen {
        screen.read(sale.as_deref());
        return;
    }
    let now = state.now.mono_ms;
    let Screen::Undo(undo) = &mut state.screen else {
        return;
    };
    let Some(sale) = sale.filter(|sale| sale.original.slip == undo.slip) else {
        state.say(Note::warning(Text::NothingFound));
        back(state, out);
        return;
    };
    let lines = sale.original.sale.lines.len();
    // The screen before asked for the same: what was chosen and typed over the first answer stays.
    if undo.sale.replace(sale).is_some() {
        return;
    }
    undo.chosen = vec![0; lines];
    undo.shown_ms = now;
    first_tender(state);
    if let Screen::Undo(undo) = &mut state.screen {
        // Lines go back to one of the tenders.
        if undo.take != Take::All && undo.all_tenders() {
            undo.tender = 0;
        }
        undo.take(undo.take);
    }
}

/// A card before cash, and whatever has something left before what has not.
fn first_tender(state: &mut State) {
    let Screen::Undo(undo) = &state.screen else {
        return;
    };
    let tenders = undo.original().map_or(&[][..], |sale| &sale.sale.tenders);
    let rank = |(at, tender): &(usize, &Tender)| {
        let gone = !undo.left(state, *at).is_positive();
        (gone, matches!(tender, Tender::Cash { .. }))
    };
    let first = tenders.iter().enumerate().min_by_key(rank);
    let first = first.map_or(0, |(at, _)| at);
    let together = tenders.len() > 1 && draft::all_at_once(state, undo).is_some();
    let all = tenders.len();
    if let Screen::Undo(undo) = &mut state.screen {
        // Together where the rules take both; else one after the other.
        undo.tender = if together { all } else { first };
    }
}

/// The books could not read it, or did not take it. False where that was not this screen's.
pub(crate) fn store_failed(state: &mut State, request: &StoreRequest) -> bool {
    let Screen::Undo(undo) = &mut state.screen else {
        return false;
    };
    match request {
        StoreRequest::Sell { .. } => undo.writing = false,
        StoreRequest::Undoable(slip) if *slip == undo.slip => {}
        _ => return false,
    }
    true
}

/// Why an action cannot be done now.
pub(crate) fn refusal(state: &State, undo: &Undo, action: Action) -> Option<Note> {
    if undo.writing {
        return Some(Note::plain(Text::Writing));
    }
    let reads = undo.sale.is_none();
    match action {
        Action::Back => None,
        _ if reads => Some(Note::plain(Text::Reading)),
        Action::TakeAmount if undo.one_tax_class().is_none() => {
            Some(Note::warning(Text::AmountNeedsLines))
        }
        Action::NextTender if undo.original().is_some_and(|o| o.sale.tenders.len() < 2) => {
            Some(Note::plain(Text::OneTenderOnly))
        }
        Action::NextBrand if draft::brands(state, undo).is_empty() => {
            Some(Note::plain(Text::BrandIsKnown))
        }
        Action::SecondPerson => second_refusal(state, undo),
        Action::Correct => correction::refusal(state, undo),
        Action::TakeBack => take_back_refusal(state, undo),
        _ => None,
    }
}

fn second_refusal(state: &State, undo: &Undo) -> Option<Note> {
    match undo.decision(state) {
        Some(Decision::Refused(refusal)) if refusal.with_second.is_some() => None,
        Some(Decision::Allowed(plan)) if undo.other_money(&plan) => None,
        _ => Some(Note::plain(Text::NoSecondNeeded)),
    }
}

fn take_back_refusal(state: &State, undo: &Undo) -> Option<Note> {
    if let Some(trouble) = &state.trouble {
        return Some(trouble_note(trouble, None));
    }
    if state.now.mono_ms.saturating_sub(undo.shown_ms) < REFLEX_MS {
        return Some(Note::warning(Text::TooSoon));
    }
    if let Some(note) = taking::refusal(state, undo) {
        return Some(note);
    }
    let Some(plan) = undo.plan(state) else {
        let second = second_refusal(state, undo).is_none();
        return Some(Note::warning(if second {
            Text::SecondMayAllow
        } else {
            Text::CannotTakeBack
        }));
    };
    if undo.needs_proof(&plan) && undo.proof.is_empty() {
        // From the lines or the amount the key leads on to the proof.
        return (undo.focus == Focus::Proof).then(|| ask_for_proof(&plan));
    }
    if undo.needs_proof(&plan) && Yen::parse(undo.proof.text(), Yen::LIMIT) != Ok(plan.amount) {
        return Some(Note::warning(Text::AmountDiffers));
    }
    draft::line_refusal(state, undo, &plan)
}

fn ask_for_proof(plan: &Plan) -> Note {
    Note::warning(Text::TypeTheAmount).with("amount", Value::Yen(plan.amount))
}

/// Text typed: an amount, a quantity, or the proof.
pub(crate) fn type_key(state: &mut State, key: Key) {
    if let Screen::Undo(undo) = &mut state.screen
        && !undo.writing
        && undo.sale.is_some()
        && undo.type_key(key)
    {
        state.note = None;
    }
}

/// An action of this screen.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let now = state.now.mono_ms;
    if action == Action::Back {
        back(state, out);
        return;
    }
    let (brands, together) = match &state.screen {
        Screen::Undo(undo) => (
            draft::brands(state, undo),
            undo.take == Take::All && draft::all_at_once(state, undo).is_some(),
        ),
        _ => return,
    };
    let Screen::Undo(undo) = &mut state.screen else {
        return;
    };
    // Whatever changes what is to be confirmed is read before it is confirmed, and typed anew.
    if !matches!(action, Action::TakeBack | Action::Choose) {
        undo.shown_ms = now;
        undo.proof.clear();
    }
    state.note = None;
    match action {
        Action::TakeAll => undo.take(Take::All),
        Action::TakeLines => undo.take_of_one(Take::Lines),
        Action::TakeAmount => undo.take_of_one(Take::Amount),
        Action::Up => undo.mark(undo.row.saturating_sub(1)),
        Action::Down => undo.mark(undo.row + 1),
        Action::NextBrand => undo.brand = next_of(&brands, undo.brand),
        Action::NextTender => {
            // All of them, then each by itself.
            let tenders = undo.original().map_or(0, |sale| sale.sale.tenders.len());
            undo.tender = (undo.tender + 1) % (tenders + usize::from(together)).max(1);
            undo.second = None;
            undo.brand = None;
        }
        Action::Choose => choose(state),
        Action::SecondPerson => second_person(state),
        Action::Correct => correction::begin(state),
        Action::TakeBack => take_back(state, out),
        _ => {}
    }
}

fn next_of(brands: &[CardClass], now: Option<CardClass>) -> Option<CardClass> {
    let at = now.and_then(|now| brands.iter().position(|brand| *brand == now));
    brands
        .get(at.map_or(0, |at| (at + 1) % brands.len()))
        .copied()
}

/// Enter: take or leave the line under the mark, or on to the next field.
fn choose(state: &mut State) {
    let Screen::Undo(undo) = &mut state.screen else {
        return;
    };
    if undo.focus == Focus::Lines {
        undo.toggle_line();
        return;
    }
    undo.focus = Focus::Proof;
    let refused = match &state.screen {
        Screen::Undo(undo) => take_back_refusal(state, undo),
        _ => None,
    };
    state.say(refused.unwrap_or_else(|| Note::plain(Text::PressTakeBack)));
}

/// A second person allows it: they say who they are.
fn second_person(state: &mut State) {
    let allowed = After::new(|state, second, _| {
        let now = state.now.mono_ms;
        if let Screen::Undo(undo) = &mut state.screen {
            undo.second = Some(second);
            undo.focus = Focus::Proof;
            undo.shown_ms = now;
        }
    });
    operator::second(state, Text::SecondForUndo, allowed);
}

/// F12: what was decided is done.
fn take_back(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::Undo(undo) = &state.screen else {
        return;
    };
    let Some(plan) = undo.plan(state) else {
        return;
    };
    if undo.needs_proof(&plan) && undo.proof.is_empty() {
        if let Screen::Undo(undo) = &mut state.screen {
            undo.focus = Focus::Proof;
        }
        state.say(ask_for_proof(&plan));
        return;
    }
    let sale = draft::draft(state, undo, &plan);
    if sale.checked_total() != Ok(plan.amount) {
        state.say(Note::warning(Text::CannotTakeBack));
        return;
    }
    let original = undo.original().map(|original| Box::new(original.clone()));
    match plan.way {
        Way::Link => {
            if let Some(card) = draft::card(state, undo) {
                charge::begin(state, &card, sale, original, out);
            }
        }
        Way::ByHand => {
            let model = draft::model(state, undo);
            by_hand(state, sale, &model, out);
        }
        Way::Cash | Way::SlipOnly => {
            let stamp = state.settings.stamp(state.now);
            if let Screen::Undo(undo) = &mut state.screen {
                undo.writing = true;
            }
            out.push(Effect::Store(StoreRequest::Sell { stamp, sale }));
        }
    }
}

/// By hand at the terminal.
fn by_hand(state: &mut State, sale: SaleDraft, model: &str, out: &mut Vec<Effect>) {
    let place = wizard::place_of(state, model);
    wizard::begin(state, sale, place, Why::NotCarried, out);
}

/// What the link did not take back, by hand: the same, at the same terminal.
pub(crate) fn by_hand_instead(state: &mut State, out: &mut Vec<Effect>) {
    let Screen::NotCharged(screen) = &state.screen else {
        return;
    };
    let record = &screen.record;
    let Some(model) = record.route.as_ref().map(|route| route.model.clone()) else {
        return;
    };
    let mut sale = record.sale.clone();
    for tender in &mut sale.tenders {
        if let Tender::Card { link, .. } = tender {
            *link = LinkKind::Manual;
        }
    }
    sale.order = Some(super::part_paid::order_of(record));
    sale.operator = state.operator.clone();
    by_hand(state, sale, &model, out);
}

/// Back to where this was asked for.
fn back(state: &mut State, out: &mut Vec<Effect>) {
    let from = match &mut state.screen {
        Screen::Undo(undo) => undo.from.take(),
        _ => None,
    };
    let note = state.note.take();
    match from {
        Some(receipt) => state.screen = Screen::Receipt(*receipt),
        None => super::unresolved::next(state, None, out),
    }
    state.note = note;
}

/// After a 取消 or 返品 was shown: the next tender of the same sale, or the corrected bill. False where nothing follows.
pub(crate) fn go_on(
    state: &mut State,
    record: &SaleRecord,
    original: Option<&SaleRecord>,
    out: &mut Vec<Effect>,
) -> bool {
    if record.sale.kind == SaleKind::Sale {
        return false;
    }
    // All of one tender went back, and there is another: it is next, unless it went back before.
    if let Some(original) = original
        && original.sale.tenders.len() > 1
        && original
            .sale
            .tenders
            .iter()
            .any(|tender| tender.amount() == record.total())
        && record.total() < original.total()
        && record
            .sale
            .undo
            .as_ref()
            .is_some_and(|undo| undo.lines.is_empty())
    {
        ask(state, original.slip, out);
        return true;
    }
    correction::follows(state, record)
}
