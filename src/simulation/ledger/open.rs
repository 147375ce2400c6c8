//! What of the books is open or given back, counted anew from the entries, by no word of the product's own rules.

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, NaiveTime};

use super::{Ledger, Sale, Stand};
use crate::domain::sale::{Line, SaleKind};
use crate::domain::slip::SlipNumber;
use crate::domain::task::TaskKind;
use crate::domain::tender::Tender;

impl Ledger {
    /// False where nothing of the kind was ever written.
    pub(in crate::simulation) const fn has_tasks(&self) -> bool {
        self.tasked
    }

    /// Every task that is open: work by hand, bills paid in part, bills whose corrected one is missing.
    pub(in crate::simulation) fn tasks(&self) -> BTreeSet<(TaskKind, SlipNumber)> {
        let mut tasks = BTreeSet::new();
        for sale in self.sales() {
            if sale.hand_is_open() {
                tasks.insert((TaskKind::Hand, sale.slip));
            }
            if !sale.corrected().is_empty() && sale.stand == Stand::Settled {
                let follows = |other: &&Sale| {
                    other.stand.is_paid()
                        && other.draft().and_then(|draft| draft.replaces) == Some(sale.slip)
                };
                if self.sales().find(follows).is_none() {
                    tasks.insert((TaskKind::Correction, sale.slip));
                }
            }
            if sale.is_part() && sale.stand.is_paid() && self.stands(sale) {
                let paid: i64 = self.standing_parts(sale.order).map(Sale::paid).sum();
                if paid < sale.bill() {
                    tasks.insert((TaskKind::PartPaid, sale.order));
                }
            }
        }
        tasks
    }

    /// The paid parts of a bill that were not taken back as a whole.
    fn standing_parts(&self, order: SlipNumber) -> impl Iterator<Item = &Sale> {
        self.sales().filter(move |sale| {
            sale.order == order && sale.is_part() && sale.stand.is_paid() && self.stands(sale)
        })
    }

    /// What is paid of a bill and was not taken back as a whole.
    pub(in crate::simulation) fn paid_of(&self, order: SlipNumber) -> i64 {
        let of_it = |sale: &&Sale| {
            sale.order == order
                && sale.kind() == SaleKind::Sale
                && sale.stand.is_paid()
                && self.stands(sale)
        };
        self.sales().filter(of_it).map(Sale::paid).sum()
    }

    /// What takes a sale back and has not failed.
    pub(in crate::simulation) fn undone(&self, slip: SlipNumber) -> impl Iterator<Item = &Sale> {
        self.sales().filter(move |undo| {
            undo.kind() != SaleKind::Sale
                && undo.stand.may_stand()
                && undo.draft().and_then(|draft| draft.original) == Some(slip)
        })
    }

    /// False where all of it went back for certain.
    pub(in crate::simulation) fn stands(&self, sale: &Sale) -> bool {
        let settled = |undo: &&Sale| undo.stand == Stand::Settled;
        let back: i64 = self.undone(sale.slip).filter(settled).map(Sale::paid).sum();
        back < sale.paid()
    }

    /// True where 日計 was run at the terminal of a card sale since: somebody wrote so, or it ran by itself.
    pub(in crate::simulation) fn day_is_closed(
        &self,
        sale: &Sale,
        runs_at: Option<NaiveTime>,
        now: NaiveDateTime,
    ) -> bool {
        let written = sale.cat().and_then(|cat| self.closed.get(&cat));
        let sold = sale.reached_at();
        let by_itself = sold.zip(runs_at).is_some_and(|(sold, at)| {
            let same = sold.date().and_time(at);
            let next = if same > sold {
                same
            } else {
                same + chrono::Duration::days(1)
            };
            next <= now
        });
        written.is_some_and(|entry| *entry > sale.reached) || by_itself
    }
}

impl Sale {
    /// Work by hand that is not done, or a terminal that has not answered since it was taken off the link.
    fn hand_is_open(&self) -> bool {
        let Some(hand) = &self.hand else {
            return false;
        };
        !self.stand.is_final() || hand.off_link && !hand.explained
    }

    /// A slip that pays a part of its bill.
    pub(in crate::simulation) fn is_part(&self) -> bool {
        self.kind() == SaleKind::Sale && self.draft().is_some_and(|draft| draft.part)
    }

    /// The sum of the lines.
    pub(in crate::simulation) fn bill(&self) -> i64 {
        self.sums().map_or(0, |(bill, ..)| bill)
    }

    /// The corrected bill that must follow.
    pub(in crate::simulation) fn corrected(&self) -> &[Line] {
        let undo = self.draft().and_then(|draft| draft.undo.as_ref());
        undo.map_or(&[], |undo| &undo.corrected)
    }

    /// What of it is cash.
    pub(in crate::simulation) fn cash(&self) -> i64 {
        let tenders = self.draft().map_or(&[][..], |draft| &draft.tenders);
        let cash = tenders
            .iter()
            .filter(|tender| matches!(tender, Tender::Cash { .. }));
        cash.map(|tender| tender.amount().get()).sum()
    }
}
