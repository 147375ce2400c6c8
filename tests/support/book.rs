//! Writes a book of years: the same days from the same seed, through the same rules as the console's own.

use std::path::Path;

use chrono::{DateTime, Duration, FixedOffset};
use madoguchi::domain::business_day::BusinessDate;
use madoguchi::domain::ledger::{
    CatId, Entry, Evidence, NotCharged, Route, TerminalFacts, UnknownReason,
};
use madoguchi::domain::money::Yen;
use madoguchi::domain::record::Stamp;
use madoguchi::domain::sale::{Line, Operator, SaleDraft, SaleKind, TaxClass};
use madoguchi::domain::slip::{ApprovalCode, SequenceNumber, SlipNumber, TerminalSlipNumber};
use madoguchi::domain::tender::{CardClass, LinkKind, Tender};
use madoguchi::domain::text::Bilingual;
use madoguchi::edge::store::{BooksKind, Store};

/// How long a book.
pub(crate) struct Plan {
    /// Business days, from 2016-04-01 on.
    pub(crate) days: u32,
    /// Sales of each day.
    pub(crate) sales_a_day: u32,
    /// The same seed writes the same book.
    pub(crate) seed: u64,
}

/// What was written.
pub(crate) struct Written {
    /// Entries of the ledger.
    pub(crate) entries: u64,
    /// Slips.
    pub(crate) sales: u32,
    /// Slips that are paid.
    pub(crate) settled: u32,
    /// Their sum, in yen.
    pub(crate) settled_total: i64,
    /// The last business day.
    pub(crate) last_day: BusinessDate,
}

/// Write a live book to a path where there is none.
pub(crate) fn write(path: &Path, plan: &Plan) -> Written {
    let mut store = Store::open(path, BooksKind::Live).expect("a new book opens");
    let mut author = Author::new(plan.seed);
    let mut entries = 0;
    // Some weeks a transaction: fast, and small enough for the write-ahead log.
    for day in 0..plan.days {
        author.day(day, plan.sales_a_day);
        if author.entries.len() > 20_000 || day + 1 == plan.days {
            let written = store.append_many(std::mem::take(&mut author.entries));
            entries += written.expect("the entries follow the rules");
        }
    }
    Written {
        entries,
        sales: author.slip,
        settled: author.settled,
        settled_total: author.settled_total,
        last_day: day_of(plan.days.saturating_sub(1)).business_date,
    }
}

struct Author {
    random: u64,
    slip: u32,
    sequence_number: u32,
    settled: u32,
    settled_total: i64,
    entries: Vec<(Stamp, Entry)>,
}

/// Cards of the shop: code, names, class, names of the class, how many of a hundred card sales.
const CARDS: [(&str, &str, &str, u8, &str, &str, u64); 6] = [
    (
        "01",
        "カード会社甲",
        "Card A",
        3,
        "クレジット",
        "Credit",
        45,
    ),
    (
        "02",
        "カード会社乙",
        "Card B",
        3,
        "クレジット",
        "Credit",
        25,
    ),
    ("10", "交通系", "Transit", 1, "電子マネー", "E-money", 15),
    ("11", "流通系", "Retail", 1, "電子マネー", "E-money", 8),
    ("20", "デビット", "Debit", 2, "デビット", "Debit", 5),
    (
        "30",
        "三面待ち",
        "Any touch",
        30,
        "クレ銀三面待ち",
        "Triple",
        2,
    ),
];

impl Author {
    fn new(seed: u64) -> Author {
        Author {
            random: seed.wrapping_mul(2).wrapping_add(1),
            slip: 0,
            sequence_number: 0,
            settled: 0,
            settled_total: 0,
            entries: Vec::new(),
        }
    }

    /// A number below `limit`.
    fn below(&mut self, limit: u64) -> u64 {
        // SplitMix64.
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }

    fn day(&mut self, day: u32, sales: u32) {
        let Stamp { at, business_date } = day_of(day);
        for sale in 0..sales {
            let at = at + Duration::seconds(i64::from(sale) * 9 * 3_600 / i64::from(sales.max(1)));
            let stamp = Stamp { at, business_date };
            let amount = self.amount();
            if self.below(100) < 55 {
                self.card_sale(stamp, amount);
            } else {
                self.cash_sale(stamp, amount);
            }
        }
    }

    /// Mostly what a visit costs; now and then much more.
    fn amount(&mut self) -> i64 {
        let yen = match self.below(10) {
            0..6 => 300 + self.below(300) * 10,
            6..9 => 1_000 + self.below(900) * 10,
            _ => 10_000 + self.below(4_000) * 10,
        };
        i64::try_from(yen).expect("an amount is small")
    }

    fn cash_sale(&mut self, stamp: Stamp, amount: i64) {
        let slip = self.next_slip();
        let paid = Tender::Cash {
            amount: Yen::new(amount),
            received: Yen::new((amount + 999) / 1_000 * 1_000),
        };
        let sale = self.draft(amount, vec![paid]);
        self.settle(amount);
        self.entries.push((stamp, Entry::Sold { slip, sale }));
    }

