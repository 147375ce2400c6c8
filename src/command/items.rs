//! `items import`, `items list`, `items export`: the catalogue in and out. A file with a bad line changes nothing unless that is asked for.

use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use unicode_width::UnicodeWidthStr as _;

use super::launch::{Surroundings, books_path};
use super::sales::cards::EncodingWord;
use super::sales::no_formula;
use super::trouble::{Exit, Trouble};
use crate::app::items::import::{clash_note, fault_note, trouble_note};
use crate::app::message::items::{Clash, Goods, GoodsTrouble, Import, Imported, Progress};
use crate::app::note::Note;
use crate::cli::{PlaceArgs, StartArgs};
use crate::config::Config;
use crate::domain::business_day::BusinessDate;
use crate::domain::item::sheet::{Column, tax_names};
use crate::domain::item::{Item, Jan, search_key};
use crate::domain::money::Yen;
use crate::domain::record::Stamp;
use crate::domain::text::{Bilingual, Language};
use crate::edge::goods;
use crate::edge::link::system_clock;
use crate::edge::os::whole_file::write_whole;
use crate::edge::os::{self, Acquired, DataLock, Holder};
use crate::edge::store::{BooksKind, OpenError, Store};
use crate::locale::{Locale, Text};
use crate::slip::charset::{self, CodePage};
use crate::ui;

/// `items …`.
#[derive(Debug, Subcommand)]
pub enum ItemsCommand {
    /// Take a CSV file of goods into the catalogue
    Import(ImportArgs),
    /// List the items
    List {
        /// The practice books instead of the live ones
        #[arg(long)]
        practice: bool,
        /// Only items with these words in code, JAN, name or kana
        #[arg(value_name = "WORDS")]
        words: Vec<String>,
    },
    /// Write the items as a CSV file that `items import` reads
    Export(ExportArgs),
}

/// `items import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The file: UTF-8 or CP932, its first line names the columns
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Only say what is in it; change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The file is the whole catalogue: items that are not in it go
    #[arg(long)]
    pub replace: bool,
    /// Take in the lines that are right, although others are not
    #[arg(long, conflicts_with = "replace")]
    pub skip_bad: bool,
    /// The practice books instead of the live ones
    #[arg(long)]
    pub practice: bool,
}

/// `items export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Write into this file instead of standard output; it is there whole or not at all
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How its text is written
    #[arg(long, value_enum, default_value_t = EncodingWord::Utf8)]
    pub encoding: EncodingWord,
    /// The practice books instead of the live ones
    #[arg(long)]
    pub practice: bool,
}

/// Do it.
///
/// # Errors
///
/// Config or books that cannot be used, or an output that takes nothing.
pub fn run(
    command: &ItemsCommand,
    place: &PlaceArgs,
    surroundings: &Surroundings,
) -> Result<Exit, Trouble> {
    let (config, _) = surroundings.config(place, &StartArgs::default())?;
    let language = surroundings.language_of(&config);
    let locale =
        Locale::shipped(language).map_err(|error| Trouble::internal(&error.to_string()))?;
    let data = surroundings.data_dir(place)?;
    let out = &mut io::stdout().lock();
    match command {
        ItemsCommand::Import(arguments) => import(arguments, (&data, &config), &locale, out),
        ItemsCommand::List { practice, words } => {
            let books = books_path(&data, *practice);
            said(list(&books, words, &locale, out))
        }
        ItemsCommand::Export(arguments) => said(export(arguments, &data, &locale, out)),
    }
}

/// A reader that has seen enough (`| head`) is no error.
fn said(done: Result<(), Stop>) -> Result<Exit, Trouble> {
    match done {
        Ok(()) => Ok(Exit::Done),
        Err(Stop::Out(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Done),
        Err(Stop::Out(error)) => Err(Trouble::output(&error)),
        Err(Stop::Told(trouble)) => Err(*trouble),
    }
}

enum Stop {
    Out(io::Error),
    Told(Box<Trouble>),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Out(error)
    }
}

impl From<OpenError> for Stop {
    fn from(error: OpenError) -> Stop {
        Stop::Told(Box::new(error.into()))
    }
}

fn sentence(locale: &Locale, note: &Note) -> String {
    ui::sentence(locale, note)
}

fn count(locale: &Locale, text: Text, count: u64) -> String {
    let number = Yen::new(i64::try_from(count).unwrap_or(i64::MAX));
    locale.fill(text, &[("count", &number.to_string())])
}

