//! 収納 (`incomev3`): sessions that hold a patient, payments and what limits them.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};

use super::scene::{Bill, Row};
use super::{Asked, Posted, Session, Simulator, Told, money, padded, stamped, with_money};
use crate::domain::bill::InOut;
use crate::orca::node::Node;

/// The most rows of an invoice's history.
pub(super) const HISTORY_MAX: usize = 99;
/// The most invoices of a list.
const LIST_ROWS: usize = 500;
/// The most that can have been received of an invoice, yen.
const RECEIVED_MAX: i64 = 9_999_999;

/// Code and message of a no.
pub(super) type No = (&'static str, &'static str);

const DONE: No = ("00000", "正常終了");
const NO_NUMBER: No = ("E0091", "リクエスト番号が不正です。");
const NO_SESSION: No = ("E0203", "前回の情報がありません。");
const OTHER_PATIENT: No = ("E0210", "患者番号が前回と違います。");
const SAME_UID: No = ("E1038", "他の端末より同じカルテＵＩＤでの接続があります。");
const IN_USE: &str = "他端末で使用中です。";

/// The points of an invoice, in the order of the receipt computer; the sixteenth place stays empty.
const POINTS: [(&str, &str); 15] = [
    ("A00", "初・再診料"),
    ("B00", "医学管理等"),
    ("C00", "在宅療養"),
    ("F00", "投薬"),
    ("G00", "注射"),
    ("J00", "処置"),
    ("K00", "手術"),
    ("L00", "麻酔"),
    ("D00", "検査"),
    ("E00", "画像診断"),
    ("H00", "リハビリ"),
    ("I00", "精神科専門"),
    ("M00", "放射線治療"),
    ("N00", "病理診断"),
    ("A10", "入院料"),
];
/// 自費 that the site has names for: place and name.
const OWN: [(usize, &str); 2] = [(1, "予防接種"), (10, "分娩介助料")];

/// The line of the books for the newest row of an invoice.
pub(super) fn posted(now: DateTime<FixedOffset>, bill: &Bill, by: &str) -> Posted {
    let row = bill.history.last();
    Posted {
        at: now,
        patient: bill.patient.clone(),
        in_out: letter(bill.in_out).to_owned(),
        invoice: bill.number.clone(),
        history: u16::try_from(bill.history.len()).unwrap_or(u16::MAX),
        amount: row.map_or(0, |row| row.received),
        code: row.and_then(|row| row.code.clone()).unwrap_or_default(),
        processed: row.map_or(String::new(), |row| format!("{} {}", row.date, row.time)),
        by: by.to_owned(),
    }
}

/// The row of an invoice that a line of the books is about.
pub(super) fn kept(posted: &Posted) -> Row {
    let (date, time) = posted.processed.split_once(' ').unwrap_or_default();
    Row {
        date: date.parse().unwrap_or_else(|_| posted.at.date_naive()),
        time: time.to_owned(),
        charged: None,
        received: posted.amount,
        state: if posted.amount < 0 { 6 } else { 2 },
        code: Some(posted.code.clone()).filter(|code| !code.is_empty()),
    }
}

const fn letter(in_out: InOut) -> &'static str {
    match in_out {
        InOut::In => "I",
        InOut::Out => "O",
    }
}

