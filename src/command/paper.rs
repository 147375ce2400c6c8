//! What is printed at this counter: from config and library to a printer's set-up.

use std::path::Path;
use std::sync::Arc;

use super::launch::{Launch, Surroundings, folder_of};
use super::library::Library;
use super::trouble::{Exit, Trouble, shown};
use crate::app::message::printing::PrinterEvent;
use crate::app::settings::{Paper, PrinterSetting};
use crate::config::Config;
use crate::domain::text::Bilingual;
use crate::edge::link::Clock;
use crate::edge::printer::{Patience, PrinterHandle, Setup, spawn};
use crate::locale::Locale;
use crate::slip::escpos::Device;
use crate::slip::logo::Logo;

/// No picture of a slip comes near this.
const LOGO_BYTES_MAX: u64 = 1 << 20;

/// What the console is told of paper.
pub(super) fn setting(launch: &Launch, library: &Library) -> Paper {
    let printer = launch.config.printer.as_ref();
    Paper {
        templates: Arc::clone(&library.slips),
        printer: printer.map(|printer| PrinterSetting {
            address: printer.place.to_string(),
            auto: printer.auto,
        }),
    }
}

/// The printer's thread, where the config names a printer.
pub(super) fn printer(
    launch: &Launch,
    surroundings: &Surroundings,
    locale: &Locale,
    clock: &Clock,
    send: impl Fn(PrinterEvent) + Send + 'static,
) -> Result<Option<PrinterHandle>, Trouble> {
    let config = &launch.config;
    let Some(printer) = &config.printer else {
        return Ok(None);
    };
    let notes = if launch.plan.practice {
        "print-notes-practice.txt"
    } else {
        "print-notes.txt"
    };
    let setup = Setup {
        place: printer.place.clone(),
        two_way: printer.two_way,
        device: device(config, launch.config_file.as_deref())?,
        shop: config.shop.name.clone(),
        invoice_number: config.shop.invoice_number.clone(),
        tax_rates: config.shop.tax_rates,
        terminal_code: config.terminal.code.clone(),
        practice: launch.plan.practice,
        day_boundary: config.shop.day_boundary,
        locale: locale.clone(),
        templates: Arc::clone(&surroundings.library.slips),
        notes: launch.data_dir.join(notes),
        clock: clock.clone(),
        patience: Patience::default(),
    };
    let handle = spawn(setup, send).map_err(|error| Trouble::internal(&error.to_string()))?;
    Ok(Some(handle))
}

/// What the printer of the config can do; without one, the widest paper with kanji.
pub(super) fn device(config: &Config, config_file: Option<&Path>) -> Result<Device, Trouble> {
    let Some(printer) = &config.printer else {
        return Ok(Device::default());
    };
    let logo = match &printer.logo {
        None => None,
        Some(name) => {
            let folder = config_file.map_or(Path::new("."), folder_of);
            let path = folder.join(name);
            Some(logo(&path, printer.columns).map_err(|why| no_logo(&path, &why))?)
        }
    };
    Ok(Device {
        columns: printer.columns,
        code_page: printer.code_page,
        barcode: printer.barcode,
        logo,
    })
}

fn logo(path: &Path, columns: usize) -> Result<Logo, String> {
    let facts = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !facts.is_file() || facts.len() > LOGO_BYTES_MAX {
        return Err("it is no picture file".to_owned());
    }
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let logo = Logo::read(&bytes).map_err(|error| error.to_string())?;
    let room = columns * 12;
    if logo.width() > room {
        return Err(format!(
            "it is {} dots wide, and the paper has {room}",
            logo.width()
        ));
    }
    Ok(logo)
}

fn no_logo(path: &Path, why: &str) -> Trouble {
    let why = format!("{}: {why}", shown(path));
    Trouble::new(
        Exit::Config,
        Bilingual::new(
            "伝票の絵 ([printer] の logo) が使えません。",
            "the picture of the slips (logo of [printer]) cannot be used.",
        ),
        Bilingual::new(why.as_str(), why.as_str()),
        Bilingual::new(
            "白黒の PBM で保存し直すか、設定の logo の行を消してください。",
            "save it as black and white PBM, or take the line logo out of the config.",
        ),
    )
}
