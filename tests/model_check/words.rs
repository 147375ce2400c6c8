//! What is said in the model, in the words of the product: so that its own rules decide what it means.

use chrono::{NaiveDate, NaiveDateTime};
use madoguchi::cat::recovery::{Asked, Verdict};
use madoguchi::cat::{
    Answer, Authorize, Command, Inquiry, ListedTransaction, ResultCode, TerminalState,
    TerminalStatus, TransactionResult, TransactionType,
};
use madoguchi::domain::ledger::{CatId, Entry, Evidence, NotCharged, Route, UnknownReason};
use madoguchi::domain::money::Yen;
use madoguchi::domain::sale::{Operator, SaleDraft, SaleKind};
use madoguchi::domain::slip::{JournalId, SequenceNumber, SlipNumber};
use madoguchi::domain::tender::CardClass;

use crate::shop::Shop;
use crate::world::{Ask, By, Code, Say, World, Write};

/// The model has no clock: everything happens at noon.
pub(crate) fn noon() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, 21)
        .and_then(|day| day.and_hms_opt(12, 0, 0))
        .expect("a time of day")
}

/// The number of an attempt.
pub(crate) fn number(row: usize) -> SequenceNumber {
    u32::try_from(row + 1)
        .ok()
        .and_then(SequenceNumber::new)
        .expect("a number within the range")
}

fn slip(row: usize) -> SlipNumber {
    SlipNumber::new(u32::try_from(row + 1).expect("a small number"))
}

pub(crate) fn journal(name: u8) -> JournalId {
    JournalId::new(&format!("J{name}")).expect("a name")
}

fn operator() -> Operator {
    Operator {
        code: "03".into(),
        name: "佐藤".into(),
    }
}

impl Shop {
    pub(crate) fn amount(&self, world: &World, row: usize) -> Yen {
        Yen::new(self.bills[usize::from(world.rows[row].order)])
    }

    /// What was asked of the terminal with an attempt.
    pub(crate) fn asked(&self, world: &World, row: usize) -> Asked {
        Asked {
            transaction: TransactionType::Sales,
            sequence_number: number(row),
            amount: self.amount(world, row),
            training: false,
            sent_at: noon(),
            journal: world.rows[row].journal.map(journal),
            original_slip: None,
            terminal_id: None,
        }
    }

    /// What the console sends.
    pub(crate) fn command(&self, world: &World, ask: Ask) -> Command {
        match ask {
            Ask::Status => Command::Status,
            Ask::Sale(row) => Command::Authorize(Authorize {
                transaction: TransactionType::Sales,
                sequence_number: number(row),
                amount: self.amount(world, row),
                tax_others: Yen::ZERO,
                card_class: CardClass(30),
                device_id: None,
                training: false,
                original_slip: None,
            }),
            Ask::Question(_) if self.can.transactions => Command::Transactions,
            Ask::Question(row) => Command::LastResult {
                sequence_number: number(row),
            },
        }
    }

    /// What the terminal says, as a terminal of this class says it.
    pub(crate) fn answer(&self, world: &World, say: Say) -> Answer {
        let asked_number = |about: usize| self.echoes_the_question.then(|| number(about));
        let last = |about: usize, inquiry: Inquiry, memory: Option<u8>| Answer::LastResult {
            asked_number: asked_number(about),
            inquiry,
            journal: memory.map(journal),
            terminal_id: None,
        };
        match say {
            Say::Status {
                journal: name,
                busy,
            } => Answer::Status(TerminalStatus {
                state: if busy {
                    TerminalState::Busy
                } else {
                    TerminalState::Idle
                },
                training: Some(false),
                journal: Some(journal(name)),
                terminal_id: None,
            }),
            Say::Result { row, code } => Answer::Result(self.result(world, row, code)),
            Say::Found { about, row, code } => {
                last(about, Inquiry::Found(self.result(world, row, code)), None)
            }
            Say::InProgress { about } => last(about, Inquiry::InProgress, None),
            Say::NotFound {
                about,
                journal: name,
            } => last(about, Inquiry::NotFound, Some(name)),
            Say::List(charged) => Answer::Transactions {
                records: (0..world.rows.len())
                    .filter(|row| charged[*row])
                    .map(|row| ListedTransaction {
                        sequence_number: self.can.echoes_sequence_number.then(|| number(row)),
                        amount: self.amount(world, row),
                        facts: Default::default(),
                    })
                    .collect(),
            },
        }
    }

    fn result(&self, world: &World, row: usize, code: Code) -> TransactionResult {
        TransactionResult {
            transaction: TransactionType::Sales,
            sequence_number: self.can.echoes_sequence_number.then(|| number(row)),
            amount: self.can.echoes_amount.then(|| self.amount(world, row)),
            training: Some(false),
            code: match code {
                Code::Approved => ResultCode::Approved,
                Code::Declined => ResultCode::CenterError {
                    center_result_code: None,
                },
                Code::Busy => ResultCode::Busy,
                Code::Reset => ResultCode::Reset,
                Code::CentreLost => ResultCode::CommunicationError,
            },
            facts: Default::default(),
            original_slip: None,
            account_was_exposed: false,
        }
    }
}

/// What a verdict puts into the books; as `charge::book` and `unresolved::entry_of` do.
pub(crate) fn write_of(verdict: &Verdict, by: By) -> Write {
    match verdict {
        Verdict::Charged { .. } => Write::Posted(by),
        Verdict::NotCharged {
            reason: NotCharged::NotReachable,
        } => Write::Released {
            declined: false,
            by: By::NothingSent,
        },
        Verdict::NotCharged { reason } => Write::Released {
            declined: reason.is_decline(),
            by,
        },
        Verdict::Unknown { .. } => Write::Unknown,
    }
}

/// The entry of the books for it.
pub(crate) fn entry(row: usize, write: Write) -> Entry {
    let slip = slip(row);
    let evidence = |by| match by {
        By::Answer => Evidence::Answer,
        By::Inquiry => Evidence::Inquiry,
        By::NothingSent => Evidence::NothingSent,
        By::Person => Evidence::Operator {
            operator: operator(),
            proof: "12345".into(),
        },
    };
    match write {
        Write::Posted(by) => Entry::Posted {
            slip,
            evidence: evidence(by),
            terminal: Default::default(),
        },
        Write::Released { declined, by } => Entry::Released {
            slip,
            reason: if declined {
                NotCharged::Declined {
                    center_result_code: None,
                }
            } else {
                NotCharged::NotSent
            },
            evidence: evidence(by),
        },
        Write::Unknown => Entry::OutcomeUnknown {
            slip,
            reason: UnknownReason::NoAnswer,
        },
        Write::Parked => Entry::Parked {
            slip,
            operator: operator(),
        },
    }
}

/// The sent mark.
pub(crate) fn sent(row: usize, memory: Option<u8>) -> Entry {
    Entry::Sent {
        slip: slip(row),
        journal: memory.map(journal),
        terminal_id: None,
    }
}

/// The intent.
pub(crate) fn pending(row: usize) -> Entry {
    Entry::Pending {
        slip: slip(row),
        sequence_number: number(row),
        sale: SaleDraft {
            kind: SaleKind::Sale,
            order: None,
            original: None,
            undo: None,
            part: false,
            bill: None,
            replaces: None,
            lines: vec![],
            tenders: vec![],
            operator: operator(),
            terminal_code: "01".into(),
            practice: false,
        },
        route: Route {
            cat: CatId::Cat1,
            model: "open-cat".into(),
        },
    }
}
