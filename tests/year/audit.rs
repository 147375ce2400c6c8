//! Money in the books against money in the receipt computer, every night: each posting of each settled slip, by invoice, amount, minute and code.

use std::collections::BTreeMap;

use madoguchi::domain::reflection::{Method, Posting, Standing, postings};
use madoguchi::domain::sale::SaleDraft;
use madoguchi::domain::slip::SlipNumber;
use madoguchi::domain::tender::Tender;
use rusqlite::{Connection, OpenFlags};

use crate::counter::Counter;

/// Every slip that is settled, after the last one that was looked at.
const SETTLED: &str = "
    SELECT sale.slip_number, sale.recorded_at_ms, sale.offset_minutes, entry.body
    FROM sale JOIN entry ON entry.id = sale.entry_id LEFT JOIN settlement USING (slip_number)
    WHERE sale.slip_number > ?1
      AND (settlement.state = 'settled' OR (sale.cat IS NULL AND sale.hand_model IS NULL))
    ORDER BY sale.slip_number";

/// One row as both sides know it: invoice, yen (below zero: back), minute, code.
type Row = (String, i64, String, String);

#[derive(Default)]
pub(crate) struct Audit {
    last_slip: u32,
    /// Let go tonight without being told.
    let_go: Vec<(SlipNumber, u16)>,
    /// Yen by code over all days: taken, told, let go, still listed.
    taken: BTreeMap<String, i64>,
    told: BTreeMap<String, i64>,
    let_go_yen: BTreeMap<String, i64>,
    postings: u64,
    rows: u64,
}

fn code(method: &Method) -> &'static str {
    match method {
        Method::Cash => "01",
        Method::Card(card) if card == "01" => "02",
        Method::Card(_) => "03",
    }
}

fn signed(posting: &Posting) -> i64 {
    match posting.back {
        true => -posting.amount.get(),
        false => posting.amount.get(),
    }
}

fn bare(number: &str) -> String {
    number.trim_start_matches('0').to_owned()
}

impl Audit {
    /// A posting is let go by a person: it is not there, or nobody knows.
    pub(crate) fn explained(&mut self, counter: &Counter, slip: SlipNumber, posting: u16) {
        let mut slips = counter.state.unreflected();
        let progress = slips
            .find(|told| told.slip == slip)
            .and_then(|told| told.posting(posting));
        let standing = progress.map(|one| one.standing.clone());
        assert!(
            !matches!(standing, Some(Standing::Reflected) | None),
            "{standing:?}"
        );
        self.let_go.push((slip, posting));
    }

    /// Everything of the day.
    pub(crate) fn look(&mut self, counter: &mut Counter) {
        assert_eq!(counter.state.open, vec![], "a sale without an outcome");
        assert_eq!(
            counter.orca.computer.sessions(),
            0,
            "a patient is held overnight"
        );
        let listed: Vec<String> = counter
            .state
            .queue()
            .iter()
            .map(|row| format!("{row:?}"))
            .collect();
        assert_eq!(listed, Vec::<String>::new(), "told or let go by the night");
        let (mut ours, mut charged) = (BTreeMap::<Row, i64>::new(), 0);
        let mut let_go = BTreeMap::<Row, i64>::new();
        for (slip, at, sale) in self.settled(counter) {
            charged += sale
                .tenders
                .iter()
                .filter(|tender| matches!(tender, Tender::Card { .. }))
                .map(|tender| tender.amount().get())
                .sum::<i64>();
            for posting in postings(&sale) {
                self.postings += 1;
                let code = code(&posting.method);
                let yen = signed(&posting);
                let row = (
                    bare(posting.invoice.as_ref().map_or("", |one| one.as_str())),
                    yen,
                    at.clone(),
                    code.to_owned(),
                );
                *self.taken.entry(code.to_owned()).or_default() += yen;
                if self.let_go.contains(&(slip, posting.number)) {
                    *let_go.entry(row).or_default() += 1;
                } else {
                    *ours.entry(row).or_default() += 1;
                }
            }
        }
        assert_eq!(
            charged, counter.terminal.charged,
            "the terminal and the books differ"
        );
        counter.terminal.charged = 0;
        let mut theirs = BTreeMap::<Row, i64>::new();
        for row in counter.orca.computer.posted() {
            if row.by.is_empty() {
                continue;
            }
            self.rows += 1;
            let key = (
                bare(&row.invoice),
                row.amount,
                row.processed.clone(),
                row.code.clone(),
            );
            *theirs.entry(key).or_default() += 1;
            *self.told.entry(row.code.clone()).or_default() += row.amount;
        }
        for (row, count) in &ours {
            let there = theirs.get(row).copied().unwrap_or(0);
            assert!(
                there >= *count,
                "{row:?} was taken {count} times and is there {there} times"
            );
        }
        for (row, there) in &theirs {
            let taken = ours.get(row).copied().unwrap_or(0);
            let unknown = let_go.get(row).copied().unwrap_or(0);
            assert!(
                *there <= taken + unknown,
                "{row:?} was taken {taken} times and is there {there} times"
            );
        }
        // What was let go is not there, or was listed as not known.
        for (row, count) in &let_go {
            let more = theirs.get(row).copied().unwrap_or(0) - ours.get(row).copied().unwrap_or(0);
            let gone = row.1 * (count - more);
            *self.let_go_yen.entry(row.3.clone()).or_default() += gone;
        }
        self.let_go.clear();
        for (code, _) in crate::receipt_computer::CODES {
            let of = |sums: &BTreeMap<String, i64>| sums.get(code).copied().unwrap_or(0);
            assert_eq!(
                of(&self.taken),
                of(&self.told) + of(&self.let_go_yen),
                "code {code}"
            );
        }
    }

    /// The slips as SQLite has them, by a second connection that only reads.
    fn settled(&mut self, counter: &Counter) -> Vec<(SlipNumber, String, SaleDraft)> {
        let books = Connection::open_with_flags(counter.path(), OpenFlags::SQLITE_OPEN_READ_ONLY);
        let books = books.expect("the books open for reading");
        let mut statement = books.prepare(SETTLED).expect("the tables are there");
        let rows = statement.query_map([self.last_slip], |row| {
            let (slip, ms): (u32, i64) = (row.get(0)?, row.get(1)?);
            let (minutes, body): (i32, String) = (row.get(2)?, row.get(3)?);
            Ok((slip, ms, minutes, body))
        });
        let mut found = Vec::new();
        for row in rows.expect("the books are read") {
            let (slip, ms, minutes, body) = row.expect("a row");
            let at = chrono::DateTime::from_timestamp_millis(ms + i64::from(minutes) * 60_000);
            let at = at.expect("a moment").format("%Y-%m-%d %H:%M").to_string();
            let body: serde_json::Value = serde_json::from_str(&body).expect("an entry");
            let sale = serde_json::from_value(body["sale"].clone()).expect("its sale");
            self.last_slip = slip;
            found.push((SlipNumber::new(slip), at, sale));
        }
        found
    }

    pub(crate) fn report(&self) -> String {
        format!(
            "{} postings in the books, {} rows in the receipt computer; yen by code: taken {:?}, told {:?}, let go {:?}",
            self.postings, self.rows, self.taken, self.told, self.let_go_yen
        )
    }
}
