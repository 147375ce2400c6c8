//! Tests of the list of sales.

use std::path::PathBuf;

use chrono::DateTime;
use clap::Parser;
use tempfile::TempDir;

use super::*;
use crate::domain::by_hand::{Place, Side, Why};
use crate::domain::ledger::{CatId, Entry, Evidence, Route, TerminalFacts};
use crate::domain::record::Stamp;
use crate::domain::sale::{Line, Operator, SaleDraft, TaxClass, Undo};
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
        bill: None,
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
        terminal_id: None,
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
                "part": false, "replaces_slip_number": null, "by_hand": false,
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
                "part": false, "replaces_slip_number": null, "by_hand": false,
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
                "part": false, "replaces_slip_number": null, "by_hand": false,
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
        lines[1].ends_with(
            ",card,11,カード会社甲,30,三面待ち,3,1200,,linked,900002,00871,A12,false,,false"
        ),
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

/// A cash sale that was taken back with a corrected bill, that bill in two parts, the second by hand and booked first, and a sale by hand.
fn books_by_hand() -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("practice.db");
    let mut store = Store::open(&path, BooksKind::Practice).expect("opens");
    let stamp = Stamp {
        at: DateTime::parse_from_rfc3339("2026-06-01T14:32:07+09:00").expect("a moment"),
        business_date: "2026-06-01".parse().expect("a day"),
    };
    let slip = |number: u32| SlipNumber::new(SlipNumber::PRACTICE_FIRST + number - 1);
    let cash = |amount| Tender::Cash {
        amount: Yen::new(amount),
        received: Yen::new(amount),
    };
    let card = |amount| Tender::Card {
        card: "11".to_owned(),
        name: names("カード会社甲", "Card A"),
        card_class: CardClass::CREDIT,
        card_class_name: names("クレジット", "Credit"),
        amount: Yen::new(amount),
        link: LinkKind::Manual,
    };
    let bill = |amount| draft(vec![cash(amount)]).lines;
    let mut undo = draft(vec![cash(1_000)]);
    undo.kind = SaleKind::Void;
    undo.original = Some(slip(1));
    undo.undo = Some(Undo {
        rule: "cash".to_owned(),
        lines: vec![],
        allowed_by: None,
        corrected: bill(300),
        corrected_bill: None,
        terminal_slip: None,
    });
    let part = |tender, order| SaleDraft {
        lines: bill(300),
        part: true,
        order,
        replaces: Some(slip(2)),
        ..draft(vec![tender])
    };
    let operator = draft(vec![]).operator;
    let by_hand = |number, sale, first| Entry::ByHand {
        slip: slip(number),
        sale,
        place: Place {
            cat: None,
            model: "open-cat".to_owned(),
        },
        why: Why::NotCarried,
        first,
        operator: operator.clone(),
    };
    let entries = [
        Entry::Sold {
            slip: slip(1),
            sale: draft(vec![cash(1_000)]),
        },
        Entry::Sold {
            slip: slip(2),
            sale: undo,
        },
        Entry::Sold {
            slip: slip(3),
            sale: part(cash(100), None),
        },
        by_hand(4, part(card(200), Some(slip(3))), Side::Counter),
        Entry::Booked {
            slip: slip(4),
            operator: operator.clone(),
        },
        by_hand(5, draft(vec![card(70)]), Side::Terminal),
        Entry::Posted {
            slip: slip(5),
            evidence: Evidence::Operator {
                operator: operator.clone(),
                proof: "00077".to_owned(),
            },
            terminal: TerminalFacts {
                slip_number: TerminalSlipNumber::new("00077").ok(),
                ..TerminalFacts::default()
            },
        },
        by_hand(6, draft(vec![card(80)]), Side::Terminal),
    ];
    store
        .append_many(entries.map(|entry| (stamp, entry)))
        .expect("follows the rules");
    (folder, path)
}

#[test]
fn what_was_taken_back_or_made_by_hand_is_listed_as_what_it_is() {
    let (_folder, path) = books_by_hand();
    assert_eq!(
        listed("", &path, Language::Ja),
        "【練習】実際の請求ではありません
伝票番号  営業日      時刻   種別        状態         金額  支払          カード区分  連携  端末伝票
90000001  2026-06-01  14:32  売上        成立        1,000  現金                      -
90000002  2026-06-01  14:32  取消        成立        1,000  現金                      -
90000003  2026-06-01  14:32  売上(一部)  成立          100  現金                      -
90000004  2026-06-01  14:32  売上(一部)  端末側待ち    200  カード会社甲  クレジット  手動
90000005  2026-06-01  14:32  売上        成立           70  カード会社甲  クレジット  手動  00077
90000006  2026-06-01  14:32  売上        手動中         80  カード会社甲  クレジット  手動
"
    );
    let text = listed("--format json", &path, Language::En);
    let list: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let told: Vec<_> = list
        .as_array()
        .expect("a list")
        .iter()
        .map(|sale| {
            let field = |name: &str| sale[name].clone();
            (
                field("kind"),
                field("state"),
                field("part"),
                field("replaces_slip_number"),
                field("by_hand"),
            )
        })
        .collect();
    let row = |kind: &str, state: &str, part: bool, replaces: Option<u32>, by_hand: bool| {
        (
            kind.into(),
            state.into(),
            part.into(),
            replaces.into(),
            by_hand.into(),
        )
    };
    assert_eq!(
        told,
        [
            row("sale", "settled", false, None, false),
            row("void", "settled", false, None, false),
            row("sale", "settled", true, Some(90_000_002), false),
            row("sale", "booked", true, Some(90_000_002), true),
            row("sale", "settled", false, None, true),
            row("sale", "by_hand", false, None, true),
        ]
    );
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
