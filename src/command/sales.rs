//! `madoguchi sales`: the books as a list, for people (table), spreadsheets (csv) and programs (json).

pub mod cards;

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::app::message::StoreTrouble;
use crate::domain::business_day::BusinessDate;
use crate::domain::ledger::SaleState;
use crate::domain::money::Yen;
use crate::domain::sale::SaleKind;
use crate::domain::slip::SlipNumber;
use crate::domain::tender::{CardClass, LinkKind};
use crate::domain::text::{Language, strip_unsafe};
use crate::edge::store::{BooksKind, OpenError, SaleListing, Store, TenderListing};

/// What of the books to list, and how.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct SalesArgs {
    /// Instead of the sales.
    #[command(subcommand)]
    pub command: Option<SalesCommand>,
    /// The practice books instead of the live ones.
    #[arg(long)]
    pub practice: bool,
    /// The first business day, like 2026-11-21.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub from: Option<BusinessDate>,
    /// The last business day, like 2026-11-21.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub to: Option<BusinessDate>,
    /// How to write them.
    #[arg(long, value_enum, default_value_t = SalesFormat::Table)]
    pub format: SalesFormat,
}

/// `sales …`.
#[derive(Debug, Clone, Subcommand)]
pub enum SalesCommand {
    /// List what moved on cards (クレジット利用履歴)
    Cards(cards::CardsArgs),
}

/// A way to write the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SalesFormat {
    /// Aligned columns.
    Table,
    /// A list of objects.
    Json,
    /// A row for each tender, with a header.
    Csv,
}

