//! What must hold after every step, and when all is quiet.

use super::*;

impl World {
    /// What must hold after every single step.
    pub(super) fn check(&mut self) {
        self.check_numbers();
        self.check_screen();
    }

    /// I4: one sale frame for one number, ever.
    pub(super) fn check_numbers(&self) {
        if let Some((number, times)) = self.asked.iter().find(|(_, times)| **times > 1) {
            self.fail(&format!("{number} was asked for {times} times"));
        }
    }

    /// I6: the screen never lies about money.
    pub(super) fn check_screen(&mut self) {
        let shown = match &self.state.screen {
            Screen::Done(done) => Some((done.record.slip, SaleState::Settled)),
            Screen::NotCharged(screen) => Some((screen.record.slip, screen.record.state)),
            _ => None,
        };
        if let Some((slip, state)) = shown {
            let record = self.find(slip);
            if record.as_ref().map(|record| record.state) != Some(state) {
                self.fail(&format!(
                    "the screen shows {slip} as {state:?}, the books do not"
                ));
            }
        }
    }

    pub(super) fn find(&mut self, slip: SlipNumber) -> Option<SaleRecord> {
        let store = self.store.as_mut()?;
        match store.handle(StoreRequest::Find(slip)) {
            Stored::Found(record) => record.map(|record| *record),
            _ => None,
        }
    }

    /// Every linked sale in the books.
    pub(crate) fn sales(&mut self) -> Vec<SaleRecord> {
        let mut sales = Vec::new();
        let mut number = SlipNumber::LIVE_FIRST;
        while let Some(record) = self.find(SlipNumber::new(number)) {
            sales.push(record);
            number += 1;
        }
        sales
    }

    /// I1, I2, I3 and I17, at rest: the two books agree to the yen, and the chain holds.
    pub(crate) fn audit(&mut self) {
        let sales = self.sales();
        for entry in self.charged.clone() {
            if entry.outcome != BookOutcome::Approved {
                continue;
            }
            let mut settled = sales.iter().filter(|sale| {
                sale.sequence_number == Some(entry.sequence_number)
                    && sale.state == SaleState::Settled
                    && sale.total() == entry.amount
            });
            if settled.next().is_none() || settled.next().is_some() {
                self.fail(&format!("{entry:?} is not settled exactly once"));
            }
        }
        let mut orders: BTreeMap<SlipNumber, u32> = BTreeMap::new();
        for sale in &sales {
            let charges = self
                .charged
                .iter()
                .filter(|entry| {
                    Some(entry.sequence_number) == sale.sequence_number
                        && entry.outcome == BookOutcome::Approved
                })
                .count();
            let linked = sale.sequence_number.is_some();
            let expected = usize::from(linked && sale.state == SaleState::Settled);
            if charges != expected {
                self.fail(&format!("{sale:?} has {charges} charges"));
            }
            if sale.state == SaleState::Settled {
                *orders
                    .entry(sale.sale.order.unwrap_or(sale.slip))
                    .or_default() += 1;
            }
        }
        if let Some((order, times)) = orders.iter().find(|(_, times)| **times > 1) {
            self.fail(&format!("order {order} was paid {times} times"));
        }
        self.store = None;
        let report = madoguchi::edge::store::verify(&self.path).expect("the books open");
        if let Some(problem) = report.problem {
            self.fail(&format!("{problem:?}"));
        }
        assert!(self.scripts > 0);
    }
}