fn import(
    arguments: &ImportArgs,
    (data, config): (&Path, &Config),
    locale: &Locale,
    out: &mut impl Write,
) -> Result<Exit, Trouble> {
    let read = goods::read(&arguments.file, progress());
    let goods = match read {
        Some(Ok(goods)) => goods,
        Some(Err(trouble)) => return Err(no_goods(&arguments.file, &trouble, locale)),
        None => return Err(Trouble::internal("the reading was stopped")),
    };
    said(report(&goods, locale, out))?;
    let bad = goods.bad_count > 0;
    if arguments.dry_run || goods.items.is_empty() {
        return Ok(if bad { Exit::CheckFailed } else { Exit::Done });
    }
    if bad && !arguments.skip_bad {
        return Err(bad_lines());
    }
    os::private_folder(data).map_err(|error| Trouble::data_folder(data, &error))?;
    let clock = system_clock(config.shop.utc_offset);
    let now = clock().wall;
    let _lock = match DataLock::acquire(data, &Holder::this_process(now))? {
        Acquired::Owner(lock) => lock,
        Acquired::HeldBy(_) => return Err(console_open()),
    };
    let kind = if arguments.practice {
        BooksKind::Practice
    } else {
        BooksKind::Live
    };
    let mut store = Store::open(&books_path(data, arguments.practice), kind)?;
    let import = Import {
        stamp: Stamp {
            at: now,
            business_date: BusinessDate::of(now, config.shop.day_boundary),
        },
        items: goods.items,
        whole: arguments.replace,
    };
    match store.import(&import) {
        Ok(Ok(done)) => said(imported(done, locale, out)),
        Ok(Err(clash)) => Err(clashes(&clash, locale)),
        Err(trouble) => Err(Trouble::of_books(&anyhow::anyhow!("{trouble:?}"))),
    }
}

/// A line that is written over, for a person who waits.
fn progress() -> impl FnMut(Progress) -> bool {
    let watched = io::stderr().is_terminal();
    let mut shown = u64::MAX;
    move |now| {
        let percent = (now.bytes * 100).checked_div(now.of).unwrap_or(100);
        if watched && percent != shown {
            shown = percent;
            let full = usize::try_from(percent / 4).unwrap_or(0).min(25);
            let end = if percent >= 100 { "\r\x1b[K" } else { "" };
            let bar = format!("{}{}", "#".repeat(full), ".".repeat(25 - full));
            // A terminal that does not show it has missed nothing.
            let _ = write!(io::stderr(), "\r[{bar}] {percent:3}%{end}");
        }
        true
    }
}

/// What is in the file, and every line that is not right.
fn report(goods: &Goods, locale: &Locale, out: &mut impl Write) -> Result<(), Stop> {
    let good = u64::try_from(goods.items.len()).unwrap_or(u64::MAX);
    writeln!(
        out,
        "{}  {}  {}",
        goods.encoding,
        count(locale, Text::LinesGood, good),
        count(locale, Text::LinesBad, goods.bad_count)
    )?;
    if !goods.ignored.is_empty() {
        let columns = goods.ignored.join(", ");
        let told = locale.fill(Text::ColumnsIgnored, &[("columns", &columns)]);
        writeln!(out, "{told}")?;
    }
    for bad in &goods.bad {
        let (line, last) = (bad.line.to_string(), bad.last.to_string());
        let at = if bad.line == bad.last {
            locale.fill(Text::LineAt, &[("line", &line)])
        } else {
            locale.fill(Text::LinesAt, &[("line", &line), ("last", &last)])
        };
        writeln!(out, "{at}  {}", bad.begins)?;
        writeln!(out, "    {}", sentence(locale, &fault_note(&bad.fault)))?;
    }
    let shown = u64::try_from(goods.bad.len()).unwrap_or(u64::MAX);
    if goods.bad_count > shown {
        let more = count(locale, Text::LinesMore, goods.bad_count - shown);
        writeln!(out, "{more}")?;
    }
    Ok(out.flush()?)
}

fn imported(done: Imported, locale: &Locale, out: &mut impl Write) -> Result<(), Stop> {
    let rows = [
        (Text::ItemsAdded, done.added),
        (Text::ItemsChanged, done.changed),
        (Text::ItemsSame, done.same),
        (Text::ItemsRemoved, done.removed),
        (Text::ItemsNow, done.total),
    ];
    let told = rows.map(|(text, count)| format!("{} {count}", locale.text(text)));
    writeln!(
        out,
        "{}: {}",
        locale.text(Text::ItemsImported),
        told.join(", ")
    )?;
    Ok(())
}

