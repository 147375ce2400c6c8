//! Tests of the list of card movements, and of the files it goes into.

use std::path::PathBuf;

use clap::Parser;
use tempfile::TempDir;

use super::*;
use crate::domain::ledger::{CatId, Entry, Evidence, Route, TerminalFacts};
use crate::domain::master::{CardClassRow, Media};
use crate::domain::money::Yen;
use crate::domain::record::Stamp;
use crate::domain::sale::{Line, Operator, SaleDraft, TaxClass};
use crate::domain::slip::{SequenceNumber, TerminalSlipNumber};
use crate::domain::tender::Tender;
use crate::domain::text::Bilingual;

#[derive(Debug, Parser)]
struct Typed {
    #[command(flatten)]
    cards: CardsArgs,
}

fn args(words: &str) -> CardsArgs {
    let words = std::iter::once("cards").chain(words.split_whitespace());
    Typed::try_parse_from(words).expect("understood").cards
}

fn classes() -> CardClassTable {
    CardClassTable::new([CardClassRow {
        code: CardClass(4),
        name: Bilingual::new("銀聯", "UnionPay"),
        media: Media::Credit,
        chosen_on_terminal: false,
        answered_by: vec![],
    }])
}

/// Names as people type them: one with a character that CP932 lacks, one that a spreadsheet would run.
fn draft(name: &str, amount: i64) -> SaleDraft {
    SaleDraft {
        kind: SaleKind::Sale,
        order: None,
        original: None,
        undo: None,
        part: false,
        replaces: None,
        bill: None,
        lines: vec![Line {
            name: String::new(),
            unit: Yen::new(amount),
            quantity: 1,
            tax: TaxClass::Taxable,
        }],
        tenders: vec![Tender::Card {
            card: "11".to_owned(),
            name: Bilingual::new(name, name),
            card_class: CardClass::TRIPLE_WAIT,
            card_class_name: Bilingual::new("三面待ち", "Any touch"),
            amount: Yen::new(amount),
            link: LinkKind::Linked,
        }],
        operator: Operator {
            code: "@SUM(A1)".to_owned(),
            name: "佐藤".to_owned(),
        },
        terminal_code: "01".to_owned(),
        practice: true,
    }
}

/// A sale on the first day, one on the second, and one that was sent and never answered.
fn books() -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("practice.db");
    let mut store = Store::open(&path, BooksKind::Practice).expect("opens");
    let stamp = |day| Stamp {
        at: chrono::DateTime::parse_from_rfc3339(&format!("2026-06-0{day}T14:32:07+09:00"))
            .expect("a moment"),
        business_date: format!("2026-06-0{day}").parse().expect("a day"),
    };
    let slip = |number: u32| SlipNumber::new(SlipNumber::PRACTICE_FIRST + number - 1);
    let pending = |number, sale| Entry::Pending {
        slip: slip(number),
        sequence_number: SequenceNumber::new(900_000 + number).expect("in range"),
        sale,
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
    let posted = |number, terminal: &str| Entry::Posted {
        slip: slip(number),
        evidence: Evidence::Answer,
        terminal: TerminalFacts {
            slip_number: TerminalSlipNumber::new(terminal).ok(),
            card_class: Some(CardClass(4)),
            ..TerminalFacts::default()
        },
    };
    let mut another = draft("髙島〜カード", 700);
    another.operator.code = "04".to_owned();
    store
        .append_many([
            (stamp(1), pending(1, draft("𠮷野カード, \"本店\"", 1_200))),
            (stamp(1), sent(1)),
            (stamp(1), posted(1, "00871")),
            (stamp(2), pending(2, draft("=1+1", 300))),
            (stamp(2), sent(2)),
            (stamp(2), posted(2, "-002")),
            (stamp(2), pending(3, another)),
            (stamp(2), sent(3)),
        ])
        .expect("follows the rules");
    (folder, path)
}

