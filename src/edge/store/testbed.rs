//! Test material: books in a folder of their own, sales to write in them, and a hand that changes files behind their back.

use std::path::PathBuf;

use chrono::{DateTime, NaiveTime};
use rusqlite::Connection;
use tempfile::TempDir;

use super::{BooksKind, Store};
use crate::app::message::{StoreRequest, StoreTrouble, Stored};
use crate::domain::bill::{Billed, InOut, InvoiceNumber, PatientNumber, Share};
use crate::domain::business_day::BusinessDate;
use crate::domain::by_hand::{Place, Side, Step, Why};
use crate::domain::ledger::{CatId, Entry, Evidence, NotCharged, Route, TerminalFacts};
use crate::domain::money::Yen;
use crate::domain::record::{SaleRecord, Stamp};
use crate::domain::reflection::{ReflectionEvidence, ReflectionStep};
use crate::domain::sale::{Line, Operator, SaleDraft, SaleKind, TaxClass, Undo};
use crate::domain::slip::{ApprovalCode, SequenceNumber, SlipNumber, TerminalSlipNumber};
use crate::domain::task::TaskKind;
use crate::domain::tender::{CardClass, LinkKind, Tender};
use crate::domain::text::Bilingual;

/// Books in a folder that goes away with them.
pub(super) struct Bed {
    pub(super) store: Store,
    pub(super) path: PathBuf,
    pub(super) folder: TempDir,
}

pub(super) fn books(kind: BooksKind) -> Bed {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("books.db");
    Bed {
        store: Store::open(&path, kind).expect("new books open"),
        path,
        folder,
    }
}

/// A moment of the first of June 2026, so many minutes after nine.
pub(super) fn at(minutes: i64) -> Stamp {
    let nine = DateTime::parse_from_rfc3339("2026-06-01T09:00:00.250+09:00").expect("a moment");
    let at = nine + chrono::Duration::minutes(minutes);
    Stamp {
        at,
        business_date: BusinessDate::of(at, NaiveTime::MIN),
    }
}

pub(super) fn operator() -> Operator {
    Operator {
        code: "03".to_owned(),
        name: "佐藤".to_owned(),
    }
}

pub(super) fn names(ja: &str, en: &str) -> Bilingual {
    Bilingual {
        ja: ja.to_owned(),
        en: en.to_owned(),
    }
}

pub(super) fn card(amount: i64, link: LinkKind) -> Tender {
    Tender::Card {
        card: "11".to_owned(),
        name: names("カード会社甲", "Card A"),
        card_class: CardClass::CREDIT,
        card_class_name: names("クレジット", "Credit"),
        amount: Yen::new(amount),
        link,
    }
}

pub(super) fn money(amount: i64) -> Tender {
    Tender::Cash {
        amount: Yen::new(amount),
        received: Yen::new(amount),
    }
}

/// A live sale of one line that these tenders pay.
pub(super) fn sale(tenders: Vec<Tender>) -> SaleDraft {
    let total = tenders.iter().map(|t| t.amount().get()).sum();
    SaleDraft {
        kind: SaleKind::Sale,
        order: None,
        original: None,
        undo: None,
        part: false,
        bill: None,
        replaces: None,
        lines: vec![Line {
            name: "診察".to_owned(),
            unit: Yen::new(total),
            quantity: 1,
            tax: TaxClass::NonTaxable,
        }],
        tenders,
        operator: operator(),
        terminal_code: "01".to_owned(),
        practice: false,
    }
}

pub(super) fn cash_sale(amount: i64) -> SaleDraft {
    sale(vec![money(amount)])
}

pub(super) fn card_sale(amount: i64) -> SaleDraft {
    sale(vec![card(amount, LinkKind::Linked)])
}

pub(super) fn again(mut sale: SaleDraft, order: SlipNumber) -> SaleDraft {
    sale.order = Some(order);
    sale
}

/// What takes back so much of a sale, by a rule of its own.
pub(super) fn back(mut sale: SaleDraft, kind: SaleKind, original: SlipNumber) -> SaleDraft {
    sale.kind = kind;
    sale.original = Some(original);
    sale.undo = Some(Undo {
        rule: "a rule".to_owned(),
        lines: Vec::new(),
        allowed_by: None,
        corrected: Vec::new(),
        corrected_bill: None,
        terminal_slip: None,
    });
    sale
}

/// The same, and a second person allowed it.
pub(super) fn allowed(mut sale: SaleDraft) -> SaleDraft {
    if let Some(undo) = &mut sale.undo {
        undo.allowed_by = Some(second());
    }
    sale
}

