//! Python's own csv module reads the files of `madoguchi sales cards`.

use std::path::Path;
use std::process::Command;

use madoguchi::domain::by_hand::{Place, Side, Why};
use madoguchi::domain::ledger::{Entry, Evidence, TerminalFacts};
use madoguchi::domain::money::Yen;
use madoguchi::domain::record::Stamp;
use madoguchi::domain::sale::{Line, Operator, SaleDraft, SaleKind, TaxClass};
use madoguchi::domain::slip::{SlipNumber, TerminalSlipNumber};
use madoguchi::domain::tender::{CardClass, LinkKind, Tender};
use madoguchi::domain::text::Bilingual;
use madoguchi::edge::store::{BooksKind, Store};
use serde_json::Value;

/// Card names that trouble whoever reads them carelessly.
const NAMES: [&str; 4] = [
    "JCB, \"本店\"",
    "=HYPERLINK(\"x\")",
    "髙﨑①ﾊﾞﾝｸ〜表",
    "𠮷野家カード",
];

fn books(folder: &Path) {
    let mut store =
        Store::open(&folder.join("practice.sqlite3"), BooksKind::Practice).expect("books");
    let operator = Operator {
        code: "03".into(),
        name: "佐藤".into(),
    };
    let stamp = Stamp {
        at: "2026-11-21T14:32:00+09:00".parse().expect("a moment"),
        business_date: "2026-11-21".parse().expect("a date"),
    };
    let mut entries = Vec::new();
    for (number, name) in (0_u32..).zip(NAMES) {
        let slip = SlipNumber::new(SlipNumber::PRACTICE_FIRST + number);
        let amount = Yen::new(1_000 + i64::from(number));
        let sale = SaleDraft {
            kind: SaleKind::Sale,
            order: None,
            original: None,
            undo: None,
            part: false,
            replaces: None,
            bill: None,
            lines: vec![Line {
                name: "診察".into(),
                unit: amount,
                quantity: 1,
                tax: TaxClass::NonTaxable,
            }],
            tenders: vec![Tender::Card {
                card: "01".into(),
                name: Bilingual::new(name, name),
                card_class: CardClass(3),
                card_class_name: Bilingual::new("クレジット", "Credit"),
                amount,
                link: LinkKind::Manual,
            }],
            operator: operator.clone(),
            terminal_code: "01".into(),
            practice: true,
        };
        entries.push((
            stamp,
            Entry::ByHand {
                slip,
                sale,
                place: Place {
                    cat: None,
                    model: "jt-c60".into(),
                },
                why: Why::MadeStandalone,
                first: Side::Terminal,
                operator: operator.clone(),
            },
        ));
        entries.push((
            stamp,
            Entry::Posted {
                slip,
                evidence: Evidence::Operator {
                    operator: operator.clone(),
                    proof: format!("0087{number}"),
                },
                terminal: TerminalFacts {
                    slip_number: TerminalSlipNumber::new(&format!("0087{number}")).ok(),
                    ..TerminalFacts::default()
                },
            },
        ));
    }
    store.append_many(entries).expect("follows the rules");
}

fn python() -> bool {
    let there = Command::new("python3").arg("--version").output().is_ok();
    assert!(
        there || std::env::var_os("CI").is_none(),
        "CI has Python: nothing is skipped there"
    );
    if !there {
        eprintln!("skipped: there is no python3 on this machine");
    }
    there
}

#[test]
fn python_reads_the_same_rows_in_either_encoding() {
    if !python() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    books(folder.path());
    for (encoding, codec, name) in [
        ("utf-8", "utf-8-sig", "𠮷野家カード"),
        ("cp932", "cp932", "〓野家カード"),
    ] {
        let file = folder.path().join("cards.csv");
        let output = Command::new(env!("CARGO_BIN_EXE_madoguchi"))
            .args(["sales", "cards", "--practice", "--format", "csv"])
            .args(["--from", "2026-11-21", "--to", "2026-11-21", "--lang", "ja"])
            .args(["--encoding", encoding, "--data-dir"])
            .arg(folder.path())
            .arg("--output")
            .arg(&file)
            .env("HOME", folder.path())
            .env("XDG_CONFIG_HOME", folder.path())
            .output()
            .expect("it runs");
        assert!(output.status.success(), "{output:?}");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(told.contains("1字"), encoding == "cp932", "{told}");
        let script = "import csv, json, sys\n\
                      with open(sys.argv[1], newline='', encoding=sys.argv[2]) as file:\n\
                      \x20   print(json.dumps(list(csv.DictReader(file, strict=True))))\n";
        let read = Command::new("python3")
            .args(["-c", script])
            .arg(&file)
            .arg(codec)
            .output()
            .expect("it runs");
        assert!(read.status.success(), "{read:?}");
        let rows: Value = serde_json::from_slice(&read.stdout).expect("a list");
        let column = |name: &str| -> Vec<String> {
            let rows = rows.as_array().expect("a list").iter();
            rows.map(|row| row[name].as_str().expect("a cell").to_owned())
                .collect()
        };
        let tilde = if encoding == "cp932" { "～" } else { "〜" };
        let troubled = format!("髙﨑①ﾊﾞﾝｸ{tilde}表");
        assert_eq!(
            column("カード会社"),
            [NAMES[0], "'=HYPERLINK(\"x\")", &troubled, name]
        );
        assert_eq!(column("金額"), ["1000", "1001", "1002", "1003"]);
        assert_eq!(
            column("決済連携"),
            ["手動 00870", "手動 00871", "手動 00872", "手動 00873"]
        );
        assert_eq!(column("営業日"), ["2026-11-21"; 4]);
    }
}
