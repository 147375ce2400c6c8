//! The end of a day, when all is quiet: both books compared to the yen, the chain proven, and a restart that must change nothing.

use std::collections::BTreeMap;

use super::World;
use super::books::proven;
use crate::domain::sale::SaleKind;
use crate::edge::store::verify;
use crate::simulation::invariants::{
    Check, Invariant, every_charge_is_settled, every_settled_sale_was_charged,
};
use crate::simulation::ledger::Stand;
use crate::simulation::reversal::{every_key_is_booked, money_conserved};

/// Sessions out of a thousand whose file is proven as `madoguchi verify` does it, page by page.
const WHOLE_FILE: u64 = 15;

impl World<'_> {
    pub(super) fn audit(&mut self) {
        let check = every_charge_is_settled(&self.ledger, &self.truth);
        self.must(Invariant::NoLostCharge, check);
        let check = every_settled_sale_was_charged(&self.ledger, &self.truth);
        self.must(Invariant::NoPhantom, check);
        let check = self.one_payment_an_order();
        self.must(Invariant::NoDoubleCharge, check);
        if !self.day.practice {
            let check = every_key_is_booked(&self.ledger, &self.truth);
            self.must(Invariant::HandEvidence, check);
            let check = money_conserved(&self.ledger, &self.truth);
            self.must(Invariant::MoneyConserved, check);
        }
        let date = self
            .console
            .state
            .settings
            .stamp(self.console.now)
            .business_date;
        let check = self.ledger.day(date).map(|_| ());
        self.must(Invariant::Sums, check);
        let check = proven(self.disk.store(), false).and_then(|report| {
            if report.entries == self.ledger.entries {
                Ok(())
            } else {
                Err(format!(
                    "{} entries are there, {} were written",
                    report.entries, self.ledger.entries
                ))
            }
        });
        self.must(Invariant::TamperEvidence, check);
        let check = self.every_record_reads_back();
        self.must(Invariant::AppendOnly, check);
        if self.dice.chance(WHOLE_FILE) {
            let path = self.disk.path();
            let check = match verify(path) {
                Ok(report) => report
                    .problem
                    .map_or(Ok(()), |problem| Err(problem.to_string())),
                Err(error) => Err(error.to_string()),
            };
            self.must(Invariant::TamperEvidence, check);
        }
        self.count_slips();
    }

    fn count_slips(&mut self) {
        for sale in self.ledger.sales() {
            let settled = u64::from(sale.stand == Stand::Settled);
            let counts = &mut self.counts;
            counts.sales += 1;
            if sale.kind() != SaleKind::Sale {
                counts.undos += settled;
                counts.linked_undos += settled * u64::from(sale.number.is_some());
            }
            counts.parts += settled * u64::from(sale.is_part());
            counts.by_hand += u64::from(sale.hand.is_some());
        }
        self.counts.transactions += self.truth.len() as u64;
    }

    fn one_payment_an_order(&self) -> Check {
        let mut paid: BTreeMap<_, i64> = BTreeMap::new();
        for sale in self
            .ledger
            .sales()
            .filter(|sale| sale.stand == Stand::Settled && self.ledger.stands(sale))
        {
            let (bill, amount, _) = sale.sums().unwrap_or_default();
            let sum = paid.entry(sale.order).or_default();
            *sum += amount;
            if *sum > bill {
                return Err(format!("order {} is paid twice", sale.order));
            }
        }
        Ok(())
    }

    /// I12: the first restart may still show what nobody has seen; the second finds nothing to do.
    pub(super) fn restart_without_news(&mut self) {
        self.tell_story(|| "--- restarts without news ---".to_owned());
        self.leave();
        if self.stopped() || !self.come_to_rest() {
            return;
        }
        let before = self.ledger.entries - self.ledger.audits;
        self.leave();
        if self.stopped() || !self.come_to_rest() {
            return;
        }
        let after = self.ledger.entries - self.ledger.audits;
        let check = if after == before {
            Ok(())
        } else {
            Err(format!("a restart wrote {} entries", after - before))
        };
        self.must(Invariant::IdempotentRecovery, check);
    }
}
