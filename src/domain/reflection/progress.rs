//! One posting as its steps tell it, and which step may follow which.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::{Posting, ReflectionEvidence, ReflectionStep};
use crate::domain::bill::InvoiceNumber;
use crate::domain::money::Yen;
use crate::domain::sale::Operator;
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
    /// 伝票番号 that was found for it, where its bill names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<InvoiceNumber>,
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
            found: None,
        }
    }

    /// The invoice it goes to: the one the bill names, or the one that was found. None while nobody has looked.
    pub fn invoice(&self) -> Option<&InvoiceNumber> {
        self.posting.invoice.as_ref().or(self.found.as_ref())
    }

    /// True where both go to one invoice, as far as is known.
    pub fn is_of_the_same_invoice(&self, other: &Progress) -> bool {
        let (one, other_one) = (&self.posting, &other.posting);
        let invoices = self.invoice().zip(other.invoice());
        one.patient.is_same(&other_one.patient)
            && one.in_out == other_one.in_out
            && invoices.is_some_and(|(one, other)| one.is_same(other))
    }

    /// True where it is told after `earlier`, a posting of before that is not over: both are of one invoice, or nobody knows yet of which this one is,
    /// and what is unpaid says so only once everything before was told.
    pub fn waits_for(&self, earlier: &Progress) -> bool {
        match self.invoice() {
            Some(_) => self.is_of_the_same_invoice(earlier),
            None => self.posting.patient.is_same(&earlier.posting.patient),
        }
    }

    /// True where this invoice may be the one of a step: the one that is named, or that was found; found is one once.
    fn goes_to(&self, found: Option<&InvoiceNumber>) -> bool {
        match (self.invoice(), found) {
            (Some(_), None) => self.posting.invoice.is_some(),
            (Some(known), Some(found)) => self.posting.invoice.is_none() && known.is_same(found),
            (None, found) => found.is_some(),
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
                invoice,
            } if used == Some(false) && !doubtful && self.goes_to(invoice.as_ref()) => {
                if self.found.is_none() {
                    self.found.clone_from(invoice);
                }
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
            invoice: Some(InvoiceNumber::parse("0001426").expect("a number")),
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
                invoice: None,
            },
            "find 7" | "find 8" => ReflectionStep::Sent {
                at: DateTime::parse_from_rfc3339("2026-11-21T14:32:00+09:00").expect("a moment"),
                rows: 1,
                received: Yen::ZERO,
                tender_code: None,
                invoice: InvoiceNumber::parse(&word[5..]).ok(),
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

    /// What the bill does not name is sent where it was found, and then always there.
    #[test]
    fn an_invoice_that_was_found_is_found_once() {
        for (named, steps, found) in [
            (false, &["open", "find 7", "answer"][..], Ok(Some("7"))),
            // Where nobody found one nothing is sent.
            (false, &["open", "send"], Err("send")),
            // What is not there is sent again, to the same.
            (
                false,
                &[
                    "open", "find 7", "lose", "close", "open", "refuse", "find 7", "answer",
                ],
                Ok(Some("7")),
            ),
            (
                false,
                &[
                    "open", "find 7", "lose", "close", "open", "refuse", "find 8",
                ],
                Err("find 8"),
            ),
            (
                false,
                &["open", "find 7", "lose", "close", "open", "refuse", "send"],
                Err("send"),
            ),
            // What the bill names is not looked for.
            (true, &["open", "find 7"], Err("find 7")),
            (true, &["open", "send"], Ok(None)),
        ] {
            let mut posting = posting();
            if !named {
                posting.invoice = None;
            }
            let mut progress = Progress::due(posting);
            let refused = steps.iter().find(|word| !progress.take(&step(word)));
            let told = match refused {
                Some(word) => Err(*word),
                None => Ok(progress.found.as_ref().map(InvoiceNumber::as_str)),
            };
            assert_eq!(told, found, "{steps:?}");
        }
    }

    #[test]
    fn what_seeks_its_invoice_waits_for_everything_of_the_patient_and_nothing_else_for_it() {
        let one = |invoice: &str, patient: &str| {
            let mut posting = posting();
            posting.invoice = InvoiceNumber::parse(invoice).ok();
            posting.patient = PatientNumber::parse(patient).expect("a number");
            Progress::due(posting)
        };
        for (earlier, later, waits) in [
            (one("1", "12"), one("0001", "0012"), true),
            (one("1", "12"), one("2", "12"), false),
            (one("1", "12"), one("", "12"), true),
            (one("", "12"), one("", "12"), true),
            (one("", "12"), one("1", "12"), false),
            (one("1", "12"), one("", "34"), false),
        ] {
            assert_eq!(later.waits_for(&earlier), waits, "{earlier:?} {later:?}");
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