fn listed(words: &str, path: &Path, language: Language) -> (Vec<u8>, String) {
    let (mut out, mut told) = (Vec::new(), Vec::new());
    run(
        &args(words),
        path,
        (&classes(), language),
        (&mut out, &mut told),
    )
    .expect("listed");
    (out, String::from_utf8(told).expect("UTF-8"))
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

fn column(rows: &[Vec<String>], heading: &str) -> Vec<String> {
    let at = rows[0].iter().position(|name| name == heading);
    let at = at.expect("a column");
    rows[1..].iter().map(|row| row[at].clone()).collect()
}

#[test]
fn what_has_no_outcome_is_in_the_file_and_in_no_sum_over_its_amounts() {
    let (_folder, path) = books();
    let (out, told) = listed("--format csv", &path, Language::En);
    let text = String::from_utf8(out).expect("UTF-8");
    let rows = rows(text.strip_prefix('\u{FEFF}').expect("the mark"));
    assert_eq!(told, "");
    assert_eq!(column(&rows, "amount"), ["1200", "300", ""]);
    assert_eq!(column(&rows, "amount_without_outcome"), ["", "", "700"]);
    assert_eq!(column(&rows, "state"), ["settled", "settled", "unknown"]);
    assert_eq!(
        column(&rows, "card_class_used_name"),
        ["UnionPay", "UnionPay", ""]
    );
}

#[test]
fn nothing_that_people_typed_is_run_by_a_spreadsheet() {
    let (_folder, path) = books();
    let (out, _) = listed("--format csv", &path, Language::En);
    let text = String::from_utf8(out).expect("UTF-8");
    let rows = rows(text.trim_start_matches('\u{FEFF}'));
    assert_eq!(column(&rows, "card_name")[1], "'=1+1");
    assert_eq!(column(&rows, "terminal_slip_number")[1], "'-002");
    assert_eq!(column(&rows, "operator"), ["'@SUM(A1)", "'@SUM(A1)", "04"]);
    assert_eq!(column(&rows, "card_name")[0], "𠮷野カード, \"本店\"");
}

#[test]
fn what_cp932_lacks_is_marked_and_counted() {
    let (_folder, path) = books();
    let (out, told) = listed("--format csv --encoding cp932", &path, Language::Ja);
    let text = encoding_rs::SHIFT_JIS
        .decode_without_bom_handling_and_without_replacement(&out)
        .expect("CP932");
    let rows = rows(&text);
    assert_eq!(
        column(&rows, "カード会社"),
        ["〓野カード, \"本店\"", "'=1+1", "髙島～カード"]
    );
    assert_eq!(
        column(&rows, "決済連携"),
        ["三面待ち 00871", "三面待ち -002", "三面待ち -"]
    );
    assert_eq!(told, "madoguchi: CP932 にない文字 1字を 〓 にしました。\n");
}

#[test]
fn cp932_is_for_csv_alone() {
    let (_folder, path) = books();
    let (mut out, mut told) = (Vec::new(), Vec::new());
    let refused = run(
        &args("--format json --encoding cp932"),
        &path,
        (&classes(), Language::En),
        (&mut out, &mut told),
    );
    assert!(refused.is_err() && out.is_empty());
}

#[test]
fn conditions_pick_rows_in_every_format() {
    let (_folder, path) = books();
    for (words, slips) in [
        ("", 3),
        ("--from 2026-06-02", 2),
        ("--to 2026-06-01", 1),
        ("--class 30", 3),
        ("--class 3", 0),
        ("--link manual", 0),
        ("--link linked --kind sale", 3),
        ("--kind refund", 0),
        ("--operator @SUM(A1)", 2),
        ("--operator @sum(a1) --to 2026-06-01", 1),
        ("--operator 04", 1),
        ("--operator 4", 0),
    ] {
        let (out, _) = listed(&format!("--format json {words}"), &path, Language::En);
        let list: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        assert_eq!(list.as_array().map(Vec::len), Some(slips), "{words}");
        let (out, _) = listed(&format!("--format csv {words}"), &path, Language::Ja);
        let lines = String::from_utf8(out).expect("UTF-8").lines().count();
        assert_eq!(lines, slips + 1, "heading, rows: {words}");
        let (out, _) = listed(words, &path, Language::Ja);
        let lines = String::from_utf8(out).expect("UTF-8").lines().count();
        assert_eq!(lines, slips + 2, "practice, heading, rows: {words}");
    }
}

#[test]
fn books_that_are_not_there_are_an_empty_list() {
    let folder = TempDir::new().expect("a folder");
    let (out, _) = listed("--format json", &folder.path().join("none"), Language::Ja);
    assert_eq!(out, b"[]\n");
}

#[test]
fn the_file_of_the_console_says_in_its_name_what_is_in_it() {
    let (folder, path) = books();
    let query = CardReportQuery {
        from: "2026-06-02".parse().ok(),
        to: "2026-06-02".parse().ok(),
        link: Some(LinkKind::Linked),
        limit: 1,
        ..CardReportQuery::default()
    };
    for (encoding, operator, rows, name) in [
        (
            Encoding::Utf8,
            None,
            2,
            "practice-cards-2026-06-02-2026-06-02-linked.csv",
        ),
        (
            Encoding::Cp932,
            None,
            2,
            "practice-cards-2026-06-02-2026-06-02-linked-cp932.csv",
        ),
        (
            Encoding::Utf8,
            Some("04"),
            1,
            "practice-cards-2026-06-02-2026-06-02-linked-operator04.csv",
        ),
        (
            Encoding::Utf8,
            Some("../@佐"),
            0,
            "practice-cards-2026-06-02-2026-06-02-linked-operator_____.csv",
        ),
    ] {
        let query = CardReportQuery {
            operator: operator.map(str::to_owned),
            ..query.clone()
        };
        let request = ExportRequest { query, encoding };
        let done = export(&request, &path, folder.path(), (&classes(), Language::Ja));
        let file = folder.path().join(EXPORTS).join(name);
        assert_eq!(
            done,
            Ok(Exported {
                path: file.display().to_string(),
                rows,
                replaced: 0,
            })
        );
        assert!(file.is_file());
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_said_with_its_place() {
    let (folder, path) = books();
    std::fs::write(folder.path().join(EXPORTS), "in the way").expect("written");
    let request = ExportRequest {
        query: CardReportQuery::default(),
        encoding: Encoding::Utf8,
    };
    let trouble = export(&request, &path, folder.path(), (&classes(), Language::Ja));
    let Err(ExportTrouble::NotWritten(said)) = trouble else {
        panic!("{trouble:?}")
    };
    assert!(said.contains("practice-cards-all-all.csv"), "{said}");
}
