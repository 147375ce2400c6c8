//! `madoguchi slip show --as text`: what a slip says, read from the real program.

use std::path::Path;
use std::process::Command;

use madoguchi::app::message::{StoreRequest, Stored};
use madoguchi::domain::money::Yen;
use madoguchi::domain::record::Stamp;
use madoguchi::domain::sale::{Line, Operator, SaleDraft, SaleKind, TaxClass, Undo};
use madoguchi::domain::slip::SlipNumber;
use madoguchi::domain::tender::Tender;
use madoguchi::edge::store::{BooksKind, Store};
use unicode_width::UnicodeWidthStr as _;

/// A bill of 3,430 yen, 2,200 of it taxable, of which so much is paid in cash.
fn sell(folder: &Path, paid: i64) -> String {
    let mut store =
        Store::open(&folder.join("practice.sqlite3"), BooksKind::Practice).expect("books");
    let line = |name: &str, yen, tax| Line {
        name: name.into(),
        unit: Yen::new(yen),
        quantity: 1,
        tax,
    };
    let sale = SaleDraft {
        kind: SaleKind::Sale,
        order: None,
        original: None,
        undo: None,
        part: paid < 3_430,
        replaces: None,
        bill: None,
        lines: vec![
            line("再診料", 1_230, TaxClass::NonTaxable),
            line("診断書", 2_200, TaxClass::Taxable),
        ],
        tenders: vec![Tender::Cash {
            amount: Yen::new(paid),
            received: Yen::new(5_000),
        }],
        operator: Operator {
            code: "03".into(),
            name: "佐藤".into(),
        },
        terminal_code: "01".into(),
        practice: true,
    };
    let stamp = Stamp {
        at: "2026-11-21T14:32:00+09:00".parse().expect("a moment"),
        business_date: "2026-11-21".parse().expect("a date"),
    };
    match store.handle(StoreRequest::Sell { stamp, sale }) {
        Stored::Sold(record) => record.slip.to_string(),
        other => panic!("{other:?}"),
    }
}