impl Simulator {
    pub(super) fn income<'a>(&mut self, now: DateTime<FixedOffset>, asked: &Asked<'_>) -> Told<'a> {
        let empty = Node::Record(Vec::new());
        let request = asked.body.get("incomev3req").unwrap_or(&empty);
        let mode = request.str("Request_Mode");
        let result = match (request.str("Request_Number"), mode) {
            _ if request.str("Karte_Uid").is_empty() => {
                Err(("E0201", "カルテＵＩＤが未設定です。"))
            }
            ("01", "01" | "02") => return self.begun(now, request),
            ("02", "01" | "03" | "04") => self.change(now, request, mode),
            ("02", "09") => self.printed_again(now, request),
            ("99", _) => self.ended(request),
            _ => Err(NO_NUMBER),
        };
        let (no, standing) = match result {
            Ok(standing) => (DONE, standing),
            Err(no) => (no, None),
        };
        let mut node = header(now, no, request, None);
        if let Some(place) = standing {
            let bill = &self.scene.invoices[place];
            node = node
                .with("Patient_ID", text(&bill.patient))
                .with("InOut", text(letter(bill.in_out)))
                .with("Invoice_Number", text(&bill.number))
                .with("Ac_Money", money(bill.charged()))
                .with("Ic_Money", money(bill.received()))
                .with("Unpaid_Money", money(bill.unpaid()))
                .with("State", text(bill.state().0))
                .with("State_Name", text(bill.state().1))
                .with("Income_History", self.history(bill));
        }
        told(node)
    }

    /// 01/01 and 01/02: the session begins, and holds the patient.
    fn begun<'a>(&mut self, now: DateTime<FixedOffset>, request: &Node<'_>) -> Told<'a> {
        let karte_uid = request.str("Karte_Uid").to_owned();
        if self.sessions.contains_key(&karte_uid) {
            return told(header(now, SAME_UID, request, None));
        }
        let Some(patient) = self.person(request.str("Patient_ID")) else {
            let no = ("E0031", "患者番号に該当する患者が存在しません。");
            return told(header(now, no, request, None));
        };
        let patient = patient.number.clone();
        let place = match self.invoice_asked(request, &patient, now) {
            Ok(place) => place,
            Err(no) => return told(header(now, no, request, None)),
        };
        let other = self.holder(&patient);
        let session = Session {
            orca_uid: self.fresh_uid(),
            patient: patient.clone(),
            since: now,
            holds: other.is_none(),
        };
        let uid = session.orca_uid.clone();
        self.sessions.insert(karte_uid, session);
        if let Some(terminal) = other {
            let message = format!("{IN_USE}（{terminal}）");
            let mut node = header(now, ("E9999", IN_USE), request, Some(&uid));
            if let (Node::Record(members), false) = (&mut node, terminal.is_empty()) {
                members[3].1 = Node::text(message);
            }
            return told(node);
        }
        let node = header(now, DONE, request, Some(&uid)).with("Patient_ID", text(&patient));
        told(match place {
            Some(place) => self.detail(node, &self.scene.invoices[place]),
            None => self.list(node, &patient, request),
        })
    }

    /// Which invoice 01/02 is about; 01/01 is about none.
    fn invoice_asked(
        &self,
        request: &Node<'_>,
        patient: &str,
        now: DateTime<FixedOffset>,
    ) -> Result<Option<usize>, No> {
        if request.str("Request_Mode") == "01" {
            return Ok(None);
        }
        self.found(request, patient, now).map(Some)
    }

    fn found(
        &self,
        request: &Node<'_>,
        patient: &str,
        now: DateTime<FixedOffset>,
    ) -> Result<usize, No> {
        let in_out = request.str("InOut").to_ascii_uppercase();
        let number = request.str("Invoice_Number");
        if in_out.is_empty() {
            return Err(("E0086", "入外区分が未設定です。"));
        }
        if number.is_empty() {
            return Err(("E0100", "伝票番号が未設定です。"));
        }
        if number.len() > 7 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(("E0101", "伝票番号が不正です。"));
        }
        self.place(number)
            .filter(|place| {
                let bill = &self.scene.invoices[*place];
                bill.patient == patient
                    && letter(bill.in_out) == in_out
                    && self.is_made(&bill.number, now)
            })
            .ok_or(("E0085", "対象となる請求情報がありません。"))
    }

    /// A bill is there once the doctor is through.
    pub(super) fn is_made(&self, number: &str, now: DateTime<FixedOffset>) -> bool {
        self.made(number).is_none_or(|made| made <= now)
    }

    /// The screen that holds a patient: empty where it is another session.
    fn holder(&self, patient: &str) -> Option<String> {
        let screen = self
            .terminals
            .iter()
            .find(|held| held.patient == patient)
            .map(|held| held.terminal.clone());
        let session = self
            .sessions
            .values()
            .any(|session| session.holds && session.patient == patient);
        screen.or(session.then(String::new))
    }

    fn ended(&mut self, request: &Node<'_>) -> Result<Option<usize>, No> {
        let karte_uid = request.str("Karte_Uid");
        match self.sessions.get(karte_uid) {
            Some(session) if session.orca_uid == request.str("Orca_Uid") => {
                self.sessions.remove(karte_uid);
                Ok(None)
            }
            _ => Err(NO_SESSION),
        }
    }

    /// 02/01 入金, 02/03 入金取消, 02/04 返金.
    fn change(
        &mut self,
        now: DateTime<FixedOffset>,
        request: &Node<'_>,
        mode: &str,
    ) -> Result<Option<usize>, No> {
        let karte_uid = request.str("Karte_Uid");
        let place = self.held(now, request)?;
        let bill = &self.scene.invoices[place];
        if bill.history.len() >= HISTORY_MAX {
            return Err(("E0117", "履歴の上限を超えます。"));
        }
        let received = match mode {
            "01" => paid(bill, request)?,
            "03" => taken_back(bill, request)?,
            _ => overpaid(bill)?,
        };
        let (date, time) = moment(now, request)?;
        let code = match request.str("Ic_Code") {
            _ if mode == "04" => None,
            "" => Some("01".to_owned()),
            code if self.scene.tenders.iter().any(|(known, _)| known == code) => {
                Some(code.to_owned())
            }
            _ => return Err(("E3011", "入金方法が存在しません。")),
        };
        let row = Row {
            date,
            time,
            charged: None,
            received,
            state: match mode {
                "01" => 2,
                "03" => 6,
                _ => 4,
            },
            code,
        };
        let bill = &mut self.scene.invoices[place];
        bill.history.push(row);
        self.posted.push(posted(now, bill, karte_uid));
        self.print(place, request, false);
        Ok(Some(place))
    }

    /// The invoice of a request in a session that holds its patient.
    pub(super) fn held(&self, now: DateTime<FixedOffset>, request: &Node<'_>) -> Result<usize, No> {
        let session = self
            .sessions
            .get(request.str("Karte_Uid"))
            .filter(|session| session.holds && session.orca_uid == request.str("Orca_Uid"))
            .ok_or(NO_SESSION)?;
        let same = self
            .person(request.str("Patient_ID"))
            .is_some_and(|person| person.number == session.patient);
        if !same {
            return Err(OTHER_PATIENT);
        }
        self.found(request, &session.patient, now)
    }

    fn history<'a>(&self, bill: &Bill) -> Node<'a> {
        let rows = bill.history.iter().zip(1..).map(|(row, number)| {
            let mut node = Node::record([
                ("History_Number", text(&format!("{number:>2}"))),
                ("Processing_Date", text(&row.date.to_string())),
                ("Processing_Time", text(&row.time)),
            ]);
            if let Some(charged) = row.charged {
                node = node.with("Ac_Money", money(charged));
            }
            let node = with_money(node, "Ic_Money", row.received)
                .with("State", text(&row.state.to_string()))
                .with("State_Name", text(state_name(row.state)));
            match &row.code {
                Some(code) => node
                    .with("Ic_Code", text(code))
                    .with("Ic_Code_Name", text(self.tender_name(code))),
                None => node,
            }
        });
        padded(rows.collect(), HISTORY_MAX)
    }

    fn tender_name(&self, code: &str) -> &str {
        self.scene
            .tenders
            .iter()
            .find_map(|(known, name)| (known == code).then_some(name.as_str()))
            .unwrap_or_default()
    }

    fn detail<'a>(&self, node: Node<'a>, bill: &Bill) -> Node<'a> {
        let date = bill.performed.to_string();
        let mut detail = Node::record([("Perform_Date", text(&date))]);
        if bill.in_out == InOut::In {
            detail = detail.with("Perform_End_Date", text(&date));
        }
        detail = detail
            .with("IssuedDate", text(&date))
            .with("InOut", text(letter(bill.in_out)))
            .with("Invoice_Number", text(&bill.number));
        if let Some(group) = &bill.group {
            detail = detail.with("Group_Invoice_Number", text(group));
        }
        detail = detail
            .with("Insurance_Combination_Number", text("0001"))
            .with("Rate_Cd", text(&format!("{:>3}", bill.rate)))
            .with("Department_Code", text(department(bill)))
            .with("Cd_Information", sums(bill))
            .with("Ac_Point_Information", points(bill, false))
            .with("Oe_Etc_Information", own(bill, true));
        detail = with_money(detail, "Meal_Cost", bill.meals.1);
        node.with("Income_Detail", detail)
            .with("Income_History", self.history(bill))
    }

    /// 01/01. `Information_Class` 2 are those that are not even.
    fn list<'a>(&self, node: Node<'a>, patient: &str, request: &Node<'_>) -> Node<'a> {
        let uneven = request.str("Information_Class") == "2";
        let mine: Vec<&Bill> = self
            .bills_of(patient)
            .filter(|bill| !uneven || bill.unpaid() != 0)
            .collect();
        let overflow = if mine.len() > LIST_ROWS {
            "True"
        } else {
            "False"
        };
        let rows = mine.iter().map(|bill| {
            let date = bill.performed.to_string();
            let mut row = Node::record([("Perform_Date", text(&date))]);
            if bill.in_out == InOut::In {
                row = row.with("Perform_End_Date", text(&date));
            }
            row = row
                .with("IssuedDate", text(&date))
                .with("InOut", text(letter(bill.in_out)))
                .with("Invoice_Number", text(&bill.number))
                .with_some("Group_Invoice_Number", bill.group.clone())
                .with("Insurance_Combination_Number", text("0001"))
                .with("Rate_Cd", text(&format!("{:>3}", bill.rate)))
                .with("Department_Code", text(department(bill)))
                .with("Ac_Money", money(bill.charged()))
                .with("Ic_Money", money(bill.received()))
                .with("Unpaid_Money", money(bill.unpaid()))
                .with("State", text(bill.state().0))
                .with("State_Name", text(bill.state().1));
            if bill.in_out == InOut::In {
                row = row.with("Type", text("1"));
            }
            row
        });
        let node = node
            .with("Income_Information_Overflow", text(overflow))
            .with("Income_Information", padded(rows.collect(), LIST_ROWS));
        let sum = |in_out, sign: i64| -> i64 {
            mine.iter()
                .filter(|bill| bill.in_out == in_out)
                .map(|bill| (bill.unpaid() * sign).max(0))
                .sum()
        };
        let mut totals = Node::Record(Vec::new());
        for (name, in_out, sign) in [
            ("Unpaid_Money_Total_Admission", InOut::In, 1),
            ("Overpaid_Money_Total_Admission", InOut::In, -1),
            ("Unpaid_Money_Total_Outpatient", InOut::Out, 1),
            ("Overpaid_Money_Total_Outpatient", InOut::Out, -1),
        ] {
            totals = with_money(totals, name, sum(in_out, sign));
        }
        node.with("Unpaid_Money_Total_Information", totals)
    }
}

