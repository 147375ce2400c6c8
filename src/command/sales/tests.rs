//! Tests of the list of sales.

use std::path::PathBuf;

use chrono::DateTime;
use clap::Parser;
use tempfile::TempDir;

use super::*;
use crate::domain::ledger::{CatId, Entry, Evidence, Route, TerminalFacts};
use crate::domain::record::Stamp;
use crate::domain::sale::{Line, Operator, SaleDraft, TaxClass};
use crate::domain::slip::{ApprovalCode, SequenceNumber, TerminalSlipNumber};
use crate::domain::tender::Tender;
use crate::domain::text::Bilingual;

#[derive(Debug, Parser)]
struct Typed {
    #[command(flatten)]
    sales: SalesArgs,
}

fn args(words: &str) -> SalesArgs {
    let words = std::iter::once("sales").chain(words.split_whitespace());
    Typed::try_parse_from(words).expect("understood").sales
}

fn names(ja: &str, en: &str) -> Bilingual {
    Bilingual {
        ja: ja.to_owned(),
        en: en.to_owned(),
    }
}

fn draft(tenders: Vec<Tender>) -> SaleDraft {
    let total = tenders.iter().map(|tender| tender.amount().get()).sum();
    SaleDraft {
        kind: SaleKind::Sale,
        order: None,
        original: None,
        undo: None,
        part: false,
        replaces: None,
        lines: vec![Line {
            name: String::new(),
            unit: Yen::new(total),
            quantity: 1,
            tax: TaxClass::Taxable,
        }],
        tenders,
        operator: Operator {
            code: "=1+1".to_owned(),
            name: "佐藤".to_owned(),
        },
        terminal_code: "01".to_owned(),
        practice: true,
    }
}

/// A cash sale on the first day; on the second one card and cash, paid, and one that was sent and never answered.
fn books() -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("practice.db");
    let mut store = Store::open(&path, BooksKind::Practice).expect("opens");
    let stamp = |day| Stamp {
        at: DateTime::parse_from_rfc3339(&format!("2026-06-0{day}T14:32:07+09:00"))
            .expect("a moment"),
        business_date: format!("2026-06-0{day}").parse().expect("a day"),
    };
    let slip = |number: u32| SlipNumber::new(SlipNumber::PRACTICE_FIRST + number - 1);
    let card = || Tender::Card {
        card: "11".to_owned(),
        name: names("カード会社甲", "Card A"),
        card_class: CardClass::TRIPLE_WAIT,
        card_class_name: names("三面待ち", "Any touch"),
        amount: Yen::new(1_200),
        link: LinkKind::Linked,
    };
    let cash = |amount, received| Tender::Cash {
        amount: Yen::new(amount),
        received: Yen::new(received),
    };
    let pending = |number, tenders| Entry::Pending {
        slip: slip(number),
        sequence_number: SequenceNumber::new(900_000 + number).expect("in range"),
        sale: draft(tenders),
        route: Route {
            cat: CatId::Cat1,
            model: "open-cat".to_owned(),
        },
    };
    let sent = |number| Entry::Sent {
        slip: slip(number),
        journal: None,
    };
    let sold = Entry::Sold {
        slip: slip(1),
        sale: draft(vec![cash(500, 1_000)]),
    };
    let posted = Entry::Posted {
        slip: slip(2),
        evidence: Evidence::Answer,
        terminal: TerminalFacts {
            slip_number: TerminalSlipNumber::new("00871").ok(),
            approval_code: ApprovalCode::new("A12").ok(),
            card_class: Some(CardClass::CREDIT),
            ..TerminalFacts::default()
        },
    };
    store
        .append_many([
            (stamp(1), sold),
            (stamp(2), pending(2, vec![card(), cash(300, 300)])),
            (stamp(2), sent(2)),
            (stamp(2), posted),
            (stamp(2), pending(3, vec![card()])),
            (stamp(2), sent(3)),
        ])
        .expect("follows the rules");
    (folder, path)
}