/// Every item of books; books that do not exist yet have none.
fn each(books: &Path, each: impl FnMut(Item) -> io::Result<()>) -> Result<(), Stop> {
    let store = match Store::open_viewer(books) {
        Ok(store) => store,
        Err(OpenError::Missing(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    match store.each_item(each) {
        Ok(written) => Ok(written?),
        Err(trouble) => {
            let trouble = Trouble::of_books(&anyhow::anyhow!("{trouble:?}"));
            Err(Stop::Told(Box::new(trouble)))
        }
    }
}

fn list(books: &Path, words: &[String], locale: &Locale, out: &mut impl Write) -> Result<(), Stop> {
    let words: Vec<String> = words.iter().map(search_key).collect();
    let wide = |text: &str, columns: usize| {
        format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
    };
    each(books, |item| {
        let text = item.search_text();
        if !words.iter().all(|word| text.contains(word)) {
            return Ok(());
        }
        let quick = item.quick.map_or(String::new(), |key| format!("/{key}"));
        let jan = item.jan.as_ref().map_or("", Jan::as_str);
        writeln!(
            out,
            "{quick:2} {:20} {jan:13} {:>10} {} {}",
            item.code,
            item.price.to_string(),
            wide(tax_word(&item, locale.language()), 8),
            item.name
        )
    })?;
    Ok(out.flush()?)
}

fn tax_word(item: &Item, language: Language) -> &'static str {
    tax_names(item.tax)[usize::from(language == Language::En)]
}

fn export(
    arguments: &ExportArgs,
    data: &Path,
    locale: &Locale,
    out: &mut impl Write,
) -> Result<(), Stop> {
    let books = books_path(data, arguments.practice);
    let language = locale.language();
    let replaced = match &arguments.output {
        Some(path) => write_whole(path, |file| csv(&books, arguments.encoding, language, file)),
        None => csv(&books, arguments.encoding, language, out),
    }?;
    if replaced > 0 {
        let told = REPLACED.map(|text| text.replace("{}", &replaced.to_string()));
        let told = &told[usize::from(language == Language::En)];
        let _ = writeln!(io::stderr(), "{told}");
    }
    Ok(())
}

const REPLACED: [&str; 2] = [
    "madoguchi: CP932 にない文字 {}字を 〓 にしました。このファイルを取り込むと名前が変わります。",
    "madoguchi: {} characters are not in CP932 and stand as 〓; importing this file would change the names.",
];

/// Returns how many characters the encoding does not have.
fn csv(
    books: &Path,
    encoding: EncodingWord,
    language: Language,
    out: &mut impl Write,
) -> Result<u64, Stop> {
    if encoding == EncodingWord::Utf8 {
        out.write_all("\u{FEFF}".as_bytes())?;
    }
    let mut replaced = 0;
    let mut rows = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    // Each cell by itself: no byte of CP932's second bytes is a quote, a comma or the end of a line.
    let mut bytes = |cell: &str| match encoding {
        EncodingWord::Utf8 => cell.as_bytes().to_vec(),
        EncodingWord::Cp932 => {
            let printable = charset::printable(cell, CodePage::Cp932);
            replaced += u64::try_from(printable.replaced).unwrap_or(u64::MAX);
            charset::encode(&printable.text)
        }
    };
    let heading = Column::ALL.map(|column| column.names()[usize::from(language == Language::En)]);
    rows.write_record(heading.map(&mut bytes))
        .map_err(io::Error::from)?;
    each(books, |item| {
        let jan = item.jan.as_ref().map_or("", Jan::as_str);
        let quick = item.quick.map_or(String::new(), |key| key.to_string());
        let cells = [
            item.code.as_str(),
            jan,
            &no_formula(&item.name),
            &no_formula(&item.kana),
            &item.price.get().to_string(),
            tax_word(&item, language),
            &quick,
        ];
        rows.write_record(cells.map(&mut bytes))?;
        Ok(())
    })?;
    rows.flush()?;
    drop(rows);
    Ok(replaced)
}

fn no_goods(file: &Path, trouble: &GoodsTrouble, locale: &Locale) -> Trouble {
    let why = format!(
        "{}: {}",
        file.display(),
        sentence(locale, &trouble_note(trouble))
    );
    Trouble::new(
        Exit::CheckFailed,
        Bilingual::new("品目を取り込めません。", "the goods cannot be taken in."),
        Bilingual::new(why.clone(), why),
        Bilingual::new(
            "ファイルを直してもう一度取り込んでください。品目は前のままです。",
            "mend the file and import it again; the catalogue is as it was.",
        ),
    )
}

fn bad_lines() -> Trouble {
    Trouble::new(
        Exit::CheckFailed,
        Bilingual::new("品目を取り込んでいません。", "nothing was taken in."),
        Bilingual::new(
            "取り込めない行があります (上の一覧)。",
            "some lines are not right (listed above).",
        ),
        Bilingual::new(
            "行を直してもう一度取り込むか、正しい行だけでよければ --skip-bad を付けてください。",
            "mend the lines and import again, or take in the others alone with --skip-bad.",
        ),
    )
}

fn clashes(clash: &Clash, locale: &Locale) -> Trouble {
    let why = sentence(locale, &clash_note(clash));
    Trouble::new(
        Exit::CheckFailed,
        Bilingual::new("品目を取り込んでいません。", "nothing was taken in."),
        Bilingual::new(why.clone(), why),
        Bilingual::new(
            "ファイルを直してください。品目は前のままです。",
            "mend the file; the catalogue is as it was.",
        ),
    )
}

fn console_open() -> Trouble {
    Trouble::new(
        Exit::Books,
        Bilingual::new("品目を取り込んでいません。", "nothing was taken in."),
        Bilingual::new(
            "窓口の画面が開いていて、帳簿を使っています。",
            "a console is open and holds the books.",
        ),
        Bilingual::new(
            "窓口の画面で F2 品目 → F2 取込 から取り込むか、画面を終了してからもう一度試してください。",
            "take the file in there with F2, then F2; or leave the console and try again.",
        ),
    )
}
