//! An HTTP response as an answer, or why it is none.

use super::value::{Unclear, date, moment, shown, time, words};
use super::{Response, Said, bill, ledger};
use crate::domain::bill::{Patient, PatientNumber};
use crate::orca::answer::{Answer, Failure, Lock, Refusal, TenderCode, Waiting};
use crate::orca::call::{Call, Session};
use crate::orca::node::{Node, NodeError};

/// What was read, with what the receipt computer remarks although it did what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The answer, or why there is none.
    pub result: Said,
    /// `W…`: done, with a remark.
    pub warning: Option<Warning>,
}

/// A remark on what was done all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// `Api_Result`, as it came.
    pub code: String,
    /// `Api_Result_Message`.
    pub message: String,
}

/// What the response says to this call.
pub fn decode(call: &Call, response: &Response) -> Said {
    read(call, response).result
}

/// [`decode`], with the remark.
pub fn read(call: &Call, response: &Response) -> Read {
    let refused = |failure| Read {
        result: Err(failure),
        warning: None,
    };
    if let Some(failure) = by_status(call, response.status) {
        return refused(failure);
    }
    let tree = match Node::parse(&response.body) {
        Ok(tree) => tree,
        Err(error) => return refused(no_answer(call, &error)),
    };
    let Some(record) = record(&tree) else {
        return refused(unread(call, "neither a result nor a message in it"));
    };
    let head = Head::of(record);
    let warning = (head.is_done() && head.code.starts_with('W')).then(|| Warning {
        code: head.code.clone(),
        message: head.message.clone(),
    });
    let result = match by_head(call, head, record) {
        Some(result) => result,
        None => {
            said(call, record).unwrap_or_else(|Unclear(name)| Err(Failure::Unreadable(name.into())))
        }
    };
    Read { result, warning }
}

/// The number of the question, where the receipt computer asks back before it does what was asked (S40).
pub(super) fn asked_back(response: &Response) -> Option<String> {
    if response.status != 200 {
        return None;
    }
    let tree = Node::parse(&response.body).ok()?;
    let record = record(&tree)?;
    (record.str("Api_Result") == ASKED_BACK).then(|| record.str("Orca_Uid").to_owned())
}

/// The session is not known any more: there is nothing to end.
const SESSION_OVER: [&str; 5] = ["E0203", "E0205", "E0206", "E0209", "E0210"];
const ASKED_BACK: &str = "S40";
/// 受付一覧: nobody there.
const NOBODY: &str = "21";

/// A status that is no answer. Business errors come with 200.
///
/// What breaks on the server's side may break after the work was done, and so may what stands between it and us: a call that writes is then not known.
fn by_status(call: &Call, status: u16) -> Option<Failure> {
    match by_status_alone(status) {
        Err(Failure::Foreign(said)) if call.writes() && matches!(status, 408 | 499..=599) => {
            Some(Failure::Unreadable(said))
        }
        other => other.err(),
    }
}

/// A status that is no answer to a question that changes nothing.
pub(in crate::orca) fn by_status_alone(status: u16) -> Result<(), Failure> {
    match status {
        200..=299 => Ok(()),
        401 | 403 => Err(Failure::Denied(format!("HTTP {status}"))),
        _ => Err(Failure::Foreign(format!("HTTP {status}"))),
    }
}

/// What an answer that should have been a list says instead.
pub(in crate::orca) fn refusal(tree: &Node<'_>) -> Failure {
    let Some(record) = record(tree) else {
        return Failure::Unreadable("neither a list nor a result".into());
    };
    let head = Head::of(record);
    Failure::Refused(Refusal {
        code: head.code,
        message: head.message,
        session: None,
    })
}

fn no_answer(call: &Call, error: &NodeError) -> Failure {
    match error {
        NodeError::Html | NodeError::Empty | NodeError::Neither => unread(call, &error.to_string()),
        NodeError::TooLong | NodeError::Malformed(_) | NodeError::NotText => {
            Failure::Unreadable(error.to_string())
        }
    }
}

/// Something else than a receipt computer speaks; after a call that writes it may stand in front of one that has done it.
fn unread(call: &Call, what: &str) -> Failure {
    if call.writes() {
        Failure::Unreadable(what.to_owned())
    } else {
        Failure::Foreign(what.to_owned())
    }
}

/// The record with the result in it: below its name, or bare.
fn record<'t, 'a>(tree: &'t Node<'a>) -> Option<&'t Node<'a>> {
    if tree.get("Api_Result").is_some() {
        return Some(tree);
    }
    let Node::Record(members) = tree else {
        return None;
    };
    members
        .iter()
        .map(|(_, node)| node)
        .find(|node| node.get("Api_Result").is_some())
}

struct Head {
    code: String,
    message: String,
}

impl Head {
    fn of(record: &Node<'_>) -> Head {
        Head {
            code: shown(record.str("Api_Result")).chars().take(10).collect(),
            message: words(record, "Api_Result_Message"),
        }
    }

    /// Noughts alone, of whatever width; a W in front is a remark.
    fn is_done(&self) -> bool {
        let digits = self.code.strip_prefix('W').unwrap_or(&self.code);
        !digits.is_empty() && digits.bytes().all(|byte| byte == b'0')
    }