    fn card_sale(&mut self, stamp: Stamp, amount: i64) {
        let slip = self.next_slip();
        self.sequence_number = self.sequence_number % 899_999 + 1;
        let (class, tenders) = self.tenders(amount);
        let sale = self.draft(amount, tenders);
        let later = |seconds| Stamp {
            at: stamp.at + Duration::seconds(seconds),
            ..stamp
        };
        let route = Route {
            cat: CatId::Cat1,
            model: "open-cat".to_owned(),
        };
        let sequence_number = SequenceNumber::new(self.sequence_number).expect("in range");
        self.entries.push((
            stamp,
            Entry::Pending {
                slip,
                sequence_number,
                sale,
                route,
            },
        ));
        let outcome = self.below(100);
        let journal = None;
        self.entries.push((
            later(1),
            Entry::Sent {
                slip,
                journal,
                terminal_id: None,
            },
        ));
        if outcome == 0 {
            let reason = UnknownReason::NoAnswer;
            self.entries
                .push((later(8), Entry::OutcomeUnknown { slip, reason }));
        }
        let resolved = match outcome {
            0..94 => {
                self.settle(amount);
                self.posted(slip, class, outcome == 0)
            }
            94..98 => released(
                slip,
                NotCharged::Declined {
                    center_result_code: Some("G12".to_owned()),
                },
            ),
            _ => released(slip, NotCharged::StoppedAtTerminal),
        };
        self.entries.push((later(9), resolved));
        self.entries.push((later(9), Entry::Shown { slip }));
    }

    fn posted(&mut self, slip: SlipNumber, class: CardClass, asked: bool) -> Entry {
        let terminal_slip = format!("{:05}", self.sequence_number % 100_000);
        let approval = format!("{:06}", self.below(1_000_000));
        Entry::Posted {
            slip,
            evidence: if asked {
                Evidence::Inquiry
            } else {
                Evidence::Answer
            },
            terminal: TerminalFacts {
                slip_number: TerminalSlipNumber::new(&terminal_slip).ok(),
                approval_code: ApprovalCode::new(&approval).ok(),
                card_class: Some(class),
                ..TerminalFacts::default()
            },
        }
    }

    /// One card; of thirty sales one is paid in cash for a part.
    fn tenders(&mut self, amount: i64) -> (CardClass, Vec<Tender>) {
        let mut pick = self.below(100);
        let (code, ja, en, class, class_ja, class_en, _) = CARDS
            .into_iter()
            .find(|card| match pick.checked_sub(card.6) {
                Some(rest) => {
                    pick = rest;
                    false
                }
                None => true,
            })
            .expect("the shares make a hundred");
        let cash = if self.below(30) == 0 { 100 } else { 0 };
        let mut tenders = vec![Tender::Card {
            card: code.to_owned(),
            name: bilingual(ja, en),
            card_class: CardClass(class),
            card_class_name: bilingual(class_ja, class_en),
            amount: Yen::new(amount - cash),
            link: LinkKind::Linked,
        }];
        if cash > 0 {
            tenders.push(Tender::Cash {
                amount: Yen::new(cash),
                received: Yen::new(cash),
            });
        }
        let used = if class == 30 { 3 } else { class };
        (CardClass(used), tenders)
    }

    fn draft(&mut self, amount: i64, tenders: Vec<Tender>) -> SaleDraft {
        SaleDraft {
            kind: SaleKind::Sale,
            order: None,
            original: None,
            undo: None,
            part: false,
            bill: None,
            replaces: None,
            lines: vec![Line {
                name: "診察".to_owned(),
                unit: Yen::new(amount),
                quantity: 1,
                tax: TaxClass::NonTaxable,
            }],
            tenders,
            operator: Operator {
                code: format!("{:02}", self.below(5) + 1),
                name: "受付".to_owned(),
            },
            terminal_code: "01".to_owned(),
            practice: false,
        }
    }

    fn next_slip(&mut self) -> SlipNumber {
        self.slip += 1;
        SlipNumber::new(self.slip)
    }

    fn settle(&mut self, amount: i64) {
        self.settled += 1;
        self.settled_total += amount;
    }
}

fn released(slip: SlipNumber, reason: NotCharged) -> Entry {
    Entry::Released {
        slip,
        reason,
        evidence: Evidence::Answer,
    }
}

fn bilingual(ja: &str, en: &str) -> Bilingual {
    Bilingual {
        ja: ja.to_owned(),
        en: en.to_owned(),
    }
}

fn day_of(day: u32) -> Stamp {
    let first: DateTime<FixedOffset> =
        DateTime::parse_from_rfc3339("2016-04-01T09:00:00+09:00").expect("a moment");
    let at = first + Duration::days(i64::from(day));
    Stamp {
        at,
        business_date: BusinessDate(at.date_naive()),
    }
}
