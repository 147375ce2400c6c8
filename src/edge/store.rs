//! The books: one SQLite file that only grows. One request that writes is one transaction and one durable commit.

#[cfg(test)]
mod bill_tests;
mod billed;
#[cfg(test)]
mod by_hand_tests;
mod chain;
mod held;
mod history;
mod items;
#[cfg(test)]
mod items_tests;
mod list;
mod log;
mod movement;
mod numbers;
mod open;
mod outcome;
mod paper;
mod place;
mod read;
mod report;
mod rules;
#[cfg(test)]
mod rules_tests;
mod schema;
mod tasks;
#[cfg(test)]
mod terminals_tests;
#[cfg(test)]
mod testbed;
mod thread;
mod trouble;
#[cfg(test)]
mod undo_tests;
mod verify;
mod words;
mod write;

use rusqlite::{Connection, TransactionBehavior};

use self::place::Whereabouts;
use crate::app::message::{StoreRequest, StoreTrouble, Stored};
use crate::domain::ledger::Entry;
use crate::domain::paper::SlipFacts;
use crate::domain::record::Stamp;
use crate::domain::slip::SlipNumber;

pub use list::{SaleListing, TenderListing};
pub use open::OpenError;
pub use thread::{StoreHandle, spawn};
pub use verify::{Problem, Report, verify};

/// Live books or practice books. They are files of their own, with number ranges of their own, and never mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BooksKind {
    /// Money.
    Live,
    /// 練習モード.
    Practice,
}

impl BooksKind {
    /// The word of the genesis hash and of reports.
    pub const fn word(self) -> &'static str {
        match self {
            BooksKind::Live => "live",
            BooksKind::Practice => "practice",
        }
    }

    /// The `application_id` of the file: "MADL" or "MADP".
    pub(crate) const fn application_id(self) -> i32 {
        match self {
            BooksKind::Live => 0x4D41_444C,
            BooksKind::Practice => 0x4D41_4450,
        }
    }

    fn of_application_id(id: i32) -> Option<BooksKind> {
        [BooksKind::Live, BooksKind::Practice]
            .into_iter()
            .find(|kind| kind.application_id() == id)
    }

    const fn is_practice(self) -> bool {
        matches!(self, BooksKind::Practice)
    }
}

/// The books, open.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    kind: BooksKind,
    viewer: bool,
    whereabouts: Whereabouts,
    /// True until the first sale of this run got its sequence number.
    new_run: bool,
    /// What this run was told of the sale that it opened last.
    told: held::Told,
    /// What the disk said when it failed. From then on nothing more is written: after a failed sync nobody knows what is on it.
    poisoned: Option<String>,
}

impl Store {
    /// Live or practice.
    pub fn kind(&self) -> BooksKind {
        self.kind
    }

    /// A console takes books that are open already, as it takes books it has just opened: its numbers begin somewhere new. For the
    /// simulation, which plays many days on one file.
    pub fn begin_run(&mut self) {
        self.new_run = true;
        self.told = held::Told::default();
        self.poisoned = None;
    }

    /// Check the chain and every row beside the entries, on the connection that is open; the pages of the file too, where wanted.
    /// [`verify()`] does the same to a file.
    pub fn prove(&self, pages: bool) -> Result<Report, OpenError> {
        verify::prove(self, pages)
    }

    /// One sale and all that a slip of it says, for a reader of the books.
    pub fn paper(&self, slip: SlipNumber) -> Result<Option<SlipFacts>, StoreTrouble> {
        let read = self.connection.unchecked_transaction()?;
        paper::facts(&read, slip)
    }

    /// Do what is asked. Every error becomes [`Stored::Failed`].
    pub fn handle(&mut self, request: StoreRequest) -> Stored {
        let answer = self.answer(&request);
        held::note(self, &request, answer.is_ok());
        match answer {
            Ok(stored) => stored,
            Err(trouble) => {
                if let StoreTrouble::Disk(said) = &trouble {
                    self.poisoned.get_or_insert_with(|| said.clone());
                }
                Stored::Failed {
                    request: Box::new(request),
                    trouble,
                }
            }
        }
    }

