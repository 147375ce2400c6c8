//! 排他情報 (`medicalmodv37`): who holds whom, and letting them go.

use chrono::{DateTime, Duration, FixedOffset};

use super::{Asked, Simulator, Told, padded, stamped};
use crate::orca::node::Node;

/// How long a patient is held at least.
const HELD_AT_LEAST: Duration = Duration::minutes(1);
/// The rows of the list.
const ROWS: usize = 100;

/// One lock, of either kind.
struct Lock {
    karte_uid: Option<String>,
    orca_uid: String,
    patient: String,
    terminal: String,
    since: DateTime<FixedOffset>,
}

fn text<'a>(text: &str) -> Node<'a> {
    Node::text(text.to_owned())
}

impl Simulator {
    pub(super) fn lock_call<'a>(
        &mut self,
        now: DateTime<FixedOffset>,
        asked: &Asked<'_>,
    ) -> Told<'a> {
        let empty = Node::Record(Vec::new());
        let request = asked.body.get("medicalv3req7").unwrap_or(&empty);
        let node = match request.str("Request_Number") {
            "00" => {
                let rows: Vec<Node<'_>> = self.all_locks().iter().map(|l| self.row(l)).collect();
                if rows.is_empty() {
                    answered(now, request, "E10", "排他情報がありません。", "00", None)
                } else {
                    answered(now, request, "000", "検索処理終了", "00", None)
                        .with("Lock_Information", padded(rows, ROWS))
                }
            }
            "01" => self.release(now, request),
            _ => answered(
                now,
                request,
                "E91",
                "リクエスト番号が不正です。",
                "00",
                None,
            ),
        };
        Told {
            name: "medicalv3res7",
            node,
        }
    }

    fn release<'a>(&mut self, now: DateTime<FixedOffset>, request: &Node<'_>) -> Node<'a> {
        let empty = Node::Record(Vec::new());
        let which = request.get("Delete_Information").unwrap_or(&empty);
        let (karte_uid, orca_uid) = (which.str("Delete_Karte_Uid"), which.str("Delete_Orca_Uid"));
        let found = self.all_locks().into_iter().find(|lock| {
            lock.orca_uid == orca_uid && lock.karte_uid.as_deref().unwrap_or_default() == karte_uid
        });
        let Some(lock) = found else {
            let message = "対象の排他情報がありません。";
            return answered(now, request, "E13", message, "00", None);
        };
        if now - lock.since < HELD_AT_LEAST {
            let message = "排他制御開始から１分以内は解除できません。";
            return answered(now, request, "E14", message, "00", None);
        }
        let mut deleted = Node::Record(Vec::new());
        if !karte_uid.is_empty() {
            deleted = deleted.with("Delete_Karte_Uid", text(karte_uid));
        }
        let deleted = deleted.with("Delete_Orca_Uid", text(orca_uid));
        if !request.str("Select_Answer").eq_ignore_ascii_case("ok") {
            let uid = self.fresh_uid();
            let message = "選択項目があります。選択結果を返却してください。";
            return answered(now, request, "S40", message, "01", Some(&uid))
                .with("Delete_Information", deleted)
                .with("Lock_Information", padded(vec![self.row(&lock)], ROWS))
                .with(
                    "Delete_Select_Information",
                    Node::record([
                        ("Delete_Select", text("0001")),
                        (
                            "Delete_Select_Message",
                            text("選択された排他情報を削除します。端末が展開中でないことを確認して下さい。"),
                        ),
                    ]),
                );
        }
        self.terminals.retain(|held| held.orca_uid != lock.orca_uid);
        self.sessions
            .retain(|_, session| session.orca_uid != lock.orca_uid);
        answered(now, request, "000", "解除処理終了", "00", None)
            .with("Delete_Information", deleted)
    }

    fn all_locks(&self) -> Vec<Lock> {
        let sessions = self.sessions.iter().filter(|(_, session)| session.holds);
        sessions
            .map(|(karte_uid, session)| Lock {
                karte_uid: Some(karte_uid.clone()),
                orca_uid: session.orca_uid.clone(),
                patient: session.patient.clone(),
                terminal: "ORCA12".into(),
                since: session.since,
            })
            .chain(self.terminals.iter().map(|held| Lock {
                karte_uid: None,
                orca_uid: held.orca_uid.clone(),
                patient: held.patient.clone(),
                terminal: held.terminal.clone(),
                since: held.since,
            }))
            .collect()
    }

    fn row<'a>(&self, lock: &Lock) -> Node<'a> {
        let name = self.person(&lock.patient).map_or("", |person| &person.name);
        let mut row = Node::Record(Vec::new());
        if let Some(karte_uid) = &lock.karte_uid {
            row = row.with("Lock_Karte_Uid", text(karte_uid));
        }
        row.with("Lock_Orca_Uid", text(&lock.orca_uid))
            .with("Lock_Opid", text("ormaster"))
            .with("Lock_Ld_Name", text(&lock.terminal))
            .with("Lock_Patient_ID", text(&lock.patient))
            .with("Lock_WholeName", text(name))
            .with(
                "Lock_Date",
                text(&lock.since.format("%Y-%m-%d").to_string()),
            )
            .with(
                "Lock_Time",
                text(&lock.since.format("%H:%M:%S").to_string()),
            )
    }
}

fn answered<'a>(
    now: DateTime<FixedOffset>,
    request: &Node<'_>,
    code: &str,
    message: &str,
    response: &str,
    uid: Option<&str>,
) -> Node<'a> {
    let mut node = Node::record([
        ("Request_Number", text(request.str("Request_Number"))),
        ("Response_Number", text(response)),
        ("Karte_Uid", text(request.str("Karte_Uid"))),
    ])
    .with_some("Orca_Uid", uid.map(str::to_owned));
    if let (Node::Record(members), Node::Record(stamp)) = (&mut node, stamped(now, code, message)) {
        members.extend(stamp);
    }
    node.with("Reskey", text("Acceptance_Info"))
}
