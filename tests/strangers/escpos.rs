//! A decoder of ESC/POS that nobody here wrote, and Python's own cp932, read what is printed: it must be what the text says.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use madoguchi::app::message::{StoreRequest, Stored};
use madoguchi::domain::money::Yen;
use madoguchi::domain::record::Stamp;
use madoguchi::domain::sale::{Line, Operator, SaleDraft, SaleKind, TaxClass};
use madoguchi::domain::tender::Tender;
use madoguchi::edge::store::{BooksKind, Store};
use serde_json::Value;

use crate::support::peers::cargo_peer;

/// A practice sale in the books of this folder, with every sort of character a bill can hold.
fn sell(folder: &Path) -> String {
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
        part: false,
        bill: None,
        replaces: None,
        lines: vec![
            line("診療明細表・処置", 1_230, TaxClass::NonTaxable),
            line("診断書①(髙﨑様)", 2_200, TaxClass::Taxable),
            line("ｼｯﾌﾟ ﾊﾞﾝﾄﾞ 9〜18", 800, TaxClass::Taxable),
        ],
        tenders: vec![Tender::Cash {
            amount: Yen::new(4_230),
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
        Stored::Sold(record) => record.slip.code(),
        other => panic!("{other:?}"),
    }
}

/// `madoguchi slip show` on this folder.
fn shown(folder: &Path, slip: &str, words: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_madoguchi"))
        .args(["slip", "show", slip, "--lang", "ja", "--data-dir"])
        .arg(folder)
        .args(words)
        .env("HOME", folder)
        .env("XDG_CONFIG_HOME", folder)
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

/// What comes out of a program that is fed these bytes.
fn through(command: &mut Command, bytes: &[u8]) -> Vec<u8> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(bytes).expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success());
    output.stdout
}

#[test]
fn a_stranger_reads_on_paper_what_the_text_says() {
    let Some(decoder) = cargo_peer("escpos", "escpos-stranger") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let slip = sell(folder.path());
    for columns in ["32", "42", "48"] {
        let paper = shown(
            folder.path(),
            &slip,
            &["--as", "escpos", "--columns", columns],
        );
        let nodes = through(&mut Command::new(&decoder), &paper);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/strangers/escpos_paper.py");
        let mut reader = Command::new("python3");
        reader.arg(script);
        // The picture of docs/slips.md: where to put it and which font to draw it with (wants Pillow).
        if let (Some(picture), Some(font), "42") = (
            std::env::var_os("RECEIPT_PICTURE"),
            std::env::var_os("RECEIPT_FONT"),
            columns,
        ) {
            reader.arg(picture).arg(font).arg(columns);
        }
        let read = through(&mut reader, &nodes);
        let read: Value = serde_json::from_slice(&read).expect("an object");
        let lines: Vec<&str> = read["lines"]
            .as_array()
            .expect("lines")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let whole = lines.join("\n");
        for part in [
            "練習 請求されていません",
            "再発行",
            "領収書",
            "診療明細表・処置",
            "診断書①(髙﨑様)",
            "ｼｯﾌﾟ ﾊﾞﾝﾄﾞ 9～18",
            "¥4,230",
            "うち消費税等",
        ] {
            assert!(whole.contains(part), "{part}: {whole}");
        }
        // Head and foot.
        assert!(lines[0].contains("練習"), "{whole}");
        let foot = lines.iter().rev().find(|line| !line.is_empty());
        assert!(foot.is_some_and(|line| line.contains("練習")), "{whole}");
        assert_eq!(read["codes"][0][1], format!("{{B{slip}"), "{read}");
        let cut = read["kinds"].as_array().expect("kinds").last();
        assert_eq!(cut.and_then(Value::as_str), Some("cut"));
    }
}
