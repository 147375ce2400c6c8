//! From what is chosen to what the rules say of it, and from there to the slip that takes it back.

use super::taking;
use super::{Decision, Plan, Undo, Way};
use crate::app::State;
use crate::app::note::Note;
use crate::app::unresolved;
use crate::domain::bill::Billed;
use crate::domain::ledger::CatId;
use crate::domain::master::{CardCompany, Switch};
use crate::domain::money::Yen;
use crate::domain::reflection::{Back, corrected, going_back};
use crate::domain::sale::{Line, SaleDraft, total};
use crate::domain::tender::{CardClass, LinkKind, Tender};
use crate::domain::undo::{self, Case, Guidance, Take};
use crate::teeth::{self, Tooth};

/// What the rules say of what is chosen.
pub(super) fn decide(state: &State, undo: &Undo) -> Option<Decision> {
    let (_, numbers) = undo.chosen_lines();
    let take = match undo.take {
        taking::Take::All => Take::All,
        taking::Take::Lines if undo.whole_lines() => Take::Lines(&numbers),
        taking::Take::Lines => Take::Amount(undo.chosen_total()),
        taking::Take::Amount => {
            let typed = Yen::parse(undo.amount.text(), Yen::LIMIT);
            Take::Amount(typed.unwrap_or(Yen::ZERO))
        }
    };
    if undo.all_tenders() {
        return all_at_once(state, undo);
    }
    with_case(state, undo, take, undo::decide)
}

/// Cash and card of one slip at once, where each may go back the way it came and nothing of either did yet.
pub(super) fn all_at_once(state: &State, undo: &Undo) -> Option<Decision> {
    let original = undo.original()?;
    let mut card = None;
    for tender in 0..original.sale.tenders.len() {
        let mut one = undo.clone();
        one.tender = tender;
        let decision = with_case(state, &one, Take::All, undo::decide)?;
        match &decision {
            Decision::Allowed(plan) if plan.whole && !one.other_money(plan) => {
                if plan.way != Way::Cash {
                    card = Some(plan.clone());
                }
            }
            Decision::Allowed(_) | Decision::Refused(_) => return None,
        }
    }
    let card = card?;
    Some(Decision::Allowed(Plan {
        amount: original.total(),
        ..card
    }))
}

/// Which cards it may have been, where that decides between rules, whatever was said of it before.
pub(super) fn brands(state: &State, undo: &Undo) -> Vec<CardClass> {
    let mut unsaid = undo.clone();
    unsaid.brand = None;
    with_case(state, &unsaid, Take::All, |case| case.brands()).unwrap_or_default()
}

fn with_case<T>(
    state: &State,
    undo: &Undo,
    take: Take<'_>,
    ask: impl FnOnce(&Case<'_>) -> T,
) -> Option<T> {
    let settings = &state.settings;
    let card = card(state, undo);
    // A card that left the master is led like any other: its terminal still has the money.
    let guidance = card.map_or(
        Guidance {
            void: Switch::On,
            refund: Switch::On,
        },
        |card| Guidance {
            void: card.void_link,
            refund: card.refund_link,
        },
    );
    let terminal = terminal_of(state, undo).map(|cat| settings.cats[&cat].at_terminal());
    let case = Case {
        sale: undo.sale.as_deref()?,
        tender: undo.tender,
        take,
        now: settings.stamp(state.now),
        terminal_code: &settings.terminal_code,
        practice: settings.practice,
        terminal,
        guidance,
        brand: undo.brand,
        rules: &settings.undo.rules,
        classes: &settings.classes,
    };
    Some(ask(&case))
}

/// The card company of the tender, where the master still has it.
pub(super) fn card(state: &State, undo: &Undo) -> Option<CardCompany> {
    takes_card(undo)
        .then(|| unresolved::card_of(state, undo.original()?))
        .flatten()
}

fn takes_card(undo: &Undo) -> bool {
    undo.all_tenders() || matches!(undo.tender(), Some(Tender::Card { .. }))
}

/// The port that the tender is taken back at: the one that took it, or where the card's model is now.
pub(super) fn terminal_of(state: &State, undo: &Undo) -> Option<CatId> {
    let original = undo.original()?;
    takes_card(undo).then_some(())?;
    let of_route = original.route.as_ref().and_then(|route| {
        let mut cats = state.settings.cats.iter();
        cats.find(|(_, cat)| cat.model.name == route.model)
            .map(|(id, _)| *id)
    });
    of_route.or_else(|| state.settings.cat_of(&card(state, undo)?))
}

/// 連携機種 of the terminal that the tender is taken back at: the one that took it, else the one of the card.
pub(super) fn model(state: &State, undo: &Undo) -> String {
    let original = undo.original();
    let of_route = original.and_then(|original| original.route.as_ref());
    let of_hand = original.and_then(|original| original.by_hand.as_ref());
    of_route
        .map(|route| route.model.clone())
        .or_else(|| of_hand.map(|work| work.place.model.clone()))
        .or_else(|| card(state, undo).map(|card| card.model))
        .unwrap_or_default()
}

/// The terminal that took it, where another one stands at the port by now. A slip number there is another sale's.
pub(super) fn made_elsewhere<'a>(state: &State, undo: &'a Undo) -> Option<&'a str> {
    let took = undo.original()?.terminal.terminal_id.as_deref()?;
    let cat = state.cats.get(&terminal_of(state, undo)?)?;
    cat.standing.identity.is_other(Some(took)).then_some(took)
}

/// True where it goes by hand only because another payment followed at its terminal.
pub(super) fn is_not_the_last(state: &State, undo: &Undo, plan: &Plan) -> bool {
    let takes = |case: &Case<'_>| case.link_takes_only_the_last(plan.kind);
    plan.way == Way::ByHand
        && card(state, undo).is_some_and(|card| state.settings.cat_of(&card).is_some())
        && with_case(state, undo, Take::All, takes).unwrap_or(false)
}

