//! A receipt computer with books, locks and a will of its own: as little of one as the rules of telling need.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveTime};
use madoguchi::domain::bill::{Caution, InOut, Invoice, InvoiceNumber, PatientNumber};
use madoguchi::domain::money::Yen;
use madoguchi::orca::answer::{Answer, Failure, HistoryRow, Lock, Refusal, Standing};
use madoguchi::orca::call::{Call, Payment, Session};

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// It never leaves.
    Unreachable,
    /// It leaves and never arrives.
    LostBefore,
    /// It is carried out, and the answer is lost.
    LostAfter,
    /// It is carried out, and the answer is garbled.
    Garbled,
    /// A gateway passes it on, and answers itself.
    Gateway,
    /// The receipt computer has trouble of its own.
    System,
    /// It says no.
    Refused,
    /// Every session is forgotten before it arrives.
    SessionLost,
}

pub(crate) const FAULTS: [Fault; 9] = [
    Fault::None,
    Fault::Unreachable,
    Fault::LostBefore,
    Fault::LostAfter,
    Fault::Garbled,
    Fault::Gateway,
    Fault::System,
    Fault::Refused,
    Fault::SessionLost,
];

#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) patient: PatientNumber,
    pub(crate) charged: i64,
    pub(crate) received: i64,
    pub(crate) history: Vec<HistoryRow>,
    pub(crate) caution: Option<Caution>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Orca {
    pub(crate) accounts: BTreeMap<String, Account>,
    /// Who is held, by which session.
    pub(crate) held: Vec<(Session, PatientNumber)>,
    sessions: u32,
    /// Since when the other terminal holds a patient.
    pub(crate) held_since: Option<DateTime<FixedOffset>>,
    /// 領収証 that were printed: of which invoice, and whether it was one more.
    pub(crate) printed: Vec<(String, bool)>,
    /// Every call that arrived, in a word.
    pub(crate) heard: Vec<&'static str>,
}

fn refused(code: &str) -> Failure {
    Failure::Refused(Refusal {
        code: code.to_owned(),
        message: "出来ません".to_owned(),
        session: None,
    })
}

impl Orca {
    pub(crate) fn bill(&mut self, patient: &str, invoice: &str, charged: i64) {
        let account = Account {
            patient: PatientNumber::parse(patient).expect("a number"),
            charged,
            received: 0,
            history: vec![],
            caution: None,
        };
        self.accounts.insert(invoice.to_owned(), account);
    }

    /// Somebody at another terminal opens the patient, or lets him go.
    pub(crate) fn hold(&mut self, patient: &str, on: bool) {
        let session = Session {
            karte_uid: "other-terminal".to_owned(),
            orca_uid: "77".to_owned(),
        };
        self.held.retain(|(held, _)| *held != session);
        if on {
            let patient = PatientNumber::parse(patient).expect("a number");
            self.held.push((session, patient));
        }
    }

    pub(crate) fn call(&mut self, call: &Call, fault: Fault) -> Result<Answer, Failure> {
        match fault {
            Fault::Unreachable => return Err(Failure::Unreachable("no route".to_owned())),
            Fault::LostBefore => return Err(Failure::Lost("timed out".to_owned())),
            Fault::Refused => return Err(refused("E0006")),
            Fault::System => return Err(refused("E0089")),
            Fault::SessionLost => self.held.clear(),
            Fault::None | Fault::LostAfter | Fault::Garbled | Fault::Gateway => {}
        }
        self.heard.push(call.word());
        let result = self.carry_out(call);
        match fault {
            Fault::LostAfter => Err(Failure::Lost("timed out".to_owned())),
            Fault::Garbled => Err(Failure::Unreadable("half a record".to_owned())),
            Fault::Gateway => Err(Failure::Foreign("HTTP 504".to_owned())),
            _ => result,
        }
    }