/// Write the list. Books that do not exist yet are an empty list. Reads only, so a console may be open.
pub fn run(
    args: &SalesArgs,
    books: &Path,
    language: Language,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    if let (Some(from), Some(to)) = (args.from, args.to)
        && from > to
    {
        bail!("--from {from} is after --to {to}; swap them");
    }
    let store = match Store::open_viewer(books) {
        Ok(store) => Some(store),
        Err(OpenError::Missing(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let list = List {
        store,
        args,
        language,
    };
    let written = match args.format {
        SalesFormat::Table => list.table(out),
        SalesFormat::Json => list.json(out),
        SalesFormat::Csv => list.csv(out),
    };
    match written.and_then(|()| out.flush().map_err(Stop::Out)) {
        Ok(()) => Ok(()),
        // The reader has seen enough.
        Err(Stop::Out(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(Stop::Out(error)) => Err(error).context("failed to write the list"),
        Err(Stop::Books(trouble)) => bail!("failed to read the books: {}", words(&trouble)),
    }
}

fn date(text: &str) -> Result<BusinessDate, String> {
    text.parse()
        .map_err(|_| "a date is written like 2026-11-21".to_owned())
}

/// Why a list ended early.
enum Stop {
    Books(StoreTrouble),
    Out(io::Error),
}

impl From<StoreTrouble> for Stop {
    fn from(trouble: StoreTrouble) -> Stop {
        Stop::Books(trouble)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Out(error)
    }
}

impl From<csv::Error> for Stop {
    fn from(error: csv::Error) -> Stop {
        Stop::Out(error.into())
    }
}

fn words(trouble: &StoreTrouble) -> String {
    match trouble {
        StoreTrouble::Disk(said) | StoreTrouble::Refused(said) => said.clone(),
        StoreTrouble::Locked => "another program holds them; close it and try again".to_owned(),
        StoreTrouble::DiskFull => "the disk is full; make room and try again".to_owned(),
        StoreTrouble::ReadOnly | StoreTrouble::Viewer => {
            "the file or its folder cannot be written".to_owned()
        }
    }
}

struct List<'a> {
    store: Option<Store>,
    args: &'a SalesArgs,
    language: Language,
}

impl List<'_> {
    fn each(&self, each: impl FnMut(&SaleListing) -> Result<(), Stop>) -> Result<(), Stop> {
        match &self.store {
            Some(store) => store.each_sale(self.args.from, self.args.to, each),
            None => Ok(()),
        }
    }

    fn json(&self, out: &mut impl Write) -> Result<(), Stop> {
        let mut first = true;
        out.write_all(b"[")?;
        self.each(|sale| {
            out.write_all(if first { b"\n  " } else { b",\n  " })?;
            first = false;
            let object = SaleObject::of(sale, self.language);
            serde_json::to_writer(&mut *out, &object).map_err(io::Error::from)?;
            Ok(())
        })?;
        out.write_all(if first { b"]\n" } else { b"\n]\n" })?;
        Ok(())
    }

    fn csv(&self, out: &mut impl Write) -> Result<(), Stop> {
        // Spreadsheets take a file for UTF-8 only with this mark.
        out.write_all("\u{FEFF}".as_bytes())?;
        let mut rows = csv::Writer::from_writer(out);
        rows.write_record(CSV_HEADER)?;
        self.each(|sale| {
            let object = SaleObject::of(sale, self.language);
            for tender in &object.tenders {
                rows.write_record(csv_row(&object, tender))?;
            }
            Ok(())
        })?;
        rows.flush()?;
        Ok(())
    }

    fn table(&self, out: &mut impl Write) -> Result<(), Stop> {
        let header = match self.language {
            Language::Ja => HEADER_JA,
            Language::En => HEADER_EN,
        };
        if self.store.as_ref().map(Store::kind) == Some(BooksKind::Practice) {
            writeln!(out, "{}", PRACTICE.get(self.language))?;
        }
        // Once for the widths and once for the rows, so that ten years need no memory.
        let mut widths = header.map(UnicodeWidthStr::width);
        self.each(|sale| {
            for (width, cell) in widths.iter_mut().zip(cells(sale, self.language)) {
                *width = cell.width().max(*width);
            }
            Ok(())
        })?;
        write_row(out, &widths, &header)?;
        self.each(|sale| Ok(write_row(out, &widths, &cells(sale, self.language))?))
    }
}

/// One sale as other programs read it. Fields may be added; none is renamed or taken away.
#[derive(Debug, Serialize)]
struct SaleObject<'a> {
    slip_number: u32,
    recorded_at: String,
    business_date: String,
    kind: &'static str,
    state: &'static str,
    amount: i64,
    practice: bool,
    operator: &'a str,
    terminal_code: &'a str,
    order_slip_number: Option<u32>,
    original_slip_number: Option<u32>,
    part: bool,
    replaces_slip_number: Option<u32>,
    by_hand: bool,
    tenders: Vec<TenderObject<'a>>,
}

#[derive(Debug, Serialize)]
struct TenderObject<'a> {
    kind: &'static str,
    card: Option<&'a str>,
    card_name: Option<&'a str>,
    card_class: Option<u8>,
    card_class_name: Option<&'a str>,
    card_class_used: Option<u8>,
    amount: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    received: Option<i64>,
    link: &'static str,
    sequence_number: Option<u32>,
    terminal_slip_number: Option<&'a str>,
    approval_code: Option<&'a str>,
}

impl<'a> SaleObject<'a> {
    fn of(sale: &'a SaleListing, language: Language) -> SaleObject<'a> {
        SaleObject {
            slip_number: sale.slip.get(),
            recorded_at: sale.recorded_at.to_rfc3339(),
            business_date: sale.business_date.to_string(),
            kind: sale.kind.word(),
            state: sale.state.word(),
            amount: sale.total.get(),
            practice: sale.practice,
            operator: &sale.operator_code,
            terminal_code: &sale.terminal_code,
            order_slip_number: sale.order.map(SlipNumber::get),
            original_slip_number: sale.original.map(SlipNumber::get),
            part: sale.part,
            replaces_slip_number: sale.replaces.map(SlipNumber::get),
            by_hand: sale.by_hand,
            tenders: sale
                .tenders
                .iter()
                .map(|tender| TenderObject::of(tender, language))
                .collect(),
        }
    }
}

impl<'a> TenderObject<'a> {
    fn of(tender: &'a TenderListing, language: Language) -> TenderObject<'a> {
        match tender {
            TenderListing::Cash { amount, received } => TenderObject {
                kind: "cash",
                card: None,
                card_name: None,
                card_class: None,
                card_class_name: None,
                card_class_used: None,
                amount: amount.get(),
                received: Some(received.get()),
                link: link_word(LinkKind::None),
                sequence_number: None,
                terminal_slip_number: None,
                approval_code: None,
            },
            TenderListing::Card {
                code,
                name,
                class,
                class_name,
                class_used,
                amount,
                link,
                sequence_number,
                terminal_slip,
                approval_code,
            } => TenderObject {
                kind: "card",
                card: Some(code),
                card_name: Some(name.get(language)),
                card_class: Some(class.0),
                card_class_name: Some(class_name.get(language)),
                card_class_used: class_used.map(|CardClass(class)| class),
                amount: amount.get(),
                received: None,
                link: link_word(*link),
                sequence_number: *sequence_number,
                terminal_slip_number: terminal_slip.as_deref(),
                approval_code: approval_code.as_deref(),
            },
        }
    }
}

const fn link_word(link: LinkKind) -> &'static str {
    match link {
        LinkKind::Linked => "linked",
        LinkKind::Manual => "manual",
        LinkKind::None => "none",
    }
}

const CSV_HEADER: [&str; 26] = [
    "slip_number",
    "recorded_at",
    "business_date",
    "kind",
    "state",
    "amount",
    "practice",
    "operator",
    "terminal_code",
    "order_slip_number",
    "original_slip_number",
    "tender_kind",
    "card",
    "card_name",
    "card_class",
    "card_class_name",
    "card_class_used",
    "tender_amount",
    "received",
    "link",
    "sequence_number",
    "terminal_slip_number",
    "approval_code",
    "part",
    "replaces_slip_number",
    "by_hand",
];

fn csv_row(sale: &SaleObject<'_>, tender: &TenderObject<'_>) -> Vec<String> {
    fn number(number: Option<impl ToString>) -> String {
        number.map_or_else(String::new, |n| n.to_string())
    }
    fn text(text: Option<&str>) -> String {
        text.map_or_else(String::new, no_formula)
    }
    vec![
        sale.slip_number.to_string(),
        sale.recorded_at.clone(),
        sale.business_date.clone(),
        sale.kind.to_owned(),
        sale.state.to_owned(),
        sale.amount.to_string(),
        sale.practice.to_string(),
        no_formula(sale.operator),
        no_formula(sale.terminal_code),
        number(sale.order_slip_number),
        number(sale.original_slip_number),
        tender.kind.to_owned(),
        text(tender.card),
        text(tender.card_name),
        number(tender.card_class),
        text(tender.card_class_name),
        number(tender.card_class_used),
        tender.amount.to_string(),
        number(tender.received),
        tender.link.to_owned(),
        number(tender.sequence_number),
        text(tender.terminal_slip_number),
        text(tender.approval_code),
        sale.part.to_string(),
        number(sale.replaces_slip_number),
        sale.by_hand.to_string(),
    ]
}

/// A spreadsheet runs what begins like a formula; an apostrophe before it makes it text.
pub(super) fn no_formula(text: &str) -> String {
    let text = strip_unsafe(text);
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') => format!("'{text}"),
        _ => text,
    }
}

const COLUMNS: usize = 10;
/// The amount is the one column that ends where numbers end.
const AMOUNT: usize = 5;

const HEADER_JA: [&str; COLUMNS] = [
    "伝票番号",
    "営業日",
    "時刻",
    "種別",
    "状態",
    "金額",
    "支払",
    "カード区分",
    "連携",
    "端末伝票",
];
const HEADER_EN: [&str; COLUMNS] = [
    "slip", "day", "time", "kind", "state", "amount", "paid by", "class", "link", "terminal",
];

/// One thing said in both languages.
struct Both {
    ja: &'static str,
    en: &'static str,
}

impl Both {
    const fn get(&self, language: Language) -> &'static str {
        match language {
            Language::Ja => self.ja,
            Language::En => self.en,
        }
    }
}

