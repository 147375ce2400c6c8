//! What is only read: the day's list, a bill, a patient, the codes of tenders.

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::ledger::{department, own, points, sums};
use super::scene::{Bill, Person};
use super::{Asked, Simulator, Told, money, stamped};
use crate::domain::bill::InOut;
use crate::orca::node::Node;

/// The most invoices that are unpaid in one answer.
const UNPAID_MAX: usize = 50;
/// The most invoices in one answer.
const BILL_MAX: usize = 200;
/// 受付一覧: the most rows.
const WORKLIST_MAX: usize = 500;

fn text<'a>(text: &str) -> Node<'a> {
    Node::text(text.to_owned())
}

fn patient_information<'a>(person: &Person) -> Node<'a> {
    Node::record([
        ("Patient_ID", text(&person.number)),
        ("WholeName", text(&person.name)),
        ("WholeName_inKana", text(&person.kana)),
        ("BirthDate", text(&person.born.to_string())),
        ("Sex", text(&person.sex.to_string())),
    ])
}

impl Simulator {
    /// 受付一覧: class 01 waiting for their bill, 02 with one, 03 all.
    pub(super) fn worklist<'a>(
        &mut self,
        now: DateTime<FixedOffset>,
        asked: &Asked<'_>,
    ) -> Told<'a> {
        let told = |node| Told {
            name: "acceptlstres",
            node,
        };
        let day = asked
            .body
            .get("acceptlstreq")
            .map_or("", |request| request.str("Acceptance_Date"));
        let Ok(date) = NaiveDate::parse_from_str(day, "%Y-%m-%d") else {
            return told(stamped(now, "11", "受付日が暦日ではありません。"));
        };
        let class = asked.query.get("class").copied().unwrap_or("01");
        if !["01", "02", "03"].contains(&class) {
            return told(stamped(now, "91", "処理区分未設定"));
        }
        let mut rows = Vec::new();
        for (visit, number) in self.scene.visits.iter().zip(1..) {
            let ready = visit.accounted <= now;
            let wanted = match class {
                "01" => !ready,
                "02" => ready,
                _ => true,
            };
            if visit.accepted.date_naive() != date || visit.accepted > now || !wanted {
                continue;
            }
            let Some(person) = self.person(&visit.patient) else {
                continue;
            };
            let mut row = Node::record([
                (
                    "Acceptance_Time",
                    text(&visit.accepted.format("%H:%M:%S").to_string()),
                ),
                ("Acceptance_Id", text(&format!("{number:05}"))),
                ("Department_Code", text("01")),
                ("Department_WholeName", text("内科")),
                ("Physician_Code", text("10001")),
                ("Physician_WholeName", text("試験　医師")),
                ("Medical_Information", text("01")),
            ]);
            if ready {
                row = row.with(
                    "Account_Time",
                    text(&visit.accounted.format("%H:%M:%S").to_string()),
                );
            }
            rows.push(
                row.with("Patient_Information", patient_information(person))
                    .with("HealthInsurance_Information", insurance(person)),
            );
        }
        rows.truncate(WORKLIST_MAX);
        let nobody = rows.is_empty();
        let (code, message) = if nobody {
            rows.push(Node::record([(
                "Patient_Information",
                Node::Record(Vec::new()),
            )]));
            ("21", "対象の受付はありませんでした。")
        } else {
            ("00", "処理終了")
        };
        told(
            stamped(now, code, message)
                .with("Reskey", text("Patient Info"))
                .with("Acceptance_Date", text(&date.to_string()))
                .with("Acceptlst_Information", Node::List(rows)),
        )
    }

    /// 収納情報.
    pub(super) fn bill<'a>(&mut self, now: DateTime<FixedOffset>, asked: &Asked<'_>) -> Told<'a> {
        let told = |node| Told {
            name: "private_objects",
            node,
        };
        let empty = Node::Record(Vec::new());
        let request = asked.body.get("private_objects").unwrap_or(&empty);
        let date = match request.str("Perform_Date") {
            "" => now.date_naive(),
            day => match NaiveDate::parse_from_str(day, "%Y-%m-%d") {
                Ok(date) => date,
                Err(_) => return told(stamped(now, "0001", "診療日が暦日ではありません。")),
            },
        };
        let Some(person) = self.person(request.str("Patient_ID")) else {
            let message = "患者番号に該当する患者が存在しません。";
            return told(stamped(now, "0004", message));
        };
        let mine: Vec<&Bill> = self
            .bills_of(&person.number)
            .filter(|bill| self.is_made(&bill.number, now))
            .collect();
        let rows: Vec<Node<'_>> = mine
            .iter()
            .filter(|bill| bill.performed == date)
            .take(BILL_MAX)
            .map(|bill| in_full(bill))
            .collect();
        let mut node = stamped(now, "0000", "処理終了")
            .with("Patient_Information", patient_information(person))
            .with("Income_Information_Overflow", text("false"));
        if !rows.is_empty() {
            node = node.with("Income_Information", Node::List(rows));
        }
        let mut unpaid: Vec<&Bill> = mine
            .iter()
            .copied()
            .filter(|bill| bill.unpaid() != 0)
            .collect();
        unpaid.sort_by(|one, other| {
            (other.performed, &other.number).cmp(&(one.performed, &one.number))
        });
        if !unpaid.is_empty() {
            let total: i64 = unpaid.iter().map(|bill| bill.unpaid()).sum();
            let over = unpaid.len() > UNPAID_MAX;
            let rows = unpaid.iter().take(UNPAID_MAX).map(|bill| {
                Node::record([
                    ("Perform_Date", text(&bill.performed.to_string())),
                    ("InOut", text(digit(bill.in_out))),
                    ("Invoice_Number", text(&bill.number)),
                    ("Unpaid_Money", money(bill.unpaid())),
                ])
            });
            node = node
                .with("Unpaid_Money_Total", money(total))
                .with(
                    "Unpaid_Money_Information_Overflow",
                    text(if over { "true" } else { "false" }),
                )
                .with("Unpaid_Money_Information", Node::List(rows.collect()));
        }
        told(node)
    }

    /// 患者基本情報.
    pub(super) fn patient<'a>(
        &mut self,
        now: DateTime<FixedOffset>,
        asked: &Asked<'_>,
    ) -> Told<'a> {
        let number = asked.query.get("id").copied().unwrap_or_default();
        let node = match self.person(number) {
            None => stamped(now, "10", "患者番号に該当する患者が存在しません。")
                .with("Reskey", text("Patient Info")),
            Some(person) => {
                let information = patient_information(person)
                    .with("TestPatient_Flag", text("0"))
                    .with("Ic_Code", text("01"))
                    .with("Ic_Code_Name", text("現金"));
                stamped(now, "00", "処理終了")
                    .with("Reskey", text("Patient Info"))
                    .with("Patient_Information", information)
            }
        };
        Told {
            name: "patientinfores",
            node,
        }
    }

    /// システム管理: 05 入金方法.
    pub(super) fn master<'a>(&mut self, now: DateTime<FixedOffset>, asked: &Asked<'_>) -> Told<'a> {
        let request = asked.body.get("system01_managereq");
        let number = request.map_or("", |request| request.str("Request_Number"));
        let day = request.map_or("", |request| request.str("Base_Date"));
        let node = if number == "05" {
            let rows = self.scene.tenders.iter().map(|(code, name)| {
                Node::record([("Ic_Code", text(code)), ("Ic_Code_Name", text(name))])
            });
            stamped(now, "00", "処理終了")
                .with("Reskey", text("Patient Info"))
                .with("Base_Date", text(day))
                .with("income_Information", Node::List(rows.collect()))
        } else {
            stamped(now, "91", "リクエスト番号が不正です。")
        };
        Told {
            name: "incomeres",
            node,
        }
    }
}