    fn carry_out(&mut self, call: &Call) -> Result<Answer, Failure> {
        match call {
            Call::Open {
                karte_uid,
                patient,
                invoice,
                ..
            } => self.open(karte_uid, patient, invoice),
            Call::Pay(payment) => self.post(payment, payment.amount.get()),
            Call::PayBack(payment) => self.post(payment, -payment.amount.get()),
            Call::Reissue {
                session,
                patient,
                invoice,
                ..
            } => {
                let holds = |(held, who): &(Session, PatientNumber)| {
                    held == session && who.is_same(patient)
                };
                if !self.held.iter().any(holds) {
                    return Err(refused("E0205"));
                }
                self.printed.push((invoice.to_string(), true));
                Ok(Answer::Reissued)
            }
            Call::Finish { session } => {
                self.held.retain(|(held, _)| held != session);
                Ok(Answer::Finished)
            }
            Call::Locks => Ok(Answer::Locks(
                self.held
                    .iter()
                    .map(|(session, patient)| Lock {
                        session: session.clone(),
                        operator: "山田".to_owned(),
                        terminal: "2".to_owned(),
                        patient: Some(patient.clone()),
                        name: String::new(),
                        since: self.held_since,
                    })
                    .collect(),
            )),
            Call::Release { session } => {
                self.held.retain(|(held, _)| held != session);
                Ok(Answer::Released)
            }
            other => panic!("nobody asks {}", other.word()),
        }
    }

    fn open(
        &mut self,
        karte_uid: &str,
        patient: &PatientNumber,
        invoice: &InvoiceNumber,
    ) -> Result<Answer, Failure> {
        assert!((1..=36).contains(&karte_uid.len()), "{karte_uid}");
        if self
            .held
            .iter()
            .any(|(held, _)| held.karte_uid == karte_uid)
        {
            return Err(refused("E1038"));
        }
        if self.held.iter().any(|(_, held)| held.is_same(patient)) {
            return Err(refused("E9999"));
        }
        let account = self.accounts.get(invoice.as_str());
        if !account.is_some_and(|account| account.patient.is_same(patient)) {
            return Err(refused("E0085"));
        }
        let standing = self.standing(invoice).ok_or_else(|| refused("E0085"))?;
        self.sessions += 1;
        let session = Session {
            karte_uid: karte_uid.to_owned(),
            orca_uid: self.sessions.to_string(),
        };
        self.held.push((session.clone(), patient.clone()));
        Ok(Answer::Opened { session, standing })
    }

    fn post(&mut self, payment: &Payment, amount: i64) -> Result<Answer, Failure> {
        let held = self
            .held
            .iter()
            .any(|(session, who)| *session == payment.session && who.is_same(&payment.patient));
        if !held {
            return Err(refused("E0205"));
        }
        let account = self
            .accounts
            .get_mut(payment.invoice.as_str())
            .ok_or_else(|| refused("E0085"))?;
        if account.received + amount > account.charged {
            return Err(refused("E0107"));
        }
        if account.received + amount < 0 {
            return Err(refused("E3014"));
        }
        account.received += amount;
        if payment.print {
            self.printed.push((payment.invoice.to_string(), false));
        }
        let at = payment.at.naive_local();
        account.history.push(HistoryRow {
            number: u16::try_from(account.history.len() + 1).expect("few rows"),
            date: Some(at.date()),
            time: NaiveTime::from_hms_opt(
                chrono::Timelike::hour(&at),
                chrono::Timelike::minute(&at),
                0,
            ),
            received: Yen::new(amount),
            tender_code: Some(payment.tender_code.clone().unwrap_or_else(|| "01".into())),
            state: Some(if amount > 0 { 2 } else { 6 }),
        });
        Ok(Answer::Written(
            self.standing(&payment.invoice).expect("it is there"),
        ))
    }

    fn standing(&self, invoice: &InvoiceNumber) -> Option<Standing> {
        let account = self.accounts.get(invoice.as_str())?;
        Some(Standing {
            invoice: Invoice {
                number: invoice.clone(),
                group: None,
                in_out: InOut::Out,
                performed: None,
                department: String::new(),
                rate_percent: None,
                charged: Yen::new(account.charged),
                received: Yen::new(account.received),
                lines: vec![],
                caution: account.caution,
            },
            history: account.history.clone(),
        })
    }

    /// How often so much was put to an invoice (below zero: taken back).
    pub(crate) fn rows(&self, invoice: &str, amount: i64) -> usize {
        let rows = self.accounts.get(invoice).map(|account| &account.history);
        rows.map_or(0, |rows| {
            rows.iter()
                .filter(|row| row.received.get() == amount)
                .count()
        })
    }
}