const PRACTICE: Both = Both {
    ja: "【練習】実際の請求ではありません",
    en: "[PRACTICE] nothing of this was charged",
};
const CASH: Both = Both {
    ja: "現金",
    en: "cash",
};

/// Behind the kind of a slip that pays a part of its bill.
const PART: Both = Both {
    ja: "(一部)",
    en: ", part",
};

const fn kind_name(kind: SaleKind) -> Both {
    match kind {
        SaleKind::Sale => Both {
            ja: "売上",
            en: "sale",
        },
        SaleKind::Void => Both {
            ja: "取消",
            en: "void",
        },
        SaleKind::Refund => Both {
            ja: "返品",
            en: "refund",
        },
    }
}

const fn state_name(state: SaleState) -> Both {
    match state {
        SaleState::Settled => Both {
            ja: "成立",
            en: "settled",
        },
        SaleState::Declined => Both {
            ja: "不承認",
            en: "declined",
        },
        SaleState::Cancelled => Both {
            ja: "請求なし",
            en: "cancelled",
        },
        SaleState::Parked => Both {
            ja: "保留",
            en: "parked",
        },
        SaleState::ByHand => Both {
            ja: "手動中",
            en: "by hand",
        },
        SaleState::Booked => Both {
            ja: "端末側待ち",
            en: "booked",
        },
        SaleState::Pending | SaleState::Sent | SaleState::Unknown => Both {
            ja: "不明",
            en: "unknown",
        },
    }
}