fn told(node: Node<'_>) -> Told<'_> {
    Told {
        name: "incomev3res",
        node,
    }
}

fn text<'a>(text: &str) -> Node<'a> {
    Node::text(text.to_owned())
}

/// What every answer begins with. `uid`: a session that begins with it; otherwise the one that was asked for.
fn header<'a>(
    now: DateTime<FixedOffset>,
    no: No,
    request: &Node<'_>,
    uid: Option<&str>,
) -> Node<'a> {
    let number = request.str("Request_Number");
    let begins = number == "01";
    let stands = if begins { no == DONE } else { number == "02" };
    let mut node = stamped(now, no.0, no.1).with("Request_Number", text(number));
    if number != "99" {
        node = node.with("Request_Mode", text(request.str("Request_Mode")));
    }
    node = node
        .with("Response_Number", text(if stands { "02" } else { "01" }))
        .with("Karte_Uid", text(request.str("Karte_Uid")));
    let uid = if begins {
        uid
    } else {
        Some(request.str("Orca_Uid"))
    };
    let uid = uid.filter(|uid| !uid.is_empty()).map(str::to_owned);
    node.with_some("Orca_Uid", uid)
}

fn amount(request: &Node<'_>) -> Option<i64> {
    let text = request.str("Ic_Money");
    let digits = text.strip_prefix('-').unwrap_or(text);
    (1..=7).contains(&digits.len()).then(|| text.parse().ok())?
}

