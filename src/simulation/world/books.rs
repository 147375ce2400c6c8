//! The console and its books: what is asked, what the disk makes of it, and what must hold at each commit and on each crash image.

use super::World;
use crate::app::message::{CardReportQuery, DayCount, Message, StoreRequest, StoreTrouble, Stored};
use crate::domain::business_day::BusinessDate;
use crate::domain::ledger::{Entry, Evidence, NotCharged};
use crate::domain::record::Stamp;
use crate::domain::sale::{Operator, SaleDraft};
use crate::domain::slip::SlipNumber;
use crate::edge::store::{Report, Store};
use crate::simulation::disk::{Books, Image};
use crate::simulation::faults::Fault;
use crate::simulation::invariants::{
    Check, Invariant, Question, denied_often_enough, no_phantom, open_sales_are_listed,
    released_is_not_charged, right_answer,
};
use crate::simulation::ledger::Ledger;
use crate::simulation::story::short;

impl World<'_> {
    pub(super) fn ask_store(&mut self, request: StoreRequest) {
        self.story.tell(self.console.now, || {
            format!("console asks the books: {}", short(&request))
        });
        let stored = if writes(&request) {
            if let Some(fault) = self.trouble.crash.take() {
                self.die_writing(fault, request);
                return;
            }
            self.write(request)
        } else {
            let date = match &request {
                StoreRequest::Open { stamp } => Some(stamp.business_date),
                StoreRequest::Day(date) => Some(*date),
                _ => None,
            };
            let answer = self.disk.handle(request);
            if let Some(date) = date {
                self.opened(date, &answer);
            }
            if let Stored::Tasks(tasks) = &answer {
                self.listed(tasks);
            }
            answer
        };
        if let Stored::Failed { request, trouble } = &stored {
            self.story.tell(self.console.now, || {
                format!("the books refuse: {trouble:?}: {}", short(request))
            });
        }
        self.console.inbox.push_back(Message::Stored(stored));
    }

    /// A request that writes, on a disk that may fail.
    fn write(&mut self, request: StoreRequest) -> Stored {
        if self.trouble.poisoned {
            return self.refuse(request, io_error());
        }
        match self.trouble.disk {
            Some((Fault::IoErrorAfter, _)) => {
                self.trouble.disk = None;
                self.trouble.poisoned = true;
                self.counts.fault(Fault::IoErrorAfter);
                let answer = self.disk.handle(request.clone());
                self.committed(&request, &answer);
                return self.refuse(request, io_error());
            }
            Some((Fault::CommitUntold, _)) => {
                self.trouble.disk = None;
                self.trouble.untold = true;
                self.counts.fault(Fault::CommitUntold);
                let answer = self.disk.handle(request.clone());
                if opened(&answer).is_some() {
                    self.disk.store().told_as_failed();
                }
                self.committed(&request, &answer);
                self.trouble.opened = opened(&answer).map(|slip| (request.clone(), slip));
                return self.refuse(request, StoreTrouble::Locked);
            }
            Some((fault, left)) => {
                self.trouble.disk = (left > 1).then_some((fault, left - 1));
                self.trouble.poisoned = fault == Fault::IoError;
                self.counts.fault(fault);
                let trouble = match fault {
                    Fault::DiskFull => StoreTrouble::DiskFull,
                    Fault::ReadOnly => StoreTrouble::ReadOnly,
                    Fault::Locked => StoreTrouble::Locked,
                    Fault::Refused => StoreTrouble::Refused("the simulated disk".to_owned()),
                    _ => io_error(),
                };
                return self.refuse(request, trouble);
            }
            None => {}
        }
        match &mut self.trouble.image_in {
            Some(0) => {
                self.trouble.image_in = None;
                return self.write_and_look_at_image(request);
            }
            Some(left) => *left -= 1,
            None => {}
        }
        let answer = self.disk.handle(request.clone());
        self.opened_once(&request, &answer);
        self.committed(&request, &answer);
        answer
    }

    /// I3: what was opened and told as failed is not opened once more when the same person asks for it again.
    fn opened_once(&mut self, request: &StoreRequest, answer: &Stored) {
        let Some(slip) = opened(answer) else {
            return;
        };
        let Some((first, held)) = self.trouble.opened.take() else {
            return;
        };
        if opening(&first) != opening(request) {
            return;
        }
        let check = if held == slip {
            Ok(())
        } else {
            Err(format!(
                "slip {held} was asked for again and is slip {slip} too"
            ))
        };
        self.must(Invariant::NoDoubleCharge, check);
    }

    fn refuse(&mut self, request: StoreRequest, trouble: StoreTrouble) -> Stored {
        if let StoreRequest::Write { entry, .. } = &request {
            self.ledger.refused(entry);
        }
        Stored::Failed {
            request: Box::new(request),
            trouble,
        }
    }

    /// The world goes on; a copy of the disk, torn in this commit or taken behind it, is opened and looked at.
    fn write_and_look_at_image(&mut self, request: StoreRequest) -> Stored {
        let start = self.disk.log_end();
        let answer = self.disk.handle(request.clone());
        self.opened_once(&request, &answer);
        let end = self.disk.log_end();
        if self.dice.chance(700) && end > start {
            let image = self.disk.torn(&mut self.dice, start, end);
            self.look_at_image(&image);
            self.committed(&request, &answer);
        } else {
            self.committed(&request, &answer);
            let image = self.disk.whole();
            self.look_at_image(&image);
        }
        answer
    }

    /// I14: open it, prove it, compare it, take it away.
    fn look_at_image(&mut self, image: &Image) {
        if let Some(books) = self.open_image(image) {
            self.disk.put_back(books);
        }
    }

    /// What a crash left must open, hold together, and have every commit that returned.
    pub(super) fn open_image(&mut self, image: &Image) -> Option<Books> {
        self.counts.crash_images += 1;
        match self.disk.open(image) {
            Ok(mut books) => {
                let holds = self.same_books(books.store(), true);
                self.must(Invariant::CrashAtomicity, holds);
                Some(books)
            }
            Err(error) => {
                let failed = Err(format!("the books do not open: {error}"));
                self.must(Invariant::CrashAtomicity, failed);
                None
            }
        }
    }

    /// Everything that was written is there as it was written, nothing else is, and it holds together.
    pub(super) fn same_books(&self, store: &mut Store, pages: bool) -> Check {
        let report = proven(store, pages)?;
        if report.entries != self.ledger.entries {
            return Err(format!(
                "{} entries are there, {} were written",
                report.entries, self.ledger.entries
            ));
        }
        records_in(&self.ledger, store)
    }

    pub(super) fn every_record_reads_back(&mut self) -> Check {
        let World { disk, ledger, .. } = self;
        records_in(ledger, disk.store())
    }

    /// I1 and I10: what the console reads at its start is all that is open, and how the day stands.
    fn opened(&mut self, date: BusinessDate, answer: &Stored) {
        let today = match answer {
            Stored::Opened {
                unresolved, today, ..
            } => {
                let listed: Vec<SlipNumber> = unresolved.iter().map(|record| record.slip).collect();
                let check = open_sales_are_listed(&self.ledger, &listed);
                self.must(Invariant::NoLostCharge, check);
                *today
            }
            Stored::Day { count, .. } => *count,
            _ => return,
        };
        let check = self.day_is(date, today);
        self.must(Invariant::Sums, check);
    }

    /// I10: these are the settled sales of a day, and their sum.
    pub(super) fn day_is(&self, date: BusinessDate, said: DayCount) -> Check {
        let (count, sum) = self.ledger.day(date)?;
        if (said.sales, said.total.get()) == (count, sum) {
            Ok(())
        } else {
            Err(format!("{date}: {said:?}, and {count} sales of {sum} yen"))
        }
    }

    /// I11: what stands of a day when its 日計 is run, in all and on cards, is what was sold and taken back on it.
    fn close_is_the_sales(&mut self, date: BusinessDate) -> Check {
        let Stored::Day { count, .. } = self.disk.handle(StoreRequest::Day(date)) else {
            return Err(format!("{date}: its count cannot be read"));
        };
        self.day_is(date, count)?;
        let query = CardReportQuery {
            from: Some(date),
            to: Some(date),
            limit: 1,
            ..CardReportQuery::default()
        };
        let Stored::CardReport(page) = self.disk.handle(StoreRequest::CardReport(query)) else {
            return Err(format!("{date}: what moved on cards cannot be read"));
        };
        let totals = page.totals.iter();
        let said = totals.fold((0, 0), |(count, sum), total| {
            (count + total.count, sum + total.amount.get())
        });
        let moved = self.ledger.on_cards(date);
        if said == moved {
            Ok(())
        } else {
            Err(format!(
                "{date}: {said:?} movements and yen are reported of cards, and {moved:?} were booked"
            ))
        }
    }

    /// A commit returned, or is known to be on the disk: everything that must hold at that moment.
    pub(super) fn committed(&mut self, request: &StoreRequest, answer: &Stored) {
        let (stamp, entry) = match (request, answer) {
            // The same for what opens a sale.
            _ if self.is_held(request, answer) => return,
            (StoreRequest::Sell { .. }, Stored::Sold(record)) => {
                let entry = Entry::Sold {
                    slip: record.slip,
                    sale: record.sale.clone(),
                };
                (record.stamp, entry)
            }
            (
                StoreRequest::Pend { stamp, sale, route },
                Stored::Pended {
                    slip,
                    sequence_number,
                },
            ) => {
                let entry = Entry::Pending {
                    slip: *slip,
                    sequence_number: *sequence_number,
                    sale: sale.clone(),
                    route: route.clone(),
                };
                (*stamp, entry)
            }
            // Written once, told as failed, and asked for again: it is there once.
            (StoreRequest::Write { entry, .. }, Stored::Written(_))
                if self.ledger.holds_outcome(entry) =>
            {
                return;
            }
            (StoreRequest::Write { stamp, entry }, Stored::Written(_)) => (*stamp, entry.clone()),
            (StoreRequest::ByHand { .. }, Stored::ByHandBegun(record)) => {
                self.hand_begun(request, record);
                return;
            }
            _ => return,
        };
        self.book(stamp, &entry);
    }

    /// It was opened by this very request, told as failed, and is asked for again: it is there once.
    fn is_held(&self, request: &StoreRequest, answer: &Stored) -> bool {
        let (StoreRequest::Sell { stamp, sale }
        | StoreRequest::Pend { stamp, sale, .. }
        | StoreRequest::ByHand { stamp, sale, .. }) = request
        else {
            return false;
        };
        let held = opened(answer).and_then(|slip| self.ledger.by_slip(slip));
        held.is_some_and(|held| held.stamp() == Some(*stamp) && held.draft() == Some(sale))
    }

    pub(super) fn book(&mut self, stamp: Stamp, entry: &Entry) {
        let legal = self.ledger.commit(stamp, entry);
        self.must(Invariant::LegalTransitions, legal);
        self.look_at_entry(entry);
        self.terminal_seen(entry);
        if let Entry::TerminalDayClosed { .. } = entry {
            let check = self.close_is_the_sales(stamp.business_date);
            self.must(Invariant::CloseIdentity, check);
        }
        let sale = entry.slip().and_then(|slip| self.ledger.by_slip(slip));
        let asked =
            sale.and_then(|sale| Some((sale.number?, (sale.kind(), sale.card), sale.sent_at())));
        let Some((number, (kind, amount), sent)) = asked else {
            return;
        };
        match entry {
            Entry::Posted { evidence, .. } => {
                // A person's word counts by itself, and the one in this world never lies.
                let check = no_phantom(&self.truth, number, kind, amount);
                self.must(Invariant::NoPhantom, check);
                if !matches!(evidence, Evidence::Operator { .. }) {
                    let answers = self.ports.iter().flat_map(|port| &port.answers);
                    let booked = stamp.at.naive_local();
                    let asked = Question {
                        number,
                        kind,
                        amount,
                        practice: self.day.practice,
                        clock: (sent.unwrap_or(booked), booked),
                    };
                    let check = right_answer(&self.truth, answers, asked, entry);
                    self.must(Invariant::RightAnswer, check);
                }
            }
            Entry::Released {
                reason, evidence, ..
            } => {
                let check = released_is_not_charged(&self.truth, number);
                self.must(Invariant::NoLostCharge, check);
                if (reason, evidence) == (&NotCharged::NotAtTerminal, &Evidence::Inquiry) {
                    let denied = self.ports.iter().any(|port| port.denies(number));
                    let check = denied_often_enough(denied, number);
                    self.must(Invariant::RightAnswer, check);
                }
            }
            _ => {}
        }
    }
}