fn shown(folder: &Path, words: &[&str]) -> String {
    // The shipped settings, with a number of one's own.
    let shipped = include_str!("../assets/config.sample.toml");
    let ours = shipped.replace(
        "# invoice_number = \"T1234567890123\"",
        "invoice_number = \"T1234567890123\"",
    );
    assert_ne!(ours, shipped, "the sample names it");
    std::fs::write(folder.join("config.toml"), ours).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_madoguchi"))
        .args(["slip", "show", "--as", "text", "--data-dir"])
        .arg(folder)
        .arg("--config")
        .arg(folder.join("config.toml"))
        .args(words)
        .env("HOME", folder)
        .env("XDG_CONFIG_HOME", folder)
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn a_slip_is_shown_as_text_in_every_width_and_language() {
    let folder = tempfile::tempdir().expect("a folder");
    let slip = sell(folder.path(), 3_430);
    for columns in [32_usize, 42, 48] {
        for (language, parts) in [
            (
                "ja",
                ["領収書", "適格簡易請求書", "T1234567890123", "2,200"],
            ),
            (
                "en",
                ["RECEIPT", "Simplified invoice", "T1234567890123", "2,200"],
            ),
        ] {
            let width = columns.to_string();
            let text = shown(
                folder.path(),
                &[&slip, "--columns", &width, "--lang", language],
            );
            for line in text.lines() {
                assert!(line.width() <= columns, "{line}");
            }
            for part in parts {
                assert!(text.contains(part), "{part}: {text}");
            }
            assert!(text.contains("¥3,430") && text.contains(&slip), "{text}");
        }
    }
}

/// The certificate of that bill, 2,200 yen, given back on the next day.
fn give_back(folder: &Path, original: &str) -> String {
    let mut store =
        Store::open(&folder.join("practice.sqlite3"), BooksKind::Practice).expect("books");
    let number = SlipNumber::new(original.parse().expect("a number"));
    let Stored::Found(Some(record)) = store.handle(StoreRequest::Find(number)) else {
        panic!("{original} is not there");
    };
    let sale = SaleDraft {
        kind: SaleKind::Refund,
        original: Some(number),
        undo: Some(Undo {
            rule: "cash".to_owned(),
            lines: vec![2],
            allowed_by: None,
            corrected: Vec::new(),
            corrected_bill: None,
            terminal_slip: None,
        }),
        lines: vec![record.sale.lines[1].clone()],
        tenders: vec![Tender::Cash {
            amount: Yen::new(2_200),
            received: Yen::new(2_200),
        }],
        ..record.sale
    };
    let stamp = Stamp {
        at: "2026-11-22T09:05:00+09:00".parse().expect("a moment"),
        business_date: "2026-11-22".parse().expect("a date"),
    };
    match store.handle(StoreRequest::Sell { stamp, sale }) {
        Stored::Sold(record) => record.slip.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_return_names_the_slip_it_takes_back_and_its_day_by_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let original = sell(folder.path(), 3_430);
    let slip = give_back(folder.path(), &original);
    for (language, heads) in [
        ("ja", ["返品伝票", "適格返還請求書", "元の伝票", "元の日付"]),
        (
            "en",
            [
                "RETURN SLIP",
                "Return invoice",
                "Original slip",
                "Original date",
            ],
        ),
    ] {
        let text = shown(
            folder.path(),
            &[&slip, "--columns", "48", "--lang", language],
        );
        for part in heads {
            assert!(text.contains(part), "{part}: {text}");
        }
        let told = |head: &str, value: &str| {
            let mut lines = text.lines();
            lines.any(|line| line.contains(head) && line.contains(value))
        };
        assert!(told(heads[2], &original), "{text}");
        assert!(told(heads[3], "2026-11-21"), "{text}");
        assert!(text.contains("¥2,200") && !text.contains("3,430"), "{text}");
    }
}

#[test]
fn a_slip_that_pays_a_part_says_whose_tax_it_shows() {
    let folder = tempfile::tempdir().expect("a folder");
    let slip = sell(folder.path(), 1_430);
    let ja = shown(folder.path(), &[&slip, "--columns", "48", "--lang", "ja"]);
    for part in [
        "今回支払",
        "¥1,430",
        "この伝票は会計の一部のお支払いです",
        "会計の合計",
        "会計の消費税等",
        "この伝票だけの税額ではありません",
    ] {
        assert!(ja.replace('\n', "").contains(part), "{part}: {ja}");
    }
    let paid = ja.find("今回支払").expect("said");
    let bill = ja.find("会計の合計").expect("said");
    assert!(paid < bill, "what was paid comes before what the bill is");
    // Two slips of one bill are one invoice: neither is headed as if it were it alone.
    let heads = ja.lines().filter(|line| line.trim() == "適格簡易請求書");
    assert_eq!(heads.count(), 0, "{ja}");
    let whole = format!("会計番号{slip}の伝票すべてで一つの適格簡易請求書です");
    let bare: String = ja.split_whitespace().collect();
    assert!(bare.contains(&whole), "{ja}");
    let en = shown(folder.path(), &[&slip, "--columns", "48", "--lang", "en"]);
    assert!(
        en.contains("Paid now") && en.contains("Bill: tax inside"),
        "{en}"
    );
}

/// A bill with goods at the reduced rate.
fn sell_reduced(folder: &Path) -> String {
    let mut store =
        Store::open(&folder.join("practice.sqlite3"), BooksKind::Practice).expect("books");
    let line = |name: &str, yen, quantity, tax| Line {
        name: name.into(),
        unit: Yen::new(yen),
        quantity,
        tax,
    };
    let sale = SaleDraft {
        kind: SaleKind::Sale,
        order: None,
        original: None,
        undo: None,
        part: false,
        replaces: None,
        bill: None,
        lines: vec![
            line("再診料", 1_230, 1, TaxClass::NonTaxable),
            line("歯ブラシ", 330, 1, TaxClass::Taxable),
            line("経口補水液", 216, 2, TaxClass::Reduced),
            line("ゼリー", 149, 1, TaxClass::Reduced),
        ],
        tenders: vec![Tender::Cash {
            amount: Yen::new(2_141),
            received: Yen::new(3_000),
        }],
        operator: Operator {
            code: "03".into(),
            name: "佐藤".into(),
        },
        terminal_code: "01".into(),
        practice: true,
    };
    let stamp = Stamp {
        at: "2026-11-21T14:32:00+09:00".parse().expect("a moment"),
        business_date: "2026-11-21".parse().expect("a date"),
    };
    match store.handle(StoreRequest::Sell { stamp, sale }) {
        Stored::Sold(record) => record.slip.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_invoice_names_each_of_its_rates_with_its_tax_and_marks_what_is_reduced() {
    let folder = tempfile::tempdir().expect("a folder");
    let slip = sell_reduced(folder.path());
    let text = shown(folder.path(), &[&slip, "--columns", "48", "--lang", "ja"]);
    let row = |words: &str| {
        let line = text.lines().find(|line| line.contains(words));
        let line = line.unwrap_or_else(|| panic!("{words}: {text}"));
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    // 330 x 10/110, 581 x 8/108: rounded once each.
    assert_eq!(row("経口補水液"), "経口補水液 ※ 432");
    assert_eq!(row("ゼリー"), "ゼリー ※ 149");
    assert_eq!(row("10%対象"), "10%対象 (内税) 330");
    assert_eq!(row("8%対象 ※"), "8%対象 ※ (内税) 581");
    assert_eq!(row("消費税等 (8%)"), "うち消費税等 (8%) 43");
    assert_eq!(row("非課税対象"), "非課税対象 1,230");
    assert!(text.contains("※は軽減税率(8%)対象"), "{text}");
    let en = shown(folder.path(), &[&slip, "--columns", "32", "--lang", "en"]);
    assert!(en.contains("R: reduced rate (8%)"), "{en}");
}

#[test]
fn a_template_that_is_older_than_the_reduced_rate_hides_nothing_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let slip = sell_reduced(folder.path());
    let shipped = include_str!("../assets/slips/sale.toml");
    let older: String = shipped
        .lines()
        .filter(|line| !line.contains("{reduced"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_ne!(older, shipped);
    std::fs::create_dir(folder.path().join("slips")).expect("a folder");
    std::fs::write(folder.path().join("slips/sale.toml"), older).expect("written");
    let text = shown(folder.path(), &[&slip, "--columns", "48", "--lang", "ja"]);
    for part in ["8%対象 ※ (内税)", "581", "うち消費税等 (8%)", "※は軽減税率"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
