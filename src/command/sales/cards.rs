//! `madoguchi sales cards`, and the file that the console's クレジット利用履歴 writes: what moved on cards, for people, spreadsheets and programs.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::{
    Both, SalesFormat, Stop, date, kind_name, link_name, link_word, no_formula, state_name, words,
};
use crate::app::message::export::{Encoding, ExportRequest, ExportTrouble, Exported};
use crate::app::message::{CardMovement, CardReportQuery, StoreTrouble};
use crate::domain::business_day::BusinessDate;
use crate::domain::ledger::SaleState;
use crate::domain::master::CardClassTable;
use crate::domain::sale::SaleKind;
use crate::domain::slip::SlipNumber;
use crate::domain::tender::{CardClass, LinkKind};
use crate::domain::text::{Language, strip_unsafe};
use crate::edge::os::{private_folder, whole_file::write_whole};
use crate::edge::store::{BooksKind, OpenError, Store};
use crate::slip::charset::{self, CodePage};

/// The folder of the data folder where files for other programs go.
pub const EXPORTS: &str = "exports";

/// Which movements to list, and how.
#[derive(Debug, Clone, Args)]
pub struct CardsArgs {
    /// The practice books instead of the live ones.
    #[arg(long)]
    pub practice: bool,
    /// The first business day, like 2026-11-21.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub from: Option<BusinessDate>,
    /// The last business day, like 2026-11-21.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub to: Option<BusinessDate>,
    /// Only this card class (カード区分), like 30.
    #[arg(long, value_name = "CODE")]
    pub class: Option<u8>,
    /// Only what went over the link, or was made by hand.
    #[arg(long, value_enum)]
    pub link: Option<LinkWord>,
    /// Only sales, voids or refunds.
    #[arg(long, value_enum)]
    pub kind: Option<KindWord>,
    /// Only what this operator (担当者コード) rang up, like 03.
    #[arg(long, value_name = "CODE")]
    pub operator: Option<String>,
    /// How to write them.
    #[arg(long, value_enum, default_value_t = SalesFormat::Table)]
    pub format: SalesFormat,
    /// How the text of a csv is written.
    #[arg(long, value_enum, default_value_t = EncodingWord::Utf8)]
    pub encoding: EncodingWord,
    /// Write into this file instead of standard output; it is there whole or not at all.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `--link`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LinkWord {
    /// Over the link.
    Linked,
    /// At the terminal by hand.
    Manual,
}

/// `--kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KindWord {
    /// 売上.
    Sale,
    /// 取消.
    Void,
    /// 返品.
    Refund,
}

/// `--encoding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EncodingWord {
    /// UTF-8 with a byte order mark.
    #[value(name = "utf-8")]
    Utf8,
    /// CP932 (Shift_JIS of Windows); what it does not have is written as 〓.
    #[value(name = "cp932")]
    Cp932,
}

impl CardsArgs {
    fn query(&self) -> CardReportQuery {
        CardReportQuery {
            from: self.from,
            to: self.to,
            card_class: self.class.map(CardClass),
            link: self.link.map(|link| match link {
                LinkWord::Linked => LinkKind::Linked,
                LinkWord::Manual => LinkKind::Manual,
            }),
            kind: self.kind.map(|kind| match kind {
                KindWord::Sale => SaleKind::Sale,
                KindWord::Void => SaleKind::Void,
                KindWord::Refund => SaleKind::Refund,
            }),
            operator: self.operator.clone(),
            ..CardReportQuery::default()
        }
    }
}

