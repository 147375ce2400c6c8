//! `slip show`: one slip out of the books as it is printed, as text or as the bytes of a printer. `slip template`: the words of slips.

use std::io::Write as _;

use super::launch::{Surroundings, books_path};
use super::paper::device;
use super::print;
use super::trouble::{Exit, Trouble};
use crate::app::printing::steps_left;
use crate::cli::{PlaceArgs, SlipCommand, SlipForm, StartArgs};
use crate::domain::ledger::Document;
use crate::domain::slip::SlipNumber;
use crate::domain::text::Bilingual;
use crate::edge::link::system_clock;
use crate::edge::store::Store;
use crate::locale::Locale;
use crate::slip::escpos::encode_sheet;
use crate::slip::template::Kind;
use crate::slip::{Issuer, Occasion, compose, text};

/// Show a slip, or a template.
///
/// # Errors
///
/// Config or books that cannot be used, or a slip that is not there.
pub fn run(
    command: &SlipCommand,
    place: &PlaceArgs,
    surroundings: &Surroundings,
) -> Result<Exit, Trouble> {
    match command {
        SlipCommand::Show {
            slip,
            form,
            columns,
            task,
        } => show(*slip, *form, *columns, *task, place, surroundings),
        SlipCommand::Template { name } => {
            let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
            match kind {
                Some(kind) => print(kind.shipped()),
                None => Err(no_such_template(name)),
            }
        }
    }
}

fn show(
    slip: SlipNumber,
    form: SlipForm,
    columns: Option<u8>,
    task: bool,
    place: &PlaceArgs,
    surroundings: &Surroundings,
) -> Result<Exit, Trouble> {
    let (config, file) = surroundings.config(place, &StartArgs::default())?;
    let books = books_path(&surroundings.data_dir(place)?, slip.is_practice());
    let store = Store::open_viewer(&books)?;
    let found = store
        .paper(slip)
        .map_err(|trouble| Trouble::of_books(&anyhow::anyhow!("{trouble:?}")))?;
    let mut facts = found.ok_or_else(|| no_such_slip(slip))?;
    if task {
        let work = facts.record.by_hand.as_ref();
        let model = work.and_then(|work| surroundings.library.model(&work.place.model));
        facts.steps = steps_left(model.as_ref(), &facts.record);
    }
    let locale = Locale::shipped(surroundings.language_of(&config))
        .map_err(|error| Trouble::internal(&error.to_string()))?;
    let issuer = Issuer {
        lines: &config.shop.name,
        invoice_number: config.shop.invoice_number.as_deref(),
        tax_rates: config.shop.tax_rates,
    };
    let occasion = Occasion {
        at: system_clock(config.shop.utc_offset)().wall,
        locale: &locale,
        templates: &surroundings.library.slips,
    };
    let copy = facts.record.reissues > 0 || !facts.printed.is_empty();
    let document = match form {
        _ if task => Document::Task,
        // The books do not learn of what is printed from here: it can only be a copy.
        SlipForm::Escpos => Document::Reissue,
        SlipForm::Text if copy => Document::Reissue,
        SlipForm::Text => Document::Slip,
    };
    let sheet = compose(document, &facts, &issuer, &occasion);
    let mut device = device(&config, file.as_deref())?;
    if let Some(columns) = columns {
        device.columns = usize::from(columns);
    }
    match form {
        SlipForm::Text => {
            let mut lines = text(&sheet, device.columns).join("\n");
            lines.push('\n');
            print(&lines)
        }
        SlipForm::Escpos => {
            let bytes = encode_sheet(&sheet, &device).bytes;
            let mut out = std::io::stdout().lock();
            let written = out.write_all(&bytes).and_then(|()| out.flush());
            written.map_err(|error| Trouble::output(&error))?;
            Ok(Exit::Done)
        }
    }
}

fn no_such_slip(slip: SlipNumber) -> Trouble {
    Trouble::new(
        Exit::Usage,
        Bilingual::new(
            format!("伝票 {slip} は帳簿にありません。"),
            format!("there is no slip {slip} in the books."),
        ),
        Bilingual::new(
            "番号がまだ使われていないか、別の帳簿の番号です。",
            "the number is not used yet, or is one of other books.",
        ),
        Bilingual::new(
            "madoguchi sales で番号を確かめてください。",
            "`madoguchi sales` lists the numbers.",
        ),
    )
}

fn no_such_template(name: &str) -> Trouble {
    let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    let known = known.join(", ");
    Trouble::new(
        Exit::Usage,
        Bilingual::new(
            format!("「{name}」という伝票はありません。"),
            format!("there is no slip called `{name}`."),
        ),
        Bilingual::new(format!("あるのは {known}"), format!("there are {known}")),
        Bilingual::new("その中から選んでください。", "use one of them."),
    )
}