/// I9: every sale reads back as it was written.
fn records_in(ledger: &Ledger, store: &mut Store) -> Check {
    for sale in ledger.sales() {
        let found = match store.handle(StoreRequest::Find(sale.slip)) {
            Stored::Found(record) => record.map(|record| *record),
            other => {
                return Err(format!(
                    "slip {} cannot be read: {}",
                    sale.slip,
                    short(&other)
                ));
            }
        };
        if found != sale.record() {
            return Err(format!("slip {} is not as it was written", sale.slip));
        }
    }
    Ok(())
}

/// The chain holds, and every row beside it.
pub(super) fn proven(store: &Store, pages: bool) -> Result<Report, String> {
    let report = store.prove(pages).map_err(|error| error.to_string())?;
    match &report.problem {
        Some(problem) => Err(problem.to_string()),
        None => Ok(report),
    }
}

/// What a request is to open, and who begins it, whenever it was asked for.
fn opening(request: &StoreRequest) -> Option<(&SaleDraft, Option<&Operator>)> {
    match request {
        StoreRequest::Sell { sale, .. } | StoreRequest::Pend { sale, .. } => Some((sale, None)),
        StoreRequest::ByHand { sale, operator, .. } => Some((sale, Some(operator))),
        _ => None,
    }
}

/// Which slip was opened.
fn opened(answer: &Stored) -> Option<SlipNumber> {
    match answer {
        Stored::Sold(record) | Stored::ByHandBegun(record) => Some(record.slip),
        Stored::Pended { slip, .. } => Some(*slip),
        _ => None,
    }
}

fn io_error() -> StoreTrouble {
    StoreTrouble::Disk("disk I/O error (simulated)".to_owned())
}

pub(super) fn writes(request: &StoreRequest) -> bool {
    matches!(
        request,
        StoreRequest::Sell { .. }
            | StoreRequest::Pend { .. }
            | StoreRequest::ByHand { .. }
            | StoreRequest::Write { .. }
    )
}