/// A part of a bill of one line of so much.
pub(super) fn part(mut sale: SaleDraft, bill: i64) -> SaleDraft {
    sale.part = true;
    sale.lines[0].unit = Yen::new(bill);
    sale
}

pub(super) fn manual_sale(amount: i64) -> SaleDraft {
    sale(vec![card(amount, LinkKind::Manual)])
}

pub(super) fn second() -> Operator {
    Operator {
        code: "07".to_owned(),
        name: "鈴木".to_owned(),
    }
}

pub(super) fn route(cat: CatId) -> Route {
    Route {
        cat,
        model: "open-cat".to_owned(),
    }
}

pub(super) fn posted(slip: SlipNumber, terminal_slip: &str) -> Entry {
    Entry::Posted {
        slip,
        evidence: Evidence::Answer,
        terminal: TerminalFacts {
            slip_number: Some(TerminalSlipNumber::new(terminal_slip).expect("a slip number")),
            approval_code: Some(ApprovalCode::new("A0001").expect("an approval code")),
            card_class: Some(CardClass::CREDIT),
            ..TerminalFacts::default()
        },
    }
}

/// The terminal's slip, typed by a person.
pub(super) fn typed(slip: SlipNumber, terminal_slip: &str) -> Entry {
    Entry::Posted {
        slip,
        evidence: Evidence::Operator {
            operator: operator(),
            proof: terminal_slip.to_owned(),
        },
        terminal: TerminalFacts {
            slip_number: Some(TerminalSlipNumber::new(terminal_slip).expect("a slip number")),
            ..TerminalFacts::default()
        },
    }
}

/// Work by hand that is given up.
pub(super) fn given_up(slip: SlipNumber) -> Entry {
    Entry::Released {
        slip,
        reason: NotCharged::GivenUp,
        evidence: Evidence::TwoPeople {
            operator: operator(),
            second: second(),
            reason: "患者が帰った".to_owned(),
        },
    }
}

pub(super) fn step(slip: SlipNumber, step: Step) -> Entry {
    let operator = operator();
    Entry::Step {
        slip,
        step,
        operator,
    }
}

pub(super) fn explained(slip: SlipNumber, task: TaskKind) -> Entry {
    Entry::Explained {
        slip,
        task,
        operator: operator(),
        second: second(),
        reason: "端末を交換した".to_owned(),
    }
}

/// A sale of a patient's invoices.
pub(super) fn billed(mut sale: SaleDraft, patient: &str, shares: &[(&str, i64)]) -> SaleDraft {
    sale.bill = Some(Billed {
        patient: PatientNumber::parse(patient).ok(),
        name: None,
        shares: shares
            .iter()
            .map(|(invoice, amount)| Share {
                found: None,
                in_out: InOut::Out,
                // Empty where the code names none.
                invoice: InvoiceNumber::parse(invoice).ok(),
                amount: Yen::new(*amount),
            })
            .collect(),
        code: Some("2112002515005".to_owned()),
    });
    sale
}

/// A step of telling the receipt computer of the first posting.
pub(super) fn told(slip: SlipNumber, word: &str) -> Entry {
    let step = match word {
        "opened" => ReflectionStep::Opened {
            karte_uid: "mdg-01-1-0".to_owned(),
            orca_uid: "7".to_owned(),
        },
        // With the number of an invoice that was found.
        "sent" | "sent 0001426" | "sent 0001500" => ReflectionStep::Sent {
            at: at(0).at,
            rows: 1,
            received: Yen::ZERO,
            tender_code: Some("01".to_owned()),
            invoice: InvoiceNumber::parse(&word[4..]).ok(),
        },
        "reflected" => ReflectionStep::Reflected {
            evidence: ReflectionEvidence::Answer,
        },
        "closed" => ReflectionStep::Closed,
        "explained" => ReflectionStep::Explained {
            operator: operator(),
            reason: "手で入力".to_owned(),
        },
        _ => ReflectionStep::Unsure,
    };
    Entry::Reflection {
        slip,
        posting: 1,
        step,
    }
}

pub(super) fn declined(slip: SlipNumber) -> Entry {
    Entry::Released {
        slip,
        reason: NotCharged::Declined {
            center_result_code: Some("G12".to_owned()),
        },
        evidence: Evidence::Answer,
    }
}

pub(super) fn not_sent(slip: SlipNumber) -> Entry {
    Entry::Released {
        slip,
        reason: NotCharged::NotSent,
        evidence: Evidence::NothingSent,
    }
}