    /// ユーザIDが未登録: 99 in every width.
    fn is_unknown_user(&self) -> bool {
        let digits = self.code.strip_prefix('E').unwrap_or(&self.code);
        digits.trim_start_matches('0') == "99"
    }
}

/// What the head alone decides; `None` where the rest is to be read.
fn by_head(call: &Call, head: Head, record: &Node<'_>) -> Option<Said> {
    if head.is_unknown_user() {
        return Some(Err(Failure::Denied(format!(
            "{} {}",
            head.code, head.message
        ))));
    }
    if matches!(call, Call::Ping) {
        // Whatever it thinks of a session that never was.
        return Some(Ok(Answer::Pong));
    }
    if head.is_done() {
        return None;
    }
    if head.code == NOBODY && matches!(call, Call::Worklist { .. }) {
        return Some(Ok(Answer::Worklist(Vec::new())));
    }
    if matches!(call, Call::Finish { .. }) && SESSION_OVER.contains(&head.code.as_str()) {
        return Some(Ok(Answer::Finished));
    }
    if head.code.is_empty() {
        return Some(Err(unread(call, "an empty result")));
    }
    Some(Err(Failure::Refused(Refusal {
        code: head.code,
        message: head.message,
        session: session(record),
    })))
}

/// The session of an answer, where it has both names.
pub(super) fn session(record: &Node<'_>) -> Option<Session> {
    let name = |member| match record.str(member) {
        "" => None,
        text if text.chars().count() > 64 => None,
        text => Some(text.to_owned()),
    };
    Some(Session {
        karte_uid: name("Karte_Uid")?,
        orca_uid: name("Orca_Uid")?,
    })
}

/// The answer of a call that was done.
fn said(call: &Call, record: &Node<'_>) -> Result<Said, Unclear> {
    let answer = match call {
        Call::Ping => Answer::Pong,
        Call::Worklist { .. } => Answer::Worklist(worklist(record)),
        Call::Bill { patient, .. } => Answer::Bill(Box::new(bill::bill(record, patient)?)),
        Call::Patient { patient } => Answer::Patient(asked_patient(record, patient)?),
        Call::TenderCodes { .. } => Answer::TenderCodes(tender_codes(record)),
        Call::Open { invoice, .. } => ledger::opened(record, invoice)?,
        Call::Pay(payment) => ledger::written(record, payment, "01")?,
        Call::PayBack(payment) => ledger::written(record, payment, "03")?,
        Call::Reissue { .. } => Answer::Reissued,
        Call::Finish { .. } => Answer::Finished,
        Call::Locks => Answer::Locks(locks(record)),
        Call::Release { .. } => Answer::Released,
    };
    Ok(Ok(answer))
}

/// A patient, wherever he is described; `None` without a number.
pub(super) fn patient(record: &Node<'_>) -> Option<Patient> {
    let person = record.get("Patient_Information")?;
    Some(Patient {
        number: PatientNumber::parse(person.str("Patient_ID")).ok()?,
        name: words(person, "WholeName"),
        kana: words(person, "WholeName_inKana"),
        born: date(person, "BirthDate"),
    })
}

/// The patient of an answer must be the one who was asked for.
pub(super) fn asked_patient(record: &Node<'_>, asked: &PatientNumber) -> Result<Patient, Unclear> {
    patient(record)
        .filter(|patient| patient.number.is_same(asked))
        .ok_or(Unclear("Patient_ID"))
}

/// Rows without a patient are padding, or receptions nobody has given a number yet.
fn worklist(record: &Node<'_>) -> Vec<Waiting> {
    let mut list: Vec<Waiting> = record
        .rows("Acceptlst_Information")
        .filter_map(|row| {
            Some(Waiting {
                patient: patient(row)?,
                accepted: time(row, "Acceptance_Time"),
                department: words(row, "Department_WholeName"),
                physician: words(row, "Physician_WholeName"),
            })
        })
        .collect();
    list.sort_by_key(|waiting| waiting.accepted);
    list
}

fn tender_codes(record: &Node<'_>) -> Vec<TenderCode> {
    ["income_Information", "Income_Information"]
        .into_iter()
        .flat_map(|name| record.rows(name))
        .filter(|row| !row.str("Ic_Code").is_empty())
        .map(|row| TenderCode {
            code: words(row, "Ic_Code"),
            name: words(row, "Ic_Code_Name"),
        })
        .collect()
}

/// A lock of a screen of the receipt computer has no Karte_Uid.
fn locks(record: &Node<'_>) -> Vec<Lock> {
    record
        .rows("Lock_Information")
        .filter(|row| !row.str("Lock_Orca_Uid").is_empty())
        .map(|row| Lock {
            session: Session {
                karte_uid: words(row, "Lock_Karte_Uid"),
                orca_uid: words(row, "Lock_Orca_Uid"),
            },
            operator: words(row, "Lock_Opid"),
            terminal: words(row, "Lock_Ld_Name"),
            patient: PatientNumber::parse(row.str("Lock_Patient_ID")).ok(),
            name: words(row, "Lock_WholeName"),
            since: moment(row, "Lock_Date", "Lock_Time"),
        })
        .collect()
}