fn paid(bill: &Bill, request: &Node<'_>) -> Result<i64, No> {
    let amount = amount(request)
        .filter(|amount| *amount > 0)
        .ok_or(("E3012", "入金額が不正です。"))?;
    if bill.void {
        return Err(("E0006", "入金できません。"));
    }
    let received = bill.received() + amount;
    let forced = request.str("Force_Ic").eq_ignore_ascii_case("true");
    if received > bill.charged() && !forced {
        return Err(("E0107", "過入金になります。入金できません。"));
    }
    if received > RECEIVED_MAX {
        return Err(("E3025", "入金額の合計が上限を超えます。"));
    }
    Ok(amount)
}

fn taken_back(bill: &Bill, request: &Node<'_>) -> Result<i64, No> {
    match amount(request) {
        None | Some(0) => Err(("E3022", "入金取消金額が未設定です。")),
        Some(amount) if amount > 0 => Err(("E3013", "入金取消金額は負数で設定してください。")),
        Some(amount) if bill.received() + amount < 0 => {
            Err(("E3014", "入金額の合計が負になります。"))
        }
        Some(amount) => Ok(amount),
    }
}

/// All that is too much goes back.
fn overpaid(bill: &Bill) -> Result<i64, No> {
    match bill.unpaid() {
        unpaid if unpaid < 0 => Ok(unpaid),
        _ => Err(("E0108", "返金する金額がありません。")),
    }
}

