//! The facts of one sale in a line, and its numbers: shared by the screens of an outcome.

use super::pen::Pen;
use super::words;
use crate::app::State;
use crate::domain::record::SaleRecord;
use crate::domain::sale::SaleKind;
use crate::domain::tender::Tender;
use crate::locale::Text;

/// `3,430円   番号 000871   14:32:07   JT-C60   JCB クレ銀三面待ち`
pub(crate) fn line(pen: &Pen<'_>, state: &State, record: &SaleRecord, room: u16) -> String {
    let amount = pen.fill(Text::YenAmount, "amount", record.total());
    let mut facts = vec![match record.sale.kind {
        SaleKind::Sale => amount,
        kind => format!("{} {amount}", pen.text(words::kind(kind))),
    }];
    if let Some(number) = record.sequence_number {
        facts.push(format!("{} {number}", pen.text(Text::SequenceNumber)));
    }
    let at = record.sent_at.unwrap_or(record.stamp.at);
    // Yesterday's time of day would be taken for today's.
    let today = state.settings.stamp(state.now).business_date;
    let format = if record.stamp.business_date == today {
        "%H:%M:%S"
    } else {
        "%m-%d %H:%M:%S"
    };
    facts.push(at.format(format).to_string());
    if let Some(route) = &record.route {
        facts.push(model(pen, state, &route.model));
    }
    let Some(Tender::Card {
        name,
        card_class_name,
        ..
    }) = record.sale.card()
    else {
        return facts.join("   ");
    };
    let (name, class) = (pen.name(name), pen.name(card_class_name));
    // As much as there is room for: the class goes last, because the card's name says most of it.
    let with = |card: String, gap: &str| format!("{}{gap}{card}", facts.join(gap));
    let both = format!("{name} {class}");
    let line = [with(both.clone(), "   "), with(both, " ")]
        .into_iter()
        .find(|line| pen.width(line) <= room);
    line.unwrap_or_else(|| with(name.to_owned(), " "))
}

/// The title of a model, or its name where it is not at a port any more.
pub(crate) fn model(pen: &Pen<'_>, state: &State, name: &str) -> String {
    let setting = state
        .settings
        .cats
        .values()
        .find(|cat| cat.model.name == name);
    setting
        .map_or(name, |cat| pen.name(&cat.model.title))
        .to_owned()
}

/// サポート窓口 … へ「E101 000871」とお伝えください
pub(crate) fn support(pen: &Pen<'_>, state: &State, code: &str, record: &SaleRecord) -> String {
    let number = match record.sequence_number {
        Some(number) => number.to_string(),
        None => record.slip.to_string(),
    };
    pen.locale.fill(
        Text::CallSupport,
        &[
            ("support", &state.settings.shop.support),
            ("code", code),
            ("number", &number),
        ],
    )
}
