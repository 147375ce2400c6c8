//! 取消 and 返品: whether and how a sale is taken back. Rules are data; what decides is here and nowhere else.

use chrono::{DateTime, Duration, FixedOffset};
use serde::{Deserialize, Serialize};

mod case;
mod left;
pub mod rule;

pub use case::{
    AtTerminal, Because, Case, Clocks, Decision, Denied, Guidance, Plan, Refusal, Take,
    TerminalDay, Way,
};
pub use left::left_of;

use super::ledger::{Evidence, SaleState};
use super::money::Yen;
use super::record::SaleRecord;
use super::sale::SaleKind;
use super::tender::{CardClass, LinkKind, Tender};
use crate::teeth::{self, Tooth};
use rule::{CashBack, Money, Only, Rule, Window};

/// A sale to be taken back, and what the books know that bears on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undoable {
    /// The sale.
    pub original: SaleRecord,
    /// What takes it back already, or may: 取消 and 返品 that are not cancelled, oldest first.
    pub undone: Vec<SaleRecord>,
    /// True where a later transaction with a card was made at the same terminal and mode.
    pub later_at_terminal: bool,
    /// True where its slip number was given to a later sale at the same port too, or to another one of its day: the terminal began anew, forgot, or
    /// is another one by now. The number alone may name the wrong sale.
    pub number_given_twice: bool,
    /// When 日計 was last run at its terminal after the sale, as far as the books know.
    pub terminal_day_closed: Option<DateTime<FixedOffset>>,
}

impl Undoable {
    /// True where a person typed the number of its slip. Which terminal stood at the port and printed that slip, nobody told the books.
    pub fn number_was_typed(&self) -> bool {
        let evidence = self.original.evidence.as_ref();
        evidence.is_some_and(Evidence::is_of_people)
    }
}

/// Whether and how a sale is taken back.
///
/// 取消 is the whole of a tender, on the business day of the sale, before the terminal's 日計; everything else is 返品.
pub fn decide(case: &Case<'_>) -> Decision {
    let clocks = case.clocks();
    let refused = |why| {
        Decision::Refused(Refusal {
            why,
            rule: None,
            clocks,
            with_second: None,
        })
    };
    let part = match case.part() {
        Ok(part) => part,
        Err(why) => return refused(why),
    };
    match case.tender() {
        Some(Tender::Card { card_class, .. }) => match case.rule_of_card(*card_class) {
            Ok((money, rule)) => Desk {
                case,
                clocks,
                part,
                money,
                rule,
            }
            .card(),
            Err(why) => refused(why),
        },
        Some(Tender::Cash { .. }) => match case.rules.of(Money::Cash, None, None) {
            Some(rule) => Desk {
                case,
                clocks,
                part,
                money: Money::Cash,
                rule,
            }
            .cash(),
            None => refused(Denied::NeverTakenBack),
        },
        None => refused(Denied::NothingLeft),
    }
}

/// How much is taken, and whether that is all there ever was.
#[derive(Debug, Clone, Copy)]
struct Part {
    amount: Yen,
    whole: bool,
}