fn insurance<'a>(person: &Person) -> Node<'a> {
    Node::record([
        ("Insurance_Combination_Number", text("0001")),
        ("InsuranceProvider_Class", text("009")),
        ("InsuranceProvider_WholeName", text("協会")),
        ("RelationToInsuredPerson", text("1")),
        ("HealthInsuredPerson_WholeName", text(&person.name)),
        ("Certificate_ExpiredDate", text("9999-12-31")),
    ])
}

/// 入外区分, as `incomeinfv2` has it.
const fn digit(in_out: InOut) -> &'static str {
    match in_out {
        InOut::In => "1",
        InOut::Out => "2",
    }
}

fn in_full<'a>(bill: &Bill) -> Node<'a> {
    let date = bill.performed.to_string();
    Node::record([
        ("Perform_Date", text(&date)),
        ("IssuedDate", text(&date)),
        ("InOut", text(digit(bill.in_out))),
        ("Invoice_Number", text(&bill.number)),
    ])
    .with_some("Group_Invoice_Number", bill.group.clone())
    .with("Insurance_Combination_Number", text("0001"))
    .with("Rate_Cd", text(&format!("{:>3}", bill.rate)))
    .with("Department_Code", text(department(bill)))
    .with("Department_Name", text("内科"))
    .with("Cd_Information", sums(bill))
    .with("Ac_Point_Information", points(bill, true))
    .with("Oe_Etc_Information", own(bill, false))
}
