//! The values that a template may name, and what they are for one slip.

use std::collections::BTreeMap;

use super::compose::{Issuer, Occasion};
use super::template::Group;
use super::words;
use crate::domain::by_hand::{HandWork, Stage};
use crate::domain::ledger::SaleState;
use crate::domain::paper::SlipFacts;
use crate::domain::sale::{Line, TaxClass, total};
use crate::domain::tax::{self, TaxRates};
use crate::domain::tender::{LinkKind, Tender};
use crate::locale::{Locale, Text};

/// Values by name. What a slip does not have is not in it.
pub(super) type Values = BTreeMap<&'static str, String>;

/// The sum at the reduced rate. An invoice that has one names it, whatever its template says.
pub(super) const REDUCED: &str = "reduced";

/// What every template may name.
pub(super) const NAMES: &[&str] = &[
    "date",
    "time",
    "slip",
    "code",
    "terminal",
    "operator",
    "operator_code",
    "kind",
    "state",
    "total",
    "due",
    "order",
    "replaces",
    "rate",
    "taxable",
    "tax",
    "reduced_rate",
    "reduced",
    "reduced_tax",
    "non_taxable",
    "invoice_number",
    "sequence",
    "original_slip",
    "original_date",
    "original_time",
    "rule",
    "allowed_by",
    "stage",
    "model",
    "printed_date",
    "printed_time",
    "settled",
    "invoice",
    "own",
    "billed",
];

/// What the test of a printer may name.
pub(super) const TEST_NAMES: &[&str] = &["printed_date", "printed_time", "terminal", "columns"];

/// The groups: their name, and what their lines may name besides.
pub(super) const GROUPS: &[(&str, Group, &[&str])] = &[
    ("shop", Group::Shop, &["name"]),
    (
        "item",
        Group::Item,
        &["name", "mark", "amount", "unit", "quantity"],
    ),
    ("cash", Group::Cash, &["amount", "received", "change"]),
    (
        "card",
        Group::Card,
        &[
            "card",
            "class",
            "amount",
            "by_hand",
            "terminal_slip",
            "approval",
            "account",
            "balance",
        ],
    ),
    ("step", Group::Step, &["number", "step"]),
    ("done", Group::Done, &["what", "when", "who"]),
];

/// What stands once on a slip.
pub(super) fn of_slip(facts: &SlipFacts, issuer: &Issuer<'_>, occasion: &Occasion<'_>) -> Values {
    let locale = occasion.locale;
    let record = &facts.record;
    let sale = &record.sale;
    let mut values = of_occasion(occasion);
    values.extend([
        ("date", words::date(locale, record.stamp.business_date)),
        ("time", record.stamp.at.format("%H:%M").to_string()),
        ("slip", record.slip.to_string()),
        ("code", record.slip.code()),
        ("terminal", sale.terminal_code.clone()),
        ("operator", sale.operator.name.clone()),
        ("operator_code", sale.operator.code.clone()),
        ("kind", locale.text(words::kind(sale.kind)).to_owned()),
        ("state", locale.text(words::state(record.state)).to_owned()),
        ("total", record.total().to_string()),
        ("rate", issuer.tax_rates.standard.to_string()),
    ]);
    if issuer.invoice_number.is_some() {
        values.insert("invoice", String::new());
    }
    if record.state == SaleState::Settled {
        values.insert("settled", String::new());
    }
    // The 領収証 of a bill of the receipt computer is the receipt computer's: ours is the slip of its payment.
    let whose = if sale.bill.is_some() { "billed" } else { "own" };
    values.insert(whose, String::new());
    values.extend(taxes(&sale.lines, issuer.tax_rates));
    let mut put = |name, value: Option<String>| {
        if let Some(value) = value {
            values.insert(name, value);
        }
    };
    let due = total(&sale.lines).filter(|_| sale.part);
    put("due", due.map(|due| due.to_string()));
    // The first part of a bill names it too: it is what the later ones are known by.
    let order = sale.order.or(sale.part.then_some(record.slip));
    put("order", order.map(|order| order.to_string()));
    put("replaces", sale.replaces.map(|slip| slip.to_string()));
    let number = issuer.invoice_number;
    put("invoice_number", number.map(str::to_owned));
    let sequence = record.sequence_number;
    put("sequence", sequence.map(|number| number.to_string()));
    let original = facts.original.as_ref();
    let slip = original.map(|original| original.slip).or(sale.original);
    put("original_slip", slip.map(|slip| slip.to_string()));
    put(
        "original_date",
        original.map(|original| words::date(locale, original.stamp.business_date)),
    );
    put(
        "original_time",
        original.map(|original| original.stamp.at.format("%H:%M").to_string()),
    );
    let undo = sale.undo.as_ref();
    put("rule", undo.map(|undo| undo.rule.clone()));
    let allowed = undo.and_then(|undo| undo.allowed_by.as_ref());
    put(
        "allowed_by",
        allowed.map(|second| format!("{} {}", second.code, second.name)),
    );
    if let Some(work) = &record.by_hand {
        let stage = stage(work.stage(record.state));
        put("stage", Some(locale.text(stage).to_owned()));
        put("model", Some(work.place.model.clone()));
    }
    values
}

