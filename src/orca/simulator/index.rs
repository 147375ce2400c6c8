//! Where who and what is in the books of the simulated receipt computer: a site of many years answers as soon as one of a day.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset};

use super::Simulator;
use super::scene::{Bill, Person, Scene, Visit};

/// Places by number, whatever zeros stand in front of it.
#[derive(Debug, Default)]
pub(super) struct Index {
    people: HashMap<String, usize>,
    invoices: HashMap<String, usize>,
    /// The invoices of a patient, oldest first.
    of_patient: HashMap<String, Vec<usize>>,
    /// When the bill of an invoice is made, where it is one of today's.
    made: HashMap<String, DateTime<FixedOffset>>,
}

fn bare(number: &str) -> &str {
    number.trim_start_matches('0')
}

impl Index {
    pub(super) fn of(scene: &Scene) -> Index {
        let mut index = Index::default();
        for (person, place) in scene.people.iter().zip(0..) {
            index.person(person, place);
        }
        for (bill, place) in scene.invoices.iter().zip(0..) {
            index.bill(bill, place);
        }
        for visit in &scene.visits {
            index.visit(visit);
        }
        index
    }

    pub(super) fn person(&mut self, person: &Person, place: usize) {
        self.people
            .entry(bare(&person.number).to_owned())
            .or_insert(place);
    }

    pub(super) fn bill(&mut self, bill: &Bill, place: usize) {
        self.invoices
            .entry(bare(&bill.number).to_owned())
            .or_insert(place);
        self.of_patient
            .entry(bare(&bill.patient).to_owned())
            .or_default()
            .push(place);
    }

    pub(super) fn visit(&mut self, visit: &Visit) {
        self.made
            .insert(bare(&visit.invoice).to_owned(), visit.accounted);
    }

    /// Nobody came today yet.
    pub(super) fn forget_visits(&mut self) {
        self.made.clear();
    }
}

impl Simulator {
    /// A patient by number.
    pub(super) fn person(&self, number: &str) -> Option<&Person> {
        let place = self.index.people.get(bare(number))?;
        self.scene.people.get(*place)
    }

    /// Where an invoice is.
    pub(super) fn place(&self, number: &str) -> Option<usize> {
        self.index.invoices.get(bare(number)).copied()
    }

    /// An invoice.
    pub fn invoice(&self, number: &str) -> Option<&Bill> {
        self.scene.invoices.get(self.place(number)?)
    }

    /// The invoices of a patient, oldest first.
    pub fn bills_of(&self, patient: &str) -> impl Iterator<Item = &Bill> {
        let places = self.index.of_patient.get(bare(patient));
        places
            .into_iter()
            .flatten()
            .filter_map(|place| self.scene.invoices.get(*place))
    }

    /// When the bill of an invoice is made, where it is one of today's.
    pub(super) fn made(&self, invoice: &str) -> Option<DateTime<FixedOffset>> {
        self.index.made.get(bare(invoice)).copied()
    }
}