const fn link_name(link: LinkKind) -> Both {
    match link {
        LinkKind::Linked => Both {
            ja: "連動",
            en: "linked",
        },
        LinkKind::Manual => Both {
            ja: "手動",
            en: "manual",
        },
        LinkKind::None => Both { ja: "-", en: "-" },
    }
}

fn cells(sale: &SaleListing, language: Language) -> [String; COLUMNS] {
    let mut paid_by = Vec::new();
    let (mut class, mut link, mut terminal) = ("", "-", "");
    for tender in &sale.tenders {
        match tender {
            TenderListing::Cash { .. } => paid_by.push(CASH.get(language)),
            TenderListing::Card {
                name,
                class_name,
                link: kind,
                terminal_slip,
                ..
            } => {
                paid_by.push(name.get(language));
                class = class_name.get(language);
                link = link_name(*kind).get(language);
                terminal = terminal_slip.as_deref().unwrap_or("");
            }
        }
    }
    let amount: Yen = sale.total;
    [
        sale.slip.to_string(),
        sale.business_date.to_string(),
        sale.recorded_at.format("%H:%M").to_string(),
        format!(
            "{}{}",
            kind_name(sale.kind).get(language),
            if sale.part { PART.get(language) } else { "" }
        ),
        state_name(sale.state).get(language).to_owned(),
        amount.to_string(),
        strip_unsafe(&paid_by.join(" + ")),
        strip_unsafe(class),
        link.to_owned(),
        strip_unsafe(terminal),
    ]
}

fn write_row(
    out: &mut impl Write,
    widths: &[usize; COLUMNS],
    cells: &[impl AsRef<str>; COLUMNS],
) -> io::Result<()> {
    write_line(out, widths, cells, AMOUNT)
}

/// Cells under each other; the one at `amount` ends where numbers end.
fn write_line(
    out: &mut impl Write,
    widths: &[usize],
    cells: &[impl AsRef<str>],
    amount: usize,
) -> io::Result<()> {
    let mut line = String::new();
    for (index, (width, cell)) in widths.iter().zip(cells).enumerate() {
        let cell = cell.as_ref();
        let padding = " ".repeat(width.saturating_sub(cell.width()));
        if index > 0 {
            line.push_str("  ");
        }
        if index == amount {
            line.push_str(&padding);
            line.push_str(cell);
        } else {
            line.push_str(cell);
            line.push_str(&padding);
        }
    }
    writeln!(out, "{}", line.trim_end())
}

#[cfg(test)]
mod tests;
