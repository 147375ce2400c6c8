//! The patients of a made-up day and their invoices. The same seed, the same day.

use chrono::{DateTime, Duration, FixedOffset, NaiveDate};

use crate::domain::bill::InOut;

/// What the receipt computer has in its books.
#[derive(Debug, Clone, Default)]
pub struct Scene {
    /// Everybody.
    pub people: Vec<Person>,
    /// Every invoice, oldest first.
    pub invoices: Vec<Bill>,
    /// Who came today, in the order of their visit.
    pub visits: Vec<Visit>,
    /// 入金方法: code and name.
    pub tenders: Vec<(String, String)>,
}

/// A patient.
#[derive(Debug, Clone)]
pub struct Person {
    /// 患者番号.
    pub number: String,
    /// 氏名.
    pub name: String,
    /// カナ氏名.
    pub kana: String,
    /// 生年月日.
    pub born: NaiveDate,
    /// 1 男, 2 女.
    pub sex: u8,
}

/// Somebody who came.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Whose: 患者番号.
    pub patient: String,
    /// 受付時間.
    pub accepted: DateTime<FixedOffset>,
    /// When the bill was made.
    pub accounted: DateTime<FixedOffset>,
    /// 伝票番号 of that bill.
    pub invoice: String,
}

/// An invoice.
#[derive(Debug, Clone)]
pub struct Bill {
    /// 伝票番号.
    pub number: String,
    /// Of invoices that belong together.
    pub group: Option<String>,
    /// Whose: 患者番号.
    pub patient: String,
    /// 入外区分.
    pub in_out: InOut,
    /// 診療日.
    pub performed: NaiveDate,
    /// 負担割合, percent.
    pub rate: u8,
    /// 点数.
    pub points: i64,
    /// 保険分, yen.
    pub insured: i64,
    /// 食事, yen: what the patient bears, and what it costs.
    pub meals: (i64, i64),
    /// 自費: slot, name, non-taxable and taxable yen (tax inside).
    pub own: Vec<(usize, String, i64, i64)>,
    /// 請求取消.
    pub void: bool,
    /// Oldest first; what was received is their sum.
    pub history: Vec<Row>,
}

/// A row of an invoice's history.
#[derive(Debug, Clone)]
pub struct Row {
    /// 処理日.
    pub date: NaiveDate,
    /// 処理時間, HH:MM.
    pub time: String,
    /// 請求額, where the row is a charge.
    pub charged: Option<i64>,
    /// 入金額.
    pub received: i64,
    /// State: 1 請求, 2 入金, 4 返金, 5 請求取消, 6 入金取消, 9 請求 with its payment.
    pub state: u8,
    /// 入金方法.
    pub code: Option<String>,
}

impl Bill {
    /// Ac_Money.
    pub fn charged(&self) -> i64 {
        if self.void {
            return 0;
        }
        self.insured + self.meals.0 + self.own_exempt() + self.own_taxable()
    }

    /// Ic_Money.
    pub fn received(&self) -> i64 {
        self.history.iter().map(|row| row.received).sum()
    }

    /// Unpaid_Money.
    pub fn unpaid(&self) -> i64 {
        self.charged() - self.received()
    }

    /// State and its name.
    pub fn state(&self) -> (&'static str, &'static str) {
        match (self.void, self.charged(), self.unpaid()) {
            (true, ..) => ("3", "請求取消"),
            (false, 0, _) => ("0", "請求額なし"),
            (false, _, unpaid) if unpaid > 0 => ("2", "未入金"),
            _ => ("1", "入金済"),
        }
    }

    /// 自費, exempt from tax.
    pub fn own_exempt(&self) -> i64 {
        self.own.iter().map(|(.., exempt, _)| exempt).sum()
    }

    /// 自費 with tax inside.
    pub fn own_taxable(&self) -> i64 {
        self.own.iter().map(|(.., taxable)| taxable).sum()
    }
}

impl Scene {
    /// A day with so many patients: some are through with the doctor before `now`, the others follow after five seconds, half a
    /// minute apart.
    pub fn of_day(seed: u64, now: DateTime<FixedOffset>, patients: usize) -> Scene {
        let mut scene = Scene {
            tenders: [
                ("01", "現金"),
                ("02", "クレジットカード"),
                ("03", "電子マネー"),
            ]
            .map(|(code, name)| (code.to_owned(), name.to_owned()))
            .to_vec(),
            ..Scene::default()
        };
        let mut number = 1_000;
        for place in 0..patients {
            scene.visit(seed, now, place, patients, &mut number);
        }
        scene
    }

