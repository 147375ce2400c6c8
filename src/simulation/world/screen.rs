//! What stands on the screen after every event, held against books and terminals.

use super::{World, screen_name};
use crate::app::Screen;
use crate::app::charge::Stage;
use crate::app::wizard::Page;
use crate::domain::ledger::SaleState;
use crate::domain::record::SaleRecord;
use crate::domain::slip::SlipNumber;
use crate::simulation::invariants::{
    Check, Invariant, honest_screen, open_sales_are_listed, stays_not_charged,
};

/// How long past the longest transaction a console may wait for its own link (ms).
const WATCHDOG_MS: u64 = 11_000;

impl World<'_> {
    pub(super) fn look_at_screen(&mut self) {
        let screen = &self.console.state.screen;
        let name = screen_name(screen);
        let fresh = name != self.day.screen.0;
        if fresh {
            self.day.screen = (name, self.console.now.mono_ms);
            self.desk.tries = 0;
        }
        let shown = match screen {
            Screen::Done(done) => Some((&done.record, true)),
            Screen::NotCharged(failed) => Some((&failed.record, false)),
            Screen::Wizard(wizard) if wizard.page() == Page::Done => wizard
                .record()
                .map(|record| (record, record.state == SaleState::Settled)),
            _ => None,
        };
        let told = shown.map(|(record, charged)| {
            (
                record.slip,
                record.sequence_number.map(|number| number.get()),
                charged,
                self.clock_independence(record),
            )
        });
        if fresh {
            self.tell_story(|| match &told {
                Some((slip, ..)) => format!("the screen shows: {name}, slip {slip}"),
                None => format!("the screen shows: {name}"),
            });
        }
        if let Some((slip, number, charged, clock)) = told {
            let check = honest_screen(&self.ledger, slip, charged);
            self.must(Invariant::HonestScreen, check);
            self.must(Invariant::ClockIndependence, clock);
            if let Some(number) = number.filter(|_| !charged) {
                self.let_go.insert(number);
                let charged = self.truth.charge(number).is_some();
                let check = stays_not_charged(charged, number);
                self.must(Invariant::HonestScreen, check);
            }
        }
        if fresh {
            self.look_at_day();
        }
        let waits = self.waits_in_bounds();
        if waits.is_err() {
            self.must(Invariant::ClockIndependence, waits);
        }
        self.look_at_list();
    }

    /// I10: the figures at the head of the screen are this day's, unless a commit was told as failed.
    fn look_at_day(&mut self) {
        let state = &self.console.state;
        let waits = !self.console.inbox.is_empty() || !self.console.effects.is_empty();
        let unsaid = self.trouble.poisoned || self.trouble.untold;
        if waits || unsaid || matches!(state.screen, Screen::Opening(_)) {
            return;
        }
        let date = state.settings.stamp(state.now).business_date;
        let check = self.day_is(date, state.today);
        self.must(Invariant::Sums, check);
    }

    /// I18: a sale keeps the moment and the day it was written.
    fn clock_independence(&self, record: &SaleRecord) -> Check {
        let written = self
            .ledger
            .by_slip(record.slip)
            .and_then(|sale| sale.stamp());
        if written == Some(record.stamp) {
            Ok(())
        } else {
            Err(format!(
                "slip {} is shown with {:?}, and was written with {written:?}",
                record.slip, record.stamp
            ))
        }
    }

    /// I18: waits are measured on the clock that only goes forward.
    fn waits_in_bounds(&self) -> Check {
        let Screen::Charging(charge) = &self.console.state.screen else {
            return Ok(());
        };
        let Some(port) = self.ports.iter().find(|port| port.seat.cat == charge.cat) else {
            return Ok(());
        };
        let waited = self.console.now.mono_ms.saturating_sub(charge.since_ms);
        let longest = port.seat.model.timers.transaction_max_ms + WATCHDOG_MS;
        // The moment that ends the wait has been told by now.
        if charge.stage == Stage::Waiting
            && self.console.state.now == self.console.now
            && waited > longest
        {
            return Err(format!("the console waits for {waited} ms"));
        }
        Ok(())
    }

    /// I6: nobody is asked again for what the books have as paid of the bill at the counter.
    fn look_at_bill(&mut self) {
        let state = &self.console.state;
        let Some(order) = state.basket.order else {
            return;
        };
        let asks = match &state.screen {
            Screen::Checkout(checkout) => checkout.reading.is_empty(),
            Screen::Register(_) | Screen::CardSelect(_) | Screen::ByHand(_) => true,
            _ => false,
        };
        if !asks || self.trouble.untold || self.trouble.poisoned {
            return;
        }
        let parts = state.basket.parts.iter();
        let known: i64 = parts.map(|part| part.total().get()).sum();
        let paid = self.ledger.paid_of(order);
        let check = if paid == known {
            Ok(())
        } else {
            Err(format!(
                "{paid} yen of the bill of slip {order} are paid, and the counter knows of {known}"
            ))
        };
        self.must(Invariant::HonestScreen, check);
    }

    /// I1: where one could go on to the next customer, everything open is on the list.
    fn look_at_list(&mut self) {
        let state = &self.console.state;
        let at_rest = self.console.inbox.is_empty() && self.console.effects.is_empty();
        let elsewhere = matches!(state.screen, Screen::Opening(_) | Screen::Charging(_));
        if at_rest && !elsewhere {
            let listed: Vec<SlipNumber> = state.open.iter().map(|record| record.slip).collect();
            let check = open_sales_are_listed(&self.ledger, &listed);
            self.must(Invariant::NoLostCharge, check);
            self.look_at_tasks();
            self.look_at_bill();
        }
    }
}
