//! One posting as its steps tell it, and which step may follow which.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::{Posting, ReflectionEvidence, ReflectionStep, postings};
use crate::domain::ledger::SaleState;
use crate::domain::money::Yen;
use crate::domain::record::{SaleRecord, Stamp};
use crate::domain::sale::{Operator, SaleKind};
use crate::domain::slip::SlipNumber;

/// What became of a posting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    /// Nothing was sent.
    Due,
    /// It may be in the receipt computer, and no answer is in the books.
    Sent,
    /// The answer was lost.
    Unsure,
    /// It is there.
    Reflected,
    /// It is definitely not there, and why.
    Refused {
        /// The receipt computer's own code, or a word of ours.
        code: String,
        /// What was unpaid, where that is why.
        unpaid: Option<Yen>,
    },
    /// Let go by a person.
    Explained {
        /// Who.
        operator: Operator,
        /// What was done instead.
        reason: String,
    },
}

/// A patient that the receipt computer holds for us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Our name for the session.
    pub karte_uid: String,
    /// The receipt computer's.
    pub orca_uid: String,
    /// True once it was written to: what is sent a second time goes in a session of its own.
    pub used: bool,
}

/// What was sent last, and how the invoice stood before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    /// 入金日時.
    pub at: DateTime<FixedOffset>,
    /// How many rows its history had.
    pub rows: u16,
    /// What was received of it.
    pub received: Yen,
    /// 入金方法; the patient's own where there is none.
    pub tender_code: Option<String>,
}

/// One posting, folded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is to be told.
    pub posting: Posting,
    /// What became of it.
    pub standing: Standing,
    /// The session that is still to be closed, where there is one.
    pub session: Option<Held>,
    /// What was sent last.
    pub sending: Option<Sending>,
    /// How it is known to be there, where it is.
    pub evidence: Option<ReflectionEvidence>,
}

/// A step that may not follow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IllegalStep {
    /// The slip has no such posting.
    #[error("slip {slip} has no posting {posting}")]
    NoSuchPosting {
        /// The slip.
        slip: SlipNumber,
        /// The number that was named.
        posting: u16,
    },
    /// It does not follow where the posting stands.
    #[error("posting {posting} of slip {slip} takes no {step} step now")]
    OutOfOrder {
        /// The slip.
        slip: SlipNumber,
        /// The posting.
        posting: u16,
        /// The word of the step.
        step: &'static str,
    },
}

impl ReflectionStep {
    /// The word of the step, as in the books.
    pub const fn word(&self) -> &'static str {
        match self {
            ReflectionStep::Opened { .. } => "opened",
            ReflectionStep::Sent { .. } => "sent",
            ReflectionStep::Reflected { .. } => "reflected",
            ReflectionStep::Refused { .. } => "refused",
            ReflectionStep::Unsure => "unsure",
            ReflectionStep::Reissued { .. } => "reissued",
            ReflectionStep::Closed => "closed",
            ReflectionStep::Explained { .. } => "explained",
        }
    }
}

impl Standing {
    /// True where nothing more is to be told.
    pub const fn is_over(&self) -> bool {
        matches!(self, Standing::Reflected | Standing::Explained { .. })
    }

    /// True where it may be in the receipt computer and nobody knows.
    pub const fn is_doubtful(&self) -> bool {
        matches!(self, Standing::Sent | Standing::Unsure)
    }
}

impl Progress {
    /// Nothing was done yet.
    pub const fn due(posting: Posting) -> Progress {
        Progress {
            posting,
            standing: Standing::Due,
            session: None,
            sending: None,
            evidence: None,
        }
    }

    /// True where nothing is left to be done.
    pub const fn is_done(&self) -> bool {
        self.standing.is_over() && self.session.is_none()
    }