fn listed(words: &str, path: &Path, language: Language) -> String {
    let mut out = Vec::new();
    run(&args(words), path, language, &mut out).expect("listed");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn programs_read_every_field_of_the_contract() {
    let (_folder, path) = books();
    let text = listed("--format json", &path, Language::En);
    let list: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        list,
        serde_json::json!([
            {
                "slip_number": 90_000_001, "recorded_at": "2026-06-01T14:32:07+09:00",
                "business_date": "2026-06-01", "kind": "sale", "state": "settled", "amount": 500,
                "practice": true, "operator": "=1+1", "terminal_code": "01",
                "order_slip_number": null, "original_slip_number": null,
                "tenders": [{
                    "kind": "cash", "card": null, "card_name": null, "card_class": null,
                    "card_class_name": null, "card_class_used": null, "amount": 500, "received": 1_000,
                    "link": "none", "sequence_number": null, "terminal_slip_number": null,
                    "approval_code": null,
                }],
            },
            {
                "slip_number": 90_000_002, "recorded_at": "2026-06-02T14:32:07+09:00",
                "business_date": "2026-06-02", "kind": "sale", "state": "settled", "amount": 1_500,
                "practice": true, "operator": "=1+1", "terminal_code": "01",
                "order_slip_number": null, "original_slip_number": null,
                "tenders": [
                    {
                        "kind": "card", "card": "11", "card_name": "Card A", "card_class": 30,
                        "card_class_name": "Any touch", "card_class_used": 3, "amount": 1_200,
                        "link": "linked", "sequence_number": 900_002, "terminal_slip_number": "00871",
                        "approval_code": "A12",
                    },
                    {
                        "kind": "cash", "card": null, "card_name": null, "card_class": null,
                        "card_class_name": null, "card_class_used": null, "amount": 300,
                        "received": 300, "link": "none", "sequence_number": null,
                        "terminal_slip_number": null, "approval_code": null,
                    },
                ],
            },
            {
                "slip_number": 90_000_003, "recorded_at": "2026-06-02T14:32:07+09:00",
                "business_date": "2026-06-02", "kind": "sale", "state": "unknown", "amount": 1_200,
                "practice": true, "operator": "=1+1", "terminal_code": "01",
                "order_slip_number": null, "original_slip_number": null,
                "tenders": [{
                    "kind": "card", "card": "11", "card_name": "Card A", "card_class": 30,
                    "card_class_name": "Any touch", "card_class_used": null, "amount": 1_200,
                    "link": "linked", "sequence_number": 900_003, "terminal_slip_number": null,
                    "approval_code": null,
                }],
            },
        ])
    );
}

#[test]
fn spreadsheets_get_a_row_a_tender_and_no_formula() {
    let (_folder, path) = books();
    let text = listed("--format csv --from 2026-06-02", &path, Language::Ja);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[0].starts_with("\u{FEFF}slip_number,recorded_at,"));
    assert!(lines[1].contains(",'=1+1,01,"), "{}", lines[1]);
    assert!(
        lines[1].ends_with(",card,11,カード会社甲,30,三面待ち,3,1200,,linked,900002,00871,A12"),
        "{}",
        lines[1]
    );
    for (text, safe) in [
        ("=1", "'=1"),
        ("＋1", "'＋1"),
        ("a=1", "a=1"),
        ("\t-1", "'-1"),
    ] {
        assert_eq!(no_formula(text), safe);
    }
}

#[test]
fn people_read_columns_that_stand_under_each_other() {
    let (_folder, path) = books();
    assert_eq!(
        listed("", &path, Language::Ja),
        "【練習】実際の請求ではありません
伝票番号  営業日      時刻   種別  状態   金額  支払                 カード区分  連携  端末伝票
90000001  2026-06-01  14:32  売上  成立    500  現金                             -
90000002  2026-06-02  14:32  売上  成立  1,500  カード会社甲 + 現金  三面待ち    連動  00871
90000003  2026-06-02  14:32  売上  不明  1,200  カード会社甲         三面待ち    連動
"
    );
    let english = listed("--to 2026-06-01", &path, Language::En);
    assert_eq!(english.lines().count(), 3, "{english}");
    assert!(english.contains("settled"), "{english}");
}

#[test]
fn no_books_are_an_empty_list() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("books.db");
    assert_eq!(listed("--format json", &path, Language::Ja), "[]\n");
    assert_eq!(
        listed("--format csv", &path, Language::Ja).lines().count(),
        1
    );
    assert_eq!(listed("", &path, Language::En).lines().count(), 1);
    assert!(!path.exists());
}

#[test]
fn days_that_make_no_sense_are_told() {
    for words in ["--from 2026-13-01", "--to yesterday", "--format xml"] {
        let words = std::iter::once("sales").chain(words.split_whitespace());
        assert!(Typed::try_parse_from(words).is_err());
    }
    let swapped = args("--from 2026-06-02 --to 2026-06-01");
    let refused = run(
        &swapped,
        Path::new("nowhere"),
        Language::En,
        &mut Vec::new(),
    );
    let said = refused.expect_err("refused").to_string();
    assert!(said.contains("swap"), "{said}");
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (_folder, path) = books();
    for words in ["--format json", "--format csv", "--format table"] {
        run(&args(words), &path, Language::En, &mut Gone).expect("no error");
    }
}