/// 処理日時: as it is said, or now.
fn moment(now: DateTime<FixedOffset>, request: &Node<'_>) -> Result<(NaiveDate, String), No> {
    let date = match request.str("Processing_Date") {
        "" => now.date_naive(),
        text => NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .map_err(|_| ("E0104", "処理日が不正です。"))?,
    };
    let time = match request.str("Processing_Time") {
        "" => now.format("%H:%M").to_string(),
        text if text.len() == 5 && NaiveTime::parse_from_str(text, "%H:%M").is_ok() => {
            text.to_owned()
        }
        _ => return Err(("E0105", "処理時間が不正です。")),
    };
    Ok((date, time))
}

const fn state_name(state: u8) -> &'static str {
    match state {
        1 | 9 => "請求",
        2 => "入金",
        3 => "再計算",
        4 => "返金",
        5 => "請求取消",
        6 => "入金取消",
        7 => "継続",
        8 => "診療訂正",
        _ => "請求額なし",
    }
}

pub(super) const fn department(bill: &Bill) -> &'static str {
    match bill.in_out {
        InOut::In => "10",
        InOut::Out => "01",
    }
}

/// Cd_Information.
pub(super) fn sums<'a>(bill: &Bill) -> Node<'a> {
    let own = bill.own_exempt() + bill.own_taxable();
    let node = Node::record([
        ("Ac_Money", money(bill.charged())),
        ("Ic_Money", money(bill.received())),
        ("Ai_Money", money(bill.insured)),
        ("Oe_Money", money(own)),
    ]);
    with_money(node, "Meal_Smoney", bill.meals.0)
}

/// Ac_Point_Information. The two calls write the same names differently.
pub(super) fn points<'a>(bill: &Bill, capital: bool) -> Node<'a> {
    let names = if capital {
        ["AC_Point_Code", "AC_Point_Name", "AC_Point"]
    } else {
        ["Ac_Point_Code", "Ac_Point_Name", "Ac_Point"]
    };
    let whole = match bill.in_out {
        InOut::In => "A10",
        InOut::Out => "A00",
    };
    let rows = POINTS.iter().map(|(code, name)| {
        let points = if *code == whole { bill.points } else { 0 };
        Node::record([
            (names[0], text(code)),
            (names[1], text(name)),
            (names[2], money(points)),
        ])
    });
    Node::record([
        ("Ac_Ttl_Point", money(bill.points)),
        ("Ac_Point_Detail", padded(rows.collect(), POINTS.len() + 1)),
    ])
}

/// Oe_Etc_Information: ten places, of which those with a name are filled.
pub(super) fn own<'a>(bill: &Bill, named: bool) -> Node<'a> {
    let rows = (1..=10).map(|place| {
        let mine = bill.own.iter().find(|(slot, ..)| *slot == place);
        let master = OWN.iter().find(|(slot, _)| *slot == place && named);
        let name = mine
            .map(|(_, name, ..)| name.as_str())
            .or(master.map(|(_, name)| *name));
        let Some(name) = name else {
            return Node::Record(Vec::new());
        };
        let node = Node::record([
            ("Oe_Etc_Number", text(&format!("{place:>2}"))),
            ("Oe_Etc_Name", text(name)),
        ]);
        let (exempt, taxable) = mine.map_or((0, 0), |(.., exempt, taxable)| (*exempt, *taxable));
        let node = with_money(node, "Oe_Etc_Money_Non_Taxable", exempt);
        with_money(node, "Oe_Etc_Money_Taxable", taxable)
    });
    let (exempt, taxable) = (bill.own_exempt(), bill.own_taxable());
    let mut node = Node::Record(Vec::new());
    node = with_money(node, "Oe_Etc_Ttl_Money_Non_Taxable", exempt);
    node = with_money(node, "Oe_Etc_Ttl_Money_Taxable", taxable);
    node = with_money(node, "Tax_In_Oe_Etc_Ttl_Money_Taxable", taxable * 10 / 110);
    node.with("Oe_Etc_Detail", Node::List(rows.collect()))
}