    /// One more step; false, and nothing changed, where it may not follow.
    pub fn take(&mut self, step: &ReflectionStep) -> bool {
        let used = self.session.as_ref().map(|held| held.used);
        let doubtful = self.standing.is_doubtful();
        // What is over is not told again: a session after it is for the paper alone.
        let for_paper = matches!(
            step,
            ReflectionStep::Opened { .. }
                | ReflectionStep::Reissued { .. }
                | ReflectionStep::Closed
        );
        if self.standing.is_over() && !for_paper {
            return false;
        }
        match step {
            ReflectionStep::Opened {
                karte_uid,
                orca_uid,
            } if used.is_none() => {
                self.session = Some(Held {
                    karte_uid: karte_uid.clone(),
                    orca_uid: orca_uid.clone(),
                    used: false,
                });
            }
            // What may be there is never sent again.
            ReflectionStep::Sent {
                at,
                rows,
                received,
                tender_code,
            } if used == Some(false) && !doubtful => {
                self.sending = Some(Sending {
                    at: *at,
                    rows: *rows,
                    received: *received,
                    tender_code: tender_code.clone(),
                });
                self.standing = Standing::Sent;
                if let Some(held) = &mut self.session {
                    held.used = true;
                }
            }
            // The session that sent it hears the answer; a later one reads the history.
            ReflectionStep::Reflected { evidence }
                if doubtful && used == Some(reads(*evidence)) =>
            {
                self.standing = Standing::Reflected;
                self.evidence = Some(*evidence);
            }
            // What was sent is known not to be there from its own answer or from a history that was read later: never without a session.
            ReflectionStep::Refused { code, unpaid } if !doubtful || used.is_some() => {
                self.standing = Standing::Refused {
                    code: code.clone(),
                    unpaid: *unpaid,
                };
            }
            ReflectionStep::Unsure if self.standing == Standing::Sent => {
                self.standing = Standing::Unsure;
            }
            ReflectionStep::Reissued { .. } if self.standing.is_over() && used == Some(false) => {
                if let Some(held) = &mut self.session {
                    held.used = true;
                }
            }
            ReflectionStep::Closed if used.is_some() => self.session = None,
            ReflectionStep::Explained { operator, reason } => {
                self.standing = Standing::Explained {
                    operator: operator.clone(),
                    reason: reason.clone(),
                };
            }
            _ => return false,
        }
        true
    }
}

/// Whether this evidence comes from the session that sent.
const fn reads(evidence: ReflectionEvidence) -> bool {
    matches!(evidence, ReflectionEvidence::Answer)
}

/// 未反映: a settled slip of a bill, and how far the receipt computer was told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreflected {
    /// Our slip.
    pub slip: SlipNumber,
    /// When the money moved: 入金日時.
    pub stamp: Stamp,
    /// 売上, 取消, 返品.
    pub kind: SaleKind,
    /// Its postings, in their order.
    pub postings: Vec<Progress>,
}

impl Unreflected {
    /// What is to be told of a slip. `None` where it is not settled, or of no bill of a known patient.
    pub fn of(record: &SaleRecord) -> Option<Unreflected> {
        if record.state != SaleState::Settled {
            return None;
        }
        let postings: Vec<Progress> = postings(&record.sale)
            .into_iter()
            .map(Progress::due)
            .collect();
        (!postings.is_empty()).then_some(Unreflected {
            slip: record.slip,
            stamp: record.stamp,
            kind: record.sale.kind,
            postings,
        })
    }

    /// One of its postings.
    pub fn posting(&self, number: u16) -> Option<&Progress> {
        self.postings.get(usize::from(number).checked_sub(1)?)
    }

    /// One more step of one of its postings.
    ///
    /// # Errors
    ///
    /// There is no such posting, or the step may not follow; nothing changed then.
    pub fn take(&mut self, number: u16, step: &ReflectionStep) -> Result<(), IllegalStep> {
        let slip = self.slip;
        let progress = usize::from(number)
            .checked_sub(1)
            .and_then(|index| self.postings.get_mut(index))
            .ok_or(IllegalStep::NoSuchPosting {
                slip,
                posting: number,
            })?;
        if progress.take(step) {
            return Ok(());
        }
        Err(IllegalStep::OutOfOrder {
            slip,
            posting: number,
            step: step.word(),
        })
    }