    fn answer(&mut self, request: &StoreRequest) -> Result<Stored, StoreTrouble> {
        match request {
            StoreRequest::Open { stamp } => {
                let read = self.connection.unchecked_transaction()?;
                Ok(Stored::Opened {
                    unresolved: read::unresolved(&read)?,
                    unshown: read::unshown(&read)?.map(Box::new),
                    today: read::day_count(&read, stamp.business_date)?,
                    terminals: read::terminals(&read)?,
                    sent: read::last_sent(&read)?,
                })
            }
            StoreRequest::History(query) => {
                history::page(&*self.connection.unchecked_transaction()?, query)
                    .map(Stored::History)
            }
            StoreRequest::Find(slip) => read::record(&self.connection, *slip)
                .map(|found| Stored::Found(found.map(Box::new))),
            StoreRequest::Paper(slip) => Ok(Stored::Paper {
                slip: *slip,
                facts: self.paper(*slip)?.map(Box::new),
            }),
            StoreRequest::Unprinted { date, since, slips } => {
                paper::unprinted(&self.connection, *date, *since, *slips).map(Stored::Unprinted)
            }
            StoreRequest::CardReport(query) => {
                let read = self.connection.unchecked_transaction()?;
                report::page(&read, query).map(Stored::CardReport)
            }
            StoreRequest::PaidBills { date, patient } => {
                rules::paid_bills(&self.connection, *date, patient.as_ref())
            }
            StoreRequest::Day(date) => Ok(Stored::Day {
                date: *date,
                count: read::day_count(&self.connection, *date)?,
            }),
            StoreRequest::Undoable(slip) => {
                let read = self.connection.unchecked_transaction()?;
                read::undoable(&read, *slip).map(|found| Stored::Undoable(found.map(Box::new)))
            }
            StoreRequest::BillTaken { code, date } => billed::taken(&self.connection, code, *date),
            StoreRequest::Items(request) => self.items(request),
            StoreRequest::Tasks => {
                tasks::open(&*self.connection.unchecked_transaction()?).map(Stored::Tasks)
            }
            StoreRequest::ByHand {
                stamp,
                sale,
                place,
                why,
                first,
                operator,
            } => {
                let begun = write::ByHand {
                    sale,
                    place,
                    why: *why,
                    first: *first,
                    operator,
                };
                self.write(|books| books.begin_by_hand(*stamp, &begun))
                    .map(|record| Stored::ByHandBegun(Box::new(record)))
            }
            StoreRequest::Sell { stamp, sale } => self
                .write(|books| books.sell(*stamp, sale))
                .map(|record| Stored::Sold(Box::new(record))),
            StoreRequest::Pend { stamp, sale, route } => {
                let (slip, sequence_number) =
                    self.write(|books| books.pend(*stamp, sale, route))?;
                self.new_run = false;
                Ok(Stored::Pended {
                    slip,
                    sequence_number,
                })
            }
            StoreRequest::Write { stamp, entry } => self
                .write(|books| books.write(*stamp, entry))
                .map(|()| Stored::Written(entry.clone())),
        }
    }

    /// Append entries that are already numbered, in one transaction: all of them or none. New sales must carry the next
    /// slip number. The same rules hold as for single requests; what is saved is the commit of each. For bringing books over:
    /// the write-ahead log is brought into the file where it grew.
    pub fn append_many(
        &mut self,
        entries: impl IntoIterator<Item = (Stamp, Entry)>,
    ) -> Result<u64, StoreTrouble> {
        let count = self.write(|books| {
            let mut count = 0;
            for (stamp, entry) in entries {
                books.numbered(stamp, &entry)?;
                count += 1;
            }
            Ok(count)
        })?;
        self.checkpoint(BULK_LOG_BYTES);
        Ok(count)
    }