/// Each tax class that the lines have: its sum, and the tax inside it.
fn taxes(lines: &[Line], rates: TaxRates) -> Values {
    let mut values = Values::new();
    let of = |class| {
        let part = tax::part(lines, class, rates);
        part.filter(|part| part.amount.is_positive())
    };
    if let Some(part) = of(TaxClass::Taxable) {
        values.insert("taxable", part.amount.to_string());
        values.insert("tax", part.tax.to_string());
    }
    if let Some(part) = of(TaxClass::Reduced) {
        values.insert("reduced_rate", rates.reduced.to_string());
        values.insert(REDUCED, part.amount.to_string());
        values.insert("reduced_tax", part.tax.to_string());
    }
    if let Some(part) = of(TaxClass::NonTaxable) {
        values.insert("non_taxable", part.amount.to_string());
    }
    values
}

/// What is known before there is a slip.
pub(super) fn of_occasion(occasion: &Occasion<'_>) -> Values {
    let printed = occasion.at;
    Values::from([
        ("printed_date", printed.format("%Y-%m-%d").to_string()),
        ("printed_time", printed.format("%H:%M").to_string()),
    ])
}

/// One set of values for each member of a group.
pub(super) fn of_group(
    group: Group,
    facts: &SlipFacts,
    issuer: &Issuer<'_>,
    locale: &Locale,
) -> Vec<Values> {
    let record = &facts.record;
    let tenders = &record.sale.tenders;
    match group {
        Group::Shop => shop(issuer),
        Group::Item => record.sale.lines.iter().map(|l| item(l, locale)).collect(),
        Group::Cash => tenders.iter().filter_map(cash).collect(),
        Group::Card => tenders
            .iter()
            .filter_map(|tender| card(tender, facts, locale))
            .collect(),
        Group::Step => (1..)
            .zip(&facts.steps)
            .map(|(number, step)| {
                Values::from([
                    ("number", format!("{number:2}")),
                    ("step", step.get(locale.language()).to_owned()),
                ])
            })
            .collect(),
        Group::Done => record
            .by_hand
            .as_deref()
            .map_or_else(Vec::new, |work| done(work, locale)),
    }
}

pub(super) fn shop(issuer: &Issuer<'_>) -> Vec<Values> {
    let lines = issuer.lines.iter();
    lines
        .map(|line| Values::from([("name", line.clone())]))
        .collect()
}

fn item(line: &Line, locale: &Locale) -> Values {
    let name = if line.name.is_empty() {
        locale.text(Text::HandKeyed)
    } else {
        &line.name
    };
    let mut values = Values::from([
        ("name", name.to_owned()),
        ("mark", locale.text(words::tax_mark(line.tax)).to_owned()),
        ("amount", line.amount().unwrap_or(line.unit).to_string()),
    ]);
    if line.quantity != 1 {
        values.insert("unit", line.unit.to_string());
        values.insert("quantity", line.quantity.to_string());
    }
    values
}

fn cash(tender: &Tender) -> Option<Values> {
    let Tender::Cash { amount, received } = tender else {
        return None;
    };
    Some(Values::from([
        ("amount", amount.to_string()),
        ("received", received.to_string()),
        ("change", tender.change().to_string()),
    ]))
}

fn card(tender: &Tender, facts: &SlipFacts, locale: &Locale) -> Option<Values> {
    let Tender::Card {
        name,
        card_class_name,
        amount,
        link,
        ..
    } = tender
    else {
        return None;
    };
    let language = locale.language();
    let said = &facts.record.terminal;
    let mut values = Values::from([
        ("card", name.get(language).to_owned()),
        ("class", card_class_name.get(language).to_owned()),
        ("amount", amount.to_string()),
    ]);
    if *link == LinkKind::Manual || facts.record.by_hand.is_some() {
        values.insert("by_hand", locale.text(Text::LinkManual).to_owned());
    }
    let more = [
        (
            "terminal_slip",
            said.slip_number.as_ref().map(ToString::to_string),
        ),
        (
            "approval",
            said.approval_code.as_ref().map(ToString::to_string),
        ),
        (
            "account",
            said.account.as_ref().map(|a| a.as_str().to_owned()),
        ),
        ("balance", said.balance.map(|balance| balance.to_string())),
    ];
    values.extend(more.into_iter().filter_map(|(n, v)| Some((n, v?))));
    Some(values)
}

fn done(work: &HandWork, locale: &Locale) -> Vec<Values> {
    let steps = [
        (Text::PaperBegun, Some(&work.begun)),
        (Text::PaperOffLink, work.off_link.as_ref()),
        (Text::PaperOperated, work.operated.as_ref()),
        (Text::PaperTerminalSlip, work.terminal.as_ref()),
        (Text::PaperBooked, work.counter.as_ref()),
        (Text::PaperBackOnLink, work.back_on_link.as_ref()),
        (Text::PaperPaused, work.paused.as_ref()),
    ];
    steps
        .into_iter()
        .filter_map(|(what, mark)| {
            let mark = mark?;
            Some(Values::from([
                ("what", locale.text(what).to_owned()),
                ("when", mark.at.format("%m-%d %H:%M").to_string()),
                (
                    "who",
                    format!("{} {}", mark.operator.code, mark.operator.name),
                ),
            ]))
        })
        .collect()
}

const fn stage(stage: Stage) -> Text {
    match stage {
        Stage::LeaveLink => Text::PaperStageLeave,
        Stage::Operate => Text::PaperStageOperate,
        Stage::EnterSlip => Text::PaperStageSlip,
        Stage::BackToLink => Text::PaperStageBack,
        Stage::Done => Text::PaperStageDone,
    }
}
