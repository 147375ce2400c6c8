//! How the receipt computer writes values: money right-aligned in ten places, nothing for zero, dates and times without a zone.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};

use crate::domain::bill::{InOut, InvoiceNumber};
use crate::domain::money::Yen;
use crate::domain::text::strip_unsafe;
use crate::orca::node::Node;

/// The clock of every receipt computer there is.
pub(in crate::orca) fn japan() -> FixedOffset {
    FixedOffset::east_opt(9 * 3_600).expect("nine hours are an offset")
}

/// The longest text that is shown, in characters.
const SHOWN_MAX: usize = 200;

/// A member that is not what it should be: its name, never its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unclear(pub(super) &'static str);

/// An amount: nothing is zero, anything but a number is unclear.
pub(super) fn yen(node: &Node<'_>, name: &'static str) -> Result<Yen, Unclear> {
    match node.str(name) {
        "" if matches!(node.get(name), None | Some(Node::Text(_))) => Ok(Yen::ZERO),
        text => match text.parse::<i64>() {
            Ok(yen) if yen.abs() <= Yen::LIMIT.get() => Ok(Yen::new(yen)),
            _ => Err(Unclear(name)),
        },
    }
}

/// An amount, where it is said at all.
pub(super) fn said_yen(node: &Node<'_>, name: &'static str) -> Result<Option<Yen>, Unclear> {
    if node.str(name).is_empty() {
        return Ok(None);
    }
    yen(node, name).map(Some)
}

/// A small number; `None` where there is none or it is none.
pub(super) fn small<T: std::str::FromStr>(node: &Node<'_>, name: &str) -> Option<T> {
    node.str(name).parse().ok()
}

/// A date; `None` where there is none.
pub(super) fn date(node: &Node<'_>, name: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(node.str(name), "%Y-%m-%d").ok()
}

/// A time, with seconds or without.
pub(super) fn time(node: &Node<'_>, name: &str) -> Option<NaiveTime> {
    let text = node.str(name);
    NaiveTime::parse_from_str(text, "%H:%M:%S")
        .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M"))
        .ok()
}

/// A date and a time of the receipt computer's clock.
pub(super) fn moment(node: &Node<'_>, day: &str, clock: &str) -> Option<DateTime<FixedOffset>> {
    let local = date(node, day)?.and_time(time(node, clock)?);
    local.and_local_timezone(japan()).single()
}

/// A text for the screen: controls and what turns text around taken out, and no longer than is shown.
pub(in crate::orca) fn shown(text: &str) -> String {
    strip_unsafe(text)
        .trim_matches(|c: char| c.is_whitespace())
        .chars()
        .take(SHOWN_MAX)
        .collect()
}

/// A member for the screen.
pub(super) fn words(node: &Node<'_>, name: &str) -> String {
    shown(node.str(name))
}

/// An invoice number, where it is one.
pub(super) fn invoice(node: &Node<'_>, name: &'static str) -> Result<InvoiceNumber, Unclear> {
    InvoiceNumber::parse(node.str(name)).map_err(|_| Unclear(name))
}

/// 入外区分 of `incomev3`: I and O; of `incomeinfv2`: 1 and 2.
pub(super) fn in_out(node: &Node<'_>) -> Result<InOut, Unclear> {
    match node.str("InOut") {
        "I" | "i" | "1" => Ok(InOut::In),
        "O" | "o" | "2" => Ok(InOut::Out),
        _ => Err(Unclear("InOut")),
    }
}

/// As `incomev3` wants it.
pub(super) const fn letter(in_out: InOut) -> &'static str {
    match in_out {
        InOut::In => "I",
        InOut::Out => "O",
    }
}
