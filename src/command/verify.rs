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

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::edge::store::Store;

    #[test]
    fn what_was_checked_is_said_and_what_is_broken_is_named() {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("books.db");
        assert!(
            run(&path, Language::En, &mut Vec::new()).is_err(),
            "nothing to prove"
        );
        drop(Store::open(&path, BooksKind::Live).expect("opens"));
        let said = |language| {
            let mut out = Vec::new();
            let holds = run(&path, language, &mut out).expect("read");
            (holds, String::from_utf8(out).expect("UTF-8"))
        };
        let (holds, text) = said(Language::Ja);
        assert!(
            holds && text.contains("正常") && text.contains("本番"),
            "{text}"
        );
        rusqlite::Connection::open(&path)
            .and_then(|hand| hand.execute_batch("DROP TRIGGER sale_is_never_changed"))
            .expect("harmed");
        for (language, words) in [(Language::Ja, "異常"), (Language::En, "broken")] {
            let (holds, text) = said(language);
            assert!(!holds && text.contains(words), "{text}");
            assert!(text.contains("sale_is_never_changed"), "{text}");
        }
    }
}