    /// One transaction that may write, committed before this returns.
    fn write<T>(
        &mut self,
        act: impl FnOnce(&write::Books<'_>) -> Result<T, StoreTrouble>,
    ) -> Result<T, StoreTrouble> {
        if self.viewer {
            return Err(StoreTrouble::Viewer);
        }
        if let Some(said) = &self.poisoned {
            return Err(StoreTrouble::Disk(said.clone()));
        }
        // SQLite itself looks for this only outside the write-ahead log.
        if !self.whereabouts.hold() {
            return Err(StoreTrouble::Disk(trouble::GONE.to_owned()));
        }
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = act(&write::Books {
            connection: &transaction,
            kind: self.kind,
            new_run: self.new_run,
            told: self.told,
        })?;
        transaction.commit()?;
        Ok(done)
    }
}

/// How much of the write-ahead log bulk writing leaves behind.
const BULK_LOG_BYTES: u64 = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::testbed::{
        again, allowed, at, back, books, card, card_sale, cash_sale, declined, money, not_sent,
        operator, posted, sale, sent,
    };
    use super::*;
    use crate::app::message::DayCount;
    use crate::domain::ledger::{
        AuditEvent, CatId, Evidence, NotCharged, SaleState, UnknownReason,
    };
    use crate::domain::money::Yen;
    use crate::domain::sale::SaleKind;
    use crate::domain::slip::SlipNumber;
    use crate::domain::tender::LinkKind;

    #[test]
    fn a_card_sale_is_written_step_by_step_and_reads_back() {
        let mut bed = books(BooksKind::Live);
        let (slip, number) = bed.pend(card_sale(3_430), CatId::Cat1).expect("written");
        assert_eq!(slip.get(), 1);
        assert!(numbers::range(BooksKind::Live).contains(&number.get()));
        assert_eq!(bed.find(slip).map(|r| r.state), Some(SaleState::Pending));
        bed.write(sent(slip)).expect("follows");
        bed.write(Entry::OutcomeUnknown {
            slip,
            reason: UnknownReason::NoAnswer,
        })
        .expect("follows");
        bed.write(posted(slip, "00871")).expect("follows");
        bed.write(Entry::Shown { slip }).expect("follows");
        let record = bed.find(slip).expect("there");
        assert_eq!(record.state, SaleState::Settled);
        assert_eq!(record.stamp, at(1));
        assert_eq!(record.sale, card_sale(3_430));
        assert!(record.shown);
        assert_eq!(bed.find(SlipNumber::new(2)), None);
        assert_eq!(verify(&bed.path).expect("read").problem, None);
    }

    #[test]
    fn a_cash_sale_is_one_entry() {
        let mut bed = books(BooksKind::Live);
        let record = bed.sell(cash_sale(1_230)).expect("booked");
        assert_eq!(record.state, SaleState::Settled);
        assert_eq!(bed.find(record.slip), Some(record));
        assert_eq!(verify(&bed.path).expect("read").entries, 1);
    }

    #[test]
    fn a_sale_is_resolved_once() {
        let mut bed = books(BooksKind::Live);
        let (slip, _) = bed.pend(card_sale(100), CatId::Cat1).expect("written");
        bed.write(sent(slip)).expect("follows");
        bed.write(declined(slip)).expect("follows");
        for late in [posted(slip, "1"), sent(slip), not_sent(slip)] {
            let refused = bed.write(late);
            assert!(
                matches!(refused, Err(StoreTrouble::Refused(_))),
                "{refused:?}"
            );
        }
        assert_eq!(bed.find(slip).map(|r| r.state), Some(SaleState::Declined));
    }

    #[test]
    fn entries_that_may_not_follow_leave_no_trace() {
        let mut bed = books(BooksKind::Live);
        let (slip, _) = bed.pend(card_sale(100), CatId::Cat1).expect("written");
        let nobody = SlipNumber::new(9);
        for entry in [
            posted(slip, "1"),
            declined(slip),
            Entry::Shown { slip },
            Entry::Parked {
                slip,
                operator: operator(),
            },
            sent(nobody),
            Entry::Shown { slip: nobody },
            Entry::Sold {
                slip: nobody,
                sale: cash_sale(1),
            },
        ] {
            let refused = bed.write(entry);
            assert!(
                matches!(refused, Err(StoreTrouble::Refused(_))),
                "{refused:?}"
            );
        }
        assert_eq!(verify(&bed.path).expect("read").entries, 1);
        bed.write(Entry::Audit {
            event: AuditEvent::Started,
            detail: "0.1.0".to_owned(),
        })
        .expect("audit entries always follow");
    }

