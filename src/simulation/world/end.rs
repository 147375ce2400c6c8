//! The end of a day, when all is quiet: both books compared to the yen, the chain proven, and a restart that must change nothing.

use std::collections::BTreeMap;

use super::World;
use super::books::proven;
use crate::edge::store::verify;
use crate::simulation::invariants::{
    Check, Invariant, every_charge_is_settled, every_settled_sale_was_charged,
};
use crate::simulation::ledger::Stand;

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
            let check = match verify(&path) {
                Ok(report) => report
                    .problem
                    .map_or(Ok(()), |problem| Err(problem.to_string())),
                Err(error) => Err(error.to_string()),
            };
            self.must(Invariant::TamperEvidence, check);
        }
        self.counts.sales += self.ledger.sales().count() as u64;
        self.counts.transactions += self.truth.len() as u64;
    }

    fn one_payment_an_order(&self) -> Check {
        let mut paid: BTreeMap<_, i64> = BTreeMap::new();
        for sale in self
            .ledger
            .sales()
            .filter(|sale| sale.stand == Stand::Settled)
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
