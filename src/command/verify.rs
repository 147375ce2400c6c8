//! `madoguchi verify`: prove the books, or name the first row that is not as it was written.

use std::io::Write;
use std::path::Path;

use anyhow::Context;

use crate::domain::text::Language;
use crate::edge::store::{BooksKind, Report, verify};

/// Check the books and say what was checked. True where everything holds; false means exit code 1.
pub fn run(books: &Path, language: Language, out: &mut impl Write) -> anyhow::Result<bool> {
    let report = verify(books)?;
    let text = match language {
        Language::Ja => ja(books, &report),
        Language::En => en(books, &report),
    };
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context("failed to write the report")?;
    Ok(report.problem.is_none())
}

fn ja(books: &Path, report: &Report) -> String {
    let kind = match report.kind {
        BooksKind::Live => "本番",
        BooksKind::Practice => "練習",
    };
    let Report {
        entries,
        sales,
        settlements,
        unresolved,
        head,
        problem,
        ..
    } = report;
    let path = books.display();
    match problem {
        None => format!(
            "帳簿      {path}（{kind}）\n\
             確認      記録 {entries} 件、伝票 {sales} 件、端末の結果 {settlements} 件、未解決 {unresolved} 件\n\
             チェーン  {head}\n\
             結果      正常\n"
        ),
        Some(problem) => format!(
            "帳簿      {path}（{kind}）\n\
             確認      記録 {entries} 件まで正常\n\
             チェーン  {head}\n\
             結果      異常: {problem}\n\
             対処      この帳簿では会計せず、ファイルを保存したうえで控えから戻してください\n"
        ),
    }
}

fn en(books: &Path, report: &Report) -> String {
    let kind = report.kind.word();
    let Report {
        entries,
        sales,
        settlements,
        unresolved,
        head,
        problem,
        ..
    } = report;
    let path = books.display();
    match problem {
        None => format!(
            "books    {path} ({kind})\n\
             checked  {entries} entries, {sales} slips, {settlements} outcomes of the terminal, {unresolved} unresolved\n\
             chain    {head}\n\
             result   ok\n"
        ),
        Some(problem) => format!(
            "books    {path} ({kind})\n\
             checked  {entries} entries hold\n\
             chain    {head}\n\
             result   broken: {problem}\n\
             remedy   take no money with these books; keep the file, then restore a backup\n"
        ),
    }
}