impl<'a> Case<'a> {
    fn tender(&self) -> Option<&'a Tender> {
        self.sale.original.sale.tenders.get(self.tender)
    }

    /// Which cards it may have been, where that decides between rules: empty where it is known.
    pub fn brands(&self) -> Vec<CardClass> {
        let Some(Tender::Card { card_class, .. }) = self.tender() else {
            return Vec::new();
        };
        match self.rule_of_card(*card_class) {
            Err(Denied::BrandUnknown { choices }) => choices,
            _ => Vec::new(),
        }
    }

    /// The sale stands, and there is so much of it left.
    fn part(&self) -> Result<Part, Denied> {
        let original = &self.sale.original;
        if original.sale.practice != self.practice {
            return Err(Denied::OtherMode);
        }
        if original.sale.kind != SaleKind::Sale {
            return Err(Denied::NotASale);
        }
        if original.state != SaleState::Settled {
            return Err(Denied::NotPaid);
        }
        let left = left_of(self.sale, self.tender, self.rules);
        if !left.is_positive() {
            return Err(Denied::NothingLeft);
        }
        let amount = match self.take {
            Take::All => left,
            Take::Amount(amount) => amount,
            Take::Lines(lines) => left::of_lines(self.sale, lines)?,
        };
        if !amount.is_positive() {
            return Err(Denied::NoAmount);
        }
        if amount > left && !teeth::bites(Tooth::UndoAbovePaid) {
            return Err(Denied::MoreThanLeft { left });
        }
        let whole = self.tender().is_some_and(|t| t.amount() == amount);
        Ok(Part { amount, whole })
    }

    /// The card that was really used beats the one that was asked for; where neither is one card, all that it may have been must agree.
    fn rule_of_card(&self, asked: CardClass) -> Result<(Money, &'a Rule), Denied> {
        let open = |class: CardClass| {
            let row = self.classes.get(class);
            row.map_or(&[][..], |row| row.answered_by.as_slice())
        };
        let used = self.sale.original.terminal.card_class.unwrap_or(asked);
        let of = |class: CardClass| {
            // A class that is in no table any more is taken for the strictest.
            let row = self.classes.get(class);
            let money = row.map_or(Money::Credit, |row| row.media.into());
            let rule = self.rules.of(money, Some(class), self.model());
            rule.map(|rule| (money, rule)).ok_or(Denied::NeverTakenBack)
        };
        let choices = open(used);
        if choices.is_empty() {
            return of(used);
        }
        if let Some(brand) = self.brand.filter(|brand| choices.contains(brand)) {
            return of(brand);
        }
        let mut rules = choices.iter().map(|class| of(*class));
        let first = rules.next().unwrap_or_else(|| of(used))?;
        let same = |other: Result<(Money, &Rule), Denied>| {
            other.is_ok_and(|(money, rule)| (money, &rule.name) == (first.0, &first.1.name))
        };
        if rules.all(same) {
            Ok(first)
        } else {
            Err(Denied::BrandUnknown {
                choices: choices.to_vec(),
            })
        }
    }

    /// 連携機種 that took the card; of a sale that does not say, the one it would be taken back at.
    fn model(&self) -> Option<&'a str> {
        let original = &self.sale.original;
        let of_route = original.route.as_ref().map(|route| route.model.as_str());
        let of_hand = original.by_hand.as_ref().map(|work| &*work.place.model);
        of_route
            .or(of_hand)
            .or(self.terminal.map(|terminal| terminal.model))
    }

    fn clocks(&self) -> Clocks {
        let original = &self.sale.original;
        let card = matches!(self.tender(), Some(Tender::Card { .. }));
        Clocks {
            sold_on: original.stamp.business_date,
            today: self.now.business_date,
            terminal: card.then(|| self.terminal_day()),
        }
    }

    fn terminal_day(&self) -> TerminalDay {
        let original = &self.sale.original;
        // Of what was made before we heard of it, nothing is known but that it was before its slip was opened.
        let operated = original
            .by_hand
            .as_ref()
            .and_then(|work| work.operated.as_ref())
            .map(|mark| mark.at);
        let sold_at = original.sent_at.or(operated).unwrap_or(original.stamp.at);
        // Since the sale by the order of the books, whatever a clock says.
        if let Some(at) = self.sale.terminal_day_closed {
            return TerminalDay::Closed { at };
        }
        let Some(daily_log_at) = self.terminal.and_then(|terminal| terminal.daily_log_at) else {
            return TerminalDay::NotKnownClosed;
        };
        let at = next(sold_at, daily_log_at);
        if at <= self.now.at {
            TerminalDay::Closed { at }
        } else {
            TerminalDay::OpenUntil { at }
        }
    }

    /// The link takes back what it carried itself, at the same counter, by the slip the terminal gave it, where site and model say so.
    fn link_carries(&self, kind: SaleKind) -> bool {
        self.link_takes(kind) && self.link_reaches(kind) && self.number_names_it_alone()
    }

    fn number_names_it_alone(&self) -> bool {
        !self.sale.number_given_twice && !self.sale.number_was_typed()
    }

    /// True where the link would carry it, were it the last payment of its terminal.
    pub fn link_takes_only_the_last(&self, kind: SaleKind) -> bool {
        self.link_takes(kind) && !self.link_reaches(kind)
    }

    fn link_reaches(&self, kind: SaleKind) -> bool {
        let last_only = self
            .terminal
            .is_some_and(|terminal| terminal.void_last_only);
        kind != SaleKind::Void || !last_only || !self.sale.later_at_terminal
    }

    fn link_takes(&self, kind: SaleKind) -> bool {
        let original = &self.sale.original;
        let (Some(terminal), Some(route)) = (self.terminal, &original.route) else {
            return false;
        };
        let linked = matches!(
            self.tender(),
            Some(Tender::Card {
                link: LinkKind::Linked,
                ..
            })
        );
        let able = match kind {
            SaleKind::Void => terminal.authorize_void,
            SaleKind::Refund => terminal.authorize_refund,
            SaleKind::Sale => false,
        };
        let named = original.terminal.slip_number.is_some();
        linked
            && named
            && able
            && terminal.undo_link
            && terminal.model == route.model
            && self.same_counter()
    }

    fn same_counter(&self) -> bool {
        self.sale.original.sale.terminal_code == self.terminal_code
    }
}