    fn visit(
        &mut self,
        seed: u64,
        now: DateTime<FixedOffset>,
        place: usize,
        patients: usize,
        number: &mut usize,
    ) {
        let roll = |what: u64, below: u64| {
            mixed(seed ^ (place as u64 + 1).wrapping_mul(0x0100_0000_01B3) ^ (what << 56)) % below
        };
        let of = |names: &[(&'static str, &'static str)], what: u64| {
            names[usize::try_from(roll(what, names.len() as u64)).unwrap_or(0)]
        };
        let (family, family_kana) = of(&FAMILIES, 1);
        let (given, given_kana) = of(&GIVEN, 2);
        let patient = format!("{:05}", place + 1);
        let years = i64::try_from(roll(3, 90)).unwrap_or(0);
        self.people.push(Person {
            number: patient.clone(),
            name: format!("{family}　{given}"),
            kana: format!("{family_kana}　{given_kana}"),
            born: now.date_naive() - Duration::days(years * 365 + 100),
            sex: if roll(4, 2) == 0 { 1 } else { 2 },
        });
        // One in eight owes something from last month.
        if roll(5, 8) == 0 {
            let before = now - Duration::days(30);
            let bill = self.bill(seed, before, place, &patient, number);
            self.invoices.push(bill);
        }
        let ready = patients.div_ceil(2);
        // However early it is: nobody comes on the day before.
        let of_today = |moment: DateTime<FixedOffset>| {
            let midnight = now - now.time().signed_duration_since(chrono::NaiveTime::MIN);
            moment.max(midnight)
        };
        let accounted = if place < ready {
            of_today(now - Duration::minutes(i64::try_from(ready - place).unwrap_or(0)))
        } else {
            now + Duration::seconds(5 + 30 * i64::try_from(place - ready).unwrap_or(0))
        };
        let bill = self.bill(seed ^ 1, accounted, place, &patient, number);
        self.visits.push(Visit {
            patient,
            accepted: of_today(accounted - Duration::minutes(35)),
            accounted,
            invoice: bill.number.clone(),
        });
        self.invoices.push(bill);
    }

    fn bill(
        &self,
        seed: u64,
        made: DateTime<FixedOffset>,
        place: usize,
        patient: &str,
        number: &mut usize,
    ) -> Bill {
        let roll = |what: u64, below: i64| {
            let mixed = mixed(seed ^ (place as u64).wrapping_mul(0x0100_0193) ^ (what << 48));
            i64::try_from(mixed % below.unsigned_abs()).unwrap_or(0)
        };
        *number += 1;
        let rate = [10, 20, 30][usize::try_from(roll(1, 3)).unwrap_or(0)];
        let points = 73 + roll(2, 2_400);
        // 四捨五入 to ten yen, as the law has it.
        let insured = (points * i64::from(rate) / 10 + 5) / 10 * 10;
        let mut own = Vec::new();
        if roll(3, 10) == 0 {
            own.push((1, "診断書料".to_owned(), 0, 3_300));
        }
        if roll(4, 20) == 0 {
            own.push((10, "分娩介助料".to_owned(), 5_500, 0));
        }
        let mut bill = Bill {
            number: format!("{number:07}"),
            group: None,
            patient: patient.to_owned(),
            in_out: InOut::Out,
            performed: made.date_naive(),
            rate,
            points,
            insured,
            meals: (0, 0),
            own,
            void: false,
            history: Vec::new(),
        };
        let charged = bill.charged();
        bill.history.push(Row {
            date: made.date_naive(),
            time: made.format("%H:%M").to_string(),
            charged: Some(charged),
            received: 0,
            state: 1,
            code: Some("01".into()),
        });
        bill
    }

    /// Give every invoice a number that is so much higher.
    pub fn renumber(&mut self, by: u32) {
        let higher = |number: &mut String| {
            let old: u32 = number.parse().unwrap_or(0);
            *number = format!("{:07}", old + by);
        };
        self.invoices
            .iter_mut()
            .for_each(|bill| higher(&mut bill.number));
        self.visits
            .iter_mut()
            .for_each(|visit| higher(&mut visit.invoice));
    }
}

/// Scatters a number: worthless for secrets.
pub(super) const fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

const FAMILIES: [(&str, &str); 8] = [
    ("見本", "ミホン"),
    ("試験", "シケン"),
    ("仮", "カリ"),
    ("例", "レイ"),
    ("練習", "レンシュウ"),
    ("架空", "カクウ"),
    ("無名", "ムメイ"),
    ("模擬", "モギ"),
];
const GIVEN: [(&str, &str); 8] = [
    ("太郎", "タロウ"),
    ("花子", "ハナコ"),
    ("一郎", "イチロウ"),
    ("梅", "ウメ"),
    ("次郎", "ジロウ"),
    ("桜", "サクラ"),
    ("三郎", "サブロウ"),
    ("菊", "キク"),
];
