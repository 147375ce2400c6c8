//! The terminal's side by a script: approved, declined, or an answer that does not come and is asked for. What it charged it knows.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};
use madoguchi::app::message::LinkRequest;
use madoguchi::cat::{
    Answer, Authorize, Break, Command, Exposure, Inquiry, LinkEvent, ResultCode, TransactionResult,
};
use madoguchi::domain::ledger::TerminalFacts;
use madoguchi::domain::slip::{ApprovalCode, TerminalSlipNumber};
use madoguchi::simulation::dice::Dice;

use crate::desk;

/// What a terminal has in its memory, and what it charged of late.
#[derive(Default)]
pub(crate) struct Terminal {
    memory: BTreeMap<u32, TransactionResult>,
    slips: u32,
    /// Yen that were charged since it was looked at.
    pub(crate) charged: i64,
    pub(crate) approved: u64,
    pub(crate) declined: u64,
    pub(crate) cut: u64,
}

impl Terminal {
    /// What comes of a request: each event, and how much later (ms).
    pub(crate) fn asked(
        &mut self,
        dice: &mut Dice,
        now: DateTime<FixedOffset>,
        request: LinkRequest,
    ) -> Vec<(u64, LinkEvent)> {
        let answer = |answer| LinkEvent::Answer { answer };
        match request {
            LinkRequest::Connect => vec![(0, LinkEvent::Up)],
            LinkRequest::Acknowledge => vec![(0, LinkEvent::Idle)],
            LinkRequest::SentBefore { .. } | LinkRequest::Abandon => vec![],
            LinkRequest::Send(Command::Status) => vec![(0, desk::idle_status())],
            LinkRequest::Send(Command::LastResult { sequence_number }) => {
                let found = self.memory.get(&sequence_number.get()).cloned();
                let inquiry = found.map_or(Inquiry::NotFound, Inquiry::Found);
                let last = Answer::LastResult {
                    inquiry,
                    journal: Some(desk::journal()),
                    asked_number: Some(sequence_number),
                    terminal_id: None,
                };
                vec![(200, answer(last))]
            }
            LinkRequest::Send(Command::Authorize(asked)) => {
                let roll = dice.below(100);
                let arrives = roll != 0;
                let result = arrives.then(|| self.authorize(&asked, now, roll >= 5));
                match result {
                    Some(result) if roll >= 3 => {
                        vec![(4_000, answer(Answer::Result(result)))]
                    }
                    _ => {
                        self.cut += 1;
                        let broken = LinkEvent::Broken {
                            exposure: Exposure::Delivered,
                            cause: Break::Disconnected,
                        };
                        vec![(4_000, broken)]
                    }
                }
            }
            LinkRequest::Send(other) => panic!("nobody asks {other:?}"),
        }
    }

    fn authorize(
        &mut self,
        asked: &Authorize,
        now: DateTime<FixedOffset>,
        approves: bool,
    ) -> TransactionResult {
        let known = self.memory.contains_key(&asked.sequence_number.get());
        assert!(!known, "{:?} was sent twice", asked.sequence_number);
        self.slips += 1;
        let code = match approves {
            true => ResultCode::Approved,
            false => ResultCode::CenterError {
                center_result_code: Some("G12".to_owned()),
            },
        };
        if approves {
            self.approved += 1;
            self.charged += asked.amount.get();
        } else {
            self.declined += 1;
        }
        let slip = format!("{:05}", self.slips % 100_000);
        let result = TransactionResult {
            transaction: asked.transaction,
            sequence_number: Some(asked.sequence_number),
            amount: Some(asked.amount),
            training: Some(asked.training),
            code,
            facts: TerminalFacts {
                slip_number: TerminalSlipNumber::new(&slip).ok(),
                approval_code: ApprovalCode::new(&format!("A{slip}")).ok(),
                at: Some(now.naive_local()),
                ..TerminalFacts::default()
            },
            original_slip: None,
            account_was_exposed: false,
        };
        self.memory
            .insert(asked.sequence_number.get(), result.clone());
        result
    }

    /// 日計: its memory is emptied.
    pub(crate) fn closes_its_day(&mut self) {
        self.memory.clear();
    }
}