/// What the link would carry is done by hand where the card is no longer in the master, because nothing says how to send it, and where
/// another terminal took the sale.
pub(super) fn way_here(state: &State, undo: &Undo, plan: Plan) -> Plan {
    let sendable = card(state, undo).is_some_and(|card| state.settings.cat_of(&card).is_some());
    let here = made_elsewhere(state, undo).is_none();
    match plan.way {
        Way::Link if !sendable || !here => Plan {
            way: Way::ByHand,
            ..plan
        },
        _ => plan,
    }
}

/// Why nothing can be done at the terminal now, where something is to be done there.
pub(super) fn line_refusal(state: &State, undo: &Undo, plan: &Plan) -> Option<Note> {
    match plan.way {
        Way::Link | Way::ByHand => state.line_refusal(terminal_of(state, undo)?),
        Way::Cash | Way::SlipOnly => None,
    }
}

/// The slip that takes it back.
pub(super) fn draft(state: &State, undo: &Undo, plan: &Plan) -> SaleDraft {
    let (lines, numbers, part) = lines(undo, plan.amount);
    SaleDraft {
        kind: plan.kind,
        order: None,
        original: Some(undo.slip),
        undo: Some(crate::domain::sale::Undo {
            rule: plan.rule.clone(),
            lines: numbers,
            allowed_by: undo.second.clone(),
            corrected: undo.corrected.clone(),
            corrected_bill: corrected_bill(undo),
            terminal_slip: undo
                .original()
                .filter(|_| plan.way == Way::Link)
                .and_then(|original| original.terminal.slip_number.clone()),
        }),
        part,
        bill: bill(undo, plan),
        replaces: None,
        lines,
        tenders: tenders(undo, plan),
        operator: state.operator.clone(),
        terminal_code: state.settings.terminal_code.clone(),
        practice: state.settings.practice && !teeth::bites(Tooth::PracticeUndoIsLive),
    }
}

/// What of the bill goes back: the receipt computer is told of it as it was told of the payment.
pub(super) fn bill(undo: &Undo, plan: &Plan) -> Option<Billed> {
    let sale = undo.sale.as_deref()?;
    let undone = sale.undone.iter().map(|record| &record.sale);
    let (lines, numbers, _) = lines(undo, plan.amount);
    let amounts = lines.iter().filter_map(Line::amount);
    let lines: Vec<Back> = numbers.into_iter().zip(amounts).collect();
    going_back(&sale.original.sale, undone, plan.amount, &lines)
}

/// True where an amount alone goes back: no line says whether it is the bill's.
pub(super) fn is_amount_alone(undo: &Undo, plan: &Plan) -> bool {
    let original = undo.original();
    let whole = original.is_some_and(|original| original.total() == plan.amount);
    !whole && lines(undo, plan.amount).1.is_empty()
}

/// 差額: what the corrected bill pays of each invoice.
pub(super) fn corrected_bill(undo: &Undo) -> Option<Box<Billed>> {
    let original = undo.original().filter(|_| !undo.corrected.is_empty())?;
    corrected(&original.sale, &undo.corrected).1.map(Box::new)
}

/// What goes back, line by line where that is known: the chosen lines, what is left of the bill, or one line of the bill's one tax class.
/// Of a bill with two, an amount is told as a part of all its lines.
fn lines(undo: &Undo, amount: Yen) -> (Vec<Line>, Vec<u16>, bool) {
    let (mut lines, mut numbers) = match undo.take {
        taking::Take::Lines => undo.chosen_lines(),
        taking::Take::All | taking::Take::Amount => undo.left_lines(),
    };
    let original = undo.original().map_or(&[][..], |sale| &sale.sale.lines);
    if total(&lines) == Some(amount) {
        // The whole bill is told as the whole, not as all of its lines.
        if lines == original {
            numbers.clear();
        }
        return (lines, numbers, false);
    }
    match undo.one_tax_class() {
        Some(tax) => {
            lines = vec![Line {
                name: String::new(),
                unit: amount,
                quantity: 1,
                tax,
            }];
            (lines, Vec::new(), false)
        }
        None => (original.to_vec(), Vec::new(), true),
    }
}

/// What goes back to what. Of all at once each as it came; no change is given.
fn tenders(undo: &Undo, plan: &Plan) -> Vec<Tender> {
    let Some(original) = undo.original().filter(|_| undo.all_tenders()) else {
        return tender(undo, plan).into_iter().collect();
    };
    let each = original.sale.tenders.iter().map(|tender| match tender {
        Tender::Cash { amount, .. } => Tender::Cash {
            amount: *amount,
            received: *amount,
        },
        Tender::Card { .. } => {
            let mut card = tender.clone();
            if let Tender::Card { link, .. } = &mut card {
                *link = link_of(plan.way);
            }
            card
        }
    });
    each.collect()
}

const fn link_of(way: Way) -> LinkKind {
    match way {
        Way::Link => LinkKind::Linked,
        Way::ByHand => LinkKind::Manual,
        Way::Cash | Way::SlipOnly => LinkKind::None,
    }
}

fn tender(undo: &Undo, plan: &Plan) -> Option<Tender> {
    if plan.way == Way::Cash {
        return Some(Tender::Cash {
            amount: plan.amount,
            received: plan.amount,
        });
    }
    let mut tender = undo.tender()?.clone();
    match &mut tender {
        Tender::Cash { amount, received } => {
            *amount = plan.amount;
            *received = plan.amount;
        }
        Tender::Card { amount, link, .. } => {
            *amount = plan.amount;
            *link = link_of(plan.way);
        }
    }
    Some(tender)
}