/// Write the list; what is worth knowing about it goes to `told`. Books that do not exist yet are an empty list. Reads only.
pub fn run(
    args: &CardsArgs,
    books: &Path,
    place: (&CardClassTable, Language),
    (out, told): (&mut impl Write, &mut impl Write),
) -> anyhow::Result<()> {
    if args.encoding == EncodingWord::Cp932 && args.format != SalesFormat::Csv {
        bail!("--encoding cp932 is for --format csv");
    }
    let store = match Store::open_viewer(books) {
        Ok(store) => Some(store),
        Err(OpenError::Missing(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let list = List {
        store: store.as_ref(),
        query: args.query(),
        classes: place.0,
        language: place.1,
        encoding: match args.encoding {
            EncodingWord::Utf8 => Encoding::Utf8,
            EncodingWord::Cp932 => Encoding::Cp932,
        },
    };
    let written = match &args.output {
        Some(path) => write_whole(path, |file| list.write(args.format, file)),
        None => list.write(args.format, out),
    };
    match written {
        Ok(done) => {
            if done.replaced > 0 {
                writeln!(
                    told,
                    "{}",
                    REPLACED
                        .get(list.language)
                        .replace("{}", &done.replaced.to_string())
                )?;
            }
            Ok(())
        }
        // The reader has seen enough.
        Err(Stop::Out(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(Stop::Out(error)) => Err(error).context("failed to write the list"),
        Err(Stop::Books(trouble)) => bail!("failed to read the books: {}", words(&trouble)),
    }
}

/// Write the file that the console asks for into its exports folder.
pub fn export(
    request: &ExportRequest,
    books: &Path,
    data: &Path,
    place: (&CardClassTable, Language),
) -> Result<Exported, ExportTrouble> {
    let store = match Store::open_viewer_beside(books) {
        Ok(store) => store,
        Err(OpenError::DiskFull(_)) => return Err(ExportTrouble::DiskFull),
        Err(error) => {
            return Err(ExportTrouble::Books(StoreTrouble::Refused(
                error.to_string(),
            )));
        }
    };
    let folder = data.join(EXPORTS);
    let path = folder.join(file_name(request, store.kind()));
    let list = List {
        store: Some(&store),
        query: request.query.clone(),
        classes: place.0,
        language: place.1,
        encoding: request.encoding,
    };
    let made = private_folder(&folder).map_err(Stop::Out);
    match made.and_then(|()| write_whole(&path, |file| list.csv(file))) {
        Ok(done) => Ok(Exported {
            path: path.display().to_string(),
            rows: done.rows,
            replaced: done.replaced,
        }),
        Err(Stop::Books(trouble)) => Err(ExportTrouble::Books(trouble)),
        Err(Stop::Out(error)) if error.kind() == io::ErrorKind::StorageFull => {
            Err(ExportTrouble::DiskFull)
        }
        Err(Stop::Out(error)) => Err(ExportTrouble::NotWritten(format!(
            "{}: {error}",
            path.display()
        ))),
    }
}

/// Says what is in it, so that a part is never taken for a whole month: `cards-2026-11-01-2026-11-30-class30-linked.csv`.
fn file_name(request: &ExportRequest, books: BooksKind) -> String {
    let query = &request.query;
    let mut name = match books {
        BooksKind::Live => "cards".to_owned(),
        BooksKind::Practice => "practice-cards".to_owned(),
    };
    for day in [query.from, query.to] {
        let day = day.map_or_else(|| "all".to_owned(), |day| day.to_string());
        let _ = write!(name, "-{day}");
    }
    if let Some(class) = query.card_class {
        let _ = write!(name, "-class{}", class.0);
    }
    if let Some(link) = query.link {
        let _ = write!(name, "-{}", link_word(link));
    }
    if let Some(kind) = query.kind {
        let _ = write!(name, "-{}", kind.word());
    }
    if let Some(code) = &query.operator {
        // A code of older books may hold what no file's name may.
        let code = code.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        let _ = write!(name, "-operator{code}");
    }
    match request.encoding {
        Encoding::Utf8 => name + ".csv",
        Encoding::Cp932 => name + "-cp932.csv",
    }
}

const REPLACED: Both = Both {
    ja: "madoguchi: CP932 にない文字 {}字を 〓 にしました。",
    en: "madoguchi: {} characters are not in CP932 and stand as 〓.",
};

/// What was written.
#[derive(Debug, Default, PartialEq, Eq)]
struct Written {
    rows: u64,
    replaced: u64,
}

struct List<'a> {
    store: Option<&'a Store>,
    query: CardReportQuery,
    classes: &'a CardClassTable,
    language: Language,
    encoding: Encoding,
}

impl List<'_> {
    /// Every movement, oldest first; behind them, with their state, what has no outcome.
    fn each(
        &self,
        mut each: impl FnMut(&CardMovement, SaleState) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let Some(store) = self.store else {
            return Ok(());
        };
        let open =
            store.each_movement(&self.query, |movement| each(movement, SaleState::Settled))?;
        for open in open {
            each(&open.movement, open.state)?;
        }
        Ok(())
    }

    fn row<'r>(&'r self, movement: &'r CardMovement, state: SaleState) -> Row<'r> {
        let practice = self.store.map(Store::kind) == Some(BooksKind::Practice);
        Row::of(movement, (state, practice), (self.classes, self.language))
    }

    fn write(&self, format: SalesFormat, out: &mut impl Write) -> Result<Written, Stop> {
        let written = match format {
            SalesFormat::Csv => self.csv(out),
            SalesFormat::Json => self.json(out),
            SalesFormat::Table => self.table(out),
        }?;
        out.flush()?;
        Ok(written)
    }

    fn csv(&self, out: &mut impl Write) -> Result<Written, Stop> {
        let mut written = Written::default();
        // Spreadsheets take a file for UTF-8 only with this mark.
        if self.encoding == Encoding::Utf8 {
            out.write_all("\u{FEFF}".as_bytes())?;
        }
        let heading = match self.language {
            Language::Ja => HEADING_JA,
            Language::En => HEADING_EN,
        };
        let mut rows = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        // Each cell by itself: no byte of CP932's second bytes is a quote, a comma or the end of a line.
        let mut bytes = |cell: &str| match self.encoding {
            Encoding::Utf8 => cell.as_bytes().to_vec(),
            Encoding::Cp932 => {
                let printable = charset::printable(&cell.replace('¥', "￥"), CodePage::Cp932);
                written.replaced += printable.replaced as u64;
                charset::encode(&printable.text)
            }
        };
        rows.write_record(heading.map(&mut bytes))?;
        let mut count = 0;
        self.each(|movement, state| {
            let cells = self.row(movement, state).cells(self.language);
            rows.write_record(cells.iter().map(|cell| bytes(cell)))?;
            count += 1;
            Ok(())
        })?;
        rows.flush()?;
        drop(rows);
        written.rows = count;
        Ok(written)
    }

    fn json(&self, out: &mut impl Write) -> Result<Written, Stop> {
        let mut written = Written::default();
        out.write_all(b"[")?;
        self.each(|movement, state| {
            out.write_all(if written.rows == 0 { b"\n  " } else { b",\n  " })?;
            written.rows += 1;
            serde_json::to_writer(&mut *out, &self.row(movement, state))
                .map_err(io::Error::from)?;
            Ok(())
        })?;
        out.write_all(if written.rows == 0 { b"]\n" } else { b"\n]\n" })?;
        Ok(written)
    }

    fn table(&self, out: &mut impl Write) -> Result<Written, Stop> {
        let heading = match self.language {
            Language::Ja => TABLE_JA,
            Language::En => TABLE_EN,
        };
        if self.store.map(Store::kind) == Some(BooksKind::Practice) {
            writeln!(out, "{}", super::PRACTICE.get(self.language))?;
        }
        // Once for the widths and once for the rows, so that ten years need no memory.
        let mut widths = heading.map(UnicodeWidthStr::width);
        self.each(|movement, state| {
            let cells = self.row(movement, state).table(self.language);
            for (width, cell) in widths.iter_mut().zip(&cells) {
                *width = cell.width().max(*width);
            }
            Ok(())
        })?;
        let mut written = Written::default();
        line(out, &widths, &heading)?;
        self.each(|movement, state| {
            written.rows += 1;
            let cells = self.row(movement, state).table(self.language);
            Ok(line(out, &widths, &cells)?)
        })?;
        Ok(written)
    }
}

/// One movement as other programs read it. Fields may be added; none is renamed or taken away.
#[derive(Debug, Serialize)]
struct Row<'a> {
    business_date: String,
    recorded_at: String,
    slip_number: u32,
    kind: &'static str,
    original_slip_number: Option<u32>,
    /// What moved; none where nobody knows yet whether it did.
    amount: Option<i64>,
    /// What may have moved.
    amount_without_outcome: Option<i64>,
    state: &'static str,
    link: &'static str,
    #[serde(flatten)]
    card: Card<'a>,
    operator: &'a str,
    practice: bool,
    #[serde(skip)]
    shown: (SaleKind, SaleState, LinkKind),
}

/// The card of a movement, and its numbers at the terminal.
#[derive(Debug, Serialize)]
struct Card<'a> {
    card_class: u8,
    card_class_name: &'a str,
    card_class_used: Option<u8>,
    card_class_used_name: Option<&'a str>,
    card_name: &'a str,
    terminal_slip_number: Option<&'a str>,
    approval_code: Option<&'a str>,
    sequence_number: Option<u32>,
}

impl<'a> Row<'a> {
    fn of(
        movement: &'a CardMovement,
        (state, practice): (SaleState, bool),
        (classes, language): (&'a CardClassTable, Language),
    ) -> Row<'a> {
        let settled = state == SaleState::Settled;
        let amount = movement.amount.get();
        let used = movement.class_used;
        Row {
            business_date: movement.stamp.business_date.to_string(),
            recorded_at: movement.stamp.at.to_rfc3339(),
            slip_number: movement.slip.get(),
            kind: movement.kind.word(),
            original_slip_number: movement.original.map(SlipNumber::get),
            amount: settled.then_some(amount),
            amount_without_outcome: (!settled).then_some(amount),
            state: state.word(),
            link: link_word(movement.card.link),
            card: Card {
                card_class: movement.card_class.0,
                card_class_name: movement.card.class_name.get(language),
                card_class_used: used.map(|class| class.0),
                card_class_used_name: used
                    .and_then(|class| classes.get(class))
                    .map(|row| row.name.get(language)),
                card_name: movement.card.name.get(language),
                terminal_slip_number: movement
                    .card
                    .terminal_slip
                    .as_ref()
                    .map(|slip| slip.as_str()),
                approval_code: movement.approval_code.as_ref().map(|code| code.as_str()),
                sequence_number: movement.card.sequence_number.map(|number| number.get()),
            },
            operator: &movement.operator,
            practice,
            shown: (movement.kind, state, movement.card.link),
        }
    }

    /// 決済連携: class and slip of what went over the link, 手動 and slip of what was made by hand.
    fn settlement_link(&self, language: Language) -> String {
        let slip = self.card.terminal_slip_number.unwrap_or("-");
        match self.shown.2 {
            LinkKind::Manual => format!("{} {slip}", link_name(LinkKind::Manual).get(language)),
            LinkKind::Linked | LinkKind::None => format!("{} {slip}", self.card.card_class_name),
        }
    }

    fn cells(&self, language: Language) -> [String; COLUMNS] {
        fn number(number: Option<impl ToString>) -> String {
            number.map_or_else(String::new, |n| n.to_string())
        }
        let text = |text: Option<&str>| text.map_or_else(String::new, no_formula);
        let (kind, state, link) = self.shown;
        [
            self.business_date.clone(),
            self.recorded_at.clone(),
            self.slip_number.to_string(),
            kind_name(kind).get(language).to_owned(),
            number(self.original_slip_number),
            number(self.amount),
            number(self.amount_without_outcome),
            state_name(state).get(language).to_owned(),
            no_formula(&self.settlement_link(language)),
            link_name(link).get(language).to_owned(),
            self.card.card_class.to_string(),
            no_formula(self.card.card_class_name),
            number(self.card.card_class_used),
            text(self.card.card_class_used_name),
            no_formula(self.card.card_name),
            text(self.card.terminal_slip_number),
            text(self.card.approval_code),
            number(self.card.sequence_number),
            no_formula(self.operator),
            YES_NO[usize::from(self.practice)].get(language).to_owned(),
        ]
    }

    fn table(&self, language: Language) -> [String; TABLE_COLUMNS] {
        let (kind, state, _) = self.shown;
        let amount = self.amount.or(self.amount_without_outcome).unwrap_or(0);
        let amount = crate::domain::money::Yen::new(amount).to_string();
        let used = self.card.card_class_used_name.unwrap_or("");
        [
            self.business_date.clone(),
            format!("{:08}", self.slip_number),
            kind_name(kind).get(language).to_owned(),
            // What is in no sum is between brackets, as in any book.
            if state == SaleState::Settled {
                amount
            } else {
                format!("({amount})")
            },
            strip_unsafe(&self.settlement_link(language)),
            strip_unsafe(used),
            strip_unsafe(self.card.card_name),
            state_name(state).get(language).to_owned(),
            strip_unsafe(self.operator),
        ]
    }
}

const YES_NO: [Both; 2] = [
    Both { ja: "", en: "" },
    Both {
        ja: "練習",
        en: "practice",
    },
];

const COLUMNS: usize = 20;
const HEADING_JA: [&str; COLUMNS] = [
    "営業日",
    "日時",
    "伝票番号",
    "種別",
    "元伝票番号",
    "金額",
    "結果待ち金額",
    "状態",
    "決済連携",
    "連携",
    "カード区分",
    "カード区分名",
    "利用区分",
    "利用区分名",
    "カード会社",
    "端末伝票番号",
    "承認番号",
    "通番",
    "担当",
    "練習",
];
const HEADING_EN: [&str; COLUMNS] = [
    "business_date",
    "recorded_at",
    "slip_number",
    "kind",
    "original_slip_number",
    "amount",
    "amount_without_outcome",
    "state",
    "settlement_link",
    "link",
    "card_class",
    "card_class_name",
    "card_class_used",
    "card_class_used_name",
    "card_name",
    "terminal_slip_number",
    "approval_code",
    "sequence_number",
    "operator",
    "practice",
];

const TABLE_COLUMNS: usize = 9;
/// The amount is the one column that ends where numbers end.
const TABLE_AMOUNT: usize = 3;
const TABLE_JA: [&str; TABLE_COLUMNS] = [
    "営業日",
    "伝票番号",
    "種別",
    "金額",
    "決済連携",
    "利用区分",
    "カード会社",
    "状態",
    "担当",
];
const TABLE_EN: [&str; TABLE_COLUMNS] = [
    "day", "slip", "kind", "amount", "link", "used", "card", "state", "by",
];

fn line(
    out: &mut impl Write,
    widths: &[usize; TABLE_COLUMNS],
    cells: &[impl AsRef<str>; TABLE_COLUMNS],
) -> io::Result<()> {
    super::write_line(out, widths, cells, TABLE_AMOUNT)
}

#[cfg(test)]
mod tests;