    /// True where nothing is left to be done.
    pub fn is_done(&self) -> bool {
        self.postings.iter().all(Progress::is_done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::bill::{InOut, InvoiceNumber, PatientNumber};
    use crate::domain::reflection::{Method, words};

    fn posting() -> Posting {
        Posting {
            number: 1,
            patient: PatientNumber::parse("00012").expect("a number"),
            in_out: InOut::Out,
            invoice: InvoiceNumber::parse("0001426").expect("a number"),
            amount: Yen::new(650),
            back: false,
            method: Method::Cash,
            completes: true,
        }
    }

    fn sato() -> Operator {
        Operator {
            code: "03".into(),
            name: "佐藤".into(),
        }
    }

    fn step(word: &str) -> ReflectionStep {
        match word {
            "open" => ReflectionStep::Opened {
                karte_uid: "k".into(),
                orca_uid: "o".into(),
            },
            "send" => ReflectionStep::Sent {
                at: DateTime::parse_from_rfc3339("2026-11-21T14:32:00+09:00").expect("a moment"),
                rows: 1,
                received: Yen::ZERO,
                tender_code: None,
            },
            "answer" => ReflectionStep::Reflected {
                evidence: ReflectionEvidence::Answer,
            },
            "history" => ReflectionStep::Reflected {
                evidence: ReflectionEvidence::History,
            },
            "refuse" => ReflectionStep::Refused {
                code: words::NOT_THERE.into(),
                unpaid: None,
            },
            "lose" => ReflectionStep::Unsure,
            "close" => ReflectionStep::Closed,
            "paper" => ReflectionStep::Reissued { operator: sato() },
            "explain" => ReflectionStep::Explained {
                operator: sato(),
                reason: "手で入力".into(),
            },
            other => panic!("{other}"),
        }
    }

    /// Where the steps lead, or the first one that is refused.
    fn fold(steps: &str) -> Result<(&'static str, bool), String> {
        let mut progress = Progress::due(posting());
        for word in steps.split_whitespace() {
            let before = progress.clone();
            if !progress.take(&step(word)) {
                assert_eq!(progress, before, "a refused step changes nothing");
                return Err(word.to_owned());
            }
        }
        let standing = match progress.standing {
            Standing::Due => "due",
            Standing::Sent => "sent",
            Standing::Unsure => "unsure",
            Standing::Reflected => "reflected",
            Standing::Refused { .. } => "refused",
            Standing::Explained { .. } => "explained",
        };
        Ok((standing, progress.session.is_some()))
    }

    #[test]
    fn every_step_has_its_place() {
        for (steps, told) in [
            ("", Ok(("due", false))),
            ("open", Ok(("due", true))),
            ("open close", Ok(("due", false))),
            ("open send", Ok(("sent", true))),
            ("open send answer", Ok(("reflected", true))),
            ("open send answer close", Ok(("reflected", false))),
            ("open send refuse close", Ok(("refused", false))),
            ("open send lose close", Ok(("unsure", false))),
            // It is found where it is looked for: in a session that came after.
            (
                "open send lose close open history close",
                Ok(("reflected", false)),
            ),
            (
                "open send close open history close",
                Ok(("reflected", false)),
            ),
            (
                "open send lose close open refuse send answer close",
                Ok(("reflected", false)),
            ),
            // Refused before anything was sent, with a session or without.
            ("refuse", Ok(("refused", false))),
            ("open refuse close", Ok(("refused", false))),
            (
                "open refuse close open send answer",
                Ok(("reflected", true)),
            ),
            ("explain", Ok(("explained", false))),
            ("open send lose explain", Ok(("explained", true))),
            ("open send lose explain close", Ok(("explained", false))),
            // Sent only in a session that is open, and once in each.
            ("send", Err("send")),
            ("open close send", Err("send")),
            ("open send refuse send", Err("send")),
            // Nothing is sent again before it is known.
            ("open send close open send", Err("send")),
            ("open send lose send", Err("send")),
            ("open send lose close open send", Err("send")),
            // One session at a time, closed once.
            ("open open", Err("open")),
            ("close", Err("close")),
            ("open close close", Err("close")),
            // An answer belongs to the session that asked; a history to a later one.
            ("answer", Err("answer")),
            ("open answer", Err("answer")),
            ("open send close answer", Err("answer")),
            ("open send history", Err("history")),
            ("open send lose close open answer", Err("answer")),
            ("open send lose close refuse", Err("refuse")),
            ("lose", Err("lose")),
            ("open lose", Err("lose")),
            ("open send lose lose", Err("lose")),
            // After the end a session is for the 領収証 alone.
            (
                "open send answer close open paper close",
                Ok(("reflected", false)),
            ),
            ("explain open paper", Ok(("explained", true))),
            (
                "open send answer close open close",
                Ok(("reflected", false)),
            ),
            ("open send answer close paper", Err("paper")),
            ("open send answer close open paper paper", Err("paper")),
            ("open send answer close open send", Err("send")),
            ("open paper", Err("paper")),
            ("open send lose close open paper", Err("paper")),
            // Nothing else after the end but the closing.
            ("open send answer send", Err("send")),
            ("open send answer lose", Err("lose")),
            ("open send answer refuse", Err("refuse")),
            ("open send answer explain", Err("explain")),
            ("open send answer open", Err("open")),
            ("explain explain", Err("explain")),
        ] {
            assert_eq!(fold(steps), told.map_err(str::to_owned), "{steps}");
        }
    }

    /// Every history of up to seven steps: whatever is legal never sends what may be there.
    #[test]
    fn no_legal_history_sends_twice_without_knowing() {
        const WORDS: [&str; 9] = [
            "open", "send", "answer", "history", "refuse", "lose", "close", "explain", "paper",
        ];
        fn walk(progress: &Progress, open_doubt: bool, depth: usize, sends: &mut u32) {
            for word in WORDS {
                let mut next = progress.clone();
                if !next.take(&step(word)) {
                    continue;
                }
                if word == "send" {
                    assert!(!open_doubt, "sent while nobody knew");
                    *sends += 1;
                }
                let doubt = match word {
                    "send" => true,
                    "answer" | "history" | "refuse" | "explain" => false,
                    _ => open_doubt,
                };
                if depth > 1 {
                    walk(&next, doubt, depth - 1, sends);
                }
            }
        }
        let mut sends = 0;
        walk(&Progress::due(posting()), false, 7, &mut sends);
        assert!(sends > 50, "{sends}");
    }
}