pub(super) fn sent(slip: SlipNumber) -> Entry {
    Entry::Sent {
        slip,
        journal: None,
        terminal_id: None,
    }
}

/// Do something to the books that their rules forbid, and leave the rules as they were.
pub(super) fn tamper(bed: &Bed, act: impl FnOnce(&Connection)) {
    let hand = bed.behind_the_back();
    let triggers: Vec<(String, String)> = hand
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        .and_then(|mut names| {
            names
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
        .expect("triggers");
    for (name, _) in &triggers {
        hand.execute_batch(&format!("DROP TRIGGER {name}"))
            .expect("dropped");
    }
    act(&hand);
    for (_, sql) in &triggers {
        hand.execute_batch(sql).expect("made again");
    }
}

impl Bed {
    pub(super) fn ask(&mut self, request: StoreRequest) -> Result<Stored, StoreTrouble> {
        match self.store.handle(request) {
            Stored::Failed { trouble, .. } => Err(trouble),
            stored => Ok(stored),
        }
    }

    pub(super) fn sell(&mut self, sale: SaleDraft) -> Result<SaleRecord, StoreTrouble> {
        // Each at a moment of its own: the same at the same moment would be the same one, asked for again.
        let entries: i64 =
            self.store
                .connection
                .query_row("SELECT count(*) FROM entry", [], |row| row.get(0))?;
        let mut stamp = at(0);
        stamp.at += chrono::Duration::milliseconds(entries);
        match self.ask(StoreRequest::Sell { stamp, sale })? {
            Stored::Sold(record) => Ok(*record),
            other => panic!("not an answer to a sale: {other:?}"),
        }
    }

    pub(super) fn pend(
        &mut self,
        sale: SaleDraft,
        cat: CatId,
    ) -> Result<(SlipNumber, SequenceNumber), StoreTrouble> {
        let request = StoreRequest::Pend {
            stamp: at(1),
            sale,
            route: route(cat),
        };
        match self.ask(request)? {
            Stored::Pended {
                slip,
                sequence_number,
            } => Ok((slip, sequence_number)),
            other => panic!("not an answer to a pending sale: {other:?}"),
        }
    }

    /// Work by hand begins, at a terminal on the first port.
    pub(super) fn begin(
        &mut self,
        sale: SaleDraft,
        first: Side,
    ) -> Result<SlipNumber, StoreTrouble> {
        let request = StoreRequest::ByHand {
            stamp: at(1),
            sale,
            place: Place {
                cat: Some(CatId::Cat1),
                model: "open-cat".to_owned(),
            },
            why: Why::NotCarried,
            first,
            operator: operator(),
        };
        match self.ask(request)? {
            Stored::ByHandBegun(record) => Ok(record.slip),
            other => panic!("not an answer to work by hand: {other:?}"),
        }
    }

    /// The open tasks, each by its kind and slip.
    pub(super) fn tasks(&mut self) -> Vec<(TaskKind, u32)> {
        match self.ask(StoreRequest::Tasks).expect("the books are read") {
            Stored::Tasks(tasks) => tasks
                .iter()
                .map(|task| (task.kind(), task.slip().get()))
                .collect(),
            other => panic!("not an answer about tasks: {other:?}"),
        }
    }

    pub(super) fn write(&mut self, entry: Entry) -> Result<(), StoreTrouble> {
        let request = StoreRequest::Write {
            stamp: at(2),
            entry: entry.clone(),
        };
        match self.ask(request)? {
            Stored::Written(written) => {
                assert_eq!(written, entry);
                Ok(())
            }
            other => panic!("not an answer to an entry: {other:?}"),
        }
    }

    pub(super) fn find(&mut self, slip: SlipNumber) -> Option<SaleRecord> {
        match self
            .ask(StoreRequest::Find(slip))
            .expect("the books are read")
        {
            Stored::Found(record) => record.map(|record| *record),
            other => panic!("not an answer to a search: {other:?}"),
        }
    }

    /// A card sale to its end, and shown.
    pub(super) fn paid(&mut self, amount: i64, terminal_slip: &str) -> SlipNumber {
        let (slip, _) = self.pend(card_sale(amount), CatId::Cat1).expect("written");
        for entry in [
            sent(slip),
            posted(slip, terminal_slip),
            Entry::Shown { slip },
        ] {
            self.write(entry).expect("follows");
        }
        slip
    }

    /// A connection that knows no rule.
    pub(super) fn behind_the_back(&self) -> Connection {
        let connection = Connection::open(&self.path).expect("the file opens");
        connection
            .execute_batch("PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON")
            .expect("settings");
        connection
    }
}