    #[test]
    fn one_open_sale_per_terminal_and_the_other_terminal_goes_on() {
        let mut bed = books(BooksKind::Live);
        let (first, _) = bed.pend(card_sale(100), CatId::Cat1).expect("written");
        let refused = bed.pend(card_sale(200), CatId::Cat1);
        assert!(
            matches!(refused, Err(StoreTrouble::Refused(_))),
            "{refused:?}"
        );
        let (second, _) = bed
            .pend(card_sale(300), CatId::Cat2)
            .expect("the other one");
        bed.sell(cash_sale(400)).expect("cash goes on");
        bed.write(not_sent(first)).expect("follows");
        let (third, _) = bed.pend(card_sale(500), CatId::Cat1).expect("free again");
        let Ok(Stored::Opened { unresolved, .. }) = bed.ask(StoreRequest::Open { stamp: at(9) })
        else {
            panic!("not an answer to the opening");
        };
        let slips: Vec<SlipNumber> = unresolved.iter().map(|record| record.slip).collect();
        assert_eq!(slips, [second, third]);
    }

    #[test]
    fn at_most_one_attempt_of_an_order_is_paid_or_open() {
        let mut bed = books(BooksKind::Live);
        let (order, _) = bed.pend(card_sale(100), CatId::Cat1).expect("written");
        let refused = |answer| matches!(answer, Err(StoreTrouble::Refused(_)));
        // The first attempt is open: neither another card nor cash.
        assert!(refused(
            bed.pend(again(card_sale(100), order), CatId::Cat2)
                .map(|_| ())
        ));
        assert!(refused(bed.sell(again(cash_sale(100), order)).map(|_| ())));
        bed.write(not_sent(order)).expect("follows");
        // The second attempt is open, then declined.
        let (second, _) = bed
            .pend(again(card_sale(100), order), CatId::Cat1)
            .expect("another attempt");
        assert!(refused(bed.sell(again(cash_sale(100), order)).map(|_| ())));
        assert!(refused(bed.sell(again(cash_sale(100), second)).map(|_| ())));
        bed.write(sent(second)).expect("follows");
        bed.write(declined(second)).expect("follows");
        // The third is paid in cash, and that is the end of the order.
        bed.sell(again(cash_sale(100), order))
            .expect("cash at last");
        assert!(refused(bed.sell(again(cash_sale(100), order)).map(|_| ())));
        assert!(refused(
            bed.pend(again(card_sale(100), order), CatId::Cat1)
                .map(|_| ())
        ));
        assert!(refused(
            bed.sell(again(cash_sale(1), SlipNumber::new(77)))
                .map(|_| ())
        ));
        assert_eq!(verify(&bed.path).expect("read").problem, None);
    }

    #[test]
    fn never_more_is_given_back_than_was_taken() {
        let mut bed = books(BooksKind::Live);
        let slip = bed.paid(1_000, "00001");
        let refund = |amount| allowed(back(cash_sale(amount), SaleKind::Refund, slip));
        bed.sell(refund(400)).expect("a part");
        assert!(bed.sell(refund(601)).is_err());
        bed.sell(refund(600)).expect("the rest");
        assert!(bed.sell(refund(1)).is_err());
        let (open, _) = bed.pend(card_sale(50), CatId::Cat1).expect("written");
        for unpaid in [open, SlipNumber::new(99)] {
            assert!(
                bed.sell(back(cash_sale(50), SaleKind::Void, unpaid))
                    .is_err()
            );
        }
        let sale_of_a_sale = back(cash_sale(50), SaleKind::Sale, slip);
        assert!(bed.sell(sale_of_a_sale).is_err());
    }