/// The first moment after `from` at which the clock shows `time`.
pub(crate) fn next(from: DateTime<FixedOffset>, time: chrono::NaiveTime) -> DateTime<FixedOffset> {
    let to_wait = (time - from.time()).num_milliseconds();
    let day = Duration::days(1).num_milliseconds();
    let wait = if to_wait > 0 { to_wait } else { to_wait + day };
    from + Duration::milliseconds(wait)
}

/// One tender, its rule, and how much of it.
struct Desk<'a> {
    case: &'a Case<'a>,
    clocks: Clocks,
    part: Part,
    money: Money,
    rule: &'a Rule,
}

impl Desk<'_> {
    fn cash(&self) -> Decision {
        let void = self.part.whole && self.void_in_time();
        let (kind, because) = if void {
            (SaleKind::Void, Because::SameDay)
        } else {
            (SaleKind::Refund, self.why_refund())
        };
        match self.refund_in_time() {
            Err(why) if !void => self.refuse(why),
            _ => Decision::Allowed(self.plan(kind, because, Way::Cash, None)),
        }
    }

    fn card(&self) -> Decision {
        match self.at_terminal() {
            Ok((kind, because)) => {
                Decision::Allowed(self.plan(kind, because, self.way(kind), None))
            }
            Err(why) if self.cash_back() == CashBack::Instead && why.is_final() => {
                Decision::Allowed(self.in_cash(why))
            }
            Err(why) => self.refuse(why),
        }
    }

    /// 取消 or 返品 at the terminal, or why neither.
    fn at_terminal(&self) -> Result<(SaleKind, Because), Denied> {
        let done = if self.part.whole && self.void_in_time() {
            (SaleKind::Void, Because::SameDay)
        } else {
            self.refund_in_time()?;
            (SaleKind::Refund, self.why_refund())
        };
        if !self.part.whole && self.rule.says(Only::Whole) {
            return Err(Denied::WholeOnly);
        }
        if self.rule.says(Only::Last) && self.case.sale.later_at_terminal {
            return Err(Denied::NotLast);
        }
        if self.rule.says(Only::SameTerminal) && !self.case.same_counter() {
            let terminal_code = self.case.sale.original.sale.terminal_code.clone();
            return Err(Denied::OtherTerminal { terminal_code });
        }
        Ok(done)
    }

    fn void_in_time(&self) -> bool {
        (self.clocks.same_day() || teeth::bites(Tooth::VoidOnAnotherDay))
            && match self.rule.void {
                Window::Never => false,
                Window::TerminalDay => {
                    !self.clocks.terminal_closed() || teeth::bites(Tooth::VoidAfterDailyLog)
                }
                Window::WithinDays(_) | Window::Always => true,
            }
    }

    fn refund_in_time(&self) -> Result<(), Denied> {
        let days = self.clocks.days();
        let late = |limit| Err(Denied::TooLate { days, limit });
        match (self.rule.refund, self.rule.void) {
            (Window::Always, _) => Ok(()),
            (Window::WithinDays(limit), _) if days <= u32::from(limit) => Ok(()),
            (Window::WithinDays(limit), _) => late(u32::from(limit)),
            (Window::Never, Window::Never) => Err(Denied::NeverTakenBack),
            (Window::Never | Window::TerminalDay, _) if !self.clocks.same_day() => late(0),
            (Window::Never | Window::TerminalDay, Window::TerminalDay)
            | (Window::TerminalDay, _)
                if self.clocks.terminal_closed() =>
            {
                Err(Denied::AfterDailyLog)
            }
            (Window::TerminalDay, _) => Ok(()),
            (Window::Never, _) => Err(Denied::WholeOnly),
        }
    }

    fn why_refund(&self) -> Because {
        if !self.clocks.same_day() {
            Because::LaterDay
        } else if !self.part.whole {
            Because::Part
        } else if self.clocks.terminal_closed() {
            Because::AfterDailyLog
        } else {
            Because::NoVoid
        }
    }

    fn way(&self, kind: SaleKind) -> Way {
        let guided = match kind {
            SaleKind::Void => self.case.guidance.void,
            SaleKind::Refund | SaleKind::Sale => self.case.guidance.refund,
        };
        if !guided.is_on() {
            Way::SlipOnly
        } else if self.case.link_carries(kind) {
            Way::Link
        } else {
            Way::ByHand
        }
    }

    /// Credit is never given back in cash, whatever a site's rule for a class says.
    fn cash_back(&self) -> CashBack {
        match self.money {
            Money::Credit if teeth::bites(Tooth::CreditInCash) => CashBack::WithApproval,
            Money::Credit => CashBack::Never,
            _ => self.rule.cash,
        }
    }

    fn in_cash(&self, why: Denied) -> Plan {
        self.plan(SaleKind::Refund, Because::CashInstead, Way::Cash, Some(why))
    }

    /// A second person may allow other money where the rule knows that, and a day too late at the terminal itself: it has the last word.
    fn refuse(&self, why: Denied) -> Decision {
        let with_second = match (self.cash_back(), &why) {
            (CashBack::WithApproval | CashBack::Instead, _) => Some(self.in_cash(why.clone())),
            (CashBack::Never, Denied::TooLate { limit: 1.., .. }) => {
                let way = match self.way(SaleKind::Refund) {
                    Way::SlipOnly => Way::SlipOnly,
                    _ => Way::ByHand,
                };
                let late = Some(why.clone());
                Some(self.plan(SaleKind::Refund, Because::LaterDay, way, late))
            }
            (CashBack::Never, _) => None,
        };
        Decision::Refused(Refusal {
            why,
            rule: Some(self.rule.name.clone()),
            clocks: self.clocks,
            with_second: with_second.map(Box::new),
        })
    }

    fn plan(&self, kind: SaleKind, because: Because, way: Way, instead_of: Option<Denied>) -> Plan {
        Plan {
            kind,
            because,
            amount: self.part.amount,
            whole: self.part.whole,
            way,
            rule: self.rule.name.clone(),
            clocks: self.clocks,
            instead_of,
        }
    }
}

impl Denied {
    /// True where no other terminal and no other amount would change it.
    const fn is_final(&self) -> bool {
        !matches!(self, Denied::OtherTerminal { .. })
    }
}

#[cfg(test)]
mod tests;
