//! What people do at the screens of the simulated receipt computer itself, beside whatever a counter asks of it.

use chrono::{DateTime, FixedOffset};

use super::scene::{Bill, Person, Row, Visit};
use super::script::Misfortune;
use super::{Asked, Held, Simulator, ledger};

impl Simulator {
    /// A patient is registered.
    pub fn register(&mut self, person: Person) {
        self.index.person(&person, self.scene.people.len());
        self.scene.people.push(person);
    }

    /// A bill is made.
    pub fn charge(&mut self, bill: Bill) {
        self.index.bill(&bill, self.scene.invoices.len());
        self.scene.invoices.push(bill);
    }

    /// Somebody comes today.
    pub fn visited(&mut self, visit: Visit) {
        self.index.visit(&visit);
        self.scene.visits.push(visit);
    }

    /// The day is over: the list of who came begins anew, and what was told of it is not kept.
    pub fn day_ends(&mut self) {
        self.scene.visits.clear();
        self.index.forget_visits();
        self.events.clear();
        self.posted.clear();
        self.drained = 0;
    }

    /// This happens to the next request.
    pub fn befalls(&mut self, misfortune: Misfortune) {
        self.script.next(misfortune);
    }

    /// It starts anew: its books are what they were, and no session is known any more.
    pub fn restarts(&mut self) {
        self.sessions.clear();
        self.terminals.clear();
    }

    /// The screen `terminal` opens a patient, unless it has him open.
    pub fn opens(&mut self, now: DateTime<FixedOffset>, patient: &str, terminal: &str) {
        let Some(person) = self.person(patient) else {
            return;
        };
        let patient = person.number.clone();
        let mut open = self.terminals.iter();
        if open.any(|held| held.patient == patient && held.terminal == terminal) {
            return;
        }
        let held = Held {
            patient,
            orca_uid: self.fresh_uid(),
            terminal: terminal.to_owned(),
            since: now,
        };
        self.terminals.push(held);
    }

    /// The screen `terminal` leaves whomever it has open.
    pub fn leaves(&mut self, terminal: &str) {
        self.terminals.retain(|held| held.terminal != terminal);
    }

    /// A screen takes a payment of an invoice, or gives it back where it is below zero.
    pub fn takes(&mut self, now: DateTime<FixedOffset>, invoice: &str, yen: i64) {
        let Some(place) = self.place(invoice) else {
            return;
        };
        let bill = &mut self.scene.invoices[place];
        bill.history.push(Row {
            date: now.date_naive(),
            time: now.format("%H:%M").to_string(),
            charged: None,
            received: yen,
            state: if yen < 0 { 6 } else { 2 },
            code: Some("01".into()),
        });
        let posted = ledger::posted(now, bill, "");
        self.posted.push(posted);
    }

    /// 診療訂正: the insurance part of a bill is another one now.
    pub fn corrects(&mut self, now: DateTime<FixedOffset>, invoice: &str, insured: i64) {
        let Some(place) = self.place(invoice) else {
            return;
        };
        let bill = &mut self.scene.invoices[place];
        bill.insured = insured;
        let charged = bill.charged();
        bill.history.push(changed(now, charged, 8));
    }

    /// 履歴修正: what was received with a row of an invoice's history, by its number from 1, is another amount now.
    pub fn amends(&mut self, invoice: &str, row: usize, received: i64) {
        let place = self.place(invoice);
        let bill = place.and_then(|place| self.scene.invoices.get_mut(place));
        let row = bill.and_then(|bill| bill.history.get_mut(row.checked_sub(1)?));
        if let Some(row) = row {
            row.received = received;
        }
    }

    /// 請求取消: a bill is taken away, or made again.
    pub fn voids(&mut self, now: DateTime<FixedOffset>, invoice: &str, void: bool) {
        let Some(place) = self.place(invoice) else {
            return;
        };
        let bill = &mut self.scene.invoices[place];
        bill.void = void;
        let charged = bill.charged();
        bill.history
            .push(changed(now, charged, if void { 5 } else { 9 }));
    }

    /// A screen takes a payment of the invoice that is asked for, before it is asked for.
    pub(super) fn paid_elsewhere(
        &mut self,
        now: DateTime<FixedOffset>,
        asked: &Asked<'_>,
        yen: i64,
    ) {
        if let Some(request) = asked.body.get("incomev3req") {
            self.takes(now, request.str("Invoice_Number"), yen);
        }
    }

    /// A screen opens the patient first.
    pub(super) fn held_elsewhere(
        &mut self,
        now: DateTime<FixedOffset>,
        asked: &Asked<'_>,
        terminal: &str,
    ) {
        if let Some(request) = asked.body.get("incomev3req") {
            self.opens(now, request.str("Patient_ID"), terminal);
        }
    }
}

/// A row that moves no money.
fn changed(now: DateTime<FixedOffset>, charged: i64, state: u8) -> Row {
    Row {
        date: now.date_naive(),
        time: now.format("%H:%M").to_string(),
        charged: Some(charged),
        received: 0,
        state,
        code: None,
    }
}