    #[test]
    fn sales_that_do_not_add_up_or_belong_elsewhere_are_refused() {
        let mut bed = books(BooksKind::Live);
        let mut practice = cash_sale(1);
        practice.practice = true;
        let mut short = cash_sale(2);
        short.tenders = vec![money(1)];
        for draft in [
            practice,
            short,
            cash_sale(0),
            cash_sale(-5),
            cash_sale(1_000_000_000_000),
            card_sale(100),
        ] {
            let refused = bed.sell(draft);
            assert!(
                matches!(refused, Err(StoreTrouble::Refused(_))),
                "{refused:?}"
            );
        }
        let by_hand = sale(vec![card(100, LinkKind::Manual)]);
        assert!(bed.pend(by_hand.clone(), CatId::Cat1).is_err());
        bed.sell(by_hand).expect("a manual card needs no link");
        assert_eq!(verify(&bed.path).expect("read").sales, 1);
    }

    #[test]
    fn the_start_sees_what_was_never_shown_and_the_day() {
        let mut bed = books(BooksKind::Live);
        let opened = |bed: &mut testbed::Bed| match bed.ask(StoreRequest::Open { stamp: at(9) }) {
            Ok(Stored::Opened {
                unresolved,
                unshown,
                today,
                ..
            }) => (unresolved.len(), unshown.map(|r| r.slip.get()), today),
            other => panic!("not an answer to the opening: {other:?}"),
        };
        let day = |sales, total| DayCount {
            sales,
            total: Yen::new(total),
        };
        assert_eq!(opened(&mut bed), (0, None, day(0, 0)));
        bed.sell(cash_sale(500)).expect("booked");
        bed.paid(700, "1");
        assert_eq!(opened(&mut bed), (0, None, day(2, 1_200)));
        let (slip, _) = bed.pend(card_sale(900), CatId::Cat1).expect("written");
        bed.write(sent(slip)).expect("follows");
        assert_eq!(opened(&mut bed), (1, None, day(2, 1_200)));
        bed.write(Entry::Released {
            slip,
            reason: NotCharged::StoppedAtTerminal,
            evidence: Evidence::Inquiry,
        })
        .expect("follows");
        assert_eq!(opened(&mut bed), (0, Some(slip.get()), day(2, 1_200)));
        bed.write(Entry::Shown { slip }).expect("follows");
        assert_eq!(opened(&mut bed), (0, None, day(2, 1_200)));
        // Backed out, paid in cash, and the mark that the first was shown never came into the books: its bill is not due again.
        let (slip, _) = bed.pend(card_sale(300), CatId::Cat1).expect("written");
        bed.write(not_sent(slip)).expect("follows");
        assert_eq!(opened(&mut bed), (0, Some(slip.get()), day(2, 1_200)));
        bed.sell(again(cash_sale(300), slip)).expect("booked");
        assert_eq!(opened(&mut bed), (0, None, day(3, 1_500)));
    }

    #[test]
    fn practice_has_its_own_numbers() {
        let mut bed = books(BooksKind::Practice);
        let practice = |mut draft: crate::domain::sale::SaleDraft| {
            draft.practice = true;
            draft
        };
        let (slip, first) = bed
            .pend(practice(card_sale(100)), CatId::Cat1)
            .expect("written");
        assert_eq!(slip.get(), 90_000_001);
        assert!(numbers::range(BooksKind::Practice).contains(&first.get()));
        bed.write(not_sent(slip)).expect("follows");
        let (slip, number) = bed
            .pend(practice(card_sale(100)), CatId::Cat2)
            .expect("written");
        assert_eq!((slip.get(), number.get()), (90_000_002, first.get() + 1));
        assert!(bed.sell(cash_sale(1)).is_err(), "live sales go elsewhere");
        assert_eq!(verify(&bed.path).expect("read").problem, None);
    }

    #[test]
    fn many_entries_are_appended_together_or_not_at_all() {
        let mut bed = books(BooksKind::Live);
        let sold = |slip| Entry::Sold {
            slip: SlipNumber::new(slip),
            sale: cash_sale(100),
        };
        assert_eq!(
            bed.store.append_many([(at(0), sold(1)), (at(0), sold(2))]),
            Ok(2)
        );
        assert!(
            bed.store
                .append_many([(at(0), sold(3)), (at(0), sold(5))])
                .is_err()
        );
        assert_eq!(bed.find(SlipNumber::new(3)), None);
        assert_eq!(verify(&bed.path).expect("read").problem, None);
    }
}
